/* How long who pulls leaves waits for them before it asks again: a second on a good line, and longer
 * where they take longer, so that a slow line isn't filled with answers to one question. PROTOCOL.md
 * "Frames and exchange", Credit. Times are monotonic milliseconds.
 */
#ifndef SB_WIRE_PACE_H
#define SB_WIRE_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SB_PACE_MS = 1000,    /* at least */
    SB_PACE_MS_MAX = 8000 /* at most */
};

/* All zero: nobody was asked yet. */
typedef struct sb_pace {
    uint64_t since_ms; /* asked, or leaves came, whichever was later; 0: neither */
    uint64_t wait_ms;  /* from then on; 0: SB_PACE_MS */
    bool is_waiting;   /* nothing came since, and something should */
    bool is_again; /* what comes next may answer another question: how long it took can't be told */
} sb_pace;

/* Asked somebody of whose line nothing is known; is_behind: something is known to be missing. If not,
 * leaves may come much later, when there are some. */
void sb_pace_begin(sb_pace *p, uint64_t now_ms, bool is_behind);
/* Asked on, or again: when nothing came since that should have, the next wait is twice as long. */
void sb_pace_asked(sb_pace *p, uint64_t now_ms);
/* A frame of leaves came from who was asked, also of leaves that are here: what was asked for last is
 * behind it. The next wait is four times what this frame took, if that can be told; SB_PACE_MS when
 * nothing more is known to be missing. */
void sb_pace_came(sb_pace *p, uint64_t now_ms, bool is_behind);
/* Is it time to ask again? */
bool sb_pace_is_over(const sb_pace *p, uint64_t now_ms);
/* Do frames take long, or didn't the last one come? Less should be asked for at a time. */
bool sb_pace_is_slow(const sb_pace *p);

#endif
