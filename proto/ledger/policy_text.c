/* The policies that hold for a head as C2SP tlog-policy texts (PROTOCOL.md "Bundle", Policy). */
#include "proto/ledger/actions.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/policy.h"
#include "proto/ledger/query_parts.h"
#include "proto/merkle/tlog_policy.h"
#include "proto/sign/lines.h"

typedef struct writer {
    sb_ledger *l;
    sb_kv *kv;
    sb_arena *arena;
    uint64_t size;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    sb_buf *out;
} writer;

static const char *org_id(const writer *w, uint32_t number)
{
    sb_row_org org = {.no = number};
    return sb_row_org_get(w->kv, w->arena, &org) ? org.id : "?";
}

static void put_witnesses(const writer *w, const sb_policy *p)
{
    for (uint32_t i = 0; i < SB_ORGANISATIONS_MAX; i++) {
        uint8_t pk[32];
        if (!sb_policy_has(p, i) || !sb_witness_of(w->kv, i, w->size, pk))
            continue;
        const char *id = org_id(w, i);
        sb_buf_printf(w->out, "witness %s ", id);
        sb_vkey_add(w->out, sb_slice_str(sb_arena_printf(w->arena, "%s/%s", w->origin, id)),
                    SB_NOTE_TYPE_COSIGNATURE, pk);
        sb_buf_str(w->out, "\n");
    }
}

/* The charter has names for its groups; without them there is one. */
static const char *group_name(const Sb__Charter *charter, uint32_t group)
{
    bool has_groups = charter != NULL && group < charter->policy->n_groups;
    return has_groups ? charter->policy->groups[group]->name : "QUORUM";
}

/* A member is named when it can be met: an organisation that has a witness key there, a group that
 * was named. Else a reader of the text would look for a name that isn't in it. */
static bool is_named(const writer *w, uint32_t member, const bool *named_groups)
{
    uint8_t pk[32];
    return (member & SB_POLICY_GROUP) != 0 ? named_groups[member & ~SB_POLICY_GROUP]
                                           : sb_witness_of(w->kv, member, w->size, pk);
}

static void put_group(const writer *w, const sb_policy *p, uint32_t at, const Sb__Charter *charter,
                      bool *named)
{
    const sb_policy_group *g = &p->groups[at];
    uint32_t count = 0;
    for (uint32_t k = 0; k < g->member_count; k++)
        count += is_named(w, g->members[k], named);
    named[at] = count >= g->threshold;
    if (!named[at])
        return;
    sb_buf_printf(w->out, "group %s %u", group_name(charter, at), g->threshold);
    for (uint32_t k = 0; k < g->member_count; k++)
        if (is_named(w, g->members[k], named))
            sb_buf_printf(w->out, " %s",
                          (g->members[k] & SB_POLICY_GROUP) != 0
                              ? group_name(charter, g->members[k] & ~SB_POLICY_GROUP)
                              : org_id(w, g->members[k]));
    sb_buf_str(w->out, "\n");
}

static void put_groups(const writer *w, const sb_policy *p)
{
    bool named[SB_WITNESS_GROUPS_MAX] = {false};
    const Sb__Charter *charter = sb_charter_of_version(w->kv, w->arena, p->version);
    for (uint32_t i = 0; i < p->group_count; i++)
        put_group(w, p, i, charter, named);
    sb_buf_printf(w->out, "quorum %s\n", group_name(charter, p->group_count - 1));
}

bool sb_ledger_policy_text(sb_ledger *l, uint64_t head_size, uint32_t which, sb_buf *out)
{
    sb_arena arena;
    sb_policies policies;
    sb_ledger_term_info term;
    sb_row_federation f = {0};
    sb_arena_init(&arena);
    writer w = {.l = l, .kv = sb_ledger_kv(l), .arena = &arena, .size = head_size, .out = out};
    sb_policies_hold(w.kv, &arena, head_size, &policies);
    bool found = which < policies.count && sb_row_federation_get(w.kv, &arena, &f) &&
                 sb_ledger_term_get(l, sb_ledger_term_at(l, head_size), &term) &&
                 sb_origin(f.slug, f.id, term.term, w.origin, NULL) == SB_OK;
    if (found) {
        sb_buf_str(out, "log ");
        sb_vkey_add(out, sb_slice_str(w.origin), SB_NOTE_TYPE_LOG, term.log_pk);
        sb_buf_str(out, "\n");
        put_witnesses(&w, &policies.of[which]);
        put_groups(&w, &policies.of[which]);
    }
    sb_arena_deinit(&arena);
    return found;
}

bool sb_ledger_policy_change(sb_ledger *l, uint64_t *index)
{
    sb_row_policy_state row = {.index = SB_NOW}, newer;
    bool found = false;
    uint64_t from = *index;
    if (!sb_row_policy_state_next(sb_ledger_kv(l), NULL, &row, false, 0))
        return false;
    for (newer = row; newer.index >= from; newer = row) { /* from the newest back */
        if (!sb_row_policy_state_next(sb_ledger_kv(l), NULL, &row, false, 0))
            break; /* the founding's */
        if (row.cur != newer.cur || row.next != newer.next) {
            *index = newer.index;
            found = true;
        }
    }
    return found;
}

/* policy [SIZE] */
sb_err sb_query_policy(sb_query *q)
{
    sb_ledger_position at;
    uint64_t size;
    sb_ledger_position_get(q->l, &at);
    size = at.size;
    if (q->argc > 0 && (!sb_decimal_parse(sb_slice_str(q->args[0]), at.size, &size) || size == 0))
        return sb_fail_set(q->fail, SB_E_QUERY_ARGUMENT, q->name, "SIZE", NULL);
    sb_json_object(q->j);
    sb_out_u64(q->j, "size", size);
    sb_json_key(q->j, "texts");
    sb_json_array(q->j);
    for (uint32_t i = 0;; i++) {
        sb_buf text;
        sb_buf_init(&text);
        bool found = sb_ledger_policy_text(q->l, size, i, &text);
        if (found)
            sb_json_str(q->j, sb_buf_slice(&text));
        sb_buf_deinit(&text);
        if (!found)
            break;
    }
    sb_json_end_array(q->j);
    sb_json_end_object(q->j);
    return SB_OK;
}
