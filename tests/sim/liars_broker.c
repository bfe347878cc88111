/* A lying broker. Its own sequencer goes on honestly inside; what it says passes through here. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/liars_inside.h"
#include "tests/sim/world_memo.h"

/* ---- a second history ---- */

static bool holds_all(void *arg, const uint8_t sha256[32])
{
    (void)arg, (void)sha256;
    return true;
}

static bool holds_of_size(void *arg, const uint8_t sha256[32], uint64_t bytes)
{
    (void)arg, (void)sha256, (void)bytes;
    return true;
}

static void shadow_close(shadow *s)
{
    if (!s->on)
        return;
    sb_sequencer_close(s->seq);
    sb_ledger_close(s->ledger);
    sw_store_deinit(&s->store);
    s->on = false;
}

static bool shadow_open(sw *w, sw_end *e, shadow *s)
{
    sb_fail fail = {0};
    if (e->seq == NULL || !sw_store_is_synced(&e->store) || sb_ledger_unflushed(e->ledger) > 0)
        return false;
    sw_store_copy(&e->store, &s->store);
    s->ledger = sw_store_open(&s->store);
    sb_seq_opts opts = {
        .ledger = s->ledger, .log = sw_store_reader(&s->store), .log_key = sw_secret(w, e->number)};
    opts.log.has_blob = holds_all;
    opts.log.blob_has_size = holds_of_size;
    if (s->ledger == NULL || sb_sequencer_open(&s->seq, &opts, &fail) != SB_OK)
        abort();
    s->on = true;
    return true;
}

/* only: frames of this kind alone leave; 0: all. */
static void shadow_feed(sw *w, uint32_t self, shadow *s, sb_seq_event *event, uint32_t only)
{
    sb_seq_effects effects;
    if (!s->on)
        return;
    event->now = sw_now_of(w, self);
    sb_sequencer_step(s->seq, event, &effects);
    while (effects.count == 1 && effects.items[0].kind == SB_SEQ_COMMIT) {
        sw_store_write(&s->store, effects.items[0].commit, s->ledger);
        sw_store_sync(&s->store);
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = event->now};
        sb_sequencer_step(s->seq, &done, &effects);
    }
    bool ended = false;
    for (size_t i = 0; i < effects.count && !ended; i++) {
        ended = effects.items[i].kind == SB_SEQ_FATAL;
        if (!ended && (only == 0 || sw_frame_body(effects.items[i].bytes) == only))
            sw_lie(w, self, (uint32_t)effects.items[i].peer, effects.items[i].bytes);
    }
    if (ended)
        shadow_close(s);
}

static void shadow_hear(sw *w, broker_liar *b, shadow *s, uint32_t conn, sb_slice frame,
                        uint32_t only)
{
    const Sb__Frame *f;
    sb_fail fail = {0};
    sb_seq_event event = {.kind = SB_SEQ_FRAME, .peer = conn, .refusal = &fail};
    sb_arena_reset(&b->arena);
    if (sb_frame_decode(frame, &b->arena, &f, &fail) != SB_OK)
        return;
    event.frame = f;
    if (f->body_case == SB__FRAME__BODY_SUBMIT)
        event.opened =
            sw_memo_entry(sb_slice_of(f->submit->entry.data, f->submit->entry.len), &fail);
    shadow_feed(w, b->self, s, &event, only);
}

static void shadow_links(sw *w, broker_liar *b, shadow *s, uint32_t only_conn)
{
    uint32_t at = 0, conn, to;
    while (sw_next_conn(w, b->self, &at, &conn, &to)) {
        sb_seq_event up = {.kind = SB_SEQ_PEER_UP, .peer = conn};
        if (only_conn == 0 ? to < 32 && (b->victims >> to & 1) != 0 : conn == only_conn)
            shadow_feed(w, b->self, s, &up, 0);
    }
}

/* ---- a receipt for what isn't entered ---- */

static bool forgets(sw *w, broker_liar *b, uint32_t conn, sb_slice frame)
{
    shadow once = {.on = false};
    sw_end *e = sw_end_of(w, b->self);
    if (b->told >= 3 || sw_below(w, 3) != 0 || !shadow_open(w, e, &once))
        return false;
    uint64_t before = sw_counts_of(w)->lies;
    shadow_links(w, b, &once, conn);
    shadow_hear(w, b, &once, conn, frame, SB__FRAME__BODY_RECEIPT);
    sb_seq_event tick = {.kind = SB_SEQ_TICK};
    shadow_feed(w, b->self, &once, &tick, SB__FRAME__BODY_RECEIPT);
    shadow_close(&once);
    if (sw_counts_of(w)->lies == before)
        return false; /* it would have been refused */
    liars_all->forgotten++;
    b->told++;
    sw_say(w, b->self, "gives a receipt and forgets the entry");
    return true;
}

/* ---- leaves under a head that it signs ---- */

static sb_slice copy_leaf(broker_liar *b, sb_slice leaf)
{
    return sb_arena_copy(&b->arena, leaf);
}

static void set_time(sb_slice leaf, int64_t by_ms)
{
    uint8_t *p = (uint8_t *)(uintptr_t)leaf.data;
    uint64_t ms = 0;
    for (int i = 0; i < 8; i++)
        ms = ms << 8 | p[i];
    ms += (uint64_t)by_ms;
    for (int i = 7; i >= 0; i--, ms >>= 8)
        p[i] = (uint8_t)ms;
}

/* A RESULT or STATE that says something else, signed as it should be. */
static bool restate(sw *w, broker_liar *b, sb_slice *leaf, uint64_t index)
{
    sb_entry entry;
    const ProtobufCMessage *m;
    sb_entry_head head;
    sb_buf out;
    if (sb_entry_parse(sb_slice_of(leaf->data + 8, leaf->len - 8), &entry, NULL) != SB_OK ||
        (entry.type != SB_ENTRY_STATE && entry.type != SB_ENTRY_RESULT) ||
        sb_payload_decode(entry.type, entry.payload, &b->arena, &m, NULL) != SB_OK)
        return false;
    if (entry.type == SB_ENTRY_STATE)
        ((Sb__State *)(uintptr_t)m)->digest.data[7] ^= 1;
    else if (((Sb__Result *)(uintptr_t)m)->n_counts > 0)
        ((Sb__Result *)(uintptr_t)m)->counts[0]->votes_for++;
    sb_entry_head_init(&head, entry.federation_id, index);
    sb_buf_init(&out);
    sb_buf_add(&out, sb_slice_of(leaf->data, 8));
    bool made = sb_entry_make(entry.type, m, &head, sw_secret(w, b->self), &out, NULL) == SB_OK;
    if (made)
        *leaf = sb_arena_copy(&b->arena, sb_buf_slice(&out));
    sb_buf_deinit(&out);
    return made;
}

/* The frame's leaves, bent in one way; the new count. */
static size_t bend(sw *w, broker_liar *b, const Sb__Leaves *m, sb_slice *out)
{
    size_t n = m->n_leaves, at = (size_t)sw_below(w, n);
    for (size_t i = 0; i < n; i++)
        out[i] = copy_leaf(b, sb_slice_of(m->leaves[i].data, m->leaves[i].len));
    switch (sw_below(w, 7)) {
    case 0: /* a bit of the entry */
        ((uint8_t *)(uintptr_t)out[at].data)[8 + 118 + sw_below(w, out[at].len - 8 - 118)] ^= 4;
        return n;
    case 1: /* dated back */
        set_time(out[at], -(int64_t)(1 + sw_below(w, 3600 * 1000)));
        return n;
    case 2: /* dated ahead */
        set_time(out[n - 1], (int64_t)(1 + sw_below(w, 24 * 3600 * 1000)));
        return n;
    case 3: /* exchanged */
        if (n > 1) {
            size_t first = (size_t)sw_below(w, n - 1);
            sb_slice kept = out[first];
            out[first] = out[first + 1];
            out[first + 1] = kept;
            return n;
        }
        break;
    case 4: /* one left out */
        if (n > 1) {
            memmove(&out[at], &out[at + 1], (n - at - 1) * sizeof *out);
            return n - 1;
        }
        break;
    case 5: /* one twice */
        memmove(&out[at + 1], &out[at], (n - at) * sizeof *out);
        return n + 1;
    default:
        for (size_t i = 0; i < n; i++)
            if (restate(w, b, &out[i], m->from + i))
                return n;
        break;
    }
    set_time(out[n - 1], 1);
    return n;
}

static bool sign_over(sw *w, broker_liar *b, const Sb__Leaves *m, const sb_slice *leaves,
                      size_t count, sb_buf *note)
{
    sw_end *e = sw_end_of(w, b->self);
    sb_checkpoint head;
    if (m->from > e->store.leaf_count ||
        sb_checkpoint_parse(sb_slice_of(m->head.data, m->head.len), &head, NULL) != SB_OK)
        return false;
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_tree_init(tree);
    for (uint64_t i = 0; i < m->from; i++)
        sb_tree_append(tree, e->store.leaves[i].hash, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        uint8_t hash[32];
        sb_leaf_hash(leaves[i], hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
    head.size = m->from + count;
    sb_tree_root(tree, head.root);
    free(tree);
    return sb_checkpoint_sign(&head, sw_secret(w, b->self), note, NULL) == SB_OK;
}

static bool alters(sw *w, broker_liar *b, uint32_t conn, sb_slice frame)
{
    const Sb__Frame *f;
    sb_buf note;
    if (b->told >= 6 || sw_below(w, 4) != 0)
        return false;
    sb_arena_reset(&b->arena);
    if (sb_frame_decode(frame, &b->arena, &f, NULL) != SB_OK || f->leaves->n_leaves == 0)
        return false;
    sb_slice *bent = SB_ARENA_ARRAY(&b->arena, sb_slice, f->leaves->n_leaves + 2);
    size_t count = bend(w, b, f->leaves, bent);
    sb_buf_init(&note);
    bool made =
        count > 0 && count <= SB_FOL_LEAVES_MAX && sign_over(w, b, f->leaves, bent, count, &note);
    if (made) {
        Sb__Leaves m = SB__LEAVES__INIT;
        Sb__Frame lie = SB__FRAME__INIT;
        ProtobufCBinaryData *list = SB_ARENA_ARRAY(&b->arena, ProtobufCBinaryData, count);
        for (size_t i = 0; i < count; i++)
            list[i] = (ProtobufCBinaryData){bent[i].len, (uint8_t *)(uintptr_t)bent[i].data};
        m.from = f->leaves->from;
        m.n_leaves = count;
        m.leaves = list;
        m.head = (ProtobufCBinaryData){note.len, note.data};
        lie.body_case = SB__FRAME__BODY_LEAVES;
        lie.leaves = &m;
        liars_send(w, b->self, conn, &lie);
        liars_all->altered++;
        b->told++;
        sw_say(w, b->self, "bends leaves from %llu", (unsigned long long)m.from);
    }
    sb_buf_deinit(&note);
    return made;
}

/* ---- a smaller head, gaps, false certificates ---- */

static bool shrinks(sw *w, broker_liar *b, uint32_t conn, sb_slice frame)
{
    const Sb__Frame *f;
    sw_end *e = sw_end_of(w, b->self);
    sb_checkpoint head;
    sb_arena_reset(&b->arena);
    if (sb_frame_decode(frame, &b->arena, &f, NULL) != SB_OK || f->welcome->size < 3 ||
        f->welcome->size > e->store.leaf_count ||
        sb_checkpoint_parse(sb_slice_of(f->welcome->head.data, f->welcome->head.len), &head,
                            NULL) != SB_OK)
        return false;
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_tree_init(tree);
    head.size = f->welcome->size - 1 - sw_below(w, f->welcome->size - 2);
    for (uint64_t i = 0; i < head.size; i++)
        sb_tree_append(tree, e->store.leaves[i].hash, NULL, NULL);
    sb_tree_root(tree, head.root);
    free(tree);
    sb_buf note;
    sb_buf_init(&note);
    Sb__Welcome m = *f->welcome;
    Sb__Frame lie = *f;
    bool made = sb_checkpoint_sign(&head, sw_secret(w, b->self), &note, NULL) == SB_OK;
    m.size = head.size;
    m.head = (ProtobufCBinaryData){note.len, note.data};
    lie.welcome = &m;
    if (made)
        liars_send(w, b->self, conn, &lie);
    sb_buf_deinit(&note);
    liars_all->shrunken += made;
    return made;
}

/* Frames twice, or as if their first leaf had been sent before. */
static bool gaps(sw *w, broker_liar *b, uint32_t conn, sb_slice frame)
{
    const Sb__Frame *f;
    uint64_t which = sw_below(w, 6);
    if (which == 0)
        sw_lie(w, b->self, conn, frame);
    if (which > 1)
        return false;
    sb_arena_reset(&b->arena);
    if (sb_frame_decode(frame, &b->arena, &f, NULL) != SB_OK || f->leaves->n_leaves < 2)
        return false;
    Sb__Leaves m = *f->leaves;
    Sb__Frame lie = *f;
    m.from++;
    m.n_leaves--;
    m.leaves++;
    lie.leaves = &m;
    liars_send(w, b->self, conn, &lie);
    liars_all->gaps++;
    return true;
}

/* What one has confirmed, under everybody's name. */
static void certifies(sw *w, broker_liar *b, const Sb__Cosign *c)
{
    sw_end *e = sw_end_of(w, b->self);
    sb_checkpoint head;
    sb_buf note;
    if (e->seq == NULL)
        return;
    sb_slice own = sb_sequencer_head(e->seq);
    if (own.len == 0 || sb_checkpoint_parse(own, &head, NULL) != SB_OK || head.size != c->size ||
        memcmp(head.root, c->root.data, 32) != 0 || memcmp(b->certified, head.root, 32) == 0)
        return;
    memcpy(b->certified, head.root, 32);
    sb_cosignature cosignature = {.time_s = c->time_s};
    memcpy(cosignature.sig, c->signature.data, 64);
    sb_buf_init(&note);
    sb_buf_add(&note, own);
    for (uint32_t n = 0; n < w->o.nodes; n++) {
        char *name = sb_arena_printf(&b->arena, "%s/%s", head.origin, b->l->story->organisation[n]);
        sb_cosignature_add_line(&note, sb_slice_str(name), c->witness_pk.data, &cosignature);
    }
    Sb__Certified m = SB__CERTIFIED__INIT;
    Sb__Frame lie = SB__FRAME__INIT;
    uint32_t at = 0, conn, to;
    m.note = (ProtobufCBinaryData){note.len, note.data};
    lie.body_case = SB__FRAME__BODY_CERTIFIED;
    lie.certified = &m;
    while (sw_next_conn(w, b->self, &at, &conn, &to))
        if (sw_is_node(w, to))
            liars_send(w, b->self, conn, &lie);
    liars_all->false_certificates++;
    sb_buf_deinit(&note);
}

/* ---- the role ---- */

static bool is_victim(const broker_liar *b, uint32_t end)
{
    return end < 32 && (b->victims >> end & 1) != 0;
}

static sw_verdict on_send(void *arg, sw *w, uint32_t self, uint32_t conn, uint32_t to,
                          sb_slice frame)
{
    broker_liar *b = arg;
    uint32_t body = sw_frame_body(frame);
    sw_end *e = sw_end_of(w, self);
    if (!b->on || b->over || e->seq == NULL || !is_victim(b, to))
        return SW_PASS;
    if (b->lie == LIE_SPLIT)
        return b->other.on ? SW_SWALLOW : SW_PASS;
    if (b->lie == LIE_ALTERS && body == SB__FRAME__BODY_LEAVES)
        return alters(w, b, conn, frame) ? SW_SWALLOW : SW_PASS;
    if (b->lie == LIE_SHRINKS && body == SB__FRAME__BODY_WELCOME)
        return shrinks(w, b, conn, frame) ? SW_SWALLOW : SW_PASS;
    if (b->lie == LIE_GAPS && body == SB__FRAME__BODY_LEAVES)
        return gaps(w, b, conn, frame) ? SW_SWALLOW : SW_PASS;
    return SW_PASS;
}

static sw_verdict on_hear(void *arg, sw *w, uint32_t self, uint32_t conn, uint32_t from,
                          sb_slice frame)
{
    broker_liar *b = arg;
    uint32_t body = sw_frame_body(frame);
    const Sb__Frame *f;
    sw_end *e = sw_end_of(w, self);
    if (!b->on || b->over || e->seq == NULL)
        return SW_PASS;
    if (b->lie == LIE_SPLIT && b->other.on && is_victim(b, from)) {
        shadow_hear(w, b, &b->other, conn, frame, 0);
        return SW_SWALLOW;
    }
    if (b->lie == LIE_FORGETS && body == SB__FRAME__BODY_SUBMIT && is_victim(b, from))
        return forgets(w, b, conn, frame) ? SW_SWALLOW : SW_PASS;
    if (b->lie == LIE_CERTIFIES && body == SB__FRAME__BODY_COSIGN) {
        sb_arena_reset(&b->arena);
        if (sb_frame_decode(frame, &b->arena, &f, NULL) == SB_OK && f->cosign->root.len == 32 &&
            f->cosign->signature.len == 64 && f->cosign->witness_pk.len == 32)
            certifies(w, b, f->cosign);
    }
    return SW_PASS;
}

static void on_link(void *arg, sw *w, uint32_t self, uint32_t conn, uint32_t to, bool up)
{
    broker_liar *b = arg;
    sb_seq_event event = {.kind = up ? SB_SEQ_PEER_UP : SB_SEQ_PEER_DOWN, .peer = conn};
    if (b->other.on && is_victim(b, to))
        shadow_feed(w, self, &b->other, &event, 0);
}

static void begin_lying(sw *w, broker_liar *b)
{
    sw_end *e = sw_end_of(w, b->self);
    if (e->seq == NULL || sw_final_size(w) == 0)
        return;
    if (b->begins_ms == 0)
        b->begins_ms = sw_time_ms(w) + sw_below(w, 15000);
    if (sw_time_ms(w) < b->begins_ms || (b->lie == LIE_SPLIT && !shadow_open(w, e, &b->other)))
        return;
    b->on = true;
    b->begins_ms = sw_time_ms(w);
    if (b->lie == LIE_SPLIT) {
        shadow_links(w, b, &b->other, 0);
        liars_all->splits++;
        sw_say(w, b->self, "shows another log to some (%x)", b->victims);
    } else if (b->lie == LIE_CLOCK) {
        int64_t ms = 1 + (int64_t)sw_below(w, 20 * 60 * 1000);
        sw_clock_jump(w, b->self, sw_below(w, 2) == 0 ? ms : -ms);
        liars_all->clocks++;
    }
}

static void on_tick(void *arg, sw *w, uint32_t self)
{
    broker_liar *b = arg;
    sb_seq_event tick = {.kind = SB_SEQ_TICK};
    if (b->over)
        return;
    if (!b->on)
        begin_lying(w, b);
    shadow_feed(w, self, &b->other, &tick, 0);
}

void liars_broker_begin(broker_liar *b)
{
    sw_role role = {.arg = b,
                    .name = "a lying broker",
                    .send = on_send,
                    .hear = on_hear,
                    .link = on_link,
                    .reaches = liars_reach,
                    .tick = on_tick};
    sb_arena_init(&b->arena);
    sw_set_role(b->l->w, b->self, &role);
}

void liars_broker_end(broker_liar *b)
{
    b->over = true;
    shadow_close(&b->other);
}
