/* Inside: liars.c (who, members, the end), liars_broker.c, liars_node.c. */
#ifndef SB_TESTS_SIM_LIARS_INSIDE_H
#define SB_TESTS_SIM_LIARS_INSIDE_H

#include "tests/sim/liars.h"
#include "tests/sim/world_inside.h"

typedef enum broker_lie {
    LIE_SPLIT,
    LIE_FORGETS,
    LIE_ALTERS,
    LIE_SHRINKS,
    LIE_CLOCK,
    LIE_GAPS,
    LIE_CERTIFIES,
    BROKER_LIES
} broker_lie;

enum {
    NODE_COSIGNS = 1,
    NODE_PROMISES = 2,
    NODE_ANSWERS = 4,
    NODE_FLOODS = 8,
    NODE_LIES = 15,
    LIARS_LATEST_MS = 60 * 1000, /* then a lying broker is switched off */
    FLOODS_MAX = 20,
    LIARS_RECEIPTS_MAX = 16
};

/* A second sequencer, on a copy of the store. */
typedef struct shadow {
    bool on;
    sw_store store;
    sb_ledger *ledger;
    sb_sequencer *seq;
} shadow;

typedef struct broker_liar {
    liars *l;
    uint32_t self;
    broker_lie lie;
    bool on, over;
    uint64_t begins_ms;
    uint32_t victims; /* nodes, by bit */
    uint32_t told;    /* lies of which it tells only some */
    shadow other;
    sb_arena arena;
    uint8_t certified[32]; /* the root of the head that it last lied about so */
} broker_liar;

typedef struct node_liar {
    liars *l;
    uint32_t self, kinds;
    bool over;
    uint64_t flooded_ms;
    uint32_t floods;
    sb_arena arena;
} node_liar;

/* A node took the receipt for what isn't entered. */
typedef struct lying_receipt {
    uint32_t node, term;
    uint64_t index, time_ms;
    uint8_t id[32];
    bool over;
} lying_receipt;

struct liars {
    sw *w;
    const sw_story *story;
    uint64_t seed;
    bool has_broker, has_node, has_member;
    broker_liar broker;
    node_liar node;
    uint64_t member_ms, member_seq;
    size_t twin_next, twin_last;
    bool would_take; /* what reaches a node now */
    uint64_t size_before;
    lying_receipt receipts[LIARS_RECEIPTS_MAX];
    size_t receipt_count;
    uint64_t split_since_ms[SW_NODES_MAX][SW_NODES_MAX];
    char unseen[160]; /* what must be noticed, and wasn't */
    sb_arena arena;
};

extern liars_counts *liars_all;

uint64_t liars_mix(uint64_t seed, uint64_t salt);
void liars_send(sw *w, uint32_t self, uint32_t conn, const Sb__Frame *frame);
void liars_broker_begin(broker_liar *b);
void liars_broker_end(broker_liar *b);
void liars_node_begin(node_liar *n);
/* liars_reach.c: the role's `reaches` of a broker; now and then. */
void liars_reach(void *arg, sw *w, uint32_t to, uint32_t conn, sb_slice frame, bool is_heard);
void liars_look(liars *l);

#endif
