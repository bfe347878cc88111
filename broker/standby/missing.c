#include "broker/standby/missing.h"

#include <stdlib.h>

#include "broker/standby/standby.h"
#include "proto/base/cursor.h"
#include "proto/wire/payload.h"

/* The place of a blob in the rising list. */
static size_t find(const sb_missing *m, const uint8_t sha256[32], bool *is_there)
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

static sb_slice row_key(const uint8_t sha256[32], uint8_t out[33])
{
    out[0] = SB_STANDBY_ROW_MISSING;
    memcpy(out + 1, sha256, 32);
    return sb_slice_of(out, 33);
}

bool sb_missing_load(sb_missing *m, sb_kv *own, sb_ledger *ledger, const sb_log_reader *log)
{
    const uint8_t table = SB_STANDBY_ROW_MISSING;
    sb_slice prefix = sb_slice_of(&table, 1), from = prefix, key, value;
    uint8_t last[33];
    sb_ledger_position position;
    sb_ledger_position_get(ledger, &position);
    *m = (sb_missing){0};
    for (bool inclusive = true; sb_kv_next_in(own, prefix, from, inclusive, &key, &value);
         inclusive = false) {
        if (key.len != sizeof last)
            return false;
        memcpy(last, key.data, key.len);
        from = sb_slice_of(last, sizeof last);
        sb_reader r = sb_reader_over(value);
        sb_missing_blob blob = {.size = sb_read_u64(&r)};
        blob.index = sb_read_u64(&r);
        memcpy(blob.sha256, last + 1, 32);
        if (!sb_reader_done(&r))
            return false;
        if (blob.index < position.size && !log->has_blob(log->arg, blob.sha256) &&
            !sb_ledger_blob_erased(ledger, blob.sha256, NULL))
            insert(m, m->count, &blob);
    }
    return true;
}

void sb_missing_deinit(sb_missing *m)
{
    free(m->blobs);
    *m = (sb_missing){0};
}

void sb_missing_leaf(sb_missing *m, const sb_log_reader *log, uint64_t index, const sb_leaf *leaf,
                     sb_commit_builder *commit)
{
    if (leaf->entry.type == SB_ENTRY_BLOB_ERASE)
        sb_missing_done(m, ((const Sb__BlobErase *)leaf->message)->blob_sha256.data, commit);
    for (size_t i = 0; i < leaf->blob_count; i++) {
        const Sb__BlobRef *ref = leaf->blobs[i];
        bool is_there;
        if (ref->sha256.len != 32 || log->has_blob(log->arg, ref->sha256.data))
            continue;
        size_t at = find(m, ref->sha256.data, &is_there);
        if (is_there)
            continue;
        sb_missing_blob blob = {.size = ref->size, .index = index};
        memcpy(blob.sha256, ref->sha256.data, 32);
        insert(m, at, &blob);
        uint8_t row[16], key[33];
        sb_writer w = sb_writer_over(row, sizeof row);
        sb_write_u64(&w, blob.size);
        sb_write_u64(&w, blob.index);
        sb_commit_put_row(commit, row_key(blob.sha256, key), sb_writer_slice(&w));
    }
}

void sb_missing_done(sb_missing *m, const uint8_t sha256[32], sb_commit_builder *commit)
{
    bool is_there;
    uint8_t key[33];
    size_t at = find(m, sha256, &is_there);
    if (!is_there)
        return;
    m->count--;
    memmove(&m->blobs[at], &m->blobs[at + 1], (m->count - at) * sizeof *m->blobs);
    if (commit != NULL)
        sb_commit_del_row(commit, row_key(sha256, key));
}

sb_missing_blob *sb_missing_next(sb_missing *m, uint64_t mono_ms, size_t *at)
{
    for (; *at < m->count && *at < SB_STANDBY_BLOBS_ASKED_MAX; (*at)++) {
        sb_missing_blob *blob = &m->blobs[*at];
        if (blob->asked_ms != 0 && mono_ms - blob->asked_ms < SB_STANDBY_BLOB_MS)
            continue;
        blob->asked_ms = mono_ms;
        (*at)++;
        return blob;
    }
    return NULL;
}
