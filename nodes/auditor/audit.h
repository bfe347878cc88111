/* Verifying a bundle: every signature, hash, cosignature and every step of the fold, from files
 * alone (PROTOCOL.md "Bundle"). Trusts no length, no name and no file; reads them one at a time.
 *
 *   federation.samband ─> who signs        checkpoint ─> how many leaves, and their root
 *   tile/entries/…  ─pool: decode, verify─> fold in order ─> tiles, root, digest ─> compare
 *                                             └─ last SEAL ─> what is final
 */
#ifndef SB_AUDITOR_AUDIT_H
#define SB_AUDITOR_AUDIT_H

#include "proto/ledger/ledger.h"
#include "proto/merkle/checkpoint.h"
#include "proto/wire/federation.h"

/* A head that somebody holds in their hand, from minutes, a certificate or an earlier audit. */
typedef struct sb_audit_wanted {
    bool is_given;
    uint64_t size;
    uint8_t hash[32]; /* root, or digest */
} sb_audit_wanted;

typedef struct sb_audit_opts {
    const char *dir;
    unsigned threads;        /* 0: one per processor */
    bool keeps_certificates; /* for sb_audit_decision_find; they are most of a long history */
    sb_audit_wanted head, digest;
    sb_slice from; /* the checkpoint of a bundle that was audited before; data NULL: none. All is
                      folded again all the same: nothing but the entries tells what the state is */
    /* Called now and then; NULL: silent. */
    void (*progress)(void *arg, uint64_t done, uint64_t total);
    void *progress_arg;
} sb_audit_opts;

/* A term of the log, and what its HANDOVER rests on. */
typedef struct sb_audit_term {
    uint32_t term;
    uint64_t index; /* of its HANDOVER; 0 for term 1 */
    uint8_t log_pk[32];
    sb_head sealed;    /* the highest SEAL that a promise names; size 0 for term 1 */
    uint32_t promises; /* how many organisations promised */
} sb_audit_term;

enum { SB_AUDIT_NOTES_MAX = 32, SB_AUDIT_TERMS_MAX = 1000 };

/* What was found. Filled as far as the audit came, also when it failed. */
typedef struct sb_audit {
    sb_arena arena; /* all that lives as long as this */
    sb_kv *kv;
    sb_ledger *ledger; /* folded as far as it went */
    sb_federation federation;
    bool has_federation;
    sb_slice notes[SB_AUDIT_NOTES_MAX]; /* checkpoint, checkpoint.2 … */
    uint32_t note_count;
    sb_checkpoint checkpoint;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    uint64_t leaves; /* folded */

    uint32_t cosigners, needed, organisations;
    sb_audit_term *terms; /* the first SB_AUDIT_TERMS_MAX */
    uint32_t term_count;
    sb_kv *results; /* question id -> u64be index of its RESULT */
    bool has_final;
    uint64_t final_size;
    uint8_t final_root[32];
    bool is_all_final; /* nothing but STATE and SEAL stands beyond it */

    uint64_t blobs_named, blobs_held, blobs_erased; /* named: also the erased */
    uint64_t sealed_heads;                          /* under checkpoints/ */
    bool head_found, digest_found;
    uint64_t from_size; /* of the head that was audited before; 0: none */

    sb_fail cause; /* of what failed: the reason inside, or SB_OK */
} sb_audit;

/* Audit. *out is valid whatever comes back; free it with sb_audit_deinit.
 * Errors: SB_E_AUDIT_* (exit code 3; out->cause says why), SB_E_FILE_*. */
sb_err sb_audit_run(const sb_audit_opts *opts, sb_audit *out, sb_fail *fail);
void sb_audit_deinit(sb_audit *a);

#endif
