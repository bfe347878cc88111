/* What the benchmarks share: a log in memory, the way a node takes it in, clocks, and the lines
 * that tests/bench/run makes its table of.
 *
 * A line: NAME \t FIGURE \t UNIT \t RATIO or - \t SPREAD or - \t BAR or - \t reached|missed|- \t NOTE
 */
#ifndef SB_TESTS_BENCH_H
#define SB_TESTS_BENCH_H

#include "nodes/host/pool.h"
#include "nodes/store/history.h"
#include "proto/base/limits.h"

enum {
    BENCH_ROUNDS_MAX = 64,
    BENCH_NODE_BATCH = SB_FOL_LEAVES_MAX, /* leaves of a frame: what a node commits at once */
    BENCH_FAR_BATCH = 0 /* … and while it is far behind, which is all of a long log but its end */
};

/* All leaves of a stored log, in memory. */
typedef struct bench_log {
    sb_buf bytes;
    size_t *starts; /* count + 1 */
    size_t count;
} bench_log;

/* End the process with a sentence when err isn't SB_OK. */
void bench_must(sb_err err, const sb_fail *fail, const char *what);
void bench_die(const char *what);
double bench_now_s(void); /* monotonic */
double bench_cpu_s(void); /* of this process, all its threads */
double bench_median(const double *values, size_t count);
/* (largest - smallest) / median. */
double bench_spread(const double *values, size_t count);

/* Read the log of a store of this kind. */
void bench_log_read(bench_log *log, const char *store_dir, const char *kind);
void bench_log_free(bench_log *log);
sb_slice bench_leaf(const bench_log *log, size_t index);

/* The id of the generated federation's organisation `i`. */
void bench_organisation(size_t i, char *out, size_t size);
/* A CURVE key pair of this name: an organisation's id, or "broker". */
void bench_curve_of(const char *name, uint8_t secret[32], uint8_t pk[32]);

/* Take leaves [first, last) into a history, as a node does: the pool opens what comes next while the
 * main thread folds; `batch` leaves to a commit, or BENCH_FAR_BATCH. */
void bench_take(sb_history *h, sb_pool *pool, const bench_log *log, size_t first, size_t last,
                size_t batch);

/* Print a line. ratio < 0: none; bar 0: none; a positive bar is a least, a negative one a most; it
 * is held against the ratio if there is one, else against the figure. */
void bench_line(const char *name, double figure, const char *unit, double ratio, double spread,
                double bar, const char *note, ...) __attribute__((format(printf, 7, 8)));

#endif
