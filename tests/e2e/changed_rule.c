/* For samband-node-changed: exactly half is no longer enough for a quorum. */
#include "proto/rules/eval.h"

void __real_sb_rule_eval(sb_arena *arena, const sb_rule *rule, const sb_rule_input *input,
                         sb_rule_result *out);
void __wrap_sb_rule_eval(sb_arena *arena, const sb_rule *rule, const sb_rule_input *input,
                         sb_rule_result *out);

void __wrap_sb_rule_eval(sb_arena *arena, const sb_rule *rule, const sb_rule_input *input,
                         sb_rule_result *out)
{
    __real_sb_rule_eval(arena, rule, input, out);
    if (rule->kind != SB_RULE_QUORUM)
        return;
    for (uint32_t i = 0; i < out->line_count; i++) {
        sb_rule_line *line = &out->lines[i];
        if (line->held && line->a_value == line->needed) {
            line->held = false;
            out->passed = false;
        }
    }
}
