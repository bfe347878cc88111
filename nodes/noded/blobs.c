/* Attachments on their way to and from brokers, other nodes and members. */
#include "nodes/host/log.h"
#include "nodes/noded/node.h"

static void ask_chunk(sb_node *n, const sb_transfer *t)
{
    Sb__BlobGet get = SB__BLOB_GET__INIT;
    get.sha256 = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)t->sha256};
    get.offset = t->next_offset;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_BLOB_GET;
    frame.blob_get = &get;
    sb_node_send(n, t->peer, &frame);
}

static void send_chunk(sb_node *n, const sb_transfer *t)
{
    sb_fail fail = {0};
    sb_buf chunk;
    sb_buf_init(&chunk);
    if (sb_store_blob_read(n->history.store, t->sha256, t->next_offset, SB_BLOB_CHUNK_BYTES, &chunk,
                           &fail) == SB_OK) {
        Sb__BlobPut put = SB__BLOB_PUT__INIT;
        put.sha256 = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)t->sha256};
        put.size = t->size;
        put.offset = t->next_offset;
        put.data = (ProtobufCBinaryData){.len = chunk.len, .data = chunk.data};
        Sb__Frame frame = SB__FRAME__INIT;
        frame.body_case = SB__FRAME__BODY_BLOB_PUT;
        frame.blob_put = &put;
        sb_node_send(n, t->peer, &frame);
    }
    sb_buf_deinit(&chunk);
}

void sb_node_want_blob(sb_node *n, const sb_fol_effect *effect)
{
    sb_transfer *t = sb_transfers_ask(&n->transfers, SB_TRANSFER_GET, effect->link, effect->blob,
                                      effect->blob_bytes);
    if (t == NULL)
        return;
    t->next_offset = sb_store_blob_staged(n->history.store, effect->blob);
    ask_chunk(n, t);
}

void sb_node_put_blob(sb_node *n, const sb_fol_effect *effect)
{
    uint64_t size = 0;
    if (!sb_store_blob_size(n->history.store, effect->blob, &size))
        return;
    sb_transfer *t =
        sb_transfers_ask(&n->transfers, SB_TRANSFER_PUT, effect->link, effect->blob, size);
    if (t != NULL)
        send_chunk(n, t);
}

static void tell_blob(sb_node *n, sb_fol_event_kind kind, uint32_t peer, const uint8_t sha256[32])
{
    sb_fol_event event = {.kind = kind, .link = peer};
    memcpy(event.blob, sha256, 32);
    sb_node_step(n, &event);
}

void sb_node_on_blob_data(sb_node *n, uint32_t peer, const Sb__BlobData *data)
{
    if (data->sha256.len != 32)
        return;
    sb_transfer *t = sb_transfers_find(&n->transfers, SB_TRANSFER_GET, peer, data->sha256.data);
    if (t == NULL)
        return;
    if (!sb_transfer_is_of(t, data->size)) { /* not held there, or something else is */
        sb_transfers_end(&n->transfers, t);
        return;
    }
    Sb__BlobPut put = SB__BLOB_PUT__INIT;
    put.sha256 = data->sha256;
    put.size = data->size;
    put.offset = data->offset;
    put.data = data->data;
    uint64_t next_offset = 0;
    sb_fail fail = {0};
    if (sb_history_blob_put(&n->history, &put, &next_offset, &fail) != SB_OK) {
        sb_node_end_with(n, &fail);
        return;
    }
    if (next_offset == data->size) {
        sb_transfers_end(&n->transfers, t);
        tell_blob(n, SB_FOL_BLOB_STORED, peer, data->sha256.data);
    } else if (sb_transfer_moved(t, next_offset)) {
        ask_chunk(n, t);
    } else {
        sb_transfers_end(&n->transfers, t);
    }
}

void sb_node_on_blob_stored(sb_node *n, uint32_t peer, const Sb__BlobStored *stored)
{
    if (stored->sha256.len != 32)
        return;
    sb_transfer *t = sb_transfers_find(&n->transfers, SB_TRANSFER_PUT, peer, stored->sha256.data);
    if (t == NULL)
        return;
    if (stored->next_offset >= t->size) {
        sb_transfers_end(&n->transfers, t);
        tell_blob(n, SB_FOL_BLOB_AT_LINK, peer, stored->sha256.data);
    } else if (sb_transfer_moved(t, stored->next_offset)) {
        send_chunk(n, t);
    } else {
        sb_transfers_end(&n->transfers, t);
    }
}

void sb_node_on_blob_refused(sb_node *n, uint32_t peer, const Sb__Refused *refused)
{
    if (refused->entry_id.len != 32 || refused->code != SB_E_STORE_BLOB_QUOTA)
        return;
    sb_transfer *t =
        sb_transfers_find(&n->transfers, SB_TRANSFER_PUT, peer, refused->entry_id.data);
    if (t == NULL)
        return;
    sb_transfers_end(&n->transfers, t);
    sb_fail fail = {0};
    sb_fail_num(&fail, SB_E_STORE_BLOB_QUOTA, 2, SB_BLOBS_UNNAMED_MAX, SB_BLOBS_UNNAMED_MIB_MAX);
    sb_log_fail(SB_LOG_WARN, "attachment refused", &fail);
}

/* ---- others give and have ---- */

void sb_node_on_blob_put(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    const Sb__BlobPut *put = frame->blob_put;
    const sb_node_conn *conn = sb_node_conn_find(n, peer); /* NULL: one of our own members */
    Sb__BlobStored stored = SB__BLOB_STORED__INIT;
    sb_fail fail = {0}, refusal = {0};
    sb_err err = conn == NULL ? sb_history_blob_put(&n->history, put, &stored.next_offset, &fail)
                              : sb_history_blob_take(&n->history, conn->curve_pk, put,
                                                     &stored.next_offset, &refusal, &fail);
    if (err != SB_OK)
        sb_node_end_with(n, &fail);
    if (err == SB_E_STORE_DISK_FULL) /* the process goes on, and this one need not wait */
        sb_fail_set(&refusal, SB_E_FOLLOWER_DISK_FULL, NULL);
    else if (err != SB_OK)
        return;
    if (refusal.code != SB_OK) {
        sb_node_send_refused(n, peer, frame->request, put->sha256.data, &refusal);
        return;
    }
    if (stored.next_offset <= put->offset && !sb_store_blob_room(n->history.store)) {
        static const uint8_t none[32];
        sb_fail_set(&fail, SB_E_STORE_BLOB_ROOM, NULL);
        sb_node_send_refused(n, peer, frame->request, none, &fail);
        return;
    }
    stored.sha256 = put->sha256;
    Sb__Frame answer = SB__FRAME__INIT;
    answer.request = frame->request;
    answer.body_case = SB__FRAME__BODY_BLOB_STORED;
    answer.blob_stored = &stored;
    sb_node_send(n, peer, &answer);
    if (put->sha256.len == 32 && sb_store_blob_has(n->history.store, put->sha256.data)) {
        sb_fol_event event = {.kind = SB_FOL_BLOB_STORED};
        memcpy(event.blob, put->sha256.data, 32);
        sb_node_step(n, &event);
    }
}

void sb_node_on_blob_get(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    sb_fail fail = {0};
    sb_buf answer;
    sb_buf_init(&answer);
    if (sb_history_blob_get(&n->history, frame, &answer, &fail) != SB_OK)
        sb_node_end_with(n, &fail);
    else
        sb_net_send(n->net, peer, sb_buf_slice(&answer));
    sb_buf_deinit(&answer);
}
