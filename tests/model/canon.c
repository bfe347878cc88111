/* One spelling for all states that differ only in the names of like organisations and in the order
 * in which histories came into being. A wrong guess here costs states, never soundness: states are
 * the same only when their whole spelling is. */
#include "tests/model/model.h"

#include <assert.h>
#include <string.h>

typedef struct {
    const sb_cfg *cfg;
    const sb_state *state;
    uint8_t to[SB_MODEL_ORGS]; /* organisation i is called to[i] */
    uint64_t word[SB_MODEL_NODES][SB_MODEL_ORGS];
    uint64_t own[SB_MODEL_ORGS];
    uint64_t hash[SB_MODEL_NODES];
} canon;

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static void point(canon *c, uint8_t node, int org, unsigned role)
{
    if (node != SB_NONE)
        c->word[node][org] |= (uint64_t)1 << role;
}

/* What each organisation has to do with each node, whoever it is. */
static void words(canon *c)
{
    memset(c->word, 0, sizeof c->word);
    for (int i = 0; i < c->cfg->orgs; i++) {
        const sb_org *o = &c->state->org[i];
        point(c, o->mem.last, i, 1);
        point(c, o->mem.seal, i, 2);
        point(c, o->disk.last, i, 3);
        point(c, o->disk.seal, i, 4);
        uint64_t own = (uint64_t)o->mem.promised << 4 | o->disk.promised | (o->rekeyed ? 256u : 0u);
        own = own << 8 | (uint64_t)o->mem.seal_term << 4 | o->disk.seal_term;
        for (int t = 2; t <= c->cfg->terms; t++) {
            point(c, o->pseal[t], i, (unsigned)(3 + 2 * t));
            point(c, o->plast[t], i, (unsigned)(4 + 2 * t));
            if (sb_is_wrong(c->cfg, SB_WRONG_RANK_LEAF_TERM))
                own = own * 31 + o->pseal_term[t];
            own = own * 31 + o->pkey[t];
        }
        for (int n = 0; n < c->state->count; n++) {
            if (c->state->node[n].cos >> i & 1)
                c->word[n][i] |= 1;
            if (c->word[n][i])
                c->word[n][i] = mix(c->word[n][i]);
        }
        c->own[i] = mix(own + 77);
    }
}

static uint64_t named(uint64_t word, unsigned name)
{
    return word << (9 * name) | word >> 1 >> (63 - 9 * name);
}

/* Hashes of all subtrees under the present names; genesis' stands for the state. */
static void hashes(canon *c)
{
    uint64_t below[SB_MODEL_NODES] = {0};
    for (int n = c->state->count - 1; n >= 0; n--) {
        const sb_node *node = &c->state->node[n];
        uint64_t h = (uint64_t)node->kind << 16 | (uint64_t)node->arg << 8 | node->term;
        h = mix(h + 1) + below[n];
        for (int i = 0; i < c->cfg->orgs; i++)
            h += named(c->word[n][i], c->to[i]) + (n ? 0 : named(c->own[i], c->to[i]));
        c->hash[n] = mix(h);
        if (n)
            below[node->parent] += mix(c->hash[n] + 5);
    }
}

static bool same_role(const sb_cfg *cfg, int a, int b)
{
    bool same = (cfg->liars >> a & 1) == (cfg->liars >> b & 1) &&
                (cfg->dead >> a & 1) == (cfg->dead >> b & 1);
    for (int p = 0; p <= cfg->changes; p++)
        same = same && (cfg->policy[p] >> a & 1) == (cfg->policy[p] >> b & 1);
    return same;
}

void sb_model_namings(const sb_cfg *cfg, sb_names *names)
{
    names->count = 0;
    uint8_t to[SB_MODEL_ORGS] = {0};
    unsigned total = 1;
    for (int i = 0; i < cfg->orgs; i++)
        total *= cfg->orgs;
    for (unsigned code = 0; code < total; code++) {
        unsigned rest = code, taken = 0;
        bool fits = true;
        for (int i = 0; fits && i < cfg->orgs; i++, rest /= cfg->orgs) {
            to[i] = (uint8_t)(rest % cfg->orgs);
            bool acts = (sb_honest(cfg) >> i & 1) != 0;
            fits = !(taken >> to[i] & 1) && same_role(cfg, i, to[i]) && (acts || to[i] == i);
            taken |= 1u << to[i];
        }
        if (!fits)
            continue;
        assert(names->count < SB_MODEL_NAMINGS);
        memcpy(names->to[names->count++], to, sizeof to);
    }
}

typedef struct {
    uint8_t *code;
    size_t length;
    uint8_t order[SB_MODEL_NODES]; /* old index -> new */
    uint8_t count;
} writer;

static void put(writer *w, uint8_t byte)
{
    assert(w->length < SB_MODEL_CODE_MAX);
    w->code[w->length++] = byte;
}

static uint8_t renamed(const canon *c, uint8_t mask)
{
    unsigned out = 0;
    for (int i = 0; i < c->cfg->orgs; i++)
        if (mask >> i & 1)
            out |= 1u << c->to[i];
    return (uint8_t)out;
}

static void subtree(const canon *c, writer *w, uint8_t n, uint8_t parent)
{
    const sb_node *node = &c->state->node[n];
    uint8_t me = w->count++;
    w->order[n] = me;
    put(w, parent);
    put(w, (uint8_t)(node->kind << 4 | node->term));
    put(w, node->arg);
    put(w, renamed(c, node->cos));
    uint8_t child[SB_MODEL_NODES];
    size_t count = 0;
    for (uint8_t i = (uint8_t)(n + 1); i < c->state->count; i++) {
        if (c->state->node[i].parent != n)
            continue;
        size_t at = count++;
        for (; at > 0 && c->hash[child[at - 1]] > c->hash[i]; at--)
            child[at] = child[at - 1];
        child[at] = i;
    }
    for (size_t i = 0; i < count; i++)
        subtree(c, w, child[i], me);
}

static void put_node(writer *w, uint8_t node)
{
    put(w, node == SB_NONE ? SB_NONE : w->order[node]);
}

static void put_org(const canon *c, writer *w, const sb_org *o)
{
    put_node(w, o->mem.last);
    put_node(w, o->mem.seal);
    put(w, (uint8_t)(o->mem.promised << 4 | o->mem.seal_term));
    if (c->cfg->wrong) { /* else memory and disk are the same between two steps */
        put_node(w, o->disk.last);
        put_node(w, o->disk.seal);
        put(w, (uint8_t)(o->disk.promised << 4 | o->disk.seal_term));
    }
    put(w, o->rekeyed);
    for (int t = 2; t <= c->cfg->terms; t++) {
        put_node(w, o->pseal[t]);
        put_node(w, o->plast[t]);
        if (sb_is_wrong(c->cfg, SB_WRONG_RANK_LEAF_TERM))
            put(w, o->pseal_term[t]);
        if (c->cfg->honest)
            put(w, o->pkey[t]);
    }
}

size_t sb_model_encode(const sb_cfg *cfg, const sb_names *names, const sb_state *state,
                       uint8_t *code)
{
    canon c = {.cfg = cfg, .state = state};
    words(&c);
    size_t best = 0;
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < names->count; i++) {
        memcpy(c.to, names->to[i], sizeof c.to);
        hashes(&c);
        if (c.hash[0] < lowest) {
            lowest = c.hash[0];
            best = i;
        }
    }
    memcpy(c.to, names->to[best], sizeof c.to);
    hashes(&c);
    writer w = {.code = code};
    put(&w, state->count);
    subtree(&c, &w, 0, 0);
    put(&w, state->gone);
    for (uint8_t name = 0; name < cfg->orgs; name++)
        for (int i = 0; i < cfg->orgs; i++)
            if (c.to[i] == name && (sb_honest(cfg) >> i & 1))
                put_org(&c, &w, &state->org[i]);
    return w.length;
}

static void get_org(const sb_cfg *cfg, const uint8_t **at, sb_org *o)
{
    const uint8_t *p = *at;
    o->mem = (sb_record){p[0], p[1], p[2] & 15, p[2] >> 4};
    p += 3;
    o->disk = o->mem;
    if (cfg->wrong) {
        o->disk = (sb_record){p[0], p[1], p[2] & 15, p[2] >> 4};
        p += 3;
    }
    o->rekeyed = *p++ != 0;
    for (int t = 2; t <= cfg->terms; t++) {
        o->pseal[t] = *p++;
        o->plast[t] = *p++;
        if (sb_is_wrong(cfg, SB_WRONG_RANK_LEAF_TERM))
            o->pseal_term[t] = *p++;
        if (cfg->honest)
            o->pkey[t] = *p++;
    }
    *at = p;
}

void sb_model_decode(const sb_cfg *cfg, const uint8_t *code, sb_state *state)
{
    sb_model_genesis(cfg, state);
    const uint8_t *p = code;
    state->count = *p++;
    for (int n = 0; n < state->count; n++, p += 4)
        state->node[n] = (sb_node){p[0], p[1] >> 4, p[2], p[1] & 15, p[3]};
    state->gone = *p++;
    for (int i = 0; i < cfg->orgs; i++)
        if (sb_honest(cfg) >> i & 1)
            get_org(cfg, &p, &state->org[i]);
}
