/* What the domain's handlers and queries share: statuses, resolving references, labels, claims,
 * clauses, deadlines. Nothing here writes but where the name says so. */
#ifndef SB_LEDGER_DOMAIN_H
#define SB_LEDGER_DOMAIN_H

#include "proto/calendar/date.h"
#include "proto/ledger/core.h"
#include "proto/rules/eval.h"

typedef enum sb_case_status {
    SB_CASE_REPORTED = 1, /* also when a meeting closed without treating it */
    SB_CASE_CALLED,       /* on the agenda of a meeting that isn't closed */
    SB_CASE_TREATED,
    SB_CASE_POSTPONED,
    SB_CASE_WITHDRAWN
} sb_case_status;

typedef enum sb_meeting_status {
    SB_MEETING_CALLED = 1,
    SB_MEETING_OPEN,
    SB_MEETING_CLOSED
} sb_meeting_status;

typedef enum sb_question_status { SB_QUESTION_OPEN = 1, SB_QUESTION_CLOSED } sb_question_status;

typedef enum sb_draft_status {
    SB_DRAFT_SENT = 1,  /* may become approved by silence, where the body has that */
    SB_DRAFT_REQUESTED, /* somebody asks for a change: the silence is broken */
    SB_DRAFT_REPLACED,
    SB_DRAFT_APPROVED
} sb_draft_status;

typedef enum sb_clause_kind { SB_CLAUSE_PROPOSED = 1, SB_CLAUSE_DECIDED } sb_clause_kind;

typedef enum sb_due_kind {
    SB_DUE_DATE = 1,
    SB_DUE_MEETING,
    SB_DUE_CONTINUOUS,
    SB_DUE_EVENT
} sb_due_kind;

/* Is a case with this outcome decided (adopted, noted, elected), so that its agenda item is closed
 * to changes? */
static inline bool sb_outcome_decides(uint32_t outcome)
{
    return outcome == SB__OUTCOME__OUTCOME_ADOPTED || outcome == SB__OUTCOME__OUTCOME_NOTED ||
           outcome == SB__OUTCOME__OUTCOME_ELECTED;
}

/* ---- resolving (check and apply both call these) ---- */

/* Each fills the whole row. Errors: SB_E_LEDGER_{CASE,MEETING,…}_UNKNOWN. In apply they can't fail.
 */
sb_err sb_case_need(sb_step *s, ProtobufCBinaryData id, sb_row_case *out);
sb_err sb_meeting_need(sb_step *s, ProtobufCBinaryData id, sb_row_meeting *out);
sb_err sb_question_need(sb_step *s, ProtobufCBinaryData id, sb_row_question *out);
sb_err sb_draft_need(sb_step *s, ProtobufCBinaryData id, sb_row_draft *out);
sb_err sb_task_need(sb_step *s, ProtobufCBinaryData id, sb_row_task *out);
/* A body by its charter id, for something new. Errors: SB_E_LEDGER_BODY_UNKNOWN,
 * SB_E_LEDGER_BODY_DISSOLVED. */
sb_err sb_body_need(sb_step *s, const char *id, uint32_t *body);
/* A seat of this body. Errors: SB_E_LEDGER_PLACE_UNKNOWN, SB_E_LEDGER_SEAT_OTHER_BODY. */
sb_err sb_seat_in_body(sb_step *s, const char *id, uint32_t body, sb_row_seat *out);
/* A seat of the meeting's body that wasn't gone when the meeting opened.
 * Errors: those, SB_E_LEDGER_SEAT_GONE. */
sb_err sb_seat_in_meeting(sb_step *s, const char *id, const sb_row_meeting *meeting,
                          sb_row_seat *out);
/* The case's item on this meeting's agenda, closed meetings too. False: not on it. */
bool sb_agenda_find(sb_kv *kv, const sb_row_meeting *meeting, uint32_t case_no, sb_row_agenda *out);
/* Refusing: SB_E_LEDGER_NOT_ON_AGENDA {case, meeting, the body's bar_cite}. */
sb_err sb_agenda_need(sb_step *s, const sb_row_meeting *meeting, const sb_row_case *c,
                      sb_row_agenda *out);
/* What every entry about a case in a meeting that is going on needs: both, the right to act in it, the
 * meeting open and the case on its agenda. */
sb_err sb_meeting_case_need(sb_step *s, ProtobufCBinaryData meeting_id, ProtobufCBinaryData case_id,
                            sb_row_meeting *meeting, sb_row_case *c, sb_row_agenda *item);
/* The case is neither withdrawn nor has it a question open. Errors: SB_E_LEDGER_CASE_WITHDRAWN,
 * SB_E_LEDGER_CASE_QUESTION_OPEN. */
sb_err sb_case_free_need(sb_step *s, const sb_row_case *c);
/* Treated in a meeting that has closed, or its item on the present agenda has an outcome that
 * decides. */
bool sb_case_decided(sb_kv *kv, const sb_row_case *c);
/* Free and not decided. Errors: those of sb_case_free_need, SB_E_LEDGER_CASE_DECIDED. */
sb_err sb_case_undecided_need(sb_step *s, const sb_row_case *c);
/* The meeting must be open. Errors: SB_E_LEDGER_MEETING_NOT_OPEN, SB_E_LEDGER_MEETING_CLOSED. */
sb_err sb_meeting_open_need(sb_step *s, const sb_row_meeting *meeting);
/* The meeting must be open or closed, not only called. Errors: SB_E_LEDGER_MEETING_NOT_OPEN. */
sb_err sb_meeting_begun_need(sb_step *s, const sb_row_meeting *meeting);

/* What capabilities are about: the body's officers, and the chair of the case (0: the meeting). */
sb_scope sb_scope_body(uint32_t body);
sb_scope sb_scope_meeting(sb_step *s, const sb_row_meeting *meeting, uint32_t case_no);
/* Who chairs the case, or else the meeting: a seat; 0: nobody. */
uint32_t sb_chair_of(sb_kv *kv, uint32_t meeting, uint32_t case_no);

/* ---- words ---- */

const Sb__Body *sb_body_words(const Sb__Charter *charter, uint32_t body);
/* The cite, or "vedtektene" where the charter has none. */
const char *sb_cite(const char *cite);
/* "referat" or "protokoll"; "referat" where the charter says nothing. */
const char *sb_minutes_name(const Sb__Charter *charter, uint32_t body);
const char *sb_partner_id(const Sb__Charter *charter, uint32_t partner); /* "" for SB_NONE */
const char *sb_body_short(const Sb__Charter *charter, uint32_t body);    /* "SSU" */
/* "04/22", or the title where it never was on an agenda; in the arena. */
const char *sb_case_label(sb_arena *arena, const sb_row_case *c);
/* "SSU 20.01.2022"; in the arena. */
const char *sb_meeting_label(sb_arena *arena, const Sb__Charter *charter,
                             const sb_row_meeting *meeting);
/* "04/22"; in the arena. Empty for number 0. */
const char *sb_number_label(sb_arena *arena, uint32_t number, uint32_t year);

/* ---- time ---- */

/* YYYYMMDD to a date; false when there is no such day. */
bool sb_date_from_number(uint32_t yyyymmdd, sb_date *out);
uint32_t sb_date_number(sb_date d);
/* "2022-01-20" in the arena; "" for 0. */
const char *sb_date_text(sb_arena *arena, uint32_t yyyymmdd);
/* The same for an argument of a refusal, which is told in the reader's language. In the arena. */
const char *sb_date_arg(sb_arena *arena, uint32_t yyyymmdd);
/* A claim is absent, or of something that has happened. Errors: SB_E_LEDGER_CLAIM_FUTURE. */
sb_err sb_claim_check(sb_step *s, const Sb__Claim *claim);
/* When it happened: the claim, else the leaf's time. */
uint64_t sb_claim_ms(const Sb__Claim *claim, uint64_t now_ms);
uint8_t sb_claim_source(const Sb__Claim *claim);

/* A deadline of the charter, worked out. */
typedef struct sb_noted {
    const Sb__Deadline *words;
    uint32_t from, to;  /* YYYYMMDD, both permitted; 0: no bound */
    uint64_t actual_ms; /* 0: it hasn't happened */
    bool kept;
} sb_noted;
/* The deadlines of a case before its meeting (reported, papers sent; before an extraordinary one its
 * notice alone), in charter order; the array lives in the arena. */
void sb_noted_of_case(sb_arena *arena, const Sb__Body *body, const sb_row_meeting *meeting,
                      const sb_row_case *c, const sb_row_agenda *item, sb_noted **out,
                      size_t *count);
/* The first deadline of this kind; NULL: the body has none. */
const Sb__Deadline *sb_deadline_words(const Sb__Body *body, Sb__DeadlineKind kind);
/* The moment at which silence after a draft sent at sent_ms has worked; 0: never. */
uint64_t sb_silence_ms(sb_arena *arena, const Sb__Body *body, uint64_t sent_ms);
/* By when the minutes must be available; false: no such deadline. */
bool sb_minutes_ready(sb_arena *arena, const Sb__Body *body, uint32_t meeting_date,
                      uint64_t sent_ms, sb_noted *out);

/* ---- blobs and clauses ---- */

/* Fill a row's hash and size fields from a reference; zero when it is NULL. */
void sb_blob_set(uint8_t sha256[32], uint64_t *size, const Sb__BlobRef *ref);

/* A case's current clauses; texts in the arena. Count = c->clauses. */
const char **sb_clauses_of(sb_kv *kv, sb_arena *arena, const sb_row_case *c);
/* Write: replace a case's clauses; sets c->clauses and c->wording but doesn't put the case. */
void sb_clauses_put(sb_kv *kv, sb_row_case *c, const char *const *clauses, size_t count);

/* What belongs to a case's wording besides its clauses. To add one, in apply:
 *
 *     sb_case_attach(s->kv, &c, SB_ATTACHED_ACTION, number, s->leaf->entry.id);
 *     sb_row_case_put(s->kv, &c);
 *
 * `number` is the thing's own number in the case, from 1 and never reused; the ids are hashed by
 * (kind, number). Both set c->wording and don't put the case. */
typedef enum sb_attached_kind { SB_ATTACHED_ACTION = 1, SB_ATTACHED_CANDIDATE } sb_attached_kind;
void sb_case_attach(sb_kv *kv, sb_row_case *c, sb_attached_kind kind, uint32_t number,
                    const uint8_t id[32]);
void sb_case_detach(sb_kv *kv, sb_row_case *c, sb_attached_kind kind, uint32_t number);
/* How many of a kind are attached now; kind 0: of all. */
uint32_t sb_attached_count(sb_kv *kv, uint32_t case_no, sb_attached_kind kind);
/* c->wording anew, from c->clauses rows and what is attached. */
void sb_wording_of(sb_kv *kv, sb_row_case *c);
/* Write: the clauses of an agenda item as proposed or decided (replacing). */
void sb_item_clauses_put(sb_kv *kv, uint32_t meeting, uint32_t item, sb_clause_kind kind,
                         const char *const *clauses, size_t count);
size_t sb_item_clauses_get(sb_kv *kv, sb_arena *arena, uint32_t meeting, uint32_t item,
                           sb_clause_kind kind, const char ***out);

/* The voting seats that a body had after this leaf (SB_NOW: has) in the order of their numbers; in
 * the arena. A question's electorate is that of its opened_index. */
size_t sb_electorate_at(sb_kv *kv, sb_arena *arena, uint32_t body, uint64_t index,
                        sb_row_seat **out);
/* All seats of a body then. */
size_t sb_seats_at(sb_kv *kv, sb_arena *arena, uint32_t body, uint64_t index, sb_row_seat **out);

/* A number like "42/21" that the log hasn't given to a case of the body.
 * Errors: SB_E_LEDGER_EXTERNAL_FORMAT, SB_E_LEDGER_EXTERNAL_IS_KNOWN. */
sb_err sb_external_check(sb_step *s, const char *external, uint32_t body);

#endif
