/* Rule texts from anywhere: what is refused names a place in the text; what is accepted prints and
 * parses again to the same rule in both languages, can be checked, explained and analysed, and is
 * evaluated on counts of any size as arithmetic in 128 bits has it. */
#include "proto/rules/analyse.h"
#include "proto/rules/check.h"
#include "proto/rules/differ.h"
#include "proto/rules/tally.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Counts that depend on the text alone: small ones, those at the limits, any. */
static uint32_t any_count(uint64_t *seed)
{
    static const uint32_t EDGES[8] = {0,       1, 2, 3, SB_SEATS_MAX, UINT32_MAX, UINT32_MAX - 1,
                                      1u << 31};
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint32_t n = (uint32_t)(*seed >> 33);
    return n % 3 == 0 ? n : EDGES[n / 3 % 8];
}

static sb_tally any_tally(uint64_t *seed)
{
    return (sb_tally){any_count(seed), any_count(seed), any_count(seed),
                      any_count(seed), any_count(seed), any_count(seed),
                      any_count(seed), any_count(seed), any_count(seed)};
}

__extension__ typedef unsigned __int128 wide;

static bool relation(sb_rule_op op, wide left, wide right)
{
    const bool by_op[5] = {left >= right, left > right, left == right, left < right, left <= right};
    return by_op[op];
}

static void check_line(const sb_rule *rule, const sb_rule_line *line)
{
    const sb_rule_node *n = &rule->nodes[line->node];
    wide right = n->is_share ? (wide)n->p * line->b_value : n->p;
    wide need = (wide)line->needed * n->q;
    must(line->held == relation((sb_rule_op)n->op, (wide)line->a_value * n->q, right));
    switch (line->needed_kind) {
    case SB_NEEDED_AT_LEAST:
        must(line->held == (line->a_value >= line->needed));
        must(n->q == 0 || line->needed == 0 || !relation((sb_rule_op)n->op, need - n->q, right));
        break;
    case SB_NEEDED_EXACTLY:
        must(need == right);
        break;
    case SB_NEEDED_AT_MOST:
        must(line->held == (line->a_value <= line->needed));
        must(!relation((sb_rule_op)n->op, need + n->q, right));
        break;
    case SB_NEEDED_IMPOSSIBLE:
        must(!line->held);
        break;
    }
}

static void check_extremes(const sb_rule *rule, sb_arena *arena, uint64_t seed)
{
    sb_partner_tally partners[2] = {{.id = sb_slice_str("unn"), .tally = any_tally(&seed)},
                                    {.id = sb_slice_str("kommune"), .tally = any_tally(&seed)}};
    sb_rule_input in = {.partners = partners, .partner_count = 2, .total = any_tally(&seed)};
    sb_rule_result result;
    sb_rule_eval(arena, rule, &in, &result);
    for (uint32_t i = 0; i < result.line_count; i++)
        check_line(rule, &result.lines[i]);
}

/* The whole answer of `samband rules eval` on five seats. */
static void check_answer(const sb_rule *rule, sb_arena *arena, uint64_t seed)
{
    static const char *const PARTNERS[4] = {"unn", "kommune", "a-b", ""};
    static const char *const IDS[5] = {"a", "b", "c", "d", "e"};
    sb_tally_seat seats[5];
    sb_buf out;
    bool passed;
    for (int i = 0; i < 5; i++)
        seats[i] = (sb_tally_seat){.id = sb_slice_str(IDS[i]),
                                   .partner = sb_slice_str(PARTNERS[any_count(&seed) % 4]),
                                   .filled = any_count(&seed) % 4 > 0,
                                   .presence = (sb_tally_presence)(any_count(&seed) % 4),
                                   .vote = (sb_tally_vote)(any_count(&seed) % 4),
                                   .objects = any_count(&seed) % 4 == 0};
    const sb_tally_case one = {.seats = seats, .count = 5, .earlier = any_count(&seed) % 3};
    sb_buf_init(&out);
    must(sb_tally_certificate(arena, rule, &one, &out, &passed, NULL) == SB_OK && out.len > 0);
    sb_buf_deinit(&out);
}

static void check_analysis(const sb_rule *rule, const sb_rule_shape *shape)
{
    sb_analyse_seats all;
    sb_analyse_minimal m;
    sb_analyse_blocks blocks;
    sb_analyse_all(shape, &all);
    sb_analyse_block_alone(rule, shape, &all, &blocks);
    sb_analyse_minimal_choices(rule, shape, &all, SB_ANALYSE_WINNING, &m);
    for (uint32_t i = 0; m.is_exact && i < m.list_count; i++)
        must(sb_analyse_holds(rule, shape, &all, &m.list[i]));
    sb_analyse_minimal_choices(rule, shape, &all, SB_ANALYSE_BLOCKING, &m);
    must(!m.is_exact || m.list_count <= m.kinds);
    must(m.sets >= m.kinds);
}

static void check_text(const sb_rule *rule, const sb_rule_shape *shape, sb_arena *arena)
{
    sb_buf print;
    sb_buf_init(&print);
    for (int lang = 0; lang < 2; lang++) {
        sb_rule again;
        sb_buf_clear(&print);
        sb_rule_print(rule, (sb_rule_lang)lang, &print);
        must(sb_rule_parse(arena, sb_buf_slice(&print), &again, NULL) == SB_OK);
        must(sb_rule_eq(rule, &again));
        sb_buf_clear(&print);
        sb_rule_explain(rule, NULL, (sb_rule_lang)lang, &print);
        sb_rule_explain(rule, shape, (sb_rule_lang)lang, &print);
    }
    sb_buf_deinit(&print);
}

static void check_meaning(const sb_rule *rule, const sb_rule_shape *shape, sb_arena *arena)
{
    const sb_rule_group *groups = shape->partners;
    sb_rule_report report;
    sb_rule_check(arena, rule, shape, &report);
    must(report.count <= SB_RULE_FINDINGS_MAX);
    if (!report.has_errors) {
        const sb_differ_side sides[2] = {{.rule = rule, .shape = shape},
                                         {.rule = rule, .shape = shape}};
        sb_differ_result same;
        check_analysis(rule, shape);
        sb_rule_differ(arena, sides, &same);
        must(same.verdict == SB_DIFFER_SAME || same.verdict == SB_DIFFER_NOT_SEARCHED);
    }

    sb_partner_tally partners[2] = {{.id = groups[0].id}, {.id = groups[1].id}};
    sb_rule_input in = {.partners = partners, .partner_count = 2};
    for (int i = 0; i < 2; i++) {
        sb_tally *t = &partners[i].tally;
        t->seats = t->filled = t->present = t->eligible = groups[i].seats;
        sb_tally_votes(t, groups[i].seats - 1, (uint32_t)i, 0);
    }
    in.total = (sb_tally){.seats = 6, .filled = UINT32_MAX, .present = 5, .eligible = 5};
    sb_tally_votes(&in.total, 3, 1, 0);
    sb_rule_result result;
    sb_rule_eval(arena, rule, &in, &result);
    /* everyone here is within what the checker searched, but for the absurd `filled` */
    bool counts_filled = false;
    for (uint16_t i = 0; i < rule->node_count; i++)
        counts_filled = counts_filled || rule->nodes[i].a == SB_COUNT_FILLED ||
                        rule->nodes[i].b == SB_COUNT_FILLED;
    if (report.is_exact && !counts_filled)
        must(result.formula_held ? report.can_pass : report.can_fail);
}

static bool one(sb_slice input)
{
    sb_arena arena;
    sb_arena_init(&arena);
    const sb_rule_group groups[2] = {{.id = sb_slice_str("unn"), .seats = 2},
                                     {.id = sb_slice_str("kommune"), .seats = 3}};
    const sb_rule_shape shape = {.partners = groups, .partner_count = 2, .free_seats = 1};
    sb_rule rule;
    sb_fail fail = {0};
    sb_err err = sb_rule_parse(&arena, input, &rule, &fail);
    if (err != SB_OK) {
        must(fail.code == err && rule.error_at <= input.len);
    } else {
        uint64_t seed = input.len;
        for (size_t i = 0; i < input.len; i++)
            seed = seed * 131 + input.data[i];
        check_text(&rule, &shape, &arena);
        check_meaning(&rule, &shape, &arena);
        check_extremes(&rule, &arena, seed);
        check_answer(&rule, &arena, seed);
    }
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* searches of small bodies */
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){16 * 1024 * 1024, 64 * 1024});
}
