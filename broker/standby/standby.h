/* The standby: a broker that orders nothing yet (DESIGN §4 "Terms and handover"). It follows the
 * history over the nodes' links, and when the broker is gone it gathers promises, makes the new
 * term's HANDOVER and says that the sequencer may begin. Pure: events with the time inside, effects
 * in order.
 *
 *     for each event:  sb_standby_step(s, &event, &effects);  carry the effects out in order;
 *         COMMIT     alone in its step: commit durably, then step COMMITTED before anything else
 *         REWIND     alone in its step: close the standby, sb_history_rewind, open it again over
 *                    the new ledger (also when the probe was refused: tell it by REFUSED, the first
 *                    event), then PEER_UP for everybody who is there
 *         TAKE_OVER  the last effect ever: close the standby, open the sequencer
 *
 *   follow   Each node that dials in is greeted and greets back; leaves are asked of one that has
 *            more than we, verified under the log's signature (a node's range under the head it
 *            has, by a consistency proof), folded, committed. In a later term than ours a node
 *            shows its HANDOVER: what comes then is verified with that log key, and taken back when
 *            the fold refuses the HANDOVER. Attachments are fetched.
 *   silence  A life sign is a quorum's cosigning times that rose. None for the charter's silence_s
 *            (or at once, opts.take_over): a term is chosen above all that was seen or told, stored,
 *            and asked of everybody, again every 5 s: first whether they would promise, and when a
 *            HANDOVER's quorum would, to promise. Promises are verified and stored whole.
 *   judge    With each promise: the highest SEAL they name is fetched where we lack it; the ledger
 *            judges. A promise whose SEAL is false or that nobody has is left out. Then the longest
 *            head that more promisers cosigned than may lie is fetched; the log is cut to it and
 *            HANDOVER stands after it: in one transaction with the row that says that it was made,
 *            so that there is one HANDOVER a term, ever.
 *   split    Somebody promised another key this term, or cosigned in a later one, and no quorum came
 *            for another silence: a higher term. Standbys of the charter wait half a silence longer
 *            for each one before them, or they would split the vote for ever.
 *
 * The process that runs it keeps the same history; a fresh one may be empty: all comes from nodes.
 */
#ifndef SB_STANDBY_STANDBY_H
#define SB_STANDBY_STANDBY_H

#include "proto/base/limits.h"
#include "proto/ledger/ledger.h"
#include "proto/sign/sign.h"
#include "proto/wire/frame.h"
#include "proto/wire/logio.h"

enum {
    SB_STANDBY_CREDIT = 4096,        /* leaves asked for at a time */
    SB_STANDBY_CREDIT_LESS = 1024,   /* … on a slow line, or of whom nothing is known */
    SB_STANDBY_HELLO_MS = 2000,      /* Hello again until Welcome */
    SB_STANDBY_ASK_MS = 5000,        /* promises are asked for again */
    SB_STANDBY_WOULD_MS = 10 * 1000, /* so long it counts that a node would promise */
    SB_STANDBY_FETCH_MS = 15 * 1000, /* a head that nobody serves for so long is given up */
    SB_STANDBY_ROUND_MS = 30 * 1000, /* with take_over: a split vote ends after so long */
    SB_STANDBY_BLOB_MS = 10 * 1000,  /* a missing blob is asked for again */
};

/* Own rows (first byte of the key; the shell's begin at 0x90). All numbers big-endian. */
typedef enum sb_standby_table {
    SB_STANDBY_ROW_ASKED = 1,    /* u32 term: asked of the nodes; never falls */
    SB_STANDBY_ROW_PROMISE = 2,  /* u32 term ‖ witness_pk -> PromiseGiven, packed: evidence too */
    SB_STANDBY_ROW_HANDOVER = 3, /* u32 term -> the leaf that we made */
    SB_STANDBY_ROW_OVER = 4,     /* u32 term ‖ leaf: a later term's HANDOVER was shown to us */
    SB_STANDBY_ROW_MISSING = 5,  /* blob sha256 -> u64 size ‖ u64 index */
    SB_STANDBY_ROW_SEEN = 6,     /* u32: the highest term that anybody told us of */
    SB_STANDBY_ROW_REFUSED = 7   /* u32 term ‖ log_pk: the fold refused what it signed */
} sb_standby_table;

typedef struct sb_standby sb_standby;

typedef struct sb_standby_opts {
    sb_ledger *ledger; /* borrowed; only the standby steps it */
    sb_log_reader log;
    sb_kv *own; /* borrowed and only read; written by COMMIT */
    const sb_secret *log_key;
    uint8_t federation_id[32];
    const char *slug; /* of genesis, borrowed */
    bool take_over;   /* the operator says so: don't wait for silence */
    /* It is opened anew over a log that went back: the one that asked for REWIND, still open, borrowed
     * until this returns, so that it forgets nothing of what it looked for. NULL: the process starts. */
    const sb_standby *before;
} sb_standby_opts;

/* Open at any committed state, also an empty one. Errors: SB_E_STANDBY_ROWS (own rows unreadable),
 * SB_E_STANDBY_FEDERATION. */
sb_err sb_standby_open(sb_standby **out, const sb_standby_opts *opts, sb_fail *fail);
void sb_standby_close(sb_standby *s);

typedef enum sb_standby_event_kind {
    SB_STANDBY_TICK = 0, /* at least every 50 ms */
    SB_STANDBY_PEER_UP,  /* peer, curve_pk */
    SB_STANDBY_PEER_DOWN,
    SB_STANDBY_FRAME, /* peer, frame; Leaves: leaves, opened, refusal; HandoverOffer: its leaf */
    SB_STANDBY_COMMITTED,
    SB_STANDBY_REFUSED,    /* probe, refusal: it was not acceptable; nothing was cut */
    SB_STANDBY_BLOB_STORED /* blob: now held here */
} sb_standby_event_kind;

typedef struct sb_standby_event {
    sb_standby_event_kind kind;
    sb_now now;
    uint64_t peer;        /* the shell's number of the connection, never 0 */
    uint8_t curve_pk[32]; /* authenticated; zero: every connection is somebody else's */
    const Sb__Frame *frame;
    /* Of Leaves: sb_leaf_open's results of the first `opened` leaves, in order; fewer than the frame
     * holds: the next was refused, and why is in `refusal`. Of HandoverOffer: its one leaf. */
    const sb_leaf *leaves;
    size_t opened;
    const sb_fail *refusal;
    sb_slice probe;
    uint8_t blob[32];
} sb_standby_event;

typedef enum sb_standby_effect_kind {
    SB_STANDBY_SEND = 0,  /* peer, bytes: one frame; may be lost */
    SB_STANDBY_COMMIT,    /* commit: see sb_log_commit; flush the ledger in it */
    SB_STANDBY_REWIND,    /* size, probe, commit (its puts only) */
    SB_STANDBY_WANT_BLOB, /* peer, blob, blob_bytes: fetch it, then BLOB_STORED */
    SB_STANDBY_TAKE_OVER, /* the log ends with our HANDOVER */
    SB_STANDBY_FATAL      /* fail: end the process */
} sb_standby_effect_kind;

typedef struct sb_standby_effect {
    sb_standby_effect_kind kind;
    uint64_t peer;
    sb_slice bytes;
    const sb_log_commit *commit;
    uint64_t size;
    sb_slice probe;
    uint8_t blob[32];
    uint64_t blob_bytes;
    sb_fail fail;
} sb_standby_effect;

/* Borrowed until the next step. */
typedef struct sb_standby_effects {
    const sb_standby_effect *items;
    size_t count;
} sb_standby_effects;

void sb_standby_step(sb_standby *s, const sb_standby_event *event, sb_standby_effects *effects);

typedef enum sb_standby_phase {
    SB_STANDBY_FOLLOWS = 0, /* the broker is there, or it isn't known that it is gone */
    SB_STANDBY_ASKS,        /* gathers promises */
    SB_STANDBY_FETCHES,     /* has a quorum; lacks leaves that the promises name */
    SB_STANDBY_CHANGES      /* HANDOVER is made */
} sb_standby_phase;

typedef struct sb_standby_status {
    sb_standby_phase phase;
    uint64_t size; /* leaves held, and the root there */
    uint8_t root[32];
    uint32_t term;       /* of the log; 0: empty */
    uint32_t asked_term; /* 0: none yet */
    /* Counted as the HANDOVER would be: by the policies and keys that hold once the highest sealed head
     * that a promise names is sealed. */
    uint32_t promised, needed, organisations;
    uint32_t would; /* … have promised, or would */
    uint32_t peers;
    uint64_t silent_ms, silence_ms; /* so long, of so long; silence_ms 0: not enrolled */
    uint32_t blobs_missing;
    bool has_refusal; /* of the newest node that promised nothing: why */
    sb_fail refusal;
} sb_standby_status;
void sb_standby_status_get(sb_standby *s, sb_now now, sb_standby_status *out);

/* What an organisation has said to the asking of the present term. */
typedef enum sb_standby_answer {
    SB_STANDBY_AWAY = 0, /* its node isn't connected */
    SB_STANDBY_SILENT,   /* it is, and hasn't answered */
    SB_STANDBY_SAID_NO,  /* refusal says why */
    SB_STANDBY_WOULD,
    SB_STANDBY_PROMISED
} sb_standby_answer;

typedef struct sb_standby_org {
    char id[SB_ID_BYTES_MAX + 1];
    sb_standby_answer answer;
    /* WOULD, PROMISED: with a key that isn't in force at the sealed head yet, so it counts for nothing
     * (HANDOVER_PROMISE_KEY). */
    bool has_new_key;
    sb_fail refusal;
} sb_standby_org;

/* Of each organisation that is in, in the charter's order; borrowed until the next step. A node is
 * known by its CURVE key, who promised or would by the witness key. */
const sb_standby_org *sb_standby_orgs(sb_standby *s, sb_now now, size_t *count);

#endif
