/* Inside nodes/store: the tables and the one place where LMDB is called for rows. */
#ifndef SB_STORE_STORE_INTERNAL_H
#define SB_STORE_STORE_INTERNAL_H

#include <lmdb.h>
#include <sys/types.h>

#include "nodes/store/store.h"

typedef enum sb_table {
    SB_TABLE_META, /* "format" -> u32be format ‖ kind; "version": of samband that wrote that row */
    SB_TABLE_STATE,  /* the fold's rows */
    SB_TABLE_OWN,    /* the process's own rows */
    SB_TABLE_LEAVES, /* u64be index -> leaf */
    SB_TABLE_TILES,  /* u8 level ‖ u64be index -> 8192 bytes */
    SB_TABLE_BLOBS,  /* sha256 ‖ u32be chunk number -> bytes, held and staged */
    SB_TABLE_HELD,   /* sha256 -> u64be bytes of a checked blob */
    SB_TABLE_STAGED, /* sha256 -> u64be bytes so far */
    SB_TABLE_UNDO, /* u64be 2^64-1 - size before a commit -> what the commit's rows were before it */
    SB_TABLE_CUT,  /* u32be cut ‖ u64be index -> leaf that a handover cut off */
    SB_TABLE_COUNT
} sb_table;

typedef struct sb_store_kv {
    sb_kv base;
    sb_store *store;
    sb_table table;
} sb_store_kv;

struct sb_store {
    MDB_env *env;
    MDB_txn *reader; /* parked between uses: reset, so that it pins no pages */
    MDB_txn *writer; /* the open batch's */
    MDB_dbi dbi[SB_TABLE_COUNT];
    bool has[SB_TABLE_COUNT]; /* a readonly store of an older format may lack tables */
    uint32_t format;
    bool is_damaged; /* a leaf that was read, the first: */
    uint64_t damaged_index;
    bool is_reading; /* reader is renewed and may have lent slices */
    bool in_batch;
    bool readonly;
    sb_buf redo; /* the batch's writes, to replay in a larger map */
    uint64_t count, count_committed;
    uint64_t batches;
    uint64_t reserve_bytes;
    sb_fail failure; /* sticky; code SB_OK while all is well */
    sb_store_kv state, own;
    int lock_fd;
    dev_t dev;
    ino_t ino;
    sb_store *next_open; /* registry of this process */
};

enum { SB_STORE_PATH_BYTES = 4096, SB_STORE_KIND_BYTES_MAX = 16 };

/* ---- store_format.c ---- */

/* Check the format row and open the tables, in one transaction that also writes the row of a new
 * store (is_new), or makes the tables that an older one lacks (not readonly). */
sb_err sb_store_settle_format(sb_store *s, const char *dir, const sb_store_opts *opts, bool is_new,
                              sb_fail *fail);
extern const char *const SB_TABLE_NAMES[SB_TABLE_COUNT];

/* ---- store.c ---- */

/* Take the writer's lock of a directory. Errors: SB_E_STORE_LOCKED, SB_E_STORE_IO. */
sb_err sb_store_lock(const char *dir, int *lock_fd, sb_fail *fail);

/* ---- store_batch.c ---- */

/* Keep the first failure of LMDB (or errno) `rc` as the sticky one; return its code. */
sb_err sb_store_fail(sb_store *s, const char *what, int rc);
/* The sticky failure, copied to `fail`. */
sb_err sb_store_failed(const sb_store *s, sb_fail *fail);
/* LMDB's or errno's words for rc. */
const char *sb_store_words(int rc);

/* Drop what the reader holds; slices borrowed from it end here. */
void sb_store_park(sb_store *s);
/* Double the map until `bytes_free` are free. No transaction may be live. */
bool sb_store_grow(sb_store *s, uint64_t bytes_free);

/* Rows of one table, seen by the batch when there is one. False: not there, or failed. */
bool sb_store_row_get(sb_store *s, sb_table table, sb_slice key, sb_slice *value);
bool sb_store_row_next(sb_store *s, sb_table table, sb_slice from, bool inclusive, sb_slice *key,
                       sb_slice *value);
void sb_store_row_put(sb_store *s, sb_table table, sb_slice key, sb_slice value);
void sb_store_row_del(sb_store *s, sb_table table, sb_slice key);

/* Count the leaves of the commit now read. */
bool sb_store_count_leaves(sb_store *s);

/* The ops of sb_store_kv. */
extern const sb_kv_ops SB_STORE_KV_OPS;

#endif
