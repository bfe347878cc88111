/* Evidence and decision proofs from anywhere: bounded, and nothing that nobody signed convicts. */
#include "proto/evidence/evidence.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#include "proto/evidence/decision_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool one(sb_slice input)
{
    static const char policy_text[] = "quorum none\n";
    sb_slice bytes = input;
    sb_arena arena;
    sb_evidence_verdict verdict;
    sb_decision_verdict decision;
    sb_tlog_policy policy;
    sb_fail fail = {0};
    sb_arena_init(&arena);
    sb_err err = sb_evidence_judge(bytes, NULL, &arena, &verdict, &fail);
    if (err != fail.code || (err == SB_OK && verdict.convicted_count == 0))
        abort();
    if (sb_tlog_policy_parse(bytes, &arena, &policy, NULL) == SB_OK &&
        policy.quorum != UINT32_MAX &&
        sb_tlog_policy_satisfied(&policy, SB_ARENA_ARRAY(&arena, bool, policy.name_count), &arena))
        abort(); /* by nobody */
    if (sb_tlog_policy_parse(sb_slice_str(policy_text), &arena, &policy, NULL) != SB_OK ||
        sb_decision_proof_judge(bytes, &policy, &arena, &decision, NULL) == SB_OK)
        abort(); /* a policy without logs accepts nothing */
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* the judge refolds what the file holds */
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){8 * 1024 * 1024, 1024});
}
