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
#include "proto/merkle/checkpoint.h"

enum {
    SB_NODE_FRAMES_A_TURN = 64, /* taken before the follower gets its TICK */
    SB_NODE_WAIT_MS = 20,
    SB_NODE_LEAVES_MAX = SB_FOL_LEAVES_MAX,
    SB_NODE_SHARE = 8, /* leaves that a thread opens in one go */
    SB_NODE_SHARES_MAX = SB_NODE_LEAVES_MAX / SB_NODE_SHARE,
    SB_NODE_FRAMES_AHEAD = 4,    /* Leaves frames in the pool */
    SB_NODE_REQUESTS_MAX = 4096, /* members' submissions that wait for a receipt */
    SB_NODE_PING_MS = 5000
};

/* A member who waits for the receipt of what was submitted. */
typedef struct sb_node_request {
    uint64_t token; /* given to the follower; 0: free */
    uint32_t peer;
    uint64_t request;
} sb_node_request;

/* Some leaves of a frame: one job of the pool. */
typedef struct sb_node_share {
    const ProtobufCBinaryData *bytes; /* of the frame */
    size_t count;
    const char *origin; /* ours when the frame came; NULL before genesis is folded */
    sb_leaf *leaves;
    size_t opened; /* fewer than count: the next one was refused, and why is in refusal */
    sb_fail refusal;
    sb_arena arena;
} sb_node_share;

typedef struct sb_node_frame {
    const Sb__Frame *frame;
    sb_arena arena; /* the frame's */
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    bool has_origin;
    sb_leaf leaves[SB_NODE_LEAVES_MAX];
    sb_node_share shares[SB_NODE_SHARES_MAX];
    size_t share_count;
} sb_node_frame;

/* Leaves frames whose leaves the pool opens while the main thread folds older ones. The follower
 * sees what comes from the broker in the order in which it came: these are folded before any other
 * frame of the broker's, and before it comes or goes. Members don't wait for them. What is here
 * when the process ends is asked for again. */
typedef struct sb_node_ahead {
    sb_node_frame frames[SB_NODE_FRAMES_AHEAD];
    size_t first, count;
} sb_node_ahead;

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
    sb_node_ahead ahead;
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

/* ---- ahead.c ---- */

void sb_node_ahead_init(sb_node_ahead *a);
/* After the pool is gone. */
void sb_node_ahead_deinit(sb_node_ahead *a);
/* A Leaves frame, decoded in n->frame_arena, whose memory goes along. Folds the oldest when there
 * is no room. */
void sb_node_ahead_add(sb_node *n, const Sb__Frame *frame);
/* Fold the oldest frame, waiting until it is opened; nothing when there is none. */
void sb_node_ahead_take(sb_node *n);
void sb_node_ahead_take_all(sb_node *n);

/* ---- members.c ---- */

/* A frame from the local socket. */
void sb_node_on_member(sb_node *n, uint32_t peer, const Sb__Frame *frame);
/* What a member's entry has come to. */
void sb_node_notify(sb_node *n, const sb_fol_effect *effect);

#endif
