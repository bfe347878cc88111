/* Events in, effects out; opening at a committed state. */
#include "nodes/follower/inside.h"

#include <assert.h>
#include <stdlib.h>

/* ---- own rows ---- */

enum { FOL_KEY_MAX = 1 + 32 + 8 };

static sb_slice row_key(uint8_t out[FOL_KEY_MAX], sb_fol_table table, sb_slice key)
{
    assert(key.len < FOL_KEY_MAX);
    out[0] = (uint8_t)table;
    if (key.len > 0)
        memcpy(out + 1, key.data, key.len);
    return sb_slice_of(out, 1 + key.len);
}

void sb_fol_put(sb_follower *f, sb_fol_table table, sb_slice key, sb_slice value)
{
    uint8_t bytes[FOL_KEY_MAX];
    sb_commit_put_row(&f->commit, row_key(bytes, table, key), value);
}

void sb_fol_del(sb_follower *f, sb_fol_table table, sb_slice key)
{
    uint8_t bytes[FOL_KEY_MAX];
    sb_commit_del_row(&f->commit, row_key(bytes, table, key));
}

bool sb_fol_own_row(sb_follower *f, sb_fol_table table, sb_slice *value)
{
    uint8_t bytes[FOL_KEY_MAX];
    return sb_kv_get(f->own, row_key(bytes, table, sb_slice_of(NULL, 0)), value);
}

/* ---- opening ---- */

/* A stored note must be of a head that our tree has. */
static bool load_note(sb_follower *f, sb_fol_table table, sb_buf *note, sb_checkpoint *head)
{
    sb_slice row;
    if (!sb_fol_own_row(f, table, &row))
        return true;
    uint8_t root[32];
    sb_buf_add(note, row);
    return sb_checkpoint_parse(sb_buf_slice(note), head, NULL) == SB_OK &&
           head->size <= f->committed &&
           sb_tree_root_at(sb_ledger_tree(f->ledger), head->size, sb_commit_tiles(&f->commit), root,
                           NULL) == SB_OK &&
           memcmp(root, head->root, 32) == 0;
}

static const char *load(sb_follower *f)
{
    sb_checkpoint certified = {0};
    if (!sb_fol_load_catchup(f))
        return "CATCHUP";
    if (!load_note(f, SB_FOL_ROW_HEAD, &f->head_note, &f->head))
        return "HEAD";
    if (!load_note(f, SB_FOL_ROW_CERTIFIED, &f->certified_note, &certified))
        return "CERTIFIED";
    f->certified_size = certified.size;
    if (!sb_fol_load_record(f))
        return "COSIGNED";
    if (!sb_fol_load_evidence(f))
        return "EVIDENCE";
    if (!sb_fol_load_final(f))
        return "FINAL";
    if (!sb_fol_missing_load(f))
        return "MISSING";
    if (f->final_size == 0) { /* a store from before the row */
        sb_fol_update_final(f);
        sb_commit_builder_clear(&f->commit, f->committed);
    }
    sb_fol_load_seen(f);
    if (!sb_fol_outbox_load(f))
        return "OUTBOX";
    return sb_kv_error(f->own) == SB_OK ? NULL : "kv";
}

static sb_err check_federation(sb_follower *f, sb_fail *fail)
{
    uint8_t has[32];
    if (!sb_ledger_federation_id(f->ledger, has))
        return SB_OK;
    if (f->has_federation_id && memcmp(has, f->federation_id, 32) != 0) {
        char has_hex[65], wanted_hex[65];
        sb_hex(sb_slice_of(has, 32), has_hex);
        sb_hex(sb_slice_of(f->federation_id, 32), wanted_hex);
        return sb_fail_set(fail, SB_E_FOLLOWER_FEDERATION, has_hex, wanted_hex, NULL);
    }
    return SB_OK;
}

/* What no going back ends. */
static void go_on(sb_follower *f, const sb_follower *before)
{
    f->goes_on = true;
    memcpy(f->unproved, before->unproved, sizeof f->unproved);
    f->heard_ms = before->heard_ms;
    f->silent_ms = before->silent_ms;
    f->life_ms = before->life_ms;
    f->life_time_s = before->life_time_s;
    f->has_life_ms = before->has_life_ms;
}

sb_err sb_follower_open(sb_follower **out, const sb_fol_opts *opts, sb_fail *fail)
{
    sb_follower *f = sb_xmalloc(sizeof *f);
    memset(f, 0, sizeof *f);
    f->ledger = opts->ledger;
    f->log = opts->log;
    f->own = opts->own;
    f->witness = opts->witness;
    f->credit = opts->credit == 0 ? SB_FOL_CREDIT : opts->credit;
    size_t len = strlen(opts->organisation);
    assert(len <= SB_ID_BYTES_MAX);
    memcpy(f->organisation, opts->organisation, len);
    f->has_federation_id = opts->has_federation_id;
    memcpy(f->federation_id, opts->federation_id, 32);
    sb_commit_builder_init(&f->commit, opts->log.tiles);
    sb_missing_init(&f->missing, SB_FOL_ROW_MISSING);
    sb_buf_init(&f->head_note);
    sb_buf_init(&f->early_note);
    sb_buf_init(&f->certified_note);
    sb_buf_init(&f->final_note);
    sb_buf_init(&f->promised.packed);
    sb_buf_init(&f->sealed.cosignatures);
    sb_buf_init(&f->consent_address);
    sb_arena_init(&f->out_arena);
    sb_arena_init(&f->scratch);
    sb_buf_init(&f->frame);
    f->tree = sb_xmalloc(sizeof *f->tree);
    sb_ledger_position position;
    sb_ledger_position_get(f->ledger, &position);
    assert(sb_ledger_unflushed(f->ledger) == 0);
    f->committed = position.size;
    sb_commit_builder_clear(&f->commit, f->committed);
    if (opts->before != NULL && opts->before->started)
        go_on(f, opts->before);
    sb_err err = check_federation(f, fail);
    const char *bad_row = err == SB_OK ? load(f) : NULL;
    if (bad_row != NULL)
        err = sb_fail_set(fail, SB_E_FOLLOWER_ROWS, bad_row, NULL);
    if (err != SB_OK) {
        sb_follower_close(f);
        return err;
    }
    *out = f;
    return SB_OK;
}

void sb_follower_close(sb_follower *f)
{
    if (f == NULL)
        return;
    sb_commit_builder_deinit(&f->commit);
    sb_buf_deinit(&f->head_note);
    sb_buf_deinit(&f->early_note);
    sb_buf_deinit(&f->certified_note);
    sb_buf_deinit(&f->final_note);
    sb_buf_deinit(&f->promised.packed);
    sb_buf_deinit(&f->sealed.cosignatures);
    sb_buf_deinit(&f->consent_address);
    free(f->clocks);
    for (size_t i = 0; i < f->link_count; i++) {
        sb_buf_deinit(&f->links[i].claim);
        sb_buf_deinit(&f->links[i].ask_note);
        sb_buf_deinit(&f->links[i].ask_own);
    }
    free(f->links);
    sb_arena_deinit(&f->out_arena);
    sb_arena_deinit(&f->scratch);
    sb_buf_deinit(&f->frame);
    free(f->seen);
    sb_missing_deinit(&f->missing);
    free(f->rows);
    free(f->out);
    free(f->tree);
    free(f);
}

/* ---- what the other files share ---- */

bool sb_fol_read_leaf(void *arg, uint64_t index, sb_slice *leaf)
{
    sb_follower *f = arg;
    if (index < f->committed || index - f->committed >= f->commit.commit.leaf_count)
        return f->log.leaf(f->log.arg, index, leaf);
    *leaf = f->commit.leaves[index - f->committed];
    return true;
}

bool sb_fol_leaf_time(sb_follower *f, uint64_t index, uint64_t *time_ms)
{
    sb_slice leaf;
    if (!sb_fol_read_leaf(f, index, &leaf))
        return false;
    sb_reader r = sb_reader_over(leaf);
    *time_ms = sb_read_u64(&r);
    return !r.failed;
}

uint32_t sb_fol_term(sb_follower *f)
{
    uint8_t id[32];
    return sb_ledger_federation_id(f->ledger, id) ? sb_ledger_term(f->ledger) : 0;
}

bool sb_fol_root_at(sb_follower *f, uint64_t size, uint8_t root[32])
{
    return sb_tree_root_at(sb_ledger_tree(f->ledger), size, sb_commit_tiles(&f->commit), root,
                           NULL) == SB_OK;
}

sb_fol_effect *sb_fol_emit(sb_follower *f, sb_fol_effect_kind kind)
{
    if (f->out_count == f->out_cap) {
        f->out_cap = f->out_cap == 0 ? 64 : f->out_cap * 2;
        f->out = sb_xrealloc(f->out, f->out_cap * sizeof *f->out);
    }
    sb_fol_effect *effect = &f->out[f->out_count++];
    memset(effect, 0, sizeof *effect);
    effect->kind = kind;
    return effect;
}

/* ---- events ---- */

static sb_slice slice_of(ProtobufCBinaryData data)
{
    return sb_slice_of(data.data, data.len);
}

static void on_refused(sb_follower *f, sb_fol_link *link, const Sb__Refused *refused, sb_now now)
{
    sb_fail why;
    if (refused->code == SB_E_SEQUENCER_FEDERATION) {
        link->refused = true;
        f->broker_refused = f->followed == 0;
        sb_fail_set(&f->broker_fail, SB_E_SEQUENCER_FEDERATION, NULL);
    } else if (sb_misfit_told(refused, &why)) { /* it may go on with a peer that fits */
        if (link->role == SB_FOL_ROLE_BROKER && f->followed == 0) {
            f->broker_refused = true;
            f->broker_fail = why;
        } else if (why.code == SB_E_FRAME_NEWER) {
            f->wrong = why; /* named, when it is the followed broker's */
        }
    } else if (link->number == f->followed) {
        sb_fol_on_refused(f, refused, now);
    }
}

/* What a link sends. */
static void on_frame(sb_follower *f, const sb_fol_event *event)
{
    const Sb__Frame *frame = event->frame;
    sb_fol_link *link = sb_fol_link_find(f, event->link);
    if (link == NULL)
        return;
    switch (frame->body_case) {
    case SB__FRAME__BODY_HELLO:
        sb_fol_on_hello(f, link, frame, event->now);
        break;
    case SB__FRAME__BODY_WELCOME:
        sb_fol_on_welcome(f, link, frame->welcome, event->now);
        break;
    case SB__FRAME__BODY_PULL:
        sb_fol_on_pull(f, link, frame->pull);
        break;
    case SB__FRAME__BODY_LEAVES:
        sb_fol_on_leaves(f, event);
        break;
    case SB__FRAME__BODY_SUBMIT:
        if (link->role == SB_FOL_ROLE_NODE)
            sb_fol_on_submit(f, event, true);
        break;
    case SB__FRAME__BODY_RECEIPT:
        sb_fol_on_receipt(f, frame);
        break;
    case SB__FRAME__BODY_REFUSED:
        on_refused(f, link, frame->refused, event->now);
        break;
    case SB__FRAME__BODY_CERTIFIED:
        sb_fol_on_note(f, slice_of(frame->certified->note), event->now);
        break;
    case SB__FRAME__BODY_HANDOVER_OFFER:
        sb_fol_on_offer(f, link, event);
        break;
    case SB__FRAME__BODY_PROMISE_ASK:
        sb_fol_on_promise_ask(f, link, frame, event->now);
        break;
    case SB__FRAME__BODY_PEER_HEAD:
        sb_fol_on_peer_head(f, link, slice_of(frame->peer_head->note), event->now);
        break;
    case SB__FRAME__BODY_CONSISTENCY_GET:
        sb_fol_on_consistency_get(f, link, frame);
        break;
    case SB__FRAME__BODY_CONSISTENCY:
        sb_fol_on_consistency(f, link, frame->consistency);
        break;
    /* to a broker, between a member and its node, or the shell's own business */
    case SB__FRAME__BODY_COSIGN:
    case SB__FRAME__BODY_BLOB_PUT:
    case SB__FRAME__BODY_BLOB_GET:
    case SB__FRAME__BODY_BLOB_DATA:
    case SB__FRAME__BODY_BLOB_STORED:
    case SB__FRAME__BODY_QUERY:
    case SB__FRAME__BODY_ANSWER:
    case SB__FRAME__BODY_PING:
    case SB__FRAME__BODY_PROMISE_GIVEN:
    case SB__FRAME__BODY_WITNESS_ASK:
    case SB__FRAME__BODY_WITNESS_ANSWER:
    case SB__FRAME__BODY_CONSENT:
    case SB__FRAME__BODY__NOT_SET:
    case _SB__FRAME__BODY__CASE_IS_INT_SIZE:
        break;
    }
}

static void on_committed(sb_follower *f, sb_now now)
{
    assert(f->committing);
    assert(sb_ledger_unflushed(f->ledger) == 0); /* the shell flushed it in its transaction */
    f->committing = false;
    f->committed += f->commit.commit.leaf_count;
    sb_commit_builder_clear(&f->commit, f->committed);
    sb_fol_outbox_pump(f, now);
    sb_fol_pull_on(f, now);
}

/* Time begins: what waited in the outbox waits from now on, and so does silence. */
static void start(sb_follower *f, sb_now now)
{
    f->started = true;
    if (!f->goes_on)
        f->silent_ms = now.mono_ms;
    f->catchup.lost_ms = f->catchup.since_ms = f->catchup.leaf_ms = now.mono_ms;
    for (size_t i = 0; i < f->row_count; i++)
        f->rows[i].since_ms = now.mono_ms;
    if (f->is_restored && f->restored_s == 0) { /* what is fresh is later than this */
        f->restored_s = now.legal_ms / 1000;
        sb_fol_keep_restored(f);
    }
}

static void tick(sb_follower *f, sb_now now)
{
    sb_fol_tick_sync(f, now);
    sb_fol_consider(f, now);
    sb_fol_missing_ask(f, now);
    sb_fol_outbox_tick(f, now);
    sb_fol_peers_tick(f, now);
    sb_fol_clock_tick(f, now);
}

static void step(sb_follower *f, const sb_fol_event *event)
{
    if (!f->started)
        start(f, event->now);
    switch (event->kind) {
    case SB_FOL_TICK:
        tick(f, event->now);
        break;
    case SB_FOL_LINK_UP:
        sb_fol_link_up(f, event);
        break;
    case SB_FOL_LINK_DOWN:
        sb_fol_link_down(f, event->link, event->now);
        break;
    case SB_FOL_FRAME:
        f->is_from_broker = event->link != 0 && event->link == f->followed;
        if (f->is_from_broker)
            f->heard_ms = event->now.mono_ms;
        f->wrong = (sb_fail){0};
        on_frame(f, event);
        sb_fol_name_fault(f, event->link, event->now);
        break;
    case SB_FOL_MEMBER_SUBMIT:
        sb_fol_on_submit(f, event, false);
        break;
    case SB_FOL_MEMBER_CONSENT:
        sb_fol_on_consent(f, event);
        break;
    case SB_FOL_COMMITTED:
        on_committed(f, event->now);
        break;
    case SB_FOL_BLOB_STORED:
        if (f->log.has_blob(f->log.arg, event->blob))
            sb_fol_blob_stored(f, event->blob);
        sb_fol_consider(f, event->now);
        sb_fol_missing_ask(f, event->now);
        break;
    case SB_FOL_BLOB_AT_LINK:
        if (event->link == f->followed)
            sb_fol_blob_at_broker(f, event->blob, event->now);
        break;
    case SB_FOL_FLUSH:
        break; /* as after each step, what there is to commit is committed */
    case SB_FOL_REWIND_REFUSED:
        sb_leaf_hash(event->entry, f->refused_hash);
        f->has_refused = true;
        f->broker_fail = *event->refusal;
        break;
    }
}

bool sb_follower_has_put_off(const sb_follower *f)
{
    return !f->committing && !sb_commit_builder_is_empty(&f->commit);
}

static bool is_leaves(const sb_fol_event *event)
{
    return event->kind == SB_FOL_FRAME && event->frame->body_case == SB__FRAME__BODY_LEAVES;
}

void sb_follower_step(sb_follower *f, const sb_fol_event *event, sb_fol_effects *effects)
{
    assert(f->committing == (event->kind == SB_FOL_COMMITTED));
    assert(!f->rewinding); /* it is to be closed */
    assert(!sb_follower_has_put_off(f) || event->kind == SB_FOL_FLUSH || is_leaves(event));
    if (event->kind != SB_FOL_COMMITTED) { /* else what waited for the commit goes out now */
        f->out_count = 0;
        f->here = 0;
        sb_arena_reset(&f->out_arena);
    }
    sb_arena_reset(&f->scratch);
    step(f, event);
    if (f->rewinding) {
        f->rewind_effect.commit = sb_commit_builder_get(&f->commit);
        *effects = (sb_fol_effects){.items = &f->rewind_effect, .count = 1};
        return;
    }
    if (sb_fol_puts_off(f)) {
        sb_fol_pull_on(f, event->now);
        *effects = (sb_fol_effects){.items = f->out, .count = f->out_count};
        return;
    }
    if (event->kind != SB_FOL_COMMITTED)
        sb_fol_erase_final(f);
    if (event->kind != SB_FOL_COMMITTED && !sb_commit_builder_is_empty(&f->commit)) {
        f->committing = true;
        f->commit_effect =
            (sb_fol_effect){.kind = SB_FOL_COMMIT, .commit = sb_commit_builder_get(&f->commit)};
        *effects = (sb_fol_effects){.items = &f->commit_effect, .count = 1};
        return;
    }
    assert(sb_commit_builder_is_empty(&f->commit)); /* COMMITTED writes nothing */
    *effects = (sb_fol_effects){.items = f->out, .count = f->out_count};
}
