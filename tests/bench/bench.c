#include "tests/bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "nodes/follower/follower.h"
#include "proto/base/hash.h"
#include "proto/sign/sign.h"

void bench_die(const char *what)
{
    (void)fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

void bench_must(sb_err err, const sb_fail *fail, const char *what)
{
    if (err == SB_OK)
        return;
    (void)fprintf(stderr, "bench: %s: %s [%s] [%s]\n", what, sb_err_name(err), fail->arg[0],
                  fail->arg[1]);
    exit(1);
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_now_s(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double bench_cpu_s(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void sorted(const double *values, size_t count, double out[BENCH_ROUNDS_MAX])
{
    if (count == 0 || count > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    memcpy(out, values, count * sizeof *out);
    qsort(out, count, sizeof *out, by_value);
}

double bench_median(const double *values, size_t count)
{
    double v[BENCH_ROUNDS_MAX];
    sorted(values, count, v);
    return count % 2 == 1 ? v[count / 2] : (v[count / 2 - 1] + v[count / 2]) / 2;
}

double bench_spread(const double *values, size_t count)
{
    double v[BENCH_ROUNDS_MAX];
    sorted(values, count, v);
    return (v[count - 1] - v[0]) / bench_median(values, count);
}

/* ---- the log ---- */

void bench_log_read(bench_log *log, const char *store_dir, const char *kind)
{
    const sb_store_opts opts = {.kind = kind, .readonly = true};
    sb_fail fail = {0};
    sb_store *store;
    bench_must(sb_store_open(&store, store_dir, &opts, &fail), &fail, store_dir);
    log->count = sb_store_count(store);
    log->starts = sb_xmalloc((log->count + 1) * sizeof *log->starts);
    sb_buf_init(&log->bytes);
    for (size_t i = 0; i < log->count; i++) {
        sb_slice leaf;
        if (!sb_store_leaf(store, i, &leaf))
            bench_die("a leaf is missing");
        log->starts[i] = log->bytes.len;
        sb_buf_add(&log->bytes, leaf);
    }
    log->starts[log->count] = log->bytes.len;
    sb_store_close(store);
}

void bench_log_free(bench_log *log)
{
    sb_buf_deinit(&log->bytes);
    free(log->starts);
}

sb_slice bench_leaf(const bench_log *log, size_t index)
{
    return sb_slice_of(log->bytes.data + log->starts[index],
                       log->starts[index + 1] - log->starts[index]);
}

/* ---- the federation ---- */

void bench_organisation(size_t i, char *out, size_t size)
{
    static const char *const first[] = {"unn", "kommune-a", "lege", "bruker"};
    if (i < sizeof first / sizeof *first)
        (void)snprintf(out, size, "%s", first[i]);
    else
        (void)snprintf(out, size, "org-%zu", i + 1);
}

void bench_curve_of(const char *name, uint8_t secret[32], uint8_t pk[32])
{
    char text[64];
    (void)snprintf(text, sizeof text, "curve of %s", name);
    sb_hash(sb_slice_str(text), secret);
    sb_curve_public(secret, pk);
}

/* ---- taking it in ---- */

enum { SHARE = 16, SHARES = 64 }; /* leaves of one job when overlapped; jobs in flight */

typedef struct job {
    sb_slice bytes[SHARE];
    sb_leaf leaves[SHARE];
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    bool has_origin;
    sb_arena arena;
    size_t first, count;
} job;

static void open_job(void *arg)
{
    job *j = arg;
    sb_fail fail = {0};
    sb_arena_reset(&j->arena);
    for (size_t i = 0; i < j->count; i++)
        bench_must(sb_leaf_open_under(j->has_origin ? j->origin : NULL, j->bytes[i], &j->arena,
                                      &j->leaves[i], &fail),
                   &fail, "open");
}

typedef struct taking {
    sb_history *h;
    const bench_log *log;
    sb_commit_builder commit;
    size_t batch, next, last; /* next: to be folded */
} taking;

static void fill_job(job *j, const taking *t, size_t first)
{
    size_t last = t->last;
    j->has_origin = sb_ledger_origin(t->h->ledger, j->origin, sizeof j->origin);
    j->first = first;
    j->count = last - first < SHARE ? last - first : SHARE;
    for (size_t i = 0; i < j->count; i++)
        j->bytes[i] = bench_leaf(t->log, first + i);
}

static void commit(taking *t)
{
    sb_fail fail = {0};
    bench_must(sb_history_commit(t->h, sb_commit_builder_get(&t->commit), &fail), &fail, "commit");
    sb_commit_builder_clear(&t->commit, t->next);
}

/* Of BENCH_FAR_BATCH as sb_fol_puts_off does it: what follows is always here. */
static bool is_full(const taking *t)
{
    size_t count = t->commit.commit.leaf_count, left = t->last - t->next;
    if (left == 0 || t->batch != BENCH_FAR_BATCH)
        return left == 0 || count == t->batch;
    return count % BENCH_NODE_BATCH == 0 &&
           (left <= SB_FOL_CREDIT || count + SB_FOL_LEAVES_MAX > SB_FOL_BATCH_LEAVES_MAX ||
            t->commit.bytes + SB_FRAME_BYTES_MAX > SB_FOL_BATCH_BYTES_MAX);
}

static void fold_job(taking *t, const job *j)
{
    sb_fail fail = {0};
    for (size_t i = 0; i < j->count; i++) {
        bench_must(
            sb_ledger_step(t->h->ledger, &j->leaves[i], sb_commit_add_tile, &t->commit, &fail),
            &fail, "step");
        sb_commit_add_leaf(&t->commit, j->leaves[i].bytes);
        t->next++;
        if (is_full(t))
            commit(t);
    }
}

static void take_overlapped(taking *t, sb_pool *pool, job *jobs)
{
    size_t submitted = t->next, slot = 0;
    while (t->next < t->last) {
        while (submitted < t->last && sb_pool_pending(pool) < SHARES) {
            job *j = &jobs[slot++ % SHARES];
            fill_job(j, t, submitted);
            submitted += j->count;
            if (!sb_pool_submit(pool, open_job, j))
                bench_die("the pool is full");
        }
        fold_job(t, sb_pool_collect(pool, true));
    }
}

void bench_take(sb_history *h, sb_pool *pool, const bench_log *log, size_t first, size_t last,
                size_t batch)
{
    taking t = {.h = h, .log = log, .batch = batch, .next = first, .last = last};
    job *jobs = sb_xmalloc(SHARES * sizeof *jobs);
    for (size_t i = 0; i < SHARES; i++)
        sb_arena_init(&jobs[i].arena);
    sb_commit_builder_init(&t.commit, (sb_tile_reader){0});
    sb_commit_builder_clear(&t.commit, first);
    take_overlapped(&t, pool, jobs);
    sb_commit_builder_deinit(&t.commit);
    for (size_t i = 0; i < SHARES; i++)
        sb_arena_deinit(&jobs[i].arena);
    free(jobs);
}

/* ---- printing ---- */

void bench_line(const char *name, double figure, const char *unit, double ratio, double spread,
                double bar, const char *note, ...)
{
    va_list args;
    double held = ratio >= 0 ? ratio : figure;
    const char *verdict = bar == 0                                 ? "-"
                          : (bar > 0 ? held >= bar : held <= -bar) ? "reached"
                                                                   : "missed";
    (void)printf("%s\t%.*f\t%s\t", name, figure < 100 ? 3 : 0, figure, unit);
    (void)printf(ratio >= 0 ? "%.2f\t" : "-\t", ratio);
    (void)printf(spread >= 0 ? "%.0f %%\t" : "-\t", 100 * spread);
    if (bar == 0)
        (void)printf("-\t");
    else
        (void)printf("%s %g\t", bar > 0 ? ">=" : "<=", bar > 0 ? bar : -bar);
    (void)printf("%s\t", verdict);
    va_start(args, note);
    (void)vprintf(note, args);
    va_end(args);
    (void)printf("\n");
    (void)fflush(stdout);
}
