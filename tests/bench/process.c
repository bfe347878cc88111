#include "tests/bench/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/bench/bench.h"
#include "tests/lib/tmpdir.h"

enum { ENV_MAX = 64 };

void bench_sleep_ms(long ms)
{
    const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

/* In the child. */
static void become(const char *const *argv, const char *const *env)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left behind when a benchmark gives up */
    if (getenv("BENCH_VERBOSE") == NULL)
        (void)dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    for (size_t i = 0; env != NULL && env[i] != NULL; i++)
        (void)putenv((char *)(uintptr_t)env[i]);
    (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

bench_process bench_start(const char *const *argv, const char *const *env)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        bench_die("pipe");
    bench_process p = {.pid = fork(), .out = ends[0]};
    if (p.pid < 0)
        bench_die("fork");
    if (p.pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        become(argv, env);
    }
    (void)close(ends[1]);
    return p;
}

void bench_await_ready(bench_process *p)
{
    char said[256];
    double begun = bench_now_s();
    if (read(p->out, said, sizeof said) <= 0)
        bench_die("a daemon ended before it was ready (BENCH_VERBOSE=1 shows why)");
    p->ready_s = bench_now_s() - begun;
}

bench_process bench_daemon(const char *bin_dir, const char *name, const char *dir, const char *shim,
                           int sleep_ms)
{
    char path[512], words[3][600];
    (void)snprintf(path, sizeof path, "%s/%s", bin_dir, name);
    (void)snprintf(words[0], sizeof words[0], "LD_PRELOAD=%s", shim == NULL ? "" : shim);
    (void)snprintf(words[1], sizeof words[1], "SHIM_DIR=%s", dir);
    (void)snprintf(words[2], sizeof words[2], "SHIM_SLEEP_MS=%d", sleep_ms);
    const char *const argv[] = {path, dir, NULL};
    const char *const env[] = {words[0], words[1], words[2],
                               "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0", NULL};
    bench_process p = bench_start(argv, shim == NULL ? NULL : env);
    bench_await_ready(&p);
    return p;
}

void bench_end(bench_process *p, int with)
{
    int status = 0;
    (void)kill(p->pid, with);
    if (waitpid(p->pid, &status, 0) != p->pid)
        bench_die("a process can't be waited for");
    (void)close(p->out);
    p->pid = 0;
}

void bench_stop(bench_process *p)
{
    int status = 0;
    (void)kill(p->pid, SIGTERM);
    if (waitpid(p->pid, &status, 0) != p->pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        bench_die("a daemon didn't stop cleanly");
    (void)close(p->out);
    p->pid = 0;
}

bench_usage bench_run(const char *const *argv)
{
    int status = 0;
    struct rusage used;
    double begun = bench_now_s();
    pid_t pid = fork();
    if (pid < 0)
        bench_die("fork");
    if (pid == 0) {
        (void)dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        become(argv, NULL);
    }
    if (wait4(pid, &status, 0, &used) != pid || !WIFEXITED(status))
        bench_die(argv[0]);
    return (bench_usage){.wall_s = bench_now_s() - begun,
                         .cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                                  (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
                         .peak_mb = (double)used.ru_maxrss / 1024,
                         .status = WEXITSTATUS(status)};
}

double bench_memory_mb(const bench_process *p, const char *what)
{
    char path[64], line[256];
    double kb = -1;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)p->pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        bench_die("a daemon is gone");
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, what, strlen(what)) == 0)
            kb = strtod(line + strlen(what), NULL);
    (void)fclose(file);
    return kb / 1024;
}

double bench_process_cpu_s(const bench_process *p)
{
    clockid_t clock;
    struct timespec t = {0};
    if (clock_getcpuclockid(p->pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        bench_die("a daemon is gone");
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int bench_free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        bench_die("no free port");
    (void)close(fd);
    return ntohs(at.sin_port);
}

void bench_copy_dir(const char *from, const char *to)
{
    const char *const argv[] = {"cp", "-a", from, to, NULL};
    sb_tmpdir_drop(to);
    if (bench_run(argv).status != 0)
        bench_die(to);
}

double bench_file_mb(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        bench_die(path);
    return (double)st.st_size / 1e6;
}
