/* Verified copies of a store: of a broker's and of a node's. */
#ifndef SB_CLI_BACKUP_H
#define SB_CLI_BACKUP_H

#include "nodes/cli/inside.h"

/* The store (of this kind: "node", "broker") in `from` to the new or empty directory `to`; then the
 * copy is opened and read as a whole: every leaf is hashed into the root, every blob into its name.
 * Errors: sb_history_open's, sb_store_backup's, SB_E_CLI_BACKUP_*. */
sb_err sb_backup_copy_store(sb_cli *cli, const char *kind, const char *from, const char *to);
sb_err sb_backup_copy_file(sb_cli *cli, const char *from, const char *to);
/* "… oppføringer" */
void sb_backup_say_size(sb_cli *cli, const char *kind, const char *dir);

#endif
