/* The follower: a node's core (DESIGN §2, §4, §6). It verifies what the broker pushes, folds it,
 * cosigns, keeps the outbox of its members and knows what is final. Pure: events with the time
 * inside come in, effects leave in order.
 *
 *     for each event:  sb_follower_step(f, &event, &effects);
 *                      carry out effects.items[0…count) in order;
 *                      if the last one is COMMIT: commit durably, then step COMMITTED.
 *
 * What must be durable is committed before anything that depends on it is sent: a COMMIT is alone
 * in its step, the rest follows after COMMITTED, and no other event may come between.
 */
#ifndef SB_FOLLOWER_FOLLOWER_H
#define SB_FOLLOWER_FOLLOWER_H

#include "proto/ledger/ledger.h"
#include "proto/sign/sign.h"
#include "proto/wire/frame.h"
#include "proto/wire/logio.h"

enum {
    SB_FOL_LEAVES_MAX = 256,         /* of one Leaves frame; a longer one is ignored */
    SB_FOL_CREDIT = 1024,            /* leaves asked for at a time */
    SB_FOL_PULL_MS = 1000,           /* asks again when what the broker has doesn't come */
    SB_FOL_PULL_IDLE_MS = 5000,      /* … and now and then when nothing is known to be missing */
    SB_FOL_HELLO_MS = 2000,          /* Hello again until Welcome */
    SB_FOL_RESUBMIT_MS = 5000,       /* an entry without receipt is sent again */
    SB_FOL_HELD_BACK_MS = 30 * 1000, /* … and shown as held back */
    SB_FOL_BLOB_MS = 10 * 1000,      /* a missing blob is asked for again */
    SB_FOL_BLOBS_ASKED_MAX = 16,     /* at a time */
    SB_FOL_STALE_MS = 3 * 60 * 1000, /* without a newly cosigned head */
    SB_FOL_RECOSIGN_MS = 30 * 1000,  /* the same head is cosigned anew at most so often */
    SB_FOL_EVIDENCE_MAX = 16,        /* rows kept */
};

/* Tables of the own rows that the follower writes (first byte of the key; 0x80 and above are the
 * shell's). Layouts: nodes/follower/inside.h. */
typedef enum sb_fol_table {
    SB_FOL_ROW_HEAD = 1,      /* the newest signed head: note */
    SB_FOL_ROW_CERTIFIED = 2, /* the newest certified head: note with cosignatures */
    SB_FOL_ROW_COSIGNED = 3,  /* the organisation's cosigning record, never falls */
    SB_FOL_ROW_OUTBOX = 4,    /* pk[32] ‖ u64be seq */
    SB_FOL_ROW_MISSING = 5,   /* blob sha256[32] */
    SB_FOL_ROW_EVIDENCE = 6,  /* u64be number: conflicting heads or a broken receipt */
    SB_FOL_ROW_DIVERGED = 7   /* the last divergence: u64be index ‖ u32be code, for inspection */
} sb_fol_table;

typedef struct sb_follower sb_follower;

typedef struct sb_fol_opts {
    sb_ledger *ledger;        /* borrowed; only the follower steps it */
    sb_log_reader log;        /* what is stored */
    sb_kv *own;               /* borrowed and only read; written by COMMIT */
    const sb_secret *witness; /* borrowed; NULL: never cosigns */
    const char *organisation; /* charter id, copied */
    uint32_t credit;          /* leaves asked for at a time; 0: SB_FOL_CREDIT */
    bool has_federation_id;   /* follow only this federation */
    uint8_t federation_id[32];
} sb_fol_opts;

/* Open at any committed state. Errors: SB_E_FOLLOWER_ROWS (own rows unreadable or ahead of the
 * log), SB_E_FOLLOWER_FEDERATION. */
sb_err sb_follower_open(sb_follower **out, const sb_fol_opts *opts, sb_fail *fail);
void sb_follower_close(sb_follower *f);

typedef enum sb_fol_event_kind {
    SB_FOL_TICK = 0,
    SB_FOL_BROKER_UP,
    SB_FOL_BROKER_DOWN,
    SB_FOL_FRAME,         /* frame; for Leaves also leaves, opened, refusal */
    SB_FOL_MEMBER_SUBMIT, /* entry (with opened or refusal), member */
    SB_FOL_COMMITTED,
    SB_FOL_BLOB_STORED,   /* blob: now held here */
    SB_FOL_BLOB_AT_BROKER /* blob: the broker said that it holds it whole */
} sb_fol_event_kind;

typedef struct sb_fol_event {
    sb_fol_event_kind kind;
    sb_now now;
    const Sb__Frame *frame;
    /* Of a Leaves frame: sb_leaf_open's results of its first `opened` leaves, in order; fewer than
     * the frame holds: the next one was refused, and why is in `refusal`. */
    const sb_leaf *leaves;
    size_t opened;
    const sb_fail *refusal;
    sb_slice entry;      /* of a member: the bytes… */
    const sb_leaf *leaf; /* … opened by sb_entry_open; NULL when refused, `refusal` says why */
    uint64_t member;     /* the shell's number of the request, given back in NOTIFY; 0: none */
    uint8_t blob[32];
} sb_fol_event;

typedef enum sb_fol_effect_kind {
    SB_FOL_SEND = 0,  /* bytes: one frame to the broker; may be lost */
    SB_FOL_COMMIT,    /* commit: see sb_log_commit; flush the ledger in it */
    SB_FOL_NOTIFY,    /* note, entry_id, member… */
    SB_FOL_WANT_BLOB, /* blob: fetch it from the broker, then BLOB_STORED */
    SB_FOL_PUT_BLOB,  /* blob: send it to the broker, then BLOB_AT_BROKER */
    SB_FOL_DIVERGED,  /* index, fail: the fold refuses the log; the node serves reads only */
    SB_FOL_CONFLICT /* fail: the log key signed what can't be; evidence is kept; cosigns no more */
} sb_fol_effect_kind;

/* What a member's entry has come to. */
typedef enum sb_fol_note {
    SB_FOL_QUEUED = 0, /* durable in the outbox */
    SB_FOL_RECEIPT, /* index, sequenced_at_ms: the broker's verified receipt (receipt), or seen in
                     * the log */
    SB_FOL_REFUSED, /* fail; no longer in the outbox */
    SB_FOL_FINAL    /* index */
} sb_fol_note;

typedef struct sb_fol_effect {
    sb_fol_effect_kind kind;
    sb_slice bytes;
    const sb_log_commit *commit;
    uint8_t blob[32];
    uint64_t blob_bytes; /* WANT_BLOB: the size that the log states */
    sb_fol_note note;
    uint8_t entry_id[32];
    uint64_t member; /* 0 when the request is from before a restart */
    uint64_t index;
    uint64_t sequenced_at_ms;
    sb_slice
        receipt; /* NOTIFY: the broker's Receipt frame; empty when it was seen in the log first */
    sb_fail fail;
} sb_fol_effect;

/* Borrowed until the next step. */
typedef struct sb_fol_effects {
    const sb_fol_effect *items;
    size_t count;
} sb_fol_effects;

void sb_follower_step(sb_follower *f, const sb_fol_event *event, sb_fol_effects *effects);

/* Why the newest head that could be is not cosigned. */
typedef enum sb_fol_block {
    SB_FOL_BLOCK_NONE = 0,
    SB_FOL_BLOCK_NO_KEY, /* no witness key, or one that is not in force */
    SB_FOL_BLOCK_DIVERGED,
    SB_FOL_BLOCK_CONFLICT,
    SB_FOL_BLOCK_BLOBS,      /* blobs_missing */
    SB_FOL_BLOCK_LEAF_EARLY, /* a leaf is dated before our last cosigning less the tolerance */
    SB_FOL_BLOCK_LEAF_LATE   /* the last leaf is later than our clock plus the tolerance */
} sb_fol_block;

typedef struct sb_fol_status {
    uint64_t size; /* leaves committed, and the root and digest there */
    uint8_t root[32], digest[32];
    uint64_t broker_size;    /* of the newest signed head seen */
    uint64_t certified_size; /* of the newest certified head */
    uint64_t final_size;     /* 0: nothing is final yet */
    uint8_t final_root[32];  /* valid when final_size > 0 */
    uint64_t cosigned_size;  /* of our record */
    /* Of the newest head whose cosignatures were seen: how many organisations confirmed it, how
     * many it takes, how many there are. */
    uint64_t confirmed_size;
    uint32_t confirmed, needed, organisations;
    bool stale; /* no newly certified head for three minutes */
    bool broker_up;
    bool broker_refused; /* it isn't followed, and why is in broker_fail */
    sb_fail broker_fail;
    bool diverged; /* diverged_index, diverged_fail */
    uint64_t diverged_index;
    sb_fail diverged_fail;
    bool conflict;
    sb_fol_block block;
    uint32_t outbox;    /* entries not final */
    uint32_t held_back; /* of these without receipt for 30 s */
    uint32_t blobs_missing;
} sb_fol_status;
void sb_follower_status(sb_follower *f, sb_now now, sb_fol_status *out);
/* The newest signed and certified heads as notes; empty when there is none. Borrowed until the next
 * step. The certified one and the SEAL below it together prove what is final. */
sb_slice sb_follower_head(const sb_follower *f);
sb_slice sb_follower_certified(const sb_follower *f);

/* The outbox in (key, seq) order: call with *at = 0 until false. `entry` is borrowed. */
typedef struct sb_fol_outbox_row {
    sb_slice entry;
    uint8_t entry_id[32];
    bool has_receipt; /* index */
    bool in_log;      /* index */
    bool held_back;
    uint64_t index;
    uint64_t waited_ms; /* since it was handed in, or the node started */
} sb_fol_outbox_row;
bool sb_follower_outbox_next(sb_follower *f, sb_now now, size_t *at, sb_fol_outbox_row *out);

#endif
