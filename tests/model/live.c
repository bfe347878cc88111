/* Whatever happened before: the honest, alone and with an honest broker of a further term, make a new
 * entry final and finish or withdraw what change of policy was under way. */
#include "tests/model/model.h"

#include <stdio.h>

typedef struct {
    const sb_cfg *cfg;
    sb_state state;
    sb_view view; /* with the honest's cosignatures alone */
    uint8_t tip;
    uint8_t there; /* the honest that still have their keys */
} rest;

/* Whether the policy after head x has done with an organisation that was once in. */
static bool removed(const rest *r, uint8_t x, uint8_t org)
{
    sb_policy policy = sb_model_after(&r->view, x);
    bool once = false;
    for (int p = 0; p < policy.cur; p++)
        once = once || (r->cfg->policy[p] >> org & 1);
    return once && policy.next == SB_NONE && !(r->cfg->policy[policy.cur] >> org & 1);
}

/* An organisation that was removed destroys its witness key when its removal is final. */
static uint8_t those_there(rest *r)
{
    unsigned there = sb_honest(r->cfg);
    sb_model_view(r->cfg, &r->state, r->cfg->liars, &r->view);
    for (uint8_t i = 0; i < r->cfg->orgs; i++) {
        bool gone =
            sb_is_wrong(r->cfg, SB_WRONG_DESTROY_EARLY) && removed(r, r->state.org[i].mem.seal, i);
        for (uint8_t x = 1; !gone && x < r->state.count; x++)
            gone = r->view.final_term[x] && removed(r, x, i);
        if (gone)
            there &= ~(1u << i);
    }
    return (uint8_t)there;
}

static bool append(rest *r, sb_leaf kind, uint8_t arg, uint8_t term)
{
    r->tip = sb_model_append(&r->state, r->tip, kind, arg, term);
    sb_model_view(r->cfg, &r->state, 0, &r->view);
    for (uint8_t i = 0; i < r->cfg->orgs; i++) {
        if (!(r->there >> i & 1))
            continue;
        if (!sb_model_may_cosign(r->cfg, &r->state, &r->view, i, r->tip))
            return false;
        sb_model_cosign(r->cfg, &r->state, &r->view, i, r->tip);
    }
    sb_model_view(r->cfg, &r->state, 0, &r->view);
    return true;
}

/* Promises of all the honest, and the HANDOVER that they make. */
static const char *take_over(rest *r, uint8_t term)
{
    for (uint8_t i = 0; i < r->cfg->orgs; i++) {
        if (!(r->there >> i & 1))
            continue;
        if (!sb_model_may_promise(&r->state, &r->view, i, term))
            return "an honest organisation may not promise a term above all others";
        sb_model_promise(r->cfg, &r->state, &r->view, i, term);
    }
    sb_handover list[SB_MODEL_HANDOVERS];
    size_t n = sb_model_handovers(r->cfg, &r->state, &r->view, 0, term, list);
    for (size_t i = 0; i < n; i++) {
        if (list[i].promisers != r->there)
            continue;
        r->tip = list[i].base;
        bool cosigned = append(r, SB_LEAF_HANDOVER, r->view.size[list[i].seal], term);
        return cosigned ? NULL : "an honest HANDOVER is not cosigned by all the honest";
    }
    return "all the honest promised, and it is no quorum";
}

static const char *finish(rest *r)
{
    if (r->view.policy[r->tip].pending != SB_NONE && r->cfg->dead &&
        !append(r, SB_LEAF_WITHDRAW, 0, 0))
        return "a withdrawal is not cosigned";
    if (!append(r, SB_LEAF_ENTRY, 0, 0))
        return "an entry in the new term is not cosigned by all the honest";
    uint8_t entry = r->tip;
    for (int i = 0; i < 4; i++) {
        const sb_policy *policy = &r->view.policy[r->tip];
        if (r->view.final_term[entry] && policy->next == SB_NONE && policy->pending == SB_NONE)
            return NULL;
        if (!sb_model_may_seal(r->cfg, &r->state, &r->view, r->tip, r->tip))
            return "what all the honest cosigned cannot be sealed";
        if (!append(r, SB_LEAF_SEAL, r->view.size[r->tip], 0))
            return "a SEAL is not cosigned by all the honest";
        if (r->view.certified[r->tip])
            r->view.final_term[entry] = r->view.term[r->tip]; /* all below the sealed head too */
    }
    return "sealing goes on without end";
}

const char *sb_model_stuck(const sb_cfg *cfg, const sb_state *state, char *text, size_t size)
{
    rest r = {.cfg = cfg, .state = *state};
    r.there = those_there(&r);
    sb_model_view(cfg, state, 0, &r.view);
    const char *why = take_over(&r, (uint8_t)(cfg->terms + 1));
    if (!why)
        why = finish(&r);
    if (!why)
        return NULL;
    snprintf(text, size, "the honest alone cannot go on: %s", why);
    return text;
}
