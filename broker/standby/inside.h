/* Inside the standby: its state, and what its files give each other.
 *   standby.c   events, effects, opening     follow.c    greeting, asking for leaves, taking them
 *   offer.c     HANDOVERs of later terms     promises.c  silence, asking, gathering
 *   decide.c    what the promises come to    handover.c  making HANDOVER
 *   fit.c       … so that it fits in a leaf               missing.c   attachments
 *   answers.c   who has promised, would, or says why not, for the operator
 */
#ifndef SB_STANDBY_INSIDE_H
#define SB_STANDBY_INSIDE_H

#include "broker/standby/missing.h"
#include "broker/standby/standby.h"
#include "proto/base/cursor.h"
#include "proto/base/limits.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/proof.h"
#include "proto/wire/pace.h"
#include "proto/wire/payload.h"
#include "proto/wire/promise.h"

enum {
    STB_PULL_FRAMES = 4,       /* a node answers a Pull with so many at most */
    STB_IDLE_PULL_MS = 5000,   /* nothing is known to be missing */
    STB_MISFIT_MS = 10 * 1000, /* a node whose leaves don't fit isn't asked for so long */
    STB_UNPROVED_MS =
        10 * 1000,      /* an offer goes before one that can't be judged so long without leaves */
    STB_JUDGE_MS = 500, /* the promises are looked at again */
    STB_LIFE_MS = 1000, /* signs of life are looked for at most so often */
    STB_ORIGIN_CAP = SB_ORIGIN_BYTES_MAX + 1
};

typedef struct stb_peer {
    uint64_t id;
    uint8_t curve_pk[32];
    bool welcomed, refused; /* refused: the fold refuses what it says is the log */
    uint32_t term;
    uint64_t size;
    uint64_t hello_ms; /* monotonic; 0: not yet */
    uint64_t ask_ms;   /* PromiseAsk */
    uint64_t misfit_ms;
    bool has_misfit;
    uint32_t would_term; /* it would promise us this term; 0: none */
    uint8_t would_pk[32];
    sb_head would_seal; /* the highest SEAL that it holds; size 0: none */
    uint64_t would_ms;  /* … as it said then */
    uint32_t no_term;   /* it promised nothing when asked for this term; 0: none */
    sb_fail no;         /* … and said why */
} stb_peer;

/* A promise that names our key and the term asked for; its signature holds. */
typedef struct stb_promise {
    uint8_t pk[32];
    sb_promise said;
    uint8_t signature[64];
    Sb__Cosignature *cosignatures; /* of said.seal; the bytes in `arena` */
    size_t cosignature_count;
    uint64_t peer;  /* who brought it; 0: before a restart */
    bool seal_void; /* its cosignatures of the SEAL don't hold: another's may */
    bool left_out;  /* its SEAL is false, or nobody has it; or the key isn't in force there */
    bool head_void; /* nobody has the head that it cosigned last, or too few cosigned it */
} stb_promise;

/* Under whose signature leaves are taken that lie before a HANDOVER we don't hold yet. */
typedef struct stb_offer {
    bool has;
    bool by_quorum; /* of promises by keys that we know */
    uint32_t term;
    uint8_t log_pk[32];
    uint64_t from; /* what we held when we began */
    uint64_t peer;
    uint64_t alive_ms; /* monotonic: taken up, or the last leaves under its key */
} stb_offer;

struct sb_standby {
    sb_ledger *ledger;
    sb_log_reader log;
    sb_kv *own;
    const sb_secret *log_key;
    uint8_t federation_id[32];
    const char *slug;
    bool take_over;

    uint64_t committed;
    bool started, committing, done;
    sb_commit_builder commit;
    bool rewinds; /* at this step's end */
    uint64_t rewind_size;
    sb_buf rewind_probe;
    bool wants_rewind; /* … at a later one's: there is something to commit first */
    uint64_t wanted_size;

    stb_peer peers[SB_STANDBY_PEERS_MAX];
    size_t peer_count;
    uint64_t source; /* peer asked for leaves last */
    sb_pace pace;    /* of asking for leaves; zero: another one, at once */
    uint64_t window_end;
    uint32_t pull_frames;  /* that came since */
    uint32_t known_frames; /* … with nothing new, of who was asked */
    stb_offer offer;
    bool diverged;      /* the fold refuses what the term's log key signed */
    uint64_t misfit_ms; /* the newest, of any node */
    bool has_misfit;
    sb_missing missing;

    uint64_t alive_ms;     /* monotonic: the newest sign of life */
    uint64_t alive_time_s; /* … and its cosigning time */
    uint64_t life_looked_ms;

    uint32_t seen_term;  /* the highest that anybody told us of */
    uint32_t asked_term; /* 0: none yet */
    bool asking, split;
    bool has_asked;    /* asked_term is of this order to take over */
    bool ask_at_once;  /* news: don't wait for the next round */
    bool has_bound;    /* this term was asked for so that it binds who answers */
    bool would_news;   /* another one would */
    uint64_t asked_ms; /* of this term, first */
    stb_promise *promises;
    size_t promise_count;
    sb_arena promise_arena;
    bool has_refusal;
    sb_fail refusal;

    sb_standby_phase phase;
    uint64_t judge_ms;
    bool judge_due;
    sb_head fetch; /* size 0: nothing is fetched */
    uint64_t fetch_ms;
    bool fetch_cut;   /* our log was cut for it: leaves come from who named it */
    uint64_t void_ms; /* what was looked for was given up last; later all are tried again */
    bool has_void;

    sb_arena out_arena, scratch;
    sb_standby_effect *out;
    size_t out_count, out_cap;
    sb_standby_effect last_effect;
    sb_buf frame;
    sb_tree *tree; /* to try a range of leaves on */
    bool fatal;
};

/* ---- standby.c ---- */
sb_standby_effect *sb_stb_emit(sb_standby *s, sb_standby_effect_kind kind);
void sb_stb_send(sb_standby *s, uint64_t peer, const Sb__Frame *frame);
void sb_stb_fatal(sb_standby *s, const sb_fail *fail);
void sb_stb_put_term(sb_standby *s, sb_standby_table table, uint32_t term);
/* table ‖ term ‖ rest, in the scratch arena. */
sb_slice sb_stb_key(sb_standby *s, sb_standby_table table, uint32_t term, sb_slice rest);
/* Cut the log to `size` at this step's end; `probe` may be empty. */
void sb_stb_rewind(sb_standby *s, uint64_t size, sb_slice probe);
/* What of our log is final by the leaves alone: a later sealed head contains its SEAL. */
uint64_t sb_stb_final(sb_standby *s);
/* We hold this very head. */
bool sb_stb_holds(sb_standby *s, const sb_head *head);
stb_peer *sb_stb_peer(sb_standby *s, uint64_t id);
/* Somebody says that this term exists. */
void sb_stb_saw_term(sb_standby *s, uint32_t term);
/* The origin of a term's heads. */
bool sb_stb_origin(const sb_standby *s, uint32_t term, char out[STB_ORIGIN_CAP]);
bool sb_stb_own_row(sb_standby *s, sb_standby_table table, sb_slice *value);

/* ---- follow.c ---- */
void sb_stb_tick_follow(sb_standby *s, sb_now now);
void sb_stb_on_hello(sb_standby *s, uint64_t peer, const Sb__Frame *frame, sb_now now);
void sb_stb_on_welcome(sb_standby *s, uint64_t peer, const Sb__Welcome *welcome);
void sb_stb_on_leaves(sb_standby *s, const sb_standby_event *event);
/* Ask on, when all is here that was asked for. */
void sb_stb_pull_on(sb_standby *s, sb_now now);
/* The peer showed a note that we can't verify: if it is of a later term, greet the peer anew, so that
 * it shows us the HANDOVER. */
void sb_stb_later_note(sb_standby *s, stb_peer *peer, sb_slice note, sb_now now);

/* ---- offer.c ---- */
void sb_stb_on_offer(sb_standby *s, const sb_standby_event *event);
/* Leaves under the offered key don't fit on ours, or the fold refused one. */
void sb_stb_offer_misfits(sb_standby *s);
void sb_stb_offer_refused(sb_standby *s);
/* The fold refused the HANDOVER that a rewind had as its probe. */
void sb_stb_cut_refused(sb_standby *s, const sb_standby_event *event);
void sb_stb_rewind_wanted(sb_standby *s);

/* ---- promises.c ---- */
void sb_stb_on_life(sb_standby *s, uint64_t peer, sb_slice note, sb_now now);
/* How long an enrolled standby waits for signs of life, and by how much the earlier ones in the
 * charter go before it: who ask at one time split the vote. False: it isn't enrolled. */
bool sb_stb_is_enrolled(sb_standby *s, uint64_t *silence_ms, uint64_t *after_ms);
void sb_stb_tick_ask(sb_standby *s, sb_now now);
void sb_stb_on_promise(sb_standby *s, uint64_t peer, const Sb__PromiseGiven *given, sb_now now);
void sb_stb_on_refused(sb_standby *s, uint64_t peer, const Sb__Refused *refused);
bool sb_stb_load_promises(sb_standby *s);
/* Those that have promised, and that would as they said lately: by which key, with which SEAL. The first
 * `promised` have. In scratch. */
typedef struct stb_willing {
    uint8_t (*pks)[32];
    const sb_head **seals;
    size_t count, promised;
} stb_willing;
stb_willing sb_stb_willing(sb_standby *s, sb_now now);
/* The head that their HANDOVER would be judged by; 0: nothing is sealed. */
uint64_t sb_stb_judged_at(sb_standby *s, const stb_willing *w);
/* Would the first `count` of them be its quorum? have, needed as for sb_ledger_quorum. */
bool sb_stb_suffice(sb_standby *s, const stb_willing *w, size_t count, uint32_t *have,
                    uint32_t *needed);
bool sb_stb_would(const sb_standby *s, const stb_peer *peer, sb_now now);

/* ---- decide.c ---- */
void sb_stb_tick_decide(sb_standby *s, sb_now now);
/* Opened anew to go back: what is looked for, how long, what was given up, and who promised what. */
void sb_stb_go_on(sb_standby *s, const sb_standby *before);

/* ---- handover.c ---- */
/* The message that continues from `base`, with every promise that may stand in it; in scratch.
 * `sealed`: the promise that names the highest SEAL; NULL: none does. Longer heads get
 * proofs until `support` promisers bear `base`. */
Sb__Handover *sb_stb_message(sb_standby *s, const sb_head *base, const stb_promise *sealed,
                             uint32_t support);
/* Leave out of it what no quorum needs until it fits in a leaf, cosignatures first; `sealed`: the
 * highest SEAL that it names. False: it can't be made to. */
bool sb_stb_fit(sb_standby *s, Sb__Handover *m, const sb_head *sealed);
size_t sb_stb_message_bytes(const Sb__Handover *m);
/* It is decided: make the entry, and cut or append. */
void sb_stb_change(sb_standby *s, const Sb__Handover *m, sb_now now);
/* A HANDOVER of ours that was stored and isn't in the log yet: append it. True: there is one. */
bool sb_stb_append_stored(sb_standby *s);

#endif
