/* Rules that are nearly alike: the difference of meaning (proto/rules/differ.h) is found exactly
 * when some attendance and vote of a body of up to eight seats comes out otherwise. Whether the
 * example is the smallest: rules_differ_test, on smaller bodies. */
#include "proto/rules/differ.h"
#include "tests/lib/rules_gen.h"

enum { GROUPS = 2, SEATS_MAX = 4, TALLIES_MAX = 126, ROUNDS = 400 };

static const char *const IDS[GROUPS] = {"a", "b"};
static bool holds(const sb_rule *rule, const sb_tally *const tallies[GROUPS])
{
    sb_partner_tally partners[GROUPS];
    for (int g = 0; g < GROUPS; g++)
        partners[g] = (sb_partner_tally){.id = sb_slice_str(IDS[g]), .tally = *tallies[g]};
    return rule_holds_on(rule, partners, GROUPS, NULL);
}

/* What of both can come out otherwise: with somebody's vote for or against, or only without. */
typedef struct differs {
    bool with_votes, in_silence;
} differs;

static differs try_all(const sb_rule rules[2], const uint32_t seats[GROUPS])
{
    sb_tally all[GROUPS][TALLIES_MAX];
    uint32_t counts[GROUPS];
    differs out = {false, false};
    for (int g = 0; g < GROUPS; g++)
        counts[g] = all_tallies(seats[g], all[g], TALLIES_MAX);
    for (uint32_t i = 0; i < counts[0] && !out.with_votes; i++)
        for (uint32_t k = 0; k < counts[1] && !out.with_votes; k++) {
            const sb_tally *const t[GROUPS] = {&all[0][i], &all[1][k]};
            if (holds(&rules[0], t) == holds(&rules[1], t))
                continue;
            if (t[0]->cast + t[1]->cast > 0)
                out.with_votes = true;
            else
                out.in_silence = true;
        }
    return out;
}

/* The text with one of its digits one more; false if it has none. */
static bool alter(sb_buf *text)
{
    uint32_t digits = 0;
    for (size_t i = 0; i < text->len; i++)
        digits += text->data[i] >= '0' && text->data[i] <= '9';
    for (uint32_t which = digits > 0 ? pick(digits) : 0, i = 0; i < text->len; i++) {
        bool digit = text->data[i] >= '0' && text->data[i] <= '9';
        if (!digit || which-- > 0)
            continue;
        text->data[i] = (uint8_t)('0' + (text->data[i] - '0' + 1) % 10);
        return true;
    }
    return false;
}

static void difference_is_found(void **state)
{
    (void)state;
    sb_buf text;
    uint32_t found[2] = {0};
    sb_buf_init(&text);
    pick_seed = 2;
    for (int i = 0; i < ROUNDS; i++) {
        sb_rule rules[2];
        sb_differ_result r;
        uint32_t seats[GROUPS] = {1 + pick(SEATS_MAX), pick(3) ? 1 + pick(3) : 0};
        const sb_rule_group groups[GROUPS] = {{.id = sb_slice_str(IDS[0]), .seats = seats[0]},
                                              {.id = sb_slice_str(IDS[1]), .seats = seats[1]}};
        const sb_rule_shape shape = {.partners = groups, .partner_count = GROUPS};
        const char *before = sb_arena_printf(&arena, "%s", upward_rule(&text, false));
        parse_rule(before, &rules[0]);
        (void)alter(&text);
        assert_int_equal(sb_rule_parse(&arena, sb_buf_slice(&text), &rules[1], NULL), SB_OK);
        const sb_differ_side sides[2] = {{.rule = &rules[0], .shape = &shape},
                                         {.rule = &rules[1], .shape = &shape}};
        sb_rule_differ(&arena, sides, &r);
        differs want = try_all(rules, seats);
        sb_differ_verdict verdict = want.with_votes   ? SB_DIFFER_DIFFERS
                                    : want.in_silence ? SB_DIFFER_SILENT
                                                      : SB_DIFFER_SAME;
        if (r.verdict != verdict)
            fail_msg("verdict %d, not %d, %u and %u seats: %s | %s", (int)r.verdict, (int)verdict,
                     seats[0], seats[1], before, sb_buf_cstr(&text));
        found[verdict != SB_DIFFER_SAME]++;
        sb_arena_reset(&arena);
    }
    print_message("%u differ, %u don't\n", found[1], found[0]);
    assert_true(found[0] > 50 && found[1] > 50);
    sb_buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(difference_is_found)};
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
