/* A full disk. What could not be committed is dropped, the history is opened anew over what was, as a
 * start does it, and the process goes on: it answers questions and serves the log and attachments,
 * takes nothing, and looks for room now and then. Who submitted asks again. */
#include "broker/brokerd/broker.h"
#include "nodes/host/log.h"

static void everybody_up(sb_broker *b)
{
    for (size_t i = 0; i < b->up_count && b->standby != NULL && !b->failed; i++) {
        sb_standby_event event = {.kind = SB_STANDBY_PEER_UP, .peer = b->up[i]};
        sb_broker_stand(b, &event);
    }
}

static sb_err reopen(sb_broker *b, sb_fail *fail)
{
    bool stands = b->sequencer == NULL;
    sb_sequencer_close(b->sequencer);
    sb_standby_close(b->standby);
    b->sequencer = NULL;
    b->standby = NULL;
    sb_missing_deinit(&b->missing); /* the sequencer's opening loads it anew */
    sb_err err = sb_history_reopen(&b->history, fail);
    if (err != SB_OK)
        return err;
    return stands ? sb_broker_open_standby(b, fail) : sb_broker_open_sequencer(b, fail);
}

bool sb_broker_outlive_full(sb_broker *b)
{
    sb_fail fail = {0};
    uint64_t now_ms = sb_clock_monotonic_ms();
    if (b->fail.code != SB_E_STORE_DISK_FULL)
        return false;
    b->failed = false; /* a core that is opened is stepped */
    b->full.looked_ms = now_ms;
    if (b->full.since_ms == 0 || now_ms - b->full.told_ms >= SB_BROKER_TELL_MS) {
        sb_log(SB_LOG_ERROR, "the disk is full: nothing is taken until there is room; what was "
                             "acknowledged is safe, and is served");
        b->full.told_ms = now_ms;
    }
    b->full.is_on = true;
    if (b->full.since_ms == 0)
        b->full.since_ms = sb_broker_now(b).legal_ms;
    if (reopen(b, &fail) != SB_OK)
        sb_broker_end(b, &fail);
    return !b->failed;
}

void sb_broker_look_for_room(sb_broker *b)
{
    uint64_t now_ms = sb_clock_monotonic_ms();
    if (b->full.since_ms == 0 || now_ms - b->full.looked_ms < SB_BROKER_FULL_MS)
        return;
    b->full.looked_ms = now_ms;
    if (!b->full.is_on) { /* a while without a refusal */
        sb_log(SB_LOG_INFO, "there is room on the disk again");
        b->full = (sb_broker_full){0};
        return;
    }
    if (!sb_store_has_room(b->history.store, SB_HISTORY_ROOM_BYTES))
        return;
    b->full.is_on = false; /* it seems so: a quota may say otherwise */
    everybody_up(b);       /* a standby was told of nobody meanwhile */
}
