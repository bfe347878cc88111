/* What a charter says in words: between the lines of the bylaws, and besides its rules. */
#ifndef SB_CLI_ASSUMED_H
#define SB_CLI_ASSUMED_H

#include "nodes/cli/inside.h"

/* Everything assumed about a body: a line each, and an object in the answer's open array; adds to
 * *count. In cmd_charter.c. */
void sb_cli_say_assumed(sb_cli *cli, const Sb__Body *body, uint32_t *count);
/* The same about the offices that the body elects. */
void sb_cli_say_assumed_offices(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *body,
                                uint32_t *count);

/* What it says about a body besides the rules: elections and who is elected, plans, terms, …,
 * norms: a line each, and an object {where, cite, text} in the answer's open array. In
 * charter_sections.c. */
void sb_cli_say_sections(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *body);
/* How it changes (amendment or membership; NULL: says nothing), in the same form. */
void sb_cli_say_changes(sb_cli *cli, const Sb__Charter *charter, const Sb__Amendment *amendment,
                        const char *where);

/* What a change needs of the parties, in the same form. */
void sb_cli_say_involvement(sb_cli *cli, const Sb__Involvement *involvement, const char *where);

#endif
