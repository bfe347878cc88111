/* State, blobs, the archive and the undo rows. */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/store/check_inside.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/base/limits.h"

/* ---- state ---- */

/* How many rows differ; *table is the first one's. */
static uint64_t differing_rows(sb_kv *stored, sb_kv *made, uint64_t *rows, uint8_t *table)
{
    sb_kv_walk a = {.kv = stored}, b = {.kv = made};
    bool has_a = sb_kv_walk_next(&a), has_b = sb_kv_walk_next(&b);
    uint64_t count = 0;
    *rows = 0;
    while (has_a || has_b) {
        int order = !has_a ? 1 : !has_b ? -1 : sb_slice_cmp(a.key, b.key);
        bool same = order == 0 && sb_slice_eq(a.value, b.value);
        if (!same && count++ == 0)
            *table = order <= 0 ? a.key.data[0] : b.key.data[0];
        *rows += order <= 0;
        if (order <= 0)
            has_a = sb_kv_walk_next(&a);
        if (order >= 0)
            has_b = sb_kv_walk_next(&b);
    }
    return count;
}

void sb_check_part_state(sb_check *c)
{
    uint8_t table = 0;
    if (c->folded < c->report->leaves || c->report->format < SB_STORE_FORMAT)
        return; /* an older format's are folded anew when the service starts */
    c->state_known = true;
    c->step(c->arg, SB_CHECK_STATE, 0, 0);
    c->state_bad = differing_rows(sb_store_state(c->store), c->rows, &c->report->rows, &table);
    c->state_table = table;
}

/* ---- blobs ---- */

static void tell_blob(sb_check *c, sb_check_cure cure, sb_err code, const uint8_t *sha256,
                      uint64_t index)
{
    sb_fail fail;
    char hex[2 * SB_HASH_BYTES + 1], number[24];
    sb_hex(sb_slice_of(sha256, SB_HASH_BYTES), hex);
    hex[12] = '\0';
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)index);
    sb_fail_set(&fail, code, hex, number, NULL);
    sb_check_found_fail(c, SB_CHECK_BLOBS, cure, &fail);
}

static bool chunk_of(sb_check *c, const uint8_t *sha256, uint64_t number, sb_slice *chunk)
{
    uint8_t key[SB_HASH_BYTES + 4];
    sb_writer w = sb_writer_over(key, sizeof key);
    sb_write_bytes(&w, sb_slice_of(sha256, SB_HASH_BYTES));
    sb_write_u32(&w, (uint32_t)number);
    return sb_store_row_get(c->store, SB_TABLE_BLOBS, sb_writer_slice(&w), chunk);
}

/* All its chunks are there, as long as they must be; *hash is theirs. */
static bool read_chunks(sb_check *c, const uint8_t *sha256, uint64_t bytes, uint8_t *hash)
{
    sb_sha256 h;
    bool whole = bytes > 0 && bytes <= SB_BLOB_BYTES_MAX;
    sb_sha256_init(&h);
    for (uint64_t at = 0; at < bytes && whole; at += SB_BLOB_CHUNK_BYTES) {
        sb_slice chunk;
        uint64_t len = bytes - at < SB_BLOB_CHUNK_BYTES ? bytes - at : SB_BLOB_CHUNK_BYTES;
        whole = chunk_of(c, sha256, at / SB_BLOB_CHUNK_BYTES, &chunk) && chunk.len == len;
        if (whole)
            sb_sha256_add(&h, chunk);
    }
    sb_sha256_final(&h, hash);
    return whole;
}

static void check_sizes(sb_check *c, sb_table table)
{
    uint8_t last[SB_HASH_BYTES], hash[SB_HASH_BYTES];
    sb_slice from = {0}, key, value;
    bool held = table == SB_TABLE_HELD;
    for (bool first = true; sb_store_row_next(c->store, table, from, first, &key, &value);
         first = false) {
        size_t len = key.len < sizeof last ? key.len : sizeof last;
        memset(last, 0, sizeof last);
        memcpy(last, key.data, len);
        from = sb_slice_of(last, len);
        sb_reader r = sb_reader_over(value);
        uint64_t bytes = sb_read_u64(&r);
        bool is_row = key.len == SB_HASH_BYTES && sb_reader_done(&r);
        bool whole = is_row && read_chunks(c, last, bytes, hash);
        if (held) {
            c->step(c->arg, SB_CHECK_BLOBS, c->report->blobs, 0);
            c->report->blobs++;
            c->report->blob_bytes += bytes;
            whole = whole && memcmp(hash, last, sizeof hash) == 0;
        }
        if (!whole)
            tell_blob(c, held ? SB_CURE_REFETCH : SB_CURE_DROP,
                      held ? SB_E_CHECK_BLOB : SB_E_CHECK_STAGED, last, 0);
    }
}

/* What leaves name and nobody erased is here, or the daemon knows that it isn't. */
static void check_named(sb_check *c)
{
    sb_kv_walk row = {.kv = c->blobs};
    while (sb_kv_walk_next(&row)) {
        const uint8_t *sha256 = row.key.data + 1;
        uint64_t size, index;
        (void)sb_missing_read_row(row.value, &size, &index);
        if (sb_store_blob_has(c->store, sha256) || sb_ledger_blob_erased(c->ledger, sha256, NULL))
            continue;
        bool is_known = sb_kv_get(sb_store_own(c->store), row.key, NULL);
        c->report->awaited += is_known;
        tell_blob(c, is_known ? SB_CURE_NONE : SB_CURE_REFETCH,
                  is_known ? SB_E_CHECK_BLOB_AWAITED : SB_E_CHECK_BLOB_LOST, sha256, index);
    }
}

void sb_check_part_blobs(sb_check *c)
{
    check_sizes(c, SB_TABLE_HELD);
    check_sizes(c, SB_TABLE_STAGED);
    check_named(c);
}

/* ---- the archive ---- */

static void check_cut(sb_check *c)
{
    sb_arena arena;
    sb_arena_init(&arena);
    uint32_t cuts = sb_store_cuts(c->store);
    for (uint32_t cut = 0; cut < cuts; cut++) {
        uint64_t index = 0, last = 0;
        sb_slice bytes;
        for (bool first = true; sb_store_cut_leaf(c->store, cut, &index, &bytes); first = false) {
            sb_leaf leaf;
            sb_arena_reset(&arena);
            bool holds =
                sb_leaf_open(bytes, &arena, &leaf, NULL) == SB_OK && (first || index == last + 1);
            if (!holds)
                sb_check_found(c, SB_CHECK_ARCHIVE, SB_CURE_DROP, SB_E_CHECK_CUT, 2, cut + 1,
                               index);
            c->report->archived++;
            last = index++;
        }
    }
    sb_arena_deinit(&arena);
}

uint64_t sb_check_undo_reach(sb_check *c)
{
    uint64_t at = c->report->leaves, first;
    sb_slice undo;
    while (at > 0 && sb_store_undo(c->store, at - 1, &first, &undo)) {
        sb_reader r = sb_reader_over(undo);
        if (sb_read_u64(&r) != at)
            break;
        at = first;
    }
    return at;
}

static bool take_back(sb_kv *rows, sb_slice undo)
{
    sb_reader r = sb_reader_over(undo);
    (void)sb_read_u64(&r);
    while (sb_reader_left(&r) > 0) {
        uint8_t had = sb_read_u8(&r);
        sb_slice key = sb_read_bytes(&r, sb_read_u16(&r));
        sb_slice value = sb_read_bytes(&r, sb_read_u32(&r));
        if (r.failed || had > 1 || key.len == 0 || key.len > SB_KV_KEY_MAX)
            return false;
        if (had == 1)
            sb_kv_put(rows, key, value);
        else
            sb_kv_del(rows, key);
    }
    return !r.failed;
}

/* The rows of today, taken back step by step, are those of then. */
static void check_undo(sb_check *c)
{
    if (c->report->format < SB_STORE_FORMAT)
        return; /* of its own rows, as the state */
    sb_kv *rows = sb_kv_memory_clone(c->rows);
    uint64_t at = c->report->leaves, first, ignored;
    sb_slice undo;
    uint8_t table;
    while (at > c->then_size && sb_store_undo(c->store, at - 1, &first, &undo)) {
        if (!take_back(rows, undo)) {
            sb_check_found(c, SB_CHECK_ARCHIVE, SB_CURE_RECOMPUTE, SB_E_CHECK_UNDO, 1, first, 0);
            goto out;
        }
        at = first;
    }
    if (c->has_then && differing_rows(rows, c->then_rows, &ignored, &table) > 0)
        sb_check_found(c, SB_CHECK_ARCHIVE, SB_CURE_RECOMPUTE, SB_E_CHECK_UNDO, 1, c->then_size, 0);
out:
    sb_kv_memory_free(rows);
}

void sb_check_part_archive(sb_check *c)
{
    c->step(c->arg, SB_CHECK_ARCHIVE, 0, 0);
    check_cut(c);
    if (c->folded == c->report->leaves && c->report->good == c->report->leaves)
        check_undo(c);
}
