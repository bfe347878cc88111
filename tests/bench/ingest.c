/* bench_ingest BIN_DIR GENERATED SCRATCH SHIM ROUNDS SCALE: how fast the broker takes entries, each
 * verified, and durable before its receipt, over CURVE. The load generator is one process and one
 * thread on the same cores; its entries were signed beforehand.
 *
 * A round is: the bare verify loop; etcd's puts and ours of the same bytes, one after the other, 64
 * in flight, 512 in flight; 8 organisations' connections with 64 each; 512 in flight at a broker
 * whose every sync takes 2 ms longer; LMDB alone. SHIM "-": without that; SCALE: entries of a round
 * of 512 in flight (20,000), the others in proportion.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bare.h"
#include "tests/bench/client.h"
#include "tests/bench/etcd.h"
#include "tests/bench/live.h"
#include "tests/bench/lmdb.h"

enum { SYNC_MS = 2, GROUP = 512, QUEUE = 128 };

typedef enum way { ALONE, FLIGHT_64, FLIGHT_512, NODES_8, SLOW_SYNC, WAYS } way;
static const struct {
    size_t lanes, in_flight, share; /* entries of a round: SCALE / share */
} WAY[WAYS] = {[ALONE] = {1, 1, 20},
               [FLIGHT_64] = {1, 64, 2},
               [FLIGHT_512] = {1, 512, 1},
               [NODES_8] = {8, 64, 1},
               [SLOW_SYNC] = {1, 512, 2}};

typedef struct ingest {
    bench_log entries;
    bench_items items;
    sb_pool *pool;
    bench_live live, slow;
    bench_client *one, *eight, *slowly;
    bench_etcd *etcd;
    const char *scratch;
    size_t scale, next, slow_next, etcd_next, rounds;
    double bare[BENCH_ROUNDS_MAX], lmdb[BENCH_ROUNDS_MAX];               /* a second */
    double ours[WAYS][BENCH_ROUNDS_MAX], theirs[WAYS][BENCH_ROUNDS_MAX]; /* a second; ALONE: s */
    double p99[BENCH_ROUNDS_MAX], cpu_us[BENCH_ROUNDS_MAX];    /* alone; a broker's entry at 512 */
    double sent[BENCH_ROUNDS_MAX], received[BENCH_ROUNDS_MAX]; /* bytes of TCP an entry, at 512 */
} ingest;

static void open_items(ingest *g)
{
    bench_items_init(&g->items);
    for (size_t i = 0; i < g->entries.count; i++) {
        sb_entry entry;
        sb_fail fail = {0};
        bench_must(sb_entry_parse(bench_leaf(&g->entries, i), &entry, &fail), &fail, "entry");
        bench_items_add_entry(&g->items, &entry);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double quantile(double *values, size_t count, double q)
{
    qsort(values, count, sizeof *values, by_value);
    return values[(size_t)(q * (double)(count - 1))];
}

/* Entries of one round of this way. */
static size_t count_of(const ingest *g, way w)
{
    size_t n = g->scale / WAY[w].share;
    return n < 8 ? 8 : n / 8 * 8;
}

static void ours(ingest *g, way w, size_t round)
{
    bench_client *c = w == NODES_8 ? g->eight : w == SLOW_SYNC ? g->slowly : g->one;
    size_t *next = w == SLOW_SYNC ? &g->slow_next : &g->next, n = count_of(g, w);
    if (c == NULL)
        return;
    double *latency = sb_xmalloc(n * sizeof *latency);
    double sent, received, sent_then, received_then;
    double cpu = bench_process_cpu_s(&g->live.broker);
    bench_client_bytes(&sent_then, &received_then);
    double took = bench_submit(c, &g->entries, *next, *next + n, WAY[w].in_flight, latency);
    *next += n;
    bench_client_bytes(&sent, &received);
    if (w == FLIGHT_512) {
        g->cpu_us[round] = 1e6 * (bench_process_cpu_s(&g->live.broker) - cpu) / (double)n;
        g->sent[round] = (sent - sent_then) / (double)n;
        g->received[round] = (received - received_then) / (double)n;
    }
    g->ours[w][round] = w == ALONE ? quantile(latency, n, 0.5) : (double)n / took;
    if (w == ALONE)
        g->p99[round] = quantile(latency, n, 0.99);
    free(latency);
}

static void theirs(ingest *g, way w, size_t round)
{
    size_t n = count_of(g, w);
    if (g->etcd == NULL || w > FLIGHT_512)
        return;
    if (g->etcd_next + n > g->entries.count)
        g->etcd_next = 0; /* to etcd they are but bytes */
    double *latency = sb_xmalloc(n * sizeof *latency);
    double took = bench_etcd_put(g->etcd, &g->entries, g->etcd_next, g->etcd_next + n,
                                 WAY[w].in_flight, latency);
    g->etcd_next += n;
    g->theirs[w][round] = w == ALONE ? quantile(latency, n, 0.5) : (double)n / took;
    free(latency);
}

static void run_round(ingest *g, size_t round)
{
    size_t n = count_of(g, FLIGHT_512), of = g->items.count / n;
    char dir[512];
    (void)snprintf(dir, sizeof dir, "%s/lmdb", g->scratch);
    g->bare[round] =
        (double)n / bench_bare(g->pool, &g->items, of == 0 ? 0 : round % of * n, n).wall_s;
    for (int w = 0; w < WAYS; w++) {
        theirs(g, (way)w, round);
        ours(g, (way)w, round);
    }
    g->lmdb[round] = (double)n / bench_lmdb_put(dir, &g->entries, 0, n, GROUP);
}

/* ---- the report ---- */

static double ratio_of(const double *a, const double *b, size_t count)
{
    double ratios[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < count; i++)
        ratios[i] = a[i] / b[i];
    return bench_median(ratios, count);
}

static void line(const ingest *g, const char *name, const double *figures, const char *unit,
                 const double *base, double aim, const char *note)
{
    bench_line(name, bench_median(figures, g->rounds), unit,
               base == NULL ? -1 : ratio_of(figures, base, g->rounds),
               bench_spread(figures, g->rounds), aim, "%s", note);
}

static void report_etcd(const ingest *g)
{
    if (g->etcd == NULL) {
        (void)fprintf(stderr, "bench: etcd isn't installed (tests/bench/install): skipped\n");
        return;
    }
    double ours_ms[BENCH_ROUNDS_MAX], theirs_ms[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < g->rounds; i++) {
        ours_ms[i] = 1e3 * g->ours[ALONE][i];
        theirs_ms[i] = 1e3 * g->theirs[ALONE][i];
    }
    line(g, "etcd/alone", theirs_ms, "ms", NULL, 0, "a put after the other; 2 processes");
    line(g, "etcd/64", g->theirs[FLIGHT_64], "puts/s", NULL, 0, "64 in flight; 2 processes");
    line(g, "etcd/512", g->theirs[FLIGHT_512], "puts/s", NULL, 0, "512 in flight; 2 processes");
    line(g, "ingest/alone:etcd", ours_ms, "ms", theirs_ms, -1.0,
         "a durable submit after the other, ratio to etcd's put");
    line(g, "ingest/64:etcd", g->ours[FLIGHT_64], "entries/s", g->theirs[FLIGHT_64], 1.2,
         "64 in flight, ratio to etcd with as many");
    line(g, "ingest/512:etcd", g->ours[FLIGHT_512], "entries/s", g->theirs[FLIGHT_512], 0,
         "512 in flight, ratio to etcd with as many");
}

static void report_wire(const ingest *g)
{
    size_t n = count_of(g, FLIGHT_512);
    double entry = (double)g->entries.starts[n] / (double)n;
    bench_line("wire/submit", bench_median(g->sent, g->rounds), "bytes/vote", -1,
               bench_spread(g->sent, g->rounds), 0,
               "what TCP carried to the broker, CURVE and framing in it; the entry has %.0f",
               entry);
    bench_line("wire/receipt", bench_median(g->received, g->rounds), "bytes/vote", -1,
               bench_spread(g->received, g->rounds), 0,
               "… and back: the index, the proof, the signed head");
}

static void report(const ingest *g)
{
    char note[160];
    double ms[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < g->rounds; i++)
        ms[i] = 1e3 * g->ours[ALONE][i];
    (void)snprintf(note, sizeof note, "libsodium alone, %u threads, the entries' own signatures",
                   sb_pool_threads(g->pool));
    line(g, "verify", g->bare, "verifies/s", NULL, 0, note);
    line(g, "lmdb", g->lmdb, "entries/s", NULL, 0, "LMDB alone, the same bytes, commits of 512");
    (void)snprintf(note, sizeof note, "one after the other; p99 %.2f ms; 2 processes",
                   1e3 * bench_median(g->p99, g->rounds));
    line(g, "ingest/alone", ms, "ms", NULL, 0, note);
    line(g, "ingest/64", g->ours[FLIGHT_64], "entries/s", g->bare, 0,
         "64 in flight, ratio to verify; 2 processes");
    (void)snprintf(note, sizeof note,
                   "512 in flight, ratio to verify; 2 processes; the broker's processor time %.0f "
                   "us an entry",
                   bench_median(g->cpu_us, g->rounds));
    line(g, "ingest/512", g->ours[FLIGHT_512], "entries/s", g->bare, 0.75, note);
    line(g, "ingest/8-nodes", g->ours[NODES_8], "entries/s", g->bare, 0,
         "8 organisations' connections, 64 in flight each, ratio to verify; 2 processes");
    if (g->slowly != NULL)
        line(g, "ingest/2-ms-sync", g->ours[SLOW_SYNC], "entries/s", g->bare, 0.60,
             "512 in flight, each of a commit's two syncs 2 ms longer, ratio to verify");
    report_wire(g);
    report_etcd(g);
}

int main(int argc, char **argv)
{
    if (argc != 7)
        bench_die("usage: bench_ingest BIN_DIR GENERATED SCRATCH SHIM ROUNDS SCALE");
    const char *bin_dir = argv[1], *generated = argv[2], *shim = argv[4];
    ingest g = {.scratch = argv[3],
                .rounds = strtoul(argv[5], NULL, 10),
                .scale = strtoul(argv[6], NULL, 10)};
    char dir[512];
    sb_fail fail = {0};
    if (g.rounds == 0 || g.rounds > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    bench_submissions_read(&g.entries, generated);
    open_items(&g);
    g.pool = sb_pool_new(0, QUEUE);
    (void)snprintf(dir, sizeof dir, "%s/live", g.scratch);
    bench_live_prepare(&g.live, bin_dir, generated, dir, false);
    bench_live_start_broker(&g.live, NULL, 0);
    g.one = bench_client_open(g.live.address, 1);
    g.eight = bench_client_open(g.live.address, 8);
    if (strcmp(shim, "-") != 0) {
        (void)snprintf(dir, sizeof dir, "%s/slow", g.scratch);
        bench_live_prepare(&g.slow, bin_dir, generated, dir, false);
        bench_live_start_broker(&g.slow, shim, SYNC_MS);
        g.slowly = bench_client_open(g.slow.address, 1);
    }
    (void)snprintf(dir, sizeof dir, "%s/etcd", g.scratch);
    g.etcd = bench_etcd_start(dir);
    for (size_t i = 0; i < g.rounds; i++)
        run_round(&g, i);
    report(&g);
    bench_etcd_stop(g.etcd);
    bench_client_close(g.one);
    bench_client_close(g.eight);
    bench_live_end(&g.live);
    if (g.slowly != NULL) {
        bench_client_close(g.slowly);
        bench_live_end(&g.slow);
    }
    sb_pool_free(g.pool);
    bench_items_deinit(&g.items);
    bench_log_free(&g.entries);
    return 0;
}
