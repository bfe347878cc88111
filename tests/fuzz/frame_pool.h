/* What the frame fuzzers say to the cores: frames that a fuzzer doesn't guess, made of a federation's
 * real histories and keys, whole or with some fields changed, and any bytes that decode.
 *
 * Four histories of one genesis: A in two terms, B that forks in term 1, C whose second term is
 * another broker's, D with a STATE that is wrong. All keys are the fuzzer's: log keys, witnesses
 * (but the one that the node under test has, as the scripts choose), authorities, members. */
#ifndef SB_TESTS_FUZZ_FRAME_POOL_H
#define SB_TESTS_FUZZ_FRAME_POOL_H

#include "proto/merkle/checkpoint.h"
#include "proto/wire/frame.h"
#include "proto/wire/logio.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/fed_terms.h"
#include "tests/sim/sim_store.h"

enum { FZ_HISTORIES = 4, FZ_ORGS = 4, FZ_LOG_KEYS = 3, FZ_ENTRIES_MAX = 16 };

typedef struct fz_history {
    sb_slice *leaves;
    size_t count, handover; /* index of its HANDOVER; count: none */
    size_t sealed;          /* a size that the first term sealed; STATE is its last leaf */
    sb_tree *tree;
    const fed_key *log[2]; /* of term 1 and 2 */
} fz_history;

typedef struct fz_pool {
    fed *f, *b, *c; /* of A: keys and ids; of B and C: their leaves */
    fz_history histories[FZ_HISTORIES];
    sb_slice entries[FZ_ENTRIES_MAX]; /* signed, that no history has */
    size_t entry_count;
    uint64_t now_ms; /* legal: after everything */
} fz_pool;

/* Made once. */
fz_pool *fz_pool_get(void);
uint32_t fz_term_at(const fz_history *h, uint64_t size);
void fz_root(const fz_history *h, uint64_t size, uint8_t root[32]);
/* The head of a history in its own term, its log's signature and these organisations'. */
sb_slice fz_note(fz_pool *p, const fz_history *h, uint64_t size, uint32_t orgs, uint64_t time_s,
                 sb_arena *arena);

/* The next frame of the script, decoded as the shells do; NULL: no frame comes of it. */
const Sb__Frame *fz_frame(fz_pool *p, sb_script *s, sb_arena *arena);
/* Leaves first…first+n-1 of a history, under the head of `size`. */
const Sb__Frame *fz_leaves(fz_pool *p, const fz_history *h, uint64_t first, uint64_t n,
                           uint64_t size, sb_arena *arena);
const Sb__Frame *fz_welcome(fz_pool *p, const fz_history *h, uint64_t size, sb_arena *arena);
const Sb__Frame *fz_certified(fz_pool *p, const fz_history *h, uint64_t size, uint32_t orgs,
                              sb_arena *arena);
const Sb__Frame *fz_pull(uint64_t from, uint32_t credit, sb_arena *arena);
const Sb__Frame *fz_hello(fz_pool *p, uint64_t size, uint32_t term, sb_arena *arena);
const Sb__Frame *fz_submit(sb_slice entry, sb_arena *arena);
/* An entry of the pool or of a history, or one signed here over a payload of the script's. */
sb_slice fz_entry(fz_pool *p, sb_script *s, sb_arena *arena);

/* What a shell opens before it feeds a frame: leaves, an entry, an offered leaf. */
typedef struct fz_opened {
    sb_leaf *leaves;
    size_t count; /* of those that opened, in order */
    sb_fail fail; /* why the next one didn't */
} fz_opened;
void fz_open(const Sb__Frame *frame, sb_arena *arena, fz_opened *out);

/* A store that holds the first `size` leaves of a history; a deep copy of a store. */
void fz_store_of(const fz_history *h, uint64_t size, sim_store *out);
void fz_store_clone(const sim_store *from, sim_store *to);
/* The roots of the log that is stored. */
void fz_store_root(const sim_store *s, uint64_t size, uint8_t root[32]);

#endif
