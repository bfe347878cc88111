/* bench_fanout BIN_DIR GENERATED SCRATCH FOLLOWERS|nodes ROUNDS ENTRIES: how fast entries that come in
 * at the broker reach all its followers. 512 in flight from one connection; the clock stops when the
 * last follower has the last entry.
 *
 *   nodes      8 samband-node, verifying, folding, committing, cosigning: 10 processes on these cores
 *   FOLLOWERS  so many connections of one light process, that decodes frames and verifies nothing:
 *              3 processes
 *
 * Between the rounds the bare verify loop over the same entries.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/wire/frame.h"
#include "tests/bench/bare.h"
#include "tests/bench/client.h"
#include "tests/bench/watch.h"

enum { IN_FLIGHT = 512, QUEUE = 128, LIGHT_S_MAX = 600, NODES = 8 };

/* Between the benchmark and the light process. */
typedef struct shared {
    volatile uint64_t least; /* what the last of its followers has */
    volatile bool is_ready;
    volatile bool wants_bytes; /* asked for; then `received` is what its TCP has brought */
    volatile double received;
} shared;

/* ---- light followers ---- */

typedef struct light {
    bench_client *client;
    size_t count;
    uint64_t *next; /* of each: leaves that it has */
    uint32_t *credit;
} light;

static void pull(light *l, size_t i)
{
    Sb__Pull m = SB__PULL__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    m.from = l->next[i];
    m.credit = l->credit[i] = SB_SEQ_CREDIT_MAX;
    frame.body_case = SB__FRAME__BODY_PULL;
    frame.pull = &m;
    bench_client_send(l->client, i, &frame);
}

static void take_leaves(light *l, size_t i, const Sb__Leaves *m)
{
    if (m->from != l->next[i])
        return;
    l->next[i] += m->n_leaves;
    l->credit[i] -= m->n_leaves < l->credit[i] ? (uint32_t)m->n_leaves : l->credit[i];
    if (l->credit[i] == 0)
        pull(l, i);
}

static uint64_t least_of(const light *l)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < l->count; i++)
        least = l->next[i] < least ? l->next[i] : least;
    return least;
}

static void follow(light *l, shared *with)
{
    sb_arena arena;
    sb_arena_init(&arena);
    for (;;) {
        sb_net_event event;
        sb_fail fail = {0};
        const Sb__Frame *frame = NULL;
        sb_arena_reset(&arena);
        size_t lane = bench_client_wait(l->client, 10, &event);
        if (with->wants_bytes) {
            double sent, received;
            bench_client_bytes(&sent, &received);
            with->received = received;
            with->wants_bytes = false;
        }
        if (event.kind == SB_NET_FRAME &&
            sb_frame_decode(event.frame, &arena, &frame, &fail) == SB_OK &&
            frame->body_case == SB__FRAME__BODY_LEAVES) {
            take_leaves(l, lane, frame->leaves);
            with->least = least_of(l);
        }
    }
}

static pid_t start_light(const char *address, size_t count, uint64_t from, shared *with)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    light l = {.client = bench_client_open(address, count), .count = count};
    l.next = sb_xmalloc(count * sizeof *l.next);
    l.credit = sb_xmalloc(count * sizeof *l.credit);
    for (size_t i = 0; i < count; i++) {
        l.next[i] = from;
        pull(&l, i);
    }
    with->least = from;
    with->is_ready = true;
    follow(&l, with);
    _exit(0);
}

/* ---- the run ---- */

typedef struct fanout {
    bench_live live;
    bench_watch watch;
    bench_client *client;
    bench_log entries;
    bench_items items;
    sb_pool *pool;
    shared *with;
    pid_t light;
    size_t followers;  /* 0: nodes */
    uint64_t size;     /* leaves that the log has at least */
    double leaf_bytes; /* of TCP, for a follower */
} fanout;

static void await_all(fanout *f)
{
    if (f->followers == 0) {
        bench_watch_await(&f->watch, f->size);
        return;
    }
    for (double begun = bench_now_s(); f->with->least < f->size; (void)usleep(BENCH_POLL_US))
        if (bench_now_s() - begun > LIGHT_S_MAX || waitpid(f->light, NULL, WNOHANG) != 0)
            bench_die("a follower doesn't get on");
}

static void open_followers(fanout *f)
{
    if (f->followers > 0) {
        f->with =
            mmap(NULL, sizeof *f->with, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (f->with == MAP_FAILED)
            bench_die("mmap");
        f->light = start_light(f->live.address, f->followers, f->size, f->with);
        while (!f->with->is_ready) {
            if (waitpid(f->light, NULL, WNOHANG) != 0)
                bench_die("the light followers ended");
            bench_sleep_ms(10);
        }
        return;
    }
    for (size_t i = 0; i < NODES; i++)
        bench_live_start_node(&f->live, i);
    bench_watch_open(&f->watch, &f->live, NODES);
    bench_watch_await(&f->watch, f->size);
    bench_sleep_ms(1000); /* they have cosigned what there was */
}

/* How many leaves the broker's store has, before it runs. */
static uint64_t stored(const bench_live *live)
{
    const sb_store_opts opts = {.kind = "broker", .readonly = true};
    char dir[512];
    sb_fail fail = {0};
    sb_store *store;
    bench_live_path(live, "broker/store", dir, sizeof dir);
    bench_must(sb_store_open(&store, dir, &opts, &fail), &fail, dir);
    uint64_t count = sb_store_count(store);
    sb_store_close(store);
    return count;
}

/* Bytes that the light followers have received. */
static double received(const fanout *f)
{
    if (f->followers == 0)
        return 0;
    f->with->wants_bytes = true;
    while (f->with->wants_bytes)
        bench_sleep_ms(1);
    return f->with->received;
}

static void report(const fanout *f, const double *bare, const double *rate, size_t rounds)
{
    double ratios[BENCH_ROUNDS_MAX];
    char name[48];
    for (size_t i = 0; i < rounds; i++)
        ratios[i] = f->followers == 0 ? rate[i] / (bare[i] / (NODES + 1)) : rate[i] / bare[i];
    if (f->followers == 0) {
        bench_line("fanout/8-nodes", bench_median(rate, rounds), "entries/s",
                   bench_median(ratios, rounds), bench_spread(rate, rounds), 0.85,
                   "8 samband-node that verify, ratio to verify ÷ 9 (%.0f/s); 10 processes",
                   bench_median(bare, rounds) / (NODES + 1));
        return;
    }
    (void)snprintf(name, sizeof name, "fanout/%zu-light", f->followers);
    bench_line(
        name, bench_median(rate, rounds), "entries/s", bench_median(ratios, rounds),
        bench_spread(rate, rounds), 0,
        "%zu followers that verify nothing, ratio to verify; %.0f leaves/s out, %.0f bytes of "
        "TCP each; 3 processes",
        f->followers, bench_median(rate, rounds) * (double)f->followers, f->leaf_bytes);
}

static void run_rounds(fanout *f, size_t rounds, size_t entries)
{
    double bare[BENCH_ROUNDS_MAX], rate[BENCH_ROUNDS_MAX];
    double bytes = received(f), size = (double)f->size;
    for (size_t i = 0; i < rounds; i++) {
        bare[i] = (double)entries / bench_bare(f->pool, &f->items, i * entries, entries).wall_s;
        double start = bench_now_s();
        (void)bench_submit(f->client, &f->entries, i * entries, (i + 1) * entries, IN_FLIGHT, NULL);
        f->size = bench_client_last_index(f->client) + 1;
        await_all(f);
        rate[i] = (double)entries / (bench_now_s() - start);
    }
    if (f->followers > 0)
        f->leaf_bytes = (received(f) - bytes) / ((double)f->size - size) / (double)f->followers;
    report(f, bare, rate, rounds);
}

int main(int argc, char **argv)
{
    if (argc != 7)
        bench_die("usage: bench_fanout BIN_DIR GENERATED SCRATCH FOLLOWERS|nodes ROUNDS ENTRIES");
    fanout f = {.followers = strtoul(argv[4], NULL, 10)};
    size_t rounds = strtoul(argv[5], NULL, 10), entries = strtoul(argv[6], NULL, 10);
    char dir[512];
    sb_fail fail = {0};
    if (rounds == 0 || rounds > BENCH_ROUNDS_MAX || entries == 0)
        bench_die("rounds and entries");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    bench_submissions_read(&f.entries, argv[2]);
    bench_items_init(&f.items);
    for (size_t i = 0; i < rounds * entries && i < f.entries.count; i++) {
        sb_entry entry;
        bench_must(sb_entry_parse(bench_leaf(&f.entries, i), &entry, &fail), &fail, "entry");
        bench_items_add_entry(&f.items, &entry);
    }
    (void)snprintf(dir, sizeof dir, "%s/live", argv[3]);
    bench_live_prepare(&f.live, argv[1], argv[2], dir, true);
    f.size = stored(&f.live);
    bench_live_start_broker(&f.live, NULL, 0);
    open_followers(&f);
    f.pool = sb_pool_new(0, QUEUE); /* threads don't survive a fork */
    f.client = bench_client_open(f.live.address, 1);
    run_rounds(&f, rounds, entries);
    bench_client_close(f.client);
    if (f.followers > 0) {
        (void)kill(f.light, SIGKILL);
        (void)waitpid(f.light, NULL, 0);
    } else {
        bench_watch_close(&f.watch);
    }
    bench_live_end(&f.live);
    sb_pool_free(f.pool);
    bench_items_deinit(&f.items);
    bench_log_free(&f.entries);
    return 0;
}
