#include "proto/rules/swing.h"

typedef struct swinging {
    const sb_swing_now *now;
    bool wanted; /* that the rule holds */
} swinging;

/* What the group does now; its `eligible` is how many more could come. */
static sb_tally group_now(const sb_swing_now *now, const sb_find_group *g)
{
    sb_tally sum = {.seats = 0};
    for (uint32_t i = 0; i <= now->shape->partner_count; i++) {
        const sb_tally *t = &now->tallies[i];
        if ((g->members >> i & 1) == 0)
            continue;
        sum.seats += t->seats;
        sum.filled += t->filled;
        sum.present += t->present;
        sum.eligible += now->may_come[i];
        sb_tally_votes(&sum, sum.for_ + t->for_, sum.against + t->against,
                       sum.abstain + t->abstain);
    }
    return sum;
}

static sb_find_acts acts_of(const sb_tally *t, uint32_t present)
{
    return (sb_find_acts){.both = {(uint16_t)t->filled, (uint16_t)present, (uint16_t)t->for_,
                                   (uint16_t)t->against, (uint16_t)t->abstain}};
}

static uint32_t goal(const bool *held, uint32_t shows, const void *arg)
{
    const swinging *s = arg;
    (void)shows;
    return held[0] == s->wanted;
}

static void offer_arrivals(sb_find *f, uint32_t group, const void *arg)
{
    const swinging *s = arg;
    sb_tally t = group_now(s->now, sb_find_group_at(f, group));
    for (uint32_t more = 0; more <= t.eligible; more++) {
        sb_find_acts acts = acts_of(&t, t.present + more);
        if (!sb_find_offer(f, &acts, more))
            return;
    }
}

static void offer_departures(sb_find *f, uint32_t group, const void *arg)
{
    const swinging *s = arg;
    sb_tally t = group_now(s->now, sb_find_group_at(f, group));
    sb_tally_votes(&t, 0, 0, 0);
    for (uint32_t fewer = 0; fewer <= t.present; fewer++) {
        sb_find_acts acts = acts_of(&t, t.present - fewer);
        if (!sb_find_offer(f, &acts, fewer))
            return;
    }
}

static uint32_t above(uint32_t then, uint32_t now)
{
    return then > now ? then - now : 0;
}

/* So many for, against and abstaining: how many of the group vote otherwise than now. */
static bool offer_votes_of(sb_find *f, const sb_tally *t, uint32_t x, uint32_t y, uint32_t z)
{
    sb_find_acts acts = {
        .both = {(uint16_t)t->filled, (uint16_t)t->present, (uint16_t)x, (uint16_t)y, (uint16_t)z}};
    return sb_find_offer(f, &acts, above(x, t->for_) + above(y, t->against) + above(z, t->abstain));
}

static void offer_votes(sb_find *f, uint32_t group, const void *arg)
{
    const swinging *s = arg;
    sb_tally t = group_now(s->now, sb_find_group_at(f, group));
    uint32_t silent = t.present - t.voted;
    bool counts_abstain = sb_find_uses(f, SB_COUNT_ABSTAIN) || sb_find_uses(f, SB_COUNT_VOTED);
    for (uint32_t x = 0; x <= t.present; x++)
        for (uint32_t y = 0; x + y <= t.present; y++) {
            /* Who votes neither for nor against abstains, but those who are silent already. Where
             * abstaining isn't counted, more of it than now is of no use. */
            uint32_t left = t.present - x - y, fewest = above(left, silent);
            uint32_t useful = left < t.abstain ? left : t.abstain;
            uint32_t most = counts_abstain ? left : useful > fewest ? useful : fewest;
            for (uint32_t z = fewest; z <= most; z++)
                if (!offer_votes_of(f, &t, x, y, z))
                    return;
        }
}

static bool counts_votes(const sb_rule *rule)
{
    for (uint16_t i = 0; i < rule->node_count; i++) {
        const sb_rule_node *n = &rule->nodes[i];
        if (n->kind == SB_NODE_COMPARE &&
            (n->a >= SB_COUNT_VOTED || (n->is_share && n->b >= SB_COUNT_VOTED)))
            return true;
    }
    return false;
}

static bool holds_now(const sb_swing_now *now)
{
    sb_partner_tally partners[SB_PARTNERS_MAX];
    sb_rule_input in = {.partners = partners, .partner_count = now->shape->partner_count};
    sb_rule_result r;
    sb_arena arena;
    for (uint32_t i = 0; i <= in.partner_count; i++) {
        const sb_tally *t = &now->tallies[i];
        if (i < in.partner_count)
            partners[i] = (sb_partner_tally){.id = now->shape->partners[i].id, .tally = *t};
        in.total.seats += t->seats;
        in.total.filled += t->filled;
        in.total.present += t->present;
        in.total.eligible += t->eligible;
        sb_tally_votes(&in.total, in.total.for_ + t->for_, in.total.against + t->against,
                       in.total.abstain + t->abstain);
    }
    sb_arena_init(&arena);
    sb_rule_eval(&arena, now->rule, &in, &r);
    sb_arena_deinit(&arena);
    return r.formula_held;
}

static void search(sb_arena *arena, const sb_swing_now *now, bool wanted,
                   void (*offer)(sb_find *, uint32_t, const void *), sb_swing *out)
{
    const sb_find_view view = {.rule = now->rule, .body = 0};
    swinging s = {.now = now, .wanted = wanted};
    sb_find_task task = {.views = &view,
                         .view_count = 1,
                         .bodies = {now->shape},
                         .offer = offer,
                         .goal = goal,
                         .arg = &s,
                         .all = true};
    sb_find_result found;
    sb_find_run(arena, &task, &found);
    *out = (sb_swing){.is_exact = found.is_exact,
                      .found = found.found,
                      .seats = (uint32_t)found.cost,
                      .ways = found.ways,
                      .group_count = found.group_count,
                      .groups = found.groups,
                      .list_count = found.list_count};
    sb_tally *before = SB_ARENA_ARRAY(arena, sb_tally, found.group_count);
    for (uint32_t g = 0; g < found.group_count; g++)
        before[g] = group_now(now, &found.groups[g]);
    out->before = before;
    memcpy(out->list, found.list, sizeof out->list);
}

void sb_swing_arrivals(sb_arena *arena, const sb_swing_now *now, sb_swing *out)
{
    search(arena, now, true, offer_arrivals, out);
}

void sb_swing_departures(sb_arena *arena, const sb_swing_now *now, sb_swing *out)
{
    *out = (sb_swing){.is_exact = false};
    if (!counts_votes(now->rule))
        search(arena, now, false, offer_departures, out);
}

void sb_swing_votes(sb_arena *arena, const sb_swing_now *now, sb_swing *out)
{
    search(arena, now, !holds_now(now), offer_votes, out);
}

static void offer_carry(sb_find *f, uint32_t group, const void *arg)
{
    const swinging *s = arg;
    sb_tally t = group_now(s->now, sb_find_group_at(f, group));
    for (uint32_t x = 0; x <= t.present; x++)
        if (!offer_votes_of(f, &t, x, 0, t.present - x))
            return;
}

void sb_swing_carry(sb_arena *arena, const sb_rule *rule, const sb_rule_shape *shape, sb_swing *out)
{
    uint32_t *nobody = SB_ARENA_ARRAY(arena, uint32_t, shape->partner_count + 1);
    sb_tally *tallies = SB_ARENA_ARRAY(arena, sb_tally, shape->partner_count + 1);
    for (uint32_t i = 0; i <= shape->partner_count; i++) {
        uint32_t n = i < shape->partner_count ? shape->partners[i].seats : shape->free_seats;
        tallies[i] = (sb_tally){.seats = n, .filled = n, .present = n, .eligible = n};
        sb_tally_votes(&tallies[i], 0, 0, n);
    }
    const sb_swing_now now = {rule, shape, tallies, nobody};
    search(arena, &now, true, offer_carry, out);
}
