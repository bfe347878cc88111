/* A broker process in the world of terms: a standby or a sequencer over one store. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/terms_inside.h"

static void feed_seq(tw *w, uint32_t b, sb_seq_event *event);
static void feed_standby(tw *w, uint32_t b, sb_standby_event *event);

static uint32_t end_of(const tw *w, uint32_t b)
{
    return w->o.nodes + b;
}

/* ---- starting and stopping ---- */

static void everybody_up(tw *w, uint32_t b)
{
    uint32_t at = 0, other, conn;
    while (tw_next_conn(w, end_of(w, b), &at, &other, &conn))
        tw_broker_link(w, b, conn, true);
}

static void open_sequencer(tw *w, uint32_t b)
{
    tw_broker *p = &w->brokers[b];
    sb_fail fail = {0};
    sb_seq_opts opts = {.ledger = p->ledger,
                        .log = sim_store_reader(&p->store),
                        .log_key = fed_key_of(w->keys, p->key)->secret,
                        .over = sb_sequencer_over(p->store.own)};
    if (sb_sequencer_open(&p->seq, &opts, &fail) != SB_OK)
        tw_fail(w, sb_err_name(fail.code), b, 0);
}

static void open_standby(tw *w, uint32_t b)
{
    tw_broker *p = &w->brokers[b];
    sb_fail fail = {0};
    sb_standby_opts opts = {.ledger = p->ledger,
                            .log = sim_store_reader(&p->store),
                            .own = p->store.own,
                            .log_key = fed_key_of(w->keys, p->key)->secret,
                            .slug = w->keys->charter->slug,
                            .take_over = p->take_over};
    memcpy(opts.federation_id, w->keys->federation_id, 32);
    if (sb_standby_open(&p->standby, &opts, &fail) != SB_OK)
        tw_fail(w, sb_err_name(fail.code), b, 0);
}

/* As samband-broker chooses: the term's own broker orders, any other one follows. */
void tw_broker_start(tw *w, uint32_t b)
{
    tw_broker *p = &w->brokers[b];
    uint8_t pk[32];
    p->ledger = sim_store_ledger(&p->store);
    uint32_t term = sb_ledger_term(p->ledger), over = sb_sequencer_over(p->store.own);
    bool ours = sb_ledger_log_pk(p->ledger, pk)
                    ? memcmp(pk, fed_key_of(w->keys, p->key)->pk, 32) == 0
                    : b == 0;
    if (ours && over <= term)
        open_sequencer(w, b);
    else
        open_standby(w, b);
    tw_trace(w, end_of(w, b), p->seq != NULL ? "up as broker of term" : "up as standby, term",
             term);
}

void tw_broker_stop(tw *w, uint32_t b, uint64_t down_ms)
{
    tw_broker *p = &w->brokers[b];
    if (p->seq == NULL && p->standby == NULL)
        return;
    sb_sequencer_close(p->seq);
    sb_standby_close(p->standby);
    sb_ledger_close(p->ledger);
    p->seq = NULL;
    p->standby = NULL;
    p->ledger = NULL;
    p->up_at_ms = w->now_ms + down_ms;
    tw_cut_all(w, end_of(w, b));
}

/* True: the process fell, before or after the commit was durable. */
static bool commit(tw *w, uint32_t b, const sb_log_commit *c)
{
    tw_broker *p = &w->brokers[b];
    w->counts.commits++;
    bool falls = tw_chance(w, w->o.crash_commit_permille);
    if (!falls || tw_chance(w, 500))
        sim_store_commit(&p->store, c, p->ledger);
    if (falls) {
        w->counts.crashes++;
        tw_broker_stop(w, b, tw_down_time(w));
    }
    return falls;
}

/* ---- the sequencer ---- */

/* What ends the process: in the end somebody starts it again. */
static void ends(tw *w, uint32_t b, const sb_fail *fail)
{
    tw_trace(w, end_of(w, b), sb_err_name(fail->code), 0);
    if (fail->code != SB_E_SEQUENCER_TERM_OVER && fail->code != SB_E_SEQUENCER_BEHIND)
        tw_fail(w, sb_err_name(fail->code), b, 0);
    tw_broker_stop(w, b, 1000);
    if (fail->code == SB_E_SEQUENCER_BEHIND)
        w->brokers[b].lost = true; /* it says so and stays down: restored as nobody should */
}

static void feed_seq(tw *w, uint32_t b, sb_seq_event *event)
{
    tw_broker *p = &w->brokers[b];
    sb_seq_effects effects;
    event->now = tw_now(w);
    sb_sequencer_step(p->seq, event, &effects);
    while (effects.count == 1 && effects.items[0].kind == SB_SEQ_COMMIT) {
        if (commit(w, b, effects.items[0].commit))
            return;
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = tw_now(w)};
        sb_sequencer_step(p->seq, &done, &effects);
    }
    for (size_t i = 0; i < effects.count; i++) {
        const sb_seq_effect *e = &effects.items[i];
        if (e->kind == SB_SEQ_FATAL) {
            sb_fail fail = e->fail;
            ends(w, b, &fail);
            return;
        }
        tw_send(w, end_of(w, b), (uint32_t)e->peer, TW_FRAME, e->bytes, 0);
    }
}

/* ---- the standby ---- */

static void rewind_log(tw *w, uint32_t b, const sb_standby_effect *e)
{
    tw_broker *p = &w->brokers[b];
    sb_fail fail = {0};
    sb_buf probe;
    sb_buf_init(&probe);
    sb_buf_add(&probe, e->probe);
    w->counts.rewinds++;
    tw_trace(w, end_of(w, b), "back to", e->size);
    sb_err err = sim_store_rewind(&p->store, e->size, e->probe, e->commit->puts,
                                  e->commit->put_count, &p->ledger, &fail);
    sb_standby_close(p->standby);
    p->standby = NULL;
    open_standby(w, b);
    if (err != SB_OK) {
        sb_standby_event event = {
            .kind = SB_STANDBY_REFUSED, .probe = sb_buf_slice(&probe), .refusal = &fail};
        tw_trace(w, end_of(w, b), sb_err_name(err), 0);
        feed_standby(w, b, &event);
    }
    sb_buf_deinit(&probe);
    if (p->standby != NULL)
        everybody_up(w, b);
}

static void take_over(tw *w, uint32_t b)
{
    tw_broker *p = &w->brokers[b];
    sb_standby_close(p->standby);
    p->standby = NULL;
    p->take_over = false;
    w->counts.takeovers++;
    tw_trace(w, end_of(w, b), "takes over, term", sb_ledger_term(p->ledger));
    open_sequencer(w, b);
    everybody_up(w, b);
}

static void feed_standby(tw *w, uint32_t b, sb_standby_event *event)
{
    tw_broker *p = &w->brokers[b];
    sb_standby_effects effects;
    event->now = tw_now(w);
    sb_standby_step(p->standby, event, &effects);
    while (effects.count == 1 && effects.items[0].kind == SB_STANDBY_COMMIT) {
        if (commit(w, b, effects.items[0].commit))
            return;
        sb_standby_event done = {.kind = SB_STANDBY_COMMITTED, .now = tw_now(w)};
        sb_standby_step(p->standby, &done, &effects);
    }
    for (size_t i = 0; i < effects.count; i++) {
        const sb_standby_effect *e = &effects.items[i];
        switch (e->kind) {
        case SB_STANDBY_SEND:
            tw_send(w, end_of(w, b), (uint32_t)e->peer, TW_FRAME, e->bytes, 0);
            break;
        case SB_STANDBY_WANT_BLOB:
            tw_send(w, end_of(w, b), (uint32_t)e->peer, TW_BLOB_GET, sb_slice_of(e->blob, 32), 0);
            break;
        case SB_STANDBY_REWIND:
            rewind_log(w, b, e);
            return;
        case SB_STANDBY_TAKE_OVER:
            take_over(w, b);
            return;
        case SB_STANDBY_FATAL:
            tw_fail(w, sb_err_name(e->fail.code), b, 0);
        case SB_STANDBY_COMMIT:
            abort();
        }
    }
}

/* ---- what comes in ---- */

void tw_broker_link(tw *w, uint32_t b, uint32_t conn, bool up)
{
    tw_broker *p = &w->brokers[b];
    if (p->seq != NULL) {
        sb_seq_event event = {.kind = up ? SB_SEQ_PEER_UP : SB_SEQ_PEER_DOWN, .peer = conn};
        feed_seq(w, b, &event);
    } else if (p->standby != NULL) {
        sb_standby_event event = {.kind = up ? SB_STANDBY_PEER_UP : SB_STANDBY_PEER_DOWN,
                                  .peer = conn};
        feed_standby(w, b, &event);
    }
}

void tw_broker_tick(tw *w, uint32_t b)
{
    tw_broker *p = &w->brokers[b];
    if (p->seq != NULL) {
        sb_seq_event event = {.kind = SB_SEQ_TICK};
        feed_seq(w, b, &event);
    } else if (p->standby != NULL) {
        sb_standby_event event = {.kind = SB_STANDBY_TICK};
        feed_standby(w, b, &event);
    }
}

static void hear_frame(tw *w, uint32_t b, const tw_message *m)
{
    tw_broker *p = &w->brokers[b];
    const Sb__Frame *f;
    sb_fail fail = {0};
    sb_leaf *leaves = SB_ARENA_NEW(&w->arena, sb_leaf);
    size_t opened = 0;
    if (sb_frame_decode(sb_buf_slice(&m->bytes), &w->arena, &f, &fail) != SB_OK)
        tw_fail(w, "a frame that nobody can read", m->from, b);
    if (f->body_case == SB__FRAME__BODY_PROMISE_GIVEN)
        tw_trace(w, end_of(w, b), "was promised", f->promise_given->term);
    if (f->body_case == SB__FRAME__BODY_REFUSED && p->standby != NULL)
        tw_trace(w, end_of(w, b), sb_err_name((sb_err)f->refused->code), m->from);
    if (f->body_case == SB__FRAME__BODY_SUBMIT) {
        ProtobufCBinaryData e = f->submit->entry;
        opened = sb_entry_open(sb_slice_of(e.data, e.len), &w->arena, leaves, &fail) == SB_OK;
    } else if (f->body_case == SB__FRAME__BODY_HANDOVER_OFFER) {
        ProtobufCBinaryData l = f->handover_offer->leaf;
        opened = sb_leaf_open(sb_slice_of(l.data, l.len), &w->arena, leaves, &fail) == SB_OK;
    } else if (f->body_case == SB__FRAME__BODY_LEAVES) {
        opened = tw_open_leaves(w, f->leaves, &leaves, &fail);
    }
    if (p->seq != NULL) {
        sb_seq_event event = {.kind = SB_SEQ_FRAME,
                              .peer = m->conn,
                              .frame = f,
                              .opened = opened == 1 ? leaves : NULL,
                              .refusal = &fail};
        feed_seq(w, b, &event);
    } else {
        sb_standby_event event = {.kind = SB_STANDBY_FRAME,
                                  .peer = m->conn,
                                  .frame = f,
                                  .leaves = leaves,
                                  .opened = opened,
                                  .refusal = &fail};
        feed_standby(w, b, &event);
    }
}

void tw_broker_hear(tw *w, uint32_t b, const tw_message *m)
{
    tw_broker *p = &w->brokers[b];
    uint32_t end = end_of(w, b);
    if (p->seq == NULL && p->standby == NULL)
        return;
    switch (m->kind) {
    case TW_FRAME:
        hear_frame(w, b, m);
        break;
    case TW_BLOB_GET:
        if (sim_store_has_blob(&p->store, m->bytes.data))
            tw_send(w, end, m->conn, TW_BLOB, sb_buf_slice(&m->bytes), m->blob_bytes);
        break;
    case TW_BLOB: {
        sb_standby_event event = {.kind = SB_STANDBY_BLOB_STORED};
        sim_store_blob(&p->store, m->bytes.data);
        memcpy(event.blob, m->bytes.data, 32);
        if (p->standby != NULL)
            feed_standby(w, b, &event);
        break;
    }
    case TW_BLOB_PUT:
        if (!sb_ledger_blob_erased(p->ledger, m->bytes.data, NULL))
            sim_store_blob(&p->store, m->bytes.data);
        tw_send(w, end, m->conn, TW_BLOB_AT, sb_buf_slice(&m->bytes), 0);
        break;
    case TW_BLOB_AT:
        break;
    }
}
