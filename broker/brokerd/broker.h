/* The loop around the sequencer: ZeroMQ in, one durable transaction a batch, ZeroMQ out.
 * Main thread only; entries are opened by the pool and joined in the order they came. */
#ifndef SB_BROKERD_BROKER_H
#define SB_BROKERD_BROKER_H

#include "broker/sequencer/sequencer.h"
#include "nodes/host/clock.h"
#include "nodes/host/config.h"
#include "nodes/host/pool.h"
#include "nodes/store/history.h"
#include "nodes/transport/net_zmq.h"

enum {
    SB_BROKER_INBOX = 256,        /* frames taken before the batch is closed */
    SB_BROKER_WAIT_MS = 20,       /* between TICKs when nothing comes */
    SB_BROKER_TELL_MS = 60 * 1000 /* the same trouble is logged at most so often */
};

/* A frame that came in, opened where that is work. */
typedef struct sb_broker_item {
    uint32_t link, peer;
    sb_buf bytes;
    sb_arena arena;
    const Sb__Frame *frame; /* NULL: it could not be decoded */
    sb_leaf leaf;           /* Submit */
    sb_err opened;
    sb_fail fail;
} sb_broker_item;

typedef struct sb_broker {
    sb_history history;
    sb_sequencer *sequencer;
    sb_net *net;
    uint32_t nodes_link, local_link;
    sb_clock clock;
    sb_pool *pool;
    sb_broker_item inbox[SB_BROKER_INBOX];
    uint32_t up[SB_SEQ_PEERS_MAX]; /* peers the sequencer knows, rising */
    size_t up_count;
    uint64_t no_room_ms; /* when the log last said that blobs find no room; 0: never */
    bool failed;         /* `fail` says why the process ends */
    sb_fail fail;
} sb_broker;

/* One event through the sequencer, and its effects carried out, commits included. */
void sb_broker_step(sb_broker *b, sb_seq_event *event);
/* Put the founding entries into an empty log (founding.c). */
sb_err sb_broker_found(sb_broker *b, const sb_slice *entries, size_t count, sb_fail *fail);
/* Until a signal says stop or something fails. */
sb_err sb_broker_run(sb_broker *b, sb_fail *fail);
sb_now sb_broker_now(sb_broker *b);

#endif
