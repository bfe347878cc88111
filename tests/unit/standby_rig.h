/* A standby among nodes that a test writes by hand: each node has a federation's log up to some size
 * and says what it is told to say. Messages are delivered in order, at once. */
#ifndef SB_TESTS_STANDBY_RIG_H
#define SB_TESTS_STANDBY_RIG_H

#include "broker/standby/standby.h"
#include "tests/lib/fed_terms.h"
#include "tests/sim/sim_store.h"

enum { RIG_NODES_MAX = 400 };

typedef struct rig_node {
    bool is_up;
    fed *log;    /* whose log it has */
    size_t size; /* so much of it */
    uint32_t organisation;
    uint8_t curve_pk[32]; /* zero: not known */
    bool promises;        /* else it refuses with `refusal` */
    sb_fail refusal;
    sb_head seal, cosigned; /* what it promises */
    const Sb__Seal *sealed; /* … with these cosignatures */
    uint32_t asked_term;    /* it was asked for last */
    uint32_t promised_term; /* … and promised */
    bool consents;          /* its authority did: it promises whenever it is asked */
    uint32_t asks;          /* that bind, if it promises */
    uint32_t woulds;        /* … and not */
    bool would;             /* it says that it would, whether it does or not */
    bool is_mute;           /* it answers no Pull */
    bool repeats;           /* … but with leaf 0, and says that again every half second */
    uint32_t claims;        /* the term that it says it is in; 0: its log's */
    uint32_t pulls;         /* it was asked for leaves so often, and last with… */
    uint32_t credit;        /* … this */
    bool spoils;         /* it serves a leaf more in front, with a bit of its signature flipped */
    bool offers;         /* its log's HANDOVERs are shown to lower terms */
    sb_slice offer_leaf; /* instead of its own, with… */
    uint64_t offer_index;
    const char *offer_key; /* … the head signed by this key */
    uint32_t offer_term;   /* … of this term, over nothing that anybody has; 0: of its log */
} rig_node;

typedef struct rig {
    fed *f; /* the keys, and the log that nodes have unless told otherwise */
    sim_store store;
    sb_ledger *ledger;
    sb_standby *standby;
    const char *key; /* of the standby, by name */
    bool take_over;
    sb_now now;
    rig_node nodes[RIG_NODES_MAX]; /* peer = place + 1 */
    uint32_t rewinds, refused_cuts, commits, wanted_blobs;
    uint64_t rewound_to;
    bool took_over, failed;
    sb_fail fail;
    sb_arena arena;
} rig;

rig *rig_new(fed *f, const char *key, bool take_over);
void rig_free(rig *r);
/* Close and open again, over what is stored. */
void rig_restart(rig *r);
/* A node of this organisation with all of f's log connects. */
rig_node *rig_node_up(rig *r, uint32_t place, uint32_t organisation);
/* Its connection is one by a CURVE key that begins with this, or by its organisation's own. */
void rig_node_curve(rig *r, uint32_t place, uint8_t curve);
void rig_node_known(rig *r, uint32_t place);
/* It greets (again), and shows what it has to show. */
void rig_node_hello(rig *r, uint32_t place);
/* It says unasked that it would promise what it was asked for last, or refuses. */
void rig_node_would(rig *r, uint32_t place, bool yes);
void rig_node_down(rig *r, uint32_t place);
/* Time passes, 50 ms at a time. */
void rig_run(rig *r, uint64_t ms);
/* … until the standby took over; fails the test after `ms`. */
void rig_until_taken_over(rig *r, uint64_t ms);
/* The node tells of a head of its log that these organisations cosigned now. */
void rig_life(rig *r, uint32_t place, size_t size, uint32_t cosigners);
/* The leaf at `index` is of this type. */
sb_entry_type rig_leaf_type(rig *r, uint64_t index);
const Sb__Handover *rig_handover(rig *r, uint64_t index);
sb_standby_status rig_status(rig *r);
/* The nodes of the first organisations connect, each in its organisation's place. */
void rig_all_up(rig *r, uint32_t nodes);

/* cmocka's: a founded federation with a standby that may take over after a minute. Three of its four
 * organisations must promise; one may lie. */
int rig_setup(void **state);
int rig_teardown(void **state);
/* … as fed_options' edit. */
void rig_with_standby(Sb__Charter *charter, sb_arena *arena, void *arg);

#endif
