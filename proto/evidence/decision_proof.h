/* The proof of one decision: a C2SP tlog-proof of its RESULT leaf, with the SEAL that makes it final
 * beside it (DESIGN §4; PROTOCOL.md "Proof of one decision").
 *
 *   extra = u8 1 ‖ u16 length ‖ RESULT leaf ‖ u16 length ‖ SEAL leaf ‖ u64 index of the SEAL
 *           ‖ u8 count ‖ hash[32]*                inclusion of the SEAL under the same checkpoint
 *
 * What it proves: the log says this outcome at this place; a quorum of the policy's witnesses saw
 * the same log, which contains a SEAL over a head with the RESULT in it; so it is final under these
 * witnesses. Not that the outcome follows from votes and rules: that takes the whole bundle.
 */
#ifndef SB_EVIDENCE_DECISION_PROOF_H
#define SB_EVIDENCE_DECISION_PROOF_H

#include "proto/merkle/tlog_policy.h"
#include "proto/merkle/tlog_proof.h"
#include "proto/wire/entry.h"

typedef struct sb_decision_proof {
    uint64_t result_index, seal_index;
    sb_slice result, seal; /* leaves */
    const sb_proof *result_proof, *seal_proof;
    sb_slice note; /* certified; its head contains the SEAL, and the SEAL's head the RESULT */
} sb_decision_proof;

/* Appended; not judged. */
void sb_decision_proof_write(const sb_decision_proof *p, sb_buf *out);

typedef struct sb_decision_verdict {
    sb_checkpoint head; /* the certified one */
    uint8_t federation_id[32];
    uint64_t result_index, seal_index, sealed_size;
    uint64_t time_ms;             /* of the RESULT leaf */
    const Sb__Result *result;     /* in the arena */
    uint32_t cosigned, witnesses; /* of the policy's */
} sb_decision_verdict;

/* Errors (exit code 3): SB_E_NOTE_MALFORMED, SB_E_POLICY_*, SB_E_CHECKPOINT_*, SB_E_MERKLE_PROOF,
 * SB_E_DECISION_EXTRA {what}, SB_E_DECISION_RESULT, SB_E_DECISION_SEAL {what}. */
sb_err sb_decision_proof_judge(sb_slice text, const sb_tlog_policy *policy, sb_arena *arena,
                               sb_decision_verdict *out, sb_fail *fail);

#endif
