/* Who is one of us, and may connect (PROTOCOL.md "Links"). */
#include "proto/ledger/action_plan.h"
#include "proto/ledger/actions.h"
#include "proto/ledger/machine.h"

/* The adopted change takes it out, and waits for nothing but the SEAL. */
static bool is_leaving(sb_ledger *l, const char *id, uint64_t *index)
{
    sb_kv *kv = sb_ledger_kv(l);
    sb_row_membership slot = {.case_no = 0};
    sb_row_policy_state at = {.index = UINT64_MAX};
    if (!sb_row_membership_get(kv, NULL, &slot) || slot.case_no == 0 ||
        !sb_row_policy_state_next(kv, NULL, &at, true, 0) || at.pend == 0)
        return false;
    *index = at.pend_at;
    sb_row_case_action each = {.case_no = slot.case_no};
    while (sb_row_case_action_next(kv, NULL, &each, false, 1)) {
        sb_row_action action = {.no = each.action};
        if (!sb_row_action_get(kv, &l->arena, &action) || action.status != SB_ACTION_ADOPTED ||
            action.kind != SB_ACTION_ORGANISATION_REMOVE)
            continue;
        const Sb__ActionPropose *m = sb_action_decode(&l->arena, action.payload);
        if (m != NULL && m->action_case == SB__ACTION_PROPOSE__ACTION_ORGANISATION_REMOVE &&
            strcmp(m->organisation_remove->organisation, id) == 0)
            return true;
    }
    return false;
}

sb_ledger_standing sb_ledger_org_standing(sb_ledger *l, const char *id, uint64_t *index)
{
    const Sb__Charter *charter = sb_ledger_charter(l);
    sb_row_charter_version version = {.version = l->federation.charter_version};
    sb_arena_reset(&l->arena);
    for (size_t i = 0; charter != NULL && i < charter->n_organisations; i++) {
        if (strcmp(charter->organisations[i]->id, id) != 0)
            continue;
        if (!charter->organisations[i]->withdrawn)
            return is_leaving(l, id, index) ? SB_STANDING_LEAVING : SB_STANDING_MEMBER;
        *index = sb_row_charter_version_get(sb_ledger_kv(l), NULL, &version) ? version.index : 0;
        return SB_STANDING_OUT;
    }
    return SB_STANDING_MEMBER;
}

size_t sb_ledger_curve_keys(sb_ledger *l, uint8_t out[SB_LEDGER_CURVE_KEYS_MAX][32])
{
    const Sb__Charter *charter = sb_ledger_charter(l);
    uint32_t organisations = sb_ledger_org_count(l);
    sb_ledger_org org;
    size_t count = 0;
    for (uint32_t i = 0; i < organisations && count < SB_LEDGER_CURVE_KEYS_MAX; i++)
        if (sb_ledger_org_is_in(l, i) && sb_ledger_org_get(l, i, &org))
            memcpy(out[count++], org.curve_pk, 32);
    for (uint32_t i = 0; count < SB_LEDGER_CURVE_KEYS_MAX && sb_ledger_waiting_org(l, i, &org); i++)
        memcpy(out[count++], org.curve_pk, 32);
    for (size_t i = 0;
         charter != NULL && i < charter->n_standbys && count < SB_LEDGER_CURVE_KEYS_MAX; i++)
        if (charter->standbys[i]->curve_pk.len == 32)
            memcpy(out[count++], charter->standbys[i]->curve_pk.data, 32);
    return count;
}
