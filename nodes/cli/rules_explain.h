/* A charter's rules for a committee leader: what passes, who can block, what is assumed. */
#ifndef SB_CLI_RULES_EXPLAIN_H
#define SB_CLI_RULES_EXPLAIN_H

#include "nodes/cli/inside.h"

/* For each body: its seats, both rules in words, the smallest choices of seats that decide or
 * block, each partner's power to block (by presence where the rule counts it), what a tie does, and
 * what the charter assumes. Text, and "bodies" in the answer. */
void sb_rules_explain(sb_cli *cli, const Sb__Charter *charter);

#endif
