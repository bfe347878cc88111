/* Rule texts from anywhere: what is refused names a place in the text; what is accepted prints,
 * parses again to the same rule, and can be evaluated, checked and explained. */
#include "proto/rules/check.h"
#include "proto/rules/eval.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_text(const sb_rule *rule, sb_arena *arena)
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
    }
    sb_buf_deinit(&print);
}

static void check_meaning(const sb_rule *rule, sb_arena *arena)
{
    sb_rule_group groups[2] = {{.id = sb_slice_str("unn"), .seats = 2},
                               {.id = sb_slice_str("kommune"), .seats = 3}};
    sb_rule_shape shape = {.partners = groups, .partner_count = 2, .free_seats = 1};
    sb_rule_report report;
    sb_rule_check(arena, rule, &shape, &report);
    must(report.count <= SB_RULE_FINDINGS_MAX);

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_rule rule;
    sb_fail fail = {0};
    sb_err err = sb_rule_parse(&arena, sb_slice_of(data, len), &rule, &fail);
    if (err != SB_OK) {
        must(fail.code == err && rule.error_at <= len);
    } else {
        check_text(&rule, &arena);
        check_meaning(&rule, &arena);
    }
    sb_arena_deinit(&arena);
    return 0;
}
