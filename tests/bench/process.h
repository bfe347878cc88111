/* Processes that a benchmark starts, watches and ends: our daemons, etcd, samband-audit. */
#ifndef SB_TESTS_BENCH_PROCESS_H
#define SB_TESTS_BENCH_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct bench_process {
    pid_t pid;      /* 0: it has ended */
    int out;        /* its standard output */
    double ready_s; /* from exec to the first bytes of that; 0: not waited for */
} bench_process;

/* What a process has used, when it has ended. */
typedef struct bench_usage {
    double wall_s, cpu_s;
    double
        peak_mb; /* largest resident size; never below that of the benchmark when it started it */
    int status;  /* of exit */
} bench_usage;

/* Start argv[0] (found in PATH) with these words added to the environment ("NAME=value", NULL at the
 * end; env may be NULL). Its standard error is shown when BENCH_VERBOSE is set. */
bench_process bench_start(const char *const *argv, const char *const *env);
/* Wait until it says something: a daemon that serves prints a line. */
void bench_await_ready(bench_process *p);
/* The daemon of this name in bin_dir, ready. shim NULL: none; else it is preloaded, and each sync
 * below `dir` takes sleep_ms longer. */
bench_process bench_daemon(const char *bin_dir, const char *name, const char *dir, const char *shim,
                           int sleep_ms);
/* SIGTERM; it must end with 0. */
void bench_stop(bench_process *p);
/* SIGKILL, or SIGTERM with any end. */
void bench_end(bench_process *p, int signal);
/* Run to its end, its output thrown away. */
bench_usage bench_run(const char *const *argv);
/* A line of /proc/PID/status, "RssAnon:" say, in MB. */
double bench_memory_mb(const bench_process *p, const char *line);
/* Processor time so far, s. */
double bench_process_cpu_s(const bench_process *p);

void bench_sleep_ms(long ms);
/* A port of 127.0.0.1 that nobody has now. */
int bench_free_port(void);
/* `to` becomes a copy of directory `from`, whatever it was. */
void bench_copy_dir(const char *from, const char *to);
/* Bytes on disk of a file. */
double bench_file_mb(const char *path);

#endif
