/* One line per event on stderr: time, level, message as key=value words. Never secrets.
 *
 *     2022-01-20T12:00:00.123Z info  sequenced index=17 type=ballot
 */
#ifndef SB_HOST_LOG_H
#define SB_HOST_LOG_H

#include "nodes/host/clock.h"

typedef enum sb_log_level { SB_LOG_ERROR = 1, SB_LOG_WARN, SB_LOG_INFO, SB_LOG_DEBUG } sb_log_level;

/* The clock whose legal time stamps lines (NULL: the system's), the most detailed level written,
 * and a name after the level (NULL: none), all borrowed. Call before threads start. */
void sb_log_setup(sb_clock *clock, sb_log_level most, const char *name);
/* Control characters in the message are escaped; a line is at most 2,000 bytes. From the main
 * thread only. */
void sb_log(sb_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `what` and the refusal's code and words. */
void sb_log_fail(sb_log_level level, const char *what, const sb_fail *fail);

#endif
