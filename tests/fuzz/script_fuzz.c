/* Rehearsal scripts in YAML: what is read is bounded, and can be held against a charter. */
#include <stdlib.h>

#include "nodes/cli/rehearse_script.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/wire_samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool one(sb_slice input)
{
    sb_arena arena;
    sb_reh_script script = {0};
    sb_fail fail = {0};
    sb_arena_init(&arena);
    sb_err err = sb_reh_parse("fuzz", input, &arena, &script, &fail);
    sb_fuzz_must(err == fail.code);
    if (err == SB_OK) {
        sb_reh_names names = {0};
        int64_t clock_ms = 0;
        sb_fuzz_must(script.count <= SB_REH_STEPS_MAX);
        sb_err checked =
            sb_reh_check(&script, sb_sample_charter(&arena), &clock_ms, &arena, &names, &fail);
        sb_fuzz_must(checked == fail.code);
    }
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* libyaml's own, and a node a few bytes */
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){4 * 1024 * 1024, 4 * 1024});
}
