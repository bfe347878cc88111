/* samband: the command line for members, secretaries and operators.
 *
 * It holds no state but ~/.config/samband (what was seen, which federation is trusted) and talks to
 * one node over a local socket. Before it signs anything it verifies what the node shows: the
 * head's signatures, the organisations' confirmations, and that nothing seen earlier has changed.
 * All work is sb_cli_run (dispatch.c); this file only prints.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "nodes/cli/cli.h"
#include "nodes/host/last_words.h"

static void progress(void *arg, const char *line)
{
    (void)arg;
    (void)fprintf(stderr, "%s\n", line); /* only a failure begins with "samband:" */
}

static void talk(void *arg, const char *line)
{
    (void)arg;
    (void)printf("%s\n", line);
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    const struct rlimit no_core = {0, 0}; /* secrets don't go into core files */
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)signal(SIGPIPE, SIG_IGN);
    sb_last_words("samband");
    sb_cli_io io;
    sb_cli_io_init(&io);
    io.progress = progress;
    io.talk = talk;
    int code = sb_cli_run(argc, (const char *const *)argv, &io);
    (void)fputs(sb_buf_cstr(&io.err), stderr);
    (void)fputs(sb_buf_cstr(&io.out), stdout);
    if (fflush(stdout) != 0 && code == 0)
        code = SB_EXIT_ERROR;
    sb_cli_io_deinit(&io);
    return code;
}
