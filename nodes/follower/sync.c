/* Greeting the broker, asking for leaves, and taking them: verified first, then folded. */
#include "nodes/follower/inside.h"

#include <assert.h>

/* ---- greeting and asking ---- */

static void send_hello(sb_follower *f, sb_now now)
{
    uint8_t id[32];
    Sb__Hello hello = SB__HELLO__INIT;
    if (sb_ledger_federation_id(f->ledger, id))
        hello.federation_id = (ProtobufCBinaryData){.len = 32, .data = id};
    else if (f->has_federation_id)
        hello.federation_id = (ProtobufCBinaryData){.len = 32, .data = f->federation_id};
    hello.organisation = f->organisation;
    hello.size = f->committed;
    hello.engine = SB_ENGINE;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_HELLO;
    frame.hello = &hello;
    sb_fol_send(f, &frame);
    f->hello_ms = now.mono_ms;
}

void sb_fol_pull(sb_follower *f, sb_now now)
{
    if (f->diverged || f->broker_refused)
        return;
    Sb__Pull pull = SB__PULL__INIT;
    pull.from = f->committed;
    pull.credit = f->credit;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PULL;
    frame.pull = &pull;
    sb_fol_send(f, &frame);
    f->window_end = f->committed + f->credit;
    f->pull_ms = now.mono_ms;
}

void sb_fol_tick_sync(sb_follower *f, sb_now now)
{
    if (!f->broker_up)
        return;
    if (!f->welcomed) {
        if (f->hello_ms == 0 || now.mono_ms - f->hello_ms >= SB_FOL_HELLO_MS)
            send_hello(f, now);
        return;
    }
    uint64_t quiet_since = f->progress_ms > f->pull_ms ? f->progress_ms : f->pull_ms;
    bool is_behind = f->committed < f->broker_size;
    if (now.mono_ms - quiet_since >= (is_behind ? SB_FOL_PULL_MS : SB_FOL_PULL_IDLE_MS))
        sb_fol_pull(f, now);
}

/* The broker has fewer leaves than a head that it signed: show it that head. */
static void send_evidence(sb_follower *f)
{
    Sb__Certified certified = SB__CERTIFIED__INIT;
    certified.note = (ProtobufCBinaryData){.len = f->head_note.len, .data = f->head_note.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_CERTIFIED;
    frame.certified = &certified;
    sb_fol_send(f, &frame);
}

static bool same_federation(sb_follower *f, ProtobufCBinaryData theirs)
{
    uint8_t ours[32];
    if (!sb_ledger_federation_id(f->ledger, ours)) {
        if (!f->has_federation_id)
            return true;
        memcpy(ours, f->federation_id, 32);
    }
    if (theirs.len == 0)
        return true; /* it has no history yet */
    if (theirs.len == 32 && memcmp(theirs.data, ours, 32) == 0)
        return true;
    char has[65] = "?", wanted[65];
    if (theirs.len == 32)
        sb_hex(sb_slice_of(theirs.data, 32), has);
    sb_hex(sb_slice_of(ours, 32), wanted);
    sb_fail_set(&f->broker_fail, SB_E_FOLLOWER_FEDERATION, has, wanted, NULL);
    return false;
}

void sb_fol_on_welcome(sb_follower *f, const Sb__Welcome *welcome, sb_now now)
{
    if (!f->broker_up || f->welcomed)
        return;
    f->welcomed = true;
    f->broker_refused = !same_federation(f, welcome->federation_id);
    if (f->broker_refused)
        return;
    f->broker_size = welcome->size;
    if (welcome->size < f->head.size)
        send_evidence(f);
    if (welcome->head.len > 0 && f->committed > 0)
        sb_fol_on_note(f, sb_slice_of(welcome->head.data, welcome->head.len), now);
    sb_fol_resend_cosign(f);
    sb_fol_pull(f, now);
    sb_fol_outbox_tick(f, now);
    sb_fol_missing_ask(f, now);
}

/* ---- the head over a range ---- */

bool sb_fol_verify_note(sb_follower *f, sb_slice note, sb_checkpoint *out)
{
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    uint8_t log_pk[32];
    return sb_ledger_origin(f->ledger, origin, sizeof origin) &&
           sb_ledger_log_pk(f->ledger, log_pk) &&
           sb_checkpoint_verify(note, origin, log_pk, out, NULL) == SB_OK;
}

/* Before genesis is folded, the genesis leaf itself says who signs. */
static bool verify_first_note(sb_follower *f, sb_slice note, const sb_fol_event *event,
                              sb_checkpoint *out)
{
    if (event->opened == 0 || event->leaves[0].entry.type != SB_ENTRY_GENESIS)
        return false;
    const sb_leaf *leaf = &event->leaves[0];
    const Sb__Genesis *genesis = (const Sb__Genesis *)leaf->message;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    if (genesis->log_pk.len != 32 ||
        sb_origin(genesis->slug, leaf->entry.id, FOL_TERM, origin, NULL) != SB_OK)
        return false;
    if (f->has_federation_id && memcmp(f->federation_id, leaf->entry.id, 32) != 0)
        return false;
    return sb_checkpoint_verify(note, origin, genesis->log_pk.data, out, NULL) == SB_OK;
}

/* Our tree with the new leaves on it. Leaves that were opened have been hashed already. */
static void root_after(sb_follower *f, const sb_fol_event *event, uint64_t skip, uint8_t root[32])
{
    const Sb__Leaves *leaves = event->frame->leaves;
    sb_tree_copy(f->tree, sb_ledger_tree(f->ledger));
    for (uint64_t i = skip; i < leaves->n_leaves; i++) {
        uint8_t hash[32];
        if (i >= event->opened)
            sb_leaf_hash(sb_slice_of(leaves->leaves[i].data, leaves->leaves[i].len), hash);
        sb_tree_append(f->tree, i < event->opened ? event->leaves[i].hash : hash, NULL, NULL);
    }
    sb_tree_root(f->tree, root);
}

/* ---- folding ---- */

static void diverge(sb_follower *f, uint64_t index, const sb_fail *fail)
{
    f->diverged = true;
    f->diverged_index = index;
    f->diverged_fail = *fail;
    uint8_t row[12];
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u64(&w, index);
    sb_write_u32(&w, (uint32_t)fail->code);
    sb_fol_put(f, SB_FOL_ROW_DIVERGED, sb_slice_of(NULL, 0), sb_writer_slice(&w));
    sb_fol_effect *effect = sb_fol_emit(f, SB_FOL_DIVERGED);
    effect->index = index;
    effect->fail = *fail;
}

static bool take_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf)
{
    sb_fail fail = {0};
    if (sb_ledger_step(f->ledger, leaf, sb_commit_add_tile, &f->commit, &fail) != SB_OK) {
        diverge(f, index, &fail);
        return false;
    }
    sb_commit_add_leaf(&f->commit, leaf->bytes);
    sb_fol_missing_leaf(f, index, leaf);
    sb_fol_outbox_leaf(f, index, leaf);
    return true;
}

/* Fold what is new in the frame. False: diverged. */
static bool take_leaves(sb_follower *f, const sb_fol_event *event, uint64_t skip)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    for (uint64_t i = skip; i < leaves->n_leaves; i++) {
        if (i >= event->opened) {
            diverge(f, leaves->from + i, event->refusal);
            return false;
        }
        if (!take_leaf(f, leaves->from + i, &event->leaves[i]))
            return false;
    }
    return true;
}

void sb_fol_on_leaves(sb_follower *f, const sb_fol_event *event)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    uint64_t end = leaves->from + leaves->n_leaves;
    if (f->diverged || f->broker_refused || leaves->n_leaves == 0 ||
        leaves->n_leaves > SB_FOL_LEAVES_MAX || end < leaves->from)
        return;
    if (leaves->from > f->committed) { /* a gap: TICK asks for what is missing */
        if (end > f->broker_size)
            f->broker_size = end;
        return;
    }
    sb_slice note = sb_slice_of(leaves->head.data, leaves->head.len);
    if (end <= f->committed) { /* we have them all; the head is news, maybe */
        sb_fol_on_note(f, note, event->now);
        return;
    }
    sb_checkpoint head;
    bool is_signed = f->committed == 0 ? verify_first_note(f, note, event, &head)
                                       : sb_fol_verify_note(f, note, &head);
    if (!is_signed || head.size != end)
        return; /* proves nothing about anybody; what we need is asked for again */
    uint64_t skip = f->committed - leaves->from;
    uint8_t root[32];
    root_after(f, event, skip, root);
    if (memcmp(root, head.root, 32) != 0) {
        sb_slice pieces[] = {sb_buf_slice(&f->head_note), note};
        if (!f->conflict)
            sb_fol_conflict(f, SB_E_FOLLOWER_CONFLICT, head.size, pieces, 2);
        return;
    }
    if (!take_leaves(f, event, skip))
        return;
    f->progress_ms = event->now.mono_ms;
    f->head = head;
    if (head.size > f->broker_size)
        f->broker_size = head.size;
    sb_buf_clear(&f->head_note);
    sb_buf_add(&f->head_note, note);
    sb_fol_put(f, SB_FOL_ROW_HEAD, sb_slice_of(NULL, 0), note);
    sb_fol_update_final(f);
    sb_fol_outbox_final(f);
    sb_fol_offer(f, &head);
    sb_fol_retry_early(f, event->now);
    sb_fol_consider(f, event->now);
}
