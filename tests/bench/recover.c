/* bench_recover BIN_DIR GENERATED SCRATCH ROUNDS ENTRIES MARK: a broker and a node that are killed in
 * the middle of their work, with a log of that many ballots; how long until they serve again, and what
 * they hold in memory. MARK names the log in the lines ("100000").
 *
 *   recover/broker   SIGKILL while entries come in; from exec to the first receipt
 *   recover/node     SIGKILL while it follows; from exec to its first answer
 *   start/…          the same after an orderly stop
 *   memory/…         RssAnon, that is without the map, after ENTRIES more
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/frame.h"
#include "tests/bench/client.h"
#include "tests/bench/watch.h"

enum { IN_FLIGHT = 512, ANSWER_S_MAX = 60, MEMORY_AIM_MB = 64 };

typedef struct recover {
    bench_live live;
    bench_log entries;
    size_t next, rounds, count;
    const char *mark;
} recover;

/* ---- asking a node ---- */

static void ask_status(const char *socket)
{
    Sb__Query query = SB__QUERY__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    sb_net_event event = {.kind = SB_NET_NOTHING};
    bench_client *c = bench_client_open_local(socket);
    query.name = (char *)(uintptr_t) "status";
    frame.request = 1;
    frame.body_case = SB__FRAME__BODY_QUERY;
    frame.query = &query;
    bench_client_send(c, 0, &frame);
    for (double begun = bench_now_s(); event.kind != SB_NET_FRAME;) {
        (void)bench_client_wait(c, 100, &event);
        if (bench_now_s() - begun > ANSWER_S_MAX)
            bench_die("a node doesn't answer");
    }
    bench_client_close(c);
}

/* ---- the daemons ---- */

/* From exec to the first receipt, s. */
static double start_broker(recover *r)
{
    double start = bench_now_s();
    bench_live_start_broker(&r->live, NULL, 0);
    bench_client *c = bench_client_open(r->live.address, 1);
    (void)bench_submit(c, &r->entries, r->next, r->next + 1, 1, NULL);
    r->next++;
    double took = bench_now_s() - start;
    bench_client_close(c);
    return took;
}

/* From exec to its first answer, s. */
static double start_node(recover *r)
{
    char socket[512];
    bench_live_path(&r->live, "node-0/run/node.sock", socket, sizeof socket);
    double start = bench_now_s();
    bench_live_start_node(&r->live, 0);
    ask_status(socket);
    return bench_now_s() - start;
}

/* Entries come in, all of which have their receipt; whatever the nodes do with them goes on. */
static void load(recover *r)
{
    bench_client *c = bench_client_open(r->live.address, 1);
    (void)bench_submit(c, &r->entries, r->next, r->next + r->count, IN_FLIGHT, NULL);
    r->next += r->count;
    bench_client_close(c);
}

static void kill_now(bench_process *p)
{
    bench_end(p, SIGKILL);
}

static void line(const recover *r, const char *what, const double *values, const char *unit,
                 double aim, const char *note)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s/%s", what, r->mark);
    bench_line(name, bench_median(values, r->rounds), unit, -1, bench_spread(values, r->rounds),
               aim, "%s", note);
}

static void measure(recover *r)
{
    double broker[BENCH_ROUNDS_MAX], node[BENCH_ROUNDS_MAX], killed_broker[BENCH_ROUNDS_MAX],
        killed_node[BENCH_ROUNDS_MAX], broker_mb[BENCH_ROUNDS_MAX], node_mb[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < r->rounds; i++) {
        broker[i] = start_broker(r);
        node[i] = start_node(r);
        load(r);
        broker_mb[i] = bench_memory_mb(&r->live.broker, "RssAnon:");
        kill_now(&r->live.broker); /* the node is behind: it has frames on their way */
        node_mb[i] = bench_memory_mb(&r->live.nodes[0], "RssAnon:");
        kill_now(&r->live.nodes[0]);
        killed_broker[i] = start_broker(r);
        killed_node[i] = start_node(r);
        bench_stop(&r->live.nodes[0]);
        bench_stop(&r->live.broker);
    }
    line(r, "start/broker", broker, "s", 0, "exec to the first receipt, after an orderly stop");
    line(r, "start/node", node, "s", 0, "exec to the first answer, after an orderly stop");
    line(r, "recover/broker", killed_broker, "s", -1.0, "exec to the first receipt, after SIGKILL");
    line(r, "recover/node", killed_node, "s", -1.0, "exec to the first answer, after SIGKILL");
    line(r, "memory/broker", broker_mb, "MB", -MEMORY_AIM_MB,
         "resident besides the map (RssAnon), entries just come in");
    line(r, "memory/node", node_mb, "MB", -MEMORY_AIM_MB,
         "resident besides the map (RssAnon), following");
}

int main(int argc, char **argv)
{
    if (argc != 7)
        bench_die("usage: bench_recover BIN_DIR GENERATED SCRATCH ROUNDS ENTRIES MARK");
    recover r = {
        .rounds = strtoul(argv[4], NULL, 10), .count = strtoul(argv[5], NULL, 10), .mark = argv[6]};
    char dir[512];
    sb_fail fail = {0};
    if (r.rounds == 0 || r.rounds > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    bench_submissions_read(&r.entries, argv[2]);
    (void)snprintf(dir, sizeof dir, "%s/live", argv[3]);
    bench_live_prepare(&r.live, argv[1], argv[2], dir, false);
    measure(&r);
    bench_live_end(&r.live);
    bench_log_free(&r.entries);
    return 0;
}
