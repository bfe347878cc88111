#include "tests/lib/wire_samples.h"

#include <stdio.h>
#include <stdlib.h>

const sb_entry_type sb_sample_types[] = {
#define SB_ENTRY_TYPE(NAME, number, Message, lower) SB_ENTRY_##NAME,
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE
};
const size_t sb_sample_type_count = sizeof sb_sample_types / sizeof sb_sample_types[0];

/* `Sb__X *m`, initialised, in the arena. */
#define NEW(Message, lower, m)                                                                     \
    Sb__##Message *m = SB_ARENA_NEW(a, Sb__##Message);                                             \
    sb__##lower##__init(m)
/* A repeated field of `n` elements. */
#define REPEAT(m, field, n)                                                                        \
    do {                                                                                           \
        (m)->n_##field = (n);                                                                      \
        (m)->field = sb_arena_alloc(a, (n) * sizeof *(m)->field);                                  \
    } while (0)

static ProtobufCBinaryData fill(sb_arena *a, uint8_t byte, size_t len)
{
    ProtobufCBinaryData out = {.len = len, .data = sb_arena_alloc(a, len)};
    memset(out.data, byte, len);
    return out;
}

static ProtobufCBinaryData h(sb_arena *a, uint8_t byte)
{
    return fill(a, byte, 32);
}

static char *s(const char *text)
{
    return (char *)(uintptr_t)text; /* protobuf-c's structs are not const */
}

static Sb__BlobRef *blob(sb_arena *a, uint8_t byte)
{
    NEW(BlobRef, blob_ref, m);
    m->sha256 = h(a, byte);
    m->size = 1000u + byte;
    return m;
}

static Sb__Claim *claim(sb_arena *a, Sb__Source source)
{
    NEW(Claim, claim, m);
    m->claimed_at_ms = 1641891600000; /* 11.01.2022 kl. 10.00 */
    m->source = source;
    return m;
}

static Sb__SeatPlace *place(sb_arena *a, const char *seat, Sb__SeatRole role)
{
    NEW(SeatPlace, seat_place, m);
    m->seat = s(seat);
    m->role = role;
    return m;
}

/* ---- the federation and system entries ---- */

static const ProtobufCMessage *genesis(sb_arena *a)
{
    static const char *const ids[] = {"unn", "tromsoomradet"};
    NEW(Genesis, genesis, m);
    m->slug = s("troms-og-ofoten");
    m->charter_sha256 = h(a, 0x11);
    m->charter_bytes = 61234;
    m->charter_parts = 2;
    m->engine = 1;
    m->log_pk = h(a, 0x12);
    m->broker_curve_pk = h(a, 0x13);
    REPEAT(m, organisations, 2);
    for (uint8_t i = 0; i < 2; i++) {
        NEW(GenesisOrganisation, genesis_organisation, o);
        o->id = s(ids[i]);
        o->authority_pk = h(a, (uint8_t)(0x20 + i));
        o->witness_pk = h(a, (uint8_t)(0x30 + i));
        o->recovery_pk = h(a, (uint8_t)(0x40 + i));
        o->curve_pk = h(a, (uint8_t)(0x50 + i));
        m->organisations[i] = o;
    }
    return &m->base;
}

static Sb__Cosignature *cosignature(sb_arena *a, uint8_t byte)
{
    NEW(Cosignature, cosignature, m);
    m->witness_pk = h(a, byte);
    m->time_s = 1642665600;
    m->signature = fill(a, (uint8_t)(byte + 0x40), 64);
    return m;
}

static const ProtobufCMessage *result(sb_arena *a)
{
    NEW(Result, result, m);
    m->question_id = h(a, 0x11);
    m->wording_sha256 = h(a, 0x12);
    m->mode = SB__MODE__MODE_CONSENSUS;
    m->outcome = SB__OUTCOME__OUTCOME_ADOPTED;
    REPEAT(m, counts, 2);
    for (uint32_t i = 0; i < 2; i++) {
        NEW(Count, count, c);
        c->partner = s(i == 0 ? "" : "unn");
        c->seats = i == 0 ? 16 : 6;
        c->filled = i == 0 ? 16 : 6;
        c->present = i == 0 ? 15 : 6;
        c->eligible = i == 0 ? 15 : 6;
        c->votes_for = i == 0 ? 14 : 5;
        c->votes_against = 0;
        c->votes_abstain = 1;
        m->counts[i] = c;
    }
    m->charter_version = 1;
    m->quorum_rule = s("each partner in (unn, kommune): present >= 1/2 of seats");
    m->pass_rule = s("against = 0 and for >= 1");
    m->objections = 1;
    m->electorate_sha256 = h(a, 0x13);
    m->certificate_sha256 = h(a, 0x14);
    return &m->base;
}

static Sb__Head *head_of(sb_arena *a, uint64_t size, uint8_t byte)
{
    NEW(Head, head, m);
    m->term = 1;
    m->size = size;
    m->root = h(a, byte);
    return m;
}

static Sb__Promised *promised(sb_arena *a, uint8_t byte)
{
    NEW(Promised, promised, m);
    m->witness_pk = h(a, byte);
    m->seal = 1;
    m->cosigned = 2;
    m->signature = fill(a, 0x18, 64);
    return m;
}

static const ProtobufCMessage *handover(sb_arena *a)
{
    NEW(Handover, handover, m);
    m->term = 2;
    m->log_pk = h(a, 0x12);
    m->continues_size = 4000;
    m->continues_root = h(a, 0x15);
    REPEAT(m, heads, 2);
    m->heads[0] = head_of(a, 4000, 0x15);
    m->heads[1] = head_of(a, 4002, 0x17);
    REPEAT(m, promises, 2);
    m->promises[0] = promised(a, 0x31);
    m->promises[1] = promised(a, 0x32);
    REPEAT(m, cosignatures, 1);
    m->cosignatures[0] = cosignature(a, 0x16);
    return &m->base;
}

static const ProtobufCMessage *membership_withdraw(sb_arena *a)
{
    NEW(MembershipWithdraw, membership_withdraw, m);
    m->action_id = h(a, 0x11);
    REPEAT(m, statements, 2);
    for (uint8_t i = 0; i < 2; i++) {
        NEW(Statement, statement, one);
        one->pk = h(a, (uint8_t)(0x31 + i));
        one->signature = fill(a, 0x18, 64);
        m->statements[i] = one;
    }
    return &m->base;
}

static const ProtobufCMessage *seal(sb_arena *a)
{
    NEW(Seal, seal, m);
    m->size = 300;
    m->root = h(a, 0x11);
    REPEAT(m, cosignatures, 2);
    m->cosignatures[0] = cosignature(a, 0x31);
    m->cosignatures[1] = cosignature(a, 0x32);
    m->log_signature = fill(a, 0x19, 64);
    return &m->base;
}

static const ProtobufCMessage *charter_part(sb_arena *a)
{
    NEW(CharterPart, charter_part, m);
    m->number = 1;
    m->data = fill(a, 0xC4, 40);
    return &m->base;
}

static const ProtobufCMessage *accept_charter(sb_arena *a)
{
    NEW(Accept, accept, m);
    m->charter_sha256 = h(a, 0x11);
    return &m->base;
}

static const ProtobufCMessage *state(sb_arena *a)
{
    NEW(State, state, m);
    m->digest = h(a, 0x11);
    return &m->base;
}

static const ProtobufCMessage *tick(sb_arena *a)
{
    NEW(Tick, tick, m);
    m->due_ms = 1642665600000;
    return &m->base;
}

/* ---- people and keys ---- */

static const ProtobufCMessage *appoint(sb_arena *a)
{
    NEW(Appoint, appoint, m);
    m->place_case = SB__APPOINT__PLACE_SEAT;
    m->seat = place(a, "unn-4", SB__SEAT_ROLE__SEAT_ROLE_DEPUTY);
    m->device_pk = h(a, 0x11);
    m->name = blob(a, 0x12);
    m->from_date = 20200101;
    m->until_date = 20231231;
    m->claim = claim(a, SB__SOURCE__SOURCE_LETTER);
    return &m->base;
}

static const ProtobufCMessage *key_revoke(sb_arena *a)
{
    NEW(KeyRevoke, key_revoke, m);
    m->pk = h(a, 0x11);
    m->reason = SB__REVOKE_REASON__REVOKE_REASON_LOST;
    return &m->base;
}

static const ProtobufCMessage *key_replace(sb_arena *a)
{
    NEW(KeyReplace, key_replace, m);
    m->old_pk = h(a, 0x11);
    m->new_pk = h(a, 0x12);
    return &m->base;
}

/* ---- cases ---- */

static const ProtobufCMessage *case_report(sb_arena *a)
{
    NEW(CaseReport, case_report, m);
    m->body = s("ssu");
    m->title = s("Etablering av nettverk – mål, øvelse og ansvar på tvers");
    m->kind = SB__CASE_KIND__CASE_KIND_DECISION;
    m->from = blob(a, 0x11);
    m->text = blob(a, 0x12);
    REPEAT(m, attachments, 2);
    m->attachments[0] = blob(a, 0x13);
    m->attachments[1] = blob(a, 0x14);
    m->claim = claim(a, SB__SOURCE__SOURCE_EMAIL);
    return &m->base;
}

static const ProtobufCMessage *case_amend(sb_arena *a)
{
    NEW(CaseAmend, case_amend, m);
    m->case_id = h(a, 0x11);
    m->title = s("Nye samarbeidsavtaler – oppdatering (rettet)");
    m->text = blob(a, 0x12);
    REPEAT(m, attachments, 1);
    m->attachments[0] = blob(a, 0x13);
    return &m->base;
}

static const ProtobufCMessage *case_postpone(sb_arena *a)
{
    NEW(CasePostpone, case_postpone, m);
    m->which_case = SB__CASE_POSTPONE__WHICH_EXTERNAL;
    m->external = s("42/21");
    m->meeting_id = h(a, 0x11);
    m->to_date = 20220222;
    return &m->base;
}

static const ProtobufCMessage *case_withdraw(sb_arena *a)
{
    NEW(CaseWithdraw, case_withdraw, m);
    m->case_id = h(a, 0x11);
    m->reason = blob(a, 0x12);
    return &m->base;
}

/* ---- meetings ---- */

static const ProtobufCMessage *meeting_call(sb_arena *a)
{
    NEW(MeetingCall, meeting_call, m);
    m->body = s("ssu");
    m->date = 20220120;
    m->start_minute = 12 * 60 + 30;
    m->end_minute = 15 * 60;
    m->form = SB__MEETING_FORM__MEETING_FORM_VIDEO;
    m->place = blob(a, 0x11);
    REPEAT(m, agenda, 2);
    m->agenda[0] = h(a, 0x12);
    m->agenda[1] = h(a, 0x13);
    return &m->base;
}

static const ProtobufCMessage *papers_sent(sb_arena *a)
{
    NEW(PapersSent, papers_sent, m);
    m->meeting_id = h(a, 0x11);
    REPEAT(m, case_ids, 2);
    m->case_ids[0] = h(a, 0x12);
    m->case_ids[1] = h(a, 0x13);
    m->claim = claim(a, SB__SOURCE__SOURCE_EMAIL);
    REPEAT(m, papers, 1);
    m->papers[0] = blob(a, 0x14);
    return &m->base;
}

static const ProtobufCMessage *meeting_open(sb_arena *a)
{
    NEW(MeetingOpen, meeting_open, m);
    m->meeting_id = h(a, 0x11);
    return &m->base;
}

static const ProtobufCMessage *chair_take(sb_arena *a)
{
    NEW(ChairTake, chair_take, m);
    m->meeting_id = h(a, 0x11);
    m->case_id = h(a, 0x12);
    m->seat = s("kommune-6");
    m->basis = SB__CHAIR_BASIS__CHAIR_BASIS_LEADER;
    return &m->base;
}

static const ProtobufCMessage *meeting_close(sb_arena *a)
{
    NEW(MeetingClose, meeting_close, m);
    m->meeting_id = h(a, 0x11);
    return &m->base;
}

static const ProtobufCMessage *attendance(sb_arena *a)
{
    NEW(Attendance, attendance, m);
    m->meeting_id = h(a, 0x11);
    REPEAT(m, events, 2);
    NEW(AttendanceEvent, attendance_event, away);
    away->who_case = SB__ATTENDANCE_EVENT__WHO_SEAT;
    away->seat = place(a, "unn-5", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY);
    away->kind = SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED;
    away->case_id = h(a, 0x12);
    away->reason = blob(a, 0x13);
    away->at_ms = 1642680000000;
    m->events[0] = away;
    NEW(AttendanceEvent, attendance_event, observer);
    observer->who_case = SB__ATTENDANCE_EVENT__WHO_PARTICIPANT;
    observer->participant = SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER;
    observer->kind = SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED;
    observer->person = blob(a, 0x14);
    observer->whole_meeting = true;
    m->events[1] = observer;
    return &m->base;
}

/* ---- wording and questions ---- */

static const ProtobufCMessage *wording_propose(sb_arena *a)
{
    NEW(WordingPropose, wording_propose, m);
    m->case_id = h(a, 0x11);
    REPEAT(m, clauses, 2);
    m->clauses[0] =
        s("SSU ber om at det etableres et nettverk:\n- to fra hver kommune\n- to fra UNN");
    m->clauses[1] = s("Ressursgruppen følger opp «løpende».");
    return &m->base;
}

static const ProtobufCMessage *clause_amend(sb_arena *a)
{
    NEW(ClauseAmend, clause_amend, m);
    m->case_id = h(a, 0x11);
    m->base_sha256 = h(a, 0x12);
    m->number = 2;
    m->change_case = SB__CLAUSE_AMEND__CHANGE_TEXT;
    m->text = s("Ressursgruppen følger opp fortløpende,\nog UNN deltar også.");
    return &m->base;
}

static const ProtobufCMessage *question_open(sb_arena *a)
{
    NEW(QuestionOpen, question_open, m);
    m->meeting_id = h(a, 0x11);
    m->case_id = h(a, 0x12);
    m->mode = SB__MODE__MODE_VOTE;
    m->wording_sha256 = h(a, 0x13);
    return &m->base;
}

static const ProtobufCMessage *objection(sb_arena *a)
{
    NEW(Objection, objection, m);
    m->question_id = h(a, 0x11);
    m->wording_sha256 = h(a, 0x12);
    m->seat = s("bruker-1");
    m->reason = blob(a, 0x13);
    return &m->base;
}

static const ProtobufCMessage *ballot(sb_arena *a)
{
    NEW(Ballot, ballot, m);
    m->question_id = h(a, 0x11);
    m->wording_sha256 = h(a, 0x12);
    m->seat = s("kommune-3");
    m->choice = SB__CHOICE__CHOICE_FOR;
    m->replaces = h(a, 0x13);
    return &m->base;
}

static const ProtobufCMessage *question_close(sb_arena *a)
{
    NEW(QuestionClose, question_close, m);
    m->question_id = h(a, 0x11);
    return &m->base;
}

static const ProtobufCMessage *remark(sb_arena *a)
{
    NEW(Remark, remark, m);
    m->meeting_id = h(a, 0x11);
    m->case_id = h(a, 0x12);
    m->seat = s("fastlege-1");
    m->text = blob(a, 0x13);
    return &m->base;
}

/* ---- follow-up and minutes ---- */

static const ProtobufCMessage *task_set(sb_arena *a)
{
    NEW(TaskSet, task_set, m);
    m->meeting_id = h(a, 0x11);
    m->case_id = h(a, 0x12);
    m->text = blob(a, 0x13);
    REPEAT(m, responsible, 2);
    m->responsible[0] = s("unn");
    m->responsible[1] = s("secretariat");
    m->due_case = SB__TASK_SET__DUE_EVENT;
    m->event = blob(a, 0x14);
    return &m->base;
}

static const ProtobufCMessage *task_done(sb_arena *a)
{
    NEW(TaskDone, task_done, m);
    m->task_id = h(a, 0x11);
    m->note = blob(a, 0x12);
    return &m->base;
}

static const ProtobufCMessage *minutes_draft(sb_arena *a)
{
    NEW(MinutesDraft, minutes_draft, m);
    m->meeting_id = h(a, 0x11);
    m->document = blob(a, 0x12);
    m->claim = claim(a, SB__SOURCE__SOURCE_EMAIL);
    return &m->base;
}

static const ProtobufCMessage *minutes_request(sb_arena *a)
{
    NEW(MinutesRequest, minutes_request, m);
    m->draft_id = h(a, 0x11);
    m->seat = s("unn-2");
    m->text = blob(a, 0x12);
    return &m->base;
}

static const ProtobufCMessage *minutes_correct(sb_arena *a)
{
    NEW(MinutesCorrect, minutes_correct, m);
    m->draft_id = h(a, 0x11);
    m->document = blob(a, 0x12);
    m->claim = claim(a, SB__SOURCE__SOURCE_MEETING);
    return &m->base;
}

static const ProtobufCMessage *minutes_approve(sb_arena *a)
{
    NEW(MinutesApprove, minutes_approve, m);
    m->draft_id = h(a, 0x11);
    m->question_id = h(a, 0x12);
    return &m->base;
}

/* ---- every other way these bodies decide ---- */

static const ProtobufCMessage *delegate(sb_arena *a)
{
    NEW(Delegate, delegate, m);
    m->seat = s("pm-tromso");
    m->device_pk = h(a, 0x11);
    m->name = blob(a, 0x12);
    m->from_date = 20220317;
    m->until_date = 20220317;
    m->claim = claim(a, SB__SOURCE__SOURCE_LETTER);
    return &m->base;
}

static const ProtobufCMessage *case_relate(sb_arena *a)
{
    NEW(CaseRelate, case_relate, m);
    m->case_id = h(a, 0x11);
    m->relation = SB__CASE_RELATION__CASE_RELATION_FOLLOWS;
    m->to_case = SB__CASE_RELATE__TO_EXTERNAL;
    m->external = s("9/21");
    return &m->base;
}

static const ProtobufCMessage *case_discuss(sb_arena *a)
{
    NEW(CaseDiscuss, case_discuss, m);
    m->meeting_id = h(a, 0x11);
    m->case_id = h(a, 0x12);
    return &m->base;
}

static const ProtobufCMessage *condition_set(sb_arena *a)
{
    NEW(ConditionSet, condition_set, m);
    m->case_id = h(a, 0x11);
    m->moment = SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_QUESTION;
    m->kind = SB__CONDITION_KIND__CONDITION_KIND_CONSENTED;
    REPEAT(m, parties, 2);
    m->parties[0] = s("tromso-kommune");
    m->parties[1] = s("unn-hf");
    m->cite = s("§ 4");
    m->due_date = 20220301;
    m->lapses = true;
    m->text = blob(a, 0x12);
    return &m->base;
}

static const ProtobufCMessage *condition_fulfil(sb_arena *a)
{
    NEW(ConditionFulfil, condition_fulfil, m);
    m->condition_id = h(a, 0x11);
    m->party = s("tromso-kommune");
    m->answer = SB__CONDITION_ANSWER__CONDITION_ANSWER_MET;
    m->decided_by = s("kommunestyret");
    m->date = 20220215;
    m->reference = s("sak 12/22");
    m->document = blob(a, 0x12);
    return &m->base;
}

static const ProtobufCMessage *input_open(sb_arena *a)
{
    NEW(InputOpen, input_open, m);
    m->case_id = h(a, 0x11);
    REPEAT(m, asked, 2);
    m->asked[0] = s("fastlege");
    m->asked[1] = s("bruker");
    m->text = blob(a, 0x12);
    m->due_date = 20220207;
    return &m->base;
}

static const ProtobufCMessage *input_receive(sb_arena *a)
{
    NEW(InputReceive, input_receive, m);
    m->input_id = h(a, 0x11);
    m->from = s("fastlege");
    m->kind = SB__INPUT_KIND__INPUT_KIND_RECEIVED;
    m->text = blob(a, 0x12);
    m->claim = claim(a, SB__SOURCE__SOURCE_EMAIL);
    return &m->base;
}

static const ProtobufCMessage *meeting_plan(sb_arena *a)
{
    NEW(MeetingPlan, meeting_plan, m);
    m->body = s("ssu");
    m->year = 2022;
    REPEAT(m, dates, 2);
    for (uint32_t i = 0; i < 2; i++) {
        NEW(PlannedDate, planned_date, d);
        d->date = 20220120 + 102 * i;
        m->dates[i] = d;
    }
    m->question_id = h(a, 0x11);
    return &m->base;
}

static const ProtobufCMessage *ruling(sb_arena *a)
{
    NEW(Ruling, ruling, m);
    m->meeting_id = h(a, 0x11);
    m->case_id = h(a, 0x12);
    m->kind = SB__RULING_KIND__RULING_KIND_NEW_CLAUSE;
    m->text = blob(a, 0x13);
    return &m->base;
}

static const ProtobufCMessage *text_finalise(sb_arena *a)
{
    NEW(TextFinalise, text_finalise, m);
    m->question_id = h(a, 0x11);
    m->decided = blob(a, 0x12);
    m->final = blob(a, 0x13);
    m->note = blob(a, 0x14);
    return &m->base;
}

static const ProtobufCMessage *action_propose(sb_arena *a)
{
    NEW(ActionPropose, action_propose, m);
    NEW(ActionBodyMandate, action_body_mandate, o);
    o->body = s("fsu-barn-og-unge");
    o->mandate = blob(a, 0x12);
    m->case_id = h(a, 0x11);
    m->action_case = SB__ACTION_PROPOSE__ACTION_BODY_MANDATE;
    m->body_mandate = o;
    return &m->base;
}

static const ProtobufCMessage *action_strike(sb_arena *a)
{
    NEW(ActionStrike, action_strike, m);
    m->action_id = h(a, 0x11);
    return &m->base;
}

static const ProtobufCMessage *charter_draft(sb_arena *a)
{
    NEW(CharterDraft, charter_draft, m);
    m->charter_sha256 = h(a, 0x11);
    m->charter_bytes = 61234;
    m->charter_parts = 2;
    return &m->base;
}

static const ProtobufCMessage *charter_draft_part(sb_arena *a)
{
    NEW(CharterDraftPart, charter_draft_part, m);
    m->draft_id = h(a, 0x11);
    m->number = 1;
    m->data = fill(a, 0x12, 40);
    return &m->base;
}

static const ProtobufCMessage *candidate_propose(sb_arena *a)
{
    NEW(CandidatePropose, candidate_propose, m);
    static const char *const offices[] = {"leader", "deputy-leader"};
    static const char *const seats[] = {"kommune-6", "unn-1"};
    m->case_id = h(a, 0x11);
    REPEAT(m, places, 2);
    for (size_t i = 0; i < 2; i++) {
        NEW(CandidatePlace, candidate_place, p);
        p->office = s(offices[i]);
        p->seat = s(seats[i]);
        m->places[i] = p;
    }
    return &m->base;
}

static const ProtobufCMessage *candidate_withdraw(sb_arena *a)
{
    NEW(CandidateWithdraw, candidate_withdraw, m);
    m->candidate_id = h(a, 0x11);
    return &m->base;
}

static const ProtobufCMessage *ballot_confirm(sb_arena *a)
{
    NEW(BallotConfirm, ballot_confirm, m);
    m->question_id = h(a, 0x11);
    m->seat = s("fastlege-2");
    m->ballot_id = h(a, 0x12);
    return &m->base;
}

static const ProtobufCMessage *dispute_open(sb_arena *a)
{
    NEW(DisputeOpen, dispute_open, m);
    m->question_id = h(a, 0x11);
    m->seat = s("kommune-3");
    m->text = blob(a, 0x12);
    return &m->base;
}

static const ProtobufCMessage *dispute_close(sb_arena *a)
{
    NEW(DisputeClose, dispute_close, m);
    m->dispute_id = h(a, 0x11);
    m->end = SB__DISPUTE_END__DISPUTE_END_REFERRED;
    m->text = blob(a, 0x12);
    return &m->base;
}

static const ProtobufCMessage *blob_erase(sb_arena *a)
{
    NEW(BlobErase, blob_erase, m);
    m->blob_sha256 = h(a, 0x11);
    m->reason = SB__ERASE_REASON__ERASE_REASON_PERSONAL;
    m->cite = s("personvernforordningen artikkel 17");
    return &m->base;
}

const ProtobufCMessage *sb_sample_payload(sb_arena *a, sb_entry_type type)
{
#define accept accept_charter /* not the socket call */
    switch (type) {
#define SB_ENTRY_TYPE(NAME, number, Message, lower)                                                \
    case SB_ENTRY_##NAME:                                                                          \
        return lower(a);
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE
    }
#undef accept
    abort();
}

/* ---- the charter ---- */

static Sb__Rule *rule(sb_arena *a, const char *text)
{
    NEW(Rule, rule, m);
    m->text = s(text);
    m->cite = s("§ 6 SSU nr. 10");
    m->assumed = s("medlemmer = plasser; ubesatte teller med");
    return m;
}

static Sb__Body *body(sb_arena *a)
{
    NEW(Body, body, m);
    m->id = s("ssu");
    m->name = s("Strategisk samarbeidsutvalg");
    m->short_name = s("SSU");
    m->parent = s("pm");
    REPEAT(m, seats, 1);
    NEW(Seat, seat, seat);
    seat->id = s("kommune-1");
    seat->title = s("Tromsø kommune");
    seat->partner = s("kommune");
    seat->voting = true;
    seat->appointer = s("tromsoomradet");
    seat->has_deputy = true;
    seat->requirement = s("fra Tromsø kommune");
    seat->ex_officio = true;
    m->seats[0] = seat;
    m->quorum = rule(a, "each partner in (unn, kommune): present >= 1/2 of seats");
    m->pass = rule(a, "");
    REPEAT(m, deadlines, 1);
    NEW(Deadline, deadline, deadline);
    deadline->kind = SB__DEADLINE_KIND__DEADLINE_KIND_PAPERS_SENT;
    deadline->least = 10;
    deadline->most = 14;
    deadline->unit = SB__DEADLINE_UNIT__DEADLINE_UNIT_DAY;
    deadline->effect = SB__DEADLINE_EFFECT__DEADLINE_EFFECT_NOTED;
    deadline->cite = s("§ 6 SSU nr. 7");
    deadline->assumed = s("tidlig utsending noteres");
    m->deadlines[0] = deadline;
    REPEAT(m, norms, 1);
    NEW(Norm, norm, norm);
    norm->force = SB__FORCE__FORCE_SHOULD;
    norm->text = s("Ledelsen bør alternere.");
    norm->cite = s("§ 3 nr. 2");
    norm->assumed = s("en advarsel, ikke et hinder");
    m->norms[0] = norm;
    REPEAT(m, first_numbers, 1);
    NEW(FirstNumber, first_number, first);
    first->year = 2021;
    first->number = 47;
    m->first_numbers[0] = first;
    m->bar_cite = s("§ 6 SSU nr. 9");
    m->minutes_name = s("referat");
    m->minutes_silence = true;
    m->deputy_cite = s("§ 3 nr. 2");
    m->deputy_assumed = s("også ved inhabilitet");
    m->dispute_cite = s("§ 6 SSU nr. 12");
    m->roll_call_cite = s("§ 6 SSU nr. 11");
    return m;
}

Sb__Charter *sb_sample_charter(sb_arena *a)
{
    NEW(Charter, charter, m);
    m->slug = s("troms-og-ofoten");
    m->name = s("Helsefellesskapet Troms og Ofoten");
    m->rehearsal = true;
    REPEAT(m, partners, 1);
    NEW(Partner, partner, partner);
    partner->id = s("kommune");
    partner->name = s("Kommunene");
    partner->name_en = s("The municipalities");
    m->partners[0] = partner;
    REPEAT(m, organisations, 1);
    NEW(Organisation, organisation, organisation);
    organisation->id = s("tromsoomradet");
    organisation->name = s("Tromsøområdets regionråd");
    organisation->partner = s("kommune");
    m->organisations[0] = organisation;
    REPEAT(m, appointers, 1);
    NEW(Appointer, appointer, appointer);
    appointer->id = s("tromsoomradet");
    appointer->name = s("Tromsøområdets regionråd");
    appointer->host = s("tromsoomradet");
    m->appointers[0] = appointer;
    REPEAT(m, parties, 1);
    NEW(Party, party, party);
    party->id = s("tromso");
    party->name = s("Tromsø kommune");
    m->parties[0] = party;
    REPEAT(m, bodies, 1);
    m->bodies[0] = body(a);
    REPEAT(m, offices, 1);
    NEW(Office, office, office);
    office->id = s("secretariat");
    office->name = s("Sekretariatet");
    office->body = s("ssu");
    office->appointed_by = s("tromsoomradet");
    office->seat = s("kommune-1");
    office->cite = s("§ 6");
    m->offices[0] = office;
    NEW(WitnessPolicy, witness_policy, policy);
    policy->more_than_num = 2;
    policy->more_than_den = 3;
    m->policy = policy;
    NEW(Quotas, quotas, quotas);
    quotas->entries_per_key_and_day = 1000;
    quotas->entries_per_case = 5000;
    m->quotas = quotas;
    NEW(Amendment, amendment, amendment);
    amendment->body = s("ssu");
    amendment->pass = rule(a, "for >= 2/3 of present");
    m->amendment = amendment;
    m->source = s("Vedtekter, 22.04.2021");
    return m;
}

/* ---- entries ---- */

sb_secret *sb_sample_secret(void)
{
    uint8_t seed[SB_SEED_BYTES];
    memset(seed, 0x5B, sizeof seed);
    return sb_secret_from_seed(seed);
}

void sb_sample_head(sb_entry_type type, sb_entry_head *head)
{
    uint8_t federation_id[32];
    memset(federation_id, type == SB_ENTRY_GENESIS ? 0 : 0xFE, sizeof federation_id);
    sb_entry_head_init(head, federation_id, 1000u + (uint64_t)type);
    if (type >= SB_ENTRY_APPOINT) {
        head->anchor_size = 77;
        memset(head->anchor_root, 0xA7, sizeof head->anchor_root);
    }
}

void sb_sample_entry(sb_arena *a, sb_entry_type type, sb_buf *out)
{
    sb_entry_head head;
    sb_sample_head(type, &head);
    sb_secret *secret = sb_sample_secret();
    sb_fail fail = {0};
    sb_err err = sb_entry_make(type, sb_sample_payload(a, type), &head, secret, out, &fail);
    sb_secret_free(secret);
    if (err != SB_OK) {
        fprintf(stderr, "sample %s: %s %s\n", sb_entry_type_name(type), sb_err_name(err),
                fail.arg[0]);
        abort();
    }
}
