/* What must be true of votes in the ledger: seats of one partner are alike, and nothing after the
 * close matters: no entry of any kind changes a closed question's certificate or outcome. The order
 * of ballots: ledger_ballots_test. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

enum { SEATS = 6, KINDS = 28 };

static uint64_t seed;

static uint32_t pick(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

/* What a seat does while the question is open. */
typedef struct deed {
    Sb__Choice choice; /* 0: no ballot */
    bool recorded;     /* the secretariat writes it down */
    bool leaves;       /* after it */
} deed;

static deed random_deed(void)
{
    return (deed){.choice = (Sb__Choice)pick(4), .recorded = pick(3) == 0, .leaves = pick(6) == 0};
}

static const char *const PARTIES[] = {"kommune-a", "lege"};

/* A question on which the seats did that, closed; its case has a condition unless that is NULL. */
static fed *closed_question(const fed_options *options, const deed deeds[SEATS], play_table *t,
                            play_id *q, play_id *condition)
{
    fed *f = fed_new(options);
    fed_run(f);
    play_ssu(f, t);
    if (condition != NULL)
        play_ok(play_condition(f, t->c, BEFORE_EFFECT, 0, false, 2, PARTIES, SEC, condition));
    play_ok(play_ask(f, t->meeting, t->c, VOTE, SEC, q));
    for (int i = 0; i < SEATS; i++) {
        if (deeds[i].choice != 0 && deeds[i].recorded)
            play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, *q, play_ssu_seats[i],
                                 deeds[i].choice, NULL, SEC));
        else if (deeds[i].choice != 0)
            play_ok(play_vote(f, *q, play_ssu_seats[i], deeds[i].choice));
        if (deeds[i].leaves)
            play_ok(play_here(f, t->meeting, play_ssu_seats[i], PRIMARY, LEFT, NULL, SEC));
    }
    play_ok(play_end(f, *q, SEC));
    return f;
}

/* ---- seats of one partner ---- */

typedef struct seen {
    Sb__Outcome outcome;
    uint32_t counts[5][7];
} seen;

static void read_result(const fed *f, seen *out)
{
    sb_leaf leaf;
    sb_arena arena;
    sb_arena_init(&arena);
    *out = (seen){.outcome = 0};
    assert_int_equal(sb_leaf_open(fed_leaf(f, f->leaf_count - 1), &arena, &leaf, NULL), SB_OK);
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
    sb_arena_deinit(&arena);
}

static void swap(deed *x, deed *y)
{
    deed kept = *x;
    *x = *y;
    *y = kept;
}

static void seats_of_one_partner_are_alike(void **state)
{
    (void)state;
    static const fed_options options = {
        .pass =
            "pass each partner in (unn, kommune): for > 1/2 of cast and for >= 1/2 of eligible"};
    uint32_t adopted = 0;
    seed = 1814;
    for (int round = 0; round < 30; round++) {
        deed deeds[SEATS];
        seen one, other;
        play_table t;
        play_id q;
        for (int i = 0; i < SEATS; i++)
            deeds[i] = pick(3) ? (deed){.choice = FOR} : random_deed();
        fed *f = closed_question(&options, deeds, &t, &q, NULL);
        read_result(f, &one);
        fed_free(f);
        swap(&deeds[0], &deeds[1]); /* both unn */
        if (pick(2))
            swap(&deeds[2], &deeds[3]); /* both kommune */
        f = closed_question(&options, deeds, &t, &q, NULL);
        read_result(f, &other);
        fed_free(f);
        assert_int_equal(one.outcome, other.outcome);
        assert_memory_equal(one.counts, other.counts, sizeof one.counts);
        adopted += one.outcome == ADOPTED;
    }
    assert_in_range(adopted, 3, 27);
}

/* ---- after the close ---- */

/* Attendance as if it had been earlier: at a time before the close. */
static sb_err claim_presence(fed *f, const play_table *t, const char *seat, uint64_t at_ms)
{
    static const Sb__AttendanceKind kinds[] = {ARRIVED, LEFT, ABSENT, NOT_MET, DISQUALIFIED};
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    Sb__AttendanceEvent e = SB__ATTENDANCE_EVENT__INIT;
    Sb__AttendanceEvent *events[] = {&e};
    Sb__Attendance m = SB__ATTENDANCE__INIT;
    place.seat = (char *)(uintptr_t)seat;
    place.role = pick(3) ? PRIMARY : DEPUTY;
    e.who_case = SB__ATTENDANCE_EVENT__WHO_SEAT;
    e.seat = &place;
    e.kind = kinds[pick(5)];
    e.at_ms = at_ms;
    if (e.kind == DISQUALIFIED)
        e.case_id = t->c;
    m.meeting_id = t->meeting;
    m.n_events = 1;
    m.events = events;
    return fed_submit(f, SB_ENTRY_ATTENDANCE, &m.base, SEC);
}

static sb_err new_case(fed *f)
{
    play_id c;
    sb_err err = play_report(f, "ssu", "En ny sak", DECISION, SEC, &c);
    return err == SB_OK ? play_propose(f, c, SEC, 1, (const char *const[]){"Ja."}) : err;
}

/* The ballot that the secretariat wrote down for the seat; if there is none, one that isn't. */
static sb_err confirm(fed *f, play_id q, const char *seat)
{
    Sb__BallotConfirm m = SB__BALLOT_CONFIRM__INIT;
    sb_arena arena;
    m.question_id = q;
    m.seat = (char *)(uintptr_t)seat;
    m.ballot_id = q;
    sb_arena_init(&arena);
    for (size_t i = 0; i < f->leaf_count; i++) {
        sb_leaf leaf;
        assert_int_equal(sb_leaf_open(fed_leaf(f, i), &arena, &leaf, NULL), SB_OK);
        const Sb__Ballot *ballot = (const void *)leaf.message;
        if (leaf.entry.type == SB_ENTRY_BALLOT_RECORDED && strcmp(ballot->seat, seat) == 0)
            m.ballot_id = fed_id(f, i);
        sb_arena_reset(&arena);
    }
    sb_arena_deinit(&arena);
    return fed_submit(f, SB_ENTRY_BALLOT_CONFIRM, &m.base,
                      sb_arena_printf(&f->arena, "%s/primary", seat));
}

static sb_err dispute(fed *f, play_id q, const char *seat)
{
    Sb__DisputeOpen m = SB__DISPUTE_OPEN__INIT;
    m.question_id = q;
    m.seat = (char *)(uintptr_t)seat;
    m.text = fed_blob(f, "Vi er uenige.");
    return fed_submit(f, SB_ENTRY_DISPUTE_OPEN, &m.base,
                      sb_arena_printf(&f->arena, "%s/primary", seat));
}

/* What may be said about a decided case. */
static sb_err said_later(fed *f, const play_table *t, play_id q, play_id condition, uint32_t kind)
{
    const char *seat = play_ssu_seats[pick(SEATS)];
    play_id id;
    sb_err err;
    switch (kind) {
    case 0:
        return play_answer(f, condition, PARTIES[pick(2)],
                           pick(2) ? CONDITION_MET : CONDITION_REFUSED, "sak 1/22", SEC);
    case 1:
        err = play_input_open(f, t->c, 20220301, 2, PARTIES, SEC, &id);
        return err == SB_OK ? play_input(f, id, PARTIES[pick(2)], "Ja.", 0, SEC) : err;
    case 2:
        return play_relate(f, t->c, (Sb__CaseRelation)(1 + pick(4)), NULL, "9/21", SEC);
    case 3:
        return play_rule(f, t->meeting, pick(2) ? &t->c : NULL, (Sb__RulingKind)(1 + pick(5)),
                         pick(2) ? SEC : "kommune-1/primary");
    case 4:
        return play_finalise(f, q, "En sak", "En sak, ferdig", SEC);
    case 5:
        return play_erase(f, pick(2) ? "En sak" : "Referat", SEC);
    case 6:
    case 7:
        return confirm(f, q, seat);
    case 8:
        return play_discuss(f, t->meeting, t->c, SEC);
    default:
        return dispute(f, q, seat);
    }
}

/* One entry more; whether it is taken is the ledger's to say. */
static sb_err something(fed *f, const play_table *t, play_id q, play_id condition, uint32_t kind,
                        uint64_t before_ms)
{
    const char *seat = play_ssu_seats[pick(SEATS)];
    Sb__Choice choice = (Sb__Choice)(1 + pick(3));
    sb_arena *a = &f->arena;
    play_id id;
    switch (kind) {
    case 0:
    case 1:
        return play_vote(f, q, seat, choice);
    case 2:
        return play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, seat, choice, NULL, SEC);
    case 3:
        return play_object(f, q, seat);
    case 4:
    case 5:
        return play_here(f, t->meeting, seat, pick(2) ? PRIMARY : DEPUTY, pick(2) ? LEFT : ARRIVED,
                         NULL, SEC);
    case 6:
        return play_here(f, t->meeting, seat, PRIMARY, DISQUALIFIED, &t->c, SEC);
    case 7:
    case 8:
        return claim_presence(f, t, seat, before_ms);
    case 9:
        return play_chair(f, t->meeting, NULL, seat, SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC);
    case 10:
        return play_clause(f, t->c, NULL, 1 + pick(3), pick(3) ? "En annen ordlyd." : NULL, SEC);
    case 11:
        return new_case(f);
    case 12:
        return fed_appoint_seat(f, seat, pick(2) ? PRIMARY : DEPUTY,
                                sb_arena_printf(a, "new-%u", pick(1000000)));
    case 13: /* the same case asked again */
        return play_ask(f, t->meeting, t->c, pick(2) ? VOTE : CONSENSUS, SEC, &id);
    case 14:
        return play_end(f, q, SEC);
    case 15:
        return play_task(f, t->meeting, t->c, seat, 20230101, &id);
    case 16:
        return pick(3) ? play_postpone(f, &t->c, NULL, t->meeting, 20220301, SEC)
                       : play_withdraw(f, t->c, SEC);
    case 17: /* it ends; minutes; their silence passes */
        if (pick(4) > 0)
            return SB_OK;
        (void)play_close(f, t->meeting, SEC);
        (void)play_draft(f, t->meeting, 0, &id);
        fed_at(f, 20220120 + pick(10), 12, 0);
        fed_due(f);
        return SB_OK;
    default:
        return said_later(f, t, q, condition, kind - 18);
    }
}

static void nothing_after_the_close_matters(void **state)
{
    (void)state;
    uint32_t taken[KINDS] = {0};
    seed = 1905;
    for (int round = 0; round < 30; round++) {
        deed deeds[SEATS];
        play_table t;
        play_id q, condition;
        for (int i = 0; i < SEATS; i++)
            deeds[i] = random_deed();
        fed *f = closed_question(NULL, deeds, &t, &q, &condition);
        uint64_t before_ms = f->now_ms - 5000;
        const char *json = play_certificate(f, q), *nb = play_certificate_text(f, q, SB_LANG_NB);
        const char *en = play_certificate_text(f, q, SB_LANG_EN);
        Sb__Outcome outcome = play_outcome(f, q);
        assert_true(strlen(json) > 100 && strlen(nb) > 100 && strlen(en) > 100);
        for (int i = 0; i < 40; i++) {
            uint32_t kind = pick(KINDS);
            taken[kind] += something(f, &t, q, condition, kind, before_ms) == SB_OK;
            assert_string_equal(play_certificate(f, q), json);
            assert_string_equal(play_certificate_text(f, q, SB_LANG_NB), nb);
            assert_string_equal(play_certificate_text(f, q, SB_LANG_EN), en);
            assert_int_equal(play_outcome(f, q), outcome);
        }
        fed_free(f);
    }
    for (uint32_t kind = 0; kind < 4; kind++)
        assert_int_equal(taken[kind], 0); /* ballots and objections come too late */
    assert_int_equal(taken[14], 0);       /* it is closed once */
    uint32_t kinds = 0;
    for (uint32_t kind = 0; kind < KINDS; kind++)
        kinds += taken[kind] > 0;
    print_message("%u kinds of entries taken\n", kinds);
    assert_true(kinds >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seats_of_one_partner_are_alike),
        cmocka_unit_test(nothing_after_the_close_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
