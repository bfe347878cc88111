#include "broker/brokerd/broker.h"

#include <assert.h>

#include "nodes/host/daemon.h"
#include "nodes/host/fault.h"
#include "nodes/host/log.h"

void sb_broker_end(sb_broker *b, const sb_fail *fail)
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

/* Which keys may connect; before there is a history those of the founders. */
static void allow_organisations(sb_broker *b)
{
    uint8_t keys[SB_LEDGER_CURVE_KEYS_MAX][32];
    uint64_t size = sb_ledger_tree(b->history.ledger)->size;
    uint64_t now_ms = sb_clock_monotonic_ms();
    const Sb__Genesis *genesis = b->federation->genesis;
    if (b->allowed_ms != 0 && b->allowed_size == size &&
        now_ms - b->allowed_ms < SB_BROKER_ALLOW_MS)
        return;
    size_t count = sb_ledger_curve_keys(b->history.ledger, keys);
    for (size_t i = 0; size == 0 && i < genesis->n_organisations; i++)
        memcpy(keys[count++], genesis->organisations[i]->curve_pk.data, 32);
    sb_net_zmq_allow(b->net, (const uint8_t(*)[32])keys, count);
    b->allowed_size = size;
    b->allowed_ms = now_ms;
}

static size_t up_position(const sb_broker *b, uint32_t peer)
{
    size_t low = 0, high = b->up_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->up[middle].peer < peer)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_up(const sb_broker *b, uint32_t peer)
{
    size_t at = up_position(b, peer);
    return at < b->up_count && b->up[at].peer == peer;
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
    sb_standby_event stand = {.kind = SB_STANDBY_PEER_DOWN, .peer = peer};
    if (b->standby != NULL)
        sb_broker_stand(b, &stand);
    else
        sb_broker_step(b, &event);
}

void sb_broker_send(sb_broker *b, uint32_t peer, sb_slice bytes)
{
    if (b->net == NULL)
        return;
    if (sb_net_send(b->net, peer, bytes) == SB_E_NET_GONE && b->gone_count < SB_SEQ_PEERS_MAX)
        b->gone[b->gone_count++] = peer;
}

void sb_broker_send_frame(sb_broker *b, uint32_t peer, const Sb__Frame *frame)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_frame_encode(frame, &bytes);
    sb_broker_send(b, peer, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
}

static void tell_gone(sb_broker *b)
{
    while (b->gone_count > 0)
        peer_down(b, b->gone[--b->gone_count]);
}

/* Carry out what one step left. True: a commit was done, so COMMITTED follows. */
static bool carry_out(sb_broker *b, const sb_seq_effects *effects)
{
    bool committed = false;
    for (size_t i = 0; i < effects->count && !b->failed; i++) {
        const sb_seq_effect *effect = &effects->items[i];
        sb_fail fail = {0};
        switch (effect->kind) {
        case SB_SEQ_SEND:
            sb_broker_send(b, (uint32_t)effect->peer, effect->bytes);
            break;
        case SB_SEQ_COMMIT:
            assert(i + 1 == effects->count);
            if (sb_history_commit(&b->history, effect->commit, &fail) != SB_OK)
                sb_broker_end(b, &fail);
            if (effect->commit->leaf_count > 0)
                sb_fault_point("receipt");
            committed = true;
            break;
        case SB_SEQ_FATAL:
            sb_broker_end(b, &effect->fail);
            break;
        }
    }
    return committed && !b->failed;
}

void sb_broker_step(sb_broker *b, sb_seq_event *event)
{
    sb_seq_effects effects;
    if (b->failed)
        return;
    event->now = sb_broker_now(b);
    event->no_room = b->full.is_on;
    sb_sequencer_step(b->sequencer, event, &effects);
    while (carry_out(b, &effects)) {
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = sb_broker_now(b)};
        sb_sequencer_step(b->sequencer, &done, &effects);
    }
}

sb_err sb_broker_open_sequencer(sb_broker *b, bool awaits_nodes, sb_fail *fail)
{
    sb_kv *own = sb_store_own(b->history.store);
    const sb_seq_opts opts = {.ledger = b->history.ledger,
                              .log = b->history.reader,
                              .log_key = b->log_key,
                              .watches_jumps = true,
                              .awaits_nodes = awaits_nodes,
                              .awaits_from_ms = b->awaits_from_ms,
                              .over = sb_sequencer_over(own)};
    sb_err err = sb_sequencer_open(&b->sequencer, &opts, fail);
    if (err == SB_OK &&
        !sb_standby_missing_load(&b->missing, own, b->history.ledger, &b->history.reader))
        err = sb_fail_set(fail, SB_E_STANDBY_ROWS, "MISSING", NULL);
    for (size_t i = 0; err == SB_OK && i < b->up_count; i++) {
        sb_seq_event event = {.kind = SB_SEQ_PEER_UP, .peer = b->up[i].peer};
        memcpy(event.curve_pk, b->up[i].pk, 32);
        sb_broker_step(b, &event);
    }
    return err;
}

/* ---- frames ---- */

/* Now and then: the one who looks after the machine must hear of it. */
static void tell_no_room(sb_broker *b)
{
    uint64_t now_ms = sb_clock_monotonic_ms();
    if (b->no_room_ms != 0 && now_ms - b->no_room_ms < SB_BROKER_TELL_MS)
        return;
    b->no_room_ms = now_ms;
    sb_log(SB_LOG_ERROR, "the disk is nearly full: no attachments are taken");
}

/* By the blob's hash in the entry's place: the node ends that transfer and says why. */
static void refuse_blob(sb_broker *b, const sb_broker_item *item, sb_fail *refusal)
{
    char *args[SB_FAIL_ARGS_MAX];
    Sb__Refused refused = SB__REFUSED__INIT;
    refused.entry_id = item->frame->blob_put->sha256;
    refused.code = (uint32_t)refusal->code;
    refused.n_args = refusal->argc;
    refused.args = args;
    for (uint32_t i = 0; i < refusal->argc; i++)
        args[i] = refusal->arg[i];
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = item->frame->request;
    frame.body_case = SB__FRAME__BODY_REFUSED;
    frame.refused = &refused;
    sb_broker_send_frame(b, item->peer, &frame);
}

static void on_blob_put(sb_broker *b, const sb_broker_item *item)
{
    const Sb__BlobPut *put = item->frame->blob_put;
    Sb__BlobStored stored = SB__BLOB_STORED__INIT;
    sb_fail fail = {0}, refusal;
    if (sb_history_blob_take(&b->history, item->peer_pk, put, &stored.next_offset, &refusal,
                             &fail) != SB_OK) {
        sb_broker_end(b, &fail);
        return;
    }
    if (refusal.code != SB_OK) {
        refuse_blob(b, item, &refusal);
        return;
    }
    if (!sb_store_blob_room(b->history.store))
        tell_no_room(b);
    stored.sha256 = put->sha256;
    Sb__Frame answer = SB__FRAME__INIT;
    answer.request = item->frame->request;
    answer.body_case = SB__FRAME__BODY_BLOB_STORED;
    answer.blob_stored = &stored;
    sb_broker_send_frame(b, item->peer, &answer);
}

static void on_blob_get(sb_broker *b, const sb_broker_item *item)
{
    sb_fail fail = {0};
    sb_buf answer;
    sb_buf_init(&answer);
    if (sb_history_blob_get(&b->history, item->frame, &answer, &fail) != SB_OK)
        sb_broker_end(b, &fail);
    else
        sb_broker_send(b, item->peer, sb_buf_slice(&answer));
    sb_buf_deinit(&answer);
}

static void on_query(sb_broker *b, const sb_broker_item *item)
{
    Sb__Answer answer = SB__ANSWER__INIT;
    sb_buf json;
    sb_buf_init(&json);
    sb_fail fail = {0}; /* a name may fill a whole frame: cut, so that the answer fits in one */
    char *args[1] = {fail.arg[0]};
    if (strcmp(item->frame->query->name, "status") == 0) {
        sb_broker_write_status(b, &json);
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
    sb_broker_send_frame(b, item->peer, &frame);
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
    b->up[at].peer = peer;
    memcpy(b->up[at].pk, pk, 32);
    b->up_count++;
    sb_log(SB_LOG_INFO, "peer up peer=%u", peer);
    sb_seq_event event = {.kind = SB_SEQ_PEER_UP, .peer = peer};
    sb_standby_event stand = {.kind = SB_STANDBY_PEER_UP, .peer = peer};
    memcpy(event.curve_pk, pk, 32);
    memcpy(stand.curve_pk, pk, 32);
    if (b->standby != NULL)
        sb_broker_stand(b, &stand);
    else
        sb_broker_step(b, &event);
    return true;
}

static void to_core(sb_broker *b, const sb_broker_item *item)
{
    const Sb__Frame *frame = item->frame;
    bool has_leaf = item->opened == SB_OK && (frame->body_case == SB__FRAME__BODY_SUBMIT ||
                                              frame->body_case == SB__FRAME__BODY_HANDOVER_OFFER);
    if (b->standby != NULL) {
        sb_standby_event event = {.kind = SB_STANDBY_FRAME,
                                  .peer = item->peer,
                                  .frame = frame,
                                  .leaves = item->leaves,
                                  .opened = item->leaf_count,
                                  .refusal = &item->fail};
        if (has_leaf) {
            event.leaves = &item->leaf;
            event.opened = 1;
        }
        sb_broker_stand(b, &event);
        return;
    }
    sb_seq_event event = {
        .kind = SB_SEQ_FRAME, .peer = item->peer, .frame = frame, .refusal = &item->fail};
    if (has_leaf)
        event.opened = &item->leaf;
    sb_broker_step(b, &event);
}

static void on_blob_data(sb_broker *b, const sb_broker_item *item)
{
    const Sb__BlobData *data = item->frame->blob_data;
    if (!sb_broker_blob_data(b, item->peer, data))
        return;
    sb_missing_done(&b->missing, data->sha256.data, NULL);
    sb_standby_event event = {.kind = SB_STANDBY_BLOB_STORED};
    memcpy(event.blob, data->sha256.data, 32);
    if (b->standby != NULL)
        sb_broker_stand(b, &event);
}

/* A frame that can't be read, a greeting by other rules: said here and there, now and then. */
static void on_misfit(sb_broker *b, const sb_broker_item *item, const sb_fail *why)
{
    sb_fail word;
    sb_buf answer;
    uint64_t now_ms = sb_clock_monotonic_ms();
    if (!sb_misfit_is_time(&b->misfit, now_ms))
        return;
    sb_misfit_word(why, &word);
    if (sb_misfit_is_news(&b->misfit, now_ms, word.code)) {
        sb_log(SB_LOG_WARN, "frame refused peer=%u", item->peer);
        sb_log_fail(SB_LOG_WARN, "version", &word);
    }
    sb_buf_init(&answer);
    sb_misfit_answer(why, &answer);
    if (item->link == b->nodes_link)
        sb_broker_send(b, item->peer, sb_buf_slice(&answer));
    sb_buf_deinit(&answer);
}

/* False: not to be looked at further. */
static bool fits(sb_broker *b, const sb_broker_item *item)
{
    sb_fail why = item->fail;
    if (item->frame == NULL || sb_misfit_look(item->frame, SB_ENGINE, &why) != SB_OK) {
        on_misfit(b, item, &why);
        return false;
    }
    if (item->frame->body_case == SB__FRAME__BODY_REFUSED &&
        sb_misfit_told(item->frame->refused, &why) &&
        sb_misfit_is_time(&b->told, sb_clock_monotonic_ms()) &&
        sb_misfit_is_news(&b->told, sb_clock_monotonic_ms(), why.code))
        sb_log_fail(SB_LOG_WARN, "version", &why);
    return true;
}

static void handle_item(sb_broker *b, const sb_broker_item *item)
{
    if (!fits(b, item))
        return;
    bool is_local = item->link == b->local_link;
    bool writes_blob = item->frame->body_case == SB__FRAME__BODY_BLOB_PUT ||
                       item->frame->body_case == SB__FRAME__BODY_BLOB_DATA;
    if (writes_blob && b->full.is_on)
        return; /* it comes again */
    if (is_local && item->frame->body_case == SB__FRAME__BODY_QUERY)
        on_query(b, item);
    else if (is_local)
        return;
    else if (item->frame->body_case == SB__FRAME__BODY_BLOB_PUT)
        on_blob_put(b, item);
    else if (item->frame->body_case == SB__FRAME__BODY_BLOB_GET)
        on_blob_get(b, item);
    else if (item->frame->body_case == SB__FRAME__BODY_BLOB_DATA)
        on_blob_data(b, item);
    else
        to_core(b, item);
    tell_gone(b);
}

/* The leaves of a frame, up to the first that can't be. */
static void open_leaves(sb_broker_item *item)
{
    const Sb__Leaves *m = item->frame->leaves;
    if (m->n_leaves > SB_STANDBY_LEAVES_MAX)
        return;
    item->leaves = SB_ARENA_ARRAY(&item->arena, sb_leaf, m->n_leaves + 1);
    while (
        item->leaf_count < m->n_leaves &&
        sb_leaf_open(sb_slice_of(m->leaves[item->leaf_count].data, m->leaves[item->leaf_count].len),
                     &item->arena, &item->leaves[item->leaf_count], &item->fail) == SB_OK)
        item->leaf_count++;
}

/* The stateless part of a frame, in the pool: decode, and open the entry or leaves in it. */
static void open_item(void *arg)
{
    sb_broker_item *item = arg;
    item->frame = NULL;
    item->leaves = NULL;
    item->leaf_count = 0;
    item->opened = SB_E_INTERNAL;
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
    } else if (item->frame->body_case == SB__FRAME__BODY_HANDOVER_OFFER) {
        ProtobufCBinaryData leaf = item->frame->handover_offer->leaf;
        item->opened =
            sb_leaf_open(sb_slice_of(leaf.data, leaf.len), &item->arena, &item->leaf, &item->fail);
    } else if (item->frame->body_case == SB__FRAME__BODY_LEAVES) {
        open_leaves(item);
    }
}

/* When a frame follows soon upon what was answered, and then another one, the process stays awake for
 * the next: to sleep and be woken would take as long again. */
static sb_err await(sb_broker *b, uint32_t wait_ms, sb_net_event *event, sb_fail *fail)
{
    uint64_t begun_us = sb_clock_monotonic_us();
    bool soon = b->waited_us < SB_BROKER_LOOK_US;
    sb_err err = sb_net_wait(b->net, soon ? 0 : wait_ms, event, fail);
    while (err == SB_OK && soon && event->kind == SB_NET_NOTHING) {
        soon = sb_clock_monotonic_us() - begun_us < SB_BROKER_LOOK_US;
        err = sb_net_wait(b->net, soon ? 0 : wait_ms, event, fail);
    }
    b->waited_us = sb_clock_monotonic_us() - begun_us;
    return err;
}

static bool has_room(const sb_broker_inbox *inbox)
{
    return inbox->count < SB_BROKER_INBOX && inbox->bytes < SB_BROKER_INBOX_BYTES;
}

static void keep_frame(sb_broker *b, sb_broker_inbox *inbox, const sb_net_event *event)
{
    sb_broker_item *item = &inbox->items[inbox->count++];
    item->link = event->link;
    item->peer = event->peer;
    memcpy(item->peer_pk, event->peer_pk, 32);
    sb_arena_reset(&item->arena);
    if (item->bytes.cap > SB_BROKER_KEEP_BYTES)
        sb_buf_deinit(&item->bytes);
    sb_buf_clear(&item->bytes);
    sb_buf_add(&item->bytes, event->frame);
    inbox->bytes += event->frame.len;
    b->answered -= b->answered > 0;
}

/* Take what has come, up to an inbox full: peers take turns in it (net_zmq.h), so that one who sends
 * much is served once in each turn of the loop, and the loop's turn is never long. */
static sb_err fill_inbox(sb_broker *b, sb_broker_inbox *inbox, uint32_t wait_ms, sb_fail *fail)
{
    for (; has_room(inbox); wait_ms = 0) {
        sb_net_event event;
        sb_err err = wait_ms == SB_BROKER_WAIT_MS ? await(b, wait_ms, &event, fail)
                                                  : sb_net_wait(b->net, wait_ms, &event, fail);
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
        keep_frame(b, inbox, &event);
    }
    return SB_OK;
}

/* What has come is given to the pool … */
static sb_err take_in(sb_broker *b, sb_broker_inbox *inbox, uint32_t wait_ms, sb_fail *fail)
{
    inbox->count = inbox->bytes = 0;
    sb_err err = fill_inbox(b, inbox, wait_ms, fail);
    sb_pool_start(b->pool, open_item, inbox->items, sizeof *inbox->items, inbox->count);
    return err;
}

/* … and more of it. */
static sb_err take_more(sb_broker *b, sb_broker_inbox *inbox, uint32_t wait_ms, sb_fail *fail)
{
    size_t before = inbox->count;
    sb_err err = fill_inbox(b, inbox, wait_ms, fail);
    sb_pool_more(b->pool, inbox->count - before);
    return err;
}

static size_t submits_in(const sb_broker_inbox *inbox)
{
    size_t count = 0;
    for (size_t i = 0; i < inbox->count; i++)
        count += inbox->items[i].frame != NULL &&
                 inbox->items[i].frame->body_case == SB__FRAME__BODY_SUBMIT;
    return count;
}

/* Before a commit the pool is given what came meanwhile, so that the processors have work while the
 * disk has. Many who were just answered send again at once: they are waited for, until the next batch is as
 * large as that of `submits` which is committed. */
static sb_err gather(sb_broker *b, size_t submits, sb_fail *fail)
{
    sb_broker_inbox *next = &b->inboxes[b->turn];
    sb_err err = take_more(b, next, 0, fail);
    while (err == SB_OK && b->answered >= SB_BROKER_GATHER && next->count < submits &&
           has_room(next) && sb_clock_monotonic_us() - b->answered_us < SB_BROKER_GATHER_US)
        err = take_more(b, next, 1, fail);
    return err;
}

static void tick(sb_broker *b)
{
    sb_seq_event event = {.kind = SB_SEQ_TICK};
    sb_standby_event stand = {.kind = SB_STANDBY_TICK};
    if (b->failed)
        return;
    if (b->standby != NULL)
        sb_broker_stand(b, &stand);
    else
        sb_broker_step(b, &event);
    sb_broker_fetch_missing(b);
    tell_gone(b);
}

/* A damaged leaf was met in serving somebody: nothing more is ordered over this store. */
static void look_for_damage(sb_broker *b)
{
    sb_fail fail = {0};
    if (!b->failed && sb_history_damage(&b->history, &fail) != SB_OK)
        sb_broker_end(b, &fail);
}

/* The inbox whose turn it is, opened; the next one is in the pool meanwhile. */
static sb_err next_inbox(sb_broker *b, const sb_broker_inbox **opened, sb_fail *fail)
{
    sb_broker_inbox *inbox = &b->inboxes[b->turn];
    b->turn = 1 - b->turn;
    *opened = inbox;
    sb_err err = SB_OK;
    if (inbox->count == 0)
        err = take_in(b, inbox, SB_BROKER_WAIT_MS, fail);
    sb_pool_finish(b->pool);
    if (err == SB_OK)
        err = take_in(b, &b->inboxes[b->turn], 0, fail);
    return err;
}

sb_err sb_broker_run(sb_broker *b, sb_fail *fail)
{
    while (!sb_daemon_stopping() && !b->failed) {
        const sb_broker_inbox *inbox;
        allow_organisations(b);
        sb_err err = next_inbox(b, &inbox, fail);
        if (err != SB_OK)
            return err;
        for (size_t i = 0; i < inbox->count && !b->failed; i++)
            handle_item(b, &inbox->items[i]);
        size_t submits = submits_in(inbox);
        err = gather(b, submits, fail);
        if (err != SB_OK)
            return err;
        tick(b);
        b->answered = submits;
        b->answered_us = sb_clock_monotonic_us();
        look_for_damage(b);
        sb_broker_look_for_room(b);
        if (b->failed)
            (void)sb_broker_outlive_full(b);
    }
    if (b->failed)
        *fail = b->fail;
    return b->failed ? fail->code : SB_OK;
}
