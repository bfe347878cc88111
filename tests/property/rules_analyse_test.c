/* Who decides and who can block, against trying everything: the analyser counts states, this test
 * goes through every choice of seats with the evaluator. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

#include "proto/rules/analyse.h"
#include "proto/rules/eval.h"

enum { PARTNERS = 3, GROUPS = PARTNERS + 1 };

static uint64_t seed;
static sb_arena arena;
static const char *const IDS[PARTNERS] = {"a", "b", "c"};

static uint32_t pick(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

static int setup(void **state)
{
    (void)state;
    sb_arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sb_arena_deinit(&arena);
    return 0;
}

/* ---- random rules and bodies ---- */

static void put_compare(sb_buf *out)
{
    static const char *const WORDS[9] = {"seats", "filled", "eligible", "present", "voted",
                                         "cast",  "for",    "against",  "abstain"};
    static const char *const OPS[5] = {">=", ">", "=", "<", "<="};
    sb_buf_printf(out, "%s %s ", WORDS[pick(4) ? 6 : pick(9)], OPS[pick(4) ? pick(2) : pick(5)]);
    if (pick(4) == 0) {
        sb_buf_printf(out, "%u ", pick(5));
        return;
    }
    uint32_t q = 1 + pick(4);
    sb_buf_printf(out, "%u/%u of %s ", pick(q + 1), q, WORDS[pick(9)]);
}

static void put_unit(sb_buf *out)
{
    switch (pick(4)) {
    case 0:
        sb_buf_str(out, "each partner: ");
        break;
    case 1:
        sb_buf_str(out, pick(2) ? "each partner in (a, b): " : "each partner in (b): ");
        break;
    case 2:
        sb_buf_printf(out, "at least %u partners: ", pick(3));
        break;
    default:
        break;
    }
    if (pick(2)) {
        put_compare(out);
        return;
    }
    sb_buf_str(out, "(");
    put_compare(out);
    sb_buf_str(out, pick(2) ? "and " : "or ");
    put_compare(out);
    sb_buf_str(out, ") ");
}

static void random_rule(sb_buf *text, sb_rule *rule)
{
    sb_buf_clear(text);
    if (pick(4) == 0)
        sb_buf_str(text, "quorum ");
    put_unit(text);
    for (uint32_t n = pick(3); n > 0; n--) {
        sb_buf_str(text, pick(2) ? "and " : "or ");
        put_unit(text);
    }
    assert_int_equal(sb_rule_parse(&arena, sb_buf_slice(text), rule, NULL), SB_OK);
}

typedef struct body {
    sb_rule_group groups[PARTNERS];
    sb_rule_shape shape;
    sb_analyse_seats present;
} body;

static void random_body(body *b, uint32_t most)
{
    *b = (body){.shape = {.partner_count = PARTNERS, .free_seats = pick(3)}};
    for (int i = 0; i < PARTNERS; i++)
        b->groups[i] = (sb_rule_group){.id = sb_slice_str(IDS[i]),
                                       .seats = i < 2 ? 1 + pick(most) : pick(most)};
    b->shape.partners = b->groups;
    sb_analyse_all(&b->shape, &b->present);
    for (int g = 0; g < GROUPS; g++)
        if (pick(3) == 0)
            b->present.of[g] = pick(b->present.of[g] + 1);
}

/* ---- by the evaluator ---- */

typedef struct votes {
    uint32_t for_[GROUPS], against[GROUPS], abstain[GROUPS], present[GROUPS];
} votes;

static void add(sb_tally *t, uint32_t seats, const votes *v, int g)
{
    t->seats += seats;
    t->filled += seats;
    t->present += v->present[g];
    t->eligible += v->present[g];
    sb_tally_votes(t, t->for_ + v->for_[g], t->against + v->against[g], t->abstain + v->abstain[g]);
}

static bool holds(const sb_rule *rule, const body *b, const votes *v)
{
    sb_partner_tally partners[PARTNERS] = {{.id = {0}}};
    sb_rule_input in = {.partners = partners, .partner_count = PARTNERS};
    sb_rule_result r;
    sb_arena scratch;
    sb_arena_init(&scratch);
    for (int g = 0; g < GROUPS; g++) {
        uint32_t seats = g < PARTNERS ? b->groups[g].seats : b->shape.free_seats;
        add(&in.total, seats, v, g);
        if (g < PARTNERS) {
            partners[g].id = b->groups[g].id;
            add(&partners[g].tally, seats, v, g);
        }
    }
    sb_rule_eval(&scratch, rule, &in, &r);
    sb_arena_deinit(&scratch);
    return r.formula_held;
}

/* As analyse.h defines the sides. */
static bool effective(const sb_rule *rule, const body *b, sb_analyse_side side,
                      const uint32_t chosen[GROUPS])
{
    votes v = {.for_ = {0}};
    for (int g = 0; g < GROUPS; g++) {
        uint32_t there = b->present.of[g];
        uint32_t for_ = side == SB_ANALYSE_WINNING ? chosen[g] : there - chosen[g];
        v.present[g] = rule->kind == SB_RULE_QUORUM ? for_ : there;
        if (rule->kind == SB_RULE_PASS) {
            v.for_[g] = for_;
            v.against[g] = there - for_;
        }
    }
    return holds(rule, b, &v) == (side == SB_ANALYSE_WINNING);
}

static bool minimal(const sb_rule *rule, const body *b, sb_analyse_side side,
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

static void compare_minimal(const sb_rule *rule, const body *b, sb_analyse_side side,
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
    sb_buf text;
    uint64_t found[2] = {0};
    sb_buf_init(&text);
    seed = 20220120;
    for (int i = 0; i < 1500; i++) {
        sb_rule rule;
        body b;
        random_rule(&text, &rule);
        random_body(&b, 4);
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
    sb_buf text;
    uint32_t some = 0, none = 0;
    sb_buf_init(&text);
    seed = 4;
    for (int i = 0; i < 8000; i++) {
        sb_rule rule;
        sb_analyse_blocks got;
        body b;
        random_rule(&text, &rule);
        random_body(&b, 5);
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

/* Can some behaviour of the present seats outside `k` against of group g make the rule hold? Each
 * of them may vote for, against, abstain or not vote. */
static bool others_can_pass(const sb_rule *rule, const body *b, int g, uint32_t k, votes *v,
                            int from)
{
    if (from == GROUPS)
        return holds(rule, b, v);
    uint32_t free_ = b->present.of[from] - (from == g ? k : 0);
    v->present[from] = b->present.of[from];
    for (uint32_t x = 0; x <= free_; x++)
        for (uint32_t y = 0; x + y <= free_; y++)
            for (uint32_t z = 0; x + y + z <= free_; z++) {
                v->for_[from] = x;
                v->against[from] = y + (from == g ? k : 0);
                v->abstain[from] = z;
                if (others_can_pass(rule, b, g, k, v, from + 1))
                    return true;
            }
    return false;
}

/* Bylaw-like rules, where one more for never harms: who is found blocks whatever the others do, and
 * with fewer the others can carry it. */
static void a_blocker_blocks_and_no_other_does(void **state)
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
    uint32_t blocking = 0, carried = 0;
    seed = 8;
    for (int i = 0; i < 120; i++) {
        sb_rule rule;
        sb_analyse_blocks got;
        body b;
        assert_int_equal(sb_rule_parse(&arena, sb_slice_str(TEXTS[i % 8]), &rule, NULL), SB_OK);
        random_body(&b, 2);
        sb_analyse_block_alone(&rule, &b.shape, &b.present, &got);
        for (int g = 0; got.can_hold && g < GROUPS; g++)
            for (uint32_t k = 1; k <= b.present.of[g]; k++) {
                votes v = {.for_ = {0}};
                bool blocks = got.of[g].least > 0 && k >= got.of[g].least;
                if (others_can_pass(&rule, &b, g, k, &v, 0) == blocks)
                    fail_msg("%u of group %d: %s", k, g, TEXTS[i % 8]);
                blocking += blocks;
                carried += !blocks;
            }
        sb_arena_reset(&arena);
    }
    assert_true(blocking > 50 && carried > 50);
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
    assert_int_equal(sb_rule_parse(&arena, sb_slice_str(text), &rule, NULL), SB_OK);
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
        cmocka_unit_test(a_blocker_blocks_and_no_other_does),
        cmocka_unit_test(sixty_four_seats_in_eight_partners),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
