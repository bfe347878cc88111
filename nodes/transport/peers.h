/* The peers of a net: by number, and by (link, routing id). Private to the transport. */
#ifndef SB_TRANSPORT_PEERS_H
#define SB_TRANSPORT_PEERS_H

#include "proto/base/slice.h"

typedef struct sb_outgoing sb_outgoing; /* net_zmq.c: bytes on their way to a peer */

typedef struct sb_peer {
    uint32_t number;
    uint32_t link;
    uint8_t pk[32];
    uint64_t heard_ms; /* monotonic */
    int32_t fd;        /* served: its connection's descriptor and number */
    uint64_t conn;
    sb_outgoing *outgoing; /* NULL: nothing was sent yet */
    uint8_t routing_len;
    uint8_t routing[255];
    struct sb_peer *chain; /* of its bucket */
} sb_peer;

typedef struct sb_peers {
    sb_peer **by_number; /* rising */
    size_t count, cap;
    uint32_t last_number;
    sb_peer *buckets[1024];
} sb_peers;

void sb_peers_init(sb_peers *p);
void sb_peers_deinit(sb_peers *p);
/* NULL when unknown. */
sb_peer *sb_peers_find(const sb_peers *p, uint32_t number);
sb_peer *sb_peers_find_routing(const sb_peers *p, uint32_t link, sb_slice routing);
sb_peer *sb_peers_add(sb_peers *p, uint32_t link, sb_slice routing, const uint8_t pk[32]);
/* The one of this link and key that was heard longest ago, when there are `max` or more of them;
 * else NULL. */
sb_peer *sb_peers_crowding(const sb_peers *p, uint32_t link, const uint8_t pk[32], size_t max);
void sb_peers_remove(sb_peers *p, sb_peer *peer);

#endif
