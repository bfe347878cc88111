/* All that can happen next in a state, and what must never be. */
#include "tests/model/model.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const sb_cfg *cfg;
    const sb_state *state;
    sb_view view; /* one node more than state while a leaf is tried */
    sb_emit *emit;
    void *ctx;
} stepper;

static void cosigned_by(stepper *s, const sb_state *with, uint8_t node, bool fresh)
{
    for (uint8_t i = 0; i < s->cfg->orgs; i++) {
        const sb_record *record = &with->org[i].mem;
        if (!(sb_honest(s->cfg) >> i & 1) || record->last == node ||
            !sb_model_may_cosign(s->cfg, with, &s->view, i, node))
            continue;
        sb_state next = *with;
        sb_model_cosign(s->cfg, &next, &s->view, i, node);
        sb_action action = {.what = SB_DO_COSIGN, .org = i, .node = node, .fresh = fresh};
        s->emit(s->ctx, &next, &action);
        if (!s->cfg->lossy)
            continue;
        for (uint8_t n = 0; n < with->count; n++)
            next.node[n].cos = with->node[n].cos;
        action.lost = true;
        s->emit(s->ctx, &next, &action);
    }
}

/* A leaf comes into being with the first cosignature over it: before, it changes nothing. */
static void leaf(stepper *s, uint8_t parent, sb_leaf kind, uint8_t arg, uint8_t term)
{
    unsigned twins = 0, entries = 0;
    for (uint8_t n = 1; n < s->state->count; n++) {
        const sb_node *node = &s->state->node[n];
        twins +=
            node->parent == parent && node->kind == kind && node->arg == arg && node->term == term;
        entries += node->kind == SB_LEAF_ENTRY;
    }
    if (s->state->count > s->cfg->nodes || twins >= s->cfg->twins ||
        (kind == SB_LEAF_ENTRY && entries >= s->cfg->entries))
        return;
    sb_state with = *s->state;
    uint8_t node = sb_model_append(&with, parent, kind, arg, term);
    sb_model_view_node(s->cfg, &with, &s->view, node);
    cosigned_by(s, &with, node, true);
}

static void leaves_on(stepper *s, uint8_t parent)
{
    const sb_policy *policy = &s->view.policy[parent];
    leaf(s, parent, SB_LEAF_ENTRY, 0, 0);
    for (uint8_t x = 1; x < s->state->count; x++)
        if (sb_model_may_seal(s->cfg, s->state, &s->view, parent, x))
            leaf(s, parent, SB_LEAF_SEAL, s->view.size[x], 0);
    if (policy->next == SB_NONE && policy->pending == SB_NONE && policy->cur < s->cfg->changes)
        leaf(s, parent, SB_LEAF_CHANGE, (uint8_t)(policy->cur + 1), 0);
    if (policy->pending != SB_NONE && s->cfg->withdraw)
        leaf(s, parent, SB_LEAF_WITHDRAW, 0, 0);
}

static void handovers(stepper *s)
{
    sb_handover list[SB_MODEL_HANDOVERS];
    for (uint8_t t = 2; t <= s->cfg->terms; t++) {
        size_t n = sb_model_handovers(s->cfg, s->state, &s->view, s->cfg->liars, t, list);
        for (size_t i = 0; i < n; i++)
            if (s->view.term[list[i].base] < t)
                leaf(s, list[i].base, SB_LEAF_HANDOVER, s->view.size[list[i].seal], t);
    }
}

static bool same_record(const sb_record *a, const sb_record *b)
{
    return a->last == b->last && a->seal == b->seal && a->seal_term == b->seal_term &&
           a->promised == b->promised;
}

/* What an organisation does, or what happens to it, by itself. */
static void organisation(stepper *s, uint8_t i)
{
    const sb_org *org = &s->state->org[i];
    sb_state next;
    for (uint8_t t = 2; t <= s->cfg->terms; t++) {
        if (!sb_model_may_promise(s->state, &s->view, i, t))
            continue;
        next = *s->state;
        sb_model_promise(s->cfg, &next, &s->view, i, t);
        sb_action action = {.what = SB_DO_PROMISE, .org = i, .term = t};
        s->emit(s->ctx, &next, &action);
        if (!s->cfg->lossy)
            continue;
        next.org[i].pseal[t] = next.org[i].plast[t] = SB_NONE;
        action.lost = true;
        s->emit(s->ctx, &next, &action);
    }
    if (!same_record(&org->mem, &org->disk)) {
        next = *s->state;
        next.org[i].mem = next.org[i].disk;
        s->emit(s->ctx, &next, &(sb_action){.what = SB_DO_CRASH, .org = i});
    }
    if (s->cfg->rekey && !org->rekeyed) {
        next = *s->state;
        next.org[i].rekeyed = true;
        if (sb_is_wrong(s->cfg, SB_WRONG_RECORD_PER_KEY))
            next.org[i].mem = next.org[i].disk = (sb_record){0, 0, 1, 1};
        s->emit(s->ctx, &next, &(sb_action){.what = SB_DO_REKEY, .org = i});
    }
    for (uint8_t n = 1; s->cfg->hold && n < s->state->count; n++) {
        next = *s->state;
        sb_model_hold(s->cfg, &next, &s->view, i, n);
        if (next.org[i].mem.seal != org->mem.seal)
            s->emit(s->ctx, &next, &(sb_action){.what = SB_DO_HOLD, .org = i, .node = n});
    }
}

void sb_model_step(const sb_cfg *cfg, const sb_state *state, sb_emit *emit, void *ctx)
{
    stepper s = {.cfg = cfg, .state = state, .emit = emit, .ctx = ctx};
    sb_model_view(cfg, state, cfg->liars, &s.view);
    for (uint8_t n = 1; n < state->count; n++)
        cosigned_by(&s, state, n, false);
    for (uint8_t n = 0; n < state->count; n++)
        leaves_on(&s, n);
    handovers(&s);
    for (uint8_t i = 0; i < cfg->orgs; i++)
        if (sb_honest(cfg) >> i & 1)
            organisation(&s, i);
}

/* ---- what must never be ---- */

static const char *forked(const sb_state *state, const sb_view *view, char *text, size_t size)
{
    for (uint8_t a = 1; a < state->count; a++)
        for (uint8_t b = (uint8_t)(a + 1); b < state->count; b++) {
            if (!view->final_term[a] || !view->final_term[b] || sb_extends(view, a, b) ||
                sb_extends(view, b, a))
                continue;
            snprintf(text, size, "h%d and h%d are final, and neither extends the other", a, b);
            return text;
        }
    return NULL;
}

static const char *lost(const sb_state *state, const sb_view *view, const sb_handover *handover,
                        char *text, size_t size)
{
    for (uint8_t x = 1; x < state->count; x++) {
        if (!view->final_term[x] || view->final_term[x] >= handover->term ||
            sb_extends(view, handover->base, x))
            continue;
        snprintf(
            text, size,
            "h%d is final, and lost by a valid HANDOVER of term %d that names h%d and continues "
            "from h%d (honest promisers: mask %x)",
            x, handover->term, handover->seal, handover->base, handover->promisers);
        return text;
    }
    return NULL;
}

/* Where nobody lies about its promise, a certified head outlives its broker: promisers' mask is all
 * honest ones that promised this term; those among them who went on in a later term excuse it. */
static const char *dropped(const sb_cfg *cfg, const sb_state *state, const sb_view *view,
                           const sb_handover *handover, char *text, size_t size)
{
    uint8_t latest = 1, promised = 0;
    for (uint8_t i = 0; i < cfg->orgs; i++) {
        if (state->org[i].pseal[handover->term] == SB_NONE)
            continue;
        promised |= (uint8_t)(1u << i);
        uint8_t term = view->term[state->org[i].plast[handover->term]];
        latest = term > latest ? term : latest;
    }
    if (handover->promisers != promised || promised != sb_honest(cfg))
        return NULL;
    for (uint8_t x = 1; x < state->count; x++) {
        if (!view->certified[x] || view->term[x] < latest || view->term[x] >= handover->term ||
            !sb_extends(view, x, handover->seal) || sb_extends(view, handover->base, x))
            continue;
        snprintf(text, size,
                 "h%d is certified, and an honest HANDOVER of term %d drops it (from h%d)", x,
                 handover->term, handover->base);
        return text;
    }
    return NULL;
}

const char *sb_model_broken(const sb_cfg *cfg, const sb_state *state, char *text, size_t size)
{
    sb_view view;
    sb_model_view(cfg, state, cfg->liars, &view);
    const char *found = forked(state, &view, text, size);
    sb_handover list[SB_MODEL_HANDOVERS];
    for (uint8_t t = 2; !found && t <= cfg->terms; t++) {
        size_t n = sb_model_handovers(cfg, state, &view, cfg->liars, t, list);
        for (size_t i = 0; !found && i < n; i++)
            found = lost(state, &view, &list[i], text, size);
        n = sb_model_handovers(cfg, state, &view, 0, t, list);
        for (size_t i = 0; !found && i < n && cfg->keeps; i++)
            found = dropped(cfg, state, &view, &list[i], text, size);
    }
    if (!found && cfg->live)
        found = sb_model_stuck(cfg, state, text, size);
    return found;
}
