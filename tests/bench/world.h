/* One question that everybody votes on: a federation whose body has many voting seats, all met, the
 * question open; then ballots without end, each replacing its seat's last. Signed before anything is
 * measured, since an entry's id doesn't depend on where the log puts it.
 */
#ifndef SB_TESTS_BENCH_WORLD_H
#define SB_TESTS_BENCH_WORLD_H

#include "nodes/host/pool.h"
#include "tests/lib/play.h"

/* Lane i mod BENCH_LANES of a file of submissions is one sender's: a seat is always in the same one,
 * so that senders needn't wait for each other. Seats are a multiple of it. */
enum { BENCH_LANES = 8, BENCH_SEATS_MAX = 9984 };

typedef struct bench_seat {
    const char *id;
    const sb_secret *secret;
    uint64_t seq;
    uint8_t ballot[32]; /* its newest */
    bool has_ballot;
} bench_seat;

typedef struct bench_world {
    fed *f;
    play_id meeting, a_case, question;
    uint8_t wording[32];
    bench_seat *seats;
    uint32_t seat_count;
    uint64_t ballots; /* made so far */
} bench_world;

/* One ballot in the making. */
typedef struct bench_draft {
    const bench_world *world;
    bench_seat *seat;
    Sb__Choice choice;
    sb_buf entry;
} bench_draft;

/* Founded, sealed, the question open. */
void bench_world_new(bench_world *w, uint32_t organisations, uint32_t seats);
void bench_world_free(bench_world *w);
/* The next `count` ballots, at most seat_count, signed by all threads. drafts[i].entry is set. */
void bench_world_sign(bench_world *w, sb_pool *pool, bench_draft *drafts, uint32_t count);

#endif
