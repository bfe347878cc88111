#include "nodes/store/full.h"

#include "nodes/host/log.h"

enum { TELL_MS = 60 * 1000 };

void sb_full_refused(sb_full *full, sb_now now)
{
    if (full->since_ms == 0 || now.mono_ms - full->told_ms >= TELL_MS) {
        sb_log(SB_LOG_ERROR, "the disk is full: nothing is taken until there is room; what was "
                             "acknowledged is safe, and is served");
        full->told_ms = now.mono_ms;
    }
    if (full->since_ms == 0)
        full->since_ms = now.legal_ms;
    full->looked_ms = now.mono_ms;
    full->is_on = true;
}

sb_err sb_full_look(sb_full *full, sb_history *h, uint64_t mono_ms, bool *has_room, sb_fail *fail)
{
    *has_room = false;
    if (full->since_ms == 0 || mono_ms - full->looked_ms < SB_FULL_LOOK_MS)
        return SB_OK;
    full->looked_ms = mono_ms;
    if (!full->is_on) { /* a while without a refusal */
        sb_log(SB_LOG_INFO, "there is room on the disk again");
        *full = (sb_full){0};
        return SB_OK;
    }
    if (!sb_history_has_room(h))
        return SB_OK;
    sb_err err = sb_history_try_room(h, fail);
    *has_room = err == SB_OK;
    full->is_on = !*has_room;
    return err;
}
