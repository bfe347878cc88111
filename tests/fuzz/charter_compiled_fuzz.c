/* Compiled charters, as they come in CHARTER_PARTs: any bytes, and the sample charter with fields
 * changed. What is accepted re-packs to itself, and the ledger's check judges it. */
#include <stdlib.h>

#include "proto/ledger/charter_check.h"
#include "proto/wire/entry.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/wire_samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static sb_slice some_bytes(void *arg, const ProtobufCFieldDescriptor *field, sb_script *s)
{
    static const char *const IDS[] = {
        "unn", "kommune",           "ssu",          "pm", "leader", "a", "b",
        "a-1", "for > 1/2 of cast", "present >= 1", ""};
    (void)arg, (void)field;
    if (sb_script_u8(s) < 32)
        return sb_slice_of(NULL, 0);
    return sb_slice_str(IDS[sb_script_below(s, sizeof IDS / sizeof *IDS)]);
}

static uint64_t some_number(void *arg, const ProtobufCFieldDescriptor *field, sb_script *s)
{
    (void)arg, (void)field;
    return sb_script_u8(s) < 16 ? sb_script_u64(s) : sb_script_below(s, 8);
}

static sb_slice bytes_of(sb_slice input, sb_arena *arena)
{
    if (input.len == 0 || input.data[0] != 1)
        return input;
    const sb_fill fill = {.bytes = some_bytes, .number = some_number};
    sb_script s = sb_script_over(sb_slice_of(input.data + 1, input.len - 1));
    const ProtobufCMessage *m = &sb_sample_charter(arena)->base;
    while (sb_script_left(&s) > 0)
        m = sb_fill_change(m, &fill, &s, arena);
    size_t len = protobuf_c_message_get_packed_size(m);
    uint8_t *packed = sb_arena_alloc(arena, len);
    protobuf_c_message_pack(m, packed);
    return sb_slice_of(packed, len);
}

static bool one(sb_slice input)
{
    sb_arena arena;
    sb_buf again;
    const Sb__Charter *charter = NULL;
    sb_fail fail = {0};
    sb_arena_init(&arena);
    sb_buf_init(&again);
    sb_slice bytes = bytes_of(input, &arena);
    sb_err err = sb_charter_decode(bytes, &arena, &charter, &fail);
    sb_fuzz_must(err == fail.code);
    if (err == SB_OK) {
        sb_fuzz_must(sb_charter_encode(charter, &again, NULL) == SB_OK);
        sb_fuzz_must(sb_slice_eq(sb_buf_slice(&again), bytes));
        sb_err checked = sb_charter_check(charter, &arena, &fail);
        sb_fuzz_must(checked == fail.code);
    }
    sb_buf_deinit(&again);
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){2 * SB_ALLOC_PER_CHARTER_MAX, 64 * 1024});
}
