/* Terms: a HANDOVER that is offered is judged; a suffix that it cuts off is dropped; and leaves are
 * taken under its key until it is reached and folded (DESIGN §4 "Terms and handover").
 *
 *   our log holds what it continues from    drop what is more (REWIND, the leaf as probe), go on
 *   our log is shorter                      catch up: nothing is cosigned before it is folded
 *   our log parts from it below             drop down to the sealed head, then catch up
 *
 * Where we can't judge it we drop only for a quorum's promises, or with evidence against our broker
 * that others can judge; what is final never. One that isn't proved holds us only while leaves come. A HANDOVER that the fold refuses in its place takes us back to where
 * catching up began.
 */
#include "nodes/follower/inside.h"

#include <assert.h>

enum { OFFERS_LOOK_MAX = 100000 }; /* so many numbers back; most of them no term has */

/* ---- showing ours ---- */

void sb_fol_offer_terms(sb_follower *f, sb_fol_link *link, uint32_t their_term, sb_now now)
{
    sb_slice note;
    sb_checkpoint head;
    bool is_due = link->offered_ms == 0 || now.mono_ms - link->offered_ms >= SB_FOL_HELLO_MS;
    if (f->catchup.is_on || !is_due || !sb_fol_newest_note(f, &note, &head))
        return;
    link->offered_ms = now.mono_ms;
    if (link->told_ms == 0)
        link->told_ms = now.mono_ms;
    uint32_t ours = sb_fol_term(f), first = their_term + 1;
    if (ours > OFFERS_LOOK_MAX && first < ours - OFFERS_LOOK_MAX)
        first = ours - OFFERS_LOOK_MAX;
    for (uint32_t term = first; term <= ours && term > 0; term++) {
        sb_ledger_term_info info;
        sb_slice leaf;
        if (term == 1 || !sb_ledger_term_get(f->ledger, term, &info) || info.index >= head.size ||
            !f->log.leaf(f->log.arg, info.index, &leaf))
            continue;
        leaf = sb_arena_copy(&f->scratch, leaf);
        Sb__HandoverOffer offer = SB__HANDOVER_OFFER__INIT;
        offer.index = info.index;
        offer.leaf = (ProtobufCBinaryData){.len = leaf.len, .data = (uint8_t *)leaf.data};
        offer.head =
            (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)(uintptr_t)note.data};
        Sb__Frame frame = SB__FRAME__INIT;
        frame.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
        frame.handover_offer = &offer;
        sb_fol_send_to(f, link->number, &frame);
    }
}

/* ---- dropping ---- */

/* The step's one effect: go back to `size` leaves. */
static sb_fol_effect *rewind_to(sb_follower *f, uint64_t size, sb_slice probe)
{
    assert(size >= f->final_size);
    sb_commit_builder_clear(&f->commit, f->committed);
    f->rewinding = true;
    f->rewind_effect = (sb_fol_effect){.kind = SB_FOL_REWIND, .index = size};
    f->rewind_effect.bytes = sb_arena_copy(&f->out_arena, probe);
    if (f->head.size > size)
        sb_fol_del(f, SB_FOL_ROW_HEAD, sb_slice_of(NULL, 0));
    sb_checkpoint one;
    if (f->certified_size > size)
        sb_fol_del(f, SB_FOL_ROW_CERTIFIED, sb_slice_of(NULL, 0));
    if (f->final_note.len > 0 &&
        sb_checkpoint_parse(sb_buf_slice(&f->final_note), &one, NULL) == SB_OK && one.size > size) {
        uint8_t row[40]; /* what is final stays so; the next SEAL proves it anew */
        sb_writer w = sb_writer_over(row, sizeof row);
        sb_write_u64(&w, f->final_size);
        sb_write_bytes(&w, sb_slice_of(f->final_root, 32));
        sb_fol_put(f, SB_FOL_ROW_FINAL, sb_slice_of(NULL, 0), sb_writer_slice(&w));
    }
    if (f->catchup.is_on)
        sb_fol_del(f, SB_FOL_ROW_CATCHUP, sb_slice_of(NULL, 0)); /* it is offered again */
    sb_fol_missing_cut(f, size);
    sb_fol_outbox_rearm(f, size);
    sb_fol_outbox_keep_cut(f, size);
    return &f->rewind_effect;
}

static void keep_catchup(sb_follower *f)
{
    uint8_t row[4 + 32 + 8 + 8];
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u32(&w, f->catchup.term);
    sb_write_bytes(&w, sb_slice_of(f->catchup.log_pk, 32));
    sb_write_u64(&w, f->catchup.index);
    sb_write_u64(&w, f->catchup.began);
    sb_fol_put(f, SB_FOL_ROW_CATCHUP, sb_slice_of(NULL, 0), sb_writer_slice(&w));
}

bool sb_fol_load_catchup(sb_follower *f)
{
    sb_slice row;
    if (!sb_fol_own_row(f, SB_FOL_ROW_CATCHUP, &row))
        return true;
    sb_reader r = sb_reader_over(row);
    f->catchup.term = sb_read_u32(&r);
    sb_read_into(&r, f->catchup.log_pk, 32);
    f->catchup.index = sb_read_u64(&r);
    f->catchup.began = sb_read_u64(&r);
    f->catchup.is_on = true;
    return sb_reader_done(&r) && f->catchup.began <= f->committed;
}

void sb_fol_catchup_drop(sb_follower *f)
{
    uint64_t began = f->catchup.began;
    if (f->committed > began || sb_ledger_unflushed(f->ledger) > 0)
        rewind_to(f, began, sb_slice_of(NULL, 0));
    else
        sb_fol_del(f, SB_FOL_ROW_CATCHUP, sb_slice_of(NULL, 0));
    f->catchup.is_on = false;
    f->broker_size = f->committed; /* anybody can sign a head for a HANDOVER that he makes up */
}

static void refuse_link(sb_follower *f, uint32_t number, const sb_fail *fail)
{
    sb_fol_link *link = sb_fol_link_find(f, number);
    if (link != NULL)
        link->refused = true;
    f->broker_refused = f->followed == 0;
    f->broker_fail = *fail;
}

/* ---- what isn't proved gives way ---- */

/* What is remembered of who is at this link, or of its key. NULL: nothing. */
static sb_fol_unproved *unproved_of(sb_follower *f, const sb_fol_peer *peer)
{
    static const uint8_t untold[32];
    bool is_told = memcmp(peer->who, untold, 32) != 0;
    for (size_t i = 0; i < FOL_UNPROVED_MAX; i++) {
        sb_fol_unproved *u = &f->unproved[i];
        if (u->until_ms != 0 &&
            (is_told ? memcmp(u->peer.who, peer->who, 32) == 0 : u->peer.link == peer->link))
            return u;
    }
    return NULL;
}

/* Who held us last, for nothing: once for each time. */
static void remember_unproved(sb_follower *f, sb_now now)
{
    sb_fol_peer *peer = &f->catchup.holder;
    sb_fol_unproved *u = unproved_of(f, peer);
    if (f->catchup.is_proved || peer->link == 0)
        return;
    for (size_t i = 0; u == NULL && i < FOL_UNPROVED_MAX; i++)
        if (f->unproved[i].until_ms <= now.mono_ms)
            u = &f->unproved[i];
    if (u == NULL)
        u = &f->unproved[0];
    if (u->until_ms == 0 || unproved_of(f, peer) != u)
        *u = (sb_fol_unproved){0};
    u->peer = *peer;
    u->until_ms = now.mono_ms + ((uint64_t)FOL_UNPROVED_AGAIN_MS << u->times);
    u->times += u->times < FOL_UNPROVED_AGAIN_TIMES;
    *peer = (sb_fol_peer){0};
}

void sb_fol_catchup_refused(sb_follower *f, const sb_fail *fail, sb_now now)
{
    remember_unproved(f, now);
    refuse_link(f, f->catchup.link, fail);
    sb_fol_catchup_drop(f);
}

void sb_fol_catchup_lost(sb_follower *f, sb_now now)
{
    remember_unproved(f, now);
    sb_fol_catchup_drop(f);
}

/* Do leaves come for what we catch up with, or has it only just begun? */
static bool is_under_way(const sb_follower *f, sb_now now)
{
    const sb_fol_catchup *c = &f->catchup;
    uint64_t quiet_since = c->leaf_ms > c->since_ms ? c->leaf_ms : c->since_ms;
    return c->is_on && now.mono_ms - quiet_since < FOL_UNPROVED_MS;
}

bool sb_fol_catchup_is_quiet(const sb_follower *f, sb_now now)
{
    return f->catchup.is_on && (f->catchup.link == 0 || !is_under_way(f, now));
}

/* Anybody can make up a HANDOVER that we can't judge: it may hold us only while leaves come. */
void sb_fol_catchup_tick(sb_follower *f, sb_now now)
{
    sb_fol_catchup *c = &f->catchup;
    if (!c->is_on || c->is_proved || c->link == 0)
        return; /* without its link: links.c */
    uint64_t taken = f->committed - c->began;
    if (is_under_way(f, now) &&
        now.mono_ms - c->since_ms < FOL_UNPROVED_MS + taken * FOL_UNPROVED_LEAF_MS)
        return;
    sb_fail fail = {0};
    sb_fail_set(&fail, SB_E_FOLLOWER_HANDOVER_OFFER, "unproved", NULL);
    if (c->began > 0 || f->committed == 0) {
        sb_fol_catchup_refused(f, &fail, now);
        return;
    }
    /* A new node could judge nothing when it began: what it has it keeps until somebody shows another
     * way, and judges anew. */
    remember_unproved(f, now);
    c->link = 0;
    c->lost_ms = now.mono_ms;
    c->gave_way = true;
}

/* Is a broker of our own term followed, or may it be the one that we greet? */
static bool may_have_broker(const sb_follower *f)
{
    bool has = f->followed != 0;
    for (size_t i = 0; i < f->link_count; i++)
        has = has || (f->links[i].role == SB_FOL_ROLE_BROKER && !f->links[i].welcomed);
    return has;
}

static sb_fol_peer peer_of(const sb_fol_link *link)
{
    sb_fol_peer peer = {.link = link->number};
    memcpy(peer.who, link->who, 32);
    return peer;
}

/* May this link begin to hold us with a HANDOVER that we can't judge? Another node not while there is
 * a broker of our own term, unless that is convicted. */
static bool may_hold(sb_follower *f, const sb_fol_link *link, sb_now now)
{
    sb_fol_peer peer = peer_of(link);
    const sb_fol_unproved *u = unproved_of(f, &peer);
    if (u != NULL && now.mono_ms < u->until_ms)
        return false;
    bool is_alive =
        f->heard_ms != 0 && now.mono_ms - f->heard_ms < FOL_ALIVE_MS && may_have_broker(f);
    return link->role == SB_FOL_ROLE_BROKER || !is_alive || f->conflict;
}

/* ---- a fork ---- */

/* Down to `size`, never below what is final. */
static void drop_to(sb_follower *f, uint64_t size, uint32_t link)
{
    sb_fail fail = {0};
    if (size < f->final_size) {
        sb_fail_num(&fail, SB_E_FOLLOWER_HANDOVER_FINAL, 2, size, f->final_size);
        refuse_link(f, link, &fail);
        sb_fol_emit(f, SB_FOL_CONFLICT)->fail = fail; /* more than may lie have lied */
        return;
    }
    rewind_to(f, size, sb_slice_of(NULL, 0));
}

void sb_fol_catchup_fork(sb_follower *f, sb_now now)
{
    sb_fail fail = {0};
    if (f->catchup.has_fork) { /* from the sealed head, or from where a quorum vouches for it */
        drop_to(f, f->catchup.fork_size, f->catchup.link);
        return;
    }
    sb_fail_set(&fail, SB_E_FOLLOWER_FORK, NULL);
    sb_fol_catchup_refused(f, &fail, now);
}

/* ---- judging an offer ---- */

/* Does a head of the highest rank that promises name bear a quorum's cosignatures, by the keys that
 * we know? One who lies can make up any. */
static bool is_sealed(sb_follower *f, const Sb__Handover *m, uint64_t size)
{
    uint8_t(*pks)[32] = sb_arena_alloc(&f->scratch, 32 * (m->n_cosignatures + 1));
    const Sb__Head *top = NULL;
    for (size_t i = 0; i < m->n_promises; i++) {
        uint32_t place = m->promises[i]->seal;
        const Sb__Head *h = place == 0 || place > m->n_heads ? NULL : m->heads[place - 1];
        if (h != NULL &&
            (top == NULL || h->term > top->term || (h->term == top->term && h->size >= top->size)))
            top = h;
    }
    sb_checkpoint head = {0};
    for (size_t i = 0; top != NULL && i < m->n_heads; i++) {
        const Sb__Head *h = m->heads[i];
        if (h->term != top->term || h->size != top->size || !sb_fol_origin(f, h->term, head.origin))
            continue;
        size_t count = 0;
        head.size = h->size;
        memcpy(head.root, h->root.data, 32);
        for (size_t k = 0; k < m->n_cosignatures; k++) {
            const Sb__Cosignature *c = m->cosignatures[k];
            sb_cosignature cosignature = {.time_s = c->time_s};
            memcpy(cosignature.sig, c->signature.data, 64);
            if (sb_cosignature_verify(&head, c->witness_pk.data, &cosignature))
                memcpy(pks[count++], c->witness_pk.data, 32);
        }
        if (sb_ledger_quorum(f->ledger, size, (const uint8_t(*)[32])pks, count, NULL, NULL))
            return true;
    }
    return false;
}

/* Do a quorum's promises, by the keys that we know, name this term and key? Good enough to leave a
 * suffix that parts from it, when we can't judge the SEAL (DESIGN §4: less than a quorum can't). */
static bool is_promised(sb_follower *f, const Sb__Handover *m)
{
    uint64_t size = f->final_size > 0 ? f->final_size : f->committed;
    return sb_ledger_handover_promised(f->ledger, size, m) && is_sealed(f, m, size);
}

typedef struct offered {
    const Sb__Handover *m;
    const sb_leaf *leaf;
    sb_checkpoint head;
    uint32_t head_term;
    bool is_top; /* the head is of this very term: its key signs what comes */
} offered;

/* "…/<term>" of an origin; 0: none. */
uint32_t sb_fol_origin_term(const char *origin)
{
    const char *slash = strrchr(origin, '/');
    uint64_t term = 0;
    for (const char *c = slash == NULL ? "" : slash + 1; *c >= '0' && *c <= '9'; c++)
        term = term > UINT32_MAX ? term : term * 10 + (uint64_t)(*c - '0');
    return term > UINT32_MAX ? 0 : (uint32_t)term;
}

static const char *read_offer(sb_follower *f, const sb_fol_event *event, offered *out)
{
    const Sb__HandoverOffer *offer = event->frame->handover_offer;
    sb_slice note = sb_slice_of(offer->head.data, offer->head.len);
    if (event->leaf == NULL || event->leaf->entry.type != SB_ENTRY_HANDOVER)
        return "leaf";
    out->leaf = event->leaf;
    out->m = (const void *)event->leaf->message;
    if (out->m->log_pk.len != 32 ||
        memcmp(event->leaf->entry.signer_pk, out->m->log_pk.data, 32) != 0)
        return "signer";
    if (offer->index != out->m->continues_size)
        return "index";
    if (sb_checkpoint_parse(note, &out->head, NULL) != SB_OK || out->head.size <= offer->index)
        return "head";
    out->head_term = sb_fol_origin_term(out->head.origin);
    out->is_top = out->head_term == out->m->term;
    if (out->head_term < out->m->term)
        return "head";
    uint8_t id[32];
    bool has_id = sb_ledger_federation_id(f->ledger, id);
    if (!has_id && f->has_federation_id)
        memcpy(id, f->federation_id, 32);
    if ((has_id || f->has_federation_id) && memcmp(event->leaf->entry.federation_id, id, 32) != 0)
        return "federation";
    char hex[65], origin[SB_ORIGIN_BYTES_MAX + 1];
    sb_hex(sb_slice_of(event->leaf->entry.federation_id, 32), hex);
    const char *slug = out->head.origin, *end = slug;
    if (strncmp(slug, "samband/", 8) != 0 || (end = strchr(slug + 8, '/')) == NULL ||
        strncmp(end + 1, hex, 16) != 0 || end[17] != '/')
        return "origin";
    if (sb_fol_origin(f, out->head_term, origin) && strcmp(origin, out->head.origin) != 0)
        return "origin";
    if (out->is_top && sb_checkpoint_verify(note, out->head.origin, out->m->log_pk.data, &out->head,
                                            NULL) != SB_OK)
        return "head";
    return NULL;
}

/* Our log holds exactly what it continues from, and maybe more. */
static bool holds(sb_follower *f, const Sb__Handover *m)
{
    uint8_t root[32];
    return m->continues_size <= f->committed && sb_fol_root_at(f, m->continues_size, root) &&
           memcmp(root, m->continues_root.data, 32) == 0;
}

/* A node may show what it doesn't give. What isn't proved a silent broker would end. */
static bool is_broker_for_node(sb_follower *f, const sb_fol_link *link)
{
    const sb_fol_link *present = sb_fol_link_find(f, f->catchup.link);
    return f->catchup.is_proved && link->role == SB_FOL_ROLE_BROKER && present != NULL &&
           present->role == SB_FOL_ROLE_NODE;
}

static void begin(sb_follower *f, const offered *o, sb_fol_link *link, const uint64_t *fork,
                  bool is_proved, sb_now now)
{
    bool is_same = f->catchup.is_on && f->catchup.term == o->m->term &&
                   f->catchup.index == o->m->continues_size &&
                   memcmp(f->catchup.log_pk, o->m->log_pk.data, 32) == 0;
    if (!is_proved && !is_same && f->catchup.is_on) {
        if (is_under_way(f, now))
            return;                /* its turn comes when nothing comes of what we are after */
        remember_unproved(f, now); /* one after another hold us no longer than one */
    }
    if (!is_proved && !may_hold(f, link, now))
        return;
    if (is_same && f->catchup.link != link->number && !sb_fol_catchup_is_quiet(f, now) &&
        (f->catchup.is_proved || !is_proved) && !is_broker_for_node(f, link))
        return; /* another link gives it */
    if (f->catchup.is_on && !is_same && f->committed > f->catchup.began) {
        sb_fol_catchup_drop(f); /* this one is offered again */
        return;
    }
    if (!is_same) {
        f->catchup = (sb_fol_catchup){.is_on = true,
                                      .term = o->m->term,
                                      .index = o->m->continues_size,
                                      .began = f->committed,
                                      .since_ms = now.mono_ms};
        memcpy(f->catchup.log_pk, o->m->log_pk.data, 32);
        keep_catchup(f);
    }
    if (f->catchup.gave_way)
        f->catchup.since_ms = now.mono_ms;
    f->catchup.gave_way = false;
    bool is_asked = is_same && f->catchup.link == link->number && !f->diverged;
    f->catchup.is_proved = f->catchup.is_proved || is_proved;
    f->catchup.link = link->number;
    f->catchup.holder = peer_of(link);
    f->catchup.has_fork = fork != NULL;
    f->catchup.fork_size = fork != NULL ? *fork : 0;
    f->diverged = false; /* what refused us is cut off, or comes again */
    if (f->followed != 0) {
        f->followed = 0;
        sb_fol_outbox_broker(f, false);
    }
    f->is_offered = false;
    link->refused = false; /* for what it showed before */
    sb_fol_link_term(link, o->m->term);
    if (o->head.size > f->broker_size)
        f->broker_size = o->head.size;
    if (!is_asked) /* it is shown until we have it */
        sb_fol_pull(f, now);
}

/* Of two valid HANDOVERs of one term the one under a certified head is followed. */
static bool replaces_ours(sb_follower *f, const sb_fol_event *event, const offered *o)
{
    sb_ledger_term_info info;
    sb_slice leaf;
    const Sb__HandoverOffer *offer = event->frame->handover_offer;
    sb_slice note = sb_slice_of(offer->head.data, offer->head.len);
    if (!o->is_top || o->m->term != sb_fol_term(f) || o->m->term == 1 ||
        !sb_ledger_term_get(f->ledger, o->m->term, &info) ||
        !f->log.leaf(f->log.arg, info.index, &leaf) || sb_slice_eq(leaf, o->leaf->bytes))
        return false;
    return sb_fol_note_has_quorum(f, note, &o->head);
}

/* The highest head that a SEAL in our log seals, at least what is final and what began our term: who
 * lies alone doesn't make us drop what a quorum cosigned, nor go back to an earlier term. */
static uint64_t sealed_held(sb_follower *f)
{
    const sb_head *h = &f->sealed.head;
    uint8_t root[32];
    bool is_ours = h->size > f->final_size && h->size <= f->committed &&
                   sb_fol_root_at(f, h->size, root) && memcmp(root, h->root, 32) == 0;
    uint64_t size = is_ours ? h->size : f->final_size;
    sb_ledger_term_info info;
    bool has_began = sb_ledger_term_get(f->ledger, sb_fol_term(f), &info) && info.term > 1;
    return has_began && info.index + 1 > size ? info.index + 1 : size;
}

static void act(sb_follower *f, const offered *o, sb_fol_link *link, sb_now now)
{
    sb_fail fail = {0};
    sb_handover_verdict verdict = {0};
    const Sb__Handover *m = o->m;
    sb_err err = f->committed == 0 ? SB_E_LEDGER_HANDOVER_BEHIND
                                   : sb_ledger_handover_judge(f->ledger, m, &verdict, &fail);
    bool is_behind = err == SB_E_LEDGER_HANDOVER_BEHIND;
    /* our log is another below what is sealed: a quorum's word is needed to leave it */
    bool is_fork = is_behind || err == SB_E_LEDGER_HANDOVER_FORK;
    if (err != SB_OK && !is_fork) {
        refuse_link(f, link->number, &fail);
        return;
    }
    uint64_t fork = is_fork ? f->final_size : verdict.sealed.size;
    bool is_proved = !is_fork || is_promised(f, m), may_fork = is_proved;
    if (f->catchup.is_on && f->catchup.term > m->term &&
        (f->catchup.is_proved || (!is_proved && is_under_way(f, now))))
        return; /* we are on our way to a later one */
    if (!may_fork && sb_fol_is_convicted(f, sb_fol_term(f))) {
        fork = sealed_held(f); /* others may know more than a quorum's keys by now */
        may_fork = true;
    }
    may_fork = may_fork && f->committed > fork;
    if (err == SB_OK && holds(f, m)) {
        if (m->continues_size < f->final_size)
            drop_to(f, m->continues_size, link->number);
        else if (f->committed > m->continues_size)
            rewind_to(f, m->continues_size, o->leaf->bytes);
        else if (o->is_top)
            begin(f, o, link, NULL, true, now);
        return;
    }
    if (err == SB_E_LEDGER_HANDOVER_FORK || f->committed >= m->continues_size) {
        if (may_fork)
            drop_to(f, fork, link->number);
        else {
            sb_fail_set(&fail, SB_E_FOLLOWER_FORK, NULL);
            refuse_link(f, link->number, &fail);
        }
        return;
    }
    if (o->is_top)
        begin(f, o, link, may_fork ? &fork : NULL, is_proved, now);
}

void sb_fol_on_offer(sb_follower *f, sb_fol_link *link, const sb_fol_event *event)
{
    offered o = {0};
    sb_fail fail = {0};
    if (link->refused && link->role == SB_FOL_ROLE_NODE)
        return; /* brokers are judged anew each time */
    const char *wrong = read_offer(f, event, &o);
    if (wrong != NULL) {
        sb_fail_set(&fail, SB_E_FOLLOWER_HANDOVER_OFFER, wrong, NULL);
        refuse_link(f, link->number, &fail);
        return;
    }
    if (o.m->term <= sb_fol_term(f) && !replaces_ours(f, event, &o)) {
        if (o.m->term == sb_fol_term(f) && o.is_top) { /* a standby that took over what we follow */
            sb_fol_link_term(link, o.m->term);
            sb_fol_choose(f, event->now);
        }
        return;
    }
    if (f->has_refused && memcmp(f->refused_hash, o.leaf->hash, 32) == 0) {
        sb_fail_set(&fail, SB_E_FOLLOWER_HANDOVER_OFFER, "leaf", NULL);
        refuse_link(f, link->number, &fail);
        return;
    }
    act(f, &o, link, event->now);
}

/* ---- reached ---- */

void sb_fol_term_changed(sb_follower *f, uint64_t index)
{
    if (f->catchup.is_on && sb_fol_term(f) >= f->catchup.term) {
        f->catchup.is_on = false;
        sb_fol_del(f, SB_FOL_ROW_CATCHUP, sb_slice_of(NULL, 0));
    }
    f->offer = (sb_checkpoint){0};
    f->is_offered = false;
    f->broker_size = 0; /* the older term's may have been longer */
    f->fresh_time_s = f->life_time_s = 0;
    sb_fol_clocks_forget(f);
    f->conflict = sb_fol_has_evidence(f, sb_fol_term(f));
    sb_fol_outbox_rearm(f, index);
}
