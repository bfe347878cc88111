#include "tests/unit/sequencer_rig.h"

#include <stdlib.h>

#include "proto/wire/frame.h"

int rig_setup(void **state)
{
    rig *r = calloc(1, sizeof *r);
    sb_arena_init(&r->arena);
    sim_store_init(&r->store);
    r->f = fed_new(NULL);
    fed_run(r->f);
    r->now = (sb_now){.legal_ms = r->f->now_ms, .mono_ms = 1000};
    *state = r;
    return 0;
}

int rig_teardown(void **state)
{
    rig *r = *state;
    rig_close(r);
    sim_store_deinit(&r->store);
    fed_free(r->f);
    sb_arena_deinit(&r->arena);
    free(r);
    return 0;
}

void rig_fill(rig *r, size_t size)
{
    sb_ledger *l = sim_store_ledger(&r->store);
    sb_commit_builder c;
    sb_commit_builder_init(&c, (sb_tile_reader){0});
    sb_commit_builder_clear(&c, 0);
    for (size_t i = 0; i < size; i++) {
        sb_leaf leaf;
        assert_int_equal(sb_leaf_open(fed_leaf(r->f, i), &r->arena, &leaf, NULL), SB_OK);
        assert_int_equal(sb_ledger_step(l, &leaf, sb_commit_add_tile, &c, NULL), SB_OK);
        sb_commit_add_leaf(&c, leaf.bytes);
    }
    if (size > 0)
        sim_store_commit(&r->store, sb_commit_builder_get(&c), l);
    sb_commit_builder_deinit(&c);
    sb_ledger_close(l);
}

sb_err rig_open(rig *r, const char *key, bool awaits, uint64_t awaits_from_ms)
{
    sb_fail fail = {0};
    r->ledger = sim_store_ledger(&r->store);
    sb_seq_opts opts = {.ledger = r->ledger,
                        .log = sim_store_reader(&r->store),
                        .log_key = fed_key_of(r->f, key)->secret,
                        .over = sb_sequencer_over(r->store.own),
                        .awaits_nodes = awaits,
                        .awaits_from_ms = awaits_from_ms};
    sb_err err = sb_sequencer_open(&r->seq, &opts, &fail);
    if (err != SB_OK) {
        r->seq = NULL;
        rig_close(r);
    }
    return err;
}

void rig_close(rig *r)
{
    sb_sequencer_close(r->seq);
    if (r->ledger != NULL)
        sb_ledger_close(r->ledger);
    r->seq = NULL;
    r->ledger = NULL;
}

static void collect(rig *r, const sb_seq_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++) {
        const sb_seq_effect *e = &effects->items[i];
        const Sb__Frame *frame;
        if (e->kind == SB_SEQ_FATAL)
            r->fatal = e->fail.code;
        if (e->kind != SB_SEQ_SEND)
            continue;
        sb_slice bytes = sb_arena_copy(&r->arena, e->bytes);
        assert_int_equal(sb_frame_decode(bytes, &r->arena, &frame, NULL), SB_OK);
        assert_true(r->sent_count < RIG_SENT_MAX);
        r->sent[r->sent_count++] = frame;
        r->welcomes += frame->body_case == SB__FRAME__BODY_WELCOME;
        r->refusals += frame->body_case == SB__FRAME__BODY_REFUSED;
    }
}

void rig_feed(rig *r, sb_seq_event event)
{
    sb_seq_effects effects;
    event.now = r->now;
    r->sent_count = 0;
    sb_sequencer_step(r->seq, &event, &effects);
    if (effects.count == 1 && effects.items[0].kind == SB_SEQ_COMMIT) {
        sim_store_commit(&r->store, effects.items[0].commit, r->ledger);
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = r->now};
        sb_sequencer_step(r->seq, &done, &effects);
    }
    collect(r, &effects);
}

void rig_tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    rig_feed(r, (sb_seq_event){.kind = SB_SEQ_TICK});
}

void rig_up(rig *r, uint64_t peer, uint32_t org)
{
    sb_ledger_org row;
    sb_seq_event up = {.kind = SB_SEQ_PEER_UP, .peer = peer};
    if (sb_ledger_org_get(r->ledger, org, &row))
        memcpy(up.curve_pk, row.curve_pk, 32);
    else
        memset(up.curve_pk, 7, 32);
    rig_feed(r, up);
}

void rig_say(rig *r, uint64_t peer, const Sb__Frame *frame, const sb_leaf *opened)
{
    rig_feed(r,
             (sb_seq_event){.kind = SB_SEQ_FRAME, .peer = peer, .frame = frame, .opened = opened});
}

void rig_hello(rig *r, uint64_t peer, uint64_t size, uint32_t term)
{
    Sb__Hello m = SB__HELLO__INIT;
    m.federation_id = (ProtobufCBinaryData){.len = 32, .data = r->f->federation_id};
    m.organisation = "unn";
    m.size = size;
    m.term = term;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HELLO;
    f.hello = &m;
    rig_say(r, peer, &f, NULL);
}
