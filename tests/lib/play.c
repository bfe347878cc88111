#include "tests/lib/play.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/calendar/oslo.h"

const char *const play_ssu_seats[6] = {"unn-1",     "unn-2",  "kommune-1",
                                       "kommune-2", "lege-1", "bruker-1"};
const char *const play_pm_seats[4] = {"pm-unn-1", "pm-unn-2", "pm-kommune-1", "pm-kommune-2"};

uint64_t play_ms(uint32_t yyyymmdd, uint32_t hour, uint32_t minute)
{
    sb_civil c = {.date = {.year = (int32_t)(yyyymmdd / 10000),
                           .month = (uint8_t)(yyyymmdd / 100 % 100),
                           .day = (uint8_t)(yyyymmdd % 100)},
                  .hour = (uint8_t)hour,
                  .minute = (uint8_t)minute};
    return (uint64_t)sb_oslo_to_utc(c, SB_FOLD_FIRST);
}

Sb__Claim *play_claim(fed *f, uint64_t ms)
{
    if (ms == 0)
        return NULL;
    Sb__Claim *claim = SB_ARENA_NEW(&f->arena, Sb__Claim);
    *claim = (Sb__Claim)SB__CLAIM__INIT;
    claim->claimed_at_ms = ms;
    claim->source = SB__SOURCE__SOURCE_EMAIL;
    return claim;
}

static sb_err submit(fed *f, sb_entry_type type, const ProtobufCMessage *m, const char *by,
                     play_id *id)
{
    sb_err err = fed_submit(f, type, m, by);
    if (err == SB_OK && id != NULL)
        *id = fed_last_id(f);
    return err;
}

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

sb_err play_report(fed *f, const char *body, const char *title, Sb__CaseKind kind, const char *by,
                   play_id *id)
{
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = text(body);
    m.title = text(title);
    m.kind = kind;
    m.text = fed_blob(f, title);
    return submit(f, SB_ENTRY_CASE_REPORT, &m.base, by, id);
}

sb_err play_propose(fed *f, play_id c, const char *by, size_t count, const char *const *clauses)
{
    Sb__WordingPropose m = SB__WORDING_PROPOSE__INIT;
    m.case_id = c;
    m.n_clauses = count;
    m.clauses = (char **)(uintptr_t)clauses;
    return submit(f, SB_ENTRY_WORDING_PROPOSE, &m.base, by, NULL);
}

sb_err play_call(fed *f, const char *body, uint32_t date, const char *by, size_t count,
                 const play_id *cases, play_id *id)
{
    Sb__MeetingCall m = SB__MEETING_CALL__INIT;
    m.body = text(body);
    m.date = date;
    m.start_minute = 9 * 60;
    m.end_minute = 12 * 60;
    m.form = SB__MEETING_FORM__MEETING_FORM_VIDEO;
    m.n_agenda = count;
    m.agenda = (play_id *)(uintptr_t)cases;
    return submit(f, SB_ENTRY_MEETING_CALL, &m.base, by, id);
}

sb_err play_papers(fed *f, play_id meeting, size_t count, const play_id *cases, uint64_t claimed_ms,
                   const char *by)
{
    Sb__PapersSent m = SB__PAPERS_SENT__INIT;
    m.meeting_id = meeting;
    m.n_case_ids = count;
    m.case_ids = (play_id *)(uintptr_t)cases;
    m.claim = play_claim(f, claimed_ms);
    return submit(f, SB_ENTRY_PAPERS_SENT, &m.base, by, NULL);
}

sb_err play_open(fed *f, play_id meeting, const char *by)
{
    Sb__MeetingOpen m = SB__MEETING_OPEN__INIT;
    m.meeting_id = meeting;
    return submit(f, SB_ENTRY_MEETING_OPEN, &m.base, by, NULL);
}

sb_err play_chair(fed *f, play_id meeting, const play_id *c, const char *seat, Sb__ChairBasis basis,
                  const char *by)
{
    Sb__ChairTake m = SB__CHAIR_TAKE__INIT;
    m.meeting_id = meeting;
    if (c != NULL)
        m.case_id = *c;
    m.seat = text(seat);
    m.basis = basis;
    return submit(f, SB_ENTRY_CHAIR_TAKE, &m.base, by, NULL);
}

sb_err play_close(fed *f, play_id meeting, const char *by)
{
    Sb__MeetingClose m = SB__MEETING_CLOSE__INIT;
    m.meeting_id = meeting;
    return submit(f, SB_ENTRY_MEETING_CLOSE, &m.base, by, NULL);
}

sb_err play_here(fed *f, play_id meeting, const char *seat, Sb__SeatRole role,
                 Sb__AttendanceKind kind, const play_id *c, const char *by)
{
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = text(seat);
    place.role = role;
    Sb__AttendanceEvent e = SB__ATTENDANCE_EVENT__INIT;
    e.who_case = SB__ATTENDANCE_EVENT__WHO_SEAT;
    e.seat = &place;
    e.kind = kind;
    if (c != NULL)
        e.case_id = *c;
    Sb__AttendanceEvent *events[] = {&e};
    Sb__Attendance m = SB__ATTENDANCE__INIT;
    m.meeting_id = meeting;
    m.n_events = 1;
    m.events = events;
    return submit(f, SB_ENTRY_ATTENDANCE, &m.base, by, NULL);
}

sb_err play_clause(fed *f, play_id c, const uint8_t *base, uint32_t number, const char *words,
                   const char *by)
{
    sb_row_case row = play_case(f, c);
    Sb__ClauseAmend m = SB__CLAUSE_AMEND__INIT;
    m.case_id = c;
    m.base_sha256 = (play_id){32, base == NULL ? row.wording : (uint8_t *)(uintptr_t)base};
    m.number = number;
    if (words != NULL) {
        m.change_case = SB__CLAUSE_AMEND__CHANGE_TEXT;
        m.text = text(words);
    } else {
        m.change_case = SB__CLAUSE_AMEND__CHANGE_STRIKE;
        m.strike = true;
    }
    return submit(f, SB_ENTRY_CLAUSE_AMEND, &m.base, by, NULL);
}

sb_err play_ask(fed *f, play_id meeting, play_id c, Sb__Mode mode, const char *by, play_id *id)
{
    sb_row_case row = play_case(f, c);
    Sb__QuestionOpen m = SB__QUESTION_OPEN__INIT;
    m.meeting_id = meeting;
    m.case_id = c;
    m.mode = mode;
    m.wording_sha256 = (play_id){32, row.wording};
    return submit(f, SB_ENTRY_QUESTION_OPEN, &m.base, by, id);
}

static const char *primary_of(fed *f, const char *seat)
{
    return sb_arena_printf(&f->arena, "%s/primary", seat);
}

sb_err play_object(fed *f, play_id question, const char *seat)
{
    sb_row_question q = play_question(f, question);
    Sb__Objection m = SB__OBJECTION__INIT;
    m.question_id = question;
    m.wording_sha256 = (play_id){32, q.wording};
    m.seat = text(seat);
    return submit(f, SB_ENTRY_OBJECTION, &m.base, primary_of(f, seat), NULL);
}

sb_err play_vote_as(fed *f, sb_entry_type type, play_id question, const char *seat,
                    Sb__Choice choice, const play_id *replaces, const char *by)
{
    sb_row_question q = play_question(f, question);
    sb_row_seat row;
    sb_row_ballot current = {.question = q.no};
    Sb__Ballot m = SB__BALLOT__INIT;
    m.question_id = question;
    m.wording_sha256 = (play_id){32, q.wording};
    m.seat = text(seat);
    m.choice = choice;
    if (replaces != NULL) {
        m.replaces = *replaces;
    } else if (sb_seat_find(sb_ledger_kv(f->ledger), &f->arena, seat, &row)) {
        current.seat = row.no;
        if (sb_row_ballot_get(sb_ledger_kv(f->ledger), NULL, &current))
            m.replaces = (play_id){32, current.id};
    }
    return submit(f, type, &m.base, by, NULL);
}

sb_err play_vote(fed *f, play_id question, const char *seat, Sb__Choice choice)
{
    return play_vote_as(f, SB_ENTRY_BALLOT, question, seat, choice, NULL, primary_of(f, seat));
}

sb_err play_choose_as(fed *f, sb_entry_type type, play_id question, const char *seat,
                      Sb__Choice choice, uint32_t candidate, const char *by)
{
    sb_row_question q = play_question(f, question);
    Sb__Ballot m = SB__BALLOT__INIT;
    m.question_id = question;
    m.wording_sha256 = (play_id){32, q.wording};
    m.seat = text(seat);
    m.choice = choice;
    m.candidate = candidate;
    m.replaces = play_ballot(f, question, seat);
    return submit(f, type, &m.base, by, NULL);
}

sb_err play_choose(fed *f, play_id question, const char *seat, uint32_t candidate)
{
    return play_choose_as(f, SB_ENTRY_BALLOT, question, seat,
                          candidate == 0 ? ABSTAIN : SB__CHOICE__CHOICE_CANDIDATE, candidate,
                          primary_of(f, seat));
}

play_id play_ballot(fed *f, play_id question, const char *seat)
{
    sb_row_seat row;
    sb_row_ballot *current = SB_ARENA_NEW(&f->arena, sb_row_ballot);
    *current = (sb_row_ballot){.question = play_question(f, question).no};
    if (!sb_seat_find(sb_ledger_kv(f->ledger), &f->arena, seat, &row))
        return (play_id){0, NULL};
    current->seat = row.no;
    if (!sb_row_ballot_get(sb_ledger_kv(f->ledger), NULL, current))
        return (play_id){0, NULL};
    return (play_id){32, current->id};
}

sb_err play_candidate(fed *f, play_id c, const char *places, const char *by, play_id *id)
{
    Sb__CandidatePlace all[16], *list[16];
    Sb__CandidatePropose m = SB__CANDIDATE_PROPOSE__INIT;
    char *words = sb_arena_printf(&f->arena, "%s", places), *rest = words;
    m.case_id = c;
    m.places = list;
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL && m.n_places < 16;) {
        Sb__CandidatePlace *p = &all[m.n_places];
        *p = (Sb__CandidatePlace)SB__CANDIDATE_PLACE__INIT;
        char *equals = strchr(word, '=');
        *equals = '\0';
        p->office = word;
        p->seat = equals + 1;
        list[m.n_places++] = p;
    }
    return submit(f, SB_ENTRY_CANDIDATE_PROPOSE, &m.base, by, id);
}

sb_err play_candidate_withdraw(fed *f, play_id candidate, const char *by)
{
    Sb__CandidateWithdraw m = SB__CANDIDATE_WITHDRAW__INIT;
    m.candidate_id = candidate;
    return submit(f, SB_ENTRY_CANDIDATE_WITHDRAW, &m.base, by, NULL);
}

sb_err play_confirm(fed *f, play_id question, const char *seat, play_id ballot, const char *by)
{
    Sb__BallotConfirm m = SB__BALLOT_CONFIRM__INIT;
    m.question_id = question;
    m.seat = text(seat);
    m.ballot_id = ballot;
    return submit(f, SB_ENTRY_BALLOT_CONFIRM, &m.base, by, NULL);
}

sb_err play_dispute(fed *f, play_id question, const char *seat, const char *by, play_id *id)
{
    Sb__DisputeOpen m = SB__DISPUTE_OPEN__INIT;
    m.question_id = question;
    m.seat = text(seat);
    m.text = fed_blob(f, "Tvisten");
    return submit(f, SB_ENTRY_DISPUTE_OPEN, &m.base, by, id);
}

sb_err play_dispute_close(fed *f, play_id dispute, Sb__DisputeEnd end, const char *by)
{
    Sb__DisputeClose m = SB__DISPUTE_CLOSE__INIT;
    m.dispute_id = dispute;
    m.end = end;
    return submit(f, SB_ENTRY_DISPUTE_CLOSE, &m.base, by, NULL);
}

sb_err play_end(fed *f, play_id question, const char *by)
{
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    m.question_id = question;
    sb_err err = submit(f, SB_ENTRY_QUESTION_CLOSE, &m.base, by, NULL);
    if (err == SB_OK)
        fed_due(f);
    return err;
}

sb_err play_postpone(fed *f, const play_id *c, const char *external, play_id meeting,
                     uint32_t to_date, const char *by)
{
    Sb__CasePostpone m = SB__CASE_POSTPONE__INIT;
    m.meeting_id = meeting;
    m.to_date = to_date;
    if (c != NULL) {
        m.which_case = SB__CASE_POSTPONE__WHICH_CASE_ID;
        m.case_id = *c;
    } else {
        m.which_case = SB__CASE_POSTPONE__WHICH_EXTERNAL;
        m.external = text(external);
    }
    sb_err err = submit(f, SB_ENTRY_CASE_POSTPONE, &m.base, by, NULL);
    if (err == SB_OK)
        fed_due(f);
    return err;
}

sb_err play_withdraw(fed *f, play_id c, const char *by)
{
    Sb__CaseWithdraw m = SB__CASE_WITHDRAW__INIT;
    m.case_id = c;
    sb_err err = submit(f, SB_ENTRY_CASE_WITHDRAW, &m.base, by, NULL);
    if (err == SB_OK)
        fed_due(f);
    return err;
}

sb_err play_task(fed *f, play_id meeting, play_id c, const char *responsible, uint32_t date,
                 play_id *id)
{
    char *list[] = {text(responsible)};
    Sb__TaskSet m = SB__TASK_SET__INIT;
    m.meeting_id = meeting;
    m.case_id = c;
    m.text = fed_blob(f, "Oppgave");
    m.n_responsible = 1;
    m.responsible = list;
    m.due_case = SB__TASK_SET__DUE_DATE;
    m.date = date;
    return submit(f, SB_ENTRY_TASK_SET, &m.base, SEC, id);
}

sb_err play_draft(fed *f, play_id meeting, uint64_t claimed_ms, play_id *id)
{
    Sb__MinutesDraft m = SB__MINUTES_DRAFT__INIT;
    m.meeting_id = meeting;
    m.document = fed_blob(f, "Referat");
    m.claim = play_claim(f, claimed_ms);
    return submit(f, SB_ENTRY_MINUTES_DRAFT, &m.base, SEC, id);
}

/* ---- tables ---- */

static void must(fed *f, sb_err err, const char *what)
{
    if (err == SB_OK)
        return;
    fprintf(stderr, "play: %s: %s [%s] [%s] [%s]\n", what, sb_err_name(err), f->fail.arg[0],
            f->fail.arg[1], f->fail.arg[2]);
    abort();
}

void play_arrive(fed *f, play_id meeting, const char *const *seats, size_t count)
{
    for (size_t i = 0; i < count; i++)
        must(f, play_here(f, meeting, seats[i], PRIMARY, ARRIVED, NULL, SEC), seats[i]);
}

static void set(fed *f, const char *body, play_table *t)
{
    static const char *const clauses[] = {"Saken tas opp.", "Sekretariatet følger opp."};
    fed_at(f, 20211220, 9, 0);
    must(f, play_report(f, body, "En sak", DECISION, SEC, &t->c), "report");
    must(f, play_propose(f, t->c, SEC, 2, clauses), "propose");
    fed_at(f, 20220105, 9, 0);
    must(f, play_call(f, body, 20220120, SEC, 1, &t->c, &t->meeting), "call");
    fed_at(f, 20220107, 9, 0);
    must(f, play_papers(f, t->meeting, 1, &t->c, 0, SEC), "papers");
    fed_at(f, 20220120, 9, 0);
    must(f, play_open(f, t->meeting, SEC), "open");
}

void play_ssu_empty(fed *f, play_table *t)
{
    set(f, "ssu", t);
    must(f, play_chair(f, t->meeting, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC),
         "chair");
}

void play_ssu(fed *f, play_table *t)
{
    play_ssu_empty(f, t);
    play_arrive(f, t->meeting, play_ssu_seats, 6);
}

void play_pm(fed *f, play_table *t)
{
    set(f, "pm", t);
    must(f, play_chair(f, t->meeting, NULL, "pm-unn-1", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC),
         "chair");
    play_arrive(f, t->meeting, play_pm_seats, 4);
}

/* ---- looking ---- */

sb_row_case play_case(fed *f, play_id id)
{
    sb_kv *kv = sb_ledger_kv(f->ledger);
    sb_row_case row = {.no = sb_ref_find(kv, id, SB_REF_CASE)};
    sb_row_case_get(kv, &f->arena, &row);
    return row;
}

sb_row_meeting play_meeting(fed *f, play_id id)
{
    sb_kv *kv = sb_ledger_kv(f->ledger);
    sb_row_meeting row = {.no = sb_ref_find(kv, id, SB_REF_MEETING)};
    sb_row_meeting_get(kv, NULL, &row);
    return row;
}

sb_row_question play_question(fed *f, play_id id)
{
    sb_kv *kv = sb_ledger_kv(f->ledger);
    sb_row_question row = {.no = sb_ref_find(kv, id, SB_REF_QUESTION)};
    sb_row_question_get(kv, NULL, &row);
    return row;
}

sb_row_agenda play_item(fed *f, play_id meeting, play_id c)
{
    sb_row_meeting m = play_meeting(f, meeting);
    sb_row_agenda item = {0};
    if (!sb_agenda_find(sb_ledger_kv(f->ledger), &m, play_case(f, c).no, &item))
        item = (sb_row_agenda){0};
    return item;
}

Sb__Outcome play_outcome(fed *f, play_id question)
{
    return (Sb__Outcome)play_question(f, question).outcome;
}

static sb_row_certificate certificate_of(fed *f, play_id question)
{
    sb_row_certificate row = {.question = play_question(f, question).no};
    sb_row_certificate_get(sb_ledger_kv(f->ledger), &f->arena, &row);
    return row;
}

const char *play_certificate(fed *f, play_id question)
{
    return sb_arena_str(&f->arena, certificate_of(f, question).json);
}

const char *play_certificate_text(fed *f, play_id question, sb_lang lang)
{
    sb_row_certificate row = certificate_of(f, question);
    return sb_arena_str(&f->arena, lang == SB_LANG_NB ? row.text_nb : row.text_en);
}

const char *play_query(fed *f, const char *name, const char *arg)
{
    sb_buf json;
    sb_buf_init(&json);
    const char *args[] = {arg};
    const char *answer = NULL;
    if (sb_ledger_query(f->ledger, name, args, arg == NULL ? 0 : 1, &json, &f->fail) == SB_OK)
        answer = sb_arena_str(&f->arena, sb_buf_slice(&json));
    sb_buf_deinit(&json);
    return answer;
}

void play_says(fed *f, const char *words)
{
    sb_buf out;
    sb_buf_init(&out);
    sb_text_fail(&f->fail, SB_LANG_NB, &out);
    bool bad = (words != NULL && strstr(sb_buf_cstr(&out), words) == NULL) ||
               strchr(sb_buf_cstr(&out), '?') != NULL;
    if (bad) {
        fprintf(stderr, "play: \"%s\" doesn't say \"%s\"\n", sb_buf_cstr(&out),
                words == NULL ? "(all its arguments)" : words);
        abort();
    }
    sb_buf_deinit(&out);
}
