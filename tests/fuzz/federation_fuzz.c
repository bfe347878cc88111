/* Federation files from anywhere; and, so that signatures don't keep the fuzzer out, the same bytes
 * as a row of payloads (u16be length ‖ payload), each signed here: GENESIS, then CHARTER_PARTs.
 */
#include "proto/wire/federation.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#include "proto/base/cursor.h"
#include "proto/base/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool check(sb_slice bytes)
{
    sb_federation f;
    sb_fail fail = {0};
    sb_arena arena;
    sb_arena_init(&arena);
    sb_err err = sb_federation_parse(bytes, &arena, &f, &fail);
    if (err != fail.code)
        abort();
    if (err == SB_OK &&
        (f.genesis == NULL || f.charter == NULL || f.entry_count != 1 + f.genesis->charter_parts ||
         memcmp(f.charter_sha256, f.genesis->charter_sha256.data, 32) != 0))
        abort();
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

static void add_entry(sb_buf *out, sb_secret *key, sb_entry_type type, uint64_t seq,
                      const uint8_t federation_id[32], sb_slice payload, uint8_t id[32])
{
    uint8_t head[SB_ENTRY_HEAD_BYTES] = {1, (uint8_t)type}, sig[SB_SIG_BYTES], size[4];
    memcpy(head + 2, federation_id, 32);
    memcpy(head + 34, sb_secret_pk(key), 32);
    sb_writer w = sb_writer_over(head + 66, 8);
    sb_write_u64(&w, seq);
    sb_hash((sb_slice){0}, head + 82);
    w = sb_writer_over(head + 114, 4);
    sb_write_u32(&w, (uint32_t)payload.len);
    w = sb_writer_over(size, sizeof size);
    sb_write_u32(&w, (uint32_t)(sizeof head + payload.len + sizeof sig));
    sb_buf_add(out, sb_slice_of(size, sizeof size));
    size_t at = out->len;
    sb_buf_add(out, sb_slice_of(head, sizeof head));
    sb_buf_add(out, payload);
    sb_slice message = sb_slice_of(out->data + at, out->len - at);
    sb_hash(message, id);
    if (sb_sign_domain(key, SB_DOMAIN_ENTRY, message, sig, NULL) != SB_OK)
        abort();
    sb_buf_add(out, sb_slice_of(sig, sizeof sig));
}

static bool one(sb_slice input)
{
    enum { PAYLOADS_MAX = 6 };
    static const uint8_t seed[32] = {1};
    static sb_secret *key;
    if (key == NULL && (sb_sign_init(NULL) != SB_OK || (key = sb_secret_from_seed(seed)) == NULL))
        abort();
    uint8_t federation_id[32] = {0}, id[32];
    sb_buf file;
    sb_buf_init(&file);
    bool accepted = check(input);
    sb_reader r = sb_reader_over(input);
    for (uint64_t i = 0; i < PAYLOADS_MAX && sb_reader_left(&r) > 0; i++) {
        sb_slice payload = sb_read_var16(&r);
        if (r.failed)
            break;
        add_entry(&file, key, i == 0 ? SB_ENTRY_GENESIS : SB_ENTRY_CHARTER_PART, i + 1,
                  federation_id, payload, id);
        if (i == 0)
            memcpy(federation_id, id, 32);
    }
    accepted = check(sb_buf_slice(&file)) || accepted;
    sb_buf_deinit(&file);
    return accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* entries, the charter in them, and the file made here */
    return sb_fuzz_run(
        one, data, len,
        (sb_fuzz_bound){2 * SB_ALLOC_PER_ENTRY_MAX + SB_ALLOC_PER_CHARTER_MAX, 1024});
}
