/* The ledger at a pipe, for fold_fuzz.py. Signatures of entries aren't verified: what is
 * compared is the fold.
 *
 * In: u8 what ('c' check, 's' step) ‖ u32be length ‖ leaf. Out, a line each: the refusal's name, or
 * "OK" and after a step the digest in hex. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hash.h"
#include "proto/ledger/ledger.h"
#include "proto/merkle/merkle_hash.h"

static sb_err open_leaf(sb_slice bytes, sb_arena *arena, sb_leaf *out, sb_fail *fail)
{
    *out = (sb_leaf){0};
    if (bytes.len < 8)
        return SB_E_ENTRY_TRUNCATED;
    for (size_t i = 0; i < 8; i++)
        out->sequenced_at_ms = out->sequenced_at_ms << 8 | bytes.data[i];
    sb_err err = sb_entry_parse(sb_slice_of(bytes.data + 8, bytes.len - 8), &out->entry, fail);
    if (err == SB_OK)
        err = sb_payload_decode(out->entry.type, out->entry.payload, arena, &out->message, fail);
    if (err != SB_OK)
        return err;
    sb_payload_blobs(out->message, arena, &out->blobs, &out->blob_count);
    out->bytes = bytes;
    sb_leaf_hash(bytes, out->hash);
    return SB_OK;
}

static void no_tile(void *arg, uint32_t level, uint64_t index,
                    const sb_hash32 hashes[SB_TILE_WIDTH])
{
    (void)arg, (void)level, (void)index, (void)hashes;
}

static void answer(sb_ledger *l, char what, sb_slice bytes)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_leaf leaf;
    sb_fail fail = {0};
    sb_err err = open_leaf(bytes, &arena, &leaf, &fail);
    if (err == SB_OK)
        err = what == 's' ? sb_ledger_step(l, &leaf, no_tile, NULL, &fail)
                          : sb_ledger_check(l, &leaf, &fail);
    if (err != SB_OK) {
        printf("%s\n", sb_err_name(err));
    } else if (what == 's') {
        sb_ledger_position at;
        char hex[65];
        sb_ledger_position_get(l, &at);
        sb_hex(sb_slice_of(at.digest, 32), hex);
        printf("OK %s\n", hex);
    } else {
        printf("OK\n");
    }
    fflush(stdout);
    sb_arena_deinit(&arena);
}

int main(void)
{
    static uint8_t bytes[SB_LEAF_BYTES_MAX + 1];
    uint8_t head[5];
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *l = NULL;
    if (sb_ledger_open(&l, kv, NULL, NULL) != SB_OK)
        return 1;
    while (fread(head, 1, 5, stdin) == 5) {
        size_t len = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
        if (len > sizeof bytes || fread(bytes, 1, len, stdin) != len)
            return 1;
        answer(l, (char)head[0], sb_slice_of(bytes, len));
    }
    sb_ledger_close(l);
    sb_kv_memory_free(kv);
    return 0;
}
