/* What a charter reads between the lines of the bylaws. In cmd_charter.c. */
#ifndef SB_CLI_ASSUMED_H
#define SB_CLI_ASSUMED_H

#include "nodes/cli/inside.h"

/* Everything assumed about a body: a line each, and an object in the answer's open array; adds to
 * *count. */
void sb_cli_say_assumed(sb_cli *cli, const Sb__Body *body, uint32_t *count);

#endif
