/* The sequencer: puts signed entries in order (DESIGN §2, §4). Pure: what happens comes in as an
 * event with the time inside, what shall be done leaves as effects, in order.
 *
 *     for each event:  sb_sequencer_step(seq, &event, &effects);
 *                      carry out effects.items[0…count) in order;
 *                      if the last one is COMMIT: commit durably, then step COMMITTED, which
 *                      reads the leaves back before it signs a head over them.
 *
 * Order of effects (PROTOCOL.md "Receipts, cosigning, finality"): append, commit durably, sign the
 * head, and only then receipts and pushes. A COMMIT is always alone in its step, and nothing but
 * COMMITTED may be fed before it is done. Entries that came in since the last commit are one batch:
 * TICK closes it, so the shell feeds TICK when it has handed over all frames that were waiting, and
 * at least every 50 ms.
 */
#ifndef SB_SEQUENCER_SEQUENCER_H
#define SB_SEQUENCER_SEQUENCER_H

#include "proto/base/limits.h"
#include "proto/ledger/ledger.h"
#include "proto/sign/sign.h"
#include "proto/wire/frame.h"
#include "proto/wire/logio.h"

enum {
    SB_SEQ_STATE_MS_MIN = 100,       /* between STATEs, up to 16 organisations */
    SB_SEQ_STATE_MS_MIN_MANY = 1000, /* above 16 */
    SB_SEQ_COLLECT_MS_MAX = 3000,    /* then a newer head may be offered beside it */
    SB_SEQ_OFFER_MS = 2000,          /* an uncertified head is offered again */
    SB_SEQ_FRESH_MS = 60 * 1000,     /* an unchanged head is cosigned anew */
    SB_SEQ_AWAIT_MS = 10 * 1000,     /* at most, for the nodes' greetings */
    SB_SEQ_GATHER_LEAVES = 64,       /* who just got so many gets the next ones together, */
    SB_SEQ_GATHER_MS = 200,          /* … after so long at most, or when no more come */
};

typedef struct sb_sequencer sb_sequencer;

typedef struct sb_seq_opts {
    sb_ledger *ledger; /* borrowed; opened over what is stored; only the sequencer steps it */
    sb_log_reader log; /* what is stored */
    const sb_secret *log_key; /* borrowed */
    uint32_t over;            /* what sb_sequencer_over says of the own rows */
    /* A jump of the legal clock against the monotonic one counts as wrong until the nodes' clocks are
     * measured anew. Not for simulations that leave days out. */
    bool watches_jumps;
    /* The store may be an old copy: nothing is ordered before the nodes of more than half of the
     * organisations have greeted, none with more leaves; but after SB_SEQ_AWAIT_MS it is. Not for one
     * who has just taken over. */
    bool awaits_nodes;
    uint64_t awaits_from_ms;   /* … since then (sb_sequencer_awaits); 0: since the first TICK */
    uint32_t frame_leaves_max; /* pushed in a frame; 0: SB_LONG_FRAME_LEAVES_MAX. For simulations */
} sb_seq_opts;

/* Own row (first byte of the key): 4 -> u32be term ‖ leaf: the HANDOVER of a later term that was
 * shown to this broker. From then on it signs nothing in its own. */
enum { SB_SEQ_ROW_OVER = 4 };
/* The term that the row names; 0: there is none. */
uint32_t sb_sequencer_over(sb_kv *own);

/* Open at any committed state, in the log's newest term. The first step signs and offers the head of
 * the stored size. Errors: SB_E_SEQUENCER_LOG_KEY (the log in force has another key),
 * SB_E_SEQUENCER_TERM_OVER (a later term's HANDOVER was shown to this broker: opts.over). */
sb_err sb_sequencer_open(sb_sequencer **out, const sb_seq_opts *opts, sb_fail *fail);
void sb_sequencer_close(sb_sequencer *seq);

typedef enum sb_seq_event_kind {
    SB_SEQ_TICK = 0,
    SB_SEQ_PEER_UP,   /* peer, curve_pk */
    SB_SEQ_PEER_DOWN, /* peer */
    SB_SEQ_FRAME,     /* peer, frame, and for Submit: opened or its refusal */
    SB_SEQ_COMMITTED
} sb_seq_event_kind;

typedef struct sb_seq_event {
    sb_seq_event_kind kind;
    sb_now now;           /* in every event */
    uint64_t peer;        /* the shell's number of the connection, never 0 */
    uint8_t curve_pk[32]; /* authenticated */
    const Sb__Frame *frame;
    const sb_leaf *opened;  /* of a Submit: sb_entry_open's result, of a HandoverOffer:
                             * sb_leaf_open's; NULL when refused */
    const sb_fail *refusal; /* … and why */
    bool no_room;           /* the disk is full: no COMMIT may come of it (every event, or none,
                             * since the last COMMITTED) */
} sb_seq_event;

typedef enum sb_seq_effect_kind {
    SB_SEQ_SEND = 0, /* peer, bytes: one frame; may be lost */
    SB_SEQ_COMMIT,   /* commit: see sb_log_commit; flush sb_sequencer's ledger in it */
    SB_SEQ_FATAL     /* fail: end the process, nothing may be signed any more */
} sb_seq_effect_kind;

typedef struct sb_seq_effect {
    sb_seq_effect_kind kind;
    uint64_t peer;
    sb_slice bytes;
    const sb_log_commit *commit;
    sb_fail fail;
} sb_seq_effect;

/* Borrowed until the next step. */
typedef struct sb_seq_effects {
    const sb_seq_effect *items;
    size_t count;
} sb_seq_effects;

void sb_sequencer_step(sb_sequencer *seq, const sb_seq_event *event, sb_seq_effects *effects);

typedef struct sb_seq_status {
    uint64_t size; /* committed */
    uint8_t root[32], digest[32];
    uint64_t head_size;      /* newest signed */
    uint64_t certified_size; /* newest with a quorum, since start */
    uint64_t final_size;
    uint32_t cosigners, needed, organisations; /* of the newest offered head; needed 0: not known */
    uint32_t peers;
    uint32_t term;        /* of the log */
    int64_t clock_off_ms; /* the nodes' median clock less ours; 0 when unknown */
    bool clock_bad;       /* admits nothing */
} sb_seq_status;
void sb_sequencer_status(sb_sequencer *seq, sb_seq_status *out);
/* Awaits it the nodes' greetings still (opts.awaits_nodes)? from_ms, unless NULL: since when, for
 * opts.awaits_from_ms of another opening in the same process. */
bool sb_sequencer_awaits(const sb_sequencer *seq, uint64_t *from_ms);
/* The newest signed head and the newest certified one, as notes; empty when there is none.
 * Borrowed until the next step. */
sb_slice sb_sequencer_head(const sb_sequencer *seq);
sb_slice sb_sequencer_certified(const sb_sequencer *seq);

#endif
