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
            sb_net_send(n->net, effect->link, effect->bytes); /* who is gone or full asks again */
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
            sb_node_want_blob(n, effect);
            break;
        case SB_FOL_PUT_BLOB:
            sb_node_put_blob(n, effect);
            break;
        case SB_FOL_DIVERGED:
            sb_log_fail(SB_LOG_ERROR, "diverged", &effect->fail);
            break;
        case SB_FOL_CONFLICT:
            sb_log_fail(SB_LOG_ERROR, "conflict", &effect->fail);
            break;
        case SB_FOL_REWIND:
            assert(effects->count == 1);
            (void)sb_node_rewind(n, effect);
            return false;
        }
    }
    return committed && !n->failed;
}

static void step(sb_node *n, sb_fol_event *event)
{
    sb_fol_effects effects;
    event->now = sb_node_now(n);
    sb_follower_step(n->follower, event, &effects);
    while (carry_out(n, &effects)) {
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = sb_node_now(n)};
        sb_follower_step(n->follower, &done, &effects);
    }
    if (n->reopened && !n->failed)
        sb_node_after_rewind(n);
}

void sb_node_flush(sb_node *n)
{
    sb_fol_event flush = {.kind = SB_FOL_FLUSH};
    if (!n->failed && !n->full.is_on && sb_follower_has_put_off(n->follower))
        step(n, &flush);
}

void sb_node_step(sb_node *n, sb_fol_event *event)
{
    if (event->kind != SB_FOL_FRAME || event->frame->body_case != SB__FRAME__BODY_LEAVES)
        sb_node_flush(n);
    if (!n->failed && !n->full.is_on)
        step(n, event);
}

/* ---- frames ---- */

/* What the follower needs opened. */
static void step_frame(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    sb_leaf leaf;
    sb_fail refusal = {0};
    sb_fol_event event = {.kind = SB_FOL_FRAME, .link = peer, .frame = frame, .refusal = &refusal};
    if (frame->body_case == SB__FRAME__BODY_SUBMIT) {
        event.entry = sb_slice_of(frame->submit->entry.data, frame->submit->entry.len);
        if (sb_entry_open(event.entry, &n->frame_arena, &leaf, &refusal) == SB_OK)
            event.leaf = &leaf;
    } else if (frame->body_case == SB__FRAME__BODY_HANDOVER_OFFER) {
        ProtobufCBinaryData bytes = frame->handover_offer->leaf;
        if (sb_leaf_open(sb_slice_of(bytes.data, bytes.len), &n->frame_arena, &leaf, &refusal) ==
            SB_OK)
            event.leaf = &leaf;
    }
    sb_node_step(n, &event);
}

void sb_node_on_peer_frame(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    if (n->full.is_on && frame->body_case != SB__FRAME__BODY_BLOB_GET &&
        frame->body_case != SB__FRAME__BODY_WITNESS_ASK)
        return; /* it comes again */
    if (frame->body_case == SB__FRAME__BODY_LEAVES) {
        sb_node_ahead_add(n, peer, frame);
        return;
    }
    sb_node_ahead_take_all(n);
    if (n->failed)
        return;
    if (frame->body_case == SB__FRAME__BODY_BLOB_DATA)
        sb_node_on_blob_data(n, peer, frame->blob_data);
    else if (frame->body_case == SB__FRAME__BODY_BLOB_STORED)
        sb_node_on_blob_stored(n, peer, frame->blob_stored);
    else if (frame->body_case == SB__FRAME__BODY_BLOB_GET)
        sb_node_on_blob_get(n, peer, frame);
    else if (frame->body_case == SB__FRAME__BODY_BLOB_PUT)
        sb_node_on_blob_put(n, peer, frame);
    else if (frame->body_case == SB__FRAME__BODY_WITNESS_ASK)
        sb_node_on_witness_ask(n, peer, frame);
    else {
        if (frame->body_case == SB__FRAME__BODY_REFUSED)
            sb_node_on_blob_refused(n, peer, frame->refused);
        step_frame(n, peer, frame);
    }
}

/* A frame that can't be read, a greeting by other rules: said here and there, now and then. The
 * follower is told as the peer will be: its status says why it has no broker. */
static void on_misfit(sb_node *n, const sb_net_event *event, const sb_fail *why)
{
    static const uint8_t none[32];
    sb_fail word;
    sb_misfit_word(why, &word);
    if (event->link != n->local_link && sb_node_conn_find(n, event->peer) != NULL) {
        Sb__Refused refused = SB__REFUSED__INIT;
        refused.code = (uint32_t)word.code;
        char *args[SB_FAIL_ARGS_MAX];
        for (uint32_t i = 0; i < word.argc; i++)
            args[i] = word.arg[i];
        refused.n_args = word.argc;
        refused.args = args;
        Sb__Frame frame = SB__FRAME__INIT;
        frame.body_case = SB__FRAME__BODY_REFUSED;
        frame.refused = &refused;
        step_frame(n, event->peer, &frame);
    }
    uint64_t now_ms = sb_clock_monotonic_ms();
    if (!sb_misfit_is_time(&n->misfit, now_ms))
        return;
    if (sb_misfit_is_news(&n->misfit, now_ms, word.code)) {
        sb_log(SB_LOG_WARN, "frame refused peer=%u", event->peer);
        sb_log_fail(SB_LOG_WARN, "version", &word);
    }
    if (event->link != n->local_link)
        sb_node_send_refused(n, event->peer, 0, none, why);
}

static void on_frame(sb_node *n, const sb_net_event *event)
{
    const Sb__Frame *frame = NULL;
    sb_fail fail = {0};
    sb_arena_reset(&n->frame_arena);
    if (sb_frame_decode(event->frame, &n->frame_arena, &frame, &fail) != SB_OK ||
        (event->link != n->local_link && sb_misfit_look(frame, SB_ENGINE, &fail) != SB_OK)) {
        on_misfit(n, event, &fail);
        return;
    }
    if (event->link == n->local_link) {
        sb_node_flush(n); /* members are answered from what is durable */
        if (n->failed)
            return;
        sb_node_on_member(n, event->peer, frame);
        return;
    }
    if (frame->body_case == SB__FRAME__BODY_REFUSED && sb_misfit_told(frame->refused, &fail) &&
        sb_misfit_is_time(&n->told, sb_clock_monotonic_ms()) &&
        sb_misfit_is_news(&n->told, sb_clock_monotonic_ms(), fail.code))
        sb_log_fail(SB_LOG_WARN, "version", &fail);
    if (sb_node_conn_find(n, event->peer) == NULL)
        sb_node_link_up(n, event); /* served: here with its first frame */
    if (sb_node_conn_find(n, event->peer) != NULL)
        sb_node_on_peer_frame(n, event->peer, frame);
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
            sb_node_link_up(n, &event);
            break;
        case SB_NET_DOWN:
            sb_node_link_down(n, &event);
            break;
        case SB_NET_FRAME:
            on_frame(n, &event);
            break;
        }
    }
    sb_node_flush(n);
    return SB_OK;
}

static void look_at_clock(sb_node *n)
{
    int64_t off_s = sb_follower_clock_off(n->follower, sb_node_now(n)) / 1000;
    bool is_off = off_s != 0;
    if (is_off == n->is_clock_off)
        return;
    n->is_clock_off = is_off;
    if (is_off)
        sb_log(SB_LOG_WARN, "this machine's clock is %llu s %s the other organisations': set it",
               (unsigned long long)(off_s < 0 ? -off_s : off_s), off_s < 0 ? "ahead of" : "behind");
    else
        sb_log(SB_LOG_INFO, "this machine's clock agrees with the other organisations' again");
}

/* A broker forgets a peer that says nothing for long. */
static void ping(sb_node *n)
{
    sb_now now = sb_node_now(n);
    if (now.mono_ms - n->pinged_ms < SB_NODE_PING_MS)
        return;
    n->pinged_ms = now.mono_ms;
    Sb__Ping body = SB__PING__INIT;
    body.time_ms = now.legal_ms;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PING;
    frame.ping = &body;
    for (uint32_t i = 0; i < n->conn_count; i++)
        sb_node_send(n, n->conns[i].peer, &frame);
}

/* A damaged leaf was met in serving somebody: nothing more is served or confirmed from this store. */
static void look_for_damage(sb_node *n)
{
    sb_fail fail = {0};
    if (!n->failed && sb_history_damage(&n->history, &fail) != SB_OK)
        sb_node_end_with(n, &fail);
}

sb_err sb_node_run(sb_node *n, sb_fail *fail)
{
    while (!sb_daemon_stopping() && !n->failed) {
        sb_err err = take_frames(n, fail);
        if (err != SB_OK)
            return err;
        sb_fol_event tick = {.kind = SB_FOL_TICK};
        sb_node_step(n, &tick);
        look_for_damage(n);
        sb_node_look_for_room(n);
        if (n->failed && !sb_node_outlive_full(n))
            break;
        look_at_clock(n);
        ping(n);
        sb_node_tend_links(n);
    }
    if (n->failed)
        *fail = n->fail;
    return n->failed ? fail->code : SB_OK;
}
