#include "nodes/noded/node.h"

#include <assert.h>

#include "nodes/host/daemon.h"
#include "nodes/host/fault.h"
#include "nodes/host/log.h"

void sb_node_end_with(sb_node *n, const sb_fail *fail)
{
    if (!n->failed)
        n->fail = *fail;
    n->failed = true;
}

sb_now sb_node_now(sb_node *n)
{
    sb_now now = {.mono_ms = sb_clock_monotonic_ms()};
    sb_fail fail = {0};
    if (sb_clock_legal_ms(&n->clock, &now.legal_ms, &fail) != SB_OK)
        sb_log_fail(SB_LOG_WARN, "clock", &fail);
    return now;
}

void sb_node_send(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_frame_encode(frame, &bytes);
    sb_net_send(n->net, peer, sb_buf_slice(&bytes)); /* who is gone or full asks again */
    sb_buf_deinit(&bytes);
}

/* ---- blobs to and from the broker ---- */

static void ask_chunk(sb_node *n, const sb_transfer *t)
{
    Sb__BlobGet get = SB__BLOB_GET__INIT;
    get.sha256 = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)t->sha256};
    get.offset = t->next_offset;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_BLOB_GET;
    frame.blob_get = &get;
    sb_node_send(n, n->broker_peer, &frame);
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
        sb_node_send(n, n->broker_peer, &frame);
    }
    sb_buf_deinit(&chunk);
}

static void want_blob(sb_node *n, const sb_fol_effect *effect)
{
    if (n->broker_peer == 0)
        return;
    sb_transfer *t =
        sb_transfers_ask(&n->transfers, SB_TRANSFER_GET, effect->blob, effect->blob_bytes);
    if (t == NULL)
        return;
    t->next_offset = sb_store_blob_staged(n->history.store, effect->blob);
    ask_chunk(n, t);
}

static void put_blob(sb_node *n, const sb_fol_effect *effect)
{
    uint64_t size = 0;
    if (n->broker_peer == 0 || !sb_store_blob_size(n->history.store, effect->blob, &size))
        return;
    sb_transfer *t = sb_transfers_ask(&n->transfers, SB_TRANSFER_PUT, effect->blob, size);
    if (t != NULL)
        send_chunk(n, t);
}

static void tell_blob(sb_node *n, sb_fol_event_kind kind, const uint8_t sha256[32])
{
    sb_fol_event event = {.kind = kind};
    memcpy(event.blob, sha256, 32);
    sb_node_step(n, &event);
}

static void on_blob_data(sb_node *n, const Sb__BlobData *data)
{
    if (data->sha256.len != 32)
        return;
    sb_transfer *t = sb_transfers_find(&n->transfers, SB_TRANSFER_GET, data->sha256.data);
    if (t == NULL)
        return;
    if (data->size == 0) { /* not held there */
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
        tell_blob(n, SB_FOL_BLOB_STORED, data->sha256.data);
    } else if (sb_transfer_moved(t, next_offset)) {
        ask_chunk(n, t);
    } else {
        sb_transfers_end(&n->transfers, t);
    }
}

static void on_blob_stored(sb_node *n, const Sb__BlobStored *stored)
{
    if (stored->sha256.len != 32)
        return;
    sb_transfer *t = sb_transfers_find(&n->transfers, SB_TRANSFER_PUT, stored->sha256.data);
    if (t == NULL)
        return;
    if (stored->next_offset >= t->size) {
        sb_transfers_end(&n->transfers, t);
        tell_blob(n, SB_FOL_BLOB_AT_BROKER, stored->sha256.data);
    } else if (sb_transfer_moved(t, stored->next_offset)) {
        send_chunk(n, t);
    } else {
        sb_transfers_end(&n->transfers, t);
    }
}

/* ---- effects ---- */

/* The commit holds the organisation's cosigning record. */
static bool persists_cosigning(const sb_log_commit *commit)
{
    for (size_t i = 0; i < commit->put_count; i++)
        if (commit->puts[i].key.len > 0 && commit->puts[i].key.data[0] == SB_FOL_ROW_COSIGNED)
            return true;
    return false;
}

static bool carry_out(sb_node *n, const sb_fol_effects *effects)
{
    bool committed = false;
    for (size_t i = 0; i < effects->count && !n->failed; i++) {
        const sb_fol_effect *effect = &effects->items[i];
        sb_fail fail = {0};
        switch (effect->kind) {
        case SB_FOL_SEND:
            if (n->broker_peer != 0)
                sb_net_send(n->net, n->broker_peer, effect->bytes);
            break;
        case SB_FOL_COMMIT:
            assert(i + 1 == effects->count);
            if (sb_history_commit(&n->history, effect->commit, &fail) != SB_OK)
                sb_node_end_with(n, &fail);
            if (persists_cosigning(effect->commit))
                sb_fault_point("cosign");
            committed = true;
            break;
        case SB_FOL_NOTIFY:
            sb_node_notify(n, effect);
            break;
        case SB_FOL_WANT_BLOB:
            want_blob(n, effect);
            break;
        case SB_FOL_PUT_BLOB:
            put_blob(n, effect);
            break;
        case SB_FOL_DIVERGED:
            sb_log_fail(SB_LOG_ERROR, "diverged", &effect->fail);
            break;
        case SB_FOL_CONFLICT:
            sb_log_fail(SB_LOG_ERROR, "conflict", &effect->fail);
            break;
        }
    }
    return committed && !n->failed;
}

void sb_node_step(sb_node *n, sb_fol_event *event)
{
    sb_fol_effects effects;
    if (n->failed)
        return;
    event->now = sb_node_now(n);
    sb_follower_step(n->follower, event, &effects);
    while (carry_out(n, &effects)) {
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = sb_node_now(n)};
        sb_follower_step(n->follower, &done, &effects);
    }
}

/* ---- frames ---- */

static void on_broker_frame(sb_node *n, const Sb__Frame *frame)
{
    sb_fol_event event = {.kind = SB_FOL_FRAME, .frame = frame};
    if (frame->body_case == SB__FRAME__BODY_LEAVES) {
        sb_node_ahead_add(n, frame);
        return;
    }
    sb_node_ahead_take_all(n);
    if (frame->body_case == SB__FRAME__BODY_BLOB_DATA)
        on_blob_data(n, frame->blob_data);
    else if (frame->body_case == SB__FRAME__BODY_BLOB_STORED)
        on_blob_stored(n, frame->blob_stored);
    else
        sb_node_step(n, &event);
}

static void on_frame(sb_node *n, const sb_net_event *event)
{
    const Sb__Frame *frame = NULL;
    sb_fail fail = {0};
    sb_arena_reset(&n->frame_arena);
    if (sb_frame_decode(event->frame, &n->frame_arena, &frame, &fail) != SB_OK)
        sb_log_fail(SB_LOG_WARN, "frame refused", &fail);
    else if (event->link == n->broker_link)
        on_broker_frame(n, frame);
    else
        sb_node_on_member(n, event->peer, frame);
}

static void on_broker_link(sb_node *n, const sb_net_event *event)
{
    bool is_up = event->kind == SB_NET_UP;
    if (!is_up && event->peer != n->broker_peer)
        return;
    sb_node_ahead_take_all(n);
    n->broker_peer = is_up ? event->peer : 0;
    sb_transfers_clear(&n->transfers);
    sb_log(SB_LOG_INFO, "broker %s", is_up ? "connected" : "lost");
    sb_fol_event e = {.kind = is_up ? SB_FOL_BROKER_UP : SB_FOL_BROKER_DOWN};
    sb_node_step(n, &e);
}

/* Leaves are folded when no frame waits, or when there is no room for more. */
static sb_err take_frames(sb_node *n, sb_fail *fail)
{
    for (int i = 0; i < SB_NODE_FRAMES_A_TURN && !n->failed; i++) {
        sb_net_event event;
        uint32_t wait_ms = i == 0 && n->ahead.count == 0 ? SB_NODE_WAIT_MS : 0;
        sb_err err = sb_net_wait(n->net, wait_ms, &event, fail);
        if (err != SB_OK)
            return err;
        switch (event.kind) {
        case SB_NET_NOTHING:
            if (n->ahead.count == 0)
                return SB_OK;
            sb_node_ahead_take(n);
            break;
        case SB_NET_UP:
        case SB_NET_DOWN:
            if (event.link == n->broker_link)
                on_broker_link(n, &event);
            break;
        case SB_NET_FRAME:
            on_frame(n, &event);
            break;
        }
    }
    return SB_OK;
}

/* The broker forgets a peer that says nothing for long. */
static void ping(sb_node *n)
{
    sb_now now = sb_node_now(n);
    if (n->broker_peer == 0 || now.mono_ms - n->pinged_ms < SB_NODE_PING_MS)
        return;
    n->pinged_ms = now.mono_ms;
    Sb__Ping body = SB__PING__INIT;
    body.time_ms = now.legal_ms;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PING;
    frame.ping = &body;
    sb_node_send(n, n->broker_peer, &frame);
}

sb_err sb_node_run(sb_node *n, sb_fail *fail)
{
    while (!sb_daemon_stopping() && !n->failed) {
        sb_err err = take_frames(n, fail);
        if (err != SB_OK)
            return err;
        sb_fol_event tick = {.kind = SB_FOL_TICK};
        sb_node_step(n, &tick);
        ping(n);
    }
    if (n->failed)
        *fail = n->fail;
    return n->failed ? fail->code : SB_OK;
}
