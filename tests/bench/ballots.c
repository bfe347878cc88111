/* bench_ballots SCRATCH [MOST [SEATS]]: what one more ballot costs a question that has few already,
 * and one that has a million: MOST ballots (default 1,000,000) on one question of a body of SEATS
 * voting seats (default 1,000), quotas lifted. A seat has one ballot; the others replace it, as when
 * people change their minds. Between its sixtieths, another case of the same meeting has questions
 * of a ballot for each seat, opened and closed.
 *
 * Ballots are made, signed and opened beforehand, a round of all seats at a time in an order drawn
 * anew; only the fold is timed: sb_ledger_step with the flush to the memory kv, and the same over
 * LMDB with leaves, tiles and durable commits of 1,024, as samband-node has them. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/lib/play.h"
#include "tests/lib/tmpdir.h"

enum { SLICES = 60, CASES = 2, MEMORY_BATCH = 512 };

/* Which question: the large one's case, or that of the small ones. */
enum { LARGE, SMALL };

typedef struct seat {
    const char *id;
    const sb_secret *secret;
    uint64_t seq;
    uint8_t ballot[CASES][32]; /* its current ones */
    bool has_ballot[CASES];
} seat;

typedef struct question {
    play_id id;
    uint8_t wording[32];
    int which;
} question;

/* A ballot being made. */
typedef struct draft {
    const uint8_t *federation_id;
    const question *question;
    seat *seat;
    Sb__Choice choice;
    uint64_t at_ms;
    sb_buf bytes;
    sb_arena arena;
    sb_leaf leaf;
} draft;

typedef struct bench {
    fed *f;
    play_id meeting, cases[CASES];
    sb_history h; /* the same log over LMDB */
    sb_commit_builder commit;
    size_t mirrored; /* of the federation's leaves */
    sb_pool *pool;
    seat *seats;
    uint32_t seat_count;
    draft *drafts;   /* seat_count */
    uint32_t *order; /* seat_count */
    uint64_t seed;
} bench;

typedef struct cost {
    double memory, lmdb;           /* processor time, s a ballot */
    double memory_wall, lmdb_wall; /* s a ballot */
} cost;

/* ---- the log over LMDB ---- */

static void commit(bench *b)
{
    sb_fail fail = {0};
    uint64_t next = b->commit.commit.first + b->commit.commit.leaf_count;
    if (b->commit.commit.leaf_count == 0)
        return;
    bench_must(sb_history_commit(&b->h, sb_commit_builder_get(&b->commit), &fail), &fail, "commit");
    sb_commit_builder_clear(&b->commit, next);
}

static void store(bench *b, const sb_leaf *leaf)
{
    sb_fail fail = {0};
    bench_must(sb_ledger_step(b->h.ledger, leaf, sb_commit_add_tile, &b->commit, &fail), &fail,
               "step over LMDB");
    sb_commit_add_leaf(&b->commit, leaf->bytes);
    if (b->commit.commit.leaf_count == BENCH_NODE_BATCH)
        commit(b);
}

/* What the federation has taken since. */
static void mirror(bench *b)
{
    sb_arena arena;
    sb_arena_init(&arena);
    for (; b->mirrored < b->f->leaf_count; b->mirrored++) {
        sb_leaf leaf;
        sb_fail fail = {0};
        bench_must(sb_leaf_open(fed_leaf(b->f, b->mirrored), &arena, &leaf, &fail), &fail, "open");
        store(b, &leaf);
        sb_arena_reset(&arena);
    }
    commit(b);
    sb_arena_deinit(&arena);
}

/* ---- the body ---- */

/* SSU gets as many seats as asked for: more municipalities'. */
static void add_seats(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    uint32_t voting = 6, wanted = *(const uint32_t *)arg;
    Sb__Body *body = charter->bodies[0];
    Sb__Seat **seats = SB_ARENA_ARRAY(arena, Sb__Seat *, body->n_seats + wanted);
    memcpy(seats, body->seats, body->n_seats * sizeof *seats);
    for (; voting < wanted; voting++) {
        Sb__Seat *s = SB_ARENA_NEW(arena, Sb__Seat);
        *s = *seats[2]; /* kommune-1 */
        s->id = sb_arena_printf(arena, "more-%u", voting);
        s->has_deputy = false;
        seats[body->n_seats++] = s;
    }
    body->seats = seats;
    charter->rehearsal = false;
}

static void convene(bench *b)
{
    static const char *const clauses[] = {"Planen godkjennes."};
    fed *f = b->f;
    fed_at(f, 20211220, 9, 0);
    for (int i = 0; i < CASES; i++) {
        bench_must(play_report(f, "ssu", "En sak", DECISION, SEC, &b->cases[i]), &f->fail,
                   "report");
        bench_must(play_propose(f, b->cases[i], SEC, 1, clauses), &f->fail, "propose");
    }
    fed_at(f, 20220105, 9, 0);
    bench_must(play_call(f, "ssu", 20220120, SEC, CASES, b->cases, &b->meeting), &f->fail, "call");
    fed_at(f, 20220107, 9, 0);
    bench_must(play_papers(f, b->meeting, CASES, b->cases, 0, SEC), &f->fail, "papers");
    fed_at(f, 20220120, 9, 0);
    bench_must(play_open(f, b->meeting, SEC), &f->fail, "open");
    bench_must(
        play_chair(f, b->meeting, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC),
        &f->fail, "chair");
}

static void found(bench *b, const char *scratch)
{
    const fed_options options = {
        .part_bytes = 32768, .edit = add_seats, .edit_arg = &b->seat_count};
    const sb_store_opts opts = {.kind = "node", .create = true};
    sb_fail fail = {0};
    char dir[512];
    (void)snprintf(dir, sizeof dir, "%s/ballots", scratch);
    sb_tmpdir_drop(dir);
    bench_must(sb_history_open(&b->h, dir, &opts, &fail), &fail, dir);
    sb_commit_builder_init(&b->commit, (sb_tile_reader){0});
    sb_commit_builder_clear(&b->commit, 0);
    b->f = fed_new(&options);
    fed_run(b->f);
    convene(b);
    uint32_t n = 0;
    b->seats = sb_xmalloc(b->seat_count * sizeof *b->seats);
    for (size_t i = 0; i < b->f->charter->bodies[0]->n_seats; i++) {
        const Sb__Seat *words = b->f->charter->bodies[0]->seats[i];
        if (!words->voting)
            continue;
        char name[96];
        (void)snprintf(name, sizeof name, "%s/primary", words->id);
        const fed_key *key = fed_key_of(b->f, name);
        b->seats[n++] = (seat){.id = words->id, .secret = key->secret, .seq = key->seq};
        play_arrive(b->f, b->meeting, (const char *const[]){words->id}, 1);
    }
    if (n != b->seat_count)
        bench_die("seats");
    b->f->tick_ms = 1; /* a million ballots in one meeting */
    mirror(b);
}

/* ---- ballots ---- */

static void put_time(sb_buf *leaf, uint64_t ms)
{
    uint8_t time[8];
    for (int i = 0; i < 8; i++)
        time[i] = (uint8_t)(ms >> (56 - 8 * i));
    sb_buf_add(leaf, sb_slice_of(time, sizeof time));
}

static void make(void *arg)
{
    draft *d = arg;
    sb_fail fail = {0};
    sb_entry_head head;
    Sb__Ballot m = SB__BALLOT__INIT;
    m.question_id = d->question->id;
    m.wording_sha256 = (play_id){32, (uint8_t *)(uintptr_t)d->question->wording};
    m.seat = (char *)(uintptr_t)d->seat->id;
    m.choice = d->choice;
    if (d->seat->has_ballot[d->question->which])
        m.replaces = (play_id){32, d->seat->ballot[d->question->which]};
    sb_entry_head_init(&head, d->federation_id, d->seat->seq + 1);
    sb_buf_clear(&d->bytes);
    sb_arena_reset(&d->arena);
    put_time(&d->bytes, d->at_ms);
    bench_must(sb_entry_make(SB_ENTRY_BALLOT, &m.base, &head, d->seat->secret, &d->bytes, &fail),
               &fail, "ballot");
    bench_must(sb_leaf_open(sb_buf_slice(&d->bytes), &d->arena, &d->leaf, &fail), &fail, "open");
}

static void shuffle(bench *b)
{
    for (uint32_t i = b->seat_count; i-- > 1;) {
        b->seed = b->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t k = (uint32_t)(b->seed >> 33) % (i + 1), kept = b->order[i];
        b->order[i] = b->order[k];
        b->order[k] = kept;
    }
}

/* Fold the drafts, over memory and over LMDB. */
static void fold(bench *b, uint32_t count, cost *out)
{
    sb_fail fail = {0};
    double wall = bench_now_s(), cpu = bench_cpu_s();
    for (uint32_t i = 0; i < count; i++) {
        bench_must(sb_ledger_step(b->f->ledger, &b->drafts[i].leaf, NULL, NULL, &fail), &fail,
                   "step");
        if (sb_ledger_unflushed(b->f->ledger) >= MEMORY_BATCH)
            sb_ledger_flush(b->f->ledger);
    }
    double wall_between = bench_now_s(), cpu_between = bench_cpu_s();
    for (uint32_t i = 0; i < count; i++)
        store(b, &b->drafts[i].leaf);
    out->lmdb_wall += bench_now_s() - wall_between;
    out->lmdb += bench_cpu_s() - cpu_between;
    out->memory_wall += wall_between - wall;
    out->memory += cpu_between - cpu;
}

/* `count` seats vote, at most all of them. Seat 0 votes against, so nothing is adopted. */
static void vote(bench *b, const question *q, uint32_t count, cost *out)
{
    shuffle(b);
    for (uint32_t i = 0; i < count; i++) {
        draft *d = &b->drafts[i];
        d->federation_id = b->f->federation_id;
        d->question = q;
        d->seat = &b->seats[b->order[i]];
        d->choice = b->order[i] == 0 ? AGAINST : (Sb__Choice)(1 + (b->seed >> 40 ^ i) % 3);
        d->at_ms = b->f->now_ms += b->f->tick_ms;
    }
    sb_pool_run(b->pool, make, b->drafts, sizeof *b->drafts, count);
    fold(b, count, out);
    for (uint32_t i = 0; i < count; i++) {
        seat *s = b->drafts[i].seat;
        s->seq++;
        s->has_ballot[q->which] = true;
        memcpy(s->ballot[q->which], b->drafts[i].leaf.entry.id, 32);
    }
}

/* What each of so many ballots cost. */
static cost votes(bench *b, const question *q, uint64_t ballots)
{
    cost c = {0};
    for (uint64_t left = ballots; left > 0;) {
        uint32_t count = left < b->seat_count ? (uint32_t)left : b->seat_count;
        vote(b, q, count, &c);
        left -= count;
    }
    double wall = bench_now_s(), cpu = bench_cpu_s();
    commit(b); /* what is left of the last batch */
    double n = (double)ballots;
    return (cost){.memory = c.memory / n,
                  .memory_wall = c.memory_wall / n,
                  .lmdb = (c.lmdb + bench_cpu_s() - cpu) / n,
                  .lmdb_wall = (c.lmdb_wall + bench_now_s() - wall) / n};
}

/* The RESULT that the close demands: the federation doesn't know the log's length. */
static void settle(bench *b)
{
    fed *f = b->f;
    sb_ledger_position at;
    sb_entry_head head;
    sb_buf payload, bytes;
    sb_leaf leaf;
    const ProtobufCMessage *message = NULL;
    sb_buf_init(&payload);
    sb_buf_init(&bytes);
    if (sb_ledger_next_due(f->ledger, f->now_ms, &payload) != SB_DUE_RESULT)
        bench_die("no result is due");
    bench_must(
        sb_payload_decode(SB_ENTRY_RESULT, sb_buf_slice(&payload), &f->arena, &message, &f->fail),
        &f->fail, "result");
    sb_ledger_position_get(f->ledger, &at);
    sb_entry_head_init(&head, f->federation_id, at.size);
    f->now_ms += f->tick_ms;
    put_time(&bytes, f->now_ms);
    bench_must(sb_entry_make(SB_ENTRY_RESULT, message, &head, fed_key_of(f, "log")->secret, &bytes,
                             &f->fail),
               &f->fail, "result");
    bench_must(sb_leaf_open(sb_buf_slice(&bytes), &f->arena, &leaf, &f->fail), &f->fail, "result");
    bench_must(sb_ledger_step(f->ledger, &leaf, NULL, NULL, &f->fail), &f->fail, "result");
    store(b, &leaf);
    commit(b);
    sb_buf_deinit(&payload);
    sb_buf_deinit(&bytes);
}

static void ask(bench *b, int which, question *q)
{
    fed *f = b->f;
    *q = (question){.which = which};
    bench_must(play_ask(f, b->meeting, b->cases[which], VOTE, SEC, &q->id), &f->fail, "ask");
    mirror(b);
    memcpy(q->wording, play_question(f, q->id).wording, 32);
    for (uint32_t i = 0; i < b->seat_count; i++)
        b->seats[i].has_ballot[which] = false;
}

/* Processor time of the close, s. */
static double end(bench *b, const question *q)
{
    fed *f = b->f;
    sb_ledger_position memory, lmdb;
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    m.question_id = q->id;
    double start = bench_cpu_s();
    bench_must(fed_submit(f, SB_ENTRY_QUESTION_CLOSE, &m.base, SEC), &f->fail, "close");
    double took = bench_cpu_s() - start;
    mirror(b);
    settle(b);
    if (play_outcome(f, q->id) != NO_CONSENSUS)
        bench_die("another outcome");
    sb_ledger_position_get(f->ledger, &memory);
    sb_ledger_position_get(b->h.ledger, &lmdb);
    if (memcmp(memory.digest, lmdb.digest, 32) != 0)
        bench_die("two states of one log");
    return took;
}

/* ---- the report ---- */

typedef struct series {
    double few[SLICES], many[SLICES]; /* s a ballot, slice by slice */
} series;

/* A slice of the large question against the small one beside it: what disturbs the machine for
 * longer disturbs both. */
static double ratio_of(const series *s, int first, int count)
{
    double ratios[SLICES];
    for (int i = 0; i < count; i++)
        ratios[i] = s->many[first + i] / s->few[first + i];
    return bench_median(ratios, (size_t)count);
}

static void report(const char *kv, const series *cpu, const series *wall, uint64_t few,
                   uint64_t most)
{
    enum { QUARTER = SLICES / 4 };
    char name[48];
    (void)snprintf(name, sizeof name, "tally/%s-%llu", kv, (unsigned long long)few);
    bench_line(name, 1e6 * bench_median(cpu->few, SLICES), "us/ballot", -1,
               bench_spread(cpu->few, SLICES), 0,
               "processor time; %d questions of %llu ballots; by the clock %.1f", SLICES,
               (unsigned long long)few, 1e6 * bench_median(wall->few, SLICES));
    (void)snprintf(name, sizeof name, "tally/%s-%llu", kv, (unsigned long long)most);
    bench_line(name, 1e6 * bench_median(cpu->many, SLICES), "us/ballot", ratio_of(cpu, 0, SLICES),
               bench_spread(cpu->many, SLICES), -1.3,
               "one question of %llu; by the clock %.1f, ratio %.2f; ratio in its first quarter "
               "%.2f, in its last %.2f",
               (unsigned long long)most, 1e6 * bench_median(wall->many, SLICES),
               ratio_of(wall, 0, SLICES), ratio_of(cpu, 0, QUARTER),
               ratio_of(cpu, SLICES - QUARTER, QUARTER));
}

static void measure(bench *b, uint64_t most)
{
    static const char *const names[2] = {"memory", "lmdb"};
    series cpu[2], wall[2];
    double close[SLICES];
    const uint64_t few =
        most / SLICES < b->seat_count ? most / SLICES : b->seat_count; /* a smoke test: fewer */
    question large, small;
    ask(b, LARGE, &large);
    for (uint64_t i = 0; i < SLICES; i++) {
        ask(b, SMALL, &small);
        uint64_t slice = most * (i + 1) / SLICES - most * i / SLICES;
        cost c = votes(b, &small, few), d = votes(b, &large, slice);
        close[i] = end(b, &small);
        cpu[0].few[i] = c.memory, cpu[0].many[i] = d.memory;
        cpu[1].few[i] = c.lmdb, cpu[1].many[i] = d.lmdb;
        wall[0].few[i] = c.memory_wall, wall[0].many[i] = d.memory_wall;
        wall[1].few[i] = c.lmdb_wall, wall[1].many[i] = d.lmdb_wall;
    }
    double large_close = end(b, &large), small_close = bench_median(close, SLICES);
    for (int kv = 0; kv < 2; kv++)
        report(names[kv], &cpu[kv], &wall[kv], few, most);
    bench_line("tally/close", 1000 * large_close, "ms", large_close / small_close, -1, 0,
               "the close after %llu ballots of %u seats, ratio to that after %llu",
               (unsigned long long)most, b->seat_count, (unsigned long long)few);
}

int main(int argc, char **argv)
{
    sb_fail fail = {0};
    if (argc < 2)
        bench_die("usage: bench_ballots SCRATCH [MOST [SEATS]]");
    uint64_t most = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    bench b = {.seat_count = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 1000, .seed = 2022};
    if (b.seat_count < 6 || b.seat_count > SB_SEATS_MAX - 16 || most < SLICES)
        bench_die("6 to 9,984 seats, and at least 60 ballots");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    b.pool = sb_pool_new(0, 1);
    b.drafts = sb_xmalloc(b.seat_count * sizeof *b.drafts);
    b.order = sb_xmalloc(b.seat_count * sizeof *b.order);
    for (uint32_t i = 0; i < b.seat_count; i++) {
        b.order[i] = i;
        sb_buf_init(&b.drafts[i].bytes);
        sb_arena_init(&b.drafts[i].arena);
    }
    found(&b, argv[1]);
    measure(&b, most);
    sb_history_close(&b.h);
    sb_commit_builder_deinit(&b.commit);
    char dir[512];
    (void)snprintf(dir, sizeof dir, "%s/ballots", argv[1]);
    sb_tmpdir_drop(dir);
    fed_free(b.f);
    for (uint32_t i = 0; i < b.seat_count; i++) {
        sb_buf_deinit(&b.drafts[i].bytes);
        sb_arena_deinit(&b.drafts[i].arena);
    }
    free(b.drafts);
    free(b.order);
    free(b.seats);
    sb_pool_free(b.pool);
    return 0;
}
