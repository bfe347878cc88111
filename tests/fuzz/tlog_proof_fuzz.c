/* tlog-proof files from anywhere: what is accepted is what we would write. */
#include "proto/merkle/tlog_proof.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool one(sb_slice input)
{
    static const uint8_t pk[32];
    sb_slice text = input;
    sb_tlog_proof proof;
    sb_checkpoint head;
    sb_fail fail = {0};
    sb_err err = sb_tlog_proof_parse(text, &proof, &fail);
    if (err != fail.code || proof.proof.count > SB_PROOF_HASHES_MAX)
        abort();
    if (err != SB_OK)
        return false;
    if (proof.extra_base64.len == 0) {
        sb_buf again;
        sb_buf_init(&again);
        sb_tlog_proof_write(proof.index, &proof.proof, (sb_slice){0}, proof.note, &again);
        if (!sb_slice_eq(sb_buf_slice(&again), text))
            abort();
        sb_buf_deinit(&again);
    }
    if (sb_tlog_proof_verify(text, text, NULL, pk, &proof, &head, NULL) == SB_OK)
        abort(); /* nobody signs with this key */
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* written again */
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){256 * 1024, 64});
}
