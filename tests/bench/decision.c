/* bench_decision BIN_DIR GENERATED SCRATCH ROUNDS: one decision out of a log of meetings: its proof by
 * `samband decision export` from a real node, and `samband-audit decision` over that file alone.
 * Programs as a secretary starts them: exec, reading, asking and ending are in it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/bench/live.h"

#define CASE "ssu:02/22" /* the first meeting's first case that decides anything */

int main(int argc, char **argv)
{
    if (argc != 5)
        bench_die("usage: bench_decision BIN_DIR GENERATED SCRATCH ROUNDS");
    double out[BENCH_ROUNDS_MAX], in[BENCH_ROUNDS_MAX];
    size_t rounds = strtoul(argv[4], NULL, 10);
    bench_live live;
    char dir[512], node[512], home[512], proof[512], policy[512], samband[512], audit[512];
    if (rounds == 0 || rounds > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    (void)snprintf(dir, sizeof dir, "%s/live", argv[3]);
    (void)snprintf(samband, sizeof samband, "%s/samband", argv[1]);
    (void)snprintf(audit, sizeof audit, "%s/samband-audit", argv[1]);
    bench_live_prepare(&live, argv[1], argv[2], dir, false);
    bench_live_path(&live, "node-0", node, sizeof node);
    bench_live_path(&live, "home", home, sizeof home);
    bench_live_path(&live, "proof", proof, sizeof proof);
    bench_live_path(&live, "policy", policy, sizeof policy);
    const char *const make[] = {samband,  "--home", home,    "--node", node, "decision",
                                "export", CASE,     "--out", proof,    NULL};
    const char *const ask[] = {
        "/bin/sh", "-c", "exec \"$0\" --home \"$1\" --node \"$2\" log policy >\"$3\"",
        samband,   home, node,
        policy,    NULL};
    const char *const check[] = {audit, "decision", proof, "--policy", policy, NULL};
    bench_live_start_node(&live, 0);
    if (bench_run(ask).status != 0)
        bench_die("samband log policy (BENCH_VERBOSE=1 shows why)");
    for (size_t i = 0; i < rounds; i++) {
        bench_usage made = bench_run(make), checked = bench_run(check);
        if (made.status != 0 || checked.status != 0)
            bench_die("a decision's proof (BENCH_VERBOSE=1 shows why)");
        out[i] = 1e3 * made.wall_s;
        in[i] = 1e3 * checked.wall_s;
    }
    bench_line("decision/export", bench_median(out, rounds), "ms", -1, bench_spread(out, rounds), 0,
               "samband decision export, %.1f kB; 2 processes", 1e3 * bench_file_mb(proof));
    bench_line("decision/audit", bench_median(in, rounds), "ms", -1, bench_spread(in, rounds), 0,
               "samband-audit decision over that file and the policy; 1 process");
    bench_live_end(&live);
    return 0;
}
