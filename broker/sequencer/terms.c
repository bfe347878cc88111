/* Terms, on the side of who orders the log: HANDOVERs are shown to those who lack them, and one that
 * is shown to us ends our own term (DESIGN §4 "Terms and handover"). */
#include "broker/sequencer/inside.h"

#include "proto/base/cursor.h"

enum { SHOW_LOOK_MAX = 100000 }; /* so many numbers back; most of them no term has */

/* ---- showing ---- */

static void show(sb_sequencer *s, uint64_t peer, uint64_t index)
{
    sb_slice leaf;
    if (!s->log.leaf(s->log.arg, index, &leaf)) {
        sb_fail fail;
        sb_fail_num(&fail, SB_E_SEQUENCER_STORE, 1, index, 0);
        sb_seq_fatal(s, &fail);
        return;
    }
    leaf = sb_arena_copy(&s->scratch, leaf);
    Sb__HandoverOffer offer = SB__HANDOVER_OFFER__INIT;
    offer.index = index;
    offer.leaf = (ProtobufCBinaryData){.len = leaf.len, .data = (uint8_t *)leaf.data};
    offer.head = (ProtobufCBinaryData){.len = s->signed_note.len, .data = s->signed_note.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
    frame.handover_offer = &offer;
    sb_seq_send(s, peer, &frame);
}

void sb_seq_show_handovers(sb_sequencer *s, sb_seq_peer *peer, sb_now now)
{
    uint32_t ours = sb_ledger_term(s->ledger);
    uint32_t theirs = peer->greeted && peer->term > 0 ? peer->term : 1;
    if (ours <= 1 || theirs >= ours || peer->has_ours || s->signed_head.size == 0 ||
        (peer->offered_ms != 0 && now.mono_ms - peer->offered_ms < SEQ_SHOW_MS))
        return;
    peer->offered_ms = now.mono_ms;
    uint64_t id = peer->id;
    uint32_t first = ours - theirs > SHOW_LOOK_MAX ? ours - SHOW_LOOK_MAX : theirs + 1;
    for (uint32_t term = first; term > 0 && term <= ours && !s->fatal; term++) {
        sb_ledger_term_info info;
        if (sb_ledger_term_get(s->ledger, term, &info) && info.index < s->signed_head.size)
            show(s, id, info.index);
    }
}

void sb_seq_announce(sb_sequencer *s, sb_now now)
{
    for (size_t i = 0; i < s->peer_count && !s->fatal; i++)
        if (!s->peers[i].greeted)
            sb_seq_show_handovers(s, &s->peers[i], now);
}

void sb_seq_pulls_from(sb_sequencer *s, sb_seq_peer *peer, uint64_t from)
{
    sb_ledger_term_info info;
    uint32_t ours = sb_ledger_term(s->ledger);
    peer->has_ours = ours > 1 && sb_ledger_term_get(s->ledger, ours, &info) && from > info.index;
}

/* ---- being shown one ---- */

sb_err sb_seq_term_over(sb_fail *fail, uint32_t term, uint32_t ours)
{
    return sb_fail_num(fail, SB_E_SEQUENCER_TERM_OVER, 2, term, ours);
}

uint32_t sb_sequencer_over(sb_kv *own)
{
    const uint8_t key = SB_SEQ_ROW_OVER;
    sb_slice value;
    if (!sb_kv_get(own, sb_slice_of(&key, 1), &value))
        return 0;
    sb_reader r = sb_reader_over(value);
    uint32_t term = sb_read_u32(&r);
    return r.failed ? UINT32_MAX : term;
}

/* *beyond_us: what it rests on we lack, and of those who promised it we know too few. */
static bool is_valid(sb_sequencer *s, const Sb__Handover *m, bool *beyond_us)
{
    sb_handover_verdict verdict;
    sb_err err = sb_ledger_handover_judge(s->ledger, m, &verdict, NULL);
    bool lacks = err == SB_E_LEDGER_HANDOVER_BEHIND || err == SB_E_LEDGER_HANDOVER_FORK;
    bool valid = lacks ? sb_ledger_handover_promised(s->ledger, s->committed, m) : err == SB_OK;
    *beyond_us = lacks && !valid;
    return valid;
}

/* Remembered first; then the process ends, and signs nothing more in this term. */
static void end_term(sb_sequencer *s, uint32_t term, sb_slice leaf)
{
    uint8_t *row = sb_arena_alloc(&s->scratch, 4 + leaf.len);
    const uint8_t key = SB_SEQ_ROW_OVER;
    sb_writer w = sb_writer_over(row, 4 + leaf.len);
    sb_write_u32(&w, term);
    sb_write_bytes(&w, leaf);
    sb_commit_put_row(&s->batch, sb_slice_of(&key, 1), sb_writer_slice(&w));
    s->is_over = true;
    sb_seq_term_over(&s->over_fail, term, sb_ledger_term(s->ledger));
}

static bool shows_a_later(const sb_sequencer *s, const uint8_t curve_pk[32])
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (s->peers[i].shown_term != 0 && memcmp(s->peers[i].curve_pk, curve_pk, 32) == 0)
            return true;
    return false;
}

/* An old copy can't judge a HANDOVER whose promisers it doesn't know. When so many show one that
 * the others are no quorum, nothing that we order becomes final any more. It isn't proof: nothing is
 * remembered. */
static void end_if_overtaken(sb_sequencer *s)
{
    uint32_t count = sb_ledger_org_count(s->ledger), shown = 0;
    uint8_t(*others)[32] = sb_arena_alloc(&s->scratch, 32 * ((size_t)count + 1));
    size_t other_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        sb_ledger_org org;
        if (!sb_ledger_org_is_in(s->ledger, i) || !sb_ledger_org_get(s->ledger, i, &org))
            continue;
        if (shows_a_later(s, org.curve_pk))
            shown++;
        else
            memcpy(others[other_count++], org.witness_pk, 32);
    }
    if (shown == 0 || sb_ledger_quorum(s->ledger, s->committed, (const uint8_t(*)[32])others,
                                       other_count, NULL, NULL))
        return;
    sb_fail fail;
    sb_fail_num(&fail, SB_E_SEQUENCER_OVERTAKEN, 2, shown, sb_ledger_orgs_in(s->ledger));
    sb_seq_fatal(s, &fail);
}

void sb_seq_offer_frame(sb_sequencer *s, const sb_seq_event *event)
{
    uint8_t federation_id[32];
    const sb_leaf *leaf = event->opened;
    if (leaf == NULL || leaf->entry.type != SB_ENTRY_HANDOVER || s->is_over || event->no_room ||
        !sb_ledger_federation_id(s->ledger, federation_id) ||
        memcmp(leaf->entry.federation_id, federation_id, 32) != 0)
        return;
    const Sb__Handover *m = (const Sb__Handover *)leaf->message;
    if (m->term <= sb_ledger_term(s->ledger) ||
        memcmp(m->log_pk.data, leaf->entry.signer_pk, 32) != 0)
        return;
    bool beyond_us;
    sb_seq_peer *peer = sb_seq_peer_find(s, event->peer);
    if (is_valid(s, m, &beyond_us)) {
        end_term(s, m->term, leaf->bytes);
    } else if (beyond_us && peer != NULL && sb_seq_must_await(s)) {
        peer->shown_term = m->term;
        end_if_overtaken(s);
    }
}
