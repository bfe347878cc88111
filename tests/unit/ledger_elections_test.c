/* Elections, polls, confirmed ballots, disputes. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

static char *words(const char *s)
{
    return (char *)(uintptr_t)s;
}

static void norm_add(Sb__Office *office, sb_arena *a, Sb__OfficeNormKind kind, const char *other,
                     Sb__Force force)
{
    Sb__OfficeNorm *n = SB_ARENA_NEW(a, Sb__OfficeNorm);
    *n = (Sb__OfficeNorm)SB__OFFICE_NORM__INIT;
    n->kind = kind;
    n->office = words(other);
    n->force = force;
    n->cite = words("§ 6 PM nr. 3");
    if (office->norms == NULL)
        office->norms = SB_ARENA_ARRAY(a, Sb__OfficeNorm *, 4);
    office->norms[office->n_norms++] = n;
}

static Sb__Election *election_of(sb_arena *a, uint32_t rounds, uint32_t keep, bool acclamation)
{
    Sb__Election *e = SB_ARENA_NEW(a, Sb__Election);
    *e = (Sb__Election)SB__ELECTION__INIT;
    e->elect = SB_ARENA_NEW(a, Sb__Rule);
    *e->elect = (Sb__Rule)SB__RULE__INIT;
    e->rounds = rounds;
    e->keep = keep;
    e->tie = SB__ELECTION_TIE__ELECTION_TIE_INCUMBENTS;
    e->acclamation = acclamation;
    e->cite = words("§ 6 PM nr. 4");
    e->assumed = words("stemmelikhet: de som sitter, fortsetter");
    return e;
}

/* PM elects leader and deputy leader for a year by its own rule, in two rounds; SSU elects a
 * spokesman among its own by majority, in one. */
static void elections(Sb__Charter *c, sb_arena *a, void *arg)
{
    bool must = arg != NULL;
    Sb__Force force = must ? SB__FORCE__FORCE_MUST : SB__FORCE__FORCE_SHOULD;
    c->bodies[1]->election = election_of(a, 2, 2, true);
    c->bodies[0]->election = election_of(a, 1, 0, false);
    c->bodies[0]->election->elect->text = words("pass for > 1/2 of cast");
    c->bodies[0]->election->elect->cite = words("§ 6 SSU nr. 2");
    c->bodies[0]->election->tie = SB__ELECTION_TIE__ELECTION_TIE_NOBODY;
    for (size_t i = 1; i <= 2; i++) {
        c->offices[i]->elected_by = words("pm");
        c->offices[i]->term_months = 12;
        c->offices[i]->sits_until_replaced = i == 1;
    }
    norm_add(c->offices[1], a, SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_ALTERNATES, "", force);
    norm_add(c->offices[2], a, SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_DIFFERS, "leader", force);
    Sb__Office *o = SB_ARENA_NEW(a, Sb__Office);
    *o = *c->offices[1];
    o->id = words("spokesman");
    o->name = words("talsperson");
    o->body = words("ssu");
    o->elected_by = words("ssu");
    o->seat = words("");
    o->n_norms = 0;
    o->norms = NULL;
    c->offices[c->n_offices++] = o;
}

/* An open meeting of the body with an election on its agenda, everybody there. */
static fed *convene(const char *body, bool must, play_id *meeting, play_id *c)
{
    fed_options options = {.edit = elections, .edit_arg = must ? (void *)words("") : NULL};
    fed *f = fed_new(&options);
    fed_run(f);
    fed_at(f, 20211220, 9, 0);
    play_ok(play_report(f, body, "Valg", ELECTION, SEC, c));
    fed_at(f, 20220105, 9, 0);
    play_ok(play_call(f, body, 20220120, SEC, 1, c, meeting));
    fed_at(f, 20220107, 9, 0);
    play_ok(play_papers(f, *meeting, 1, c, 0, SEC));
    fed_at(f, 20220120, 9, 0);
    play_ok(play_open(f, *meeting, SEC));
    bool pm = strcmp(body, "pm") == 0;
    play_ok(play_chair(f, *meeting, NULL, pm ? "pm-unn-1" : "kommune-1",
                       SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC));
    play_arrive(f, *meeting, pm ? play_pm_seats : play_ssu_seats, pm ? 4 : 6);
    return f;
}

static const char *const FIRST = "leader=pm-unn-1 deputy-leader=pm-kommune-1";
static const char *const SECOND = "leader=pm-unn-2 deputy-leader=pm-kommune-2";
static const char *const THIRD = "leader=pm-kommune-1 deputy-leader=pm-unn-1";

static void choose_all(fed *f, play_id q, const uint32_t candidates[4])
{
    for (size_t i = 0; i < 4; i++)
        play_ok(play_choose(f, q, play_pm_seats[i], candidates[i]));
}

static const Sb__Result *result_of(fed *f)
{
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(fed_leaf(f, f->leaf_count - 1), &f->arena, &leaf, NULL), SB_OK);
    assert_int_equal(leaf.entry.type, SB_ENTRY_RESULT);
    return (const void *)leaf.message;
}

static bool says(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        return true;
    fprintf(stderr, "«%s» is not in:\n%s\n", part, text);
    return false;
}

/* May this key act as leader (call a meeting)? */
static bool leads(fed *f, const char *key)
{
    play_id c, m;
    play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &c));
    sb_err err = play_call(f, "pm", 20230601, key, 1, &c, &m);
    assert_true(err == SB_OK || err == SB_E_LEDGER_CAPABILITY);
    return err == SB_OK;
}

/* ---- rounds ---- */

static void a_joint_ticket_is_elected_and_takes_office_at_the_seal(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, "pm-unn-2/primary", NULL));
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 1, 1});
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    assert_int_equal(play_item(f, m, c).outcome, ELECTED);
    const Sb__Result *r = result_of(f);
    assert_int_equal(r->round, 1);
    assert_int_equal(r->elected, 1);
    assert_int_equal(r->n_candidates, 6); /* two candidates: all, unn, kommune */
    static const uint32_t votes[6] = {4, 2, 2, 0, 0, 0};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(r->candidates[i]->number, i < 3 ? 1 : 2);
        assert_int_equal(r->candidates[i]->votes, votes[i]);
    }
    assert_string_equal(r->candidates[1]->partner, "unn");
    const char *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_true(says(nb, "Utfall: valgt (valg, 1. omgang)"));
    assert_true(says(nb, "4 stemmer (UNN 2, kommunene 2) – valgt"));
    assert_true(says(play_certificate(f, q), "\"round\":1,\"candidates\":[{\"number\":1,"));
    assert_true(says(play_certificate(f, q), "\"elected\":1,\"acclamation\":false,\"tie\":null"));

    /* not before the SEAL */
    assert_false(leads(f, "pm-unn-1/primary"));
    assert_true(leads(f, "leader"));
    fed_seal(f);
    assert_true(leads(f, "pm-unn-1/primary"));
    assert_true(leads(f, "pm-kommune-1/primary")); /* the deputy leader */
    assert_false(leads(f, "leader"));
    const char *members = play_query(f, "members", "pm");
    assert_true(says(members,
                     "\"office\":\"leader\",\"office_name\":\"leader\",\"seat\":\"pm-unn-1\","
                     "\"elected\":\""));
    assert_true(says(members, "\"from_date\":\"2022-01-20\",\"until_date\":\"2023-01-19\""));
    const char *later = play_query(f, "certificate", "pm:01/22");
    assert_true(says(later, "\"offices\":[{\"office\":\"leader\""));
    assert_true(says(later, "leader: Plass pm-unn-1 (pm-unn-1), fra 20. januar 2022 til 19. januar "
                            "2023."));
    fed_free(f);
}

/* The overall winner has no majority in one of the two. */
static void the_rule_holds_inside_each_partner(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, SECOND, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 1, 2});
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), TIED);
    assert_int_equal(result_of(f)->elected, 0);
    const char *json = play_certificate(f, q);
    assert_true(says(json, "{\"partner\":\"kommune\",\"rule\":\"for > 1/2 of cast\",\"have\":1,"
                           "\"of\":2,\"need\":\"at_least\",\"needed\":2,\"held\":false}"));
    assert_true(says(play_certificate_text(f, q, SB_LANG_NB), "Utfall: ingen valgt"));
    fed_free(f);
}

static void who_goes_on_is_elected_in_the_second_round(void **state)
{
    (void)state;
    play_id m, c, q, late;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, SECOND, SEC, NULL));
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 3, 3});
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), TIED);
    assert_true(says(play_certificate_text(f, q, SB_LANG_NB), "– går videre til neste omgang"));
    play_refused(f, play_candidate(f, c, "leader=pm-unn-2 deputy-leader=pm-unn-1", SEC, &late),
                 SB_E_LEDGER_CANDIDATE_LATE, "valgomgang");
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_refused(f, play_choose(f, q, "pm-unn-1", 2), SB_E_LEDGER_BALLOT_CANDIDATE,
                 "kandidat 2 stiller ikke");
    choose_all(f, q, (uint32_t[]){3, 1, 3, 3});
    play_ok(play_choose(f, q, "pm-unn-2", 3)); /* changes its mind */
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    const Sb__Result *r = result_of(f);
    assert_int_equal(r->round, 2);
    assert_int_equal(r->elected, 3);
    assert_int_equal(r->n_candidates, 6);
    assert_int_equal(r->candidates[3]->number, 3);
    assert_int_equal(r->candidates[3]->votes, 4);
    play_refused(f, play_ask(f, m, c, ELECT, SEC, &q), SB_E_LEDGER_CASE_DECIDED, NULL);
    fed_free(f);
}

static void a_tie_in_the_last_round_leaves_those_who_sit(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    for (uint32_t round = 1; round <= 2; round++) {
        play_ok(play_ask(f, m, c, ELECT, SEC, &q));
        choose_all(f, q, (uint32_t[]){1, 1, 2, 2});
        play_ok(play_end(f, q, SEC));
        assert_int_equal(play_outcome(f, q), TIED);
        assert_int_equal(result_of(f)->round, round);
    }
    assert_true(says(play_certificate(f, q), "\"tie\":\"incumbents\""));
    const char *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_true(says(nb, "de som sitter, fortsetter (§ 6 PM nr. 4)."));
    assert_null(strstr(nb, "går videre"));
    play_refused(f, play_ask(f, m, c, ELECT, SEC, &q), SB_E_LEDGER_NO_MORE_ROUNDS, "2 omgangene");
    fed_seal(f);
    assert_true(leads(f, "leader"));
    fed_free(f);
}

/* Three tie for two places: all three go on. */
static void ties_for_the_last_place_go_on(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, SECOND, SEC, NULL));
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    play_ok(play_candidate(f, c, "leader=pm-kommune-2 deputy-leader=pm-unn-2", SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 2, 3, 0});
    play_ok(play_end(f, q, SEC));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_refused(f, play_choose(f, q, "pm-unn-1", 4), SB_E_LEDGER_BALLOT_CANDIDATE, NULL);
    play_ok(play_choose(f, q, "pm-unn-1", 3));
    play_ok(play_choose(f, q, "pm-unn-1", 2));
    play_ok(play_choose(f, q, "pm-unn-1", 1));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(result_of(f)->n_candidates, 9);
    fed_free(f);
}

static void blank_ballots_are_not_cast(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){2, 0, 2, 2});
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    const Sb__Result *r = result_of(f);
    assert_int_equal(r->counts[0]->votes_for, 3);
    assert_int_equal(r->counts[0]->votes_against, 0);
    assert_int_equal(r->counts[0]->votes_abstain, 1);
    const char *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_true(says(nb, "pm-unn-2 (pm-unn-2): blank stemme"));
    assert_true(says(nb, "UNN: 1 på kandidatene, 1 blank"));
    assert_true(says(play_certificate(f, q), "\"unanimous\":false"));
    fed_free(f);
}

/* ---- acclamation ---- */

static void one_candidate_without_objection_is_elected_by_acclamation(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    assert_true(says(play_query(f, "questions", NULL), "\"may_object\":true"));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    assert_true(says(play_certificate(f, q), "\"elected\":1,\"acclamation\":true"));
    const char *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_true(says(nb, "Valgt ved akklamasjon"));
    assert_null(strstr(nb, "stemmer ("));
    fed_seal(f);
    assert_true(leads(f, "pm-unn-1/primary"));
    fed_free(f);
}

static void an_objection_makes_an_election_necessary(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_object(f, q, "pm-kommune-2"));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), TIED); /* nobody voted */
    /* the only one left: still by acclamation, unless somebody votes */
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 1, 0});
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    assert_true(says(play_certificate(f, q), "\"elected\":1,\"acclamation\":false"));
    fed_free(f);
}

static void objections_need_a_single_candidate(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, SECOND, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_refused(f, play_object(f, q, "pm-unn-1"), SB_E_LEDGER_OBJECTION_ELECTION, "01/22");
    fed_free(f);
}

/* ---- candidates ---- */

/* A term that has run out: the seat is vacant. */
static void appoint_until(fed *f, const char *seat, uint32_t until)
{
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = words(seat);
    place.role = PRIMARY;
    Sb__Appoint m = SB__APPOINT__INIT;
    m.place_case = SB__APPOINT__PLACE_SEAT;
    m.seat = &place;
    m.name = fed_blob(f, seat);
    m.from_date = 20211201;
    m.until_date = until;
    fed_must(f, SB_ENTRY_APPOINT, &m.base, "unn/authority");
    fed_seal(f);
}

static void what_a_candidate_needs(void **state)
{
    (void)state;
    play_id m, c, id, other;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &other));
    play_refused(f, play_candidate(f, other, FIRST, SEC, &id), SB_E_LEDGER_NOT_ELECTION,
                 "ingen valgsak");
    play_refused(f, play_candidate(f, c, "king=pm-unn-1", SEC, &id), SB_E_LEDGER_OFFICE_UNKNOWN,
                 "king");
    play_refused(f, play_candidate(f, c, "secretariat=pm-unn-1", SEC, &id),
                 SB_E_LEDGER_OFFICE_NOT_ELECTED, "secretariat");
    play_refused(f, play_candidate(f, c, "spokesman=unn-1", SEC, &id),
                 SB_E_LEDGER_OFFICE_NOT_ELECTED, "Organet PM");
    play_refused(f, play_candidate(f, c, "leader=pm-unn-1 leader=pm-unn-2", SEC, &id),
                 SB_E_LEDGER_CANDIDATE_OFFICE_TWICE, "leader");
    play_refused(f, play_candidate(f, c, "leader=pm-unn-1 deputy-leader=pm-unn-1", SEC, &id),
                 SB_E_LEDGER_CANDIDATE_SEAT_TWICE, "pm-unn-1");
    play_refused(f, play_candidate(f, c, "leader=nowhere", SEC, &id), SB_E_LEDGER_PLACE_UNKNOWN,
                 "nowhere");
    appoint_until(f, "pm-unn-2", 20220119);
    play_refused(f, play_candidate(f, c, SECOND, SEC, &id), SB_E_LEDGER_CANDIDATE_VACANT,
                 "pm-unn-2");
    play_refused(f, play_candidate(f, c, FIRST, "unn/authority", &id), SB_E_LEDGER_CAPABILITY,
                 NULL);
    play_ok(play_candidate(f, c, FIRST, "bruker-1/primary", &id));
    play_refused(f, play_candidate(f, c, "leader=pm-kommune-2", SEC, &id),
                 SB_E_LEDGER_CANDIDATE_OFFICES, "leader, deputy-leader");
    /* the same, named the other way round */
    play_refused(f, play_candidate(f, c, "deputy-leader=pm-kommune-1 leader=pm-unn-1", SEC, &id),
                 SB_E_LEDGER_CANDIDATE_SAME, "kandidat 1");
    play_ok(play_withdraw(f, c, SEC));
    play_refused(f, play_candidate(f, c, SECOND, SEC, &id), SB_E_LEDGER_CASE_WITHDRAWN, NULL);
    fed_free(f);

    f = convene("ssu", false, &m, &c);
    play_refused(f, play_candidate(f, c, "spokesman=pm-unn-1", SEC, &id),
                 SB_E_LEDGER_SEAT_OTHER_BODY, "pm-unn-1");
    fed_free(f);
}

static void at_most_fifty(void **state)
{
    (void)state;
    play_id m, c, id;
    fed *f = convene("ssu", false, &m, &c);
    for (uint32_t i = 0; i < SB_CANDIDATES_MAX; i++) {
        play_ok(play_candidate(f, c, "spokesman=unn-1", SEC, &id));
        play_ok(play_candidate_withdraw(f, id, SEC));
    }
    play_refused(f, play_candidate(f, c, "spokesman=unn-1", SEC, &id), SB_E_LEDGER_CANDIDATES_MANY,
                 "50");
    fed_free(f);
}

static void norms_that_must_be_kept_refuse(void **state)
{
    (void)state;
    play_id m, c, id;
    fed *f = convene("pm", true, &m, &c);
    /* the leader so far is of the municipalities, by the charter's seat */
    play_refused(f, play_candidate(f, c, THIRD, SEC, &id), SB_E_LEDGER_CANDIDATE_ALTERNATES,
                 "forrige som hadde vervet, § 6 PM nr. 3");
    play_refused(f, play_candidate(f, c, "leader=pm-unn-1 deputy-leader=pm-unn-2", SEC, &id),
                 SB_E_LEDGER_CANDIDATE_NORM, "enn leader, § 6 PM nr. 3");
    play_ok(play_candidate(f, c, FIRST, SEC, &id));
    fed_free(f);
}

static void norms_that_should_be_kept_warn(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, "leader=pm-kommune-1 deputy-leader=pm-kommune-2", SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_true(says(
        play_certificate(f, q),
        "\"warnings\":[{\"candidate\":1,\"kind\":\"alternates\",\"office\":\"leader\",\"other\":"
        "null,\"cite\":\"§ 6 PM nr. 3\",\"assumed\":null},{\"candidate\":1,\"kind\":\"differs\","
        "\"office\":\"deputy-leader\",\"other\":\"leader\",\"cite\":\"§ 6 PM nr. 3\","
        "\"assumed\":null}]"));
    const char *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_true(says(nb,
                     "Merknad til kandidat 1: leader bør komme fra en annen samarbeidspartner enn "
                     "den forrige som hadde vervet (§ 6 PM nr. 3)."));
    assert_true(says(nb, "Merknad til kandidat 1: deputy-leader bør komme fra en annen "
                         "samarbeidspartner enn leader (§ 6 PM nr. 3)."));
    fed_free(f);
}

static void the_ticket_is_part_of_the_wording(void **state)
{
    (void)state;
    play_id m, c, q, first, second;
    fed *f = convene("pm", false, &m, &c);
    sb_row_case before = play_case(f, c);
    play_refused(f, play_ask(f, m, c, ELECT, SEC, &q), SB_E_LEDGER_NO_CANDIDATES,
                 "ingen kandidater");
    play_ok(play_candidate(f, c, FIRST, SEC, &first));
    sb_row_case one = play_case(f, c);
    assert_memory_not_equal(before.wording, one.wording, 32);
    play_ok(play_candidate(f, c, SECOND, SEC, &second));
    sb_row_case two = play_case(f, c);
    assert_memory_not_equal(one.wording, two.wording, 32);
    uint8_t ids[2][32], hash[32];
    memcpy(ids[0], first.data, 32);
    memcpy(ids[1], second.data, 32);
    sb_wording_hash(c.data, NULL, 0, (const uint8_t(*)[32])ids, 2, hash);
    assert_memory_equal(hash, two.wording, 32);
    /* withdrawn: as if it had never been there, but its number stays its own */
    play_ok(play_candidate_withdraw(f, second, SEC));
    assert_memory_equal(play_case(f, c).wording, one.wording, 32);
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_refused(f, play_choose(f, q, "pm-unn-1", 2), SB_E_LEDGER_BALLOT_CANDIDATE, NULL);
    play_ok(play_choose(f, q, "pm-unn-1", 3));
    play_refused(f, play_candidate(f, c, SECOND, SEC, NULL), SB_E_LEDGER_CASE_QUESTION_OPEN, NULL);
    play_refused(f, play_candidate_withdraw(f, first, SEC), SB_E_LEDGER_CASE_QUESTION_OPEN, NULL);
    const char *list = play_query(f, "candidates", "pm:01/22");
    assert_true(says(list, "{\"number\":2,\"id\":\""));
    assert_true(says(list, "\"withdrawn\":true,\"places\":[{\"office\":\"leader\",\"office_name\":"
                           "\"leader\",\"seat\":\"pm-unn-2\""));
    fed_free(f);
}

static void who_may_withdraw(void **state)
{
    (void)state;
    play_id m, c, id;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, SECOND, "pm-unn-1/primary", &id));
    play_refused(f, play_candidate_withdraw(f, id, "pm-kommune-1/primary"), SB_E_LEDGER_CAPABILITY,
                 NULL);
    play_refused(f, play_candidate_withdraw(f, c, SEC), SB_E_LEDGER_CANDIDATE_UNKNOWN, NULL);
    play_ok(play_candidate_withdraw(f, id, "pm-kommune-2/primary")); /* stands on the ticket */
    play_refused(f, play_candidate_withdraw(f, id, SEC), SB_E_LEDGER_CANDIDATE_WITHDRAWN,
                 "kandidat 1");
    play_ok(play_candidate(f, c, SECOND, SEC, &id));
    play_ok(play_candidate_withdraw(f, id, "pm-unn-1/primary")); /* the chair */
    fed_free(f);
}

/* One of two who go on withdraws: the other is alone, and elected by acclamation. */
static void withdrawn_between_the_rounds(void **state)
{
    (void)state;
    play_id m, c, q, first, second;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, &first));
    play_ok(play_candidate(f, c, SECOND, SEC, &second));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 2, 2});
    play_ok(play_end(f, q, SEC));
    play_ok(play_candidate_withdraw(f, second, SEC));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    assert_int_equal(result_of(f)->round, 2);
    assert_true(says(play_certificate(f, q), "\"acclamation\":true"));
    fed_free(f);
}

/* ---- ballots ---- */

static void what_a_ballot_may_say(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, SECOND, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    const char *me = "pm-unn-1/primary";
    play_refused(f, play_choose_as(f, SB_ENTRY_BALLOT, q, "pm-unn-1", FOR, 0, me),
                 SB_E_LEDGER_BALLOT_ELECTION, "blankt");
    play_refused(f, play_choose_as(f, SB_ENTRY_BALLOT, q, "pm-unn-1", AGAINST, 1, me),
                 SB_E_LEDGER_BALLOT_ELECTION, NULL);
    play_refused(f, play_choose_as(f, SB_ENTRY_BALLOT, q, "pm-unn-1", ABSTAIN, 1, me),
                 SB_E_LEDGER_BALLOT_CANDIDATE, NULL);
    play_refused(
        f, play_choose_as(f, SB_ENTRY_BALLOT, q, "pm-unn-1", SB__CHOICE__CHOICE_CANDIDATE, 0, me),
        SB_E_LEDGER_BALLOT_CANDIDATE, NULL);
    play_refused(f, play_choose(f, q, "pm-unn-1", 3), SB_E_LEDGER_BALLOT_CANDIDATE, "kandidat 3");
    fed_free(f);

    play_table t;
    f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_refused(f, play_choose(f, q, "unn-1", 1), SB_E_LEDGER_BALLOT_NO_ELECTION,
                 "for, mot eller avstå");
    play_refused(f, play_choose_as(f, SB_ENTRY_BALLOT, q, "unn-1", FOR, 1, "unn-1/primary"),
                 SB_E_LEDGER_BALLOT_CANDIDATE, NULL);
    fed_free(f);
}

static void the_deputy_votes_and_who_left_is_not_counted(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("ssu", false, &m, &c);
    play_ok(play_candidate(f, c, "spokesman=unn-1", SEC, NULL));
    play_ok(play_candidate(f, c, "spokesman=kommune-1", SEC, NULL));
    play_ok(play_here(f, m, "unn-2", PRIMARY, DISQUALIFIED, &c, SEC));
    play_ok(play_here(f, m, "unn-2", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    for (size_t i = 2; i < 6; i++)
        play_ok(play_choose(f, q, play_ssu_seats[i], i < 4 ? 2 : 1));
    play_ok(play_choose(f, q, "unn-1", 1));
    play_ok(play_choose_as(f, SB_ENTRY_BALLOT, q, "unn-2", SB__CHOICE__CHOICE_CANDIDATE, 2,
                           "unn-2/deputy"));
    play_ok(play_here(f, m, "bruker-1", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_here(f, m, "bruker-1", DEPUTY, ARRIVED, NULL, SEC)); /* its ballot stands */
    play_ok(play_here(f, m, "lege-1", PRIMARY, DISQUALIFIED, &c, SEC));
    play_ok(play_here(f, m, "lege-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_end(f, q, SEC));
    /* 2: kommune-1, kommune-2, unn-2's deputy; 1: unn-1, bruker-1; lege-1's doesn't count */
    assert_int_equal(play_outcome(f, q), ELECTED);
    const Sb__Result *r = result_of(f);
    assert_int_equal(r->elected, 2);
    assert_int_equal(r->candidates[0]->votes, 2);
    assert_int_equal(r->candidates[5]->votes, 3);
    assert_true(says(play_certificate(f, q),
                     "\"ballots_not_counted\":[{\"seat\":\"lege-1\",\"by\":\"primary\",\"choice\":"
                     "\"candidate\",\"candidate\":1,\"recorded\":false,\"confirmed\":false,"));
    assert_true(says(play_certificate_text(f, q, SB_LANG_NB),
                     "Valgregel (§ 6 SSU nr. 2), kandidat 2: "
                     "oppfylt"));
    sb_row_candidate_tally left = {0};
    assert_false(sb_row_candidate_tally_next(sb_ledger_kv(f->ledger), NULL, &left, true, 0));
    fed_free(f);
}

static void an_election_needs_a_quorum(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("ssu", false, &m, &c);
    play_ok(play_candidate(f, c, "spokesman=unn-1", SEC, NULL));
    play_ok(play_here(f, m, "lege-1", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_choose(f, q, "unn-1", 1));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NOT_QUORATE);
    assert_int_equal(result_of(f)->elected, 0);
    assert_int_equal(result_of(f)->candidates[0]->votes, 1);
    /* no round was spent */
    play_ok(play_here(f, m, "lege-1", PRIMARY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_choose(f, q, "unn-1", 1));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    assert_int_equal(result_of(f)->round, 1);
    fed_free(f);
}

static void postponed_in_the_middle_it_begins_anew(void **state)
{
    (void)state;
    play_id m, c, q, next;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, SECOND, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 2, 2});
    play_ok(play_end(f, q, SEC));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 1, 1});
    play_ok(play_postpone(f, &c, NULL, m, 20220220, SEC));
    assert_int_equal(play_outcome(f, q), POSTPONED);
    assert_int_equal(result_of(f)->elected, 0);
    play_ok(play_close(f, m, SEC));
    play_ok(play_call(f, "pm", 20220220, SEC, 1, &c, &next));
    fed_at(f, 20220220, 9, 0);
    play_ok(play_open(f, next, SEC));
    play_ok(play_chair(f, next, NULL, "pm-unn-1", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC));
    play_arrive(f, next, play_pm_seats, 4);
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    play_ok(play_ask(f, next, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){3, 3, 3, 3});
    play_ok(play_end(f, q, SEC));
    assert_int_equal(result_of(f)->round, 1);
    assert_int_equal(result_of(f)->elected, 3);
    fed_free(f);
}

static void without_a_section_no_election(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_id m, c, q;
    play_ok(play_report(f, "pm", "Valg", ELECTION, SEC, &c));
    fed_at(f, 20220105, 9, 0);
    play_ok(play_call(f, "pm", 20220120, SEC, 1, &c, &m));
    fed_at(f, 20220120, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "pm-unn-1", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC));
    play_arrive(f, m, play_pm_seats, 4);
    play_refused(f, play_ask(f, m, c, ELECT, SEC, &q), SB_E_LEDGER_NO_ELECTION, "Organet PM");
    play_refused(f, play_ask(f, m, c, VOTE, SEC, &q), SB_E_LEDGER_MODE, "valgsak");
    fed_free(f);
}

/* ---- in office ---- */

static void a_leader_sits_until_replaced(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    fed_at(f, 20230119, 9, 0);
    assert_true(leads(f, "pm-kommune-1/primary"));
    fed_at(f, 20230120, 9, 0);
    /* the charter lets the leader sit on, not the deputy leader */
    assert_true(leads(f, "pm-unn-1/primary"));
    assert_false(leads(f, "pm-kommune-1/primary"));
    const char *members = play_query(f, "members", "pm");
    assert_true(says(members, "\"term\":\"sits_on\""));
    assert_true(says(members, "\"term\":\"over\""));
    /* an appointment takes the elected one's place */
    play_ok(fed_appoint_office(f, "leader", "leader"));
    fed_seal(f);
    assert_false(leads(f, "pm-unn-1/primary"));
    assert_true(leads(f, "leader"));
    assert_true(says(play_query(f, "members", "pm"),
                     "\"office\":\"leader\",\"office_name\":\"leader\",\"seat\":\"kommune-1\","
                     "\"elected\":null"));
    fed_free(f);
}

/* A condition before effect keeps the elected out of office until it is met, and sealed. */
static void the_elected_wait_for_conditions(void **state)
{
    (void)state;
    play_id m, c, q, condition;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 1, (const char *const[]){"lege"}, SEC,
                           &condition));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ELECTED);
    assert_true(says(play_certificate_text(f, q, SB_LANG_NB), "når vilkårene er oppfylt"));
    fed_seal(f);
    assert_false(leads(f, "pm-unn-1/primary"));
    /* a SEAL that comes after the answer and doesn't cover it isn't enough */
    play_ok(fed_state(f));
    Sb__Seal *before = fed_seal_message(f, (const uint32_t[]){0, 1, 2, 3}, 4);
    play_ok(play_answer(f, condition, "lege", CONDITION_MET, "", "lege/authority"));
    play_ok(fed_system(f, SB_ENTRY_SEAL, &before->base));
    assert_false(leads(f, "pm-unn-1/primary"));
    fed_seal(f);
    assert_true(leads(f, "pm-unn-1/primary"));
    fed_free(f);
}

/* Elected without a key: the seat has the office, nobody signs for it. */
static void a_member_without_a_key_can_be_elected(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(fed_appoint_seat(f, "pm-unn-2", PRIMARY, ""));
    fed_seal(f);
    play_ok(play_candidate(f, c, SECOND, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    assert_false(leads(f, "leader"));
    assert_true(says(play_query(f, "members", "pm"), "\"seat\":\"pm-unn-2\",\"elected\":\""));
    assert_true(says(play_query(f, "members", "pm"), "\"pk\":null"));
    fed_free(f);
}

/* The elected chair on the basis of their office, whatever seat the charter names. */
static void the_elected_leader_chairs(void **state)
{
    (void)state;
    play_id m, c, q, next, other;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &other));
    play_ok(play_call(f, "pm", 20220301, SEC, 1, &other, &next));
    fed_at(f, 20220301, 9, 0);
    play_ok(play_open(f, next, SEC));
    play_refused(
        f, play_chair(f, next, NULL, "pm-kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC),
        SB_E_LEDGER_CHAIR_NOT_OFFICER, "leader");
    play_ok(play_chair(f, next, NULL, "pm-unn-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_ok(
        play_chair(f, next, NULL, "pm-kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_DEPUTY_LEADER, SEC));
    fed_free(f);
}

/* ---- polls ---- */

static void a_poll_is_advice(void **state)
{
    (void)state;
    play_id q, c, m;
    fed *f = fed_new(NULL);
    fed_run(f);
    static const char *const clauses[] = {"Skal vi møtes oftere?"};
    play_ok(play_report(f, "ssu", "Ikke sendt ut", DECISION, SEC, &c));
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, &c, &m));
    fed_at(f, 20220120, 9, 0);
    play_ok(play_propose(f, c, SEC, 1, clauses));
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 3); /* no doctor, no user: not quorate */
    play_refused(f, play_ask(f, m, c, VOTE, SEC, &q), SB_E_LEDGER_NOT_REPORTED, NULL);
    play_ok(play_ask(f, m, c, POLL, SEC, &q));
    play_refused(f, play_object(f, q, "unn-1"), SB_E_LEDGER_OBJECTION_MODE, NULL);
    play_refused(f, play_choose(f, q, "unn-1", 1), SB_E_LEDGER_BALLOT_NO_ELECTION, NULL);
    play_ok(play_vote(f, q, "unn-1", FOR));
    play_ok(play_vote(f, q, "unn-2", AGAINST));
    play_ok(play_vote(f, q, "kommune-1", ABSTAIN));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), POLLED);
    const Sb__Result *r = result_of(f);
    assert_int_equal(r->counts[0]->votes_for, 1);
    assert_int_equal(r->counts[0]->votes_against, 1);
    assert_int_equal(r->counts[0]->votes_abstain, 1);
    assert_int_equal(r->round, 0);
    assert_int_equal(r->n_candidates, 0);
    assert_string_equal(r->pass_rule, "");
    const char *json = play_certificate(f, q), *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_true(says(json, "\"pass\":null},\"chair\""));
    assert_true(says(json, "\"round\":null,\"candidates\":null,\"elected\":null"));
    assert_true(says(json, "\"quorum_at_close\":{\"held\":false"));
    assert_true(says(nb, "Utfall: rådgivende avstemming holdt\n"));
    assert_true(says(nb, "Avstemmingen er rådgivende; ingenting er vedtatt."));
    assert_true(says(nb, "Beslutningsdyktig ved lukkingen (§ 6 SSU nr. 10): ikke oppfylt"));
    assert_null(strstr(nb, "Vedtaksregel"));
    assert_int_equal(play_item(f, m, c).outcome, POLLED);
    fed_free(f);
}

/* A poll after a vote doesn't take its place; before one it decides nothing. */
static void a_poll_moves_no_outcome(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, POLL, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_item(f, t.meeting, t.c).outcome, POLLED);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "unn-1", AGAINST));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_item(f, t.meeting, t.c).outcome, NO_CONSENSUS);
    play_ok(play_ask(f, t.meeting, t.c, POLL, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_item(f, t.meeting, t.c).outcome, NO_CONSENSUS);
    fed_free(f);
}

/* ---- recorded ballots ---- */

static void confirmed_before_the_close(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", FOR, NULL, SEC));
    play_id first = play_ballot(f, q, "unn-1");
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", AGAINST, NULL, SEC));
    play_id second = play_ballot(f, q, "unn-1");
    play_refused(f, play_confirm(f, q, "unn-1", second, "unn-2/primary"), SB_E_LEDGER_CAPABILITY,
                 NULL);
    play_refused(f, play_confirm(f, q, "unn-1", first, "unn-1/primary"), SB_E_LEDGER_CONFIRM_OTHER,
                 "unn-1");
    play_refused(f, play_confirm(f, q, "unn-1", second, "unn-1/deputy"), SB_E_LEDGER_CONFIRM_ROLE,
                 "fast representant");
    play_ok(play_confirm(f, q, "unn-1", second, "unn-1/primary"));
    play_refused(f, play_confirm(f, q, "unn-1", second, "unn-1/primary"), SB_E_LEDGER_CONFIRM_TWICE,
                 NULL);
    play_ok(play_vote(f, q, "unn-2", FOR));
    play_refused(f, play_confirm(f, q, "unn-2", play_ballot(f, q, "unn-2"), "unn-2/primary"),
                 SB_E_LEDGER_CONFIRM_NONE, "ingen ført stemme");
    /* confirmed, and then recorded anew: that isn't confirmed */
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "lege-1", FOR, NULL, SEC));
    play_ok(play_confirm(f, q, "lege-1", play_ballot(f, q, "lege-1"), "lege-1/primary"));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "lege-1", ABSTAIN, NULL, SEC));
    play_ok(play_end(f, q, SEC));
    assert_true(
        says(play_certificate(f, q),
             "{\"seat\":\"unn-1\",\"by\":\"primary\",\"choice\":\"against\",\"candidate\":null,"
             "\"recorded\":true,\"confirmed\":true"));
    assert_true(says(play_certificate(f, q),
                     "{\"seat\":\"lege-1\",\"by\":\"primary\",\"choice\":\"abstain\",\"candidate\":"
                     "null,\"recorded\":true,\"confirmed\":false"));
    const char *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_true(says(nb, "(unn-1): mot (ført av sekretariatet, bekreftet av medlemmet)"));
    assert_true(says(nb, "(lege-1): avstår (ført av sekretariatet, ikke bekreftet av medlemmet)"));
    fed_free(f);
}

static void confirmed_after_the_close(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "unn-1", FOR, NULL, SEC));
    play_ok(play_vote(f, q, "unn-2", FOR));
    play_id ballot = play_ballot(f, q, "unn-1");
    play_ok(play_end(f, q, SEC));
    const char *certificate = play_certificate(f, q);
    assert_true(says(play_query(f, "question", "ssu:01/22"), "\"confirmed\":false"));
    play_refused(f, play_confirm(f, q, "unn-2", ballot, "unn-2/primary"), SB_E_LEDGER_CONFIRM_NONE,
                 "unn-2");
    play_refused(f, play_confirm(f, q, "unn-1", ballot, "unn-1/deputy"), SB_E_LEDGER_CONFIRM_ROLE,
                 NULL);
    play_refused(f, play_confirm(f, q, "unn-1", q, "unn-1/primary"), SB_E_LEDGER_CONFIRM_OTHER,
                 NULL);
    play_ok(play_confirm(f, q, "unn-1", ballot, "unn-1/primary"));
    play_refused(f, play_confirm(f, q, "unn-1", ballot, "unn-1/primary"), SB_E_LEDGER_CONFIRM_NONE,
                 NULL);
    /* the certificate stays as it was; what is shown says the rest */
    assert_string_equal(play_certificate(f, q), certificate);
    const char *json = play_query(f, "certificate", "ssu:01/22");
    assert_true(says(json, "\"later\":{\"confirmations\":[{\"seat\":\"unn-1\""));
    assert_true(says(json, "Etter at avstemmingspunktet ble lukket:\\n  20. januar 2022: "));
    assert_true(says(json, "(unn-1) bekreftet stemmen som sekretariatet førte.\\n"));
    assert_true(
        says(play_query(f, "question", "ssu:01/22"), "\"recorded\":true,\"confirmed\":true"));
    fed_free(f);
}

/* ---- disputes ---- */

static void a_dispute_is_opened_and_closed(void **state)
{
    (void)state;
    play_table t;
    play_id q, d, second;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "unn-1", AGAINST));
    play_refused(f, play_dispute(f, q, "unn-1", "unn-1/primary", &d),
                 SB_E_LEDGER_QUESTION_STILL_OPEN, "01/22");
    play_ok(play_end(f, q, SEC));
    play_refused(f, play_dispute(f, q, "pm-unn-1", SEC, &d), SB_E_LEDGER_SEAT_OTHER_BODY, NULL);
    play_refused(f, play_dispute(f, q, "unn-1", "unn-2/primary", &d), SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_dispute(f, t.c, "unn-1", SEC, &d), SB_E_LEDGER_QUESTION_UNKNOWN, NULL);
    play_ok(play_dispute(f, q, "unn-1", "unn-1/primary", &d));
    play_refused(f, play_dispute(f, q, "unn-1", SEC, &second), SB_E_LEDGER_DISPUTE_TWICE, "unn-1");
    play_ok(play_dispute(f, q, "lege-1", SEC, &second));
    Sb__DisputeEnd end = SB__DISPUTE_END__DISPUTE_END_REFERRED;
    play_refused(f, play_dispute_close(f, d, end, "lege-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_dispute_close(f, q, end, SEC), SB_E_LEDGER_DISPUTE_UNKNOWN, NULL);
    assert_true(says(play_query(f, "disputes", "ssu:01/22"), "\"status\":\"open\""));
    fed_at(f, 20220203, 12, 0);
    play_ok(play_dispute_close(f, d, end, "unn-1/primary"));
    play_refused(f, play_dispute_close(f, d, end, SEC), SB_E_LEDGER_DISPUTE_CLOSED, NULL);
    play_ok(play_dispute(f, q, "unn-1", SEC, &d)); /* another one may follow */
    const char *json = play_query(f, "certificate", "ssu:01/22");
    assert_true(says(json, "\"status\":\"closed\""));
    assert_true(says(json, "\"end\":\"referred\""));
    assert_true(says(json, "  20. januar 2022: tvist reist av "));
    assert_true(says(json, "  3. februar 2022: tvisten reist av "));
    assert_true(says(json, "er sendt videre.\\n"));
    assert_true(says(json, "3 February 2022: the dispute opened by "));
    assert_true(says(play_query(f, "decisions", "ssu"), "\"disputes\":[{\"id\":\""));
    assert_int_equal(play_outcome(f, q), NO_CONSENSUS);
    fed_free(f);
}

/* ---- what a secretary reads ---- */

static void assert_golden(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "tests/unit/golden/%s", name);
    if (getenv("SB_GOLDEN_WRITE") != NULL) {
        FILE *out = fopen(path, "wb");
        assert_non_null(out);
        fputs(text, out);
        assert_int_equal(fclose(out), 0);
        return;
    }
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    sb_buf golden;
    sb_buf_init(&golden);
    uint8_t part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, in)) > 0;)
        sb_buf_add(&golden, sb_slice_of(part, n));
    fclose(in);
    assert_string_equal(text, sb_buf_cstr(&golden));
    sb_buf_deinit(&golden);
}

/* Three tickets, a blank ballot, one recorded and confirmed, a norm not kept; then the second
 * round, tied: those who sit go on. */
static void golden_certificates(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    play_ok(play_candidate(f, c, "leader=pm-unn-2 deputy-leader=pm-unn-1", SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    play_ok(play_choose(f, q, "pm-unn-1", 1));
    play_ok(play_choose(f, q, "pm-unn-2", 0));
    play_ok(play_choose_as(f, SB_ENTRY_BALLOT_RECORDED, q, "pm-kommune-1",
                           SB__CHOICE__CHOICE_CANDIDATE, 2, SEC));
    play_ok(play_choose(f, q, "pm-kommune-2", 2));
    play_ok(play_confirm(f, q, "pm-kommune-1", play_ballot(f, q, "pm-kommune-1"),
                         "pm-kommune-1/primary"));
    play_ok(play_end(f, q, SEC));
    assert_golden("certificate_election_1.json", play_certificate(f, q));
    assert_golden("certificate_election_1.nb.txt", play_certificate_text(f, q, SB_LANG_NB));
    assert_golden("certificate_election_1.en.txt", play_certificate_text(f, q, SB_LANG_EN));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 2, 2});
    play_ok(play_end(f, q, SEC));
    assert_golden("certificate_election_2.json", play_certificate(f, q));
    assert_golden("certificate_election_2.nb.txt", play_certificate_text(f, q, SB_LANG_NB));
    fed_free(f);
}

/* ---- the same everywhere ---- */

static void replay_gives_the_same(void **state)
{
    (void)state;
    play_id m, c, q;
    fed *f = convene("pm", false, &m, &c);
    play_ok(play_candidate(f, c, FIRST, SEC, NULL));
    play_ok(play_candidate(f, c, THIRD, SEC, NULL));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){1, 1, 2, 2});
    play_ok(play_end(f, q, SEC));
    play_ok(play_ask(f, m, c, ELECT, SEC, &q));
    choose_all(f, q, (uint32_t[]){2, 0, 2, 2});
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *other;
    assert_int_equal(sb_ledger_open(&other, kv, NULL, NULL), SB_OK);
    for (size_t i = 0; i < f->leaf_count; i++) { /* every leaf in a batch of its own */
        fed_replay(f, i, i + 1, other);
        sb_ledger_flush(other);
    }
    sb_ledger_position mine, theirs;
    sb_ledger_position_get(f->ledger, &mine);
    sb_ledger_position_get(other, &theirs);
    assert_memory_equal(mine.digest, theirs.digest, 32);
    sb_row_certificate row = {.question = play_question(f, q).no};
    assert_true(sb_row_certificate_get(sb_ledger_kv(other), &f->arena, &row));
    assert_string_equal(sb_arena_str(&f->arena, row.json), play_certificate(f, q));
    assert_string_equal(sb_arena_str(&f->arena, row.text_nb),
                        play_certificate_text(f, q, SB_LANG_NB));
    sb_ledger_close(other);
    sb_kv_memory_free(kv);
    fed_free(f);
}

/* The log demands a RESULT next: the largest there can be must fit a payload. */
static void the_largest_result_fits(void **state)
{
    (void)state;
    static char id[SB_ID_BYTES_MAX + 1], rule[SB_RULE_BYTES_MAX + 1];
    static Sb__Count counts[1 + SB_PARTNERS_MAX], *count_list[1 + SB_PARTNERS_MAX];
    enum { CANDIDATE_COUNTS = SB_CANDIDATES_MAX * (1 + SB_PARTNERS_MAX) };
    static Sb__CandidateCount candidates[CANDIDATE_COUNTS], *list[CANDIDATE_COUNTS];
    uint8_t hash[32];
    memset(hash, 0xff, sizeof hash);
    memset(id, 'x', SB_ID_BYTES_MAX);
    memset(rule, 'x', SB_RULE_BYTES_MAX);
    Sb__Result r = SB__RESULT__INIT;
    r.question_id = r.wording_sha256 = r.electorate_sha256 = r.certificate_sha256 =
        (play_id){32, hash};
    r.mode = ELECT;
    r.outcome = NOT_QUORATE;
    r.charter_version = UINT32_MAX;
    r.quorum_rule = r.pass_rule = rule;
    r.objections = SB_SEATS_MAX;
    r.round = SB_ROUNDS_MAX;
    r.elected = SB_CANDIDATES_MAX;
    r.n_counts = 1 + SB_PARTNERS_MAX;
    r.counts = count_list;
    for (size_t i = 0; i < r.n_counts; i++) {
        Sb__Count c = SB__COUNT__INIT;
        c.partner = id;
        c.seats = c.filled = c.present = c.eligible = SB_SEATS_MAX;
        c.votes_for = c.votes_against = c.votes_abstain = SB_SEATS_MAX;
        counts[i] = c;
        count_list[i] = &counts[i];
    }
    r.n_candidates = CANDIDATE_COUNTS;
    r.candidates = list;
    for (size_t i = 0; i < r.n_candidates; i++) {
        Sb__CandidateCount c = SB__CANDIDATE_COUNT__INIT;
        c.number = SB_CANDIDATES_MAX;
        c.partner = i % (1 + SB_PARTNERS_MAX) == 0 ? words("") : id;
        c.votes = SB_SEATS_MAX;
        candidates[i] = c;
        list[i] = &candidates[i];
    }
    assert_in_range(protobuf_c_message_get_packed_size(&r.base), 60000, 65345);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_joint_ticket_is_elected_and_takes_office_at_the_seal),
        cmocka_unit_test(the_rule_holds_inside_each_partner),
        cmocka_unit_test(who_goes_on_is_elected_in_the_second_round),
        cmocka_unit_test(a_tie_in_the_last_round_leaves_those_who_sit),
        cmocka_unit_test(ties_for_the_last_place_go_on),
        cmocka_unit_test(blank_ballots_are_not_cast),
        cmocka_unit_test(one_candidate_without_objection_is_elected_by_acclamation),
        cmocka_unit_test(an_objection_makes_an_election_necessary),
        cmocka_unit_test(objections_need_a_single_candidate),
        cmocka_unit_test(what_a_candidate_needs),
        cmocka_unit_test(at_most_fifty),
        cmocka_unit_test(norms_that_must_be_kept_refuse),
        cmocka_unit_test(norms_that_should_be_kept_warn),
        cmocka_unit_test(the_ticket_is_part_of_the_wording),
        cmocka_unit_test(who_may_withdraw),
        cmocka_unit_test(withdrawn_between_the_rounds),
        cmocka_unit_test(what_a_ballot_may_say),
        cmocka_unit_test(the_deputy_votes_and_who_left_is_not_counted),
        cmocka_unit_test(an_election_needs_a_quorum),
        cmocka_unit_test(postponed_in_the_middle_it_begins_anew),
        cmocka_unit_test(without_a_section_no_election),
        cmocka_unit_test(a_leader_sits_until_replaced),
        cmocka_unit_test(the_elected_wait_for_conditions),
        cmocka_unit_test(a_member_without_a_key_can_be_elected),
        cmocka_unit_test(golden_certificates),
        cmocka_unit_test(the_elected_leader_chairs),
        cmocka_unit_test(a_poll_is_advice),
        cmocka_unit_test(a_poll_moves_no_outcome),
        cmocka_unit_test(confirmed_before_the_close),
        cmocka_unit_test(confirmed_after_the_close),
        cmocka_unit_test(a_dispute_is_opened_and_closed),
        cmocka_unit_test(replay_gives_the_same),
        cmocka_unit_test(the_largest_result_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
