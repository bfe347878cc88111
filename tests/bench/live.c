#include "tests/bench/live.h"

#include <stdio.h>
#include <sys/stat.h>

#include "nodes/host/config.h"
#include "nodes/store/history.h"
#include "tests/bench/client.h"
#include "tests/lib/tmpdir.h"

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

void bench_live_path(const bench_live *live, const char *below, char *out, size_t size)
{
    if (snprintf(out, size, "%s/%s", live->dir, below) >= (int)size)
        bench_die("the scratch directory's name is too long");
}

static void tell_node(bench_live *live, size_t i, bool full, sb_arena *a)
{
    char dir[512], store[600], first[512], organisation[32];
    sb_node_config c;
    sb_fail fail = {0};
    (void)snprintf(dir, sizeof dir, "%s/node-%zu", live->dir, i);
    (void)snprintf(store, sizeof store, "%s/store", dir);
    bench_live_path(live, "node-0/store", first, sizeof first);
    bench_organisation(i, organisation, sizeof organisation);
    if (!exists(dir))
        return;
    if (full && i > 0)
        bench_copy_dir(first, store);
    sb_node_config_init(&c, dir, organisation, a);
    c.broker = live->address;
    bench_must(sb_node_config_write(&c, &fail), &fail, "node.yaml");
}

void bench_live_prepare(bench_live *live, const char *bin_dir, const char *generated,
                        const char *dir, bool full)
{
    sb_arena a;
    sb_broker_config b;
    sb_fail fail = {0};
    char broker[512];
    sb_arena_init(&a);
    *live = (bench_live){.bin_dir = bin_dir};
    (void)snprintf(live->dir, sizeof live->dir, "%s", dir);
    (void)snprintf(live->address, sizeof live->address, "tcp://127.0.0.1:%d", bench_free_port());
    bench_copy_dir(generated, dir);
    bench_live_path(live, "broker", broker, sizeof broker);
    sb_broker_config_init(&b, broker, live->address, &a);
    bench_must(sb_broker_config_write(&b, &fail), &fail, "broker.yaml");
    for (size_t i = 0; i < BENCH_NODES_MAX; i++)
        tell_node(live, i, full, &a);
    sb_arena_deinit(&a);
}

static size_t organisations(const bench_live *live)
{
    const sb_store_opts opts = {.kind = "broker", .readonly = true};
    char dir[512];
    sb_fail fail = {0};
    sb_history h;
    bench_live_path(live, "broker/store", dir, sizeof dir);
    bench_must(sb_history_open(&h, dir, &opts, &fail), &fail, dir);
    size_t count = sb_ledger_orgs_in(h.ledger);
    sb_history_close(&h);
    return count;
}

void bench_live_start_broker(bench_live *live, const char *shim, int sleep_ms)
{
    char dir[512];
    bench_live_path(live, "broker", dir, sizeof dir);
    if (live->organisations == 0)
        live->organisations = organisations(live);
    live->broker = bench_daemon(live->bin_dir, "samband-broker", dir, shim, sleep_ms);
    bench_client_greet(live->address, live->organisations / 2 + 1);
}

void bench_live_start_node(bench_live *live, size_t i)
{
    char dir[512];
    (void)snprintf(dir, sizeof dir, "%s/node-%zu", live->dir, i);
    live->nodes[i] = bench_daemon(live->bin_dir, "samband-node", dir, NULL, 0);
}

void bench_live_end(bench_live *live)
{
    for (size_t i = 0; i < BENCH_NODES_MAX; i++)
        if (live->nodes[i].pid != 0)
            bench_stop(&live->nodes[i]);
    if (live->broker.pid != 0)
        bench_stop(&live->broker);
    sb_tmpdir_drop(live->dir);
}
