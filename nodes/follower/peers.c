/* Other nodes: heads compared, what the broker holds back seen and fetched from them (DESIGN §7).
 *
 * A head of the log key that doesn't fit ours is proved to: at a size that we hold by our own tree,
 * at a longer one by the other's tree (ConsistencyGet). A proof that fails proves nothing.
 */
#include "nodes/follower/inside.h"

enum { NODES_A_ROUND = 4 };

/* ---- telling ---- */

static void send_head(sb_follower *f, sb_fol_link *link, sb_slice note)
{
    Sb__PeerHead peer_head = SB__PEER_HEAD__INIT;
    peer_head.note =
        (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)(uintptr_t)note.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PEER_HEAD;
    frame.peer_head = &peer_head;
    sb_fol_send_to(f, link->number, &frame);
}

static bool is_of_term(sb_slice note, uint32_t term)
{
    sb_checkpoint head;
    return note.len > 0 && sb_checkpoint_parse(note, &head, NULL) == SB_OK &&
           sb_fol_origin_term(head.origin) == term;
}

/* The newest certified head, and the newest signed one when that is longer. */
static void tell(sb_follower *f, sb_fol_link *link, sb_now now)
{
    uint32_t term = sb_fol_term(f);
    sb_slice certified = sb_buf_slice(&f->certified_note), head = sb_buf_slice(&f->head_note);
    bool has_certified = is_of_term(certified, term);
    link->head_is_due = false;
    link->head_ms = now.mono_ms;
    if (has_certified)
        send_head(f, link, certified);
    if ((!has_certified || f->head.size > f->certified_size) && is_of_term(head, term))
        send_head(f, link, head);
}

void sb_fol_peers_news(sb_follower *f)
{
    for (size_t i = 0; i < f->link_count; i++)
        if (f->links[i].is_standby)
            f->links[i].head_is_due = true;
}

/* ---- what they have more ---- */

/* With genesis here it can be told whether the head that a peer showed is the log's. */
static void settle_claim(sb_follower *f, sb_fol_link *link)
{
    sb_checkpoint head;
    uint32_t term;
    if (link->claim.len == 0 || f->committed == 0)
        return;
    if (!sb_fol_verify_note(f, sb_buf_slice(&link->claim), &head, &term))
        link->ahead.size = 0;
    sb_buf_clear(&link->claim);
}

static void look_ahead(sb_follower *f, sb_now now)
{
    uint64_t withheld = 0;
    for (size_t i = 0; i < f->link_count; i++) {
        sb_fol_link *link = &f->links[i];
        settle_claim(f, link);
        if (link->ahead.size == 0)
            continue;
        if (link->ahead.size <= f->committed || link->refused) {
            link->ahead.size = 0;
            continue;
        }
        bool is_withheld =
            link->ahead_certified && now.mono_ms - link->ahead_ms >= SB_FOL_WITHHELD_MS;
        if (is_withheld && link->ahead.size > withheld)
            withheld = link->ahead.size;
        if ((is_withheld || f->followed == 0) && !f->diverged &&
            sb_pace_is_over(&link->pace, now.mono_ms)) {
            sb_pace_asked(&link->pace, now.mono_ms);
            sb_fol_pull_from(f, link->number, SB_FOL_LEAVES_MAX); /* all give the same */
        }
    }
    if (withheld == 0 || f->followed == 0)
        f->withheld_ms = 0;
    else if (f->withheld_ms == 0)
        f->withheld_ms = now.legal_ms;
    f->withheld_size = withheld;
}

void sb_fol_peers_tick(sb_follower *f, sb_now now)
{
    uint32_t nodes = 0;
    for (size_t i = 0; i < f->link_count; i++)
        nodes += f->links[i].role == SB_FOL_ROLE_NODE;
    uint64_t pace = SB_FOL_PEER_HEAD_MS * (1 + nodes / (NODES_A_ROUND + 1));
    for (size_t i = 0; i < f->link_count && !f->catchup.is_on; i++) {
        sb_fol_link *link = &f->links[i];
        uint64_t since = now.mono_ms - link->head_ms;
        bool is_time = link->role == SB_FOL_ROLE_NODE && since >= pace;
        bool is_news = link->head_is_due && since >= FOL_HEAD_SENT_MS &&
                       (link->is_standby || link->role == SB_FOL_ROLE_NODE);
        if (link->welcomed && !link->refused && (is_time || is_news))
            tell(f, link, now);
    }
    if (!f->catchup.is_on)
        look_ahead(f, now);
}

/* ---- hearing ---- */

static void ask(sb_follower *f, sb_fol_link *link, const sb_checkpoint *head, sb_slice note,
                sb_now now)
{
    if (f->head.size == 0 || sb_fol_origin_term(f->head.origin) != sb_fol_term(f) ||
        head->size <= f->head.size ||
        (link->asked_ms != 0 && now.mono_ms - link->asked_ms < SB_FOL_WITHHELD_MS))
        return;
    link->asked_ms = now.mono_ms;
    link->ask_from = f->head.size;
    link->ask_to = head->size;
    sb_buf_clear(&link->ask_note);
    sb_buf_add(&link->ask_note, note);
    sb_buf_clear(&link->ask_own);
    sb_buf_add(&link->ask_own, sb_buf_slice(&f->head_note));
    Sb__ConsistencyGet get = SB__CONSISTENCY_GET__INIT;
    get.from = link->ask_from;
    get.to = link->ask_to;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_CONSISTENCY_GET;
    frame.consistency_get = &get;
    sb_fol_send_to(f, link->number, &frame);
}

void sb_fol_on_peer_head(sb_follower *f, sb_fol_link *link, sb_slice note, sb_now now)
{
    sb_note parsed;
    sb_checkpoint head;
    uint32_t term = 0, ours = sb_fol_term(f);
    if (sb_checkpoint_parse_note(note, &parsed, &head, NULL) != SB_OK)
        return;
    if (f->committed == 0) { /* genesis will say whose signature it is: then all is verified */
        if (head.size > 0 && f->has_federation_id && sb_fol_origin_term(head.origin) == 1 &&
            !f->catchup.is_on && link->ahead.size == 0) {
            link->ahead = head;
            sb_buf_clear(&link->claim);
            sb_buf_add(&link->claim, note);
            link->ahead_certified = false;
            link->ahead_ms = now.mono_ms;
        }
        return;
    }
    if (sb_fol_origin_term(head.origin) > ours && !f->catchup.is_on) {
        link->welcomed = false; /* greeted again, it shows its HANDOVER */
        return;
    }
    if (!sb_fol_verify_parsed(f, &parsed, &head, &term) || f->catchup.is_on)
        return;
    if (term < ours) {
        sb_fol_offer_terms(f, link, term, now);
        return;
    }
    if (head.size <= f->committed) {
        sb_fol_on_verified_note(f, note, &parsed, &head, term, now);
        return;
    }
    settle_claim(f, link);
    bool is_certified = sb_fol_note_has_quorum(f, note, &head);
    ask(f, link, &head, note, now);
    if (link->ahead.size > f->committed && (link->ahead_certified || !is_certified))
        return; /* what it had before is not here either */
    link->ahead = head;
    link->ahead_certified = is_certified;
    link->ahead_ms = now.mono_ms;
}

void sb_fol_on_consistency(sb_follower *f, sb_fol_link *link, const Sb__Consistency *m)
{
    sb_proof proof = {0};
    sb_checkpoint head, own;
    uint32_t term;
    if (link->ask_to == 0 || m->from != link->ask_from || m->to != link->ask_to ||
        m->root.len != 32 || m->n_proof > SB_PROOF_HASHES_MAX)
        return;
    for (size_t i = 0; i < m->n_proof; i++) {
        if (m->proof[i].len != 32)
            return;
        memcpy(proof.hashes[proof.count++].b, m->proof[i].data, 32);
    }
    link->ask_to = 0;
    sb_slice note = sb_buf_slice(&link->ask_note), ours = sb_buf_slice(&link->ask_own);
    if (!sb_fol_verify_note(f, note, &head, &term) ||
        sb_checkpoint_parse(ours, &own, NULL) != SB_OK || own.size != m->from ||
        !sb_verify_consistency(m->from, m->root.data, m->to, head.root, proof.hashes,
                               proof.count) ||
        memcmp(own.root, m->root.data, 32) == 0)
        return;
    sb_fol_conflicting_longer(f, term, ours, note, &head, m->root.data, &proof);
}
