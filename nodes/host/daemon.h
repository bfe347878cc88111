/* What every daemon of ours does the same way: start, say that it is ready, be told to stop. */
#ifndef SB_HOST_DAEMON_H
#define SB_HOST_DAEMON_H

#include "nodes/host/args.h"
#include "nodes/host/clock.h"

/* Before anything else: no core files (secrets), as many descriptors as allowed, no SIGPIPE,
 * SIGTERM and SIGINT remembered, last words (last_words.h) under `name`, short slices (slice.h). */
void sb_daemon_start(const char *name);
/* A signal said stop. */
bool sb_daemon_stopping(void);
/* One line on standard output: whoever started us waits for it. */
void sb_daemon_ready(const char *name);

/* The legal clock: a file only in a rehearsal, and a rehearsal only with a file (DESIGN §6).
 * Errors: SB_E_CLOCK_FILE, SB_E_DAEMON_CLOCK_REFUSED, SB_E_DAEMON_CLOCK_NEEDED. */
sb_err sb_daemon_clock(sb_clock *clock, const char *path, bool is_rehearsal, sb_fail *fail);

/* DIR and options that all daemons take; NULL-ended tables for sb_args. */
extern const sb_arg_position sb_daemon_positions[];
extern const sb_arg_option sb_daemon_options[];

typedef struct sb_daemon_args {
    const char *dir, *clock_file;
    sb_lang lang;
} sb_daemon_args;

/* Parse a daemon's command line and set up the log. False: *exit_code says how to end (help was
 * printed, or the message of what was wrong). */
bool sb_daemon_args_read(const char *name, const char *nb, const char *en, int argc, char **argv,
                         sb_arena *arena, sb_daemon_args *out, int *exit_code);
/* … with options of its own (a table that begins with sb_daemon_options' two), found in *args. */
bool sb_daemon_args_read_with(const char *name, const char *nb, const char *en,
                              const sb_arg_option *options, int argc, char **argv, sb_arena *arena,
                              sb_args *args, sb_daemon_args *out, int *exit_code);
/* The two, for such tables. */
#define SB_DAEMON_OPTION_CLOCK                                                                     \
    {                                                                                              \
        .name = "clock-file", .value = "FIL",                                                      \
        .nb = "bare i øvelser: klokken leses fra denne filen",                                     \
        .en = "rehearsal: the clock is read from this file"                                        \
    }
#define SB_DAEMON_OPTION_LEVEL                                                                     \
    {                                                                                              \
        .name = "log-level", .value = "NIVÅ", .nb = "error, warn, info eller debug",               \
        .en = "error, warn, info or debug"                                                         \
    }
/* Print a failure as the daemon's last words and give the exit code. */
int sb_daemon_end(const char *name, const sb_fail *fail, sb_lang lang);

#endif
