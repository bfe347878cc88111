/* Members on the local socket: submissions, consent, questions. */
#include "nodes/noded/node.h"

#include "nodes/noded/queries.h"
#include "nodes/noded/witness.h"
#include "proto/base/json.h"

/* ---- submissions ---- */

static sb_node_request *find_request(sb_node *n, uint64_t token)
{
    sb_node_request *r = &n->requests[token % SB_NODE_REQUESTS_MAX];
    return token != 0 && r->token == token ? r : NULL;
}

/* The oldest that still waits is forgotten when there are too many: its member asks "outbox". */
static uint64_t remember(sb_node *n, uint32_t peer, uint64_t request)
{
    uint64_t token = ++n->last_token;
    n->requests[token % SB_NODE_REQUESTS_MAX] =
        (sb_node_request){.token = token, .peer = peer, .request = request};
    return token;
}

void sb_node_send_refused(sb_node *n, uint32_t peer, uint64_t request, const uint8_t id[32],
                          const sb_fail *fail)
{
    char *args[SB_FAIL_ARGS_MAX];
    Sb__Refused refused = SB__REFUSED__INIT;
    refused.entry_id = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)id};
    refused.code = (uint32_t)fail->code;
    refused.n_args = fail->argc;
    refused.args = args;
    for (uint32_t i = 0; i < fail->argc; i++)
        args[i] = (char *)(uintptr_t)fail->arg[i];
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = request;
    frame.body_case = SB__FRAME__BODY_REFUSED;
    frame.refused = &refused;
    sb_node_send(n, peer, &frame);
}

static void send_json(sb_node *n, const sb_node_request *r, const char *json)
{
    Sb__Answer answer = SB__ANSWER__INIT;
    answer.json = (ProtobufCBinaryData){.len = strlen(json), .data = (uint8_t *)(uintptr_t)json};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = r->request;
    frame.body_case = SB__FRAME__BODY_ANSWER;
    frame.answer = &answer;
    sb_node_send(n, r->peer, &frame);
}

static void send_queued(sb_node *n, sb_node_request *r)
{
    r->queued = true;
    sb_fol_status status;
    sb_follower_status(n->follower, sb_node_now(n), &status);
    send_json(n, r,
              status.broker_up ? "{\"queued\":true,\"broker_up\":true}"
                               : "{\"queued\":true,\"broker_up\":false}");
}

/* The broker's receipt whole: index, time, inclusion proof and the head that the log signed. */
static bool pass_on_receipt(sb_node *n, const sb_node_request *r, sb_slice bytes)
{
    const Sb__Frame *kept = NULL;
    sb_arena arena;
    sb_fail fail;
    sb_arena_init(&arena);
    bool is_whole = bytes.len > 0 && sb_frame_decode(bytes, &arena, &kept, &fail) == SB_OK;
    if (is_whole) {
        Sb__Frame frame = *kept;
        frame.request = r->request; /* the member's own number */
        sb_node_send(n, r->peer, &frame);
    }
    sb_arena_deinit(&arena);
    return is_whole;
}

static void send_receipt(sb_node *n, const sb_node_request *r, const sb_fol_effect *effect)
{
    if (pass_on_receipt(n, r, effect->receipt))
        return;
    Sb__Receipt receipt = SB__RECEIPT__INIT; /* it was seen in the log first */
    receipt.entry_id =
        (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)effect->entry_id};
    receipt.index = effect->index;
    receipt.sequenced_at_ms = effect->sequenced_at_ms;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = r->request;
    frame.body_case = SB__FRAME__BODY_RECEIPT;
    frame.receipt = &receipt;
    sb_node_send(n, r->peer, &frame);
}

void sb_node_notify(sb_node *n, const sb_fol_effect *effect)
{
    sb_node_request *r = find_request(n, effect->member);
    if (r == NULL)
        return;
    switch (effect->note) {
    case SB_FOL_QUEUED:
        send_queued(n, r);
        return;
    case SB_FOL_RECEIPT:
    case SB_FOL_FINAL: /* submitted again when it was final already */
        send_receipt(n, r, effect);
        break;
    case SB_FOL_CONSENTED:
        send_json(n, r, "{\"consented\":true}");
        n->tended_ms = 0; /* it is dialled at once */
        break;
    case SB_FOL_REFUSED:
        sb_node_send_refused(n, r->peer, r->request, effect->entry_id, &effect->fail);
        break;
    }
    r->token = 0;
}

/* ---- a full disk ---- */

static void refuse_for_room(sb_node *n, uint32_t peer, uint64_t request)
{
    static const uint8_t none[32];
    sb_fail fail = {0};
    sb_fail_set(&fail, SB_E_FOLLOWER_DISK_FULL, NULL);
    sb_node_send_refused(n, peer, request, none, &fail);
}

void sb_node_refuse_waiting(sb_node *n)
{
    for (size_t i = 0; i < SB_NODE_REQUESTS_MAX; i++) {
        sb_node_request *r = &n->requests[i];
        if (r->token == 0 || r->queued)
            continue;
        refuse_for_room(n, r->peer, r->request);
        r->token = 0;
    }
}

/* ---- what members send ---- */

static void on_submit(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    sb_slice entry = sb_slice_of(frame->submit->entry.data, frame->submit->entry.len);
    sb_leaf leaf;
    sb_fail fail = {0};
    sb_fol_event event = {.kind = SB_FOL_MEMBER_SUBMIT, .entry = entry, .refusal = &fail};
    if (sb_entry_open(entry, &n->frame_arena, &leaf, &fail) == SB_OK)
        event.leaf = &leaf;
    event.member = remember(n, peer, frame->request);
    sb_node_step(n, &event);
}

static void on_consent(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    sb_fol_event event = {.kind = SB_FOL_MEMBER_CONSENT, .frame = frame};
    event.member = remember(n, peer, frame->request);
    sb_node_step(n, &event);
}

/* ---- questions ---- */

static void on_query(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    Sb__Answer answer = SB__ANSWER__INIT;
    char *args[SB_FAIL_ARGS_MAX];
    sb_fail fail = {0};
    sb_buf json;
    sb_buf_init(&json);
    sb_node_view view = {.history = &n->history,
                         .follower = n->follower,
                         .organisation = n->organisation,
                         .federation_id = n->fol_opts.federation_id,
                         .is_rehearsal = sb_clock_is_rehearsal(&n->clock),
                         .disk_full_since_ms = n->full.since_ms,
                         .now = sb_node_now(n)};
    sb_err err = sb_node_query(&view, frame->query, &json, &answer.next, &fail);
    answer.history = n->opened_anew;
    if (err == SB_OK && json.len > SB_FRAME_BYTES_MAX - 1024)
        err = sb_fail_set(&fail, SB_E_TOO_LARGE, frame->query->name, "svaret", "1 MiB", NULL);
    if (err == SB_OK) {
        answer.json = (ProtobufCBinaryData){.len = json.len, .data = json.data};
    } else {
        answer.code = (uint32_t)err;
        answer.n_args = fail.argc;
        answer.args = args;
        for (uint32_t i = 0; i < fail.argc; i++)
            args[i] = fail.arg[i];
    }
    Sb__Frame reply = SB__FRAME__INIT;
    reply.request = frame->request;
    reply.body_case = SB__FRAME__BODY_ANSWER;
    reply.answer = &answer;
    sb_node_send(n, peer, &reply);
    sb_buf_deinit(&json);
}

void sb_node_on_witness_ask(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    ProtobufCBinaryData body = frame->witness_ask->body;
    sb_node_view view = {.history = &n->history,
                         .follower = n->follower,
                         .organisation = n->config->organisation,
                         .now = sb_node_now(n)};
    sb_buf answer;
    sb_buf_init(&answer);
    Sb__WitnessAnswer said = SB__WITNESS_ANSWER__INIT;
    said.status = sb_node_witness(&view, sb_slice_of(body.data, body.len), &answer);
    said.body = (ProtobufCBinaryData){.len = answer.len, .data = answer.data};
    Sb__Frame out = SB__FRAME__INIT;
    out.request = frame->request;
    out.body_case = SB__FRAME__BODY_WITNESS_ANSWER;
    out.witness_answer = &said;
    sb_node_send(n, peer, &out);
    sb_buf_deinit(&answer);
}

void sb_node_on_member(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    bool writes = frame->body_case == SB__FRAME__BODY_SUBMIT ||
                  frame->body_case == SB__FRAME__BODY_BLOB_PUT ||
                  frame->body_case == SB__FRAME__BODY_CONSENT;
    if (writes && n->full.is_on) {
        refuse_for_room(n, peer, frame->request);
        return;
    }
    switch (frame->body_case) {
    case SB__FRAME__BODY_SUBMIT:
        on_submit(n, peer, frame);
        break;
    case SB__FRAME__BODY_BLOB_PUT:
        sb_node_on_blob_put(n, peer, frame);
        break;
    case SB__FRAME__BODY_BLOB_GET:
        sb_node_on_blob_get(n, peer, frame);
        break;
    case SB__FRAME__BODY_QUERY:
        on_query(n, peer, frame);
        break;
    case SB__FRAME__BODY_CONSENT:
        on_consent(n, peer, frame);
        break;
    case SB__FRAME__BODY_WITNESS_ASK:
        sb_node_on_witness_ask(n, peer, frame);
        break;
    /* not for members to send */
    case SB__FRAME__BODY_HELLO:
    case SB__FRAME__BODY_WELCOME:
    case SB__FRAME__BODY_PULL:
    case SB__FRAME__BODY_LEAVES:
    case SB__FRAME__BODY_RECEIPT:
    case SB__FRAME__BODY_REFUSED:
    case SB__FRAME__BODY_COSIGN:
    case SB__FRAME__BODY_CERTIFIED:
    case SB__FRAME__BODY_BLOB_DATA:
    case SB__FRAME__BODY_BLOB_STORED:
    case SB__FRAME__BODY_ANSWER:
    case SB__FRAME__BODY_PING:
    case SB__FRAME__BODY_HANDOVER_OFFER:
    case SB__FRAME__BODY_PROMISE_ASK:
    case SB__FRAME__BODY_PROMISE_GIVEN:
    case SB__FRAME__BODY_PEER_HEAD:
    case SB__FRAME__BODY_CONSISTENCY_GET:
    case SB__FRAME__BODY_CONSISTENCY:
    case SB__FRAME__BODY_WITNESS_ANSWER:
    case SB__FRAME__BODY__NOT_SET:
    case _SB__FRAME__BODY__CASE_IS_INT_SIZE:
        break;
    }
}
