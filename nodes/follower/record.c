/* The organisation's record (DESIGN §4): what it cosigned last, what it promised, the highest SEAL
 * it ever held. It never falls; leaves that are cut off don't change it. */
#include "nodes/follower/inside.h"

#include <assert.h>

enum {
    COSIGNED_BYTES = 4 + 8 + 32 + 8 + 64 + 32,
    HEAD_BYTES = 4 + 8 + 32,
    ONE_BYTES = 32 + 8 + 64
};

static void write_head(sb_writer *w, const sb_head *head)
{
    sb_write_u32(w, head->term);
    sb_write_u64(w, head->size);
    sb_write_bytes(w, sb_slice_of(head->root, 32));
}

static void read_head(sb_reader *r, sb_head *head)
{
    head->term = sb_read_u32(r);
    head->size = sb_read_u64(r);
    sb_read_into(r, head->root, 32);
}

/* ---- loading ---- */

static bool load_cosigned(sb_follower *f)
{
    sb_slice row;
    if (!sb_fol_own_row(f, SB_FOL_ROW_COSIGNED, &row))
        return true;
    sb_reader r = sb_reader_over(row);
    read_head(&r, &f->record.last);
    f->record.cosignature.time_s = sb_read_u64(&r);
    sb_read_into(&r, f->record.cosignature.sig, 64);
    sb_read_into(&r, f->record.witness_pk, 32);
    return sb_reader_done(&r);
}

static bool load_promised(sb_follower *f)
{
    sb_slice row;
    if (!sb_fol_own_row(f, SB_FOL_ROW_PROMISED, &row))
        return true;
    sb_reader r = sb_reader_over(row);
    f->promised.term = sb_read_u32(&r);
    sb_read_into(&r, f->promised.log_pk, 32);
    sb_buf_clear(&f->promised.packed);
    sb_buf_add(&f->promised.packed, sb_read_bytes(&r, sb_reader_left(&r)));
    return sb_reader_done(&r) && f->promised.term > 0 && f->promised.packed.len > 0;
}

static bool load_sealed(sb_follower *f)
{
    sb_slice row;
    if (!sb_fol_own_row(f, SB_FOL_ROW_SEALED, &row))
        return true;
    sb_reader r = sb_reader_over(row);
    read_head(&r, &f->sealed.head);
    sb_buf_clear(&f->sealed.cosignatures);
    sb_buf_add(&f->sealed.cosignatures, sb_read_bytes(&r, sb_reader_left(&r)));
    return sb_reader_done(&r) && f->sealed.cosignatures.len % ONE_BYTES == 0;
}

static bool load_consent(sb_follower *f)
{
    sb_slice row;
    if (!sb_fol_own_row(f, SB_FOL_ROW_CONSENT, &row))
        return true;
    sb_reader r = sb_reader_over(row);
    f->consent.term = sb_read_u32(&r);
    sb_read_into(&r, f->consent.log_pk, 32);
    sb_read_into(&r, f->consent.curve_pk, 32);
    sb_read_into(&r, f->consent_sig, 64);
    sb_buf_clear(&f->consent_address);
    sb_buf_add(&f->consent_address, sb_read_bytes(&r, sb_reader_left(&r)));
    f->consent.address = sb_buf_slice(&f->consent_address);
    f->has_consent = true;
    return sb_reader_done(&r);
}

static bool load_restored(sb_follower *f)
{
    sb_slice row;
    if (!sb_fol_own_row(f, SB_FOL_ROW_RESTORED, &row))
        return true;
    sb_reader r = sb_reader_over(row);
    f->restored_s = sb_read_u64(&r);
    f->has_caught_up = sb_read_u8(&r) == 1;
    f->restored_term = sb_read_u32(&r);
    f->is_restored = true;
    return sb_reader_done(&r);
}

bool sb_fol_load_record(sb_follower *f)
{
    return load_cosigned(f) && load_promised(f) && load_sealed(f) && load_consent(f) &&
           load_restored(f);
}

/* ---- keeping ---- */

void sb_fol_keep_cosigned(sb_follower *f)
{
    uint8_t row[COSIGNED_BYTES];
    const sb_fol_record *record = &f->record;
    sb_writer w = sb_writer_over(row, sizeof row);
    write_head(&w, &record->last);
    sb_write_u64(&w, record->cosignature.time_s);
    sb_write_bytes(&w, sb_slice_of(record->cosignature.sig, 64));
    sb_write_bytes(&w, sb_slice_of(record->witness_pk, 32));
    assert(!w.failed && w.at == sizeof row);
    sb_fol_put(f, SB_FOL_ROW_COSIGNED, sb_slice_of(NULL, 0), sb_writer_slice(&w));
}

void sb_fol_keep_promised(sb_follower *f)
{
    size_t len = 4 + 32 + f->promised.packed.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    sb_write_u32(&w, f->promised.term);
    sb_write_bytes(&w, sb_slice_of(f->promised.log_pk, 32));
    sb_write_bytes(&w, sb_buf_slice(&f->promised.packed));
    sb_fol_put(f, SB_FOL_ROW_PROMISED, sb_slice_of(NULL, 0), sb_writer_slice(&w));
}

void sb_fol_keep_sealed(sb_follower *f)
{
    if (!f->sealed.is_new)
        return;
    f->sealed.is_new = false;
    size_t len = HEAD_BYTES + f->sealed.cosignatures.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    write_head(&w, &f->sealed.head);
    sb_write_bytes(&w, sb_buf_slice(&f->sealed.cosignatures));
    sb_fol_put(f, SB_FOL_ROW_SEALED, sb_slice_of(NULL, 0), sb_writer_slice(&w));
}

void sb_fol_keep_restored(sb_follower *f)
{
    uint8_t key[1], row[13];
    sb_follower_restored_row(f->restored_s, key, row);
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u64(&w, f->restored_s);
    sb_write_u8(&w, f->has_caught_up);
    sb_write_u32(&w, f->restored_term);
    sb_fol_put(f, SB_FOL_ROW_RESTORED, sb_slice_of(NULL, 0), sb_writer_slice(&w));
}

void sb_follower_restored_row(uint64_t restored_s, uint8_t key[1], uint8_t value[13])
{
    key[0] = SB_FOL_ROW_RESTORED;
    memset(value, 0, 13);
    sb_writer w = sb_writer_over(value, 8);
    sb_write_u64(&w, restored_s);
}

void sb_fol_caught_up(sb_follower *f, uint64_t quorum_s)
{
    if (!f->is_restored)
        return;
    if (!f->has_caught_up) {
        const Sb__Charter *charter = sb_ledger_charter(f->ledger);
        bool stands_still = charter != NULL && charter->rehearsal;
        if (stands_still ? quorum_s < f->restored_s : quorum_s <= f->restored_s)
            return;
        f->has_caught_up = true;
        f->restored_term = sb_fol_term(f);
        sb_fol_keep_restored(f);
    } else if (sb_fol_term(f) > f->restored_term) {
        f->is_restored = false; /* whatever was promised before is past */
        sb_fol_del(f, SB_FOL_ROW_RESTORED, sb_slice_of(NULL, 0));
    }
}

/* ---- the highest SEAL ---- */

static void raise(sb_follower *f, const sb_head *head, Sb__Cosignature *const *list, size_t count)
{
    if (sb_head_rank(head, &f->sealed.head) <= 0)
        return;
    f->sealed.head = *head;
    f->sealed.is_new = true;
    sb_buf_clear(&f->sealed.cosignatures);
    for (size_t i = 0; i < count; i++) {
        uint8_t one[ONE_BYTES];
        sb_writer w = sb_writer_over(one, sizeof one);
        sb_write_bytes(&w, sb_slice_of(list[i]->witness_pk.data, 32));
        sb_write_u64(&w, list[i]->time_s);
        sb_write_bytes(&w, sb_slice_of(list[i]->signature.data, 64));
        sb_buf_add(&f->sealed.cosignatures, sb_writer_slice(&w));
    }
}

void sb_fol_note_seal(sb_follower *f, const sb_leaf *leaf)
{
    if (leaf->entry.type == SB_ENTRY_SEAL) {
        const Sb__Seal *m = (const void *)leaf->message;
        sb_head head = {.term = sb_fol_term(f), .size = m->size};
        memcpy(head.root, m->root.data, 32);
        raise(f, &head, m->cosignatures, m->n_cosignatures);
    } else if (leaf->entry.type == SB_ENTRY_HANDOVER) {
        const Sb__Handover *m = (const void *)leaf->message;
        sb_head highest = {0};
        for (size_t i = 0; i < m->n_promises; i++) {
            sb_head head = sb_handover_head(m, m->promises[i]->seal);
            int rank = sb_head_rank(&head, &highest);
            uint8_t root[32]; /* of equal rank our log's, as the fold takes it: a liar names any */
            bool is_log = head.size > 0 && sb_fol_root_at(f, head.size, root) &&
                          memcmp(root, head.root, 32) == 0;
            if (rank > 0 || (rank == 0 && is_log))
                highest = head;
        }
        raise(f, &highest, m->cosignatures, m->n_cosignatures);
    }
}

/* ---- our own hand in the log ---- */

/* Cosigned by our organisation, as the fold has verified: then it is what we cosigned last, or
 * something before it. Beyond what the record knows: the record was lost. */
static bool is_beyond(sb_follower *f, const sb_head *head)
{
    return sb_head_rank(head, &f->record.last) > 0;
}

static bool is_ours(sb_follower *f, const ProtobufCBinaryData *pk)
{
    sb_ledger_org org;
    return pk->len == 32 && sb_ledger_witness(f->ledger, pk->data, &org) &&
           strcmp(org.id, f->organisation) == 0;
}

/* It takes the place of the record that was lost, so far as the log knows it. */
static bool recall_cosigned(sb_follower *f, const sb_head *head, const Sb__Cosignature *c)
{
    if (!is_ours(f, &c->witness_pk) || !is_beyond(f, head))
        return false;
    f->record.last = *head;
    f->record.cosignature.time_s = c->time_s;
    memcpy(f->record.cosignature.sig, c->signature.data, 64);
    memcpy(f->record.witness_pk, c->witness_pk.data, 32);
    sb_fol_keep_cosigned(f);
    return true;
}

static bool recall_promised(sb_follower *f, const Sb__Handover *m, const Sb__Promised *p)
{
    return is_ours(f, &p->witness_pk) &&
           (m->term > f->promised.term ||
            (m->term == f->promised.term && memcmp(f->promised.log_pk, m->log_pk.data, 32) != 0));
}

void sb_fol_recall(sb_follower *f, const sb_leaf *leaf, sb_now now)
{
    bool is_lost = false;
    if (leaf->entry.type == SB_ENTRY_SEAL) {
        const Sb__Seal *m = (const void *)leaf->message;
        sb_head head = {.term = sb_fol_term(f), .size = m->size};
        memcpy(head.root, m->root.data, 32);
        for (size_t i = 0; i < m->n_cosignatures; i++)
            is_lost |= recall_cosigned(f, &head, m->cosignatures[i]);
    } else if (leaf->entry.type == SB_ENTRY_HANDOVER) {
        const Sb__Handover *m = (const void *)leaf->message;
        for (size_t i = 0; i < m->n_promises; i++)
            is_lost |= recall_promised(f, m, m->promises[i]);
    }
    if (!is_lost || (f->is_restored && !f->has_caught_up))
        return;
    f->is_restored = true;
    f->has_caught_up = false;
    f->restored_s = now.legal_ms / 1000;
    sb_fol_keep_restored(f);
}
