/* Processes that start and fall, disks that fill up or fail, links that break: by chance, or told to. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/world_inside.h"

uint64_t sw_down_time(sw *w)
{
    return 20 + sw_below(w, w->o.down_ms_max + 1);
}

/* ---- starting and stopping ---- */

/* Nothing that was stored can be trusted any more. A node begins anew; a broker is lost. */
static void damaged(sw *w, sw_end *e)
{
    sw_say(w, e->number, "finds its store damaged");
    if (e->is_node) {
        w->counts.rebuilt++;
        sw_lose_disk(w, e->number);
    } else {
        e->lost = true;
    }
}

/* A broker's store may go where another one can take over: once something is sealed. */
static bool may_be_damaged(sw *w, const sw_end *e)
{
    uint32_t left = 0;
    if (e->is_node)
        return sw_may_lose(w) && !e->disk_lost;
    for (uint32_t i = w->o.nodes; i < w->end_count; i++)
        left += !w->ends[i].lost;
    return left > 2 && w->final_count > 0 && sw_may_take_over(w);
}

static void damage(sw *w, sw_end *e)
{
    bool stale = sw_below(w, 2) == 0;
    if (!sw_store_damage(&e->store, stale, sw_below(w, UINT64_MAX)))
        return;
    w->counts.damaged_pages += !stale;
    w->counts.stale_pages += stale;
    sb_ledger *ledger = sw_store_open(&e->store);
    if (ledger != NULL)
        sw_fail(w, "a damaged store opens at end %u", e->number);
    damaged(w, e);
}

void sw_start(sw *w, sw_end *e)
{
    if (sw_chance(w, w->o.damage_permille) && may_be_damaged(w, e))
        damage(w, e);
    if (e->lost || (e->has_role && e->role.no_core))
        return;
    e->ledger = sw_store_open(&e->store);
    if (e->ledger == NULL)
        sw_fail(w, "the store of end %u does not open", e->number);
    e->store.broken = false;
    e->idle = 0;
    sw_check_started(w, e);
    if (e->is_node)
        sw_node_open(w, e);
    else
        sw_broker_open(w, e, true);
    sw_net_started(w, e->number);
    sw_tick_soon(w, e, SW_TICK_MS);
}

static void close_cores(sw_end *e)
{
    sw_node_forget_ahead(e);
    sb_follower_close(e->fol);
    sb_sequencer_close(e->seq);
    sb_standby_close(e->standby);
    sb_ledger_close(e->ledger);
    if (e->has_missing)
        sb_missing_deinit(&e->missing);
    e->has_missing = false;
    e->fol = NULL;
    e->seq = NULL;
    e->standby = NULL;
    e->ledger = NULL;
}

/* down_ms 0: it stays down. */
void sw_stop(sw *w, sw_end *e, uint64_t down_ms)
{
    if (e->fol == NULL && e->seq == NULL && e->standby == NULL)
        return;
    close_cores(e);
    e->full = false;
    e->tick_at_ms = 0;
    e->tick_serial++;
    e->gone_count = 0;
    e->faults_seen = 0;
    w->counts.lost_commits += sw_store_crash(&e->store, sw_below(w, 2) == 0);
    sw_clock_restart(w, e);
    sw_net_stopped(w, e->number, !w->healed && sw_below(w, 4) == 0);
    if (down_ms > 0)
        sw_push(w, down_ms, SW_EV_START, e->number, ++e->start_serial, NULL);
}

static void falls(sw *w, sw_end *e, const char *how)
{
    w->counts.crashes++;
    sw_say(w, e->number, "falls%s", how);
    sw_stop(w, e, sw_down_time(w));
}

/* As the daemons do: what could not be committed is dropped, the cores are opened anew over what was,
 * and the process goes on, taking nothing (a sequencer is told so, the others aren't asked). */
static void outlives_full(sw *w, sw_end *e)
{
    sw_say(w, e->number, "has no room on its disk, and takes nothing");
    bool awaits = e->seq != NULL && sb_sequencer_awaits(e->seq, &e->awaits_from_ms);
    close_cores(e);
    (void)sw_store_crash(&e->store, false);
    e->ledger = sw_store_open(&e->store);
    if (e->ledger == NULL)
        sw_fail(w, "the store of end %u does not open after its disk was full", e->number);
    e->full = true;
    if (e->is_node)
        sw_node_open(w, e);
    else
        sw_broker_open(w, e, awaits);
    e->awaits_from_ms = 0;
    sw_everybody_up(w, e);
}

void sw_look_for_room(sw *w, sw_end *e)
{
    if (!e->full || e->full_until_ms > w->now_ms)
        return;
    e->full = false;
    sw_say(w, e->number, "has room again");
    if (e->seq == NULL)
        sw_everybody_up(w, e); /* it was told of nobody meanwhile */
}

bool sw_commit(sw *w, sw_end *e, const sb_log_commit *c)
{
    w->counts.commits++;
    if (e->full_until_ms > w->now_ms) {
        w->counts.disk_full++;
        if (sw_below(w, 4) == 0)
            sw_stop(w, e, sw_down_time(w)); /* somebody starts it anew */
        else
            outlives_full(w, e);
        return true;
    }
    bool fell = sw_chance(w, w->o.crash_commit_permille);
    if (fell && sw_below(w, 3) == 0) {
        falls(w, e, " before it writes a commit");
        return true;
    }
    sw_say_commit(w, e->number, c);
    sw_check_written(w, e, c);
    sw_store_write(&e->store, c, e->ledger);
    if (e->sync_fails) {
        e->sync_fails = false;
        w->counts.sync_fails++;
        sw_say(w, e->number, "ends: its disk does not sync");
        sw_stop(w, e, sw_down_time(w));
        return true;
    }
    if (fell && sw_below(w, 2) == 0) {
        falls(w, e, " while it syncs a commit");
        return true;
    }
    sw_store_sync(&e->store);
    w->counts.erased += c->erased_count;
    sw_check_durable(w, e, c);
    if (fell)
        falls(w, e, " after a commit");
    return fell;
}

/* ---- by chance ---- */

typedef enum sw_fault {
    FAULT_CRASH,
    FAULT_CUT,
    FAULT_HALF_OPEN,
    FAULT_PARTITION,
    FAULT_DISK_FULL,
    FAULT_SYNC,
    FAULT_COUNT
} sw_fault;

/* An hour of all of them together. */
static uint64_t rate(const sw *w, sw_fault fault)
{
    const uint64_t ends = w->end_count;
    switch (fault) {
    case FAULT_CRASH:
        return ends * w->o.crashes_an_hour;
    case FAULT_CUT:
        return ends * ends / 2 * w->o.cuts_an_hour;
    case FAULT_HALF_OPEN:
        return ends * ends / 2 * w->o.half_opens_an_hour;
    case FAULT_PARTITION:
        return w->o.partitions_an_hour;
    case FAULT_DISK_FULL:
        return ends * w->o.disk_full_an_hour;
    case FAULT_SYNC:
        return ends * w->o.sync_fails_an_hour;
    case FAULT_COUNT:
        break;
    }
    return 0;
}

static void plan_next(sw *w, sw_fault fault)
{
    uint64_t an_hour = rate(w, fault);
    if (an_hour > 0)
        sw_push(w, 1 + sw_below(w, 2 * 3600 * 1000 / an_hour + 1), SW_EV_FAULT, fault, 0, NULL);
}

void sw_faults_init(sw *w)
{
    for (sw_fault fault = 0; fault < FAULT_COUNT; fault++)
        plan_next(w, fault);
}

void sw_fault_happens(sw *w, uint32_t fault)
{
    uint32_t a = (uint32_t)sw_below(w, w->end_count), b = (uint32_t)sw_below(w, w->end_count);
    if (w->healed)
        return;
    plan_next(w, (sw_fault)fault);
    sw_end *e = &w->ends[a];
    switch ((sw_fault)fault) {
    case FAULT_CRASH:
        if (sw_is_up(w, a))
            falls(w, e, "");
        break;
    case FAULT_CUT:
        w->counts.cuts += a != b;
        if (a != b)
            sw_cut(w, a, b, false, sw_below(w, 2) == 0 ? 0 : sw_down_time(w));
        break;
    case FAULT_HALF_OPEN:
        w->counts.half_opens += a != b;
        if (a != b)
            sw_cut(w, a, b, true, 0);
        break;
    case FAULT_PARTITION: {
        uint32_t set = (uint32_t)sw_below(w, 1u << w->end_count);
        sw_part_set(w, sw_below(w, 2) == 0 ? 1u << a : set, sw_below(w, 2) == 0,
                    1000 + sw_below(w, w->o.partition_ms_max + 1));
        break;
    }
    case FAULT_DISK_FULL:
        sw_fill_disk(w, a, 1000 + sw_below(w, w->o.down_ms_max * 4 + 1));
        break;
    case FAULT_SYNC:
        e->sync_fails = true;
        break;
    case FAULT_COUNT:
        break;
    }
}

/* ---- on purpose ---- */

void sw_kill(sw *w, uint32_t end, uint64_t down_ms)
{
    sw_end *e = sw_end_of(w, end);
    w->counts.crashes += sw_is_up(w, end);
    sw_say(w, end, "stops for %llu ms", (unsigned long long)down_ms);
    sw_stop(w, e, down_ms);
    if (!e->lost) /* also when it was down already */
        sw_push(w, down_ms, SW_EV_START, end, ++e->start_serial, NULL);
}

void sw_freeze(sw *w, uint32_t end, uint64_t ms)
{
    sw_end *e = sw_end_of(w, end);
    sw_say(w, end, "stands still for %llu ms", (unsigned long long)ms);
    e->frozen_until_ms = w->now_ms + ms;
    sw_net_starved(w, end);
}

void sw_lose(sw *w, uint32_t end)
{
    sw_say(w, end, "is lost");
    w->counts.crashes += sw_is_up(w, end);
    sw_stop(w, sw_end_of(w, end), 0);
    w->ends[end].lost = true;
}

void sw_lose_disk(sw *w, uint32_t node)
{
    sw_end *e = sw_end_of(w, node);
    assert(e->is_node);
    sw_say(w, node, "has lost its disk");
    bool was_up = sw_is_up(w, node);
    w->counts.crashes += was_up;
    sw_stop(w, e, 500);
    sw_store_deinit(&e->store);
    sw_store_init(&e->store);
    e->disk_lost = true;
    e->final_size = e->cosigned_size = e->cosigned_s = e->checked_leaves = 0;
    e->cosigned_term = e->promised_term = 0;
    memset(e->promised_row, 0, 32);
    e->seal = (sb_head){0};
    e->diverged = e->conflict = false;
    e->evidence_seen = 0;
}

void sw_backup(sw *w, uint32_t end)
{
    sw_end *e = sw_end_of(w, end);
    if (e->lost || !sw_store_is_synced(&e->store))
        return; /* gone, or found damaged: a backup is verified, and of that there is none */
    if (e->has_backup)
        sw_store_deinit(&e->backup);
    sw_store_copy(&e->store, &e->backup);
    e->has_backup = true;
}

void sw_restore(sw *w, uint32_t end)
{
    sw_end *e = sw_end_of(w, end);
    assert(e->has_backup && end == w->o.nodes); /* the founding broker: it orders term 1 alone */
    sw_say(w, end, "is restored to %llu leaves", (unsigned long long)e->backup.leaf_count);
    sw_stop(w, e, 0);
    sw_store_deinit(&e->store);
    sw_store_copy(&e->backup, &e->store);
    /* one that lacks nothing of what it ordered is no other than one that was off */
    e->restored = e->has_role || !w->terms[1].known || e->store.leaf_count < w->terms[1].count;
    e->lost = false;
    e->checked_leaves = e->store.leaf_count;
    sw_push(w, 10, SW_EV_START, end, ++e->start_serial, NULL);
}

void sw_tell_take_over(sw *w, uint32_t broker_end)
{
    sw_end *e = sw_end_of(w, broker_end);
    sw_say(w, broker_end, "is told to take over");
    e->take_over = true;
    sw_stop(w, e, 10);
}

void sw_fill_disk(sw *w, uint32_t end, uint64_t ms)
{
    sw_say(w, end, "its disk fills up");
    sw_end_of(w, end)->full_until_ms = w->now_ms + ms;
}
