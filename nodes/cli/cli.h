/* `samband` as a function: what main() calls with the process's arguments, and a rehearsal with the
 * arguments of each step (nodes/cli/REHEARSE.md), so that both do exactly the same.
 *
 *     argv ──aliases──> sb_args_parse ──> one row of verbs.def ──> cmd_<noun>.c
 *                                              │  session.c  node, head check, anchor
 *                                              └─ submit.c   sign, submit, wait
 *
 * Nothing is printed here: words go to io->out and io->err, the answer as one JSON object to
 * io->json (also when --json was not given).
 */
#ifndef SB_CLI_CLI_H
#define SB_CLI_CLI_H

#include "proto/base/buf.h"
#include "proto/base/err.h"

typedef struct sb_cli_io {
    /* Set by the caller. */
    bool ignore_environment; /* SAMBAND_HOME, _NODE, _KEY, _PASSPHRASE_FILE, _FEDERATION, _LANG */
    void (*progress)(void *arg, const char *line); /* long work says where it is; NULL: silent */
    void *progress_arg;
    void (*talk)(void *arg, const char *line); /* a line of the answer, at once; NULL: silent */
    void *talk_arg;
    /* Set by sb_cli_run. */
    sb_buf out;   /* text, or the JSON object and a newline with --json; safe for a terminal */
    sb_buf err;   /* "samband: …" lines; empty when all went well */
    sb_buf json;  /* canonical JSON object; empty after a failure */
    sb_fail fail; /* SB_OK, or why not */
    int exit_code;
} sb_cli_io;

void sb_cli_io_init(sb_cli_io *io);
void sb_cli_io_deinit(sb_cli_io *io);

/* Run one command line; argv[0] is the program's name. What an earlier run left in `io` is
 * cleared. Returns io->exit_code: 0 done, 1 refused or failed, 2 not understood, 3 something
 * doesn't verify, 4 the node or the broker can't be reached (what was submitted waits in the
 * outbox). `run` of a daemon replaces the process and doesn't return. */
int sb_cli_run(int argc, const char *const *argv, sb_cli_io *io);

#endif
