/* Inside the world of terms: terms_world.c (network, faults, invariants), terms_node.c and
 * terms_broker.c (the processes). */
#ifndef SB_TESTS_SIM_TERMS_INSIDE_H
#define SB_TESTS_SIM_TERMS_INSIDE_H

#include "tests/sim/sim_store.h"
#include "tests/sim/terms_world.h"

enum { TW_ENDS_MAX = TW_NODES_MAX + TW_BROKERS_MAX, TW_RECONNECT_MS = 200 };

typedef enum tw_kind { TW_FRAME, TW_BLOB_GET, TW_BLOB, TW_BLOB_PUT, TW_BLOB_AT } tw_kind;

typedef struct tw_message {
    uint64_t at_ms, order;
    uint32_t from, to; /* ends: nodes first, then brokers */
    uint32_t conn;
    tw_kind kind;
    uint64_t blob_bytes;
    sb_buf bytes;
} tw_message;

typedef struct tw_conn {
    uint32_t number; /* 0: not connected */
    uint64_t retry_ms;
} tw_conn;

typedef struct tw_node {
    sim_store store;
    sb_ledger *ledger;
    sb_follower *follower; /* NULL: down */
    uint64_t up_at_ms;
    bool lost; /* its disk was: it has no record, so it may confirm nothing */
    uint32_t cosigned_term;
    uint64_t final_size; /* shown last */
} tw_node;

typedef struct tw_broker {
    char key[16];
    sim_store store, backup;
    bool has_backup;
    sb_ledger *ledger;
    sb_sequencer *seq; /* one of these, or none: down */
    sb_standby *standby;
    uint64_t up_at_ms;
    bool lost, take_over, only_broker; /* only_broker: it was started without --standby */
} tw_broker;

struct tw {
    tw_options o;
    fed *keys;
    uint64_t random;
    uint64_t now_ms, legal_ms;
    bool healed;
    tw_node nodes[TW_NODES_MAX];
    tw_broker brokers[TW_BROKERS_MAX];
    tw_conn conns[TW_ENDS_MAX][TW_ENDS_MAX]; /* [dials][is dialled] */
    uint32_t last_conn;
    tw_message *messages;
    size_t message_count, message_cap;
    uint64_t last_order;
    tw_note *notes;
    size_t note_count, note_cap;
    sb_buf *final; /* leaves that are final somewhere */
    size_t final_count, final_cap;
    sb_arena arena; /* of one delivery */
    tw_counts counts;
};

/* ---- terms_world.c ---- */
bool tw_chance(tw *w, uint32_t permille);
uint64_t tw_below(tw *w, uint64_t n);
sb_now tw_now(const tw *w);
void tw_send(tw *w, uint32_t from, uint32_t conn, tw_kind kind, sb_slice bytes,
             uint64_t blob_bytes);
/* The process at this end is gone: its connections are. */
void tw_cut_all(tw *w, uint32_t end);
uint64_t tw_down_time(tw *w);
/* Every connection of this end that stands. */
bool tw_next_conn(const tw *w, uint32_t end, uint32_t *at, uint32_t *other, uint32_t *conn);
void tw_trace(const tw *w, uint32_t end, const char *what, uint64_t n);
/* This much is final at that node. */
void tw_check_final(tw *w, uint32_t node, uint64_t size);
/* Whole leaves of a frame, opened into the arena; how many could be. */
size_t tw_open_leaves(tw *w, const Sb__Leaves *m, sb_leaf **out, sb_fail *fail);

/* ---- terms_node.c ---- */
void tw_node_start(tw *w, uint32_t n);
void tw_node_stop(tw *w, uint32_t n, uint64_t down_ms);
void tw_node_feed(tw *w, uint32_t n, sb_fol_event *event);
void tw_node_hear(tw *w, uint32_t n, const tw_message *m);
void tw_node_link(tw *w, uint32_t n, uint32_t conn, uint32_t other, bool up);

/* ---- terms_broker.c ---- */
void tw_broker_start(tw *w, uint32_t b);
void tw_broker_stop(tw *w, uint32_t b, uint64_t down_ms);
void tw_broker_hear(tw *w, uint32_t b, const tw_message *m);
void tw_broker_link(tw *w, uint32_t b, uint32_t conn, bool up);
void tw_broker_tick(tw *w, uint32_t b);

#endif
