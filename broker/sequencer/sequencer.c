/* Events in, effects out; when a batch opens and closes. */
#include "broker/sequencer/inside.h"

#include <assert.h>
#include <stdlib.h>

/* ---- opening ---- */

static sb_err check_log_key(sb_ledger *ledger, const sb_secret *log_key, sb_fail *fail)
{
    uint8_t pk[32];
    if (!sb_ledger_log_pk(ledger, pk) || memcmp(pk, sb_secret_pk(log_key), 32) == 0)
        return SB_OK;
    char has[65], ours[65];
    sb_hex(sb_slice_of(pk, 32), has);
    sb_hex(sb_slice_of(sb_secret_pk(log_key), 32), ours);
    return sb_fail_set(fail, SB_E_SEQUENCER_LOG_KEY, has, ours, NULL);
}

sb_err sb_sequencer_open(sb_sequencer **out, const sb_seq_opts *opts, sb_fail *fail)
{
    sb_err err = check_log_key(opts->ledger, opts->log_key, fail);
    if (err == SB_OK && opts->over > sb_ledger_term(opts->ledger))
        err = sb_seq_term_over(fail, opts->over, sb_ledger_term(opts->ledger));
    if (err != SB_OK)
        return err;
    sb_sequencer *s = sb_xmalloc(sizeof *s);
    memset(s, 0, sizeof *s);
    s->ledger = opts->ledger;
    s->log = opts->log;
    s->log_key = opts->log_key;
    s->watches_jumps = opts->watches_jumps;
    s->frame_leaves_max =
        opts->frame_leaves_max == 0 ? SB_LONG_FRAME_LEAVES_MAX : opts->frame_leaves_max;
    sb_ledger_position position;
    sb_ledger_position_get(s->ledger, &position);
    assert(sb_ledger_unflushed(s->ledger) == 0);
    s->committed = position.size;
    s->awaits = opts->awaits_nodes && sb_seq_must_await(s);
    s->awaits_from_ms = opts->awaits_from_ms;
    uint64_t seal_index, sealed_size = 0;
    sb_ledger_last_seal(s->ledger, &seal_index, &sealed_size);
    s->real_size = position.ends_only_system ? sealed_size : position.size;
    sb_commit_builder_init(&s->batch, opts->log.tiles);
    sb_commit_builder_clear(&s->batch, s->committed);
    sb_buf_init(&s->signed_note);
    sb_buf_init(&s->certified_note);
    for (size_t i = 0; i < SEQ_HEADS_MAX; i++)
        sb_buf_init(&s->heads[i].note);
    sb_arena_init(&s->out_arena);
    sb_arena_init(&s->scratch);
    sb_buf_init(&s->frame);
    *out = s;
    return SB_OK;
}

void sb_sequencer_close(sb_sequencer *s)
{
    if (s == NULL)
        return;
    sb_commit_builder_deinit(&s->batch);
    for (size_t i = 0; i < SEQ_HEADS_MAX; i++) {
        sb_buf_deinit(&s->heads[i].note);
        free(s->heads[i].cosigns);
    }
    sb_buf_deinit(&s->signed_note);
    sb_buf_deinit(&s->certified_note);
    sb_arena_deinit(&s->out_arena);
    sb_arena_deinit(&s->scratch);
    sb_buf_deinit(&s->frame);
    free(s->receipts);
    free(s->out);
    free(s);
}

/* ---- effects ---- */

sb_seq_effect *sb_seq_emit(sb_sequencer *s, sb_seq_effect_kind kind)
{
    if (s->out_count == s->out_cap) {
        s->out_cap = s->out_cap == 0 ? 64 : s->out_cap * 2;
        s->out = sb_xrealloc(s->out, s->out_cap * sizeof *s->out);
    }
    sb_seq_effect *effect = &s->out[s->out_count++];
    memset(effect, 0, sizeof *effect);
    effect->kind = kind;
    return effect;
}

void sb_seq_fatal(sb_sequencer *s, const sb_fail *fail)
{
    if (s->fatal)
        return;
    s->fatal = true;
    sb_seq_emit(s, SB_SEQ_FATAL)->fail = *fail;
}

/* ---- events ---- */

static bool batch_is_full(const sb_sequencer *s)
{
    return s->batch.commit.leaf_count >= SB_SEQ_BATCH_LEAVES_MAX ||
           s->batch.bytes >= SB_SEQ_BATCH_BYTES_MAX;
}

static void on_frame(sb_sequencer *s, const sb_seq_event *event)
{
    const Sb__Frame *frame = event->frame;
    switch (frame->body_case) {
    case SB__FRAME__BODY_HELLO:
        sb_seq_hello_frame(s, event->peer, frame, event->now);
        break;
    case SB__FRAME__BODY_PULL:
        sb_seq_pull_frame(s, event->peer, frame->pull, event->now);
        break;
    case SB__FRAME__BODY_SUBMIT:
        if (!s->awaits) /* else nobody but who holds more was welcomed */
            sb_seq_submit(s, event);
        break;
    case SB__FRAME__BODY_COSIGN:
        sb_seq_cosign_frame(s, frame->cosign, event->now);
        break;
    case SB__FRAME__BODY_CERTIFIED:
        sb_seq_evidence_frame(s, frame->certified);
        break;
    case SB__FRAME__BODY_HANDOVER_OFFER:
        sb_seq_offer_frame(s, event);
        break;
    /* from a broker, or between a member and its node, or blobs (the shell's own business) */
    case SB__FRAME__BODY_WELCOME:
    case SB__FRAME__BODY_LEAVES:
    case SB__FRAME__BODY_RECEIPT:
    case SB__FRAME__BODY_REFUSED:
    case SB__FRAME__BODY_BLOB_PUT:
    case SB__FRAME__BODY_BLOB_GET:
    case SB__FRAME__BODY_BLOB_DATA:
    case SB__FRAME__BODY_BLOB_STORED:
    case SB__FRAME__BODY_QUERY:
    case SB__FRAME__BODY_ANSWER:
    case SB__FRAME__BODY_PING:
    case SB__FRAME__BODY_PROMISE_ASK:
    case SB__FRAME__BODY_PROMISE_GIVEN:
    case SB__FRAME__BODY_PEER_HEAD:
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

/* What was stored is what we admitted: checked before a head over it is signed. */
static bool read_back(sb_sequencer *s)
{
    for (size_t i = 0; i < s->batch.commit.leaf_count; i++) {
        sb_slice stored;
        if (s->log.leaf(s->log.arg, s->committed + i, &stored) &&
            sb_slice_eq(stored, s->batch.leaves[i]))
            continue;
        sb_fail fail;
        sb_fail_num(&fail, SB_E_SEQUENCER_STORE, 1, s->committed + i, 0);
        sb_seq_fatal(s, &fail);
        return false;
    }
    return true;
}

static void on_committed(sb_sequencer *s, sb_now now)
{
    assert(s->committing);
    assert(sb_ledger_unflushed(s->ledger) == 0); /* the shell flushed it in its transaction */
    s->committing = false;
    if (!read_back(s))
        return;
    s->committed += s->batch.commit.leaf_count;
    sb_commit_builder_clear(&s->batch, s->committed);
    if (s->is_over) { /* what was in the batch stands unsigned, and so does all that follows */
        sb_seq_fatal(s, &s->over_fail);
        return;
    }
    sb_seq_sign_head(s, now);
    sb_seq_send_receipts(s);
    sb_seq_push_all(s, true, now);
}

/* What a final BLOB_ERASE names goes with the next commit. */
static void erase_final(sb_sequencer *s)
{
    uint64_t index = s->erase_from, size;
    uint8_t sha256[32], root[32];
    if (s->certified_size == s->erase_certified || !sb_seq_final(s, &size, root))
        return;
    s->erase_certified = s->certified_size;
    while (index < size && sb_ledger_erasure_next(s->ledger, &index, sha256) && index < size) {
        sb_commit_erase_blob(&s->batch, sha256);
        index++;
    }
    s->erase_from = size;
}

/* True: the batch closes. */
static bool on_tick(sb_sequencer *s, sb_now now, bool no_room)
{
    sb_seq_await(s, now);
    if (!no_room && !s->awaits) {
        sb_seq_append_due(s, now);
        sb_seq_extend_heads(s, now);
    }
    sb_seq_tend_heads(s, now);
    sb_seq_push_all(s, !sb_commit_builder_is_empty(&s->batch), now);
    sb_seq_announce(s, now);
    if (no_room)
        return false;
    erase_final(s);
    return !sb_commit_builder_is_empty(&s->batch);
}

static bool step(sb_sequencer *s, const sb_seq_event *event)
{
    if (s->committed > 0 && s->signed_head.size == 0)
        sb_seq_sign_head(s,
                         event->now); /* the first since the start, before anything is admitted */
    switch (event->kind) {
    case SB_SEQ_TICK:
        return on_tick(s, event->now, event->no_room);
    case SB_SEQ_PEER_UP:
        sb_seq_peer_up(s, event->peer, event->curve_pk);
        return false;
    case SB_SEQ_PEER_DOWN:
        sb_seq_peer_down(s, event->peer);
        return false;
    case SB_SEQ_FRAME:
        on_frame(s, event);
        return s->is_over || batch_is_full(s);
    case SB_SEQ_COMMITTED:
        on_committed(s, event->now);
        return false;
    }
    return false;
}

void sb_sequencer_step(sb_sequencer *s, const sb_seq_event *event, sb_seq_effects *effects)
{
    assert(s->committing == (event->kind == SB_SEQ_COMMITTED));
    *effects = (sb_seq_effects){0};
    if (s->fatal)
        return;
    if (event->kind != SB_SEQ_COMMITTED) { /* else what waited for the commit goes out now */
        s->out_count = 0;
        sb_arena_reset(&s->out_arena);
    }
    sb_arena_reset(&s->scratch);
    if (s->watches_jumps)
        s->legal_ahead_ms = (int64_t)event->now.legal_ms - (int64_t)event->now.mono_ms;
    bool closes = step(s, event);
    if (closes && !s->fatal) {
        s->committing = true;
        s->commit_effect =
            (sb_seq_effect){.kind = SB_SEQ_COMMIT, .commit = sb_commit_builder_get(&s->batch)};
        *effects = (sb_seq_effects){.items = &s->commit_effect, .count = 1};
        return;
    }
    *effects = (sb_seq_effects){.items = s->out, .count = s->out_count};
}

/* ---- what it knows ---- */

bool sb_sequencer_awaits(const sb_sequencer *s, uint64_t *from_ms)
{
    if (from_ms != NULL)
        *from_ms = s->awaits_from_ms;
    return s->awaits;
}

sb_slice sb_sequencer_head(const sb_sequencer *s)
{
    return sb_buf_slice(&s->signed_note);
}

sb_slice sb_sequencer_certified(const sb_sequencer *s)
{
    return sb_buf_slice(&s->certified_note);
}

static uint32_t count_cosigners(sb_sequencer *s, const sb_seq_head *head, uint32_t *needed)
{
    uint8_t(*pks)[32] = sb_arena_alloc(&s->scratch, 32 * (head->cosign_count + 1));
    for (size_t i = 0; i < head->cosign_count; i++)
        memcpy(pks[i], head->cosigns[i].pk, 32);
    uint32_t have = 0;
    if (sb_ledger_quorum(s->ledger, head->head.size, (const uint8_t(*)[32])pks, head->cosign_count,
                         &have, needed)) /* a change that waits may ask for more */
        (void)sb_ledger_quorum_seal(s->ledger, head->head.size, (const uint8_t(*)[32])pks,
                                    head->cosign_count, &have, needed);
    if (*needed == UINT32_MAX)
        *needed = 0; /* no charter yet: nobody knows */
    return have;
}

void sb_sequencer_status(sb_sequencer *s, sb_seq_status *out)
{
    memset(out, 0, sizeof *out);
    sb_ledger_position position;
    sb_ledger_position_get(s->ledger, &position);
    out->size = position.size;
    memcpy(out->root, position.root, 32);
    memcpy(out->digest, position.digest, 32);
    out->head_size = s->signed_head.size;
    out->certified_size = s->certified_size;
    uint8_t root[32];
    if (!sb_seq_final(s, &out->final_size, root))
        out->final_size = 0;
    out->organisations = sb_ledger_orgs_in(s->ledger);
    if (s->head_count > 0)
        out->cosigners = count_cosigners(s, &s->heads[s->head_count - 1], &out->needed);
    out->peers = (uint32_t)s->peer_count;
    out->term = sb_ledger_term(s->ledger);
    out->clock_off_ms = sb_seq_clock_off(s);
    out->clock_bad = sb_seq_clock_bad(s);
}
