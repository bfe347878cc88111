/* Which attachments a standby still fetches (proto/wire/missing.h). Also brokerd's, for what is left
 * when it takes over.
 */
#ifndef SB_STANDBY_MISSING_H
#define SB_STANDBY_MISSING_H

#include "proto/ledger/ledger.h"
#include "proto/wire/missing.h"

/* From the rows SB_STANDBY_ROW_MISSING, less what has come, was erased or was cut off since. False:
 * a row is unreadable. */
bool sb_standby_missing_load(sb_missing *m, sb_kv *own, sb_ledger *ledger,
                             const sb_log_reader *log);
/* A leaf of the log: rows for what it names and we don't hold; what it erases isn't waited for. */
void sb_standby_missing_leaf(sb_missing *m, const sb_log_reader *log, uint64_t index,
                             const sb_leaf *leaf, sb_commit_builder *commit);
/* The next one to ask for now, marked as asked; NULL: none. Call until NULL. */
sb_missing_blob *sb_standby_missing_next(sb_missing *m, uint64_t mono_ms, size_t *at);

#endif
