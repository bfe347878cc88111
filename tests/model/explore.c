/* Breadth first over all states of a scenario, and the shortest way to what is broken. */
#include "tests/model/model.h"

#include <string.h>

typedef struct {
    const sb_cfg *cfg;
    sb_names names;
    sb_space space;
    uint32_t now;
    uint64_t steps;
} explorer;

static void visit(void *ctx, const sb_state *next, const sb_action *action)
{
    (void)action;
    explorer *x = ctx;
    uint8_t code[SB_MODEL_CODE_MAX];
    size_t length = sb_model_encode(x->cfg, &x->names, next, code);
    x->steps++;
    sb_space_add(&x->space, code, length, x->now);
}

void sb_model_explore(const sb_cfg *cfg, uint64_t states_max, bool show, sb_result *result)
{
    explorer x = {.cfg = cfg};
    x.space.limit = states_max < UINT32_MAX ? (uint32_t)states_max : UINT32_MAX - 1;
    sb_model_namings(cfg, &x.names);
    sb_state state;
    sb_model_genesis(cfg, &state);
    if (cfg->start)
        cfg->start(cfg, &state);
    memset(result, 0, sizeof *result);
    visit(&x, &state, NULL);
    for (; x.now < x.space.count; x.now++) {
        size_t length;
        sb_model_decode(cfg, sb_space_at(&x.space, x.now, &length), &state);
        result->depth = x.space.depth[x.now];
        const char *broken = sb_model_broken(cfg, &state, result->words, sizeof result->words);
        if (broken) {
            result->broken = true;
            if (show)
                sb_model_print(cfg, &x.names, &x.space, x.now);
            break;
        }
        sb_model_step(cfg, &state, visit, &x);
    }
    result->states = x.space.count;
    result->steps = x.steps;
    result->whole = !result->broken && !x.space.full;
    result->bytes = sb_space_bytes(&x.space);
    sb_space_free(&x.space);
}
