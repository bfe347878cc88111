/* The ledger: the one deterministic machine that every process runs over the log.
 *
 * A step takes a leaf: deadlines earlier than its time are settled, the entry is checked (reads
 * only; a typed refusal), then applied (can't refuse), the state digest moves on and the leaf
 * enters the tree. The broker runs it to admit, a node to follow, an auditor to refold: the same
 * code and the same answer to the bit (DESIGN §3–§8; PROTOCOL.md "Ledger").
 *
 * Rows live in a kv (proto/base/kv.h). Steps write into the ledger's batch overlay, where it has one;
 * the owner flushes it with sb_ledger_flush inside its own transaction. Signatures of entries are checked
 * before (sb_leaf_open); whether a key is in force is checked here; so are the cosignatures in a
 * SEAL, unless sb_leaf_open_under found that they hold under our own origin.
 */
#ifndef SB_LEDGER_LEDGER_H
#define SB_LEDGER_LEDGER_H

#include "proto/base/kv.h"
#include "proto/merkle/tree.h"
#include "proto/wire/entry.h"
#include "proto/wire/promise.h"

enum { SB_ENGINE = 1 };

typedef struct sb_ledger sb_ledger;

/* Open over rows that may already hold a history. `state` is borrowed and only read until a flush.
 * The tree must have the size that the rows say: pass the tree rebuilt from the store (copied), or
 * NULL for an empty history. Errors: SB_E_LEDGER_STATE (rows unreadable or sizes differ). */
sb_err sb_ledger_open(sb_ledger **out, sb_kv *state, const sb_tree *tree, sb_fail *fail);
/* An empty history folded straight into `state`: each leaf's rows are there when it is taken, and a
 * flush finds nothing to write. For who keeps them in memory and has nothing to commit. */
sb_err sb_ledger_open_unbatched(sb_ledger **out, sb_kv *state, sb_fail *fail);
void sb_ledger_close(sb_ledger *l);

/* Does each close keep its certificate, JSON and texts, for readers (the query `certificate`)? True
 * at first. Without, its hash alone is kept, and no text is made: for who folds a log to verify it.
 * It is a view: no digest says which. */
void sb_ledger_keep_certificates(sb_ledger *l, bool keeps);

/* ---- steps ---- */

/* Take the next leaf. `sink` (may be NULL) gets tiles that became full. On refusal nothing has
 * changed. A refused leaf *of a log* means divergence: that is the caller's to say.
 * Errors: every SB_E_LEDGER_* refusal. */
sb_err sb_ledger_step(sb_ledger *l, const sb_leaf *leaf, sb_tile_sink sink, void *sink_arg,
                      sb_fail *fail);

/* Would `entry` be accepted as the next leaf at this time? Changes nothing. */
sb_err sb_ledger_check(sb_ledger *l, const sb_leaf *leaf, sb_fail *fail);

/* Write the batch's rows into the kv given at open, in key order, and clear the batch. */
void sb_ledger_flush(sb_ledger *l);
/* Number of leaves taken since the last flush. */
uint64_t sb_ledger_unflushed(const sb_ledger *l);
/* Bytes of the rows that a flush writes: a close alone may write many times its leaf. */
size_t sb_ledger_unflushed_bytes(const sb_ledger *l);
/* Each row that the next flush will put or remove, in key order: whoever flushes may want to keep
 * what stands there now. */
void sb_ledger_changes(const sb_ledger *l, sb_overlay_visit visit, void *arg);
/* The kv that sees the batch: for readers (views, certificates). */
sb_kv *sb_ledger_kv(sb_ledger *l);

/* ---- what it knows ---- */

typedef struct sb_ledger_position {
    uint64_t size;         /* leaves taken */
    uint8_t root[32];      /* of the tree of that size */
    uint8_t digest[32];    /* digest_{size-1}; zero when empty */
    uint64_t last_time_ms; /* of the last leaf */
    bool ends_with_state;  /* the last leaf is a STATE: the head is cosignable */
    bool ends_only_system; /* nothing but STATE and SEAL after the last head sealed in this term */
} sb_ledger_position;

void sb_ledger_position_get(const sb_ledger *l, sb_ledger_position *out);
/* Parts of it at no cost: the root is hashed, and the last SEAL looked up, for each whole one. */
uint64_t sb_ledger_size(const sb_ledger *l);
uint64_t sb_ledger_last_time_ms(const sb_ledger *l);
bool sb_ledger_ends_with_state(const sb_ledger *l);
const sb_tree *sb_ledger_tree(const sb_ledger *l);

typedef enum sb_ledger_phase {
    SB_PHASE_EMPTY = 0,     /* awaits GENESIS */
    SB_PHASE_CHARTER = 1,   /* awaits CHARTER_PARTs */
    SB_PHASE_ACCEPTING = 2, /* awaits every organisation's ACCEPT */
    SB_PHASE_RUNNING = 3
} sb_ledger_phase;
sb_ledger_phase sb_ledger_phase_get(sb_ledger *l);

/* The charter in force (borrowed until the next step), or NULL before it is whole. */
const Sb__Charter *sb_ledger_charter(sb_ledger *l);
/* False before genesis. */
bool sb_ledger_federation_id(sb_ledger *l, uint8_t out[32]);
uint32_t sb_ledger_term(sb_ledger *l);
bool sb_ledger_log_pk(sb_ledger *l, uint8_t out[32]);
/* "samband/<slug>/<16 hex>/<term>" into out (at least 128 bytes). False before genesis. */
bool sb_ledger_origin(sb_ledger *l, char *out, size_t cap);

typedef struct sb_ledger_org {
    uint32_t number; /* its place in the charter, or the one that it would get */
    char id[SB_ID_BYTES_MAX + 1];
    uint8_t authority_pk[32], witness_pk[32], recovery_pk[32], curve_pk[32];
    bool accepted; /* the charter that the federation was founded with */
} sb_ledger_org;
uint32_t sb_ledger_org_count(sb_ledger *l);
/* Of those the ones that are in: who has left keeps its number. Before there is a charter all are. */
bool sb_ledger_org_is_in(sb_ledger *l, uint32_t number);
uint32_t sb_ledger_orgs_in(sb_ledger *l);
bool sb_ledger_org_get(sb_ledger *l, uint32_t number, sb_ledger_org *out);
/* Those that a waiting change would admit, 0, 1, … until false: its node may connect and cosign. */
bool sb_ledger_waiting_org(sb_ledger *l, uint32_t at, sb_ledger_org *out);
typedef enum sb_ledger_standing {
    SB_STANDING_MEMBER = 0, /* or unknown */
    SB_STANDING_LEAVING, /* decided and entered at *index: it acts at the SEAL that covers that leaf */
    SB_STANDING_OUT,     /* by the charter in force since *index: its node is cut off there */
} sb_ledger_standing;
/* Is this organisation one of us, as of the newest leaf? */
sb_ledger_standing sb_ledger_org_standing(sb_ledger *l, const char *id, uint64_t *index);
enum { SB_LEDGER_CURVE_KEYS_MAX = 2 * SB_ORGANISATIONS_MAX + SB_STANDBYS_MAX };
/* The CURVE keys that may connect, as of the newest leaf: of the organisations that haven't left, of
 * those that a waiting change would admit, and of the standbys. How many. */
size_t sb_ledger_curve_keys(sb_ledger *l, uint8_t out[SB_LEDGER_CURVE_KEYS_MAX][32]);

/* Does this set of witness keys certify a head of `head_size` leaves? By the policy that holds for
 * it, both while one is being changed (DESIGN §4 "Quorum"). Counted by organisation; keys that
 * aren't in force there count for nothing. have, needed (may be NULL): organisations that did, and
 * how many it takes at least, by the first policy that isn't satisfied. */
bool sb_ledger_quorum(sb_ledger *l, uint64_t head_size, const uint8_t (*witness_pks)[32],
                      size_t count, uint32_t *have, uint32_t *needed);

/* … and does it make a head that can be sealed: also by the change that waits in it (DESIGN §4
 * "Quorum"; a function of the head alone). */
bool sb_ledger_quorum_seal(sb_ledger *l, uint64_t head_size, const uint8_t (*witness_pks)[32],
                           size_t count, uint32_t *have, uint32_t *needed);
/* Do the promises by these keys suffice for a HANDOVER whose highest SEAL is of the head of
 * `sealed_size` leaves, and do enough of them bear a longer head than that? No signature is looked
 * at: sb_ledger_handover_judge does. */
bool sb_ledger_quorum_handover(sb_ledger *l, uint64_t sealed_size, const uint8_t (*witness_pks)[32],
                               size_t count, uint32_t *have, uint32_t *needed);
bool sb_ledger_handover_borne(sb_ledger *l, uint64_t sealed_size, const uint8_t (*witness_pks)[32],
                              size_t count);
/* Do the promises of a HANDOVER, each under a witness key that is in force at a head of `size` leaves,
 * come from a quorum there? All that can be said where this log lacks what the HANDOVER rests on: it
 * is who is in that is known, not what they saw sealed. */
bool sb_ledger_handover_promised(sb_ledger *l, uint64_t size, const Sb__Handover *m);
/* Whose witness key is it, that may cosign newer heads: of an organisation, or of one that a
 * waiting change admits? */
bool sb_ledger_witness(sb_ledger *l, const uint8_t pk[32], sb_ledger_org *out);
/* Is it one for heads of `size` leaves, as a promise's key must be for the highest sealed head? */
bool sb_ledger_witness_at(sb_ledger *l, const uint8_t pk[32], uint64_t size);
/* A policy holds beside an older one until a second SEAL: a head that adds only STATE and SEAL is
 * sealed too. */
bool sb_ledger_policy_waits(sb_ledger *l);

/* The policies that a head of `head_size` leaves must meet to be certified, as C2SP tlog-policy texts:
 * number `which` from 0, appended to `out`. False: there are no more. */
bool sb_ledger_policy_text(sb_ledger *l, uint64_t head_size, uint32_t which, sb_buf *out);
/* The first leaf at *index or later, a SEAL or a HANDOVER, that changed which policies hold (for
 * heads that contain it); *index becomes its. False: none. */
bool sb_ledger_policy_change(sb_ledger *l, uint64_t *index);

/* ---- terms (DESIGN §4 "Terms and handover") ---- */

typedef struct sb_ledger_term_info {
    uint32_t term;
    uint64_t index; /* of its HANDOVER; 0 for term 1 */
    uint8_t log_pk[32];
} sb_ledger_term_info;
/* False: no such term in this log. */
bool sb_ledger_term_get(sb_ledger *l, uint32_t term, sb_ledger_term_info *out);
/* The term that a head of this size belongs to: 0 before genesis. */
uint32_t sb_ledger_term_at(sb_ledger *l, uint64_t head_size);

/* What a HANDOVER says when it holds. */
typedef struct sb_handover_verdict {
    sb_head sealed;        /* the highest that a promise names, verified */
    uint32_t have, needed; /* organisations that promised; also when they are too few */
    uint32_t may_lie;      /* so many promisers don't bear a longer head yet (by any policy) */
} sb_handover_verdict;
/* Judge a HANDOVER (or one that is being put together) as the fold would at its own index, but for
 * what needs the log at that index: that the kept head is its head, the term above its own, the log
 * key unused. The ledger must hold the sealed head; it may hold more, also leaves that the HANDOVER
 * cuts off. `out` is filled as far as it came.
 * Errors: SB_E_LEDGER_HANDOVER_BEHIND {size} (this log is shorter than the sealed head: nothing is
 * said about the HANDOVER), _FORK {size, term} (this log has something else there), else the fold's
 * refusals: _KEY, _PROMISE_ORDER, _PROMISE_HEAD, _HEAD, _UNSEALED, _CONTINUES; of the highest named
 * sealed head SB_E_LEDGER_COSIGNATURE*, _SEAL {have, needed}: it isn't one; of the promises
 * _PROMISE_KEY, _PROMISE, _QUORUM {have, needed}; of what is kept beyond it _MORE {have, may lie}. */
sb_err sb_ledger_handover_judge(sb_ledger *l, const Sb__Handover *m, sb_handover_verdict *out,
                                sb_fail *fail);

/* The last SEAL in the log, of whatever term: its leaf index and the size of the head it seals.
 * False: none. */
bool sb_ledger_last_seal(sb_ledger *l, uint64_t *seal_index, uint64_t *sealed_size);
/* The highest SEAL of the term that a head of `size` leaves belongs to, whose leaf index is < size:
 * what an older term sealed becomes final only through a SEAL of this one. */
bool sb_ledger_seal_before(sb_ledger *l, uint64_t size, uint64_t *seal_index,
                           uint64_t *sealed_size);
/* The root of the head of this size, known where its last leaf is a STATE. */
bool sb_ledger_root_at(sb_ledger *l, uint64_t size, uint8_t root[32]);

/* What a resubmission finds: the index of (signer, signer_seq) when it is in the log. */
bool sb_ledger_find_submission(sb_ledger *l, const uint8_t signer_pk[32], uint64_t signer_seq,
                               uint64_t *index);
/* The rows of a store of format 2, which had one for each entry of a key, become what the fold makes of them today;
 * all others are the same in both. False: some can't be read, and all rows must be folded anew. */
bool sb_ledger_rows_from_2(sb_kv *state);
/* The highest signer_seq and anchor size seen of a key; false when unknown. */
bool sb_ledger_signer(sb_ledger *l, const uint8_t signer_pk[32], uint64_t *last_seq,
                      uint64_t *last_anchor);

/* ---- erased blobs (DESIGN §3) ---- */

/* Is the blob erased, and by which leaf (may be NULL)? Nothing new may name it, and nobody needs to
 * hold it; its content goes when that leaf is final. */
bool sb_ledger_blob_erased(sb_ledger *l, const uint8_t sha256[32], uint64_t *index);
/* Does an entry name the blob? */
bool sb_ledger_blob_named(sb_ledger *l, const uint8_t sha256[32]);
/* The first BLOB_ERASE whose leaf is at *index or later; *index becomes its. False: none. */
bool sb_ledger_erasure_next(sb_ledger *l, uint64_t *index, uint8_t sha256[32]);

/* ---- what the sequencer must append ---- */

typedef enum sb_ledger_due {
    SB_DUE_NOTHING = 0,
    SB_DUE_RESULT, /* a question closed: its RESULT is the only leaf accepted next */
    SB_DUE_TICK    /* a deadline passed at `now` and no leaf has settled it */
} sb_ledger_due;

/* What is due at `now_ms`. For RESULT and TICK the payload, packed, is appended to `payload`. */
sb_ledger_due sb_ledger_next_due(sb_ledger *l, uint64_t now_ms, sb_buf *payload);
/* The payload of a STATE that would be accepted next. */
void sb_ledger_state_payload(sb_ledger *l, sb_buf *payload);
/* The earliest open deadline; false when there is none. */
bool sb_ledger_earliest_deadline(sb_ledger *l, uint64_t *due_ms);

/* ---- reading it ---- */

/* Answer a question about the state in canonical JSON. Names and their arguments are in
 * proto/ledger/query.h. Errors: SB_E_QUERY_UNKNOWN, SB_E_QUERY_ARGUMENT, SB_E_NOT_FOUND. */
sb_err sb_ledger_query(sb_ledger *l, const char *name, const char *const *args, size_t argc,
                       sb_buf *json, sb_fail *fail);

/* A part of a list (query.h "Lists"): what the log grows, no answer holds whole. */
typedef struct sb_query_part {
    uint64_t from;    /* 0: the beginning; else the part before's `next` */
    size_t bytes_max; /* the row that passes it is the last one */
    uint64_t next;    /* out; 0: that was all */
} sb_query_part;
/* The same, and of a list one part, an array too. */
sb_err sb_ledger_query_part(sb_ledger *l, const char *name, const char *const *args, size_t argc,
                            sb_query_part *part, sb_buf *json, sb_fail *fail);

#endif
