/* etcd from Debian's packages, one node on loopback with a data directory of its own, and a client
 * for its gRPC: HTTP/2 by hand, with fixed headers, as little of it as puts need, so that the client
 * takes no more of the cores than ours does.
 */
#ifndef SB_TESTS_BENCH_ETCD_H
#define SB_TESTS_BENCH_ETCD_H

#include "tests/bench/bench.h"

typedef struct bench_etcd bench_etcd;

/* NULL: it isn't installed. Its data lives in dir, which is emptied first. */
bench_etcd *bench_etcd_start(const char *dir);
/* Stops it and drops its data. NULL is fine. */
void bench_etcd_stop(bench_etcd *e);
/* Put values [first, last), each under a key of its own (8 bytes), `in_flight` at a time over one
 * connection; each is durable when it is answered. latency_s as bench_submit. Returns s. */
double bench_etcd_put(bench_etcd *e, const bench_log *values, size_t first, size_t last,
                      size_t in_flight, double *latency_s);

#endif
