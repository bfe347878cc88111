/* bench_audit BIN_DIR GENERATED SCRATCH ROUNDS MARK: the log as a bundle of files (`samband export`
 * from a real node), and samband-audit over it: every signature, the tree, the fold, every result. Between
 * the rounds the bare verify loop over the entries' own signatures.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bare.h"
#include "tests/bench/bench.h"
#include "tests/bench/live.h"
#include "tests/lib/tmpdir.h"

enum { QUEUE = 128, MEMORY_AIM_MB = 128 };

static void collect(const char *store, bench_items *items)
{
    bench_log log;
    bench_log_read(&log, store, "node");
    bench_items_add_log(items, &log);
    bench_log_free(&log);
}

/* Returns s. */
static double export(const char *bin_dir, const char *generated, const char *scratch,
                     const char *bundle)
{
    bench_live live;
    char dir[512], node[512], home[512], samband[512];
    (void)snprintf(dir, sizeof dir, "%s/live", scratch);
    (void)snprintf(samband, sizeof samband, "%s/samband", bin_dir);
    bench_live_prepare(&live, bin_dir, generated, dir, false);
    bench_live_path(&live, "node-0", node, sizeof node);
    bench_live_path(&live, "home", home, sizeof home);
    const char *const argv[] = {samband,  "--home", home,   "--node", node,
                                "export", "bundle", bundle, NULL};
    sb_tmpdir_drop(bundle);
    bench_live_start_node(&live, 0);
    bench_usage used = bench_run(argv);
    if (used.status != 0)
        bench_die("samband export (BENCH_VERBOSE=1 shows why)");
    bench_live_end(&live);
    return used.wall_s;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        bench_die("usage: bench_audit BIN_DIR GENERATED SCRATCH ROUNDS MARK");
    double wall[BENCH_ROUNDS_MAX], cpu[BENCH_ROUNDS_MAX], rate[BENCH_ROUNDS_MAX];
    size_t rounds = strtoul(argv[4], NULL, 10);
    char name[64], program[512], bundle[512], store[512];
    bench_items items;
    sb_fail fail = {0};
    if (rounds == 0 || rounds > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    (void)snprintf(program, sizeof program, "%s/samband-audit", argv[1]);
    (void)snprintf(bundle, sizeof bundle, "%s/bundle", argv[3]);
    (void)snprintf(store, sizeof store, "%s/node-0/store", argv[2]);
    bench_items_init(&items);
    double export_s = export(argv[1], argv[2], argv[3], bundle);
    const char *const audit[] = {program, bundle, NULL};
    double peak_mb = bench_run(audit).peak_mb; /* now: while there is little here (process.h) */
    collect(store, &items);
    double n = (double)items.count;
    (void)snprintf(name, sizeof name, "export/%s", argv[5]);
    bench_line(name, n / export_s, "entries/s", -1, -1, 0,
               "samband export of %zu entries from a node, once: %.1f s; 2 processes", items.count,
               export_s);
    sb_pool *pool = sb_pool_new(0, QUEUE);
    for (size_t i = 0; i < rounds; i++) {
        bench_spent bare = bench_bare(pool, &items, 0, items.count);
        bench_usage used = bench_run(audit);
        if (used.status != 0)
            bench_die("samband-audit doesn't approve (BENCH_VERBOSE=1 shows why)");
        rate[i] = n / used.wall_s;
        wall[i] = bare.wall_s / used.wall_s;
        cpu[i] = bare.cpu_s / used.cpu_s;
    }
    (void)snprintf(name, sizeof name, "audit/%s", argv[5]);
    bench_line(name, bench_median(rate, rounds), "entries/s", bench_median(wall, rounds),
               bench_spread(rate, rounds), 0.90,
               "samband-audit of %zu entries, all of it, ratio to verify (of processor time %.2f); "
               "1 process",
               items.count, bench_median(cpu, rounds));
    (void)snprintf(name, sizeof name, "audit/memory/%s", argv[5]);
    bench_line(name, peak_mb, "MB", -1, -1, -MEMORY_AIM_MB,
               "largest resident size, files that it reads among it, once");
    sb_tmpdir_drop(bundle);
    sb_pool_free(pool);
    bench_items_deinit(&items);
    return 0;
}
