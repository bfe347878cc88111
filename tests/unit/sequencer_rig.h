/* A sequencer over a store in memory, fed events by hand, with the first leaves of a federation's log. */
#ifndef SB_TESTS_SEQUENCER_RIG_H
#define SB_TESTS_SEQUENCER_RIG_H

#include "broker/sequencer/sequencer.h"
#include "proto/merkle/checkpoint.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed_terms.h"
#include "tests/sim/sim_store.h"

enum { RIG_SENT_MAX = 256 };

typedef struct rig {
    fed *f;
    sim_store store;
    sb_ledger *ledger;
    sb_sequencer *seq;
    sb_now now;
    sb_arena arena;
    const Sb__Frame *sent[RIG_SENT_MAX]; /* by the last event */
    size_t sent_count;
    uint32_t welcomes, refusals; /* sent, since a test set them to 0 */
    sb_err fatal;
} rig;

/* cmocka's: a founded federation; its store is empty, and nothing is opened. */
int rig_setup(void **state);
int rig_teardown(void **state);

/* The store gets the first `size` leaves of f. */
void rig_fill(rig *r, size_t size);
/* Open the sequencer with this log key, to hear the nodes first if `awaits`. */
sb_err rig_open(rig *r, const char *key, bool awaits, uint64_t awaits_from_ms);
void rig_close(rig *r);

/* One event, now; a commit that it asks for is done. */
void rig_feed(rig *r, sb_seq_event event);
void rig_tick(rig *r, uint64_t ms);
/* Connection `peer` opens, with the CURVE key of this organisation (of nobody: one that isn't there). */
void rig_up(rig *r, uint64_t peer, uint32_t org);
/* A peer says this; `opened` is the leaf in it, or NULL. */
void rig_say(rig *r, uint64_t peer, const Sb__Frame *frame, const sb_leaf *opened);
/* … that it has so many leaves, and is in this term. */
void rig_hello(rig *r, uint64_t peer, uint64_t size, uint32_t term);

#endif
