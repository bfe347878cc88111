#include "nodes/host/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "nodes/host/last_words.h"
#include "nodes/host/log.h"
#include "nodes/host/slice.h"
#include "nodes/host/term.h"

static volatile sig_atomic_t stop_asked = 0;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

void sb_daemon_start(const char *name)
{
    struct rlimit none = {0, 0}, files;
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    sb_last_words(name);
    sb_slice_set(SB_SLICE_SHORT_US);
    struct sigaction stop = {.sa_handler = on_signal};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool sb_daemon_stopping(void)
{
    return stop_asked != 0;
}

void sb_daemon_ready(const char *name)
{
    printf("%s: klar\n", name);
    fflush(stdout);
}

sb_err sb_daemon_clock(sb_clock *clock, const char *path, bool is_rehearsal, sb_fail *fail)
{
    if (path != NULL && !is_rehearsal)
        return sb_fail_set(fail, SB_E_DAEMON_CLOCK_REFUSED, NULL);
    if (path == NULL && is_rehearsal)
        return sb_fail_set(fail, SB_E_DAEMON_CLOCK_NEEDED, NULL);
    if (path != NULL)
        return sb_clock_file(clock, path, fail);
    sb_clock_system(clock);
    return SB_OK;
}

/* ---- command line ---- */

const sb_arg_position sb_daemon_positions[] = {{.name = "KATALOG"}, {0}};
const sb_arg_option sb_daemon_options[] = {SB_DAEMON_OPTION_CLOCK, SB_DAEMON_OPTION_LEVEL, {0}};

static int no_run(void *ctx, const sb_args *args)
{
    (void)ctx;
    (void)args;
    return 0;
}

int sb_daemon_end(const char *name, const sb_fail *fail, sb_lang lang)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(fail, lang, &words);
    fprintf(stderr, "%s: %s\n", name, sb_buf_cstr(&words));
    sb_buf_deinit(&words);
    return sb_err_exit(fail->code);
}

bool sb_daemon_args_read(const char *name, const char *nb, const char *en, int argc, char **argv,
                         sb_arena *arena, sb_daemon_args *out, int *exit_code)
{
    sb_args args;
    return sb_daemon_args_read_with(name, nb, en, sb_daemon_options, argc, argv, arena, &args, out,
                                    exit_code);
}

bool sb_daemon_args_read_with(const char *name, const char *nb, const char *en,
                              const sb_arg_option *options, int argc, char **argv, sb_arena *arena,
                              sb_args *args, sb_daemon_args *out, int *exit_code)
{
    static const char *const LEVELS[] = {"error", "warn", "info", "debug", NULL};
    sb_command *commands = SB_ARENA_ARRAY(arena, sb_command, 2);
    sb_program *program = SB_ARENA_NEW(arena, sb_program);
    *commands = (sb_command){
        .nb = nb, .en = en, .positions = sb_daemon_positions, .options = options, .run = no_run};
    commands[1] = (sb_command){0};
    *program = (sb_program){.name = name, .nb = nb, .en = en, .commands = commands};
    *args = (sb_args){0};
    sb_fail fail = {0};
    uint32_t level = SB_LOG_INFO - 1;
    sb_err err = sb_args_parse(program, argc, argv, arena, args, &fail);
    if (err == SB_OK && !args->wants_help && !args->wants_version)
        err = sb_args_choice(args, "log-level", LEVELS, level, &level, &fail);
    if (err != SB_OK) {
        *exit_code = sb_daemon_end(name, &fail, args->lang);
        return false;
    }
    if (args->wants_help || args->wants_version) {
        sb_buf help;
        sb_buf_init(&help);
        if (args->wants_help)
            sb_args_help(args, &help);
        else
            sb_buf_printf(&help, "%s %s\n", name, SB_VERSION);
        fputs(sb_buf_cstr(&help), stdout);
        sb_buf_deinit(&help);
        *exit_code = 0;
        return false;
    }
    *out = (sb_daemon_args){.dir = sb_args_position(args, 0),
                            .clock_file = sb_args_value(args, "clock-file"),
                            .lang = args->lang};
    sb_log_setup(NULL, (sb_log_level)(level + 1), name);
    return true;
}
