/* Charters in YAML from anywhere. What is read is a charter that others accept: it encodes, and the
 * ledger's own check finds nothing. */
#include "nodes/charter/charter.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#include "proto/ledger/charter_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool one(sb_slice input)
{
    sb_arena arena;
    sb_arena_init(&arena);
    const sb_charter_options options = {.rehearsal = true};
    const Sb__Charter *charter = NULL;
    sb_charter_report *report = SB_ARENA_NEW(&arena, sb_charter_report);
    sb_fail fail = {0};
    sb_err err = sb_charter_parse("fuzz", input, &options, &arena, &charter, report, &fail);
    if (err != fail.code || report->count > SB_CHARTER_FINDINGS_MAX)
        abort();
    if (err == SB_OK) {
        sb_buf bytes;
        sb_buf_init(&bytes);
        if (sb_charter_encode(charter, &bytes, &fail) != SB_OK ||
            sb_charter_check(charter, &arena, &fail) != SB_OK) {
            (void)fprintf(stderr, "%s %s %s\n", sb_err_name(fail.code), fail.arg[0], fail.arg[1]);
            abort();
        }
        sb_buf_deinit(&bytes);
    }
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* a charter in YAML: libyaml's events, the tree, the charter */
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){8 * 1024 * 1024, 16 * 1024});
}
