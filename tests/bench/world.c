#include "tests/bench/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/bench/generate.h"

static void add_seats(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    uint32_t voting = 6, wanted = *(const uint32_t *)arg;
    Sb__Body *body = charter->bodies[0];
    Sb__Seat **seats = SB_ARENA_ARRAY(arena, Sb__Seat *, body->n_seats + wanted);
    memcpy(seats, body->seats, body->n_seats * sizeof *seats);
    for (; voting < wanted; voting++) {
        Sb__Seat *s = SB_ARENA_NEW(arena, Sb__Seat);
        *s = *seats[2]; /* kommune-1 */
        s->id = sb_arena_printf(arena, "m-%u", voting);
        s->has_deputy = false;
        seats[body->n_seats++] = s;
    }
    body->seats = seats;
    charter->rehearsal = false;
}

static void convene(bench_world *w)
{
    static const char *const clauses[] = {"Planen godkjennes."};
    fed *f = w->f;
    fed_at(f, 20211220, 9, 0);
    bench_must(play_report(f, "ssu", BENCH_TITLE, DECISION, SEC, &w->a_case), &f->fail, "report");
    bench_must(play_propose(f, w->a_case, SEC, 1, clauses), &f->fail, "propose");
    fed_at(f, 20220105, 9, 0);
    bench_must(play_call(f, "ssu", 20220120, SEC, 1, &w->a_case, &w->meeting), &f->fail, "call");
    fed_at(f, 20220107, 9, 0);
    bench_must(play_papers(f, w->meeting, 1, &w->a_case, 0, SEC), &f->fail, "papers");
    fed_at(f, 20220120, 9, 0);
    bench_must(play_open(f, w->meeting, SEC), &f->fail, "open");
    bench_must(
        play_chair(f, w->meeting, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC),
        &f->fail, "chair");
}

static void gather(bench_world *w)
{
    const Sb__Body *body = w->f->charter->bodies[0];
    uint32_t n = 0;
    w->seats = sb_xmalloc(w->seat_count * sizeof *w->seats);
    for (size_t i = 0; i < body->n_seats; i++) {
        char name[96];
        if (!body->seats[i]->voting)
            continue;
        (void)snprintf(name, sizeof name, "%s/primary", body->seats[i]->id);
        const fed_key *key = fed_key_of(w->f, name);
        if (n == w->seat_count)
            bench_die("more seats than asked for");
        w->seats[n++] =
            (bench_seat){.id = body->seats[i]->id, .secret = key->secret, .seq = key->seq};
        play_arrive(w->f, w->meeting, (const char *const[]){body->seats[i]->id}, 1);
        if (sb_ledger_unflushed(w->f->ledger) > 1024)
            sb_ledger_flush(w->f->ledger);
    }
    if (n != w->seat_count)
        bench_die("fewer seats than asked for");
}

void bench_world_new(bench_world *w, uint32_t organisations, uint32_t seats)
{
    const fed_options options = {
        .organisations = organisations, .part_bytes = 32768, .edit = add_seats, .edit_arg = &seats};
    if (seats < BENCH_LANES || seats > BENCH_SEATS_MAX || seats % BENCH_LANES != 0)
        bench_die("seats: a multiple of 8, at most 9,984");
    *w = (bench_world){.seat_count = seats};
    w->f = fed_new(&options);
    w->f->tick_ms = 1; /* a million ballots in one meeting */
    bench_found(w->f);
    convene(w);
    gather(w);
    bench_must(play_ask(w->f, w->meeting, w->a_case, VOTE, SEC, &w->question), &w->f->fail, "ask");
    memcpy(w->wording, play_question(w->f, w->question).wording, 32);
}

void bench_world_free(bench_world *w)
{
    fed_free(w->f);
    free(w->seats);
}

static void sign(void *arg)
{
    bench_draft *d = arg;
    const bench_world *w = d->world;
    sb_fail fail = {0};
    sb_entry_head head;
    sb_entry made;
    Sb__Ballot m = SB__BALLOT__INIT;
    m.question_id = w->question;
    m.wording_sha256 = (play_id){32, (uint8_t *)(uintptr_t)w->wording};
    m.seat = (char *)(uintptr_t)d->seat->id;
    m.choice = d->choice;
    if (d->seat->has_ballot)
        m.replaces = (play_id){32, d->seat->ballot};
    sb_entry_head_init(&head, w->f->federation_id, d->seat->seq + 1);
    sb_buf_clear(&d->entry);
    bench_must(sb_entry_make(SB_ENTRY_BALLOT, &m.base, &head, d->seat->secret, &d->entry, &fail),
               &fail, "ballot");
    bench_must(sb_entry_parse(sb_buf_slice(&d->entry), &made, &fail), &fail, "ballot");
    d->seat->seq++;
    d->seat->has_ballot = true;
    memcpy(d->seat->ballot, made.id, 32);
}

/* Which seat has ballot i: all of a lane's in turn, not one beside the other in the tables. */
static uint32_t seat_of(const bench_world *w, uint64_t i)
{
    enum { STEP = 59 }; /* no divisor of any lane's length that is used */
    uint32_t a_lane = w->seat_count / BENCH_LANES;
    uint32_t place = (uint32_t)(i / BENCH_LANES % a_lane);
    return place * (a_lane % STEP == 0 ? 1 : STEP) % a_lane * BENCH_LANES +
           (uint32_t)(i % BENCH_LANES);
}

void bench_world_sign(bench_world *w, sb_pool *pool, bench_draft *drafts, uint32_t count)
{
    if (count > w->seat_count)
        bench_die("a seat twice in one go");
    for (uint32_t i = 0; i < count; i++) {
        drafts[i].world = w;
        drafts[i].seat = &w->seats[seat_of(w, w->ballots + i)];
        drafts[i].choice = (Sb__Choice)(1 + (w->ballots + i) % 3);
    }
    sb_pool_run(pool, sign, drafts, sizeof *drafts, count);
    w->ballots += count;
}
