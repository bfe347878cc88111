/* A node is in a later term than we: its HANDOVER is judged, and then its log is followed. */
#include "broker/standby/inside.h"

#include <stdlib.h>

static void emit_rewind(sb_standby *s, uint64_t size, sb_slice probe)
{
    if (sb_commit_builder_is_empty(&s->commit) && size < s->committed && !s->rewinds)
        sb_stb_rewind(s, size, probe);
}

/* The row that says that the fold refused what this key signed in this term. */
static sb_slice refused_key(sb_standby *s, uint32_t term, const uint8_t log_pk[32])
{
    return sb_stb_key(s, SB_STANDBY_ROW_REFUSED, term, sb_slice_of(log_pk, 32));
}

/* The HANDOVER; *is_newest: the node follows its key, for the head is signed with it. (It shows
 * those of earlier terms too, each with its newest head.) */
static const Sb__Handover *read_offer(sb_standby *s, const sb_standby_event *event, bool *is_newest)
{
    const Sb__HandoverOffer *offer = event->frame->handover_offer;
    if (event->opened != 1 || event->leaves[0].entry.type != SB_ENTRY_HANDOVER ||
        memcmp(event->leaves[0].entry.federation_id, s->federation_id, 32) != 0)
        return NULL;
    const Sb__Handover *m = (const Sb__Handover *)event->leaves[0].message;
    char origin[STB_ORIGIN_CAP];
    sb_checkpoint head;
    if (m->continues_size != offer->index ||
        memcmp(m->log_pk.data, event->leaves[0].entry.signer_pk, 32) != 0 ||
        !sb_stb_origin(s, m->term, origin))
        return NULL;
    *is_newest = sb_checkpoint_verify(sb_slice_of(offer->head.data, offer->head.len), origin,
                                      m->log_pk.data, &head, NULL) == SB_OK &&
                 head.size > offer->index;
    return m;
}

static void adopt(sb_standby *s, const Sb__Handover *m, const sb_standby_event *event,
                  bool is_by_quorum)
{
    s->offer = (stb_offer){.has = true,
                           .by_quorum = is_by_quorum,
                           .term = m->term,
                           .from = s->committed,
                           .peer = event->peer,
                           .alive_ms = event->now.mono_ms};
    memcpy(s->offer.log_pk, m->log_pk.data, 32);
    s->pace = (sb_pace){0};
}

/* Does what was offered before go before this one? Anybody can make up a HANDOVER of a high term that
 * nobody can judge yet: that goes before no proved one, and before others only while leaves come. */
static bool is_passed_over(const sb_standby *s, const Sb__Handover *m, bool is_proved, sb_now now)
{
    if (!s->offer.has)
        return false;
    if (s->offer.by_quorum && s->offer.term > m->term)
        return true;
    return !is_proved && now.mono_ms - s->offer.alive_ms < STB_UNPROVED_MS;
}

void sb_stb_on_offer(sb_standby *s, const sb_standby_event *event)
{
    bool is_newest;
    const Sb__Handover *m = read_offer(s, event, &is_newest);
    stb_peer *peer = sb_stb_peer(s, event->peer);
    if (m == NULL || m->term <= sb_ledger_term(s->ledger) || s->done)
        return;
    if (s->offer.has && s->offer.term == m->term &&
        memcmp(s->offer.log_pk, m->log_pk.data, 32) == 0)
        return;
    if (sb_kv_get(s->own, refused_key(s, m->term, m->log_pk.data), NULL)) {
        peer->refused = true;
        return;
    }
    if (s->committed == 0) {
        if (is_newest && !is_passed_over(s, m, false, event->now))
            adopt(s, m, event, false);
        return;
    }
    sb_handover_verdict verdict;
    sb_fail fail = {0};
    sb_err err = sb_ledger_handover_judge(s->ledger, m, &verdict, &fail);
    if (err == SB_E_LEDGER_HANDOVER_BEHIND || err == SB_E_LEDGER_HANDOVER_FORK) {
        bool is_by_quorum = sb_ledger_handover_promised(s->ledger, s->committed, m);
        if (is_newest && !is_passed_over(s, m, is_by_quorum, event->now))
            adopt(s, m, event, is_by_quorum);
        return;
    }
    if (err != SB_OK) {
        peer->refused = s->has_refusal = true;
        s->refusal = fail;
        return;
    }
    if (is_passed_over(s, m, true, event->now))
        return;
    sb_stb_saw_term(s, m->term);
    if (is_newest) {
        adopt(s, m, event, true);
        s->diverged = false;
    }
    sb_head base = {.term = m->term, .size = m->continues_size};
    memcpy(base.root, m->continues_root.data, 32);
    if (s->committed < base.size)
        return; /* more leaves, then the HANDOVER */
    if (!sb_stb_holds(s, &base))
        emit_rewind(s, verdict.sealed.size, sb_slice_of(NULL, 0));
    else if (s->committed > base.size)
        emit_rewind(s, base.size, event->leaves[0].bytes);
}

void sb_stb_offer_misfits(sb_standby *s)
{
    uint64_t final = sb_stb_final(s);
    if (s->offer.by_quorum && s->committed > final)
        emit_rewind(s, final, sb_slice_of(NULL, 0)); /* ours is a branch that was left */
}

void sb_stb_offer_refused(sb_standby *s)
{
    stb_peer *peer = sb_stb_peer(s, s->offer.peer);
    uint64_t from = s->offer.from;
    if (peer != NULL)
        peer->refused = true;
    s->offer.has = false;
    sb_commit_put_row(&s->commit, refused_key(s, s->offer.term, s->offer.log_pk),
                      sb_slice_of(NULL, 0));
    s->wants_rewind = true; /* what was taken under its key goes, when this is durable */
    s->wanted_size = from;
}

void sb_stb_cut_refused(sb_standby *s, const sb_standby_event *event)
{
    sb_leaf opened;
    if (sb_leaf_open(event->probe, &s->scratch, &opened, NULL) != SB_OK ||
        opened.entry.type != SB_ENTRY_HANDOVER)
        return;
    const Sb__Handover *m = (const Sb__Handover *)opened.message;
    s->has_refusal = true;
    s->refusal = *event->refusal;
    if (memcmp(opened.entry.signer_pk, sb_secret_pk(s->log_key), 32) == 0)
        sb_stb_fatal(s, event->refusal); /* what we made ourselves */
    else
        sb_commit_put_row(&s->commit, refused_key(s, m->term, opened.entry.signer_pk),
                          sb_slice_of(NULL, 0));
}

void sb_stb_rewind_wanted(sb_standby *s)
{
    if (!s->wants_rewind || !sb_commit_builder_is_empty(&s->commit))
        return;
    s->wants_rewind = false;
    emit_rewind(s, s->wanted_size, sb_slice_of(NULL, 0));
}
