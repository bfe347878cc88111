/* Who is a member, who confirms, who orders: now, beside it, and waiting. */
#include "proto/base/hash.h"
#include "proto/ledger/action_plan.h"
#include "proto/ledger/action_words.h"
#include "proto/ledger/membership.h"
#include "proto/ledger/policy.h"
#include "proto/ledger/query_parts.h"

static const char *org_id(sb_query *q, uint32_t number)
{
    sb_row_org org = {.no = number};
    sb_row_waiting_org waiting = {.no = number};
    if (sb_row_org_get(q->kv, q->arena, &org))
        return org.id;
    return sb_row_waiting_org_get(q->kv, q->arena, &waiting) ? waiting.id : "?";
}

static void put_policy(sb_query *q, const sb_policy *p, const char *holds)
{
    sb_json *j = q->j;
    const Sb__Charter *charter =
        p->version == 0 ? NULL : sb_charter_of_version(q->kv, q->arena, p->version);
    bool named = charter != NULL && charter->policy->n_groups == p->group_count;
    sb_json_object(j);
    sb_out_str(j, "holds", holds);
    sb_out_u64(j, "version", p->version);
    sb_out_u64(j, "members", sb_policy_members(p));
    sb_out_u64(j, "needs", sb_policy_needs(p));
    sb_out_u64(j, "stopped_by", sb_policy_stopped_by(p));
    sb_out_u64(j, "may_lie", sb_policy_may_lie(p));
    sb_out_u64(j, "forked_by", sb_policy_overlap(p));
    sb_json_key(j, "groups");
    sb_json_array(j);
    for (uint32_t i = 0; i < p->group_count; i++) {
        const sb_policy_group *g = &p->groups[i];
        sb_json_object(j);
        sb_out_str(j, "name", named ? charter->policy->groups[i]->name : NULL);
        sb_out_u64(j, "threshold", g->threshold);
        sb_json_key(j, "members");
        sb_json_array(j);
        for (uint32_t k = 0; k < g->member_count; k++) {
            uint32_t place = g->members[k] & ~SB_POLICY_GROUP;
            if ((g->members[k] & SB_POLICY_GROUP) == 0)
                sb_json_cstr(j, org_id(q, g->members[k]));
            else
                sb_json_cstr(j, named ? charter->policy->groups[place]->name
                                      : sb_arena_printf(q->arena, "#%u", (unsigned)place + 1));
        }
        sb_json_end_array(j);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    sb_json_end_object(j);
}

static void put_policies(sb_query *q)
{
    static const char *const holds[] = {"now", "next", "waits"};
    sb_policies hold, all;
    sb_policies_hold(q->kv, q->arena, UINT64_MAX, &hold);
    sb_policies_seal(q->kv, q->arena, UINT64_MAX, &all);
    sb_json_key(q->j, "policies");
    sb_json_array(q->j);
    for (uint32_t i = 0; i < all.count; i++)
        put_policy(q, &all.of[i], i < hold.count ? holds[i] : holds[2]);
    sb_json_end_array(q->j);
}

static void put_pk(sb_query *q, const char *key, const uint8_t pk[32])
{
    sb_json_key(q->j, key);
    sb_json_hex(q->j, sb_slice_of(pk, 32));
}

/* Out: none of its keys is in force any more. */
static const char *state_of(sb_query *q, uint32_t number, const uint8_t authority_pk[32])
{
    sb_row_key key;
    if (!q->charter->organisations[number]->withdrawn)
        return "member";
    bool in_force = sb_key_find(q->kv, authority_pk, &key) && key.status == SB_KEY_IN_FORCE;
    return in_force ? "leaving" : "out";
}

static void put_organisations(sb_query *q)
{
    sb_json *j = q->j;
    sb_row_org org = {.no = 0};
    sb_row_waiting_org waiting = {.no = 0};
    sb_json_key(j, "organisations");
    sb_json_array(j);
    for (bool more = sb_row_org_next(q->kv, q->arena, &org, true, 0); more;
         more = sb_row_org_next(q->kv, q->arena, &org, false, 0)) {
        const Sb__Organisation *words = q->charter->organisations[org.no];
        sb_json_object(j);
        sb_out_str(j, "id", org.id);
        sb_out_str(j, "name", words->name);
        sb_out_str(j, "partner", words->partner);
        sb_out_str(j, "state", state_of(q, org.no, org.authority_pk));
        put_pk(q, "authority_pk", org.authority_pk);
        put_pk(q, "witness_pk", org.witness_pk);
        sb_json_end_object(j);
    }
    for (bool more = sb_row_waiting_org_next(q->kv, q->arena, &waiting, true, 0); more;
         more = sb_row_waiting_org_next(q->kv, q->arena, &waiting, false, 0)) {
        sb_json_object(j);
        sb_out_str(j, "id", waiting.id);
        sb_out_str(j, "name", NULL);
        sb_out_str(j, "partner", NULL);
        sb_out_str(j, "state", "waiting");
        put_pk(q, "authority_pk", waiting.authority_pk);
        put_pk(q, "witness_pk", waiting.witness_pk);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_action(sb_query *q, const sb_row_action *action)
{
    sb_buf text;
    const Sb__ActionPropose *m = sb_action_decode(q->arena, action->payload);
    sb_json_object(q->j);
    sb_out_hash(q->j, "id", action->id);
    sb_out_u64(q->j, "number", action->number);
    for (int lang = 0; m != NULL && lang < 2; lang++) {
        sb_buf_init(&text);
        sb_action_say(&text, lang == 0 ? SB_LANG_NB : SB_LANG_EN, q->charter, action, m);
        sb_out_str(q->j, lang == 0 ? "says_nb" : "says_en", sb_buf_cstr(&text));
        sb_buf_deinit(&text);
    }
    sb_json_end_object(q->j);
}

/* The change that is adopted and unfinished. */
static void put_change(sb_query *q)
{
    sb_json *j = q->j;
    sb_row_membership slot = {.case_no = 0};
    sb_row_policy_state at = {.index = UINT64_MAX};
    bool has_state = sb_row_policy_state_next(q->kv, NULL, &at, true, 0);
    sb_row_case c = {.no = 0};
    sb_json_key(j, "change");
    if (sb_row_membership_get(q->kv, NULL, &slot))
        c.no = slot.case_no;
    if ((c.no == 0 || !sb_row_case_get(q->kv, q->arena, &c)) && (!has_state || at.next == 0)) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_out_str(j, "waits_for",
               has_state && at.next != 0   ? "second_seal"
               : has_state && at.pend != 0 ? "seal"
                                           : "conditions");
    sb_out_some(j, "case", c.no == 0 ? NULL : sb_case_label(q->arena, &c));
    sb_json_key(j, "actions");
    sb_json_array(j);
    sb_row_case_action each = {.case_no = c.no};
    while (c.no != 0 && sb_row_case_action_next(q->kv, NULL, &each, false, 1)) {
        sb_row_action action = {.no = each.action};
        if (sb_row_action_get(q->kv, q->arena, &action) && action.status == SB_ACTION_ADOPTED &&
            sb_action_is_membership((sb_action_kind)action.kind))
            put_action(q, &action);
    }
    sb_json_end_array(j);
    sb_json_end_object(j);
}

static void put_standbys(sb_query *q)
{
    sb_json *j = q->j;
    sb_out_u64(j, "silence_s", q->charter->silence_s);
    sb_json_key(j, "standbys");
    sb_json_array(j);
    for (size_t i = 0; i < q->charter->n_standbys; i++) {
        const Sb__Standby *one = q->charter->standbys[i];
        sb_row_key used;
        sb_json_object(j);
        sb_out_str(j, "id", one->id);
        sb_out_str(j, "address", one->address);
        put_pk(q, "log_pk", one->log_pk.data);
        put_pk(q, "curve_pk", one->curve_pk.data);
        sb_out_bool(j, "used", sb_key_find(q->kv, one->log_pk.data, &used));
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_terms(sb_query *q)
{
    sb_row_term row = {.term = 0};
    sb_json_key(q->j, "terms");
    sb_json_array(q->j);
    while (sb_row_term_next(q->kv, NULL, &row, false, 0)) {
        sb_json_object(q->j);
        sb_out_u64(q->j, "term", row.term);
        sb_out_u64(q->j, "index", row.index);
        put_pk(q, "log_pk", row.log_pk);
        sb_json_end_object(q->j);
    }
    sb_json_end_array(q->j);
}

void sb_query_predecessor(sb_query *q)
{
    sb_json *j = q->j;
    sb_row_predecessor row = {.term = 0};
    sb_row_lost lost = {.n = 0};
    sb_json_key(j, "predecessor");
    if (!sb_row_predecessor_get(q->kv, NULL, &row)) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_out_hash(j, "federation_id", row.federation_id);
    sb_out_u64(j, "term", row.term);
    sb_out_u64(j, "size", row.size);
    sb_out_hash(j, "root", row.root);
    sb_json_key(j, "lost");
    sb_json_array(j);
    while (sb_row_lost_next(q->kv, q->arena, &lost, false, 0))
        sb_json_cstr(j, lost.text);
    sb_json_end_array(j);
    sb_json_end_object(j);
}

sb_err sb_query_membership(sb_query *q)
{
    sb_json_object(q->j);
    put_organisations(q);
    put_policies(q);
    put_change(q);
    put_standbys(q);
    put_terms(q);
    sb_query_predecessor(q);
    sb_json_end_object(q->j);
    return SB_OK;
}
