/* Blobs that no entry names yet, by whose connection brought them: one organisation doesn't fill the
 * others' disks. */
#include <stdlib.h>

#include "nodes/store/history.h"
#include "proto/base/cursor.h"
#include "proto/base/limits.h"

enum { KEY_BYTES = 1 + 32 + 32, ROW_BYTES = 8 + 8 };

typedef struct unnamed {
    uint8_t sha256[32];
    uint64_t since_ms, bytes;
    bool is_over; /* named since, or gone: only the row goes */
    bool is_old;
} unnamed;

/* What one owner has, in key order. */
typedef struct unnamed_list {
    unnamed items[SB_BLOBS_UNNAMED_MAX];
    size_t count;
    uint64_t bytes; /* of those that aren't over */
    size_t live;
} unnamed_list;

static sb_slice row_key(const uint8_t owner[32], const uint8_t sha256[32], uint8_t out[KEY_BYTES])
{
    sb_writer w = sb_writer_over(out, KEY_BYTES);
    sb_write_u8(&w, SB_HISTORY_ROW_UNNAMED);
    sb_write_bytes(&w, sb_slice_of(owner, 32));
    if (sha256 != NULL)
        sb_write_bytes(&w, sb_slice_of(sha256, 32));
    return sb_writer_slice(&w);
}

/* The machine's clock may be set, which must neither keep them for ever nor end them all at once: the
 * log's time never falls, and a quorum has compared it with theirs. */
static uint64_t log_time(const sb_history *h)
{
    sb_ledger_position at;
    sb_ledger_position_get(h->ledger, &at);
    return at.last_time_ms;
}

static void read_list(sb_history *h, const uint8_t owner[32], uint64_t now_ms, unnamed_list *out)
{
    uint8_t prefix[KEY_BYTES];
    sb_kv_walk row = {.kv = sb_store_own(h->store), .prefix = row_key(owner, NULL, prefix)};
    out->count = out->live = 0;
    out->bytes = 0;
    while (out->count < SB_BLOBS_UNNAMED_MAX && sb_kv_walk_next(&row) && row.key.len == KEY_BYTES) {
        unnamed *u = &out->items[out->count++];
        sb_reader r = sb_reader_over(row.value);
        u->since_ms = sb_read_u64(&r);
        u->bytes = sb_read_u64(&r);
        memcpy(u->sha256, row.key.data + 33, 32);
        u->is_over = sb_ledger_blob_named(h->ledger, u->sha256) ||
                     (!sb_store_blob_has(h->store, u->sha256) &&
                      sb_store_blob_staged(h->store, u->sha256) == 0);
        u->is_old = now_ms > u->since_ms && now_ms - u->since_ms > SB_BLOB_UNNAMED_MS;
        out->live += !u->is_over;
        out->bytes += u->is_over ? 0 : u->bytes;
    }
}

static bool has_room(const unnamed_list *list, uint64_t bytes)
{
    const uint64_t most = (uint64_t)SB_BLOBS_UNNAMED_MIB_MAX * 1024 * 1024;
    return list->live < SB_BLOBS_UNNAMED_MAX && bytes <= most && list->bytes <= most - bytes;
}

/* In a batch: what is over, and when there is no room else what nobody has named for long. */
static void forget(sb_history *h, const uint8_t owner[32], unnamed_list *list, bool also_old)
{
    uint8_t key[KEY_BYTES];
    for (size_t i = 0; i < list->count; i++) {
        const unnamed *u = &list->items[i];
        if (!u->is_over && !(also_old && u->is_old))
            continue;
        if (!u->is_over) {
            sb_store_blob_delete(h->store, u->sha256);
            list->live--;
            list->bytes -= u->bytes;
        }
        sb_kv_del(sb_store_own(h->store), row_key(owner, u->sha256, key));
    }
}

/* A new one of this owner. False: it has no room (refusal), or the process must end (fail). */
static bool account(sb_history *h, const uint8_t owner[32], const Sb__BlobPut *put,
                    sb_fail *refusal, sb_fail *fail)
{
    uint64_t now_ms = log_time(h);
    unnamed_list *list = sb_xmalloc(sizeof *list);
    read_list(h, owner, now_ms, list);
    bool is_ok = sb_store_begin(h->store, 65536, fail) == SB_OK;
    if (is_ok) {
        forget(h, owner, list, !has_room(list, put->size));
        if (has_room(list, put->size)) {
            uint8_t key[KEY_BYTES], row[ROW_BYTES];
            sb_writer w = sb_writer_over(row, sizeof row);
            sb_write_u64(&w, now_ms);
            sb_write_u64(&w, put->size);
            sb_kv_put(sb_store_own(h->store), row_key(owner, put->sha256.data, key),
                      sb_writer_slice(&w));
        } else {
            sb_fail_num(refusal, SB_E_STORE_BLOB_QUOTA, 2, SB_BLOBS_UNNAMED_MAX,
                        SB_BLOBS_UNNAMED_MIB_MAX);
        }
        is_ok = sb_store_commit(h->store, fail) == SB_OK;
    }
    free(list);
    return is_ok && refusal->code == SB_OK;
}

/* The owner's row for it, for at least so many bytes. */
static bool is_accounted(sb_history *h, const uint8_t owner[32], const Sb__BlobPut *put)
{
    uint8_t key[KEY_BYTES];
    sb_slice value;
    if (!sb_kv_get(sb_store_own(h->store), row_key(owner, put->sha256.data, key), &value))
        return false;
    sb_reader r = sb_reader_over(value);
    (void)sb_read_u64(&r);
    return sb_read_u64(&r) >= put->size;
}

sb_err sb_history_blob_take(sb_history *h, const uint8_t owner[32], const Sb__BlobPut *put,
                            uint64_t *next_offset, sb_fail *refusal, sb_fail *fail)
{
    *refusal = (sb_fail){0};
    *next_offset = 0;
    bool is_known = put->sha256.len != 32 || sb_store_blob_has(h->store, put->sha256.data) ||
                    sb_ledger_blob_named(h->ledger, put->sha256.data) ||
                    is_accounted(h, owner, put);
    if (!is_known && sb_history_blob_put_is_sane(put) && sb_store_blob_room(h->store) &&
        !account(h, owner, put, refusal, fail)) {
        *next_offset = sb_store_blob_staged(h->store, put->sha256.data);
        return refusal->code != SB_OK ? SB_OK : fail->code;
    }
    return sb_history_blob_put(h, put, next_offset, fail);
}
