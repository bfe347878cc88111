/* What an organisation accepts, stores and sends (DESIGN §4), and what follows from a history. */
#include "tests/model/model.h"

#include <assert.h>
#include <string.h>

void sb_model_genesis(const sb_cfg *cfg, sb_state *state)
{
    memset(state, 0, sizeof *state);
    state->count = 1;
    state->node[0].cos = sb_honest(cfg);
    for (int i = 0; i < cfg->orgs; i++) {
        sb_org *org = &state->org[i];
        org->mem.promised = org->mem.seal_term = 1;
        org->disk = org->mem;
        memset(org->pseal, SB_NONE, sizeof org->pseal);
        memset(org->plast, SB_NONE, sizeof org->plast);
        memset(org->pseal_term, SB_NONE, sizeof org->pseal_term);
    }
}

uint8_t sb_model_append(sb_state *state, uint8_t parent, sb_leaf kind, uint8_t arg, uint8_t term)
{
    assert(state->count < SB_MODEL_NODES);
    state->node[state->count] = (sb_node){parent, (uint8_t)kind, arg, term, 0};
    return state->count++;
}

/* More than two thirds of the organisations, counted by organisation. */
static bool quorum(const sb_cfg *cfg, unsigned orgs, unsigned members)
{
    unsigned have = sb_ones(orgs & members);
    if (sb_is_wrong(cfg, SB_WRONG_QUORUM_BY_KEY))
        have += sb_ones(orgs & members & cfg->liars);
    return 3 * have > 2 * sb_ones(members);
}

bool sb_model_satisfied(const sb_cfg *cfg, uint8_t orgs, const uint8_t policies[3])
{
    for (int i = 0; i < 3; i++)
        if (policies[i] != SB_NONE && !quorum(cfg, orgs, cfg->policy[policies[i]]))
            return false;
    return true;
}

/* What SEAL(sealed), a leaf at index at, does to the policy. */
static void seal_policy(sb_policy *policy, uint8_t sealed_size, uint8_t at)
{
    if (policy->next != SB_NONE && sealed_size >= policy->start) {
        policy->cur = policy->next;
        policy->next = SB_NONE;
    } else if (policy->pending != SB_NONE && sealed_size >= policy->pending_at) {
        policy->next = policy->pending;
        policy->pending = SB_NONE;
        policy->start = at;
    }
}

static sb_policy policy_of(const sb_cfg *cfg, const sb_node *node, sb_policy policy, uint8_t size)
{
    switch ((sb_leaf)node->kind) {
    case SB_LEAF_GENESIS:
        policy = (sb_policy){0, SB_NONE, 0, SB_NONE, 0};
        break;
    case SB_LEAF_CHANGE:
        policy.pending = node->arg;
        policy.pending_at = size;
        break;
    case SB_LEAF_WITHDRAW:
        policy.pending = SB_NONE;
        break;
    case SB_LEAF_HANDOVER:
        seal_policy(&policy, sb_is_wrong(cfg, SB_WRONG_KEPT_IS_SEALED) ? size : node->arg, size);
        break;
    case SB_LEAF_SEAL:
        seal_policy(&policy, node->arg, size);
        break;
    case SB_LEAF_ENTRY:
        break;
    }
    return policy;
}

/* Who must have cosigned a head of this policy for it to be certified: old and new both. */
static void holds(const sb_cfg *cfg, sb_policy policy, uint8_t out[3])
{
    out[0] = policy.cur;
    out[1] = policy.next;
    out[2] = SB_NONE;
    if (sb_is_wrong(cfg, SB_WRONG_OLD_UNTIL_FINAL))
        out[1] = SB_NONE;
    if (sb_is_wrong(cfg, SB_WRONG_NEW_AT_SEAL) && policy.next != SB_NONE)
        out[0] = SB_NONE;
}

uint8_t sb_model_prefix(const sb_state *state, const sb_view *view, uint8_t node, uint8_t size)
{
    while (view->size[node] > size)
        node = state->node[node].parent;
    return node;
}

void sb_model_view_node(const sb_cfg *cfg, const sb_state *state, sb_view *view, uint8_t node)
{
    const sb_node *n = &state->node[node];
    uint8_t up = n->parent;
    view->above[node] = 1u << node | (node ? view->above[up] : 0);
    view->size[node] = (uint8_t)(node ? view->size[up] + 1 : 0);
    view->term[node] = n->kind == SB_LEAF_HANDOVER ? n->term : node ? view->term[up] : 1;
    view->policy[node] = policy_of(cfg, n, view->policy[up], view->size[node]);
    view->certified[node] = view->sealable[node] = false;
    view->final_term[node] = 0;
}

/* A head is final when a certified head of its own term contains its SEAL. */
static void view_final(const sb_cfg *cfg, const sb_state *state, sb_view *view)
{
    for (uint8_t i = 1; i < state->count; i++) {
        const sb_node *n = &state->node[i];
        if (sb_is_wrong(cfg, SB_WRONG_ONE_ROUND) && view->certified[i])
            view->final_term[i] = view->term[i];
        if (n->kind != SB_LEAF_SEAL)
            continue;
        uint8_t sealed = sb_model_prefix(state, view, i, n->arg);
        for (uint8_t j = i; j < state->count; j++)
            if (view->certified[j] && sb_extends(view, j, i) &&
                (view->term[j] == view->term[i] || sb_is_wrong(cfg, SB_WRONG_FINAL_ACROSS)))
                view->final_term[sealed] = view->term[i];
    }
}

void sb_model_view(const sb_cfg *cfg, const sb_state *state, uint8_t counted, sb_view *view)
{
    memset(view, 0, sizeof *view);
    view->policy[0].next = view->policy[0].pending = SB_NONE;
    for (uint8_t i = 0; i < state->count; i++) {
        sb_model_view_node(cfg, state, view, i);
        uint8_t cosigners = state->node[i].cos | counted, who[3];
        holds(cfg, view->policy[i], who);
        view->certified[i] = sb_model_satisfied(cfg, cosigners, who);
        if (!sb_is_wrong(cfg, SB_WRONG_SEAL_OLD_ONLY) && !sb_is_wrong(cfg, SB_WRONG_SEAL_AT_LEAF))
            who[2] = view->policy[i].pending;
        view->sealable[i] = i > 0 && sb_model_satisfied(cfg, cosigners, who);
    }
    view_final(cfg, state, view);
}

sb_policy sb_model_after(const sb_view *view, uint8_t sealed)
{
    sb_policy policy = view->policy[sealed];
    seal_policy(&policy, view->size[sealed], (uint8_t)(view->size[sealed] + 1));
    return policy;
}

bool sb_model_may_seal(const sb_cfg *cfg, const sb_state *state, const sb_view *view,
                       uint8_t parent, uint8_t sealed)
{
    if (!view->sealable[sealed] || !sb_extends(view, parent, sealed))
        return false;
    if (view->term[sealed] != view->term[parent] && !sb_is_wrong(cfg, SB_WRONG_SEAL_OLD_TERM))
        return false;
    if (sb_is_wrong(cfg, SB_WRONG_SEAL_AT_LEAF) && view->policy[parent].pending != SB_NONE &&
        view->policy[sealed].pending != SB_NONE) {
        uint8_t who[3] = {SB_NONE, SB_NONE, view->policy[sealed].pending};
        if (!sb_model_satisfied(cfg, state->node[sealed].cos | cfg->liars, who))
            return false;
    }
    for (uint8_t n = parent; n > 0 && view->term[n] == view->term[parent];
         n = state->node[n].parent)
        if (state->node[n].kind == SB_LEAF_SEAL && state->node[n].arg >= view->size[sealed])
            return false; /* sealed heads rise */
    return true;
}

/* ---- the record ---- */

static bool ranks_higher(const sb_cfg *cfg, const sb_view *view, uint8_t a, uint8_t a_term,
                         uint8_t b, uint8_t b_term)
{
    if (!sb_is_wrong(cfg, SB_WRONG_RANK_LEAF_TERM)) {
        a_term = view->term[a];
        b_term = view->term[b];
    }
    if (a_term != b_term && !sb_is_wrong(cfg, SB_WRONG_RANK_SIZE))
        return a_term > b_term;
    return view->size[a] > view->size[b];
}

/* The highest SEAL on the way from genesis to node, into record where it is higher. */
static void raise_seal(const sb_cfg *cfg, const sb_state *state, const sb_view *view, uint8_t node,
                       bool handovers, sb_record *record)
{
    for (uint8_t n = node; n > 0; n = state->node[n].parent) {
        const sb_node *leaf = &state->node[n];
        if (leaf->kind != SB_LEAF_SEAL && !(leaf->kind == SB_LEAF_HANDOVER && handovers))
            continue;
        uint8_t sealed = sb_model_prefix(state, view, n, leaf->arg);
        if (ranks_higher(cfg, view, sealed, view->term[n], record->seal, record->seal_term)) {
            record->seal = sealed;
            record->seal_term = sb_is_wrong(cfg, SB_WRONG_RANK_LEAF_TERM) ? view->term[n] : 1;
        }
    }
}

bool sb_model_may_cosign(const sb_cfg *cfg, const sb_state *state, const sb_view *view, uint8_t org,
                         uint8_t node)
{
    const sb_record *record = &state->org[org].mem;
    uint8_t term = view->term[node], last_term = view->term[record->last];
    if (term < record->promised && !sb_is_wrong(cfg, SB_WRONG_OLD_AFTER_PROMISE))
        return false;
    if (term < last_term)
        return false;
    return term > last_term || sb_extends(view, node, record->last);
}

void sb_model_cosign(const sb_cfg *cfg, sb_state *state, const sb_view *view, uint8_t org,
                     uint8_t node)
{
    sb_org *o = &state->org[org];
    o->mem.last = node;
    raise_seal(cfg, state, view, node, true, &o->mem);
    uint8_t stored_last = o->disk.last;
    o->disk = o->mem;
    if (sb_is_wrong(cfg, SB_WRONG_LAST_UNSTORED))
        o->disk.last = stored_last;
    /* who cosigns a head would have cosigned the heads before it: the most a broker can get */
    for (uint8_t n = node; view->term[n] == view->term[node]; n = state->node[n].parent) {
        state->node[n].cos |= (uint8_t)(1u << org);
        if (n == 0 || cfg->honest)
            break;
    }
}

void sb_model_hold(const sb_cfg *cfg, sb_state *state, const sb_view *view, uint8_t org,
                   uint8_t node)
{
    sb_org *o = &state->org[org];
    raise_seal(cfg, state, view, node, true, &o->mem);
    o->disk.seal = o->mem.seal;
    o->disk.seal_term = o->mem.seal_term;
}

bool sb_model_may_promise(const sb_state *state, const sb_view *view, uint8_t org, uint8_t term)
{
    const sb_record *record = &state->org[org].mem;
    uint8_t last_term = view->term[record->last];
    return term > record->promised && term > last_term;
}

void sb_model_promise(const sb_cfg *cfg, sb_state *state, const sb_view *view, uint8_t org,
                      uint8_t term)
{
    sb_org *o = &state->org[org];
    sb_record said = o->mem;
    if (sb_is_wrong(cfg, SB_WRONG_SEAL_FROM_LOG)) {
        said.seal = 0;
        raise_seal(cfg, state, view, o->mem.last, false, &said);
    }
    o->pseal[term] = said.seal;
    o->pseal_term[term] = said.seal_term;
    o->plast[term] = said.last;
    o->mem.promised = term;
    if (!sb_is_wrong(cfg, SB_WRONG_PROMISE_UNSTORED))
        o->disk.promised = term;
}
