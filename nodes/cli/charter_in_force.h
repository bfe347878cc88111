/* The charter to speak of when no file is given. */
#ifndef SB_CLI_CHARTER_IN_FORCE_H
#define SB_CLI_CHARTER_IN_FORCE_H

#include "nodes/cli/inside.h"

/* The charter in force, from one's node: the one that the trusted federation was founded on, or a
 * later version whose bytes have the hash that the node tells.
 * Errors: those of sb_session_ask; SB_E_CLI_ANSWER. */
sb_err sb_charter_in_force(sb_cli *cli, const Sb__Charter **out);
/* The charter that the trusted federation was founded on; no node is asked.
 * Errors: SB_E_CLI_NO_FEDERATION, those of sb_federation_read. */
sb_err sb_charter_founding(sb_cli *cli, const Sb__Charter **out);

#endif
