/* C2SP policies and verifier keys as texts: what is accepted is bounded and acyclic, nobody makes no
 * quorum, everybody makes every quorum, and one more cosigner never unmakes one. */
#include <stdlib.h>

#include "proto/merkle/tlog_policy.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const sb_tlog_policy *p, sb_slice text, sb_arena *arena)
{
    sb_fuzz_must(p->log_count <= SB_TLOG_POLICY_LOGS_MAX &&
                 p->name_count <= SB_TLOG_POLICY_NAMES_MAX);
    sb_fuzz_must(p->quorum == UINT32_MAX || p->quorum < p->name_count);
    for (uint32_t i = 0; i < p->name_count; i++)
        for (uint32_t k = 0; k < p->names[i].member_count; k++)
            sb_fuzz_must(p->names[i].members[k] < i);
    bool *some = SB_ARENA_ARRAY(arena, bool, p->name_count + 1);
    bool before = sb_tlog_policy_satisfied(p, some, arena);
    sb_fuzz_must(before == (p->quorum == UINT32_MAX));
    for (uint32_t i = 0; i < p->name_count; i++) {
        if (p->names[i].is_group)
            continue;
        some[i] = true;
        bool now = sb_tlog_policy_satisfied(p, some, arena);
        sb_fuzz_must(now || !before);
        before = now;
        if (i % 8 == 0)
            sb_arena_alloc(arena, 0);
    }
    sb_fuzz_must(before);
    sb_checkpoint head;
    (void)sb_tlog_policy_verify(p, text, arena, &head, some, NULL);
    (void)sb_tlog_policy_log(p, "samband/x/0011223344556677/1");
}

static void check_vkey(sb_slice text)
{
    static const uint8_t TYPES[] = {SB_NOTE_TYPE_LOG, 0x04};
    sb_slice name;
    uint8_t pk[32];
    for (size_t i = 0; i < sizeof TYPES; i++) {
        sb_buf again;
        if (!sb_vkey_parse(text, TYPES[i], &name, pk))
            continue;
        sb_buf_init(&again);
        sb_vkey_add(&again, name, TYPES[i], pk);
        sb_fuzz_must(sb_slice_eq(sb_buf_slice(&again), text));
        sb_buf_deinit(&again);
    }
}

static bool one(sb_slice input)
{
    sb_arena arena;
    sb_tlog_policy policy = {0};
    sb_fail fail = {0};
    sb_arena_init(&arena);
    sb_err err = sb_tlog_policy_parse(input, &arena, &policy, &fail);
    sb_fuzz_must(err == fail.code);
    if (err == SB_OK)
        check(&policy, input, &arena);
    check_vkey(input);
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){1024 * 1024, 2048});
}
