/* A load generator: connections to a broker as its nodes have them, sending entries that were signed
 * beforehand, counting receipts. One thread; its share of the cores is in every figure.
 */
#ifndef SB_TESTS_BENCH_CLIENT_H
#define SB_TESTS_BENCH_CLIENT_H

#include "nodes/transport/net_zmq.h"
#include "proto/wire/frame.h"
#include "tests/bench/bench.h"

typedef struct bench_client bench_client;

/* OUT/submissions of bench_votes, one entry after the other. */
void bench_submissions_read(bench_log *entries, const char *generated);

/* Connect `lanes` times, each as another organisation of the generated federation. */
bench_client *bench_client_open(const char *address, size_t lanes);
/* Connect to a node's own socket, as a member. */
bench_client *bench_client_open_local(const char *socket);
/* Greet as the nodes of the first so many organisations do, until each is welcomed: a broker orders
 * nothing after a start before it has heard from more than half of them (or 10 s). */
void bench_client_greet(const char *address, size_t organisations);
void bench_client_close(bench_client *c);

/* Submit entries [first, last), `in_flight` at a time on each connection (entry i goes by connection
 * i mod lanes); back when each has its receipt. latency_s NULL, or one for each entry. Returns s. */
double bench_submit(bench_client *c, const bench_log *entries, size_t first, size_t last,
                    size_t in_flight, double *latency_s);

/* The highest index that a receipt has named. */
uint64_t bench_client_last_index(const bench_client *c);

/* Bytes that TCP carried over all of this process's connections since they stood, both ways. */
void bench_client_bytes(double *sent, double *received);

/* For those who speak other frames over it. */
void bench_client_send(bench_client *c, size_t lane, const Sb__Frame *frame);
/* The next event and the lane that it is of; lanes take turns. A broken connection ends the benchmark.
 * Waits for wait_ms at most (event->kind SB_NET_NOTHING). */
size_t bench_client_wait(bench_client *c, uint32_t wait_ms, sb_net_event *event);

#endif
