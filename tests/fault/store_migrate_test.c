/* Bringing up an older store, and going back, where a key has entries enough for rows of older ones; and
 * both on a disk that fills before it or in the midst of it: it is told as that, and nothing is lost. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <errno.h>
#include <sys/statvfs.h>

#include "tests/fault/store_check.h"
#include "tests/lib/older_rows.h"
#include "tests/lib/store_sample.h"

static const sb_store_opts OPTS = {.kind = "node"};

/* ---- the disk ---- */

static uint64_t room = UINT64_MAX; /* bytes that it says are free */
static uint64_t writes_left = UINT64_MAX;

int __real_fstatvfs(int fd, struct statvfs *out);
int __wrap_fstatvfs(int fd, struct statvfs *out);
int __wrap_fstatvfs(int fd, struct statvfs *out)
{
    int rc = __real_fstatvfs(fd, out);
    if (room != UINT64_MAX)
        out->f_bavail = room / out->f_frsize;
    return rc;
}

int __real_mdb_put(void *txn, unsigned dbi, void *key, void *value, unsigned flags);
int __wrap_mdb_put(void *txn, unsigned dbi, void *key, void *value, unsigned flags);
int __wrap_mdb_put(void *txn, unsigned dbi, void *key, void *value, unsigned flags)
{
    if (writes_left != UINT64_MAX && writes_left-- == 0)
        return ENOSPC;
    return __real_mdb_put(txn, dbi, key, value, flags);
}

/* ---- a store ---- */

typedef struct world {
    char root[64], dir[96];
    fed *f;
    store_sample sample;
} world;

static void enter(fed *f, const char *seat)
{
    assert_int_equal(fed_appoint_seat(f, seat, SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "k"), SB_OK);
}

/* Of these two, one with the lower number and fewer entries; the secretariat's are between them. */
static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    sb_tmpdir_make(w->root);
    (void)snprintf(w->dir, sizeof w->dir, "%s/store", w->root);
    w->f = store_sample_fed(90);
    for (size_t i = 0; i < 60; i++)
        enter(w->f, i % 3 == 0 ? "unn-1" : "lege-1");
    fed_seal(w->f);
    sb_ledger_flush(w->f->ledger);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    room = writes_left = UINT64_MAX;
    sb_tmpdir_drop(w->root);
    fed_free(w->f);
    free(w);
    return 0;
}

static void make_store(world *w, uint8_t format)
{
    sb_store *s;
    store_sample_make(&w->sample, w->f, w->dir, "node", false);
    if (format == SB_STORE_FORMAT)
        return;
    assert_int_equal(sb_store_open(&s, w->dir, &OPTS, NULL), SB_OK);
    assert_int_equal(sb_store_begin(s, 0, NULL), SB_OK);
    older_rows_2(sb_store_state(s));
    assert_int_equal(sb_store_commit(s, NULL), SB_OK);
    sb_store_close(s);
    assert_true(store_say_format(w->dir, SB_STORE_FORMAT, format) > 0);
}

/* Its rows are those that the federation folded in memory. */
static void expect_rows(world *w)
{
    uint8_t here[32], there[32];
    sb_history h;
    sb_fail why = {0};
    assert_int_equal(sb_history_open(&h, w->dir, &OPTS, &why), SB_OK);
    assert_int_equal(sb_store_count(h.store), w->f->leaf_count);
    fed_rows_hash(sb_store_state(h.store), here);
    sb_history_close(&h);
    sb_ledger_flush(w->f->ledger);
    fed_rows_hash(w->f->kv, there);
    assert_memory_equal(here, there, 32);
}

/* … and the check, which folds it again, agrees. */
static void expect_folded(world *w)
{
    expect_rows(w);
    store_check_whole(w->f, w->dir, SB_STORE_FORMAT, w->f->leaf_count);
}

/* ---- bringing up ---- */

static void test_format_1(void **state)
{
    world *w = *state;
    make_store(w, 1);
    expect_folded(w);
}

/* Nothing is folded: far fewer rows are written than there are entries. */
static void test_format_2(void **state)
{
    world *w = *state;
    const uint64_t most = w->f->leaf_count / 4;
    make_store(w, 2);
    writes_left = most;
    expect_folded(w);
    writes_left = UINT64_MAX;
}

/* A row of format 2 that can't be read: all are folded anew. */
static void test_an_unreadable_row_of_format_2(void **state)
{
    world *w = *state;
    static const uint8_t key[] = {0x80, 0, 0, 0, 9};
    sb_store *s;
    make_store(w, 2);
    assert_int_equal(sb_store_open(&s, w->dir, &OPTS, NULL), SB_OK);
    assert_int_equal(sb_store_begin(s, 0, NULL), SB_OK);
    sb_kv_put(sb_store_state(s), sb_slice_of(key, sizeof key), sb_slice_of("x", 1));
    assert_int_equal(sb_store_commit(s, NULL), SB_OK);
    sb_store_close(s);
    expect_folded(w);
}

static void expect_full(world *w)
{
    sb_fail why = {0};
    sb_history h;
    assert_string_equal(sb_err_name(sb_history_open(&h, w->dir, &OPTS, &why)),
                        "SB_E_STORE_DISK_FULL");
    assert_int_equal(why.code, SB_E_STORE_DISK_FULL);
    room = writes_left = UINT64_MAX;
    const sb_store_opts look = {.kind = "node", .readonly = true};
    assert_int_equal(sb_history_open(&h, w->dir, &look, NULL), SB_E_STORE_OLDER);
}

/* Folding writes all rows again: room for them is asked for, not only for a commit. */
static void test_no_room_to_fold(void **state)
{
    world *w = *state;
    make_store(w, 1);
    room = 25 * 1024 * 1024 + 128 * 1024;
    expect_full(w);
    expect_folded(w);
}

static void fills_while_brought_up(void **state, uint8_t format, uint64_t step)
{
    world *w = *state;
    uint64_t refused = 0;
    make_store(w, format);
    for (uint64_t at = 0;; at += at < 8 ? 1 : step) {
        sb_history h;
        writes_left = at;
        bool is_up = sb_history_open(&h, w->dir, &OPTS, NULL) == SB_OK;
        sb_history_close(&h);
        if (is_up)
            break;
        writes_left = at;
        expect_full(w);
        refused++;
    }
    writes_left = UINT64_MAX;
    assert_true(refused > 8);
    expect_folded(w);
}

static void test_full_in_the_midst_of_format_1(void **state)
{
    fills_while_brought_up(state, 1, 211);
}

static void test_full_in_the_midst_of_format_2(void **state)
{
    fills_while_brought_up(state, 2, 3);
}

/* ---- going back ---- */

static uint64_t entries_of(fed *f, const char *key)
{
    uint64_t last = 0, anchor;
    assert_true(sb_ledger_signer(f->ledger, fed_key_of(f, key)->pk, &last, &anchor));
    return last;
}

static void forget_undo(sb_history *h)
{
    uint64_t size;
    sb_slice undo;
    assert_int_equal(sb_store_begin(h->store, 0, NULL), SB_OK);
    while (sb_store_undo(h->store, UINT64_MAX - 1, &size, &undo))
        sb_store_drop_undo(h->store, size);
    assert_int_equal(sb_store_commit(h->store, NULL), SB_OK);
}

/* A key's next entry moves 16 to a row of older ones: it is taken back, and another put in its place. */
static void back_across_a_spill(world *w, bool has_undo)
{
    sb_history h;
    sb_fail why = {0};
    uint64_t index;
    while (entries_of(w->f, "unn/authority") % 16 != 0)
        enter(w->f, "unn-1");
    uint64_t seq = entries_of(w->f, "unn/authority") + 1, size = w->f->leaf_count;
    enter(w->f, "unn-1");
    enter(w->f, "unn-2");
    make_store(w, SB_STORE_FORMAT);
    assert_int_equal(sb_history_open(&h, w->dir, &OPTS, &why), SB_OK);
    if (!has_undo)
        forget_undo(&h);
    assert_int_equal(sb_history_rewind(&h, size, (sb_slice){0}, NULL, 0, &why), SB_OK);
    const uint8_t *pk = fed_key_of(w->f, "unn/authority")->pk;
    assert_true(sb_ledger_find_submission(h.ledger, pk, seq - 1, &index));
    assert_false(sb_ledger_find_submission(h.ledger, pk, seq, &index));
    fed_cut(w->f, size);
    enter(w->f, "lege-1");
    enter(w->f, "unn-2");
    store_sample_append(&h, w->f, size, w->f->leaf_count, NULL);
    assert_true(sb_ledger_find_submission(h.ledger, pk, seq, &index));
    assert_int_equal(index, size + 1);
    assert_true(sb_ledger_find_submission(h.ledger, pk, seq - 1, &index));
    sb_history_close(&h);
    expect_rows(w);
}

static void test_back_across_a_spill(void **state)
{
    back_across_a_spill(*state, true);
}

static void test_back_across_a_spill_without_undo(void **state)
{
    back_across_a_spill(*state, false);
}

/* False: it got there. */
static bool is_full_on_the_way(world *w, sb_history *h, uint64_t size)
{
    sb_fail why = {0};
    sb_err err = sb_history_rewind(h, size, (sb_slice){0}, NULL, 0, &why);
    room = writes_left = UINT64_MAX;
    if (err == SB_OK)
        return false;
    assert_string_equal(sb_err_name(err), "SB_E_STORE_DISK_FULL");
    assert_int_equal(why.code, SB_E_STORE_DISK_FULL);
    assert_int_equal(sb_history_reopen(h, &why), SB_OK);
    assert_int_equal(sb_store_count(h->store), w->f->leaf_count);
    return true;
}

static void full_on_the_way_back(world *w, bool has_undo)
{
    sb_history h;
    sb_fail why = {0};
    uint64_t size = w->f->leaf_count - 20, refused = 0;
    make_store(w, SB_STORE_FORMAT);
    assert_int_equal(sb_history_open(&h, w->dir, &OPTS, &why), SB_OK);
    if (!has_undo) {
        forget_undo(&h);
        room = 25 * 1024 * 1024 + 128 * 1024;
        assert_true(is_full_on_the_way(w, &h, size));
    }
    for (;; refused++) {
        writes_left = refused < 8 ? refused : refused * 7;
        if (!is_full_on_the_way(w, &h, size))
            break;
    }
    assert_true(refused > 8);
    assert_int_equal(sb_store_count(h.store), size);
    sb_history_close(&h);
}

static void test_full_on_the_way_back(void **state)
{
    full_on_the_way_back(*state, true);
}

static void test_full_on_the_way_back_without_undo(void **state)
{
    full_on_the_way_back(*state, false);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_format_1),
                                       T(test_format_2),
                                       T(test_an_unreadable_row_of_format_2),
                                       T(test_no_room_to_fold),
                                       T(test_full_in_the_midst_of_format_1),
                                       T(test_full_in_the_midst_of_format_2),
                                       T(test_back_across_a_spill),
                                       T(test_back_across_a_spill_without_undo),
                                       T(test_full_on_the_way_back),
                                       T(test_full_on_the_way_back_without_undo)};
    return cmocka_run_group_tests_name("older stores", tests, NULL, NULL);
}
