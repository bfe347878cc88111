/* Terms of the log: who orders it since which leaf, and which SEALs are a term's own (DESIGN §4). */
#include "proto/ledger/machine.h"
#include "proto/ledger/policy.h"
#include "proto/wire/promise.h"

bool sb_ledger_term_get(sb_ledger *l, uint32_t term, sb_ledger_term_info *out)
{
    sb_row_term row = {.term = term};
    if (!sb_row_term_get(sb_ledger_kv(l), NULL, &row))
        return false;
    *out = (sb_ledger_term_info){.term = term, .index = row.index};
    memcpy(out->log_pk, row.log_pk, 32);
    return true;
}

/* The term of a head of `size` leaves: the last that begins in it. Terms are few. */
static bool term_of(sb_kv *kv, uint64_t size, sb_row_term *out)
{
    bool found = false;
    sb_row_term row = {.term = 0};
    while (sb_row_term_next(kv, NULL, &row, false, 0) && row.index < size) {
        *out = row;
        found = true;
    }
    return found;
}

uint32_t sb_ledger_term_at(sb_ledger *l, uint64_t head_size)
{
    sb_row_term row;
    return term_of(sb_ledger_kv(l), head_size, &row) ? row.term : 0;
}

uint64_t sb_term_since(sb_kv *kv, uint64_t size)
{
    sb_row_term row;
    return term_of(kv, size, &row) ? row.index : 0;
}

bool sb_ledger_seal_before(sb_ledger *l, uint64_t size, uint64_t *seal_index, uint64_t *sealed_size)
{
    sb_row_seal row = {.index = size};
    if (size == 0 || !sb_row_seal_next(sb_ledger_kv(l), NULL, &row, false, 0) ||
        row.index < sb_term_since(sb_ledger_kv(l), size))
        return false;
    *seal_index = row.index;
    *sealed_size = row.size;
    return true;
}

bool sb_ledger_last_seal(sb_ledger *l, uint64_t *seal_index, uint64_t *sealed_size)
{
    sb_row_seal row = {.index = l->position.size};
    if (!sb_row_seal_next(sb_ledger_kv(l), NULL, &row, true, 0))
        return false;
    *seal_index = row.index;
    *sealed_size = row.size;
    return true;
}

/* ---- who confirms ---- */

static void confirmed_by(sb_kv *kv, uint64_t size, const uint8_t (*witness_pks)[32], size_t count,
                         bool confirmed[SB_ORGANISATIONS_MAX])
{
    for (size_t i = 0; i < count; i++) {
        uint32_t org;
        if (sb_witness_at(kv, witness_pks[i], size, &org) && org < SB_ORGANISATIONS_MAX)
            confirmed[org] = true;
    }
}

/* By the policies that `find` gives for a head of `size` leaves. */
static bool satisfied(sb_kv *kv, uint64_t size,
                      void (*find)(sb_kv *, sb_arena *, uint64_t, sb_policies *),
                      const bool confirmed[SB_ORGANISATIONS_MAX], uint32_t *have, uint32_t *needed)
{
    sb_arena arena;
    sb_policies policies;
    sb_arena_init(&arena);
    find(kv, &arena, size, &policies);
    bool yes = sb_policies_satisfied(&policies, confirmed, SB_ORGANISATIONS_MAX, have, needed);
    sb_arena_deinit(&arena);
    return yes;
}

bool sb_ledger_quorum(sb_ledger *l, uint64_t head_size, const uint8_t (*witness_pks)[32],
                      size_t count, uint32_t *have, uint32_t *needed)
{
    bool confirmed[SB_ORGANISATIONS_MAX] = {false};
    sb_kv *kv = sb_ledger_kv(l);
    confirmed_by(kv, head_size, witness_pks, count, confirmed);
    return satisfied(kv, head_size, sb_policies_hold, confirmed, have, needed);
}

bool sb_ledger_quorum_seal(sb_ledger *l, uint64_t head_size, const uint8_t (*witness_pks)[32],
                           size_t count, uint32_t *have, uint32_t *needed)
{
    bool confirmed[SB_ORGANISATIONS_MAX] = {false};
    sb_kv *kv = sb_ledger_kv(l);
    confirmed_by(kv, head_size, witness_pks, count, confirmed);
    return satisfied(kv, head_size, sb_policies_seal, confirmed, have, needed);
}

bool sb_ledger_quorum_handover(sb_ledger *l, uint64_t sealed_size, const uint8_t (*witness_pks)[32],
                               size_t count, uint32_t *have, uint32_t *needed)
{
    bool promised[SB_ORGANISATIONS_MAX] = {false};
    sb_kv *kv = sb_ledger_kv(l);
    confirmed_by(kv, sealed_size, witness_pks, count, promised);
    return satisfied(kv, sealed_size, sb_policies_after, promised, have, needed);
}

bool sb_ledger_handover_promised(sb_ledger *l, uint64_t size, const Sb__Handover *m)
{
    bool promised[SB_ORGANISATIONS_MAX] = {false};
    sb_kv *kv = sb_ledger_kv(l);
    uint8_t federation_id[32];
    if (!sb_ledger_federation_id(l, federation_id))
        return false;
    for (size_t i = 0; i < m->n_promises; i++) {
        const Sb__Promised *row = m->promises[i];
        uint32_t org;
        if (sb_witness_at(kv, row->witness_pk.data, size, &org) && org < SB_ORGANISATIONS_MAX &&
            !promised[org])
            promised[org] = sb_handover_promise_verify(federation_id, m, row);
    }
    return satisfied(kv, size, sb_policies_hold, promised, NULL, NULL);
}

bool sb_ledger_handover_borne(sb_ledger *l, uint64_t sealed_size, const uint8_t (*witness_pks)[32],
                              size_t count)
{
    bool cosigned[SB_ORGANISATIONS_MAX] = {false}, yes = true;
    sb_arena arena;
    sb_policies after;
    sb_arena_init(&arena);
    sb_policies_after(sb_ledger_kv(l), &arena, sealed_size, &after);
    confirmed_by(sb_ledger_kv(l), sealed_size, witness_pks, count, cosigned);
    for (uint32_t i = 0; i < after.count; i++)
        yes = yes && sb_policy_have(&after.of[i], cosigned, SB_ORGANISATIONS_MAX) >
                         sb_policy_may_lie(&after.of[i]);
    sb_arena_deinit(&arena);
    return yes;
}

bool sb_ledger_policy_waits(sb_ledger *l)
{
    sb_row_policy_state at = {.index = UINT64_MAX};
    return sb_row_policy_state_next(sb_ledger_kv(l), NULL, &at, true, 0) && at.next != 0;
}

bool sb_ledger_waiting_org(sb_ledger *l, uint32_t number, sb_ledger_org *out)
{
    sb_row_waiting_org row = {.no = 0};
    sb_arena arena;
    sb_arena_init(&arena);
    *out = (sb_ledger_org){0};
    bool found = sb_row_waiting_org_next(sb_ledger_kv(l), &arena, &row, true, 0);
    for (uint32_t i = 0; found && i < number; i++)
        found = sb_row_waiting_org_next(sb_ledger_kv(l), &arena, &row, false, 0);
    if (found) {
        out->number = row.no;
        memcpy(out->id, row.id, strlen(row.id) + 1);
        memcpy(out->authority_pk, row.authority_pk, 32);
        memcpy(out->witness_pk, row.witness_pk, 32);
        memcpy(out->recovery_pk, row.recovery_pk, 32);
        memcpy(out->curve_pk, row.curve_pk, 32);
    }
    sb_arena_deinit(&arena);
    return found;
}

bool sb_ledger_witness_at(sb_ledger *l, const uint8_t pk[32], uint64_t size)
{
    uint32_t number;
    return sb_witness_at(sb_ledger_kv(l), pk, size, &number);
}

bool sb_ledger_witness(sb_ledger *l, const uint8_t pk[32], sb_ledger_org *out)
{
    uint32_t number;
    if (!sb_witness_at(sb_ledger_kv(l), pk, UINT64_MAX, &number))
        return false;
    if (sb_ledger_org_get(l, number, out))
        return true;
    for (uint32_t i = 0; sb_ledger_waiting_org(l, i, out); i++)
        if (out->number == number)
            return true;
    return false;
}
