/* What the query files share; private to them. */
#ifndef SB_LEDGER_QUERY_PARTS_H
#define SB_LEDGER_QUERY_PARTS_H

#include "proto/ledger/attendance.h"
#include "proto/ledger/out.h"
#include "proto/ledger/query.h"
#include "proto/text/text.h"

typedef struct sb_query {
    sb_ledger *l;
    sb_kv *kv;
    sb_arena *arena; /* of this query */
    const Sb__Charter *charter;
    sb_json *j;
    sb_fail *fail;
    sb_query_part *part;
    size_t begin; /* of this answer in j->out */
    const char *name;
    const char *const *args;
    size_t argc;
} sb_query;

typedef sb_err (*sb_query_fn)(sb_query *q);

sb_err sb_query_policy(sb_query *q); /* policy_text.c */
sb_err sb_query_membership(sb_query *q);
/* The member `predecessor`: {federation_id, term, size, root, lost}, or null. */
void sb_query_predecessor(sb_query *q);

/* ---- finding (query_find.c) ---- */

/* The first argument. Errors: SB_E_QUERY_ARGUMENT {name, what it needs}. */
sb_err sb_query_arg(sb_query *q, const char *what, const char **arg);
/* The body of an optional first argument; SB_NONE without one. Errors: SB_E_NOT_FOUND. */
sb_err sb_query_body(sb_query *q, uint32_t *body);
/* The case of an optional argument; number 0 without one. Errors: as sb_query_case. */
sb_err sb_query_maybe_case(sb_query *q, size_t argument, sb_row_case *out);
/* By id, number or date as query.h says. Errors: SB_E_NOT_FOUND, SB_E_QUERY_AMBIGUOUS. */
sb_err sb_query_case(sb_query *q, const char *ref, sb_row_case *out);
sb_err sb_query_meeting(sb_query *q, const char *ref, sb_row_meeting *out);
sb_err sb_query_question(sb_query *q, const char *ref, sb_row_question *out);
/* How many of a kind there are: numbers 1…n. */
uint32_t sb_query_count(sb_query *q, sb_ref_kind kind);

/* ---- lists that grow with the log ---- */

/* A row's place is a number above 0 that rises from row to row and that it keeps for good:
 *   for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++)
 * The place where this part begins, SB_NONE where it is none of ours. */
uint32_t sb_query_first(const sb_query *q);
/* False: the answer is full, and the row at `place` is the next part's first. */
bool sb_query_room(sb_query *q, uint64_t place);

/* ---- parts of answers ---- */

/* {"sha256","size"}, with "erased":true where the content is gone; size 0: null. As a member, as an
 * element of an array (query_related.c). */
void sb_query_blob(sb_query *q, const char *key, const uint8_t sha256[32], uint64_t size);
void sb_query_blob_item(sb_query *q, const uint8_t sha256[32], uint64_t size);
/* Members of a case: "relations", "conditions", "inputs"; of a treatment: "discussed", "rulings". */
void sb_query_case_related(sb_query *q, const sb_row_case *c);
void sb_query_item_related(sb_query *q, const sb_row_meeting *meeting, uint32_t case_no);
/* The rulings of a meeting on one case, 0: on the meeting; one member "rulings". */
void sb_query_rulings(sb_query *q, uint32_t meeting, uint32_t case_no);
/* Texts finalised after a question closed, as one member "finalised". */
void sb_query_finalised(sb_query *q, uint32_t question);

/* "seat","title","partner","partner_name" as members of the open object. */
void sb_query_seat_members(sb_query *q, uint32_t seat);
/* "term" ("running", "over" when until_date has passed) and "term_exceeds" (longer than the body's
 * term, or without an end) as members (query_people.c). */
void sb_query_term(sb_query *q, const sb_row_seat *seat, uint32_t from_date, uint32_t until_date);
/* Who may represent the seat by delegation, as one member "delegates"; seat 0: nobody. */
void sb_query_delegates(sb_query *q, uint32_t seat);
/* Who was disqualified on a case, and since when not, as one member "disqualified"
 * (query_attendance.c). */
void sb_query_disqualified(sb_query *q, uint32_t meeting, uint32_t case_no);
/* {"id","date","body"} under a key; number 0: null. */
void sb_query_meeting_brief(sb_query *q, const char *key, uint32_t meeting);
/* The attendance of a meeting as one member (query_attendance.c). */
void sb_query_attendance(sb_query *q, const sb_row_meeting *meeting);
/* The minutes' state and drafts as members of the open object (query_minutes.c). */
void sb_query_minutes_members(sb_query *q, const sb_row_meeting *meeting);
/* Tasks of a meeting, of one case (0: all), as one member "tasks". */
void sb_query_tasks_of(sb_query *q, uint32_t meeting, uint32_t case_no);
/* Id, number, title, kind, status, meeting, wording, open question of a case, as members. */
void sb_query_case_head(sb_query *q, const sb_row_case *c);
/* An array of strings as one member. */
void sb_query_texts(sb_json *j, const char *key, const char *const *texts, size_t count);
/* Members of a case: "candidates", "disputes" (query_elections.c). */
void sb_query_case_election(sb_query *q, const sb_row_case *c);
/* Members of a question: "round", "rounds", "candidates", "elected", "acclamation", "may_object",
 * "tie"; null and false where it is no election. */
void sb_query_question_election(sb_query *q, const sb_row_question *row);
/* Disputes about a question, as one member "disputes". */
void sb_query_disputes_of(sb_query *q, uint32_t question);
/* What came after the close, as one member "later", and as lines below the certificate's text. */
void sb_query_later(sb_query *q, const sb_row_question *row);
void sb_query_later_text(sb_query *q, const sb_row_question *row, sb_lang lang, sb_buf *out);
/* What a body may make, its mandate, whether it is dissolved and which actions made it so, as
 * members (query_actions.c). */
void sb_query_body_history(sb_query *q, const Sb__Body *body);
/* What became of the actions that the question adopted: member "actions" of `later`, and lines. */
void sb_query_later_actions(sb_query *q, const sb_row_question *row);
void sb_query_later_actions_text(sb_query *q, const sb_row_question *row, sb_lang lang,
                                 sb_buf *out);
/* One question as an object in an array (query_questions.c); full: seats and ballots too. */
void sb_query_question_object(sb_query *q, const sb_row_question *row, bool full);
/* The charter in force just before this leaf (query_meetings.c). */
const Sb__Charter *sb_query_charter_at(sb_query *q, uint64_t index);
/* Deadlines as one member "deadlines". */
void sb_query_noted(sb_query *q, const sb_noted *noted, size_t count);
/* The wording at a treatment as members "clauses" (aligned), "proposed", "decided", "changed"
 * (query_cases.c). */
void sb_query_wording(sb_query *q, const sb_row_meeting *meeting, const sb_row_agenda *item,
                      const sb_row_case *c);
/* Blobs and reporting of a case as members. */
void sb_query_case_members(sb_query *q, const sb_row_case *c);

const char *sb_case_status_code(uint32_t status);
const char *sb_meeting_status_code(uint32_t status);

/* ---- the queries ---- */

sb_err sb_query_charter(sb_query *q);
sb_err sb_query_charter_versions(sb_query *q);
sb_err sb_query_charter_bytes(sb_query *q);
sb_err sb_query_charter_drafts(sb_query *q);
sb_err sb_query_actions(sb_query *q);
sb_err sb_query_bodies(sb_query *q);
sb_err sb_query_seats(sb_query *q);
sb_err sb_query_members(sb_query *q);
sb_err sb_query_vacancies(sb_query *q);
sb_err sb_query_cases(sb_query *q);
sb_err sb_query_one_case(sb_query *q);
sb_err sb_query_meetings(sb_query *q);
sb_err sb_query_one_meeting(sb_query *q);
sb_err sb_query_questions(sb_query *q);
sb_err sb_query_one_question(sb_query *q);
sb_err sb_query_decisions(sb_query *q);
sb_err sb_query_certificate(sb_query *q);
sb_err sb_query_candidates(sb_query *q);
sb_err sb_query_disputes(sb_query *q);
sb_err sb_query_tasks(sb_query *q);
sb_err sb_query_minutes(sb_query *q);
sb_err sb_query_deadlines(sb_query *q);
sb_err sb_query_plan(sb_query *q);
sb_err sb_query_conditions(sb_query *q);
sb_err sb_query_inputs(sb_query *q);
sb_err sb_query_erased(sb_query *q);

#endif
