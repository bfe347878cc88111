/* Power cuts of a stored history. A child under record.so founds it, commits leaves, own rows and
 * blobs, and goes back as at a handover; then every planned outcome of a power cut is opened as a daemon
 * would and compared with what was there after each commit: it must be one of them, whole, and not
 * older than the last one that was promised. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <sys/wait.h>

#include "tests/fault/power_judge.h"
#include "tests/fault/power_story.h"

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

typedef struct bench {
    char root[64], journal[96], recorded[96], into[96];
    judge j;
} bench;

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
    assert_int_equal(mkdir(b->recorded, 0700), 0);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench *b = *state;
    if (b->j.r != NULL)
        judge_free(&b->j);
    sb_tmpdir_drop(b->root);
    free(b);
    return 0;
}

static void try_all(bench *b, size_t unit, size_t each)
{
    const replay_plan plan = {.unit = unit, .each = each, .random = each, .seed = 11};
    judge_try(&b->j, &plan);
}

static void test_whatever_was_promised_is_there(void **state)
{
    bench *b = *state;
    record(b, NULL);
    assert_true(judge_learn(&b->j, b->journal, NULL, b->into, "store", "node"));
    assert_in_range(b->j.commits, 40, 400);
    try_all(b, 4096, outcomes_per_cut);
    try_all(b, 512, outcomes_per_cut);
    assert_int_equal(b->j.lost, 0);
    assert_int_equal(b->j.mixed, 0);
    assert_int_equal(b->j.refused, 0);
}

/* The same on a disk that syncs nothing: if that weren't seen, nothing would be. */
static void test_a_disk_that_lies_is_seen(void **state)
{
    bench *b = *state;
    record(b, "1");
    assert_true(judge_learn(&b->j, b->journal, NULL, b->into, "store", "node"));
    try_all(b, 4096, 1);
    assert_true(b->j.lost + b->j.mixed + b->j.refused > 0);
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
