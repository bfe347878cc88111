/* Peers: greeting, credit, pushing ranges of leaves, and every frame that goes out. */
#include "broker/sequencer/inside.h"

#include <assert.h>

/* ---- peers ---- */

sb_seq_peer *sb_seq_peer_find(sb_sequencer *s, uint64_t id)
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (s->peers[i].id == id)
            return &s->peers[i];
    return NULL;
}

void sb_seq_peer_up(sb_sequencer *s, uint64_t id, const uint8_t curve_pk[32])
{
    assert(id != 0);
    sb_seq_peer *peer = sb_seq_peer_find(s, id);
    if (peer == NULL) {
        if (s->peer_count == SB_SEQ_PEERS_MAX)
            return; /* it is not served until another leaves */
        peer = &s->peers[s->peer_count++];
    }
    *peer = (sb_seq_peer){.id = id};
    memcpy(peer->curve_pk, curve_pk, 32);
}

void sb_seq_peer_down(sb_sequencer *s, uint64_t id)
{
    sb_seq_peer *peer = sb_seq_peer_find(s, id);
    if (peer != NULL)
        *peer = s->peers[--s->peer_count];
}

/* ---- frames out ---- */

static sb_slice encode(sb_sequencer *s, const Sb__Frame *frame)
{
    sb_buf_clear(&s->frame);
    sb_frame_encode(frame, &s->frame);
    return sb_arena_copy(&s->out_arena, sb_buf_slice(&s->frame));
}

void sb_seq_send(sb_sequencer *s, uint64_t peer, const Sb__Frame *frame)
{
    if (sb_seq_peer_find(s, peer) == NULL)
        return;
    sb_seq_effect *effect = sb_seq_emit(s, SB_SEQ_SEND);
    effect->peer = peer;
    effect->bytes = encode(s, frame);
}

void sb_seq_send_all(sb_sequencer *s, const Sb__Frame *frame)
{
    if (s->peer_count == 0)
        return;
    sb_slice bytes = encode(s, frame);
    for (size_t i = 0; i < s->peer_count; i++) {
        sb_seq_effect *effect = sb_seq_emit(s, SB_SEQ_SEND);
        effect->peer = s->peers[i].id;
        effect->bytes = bytes;
    }
}

void sb_seq_send_refused(sb_sequencer *s, uint64_t peer, uint64_t request,
                         const uint8_t entry_id[32], const sb_fail *fail)
{
    char *args[SB_FAIL_ARGS_MAX];
    for (uint32_t i = 0; i < fail->argc; i++)
        args[i] = (char *)fail->arg[i];
    Sb__Refused refused = SB__REFUSED__INIT;
    refused.entry_id = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)entry_id};
    refused.code = (uint32_t)fail->code;
    refused.n_args = fail->argc;
    refused.args = args;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = request;
    frame.body_case = SB__FRAME__BODY_REFUSED;
    frame.refused = &refused;
    sb_seq_send(s, peer, &frame);
}

void sb_seq_send_note(sb_sequencer *s, uint64_t peer, sb_slice note)
{
    Sb__Certified certified = SB__CERTIFIED__INIT;
    certified.note = (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)note.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_CERTIFIED;
    frame.certified = &certified;
    if (peer == 0)
        sb_seq_send_all(s, &frame);
    else
        sb_seq_send(s, peer, &frame);
}

/* ---- pushing ---- */

/* A frame ends at an offered head if it would go past one, so that the node can cosign it. */
static uint64_t frame_end(const sb_sequencer *s, uint64_t from, uint64_t end)
{
    for (size_t i = 0; i < s->head_count; i++)
        if (s->heads[i].head.size > from && s->heads[i].head.size < end)
            return s->heads[i].head.size;
    return end;
}

/* One Leaves frame from the peer's cursor: its bytes, 0 when nothing could be sent. */
static size_t push_frame(sb_sequencer *s, sb_seq_peer *peer)
{
    uint64_t end = peer->next + peer->frame_leaves_max;
    if (end > peer->next + peer->credit)
        end = peer->next + peer->credit;
    if (end > s->signed_head.size)
        end = s->signed_head.size;
    end = frame_end(s, peer->next, end);
    ProtobufCBinaryData list[SB_LONG_FRAME_LEAVES_MAX];
    size_t count = 0, bytes = 0;
    for (uint64_t i = peer->next; i < end; i++) {
        sb_slice leaf;
        if (!s->log.leaf(s->log.arg, i, &leaf)) {
            sb_fail fail;
            sb_fail_num(&fail, SB_E_SEQUENCER_STORE, 1, i, 0);
            sb_seq_fatal(s, &fail);
            return 0;
        }
        if (count > 0 && bytes + leaf.len > SB_SEQ_PUSH_BYTES_MAX)
            break;
        /* a kv may give the same memory for each read */
        leaf = sb_arena_copy(&s->scratch, leaf);
        list[count++] = (ProtobufCBinaryData){.len = leaf.len, .data = (uint8_t *)leaf.data};
        bytes += leaf.len;
    }
    if (count == 0)
        return 0;
    sb_buf note;
    sb_buf_init(&note);
    if (sb_seq_note_at(s, peer->next + count, &note)) {
        Sb__Leaves leaves = SB__LEAVES__INIT;
        leaves.from = peer->next;
        leaves.n_leaves = count;
        leaves.leaves = list;
        leaves.head = (ProtobufCBinaryData){.len = note.len, .data = note.data};
        Sb__Frame frame = SB__FRAME__INIT;
        frame.body_case = SB__FRAME__BODY_LEAVES;
        frame.leaves = &leaves;
        sb_seq_send(s, peer->id, &frame);
    }
    sb_buf_deinit(&note);
    peer->next += count;
    peer->credit -= (uint32_t)count;
    return bytes;
}

/* While many come in they are gathered: each frame is a commit of the node's. Not beyond a frame, nor
 * behind a head that the node shall cosign. */
static bool gathers(const sb_sequencer *s, const sb_seq_peer *peer, sb_now now)
{
    uint32_t most = peer->credit < peer->frame_leaves_max ? peer->credit : peer->frame_leaves_max;
    bool has_head = s->head_count > 0 && s->heads[s->head_count - 1].head.size > peer->next;
    return peer->pushed_leaves >= SB_SEQ_GATHER_LEAVES && !has_head &&
           now.mono_ms - peer->pushed_ms < SB_SEQ_GATHER_MS &&
           s->signed_head.size - peer->next < most;
}

static void push(sb_sequencer *s, sb_seq_peer *peer, bool more_come, sb_now now)
{
    size_t bytes = 0;
    uint64_t from = peer->next;
    if (peer->next >= s->signed_head.size || (more_come && gathers(s, peer, now)))
        return;
    while (bytes < SB_SEQ_PUSH_STEP_BYTES_MAX && peer->credit > 0 &&
           peer->next < s->signed_head.size && !s->fatal)
        bytes += push_frame(s, peer);
    peer->pushed_ms = now.mono_ms;
    peer->pushed_leaves = (uint32_t)(peer->next - from);
}

void sb_seq_push_all(sb_sequencer *s, bool more_come, sb_now now)
{
    for (size_t i = 0; i < s->peer_count && !s->fatal; i++)
        push(s, &s->peers[i], more_come, now);
}

void sb_seq_pull_frame(sb_sequencer *s, uint64_t id, const Sb__Pull *pull, sb_now now)
{
    sb_seq_peer *peer = sb_seq_peer_find(s, id);
    if (peer == NULL)
        return;
    sb_seq_pulls_from(s, peer, pull->from);
    sb_seq_show_handovers(s, peer, now);
    peer->next = pull->from;
    peer->credit = pull->credit < SB_SEQ_CREDIT_MAX ? pull->credit : SB_SEQ_CREDIT_MAX;
    peer->frame_leaves_max = sb_frame_leaves_max(pull->credit);
    if (peer->frame_leaves_max > s->frame_leaves_max)
        peer->frame_leaves_max = s->frame_leaves_max;
    if (peer->next < s->signed_head.size)
        return; /* with the next TICK: many Pulls in a row cost no more than one */
    /* it has all: what it may have missed is the newest note */
    if (s->certified_note.len > 0)
        sb_seq_send_note(s, id, sb_buf_slice(&s->certified_note));
    if (s->head_count > 0 && !s->heads[s->head_count - 1].certified)
        sb_seq_send_note(s, id, sb_buf_slice(&s->heads[s->head_count - 1].note));
}

/* ---- greeting ---- */

void sb_seq_welcome(sb_sequencer *s, uint64_t id, uint64_t request)
{
    uint8_t federation_id[32];
    Sb__Welcome welcome = SB__WELCOME__INIT;
    welcome.term = sb_ledger_term(s->ledger);
    if (sb_ledger_federation_id(s->ledger, federation_id))
        welcome.federation_id = (ProtobufCBinaryData){.len = 32, .data = federation_id};
    welcome.size = s->signed_head.size;
    welcome.head = (ProtobufCBinaryData){.len = s->signed_note.len, .data = s->signed_note.data};
    Sb__Frame answer = SB__FRAME__INIT;
    answer.request = request;
    answer.body_case = SB__FRAME__BODY_WELCOME;
    answer.welcome = &welcome;
    sb_seq_send(s, id, &answer);
}

void sb_seq_hello_frame(sb_sequencer *s, uint64_t id, const Sb__Frame *frame, sb_now now)
{
    const Sb__Hello *hello = frame->hello;
    uint8_t federation_id[32];
    bool has_federation = sb_ledger_federation_id(s->ledger, federation_id);
    if (has_federation && hello->federation_id.len > 0 &&
        !sb_slice_eq(sb_slice_of(hello->federation_id.data, hello->federation_id.len),
                     sb_slice_of(federation_id, 32))) {
        static const uint8_t none[32];
        sb_fail fail;
        sb_fail_set(&fail, SB_E_SEQUENCER_FEDERATION, NULL);
        sb_seq_send_refused(s, id, frame->request, none, &fail);
        return;
    }
    sb_seq_peer *peer = sb_seq_peer_find(s, id);
    if (peer != NULL) {
        peer->greeted = true;
        peer->has_ours = false;
        peer->term = hello->term;
        peer->size = hello->size;
        peer->hello_request = frame->request;
        peer->offered_ms = 0;
        sb_seq_show_handovers(s, peer, now);
        if (sb_seq_keeps_waiting(s, peer))
            return;
        peer->welcomed = true;
    }
    sb_seq_welcome(s, id, frame->request);
}
