#include "tests/bench/bare.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/merkle/checkpoint.h"
#include "tests/bench/bench.h"

void bench_items_init(bench_items *to)
{
    *to = (bench_items){0};
    sb_arena_init(&to->arena);
}

void bench_items_deinit(bench_items *to)
{
    sb_arena_deinit(&to->arena);
    free(to->items);
}

void bench_items_add(bench_items *to, sb_slice message, const uint8_t pk[32], const uint8_t sig[64])
{
    if (to->count == to->cap) {
        to->cap = to->cap == 0 ? 1024 : 2 * to->cap;
        to->items = sb_xrealloc(to->items, to->cap * sizeof *to->items);
    }
    bench_item *i = &to->items[to->count++];
    *i = (bench_item){.message = sb_arena_copy(&to->arena, message).data, .len = message.len};
    memcpy(i->pk, pk, 32);
    memcpy(i->sig, sig, 64);
}

void bench_items_add_entry(bench_items *to, const sb_entry *entry)
{
    static const char domain[] = SB_DOMAIN_ENTRY; /* with its zero byte */
    sb_buf message;
    sb_buf_init(&message);
    sb_buf_add(&message, sb_slice_of(domain, sizeof domain));
    sb_buf_add(&message, entry->unsigned_bytes);
    bench_items_add(to, sb_buf_slice(&message), entry->signer_pk, entry->signature);
    sb_buf_deinit(&message);
}

void bench_items_add_log(bench_items *to, const bench_log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        sb_slice leaf = bench_leaf(log, i);
        sb_entry entry;
        sb_fail fail = {0};
        bench_must(sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &entry, &fail), &fail,
                   "entry");
        bench_items_add_entry(to, &entry);
    }
}

void bench_items_add_seal(bench_items *to, const Sb__Seal *seal, const char *origin)
{
    sb_checkpoint head = {.size = seal->size};
    (void)snprintf(head.origin, sizeof head.origin, "%s", origin);
    memcpy(head.root, seal->root.data, 32);
    for (size_t i = 0; i < seal->n_cosignatures; i++) {
        const Sb__Cosignature *c = seal->cosignatures[i];
        sb_buf message;
        sb_buf_init(&message);
        sb_cosignature_message(&head, c->time_s, &message);
        bench_items_add(to, sb_buf_slice(&message), c->witness_pk.data, c->signature.data);
        sb_buf_deinit(&message);
    }
}

static void verify_item(void *arg)
{
    bench_item *i = arg;
    i->is_good = crypto_sign_verify_detached(i->sig, i->message, i->len, i->pk) == 0;
}

bench_spent bench_bare(sb_pool *pool, bench_items *over, size_t first, size_t count)
{
    double start = bench_now_s(), cpu = bench_cpu_s();
    if (first > over->count || count > over->count - first)
        bench_die("fewer signatures than that");
    sb_pool_run(pool, verify_item, over->items + first, sizeof *over->items, count);
    bench_spent took = {bench_now_s() - start, bench_cpu_s() - cpu};
    for (size_t i = 0; i < count; i++)
        if (!over->items[first + i].is_good)
            bench_die("a signature doesn't hold in the bare loop");
    return took;
}
