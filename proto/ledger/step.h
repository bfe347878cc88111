/* Inside the ledger: what an entry's handler gets and gives.
 *
 * One file per family of entries: federation.c (genesis, charter, accept), system.c (STATE, RESULT,
 * TICK, SEAL, HANDOVER), people.c (appoint, keys), cases.c, meetings.c (call, papers, open, chair,
 * close), attendance.c, wording.c, questions.c (open, objection, ballot, close), followup.c
 * (remark, tasks), minutes.c. Each exports sb_check_<lower> and sb_apply_<lower>, <lower> as in
 * types.def (so BALLOT and BALLOT_RECORDED share sb_check_ballot: see s->leaf->entry.type);
 * handlers.h has the table and the prototypes.
 *
 * Before check the core has seen to: phase, federation, signature's key in force, signer_seq,
 * anchor, quotas, pending RESULTs, and that the key's kind fits the table of capabilities. A
 * handler calls sb_may (core.h) for the rest. The decoded message is the type's own struct: cast
 * it.
 */
#ifndef SB_LEDGER_STEP_H
#define SB_LEDGER_STEP_H

#include "proto/ledger/ledger.h"
#include "proto/ledger/rows.h"

/* What check and apply of one leaf share. */
typedef struct sb_step {
    sb_ledger *ledger;
    sb_kv *kv;                  /* the step's overlay; check must not write */
    sb_arena *arena;            /* freed after the step */
    const sb_leaf *leaf;        /* settle: NULL */
    uint64_t index;             /* the leaf's */
    uint64_t now_ms;            /* the leaf's time (while settling: the deadline's moment) */
    const Sb__Charter *charter; /* NULL before it is whole */
    sb_row_key signer;          /* the signer's row; valid when has_signer */
    bool has_signer;
    sb_row_key_seq sequence; /* the signer's, as it was before this leaf; valid when has_signer */
    void *found;             /* what the handler's check looked up for its apply; in the arena */
    uint32_t date;           /* YYYYMMDD in Oslo of now_ms */
    int32_t day;             /* the same day, counted since 1970 */
    uint64_t settled_due_ms; /* the earliest deadline that this leaf settles; 0: none */
    sb_fail *fail;           /* for check */
} sb_step;

typedef sb_err (*sb_check_fn)(sb_step *s, const ProtobufCMessage *message);
typedef void (*sb_apply_fn)(sb_step *s, const ProtobufCMessage *message);

/* Does settling this deadline close a question? Then only a TICK may be the next leaf. */
bool sb_deadline_closes_question(const sb_row_deadline *row);
/* Settle one deadline that has passed (minutes approved by silence…). */
void sb_settle_deadline(sb_step *s, const sb_row_deadline *row);

/* A question's close, by entry or by deadline: outcome, certificate, pending RESULT. */
void sb_question_settle(sb_step *s, uint32_t question_no, Sb__Outcome forced);
/* The RESULT payload that the state demands next for this question. */
void sb_result_payload(sb_ledger *l, sb_kv *kv, uint32_t question_no, sb_buf *out);

#endif
