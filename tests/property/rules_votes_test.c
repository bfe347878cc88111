/* What must be true of votes and attendance whatever the rule: one more vote for never harms where
 * the rule counts for upwards; seats of one partner are alike; their order says nothing; what is
 * not counted changes nothing; and no number within the limits overflows. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/rules/tally.h"
#include "tests/lib/rules_gen.h"

enum { SEATS = 9 };

static const char *const PARTNERS[4] = {"a", "b", "c", ""};
/* ---- bodies ---- */

static void random_state(sb_tally_seat *s)
{
    s->filled = pick(8) > 0;
    s->presence = pick(4) ? (sb_tally_presence)(1 + pick(2)) : (sb_tally_presence)pick(4);
    s->vote = (sb_tally_vote)pick(4);
    s->objects = pick(8) == 0;
}

static void random_seats(sb_tally_seat seats[SEATS], uint32_t count)
{
    static const char IDS[] = "ABCDEFGHI";
    for (uint32_t i = 0; i < count; i++) {
        seats[i] = (sb_tally_seat){.id = sb_slice_of(&IDS[i], 1),
                                   .partner = sb_slice_str(PARTNERS[pick(8) ? pick(3) : 3])};
        random_state(&seats[i]);
    }
}

static bool is_there(const sb_tally_seat *s)
{
    return sb_tally_no_say(s) == NULL;
}

static bool passes(const sb_rule *rule, const sb_tally_seat *seats, uint32_t count)
{
    sb_rule_input in;
    sb_rule_result r;
    assert_int_equal(sb_tally_count(&arena, seats, count, &in, NULL), SB_OK);
    in.discussed_earlier = true;
    sb_rule_eval(&arena, rule, &in, &r);
    return r.passed;
}

/* ---- one more for ---- */

/* Somebody who is there and did otherwise votes for; -1 it harmed, 1 it helped. */
static int one_more_for(const sb_rule *rule)
{
    sb_tally_seat seats[SEATS];
    uint32_t count = 1 + pick(SEATS);
    random_seats(seats, count);
    bool before = passes(rule, seats, count);
    sb_tally_seat *s = &seats[pick(count)];
    if (is_there(s))
        s->vote = SB_TALLY_FOR;
    return (int)passes(rule, seats, count) - (int)before;
}

static void one_more_for_never_harms(void **state)
{
    (void)state;
    sb_buf text;
    uint32_t helped = 0;
    sb_buf_init(&text);
    pick_seed = 1814;
    for (int i = 0; i < 6000; i++) {
        sb_rule rule;
        const char *words = upward_rule(&text, false);
        parse_rule(words, &rule);
        for (int k = 0; k < 10; k++) {
            int change = one_more_for(&rule);
            if (change < 0)
                fail_msg("one more for harms: %s", words);
            helped += change > 0;
        }
        sb_arena_reset(&arena);
    }
    assert_true(helped > 1000);
    sb_buf_deinit(&text);
}

/* So the test above could fail. */
static void one_more_for_harms_where_it_is_counted_downwards(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"for < 2", "for = 1", "cast <= 1/2 of present",
                                        "abstain >= 1",
                                        "each partner: for > 2/1 of cast or for = 0"};
    pick_seed = 1905;
    for (size_t t = 0; t < sizeof TEXTS / sizeof *TEXTS; t++) {
        sb_rule rule;
        bool harmed = false;
        parse_rule(TEXTS[t], &rule);
        for (int i = 0; i < 2000 && !harmed; i++)
            harmed = one_more_for(&rule) < 0;
        if (!harmed)
            fail_msg("never harmed: %s", TEXTS[t]);
        sb_arena_reset(&arena);
    }
}

/* ---- what doesn't matter ---- */

static const sb_tally *tally_of(const sb_rule_input *in, sb_slice partner)
{
    for (uint32_t i = 0; i < in->partner_count; i++)
        if (sb_slice_eq(in->partners[i].id, partner))
            return &in->partners[i].tally;
    return NULL;
}

static void assert_same_counts(const sb_tally_seat *one, const sb_tally_seat *other, uint32_t count)
{
    sb_rule_input a, b;
    assert_int_equal(sb_tally_count(&arena, one, count, &a, NULL), SB_OK);
    assert_int_equal(sb_tally_count(&arena, other, count, &b, NULL), SB_OK);
    assert_memory_equal(&a.total, &b.total, sizeof a.total);
    assert_int_equal(a.partner_count, b.partner_count);
    for (uint32_t i = 0; i < a.partner_count; i++) {
        const sb_tally *t = tally_of(&b, a.partners[i].id);
        assert_non_null(t);
        assert_memory_equal(&a.partners[i].tally, t, sizeof *t);
    }
}

static void swap_states(sb_tally_seat *x, sb_tally_seat *y)
{
    sb_tally_seat kept = *x;
    x->filled = y->filled, x->presence = y->presence, x->vote = y->vote;
    y->filled = kept.filled, y->presence = kept.presence, y->vote = kept.vote;
}

/* What its seats did goes round within each partner. */
static void seats_of_one_partner_are_alike(void **state)
{
    (void)state;
    uint32_t swapped = 0;
    pick_seed = 6;
    for (int i = 0; i < 20000; i++) {
        sb_tally_seat one[SEATS], other[SEATS];
        uint32_t count = 2 + pick(SEATS - 1);
        random_seats(one, count);
        memcpy(other, one, sizeof one);
        for (uint32_t k = count; k-- > 1;) {
            uint32_t with = pick(k + 1);
            if (!sb_slice_eq(other[k].partner, other[with].partner))
                continue;
            swap_states(&other[k], &other[with]);
            swapped += k != with;
        }
        assert_same_counts(one, other, count);
        sb_arena_reset(&arena);
    }
    assert_true(swapped > 10000);
}

static void order_says_nothing(void **state)
{
    (void)state;
    sb_buf text;
    sb_buf_init(&text);
    pick_seed = 7;
    for (int i = 0; i < 20000; i++) {
        sb_tally_seat one[SEATS], other[SEATS];
        sb_rule rule;
        uint32_t count = 2 + pick(SEATS - 1);
        random_seats(one, count);
        memcpy(other, one, sizeof one);
        for (uint32_t k = count; k-- > 1;) {
            uint32_t with = pick(k + 1);
            sb_tally_seat kept = other[k];
            other[k] = other[with];
            other[with] = kept;
        }
        assert_same_counts(one, other, count);
        parse_rule(upward_rule(&text, pick(4) == 0), &rule);
        assert_int_equal(passes(&rule, one, count), passes(&rule, other, count));
        sb_arena_reset(&arena);
    }
    sb_buf_deinit(&text);
}

/* Ballots and objections of seats that aren't represented. */
static void what_is_not_counted_changes_nothing(void **state)
{
    (void)state;
    uint32_t changed = 0;
    pick_seed = 8;
    for (int i = 0; i < 20000; i++) {
        sb_tally_seat one[SEATS], other[SEATS];
        uint32_t count = 1 + pick(SEATS);
        random_seats(one, count);
        memcpy(other, one, sizeof one);
        for (uint32_t k = 0; k < count; k++) {
            if (is_there(&other[k]))
                continue;
            other[k].vote = (sb_tally_vote)pick(4);
            other[k].objects = pick(2);
            changed++;
        }
        assert_same_counts(one, other, count);
        sb_arena_reset(&arena);
    }
    assert_true(changed > 10000);
}

/* ---- the largest numbers, against arithmetic in 128 bits ---- */

__extension__ typedef __int128 wide;

static bool relation(uint8_t op, wide left, wide right)
{
    const bool by_op[5] = {left >= right, left > right, left == right, left < right, left <= right};
    return by_op[op];
}

static void assert_line(const sb_rule *rule, const sb_rule_line *line)
{
    const sb_rule_node *n = &rule->nodes[line->node];
    wide right = n->is_share ? (wide)n->p * line->b_value : n->p, q = n->q;
    wide needed = (wide)line->needed;
    assert_int_equal(line->held, relation(n->op, (wide)line->a_value * q, right));
    switch (line->needed_kind) {
    case SB_NEEDED_AT_LEAST: /* it would do, and one less wouldn't */
        assert_true(relation(n->op, needed * q, right));
        assert_true(needed == 0 || q == 0 || !relation(n->op, (needed - 1) * q, right));
        break;
    case SB_NEEDED_EXACTLY:
        assert_true(needed * q == right);
        break;
    case SB_NEEDED_AT_MOST:
        assert_true(relation(n->op, needed * q, right));
        assert_false(relation(n->op, (needed + 1) * q, right));
        break;
    case SB_NEEDED_IMPOSSIBLE:
        assert_false(line->held);
        assert_false(relation(n->op, 0, right) && n->op != 2);
        assert_true(q == 0 || n->op != 2 || right % q != 0);
        break;
    }
}

static uint32_t large(uint32_t most)
{
    static const uint32_t NEAR[] = {0, 1, 2, 3};
    return pick(3) ? most - PICK(NEAR) : pick(4) ? pick(most) : PICK(NEAR);
}

static sb_tally large_tally(uint32_t most)
{
    sb_tally t = {.seats = large(most), .filled = large(most), .present = large(most)};
    t.eligible = large(most);
    sb_tally_votes(&t, large(most) / 3, large(most) / 3, large(most) / 3);
    return t;
}

static void no_overflow_of_counts(void **state)
{
    (void)state;
    static const uint32_t MOST[] = {SB_SEATS_MAX, UINT32_MAX};
    pick_seed = 10000;
    for (int i = 0; i < 40000; i++) {
        char text[128];
        sb_rule rule;
        sb_rule_result r;
        uint32_t most = PICK(MOST);
        (void)snprintf(text, sizeof text, "%s %s %u/%u of %s or %s %s %u", PICK(rules_counts),
                       PICK(rules_operators), large(SB_RULE_NUMBER_MAX), large(SB_RULE_NUMBER_MAX),
                       PICK(rules_counts), PICK(rules_counts), PICK(rules_operators),
                       large(SB_RULE_NUMBER_MAX));
        parse_rule(text, &rule);
        sb_rule_input in = {.total = large_tally(most)};
        sb_rule_eval(&arena, &rule, &in, &r);
        assert_int_equal(r.line_count, 2);
        assert_line(&rule, &r.lines[0]);
        assert_line(&rule, &r.lines[1]);
        sb_arena_reset(&arena);
    }
}

/* The largest body there may be, all of it: 10,000 seats of 16 partners. */
static void no_overflow_of_the_largest_body(void **state)
{
    (void)state;
    static const char IDS[] = "abcdefghijklmnop";
    sb_tally_seat *seats = sb_xmalloc(SB_SEATS_MAX * sizeof *seats);
    char(*names)[8] = sb_xmalloc(SB_SEATS_MAX * sizeof *names);
    for (uint32_t i = 0; i < SB_SEATS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "s%u", i);
        seats[i] = (sb_tally_seat){.id = sb_slice_str(names[i]),
                                   .partner = sb_slice_of(&IDS[i % SB_PARTNERS_MAX], 1),
                                   .filled = true,
                                   .presence = SB_TALLY_DEPUTY,
                                   .vote = (sb_tally_vote)(i % 7 % 4)};
    }
    static const char TEXT[] =
        "each partner: (for >= 999999999/1000000000 of for and present > 999999999/1000000000 of "
        "seats) and seats = 10000 and cast <= 1000000000/1 of voted and at least 16 partners: "
        "seats >= 625";
    const sb_tally_case one = {.seats = seats, .count = SB_SEATS_MAX};
    sb_rule rule;
    sb_rule_input in;
    sb_rule_result r;
    sb_buf json;
    bool passed = false;
    sb_buf_init(&json);
    parse_rule(TEXT, &rule);
    assert_int_equal(sb_tally_count(&arena, seats, SB_SEATS_MAX, &in, NULL), SB_OK);
    sb_rule_eval(&arena, &rule, &in, &r);
    assert_int_equal(r.line_count, 16 * 3 + 2);
    for (uint32_t i = 0; i < r.line_count; i++)
        assert_line(&rule, &r.lines[i]);
    assert_int_equal(in.total.seats, SB_SEATS_MAX);
    uint32_t voted = 0;
    for (uint32_t i = 0; i < SB_SEATS_MAX; i++)
        voted += seats[i].vote != SB_TALLY_NO_BALLOT;
    assert_int_equal(in.total.voted, voted);
    assert_int_equal(sb_tally_certificate(&arena, &rule, &one, &json, &passed, NULL), SB_OK);
    assert_true(passed);
    sb_buf_deinit(&json);
    free(names);
    free(seats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_more_for_never_harms),
        cmocka_unit_test(one_more_for_harms_where_it_is_counted_downwards),
        cmocka_unit_test(seats_of_one_partner_are_alike),
        cmocka_unit_test(order_says_nothing),
        cmocka_unit_test(what_is_not_counted_changes_nothing),
        cmocka_unit_test(no_overflow_of_counts),
        cmocka_unit_test(no_overflow_of_the_largest_body),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
