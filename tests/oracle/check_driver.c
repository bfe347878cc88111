/* The C checker for rule_check_compare.py. Each line of standard input: free seats, then for each partner
 * `id seats`, a tab, and the rule; each line of output: the first error's name, or `-`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/rules/check.h"

enum { LINE_MAX_BYTES = 8192 };

static const char *check(sb_arena *arena, char *line)
{
    sb_rule_group groups[SB_PARTNERS_MAX];
    sb_rule_shape shape = {.partners = groups};
    char *rule_text = strchr(line, '\t'), *rest = line;
    if (rule_text == NULL)
        return "?";
    *rule_text++ = '\0';
    shape.free_seats = (uint32_t)strtoul(strtok_r(line, " ", &rest), NULL, 10);
    for (char *id; (id = strtok_r(NULL, " ", &rest)) != NULL;)
        groups[shape.partner_count++] =
            (sb_rule_group){.id = sb_slice_str(id),
                            .seats = (uint32_t)strtoul(strtok_r(NULL, " ", &rest), NULL, 10)};
    sb_rule rule;
    sb_rule_report report;
    sb_fail fail = {0};
    sb_err err = sb_rule_parse(arena, sb_slice_str(rule_text), &rule, &fail);
    if (err != SB_OK)
        return "PARSE";
    sb_rule_check(arena, &rule, &shape, &report);
    for (uint32_t i = 0; i < report.count; i++)
        if (report.findings[i].level == SB_RULE_ERROR)
            return sb_err_name(report.findings[i].fail.code);
    return "-";
}

int main(void)
{
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        sb_arena arena;
        sb_arena_init(&arena);
        line[strcspn(line, "\n")] = '\0';
        puts(check(&arena, line));
        (void)fflush(stdout);
        sb_arena_deinit(&arena);
    }
    return 0;
}
