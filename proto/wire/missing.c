#include "proto/wire/missing.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/cursor.h"

enum { KEY_BYTES = 1 + 32, ROW_BYTES = 8 + 8 };

void sb_missing_init(sb_missing *m, uint8_t table)
{
    *m = (sb_missing){.table = table};
}

void sb_missing_deinit(sb_missing *m)
{
    free(m->blobs);
    *m = (sb_missing){0};
}

/* The place of a blob in the rising list. */
static size_t place(const sb_missing *m, const uint8_t sha256[32], bool *is_there)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(m->blobs[middle].sha256, sha256, 32) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *is_there = low < m->count && memcmp(m->blobs[low].sha256, sha256, 32) == 0;
    return low;
}

static void insert(sb_missing *m, size_t at, const sb_missing_blob *blob)
{
    if (m->count == m->cap) {
        m->cap = m->cap == 0 ? 64 : m->cap * 2;
        m->blobs = sb_xrealloc(m->blobs, m->cap * sizeof *m->blobs);
    }
    memmove(&m->blobs[at + 1], &m->blobs[at], (m->count - at) * sizeof *m->blobs);
    m->blobs[at] = *blob;
    m->count++;
}

sb_missing_blob *sb_missing_find(sb_missing *m, const uint8_t sha256[32])
{
    bool is_there;
    size_t at = place(m, sha256, &is_there);
    return is_there ? &m->blobs[at] : NULL;
}

/* ---- rows ---- */

static sb_slice row_key(const sb_missing *m, const uint8_t sha256[32], uint8_t out[KEY_BYTES])
{
    out[0] = m->table;
    memcpy(out + 1, sha256, 32);
    return sb_slice_of(out, KEY_BYTES);
}

bool sb_missing_load(sb_missing *m, sb_kv *own, const sb_log_reader *log)
{
    sb_kv_walk row = {.kv = own, .prefix = sb_slice_of(&m->table, 1)};
    while (sb_kv_walk_next(&row)) {
        if (row.key.len != KEY_BYTES)
            return false;
        sb_reader r = sb_reader_over(row.value);
        sb_missing_blob blob = {.size = sb_read_u64(&r), .erased_index = UINT64_MAX};
        blob.index = sb_read_u64(&r);
        memcpy(blob.sha256, row.key.data + 1, 32);
        if (!sb_reader_done(&r))
            return false;
        if (!log->has_blob(log->arg, blob.sha256)) /* else it came, and then we fell */
            insert(m, m->count, &blob);
    }
    return true;
}

void sb_missing_leaf(sb_missing *m, const sb_log_reader *log, uint64_t index, const sb_leaf *leaf,
                     sb_commit_builder *commit)
{
    for (size_t i = 0; i < leaf->blob_count; i++) {
        const Sb__BlobRef *ref = leaf->blobs[i];
        bool is_there;
        if (ref->sha256.len != 32 || log->has_blob(log->arg, ref->sha256.data))
            continue;
        size_t at = place(m, ref->sha256.data, &is_there);
        if (is_there)
            continue;
        sb_missing_blob blob = {.size = ref->size, .index = index, .erased_index = UINT64_MAX};
        memcpy(blob.sha256, ref->sha256.data, 32);
        insert(m, at, &blob);
        uint8_t row[ROW_BYTES], key[KEY_BYTES];
        sb_writer w = sb_writer_over(row, sizeof row);
        sb_write_u64(&w, blob.size);
        sb_write_u64(&w, blob.index);
        sb_commit_put_row(commit, row_key(m, blob.sha256, key), sb_writer_slice(&w));
    }
}

void sb_missing_del_row(const sb_missing *m, const uint8_t sha256[32], sb_commit_builder *commit)
{
    uint8_t key[KEY_BYTES];
    sb_commit_del_row(commit, row_key(m, sha256, key));
}

void sb_missing_done(sb_missing *m, const uint8_t sha256[32], sb_commit_builder *commit)
{
    bool is_there;
    size_t at = place(m, sha256, &is_there);
    if (!is_there)
        return;
    if (commit != NULL)
        sb_missing_del_row(m, sha256, commit);
    m->count--;
    memmove(&m->blobs[at], &m->blobs[at + 1], (m->count - at) * sizeof *m->blobs);
}
