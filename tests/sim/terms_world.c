#include "tests/sim/terms_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/terms_inside.h"

/* ---- chance, time, failing ---- */

static uint64_t roll(tw *w) /* splitmix64 */
{
    uint64_t z = w->random += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t tw_below(tw *w, uint64_t n)
{
    return n == 0 ? 0 : roll(w) % n;
}

bool tw_chance(tw *w, uint32_t permille)
{
    return !w->healed && permille > 0 && tw_below(w, 1000) < permille;
}

sb_now tw_now(const tw *w)
{
    return (sb_now){.legal_ms = w->legal_ms, .mono_ms = w->now_ms};
}

uint64_t tw_now_ms(const tw *w)
{
    return w->now_ms;
}

uint64_t tw_down_time(tw *w)
{
    return 20 + tw_below(w, w->o.down_ms_max + 1);
}

void tw_fail(const tw *w, const char *what, uint64_t a, uint64_t b)
{
    fprintf(stderr, "seed %llu, %llu ms: %s (%llu, %llu)\nreplay: %s --seed %llu --trace\n",
            (unsigned long long)w->o.seed, (unsigned long long)w->now_ms, what,
            (unsigned long long)a, (unsigned long long)b, w->o.replay,
            (unsigned long long)w->o.seed);
    exit(1);
}

void tw_trace(const tw *w, uint32_t end, const char *what, uint64_t n)
{
    if (w->o.trace)
        fprintf(stderr, "%8llu %s %u: %s %llu\n", (unsigned long long)w->now_ms,
                end < w->o.nodes ? "node" : "broker", end < w->o.nodes ? end : end - w->o.nodes,
                what, (unsigned long long)n);
}

/* ---- invariants ---- */

void tw_check_final(tw *w, uint32_t n, uint64_t size)
{
    tw_node *p = &w->nodes[n];
    const sim_store *s = &p->store;
    if (size == p->final_size)
        return;
    if (size < p->final_size)
        tw_fail(w, "what was final isn't any more", n, size);
    if (size > s->leaf_count)
        tw_fail(w, "final beyond the log", n, size);
    p->final_size = size;
    if (size > w->final_count && size > w->final_cap) {
        w->final_cap = size * 2;
        w->final = sb_xrealloc(w->final, w->final_cap * sizeof *w->final);
    }
    for (uint64_t i = w->final_count; i < size; i++) {
        sb_buf_init(&w->final[i]);
        sb_buf_add(&w->final[i], sb_buf_slice(&s->leaves[i]));
        w->final_count = i + 1;
    }
    for (uint64_t i = 0; i < size; i++)
        if (!sb_slice_eq(sb_buf_slice(&s->leaves[i]), sb_buf_slice(&w->final[i])))
            tw_fail(w, "two final histories", n, i);
}

/* ---- network ---- */

bool tw_next_conn(const tw *w, uint32_t end, uint32_t *at, uint32_t *other, uint32_t *conn)
{
    uint32_t ends = w->o.nodes + w->o.brokers;
    for (; *at < ends; (*at)++) {
        const tw_conn *c =
            w->conns[end][*at].number != 0 ? &w->conns[end][*at] : &w->conns[*at][end];
        if (c->number == 0)
            continue;
        *other = *at;
        *conn = c->number;
        (*at)++;
        return true;
    }
    return false;
}

static bool find_conn(const tw *w, uint32_t end, uint32_t conn, uint32_t *other)
{
    uint32_t at = 0, number;
    while (tw_next_conn(w, end, &at, other, &number))
        if (number == conn)
            return true;
    return false;
}

void tw_send(tw *w, uint32_t from, uint32_t conn, tw_kind kind, sb_slice bytes, uint64_t blob_bytes)
{
    uint32_t to;
    if (!find_conn(w, from, conn, &to))
        return;
    w->counts.messages++;
    if (tw_chance(w, w->o.drop_permille)) {
        w->counts.dropped++;
        return;
    }
    int copies = tw_chance(w, w->o.double_permille) ? 2 : 1;
    for (int i = 0; i < copies; i++) {
        if (w->message_count == w->message_cap) {
            w->message_cap = w->message_cap == 0 ? 256 : 2 * w->message_cap;
            w->messages = sb_xrealloc(w->messages, w->message_cap * sizeof *w->messages);
        }
        tw_message *m = &w->messages[w->message_count++];
        *m = (tw_message){.at_ms = w->now_ms + 1 + tw_below(w, w->o.delay_ms_max + 1),
                          .order = w->last_order++,
                          .from = from,
                          .to = to,
                          .conn = conn,
                          .kind = kind,
                          .blob_bytes = blob_bytes};
        sb_buf_init(&m->bytes);
        sb_buf_add(&m->bytes, bytes);
    }
}

static void drop_messages(tw *w, uint32_t conn)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->message_count; i++) {
        if (w->messages[i].conn == conn)
            sb_buf_deinit(&w->messages[i].bytes);
        else
            w->messages[kept++] = w->messages[i];
    }
    w->message_count = kept;
}

static void tell_link(tw *w, uint32_t end, uint32_t conn, uint32_t other, bool up)
{
    if (end < w->o.nodes)
        tw_node_link(w, end, conn, other, up);
    else
        tw_broker_link(w, end - w->o.nodes, conn, up);
}

void tw_cut_all(tw *w, uint32_t end)
{
    uint32_t ends = w->o.nodes + w->o.brokers;
    for (uint32_t other = 0; other < ends; other++)
        for (int way = 0; way < 2; way++) {
            tw_conn *c = way == 0 ? &w->conns[end][other] : &w->conns[other][end];
            uint32_t number = c->number;
            if (number == 0)
                continue;
            *c = (tw_conn){.retry_ms = w->now_ms + TW_RECONNECT_MS};
            drop_messages(w, number);
            tell_link(w, other, number, end, false);
        }
}

static bool is_up(const tw *w, uint32_t end)
{
    if (end < w->o.nodes)
        return w->nodes[end].follower != NULL;
    const tw_broker *b = &w->brokers[end - w->o.nodes];
    return b->seq != NULL || b->standby != NULL;
}

/* Nodes dial the brokers and the nodes after them. */
static void connect_all(tw *w)
{
    uint32_t ends = w->o.nodes + w->o.brokers;
    for (uint32_t a = 0; a < w->o.nodes; a++)
        for (uint32_t b = a + 1; b < ends; b++) {
            tw_conn *c = &w->conns[a][b];
            if (c->number != 0 || w->now_ms < c->retry_ms || !is_up(w, a) || !is_up(w, b))
                continue;
            uint32_t number = c->number = ++w->last_conn;
            tell_link(w, b, number, a, true);
            if (w->conns[a][b].number == number)
                tell_link(w, a, number, b, true);
        }
}

size_t tw_open_leaves(tw *w, const Sb__Leaves *m, sb_leaf **out, sb_fail *fail)
{
    *out = SB_ARENA_ARRAY(&w->arena, sb_leaf, m->n_leaves + 1);
    size_t opened = 0;
    while (opened < m->n_leaves &&
           sb_leaf_open(sb_slice_of(m->leaves[opened].data, m->leaves[opened].len), &w->arena,
                        &(*out)[opened], fail) == SB_OK)
        opened++;
    return opened;
}

/* The earliest message that is due, taken out of the queue. */
static bool take_due(tw *w, tw_message *out)
{
    size_t best = w->message_count;
    for (size_t i = 0; i < w->message_count; i++) {
        const tw_message *m = &w->messages[i];
        if (m->at_ms > w->now_ms)
            continue;
        if (best == w->message_count || m->at_ms < w->messages[best].at_ms ||
            (m->at_ms == w->messages[best].at_ms && m->order < w->messages[best].order))
            best = i;
    }
    if (best == w->message_count)
        return false;
    *out = w->messages[best];
    w->messages[best] = w->messages[--w->message_count];
    return true;
}

static void deliver(tw *w)
{
    tw_message m;
    while (take_due(w, &m)) {
        uint32_t other;
        sb_arena_reset(&w->arena);
        if (find_conn(w, m.to, m.conn, &other)) {
            if (m.to < w->o.nodes)
                tw_node_hear(w, m.to, &m);
            else
                tw_broker_hear(w, m.to - w->o.nodes, &m);
        }
        sb_buf_deinit(&m.bytes);
    }
}

/* ---- steps ---- */

static void start_what_is_due(tw *w)
{
    for (uint32_t i = 0; i < w->o.nodes; i++)
        if (w->nodes[i].follower == NULL && w->now_ms >= w->nodes[i].up_at_ms)
            tw_node_start(w, i);
    for (uint32_t i = 0; i < w->o.brokers; i++)
        if (!is_up(w, w->o.nodes + i) && !w->brokers[i].lost && w->now_ms >= w->brokers[i].up_at_ms)
            tw_broker_start(w, i);
}

static void crash_some(tw *w)
{
    for (uint32_t end = 0; end < w->o.nodes + w->o.brokers; end++) {
        if (w->healed || !is_up(w, end) || tw_below(w, 100000) >= w->o.crash_step_permille)
            continue;
        w->counts.crashes++;
        if (end < w->o.nodes)
            tw_node_stop(w, end, tw_down_time(w));
        else
            tw_broker_stop(w, end - w->o.nodes, tw_down_time(w));
    }
}

void tw_step(tw *w)
{
    w->now_ms += TW_STEP_MS;
    w->legal_ms += TW_STEP_MS;
    crash_some(w);
    start_what_is_due(w);
    connect_all(w);
    deliver(w);
    for (uint32_t i = 0; i < w->o.nodes; i++) {
        sb_fol_event tick = {.kind = SB_FOL_TICK};
        if (w->nodes[i].follower != NULL && w->now_ms % 50 == (i * 10) % 50)
            tw_node_feed(w, i, &tick);
    }
    for (uint32_t i = 0; i < w->o.brokers; i++)
        if (w->now_ms % 20 == 0)
            tw_broker_tick(w, i);
}

void tw_heal(tw *w)
{
    w->healed = true;
}

/* ---- what a test does ---- */

bool tw_submit(tw *w, uint32_t node, sb_slice entry)
{
    tw_node *p = &w->nodes[node];
    sb_leaf leaf;
    sb_fail fail = {0};
    if (p->follower == NULL)
        return false;
    sb_arena_reset(&w->arena);
    sb_fol_event event = {.kind = SB_FOL_MEMBER_SUBMIT, .entry = entry, .refusal = &fail};
    if (sb_entry_open(entry, &w->arena, &leaf, &fail) != SB_OK)
        tw_fail(w, "an entry that can't be", node, 0);
    for (size_t i = 0; i < leaf.blob_count; i++)
        if (!sb_ledger_blob_erased(p->ledger, leaf.blobs[i]->sha256.data, NULL))
            sim_store_blob(&p->store, leaf.blobs[i]->sha256.data);
    event.leaf = &leaf;
    tw_node_feed(w, node, &event);
    return true;
}

const tw_note *tw_notes(tw *w, size_t *count)
{
    *count = w->note_count;
    w->note_count = 0; /* they stay where they are until the next one comes */
    return w->notes;
}

void tw_lose_broker(tw *w, uint32_t b)
{
    tw_trace(w, w->o.nodes + b, "is lost", 0);
    tw_broker_stop(w, b, 0);
    w->brokers[b].lost = true;
}

void tw_stop_broker(tw *w, uint32_t b, uint64_t down_ms)
{
    tw_trace(w, w->o.nodes + b, "stops for", down_ms);
    tw_broker_stop(w, b, down_ms);
}

static void copy_kv(sb_kv *from, sb_kv *to)
{
    sb_slice key, value, at = {0};
    sb_buf last;
    sb_buf_init(&last);
    for (bool inclusive = true; sb_kv_next(from, at, inclusive, &key, &value); inclusive = false) {
        sb_buf_clear(&last);
        sb_buf_add(&last, key);
        at = sb_buf_slice(&last);
        sb_kv_put(to, key, value);
    }
    sb_buf_deinit(&last);
}

static void copy_store(const sim_store *from, sim_store *to)
{
    sim_store_init(to);
    copy_kv(from->state, to->state);
    copy_kv(from->own, to->own);
    copy_kv(from->tiles, to->tiles);
    copy_kv(from->blobs, to->blobs);
    to->leaves = sb_xmalloc((from->leaf_count + 1) * sizeof *to->leaves);
    to->leaf_cap = from->leaf_count + 1;
    for (size_t i = 0; i < from->leaf_count; i++) {
        sb_buf_init(&to->leaves[i]);
        sb_buf_add(&to->leaves[i], sb_buf_slice(&from->leaves[i]));
    }
    to->leaf_count = from->leaf_count;
}

void tw_backup_broker(tw *w, uint32_t b)
{
    tw_broker *p = &w->brokers[b];
    if (p->has_backup)
        sim_store_deinit(&p->backup);
    copy_store(&p->store, &p->backup);
    p->has_backup = true;
}

void tw_restore_broker(tw *w, uint32_t b)
{
    tw_broker *p = &w->brokers[b];
    tw_trace(w, w->o.nodes + b, "is restored to", p->backup.leaf_count);
    tw_broker_stop(w, b, 0);
    sim_store_deinit(&p->store);
    copy_store(&p->backup, &p->store);
    p->lost = false;
    p->up_at_ms = w->now_ms;
}

void tw_tell_take_over(tw *w, uint32_t b)
{
    w->brokers[b].take_over = true;
    tw_broker_stop(w, b, 10);
}

void tw_lose_disk(tw *w, uint32_t n)
{
    tw_trace(w, n, "lost its disk", 0);
    tw_node_stop(w, n, 500);
    sim_store_deinit(&w->nodes[n].store);
    sim_store_init(&w->nodes[n].store);
    w->nodes[n].lost = true;
    w->nodes[n].cosigned_term = 0;
    w->nodes[n].final_size = 0;
}

bool tw_disk_lost(const tw *w, uint32_t n)
{
    return w->nodes[n].lost;
}

bool tw_status(tw *w, uint32_t n, sb_fol_status *out)
{
    if (w->nodes[n].follower == NULL)
        return false;
    sb_follower_status(w->nodes[n].follower, tw_now(w), out);
    return true;
}

bool tw_seq_status(tw *w, uint32_t b, sb_seq_status *out)
{
    if (w->brokers[b].seq == NULL)
        return false;
    sb_sequencer_status(w->brokers[b].seq, out);
    return true;
}

bool tw_standby_status(tw *w, uint32_t b, sb_standby_status *out)
{
    if (w->brokers[b].standby == NULL)
        return false;
    sb_standby_status_get(w->brokers[b].standby, tw_now(w), out);
    return true;
}

uint64_t tw_log_size(const tw *w, uint32_t n)
{
    return w->nodes[n].store.leaf_count;
}

sb_slice tw_log_leaf(const tw *w, uint32_t n, uint64_t index)
{
    return sb_buf_slice(&w->nodes[n].store.leaves[index]);
}

uint64_t tw_final_size(const tw *w)
{
    return w->final_count;
}

sb_slice tw_final_leaf(const tw *w, uint64_t index)
{
    return sb_buf_slice(&w->final[index]);
}

const tw_counts *tw_get_counts(const tw *w)
{
    return &w->counts;
}

void tw_show(tw *w)
{
    for (uint32_t b = 0; b < w->o.brokers; b++) {
        sb_seq_status q;
        sb_standby_status s;
        if (tw_seq_status(w, b, &q))
            fprintf(stderr, "broker %u: term %u size %llu certified %llu\n", b, q.term,
                    (unsigned long long)q.size, (unsigned long long)q.certified_size);
        else if (tw_standby_status(w, b, &s))
            fprintf(stderr,
                    "standby %u: term %u size %llu phase %d asked %u promised %u/%u silent %llu "
                    "refusal %s\n",
                    b, s.term, (unsigned long long)s.size, (int)s.phase, s.asked_term, s.promised,
                    s.needed, (unsigned long long)s.silent_ms,
                    s.has_refusal ? sb_err_name(s.refusal.code) : "-");
        else
            fprintf(stderr, "broker %u: down, lost %d\n", b, w->brokers[b].lost);
    }
    for (uint32_t n = 0; n < w->o.nodes; n++) {
        sb_fol_status t;
        if (!tw_status(w, n, &t))
            continue;
        fprintf(stderr,
                "node %u: term %u size %llu cosigned %u:%llu promised %u certified %llu final %llu "
                "outbox %u block %d blobs %u broker %d lost %d stale %d\n",
                n, t.term, (unsigned long long)t.size, t.cosigned_term,
                (unsigned long long)t.cosigned_size, t.promised_term,
                (unsigned long long)t.certified_size, (unsigned long long)t.final_size, t.outbox,
                (int)t.block, t.blobs_missing, t.broker_up, w->nodes[n].lost, t.stale);
    }
}

/* ---- making it ---- */

tw *tw_new(const tw_options *options, fed *keys)
{
    tw *w = sb_xmalloc(sizeof *w);
    memset(w, 0, sizeof *w);
    w->o = *options;
    w->keys = keys;
    w->random = options->seed * 0x9E3779B97F4A7C15u + 1;
    w->now_ms = 100000;
    w->legal_ms = keys->now_ms;
    sb_arena_init(&w->arena);
    for (uint32_t i = 0; i < w->o.nodes; i++)
        sim_store_init(&w->nodes[i].store);
    for (uint32_t i = 0; i < w->o.brokers; i++) {
        sim_store_init(&w->brokers[i].store);
        if (i == 0)
            snprintf(w->brokers[i].key, sizeof w->brokers[i].key, "log");
        else
            snprintf(w->brokers[i].key, sizeof w->brokers[i].key, "log-%u", i + 1);
    }
    return w;
}

void tw_free(tw *w)
{
    for (uint32_t i = 0; i < w->o.nodes; i++) {
        tw_node_stop(w, i, 0);
        sim_store_deinit(&w->nodes[i].store);
    }
    for (uint32_t i = 0; i < w->o.brokers; i++) {
        tw_broker_stop(w, i, 0);
        sim_store_deinit(&w->brokers[i].store);
        if (w->brokers[i].has_backup)
            sim_store_deinit(&w->brokers[i].backup);
    }
    for (size_t i = 0; i < w->message_count; i++)
        sb_buf_deinit(&w->messages[i].bytes);
    for (size_t i = 0; i < w->final_count; i++)
        sb_buf_deinit(&w->final[i]);
    free(w->messages);
    free(w->notes);
    free(w->final);
    sb_arena_deinit(&w->arena);
    free(w);
}
