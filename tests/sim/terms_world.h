/* Several brokers and standbys, and the nodes, in one process under one seed: every node is linked to
 * every broker and to every other node; messages are lost, doubled, late; processes crash at commits
 * and elsewhere; disks are lost. After each step what is final anywhere is final everywhere the same.
 *
 *   tw *w = tw_new(&(tw_options){.seed = 7, .nodes = 7, .brokers = 3, …}, f);
 *   tw_submit(w, node, entry);  tw_step(w);  tw_lose_broker(w, 0);  …
 *
 * Broker b has the key "log", "log-2", "log-3"…: the first is genesis', the others are enrolled or
 * not, as f's charter says. A broken invariant prints how to replay the seed and ends the process.
 */
#ifndef SB_TESTS_SIM_TERMS_WORLD_H
#define SB_TESTS_SIM_TERMS_WORLD_H

#include "broker/sequencer/sequencer.h"
#include "broker/standby/standby.h"
#include "nodes/follower/follower.h"
#include "tests/lib/fed.h"

enum { TW_NODES_MAX = 8, TW_BROKERS_MAX = 4, TW_STEP_MS = 10 };

typedef struct tw_options {
    uint64_t seed;
    uint32_t nodes, brokers;
    uint32_t delay_ms_max;
    uint32_t drop_permille, double_permille; /* of messages */
    uint32_t crash_commit_permille;          /* at a commit, before or after it is durable */
    uint32_t crash_step_permille;            /* of a process, in a step of 10 ms; per 100,000 */
    uint32_t down_ms_max;
    const char *replay;
    bool trace;
} tw_options;

typedef struct tw tw;

tw *tw_new(const tw_options *options, fed *keys);
void tw_free(tw *w);
void tw_heal(tw *w); /* no more faults; everybody who isn't lost comes back */
void tw_step(tw *w);
uint64_t tw_now_ms(const tw *w);

bool tw_submit(tw *w, uint32_t node, sb_slice entry);
typedef struct tw_note {
    sb_fol_note note;
    uint8_t entry_id[32];
    uint32_t node;
    sb_err code;
} tw_note;
/* What members were told since the last call. Borrowed until the next step. */
const tw_note *tw_notes(tw *w, size_t *count);

/* The broker's machine is gone for good. */
void tw_lose_broker(tw *w, uint32_t broker);
/* It stops, and comes back after so long. */
void tw_stop_broker(tw *w, uint32_t broker, uint64_t down_ms);
/* What it has now is what a backup has; put that back in its place, and start it (not as a standby:
 * as an operator would who knows nothing). */
void tw_backup_broker(tw *w, uint32_t broker);
void tw_restore_broker(tw *w, uint32_t broker);
/* The operator says --take-over. */
void tw_tell_take_over(tw *w, uint32_t broker);
/* The node's disk is lost: a new one in its place, which confirms and promises nothing. */
void tw_lose_disk(tw *w, uint32_t node);
bool tw_disk_lost(const tw *w, uint32_t node);

bool tw_status(tw *w, uint32_t node, sb_fol_status *out); /* false: it is down */
/* It sequences; false: it is down, lost, or a standby. */
bool tw_seq_status(tw *w, uint32_t broker, sb_seq_status *out);
bool tw_standby_status(tw *w, uint32_t broker, sb_standby_status *out);
uint64_t tw_log_size(const tw *w, uint32_t node);
sb_slice tw_log_leaf(const tw *w, uint32_t node, uint64_t index);
/* How much is final anywhere, and that log. */
uint64_t tw_final_size(const tw *w);
sb_slice tw_final_leaf(const tw *w, uint64_t index);
void tw_fail(const tw *w, const char *what, uint64_t a, uint64_t b) __attribute__((noreturn));
void tw_show(tw *w);

typedef struct tw_counts {
    uint64_t messages, dropped, crashes, commits, rewinds, takeovers, refusals;
} tw_counts;
const tw_counts *tw_get_counts(const tw *w);

#endif
