/* Whole meetings at random against a naive model that shares no code with the ledger: who represents
 * whom (§ 3 nr. 2), which acts are taken, present and votes of each partner, quorum at the opening
 * and the close, outcome (DESIGN §5). Every acceptance and every RESULT must agree. */
#include <stdio.h>

#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

enum { SEATS = 6, CASES = 2, PARTNERS = 4, CHAIR = 2, ACTS = 45, MEETINGS = 110 };

static const uint32_t partner_of[SEATS] = {0, 0, 1, 1, 2, 3};
static const uint32_t seats_of[PARTNERS] = {2, 2, 1, 1};
static uint64_t seed;

static uint32_t roll(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % below);
}

/* ---- the model ---- */

typedef enum rules { HALF_OF_EACH, MAJORITY, TWO_THIRDS_PRESENT, RULES } rules;

typedef struct ask {
    bool open, decided, quorate_at_opening;
    Sb__Mode mode;
    uint32_t objections;
    bool objected[SEATS];
    Sb__Choice choice[SEATS];
    int voter[SEATS]; /* the role that spoke when the ballot was given */
    bool own[SEATS];  /* the ballot is the member's own, not the secretariat's */
    play_id id;
} ask;

typedef struct model {
    rules rules;
    bool here[SEATS][2]; /* primary, deputy */
    bool disqualified[SEATS][2][CASES];
    ask asks[CASES];
} model;

/* 0 primary, 1 deputy, -1 nobody. */
static int speaks(const model *m, uint32_t seat, uint32_t c)
{
    for (int role = 0; role < 2; role++)
        if (m->here[seat][role] && !m->disqualified[seat][role][c])
            return role;
    return -1;
}

typedef struct counts {
    uint32_t present, votes[4]; /* by Sb__Choice */
} counts;

static void count(const model *m, uint32_t c, counts each[PARTNERS], counts *all)
{
    memset(each, 0, PARTNERS * sizeof each[0]);
    *all = (counts){0};
    for (uint32_t seat = 0; seat < SEATS; seat++) {
        if (speaks(m, seat, c) < 0)
            continue;
        each[partner_of[seat]].present++;
        all->present++;
        Sb__Choice choice = m->asks[c].choice[seat];
        if (choice != 0 && !m->disqualified[seat][m->asks[c].voter[seat]][c]) {
            each[partner_of[seat]].votes[choice]++;
            all->votes[choice]++;
        }
    }
}

static bool quorate(const model *m, uint32_t c)
{
    counts each[PARTNERS], all;
    count(m, c, each, &all);
    switch (m->rules) {
    case HALF_OF_EACH:
        return each[0].present >= 1 && each[1].present >= 1 && each[2].present >= 1 &&
               each[3].present >= 1;
    case MAJORITY:
        return all.present * 3 >= SEATS * 2;
    case TWO_THIRDS_PRESENT:
        return true;
    case RULES:
        break;
    }
    return false;
}

static Sb__Outcome outcome(const model *m, uint32_t c)
{
    counts each[PARTNERS], all;
    const ask *a = &m->asks[c];
    count(m, c, each, &all);
    if (!a->quorate_at_opening || !quorate(m, c) || all.present == 0)
        return NOT_QUORATE;
    if (a->mode == CONSENSUS && a->objections == 0)
        return ADOPTED;
    switch (m->rules) {
    case HALF_OF_EACH:
        return all.votes[AGAINST] == 0 && all.votes[FOR] >= 1 ? ADOPTED : NO_CONSENSUS;
    case MAJORITY: {
        bool unn = 2 * each[0].votes[FOR] > each[0].votes[FOR] + each[0].votes[AGAINST];
        bool kommune = 2 * each[1].votes[FOR] > each[1].votes[FOR] + each[1].votes[AGAINST];
        return unn && kommune ? ADOPTED : FALLEN;
    }
    case TWO_THIRDS_PRESENT:
        return 3 * all.votes[FOR] >= 2 * all.present ? ADOPTED : FALLEN;
    case RULES:
        break;
    }
    return NOT_QUORATE;
}

/* ---- a meeting ---- */

typedef struct table {
    fed *f;
    play_id meeting, cases[CASES];
    model m;
} table;

static const char *key_of(uint32_t seat, int role)
{
    static char name[64];
    snprintf(name, sizeof name, "%s/%s", play_ssu_seats[seat], role == 0 ? "primary" : "deputy");
    return name;
}

static void agrees(sb_err got, bool expected, const char *act)
{
    if ((got == SB_OK) != expected)
        fail_msg("%s: %s, the model says %s", act, sb_err_name(got), expected ? "yes" : "no");
}

static void someone_comes_or_goes(table *t)
{
    static const Sb__AttendanceKind kinds[] = {ARRIVED, ARRIVED, LEFT,
                                               ABSENT,  NOT_MET, NOT_DOCUMENTED};
    uint32_t seat = roll(SEATS);
    int role = (int)roll(2);
    Sb__AttendanceKind kind = kinds[roll(6)];
    bool *here = &t->m.here[seat][role];
    bool expected = kind == ARRIVED ? !*here : kind == LEFT ? *here : true;
    agrees(play_here(t->f, t->meeting, play_ssu_seats[seat], role == 0 ? PRIMARY : DEPUTY, kind,
                     NULL, SEC),
           expected, "attendance");
    if (expected)
        *here = kind == ARRIVED;
}

static void someone_is_disqualified(table *t)
{
    uint32_t seat = roll(SEATS), c = roll(CASES);
    int role = (int)roll(2);
    bool *is = &t->m.disqualified[seat][role][c];
    bool lift = roll(3) == 0;
    Sb__AttendanceKind kind = lift ? SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED : DISQUALIFIED;
    agrees(play_here(t->f, t->meeting, play_ssu_seats[seat], role == 0 ? PRIMARY : DEPUTY, kind,
                     &t->cases[c], SEC),
           *is == lift, lift ? "qualified" : "disqualified");
    *is = !lift;
}

static void someone_asks(table *t, uint32_t c)
{
    ask *a = &t->m.asks[c];
    bool expected = !a->open && !a->decided && speaks(&t->m, CHAIR, c) >= 0;
    Sb__Mode mode = roll(2) == 0 ? CONSENSUS : VOTE;
    play_id id;
    agrees(play_ask(t->f, t->meeting, t->cases[c], mode, SEC, &id), expected, "open");
    if (!expected)
        return;
    *a = (ask){.open = true, .mode = mode, .id = id};
    a->quorate_at_opening = quorate(&t->m, c);
}

static void someone_objects(table *t, uint32_t c)
{
    ask *a = &t->m.asks[c];
    uint32_t seat = roll(SEATS);
    bool expected =
        a->open && a->mode == CONSENSUS && speaks(&t->m, seat, c) == 0 && !a->objected[seat];
    if (a->id.len == 0)
        return;
    agrees(play_object(t->f, a->id, play_ssu_seats[seat]), expected, "objection");
    if (expected) {
        a->objected[seat] = true;
        a->objections++;
    }
}

static void someone_votes(table *t, uint32_t c)
{
    ask *a = &t->m.asks[c];
    uint32_t seat = roll(SEATS);
    int role = roll(4) == 0;
    bool recorded = roll(5) == 0;
    Sb__Choice choice = (Sb__Choice)(1 + roll(3));
    int who = speaks(&t->m, seat, c);
    /* not over the own ballot of who speaks now */
    bool theirs = a->choice[seat] != 0 && a->own[seat] && a->voter[seat] == who;
    bool may = recorded ? who >= 0 && !theirs : who == role;
    bool expected = a->open && may && (a->mode == VOTE || a->objections > 0);
    if (a->id.len == 0)
        return;
    agrees(play_vote_as(t->f, recorded ? SB_ENTRY_BALLOT_RECORDED : SB_ENTRY_BALLOT, a->id,
                        play_ssu_seats[seat], choice, NULL, recorded ? SEC : key_of(seat, role)),
           expected, "ballot");
    if (expected) {
        a->choice[seat] = choice;
        a->voter[seat] = who;
        a->own[seat] = !recorded;
    }
}

static void compare(const Sb__Count *got, uint32_t seats, const counts *want)
{
    assert_int_equal(got->seats, seats);
    assert_int_equal(got->filled, seats);
    assert_int_equal(got->present, want->present);
    assert_int_equal(got->eligible, want->present);
    assert_int_equal(got->votes_for, want->votes[FOR]);
    assert_int_equal(got->votes_against, want->votes[AGAINST]);
    assert_int_equal(got->votes_abstain, want->votes[ABSTAIN]);
}

static void someone_closes(table *t, uint32_t c)
{
    ask *a = &t->m.asks[c];
    if (a->id.len == 0)
        return;
    bool expected = a->open;
    agrees(play_end(t->f, a->id, SEC), expected, "close");
    if (!expected)
        return;
    counts each[PARTNERS], all;
    count(&t->m, c, each, &all);
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(fed_leaf(t->f, t->f->leaf_count - 1), &t->f->arena, &leaf, NULL),
                     SB_OK);
    assert_int_equal(leaf.entry.type, SB_ENTRY_RESULT);
    const Sb__Result *r = (const void *)leaf.message;
    assert_int_equal(r->outcome, outcome(&t->m, c));
    assert_int_equal(r->objections, a->objections);
    assert_int_equal(r->n_counts, 1 + PARTNERS);
    compare(r->counts[0], SEATS, &all);
    for (size_t i = 0; i < PARTNERS; i++)
        compare(r->counts[1 + i], seats_of[i], &each[i]);
    a->open = false;
    a->decided = r->outcome == ADOPTED;
}

static void convene(table *t)
{
    static const char *const clauses[] = {"Saken tas opp."};
    for (size_t i = 0; i < CASES; i++) {
        play_ok(play_report(t->f, "ssu", "En sak", DECISION, SEC, &t->cases[i]));
        play_ok(play_propose(t->f, t->cases[i], SEC, 1, clauses));
    }
    play_ok(play_call(t->f, "ssu", 20301201, SEC, CASES, t->cases, &t->meeting));
    play_ok(play_papers(t->f, t->meeting, CASES, t->cases, 0, SEC));
    play_ok(play_open(t->f, t->meeting, SEC));
    play_ok(play_chair(t->f, t->meeting, NULL, play_ssu_seats[CHAIR],
                       SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    for (uint32_t seat = 0; seat < SEATS; seat++) {
        if (roll(4) == 0)
            continue;
        play_ok(play_here(t->f, t->meeting, play_ssu_seats[seat], PRIMARY, ARRIVED, NULL, SEC));
        t->m.here[seat][0] = true;
    }
}

static void meet(fed *f, rules which)
{
    table t = {.f = f, .m.rules = which};
    convene(&t);
    for (size_t i = 0; i < ACTS; i++) {
        uint32_t c = roll(CASES), act = roll(20);
        if (act < 4)
            someone_comes_or_goes(&t);
        else if (act == 4)
            someone_is_disqualified(&t);
        else if (act < 7)
            someone_asks(&t, c);
        else if (act < 10)
            someone_objects(&t, c);
        else if (act < 18)
            someone_votes(&t, c);
        else
            someone_closes(&t, c);
    }
    uint32_t open = 0;
    for (uint32_t c = 0; c < CASES; c++)
        open += t.m.asks[c].open;
    if (open > 0)
        agrees(play_close(f, t.meeting, SEC), false, "meeting close");
    for (uint32_t c = 0; c < CASES; c++)
        if (t.m.asks[c].open)
            someone_closes(&t, c);
    play_ok(play_close(f, t.meeting, SEC));
    someone_votes(&t, 0);
    someone_closes(&t, 1);
}

static void run(rules which, const fed_options *options, uint64_t first_seed)
{
    seed = first_seed;
    fed *f = fed_new(options);
    fed_run(f);
    for (int i = 0; i < MEETINGS; i++)
        meet(f, which);
    fed_free(f);
}

static void half_of_each_and_nobody_against(void **state)
{
    (void)state;
    run(HALF_OF_EACH, NULL, 0x53414d42414e4431);
}

static void majority_in_two_partners(void **state)
{
    (void)state;
    run(MAJORITY,
        &(fed_options){.quorum = "quorum present >= 2/3 of seats",
                       .pass = "pass each partner in (unn, kommune): for > 1/2 of cast"},
        0x53414d42414e4432);
}

static void two_thirds_of_those_present(void **state)
{
    (void)state;
    run(TWO_THIRDS_PRESENT, &(fed_options){.quorum = "", .pass = "pass for >= 2/3 of present"},
        0x53414d42414e4433);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_of_each_and_nobody_against),
        cmocka_unit_test(majority_in_two_partners),
        cmocka_unit_test(two_thirds_of_those_present),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
