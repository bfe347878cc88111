/* bench_size SMALL LARGE: bytes on disk that one vote takes, beyond its own: the difference between
 * two generated stores of ballots on one question, by what is used of the file, by the number of
 * ballots between them. Of a node and of a broker.
 */
#include <stdio.h>

#include "tests/bench/bench.h"

typedef struct stored {
    uint64_t count;
    double used, leaves; /* bytes */
} stored;

static stored look(const char *generated, const char *whose, const char *kind)
{
    const sb_store_opts opts = {.kind = kind, .readonly = true};
    char dir[512];
    sb_fail fail = {0};
    sb_store *store;
    sb_store_info info;
    stored s = {0};
    (void)snprintf(dir, sizeof dir, "%s/%s/store", generated, whose);
    bench_must(sb_store_open(&store, dir, &opts, &fail), &fail, dir);
    sb_store_get_info(store, &info);
    s.count = sb_store_count(store);
    s.used = (double)info.used_bytes;
    for (uint64_t i = 0; i < s.count; i++) {
        sb_slice leaf;
        if (!sb_store_leaf(store, i, &leaf))
            bench_die("a leaf is missing");
        s.leaves += (double)leaf.len;
    }
    sb_store_close(store);
    return s;
}

int main(int argc, char **argv)
{
    static const char *const whose[2] = {"node-0", "broker"}, *const kinds[2] = {"node", "broker"};
    if (argc != 3)
        bench_die("usage: bench_size SMALL LARGE");
    for (int i = 0; i < 2; i++) {
        stored small = look(argv[1], whose[i], kinds[i]), large = look(argv[2], whose[i], kinds[i]);
        char name[32];
        double n = (double)(large.count - small.count);
        double leaf = (large.leaves - small.leaves) / n, all = (large.used - small.used) / n;
        if (large.count <= small.count)
            bench_die("the second log must be the larger one");
        (void)snprintf(name, sizeof name, "size/%s", kinds[i]);
        bench_line(
            name, all - leaf, "bytes/vote", -1, -1, -200,
            "on disk beyond the leaf's own %.0f, tree and indexes in it: %.0f in all, between "
            "%llu and %llu entries",
            leaf, all, (unsigned long long)small.count, (unsigned long long)large.count);
    }
    return 0;
}
