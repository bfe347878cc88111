/* A full disk. What could not be committed is dropped, the history is opened anew over what was, as a
 * start does it, and the process goes on: it answers questions and serves the log and attachments,
 * takes nothing, and looks for room now and then. Who submitted asks again. */
#include "broker/brokerd/broker.h"

static sb_err reopen(sb_broker *b, sb_fail *fail)
{
    bool stands = b->sequencer == NULL;
    bool awaits = !stands && sb_sequencer_awaits(b->sequencer, &b->awaits_from_ms);
    sb_sequencer_close(b->sequencer);
    sb_standby_close(b->standby);
    b->sequencer = NULL;
    b->standby = NULL;
    sb_missing_deinit(&b->missing); /* the sequencer's opening loads it anew */
    sb_err err = sb_history_reopen(&b->history, fail);
    if (err != SB_OK)
        return err;
    return stands ? sb_broker_open_standby(b, fail) : sb_broker_open_sequencer(b, awaits, fail);
}

bool sb_broker_outlive_full(sb_broker *b)
{
    sb_fail fail = {0};
    if (b->fail.code != SB_E_STORE_DISK_FULL)
        return false;
    b->failed = false; /* a core that is opened is stepped */
    sb_full_refused(&b->full, sb_broker_now(b));
    if (reopen(b, &fail) != SB_OK)
        sb_broker_end(b, &fail);
    return !b->failed;
}

void sb_broker_look_for_room(sb_broker *b)
{
    sb_fail fail = {0};
    bool has_room;
    if (sb_full_look(&b->full, &b->history, sb_clock_monotonic_ms(), &has_room, &fail) != SB_OK)
        sb_broker_end(b, &fail);
    else if (has_room)
        sb_broker_stand_everybody_up(b); /* a standby was told of nobody meanwhile */
}
