/* C2SP tlog-proof: one leaf, its inclusion proof and a signed checkpoint in one text file.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64>            (optional; not authenticated)
 *   index <decimal>
 *   <base64 hash>             (0…64 lines)
 *                             (blank line)
 *   <checkpoint note>
 */
#ifndef SB_MERKLE_TLOG_PROOF_H
#define SB_MERKLE_TLOG_PROOF_H

#include "proto/base/limits.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/tree.h"

typedef struct sb_tlog_proof {
    uint64_t index;
    sb_proof proof;
    sb_slice extra_base64; /* borrowed, as spelled; len 0: no extra line */
    sb_slice note;         /* borrowed */
} sb_tlog_proof;

/* `extra` may be empty (no line). Appended to out. */
void sb_tlog_proof_write(uint64_t index, const sb_proof *proof, sb_slice extra, sb_slice note,
                         sb_buf *out);
/* Errors: SB_E_NOTE_MALFORMED {line, what}, SB_E_TOO_LARGE. */
sb_err sb_tlog_proof_parse(sb_slice text, sb_tlog_proof *out, sb_fail *fail);
/* Parse, verify the log's signature and the leaf's inclusion; *out is the head.
 * Errors: as sb_tlog_proof_parse and sb_checkpoint_verify, SB_E_MERKLE_PROOF. */
sb_err sb_tlog_proof_verify(sb_slice text, sb_slice leaf, const char *origin,
                            const uint8_t log_pk[32], sb_tlog_proof *proof, sb_checkpoint *out,
                            sb_fail *fail);

#endif
