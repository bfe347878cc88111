/* C2SP tlog-witness: the body of an add-checkpoint request, over HTTP or in a WitnessAsk frame.
 *
 *   old <size>           decimal: of the checkpoint that the witness cosigned last, 0: none
 *   <base64 hash>        consistency old -> new, at most 63 lines; none when old is 0 or the same
 *                        (blank line)
 *   <checkpoint note>    signed by the log
 *
 * Answers: 200 with the witness's cosignature lines; 400 malformed, or old above the new size;
 * 403 no signature by the log's key; 404 unknown origin; 409 with "<size>\n" (text/x.tlog.size):
 * the witness holds another size, or another root at this one; 422 the proof is wrong.
 */
#ifndef SB_MERKLE_TLOG_WITNESS_H
#define SB_MERKLE_TLOG_WITNESS_H

#include "proto/base/limits.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/tree.h"

enum {
    SB_WITNESS_OK = 200,
    SB_WITNESS_MALFORMED = 400,
    SB_WITNESS_UNSIGNED = 403,
    SB_WITNESS_UNKNOWN = 404,
    SB_WITNESS_CONFLICT = 409,
    SB_WITNESS_PROOF = 422,
    SB_WITNESS_FAILED = 500
};

typedef struct sb_add_checkpoint {
    uint64_t old_size;
    sb_proof proof;
    sb_slice note; /* borrowed */
} sb_add_checkpoint;

/* Appended to out. */
void sb_add_checkpoint_write(uint64_t old_size, const sb_proof *proof, sb_slice note, sb_buf *out);
/* Form only. Errors: SB_E_NOTE_MALFORMED {line, what}, SB_E_TOO_LARGE. */
sb_err sb_add_checkpoint_parse(sb_slice body, sb_add_checkpoint *out, sb_fail *fail);

/* What a witness that cosigned `last` (size 0: nothing) of this log answers to a request whose note
 * holds `head`, signed by the log: SB_WITNESS_OK when it may cosign, else the refusal. */
uint32_t sb_add_checkpoint_judge(const sb_add_checkpoint *ask, const sb_checkpoint *head,
                                 const sb_checkpoint *last);

#endif
