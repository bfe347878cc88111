/* Entries from anywhere: the frame as it is, and the payload of every byte string as if its frame
 * were right, so that lengths and signatures don't keep the fuzzer out. What is accepted must
 * re-pack to the same bytes. */
#include "proto/wire/entry.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool check_payload(sb_entry_type type, sb_slice payload, sb_arena *arena)
{
    const ProtobufCMessage *message;
    sb_fail fail = {0};
    sb_err err = sb_payload_decode(type, payload, arena, &message, &fail);
    if (err != SB_OK) {
        if (fail.code != err)
            abort();
        return false;
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
    return true;
}

static bool one(sb_slice input)
{
    sb_slice bytes = input;
    bool accepted = false;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_leaf leaf;
    (void)sb_leaf_open(bytes, &arena, &leaf, NULL);
    if (sb_entry_open(bytes, &arena, &leaf, NULL) == SB_OK && !sb_slice_eq(leaf.entry.bytes, bytes))
        abort();
    if (input.len >= SB_ENTRY_FRAME_BYTES && sb_entry_type_known(input.data[1]))
        accepted = check_payload(
            (sb_entry_type)input.data[1],
            sb_slice_of(input.data + SB_ENTRY_HEAD_BYTES, input.len - SB_ENTRY_FRAME_BYTES),
            &arena);
    const Sb__Charter *charter;
    accepted = sb_charter_decode(bytes, &arena, &charter, NULL) == SB_OK || accepted;
    sb_arena_deinit(&arena);
    return accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* a payload and what re-packing takes; as a charter too */
    return sb_fuzz_run(
        one, data, len,
        (sb_fuzz_bound){2 * SB_ALLOC_PER_ENTRY_MAX + SB_ALLOC_PER_CHARTER_MAX, 1024});
}
