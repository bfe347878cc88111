/* The loop around the follower: the broker on one side, members on the other. */
#ifndef SB_NODED_NODE_H
#define SB_NODED_NODE_H

#include "nodes/follower/follower.h"
#include "nodes/host/clock.h"
#include "nodes/host/config.h"
#include "nodes/host/pool.h"
#include "nodes/noded/transfers.h"
#include "nodes/store/history.h"
#include "nodes/transport/net_zmq.h"

enum {
    SB_NODE_FRAMES_A_TURN = 64, /* taken before the follower gets its TICK */
    SB_NODE_WAIT_MS = 20,
    SB_NODE_LEAVES_MAX = 256,    /* of one Leaves frame */
    SB_NODE_REQUESTS_MAX = 4096, /* members' submissions that wait for a receipt */
    SB_NODE_PING_MS = 5000
};

/* A member who waits for the receipt of what was submitted. */
typedef struct sb_node_request {
    uint64_t token; /* given to the follower; 0: free */
    uint32_t peer;
    uint64_t request;
} sb_node_request;

/* One leaf on its way through the verifier pool. */
typedef struct sb_node_item {
    sb_slice bytes;
    sb_arena arena;
    sb_leaf leaf;
    sb_err opened;
    sb_fail fail;
} sb_node_item;

typedef struct sb_node {
    sb_history history;
    sb_follower *follower;
    sb_net *net;
    uint32_t broker_link, local_link;
    uint32_t broker_peer; /* 0: not connected */
    const char *organisation;
    sb_clock clock;
    sb_pool *pool;
    sb_arena frame_arena;
    sb_node_item items[SB_NODE_LEAVES_MAX];
    sb_leaf leaves[SB_NODE_LEAVES_MAX];
    sb_transfers transfers;
    sb_node_request requests[SB_NODE_REQUESTS_MAX];
    uint64_t last_token;
    uint64_t pinged_ms;
    bool failed;
    sb_fail fail;
} sb_node;

sb_now sb_node_now(sb_node *n);
/* One event through the follower, and its effects carried out, commits included. */
void sb_node_step(sb_node *n, sb_fol_event *event);
/* Until a signal says stop or something fails. */
sb_err sb_node_run(sb_node *n, sb_fail *fail);
/* The process must end with this. */
void sb_node_end_with(sb_node *n, const sb_fail *fail);
void sb_node_send(sb_node *n, uint32_t peer, const Sb__Frame *frame);

/* ---- members.c ---- */

/* A frame from the local socket. */
void sb_node_on_member(sb_node *n, uint32_t peer, const Sb__Frame *frame);
/* What a member's entry has come to. */
void sb_node_notify(sb_node *n, const sb_fol_effect *effect);

#endif
