#include "tests/fault/power_story.h"

#include "proto/base/hash.h"
#include "proto/wire/logio.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

fed *story_make(void)
{
    fed *f = fed_new(NULL);
    play_table t;
    play_id c;
    fed_run(f);
    play_ssu(f, &t);
    while (f->leaf_count < STORY_LEAVES) {
        play_ok(play_report(f, "ssu", "En sak til", DECISION, SEC, &c));
        if (f->leaf_count % 25 == 0)
            fed_seal(f);
    }
    return f;
}

sb_err story_forward(sb_history *h, fed *f, size_t count, uint32_t row)
{
    sb_arena arena;
    sb_commit_builder b;
    sb_fail fail = {0};
    uint8_t key[2] = {0x01, (uint8_t)(row % 5)}, value[40] = {(uint8_t)row, (uint8_t)(row >> 8)};
    sb_arena_init(&arena);
    sb_commit_builder_init(&b, (sb_tile_reader){0});
    size_t first = sb_store_count(h->store);
    sb_commit_builder_clear(&b, first);
    for (size_t i = first; i < first + count; i++) {
        sb_leaf leaf;
        assert_int_equal(sb_leaf_open(fed_leaf(f, i), &arena, &leaf, &fail), SB_OK);
        assert_int_equal(sb_ledger_step(h->ledger, &leaf, sb_commit_add_tile, &b, &fail), SB_OK);
        sb_commit_add_leaf(&b, leaf.bytes);
    }
    sb_commit_put_row(&b, sb_slice_of(key, 2), sb_slice_of(value, sizeof value));
    sb_err err = sb_history_commit(h, sb_commit_builder_get(&b), &fail);
    sb_commit_builder_deinit(&b);
    sb_arena_deinit(&arena);
    return err;
}

sb_slice story_blob_bytes(uint32_t n)
{
    static uint8_t bytes[STORY_BLOB_BYTES];
    memset(bytes, (int)n, sizeof bytes);
    return sb_slice_of(bytes, sizeof bytes);
}

sb_err story_blob(sb_history *h, uint32_t n)
{
    sb_slice whole = story_blob_bytes(n);
    uint8_t hash[32];
    sb_fail fail = {0};
    sb_hash(whole, hash);
    for (uint64_t at = 0; at < whole.len;) {
        uint64_t left = whole.len - at,
                 len = left < SB_BLOB_CHUNK_BYTES ? left : SB_BLOB_CHUNK_BYTES;
        Sb__BlobPut put = SB__BLOB_PUT__INIT;
        put.sha256 = (ProtobufCBinaryData){.len = 32, .data = hash};
        put.size = whole.len;
        put.offset = at;
        put.data =
            (ProtobufCBinaryData){.len = len, .data = (uint8_t *)(uintptr_t)(whole.data + at)};
        uint64_t next;
        sb_err err = sb_history_blob_put(h, &put, &next, &fail);
        if (err != SB_OK)
            return err;
        assert_int_equal(next, at + len);
        at = next;
    }
    return SB_OK;
}
