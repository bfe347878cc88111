/* Attachments over frames: chunks in any order and size, of blobs that are their hash and of such as
 * aren't, to a real store and the bookkeeping of transfers. Only what is its hash is held, it is given
 * back as it came, and what a peer can put on the disk and in memory is bounded. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nodes/host/file.h"
#include "nodes/noded/transfers.h"
#include "nodes/store/history.h"
#include "proto/base/hash.h"
#include "proto/base/limits.h"
#include "proto/wire/frame.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { BLOBS = 3, OPS_MAX = 60 };

static const size_t SIZES[BLOBS] = {100, SB_BLOB_CHUNK_BYTES, 2 * SB_BLOB_CHUNK_BYTES + 5};
static char dir[64];
static sb_history h;
static uint8_t *content;
static uint8_t hashes[BLOBS + 1][32]; /* the last is nothing's */

static void drop_dir(void)
{
    static const char *const FILES[] = {"data.mdb", "lock.mdb"};
    char path[128];
    sb_history_close(&h);
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, FILES[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
    free(content);
}

static void get_ready(void)
{
    const sb_store_opts opts = {.kind = "node", .create = true};
    (void)snprintf(dir, sizeof dir, "/dev/shm/sb-fuzz-b-%ld", (long)getpid());
    sb_fuzz_must(sb_history_open(&h, dir, &opts, NULL) == SB_OK);
    (void)atexit(drop_dir);
    content = sb_xmalloc(4 * SB_BLOB_CHUNK_BYTES);
    for (size_t i = 0; i < 4 * SB_BLOB_CHUNK_BYTES; i++)
        content[i] = (uint8_t)(i * 31 + i / 251);
    for (size_t i = 0; i < BLOBS; i++)
        sb_hash(sb_slice_of(content, SIZES[i]), hashes[i]);
}

/* So long as a chunk may be, or at its bounds. */
static size_t some_length(sb_script *s, size_t right)
{
    switch (sb_script_u8(s) % 8) {
    case 0:
        return sb_script_u8(s);
    case 1:
        return SB_BLOB_CHUNK_BYTES;
    case 2:
        return SB_BLOB_CHUNK_BYTES + 1;
    default:
        return right;
    }
}

static uint64_t some_number(sb_script *s, uint64_t right)
{
    return sb_script_u8(s) >= 224 ? sb_script_u64(s) : right;
}

/* What a decoded answer takes must fit a frame. */
static void answer(const Sb__Frame *frame)
{
    sb_fuzz_must(sb__frame__get_packed_size(frame) <= SB_FRAME_BYTES_MAX);
}

static bool put(sb_script *s, sb_transfers *t)
{
    Sb__BlobPut m = SB__BLOB_PUT__INIT;
    size_t which = sb_script_below(s, BLOBS + 1), at = which % BLOBS;
    const uint8_t *sha256 = hashes[which];
    uint64_t staged = sb_store_blob_staged(h.store, sha256), next = 0;
    size_t left = staged < SIZES[at] ? SIZES[at] - (size_t)staged : 0;
    size_t len = some_length(s, left < SB_BLOB_CHUNK_BYTES ? left : SB_BLOB_CHUNK_BYTES);
    size_t from = (size_t)(staged < SIZES[at] ? staged : 0);
    sb_fail fail = {0}, refusal = {0};
    m.sha256 = (ProtobufCBinaryData){.len = sb_script_u8(s) >= 248 ? sb_script_u8(s) % 32 : 32,
                                     .data = (uint8_t *)(uintptr_t)sha256};
    m.size = some_number(s, SIZES[at]);
    m.offset = some_number(s, staged);
    m.data = (ProtobufCBinaryData){.len = len,
                                   .data = content + from + (sb_script_u8(s) >= 240 ? 1 : 0)};
    if (from + len + 1 > 4 * SB_BLOB_CHUNK_BYTES)
        return false;
    uint8_t owner[32] = {sb_script_u8(s) % 2};
    sb_err err = sb_script_u8(s) % 2 == 0
                     ? sb_history_blob_put(&h, &m, &next, &fail)
                     : sb_history_blob_take(&h, owner, &m, &next, &refusal, &fail);
    sb_fuzz_must(err == SB_OK); /* nothing that comes ends the process */
    sb_transfer *transfer = sb_transfers_find(t, SB_TRANSFER_GET, 1, sha256);
    if (transfer != NULL && !sb_transfer_moved(transfer, next))
        sb_transfers_end(t, transfer);
    sb_fuzz_must(sb_store_blob_staged(h.store, sha256) <= SB_BLOB_BYTES_MAX);
    return refusal.code == SB_OK && next > 0;
}

static void get(sb_script *s)
{
    Sb__BlobGet m = SB__BLOB_GET__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    sb_arena arena;
    const Sb__Frame *back = NULL;
    sb_buf bytes;
    size_t which = sb_script_below(s, BLOBS + 1);
    m.sha256 = (ProtobufCBinaryData){.len = sb_script_u8(s) >= 248 ? sb_script_u8(s) % 32 : 32,
                                     .data = hashes[which]};
    m.offset = some_number(s, sb_script_below(s, 4) * SB_BLOB_CHUNK_BYTES);
    frame.body_case = SB__FRAME__BODY_BLOB_GET;
    frame.blob_get = &m;
    sb_buf_init(&bytes);
    sb_arena_init(&arena);
    sb_fuzz_must(sb_history_blob_get(&h, &frame, &bytes, NULL) == SB_OK);
    sb_fuzz_must(sb_frame_decode(sb_buf_slice(&bytes), &arena, &back, NULL) == SB_OK);
    answer(back);
    const Sb__BlobData *d = back->blob_data;
    if (d->size > 0 && d->data.len > 0)
        sb_fuzz_must(which < BLOBS && d->size == SIZES[which] &&
                     memcmp(d->data.data, content + d->offset, d->data.len) == 0);
    sb_arena_deinit(&arena);
    sb_buf_deinit(&bytes);
}

static void forget(void)
{
    sb_fuzz_must(sb_store_begin(h.store, 0, NULL) == SB_OK);
    for (size_t i = 0; i <= BLOBS; i++)
        sb_store_blob_delete(h.store, hashes[i]);
    sb_fuzz_must(sb_store_commit(h.store, NULL) == SB_OK);
}

static bool one(sb_slice input)
{
    static sb_transfers transfers;
    sb_script s = sb_script_over(input);
    bool accepted = false;
    if (dir[0] == '\0')
        get_ready();
    sb_transfers_clear(&transfers);
    for (int i = 0; i < OPS_MAX && sb_script_left(&s) > 0; i++) {
        uint8_t op = sb_script_u8(&s);
        if (op < 160)
            accepted = put(&s, &transfers) || accepted;
        else if (op < 200)
            get(&s);
        else if (op < 230)
            (void)sb_transfers_ask(&transfers, SB_TRANSFER_GET, 1 + op % 3,
                                   hashes[sb_script_below(&s, BLOBS + 1)], sb_script_u64(&s));
        else
            sb_transfers_gone(&transfers, 1 + op % 3);
        sb_fuzz_must(transfers.count <= SB_TRANSFERS_MAX);
        sb_fuzz_must(!sb_store_blob_has(h.store, hashes[BLOBS]));
    }
    forget();
    return accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* LMDB keeps pages of a transaction; a chunk's frame comes twice */
    return sb_fuzz_run_keeping(one, data, len, (sb_fuzz_bound){8 * 1024 * 1024, 64 * 1024});
}
