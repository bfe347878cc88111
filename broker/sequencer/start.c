/* A start over a store that was there. Nothing tells whether somebody put an old copy in its place; who
 * ordered over one would sign other leaves where there are some of his already. So the nodes are
 * heard first: whoever knows more is welcomed at once and then shows it, by a head that we signed
 * (sb_seq_evidence_frame) or a HANDOVER; the others are welcomed when enough of them have greeted. */
#include "broker/sequencer/inside.h"

/* Before that the founding goes on, from a file. */
bool sb_seq_must_await(sb_sequencer *s)
{
    return sb_ledger_phase_get(s->ledger) >= SB_PHASE_ACCEPTING;
}

/* More leaves of our term, or a later one. Of an older term others than ours may be left. */
static bool knows_more(const sb_sequencer *s, const sb_seq_peer *peer)
{
    uint32_t ours = sb_ledger_term(s->ledger);
    return peer->greeted &&
           (peer->term > ours || (peer->term == ours && peer->size > s->committed));
}

bool sb_seq_keeps_waiting(const sb_sequencer *s, const sb_seq_peer *peer)
{
    return s->awaits && !knows_more(s, peer);
}

static bool has_greeted(const sb_sequencer *s, const uint8_t curve_pk[32])
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (s->peers[i].greeted && memcmp(s->peers[i].curve_pk, curve_pk, 32) == 0)
            return true;
    return false;
}

/* More than half of the organisations, and nobody is about to show something. */
static bool has_heard(sb_sequencer *s)
{
    uint32_t greeted = 0, count = sb_ledger_org_count(s->ledger);
    for (size_t i = 0; i < s->peer_count; i++)
        if (knows_more(s, &s->peers[i]))
            return false;
    for (uint32_t i = 0; i < count; i++) {
        sb_ledger_org org;
        greeted += sb_ledger_org_is_in(s->ledger, i) && sb_ledger_org_get(s->ledger, i, &org) &&
                   has_greeted(s, org.curve_pk);
    }
    return 2 * greeted > sb_ledger_orgs_in(s->ledger);
}

void sb_seq_await(sb_sequencer *s, sb_now now)
{
    if (!s->awaits)
        return;
    if (s->awaits_from_ms == 0)
        s->awaits_from_ms = now.mono_ms + 1; /* 0 stands for none */
    if (now.mono_ms + 1 - s->awaits_from_ms < SB_SEQ_AWAIT_MS && !has_heard(s))
        return;
    s->awaits = false;
    for (size_t i = 0; i < s->peer_count; i++) {
        sb_seq_peer *peer = &s->peers[i];
        if (peer->greeted && !peer->welcomed)
            sb_seq_welcome(s, peer->id, peer->hello_request);
        peer->welcomed = peer->greeted;
    }
}
