/* What an independent reading of elections, conditions, discussions, texts, delegations found: each
 * test is a way that was once open. */
#include "proto/ledger/conditions.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"

static char *words(const char *s)
{
    return (char *)(uintptr_t)s;
}

static fed *start(void (*edit)(Sb__Charter *, sb_arena *, void *))
{
    fed *f = fed_new(&(fed_options){.edit = edit});
    fed_run(f);
    return f;
}

static const char *const two_clauses[2] = {"Saken tas opp.", "Sekretariatet følger opp."};

static void vote_all(fed *f, play_id q)
{
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
}

/* ---- conditions ---- */

static void a_due_date_at_the_end_of_time(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c, condition;
    play_ok(play_report(f, "ssu", "Fristen", DECISION, SEC, &c));
    play_refused(f,
                 play_condition(f, c, BEFORE_QUESTION, 99991231, true, 1,
                                (const char *const[]){"tromso"}, SEC, &condition),
                 SB_E_DEADLINE_RANGE, "2190");
    play_refused(f, play_input_open(f, c, 99991231, 1, (const char *const[]){"tromso"}, SEC, NULL),
                 SB_E_DEADLINE_RANGE, NULL);
    play_ok(play_condition(f, c, BEFORE_QUESTION, 21901231, true, 1,
                           (const char *const[]){"tromso"}, SEC, &condition));
    assert_false(sb_conditions_met(sb_ledger_kv(f->ledger), play_case(f, c).no, BEFORE_QUESTION));
    fed_free(f);
}

/* An adopted action waits for the conditions it was adopted under, not for those thought of later. */
static void what_is_adopted_gets_no_new_conditions(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c, m, q, action, first, second;
    play_ok(play_report(f, "ssu", "Utvalg", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 2, two_clauses));
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, &action));
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 1, (const char *const[]){"tromso"}, SEC,
                           &first));
    play_next_meeting(f, "ssu", 20220120, c, &m);
    play_ok(play_ask(f, m, c, VOTE, SEC, &q));
    vote_all(f, q);
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    play_ok(play_close(f, m, SEC));
    fed_at(f, 20220201, 9, 0);
    play_ok(play_call(f, "ssu", 20220222, SEC, 1, &c, &m)); /* taken up once more */
    play_refused(f,
                 play_condition(f, c, BEFORE_EFFECT, 0, false, 1, (const char *const[]){"karlsoy"},
                                SEC, &second),
                 SB_E_LEDGER_CONDITION_ADOPTED, "02/22");
    play_ok(play_condition(f, c, BEFORE_QUESTION, 0, false, 1, (const char *const[]){"karlsoy"},
                           SEC, &second));
    play_ok(play_answer(f, first, "tromso", CONDITION_MET, "Sak 3/22", SEC));
    fed_seal(f);
    assert_int_equal(play_action_row(f, action).status, SB_ACTION_IN_FORCE);
    /* nothing waits any more */
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 1, (const char *const[]){"karlsoy"}, SEC,
                           &second));
    fed_free(f);
}

/* ---- elections ---- */

static Sb__Election *election_of(sb_arena *a)
{
    Sb__Election *e = SB_ARENA_NEW(a, Sb__Election);
    *e = (Sb__Election)SB__ELECTION__INIT;
    e->elect = SB_ARENA_NEW(a, Sb__Rule);
    *e->elect = (Sb__Rule)SB__RULE__INIT;
    e->rounds = 2;
    e->keep = 2;
    e->tie = SB__ELECTION_TIE__ELECTION_TIE_INCUMBENTS;
    e->acclamation = true;
    e->cite = words("§ 6 PM nr. 4");
    return e;
}

/* PM elects leader and deputy leader. */
static void elections(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)arg;
    c->bodies[1]->election = election_of(a);
    for (size_t i = 1; i <= 2; i++) {
        c->offices[i]->elected_by = words("pm");
        c->offices[i]->term_months = 12;
    }
}

static bool leads(fed *f, const char *key)
{
    play_id c, m;
    play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &c));
    sb_err err = play_call(f, "pm", 20230601, key, 1, &c, &m);
    assert_true(err == SB_OK || err == SB_E_LEDGER_CAPABILITY);
    return err == SB_OK;
}

/* Elects this ticket by acclamation in a meeting of its own, which stays open. */
static void elect(fed *f, play_id c, const char *ticket, uint32_t date, play_id *m, play_id *q)
{
    play_ok(play_candidate(f, c, ticket, SEC, NULL));
    play_next_meeting(f, "pm", date, c, m);
    play_ok(play_ask(f, *m, c, ELECT, SEC, q));
    play_ok(play_end(f, *q, SEC));
    assert_int_equal(play_outcome(f, *q), ELECTED);
}

/* Whoever was elected last leads, also when an older election was held up longer. */
static void an_older_election_does_not_undo_a_newer(void **state)
{
    (void)state;
    fed *f = start(elections);
    play_id older, newer, m, q, condition;
    play_ok(play_report(f, "pm", "Valg", ELECTION, SEC, &older));
    play_ok(play_report(f, "pm", "Nytt valg", ELECTION, SEC, &newer));
    play_ok(play_condition(f, older, BEFORE_EFFECT, 0, false, 1, (const char *const[]){"lege"}, SEC,
                           &condition));
    elect(f, older, "leader=pm-unn-1 deputy-leader=pm-kommune-1", 20220120, &m, &q);
    play_ok(play_close(f, m, SEC));
    fed_at(f, 20220201, 9, 0);
    elect(f, newer, "leader=pm-unn-2 deputy-leader=pm-kommune-2", 20220222, &m, &q);
    fed_seal(f);
    assert_true(leads(f, "pm-unn-2/primary"));
    play_ok(play_answer(f, condition, "lege", CONDITION_MET, "", "lege/authority"));
    fed_seal(f);
    assert_true(leads(f, "pm-unn-2/primary"));
    assert_false(leads(f, "pm-unn-1/primary"));
    /* it is noted why the older one came to nothing */
    sb_row_dropped row = {.index = 0};
    bool noted = false;
    for (bool more = sb_row_dropped_next(sb_ledger_kv(f->ledger), NULL, &row, true, 0); more;
         more = sb_row_dropped_next(sb_ledger_kv(f->ledger), NULL, &row, false, 0))
        noted |= row.reason == SB_E_LEDGER_ELECTED_SINCE;
    assert_true(noted);
    fed_free(f);
}

/* … nor does a condition that is set when the case is taken up again. */
static void who_is_elected_waits_for_no_new_conditions(void **state)
{
    (void)state;
    fed *f = start(elections);
    play_id c, m, q, first, second;
    play_ok(play_report(f, "pm", "Valg", ELECTION, SEC, &c));
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 1, (const char *const[]){"lege"}, SEC,
                           &first));
    elect(f, c, "leader=pm-unn-1 deputy-leader=pm-kommune-1", 20220120, &m, &q);
    play_ok(play_close(f, m, SEC));
    fed_at(f, 20220201, 9, 0);
    play_ok(play_call(f, "pm", 20220222, SEC, 1, &c, &m));
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 1, (const char *const[]){"bruker"}, SEC,
                           &second));
    play_ok(play_answer(f, first, "lege", CONDITION_MET, "", "lege/authority"));
    fed_seal(f);
    assert_true(leads(f, "pm-unn-1/primary"));
    fed_free(f);
}

/* Between the meeting and the SEAL, or the last condition, the case is decided as it was in the
 * meeting. */
static void a_decided_election_has_no_more_candidates(void **state)
{
    (void)state;
    fed *f = start(elections);
    play_id c, m, q, stood;
    play_ok(play_report(f, "pm", "Valg", ELECTION, SEC, &c));
    play_ok(play_candidate(f, c, "leader=pm-unn-1 deputy-leader=pm-kommune-1", SEC, &stood));
    play_next_meeting(f, "pm", 20220120, c, &m);
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    play_ok(play_close(f, m, SEC));
    play_refused(f, play_candidate_withdraw(f, stood, "pm-unn-1/primary"), SB_E_LEDGER_CASE_DECIDED,
                 "01/22");
    play_refused(f, play_candidate(f, c, "leader=pm-unn-2 deputy-leader=pm-kommune-1", SEC, NULL),
                 SB_E_LEDGER_CASE_DECIDED, "01/22");
    fed_seal(f);
    assert_true(leads(f, "pm-unn-1/primary"));
    /* taken up again, it is a new election */
    play_ok(play_call(f, "pm", 20220222, SEC, 1, &c, &m));
    play_ok(play_candidate_withdraw(f, stood, "pm-unn-1/primary"));
    play_ok(play_candidate(f, c, "leader=pm-unn-2 deputy-leader=pm-kommune-1", SEC, NULL));
    fed_free(f);
}

static void elections_and_bodies(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    elections(c, a, arg);
}

/* The SSU adopts the case's actions in a meeting of its own, and they act. */
static void decide(fed *f, play_id c, uint32_t date)
{
    play_id m, q;
    play_next_meeting(f, "ssu", date, c, &m);
    play_ok(play_ask(f, m, c, VOTE, SEC, &q));
    vote_all(f, q);
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    play_ok(play_close(f, m, SEC));
    fed_seal(f);
}

static void nobody_is_elected_from_a_dissolved_body(void **state)
{
    (void)state;
    fed *f = start(elections_and_bodies);
    play_id c, m, q, condition, again;
    play_ok(play_report(f, "ssu", "Utvalg", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 2, two_clauses));
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, NULL));
    decide(f, c, 20220110);
    play_ok(fed_appoint_seat(f, "fsu-1", PRIMARY, "fsu-1/primary"));
    fed_seal(f);
    play_ok(play_report(f, "pm", "Valg", ELECTION, SEC, &c));
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 1, (const char *const[]){"lege"}, SEC,
                           &condition));
    elect(f, c, "leader=fsu-1 deputy-leader=pm-kommune-1", 20220120, &m, &q);
    play_ok(play_report(f, "ssu", "Utvalget oppløses", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 2, two_clauses));
    play_ok(play_dissolve(f, c, "fsu", SEC, NULL));
    decide(f, c, 20220201);
    play_ok(play_answer(f, condition, "lege", CONDITION_MET, "", "lege/authority"));
    fed_seal(f);
    assert_false(leads(f, "pm-kommune-1/primary")); /* a ticket is one */
    assert_true(leads(f, "leader"));
    play_ok(play_report(f, "pm", "Nytt valg", ELECTION, SEC, &again));
    play_refused(f, play_candidate(f, again, "leader=fsu-1 deputy-leader=pm-kommune-1", SEC, NULL),
                 SB_E_LEDGER_BODY_DISSOLVED, NULL);
    fed_free(f);
}

/* ---- discussed earlier ---- */

static void two_steps(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[0]->pass->text = words("pass for >= 2/3 of present, "
                                     "after discussion in an earlier meeting");
}

/* § 7: two meetings, one after the other. A meeting that is closed while the other goes on isn't an
 * earlier one. */
static void a_meeting_beside_is_not_an_earlier_one(void **state)
{
    (void)state;
    fed *f = start(two_steps);
    play_table t;
    play_id m, q;
    play_ssu(f, &t);
    play_ok(play_discuss(f, t.meeting, t.c, SEC));
    play_ok(play_postpone(f, &t.c, NULL, t.meeting, 20220222, SEC));
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, &t.c, &m));
    play_ok(play_papers(f, m, 1, &t.c, 0, SEC));
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(play_ask(f, m, t.c, VOTE, SEC, &q));
    vote_all(f, q);
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), FALLEN);
    assert_non_null(strstr(play_certificate(f, q), "\"discussed_earlier\":false"));
    assert_non_null(strstr(play_certificate(f, q), "\"earlier\":null"));
    fed_free(f);
}

/* ---- texts ---- */

static sb_err amend(fed *f, play_id c, const char *text)
{
    Sb__CaseAmend m = SB__CASE_AMEND__INIT;
    m.case_id = c;
    m.title = words("");
    m.text = fed_blob(f, text);
    return fed_submit(f, SB_ENTRY_CASE_AMEND, &m.base, SEC);
}

/* A text that came after the decision isn't what was decided on. */
static void what_came_after_the_decision_was_not_decided_on(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(amend(f, t.c, "Et annet mandat"));
    play_refused(f, play_finalise(f, q, "Et annet mandat", "Ferdig", SEC),
                 SB_E_LEDGER_FINALISE_TEXT, "saken 01/22");
    play_ok(amend(f, t.c, "En sak")); /* the old one again: it was there */
    play_ok(play_finalise(f, q, "En sak", "Ferdig", SEC));
    fed_free(f);
}

static void a_text_is_finalised_so_often_only(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    const char *before = "En sak";
    for (int i = 0; i < SB_FINALISED_MAX; i++) {
        const char *after = sb_arena_printf(&f->arena, "Utgave %d", i);
        play_ok(play_finalise(f, q, before, after, SEC));
        before = after;
    }
    play_refused(f, play_finalise(f, q, before, "Enda en", SEC), SB_E_LEDGER_FINALISED_MANY,
                 "01/22");
    fed_free(f);
}

/* ---- what one member can pile up for the others ---- */

static void relations_have_an_end_at_both_ends(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_id target, own, last;
    const Sb__CaseRelation repeals = SB__CASE_RELATION__CASE_RELATION_REPEALS;
    play_ok(play_report(f, "ssu", "Målet", DECISION, SEC, &target));
    for (int i = 0; i < SB_RELATIONS_MAX; i++) {
        play_ok(play_report(f, "pm", "Støy", DECISION, "unn-1/primary", &own));
        play_ok(play_relate(f, own, repeals, &target, NULL, "unn-1/primary"));
    }
    play_ok(play_report(f, "pm", "Støy", DECISION, "unn-1/primary", &last));
    play_refused(f, play_relate(f, last, repeals, &target, NULL, "unn-1/primary"),
                 SB_E_LEDGER_RELATIONS_MANY, "Målet");
    /* the case that others point to can still point to others */
    play_ok(play_relate(f, target, repeals, &last, NULL, SEC));
    for (int i = 1; i < SB_RELATIONS_MAX; i++)
        play_ok(play_relate(f, target, repeals, NULL, sb_arena_printf(&f->arena, "%d/20", i), SEC));
    play_refused(f, play_relate(f, target, repeals, NULL, "200/20", SEC),
                 SB_E_LEDGER_RELATIONS_MANY, "Målet");
    fed_free(f);
}

static void rulings_have_an_end(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    const Sb__RulingKind agenda = SB__RULING_KIND__RULING_KIND_AGENDA;
    play_ssu(f, &t);
    for (int i = 0; i < SB_RULINGS_MAX; i++)
        play_ok(play_rule(f, t.meeting, NULL, agenda, "kommune-1/primary"));
    play_refused(f, play_rule(f, t.meeting, NULL, agenda, SEC), SB_E_LEDGER_RULINGS_MANY,
                 "SSU 20.01.2022");
    fed_free(f);
}

static void disputes_of_one_seat_have_an_end(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q, dispute;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    for (int i = 0; i < SB_DISPUTES_MAX; i++) {
        play_ok(play_dispute(f, q, "unn-1", "unn-1/primary", &dispute));
        play_ok(play_dispute_close(f, dispute, SB__DISPUTE_END__DISPUTE_END_WITHDRAWN,
                                   "unn-1/primary"));
    }
    play_refused(f, play_dispute(f, q, "unn-1", "unn-1/primary", &dispute),
                 SB_E_LEDGER_DISPUTES_MANY, "unn-1");
    play_ok(play_dispute(f, q, "unn-2", "unn-2/primary", &dispute)); /* nobody else is kept out */
    fed_free(f);
}

static void mayors(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[1]->delegation_cite = words("§ 3 nr. 1");
    c->bodies[1]->seats[2]->ex_officio = true;
}

static sb_err delegate(fed *f, uint32_t from, uint32_t until)
{
    Sb__Delegate m = SB__DELEGATE__INIT;
    m.seat = words("pm-kommune-1");
    m.name = fed_blob(f, "Stedfortreder");
    m.from_date = from;
    m.until_date = until;
    return fed_submit(f, SB_ENTRY_DELEGATE, &m.base, "pm-kommune-1/primary");
}

static uint32_t delegations(fed *f)
{
    sb_row_seat seat;
    uint32_t count = 0;
    assert_true(sb_seat_find(sb_ledger_kv(f->ledger), &f->arena, "pm-kommune-1", &seat));
    sb_row_delegate row = {.seat = seat.no};
    for (bool more = sb_row_delegate_next(sb_ledger_kv(f->ledger), NULL, &row, true, 1); more;
         more = sb_row_delegate_next(sb_ledger_kv(f->ledger), NULL, &row, false, 1))
        count++;
    return count;
}

/* Every ballot of the seat looks through its delegations. */
static void delegations_that_are_over_go_and_the_rest_have_an_end(void **state)
{
    (void)state;
    fed *f = start(mayors);
    for (uint32_t i = 1; i <= 28; i++)
        play_ok(delegate(f, 20220200 + i, 20220200 + i));
    fed_seal(f);
    assert_int_equal(delegations(f), 28);
    fed_at(f, 20220315, 9, 0);
    play_ok(delegate(f, 20220401, 20220401));
    fed_seal(f);
    assert_int_equal(delegations(f), 18); /* 17 that ended on 12 February or later, and this */
    for (uint32_t i = 18; i < SB_DELEGATIONS_MAX; i++)
        play_ok(delegate(f, 20220401 + i - 17, 20220430));
    fed_seal(f);
    assert_int_equal(delegations(f), SB_DELEGATIONS_MAX);
    play_refused(f, delegate(f, 20220501, 0), SB_E_LEDGER_DELEGATIONS_MANY, "pm-kommune-1");
    play_ok(delegate(f, 20220401, 20220402)); /* another from the same day takes its place */
    fed_free(f);
}

/* Whatever an erasure ends, it leaves a row for ever: so it counts. */
static void erasures_count_too(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.per_key_and_day = 100});
    fed_run(f);
    fed_at(f, 20211210, 9, 0);
    for (int i = 0; i < 100; i++)
        play_ok(play_erase(f, sb_arena_printf(&f->arena, "Vedlegg %d", i), SEC));
    play_refused(f, play_erase(f, "Et til", SEC), SB_E_LEDGER_QUOTA_DAY, NULL);
    fed_free(f);
}

/* ---- ballots ---- */

/* The representative voted and is found disqualified: the vote is the deputy's, who has no key. */
static void a_deputys_ballot_is_recorded_over_the_representatives(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q, before;
    play_ok(fed_appoint_seat(f, "unn-1", DEPUTY, ""));
    fed_seal(f);
    play_ssu(f, &t);
    play_ok(play_here(f, t.meeting, "unn-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "unn-1", AGAINST));
    before = play_ballot(f, q, "unn-1");
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", FOR, &before, SEC),
                 SB_E_LEDGER_BALLOT_OWN, NULL);
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", FOR, &before, SEC));
    play_ok(play_vote(f, q, "unn-2", FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    assert_non_null(strstr(play_certificate(f, q), "\"ballots\":[{\"seat\":\"unn-1\",\"by\":"
                                                   "\"deputy\",\"choice\":\"for\""));
    fed_free(f);
}

/* Who took the place later didn't give the ballot and can't say that it is right. */
static void a_successor_confirms_nothing(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q, open, closed;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", FOR, NULL, SEC));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-2", FOR, NULL, SEC));
    open = play_ballot(f, q, "unn-1");
    closed = play_ballot(f, q, "unn-2");
    play_ok(fed_appoint_seat(f, "unn-1", PRIMARY, "en ny"));
    play_ok(fed_appoint_seat(f, "unn-2", PRIMARY, "enda en"));
    fed_seal(f);
    play_refused(f, play_confirm(f, q, "unn-1", open, "en ny"), SB_E_LEDGER_CONFIRM_ROLE, "unn-1");
    play_ok(play_end(f, q, SEC));
    play_refused(f, play_confirm(f, q, "unn-2", closed, "enda en"), SB_E_LEDGER_CONFIRM_ROLE,
                 "unn-2");
    fed_free(f);
}

/* ---- one member and a case ---- */

static sb_err remark(fed *f, const play_table *t)
{
    Sb__Remark m = SB__REMARK__INIT;
    m.meeting_id = t->meeting;
    m.case_id = t->c;
    m.seat = words("unn-2");
    m.text = fed_blob(f, "Merknad");
    return fed_submit(f, SB_ENTRY_REMARK, &m.base, "unn-2/primary");
}

/* A condition that the bylaws ask for before the case can be decided is never too much. */
static void remarks_keep_no_condition_out(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.per_case = 12, .edit = play_amendable});
    play_table t;
    play_id condition;
    sb_err err = SB_OK;
    fed_run(f);
    play_ssu(f, &t);
    while (err == SB_OK)
        err = remark(f, &t);
    assert_string_equal(sb_err_name(err), "SB_E_LEDGER_QUOTA_CASE");
    play_ok(play_condition(f, t.c, BEFORE_QUESTION, 0, false, 1, (const char *const[]){"tromso"},
                           SEC, &condition));
    fed_free(f);
}

/* A case has room for 50 candidates; one member doesn't take it all. */
static void one_member_proposes_so_many_candidates_only(void **state)
{
    (void)state;
    fed *f = start(elections);
    play_id c;
    static const char *const seats[] = {"pm-unn-1", "pm-unn-2", "pm-kommune-1", "pm-kommune-2"};
    play_ok(play_report(f, "pm", "Valg", ELECTION, SEC, &c));
    int count = 0;
    for (int i = 0; i < 16; i++) {
        const char *ticket =
            sb_arena_printf(&f->arena, "leader=%s deputy-leader=%s", seats[i / 4], seats[i % 4]);
        if (i / 4 == i % 4)
            continue;
        if (count++ < SB_CANDIDATES_PER_KEY_MAX)
            play_ok(play_candidate(f, c, ticket, "pm-unn-2/primary", NULL));
        else
            play_refused(f, play_candidate(f, c, ticket, "pm-unn-2/primary", NULL),
                         SB_E_LEDGER_CANDIDATES_YOURS, "sekretariatet");
    }
    assert_int_equal(count, 12);
    play_ok(play_candidate(f, c, "leader=pm-kommune-2 deputy-leader=pm-unn-1",
                           "pm-kommune-2/primary", NULL));
    play_ok(play_candidate(f, c, "leader=pm-kommune-2 deputy-leader=pm-unn-2", SEC, NULL));
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_due_date_at_the_end_of_time),
        cmocka_unit_test(what_is_adopted_gets_no_new_conditions),
        cmocka_unit_test(an_older_election_does_not_undo_a_newer),
        cmocka_unit_test(who_is_elected_waits_for_no_new_conditions),
        cmocka_unit_test(a_decided_election_has_no_more_candidates),
        cmocka_unit_test(nobody_is_elected_from_a_dissolved_body),
        cmocka_unit_test(a_meeting_beside_is_not_an_earlier_one),
        cmocka_unit_test(what_came_after_the_decision_was_not_decided_on),
        cmocka_unit_test(a_text_is_finalised_so_often_only),
        cmocka_unit_test(relations_have_an_end_at_both_ends),
        cmocka_unit_test(rulings_have_an_end),
        cmocka_unit_test(disputes_of_one_seat_have_an_end),
        cmocka_unit_test(delegations_that_are_over_go_and_the_rest_have_an_end),
        cmocka_unit_test(erasures_count_too),
        cmocka_unit_test(a_deputys_ballot_is_recorded_over_the_representatives),
        cmocka_unit_test(a_successor_confirms_nothing),
        cmocka_unit_test(remarks_keep_no_condition_out),
        cmocka_unit_test(one_member_proposes_so_many_candidates_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
