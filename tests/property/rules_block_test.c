/* Who is found to block blocks, whatever the others do; with anybody else the others can carry it.
 * Against trying every behaviour of everybody, for random rules that count for upwards. */
#include "tests/lib/rules_gen.h"

enum { GROUPS = RULES_GROUPS, ROUNDS = 700 };

/* Can the others carry it, of each group `chosen` being against (staying away)? */
static bool others_carry(const sb_rule *rule, const rules_body *b, const uint32_t chosen[GROUPS],
                         rules_votes *v, int g)
{
    if (g == GROUPS)
        return rule_holds_in(rule, b, v);
    uint32_t others = b->present.of[g] - chosen[g];
    if (rule->kind == SB_RULE_QUORUM) {
        for (v->there[g] = 0; v->there[g] <= others; v->there[g]++)
            if (others_carry(rule, b, chosen, v, g + 1))
                return true;
        return false;
    }
    v->there[g] = b->present.of[g];
    for (uint32_t x = others + 1; x-- > 0;) /* all for first: that carries it soonest */
        for (uint32_t y = 0; x + y <= others; y++)
            for (uint32_t z = 0; x + y + z <= others; z++) {
                v->for_[g] = x;
                v->against[g] = y + chosen[g];
                v->abstain[g] = z;
                if (others_carry(rule, b, chosen, v, g + 1))
                    return true;
            }
    return false;
}

/* Is one of the minimal choices within these? */
static bool is_found(const sb_analyse_minimal *m, const uint32_t chosen[GROUPS])
{
    for (uint32_t i = 0; i < m->list_count; i++) {
        bool within = true;
        for (int g = 0; g < GROUPS; g++)
            within = within && m->list[i].of[g] <= chosen[g];
        if (within)
            return true;
    }
    return false;
}

/* Every choice of seats: is it one that blocks exactly when the analyser says so? */
static void compare(const sb_rule *rule, const rules_body *b, const char *text, uint32_t found[2])
{
    sb_analyse_minimal m;
    sb_analyse_blocks alone;
    uint32_t c[GROUPS];
    const uint32_t *n = b->present.of;
    sb_analyse_minimal_choices(rule, &b->shape, &b->present, SB_ANALYSE_BLOCKING, &m);
    sb_analyse_block_alone(rule, &b->shape, &b->present, &alone);
    assert_true(m.is_exact && m.kinds == m.list_count);
    for (c[0] = 0; c[0] <= n[0]; c[0]++)
        for (c[1] = 0; c[1] <= n[1]; c[1]++)
            for (c[2] = 0; c[2] <= n[2]; c[2]++)
                for (c[3] = 0; c[3] <= n[3]; c[3]++) {
                    rules_votes v = {.there = {0}};
                    bool blocks = !others_carry(rule, b, c, &v, 0);
                    uint32_t groups = 0, only = 0;
                    for (uint32_t g = 0; g < GROUPS; g++)
                        if (c[g] > 0)
                            groups++, only = g;
                    if (blocks != is_found(&m, c))
                        fail_msg("%u %u %u %u: %s", c[0], c[1], c[2], c[3], text);
                    if (groups == 1 && alone.can_hold) {
                        uint32_t least = alone.of[only].least;
                        if (blocks != (least > 0 && c[only] >= least))
                            fail_msg("%u of group %u alone: %s", c[only], only, text);
                    }
                    found[blocks]++;
                }
}

static void a_blocker_blocks_and_no_other_does(void **state)
{
    (void)state;
    static const uint32_t MOST[GROUPS] = {3, 2, 2, 1};
    sb_buf text;
    uint32_t found[2] = {0};
    sb_buf_init(&text);
    pick_seed = 12;
    for (int i = 0; i < ROUNDS; i++) {
        sb_rule rule;
        rules_body b;
        const char *words = upward_rule(&text, i % 3 == 0);
        parse_rule(words, &rule);
        random_body(&b, MOST);
        compare(&rule, &b, words, found);
        sb_arena_reset(&arena);
    }
    print_message("%u choices block, %u don't\n", found[1], found[0]);
    assert_true(found[0] > 2000 && found[1] > 2000);
    sb_buf_deinit(&text);
}

/* Bylaw-like rules, where one more for never harms: who is found blocks whatever the others do, and
 * with fewer the others can carry it. */
static void so_it_is_with_rules_of_bylaws(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "each partner: for > 1/2 of cast",
        "each partner in (a, b): for > 1/2 of cast",
        "for >= 2/3 of present",
        "for > 1/2 of seats and for >= 1",
        "against = 0 and for >= 1",
        "at least 2 partners: (for >= 1/3 of voted and for >= 1)",
        "for >= 1/2 of eligible or each partner in (a): for > 1/2 of filled",
        "each partner: for >= 1 and for > 1/1 of against"};
    static const uint32_t MOST[GROUPS] = {2, 2, 1, 2};
    uint32_t blocking = 0, carried = 0;
    pick_seed = 8;
    for (int i = 0; i < 120; i++) {
        sb_rule rule;
        sb_analyse_blocks got;
        rules_body b;
        parse_rule(TEXTS[i % 8], &rule);
        random_body(&b, MOST);
        sb_analyse_block_alone(&rule, &b.shape, &b.present, &got);
        for (int g = 0; got.can_hold && g < GROUPS; g++)
            for (uint32_t k = 1; k <= b.present.of[g]; k++) {
                rules_votes v = {.there = {0}};
                uint32_t chosen[GROUPS] = {0};
                chosen[g] = k;
                bool blocks = got.of[g].least > 0 && k >= got.of[g].least;
                if (others_carry(&rule, &b, chosen, &v, 0) == blocks)
                    fail_msg("%u of group %d: %s", k, g, TEXTS[i % 8]);
                blocking += blocks;
                carried += !blocks;
            }
        sb_arena_reset(&arena);
    }
    assert_true(blocking > 50 && carried > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocker_blocks_and_no_other_does),
        cmocka_unit_test(so_it_is_with_rules_of_bylaws),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
