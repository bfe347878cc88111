/* Frames between processes: one interface, two implementations under one conformance suite.
 *
 *   sb_net_zmq_open   ZeroMQ: CURVE over TCP between nodes and broker, plain over a local socket
 *   sb_net_sim_open   in memory, under a seed, with drops, delays and duplicates: for tests
 *
 * A net has links: served endpoints (many peers) and dialled ones (one peer). A peer is a number
 * that is never used again; every frame is bound to the peer's authenticated key, never to a name
 * that the peer chose. Frames to one peer arrive in order or not at all. Every queue is bounded:
 * when a peer's is full, sb_net_send says so and the caller keeps or drops the frame. One thread
 * owns a net.
 */
#ifndef SB_TRANSPORT_NET_H
#define SB_TRANSPORT_NET_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/slice.h"

typedef struct sb_net sb_net;

typedef enum sb_net_event_kind {
    SB_NET_NOTHING = 0, /* the timeout passed */
    SB_NET_UP,   /* a dialled link stands (a served link's peer is there with its first frame) */
    SB_NET_DOWN, /* a peer is gone; its number is never used again */
    SB_NET_FRAME
} sb_net_event_kind;

typedef struct sb_net_event {
    sb_net_event_kind kind;
    uint32_t link; /* as returned by serve and dial */
    uint32_t peer;
    uint8_t peer_pk[32]; /* authenticated CURVE key; zero on local links */
    sb_slice frame;      /* FRAME: borrowed until the next sb_net_wait */
} sb_net_event;

typedef struct sb_net_ops {
    sb_err (*wait)(sb_net *net, uint32_t timeout_ms, sb_net_event *event, sb_fail *fail);
    sb_err (*send)(sb_net *net, uint32_t peer, sb_slice frame);
    void (*close)(sb_net *net);
} sb_net_ops;

struct sb_net {
    const sb_net_ops *ops;
};

/* The next event, waiting at most timeout_ms. Errors: SB_E_NET_ZAP_DEAD (the key checker died: the
 * process must end, or unknown keys would be let in), SB_E_NET_BROKEN. */
static inline sb_err sb_net_wait(sb_net *net, uint32_t timeout_ms, sb_net_event *event,
                                 sb_fail *fail)
{
    return net->ops->wait(net, timeout_ms, event, fail);
}

/* Errors: SB_E_NET_FULL (the peer's queue), SB_E_NET_GONE (a DOWN event follows or has come),
 * SB_E_TOO_LARGE. */
static inline sb_err sb_net_send(sb_net *net, uint32_t peer, sb_slice frame)
{
    return net->ops->send(net, peer, frame);
}

static inline void sb_net_close(sb_net *net)
{
    if (net != NULL)
        net->ops->close(net);
}

#endif
