/* Attachments that leaves name and that aren't held here yet: no head over them is cosigned, unless
 * it erases them too. What is erased goes when that is final. */
#include "nodes/follower/inside.h"

#include <stdlib.h>

/* The place of a blob in the rising list. */
static size_t find(const sb_follower *f, const uint8_t sha256[32], bool *is_there)
{
    size_t low = 0, high = f->missing_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(f->missing[middle].sha256, sha256, 32) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *is_there = low < f->missing_count && memcmp(f->missing[low].sha256, sha256, 32) == 0;
    return low;
}

static void insert(sb_follower *f, size_t at, const sb_fol_missing *blob)
{
    if (f->missing_count == f->missing_cap) {
        f->missing_cap = f->missing_cap == 0 ? 64 : f->missing_cap * 2;
        f->missing = sb_xrealloc(f->missing, f->missing_cap * sizeof *f->missing);
    }
    memmove(&f->missing[at + 1], &f->missing[at], (f->missing_count - at) * sizeof *f->missing);
    f->missing[at] = *blob;
    f->missing_count++;
}

bool sb_fol_missing_load(sb_follower *f)
{
    const uint8_t table = SB_FOL_ROW_MISSING;
    sb_slice prefix = sb_slice_of(&table, 1), key, value;
    uint8_t last[33] = {SB_FOL_ROW_MISSING};
    sb_slice from = prefix;
    for (bool inclusive = true; sb_kv_next_in(f->own, prefix, from, inclusive, &key, &value);
         inclusive = false) {
        if (key.len != sizeof last)
            return false;
        memcpy(last, key.data, key.len);
        from = sb_slice_of(last, sizeof last);
        sb_reader r = sb_reader_over(value);
        sb_fol_missing blob = {.size = sb_read_u64(&r)};
        blob.index = sb_read_u64(&r);
        memcpy(blob.sha256, last + 1, 32);
        if (!sb_reader_done(&r))
            return false;
        if (!sb_ledger_blob_erased(f->ledger, blob.sha256, &blob.erased_index))
            blob.erased_index = UINT64_MAX;
        if (!f->log.has_blob(f->log.arg, blob.sha256)) /* else it came, and then we fell */
            insert(f, f->missing_count, &blob);
    }
    return true;
}

/* The leaf erases a blob that was still missing. */
static void missing_erased(sb_follower *f, uint64_t index, const sb_leaf *leaf)
{
    const Sb__BlobErase *m = (const void *)leaf->message;
    bool is_there;
    size_t at = find(f, m->blob_sha256.data, &is_there);
    if (is_there)
        f->missing[at].erased_index = index;
}

void sb_fol_missing_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf)
{
    if (leaf->entry.type == SB_ENTRY_BLOB_ERASE)
        missing_erased(f, index, leaf);
    for (size_t i = 0; i < leaf->blob_count; i++) {
        const Sb__BlobRef *ref = leaf->blobs[i];
        if (ref->sha256.len != 32 || f->log.has_blob(f->log.arg, ref->sha256.data))
            continue;
        bool is_there;
        size_t at = find(f, ref->sha256.data, &is_there);
        if (is_there)
            continue;
        sb_fol_missing blob = {.size = ref->size, .index = index, .erased_index = UINT64_MAX};
        memcpy(blob.sha256, ref->sha256.data, 32);
        insert(f, at, &blob);
        uint8_t row[16];
        sb_writer w = sb_writer_over(row, sizeof row);
        sb_write_u64(&w, blob.size);
        sb_write_u64(&w, blob.index);
        sb_fol_put(f, SB_FOL_ROW_MISSING, sb_slice_of(blob.sha256, 32), sb_writer_slice(&w));
    }
}

bool sb_fol_missing_below(const sb_follower *f, uint64_t size)
{
    for (size_t i = 0; i < f->missing_count; i++)
        if (f->missing[i].index < size && f->missing[i].erased_index >= size)
            return true;
    return false;
}

uint32_t sb_fol_missing_count(const sb_follower *f)
{
    uint32_t count = 0;
    for (size_t i = 0; i < f->missing_count; i++)
        count += f->missing[i].erased_index == UINT64_MAX;
    return count;
}

void sb_fol_erase_final(sb_follower *f)
{
    uint64_t index = f->erase_from;
    uint8_t sha256[32];
    while (index < f->final_size && sb_ledger_erasure_next(f->ledger, &index, sha256) &&
           index < f->final_size) {
        sb_commit_erase_blob(&f->commit, sha256);
        sb_fol_blob_stored(f, sha256); /* nobody waits for it any more */
        index++;
    }
    f->erase_from = f->final_size;
}

void sb_fol_blob_stored(sb_follower *f, const uint8_t sha256[32])
{
    bool is_there;
    size_t at = find(f, sha256, &is_there);
    if (!is_there)
        return;
    f->missing_count--;
    memmove(&f->missing[at], &f->missing[at + 1], (f->missing_count - at) * sizeof *f->missing);
    sb_fol_del(f, SB_FOL_ROW_MISSING, sb_slice_of(sha256, 32));
}

void sb_fol_missing_cut(sb_follower *f, uint64_t size)
{
    for (size_t i = 0; i < f->missing_count; i++)
        if (f->missing[i].index >= size)
            sb_fol_del(f, SB_FOL_ROW_MISSING, sb_slice_of(f->missing[i].sha256, 32));
}

/* Whom to ask: the broker first, then the other nodes in turn. 0: nobody. */
static uint32_t whom(const sb_follower *f, uint32_t tries)
{
    uint32_t source = f->catchup.is_on ? f->catchup.link : f->followed;
    uint32_t nodes = 0, at = tries;
    for (size_t i = 0; i < f->link_count; i++)
        nodes += f->links[i].role == SB_FOL_ROLE_NODE && f->links[i].welcomed;
    if (nodes + (source != 0) == 0)
        return 0;
    at %= nodes + (source != 0);
    if (source != 0 && at-- == 0)
        return source;
    for (size_t i = 0; i < f->link_count; i++)
        if (f->links[i].role == SB_FOL_ROLE_NODE && f->links[i].welcomed && at-- == 0)
            return f->links[i].number;
    return source;
}

void sb_fol_missing_ask(sb_follower *f, sb_now now)
{
    size_t asked = 0;
    for (size_t i = 0; i < f->missing_count && asked < SB_FOL_BLOBS_ASKED_MAX; i++) {
        sb_fol_missing *blob = &f->missing[i];
        if (blob->erased_index != UINT64_MAX)
            continue;
        asked++;
        uint32_t link = whom(f, blob->tries);
        if (link == 0 || (blob->asked_ms != 0 && now.mono_ms - blob->asked_ms < SB_FOL_BLOB_MS))
            continue;
        blob->asked_ms = now.mono_ms;
        blob->tries++;
        sb_fol_effect *effect = sb_fol_emit(f, SB_FOL_WANT_BLOB);
        effect->link = link;
        memcpy(effect->blob, blob->sha256, 32);
        effect->blob_bytes = blob->size;
    }
}
