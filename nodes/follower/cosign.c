/* Cosigning (DESIGN §4 "A node cosigns", §6): checked and recorded durably before it is sent. */
#include "nodes/follower/inside.h"

/* ---- what is offered ---- */

/* A verified head that we hold; it counts when it can be cosigned: its last leaf is a STATE. */
void sb_fol_offer(sb_follower *f, const sb_checkpoint *head)
{
    uint8_t root[32];
    bool is_old = f->record.last.term == sb_fol_term(f) && head->size < f->record.last.size;
    if (f->catchup.is_on || head->size < f->offer.size || is_old ||
        sb_ledger_term_at(f->ledger, head->size) != sb_fol_term(f) ||
        !sb_ledger_root_at(f->ledger, head->size, root) || memcmp(root, head->root, 32) != 0)
        return;
    if (!f->is_offered || head->size > f->offer.size)
        f->is_asked = false;
    if (f->is_from_broker) {
        f->is_asked = true;
        f->asked_ms = f->heard_ms;
    }
    f->offer = *head;
    f->is_offered = true;
}

/* The record is this organisation's: its node signs with no other organisation's key. */
bool sb_fol_key_in_force(sb_follower *f, sb_ledger_org *org)
{
    return f->witness != NULL && sb_ledger_witness(f->ledger, sb_secret_pk(f->witness), org) &&
           strcmp(org->id, f->organisation) == 0;
}

/* §6: leaves that no certified head covers are not dated before our last cosigning, and the last
 * one is not ahead of our clock; with the tolerance both ways. */
static sb_fol_block check_times(sb_follower *f, sb_now now)
{
    uint64_t time_ms;
    const sb_head *last = &f->record.last;
    bool has_last = last->size > 0 && last->term == sb_fol_term(f);
    uint64_t cosigned_ms = sb_fol_cosigned_ms(f, now);
    uint64_t first = has_last && last->size > f->certified_size ? last->size : f->certified_size;
    if (has_last && first < f->offer.size) {
        if (!sb_fol_leaf_time(f, first, &time_ms) ||
            time_ms / 1000 + SB_TIME_TOLERANCE_MS / 1000 < cosigned_ms / 1000)
            return SB_FOL_BLOCK_LEAF_EARLY;
    }
    if (!sb_fol_leaf_time(f, f->offer.size - 1, &time_ms) ||
        time_ms > now.legal_ms + SB_TIME_TOLERANCE_MS)
        return SB_FOL_BLOCK_LEAF_LATE;
    return SB_FOL_BLOCK_NONE;
}

/* The offered head is of our ledger's term; so is its HANDOVER valid, and every SEAL in it: the
 * fold took them. What is left is the organisation's own record. */
static sb_fol_block check_record(sb_follower *f)
{
    uint32_t term = sb_fol_term(f);
    const sb_head *last = &f->record.last;
    uint8_t root[32];
    if (term < f->promised.term || term < last->term)
        return SB_FOL_BLOCK_PROMISED;
    if (term == last->term && (f->offer.size < last->size || !sb_fol_root_at(f, last->size, root) ||
                               memcmp(root, last->root, 32) != 0))
        return SB_FOL_BLOCK_RECORD;
    if (f->is_restored && !f->has_caught_up)
        return SB_FOL_BLOCK_RESTORED;
    return SB_FOL_BLOCK_NONE;
}

static sb_fol_block check(sb_follower *f, sb_now now)
{
    sb_ledger_org org;
    if (f->diverged)
        return SB_FOL_BLOCK_DIVERGED;
    if (f->catchup.is_on)
        return SB_FOL_BLOCK_CATCHUP;
    if (f->conflict)
        return SB_FOL_BLOCK_CONFLICT;
    if (!sb_fol_key_in_force(f, &org))
        return SB_FOL_BLOCK_NO_KEY;
    sb_fol_block block = check_record(f);
    if (block != SB_FOL_BLOCK_NONE)
        return block;
    if (sb_fol_missing_below(f, f->offer.size))
        return SB_FOL_BLOCK_BLOBS;
    return check_times(f, now);
}

/* ---- cosigning ---- */

void sb_fol_resend_cosign(sb_follower *f)
{
    if (f->record.last.size == 0 || f->record.last.term != sb_fol_term(f) ||
        f->promised.term > f->record.last.term || f->diverged || f->conflict || f->catchup.is_on ||
        (f->is_restored && !f->has_caught_up))
        return;
    Sb__Cosign cosign = SB__COSIGN__INIT;
    cosign.size = f->record.last.size;
    cosign.root = (ProtobufCBinaryData){.len = 32, .data = f->record.last.root};
    cosign.witness_pk = (ProtobufCBinaryData){.len = 32, .data = f->record.witness_pk};
    cosign.time_s = f->record.cosignature.time_s;
    cosign.signature = (ProtobufCBinaryData){.len = 64, .data = f->record.cosignature.sig};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_COSIGN;
    frame.cosign = &cosign;
    sb_fol_send(f, &frame);
}

/* A cosignature says that there was no more at its time: leaves beyond it that are dated well before are
 * too early for us. While the broker is away, that would be what it ordered before it went and none of us
 * has yet. So a time long after the head's last leaf is given only to the broker that is followed, and only
 * when it shows nothing longer. */
static bool is_all(const sb_follower *f, sb_now now)
{
    for (size_t i = 0; i < f->link_count; i++) {
        const sb_fol_link *link = &f->links[i];
        if (!link->refused && link->claim.len == 0 && link->ahead.size > f->offer.size)
            return false; /* another node has more that the log signed */
    }
    return f->followed != 0 && f->is_asked && now.mono_ms - f->asked_ms < FOL_ASKED_MS &&
           f->offer.size >= f->broker_size;
}

static bool is_old(sb_follower *f, sb_now now)
{
    uint64_t time_ms;
    return sb_fol_leaf_time(f, f->offer.size - 1, &time_ms) &&
           time_ms + SB_TIME_TOLERANCE_MS / 2 < now.legal_ms;
}

/* The same head again: the very same cosignature, or a later time now and then (freshness). */
static bool may_renew(sb_follower *f, sb_now now, uint64_t time_s)
{
    bool is_due = !f->has_recosigned_ms || now.mono_ms - f->recosigned_ms >= SB_FOL_RECOSIGN_MS;
    return is_due && is_all(f, now) && time_s > f->record.cosignature.time_s;
}

void sb_fol_consider(sb_follower *f, sb_now now)
{
    if (!f->is_offered || f->rewinding)
        return;
    f->block = check(f, now);
    if (f->block != SB_FOL_BLOCK_NONE)
        return; /* the offer stands: TICK looks again */
    bool is_same = f->record.last.term == sb_fol_term(f) && f->offer.size == f->record.last.size &&
                   memcmp(f->record.witness_pk, sb_secret_pk(f->witness), 32) == 0;
    if (!is_same && !is_all(f, now) && is_old(f, now))
        return;
    f->is_offered = false;
    uint64_t time_s = now.legal_ms / 1000;
    if (f->record.last.term == sb_fol_term(f) && time_s < f->record.cosignature.time_s)
        time_s = f->record.cosignature.time_s; /* within a term our own time never falls either */
    if (f->is_restored && time_s < f->restored_s)
        time_s = f->restored_s; /* nor below what the record that was lost may have had */
    if (is_same && !may_renew(f, now, time_s)) {
        sb_fol_resend_cosign(f);
        return;
    }
    sb_cosignature cosignature;
    if (sb_cosign(&f->offer, f->witness, time_s, &cosignature, NULL) != SB_OK)
        return; /* a faulty machine; the offer comes again */
    f->record.last = (sb_head){.term = sb_fol_term(f), .size = f->offer.size};
    memcpy(f->record.last.root, f->offer.root, 32);
    memcpy(f->record.witness_pk, sb_secret_pk(f->witness), 32);
    f->record.cosignature = cosignature;
    f->recosigned_ms = now.mono_ms;
    f->has_recosigned_ms = true;
    sb_fol_keep_cosigned(f);
    sb_fol_resend_cosign(f); /* leaves after the commit */
}
