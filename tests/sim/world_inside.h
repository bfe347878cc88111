/* Inside the world: which file does what.
 *
 *   world.c          life, the queue of events, chance, looking
 *   world_clock.c    everybody's two clocks
 *   world_net.c      connections, messages, what becomes of them
 *   world_node.c     a node's shell around its follower
 *   world_broker.c   a broker's shell around its sequencer or standby
 *   world_store.c    what was written and what was synced; going back
 *   world_faults.c   processes that fall, links that break, by chance and on purpose
 *   world_checks.c   the invariants of what is stored and final
 *   world_signed.c   the invariants of what is signed and sent
 *   world_audit.c    auditors
 *   world_words.c    the trace
 *   world_members.c  members with their story
 *   world_plan.c     what a seed stands for
 */
#ifndef SB_TESTS_SIM_WORLD_INSIDE_H
#define SB_TESTS_SIM_WORLD_INSIDE_H

#include "proto/wire/missing.h"
#include "tests/sim/world.h"
#include "tests/sim/world_store.h"

enum {
    SW_TICK_MS = 20, /* SB_NODE_WAIT_MS, SB_BROKER_WAIT_MS */
    SW_TICK_IDLE_MS = 320,
    SW_HEARTBEAT_MS = 15 * 1000, /* as SB_NET_HEARTBEAT_TIMEOUT_MS, and up to one more beat */
    SW_BEAT_MS = 5 * 1000,
    SW_AUDIT_MS = 7 * 1000,
    SW_QUEUE_MAX = 100 * 1000,
    SW_TERMS_MAX = 64,
    SW_CONNS_MAX = 16 /* at one end with one other */
};

typedef enum sw_kind { SW_FRAME, SW_BLOB_GET, SW_BLOB, SW_BLOB_PUT, SW_BLOB_AT } sw_kind;

typedef enum sw_event_kind {
    SW_EV_TICK,    /* a: end, b: serial */
    SW_EV_MESSAGE, /* p: the message */
    SW_EV_START,   /* a: end, b: serial */
    SW_EV_DIAL,    /* a, b: ends */
    SW_EV_TOLD,    /* a: conn, b: side: it learns that the connection is over */
    SW_EV_FAULT,   /* a: sw_fault */
    SW_EV_AUDIT    /* a: auditor */
} sw_event_kind;

typedef struct sw_event {
    uint64_t at_ms, order;
    sw_event_kind kind;
    uint32_t a, b;
    void *p;
} sw_event;

typedef struct sw_message {
    bool is_lie; /* by sw_lie */
    uint32_t from, to, conn;
    sw_kind kind;
    uint64_t blob_bytes, order;
    size_t len;
    uint8_t bytes[];
} sw_message;

typedef struct sw_conn {
    uint32_t end[2]; /* dials, is dialled */
    bool up[2];      /* as each of them knows */
    bool dead;       /* nothing comes through any more */
} sw_conn;

enum { SW_AHEAD_MAX = 4 };

/* A Leaves frame that the shell of a node has taken from its socket, and the follower not yet. */
typedef struct sw_ahead {
    sw_message *message; /* its own */
    uint64_t from, end;
} sw_ahead;

typedef struct sw_end {
    uint32_t number;
    bool is_node;
    char key[16]; /* a broker's */
    sw_store store, backup;
    bool has_backup;
    sb_ledger *ledger;
    sb_follower *fol;         /* one of these, or none: down */
    const sb_secret *witness; /* with which the follower was opened */
    sw_ahead ahead[SW_AHEAD_MAX];
    size_t ahead_count;
    bool takes_ahead;
    sb_sequencer *seq;
    sb_standby *standby;
    sb_missing missing; /* a sequencer's */
    bool has_missing;
    bool lost, disk_lost, told_lost, take_over; /* told_lost: members know */
    bool has_ordered;                           /* a term: its key begins no other */
    uint64_t awaits_from_ms;                    /* before its disk was full */
    bool restored;                              /* it lacks some of what it ordered */
    uint32_t start_serial, tick_serial;
    uint64_t tick_at_ms, up_at_ms;
    uint32_t idle; /* ticks since something happened */
    uint64_t full_until_ms;
    bool full;                             /* it knows */
    bool sync_fails;                       /* the next one does */
    int64_t offset_ms, mono_ms, drift_ppm; /* less the virtual time */
    uint32_t *conns;                       /* those it believes to be up */
    size_t conn_count, conn_cap;
    sw_role role;
    bool has_role;
    /* ---- what the checks remember: across falls, as nothing of it may be undone ---- */
    uint64_t final_size;
    uint32_t cosigned_term;
    uint64_t cosigned_size, cosigned_s;
    uint8_t cosigned_root[32];
    uint32_t promised_term;
    uint8_t promised_row[32];                  /* its hash */
    sb_head seal;                              /* the highest it ever held */
    uint64_t checked_leaves;                   /* durable */
    uint8_t head_seen[32], certified_head[32]; /* of a sequencer: end of its newest notes */
    uint64_t certified_seen;
    uint64_t frozen_until_ms; /* SIGSTOP: it does nothing, forgets nothing, and clocks go on */
    uint32_t evidence_seen, faults_seen;
    bool diverged, conflict;
    uint8_t (*gone)[32]; /* entries that left its outbox, not looked at yet */
    size_t gone_count, gone_cap;
    bool dirty;      /* it committed some of its status since that was looked at */
    uint32_t unseen; /* ticks */
} sw_end;

/* What a term's honest broker committed, from the first leaf. */
typedef struct sw_history {
    bool known;
    uint8_t (*hashes)[32];
    uint8_t (*roots)[32]; /* of the head of so many leaves */
    uint64_t count, cap;
    uint64_t shared; /* leaves that somebody else ever stored */
    struct sw_peaks *peaks;
} sw_history;

/* Open addressing; keys are hashes already. */
typedef struct sw_map_row {
    uint8_t key[32];
    uint64_t value;
    uint8_t more[32];
    bool used;
} sw_map_row;
typedef struct sw_map {
    sw_map_row *rows;
    size_t count, cap;
} sw_map;
/* The row of this key; made when new (*is_new). Good until the next call. */
sw_map_row *sw_map_at(sw_map *m, const uint8_t key[32], bool *is_new);
sw_map_row *sw_map_find(const sw_map *m, const uint8_t key[32]);
void sw_map_deinit(sw_map *m);

struct sw {
    sw_options o;
    fed *keys;
    uint8_t federation_id[32];
    uint64_t random, now_ms, legal_ms; /* legal: at virtual time 0, and what was set forward */
    bool is_lie;                       /* what is sent now */
    bool healed;
    sw_end ends[SW_ENDS_MAX];
    uint32_t end_count;
    sw_conn *conns;
    uint32_t conn_count, conn_cap; /* conn number n is conns[n - 1] */
    uint64_t blocked_until_ms[SW_ENDS_MAX][SW_ENDS_MAX];
    uint64_t last_seen_order[SW_ENDS_MAX][SW_ENDS_MAX];
    uint32_t slow[SW_ENDS_MAX][SW_ENDS_MAX]; /* a direction's delays, in quarters */
    sw_event *queue;
    size_t queue_count, queue_cap;
    uint64_t last_order;
    sb_arena arena; /* of one delivery */
    sw_note *notes;
    size_t note_count, note_cap;
    /* ---- checks ---- */
    sw_history terms[SW_TERMS_MAX];
    sw_map digests;  /* root -> size, digest */
    sw_map receipts; /* entry id -> index in its term, term in more */
    sw_map final_ids;
    sw_map cosignatures;                          /* that were sent, by hash */
    sb_head cosigned[SW_TERMS_MAX][SW_NODES_MAX]; /* the longest, of each term */
    sb_slice *final;                              /* leaves, owned */
    uint8_t (*final_hashes)[32];
    uint64_t final_count, final_cap;
    struct sw_auditor *auditors;
    sw_counts counts;
};

/* ---- world.c ---- */
bool sw_chance(sw *w, uint32_t permille);
sw_end *sw_end_of(sw *w, uint32_t end);
void sw_push(sw *w, uint64_t after_ms, sw_event_kind kind, uint32_t a, uint32_t b, void *p);
/* Its next tick comes after this long at the latest. */
void sw_tick_soon(sw *w, sw_end *e, uint64_t after_ms);
void sw_add_note(sw *w, const sw_note *note);

/* ---- world_clock.c ---- */
void sw_clock_init(sw *w, sw_end *e);
void sw_clock_restart(sw *w, sw_end *e);

/* ---- world_net.c ---- */
void sw_send(sw *w, uint32_t from, uint32_t conn, sw_kind kind, sb_slice bytes,
             uint64_t blob_bytes);
void sw_net_deliver(sw *w, sw_message *m);
void sw_net_dial(sw *w, uint32_t a, uint32_t b);
void sw_net_told(sw *w, uint32_t conn, uint32_t side);
/* Its core was opened anew: all who are there are up. */
void sw_everybody_up(sw *w, sw_end *e);
/* A process began: it dials, and is dialled. */
void sw_net_started(sw *w, uint32_t end);
/* It is gone: the others learn it at once, or (its machine fell) by the heartbeat. */
void sw_net_stopped(sw *w, uint32_t end, bool quiet);
/* It answers nobody: the heartbeats of all its connections end. */
void sw_net_starved(sw *w, uint32_t end);
uint32_t sw_conn_other(const sw *w, uint32_t conn, uint32_t end);
void sw_net_deinit(sw *w);

/* ---- world_node.c, world_broker.c ---- */
void sw_node_open(sw *w, sw_end *e);
/* The key an organisation confirms with by this ledger. */
const sb_secret *sw_witness_key(const sw *w, uint32_t org, sb_ledger *l);
void sw_node_feed(sw *w, sw_end *e, sb_fol_event *event);
void sw_node_tick(sw *w, sw_end *e);
void sw_node_hear(sw *w, sw_end *e, const sw_message *m);
/* What the shell had before the follower is gone with the process. */
void sw_node_forget_ahead(sw_end *e);
void sw_node_link(sw *w, sw_end *e, uint32_t conn, uint32_t other, bool up);
void sw_broker_open(sw *w, sw_end *e, bool awaits_nodes);
void sw_broker_hear(sw *w, sw_end *e, const sw_message *m);
void sw_broker_link(sw *w, sw_end *e, uint32_t conn, bool up);
void sw_broker_tick(sw *w, sw_end *e);

/* ---- world_faults.c ---- */
void sw_start(sw *w, sw_end *e);
void sw_stop(sw *w, sw_end *e, uint64_t down_ms);
/* Make a commit durable. True: the process fell on the way. */
bool sw_commit(sw *w, sw_end *e, const sb_log_commit *c);
/* Its disk was full: is there room? */
void sw_look_for_room(sw *w, sw_end *e);
void sw_faults_init(sw *w);
void sw_fault_happens(sw *w, uint32_t fault);
uint64_t sw_down_time(sw *w);
/* One more organisation may lose its record. */
bool sw_may_lose(const sw *w);
/* As many organisations as must are there to promise the next term. */
bool sw_may_take_over(const sw *w);

/* ---- world_checks.c ---- */
void sw_check_started(sw *w, sw_end *e);
void sw_check_written(sw *w, sw_end *e, const sb_log_commit *c); /* before it is */
void sw_check_durable(sw *w, sw_end *e, const sb_log_commit *c); /* after it is */
void sw_check_rewind(sw *w, sw_end *e, uint64_t size);           /* before */
void sw_check_rewound(sw *w, sw_end *e);
void sw_check_sequencer(sw *w, sw_end *e); /* it was opened: its term's history */
void sw_check_status(sw *w, sw_end *e);    /* of a node, when something happened */
void sw_checks_deinit(sw *w);
/* Its member was told that it is refused: it may leave the outbox. */
void sw_check_refused(sw_end *e, const uint8_t entry_id[32]);
/* The history of a term with an honest broker; NULL: none. */
const sw_history *sw_history_of(const sw *w, uint32_t term);

/* ---- world_signed.c ---- */
void sw_check_sent(sw *w, sw_end *e, sb_slice frame);
/* What a node has promised, when its store is durable. */
void sw_check_promised(sw *w, sw_end *e);
void sw_check_head(sw *w, sw_end *e); /* of a sequencer, after each step */
/* Organisations that are known to have cosigned a head of this term with more than `index` leaves. */
uint32_t sw_cosigners(const sw *w, uint32_t term, uint64_t index);
uint32_t sw_needed(const sw *w);
bool sw_note_has(const sw *w, const sb_note *note, const sb_checkpoint *head, uint32_t node);
/* A SEAL that was committed as leaf `index`. */
void sw_check_seal(sw *w, sw_end *e, uint64_t index, sb_slice leaf);
/* NULL: it is another kind of leaf. */
const Sb__Seal *sw_seal_of(sb_slice leaf);
/* The field number of the frame's body. */
uint32_t sw_frame_body(sb_slice frame);

/* ---- world_audit.c ---- */
void sw_audit_init(sw *w);
void sw_audit(sw *w, uint32_t auditor);
/* What is final, folded once more: by a fresh auditor. */
void sw_audit_all(sw *w);
void sw_audit_deinit(sw *w);

/* ---- world_words.c ---- */
const char *sw_name(const sw *w, uint32_t end);
/* When there is a trace. `how` it went: after the words; "": it is on its way. */
void sw_say_message(const sw *w, uint32_t from, uint32_t to, sw_kind kind, sb_slice bytes,
                    const char *how);
void sw_say_commit(const sw *w, uint32_t end, const sb_log_commit *c);

#endif
