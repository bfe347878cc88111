/* Blobs in chunks: staged as they come, held once their hash is checked. */
#include <assert.h>
#include <stdio.h>

#include "nodes/store/store_internal.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/base/limits.h"

enum { CHUNK_KEY_BYTES = SB_HASH_BYTES + 4 };

static sb_slice chunk_key(const uint8_t hash[32], uint64_t number, uint8_t out[CHUNK_KEY_BYTES])
{
    sb_writer w = sb_writer_over(out, CHUNK_KEY_BYTES);
    sb_write_bytes(&w, sb_slice_of(hash, SB_HASH_BYTES));
    sb_write_u32(&w, (uint32_t)number);
    return sb_writer_slice(&w);
}

static bool get_size(sb_store *s, sb_table table, const uint8_t hash[32], uint64_t *bytes)
{
    sb_slice value;
    if (!sb_store_row_get(s, table, sb_slice_of(hash, SB_HASH_BYTES), &value))
        return false;
    sb_reader r = sb_reader_over(value);
    *bytes = sb_read_u64(&r);
    return sb_reader_done(&r);
}

static void put_size(sb_store *s, sb_table table, const uint8_t hash[32], uint64_t bytes)
{
    uint8_t row[8];
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u64(&w, bytes);
    sb_store_row_put(s, table, sb_slice_of(hash, SB_HASH_BYTES), sb_writer_slice(&w));
}

bool sb_store_blob_has(sb_store *s, const uint8_t hash[32])
{
    uint64_t bytes;
    return get_size(s, SB_TABLE_HELD, hash, &bytes);
}

bool sb_store_blob_size(sb_store *s, const uint8_t hash[32], uint64_t *bytes)
{
    return get_size(s, SB_TABLE_HELD, hash, bytes);
}

uint64_t sb_store_blob_staged(sb_store *s, const uint8_t hash[32])
{
    uint64_t bytes;
    return get_size(s, SB_TABLE_STAGED, hash, &bytes) ? bytes : 0;
}

static sb_err too_large(uint64_t bytes, uint64_t limit, sb_fail *fail)
{
    char a[24], b[24];
    (void)snprintf(a, sizeof a, "%llu", (unsigned long long)bytes);
    (void)snprintf(b, sizeof b, "%llu", (unsigned long long)limit);
    return sb_fail_set(fail, SB_E_TOO_LARGE, "blob", a, b, NULL);
}

sb_err sb_store_blob_add(sb_store *s, const uint8_t hash[32], uint64_t offset, sb_slice chunk,
                         sb_fail *fail)
{
    uint8_t key[CHUNK_KEY_BYTES];
    uint64_t staged = sb_store_blob_staged(s, hash);
    if (s->failure.code != SB_OK)
        return sb_store_failed(s, fail);
    if (chunk.len > SB_BLOB_CHUNK_BYTES)
        return too_large(chunk.len, SB_BLOB_CHUNK_BYTES, fail);
    if (offset > SB_BLOB_BYTES_MAX || chunk.len > SB_BLOB_BYTES_MAX - offset)
        return too_large(offset + chunk.len, SB_BLOB_BYTES_MAX, fail);
    if (offset != staged || offset % SB_BLOB_CHUNK_BYTES != 0)
        return sb_fail_num(fail, SB_E_STORE_BLOB_GAP, 2, offset, staged);
    if (sb_store_blob_has(s, hash) || chunk.len == 0)
        return SB_OK;
    sb_store_row_put(s, SB_TABLE_BLOBS, chunk_key(hash, offset / SB_BLOB_CHUNK_BYTES, key), chunk);
    put_size(s, SB_TABLE_STAGED, hash, offset + chunk.len);
    return sb_store_failed(s, fail);
}

static void drop_chunks(sb_store *s, const uint8_t hash[32], uint64_t bytes)
{
    uint8_t key[CHUNK_KEY_BYTES];
    for (uint64_t at = 0; at < bytes; at += SB_BLOB_CHUNK_BYTES)
        sb_store_row_del(s, SB_TABLE_BLOBS, chunk_key(hash, at / SB_BLOB_CHUNK_BYTES, key));
}

sb_err sb_store_blob_finish(sb_store *s, const uint8_t hash[32], sb_fail *fail)
{
    assert(s->in_batch);
    uint8_t key[CHUNK_KEY_BYTES], found[SB_HASH_BYTES];
    char hex[2 * SB_HASH_BYTES + 1];
    uint64_t bytes = sb_store_blob_staged(s, hash);
    sb_sha256 h;
    sb_slice chunk;
    sb_hex(sb_slice_of(hash, SB_HASH_BYTES), hex);
    if (sb_store_blob_has(s, hash))
        return SB_OK;
    if (bytes == 0)
        return s->failure.code != SB_OK ? sb_store_failed(s, fail)
                                        : sb_fail_set(fail, SB_E_NOT_FOUND, hex, NULL);
    sb_sha256_init(&h);
    for (uint64_t at = 0; at < bytes; at += SB_BLOB_CHUNK_BYTES)
        if (sb_store_row_get(s, SB_TABLE_BLOBS, chunk_key(hash, at / SB_BLOB_CHUNK_BYTES, key),
                             &chunk))
            sb_sha256_add(&h, chunk);
    sb_sha256_final(&h, found);
    if (s->failure.code != SB_OK)
        return sb_store_failed(s, fail);
    sb_store_row_del(s, SB_TABLE_STAGED, sb_slice_of(hash, SB_HASH_BYTES));
    if (memcmp(found, hash, SB_HASH_BYTES) != 0) {
        drop_chunks(s, hash, bytes);
        return sb_fail_set(fail, SB_E_STORE_BLOB_HASH, hex, NULL);
    }
    put_size(s, SB_TABLE_HELD, hash, bytes);
    return sb_store_failed(s, fail);
}

sb_err sb_store_blob_put(sb_store *s, const uint8_t hash[32], sb_slice blob, sb_fail *fail)
{
    sb_err err = SB_OK;
    if (sb_store_blob_has(s, hash))
        return SB_OK;
    sb_store_blob_delete(s, hash); /* an unfinished try */
    for (size_t at = 0; at < blob.len && err == SB_OK; at += SB_BLOB_CHUNK_BYTES) {
        size_t left = blob.len - at;
        size_t len = left < SB_BLOB_CHUNK_BYTES ? left : SB_BLOB_CHUNK_BYTES;
        err = sb_store_blob_add(s, hash, at, sb_slice_of(blob.data + at, len), fail);
    }
    return err == SB_OK ? sb_store_blob_finish(s, hash, fail) : err;
}

sb_err sb_store_blob_read(sb_store *s, const uint8_t hash[32], uint64_t offset, uint64_t bytes,
                          sb_buf *out, sb_fail *fail)
{
    uint8_t key[CHUNK_KEY_BYTES];
    char hex[2 * SB_HASH_BYTES + 1];
    uint64_t size;
    sb_hex(sb_slice_of(hash, SB_HASH_BYTES), hex);
    if (!sb_store_blob_size(s, hash, &size))
        return s->failure.code != SB_OK ? sb_store_failed(s, fail)
                                        : sb_fail_set(fail, SB_E_NOT_FOUND, hex, NULL);
    uint64_t end = offset >= size || bytes > size - offset ? size : offset + bytes;
    while (offset < end) {
        sb_slice chunk;
        uint64_t skip = offset % SB_BLOB_CHUNK_BYTES;
        if (!sb_store_row_get(s, SB_TABLE_BLOBS, chunk_key(hash, offset / SB_BLOB_CHUNK_BYTES, key),
                              &chunk) ||
            chunk.len <= skip)
            return s->failure.code != SB_OK ? sb_store_failed(s, fail)
                                            : sb_fail_set(fail, SB_E_NOT_FOUND, hex, NULL);
        uint64_t len = chunk.len - skip < end - offset ? chunk.len - skip : end - offset;
        sb_buf_add(out, sb_slice_of(chunk.data + skip, (size_t)len));
        offset += len;
    }
    return SB_OK;
}

void sb_store_blob_delete(sb_store *s, const uint8_t hash[32])
{
    uint64_t bytes;
    if (get_size(s, SB_TABLE_HELD, hash, &bytes) || get_size(s, SB_TABLE_STAGED, hash, &bytes))
        drop_chunks(s, hash, bytes);
    sb_store_row_del(s, SB_TABLE_HELD, sb_slice_of(hash, SB_HASH_BYTES));
    sb_store_row_del(s, SB_TABLE_STAGED, sb_slice_of(hash, SB_HASH_BYTES));
}

bool sb_store_blob_next(sb_store *s, const uint8_t *after, uint8_t hash[32])
{
    sb_slice key, value;
    sb_slice from = after == NULL ? sb_slice_of(NULL, 0) : sb_slice_of(after, SB_HASH_BYTES);
    if (!sb_store_row_next(s, SB_TABLE_HELD, from, after == NULL, &key, &value) ||
        key.len != SB_HASH_BYTES)
        return false;
    memcpy(hash, key.data, SB_HASH_BYTES);
    return true;
}
