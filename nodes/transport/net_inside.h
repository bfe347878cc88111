/* Inside the net over ZeroMQ: its state, and what its files give each other.
 *   net_zmq.c     opening, serving, dialling, sending     net_events.c  what comes in
 *   zap.c         which keys may connect                  peers.c       peers by number and name
 *   turns.c       frames wait, and keys take turns        conns.c       connections by descriptor
 */
#ifndef SB_TRANSPORT_NET_INSIDE_H
#define SB_TRANSPORT_NET_INSIDE_H

#include <stdatomic.h>
#include <zmq.h>

#include "nodes/transport/conns.h"
#include "nodes/transport/net_zmq.h"
#include "nodes/transport/peers.h"
#include "nodes/transport/turns.h"
#include "nodes/transport/zap.h"

typedef enum sb_link_kind { SB_LINK_CLOSED = 0, SB_LINK_SERVED, SB_LINK_DIALLED } sb_link_kind;

typedef struct sb_link {
    sb_link_kind kind;
    bool is_local;
    bool handshaken; /* dialled: the connection stands; up when it takes frames */
    void *socket;
    void *monitor;  /* PAIR with its connection events */
    uint32_t peer;  /* dialled: while up, else 0 */
    sb_conns conns; /* served */
    uint8_t server_key[32];
    char endpoint[256];
} sb_link;

/* A frame that waits for its turn. */
typedef struct sb_waiting {
    sb_turns_item item; /* first */
    uint32_t peer;
    zmq_msg_t message;
} sb_waiting;

typedef struct sb_net_zmq {
    sb_net net;
    void *context;
    sb_zap *zap; /* from the first CURVE server on */
    sb_link links[SB_NET_LINKS_MAX];
    uint32_t link_count; /* closed ones too */
    uint32_t turn;       /* whose frames come first: links take turns */
    uint32_t taken;      /* frames handed out since the sockets were last looked at */
    uint32_t monitors;   /* made so far: their names */
    sb_peers peers;
    uint64_t idle_checked_ms;
    zmq_msg_t message;   /* the last FRAME's */
    sb_turns *turns;     /* frames of served links */
    size_t conns_max;    /* of served links */
    sb_net_event *downs; /* to be told before anything else */
    size_t down_count, down_cap;
    uint8_t (*allowed)[32];
    size_t allowed_count;
} sb_net_zmq;

uint64_t sb_net_now_ms(void);
/* What libzmq has told of the connections of a served link. */
void sb_net_watch_served(sb_net_zmq *n, uint32_t number);
bool sb_net_is_allowed(const sb_net_zmq *n, const uint8_t pk[32]);
/* The peer is no more: a DOWN will tell. */
void sb_net_drop_peer(sb_net_zmq *n, sb_peer *peer);
/* … and the connection that it last spoke over is closed. */
void sb_net_cut_peer(sb_net_zmq *n, sb_peer *peer);
void sb_net_free_waiting(sb_turns_item *item);
sb_err sb_net_zmq_wait(sb_net *net, uint32_t timeout_ms, sb_net_event *event, sb_fail *fail);

#endif
