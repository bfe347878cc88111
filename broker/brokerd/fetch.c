/* Attachments from nodes, chunk by chunk, each asked for after the one before. */
#include "broker/brokerd/broker.h"

static sb_broker_fetch *find(sb_broker *b, const uint8_t sha256[32])
{
    for (size_t i = 0; i < SB_BROKER_FETCHES_MAX; i++)
        if (b->fetches[i].peer != 0 && memcmp(b->fetches[i].sha256, sha256, 32) == 0)
            return &b->fetches[i];
    return NULL;
}

static void ask(sb_broker *b, const sb_broker_fetch *fetch, uint64_t offset)
{
    Sb__BlobGet get = SB__BLOB_GET__INIT;
    get.sha256 = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)fetch->sha256};
    get.offset = offset;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_BLOB_GET;
    frame.blob_get = &get;
    sb_broker_send_frame(b, fetch->peer, &frame);
}

void sb_broker_fetch_blob(sb_broker *b, uint32_t peer, const uint8_t sha256[32], uint64_t size)
{
    sb_broker_fetch *fetch = find(b, sha256);
    for (size_t i = 0; i < SB_BROKER_FETCHES_MAX && fetch == NULL; i++)
        if (b->fetches[i].peer == 0)
            fetch = &b->fetches[i];
    if (fetch == NULL)
        return; /* it is asked for again */
    fetch->peer = peer;
    fetch->size = size;
    memcpy(fetch->sha256, sha256, 32);
    ask(b, fetch, sb_store_blob_staged(b->history.store, sha256));
}

bool sb_broker_blob_data(sb_broker *b, uint32_t peer, const Sb__BlobData *data)
{
    sb_broker_fetch *fetch = data->sha256.len == 32 ? find(b, data->sha256.data) : NULL;
    if (fetch == NULL || fetch->peer != peer)
        return false;
    if (data->size != fetch->size) { /* not held there, or something else: another node */
        fetch->peer = 0;
        return false;
    }
    Sb__BlobPut put = SB__BLOB_PUT__INIT;
    put.sha256 = data->sha256;
    put.size = data->size;
    put.offset = data->offset;
    put.data = data->data;
    uint64_t next = 0;
    sb_fail fail = {0};
    if (sb_history_blob_put(&b->history, &put, &next, &fail) != SB_OK) {
        sb_broker_end(b, &fail);
        return false;
    }
    bool held = sb_store_blob_has(b->history.store, data->sha256.data);
    if (held || next != data->offset + data->data.len)
        fetch->peer = 0; /* whole; or it leads nowhere: another node, another time */
    else
        ask(b, fetch, next);
    return held;
}

void sb_broker_fetch_missing(sb_broker *b)
{
    size_t at = 0;
    uint64_t now_ms = sb_clock_monotonic_ms();
    sb_missing_blob *blob;
    while (b->up_count > 0 && (blob = sb_standby_missing_next(&b->missing, now_ms, &at)) != NULL) {
        size_t turn = (size_t)(blob->sha256[0] + now_ms / SB_STANDBY_BLOB_MS);
        sb_broker_fetch_blob(b, b->up[turn % b->up_count].peer, blob->sha256, blob->size);
    }
}
