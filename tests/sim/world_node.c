/* A node's shell: what nodes/noded does around the follower. */
#include <stdlib.h>

#include "tests/sim/story.h"
#include "tests/sim/world_inside.h"
#include "tests/sim/world_memo.h"

enum { BUSY_MS = 64 };

const sb_secret *sw_witness_key(const sw *w, uint32_t org, sb_ledger *l)
{
    const sw_story *s = w->o.story;
    return s != NULL && s->witness != NULL ? s->witness(s->check_arg, org, l) : sw_secret(w, org);
}

/* After a REWIND: what e->fol was, until then. */
static void open_follower(sw *w, sw_end *e)
{
    sb_fail fail = {0};
    sb_fol_opts opts = {
        .ledger = e->ledger,
        .log = sw_store_reader(&e->store),
        .own = e->store.kv[SW_OWN],
        .witness = sw_witness_key(w, e->number, e->ledger), /* also after its disk was lost */
        .organisation = w->keys->charter->organisations[e->number]->id,
        .credit = sw_below(w, 4) == 0  ? 1 + (uint32_t)sw_below(w, 20)
                  : w->o.seed % 2 == 0 ? 0
                                       : 4,
        .has_federation_id = true};
    memcpy(opts.federation_id, w->federation_id, 32);
    sb_follower *before = e->fol;
    opts.before = before;
    e->fol = NULL;
    e->witness = opts.witness;
    if (sb_follower_open(&e->fol, &opts, &fail) != SB_OK)
        sw_fail(w, "node %u does not open: %s", e->number, sb_err_name(fail.code));
    sb_follower_close(before);
}

void sw_node_open(sw *w, sw_end *e)
{
    open_follower(w, e);
    sw_say(w, e->number, "starts with %llu leaves", (unsigned long long)e->store.leaf_count);
}

void sw_node_link(sw *w, sw_end *e, uint32_t conn, uint32_t other, bool up)
{
    sb_fol_event event = {.kind = up ? SB_FOL_LINK_UP : SB_FOL_LINK_DOWN,
                          .link = conn,
                          .role = sw_is_node(w, other) ? SB_FOL_ROLE_NODE : SB_FOL_ROLE_BROKER};
    if (e->fol != NULL)
        sw_node_feed(w, e, &event);
}

/* The effect is gone with the follower: what is still needed of it is copied. */
static void rewind_log(sw *w, sw_end *e, const sb_fol_effect *effect)
{
    sb_fail fail = {0};
    sb_buf probe;
    uint64_t size = effect->index, before = e->store.leaf_count;
    sb_buf_init(&probe);
    sb_buf_add(&probe, effect->bytes);
    sw_check_rewind(w, e, size);
    sb_err err = sw_store_rewind(&e->store, size, effect->bytes, effect->commit->puts,
                                 effect->commit->put_count, &e->ledger, &fail);
    sw_say(w, e->number, "goes back from %llu to %llu leaves%s%s", (unsigned long long)before,
           (unsigned long long)size, err == SB_OK ? "" : ": refused, ",
           err == SB_OK ? "" : sb_err_name(err));
    if (err == SB_OK) {
        w->counts.rewinds++;
        w->counts.dropped_leaves += before - size;
        sw_check_rewound(w, e);
    }
    open_follower(w, e);
    if (err != SB_OK) {
        sb_fol_event event = {
            .kind = SB_FOL_REWIND_REFUSED, .entry = sb_buf_slice(&probe), .refusal = &fail};
        sw_node_feed(w, e, &event);
    }
    sb_buf_deinit(&probe);
    sw_everybody_up(w, e);
}

static void notify(sw *w, sw_end *e, const sb_fol_effect *effect)
{
    static const char *const WORDS[] = {"is queued", "has a receipt", "is refused", "is final",
                                        "is a consent kept"};
    sw_note note = {
        .note = effect->note, .index = effect->index, .node = e->number, .code = effect->fail.code};
    memcpy(note.entry_id, effect->entry_id, 32);
    sw_add_note(w, &note);
    w->counts.receipts += effect->note == SB_FOL_RECEIPT;
    w->counts.refusals += effect->note == SB_FOL_REFUSED;
    w->counts.finals += effect->note == SB_FOL_FINAL;
    const sw_map_row *row = sw_map_find(&w->final_ids, effect->entry_id);
    if (effect->note == SB_FOL_FINAL && row != NULL && row->value != effect->index && !e->has_role)
        sw_fail(w, "%s tells a member %llu, and it is final at %llu", sw_name(w, e->number),
                (unsigned long long)effect->index, (unsigned long long)row->value);
    if (effect->note == SB_FOL_REFUSED)
        sw_check_refused(e, effect->entry_id);
    if (w->o.trace && effect->note == SB_FOL_REFUSED)
        sw_say(w, e->number, "tells a member: the entry is refused, %s",
               sb_err_name(effect->fail.code));
    else if (w->o.trace && effect->note != SB_FOL_QUEUED)
        sw_say(w, e->number, "tells a member: the entry %s, %llu", WORDS[effect->note],
               (unsigned long long)effect->index);
}

static void carry_out(sw *w, sw_end *e, const sb_fol_effect *effect)
{
    switch (effect->kind) {
    case SB_FOL_SEND:
        sw_send(w, e->number, effect->link, SW_FRAME, effect->bytes, 0);
        break;
    case SB_FOL_NOTIFY:
        notify(w, e, effect);
        break;
    case SB_FOL_WANT_BLOB:
        sw_send(w, e->number, effect->link, SW_BLOB_GET, sb_slice_of(effect->blob, 32),
                effect->blob_bytes);
        break;
    case SB_FOL_PUT_BLOB:
        sw_send(w, e->number, effect->link, SW_BLOB_PUT, sb_slice_of(effect->blob, 32), 0);
        break;
    case SB_FOL_DIVERGED:
        w->counts.divergences++;
        e->diverged = true;
        sw_say(w, e->number, "diverged at %llu: %s [%s] [%s]", (unsigned long long)effect->index,
               sb_err_name(effect->fail.code), effect->fail.arg[0], effect->fail.arg[1]);
        break;
    case SB_FOL_CONFLICT:
        w->counts.conflicts++;
        e->conflict = true;
        sw_say(w, e->number, "convicts the log key: %s", sb_err_name(effect->fail.code));
        break;
    case SB_FOL_COMMIT:
    case SB_FOL_REWIND:
        abort();
    }
}

static void step(sw *w, sw_end *e, sb_fol_event *event)
{
    sb_fol_effects effects;
    if (e->full)
        return;
    event->now = sw_now_of(w, e->number);
    sb_follower_step(e->fol, event, &effects);
    while (effects.count == 1 && effects.items[0].kind == SB_FOL_COMMIT) {
        e->idle = 0;
        if (sw_commit(w, e, effects.items[0].commit))
            return;
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = sw_now_of(w, e->number)};
        sb_follower_step(e->fol, &done, &effects);
    }
    if (effects.count == 1 && effects.items[0].kind == SB_FOL_REWIND) {
        rewind_log(w, e, &effects.items[0]);
        return;
    }
    for (size_t i = 0; i < effects.count; i++)
        carry_out(w, e, &effects.items[i]);
    /* what it shows is looked at soon after a commit of it, else now and then */
    if (event->kind == SB_FOL_TICK && (e->dirty || ++e->unseen % 16 == 0))
        sw_check_status(w, e);
}

/* ---- the shell ---- */

static const Sb__Frame *decode(sw *w, const sw_message *m)
{
    const Sb__Frame *frame = NULL;
    if (sb_frame_decode(sb_slice_of(m->bytes, m->len), &w->arena, &frame, NULL) == SB_OK)
        return frame;
    if (!sw_is_liar(w, m->from))
        sw_fail(w, "a frame that nobody can read, from end %u", m->from);
    return NULL;
}

/* As nodes/noded opens what the follower needs opened. `here`: as in sb_fol_event. */
static void hear_frame(sw *w, sw_end *e, uint32_t conn, const Sb__Frame *frame, uint64_t here)
{
    sb_fail fail = {0};
    sb_fol_event event = {
        .kind = SB_FOL_FRAME, .link = conn, .frame = frame, .refusal = &fail, .here = here};
    if (frame->body_case == SB__FRAME__BODY_LEAVES) {
        const Sb__Leaves *l = frame->leaves;
        if (l->n_leaves > SB_FOL_LEAVES_MAX)
            return;
        sb_leaf *leaves = SB_ARENA_ARRAY(&w->arena, sb_leaf, l->n_leaves + 1);
        for (; event.opened < l->n_leaves; event.opened++) {
            const sb_leaf *leaf = sw_memo_leaf(
                sb_slice_of(l->leaves[event.opened].data, l->leaves[event.opened].len), &fail);
            if (leaf == NULL)
                break;
            leaves[event.opened] = *leaf;
        }
        event.leaves = leaves;
    } else if (frame->body_case == SB__FRAME__BODY_HANDOVER_OFFER) {
        ProtobufCBinaryData l = frame->handover_offer->leaf;
        event.leaf = sw_memo_leaf(sb_slice_of(l.data, l.len), &fail);
    } else if (frame->body_case == SB__FRAME__BODY_SUBMIT) {
        ProtobufCBinaryData entry = frame->submit->entry;
        event.entry = sb_slice_of(entry.data, entry.len);
        event.leaf = sw_memo_entry(event.entry, &fail);
    }
    step(w, e, &event);
}

void sw_node_forget_ahead(sw_end *e)
{
    for (size_t i = 0; i < e->ahead_count; i++)
        free(e->ahead[i].message);
    e->ahead_count = 0;
}

static sw_ahead pop(sw_end *e)
{
    sw_ahead oldest = e->ahead[0];
    e->ahead_count--;
    memmove(e->ahead, e->ahead + 1, e->ahead_count * sizeof oldest);
    return oldest;
}

/* As nodes/noded: frames that wait go first, and what is put off is committed before anything else comes. */
static bool take_ahead(sw *w, sw_end *e)
{
    if (e->takes_ahead) /* it went back on the way, and is told of its links */
        return e->fol != NULL;
    e->takes_ahead = true;
    while (e->ahead_count > 0 && e->fol != NULL) {
        sw_ahead oldest = pop(e);
        uint64_t here = 0, end = oldest.end;
        for (size_t i = 0; i < e->ahead_count && e->ahead[i].from == end &&
                           e->ahead[i].message->conn == oldest.message->conn;
             i++)
            here = end = e->ahead[i].end;
        const Sb__Frame *frame = decode(w, oldest.message);
        hear_frame(w, e, oldest.message->conn, frame, here);
        if (e->fol != NULL && sb_follower_has_put_off(e->fol))
            w->counts.put_off++;
        free(oldest.message);
    }
    sb_fol_event flush = {.kind = SB_FOL_FLUSH};
    if (e->fol != NULL && sb_follower_has_put_off(e->fol))
        step(w, e, &flush);
    e->takes_ahead = false;
    return e->fol != NULL;
}

void sw_node_feed(sw *w, sw_end *e, sb_fol_event *event)
{
    if (take_ahead(w, e))
        step(w, e, event);
}

/* A quarter of the time it is: then leaves wait until something else comes. */
static bool is_busy(const sw *w, const sw_end *e)
{
    return (w->now_ms / BUSY_MS + e->number) % 4 == 0;
}

static bool waits(const sw *w, const sw_end *e, const sw_message *m, const Sb__Frame *frame)
{
    return frame->body_case == SB__FRAME__BODY_LEAVES && !m->is_lie && !e->has_role &&
           e->ahead_count < SW_AHEAD_MAX && is_busy(w, e);
}

static void put_ahead(sw_end *e, const sw_message *m, const Sb__Leaves *leaves)
{
    sw_message *copy = sb_xmalloc(sizeof *m + m->len);
    memcpy(copy, m, sizeof *m + m->len);
    e->ahead[e->ahead_count++] =
        (sw_ahead){.message = copy, .from = leaves->from, .end = leaves->from + leaves->n_leaves};
}

void sw_node_tick(sw *w, sw_end *e)
{
    sb_fol_event event = {.kind = SB_FOL_TICK};
    if (e->ahead_count == 0 || !is_busy(w, e))
        sw_node_feed(w, e, &event);
}

void sw_node_hear(sw *w, sw_end *e, const sw_message *m)
{
    sb_slice blob = sb_slice_of(m->bytes, m->len);
    sb_fol_event event = {.link = m->conn};
    const Sb__Frame *frame;
    switch (m->kind) {
    case SW_FRAME:
        frame = decode(w, m);
        if (frame != NULL && waits(w, e, m, frame))
            put_ahead(e, m, frame->leaves);
        else if (frame != NULL && take_ahead(w, e))
            hear_frame(w, e, m->conn, frame, 0);
        return;
    case SW_BLOB_GET:
        if (sw_store_has_blob(&e->store, blob.data))
            sw_send(w, e->number, m->conn, SW_BLOB, blob, m->blob_bytes);
        return;
    case SW_BLOB_PUT:
        if (!sb_ledger_blob_erased(e->ledger, blob.data, NULL))
            sw_store_put_blob(&e->store, blob.data);
        sw_send(w, e->number, m->conn, SW_BLOB_AT, blob, 0);
        return;
    case SW_BLOB:
        if (!sb_ledger_blob_erased(e->ledger, blob.data, NULL))
            sw_store_put_blob(&e->store, blob.data);
        event.kind = SB_FOL_BLOB_STORED;
        break;
    case SW_BLOB_AT:
        event.kind = SB_FOL_BLOB_AT_LINK;
        break;
    }
    memcpy(event.blob, blob.data, 32);
    sw_node_feed(w, e, &event);
}
