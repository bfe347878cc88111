/* bench_daemon BIN_DIR GENERATED [ROUNDS]: the real daemons on a generated log.
 *
 *   restart   from exec of samband-node to its ready line, the whole log in its store
 *   memory    its RssAnon then; and of a node that began empty and took the log from a real
 *             samband-broker over CURVE: when it has all, and the largest seen on the way
 *   follow    how long that took
 */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/transport/net_zmq.h"
#include "tests/bench/bench.h"
#include "tests/bench/process.h"
#include "tests/lib/tmpdir.h"

enum { READY_S_MAX = 60, FOLLOW_S_MAX = 600, MEMORY_AIM_MB = 20 };

/* ---- restart ---- */

static void measure_restart(const char *bin_dir, const char *dir, size_t rounds, uint64_t size)
{
    double ready[BENCH_ROUNDS_MAX], anon[BENCH_ROUNDS_MAX], file[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < rounds; i++) {
        bench_process d = bench_daemon(bin_dir, "samband-node", dir, NULL, 0);
        ready[i] = d.ready_s;
        bench_sleep_ms(300); /* a few turns of its loop */
        anon[i] = bench_memory_mb(&d, "RssAnon:");
        file[i] = bench_memory_mb(&d, "RssFile:");
        bench_stop(&d);
    }
    bench_line("restart", bench_median(ready, rounds), "s", -1, bench_spread(ready, rounds), -0.5,
               "exec of samband-node to its ready line, %llu leaves stored",
               (unsigned long long)size);
    bench_line("memory/restart", bench_median(anon, rounds), "MB", -1, bench_spread(anon, rounds),
               -MEMORY_AIM_MB, "RssAnon after a restart (RssFile, the map among it: %.0f MB)",
               bench_median(file, rounds));
}

/* ---- follow ---- */

static void tell_address(const char *broker_dir, const char *node_dir, const char *organisation)
{
    char address[64];
    sb_fail fail = {0};
    sb_arena a;
    sb_broker_config b;
    sb_node_config n;
    sb_arena_init(&a);
    (void)snprintf(address, sizeof address, "tcp://127.0.0.1:%d", bench_free_port());
    sb_broker_config_init(&b, broker_dir, address, &a);
    sb_node_config_init(&n, node_dir, organisation, &a);
    n.broker = address;
    bench_must(sb_broker_config_write(&b, &fail), &fail, "broker.yaml");
    bench_must(sb_node_config_write(&n, &fail), &fail, "node.yaml");
    sb_arena_deinit(&a);
}

/* The "size" in the node's answer to "status"; 0 while it hasn't answered. */
static uint64_t ask_size(sb_net *net, uint32_t peer)
{
    Sb__Query query = SB__QUERY__INIT;
    query.name = (char *)(uintptr_t) "status";
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = 1;
    frame.body_case = SB__FRAME__BODY_QUERY;
    frame.query = &query;
    sb_fail fail = {0};
    sb_net_event event;
    sb_buf bytes;
    sb_arena arena;
    uint64_t size = 0;
    sb_buf_init(&bytes);
    sb_arena_init(&arena);
    sb_frame_encode(&frame, &bytes);
    (void)sb_net_send(net, peer, sb_buf_slice(&bytes));
    bench_must(sb_net_wait(net, 1000, &event, &fail), &fail, "wait");
    const Sb__Frame *answer = NULL;
    if (event.kind == SB_NET_FRAME &&
        sb_frame_decode(event.frame, &arena, &answer, &fail) == SB_OK &&
        answer->body_case == SB__FRAME__BODY_ANSWER) {
        const char *json =
            sb_arena_str(&arena, sb_slice_of(answer->answer->json.data, answer->answer->json.len));
        const char *at = strstr(json, "\"size\":"); /* its own comes before the broker's */
        size = at == NULL ? 0 : strtoull(at + 7, NULL, 10);
    }
    sb_arena_deinit(&arena);
    sb_buf_deinit(&bytes);
    return size;
}

static uint32_t dial(sb_net *net, const char *socket)
{
    sb_fail fail = {0};
    uint32_t link;
    bench_must(sb_net_zmq_dial_local(net, socket, &link, &fail), &fail, socket);
    for (double begun = bench_now_s(); bench_now_s() - begun < READY_S_MAX;) {
        sb_net_event event;
        bench_must(sb_net_wait(net, 100, &event, &fail), &fail, "dial");
        if (event.kind == SB_NET_UP)
            return event.peer;
    }
    bench_die("the node's socket doesn't answer");
    return 0;
}

typedef struct followed {
    double took_s, anon_mb, peak_mb, broker_mb;
} followed;

static followed follow(const char *bin_dir, const char *broker_dir, const char *node_dir,
                       uint64_t size)
{
    followed r = {0};
    sb_fail fail = {0};
    sb_net *net;
    char store[544], socket[544];
    (void)snprintf(store, sizeof store, "%s/store", node_dir);
    (void)snprintf(socket, sizeof socket, "%s/run/node.sock", node_dir);
    sb_tmpdir_drop(store);
    tell_address(broker_dir, node_dir, "kommune-a");
    bench_process broker = bench_daemon(bin_dir, "samband-broker", broker_dir, NULL, 0);
    double begun = bench_now_s();
    bench_process node = bench_daemon(bin_dir, "samband-node", node_dir, NULL, 0);
    bench_must(sb_net_zmq_open(&net, &fail), &fail, "net");
    uint32_t peer = dial(net, socket);
    while (ask_size(net, peer) < size) {
        double mb = bench_memory_mb(&node, "RssAnon:");
        r.peak_mb = mb > r.peak_mb ? mb : r.peak_mb;
        if (bench_now_s() - begun > FOLLOW_S_MAX)
            bench_die("the node doesn't get on");
        bench_sleep_ms(10);
    }
    r.took_s = bench_now_s() - begun;
    bench_sleep_ms(500);
    r.anon_mb = bench_memory_mb(&node, "RssAnon:");
    r.broker_mb = bench_memory_mb(&broker, "RssAnon:");
    sb_net_close(net);
    bench_stop(&node);
    bench_stop(&broker);
    return r;
}

static void measure_follow(const char *bin_dir, const char *generated, size_t rounds, uint64_t size)
{
    double rate[BENCH_ROUNDS_MAX], anon[BENCH_ROUNDS_MAX], peak[BENCH_ROUNDS_MAX],
        broker[BENCH_ROUNDS_MAX];
    char broker_dir[512], node_dir[512];
    (void)snprintf(broker_dir, sizeof broker_dir, "%s/broker", generated);
    (void)snprintf(node_dir, sizeof node_dir, "%s/node-1", generated);
    for (size_t i = 0; i < rounds; i++) {
        followed r = follow(bin_dir, broker_dir, node_dir, size);
        rate[i] = (double)size / r.took_s;
        anon[i] = r.anon_mb;
        peak[i] = r.peak_mb;
        broker[i] = r.broker_mb;
    }
    bench_line("follow", bench_median(rate, rounds), "entries/s", -1, bench_spread(rate, rounds), 0,
               "an empty samband-node takes %llu leaves from samband-broker, both on these cores",
               (unsigned long long)size);
    bench_line("memory", bench_median(anon, rounds), "MB", -1, bench_spread(anon, rounds),
               -MEMORY_AIM_MB, "RssAnon of that node when it has them (largest on the way %.1f)",
               bench_median(peak, rounds));
    bench_line("memory/broker", bench_median(broker, rounds), "MB", -1,
               bench_spread(broker, rounds), 0, "RssAnon of that broker");
}

int main(int argc, char **argv)
{
    if (argc < 3)
        bench_die("usage: bench_daemon BIN_DIR GENERATED [ROUNDS]");
    size_t rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 5;
    if (rounds == 0 || rounds > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    char node_dir[512], store[544];
    (void)snprintf(node_dir, sizeof node_dir, "%s/node-0", argv[2]);
    (void)snprintf(store, sizeof store, "%s/store", node_dir);
    const sb_store_opts opts = {.kind = "node", .readonly = true};
    sb_store *s;
    sb_fail fail = {0};
    bench_must(sb_store_open(&s, store, &opts, &fail), &fail, store);
    uint64_t size = sb_store_count(s);
    sb_store_close(s);
    measure_restart(argv[1], node_dir, rounds, size);
    measure_follow(argv[1], argv[2], rounds < 3 ? rounds : 3, size);
    return 0;
}
