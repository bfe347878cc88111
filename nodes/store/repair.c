#include "nodes/store/repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodes/store/check_inside.h"
#include "proto/base/hash.h"

enum { PATH = SB_STORE_PATH_BYTES, LEAVES_MANY = 1024, LEAVES_FEW = 64, MIB = 1024 * 1024 };

/* ---- building, in a child ---- */

typedef struct build {
    const sb_repair_opts *opts;
    const sb_check_report *report;
    sb_store *from; /* NULL: it can't be read */
    sb_history made;
    sb_kv *missing; /* rows of what its leaves name and isn't held */
    sb_commit_builder commit;
    sb_arena arena;
    sb_fail *fail;
} build;

static sb_slice missing_key(const build *b, const uint8_t sha256[32], uint8_t *out)
{
    return sb_missing_key(b->opts->check.missing_table, sha256, out);
}

static void note_missing(build *b, uint64_t index, const sb_leaf *leaf)
{
    uint8_t key[SB_MISSING_KEY_BYTES];
    for (size_t i = 0; i < leaf->blob_count; i++) {
        const Sb__BlobRef *ref = leaf->blobs[i];
        if (ref->sha256.len == 32 && !sb_store_blob_has(b->made.store, ref->sha256.data))
            sb_missing_put_row(b->missing, missing_key(b, ref->sha256.data, key), ref->size, index);
    }
}

static sb_err take_leaf(build *b, uint64_t index)
{
    sb_slice stored;
    sb_leaf leaf;
    sb_arena_reset(&b->arena);
    if (!sb_store_leaf(b->from, index, &stored))
        return sb_fail_num(b->fail, SB_E_HISTORY_DAMAGED, 1, index, 0);
    sb_err err = sb_leaf_open(stored, &b->arena, &leaf, b->fail);
    if (err == SB_OK)
        err = sb_ledger_step(b->made.ledger, &leaf, sb_commit_add_tile, &b->commit, b->fail);
    if (err != SB_OK)
        return err;
    sb_commit_add_leaf(&b->commit, stored);
    note_missing(b, index, &leaf);
    return SB_OK;
}

/* The last ones in small commits: a handover may still take them back. */
static sb_err take_leaves(build *b)
{
    uint64_t good = b->report->good;
    sb_err err = SB_OK;
    for (uint64_t at = 0; at < good && err == SB_OK;) {
        uint64_t n = good - at > 2 * LEAVES_MANY ? LEAVES_MANY : LEAVES_FEW;
        uint64_t end = good - at < n ? good : at + n;
        sb_commit_builder_clear(&b->commit, at);
        for (; at < end && err == SB_OK; at++)
            err = take_leaf(b, at);
        if (err == SB_OK)
            err = sb_history_commit(&b->made, sb_commit_builder_get(&b->commit), b->fail);
    }
    return err;
}

static sb_err take_blob(build *b, const uint8_t sha256[32], sb_buf *bytes)
{
    uint8_t hash[SB_HASH_BYTES];
    sb_buf_clear(bytes);
    if (sb_store_blob_read(b->from, sha256, 0, SB_BLOB_BYTES_MAX, bytes, NULL) != SB_OK)
        return SB_OK; /* its chunks are gone: it is missing */
    sb_hash(sb_buf_slice(bytes), hash);
    if (memcmp(hash, sha256, sizeof hash) != 0)
        return SB_OK;
    sb_err err = sb_store_begin(b->made.store, bytes->len, b->fail);
    if (err == SB_OK)
        err = sb_store_blob_put(b->made.store, sha256, sb_buf_slice(bytes), b->fail);
    return err == SB_OK ? sb_store_commit(b->made.store, b->fail) : err;
}

static sb_err take_blobs(build *b)
{
    uint8_t sha256[32];
    const uint8_t *after = NULL;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = SB_OK;
    while (err == SB_OK && sb_store_blob_next(b->from, after, sha256)) {
        after = sha256;
        err = take_blob(b, sha256, &bytes);
    }
    sb_buf_deinit(&bytes);
    return err;
}

/* What handovers took out, as far as it reads. */
static sb_err take_archive(build *b)
{
    uint8_t last[12];
    sb_slice from = {0}, key, value;
    sb_err err = sb_store_begin(b->made.store, 0, b->fail);
    if (err != SB_OK)
        return err;
    for (bool first = true; sb_store_row_next(b->from, SB_TABLE_CUT, from, first, &key, &value);
         first = false) {
        sb_leaf leaf;
        if (key.len != sizeof last)
            break;
        memcpy(last, key.data, sizeof last);
        from = sb_slice_of(last, sizeof last);
        sb_arena_reset(&b->arena);
        if (sb_leaf_open(value, &b->arena, &leaf, NULL) == SB_OK)
            sb_store_row_put(b->made.store, SB_TABLE_CUT, from, value);
    }
    return sb_store_commit(b->made.store, b->fail);
}

static void drop_erased(build *b)
{
    uint64_t index = 0;
    uint8_t sha256[32], key[SB_MISSING_KEY_BYTES];
    for (; sb_ledger_erasure_next(b->made.ledger, &index, sha256); index++)
        sb_kv_del(b->missing, missing_key(b, sha256, key));
}

static sb_err take_own(build *b)
{
    drop_erased(b);
    sb_err err = sb_store_begin(b->made.store, 0, b->fail);
    if (err != SB_OK)
        return err;
    const sb_repair_own own = {.from = b->from != NULL ? sb_store_own(b->from) : NULL,
                               .to = sb_store_own(b->made.store),
                               .made = &b->made,
                               .report = b->report,
                               .context = b->opts->check.context};
    sb_kv_walk missing = {.kv = b->missing};
    while (sb_kv_walk_next(&missing))
        sb_kv_put(own.to, missing.key, missing.value);
    b->opts->own(&own);
    return sb_store_commit(b->made.store, b->fail);
}

static sb_err build_all(build *b)
{
    sb_err err = SB_OK;
    if (b->from != NULL)
        err = take_blobs(b);
    if (err == SB_OK && b->from != NULL)
        err = take_leaves(b);
    if (err == SB_OK && b->from != NULL)
        err = take_archive(b);
    return err == SB_OK ? take_own(b) : err;
}

static sb_err build_store(const sb_repair_opts *opts, const sb_check_report *report, const char *to,
                          sb_fail *fail)
{
    const sb_store_opts look = {.kind = opts->check.kind, .readonly = true};
    const sb_store_opts make = {.kind = opts->check.kind, .create = true};
    bool is_readable = (report->cures >> SB_CURE_STORE & 1) == 0;
    build b = {.opts = opts, .report = report, .fail = fail};
    sb_arena_init(&b.arena);
    sb_commit_builder_init(&b.commit, (sb_tile_reader){0});
    b.missing = sb_kv_memory_new();
    sb_err err = is_readable ? sb_store_open(&b.from, opts->check.dir, &look, fail) : SB_OK;
    if (err == SB_OK)
        err = sb_history_open(&b.made, to, &make, fail);
    if (err == SB_OK)
        err = build_all(&b);
    sb_history_close(&b.made);
    sb_store_close(b.from);
    sb_kv_memory_free(b.missing);
    sb_commit_builder_deinit(&b.commit);
    sb_arena_deinit(&b.arena);
    return err;
}

/* … where a file that LMDB can't stand ends the child and not us. */
static sb_err build_apart(const sb_repair_opts *opts, const sb_check_report *report, const char *to,
                          sb_fail *fail)
{
    int fds[2], status = 0;
    pid_t child = pipe2(fds, O_CLOEXEC) == 0 ? fork() : -1;
    if (child < 0)
        return sb_fail_set(fail, SB_E_REPAIR_FAILED, sb_store_words(errno), NULL);
    if (child == 0) {
        sb_fail told = {0};
        sb_on_out_of_memory(sb_check_no_memory);
        (void)build_store(opts, report, to, &told);
        ssize_t n = write(fds[1], &told, sizeof told);
        _exit(n == (ssize_t)sizeof told ? 0 : 1);
    }
    (void)close(fds[1]);
    sb_fail told;
    ssize_t n = read(fds[0], &told, sizeof told);
    (void)close(fds[0]);
    (void)waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SB_CHECK_NO_MEMORY)
        return sb_fail_set(fail, SB_E_CHECK_MEMORY, NULL);
    if (n != (ssize_t)sizeof told)
        return sb_fail_set(fail, SB_E_REPAIR_FAILED, "LMDB", NULL);
    if (told.code != SB_OK)
        *fail = told;
    return told.code;
}

/* ---- taking its place ---- */

static sb_err io_fail(sb_fail *fail, const char *path)
{
    return sb_fail_set(fail, SB_E_STORE_IO, path, sb_store_words(errno), NULL);
}

static bool sync_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

static void remove_store(const char *dir)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "writer.lock"};
    char path[PATH];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%.4000s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

/* The first STORE.damaged-N that isn't there. */
static sb_err make_kept(const char *store, char out[4096], sb_fail *fail)
{
    for (int n = 1; n < 1000; n++) {
        (void)snprintf(out, 4096, "%.4000s.damaged-%d", store, n);
        if (mkdir(out, 0700) == 0)
            return SB_OK;
        if (errno != EEXIST)
            break;
    }
    return io_fail(fail, out);
}

/* The old file gets a second name, then the new one takes its first. Who still looks at the old one
 * keeps its lock file: in it stand the numbers of the old file's commits. */
static sb_err swap(const char *store, const char *made, char kept[4096], sb_fail *fail)
{
    char old[PATH], aside[PATH], new[PATH], lock[PATH];
    sb_err err = make_kept(store, kept, fail);
    if (err != SB_OK)
        return err;
    (void)snprintf(old, sizeof old, "%.4000s/data.mdb", store);
    (void)snprintf(aside, sizeof aside, "%.4000s/data.mdb", kept);
    (void)snprintf(new, sizeof new, "%.4000s/data.mdb", made);
    (void)snprintf(lock, sizeof lock, "%.4000s/lock.mdb", store);
    if (link(old, aside) != 0 || !sync_dir(kept))
        return io_fail(fail, aside);
    (void)unlink(lock);
    if (rename(new, old) != 0 || !sync_dir(store))
        return io_fail(fail, old);
    remove_store(made);
    return SB_OK;
}

/* ---- all ---- */

static bool has_cure(const sb_check_report *r, sb_check_cure cure)
{
    return (r->cures >> cure & 1) != 0;
}

static sb_err may_repair(const sb_repair_opts *opts, const sb_check_report *r, sb_fail *fail)
{
    bool is_lost = r->good < r->leaves || has_cure(r, SB_CURE_STORE);
    for (uint32_t i = 0; i < r->count; i++)
        is_lost |= r->findings[i].part == SB_CHECK_LEAVES && r->findings[i].cure == SB_CURE_REFETCH;
    if (!r->finished) {
        *fail = r->broke;
        return r->broke.code;
    }
    if (has_cure(r, SB_CURE_PROGRAM))
        for (uint32_t i = 0; i < r->count; i++)
            if (r->findings[i].cure == SB_CURE_PROGRAM) {
                if (r->findings[i].what.code == SB_E_CHECK_FOLD)
                    return sb_fail_set(fail, SB_E_REPAIR_PROGRAM, r->findings[i].what.arg[0], NULL);
                *fail = r->findings[i].what;
                return fail->code;
            }
    if (is_lost && !opts->may_refetch)
        return sb_fail_num(fail, SB_E_REPAIR_BROKER, 1, has_cure(r, SB_CURE_STORE) ? 0 : r->good,
                           0);
    return SB_OK;
}

static sb_err has_room(const char *store, sb_fail *fail)
{
    char path[PATH], needs[24], has[24];
    struct stat st;
    struct statvfs disk;
    (void)snprintf(path, sizeof path, "%.4000s/data.mdb", store);
    if (stat(path, &st) != 0 || statvfs(store, &disk) != 0)
        return SB_OK; /* the writing will tell */
    uint64_t wanted = (uint64_t)st.st_size / MIB + 64;
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize / MIB;
    (void)snprintf(needs, sizeof needs, "%llu", (unsigned long long)wanted);
    (void)snprintf(has, sizeof has, "%llu", (unsigned long long)room);
    return room >= wanted ? SB_OK
                          : sb_fail_set(fail, SB_E_STORE_SHORT_OF_ROOM, needs, store, has, NULL);
}

static sb_err repair_locked(const sb_repair_opts *opts, sb_repair_result *out, sb_fail *fail)
{
    char made[PATH];
    sb_check_opts again = opts->check;
    (void)snprintf(made, sizeof made, "%.4000s.repair", opts->check.dir);
    sb_check_run(&opts->check, &out->before);
    out->was_sound = out->before.finished && out->before.damages == 0;
    if (out->was_sound)
        return SB_OK;
    sb_err err = may_repair(opts, &out->before, fail);
    if (err == SB_OK)
        err = has_room(opts->check.dir, fail);
    if (err != SB_OK)
        return err;
    remove_store(made); /* of one that was interrupted */
    err = build_apart(opts, &out->before, made, fail);
    again.dir = made;
    if (err == SB_OK)
        sb_check_run(&again, &out->after);
    if (err == SB_OK && (!out->after.finished || out->after.damages > 0))
        err = sb_fail_set(
            fail, SB_E_REPAIR_FAILED,
            out->after.count > 0 ? sb_err_name(out->after.findings[0].what.code) : "?", NULL);
    if (err == SB_OK)
        err = swap(opts->check.dir, made, out->kept, fail);
    if (err != SB_OK)
        remove_store(made);
    return err;
}

sb_err sb_repair_run(const sb_repair_opts *opts, sb_repair_result *out, sb_fail *fail)
{
    int lock_fd = -1;
    sb_fail why = {0};
    *out = (sb_repair_result){0};
    sb_err err = sb_store_lock(opts->check.dir, &lock_fd, &why);
    if (err == SB_E_STORE_LOCKED)
        err = sb_fail_set(fail, SB_E_REPAIR_RUNNING, why.arg[0], why.arg[1], NULL);
    else if (err != SB_OK)
        *fail = why;
    else
        err = repair_locked(opts, out, fail);
    if (lock_fd >= 0)
        (void)close(lock_fd);
    return err;
}

void sb_repair_result_deinit(sb_repair_result *r)
{
    sb_check_report_deinit(&r->before);
    sb_check_report_deinit(&r->after);
}
