/* The processes of a rehearsal: started beside the running binary, killed and stopped by their ids.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nodes/cli/rehearse_fed.h"
#include "nodes/host/clock.h"
#include "nodes/host/file.h"

enum { READY_MS = 30000, STOP_MS = 5000, POLL_MS = 5, LOG_BYTES_MAX = 64 * 1024 * 1024 };

void sb_reh_pause_ms(uint32_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&t, NULL);
}

sb_reh_process *sb_reh_process_named(sb_reh_fed *fed, const char *name)
{
    for (uint32_t i = 0; i < fed->count; i++)
        if (strcmp(fed->processes[i].name, name) == 0)
            return &fed->processes[i];
    return NULL;
}

/* ---- is it there, and is it ours ---- */

/* The id may have been given to another program since DIR/running was written. */
static bool is_our_program(const sb_reh_process *p)
{
    char link[64], path[4096];
    (void)snprintf(link, sizeof link, "/proc/%ld/exe", (long)p->pid);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return false;
    path[n] = '\0';
    const char *base = strrchr(path, '/');
    const char *ours = strrchr(p->program, '/');
    return base != NULL && ours != NULL && strcmp(base, ours) == 0;
}

/* Its exit is collected when it has ended. */
static bool is_running(sb_reh_process *p)
{
    if (p->pid <= 0)
        return false;
    bool runs = p->is_child ? waitpid(p->pid, NULL, WNOHANG) == 0 : is_our_program(p);
    if (!runs)
        p->pid = 0;
    return runs;
}

static void forget_connection(sb_reh_process *p)
{
    sb_net_close(p->net);
    p->net = NULL;
    p->peer = 0;
}

static bool gone_within(sb_reh_process *p, uint32_t ms)
{
    uint64_t until = sb_clock_monotonic_ms() + ms;
    while (is_running(p)) {
        if (sb_clock_monotonic_ms() > until)
            return false;
        sb_reh_pause_ms(POLL_MS);
    }
    return true;
}

/* ---- which ones run, for --join ---- */

static void write_running(const sb_reh_fed *fed)
{
    sb_buf text;
    sb_buf_init(&text);
    for (uint32_t i = 0; i < fed->count; i++)
        if (fed->processes[i].pid > 0)
            sb_buf_printf(&text, "%s %ld\n", fed->processes[i].name, (long)fed->processes[i].pid);
    (void)sb_file_write(sb_path_join(fed->arena, fed->dir, "running"), sb_buf_slice(&text),
                        SB_FILE_MODE, NULL);
    sb_buf_deinit(&text);
}

sb_err sb_reh_running_read(sb_reh_fed *fed, sb_fail *fail)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_err err = sb_file_read(sb_path_join(fed->arena, fed->dir, "running"), 1 << 20, &text, fail);
    if (err != SB_OK)
        err = sb_fail_set(fail, SB_E_REHEARSE_NO_FEDERATION, fed->dir, NULL);
    char *rest = NULL;
    for (char *line = strtok_r((char *)(uintptr_t)sb_buf_cstr(&text), "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *space = strchr(line, ' ');
        if (space == NULL)
            continue;
        *space = '\0';
        sb_reh_process *p = sb_reh_process_named(fed, line);
        if (p != NULL) {
            p->pid = (pid_t)strtol(space + 1, NULL, 10);
            (void)is_running(p);
        }
    }
    sb_buf_deinit(&text);
    return err;
}

/* ---- start ---- */

/* Between fork and exec: only what a signal handler might do. Without --keep the process ends with
 * us, however we end. */
static void become(const sb_reh_fed *fed, const sb_reh_process *p, pid_t parent, int log)
{
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(127);
    if (fed->keep)
        (void)setsid();
    else
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (!fed->keep && getppid() != parent)
        _exit(127);
    if (p->fault == NULL)
        (void)unsetenv("SB_FAULT");
    else
        (void)setenv("SB_FAULT", p->fault, 1); /* the child has one thread */
    const char *argv[] = {p->program,    p->dir, "--clock-file", fed->clock, p->options[0],
                          p->options[1], NULL};
    (void)execv(p->program, (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* "samband-node: klar" stands in the log after `from`. */
static bool is_ready(const sb_reh_process *p, size_t from)
{
    sb_buf text;
    sb_buf_init(&text);
    bool ready = sb_file_read(p->log, LOG_BYTES_MAX, &text, NULL) == SB_OK && text.len > from &&
                 strstr(sb_buf_cstr(&text) + from, ": klar\n") != NULL;
    sb_buf_deinit(&text);
    return ready;
}

/* The last line that the process wrote, for people. */
static const char *last_words(const sb_reh_fed *fed, const sb_reh_process *p, size_t from)
{
    sb_buf text;
    const char *words = "";
    sb_buf_init(&text);
    if (sb_file_read(p->log, LOG_BYTES_MAX, &text, NULL) == SB_OK && text.len > from) {
        size_t end = text.len;
        while (end > from && text.data[end - 1] == '\n')
            end--;
        size_t start = end;
        while (start > from && text.data[start - 1] != '\n')
            start--;
        words = sb_arena_str(fed->arena, sb_slice_of(text.data + start, end - start));
    }
    sb_buf_deinit(&text);
    return words;
}

sb_err sb_reh_process_start(sb_reh_fed *fed, sb_reh_process *p, sb_fail *fail)
{
    if (is_running(p))
        return SB_OK;
    if (access(p->program, X_OK) != 0)
        return sb_fail_set(fail, SB_E_REHEARSE_PROCESS, p->name, strerror(errno), p->program, NULL);
    int log = open(p->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0)
        return sb_fail_set(fail, SB_E_REHEARSE_PROCESS, p->name, strerror(errno), p->log, NULL);
    off_t from = lseek(log, 0, SEEK_END);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become(fed, p, parent, log);
    (void)close(log);
    if (pid < 0)
        return sb_fail_set(fail, SB_E_REHEARSE_PROCESS, p->name, strerror(errno), p->log, NULL);
    p->pid = pid;
    p->is_child = true;
    p->fault = NULL;
    p->options[0] = p->options[1] = NULL;
    if (p->stand == SB_REH_STOPPED)
        p->stand = SB_REH_FOLLOWS; /* with another program it may */
    write_running(fed);
    uint64_t until = sb_clock_monotonic_ms() + READY_MS;
    while (!is_ready(p, (size_t)from)) {
        bool runs = is_running(p);
        if (!runs || sb_clock_monotonic_ms() > until)
            return sb_fail_set(fail, SB_E_REHEARSE_PROCESS, p->name,
                               last_words(fed, p, (size_t)from), p->log, NULL);
        sb_reh_pause_ms(POLL_MS);
    }
    return SB_OK;
}

/* ---- kill and stop ---- */

void sb_reh_process_kill(sb_reh_fed *fed, sb_reh_process *p)
{
    if (is_running(p))
        (void)kill(p->pid, SIGKILL);
    (void)gone_within(p, STOP_MS);
    forget_connection(p);
    write_running(fed);
}

void sb_reh_process_stop(sb_reh_fed *fed, sb_reh_process *p)
{
    if (is_running(p))
        (void)kill(p->pid, SIGTERM);
    if (!gone_within(p, STOP_MS))
        sb_reh_process_kill(fed, p);
    forget_connection(p);
    write_running(fed);
}

bool sb_reh_process_gone(sb_reh_process *p, uint32_t timeout_ms)
{
    return gone_within(p, timeout_ms);
}

void sb_reh_stop_all(sb_reh_fed *fed)
{
    for (uint32_t i = 0; i < fed->count; i++) {
        forget_connection(&fed->processes[i]);
        if (is_running(&fed->processes[i]))
            (void)kill(fed->processes[i].pid, SIGTERM);
    }
    for (uint32_t i = 0; i < fed->count; i++)
        if (!gone_within(&fed->processes[i], STOP_MS))
            sb_reh_process_kill(fed, &fed->processes[i]);
    (void)unlink(sb_path_join(fed->arena, fed->dir, "running"));
}

bool sb_reh_is_running(sb_reh_process *process)
{
    return is_running(process);
}

bool sb_reh_fed_can_confirm(sb_reh_fed *fed)
{
    uint64_t running = 0;
    for (uint32_t i = 1; i < fed->count; i++)
        running += is_running(&fed->processes[i]) && fed->processes[i].stand == SB_REH_FOLLOWS;
    const Sb__WitnessPolicy *w = fed->charter->policy;
    return is_running(&fed->processes[0]) &&
           running * w->more_than_den > (uint64_t)w->more_than_num * (fed->count - 1);
}

/* ---- the clock ---- */

sb_err sb_reh_fed_clock(sb_reh_fed *fed, int64_t ms, sb_fail *fail)
{
    sb_err err = ms == fed->clock_ms ? SB_OK : sb_clock_file_write(fed->clock, (uint64_t)ms, fail);
    if (err == SB_OK)
        fed->clock_ms = ms;
    return err;
}
