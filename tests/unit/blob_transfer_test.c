/* Blobs over frames: what the answering side does with chunks that are not as they should be, and
 * when the asking side asks again. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/noded/transfers.h"
#include "nodes/store/history.h"
#include "proto/base/hash.h"
#include "proto/base/limits.h"
#include "proto/ledger/rows.h"
#include "tests/lib/play.h"
#include "tests/lib/store_sample.h"

enum { BYTES = SB_BLOB_CHUNK_BYTES + 1000 };

typedef struct rig {
    char root[64], dir[80];
    sb_history h;
    uint8_t *bytes, sha256[32];
} rig;

static int setup(void **state)
{
    rig *r = calloc(1, sizeof *r);
    sb_tmpdir_make(r->root);
    (void)snprintf(r->dir, sizeof r->dir, "%s/store", r->root);
    const sb_store_opts opts = {.kind = "node", .create = true};
    assert_int_equal(sb_history_open(&r->h, r->dir, &opts, NULL), SB_OK);
    r->bytes = malloc(10 * SB_BLOB_CHUNK_BYTES);
    for (size_t i = 0; i < 10 * (size_t)SB_BLOB_CHUNK_BYTES; i++)
        r->bytes[i] = (uint8_t)(i * 31 + i / 251);
    sb_hash(sb_slice_of(r->bytes, BYTES), r->sha256);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    rig *r = *state;
    sb_history_close(&r->h);
    sb_tmpdir_drop(r->root);
    free(r->bytes);
    free(r);
    return 0;
}

/* One BlobPut of `len` bytes of a blob said to have `size`; where to go on from. */
static uint64_t put(rig *r, uint64_t size, uint64_t offset, size_t len)
{
    Sb__BlobPut put = SB__BLOB_PUT__INIT;
    put.sha256 = (ProtobufCBinaryData){.len = 32, .data = r->sha256};
    put.size = size;
    put.offset = offset;
    put.data = (ProtobufCBinaryData){.len = len, .data = r->bytes + offset};
    uint64_t next = 0;
    assert_int_equal(sb_history_blob_put(&r->h, &put, &next, NULL), SB_OK);
    return next;
}

static void put_whole(rig *r)
{
    uint64_t at = 0;
    for (int i = 0; i < 10 && at < BYTES; i++) {
        size_t left = (size_t)(BYTES - at);
        at = put(r, BYTES, at, left < SB_BLOB_CHUNK_BYTES ? left : SB_BLOB_CHUNK_BYTES);
    }
    assert_int_equal(at, BYTES);
    assert_true(sb_store_blob_has(r->h.store, r->sha256));
}

/* A chunk shorter than a chunk is the last, or it would be in the way for good. */
static void test_short_chunk(void **state)
{
    rig *r = *state;
    assert_int_equal(put(r, BYTES, 0, 10), 0);
    put_whole(r);
}

/* Somebody began with more bytes than the blob has. */
static void test_staged_beyond_its_size(void **state)
{
    rig *r = *state;
    for (uint64_t i = 0; i < 4; i++)
        put(r, 10 * (uint64_t)SB_BLOB_CHUNK_BYTES, i * SB_BLOB_CHUNK_BYTES, SB_BLOB_CHUNK_BYTES);
    assert_int_not_equal(put(r, BYTES, 0, SB_BLOB_CHUNK_BYTES), BYTES); /* it isn't whole */
    put_whole(r);
}

/* Other bytes under this name are dropped, and it begins again. */
static void test_wrong_bytes(void **state)
{
    rig *r = *state;
    assert_int_equal(put(r, BYTES, 0, SB_BLOB_CHUNK_BYTES), SB_BLOB_CHUNK_BYTES);
    r->bytes[BYTES - 1] ^= 1;
    assert_int_equal(put(r, BYTES, SB_BLOB_CHUNK_BYTES, 1000), 0);
    r->bytes[BYTES - 1] ^= 1;
    put_whole(r);
}

/* One that has no end: refused at the bound, dropped when it isn't its hash, and the disk keeps no more
 * than one of the largest takes, however often it is begun anew. */
static void test_endless(void **state)
{
    rig *r = *state;
    sb_store_info info;
    for (int round = 0; round < 2; round++) {
        uint64_t at = 0, next = 0;
        uint32_t chunks = 0;
        Sb__BlobPut m = SB__BLOB_PUT__INIT;
        m.sha256 = (ProtobufCBinaryData){.len = 32, .data = r->sha256};
        m.data = (ProtobufCBinaryData){.len = SB_BLOB_CHUNK_BYTES, .data = r->bytes};
        do {
            at = next;
            m.offset = at;
            m.size = SB_BLOB_BYTES_MAX;
            assert_int_equal(sb_history_blob_put(&r->h, &m, &next, NULL), SB_OK);
            assert_true(sb_store_blob_staged(r->h.store, r->sha256) <= SB_BLOB_BYTES_MAX);
            chunks++;
        } while (next > at);
        assert_int_equal(chunks, SB_BLOB_BYTES_MAX / SB_BLOB_CHUNK_BYTES); /* the last shows it */
        assert_int_equal(next, 0);
        assert_int_equal(sb_store_blob_staged(r->h.store, r->sha256), 0);
        assert_false(sb_store_blob_has(r->h.store, r->sha256));
        m.offset = 0;
        m.size = (uint64_t)SB_BLOB_BYTES_MAX + SB_BLOB_CHUNK_BYTES; /* more than any has */
        assert_int_equal(sb_history_blob_put(&r->h, &m, &next, NULL), SB_OK);
        assert_int_equal(next, 0);
    }
    sb_store_get_info(r->h.store, &info);
    assert_true(info.used_bytes <= SB_BLOB_BYTES_MAX + 4 * 1024 * 1024);
    put_whole(r);
}

/* Who asks knows how many bytes there are, and takes no others. */
static void test_of_another_size(void **state)
{
    (void)state;
    static sb_transfers t;
    uint8_t sha256[32] = {1};
    const sb_transfer *get = sb_transfers_ask(&t, SB_TRANSFER_GET, 7, sha256, BYTES);
    assert_non_null(get);
    assert_true(sb_transfer_is_of(get, BYTES));
    assert_false(sb_transfer_is_of(get, 0)); /* not held there */
    assert_false(sb_transfer_is_of(get, BYTES + 1));
    assert_false(sb_transfer_is_of(get, SB_BLOB_BYTES_MAX));
}

static void test_size_is_known(void **state)
{
    rig *r = *state;
    put_whole(r);
    assert_true(r->h.reader.blob_has_size(r->h.reader.arg, r->sha256, BYTES));
    assert_false(r->h.reader.blob_has_size(r->h.reader.arg, r->sha256, BYTES + 1));
}

/* The disk is nearly full: blobs wait, the log goes on. */
static void test_no_room(void **state)
{
    rig *r = *state;
    sb_history_close(&r->h);
    const sb_store_opts opts = {.kind = "node", .create = true, .reserve_bytes = UINT64_MAX};
    assert_int_equal(sb_history_open(&r->h, r->dir, &opts, NULL), SB_OK);
    assert_false(sb_store_blob_room(r->h.store));
    assert_int_equal(put(r, BYTES, 0, SB_BLOB_CHUNK_BYTES), 0);
    assert_int_equal(sb_store_blob_staged(r->h.store, r->sha256), 0);
    sb_commit_builder b;
    sb_commit_builder_init(&b, (sb_tile_reader){0});
    sb_commit_builder_clear(&b, 0);
    sb_commit_put_row(&b, sb_slice_str("x"), sb_slice_str("y"));
    assert_int_equal(sb_history_commit(&r->h, sb_commit_builder_get(&b), NULL), SB_OK);
    sb_commit_builder_deinit(&b);
}

/* What a commit erases is gone, whole or half received, also after a restart. */
static void test_erased_with_a_commit(void **state)
{
    rig *r = *state;
    const sb_store_opts opts = {.kind = "node", .create = true};
    uint8_t whole[32];
    put_whole(r);
    memcpy(whole, r->sha256, 32);
    r->sha256[0] ^= 1;
    assert_int_equal(put(r, BYTES, 0, SB_BLOB_CHUNK_BYTES), SB_BLOB_CHUNK_BYTES);
    sb_commit_builder b;
    sb_commit_builder_init(&b, (sb_tile_reader){0});
    sb_commit_builder_clear(&b, 0);
    assert_true(sb_commit_builder_is_empty(&b));
    sb_commit_erase_blob(&b, whole);
    sb_commit_erase_blob(&b, r->sha256);
    assert_false(sb_commit_builder_is_empty(&b));
    assert_int_equal(sb_history_commit(&r->h, sb_commit_builder_get(&b), NULL), SB_OK);
    sb_commit_builder_deinit(&b);
    sb_history_close(&r->h);
    assert_int_equal(sb_history_open(&r->h, r->dir, &opts, NULL), SB_OK);
    sb_buf bytes;
    sb_buf_init(&bytes);
    assert_false(sb_store_blob_has(r->h.store, whole));
    assert_int_equal(sb_store_blob_read(r->h.store, whole, 0, 10, &bytes, NULL), SB_E_NOT_FOUND);
    assert_int_equal(sb_store_blob_staged(r->h.store, r->sha256), 0);
    sb_buf_deinit(&bytes);
}

/* ---- asking again ---- */

static void test_a_lost_frame_is_made_up_for(void **state)
{
    (void)state;
    static sb_transfers t;
    static const uint8_t sha256[32] = {7};
    sb_transfers_clear(&t);
    for (int kind = SB_TRANSFER_GET; kind <= SB_TRANSFER_PUT; kind++) {
        sb_transfer *first = sb_transfers_ask(&t, (sb_transfer_kind)kind, 1, sha256, 1000);
        assert_non_null(first);
        /* nothing came: the same one, to ask again */
        assert_ptr_equal(sb_transfers_ask(&t, (sb_transfer_kind)kind, 1, sha256, 1000), first);
        /* it moves: left alone, or chunks would be asked for twice and twice again */
        assert_true(sb_transfer_moved(first, 100));
        assert_null(sb_transfers_ask(&t, (sb_transfer_kind)kind, 1, sha256, 1000));
        /* and stands still since */
        assert_ptr_equal(sb_transfers_ask(&t, (sb_transfer_kind)kind, 1, sha256, 1000), first);
    }
    assert_int_equal(t.count, 2);
}

/* ---- what no entry names, by whom it comes ---- */

static const uint8_t ONE[32] = {1}, OTHER[32] = {2};

/* The first chunk, or all, of blob `number`. */
static sb_err take(rig *r, const uint8_t owner[32], uint32_t number, uint64_t size, uint64_t *next)
{
    uint8_t sha256[32] = {0};
    Sb__BlobPut put = SB__BLOB_PUT__INIT;
    sb_fail refusal, fail = {0};
    put.size = size;
    put.data.len = size < SB_BLOB_CHUNK_BYTES ? (size_t)size : SB_BLOB_CHUNK_BYTES;
    put.data.data = r->bytes + number;
    if (size <= SB_BLOB_CHUNK_BYTES)
        sb_hash(sb_slice_of(put.data.data, put.data.len), sha256);
    else
        memcpy(sha256, &number, sizeof number);
    put.sha256 = (ProtobufCBinaryData){.len = 32, .data = sha256};
    memcpy(r->sha256, sha256, 32);
    assert_int_equal(sb_history_blob_take(&r->h, owner, &put, next, &refusal, &fail), SB_OK);
    return refusal.code;
}

static void assert_taken(rig *r, const uint8_t owner[32], uint32_t number, uint64_t size)
{
    uint64_t next = 0;
    assert_string_equal(sb_err_name(take(r, owner, number, size, &next)), "SB_OK");
    assert_true(next > 0);
}

static void assert_over_quota(rig *r, const uint8_t owner[32], uint32_t number, uint64_t size)
{
    uint64_t next = 1;
    assert_string_equal(sb_err_name(take(r, owner, number, size, &next)), "SB_E_STORE_BLOB_QUOTA");
    assert_int_equal(next, 0);
    assert_false(sb_store_blob_has(r->h.store, r->sha256));
}

static void test_unnamed_blobs_are_counted(void **state)
{
    rig *r = *state;
    for (uint32_t i = 0; i < SB_BLOBS_UNNAMED_MAX; i++)
        assert_taken(r, ONE, i, 100);
    assert_over_quota(r, ONE, SB_BLOBS_UNNAMED_MAX, 100);
    assert_taken(r, ONE, 0, 100); /* what is there is no new one */
    assert_taken(r, OTHER, SB_BLOBS_UNNAMED_MAX, 100);
}

static void test_what_an_entry_names_counts_no_more(void **state)
{
    rig *r = *state;
    for (uint32_t i = 0; i < SB_BLOBS_UNNAMED_MAX; i++)
        assert_taken(r, ONE, i, 100);
    sb_row_blob row = {.org = 0};
    memcpy(row.sha256, r->sha256, 32);
    sb_row_blob_put(sb_ledger_kv(r->h.ledger), &row);
    assert_true(sb_ledger_blob_named(r->h.ledger, row.sha256));
    assert_taken(r, ONE, SB_BLOBS_UNNAMED_MAX, 100);
    assert_over_quota(r, ONE, SB_BLOBS_UNNAMED_MAX + 1, 100);
    assert_true(sb_store_blob_has(r->h.store, row.sha256));
}

/* Staged blobs count for all that they are said to become. */
static void test_unnamed_bytes_are_counted(void **state)
{
    rig *r = *state;
    const uint32_t full = SB_BLOBS_UNNAMED_MIB_MAX / (SB_BLOB_BYTES_MAX / 1024 / 1024);
    for (uint32_t i = 0; i < full; i++)
        assert_taken(r, ONE, i, SB_BLOB_BYTES_MAX);
    assert_over_quota(r, ONE, full, 1);
    assert_taken(r, OTHER, full, 1);
}

/* So much later by the log: an entry is in it then. */
static void log_goes_on(rig *r, fed *f, uint64_t ms)
{
    uint64_t from = sb_store_count(r->h.store);
    play_id c;
    f->now_ms += ms;
    fed_due(f);
    assert_int_equal(play_report(f, "ssu", "En sak", DECISION, SEC, &c), SB_OK);
    store_sample_append(&r->h, f, from, f->leaf_count, NULL);
}

/* The log's time counts and no clock: whoever sets one can't make all old at once, nor none ever. */
static void test_old_ones_are_forgotten(void **state)
{
    enum { HOUR_MS = 3600 * 1000 };
    rig *r = *state;
    uint8_t first[32];
    fed *f = fed_new(NULL);
    fed_run(f);
    log_goes_on(r, f, 0);
    for (uint32_t i = 0; i < SB_BLOBS_UNNAMED_MAX; i++) {
        if (i == 2)
            log_goes_on(r, f, HOUR_MS);
        assert_taken(r, ONE, i, 100);
    }
    log_goes_on(r, f, SB_BLOB_UNNAMED_MS - 2 * HOUR_MS);
    assert_over_quota(r, ONE, SB_BLOBS_UNNAMED_MAX, 100);
    log_goes_on(r, f, HOUR_MS + HOUR_MS / 2);
    assert_taken(r, ONE, SB_BLOBS_UNNAMED_MAX, 100); /* two went */
    assert_taken(r, ONE, SB_BLOBS_UNNAMED_MAX + 1, 100);
    assert_over_quota(r, ONE, SB_BLOBS_UNNAMED_MAX + 2, 100);
    sb_hash(sb_slice_of(r->bytes, 100), first);
    assert_false(sb_store_blob_has(r->h.store, first));
    fed_free(f);
}

static void test_transfers_under_way(void **state)
{
    (void)state;
    static sb_transfers t;
    uint8_t sha256[32] = {0};
    for (uint32_t i = 0; i <= SB_TRANSFERS_MAX; i++) {
        memcpy(sha256, &i, sizeof i);
        bool is_begun = sb_transfers_ask(&t, SB_TRANSFER_GET, 1, sha256, 100) != NULL;
        assert_int_equal(is_begun, i < SB_TRANSFERS_MAX);
    }
    sb_transfers_gone(&t, 1);
    assert_non_null(sb_transfers_ask(&t, SB_TRANSFER_GET, 1, sha256, 100));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_short_chunk),
        T(test_staged_beyond_its_size),
        T(test_wrong_bytes),
        T(test_size_is_known),
        T(test_no_room),
        T(test_erased_with_a_commit),
        T(test_unnamed_blobs_are_counted),
        T(test_what_an_entry_names_counts_no_more),
        T(test_unnamed_bytes_are_counted),
        T(test_old_ones_are_forgotten),
        cmocka_unit_test(test_a_lost_frame_is_made_up_for),
        cmocka_unit_test(test_transfers_under_way),
        cmocka_unit_test(test_of_another_size),
        T(test_endless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
