/* Who confirms the history, in words: how many it takes, how many silent ones stop it, how many
 * lying ones could make two histories. */
#ifndef SB_CLI_POLICY_WORDS_H
#define SB_CLI_POLICY_WORDS_H

#include "nodes/cli/inside.h"

/* Of a charter: lines, and "confirming" in the answer (an open object). */
void sb_say_policy(sb_cli *cli, const Sb__Charter *charter);
/* Of the query "membership": its policies, its change (may be null). Lines alone. */
void sb_say_policies(sb_cli *cli, const sb_doc *policies);
void sb_say_change(sb_cli *cli, const sb_doc *change);
/* The federation that this one continues (of the queries "charter" and "status"; may be null). */
void sb_say_predecessor(sb_cli *cli, const sb_doc *predecessor);
/* An organisation of --card, --name, --partner as an action of a case. In cmd_membership.c. */
sb_err sb_action_organisation(sb_cli *cli, const char *case_ref);

#endif
