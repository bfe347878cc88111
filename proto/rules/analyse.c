#include "proto/rules/analyse.h"

#include "proto/rules/eval.h"

#include <assert.h>
#include <stdlib.h>

enum {
    STATES_MAX = 1 << 20,
    LAYERS = SB_ANALYSE_GROUPS_MAX + 1,
    SCOPE_BITS = 4, /* partners that hold a scope: at most SB_ANALYSE_PARTNERS_MAX */
    STEP_BITS = 2
};

typedef struct analysis {
    const sb_rule *rule;
    const sb_rule_shape *shape;
    const sb_analyse_seats *present;
    sb_analyse_side side;
    uint32_t groups; /* partners and the seats of none */
    uint16_t scopes[SB_ANALYSE_SCOPES_MAX];
    uint32_t scope_count;
    uint32_t scope_partners[SB_ANALYSE_SCOPES_MAX];
    sb_tally all; /* seats and present of the body */
    bool too_large;
    uint32_t held[SB_ANALYSE_GROUPS_MAX][SB_ANALYSE_SEATS_MAX + 1]; /* bit per scope: by choice */
    uint16_t steps[SB_ANALYSE_SEATS_MAX]; /* what one seat less changes, each kind once */
    uint32_t step_count;
} analysis;

static uint32_t group_seats(const sb_rule_shape *shape, uint32_t g)
{
    return g < shape->partner_count ? shape->partners[g].seats : shape->free_seats;
}

void sb_analyse_all(const sb_rule_shape *shape, sb_analyse_seats *out)
{
    *out = (sb_analyse_seats){{0}};
    assert(shape->partner_count < SB_ANALYSE_GROUPS_MAX);
    for (uint32_t g = 0; g <= shape->partner_count; g++)
        out->of[g] = group_seats(shape, g);
}

static void find_scopes(analysis *a)
{
    for (uint16_t i = 0; i < a->rule->node_count; i++) {
        uint8_t kind = a->rule->nodes[i].kind;
        if (kind != SB_NODE_EACH && kind != SB_NODE_AT_LEAST)
            continue;
        if (a->scope_count == SB_ANALYSE_SCOPES_MAX) {
            a->too_large = true;
            return;
        }
        a->scopes[a->scope_count++] = i;
    }
}

static bool scope_has(const sb_rule *rule, const sb_rule_node *scope, const sb_rule_group *g)
{
    for (uint16_t i = 0; i < scope->ids_count; i++)
        if (sb_slice_eq(rule->ids[scope->ids_at + i], g->id))
            return true;
    return scope->ids_count == 0 && g->seats > 0;
}

/* Counts of `seats` of which `present` are there and `chosen` of them act. */
static sb_tally tally_of(sb_rule_kind kind, sb_analyse_side side, uint32_t seats, uint32_t present,
                         uint32_t chosen)
{
    uint32_t for_ = side == SB_ANALYSE_WINNING ? chosen : present - chosen;
    sb_tally t = {.seats = seats, .filled = seats, .present = present};
    if (kind == SB_RULE_QUORUM)
        t.present = for_; /* coming is to a quorum what voting for is to a proposal */
    else
        sb_tally_votes(&t, for_, present - for_, 0);
    t.eligible = t.present;
    return t;
}

static bool scope_holds(const analysis *a, uint32_t scope, uint32_t held)
{
    const sb_rule_node *n = &a->rule->nodes[a->scopes[scope]];
    uint32_t needed = n->kind == SB_NODE_AT_LEAST ? n->k : a->scope_partners[scope];
    return a->scope_partners[scope] > 0 && held >= needed;
}

/* ---- one choice ---- */

bool sb_analyse_holds(const sb_rule *rule, const sb_rule_shape *shape,
                      const sb_analyse_seats *present, const sb_analyse_seats *chosen)
{
    bool scopes[SB_RULE_NODES_MAX];
    sb_tally total = {0};
    uint32_t seats = 0, there = 0, acting = 0;
    assert(shape->partner_count < SB_ANALYSE_GROUPS_MAX);
    for (uint32_t g = 0; g <= shape->partner_count; g++) {
        seats += group_seats(shape, g);
        there += present->of[g];
        acting += chosen->of[g];
    }
    total = tally_of(rule->kind, SB_ANALYSE_WINNING, seats, there, acting);
    for (uint16_t i = 0; i < rule->node_count; i++) {
        const sb_rule_node *n = &rule->nodes[i];
        uint32_t partners = 0, held = 0;
        if (n->kind != SB_NODE_EACH && n->kind != SB_NODE_AT_LEAST)
            continue;
        for (uint32_t g = 0; g < shape->partner_count; g++) {
            if (!scope_has(rule, n, &shape->partners[g]))
                continue;
            sb_tally t = tally_of(rule->kind, SB_ANALYSE_WINNING, shape->partners[g].seats,
                                  present->of[g], chosen->of[g]);
            partners++;
            held += sb_rule_holds(rule, n->child, &t, NULL);
        }
        scopes[i] = partners > 0 && held >= (n->kind == SB_NODE_AT_LEAST ? n->k : partners);
    }
    return sb_rule_holds(rule, rule->root, &total, scopes);
}

void sb_analyse_block_alone(const sb_rule *rule, const sb_rule_shape *shape,
                            const sb_analyse_seats *present, sb_analyse_blocks *out)
{
    *out = (sb_analyse_blocks){.can_hold = sb_analyse_holds(rule, shape, present, present)};
    for (uint32_t g = 0; out->can_hold && g <= shape->partner_count; g++) {
        sb_analyse_seats for_ = *present;
        for (uint32_t k = 1; k <= present->of[g]; k++) {
            for_.of[g] = present->of[g] - k;
            bool blocks = !sb_analyse_holds(rule, shape, present, &for_);
            if (blocks && out->of[g].least == 0)
                out->of[g].least = k;
            out->of[g].whole = blocks; /* the last one says it of all of them */
        }
    }
}

bool sb_analyse_counts_presence(const sb_rule *rule)
{
    const uint32_t words = 1u << SB_COUNT_ELIGIBLE | 1u << SB_COUNT_PRESENT | 1u << SB_COUNT_VOTED |
                           1u << SB_COUNT_CAST;
    for (uint16_t i = 0; rule->kind == SB_RULE_PASS && i < rule->node_count; i++) {
        const sb_rule_node *n = &rule->nodes[i];
        if (n->kind == SB_NODE_COMPARE &&
            ((1u << n->a | (n->is_share ? 1u << n->b : 0u)) & words) != 0)
            return true;
    }
    return false;
}

/* ---- all minimal choices ----
 *
 * What the rule sees of a choice: how many are chosen in all, and how many partners hold each
 * scope. Whether one seat less undoes it depends besides on what that seat's leaving changes in the
 * scopes: the set of such steps is carried along. Choices with the same state are counted as one. */

typedef struct state {
    uint64_t steps; /* bit per analysis.steps */
    uint32_t held;  /* SCOPE_BITS a scope */
    uint32_t chosen;
    uint64_t kinds, sets; /* choices that come to it */
    bool leads;           /* to a minimal one */
} state;

typedef struct layer {
    state *at;
    size_t count, cap;
} layer;

static int state_cmp(const void *left, const void *right)
{
    const state *a = left, *b = right;
    if (a->chosen != b->chosen)
        return a->chosen < b->chosen ? -1 : 1;
    if (a->held != b->held)
        return a->held < b->held ? -1 : 1;
    return a->steps == b->steps ? 0 : a->steps < b->steps ? -1 : 1;
}

static void layer_merge(layer *l)
{
    size_t kept = 0;
    if (l->count > 1)
        qsort(l->at, l->count, sizeof *l->at, state_cmp);
    for (size_t i = 0; i < l->count; i++) {
        if (kept > 0 && state_cmp(&l->at[kept - 1], &l->at[i]) == 0) {
            l->at[kept - 1].kinds += l->at[i].kinds;
            l->at[kept - 1].sets += l->at[i].sets;
        } else {
            l->at[kept++] = l->at[i];
        }
    }
    l->count = kept;
}

static void layer_add(analysis *a, layer *l, state s)
{
    if (l->count == l->cap) {
        layer_merge(l);
        if (l->count > STATES_MAX) {
            a->too_large = true;
            return;
        }
        if (l->count * 2 >= l->cap) {
            l->cap = l->cap == 0 ? 64 : l->cap * 2;
            l->at = sb_xrealloc(l->at, l->cap * sizeof *l->at);
        }
    }
    l->at[l->count++] = s;
}

/* Two bits a scope: what one chosen seat less does to it, +1. */
static uint16_t step_of(const analysis *a, uint32_t with, uint32_t without)
{
    uint32_t step = 0;
    for (uint32_t i = 0; i < a->scope_count; i++)
        step |= ((without >> i & 1) + 1 - (with >> i & 1)) << (STEP_BITS * i);
    return (uint16_t)step;
}

static uint64_t step_bit(const analysis *a, uint32_t g, uint32_t chosen)
{
    if (chosen == 0)
        return 0;
    uint16_t step = step_of(a, a->held[g][chosen], a->held[g][chosen - 1]);
    for (uint32_t i = 0; i < a->step_count; i++)
        if (a->steps[i] == step)
            return UINT64_C(1) << i;
    assert(false);
    return 0;
}

static void prepare(analysis *a)
{
    uint32_t partners = 0;
    find_scopes(a);
    for (uint32_t g = 0; g < a->groups; g++) {
        uint32_t seats = group_seats(a->shape, g);
        a->all.seats += seats;
        a->all.present += a->present->of[g];
        partners += g < a->shape->partner_count && seats > 0;
    }
    if (a->too_large || a->all.seats > SB_ANALYSE_SEATS_MAX || partners > SB_ANALYSE_PARTNERS_MAX) {
        a->too_large = true;
        return;
    }
    for (uint32_t g = 0; g < a->shape->partner_count; g++) {
        const sb_rule_group *group = &a->shape->partners[g];
        for (uint32_t i = 0; i < a->scope_count; i++) {
            const sb_rule_node *n = &a->rule->nodes[a->scopes[i]];
            if (!scope_has(a->rule, n, group))
                continue;
            a->scope_partners[i]++;
            for (uint32_t c = 0; c <= a->present->of[g]; c++) {
                sb_tally t = tally_of(a->rule->kind, a->side, group->seats, a->present->of[g], c);
                if (sb_rule_holds(a->rule, n->child, &t, NULL))
                    a->held[g][c] |= 1u << i;
            }
        }
    }
    for (uint32_t g = 0; g < a->groups; g++)
        for (uint32_t c = 1; c <= a->present->of[g]; c++) {
            uint16_t step = step_of(a, a->held[g][c], a->held[g][c - 1]);
            uint32_t i = 0;
            while (i < a->step_count && a->steps[i] != step)
                i++;
            if (i == a->step_count)
                a->steps[a->step_count++] = step;
        }
}

/* Does the choice win (block), the scopes held by so many partners? */
static bool works(const analysis *a, uint32_t chosen, uint32_t held)
{
    bool scopes[SB_RULE_NODES_MAX];
    sb_tally t = tally_of(a->rule->kind, a->side, a->all.seats, a->all.present, chosen);
    for (uint32_t i = 0; i < a->scope_count; i++)
        scopes[a->scopes[i]] =
            scope_holds(a, i, held >> (SCOPE_BITS * i) & ((1u << SCOPE_BITS) - 1));
    return sb_rule_holds(a->rule, a->rule->root, &t, scopes) == (a->side == SB_ANALYSE_WINNING);
}

static bool is_minimal(const analysis *a, const state *s)
{
    if (!works(a, s->chosen, s->held))
        return false;
    for (uint32_t k = 0; k < a->step_count; k++) {
        if ((s->steps >> k & 1) == 0)
            continue;
        uint32_t held = s->held;
        for (uint32_t i = 0; i < a->scope_count; i++) {
            uint32_t step = a->steps[k] >> (STEP_BITS * i) & 3;
            held = held + (step << (SCOPE_BITS * i)) - (1u << (SCOPE_BITS * i));
        }
        if (works(a, s->chosen - 1, held))
            return false;
    }
    return true;
}

/* The state after `chosen` of group g; `ways`: in how many ways those can be picked. */
static state after(const analysis *a, const state *s, uint32_t g, uint32_t chosen, uint64_t ways)
{
    state next = *s;
    next.chosen += chosen;
    next.steps |= step_bit(a, g, chosen);
    for (uint32_t i = 0; i < a->scope_count; i++)
        next.held += (a->held[g][chosen] >> i & 1) << (SCOPE_BITS * i);
    next.sets *= ways;
    return next;
}

static void grow(analysis *a, const layer *from, uint32_t g, layer *to)
{
    uint32_t n = a->present->of[g];
    uint64_t ways[SB_ANALYSE_SEATS_MAX + 1] = {1}; /* n over c, below 2^61 */
    for (uint32_t row = 1; row <= n; row++)
        for (uint32_t c = row; c > 0; c--)
            ways[c] += ways[c - 1];
    for (size_t i = 0; i < from->count && !a->too_large; i++) {
        for (uint32_t c = 0; c <= n && !a->too_large; c++)
            layer_add(a, to, after(a, &from->at[i], g, c, ways[c]));
    }
    layer_merge(to);
}

static state *find(const layer *l, const state *s)
{
    return bsearch(s, l->at, l->count, sizeof *l->at, state_cmp);
}

static void mark(const analysis *a, layer *from, uint32_t g, const layer *to)
{
    for (size_t i = 0; i < from->count; i++)
        for (uint32_t c = 0; c <= a->present->of[g] && !from->at[i].leads; c++) {
            state next = after(a, &from->at[i], g, c, 1);
            from->at[i].leads = find(to, &next)->leads;
        }
}

/* Depth first over the states that lead somewhere. */
static void list_from(const analysis *a, const layer *layers, uint32_t g, const state *s,
                      sb_analyse_seats *chosen, sb_analyse_minimal *out)
{
    if (g == a->groups) {
        out->list[out->list_count++] = *chosen;
        return;
    }
    for (uint32_t c = 0; c <= a->present->of[g] && out->list_count < SB_ANALYSE_LIST_MAX; c++) {
        state next = after(a, s, g, c, 1);
        const state *found = find(&layers[g + 1], &next);
        if (!found->leads)
            continue;
        chosen->of[g] = c;
        list_from(a, layers, g + 1, found, chosen, out);
        chosen->of[g] = 0;
    }
}

void sb_analyse_minimal_choices(const sb_rule *rule, const sb_rule_shape *shape,
                                const sb_analyse_seats *present, sb_analyse_side side,
                                sb_analyse_minimal *out)
{
    analysis a = {.rule = rule, .shape = shape, .present = present, .side = side};
    layer layers[LAYERS] = {{0}};
    sb_analyse_seats chosen = {{0}};
    a.groups = shape->partner_count + 1;
    *out = (sb_analyse_minimal){0};
    assert(shape->partner_count < SB_ANALYSE_GROUPS_MAX);
    prepare(&a);
    if (!a.too_large)
        layer_add(&a, &layers[0], (state){.kinds = 1, .sets = 1});
    for (uint32_t g = 0; g < a.groups && !a.too_large; g++)
        grow(&a, &layers[g], g, &layers[g + 1]);
    out->is_exact = !a.too_large;
    layer *last = &layers[a.groups];
    for (size_t i = 0; out->is_exact && i < last->count; i++) {
        last->at[i].leads = is_minimal(&a, &last->at[i]);
        if (!last->at[i].leads)
            continue;
        out->kinds += last->at[i].kinds;
        out->sets += last->at[i].sets;
    }
    for (uint32_t g = a.groups; out->is_exact && g-- > 0;)
        mark(&a, &layers[g], g, &layers[g + 1]);
    if (out->kinds > 0)
        list_from(&a, layers, 0, &layers[0].at[0], &chosen, out);
    for (uint32_t g = 0; g < LAYERS; g++)
        free(layers[g].at);
}
