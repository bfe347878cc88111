/* bench_generate OUT ENTRIES [--state-every N] [--seal-every N] [--organisations N]: a log of
 * meetings, signed with deterministic keys, and the directories of daemons that hold it.
 *
 *   OUT/node-0/  samband-node of "unn", with the whole log in store/
 *   OUT/broker/  samband-broker with the same log
 *   OUT/node-1/  samband-node of "kommune-a" without a history
 *
 * The mix, meeting by meeting: ten cases reported with wordings, call, papers, opening, arrivals, a
 * deputy who takes over; questions by note, consensus, objection and vote with ballots, some of
 * them replaced; tasks, minutes (their deadlines pass), now and then a new appointment. STATE after
 * every N entries, SEAL after every N. No real federation is this fast; a live meeting seals nearly
 * every entry (--state-every 1 --seal-every 1).
 */
#include <stdio.h>
#include <stdlib.h>

#include "proto/calendar/date.h"
#include "tests/bench/bench.h"
#include "tests/bench/generate.h"
#include "tests/lib/play.h"

enum { CASES = 10, FLUSH_EVERY = 4096 };

typedef struct options {
    const char *out;
    uint64_t entries;
    uint32_t state_every, seal_every, organisations;
} options;

typedef struct generator {
    fed *f;
    const options *o;
    uint64_t since_state, since_seal, seen;
    uint32_t meeting;
} generator;

static void not_a_rehearsal(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arena, (void)arg;
    charter->rehearsal = false;
}

/* ---- system entries ---- */

static void anchor_all(fed *f, const sb_ledger_position *at)
{
    for (size_t i = 0; i < f->key_count; i++) {
        f->keys[i]->anchor_size = at->size;
        memcpy(f->keys[i]->anchor_root, at->root, 32);
    }
}

static void seal(generator *g)
{
    sb_ledger_position at;
    sb_ledger_position_get(g->f->ledger, &at);
    if (!at.ends_with_state)
        bench_must(fed_state(g->f), &g->f->fail, "STATE");
    sb_ledger_position_get(g->f->ledger, &at);
    fed_seal(g->f);
    anchor_all(g->f, &at);
    g->since_state = g->since_seal = 0;
}

/* After one entry by a member: what the broker would append. */
static void then(generator *g, sb_err err, const char *what)
{
    fed *f = g->f;
    bench_must(err, &f->fail, what);
    g->since_state += f->leaf_count - g->seen;
    g->since_seal += f->leaf_count - g->seen;
    if (g->since_seal >= g->o->seal_every) {
        seal(g);
    } else if (g->since_state >= g->o->state_every) {
        bench_must(fed_state(f), &f->fail, "STATE");
        g->since_state = 0;
    }
    g->seen = f->leaf_count;
    if (sb_ledger_unflushed(f->ledger) > FLUSH_EVERY)
        sb_ledger_flush(f->ledger);
}

/* ---- a meeting ---- */

typedef struct table {
    const char *body;
    const char *const *seats;
    size_t seat_count;
    play_id meeting, cases[CASES];
} table;

static Sb__CaseKind kind_of(size_t i)
{
    return i == 0 ? INFORMATION : DECISION;
}

static void prepare(generator *g, table *t, uint32_t date)
{
    static const char *const clauses[] = {
        "Felles plan for utskrivning av pasienter med store behov godkjennes.",
        "Sekretariatet følger opp planen og legger fram en status etter seks måneder.",
        "Kommunene og sykehuset melder inn hver sin kontaktperson innen fjorten dager."};
    for (size_t i = 0; i < CASES; i++) {
        then(g, play_report(g->f, t->body, BENCH_TITLE, kind_of(i), SEC, &t->cases[i]), "report");
        then(g, play_propose(g->f, t->cases[i], SEC, 1 + i % 3, clauses), "propose");
    }
    then(g, play_call(g->f, t->body, date, SEC, CASES, t->cases, &t->meeting), "call");
    then(g, play_papers(g->f, t->meeting, CASES, t->cases, 0, SEC), "papers");
}

static void gather(generator *g, const table *t)
{
    then(g, play_open(g->f, t->meeting, SEC), "open");
    then(g,
         play_chair(g->f, t->meeting, NULL, t->seats[0], SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC),
         "chair");
    for (size_t i = 0; i < t->seat_count; i++)
        then(g, play_here(g->f, t->meeting, t->seats[i], PRIMARY, ARRIVED, NULL, SEC), "arrive");
}

static void vote(generator *g, const table *t, play_id q, size_t turn)
{
    for (size_t s = 0; s < t->seat_count; s++)
        then(g, play_vote(g->f, q, t->seats[s], (turn + s) % 4 == 0 ? AGAINST : FOR), "ballot");
    then(g, play_vote(g->f, q, t->seats[turn % t->seat_count], FOR), "a ballot replaced");
}

static void treat(generator *g, const table *t, size_t i)
{
    play_id q, task;
    bool votes = i >= 7;
    Sb__Mode mode = i == 0 ? NOTE : votes ? VOTE : CONSENSUS;
    then(g, play_ask(g->f, t->meeting, t->cases[i], mode, SEC, &q), "ask");
    if (i == 6)
        then(g, play_object(g->f, q, t->seats[1]), "object");
    if (i >= 6)
        vote(g, t, q, g->meeting + i);
    then(g, play_end(g->f, q, SEC), "end");
    if (i % 3 == 0)
        then(g, play_task(g->f, t->meeting, t->cases[i], t->seats[1], 20350101, &task), "task");
}

static void hold_meeting(generator *g)
{
    play_id draft;
    bool is_pm = g->meeting % 6 == 5;
    table t = {.body = is_pm ? "pm" : "ssu",
               .seats = is_pm ? play_pm_seats : play_ssu_seats,
               .seat_count = is_pm ? 4 : 6};
    sb_date day = sb_date_add((sb_date){2022, 1, 10}, (int32_t)g->meeting);
    uint32_t date = (uint32_t)day.year * 10000 + day.month * 100u + day.day;
    fed_at(g->f, date, 8, 0);
    fed_due(g->f);
    if (g->meeting % 4 == 0) {
        char key[32];
        (void)snprintf(key, sizeof key, "deputy-%u", g->meeting);
        then(g, fed_appoint_seat(g->f, "unn-2", DEPUTY, key), "appoint");
    }
    prepare(g, &t, date);
    gather(g, &t);
    for (size_t i = 0; i < CASES; i++)
        treat(g, &t, i);
    then(g, play_close(g->f, t.meeting, SEC), "close");
    then(g, play_draft(g->f, t.meeting, 0, &draft), "minutes");
    g->meeting++;
}

/* ---- arguments ---- */

static void usage(void)
{
    bench_die("usage: bench_generate OUT ENTRIES [--state-every N] [--seal-every N] "
              "[--organisations N]");
}

static options read_options(int argc, char **argv)
{
    if (argc < 3 || argc % 2 == 0)
        usage();
    options o = {.out = argv[1],
                 .entries = strtoull(argv[2], NULL, 10),
                 .state_every = 8,
                 .seal_every = 64,
                 .organisations = 7};
    for (int i = 3; i + 1 < argc; i += 2) {
        uint32_t n = (uint32_t)strtoul(argv[i + 1], NULL, 10);
        if (n == 0)
            usage();
        if (strcmp(argv[i], "--state-every") == 0)
            o.state_every = n;
        else if (strcmp(argv[i], "--seal-every") == 0)
            o.seal_every = n;
        else if (strcmp(argv[i], "--organisations") == 0)
            o.organisations = n;
        else
            usage();
    }
    return o;
}

int main(int argc, char **argv)
{
    const options o = read_options(argc, argv);
    const fed_options fo = {
        .organisations = o.organisations, .part_bytes = 32768, .edit = not_a_rehearsal};
    fed *f = fed_new(&fo);
    generator g = {.f = f, .o = &o};
    bench_found(f);
    g.seen = f->leaf_count;
    while (f->leaf_count < o.entries)
        hold_meeting(&g);
    if (g.since_seal > 0)
        seal(&g);
    bench_write_all(f, o.out);
    (void)printf("%zu entries, %u meetings, %zu bytes, digest %s\n", f->leaf_count, g.meeting,
                 f->leaves.len, fed_digest(f));
    fed_free(f);
    return 0;
}
