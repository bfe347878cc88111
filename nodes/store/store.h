/* What a node or a broker keeps on disk: log, state, blobs and its own rows in one LMDB
 * environment, so that what belongs together is committed together (DESIGN §8).
 *
 * One process, one thread, one writer per directory. All writing happens in a batch:
 *
 *     sb_store_begin(s, 0, fail);                 nothing may be borrowed from before
 *     sb_store_put_leaf(s, index, leaf);          reads now see the batch
 *     sb_kv_put(sb_store_state(s), key, value);
 *     sb_store_commit(s, fail);                   durable when it returns SB_OK
 *
 * The puts of a batch report nothing: the first failure is kept, the rest do nothing, and commit
 * gives up the batch and returns it (asserts guard the call order). A full map is no failure: the
 * batch is replayed in a larger one. A failure of the disk is sticky for good: after SB_E_STORE_SYNC
 * and SB_E_STORE_IO the daemon must end, and verify when it starts next, for after a failed fsync the
 * kernel may have marked the lost pages as clean. After SB_E_STORE_DISK_FULL all that was committed is
 * there: it closes the store and opens it anew (sb_history_reopen), which verifies as a start does.
 *
 * Borrowed slices point into the map: valid until the next write, begin, commit, abort or refresh
 * on this store, whichever table it concerns.
 */
#ifndef SB_STORE_STORE_H
#define SB_STORE_STORE_H

#include "proto/base/buf.h"
#include "proto/base/kv.h"

enum {
    /* Of the tables below, and of what the rows in them hold. 1: without the tables of handovers
     * (what was cut off, how to take rows back) where it is older still. 2: with them. 3: a key's newest
     * entries in one row. A newer one is refused; an older one sb_history_open brings up. tests/fault/golden has one of each. */
    SB_STORE_FORMAT = 3,
    SB_STORE_TILE_BYTES = 256 * 32, /* a full tile */
};

typedef struct sb_store sb_store;

typedef struct sb_store_opts {
    const char *kind; /* "node" or "broker": a store of one is not opened as the other */
    bool create;      /* make the directory (0700) and an empty store when there is none */
    bool readonly;    /* look beside a running writer; nothing may be written */
    bool walk;        /* readonly: every page in use is looked at before anything is read */
    const uint8_t *federation_id; /* 32 bytes, NULL: any. Another's older store isn't brought up. */
    uint64_t map_bytes_start;     /* 0: 64 MiB. Grows by itself. */
    uint64_t reserve_bytes;       /* what blobs leave free on the disk for the log; 0: 256 MiB */
} sb_store_opts;

/* Open the store in directory `dir`. *store is owned by the caller: sb_store_close.
 * Errors: SB_E_STORE_MISSING (nothing there and not create), SB_E_STORE_OPEN_TWICE (this process
 * has it open), SB_E_STORE_LOCKED (another process writes), SB_E_STORE_SYNC (what is there can't be
 * made durable first), SB_E_STORE_FORMAT, SB_E_STORE_NEWER,
 * SB_E_STORE_KIND, SB_E_STORE_IO; SB_E_STORE_GONE (a file was here); of the file's pages
 * SB_E_STORE_EMPTY_FILE, _FOREIGN, _TRUNCATED, _PAGE (nodes/store/pages.h). */
sb_err sb_store_open(sb_store **store, const char *dir, const sb_store_opts *opts, sb_fail *fail);
/* Aborts an open batch. NULL is fine. */
void sb_store_close(sb_store *store);
/* The sticky error, SB_OK while all is well. */
sb_err sb_store_error(const sb_store *store);
/* Remember that a leaf isn't what it was; the first one is kept. False: none. */
void sb_store_note_damage(sb_store *store, uint64_t index);
bool sb_store_damage(const sb_store *store, uint64_t *index);
/* The format that it had when it was opened. */
uint32_t sb_store_format(const sb_store *store);
/* In a batch: it has today's format (the history's, when it has brought the rows up). */
void sb_store_put_format(sb_store *store);

/* ---- batches ---- */

/* `bytes_expected`: about how much the batch writes (0 when small); the map grows ahead of it, and
 * the disk must have room for it: a write that a full disk cuts short comes back as EIO.
 * Errors: the sticky one, SB_E_STORE_DISK_FULL, SB_E_STORE_IO. */
sb_err sb_store_begin(sb_store *store, uint64_t bytes_expected, sb_fail *fail);
/* Durable (two flushes) and read back, row for row, when it returns SB_OK; else nothing of the batch
 * is there, or (SB_E_HISTORY_DAMAGED, SB_E_STORE_READ_BACK) it isn't what was written.
 * Errors: SB_E_STORE_SYNC, SB_E_STORE_IO: end the process; SB_E_STORE_DISK_FULL. All sticky. */
sb_err sb_store_commit(sb_store *store, sb_fail *fail);
/* Forget the batch. */
void sb_store_abort(sb_store *store);
bool sb_store_in_batch(const sb_store *store);
/* A readonly store keeps seeing the commit it saw first; see the newest from now on. */
sb_err sb_store_refresh(sb_store *store, sb_fail *fail);

/* ---- rows (proto/base/kv.h; writes only in a batch) ---- */

/* The fold's rows. */
sb_kv *sb_store_state(sb_store *store);
/* This process's own rows: cosign record, outbox, heads… */
sb_kv *sb_store_own(sb_store *store);

/* ---- log ---- */

/* How many leaves there are. */
uint64_t sb_store_count(const sb_store *store);
/* Append; `index` must be sb_store_count. At most SB_LEAF_BYTES_MAX bytes. */
void sb_store_put_leaf(sb_store *store, uint64_t index, sb_slice leaf);
/* Borrowed. False: not there (or a failure, see sb_store_error). */
bool sb_store_leaf(sb_store *store, uint64_t index, sb_slice *leaf);
/* Full tiles only: 256 hashes of level `level` (0: leaf hashes), number `index` from the left. */
void sb_store_put_tile(sb_store *store, uint8_t level, uint64_t index, sb_slice hashes);
bool sb_store_tile(sb_store *store, uint8_t level, uint64_t index, sb_slice *hashes);
/* Drop the leaves from `count` on and the tiles that cover any of them (a handover's cut). The
 * leaves go into the archive, as its newest cut. */
void sb_store_truncate(sb_store *store, uint64_t count);
/* How many cuts there were. */
uint32_t sb_store_cuts(sb_store *store);
/* The leaf of the cut (from 0) at or after *index; *index becomes its. False: no more. */
bool sb_store_cut_leaf(sb_store *store, uint32_t cut, uint64_t *index, sb_slice *leaf);

/* ---- taking rows back (nodes/store/rewind.c) ---- */

/* Keep what it takes to undo a commit that began at `size` leaves; forget it. */
void sb_store_put_undo(sb_store *store, uint64_t size, sb_slice undo);
void sb_store_drop_undo(sb_store *store, uint64_t size);
/* The newest kept one that began at `most` leaves or fewer. Borrowed. False: none. */
bool sb_store_undo(sb_store *store, uint64_t most, uint64_t *size, sb_slice *undo);

/* ---- blobs (content-addressed by SHA-256; DESIGN §3) ---- */

/* Only whole, checked blobs count as held. */
bool sb_store_blob_has(sb_store *store, const uint8_t hash[32]);
bool sb_store_blob_size(sb_store *store, const uint8_t hash[32], uint64_t *bytes);
/* How much of an unfinished blob is staged: the offset to go on from, also after a restart. */
uint64_t sb_store_blob_staged(sb_store *store, const uint8_t hash[32]);
/* The disk has so much room; … as much as sb_store_begin asks of it. */
bool sb_store_has_room(sb_store *store, uint64_t bytes);
bool sb_store_has_room_for(sb_store *store, uint64_t bytes_expected);
/* The disk has room for more blobs than the reserve: who fills it with them must not stop the log.
 */
bool sb_store_blob_room(sb_store *store);
/* In a batch: stage the next bytes. Every chunk but the last has SB_BLOB_CHUNK_BYTES bytes.
 * Errors: SB_E_STORE_BLOB_GAP (offset is not what is staged, or the last chunk was short),
 * SB_E_TOO_LARGE (more than SB_BLOB_BYTES_MAX). */
sb_err sb_store_blob_add(sb_store *store, const uint8_t hash[32], uint64_t offset, sb_slice chunk,
                         sb_fail *fail);
/* In a batch: check what is staged against the hash; from then on it is held.
 * Errors: SB_E_STORE_BLOB_HASH (the staged bytes are dropped in this batch), SB_E_NOT_FOUND. */
sb_err sb_store_blob_finish(sb_store *store, const uint8_t hash[32], sb_fail *fail);
/* In a batch: add and finish at once. Errors: as the two. */
sb_err sb_store_blob_put(sb_store *store, const uint8_t hash[32], sb_slice blob, sb_fail *fail);
/* Append [offset, offset+bytes) of a held blob, cut at its end, to out.
 * Errors: SB_E_NOT_FOUND, the sticky one. */
sb_err sb_store_blob_read(sb_store *store, const uint8_t hash[32], uint64_t offset, uint64_t bytes,
                          sb_buf *out, sb_fail *fail);
/* In a batch: drop a blob, held or staged (erasure). */
void sb_store_blob_delete(sb_store *store, const uint8_t hash[32]);
/* The first held blob after `after` (NULL: the first of all) in hash order. */
bool sb_store_blob_next(sb_store *store, const uint8_t *after, uint8_t hash[32]);

/* ---- upkeep ---- */

typedef struct sb_store_info {
    uint64_t map_bytes;  /* address space reserved */
    uint64_t used_bytes; /* of the data file */
} sb_store_info;
void sb_store_get_info(sb_store *store, sb_store_info *info);

/* A consistent, compacted copy of the last commit in the new (or empty) directory `dir`, synced.
 * Not in a batch. The caller opens and verifies the copy before calling it a backup.
 * Errors: SB_E_STORE_NOT_EMPTY, SB_E_STORE_BACKUP. */
sb_err sb_store_backup(sb_store *store, const char *dir, sb_fail *fail);

#endif
