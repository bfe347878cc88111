/* The first baseline: libsodium verifying signatures and nothing else, on as many threads as the pool
 * has, over the same messages.
 */
#ifndef SB_TESTS_BENCH_BARE_H
#define SB_TESTS_BENCH_BARE_H

#include "nodes/host/pool.h"
#include "proto/wire/entry.h"
#include "tests/bench/bench.h"

typedef struct bench_item {
    const uint8_t *message;
    size_t len;
    uint8_t pk[32], sig[64];
    bool is_good;
} bench_item;

typedef struct bench_items {
    bench_item *items;
    size_t count, cap;
    sb_arena arena;
} bench_items;

typedef struct bench_spent {
    double wall_s, cpu_s;
} bench_spent;

void bench_items_init(bench_items *to);
void bench_items_deinit(bench_items *to);
void bench_items_add(bench_items *to, sb_slice message, const uint8_t pk[32],
                     const uint8_t sig[64]);
void bench_items_add_entry(bench_items *to, const sb_entry *entry);
/* Each entry's own signature. */
void bench_items_add_log(bench_items *to, const bench_log *log);
/* The cosignatures that a SEAL carries. */
void bench_items_add_seal(bench_items *to, const Sb__Seal *seal, const char *origin);
/* Verify items [first, first + count). All must hold. */
bench_spent bench_bare(sb_pool *pool, bench_items *over, size_t first, size_t count);

#endif
