/* The format row and the tables: a new store, today's, an older one, a newer one refused. */
#include <assert.h>
#include <stdio.h>

#include "nodes/store/store_internal.h"
#include "proto/base/cursor.h"

const char *const SB_TABLE_NAMES[SB_TABLE_COUNT] = {"meta",  "state", "own",    "leaves", "tiles",
                                                    "blobs", "held",  "staged", "undo",   "cut"};

/* The format since which a table is there. */
static uint32_t since(sb_table table)
{
    return table == SB_TABLE_UNDO || table == SB_TABLE_CUT ? 2 : 1;
}

static int open_table(sb_store *s, MDB_txn *txn, sb_table table, bool create)
{
    int rc = mdb_dbi_open(txn, SB_TABLE_NAMES[table], create ? MDB_CREATE : 0, &s->dbi[table]);
    s->has[table] = rc == 0;
    return rc;
}

static int put_meta(sb_store *s, MDB_txn *txn, const char *name, sb_slice bytes)
{
    MDB_val key = {.mv_size = strlen(name), .mv_data = (void *)(uintptr_t)name};
    MDB_val value = {.mv_size = bytes.len, .mv_data = (void *)(uintptr_t)bytes.data};
    return mdb_put(txn, s->dbi[SB_TABLE_META], &key, &value, 0);
}

static int get_meta(sb_store *s, MDB_txn *txn, const char *name, sb_slice *out)
{
    MDB_val key = {.mv_size = strlen(name), .mv_data = (void *)(uintptr_t)name}, value = {0};
    int rc = mdb_get(txn, s->dbi[SB_TABLE_META], &key, &value);
    *out = rc == 0 ? sb_slice_of(value.mv_data, value.mv_size) : (sb_slice){0};
    return rc;
}

static int write_format(sb_store *s, MDB_txn *txn, const char *kind)
{
    uint8_t row[4 + SB_STORE_KIND_BYTES_MAX];
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u32(&w, SB_STORE_FORMAT);
    sb_write_bytes(&w, sb_slice_str(kind));
    assert(!w.failed);
    int rc = put_meta(s, txn, "format", sb_writer_slice(&w));
    return rc == 0 ? put_meta(s, txn, "version", sb_slice_str(SB_VERSION)) : rc;
}

static sb_err newer(sb_store *s, MDB_txn *txn, const char *dir, uint32_t format, sb_fail *fail)
{
    char found[24], known[24], version[32] = "?";
    sb_slice by;
    if (get_meta(s, txn, "version", &by) == 0)
        (void)snprintf(version, sizeof version, "%.*s", (int)(by.len < 24 ? by.len : 24),
                       (const char *)by.data);
    (void)snprintf(found, sizeof found, "%lu", (unsigned long)format);
    (void)snprintf(known, sizeof known, "%u", (unsigned)SB_STORE_FORMAT);
    return sb_fail_set(fail, SB_E_STORE_NEWER, dir, found, version, known, NULL);
}

static sb_err check_format(sb_store *s, MDB_txn *txn, sb_slice row, const char *dir,
                           const char *kind, sb_fail *fail)
{
    sb_reader r = sb_reader_over(row);
    s->format = sb_read_u32(&r);
    sb_slice has = sb_read_bytes(&r, sb_reader_left(&r));
    char found[24];
    if (r.failed || s->format == 0)
        return sb_fail_set(fail, SB_E_STORE_FORMAT, dir, NULL);
    if (s->format > SB_STORE_FORMAT)
        return newer(s, txn, dir, s->format, fail);
    if (!sb_slice_eq(has, sb_slice_str(kind))) {
        (void)snprintf(found, sizeof found, "%.*s", (int)(has.len < 16 ? has.len : 16), has.data);
        return sb_fail_set(fail, SB_E_STORE_KIND, dir, found, kind, NULL);
    }
    return SB_OK;
}

/* All tables that a store of this format has; `create`: those that it lacks too. */
static int open_tables(sb_store *s, MDB_txn *txn, bool create)
{
    int rc = 0;
    for (int t = 0; t < SB_TABLE_COUNT && rc == 0; t++) {
        rc = open_table(s, txn, (sb_table)t, create);
        if (rc == MDB_NOTFOUND && !create && since((sb_table)t) > s->format)
            rc = 0;
    }
    return rc;
}

static int settle(sb_store *s, MDB_txn *txn, const char *dir, const sb_store_opts *opts,
                  bool is_new, sb_err *err, sb_fail *fail)
{
    sb_slice row;
    bool may_write = !opts->readonly;
    s->format = SB_STORE_FORMAT;
    int rc = open_table(s, txn, SB_TABLE_META, is_new);
    if (rc == 0 && is_new) {
        rc = open_tables(s, txn, true);
        return rc == 0 ? write_format(s, txn, opts->kind) : rc;
    }
    if (rc == 0)
        rc = get_meta(s, txn, "format", &row);
    if (rc == MDB_NOTFOUND) { /* some other program's */
        *err = sb_fail_set(fail, SB_E_STORE_FOREIGN, dir, NULL);
        return 0;
    }
    if (rc == 0)
        *err = check_format(s, txn, row, dir, opts->kind, fail);
    if (rc != 0 || *err != SB_OK)
        return rc;
    return open_tables(s, txn, s->format < SB_STORE_FORMAT && may_write);
}

sb_err sb_store_settle_format(sb_store *s, const char *dir, const sb_store_opts *opts, bool is_new,
                              sb_fail *fail)
{
    MDB_txn *txn = NULL;
    sb_err err = SB_OK;
    int rc = mdb_txn_begin(s->env, NULL, opts->readonly ? MDB_RDONLY : 0, &txn);
    if (rc == 0)
        rc = settle(s, txn, dir, opts, is_new, &err, fail);
    if (rc == 0 && err == SB_OK) {
        rc = mdb_txn_commit(txn); /* also keeps the table handles of a read transaction */
        txn = NULL;
    }
    if (txn != NULL)
        mdb_txn_abort(txn);
    if (err == SB_OK && rc != 0)
        err = sb_fail_set(fail, SB_E_STORE_IO, dir, sb_store_words(rc), NULL);
    return err;
}

void sb_store_put_format(sb_store *s)
{
    uint8_t row[4 + SB_STORE_KIND_BYTES_MAX];
    sb_slice old, key = sb_slice_str("format");
    sb_writer w = sb_writer_over(row, sizeof row);
    if (!sb_store_row_get(s, SB_TABLE_META, key, &old) || old.len < 4 || old.len > sizeof row)
        return; /* a failure, which commit tells */
    sb_write_u32(&w, SB_STORE_FORMAT);
    sb_write_bytes(&w, sb_slice_of(old.data + 4, old.len - 4));
    sb_store_row_put(s, SB_TABLE_META, key, sb_writer_slice(&w));
    sb_store_row_put(s, SB_TABLE_META, sb_slice_str("version"), sb_slice_str(SB_VERSION));
}

uint32_t sb_store_format(const sb_store *s)
{
    return s->format;
}
