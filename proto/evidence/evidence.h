/* Evidence: one portable file that convicts a log key or a witness key, made by nodes and judged
 * offline by anybody (DESIGN §4; PROTOCOL.md "Evidence").
 *
 *   samband-evidence/1 <kind>\n
 *   (<section> <length>\n<bytes>\n)*          sections in the order of the kind's table
 *
 * conflicting-heads     two heads of one log key that can't both be of one log
 * broken-receipt        a leaf in its place under one head, another there under another head
 * divergent-state       a leaf under a signed head that the rules refuse at that place
 * conflicting-promises  two different promises of one witness key for one term
 * broken-promise        a cosignature that the same key's promise forbids
 *
 * Every make_* judges what it made (all but the refolding) and refuses to make what proves nothing.
 */
#ifndef SB_EVIDENCE_EVIDENCE_H
#define SB_EVIDENCE_EVIDENCE_H

#include "proto/base/limits.h"
#include "proto/ledger/ledger.h"
#include "proto/merkle/tlog_policy.h"
#include "proto/wire/logio.h"
#include "proto/wire/promise.h"

typedef enum sb_evidence_kind {
    SB_EVIDENCE_HEADS = 1,
    SB_EVIDENCE_RECEIPT,
    SB_EVIDENCE_STATE,
    SB_EVIDENCE_PROMISES,
    SB_EVIDENCE_BROKEN_PROMISE
} sb_evidence_kind;

/* "conflicting-heads" … */
const char *sb_evidence_kind_name(sb_evidence_kind kind);

/* ---- making ---- */

/* What ties the keys to the federation. All borrowed. */
typedef struct sb_evidence_tie {
    const uint8_t *federation_id; /* 32 */
    sb_slice genesis; /* the GENESIS entry (its leaf without the time); may be empty: then
                                     the judge needs a policy */
    sb_slice
        handover; /* the HANDOVER leaf of the term that the heads are of; empty for term 1 and for
                          promises */
} sb_evidence_tie;

/* Two signed notes of one origin, in any order. Of one size: `proof` NULL. Of different sizes: the
 * consistency proof from (the smaller size, `root`) to the larger head, where `root` is what the
 * larger one contains at the smaller size, unlike the smaller's own.
 * Appended to `out` (all make_*). Errors: as sb_evidence_judge. */
sb_err sb_evidence_make_heads(const sb_evidence_tie *tie, sb_slice note_a, sb_slice note_b,
                              const uint8_t root[32], const sb_proof *proof, sb_buf *out,
                              sb_fail *fail);

/* A receipt: `leaf` at `index` under `note`; and another leaf hash there under `later`, a head of the
 * same origin (also one of the same or a smaller size than `note`). */
typedef struct sb_evidence_receipt {
    uint64_t index;
    sb_slice leaf; /* u64be time ‖ entry */
    sb_slice note;
    const sb_proof *proof; /* inclusion in `note` */
    const uint8_t *other;  /* leaf hash, 32 */
    sb_slice later;
    const sb_proof *other_proof; /* inclusion in `later` */
} sb_evidence_receipt;
sb_err sb_evidence_make_receipt(const sb_evidence_tie *tie, const sb_evidence_receipt *r,
                                sb_buf *out, sb_fail *fail);

/* A leaf that our fold refuses, or that doesn't open. */
typedef struct sb_evidence_state {
    uint64_t index; /* of the leaf */
    sb_slice leaf;
    sb_slice note;              /* a signed head that contains it */
    const sb_tree *tree;        /* of exactly the note's size, the refused leaves' hashes in it */
    sb_tile_reader tiles;       /* its full tiles */
    const sb_log_reader *below; /* reads the leaves below `index` */
    const sb_fail *refusal;     /* what our fold said */
    sb_slice
        computed; /* the payload that it would have taken there (STATE, RESULT); may be empty */
} sb_evidence_state;
/* Carries all leaves up to the refused one, or as many of the last as fit. */
sb_err sb_evidence_make_state(const sb_evidence_tie *tie, const sb_evidence_state *s, sb_buf *out,
                              sb_fail *fail);

/* A promise and its signature, as they came. */
typedef struct sb_evidence_promise {
    sb_promise promise;
    uint8_t signature[64];
} sb_evidence_promise;
sb_err sb_evidence_make_promises(const sb_evidence_tie *tie, const uint8_t witness_pk[32],
                                 const sb_evidence_promise *a, const sb_evidence_promise *b,
                                 sb_buf *out, sb_fail *fail);
/* `note` carries the witness's cosignature of a head of an older term than promised, which the
 * promise doesn't own up to: later than the head it names as the last it cosigned, or not within
 * that one. Then `root` and `proof` are as for heads (the smaller of the two heads first); NULL
 * where the cosigned head is beyond the one promised. */
sb_err sb_evidence_make_broken_promise(const sb_evidence_tie *tie, const uint8_t witness_pk[32],
                                       const sb_evidence_promise *promise, sb_slice note,
                                       const uint8_t root[32], const sb_proof *proof, sb_buf *out,
                                       sb_fail *fail);

/* ---- judging ---- */

/* What the judge may bring along; all may be absent. */
typedef struct sb_evidence_help {
    const sb_tlog_policy *policy; /* whose keys the judge believes in */
    /* Leaves of a bundle, from the first: for histories too long for the file. */
    bool (*leaf)(void *arg, uint64_t index, sb_slice *leaf);
    void *leaf_arg;
    void (*progress)(void *arg, uint64_t done, uint64_t total); /* refolding; NULL: silent */
    void *progress_arg;
} sb_evidence_help;

/* How a key is known to be the federation's. */
typedef enum sb_evidence_tied {
    SB_TIED_POLICY = 1, /* the judge's policy names it */
    SB_TIED_GENESIS,    /* genesis names it */
    SB_TIED_HANDOVER /* more than two thirds of the founding organisations promised it the term */
} sb_evidence_tied;

typedef struct sb_evidence_convicted {
    bool is_log; /* else a witness */
    char name[SB_ORIGIN_BYTES_MAX +
              1]; /* origin, or the organisation's id (policy: its name there) */
    uint8_t pk[32];
    sb_evidence_tied tied;
} sb_evidence_convicted;

/* A head that the evidence is about. */
typedef struct sb_evidence_head {
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    uint64_t size;
    uint8_t root[32];
} sb_evidence_head;

typedef struct sb_evidence_verdict {
    sb_evidence_kind kind; /* 0: the file can't be read */
    uint8_t federation_id[32];
    bool has_genesis;                 /* the file says which founding entry the id belongs to */
    sb_evidence_convicted *convicted; /* the log first; in the arena */
    uint32_t convicted_count;
    sb_evidence_head heads[2]; /* head_count of them; heads: rising size */
    uint32_t head_count;
    uint8_t contains[32]; /* heads of different sizes: the larger's root at the smaller size */
    uint64_t index;       /* receipt, state: of the leaf */
    sb_entry_type type;   /* … and its type; 0: unreadable */
    uint8_t leaf_hash[32], other_hash[32]; /* receipt */
    sb_fail refusal;                       /* state: what the judge's fold said */
    sb_fail accused;                       /* state: what the accuser's said (no arguments) */
    bool is_computed_same;                 /* state: the accuser's own value is the judge's too */
    sb_promise promises[2];
    uint32_t promise_count;
} sb_evidence_verdict;

/* Does the file prove what it says? *out is filled as far as the judge came; the arena owns what it
 * points to. SB_OK: it holds, `convicted` says whom.
 * Errors (exit code 3: it proves nothing): SB_E_EVIDENCE_*, SB_E_NOTE_MALFORMED. */
sb_err sb_evidence_judge(sb_slice bytes, const sb_evidence_help *help, sb_arena *arena,
                         sb_evidence_verdict *out, sb_fail *fail);

#endif
