/* The loop around the follower: brokers and other nodes on one side, members on the other.
 *
 * The follower's links are the net's peers, under the same numbers. Dialled are: the configured
 * broker, the charter's standbys, a broker that the organisation consented to (BROKER), and the
 * nodes that the configuration names (NODE). Who dials us is another organisation's node or a
 * standby; nobody else's key is let in (links.c).
 */
#ifndef SB_NODED_NODE_H
#define SB_NODED_NODE_H

#include "nodes/follower/follower.h"
#include "nodes/host/clock.h"
#include "nodes/host/config.h"
#include "nodes/host/federation_file.h"
#include "nodes/host/pool.h"
#include "nodes/noded/transfers.h"
#include "nodes/store/full.h"
#include "nodes/store/history.h"
#include "nodes/transport/net_zmq.h"
#include "proto/base/limits.h"
#include "proto/merkle/checkpoint.h"
#include "proto/wire/misfit.h"

enum {
    SB_NODE_FRAMES_A_TURN = 64, /* taken before the follower gets its TICK */
    SB_NODE_WAIT_MS = 20,
    SB_NODE_LEAVES_MAX = SB_FOL_LEAVES_MAX,
    SB_NODE_SHARE = 16, /* leaves that a thread opens in one go */
    SB_NODE_SHARES_MAX = SB_NODE_LEAVES_MAX / SB_NODE_SHARE,
    SB_NODE_FRAMES_AHEAD = 4, /* Leaves frames in the pool */
    SB_NODE_PING_MS = 5000,
    SB_NODE_TEND_MS = 2000, /* who is to be dialled, and let in */
    SB_NODE_CONNS_MAX = SB_FOL_LINKS_MAX
};

/* A dialled endpoint. */
typedef struct sb_node_dial {
    char address[SB_ADDRESS_BYTES_MAX + 1];
    uint8_t curve_pk[32];
    sb_fol_role role;
    uint32_t net_link;
    bool is_wanted; /* by the configuration, the charter or the consent, as of now */
} sb_node_dial;

/* A connection that stands. */
typedef struct sb_node_conn {
    uint32_t peer;
    sb_fol_role role;
    uint8_t curve_pk[32];
} sb_node_conn;

/* A member who waits for the receipt of what was submitted. */
typedef struct sb_node_request {
    uint64_t token; /* given to the follower; 0: free */
    uint32_t peer;
    uint64_t request;
    bool queued; /* the member knows that it is durable */
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
    uint32_t peer;
    const Sb__Frame *frame;
    sb_arena arena; /* the frame's */
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    bool has_origin;
    bool is_known; /* its leaves were all here when it came: they aren't opened */
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
    uint64_t opened_anew; /* so often did it go back, or drop what a full disk didn't take */
    sb_follower *follower;
    sb_net *net;
    uint32_t local_link, peer_link; /* served: members; other nodes when listens */
    bool listens;
    const sb_node_config *config;
    const sb_federation *federation;
    const sb_curve_keys *curve;
    uint8_t broker_curve_pk[32];
    sb_fol_opts fol_opts;
    sb_node_dial dials[SB_NODE_DIALS_MAX];
    uint32_t dial_count;
    sb_node_conn conns[SB_NODE_CONNS_MAX];
    uint32_t conn_count;
    uint64_t tended_ms;
    sb_ledger_standing standing; /* … as it was logged */
    bool is_restored;            /* … was logged */
    uint64_t allowed_size;       /* of the log when it was last said who may connect */
    const char *organisation;
    sb_clock clock;
    sb_pool *pool;
    sb_arena frame_arena;
    sb_node_ahead ahead;
    sb_transfers transfers;
    sb_node_request requests[SB_NODE_REQUESTS_MAX];
    uint64_t last_token;
    uint64_t pinged_ms;
    bool reopened;         /* the follower is a new one: it knows no links yet */
    sb_fail refused_probe; /* why; code SB_OK: it wasn't */
    sb_buf probe;
    sb_full full;
    sb_misfit misfit, told; /* answered; logged */
    bool is_clock_off;      /* … was logged */
    bool failed;
    sb_fail fail;
} sb_node;

sb_now sb_node_now(sb_node *n);
/* One event through the follower, and its effects carried out, commits included; what it had put off is
 * committed first, but for more leaves. */
void sb_node_step(sb_node *n, sb_fol_event *event);
/* What the follower put off is committed: before anything but it reads the ledger. */
void sb_node_flush(sb_node *n);
/* Until a signal says stop or something fails. */
sb_err sb_node_run(sb_node *n, sb_fail *fail);
/* The process must end with this. */
void sb_node_end_with(sb_node *n, const sb_fail *fail);
void sb_node_send(sb_node *n, uint32_t peer, const Sb__Frame *frame);

/* What a peer sends, of whichever side. */
void sb_node_on_peer_frame(sb_node *n, uint32_t peer, const Sb__Frame *frame);

/* ---- rewind.c ---- */

/* Carry out a REWIND: the history goes back, the follower is opened anew. False: the process must
 * end (sb_node_end_with was called). */
bool sb_node_rewind(sb_node *n, const sb_fol_effect *effect);
/* Tell the new follower what the old one knew: the links, and why a probe was refused. */
void sb_node_after_rewind(sb_node *n);

/* The process was to end with n->fail. True: it goes on, for the disk is full and nothing else: what
 * could not be committed is dropped, and history and follower are opened anew over what was, as a start
 * does it. It answers members and serves attachments, takes nothing, and looks for room. */
bool sb_node_outlive_full(sb_node *n);
/* In each turn: goes on where there is room again. */
void sb_node_look_for_room(sb_node *n);

/* ---- links.c ---- */

/* Dial whoever is to be dialled now, and let in whoever may. */
void sb_node_tend_links(sb_node *n);
/* A connection stands, or is gone. */
void sb_node_link_up(sb_node *n, const sb_net_event *event);
void sb_node_link_down(sb_node *n, const sb_net_event *event);
sb_node_conn *sb_node_conn_find(sb_node *n, uint32_t peer);

/* ---- blobs.c ---- */

void sb_node_want_blob(sb_node *n, const sb_fol_effect *effect);
void sb_node_put_blob(sb_node *n, const sb_fol_effect *effect);
void sb_node_on_blob_data(sb_node *n, uint32_t peer, const Sb__BlobData *data);
void sb_node_on_blob_stored(sb_node *n, uint32_t peer, const Sb__BlobStored *stored);
/* The other side takes no more of ours for now. */
void sb_node_on_blob_refused(sb_node *n, uint32_t peer, const Sb__Refused *refused);
/* Somebody else wants to give or to have one: a member, another node, a standby. */
void sb_node_on_blob_put(sb_node *n, uint32_t peer, const Sb__Frame *frame);
void sb_node_on_blob_get(sb_node *n, uint32_t peer, const Sb__Frame *frame);

/* ---- ahead.c ---- */

void sb_node_ahead_init(sb_node_ahead *a);
/* After the pool is gone. */
void sb_node_ahead_deinit(sb_node_ahead *a);
/* A Leaves frame, decoded in n->frame_arena, whose memory goes along. Folds the oldest when there
 * is no room. */
void sb_node_ahead_add(sb_node *n, uint32_t peer, const Sb__Frame *frame);
/* Fold the oldest frame, waiting until it is opened; nothing when there is none. */
void sb_node_ahead_take(sb_node *n);
void sb_node_ahead_take_all(sb_node *n);

/* ---- members.c ---- */

/* A frame from the local socket. */
void sb_node_on_member(sb_node *n, uint32_t peer, const Sb__Frame *frame);
void sb_node_send_refused(sb_node *n, uint32_t peer, uint64_t request, const uint8_t id[32],
                          const sb_fail *fail);
/* A tlog-witness request, from a member or another node (witness.h). */
void sb_node_on_witness_ask(sb_node *n, uint32_t peer, const Sb__Frame *frame);
/* The disk is full: who waits to hear that an entry is kept hears that it isn't. */
void sb_node_refuse_waiting(sb_node *n);
/* What a member's entry has come to. */
void sb_node_notify(sb_node *n, const sb_fol_effect *effect);

#endif
