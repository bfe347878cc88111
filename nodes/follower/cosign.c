/* Cosigning (DESIGN §4 "A node cosigns", §6): checked and recorded durably before it is sent. */
#include "nodes/follower/inside.h"

#include <assert.h>

/* ---- the record ---- */

enum { FOL_RECORD_BYTES = 4 + 8 + 32 + 8 + 64 + 4 + 8 + 8 };

bool sb_fol_load_record(sb_follower *f, sb_slice row)
{
    sb_reader r = sb_reader_over(row);
    sb_fol_record *record = &f->record;
    record->term = sb_read_u32(&r);
    record->size = sb_read_u64(&r);
    sb_read_into(&r, record->root, 32);
    record->cosignature.time_s = sb_read_u64(&r);
    sb_read_into(&r, record->cosignature.sig, 64);
    record->seal_term = sb_read_u32(&r);
    record->seal_index = sb_read_u64(&r);
    record->sealed_size = sb_read_u64(&r);
    return sb_reader_done(&r) && record->term == FOL_TERM && record->size <= f->committed;
}

static void keep_record(sb_follower *f)
{
    uint8_t row[FOL_RECORD_BYTES];
    const sb_fol_record *record = &f->record;
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u32(&w, record->term);
    sb_write_u64(&w, record->size);
    sb_write_bytes(&w, sb_slice_of(record->root, 32));
    sb_write_u64(&w, record->cosignature.time_s);
    sb_write_bytes(&w, sb_slice_of(record->cosignature.sig, 64));
    sb_write_u32(&w, record->seal_term);
    sb_write_u64(&w, record->seal_index);
    sb_write_u64(&w, record->sealed_size);
    assert(!w.failed && w.at == sizeof row);
    sb_fol_put(f, SB_FOL_ROW_COSIGNED, sb_slice_of(NULL, 0), sb_writer_slice(&w));
}

/* The highest SEAL ever held: it stays when a handover cuts leaves off. */
static void note_seal(sb_follower *f)
{
    uint64_t index, size;
    if (!sb_ledger_last_seal(f->ledger, &index, &size))
        return;
    if (f->record.seal_term == FOL_TERM && f->record.sealed_size >= size)
        return;
    f->record.seal_term = FOL_TERM;
    f->record.seal_index = index;
    f->record.sealed_size = size;
}

/* ---- what is offered ---- */

/* A verified head that we hold; it counts when it can be cosigned: its last leaf is a STATE. */
void sb_fol_offer(sb_follower *f, const sb_checkpoint *head)
{
    uint8_t root[32];
    if (head->size < f->offer.size || head->size < f->record.size ||
        !sb_ledger_root_at(f->ledger, head->size, root) || memcmp(root, head->root, 32) != 0)
        return;
    f->offer = *head;
    f->is_offered = true;
}

/* The record is this organisation's: its node signs with no other organisation's key. */
static bool key_in_force(sb_follower *f)
{
    if (f->witness == NULL)
        return false;
    uint32_t count = sb_ledger_org_count(f->ledger);
    for (uint32_t i = 0; i < count; i++) {
        sb_ledger_org org;
        if (sb_ledger_org_get(f->ledger, i, &org) && strcmp(org.id, f->organisation) == 0 &&
            memcmp(org.witness_pk, sb_secret_pk(f->witness), 32) == 0)
            return true;
    }
    return false;
}

/* §6: leaves that no certified head covers are not dated before our last cosigning, and the last
 * one is not ahead of our clock; with the tolerance both ways. */
static sb_fol_block check_times(sb_follower *f, sb_now now)
{
    uint64_t time_ms;
    uint64_t first = f->record.size > f->certified_size ? f->record.size : f->certified_size;
    if (f->record.size > 0 && first < f->offer.size) {
        if (!sb_fol_leaf_time(f, first, &time_ms) ||
            time_ms / 1000 + SB_TIME_TOLERANCE_MS / 1000 < f->record.cosignature.time_s)
            return SB_FOL_BLOCK_LEAF_EARLY;
    }
    if (!sb_fol_leaf_time(f, f->offer.size - 1, &time_ms) ||
        time_ms > now.legal_ms + SB_TIME_TOLERANCE_MS)
        return SB_FOL_BLOCK_LEAF_LATE;
    return SB_FOL_BLOCK_NONE;
}

static sb_fol_block check(sb_follower *f, sb_now now)
{
    if (f->diverged)
        return SB_FOL_BLOCK_DIVERGED;
    if (f->conflict)
        return SB_FOL_BLOCK_CONFLICT;
    if (!key_in_force(f))
        return SB_FOL_BLOCK_NO_KEY;
    if (sb_fol_missing_below(f, f->offer.size))
        return SB_FOL_BLOCK_BLOBS;
    return check_times(f, now);
}

/* ---- cosigning ---- */

void sb_fol_resend_cosign(sb_follower *f)
{
    if (f->witness == NULL || f->record.size == 0 || f->diverged || f->conflict)
        return;
    Sb__Cosign cosign = SB__COSIGN__INIT;
    cosign.size = f->record.size;
    cosign.root = (ProtobufCBinaryData){.len = 32, .data = f->record.root};
    cosign.witness_pk =
        (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)sb_secret_pk(f->witness)};
    cosign.time_s = f->record.cosignature.time_s;
    cosign.signature = (ProtobufCBinaryData){.len = 64, .data = f->record.cosignature.sig};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_COSIGN;
    frame.cosign = &cosign;
    sb_fol_send(f, &frame);
}

/* The same head again: the very same cosignature, or a later time now and then (freshness). */
static bool may_renew(sb_follower *f, sb_now now, uint64_t time_s)
{
    bool is_due = !f->has_recosigned_ms || now.mono_ms - f->recosigned_ms >= SB_FOL_RECOSIGN_MS;
    return is_due && time_s > f->record.cosignature.time_s;
}

void sb_fol_consider(sb_follower *f, sb_now now)
{
    if (!f->is_offered)
        return;
    f->block = check(f, now);
    if (f->block != SB_FOL_BLOCK_NONE)
        return; /* the offer stands: TICK looks again */
    f->is_offered = false;
    assert(f->offer.size >= f->record.size);
    uint64_t time_s = now.legal_ms / 1000;
    if (time_s < f->record.cosignature.time_s)
        time_s = f->record.cosignature.time_s; /* our own time never falls either */
    bool is_same = f->offer.size == f->record.size;
    if (is_same && !may_renew(f, now, time_s)) {
        sb_fol_resend_cosign(f);
        return;
    }
    sb_cosignature cosignature;
    if (sb_cosign(&f->offer, f->witness, time_s, &cosignature, NULL) != SB_OK)
        return; /* a faulty machine; the offer comes again */
    f->record.term = FOL_TERM;
    f->record.size = f->offer.size;
    memcpy(f->record.root, f->offer.root, 32);
    f->record.cosignature = cosignature;
    note_seal(f);
    f->recosigned_ms = now.mono_ms;
    f->has_recosigned_ms = true;
    keep_record(f);
    sb_fol_resend_cosign(f); /* leaves after the commit */
}
