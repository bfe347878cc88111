/* A federation in one process under one seed: brokers and standbys, nodes, members and auditors; each
 * with clocks of its own, over a network that drops, delays, doubles, reorders, parts and half-opens,
 * over stores that keep what was synced. The real cores; virtual time, from event to event.
 *
 *   sw_options o = {.seed = 7, .nodes = 7, .brokers = 3, …};
 *   sw *w = sw_new(&o, keys);            keys come from the test federation `keys`, which is only read
 *   sw_submit(w, node, entry);           a member hands in an entry; false: the node is down
 *   sw_run(w, 500);                      half a second passes; every invariant is checked
 *   sw_heal(w);                          no more faults by chance: all come back, nothing is lost
 *
 * An end is a process that others talk to: 0…nodes-1 are the nodes, nodes…nodes+brokers-1 the brokers
 * and standbys (broker b has the key "log", "log-2", "log-3", …: the first is genesis', the others are
 * enrolled or not as the charter says).
 *
 * Invariants (world_checks.c) hold among the honest after each step; a broken one says what, prints one
 * command that replays the seed and ends the process with 1.
 */
#ifndef SB_TESTS_SIM_WORLD_H
#define SB_TESTS_SIM_WORLD_H

#include "broker/sequencer/sequencer.h"
#include "broker/standby/standby.h"
#include "nodes/follower/follower.h"
#include "tests/lib/fed.h"

enum { SW_NODES_MAX = 16, SW_BROKERS_MAX = 4, SW_ENDS_MAX = SW_NODES_MAX + SW_BROKERS_MAX };

typedef struct sw sw;

typedef struct sw_options {
    uint64_t seed;
    uint32_t nodes, brokers; /* organisations of the federation that run one, the first ones */
    uint32_t auditors;
    /* of each message */
    uint32_t delay_ms_min, delay_ms_max;
    uint32_t drop_permille, double_permille;
    /* of each commit: the process falls, before or after it is durable */
    uint32_t crash_commit_permille;
    /* in an hour of virtual time, of each process (or link, or pair of ends) */
    uint32_t crashes_an_hour, cuts_an_hour, half_opens_an_hour, partitions_an_hour;
    uint32_t disk_full_an_hour, sync_fails_an_hour;
    uint32_t damage_permille; /* of starts after a crash: a page that is stale or flipped */
    uint32_t down_ms_max;     /* how long a crash, a cut or a full disk lasts */
    uint32_t partition_ms_max;
    uint32_t offset_ms_max; /* of the legal clocks, either way */
    uint32_t drift_ppm_max; /* of all clocks, either way */
    uint32_t quorum;        /* organisations that make one; 0: more than two thirds */
    const char *replay;     /* the command that a failure prints: "<replay> --seed N --trace" */
    bool trace;
    uint32_t may_lie; /* 0: less than a third of the nodes */
    const struct sw_story
        *story; /* whose organisations, witness keys and judge hold; NULL: the keys' */
} sw_options;

typedef struct sw_counts {
    uint64_t messages, lost, doubled, late; /* late: overtaken by one that was sent after it */
    uint64_t crashes, cuts, half_opens, partitions, one_way, clock_jumps;
    uint64_t commits, lost_commits; /* lost: written, and not there after the crash */
    uint64_t put_off;               /* frames whose leaves a node committed with later ones */
    uint64_t disk_full, sync_fails, damaged_pages, stale_pages, rebuilt;
    uint64_t handovers, rewinds, dropped_leaves, divergences, conflicts, evidence, faults_named;
    uint64_t final_heads, certified_heads, signed_heads, cosignatures, promises;
    uint64_t receipts, refusals, finals, submits, resubmits;
    uint64_t audits, audited_leaves, erased, lies;
    uint64_t leaves; /* of the longest final log */
} sw_counts;

/* `keys` has the charter and every secret key; it must not be changed while worlds use it. */
sw *sw_new(const sw_options *options, fed *keys, const uint8_t federation_id[32]);
void sw_free(sw *w);
const sw_options *sw_options_of(const sw *w);
const sw_counts *sw_counts_of(const sw *w);
/* As many organisations as may lie, or lose their record: less than a third. */
uint32_t sw_may_lie(const sw *w);

/* ---- time ---- */

uint64_t sw_time_ms(const sw *w); /* virtual, since the start */
/* So much time passes, and what happens in it. */
void sw_run(sw *w, uint64_t ms);
/* The next event, and what happens in it. False: it lies after `until_ms`, which it then is. */
bool sw_step(sw *w, uint64_t until_ms);
/* All legal clocks go forward. */
void sw_all_clocks_forward(sw *w, uint64_t ms);
/* One process' legal clock is set forward or back. */
void sw_clock_jump(sw *w, uint32_t end, int64_t ms);
/* A fair number below n, by the seed. */
uint64_t sw_below(sw *w, uint64_t n);
sb_now sw_now_of(const sw *w, uint32_t end);

/* ---- members ---- */

/* A member hands an entry to a node, with its blobs. False: the node is down. */
bool sw_submit(sw *w, uint32_t node, sb_slice entry);
typedef struct sw_note {
    sb_fol_note note;
    uint8_t entry_id[32];
    uint64_t index;
    uint32_t node;
    sb_err code;
} sw_note;
/* What members were told since the last call. Borrowed until time passes. */
const sw_note *sw_notes(sw *w, size_t *count);

/* ---- what goes wrong on purpose ---- */

void sw_heal(sw *w);
bool sw_healed(const sw *w);
void sw_kill(sw *w, uint32_t end, uint64_t down_ms);
/* SIGSTOP, and SIGCONT after so long: the others see it gone by their heartbeats; then it goes on as if
 * nothing had been, with what it had in mind and what had reached it. */
void sw_freeze(sw *w, uint32_t end, uint64_t ms);
/* The machine is gone for good. */
void sw_lose(sw *w, uint32_t end);
/* A node's disk is lost: a new one in its place, without a record; it counts among who may lie. */
void sw_lose_disk(sw *w, uint32_t node);
/* What it has now is what a backup has; … put that back, and start it. */
void sw_backup(sw *w, uint32_t end);
void sw_restore(sw *w, uint32_t end);
/* The operator says --take-over. */
void sw_tell_take_over(sw *w, uint32_t broker_end);
/* Messages from a to b are lost (and both ways, if so), for so long. */
void sw_part(sw *w, uint32_t a, uint32_t b, bool both_ways, uint64_t ms);
/* Everybody in the set (bit e: end e) is parted from everybody else. */
void sw_part_set(sw *w, uint32_t set, bool one_way, uint64_t ms);
/* The connections between a and b end; quiet: one end isn't told before the heartbeat ends. */
void sw_cut(sw *w, uint32_t a, uint32_t b, bool quiet, uint64_t ms);
void sw_fill_disk(sw *w, uint32_t end, uint64_t ms);

/* ---- looking ---- */

bool sw_is_node(const sw *w, uint32_t end);
bool sw_is_up(const sw *w, uint32_t end);
bool sw_is_lost(const sw *w, uint32_t end);               /* sw_lose */
bool sw_lost_disk(const sw *w, uint32_t end);             /* no record: counts among who may lie */
bool sw_status(sw *w, uint32_t node, sb_fol_status *out); /* false: down */
bool sw_seq_status(sw *w, uint32_t end, sb_seq_status *out); /* false: down, or a standby */
bool sw_standby_status(sw *w, uint32_t end, sb_standby_status *out);
/* Who sequences now in the highest term; UINT32_MAX: nobody. */
uint32_t sw_sequencer(sw *w, uint32_t *term);
sb_ledger *sw_ledger(sw *w, uint32_t end);       /* NULL: down; only to be asked */
uint64_t sw_log_size(const sw *w, uint32_t end); /* stored */
sb_slice sw_log_leaf(const sw *w, uint32_t end, uint64_t index);
bool sw_has_blob(const sw *w, uint32_t end, const uint8_t sha256[32]);
/* What is final anywhere among the honest. */
uint64_t sw_final_size(const sw *w);
sb_slice sw_final_leaf(const sw *w, uint64_t index);
bool sw_is_final(const sw *w, const uint8_t entry_id[32]);
/* Every receipt is in the final log of each node that is up, with a proof. */
void sw_check_receipts(sw *w);
void sw_show(sw *w); /* on stderr: how everybody stands */
void sw_say(const sw *w, uint32_t end, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sw_fail(const sw *w, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* ---- who lies ----
 *
 * A role stands between an end and its real core. Invariants hold among the others; the ends with a
 * role and those without a record must together be at most sw_may_lie nodes, and any brokers. Its core
 * (if it has one) stays honest inside: what it sends is what the role lets out. */

typedef enum sw_verdict {
    SW_PASS, /* as if there were no role */
    SW_SWALLOW
} sw_verdict;

typedef struct sw_role {
    void *arg;
    const char *name; /* in the trace */
    bool no_core;     /* it is all made by the role: the process has no core, and is always up */
    /* Its core would send this frame to end `to`. NULL: pass. */
    sw_verdict (*send)(void *arg, sw *w, uint32_t self, uint32_t conn, uint32_t to, sb_slice frame);
    /* A frame came from end `from`. NULL: pass. */
    sw_verdict (*hear)(void *arg, sw *w, uint32_t self, uint32_t conn, uint32_t from,
                       sb_slice frame);
    /* A connection began or ended; also to cores. NULL: nothing. */
    void (*link)(void *arg, sw *w, uint32_t self, uint32_t conn, uint32_t to, bool up);
    /* A frame that was sent by sw_lie comes to end `to`: before its core hears it, and after. NULL: nothing. */
    void (*reaches)(void *arg, sw *w, uint32_t to, uint32_t conn, sb_slice frame, bool is_heard);
    /* Now and then (each tick of the process). NULL: nothing. */
    void (*tick)(void *arg, sw *w, uint32_t self);
} sw_role;

/* Copied; `arg` is the caller's. Before the first step, or later. */
void sw_set_role(sw *w, uint32_t end, const sw_role *role);
bool sw_is_liar(const sw *w, uint32_t end);
/* A role sends a frame over a connection of its end; it may be lost like any other. */
void sw_lie(sw *w, uint32_t end, uint32_t conn, sb_slice frame);
/* Connections of an end that stand: *at from 0 until false. */
bool sw_next_conn(const sw *w, uint32_t end, uint32_t *at, uint32_t *conn, uint32_t *to);
/* The keys of an end: a broker's log key, a node's witness key. Borrowed. */
const sb_secret *sw_secret(const sw *w, uint32_t end);
/* The public key of a node's first witness key (i = 0), or of the one that replaces it; NULL: none. */
const uint8_t *sw_witness_pk(const sw *w, uint32_t node, uint32_t i);
fed *sw_keys(const sw *w);

#endif
