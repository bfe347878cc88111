/* Elections at random against a naive model that shares no code with the ledger: who may vote and
 * for whom, whose ballot counts, whom the rule holds for, who goes on, acclamation, rounds, what a
 * poll gives. Every acceptance and every RESULT must agree. */
#include <stdio.h>

#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

enum { SEATS = 6, PARTNERS = 4, CANDIDATES = 4, ROUNDS = 3, ELECTIONS = 80, CHAIR = 2 };

static const uint32_t partner_of[SEATS] = {0, 0, 1, 1, 2, 3};
static uint64_t seed;

static uint32_t roll(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % below);
}

/* What the random meetings came to, so that a run that tries nothing doesn't pass. */
static struct {
    uint32_t elected, tied, later_rounds, unopposed, left_out, not_counted;
} seen;

typedef enum rules { MAJORITY, IN_BOTH, HALF_OF_PRESENT, OF_ALL_WHO_VOTED, RULES } rules;
static const char *const rule_texts[RULES] = {
    "pass for > 1/2 of cast",
    "pass each partner in (unn, kommune): for > 1/2 of cast",
    "pass for >= 1/2 of present", /* a blank ballot counts against all */
    "pass each partner in (unn, kommune): for >= 1/3 of voted and for > 1/2 of voted",
};

/* ---- the model ---- */

typedef struct vote {
    int candidate; /* -1: none; 0: blank */
    int role;      /* who spoke for the seat */
    bool own;
} vote;

typedef struct model {
    rules rules;
    uint32_t rounds, keep, round;
    bool acclamation;
    bool here[SEATS][2], disqualified[SEATS][2];
    uint32_t count;
    bool stands[CANDIDATES + 1]; /* by number from 1 */
    bool withdrawn[CANDIDATES + 1];
    bool open, over;
    bool objected[SEATS];
    uint32_t objections;
    vote votes[SEATS];
} model;

static int speaks(const model *m, uint32_t seat)
{
    for (int role = 0; role < 2; role++)
        if (m->here[seat][role] && !m->disqualified[seat][role])
            return role;
    return -1;
}

static uint32_t standing(const model *m)
{
    uint32_t n = 0;
    for (uint32_t i = 1; i <= m->count; i++)
        n += m->stands[i] && !m->withdrawn[i];
    return n;
}

typedef struct tally {
    uint32_t present, blank, cast;
    uint32_t of[CANDIDATES + 1];
} tally;

static void tally_up(const model *m, tally each[PARTNERS], tally *all)
{
    memset(each, 0, PARTNERS * sizeof each[0]);
    *all = (tally){0};
    for (uint32_t seat = 0; seat < SEATS; seat++) {
        tally *t = &each[partner_of[seat]];
        if (speaks(m, seat) < 0)
            continue;
        t->present++;
        all->present++;
        const vote *v = &m->votes[seat];
        if (v->candidate < 0 || m->disqualified[seat][v->role])
            continue;
        if (v->candidate == 0) {
            t->blank++;
            all->blank++;
        } else {
            t->of[v->candidate]++;
            t->cast++;
            all->of[v->candidate]++;
            all->cast++;
        }
    }
}

static bool holds(const model *m, const tally each[PARTNERS], const tally *all, uint32_t i)
{
    switch (m->rules) {
    case MAJORITY:
        return 2 * all->of[i] > all->cast;
    case IN_BOTH:
        return 2 * each[0].of[i] > each[0].cast && 2 * each[1].of[i] > each[1].cast;
    case HALF_OF_PRESENT:
        return 2 * all->of[i] >= all->present;
    case OF_ALL_WHO_VOTED:
        return 3 * each[0].of[i] >= each[0].cast + each[0].blank &&
               3 * each[1].of[i] >= each[1].cast + each[1].blank &&
               2 * all->of[i] > all->cast + all->blank;
    case RULES:
        break;
    }
    return false;
}

/* The outcome, and who is elected (0: nobody). */
static Sb__Outcome outcome(const model *m, uint32_t *elected)
{
    tally each[PARTNERS], all;
    tally_up(m, each, &all);
    *elected = 0;
    if (all.present == 0)
        return NOT_QUORATE;
    bool any_vote = false;
    for (uint32_t seat = 0; seat < SEATS; seat++)
        any_vote |= m->votes[seat].candidate >= 0;
    uint32_t held = 0, who = 0;
    bool unopposed = m->acclamation && standing(m) == 1 && m->objections == 0 && !any_vote;
    for (uint32_t i = 1; i <= m->count; i++) {
        if (!m->stands[i] || m->withdrawn[i])
            continue;
        if (unopposed || holds(m, each, &all, i)) {
            held++;
            who = i;
        }
    }
    if (held != 1)
        return TIED;
    *elected = who;
    return ELECTED;
}

/* ---- an election ---- */

typedef struct table {
    fed *f;
    play_id meeting, c, q, ids[CANDIDATES + 1];
    model m;
} table;

static void agrees(sb_err got, bool expected, const char *act)
{
    if ((got == SB_OK) != expected)
        fail_msg("%s: %s, the model says %s", act, sb_err_name(got), expected ? "yes" : "no");
}

static void someone_comes_or_goes(table *t)
{
    uint32_t seat = roll(SEATS);
    int role = (int)roll(2);
    bool *here = &t->m.here[seat][role];
    Sb__AttendanceKind kind = roll(2) == 0 ? ARRIVED : LEFT;
    bool expected = kind == ARRIVED ? !*here : *here;
    agrees(play_here(t->f, t->meeting, play_ssu_seats[seat], role == 0 ? PRIMARY : DEPUTY, kind,
                     NULL, SEC),
           expected, "attendance");
    if (expected)
        *here = kind == ARRIVED;
}

static void someone_is_disqualified(table *t)
{
    uint32_t seat = roll(SEATS);
    int role = (int)roll(2);
    bool *is = &t->m.disqualified[seat][role];
    agrees(play_here(t->f, t->meeting, play_ssu_seats[seat], role == 0 ? PRIMARY : DEPUTY,
                     DISQUALIFIED, &t->c, SEC),
           !*is, "disqualified");
    *is = true;
}

static void someone_is_proposed(table *t)
{
    model *m = &t->m;
    if (m->count == CANDIDATES)
        return;
    bool expected = !m->open && !m->over && m->round == 0;
    uint32_t number = m->count + 1;
    char places[64];
    snprintf(places, sizeof places, "spokesman=%s", play_ssu_seats[m->count]);
    agrees(play_candidate(t->f, t->c, places, SEC, &t->ids[number]), expected, "candidate");
    if (expected) {
        m->count = number;
        m->stands[number] = true;
    }
}

static void someone_withdraws(table *t)
{
    model *m = &t->m;
    uint32_t number = 1 + roll(CANDIDATES);
    if (number > m->count)
        return;
    bool expected = !m->open && !m->over && !m->withdrawn[number];
    agrees(play_candidate_withdraw(t->f, t->ids[number], SEC), expected, "withdraw");
    if (expected)
        m->withdrawn[number] = true;
}

static void someone_opens(table *t)
{
    model *m = &t->m;
    bool expected =
        !m->open && !m->over && m->round < m->rounds && standing(m) > 0 && speaks(m, CHAIR) >= 0;
    agrees(play_ask(t->f, t->meeting, t->c, ELECT, SEC, &t->q), expected, "open");
    if (!expected)
        return;
    m->open = true;
    m->objections = 0;
    memset(m->objected, 0, sizeof m->objected);
    for (uint32_t seat = 0; seat < SEATS; seat++)
        m->votes[seat] = (vote){.candidate = -1};
}

static void someone_objects(table *t)
{
    model *m = &t->m;
    uint32_t seat = roll(SEATS);
    if (t->q.len == 0)
        return;
    bool expected =
        m->open && m->acclamation && standing(m) == 1 && speaks(m, seat) == 0 && !m->objected[seat];
    agrees(play_object(t->f, t->q, play_ssu_seats[seat]), expected, "objection");
    if (expected) {
        m->objected[seat] = true;
        m->objections++;
    }
}

static void seat_votes(table *t, uint32_t seat, uint32_t number)
{
    model *m = &t->m;
    int role = roll(4) == 0, who = speaks(m, seat);
    bool recorded = roll(5) == 0;
    if (t->q.len == 0)
        return;
    /* not over the own ballot of who speaks now */
    const vote *before = &m->votes[seat];
    bool theirs = before->candidate >= 0 && before->own && before->role == who;
    bool may = recorded ? who >= 0 && !theirs : who == role;
    bool names = number == 0 || (number <= m->count && m->stands[number] && !m->withdrawn[number]);
    bool expected = m->open && may && names;
    char key[64];
    snprintf(key, sizeof key, "%s/%s", play_ssu_seats[seat], role == 0 ? "primary" : "deputy");
    agrees(play_choose_as(t->f, recorded ? SB_ENTRY_BALLOT_RECORDED : SB_ENTRY_BALLOT, t->q,
                          play_ssu_seats[seat],
                          number == 0 ? ABSTAIN : SB__CHOICE__CHOICE_CANDIDATE, number,
                          recorded ? SEC : key),
           expected, "ballot");
    if (expected)
        m->votes[seat] = (vote){.candidate = (int)number, .role = who, .own = !recorded};
}

/* Everybody votes, half of them for the same one. */
static void all_vote(table *t)
{
    uint32_t favourite = roll(CANDIDATES + 1);
    for (uint32_t seat = 0; seat < SEATS; seat++)
        seat_votes(t, seat, roll(2) == 0 ? favourite : roll(CANDIDATES + 2));
}

static void compare(const table *t, const Sb__Result *r)
{
    const model *m = &t->m;
    tally each[PARTNERS], all;
    uint32_t elected, at = 0;
    tally_up(m, each, &all);
    assert_int_equal(r->outcome, outcome(m, &elected));
    assert_int_equal(r->elected, elected);
    assert_int_equal(r->round, m->round + 1);
    assert_int_equal(r->objections, m->objections);
    assert_int_equal(r->counts[0]->present, all.present);
    assert_int_equal(r->counts[0]->votes_for, all.cast);
    assert_int_equal(r->counts[0]->votes_against, 0);
    assert_int_equal(r->counts[0]->votes_abstain, all.blank);
    for (uint32_t i = 1; i <= m->count; i++) {
        if (!m->stands[i] || m->withdrawn[i])
            continue;
        for (uint32_t p = 0; p <= PARTNERS; p++, at++) {
            assert_int_equal(r->candidates[at]->number, i);
            assert_int_equal(r->candidates[at]->votes, p == 0 ? all.of[i] : each[p - 1].of[i]);
        }
    }
    assert_int_equal(r->n_candidates, at);
    seen.elected += r->outcome == ELECTED;
    seen.tied += r->outcome == TIED;
    seen.later_rounds += r->outcome == ELECTED && r->round > 1;
    seen.unopposed += r->outcome == ELECTED && all.cast + all.blank == 0;
    for (uint32_t seat = 0; seat < SEATS; seat++)
        seen.not_counted += m->votes[seat].candidate >= 0 &&
                            (speaks(m, seat) < 0 || m->disqualified[seat][m->votes[seat].role]);
}

/* Sorted by votes, the first `keep`, and all with as many votes as the last of them. */
static void who_goes_on(model *m)
{
    tally each[PARTNERS], all;
    uint32_t order[CANDIDATES], n = 0;
    tally_up(m, each, &all);
    for (uint32_t i = 1; i <= m->count; i++) {
        if (!m->stands[i] || m->withdrawn[i]) {
            m->stands[i] = false;
            continue;
        }
        uint32_t at = n++;
        for (; at > 0 && all.of[order[at - 1]] < all.of[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (uint32_t k = m->keep; m->keep > 0 && k < n; k++)
        if (all.of[order[k]] < all.of[order[m->keep - 1]]) {
            m->stands[order[k]] = false;
            seen.left_out++;
        }
}

static void someone_closes(table *t)
{
    model *m = &t->m;
    if (t->q.len == 0)
        return;
    bool expected = m->open;
    agrees(play_end(t->f, t->q, SEC), expected, "close");
    if (!expected)
        return;
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(fed_leaf(t->f, t->f->leaf_count - 1), &t->f->arena, &leaf, NULL),
                     SB_OK);
    assert_int_equal(leaf.entry.type, SB_ENTRY_RESULT);
    const Sb__Result *r = (const void *)leaf.message;
    compare(t, r);
    m->open = false;
    m->over = r->outcome == ELECTED;
    if (r->outcome != TIED)
        return;
    who_goes_on(m);
    m->round++;
}

static void elect(fed *f, rules which, const Sb__Election *words)
{
    table t = {.f = f,
               .m = {.rules = which,
                     .rounds = words->rounds,
                     .keep = words->keep,
                     .acclamation = words->acclamation}};
    play_ok(play_report(f, "ssu", "Valg", ELECTION, SEC, &t.c));
    play_ok(play_call(f, "ssu", 20301201, SEC, 1, &t.c, &t.meeting));
    play_ok(play_papers(f, t.meeting, 1, &t.c, 0, SEC));
    uint32_t first = roll(CANDIDATES);
    for (uint32_t i = 0; i < first; i++)
        someone_is_proposed(&t);
    play_ok(play_open(f, t.meeting, SEC));
    play_ok(play_chair(f, t.meeting, NULL, play_ssu_seats[CHAIR],
                       SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC));
    for (uint32_t seat = 0; seat < SEATS; seat++) {
        if (roll(5) == 0)
            continue;
        play_ok(play_here(f, t.meeting, play_ssu_seats[seat], PRIMARY, ARRIVED, NULL, SEC));
        t.m.here[seat][0] = true;
    }
    for (size_t i = 0; i < 60; i++) {
        uint32_t act = roll(40);
        if (act < 6)
            someone_comes_or_goes(&t);
        else if (act == 6)
            someone_is_disqualified(&t);
        else if (act == 7)
            someone_is_proposed(&t);
        else if (act == 8)
            someone_withdraws(&t);
        else if (act < 15)
            someone_opens(&t);
        else if (act == 15)
            someone_objects(&t);
        else if (act < 25)
            seat_votes(&t, roll(SEATS), roll(CANDIDATES + 2));
        else if (act < 37)
            all_vote(&t);
        else
            someone_closes(&t);
    }
    if (t.m.open)
        someone_closes(&t);
    play_ok(play_close(f, t.meeting, SEC));
}

static Sb__Election *section;

static void with_election(Sb__Charter *c, sb_arena *a, void *arg)
{
    const Sb__Election *words = arg;
    section = SB_ARENA_NEW(a, Sb__Election);
    *section = *words;
    section->elect = SB_ARENA_NEW(a, Sb__Rule);
    *section->elect = *words->elect;
    c->bodies[0]->election = section;
    Sb__Office *o = SB_ARENA_NEW(a, Sb__Office);
    *o = *c->offices[1];
    o->id = (char *)(uintptr_t) "spokesman";
    o->name = o->id;
    o->elected_by = (char *)(uintptr_t) "ssu";
    o->seat = (char *)(uintptr_t) "";
    c->offices[c->n_offices++] = o;
}

static void run(rules which, uint32_t rounds, uint32_t keep, bool acclamation, uint64_t first_seed)
{
    Sb__Election words = SB__ELECTION__INIT;
    Sb__Rule elect_rule = SB__RULE__INIT;
    elect_rule.text = (char *)(uintptr_t)rule_texts[which];
    words.elect = &elect_rule;
    words.rounds = rounds;
    words.keep = keep;
    words.tie = SB__ELECTION_TIE__ELECTION_TIE_INCUMBENTS;
    words.acclamation = acclamation;
    seed = first_seed;
    memset(&seen, 0, sizeof seen);
    fed_options options = {.quorum = "", .edit = with_election, .edit_arg = &words};
    fed *f = fed_new(&options);
    fed_run(f);
    for (int i = 0; i < ELECTIONS; i++)
        elect(f, which, &words);
    fed_free(f);
    print_message("elected %u (later rounds %u, unopposed %u), tied %u, left out %u, ballots not "
                  "counted %u\n",
                  seen.elected, seen.later_rounds, seen.unopposed, seen.tied, seen.left_out,
                  seen.not_counted);
    assert_true(seen.elected >= 20 && seen.tied >= 20 && seen.later_rounds >= 5);
    assert_true(seen.not_counted >= 10);
    assert_true(!acclamation || seen.unopposed >= 3);
    assert_true(keep == 0 || seen.left_out >= 3);
}

static void by_majority(void **state)
{
    (void)state;
    run(MAJORITY, ROUNDS, 2, true, 0x53414d42414e4434);
}

static void by_majority_in_each_of_two(void **state)
{
    (void)state;
    run(IN_BOTH, ROUNDS, 1, true, 0x53414d42414e4435);
}

static void by_half_of_those_present(void **state)
{
    (void)state;
    run(HALF_OF_PRESENT, 2, 0, false, 0x53414d42414e4436);
}

static void blank_ballots_count_where_the_rule_counts_them(void **state)
{
    (void)state;
    run(OF_ALL_WHO_VOTED, 2, 2, false, 0x53414d42414e4437);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_majority),
        cmocka_unit_test(by_majority_in_each_of_two),
        cmocka_unit_test(by_half_of_those_present),
        cmocka_unit_test(blank_ballots_count_where_the_rule_counts_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
