/* bench_everywhere BIN_DIR GENERATED SCRATCH PROBES: from a member's submit at one node until the
 * vote is folded and durable at all eight, and until all eight know that it is final. A broker and
 * eight nodes with everything on, cosigning; the benchmark is the tenth process, and at load a load
 * generator the eleventh. At rest each probe waits until the one before is final and nothing moves.
 *
 * The baseline in the same run: a durable submit at the broker, one after the other, without nodes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/wire/frame.h"
#include "tests/bench/client.h"
#include "tests/bench/watch.h"

enum {
    NODES = 8,
    LOAD_LANES = 7,
    LOAD_IN_FLIGHT = 8,
    REST_MS = 250,
    LOAD_MS = 500,
    PROBE_S_MAX = 60
};

typedef struct everywhere {
    const char *bin_dir, *generated, *scratch;
    bench_log probes, load; /* of the last lane; of the others */
    size_t next;            /* probe */
    bench_live live;
    bench_watch watch;
    bench_client *member;
} everywhere;

static void pick(const bench_log *from, bench_log *to, bool last_lane)
{
    *to = (bench_log){.starts = sb_xmalloc((from->count + 1) * sizeof *to->starts)};
    sb_buf_init(&to->bytes);
    for (size_t i = 0; i < from->count; i++) {
        if ((i % (LOAD_LANES + 1) == LOAD_LANES) != last_lane)
            continue;
        to->starts[to->count++] = to->bytes.len;
        sb_buf_add(&to->bytes, bench_leaf(from, i));
    }
    to->starts[to->count] = to->bytes.len;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double quantile(double *values, size_t count, double q)
{
    qsort(values, count, sizeof *values, by_value);
    return values[(size_t)(q * (double)(count - 1) + 0.5)];
}

/* ---- one probe ---- */

static void submit(everywhere *e, sb_slice entry)
{
    Sb__Submit m = SB__SUBMIT__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    m.entry = (ProtobufCBinaryData){.len = entry.len, .data = (uint8_t *)(uintptr_t)entry.data};
    frame.request = 1;
    frame.body_case = SB__FRAME__BODY_SUBMIT;
    frame.submit = &m;
    bench_client_send(e->member, 0, &frame);
}

/* The answers that have come meanwhile; a refusal ends the benchmark. */
static void drain(everywhere *e)
{
    sb_arena arena;
    sb_net_event event = {.kind = SB_NET_FRAME};
    sb_arena_init(&arena);
    while (event.kind != SB_NET_NOTHING) {
        const Sb__Frame *frame = NULL;
        sb_fail fail = {0};
        (void)bench_client_wait(e->member, 0, &event);
        if (event.kind == SB_NET_FRAME &&
            sb_frame_decode(event.frame, &arena, &frame, &fail) == SB_OK &&
            frame->body_case == SB__FRAME__BODY_REFUSED)
            bench_die(sb_err_name((sb_err)frame->refused->code));
        sb_arena_reset(&arena);
    }
    sb_arena_deinit(&arena);
}

/* Is it in this store, at or after *from? *from moves on; *index is where. */
static bool find(sb_store *store, uint64_t *from, uint64_t count, sb_slice entry, uint64_t *index)
{
    for (; *from < count; (*from)++) {
        sb_slice leaf;
        if (sb_store_leaf(store, *from, &leaf) && leaf.len == 8 + entry.len &&
            memcmp(leaf.data + 8, entry.data, entry.len) == 0) {
            *index = *from;
            return true;
        }
    }
    return false;
}

typedef struct probed {
    double folded_s, final_s;
} probed;

static probed probe(everywhere *e)
{
    probed p = {0};
    uint64_t from[NODES], index = 0;
    bool has[NODES] = {false};
    size_t there = 0, final = 0;
    if (e->next == e->probes.count)
        bench_die("too few entries were signed beforehand");
    sb_slice entry = bench_leaf(&e->probes, e->next++);
    bench_watch_look(&e->watch);
    memcpy(from, e->watch.counts, sizeof from);
    double start = bench_now_s();
    submit(e, entry);
    while (final < NODES) {
        (void)usleep(BENCH_POLL_US);
        bench_watch_look(&e->watch);
        for (size_t i = 0; i < NODES; i++)
            if (!has[i] && find(e->watch.stores[i], &from[i], e->watch.counts[i], entry, &index)) {
                has[i] = true;
                there++;
            }
        if (there == NODES && p.folded_s == 0)
            p.folded_s = bench_now_s() - start;
        final = 0;
        for (size_t i = 0; there == NODES && i < NODES; i++)
            final += bench_watch_final(&e->watch, i) > index;
        if (bench_now_s() - start > PROBE_S_MAX)
            bench_die("a vote doesn't get everywhere");
    }
    p.final_s = bench_now_s() - start;
    drain(e);
    return p;
}

/* ---- load ---- */

static pid_t start_load(const everywhere *e)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    bench_client *c = bench_client_open(e->live.address, LOAD_LANES);
    (void)bench_submit(c, &e->load, 0, e->load.count, LOAD_IN_FLIGHT, NULL);
    _exit(0);
}

/* ---- the parts ---- */

/* The median of durable submits one after the other, s. */
static double sequential(everywhere *e, size_t count)
{
    bench_live live;
    char dir[512];
    double *latency = sb_xmalloc(count * sizeof *latency);
    (void)snprintf(dir, sizeof dir, "%s/alone", e->scratch);
    bench_live_prepare(&live, e->bin_dir, e->generated, dir, false);
    bench_live_start_broker(&live, NULL, 0);
    bench_client *c = bench_client_open(live.address, 1);
    (void)bench_submit(c, &e->load, 0, count, 1, latency);
    double median = quantile(latency, count, 0.5);
    bench_client_close(c);
    bench_live_end(&live);
    free(latency);
    return median;
}

static void open_all(everywhere *e)
{
    char dir[512], socket[512];
    (void)snprintf(dir, sizeof dir, "%s/live", e->scratch);
    bench_live_prepare(&e->live, e->bin_dir, e->generated, dir, true);
    bench_live_start_broker(&e->live, NULL, 0);
    for (size_t i = 0; i < NODES; i++)
        bench_live_start_node(&e->live, i);
    bench_watch_open(&e->watch, &e->live, NODES);
    bench_live_path(&e->live, "node-1/run/node.sock", socket, sizeof socket);
    e->member = bench_client_open_local(socket);
}

static void print(const char *name, double *values, size_t count, double base, double aim,
                  const char *what)
{
    double p50 = quantile(values, count, 0.5), p99 = quantile(values, count, 0.99);
    bench_line(name, 1e3 * p99, "ms p99", base == 0 ? -1 : p99 / base, -1, aim,
               "%s; p50 %.2f ms, %zu probes", what, 1e3 * p50, count);
}

static void measure(everywhere *e, size_t count)
{
    double *folded = sb_xmalloc(count * sizeof *folded), *final = sb_xmalloc(count * sizeof *final);
    double base = sequential(e, count);
    bench_line("everywhere/base", 1e3 * base, "ms", -1, -1, 0,
               "median of durable submits at the broker, one after the other, no nodes");
    open_all(e);
    (void)probe(e); /* the nodes have caught up and cosigned */
    for (size_t i = 0; i < count; i++) {
        bench_sleep_ms(REST_MS);
        probed p = probe(e);
        folded[i] = p.folded_s;
        final[i] = p.final_s;
    }
    print("everywhere/rest", folded, count, base, -10,
          "submit at a node to folded at all 8, ratio to base; 10 processes");
    print("everywhere/rest-final", final, count, 0, 0, "… to final at all 8");
    pid_t load = start_load(e);
    size_t under = 0;
    for (bench_sleep_ms(LOAD_MS); under < count; under++) {
        probed p = probe(e);
        if (waitpid(load, NULL, WNOHANG) != 0)
            break;
        folded[under] = p.folded_s;
        final[under] = p.final_s;
    }
    if (under == 0)
        bench_die("the load ended too early: sign more entries beforehand");
    if (under == count) {
        (void)kill(load, SIGKILL);
        (void)waitpid(load, NULL, 0);
    }
    print("everywhere/load", folded, under, 0, 0,
          "with 7 connections and 8 in flight each meanwhile; 11 processes");
    print("everywhere/load-final", final, under, 0, 0, "… to final at all 8");
    free(folded);
    free(final);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        bench_die("usage: bench_everywhere BIN_DIR GENERATED SCRATCH PROBES");
    everywhere e = {.bin_dir = argv[1], .generated = argv[2], .scratch = argv[3]};
    size_t count = strtoul(argv[4], NULL, 10);
    bench_log all;
    sb_fail fail = {0};
    if (count == 0)
        bench_die("probes");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    bench_submissions_read(&all, e.generated);
    pick(&all, &e.probes, true);
    pick(&all, &e.load, false);
    measure(&e, count);
    bench_client_close(e.member);
    bench_watch_close(&e.watch);
    bench_live_end(&e.live);
    bench_log_free(&e.probes);
    bench_log_free(&e.load);
    bench_log_free(&all);
    return 0;
}
