/* The rules of one body of a charter file. */
#ifndef SB_CLI_RULES_PICK_H
#define SB_CLI_RULES_PICK_H

#include "nodes/cli/inside.h"
#include "proto/rules/check.h"

typedef struct sb_picked_rules {
    const sb_rule *quorum, *pass; /* NULL: none */
    const sb_rule_shape *names;   /* the body's partners */
    const char *body;             /* its id */
} sb_picked_rules;

/* `body`: id or short name, NULL where the charter has one body alone. Everything in the command's
 * arena. Errors: those of sb_charter_read; SB_E_CLI_NO_MATCH, SB_E_ARG_OPTION_MISSING (body). */
sb_err sb_rules_pick(sb_cli *cli, const char *path, const char *body, sb_picked_rules *out);

#endif
