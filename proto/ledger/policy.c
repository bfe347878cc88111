/* One witness policy: a threshold tree over organisations (DESIGN §4 "Quorum"). */
#include "proto/ledger/policy.h"

#include <stdlib.h>

#include "proto/ledger/core.h"

/* ---- from a charter ---- */

static void one_group(const Sb__Charter *c, sb_arena *arena, sb_policy *out)
{
    sb_policy_group *g = SB_ARENA_NEW(arena, sb_policy_group);
    uint32_t *members = SB_ARENA_ARRAY(arena, uint32_t, c->n_organisations);
    for (uint32_t i = 0; i < c->n_organisations; i++)
        if (!c->organisations[i]->withdrawn)
            members[g->member_count++] = i;
    g->members = members;
    g->threshold =
        (uint32_t)((uint64_t)c->policy->more_than_num * g->member_count / c->policy->more_than_den +
                   1);
    out->groups = g;
    out->group_count = 1;
}

/* The place of a group before `before`; SB_NONE: there is none. */
static uint32_t group_find(const Sb__WitnessPolicy *p, size_t before, const char *name)
{
    for (uint32_t i = 0; i < before; i++)
        if (strcmp(p->groups[i]->name, name) == 0)
            return i;
    return SB_NONE;
}

void sb_policy_of_charter(const Sb__Charter *c, sb_arena *arena, sb_policy *out)
{
    const Sb__WitnessPolicy *p = c->policy;
    *out = (sb_policy){.no = 0};
    if (p->n_groups == 0) {
        one_group(c, arena, out);
        return;
    }
    sb_policy_group *groups = SB_ARENA_ARRAY(arena, sb_policy_group, p->n_groups);
    for (size_t i = 0; i < p->n_groups; i++) {
        uint32_t *members = SB_ARENA_ARRAY(arena, uint32_t, p->groups[i]->n_members);
        groups[i].threshold = p->groups[i]->threshold;
        groups[i].member_count = (uint32_t)p->groups[i]->n_members;
        groups[i].members = members;
        for (size_t k = 0; k < p->groups[i]->n_members; k++) {
            uint32_t group = group_find(p, i, p->groups[i]->members[k]);
            members[k] = group == SB_NONE ? sb_org_find(c, p->groups[i]->members[k])
                                          : SB_POLICY_GROUP | group;
        }
    }
    out->groups = groups;
    out->group_count = (uint32_t)p->n_groups;
}

/* ---- form ---- */

static sb_err refuse(sb_fail *fail, const Sb__WitnessGroup *g, const char *member)
{
    return sb_fail_set(fail, SB_E_LEDGER_CHARTER_GROUP, g->name, member, NULL);
}

/* Each of them stands in one place only, so that meeting points can be counted. */
static sb_err check_members(const Sb__Charter *c, size_t at, bool *orgs, bool *groups,
                            sb_fail *fail)
{
    const Sb__WitnessGroup *g = c->policy->groups[at];
    if (sb_org_find(c, g->name) != SB_NONE || strcmp(g->name, "none") == 0 ||
        group_find(c->policy, at, g->name) != SB_NONE)
        return refuse(fail, g, g->name);
    if (g->threshold > g->n_members)
        return sb_fail_set(fail, SB_E_LEDGER_CHARTER_THRESHOLD, g->name, NULL);
    for (size_t i = 0; i < g->n_members; i++) {
        uint32_t org = sb_org_find(c, g->members[i]);
        uint32_t group = group_find(c->policy, at, g->members[i]);
        bool *seen = org != SB_NONE ? &orgs[org] : group != SB_NONE ? &groups[group] : NULL;
        if (seen == NULL || *seen || (org != SB_NONE && c->organisations[org]->withdrawn))
            return refuse(fail, g, g->members[i]);
        *seen = true;
    }
    return SB_OK;
}

sb_err sb_policy_check(const Sb__Charter *c, sb_fail *fail)
{
    const Sb__WitnessPolicy *p = c->policy;
    if (p->n_groups == 0 ? p->more_than_num >= p->more_than_den
                         : p->more_than_num != 0 || p->more_than_den != 0)
        return sb_fail_num(fail, SB_E_LEDGER_CHARTER_POLICY, 2, p->more_than_num, p->more_than_den);
    size_t standing = 0;
    for (size_t i = 0; i < c->n_organisations; i++)
        standing += c->organisations[i]->withdrawn ? 0 : 1;
    if (standing == 0)
        return sb_fail_num(fail, SB_E_LEDGER_CHARTER_POLICY, 2, p->more_than_num, p->more_than_den);
    bool orgs[SB_ORGANISATIONS_MAX] = {false}, groups[SB_WITNESS_GROUPS_MAX] = {false};
    sb_err err = SB_OK;
    for (size_t i = 0; err == SB_OK && i < p->n_groups; i++)
        err = check_members(c, i, orgs, groups, fail);
    for (size_t i = 0; err == SB_OK && i + 1 < p->n_groups; i++)
        if (!groups[i])
            err = refuse(fail, p->groups[i], p->groups[i]->name);
    return err;
}

/* ---- counting ---- */

/* A value of each group from its members' values, the last group's being the answer. */
typedef uint32_t (*member_fn)(const void *arg, uint32_t organisation);
typedef uint32_t (*group_fn)(uint32_t threshold, uint32_t *values, uint32_t count);

static uint32_t evaluate(const sb_policy *p, member_fn member, const void *arg, group_fn group)
{
    uint32_t of_group[SB_WITNESS_GROUPS_MAX], values[SB_ORGANISATIONS_MAX];
    for (uint32_t i = 0; i < p->group_count; i++) {
        const sb_policy_group *g = &p->groups[i];
        for (uint32_t k = 0; k < g->member_count; k++)
            values[k] = (g->members[k] & SB_POLICY_GROUP) != 0
                            ? of_group[g->members[k] & ~SB_POLICY_GROUP]
                            : member(arg, g->members[k]);
        of_group[i] = group(g->threshold, values, g->member_count);
    }
    return of_group[p->group_count - 1];
}

typedef struct confirmed_set {
    const bool *confirmed;
    size_t count;
} confirmed_set;

static uint32_t did(const void *arg, uint32_t organisation)
{
    const confirmed_set *set = arg;
    return organisation < set->count && set->confirmed[organisation] ? 1 : 0;
}

static uint32_t one(const void *arg, uint32_t organisation)
{
    (void)arg, (void)organisation;
    return 1;
}

static uint32_t add_up(const uint32_t *values, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

static int rising(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t cheapest(uint32_t *values, uint32_t count, uint32_t take)
{
    qsort(values, count, sizeof values[0], rising);
    return add_up(values, take);
}

static uint32_t holds(uint32_t threshold, uint32_t *values, uint32_t count)
{
    return add_up(values, count) >= threshold ? 1 : 0;
}

static uint32_t all(uint32_t threshold, uint32_t *values, uint32_t count)
{
    (void)threshold;
    return add_up(values, count);
}

static uint32_t least(uint32_t threshold, uint32_t *values, uint32_t count)
{
    return cheapest(values, count, threshold);
}

/* Too many of its members don't hold. */
static uint32_t stopping(uint32_t threshold, uint32_t *values, uint32_t count)
{
    return cheapest(values, count, count - threshold + 1);
}

/* Two sets of `threshold` members have 2 * threshold - count in common, the cheapest ones. */
static uint32_t common(uint32_t threshold, uint32_t *values, uint32_t count)
{
    return cheapest(values, count, 2 * threshold > count ? 2 * threshold - count : 0);
}

bool sb_policy_satisfied(const sb_policy *p, const bool *confirmed, size_t count)
{
    const confirmed_set set = {confirmed, count};
    return evaluate(p, did, &set, holds) != 0;
}

uint32_t sb_policy_have(const sb_policy *p, const bool *confirmed, size_t count)
{
    const confirmed_set set = {confirmed, count};
    return evaluate(p, did, &set, all);
}

bool sb_policy_has(const sb_policy *p, uint32_t organisation)
{
    for (uint32_t i = 0; i < p->group_count; i++)
        for (uint32_t k = 0; k < p->groups[i].member_count; k++)
            if (p->groups[i].members[k] == organisation)
                return true;
    return false;
}

uint32_t sb_policy_members(const sb_policy *p)
{
    return evaluate(p, one, NULL, all);
}

uint32_t sb_policy_needs(const sb_policy *p)
{
    return evaluate(p, one, NULL, least);
}

uint32_t sb_policy_stopped_by(const sb_policy *p)
{
    return evaluate(p, one, NULL, stopping);
}

uint32_t sb_policy_overlap(const sb_policy *p)
{
    return evaluate(p, one, NULL, common);
}

uint32_t sb_policy_may_lie(const sb_policy *p)
{
    uint32_t overlap = sb_policy_overlap(p);
    return overlap == 0 ? 0 : overlap - 1;
}
