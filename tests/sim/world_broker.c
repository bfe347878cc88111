/* A broker's shell: what broker/brokerd does around the sequencer or the standby, over one store. */
#include <stdlib.h>

#include "broker/standby/missing.h"
#include "tests/sim/world_inside.h"
#include "tests/sim/world_memo.h"

static void feed_seq(sw *w, sw_end *e, sb_seq_event *event);
static void feed_standby(sw *w, sw_end *e, sb_standby_event *event);

/* ---- opening ---- */

/* Logs are short here: so that a node that fetches one gets several frames at once, two of three brokers
 * have short ones. */
static uint32_t short_frames(const sw *w, const sw_end *e)
{
    uint64_t which = w->o.seed + e->number;
    return which % 3 == 0 ? 0 : 1 + (uint32_t)(which / 3 % 3);
}

static void open_sequencer(sw *w, sw_end *e, bool awaits_nodes)
{
    sb_fail fail = {0};
    sb_log_reader reader = sw_store_reader(&e->store);
    sb_seq_opts opts = {.ledger = e->ledger,
                        .log = reader,
                        .log_key = sw_secret(w, e->number),
                        .watches_jumps = true,
                        .awaits_nodes = awaits_nodes,
                        .awaits_from_ms = e->awaits_from_ms,
                        .frame_leaves_max = short_frames(w, e),
                        .over = sb_sequencer_over(e->store.kv[SW_OWN])};
    if (sb_sequencer_open(&e->seq, &opts, &fail) != SB_OK)
        sw_fail(w, "%s does not open: %s", sw_name(w, e->number), sb_err_name(fail.code));
    sb_missing_init(&e->missing, SB_STANDBY_ROW_MISSING);
    e->has_missing = e->has_ordered = true;
    if (!sb_standby_missing_load(&e->missing, e->store.kv[SW_OWN], e->ledger, &reader))
        sw_fail(w, "%s: rows of what is missing", sw_name(w, e->number));
    sw_check_sequencer(w, e);
}

static void open_standby(sw *w, sw_end *e, const sb_standby *before)
{
    sb_fail fail = {0};
    sb_standby_opts opts = {.ledger = e->ledger,
                            .log = sw_store_reader(&e->store),
                            .own = e->store.kv[SW_OWN],
                            .log_key = sw_secret(w, e->number),
                            .slug = w->keys->charter->slug,
                            .take_over = e->take_over,
                            .before = before};
    memcpy(opts.federation_id, w->federation_id, 32);
    if (sb_standby_open(&e->standby, &opts, &fail) != SB_OK)
        sw_fail(w, "%s does not open: %s", sw_name(w, e->number), sb_err_name(fail.code));
}

/* As samband-broker chooses: the term's own broker orders, any other one follows. */
void sw_broker_open(sw *w, sw_end *e, bool awaits_nodes)
{
    uint8_t pk[32];
    uint32_t term = sb_ledger_term(e->ledger), over = sb_sequencer_over(e->store.kv[SW_OWN]);
    bool ours = sb_ledger_log_pk(e->ledger, pk)
                    ? memcmp(pk, sb_secret_pk(sw_secret(w, e->number)), 32) == 0
                    : e->number == w->o.nodes;
    if (ours && over <= term)
        open_sequencer(w, e, awaits_nodes);
    else
        open_standby(w, e, NULL);
    sw_say(w, e->number, "starts as %s, term %u, %llu leaves",
           e->seq != NULL ? "the broker" : "a standby", term,
           (unsigned long long)e->store.leaf_count);
}

/* ---- the sequencer ---- */

/* What ends the process: in the end somebody starts it again. */
static void ends(sw *w, sw_end *e, const sb_fail *fail)
{
    sw_say(w, e->number, "ends: %s [%s] [%s]", sb_err_name(fail->code), fail->arg[0], fail->arg[1]);
    bool behind = fail->code == SB_E_SEQUENCER_BEHIND || fail->code == SB_E_SEQUENCER_OVERTAKEN;
    if (fail->code != SB_E_SEQUENCER_TERM_OVER && !(behind && (e->restored || e->has_role)))
        sw_fail(w, "%s ends: %s", sw_name(w, e->number), sb_err_name(fail->code));
    sw_stop(w, e, 1000);
    e->lost = e->lost || behind; /* it says so and stays down: restored as nobody should */
}

static void feed_seq(sw *w, sw_end *e, sb_seq_event *event)
{
    sb_seq_effects effects;
    event->no_room = e->full;
    event->now = sw_now_of(w, e->number);
    sb_sequencer_step(e->seq, event, &effects);
    while (effects.count == 1 && effects.items[0].kind == SB_SEQ_COMMIT) {
        e->idle = 0;
        if (sw_commit(w, e, effects.items[0].commit))
            return;
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = sw_now_of(w, e->number)};
        sb_sequencer_step(e->seq, &done, &effects);
    }
    sw_check_head(w, e);
    for (size_t i = 0; i < effects.count; i++) {
        const sb_seq_effect *effect = &effects.items[i];
        if (effect->kind == SB_SEQ_FATAL) {
            sb_fail fail = effect->fail;
            ends(w, e, &fail);
            return;
        }
        sw_send(w, e->number, (uint32_t)effect->peer, SW_FRAME, effect->bytes, 0);
    }
}

/* ---- the standby ---- */

static void rewind_log(sw *w, sw_end *e, const sb_standby_effect *effect)
{
    sb_fail fail = {0};
    sb_buf probe;
    uint64_t size = effect->size, before = e->store.leaf_count;
    sb_buf_init(&probe);
    sb_buf_add(&probe, effect->probe);
    sw_check_rewind(w, e, size);
    sb_err err = sw_store_rewind(&e->store, size, effect->probe, effect->commit->puts,
                                 effect->commit->put_count, &e->ledger, &fail);
    sw_say(w, e->number, "goes back from %llu to %llu leaves%s%s", (unsigned long long)before,
           (unsigned long long)size, err == SB_OK ? "" : ": refused, ",
           err == SB_OK ? "" : sb_err_name(err));
    w->counts.rewinds += err == SB_OK;
    if (err == SB_OK)
        sw_check_rewound(w, e);
    sb_standby *was = e->standby;
    e->standby = NULL;
    open_standby(w, e, was);
    sb_standby_close(was);
    if (err != SB_OK) {
        sb_standby_event event = {
            .kind = SB_STANDBY_REFUSED, .probe = sb_buf_slice(&probe), .refusal = &fail};
        feed_standby(w, e, &event);
    }
    sb_buf_deinit(&probe);
    sw_everybody_up(w, e);
}

static void take_over(sw *w, sw_end *e)
{
    sb_standby_close(e->standby);
    e->standby = NULL;
    e->take_over = false;
    w->counts.handovers++;
    sw_say(w, e->number, "takes over: term %u begins at %llu", sb_ledger_term(e->ledger),
           (unsigned long long)e->store.leaf_count - 1);
    open_sequencer(w, e, false);
    sw_everybody_up(w, e);
}

static void feed_standby(sw *w, sw_end *e, sb_standby_event *event)
{
    sb_standby_effects effects;
    if (e->full)
        return;
    event->now = sw_now_of(w, e->number);
    sb_standby_step(e->standby, event, &effects);
    while (effects.count == 1 && effects.items[0].kind == SB_STANDBY_COMMIT) {
        e->idle = 0;
        if (sw_commit(w, e, effects.items[0].commit))
            return;
        sb_standby_event done = {.kind = SB_STANDBY_COMMITTED, .now = sw_now_of(w, e->number)};
        sb_standby_step(e->standby, &done, &effects);
    }
    for (size_t i = 0; i < effects.count; i++) {
        const sb_standby_effect *effect = &effects.items[i];
        switch (effect->kind) {
        case SB_STANDBY_SEND:
            sw_send(w, e->number, (uint32_t)effect->peer, SW_FRAME, effect->bytes, 0);
            break;
        case SB_STANDBY_WANT_BLOB:
            sw_send(w, e->number, (uint32_t)effect->peer, SW_BLOB_GET,
                    sb_slice_of(effect->blob, 32), 0);
            break;
        case SB_STANDBY_REWIND:
            rewind_log(w, e, effect);
            return;
        case SB_STANDBY_TAKE_OVER:
            take_over(w, e);
            return;
        case SB_STANDBY_FATAL:
            sw_fail(w, "%s ends: %s", sw_name(w, e->number), sb_err_name(effect->fail.code));
        case SB_STANDBY_COMMIT:
            abort();
        }
    }
}

/* ---- what comes in ---- */

void sw_broker_link(sw *w, sw_end *e, uint32_t conn, bool up)
{
    if (e->seq != NULL) {
        sb_seq_event event = {.kind = up ? SB_SEQ_PEER_UP : SB_SEQ_PEER_DOWN, .peer = conn};
        sb_ledger_org org;
        uint32_t other = sw_conn_other(w, conn, e->number);
        if (sw_is_node(w, other) && sb_ledger_org_get(e->ledger, other, &org))
            memcpy(event.curve_pk, org.curve_pk, 32);
        feed_seq(w, e, &event);
    } else if (e->standby != NULL) {
        sb_standby_event event = {.kind = up ? SB_STANDBY_PEER_UP : SB_STANDBY_PEER_DOWN,
                                  .peer = conn};
        feed_standby(w, e, &event);
    }
}

/* Blobs that were missing when it took over. */
static void fetch_missing(sw *w, sw_end *e)
{
    size_t at = 0;
    uint64_t now_ms = sw_now_of(w, e->number).mono_ms;
    sb_missing_blob *blob;
    while (e->seq != NULL && e->conn_count > 0 &&
           (blob = sb_standby_missing_next(&e->missing, now_ms, &at)) != NULL)
        sw_send(w, e->number, e->conns[sw_below(w, e->conn_count)], SW_BLOB_GET,
                sb_slice_of(blob->sha256, 32), 0);
}

void sw_broker_tick(sw *w, sw_end *e)
{
    if (e->seq != NULL) {
        sb_seq_event event = {.kind = SB_SEQ_TICK};
        feed_seq(w, e, &event);
        if (e->seq != NULL && e->missing.count > 0)
            fetch_missing(w, e);
    } else if (e->standby != NULL) {
        sb_standby_event event = {.kind = SB_STANDBY_TICK};
        feed_standby(w, e, &event);
    }
}

static const sb_leaf *open_leaves(sw *w, const Sb__Leaves *l, size_t *opened, sb_fail *fail)
{
    if (l->n_leaves > SB_STANDBY_LEAVES_MAX)
        return NULL;
    sb_leaf *leaves = SB_ARENA_ARRAY(&w->arena, sb_leaf, l->n_leaves + 1);
    for (; *opened < l->n_leaves; (*opened)++) {
        const sb_leaf *leaf =
            sw_memo_leaf(sb_slice_of(l->leaves[*opened].data, l->leaves[*opened].len), fail);
        if (leaf == NULL)
            break;
        leaves[*opened] = *leaf;
    }
    return leaves;
}

static void hear_frame(sw *w, sw_end *e, const sw_message *m)
{
    const Sb__Frame *f;
    sb_fail fail = {0};
    const sb_leaf *leaves = NULL;
    size_t opened = 0;
    if (sb_frame_decode(sb_slice_of(m->bytes, m->len), &w->arena, &f, &fail) != SB_OK) {
        if (!sw_is_liar(w, m->from))
            sw_fail(w, "a frame that nobody can read, from end %u", m->from);
        return;
    }
    if (f->body_case == SB__FRAME__BODY_SUBMIT) {
        leaves = sw_memo_entry(sb_slice_of(f->submit->entry.data, f->submit->entry.len), &fail);
        opened = leaves != NULL;
    } else if (f->body_case == SB__FRAME__BODY_HANDOVER_OFFER) {
        ProtobufCBinaryData l = f->handover_offer->leaf;
        leaves = sw_memo_leaf(sb_slice_of(l.data, l.len), &fail);
        opened = leaves != NULL;
    } else if (f->body_case == SB__FRAME__BODY_LEAVES) {
        leaves = open_leaves(w, f->leaves, &opened, &fail);
    }
    if (e->seq != NULL) {
        sb_seq_event event = {.kind = SB_SEQ_FRAME,
                              .peer = m->conn,
                              .frame = f,
                              .opened = opened == 1 ? leaves : NULL,
                              .refusal = &fail};
        feed_seq(w, e, &event);
    } else {
        sb_standby_event event = {.kind = SB_STANDBY_FRAME,
                                  .peer = m->conn,
                                  .frame = f,
                                  .leaves = leaves,
                                  .opened = opened,
                                  .refusal = &fail};
        feed_standby(w, e, &event);
    }
}

void sw_broker_hear(sw *w, sw_end *e, const sw_message *m)
{
    sb_slice blob = sb_slice_of(m->bytes, m->len);
    switch (m->kind) {
    case SW_FRAME:
        hear_frame(w, e, m);
        break;
    case SW_BLOB_GET:
        if (sw_store_has_blob(&e->store, blob.data))
            sw_send(w, e->number, m->conn, SW_BLOB, blob, m->blob_bytes);
        break;
    case SW_BLOB: {
        sb_standby_event event = {.kind = SB_STANDBY_BLOB_STORED};
        if (!sb_ledger_blob_erased(e->ledger, blob.data, NULL))
            sw_store_put_blob(&e->store, blob.data);
        memcpy(event.blob, blob.data, 32);
        if (e->has_missing)
            sb_missing_done(&e->missing, blob.data, NULL);
        if (e->standby != NULL)
            feed_standby(w, e, &event);
        break;
    }
    case SW_BLOB_PUT:
        if (!sb_ledger_blob_erased(e->ledger, blob.data, NULL))
            sw_store_put_blob(&e->store, blob.data);
        sw_send(w, e->number, m->conn, SW_BLOB_AT, blob, 0);
        break;
    case SW_BLOB_AT:
        break;
    }
}
