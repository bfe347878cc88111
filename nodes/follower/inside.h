/* Inside the follower: its state, and what its files give each other.
 *   follower.c  events, effects, opening     sync.c    greeting, pulling, taking leaves
 *   cosign.c    the record, cosigning        final.c   certified, final, status
 *   outbox.c    members' entries, receipts   blobs.c   what attachments are missing
 *
 * Own rows (big-endian, key = u8 table ‖ …):
 *   HEAD, CERTIFIED  the note
 *   COSIGNED         u32 term ‖ u64 size ‖ root[32] ‖ u64 time_s ‖ sig[64]
 *                    ‖ u32 seal_term ‖ u64 seal_index ‖ u64 sealed_size
 *   OUTBOX   pk[32] ‖ u64 seq   -> u8 has_receipt ‖ u64 index ‖ u64 time_ms ‖ u32 len ‖ Receipt
 * frame ‖ entry MISSING  sha256[32]         -> u64 size ‖ u64 index of the first leaf that names it
 *   EVIDENCE u64 number         -> what ‖ (u32 len ‖ bytes)*: notes, frames, leaves
 *   DIVERGED                    -> u64 index ‖ u32 code
 */
#ifndef SB_FOLLOWER_INSIDE_H
#define SB_FOLLOWER_INSIDE_H

#include "nodes/follower/follower.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/proof.h"

enum {
    FOL_TERM = 1,            /* handover is not here yet */
    FOL_AT_BROKER_MAX = 256, /* blobs remembered as held by the broker */
    FOL_OUTBOX_SCAN_MS = 500
};

/* The organisation's cosigning record (DESIGN §4): it never falls. */
typedef struct sb_fol_record {
    uint32_t term;
    uint64_t size; /* 0: nothing cosigned yet */
    uint8_t root[32];
    sb_cosignature cosignature;
    uint32_t seal_term; /* the highest SEAL ever held */
    uint64_t seal_index, sealed_size;
} sb_fol_record;

typedef struct sb_fol_seen {
    uint32_t org;
    sb_cosignature cosignature;
} sb_fol_seen;

typedef struct sb_fol_missing {
    uint8_t sha256[32];
    uint64_t size, index;
    uint64_t erased_index; /* a head that contains this leaf needs no content; UINT64_MAX: none */
    uint64_t asked_ms;     /* monotonic; 0: not yet */
} sb_fol_missing;

typedef struct sb_fol_row {
    uint8_t pk[32];
    uint64_t seq;
    uint8_t id[32];
    bool has_receipt, in_log; /* index */
    bool waits_for_blobs;
    bool was_sent; /* since the broker came up */
    uint64_t index;
    uint64_t sequenced_at_ms;
    uint64_t since_ms, sent_ms; /* monotonic */
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
    sb_commit_builder commit;
    bool committing;

    /* the broker */
    bool broker_up, welcomed;
    uint64_t broker_size;
    uint64_t hello_ms, pull_ms, progress_ms;
    uint64_t window_end; /* leaves up to here were asked for */
    bool broker_refused;
    sb_fail broker_fail;

    /* heads */
    sb_checkpoint head; /* newest verified; size 0: none */
    sb_buf head_note;
    sb_buf early_note;   /* a Certified note beyond what we hold, looked at again later */
    sb_checkpoint offer; /* newest that could be cosigned */
    bool is_offered;     /* … and it is asked for */
    sb_fol_record record;
    uint64_t recosigned_ms;
    bool has_recosigned_ms;
    sb_fol_block block;

    sb_checkpoint seen_head; /* cosignatures below are of this head */
    sb_fol_seen *seen;
    size_t seen_count, seen_cap;
    uint64_t certified_size;
    sb_buf certified_note;
    uint64_t fresh_ms;     /* monotonic: the quorum's time rose last */
    uint64_t fresh_time_s; /* … to this */
    bool has_fresh_ms;
    uint64_t final_size;
    uint8_t final_root[32];

    bool diverged;
    uint64_t diverged_index;
    sb_fail diverged_fail;
    bool conflict;
    uint64_t evidence_count;

    uint64_t erase_from;     /* BLOB_ERASEs below this index are carried out */
    sb_fol_missing *missing; /* rising sha256 */
    size_t missing_count, missing_cap;

    sb_fol_row *rows; /* rising (pk, seq) */
    size_t row_count, row_cap;
    size_t receipted; /* has_receipt and not in_log */
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
void sb_fol_send(sb_follower *f, const Sb__Frame *frame);
/* The leaf's time, also when it is in the commit under way. */
bool sb_fol_leaf_time(sb_follower *f, uint64_t index, uint64_t *time_ms);
/* Keep evidence (`count` pieces) and cosign no more in this term. */
void sb_fol_conflict(sb_follower *f, sb_err code, uint64_t size, const sb_slice *pieces,
                     size_t count);
void sb_fol_put(sb_follower *f, sb_fol_table table, sb_slice key, sb_slice value);
void sb_fol_del(sb_follower *f, sb_fol_table table, sb_slice key);

/* ---- sync.c ---- */
void sb_fol_tick_sync(sb_follower *f, sb_now now);
void sb_fol_on_welcome(sb_follower *f, const Sb__Welcome *welcome, sb_now now);
void sb_fol_on_leaves(sb_follower *f, const sb_fol_event *event);
void sb_fol_pull(sb_follower *f, sb_now now);
/* Parse a note and verify the log's signature by the term's key. */
bool sb_fol_verify_note(sb_follower *f, sb_slice note, sb_checkpoint *out);

/* ---- cosign.c ---- */
void sb_fol_offer(sb_follower *f, const sb_checkpoint *head);
/* Cosign what is offered, if all holds. */
void sb_fol_consider(sb_follower *f, sb_now now);
void sb_fol_resend_cosign(sb_follower *f);
bool sb_fol_load_record(sb_follower *f, sb_slice row);

/* ---- final.c ---- */
void sb_fol_on_note(sb_follower *f, sb_slice note, sb_now now);
/* Look again at what came early, now that there are more leaves. */
void sb_fol_retry_early(sb_follower *f, sb_now now);
void sb_fol_update_final(sb_follower *f);

/* ---- outbox.c ---- */
bool sb_fol_outbox_load(sb_follower *f);
void sb_fol_on_submit(sb_follower *f, const sb_fol_event *event);
void sb_fol_on_receipt(sb_follower *f, const Sb__Frame *frame, sb_now now);
void sb_fol_on_refused(sb_follower *f, const Sb__Refused *refused, sb_now now);
void sb_fol_outbox_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf);
void sb_fol_outbox_final(sb_follower *f);
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

#endif
