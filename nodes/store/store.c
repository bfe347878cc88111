/* Opening and closing: the directory, the locks, the format row, the backup. */
#include "nodes/store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "nodes/store/store_internal.h"
#include "proto/base/cursor.h"

static const char *const TABLE_NAMES[SB_TABLE_COUNT] = {
    "meta", "state", "own", "leaves", "tiles", "blobs", "held", "staged", "undo", "cut"};

enum { PATH_BYTES = 4096, KIND_BYTES_MAX = 16 };
static const uint64_t MAP_BYTES_DEFAULT = (uint64_t)64 * 1024 * 1024;
static const uint64_t RESERVE_BYTES_DEFAULT = (uint64_t)256 * 1024 * 1024;

/* LMDB breaks silently when one process opens an environment twice: its POSIX locks go with the
 * first close. Daemons open one store, from the main thread. */
static sb_store *open_stores;

static bool register_open(sb_store *s, const char *dir)
{
    struct stat st;
    if (stat(dir, &st) != 0)
        return false;
    for (const sb_store *o = open_stores; o != NULL; o = o->next_open)
        if (o->dev == st.st_dev && o->ino == st.st_ino)
            return false;
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    s->next_open = open_stores;
    open_stores = s;
    return true;
}

static void unregister(sb_store *s)
{
    for (sb_store **at = &open_stores; *at != NULL; at = &(*at)->next_open)
        if (*at == s) {
            *at = s->next_open;
            return;
        }
}

/* The lock names its holder, for the message of whoever comes second. */
static sb_err lock_dir(sb_store *s, const char *dir, sb_fail *fail)
{
    char path[PATH_BYTES], pid[24] = "?";
    (void)snprintf(path, sizeof path, "%s/writer.lock", dir);
    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_fd < 0)
        return sb_fail_set(fail, SB_E_STORE_IO, path, sb_store_words(errno), NULL);
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t got = pread(s->lock_fd, pid, sizeof pid - 1, 0);
        if (got > 0)
            pid[got] = '\0';
        pid[strcspn(pid, "\n")] = '\0';
        return sb_fail_set(fail, SB_E_STORE_LOCKED, dir, pid, NULL);
    }
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(s->lock_fd, 0) != 0 || pwrite(s->lock_fd, pid, (size_t)len, 0) != len)
        return sb_fail_set(fail, SB_E_STORE_IO, path, sb_store_words(errno), NULL);
    return SB_OK;
}

static bool has_data_file(const char *dir)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    return access(path, F_OK) == 0;
}

static sb_err open_env(sb_store *s, const char *dir, const sb_store_opts *opts, sb_fail *fail)
{
    int dead = 0;
    uint64_t map = opts->map_bytes_start != 0 ? opts->map_bytes_start : MAP_BYTES_DEFAULT;
    map = (map + 0xFFFFF) & ~(uint64_t)0xFFFFF; /* whole MiB: a multiple of any page size */
    /* NOTLS: the parked reader belongs to the store, not to the thread. No WRITEMAP, NOSYNC or
     * NOMETASYNC, ever: see PITFALLS. */
    unsigned flags = MDB_NOTLS | (opts->readonly ? MDB_RDONLY : 0);
    int rc = mdb_env_create(&s->env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(s->env, SB_TABLE_COUNT);
    if (rc == 0)
        rc = mdb_env_set_mapsize(s->env, map);
    if (rc == 0)
        rc = mdb_env_open(s->env, dir, flags, 0600);
    if (rc == 0)
        rc = mdb_reader_check(s->env, &dead);
    return rc == 0 ? SB_OK : sb_fail_set(fail, SB_E_STORE_IO, dir, sb_store_words(rc), NULL);
}

/* Read or (first time) write the format row and open the tables, in one transaction. */
static int open_tables(sb_store *s, MDB_txn *txn, bool create)
{
    int rc = 0;
    for (int t = 0; t < SB_TABLE_COUNT && rc == 0; t++)
        rc = mdb_dbi_open(txn, TABLE_NAMES[t], create ? MDB_CREATE : 0, &s->dbi[t]);
    return rc;
}

static int write_format(sb_store *s, MDB_txn *txn, const char *kind)
{
    uint8_t row[4 + KIND_BYTES_MAX];
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u32(&w, SB_STORE_FORMAT);
    sb_write_bytes(&w, sb_slice_str(kind));
    assert(!w.failed);
    MDB_val key = {.mv_size = 6, .mv_data = (void *)"format"};
    MDB_val value = {.mv_size = w.at, .mv_data = row};
    return mdb_put(txn, s->dbi[SB_TABLE_META], &key, &value, 0);
}

static sb_err check_format(MDB_val row, const char *dir, const char *kind, sb_fail *fail)
{
    sb_reader r = sb_reader_over(sb_slice_of(row.mv_data, row.mv_size));
    uint32_t format = sb_read_u32(&r);
    sb_slice has = sb_read_bytes(&r, sb_reader_left(&r));
    char found[24], known[24];
    (void)snprintf(known, sizeof known, "%u", (unsigned)SB_STORE_FORMAT);
    (void)snprintf(found, sizeof found, "%lu", (unsigned long)format);
    if (r.failed || format != SB_STORE_FORMAT)
        return sb_fail_set(fail, SB_E_STORE_FORMAT, dir, found, known, NULL);
    if (!sb_slice_eq(has, sb_slice_str(kind))) {
        (void)snprintf(found, sizeof found, "%.*s", (int)(has.len < 16 ? has.len : 16), has.data);
        return sb_fail_set(fail, SB_E_STORE_KIND, dir, found, kind, NULL);
    }
    return SB_OK;
}

static sb_err settle_format(sb_store *s, const char *dir, const sb_store_opts *opts, sb_fail *fail)
{
    MDB_val key = {.mv_size = 6, .mv_data = (void *)"format"}, row = {0};
    bool create = opts->create && !opts->readonly;
    MDB_txn *txn = NULL;
    sb_err err = SB_OK;
    int rc = mdb_txn_begin(s->env, NULL, opts->readonly ? MDB_RDONLY : 0, &txn);
    if (rc == 0)
        rc = open_tables(s, txn, create);
    if (rc == 0)
        rc = mdb_get(txn, s->dbi[SB_TABLE_META], &key, &row);
    if (rc == 0)
        err = check_format(row, dir, opts->kind, fail);
    else if (rc == MDB_NOTFOUND && create)
        rc = write_format(s, txn, opts->kind);
    else if (rc == MDB_NOTFOUND)
        err = sb_fail_set(fail, SB_E_STORE_MISSING, dir, NULL);
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

/* The reader isn't parked: a readonly store must go on seeing the commit it counted. */
static sb_err start_reading(sb_store *s, sb_fail *fail)
{
    int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->reader);
    if (rc != 0)
        (void)sb_store_fail(s, "read", rc);
    s->is_reading = rc == 0;
    (void)sb_store_count_leaves(s);
    return sb_store_failed(s, fail);
}

static sb_store *new_store(const sb_store_opts *opts)
{
    sb_store *s = sb_xmalloc(sizeof *s);
    *s = (sb_store){.readonly = opts->readonly, .lock_fd = -1};
    s->reserve_bytes = opts->reserve_bytes != 0 ? opts->reserve_bytes : RESERVE_BYTES_DEFAULT;
    sb_buf_init(&s->redo);
    s->state = (sb_store_kv){.base = {.ops = &SB_STORE_KV_OPS}, s, SB_TABLE_STATE};
    s->own = (sb_store_kv){.base = {.ops = &SB_STORE_KV_OPS}, s, SB_TABLE_OWN};
    return s;
}

sb_err sb_store_open(sb_store **store, const char *dir, const sb_store_opts *opts, sb_fail *fail)
{
    assert(opts->kind != NULL && strlen(opts->kind) <= KIND_BYTES_MAX);
    sb_store *s = new_store(opts);
    sb_err err = SB_OK;
    *store = NULL;
    if (opts->create && !opts->readonly && mkdir(dir, 0700) != 0 && errno != EEXIST) {
        err = sb_fail_set(fail, SB_E_STORE_IO, dir, sb_store_words(errno), NULL);
        goto out;
    }
    if (!(opts->create && !opts->readonly) && !has_data_file(dir)) {
        err = sb_fail_set(fail, SB_E_STORE_MISSING, dir, NULL);
        goto out;
    }
    if (!register_open(s, dir)) {
        err = sb_fail_set(fail, SB_E_STORE_OPEN_TWICE, dir, NULL);
        goto out;
    }
    if (!opts->readonly)
        err = lock_dir(s, dir, fail);
    if (err == SB_OK)
        err = open_env(s, dir, opts, fail);
    if (err == SB_OK)
        err = settle_format(s, dir, opts, fail);
    if (err == SB_OK)
        err = start_reading(s, fail);
out:
    if (err == SB_OK)
        *store = s;
    else
        sb_store_close(s);
    return err;
}

void sb_store_close(sb_store *s)
{
    if (s == NULL)
        return;
    sb_store_abort(s);
    if (s->reader != NULL)
        mdb_txn_abort(s->reader);
    if (s->env != NULL)
        mdb_env_close(s->env);
    if (s->lock_fd >= 0)
        (void)close(s->lock_fd);
    unregister(s);
    sb_buf_deinit(&s->redo);
    free(s);
}

bool sb_store_blob_room(sb_store *s)
{
    struct statvfs disk;
    return fstatvfs(s->lock_fd, &disk) != 0 || /* nobody knows: the commit will tell */
           (uint64_t)disk.f_bavail * disk.f_frsize >= s->reserve_bytes;
}

sb_err sb_store_error(const sb_store *s)
{
    return s->failure.code;
}

void sb_store_get_info(sb_store *s, sb_store_info *info)
{
    MDB_envinfo env = {0};
    MDB_stat stat = {0};
    *info = (sb_store_info){0};
    if (mdb_env_info(s->env, &env) == 0 && mdb_env_stat(s->env, &stat) == 0)
        *info = (sb_store_info){.map_bytes = env.me_mapsize,
                                .used_bytes = ((uint64_t)env.me_last_pgno + 1) * stat.ms_psize};
}

/* fsync a file or directory and, for a new file, take it from others. */
static int sync_path(const char *path, bool is_file)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int rc = is_file && fchmod(fd, 0600) != 0 ? errno : fsync(fd) != 0 ? errno : 0;
    (void)close(fd);
    return rc;
}

sb_err sb_store_backup(sb_store *s, const char *dir, sb_fail *fail)
{
    assert(!s->in_batch);
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    if (mkdir(dir, 0700) != 0) {
        /* rmdir tells an empty directory from another without listing it */
        if (errno != EEXIST)
            return sb_fail_set(fail, SB_E_STORE_BACKUP, dir, sb_store_words(errno), NULL);
        if (rmdir(dir) != 0 || mkdir(dir, 0700) != 0)
            return sb_fail_set(fail, SB_E_STORE_NOT_EMPTY, dir, NULL);
    }
    int rc = mdb_env_copy2(s->env, dir, MDB_CP_COMPACT);
    if (rc == 0)
        rc = sync_path(path, true);
    if (rc == 0)
        rc = sync_path(dir, false);
    if (rc == 0) {
        (void)snprintf(path, sizeof path, "%s/..", dir);
        rc = sync_path(path, false);
    }
    if (rc != 0)
        return sb_fail_set(fail, SB_E_STORE_BACKUP, dir, sb_store_words(rc), NULL);
    return SB_OK;
}
