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

#include "nodes/store/pages.h"
#include "nodes/store/store_internal.h"

enum { PATH_BYTES = SB_STORE_PATH_BYTES, KIND_BYTES_MAX = SB_STORE_KIND_BYTES_MAX };
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
sb_err sb_store_lock(const char *dir, int *lock_fd, sb_fail *fail)
{
    char path[PATH_BYTES], pid[24] = "?";
    (void)snprintf(path, sizeof path, "%s/writer.lock", dir);
    *lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock_fd < 0)
        return sb_fail_set(fail, SB_E_STORE_IO, path, sb_store_words(errno), NULL);
    if (flock(*lock_fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t got = pread(*lock_fd, pid, sizeof pid - 1, 0);
        if (got > 0)
            pid[got] = '\0';
        pid[strcspn(pid, "\n")] = '\0';
        return sb_fail_set(fail, SB_E_STORE_LOCKED, dir, pid, NULL);
    }
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    bool told = pwrite(*lock_fd, pid, (size_t)len, 0) == len && ftruncate(*lock_fd, len) == 0;
    if (!told && errno != ENOSPC && errno != EDQUOT) /* a full disk is no reason not to read */
        return sb_fail_set(fail, SB_E_STORE_IO, path, sb_store_words(errno), NULL);
    return SB_OK;
}

static bool has_file(const char *dir, const char *name)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static bool has_data_file(const char *dir)
{
    return has_file(dir, "data.mdb");
}

/* LMDB met what it takes for impossible: the file is damaged. Nothing may run on. */
static void on_assert(MDB_env *env, const char *words)
{
    static const char told[] =
        "databasefilen er skadet; kjør «samband node kontroller» (megleren: «samband megler "
        "kontroller»)\nthe database file is damaged; run samband node check (the broker: samband "
        "broker check)\n";
    (void)env, (void)words;
    (void)!write(STDERR_FILENO, told, sizeof told - 1);
    _exit(SB_EXIT_VERIFY);
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
        rc = mdb_env_set_assert(s->env, on_assert);
    if (rc == 0)
        rc = mdb_env_open(s->env, dir, flags, 0600);
    if (rc == 0)
        rc = mdb_reader_check(s->env, &dead);
    return rc == 0 ? SB_OK
                   : sb_fail_set(fail, rc == EIO ? SB_E_STORE_UNREADABLE : SB_E_STORE_IO, dir,
                                 sb_store_words(rc), NULL);
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

/* Names in a directory are on the disk when it is synced. */
static int sync_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int rc = fsync(fd) != 0 ? errno : 0;
    (void)close(fd);
    return rc;
}

static void drop_new(const char *at)
{
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    char path[PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%.4000s/%s", at, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(at);
}

/* An empty store is made beside and moved into place when it is whole: an empty data.mdb is always
 * a lost one. */
static sb_err make_new(const char *dir, const sb_store_opts *opts, sb_fail *fail)
{
    char at[PATH_BYTES], from[PATH_BYTES], to[PATH_BYTES], above[PATH_BYTES];
    (void)snprintf(above, sizeof above, "%s/..", dir);
    (void)snprintf(at, sizeof at, "%s/new", dir);
    (void)snprintf(from, sizeof from, "%.4000s/data.mdb", at);
    (void)snprintf(to, sizeof to, "%s/data.mdb", dir);
    drop_new(at);
    if (mkdir(at, 0700) != 0)
        return sb_fail_set(fail, SB_E_STORE_IO, at, sb_store_words(errno), NULL);
    sb_store *s = new_store(opts);
    sb_err err = open_env(s, at, opts, fail);
    if (err == SB_OK)
        err = sb_store_settle_format(s, at, opts, true, fail);
    sb_store_close(s);
    if (err == SB_OK && (rename(from, to) != 0 || sync_dir(dir) != 0 ||
                         sync_dir(above) != 0)) /* dir may be new too */
        err = sb_fail_set(fail, SB_E_STORE_IO, to, sb_store_words(errno), NULL);
    drop_new(at);
    return err;
}

/* The pages of the newest commit, which a reader holds still while a writer goes on. */
static sb_err walk_commit(sb_store *s, const char *path, sb_fail *fail)
{
    sb_pages p;
    MDB_txn *txn = NULL;
    int fd, rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
    if (rc == 0)
        rc = mdb_env_get_fd(s->env, &fd);
    if (rc != 0)
        return sb_fail_set(fail, SB_E_STORE_IO, path, sb_store_words(rc), NULL);
    sb_err err = sb_pages_head(fd, path, mdb_txn_id(txn), &p, fail);
    if (err == SB_OK)
        err = sb_pages_walk(fd, path, &p, fail);
    mdb_txn_abort(txn);
    return err;
}

/* What a killed process wrote may be in the machine's memory alone, and what a failed sync lost may look
 * as if it were written there: before anything is read, and acted upon, memory is what the disk has. */
static sb_err settle_disk(const char *path, sb_fail *fail)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return sb_fail_set(fail, SB_E_STORE_IO, path, sb_store_words(errno), NULL);
    int rc = fdatasync(fd) != 0 && errno != EINVAL ? errno : 0; /* EINVAL: not a file at all */
    if (rc == 0)
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* a file system needn't */
    (void)close(fd);
    return rc == 0 ? SB_OK : sb_fail_set(fail, SB_E_STORE_SYNC, sb_store_words(rc), NULL);
}

static sb_err open_locked(sb_store *s, const char *dir, const sb_store_opts *opts, sb_fail *fail)
{
    char path[PATH_BYTES];
    sb_err err = SB_OK;
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    if (!opts->readonly)
        err = sb_store_lock(dir, &s->lock_fd, fail);
    if (err == SB_OK && !has_data_file(dir) && has_file(dir, "lock.mdb")) /* LMDB opened one here */
        err = sb_fail_set(fail, SB_E_STORE_GONE, path, NULL);
    if (err == SB_OK && !has_data_file(dir))
        err = make_new(dir, opts, fail);
    if (err == SB_OK && !opts->readonly)
        err = settle_disk(path, fail);
    if (err == SB_OK && !opts->readonly) /* beside a writer pages change while they are read */
        err = sb_pages_before_open(path, fail);
    if (err == SB_OK)
        err = open_env(s, dir, opts, fail);
    if (err == SB_OK && opts->walk)
        err = walk_commit(s, path, fail);
    if (err == SB_OK)
        err = sb_store_settle_format(s, dir, opts, false, fail);
    return err == SB_OK ? start_reading(s, fail) : err;
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
    err = open_locked(s, dir, opts, fail);
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

bool sb_store_has_room(sb_store *s, uint64_t bytes)
{
    struct statvfs disk;
    return fstatvfs(s->lock_fd, &disk) != 0 || /* nobody knows: the commit will tell */
           (uint64_t)disk.f_bavail * disk.f_frsize >= bytes;
}

bool sb_store_blob_room(sb_store *s)
{
    return sb_store_has_room(s, s->reserve_bytes);
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

/* LMDB would make the file readable for everybody. */
static int copy_into(sb_store *s, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    int rc = mdb_env_copyfd2(s->env, fd, MDB_CP_COMPACT);
    if (rc == 0 && fsync(fd) != 0)
        rc = errno;
    if (close(fd) != 0 && rc == 0)
        rc = errno;
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
    int rc = copy_into(s, path);
    if (rc == 0)
        rc = sync_dir(dir);
    if (rc == 0) {
        (void)snprintf(path, sizeof path, "%s/..", dir);
        rc = sync_dir(path);
    }
    if (rc != 0)
        return sb_fail_set(fail, SB_E_STORE_BACKUP, dir, sb_store_words(rc), NULL);
    return SB_OK;
}
