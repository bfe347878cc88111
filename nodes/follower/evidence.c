/* Evidence: what convicts a log key, kept as files that others can judge (proto/evidence). */
#include "nodes/follower/inside.h"

/* ---- rows ---- */

static bool next_evidence(sb_follower *f, uint64_t *at, sb_fol_evidence *out)
{
    uint8_t key[9];
    const uint8_t table = SB_FOL_ROW_EVIDENCE;
    sb_writer w = sb_writer_over(key, sizeof key);
    sb_write_u8(&w, table);
    sb_write_u64(&w, *at);
    sb_slice found, value;
    if (!sb_kv_next_in(f->own, sb_slice_of(&table, 1), sb_slice_of(key, sizeof key), true, &found,
                       &value) ||
        found.len != sizeof key)
        return false;
    sb_reader k = sb_reader_over(sb_slice_of(found.data + 1, 8)), r = sb_reader_over(value);
    out->number = sb_read_u64(&k);
    out->term = sb_read_u32(&r);
    out->code = (sb_err)sb_read_u32(&r);
    out->size = sb_read_u64(&r);
    out->file = sb_read_bytes(&r, sb_reader_left(&r));
    *at = out->number + 1;
    return sb_reader_done(&r);
}

bool sb_follower_evidence_next(sb_follower *f, uint64_t *at, sb_fol_evidence *out)
{
    return next_evidence(f, at, out);
}

static bool stops_cosigning(sb_err code)
{
    return code == SB_E_FOLLOWER_CONFLICT || code == SB_E_FOLLOWER_RECEIPT;
}

bool sb_fol_has_evidence(sb_follower *f, uint32_t term)
{
    uint64_t at = 0;
    for (sb_fol_evidence e; next_evidence(f, &at, &e);)
        if (e.term == term && stops_cosigning(e.code))
            return true;
    return false;
}

bool sb_fol_is_convicted(sb_follower *f, uint32_t term)
{
    uint64_t at = 0;
    for (sb_fol_evidence e; next_evidence(f, &at, &e);)
        if (e.term == term && stops_cosigning(e.code) && e.file.len > 0)
            return true;
    return false;
}

bool sb_fol_load_evidence(sb_follower *f)
{
    for (sb_fol_evidence e; next_evidence(f, &f->evidence_next, &e);)
        f->evidence_count++;
    f->conflict = sb_fol_has_evidence(f, sb_fol_term(f));
    return true;
}

/* Enough of this kind in this term? Those without a file don't count against those with one. */
static bool is_enough(sb_follower *f, uint32_t term, sb_err code, bool has_file)
{
    uint64_t at = 0;
    uint32_t count = 0;
    for (sb_fol_evidence e; next_evidence(f, &at, &e);)
        count += e.term == term && e.code == code && (e.file.len > 0) == has_file;
    return count >= (has_file ? SB_FOL_EVIDENCE_A_TERM : 1);
}

bool sb_fol_keep_evidence(sb_follower *f, uint32_t term, sb_err code, uint64_t size, sb_slice file)
{
    if (is_enough(f, term, code, file.len > 0))
        return false;
    size_t len = 4 + 4 + 8 + file.len;
    uint8_t key[8];
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    sb_writer k = sb_writer_over(key, sizeof key);
    sb_write_u32(&w, term);
    sb_write_u32(&w, (uint32_t)code);
    sb_write_u64(&w, size);
    sb_write_bytes(&w, file);
    sb_write_u64(&k, f->evidence_next++);
    f->evidence_count++;
    sb_fol_put(f, SB_FOL_ROW_EVIDENCE, sb_writer_slice(&k), sb_writer_slice(&w));
    return true;
}

void sb_fol_conflict(sb_follower *f, uint32_t term, sb_err code, uint64_t size, sb_slice file)
{
    if (!sb_fol_keep_evidence(f, term, code, size, file))
        return;
    if (term == sb_fol_term(f))
        f->conflict = true;
    sb_fail_num(&sb_fol_emit(f, SB_FOL_CONFLICT)->fail, code, 1, size, 0);
}

/* ---- files ---- */

bool sb_fol_make_tie(sb_follower *f, uint32_t term, sb_fol_tie *out)
{
    sb_slice leaf;
    sb_ledger_term_info info;
    *out = (sb_fol_tie){0};
    if (!sb_ledger_federation_id(f->ledger, out->federation_id) || !sb_fol_read_leaf(f, 0, &leaf) ||
        leaf.len < 8)
        return false;
    leaf = sb_arena_copy(&f->scratch, leaf);
    out->tie.federation_id = out->federation_id;
    out->tie.genesis = sb_slice_of(leaf.data + 8, leaf.len - 8);
    if (term > 1) {
        if (!sb_ledger_term_get(f->ledger, term, &info) || !sb_fol_read_leaf(f, info.index, &leaf))
            return false;
        out->tie.handover = sb_arena_copy(&f->scratch, leaf);
    }
    return true;
}

/* `root` and `proof`: what the longer one of the notes has at the size of the shorter. */
static void keep_heads(sb_follower *f, uint32_t term, sb_slice note_a, sb_slice note_b,
                       const uint8_t root[32], const sb_proof *proof, uint64_t size)
{
    sb_fol_tie tie;
    sb_buf file;
    sb_buf_init(&file);
    bool is_made =
        note_a.len > 0 && note_b.len > 0 && sb_fol_make_tie(f, term, &tie) &&
        sb_evidence_make_heads(&tie.tie, note_a, note_b, root, proof, &file, NULL) == SB_OK;
    if (!is_made)
        sb_buf_clear(&file);
    sb_fol_conflict(f, term, SB_E_FOLLOWER_CONFLICT, size, sb_buf_slice(&file));
    sb_buf_deinit(&file);
}

void sb_fol_conflicting_head(sb_follower *f, uint32_t term, sb_slice note,
                             const sb_checkpoint *head)
{
    uint8_t root[32];
    sb_proof proof;
    sb_slice ours = sb_buf_slice(&f->head_note);
    bool is_longer = f->head.size > head->size;
    if (f->head.size < head->size || sb_fol_origin_term(f->head.origin) != term ||
        !sb_fol_root_at(f, head->size, root) ||
        (is_longer && sb_tree_consistency(sb_ledger_tree(f->ledger), head->size, f->head.size,
                                          sb_commit_tiles(&f->commit), &proof, NULL) != SB_OK))
        ours = (sb_slice){0}; /* seen, and not to be shown to others */
    keep_heads(f, term, note, ours, is_longer ? root : NULL, is_longer ? &proof : NULL, head->size);
}

void sb_fol_conflicting_longer(sb_follower *f, uint32_t term, sb_slice ours, sb_slice note,
                               const sb_checkpoint *head, const uint8_t root[32],
                               const sb_proof *proof)
{
    keep_heads(f, term, ours, note, root, proof, head->size);
}

/* ---- receipts ---- */

/* The receipt's leaf and proof; false: unreadable. */
static bool read_receipt(sb_follower *f, const sb_fol_stored *s, sb_proof *proof, sb_slice *leaf,
                         sb_slice *note)
{
    const Sb__Frame *frame;
    if (sb_frame_decode(sb_arena_copy(&f->scratch, s->receipt), &f->scratch, &frame, NULL) !=
            SB_OK ||
        frame->body_case != SB__FRAME__BODY_RECEIPT ||
        frame->receipt->n_proof > SB_PROOF_HASHES_MAX)
        return false;
    const Sb__Receipt *receipt = frame->receipt;
    proof->count = 0;
    for (size_t i = 0; i < receipt->n_proof; i++) {
        if (receipt->proof[i].len != 32)
            return false;
        memcpy(proof->hashes[proof->count++].b, receipt->proof[i].data, 32);
    }
    size_t len = 8 + s->entry.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    sb_write_u64(&w, receipt->sequenced_at_ms);
    sb_write_bytes(&w, s->entry);
    *leaf = sb_writer_slice(&w);
    *note = sb_slice_of(receipt->head.data, receipt->head.len);
    return true;
}

static void convict(sb_follower *f, uint64_t index, const sb_fol_stored *s, sb_slice other)
{
    sb_proof proof, other_proof;
    sb_evidence_receipt r = {.index = index, .proof = &proof, .other_proof = &other_proof};
    uint8_t hash[32];
    sb_fol_tie tie;
    sb_buf file;
    uint32_t term = sb_fol_term(f);
    sb_buf_init(&file);
    sb_leaf_hash(other, hash);
    r.other = hash;
    r.later = sb_buf_slice(&f->head_note);
    bool is_made = read_receipt(f, s, &proof, &r.leaf, &r.note) &&
                   sb_tree_inclusion(sb_ledger_tree(f->ledger), index, f->head.size,
                                     sb_commit_tiles(&f->commit), &other_proof, NULL) == SB_OK &&
                   sb_fol_make_tie(f, term, &tie) &&
                   sb_evidence_make_receipt(&tie.tie, &r, &file, NULL) == SB_OK;
    if (!is_made)
        sb_buf_clear(&file);
    sb_fol_conflict(f, term, SB_E_FOLLOWER_RECEIPT, index, sb_buf_slice(&file));
    sb_buf_deinit(&file);
}

static void settle(sb_follower *f, sb_fol_row *row)
{
    sb_fol_row_count(f, row, false);
    row->is_settled = true;
    sb_fol_row_count(f, row, true);
}

void sb_fol_convict(sb_follower *f, sb_fol_row *row, uint64_t index, sb_slice receipt,
                    sb_slice entry)
{
    sb_slice leaf;
    sb_fol_stored s = {.entry = entry};
    if (row->is_settled || !sb_fol_read_leaf(f, index, &leaf))
        return;
    settle(f, row);
    leaf = sb_arena_copy(&f->scratch, leaf);
    s.receipt = sb_arena_copy(&f->scratch, receipt);
    convict(f, index, &s, leaf);
}

/* The log has reached the receipt's place. Of an older term: what isn't kept of it was cut off. */
static void check_receipt(sb_follower *f, sb_fol_row *row, const sb_fol_stored *s)
{
    sb_proof proof;
    sb_slice leaf, note;
    sb_checkpoint head;
    uint8_t root[32];
    uint32_t term = sb_fol_term(f);
    bool is_there =
        row->in_log && row->index == row->receipt_index && row->sequenced_at_ms == row->receipt_ms;
    if (!read_receipt(f, s, &proof, &leaf, &note) ||
        sb_checkpoint_parse(note, &head, NULL) != SB_OK ||
        sb_fol_origin_term(head.origin) != term) {
        settle(f, row);
    } else if (!is_there) {
        sb_fol_convict(f, row, row->receipt_index, s->receipt, s->entry);
    } else if (head.size <= f->head.size) {
        settle(f, row); /* its place is right; is the history below it ours? */
        if (sb_fol_root_at(f, head.size, root) && memcmp(root, head.root, 32) != 0)
            sb_fol_conflicting_head(f, term, note, &head);
    }
}

void sb_fol_check_receipts(sb_follower *f)
{
    for (size_t i = 0; f->receipted > 0 && i < f->row_count; i++) {
        sb_fol_row *row = &f->rows[i];
        sb_fol_stored s;
        if (!row->has_receipt || row->is_settled || row->receipt_index >= f->head.size ||
            !sb_fol_row_read(f, row, &s))
            continue;
        s.entry = sb_arena_copy(&f->scratch, s.entry);
        check_receipt(f, row, &s);
    }
}
