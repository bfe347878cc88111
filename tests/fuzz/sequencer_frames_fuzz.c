/* Events from several peers to a real sequencer over a store in memory: connections, frames of every
 * kind (frame_pool.h), ticks, clocks that jump, restarts. The peers hold all keys, also its own.
 *
 * What must hold: what it says are frames; it never signs two heads of one size, nor one that isn't
 * of its log; every receipt proves its entry under its head; it ends only where somebody shows what
 * it signed and doesn't have, or a later term; memory is bounded; and an honest peer is answered. */
#include "broker/sequencer/sequencer.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/merkle/proof.h"
#include "tests/fuzz/frame_pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
    EVENTS_MAX = 600,
    PEERS_MAX = 8,
    HONEST_PEER = 100,
    HELD_BYTES_MAX = 32 * 1024 * 1024 /* a batch, receipts that wait, notes, a frame decoded */
};

typedef struct rig {
    fz_pool *p;
    sim_store store;
    sb_ledger *ledger;
    sb_sequencer *seq;
    sb_now now;
    sb_arena arena;
    bool is_up[PEERS_MAX], is_over;
    size_t base, events, receipts;
    bool greeted, answered, pushed; /* the honest peer */
} rig;

static void feed(rig *r, sb_seq_event *event);

static void open_sequencer(rig *r)
{
    sb_fail fail = {0};
    uint8_t pk[32];
    r->ledger = sim_store_ledger(&r->store);
    bool is_second =
        sb_ledger_log_pk(r->ledger, pk) && memcmp(pk, fed_key_of(r->p->f, "log-2")->pk, 32) == 0;
    sb_seq_opts opts = {.ledger = r->ledger,
                        .log = sim_store_reader(&r->store),
                        .log_key = fed_key_of(r->p->f, is_second ? "log-2" : "log")->secret,
                        .over = sb_sequencer_over(r->store.own)};
    sb_err err = sb_sequencer_open(&r->seq, &opts, &fail);
    r->is_over = err == SB_E_SEQUENCER_TERM_OVER;
    sb_fuzz_must(err == SB_OK || r->is_over);
    for (uint64_t i = 0; i < PEERS_MAX && !r->is_over; i++)
        if (r->is_up[i])
            feed(r, &(sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = i + 1});
}

/* ---- what must hold ---- */

/* Signed by it: of a size that is stored, and with that size's root. */
static void check_note(rig *r, sb_slice note, sb_checkpoint *head)
{
    uint8_t root[32], pk[32];
    char origin[128];
    sb_fuzz_must(sb_checkpoint_parse(note, head, NULL) == SB_OK);
    sb_fuzz_must(sb_ledger_log_pk(r->ledger, pk) &&
                 sb_ledger_origin(r->ledger, origin, sizeof origin) &&
                 sb_checkpoint_verify(note, origin, pk, head, NULL) == SB_OK);
    sb_fuzz_must(head->size <= r->store.leaf_count);
    fz_store_root(&r->store, head->size, root);
    sb_fuzz_must(memcmp(root, head->root, 32) == 0);
}

static void check_receipt(rig *r, const Sb__Receipt *m)
{
    sb_checkpoint head;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    uint8_t hash[32], id[32];
    check_note(r, sb_slice_of(m->head.data, m->head.len), &head);
    sb_fuzz_must(m->index < r->store.leaf_count && m->n_proof <= SB_PROOF_HASHES_MAX);
    sb_slice leaf = sb_buf_slice(&r->store.leaves[m->index]);
    sb_hash(sb_slice_of(leaf.data + 8, leaf.len - 8 - 64), id);
    sb_fuzz_must(m->entry_id.len == 32 && memcmp(id, m->entry_id.data, 32) == 0);
    for (size_t i = 0; i < m->n_proof; i++)
        memcpy(path[i].b, m->proof[i].data, 32);
    sb_leaf_hash(leaf, hash);
    sb_fuzz_must(sb_verify_inclusion(hash, m->index, head.size, path, m->n_proof, head.root));
    r->receipts++;
}

static void check_sent(rig *r, uint64_t peer, sb_slice bytes)
{
    const Sb__Frame *frame = NULL;
    sb_checkpoint head;
    sb_fuzz_must(sb_frame_decode(bytes, &r->arena, &frame, NULL) == SB_OK);
    switch ((int)frame->body_case) {
    case SB__FRAME__BODY_WELCOME:
        if (frame->welcome->head.len > 0)
            check_note(r, sb_slice_of(frame->welcome->head.data, frame->welcome->head.len), &head);
        r->greeted = r->greeted || peer == HONEST_PEER;
        break;
    case SB__FRAME__BODY_CERTIFIED:
        check_note(r, sb_slice_of(frame->certified->note.data, frame->certified->note.len), &head);
        break;
    case SB__FRAME__BODY_LEAVES:
        check_note(r, sb_slice_of(frame->leaves->head.data, frame->leaves->head.len), &head);
        r->pushed = r->pushed || peer == HONEST_PEER;
        break;
    case SB__FRAME__BODY_RECEIPT:
        check_receipt(r, frame->receipt);
        r->answered = r->answered || peer == HONEST_PEER;
        break;
    case SB__FRAME__BODY_REFUSED:
        r->answered = r->answered || peer == HONEST_PEER;
        break;
    default: /* what else it says carries nothing that it signed */
        break;
    }
}

/* ---- feeding ---- */

static void over(rig *r, const sb_fail *fail)
{
    sb_fuzz_must(fail->code == SB_E_SEQUENCER_BEHIND || fail->code == SB_E_SEQUENCER_TERM_OVER ||
                 fail->code == SB_E_SEQUENCER_OVERTAKEN);
    r->is_over = true;
}

static void feed(rig *r, sb_seq_event *event)
{
    sb_seq_effects effects;
    if (r->is_over || r->events++ > EVENTS_MAX)
        return;
    event->now = r->now;
    sb_sequencer_step(r->seq, event, &effects);
    if (effects.count == 1 && effects.items[0].kind == SB_SEQ_COMMIT) {
        size_t before = sb_fuzz_held();
        sim_store_commit(&r->store, effects.items[0].commit, r->ledger);
        r->base += sb_fuzz_held() - before;
        sb_sequencer_step(r->seq, &(sb_seq_event){.kind = SB_SEQ_COMMITTED, .now = r->now},
                          &effects);
    }
    for (size_t i = 0; i < effects.count; i++) {
        sb_fuzz_must(effects.items[i].kind != SB_SEQ_COMMIT);
        if (effects.items[i].kind == SB_SEQ_FATAL)
            over(r, &effects.items[i].fail);
        else
            check_sent(r, effects.items[i].peer, effects.items[i].bytes);
    }
    sb_fuzz_must(sb_fuzz_held() < r->base + HELD_BYTES_MAX);
}

static void feed_frame(rig *r, uint64_t peer, const Sb__Frame *frame)
{
    fz_opened opened;
    if (frame == NULL)
        return;
    fz_open(frame, &r->arena, &opened);
    feed(r, &(sb_seq_event){.kind = SB_SEQ_FRAME,
                            .peer = peer,
                            .frame = frame,
                            .opened = opened.count == 1 ? opened.leaves : NULL,
                            .refusal = &opened.fail});
}

static void tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    feed(r, &(sb_seq_event){.kind = SB_SEQ_TICK});
}

/* A cosignature of its newest head: so heads are certified, sealed and final on the way. */
static void cosign_newest(rig *r, sb_script *s, uint64_t peer)
{
    sb_checkpoint head;
    sb_cosignature c;
    Sb__Cosign m = SB__COSIGN__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    const fed_key *witness = fed_witness(r->p->f, (uint32_t)sb_script_below(s, FZ_ORGS));
    if (sb_checkpoint_parse(sb_sequencer_head(r->seq), &head, NULL) != SB_OK ||
        sb_cosign(&head, witness->secret, r->now.legal_ms / 1000, &c, NULL) != SB_OK)
        return;
    m.size = head.size;
    m.root = (ProtobufCBinaryData){.len = 32, .data = head.root};
    m.witness_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)witness->pk};
    m.time_s = c.time_s;
    m.signature = (ProtobufCBinaryData){.len = 64, .data = c.sig};
    frame.body_case = SB__FRAME__BODY_COSIGN;
    frame.cosign = &m;
    feed_frame(r, peer, &frame);
}

static void restart(rig *r)
{
    sb_sequencer_close(r->seq);
    sb_ledger_close(r->ledger);
    r->seq = NULL;
    open_sequencer(r);
}

static void peer_changes(rig *r, size_t at)
{
    r->is_up[at] = !r->is_up[at];
    feed(r,
         &(sb_seq_event){.kind = r->is_up[at] ? SB_SEQ_PEER_UP : SB_SEQ_PEER_DOWN, .peer = at + 1});
}

static void act(rig *r, sb_script *s)
{
    uint8_t op = sb_script_u8(s);
    size_t at = sb_script_below(s, PEERS_MAX);
    sb_arena_reset(&r->arena);
    switch (op % 16) {
    case 0:
        peer_changes(r, at);
        break;
    case 1:
    case 2:
        tick(r, 50);
        break;
    case 3:
        tick(r, (uint64_t)sb_script_u8(s) * 1000);
        break;
    case 4:
        r->now.legal_ms += ((uint64_t)sb_script_u16(s) - 0x8000) * 10;
        break;
    case 5:
    case 6:
        cosign_newest(r, s, at + 1);
        break;
    case 7:
        if (sb_script_u8(s) % 4 == 0)
            restart(r);
        break;
    default: {
        const Sb__Frame *frame = fz_frame(r->p, s, &r->arena);
        size_t times = op >= 0xF0 ? sb_script_u8(s) % 64 : 1; /* what grows with each is seen */
        for (size_t i = 0; i < times; i++)
            feed_frame(r, at + 1, frame);
    }
    }
}

/* It greets, asks for all and hands in what nobody has seen. */
static void ask_honestly(rig *r)
{
    r->events = 0;
    sb_arena_reset(&r->arena);
    feed(r, &(sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = HONEST_PEER});
    feed_frame(r, HONEST_PEER, fz_hello(r->p, 0, 1, &r->arena));
    feed_frame(r, HONEST_PEER, fz_pull(0, 10, &r->arena));
    feed_frame(r, HONEST_PEER, fz_submit(r->p->entries[1], &r->arena));
    tick(r, 50);
    tick(r, 50);
    sb_fuzz_must(r->is_over || (r->greeted && r->answered));
    sb_fuzz_must(r->is_over || r->pushed || r->store.leaf_count == 0);
}

static void begin(rig *r, size_t which)
{
    static sim_store stores[3];
    static bool is_made[3];
    *r = (rig){.p = fz_pool_get()};
    const fz_history *h = &r->p->histories[0];
    const uint64_t sizes[3] = {0, h->sealed + 1, h->count};
    if (!is_made[which])
        fz_store_of(h, sizes[which], &stores[which]);
    is_made[which] = true;
    r->now = (sb_now){.legal_ms = r->p->now_ms, .mono_ms = 100000};
    sb_arena_init(&r->arena);
    fz_store_clone(&stores[which], &r->store);
    r->base = sb_fuzz_held();
    r->is_up[0] = r->is_up[1] = true;
    open_sequencer(r);
}

static bool one(sb_slice input)
{
    sb_script s = sb_script_over(input);
    static rig r;
    begin(&r, sb_script_below(&s, 3));
    uint64_t size = r.store.leaf_count;
    while (sb_script_left(&s) > 0 && r.events < EVENTS_MAX && !r.is_over)
        act(&r, &s);
    bool grew = r.store.leaf_count > size || r.receipts > 0;
    ask_honestly(&r);
    sb_sequencer_close(r.seq);
    sb_ledger_close(r.ledger);
    sim_store_deinit(&r.store);
    sb_arena_deinit(&r.arena);
    return grew;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run_keeping(one, data, len, (sb_fuzz_bound){64 * 1024 * 1024, 4096});
}
