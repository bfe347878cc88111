/* Which HANDOVERs the promises sent for a term allow a lying broker to make. */
#include "tests/model/model.h"

#include <assert.h>

/* How many of a policy's members may lie: any two quorums share more. */
static unsigned may_lie(unsigned members)
{
    unsigned n = sb_ones(members), quorum = 2 * n / 3 + 1;
    return 2 * quorum - n - 1;
}

static bool more_than_may_lie(const sb_cfg *cfg, unsigned orgs, const uint8_t policies[3])
{
    if (sb_is_wrong(cfg, SB_WRONG_KEEP_ANY))
        return orgs != 0;
    for (int i = 0; i < 3; i++) {
        if (policies[i] == SB_NONE)
            continue;
        unsigned members = cfg->policy[policies[i]];
        if (sb_ones(orgs & members) <= may_lie(members))
            return false;
    }
    return true;
}

typedef struct {
    const sb_cfg *cfg;
    const sb_state *state;
    const sb_view *view;
    uint8_t liars, term;
    sb_handover *out;
    size_t count;
} maker;

static void add(maker *m, uint8_t seal, uint8_t base, uint8_t promisers)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->out[i].seal == seal && m->out[i].base == base)
            return;
    assert(m->count < SB_MODEL_HANDOVERS); /* leaving one out would leave states out */
    m->out[m->count++] = (sb_handover){m->term, seal, base, promisers};
}

/* The longest extension of seal that more promisers cosigned than may lie; the liars say claimed. */
static uint8_t longest(const maker *m, uint8_t promisers, uint8_t seal, uint8_t claimed,
                       const uint8_t policies[3])
{
    uint8_t best = seal;
    for (uint8_t e = 0; e < m->state->count; e++) {
        if (!sb_extends(m->view, e, seal) || m->view->size[e] <= m->view->size[best])
            continue;
        unsigned support = 0;
        for (uint8_t i = 0; i < m->cfg->orgs; i++)
            if ((promisers >> i & 1) && sb_extends(m->view, m->state->org[i].plast[m->term], e))
                support |= 1u << i;
        if (claimed != SB_NONE && sb_extends(m->view, claimed, e))
            support |= m->liars;
        if (more_than_may_lie(m->cfg, support, policies))
            best = e;
    }
    return best;
}

/* Liars alone are too few to keep anything: they only tip what an honest promiser has. */
static bool worth_claiming(const maker *m, uint8_t promisers, uint8_t claimed)
{
    for (uint8_t i = 0; i < m->cfg->orgs; i++)
        if ((promisers >> i & 1) && sb_extends(m->view, m->state->org[i].plast[m->term], claimed))
            return true;
    return sb_is_wrong(m->cfg, SB_WRONG_KEEP_ANY);
}

static void with_seal(maker *m, uint8_t promisers, uint8_t seal)
{
    sb_policy after = sb_model_after(m->view, seal);
    if (sb_is_wrong(m->cfg, SB_WRONG_JUDGED_AT_HEAD))
        after = m->view->policy[seal];
    uint8_t who[3] = {after.cur, after.next, SB_NONE};
    if (sb_is_wrong(m->cfg, SB_WRONG_OLD_UNTIL_FINAL))
        who[1] = SB_NONE;
    if (sb_is_wrong(m->cfg, SB_WRONG_NEW_AT_SEAL) && after.next != SB_NONE)
        who[0] = SB_NONE;
    if (!sb_model_satisfied(m->cfg, promisers | m->liars, who))
        return;
    add(m, seal, longest(m, promisers, seal, SB_NONE, who), promisers);
    for (uint8_t claimed = 0; m->liars && claimed < m->state->count; claimed++)
        if (sb_extends(m->view, claimed, seal) && worth_claiming(m, promisers, claimed))
            add(m, seal, longest(m, promisers, seal, claimed, who), promisers);
}

static bool higher(const maker *m, uint8_t a, uint8_t a_term, uint8_t b, uint8_t b_term)
{
    if (a_term != b_term && !sb_is_wrong(m->cfg, SB_WRONG_RANK_SIZE))
        return a_term > b_term;
    return m->view->size[a] > m->view->size[b];
}

static void with_promisers(maker *m, uint8_t promisers)
{
    bool by_leaf = sb_is_wrong(m->cfg, SB_WRONG_RANK_LEAF_TERM);
    uint8_t seal = 0, seal_term = 1;
    for (uint8_t i = 0; i < m->cfg->orgs; i++) {
        if (!(promisers >> i & 1))
            continue;
        uint8_t said = m->state->org[i].pseal[m->term];
        uint8_t term = by_leaf ? m->state->org[i].pseal_term[m->term] : m->view->term[said];
        if (higher(m, said, term, seal, seal_term)) {
            seal = said;
            seal_term = term;
        }
    }
    with_seal(m, promisers, seal);
    bool believed = sb_is_wrong(m->cfg, SB_WRONG_SEAL_UNVERIFIED);
    for (uint8_t n = 1; m->liars && n < m->state->count; n++)
        if (believed || (m->view->sealable[n] && higher(m, n, m->view->term[n], seal, seal_term)))
            with_seal(m, promisers, n);
}

/* A quorum of no policy makes no HANDOVER. */
static bool may_do(const sb_cfg *cfg, unsigned orgs)
{
    for (uint8_t p = 0; p <= cfg->changes; p++) {
        uint8_t who[3] = {p, SB_NONE, SB_NONE};
        if (sb_model_satisfied(cfg, (uint8_t)orgs, who))
            return true;
    }
    return false;
}

size_t sb_model_handovers(const sb_cfg *cfg, const sb_state *state, const sb_view *view,
                          uint8_t liars, uint8_t term, sb_handover *out)
{
    maker m = {cfg, state, view, liars, term, out, 0};
    unsigned promised = 0;
    for (uint8_t i = 0; i < cfg->orgs; i++)
        if (state->org[i].pseal[term] != SB_NONE)
            promised |= 1u << i;
    for (unsigned set = promised; set; set = (set - 1) & promised)
        if (may_do(cfg, set | liars))
            with_promisers(&m, (uint8_t)set);
    return m.count;
}
