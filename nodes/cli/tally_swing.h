/* What it would take for another outcome, in words and in the answer (RULES.md §11). */
#ifndef SB_CLI_TALLY_SWING_H
#define SB_CLI_TALLY_SWING_H

#include "nodes/cli/rules_table.h"

/* The fewest that must come for a quorum, or leave for none; the fewest that must vote otherwise for
 * another outcome: under "arrivals", "departures" and "votes". The column is judged. */
void sb_tally_swings(sb_cli *cli, const sb_column *column, const sb_rule_shape *names);

#endif
