/* A node process in the world of terms. */
#include <stdlib.h>

#include "tests/sim/terms_inside.h"

static sb_fol_role role_of(const tw *w, uint32_t other)
{
    return other < w->o.nodes ? SB_FOL_ROLE_NODE : SB_FOL_ROLE_BROKER;
}

static void open_follower(tw *w, uint32_t n)
{
    tw_node *p = &w->nodes[n];
    sb_fail fail = {0};
    sb_fol_opts opts = {.ledger = p->ledger,
                        .log = sim_store_reader(&p->store),
                        .own = p->store.own,
                        .organisation = w->keys->charter->organisations[n]->id,
                        .has_federation_id = true};
    memcpy(opts.federation_id, w->keys->federation_id, 32);
    opts.witness = fed_witness(w->keys, n)->secret; /* also after its disk was lost */
    if (sb_follower_open(&p->follower, &opts, &fail) != SB_OK)
        tw_fail(w, sb_err_name(fail.code), n, 0);
}

void tw_node_start(tw *w, uint32_t n)
{
    w->nodes[n].ledger = sim_store_ledger(&w->nodes[n].store);
    open_follower(w, n);
}

void tw_node_stop(tw *w, uint32_t n, uint64_t down_ms)
{
    tw_node *p = &w->nodes[n];
    if (p->follower == NULL)
        return;
    sb_follower_close(p->follower);
    sb_ledger_close(p->ledger);
    p->follower = NULL;
    p->ledger = NULL;
    p->up_at_ms = w->now_ms + down_ms;
    tw_cut_all(w, n);
}

static bool commit(tw *w, uint32_t n, const sb_log_commit *c)
{
    tw_node *p = &w->nodes[n];
    w->counts.commits++;
    bool falls = tw_chance(w, w->o.crash_commit_permille);
    if (!falls || tw_chance(w, 500))
        sim_store_commit(&p->store, c, p->ledger);
    if (falls) {
        w->counts.crashes++;
        tw_node_stop(w, n, tw_down_time(w));
    }
    return falls;
}

static void rewind_log(tw *w, uint32_t n, const sb_fol_effect *e)
{
    tw_node *p = &w->nodes[n];
    sb_fail fail = {0};
    sb_buf probe;
    sb_buf_init(&probe);
    sb_buf_add(&probe, e->bytes);
    w->counts.rewinds++;
    tw_trace(w, n, "back to", e->index);
    sb_err err = sim_store_rewind(&p->store, e->index, e->bytes, e->commit->puts,
                                  e->commit->put_count, &p->ledger, &fail);
    sb_follower_close(p->follower);
    p->follower = NULL;
    open_follower(w, n);
    if (err != SB_OK) {
        sb_fol_event event = {
            .kind = SB_FOL_REWIND_REFUSED, .entry = sb_buf_slice(&probe), .refusal = &fail};
        tw_trace(w, n, sb_err_name(err), 0);
        tw_node_feed(w, n, &event);
    }
    sb_buf_deinit(&probe);
    uint32_t at = 0, other, conn;
    while (p->follower != NULL && tw_next_conn(w, n, &at, &other, &conn))
        tw_node_link(w, n, conn, other, true);
}

static void notify(tw *w, uint32_t n, const sb_fol_effect *e)
{
    if (w->note_count == w->note_cap) {
        w->note_cap = w->note_cap == 0 ? 64 : 2 * w->note_cap;
        w->notes = sb_xrealloc(w->notes, w->note_cap * sizeof *w->notes);
    }
    tw_note *note = &w->notes[w->note_count++];
    *note = (tw_note){.note = e->note, .node = n, .code = e->fail.code};
    memcpy(note->entry_id, e->entry_id, 32);
    w->counts.refusals += e->note == SB_FOL_REFUSED;
}

static void carry_out(tw *w, uint32_t n, const sb_fol_effect *e)
{
    switch (e->kind) {
    case SB_FOL_SEND:
        tw_send(w, n, e->link, TW_FRAME, e->bytes, 0);
        break;
    case SB_FOL_NOTIFY:
        notify(w, n, e);
        break;
    case SB_FOL_WANT_BLOB:
        tw_send(w, n, e->link, TW_BLOB_GET, sb_slice_of(e->blob, 32), e->blob_bytes);
        break;
    case SB_FOL_PUT_BLOB:
        tw_send(w, n, e->link, TW_BLOB_PUT, sb_slice_of(e->blob, 32), 0);
        break;
    case SB_FOL_DIVERGED:
        tw_trace(w, n, sb_err_name(e->fail.code), e->index);
        tw_fail(w, "a node diverged", n, e->index);
    case SB_FOL_CONFLICT:
        tw_fail(w, "a conflict among honest brokers", n, 0);
    case SB_FOL_COMMIT:
    case SB_FOL_REWIND:
        abort();
    }
}

void tw_node_feed(tw *w, uint32_t n, sb_fol_event *event)
{
    tw_node *p = &w->nodes[n];
    sb_fol_effects effects;
    event->now = tw_now(w);
    sb_follower_step(p->follower, event, &effects);
    while (effects.count == 1 && effects.items[0].kind == SB_FOL_COMMIT) {
        if (commit(w, n, effects.items[0].commit))
            return;
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = tw_now(w)};
        sb_follower_step(p->follower, &done, &effects);
    }
    if (effects.count == 1 && effects.items[0].kind == SB_FOL_REWIND) {
        rewind_log(w, n, &effects.items[0]);
        return;
    }
    for (size_t i = 0; i < effects.count; i++)
        carry_out(w, n, &effects.items[i]);
    sb_fol_status status;
    sb_follower_status(p->follower, tw_now(w), &status);
    if (status.cosigned_term < p->cosigned_term)
        tw_fail(w, "the record fell", n, status.cosigned_term);
    /* one that is restored has lost something, and one that was away goes on for a while */
    if (status.faults > 0 && status.fault.code != SB_E_FOLLOWER_SHRUNKEN &&
        status.fault.code != SB_E_FOLLOWER_OLD_TERM)
        tw_fail(w, "an honest broker is named", n, (uint64_t)status.fault.code);
    p->cosigned_term = status.cosigned_term;
    tw_check_final(w, n, status.final_size);
}

void tw_node_link(tw *w, uint32_t n, uint32_t conn, uint32_t other, bool up)
{
    sb_fol_event event = {
        .kind = up ? SB_FOL_LINK_UP : SB_FOL_LINK_DOWN, .link = conn, .role = role_of(w, other)};
    if (w->nodes[n].follower != NULL)
        tw_node_feed(w, n, &event);
}

static void hear_frame(tw *w, uint32_t n, const tw_message *m)
{
    sb_fail fail = {0};
    sb_leaf *leaves = SB_ARENA_NEW(&w->arena, sb_leaf);
    sb_fol_event event = {.kind = SB_FOL_FRAME, .link = m->conn, .refusal = &fail};
    if (sb_frame_decode(sb_buf_slice(&m->bytes), &w->arena, &event.frame, &fail) != SB_OK)
        tw_fail(w, "a frame that nobody can read", m->from, n);
    if (event.frame->body_case == SB__FRAME__BODY_LEAVES) {
        event.opened = tw_open_leaves(w, event.frame->leaves, &leaves, &fail);
        event.leaves = leaves;
    } else if (event.frame->body_case == SB__FRAME__BODY_HANDOVER_OFFER) {
        ProtobufCBinaryData l = event.frame->handover_offer->leaf;
        if (sb_leaf_open(sb_slice_of(l.data, l.len), &w->arena, leaves, &fail) == SB_OK)
            event.leaf = leaves;
    } else if (event.frame->body_case == SB__FRAME__BODY_SUBMIT) {
        ProtobufCBinaryData e = event.frame->submit->entry;
        event.entry = sb_slice_of(e.data, e.len);
        if (sb_entry_open(event.entry, &w->arena, leaves, &fail) == SB_OK)
            event.leaf = leaves;
    }
    tw_node_feed(w, n, &event);
}

void tw_node_hear(tw *w, uint32_t n, const tw_message *m)
{
    tw_node *p = &w->nodes[n];
    sb_fol_event event = {.link = m->conn};
    if (p->follower == NULL)
        return;
    switch (m->kind) {
    case TW_FRAME:
        hear_frame(w, n, m);
        return;
    case TW_BLOB_GET:
        if (sim_store_has_blob(&p->store, m->bytes.data))
            tw_send(w, n, m->conn, TW_BLOB, sb_buf_slice(&m->bytes), m->blob_bytes);
        return;
    case TW_BLOB_PUT:
        sim_store_blob(&p->store, m->bytes.data);
        tw_send(w, n, m->conn, TW_BLOB_AT, sb_buf_slice(&m->bytes), 0);
        return;
    case TW_BLOB:
        sim_store_blob(&p->store, m->bytes.data);
        event.kind = SB_FOL_BLOB_STORED;
        break;
    case TW_BLOB_AT:
        event.kind = SB_FOL_BLOB_AT_LINK;
        break;
    }
    memcpy(event.blob, m->bytes.data, 32);
    tw_node_feed(w, n, &event);
}
