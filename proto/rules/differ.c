#include "proto/rules/differ.h"

#include <assert.h>
#include <stdlib.h>

/* Which examples are preferred: the lowest rank. */
enum {
    RANK_ALL_CAST = 1, /* every group votes; after it the same with seats that one body has alone */
    RANK_SOME_CAST = 3,
    RANK_SILENT = 5,
    RANKS = 6, /* the same again for meetings without a quorum on some side */
    QUORUM_RANK_SOMEBODY = 1,
    QUORUM_RANK_NOBODY = 3
};

enum { NO_VIEW = -1, ACTS_MAX = 2 * 1000 * 1000 };

typedef struct comparing {
    int rule[2], quorum[2]; /* view numbers */
    bool is_quorum;         /* the rules are quorum rules */
} comparing;

static bool held_by(const bool *held, int view)
{
    return view == NO_VIEW || held[view];
}

static uint32_t goal(const bool *held, uint32_t shows, const void *arg)
{
    const comparing *c = arg;
    uint32_t only = (shows & SB_FIND_ONLY_SEATS) != 0;
    if (held_by(held, c->rule[0]) == held_by(held, c->rule[1]))
        return 0;
    if (c->is_quorum)
        return only +
               (shows & SB_FIND_SOMEBODY_PRESENT ? QUORUM_RANK_SOMEBODY : QUORUM_RANK_NOBODY);
    uint32_t rank = shows & SB_FIND_SILENT_GROUP ? RANK_SOME_CAST : RANK_ALL_CAST;
    if ((shows & SB_FIND_SOMEBODY_CASTS) == 0)
        rank = RANK_SILENT;
    bool quorate = held_by(held, c->quorum[0]) && held_by(held, c->quorum[1]);
    return rank + only + (quorate ? 0 : RANKS);
}

static sb_differ_verdict verdict_of(const comparing *c, uint32_t rank)
{
    if (c->is_quorum)
        return rank < QUORUM_RANK_NOBODY ? SB_DIFFER_DIFFERS : SB_DIFFER_SILENT;
    if (rank > RANKS)
        return SB_DIFFER_UNQUORATE;
    return rank < RANK_SILENT ? SB_DIFFER_DIFFERS : SB_DIFFER_SILENT;
}

/* ---- everything that so many seats may do, as far as the rules can tell ---- */

typedef struct act_list {
    sb_find_act *at;
    size_t count, cap;
} act_list;

/* How many of each are tried at most. */
typedef struct ranges {
    bool filled, present;
    uint32_t for_, against, abstain;
} ranges;

/* A word that no rule counts makes no difference: but whether somebody votes for or against at all
 * does, to the choice of the example. */
static ranges ranges_of(const sb_find *f, bool is_quorum)
{
    const uint32_t all = UINT32_MAX;
    bool cast = sb_find_uses(f, SB_COUNT_CAST), voted = sb_find_uses(f, SB_COUNT_VOTED);
    bool abstain = sb_find_uses(f, SB_COUNT_ABSTAIN);
    bool both = cast || (voted && abstain); /* their difference is those for and against */
    bool for_ = both || sb_find_uses(f, SB_COUNT_FOR);
    bool against = both || sb_find_uses(f, SB_COUNT_AGAINST);
    return (ranges){.filled = sb_find_uses(f, SB_COUNT_FILLED),
                    .present = sb_find_uses(f, SB_COUNT_PRESENT),
                    .for_ = for_ ? all : against && !is_quorum,
                    .against = against ? all : !is_quorum,
                    .abstain = abstain || voted ? all : 0};
}

static void add_act(act_list *l, sb_find_act act)
{
    if (l->count == l->cap) {
        l->cap = l->cap == 0 ? 64 : l->cap * 2;
        l->at = sb_xrealloc(l->at, l->cap * sizeof *l->at);
    }
    l->at[l->count++] = act;
}

static uint32_t least_of(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The votes of `filled` seats, and for each how many are there: nobody but those who vote, where
 * presence makes no difference. */
static void add_votes(const ranges *r, uint32_t filled, act_list *out)
{
    for (uint32_t x = 0; x <= least_of(r->for_, filled); x++)
        for (uint32_t y = 0; y <= least_of(r->against, filled - x); y++)
            for (uint32_t z = 0; z <= least_of(r->abstain, filled - x - y); z++) {
                uint32_t voted = x + y + z;
                for (uint32_t p = voted; p <= (r->present ? filled : voted); p++) {
                    if (out->count == ACTS_MAX)
                        return;
                    add_act(out, (sb_find_act){(uint16_t)filled, (uint16_t)p, (uint16_t)x,
                                               (uint16_t)y, (uint16_t)z});
                }
            }
}

static void list_acts(const ranges *r, uint32_t seats, act_list *out)
{
    for (uint32_t filled = r->filled ? 0 : seats; filled <= seats; filled++)
        add_votes(r, filled, out);
}

/* Fewest present, then fewest that vote or abstain, fewest that abstain, fewest vacant. */
static uint64_t size_of(const sb_find_act *a, uint32_t seats)
{
    uint64_t voted = (uint64_t)a->for_ + a->against + a->abstain;
    return (uint64_t)a->present << 48 | voted << 32 | (uint64_t)a->abstain << 16 |
           (seats - a->filled);
}

static void offer(sb_find *f, uint32_t group, const void *arg)
{
    const comparing *c = arg;
    const sb_find_group *g = sb_find_group_at(f, group);
    ranges r = ranges_of(f, c->is_quorum);
    act_list both = {0}, only[2] = {{0}, {0}};
    bool more = true;
    list_acts(&r, g->both, &both);
    for (int s = 0; s < 2; s++)
        list_acts(&r, g->only[s], &only[s]);
    for (size_t i = 0; i < both.count && more; i++)
        for (size_t k = 0; k < only[0].count && more; k++)
            for (size_t m = 0; m < only[1].count && more; m++) {
                sb_find_acts acts = {both.at[i], {only[0].at[k], only[1].at[m]}};
                more = sb_find_offer(f, &acts,
                                     size_of(&acts.both, g->both) +
                                         size_of(&acts.only[0], g->only[0]) +
                                         size_of(&acts.only[1], g->only[1]));
            }
    free(both.at);
    free(only[0].at);
    free(only[1].at);
}

/* ---- the comparison ---- */

static bool counts_dissent(const sb_rule *rule)
{
    const uint32_t words = 1u << SB_COUNT_AGAINST | 1u << SB_COUNT_CAST | 1u << SB_COUNT_VOTED |
                           1u << SB_COUNT_ABSTAIN;
    for (uint16_t i = 0; rule != NULL && i < rule->node_count; i++) {
        const sb_rule_node *n = &rule->nodes[i];
        if (n->kind == SB_NODE_COMPARE &&
            ((1u << n->a | (n->is_share ? 1u << n->b : 0u)) & words) != 0)
            return true;
    }
    return false;
}

/* Where the rules count who is for and nothing else, the others present vote against. */
static const sb_find_acts *completed(sb_arena *arena, const sb_differ_side sides[2],
                                     const sb_find_result *found)
{
    sb_find_acts *out = SB_ARENA_ARRAY(arena, sb_find_acts, found->group_count);
    bool leave = false;
    for (int s = 0; s < 2; s++)
        leave = leave || counts_dissent(sides[s].rule) || counts_dissent(sides[s].quorum) ||
                sides[s].rule == NULL || sides[s].rule->kind == SB_RULE_QUORUM;
    for (uint32_t g = 0; g < found->group_count; g++) {
        out[g] = found->list[0][g];
        if (leave)
            continue;
        out[g].both.against = (uint16_t)(out[g].both.present - out[g].both.for_);
        for (int s = 0; s < 2; s++)
            out[g].only[s].against = (uint16_t)(out[g].only[s].present - out[g].only[s].for_);
    }
    return out;
}

static void compare(sb_arena *arena, const sb_differ_side sides[2], bool with_quorum,
                    sb_differ_result *out)
{
    sb_find_view views[SB_FIND_VIEWS_MAX];
    comparing c = {.rule = {NO_VIEW, NO_VIEW}, .quorum = {NO_VIEW, NO_VIEW}};
    sb_find_task task = {.views = views,
                         .bodies = {sides[0].shape, sides[1].shape},
                         .offer = offer,
                         .goal = goal,
                         .arg = &c};
    for (uint32_t s = 0; s < 2; s++) {
        if (sides[s].rule != NULL) {
            c.is_quorum = sides[s].rule->kind == SB_RULE_QUORUM;
            c.rule[s] = (int)task.view_count;
            views[task.view_count++] = (sb_find_view){.rule = sides[s].rule, .body = s};
        }
        if (with_quorum && sides[s].quorum != NULL) {
            c.quorum[s] = (int)task.view_count;
            views[task.view_count++] = (sb_find_view){.rule = sides[s].quorum, .body = s};
        }
    }
    out->verdict = SB_DIFFER_SAME;
    if (task.view_count == 0)
        return;
    sb_find_result found;
    sb_find_run(arena, &task, &found);
    out->group_count = found.group_count;
    out->groups = found.groups;
    if (!found.is_exact) {
        out->verdict = SB_DIFFER_NOT_SEARCHED;
        return;
    }
    if (!found.found)
        return;
    out->verdict = verdict_of(&c, found.rank);
    out->example = completed(arena, sides, &found);
    for (int s = 0; s < 2; s++) {
        out->held[s] = held_by(found.held, c.rule[s]);
        out->quorate[s] = held_by(found.held, c.quorum[s]);
    }
}

void sb_rule_differ(sb_arena *arena, const sb_differ_side sides[2], sb_differ_result *out)
{
    const sb_rule *a = sides[0].rule, *b = sides[1].rule;
    *out = (sb_differ_result){.verdict = SB_DIFFER_SAME};
    assert(a == NULL || b == NULL || a->kind == b->kind);
    if (a != NULL && b != NULL && a->kind == SB_RULE_PASS) {
        out->discussion_differs = a->after_discussion != b->after_discussion;
        out->failure_differs = a->failure != b->failure;
    }
    compare(arena, sides, true, out);
    if (out->verdict == SB_DIFFER_NOT_SEARCHED && (sides[0].quorum || sides[1].quorum)) {
        out->quorum_left_out = true;
        compare(arena, sides, false, out);
    }
}

bool sb_differ_is_same(const sb_differ_result *result)
{
    return result->verdict == SB_DIFFER_SAME && !result->discussion_differs &&
           !result->failure_differs;
}
