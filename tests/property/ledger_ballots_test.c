/* Random votes: the order of ballots never matters to the outcome, nothing after the close does,
 * and the running counts agree with a naive recount. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

static uint64_t seed = 0x5a6d62616e642026;

static uint32_t roll(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % below);
}

enum { SEATS = 6, STEPS = 12 };

/* One act while the question is open. */
typedef struct act {
    uint32_t seat;
    Sb__Choice choice; /* 0: the seat's representative leaves or comes back */
} act;

typedef struct seen {
    Sb__Outcome outcome;
    uint32_t counts[5][7];
} seen;

/* The model: last choice of each seat, and who is there at the end. */
typedef struct model {
    Sb__Choice choice[SEATS];
    bool here[SEATS];
} model;

static void read_result(fed *f, seen *out)
{
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(fed_leaf(f, f->leaf_count - 1), &f->arena, &leaf, NULL), SB_OK);
    assert_int_equal(leaf.entry.type, SB_ENTRY_RESULT);
    const Sb__Result *r = (const void *)leaf.message;
    out->outcome = r->outcome;
    assert_int_equal(r->n_counts, 5);
    for (size_t i = 0; i < 5; i++) {
        const Sb__Count *c = r->counts[i];
        uint32_t row[7] = {c->seats,     c->filled,        c->present,      c->eligible,
                           c->votes_for, c->votes_against, c->votes_abstain};
        memcpy(out->counts[i], row, sizeof row);
    }
}

static void play_acts(fed *f, play_id m, play_id q, const act *acts, size_t count, model *end)
{
    *end = (model){.here = {true, true, true, true, true, true}};
    for (size_t i = 0; i < count; i++) {
        const char *seat = play_ssu_seats[acts[i].seat];
        if (acts[i].choice != 0 && end->here[acts[i].seat]) {
            play_ok(play_vote(f, q, seat, acts[i].choice));
            end->choice[acts[i].seat] = acts[i].choice;
        } else if (acts[i].choice == 0) {
            bool here = end->here[acts[i].seat];
            play_ok(play_here(f, m, seat, PRIMARY, here ? LEFT : ARRIVED, NULL, SEC));
            end->here[acts[i].seat] = !here;
        }
    }
}

static void run(const act *acts, size_t count, bool more_after, seen *out, model *end)
{
    play_table t;
    play_id q, c;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_acts(f, t.meeting, q, acts, count, end);
    play_ok(play_end(f, q, SEC));
    read_result(f, out);
    const char *before = play_certificate(f, q);
    if (more_after) {
        assert_int_not_equal(play_vote(f, q, "unn-1", AGAINST), SB_OK);
        for (size_t i = 0; i < SEATS; i++)
            if (end->here[i])
                play_ok(play_here(f, t.meeting, play_ssu_seats[i], PRIMARY, LEFT, NULL, SEC));
        play_ok(play_report(f, "ssu", "En ny", DECISION, SEC, &c));
        play_ok(play_close(f, t.meeting, SEC));
        assert_string_equal(play_certificate(f, q), before);
        assert_int_equal(play_outcome(f, q), out->outcome);
    }
    fed_free(f);
}

static Sb__Outcome expected(const model *end, uint32_t total[7])
{
    static const uint32_t partner_of[SEATS] = {0, 0, 1, 1, 2, 3};
    uint32_t present[4] = {0};
    memset(total, 0, 7 * sizeof total[0]);
    total[0] = total[1] = SEATS;
    for (size_t i = 0; i < SEATS; i++) {
        if (!end->here[i])
            continue;
        present[partner_of[i]]++;
        total[2]++;
        total[3]++;
        if (end->choice[i] != 0)
            total[3 + end->choice[i]]++;
    }
    bool quorate = present[0] >= 1 && present[1] >= 1 && present[2] >= 1 && present[3] >= 1;
    if (!quorate)
        return NOT_QUORATE;
    return total[5] == 0 && total[4] >= 1 ? ADOPTED : NO_CONSENSUS;
}

static void counts_are_those_of_a_recount(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        act acts[STEPS];
        for (size_t i = 0; i < STEPS; i++)
            acts[i] = (act){.seat = roll(SEATS), .choice = (Sb__Choice)roll(4)};
        seen got;
        model end;
        uint32_t total[7];
        run(acts, STEPS, round % 4 == 0, &got, &end);
        assert_int_equal(got.outcome, expected(&end, total));
        assert_memory_equal(got.counts[0], total, sizeof total);
    }
}

static void order_of_ballots_does_not_matter(void **state)
{
    (void)state;
    for (int round = 0; round < 25; round++) {
        act acts[SEATS], other[SEATS];
        for (uint32_t i = 0; i < SEATS; i++)
            acts[i] = (act){.seat = i, .choice = (Sb__Choice)(1 + roll(3))};
        memcpy(other, acts, sizeof acts);
        for (uint32_t i = SEATS; i-- > 1;) {
            uint32_t k = roll(i + 1);
            act swap = other[i];
            other[i] = other[k];
            other[k] = swap;
        }
        seen one, two;
        model end;
        run(acts, SEATS, false, &one, &end);
        run(other, SEATS, false, &two, &end);
        assert_int_equal(one.outcome, two.outcome);
        assert_memory_equal(one.counts, two.counts, sizeof one.counts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_a_recount),
        cmocka_unit_test(order_of_ballots_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
