/* The fewest arrivals, departures and changed votes, against trying all of them. */
#include "proto/rules/swing.h"
#include "tests/lib/rules_gen.h"

enum { GROUPS = 3 }; /* a, b, of none */

typedef struct body {
    sb_rule_group groups[2];
    sb_rule_shape shape;
    sb_tally tallies[GROUPS];
    uint32_t may_come[GROUPS];
    sb_rule rule;
    sb_swing_now now;
} body;

static void random_situation(body *b, uint32_t most)
{
    static const char *const IDS[2] = {"a", "b"};
    for (int g = 0; g < GROUPS; g++) {
        uint32_t seats = pick(most + 1);
        sb_tally t = {.seats = seats, .filled = seats - (seats > 0 && pick(4) == 0)};
        t.present = pick(t.filled + 1);
        t.eligible = t.present;
        uint32_t x = pick(t.present + 1), y = pick(t.present - x + 1);
        sb_tally_votes(&t, x, y, pick(t.present - x - y + 1));
        b->tallies[g] = t;
        b->may_come[g] = pick(t.filled - t.present + 1);
        if (g < 2)
            b->groups[g] = (sb_rule_group){.id = sb_slice_str(IDS[g]), .seats = seats};
        else
            b->shape = (sb_rule_shape){b->groups, 2, seats};
    }
    b->now = (sb_swing_now){&b->rule, &b->shape, b->tallies, b->may_come};
}

static bool holds(const body *b, const sb_tally tallies[GROUPS])
{
    sb_partner_tally partners[2];
    for (int g = 0; g < 2; g++)
        partners[g] = (sb_partner_tally){b->groups[g].id, tallies[g]};
    return rule_holds_on(&b->rule, partners, 2, &tallies[2]);
}

typedef enum change { ARRIVALS, DEPARTURES, VOTES } change;

typedef struct brute {
    const body *body;
    change kind;
    bool wanted;
    uint32_t best; /* UINT32_MAX: none */
} brute;

static uint32_t above(uint32_t then, uint32_t now)
{
    return then > now ? then - now : 0;
}

static void try_from(brute *b, sb_tally t[GROUPS], int g, uint32_t cost)
{
    if (g == GROUPS) {
        if (cost < b->best && holds(b->body, t) == b->wanted)
            b->best = cost;
        return;
    }
    const sb_tally *now = &b->body->tallies[g];
    uint32_t from = b->kind == DEPARTURES ? 0 : now->present;
    uint32_t to = now->present + (b->kind == ARRIVALS ? b->body->may_come[g] : 0);
    for (uint32_t p = from; p <= to; p++) {
        t[g] = *now;
        t[g].present = p;
        t[g].eligible = p;
        uint32_t moved = p > now->present ? p - now->present : now->present - p;
        if (b->kind != VOTES) {
            try_from(b, t, g + 1, cost + moved);
            continue;
        }
        for (uint32_t x = 0; x <= p; x++)
            for (uint32_t y = 0; x + y <= p; y++)
                for (uint32_t z = 0; x + y + z <= p; z++) {
                    if (p - x - y - z > now->present - now->voted)
                        continue; /* a ballot taken back */
                    sb_tally_votes(&t[g], x, y, z);
                    try_from(b, t, g + 1,
                             cost + above(x, now->for_) + above(y, now->against) +
                                 above(z, now->abstain));
                }
    }
}

/* ---- each listed way is one, and they differ ---- */

static sb_tally act_tally(const body *b, const sb_find_group *g, const sb_find_act *a)
{
    sb_tally t = {.filled = a->filled, .present = a->present, .eligible = a->present};
    for (int i = 0; i < GROUPS; i++)
        if (g->members >> i & 1)
            t.seats += b->tallies[i].seats;
    sb_tally_votes(&t, a->for_, a->against, a->abstain);
    return t;
}

static void check_way(const body *b, const sb_swing *s, const sb_find_acts *way, bool wanted,
                      const char *text)
{
    sb_partner_tally partners[2];
    sb_tally rest = {.seats = 0};
    uint32_t count = 0, cost = 0;
    for (uint32_t i = 0; i < s->group_count; i++) {
        const sb_find_group *g = &s->groups[i];
        const sb_tally *was = &s->before[i];
        sb_tally t = act_tally(b, g, &way[i].both);
        if (t.present != was->present)
            cost += t.present > was->present ? t.present - was->present : was->present - t.present;
        else
            cost += above(t.for_, was->for_) + above(t.against, was->against) +
                    above(t.abstain, was->abstain);
        assert_int_equal(t.seats, g->both);
        if (g->is_rest)
            rest = t;
        else
            partners[count++] = (sb_partner_tally){g->id, t};
    }
    if (cost != s->seats || rule_holds_on(&b->rule, partners, count, &rest) != wanted)
        fail_msg("a way that isn't one: %s", text);
}

static void check_one(body *b, change kind, uint32_t seen[3])
{
    static void (*const SWING[3])(sb_arena *, const sb_swing_now *, sb_swing *) = {
        sb_swing_arrivals, sb_swing_departures, sb_swing_votes};
    sb_buf text;
    sb_swing s;
    sb_tally t[GROUPS];
    sb_buf_init(&text);
    random_rule(&text, kind != VOTES, "nobody", &b->rule);
    bool now = holds(b, b->tallies);
    brute best = {.body = b,
                  .kind = kind,
                  .wanted = kind == ARRIVALS     ? true
                            : kind == DEPARTURES ? false
                                                 : !now,
                  .best = UINT32_MAX};
    try_from(&best, t, 0, 0);
    SWING[kind](&arena, &b->now, &s);
    const char *words = sb_buf_cstr(&text);
    assert_true(s.is_exact);
    if (s.found != (best.best != UINT32_MAX) || (s.found && s.seats != best.best))
        fail_msg("%d: %u seats, not %u: %s", (int)kind, s.found ? s.seats : 999, best.best, words);
    assert_int_equal(s.list_count, s.ways < SB_FIND_LIST_MAX ? s.ways : SB_FIND_LIST_MAX);
    assert_int_equal(s.found, s.ways > 0);
    for (uint32_t i = 0; i < s.list_count; i++) {
        check_way(b, &s, s.list[i], best.wanted, words);
        for (uint32_t k = 0; k < i; k++)
            if (memcmp(s.list[i], s.list[k], s.group_count * sizeof *s.list[i]) == 0)
                fail_msg("a way twice: %s", words);
    }
    seen[!s.found ? 0 : s.seats == 0 ? 1 : 2]++;
    sb_buf_deinit(&text);
}

static void fewest_is_fewest(void **state)
{
    (void)state;
    pick_seed = 51;
    for (int k = 0; k < 3; k++) {
        uint32_t seen[3] = {0};
        for (int i = 0; i < 4000; i++) {
            body b;
            random_situation(&b, k == VOTES ? 3 : 5);
            check_one(&b, (change)k, seen);
            sb_arena_reset(&arena);
        }
        print_message("none %u, now %u, some %u\n", seen[0], seen[1], seen[2]);
        assert_true(seen[0] > 100 && seen[2] > 100 && (k == VOTES || seen[1] > 100));
    }
}

/* All ways are counted: against counting them in a rule where every group is its own. */
static uint64_t count_ways(const body *b, bool wanted, uint32_t cost_wanted)
{
    uint64_t ways = 0;
    const sb_tally *n = b->tallies;
    uint32_t v[2][3];
    for (v[0][0] = 0; v[0][0] <= n[0].present; v[0][0]++)
        for (v[0][1] = 0; v[0][0] + v[0][1] <= n[0].present; v[0][1]++)
            for (v[0][2] = 0; v[0][0] + v[0][1] + v[0][2] <= n[0].present; v[0][2]++)
                for (v[1][0] = 0; v[1][0] <= n[1].present; v[1][0]++)
                    for (v[1][1] = 0; v[1][0] + v[1][1] <= n[1].present; v[1][1]++)
                        for (v[1][2] = 0; v[1][0] + v[1][1] + v[1][2] <= n[1].present; v[1][2]++) {
                            sb_tally t[GROUPS] = {n[0], n[1], n[2]};
                            uint32_t cost = 0;
                            bool back = false;
                            for (int g = 0; g < 2; g++) {
                                sb_tally_votes(&t[g], v[g][0], v[g][1], v[g][2]);
                                back =
                                    back || t[g].present - t[g].voted > n[g].present - n[g].voted;
                                cost += above(v[g][0], n[g].for_) + above(v[g][1], n[g].against) +
                                        above(v[g][2], n[g].abstain);
                            }
                            ways += !back && cost == cost_wanted && holds(b, t) == wanted;
                        }
    return ways;
}

static void all_ways_are_counted(void **state)
{
    (void)state;
    static const char *const TEXTS[4] = {
        "each partner: for > 1/2 of cast", "each partner: for >= 2/3 of present",
        "each partner: against = 0 and for >= 1", "at least 1 partners: for > 1/2 of voted"};
    uint64_t found = 0;
    pick_seed = 9;
    for (int i = 0; i < 400; i++) {
        body b;
        sb_swing s;
        random_situation(&b, 4);
        b.shape.free_seats = 0;
        b.tallies[2] = (sb_tally){.seats = 0};
        b.may_come[2] = 0;
        if (b.groups[0].seats == 0 || b.groups[1].seats == 0)
            continue;
        parse_rule(TEXTS[i % 4], &b.rule);
        sb_swing_votes(&arena, &b.now, &s);
        assert_int_equal(s.group_count, 2);
        if (s.found && s.ways != count_ways(&b, !holds(&b, b.tallies), s.seats))
            fail_msg("%llu ways: %s", (unsigned long long)s.ways, TEXTS[i % 4]);
        found += s.found;
        sb_arena_reset(&arena);
    }
    assert_true(found > 200);
}

/* All there, x for and the rest abstaining: the fewest x that do. */
static uint32_t least_for(const body *b)
{
    uint32_t best = UINT32_MAX, n[GROUPS], x[GROUPS];
    for (int g = 0; g < GROUPS; g++)
        n[g] = b->tallies[g].seats;
    for (x[0] = 0; x[0] <= n[0]; x[0]++)
        for (x[1] = 0; x[1] <= n[1]; x[1]++)
            for (x[2] = 0; x[2] <= n[2]; x[2]++) {
                sb_tally t[GROUPS];
                for (int g = 0; g < GROUPS; g++) {
                    t[g] = (sb_tally){
                        .seats = n[g], .filled = n[g], .present = n[g], .eligible = n[g]};
                    sb_tally_votes(&t[g], x[g], 0, n[g] - x[g]);
                }
                if (x[0] + x[1] + x[2] < best && holds(b, t))
                    best = x[0] + x[1] + x[2];
            }
    return best;
}

static void so_few_carry_it(void **state)
{
    (void)state;
    uint32_t some = 0;
    sb_buf text;
    sb_buf_init(&text);
    pick_seed = 11;
    for (int i = 0; i < 2000; i++) {
        body b;
        sb_swing s;
        random_situation(&b, 4);
        random_rule(&text, false, "nobody", &b.rule);
        uint32_t want = least_for(&b);
        sb_swing_carry(&arena, &b.rule, &b.shape, &s);
        if (!s.is_exact || s.found != (want != UINT32_MAX) || (s.found && s.seats != want))
            fail_msg("%u, not %u: %s", s.seats, want, sb_buf_cstr(&text));
        some += s.found && s.seats > 0;
        sb_arena_reset(&arena);
    }
    assert_true(some > 200);
    sb_buf_deinit(&text);
}

/* 20.01.2022: 15 of 16 there; the service users' quorum hangs on one deputy. */
static void ssu_by_hand(void **state)
{
    (void)state;
    static const char *const IDS[4] = {"unn", "kommune", "fastlege", "bruker"};
    static const uint32_t SEATS[4] = {6, 6, 2, 2}, PRESENT[4] = {6, 6, 2, 1};
    sb_rule_group groups[4];
    sb_tally tallies[5] = {{.seats = 0}};
    uint32_t may_come[5] = {0, 0, 0, 1, 0};
    sb_rule rule;
    const sb_rule_shape shape = {groups, 4, 0};
    const sb_swing_now now = {&rule, &shape, tallies, may_come};
    sb_swing s;
    for (int i = 0; i < 4; i++) {
        groups[i] = (sb_rule_group){.id = sb_slice_str(IDS[i]), .seats = SEATS[i]};
        tallies[i] = (sb_tally){
            .seats = SEATS[i], .filled = SEATS[i], .present = PRESENT[i], .eligible = PRESENT[i]};
        sb_tally_votes(&tallies[i], PRESENT[i], 0, 0);
    }
    parse_rule("quorum each partner: present >= 1/2 of seats", &rule);
    sb_swing_arrivals(&arena, &now, &s);
    assert_true(s.found && s.seats == 0 && s.ways == 1);
    sb_swing_departures(&arena, &now, &s);
    assert_true(s.found && s.seats == 1 && s.ways == 1 && s.group_count == 4);
    assert_true(s.list[0][3].both.present == 0 && s.list[0][0].both.present == 6);
    /* 15 for: one against or abstaining is no majority less; one against ends the consensus. */
    parse_rule("against = 0 and for >= 1", &rule);
    sb_swing_votes(&arena, &now, &s);
    assert_true(s.found && s.seats == 1 && s.ways == 1 && s.groups[0].is_whole);
    assert_true(s.list[0][0].both.for_ == 14 && s.list[0][0].both.against == 1);
    parse_rule("for >= 2/3 of present", &rule);
    sb_swing_votes(&arena, &now, &s);
    assert_true(s.found && s.seats == 6); /* 15 → 9, below 10 */
    /* A rule that counts votes doesn't say whose vote leaves with whom. */
    sb_swing_departures(&arena, &now, &s);
    assert_false(s.is_exact);
    sb_arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewest_is_fewest),
        cmocka_unit_test(all_ways_are_counted),
        cmocka_unit_test(so_few_carry_it),
        cmocka_unit_test(ssu_by_hand),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
