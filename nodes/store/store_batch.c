/* Transactions and rows: the parked reader, the batch, its replay in a larger map, and the one
 * place where LMDB's codes become ours. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "nodes/store/store_internal.h"
#include "proto/base/buf.h"
#include "proto/base/cursor.h"

enum { READER_CHECK_EVERY = 1024, GROWS_MAX = 40, REDO_BYTES_KEPT = 1024 * 1024 };
static const uint64_t FREE_BYTES_MIN = 1024 * 1024;
static const char COMMIT[] = "commit";

/* One write of the batch; key and value follow it in the redo buffer. */
typedef struct redo_op {
    uint32_t table, is_delete;
    size_t key_len, value_len;
} redo_op;

const char *sb_store_words(int rc)
{
    return mdb_strerror(rc); /* knows errno too; no locale is ever set */
}

sb_err sb_store_fail(sb_store *s, const char *what, int rc)
{
    if (s->failure.code != SB_OK)
        return s->failure.code;
    if (rc == ENOMEM) /* LMDB's lists grow by realloc, its map by mmap */
        sb_out_of_memory();
    const char *words = sb_store_words(rc);
    if (rc == ENOSPC || rc == EDQUOT)
        (void)sb_fail_set(&s->failure, SB_E_STORE_DISK_FULL, words, NULL);
    else if (rc == EIO || what == COMMIT) /* nobody knows what is on the disk now */
        (void)sb_fail_set(&s->failure, SB_E_STORE_SYNC, words, NULL);
    else
        (void)sb_fail_set(&s->failure, SB_E_STORE_IO, what, words, NULL);
    s->state.base.error = s->own.base.error = s->failure.code;
    return s->failure.code;
}

sb_err sb_store_failed(const sb_store *s, sb_fail *fail)
{
    if (fail != NULL && s->failure.code != SB_OK)
        *fail = s->failure;
    return s->failure.code;
}

/* ---- transactions ---- */

void sb_store_park(sb_store *s)
{
    if (s->is_reading)
        mdb_txn_reset(s->reader);
    s->is_reading = false;
}

/* The transaction to read from: the batch, else the reader on the last commit. */
static MDB_txn *reading(sb_store *s)
{
    if (s->failure.code != SB_OK)
        return NULL;
    if (s->in_batch)
        return s->writer;
    if (!s->is_reading) {
        int rc = mdb_txn_renew(s->reader);
        if (rc == MDB_MAP_RESIZED) { /* the writing process grew the map */
            rc = mdb_env_set_mapsize(s->env, 0);
            if (rc == 0)
                rc = mdb_txn_renew(s->reader);
        }
        if (rc != 0) {
            (void)sb_store_fail(s, "read", rc);
            return NULL;
        }
        s->is_reading = true;
    }
    return s->reader;
}

bool sb_store_grow(sb_store *s, uint64_t bytes_free)
{
    sb_store_info info;
    sb_store_get_info(s, &info);
    uint64_t map = info.map_bytes;
    assert(s->writer == NULL && !s->is_reading && map > 0);
    while (map - info.used_bytes < map / 4 || map - info.used_bytes < bytes_free)
        map *= 2;
    int rc = map == info.map_bytes ? 0 : mdb_env_set_mapsize(s->env, map);
    if (rc != 0)
        (void)sb_store_fail(s, "grow", rc);
    return rc == 0;
}

static int apply(sb_store *s, const redo_op *op, const uint8_t *bytes)
{
    MDB_val key = {.mv_size = op->key_len, .mv_data = (void *)bytes};
    MDB_val value = {.mv_size = op->value_len, .mv_data = (void *)(bytes + op->key_len)};
    if (op->is_delete) {
        int rc = mdb_del(s->writer, s->dbi[op->table], &key, NULL);
        return rc == MDB_NOTFOUND ? 0 : rc;
    }
    /* leaves come in order: fill pages instead of splitting them */
    unsigned flags = op->table == SB_TABLE_LEAVES ? MDB_APPEND : 0;
    return mdb_put(s->writer, s->dbi[op->table], &key, &value, flags);
}

static int replay(sb_store *s)
{
    int rc = mdb_txn_begin(s->env, NULL, 0, &s->writer);
    for (size_t at = 0; at < s->redo.len && rc == 0;) {
        redo_op op;
        memcpy(&op, s->redo.data + at, sizeof op);
        at += sizeof op;
        rc = apply(s, &op, s->redo.data + at);
        at += op.key_len + op.value_len;
    }
    return rc;
}

/* The map was full: give up the transaction and play the batch again in a larger map. */
static int replay_larger(sb_store *s)
{
    int rc = MDB_MAP_FULL;
    for (int i = 0; i < GROWS_MAX && rc == MDB_MAP_FULL; i++) {
        sb_store_info info;
        if (s->writer != NULL)
            mdb_txn_abort(s->writer);
        s->writer = NULL;
        sb_store_get_info(s, &info);
        if (!sb_store_grow(s, info.map_bytes))
            return ENOMEM;
        rc = replay(s);
    }
    return rc;
}

/* What a batch that writes about so much asks of disk and map. */
static uint64_t room_for(uint64_t bytes_expected)
{
    return bytes_expected + bytes_expected / 2 + FREE_BYTES_MIN;
}

bool sb_store_has_room_for(sb_store *s, uint64_t bytes_expected)
{
    return sb_store_has_room(s, room_for(bytes_expected));
}

sb_err sb_store_begin(sb_store *s, uint64_t bytes_expected, sb_fail *fail)
{
    assert(!s->in_batch && !s->readonly);
    if (s->failure.code != SB_OK)
        return sb_store_failed(s, fail);
    sb_store_park(s);
    if (s->batches++ % READER_CHECK_EVERY == 0) {
        int dead;
        (void)mdb_reader_check(s->env, &dead); /* readers that were killed pin old pages */
    }
    uint64_t bytes = room_for(bytes_expected);
    if (!sb_store_has_room(s, bytes))
        (void)sb_store_fail(s, "begin", ENOSPC);
    if (s->failure.code != SB_OK || !sb_store_grow(s, bytes))
        return sb_store_failed(s, fail);
    int rc = mdb_txn_begin(s->env, NULL, 0, &s->writer);
    if (rc != 0) {
        (void)sb_store_fail(s, "begin", rc);
        return sb_store_failed(s, fail);
    }
    s->in_batch = true;
    return SB_OK;
}

static void end_batch(sb_store *s)
{
    s->writer = NULL;
    s->in_batch = false;
    if (s->redo.cap > REDO_BYTES_KEPT) {
        sb_buf_deinit(&s->redo);
        sb_buf_init(&s->redo);
    }
    sb_buf_clear(&s->redo);
}

/* ---- reading back ---- */

static sb_slice key_of(const uint8_t *write)
{
    redo_op op;
    memcpy(&op, write, sizeof op);
    return sb_slice_of(write + sizeof op, op.key_len);
}

/* Writes to one table by row, then by when: the last one of a row is the one that stands. */
static int by_row(const void *a, const void *b)
{
    const uint8_t *x = *(const uint8_t *const *)a, *y = *(const uint8_t *const *)b;
    int order = sb_slice_cmp(key_of(x), key_of(y));
    return order != 0 ? order : (x > y) - (x < y);
}

/* A flush goes through its table in order: sorting what is sorted would take longer than reading it. */
static void sort_by_row(const uint8_t **writes, size_t count)
{
    size_t i = 1;
    while (i < count && by_row(&writes[i - 1], &writes[i]) < 0)
        i++;
    if (i < count)
        qsort(writes, count, sizeof *writes, by_row);
}

/* Those of a table from starts[table] on, up to starts[table + 1]. */
static const uint8_t **writes_by_row(const sb_store *s, size_t starts[SB_TABLE_COUNT + 1])
{
    redo_op op;
    size_t next[SB_TABLE_COUNT];
    memset(starts, 0, (SB_TABLE_COUNT + 1) * sizeof *starts);
    for (size_t at = 0; at < s->redo.len; at += sizeof op + op.key_len + op.value_len) {
        memcpy(&op, s->redo.data + at, sizeof op);
        starts[op.table + 1]++;
    }
    for (size_t t = 0; t < SB_TABLE_COUNT; t++) {
        next[t] = starts[t];
        starts[t + 1] += starts[t];
    }
    const uint8_t **writes = sb_xmalloc((starts[SB_TABLE_COUNT] + 1) * sizeof *writes);
    for (size_t at = 0; at < s->redo.len; at += sizeof op + op.key_len + op.value_len) {
        memcpy(&op, s->redo.data + at, sizeof op);
        writes[next[op.table]++] = s->redo.data + at;
    }
    for (size_t t = 0; t < SB_TABLE_COUNT; t++)
        sort_by_row(writes + starts[t], starts[t + 1] - starts[t]);
    return writes;
}

static void not_as_written(sb_store *s, const redo_op *op, const uint8_t *key)
{
    sb_reader r = sb_reader_over(sb_slice_of(key, op->key_len));
    if (s->failure.code != SB_OK)
        return;
    if (op->table == SB_TABLE_LEAVES)
        (void)sb_fail_num(&s->failure, SB_E_HISTORY_DAMAGED, 1, sb_read_u64(&r), 0);
    else
        (void)sb_fail_set(&s->failure, SB_E_STORE_READ_BACK, SB_TABLE_NAMES[op->table], NULL);
    s->state.base.error = s->own.base.error = s->failure.code;
}

static void read_row_back(sb_store *s, MDB_cursor *cursor, const uint8_t *write)
{
    redo_op op;
    memcpy(&op, write, sizeof op);
    const uint8_t *key = write + sizeof op;
    MDB_val k = {.mv_size = op.key_len, .mv_data = (void *)(uintptr_t)key}, v = {0};
    int rc = mdb_cursor_get(cursor, &k, &v, MDB_SET);
    if (rc != 0 && rc != MDB_NOTFOUND)
        (void)sb_store_fail(s, "get", rc);
    else if ((rc == 0) == (op.is_delete != 0) ||
             (rc == 0 && !sb_slice_eq(sb_slice_of(v.mv_data, v.mv_size),
                                      sb_slice_of(key + op.key_len, op.value_len))))
        not_as_written(s, &op, key);
}

/* A cursor that goes through the rows in order seldom leaves its page. */
static void read_table_back(sb_store *s, size_t table, const uint8_t **writes, size_t count)
{
    MDB_txn *txn = count > 0 ? reading(s) : NULL;
    MDB_cursor *cursor = NULL;
    if (txn == NULL)
        return;
    int rc = mdb_cursor_open(txn, s->dbi[table], &cursor);
    if (rc != 0) {
        (void)sb_store_fail(s, "get", rc);
        return;
    }
    for (size_t i = 0; i < count && s->failure.code == SB_OK; i++)
        if (i + 1 == count ||
            !sb_slice_eq(key_of(writes[i]), key_of(writes[i + 1]))) /* it stands */
            read_row_back(s, cursor, writes[i]);
    mdb_cursor_close(cursor);
}

/* What is stored is what was to be written, row for row: a bit that flipped on the way is found before
 * anything is signed over it or sent. */
static void read_back(sb_store *s)
{
    size_t starts[SB_TABLE_COUNT + 1];
    const uint8_t **writes = writes_by_row(s, starts);
    for (size_t t = 0; t < SB_TABLE_COUNT; t++)
        read_table_back(s, t, writes + starts[t], starts[t + 1] - starts[t]);
    free(writes);
    sb_store_park(s);
}

sb_err sb_store_commit(sb_store *s, sb_fail *fail)
{
    assert(s->in_batch);
    if (s->failure.code != SB_OK) {
        sb_store_abort(s);
        return sb_store_failed(s, fail);
    }
    int rc = mdb_txn_commit(s->writer);
    s->writer = NULL;
    for (int i = 0; i < GROWS_MAX && rc == MDB_MAP_FULL; i++) { /* its free list didn't fit */
        rc = replay_larger(s);
        if (rc == 0) {
            rc = mdb_txn_commit(s->writer);
            s->writer = NULL;
        }
    }
    if (rc != 0) {
        (void)sb_store_fail(s, COMMIT, rc);
        sb_store_abort(s);
        return sb_store_failed(s, fail);
    }
    s->count_committed = s->count;
    s->in_batch = false;
    read_back(s);
    end_batch(s);
    return sb_store_failed(s, fail);
}

void sb_store_abort(sb_store *s)
{
    if (!s->in_batch)
        return;
    if (s->writer != NULL)
        mdb_txn_abort(s->writer);
    s->count = s->count_committed;
    end_batch(s);
}

bool sb_store_in_batch(const sb_store *s)
{
    return s->in_batch;
}

/* ---- rows ---- */

static MDB_val val_of(sb_slice slice)
{
    return (MDB_val){.mv_size = slice.len, .mv_data = (void *)slice.data};
}

bool sb_store_row_get(sb_store *s, sb_table table, sb_slice key, sb_slice *value)
{
    MDB_txn *txn = reading(s);
    if (txn == NULL || !s->has[table])
        return false;
    MDB_val k = val_of(key), v;
    int rc = mdb_get(txn, s->dbi[table], &k, &v);
    if (rc == 0)
        *value = sb_slice_of(v.mv_data, v.mv_size);
    else if (rc != MDB_NOTFOUND)
        (void)sb_store_fail(s, "get", rc);
    return rc == 0;
}

bool sb_store_row_next(sb_store *s, sb_table table, sb_slice from, bool inclusive, sb_slice *key,
                       sb_slice *value)
{
    MDB_txn *txn = reading(s);
    MDB_cursor *cursor = NULL;
    MDB_val k = val_of(from), v;
    if (txn == NULL || !s->has[table])
        return false;
    int rc = mdb_cursor_open(txn, s->dbi[table], &cursor);
    if (rc == 0)
        rc = mdb_cursor_get(cursor, &k, &v, from.len == 0 ? MDB_FIRST : MDB_SET_RANGE);
    if (rc == 0 && !inclusive && sb_slice_eq(sb_slice_of(k.mv_data, k.mv_size), from))
        rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    if (rc == 0 && (k.mv_size == 0 || k.mv_size > SB_KV_KEY_MAX ||
                    sb_slice_cmp(sb_slice_of(k.mv_data, k.mv_size), from) < (inclusive ? 0 : 1)))
        rc = MDB_CORRUPTED; /* none of ours, or it falls: who steps from it goes round for ever */
    if (rc == 0) {
        *key = sb_slice_of(k.mv_data, k.mv_size);
        *value = sb_slice_of(v.mv_data, v.mv_size);
    } else if (rc != MDB_NOTFOUND) {
        (void)sb_store_fail(s, "next", rc);
    }
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    return rc == 0;
}

static void write_row(sb_store *s, sb_table table, sb_slice key, sb_slice value, bool is_delete)
{
    assert(s->in_batch && !s->readonly);
    if (s->failure.code != SB_OK)
        return;
    /* From the copy in the redo buffer: what the caller gave may lie on a page we now move. */
    redo_op op = {.table = (uint32_t)table,
                  .is_delete = is_delete,
                  .key_len = key.len,
                  .value_len = value.len};
    sb_buf_add(&s->redo, sb_slice_of(&op, sizeof op));
    size_t at = s->redo.len;
    sb_buf_add(&s->redo, key);
    sb_buf_add(&s->redo, value);
    int rc = apply(s, &op, s->redo.data + at);
    if (rc == MDB_MAP_FULL)
        rc = replay_larger(s);
    if (rc != 0)
        (void)sb_store_fail(s, "write", rc);
}

void sb_store_row_put(sb_store *s, sb_table table, sb_slice key, sb_slice value)
{
    write_row(s, table, key, value, false);
}

void sb_store_row_del(sb_store *s, sb_table table, sb_slice key)
{
    write_row(s, table, key, sb_slice_of(NULL, 0), true);
}

bool sb_store_count_leaves(sb_store *s)
{
    MDB_txn *txn = reading(s);
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    if (txn == NULL)
        return false;
    s->count = 0;
    int rc = mdb_cursor_open(txn, s->dbi[SB_TABLE_LEAVES], &cursor);
    if (rc == 0)
        rc = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    if (rc == 0) {
        sb_reader r = sb_reader_over(sb_slice_of(key.mv_data, key.mv_size));
        s->count = sb_read_u64(&r) + 1;
    }
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    s->count_committed = s->count;
    if (rc != 0 && rc != MDB_NOTFOUND)
        (void)sb_store_fail(s, "count", rc);
    return s->failure.code == SB_OK;
}

sb_err sb_store_refresh(sb_store *s, sb_fail *fail)
{
    assert(!s->in_batch);
    sb_store_park(s);
    (void)sb_store_count_leaves(s);
    return sb_store_failed(s, fail);
}

/* ---- kv.h over a table ---- */

static bool kv_get(sb_kv *kv, sb_slice key, sb_slice *value)
{
    sb_store_kv *t = (sb_store_kv *)kv;
    return sb_store_row_get(t->store, t->table, key, value);
}

static bool kv_next(sb_kv *kv, sb_slice within, sb_slice from, bool inclusive, sb_slice *key,
                    sb_slice *value)
{
    (void)within;
    sb_store_kv *t = (sb_store_kv *)kv;
    return sb_store_row_next(t->store, t->table, from, inclusive, key, value);
}

static void kv_put(sb_kv *kv, sb_slice key, sb_slice value)
{
    sb_store_kv *t = (sb_store_kv *)kv;
    sb_store_row_put(t->store, t->table, key, value);
}

static void kv_del(sb_kv *kv, sb_slice key)
{
    sb_store_kv *t = (sb_store_kv *)kv;
    sb_store_row_del(t->store, t->table, key);
}

const sb_kv_ops SB_STORE_KV_OPS = {.get = kv_get, .next = kv_next, .put = kv_put, .del = kv_del};

sb_kv *sb_store_state(sb_store *s)
{
    return &s->state.base;
}

sb_kv *sb_store_own(sb_store *s)
{
    return &s->own.base;
}
