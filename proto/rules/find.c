#include "proto/rules/find.h"

#include "proto/rules/find_layer.h"

#include <assert.h>
#include <stdlib.h>

enum {
    STEPS_MAX = 2 * 1000 * 1000,  /* combinations tried in one group */
    TOGETHER_MAX = 8 * STEPS_MAX, /* … of groups */
    SET_MAX = 1 << 17,            /* different combinations kept */
    SCOPES_MAX = 6,
    SCOPE_BITS = 5,
    SCOPE_MASK = (1 << SCOPE_BITS) - 1,
    WORD_BITS = 14,
    SEATS_TOTAL_MAX = (1 << WORD_BITS) - 1,
    WORDS = 7,
    LAYERS = SB_FIND_GROUPS_MAX + 1
};

/* The words that vary, in the order in which they are packed (eligible is present). */
static const sb_count PACKED[WORDS] = {SB_COUNT_FILLED, SB_COUNT_PRESENT, SB_COUNT_VOTED,
                                       SB_COUNT_CAST,   SB_COUNT_FOR,     SB_COUNT_AGAINST,
                                       SB_COUNT_ABSTAIN};

typedef struct option {
    sb_find_key key;
    uint64_t cost;
    sb_find_acts acts;
    uint32_t number; /* in the order in which they were offered */
} option;

typedef struct option_set {
    option *at;
    size_t count, cap;
} option_set;

typedef struct view_scopes {
    uint32_t count;
    uint16_t node[SCOPES_MAX];
    bool at_least[SCOPES_MAX]; /* else each */
    /* What a key tells of the scope: whether some partner fails `each` (1), or how many hold `at
     * least`; no more than makes a difference. */
    uint32_t most[SCOPES_MAX];
    bool has_partners[SCOPES_MAX];
    bool absent_fails[SCOPES_MAX]; /* a partner that is named and isn't there: counts of 0 */
} view_scopes;

struct sb_find {
    const sb_find_task *task;
    sb_find_group *groups;
    uint32_t group_count;
    uint32_t used;                           /* bit per word, in any rule */
    uint32_t used_total[SB_FIND_BODIES_MAX]; /* in comparisons without a scope */
    uint32_t seats[SB_FIND_BODIES_MAX];
    view_scopes scopes[SB_FIND_VIEWS_MAX];
    /* of the group whose options are offered */
    uint32_t group;
    bool member[SB_FIND_VIEWS_MAX][SCOPES_MAX]; /* the scope counts it */
    option_set *offered;
    uint32_t steps;
    bool too_large;
};

/* ---- what the rules look at ---- */

static void note_words(sb_find *f, uint32_t v, uint16_t at, bool scoped)
{
    const sb_find_view *view = &f->task->views[v];
    const sb_rule_node *n = &view->rule->nodes[at];
    if (n->kind == SB_NODE_COMPARE) {
        uint32_t words = (UINT32_C(1) << n->a) | (n->is_share ? UINT32_C(1) << n->b : 0);
        if (words & (UINT32_C(1) << SB_COUNT_ELIGIBLE))
            words |= UINT32_C(1) << SB_COUNT_PRESENT;
        f->used |= words;
        if (!scoped)
            f->used_total[view->body] |= words;
        return;
    }
    if (n->kind == SB_NODE_EACH || n->kind == SB_NODE_AT_LEAST) {
        view_scopes *s = &f->scopes[v];
        scoped = true;
        if (s->count == SCOPES_MAX) {
            f->too_large = true;
            return;
        }
        s->at_least[s->count] = n->kind == SB_NODE_AT_LEAST;
        s->most[s->count] = n->kind == SB_NODE_EACH ? 1 : n->k < SCOPE_MASK ? n->k : SCOPE_MASK;
        s->node[s->count++] = at;
    }
    for (uint16_t c = n->child; c != SB_RULE_NONE; c = view->rule->nodes[c].next)
        note_words(f, v, c, scoped);
}

static uint32_t seats_of(const sb_rule_shape *shape, sb_slice id)
{
    for (uint32_t i = 0; shape != NULL && i < shape->partner_count; i++)
        if (sb_slice_eq(shape->partners[i].id, id))
            return shape->partners[i].seats;
    return 0;
}

static bool has_partner(const sb_rule_shape *shape, sb_slice id)
{
    for (uint32_t i = 0; i < shape->partner_count; i++)
        if (sb_slice_eq(shape->partners[i].id, id))
            return true;
    return false;
}

static bool is_in(const sb_find *f, uint32_t v, uint32_t scope, sb_slice id)
{
    const sb_find_view *view = &f->task->views[v];
    const sb_rule_node *n = &view->rule->nodes[f->scopes[v].node[scope]];
    if (n->ids_count == 0)
        return seats_of(f->task->bodies[view->body], id) > 0;
    for (uint16_t i = 0; i < n->ids_count; i++)
        if (sb_slice_eq(view->rule->ids[n->ids_at + i], id))
            return true;
    return false;
}

static bool is_scoped(const sb_find *f, sb_slice id)
{
    for (uint32_t v = 0; v < f->task->view_count; v++)
        for (uint32_t i = 0; i < f->scopes[v].count; i++)
            if (is_in(f, v, i, id))
                return true;
    return false;
}

/* Scopes that name partners their body doesn't have: those count, with nobody in them. */
static void note_absent(sb_find *f, uint32_t v, uint32_t scope)
{
    static const sb_tally NOBODY;
    const sb_find_view *view = &f->task->views[v];
    const sb_rule_node *n = &view->rule->nodes[f->scopes[v].node[scope]];
    bool holds = sb_rule_holds(view->rule, n->child, &NOBODY, NULL);
    for (uint16_t i = 0; i < n->ids_count; i++) {
        if (has_partner(f->task->bodies[view->body], view->rule->ids[n->ids_at + i]))
            continue;
        f->scopes[v].has_partners[scope] = true;
        f->scopes[v].absent_fails[scope] = !holds;
    }
}

/* ---- groups ---- */

/* So many seats in the one body, so many in the other: the smaller number is in both. */
static void add_seats(uint32_t first, uint32_t second, bool two, sb_find_group *g)
{
    uint32_t both = !two || first < second ? first : second;
    g->both += both;
    g->only[0] += first - both;
    g->only[1] += two ? second - both : 0;
}

static void add_partner(sb_find *f, const sb_rule_group *p, uint32_t member, sb_find_group *rest)
{
    const sb_rule_shape *const *bodies = f->task->bodies;
    uint32_t first = seats_of(bodies[0], p->id), second = seats_of(bodies[1], p->id);
    if (!is_scoped(f, p->id)) {
        add_seats(first, second, bodies[1] != NULL, rest);
        rest->members |= member;
        return;
    }
    sb_find_group *g = &f->groups[f->group_count++];
    *g = (sb_find_group){.id = p->id, .name = p->name.len > 0 ? p->name : p->id, .members = member};
    add_seats(first, second, bodies[1] != NULL, g);
}

static void make_groups(sb_find *f)
{
    const sb_rule_shape *const *bodies = f->task->bodies;
    bool two = bodies[1] != NULL;
    sb_find_group rest = {.is_rest = true, .members = UINT32_C(1) << bodies[0]->partner_count};
    for (uint32_t i = 0; i < bodies[0]->partner_count; i++)
        add_partner(f, &bodies[0]->partners[i], UINT32_C(1) << i, &rest);
    for (uint32_t i = 0; two && i < bodies[1]->partner_count; i++)
        if (!has_partner(bodies[0], bodies[1]->partners[i].id))
            add_partner(f, &bodies[1]->partners[i], 0, &rest);
    add_seats(bodies[0]->free_seats, two ? bodies[1]->free_seats : 0, two, &rest);
    rest.is_whole = f->group_count == 0;
    if (rest.is_whole || rest.both + rest.only[0] + rest.only[1] > 0)
        f->groups[f->group_count++] = rest;
    for (uint32_t b = 0; b < SB_FIND_BODIES_MAX; b++)
        for (uint32_t i = 0; i < f->group_count; i++)
            f->seats[b] += f->groups[i].both + f->groups[i].only[b];
}

/* ---- one group's options ---- */

static int option_cmp(const void *left, const void *right)
{
    const option *a = left, *b = right;
    int order = sb_find_key_cmp(&a->key, &b->key);
    if (order != 0)
        return order;
    if (a->cost != b->cost)
        return a->cost < b->cost ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Of what can't be told apart the cheapest: all of those, or the first. */
static void options_compact(option_set *s, bool all)
{
    size_t kept = 0;
    if (s->count > 1)
        qsort(s->at, s->count, sizeof *s->at, option_cmp);
    for (size_t i = 0; i < s->count; i++) {
        bool same = kept > 0 && sb_find_key_cmp(&s->at[kept - 1].key, &s->at[i].key) == 0;
        if (!same || (all && s->at[kept - 1].cost == s->at[i].cost))
            s->at[kept++] = s->at[i];
    }
    s->count = kept;
}

sb_tally sb_find_group_tally(const sb_find_group *g, const sb_find_acts *acts, uint32_t body)
{
    const sb_find_act *x = &acts->both, *y = &acts->only[body];
    sb_tally t = {.seats = g->both + g->only[body],
                  .filled = (uint32_t)x->filled + y->filled,
                  .present = (uint32_t)x->present + y->present};
    t.eligible = t.present;
    sb_tally_votes(&t, (uint32_t)x->for_ + y->for_, (uint32_t)x->against + y->against,
                   (uint32_t)x->abstain + y->abstain);
    return t;
}

static uint32_t shows(const sb_find_group *g, const sb_find_acts *acts)
{
    const sb_find_act *of[3] = {&acts->both, &acts->only[0], &acts->only[1]};
    uint32_t present = 0, cast = 0, out = 0;
    for (int i = 0; i < 3; i++) {
        present += of[i]->present;
        cast += (uint32_t)of[i]->for_ + of[i]->against;
    }
    if (present > 0)
        out |= SB_FIND_SOMEBODY_PRESENT;
    if (cast > 0)
        out |= SB_FIND_SOMEBODY_CASTS;
    else if (g->both + g->only[0] + g->only[1] > 0)
        out |= SB_FIND_SILENT_GROUP;
    if (present > acts->both.present)
        out |= SB_FIND_ONLY_SEATS;
    return out;
}

static sb_find_key reduce(const sb_find *f, const sb_find_acts *acts)
{
    const sb_find_group *g = &f->groups[f->group];
    sb_tally t[SB_FIND_BODIES_MAX];
    sb_find_key k = {.shows = 0};
    for (uint32_t b = 0; b < SB_FIND_BODIES_MAX; b++) {
        t[b] = sb_find_group_tally(g, acts, b);
        for (uint32_t i = 0; i < WORDS; i++)
            if (f->used_total[b] & (UINT32_C(1) << PACKED[i]))
                k.words[b][i / 4] |= (uint64_t)sb_tally_get(&t[b], PACKED[i])
                                     << (WORD_BITS * (i % 4));
    }
    for (uint32_t v = 0; v < f->task->view_count; v++) {
        const sb_find_view *view = &f->task->views[v];
        for (uint32_t i = 0; i < f->scopes[v].count; i++) {
            uint16_t child = view->rule->nodes[f->scopes[v].node[i]].child;
            if (f->member[v][i] &&
                sb_rule_holds(view->rule, child, &t[view->body], NULL) == f->scopes[v].at_least[i])
                k.scopes[v] |= UINT32_C(1) << (SCOPE_BITS * i);
        }
    }
    k.shows = shows(g, acts);
    return k;
}

const sb_find_group *sb_find_group_at(const sb_find *find, uint32_t group)
{
    return &find->groups[group];
}

bool sb_find_uses(const sb_find *find, sb_count word)
{
    return (find->used & (UINT32_C(1) << word)) != 0;
}

bool sb_find_offer(sb_find *f, const sb_find_acts *acts, uint64_t cost)
{
    option_set *s = f->offered;
    if (f->too_large || ++f->steps > STEPS_MAX) {
        f->too_large = true;
        return false;
    }
    if (s->count == s->cap) {
        options_compact(s, f->task->all);
        if (s->count > SET_MAX) {
            f->too_large = true;
            return false;
        }
        if (s->count * 2 >= s->cap) {
            s->cap = s->cap == 0 ? 256 : s->cap * 2;
            s->at = sb_xrealloc(s->at, s->cap * sizeof *s->at);
        }
    }
    s->at[s->count++] =
        (option){.key = reduce(f, acts), .cost = cost, .acts = *acts, .number = f->steps};
    return true;
}

static void collect(sb_find *f, uint32_t group, option_set *out)
{
    f->group = group;
    f->offered = out;
    f->steps = 0;
    for (uint32_t v = 0; v < f->task->view_count; v++)
        for (uint32_t i = 0; i < f->scopes[v].count; i++) {
            const sb_find_group *g = &f->groups[group];
            f->member[v][i] = !g->is_rest && is_in(f, v, i, g->id);
            f->scopes[v].has_partners[i] = f->scopes[v].has_partners[i] || f->member[v][i];
        }
    f->task->offer(f, group, f->task->arg);
    options_compact(out, f->task->all);
}

/* ---- groups together ---- */

static sb_find_state after(const sb_find *f, const sb_find_state *s, const option *o)
{
    sb_find_state next = {.key = s->key, .cost = s->cost + o->cost};
    for (int i = 0; i < 2 * SB_FIND_BODIES_MAX; i++)
        next.key.words[i / 2][i % 2] += o->key.words[i / 2][i % 2];
    for (uint32_t v = 0; v < f->task->view_count; v++)
        for (uint32_t i = 0; i < f->scopes[v].count; i++) {
            uint32_t one = UINT32_C(1) << (SCOPE_BITS * i), all = one * SCOPE_MASK;
            if ((s->key.scopes[v] & all) < f->scopes[v].most[i] * one)
                next.key.scopes[v] += o->key.scopes[v] & all;
        }
    next.key.shows |= o->key.shows;
    return next;
}

static void grow(sb_find *f, const sb_find_layer *from, const option_set *options,
                 sb_find_layer *to)
{
    if ((uint64_t)from->count * options->count > TOGETHER_MAX)
        f->too_large = true;
    for (size_t i = 0; i < from->count && !f->too_large; i++)
        for (size_t k = 0; k < options->count && !f->too_large; k++) {
            const option *o = &options->at[k];
            if (k > 0 && sb_find_key_cmp(&options->at[k - 1].key, &o->key) == 0)
                continue; /* another way to the same */
            sb_find_state next = after(f, &from->at[i], o);
            f->too_large = !sb_find_layer_add(to, &next, SET_MAX);
        }
}

static void outcome(const sb_find *f, const sb_find_key *k, bool *held)
{
    for (uint32_t v = 0; v < f->task->view_count; v++) {
        const sb_find_view *view = &f->task->views[v];
        const view_scopes *s = &f->scopes[v];
        bool scopes[SB_RULE_NODES_MAX];
        uint32_t word[WORDS];
        for (int i = 0; i < WORDS; i++)
            word[i] =
                (uint32_t)(k->words[view->body][i / 4] >> (WORD_BITS * (i % 4))) & SEATS_TOTAL_MAX;
        sb_tally t = {.seats = f->seats[view->body],
                      .filled = word[0],
                      .present = word[1],
                      .eligible = word[1],
                      .voted = word[2],
                      .cast = word[3],
                      .for_ = word[4],
                      .against = word[5],
                      .abstain = word[6]};
        for (uint32_t i = 0; i < s->count; i++) {
            const sb_rule_node *n = &view->rule->nodes[s->node[i]];
            uint32_t count = k->scopes[v] >> (SCOPE_BITS * i) & SCOPE_MASK;
            bool holds = s->at_least[i] ? count >= n->k : count == 0 && !s->absent_fails[i];
            scopes[s->node[i]] = s->has_partners[i] && holds;
        }
        held[v] = sb_rule_holds(view->rule, view->rule->root, &t, scopes);
    }
}

/* ---- the way back ---- */

static uint64_t add_up(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void mark_ends(const sb_find *f, sb_find_layer *last, sb_find_result *out)
{
    bool held[SB_FIND_VIEWS_MAX];
    for (size_t i = 0; i < last->count; i++) {
        sb_find_state *s = &last->at[i];
        outcome(f, &s->key, held);
        uint32_t rank = f->task->goal(held, s->key.shows, f->task->arg);
        if (rank == 0)
            continue;
        if (!out->found || rank < out->rank || (rank == out->rank && s->cost < out->cost)) {
            out->found = true;
            out->rank = rank;
            out->cost = s->cost;
        }
        s->ways = rank; /* for the loop below */
    }
    for (size_t i = 0; i < last->count; i++) {
        sb_find_state *s = &last->at[i];
        s->ways = s->ways != 0 && s->ways == out->rank && s->cost == out->cost;
    }
}

static void mark(const sb_find *f, sb_find_layer *from, const option_set *options,
                 const sb_find_layer *to)
{
    for (size_t i = 0; i < from->count; i++)
        for (size_t k = 0; k < options->count; k++) {
            sb_find_state next = after(f, &from->at[i], &options->at[k]);
            const sb_find_state *found = sb_find_layer_get(to, &next.key);
            if (found->cost == next.cost)
                from->at[i].ways = add_up(from->at[i].ways, found->ways);
        }
}

typedef struct listing {
    const sb_find *f;
    const sb_find_layer *layers;
    const option_set *options;
    sb_arena *arena;
    sb_find_result *out;
    sb_find_acts way[SB_FIND_GROUPS_MAX];
} listing;

static void list_end(listing *l, const sb_find_state *s)
{
    sb_find_result *out = l->out;
    sb_find_acts *acts = SB_ARENA_ARRAY(l->arena, sb_find_acts, l->f->group_count);
    memcpy(acts, l->way, l->f->group_count * sizeof *acts);
    if (out->list_count == 0)
        outcome(l->f, &s->key, out->held);
    out->list[out->list_count++] = acts;
}

/* Whoever comes first does most, and what was offered last is told first. */
static int listing_cmp(const void *left, const void *right)
{
    const option *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost > b->cost ? -1 : 1;
    return a->number > b->number ? -1 : a->number < b->number;
}

/* Depth first over the states that lead to a wanted end. */
static void list_from(listing *l, uint32_t g, const sb_find_state *s)
{
    const uint32_t most = l->f->task->all ? SB_FIND_LIST_MAX : 1;
    if (g == l->f->group_count) {
        list_end(l, s);
        return;
    }
    const option_set *options = &l->options[g];
    for (size_t k = 0; k < options->count && l->out->list_count < most; k++) {
        sb_find_state next = after(l->f, s, &options->at[k]);
        const sb_find_state *found = sb_find_layer_get(&l->layers[g + 1], &next.key);
        if (found->ways == 0 || found->cost != next.cost)
            continue;
        l->way[g] = options->at[k].acts;
        list_from(l, g + 1, found);
    }
}

static bool prepare(sb_find *f)
{
    const sb_rule_shape *const *bodies = f->task->bodies;
    for (uint32_t v = 0; v < f->task->view_count; v++)
        note_words(f, v, f->task->views[v].rule->root, false);
    for (uint32_t b = 0; b < SB_FIND_BODIES_MAX && bodies[b] != NULL; b++) {
        uint64_t total = bodies[b]->free_seats;
        if (bodies[b]->partner_count > SB_PARTNERS_MAX)
            return false;
        for (uint32_t i = 0; i < bodies[b]->partner_count; i++)
            total += bodies[b]->partners[i].seats;
        if (total > SEATS_TOTAL_MAX)
            return false;
    }
    if (f->too_large)
        return false;
    make_groups(f);
    for (uint32_t v = 0; v < f->task->view_count; v++)
        for (uint32_t i = 0; i < f->scopes[v].count; i++)
            note_absent(f, v, i);
    return true;
}

void sb_find_run(sb_arena *arena, const sb_find_task *task, sb_find_result *out)
{
    sb_find f = {.task = task};
    sb_find_layer layers[LAYERS] = {{0}};
    option_set options[SB_FIND_GROUPS_MAX] = {{0}};
    f.groups = SB_ARENA_ARRAY(arena, sb_find_group, SB_FIND_GROUPS_MAX);
    *out = (sb_find_result){.groups = f.groups};
    assert(task->view_count > 0 && task->view_count <= SB_FIND_VIEWS_MAX);
    if (!prepare(&f))
        return;
    out->group_count = f.group_count;
    f.too_large = !sb_find_layer_add(&layers[0], &(sb_find_state){.cost = 0}, SET_MAX);
    for (uint32_t g = 0; g < f.group_count && !f.too_large; g++) {
        collect(&f, g, &options[g]);
        if (!f.too_large)
            grow(&f, &layers[g], &options[g], &layers[g + 1]);
    }
    out->is_exact = !f.too_large;
    if (out->is_exact)
        mark_ends(&f, &layers[f.group_count], out);
    for (uint32_t g = f.group_count; out->found && g-- > 0;)
        mark(&f, &layers[g], &options[g], &layers[g + 1]);
    if (out->found) {
        listing l = {.f = &f, .layers = layers, .options = options, .arena = arena, .out = out};
        out->ways = layers[0].at[0].ways;
        for (uint32_t g = 0; task->all && g < f.group_count; g++)
            qsort(options[g].at, options[g].count, sizeof *options[g].at, listing_cmp);
        list_from(&l, 0, &layers[0].at[0]);
    }
    for (uint32_t g = 0; g < LAYERS; g++)
        sb_find_layer_free(&layers[g]);
    for (uint32_t g = 0; g < SB_FIND_GROUPS_MAX; g++)
        free(options[g].at);
}
