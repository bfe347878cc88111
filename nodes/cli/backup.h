/* Verified copies of a store: of a broker's and of a node's. */
#ifndef SB_CLI_BACKUP_H
#define SB_CLI_BACKUP_H

#include "nodes/cli/inside.h"
#include "proto/ledger/ledger.h"

/* What is copied: a daemon's store and the file of its federation. */
typedef struct sb_backup {
    const char *kind; /* of the store: "node", "broker" */
    const char *store, *federation;
    uint8_t mark_row; /* the own row that sb_backup_mark writes */
} sb_backup;

/* The own row by which the daemon knows that its store was restored. */
typedef void sb_backup_mark(sb_kv *own, sb_ledger *ledger);

extern const sb_arg_position SB_BACKUP_POSITIONS[], SB_RESTORE_POSITIONS[];

/* Into the new or empty directory `to`; then the copy is opened and read as a whole: every leaf is
 * hashed into the root, every blob into its name, and only then is it called a store. What was done
 * is said. Killed anywhere, it can be run again. Errors: SB_E_CLI_DIR_NOT_EMPTY, sb_history_open's, sb_store_backup's, SB_E_CLI_BACKUP_*. */
sb_err sb_backup_make(sb_cli *cli, const sb_backup *b, const char *to);
/* Back from the directory `from` to where nothing lies, of an older store format too (the copy is brought up), read as
 * a whole and marked. `dir`: the
 * daemon's, to say. Killed anywhere, it can be run again; no unmarked store is ever in its place, and
 * one that lies there is taken for its own only when it is whole, marked and has the backup's root.
 * Errors: as of sb_backup_make, SB_E_CLI_BACKUP_UNFINISHED. */
sb_err sb_backup_restore(sb_cli *cli, const sb_backup *b, const char *from, const char *dir,
                         sb_backup_mark *mark);

#endif
