/* The follower: a node's core (DESIGN §2, §4, §6). It verifies what brokers and other nodes give it,
 * folds it, cosigns, promises terms, keeps the outbox of its members and knows what is final. Pure:
 * events with the time inside come in, effects leave in order.
 *
 *     for each event:  sb_follower_step(f, &event, &effects);
 *                      carry out effects.items[0…count) in order;
 *                      if the last one is COMMIT: commit durably, then step COMMITTED;
 *                      if it is REWIND: see there.
 *
 * What must be durable is committed before anything that depends on it is sent: a COMMIT is alone
 * in its step, the rest follows after COMMITTED, and no other event may come between.
 *
 * A node that is far behind commits less often: what nothing waits for but the log itself is put off
 * while the shell has more leaves that follow (sb_fol_event.here), and committed with these. Until then
 * the ledger is ahead of what is durable: nobody may read it, and the next event is the next of these
 * frames or FLUSH (sb_follower_has_put_off). A crash costs only that they are asked for again.
 *
 * A link is a connection under the shell's number. BROKER links lead to whoever may order entries
 * (the configured broker, the charter's standbys, a consented one): the follower follows the one
 * that shows the highest term with a valid HANDOVER. NODE links lead to other organisations' nodes.
 * All frames can travel over all links; none is believed for its link.
 */
#ifndef SB_FOLLOWER_FOLLOWER_H
#define SB_FOLLOWER_FOLLOWER_H

#include "proto/base/limits.h"
#include "proto/ledger/ledger.h"
#include "proto/merkle/checkpoint.h"
#include "proto/sign/sign.h"
#include "proto/wire/frame.h"
#include "proto/wire/logio.h"

enum {
    SB_FOL_CREDIT = 4096,            /* leaves asked for at a time */
    SB_FOL_CREDIT_LESS = 1024,       /* … on a slow line, or of whom nothing is known; the frames
                                        are shorter, too (SB_LONG_FRAMES_CREDIT) */
    SB_FOL_PULL_IDLE_MS = 5000,      /* asks again, when nothing is known to be missing; else
                                        proto/wire/pace.h */
    SB_FOL_HELLO_MS = 2000,          /* Hello again until Welcome */
    SB_FOL_RESUBMIT_MS = 5000,       /* an entry without receipt is sent again */
    SB_FOL_HELD_BACK_MS = 30 * 1000, /* … shown as held back, and offered to the other links */
    SB_FOL_BLOB_MS = 10 * 1000,      /* a missing blob is asked for again, from another link */
    SB_FOL_STALE_MS = 3 * 60 * 1000, /* without a newly cosigned head */
    SB_FOL_RECOSIGN_MS = 30 * 1000,  /* the same head is cosigned anew at most so often */
    SB_FOL_PEER_HEAD_MS = 10 * 1000, /* the newest head goes to the other nodes */
    SB_FOL_WITHHELD_MS = 5 * 1000,   /* a peer has more that is certified for so long: from there */
    SB_FOL_CLOCK_MS = 90 * 1000,     /* our clock is off for so long: said */
    SB_FOL_OFFER_MS = 60 * 1000,     /* an entry that is held back is offered to a link again */
    SB_FOL_CUT_AGAIN_MS = 3000, /* one that a HANDOVER cut off and that is refused: tried again */
    SB_FOL_CUT_MS = 10 * 60 * 1000,  /* … for so long */
    SB_FOL_CUT_CLOSE_MS = 10 * 1000, /* one that ends something for others lets theirs go before */
};

/* Tables of the own rows that the follower writes (first byte of the key; 0x80 and above are the
 * shell's). Layouts: nodes/follower/inside.h. COSIGNED, PROMISED and SEALED are the organisation's
 * record (DESIGN §4): it never falls, whatever happens to the log. */
typedef enum sb_fol_table {
    SB_FOL_ROW_HEAD = 1,      /* the newest signed head: note */
    SB_FOL_ROW_CERTIFIED = 2, /* the newest certified head: note with cosignatures */
    SB_FOL_ROW_COSIGNED = 3,  /* the last head cosigned */
    SB_FOL_ROW_OUTBOX = 4,    /* pk[32] ‖ u64be seq */
    SB_FOL_ROW_MISSING = 5,   /* blob sha256[32] */
    SB_FOL_ROW_EVIDENCE = 6,  /* u64be number: an evidence file */
    SB_FOL_ROW_DIVERGED = 7,  /* the last divergence, for inspection */
    SB_FOL_ROW_FINAL = 8,     /* what is final, and the certified head that proves it */
    SB_FOL_ROW_PROMISED = 9,  /* the newest promise, whole */
    SB_FOL_ROW_SEALED = 10,   /* the highest SEAL ever held, with its cosignatures */
    SB_FOL_ROW_CONSENT = 11,  /* the authority's consent to promise a term */
    SB_FOL_ROW_RESTORED =
        12, /* restored from a backup (sb_follower_restored_row), or lost once and noticed */
    SB_FOL_ROW_CATCHUP = 13 /* leaves from here on are under a HANDOVER not reached yet */
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
    /* The follower that REWIND, or a full disk, ends; NULL: the process starts. Who held us with a
     * HANDOVER that isn't proved, and since when it is silent, go over from it. Closed after. */
    const sb_follower *before;
} sb_fol_opts;

/* Open at any committed state. Errors: SB_E_FOLLOWER_ROWS (own rows unreadable or ahead of the
 * log), SB_E_FOLLOWER_FEDERATION. */
sb_err sb_follower_open(sb_follower **out, const sb_fol_opts *opts, sb_fail *fail);
void sb_follower_close(sb_follower *f);

typedef enum sb_fol_role {
    SB_FOL_ROLE_BROKER = 1, /* may order entries, in this term or another */
    SB_FOL_ROLE_NODE
} sb_fol_role;

typedef enum sb_fol_event_kind {
    SB_FOL_TICK = 0,
    SB_FOL_LINK_UP, /* link, role, who */
    SB_FOL_LINK_DOWN,
    SB_FOL_FRAME,          /* link, frame; for Leaves also leaves, opened, refusal; for Submit (from
                             another node) entry and leaf or refusal; for HandoverOffer leaf or
                             refusal */
    SB_FOL_MEMBER_SUBMIT,  /* entry (with leaf or refusal), member */
    SB_FOL_MEMBER_CONSENT, /* frame: Consent; member */
    SB_FOL_COMMITTED,
    SB_FOL_BLOB_STORED,    /* blob: now held here */
    SB_FOL_BLOB_AT_LINK,   /* link, blob: it said that it holds it whole */
    SB_FOL_REWIND_REFUSED, /* entry: the probe that the ledger refused, refusal: why; fed once after
                              the follower was opened again */
    SB_FOL_FLUSH           /* what was put off is committed */
} sb_fol_event_kind;

typedef struct sb_fol_event {
    sb_fol_event_kind kind;
    sb_now now;
    uint32_t link; /* the shell's number of a connection, from 1; never used again */
    sb_fol_role role;
    const uint8_t *who; /* 32 bytes, its CURVE key; NULL: not told */
    const Sb__Frame *frame;
    /* Of a Leaves frame: sb_leaf_open's results of its first `opened` leaves, in order; fewer than
     * the frame holds: the next one was refused, and why is in `refusal`. */
    const sb_leaf *leaves;
    size_t opened;
    const sb_fail *refusal;
    /* … and up to where leaves of this link are with the shell already, in frames that follow one
     * another on this one: 0: in none. They are opened while this one is folded. */
    uint64_t here;
    sb_slice entry;      /* of a member: the bytes… */
    const sb_leaf *leaf; /* … opened by sb_entry_open; NULL when refused, `refusal` says why */
    uint64_t member;     /* the shell's number of the request, given back in NOTIFY; 0: none */
    uint8_t blob[32];
} sb_fol_event;

typedef enum sb_fol_effect_kind {
    SB_FOL_SEND = 0,  /* link, bytes: one frame; may be lost */
    SB_FOL_COMMIT,    /* commit: see sb_log_commit; flush the ledger in it */
    SB_FOL_NOTIFY,    /* note, entry_id, member… */
    SB_FOL_WANT_BLOB, /* link, blob: fetch it from there, then BLOB_STORED */
    SB_FOL_PUT_BLOB,  /* link, blob: send it there, then BLOB_AT_LINK */
    SB_FOL_DIVERGED,  /* index, fail: the fold refuses the log; the node serves reads only */
    SB_FOL_CONFLICT, /* fail: the log key signed what can't be; evidence is kept; cosigns no more in
                        this term */
    SB_FOL_REWIND /* A valid HANDOVER drops a suffix that isn't final: alone in its step. index: the
                     size to go back to; bytes: the leaf that must be accepted there, or empty;
                     commit: own rows only. The shell calls sb_history_rewind with these, then opens
                     the follower anew over the new ledger, `before` being this one (when the probe
                     was refused: over the old state, and feeds REWIND_REFUSED) and feeds LINK_UP for
                     each connection that stands. */
} sb_fol_effect_kind;

/* What a member's entry has come to. */
typedef enum sb_fol_note {
    SB_FOL_QUEUED = 0, /* durable in the outbox */
    SB_FOL_RECEIPT,  /* index, sequenced_at_ms: the broker's verified receipt (receipt), or seen in
                     * the log */
    SB_FOL_REFUSED,  /* fail; no longer in the outbox */
    SB_FOL_FINAL,    /* index */
    SB_FOL_CONSENTED /* the authority's consent is kept; dial it */
} sb_fol_note;

typedef struct sb_fol_effect {
    sb_fol_effect_kind kind;
    uint32_t link;
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
/* Leaves were folded and no COMMIT was given for them yet. */
bool sb_follower_has_put_off(const sb_follower *f);

/* Why the newest head that could be is not cosigned. */
typedef enum sb_fol_block {
    SB_FOL_BLOCK_NONE = 0,
    SB_FOL_BLOCK_NO_KEY, /* no witness key, or one that is not in force */
    SB_FOL_BLOCK_DIVERGED,
    SB_FOL_BLOCK_CONFLICT,
    SB_FOL_BLOCK_BLOBS,      /* blobs_missing */
    SB_FOL_BLOCK_LEAF_EARLY, /* a leaf is dated before our last cosigning less the tolerance */
    SB_FOL_BLOCK_LEAF_LATE,  /* the last leaf is later than our clock plus the tolerance */
    SB_FOL_BLOCK_PROMISED,   /* a later term is promised: nothing older is cosigned */
    SB_FOL_BLOCK_RECORD,     /* the head doesn't extend the last one cosigned in this term */
    SB_FOL_BLOCK_RESTORED,   /* restored from a backup or lost, and not caught up yet */
    SB_FOL_BLOCK_CATCHUP     /* the HANDOVER above us isn't reached yet */
} sb_fol_block;

/* How all that the log holds stands: the worst that applies, of the last ones the best. */
typedef enum sb_fol_state {
    SB_FOL_STATE_EMPTY = 0,
    SB_FOL_STATE_DIVERGED,
    SB_FOL_STATE_CONFLICT,
    SB_FOL_STATE_STALE,         /* no quorum has confirmed anything for three minutes */
    SB_FOL_STATE_NOT_CONFIRMED, /* … by enough organisations yet */
    SB_FOL_STATE_CERTIFIED,     /* by enough; not final: its SEAL isn't certified yet */
    SB_FOL_STATE_FINAL          /* but for STATE, SEAL and HANDOVER */
} sb_fol_state;

typedef struct sb_fol_status {
    sb_fol_state state;
    uint64_t since_ms; /* legal: since when. Of NOT_CONFIRMED and CERTIFIED: when the oldest entry
                        * that isn't final was entered; of FINAL and STALE: the quorum's last
                        * confirmation; 0: unknown */
    uint64_t size;     /* leaves committed, and the root and digest there */
    uint8_t root[32], digest[32];
    uint32_t term;
    uint64_t broker_size;    /* of the newest signed head seen */
    uint64_t known_size;     /* … or of another node's newest, or of what is held */
    uint64_t certified_size; /* of the newest certified head */
    uint64_t final_size;     /* 0: nothing is final yet */
    uint8_t final_root[32];  /* valid when final_size > 0 */
    uint64_t cosigned_size;  /* of our record */
    uint32_t cosigned_term;
    uint32_t promised_term; /* 0: none */
    /* Of the newest head whose cosignatures were seen: how many organisations confirmed it, how
     * many it takes, how many there are. */
    uint64_t confirmed_size;
    uint32_t confirmed, needed, organisations; /* needed 0: no charter yet */
    bool enough;             /* they make a quorum, also by a change that waits: it can be sealed */
    bool waits_for_more;     /* a quorum by what holds, but not by the change that waits */
    uint64_t confirmed_at_s; /* legal: the quorum's last confirmation; 0: none seen */
    bool stale;              /* no newly certified head for three minutes; right after the start
                              * too, when something was certified before */
    bool broker_up;
    uint32_t broker_link;
    bool broker_refused; /* it isn't followed, and why is in broker_fail */
    sb_fail broker_fail;
    bool diverged; /* diverged_index, diverged_fail */
    uint64_t diverged_index;
    sb_fail diverged_fail;
    bool conflict;     /* in this term */
    uint32_t evidence; /* files kept, of all terms */
    sb_fol_block block;
    uint32_t outbox;    /* entries not final */
    uint32_t held_back; /* of these without receipt for 30 s */
    uint32_t blobs_missing;
    int64_t clock_off_ms; /* the median of the organisations' clocks less ours, when more than half
                           * the tolerance for 90 s; else 0 */
    uint32_t peers_up;    /* other nodes, each once */
    uint64_t withheld_size;     /* a peer has a certified head so long, and the broker doesn't give
                                 * it; 0: none */
    uint64_t withheld_since_ms; /* legal */
    bool restored;              /* … from a backup, and still restrained for it */
    /* What brokers sent since the start that proves nothing and isn't taken: broken or forged heads,
     * proofs, receipts; a term that is over. The last of it, and when (legal). */
    uint32_t faults;
    sb_fail fault;
    uint64_t fault_ms;
    bool catching_up; /* towards the HANDOVER of catchup_term */
    uint32_t catchup_term;
} sb_fol_status;
void sb_follower_status(sb_follower *f, sb_now now, sb_fol_status *out);
/* clock_off_ms alone. */
int64_t sb_follower_clock_off(const sb_follower *f, sb_now now);
/* Was this organisation's cosignature of the newest head (confirmed_size) seen? */
bool sb_follower_has_confirmed(const sb_follower *f, uint32_t organisation);
/* The newest signed and certified heads as notes; empty when there is none. Borrowed until the next
 * step. */
sb_slice sb_follower_head(const sb_follower *f);
sb_slice sb_follower_certified(const sb_follower *f);
/* The certified head that, with the SEAL below it, proves what is final; empty when nothing is, or
 * when a HANDOVER cut it off (what was final stays so; the next SEAL proves it anew). */
sb_slice sb_follower_final_proof(const sb_follower *f);
/* The last head that the organisation cosigned in the term of its log, and that cosignature; false:
 * none. */
bool sb_follower_cosigned(const sb_follower *f, sb_checkpoint *head, uint8_t witness_pk[32],
                          sb_cosignature *cosignature);
/* The authority's consent that is kept; false: none. `address` is borrowed until the next step. */
bool sb_follower_consent(const sb_follower *f, sb_consent *out);
/* Evidence kept: call with *at = 0 until false. Borrowed until the next step. */
typedef struct sb_fol_evidence {
    uint64_t number;
    uint32_t term;
    sb_err code;
    uint64_t size; /* where it is about */
    sb_slice file; /* proto/evidence */
} sb_fol_evidence;
bool sb_follower_evidence_next(sb_follower *f, uint64_t *at, sb_fol_evidence *out);
/* The own row that marks a store as restored at this (legal) second; 0: when the node starts next,
 * as `node restore` writes it. */
void sb_follower_restored_row(uint64_t restored_s, uint8_t key[1], uint8_t value[13]);

/* The outbox in (key, seq) order: call with *at = 0 until false. `entry` is borrowed. */
typedef struct sb_fol_outbox_row {
    sb_slice entry;
    uint8_t entry_id[32];
    bool has_receipt; /* index */
    bool in_log;      /* index */
    bool held_back;
    bool of_peer; /* another node handed it in, or had it when a HANDOVER cut it off */
    uint64_t index;
    uint64_t waited_ms; /* since it was handed in, or the node started */
} sb_fol_outbox_row;
bool sb_follower_outbox_next(sb_follower *f, sb_now now, size_t *at, sb_fol_outbox_row *out);
/* Where the rows of this number and later ones stand (*at above), in the order they came: a row keeps
 * its number, from 1, until the follower is opened anew. To be freed; good until the next step. */
typedef struct sb_fol_outbox_place {
    uint64_t number;
    size_t at;
} sb_fol_outbox_place;
sb_fol_outbox_place *sb_follower_outbox_since(const sb_follower *f, uint64_t number, size_t *count);

#endif
