/* Events from several nodes to a real standby over a store in memory: connections, frames of every
 * kind (frame_pool.h), ticks, restarts. The nodes hold all keys.
 *
 * What must hold: what it says are frames; it makes one HANDOVER a term, and takes over only where
 * its log ends with it; the term that it asks for never falls; the log that it holds folds; it never
 * ends; memory is bounded; and an honest node is still greeted. */
#include "broker/standby/standby.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/frame_pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
    EVENTS_MAX = 600,
    PEERS_MAX = 8,
    HONEST_PEER = 100,
    TERMS_MAX = 16,
    HELD_BYTES_MAX = 32 * 1024 * 1024
};

typedef struct rig {
    fz_pool *p;
    sim_store store;
    sb_ledger *ledger;
    sb_standby *standby;
    sb_now now;
    sb_arena arena;
    bool is_up[PEERS_MAX], take_over, took_over, is_over, greeted;
    size_t base, events;
    uint32_t asked_term;
} rig;

static void feed(rig *r, sb_standby_event *event);

static void open_standby(rig *r, const sb_standby *before)
{
    sb_fail fail = {0};
    r->ledger = sim_store_ledger(&r->store);
    sb_standby_opts opts = {.ledger = r->ledger,
                            .log = sim_store_reader(&r->store),
                            .own = r->store.own,
                            .log_key = fed_key_of(r->p->f, "log-2")->secret,
                            .slug = r->p->f->charter->slug,
                            .take_over = r->take_over,
                            .before = before};
    memcpy(opts.federation_id, r->p->f->federation_id, 32);
    sb_fuzz_must(sb_standby_open(&r->standby, &opts, &fail) == SB_OK);
}

static void everybody_up(rig *r)
{
    for (uint64_t i = 0; i < PEERS_MAX; i++)
        if (r->is_up[i])
            feed(r, &(sb_standby_event){.kind = SB_STANDBY_PEER_UP, .peer = i + 1});
}

static void close_standby(rig *r)
{
    sb_standby_close(r->standby);
    sb_ledger_close(r->ledger);
    r->standby = NULL;
    r->ledger = NULL;
}

/* ---- what must hold ---- */

/* Of all leaves that were ever committed, so many HANDOVERs of ours a term, each the same. */
static void check_handover(rig *r, const sb_log_commit *commit)
{
    static uint8_t made[TERMS_MAX][32];
    static bool is_made[TERMS_MAX];
    if (r->events == 0)
        memset(is_made, 0, sizeof is_made);
    for (size_t i = 0; commit != NULL && i < commit->leaf_count; i++) {
        sb_leaf leaf;
        sb_fuzz_must(sb_leaf_open(commit->leaves[i], &r->arena, &leaf, NULL) == SB_OK);
        if (leaf.entry.type != SB_ENTRY_HANDOVER ||
            memcmp(leaf.entry.signer_pk, fed_key_of(r->p->f, "log-2")->pk, 32) != 0)
            continue;
        const Sb__Handover *m = (const Sb__Handover *)(const void *)leaf.message;
        bool is_history = false; /* the pool's own, which nodes hand out */
        for (size_t h = 0; h < FZ_HISTORIES; h++)
            is_history =
                is_history || (r->p->histories[h].handover < r->p->histories[h].count &&
                               sb_slice_eq(commit->leaves[i],
                                           r->p->histories[h].leaves[r->p->histories[h].handover]));
        if (is_history || m->term >= TERMS_MAX)
            continue;
        sb_fuzz_must(!is_made[m->term] || memcmp(made[m->term], leaf.entry.id, 32) == 0);
        is_made[m->term] = true;
        memcpy(made[m->term], leaf.entry.id, 32);
    }
}

static void check_sent(rig *r, uint64_t peer, sb_slice bytes)
{
    const Sb__Frame *frame = NULL;
    sb_fuzz_must(sb_frame_decode(bytes, &r->arena, &frame, NULL) == SB_OK);
    r->greeted = r->greeted || (peer == HONEST_PEER && frame->body_case == SB__FRAME__BODY_HELLO);
    if (frame->body_case == SB__FRAME__BODY_PROMISE_ASK) {
        sb_fuzz_must(frame->promise_ask->term >= r->asked_term);
        r->asked_term = frame->promise_ask->term;
    }
}

static void took_over(rig *r)
{
    uint8_t pk[32];
    r->took_over = true;
    sb_fuzz_must(sb_ledger_log_pk(r->ledger, pk) &&
                 memcmp(pk, fed_key_of(r->p->f, "log-2")->pk, 32) == 0);
    sb_slice last = sb_buf_slice(&r->store.leaves[r->store.leaf_count - 1]);
    sb_fuzz_must(last.data[8 + 1] == SB_ENTRY_HANDOVER);
}

/* ---- feeding ---- */

static void rewind_to(rig *r, const sb_standby_effect *e)
{
    sb_fail fail = {0};
    sb_slice probe = sb_arena_copy(&r->arena, e->probe);
    size_t before = sb_fuzz_held();
    sb_err err = sim_store_rewind(&r->store, e->size, probe, e->commit->puts, e->commit->put_count,
                                  &r->ledger, &fail);
    r->base += sb_fuzz_held() - before;
    sb_standby *was = r->standby;
    sb_ledger_close(r->ledger);
    open_standby(r, was);
    sb_standby_close(was);
    if (err != SB_OK)
        feed(r, &(sb_standby_event){.kind = SB_STANDBY_REFUSED, .probe = probe, .refusal = &fail});
    everybody_up(r);
}

static void feed(rig *r, sb_standby_event *event)
{
    sb_standby_effects effects;
    if (r->took_over || r->is_over || r->events++ > EVENTS_MAX)
        return;
    event->now = r->now;
    sb_standby_step(r->standby, event, &effects);
    if (effects.count == 1 && effects.items[0].kind == SB_STANDBY_COMMIT) {
        size_t before = sb_fuzz_held();
        check_handover(r, effects.items[0].commit);
        sim_store_commit(&r->store, effects.items[0].commit, r->ledger);
        r->base += sb_fuzz_held() - before;
        sb_standby_step(r->standby,
                        &(sb_standby_event){.kind = SB_STANDBY_COMMITTED, .now = r->now}, &effects);
    }
    for (size_t i = 0; i < effects.count; i++) {
        const sb_standby_effect *e = &effects.items[i];
        switch (e->kind) {
        case SB_STANDBY_SEND:
            check_sent(r, e->peer, e->bytes);
            break;
        case SB_STANDBY_REWIND:
            rewind_to(r, e);
            return;
        case SB_STANDBY_TAKE_OVER:
            took_over(r);
            return;
        case SB_STANDBY_WANT_BLOB:
            break;
        case SB_STANDBY_FATAL: /* told to take over, with a key that ordered a term already */
            sb_fuzz_must(r->take_over && e->fail.code == SB_E_LEDGER_HANDOVER_KEY);
            r->is_over = true;
            return;
        case SB_STANDBY_COMMIT:
            sb_fuzz_broken(__FILE__, __LINE__, "what a standby may do");
        }
    }
    sb_fuzz_must(sb_fuzz_held() < r->base + HELD_BYTES_MAX);
}

static void feed_frame(rig *r, uint64_t peer, const Sb__Frame *frame)
{
    fz_opened opened;
    if (frame == NULL)
        return;
    fz_open(frame, &r->arena, &opened);
    feed(r, &(sb_standby_event){.kind = SB_STANDBY_FRAME,
                                .peer = peer,
                                .frame = frame,
                                .leaves = opened.leaves,
                                .opened = opened.count,
                                .refusal = &opened.fail});
}

static void tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    feed(r, &(sb_standby_event){.kind = SB_STANDBY_TICK});
}

/* What an organisation answers to the term that we asked for, by its keys and a history: that it promises,
 * or unsigned that it would. */
static void promise_asked(rig *r, sb_script *s, uint64_t peer, bool would)
{
    const fz_history *h = &r->p->histories[sb_script_below(s, FZ_HISTORIES)];
    const fed_key *witness = fed_witness(r->p->f, (uint32_t)sb_script_below(s, FZ_ORGS)),
                  *log = fed_key_of(r->p->f, "log-2");
    sb_promise said = {.term = r->asked_term};
    Sb__PromiseGiven m = SB__PROMISE_GIVEN__INIT;
    Sb__Head seal = SB__HEAD__INIT, cosigned = SB__HEAD__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    sb_leaf leaf;
    uint8_t sig[64];
    memcpy(said.log_pk, log->pk, 32);
    said.seal = (sb_head){.term = 1, .size = h->sealed};
    fz_root(h, h->sealed, said.seal.root);
    said.cosigned = said.seal;
    if (sb_promise_sign(r->p->f->federation_id, &said, witness->secret, sig, NULL) != SB_OK ||
        sb_leaf_open(h->leaves[h->sealed], &r->arena, &leaf, NULL) != SB_OK)
        return;
    const Sb__Seal *sealed = (const Sb__Seal *)(const void *)leaf.message;
    seal.term = cosigned.term = 1;
    seal.size = cosigned.size = h->sealed;
    seal.root = cosigned.root = (ProtobufCBinaryData){.len = 32, .data = said.seal.root};
    m.term = r->asked_term;
    m.log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)log->pk};
    m.witness_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)witness->pk};
    m.seal = &seal;
    if (!would) {
        m.cosigned = &cosigned;
        m.n_cosignatures = sealed->n_cosignatures;
        m.cosignatures = sealed->cosignatures;
        m.signature = (ProtobufCBinaryData){.len = 64, .data = sig};
    }
    frame.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    frame.promise_given = &m;
    feed_frame(r, peer, &frame);
}

static void blob(rig *r, sb_script *s)
{
    const fz_history *h = &r->p->histories[0];
    sb_leaf leaf;
    sb_standby_event event = {.kind = SB_STANDBY_BLOB_STORED};
    if (sb_leaf_open(h->leaves[sb_script_below(s, h->count)], &r->arena, &leaf, NULL) != SB_OK ||
        leaf.blob_count == 0)
        return;
    memcpy(event.blob, leaf.blobs[0]->sha256.data, 32);
    sim_store_blob_of(&r->store, event.blob, leaf.blobs[0]->size);
    feed(r, &event);
}

/* A node greets with a history, and gives what continues our log. */
static void continues(rig *r, sb_script *s, uint64_t peer)
{
    const fz_history *h = &r->p->histories[sb_script_below(s, FZ_HISTORIES)];
    uint64_t from = r->store.leaf_count, n = 1 + sb_script_below(s, 32);
    if (sb_script_u8(s) % 2 == 0) {
        feed_frame(r, peer, fz_hello(r->p, h->count, fz_term_at(h, h->count), &r->arena));
        feed_frame(r, peer, fz_welcome(r->p, h, h->count, &r->arena));
    }
    if (from >= h->count)
        return;
    n = n < h->count - from ? n : h->count - from;
    feed_frame(
        r, peer,
        fz_leaves(r->p, h, from, n, sb_script_u8(s) % 2 == 0 ? from + n : h->count, &r->arena));
}

static void act(rig *r, sb_script *s)
{
    uint8_t op = sb_script_u8(s);
    size_t at = sb_script_below(s, PEERS_MAX);
    sb_arena_reset(&r->arena);
    switch (op % 16) {
    case 0:
        r->is_up[at] = !r->is_up[at];
        feed(r,
             &(sb_standby_event){.kind = r->is_up[at] ? SB_STANDBY_PEER_UP : SB_STANDBY_PEER_DOWN,
                                 .peer = at + 1});
        break;
    case 1:
        tick(r, 50);
        break;
    case 2:
        tick(r, (uint64_t)sb_script_u8(s) * 1000);
        break;
    case 3:
        if (sb_script_u8(s) % 4 == 0) {
            close_standby(r);
            open_standby(r, NULL);
            everybody_up(r);
        }
        break;
    case 4:
    case 5:
        promise_asked(r, s, at + 1, op >= 0xF0);
        break;
    case 6:
        blob(r, s);
        break;
    case 7:
        continues(r, s, at + 1);
        break;
    default: {
        const Sb__Frame *frame = fz_frame(r->p, s, &r->arena);
        size_t times = op >= 0xF0 ? sb_script_u8(s) % 64 : 1; /* what grows with each is seen */
        for (size_t i = 0; i < times; i++)
            feed_frame(r, at + 1, frame);
    }
    }
}

static void begin(rig *r, uint8_t how)
{
    static sim_store stores[3];
    static bool is_made[3];
    *r = (rig){.p = fz_pool_get(), .take_over = how >= 128};
    size_t which = how % 3;
    const fz_history *h = &r->p->histories[which == 2 ? 1 : 0];
    const uint64_t sizes[3] = {0, h->sealed + 1, h->count};
    if (!is_made[which])
        fz_store_of(h, sizes[which], &stores[which]);
    is_made[which] = true;
    r->now = (sb_now){.legal_ms = r->p->now_ms, .mono_ms = 100000};
    sb_arena_init(&r->arena);
    fz_store_clone(&stores[which], &r->store);
    r->base = sb_fuzz_held();
    check_handover(r, NULL);
    r->is_up[0] = r->is_up[1] = r->is_up[2] = true;
    open_standby(r, NULL);
    everybody_up(r);
}

static bool one(sb_slice input)
{
    sb_script s = sb_script_over(input);
    static rig r;
    begin(&r, sb_script_u8(&s));
    uint64_t size = r.store.leaf_count;
    while (sb_script_left(&s) > 0 && r.events < EVENTS_MAX && !r.took_over && !r.is_over)
        act(&r, &s);
    r.events = 1;
    for (int i = 0; i < 3 && !r.greeted; i++) { /* it may go back first, and forget who is there */
        feed(&r, &(sb_standby_event){.kind = SB_STANDBY_PEER_UP, .peer = HONEST_PEER});
        tick(&r, 50);
    }
    sb_fuzz_must(r.greeted || r.took_over || r.is_over);
    bool grew = r.store.leaf_count > size || r.asked_term > 0;
    close_standby(&r);
    sim_store_deinit(&r.store);
    sb_arena_deinit(&r.arena);
    return grew;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run_keeping(one, data, len, (sb_fuzz_bound){64 * 1024 * 1024, 4096});
}
