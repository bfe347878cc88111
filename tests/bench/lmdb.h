/* The second baseline: LMDB alone, values appended under rising numbers, one durable commit a group.
 */
#ifndef SB_TESTS_BENCH_LMDB_H
#define SB_TESTS_BENCH_LMDB_H

#include "tests/bench/bench.h"

/* Put values [first, last) into a new environment in dir, `group` to a commit. Returns s. */
double bench_lmdb_put(const char *dir, const bench_log *values, size_t first, size_t last,
                      size_t group);

#endif
