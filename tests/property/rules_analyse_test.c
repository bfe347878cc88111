/* Who decides and who can block, against trying everything: the analyser counts states, this test
 * goes through every choice of seats with the evaluator. */
#include "tests/lib/rules_gen.h"

#include <stdio.h>

enum { GROUPS = RULES_GROUPS };

/* ---- by the evaluator ---- */

/* As analyse.h defines the sides. */
static bool effective(const sb_rule *rule, const rules_body *b, sb_analyse_side side,
                      const uint32_t chosen[GROUPS])
{
    rules_votes v = {.there = {0}};
    for (int g = 0; g < GROUPS; g++) {
        uint32_t there = b->present.of[g];
        uint32_t for_ = side == SB_ANALYSE_WINNING ? chosen[g] : there - chosen[g];
        v.there[g] = rule->kind == SB_RULE_QUORUM ? for_ : there;
        if (rule->kind == SB_RULE_PASS) {
            v.for_[g] = for_;
            v.against[g] = there - for_;
        }
    }
    return rule_holds_in(rule, b, &v) == (side == SB_ANALYSE_WINNING);
}

static bool minimal(const sb_rule *rule, const rules_body *b, sb_analyse_side side,
                    const uint32_t chosen[GROUPS])
{
    if (!effective(rule, b, side, chosen))
        return false;
    for (int g = 0; g < GROUPS; g++) {
        uint32_t less[GROUPS];
        memcpy(less, chosen, sizeof less);
        if (less[g]-- > 0 && effective(rule, b, side, less))
            return false;
    }
    return true;
}

static uint64_t binomial(uint32_t n, uint32_t k)
{
    uint64_t out = 1;
    for (uint32_t i = 0; i < k; i++)
        out = out * (n - i) / (i + 1);
    return out;
}

static void compare_minimal(const sb_rule *rule, const rules_body *b, sb_analyse_side side,
                            const char *text, uint64_t *found)
{
    sb_analyse_minimal got;
    uint64_t kinds = 0, sets = 0;
    uint32_t c[GROUPS];
    const uint32_t *n = b->present.of;
    sb_analyse_minimal_choices(rule, &b->shape, &b->present, side, &got);
    assert_true(got.is_exact);
    for (c[0] = 0; c[0] <= n[0]; c[0]++)
        for (c[1] = 0; c[1] <= n[1]; c[1]++)
            for (c[2] = 0; c[2] <= n[2]; c[2]++)
                for (c[3] = 0; c[3] <= n[3]; c[3]++) {
                    sb_analyse_seats as = {{c[0], c[1], c[2], c[3]}};
                    if (side == SB_ANALYSE_WINNING)
                        assert_int_equal(sb_analyse_holds(rule, &b->shape, &b->present, &as),
                                         effective(rule, b, side, c));
                    if (!minimal(rule, b, side, c))
                        continue;
                    if (kinds < SB_ANALYSE_LIST_MAX && memcmp(got.list[kinds].of, c, sizeof c) != 0)
                        fail_msg("side %d, choice %llu: %s", (int)side, (unsigned long long)kinds,
                                 text);
                    kinds++;
                    sets += binomial(n[0], c[0]) * binomial(n[1], c[1]) * binomial(n[2], c[2]) *
                            binomial(n[3], c[3]);
                }
    if (got.kinds != kinds || got.sets != sets)
        fail_msg("side %d: %llu of %llu: %s", (int)side, (unsigned long long)got.kinds,
                 (unsigned long long)kinds, text);
    assert_int_equal(got.list_count, kinds < SB_ANALYSE_LIST_MAX ? kinds : SB_ANALYSE_LIST_MAX);
    *found += kinds;
}

static void minimal_choices_are_those(void **state)
{
    (void)state;
    static const uint32_t MOST[GROUPS] = {4, 4, 3, 2};
    sb_buf text;
    uint64_t found[2] = {0};
    sb_buf_init(&text);
    pick_seed = 20220120;
    for (int i = 0; i < 1500; i++) {
        sb_rule rule;
        rules_body b;
        random_rule(&text, pick(4) == 0, "a", &rule);
        random_body(&b, MOST);
        for (int side = 0; side < 2; side++)
            compare_minimal(&rule, &b, (sb_analyse_side)side, sb_buf_cstr(&text), &found[side]);
        sb_arena_reset(&arena);
    }

    assert_true(found[0] > 1500 && found[1] > 1500);
    sb_buf_deinit(&text);
}

/* By the definition, any rule: k of one group against, everybody else for. */
static void block_alone_is_exact(void **state)
{
    (void)state;
    static const uint32_t MOST[GROUPS] = {5, 5, 4, 2};
    sb_buf text;
    uint32_t some = 0, none = 0;
    sb_buf_init(&text);
    pick_seed = 4;
    for (int i = 0; i < 8000; i++) {
        sb_rule rule;
        sb_analyse_blocks got;
        rules_body b;
        random_rule(&text, pick(4) == 0, "a", &rule);
        random_body(&b, MOST);
        sb_analyse_block_alone(&rule, &b.shape, &b.present, &got);
        uint32_t nobody[GROUPS] = {0};
        assert_int_equal(got.can_hold, !effective(&rule, &b, SB_ANALYSE_BLOCKING, nobody));
        for (int g = 0; g < GROUPS; g++) {
            uint32_t least = 0;
            bool whole = false;
            for (uint32_t k = 1; got.can_hold && k <= b.present.of[g]; k++) {
                uint32_t chosen[GROUPS] = {0};
                chosen[g] = k;
                whole = effective(&rule, &b, SB_ANALYSE_BLOCKING, chosen);
                if (whole && least == 0)
                    least = k;
            }
            assert_int_equal(got.of[g].least, least);
            assert_int_equal(got.of[g].whole, whole);
            some += least > 0;
            none += least == 0;
        }
        sb_arena_reset(&arena);
    }
    print_message("%u %u\n", some, none);
    assert_true(some > 2000 && none > 2000);
    sb_buf_deinit(&text);
}

/* ---- large bodies, against closed forms ---- */

static void analyse_text(const char *text, uint32_t partners, uint32_t each, sb_analyse_side side,
                         sb_analyse_minimal *out)
{
    static const char *const NAMES[9] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"};
    sb_rule_group groups[9];
    sb_rule_shape shape = {.partners = groups, .partner_count = partners};
    sb_analyse_seats all;
    sb_rule rule;
    for (uint32_t i = 0; i < partners; i++)
        groups[i] = (sb_rule_group){.id = sb_slice_str(NAMES[i]), .seats = each};
    parse_rule(text, &rule);
    sb_analyse_all(&shape, &all);
    sb_analyse_minimal_choices(&rule, &shape, &all, side, out);
}

static void sixty_four_seats_in_eight_partners(void **state)
{
    (void)state;
    sb_analyse_minimal m;
    uint64_t want = 1;
    analyse_text("each partner: for > 1/2 of cast", 8, 8, SB_ANALYSE_WINNING, &m);
    for (int i = 0; i < 8; i++)
        want *= 56; /* 5 of 8 in each */
    assert_true(m.is_exact && m.kinds == 1 && m.sets == want);
    analyse_text("each partner: for > 1/2 of cast", 8, 8, SB_ANALYSE_BLOCKING, &m);
    assert_true(m.is_exact && m.kinds == 8 && m.sets == UINT64_C(8) * 70); /* 4 of 8 in one */
    analyse_text("for > 1/2 of cast", 1, 64, SB_ANALYSE_BLOCKING, &m);
    assert_true(m.is_exact && m.kinds == 1 && m.sets == UINT64_C(1832624140942590534));
    analyse_text("at least 5 partners: for > 1/2 of cast", 8, 8, SB_ANALYSE_WINNING, &m);
    assert_true(m.is_exact && m.kinds == 56 && m.sets == UINT64_C(56) * 56 * 56 * 56 * 56 * 56);
    analyse_text("for >= 1", 9, 1, SB_ANALYSE_WINNING, &m);
    assert_false(m.is_exact);
    analyse_text("for >= 1", 5, 13, SB_ANALYSE_WINNING, &m);
    assert_false(m.is_exact);
    uint64_t sums[65] = {1}; /* numbers of choices of 43 in all, at most 8 of each */
    for (int i = 0; i < 8; i++)
        for (int sum = 64; sum >= 0; sum--)
            for (int c = 1; c <= 8 && c <= sum; c++)
                sums[sum] += sums[sum - c];
    analyse_text("for >= 2/3 of present", 8, 8, SB_ANALYSE_WINNING, &m);
    assert_true(m.is_exact && m.kinds == sums[43] && m.list_count == SB_ANALYSE_LIST_MAX);
    want = 0; /* 43 of 64, by Vandermonde from the halves */
    for (uint32_t i = 11; i <= 32; i++)
        want += binomial(32, i) * binomial(32, 43 - i);
    assert_true(m.sets == want);
    sb_arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minimal_choices_are_those),
        cmocka_unit_test(block_alone_is_exact),
        cmocka_unit_test(sixty_four_seats_in_eight_partners),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
