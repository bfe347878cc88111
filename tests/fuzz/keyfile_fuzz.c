/* Key files from anywhere: one spelling each, and none costs more to open than its cap. */
#include "proto/sign/keyfile.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { OPS_MAX = 2, MEM_BYTES_MAX = 64 * 1024 }; /* what a fuzzer can pay */

static void check_plain(sb_slice file, const sb_keyfile_info *info, const uint8_t secret[32])
{
    sb_buf again;
    sb_buf_init(&again);
    if (sb_keyfile_plain(info->role, info->public_key, secret, &again, NULL) != SB_OK ||
        !sb_slice_eq(sb_buf_slice(&again), file))
        abort();
    sb_buf_deinit(&again);
}

static bool one(sb_slice input)
{
    static bool is_ready;
    if (!is_ready && sb_sign_init(NULL) != SB_OK)
        abort();
    is_ready = true;
    sb_slice file = input;
    sb_keyfile_info info, opened;
    uint8_t secret[32];
    sb_fail fail = {0};
    sb_err err = sb_keyfile_public(file, &info, &fail);
    if (err != fail.code)
        abort();
    if (err != SB_OK)
        return false;
    if (info.is_sealed &&
        (info.cost.ops > SB_ARGON_OPS_MAX || info.cost.mem_bytes > SB_ARGON_MEM_BYTES_MAX))
        abort();
    if (info.is_sealed && (info.cost.ops > OPS_MAX || info.cost.mem_bytes > MEM_BYTES_MAX))
        return false;
    err = sb_keyfile_open(file, SB_KEY_NONE, sb_slice_str("fuzz"), secret, &opened, NULL);
    if (err == SB_OK && !info.is_sealed)
        check_plain(file, &opened, secret);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* what the cap of this target lets Argon2 ask for */
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){512 * 1024, 64});
}
