/* The steps to a state in words. The states are stored under canonical names, which change from one
 * to the next: the way is gone once more from the start, under the names of the start. */
#include "tests/model/model.h"

#include <stdio.h>
#include <string.h>

/* ---- the way there, in words ---- */

typedef struct {
    const sb_cfg *cfg;
    const sb_names *names;
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
    if (k->found || sb_model_encode(k->cfg, k->names, next, code) != k->length ||
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

static void print_promise(const sb_cfg *cfg, const sb_org *org, uint8_t term)
{
    printf("promises term %d", term);
    if (cfg->honest)
        printf(" to standby %d", org->pkey[term] >> 1);
    if (org->pseal[term] != SB_NONE)
        printf(": its SEAL is h%d, its last h%d", org->pseal[term], org->plast[term]);
}

static void print_org_step(const sb_cfg *cfg, const sb_state *before, const seeker *k)
{
    const sb_action *a = &k->action;
    const sb_org *org = &k->next.org[a->org];
    sb_view view;
    sb_model_view(cfg, &k->next, cfg->liars, &view);
    printf("organisation %d ", a->org);
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
        print_promise(cfg, org, a->term);
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
    case SB_DO_RESEND:
        printf("sends its promise of term %d again", a->term);
        break;
    case SB_DO_APPEND:
    case SB_DO_LOSE:
        break;
    }
    printf("%s", a->lost ? ", which is stored and not sent" : "");
}

static void print_step(const sb_cfg *cfg, const sb_state *before, const seeker *k, uint32_t number)
{
    const sb_action *a = &k->action;
    printf("%3u. ", number);
    if (a->what == SB_DO_LOSE) {
        printf("the broker of term %d is lost", a->term);
    } else if (a->what == SB_DO_APPEND) {
        sb_view view;
        sb_model_view(cfg, &k->next, cfg->liars, &view);
        printf("the broker of term %d appends ", view.term[a->node]);
        print_leaf(&k->next, &view, a->node);
    } else {
        print_org_step(cfg, before, k);
    }
    printf("%s\n", a->helped ? " (with a liar's help)" : "");
}

void sb_model_print(const sb_cfg *cfg, const sb_names *names, const sb_space *space, uint32_t last)
{
    uint32_t way[512], count = 0;
    for (uint32_t i = last; i != 0 && count < 512; i = space->from[i])
        way[count++] = i;
    sb_state state;
    sb_model_genesis(cfg, &state);
    if (cfg->start)
        cfg->start(cfg, &state);
    sb_view view;
    sb_model_view(cfg, &state, cfg->liars, &view);
    printf("%s, %u steps. Liars: mask %x. At first:\n", cfg->name, count, cfg->liars);
    for (uint8_t n = 0; n < state.count; n++) {
        printf("     ");
        print_leaf(&state, &view, n);
        printf(", cosigned by the honest: mask %x\n", state.node[n].cos);
    }
    for (uint32_t i = count; i-- > 0;) {
        seeker k = {.cfg = cfg, .names = names};
        k.code = sb_space_at(space, way[i], &k.length);
        (cfg->honest ? sb_model_run : sb_model_step)(cfg, &state, seek, &k);
        if (!k.found) {
            printf("     (the way can't be shown further)\n");
            return;
        }
        print_step(cfg, &state, &k, count - i);
        state = k.next;
    }
    char text[200];
    const char *broken = cfg->honest ? NULL : sb_model_broken(cfg, &state, text, sizeof text);
    if (broken)
        printf("     BROKEN: %s\n", broken);
}
