/* Events from several peers to a real follower over a store in memory: links, frames of every kind
 * (frame_pool.h), members, ticks, clocks that jump, restarts. The peers hold all keys but ours.
 *
 * What must hold: what the node says are frames; it never cosigns or promises two different things;
 * its record and what is final never fall; the log that it holds folds; memory is bounded; and an
 * honest node that was there all the time is still answered. */
#include "nodes/follower/follower.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/merkle/proof.h"
#include "tests/fuzz/frame_pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
    EVENTS_MAX = 600,
    OWN_ORG = 0,
    HONEST_NODE = 1, /* links that the script doesn't touch */
    LINKS_FIRST = 2,
    LINKS_MAX = 8,
    COSIGNED_MAX = 256,
    /* What it may hold beside what is stored: a frame decoded and what its leaves take, commits under
     * way, 512 links, notes. Scripts hold a few thousand events, so what grows with each is seen. */
    HELD_BYTES_MAX = 24 * 1024 * 1024
};

typedef struct signed_head {
    uint32_t term;
    uint64_t size;
    uint8_t root[32];
} signed_head;

typedef struct rig {
    fz_pool *p;
    sim_store store;
    sb_ledger *ledger;
    sb_follower *fol;
    sb_now now;
    sb_arena arena; /* of one event */
    bool is_up[LINKS_MAX];
    sb_fol_role role[LINKS_MAX];
    uint32_t credit; /* 0: the usual, more than these logs have */
    size_t stored;   /* bytes that went to the store */
    size_t events;
    bool answered; /* the honest node got leaves */

    signed_head cosigned[COSIGNED_MAX];
    size_t cosigned_count;
    uint32_t promised_term;
    uint8_t promised_pk[32];
    uint64_t final_size;
    uint8_t final_root[32];
} rig;

static void feed(rig *r, sb_fol_event *event);

static void open_follower(rig *r, sb_follower *before)
{
    sb_fail fail = {0};
    r->ledger = sim_store_ledger(&r->store);
    sb_fol_opts opts = {.ledger = r->ledger,
                        .log = sim_store_reader(&r->store),
                        .own = r->store.own,
                        .witness = fed_witness(r->p->f, OWN_ORG)->secret,
                        .organisation = r->p->f->charter->organisations[OWN_ORG]->id,
                        .credit = r->credit,
                        .has_federation_id = true,
                        .before = before};
    memcpy(opts.federation_id, r->p->f->federation_id, 32);
    sb_fuzz_must(sb_follower_open(&r->fol, &opts, &fail) == SB_OK);
}

static void links_up(rig *r)
{
    for (uint32_t i = 0; i < LINKS_MAX; i++)
        if (r->is_up[i])
            feed(r, &(sb_fol_event){.kind = SB_FOL_LINK_UP, .link = i + 1, .role = r->role[i]});
}

static void restart(rig *r)
{
    sb_follower_close(r->fol);
    sb_ledger_close(r->ledger);
    open_follower(r, NULL);
    links_up(r);
}

/* ---- what must hold ---- */

/* Of which term is it, by whose origin it verifies? */
static uint32_t term_of(rig *r, const Sb__Cosign *m)
{
    sb_cosignature c = {.time_s = m->time_s};
    memcpy(c.sig, m->signature.data, 64);
    for (uint32_t term = 1; term <= 8; term++) {
        sb_checkpoint head = {.size = m->size};
        memcpy(head.root, m->root.data, 32);
        sb_fuzz_must(sb_origin(r->p->f->charter->slug, r->p->f->federation_id, term, head.origin,
                               NULL) == SB_OK);
        if (sb_cosignature_verify(&head, m->witness_pk.data, &c))
            return term;
    }
    return 0;
}

/* The log went back within the term, after a HANDOVER that nothing came of: what it said stands. */
static bool was_cosigned(const rig *r, uint32_t term, const Sb__Cosign *m)
{
    for (size_t i = 0; i < r->cosigned_count; i++)
        if (r->cosigned[i].term == term && r->cosigned[i].size == m->size &&
            memcmp(r->cosigned[i].root, m->root.data, 32) == 0)
            return true;
    return false;
}

static void check_cosign(rig *r, const Sb__Cosign *m)
{
    uint32_t term = term_of(r, m);
    uint8_t root[32];
    sb_fuzz_must(term > 0 && term >= r->promised_term);
    if (m->size > r->store.leaf_count) {
        sb_fuzz_must(was_cosigned(r, term, m));
        return;
    }
    fz_store_root(&r->store, m->size, root);
    sb_fuzz_must(memcmp(root, m->root.data, 32) == 0);
    for (size_t i = 0; i < r->cosigned_count; i++) {
        const signed_head *c = &r->cosigned[i];
        sb_fuzz_must(c->term <= term);
        if (c->term != term)
            continue;
        sb_fuzz_must(c->size <= m->size); /* and extends it: */
        fz_store_root(&r->store, c->size, root);
        sb_fuzz_must(memcmp(root, c->root, 32) == 0);
        if (c->size == m->size)
            return;
    }
    if (r->cosigned_count == COSIGNED_MAX)
        return;
    signed_head *c = &r->cosigned[r->cosigned_count++];
    *c = (signed_head){.term = term, .size = m->size};
    memcpy(c->root, m->root.data, 32);
}

static void check_promise(rig *r, const Sb__PromiseGiven *m)
{
    sb_fuzz_must(m->term >= r->promised_term);
    if (m->signature.len == 0) { /* it would: binds nobody */
        sb_fuzz_must(m->term > r->promised_term && m->cosigned == NULL && m->n_cosignatures == 0);
        return;
    }
    if (m->term == r->promised_term)
        sb_fuzz_must(memcmp(m->log_pk.data, r->promised_pk, 32) == 0);
    r->promised_term = m->term;
    memcpy(r->promised_pk, m->log_pk.data, 32);
    if (r->cosigned_count == 0)
        return;
    const signed_head *last = &r->cosigned[r->cosigned_count - 1]; /* it owns up to it */
    sb_fuzz_must(m->cosigned != NULL);
    sb_fuzz_must(m->cosigned->term > last->term ||
                 (m->cosigned->term == last->term && m->cosigned->size >= last->size));
}

static void check_sent(rig *r, uint32_t link, sb_slice bytes)
{
    const Sb__Frame *frame = NULL;
    sb_fuzz_must(sb_frame_decode(bytes, &r->arena, &frame, NULL) == SB_OK);
    if (frame->body_case == SB__FRAME__BODY_COSIGN)
        check_cosign(r, frame->cosign);
    else if (frame->body_case == SB__FRAME__BODY_PROMISE_GIVEN)
        check_promise(r, frame->promise_given);
    else if (frame->body_case == SB__FRAME__BODY_LEAVES && link == HONEST_NODE)
        r->answered = true;
}

static void check_status(rig *r)
{
    sb_fol_status s;
    uint8_t root[32];
    sb_follower_status(r->fol, r->now, &s);
    sb_fuzz_must(s.size == r->store.leaf_count);
    sb_fuzz_must(s.promised_term >= r->promised_term);
    sb_fuzz_must(s.final_size >= r->final_size);
    if (r->final_size > 0) {
        fz_store_root(&r->store, r->final_size, root);
        sb_fuzz_must(memcmp(root, r->final_root, 32) == 0);
    }
    r->final_size = s.final_size;
    memcpy(r->final_root, s.final_root, 32);
    sb_fuzz_must(sb_fuzz_held() < HELD_BYTES_MAX + r->stored);
}

/* ---- feeding ---- */

static void rewind_to(rig *r, const sb_fol_effect *e)
{
    sb_fail fail = {0};
    sb_slice probe = sb_arena_copy(&r->arena, e->bytes);
    sb_err err = sim_store_rewind(&r->store, e->index, probe, e->commit->puts, e->commit->put_count,
                                  &r->ledger, &fail);
    sb_follower *before = r->fol;
    sb_ledger_close(r->ledger);
    open_follower(r, before);
    sb_follower_close(before);
    if (err != SB_OK)
        feed(r, &(sb_fol_event){.kind = SB_FOL_REWIND_REFUSED, .entry = probe, .refusal = &fail});
    links_up(r);
}

static void feed(rig *r, sb_fol_event *event)
{
    sb_fol_effects effects;
    if (event->kind != SB_FOL_FLUSH && r->events++ > EVENTS_MAX)
        return;
    bool is_leaves =
        event->kind == SB_FOL_FRAME && event->frame->body_case == SB__FRAME__BODY_LEAVES;
    if (sb_follower_has_put_off(r->fol) && event->kind != SB_FOL_FLUSH && !is_leaves)
        feed(r, &(sb_fol_event){.kind = SB_FOL_FLUSH});
    event->now = r->now;
    sb_follower_step(r->fol, event, &effects);
    if (effects.count == 1 && effects.items[0].kind == SB_FOL_COMMIT) {
        size_t before = sb_fuzz_held();
        sim_store_commit(&r->store, effects.items[0].commit, r->ledger);
        r->stored += sb_fuzz_held() > before ? sb_fuzz_held() - before : 0;
        sb_follower_step(r->fol, &(sb_fol_event){.kind = SB_FOL_COMMITTED, .now = r->now},
                         &effects);
    }
    if (effects.count == 1 && effects.items[0].kind == SB_FOL_REWIND) {
        rewind_to(r, &effects.items[0]);
        return;
    }
    for (size_t i = 0; i < effects.count; i++) {
        sb_fuzz_must(effects.items[i].kind != SB_FOL_COMMIT &&
                     effects.items[i].kind != SB_FOL_REWIND);
        if (effects.items[i].kind == SB_FOL_SEND)
            check_sent(r, effects.items[i].link, effects.items[i].bytes);
    }
}

/* `here`: as in sb_fol_event. */
static void feed_frame_and_more(rig *r, uint32_t link, const Sb__Frame *frame, uint64_t here)
{
    fz_opened opened;
    if (frame == NULL)
        return;
    fz_open(frame, &r->arena, &opened);
    sb_fol_event event = {
        .kind = SB_FOL_FRAME, .link = link, .frame = frame, .refusal = &opened.fail, .here = here};
    if (frame->body_case == SB__FRAME__BODY_LEAVES) {
        event.leaves = opened.leaves;
        event.opened = opened.count;
    } else if (opened.count == 1) {
        event.leaf = opened.leaves;
    }
    if (frame->body_case == SB__FRAME__BODY_SUBMIT)
        event.entry = sb_slice_of(frame->submit->entry.data, frame->submit->entry.len);
    feed(r, &event);
}

static void feed_frame(rig *r, uint32_t link, const Sb__Frame *frame)
{
    feed_frame_and_more(r, link, frame, 0);
}

/* ---- the script ---- */

static void member(rig *r, sb_script *s)
{
    fz_opened opened;
    const Sb__Frame *frame = fz_submit(fz_entry(r->p, s, &r->arena), &r->arena);
    if (frame == NULL)
        return;
    fz_open(frame, &r->arena, &opened);
    feed(r,
         &(sb_fol_event){.kind = SB_FOL_MEMBER_SUBMIT,
                         .entry = sb_slice_of(frame->submit->entry.data, frame->submit->entry.len),
                         .leaf = opened.count == 1 ? opened.leaves : NULL,
                         .refusal = &opened.fail,
                         .member = 1 + sb_script_u8(s)});
}

static void blob(rig *r, sb_script *s, uint32_t link)
{
    const fz_history *h = &r->p->histories[sb_script_below(s, FZ_HISTORIES)];
    sb_leaf leaf;
    sb_fol_event event = {
        .kind = sb_script_u8(s) % 2 == 0 ? SB_FOL_BLOB_STORED : SB_FOL_BLOB_AT_LINK, .link = link};
    if (sb_leaf_open(h->leaves[sb_script_below(s, h->count)], &r->arena, &leaf, NULL) != SB_OK ||
        leaf.blob_count == 0)
        return;
    memcpy(event.blob, leaf.blobs[0]->sha256.data, 32);
    if (event.kind == SB_FOL_BLOB_STORED)
        sim_store_blob_of(&r->store, event.blob, leaf.blobs[0]->size);
    feed(r, &event);
}

static void link_changes(rig *r, sb_script *s, size_t at)
{
    r->is_up[at] = !r->is_up[at];
    r->role[at] = sb_script_u8(s) % 3 == 0 ? SB_FOL_ROLE_NODE : SB_FOL_ROLE_BROKER;
    feed(r, &(sb_fol_event){.kind = r->is_up[at] ? SB_FOL_LINK_UP : SB_FOL_LINK_DOWN,
                            .link = (uint32_t)at + 1,
                            .role = r->role[at]});
}

static void clock_steps(rig *r, sb_script *s)
{
    uint64_t ms = (uint64_t)sb_script_u16(s) * 100;
    bool back = sb_script_u8(s) % 2 == 1;
    r->now.legal_ms = back ? r->now.legal_ms - ms : r->now.legal_ms + ms;
}

static void tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    feed(r, &(sb_fol_event){.kind = SB_FOL_TICK});
}

static void continues(rig *r, sb_script *s, uint32_t link)
{
    const fz_history *h = &r->p->histories[sb_script_below(s, FZ_HISTORIES)];
    uint64_t from = r->store.leaf_count, n = 1 + sb_script_below(s, 32);
    if (from >= h->count)
        return;
    n = n < h->count - from ? n : h->count - from;
    if (sb_script_u8(s) % 4 == 0)
        feed_frame(r, link, fz_welcome(r->p, h, h->count, &r->arena));
    feed_frame(r, link, fz_leaves(r->p, h, from, n, from + n, &r->arena));
    if (sb_script_u8(s) % 2 == 0)
        feed_frame(r, link, fz_certified(r->p, h, from + n, sb_script_u8(s), &r->arena));
}

/* Several frames are with the shell; maybe not the next, or another's. */
static void continues_in_frames(rig *r, sb_script *s, uint32_t link)
{
    const fz_history *h = &r->p->histories[sb_script_below(s, FZ_HISTORIES)];
    uint64_t from = r->store.leaf_count, most = 1 + sb_script_below(s, 4);
    feed_frame(r, link, fz_welcome(r->p, h, h->count, &r->arena));
    for (size_t i = 1 + sb_script_below(s, 6); i > 0 && from < h->count; i--) {
        uint64_t n = most < h->count - from ? most : h->count - from;
        uint64_t here = sb_script_u8(s) % 8 == 0 ? 0 : from + n + sb_script_u8(s) % 16;
        feed_frame_and_more(r, link, fz_leaves(r->p, h, from, n, from + n, &r->arena), here);
        from += sb_script_u8(s) % 8 == 0 ? 0 : n;
    }
}

static void act(rig *r, sb_script *s)
{
    uint8_t op = sb_script_u8(s);
    size_t at = LINKS_FIRST + sb_script_below(s, LINKS_MAX - LINKS_FIRST);
    uint32_t link = (uint32_t)at + 1;
    sb_arena_reset(&r->arena);
    switch (op % 16) {
    case 0:
        link_changes(r, s, at);
        break;
    case 1:
        tick(r, 50);
        break;
    case 2:
        tick(r, (uint64_t)sb_script_u8(s) * 1000);
        break;
    case 3:
        member(r, s);
        break;
    case 4:
        blob(r, s, link);
        break;
    case 5:
        clock_steps(r, s);
        break;
    case 6:
        restart(r);
        break;
    case 7: /* what continues our log, or doesn't */
        if (op < 0x80)
            continues(r, s, link);
        else
            continues_in_frames(r, s, link);
        break;
    default: {
        const Sb__Frame *frame = fz_frame(r->p, s, &r->arena);
        bool is_consent = frame != NULL && frame->body_case == SB__FRAME__BODY_CONSENT;
        size_t times = op >= 0xF0 ? sb_script_u8(s) % 64 : 1; /* what grows with each is seen */
        for (size_t i = 0; i < times && !is_consent; i++)
            feed_frame(r, link, frame);
        if (is_consent)
            feed(r, &(sb_fol_event){.kind = SB_FOL_MEMBER_CONSENT, .frame = frame, .member = 1});
    }
    }
    check_status(r);
}

/* ---- beginnings ---- */

/* A node that has followed an honest broker up to a size. */
static void follow(rig *r, uint64_t size, uint32_t cosigners)
{
    const fz_history *h = &r->p->histories[0];
    feed_frame(r, LINKS_FIRST + 1, fz_welcome(r->p, h, size, &r->arena));
    feed_frame(r, LINKS_FIRST + 1, fz_leaves(r->p, h, 0, h->sealed, h->sealed, &r->arena));
    for (size_t i = 0; i < h->count; i++) {
        sb_leaf leaf;
        sb_fuzz_must(sb_leaf_open(h->leaves[i], &r->arena, &leaf, NULL) == SB_OK);
        for (size_t b = 0; b < leaf.blob_count; b++)
            sim_store_blob_of(&r->store, leaf.blobs[b]->sha256.data, leaf.blobs[b]->size);
    }
    for (uint64_t i = h->sealed; i < size; i++)
        feed_frame(r, LINKS_FIRST + 1, fz_leaves(r->p, h, i, 1, i + 1, &r->arena));
    feed_frame(r, LINKS_FIRST + 1, fz_certified(r->p, h, size, cosigners, &r->arena));
    tick(r, 1000);
}

/* What it cosigned last, before this script. */
static void read_record(rig *r)
{
    const uint8_t key = SB_FOL_ROW_COSIGNED;
    sb_slice row;
    if (!sb_kv_get(r->store.own, sb_slice_of(&key, 1), &row))
        return;
    sb_reader reader = sb_reader_over(row);
    signed_head *c = &r->cosigned[r->cosigned_count++];
    c->term = sb_read_u32(&reader);
    c->size = sb_read_u64(&reader);
    sb_read_into(&reader, c->root, 32);
}

static void begin(rig *r, size_t which)
{
    static sim_store stores[3];
    static bool is_made[3];
    *r = (rig){.p = fz_pool_get(), .credit = which == 1 ? 4 : 0};
    r->now = (sb_now){.legal_ms = r->p->now_ms, .mono_ms = 100000};
    const fz_history *h = &r->p->histories[0];
    if (!is_made[which]) {
        rig first = *r;
        sb_arena_init(&first.arena);
        sim_store_init(&first.store);
        open_follower(&first, NULL);
        first.is_up[LINKS_FIRST] = true;
        first.role[LINKS_FIRST] = SB_FOL_ROLE_BROKER;
        links_up(&first);
        if (which > 0)
            follow(&first, which == 1 ? h->sealed + 2 : h->count, 0x0F);
        sb_follower_close(first.fol);
        sb_ledger_close(first.ledger);
        sb_arena_deinit(&first.arena);
        stores[which] = first.store;
        is_made[which] = true;
    }
    sb_arena_init(&r->arena);
    fz_store_clone(&stores[which], &r->store);
    read_record(r);
    r->stored = sb_fuzz_held(); /* and all that was there before */
    open_follower(r, NULL);
    r->is_up[HONEST_NODE - 1] = true;
    r->role[HONEST_NODE - 1] = SB_FOL_ROLE_NODE;
    r->is_up[LINKS_FIRST] = r->is_up[LINKS_FIRST + 1] = true;
    r->role[LINKS_FIRST] = SB_FOL_ROLE_BROKER;
    r->role[LINKS_FIRST + 1] = SB_FOL_ROLE_NODE;
    links_up(r);
    feed_frame(r, LINKS_FIRST + 1, fz_welcome(r->p, h, h->count, &r->arena));
}

/* The honest node asks for all that we have. */
static void ask_honestly(rig *r)
{
    sb_fol_status s;
    sb_arena_reset(&r->arena);
    r->events = 0;
    r->answered = false;
    sb_follower_status(r->fol, r->now, &s);
    feed_frame(r, HONEST_NODE, fz_pull(0, 10, &r->arena));
    bool can = s.size > 0 && !s.catching_up && sb_follower_head(r->fol).len > 0;
    sb_fuzz_must(r->answered || !can);
}

static bool one(sb_slice input)
{
    sb_script s = sb_script_over(input);
    static rig r;
    begin(&r, sb_script_below(&s, 3));
    uint64_t size = r.store.leaf_count;
    while (sb_script_left(&s) > 0 && r.events < EVENTS_MAX)
        act(&r, &s);
    ask_honestly(&r);
    bool grew = r.store.leaf_count > size || r.cosigned_count > 0 || r.promised_term > 0;
    sb_follower_close(r.fol);
    sb_ledger_close(r.ledger);
    sim_store_deinit(&r.store);
    sb_arena_deinit(&r.arena);
    return grew;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* the three beginnings are made by the first inputs and kept */
    return sb_fuzz_run_keeping(one, data, len, (sb_fuzz_bound){64 * 1024 * 1024, 4096});
}
