#include "proto/wire/missing.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/cursor.h"

enum { KEY_BYTES = SB_MISSING_KEY_BYTES, ROW_BYTES = 8 + 8 };

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

sb_slice sb_missing_key(uint8_t table, const uint8_t sha256[32], uint8_t *out)
{
    out[0] = table;
    memcpy(out + 1, sha256, 32);
    return sb_slice_of(out, KEY_BYTES);
}

static sb_slice write_row(uint64_t size, uint64_t index, uint8_t out[ROW_BYTES])
{
    sb_writer w = sb_writer_over(out, ROW_BYTES);
    sb_write_u64(&w, size);
    sb_write_u64(&w, index);
    return sb_writer_slice(&w);
}

void sb_missing_put_row(sb_kv *kv, sb_slice key, uint64_t size, uint64_t index)
{
    uint8_t row[ROW_BYTES];
    if (!sb_kv_get(kv, key, NULL))
        sb_kv_put(kv, key, write_row(size, index, row));
}

bool sb_missing_read_row(sb_slice value, uint64_t *size, uint64_t *index)
{
    sb_reader r = sb_reader_over(value);
    *size = sb_read_u64(&r);
    *index = sb_read_u64(&r);
    return sb_reader_done(&r);
}

bool sb_missing_row_holds(const sb_log_reader *log, sb_slice key, sb_slice value)
{
    uint64_t size, index;
    sb_slice bytes;
    sb_arena arena;
    sb_leaf leaf;
    bool is_named = false;
    if (key.len != KEY_BYTES || !sb_missing_read_row(value, &size, &index) ||
        !log->leaf(log->arg, index, &bytes))
        return false;
    sb_arena_init(&arena);
    if (sb_leaf_open(bytes, &arena, &leaf, NULL) == SB_OK)
        for (size_t i = 0; i < leaf.blob_count; i++) {
            const Sb__BlobRef *ref = leaf.blobs[i];
            is_named = is_named || (ref->size == size && ref->sha256.len == 32 &&
                                    memcmp(ref->sha256.data, key.data + 1, 32) == 0);
        }
    sb_arena_deinit(&arena);
    return is_named;
}

bool sb_missing_load(sb_missing *m, sb_kv *own, const sb_log_reader *log)
{
    sb_kv_walk row = {.kv = own, .prefix = sb_slice_of(&m->table, 1)};
    while (sb_kv_walk_next(&row)) {
        sb_missing_blob blob = {.erased_index = UINT64_MAX};
        if (row.key.len != KEY_BYTES || !sb_missing_read_row(row.value, &blob.size, &blob.index))
            return false;
        memcpy(blob.sha256, row.key.data + 1, 32);
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
        sb_commit_put_row(commit, sb_missing_key(m->table, blob.sha256, key),
                          write_row(blob.size, blob.index, row));
    }
}

void sb_missing_del_row(const sb_missing *m, const uint8_t sha256[32], sb_commit_builder *commit)
{
    uint8_t key[KEY_BYTES];
    sb_commit_del_row(commit, sb_missing_key(m->table, sha256, key));
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
