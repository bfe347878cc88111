/* `samband-node check DIR`, `samband-node repair DIR`, and the broker's: the command line around
 * check.h and repair.h, the same for both daemons. Each says where its store is and what its own rows
 * must be. */
#ifndef SB_STORE_KEEPER_H
#define SB_STORE_KEEPER_H

#include "nodes/store/repair.h"

typedef struct sb_keeper_place {
    const char *store;        /* directory */
    const char *federation;   /* file; NULL: none */
    const char *organisation; /* NULL: not known */
    bool may_refetch;
} sb_keeper_place;

typedef struct sb_keeper {
    const char *program; /* "samband-node" */
    const char *kind;    /* of the store */
    uint8_t missing_table;
    /* By the daemon's configuration in DIR. Errors: the file's. */
    sb_err (*where)(const char *dir, sb_arena *arena, sb_keeper_place *out, sb_fail *fail);
    sb_check_own_fn *check_own; /* context: the organisation's id, or NULL */
    sb_repair_own_fn *repair_own;
} sb_keeper;

/* The first word is one of ours. */
bool sb_keeper_wants(int argc, char **argv);
/* All of it; the exit code. */
int sb_keeper_main(const sb_keeper *keeper, int argc, char **argv);

#endif
