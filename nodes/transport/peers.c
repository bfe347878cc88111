#include "nodes/transport/peers.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/buf.h"

enum { BUCKETS = 1024 };

static size_t bucket_of(uint32_t link, sb_slice routing)
{
    uint32_t h = 2166136261u ^ link; /* FNV-1a; peers' names are bounded by SB_NET_PEERS_MAX */
    for (size_t i = 0; i < routing.len; i++)
        h = (h ^ routing.data[i]) * 16777619u;
    return h % BUCKETS;
}

static sb_slice routing_of(const sb_peer *peer)
{
    return sb_slice_of(peer->routing, peer->routing_len);
}

void sb_peers_init(sb_peers *p)
{
    memset(p, 0, sizeof *p);
}

void sb_peers_deinit(sb_peers *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->by_number[i]);
    free(p->by_number);
    sb_peers_init(p);
}

/* Where `number` stands or would stand. */
static size_t position(const sb_peers *p, uint32_t number)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->by_number[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

sb_peer *sb_peers_find(const sb_peers *p, uint32_t number)
{
    size_t at = position(p, number);
    return at < p->count && p->by_number[at]->number == number ? p->by_number[at] : NULL;
}

sb_peer *sb_peers_find_routing(const sb_peers *p, uint32_t link, sb_slice routing)
{
    sb_peer *peer = p->buckets[bucket_of(link, routing)];
    while (peer != NULL && !(peer->link == link && sb_slice_eq(routing_of(peer), routing)))
        peer = peer->chain;
    return peer;
}

sb_peer *sb_peers_add(sb_peers *p, uint32_t link, sb_slice routing, const uint8_t pk[32])
{
    assert(routing.len <= 255);
    if (p->count == p->cap) {
        p->cap = p->cap == 0 ? 16 : 2 * p->cap;
        p->by_number = sb_xrealloc(p->by_number, p->cap * sizeof *p->by_number);
    }
    sb_peer *peer = sb_xmalloc(sizeof *peer);
    *peer =
        (sb_peer){.number = ++p->last_number, .link = link, .routing_len = (uint8_t)routing.len};
    memcpy(peer->pk, pk, 32);
    if (routing.len > 0)
        memcpy(peer->routing, routing.data, routing.len);
    size_t bucket = bucket_of(link, routing);
    peer->chain = p->buckets[bucket];
    p->buckets[bucket] = peer;
    p->by_number[p->count++] = peer;
    return peer;
}

sb_peer *sb_peers_crowding(const sb_peers *p, uint32_t link, const uint8_t pk[32], size_t max)
{
    sb_peer *oldest = NULL;
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++) {
        sb_peer *peer = p->by_number[i];
        if (peer->link != link || memcmp(peer->pk, pk, 32) != 0)
            continue;
        count++;
        if (oldest == NULL || peer->heard_ms < oldest->heard_ms)
            oldest = peer;
    }
    return count >= max ? oldest : NULL;
}

void sb_peers_remove(sb_peers *p, sb_peer *peer)
{
    sb_peer **link = &p->buckets[bucket_of(peer->link, routing_of(peer))];
    while (*link != peer)
        link = &(*link)->chain;
    *link = peer->chain;
    size_t at = position(p, peer->number);
    assert(at < p->count && p->by_number[at] == peer);
    p->count--;
    memmove(&p->by_number[at], &p->by_number[at + 1], (p->count - at) * sizeof *p->by_number);
    free(peer);
}
