#include "proto/rules/search.h"

#include "proto/rules/eval.h"

#include <assert.h>
#include <stdlib.h>

enum {
    STEPS_MAX = 2 * 1000 * 1000, /* combinations tried in one group, or of groups */
    SET_MAX = 1 << 17,           /* different combinations kept */
    SCOPES_MAX = 6,              /* scopes in one rule: 5 bits of state each */
    SEATS_TOTAL_MAX = 16383,     /* 14 bits a word */
    SCOPE_BITS = 5
};
#define VOTED_BIT (UINT32_C(1) << 31)

/* The words that vary, in the order in which they are packed (eligible is present). */
static const sb_count PACKED[7] = {SB_COUNT_FILLED, SB_COUNT_PRESENT, SB_COUNT_VOTED,
                                   SB_COUNT_CAST,   SB_COUNT_FOR,     SB_COUNT_AGAINST,
                                   SB_COUNT_ABSTAIN};

/* What is kept of a combination. Adding two keys adds their words: 14 bits hold any sum. */
typedef struct key {
    uint64_t words[2]; /* filled present voted cast | for against abstain; 0 when not of use */
    uint32_t scopes;   /* 5 bits a scope: how many partners held; VOTED_BIT */
} key;

typedef struct key_set {
    key *at;
    size_t count, cap;
    bool overflow;
} key_set;

typedef struct search {
    const sb_rule *rule;
    const sb_rule_shape *shape;
    sb_search_votes votes;
    uint32_t used;       /* bit per sb_count: anywhere in the rule */
    uint32_t used_total; /* in comparisons without a scope */
    uint16_t scopes[SCOPES_MAX];
    uint32_t scope_count;
    uint32_t scope_partners[SCOPES_MAX];
    uint32_t steps;
    bool too_large;
} search;

static int key_cmp(const void *left, const void *right)
{
    const key *a = left, *b = right;
    if (a->scopes != b->scopes)
        return a->scopes < b->scopes ? -1 : 1;
    for (int i = 0; i < 2; i++)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    return 0;
}

static void set_compact(key_set *s)
{
    if (s->count == 0)
        return;
    qsort(s->at, s->count, sizeof *s->at, key_cmp);
    size_t kept = 1;
    for (size_t i = 1; i < s->count; i++)
        if (key_cmp(&s->at[i], &s->at[kept - 1]) != 0)
            s->at[kept++] = s->at[i];
    s->count = kept;
}

static void set_add(key_set *s, key k)
{
    if (s->count == s->cap) {
        set_compact(s);
        if (s->count > SET_MAX) {
            s->overflow = true;
            return;
        }
        if (s->count * 2 >= s->cap) {
            s->cap = s->cap == 0 ? 256 : s->cap * 2;
            s->at = sb_xrealloc(s->at, s->cap * sizeof *s->at);
        }
    }
    s->at[s->count++] = k;
}

/* ---- what the rule looks at ---- */

static void note_words(search *s, uint16_t at, bool scoped)
{
    const sb_rule_node *n = &s->rule->nodes[at];
    if (n->kind == SB_NODE_COMPARE) {
        uint32_t words = (UINT32_C(1) << n->a) | (UINT32_C(1) << n->b);
        if (words & (UINT32_C(1) << SB_COUNT_ELIGIBLE))
            words |= UINT32_C(1) << SB_COUNT_PRESENT;
        s->used |= words;
        if (!scoped)
            s->used_total |= words;
        return;
    }
    if (n->kind == SB_NODE_EACH || n->kind == SB_NODE_AT_LEAST) {
        if (s->scope_count == SCOPES_MAX)
            s->too_large = true;
        else
            s->scopes[s->scope_count++] = at;
        scoped = true;
    }
    for (uint16_t c = n->child; c != SB_RULE_NONE; c = s->rule->nodes[c].next)
        note_words(s, c, scoped);
}

static bool uses(const search *s, sb_count c)
{
    return (s->used & (UINT32_C(1) << c)) != 0;
}

static bool scope_has(const search *s, uint32_t scope, const sb_rule_group *g)
{
    const sb_rule_node *n = &s->rule->nodes[s->scopes[scope]];
    for (uint16_t i = 0; i < n->ids_count; i++)
        if (sb_slice_eq(s->rule->ids[n->ids_at + i], g->id))
            return true;
    return n->ids_count == 0 && g->seats > 0;
}

/* ---- one group ---- */

static key reduce(const search *s, const sb_tally *t, const bool *member)
{
    key k = {0};
    for (int i = 0; i < 7; i++)
        if (s->used_total & (UINT32_C(1) << PACKED[i]))
            k.words[i / 4] |= (uint64_t)sb_tally_get(t, PACKED[i]) << (14 * (i % 4));
    for (uint32_t i = 0; i < s->scope_count; i++)
        if (member[i] && sb_rule_holds(s->rule, s->rule->nodes[s->scopes[i]].child, t, NULL))
            k.scopes |= UINT32_C(1) << (SCOPE_BITS * i);
    if (t->cast > 0)
        k.scopes |= VOTED_BIT;
    return k;
}

/* All votes of `present` seats that the rule can tell apart. */
static void group_votes(search *s, sb_tally *t, const bool *member, key_set *out)
{
    bool cast = uses(s, SB_COUNT_CAST), tied = s->votes == SB_SEARCH_TIED;
    bool some = s->votes != SB_SEARCH_SILENT;
    /* voted beside abstain: the votes for and against are what makes the difference. */
    bool all = some && uses(s, SB_COUNT_VOTED) && uses(s, SB_COUNT_ABSTAIN);
    bool loop_for = all || (some && (uses(s, SB_COUNT_FOR) || cast || tied));
    bool loop_against = !tied && (all || (some && (uses(s, SB_COUNT_AGAINST) || cast)));
    bool loop_abstain = some && (uses(s, SB_COUNT_ABSTAIN) || uses(s, SB_COUNT_VOTED));
    uint32_t most_for = !loop_for ? 0 : tied ? t->present / 2 : t->present;
    for (uint32_t x = 0; x <= most_for; x++) {
        uint32_t y_from = tied ? x : 0, y_to = tied ? x : loop_against ? t->present - x : 0;
        for (uint32_t y = y_from; y <= y_to; y++) {
            uint32_t z_to = loop_abstain ? t->present - x - y : 0;
            for (uint32_t z = 0; z <= z_to; z++) {
                if (++s->steps > STEPS_MAX || out->overflow) {
                    s->too_large = true;
                    return;
                }
                sb_tally_votes(t, x, y, z);
                set_add(out, reduce(s, t, member));
            }
        }
    }
}

static void group_keys(search *s, uint32_t seats, const bool *member, key_set *out)
{
    bool filled = uses(s, SB_COUNT_FILLED), present = uses(s, SB_COUNT_PRESENT);
    s->steps = 0;
    for (uint32_t f = filled ? 0 : seats; f <= seats; f++)
        for (uint32_t p = present ? 0 : f; p <= f && !s->too_large; p++) {
            sb_tally t = {.seats = seats, .filled = f, .present = p, .eligible = p};
            group_votes(s, &t, member, out);
        }
    set_compact(out);
    s->too_large = s->too_large || out->count > SET_MAX;
}

/* ---- groups together ---- */

static void combine(search *s, key_set *all, const key_set *group)
{
    if ((uint64_t)all->count * group->count > STEPS_MAX) {
        s->too_large = true;
        return;
    }
    key_set next = {0};
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < group->count; k++) {
            const key *a = &all->at[i], *b = &group->at[k];
            key sum = {.words = {a->words[0] + b->words[0], a->words[1] + b->words[1]}};
            sum.scopes = ((a->scopes & ~VOTED_BIT) + (b->scopes & ~VOTED_BIT)) |
                         ((a->scopes | b->scopes) & VOTED_BIT);
            set_add(&next, sum);
        }
    set_compact(&next);
    if (next.overflow || next.count > SET_MAX)
        s->too_large = true;
    free(all->at);
    *all = next;
}

static uint32_t total_seats(const sb_rule_shape *shape)
{
    uint32_t total = shape->free_seats;
    for (uint32_t i = 0; i < shape->partner_count; i++)
        total += shape->partners[i].seats;
    return total;
}

static bool outcome(const search *s, const key *k)
{
    uint32_t word[7];
    for (int i = 0; i < 7; i++)
        word[i] = (uint32_t)(k->words[i / 4] >> (14 * (i % 4))) & 0x3FFF;
    sb_tally t = {.seats = total_seats(s->shape),
                  .filled = word[0],
                  .present = word[1],
                  .eligible = word[1],
                  .voted = word[2],
                  .cast = word[3],
                  .for_ = word[4],
                  .against = word[5],
                  .abstain = word[6]};
    bool held[SB_RULE_NODES_MAX]; /* of scopes alone */
    for (uint32_t i = 0; i < s->scope_count; i++) {
        const sb_rule_node *n = &s->rule->nodes[s->scopes[i]];
        uint32_t count = (k->scopes >> (SCOPE_BITS * i)) & 31;
        uint32_t needed = n->kind == SB_NODE_AT_LEAST ? n->k : s->scope_partners[i];
        held[s->scopes[i]] = s->scope_partners[i] > 0 && count >= needed;
    }
    return sb_rule_holds(s->rule, s->rule->root, &t, held);
}

/* Partners in a scope one by one; all other seats together. */
static void combine_groups(search *s, key_set *all)
{
    uint32_t rest = s->shape->free_seats;
    set_add(all, (key){0});
    for (uint32_t i = 0; i <= s->shape->partner_count && !s->too_large; i++) {
        bool member[SCOPES_MAX] = {false}, any = false;
        uint32_t seats = rest;
        if (i < s->shape->partner_count) {
            const sb_rule_group *g = &s->shape->partners[i];
            seats = g->seats;
            for (uint32_t k = 0; k < s->scope_count; k++) {
                member[k] = scope_has(s, k, g);
                s->scope_partners[k] += member[k];
                any = any || member[k];
            }
            if (!any) {
                rest += seats;
                continue;
            }
        }
        key_set group = {0};
        group_keys(s, seats, member, &group);
        if (!s->too_large)
            combine(s, all, &group);
        free(group.at);
    }
}

sb_search_result sb_rule_search(const sb_rule *rule, const sb_rule_shape *shape,
                                sb_search_votes votes)
{
    search s = {.rule = rule, .shape = shape, .votes = votes};
    sb_search_result result = {0};
    note_words(&s, rule->root, false);
    if (s.too_large || total_seats(shape) > SEATS_TOTAL_MAX ||
        shape->partner_count > SB_PARTNERS_MAX)
        return result;
    key_set all = {0};
    combine_groups(&s, &all);
    result.is_exact = !s.too_large;
    for (size_t i = 0; result.is_exact && i < all.count; i++) {
        if (votes == SB_SEARCH_TIED && !(all.at[i].scopes & VOTED_BIT))
            continue;
        if (outcome(&s, &all.at[i]))
            result.can_pass = true;
        else
            result.can_fail = true;
    }
    free(all.at);
    return result;
}
