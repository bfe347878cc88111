/* What the history's two files give each other: history.c goes forward, rewind.c back. */
#ifndef SB_STORE_HISTORY_INSIDE_H
#define SB_STORE_HISTORY_INSIDE_H

#include "nodes/store/history.h"

/* ---- history.c ---- */

sb_err sb_history_damaged(sb_fail *fail, uint64_t index);
/* The tree of the first `size` stored leaves. Errors: sb_tree_load's. */
sb_err sb_history_tree_at(sb_history *h, uint64_t size, sb_tree *tree, sb_fail *fail);
/* h->ledger over what is stored, checked. Errors: SB_E_HISTORY_DAMAGED, sb_ledger_open's. */
sb_err sb_history_open_ledger(sb_history *h, sb_fail *fail);
/* Every leaf is read: they are the ones that were committed. Errors: SB_E_HISTORY_DAMAGED. */
sb_err sb_history_leaves_hold(const sb_history *h, sb_fail *fail);
/* What the cores read with. */
sb_log_reader sb_history_reader(sb_store *store);
/* In a batch. */
void sb_history_put_own(sb_history *h, const sb_commit_put *puts, size_t count);
void sb_history_put_tip(sb_history *h);

/* ---- rewind.c ---- */

/* An older format: the rows are folded anew from the leaves, which no format changes, and the format
 * row says today's: in one transaction. Errors: SB_E_STORE_OLDER (it is open to be read only),
 * SB_E_STORE_TOO_OLD (today's fold doesn't take its leaves), SB_E_HISTORY_DAMAGED (they aren't what
 * was written), the store's. */
sb_err sb_history_migrate(sb_history *h, sb_fail *fail);

/* In a batch: the ledger's rows after `leaf_count` leaves from index `first`, and how to take them
 * back. */
void sb_history_flush(sb_history *h, uint64_t first, size_t leaf_count);

#endif
