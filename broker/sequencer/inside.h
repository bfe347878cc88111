/* Inside the sequencer: its state, and what its files give each other.
 *   sequencer.c  events, effects, batches     admit.c  from entry to leaf, system entries
 *   heads.c      signing, cosigning, sealing  push.c   peers, credit, frames out
 *   terms.c      showing HANDOVERs, and being shown one
 *   start.c      a start over an old store: who greets is heard first
 */
#ifndef SB_SEQUENCER_INSIDE_H
#define SB_SEQUENCER_INSIDE_H

#include "broker/sequencer/sequencer.h"
#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"

enum {
    SEQ_HEADS_MAX = 4, /* offered at a time; the oldest goes */
    SEQ_RECEIPTS_MAX = SB_QUEUE_FRAMES_MAX,
    SEQ_CLOCKS_MAX = SB_ORGANISATIONS_MAX,
    SEQ_SHOW_MS = 2000,                       /* HANDOVERs are shown again */
    SEQ_FORWARD_MS = 200,                     /* late cosignatures are gathered for so long */
    SEQ_FORWARD_PARTIAL_MS = 1000,            /* … of a head that has no quorum yet */
    SEQ_DUE_MAX = SB_RESULTS_PENDING_MAX + 64 /* system entries due at one time */
};

typedef struct sb_seq_peer {
    uint64_t id;
    uint8_t curve_pk[32];
    uint64_t next;             /* the leaf to push next */
    uint32_t credit;           /* leaves it still takes */
    uint32_t frame_leaves_max; /* … and of one frame: by the credit that it asked with */
    uint64_t pushed_ms;        /* monotonic: when it last got leaves */
    uint32_t pushed_leaves;    /* … and how many */
    bool greeted;              /* its Hello said `term` and `size` */
    uint32_t term;
    uint64_t size;
    uint64_t hello_request;
    bool welcomed;
    uint32_t shown_term; /* of a HANDOVER it showed that we can't judge; 0: none */
    bool has_ours;       /* it pulls from behind our term's HANDOVER */
    uint64_t offered_ms; /* monotonic: HANDOVERs were shown to it; 0: never */
} sb_seq_peer;

/* A receipt that waits for the commit. */
typedef struct sb_seq_receipt {
    uint64_t peer, request, index, time_ms;
    uint8_t entry_id[32];
} sb_seq_receipt;

typedef struct sb_seq_cosign {
    uint8_t pk[32];
    char org[SB_ID_BYTES_MAX + 1]; /* whose it is, as of when it came */
    sb_cosignature cosignature;
} sb_seq_cosign;

/* A head that the witnesses are asked to cosign. */
typedef struct sb_seq_head {
    sb_checkpoint head;
    uint64_t real_size; /* size after its newest leaf that is neither STATE nor SEAL */
    uint64_t first_ms;  /* monotonic: offered first, offered last, cosignatures forwarded last */
    uint64_t offered_ms, forwarded_ms;
    bool certified;
    bool has_news;          /* cosignatures that weren't forwarded */
    sb_buf note;            /* with the log's signature alone */
    sb_seq_cosign *cosigns; /* rising pk */
    size_t cosign_count, cosign_cap;
} sb_seq_head;

/* What an organisation's cosigning times tell of its node's clock. */
typedef struct sb_seq_clock {
    uint32_t organisation;
    uint8_t pk[32];
    uint64_t time_s;  /* the newest seen; 0: none */
    int64_t ahead_ms; /* of our monotonic clock, when it was measured */
    bool measured;
} sb_seq_clock;

struct sb_sequencer {
    sb_ledger *ledger;
    sb_log_reader log;
    const sb_secret *log_key;
    bool watches_jumps;
    uint32_t frame_leaves_max;
    bool awaits;             /* nothing is ordered before enough nodes have greeted */
    uint64_t awaits_from_ms; /* monotonic; 0: no step yet */

    uint64_t committed; /* leaves that are durable */
    sb_commit_builder batch;
    bool committing; /* COMMIT is out */
    bool fatal;
    bool is_over; /* a later term exists; the row that says so is being committed */
    sb_fail over_fail;
    sb_seq_receipt *receipts;
    size_t receipt_count, receipt_cap;
    sb_tree_memo proved; /* of committed leaves: they stay */

    sb_checkpoint signed_head; /* size 0: none yet */
    sb_buf signed_note;
    sb_seq_head heads[SEQ_HEADS_MAX]; /* rising size */
    size_t head_count;
    uint64_t certified_size;
    uint64_t erase_from;      /* BLOB_ERASEs below this index are carried out… */
    uint64_t erase_certified; /* … as of this certified size */
    sb_buf certified_note;
    uint64_t real_size; /* of the ledger's log */
    uint64_t state_ms;  /* monotonic, of the newest STATE */
    bool has_state_ms;

    sb_seq_clock clocks[SEQ_CLOCKS_MAX];
    size_t clock_count;
    bool clock_known;
    int64_t clock_ahead_ms; /* the nodes' median clock, of our monotonic one */
    int64_t
        legal_ahead_ms; /* our legal clock, of it: as of this step, or of the last measurement */

    sb_seq_peer peers[SB_SEQ_PEERS_MAX];
    size_t peer_count;

    /* effects under way: delivered at the step's end, or after COMMITTED */
    sb_arena out_arena;
    sb_seq_effect *out;
    size_t out_count, out_cap;
    sb_seq_effect commit_effect;
    sb_arena scratch; /* of one step */
    sb_buf frame;
};

/* ---- sequencer.c ---- */
void sb_seq_fatal(sb_sequencer *s, const sb_fail *fail);
/* An effect at the end of the list. */
sb_seq_effect *sb_seq_emit(sb_sequencer *s, sb_seq_effect_kind kind);

/* ---- admit.c ---- */
void sb_seq_submit(sb_sequencer *s, const sb_seq_event *event);
/* Append the RESULTs and TICKs that are due. */
void sb_seq_append_due(sb_sequencer *s, sb_now now);
void sb_seq_append_state(sb_sequencer *s, sb_now now);
/* False: the ledger refused it (fail). */
bool sb_seq_append_seal(sb_sequencer *s, const sb_seq_head *head, sb_now now, sb_fail *fail);
/* The receipts of the batch that is now durable. */
void sb_seq_send_receipts(sb_sequencer *s);

/* ---- heads.c ---- */
/* Sign the head of the committed size and offer it when it can be cosigned. */
void sb_seq_sign_head(sb_sequencer *s, sb_now now);
/* A checkpoint note for a committed size, appended. False after sb_seq_fatal. */
bool sb_seq_note_at(sb_sequencer *s, uint64_t size, sb_buf *note);
void sb_seq_cosign_frame(sb_sequencer *s, const Sb__Cosign *cosign, sb_now now);
/* A node shows a head that we are said to have signed. */
void sb_seq_evidence_frame(sb_sequencer *s, const Sb__Certified *certified);
/* Seal what is certified, state what is new. */
void sb_seq_extend_heads(sb_sequencer *s, sb_now now);
/* Offer again, forward cosignatures. */
void sb_seq_tend_heads(sb_sequencer *s, sb_now now);
/* The nodes' median clock less ours; 0: not known. */
int64_t sb_seq_clock_off(const sb_sequencer *s);
bool sb_seq_clock_bad(sb_sequencer *s);
/* The newest head that is final. False: none known. */
bool sb_seq_final(sb_sequencer *s, uint64_t *size, uint8_t root[32]);

/* ---- terms.c ---- */
/* Show a peer each HANDOVER that its log lacks, if it is time. */
void sb_seq_show_handovers(sb_sequencer *s, sb_seq_peer *peer, sb_now now);
/* … and those who were there before we took over, haven't greeted since and don't pull from behind it.
 */
void sb_seq_announce(sb_sequencer *s, sb_now now);
/* Who pulls from here on has our HANDOVER, or lacks it. */
void sb_seq_pulls_from(sb_sequencer *s, sb_seq_peer *peer, uint64_t from);
/* A HANDOVER that is shown to us: it ends our term, or many enough show one that we can't judge. */
void sb_seq_offer_frame(sb_sequencer *s, const sb_seq_event *event);
sb_err sb_seq_term_over(sb_fail *fail, uint32_t term, uint32_t ours);

/* ---- start.c ---- */
bool sb_seq_must_await(sb_sequencer *s);
/* Is it time to order? Who has greeted is welcomed then. */
void sb_seq_await(sb_sequencer *s, sb_now now);
/* Shall this greeting be answered by and by? */
bool sb_seq_keeps_waiting(const sb_sequencer *s, const sb_seq_peer *peer);

/* ---- push.c ---- */
sb_seq_peer *sb_seq_peer_find(sb_sequencer *s, uint64_t id);
void sb_seq_peer_up(sb_sequencer *s, uint64_t id, const uint8_t curve_pk[32]);
void sb_seq_peer_down(sb_sequencer *s, uint64_t id);
void sb_seq_send(sb_sequencer *s, uint64_t peer, const Sb__Frame *frame);
void sb_seq_send_all(sb_sequencer *s, const Sb__Frame *frame);
void sb_seq_send_refused(sb_sequencer *s, uint64_t peer, uint64_t request,
                         const uint8_t entry_id[32], const sb_fail *fail);
/* A note as a Certified frame to one peer (0: to all). */
void sb_seq_send_note(sb_sequencer *s, uint64_t peer, sb_slice note);
void sb_seq_hello_frame(sb_sequencer *s, uint64_t peer, const Sb__Frame *frame, sb_now now);
void sb_seq_welcome(sb_sequencer *s, uint64_t peer, uint64_t request);
void sb_seq_pull_frame(sb_sequencer *s, uint64_t peer, const Sb__Pull *pull, sb_now now);
/* Push to everyone what credit and the step's bound allow; while more come, what isn't gathered. */
void sb_seq_push_all(sb_sequencer *s, bool more_come, sb_now now);

#endif
