/* Meetings over a test federation: one call an entry, each returns the ledger's answer.
 *
 *   play_table t;  play_ssu(f, &t);      an SSU meeting on 20.01.2022, open, everybody there, one
 *                                        case 01/22 with two clauses, reported and sent out in time
 *   play_ask(f, t.meeting, t.c, mode, "secretariat", &q);  play_vote(f, q, "unn-1", FOR);
 *
 * `by` is a key's name (fed.h). Wording hashes and replaced ballots are taken from the rows. */
#ifndef SB_TESTS_LIB_PLAY_H
#define SB_TESTS_LIB_PLAY_H

#include "proto/ledger/certificate.h"
#include "tests/lib/fed.h"

typedef ProtobufCBinaryData play_id;

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY
#define DEPUTY SB__SEAT_ROLE__SEAT_ROLE_DEPUTY
#define ARRIVED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED
#define LEFT SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT
#define ABSENT SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ABSENT_WITH_NOTICE
#define NOT_MET SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_MET
#define DISQUALIFIED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED
#define NOT_DOCUMENTED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_DOCUMENTED
#define CONSENSUS SB__MODE__MODE_CONSENSUS
#define VOTE SB__MODE__MODE_VOTE
#define NOTE SB__MODE__MODE_NOTE
#define FOR SB__CHOICE__CHOICE_FOR
#define AGAINST SB__CHOICE__CHOICE_AGAINST
#define ABSTAIN SB__CHOICE__CHOICE_ABSTAIN
#define POLL SB__MODE__MODE_POLL
#define ELECT SB__MODE__MODE_ELECTION
#define PROCEDURAL SB__CASE_KIND__CASE_KIND_PROCEDURAL
#define INFORMATION SB__CASE_KIND__CASE_KIND_INFORMATION
#define DECISION SB__CASE_KIND__CASE_KIND_DECISION
#define ELECTION SB__CASE_KIND__CASE_KIND_ELECTION
#define ADOPTED SB__OUTCOME__OUTCOME_ADOPTED
#define FALLEN SB__OUTCOME__OUTCOME_FALLEN
#define NO_CONSENSUS SB__OUTCOME__OUTCOME_NO_CONSENSUS
#define NOTED SB__OUTCOME__OUTCOME_NOTED
#define NOT_QUORATE SB__OUTCOME__OUTCOME_NOT_QUORATE
#define POSTPONED SB__OUTCOME__OUTCOME_POSTPONED
#define ELECTED SB__OUTCOME__OUTCOME_ELECTED
#define TIED SB__OUTCOME__OUTCOME_TIED
#define POLLED SB__OUTCOME__OUTCOME_POLLED
#define WITHDRAWN SB__OUTCOME__OUTCOME_WITHDRAWN

#define SEC "secretariat"

/* A moment in Oslo. */
uint64_t play_ms(uint32_t yyyymmdd, uint32_t hour, uint32_t minute);
Sb__Claim *play_claim(fed *f, uint64_t ms);

sb_err play_report(fed *f, const char *body, const char *title, Sb__CaseKind kind, const char *by,
                   play_id *id);
sb_err play_propose(fed *f, play_id c, const char *by, size_t count, const char *const *clauses);
sb_err play_call(fed *f, const char *body, uint32_t date, const char *by, size_t count,
                 const play_id *cases, play_id *id);
/* claimed_ms 0: no claim. */
sb_err play_papers(fed *f, play_id meeting, size_t count, const play_id *cases, uint64_t claimed_ms,
                   const char *by);
sb_err play_open(fed *f, play_id meeting, const char *by);
/* c NULL: the meeting. */
sb_err play_chair(fed *f, play_id meeting, const play_id *c, const char *seat, Sb__ChairBasis basis,
                  const char *by);
sb_err play_close(fed *f, play_id meeting, const char *by);
sb_err play_here(fed *f, play_id meeting, const char *seat, Sb__SeatRole role,
                 Sb__AttendanceKind kind, const play_id *c, const char *by);
/* text NULL: strike. base NULL: the current wording. */
sb_err play_clause(fed *f, play_id c, const uint8_t *base, uint32_t number, const char *text,
                   const char *by);
sb_err play_ask(fed *f, play_id meeting, play_id c, Sb__Mode mode, const char *by, play_id *id);
/* by: the key "<seat>/primary". */
sb_err play_object(fed *f, play_id question, const char *seat);
sb_err play_vote(fed *f, play_id question, const char *seat, Sb__Choice choice);
sb_err play_vote_as(fed *f, sb_entry_type type, play_id question, const char *seat,
                    Sb__Choice choice, const play_id *replaces, const char *by);
/* A ballot for a candidate; 0: blank. type BALLOT or BALLOT_RECORDED, by a key. */
sb_err play_choose(fed *f, play_id question, const char *seat, uint32_t candidate);
sb_err play_choose_as(fed *f, sb_entry_type type, play_id question, const char *seat,
                      Sb__Choice choice, uint32_t candidate, const char *by);
/* "leader=pm-unn-1 deputy-leader=pm-kommune-1" */
sb_err play_candidate(fed *f, play_id c, const char *places, const char *by, play_id *id);
sb_err play_candidate_withdraw(fed *f, play_id candidate, const char *by);
sb_err play_confirm(fed *f, play_id question, const char *seat, play_id ballot, const char *by);
/* The seat's current ballot on an open question. */
play_id play_ballot(fed *f, play_id question, const char *seat);
sb_err play_dispute(fed *f, play_id question, const char *seat, const char *by, play_id *id);
sb_err play_dispute_close(fed *f, play_id dispute, Sb__DisputeEnd end, const char *by);
/* The close and the RESULT that it demands. */
sb_err play_end(fed *f, play_id question, const char *by);
sb_err play_postpone(fed *f, const play_id *c, const char *external, play_id meeting,
                     uint32_t to_date, const char *by);
sb_err play_withdraw(fed *f, play_id c, const char *by);
sb_err play_task(fed *f, play_id meeting, play_id c, const char *responsible, uint32_t date,
                 play_id *id);
sb_err play_draft(fed *f, play_id meeting, uint64_t claimed_ms, play_id *id);

/* ---- cases: discussion, relations, conditions, input, rulings, texts (play_cases.c) ---- */

#define BEFORE_QUESTION SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_QUESTION
#define BEFORE_EFFECT SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT
#define CONDITION_MET SB__CONDITION_ANSWER__CONDITION_ANSWER_MET
#define CONDITION_REFUSED SB__CONDITION_ANSWER__CONDITION_ANSWER_REFUSED

sb_err play_discuss(fed *f, play_id meeting, play_id c, const char *by);
/* other NULL: external. */
sb_err play_relate(fed *f, play_id c, Sb__CaseRelation relation, const play_id *other,
                   const char *external, const char *by);
/* due 0: none. */
sb_err play_condition(fed *f, play_id c, Sb__ConditionMoment moment, uint32_t due, bool lapses,
                      size_t count, const char *const *parties, const char *by, play_id *id);
/* Dated today (Oslo); reference "" : none. */
sb_err play_answer(fed *f, play_id condition, const char *party, Sb__ConditionAnswer answer,
                   const char *reference, const char *by);
sb_err play_input_open(fed *f, play_id c, uint32_t due, size_t count, const char *const *asked,
                       const char *by, play_id *id);
/* text NULL: none. */
sb_err play_input(fed *f, play_id input, const char *from, const char *text, uint64_t claimed_ms,
                  const char *by);
/* reason NULL: an ordinary call. */
sb_err play_call_extraordinary(fed *f, const char *body, uint32_t date, const char *reason,
                               bool extraordinary, uint64_t claimed_ms, const char *by,
                               const play_id *c, play_id *id);
sb_err play_plan(fed *f, const char *body, uint32_t year, size_t count, const uint32_t *dates,
                 const play_id *question, const char *by);
sb_err play_rule(fed *f, play_id meeting, const play_id *c, Sb__RulingKind kind, const char *by);
/* Blobs by their text, as fed_blob makes them. */
sb_err play_finalise(fed *f, play_id question, const char *decided, const char *final,
                     const char *by);
sb_err play_erase(fed *f, const char *text, const char *by);
/* Somebody calls, sends, opens, is chaired by the leader; everybody comes. */
void play_next_meeting(fed *f, const char *body, uint32_t date, play_id c, play_id *meeting);
/* A query with two arguments. */
const char *play_query2(fed *f, const char *name, const char *a, const char *b);

/* ---- tables ---- */

typedef struct play_table {
    play_id meeting, c;
} play_table;
/* Everybody of the list arrives as primary. */
void play_arrive(fed *f, play_id meeting, const char *const *seats, size_t count);
extern const char *const play_ssu_seats[6];
extern const char *const play_pm_seats[4];
/* Called, sent, opened, chaired by the leader, nobody there yet. */
void play_ssu_empty(fed *f, play_table *t);
void play_ssu(fed *f, play_table *t);
void play_pm(fed *f, play_table *t);

/* ---- looking ---- */

sb_row_case play_case(fed *f, play_id id);
sb_row_meeting play_meeting(fed *f, play_id id);
sb_row_question play_question(fed *f, play_id id);
sb_row_agenda play_item(fed *f, play_id meeting, play_id c);
Sb__Outcome play_outcome(fed *f, play_id question);
/* The certificate's JSON or text, in f->arena. */
const char *play_certificate(fed *f, play_id question);
const char *play_certificate_text(fed *f, play_id question, sb_lang lang);
/* A query's answer, in f->arena; NULL when refused (f->fail). */
const char *play_query(fed *f, const char *name, const char *arg);

/* The call's code must be this, with its sentence holding `words` in bokmål (NULL: any). */
#define play_refused(f, call, code, words)                                                         \
    do {                                                                                           \
        size_t leaves_ = (f)->leaf_count;                                                          \
        sb_err got_ = (call);                                                                      \
        assert_string_equal(sb_err_name(got_), #code);                                             \
        assert_int_equal((f)->leaf_count, leaves_);                                                \
        play_says((f), (words));                                                                   \
    } while (0)
#define play_ok(call) assert_string_equal(sb_err_name(call), "SB_OK")
void play_says(fed *f, const char *words);

#endif
