/* Attachments that leaves name and that aren't held here: the list that a node and a standby keep
 * of what is still to be fetched, with a row of the process's own for each (u8 table ‖ sha256[32] ->
 * u64 size ‖ u64 index). What an erasure means for it is the caller's business.
 */
#ifndef SB_WIRE_MISSING_H
#define SB_WIRE_MISSING_H

#include "proto/base/kv.h"
#include "proto/wire/entry.h"
#include "proto/wire/logio.h"

typedef struct sb_missing_blob {
    uint8_t sha256[32];
    uint64_t size, index; /* the log states the size; the first leaf that names it */
    /* the caller's */
    uint64_t erased_index; /* the leaf that erases it; UINT64_MAX: none */
    uint64_t asked_ms;     /* monotonic; 0: not yet */
    uint32_t tries;
} sb_missing_blob;

/* Rising sha256. */
typedef struct sb_missing {
    uint8_t table;
    sb_missing_blob *blobs;
    size_t count, cap;
} sb_missing;

/* ---- a row by itself ---- */

enum { SB_MISSING_KEY_BYTES = 1 + 32 };

/* out: SB_MISSING_KEY_BYTES. */
sb_slice sb_missing_key(uint8_t table, const uint8_t sha256[32], uint8_t *out);
/* Write it, unless there is one. */
void sb_missing_put_row(sb_kv *kv, sb_slice key, uint64_t size, uint64_t index);
/* False: not a row's value. */
bool sb_missing_read_row(sb_slice value, uint64_t *size, uint64_t *index);
/* Does the leaf at the row's index name this blob, of this size? */
bool sb_missing_row_holds(const sb_log_reader *log, sb_slice key, sb_slice value);

/* ---- the list ---- */

void sb_missing_init(sb_missing *m, uint8_t table);
void sb_missing_deinit(sb_missing *m);
/* From the rows, less what has come since. False: a row is unreadable. */
bool sb_missing_load(sb_missing *m, sb_kv *own, const sb_log_reader *log);
/* NULL: it isn't missing. Good until the list changes. */
sb_missing_blob *sb_missing_find(sb_missing *m, const uint8_t sha256[32]);
/* A leaf of the log: rows for what it names and we don't hold. */
void sb_missing_leaf(sb_missing *m, const sb_log_reader *log, uint64_t index, const sb_leaf *leaf,
                     sb_commit_builder *commit);
/* It came, or nobody waits for it. commit (may be NULL): its row goes. */
void sb_missing_done(sb_missing *m, const uint8_t sha256[32], sb_commit_builder *commit);
/* Its row goes, and it stays in the list. */
void sb_missing_del_row(const sb_missing *m, const uint8_t sha256[32], sb_commit_builder *commit);

#endif
