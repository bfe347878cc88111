/* What the review of the stores found: a check that had no memory took a whole store for a broken one;
 * a database file that is gone isn't a new one; a repair beside a reader; a broker's lost log; a large
 * batch is read back in time that grows with it. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nodes/noded/keep.h"
#include "proto/base/hash.h"
#include "tests/fault/store_check.h"
#include "tests/lib/store_sample.h"

enum { LEAVES = 300, ROWS = 60000 };

typedef struct world {
    char root[64], dir[96], beside[128];
    fed *f;
    store_sample sample;
} world;

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    sb_tmpdir_make(w->root);
    (void)snprintf(w->dir, sizeof w->dir, "%s/store", w->root);
    *state = w;
    return 0;
}

static void make(world *w, const char *kind)
{
    w->f = store_sample_fed(LEAVES);
    store_sample_make(&w->sample, w->f, w->dir, kind, false);
}

static int teardown(void **state)
{
    world *w = *state;
    sb_tmpdir_drop(w->root);
    if (w->f != NULL)
        fed_free(w->f);
    free(w);
    return 0;
}

static const char *in_dir(world *w, const char *name)
{
    (void)snprintf(w->beside, sizeof w->beside, "%s/%s", w->dir, name);
    return w->beside;
}

/* ---- no memory ---- */

static void runs_out(const sb_check_own *own)
{
    (void)own;
    sb_out_of_memory();
}

static void runs_out_in_repair(const sb_repair_own *own)
{
    (void)own;
    sb_out_of_memory();
}

static void damage_tile(world *w);

static void test_no_memory_is_no_damage(void **state)
{
    world *w = *state;
    make(w, "node");
    sb_check_report r;
    sb_repair_result done;
    sb_fail why = {0};
    struct stat before, after;
    sb_check_opts opts = store_check_opts(w->dir);
    opts.own = runs_out;
    sb_check_run(&opts, &r);
    assert_false(r.finished);
    assert_int_equal(r.damages, 0);
    assert_int_equal(r.broke.code, SB_E_CHECK_MEMORY);
    assert_int_equal(sb_check_exit(&r), SB_EXIT_ERROR);
    sb_check_report_deinit(&r);

    assert_int_equal(stat(in_dir(w, "data.mdb"), &before), 0);
    const sb_repair_opts repair = {.check = opts, .own = sb_node_keep_repair, .may_refetch = true};
    assert_int_equal(sb_repair_run(&repair, &done, &why), SB_E_CHECK_MEMORY);
    sb_repair_result_deinit(&done);

    damage_tile(w); /* while it builds */
    const sb_repair_opts build = {
        .check = store_check_opts(w->dir), .own = runs_out_in_repair, .may_refetch = true};
    assert_int_equal(sb_repair_run(&build, &done, &why), SB_E_CHECK_MEMORY);
    sb_repair_result_deinit(&done);
    assert_int_equal(stat(in_dir(w, "data.mdb"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

/* ---- a repair beside a reader ---- */

/* A checksum that the leaves can give again. */
static void damage_tile(world *w)
{
    const sb_store_opts opts = {.kind = "node"};
    sb_store *s;
    sb_slice tile;
    uint8_t bent[SB_STORE_TILE_BYTES];
    assert_int_equal(sb_store_open(&s, w->dir, &opts, NULL), SB_OK);
    assert_true(sb_store_tile(s, 0, 0, &tile));
    memcpy(bent, tile.data, sizeof bent);
    bent[100 * 32] ^= 1;
    assert_int_equal(sb_store_begin(s, 0, NULL), SB_OK);
    sb_store_put_tile(s, 0, 0, sb_slice_of(bent, sizeof bent));
    assert_int_equal(sb_store_commit(s, NULL), SB_OK);
    sb_store_close(s);
}

/* Somebody looks at it (check, status) the whole time. */
static pid_t start_reader(const world *w)
{
    int fds[2];
    char byte;
    assert_int_equal(pipe(fds), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        const sb_store_opts look = {.kind = "node", .readonly = true};
        sb_store *s;
        bool is_open = sb_store_open(&s, w->dir, &look, NULL) == SB_OK;
        (void)!write(fds[1], is_open ? "y" : "n", 1);
        (void)pause();
        _exit(0);
    }
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    (void)close(fds[0]);
    (void)close(fds[1]);
    return child;
}

static void put_row(sb_store *s, const char *key, const char *value)
{
    assert_int_equal(sb_store_begin(s, 0, NULL), SB_OK);
    sb_kv_put(sb_store_own(s), sb_slice_str(key), sb_slice_str(value));
    assert_int_equal(sb_store_commit(s, NULL), SB_OK);
}

static void repaired_while_somebody_looks(world *w, int more)
{
    const sb_store_opts opts = {.kind = "node"};
    sb_repair_result done;
    sb_fail why = {0};
    sb_store *s;
    sb_slice got;
    damage_tile(w);
    for (; more > 0; more--) { /* LMDB writes its two heads by turns */
        assert_int_equal(sb_store_open(&s, w->dir, &opts, &why), SB_OK);
        put_row(s,
                "\xF0"
                "c",
                more % 2 == 0 ? "x" : "y");
        sb_store_close(s);
    }
    pid_t reader = start_reader(w);
    const sb_repair_opts repair = {
        .check = store_check_opts(w->dir), .own = sb_node_keep_repair, .may_refetch = true};
    assert_int_equal(sb_repair_run(&repair, &done, &why), SB_OK);
    assert_false(done.was_sound);
    sb_repair_result_deinit(&done);
    assert_int_equal(sb_store_open(&s, w->dir, &opts, &why), SB_OK); /* the service starts */
    put_row(s,
            "\xF0"
            "a",
            "acknowledged");
    put_row(s,
            "\xF0"
            "b",
            "acknowledged too");
    sb_store_close(s);
    assert_int_equal(kill(reader, SIGKILL), 0);
    assert_int_equal(waitpid(reader, NULL, 0), reader);
    assert_int_equal(sb_store_open(&s, w->dir, &opts, &why), SB_OK);
    assert_int_equal(sb_store_count(s), w->sample.size);
    assert_true(sb_kv_get(sb_store_own(s),
                          sb_slice_str("\xF0"
                                       "a"),
                          &got));
    assert_true(sb_kv_get(sb_store_own(s),
                          sb_slice_str("\xF0"
                                       "b"),
                          &got));
    sb_store_close(s);
}

static void test_repaired_while_somebody_looks(void **state)
{
    world *w = *state;
    make(w, "node");
    repaired_while_somebody_looks(w, 40);
    repaired_while_somebody_looks(w, 41);
}

/* ---- a database file that is gone ---- */

static void test_a_file_that_is_gone_is_no_new_one(void **state)
{
    world *w = *state;
    make(w, "broker");
    const sb_store_opts opts = {.kind = "broker", .create = true};
    sb_store *s;
    sb_fail why = {0};
    assert_int_equal(unlink(in_dir(w, "data.mdb")), 0);
    assert_int_equal(sb_store_open(&s, w->dir, &opts, &why), SB_E_STORE_GONE);
    assert_int_equal(sb_err_exit(why.code), SB_EXIT_VERIFY);
    assert_int_not_equal(access(in_dir(w, "data.mdb"), F_OK), 0);
    /* what a start leaves that was killed before there was a file */
    assert_int_equal(unlink(in_dir(w, "lock.mdb")), 0);
    assert_int_equal(sb_store_open(&s, w->dir, &opts, &why), SB_OK);
    sb_store_close(s);
}

/* ---- a broker's log that is gone ---- */

static void test_a_broker_is_never_repaired_to_an_empty_one(void **state)
{
    world *w = *state;
    make(w, "broker");
    const sb_store_opts opts = {.kind = "broker"};
    sb_check_opts check = store_check_opts(w->dir);
    sb_check_report r;
    sb_repair_result done;
    sb_fail why = {0};
    sb_store *s;
    assert_int_equal(sb_store_open(&s, w->dir, &opts, &why), SB_OK);
    assert_int_equal(sb_store_begin(s, 0, &why), SB_OK);
    sb_store_truncate(s, 0); /* the row that says how far it goes stands */
    assert_int_equal(sb_store_commit(s, &why), SB_OK);
    sb_store_close(s);
    check.kind = "broker";
    check.own = NULL;
    sb_check_run(&check, &r);
    assert_int_equal(sb_check_exit(&r), SB_EXIT_VERIFY);
    sb_check_report_deinit(&r);
    const sb_repair_opts repair = {.check = check, .own = sb_node_keep_repair};
    assert_int_equal(sb_repair_run(&repair, &done, &why), SB_E_REPAIR_BROKER);
    assert_string_equal(why.arg[0], "0");
    sb_repair_result_deinit(&done);
}

/* ---- reading back ---- */

/* As a migration does it: each row is dropped and then written again. */
static void test_a_large_batch_is_read_back_in_time(void **state)
{
    world *w = *state;
    const sb_store_opts opts = {.kind = "node", .create = true};
    sb_store *s;
    uint8_t key[4];
    assert_int_equal(sb_store_open(&s, w->dir, &opts, NULL), SB_OK);
    clock_t began = 0;
    for (int round = 0; round < 3; round++) {
        if (round == 1) {
            assert_int_equal(sb_store_commit(s, NULL), SB_OK);
            began = clock();
        }
        if (round < 2)
            assert_int_equal(sb_store_begin(s, 0, NULL), SB_OK);
        for (uint32_t i = 0; i < ROWS; i++) {
            memcpy(
                key,
                (uint8_t[]){(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i},
                4);
            if (round == 1)
                sb_kv_del(sb_store_state(s), sb_slice_of(key, 4));
            else
                sb_kv_put(sb_store_state(s), sb_slice_of(key, 4), sb_slice_str("a row"));
        }
    }
    assert_int_equal(sb_store_commit(s, NULL), SB_OK);
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    print_message("%d rows twice: %.1f s\n", ROWS, seconds);
    assert_true(seconds < 6);
    sb_store_close(s);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_no_memory_is_no_damage),
        T(test_repaired_while_somebody_looks),
        T(test_a_file_that_is_gone_is_no_new_one),
        T(test_a_broker_is_never_repaired_to_an_empty_one),
        T(test_a_large_batch_is_read_back_in_time),
    };
    return cmocka_run_group_tests_name("stores, reviewed", tests, NULL, NULL);
}
