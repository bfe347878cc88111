/* Cases, meetings, attendance and wording: what each entry needs, and each refusal. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

static fed *start(void)
{
    fed *f = fed_new(NULL);
    fed_run(f);
    fed_at(f, 20211220, 9, 0);
    return f;
}

static const char *const one_clause[] = {"Ett punkt."};

/* ---- cases ---- */

static void a_case_is_reported_by_any_member(void **state)
{
    (void)state;
    fed *f = start();
    play_id c;
    play_ok(play_report(f, "ssu", "Fra en vara", DECISION, "lege-1/deputy", &c));
    assert_int_equal(play_case(f, c).status, SB_CASE_REPORTED);
    play_refused(f, play_report(f, "ssu", "Fra hvem som helst", DECISION, "ukjent", &c),
                 SB_E_LEDGER_KEY_UNKNOWN, NULL);
    play_refused(f, play_report(f, "ssu", "Fra en virksomhet", DECISION, "unn/authority", &c),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_report(f, "styret", "Feil organ", DECISION, SEC, &c),
                 SB_E_LEDGER_BODY_UNKNOWN, "styret");
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = (char *)"ssu";
    m.title = (char *)"Fra framtiden";
    m.kind = DECISION;
    m.claim = play_claim(f, play_ms(20220101, 12, 0));
    play_refused(f, fed_submit(f, SB_ENTRY_CASE_REPORT, &m.base, SEC), SB_E_LEDGER_CLAIM_FUTURE,
                 "1. januar 2022");
    m.claim = play_claim(f, play_ms(20211211, 12, 0));
    play_ok(fed_submit(f, SB_ENTRY_CASE_REPORT, &m.base, SEC));
    assert_int_equal(play_case(f, fed_last_id(f)).claimed_ms, play_ms(20211211, 12, 0));
    fed_free(f);
}

static sb_err amend(fed *f, play_id c, const char *title, bool has_text, const char *by)
{
    Sb__CaseAmend m = SB__CASE_AMEND__INIT;
    m.case_id = c;
    m.title = (char *)(uintptr_t)title;
    m.text = has_text ? fed_blob(f, "ny tekst") : NULL;
    return fed_submit(f, SB_ENTRY_CASE_AMEND, &m.base, by);
}

static void a_case_is_amended_until_its_meeting_opens(void **state)
{
    (void)state;
    fed *f = start();
    play_id c, m, nothing = {32, (uint8_t *)"0123456789abcdef0123456789abcdef"};
    play_ok(play_report(f, "ssu", "Tittel", DECISION, "unn-1/primary", &c));
    play_refused(f, amend(f, c, "Tittel", false, SEC), SB_E_LEDGER_AMEND_NOTHING, "«Tittel»");
    play_refused(f, amend(f, c, "Ny", false, "unn-2/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, amend(f, nothing, "Ny", false, SEC), SB_E_LEDGER_CASE_UNKNOWN, NULL);
    play_ok(amend(f, c, "Ny tittel", false, "unn-1/primary"));
    play_ok(amend(f, c, "", true, "leader"));
    assert_string_equal(play_case(f, c).title, "Ny tittel");
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, &c, &m));
    fed_at(f, 20220120, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_refused(f, amend(f, c, "Enda en", false, SEC), SB_E_LEDGER_CASE_UNDER_TREATMENT, "01/22");
    play_ok(play_withdraw(f, c, "unn-1/primary"));
    play_refused(f, amend(f, c, "Enda en", false, SEC), SB_E_LEDGER_CASE_WITHDRAWN, NULL);
    play_refused(f, play_withdraw(f, c, SEC), SB_E_LEDGER_CASE_WITHDRAWN, NULL);
    fed_free(f);
}

static void what_is_decided_is_not_withdrawn(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    play_refused(f, play_withdraw(f, t.c, SEC), SB_E_LEDGER_CASE_DECIDED, NULL);
    play_refused(f, play_postpone(f, &t.c, NULL, t.meeting, 20220222, SEC),
                 SB_E_LEDGER_CASE_DECIDED, NULL);
    play_ok(play_close(f, t.meeting, SEC));
    play_refused(f, play_withdraw(f, t.c, SEC), SB_E_LEDGER_CASE_DECIDED, NULL);
    fed_free(f);
}

/* ---- numbers ---- */

static void start_at_42(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    Sb__Body *ssu = charter->bodies[0];
    Sb__FirstNumber **list = SB_ARENA_ARRAY(arena, Sb__FirstNumber *, 2);
    list[0] = SB_ARENA_NEW(arena, Sb__FirstNumber);
    *list[0] = (Sb__FirstNumber)SB__FIRST_NUMBER__INIT;
    list[0]->year = 2021;
    list[0]->number = 47;
    list[1] = ssu->first_numbers[0];
    ssu->first_numbers = list;
    ssu->n_first_numbers = 2;
}

static void numbers_go_on_over_meetings_and_begin_anew_each_year(void **state)
{
    (void)state;
    fed_options options = {.edit = start_at_42};
    fed *f = fed_new(&options);
    fed_run(f);
    play_id c[5], m[4], pm, pm_case;
    for (size_t i = 0; i < 5; i++)
        play_ok(play_report(f, "ssu", "Sak", DECISION, SEC, &c[i]));
    play_ok(play_report(f, "pm", "Sak", DECISION, SEC, &pm_case));
    play_ok(play_call(f, "ssu", 20211215, SEC, 2, c, &m[0]));
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, &c[2], &m[1]));
    play_ok(play_call(f, "ssu", 20211216, SEC, 1, &c[3], &m[2]));
    play_ok(play_call(f, "ssu", 20220222, SEC, 1, &c[4], &m[3]));
    play_ok(play_call(f, "pm", 20220222, SEC, 1, &pm_case, &pm));
    static const uint32_t expected[5][2] = {
        {47, 2021}, {48, 2021}, {1, 2022}, {49, 2021}, {2, 2022}};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(play_case(f, c[i]).number, expected[i][0]);
        assert_int_equal(play_case(f, c[i]).year, expected[i][1]);
    }
    assert_int_equal(play_case(f, pm_case).number, 1);
    fed_free(f);
}

static void a_postponed_case_gets_a_new_number(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id m, q;
    play_ssu(f, &t);
    play_refused(f, play_postpone(f, &t.c, NULL, t.meeting, 20220120, SEC),
                 SB_E_LEDGER_POSTPONE_DATE, "20.01.2022");
    play_refused(f, play_postpone(f, &t.c, NULL, t.meeting, 20220230, SEC),
                 SB_E_LEDGER_DATE_INVALID, "20220230");
    play_refused(f, play_postpone(f, &t.c, NULL, t.meeting, 20220222, "unn-1/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_postpone(f, &t.c, NULL, t.meeting, 20220222, "leader"));
    assert_int_equal(play_case(f, t.c).status, SB_CASE_POSTPONED);
    play_ok(play_call(f, "ssu", 20220222, SEC, 1, &t.c, &m));
    assert_int_equal(play_case(f, t.c).number, 2);
    assert_int_equal(play_item(f, t.meeting, t.c).number, 1);
    play_ok(play_close(f, t.meeting, SEC));
    assert_int_equal(play_case(f, t.c).meeting, play_meeting(f, m).no);
    play_refused(f, play_postpone(f, NULL, "42/21", t.meeting, 20220222, SEC),
                 SB_E_LEDGER_MEETING_CLOSED, NULL);
    play_ok(play_papers(f, m, 1, &t.c, 0, SEC));
    fed_at(f, 20220222, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_ok(play_ask(f, m, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    assert_non_null(strstr(play_certificate(f, q), "\"number\":\"02/22\""));
    assert_non_null(
        strstr(play_certificate(f, q), "\"discussed_earlier\":false")); /* only postponed */
    fed_free(f);
}

static void a_case_from_before_the_log(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_ssu(f, &t);
    play_refused(f, play_postpone(f, NULL, "sak 42", t.meeting, 20220222, SEC),
                 SB_E_LEDGER_EXTERNAL_FORMAT, "sak 42");
    play_refused(f, play_postpone(f, NULL, "01/22", t.meeting, 20220222, SEC),
                 SB_E_LEDGER_EXTERNAL_IS_KNOWN, "01/22");
    play_ok(play_postpone(f, NULL, "42/21", t.meeting, 20220222, SEC));
    play_refused(f, play_postpone(f, NULL, "42/21", t.meeting, 20220222, SEC),
                 SB_E_LEDGER_POSTPONED_TWICE, "42/21");
    assert_non_null(
        strstr(play_query(f, "meeting", "ssu:2022-01-20"),
               "\"postponed_external\":[{\"number\":\"42/21\",\"to_date\":\"2022-02-22\""));
    fed_free(f);
}

static void discussion_first(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    charter->bodies[0]->pass->text =
        sb_arena_str(arena, sb_slice_str("pass for >= 2/3 of present, after discussion in an "
                                         "earlier meeting"));
}

static void first_discussed_then_decided(void **state)
{
    (void)state;
    fed_options options = {.edit = discussion_first};
    fed *f = fed_new(&options);
    fed_run(f);
    play_table t;
    play_id m, q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), FALLEN);
    assert_non_null(strstr(play_certificate(f, q), "\"discussion_missing\":true"));
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(play_call(f, "ssu", 20220222, SEC, 1, &t.c, &m));
    play_ok(play_papers(f, m, 1, &t.c, 0, SEC));
    fed_at(f, 20220222, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "unn-1", SB__CHAIR_BASIS__CHAIR_BASIS_DEPUTY_LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_ok(play_ask(f, m, t.c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_vote(f, q, "lege-1", AGAINST));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED); /* 4 of 6 present, 4 needed */
    fed_free(f);
}

/* ---- meetings ---- */

static void what_a_call_needs(void **state)
{
    (void)state;
    fed *f = start();
    play_id c[2], pm_case, m, other;
    play_ok(play_report(f, "ssu", "En", DECISION, SEC, &c[0]));
    play_ok(play_report(f, "ssu", "To", DECISION, SEC, &c[1]));
    play_ok(play_report(f, "pm", "PM", DECISION, SEC, &pm_case));
    play_refused(f, play_call(f, "ssu", 20220120, "unn-1/primary", 1, c, &m),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_call(f, "xxx", 20220120, SEC, 1, c, &m), SB_E_LEDGER_BODY_UNKNOWN, NULL);
    play_refused(f, play_call(f, "ssu", 20220229, SEC, 1, c, &m), SB_E_LEDGER_DATE_INVALID, NULL);
    play_refused(f, play_call(f, "ssu", 20211219, SEC, 1, c, &m), SB_E_LEDGER_DATE_PAST,
                 "19.12.2021");
    play_refused(f, play_call(f, "ssu", 20220120, SEC, 0, c, &m), SB_E_LEDGER_AGENDA_EMPTY, NULL);
    play_id twice[2] = {c[0], c[0]};
    play_refused(f, play_call(f, "ssu", 20220120, SEC, 2, twice, &m), SB_E_LEDGER_CASE_TWICE,
                 "«En»");
    play_refused(f, play_call(f, "ssu", 20220120, SEC, 1, &pm_case, &m),
                 SB_E_LEDGER_CASE_OTHER_BODY, "SSU");
    Sb__MeetingCall bad = SB__MEETING_CALL__INIT;
    bad.body = (char *)"ssu";
    bad.date = 20220120;
    bad.start_minute = 600;
    bad.end_minute = 600;
    bad.form = SB__MEETING_FORM__MEETING_FORM_PHYSICAL;
    bad.n_agenda = 1;
    bad.agenda = c;
    play_refused(f, fed_submit(f, SB_ENTRY_MEETING_CALL, &bad.base, SEC), SB_E_LEDGER_MEETING_TIME,
                 NULL);
    play_ok(play_withdraw(f, c[1], SEC));
    play_refused(f, play_call(f, "ssu", 20220120, SEC, 2, c, &m), SB_E_LEDGER_CASE_WITHDRAWN,
                 "«To»");
    play_ok(play_call(f, "ssu", 20220120, "leader", 1, c, &m));
    play_refused(f, play_call(f, "ssu", 20220222, SEC, 1, c, &other), SB_E_LEDGER_CASE_ON_AGENDA,
                 "SSU 20.01.2022");
    fed_free(f);
}

static void papers(void **state)
{
    (void)state;
    fed *f = start();
    play_id c[2], m;
    play_ok(play_report(f, "ssu", "En", DECISION, SEC, &c[0]));
    play_ok(play_report(f, "ssu", "To", DECISION, SEC, &c[1]));
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, c, &m));
    play_refused(f, play_papers(f, m, 1, c, 0, "unn-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_papers(f, c[0], 1, c, 0, SEC), SB_E_LEDGER_MEETING_UNKNOWN, NULL);
    play_refused(f, play_papers(f, m, 1, &c[1], 0, SEC), SB_E_LEDGER_NOT_ON_AGENDA, "«To»");
    play_id twice[2] = {c[0], c[0]};
    play_refused(f, play_papers(f, m, 2, twice, 0, SEC), SB_E_LEDGER_CASE_TWICE, NULL);
    play_refused(f, play_papers(f, m, 1, c, play_ms(20220110, 0, 0), SEC), SB_E_LEDGER_CLAIM_FUTURE,
                 NULL);
    fed_at(f, 20220112, 9, 0);
    play_ok(play_papers(f, m, 1, c, play_ms(20220110, 0, 0), SEC));
    assert_int_equal(play_item(f, m, c[0]).sent_ms, play_ms(20220110, 0, 0));
    play_ok(play_papers(f, m, 1, c, 0, SEC)); /* more papers; the first dispatch stands */
    assert_int_equal(play_item(f, m, c[0]).sent_ms, play_ms(20220110, 0, 0));
    fed_at(f, 20220120, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_ok(play_close(f, m, SEC));
    play_refused(f, play_papers(f, m, 1, c, 0, SEC), SB_E_LEDGER_MEETING_CLOSED, NULL);
    fed_free(f);
}

static void opening_chairing_closing(void **state)
{
    (void)state;
    fed *f = start();
    play_id c, other, m;
    play_ok(play_report(f, "ssu", "En", DECISION, SEC, &c));
    play_ok(play_report(f, "ssu", "To", DECISION, SEC, &other));
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, &c, &m));
    const Sb__ChairBasis leader = SB__CHAIR_BASIS__CHAIR_BASIS_LEADER;
    const Sb__ChairBasis chosen = SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN;
    play_refused(f, play_chair(f, m, NULL, "kommune-1", leader, SEC), SB_E_LEDGER_MEETING_NOT_OPEN,
                 "SSU 20.01.2022");
    play_refused(f, play_close(f, m, SEC), SB_E_LEDGER_MEETING_NOT_OPEN, NULL);
    play_refused(f, play_open(f, m, "unn-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_open(f, m, "leader"));
    play_refused(f, play_open(f, m, SEC), SB_E_LEDGER_MEETING_ALREADY_OPEN, NULL);
    play_refused(f, play_chair(f, m, NULL, "unn-1", leader, SEC), SB_E_LEDGER_CHAIR_NOT_OFFICER,
                 "unn-1");
    play_refused(f, play_chair(f, m, NULL, "pm-unn-1", chosen, SEC), SB_E_LEDGER_SEAT_OTHER_BODY,
                 NULL);
    play_refused(f, play_chair(f, m, NULL, "unn-1", chosen, "unn-2/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_chair(f, m, &other, "unn-1", chosen, SEC), SB_E_LEDGER_NOT_ON_AGENDA,
                 NULL);
    play_ok(play_chair(f, m, NULL, "kommune-1", leader, "kommune-1/primary"));
    play_ok(play_chair(f, m, &c, "unn-2", chosen, "unn-2/primary"));
    play_refused(f, play_close(f, m, "unn-2/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_close(f, m, "kommune-1/primary"));
    play_refused(f, play_close(f, m, SEC), SB_E_LEDGER_MEETING_CLOSED, NULL);
    play_refused(f, play_open(f, m, SEC), SB_E_LEDGER_MEETING_CLOSED, NULL);
    /* what wasn't treated can be called again */
    assert_int_equal(play_case(f, c).status, SB_CASE_REPORTED);
    play_ok(play_call(f, "ssu", 20220222, SEC, 1, &c, &m));
    fed_free(f);
}

static void only_so_many_meetings_are_open(void **state)
{
    (void)state;
    fed *f = start();
    play_id c, m;
    for (size_t i = 0; i <= SB_MEETINGS_OPEN_MAX; i++) {
        play_ok(play_report(f, "ssu", "Sak", DECISION, SEC, &c));
        play_ok(play_call(f, "ssu", 20220120, SEC, 1, &c, &m));
        if (i < SB_MEETINGS_OPEN_MAX)
            play_ok(play_open(f, m, SEC));
    }
    play_refused(f, play_open(f, m, SEC), SB_E_LEDGER_MEETINGS_OPEN, "64");
    fed_free(f);
}

/* ---- attendance ---- */

static sb_err event(fed *f, play_id m, Sb__AttendanceEvent *e, const char *by)
{
    Sb__AttendanceEvent *events[] = {e};
    Sb__Attendance a = SB__ATTENDANCE__INIT;
    a.meeting_id = m;
    a.n_events = 1;
    a.events = events;
    return fed_submit(f, SB_ENTRY_ATTENDANCE, &a.base, by);
}

static Sb__AttendanceEvent participant(Sb__ParticipantKind kind, Sb__BlobRef *person)
{
    Sb__AttendanceEvent e = SB__ATTENDANCE_EVENT__INIT;
    e.who_case = SB__ATTENDANCE_EVENT__WHO_PARTICIPANT;
    e.participant = kind;
    e.kind = ARRIVED;
    e.person = person;
    return e;
}

static void seats_come_and_go(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id other;
    play_ssu_empty(f, &t);
    play_ok(play_report(f, "ssu", "Utenfor", DECISION, SEC, &other));
    play_id m = t.meeting;
    play_refused(f, play_here(f, m, "unn-1", PRIMARY, ARRIVED, NULL, "unn-2/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_here(f, m, "unn-1", PRIMARY, ARRIVED, NULL, "unn-1/primary"));
    play_refused(f, play_here(f, m, "unn-1", PRIMARY, ARRIVED, NULL, SEC), SB_E_LEDGER_ALREADY_HERE,
                 "unn-1");
    play_refused(f, play_here(f, m, "unn-2", PRIMARY, LEFT, NULL, SEC), SB_E_LEDGER_NOT_HERE,
                 "unn-2");
    play_refused(f, play_here(f, m, "pm-unn-1", PRIMARY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_SEAT_OTHER_BODY, NULL);
    play_refused(f, play_here(f, m, "unn-2", PRIMARY, ARRIVED, &t.c, SEC),
                 SB_E_LEDGER_EVENT_NO_CASE, "hendelse 1");
    play_refused(f, play_here(f, m, "unn-2", PRIMARY, DISQUALIFIED, NULL, SEC),
                 SB_E_LEDGER_EVENT_CASE, NULL);
    play_refused(f, play_here(f, m, "unn-2", PRIMARY, DISQUALIFIED, &other, SEC),
                 SB_E_LEDGER_NOT_ON_AGENDA, NULL);
    play_ok(play_here(f, m, "unn-2", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_refused(f, play_here(f, m, "unn-2", PRIMARY, DISQUALIFIED, &t.c, SEC),
                 SB_E_LEDGER_ALREADY_DISQUALIFIED, "unn-2");
    play_ok(play_here(f, m, "obs-1", DEPUTY, ARRIVED, NULL, SEC)); /* occurs in practice */
    play_ok(play_here(f, m, "bruker-1", PRIMARY, NOT_MET, NULL, "kommune-1/primary"));
    play_ok(play_here(f, m, "lege-1", PRIMARY, NOT_DOCUMENTED, NULL, SEC));
    play_ok(play_close(f, m, SEC));
    play_refused(f, play_here(f, m, "kommune-2", PRIMARY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_MEETING_CLOSED, NULL);
    fed_free(f);
}

static void one_entry_of_several_events(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_ssu_empty(f, &t);
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = (char *)"unn-1";
    place.role = PRIMARY;
    Sb__AttendanceEvent come = SB__ATTENDANCE_EVENT__INIT;
    come.who_case = SB__ATTENDANCE_EVENT__WHO_SEAT;
    come.seat = &place;
    come.kind = ARRIVED;
    Sb__AttendanceEvent go = come;
    go.kind = LEFT;
    Sb__AttendanceEvent observer =
        participant(SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER, fed_blob(f, "Observatør"));
    Sb__AttendanceEvent *events[] = {&come, &go, &come, &observer};
    Sb__Attendance a = SB__ATTENDANCE__INIT;
    a.meeting_id = t.meeting;
    a.events = events;
    /* a member speaks for the own seat only */
    a.n_events = 4;
    play_refused(f, fed_submit(f, SB_ENTRY_ATTENDANCE, &a.base, "unn-1/primary"),
                 SB_E_LEDGER_EVENT_NOT_OWN, NULL);
    events[1] = &come;
    play_refused(f, fed_submit(f, SB_ENTRY_ATTENDANCE, &a.base, SEC), SB_E_LEDGER_ALREADY_HERE,
                 NULL);
    events[1] = &go;
    play_ok(fed_submit(f, SB_ENTRY_ATTENDANCE, &a.base, SEC));
    sb_row_seat seat;
    assert_true(sb_seat_find(sb_ledger_kv(f->ledger), &f->arena, "unn-1", &seat));
    sb_representation r =
        sb_representative(sb_ledger_kv(f->ledger), play_meeting(f, t.meeting).no, seat.no, 0);
    assert_int_equal(r.role, PRIMARY);
    assert_int_equal(r.event_count, 1);
    fed_free(f);
}

static void times_persons_and_participants(void **state)
{
    (void)state;
    fed *f = start();
    play_id c, m;
    play_ok(play_report(f, "ssu", "En", DECISION, SEC, &c));
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, &c, &m));
    /* before the meeting: notice of absence and disqualification only */
    play_refused(f, play_here(f, m, "unn-1", PRIMARY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_MEETING_NOT_OPEN, NULL);
    play_ok(play_here(f, m, "unn-1", PRIMARY, ABSENT, NULL, "unn-1/primary"));
    play_ok(play_here(f, m, "unn-2", PRIMARY, DISQUALIFIED, &c, "unn-2/primary"));
    play_ok(play_open(f, m, SEC));
    Sb__BlobRef *person = fed_blob(f, "Navn, tittel");
    Sb__AttendanceEvent e = participant(SB__PARTICIPANT_KIND__PARTICIPANT_KIND_SECRETARIAT, NULL);
    play_refused(f, event(f, m, &e, SEC), SB_E_LEDGER_EVENT_PERSON, NULL);
    e.person = person;
    e.kind = NOT_DOCUMENTED;
    play_refused(f, event(f, m, &e, SEC), SB_E_LEDGER_EVENT_KIND, NULL);
    e.kind = ARRIVED;
    e.case_id = c;
    play_refused(f, event(f, m, &e, SEC), SB_E_LEDGER_EVENT_NO_CASE, NULL);
    e.case_id = (play_id){0, NULL};
    e.whole_meeting = true;
    e.at_ms = play_ms(20211220, 9, 0);
    play_refused(f, event(f, m, &e, SEC), SB_E_LEDGER_EVENT_TIME, NULL);
    e.at_ms = 0;
    play_ok(event(f, m, &e, SEC));
    e = participant(SB__PARTICIPANT_KIND__PARTICIPANT_KIND_ON_CASE, person);
    play_refused(f, event(f, m, &e, SEC), SB_E_LEDGER_EVENT_CASE, NULL);
    e.case_id = c;
    e.at_ms = play_ms(20220120, 9, 0);
    play_refused(f, event(f, m, &e, SEC), SB_E_LEDGER_CLAIM_FUTURE, NULL);
    e.at_ms = play_ms(20211220, 9, 0);
    play_ok(event(f, m, &e, SEC));
    fed_free(f);
}

static void no_deputies_in_the_partnership_meeting(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_pm(f, &t);
    play_refused(f, play_here(f, t.meeting, "pm-unn-1", DEPUTY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_NO_SUCH_DEPUTY, "pm-unn-1");
    fed_free(f);
}

/* ---- who represents ---- */

typedef struct representation_row {
    Sb__AttendanceKind primary, deputy; /* 0: no event */
    bool primary_out, deputy_out;       /* disqualified */
    int role;
    sb_away reason;
    bool beside;
} representation_row;

static void who_represents(void **state)
{
    (void)state;
    static const representation_row rows[] = {
        {0, 0, false, false, 0, SB_AWAY_NOT_DOCUMENTED, false},
        {ARRIVED, 0, false, false, PRIMARY, SB_AWAY_NOT, false},
        {ARRIVED, ARRIVED, false, false, PRIMARY, SB_AWAY_NOT, true},
        {ARRIVED, ARRIVED, true, false, DEPUTY, SB_AWAY_NOT, false},
        {ARRIVED, ARRIVED, true, true, 0, SB_AWAY_DISQUALIFIED, false},
        {ARRIVED, ARRIVED, false, true, PRIMARY, SB_AWAY_NOT, false},
        {ARRIVED, 0, true, false, 0, SB_AWAY_DISQUALIFIED, false},
        {LEFT, ARRIVED, false, false, DEPUTY, SB_AWAY_NOT, false},
        {LEFT, 0, false, false, 0, SB_AWAY_LEFT, false},
        {ABSENT, 0, false, false, 0, SB_AWAY_WITH_NOTICE, false},
        {ABSENT, ARRIVED, false, false, DEPUTY, SB_AWAY_NOT, false},
        {ABSENT, LEFT, false, false, 0, SB_AWAY_LEFT, false},
        {NOT_MET, 0, false, false, 0, SB_AWAY_NOT_MET, false},
        {NOT_MET, ABSENT, false, false, 0, SB_AWAY_NOT_MET, false},
        {0, ABSENT, false, false, 0, SB_AWAY_WITH_NOTICE, false},
        {NOT_DOCUMENTED, 0, false, false, 0, SB_AWAY_NOT_DOCUMENTED, false},
        {ABSENT, ARRIVED, false, true, 0, SB_AWAY_DISQUALIFIED, false},
    };
    fed *f = fed_new(NULL);
    fed_run(f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const representation_row *row = &rows[i];
        sb_overlay *o = sb_overlay_new(sb_ledger_kv(f->ledger));
        sb_kv *kv = sb_overlay_kv(o);
        sb_row_attendance a = {.meeting = 1,
                               .seat = 1,
                               .primary = (uint8_t)row->primary,
                               .deputy = (uint8_t)row->deputy,
                               .primary_index = 7,
                               .deputy_index = 5};
        sb_row_attendance_put(kv, &a);
        sb_row_disqualified d = {
            .meeting = 1, .seat = 1, .role = PRIMARY, .case_no = 3, .index = 9};
        if (row->primary_out)
            sb_row_disqualified_put(kv, &d);
        d.role = DEPUTY;
        if (row->deputy_out)
            sb_row_disqualified_put(kv, &d);
        sb_representation r = sb_representative(kv, 1, 1, 3);
        assert_int_equal(r.role, row->role);
        assert_int_equal(r.reason, row->reason);
        assert_int_equal(r.deputy_beside, row->beside);
        if (row->primary != 0 && row->deputy != 0) {
            assert_int_equal(r.events[0], 5);
            assert_int_equal(r.events[1], 7);
        }
        /* a disqualification is for its case alone */
        if (row->primary == ARRIVED)
            assert_int_equal(sb_representative(kv, 1, 1, 4).role, PRIMARY);
        sb_overlay_free(o);
    }
    fed_free(f);
}

static void a_vacant_seat_says_so(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_genesis(f);
    fed_charter(f);
    fed_accept(f);
    sb_representation r = sb_representative(sb_ledger_kv(f->ledger), 1, 1, 0);
    assert_int_equal(r.role, 0);
    assert_int_equal(r.reason, SB_AWAY_VACANT);
    fed_free(f);
}

/* ---- wording ---- */

/* What was treated and not adopted gets a new proposal before it is called again. */
static void what_fell_is_proposed_anew(void **state)
{
    (void)state;
    static const Sb__Choice last[] = {AGAINST, FOR};
    static const Sb__Outcome outcomes[] = {NO_CONSENSUS, ADOPTED};
    static const uint32_t dates[] = {20220120, 20220222};
    static const char *const two[] = {"Første.", "Andre."};
    fed *f = start();
    play_id c, m, q;
    play_ok(play_report(f, "ssu", "En", DECISION, "unn-1/primary", &c));
    play_ok(play_propose(f, c, "unn-1/primary", 1, one_clause));
    for (size_t i = 0; i < 2; i++) {
        play_next_meeting(f, "ssu", dates[i], c, &m);
        play_ok(play_ask(f, m, c, VOTE, SEC, &q));
        for (size_t k = 0; k < 6; k++)
            play_ok(play_vote(f, q, play_ssu_seats[k], k < 5 ? FOR : last[i]));
        play_ok(play_end(f, q, SEC));
        assert_int_equal(play_outcome(f, q), outcomes[i]);
        play_ok(play_close(f, m, SEC));
        assert_int_equal(play_case(f, c).status, SB_CASE_TREATED);
        if (i > 0)
            break;
        play_ok(play_propose(f, c, "unn-1/primary", 1, two));
        play_ok(play_propose(f, c, SEC, 2, two));
    }
    assert_non_null(strstr(play_certificate(f, q), "\"clauses\":[\"Første.\",\"Andre.\"]"));
    fed_free(f);
}

static void wording_is_proposed_then_amended_clause_by_clause(void **state)
{
    (void)state;
    fed *f = start();
    play_id c, m;
    static const char *const two[] = {"Første.", "Andre."};
    play_ok(play_report(f, "ssu", "En", DECISION, "unn-1/primary", &c));
    play_refused(f, play_propose(f, c, "unn-2/primary", 1, one_clause), SB_E_LEDGER_CAPABILITY,
                 NULL);
    play_ok(play_propose(f, c, "unn-1/primary", 1, one_clause));
    play_ok(play_propose(f, c, SEC, 2, two));
    play_refused(f, play_clause(f, c, NULL, 1, "Endret.", SEC), SB_E_LEDGER_CASE_NOT_IN_MEETING,
                 NULL);
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, &c, &m));
    play_refused(f, play_clause(f, c, NULL, 1, "Endret.", SEC), SB_E_LEDGER_MEETING_NOT_OPEN, NULL);
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_refused(f, play_propose(f, c, SEC, 1, one_clause), SB_E_LEDGER_PROPOSE_LATE,
                 "SSU 20.01.2022");
    play_refused(f, play_clause(f, c, NULL, 1, "Endret.", "unn-1/primary"), SB_E_LEDGER_CAPABILITY,
                 NULL);
    uint8_t stale[32];
    memcpy(stale, play_case(f, c).wording, 32);
    play_ok(play_clause(f, c, NULL, 2, "Andre, endret.", "kommune-1/primary"));
    play_refused(f, play_clause(f, c, stale, 1, "Endret.", SEC), SB_E_LEDGER_WORDING_STALE, NULL);
    play_refused(f, play_clause(f, c, NULL, 2, "Andre, endret.", SEC), SB_E_LEDGER_CLAUSE_SAME,
                 "punkt 2");
    play_refused(f, play_clause(f, c, NULL, 4, "Fjerde.", SEC), SB_E_LEDGER_CLAUSE_NUMBER,
                 "2 punkter, så punkt 4");
    play_ok(play_clause(f, c, NULL, 3, "Tredje.", SEC));
    play_refused(f, play_clause(f, c, NULL, 4, NULL, SEC), SB_E_LEDGER_CLAUSE_NUMBER, NULL);
    play_ok(play_clause(f, c, NULL, 1, NULL, SEC));
    sb_row_case row = play_case(f, c);
    const char **clauses = sb_clauses_of(sb_ledger_kv(f->ledger), &f->arena, &row);
    assert_int_equal(row.clauses, 2);
    assert_string_equal(clauses[0], "Andre, endret.");
    assert_string_equal(clauses[1], "Tredje.");
    uint8_t hash[32];
    sb_wording_hash(c.data, clauses, 2, NULL, 0, hash);
    assert_memory_equal(hash, row.wording, 32);
    const char *json = play_query(f, "meeting", "ssu:2022-01-20");
    assert_non_null(strstr(json, "\"proposed\":[\"Første.\",\"Andre.\"],"
                                 "\"current\":[\"Andre, endret.\",\"Tredje.\"]"));
    assert_non_null(strstr(json, "\"changed\":true"));
    play_ok(play_clause(f, c, NULL, 1, NULL, SEC));
    play_refused(f, play_clause(f, c, NULL, 1, NULL, SEC), SB_E_LEDGER_CLAUSE_LAST, NULL);
    play_ok(play_withdraw(f, c, SEC));
    play_refused(f, play_propose(f, c, SEC, 1, one_clause), SB_E_LEDGER_CASE_WITHDRAWN, NULL);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_is_reported_by_any_member),
        cmocka_unit_test(a_case_is_amended_until_its_meeting_opens),
        cmocka_unit_test(what_is_decided_is_not_withdrawn),
        cmocka_unit_test(numbers_go_on_over_meetings_and_begin_anew_each_year),
        cmocka_unit_test(a_postponed_case_gets_a_new_number),
        cmocka_unit_test(a_case_from_before_the_log),
        cmocka_unit_test(first_discussed_then_decided),
        cmocka_unit_test(what_a_call_needs),
        cmocka_unit_test(papers),
        cmocka_unit_test(opening_chairing_closing),
        cmocka_unit_test(only_so_many_meetings_are_open),
        cmocka_unit_test(seats_come_and_go),
        cmocka_unit_test(one_entry_of_several_events),
        cmocka_unit_test(times_persons_and_participants),
        cmocka_unit_test(no_deputies_in_the_partnership_meeting),
        cmocka_unit_test(who_represents),
        cmocka_unit_test(a_vacant_seat_says_so),
        cmocka_unit_test(wording_is_proposed_then_amended_clause_by_clause),
        cmocka_unit_test(what_fell_is_proposed_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
