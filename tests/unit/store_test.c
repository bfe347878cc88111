#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include "nodes/store/store.h"
#include "proto/base/hash.h"
#include "proto/base/limits.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

typedef struct bench {
    char root[64], dir[80];
    sb_store *s;
    sb_fail fail;
} bench;

static const sb_store_opts NEW = {.kind = "node", .create = true, .map_bytes_start = 1};
static const sb_store_opts OLD = {.kind = "node"};
static const sb_store_opts LOOK = {.kind = "node", .readonly = true};

#define ok(expression) assert_int_equal((expression), SB_OK)

static int setup(void **state)
{
    bench *b = calloc(1, sizeof *b);
    sb_tmpdir_make(b->root);
    (void)snprintf(b->dir, sizeof b->dir, "%s/store", b->root);
    *state = b;
    return sb_store_open(&b->s, b->dir, &NEW, &b->fail) != SB_OK;
}

static int teardown(void **state)
{
    bench *b = *state;
    sb_store_close(b->s);
    sb_tmpdir_drop(b->root);
    free(b);
    return 0;
}

static void reopen(bench *b, const sb_store_opts *opts)
{
    sb_store_close(b->s);
    b->s = NULL;
    ok(sb_store_open(&b->s, b->dir, opts, &b->fail));
}

static void expect_row(sb_kv *kv, const char *key, const char *value)
{
    sb_slice got;
    assert_int_equal(sb_kv_get(kv, sb_slice_str(key), &got), value != NULL);
    if (value != NULL)
        assert_true(sb_slice_eq(got, sb_slice_str(value)));
}

static void put(sb_kv *kv, const char *key, const char *value)
{
    sb_kv_put(kv, sb_slice_str(key), sb_slice_str(value));
}

static sb_slice fill(uint8_t *bytes, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
    return sb_slice_of(bytes, len);
}

static void test_what_is_committed_is_there_after_reopening(void **state)
{
    bench *b = *state;
    sb_slice got;
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "a", "1");
    put(sb_store_own(b->s), "a", "2");
    sb_store_put_leaf(b->s, 0, sb_slice_str("leaf zero"));
    sb_store_put_leaf(b->s, 1, sb_slice_str(""));
    ok(sb_store_commit(b->s, &b->fail));
    reopen(b, &OLD);
    expect_row(sb_store_state(b->s), "a", "1");
    expect_row(sb_store_own(b->s), "a", "2");
    assert_int_equal(sb_store_count(b->s), 2);
    assert_true(sb_store_leaf(b->s, 0, &got));
    assert_true(sb_slice_eq(got, sb_slice_str("leaf zero")));
    assert_true(sb_store_leaf(b->s, 1, &got));
    assert_int_equal(got.len, 0);
    assert_false(sb_store_leaf(b->s, 2, &got));
    ok(sb_store_error(b->s));
}

static void test_aborted_and_dropped_batches_leave_nothing(void **state)
{
    bench *b = *state;
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "kept", "1");
    ok(sb_store_commit(b->s, &b->fail));
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "a", "1");
    sb_store_put_leaf(b->s, 0, sb_slice_str("x"));
    expect_row(sb_store_state(b->s), "a", "1");
    assert_int_equal(sb_store_count(b->s), 1);
    sb_store_abort(b->s);
    expect_row(sb_store_state(b->s), "a", NULL);
    assert_int_equal(sb_store_count(b->s), 0);
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "a", "2");
    reopen(b, &OLD); /* closed in the middle of a batch */
    expect_row(sb_store_state(b->s), "a", NULL);
    expect_row(sb_store_state(b->s), "kept", "1");
}

/* A process that is killed in a batch leaves the last commit. */
static void test_killed_in_a_batch(void **state)
{
    bench *b = *state;
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "a", "1");
    ok(sb_store_commit(b->s, &b->fail));
    sb_store_close(b->s);
    b->s = NULL;
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(60); /* never outlive a failed test */
        sb_store *s = NULL;
        if (sb_store_open(&s, b->dir, &OLD, NULL) != SB_OK || sb_store_begin(s, 0, NULL) != SB_OK)
            _exit(9);
        put(sb_store_state(s), "a", "2");
        (void)raise(SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ok(sb_store_open(&b->s, b->dir, &OLD, &b->fail));
    expect_row(sb_store_state(b->s), "a", "1");
}

static void test_opening_twice_is_refused(void **state)
{
    bench *b = *state;
    sb_store *second = NULL;
    char detour[128];
    assert_int_equal(sb_store_open(&second, b->dir, &OLD, &b->fail), SB_E_STORE_OPEN_TWICE);
    assert_null(second);
    assert_string_equal(b->fail.arg[0], b->dir);
    assert_int_equal(sb_store_open(&second, b->dir, &LOOK, &b->fail), SB_E_STORE_OPEN_TWICE);
    (void)snprintf(detour, sizeof detour, "%s/../store/.", b->dir);
    assert_int_equal(sb_store_open(&second, detour, &OLD, &b->fail), SB_E_STORE_OPEN_TWICE);
    /* the refused tries haven't hurt the first */
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "a", "1");
    ok(sb_store_commit(b->s, &b->fail));
    reopen(b, &OLD);
    expect_row(sb_store_state(b->s), "a", "1");
}

static void test_a_second_writing_process_is_refused(void **state)
{
    bench *b = *state;
    int pipe_to[2], pipe_from[2], status;
    char byte = 0, expected[24];
    sb_store_close(b->s);
    b->s = NULL;
    assert_int_equal(pipe(pipe_to) | pipe(pipe_from), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(60); /* never outlive a failed test */
        sb_store *s = NULL;
        sb_err err = sb_store_open(&s, b->dir, &OLD, NULL);
        byte = err == SB_OK ? 'y' : 'n';
        if (write(pipe_from[1], &byte, 1) != 1 || read(pipe_to[0], &byte, 1) != 1)
            _exit(9);
        sb_store_close(s);
        _exit(0);
    }
    assert_int_equal(read(pipe_from[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    (void)snprintf(expected, sizeof expected, "%ld", (long)child);
    assert_int_equal(sb_store_open(&b->s, b->dir, &OLD, &b->fail), SB_E_STORE_LOCKED);
    assert_string_equal(b->fail.arg[0], b->dir);
    assert_string_equal(b->fail.arg[1], expected);
    assert_int_equal(write(pipe_to[1], "q", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    ok(sb_store_open(&b->s, b->dir, &OLD, &b->fail));
    for (int i = 0; i < 2; i++)
        (void)close(pipe_to[i]), (void)close(pipe_from[i]);
}

/* A child looks on, readonly, while this process writes far beyond the map the child opened. */
static void test_readonly_beside_a_writer(void **state)
{
    bench *b = *state;
    int go[2], done[2], status;
    char byte;
    uint8_t chunk[8192];
    ok(sb_store_begin(b->s, 0, &b->fail));
    sb_store_put_leaf(b->s, 0, sb_slice_str("zero"));
    ok(sb_store_commit(b->s, &b->fail));
    assert_int_equal(pipe(go) | pipe(done), 0);
    /* LMDB must not cross a fork: the child starts before the writer opens */
    sb_store_close(b->s);
    b->s = NULL;
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(60); /* never outlive a failed test */
        sb_store_opts look = LOOK;
        sb_store *s = NULL;
        sb_slice leaf;
        look.map_bytes_start = 1;
        if (read(go[0], &byte, 1) != 1 || sb_store_open(&s, b->dir, &look, NULL) != SB_OK)
            _exit(1);
        if (sb_store_count(s) != 1 || write(done[1], "1", 1) != 1 || read(go[0], &byte, 1) != 1)
            _exit(2);
        if (sb_store_count(s) != 1 || sb_store_leaf(s, 1, &leaf)) /* still its first view */
            _exit(3);
        if (sb_store_refresh(s, NULL) != SB_OK || sb_store_count(s) != 2001)
            _exit(4);
        for (uint64_t i = 1; i < 2001; i++)
            if (!sb_store_leaf(s, i, &leaf) || leaf.len != sizeof chunk)
                _exit(5);
        sb_store_close(s);
        _exit(0);
    }
    ok(sb_store_open(&b->s, b->dir, &NEW, &b->fail));
    assert_int_equal(write(go[1], "a", 1), 1);
    assert_int_equal(read(done[0], &byte, 1), 1);
    ok(sb_store_begin(b->s, 0, &b->fail));
    for (uint32_t i = 1; i < 2001; i++)
        sb_store_put_leaf(b->s, i, fill(chunk, sizeof chunk, i));
    ok(sb_store_commit(b->s, &b->fail));
    assert_int_equal(write(go[1], "b", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    for (int i = 0; i < 2; i++)
        (void)close(go[i]), (void)close(done[i]);
}

/* 50 MB from a map of 1 MiB: in one batch (replayed), and in many (grown ahead). */
static void test_the_map_grows(void **state)
{
    bench *b = *state;
    sb_store_info before, after;
    uint8_t leaf[50000], expected[50000];
    sb_slice got;
    sb_store_get_info(b->s, &before);
    assert_int_equal(before.map_bytes, 1 << 20);
    ok(sb_store_begin(b->s, 0, &b->fail));
    for (uint32_t i = 0; i < 1000; i++) {
        uint8_t key[4] = {1, (uint8_t)(i >> 8), (uint8_t)i, 7};
        sb_store_put_leaf(b->s, i, fill(leaf, sizeof leaf, i));
        sb_kv_put(sb_store_state(b->s), sb_slice_of(key, 4), sb_slice_of(leaf, 100));
        if (i % 3 == 2)
            sb_kv_del(sb_store_state(b->s), sb_slice_of(key, 4));
    }
    ok(sb_store_commit(b->s, &b->fail));
    for (uint32_t i = 1000; i < 1500; i++) {
        ok(sb_store_begin(b->s, 0, &b->fail));
        sb_store_get_info(b->s, &after);
        assert_true(after.map_bytes - after.used_bytes >= after.map_bytes / 4);
        sb_store_put_leaf(b->s, i, fill(leaf, sizeof leaf, i));
        ok(sb_store_commit(b->s, &b->fail));
    }
    sb_store_get_info(b->s, &after);
    assert_true(after.map_bytes > 75000000 && after.used_bytes > 75000000);
    reopen(b, &OLD);
    assert_int_equal(sb_store_count(b->s), 1500);
    for (uint32_t i = 0; i < 1500; i++) {
        uint8_t key[4] = {1, (uint8_t)(i >> 8), (uint8_t)i, 7};
        assert_true(sb_store_leaf(b->s, i, &got));
        assert_true(sb_slice_eq(got, fill(expected, sizeof expected, i)));
        assert_int_equal(sb_kv_get(sb_store_state(b->s), sb_slice_of(key, 4), NULL),
                         i < 1000 && i % 3 != 2);
    }
}

/* The disk refuses (here: a file size limit): the batch fails as a whole, the failure sticks, and
 * what was committed is there when the store is opened again. */
static void test_a_failing_disk_is_sticky(void **state)
{
    bench *b = *state;
    uint8_t row[4096];
    int status;
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "before", "1");
    ok(sb_store_commit(b->s, &b->fail));
    sb_store_close(b->s);
    b->s = NULL;
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(60); /* never outlive a failed test */
        sb_store *s = NULL;
        sb_slice got;
        sb_fail fail = {0};
        const struct rlimit small = {.rlim_cur = 200 * 1024, .rlim_max = 200 * 1024};
        (void)signal(SIGXFSZ, SIG_IGN);
        if (sb_store_open(&s, b->dir, &OLD, NULL) != SB_OK ||
            setrlimit(RLIMIT_FSIZE, &small) != 0 || sb_store_begin(s, 0, NULL) != SB_OK)
            _exit(1);
        for (uint32_t i = 0; i < 200; i++)
            sb_store_put_leaf(s, i, fill(row, sizeof row, i));
        if (sb_store_commit(s, &fail) != SB_E_STORE_SYNC || fail.code != SB_E_STORE_SYNC)
            _exit(2);
        if (sb_store_error(s) != SB_E_STORE_SYNC || sb_store_count(s) != 0)
            _exit(3);
        if (sb_store_begin(s, 0, &fail) != SB_E_STORE_SYNC)
            _exit(4);
        if (sb_kv_get(sb_store_state(s), sb_slice_str("before"), &got) ||
            sb_kv_error(sb_store_state(s)) != SB_E_STORE_SYNC)
            _exit(5);
        sb_store_close(s);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    ok(sb_store_open(&b->s, b->dir, &OLD, &b->fail));
    expect_row(sb_store_state(b->s), "before", "1");
    assert_int_equal(sb_store_count(b->s), 0);
}

static void test_modes_keep_others_out(void **state)
{
    bench *b = *state;
    struct stat st;
    char path[128];
    const char *files[] = {"data.mdb", "lock.mdb", "writer.lock"};
    assert_int_equal(stat(b->dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", b->dir, files[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
}

static void test_missing_foreign_and_of_another_kind(void **state)
{
    bench *b = *state;
    sb_store *s = NULL;
    char none[128];
    sb_store_opts broker = OLD;
    broker.kind = "broker";
    (void)snprintf(none, sizeof none, "%s/none", b->root);
    assert_int_equal(sb_store_open(&s, none, &OLD, &b->fail), SB_E_STORE_MISSING);
    assert_int_equal(sb_store_open(&s, none, &LOOK, &b->fail), SB_E_STORE_MISSING);
    assert_int_equal(access(none, F_OK), -1);
    sb_store_close(b->s);
    b->s = NULL;
    assert_int_equal(sb_store_open(&s, b->dir, &broker, &b->fail), SB_E_STORE_KIND);
    assert_string_equal(b->fail.arg[1], "node");
    assert_string_equal(b->fail.arg[2], "broker");
    (void)snprintf(none, sizeof none, "%s/data.mdb", b->dir);
    FILE *f = fopen(none, "r+");
    assert_int_equal(fwrite("this is no LMDB file at all, whatever its name says", 1, 51, f), 51);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(sb_store_open(&s, b->dir, &OLD, &b->fail), SB_E_STORE_FOREIGN);
    assert_null(s);
}

static void test_blobs(void **state)
{
    bench *b = *state;
    size_t len = 3 * SB_BLOB_CHUNK_BYTES + 1000;
    uint8_t *bytes = malloc(len), hash[32], small_hash[32], other[32] = {1}, found[32];
    uint64_t size = 0;
    sb_buf out;
    sb_slice blob = fill(bytes, len, 5);
    sb_buf_init(&out);
    sb_hash(blob, hash);
    sb_hash(sb_slice_str("small"), small_hash);
    ok(sb_store_begin(b->s, len, &b->fail));
    ok(sb_store_blob_add(b->s, hash, 0, sb_slice_of(bytes, SB_BLOB_CHUNK_BYTES), &b->fail));
    assert_int_equal(sb_store_blob_add(b->s, hash, 2 * SB_BLOB_CHUNK_BYTES,
                                       sb_slice_of(bytes, SB_BLOB_CHUNK_BYTES), &b->fail),
                     SB_E_STORE_BLOB_GAP);
    ok(sb_store_commit(b->s, &b->fail));
    reopen(b, &OLD); /* staging goes on after a restart */
    assert_int_equal(sb_store_blob_staged(b->s, hash), SB_BLOB_CHUNK_BYTES);
    assert_false(sb_store_blob_has(b->s, hash));
    assert_int_equal(sb_store_blob_read(b->s, hash, 0, 10, &out, &b->fail), SB_E_NOT_FOUND);
    ok(sb_store_begin(b->s, len, &b->fail));
    for (size_t at = SB_BLOB_CHUNK_BYTES; at < len; at += SB_BLOB_CHUNK_BYTES) {
        size_t n = len - at < SB_BLOB_CHUNK_BYTES ? len - at : SB_BLOB_CHUNK_BYTES;
        ok(sb_store_blob_add(b->s, hash, at, sb_slice_of(bytes + at, n), &b->fail));
    }
    ok(sb_store_blob_finish(b->s, hash, &b->fail));
    ok(sb_store_blob_put(b->s, small_hash, sb_slice_str("small"), &b->fail));
    ok(sb_store_blob_put(b->s, small_hash, sb_slice_str("small"), &b->fail));
    ok(sb_store_commit(b->s, &b->fail));
    reopen(b, &OLD);
    assert_true(sb_store_blob_has(b->s, hash));
    assert_int_equal(sb_store_blob_staged(b->s, hash), 0);
    assert_true(sb_store_blob_size(b->s, hash, &size));
    assert_int_equal(size, len);
    ok(sb_store_blob_read(b->s, hash, 0, UINT64_MAX, &out, &b->fail));
    assert_true(sb_slice_eq(sb_buf_slice(&out), blob));
    sb_buf_clear(&out);
    ok(sb_store_blob_read(b->s, hash, SB_BLOB_CHUNK_BYTES - 3, 10, &out, &b->fail));
    assert_true(sb_slice_eq(sb_buf_slice(&out), sb_slice_of(bytes + SB_BLOB_CHUNK_BYTES - 3, 10)));
    sb_buf_clear(&out);
    ok(sb_store_blob_read(b->s, hash, len, 10, &out, &b->fail));
    assert_int_equal(out.len, 0);
    int seen = 0;
    for (bool more = sb_store_blob_next(b->s, NULL, found); more && seen < 9; seen++) {
        memcpy(other, found, 32);
        more = sb_store_blob_next(b->s, other, found);
    }
    assert_int_equal(seen, 2);
    ok(sb_store_begin(b->s, 0, &b->fail));
    sb_store_blob_delete(b->s, hash);
    ok(sb_store_commit(b->s, &b->fail));
    assert_false(sb_store_blob_has(b->s, hash));
    assert_true(sb_store_blob_has(b->s, small_hash));
    sb_buf_deinit(&out);
    free(bytes);
}

static void test_blobs_that_lie_or_are_too_large(void **state)
{
    bench *b = *state;
    uint8_t hash[32], *chunk = malloc(SB_BLOB_CHUNK_BYTES + 1);
    sb_hash(sb_slice_str("true"), hash);
    (void)fill(chunk, SB_BLOB_CHUNK_BYTES + 1, 1);
    ok(sb_store_begin(b->s, 0, &b->fail));
    assert_int_equal(sb_store_blob_put(b->s, hash, sb_slice_str("false"), &b->fail),
                     SB_E_STORE_BLOB_HASH);
    assert_false(sb_store_blob_has(b->s, hash));
    assert_int_equal(sb_store_blob_staged(b->s, hash), 0);
    assert_int_equal(sb_store_blob_finish(b->s, hash, &b->fail), SB_E_NOT_FOUND);
    assert_int_equal(
        sb_store_blob_add(b->s, hash, 0, sb_slice_of(chunk, SB_BLOB_CHUNK_BYTES + 1), &b->fail),
        SB_E_TOO_LARGE);
    for (uint64_t at = 0; at < SB_BLOB_BYTES_MAX; at += SB_BLOB_CHUNK_BYTES)
        ok(sb_store_blob_add(b->s, hash, at, sb_slice_of(chunk, SB_BLOB_CHUNK_BYTES), &b->fail));
    assert_int_equal(
        sb_store_blob_add(b->s, hash, SB_BLOB_BYTES_MAX, sb_slice_of(chunk, 1), &b->fail),
        SB_E_TOO_LARGE);
    ok(sb_store_blob_put(b->s, hash, sb_slice_str("true"), &b->fail)); /* replaces the staged */
    ok(sb_store_commit(b->s, &b->fail));
    assert_true(sb_store_blob_has(b->s, hash));
    free(chunk);
}

static void test_truncating_drops_leaves_and_their_tiles(void **state)
{
    bench *b = *state;
    uint8_t tile[SB_STORE_TILE_BYTES];
    sb_slice got;
    ok(sb_store_begin(b->s, 0, &b->fail));
    for (uint32_t i = 0; i < 1030; i++)
        sb_store_put_leaf(b->s, i, sb_slice_str("x"));
    for (uint32_t i = 0; i < 4; i++)
        sb_store_put_tile(b->s, 0, i, fill(tile, sizeof tile, i));
    sb_store_put_tile(b->s, 1, 0, fill(tile, sizeof tile, 9));
    ok(sb_store_commit(b->s, &b->fail));
    assert_true(sb_store_tile(b->s, 0, 3, &got));
    assert_true(sb_slice_eq(got, fill(tile, sizeof tile, 3)));
    ok(sb_store_begin(b->s, 0, &b->fail));
    sb_store_truncate(b->s, 512); /* exactly two tiles */
    ok(sb_store_commit(b->s, &b->fail));
    reopen(b, &OLD);
    assert_int_equal(sb_store_count(b->s), 512);
    assert_false(sb_store_leaf(b->s, 512, &got));
    assert_true(sb_store_leaf(b->s, 511, &got));
    assert_true(sb_store_tile(b->s, 0, 1, &got));
    assert_false(sb_store_tile(b->s, 0, 2, &got));
    assert_false(sb_store_tile(b->s, 1, 0, &got));
    ok(sb_store_begin(b->s, 0, &b->fail));
    sb_store_put_leaf(b->s, 512, sb_slice_str("new"));
    ok(sb_store_commit(b->s, &b->fail));
    assert_int_equal(sb_store_count(b->s), 513);
}

static void test_backup_is_a_store_of_its_own(void **state)
{
    bench *b = *state;
    char copy[128], file[160];
    sb_store *s = NULL;
    struct stat st;
    (void)snprintf(copy, sizeof copy, "%s/copy", b->root);
    (void)snprintf(file, sizeof file, "%s/data.mdb", copy);
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "a", "1");
    sb_store_put_leaf(b->s, 0, sb_slice_str("leaf"));
    ok(sb_store_commit(b->s, &b->fail));
    ok(sb_store_backup(b->s, copy, &b->fail));
    assert_int_equal(sb_store_backup(b->s, copy, &b->fail), SB_E_STORE_NOT_EMPTY);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    ok(sb_store_begin(b->s, 0, &b->fail));
    put(sb_store_state(b->s), "a", "2");
    ok(sb_store_commit(b->s, &b->fail));
    ok(sb_store_open(&s, copy, &OLD, &b->fail)); /* beside the first */
    expect_row(sb_store_state(s), "a", "1");
    assert_int_equal(sb_store_count(s), 1);
    expect_row(sb_store_state(b->s), "a", "2");
    sb_store_close(s);
}

/* A value read from the store may be written back to it, also while pages move. */
static void test_writing_what_was_borrowed(void **state)
{
    bench *b = *state;
    uint8_t big[1500];
    sb_slice got;
    ok(sb_store_begin(b->s, 0, &b->fail));
    sb_kv_put(sb_store_state(b->s), sb_slice_str("k000"), fill(big, sizeof big, 3));
    for (int i = 1; i < 200; i++) {
        char from[16], to[16];
        (void)snprintf(from, sizeof from, "k%03d", i - 1);
        (void)snprintf(to, sizeof to, "k%03d", i);
        assert_true(sb_kv_get(sb_store_state(b->s), sb_slice_str(from), &got));
        sb_kv_put(sb_store_state(b->s), sb_slice_str(to), got);
        assert_true(sb_kv_get(sb_store_state(b->s), sb_slice_str(from), &got));
        sb_kv_put(sb_store_state(b->s), sb_slice_str(from), sb_slice_of(got.data + 1, 1000));
    }
    assert_true(sb_kv_get(sb_store_state(b->s), sb_slice_str("k199"), &got));
    assert_true(sb_slice_eq(got, sb_slice_of(big, sizeof big)));
    assert_true(sb_kv_get(sb_store_state(b->s), sb_slice_str("k198"), &got));
    assert_true(sb_slice_eq(got, sb_slice_of(big + 1, 1000)));
    ok(sb_store_commit(b->s, &b->fail));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_what_is_committed_is_there_after_reopening),
        T(test_aborted_and_dropped_batches_leave_nothing),
        T(test_killed_in_a_batch),
        T(test_opening_twice_is_refused),
        T(test_a_second_writing_process_is_refused),
        T(test_readonly_beside_a_writer),
        T(test_the_map_grows),
        T(test_a_failing_disk_is_sticky),
        T(test_modes_keep_others_out),
        T(test_missing_foreign_and_of_another_kind),
        T(test_blobs),
        T(test_blobs_that_lie_or_are_too_large),
        T(test_truncating_drops_leaves_and_their_tiles),
        T(test_backup_is_a_store_of_its_own),
        T(test_writing_what_was_borrowed),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
