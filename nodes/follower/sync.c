/* Asking for leaves, and taking them: verified first, then folded. */
#include "nodes/follower/inside.h"

#include <assert.h>
#include <stdio.h>

#include "proto/evidence/evidence.h"

/* ---- asking ---- */

static void pull_range(sb_follower *f, uint32_t link, uint64_t from, uint32_t credit)
{
    Sb__Pull pull = SB__PULL__INIT;
    pull.from = from;
    pull.credit = credit;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PULL;
    frame.pull = &pull;
    sb_fol_send_to(f, link, &frame);
}

void sb_fol_pull_from(sb_follower *f, uint32_t link, uint32_t credit)
{
    pull_range(f, link, f->committed, credit);
}

/* Where leaves come from: the broker that we catch up with, else the one that is followed. */
static uint32_t source(const sb_follower *f)
{
    return f->catchup.is_on ? f->catchup.link : f->followed;
}

static bool may_pull(const sb_follower *f)
{
    return !f->diverged && source(f) != 0;
}

/* Of what isn't proved only so much that something comes in time; then it is known how fast the line
 * is. */
static uint32_t credit_now(const sb_follower *f)
{
    const sb_fol_catchup *c = &f->catchup;
    bool is_unknown = c->is_on && !c->is_proved && f->committed == c->began;
    bool is_less = is_unknown || sb_pace_is_slow(&f->pace);
    return is_less && f->credit > SB_FOL_CREDIT_LESS ? SB_FOL_CREDIT_LESS : f->credit;
}

static void pull(sb_follower *f, uint64_t from)
{
    uint32_t credit = credit_now(f);
    pull_range(f, source(f), from, credit);
    f->window_end = from + credit;
    f->pull_frames = 0;
}

void sb_fol_pull(sb_follower *f, sb_now now)
{
    if (!may_pull(f))
        return;
    sb_pace_begin(&f->pace, now.mono_ms, f->committed < f->broker_size);
    pull(f, f->committed);
}

/* A broker goes on where it is asked to, so it is asked on as soon as all has come: while that is opened
 * and folded, the next is on its way. */
void sb_fol_pull_on(sb_follower *f, sb_now now)
{
    const sb_fol_link *link = sb_fol_link_find(f, source(f));
    bool is_answered =
        link != NULL && link->role == SB_FOL_ROLE_NODE && f->pull_frames >= SB_FOL_SERVE_FRAMES_MAX;
    uint64_t here = f->here > f->committed ? f->here : f->committed;
    if (!may_pull(f) || (here < f->window_end && !is_answered))
        return;
    sb_pace_asked(&f->pace, now.mono_ms);
    pull(f, here);
}

/* Nothing came, or nothing is known to be missing. */
static void pull_again(sb_follower *f, sb_now now)
{
    bool is_behind = f->committed < f->broker_size;
    if (!may_pull(f) || !sb_pace_is_over(&f->pace, now.mono_ms) ||
        (!is_behind && now.mono_ms - f->pace.since_ms < SB_FOL_PULL_IDLE_MS))
        return;
    if (is_behind)
        sb_pace_asked(&f->pace, now.mono_ms);
    else
        sb_pace_begin(&f->pace, now.mono_ms, false);
    pull(f, f->committed);
}

void sb_fol_tick_sync(sb_follower *f, sb_now now)
{
    sb_fol_greet(f, now);
    sb_fol_catchup_tick(f, now);
    if (f->rewinding)
        return;
    sb_fol_choose(f, now);
    pull_again(f, now);
}

/* ---- the head over a range ---- */

bool sb_fol_origin(sb_follower *f, uint32_t term, char out[SB_ORIGIN_BYTES_MAX + 1])
{
    char ours[SB_ORIGIN_BYTES_MAX + 1];
    if (!sb_ledger_origin(f->ledger, ours, sizeof ours))
        return false;
    char *slash = strrchr(ours, '/');
    assert(slash != NULL);
    slash[1] = '\0';
    int len = snprintf(out, SB_ORIGIN_BYTES_MAX + 1, "%s%u", ours, term);
    return len > 0 && len <= SB_ORIGIN_BYTES_MAX;
}

/* Whose key signs heads of this term, as far as we know. */
static bool key_of_term(sb_follower *f, uint32_t term, uint8_t log_pk[32])
{
    sb_ledger_term_info info;
    if (f->catchup.is_on && term == f->catchup.term) {
        memcpy(log_pk, f->catchup.log_pk, 32);
        return true;
    }
    if (!sb_ledger_term_get(f->ledger, term, &info))
        return false;
    memcpy(log_pk, info.log_pk, 32);
    return true;
}

bool sb_fol_verify_parsed(sb_follower *f, const sb_note *parsed, const sb_checkpoint *head,
                          uint32_t *term)
{
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    uint8_t log_pk[32];
    *term = sb_fol_origin_term(head->origin);
    return *term > 0 && key_of_term(f, *term, log_pk) && sb_fol_origin(f, *term, origin) &&
           sb_checkpoint_verify_parsed(parsed, head, origin, log_pk, &f->wrong) == SB_OK;
}

bool sb_fol_verify_note(sb_follower *f, sb_slice note, sb_checkpoint *out, uint32_t *term)
{
    sb_note parsed;
    return sb_checkpoint_parse_note(note, &parsed, out, &f->wrong) == SB_OK &&
           sb_fol_verify_parsed(f, &parsed, out, term);
}

/* Before genesis is folded, the genesis leaf itself says who signs term 1. */
static bool verify_first_note(sb_follower *f, sb_slice note, const sb_fol_event *event,
                              sb_checkpoint *out, uint32_t *term)
{
    if (event->opened == 0 || event->leaves[0].entry.type != SB_ENTRY_GENESIS)
        return false;
    const sb_leaf *leaf = &event->leaves[0];
    const Sb__Genesis *genesis = (const Sb__Genesis *)leaf->message;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    *term = f->catchup.is_on ? f->catchup.term : 1;
    if (genesis->log_pk.len != 32 ||
        sb_origin(genesis->slug, leaf->entry.id, *term, origin, NULL) != SB_OK)
        return false;
    if (f->has_federation_id && memcmp(f->federation_id, leaf->entry.id, 32) != 0)
        return false;
    const uint8_t *log_pk = f->catchup.is_on ? f->catchup.log_pk : genesis->log_pk.data;
    return sb_checkpoint_verify(note, origin, log_pk, out, NULL) == SB_OK;
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

/* Does the head stand over our tree with the new leaves on it, exactly or by the frame's proof? */
static bool head_covers(const Sb__Leaves *leaves, uint64_t end, const sb_checkpoint *head,
                        const uint8_t root[32])
{
    if (head->size == end)
        return memcmp(root, head->root, 32) == 0;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    if (leaves->n_proof > SB_PROOF_HASHES_MAX)
        return false;
    for (size_t i = 0; i < leaves->n_proof; i++) {
        if (leaves->proof[i].len != 32)
            return false;
        memcpy(path[i].b, leaves->proof[i].data, 32);
    }
    return sb_verify_consistency(end, root, head->size, head->root, path, leaves->n_proof);
}

/* ---- folding ---- */

static void diverge(sb_follower *f, uint64_t index, const sb_fail *fail, sb_now now)
{
    f->diverged = true;
    f->diverged_index = index;
    f->diverged_fail = *fail;
    f->diverged_ms = now.legal_ms;
    uint8_t row[20];
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u64(&w, index);
    sb_write_u32(&w, (uint32_t)fail->code);
    sb_write_u64(&w, now.legal_ms);
    sb_fol_put(f, SB_FOL_ROW_DIVERGED, sb_slice_of(NULL, 0), sb_writer_slice(&w));
    sb_fol_effect *effect = sb_fol_emit(f, SB_FOL_DIVERGED);
    effect->index = index;
    effect->fail = *fail;
}

static bool take_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf, sb_now now,
                      sb_fail *fail)
{
    if (sb_ledger_step(f->ledger, leaf, sb_commit_add_tile, &f->commit, fail) != SB_OK)
        return false;
    sb_commit_add_leaf(&f->commit, leaf->bytes);
    sb_fol_note_seal(f, leaf);
    sb_fol_recall(f, leaf, now);
    if (leaf->entry.type == SB_ENTRY_HANDOVER)
        sb_fol_term_changed(f, index);
    sb_fol_missing_leaf(f, index, leaf);
    sb_fol_outbox_leaf(f, index, leaf);
    return true;
}

/* Fold what is new in the frame. False: the leaf at *bad is refused. */
static bool take_leaves(sb_follower *f, const sb_fol_event *event, uint64_t skip, uint64_t *bad,
                        sb_fail *fail)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    for (uint64_t i = skip; i < leaves->n_leaves; i++) {
        *bad = leaves->from + i;
        if (i >= event->opened) {
            *fail = *event->refusal;
            return false;
        }
        if (!take_leaf(f, leaves->from + i, &event->leaves[i], event->now, fail))
            return false;
    }
    return true;
}

/* A signed head whose leaves the fold refuses: kept, so that others can refold it. */
static void keep_divergence(sb_follower *f, const sb_fol_event *event, uint64_t bad,
                            const sb_checkpoint *head, const sb_fail *fail)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    ProtobufCBinaryData leaf = leaves->leaves[bad - leaves->from];
    if (head->size != leaves->from + leaves->n_leaves)
        return;
    sb_commit_builder trial; /* the tiles that the refused leaves fill */
    sb_commit_builder_init(&trial, sb_commit_tiles(&f->commit));
    sb_commit_builder_clear(&trial, f->committed);
    sb_tree_copy(f->tree, sb_ledger_tree(f->ledger));
    for (uint64_t i = bad - leaves->from; i < leaves->n_leaves; i++) {
        uint8_t hash[32];
        sb_leaf_hash(sb_slice_of(leaves->leaves[i].data, leaves->leaves[i].len), hash);
        sb_tree_append(f->tree, hash, sb_commit_add_tile, &trial);
    }
    sb_fol_tie tie;
    sb_fail ignored = {0};
    sb_log_reader below = f->log;
    below.leaf = sb_fol_read_leaf;
    below.arg = f;
    sb_evidence_state state = {.index = bad,
                               .leaf = sb_slice_of(leaf.data, leaf.len),
                               .note = sb_slice_of(leaves->head.data, leaves->head.len),
                               .tree = f->tree,
                               .tiles = sb_commit_tiles(&trial),
                               .below = &below,
                               .refusal = fail};
    sb_buf file;
    sb_buf_init(&file);
    if (sb_fol_make_tie(f, sb_fol_term(f), &tie) &&
        sb_evidence_make_state(&tie.tie, &state, &file, &ignored) == SB_OK)
        sb_fol_keep_evidence(f, sb_fol_term(f), fail->code, bad, sb_buf_slice(&file));
    sb_buf_deinit(&file);
    sb_commit_builder_deinit(&trial);
}

/* ---- taking ---- */

/* What stands over the leaves doesn't fit them on our tree. */
static void on_misfit(sb_follower *f, const sb_fol_link *link, const sb_checkpoint *head,
                      sb_now now)
{
    if (f->catchup.is_on && link->number == f->catchup.link) {
        sb_fol_catchup_fork(f, now);
        return;
    }
    /* Leaves aren't signed by the log's key: whoever gives them may have spoilt them under a true
     * head. If the head is another history's, who has that shows it (peers.c). */
    sb_fail_num(&f->wrong, SB_E_MERKLE_PROOF, 1, head->size, 0);
}

/* Leaves that are right, up to `end`. */
static void came(sb_follower *f, const sb_fol_event *event, uint64_t end)
{
    sb_fol_link *link = sb_fol_link_find(f, event->link);
    uint64_t here = end > f->committed ? end : f->committed;
    sb_pace_came(&link->pace, event->now.mono_ms, here < link->ahead.size);
    if (event->link == source(f))
        sb_pace_came(&f->pace, event->now.mono_ms, here < f->broker_size);
}

static void after_leaves(sb_follower *f, const sb_fol_event *event, const sb_checkpoint *head,
                         uint64_t end)
{
    sb_slice note = sb_slice_of(event->frame->leaves->head.data, event->frame->leaves->head.len);
    f->catchup.leaf_ms = event->now.mono_ms;
    if (head->size > f->broker_size)
        f->broker_size = head->size;
    f->pull_frames += event->link == source(f);
    if (event->link == f->followed && !f->catchup.is_on)
        f->here = event->here;
    came(f, event, end);
    sb_fol_keep_sealed(f);
    if (head->size == end) {
        f->head = *head;
        sb_buf_clear(&f->head_note);
        sb_buf_add(&f->head_note, note);
        sb_fol_put(f, SB_FOL_ROW_HEAD, sb_slice_of(NULL, 0), note);
        sb_fol_check_receipts(f);
        sb_fol_offer(f, head);
    } else if (!f->catchup.is_on && f->early_note.len == 0) {
        sb_buf_add(&f->early_note, note); /* a node's: looked at when all of it is here */
    }
    sb_fol_update_final(f);
    sb_fol_outbox_final(f);
    if (!f->catchup.is_on && f->followed == 0)
        sb_fol_choose(f, event->now);
    sb_fol_retry_early(f, event->now);
    sb_fol_consider(f, event->now);
}

/* A frame whose leaves we don't hold all. */
static void take(sb_follower *f, sb_fol_link *link, const sb_fol_event *event)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    uint64_t end = leaves->from + leaves->n_leaves, bad = 0;
    sb_slice note = sb_slice_of(leaves->head.data, leaves->head.len);
    sb_checkpoint head;
    sb_fail fail = {0};
    uint32_t term = 0;
    bool is_signed = f->committed == 0 ? verify_first_note(f, note, event, &head, &term)
                                       : sb_fol_verify_note(f, note, &head, &term);
    uint32_t wanted = f->catchup.is_on ? f->catchup.term : f->committed == 0 ? 1 : sb_fol_term(f);
    if (is_signed && term == wanted && head.size < end)
        sb_fail_num(&f->wrong, SB_E_MERKLE_PROOF, 1, head.size, 0);
    else if (is_signed && term < wanted)
        sb_fail_num(&f->wrong, SB_E_FOLLOWER_OLD_TERM, 2, term, wanted);
    if (!is_signed || head.size < end || term != wanted)
        return; /* proves nothing about anybody; what we need is asked for again */
    uint64_t skip = sb_ledger_size(f->ledger) - leaves->from;
    uint8_t root[32];
    if (event->opened < skip) { /* spoilt where we hold the true ones: the head isn't over these */
        sb_fail_num(&f->wrong, SB_E_MERKLE_PROOF, 1, head.size, 0);
        return;
    }
    root_after(f, event, skip, root);
    if (!head_covers(leaves, end, &head, root)) {
        on_misfit(f, link, &head, event->now);
        return;
    }
    uint32_t catching_up_with = f->catchup.is_on ? link->number : 0;
    if (!take_leaves(f, event, skip, &bad, &fail)) {
        if (f->catchup.is_on) {
            sb_fol_catchup_refused(f, &fail, event->now);
            return;
        }
        sb_fol_keep_sealed(f); /* what was right before it is committed */
        diverge(f, bad, &fail, event->now);
        keep_divergence(f, event, bad, &head, &fail);
        return;
    }
    if (catching_up_with != 0 && !f->catchup.is_on)
        sb_fol_link_term(link, sb_fol_term(f)); /* it is reached */
    else if (link->role == SB_FOL_ROLE_BROKER && link->term == 0)
        sb_fol_link_term(link, term); /* it orders now */
    after_leaves(f, event, &head, end);
}

/* Nothing is to be sent after this commit, more leaves are here, and much more is known to come: with so
 * much behind us nobody waits for what we hold. The last of it is committed frame by frame. */
bool sb_fol_puts_off(const sb_follower *f)
{
    const sb_log_commit *c = &f->commit.commit;
    uint64_t size = f->committed + c->leaf_count;
    return !f->committing && f->here > size && f->committed > 0 && !f->diverged &&
           !f->catchup.is_on && f->out_count == 0 && c->leaf_count > 0 &&
           f->broker_size > size + f->credit &&
           c->leaf_count + SB_FOL_LEAVES_MAX <= SB_FOL_BATCH_LEAVES_MAX &&
           f->commit.bytes + SB_FRAME_BYTES_MAX <= SB_FOL_BATCH_BYTES_MAX &&
           sb_ledger_unflushed_bytes(f->ledger) + SB_FRAME_BYTES_MAX <= SB_FOL_BATCH_BYTES_MAX;
}

void sb_fol_on_leaves(sb_follower *f, const sb_fol_event *event)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    uint64_t end = leaves->from + leaves->n_leaves, size = sb_ledger_size(f->ledger);
    sb_fol_link *link = sb_fol_link_find(f, event->link);
    if (f->diverged || link == NULL || link->refused || leaves->n_leaves == 0 ||
        leaves->n_leaves > SB_FOL_LEAVES_MAX || end < leaves->from)
        return;
    if (leaves->from > size) { /* a gap: TICK asks for what is missing */
        if (end > f->broker_size && link->number == source(f))
            f->broker_size = end;
        return;
    }
    if (end > size) {
        take(f, link, event);
        return;
    }
    came(f, event, end); /* we have them all; the head is news, maybe */
    sb_fol_on_note(f, sb_slice_of(leaves->head.data, leaves->head.len), event->now);
}
