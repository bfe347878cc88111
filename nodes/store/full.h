/* A full disk, as a daemon lives with it: what could not be committed is dropped, history and core are
 * opened anew over what was, and the process goes on. It answers and serves, takes nothing, and looks
 * for room now and then.
 *
 *   refused (SB_E_STORE_DISK_FULL) -> full: is_on, nothing is committed
 *   sb_full_look: each SB_FULL_LOOK_MS; what it commits is taken -> not is_on, since_ms stands
 *   refused again -> full; SB_FULL_LOOK_MS without -> it is over: since_ms is 0
 */
#ifndef SB_STORE_FULL_H
#define SB_STORE_FULL_H

#include "nodes/store/history.h"
#include "proto/wire/logio.h"

enum { SB_FULL_LOOK_MS = 3 * 1000 };

typedef struct sb_full {
    bool is_on;                  /* nothing may be committed, so a core isn't stepped */
    uint64_t since_ms;           /* legal; 0: it isn't, and hasn't been for a while */
    uint64_t looked_ms, told_ms; /* monotonic */
} sb_full;

/* A commit was refused. It is said in the log, at most each minute. */
void sb_full_refused(sb_full *full, sb_now now);
/* Each turn of the daemon's loop. *has_room: it was full and has room from now on, which a commit has
 * shown. Errors: sb_history_try_room's, as of any other commit. */
sb_err sb_full_look(sb_full *full, sb_history *h, uint64_t mono_ms, bool *has_room, sb_fail *fail);

#endif
