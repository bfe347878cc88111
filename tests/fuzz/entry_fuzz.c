/* Entries from anywhere: the frame as it is, and the payload of every byte string as if its frame
 * were right, so that lengths and signatures don't keep the fuzzer out. What is accepted must
 * re-pack to the same bytes. */
#include "proto/wire/entry.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_payload(sb_entry_type type, sb_slice payload, sb_arena *arena)
{
    const ProtobufCMessage *message;
    sb_fail fail = {0};
    sb_err err = sb_payload_decode(type, payload, arena, &message, &fail);
    if (err != SB_OK) {
        if (fail.code != err)
            abort();
        return;
    }
    size_t again_len = protobuf_c_message_get_packed_size(message);
    uint8_t *again = sb_arena_alloc(arena, again_len);
    protobuf_c_message_pack(message, again);
    if (!sb_slice_eq(sb_slice_of(again, again_len), payload))
        abort();
    const Sb__BlobRef *const *blobs;
    size_t count;
    sb_payload_blobs(message, arena, &blobs, &count);
    if (count > SB_BLOBS_PER_ENTRY_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    sb_slice bytes = sb_slice_of(data, len);
    sb_arena arena;
    sb_arena_init(&arena);
    sb_leaf leaf;
    (void)sb_leaf_open(bytes, &arena, &leaf, NULL);
    if (sb_entry_open(bytes, &arena, &leaf, NULL) == SB_OK && !sb_slice_eq(leaf.entry.bytes, bytes))
        abort();
    if (len >= SB_ENTRY_FRAME_BYTES && sb_entry_type_known(data[1]))
        check_payload((sb_entry_type)data[1],
                      sb_slice_of(data + SB_ENTRY_HEAD_BYTES, len - SB_ENTRY_FRAME_BYTES), &arena);
    const Sb__Charter *charter;
    (void)sb_charter_decode(bytes, &arena, &charter, NULL);
    sb_arena_deinit(&arena);
    return 0;
}
