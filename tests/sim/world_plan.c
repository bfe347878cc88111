#include "tests/sim/world_plan.h"

#include "tests/sim/world_inside.h"

enum { SILENCE_MS = 180 * 1000, FROZEN_MS = 10 * 60 * 1000 };

static uint64_t mix(uint64_t seed, uint64_t salt)
{
    uint64_t z = seed * 0x9E3779B97F4A7C15u + salt * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 31)) * 0x94D049BB133111EBu;
    z = (z ^ (z >> 29)) * 0xBF58476D1CE4E5B9u;
    return z ^ (z >> 32);
}

uint32_t sw_plan_nodes(uint64_t seed)
{
    static const uint8_t NODES[] = {4, 4, 4, 7, 4, 5, 4, 6, 4, 7, 4, 5, 4, 10, 4, 7};
    return NODES[mix(seed, 100) % sizeof NODES];
}

sw_plan sw_plan_make(uint64_t seed, const sw_story *story)
{
    sw_plan p = {.seed = seed, .story = story, .nodes = story->nodes};
    size_t lines = story->count, founding = story->founding, span = lines - founding - 2;
    uint32_t may_lie = story->may_lie != 0 ? story->may_lie : (p.nodes - 1) / 3;
    p.broker = mix(seed, 101) % 3 != 0 ? SW_BROKER_STAYS : (sw_plan_broker)(1 + mix(seed, 4) % 3);
    p.brokers = p.broker != SW_BROKER_STAYS ? 3 : 1 + (uint32_t)(mix(seed, 102) % 3);
    p.broker_at = founding + mix(seed, 1) % span;
    p.backup_at = founding + mix(seed, 2) % (p.broker_at - founding + 1);
    p.again = mix(seed, 10) % 4 == 0;
    p.again_at = p.broker_at + 1 + mix(seed, 3) % (lines - p.broker_at - 1);
    p.by_operator = mix(seed, 6) % 4 == 0;
    p.disks = (uint32_t)(mix(seed, 5) % (may_lie + 1));
    for (uint32_t i = 0; i < p.disks; i++)
        p.disk_at[i] = founding + mix(seed, 20 + i) % span;
    p.anew = p.disks < may_lie;
    p.part_at = founding + mix(seed, 7) % span;
    p.crash_at = founding + mix(seed, 8) % span;
    p.clock_at = founding + mix(seed, 9) % span;
    p.clock_wrong = mix(seed, 11) % 3 == 0;
    return p;
}

sw_options sw_plan_options(const sw_plan *p)
{
    uint64_t s = p->seed;
    sw_options o = {.seed = s, .nodes = p->nodes, .brokers = p->brokers, .auditors = 1};
    o.story = p->story;
    o.quorum = p->story->quorum;
    o.may_lie = p->story->may_lie;
    o.delay_ms_min = 1;
    o.delay_ms_max = (uint32_t)(3 + mix(s, 40) % 120);
    o.offset_ms_max = (uint32_t)(mix(s, 41) % 40000);
    o.drift_ppm_max = (uint32_t)(mix(s, 42) % 300);
    if (mix(s, 43) % 8 == 0)
        return o; /* slow, but nothing fails by chance */
    o.drop_permille = (uint32_t)(mix(s, 44) % 60);
    o.double_permille = (uint32_t)(mix(s, 45) % 50);
    o.crash_commit_permille = (uint32_t)(mix(s, 46) % 10);
    /* who falls every minute never sees three of silence */
    o.crashes_an_hour = (uint32_t)(mix(s, 47) % (p->broker == SW_BROKER_STAYS ? 60 : 8));
    o.cuts_an_hour = (uint32_t)(mix(s, 48) % 30);
    o.half_opens_an_hour = (uint32_t)(mix(s, 49) % 12);
    o.partitions_an_hour = (uint32_t)(mix(s, 50) % 60);
    o.disk_full_an_hour = (uint32_t)(mix(s, 51) % 6);
    o.sync_fails_an_hour = (uint32_t)(mix(s, 52) % 6);
    o.damage_permille = (uint32_t)(mix(s, 53) % 20);
    o.down_ms_max = (uint32_t)(200 + mix(s, 54) % 6000);
    o.partition_ms_max = (uint32_t)(1000 + mix(s, 55) % 40000);
    return o;
}

/* ---- as it goes ---- */

enum { DID_BACKUP, DID_BROKER, DID_AGAIN, DID_PART, DID_CRASH, DID_CLOCK, DID_DISK };

static bool due(sw_plan *p, sw *w, sw_members *m, uint32_t what, size_t at)
{
    /* nothing can be handed over before anything was sealed */
    if ((p->done >> what & 1) != 0 || sw_members_next(m) < at || sw_final_size(w) == 0)
        return false;
    p->done |= 1u << what;
    return true;
}

static void broker_goes(sw_plan *p, sw *w)
{
    p->broker_gone_ms = sw_time_ms(w);
    if (p->broker == SW_BROKER_STOPS && mix(p->seed, 12) % 2 == 0 && !sw_is_liar(w, p->nodes))
        sw_freeze(w, p->nodes, FROZEN_MS);
    else if (p->broker == SW_BROKER_STOPS)
        sw_kill(w, p->nodes, SILENCE_MS + 40000 + sw_below(w, 60000));
    else
        sw_lose(w, p->nodes);
}

/* Mostly it is alone with a few for its last seconds: what they have of it must be dropped. */
static void cut_off(sw_plan *p, sw *w, sw_members *m)
{
    uint32_t set = 1u << p->nodes | 1u << sw_members_home(m);
    for (uint32_t i = 1; i < (p->nodes - 1) / 3; i++)
        set |= 1u << sw_below(w, p->nodes);
    p->broker_goes_ms = sw_time_ms(w) + 1;
    if (sw_below(w, 4) == 0)
        return;
    sw_part_set(w, set, false, 8000);
    p->broker_goes_ms += 1000 + sw_below(w, 6000);
}

/* A standby beside this one that has ordered nothing; the founding broker's key begins no term. */
static bool another_is_left(const sw_plan *p, sw *w, uint32_t broker)
{
    for (uint32_t b = p->nodes + 1; b < p->nodes + p->brokers; b++)
        if (b != broker && !sw_is_lost(w, b) && !w->ends[b].has_ordered)
            return true;
    return false;
}

static void terms(sw_plan *p, sw *w, sw_members *m)
{
    uint32_t term;
    if (p->broker == SW_BROKER_STAYS)
        return;
    if (due(p, w, m, DID_BACKUP, p->backup_at))
        sw_backup(w, p->nodes);
    if (due(p, w, m, DID_BROKER, p->broker_at) && !sw_is_lost(w, p->nodes))
        cut_off(p, w, m);
    if (p->broker_goes_ms != 0 && sw_time_ms(w) >= p->broker_goes_ms && sw_may_take_over(w)) {
        p->broker_goes_ms = 0;
        broker_goes(p, w);
    }
    if (p->broker_gone_ms != 0 && p->by_operator && !p->told &&
        sw_time_ms(w) - p->broker_gone_ms > 5000) {
        p->told = true;
        sw_tell_take_over(w, p->nodes + 1);
    }
    uint32_t b = sw_sequencer(w, &term);
    if (term >= 2 && p->broker == SW_BROKER_RESTORED && !p->restored &&
        w->ends[p->nodes].has_backup) {
        p->restored = true;
        sw_restore(w, p->nodes);
    }
    if (term < 2 || b == p->nodes || !p->again || !sw_may_take_over(w) ||
        !due(p, w, m, DID_AGAIN, p->again_at))
        return;
    if (another_is_left(p, w, b))
        sw_lose(w, b);
    else /* who ordered before may not take its place, and it goes on */
        sw_freeze(w, b, FROZEN_MS);
}

/* A broker's clock within the tolerance; one node's by up to a day, as long as it may be missing. */
static void wrong_clock(sw_plan *p, sw *w)
{
    bool broker = sw_below(w, 2) == 0 || !sw_may_lose(w) || p->disks > 0;
    p->clock_end = broker ? p->nodes : (uint32_t)sw_below(w, p->nodes);
    p->clock_ms =
        broker ? 1 + (int64_t)sw_below(w, 60 * 1000) : 1 + (int64_t)sw_below(w, 24 * 3600 * 1000);
    if (sw_below(w, 2) == 0)
        p->clock_ms = -p->clock_ms;
    sw_clock_jump(w, p->clock_end, p->clock_ms);
    p->clock_back_ms = sw_time_ms(w) + 1000 + sw_below(w, 30000);
}

static void set_right(sw_plan *p, sw *w)
{
    p->clock_back_ms = 0;
    sw_clock_jump(w, p->clock_end, -p->clock_ms);
}

void sw_plan_turn(sw_plan *p, sw *w, sw_members *m)
{
    for (uint32_t i = 0; i < p->disks; i++)
        if (due(p, w, m, DID_DISK + i, p->disk_at[i]) && sw_may_lose(w)) {
            uint32_t n = i == 0 ? 1 : p->nodes - i;
            if (!sw_lost_disk(w, n))
                sw_lose_disk(w, n);
        }
    for (uint32_t n = 0; n < p->nodes; n++)
        if (sw_lost_disk(w, n) && !w->ends[n].told_lost) {
            w->ends[n].told_lost = true;
            sw_members_disk_lost(m, n);
        }
    terms(p, w, m);
    if (due(p, w, m, DID_PART, p->part_at))
        sw_part_set(w, (uint32_t)sw_below(w, 1u << (p->nodes + p->brokers)), sw_below(w, 3) == 0,
                    2000 + sw_below(w, 30000));
    if (due(p, w, m, DID_CRASH, p->crash_at))
        sw_kill(w, (uint32_t)sw_below(w, p->nodes + 1), 20 + sw_below(w, 5000));
    if (p->clock_wrong && due(p, w, m, DID_CLOCK, p->clock_at))
        wrong_clock(p, w);
    if (p->clock_back_ms != 0 && sw_time_ms(w) >= p->clock_back_ms)
        set_right(p, w);
}

void sw_plan_end(sw_plan *p, sw *w)
{
    if (p->clock_back_ms != 0)
        set_right(p, w);
    sw_heal(w);
}
