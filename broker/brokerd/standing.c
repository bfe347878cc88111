/* The process as a standby: the core's effects carried out, and the day it takes over. */
#include <assert.h>

#include "broker/brokerd/broker.h"
#include "nodes/host/log.h"

static sb_err open_anew(sb_broker *b, const sb_standby *before, sb_fail *fail)
{
    sb_standby_opts opts = {.ledger = b->history.ledger,
                            .log = b->history.reader,
                            .own = sb_store_own(b->history.store),
                            .log_key = b->log_key,
                            .slug = b->federation->genesis->slug,
                            .take_over = b->take_over,
                            .before = before};
    memcpy(opts.federation_id, b->federation->federation_id, 32);
    return sb_standby_open(&b->standby, &opts, fail);
}

sb_err sb_broker_open_standby(sb_broker *b, sb_fail *fail)
{
    return open_anew(b, NULL, fail);
}

void sb_broker_stand_everybody_up(sb_broker *b)
{
    for (size_t i = 0; i < b->up_count && b->standby != NULL; i++) {
        sb_standby_event event = {.kind = SB_STANDBY_PEER_UP, .peer = b->up[i].peer};
        memcpy(event.curve_pk, b->up[i].pk, 32);
        sb_broker_stand(b, &event);
    }
}

/* ---- cutting the log ---- */

typedef struct cut {
    sb_arena arena;
    uint64_t size;
    sb_slice probe;
    sb_commit_put *puts;
    size_t put_count;
} cut;

/* What the effect borrows goes with the standby. */
static void copy_cut(const sb_standby_effect *effect, cut *c)
{
    sb_arena_init(&c->arena);
    c->size = effect->size;
    c->probe = sb_arena_copy(&c->arena, effect->probe);
    c->put_count = effect->commit->put_count;
    c->puts = SB_ARENA_ARRAY(&c->arena, sb_commit_put, c->put_count + 1);
    for (size_t i = 0; i < c->put_count; i++) {
        const sb_commit_put *from = &effect->commit->puts[i];
        c->puts[i] = (sb_commit_put){.key = sb_arena_copy(&c->arena, from->key),
                                     .value = sb_arena_copy(&c->arena, from->value),
                                     .is_delete = from->is_delete};
    }
}

/* Errors worth ending for are those that aren't the probe's refusal: then the ledger is gone. */
static bool rewind_history(sb_broker *b, const cut *c, sb_fail *fail)
{
    sb_err err = sb_history_rewind(&b->history, c->size, c->probe, c->puts, c->put_count, fail);
    if (err == SB_OK)
        return true;
    if (b->history.ledger == NULL || c->probe.len == 0 || err == SB_E_HISTORY_DAMAGED ||
        sb_store_error(b->history.store) != SB_OK)
        sb_broker_end(b, fail);
    return false;
}

static void cut_log(sb_broker *b, const sb_standby_effect *effect)
{
    cut c;
    sb_fail refusal = {0}, fail = {0};
    copy_cut(effect, &c);
    sb_log(SB_LOG_WARN, "the log goes back to %llu entries: what follows was not confirmed",
           (unsigned long long)c.size);
    sb_standby *before = b->standby;
    b->standby = NULL;
    bool taken = rewind_history(b, &c, &refusal);
    if (!b->failed && open_anew(b, before, &fail) != SB_OK)
        sb_broker_end(b, &fail);
    sb_standby_close(before);
    if (!b->failed && !taken) {
        sb_log_fail(SB_LOG_WARN, "the handover was refused", &refusal);
        sb_standby_event event = {
            .kind = SB_STANDBY_REFUSED, .probe = c.probe, .refusal = &refusal};
        sb_broker_stand(b, &event);
    }
    if (!b->failed)
        sb_broker_stand_everybody_up(b);
    sb_arena_deinit(&c.arena);
}

/* ---- taking over ---- */

static void take_over(sb_broker *b)
{
    sb_fail fail = {0};
    sb_standby_close(b->standby);
    b->standby = NULL;
    b->take_over = false;
    sb_log(SB_LOG_INFO, "took over: term %u begins at entry %llu",
           sb_ledger_term(b->history.ledger),
           (unsigned long long)sb_store_count(b->history.store) - 1);
    if (sb_broker_open_sequencer(b, false, &fail) != SB_OK)
        sb_broker_end(b, &fail);
}

/* ---- effects ---- */

/* Carry out what one step left. True: a commit was done, so COMMITTED follows. */
static bool carry_out(sb_broker *b, const sb_standby_effects *effects)
{
    bool committed = false;
    for (size_t i = 0; i < effects->count && !b->failed; i++) {
        const sb_standby_effect *effect = &effects->items[i];
        sb_fail fail = {0};
        switch (effect->kind) {
        case SB_STANDBY_SEND:
            sb_broker_send(b, (uint32_t)effect->peer, effect->bytes);
            break;
        case SB_STANDBY_COMMIT:
            assert(i + 1 == effects->count);
            if (sb_history_commit(&b->history, effect->commit, &fail) != SB_OK)
                sb_broker_end(b, &fail);
            committed = true;
            break;
        case SB_STANDBY_REWIND:
            assert(i + 1 == effects->count);
            cut_log(b, effect);
            return false; /* another standby now */
        case SB_STANDBY_WANT_BLOB:
            sb_broker_fetch_blob(b, (uint32_t)effect->peer, effect->blob, effect->blob_bytes);
            break;
        case SB_STANDBY_TAKE_OVER:
            assert(i + 1 == effects->count);
            take_over(b);
            return false;
        case SB_STANDBY_FATAL:
            sb_broker_end(b, &effect->fail);
            break;
        }
    }
    return committed && !b->failed;
}

void sb_broker_stand(sb_broker *b, sb_standby_event *event)
{
    sb_standby_effects effects;
    if (b->failed || b->full.is_on)
        return;
    event->now = sb_broker_now(b);
    sb_standby_step(b->standby, event, &effects);
    while (carry_out(b, &effects)) {
        sb_standby_event done = {.kind = SB_STANDBY_COMMITTED, .now = sb_broker_now(b)};
        sb_standby_step(b->standby, &done, &effects);
    }
}
