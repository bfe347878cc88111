/* Attachments that the log names and that aren't held here: what is still to be fetched. Also
 * brokerd's, for what is left when it takes over.
 */
#ifndef SB_STANDBY_MISSING_H
#define SB_STANDBY_MISSING_H

#include "proto/ledger/ledger.h"
#include "proto/wire/logio.h"

typedef struct sb_missing_blob {
    uint8_t sha256[32];
    uint64_t size, index; /* the log states the size; the first leaf that names it */
    uint64_t asked_ms;    /* monotonic; 0: not yet */
} sb_missing_blob;

/* Rising sha256. */
typedef struct sb_missing {
    sb_missing_blob *blobs;
    size_t count, cap;
} sb_missing;

/* From the rows SB_STANDBY_ROW_MISSING, less what has come, was erased or was cut off since. False:
 * a row is unreadable. */
bool sb_missing_load(sb_missing *m, sb_kv *own, sb_ledger *ledger, const sb_log_reader *log);
void sb_missing_deinit(sb_missing *m);
/* A leaf of the log: rows for what it names and we don't hold; what it erases isn't waited for. */
void sb_missing_leaf(sb_missing *m, const sb_log_reader *log, uint64_t index, const sb_leaf *leaf,
                     sb_commit_builder *commit);
/* It came. commit (may be NULL): its row goes. */
void sb_missing_done(sb_missing *m, const uint8_t sha256[32], sb_commit_builder *commit);
/* The next one to ask for now, marked as asked; NULL: none. Call until NULL. */
sb_missing_blob *sb_missing_next(sb_missing *m, uint64_t mono_ms, size_t *at);

#endif
