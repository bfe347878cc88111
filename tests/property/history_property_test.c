/* A stored history, closed anywhere and opened again, goes on to the same rows, root and digest;
 * and bits that flip on the disk are found, with the place. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"
#include "tests/lib/tmpdir.h"

#include "nodes/store/history.h"

enum { LEAVES_MIN = 560 /* two full tiles and an edge */ };

static const sb_store_opts OPTS = {.kind = "node", .create = true, .map_bytes_start = 1};

typedef struct history {
    fed *f; /* the same leaves in memory */
    char root[64], dir[80];
    sb_history h;
    sb_commit_builder commit;
    sb_fail fail;
    uint32_t random;
} history;

static uint32_t draw(history *t, uint32_t below)
{
    t->random = t->random * 1664525 + 1013904223;
    return (t->random >> 8) % below;
}

/* Meetings until there are leaves enough; ends with a STATE, and then some entries. */
static fed *play(void)
{
    fed *f = fed_new(NULL);
    play_table t;
    play_id q, c;
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], i == 0 ? AGAINST : FOR));
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    while (f->leaf_count < LEAVES_MIN) {
        play_ok(play_report(f, "ssu", "En sak til", DECISION, SEC, &c));
        if (f->leaf_count % 40 == 0)
            fed_seal(f);
        else if (f->leaf_count % 7 == 0)
            play_ok(fed_state(f));
    }
    play_ok(play_report(f, "ssu", "Den tredje siste", DECISION, SEC, &c));
    fed_seal(f);
    play_ok(play_report(f, "ssu", "Den nest siste", DECISION, SEC, &c));
    play_ok(play_report(f, "ssu", "Den siste", DECISION, SEC, &c));
    sb_ledger_flush(f->ledger);
    return f;
}

static int setup(void **state)
{
    history *t = calloc(1, sizeof *t);
    t->f = play();
    t->random = 7;
    sb_tmpdir_make(t->root);
    (void)snprintf(t->dir, sizeof t->dir, "%s/store", t->root);
    sb_commit_builder_init(&t->commit, (sb_tile_reader){0});
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    history *t = *state;
    sb_commit_builder_deinit(&t->commit);
    sb_tmpdir_drop(t->root);
    fed_free(t->f);
    free(t);
    return 0;
}

static void open_it(history *t)
{
    assert_int_equal(sb_history_open(&t->h, t->dir, &OPTS, &t->fail), SB_OK);
}

/* Fold the next leaves into the open history; not yet durable. */
static void fold(history *t, size_t count)
{
    sb_arena arena;
    sb_arena_init(&arena);
    size_t first = sb_store_count(t->h.store);
    sb_commit_builder_clear(&t->commit, first);
    for (size_t i = first; i < first + count; i++) {
        sb_leaf leaf;
        assert_int_equal(sb_leaf_open(fed_leaf(t->f, i), &arena, &leaf, &t->fail), SB_OK);
        assert_int_equal(
            sb_ledger_step(t->h.ledger, &leaf, sb_commit_add_tile, &t->commit, &t->fail), SB_OK);
        sb_commit_add_leaf(&t->commit, leaf.bytes);
    }
    sb_arena_deinit(&arena);
}

static void commit(history *t)
{
    assert_int_equal(sb_history_commit(&t->h, sb_commit_builder_get(&t->commit), &t->fail), SB_OK);
}

static void expect_same(history *t)
{
    sb_ledger_position here, there;
    uint8_t rows_here[32], rows_there[32];
    sb_ledger_position_get(t->h.ledger, &here);
    sb_ledger_position_get(t->f->ledger, &there);
    assert_int_equal(here.size, there.size);
    assert_memory_equal(here.root, there.root, 32);
    assert_memory_equal(here.digest, there.digest, 32);
    fed_rows_hash(sb_store_state(t->h.store), rows_here);
    fed_rows_hash(t->f->kv, rows_there);
    assert_memory_equal(rows_here, rows_there, 32);
}

/* All of it in batches of 1…most leaves, opened anew for each; now and then the process dies with
 * leaves folded and not committed. */
static void restart_often(history *t, uint32_t most)
{
    for (size_t done = 0; done < t->f->leaf_count;) {
        size_t left = t->f->leaf_count - done, count = 1 + draw(t, most);
        count = count < left ? count : left;
        open_it(t);
        assert_int_equal(sb_store_count(t->h.store), done);
        fold(t, count);
        if (draw(t, 4) > 0) {
            commit(t);
            done += count;
        }
        sb_history_close(&t->h);
    }
    open_it(t);
    expect_same(t);
    for (size_t i = 0; i < t->f->leaf_count; i++) {
        sb_slice leaf;
        assert_true(t->h.reader.leaf(t->h.reader.arg, i, &leaf));
        assert_true(sb_slice_eq(leaf, fed_leaf(t->f, i)));
    }
    sb_history_close(&t->h);
}

static void restarts_change_nothing(void **state)
{
    restart_often(*state, 30);
}

static void restarts_after_long_batches_change_nothing(void **state)
{
    restart_often(*state, 300);
}

/* ---- bits that flip ---- */

static void fill_to(history *t, size_t count)
{
    open_it(t);
    while (sb_store_count(t->h.store) < count) {
        size_t left = count - sb_store_count(t->h.store);
        fold(t, left < 100 ? left : 100);
        commit(t);
    }
    sb_history_close(&t->h);
}

static void fill(history *t)
{
    fill_to(t, t->f->leaf_count);
}

static void with_data(history *t, sb_slice needle, size_t at)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/data.mdb", t->dir);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t len = (size_t)ftell(file), found = 0;
    uint8_t *data = malloc(len);
    rewind(file);
    assert_int_equal(fread(data, 1, len, file), len);
    for (uint8_t *p = data; (p = memmem(p, len - (size_t)(p - data), needle.data, needle.len));
         p += needle.len) {
        p[at] ^= 0x10; /* also where an older page still has it */
        found++;
    }
    assert_true(found > 0);
    rewind(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    free(data);
}

static void expect_damaged(history *t, size_t first, size_t last)
{
    assert_string_equal(sb_err_name(sb_history_open(&t->h, t->dir, &OPTS, &t->fail)),
                        "SB_E_HISTORY_DAMAGED");
    size_t index = strtoul(t->fail.arg[0], NULL, 10);
    assert_in_range(index, first, last);
    assert_null(t->h.store); /* closed: it opens again when it has been mended */
}

static void an_edge_leaf(void **state)
{
    history *t = *state;
    fill(t);
    for (size_t i = 512; i < t->f->leaf_count; i += 5) {
        size_t at = 8 + draw(t, (uint32_t)fed_leaf(t->f, i).len - 8);
        with_data(t, fed_leaf(t->f, i), at);
        expect_damaged(t, i, i);
        sb_buf flipped;
        sb_buf_init(&flipped);
        sb_buf_add(&flipped, fed_leaf(t->f, i));
        flipped.data[at] ^= 0x10;
        with_data(t, sb_buf_slice(&flipped), at);
        sb_buf_deinit(&flipped);
        open_it(t); /* mended */
        sb_history_close(&t->h);
    }
}

/* No signature covers the broker's time: any leaf since the last STATE may be the one. */
static void the_time_of_an_edge_leaf(void **state)
{
    history *t = *state;
    fill(t);
    size_t i = t->f->leaf_count - 1;
    with_data(t, fed_leaf(t->f, i), 7);
    expect_damaged(t, i - 1, i);
}

static void a_tile(void **state)
{
    history *t = *state;
    uint8_t hash[32];
    fill(t);
    sb_leaf_hash(fed_leaf(t->f, 300), hash);
    with_data(t, sb_slice_of(hash, 32), 31);
    expect_damaged(t, 300, 300);
}

static void an_old_leaf(void **state)
{
    history *t = *state;
    sb_slice leaf;
    fill(t);
    with_data(t, fed_leaf(t->f, 200), 40);
    open_it(t); /* which reads the edge alone */
    assert_true(t->h.reader.leaf(t->h.reader.arg, 199, &leaf));
    assert_false(t->h.reader.leaf(t->h.reader.arg, 200, &leaf));
    assert_true(t->h.reader.leaf(t->h.reader.arg, 201, &leaf));
    sb_history_close(&t->h);
}

/* The row that says what was committed last. */
static void the_tip(void **state)
{
    history *t = *state;
    sb_ledger_position at;
    fill(t);
    sb_ledger_position_get(t->f->ledger, &at);
    with_data(t, sb_slice_of(at.root, 32), 0);
    expect_damaged(t, t->f->leaf_count - 2, t->f->leaf_count);
}

/* The ledger's root at a STATE is another than the tree's. */
static void the_root_row_of_the_last_state(void **state)
{
    history *t = *state;
    size_t size = t->f->leaf_count - 2; /* two reports came after it */
    uint8_t row[1 + 8 + 32] = {0x08};   /* its key, and what it begins with */
    for (int i = 0; i < 8; i++)
        row[1 + i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
    assert_true(sb_ledger_root_at(t->f->ledger, size, row + 9));
    fill_to(t, size);
    with_data(t, sb_slice_of(row, sizeof row), 20);
    expect_damaged(t, 0, size);
}

/* ---- going back ---- */

/* The hash of all rows after each number of leaves, folded in memory. */
static uint8_t (*hashes_of(history *t))[32]
{
    uint8_t(*hashes)[32] = calloc(t->f->leaf_count + 1, 32);
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *ledger = NULL;
    sb_arena arena;
    sb_arena_init(&arena);
    assert_int_equal(sb_ledger_open(&ledger, kv, NULL, &t->fail), SB_OK);
    fed_rows_hash(kv, hashes[0]);
    for (size_t i = 0; i < t->f->leaf_count; i++) {
        sb_leaf leaf;
        sb_arena_reset(&arena);
        assert_int_equal(sb_leaf_open(fed_leaf(t->f, i), &arena, &leaf, &t->fail), SB_OK);
        assert_int_equal(sb_ledger_step(ledger, &leaf, NULL, NULL, &t->fail), SB_OK);
        sb_ledger_flush(ledger);
        fed_rows_hash(kv, hashes[i + 1]);
    }
    sb_arena_deinit(&arena);
    sb_ledger_close(ledger);
    sb_kv_memory_free(kv);
    return hashes;
}

static void expect_rows(history *t, size_t size, const uint8_t wanted[32])
{
    sb_ledger_position at;
    uint8_t rows[32];
    sb_ledger_position_get(t->h.ledger, &at);
    assert_int_equal(at.size, size);
    assert_int_equal(sb_store_count(t->h.store), size);
    fed_rows_hash(sb_store_state(t->h.store), rows);
    assert_memory_equal(rows, wanted, 32);
}

/* Commits of 1…most leaves; now and then back to a size drawn, opened anew or not. */
static void go_forth_and_back(history *t, uint32_t most)
{
    uint8_t(*hashes)[32] = hashes_of(t);
    uint32_t backs = 0;
    open_it(t);
    while (sb_store_count(t->h.store) < t->f->leaf_count) {
        size_t done = sb_store_count(t->h.store), left = t->f->leaf_count - done;
        size_t count = 1 + draw(t, most);
        fold(t, count < left ? count : left);
        commit(t);
        done = sb_store_count(t->h.store);
        if (draw(t, most > 100 ? 2 : 6) > 0 || backs >= 40)
            continue;
        size_t size = draw(t, 3) == 0 ? draw(t, (uint32_t)done)
                                      : done - draw(t, done < 40 ? (uint32_t)done : 40);
        assert_int_equal(
            sb_history_rewind(&t->h, size,
                              size < t->f->leaf_count ? fed_leaf(t->f, size) : (sb_slice){0}, NULL,
                              0, &t->fail),
            SB_OK);
        expect_rows(t, size, hashes[size]);
        backs++;
        if (draw(t, 2) == 0) {
            sb_history_close(&t->h);
            open_it(t);
        }
    }
    assert_true(backs > 1);
    expect_same(t);
    sb_history_close(&t->h);
    free(hashes);
}

static void goes_back_to_any_size(void **state)
{
    go_forth_and_back(*state, 12);
}

/* Long commits keep no undo: the rows are folded again. */
static void goes_back_over_long_commits(void **state)
{
    go_forth_and_back(*state, 300);
}

static void a_refused_probe_changes_nothing(void **state)
{
    history *t = *state;
    static const uint8_t key[2] = {0x90, 1};
    const sb_commit_put put = {.key = sb_slice_of(key, 2), .value = sb_slice_of("x", 1)};
    sb_slice value, leaf;
    fill(t);
    open_it(t);
    size_t size = t->f->leaf_count - 20;
    sb_err err = sb_history_rewind(&t->h, size, fed_leaf(t->f, 0), &put, 1, &t->fail);
    assert_int_not_equal(err, SB_OK);
    expect_same(t);
    assert_false(sb_kv_get(sb_store_own(t->h.store), put.key, &value));
    assert_int_equal(sb_store_cuts(t->h.store), 0);
    assert_int_equal(sb_history_rewind(&t->h, size, fed_leaf(t->f, size), &put, 1, &t->fail),
                     SB_OK);
    assert_true(sb_kv_get(sb_store_own(t->h.store), put.key, &value));
    assert_int_equal(sb_store_cuts(t->h.store), 1);
    uint64_t index = 0;
    for (size_t i = size; i < t->f->leaf_count; i++, index++) {
        assert_true(sb_store_cut_leaf(t->h.store, 0, &index, &leaf));
        assert_int_equal(index, i);
        assert_true(sb_slice_eq(leaf, fed_leaf(t->f, i)));
    }
    assert_false(sb_store_cut_leaf(t->h.store, 0, &index, &leaf));
    sb_history_close(&t->h);
}

#define with_history(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_history(restarts_change_nothing),
        with_history(restarts_after_long_batches_change_nothing),
        with_history(an_edge_leaf),
        with_history(the_time_of_an_edge_leaf),
        with_history(a_tile),
        with_history(an_old_leaf),
        with_history(the_tip),
        with_history(the_root_row_of_the_last_state),
        with_history(goes_back_to_any_size),
        with_history(goes_back_over_long_commits),
        with_history(a_refused_probe_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
