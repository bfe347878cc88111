#include "tests/sim/sim_world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/proof.h"
#include "tests/sim/sim_store.h"

enum { SIM_MESSAGES_MAX = 65536, SIM_RECEIPTS_MAX = 65536 };

/* What travels: a frame, or a blob by its hash (chunks are the shells' business). */
typedef enum sim_kind {
    SIM_FRAME,
    SIM_BLOB_PUT,
    SIM_BLOB_AT_BROKER,
    SIM_BLOB_GET,
    SIM_BLOB
} sim_kind;

typedef struct sim_message {
    uint64_t at_ms, conn;
    uint32_t node;
    bool to_broker;
    sim_kind kind;
    sb_buf bytes;
} sim_message;

typedef struct sim_node {
    sim_store store;
    sb_ledger *ledger;
    sb_follower *follower; /* NULL: down */
    sb_secret *witness;    /* borrowed from the fed */
    char org[SB_ID_BYTES_MAX + 1];
    uint64_t up_at_ms, conn, conn_at_ms; /* conn 0: cut */
    uint64_t tick_at_ms, skew_ms;
    uint64_t size, final_size; /* seen, never falling */
    uint64_t cosigned_size;    /* sent, never falling */
    uint64_t cosigned_s;       /* … its time, neither */
    uint8_t cosigned_root[32];
} sim_node;

typedef struct sim_receipt {
    uint8_t id[32];
    uint64_t index;
} sim_receipt;

struct sim {
    sim_options o;
    uint64_t random, now_ms, legal_ms;
    bool healed;
    fed *keys;
    sim_store store;
    sb_ledger *ledger;
    sb_sequencer *seq; /* NULL: down */
    uint64_t up_at_ms, tick_at_ms, next_conn, size;
    sim_node nodes[SIM_NODES_MAX];
    sim_message *messages;
    size_t message_count;
    struct {
        uint8_t root[32], digest[32];
        bool seen;
    } * at; /* by size: what anybody had there */
    size_t at_cap;
    sim_receipt *receipts;
    size_t receipt_count;
    sim_note *notes;
    size_t note_count, note_cap;
    sim_counts counts;
};

/* ---- chance and failure ---- */

static uint64_t roll(sim *s)
{
    uint64_t z = s->random += 0x9E3779B97F4A7C15u; /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t below(sim *s, uint64_t n)
{
    return n == 0 ? 0 : roll(s) % n;
}

static bool chance(sim *s, uint32_t permille)
{
    return !s->healed && below(s, 1000) < permille;
}

void sim_fail(const sim *s, const char *what, uint64_t a, uint64_t b)
{
    fprintf(stderr, "sim: %s (%llu, %llu) after %llu ms\nreplay: %s --seed %llu --trace\n", what,
            (unsigned long long)a, (unsigned long long)b, (unsigned long long)s->now_ms,
            s->o.replay, (unsigned long long)s->o.seed);
    exit(1);
}

static void show_fail(const sb_fail *fail)
{
    const char *name = sb_err_name(fail->code);
    fprintf(stderr, "sim: %s [%s] [%s]\n", name == NULL ? "?" : name, fail->arg[0], fail->arg[1]);
}

static void trace(const sim *s, const char *who, uint32_t node, const char *what, uint64_t n)
{
    if (s->o.trace)
        printf("%7llu %s%d %s %llu\n", (unsigned long long)s->now_ms, who, (int)node, what,
               (unsigned long long)n);
}

static sb_now now_of(const sim *s, uint64_t skew_ms)
{
    return (sb_now){.legal_ms = s->legal_ms + skew_ms, .mono_ms = s->now_ms};
}

/* ---- the network ---- */

static void put_message(sim *s, uint32_t node, bool to_broker, sim_kind kind, sb_slice bytes)
{
    if (s->nodes[node].conn == 0)
        return;
    s->counts.messages++;
    if (chance(s, s->o.drop_permille)) {
        s->counts.dropped++;
        return;
    }
    if (s->message_count == SIM_MESSAGES_MAX)
        sim_fail(s, "a queue grew without bound", s->message_count, 0);
    sim_message *m = &s->messages[s->message_count++];
    *m = (sim_message){.at_ms = s->now_ms + 1 + below(s, s->o.delay_ms_max),
                       .conn = s->nodes[node].conn,
                       .node = node,
                       .to_broker = to_broker,
                       .kind = kind};
    sb_buf_init(&m->bytes);
    sb_buf_add(&m->bytes, bytes);
}

static void send(sim *s, uint32_t node, bool to_broker, sim_kind kind, sb_slice bytes)
{
    put_message(s, node, to_broker, kind, bytes);
    if (chance(s, s->o.double_permille)) {
        s->counts.doubled++;
        put_message(s, node, to_broker, kind, bytes);
    }
}

/* ---- invariants ---- */

static void note_state(sim *s, const sb_ledger_position *p)
{
    while (p->size >= s->at_cap) {
        size_t cap = s->at_cap == 0 ? 1024 : 2 * s->at_cap;
        s->at = sb_xrealloc(s->at, cap * sizeof *s->at);
        memset(s->at + s->at_cap, 0, (cap - s->at_cap) * sizeof *s->at);
        s->at_cap = cap;
    }
    if (!s->at[p->size].seen) {
        s->at[p->size].seen = true;
        memcpy(s->at[p->size].root, p->root, 32);
        memcpy(s->at[p->size].digest, p->digest, 32);
    }
    if (memcmp(s->at[p->size].root, p->root, 32) != 0)
        sim_fail(s, "two roots at one size", p->size, 0);
    if (memcmp(s->at[p->size].digest, p->digest, 32) != 0)
        sim_fail(s, "two digests at one size", p->size, 0);
}

/* Positions only of what is committed: after COMMITTED, and after a restart. */
static void check_ledger(sim *s, sb_ledger *ledger, uint64_t *size)
{
    sb_ledger_position p;
    sb_ledger_position_get(ledger, &p);
    if (p.size < *size)
        sim_fail(s, "a log got shorter", *size, p.size);
    *size = p.size;
    note_state(s, &p);
}

static void check_final(sim *s, uint32_t node)
{
    sim_node *n = &s->nodes[node];
    sb_fol_status status;
    sb_follower_status(n->follower, now_of(s, n->skew_ms), &status);
    if (status.faults > 0)
        sim_fail(s, "an honest broker is named", (uint64_t)status.fault.code, node);
    if (status.final_size < n->final_size)
        sim_fail(s, "finality went back", n->final_size, status.final_size);
    if (status.final_size > n->final_size)
        trace(s, "node", node, "final", status.final_size);
    n->final_size = status.final_size;
    if (status.final_size == 0)
        return;
    if (status.final_size > s->size || status.final_size > status.size)
        sim_fail(s, "final beyond the log", status.final_size, s->size);
    if (s->at[status.final_size].seen &&
        memcmp(s->at[status.final_size].root, status.final_root, 32) != 0)
        sim_fail(s, "two final heads conflict", status.final_size, node);
}

/* A cosignature leaves only when the record under it is durable, and the record never falls. */
static void check_cosign(sim *s, uint32_t node, const Sb__Cosign *cosign)
{
    sim_node *n = &s->nodes[node];
    if (cosign->size < n->cosigned_size)
        sim_fail(s, "a witness cosigned an older head", n->cosigned_size, cosign->size);
    if (cosign->size == n->cosigned_size && memcmp(n->cosigned_root, cosign->root.data, 32) != 0)
        sim_fail(s, "a witness cosigned two roots", cosign->size, node);
    if (cosign->time_s < n->cosigned_s)
        sim_fail(s, "a witness's time fell", n->cosigned_s, cosign->time_s);
    n->cosigned_s = cosign->time_s;
    n->cosigned_size = cosign->size;
    memcpy(n->cosigned_root, cosign->root.data, 32);
    const uint8_t key = SB_FOL_ROW_COSIGNED;
    sb_slice row;
    if (!sb_kv_get(n->store.own, sb_slice_of(&key, 1), &row))
        sim_fail(s, "a cosignature without a record", cosign->size, node);
    sb_reader r = sb_reader_over(row);
    sb_read_u32(&r);
    if (sb_read_u64(&r) < cosign->size)
        sim_fail(s, "a cosignature before its record", cosign->size, node);
}

static void keep_receipt(sim *s, const uint8_t id[32], uint64_t index)
{
    for (size_t i = 0; i < s->receipt_count; i++) {
        bool same = memcmp(s->receipts[i].id, id, 32) == 0;
        if (same != (s->receipts[i].index == index))
            sim_fail(s, "two receipts that differ", s->receipts[i].index, index);
        if (same)
            return;
    }
    if (s->receipt_count < SIM_RECEIPTS_MAX) {
        memcpy(s->receipts[s->receipt_count].id, id, 32);
        s->receipts[s->receipt_count++].index = index;
    }
}

static void entry_id(sb_slice leaf, uint8_t out[32])
{
    sb_hash(sb_slice_of(leaf.data + 8, leaf.len - 8 - 64), out);
}

/* What a receipt promised stands in the broker's log, for ever. */
static void check_kept(sim *s)
{
    for (size_t i = 0; i < s->receipt_count; i++) {
        uint8_t id[32];
        if (s->receipts[i].index >= s->store.leaf_count)
            sim_fail(s, "a receipt beyond the log", s->receipts[i].index, s->store.leaf_count);
        entry_id(sb_buf_slice(&s->store.leaves[s->receipts[i].index]), id);
        if (memcmp(id, s->receipts[i].id, 32) != 0)
            sim_fail(s, "a receipt was broken", s->receipts[i].index, 0);
    }
}

void sim_check_receipts(sim *s)
{
    for (uint32_t n = 0; n < s->o.nodes; n++) {
        sb_fol_status status;
        if (!sim_status(s, n, &status))
            continue;
        sb_log_reader log = sim_store_reader(&s->nodes[n].store);
        for (size_t i = 0; i < s->receipt_count; i++) {
            uint64_t index = s->receipts[i].index;
            sb_proof proof;
            uint8_t hash[32], id[32];
            if (index >= status.final_size)
                continue;
            entry_id(sim_log_leaf(s, n, index), id);
            sb_leaf_hash(sim_log_leaf(s, n, index), hash);
            if (memcmp(id, s->receipts[i].id, 32) != 0 ||
                sb_tree_inclusion(sb_ledger_tree(s->nodes[n].ledger), index, status.final_size,
                                  log.tiles, &proof, NULL) != SB_OK ||
                !sb_verify_inclusion(hash, index, status.final_size, proof.hashes, proof.count,
                                     status.final_root))
                sim_fail(s, "a receipt can't be proved in a final head", index, n);
        }
    }
}

/* ---- processes ---- */

static void cut(sim *s, uint32_t node, uint64_t ms);
static void feed_node(sim *s, uint32_t node, sb_fol_event *event);
static void feed_broker(sim *s, sb_seq_event *event);

static void kill_broker(sim *s, uint64_t down_ms)
{
    if (s->seq == NULL)
        return;
    trace(s, "broker", 0, "dies at", s->store.leaf_count);
    s->counts.crashes++;
    sb_sequencer_close(s->seq);
    sb_ledger_close(s->ledger);
    s->seq = NULL;
    s->ledger = NULL;
    s->up_at_ms = s->now_ms + down_ms;
    for (uint32_t n = 0; n < s->o.nodes; n++)
        cut(s, n, down_ms);
}

static void kill_node(sim *s, uint32_t node, uint64_t down_ms)
{
    sim_node *n = &s->nodes[node];
    if (n->follower == NULL)
        return;
    trace(s, "node", node, "dies at", n->store.leaf_count);
    s->counts.crashes++;
    sb_follower_close(n->follower);
    sb_ledger_close(n->ledger);
    n->follower = NULL;
    n->ledger = NULL;
    n->up_at_ms = s->now_ms + down_ms;
    cut(s, node, down_ms);
}

void sim_kill(sim *s, uint32_t node, uint64_t down_ms)
{
    if (node == UINT32_MAX)
        kill_broker(s, down_ms);
    else
        kill_node(s, node, down_ms);
}

void sim_begin_anew(sim *s, uint32_t node)
{
    sim_node *n = &s->nodes[node];
    kill_node(s, node, 0);
    sim_store_deinit(&n->store);
    sim_store_init(&n->store);
    n->witness = NULL;
    n->size = n->final_size = n->cosigned_size = n->cosigned_s = 0;
}

static void start_broker(sim *s)
{
    sb_fail fail = {0};
    s->ledger = sim_store_ledger(&s->store);
    sb_seq_opts opts = {.ledger = s->ledger,
                        .log = sim_store_reader(&s->store),
                        .log_key = fed_key_of(s->keys, "log")->secret};
    if (sb_sequencer_open(&s->seq, &opts, &fail) != SB_OK)
        sim_fail(s, sb_err_name(fail.code), 0, 0);
    trace(s, "broker", 0, "starts at", s->store.leaf_count);
    check_ledger(s, s->ledger, &s->size);
}

static void start_node(sim *s, uint32_t node)
{
    sim_node *n = &s->nodes[node];
    sb_fail fail = {0};
    n->ledger = sim_store_ledger(&n->store);
    sb_fol_opts opts = {.ledger = n->ledger,
                        .log = sim_store_reader(&n->store),
                        .own = n->store.own,
                        .witness = n->witness,
                        .organisation = n->org,
                        .credit = 1 + (uint32_t)below(s, 20)};
    if (sb_follower_open(&n->follower, &opts, &fail) != SB_OK)
        sim_fail(s, fail.argc > 0 ? fail.arg[0] : sb_err_name(fail.code), node, 0);
    trace(s, "node", node, "starts at", n->store.leaf_count);
    check_ledger(s, n->ledger, &n->size);
}

static uint64_t down_time(sim *s)
{
    return 50 + below(s, s->o.down_ms_max);
}

static void cut(sim *s, uint32_t node, uint64_t ms)
{
    sim_node *n = &s->nodes[node];
    if (n->conn == 0)
        return;
    uint64_t conn = n->conn;
    n->conn = 0;
    n->conn_at_ms = s->now_ms + ms;
    s->counts.cuts++;
    if (s->seq != NULL)
        feed_broker(s, &(sb_seq_event){.kind = SB_SEQ_PEER_DOWN, .peer = conn});
    if (n->follower != NULL)
        feed_node(s, node, &(sb_fol_event){.kind = SB_FOL_LINK_DOWN, .link = (uint32_t)conn});
}

static void connect(sim *s, uint32_t node)
{
    sim_node *n = &s->nodes[node];
    n->conn = ++s->next_conn;
    sb_seq_event up = {.kind = SB_SEQ_PEER_UP, .peer = n->conn};
    sb_ledger_org org;
    if (sb_ledger_org_get(s->ledger, node, &org))
        memcpy(up.curve_pk, org.curve_pk, 32);
    feed_broker(s, &up);
    if (n->conn != 0 && n->follower != NULL)
        feed_node(s, node,
                  &(sb_fol_event){.kind = SB_FOL_LINK_UP,
                                  .link = (uint32_t)n->conn,
                                  .role = SB_FOL_ROLE_BROKER});
}

static void start_what_is_due(sim *s)
{
    if (s->seq == NULL && s->now_ms >= s->up_at_ms)
        start_broker(s);
    for (uint32_t i = 0; i < s->o.nodes; i++) {
        sim_node *n = &s->nodes[i];
        if (n->follower == NULL && n->up_at_ms <= s->now_ms)
            start_node(s, i);
        if (s->seq != NULL && n->follower != NULL && n->conn == 0 && n->conn_at_ms <= s->now_ms)
            connect(s, i);
    }
}

/* ---- the broker's shell ---- */

static uint32_t node_of(const sim *s, uint64_t conn)
{
    for (uint32_t i = 0; i < s->o.nodes; i++)
        if (s->nodes[i].conn == conn)
            return i;
    return UINT32_MAX;
}

static bool broker_effects(sim *s, const sb_seq_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++) {
        const sb_seq_effect *e = &effects->items[i];
        switch (e->kind) {
        case SB_SEQ_SEND:
            if (node_of(s, e->peer) != UINT32_MAX)
                send(s, node_of(s, e->peer), false, SIM_FRAME, e->bytes);
            break;
        case SB_SEQ_COMMIT:
            s->counts.commits++;
            if (chance(s, s->o.crash_commit_permille)) {
                kill_broker(s, down_time(s));
                return false;
            }
            sim_store_commit(&s->store, e->commit, s->ledger);
            if (chance(s, s->o.crash_commit_permille)) {
                kill_broker(s, down_time(s));
                return false;
            }
            return true;
        case SB_SEQ_FATAL:
            show_fail(&e->fail);
            sim_fail(s, sb_err_name(e->fail.code), s->store.leaf_count, 0);
        }
    }
    return false;
}

static void feed_broker(sim *s, sb_seq_event *event)
{
    if (s->seq == NULL)
        return;
    sb_seq_effects effects;
    event->now = now_of(s, 0);
    sb_sequencer_step(s->seq, event, &effects);
    if (!broker_effects(s, &effects))
        return;
    sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = event->now};
    sb_sequencer_step(s->seq, &done, &effects);
    check_ledger(s, s->ledger, &s->size);
    check_kept(s);
    broker_effects(s, &effects);
}

static void broker_frame(sim *s, uint64_t conn, sb_slice bytes)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_seq_event event = {.kind = SB_SEQ_FRAME, .peer = conn};
    sb_fail fail = {0};
    sb_leaf leaf;
    if (sb_frame_decode(bytes, &arena, &event.frame, &fail) != SB_OK)
        sim_fail(s, "a frame that can't be decoded", fail.code, 0);
    if (event.frame->body_case == SB__FRAME__BODY_SUBMIT) {
        ProtobufCBinaryData entry = event.frame->submit->entry;
        if (sb_entry_open(sb_slice_of(entry.data, entry.len), &arena, &leaf, &fail) == SB_OK)
            event.opened = &leaf;
        else
            event.refusal = &fail;
    }
    feed_broker(s, &event);
    sb_arena_deinit(&arena);
}

/* ---- a node's shell ---- */

static void notify(sim *s, uint32_t node, const sb_fol_effect *e)
{
    if (s->note_count == s->note_cap) {
        s->note_cap = s->note_cap == 0 ? 64 : 2 * s->note_cap;
        s->notes = sb_xrealloc(s->notes, s->note_cap * sizeof *s->notes);
    }
    sim_note *note = &s->notes[s->note_count++];
    *note = (sim_note){.note = e->note, .index = e->index, .node = node, .code = e->fail.code};
    memcpy(note->entry_id, e->entry_id, 32);
    static const char *const words[] = {"queued", "receipt", "refused", "final", "consented"};
    trace(s, "node", node, words[e->note], e->note == SB_FOL_REFUSED ? e->fail.code : e->index);
    if (e->note == SB_FOL_RECEIPT || e->note == SB_FOL_FINAL)
        keep_receipt(s, e->entry_id, e->index);
    s->counts.receipts += e->note == SB_FOL_RECEIPT;
    s->counts.refusals += e->note == SB_FOL_REFUSED;
    s->counts.finals += e->note == SB_FOL_FINAL;
}

static void node_send(sim *s, uint32_t node, sb_slice bytes)
{
    sb_arena arena;
    const Sb__Frame *frame;
    sb_arena_init(&arena);
    if (sb_frame_decode(bytes, &arena, &frame, NULL) == SB_OK &&
        frame->body_case == SB__FRAME__BODY_COSIGN)
        check_cosign(s, node, frame->cosign);
    sb_arena_deinit(&arena);
    send(s, node, true, SIM_FRAME, bytes);
}

static bool node_effects(sim *s, uint32_t node, const sb_fol_effects *effects)
{
    sim_node *n = &s->nodes[node];
    for (size_t i = 0; i < effects->count; i++) {
        const sb_fol_effect *e = &effects->items[i];
        switch (e->kind) {
        case SB_FOL_SEND:
            node_send(s, node, e->bytes);
            break;
        case SB_FOL_COMMIT:
            s->counts.commits++;
            if (chance(s, s->o.crash_commit_permille)) {
                kill_node(s, node, down_time(s));
                return false;
            }
            sim_store_commit(&n->store, e->commit, n->ledger);
            if (chance(s, s->o.crash_commit_permille)) {
                kill_node(s, node, down_time(s));
                return false;
            }
            return true;
        case SB_FOL_NOTIFY:
            notify(s, node, e);
            break;
        case SB_FOL_WANT_BLOB:
            send(s, node, true, SIM_BLOB_GET, sb_slice_of(e->blob, 32));
            break;
        case SB_FOL_PUT_BLOB:
            send(s, node, true, SIM_BLOB_PUT, sb_slice_of(e->blob, 32));
            break;
        case SB_FOL_REWIND:
            sim_fail(s, "a rewind", e->index, node);
        case SB_FOL_DIVERGED:
        case SB_FOL_CONFLICT:
            show_fail(&e->fail);
            sim_fail(s, sb_err_name(e->fail.code), e->index, node);
        }
    }
    return false;
}

static void feed_node(sim *s, uint32_t node, sb_fol_event *event)
{
    sim_node *n = &s->nodes[node];
    if (n->follower == NULL)
        return;
    sb_fol_effects effects;
    event->now = now_of(s, n->skew_ms);
    sb_follower_step(n->follower, event, &effects);
    if (node_effects(s, node, &effects)) {
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = event->now};
        sb_follower_step(n->follower, &done, &effects);
        check_ledger(s, n->ledger, &n->size);
        check_final(s, node);
        node_effects(s, node, &effects);
    }
}

static void node_frame(sim *s, uint32_t node, sb_slice bytes)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_fol_event event = {.kind = SB_FOL_FRAME, .link = (uint32_t)s->nodes[node].conn};
    sb_fail fail = {0};
    if (sb_frame_decode(bytes, &arena, &event.frame, &fail) != SB_OK)
        sim_fail(s, "a frame that can't be decoded", fail.code, node);
    if (event.frame->body_case == SB__FRAME__BODY_LEAVES) {
        const Sb__Leaves *leaves = event.frame->leaves;
        sb_leaf *opened = SB_ARENA_ARRAY(&arena, sb_leaf, leaves->n_leaves);
        while (event.opened < leaves->n_leaves &&
               sb_leaf_open(
                   sb_slice_of(leaves->leaves[event.opened].data, leaves->leaves[event.opened].len),
                   &arena, &opened[event.opened], &fail) == SB_OK)
            event.opened++;
        event.leaves = opened;
        event.refusal = &fail;
    }
    feed_node(s, node, &event);
    sb_arena_deinit(&arena);
}

/* ---- time passes ---- */

/* As sb_history_blob_put: what is erased isn't kept again. */
static void keep_blob(sim_store *store, sb_ledger *ledger, const uint8_t sha256[32])
{
    if (ledger == NULL || !sb_ledger_blob_erased(ledger, sha256, NULL))
        sim_store_blob(store, sha256);
}

bool sim_has_blob(const sim *s, uint32_t node, const uint8_t sha256[32])
{
    return sim_store_has_blob(node == UINT32_MAX ? &s->store : &s->nodes[node].store, sha256);
}

static void deliver_to_broker(sim *s, const sim_message *m)
{
    sb_slice bytes = sb_buf_slice(&m->bytes);
    switch (m->kind) {
    case SIM_FRAME:
        broker_frame(s, m->conn, bytes);
        break;
    case SIM_BLOB_PUT:
        keep_blob(&s->store, s->ledger, bytes.data);
        send(s, m->node, false, SIM_BLOB_AT_BROKER, bytes);
        break;
    case SIM_BLOB_GET:
        if (sim_store_has_blob(&s->store, bytes.data))
            send(s, m->node, false, SIM_BLOB, bytes);
        break;
    case SIM_BLOB_AT_BROKER:
    case SIM_BLOB:
        break;
    }
}

static void deliver_to_node(sim *s, const sim_message *m)
{
    sb_slice bytes = sb_buf_slice(&m->bytes);
    sb_fol_event event = {.kind = SB_FOL_BLOB_AT_LINK, .link = (uint32_t)s->nodes[m->node].conn};
    switch (m->kind) {
    case SIM_FRAME:
        node_frame(s, m->node, bytes);
        break;
    case SIM_BLOB:
        keep_blob(&s->nodes[m->node].store, s->nodes[m->node].ledger, bytes.data);
        event.kind = SB_FOL_BLOB_STORED;
        memcpy(event.blob, bytes.data, 32);
        feed_node(s, m->node, &event);
        break;
    case SIM_BLOB_AT_BROKER:
        memcpy(event.blob, bytes.data, 32);
        feed_node(s, m->node, &event);
        break;
    case SIM_BLOB_PUT:
    case SIM_BLOB_GET:
        break;
    }
}

static void deliver(sim *s)
{
    for (size_t i = 0; i < s->message_count;) {
        if (s->messages[i].at_ms > s->now_ms) {
            i++;
            continue;
        }
        sim_message m = s->messages[i];
        s->messages[i] = s->messages[--s->message_count]; /* which reorders, too */
        if (s->nodes[m.node].conn == m.conn) {
            if (m.to_broker)
                deliver_to_broker(s, &m);
            else
                deliver_to_node(s, &m);
        }
        sb_buf_deinit(&m.bytes);
    }
}

static void faults(sim *s)
{
    if (chance(s, s->o.crash_step_permille))
        kill_broker(s, down_time(s));
    for (uint32_t i = 0; i < s->o.nodes; i++) {
        if (chance(s, s->o.crash_step_permille))
            kill_node(s, i, down_time(s));
        if (chance(s, s->o.cut_permille))
            cut(s, i, down_time(s));
    }
}

void sim_step(sim *s)
{
    s->now_ms += SIM_STEP_MS;
    s->legal_ms += SIM_STEP_MS;
    start_what_is_due(s);
    deliver(s);
    faults(s);
    if (s->now_ms >= s->tick_at_ms) {
        s->tick_at_ms = s->now_ms + 20 + below(s, 40);
        feed_broker(s, &(sb_seq_event){.kind = SB_SEQ_TICK});
    }
    for (uint32_t i = 0; i < s->o.nodes; i++) {
        if (s->now_ms < s->nodes[i].tick_at_ms)
            continue;
        s->nodes[i].tick_at_ms = s->now_ms + 50 + below(s, 100);
        feed_node(s, i, &(sb_fol_event){.kind = SB_FOL_TICK});
    }
}

void sim_heal(sim *s)
{
    s->healed = true;
}

void sim_jump(sim *s, uint64_t ms)
{
    s->legal_ms += ms;
}

uint64_t sim_now_ms(const sim *s)
{
    return s->now_ms;
}

/* ---- members ---- */

bool sim_submit(sim *s, uint32_t node, sb_slice entry)
{
    sim_node *n = &s->nodes[node];
    if (n->follower == NULL)
        return false;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_leaf leaf;
    sb_fail fail = {0};
    sb_fol_event event = {.kind = SB_FOL_MEMBER_SUBMIT, .entry = entry, .member = 1};
    if (sb_entry_open(entry, &arena, &leaf, &fail) == SB_OK) {
        event.leaf = &leaf;
        for (size_t i = 0; i < leaf.blob_count; i++)
            keep_blob(&n->store, n->ledger, leaf.blobs[i]->sha256.data);
    }
    event.refusal = &fail;
    feed_node(s, node, &event);
    sb_arena_deinit(&arena);
    return true;
}

const sim_note *sim_notes(sim *s, size_t *count)
{
    *count = s->note_count;
    s->note_count = 0;
    return s->notes;
}

/* ---- looking ---- */

bool sim_status(sim *s, uint32_t node, sb_fol_status *out)
{
    if (s->nodes[node].follower == NULL)
        return false;
    sb_follower_status(s->nodes[node].follower, now_of(s, s->nodes[node].skew_ms), out);
    return true;
}

bool sim_broker_status(sim *s, sb_seq_status *out)
{
    if (s->seq == NULL)
        return false;
    sb_sequencer_status(s->seq, out);
    return true;
}

uint64_t sim_log_size(const sim *s, uint32_t node)
{
    return node == UINT32_MAX ? s->store.leaf_count : s->nodes[node].store.leaf_count;
}

sb_slice sim_log_leaf(const sim *s, uint32_t node, uint64_t index)
{
    const sim_store *store = node == UINT32_MAX ? &s->store : &s->nodes[node].store;
    assert(index < store->leaf_count);
    return sb_buf_slice(&store->leaves[index]);
}

const sim_counts *sim_get_counts(const sim *s)
{
    return &s->counts;
}

/* ---- life ---- */

sim *sim_new(const sim_options *options, fed *keys)
{
    sim *s = sb_xmalloc(sizeof *s);
    *s = (sim){.o = *options, .random = options->seed, .keys = keys, .now_ms = 1000};
    s->legal_ms = keys->now_ms;
    s->messages = sb_xmalloc(SIM_MESSAGES_MAX * sizeof *s->messages);
    s->receipts = sb_xmalloc(SIM_RECEIPTS_MAX * sizeof *s->receipts);
    sim_store_init(&s->store);
    assert(options->nodes <= SIM_NODES_MAX && options->nodes <= keys->charter->n_organisations);
    for (uint32_t i = 0; i < options->nodes; i++) {
        sim_node *n = &s->nodes[i];
        char name[96];
        sim_store_init(&n->store);
        snprintf(n->org, sizeof n->org, "%s", keys->charter->organisations[i]->id);
        snprintf(name, sizeof name, "%s/witness", n->org);
        n->witness = fed_key_of(keys, name)->secret;
        n->skew_ms = below(s, options->skew_ms_max);
    }
    return s;
}

void sim_free(sim *s)
{
    sb_sequencer_close(s->seq);
    if (s->ledger != NULL)
        sb_ledger_close(s->ledger);
    sim_store_deinit(&s->store);
    for (uint32_t i = 0; i < s->o.nodes; i++) {
        sb_follower_close(s->nodes[i].follower);
        if (s->nodes[i].ledger != NULL)
            sb_ledger_close(s->nodes[i].ledger);
        sim_store_deinit(&s->nodes[i].store);
    }
    for (size_t i = 0; i < s->message_count; i++)
        sb_buf_deinit(&s->messages[i].bytes);
    free(s->messages);
    free(s->receipts);
    free(s->notes);
    free(s->at);
    free(s);
}
