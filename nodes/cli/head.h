/* Is what the node calls final really final? (DESIGN §4, §7: the CLI remembers the last head it
 * saw, verifies consistency and signatures from there, then signs.)
 *
 * The proof (nodes/noded/queries.h "head"): a certified head, the SEAL leaf within it, the final
 * head that the SEAL names, and consistency from the last head seen to the final one and on to the
 * certified one. Every signature is checked against what the member believes: at first the
 * federation file, and then
 *   a new term's log key   when a quorum of the witnesses believed promised it (HANDOVER leaf)
 *   new witnesses          when a quorum of those believed cosigned the head that a SEAL (HANDOVER)
 *                          seals which changed them, and those who are to be believed did so too:
 *                          one change after the other, from the last head seen on; or when a quorum
 *                          of those believed cosigned the certified head (a key was replaced). Then
 *                          the node's word is taken for who holds there, and kept. A node could lie
 *                          about that to its own members; `samband log verify` refolds the log and
 *                          finds out.
 */
#ifndef SB_CLI_HEAD_H
#define SB_CLI_HEAD_H

#include "nodes/charter/charter.h"
#include "nodes/host/doc.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/proof.h"
#include "proto/merkle/tlog_policy.h"
#include "proto/wire/frame.h"

enum { SB_TRUST_TERMS_MAX = 8, SB_TRUST_POLICIES_MAX = 2 };

typedef struct sb_trust_term {
    uint32_t term;
    uint8_t log_pk[32];
} sb_trust_term;

/* What a member believes before asking. */
typedef struct sb_trust {
    uint8_t federation_id[32];
    char slug[SB_ID_BYTES_MAX + 1];
    sb_trust_term terms[SB_TRUST_TERMS_MAX]; /* rising */
    uint32_t term_count;
    sb_slice texts[SB_TRUST_POLICIES_MAX]; /* C2SP tlog-policy; each must be met */
    sb_tlog_policy policies[SB_TRUST_POLICIES_MAX];
    uint32_t policy_count;
    bool changed; /* learned something: to be kept */
    /* of the newest term */
    uint32_t term;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    uint8_t log_pk[32];
} sb_trust;

/* From the federation file: term 1 and genesis' witnesses. */
sb_err sb_trust_of(const sb_federation *federation, sb_arena *arena, sb_trust *out, sb_fail *fail);
/* Errors: SB_E_POLICY_*, SB_E_CLI_HEAD_PROOF. The texts are copied into the arena. */
sb_err sb_trust_set_policies(sb_trust *trust, const sb_slice *texts, size_t count, sb_arena *arena,
                             sb_fail *fail);
sb_err sb_trust_add_term(sb_trust *trust, const char *slug, uint32_t term, const uint8_t log_pk[32],
                         sb_fail *fail);
/* Whose key is to have signed the note; its origin (SB_ORIGIN_BYTES_MAX + 1). NULL: unknown. */
const sb_trust_term *sb_trust_term_of(const sb_trust *trust, sb_slice note, char *origin);
/* Do these witness keys meet every policy? Errors: SB_E_CLI_QUORUM {have, needed}. */
sb_err sb_trust_satisfied(const sb_trust *trust, const uint8_t (*pks)[32], size_t count,
                          sb_arena *arena, sb_fail *fail);
/* A HANDOVER leaf: its key is believed when a quorum promised it. One of a term that is known
 * already changes nothing. Errors: SB_E_CLI_HEAD_PROOF, SB_E_CLI_QUORUM, as sb_leaf_open. */
sb_err sb_trust_take_handover(sb_trust *trust, sb_slice leaf, sb_arena *arena, sb_fail *fail);

/* A final head that was seen; size 0: none yet (root SHA-256("")). */
typedef struct sb_seen_head {
    uint64_t size;
    uint8_t root[32];
} sb_seen_head;

/* A SEAL or HANDOVER that changed who confirms, in a log of term `term`; who does from there on. */
typedef struct sb_trust_change {
    uint32_t term;
    sb_slice leaf;
    sb_slice texts[SB_TRUST_POLICIES_MAX];
    size_t text_count;
} sb_trust_change;
/* Believe the new ones when those believed, and they themselves, cosigned the head that it seals.
 * One of a head below `old_size` is of the past: SB_E_CLI_QUORUM too, and nothing changes.
 * Errors: SB_E_CLI_QUORUM {have, needed}, SB_E_CLI_HEAD_PROOF, SB_E_POLICY_*, as sb_leaf_open. */
sb_err sb_trust_take_change(sb_trust *trust, const sb_trust_change *change, uint64_t old_size,
                            sb_arena *arena, sb_fail *fail);

/* Check the answer of "head" asked with last->size. On success *now is the final head, never
 * smaller than *last, and `trust` is what is believed from now on (its new texts in the arena).
 * Errors: SB_E_CLI_HEAD_SHRANK, SB_E_CLI_HEAD_CONFLICT, SB_E_CLI_HEAD_PROOF,
 * SB_E_CLI_QUORUM {have, needed}, SB_E_CHECKPOINT_*, SB_E_NOTE_*, SB_E_DOC_*. */
sb_err sb_head_check(const sb_doc *answer, sb_trust *trust, const sb_seen_head *last,
                     sb_seen_head *now, sb_arena *arena, sb_fail *fail);

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

#endif
