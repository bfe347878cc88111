/* The loop around the two cores: ZeroMQ in, one durable transaction a batch, ZeroMQ out. The process
 * is a broker (sequencer) or a standby; a standby that took over becomes a broker over the same
 * history and the same listening socket. Main thread only; entries and leaves are opened by the pool,
 * an inbox ahead of the one that is handled, and handled in the order they came.
 *   broker.c    frames in, the sequencer, the loop    standing.c  the standby core
 *   fetch.c     attachments from nodes                status.c    what the operator asks
 *   founding.c  the founders' entries                 main.c      starting
 *   full.c      a full disk
 */
#ifndef SB_BROKERD_BROKER_H
#define SB_BROKERD_BROKER_H

#include "broker/sequencer/sequencer.h"
#include "broker/standby/missing.h"
#include "broker/standby/standby.h"
#include "nodes/host/clock.h"
#include "nodes/host/config.h"
#include "nodes/host/pool.h"
#include "nodes/store/full.h"
#include "nodes/store/history.h"
#include "nodes/transport/net_zmq.h"
#include "proto/base/json.h"
#include "proto/base/limits.h"
#include "proto/wire/federation.h"
#include "proto/wire/misfit.h"

enum {
    SB_BROKER_INBOX = 256, /* frames taken before the batch is closed */
    SB_BROKER_INBOX_BYTES = 4 * 1024 * 1024,
    SB_BROKER_KEEP_BYTES = 64 * 1024, /* memory for a frame that is kept for the next one */
    SB_BROKER_ALLOW_MS = 2000,        /* who may connect is looked up anew */
    SB_BROKER_WAIT_MS = 20,           /* between TICKs when nothing comes */
    SB_BROKER_LOOK_US = 300,          /* what comes so soon is waited for awake */
    SB_BROKER_GATHER = 8,             /* so many who were just answered are waited for, … */
    SB_BROKER_GATHER_US = 2000,       /* … about so long since then */
    SB_BROKER_TELL_MS = 60 * 1000,    /* the same trouble is logged at most so often */
};

/* A frame that came in, opened where that is work. */
typedef struct sb_broker_item {
    uint32_t link, peer;
    uint8_t peer_pk[32];
    sb_buf bytes;
    sb_arena arena;
    const Sb__Frame *frame; /* NULL: it could not be decoded */
    sb_leaf leaf;           /* Submit, HandoverOffer */
    sb_err opened;
    sb_leaf *leaves; /* Leaves: the first leaf_count of the frame's */
    size_t leaf_count;
    sb_fail fail;
} sb_broker_item;

/* What is taken from the net for one batch. */
typedef struct sb_broker_inbox {
    sb_broker_item items[SB_BROKER_INBOX];
    size_t count, bytes; /* … of their frames */
} sb_broker_inbox;

/* A node's connection that the core knows. */
typedef struct sb_broker_up {
    uint32_t peer;
    uint8_t pk[32];
} sb_broker_up;

/* An attachment on its way from a node. */
typedef struct sb_broker_fetch {
    uint8_t sha256[32];
    uint64_t size; /* as the log states */
    uint32_t peer; /* 0: free */
} sb_broker_fetch;

typedef struct sb_broker {
    sb_history history;
    sb_sequencer *sequencer; /* one of these two is open */
    sb_standby *standby;
    const sb_federation *federation;
    const sb_secret *log_key;
    bool take_over; /* the operator said so */
    sb_net *net;
    uint32_t nodes_link, local_link;
    sb_clock clock;
    sb_pool *pool;
    /* One is handled and committed while the pool opens the next. */
    sb_broker_inbox inboxes[2];
    size_t turn;        /* which is handled next */
    uint64_t waited_us; /* the last time that nothing was there */
    size_t answered;    /* submits of the last batch, less the frames that came since */
    uint64_t answered_us;
    uint64_t allowed_size;             /* of the log when it was last said who may connect */
    uint64_t allowed_ms;               /* monotonic; 0: never */
    uint64_t awaits_from_ms;           /* the nodes' greetings, before a full disk; 0: not yet */
    sb_broker_up up[SB_SEQ_PEERS_MAX]; /* rising by peer */
    size_t up_count;
    uint32_t
        gone[SB_SEQ_PEERS_MAX]; /* … that turned out to be gone while effects were carried out */
    size_t gone_count;
    sb_missing missing; /* attachments that are still fetched after taking over */
    sb_broker_fetch fetches[SB_BROKER_FETCHES_MAX];
    uint64_t no_room_ms; /* when the log last said that blobs find no room; 0: never */
    sb_full full;
    sb_misfit misfit, told; /* answered; logged */
    bool failed;            /* `fail` says why the process ends */
    sb_fail fail;
} sb_broker;

/* ---- broker.c ---- */
void sb_broker_end(sb_broker *b, const sb_fail *fail);
sb_now sb_broker_now(sb_broker *b);
/* One frame to a node; a full queue loses it, and the node asks again. */
void sb_broker_send(sb_broker *b, uint32_t peer, sb_slice bytes);
void sb_broker_send_frame(sb_broker *b, uint32_t peer, const Sb__Frame *frame);
/* One event through the sequencer, and its effects carried out, commits included. */
void sb_broker_step(sb_broker *b, sb_seq_event *event);
/* The sequencer over the history, as of now in the log's newest term; after a start the nodes are heard
 * first (sequencer.h). */
sb_err sb_broker_open_sequencer(sb_broker *b, bool awaits_nodes, sb_fail *fail);
/* Until a signal says stop or something fails. */
sb_err sb_broker_run(sb_broker *b, sb_fail *fail);

/* ---- full.c ---- */
/* The process was to end with b->fail. True: it goes on, for the disk is full and nothing else. */
bool sb_broker_outlive_full(sb_broker *b);
/* In each turn: goes on where there is room again. */
void sb_broker_look_for_room(sb_broker *b);

/* ---- standing.c ---- */
sb_err sb_broker_open_standby(sb_broker *b, sb_fail *fail);
/* One event through the standby; it may become the broker by it. */
void sb_broker_stand(sb_broker *b, sb_standby_event *event);
/* A new standby core knows of nobody. */
void sb_broker_stand_everybody_up(sb_broker *b);

/* ---- fetch.c ---- */
/* Ask this node for the attachment, from where we have it. */
void sb_broker_fetch_blob(sb_broker *b, uint32_t peer, const uint8_t sha256[32], uint64_t size);
/* A chunk of one. True: it is whole now, and held. */
bool sb_broker_blob_data(sb_broker *b, uint32_t peer, const Sb__BlobData *data);
/* What is still missing after taking over. */
void sb_broker_fetch_missing(sb_broker *b);

/* ---- status.c ---- */
/* The answer to "status", in canonical JSON. */
void sb_broker_write_status(sb_broker *b, sb_buf *json);

/* ---- founding.c ---- */
/* Put the founding entries into an empty log. */
sb_err sb_broker_found(sb_broker *b, const sb_slice *entries, size_t count, sb_fail *fail);

#endif
