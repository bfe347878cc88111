/* The input of `samband rules eval` (proto/RULES.md §8), from JSON to seats. */
#ifndef SB_CLI_RULES_INPUT_H
#define SB_CLI_RULES_INPUT_H

#include "nodes/host/doc.h"
#include "proto/rules/tally.h"

/* Everything in the arena. Errors: SB_E_CLI_INPUT, _INPUT_SEAT, _INPUT_TWICE with file, line, JSON
 * path ("$.ballots.unn-1") and what was expected or stood there. */
sb_err sb_rules_input(const sb_doc *root, sb_arena *arena, sb_tally_case *out, sb_fail *fail);

#endif
