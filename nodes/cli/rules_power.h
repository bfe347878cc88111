/* Who decides by a rule, and who can block it, in plain words and in the answer (RULES.md §9). */
#ifndef SB_CLI_RULES_POWER_H
#define SB_CLI_RULES_POWER_H

#include "nodes/cli/inside.h"
#include "proto/rules/check.h"

/* "UNN 6, kommunene 6": the body's voting seats. */
const char *sb_power_seats(sb_cli *cli, const sb_rule_shape *shape);
void sb_power_put_seats(sb_cli *cli, const sb_rule_shape *shape);

/* What it takes, who blocks, and (but for an election) what a tie does: lines, and members of the object that is open in
 * the answer. The rule has no structural errors for the shape. */
void sb_power_say(sb_cli *cli, const sb_rule *rule, const sb_rule_shape *shape, bool elects);

#endif
