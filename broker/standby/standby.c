/* Events in, effects out; own rows; opening. */
#include "broker/standby/inside.h"

#include <assert.h>
#include <stdlib.h>

/* ---- what the other files share ---- */

sb_standby_effect *sb_stb_emit(sb_standby *s, sb_standby_effect_kind kind)
{
    if (s->out_count == s->out_cap) {
        s->out_cap = s->out_cap == 0 ? 64 : s->out_cap * 2;
        s->out = sb_xrealloc(s->out, s->out_cap * sizeof *s->out);
    }
    sb_standby_effect *effect = &s->out[s->out_count++];
    memset(effect, 0, sizeof *effect);
    effect->kind = kind;
    return effect;
}

void sb_stb_send(sb_standby *s, uint64_t peer, const Sb__Frame *frame)
{
    sb_buf_clear(&s->frame);
    sb_frame_encode(frame, &s->frame);
    sb_standby_effect *effect = sb_stb_emit(s, SB_STANDBY_SEND);
    effect->peer = peer;
    effect->bytes = sb_arena_copy(&s->out_arena, sb_buf_slice(&s->frame));
}

void sb_stb_fatal(sb_standby *s, const sb_fail *fail)
{
    if (s->fatal)
        return;
    s->fatal = true;
    sb_stb_emit(s, SB_STANDBY_FATAL)->fail = *fail;
}

sb_slice sb_stb_key(sb_standby *s, sb_standby_table table, uint32_t term, sb_slice rest)
{
    uint8_t *key = sb_arena_alloc(&s->scratch, 5 + rest.len);
    sb_writer w = sb_writer_over(key, 5 + rest.len);
    sb_write_u8(&w, (uint8_t)table);
    sb_write_u32(&w, term);
    sb_write_bytes(&w, rest);
    return sb_writer_slice(&w);
}

/* Of a table with one row. */
static sb_slice single_key(sb_standby *s, sb_standby_table table)
{
    uint8_t *key = sb_arena_alloc(&s->scratch, 1);
    key[0] = (uint8_t)table;
    return sb_slice_of(key, 1);
}

void sb_stb_put_term(sb_standby *s, sb_standby_table table, uint32_t term)
{
    uint8_t value[4];
    sb_writer w = sb_writer_over(value, sizeof value);
    sb_write_u32(&w, term);
    sb_commit_put_row(&s->commit, single_key(s, table), sb_writer_slice(&w));
}

bool sb_stb_own_row(sb_standby *s, sb_standby_table table, sb_slice *value)
{
    return sb_kv_get(s->own, single_key(s, table), value);
}

void sb_stb_rewind(sb_standby *s, uint64_t size, sb_slice probe)
{
    assert(size < s->committed && sb_ledger_unflushed(s->ledger) == 0);
    s->rewinds = true;
    s->rewind_size = size;
    sb_buf_clear(&s->rewind_probe);
    sb_buf_add(&s->rewind_probe, probe);
}

uint64_t sb_stb_final(sb_standby *s)
{
    uint64_t index, later, final = 0;
    if (!sb_ledger_last_seal(s->ledger, &index, &later) ||
        !sb_ledger_seal_before(s->ledger, later, &index, &final))
        return 0;
    return final;
}

bool sb_stb_holds(sb_standby *s, const sb_head *head)
{
    uint8_t root[32];
    return head->size > 0 && head->size <= s->committed &&
           sb_tree_root_at(sb_ledger_tree(s->ledger), head->size, sb_commit_tiles(&s->commit), root,
                           NULL) == SB_OK &&
           memcmp(root, head->root, 32) == 0;
}

stb_peer *sb_stb_peer(sb_standby *s, uint64_t id)
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (s->peers[i].id == id)
            return &s->peers[i];
    return NULL;
}

void sb_stb_saw_term(sb_standby *s, uint32_t term)
{
    uint32_t known = sb_ledger_term(s->ledger);
    if (known < s->asked_term)
        known = s->asked_term;
    if (term <= s->seen_term || term - known > SB_STANDBY_TOLD_TERMS_MAX)
        return; /* a claim alone mustn't use the numbers up */
    s->seen_term = term;
    sb_stb_put_term(s, SB_STANDBY_ROW_SEEN, term);
}

bool sb_stb_origin(const sb_standby *s, uint32_t term, char out[STB_ORIGIN_CAP])
{
    return sb_origin(s->slug, s->federation_id, term, out, NULL) == SB_OK;
}

/* ---- opening ---- */

static bool load_term(sb_standby *s, sb_standby_table table, uint32_t *term)
{
    sb_slice value;
    if (!sb_stb_own_row(s, table, &value))
        return true;
    sb_reader r = sb_reader_over(value);
    *term = sb_read_u32(&r);
    return sb_reader_done(&r);
}

static sb_err load(sb_standby *s, sb_fail *fail)
{
    uint8_t id[32];
    if (sb_ledger_federation_id(s->ledger, id) && memcmp(id, s->federation_id, 32) != 0)
        return sb_fail_set(fail, SB_E_STANDBY_FEDERATION, NULL);
    const char *bad = NULL;
    if (!load_term(s, SB_STANDBY_ROW_ASKED, &s->asked_term))
        bad = "ASKED";
    else if (!load_term(s, SB_STANDBY_ROW_SEEN, &s->seen_term))
        bad = "SEEN";
    else if (!sb_standby_missing_load(&s->missing, s->own, s->ledger, &s->log))
        bad = "MISSING";
    else if (!sb_stb_load_promises(s))
        bad = "PROMISE";
    else if (sb_kv_error(s->own) != SB_OK)
        bad = "kv";
    return bad == NULL ? SB_OK : sb_fail_set(fail, SB_E_STANDBY_ROWS, bad, NULL);
}

sb_err sb_standby_open(sb_standby **out, const sb_standby_opts *opts, sb_fail *fail)
{
    sb_standby *s = sb_xmalloc(sizeof *s);
    memset(s, 0, sizeof *s);
    s->ledger = opts->ledger;
    s->log = opts->log;
    s->own = opts->own;
    s->log_key = opts->log_key;
    memcpy(s->federation_id, opts->federation_id, 32);
    s->slug = opts->slug;
    s->take_over = opts->take_over;
    sb_commit_builder_init(&s->commit, opts->log.tiles);
    sb_arena_init(&s->promise_arena);
    sb_arena_init(&s->out_arena);
    sb_arena_init(&s->scratch);
    sb_buf_init(&s->frame);
    sb_buf_init(&s->rewind_probe);
    s->tree = sb_xmalloc(sizeof *s->tree);
    sb_ledger_position position;
    sb_ledger_position_get(s->ledger, &position);
    assert(sb_ledger_unflushed(s->ledger) == 0);
    s->committed = position.size;
    sb_commit_builder_clear(&s->commit, s->committed);
    sb_err err = load(s, fail);
    s->has_asked = s->asked_term > sb_ledger_term(s->ledger);
    if (err == SB_OK && opts->before != NULL)
        sb_stb_go_on(s, opts->before);
    if (err != SB_OK) {
        sb_standby_close(s);
        return err;
    }
    *out = s;
    return SB_OK;
}

void sb_standby_close(sb_standby *s)
{
    if (s == NULL)
        return;
    sb_commit_builder_deinit(&s->commit);
    sb_missing_deinit(&s->missing);
    sb_arena_deinit(&s->promise_arena);
    sb_arena_deinit(&s->out_arena);
    sb_arena_deinit(&s->scratch);
    sb_buf_deinit(&s->frame);
    sb_buf_deinit(&s->rewind_probe);
    free(s->promises);
    free(s->out);
    free(s->tree);
    free(s);
}

/* ---- events ---- */

static void on_frame(sb_standby *s, const sb_standby_event *event)
{
    const Sb__Frame *frame = event->frame;
    switch (frame->body_case) {
    case SB__FRAME__BODY_HELLO:
        sb_stb_on_hello(s, event->peer, frame, event->now);
        break;
    case SB__FRAME__BODY_WELCOME:
        sb_stb_on_welcome(s, event->peer, frame->welcome);
        break;
    case SB__FRAME__BODY_LEAVES:
        sb_stb_on_leaves(s, event);
        break;
    case SB__FRAME__BODY_HANDOVER_OFFER:
        sb_stb_on_offer(s, event);
        break;
    case SB__FRAME__BODY_CERTIFIED:
        sb_stb_on_life(s, event->peer,
                       sb_slice_of(frame->certified->note.data, frame->certified->note.len),
                       event->now);
        break;
    case SB__FRAME__BODY_PEER_HEAD:
        sb_stb_on_life(s, event->peer,
                       sb_slice_of(frame->peer_head->note.data, frame->peer_head->note.len),
                       event->now);
        break;
    case SB__FRAME__BODY_PROMISE_GIVEN:
        sb_stb_on_promise(s, event->peer, frame->promise_given, event->now);
        break;
    case SB__FRAME__BODY_REFUSED:
        sb_stb_on_refused(s, event->peer, frame->refused);
        break;
    /* a broker's, a member's, or blobs (the shell's own business) */
    case SB__FRAME__BODY_PULL:
    case SB__FRAME__BODY_SUBMIT:
    case SB__FRAME__BODY_RECEIPT:
    case SB__FRAME__BODY_COSIGN:
    case SB__FRAME__BODY_BLOB_PUT:
    case SB__FRAME__BODY_BLOB_GET:
    case SB__FRAME__BODY_BLOB_DATA:
    case SB__FRAME__BODY_BLOB_STORED:
    case SB__FRAME__BODY_QUERY:
    case SB__FRAME__BODY_ANSWER:
    case SB__FRAME__BODY_PING:
    case SB__FRAME__BODY_PROMISE_ASK:
    case SB__FRAME__BODY_CONSISTENCY_GET:
    case SB__FRAME__BODY_CONSISTENCY:
    case SB__FRAME__BODY_WITNESS_ASK:
    case SB__FRAME__BODY_WITNESS_ANSWER:
    case SB__FRAME__BODY_CONSENT:
    case SB__FRAME__BODY__NOT_SET:
    case _SB__FRAME__BODY__CASE_IS_INT_SIZE:
        break;
    }
}

static void peer_up(sb_standby *s, const sb_standby_event *event)
{
    assert(event->peer != 0);
    stb_peer *peer = sb_stb_peer(s, event->peer);
    if (peer == NULL) {
        if (s->peer_count == SB_STANDBY_PEERS_MAX)
            return;
        peer = &s->peers[s->peer_count++];
    }
    *peer = (stb_peer){.id = event->peer};
    memcpy(peer->curve_pk, event->curve_pk, 32);
}

static void peer_down(sb_standby *s, uint64_t id)
{
    stb_peer *peer = sb_stb_peer(s, id);
    if (peer != NULL)
        *peer = s->peers[--s->peer_count];
    if (s->source == id)
        s->source = 0;
}

/* Ask a node for each attachment that is missing, each time another one. */
static void ask_blobs(sb_standby *s, sb_now now)
{
    size_t at = 0;
    sb_missing_blob *blob;
    while (s->peer_count > 0 &&
           (blob = sb_standby_missing_next(&s->missing, now.mono_ms, &at)) != NULL) {
        const stb_peer *peer =
            &s->peers[(blob->sha256[0] + now.mono_ms / SB_STANDBY_BLOB_MS) % s->peer_count];
        sb_standby_effect *effect = sb_stb_emit(s, SB_STANDBY_WANT_BLOB);
        effect->peer = peer->id;
        memcpy(effect->blob, blob->sha256, 32);
        effect->blob_bytes = blob->size;
    }
}

static void on_tick(sb_standby *s, sb_now now)
{
    if (sb_stb_append_stored(s))
        return;
    sb_stb_tick_follow(s, now);
    sb_stb_tick_ask(s, now);
    ask_blobs(s, now);
    sb_stb_rewind_wanted(s);
    if (sb_commit_builder_is_empty(&s->commit) && !s->rewinds)
        sb_stb_tick_decide(s, now); /* over what is durable, and alone in its step */
}

static void on_committed(sb_standby *s, sb_now now)
{
    assert(s->committing);
    assert(sb_ledger_unflushed(s->ledger) == 0); /* the shell flushed it in its transaction */
    s->committing = false;
    s->committed += s->commit.commit.leaf_count;
    sb_commit_builder_clear(&s->commit, s->committed);
    s->judge_due = true;
    if (s->done)
        sb_stb_emit(s, SB_STANDBY_TAKE_OVER);
    else
        sb_stb_pull_on(s, now);
}

static void step(sb_standby *s, const sb_standby_event *event)
{
    if (!s->started) {
        s->started = true;
        s->alive_ms = event->now.mono_ms;
        s->asked_ms = event->now.mono_ms;
    }
    switch (event->kind) {
    case SB_STANDBY_TICK:
        on_tick(s, event->now);
        break;
    case SB_STANDBY_PEER_UP:
        peer_up(s, event);
        break;
    case SB_STANDBY_PEER_DOWN:
        peer_down(s, event->peer);
        break;
    case SB_STANDBY_FRAME:
        if (sb_stb_peer(s, event->peer) != NULL)
            on_frame(s, event);
        break;
    case SB_STANDBY_COMMITTED:
        on_committed(s, event->now);
        break;
    case SB_STANDBY_REFUSED:
        sb_stb_cut_refused(s, event);
        break;
    case SB_STANDBY_BLOB_STORED:
        if (s->log.has_blob(s->log.arg, event->blob))
            sb_missing_done(&s->missing, event->blob, &s->commit);
        break;
    }
}

/* What the step asks of the shell before anything is sent. */
static bool last_effect(sb_standby *s)
{
    const sb_log_commit *commit = sb_commit_builder_get(&s->commit);
    if (s->rewinds) {
        assert(commit->leaf_count == 0);
        s->last_effect = (sb_standby_effect){.kind = SB_STANDBY_REWIND,
                                             .size = s->rewind_size,
                                             .probe = sb_buf_slice(&s->rewind_probe),
                                             .commit = commit};
        return true;
    }
    if (sb_commit_builder_is_empty(&s->commit))
        return false;
    s->committing = true;
    s->last_effect = (sb_standby_effect){.kind = SB_STANDBY_COMMIT, .commit = commit};
    return true;
}

void sb_standby_step(sb_standby *s, const sb_standby_event *event, sb_standby_effects *effects)
{
    assert(s->committing == (event->kind == SB_STANDBY_COMMITTED));
    assert(!s->rewinds); /* it is closed by then */
    *effects = (sb_standby_effects){0};
    if (s->fatal)
        return;
    if (event->kind != SB_STANDBY_COMMITTED) { /* else what waited for the commit goes out now */
        s->out_count = 0;
        sb_arena_reset(&s->out_arena);
    }
    sb_arena_reset(&s->scratch);
    step(s, event);
    if (!s->fatal && last_effect(s)) {
        *effects = (sb_standby_effects){.items = &s->last_effect, .count = 1};
        return;
    }
    *effects = (sb_standby_effects){.items = s->out, .count = s->out_count};
}

/* ---- status ---- */

void sb_standby_status_get(sb_standby *s, sb_now now, sb_standby_status *out)
{
    memset(out, 0, sizeof *out);
    sb_ledger_position position;
    sb_ledger_position_get(s->ledger, &position);
    out->phase = s->phase;
    out->size = s->committed;
    memcpy(out->root, position.root, 32);
    out->term = sb_ledger_term(s->ledger);
    out->asked_term = s->asked_term;
    stb_willing w = sb_stb_willing(s, now);
    sb_stb_suffice(s, &w, w.promised, &out->promised, &out->needed);
    sb_stb_suffice(s, &w, w.count, &out->would, NULL);
    out->organisations = sb_ledger_org_count(s->ledger);
    out->peers = (uint32_t)s->peer_count;
    out->silent_ms = s->started ? now.mono_ms - s->alive_ms : 0;
    if (sb_ledger_charter(s->ledger) == NULL)
        out->needed = 0; /* not known yet */
    uint64_t silence_ms, after_ms;
    if (sb_stb_is_enrolled(s, &silence_ms, &after_ms))
        out->silence_ms = silence_ms + after_ms;
    out->blobs_missing = (uint32_t)s->missing.count;
    out->has_refusal = s->has_refusal;
    out->refusal = s->refusal;
}
