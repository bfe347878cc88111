/* A damaged store made whole, as far as it can be here. A new one is built beside it from what holds:
 * the leaves before the first damaged one, folded anew, the blobs that are their hash, the archive,
 * the own rows that their owner keeps. It is checked, then takes the old one's place in one rename;
 * the old file is kept beside in a directory of its own. What is missing then the daemon fetches.
 */
#ifndef SB_STORE_REPAIR_H
#define SB_STORE_REPAIR_H

#include "nodes/store/check.h"
#include "nodes/store/history.h"

/* In a batch on the new store: its owner's rows. */
typedef struct sb_repair_own {
    sb_kv *from; /* of the damaged store; NULL: it can't be read */
    sb_kv *to;   /* of the new one; it has SB_HISTORY_ROW_TIP and the attachments' that are to be
                         fetched (proto/wire/missing.h) already */
    sb_history *made; /* the new history, of the leaves that hold */
    const sb_check_report *report;
    void *context;
} sb_repair_own;
typedef void sb_repair_own_fn(const sb_repair_own *own);

typedef struct sb_repair_opts {
    sb_check_opts check;
    sb_repair_own_fn *own;
    bool may_refetch; /* the daemon gets lost leaves from others (a node, a standby) */
} sb_repair_opts;

typedef struct sb_repair_result {
    sb_check_report before, after;
    bool was_sound;  /* nothing was done */
    char kept[4096]; /* where the old file is now */
} sb_repair_result;

/* Nobody else may have the store open. The result is the caller's: sb_repair_result_deinit.
 * Errors: SB_E_REPAIR_RUNNING, _BROKER, _PROGRAM, _FAILED, SB_E_STORE_SHORT_OF_ROOM, of a check that
 * couldn't be done; then the store is as it was. */
sb_err sb_repair_run(const sb_repair_opts *opts, sb_repair_result *out, sb_fail *fail);
void sb_repair_result_deinit(sb_repair_result *r);

#endif
