/* Is what the node calls final really final? (DESIGN §4, §7: the CLI remembers the last head it
 * saw, verifies consistency and signatures from there, then signs.)
 *
 * The proof (nodes/noded/queries.h "head"): a certified head, the SEAL leaf within it, the final
 * head that the SEAL names, and consistency from the last head seen to the final one and on to the
 * certified one. Every signature is checked against the federation file that the member trusts;
 * nothing is taken from the node on faith.
 */
#ifndef SB_CLI_HEAD_H
#define SB_CLI_HEAD_H

#include "nodes/charter/charter.h"
#include "nodes/host/doc.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/proof.h"
#include "proto/wire/frame.h"

/* What a member believes before asking. `witness_pks` is borrowed. */
typedef struct sb_trust {
    char origin[SB_ORIGIN_BYTES_MAX + 1]; /* of term 1 */
    uint8_t log_pk[32];
    const uint8_t (*witness_pks)[32]; /* one per organisation */
    uint32_t organisations, needed;
} sb_trust;

/* From the federation file; witnesses has room for one key per organisation. */
sb_err sb_trust_of(const sb_federation *federation, uint8_t (*witnesses)[32], sb_trust *out,
                   sb_fail *fail);

/* A final head that was seen; size 0: none yet (root SHA-256("")). */
typedef struct sb_seen_head {
    uint64_t size;
    uint8_t root[32];
} sb_seen_head;

/* Check the answer of "head" asked with last->size. On success *now is the final head, never
 * smaller than *last. Errors: SB_E_CLI_HEAD_SHRANK, SB_E_CLI_HEAD_CONFLICT, SB_E_CLI_HEAD_PROOF,
 * SB_E_CLI_QUORUM {have, needed}, SB_E_CHECKPOINT_*, SB_E_NOTE_*, SB_E_DOC_*. */
sb_err sb_head_check(const sb_doc *answer, const sb_trust *trust, const sb_seen_head *last,
                     sb_seen_head *now, sb_fail *fail);

/* A list of hashes as answers give it; `out` has room for SB_PROOF_HASHES_MAX.
 * Errors: SB_E_CLI_HEAD_PROOF, SB_E_DOC_*. */
sb_err sb_head_read_path(const sb_doc *list, sb_hash32 *out, size_t *count, sb_fail *fail);

/* The broker's receipt for `entry` (its bytes and id), which the node passes on: a head that the log
 * signed, and the way from the entry's leaf to it. Nothing is checked when it holds no head: a node
 * that saw the entry in the log first has only the index to give, and proves it when it is final.
 * Errors: SB_E_CLI_RECEIPT {entry|proof|inclusion|head}. */
sb_err sb_receipt_check(const Sb__Receipt *receipt, sb_slice entry, const uint8_t id[32],
                        const sb_trust *trust, sb_fail *fail);
/* The hash of the leaf that an entry has become: its time, then its bytes. */
void sb_receipt_leaf_hash(sb_slice entry, uint64_t time_ms, uint8_t out[32]);

/* How many of the trusted organisations cosigned this head, by a note's lines. */
uint32_t sb_head_cosigners(const sb_checkpoint *head, sb_slice note, const sb_trust *trust);

#endif
