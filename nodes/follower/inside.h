/* Inside the follower: its state, and what its files give each other.
 *   follower.c  events, effects, opening     links.c   greeting, whom to follow
 *   sync.c      pulling, taking leaves       terms.c   HANDOVERs: judging, dropping, catching up
 *   record.c    the organisation's record    cosign.c  cosigning
 *   evidence.c  what convicts a log key
 *   promise.c   consent, promises            final.c   certified, final
 *   outbox.c    members' entries             send.c    … on their way, receipts
 *   outbox_cut.c  … that a HANDOVER cuts off
 *   blobs.c     what attachments are missing peers.c   heads compared with other nodes
 *   serve.c     what others pull from us     status.c  how it stands
 *   clock.c     our clock, and the others'
 *
 * Own rows (big-endian, key = u8 table ‖ …; hashes of heads are their roots):
 *   HEAD, CERTIFIED  the note
 *   COSIGNED  u32 term ‖ u64 size ‖ root[32] ‖ u64 time_s ‖ sig[64] ‖ witness_pk[32]
 *   PROMISED  u32 term ‖ log_pk[32] ‖ PromiseGiven frame
 *   SEALED    u32 term ‖ u64 size ‖ root[32] ‖ (witness_pk[32] ‖ u64 time_s ‖ sig[64])*
 *   CONSENT   u32 term ‖ log_pk[32] ‖ curve_pk[32] ‖ sig[64] ‖ address
 *   RESTORED  u64 restored_s ‖ u8 caught_up ‖ u32 term (of the log when it had caught up)
 *   CATCHUP   u32 term ‖ log_pk[32] ‖ u64 index ‖ u64 began
 *   FINAL     u64 size ‖ root[32] ‖ the certified note that proves it, or nothing
 *   OUTBOX    pk[32] ‖ u64 seq  -> u8 flags (1 receipt, 2 of a peer, 4 cut off) ‖ u64 index ‖ u64 time_ms
 *                                  ‖ u32 len ‖ Receipt frame ‖ entry
 *   MISSING   sha256[32]        -> u64 size ‖ u64 index of the first leaf that names it
 *   EVIDENCE  u64 number        -> u32 term ‖ u32 code ‖ u64 size ‖ file
 *   DIVERGED                    -> u64 index ‖ u32 code ‖ u64 legal_ms
 */
#ifndef SB_FOLLOWER_INSIDE_H
#define SB_FOLLOWER_INSIDE_H

#include "nodes/follower/follower.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/evidence/evidence.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/proof.h"
#include "proto/wire/misfit.h"
#include "proto/wire/missing.h"
#include "proto/wire/pace.h"

enum {
    FOL_AT_BROKER_MAX = 256, /* blobs remembered as held by the broker */
    FOL_OUTBOX_SCAN_MS = 500,
    FOL_ASKED_MS = 10 * 1000,        /* what the broker asked for so long ago it asks for again */
    FOL_CATCHUP_LOST_MS = 10 * 1000, /* a broker that we catch up with may be gone so long */
    FOL_UNPROVED_MS =
        10 * 1000,              /* a HANDOVER that we can't judge holds us so long without leaves */
    FOL_UNPROVED_LEAF_MS = 100, /* … and in all so much longer for each leaf that came */
    FOL_UNPROVED_AGAIN_MS = 30 * 1000, /* then its link shows none so long, twice that next time… */
    FOL_UNPROVED_AGAIN_TIMES = 7,      /* … up to 2^7 times that */
    FOL_UNPROVED_MAX = 16,             /* links remembered for it */
    FOL_ALIVE_MS = 180 * 1000,         /* a broker is there that was heard so lately */
    FOL_OLD_TERM_MS = 10 * 1000, /* a broker may send so long after it was told of a later term */
    FOL_CLOCK_LOOK_MS = 1000,    /* our clock is compared so often */
    FOL_HEAD_SENT_MS = 1000      /* PeerHead to one link at most so often */
};

/* The last head cosigned; size 0: none. */
typedef struct sb_fol_record {
    sb_head last;
    sb_cosignature cosignature;
    uint8_t witness_pk[32];
} sb_fol_record;

/* The newest promise; term 0: none. */
typedef struct sb_fol_promised {
    uint32_t term;
    uint8_t log_pk[32];
    sb_buf packed;
} sb_fol_promised;

/* The highest SEAL ever held; size 0: none. */
typedef struct sb_fol_sealed {
    sb_head head;
    sb_buf cosignatures; /* 104 bytes each, as in the row */
    bool is_new;         /* … since the row was written */
} sb_fol_sealed;

/* Who is at the other end of a link. */
typedef struct sb_fol_peer {
    uint8_t who[32]; /* its CURVE key; zero: not told */
    uint32_t link;   /* for one that isn't told */
} sb_fol_peer;

/* Leaves from `began` on aren't under a head of a term that we know to be valid, until the HANDOVER
 * at `index` is folded. */
typedef struct sb_fol_catchup {
    bool is_on;
    uint32_t term;
    uint8_t log_pk[32];
    uint64_t index, began;
    uint32_t link;              /* 0: gone */
    sb_fol_peer holder;         /* whose link it is, or was */
    uint64_t lost_ms;           /* monotonic, since when */
    bool gave_way;              /* its time begins anew with the next link */
    bool is_proved;             /* judged, or promised by a quorum of the keys that we know */
    uint64_t since_ms, leaf_ms; /* monotonic: begun, the last leaves */
    bool has_fork;              /* when our log turns out to be another: go back to fork_size */
    uint64_t fork_size;
} sb_fol_catchup;

/* Who held us with a HANDOVER that nothing came of. */
typedef struct sb_fol_unproved {
    sb_fol_peer peer;
    uint32_t times;
    uint64_t until_ms; /* monotonic; 0: no such */
} sb_fol_unproved;

typedef struct sb_fol_link {
    uint32_t number;
    sb_fol_role role;
    bool welcomed;
    bool is_standby; /* it greeted us: it orders nothing yet */
    bool refused;    /* not followed, why is in f->broker_fail */
    uint8_t who[32]; /* its CURVE key; zero: not told */
    uint32_t term;   /* as it says */
    uint64_t size;   /* … of its log */
    uint64_t hello_ms, offered_ms;
    uint64_t greeted_size; /* what its log held by our head when we greeted it */
    uint64_t told_ms;      /* its term is over: shown first */
    uint64_t head_ms;      /* PeerHead sent */
    bool head_is_due;
    /* NODE: its newest certified head, of our term, beyond what we hold */
    sb_checkpoint ahead;
    sb_buf claim; /* its note, while we have nothing and can't tell whose signature it is */
    bool ahead_certified;
    uint64_t ahead_ms, asked_ms;
    sb_pace pace;              /* of asking it for that */
    uint64_t ask_from, ask_to; /* ConsistencyGet under way: from our head to the one in ask_note */
    sb_buf ask_note, ask_own;
} sb_fol_link;

typedef struct sb_fol_seen {
    uint32_t org;
    sb_cosignature cosignature;
    uint64_t rose_s; /* monotonic: it came, later than the one of before; 0: before the start */
} sb_fol_seen;

/* What is known of an organisation's clock. */
typedef struct sb_fol_clock {
    uint64_t time_s; /* its newest cosigning time seen in this term; 0: none */
    bool is_measured;
    uint64_t measured_ms; /* monotonic, when */
    int64_t ahead_ms;     /* of our monotonic clock */
} sb_fol_clock;

typedef struct sb_fol_row {
    uint8_t pk[32];
    uint64_t seq;
    uint8_t id[32];
    bool has_receipt, in_log; /* index */
    uint64_t number;          /* rises with each that comes (of this start) */
    bool of_peer;             /* another node's member's */
    bool is_known;            /* the log knew its key when somebody last asked */
    bool was_cut;             /* it had its place once: a HANDOVER cut it off */
    bool has_refusal; /* … and it was refused since, or what was given up before it: first at
                         refused_ms */
    bool ends;        /* it ends what others take part in (outbox.c) */
    bool waits_turn;  /* … and lets theirs go before, from turn_ms on (0: not its turn yet) */
    bool is_settled;  /* its receipt fits the log, or convicts the broker */
    uint64_t receipt_index, receipt_ms; /* where and when the receipt says; index: where it is */
    bool waits_for_blobs;
    bool was_sent; /* since the broker came up */
    uint64_t index;
    uint64_t sequenced_at_ms;
    uint64_t since_ms, sent_ms, refused_ms, turn_ms; /* monotonic */
    uint64_t offered_ms; /* to the other links, because it is held back */
    uint64_t member;
} sb_fol_row;

struct sb_follower {
    sb_ledger *ledger;
    sb_log_reader log;
    sb_kv *own;
    const sb_secret *witness;
    char organisation[SB_ID_BYTES_MAX + 1];
    uint32_t credit;
    bool has_federation_id;
    uint8_t federation_id[32];

    uint64_t committed;
    bool started; /* the first event, and with it the time, has come */
    bool goes_on; /* opened after another: silence goes on */
    sb_commit_builder commit;
    bool committing;

    sb_fol_link *links; /* rising number */
    size_t link_count, link_cap;
    uint32_t followed; /* the broker's link; 0: none */
    uint64_t broker_size;
    sb_pace pace;        /* of asking where leaves come from (sync.c) */
    uint64_t window_end; /* leaves up to here were asked for */
    uint64_t here; /* … and came, of the followed broker, as this step's frame says; 0: not said */
    uint32_t pull_frames; /* that came since */
    bool broker_refused;
    sb_fail broker_fail;
    sb_fol_catchup catchup;
    sb_fol_unproved unproved[FOL_UNPROVED_MAX];
    uint64_t heard_ms; /* monotonic: the last frame of the broker that is followed */
    bool rewinding;    /* this step's effect is a REWIND */
    sb_fol_effect rewind_effect;
    bool has_refused; /* a HANDOVER that the fold refused: the leaf's hash */
    uint8_t refused_hash[32];

    /* heads */
    sb_checkpoint head; /* newest verified; size 0: none */
    sb_buf head_note;
    sb_buf early_note;   /* a Certified note beyond what we hold, looked at again later */
    sb_checkpoint offer; /* newest that could be cosigned */
    bool is_offered;     /* … and it is asked for */
    bool is_asked;       /* … by the broker that is followed, at asked_ms (monotonic) */
    uint64_t asked_ms;
    sb_fol_record record;
    sb_fol_promised promised;
    sb_fol_sealed sealed;
    bool has_consent;
    sb_consent consent; /* its address is in consent_address */
    sb_buf consent_address;
    uint8_t consent_sig[64];
    bool is_restored, has_caught_up;
    uint64_t restored_s;
    uint32_t restored_term;
    uint64_t silent_ms; /* monotonic: silence counts from here at the earliest */
    uint64_t recosigned_ms;
    bool has_recosigned_ms;
    sb_fol_block block;

    sb_checkpoint seen_head; /* cosignatures below are of this head */
    uint32_t seen_term;
    sb_fol_seen *seen;
    size_t seen_count, seen_cap;
    sb_fol_clock *clocks; /* by organisation */
    uint32_t clock_count;
    int64_t clock_off_ms; /* the others' median less ours, as of the last TICK; 0: unknown */
    uint64_t clock_looked_ms;
    bool has_clock_off; /* … and too much, since (monotonic) */
    uint64_t clock_off_since_ms;
    uint64_t certified_size;
    sb_buf certified_note;
    sb_buf final_note;     /* the certified note that proves what is final */
    uint64_t fresh_ms;     /* monotonic: the quorum's time rose last */
    uint64_t fresh_time_s; /* … to this */
    bool is_from_broker;   /* the frame of this step */
    uint64_t life_ms;      /* monotonic: a quorum was seen to be there, for promises in a silence */
    uint64_t life_time_s;  /* … all of it since this (rose_s) */
    bool has_life_ms;
    uint64_t confirmed_s; /* … also as known from before the start */
    bool has_fresh_ms;
    uint64_t final_size;
    uint8_t final_root[32];

    bool diverged;
    uint64_t diverged_index;
    sb_fail diverged_fail;
    uint64_t diverged_ms, conflict_ms; /* legal */
    bool conflict;                     /* in the present term */
    uint64_t evidence_next;
    uint32_t evidence_count;
    sb_fail wrong; /* of this step's frame; SB_OK: nothing */
    uint32_t faults;
    sb_fail fault;
    uint64_t fault_ms;    /* legal */
    uint64_t withheld_ms; /* legal: since when a peer has more; 0: it hasn't */
    uint64_t withheld_size;

    uint64_t erase_from; /* BLOB_ERASEs below this index are carried out */
    /* a head that contains the leaf at erased_index needs no content */
    sb_missing missing;

    sb_fol_row *rows; /* rising (pk, seq) */
    size_t row_count, row_cap;
    uint64_t rows_ever;
    size_t receipted; /* has_receipt and not is_settled */
    size_t waiting;   /* neither */
    uint64_t scan_ms;
    bool pump_after; /* send this key's next after the commit */
    uint8_t pump_pk[32];
    uint8_t at_broker[FOL_AT_BROKER_MAX][32];
    size_t at_broker_count, at_broker_next;

    sb_arena out_arena;
    sb_fol_effect *out;
    size_t out_count, out_cap;
    sb_fol_effect commit_effect;
    sb_arena scratch;
    sb_buf frame;
    sb_tree *tree; /* to try a range of leaves on */
};

/* ---- follower.c ---- */
sb_fol_effect *sb_fol_emit(sb_follower *f, sb_fol_effect_kind kind);
void sb_fol_put(sb_follower *f, sb_fol_table table, sb_slice key, sb_slice value);
void sb_fol_del(sb_follower *f, sb_fol_table table, sb_slice key);
/* The row without a key of its own; false: there is none. */
bool sb_fol_own_row(sb_follower *f, sb_fol_table table, sb_slice *value);
/* The leaf's time, also when it is in the commit under way. */
bool sb_fol_leaf_time(sb_follower *f, uint64_t index, uint64_t *time_ms);
/* The leaf; arg: the follower. */
bool sb_fol_read_leaf(void *arg, uint64_t index, sb_slice *leaf);
/* The ledger's term; 0 before genesis. */
uint32_t sb_fol_term(sb_follower *f);
/* Our root at a size that we hold. */
bool sb_fol_root_at(sb_follower *f, uint64_t size, uint8_t root[32]);

/* ---- links.c ---- */
sb_fol_link *sb_fol_link_find(sb_follower *f, uint32_t number);
/* It is in this term now: what it said of its log in another one is over. */
void sb_fol_link_term(sb_fol_link *link, uint32_t term);
void sb_fol_link_up(sb_follower *f, const sb_fol_event *event);
void sb_fol_link_down(sb_follower *f, uint32_t number, sb_now now);
void sb_fol_send_to(sb_follower *f, uint32_t link, const Sb__Frame *frame);
/* What came on this link proves nothing, why is in f->wrong: the broker that is followed is named
 * for it; one whose term is over is told, and named when it goes on. */
void sb_fol_name_fault(sb_follower *f, uint32_t link, sb_now now);
/* … to the broker that is followed, if any. */
void sb_fol_send(sb_follower *f, const Sb__Frame *frame);
void sb_fol_greet(sb_follower *f, sb_now now);
void sb_fol_on_hello(sb_follower *f, sb_fol_link *link, const Sb__Frame *frame, sb_now now);
void sb_fol_on_welcome(sb_follower *f, sb_fol_link *link, const Sb__Welcome *welcome, sb_now now);
/* Follow a broker of our term if none is followed. */
void sb_fol_choose(sb_follower *f, sb_now now);
void sb_fol_follow(sb_follower *f, sb_fol_link *link, sb_now now);
bool sb_fol_same_federation(sb_follower *f, ProtobufCBinaryData theirs);

/* ---- sync.c ---- */
void sb_fol_tick_sync(sb_follower *f, sb_now now);
void sb_fol_on_leaves(sb_follower *f, const sb_fol_event *event);
/* Ask for leaves where they come from, which is new. */
void sb_fol_pull(sb_follower *f, sb_now now);
/* Ask on, when all is here that was asked for. */
void sb_fol_pull_on(sb_follower *f, sb_now now);
/* After a step: what it folded may wait for the next frame's commit. */
bool sb_fol_puts_off(const sb_follower *f);
void sb_fol_pull_from(sb_follower *f, uint32_t link, uint32_t credit);
/* Parse a note and verify the log's signature by the key of the term that its origin names: one of
 * our log, or the one that we are catching up with. What is wrong with it goes to f->wrong. */
bool sb_fol_verify_note(sb_follower *f, sb_slice note, sb_checkpoint *out, uint32_t *term);
/* … already parsed. */
bool sb_fol_verify_parsed(sb_follower *f, const sb_note *parsed, const sb_checkpoint *head,
                          uint32_t *term);
/* "…/<term>" of an origin; 0: none. */
uint32_t sb_fol_origin_term(const char *origin);
/* The origin of a term of this log. */
bool sb_fol_origin(sb_follower *f, uint32_t term, char out[SB_ORIGIN_BYTES_MAX + 1]);

/* ---- terms.c ---- */
void sb_fol_on_offer(sb_follower *f, sb_fol_link *link, const sb_fol_event *event);
/* Show a lower-term link each HANDOVER above its term. */
void sb_fol_offer_terms(sb_follower *f, sb_fol_link *link, uint32_t their_term, sb_now now);
/* What comes doesn't continue our log. */
void sb_fol_catchup_fork(sb_follower *f, sb_now now);
/* The fold refused a leaf on the way. */
void sb_fol_catchup_refused(sb_follower *f, const sb_fail *fail, sb_now now);
/* Give it up: back to where it began. */
void sb_fol_catchup_drop(sb_follower *f);
/* … because its link is gone. */
void sb_fol_catchup_lost(sb_follower *f, sb_now now);
/* Its link is gone, or nothing comes: somebody else may show the HANDOVER. */
bool sb_fol_catchup_is_quiet(const sb_follower *f, sb_now now);
/* One that isn't proved gives way when nothing comes. */
void sb_fol_catchup_tick(sb_follower *f, sb_now now);
/* A HANDOVER was folded at `index`. */
void sb_fol_term_changed(sb_follower *f, uint64_t index);
bool sb_fol_load_catchup(sb_follower *f);

/* ---- record.c ---- */
bool sb_fol_load_record(sb_follower *f);
void sb_fol_keep_cosigned(sb_follower *f);
/* The leaf seals, or names what was sealed: remember the highest. */
void sb_fol_note_seal(sb_follower *f, const sb_leaf *leaf);
/* Write what note_seal found. */
void sb_fol_keep_sealed(sb_follower *f);
void sb_fol_keep_promised(sb_follower *f);
void sb_fol_keep_restored(sb_follower *f);
/* The leaf just folded bears our own cosignature or promise beyond what the record
 * knows: the record was lost (DESIGN §4: "a node that lost it counts as lying"). From here on it is
 * like one that was restored from a backup. */
void sb_fol_recall(sb_follower *f, const sb_leaf *leaf, sb_now now);
/* A quorum confirmed a head that we hold at this time. */
void sb_fol_caught_up(sb_follower *f, uint64_t quorum_s);

/* ---- evidence.c ---- */
typedef struct sb_fol_tie {
    sb_evidence_tie tie;
    uint8_t federation_id[32];
} sb_fol_tie;
/* What ties a term's key to the federation; in scratch. */
bool sb_fol_make_tie(sb_follower *f, uint32_t term, sb_fol_tie *out);
/* Keep it; `file` is empty: it proves nothing to others. False: there are enough of this term. */
bool sb_fol_keep_evidence(sb_follower *f, uint32_t term, sb_err code, uint64_t size, sb_slice file);
/* … and cosign no more in this term: the log key signed what can't be. */
void sb_fol_conflict(sb_follower *f, uint32_t term, sb_err code, uint64_t size, sb_slice file);
/* A head of this term, of a size that we hold, with another root than ours. */
void sb_fol_conflicting_head(sb_follower *f, uint32_t term, sb_slice note,
                             const sb_checkpoint *head);
/* A longer head than our own note's, whose own root at that size is another. */
void sb_fol_conflicting_longer(sb_follower *f, uint32_t term, sb_slice ours, sb_slice note,
                               const sb_checkpoint *head, const uint8_t root[32],
                               const sb_proof *proof);
/* The entry's receipt is for a place that another entry has. */
void sb_fol_convict(sb_follower *f, sb_fol_row *row, uint64_t index, sb_slice receipt,
                    sb_slice entry);
/* … of all receipts. */
void sb_fol_check_receipts(sb_follower *f);
bool sb_fol_load_evidence(sb_follower *f);
/* Is there evidence that stops cosigning in this term? */
bool sb_fol_has_evidence(sb_follower *f, uint32_t term);
/* … with a file, that others can judge. */
bool sb_fol_is_convicted(sb_follower *f, uint32_t term);

/* ---- clock.c ---- */
/* It cosigned at this time; now NULL: nobody knows when that came. */
void sb_fol_clock_saw(sb_follower *f, uint32_t organisation, uint64_t time_s, const sb_now *now);
/* A new term: its times begin anew. */
void sb_fol_clocks_forget(sb_follower *f);
void sb_fol_clock_tick(sb_follower *f, sb_now now);
/* When we cosigned last: as the record says; or, when our clock was ahead then and was set right, by
 * the clock as it stands now (0: before the start, nobody knows). */
uint64_t sb_fol_cosigned_ms(sb_follower *f, sb_now now);

/* ---- cosign.c ---- */
void sb_fol_offer(sb_follower *f, const sb_checkpoint *head);
/* Cosign what is offered, if all holds. */
void sb_fol_consider(sb_follower *f, sb_now now);
void sb_fol_resend_cosign(sb_follower *f);
bool sb_fol_key_in_force(sb_follower *f, sb_ledger_org *org);

/* ---- promise.c ---- */
void sb_fol_on_consent(sb_follower *f, const sb_fol_event *event);
void sb_fol_on_promise_ask(sb_follower *f, sb_fol_link *link, const Sb__Frame *frame, sb_now now);

/* ---- final.c ---- */
void sb_fol_on_note(sb_follower *f, sb_slice note, sb_now now);
/* … one that sb_fol_verify_parsed took just now. */
void sb_fol_on_verified_note(sb_follower *f, sb_slice note, const sb_note *parsed,
                             const sb_checkpoint *head, uint32_t term, sb_now now);
/* Look again at what came early, now that there are more leaves. */
void sb_fol_retry_early(sb_follower *f, sb_now now);
void sb_fol_update_final(sb_follower *f);
bool sb_fol_load_final(sb_follower *f);
void sb_fol_load_seen(sb_follower *f);
/* How many organisations' cosignatures of the head were seen; do they make a quorum? */
bool sb_fol_has_enough(sb_follower *f, uint32_t *have, uint32_t *needed);
/* … also by a change that waits in the head? */
bool sb_fol_can_be_sealed(sb_follower *f, uint32_t *have, uint32_t *needed);
/* Does the note itself carry a quorum's cosignatures over `head`? */
bool sb_fol_note_has_quorum(sb_follower *f, sb_slice note, const sb_checkpoint *head);

/* ---- peers.c ---- */
void sb_fol_on_peer_head(sb_follower *f, sb_fol_link *link, sb_slice note, sb_now now);
void sb_fol_on_consistency(sb_follower *f, sb_fol_link *link, const Sb__Consistency *m);
void sb_fol_peers_tick(sb_follower *f, sb_now now);
/* A head was certified: other nodes and standbys shall hear of it. */
void sb_fol_peers_news(sb_follower *f);

/* ---- serve.c ---- */
void sb_fol_on_pull(sb_follower *f, sb_fol_link *link, const Sb__Pull *pull);
void sb_fol_on_consistency_get(sb_follower *f, sb_fol_link *link, const Sb__Frame *frame);
/* The newest log-signed note that we hold all leaves of, and its head. False: none. */
bool sb_fol_newest_note(sb_follower *f, sb_slice *note, sb_checkpoint *head);

/* ---- outbox.c ---- */
typedef struct sb_fol_stored {
    bool has_receipt, of_peer, was_cut;
    uint64_t index, time_ms;
    sb_slice receipt, entry;
} sb_fol_stored;
sb_fol_row *sb_fol_row_find(sb_follower *f, const uint8_t pk[32], uint64_t seq);
sb_fol_row *sb_fol_row_find_id(sb_follower *f, ProtobufCBinaryData id);
/* The first row at or after (pk, seq). */
size_t sb_fol_row_lower_bound(const sb_follower *f, const uint8_t pk[32], uint64_t seq);
void sb_fol_row_count(sb_follower *f, const sb_fol_row *row, bool add);
/* As committed; borrowed. */
bool sb_fol_row_read(sb_follower *f, const sb_fol_row *row, sb_fol_stored *out);
void sb_fol_row_store(sb_follower *f, const sb_fol_row *row, sb_slice receipt, sb_slice entry);
sb_fol_effect *sb_fol_notify(sb_follower *f, sb_fol_note note, const uint8_t id[32],
                             uint64_t member);
void sb_fol_notify_receipt(sb_follower *f, const sb_fol_row *row, sb_slice receipt);
void sb_fol_row_refuse(sb_follower *f, sb_fol_row *row, const sb_fail *fail);
bool sb_fol_outbox_load(sb_follower *f);
void sb_fol_on_submit(sb_follower *f, const sb_fol_event *event, bool of_peer);
void sb_fol_outbox_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf);
void sb_fol_outbox_final(sb_follower *f);
/* Does a later entry of the key wait that was handed in here? */
bool sb_fol_goes_before_ours(const sb_follower *f, const uint8_t pk[32], uint64_t seq);
/* Others' rows: those that a HANDOVER cut off, or those that were handed on. */
uint32_t sb_fol_rows_of_peers(const sb_follower *f, bool was_cut);
/* May the entry wait here at all? Errors: what the submitter hears. */
sb_err sb_fol_outbox_check(sb_follower *f, const sb_leaf *leaf, sb_fail *fail);
/* A row of an entry that isn't there yet. */
void sb_fol_row_keep(sb_follower *f, sb_fol_row *row, const sb_entry *entry);

/* ---- outbox_cut.c ---- */
/* Entries whose place at `size` or above is gone are to be handed in again: their rows, as puts. */
void sb_fol_outbox_rearm(sb_follower *f, uint64_t size);
/* … and so are others' entries in the leaves from `size` on, which are cut off: as many as a node
 * keeps of such, and those that a later one of ours would supersede; of a key none after one that
 * can't be kept. Their rows, as puts. */
void sb_fol_outbox_keep_cut(sb_follower *f, uint64_t size);

/* ---- send.c ---- */
void sb_fol_on_receipt(sb_follower *f, const Sb__Frame *frame);
void sb_fol_on_refused(sb_follower *f, const Sb__Refused *refused, sb_now now);
void sb_fol_outbox_broker(sb_follower *f, bool is_up);
void sb_fol_outbox_tick(sb_follower *f, sb_now now);
void sb_fol_outbox_pump(sb_follower *f, sb_now now);
void sb_fol_blob_at_broker(sb_follower *f, const uint8_t sha256[32], sb_now now);

/* ---- blobs.c ---- */
bool sb_fol_missing_load(sb_follower *f);
void sb_fol_missing_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf);
bool sb_fol_missing_below(const sb_follower *f, uint64_t size);
/* Those not erased. */
uint32_t sb_fol_missing_count(const sb_follower *f);
/* What a final BLOB_ERASE names goes with this step's commit. */
void sb_fol_erase_final(sb_follower *f);
void sb_fol_blob_stored(sb_follower *f, const uint8_t sha256[32]);
void sb_fol_missing_ask(sb_follower *f, sb_now now);
/* What only leaves from `size` on name isn't missed any more: their rows, as deletions. */
void sb_fol_missing_cut(sb_follower *f, uint64_t size);

#endif
