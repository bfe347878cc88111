/* A sequencer and some followers in one process under one seed: a network that delays, drops,
 * doubles and reorders, and stores that keep only what was committed (DESIGN §9, STYLE "Sans-I/O").
 *
 *   sim_options o = {.seed = 7, .nodes = 4, .drop_permille = 20, …};
 *   sim *s = sim_new(&o, f);           keys come from the test federation f
 *   sim_submit(s, node, entry);        a member hands in an entry; false: the node is down
 *   sim_step(s);                       10 ms pass; every invariant is checked
 *
 * A broken invariant prints how to replay the seed and ends the process.
 */
#ifndef SB_TESTS_SIM_SIM_WORLD_H
#define SB_TESTS_SIM_SIM_WORLD_H

#include "broker/sequencer/sequencer.h"
#include "nodes/follower/follower.h"
#include "tests/lib/fed.h"

enum { SIM_NODES_MAX = 16, SIM_STEP_MS = 10 };

typedef struct sim_options {
    uint64_t seed;
    uint32_t nodes; /* organisations of the federation that run one; the first ones */
    uint32_t delay_ms_max;
    uint32_t drop_permille, double_permille; /* of messages */
    uint32_t crash_commit_permille;          /* at a commit, before or after it is durable */
    uint32_t crash_step_permille;            /* of a process, in a step of 10 ms */
    uint32_t cut_permille;                   /* of a connection, in a step */
    uint32_t down_ms_max;                    /* how long a crash or a cut lasts */
    uint32_t skew_ms_max;                    /* of the legal clocks */
    const char *replay;                      /* printed on failure, with the seed */
    bool trace;
} sim_options;

typedef struct sim sim;

typedef struct sim_note {
    sb_fol_note note;
    uint8_t entry_id[32];
    uint64_t index;
    uint32_t node;
    sb_err code;
} sim_note;

sim *sim_new(const sim_options *options, fed *keys);
void sim_free(sim *s);
/* No more faults from now on: everybody comes back, nothing is lost. */
void sim_heal(sim *s);
void sim_step(sim *s);
uint64_t sim_now_ms(const sim *s); /* monotonic */
/* Set the legal clocks forward. */
void sim_jump(sim *s, uint64_t ms);
/* A member hands an entry to its node, with its blobs. */
bool sim_submit(sim *s, uint32_t node, sb_slice entry);
/* What members were told since the last call. Borrowed until the next step. */
const sim_note *sim_notes(sim *s, size_t *count);

/* Kill a process now; it comes back after `down_ms`. node UINT32_MAX: the broker. */
void sim_kill(sim *s, uint32_t node, uint64_t down_ms);
bool sim_status(sim *s, uint32_t node, sb_fol_status *out); /* false: it is down */
bool sim_broker_status(sim *s, sb_seq_status *out);
/* The stored log of a node (or the broker, UINT32_MAX). */
uint64_t sim_log_size(const sim *s, uint32_t node);
sb_slice sim_log_leaf(const sim *s, uint32_t node, uint64_t index);
/* Does a node (or the broker, UINT32_MAX) hold the blob? */
bool sim_has_blob(const sim *s, uint32_t node, const uint8_t sha256[32]);
/* A new node in the place of an old one: its store is empty, and it cosigns nothing (who lost the
 * record counts as lying). It joins at once. */
void sim_begin_anew(sim *s, uint32_t node);
/* Every receipt given out is provable in the final head of each node that is up. */
void sim_check_receipts(sim *s);
void sim_fail(const sim *s, const char *what, uint64_t a, uint64_t b) __attribute__((noreturn));

/* What happened, for the summary. */
typedef struct sim_counts {
    uint64_t messages, dropped, doubled, crashes, cuts, commits, receipts, refusals, finals;
} sim_counts;
const sim_counts *sim_get_counts(const sim *s);

#endif
