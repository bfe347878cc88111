/* A node's follower over a store in memory, fed events by hand: its effects are carried out, and told
 * in a text that a test compares. What others say to it: tests/unit/follower_says.h. */
#ifndef SB_TESTS_FOLLOWER_RIG_H
#define SB_TESTS_FOLLOWER_RIG_H

#include "nodes/follower/follower.h"
#include "proto/evidence/evidence.h"
#include "proto/merkle/checkpoint.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed_terms.h"
#include "tests/sim/sim_store.h"

enum { RIG_LINKS_MAX = 8 };

typedef struct rig {
    fed *f; /* its log is what the broker would give */
    sim_store store;
    sb_ledger *ledger;
    sb_follower *fol;
    sb_now now;
    sb_buf trace;
    sb_arena arena;
    uint32_t credit;
    bool dies;           /* COMMIT is done, COMMITTED is not fed */
    bool knows_id;       /* which federation it is, before it has anything */
    const char *witness; /* the key that lies there; NULL: unn's */
    sb_buf receipt;      /* the last one that a member was given */
    struct {
        uint32_t link;
        sb_fol_role role;
    } up[RIG_LINKS_MAX]; /* up again after a rewind */
    size_t up_count, rewinds;
    uint64_t rewound_to;
    sb_err refused_probe;
    uint64_t later_s;   /* what the others' clocks are before ours */
    uint64_t last_at_s; /* of certified_on's last organisation; 0: now */
} rig;

/* ---- cmocka's: TEST(test_something, setup_…) ---- */

#define TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A log with the short story of tests/sim/sim_script.h in it; for real, or as a rehearsal. */
int setup_script(void **state);
int setup_rehearsal(void **state);
/* A founded federation where three of four organisations are a quorum, and a reserve may take over
 * after three minutes. */
int setup_terms(void **state);
int teardown(void **state);

/* ---- the node ---- */

/* One event, now. What it did, until the next one: a line an effect (tests/sim/sim_trace.h). */
const char *feed(rig *r, sb_fol_event event);
const char *tick(rig *r, uint64_t ms);
/* Close and open again, over what is stored; all links are down. */
void reopen(rig *r);
/* … over nothing. */
void open_anew(rig *r);
sb_fol_status status_of(rig *r);
/* strstr, and tells what there was instead. */
bool has(const char *trace, const char *what);
/* The newest evidence kept proves what it says, to anybody. */
void assert_convicts(rig *r, sb_evidence_kind kind);
/* The attachments that these leaves of the log name are here; that all do. */
void hold_blobs(rig *r, uint64_t first, uint64_t last);
void hold_all_blobs(rig *r);
/* The clock of a moment shortly after this leaf. */
void clock_after(rig *r, uint64_t index);

/* ---- the federation's log ---- */

sb_entry_type type_at(rig *r, uint64_t index);
/* The size of the n-th head that ends with a STATE (from 1). */
uint64_t state_size(rig *r, int n);
/* A STATE of things that aren't sealed, at the end of the log. Returns its size. */
uint64_t unsealed(rig *r);
/* The same, of other things. */
void something_happens(rig *r);
/* Of the log's first leaves. */
sb_tree tree_at(rig *r, uint64_t size);
/* The head of this size in term 1, in any. */
sb_checkpoint head_at(rig *r, uint64_t size);
sb_checkpoint head_in(rig *r, uint64_t size, uint32_t term);
/* The head signed by the key of this name. In the arena. */
sb_slice note_of(rig *r, const sb_checkpoint *head, const char *key);
/* The head of this size in this term, by its key. */
sb_slice note_at(rig *r, uint64_t size, uint32_t term);

#endif
