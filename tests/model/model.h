/* An exhaustive explorer of DESIGN §4: cosigning, SEAL, PROMISE, HANDOVER, changes of policy.
 *
 * A log is abstracted to a tree of histories. A node of the tree stands for a log up to a head that
 * may be cosigned (one leaf and its STATE); two children of a node are two histories. What was ever
 * sent stays known to the adversary, who delivers it at any time, in any order, or never: messages
 * therefore need no queue, and loss and reordering cost no states.
 *
 * The liars cosign every head, promise every term and claim what they like, but for the
 * cosignatures of the honest. The brokers (of every term) lie: they make any leaf that an honest
 * organisation would accept, at any place, as often as the bounds allow. */
#ifndef SB_TESTS_MODEL_MODEL_H
#define SB_TESTS_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SB_MODEL_NODES 24 /* of a state, with what the honest continuation adds */
#define SB_MODEL_ORGS 7
#define SB_MODEL_TERMS 7
#define SB_MODEL_POLICIES 3
#define SB_MODEL_HANDOVERS 256
#define SB_NONE 0xff

typedef enum {
    SB_LEAF_GENESIS,
    SB_LEAF_ENTRY,
    SB_LEAF_SEAL,     /* arg: size of the head that it names */
    SB_LEAF_HANDOVER, /* arg: size of the sealed head that it names; term */
    SB_LEAF_CHANGE,   /* arg: the policy asked for */
    SB_LEAF_WITHDRAW
} sb_leaf;

/* M(id, name, what is done wrong): the rules with one mistake in them. */
#define SB_MODEL_MISTAKES(M)                                                                       \
    M(ONE_ROUND, "one-round", "a certified head is final, without a second one over its SEAL")     \
    M(SEAL_OLD_TERM, "seal-old-term", "a SEAL may name a head of an earlier term")                 \
    M(RANK_SIZE, "rank-size", "promises rank by the size of the sealed head alone")                \
    M(RANK_LEAF_TERM, "rank-leaf-term", "a SEAL ranks by the term of the leaf that carries it")    \
    M(SEAL_FROM_LOG, "seal-from-log", "a promise names the highest SEAL leaf of the present log")  \
    M(SEAL_UNVERIFIED, "seal-unverified", "a HANDOVER's highest SEAL is believed unverified")      \
    M(RECORD_PER_KEY, "record-per-key", "a new witness key starts with an empty record")           \
    M(OLD_UNTIL_FINAL, "old-until-final", "the old policy alone holds until the new is final")     \
    M(PROMISE_UNSTORED, "promise-unstored", "a promise is sent but not stored")                    \
    M(OLD_AFTER_PROMISE, "old-after-promise", "an older term is cosigned after a promise")         \
    M(LAST_UNSTORED, "last-unstored", "the last cosigned head is not stored")                      \
    M(QUORUM_BY_KEY, "quorum-by-key", "a quorum counts keys; the liar has two")                    \
    M(FINAL_ACROSS, "final-across", "the second certified head may be of a later term")            \
    M(NEW_AT_SEAL, "new-at-seal", "the new policy alone holds from the SEAL that covers it")       \
    M(JUDGED_AT_HEAD, "judged-at-head", "a HANDOVER is judged by the policy before its SEAL")      \
    M(SEAL_OLD_ONLY, "seal-old-only", "the SEAL that covers a change needs the old policy alone")  \
    M(SEAL_AT_LEAF, "seal-at-leaf", "a change withdrawn after the sealed head needs no new one")   \
    M(KEPT_IS_SEALED, "kept-is-sealed", "a HANDOVER seals also the extension that it keeps")       \
    M(KEEP_ANY, "keep-any", "a HANDOVER keeps what any one promiser says it cosigned")             \
    M(DESTROY_EARLY, "destroy-early", "a removed organisation destroys its key at the SEAL")       \
    M(NO_RESEND, "no-resend", "what was stored but not sent is not sent again")                    \
    M(HANDOVER_UNSEALED, "handover-unsealed", "a head that adds only a HANDOVER is not sealed")    \
    M(CHANGE_UNSEALED, "change-unsealed",                                                          \
      "a head that adds only a SEAL is not sealed for a change either")                            \
    M(NO_NEW_NUMBER, "no-new-number", "after a split vote no higher term is promised")

typedef enum {
#define M(id, name, words) SB_WRONG_##id,
    SB_MODEL_MISTAKES(M)
#undef M
        SB_WRONG_COUNT
} sb_mistake;

typedef struct sb_cfg sb_cfg;
typedef struct sb_state sb_state;

/* A bounded scenario. Masks are of organisations. */
struct sb_cfg {
    const char *name;
    const char *words;
    uint8_t orgs;
    uint8_t liars;
    uint8_t dead; /* honest, but never there */
    /* members; the first holds at genesis, each change asks for the next */
    uint8_t policy[SB_MODEL_POLICIES];
    uint8_t changes; /* how many changes may be asked for */
    uint8_t terms;
    uint8_t nodes;   /* leaves after genesis, over all histories */
    uint8_t entries; /* of them entries that change nothing but the log */
    uint8_t twins;   /* leaves of one kind and content on one node: two histories from 2 on */
    bool withdraw;
    bool rekey;  /* each organisation may once get a new witness key */
    bool hold;   /* organisations learn SEALs also from logs that they don't cosign */
    bool lossy;  /* a crash between storing and sending: stored, never sent */
    bool keeps;  /* what is certified outlives its broker where no promise lies */
    bool live;   /* from every state: the honest alone make everything final in a further term */
    bool honest; /* the brokers don't lie, but may be lost: run.c, and everything becomes final */
    uint8_t submitted; /* entries waiting in outboxes, then */
    uint8_t keys;      /* standbys that ask for one term; in the last term it is one */
    uint32_t wrong;    /* bits of sb_mistake */
    void (*start)(const sb_cfg *cfg, sb_state *state); /* NULL: from genesis */
};

/* What an organisation keeps: pointers are indices of nodes; 0 is genesis. */
typedef struct {
    uint8_t last;      /* the head it cosigned last */
    uint8_t seal;      /* the highest sealed head it ever held */
    uint8_t seal_term; /* what that ranks by: its term */
    uint8_t promised;  /* the highest term promised, or 1 */
} sb_record;

typedef struct {
    sb_record mem, disk;
    uint8_t pseal[SB_MODEL_TERMS + 1]; /* its promise for a term, as sent: SEAL, or SB_NONE */
    uint8_t pseal_term[SB_MODEL_TERMS + 1];
    uint8_t plast[SB_MODEL_TERMS + 1];
    /* with honest brokers: 2 * the key promised, + 1 when it was sent */
    uint8_t pkey[SB_MODEL_TERMS + 1];
    bool rekeyed;
} sb_org;

typedef struct {
    uint8_t parent, kind, arg, term; /* term: of a HANDOVER, else 0 */
    uint8_t cos;                     /* the honest that sent a cosignature over it */
} sb_node;

struct sb_state {
    uint8_t count;
    uint8_t gone; /* honest brokers: the terms whose broker is lost, bit by bit */
    sb_node node[SB_MODEL_NODES];
    sb_org org[SB_MODEL_ORGS];
};

/* The policy after a leaf (DESIGN §4, Quorum). */
typedef struct {
    uint8_t cur, next, start, pending, pending_at;
} sb_policy;

/* What follows from a state: computed anew for each. */
typedef struct {
    uint32_t above[SB_MODEL_NODES]; /* the node's prefixes and itself */
    uint8_t size[SB_MODEL_NODES], term[SB_MODEL_NODES];
    sb_policy policy[SB_MODEL_NODES];
    bool certified[SB_MODEL_NODES], sealable[SB_MODEL_NODES];
    uint8_t final_term[SB_MODEL_NODES]; /* 0: not final */
} sb_view;

typedef enum {
    SB_DO_COSIGN,
    SB_DO_PROMISE,
    SB_DO_CRASH,
    SB_DO_REKEY,
    SB_DO_HOLD,
    SB_DO_APPEND,
    SB_DO_LOSE,
    SB_DO_RESEND
} sb_do;

typedef struct {
    sb_do what;
    uint8_t org, node, term;
    bool fresh;  /* the node was made for this step */
    bool lost;   /* stored, and not sent */
    bool helped; /* needs something of a liar */
} sb_action;

/* A HANDOVER that a broker of the term could make now. */
typedef struct {
    uint8_t term, seal, base, promisers; /* promisers: the honest of them */
} sb_handover;

typedef void sb_emit(void *ctx, const sb_state *next, const sb_action *action);

static inline bool sb_is_wrong(const sb_cfg *cfg, sb_mistake mistake)
{
    return (cfg->wrong >> mistake & 1) != 0;
}

static inline bool sb_extends(const sb_view *view, uint8_t node, uint8_t prefix)
{
    return (view->above[node] >> prefix & 1) != 0;
}

static inline unsigned sb_ones(unsigned mask)
{
    mask -= mask >> 1 & 0x55;
    mask = (mask & 0x33) + (mask >> 2 & 0x33);
    return (mask + (mask >> 4)) & 0x0f;
}

static inline uint8_t sb_honest(const sb_cfg *cfg)
{
    return (uint8_t)(((1u << cfg->orgs) - 1) & ~(unsigned)(cfg->liars | cfg->dead));
}

/* rules.c: what an organisation accepts. */
void sb_model_genesis(const sb_cfg *cfg, sb_state *state);
uint8_t sb_model_append(sb_state *state, uint8_t parent, sb_leaf kind, uint8_t arg, uint8_t term);
/* Fills in view; counted: whose cosignatures exist or could be had (the liars, or none). */
void sb_model_view(const sb_cfg *cfg, const sb_state *state, uint8_t counted, sb_view *view);
void sb_model_view_node(const sb_cfg *cfg, const sb_state *state, sb_view *view, uint8_t node);
uint8_t sb_model_prefix(const sb_state *state, const sb_view *view, uint8_t node, uint8_t size);
bool sb_model_satisfied(const sb_cfg *cfg, uint8_t orgs, const uint8_t policies[3]);
sb_policy sb_model_after(const sb_view *view, uint8_t sealed);
bool sb_model_may_cosign(const sb_cfg *cfg, const sb_state *state, const sb_view *view, uint8_t org,
                         uint8_t node);
void sb_model_cosign(const sb_cfg *cfg, sb_state *state, const sb_view *view, uint8_t org,
                     uint8_t node);
void sb_model_hold(const sb_cfg *cfg, sb_state *state, const sb_view *view, uint8_t org,
                   uint8_t node);
bool sb_model_may_promise(const sb_state *state, const sb_view *view, uint8_t org, uint8_t term);
void sb_model_promise(const sb_cfg *cfg, sb_state *state, const sb_view *view, uint8_t org,
                      uint8_t term);
bool sb_model_may_seal(const sb_cfg *cfg, const sb_state *state, const sb_view *view,
                       uint8_t parent, uint8_t sealed);

/* handover.c: every HANDOVER that the promises for a term allow. Returns how many. */
size_t sb_model_handovers(const sb_cfg *cfg, const sb_state *state, const sb_view *view,
                          uint8_t liars, uint8_t term, sb_handover *out);

/* step.c: all that can happen next; and what must never be. */
void sb_model_step(const sb_cfg *cfg, const sb_state *state, sb_emit *emit, void *ctx);
/* The same with brokers that don't lie; done: all that was submitted is final, by the honest alone. */
void sb_model_run(const sb_cfg *cfg, const sb_state *state, sb_emit *emit, void *ctx);
bool sb_model_done(const sb_cfg *cfg, const sb_state *state);
/* NULL, or what is broken, in words (in text). */
const char *sb_model_broken(const sb_cfg *cfg, const sb_state *state, char *text, size_t size);

/* live.c: NULL when the honest alone, in a further term, make all final; else where they stick. */
const char *sb_model_stuck(const sb_cfg *cfg, const sb_state *state, char *text, size_t size);

/* canon.c: one spelling for states that differ in the names of like organisations and histories. */
#define SB_MODEL_CODE_MAX 320
#define SB_MODEL_NAMINGS 120
typedef struct {
    uint8_t to[SB_MODEL_NAMINGS][SB_MODEL_ORGS]; /* organisation i is called to[i] */
    size_t count;
} sb_names;
/* All ways to name organisations that are alike. */
void sb_model_namings(const sb_cfg *cfg, sb_names *names);
size_t sb_model_encode(const sb_cfg *cfg, const sb_names *names, const sb_state *state,
                       uint8_t *code);
void sb_model_decode(const sb_cfg *cfg, const uint8_t *code, sb_state *state);

/* space.c: the states found so far. */
typedef struct {
    uint8_t *bytes; /* their spellings, one after the other */
    size_t used, room;
    size_t *offset;
    uint32_t *from; /* the state it was first reached from */
    uint16_t *depth;
    uint32_t count, limit;
    uint32_t *slot; /* index + 1 */
    size_t slots;
    bool full; /* a state was left out */
} sb_space;
/* The state's index, old or new; UINT32_MAX when there is no room for a new one. */
uint32_t sb_space_add(sb_space *space, const uint8_t *code, size_t length, uint32_t from);
const uint8_t *sb_space_at(const sb_space *space, uint32_t index, size_t *length);
uint64_t sb_space_bytes(const sb_space *space);
void sb_space_free(sb_space *space);

typedef struct {
    uint64_t states, steps;
    uint32_t depth;
    bool whole;      /* every reachable state within the bounds was seen */
    bool broken;     /* a counterexample was found */
    char words[200]; /* what is broken */
    uint64_t bytes;  /* of memory for the states */
} sb_result;

/* trace.c: the steps to a state, for people. */
void sb_model_print(const sb_cfg *cfg, const sb_names *names, const sb_space *space, uint32_t last);
/* ending.c: over all states of an honest scenario: that the end stays in reach of each by steps in
 * which nothing is lost and no liar helps. Broken: a state from which it isn't. */
void sb_model_explore_ending(const sb_cfg *cfg, uint64_t states_max, bool show, sb_result *result);
/* explore.c: breadth first, so that the counterexample is a shortest one; printed when show. */
void sb_model_explore(const sb_cfg *cfg, uint64_t states_max, bool show, sb_result *result);

/* scenarios.c */
const sb_cfg *sb_model_scenario(const char *name); /* NULL: none of that name */
const sb_cfg *sb_model_scenarios(size_t *count);
const char *sb_model_mistake_name(sb_mistake mistake);
const char *sb_model_mistake_words(sb_mistake mistake);

#endif
