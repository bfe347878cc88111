/* Who is found to block blocks, whatever the others do; with anybody else the others can carry it.
 * Against trying every behaviour of everybody, for random rules that count for upwards. */
#include "tests/lib/cmocka_all.h"
#include "tests/property/rules_upward.h"

#include "proto/rules/analyse.h"
#include "proto/rules/eval.h"

enum { PARTNERS = 3, GROUPS = PARTNERS + 1, ROUNDS = 700 };

static const char *const IDS[PARTNERS] = {"a", "b", "c"};
static sb_arena arena, scratch;

static int setup(void **state)
{
    (void)state;
    sb_arena_init(&arena);
    sb_arena_init(&scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sb_arena_deinit(&arena);
    sb_arena_deinit(&scratch);
    return 0;
}

typedef struct body {
    sb_rule_group groups[PARTNERS];
    sb_rule_shape shape;
    sb_analyse_seats present; /* of a quorum rule: who could come */
} body;

static void random_body(body *b)
{
    *b = (body){.shape = {.partner_count = PARTNERS, .free_seats = pick(2)}};
    for (int i = 0; i < PARTNERS; i++)
        b->groups[i] =
            (sb_rule_group){.id = sb_slice_str(IDS[i]), .seats = 1 + pick(i == 0 ? 3 : 2)};
    b->shape.partners = b->groups;
    sb_analyse_all(&b->shape, &b->present);
    for (int g = 0; g < GROUPS; g++)
        if (pick(4) == 0)
            b->present.of[g] = pick(b->present.of[g] + 1);
}

/* What the seats of each group do: stay, and of those there for, against, abstain. */
typedef struct behaviour {
    uint32_t there[GROUPS], for_[GROUPS], against[GROUPS], abstain[GROUPS];
} behaviour;

static void add(sb_tally *t, uint32_t seats, const behaviour *v, int g)
{
    t->seats += seats;
    t->filled += seats;
    t->present += v->there[g];
    t->eligible = t->present;
    sb_tally_votes(t, t->for_ + v->for_[g], t->against + v->against[g], t->abstain + v->abstain[g]);
}

static bool holds(const sb_rule *rule, const body *b, const behaviour *v)
{
    sb_partner_tally partners[PARTNERS] = {{.id = {0}}};
    sb_rule_input in = {.partners = partners, .partner_count = PARTNERS};
    sb_rule_result r;
    for (int g = 0; g < GROUPS; g++) {
        uint32_t seats = g < PARTNERS ? b->groups[g].seats : b->shape.free_seats;
        add(&in.total, seats, v, g);
        if (g < PARTNERS) {
            partners[g].id = b->groups[g].id;
            add(&partners[g].tally, seats, v, g);
        }
    }
    sb_rule_eval(&scratch, rule, &in, &r);
    sb_arena_reset(&scratch);
    return r.formula_held;
}

/* Can the others carry it, of each group `chosen` being against (staying away)? */
static bool others_carry(const sb_rule *rule, const body *b, const uint32_t chosen[GROUPS],
                         behaviour *v, int g)
{
    if (g == GROUPS)
        return holds(rule, b, v);
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
static void compare(const sb_rule *rule, const body *b, const char *text, uint32_t found[2])
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
                    behaviour v = {.there = {0}};
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
    sb_buf text;
    uint32_t found[2] = {0};
    sb_buf_init(&text);
    upward_seed = 12;
    for (int i = 0; i < ROUNDS; i++) {
        sb_rule rule;
        body b;
        const char *words = upward_rule(&text, i % 3 == 0);
        assert_int_equal(sb_rule_parse(&arena, sb_slice_str(words), &rule, NULL), SB_OK);
        random_body(&b);
        compare(&rule, &b, words, found);
        sb_arena_reset(&arena);
    }
    print_message("%u choices block, %u don't\n", found[1], found[0]);
    assert_true(found[0] > 2000 && found[1] > 2000);
    sb_buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_blocker_blocks_and_no_other_does)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
