#include "proto/merkle/head_notes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { COSIGNERS_A_NOTE = SB_NOTE_SIGNATURES_MAX - 1 };

static int by_pk(const void *a, const void *b)
{
    const sb_cosigner *x = a, *y = b;
    return memcmp(x->pk, y->pk, 32);
}

void sb_cosigners_sort(sb_cosigner *cosigners, size_t count)
{
    if (count > 1)
        qsort(cosigners, count, sizeof *cosigners, by_pk);
}

uint32_t sb_head_note_count(const sb_signed_head *h)
{
    size_t count = (h->cosigner_count + COSIGNERS_A_NOTE - 1) / COSIGNERS_A_NOTE;
    return count == 0 ? 1 : (uint32_t)count;
}

static void write_note(const sb_signed_head *h, size_t first, size_t count, sb_buf *out)
{
    uint8_t id[4];
    sb_slice origin = sb_slice_str(h->head.origin);
    sb_checkpoint_body(&h->head, out);
    sb_buf_str(out, "\n");
    sb_note_key_id(origin, SB_NOTE_TYPE_LOG, h->log_pk, id);
    sb_note_add_line(out, origin, id, sb_slice_of(h->log_signature, 64));
    for (size_t i = first; i < h->cosigner_count && i - first < count; i++) {
        char name[SB_ORIGIN_BYTES_MAX + SB_ID_BYTES_MAX + 2];
        const sb_cosigner *c = &h->cosigners[i];
        snprintf(name, sizeof name, "%s/%s", h->head.origin, c->organisation);
        sb_cosignature_add_line(out, sb_slice_str(name), c->pk, &c->cosignature);
    }
}

void sb_head_note(const sb_signed_head *h, uint32_t which, sb_buf *out)
{
    assert(which < sb_head_note_count(h));
    write_note(h, (size_t)which * COSIGNERS_A_NOTE, COSIGNERS_A_NOTE, out);
}

void sb_head_whole_note(const sb_signed_head *h, sb_buf *out)
{
    write_note(h, 0, h->cosigner_count, out);
}
