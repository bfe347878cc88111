/* Power cuts of a stored history. A child under record.so founds it, commits leaves, own rows and
 * blobs, and goes back as at a handover; then every planned outcome of a power cut is opened as a daemon
 * would and compared with what was there after each commit: it must be one of them, whole, and not
 * older than the last one that was promised. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <sys/wait.h>

#include "proto/base/hash.h"
#include "tests/fault/power_story.h"
#include "tests/fault/replay.h"

enum { COMMITS_MAX = 400 };

static const sb_store_opts OPTS = {.kind = "node", .create = true, .map_bytes_start = 1};
static const char *shim, *self;
static size_t outcomes_per_cut = 1;

/* ---- what the child does ---- */

static int drive(const char *dir)
{
    fed *f = story_make();
    sb_history h;
    sb_fail fail = {0};
    assert_int_equal(sb_history_open(&h, dir, &OPTS, &fail), SB_OK);
    for (uint32_t n = 0; sb_store_count(h.store) < f->leaf_count; n++) {
        size_t left = f->leaf_count - sb_store_count(h.store), count = 1 + n * 7 % 13;
        story_forward(&h, f, n % 6 == 5 ? 0 : count < left ? count : left, n);
        if (n % 9 == 4 && n / 9 < STORY_BLOBS)
            story_blob(&h, n / 9);
        if (n == 15) { /* killed and started again */
            sb_history_close(&h);
            assert_int_equal(sb_history_open(&h, dir, &OPTS, &fail), SB_OK);
        }
        if (n == 20 || n == 40) /* back, as at a handover */
            assert_int_equal(
                sb_history_rewind(&h, sb_store_count(h.store) - 11, (sb_slice){0}, NULL, 0, &fail),
                SB_OK);
    }
    sb_history_close(&h);
    fed_free(f);
    return 0;
}

/* ---- what is looked at ---- */

typedef struct seen {
    sb_err err;
    uint64_t all; /* of leaves, rows, blobs and archive */
} seen;

/* Fast, and good enough to tell the states of one story from each other. */
static void mix(uint64_t *hash, sb_slice bytes)
{
    size_t i = 0;
    for (; i + 8 <= bytes.len; i += 8) {
        uint64_t word;
        memcpy(&word, bytes.data + i, 8);
        *hash = (*hash ^ word) * 0x9E3779B97F4A7C15u;
        *hash ^= *hash >> 29;
    }
    for (; i < bytes.len; i++)
        *hash = (*hash ^ bytes.data[i]) * 0x100000001B3u;
    *hash = (*hash ^ bytes.len) * 0x100000001B3u;
}

static void add_rows(uint64_t *hash, sb_kv *kv)
{
    sb_slice key = {0}, value;
    uint8_t last[SB_KV_KEY_MAX];
    while (sb_kv_next(kv, key, key.len == 0, &key, &value)) {
        mix(hash, key);
        mix(hash, value);
        memcpy(last, key.data, key.len);
        key = sb_slice_of(last, key.len);
    }
}

static void add_blobs(uint64_t *hash, sb_store *s)
{
    uint8_t name[32];
    const uint8_t *after = NULL;
    sb_buf bytes;
    sb_buf_init(&bytes);
    for (; sb_store_blob_next(s, after, name); after = name) {
        sb_buf_clear(&bytes);
        assert_int_equal(sb_store_blob_read(s, name, 0, SB_BLOB_BYTES_MAX, &bytes, NULL), SB_OK);
        mix(hash, sb_buf_slice(&bytes));
    }
    for (uint32_t n = 0; n < STORY_BLOBS;
         n++) { /* what is staged is shown by where it would go on */
        sb_hash(story_blob_bytes(n), name);
        uint64_t staged = sb_store_blob_staged(s, name);
        mix(hash, sb_slice_of(&staged, sizeof staged));
    }
    sb_buf_deinit(&bytes);
}

static seen look(const char *dir)
{
    seen s = {0};
    sb_history h;
    uint64_t hash = 1;
    sb_fail fail = {0};
    s.err = sb_history_open(&h, dir, &OPTS, &fail);
    if (s.err != SB_OK)
        return s;
    for (uint64_t i = 0; i < sb_store_count(h.store); i++) {
        sb_slice leaf;
        assert_true(h.reader.leaf(h.reader.arg, i, &leaf));
        mix(&hash, leaf);
    }
    for (uint32_t cut = 0; cut < sb_store_cuts(h.store); cut++) {
        sb_slice leaf;
        for (uint64_t i = 0; sb_store_cut_leaf(h.store, cut, &i, &leaf); i++)
            mix(&hash, leaf);
    }
    add_rows(&hash, sb_store_own(h.store));
    add_rows(&hash, sb_store_state(h.store));
    add_blobs(&hash, h.store);
    assert_int_equal(sb_store_error(h.store), SB_OK);
    s.all = hash;
    sb_history_close(&h);
    return s;
}

typedef struct bench {
    char root[64], journal[96], recorded[96], into[96], store[112];
    replay *r;
    seen after[COMMITS_MAX]; /* after so many commits; [0]: an empty store */
    size_t commits, refused, lost, mixed;
    replay_cut worst;
} bench;

static bool judge(void *arg, const replay_cut *cut)
{
    bench *b = arg;
    (void)mkdir(b->into, 0700);
    seen s = look(b->store);
    bool was = false, is_new = false;
    if (s.err != SB_OK) {
        b->refused++;
        b->worst = *cut;
        return true;
    }
    for (size_t i = 0; i <= b->commits; i++)
        if (b->after[i].all == s.all) {
            was = true;
            is_new = is_new || i >= cut->marks;
        }
    if (!was || !is_new)
        b->worst = *cut;
    b->mixed += !was;
    b->lost += was && !is_new;
    return true;
}

static void record(bench *b, const char *deaf)
{
    pid_t child = fork();
    if (child == 0) {
        setenv("SB_RECORD_ROOT", b->recorded, 1);
        setenv("SB_RECORD_FILE", b->journal, 1);
        if (deaf != NULL)
            setenv("SB_RECORD_DEAF", deaf, 1);
        setenv("LD_PRELOAD", shim, 1);
        setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
        char dir[128];
        (void)snprintf(dir, sizeof dir, "%s/store", b->recorded);
        (void)execl(self, self, "--drive", dir, NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int setup(void **state)
{
    bench *b = calloc(1, sizeof *b);
    strcpy(b->root, "/dev/shm/sb-power-XXXXXX");
    if (mkdtemp(b->root) == NULL) {
        sb_tmpdir_make(b->root);
    }
    (void)snprintf(b->recorded, sizeof b->recorded, "%s/recorded", b->root);
    (void)snprintf(b->journal, sizeof b->journal, "%s/journal", b->root);
    (void)snprintf(b->into, sizeof b->into, "%s/cut", b->root);
    (void)snprintf(b->store, sizeof b->store, "%s/store", b->into);
    assert_int_equal(mkdir(b->recorded, 0700), 0);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench *b = *state;
    if (b->r != NULL)
        replay_free(b->r);
    sb_tmpdir_drop(b->root);
    free(b);
    return 0;
}

/* What was there after each commit. */
static void learn(bench *b)
{
    b->r = replay_read(b->journal, NULL);
    b->commits = replay_marks(b->r);
    assert_in_range(b->commits, 40, COMMITS_MAX - 1);
    (void)mkdir(b->into, 0700);
    b->after[0] = look(b->store);
    for (size_t i = 0; i < b->commits; i++) {
        size_t record;
        (void)replay_mark(b->r, i, &record);
        replay_killed(b->r, record, b->into);
        b->after[i + 1] = look(b->store);
        assert_int_equal(b->after[i + 1].err, SB_OK);
    }
}

static size_t try_all(bench *b, size_t unit, size_t each, size_t random)
{
    const replay_plan plan = {.unit = unit, .each = each, .random = random, .seed = 11};
    size_t count = replay_power_cuts(b->r, &plan, b->into, judge, b);
    print_message(
        "%zu outcomes of %zu bytes a unit after %zu commits: refused %zu, lost %zu, mixed %zu\n",
        count, unit, b->commits, b->refused, b->lost, b->mixed);
    if (b->refused + b->lost + b->mixed > 0)
        print_message("the last of them: record %zu, %zu promised, %zu of %zu units kept (%s)\n",
                      b->worst.record, b->worst.marks, b->worst.kept, b->worst.waiting,
                      b->worst.how);
    return count;
}

static void test_whatever_was_promised_is_there(void **state)
{
    bench *b = *state;
    record(b, NULL);
    learn(b);
    (void)try_all(b, 4096, outcomes_per_cut, outcomes_per_cut);
    (void)try_all(b, 512, outcomes_per_cut, outcomes_per_cut);
    assert_int_equal(b->lost, 0);
    assert_int_equal(b->mixed, 0);
    assert_int_equal(b->refused, 0);
}

/* The same on a disk that syncs nothing: if that weren't seen, nothing would be. */
static void test_a_disk_that_lies_is_seen(void **state)
{
    bench *b = *state;
    record(b, "1");
    learn(b);
    (void)try_all(b, 4096, 1, 1);
    assert_true(b->lost + b->mixed + b->refused > 0);
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc == 3 && strcmp(argv[1], "--drive") == 0)
        return drive(argv[2]);
    shim = argv[1];
    if (argc == 3)
        outcomes_per_cut = strtoul(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whatever_was_promised_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_disk_that_lies_is_seen, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
