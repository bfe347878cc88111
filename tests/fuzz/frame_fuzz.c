/* Frames from anywhere: what is accepted packs to as many bytes (only the order of fields is free),
 * and what we pack is accepted and packs to itself.
 */
#include "proto/wire/frame.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(sb_slice bytes, const Sb__Frame *frame, sb_arena *arena)
{
    const Sb__Frame *back = NULL;
    sb_buf once, twice;
    sb_buf_init(&once);
    sb_buf_init(&twice);
    sb_frame_encode(frame, &once);
    if (once.len != bytes.len || sb_frame_decode(sb_buf_slice(&once), arena, &back, NULL) != SB_OK)
        abort();
    sb_frame_encode(back, &twice);
    if (!sb_slice_eq(sb_buf_slice(&once), sb_buf_slice(&twice)))
        abort();
    sb_buf_deinit(&once);
    sb_buf_deinit(&twice);
}

static bool one(sb_slice input)
{
    sb_slice bytes = input;
    const Sb__Frame *frame = NULL;
    sb_fail fail = {0};
    sb_arena arena;
    sb_arena_init(&arena);
    sb_err err = sb_frame_decode(bytes, &arena, &frame, &fail);
    if (err != fail.code)
        abort();
    if (err == SB_OK)
        check(bytes, frame, &arena);
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* decoded, packed, decoded again */
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){3 * SB_FRAME_ALLOC_MAX, 64});
}
