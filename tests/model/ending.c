/* That the end stays in reach, whatever has happened: AG EF over the whole graph of states. */
#include "tests/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const sb_cfg *cfg;
    sb_names names;
    sb_space space;
    uint32_t now;
    uint64_t steps;
    uint32_t (*edge)[2]; /* from, to: only steps that need no luck and no liar */
    size_t edges, room;
} graph;

static void *grown(void *p, size_t bytes)
{
    void *q = realloc(p, bytes);
    if (!q) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    return q;
}

static void visit(void *ctx, const sb_state *next, const sb_action *action)
{
    graph *g = ctx;
    uint8_t code[SB_MODEL_CODE_MAX];
    size_t length = sb_model_encode(g->cfg, &g->names, next, code);
    uint32_t to = sb_space_add(&g->space, code, length, g->now);
    g->steps++;
    if (!action || action->lost || action->helped || action->what == SB_DO_LOSE || to == UINT32_MAX)
        return;
    if (g->edges == g->room) {
        g->room = g->room ? 2 * g->room : 1u << 16;
        g->edge = grown(g->edge, g->room * sizeof *g->edge);
    }
    g->edge[g->edges][0] = g->now;
    g->edge[g->edges++][1] = to;
}

/* Backwards from the ends. Returns which states reach one. */
static bool *reaching(const graph *g)
{
    uint32_t count = g->space.count;
    size_t *first = grown(NULL, ((size_t)count + 2) * sizeof *first);
    uint32_t *into = grown(NULL, (g->edges + 1) * sizeof *into);
    uint32_t *queue = grown(NULL, ((size_t)count + 1) * sizeof *queue);
    bool *reaches = grown(NULL, (size_t)count + 1);
    memset(first, 0, ((size_t)count + 2) * sizeof *first);
    memset(reaches, 0, (size_t)count + 1);
    for (size_t i = 0; i < g->edges; i++)
        first[g->edge[i][1] + 2]++;
    for (uint32_t i = 0; i < count; i++)
        first[i + 1] += first[i];
    for (size_t i = 0; i < g->edges; i++)
        into[first[g->edge[i][1] + 1]++] = g->edge[i][0];
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < count; i++) {
        sb_state state;
        size_t length;
        sb_model_decode(g->cfg, sb_space_at(&g->space, i, &length), &state);
        reaches[i] = sb_model_done(g->cfg, &state);
        if (reaches[i])
            queue[tail++] = i;
    }
    for (; head < tail; head++)
        for (size_t e = first[queue[head]]; e < first[queue[head] + 1]; e++)
            if (!reaches[into[e]]) {
                reaches[into[e]] = true;
                queue[tail++] = into[e];
            }
    free(first);
    free(into);
    free(queue);
    return reaches;
}

void sb_model_explore_ending(const sb_cfg *cfg, uint64_t states_max, bool show, sb_result *result)
{
    graph g = {.cfg = cfg};
    g.space.limit = states_max < UINT32_MAX ? (uint32_t)states_max : UINT32_MAX - 1;
    sb_model_namings(cfg, &g.names);
    sb_state state;
    sb_model_genesis(cfg, &state);
    memset(result, 0, sizeof *result);
    visit(&g, &state, NULL);
    for (; g.now < g.space.count; g.now++) {
        size_t length;
        sb_model_decode(cfg, sb_space_at(&g.space, g.now, &length), &state);
        sb_model_run(cfg, &state, visit, &g);
    }
    result->states = g.space.count;
    result->steps = g.steps;
    result->depth = g.space.depth[g.space.count - 1];
    result->bytes = sb_space_bytes(&g.space) + g.room * sizeof *g.edge;
    bool *reaches = reaching(&g);
    for (uint32_t i = 0; !g.space.full && !result->broken && i < g.space.count; i++) {
        if (reaches[i])
            continue;
        result->broken = true;
        result->depth = g.space.depth[i];
        snprintf(result->words, sizeof result->words,
                 "not everything can become final any more by what the honest do");
        if (show)
            sb_model_print(cfg, &g.names, &g.space, i);
    }
    result->whole = !result->broken && !g.space.full;
    free(reaches);
    free(g.edge);
    sb_space_free(&g.space);
}
