/* What a HANDOVER cuts off is handed in again: what waits here already is queued anew, and what was
 * handed in elsewhere is kept too, for that node may be gone or slow (DESIGN §4). */
#include "nodes/follower/inside.h"

#include <stdlib.h>

void sb_fol_outbox_rearm(sb_follower *f, uint64_t size)
{
    for (size_t i = 0; i < f->row_count; i++) {
        sb_fol_row *row = &f->rows[i];
        sb_fol_stored s;
        bool is_cut = row->in_log && row->index >= size;
        if (is_cut || !row->in_log) {
            row->waits_turn = row->ends;
            row->turn_ms = 0;
        }
        if (!is_cut && (row->in_log || !row->has_receipt))
            continue;
        sb_fol_row_count(f, row, false);
        row->has_receipt = row->in_log = row->was_sent = row->is_settled = false;
        row->was_cut = true;
        row->has_refusal = false;
        sb_fol_row_count(f, row, true);
        if (sb_fol_row_read(f, row, &s))
            sb_fol_row_store(f, row, sb_slice_of(NULL, 0), sb_arena_copy(&f->scratch, s.entry));
    }
}

/* While what is cut off is gone through. */
typedef struct cut_walk {
    uint32_t others;         /* rows of others that were cut off */
    uint8_t (*left_out)[32]; /* keys: what comes later of them would supersede what isn't kept */
    size_t left_out_count, left_out_cap;
} cut_walk;

static bool is_left_out(const cut_walk *w, const uint8_t pk[32])
{
    for (size_t i = 0; i < w->left_out_count; i++)
        if (memcmp(w->left_out[i], pk, 32) == 0)
            return true;
    return false;
}

static void leave_out(cut_walk *w, const uint8_t pk[32])
{
    if (w->left_out_count == w->left_out_cap) {
        w->left_out_cap = w->left_out_cap == 0 ? 16 : w->left_out_cap * 2;
        w->left_out = sb_xrealloc(w->left_out, w->left_out_cap * sizeof *w->left_out);
    }
    memcpy(w->left_out[w->left_out_count++], pk, 32);
}

static void keep_cut(sb_follower *f, uint64_t index, cut_walk *w)
{
    sb_slice bytes;
    sb_entry entry;
    sb_leaf leaf;
    sb_fail fail = {0};
    if (!f->log.leaf(f->log.arg, index, &bytes) || bytes.len < 8 ||
        sb_entry_parse(sb_slice_of(bytes.data + 8, bytes.len - 8), &entry, NULL) != SB_OK ||
        sb_entry_type_is_system(entry.type) ||
        sb_fol_row_find(f, entry.signer_pk, entry.signer_seq) != NULL ||
        is_left_out(w, entry.signer_pk))
        return;
    bool of_peer = !sb_fol_goes_before_ours(f, entry.signer_pk, entry.signer_seq);
    if (of_peer && w->others >= SB_FOL_PEER_ENTRIES_MAX) {
        leave_out(w, entry.signer_pk);
        return;
    }
    bytes = sb_arena_copy(&f->scratch, bytes);
    if (sb_leaf_open(bytes, &f->scratch, &leaf, NULL) != SB_OK)
        return;
    if (sb_fol_outbox_check(f, &leaf, &fail) != SB_OK) {
        leave_out(w, leaf.entry.signer_pk);
        return;
    }
    sb_fol_row row = {.of_peer = of_peer, .was_cut = true};
    sb_fol_row_keep(f, &row, &leaf.entry);
    w->others += of_peer;
}

/* What was handed in elsewhere: that node may be gone, or slower than this one, which may have a
 * later entry of the same key, after which the log takes none that goes before it. */
void sb_fol_outbox_keep_cut(sb_follower *f, uint64_t size)
{
    uint64_t end = f->catchup.is_on ? f->catchup.began : f->committed; /* the rest isn't proved */
    cut_walk w = {.others = sb_fol_rows_of_peers(f, true)};
    for (uint64_t i = size > 0 ? size : 1; i < end; i++) /* 0: GENESIS */
        keep_cut(f, i, &w);
    free(w.left_out);
}
