/* What can happen where the brokers don't lie: they and messages may be lost, at any moment, standbys
 * may ask too early or two at a time, and one organisation still lies. */
#include "tests/model/model.h"

#include <string.h>

typedef struct {
    const sb_cfg *cfg;
    const sb_state *state;
    sb_view view;  /* with what the liars may add */
    sb_view alone; /* with the honest's cosignatures alone */
    sb_emit *emit;
    void *ctx;
} runner;

/* An honest broker has one line: its last node, or SB_NONE before its HANDOVER. */
static uint8_t tip_of(const runner *r, uint8_t term)
{
    uint8_t tip = term == 1 ? 0 : SB_NONE;
    for (uint8_t n = 1; n < r->state->count; n++)
        if (r->view.term[n] == term && (tip == SB_NONE || r->view.size[n] > r->view.size[tip]))
            tip = n;
    return tip;
}

static void append(const runner *r, uint8_t parent, sb_leaf kind, uint8_t arg, uint8_t term,
                   bool helped)
{
    sb_state next = *r->state;
    if (r->alone.sealable[parent] && kind != SB_LEAF_HANDOVER)
        next.node[parent].cos = sb_honest(r->cfg); /* who precisely doesn't matter any more */
    uint8_t node = sb_model_append(&next, parent, kind, arg, term);
    r->emit(r->ctx, &next, &(sb_action){.what = SB_DO_APPEND, .node = node, .helped = helped});
}

static bool logged(const sb_state *state, uint8_t tip, uint8_t entry)
{
    for (uint8_t n = tip; n > 0; n = state->node[n].parent)
        if (state->node[n].kind == SB_LEAF_ENTRY && state->node[n].arg == entry)
            return true;
    return false;
}

/* A head that adds only SEALs is not sealed again, unless a change of policy waits for it. */
static bool adds(const runner *r, uint8_t head)
{
    const sb_policy *policy = &r->view.policy[head];
    if (policy->next != SB_NONE && r->view.size[head] >= policy->start &&
        !sb_is_wrong(r->cfg, SB_WRONG_CHANGE_UNSEALED))
        return true;
    uint8_t sealed = 0;
    for (uint8_t n = head; n > 0 && r->view.term[n] == r->view.term[head];
         n = r->state->node[n].parent)
        if (r->state->node[n].kind == SB_LEAF_SEAL && r->state->node[n].arg > sealed)
            sealed = r->state->node[n].arg;
    for (uint8_t n = head; r->view.size[n] > sealed && r->view.term[n] == r->view.term[head];
         n = r->state->node[n].parent) {
        sb_leaf kind = (sb_leaf)r->state->node[n].kind;
        if (kind != SB_LEAF_SEAL &&
            !(kind == SB_LEAF_HANDOVER && sb_is_wrong(r->cfg, SB_WRONG_HANDOVER_UNSEALED)))
            return true;
    }
    return false;
}

static uint8_t highest_sealable(const runner *r, const sb_view *view, uint8_t tip)
{
    for (uint8_t n = tip; n > 0 && view->term[n] == view->term[tip]; n = r->state->node[n].parent)
        if (view->sealable[n])
            return n;
    return SB_NONE;
}

static void broker(const runner *r, uint8_t term)
{
    uint8_t tip = tip_of(r, term);
    if (tip == SB_NONE || (r->state->gone >> term & 1))
        return;
    if (tip > 0 && !r->view.certified[tip])
        return; /* one collection in flight */
    bool helped = tip > 0 && !r->alone.certified[tip];
    const sb_policy *policy = &r->view.policy[tip];
    for (uint8_t e = 0; e < r->cfg->submitted; e++)
        if (!logged(r->state, tip, e))
            append(r, tip, SB_LEAF_ENTRY, e, 0, helped);
    if (policy->next == SB_NONE && policy->pending == SB_NONE && policy->cur < r->cfg->changes)
        append(r, tip, SB_LEAF_CHANGE, (uint8_t)(policy->cur + 1), 0, helped);
    uint8_t own = highest_sealable(r, &r->alone, tip), any = highest_sealable(r, &r->view, tip);
    if (own != SB_NONE && adds(r, own) && sb_model_may_seal(r->cfg, r->state, &r->alone, tip, own))
        append(r, tip, SB_LEAF_SEAL, r->view.size[own], 0, helped);
    if (any != SB_NONE && any != own && adds(r, any) &&
        sb_model_may_seal(r->cfg, r->state, &r->view, tip, any))
        append(r, tip, SB_LEAF_SEAL, r->view.size[any], 0, true);
}

/* A standby that has a quorum of promises for its key takes over, once. */
static void standby(const runner *r, uint8_t term, uint8_t key)
{
    if (tip_of(r, term) != SB_NONE || (r->state->gone >> term & 1))
        return;
    sb_state sent = *r->state;
    for (int i = 0; i < r->cfg->orgs; i++)
        if (sent.org[i].pkey[term] != (key << 1 | 1))
            sent.org[i].pseal[term] = sent.org[i].plast[term] = SB_NONE;
    sb_handover list[SB_MODEL_HANDOVERS];
    size_t n = sb_model_handovers(r->cfg, &sent, &r->alone, 0, term, list);
    for (size_t i = 0; i < n; i++)
        if (r->view.term[list[i].base] < term)
            append(r, list[i].base, SB_LEAF_HANDOVER, r->view.size[list[i].seal], term, false);
    n = sb_model_handovers(r->cfg, &sent, &r->view, r->cfg->liars, term, list);
    for (size_t i = 0; r->cfg->liars && i < n; i++)
        if (r->view.term[list[i].base] < term)
            append(r, list[i].base, SB_LEAF_HANDOVER, r->view.size[list[i].seal], term, true);
}

static void cosigns(const runner *r, uint8_t i, uint8_t node)
{
    const sb_record *record = &r->state->org[i].mem;
    unsigned cos = r->state->node[node].cos;
    bool again = record->last == node;
    if ((cos >> i & 1) || !sb_model_may_cosign(r->cfg, r->state, &r->view, i, node) ||
        (again && sb_is_wrong(r->cfg, SB_WRONG_NO_RESEND)))
        return;
    sb_state next = *r->state;
    sb_model_cosign(r->cfg, &next, &r->view, i, node);
    sb_action action = {.what = SB_DO_COSIGN, .org = i, .node = node};
    r->emit(r->ctx, &next, &action);
    if (again)
        return;
    next.node[node].cos = (uint8_t)cos;
    action.lost = true;
    r->emit(r->ctx, &next, &action);
}

static void promises(const runner *r, uint8_t i, uint8_t term)
{
    sb_action action = {.what = SB_DO_PROMISE, .org = i, .term = term};
    const sb_org *org = &r->state->org[i];
    sb_state next = *r->state;
    if (org->mem.promised == term && !(org->pkey[term] & 1) &&
        !sb_is_wrong(r->cfg, SB_WRONG_NO_RESEND)) {
        next.org[i].pkey[term] |= 1;
        action.what = SB_DO_RESEND;
        r->emit(r->ctx, &next, &action);
    }
    if (!sb_model_may_promise(r->state, &r->view, i, term) ||
        (sb_is_wrong(r->cfg, SB_WRONG_NO_NEW_NUMBER) && org->mem.promised > 1))
        return;
    sb_model_promise(r->cfg, &next, &r->view, i, term);
    uint8_t keys = term == r->cfg->terms ? 1 : r->cfg->keys;
    for (uint8_t key = 0; key < keys; key++) {
        next.org[i].pkey[term] = (uint8_t)(key << 1 | 1);
        action.lost = false;
        r->emit(r->ctx, &next, &action);
        next.org[i].pkey[term] = (uint8_t)(key << 1);
        action.lost = true;
        r->emit(r->ctx, &next, &action);
    }
}

/* With the broker goes what it collected, but for what a liar may have of it. */
static void lose(const runner *r, uint8_t term)
{
    sb_state next = *r->state;
    next.gone |= (uint8_t)(1u << term);
    for (uint8_t n = 1; n < next.count; n++)
        if (r->view.term[n] == term)
            next.node[n].cos = r->view.sealable[n] ? sb_honest(r->cfg) : 0;
    r->emit(r->ctx, &next, &(sb_action){.what = SB_DO_LOSE, .term = term});
}

static bool asked(const sb_state *state, const sb_cfg *cfg, uint8_t term)
{
    bool any = term == 1;
    for (int i = 0; i < cfg->orgs; i++)
        any = any || state->org[i].pseal[term] != SB_NONE;
    return any;
}

void sb_model_run(const sb_cfg *cfg, const sb_state *state, sb_emit *emit, void *ctx)
{
    runner r = {.cfg = cfg, .state = state, .emit = emit, .ctx = ctx};
    sb_model_view(cfg, state, cfg->liars, &r.view);
    sb_model_view(cfg, state, 0, &r.alone);
    for (uint8_t t = 1; t <= cfg->terms; t++) {
        broker(&r, t);
        for (uint8_t key = 0; t > 1 && key < (t == cfg->terms ? 1 : cfg->keys); key++)
            standby(&r, t, key);
        if (t < cfg->terms && !(state->gone >> t & 1) && asked(state, cfg, t))
            lose(&r, t);
    }
    for (uint8_t i = 0; i < cfg->orgs; i++) {
        if (!(sb_honest(cfg) >> i & 1))
            continue;
        /* a late cosignature of an earlier head, or for a broker that is gone, changes nothing that
         * the same one in time would not: only the last heads of living brokers are offered */
        for (uint8_t t = 1; t <= cfg->terms; t++) {
            uint8_t tip = tip_of(&r, t);
            if (tip != SB_NONE && tip > 0 && !(state->gone >> t & 1))
                cosigns(&r, i, tip);
            if (t > 1)
                promises(&r, i, t);
        }
    }
}

bool sb_model_done(const sb_cfg *cfg, const sb_state *state)
{
    sb_view view;
    sb_model_view(cfg, state, 0, &view);
    for (uint8_t n = 1; n < state->count; n++) {
        bool all = view.final_term[n] && !(state->gone >> view.term[n] & 1), changed = false;
        for (uint8_t e = 0; e < cfg->submitted; e++)
            all = all && logged(state, n, e);
        for (uint8_t m = n; m < state->count; m++)
            changed = changed || (view.certified[m] && sb_extends(&view, m, n) &&
                                  view.policy[m].cur == cfg->changes);
        if (all && changed)
            return true;
    }
    return false;
}
