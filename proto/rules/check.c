#include "proto/rules/check.h"

#include "proto/rules/search.h"

#include <stdio.h>

typedef struct checker {
    const sb_rule *rule;
    const sb_rule_shape *shape;
    sb_rule_report *out;
} checker;

static void find(checker *c, sb_rule_level level, uint32_t at, sb_err code, const char *a0,
                 const char *a1)
{
    if (level == SB_RULE_ERROR)
        c->out->has_errors = true;
    if (c->out->count == SB_RULE_FINDINGS_MAX)
        return;
    sb_rule_finding *f = &c->out->findings[c->out->count++];
    f->level = level;
    f->at = at;
    sb_fail_set(&f->fail, code, a0, a1, NULL);
}

static uint32_t partners_with_seats(const sb_rule_shape *shape)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < shape->partner_count; i++)
        count += shape->partners[i].seats > 0;
    return count;
}

/* Is everything counted by a also counted by b? Then a share over 1 can't be meant. */
static bool is_part_of(sb_count a, sb_count b)
{
    /* How far out a word lies in for, against < cast < voted < present < filled < seats. */
    static const uint8_t RING[SB_COUNTS] = {
        [SB_COUNT_SEATS] = 6,   [SB_COUNT_FILLED] = 5,  [SB_COUNT_ELIGIBLE] = 4,
        [SB_COUNT_PRESENT] = 4, [SB_COUNT_VOTED] = 3,   [SB_COUNT_CAST] = 2,
        [SB_COUNT_FOR] = 1,     [SB_COUNT_AGAINST] = 1, [SB_COUNT_ABSTAIN] = 1};
    if (a == b)
        return true;
    if (a == SB_COUNT_ABSTAIN)
        return RING[b] >= RING[SB_COUNT_VOTED];
    return RING[a] < RING[b] || (RING[a] == RING[b] && RING[a] > 1);
}

static void check_compare(checker *c, const sb_rule_node *n)
{
    char share[32];
    if (c->rule->kind == SB_RULE_QUORUM) {
        sb_count counted = n->a >= SB_COUNT_VOTED ? (sb_count)n->a : (sb_count)n->b;
        if (counted >= SB_COUNT_VOTED)
            find(c, SB_RULE_WARNING, n->at, SB_E_RULE_QUORUM_VOTES,
                 sb_count_word(counted, SB_RULE_EN), NULL);
    }
    if (!n->is_share)
        return;
    (void)snprintf(share, sizeof share, "%u/%u", n->p, n->q);
    if (n->q == 0)
        find(c, SB_RULE_ERROR, n->at, SB_E_RULE_ZERO_DENOMINATOR, share, NULL);
    else if (n->p > n->q)
        find(c, is_part_of((sb_count)n->a, (sb_count)n->b) ? SB_RULE_ERROR : SB_RULE_WARNING, n->at,
             SB_E_RULE_OVER_ONE, share, NULL);
}

static void check_named(checker *c, const sb_rule_node *n, uint16_t which)
{
    char id[SB_ID_BYTES_MAX + 1];
    sb_slice name = c->rule->ids[n->ids_at + which];
    (void)snprintf(id, sizeof id, "%.*s", (int)name.len, (const char *)name.data);
    for (uint16_t i = 0; i < which; i++)
        if (sb_slice_eq(name, c->rule->ids[n->ids_at + i])) {
            find(c, SB_RULE_ERROR, n->at, SB_E_RULE_PARTNER_TWICE, id, NULL);
            return;
        }
    for (uint32_t i = 0; i < c->shape->partner_count; i++)
        if (sb_slice_eq(name, c->shape->partners[i].id)) {
            if (c->shape->partners[i].seats == 0)
                find(c, SB_RULE_ERROR, n->at, SB_E_RULE_PARTNER_NO_SEATS, id, NULL);
            return;
        }
    find(c, SB_RULE_ERROR, n->at, SB_E_RULE_UNKNOWN_PARTNER, id, NULL);
}

static void check_scope(checker *c, const sb_rule_node *n)
{
    char asked[16], there[16];
    uint32_t partners = partners_with_seats(c->shape);
    if (n->kind == SB_NODE_AT_LEAST && n->k > partners) {
        (void)snprintf(asked, sizeof asked, "%u", n->k);
        (void)snprintf(there, sizeof there, "%u", partners);
        find(c, SB_RULE_ERROR, n->at, SB_E_RULE_TOO_FEW_PARTNERS, asked, there);
    } else if (n->ids_count == 0 && partners == 0) {
        find(c, SB_RULE_ERROR, n->at, SB_E_RULE_NO_PARTNERS, NULL, NULL);
    }
    for (uint16_t i = 0; i < n->ids_count; i++)
        check_named(c, n, i);
}

static void check_structure(checker *c)
{
    for (uint16_t i = 0; i < c->rule->node_count; i++) {
        const sb_rule_node *n = &c->rule->nodes[i];
        switch ((sb_rule_node_kind)n->kind) {
        case SB_NODE_COMPARE:
            check_compare(c, n);
            break;
        case SB_NODE_EACH:
        case SB_NODE_AT_LEAST:
            check_scope(c, n);
            break;
        case SB_NODE_AND:
        case SB_NODE_OR:
            break;
        }
    }
    if (c->rule->kind == SB_RULE_QUORUM && (c->rule->says_failure || c->rule->after_discussion))
        find(c, SB_RULE_WARNING, 0, SB_E_RULE_QUORUM_ELSE, NULL, NULL);
}

static void check_votes(checker *c)
{
    sb_search_result silent = sb_rule_search(c->rule, c->shape, SB_SEARCH_SILENT);
    sb_search_result tied = sb_rule_search(c->rule, c->shape, SB_SEARCH_TIED);
    if (!silent.is_exact || !tied.is_exact) {
        c->out->is_exact = false;
        find(c, SB_RULE_WARNING, 0, SB_E_RULE_NOT_SEARCHED, NULL, NULL);
        return;
    }
    if (silent.can_pass)
        find(c, SB_RULE_WARNING, 0, SB_E_RULE_SILENCE_PASSES, NULL, NULL);
    if (tied.can_pass && tied.can_fail)
        find(c, SB_RULE_NOTE, 0, SB_E_RULE_TIE_DEPENDS, NULL, NULL);
    else if (tied.can_pass)
        find(c, SB_RULE_NOTE, 0, SB_E_RULE_TIE_PASSES, NULL, NULL);
    else if (tied.can_fail)
        find(c, SB_RULE_NOTE, 0, SB_E_RULE_TIE_FALLS, NULL, NULL);
}

static void check_outcomes(checker *c)
{
    sb_search_result any = sb_rule_search(c->rule, c->shape, SB_SEARCH_ANY);
    c->out->is_exact = any.is_exact;
    c->out->can_pass = any.can_pass;
    c->out->can_fail = any.can_fail;
    if (!any.is_exact) {
        find(c, SB_RULE_WARNING, 0, SB_E_RULE_NOT_SEARCHED, NULL, NULL);
        return;
    }
    if (!any.can_pass)
        find(c, SB_RULE_ERROR, 0, SB_E_RULE_NEVER_PASSES, NULL, NULL);
    if (!any.can_fail)
        find(c, SB_RULE_WARNING, 0, SB_E_RULE_NEVER_FAILS, NULL, NULL);
    if (c->rule->kind == SB_RULE_PASS && any.can_pass && any.can_fail)
        check_votes(c);
}

void sb_rule_check(sb_arena *arena, const sb_rule *rule, const sb_rule_shape *shape,
                   sb_rule_report *out)
{
    *out =
        (sb_rule_report){.findings = SB_ARENA_ARRAY(arena, sb_rule_finding, SB_RULE_FINDINGS_MAX)};
    checker c = {.rule = rule, .shape = shape, .out = out};
    check_structure(&c);
    if (!out->has_errors)
        check_outcomes(&c);
}
