/* A broker that lies, and the nodes that it lies to, over the follower's pure interface.
 *
 *   liar *l = liar_new();                        a federation that runs; its log is shown as it is
 *   liar_node *n = liar_node_new(l, 0);          a node of the first organisation that has seen it all
 *   play_ok(play_report(l->f, …));               what an honest broker would have sequenced next
 *   liar_show(l, liar_bent(l, fed_leaf(…)));     what this one shows instead
 *   liar_push(n, 1, l->count);                   the leaves that the node hasn't, under a signed head
 *   liar_certify(n, 1, l->count, "123");         … and whoever else is deceived cosigns it
 *
 * The liar has the real log keys, and the witness keys of all others: it signs whatever it likes.
 * Link 1 is the broker's, 2 another broker's, 4 another node's. Organisations are named by digits.
 */
#ifndef SB_TESTS_LIB_LIAR_H
#define SB_TESTS_LIB_LIAR_H

#include "nodes/follower/follower.h"
#include "proto/evidence/evidence.h"
#include "tests/lib/fed_terms.h"
#include "tests/sim/sim_store.h"

enum { LIAR_BROKER = 1, LIAR_OTHER_BROKER = 2, LIAR_PEER = 4, LIAR_SENT_MAX = 64 };

typedef struct liar {
    fed *f;
    sb_arena arena;
    sb_slice *log; /* what it shows: any bytes */
    size_t count, cap;
} liar;

typedef struct liar_node {
    liar *l;
    uint32_t org;
    sim_store store;
    sb_ledger *ledger;
    sb_follower *fol;
    sb_now now;
    sb_buf trace;     /* of the last event: tests/sim/sim_trace.h */
    uint64_t final_0; /* what was final before the lie */
    struct {
        uint32_t link;
        sb_fol_role role;
    } up[8];
    size_t up_count;
    struct {
        uint32_t link;
        sb_slice bytes;
    } sent[LIAR_SENT_MAX]; /* frames of the last event, in l->arena */
    size_t sent_count;
} liar_node;

liar *liar_new(void);
void liar_free(liar *l);
/* Its node follows link 1, holds all that is shown and all blobs, and what is sealed is final. */
liar_node *liar_node_new(liar *l, uint32_t org);
/* Closed and opened again, over what is stored; link 1 is up again, in term 1. */
void liar_node_restart(liar_node *n);
void liar_node_free(liar_node *n);

/* ---- the log that it shows ---- */

void liar_show(liar *l, sb_slice leaf);
void liar_show_fed(liar *l);         /* the rest of l->f's log */
void liar_cut(liar *l, size_t size); /* of what it shows */
/* A leaf: this entry at this time; or with the next seq of its key, now. */
sb_slice liar_leaf(liar *l, uint64_t time_ms, sb_slice entry);
sb_slice liar_entry(liar *l, sb_entry_type type, const ProtobufCMessage *m, const char *key);
/* By the log key of the term, at the next place of what is shown. */
sb_slice liar_system(liar *l, sb_entry_type type, const ProtobufCMessage *m, const char *key);
sb_slice liar_bent(liar *l, sb_slice leaf, size_t at); /* one bit, counted from the end */
uint64_t liar_time(sb_slice leaf);
/* From three of four witnesses to all four, by the rules and sealed: the new policy alone holds. */
void liar_change_policy(liar *l);

/* ---- what it signs ---- */

const char *liar_log_key(uint32_t term);
sb_checkpoint liar_head(liar *l, uint64_t size, uint32_t term);
/* Signed by the term's log key, cosigned by these now. */
sb_slice liar_note(liar *l, const sb_checkpoint *head, const char *orgs);
sb_proof liar_inclusion(liar *l, uint64_t index, uint64_t size);
sb_proof liar_consistency(liar *l, uint64_t from, uint64_t to);

/* ---- what it sends ---- */

const char *liar_feed(liar_node *n, sb_fol_event event);
const char *liar_frame(liar_node *n, uint32_t link, const Sb__Frame *frame, const sb_leaf *leaf);
const char *liar_up(liar_node *n, uint32_t link, sb_fol_role role);
void liar_down(liar_node *n, uint32_t link);
const char *liar_tick(liar_node *n, uint64_t ms);
const char *liar_welcome(liar_node *n, uint32_t link, uint64_t size, uint32_t term);
/* Leaves first…last-1 of what is shown; under its true head of `last`, or this note. */
const char *liar_push(liar_node *n, uint32_t link, uint64_t last, uint32_t term);
const char *liar_push_under(liar_node *n, uint32_t link, uint64_t first, uint64_t last,
                            sb_slice note, const sb_proof *proof);
const char *liar_certify(liar_node *n, uint32_t link, uint64_t size, const char *orgs);
const char *liar_certify_note(liar_node *n, uint32_t link, sb_slice note);
const char *liar_submit(liar_node *n, sb_slice entry, uint64_t member);
/* For the entry in the leaf at `index` of what is shown, under this head of it. */
const char *liar_receipt(liar_node *n, uint64_t index, uint64_t size, const sb_proof *proof);
/* What the node sent on this link in the last event goes to that node. */
void liar_carry(liar_node *from, uint32_t link, liar_node *to);

/* ---- how it is named ---- */

sb_fol_status liar_status(liar_node *n);
/* Nothing more became final, and nothing of the lie is confirmed by this node. */
void liar_not_final(liar_node *n);
/* The leaf at this index is refused with this code; there is evidence that judges the same. */
void liar_diverged(liar_node *n, uint64_t index, sb_err code);
/* The log key is convicted, by evidence of this kind. */
void liar_convicted(liar_node *n, sb_err code, sb_evidence_kind kind);
/* It isn't taken, and the status says why. */
void liar_faulted(liar_node *n, sb_err code);
void liar_has(const char *trace, const char *words);
void liar_hasnt(const char *trace, const char *words);

#endif
