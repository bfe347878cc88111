/* Where the entries of a key are, for who submits one again (proto/ledger/submissions.c). */
#include "proto/ledger/rows.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed.h"
#include "tests/lib/older_rows.h"

enum { SEQ_MAX = 400 };

/* Two keys: the first has the lower number. */
static const char *const KEYS[] = {"unn/authority", "lege/authority"};
static const char *const SEATS[] = {"unn-1", "lege-1"};

static void enter(fed *f, size_t key)
{
    assert_int_equal(fed_appoint_seat(f, SEATS[key], SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "k"), SB_OK);
}

/* Each of its entries is found by its number, at its place, and no other number is. */
static void expect_found(fed *f, size_t key)
{
    const uint8_t *pk = fed_key_of(f, KEYS[key])->pk;
    uint64_t after[SEQ_MAX] = {0}, last = 0, anchor, index;
    sb_arena arena;
    sb_arena_init(&arena);
    for (size_t i = 0; i < f->leaf_count; i++) {
        sb_leaf leaf;
        sb_arena_reset(&arena);
        assert_int_equal(sb_leaf_open(fed_leaf(f, i), &arena, &leaf, NULL), SB_OK);
        if (memcmp(leaf.entry.signer_pk, pk, 32) == 0)
            after[leaf.entry.signer_seq] = i + 1;
    }
    sb_arena_deinit(&arena);
    assert_true(sb_ledger_signer(f->ledger, pk, &last, &anchor));
    assert_true(last + 1 < SEQ_MAX);
    for (uint64_t seq = 0; seq <= last + 1; seq++) {
        bool is_there = sb_ledger_find_submission(f->ledger, pk, seq, &index);
        assert_int_equal(is_there, after[seq] != 0);
        assert_true(!is_there || index + 1 == after[seq]);
    }
}

/* … also long after, beside another key's, with gaps, before and after a flush. */
static void test_found(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    for (size_t i = 0; i < 20; i++)
        enter(f, 1);
    fed_key_of(f, KEYS[0])->seq += 12; /* the other one's older row has them */
    for (size_t i = 0; i < 80; i++) {
        size_t key = i % 3 == 0;
        enter(f, key);
        fed_key_of(f, KEYS[key])->seq += i % 4; /* gaps are fine */
        if (i % 5 == 0)
            sb_ledger_flush(f->ledger);
        expect_found(f, i % 2);
    }
    expect_found(f, 0);
    expect_found(f, 1);
    fed_free(f);
}

/* ---- damage ---- */

static uint32_t number_of(fed *f, size_t key)
{
    sb_row_key_by_pk row = {.no = 0};
    memcpy(row.pk, fed_key_of(f, KEYS[key])->pk, 32);
    assert_true(sb_row_key_by_pk_get(f->kv, NULL, &row));
    return row.no;
}

/* A federation where the key has entries enough for a row of older ones. */
static fed *with_entries(void)
{
    fed *f = fed_new(NULL);
    fed_run(f);
    for (size_t i = 0; i < 40; i++)
        enter(f, 0);
    sb_ledger_flush(f->ledger);
    return f;
}

static const uint8_t NOTHING[17 * 16];
static const size_t LENGTHS[] = {1, 15, 17, 255, 257, 272};

static void test_damaged_newest(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++) {
        uint64_t index;
        fed *f = with_entries();
        const sb_row_newest row = {.key = number_of(f, 0),
                                   .pairs = sb_slice_of(NOTHING, LENGTHS[i])};
        sb_row_newest_put(f->kv, &row);
        assert_int_equal(fed_appoint_seat(f, "unn-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "k"),
                         SB_E_LEDGER_STATE);
        fed_free(f);
        f = with_entries();
        sb_row_newest_put(f->kv, &row);
        assert_false(
            sb_ledger_find_submission(f->ledger, fed_key_of(f, KEYS[0])->pk, SEQ_MAX, &index));
        assert_int_equal(sb_kv_error(sb_ledger_kv(f->ledger)), SB_E_LEDGER_STATE);
        fed_free(f);
    }
}

static void test_damaged_older(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++) {
        uint64_t index = 77;
        fed *f = with_entries();
        sb_row_older row = {.key = number_of(f, 0)};
        assert_true(sb_row_older_next(f->kv, &f->arena, &row, true, 1));
        row.pairs = sb_slice_of(NOTHING, LENGTHS[i]);
        sb_row_older_put(f->kv, &row);
        assert_false(sb_ledger_find_submission(f->ledger, fed_key_of(f, KEYS[0])->pk, 1, &index));
        assert_int_equal(index, 77); /* nothing was found */
        assert_int_equal(sb_kv_error(sb_ledger_kv(f->ledger)), SB_E_LEDGER_STATE);
        fed_free(f);
    }
}

/* ---- an older store's ---- */

static bool has_table(sb_kv *kv, uint8_t table)
{
    sb_kv_walk row = {.kv = kv, .prefix = sb_slice_of(&table, 1)};
    return sb_kv_walk_next(&row);
}

/* Rows of format 2 become what the fold makes of the same log, however many a key has. */
static void test_from_format_2(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    for (size_t i = 0; i < 90; i++) {
        uint8_t folded[32], older[32], made[32];
        if (i == 1)
            fed_run(f);
        if (i > 1)
            enter(f, i % 3 == 0);
        sb_ledger_flush(f->ledger);
        fed_rows_hash(f->kv, folded);
        sb_kv *kv = sb_kv_memory_clone(f->kv);
        older_rows_2(kv);
        fed_rows_hash(kv, older);
        assert_int_equal(has_table(kv, 0x80), i > 0);
        assert_false(has_table(kv, 0x84) || has_table(kv, 0x85));
        assert_true(sb_ledger_rows_from_2(kv));
        fed_rows_hash(kv, made);
        assert_memory_equal(made, folded, 32);
        sb_kv_memory_free(kv);
    }
    assert_true(has_table(f->kv, 0x85));
    fed_free(f);
}

static void test_unreadable_of_format_2(void **state)
{
    (void)state;
    static const uint8_t key[1 + 4 + 8] = {0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, at[9] = {0};
    static const struct {
        size_t key_len, value_len;
        bool is_read;
    } cases[] = {{13, 8, true}, {12, 8, false}, {13, 7, false}, {13, 9, false}, {1, 8, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_kv *kv = sb_kv_memory_new();
        sb_kv_put(kv, sb_slice_of(key, cases[i].key_len), sb_slice_of(at, cases[i].value_len));
        assert_int_equal(sb_ledger_rows_from_2(kv), cases[i].is_read);
        assert_int_equal(sb_kv_error(kv), SB_OK); /* they can be folded anew */
        sb_kv_memory_free(kv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found), cmocka_unit_test(test_damaged_newest),
        cmocka_unit_test(test_damaged_older), cmocka_unit_test(test_from_format_2),
        cmocka_unit_test(test_unreadable_of_format_2)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
