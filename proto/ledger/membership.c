/* One change of organisations or witnessing on its way, and MEMBERSHIP_WITHDRAW (DESIGN §4). */
#include "proto/ledger/membership.h"

#include "proto/base/hash.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/policy.h"
#include "proto/sign/sign.h"

/* ---- whose turn it is ---- */

static uint32_t case_of(sb_kv *kv)
{
    sb_row_membership row = {.case_no = 0};
    return sb_row_membership_get(kv, NULL, &row) ? row.case_no : 0;
}

static bool state_now(sb_kv *kv, sb_row_policy_state *out)
{
    *out = (sb_row_policy_state){.index = UINT64_MAX};
    return sb_row_policy_state_next(kv, NULL, out, true, 0);
}

sb_err sb_membership_free_need(sb_step *s, sb_fail *fail)
{
    sb_row_policy_state at;
    sb_row_case c = {.no = case_of(s->kv)};
    bool changing = state_now(s->kv, &at) && (at.next != 0 || at.pend != 0);
    if (c.no == 0 && !changing)
        return SB_OK;
    const char *label =
        c.no != 0 && sb_row_case_get(s->kv, s->arena, &c) ? sb_case_label(s->arena, &c) : "";
    return sb_fail_set(fail, SB_E_LEDGER_MEMBERSHIP_WAITS, label, NULL);
}

void sb_membership_take(sb_step *s, uint32_t case_no)
{
    sb_row_membership row = {.case_no = case_no};
    sb_row_membership_put(s->kv, &row);
}

bool sb_membership_is(sb_step *s, uint32_t case_no)
{
    return case_of(s->kv) == case_no;
}

/* ---- it waits ---- */

static void enrol_waiting(sb_step *s, ProtobufCBinaryData pk, sb_key_kind kind, uint32_t org)
{
    sb_row_key key;
    if (!sb_key_find(s->kv, pk.data, &key)) {
        (void)sb_key_add(s->kv, pk.data, kind, org);
        (void)sb_key_find(s->kv, pk.data, &key);
    }
    key.status = SB_KEY_WAITING;
    key.org = org;
    sb_row_key_put(s->kv, &key);
}

static void admit_waiting(sb_step *s, const Sb__Charter *next, const Sb__GenesisOrganisation *keys)
{
    sb_row_waiting_org row = {.no = sb_org_find(next, keys->id), .id = keys->id};
    memcpy(row.authority_pk, keys->authority_pk.data, 32);
    memcpy(row.witness_pk, keys->witness_pk.data, 32);
    memcpy(row.recovery_pk, keys->recovery_pk.data, 32);
    memcpy(row.curve_pk, keys->curve_pk.data, 32);
    sb_row_waiting_org_put(s->kv, &row);
    enrol_waiting(s, keys->authority_pk, SB_KEY_KIND_AUTHORITY, row.no);
    enrol_waiting(s, keys->witness_pk, SB_KEY_KIND_WITNESS, row.no);
    enrol_waiting(s, keys->recovery_pk, SB_KEY_KIND_RECOVERY, row.no);
    sb_witness_begin(s, row.witness_pk, row.no);
}

void sb_membership_pend(sb_step *s, const sb_action_plan *plan,
                        const Sb__ActionPropose *const *changes, size_t count)
{
    sb_row_policy_state at;
    sb_policy policy;
    if (!state_now(s->kv, &at))
        return;
    sb_policy_of_charter(plan->charter, s->arena, &policy);
    at.index = s->index;
    at.pend = sb_policy_put(s, &policy, 0);
    at.pend_at = s->index;
    sb_row_policy_state_put(s->kv, &at);
    for (size_t i = 0; i < count; i++)
        if (sb_action_kind_of(changes[i]) == SB_ACTION_ORGANISATION)
            admit_waiting(s, plan->charter, changes[i]->organisation->keys);
}

/* ---- it ends ---- */

void sb_membership_end(sb_step *s)
{
    sb_row_policy_state at;
    sb_row_membership slot = {.case_no = 0};
    sb_row_membership_del(s->kv, &slot);
    if (!state_now(s->kv, &at) || at.pend == 0)
        return;
    at.index = s->index;
    at.pend = 0;
    at.pend_at = 0;
    sb_row_policy_state_put(s->kv, &at);
    sb_row_waiting_org row = {.no = 0};
    for (bool more = sb_row_waiting_org_next(s->kv, s->arena, &row, true, 0); more;
         more = sb_row_waiting_org_next(s->kv, s->arena, &row, false, 0)) {
        sb_witness_end(s, row.witness_pk);
        sb_row_waiting_org_del(s->kv, &row);
    }
}

/* ---- it acts ---- */

static void enrol(sb_step *s, const uint8_t pk[32])
{
    sb_row_key key;
    if (!sb_key_find(s->kv, pk, &key))
        return;
    key.status = SB_KEY_IN_FORCE;
    sb_row_key_put(s->kv, &key);
}

void sb_membership_act(sb_step *s, const Sb__ActionPropose *m)
{
    if (sb_action_kind_of(m) != SB_ACTION_ORGANISATION)
        return;
    const Sb__GenesisOrganisation *keys = m->organisation->keys;
    sb_row_org org = {.no = sb_org_find(s->charter, keys->id), .id = keys->id, .accepted = 1};
    memcpy(org.authority_pk, keys->authority_pk.data, 32);
    memcpy(org.witness_pk, keys->witness_pk.data, 32);
    memcpy(org.recovery_pk, keys->recovery_pk.data, 32);
    memcpy(org.curve_pk, keys->curve_pk.data, 32);
    sb_row_org_put(s->kv, &org);
    enrol(s, org.authority_pk);
    enrol(s, org.witness_pk);
    enrol(s, org.recovery_pk);
    sb_row_waiting_org row = {.no = org.no};
    sb_row_waiting_org_del(s->kv, &row);
}

void sb_membership_done(sb_step *s, uint32_t policy)
{
    sb_row_policy row = {.no = policy};
    sb_row_federation f = {0};
    sb_row_membership slot = {.case_no = 0};
    sb_row_membership_del(s->kv, &slot);
    if (!sb_row_policy_get(s->kv, s->arena, &row) || !sb_row_federation_get(s->kv, s->arena, &f))
        return;
    row.version = f.charter_version;
    sb_row_policy_put(s->kv, &row);
}

static void put_out_of_force(sb_step *s, const uint8_t pk[32])
{
    sb_row_key key;
    if (!sb_key_find(s->kv, pk, &key) || key.status != SB_KEY_IN_FORCE)
        return;
    key.status = SB_KEY_REVOKED;
    sb_row_key_put(s->kv, &key);
    if (key.kind == SB_KEY_KIND_WITNESS)
        sb_witness_end(s, pk);
}

void sb_membership_retire(sb_step *s)
{
    for (uint32_t i = 0; i < s->charter->n_organisations; i++) {
        sb_row_org org = {.no = i};
        if (!s->charter->organisations[i]->withdrawn || !sb_row_org_get(s->kv, s->arena, &org))
            continue;
        put_out_of_force(s, org.authority_pk);
        put_out_of_force(s, org.witness_pk);
        put_out_of_force(s, org.recovery_pk);
    }
}

/* ---- MEMBERSHIP_WITHDRAW ---- */

static sb_err refuse_key(sb_step *s, sb_err code, ProtobufCBinaryData pk)
{
    char hex[17];
    sb_hex(sb_slice_of(pk.data, 8), hex);
    return sb_fail_set(s->fail, code, hex, NULL);
}

/* The action, of the change that is adopted and doesn't act yet. */
static sb_err action_need(sb_step *s, const Sb__MembershipWithdraw *m, sb_row_action *out)
{
    sb_err err = sb_ref_need(s, m->action_id, SB_REF_ACTION, &out->no);
    if (err != SB_OK)
        return err;
    if (!sb_row_action_get(s->kv, s->arena, out) ||
        !sb_action_is_membership((sb_action_kind)out->kind) || out->status != SB_ACTION_ADOPTED ||
        !sb_membership_is(s, out->case_no))
        return sb_fail_set(s->fail, SB_E_LEDGER_MEMBERSHIP_NOT_WAITING, NULL);
    return SB_OK;
}

/* Each an authority key in force whose signature holds; together they satisfy the policy that
 * holds. */
static sb_err check_statements(sb_step *s, const Sb__MembershipWithdraw *m)
{
    bool signed_by[SB_ORGANISATIONS_MAX] = {false};
    for (size_t i = 0; i < m->n_statements; i++) {
        const Sb__Statement *one = m->statements[i];
        sb_row_key key;
        if (i > 0 && memcmp(m->statements[i - 1]->pk.data, one->pk.data, 32) >= 0)
            return refuse_key(s, SB_E_LEDGER_STATEMENT_ORDER, one->pk);
        if (!sb_key_find(s->kv, one->pk.data, &key) || key.kind != SB_KEY_KIND_AUTHORITY ||
            key.status != SB_KEY_IN_FORCE || key.org >= SB_ORGANISATIONS_MAX)
            return refuse_key(s, SB_E_LEDGER_STATEMENT_KEY, one->pk);
        if (!sb_withdraw_verify(s->ledger->federation.id, m->action_id.data, one->pk.data,
                                one->signature.data))
            return refuse_key(s, SB_E_LEDGER_STATEMENT, one->pk);
        signed_by[key.org] = true;
    }
    sb_policies old;
    uint32_t have = 0, needed = 0;
    sb_policies_hold(s->kv, s->arena, UINT64_MAX, &old);
    if (sb_policies_satisfied(&old, signed_by, SB_ORGANISATIONS_MAX, &have, &needed))
        return SB_OK;
    return sb_fail_num(s->fail, SB_E_LEDGER_WITHDRAW_QUORUM, 2, have, needed);
}

sb_err sb_check_membership_withdraw(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MembershipWithdraw *m = (const void *)message;
    const sb_scope scope = {.body = SB_NONE};
    sb_row_action action;
    sb_err err = sb_may(s, &scope);
    if (err == SB_OK)
        err = action_need(s, m, &action);
    return err == SB_OK ? check_statements(s, m) : err;
}

void sb_apply_membership_withdraw(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MembershipWithdraw *m = (const void *)message;
    sb_row_action action;
    if (action_need(s, m, &action) == SB_OK)
        sb_membership_give_up(s, action.case_no, SB_E_LEDGER_MEMBERSHIP_WITHDRAWN);
}
