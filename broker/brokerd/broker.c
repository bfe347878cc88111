#include "broker/brokerd/broker.h"

#include <assert.h>

#include "nodes/host/daemon.h"
#include "nodes/host/log.h"
#include "proto/base/json.h"
#include "proto/merkle/checkpoint.h"

static void end_with(sb_broker *b, const sb_fail *fail)
{
    if (!b->failed)
        b->fail = *fail;
    b->failed = true;
}

sb_now sb_broker_now(sb_broker *b)
{
    sb_now now = {.mono_ms = sb_clock_monotonic_ms()};
    sb_fail fail = {0};
    if (sb_clock_legal_ms(&b->clock, &now.legal_ms, &fail) != SB_OK)
        sb_log_fail(SB_LOG_WARN, "clock", &fail);
    return now;
}

/* ---- effects ---- */

/* Which keys may connect: those of the organisations in force. */
static void allow_organisations(sb_broker *b)
{
    uint8_t keys[SB_ORGANISATIONS_MAX][32];
    size_t count = 0;
    uint32_t organisations = sb_ledger_org_count(b->history.ledger);
    for (uint32_t i = 0; i < organisations && count < SB_ORGANISATIONS_MAX; i++) {
        sb_ledger_org org;
        if (sb_ledger_org_get(b->history.ledger, i, &org))
            memcpy(keys[count++], org.curve_pk, 32);
    }
    sb_net_zmq_allow(b->net, (const uint8_t(*)[32])keys, count);
}

static size_t up_position(const sb_broker *b, uint32_t peer)
{
    size_t low = 0, high = b->up_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->up[middle] < peer)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_up(const sb_broker *b, uint32_t peer)
{
    size_t at = up_position(b, peer);
    return at < b->up_count && b->up[at] == peer;
}

static void peer_down(sb_broker *b, uint32_t peer)
{
    if (!is_up(b, peer))
        return;
    size_t at = up_position(b, peer);
    b->up_count--;
    memmove(&b->up[at], &b->up[at + 1], (b->up_count - at) * sizeof *b->up);
    sb_log(SB_LOG_INFO, "peer down peer=%u", peer);
    sb_seq_event event = {.kind = SB_SEQ_PEER_DOWN, .peer = peer};
    sb_broker_step(b, &event);
}

/* Peers that turned out to be gone while effects were carried out: at most one batch of sends. */
typedef struct gone_list {
    uint32_t peer[SB_SEQ_PEERS_MAX];
    size_t count;
} gone_list;

static void send_frame(sb_broker *b, const sb_seq_effect *effect, gone_list *gone)
{
    uint32_t peer = (uint32_t)effect->peer;
    if (b->net == NULL || !is_up(b, peer))
        return;
    sb_err err = sb_net_send(b->net, peer, effect->bytes);
    if (err == SB_E_NET_GONE && gone->count < SB_SEQ_PEERS_MAX)
        gone->peer[gone->count++] = peer;
    /* A full queue: the frame is lost, and the node asks again. */
}

/* Carry out what one step left. True: a commit was done, so COMMITTED follows. */
static bool carry_out(sb_broker *b, const sb_seq_effects *effects, gone_list *gone)
{
    bool committed = false;
    for (size_t i = 0; i < effects->count && !b->failed; i++) {
        const sb_seq_effect *effect = &effects->items[i];
        sb_fail fail = {0};
        switch (effect->kind) {
        case SB_SEQ_SEND:
            send_frame(b, effect, gone);
            break;
        case SB_SEQ_COMMIT:
            assert(i + 1 == effects->count);
            if (sb_history_commit(&b->history, effect->commit, &fail) != SB_OK)
                end_with(b, &fail);
            committed = true;
            break;
        case SB_SEQ_FATAL:
            end_with(b, &effect->fail);
            break;
        }
    }
    return committed && !b->failed;
}

void sb_broker_step(sb_broker *b, sb_seq_event *event)
{
    gone_list gone = {.count = 0};
    sb_seq_effects effects;
    if (b->failed)
        return;
    event->now = sb_broker_now(b);
    sb_sequencer_step(b->sequencer, event, &effects);
    while (carry_out(b, &effects, &gone)) {
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = sb_broker_now(b)};
        sb_sequencer_step(b->sequencer, &done, &effects);
    }
    for (size_t i = 0; i < gone.count; i++)
        peer_down(b, gone.peer[i]);
}

/* ---- frames ---- */

static void send_bytes(sb_broker *b, uint32_t peer, sb_slice bytes)
{
    if (sb_net_send(b->net, peer, bytes) == SB_E_NET_GONE)
        peer_down(b, peer);
}

static void send_to(sb_broker *b, uint32_t peer, const Sb__Frame *frame)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_frame_encode(frame, &bytes);
    send_bytes(b, peer, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
}

/* Now and then: the one who looks after the machine must hear of it. */
static void tell_no_room(sb_broker *b)
{
    uint64_t now_ms = sb_clock_monotonic_ms();
    if (b->no_room_ms != 0 && now_ms - b->no_room_ms < SB_BROKER_TELL_MS)
        return;
    b->no_room_ms = now_ms;
    sb_log(SB_LOG_ERROR, "the disk is nearly full: no attachments are taken");
}

static void on_blob_put(sb_broker *b, const sb_broker_item *item)
{
    const Sb__BlobPut *put = item->frame->blob_put;
    Sb__BlobStored stored = SB__BLOB_STORED__INIT;
    sb_fail fail = {0};
    if (sb_history_blob_put(&b->history, put, &stored.next_offset, &fail) != SB_OK) {
        end_with(b, &fail);
        return;
    }
    if (!sb_store_blob_room(b->history.store))
        tell_no_room(b);
    stored.sha256 = put->sha256;
    Sb__Frame answer = SB__FRAME__INIT;
    answer.request = item->frame->request;
    answer.body_case = SB__FRAME__BODY_BLOB_STORED;
    answer.blob_stored = &stored;
    send_to(b, item->peer, &answer);
}

static void on_blob_get(sb_broker *b, const sb_broker_item *item)
{
    sb_fail fail = {0};
    sb_buf answer;
    sb_buf_init(&answer);
    if (sb_history_blob_get(&b->history, item->frame, &answer, &fail) != SB_OK)
        end_with(b, &fail);
    else
        send_bytes(b, item->peer, sb_buf_slice(&answer));
    sb_buf_deinit(&answer);
}

/* The operator's "status", on the local socket. */
static void write_status(sb_broker *b, sb_buf *json)
{
    sb_seq_status status;
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "";
    sb_sequencer_status(b->sequencer, &status);
    sb_ledger_origin(b->history.ledger, origin, sizeof origin);
    sb_json j;
    sb_json_begin(&j, json);
    sb_json_object(&j);
    sb_json_key(&j, "origin");
    sb_json_cstr(&j, origin);
    sb_json_key(&j, "version");
    sb_json_cstr(&j, SB_VERSION);
    sb_json_key(&j, "size");
    sb_json_u64(&j, status.size);
    sb_json_key(&j, "root");
    sb_json_hex(&j, sb_slice_of(status.root, 32));
    sb_json_key(&j, "digest");
    sb_json_hex(&j, sb_slice_of(status.digest, 32));
    sb_json_key(&j, "head_size");
    sb_json_u64(&j, status.head_size);
    sb_json_key(&j, "certified_size");
    sb_json_u64(&j, status.certified_size);
    sb_json_key(&j, "final_size");
    sb_json_u64(&j, status.final_size);
    sb_json_key(&j, "confirmed");
    sb_json_u64(&j, status.cosigners);
    sb_json_key(&j, "needed");
    sb_json_u64(&j, status.needed);
    sb_json_key(&j, "organisations");
    sb_json_u64(&j, status.organisations);
    sb_json_key(&j, "peers");
    sb_json_u64(&j, status.peers);
    sb_json_key(&j, "clock_off_ms");
    sb_json_i64(&j, status.clock_off_ms);
    sb_json_key(&j, "clock_bad");
    sb_json_bool(&j, status.clock_bad);
    sb_json_end_object(&j);
}

static void on_query(sb_broker *b, const sb_broker_item *item)
{
    Sb__Answer answer = SB__ANSWER__INIT;
    sb_buf json;
    sb_buf_init(&json);
    sb_fail fail = {0}; /* a name may fill a whole frame: cut, so that the answer fits in one */
    char *args[1] = {fail.arg[0]};
    if (strcmp(item->frame->query->name, "status") == 0) {
        write_status(b, &json);
        answer.json = (ProtobufCBinaryData){.len = json.len, .data = json.data};
    } else {
        answer.code =
            (uint32_t)sb_fail_set(&fail, SB_E_QUERY_UNKNOWN, item->frame->query->name, NULL);
        answer.n_args = 1;
        answer.args = args;
    }
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = item->frame->request;
    frame.body_case = SB__FRAME__BODY_ANSWER;
    frame.answer = &answer;
    send_to(b, item->peer, &frame);
    sb_buf_deinit(&json);
}

/* A node's first frame makes it known. False: there are too many. */
static bool greet(sb_broker *b, uint32_t peer, const uint8_t pk[32])
{
    if (is_up(b, peer))
        return true;
    if (b->up_count == SB_SEQ_PEERS_MAX)
        return false;
    size_t at = up_position(b, peer);
    memmove(&b->up[at + 1], &b->up[at], (b->up_count - at) * sizeof *b->up);
    b->up[at] = peer;
    b->up_count++;
    sb_log(SB_LOG_INFO, "peer up peer=%u", peer);
    sb_seq_event event = {.kind = SB_SEQ_PEER_UP, .peer = peer};
    memcpy(event.curve_pk, pk, 32);
    sb_broker_step(b, &event);
    return true;
}

static void handle_item(sb_broker *b, const sb_broker_item *item)
{
    if (item->frame == NULL) {
        sb_log_fail(SB_LOG_WARN, "frame refused", &item->fail);
        return;
    }
    if (item->link == b->local_link) {
        if (item->frame->body_case == SB__FRAME__BODY_QUERY)
            on_query(b, item);
        return;
    }
    if (item->frame->body_case == SB__FRAME__BODY_BLOB_PUT) {
        on_blob_put(b, item);
        return;
    }
    if (item->frame->body_case == SB__FRAME__BODY_BLOB_GET) {
        on_blob_get(b, item);
        return;
    }
    sb_seq_event event = {.kind = SB_SEQ_FRAME, .peer = item->peer, .frame = item->frame};
    if (item->frame->body_case == SB__FRAME__BODY_SUBMIT) {
        event.opened = item->opened == SB_OK ? &item->leaf : NULL;
        event.refusal = &item->fail;
    }
    sb_broker_step(b, &event);
}

/* The stateless part of a frame, in the pool: decode, and open a Submit's entry. */
static void open_item(void *arg)
{
    sb_broker_item *item = arg;
    item->frame = NULL;
    item->fail = (sb_fail){0};
    if (sb_frame_decode(sb_buf_slice(&item->bytes), &item->arena, &item->frame, &item->fail) !=
        SB_OK) {
        item->frame = NULL;
        return;
    }
    if (item->frame->body_case == SB__FRAME__BODY_SUBMIT) {
        ProtobufCBinaryData entry = item->frame->submit->entry;
        item->opened = sb_entry_open(sb_slice_of(entry.data, entry.len), &item->arena, &item->leaf,
                                     &item->fail);
    }
}

/* Take what has come, up to an inbox full. */
static sb_err fill_inbox(sb_broker *b, size_t *count, sb_fail *fail)
{
    *count = 0;
    while (*count < SB_BROKER_INBOX) {
        sb_net_event event;
        sb_err err = sb_net_wait(b->net, *count == 0 ? SB_BROKER_WAIT_MS : 0, &event, fail);
        if (err != SB_OK)
            return err;
        if (event.kind == SB_NET_NOTHING)
            return SB_OK;
        if (event.kind == SB_NET_DOWN)
            peer_down(b, event.peer);
        if (event.kind != SB_NET_FRAME)
            continue;
        if (event.link == b->nodes_link && !greet(b, event.peer, event.peer_pk))
            continue;
        sb_broker_item *item = &b->inbox[(*count)++];
        item->link = event.link;
        item->peer = event.peer;
        sb_arena_reset(&item->arena);
        sb_buf_clear(&item->bytes);
        sb_buf_add(&item->bytes, event.frame);
    }
    return SB_OK;
}

sb_err sb_broker_run(sb_broker *b, sb_fail *fail)
{
    while (!sb_daemon_stopping() && !b->failed) {
        size_t count = 0;
        allow_organisations(b);
        sb_err err = fill_inbox(b, &count, fail);
        if (err != SB_OK)
            return err;
        sb_pool_run(b->pool, open_item, b->inbox, sizeof *b->inbox, count);
        for (size_t i = 0; i < count && !b->failed; i++)
            handle_item(b, &b->inbox[i]);
        sb_seq_event tick = {.kind = SB_SEQ_TICK};
        sb_broker_step(b, &tick);
    }
    if (b->failed)
        *fail = b->fail;
    return b->failed ? fail->code : SB_OK;
}
