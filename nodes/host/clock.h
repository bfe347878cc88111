/* Two clocks (DESIGN §6): legal (wall, ms since 1970 UTC) and monotonic (timeouts).
 *
 * In a rehearsal a file feeds the legal clock: one number, milliseconds in decimal, maybe a
 * newline, replaced atomically by sb_clock_file_write. It stands still between replacements and
 * never goes backwards. Whether a federation may use one is the caller's to check.
 */
#ifndef SB_HOST_CLOCK_H
#define SB_HOST_CLOCK_H

#include <stdbool.h>

#include "proto/base/err.h"

typedef struct sb_clock {
    char path[4096];       /* empty: the system's clock */
    uint64_t legal_ms;     /* last value given out */
    int64_t seen_mtime_ns; /* of the file when it was read last */
    uint64_t seen_inode;
} sb_clock;

/* The system's clock. Never fails. */
void sb_clock_system(sb_clock *clock);
/* Fed by the file. Errors: SB_E_CLOCK_FILE (path, reason). */
sb_err sb_clock_file(sb_clock *clock, const char *path, sb_fail *fail);
bool sb_clock_is_rehearsal(const sb_clock *clock);
/* Legal time now, never lower than what this clock gave before. With a file, it is read again
 * when it was replaced; a file that is missing, broken or set back leaves the clock where it is
 * and returns SB_E_CLOCK_FILE or SB_E_CLOCK_BACKWARDS (*ms is set all the same). */
sb_err sb_clock_legal_ms(sb_clock *clock, uint64_t *ms, sb_fail *fail);
/* Monotonic milliseconds from an arbitrary start; the same in all processes of the machine. */
uint64_t sb_clock_monotonic_ms(void);
/* … and microseconds, for waits shorter than that. */
uint64_t sb_clock_monotonic_us(void);
/* Replace the file. Refuses to set it back. Errors: SB_E_CLOCK_BACKWARDS, SB_E_FILE_WRITE. */
sb_err sb_clock_file_write(const char *path, uint64_t ms, sb_fail *fail);

#endif
