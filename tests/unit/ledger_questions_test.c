/* Questions: consensus, objections, ballots, the close, the outcome. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

static fed *start(play_table *t)
{
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, t);
    return f;
}

static void consensus_is_adopted(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    sb_row_agenda item = play_item(f, t.meeting, t.c);
    assert_int_equal(item.outcome, ADOPTED);
    assert_int_equal(item.mode, CONSENSUS);
    /* decided is decided */
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q), SB_E_LEDGER_CASE_DECIDED,
                 "01/22");
    play_refused(f, play_clause(f, t.c, NULL, 1, "Noe annet.", SEC), SB_E_LEDGER_CASE_DECIDED,
                 "avgjort");
    fed_free(f);
}

static void an_objection_makes_a_vote_necessary(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_refused(f, play_vote(f, q, "unn-1", FOR), SB_E_LEDGER_BALLOT_CONSENSUS, "enighet");
    play_ok(play_object(f, q, "lege-1"));
    play_refused(f, play_object(f, q, "lege-1"), SB_E_LEDGER_OBJECTION_TWICE, "lege-1");
    for (size_t i = 0; i < 5; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_vote(f, q, "bruker-1", ABSTAIN));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED); /* against = 0 and for >= 1 */
    assert_non_null(strstr(play_certificate(f, q), "\"objections\":[{\"seat\":\"lege-1\""));
    fed_free(f);
}

static void a_divided_vote_adopts_nothing(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    for (size_t i = 0; i < 5; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_vote(f, q, "bruker-1", AGAINST));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NO_CONSENSUS);
    assert_non_null(strstr(play_certificate(f, q), "\"dispute_cite\":\"§ 6 SSU nr. 12\""));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB), "ikke konsensus"));
    /* it may be amended and asked anew */
    play_ok(play_clause(f, t.c, NULL, 1, "Saken tas opp senere.", SEC));
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    assert_non_null(strstr(play_certificate(f, q), "\"unanimous\":true"));
    assert_int_equal(play_item(f, t.meeting, t.c).outcome, ADOPTED);
    fed_free(f);
}

static void most_of_all_but_not_of_one_partner_falls(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_pm(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "pm-unn-1", FOR));
    play_ok(play_vote(f, q, "pm-unn-2", FOR));
    play_ok(play_vote(f, q, "pm-kommune-1", FOR));
    play_ok(play_vote(f, q, "pm-kommune-2", AGAINST));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), FALLEN);
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(json,
                           "{\"partner\":\"kommune\",\"rule\":\"for > 1/2 of cast\",\"have\":1,"
                           "\"of\":2,\"need\":\"at_least\",\"needed\":2,\"held\":false}"));
    assert_non_null(strstr(json, "{\"partner\":\"unn\",\"rule\":\"for > 1/2 of cast\",\"have\":2,"
                                 "\"of\":2,\"need\":\"at_least\",\"needed\":2,\"held\":true}"));
    assert_non_null(strstr(json, "\"quorum_at_close\":null"));
    fed_free(f);
}

static void information_is_noted(void **state)
{
    (void)state;
    play_table t;
    play_id q, c, m;
    fed *f = start(&t);
    static const char *const clauses[] = {"Saken tas til orientering."};
    play_ok(play_report(f, "ssu", "Orientering", INFORMATION, "unn-2/primary", &c));
    play_ok(play_propose(f, c, "unn-2/primary", 1, clauses));
    play_ok(play_call(f, "ssu", 20220222, SEC, 1, &c, &m));
    play_ok(play_papers(f, m, 1, &c, play_ms(20220110, 8, 0), SEC));
    fed_at(f, 20220222, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_refused(f, play_ask(f, m, c, VOTE, SEC, &q), SB_E_LEDGER_MODE, "orienteringssak");
    play_refused(f, play_ask(f, m, c, SB__MODE__MODE_ELECTION, SEC, &q), SB_E_LEDGER_MODE,
                 "orienteringssak");
    play_ok(play_ask(f, m, c, NOTE, SEC, &q));
    play_refused(f, play_object(f, q, "unn-1"), SB_E_LEDGER_OBJECTION_MODE, NULL);
    play_refused(f, play_vote(f, q, "unn-1", FOR), SB_E_LEDGER_BALLOT_CONSENSUS, NULL);
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NOTED);
    fed_free(f);
}

static void who_votes_for_a_seat(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_here(f, t.meeting, "unn-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_here(f, t.meeting, "obs-1", PRIMARY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    /* the deputy beside */
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-1", FOR, NULL, "unn-1/deputy"),
                 SB_E_LEDGER_DEPUTY_BESIDE, "§ 3 nr. 2");
    /* somebody else's key */
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-1", FOR, NULL, "unn-2/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    /* a seat without a vote, of another body, unknown */
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "obs-1", FOR, NULL, SEC),
                 SB_E_LEDGER_SEAT_NOT_VOTING, "obs-1");
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT, q, "pm-unn-1", FOR, NULL, "pm-unn-1/primary"),
                 SB_E_LEDGER_SEAT_OTHER_BODY, "SSU");
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-9", FOR, NULL, "unn-1/primary"),
                 SB_E_LEDGER_PLACE_UNKNOWN, "unn-9");
    /* the deputy steps in when the representative leaves */
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, LEFT, NULL, SEC));
    play_refused(f, play_vote(f, q, "unn-1", FOR), SB_E_LEDGER_PRIMARY_AWAY, "vara");
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-1", FOR, NULL, "unn-1/deputy"));
    /* and by disqualification, though present */
    play_ok(play_here(f, t.meeting, "unn-2", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_refused(f, play_vote(f, q, "unn-2", FOR), SB_E_LEDGER_NOT_PRESENT, "unn-2");
    play_ok(play_here(f, t.meeting, "unn-2", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-2", FOR, NULL, "unn-2/deputy"));
    for (size_t i = 2; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(json, "{\"seat\":\"unn-1\",\"by\":\"deputy\",\"choice\":\"for\""));
    assert_non_null(
        strstr(json, "{\"seat\":\"unn-2\",\"role\":\"primary\",\"reason\":\"disqualified\""));
    fed_free(f);
}

static void a_ballot_says_what_it_replaces(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "unn-1", FOR));
    play_id first = fed_last_id(f), none = {0, NULL};
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-1", AGAINST, &none, "unn-1/primary"),
                 SB_E_LEDGER_BALLOT_STALE, "unn-1");
    play_ok(play_vote(f, q, "unn-1", AGAINST));
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-1", FOR, &first, "unn-1/primary"),
                 SB_E_LEDGER_BALLOT_STALE, NULL);
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-2", FOR, &first, "unn-2/primary"),
                 SB_E_LEDGER_BALLOT_STALE, NULL);
    play_ok(play_vote(f, q, "unn-1", ABSTAIN));
    for (size_t i = 1; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    assert_non_null(strstr(play_certificate(f, q),
                           "{\"partner\":\"unn\",\"seats\":2,\"filled\":2,\"present\":2,"
                           "\"eligible\":2,\"for\":1,\"against\":0,\"abstain\":1}"));
    play_refused(f, play_vote(f, q, "unn-1", FOR), SB_E_LEDGER_QUESTION_CLOSED, "lukket");
    play_refused(f, play_end(f, q, SEC), SB_E_LEDGER_QUESTION_CLOSED, NULL);
    play_refused(f, play_object(f, q, "unn-1"), SB_E_LEDGER_QUESTION_CLOSED, NULL);
    fed_free(f);
}

static void recorded_by_the_secretariat(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_refused(f,
                 play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", FOR, NULL, "unn-1/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", AGAINST, NULL, SEC));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", FOR, NULL, SEC));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-2", FOR, NULL, SEC));
    /* the member's own comes after, and then the secretariat can't */
    play_ok(play_vote(f, q, "unn-1", FOR));
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", AGAINST, NULL, SEC),
                 SB_E_LEDGER_BALLOT_OWN, "stemt selv");
    for (size_t i = 2; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    const char *json = play_certificate(f, q);
    assert_non_null(
        strstr(json, "{\"seat\":\"unn-1\",\"by\":\"primary\",\"choice\":\"for\",\"candidate\":null,"
                     "\"recorded\":false,\"confirmed\":false"));
    assert_non_null(
        strstr(json, "{\"seat\":\"unn-2\",\"by\":\"primary\",\"choice\":\"for\",\"candidate\":null,"
                     "\"recorded\":true,\"confirmed\":false"));
    fed_free(f);
}

static void present_is_counted_again_at_the_close(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    for (size_t i = 0; i < 5; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_vote(f, q, "kommune-2", AGAINST));
    /* who left doesn't count: kommune is still 1 of 2 */
    play_ok(play_here(f, t.meeting, "kommune-2", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(json,
                           "\"ballots_not_counted\":[{\"seat\":\"kommune-2\",\"by\":\"primary\","
                           "\"choice\":\"against\""));
    assert_non_null(strstr(json, "\"reason\":\"left\"}]"));
    assert_non_null(strstr(json, "{\"partner\":\"kommune\",\"seats\":2,\"filled\":2,\"present\":1,"
                                 "\"eligible\":1,\"for\":1,\"against\":0,\"abstain\":0}"));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB), "ikke talt med: har gått"));
    fed_free(f);
}

static void not_quorate_at_the_close(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    assert_int_equal(play_question(f, q).quorate, 1);
    play_ok(play_here(f, t.meeting, "bruker-1", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NOT_QUORATE);
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(json, "\"quorum_at_opening\":{\"held\":true"));
    assert_non_null(strstr(json, "\"quorum_at_close\":{\"held\":false"));
    assert_non_null(
        strstr(json, "{\"partner\":\"bruker\",\"rule\":\"present >= 1/2 of seats\",\"have\":0,"
                     "\"of\":1,\"need\":\"at_least\",\"needed\":1,\"held\":false}"));
    fed_free(f);
}

static void not_quorate_at_the_opening_a_late_arrival_does_not_mend(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu_empty(f, &t);
    play_arrive(f, t.meeting, play_ssu_seats, 5);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    assert_int_equal(play_question(f, q).quorate, 0);
    play_ok(play_here(f, t.meeting, "bruker-1", PRIMARY, ARRIVED, NULL, SEC));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NOT_QUORATE);
    assert_non_null(strstr(play_certificate(f, q), "\"quorum_at_close\":{\"held\":true"));
    /* asked anew, with everybody there */
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    fed_free(f);
}

static void a_late_arrival_votes(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu_empty(f, &t);
    static const char *const early[] = {"unn-1", "kommune-1", "lege-1", "bruker-1"};
    play_arrive(f, t.meeting, early, 4);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_refused(f, play_vote(f, q, "unn-2", AGAINST), SB_E_LEDGER_NOT_PRESENT, "01/22");
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, early[i], FOR));
    play_ok(play_here(f, t.meeting, "unn-2", PRIMARY, ARRIVED, NULL, SEC));
    play_ok(play_vote(f, q, "unn-2", AGAINST));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NO_CONSENSUS);
    assert_non_null(strstr(play_certificate(f, q),
                           "{\"seat\":\"kommune-2\",\"partner\":\"kommune\","
                           "\"represented_by\":\"none\",\"reason\":\"not_documented\""));
    fed_free(f);
}

static void what_opening_a_question_needs(void **state)
{
    (void)state;
    play_table t;
    play_id q, other, m, e;
    fed *f = fed_new(NULL);
    fed_run(f);
    static const char *const clauses[] = {"Ett punkt."};
    play_ok(play_report(f, "ssu", "Ikke på dagsorden", DECISION, SEC, &other));
    play_ok(play_propose(f, other, SEC, 1, clauses));
    play_ssu_empty(f, &t);
    /* the chair must be there */
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q), SB_E_LEDGER_NO_CHAIR,
                 "SSU 20.01.2022");
    play_arrive(f, t.meeting, play_ssu_seats, 6);
    play_refused(f, play_ask(f, t.meeting, other, CONSENSUS, SEC, &q), SB_E_LEDGER_NOT_ON_AGENDA,
                 "§ 6 SSU nr. 9");
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, "unn-2/primary", &q),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_ask(f, t.meeting, t.c, NOTE, SEC, &q), SB_E_LEDGER_MODE, "vedtakssak");
    Sb__QuestionOpen stale = SB__QUESTION_OPEN__INIT;
    uint8_t zeros[32] = {0};
    stale.meeting_id = t.meeting;
    stale.case_id = t.c;
    stale.mode = VOTE;
    stale.wording_sha256 = (play_id){32, zeros};
    play_refused(f, fed_submit(f, SB_ENTRY_QUESTION_OPEN, &stale.base, SEC),
                 SB_E_LEDGER_WORDING_STALE, NULL);
    /* the chair itself may open */
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, "kommune-1/primary", &q));
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &e), SB_E_LEDGER_CASE_QUESTION_OPEN,
                 NULL);
    play_refused(f, play_close(f, t.meeting, SEC), SB_E_LEDGER_QUESTIONS_OPEN, "1");
    play_refused(f, play_clause(f, t.c, NULL, 1, "Endret.", SEC), SB_E_LEDGER_CASE_QUESTION_OPEN,
                 NULL);
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, t.meeting, SEC));
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q), SB_E_LEDGER_MEETING_CLOSED,
                 NULL);

    /* not sent out, without clauses, an election */
    play_id cases[3];
    play_ok(play_report(f, "ssu", "Uten papirer", DECISION, SEC, &cases[0]));
    play_ok(play_propose(f, cases[0], SEC, 1, clauses));
    play_ok(play_report(f, "ssu", "Uten forslag", DECISION, SEC, &cases[1]));
    play_ok(play_report(f, "ssu", "Valg", ELECTION, SEC, &cases[2]));
    play_ok(play_call(f, "ssu", 20220222, SEC, 3, cases, &m));
    play_ok(play_papers(f, m, 1, &cases[1], 0, SEC));
    play_refused(f, play_ask(f, m, cases[1], CONSENSUS, SEC, &q), SB_E_LEDGER_MEETING_NOT_OPEN,
                 NULL);
    fed_at(f, 20220222, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_refused(f, play_ask(f, m, cases[0], CONSENSUS, SEC, &q), SB_E_LEDGER_NO_CHAIR, NULL);
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_refused(f, play_ask(f, m, cases[0], CONSENSUS, SEC, &q), SB_E_LEDGER_NOT_REPORTED,
                 "02/22 er ikke meldt og sendt ut på forhånd, § 6 SSU nr. 9");
    /* sent in the meeting is not beforehand */
    play_ok(play_papers(f, m, 1, &cases[0], 0, SEC));
    play_refused(f, play_ask(f, m, cases[0], CONSENSUS, SEC, &q), SB_E_LEDGER_NOT_REPORTED, NULL);
    play_refused(f, play_ask(f, m, cases[1], CONSENSUS, SEC, &q), SB_E_LEDGER_NO_CLAUSES, NULL);
    play_refused(f, play_ask(f, m, cases[2], CONSENSUS, SEC, &q), SB_E_LEDGER_MODE, "valgsak");
    fed_free(f);
}

static void bar_by_deadline(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arena;
    (void)arg;
    charter->bodies[0]->deadlines[0]->effect = SB__DEADLINE_EFFECT__DEADLINE_EFFECT_BARS;
}

static void a_deadline_that_bars(void **state)
{
    (void)state;
    fed_options options = {.edit = bar_by_deadline};
    fed *f = fed_new(&options);
    fed_run(f);
    play_id cases[2], m, q;
    static const char *const clauses[] = {"Ett punkt."};
    fed_at(f, 20211230, 9, 0); /* 30.12.2021 is the last day, three weeks before */
    play_ok(play_report(f, "ssu", "I tide", DECISION, SEC, &cases[0]));
    play_ok(play_propose(f, cases[0], SEC, 1, clauses));
    fed_at(f, 20211231, 0, 1);
    play_ok(play_report(f, "ssu", "For sent", DECISION, SEC, &cases[1]));
    play_ok(play_propose(f, cases[1], SEC, 1, clauses));
    play_ok(play_call(f, "ssu", 20220120, SEC, 2, cases, &m));
    fed_at(f, 20220107, 9, 0);
    play_ok(play_papers(f, m, 2, cases, 0, SEC));
    fed_at(f, 20220120, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_ok(play_ask(f, m, cases[0], CONSENSUS, SEC, &q));
    play_refused(f, play_ask(f, m, cases[1], CONSENSUS, SEC, &q), SB_E_LEDGER_DEADLINE_BARS,
                 "sak meldt");
    fed_free(f);
}

static void no_pass_rule(void **state)
{
    (void)state;
    fed_options options = {.pm_pass = ""};
    play_table t;
    play_id q;
    fed *f = fed_new(&options);
    fed_run(f);
    play_pm(f, &t);
    play_refused(f, play_ask(f, t.meeting, t.c, VOTE, SEC, &q), SB_E_LEDGER_NO_PASS_RULE,
                 "Organet PM");
    fed_free(f);
}

static void objections_in_a_vote(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_refused(f, play_object(f, q, "unn-1"), SB_E_LEDGER_OBJECTION_MODE, "stemmes");
    fed_free(f);
}

static void postponed_and_withdrawn_with_a_question_open(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_postpone(f, &t.c, NULL, t.meeting, 20220222, SEC));
    assert_int_equal(play_outcome(f, q), POSTPONED);
    assert_int_equal(play_item(f, t.meeting, t.c).outcome, POSTPONED);
    assert_int_equal(play_meeting(f, t.meeting).open_questions, 0);
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q), SB_E_LEDGER_CASE_POSTPONED,
                 "utsatt");
    play_refused(f, play_postpone(f, &t.c, NULL, t.meeting, 0, SEC), SB_E_LEDGER_POSTPONED_TWICE,
                 NULL);
    fed_free(f);

    f = start(&t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_withdraw(f, t.c, SEC));
    assert_int_equal(play_outcome(f, q), WITHDRAWN);
    assert_int_equal(play_item(f, t.meeting, t.c).outcome, WITHDRAWN);
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q), SB_E_LEDGER_CASE_WITHDRAWN,
                 NULL);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consensus_is_adopted),
        cmocka_unit_test(an_objection_makes_a_vote_necessary),
        cmocka_unit_test(a_divided_vote_adopts_nothing),
        cmocka_unit_test(most_of_all_but_not_of_one_partner_falls),
        cmocka_unit_test(information_is_noted),
        cmocka_unit_test(who_votes_for_a_seat),
        cmocka_unit_test(a_ballot_says_what_it_replaces),
        cmocka_unit_test(recorded_by_the_secretariat),
        cmocka_unit_test(present_is_counted_again_at_the_close),
        cmocka_unit_test(not_quorate_at_the_close),
        cmocka_unit_test(not_quorate_at_the_opening_a_late_arrival_does_not_mend),
        cmocka_unit_test(a_late_arrival_votes),
        cmocka_unit_test(what_opening_a_question_needs),
        cmocka_unit_test(a_deadline_that_bars),
        cmocka_unit_test(no_pass_rule),
        cmocka_unit_test(objections_in_a_vote),
        cmocka_unit_test(postponed_and_withdrawn_with_a_question_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
