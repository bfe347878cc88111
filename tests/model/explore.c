/* Breadth first over all states of a scenario, and the shortest way to what is broken. */
#include "tests/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const sb_cfg *cfg;
    sb_names names;
    uint8_t *bytes; /* the spellings, one after the other */
    size_t used, room;
    size_t *offset;
    uint32_t *from;
    uint16_t *depth;
    uint32_t count, limit;
    uint32_t *slot; /* index + 1 */
    size_t slots;
    uint32_t now;
    uint64_t steps;
    bool full;
} space;

static void *grown(void *p, size_t bytes)
{
    void *q = realloc(p, bytes);
    if (!q) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    return q;
}

static uint64_t hash_of(const uint8_t *code, size_t length)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ code[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

static size_t length_of(const space *s, uint32_t i)
{
    return (i + 1 < s->count ? s->offset[i + 1] : s->used) - s->offset[i];
}

static void rehash(space *s)
{
    s->slots = s->slots ? 2 * s->slots : 1u << 16;
    free(s->slot);
    s->slot = grown(NULL, s->slots * sizeof *s->slot);
    memset(s->slot, 0, s->slots * sizeof *s->slot);
    for (uint32_t i = 0; i < s->count; i++) {
        size_t at = hash_of(s->bytes + s->offset[i], length_of(s, i)) & (s->slots - 1);
        while (s->slot[at])
            at = (at + 1) & (s->slots - 1);
        s->slot[at] = i + 1;
    }
    s->offset = grown(s->offset, s->slots / 2 * sizeof *s->offset);
    s->from = grown(s->from, s->slots / 2 * sizeof *s->from);
    s->depth = grown(s->depth, s->slots / 2 * sizeof *s->depth);
}

static void visit(void *ctx, const sb_state *next, const sb_action *action)
{
    (void)action;
    space *s = ctx;
    uint8_t code[SB_MODEL_CODE_MAX];
    size_t length = sb_model_encode(s->cfg, &s->names, next, code);
    s->steps++;
    if (2 * (s->count + 1) > s->slots)
        rehash(s);
    size_t at = hash_of(code, length) & (s->slots - 1);
    for (; s->slot[at]; at = (at + 1) & (s->slots - 1)) {
        uint32_t i = s->slot[at] - 1;
        if (length_of(s, i) == length && !memcmp(s->bytes + s->offset[i], code, length))
            return;
    }
    if (s->count >= s->limit) {
        s->full = true;
        return;
    }
    if (s->used + length > s->room) {
        s->room = s->room ? s->room + s->room / 2 : 1u << 20;
        s->bytes = grown(s->bytes, s->room);
    }
    memcpy(s->bytes + s->used, code, length);
    s->offset[s->count] = s->used;
    s->from[s->count] = s->now;
    s->depth[s->count] = s->count ? (uint16_t)(s->depth[s->now] + 1) : 0;
    s->used += length;
    s->slot[at] = ++s->count;
}

/* ---- the way there, in words ---- */

typedef struct {
    const space *space;
    const uint8_t *code;
    size_t length;
    sb_state next;
    sb_action action;
    bool found;
} seeker;

static void seek(void *ctx, const sb_state *next, const sb_action *action)
{
    seeker *k = ctx;
    uint8_t code[SB_MODEL_CODE_MAX];
    if (k->found || sb_model_encode(k->space->cfg, &k->space->names, next, code) != k->length ||
        memcmp(code, k->code, k->length) != 0)
        return;
    k->found = true;
    k->next = *next;
    k->action = *action;
}

static void print_leaf(const sb_state *state, const sb_view *view, uint8_t n)
{
    static const char *const kinds[] = {"genesis",  "entry",  "SEAL",
                                        "HANDOVER", "CHANGE", "WITHDRAW"};
    const sb_node *node = &state->node[n];
    printf("h%d = h%d + %s", n, node->parent, kinds[node->kind]);
    if (node->kind == SB_LEAF_HANDOVER || node->kind == SB_LEAF_SEAL)
        printf(" of h%d", sb_model_prefix(state, view, n, node->arg));
    if (node->kind == SB_LEAF_CHANGE)
        printf(" to policy %d", node->arg);
    printf(" (term %d, size %d)", view->term[n], view->size[n]);
}

static void print_step(const sb_cfg *cfg, const sb_state *before, const seeker *k, uint32_t number)
{
    const sb_action *a = &k->action;
    const sb_org *org = &k->next.org[a->org];
    sb_view view;
    sb_model_view(cfg, &k->next, cfg->liars, &view);
    printf("%3u. organisation %d ", number, a->org);
    switch (a->what) {
    case SB_DO_COSIGN:
        printf("cosigns ");
        if (a->fresh)
            print_leaf(&k->next, &view, a->node);
        else
            printf("h%d", a->node);
        if (org->mem.seal != before->org[a->org].mem.seal)
            printf(" and stores the SEAL of h%d", org->mem.seal);
        break;
    case SB_DO_PROMISE:
        printf("promises term %d: its SEAL is h%d, its last h%d", a->term, org->pseal[a->term],
               org->plast[a->term]);
        break;
    case SB_DO_CRASH:
        printf("crashes and starts from its disk: last h%d, SEAL h%d, promised %d", org->mem.last,
               org->mem.seal, org->mem.promised);
        break;
    case SB_DO_REKEY:
        printf("gets a new witness key");
        break;
    case SB_DO_HOLD:
        printf("receives h%d and stores the SEAL of h%d", a->node, org->mem.seal);
        break;
    }
    printf("\n");
}

static void print_way(const space *s, uint32_t last, const char *words)
{
    uint32_t way[512], count = 0;
    for (uint32_t i = last; i != 0 && count < 512; i = s->from[i])
        way[count++] = i;
    sb_state state;
    sb_model_genesis(s->cfg, &state);
    if (s->cfg->start)
        s->cfg->start(s->cfg, &state);
    sb_view view;
    sb_model_view(s->cfg, &state, s->cfg->liars, &view);
    printf("Counterexample in %s, %u steps. Liars: mask %x. At first:\n", s->cfg->name, count,
           s->cfg->liars);
    for (uint8_t n = 0; n < state.count; n++) {
        printf("     ");
        print_leaf(&state, &view, n);
        printf(", cosigned by the honest: mask %x\n", state.node[n].cos);
    }
    for (uint32_t i = count; i-- > 0;) {
        seeker k = {.space = s, .code = s->bytes + s->offset[way[i]]};
        k.length = length_of(s, way[i]);
        sb_model_step(s->cfg, &state, seek, &k);
        if (!k.found) {
            printf("     (the way can't be shown further)\n");
            return;
        }
        print_step(s->cfg, &state, &k, count - i);
        state = k.next;
    }
    char text[200];
    const char *now = sb_model_broken(s->cfg, &state, text, sizeof text);
    printf("     BROKEN: %s\n", now ? now : words);
}

void sb_model_explore(const sb_cfg *cfg, uint64_t states_max, bool show, sb_result *result)
{
    space s = {.cfg = cfg};
    s.limit = states_max < UINT32_MAX ? (uint32_t)states_max : UINT32_MAX - 1;
    sb_model_namings(cfg, &s.names);
    sb_state state;
    sb_model_genesis(cfg, &state);
    if (cfg->start)
        cfg->start(cfg, &state);
    memset(result, 0, sizeof *result);
    visit(&s, &state, NULL);
    for (; s.now < s.count; s.now++) {
        sb_model_decode(cfg, s.bytes + s.offset[s.now], &state);
        char text[200];
        const char *broken = sb_model_broken(cfg, &state, text, sizeof text);
        if (broken) {
            result->broken = true;
            result->length = s.depth[s.now];
            snprintf(result->words, sizeof result->words, "%s", broken);
            if (show)
                print_way(&s, s.now, broken);
            break;
        }
        sb_model_step(cfg, &state, visit, &s);
    }
    result->states = s.count;
    result->steps = s.steps;
    result->depth = s.depth[s.count - 1];
    result->whole = !result->broken && !s.full;
    result->bytes = s.used + s.slots * 4 + s.slots / 2 * 14;
    free(s.bytes);
    free(s.offset);
    free(s.from);
    free(s.depth);
    free(s.slot);
}
