#include "tests/sim/world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/world_inside.h"
#include "tests/sim/world_memo.h"

/* ---- chance, failing ---- */

static uint64_t roll(sw *w) /* splitmix64 */
{
    uint64_t z = w->random += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t sw_below(sw *w, uint64_t n)
{
    return n == 0 ? 0 : roll(w) % n;
}

bool sw_chance(sw *w, uint32_t permille)
{
    return !w->healed && permille > 0 && sw_below(w, 1000) < permille;
}

void sw_fail(const sw *w, const char *format, ...)
{
    va_list args;
    fflush(stdout);
    fprintf(stderr, "seed %llu, %llu ms: ", (unsigned long long)w->o.seed,
            (unsigned long long)w->now_ms);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nreplay: %s --seed %llu --trace\n", w->o.replay,
            (unsigned long long)w->o.seed);
    exit(1);
}

/* ---- the queue: a binary heap on (time, order) ---- */

static bool before(const sw_event *a, const sw_event *b)
{
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

void sw_push(sw *w, uint64_t after_ms, sw_event_kind kind, uint32_t a, uint32_t b, void *p)
{
    if (w->queue_count == SW_QUEUE_MAX)
        sw_fail(w, "the queue grows without bound");
    if (w->queue_count == w->queue_cap) {
        w->queue_cap = w->queue_cap == 0 ? 1024 : 2 * w->queue_cap;
        w->queue = sb_xrealloc(w->queue, w->queue_cap * sizeof *w->queue);
    }
    sw_event e = {.at_ms = w->now_ms + after_ms, .order = w->last_order++, kind, a, b, p};
    size_t at = w->queue_count++;
    for (; at > 0 && before(&e, &w->queue[(at - 1) / 2]); at = (at - 1) / 2)
        w->queue[at] = w->queue[(at - 1) / 2];
    w->queue[at] = e;
}

static sw_event pop(sw *w)
{
    sw_event top = w->queue[0], last = w->queue[--w->queue_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= w->queue_count)
            break;
        if (child + 1 < w->queue_count && before(&w->queue[child + 1], &w->queue[child]))
            child++;
        if (!before(&w->queue[child], &last))
            break;
        w->queue[at] = w->queue[child];
        at = child;
    }
    w->queue[at] = last;
    return top;
}

/* ---- steps ---- */

void sw_tick_soon(sw *w, sw_end *e, uint64_t after_ms)
{
    if (e->tick_at_ms != 0 && e->tick_at_ms <= w->now_ms + after_ms)
        return;
    e->tick_at_ms = w->now_ms + after_ms;
    sw_push(w, after_ms, SW_EV_TICK, e->number, ++e->tick_serial, NULL);
}

static void tick(sw *w, sw_end *e)
{
    e->tick_at_ms = 0;
    if (!sw_is_up(w, e->number))
        return;
    if (e->has_role && e->role.tick != NULL)
        e->role.tick(e->role.arg, w, e->number);
    e->idle++;
    sw_look_for_room(w, e);
    if (e->fol != NULL) {
        sw_node_tick(w, e);
    } else if (e->seq != NULL || e->standby != NULL) {
        sw_broker_tick(w, e);
    }
    if (!sw_is_up(w, e->number))
        return; /* it fell */
    uint32_t shift = e->idle < 10 ? 0 : (e->idle - 6) / 4;
    uint64_t wait_ms = shift > 4 ? SW_TICK_IDLE_MS : (uint64_t)SW_TICK_MS << shift;
    sw_tick_soon(w, e, wait_ms / 2 + sw_below(w, wait_ms));
}

/* Whose step it is; UINT32_MAX: nobody's. */
static uint32_t whose(const sw *w, const sw_event *event)
{
    switch (event->kind) {
    case SW_EV_TICK:
        return event->a;
    case SW_EV_MESSAGE:
        return ((const sw_message *)event->p)->to;
    case SW_EV_TOLD:
        return w->conns[event->a - 1].end[event->b];
    case SW_EV_DIAL: /* nobody answers */
        return w->ends[event->b].frozen_until_ms > w->now_ms ? event->b : event->a;
    case SW_EV_START:
    case SW_EV_FAULT:
    case SW_EV_AUDIT:
        break;
    }
    return UINT32_MAX;
}

/* What comes to who stands still waits, in order. */
static bool is_put_off(sw *w, const sw_event *event)
{
    uint32_t end = whose(w, event);
    if (end == UINT32_MAX || w->ends[end].frozen_until_ms <= w->now_ms)
        return false;
    sw_push(w, w->ends[end].frozen_until_ms - w->now_ms, event->kind, event->a, event->b, event->p);
    return true;
}

static void happen(sw *w, const sw_event *event)
{
    sw_end *e = &w->ends[event->a < w->end_count ? event->a : 0];
    if (is_put_off(w, event))
        return;
    switch (event->kind) {
    case SW_EV_TICK:
        if (event->b == e->tick_serial)
            tick(w, e);
        break;
    case SW_EV_MESSAGE:
        sw_net_deliver(w, event->p);
        break;
    case SW_EV_START:
        if (event->b == e->start_serial && !sw_is_up(w, event->a) && !e->lost)
            sw_start(w, e);
        break;
    case SW_EV_DIAL:
        sw_net_dial(w, event->a, event->b);
        break;
    case SW_EV_TOLD:
        sw_net_told(w, event->a, event->b);
        break;
    case SW_EV_FAULT:
        sw_fault_happens(w, event->a);
        break;
    case SW_EV_AUDIT:
        sw_audit(w, event->a);
        break;
    }
}

bool sw_step(sw *w, uint64_t until_ms)
{
    if (w->queue_count == 0 || w->queue[0].at_ms > until_ms) {
        w->now_ms = until_ms > w->now_ms ? until_ms : w->now_ms;
        return false;
    }
    sw_event event = pop(w);
    w->now_ms = event.at_ms;
    happen(w, &event);
    return true;
}

void sw_run(sw *w, uint64_t ms)
{
    uint64_t until_ms = w->now_ms + ms;
    while (sw_step(w, until_ms))
        ;
}

void sw_heal(sw *w)
{
    w->healed = true;
    for (uint32_t i = 0; i < w->end_count; i++) {
        sw_end *e = &w->ends[i];
        e->full_until_ms = 0;
        e->sync_fails = false;
        if (!sw_is_up(w, i) && !e->lost)
            sw_push(w, 100, SW_EV_START, i, ++e->start_serial, NULL);
        for (uint32_t k = 0; k < w->end_count; k++)
            w->blocked_until_ms[i][k] = 0;
    }
}

/* ---- members ---- */

void sw_add_note(sw *w, const sw_note *note)
{
    if (w->note_count == w->note_cap) {
        w->note_cap = w->note_cap == 0 ? 64 : 2 * w->note_cap;
        w->notes = sb_xrealloc(w->notes, w->note_cap * sizeof *w->notes);
    }
    w->notes[w->note_count++] = *note;
}

const sw_note *sw_notes(sw *w, size_t *count)
{
    *count = w->note_count;
    w->note_count = 0; /* they stay where they are until the next one comes */
    return w->notes;
}

bool sw_submit(sw *w, uint32_t node, sb_slice entry)
{
    sw_end *e = sw_end_of(w, node);
    sb_fail fail = {0};
    if (e->fol == NULL)
        return false;
    sb_fol_event event = {
        .kind = SB_FOL_MEMBER_SUBMIT, .entry = entry, .member = 1, .refusal = &fail};
    event.leaf = sw_memo_entry(entry, &fail);
    for (size_t i = 0; event.leaf != NULL && i < event.leaf->blob_count; i++) {
        const uint8_t *blob = event.leaf->blobs[i]->sha256.data;
        if (!sb_ledger_blob_erased(e->ledger, blob, NULL))
            sw_store_put_blob(&e->store, blob);
    }
    w->counts.submits++;
    if (w->o.trace)
        sw_say(w, node, "a member hands in %s",
               event.leaf != NULL ? sb_entry_type_name(event.leaf->entry.type) : "what can't be");
    sw_node_feed(w, e, &event);
    return true;
}

/* ---- looking ---- */

sw_end *sw_end_of(sw *w, uint32_t end)
{
    assert(end < w->end_count);
    return &w->ends[end];
}

bool sw_is_node(const sw *w, uint32_t end)
{
    return end < w->o.nodes;
}

bool sw_is_up(const sw *w, uint32_t end)
{
    const sw_end *e = &w->ends[end];
    return e->fol != NULL || e->seq != NULL || e->standby != NULL ||
           (e->has_role && e->role.no_core);
}

bool sw_is_lost(const sw *w, uint32_t end)
{
    return w->ends[end].lost;
}

bool sw_lost_disk(const sw *w, uint32_t end)
{
    return w->ends[end].disk_lost;
}

bool sw_is_liar(const sw *w, uint32_t end)
{
    return w->ends[end].has_role;
}

bool sw_healed(const sw *w)
{
    return w->healed;
}

uint64_t sw_time_ms(const sw *w)
{
    return w->now_ms;
}

const sw_options *sw_options_of(const sw *w)
{
    return &w->o;
}

const sw_counts *sw_counts_of(const sw *w)
{
    return &w->counts;
}

uint32_t sw_may_lie(const sw *w)
{
    return w->o.may_lie != 0 ? w->o.may_lie : (w->o.nodes - 1) / 3;
}

/* The ledger of the node that knows most, and what all of them know to be sealed. What a broker alone has is
 * gone with it. */
static sb_ledger *known_to_nodes(const sw *w, uint64_t *sealed_size)
{
    const sw_end *best = NULL;
    *sealed_size = UINT64_MAX;
    for (uint32_t i = 0; i < w->o.nodes; i++) {
        const sw_end *e = &w->ends[i];
        uint64_t index, size = 0;
        if (e->ledger == NULL)
            continue;
        if (!sb_ledger_last_seal(e->ledger, &index, &size) || size < *sealed_size)
            *sealed_size = size;
        if (best == NULL || e->store.leaf_count > best->store.leaf_count)
            best = e;
    }
    return best == NULL ? NULL : best->ledger;
}

/* An organisation replaced its key, and no SEAL covers that yet: what it promises with the new one counts
 * for nothing (PROTOCOL, HANDOVER). */
static bool has_unsealed_key(const sw *w, sb_ledger *l, uint64_t sealed_size, uint32_t org)
{
    if (l == NULL)
        return false;
    const uint8_t *pk = sb_secret_pk(sw_witness_key(w, org, l));
    return !sb_ledger_witness_at(l, pk, sealed_size) &&
           sb_ledger_witness(l, pk, &(sb_ledger_org){0});
}

/* Organisations that can't promise the next term. */
static uint32_t unable(const sw *w)
{
    uint32_t count = 0;
    uint64_t sealed_size;
    sb_ledger *l = known_to_nodes(w, &sealed_size);
    for (uint32_t i = 0; i < w->o.nodes; i++)
        count +=
            w->ends[i].has_role || w->ends[i].disk_lost || has_unsealed_key(w, l, sealed_size, i);
    return count;
}

bool sw_may_lose(const sw *w)
{
    return unable(w) < sw_may_lie(w);
}

bool sw_may_take_over(const sw *w)
{
    return unable(w) <= sw_may_lie(w);
}

bool sw_status(sw *w, uint32_t node, sb_fol_status *out)
{
    sw_end *e = sw_end_of(w, node);
    if (e->fol == NULL)
        return false;
    sb_follower_status(e->fol, sw_now_of(w, node), out);
    return true;
}

bool sw_seq_status(sw *w, uint32_t end, sb_seq_status *out)
{
    sw_end *e = sw_end_of(w, end);
    if (e->seq == NULL)
        return false;
    sb_sequencer_status(e->seq, out);
    return true;
}

bool sw_standby_status(sw *w, uint32_t end, sb_standby_status *out)
{
    sw_end *e = sw_end_of(w, end);
    if (e->standby == NULL)
        return false;
    sb_standby_status_get(e->standby, sw_now_of(w, end), out);
    return true;
}

uint32_t sw_sequencer(sw *w, uint32_t *term)
{
    uint32_t best = UINT32_MAX;
    *term = 0;
    for (uint32_t i = w->o.nodes; i < w->end_count; i++) {
        sb_seq_status s;
        if (!sw_seq_status(w, i, &s) || (best != UINT32_MAX && s.term <= *term))
            continue;
        *term = s.term;
        best = i;
    }
    return best;
}

sb_ledger *sw_ledger(sw *w, uint32_t end)
{
    return w->ends[end].ledger;
}

uint64_t sw_log_size(const sw *w, uint32_t end)
{
    return w->ends[end].store.leaf_count;
}

sb_slice sw_log_leaf(const sw *w, uint32_t end, uint64_t index)
{
    assert(index < w->ends[end].store.leaf_count);
    return w->ends[end].store.leaves[index].bytes;
}

bool sw_has_blob(const sw *w, uint32_t end, const uint8_t sha256[32])
{
    return sw_store_has_blob(&w->ends[end].store, sha256);
}

uint64_t sw_final_size(const sw *w)
{
    return w->final_count;
}

sb_slice sw_final_leaf(const sw *w, uint64_t index)
{
    return w->final[index];
}

bool sw_is_final(const sw *w, const uint8_t entry_id[32])
{
    return sw_map_find(&w->final_ids, entry_id) != NULL;
}

fed *sw_keys(const sw *w)
{
    return w->keys;
}

const uint8_t *sw_witness_pk(const sw *w, uint32_t node, uint32_t i)
{
    char name[96];
    if (i == 0)
        return fed_witness(w->keys, node)->pk;
    snprintf(name, sizeof name, "%s/witness-2", w->keys->charter->organisations[node]->id);
    for (size_t k = 0; i == 1 && k < w->keys->key_count; k++)
        if (strcmp(w->keys->keys[k]->name, name) == 0)
            return w->keys->keys[k]->pk;
    return NULL;
}

const sb_secret *sw_secret(const sw *w, uint32_t end)
{
    return sw_is_node(w, end) ? fed_witness(w->keys, end)->secret
                              : fed_key_of(w->keys, w->ends[end].key)->secret;
}

void sw_set_role(sw *w, uint32_t end, const sw_role *role)
{
    sw_end *e = sw_end_of(w, end);
    e->role = *role;
    e->has_role = true;
    sw_tick_soon(w, e, SW_TICK_MS);
}

/* ---- life ---- */

static void init_end(sw *w, uint32_t i)
{
    sw_end *e = &w->ends[i];
    uint32_t b = i < w->o.nodes ? 0 : i - w->o.nodes;
    e->number = i;
    e->is_node = i < w->o.nodes;
    sw_store_init(&e->store);
    if (b == 0)
        snprintf(e->key, sizeof e->key, "log");
    else
        snprintf(e->key, sizeof e->key, "log-%u", b + 1);
    sw_clock_init(w, e);
    for (uint32_t k = 0; k < w->end_count; k++)
        w->slow[i][k] = 2 + (uint32_t)sw_below(w, 8);
    sw_push(w, sw_below(w, 200), SW_EV_START, i, ++e->start_serial, NULL);
}

sw *sw_new(const sw_options *options, fed *keys, const uint8_t federation_id[32])
{
    sw *w = sb_xmalloc(sizeof *w);
    memset(w, 0, sizeof *w);
    w->o = *options;
    w->keys = keys;
    memcpy(w->federation_id, federation_id, 32);
    w->random = options->seed * 0x9E3779B97F4A7C15u + 1;
    w->legal_ms = keys->now_ms;
    w->end_count = options->nodes + options->brokers;
    assert(options->nodes <= SW_NODES_MAX && options->brokers <= SW_BROKERS_MAX);
    sb_arena_init(&w->arena);
    for (uint32_t i = 0; i < w->end_count; i++)
        init_end(w, i);
    sw_faults_init(w);
    sw_audit_init(w);
    return w;
}

void sw_free(sw *w)
{
    w->healed = true;
    for (uint32_t i = 0; i < w->end_count; i++) {
        sw_end *e = &w->ends[i];
        sw_stop(w, e, 0);
        sw_store_deinit(&e->store);
        if (e->has_backup)
            sw_store_deinit(&e->backup);
        free(e->conns);
        free(e->gone);
    }
    for (size_t i = 0; i < w->queue_count; i++)
        free(w->queue[i].p);
    sw_audit_deinit(w);
    sw_checks_deinit(w);
    free(w->queue);
    free(w->conns);
    free(w->notes);
    sb_arena_deinit(&w->arena);
    free(w);
    sw_memo_clear();
}
