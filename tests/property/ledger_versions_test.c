/* Whatever a seed does to the charter, one lawful change after another: every seat that is there is
 * found in the charter where its row says, every seat that went stays found by its number, every
 * version reads back as the bytes its hash names, and a question that was open through it all is
 * decided by the seats it opened with. */
#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/ledger/charter_change.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"

enum { SEEDS = 6, CHANGES = 6 };

static const char *const clause[] = {"Slik blir det."};

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 2685821657736338717u;
}

static size_t below(uint64_t *seed, size_t n)
{
    return (size_t)(next(seed) % n);
}

/* ---- changes ---- */

/* The pm may lose all but three seats; the ssu keeps those who vote on the change. */
static bool may_go(const Sb__Body *b, size_t at)
{
    if (strcmp(b->id, "ssu") == 0)
        return at >= 6;
    return b->n_seats > 3;
}

static void change_seats(fed *f, uint64_t *seed, Sb__Charter *c, int round)
{
    Sb__Body *b = c->bodies[below(seed, c->n_bodies)];
    size_t at = below(seed, b->n_seats), to = below(seed, b->n_seats);
    if (below(seed, 2) == 0 && may_go(b, at)) {
        for (size_t i = at; i + 1 < b->n_seats; i++)
            b->seats[i] = b->seats[i + 1];
        b->n_seats--;
    } else if (strcmp(b->id, "ssu") != 0) {
        Sb__Seat *seat = b->seats[at];
        b->seats[at] = b->seats[to];
        b->seats[to] = seat;
    }
    (void)play_add_seat(f, c->bodies[1],
                        sb_arena_printf(&f->arena, "pm-%d-%u", round, (unsigned)below(seed, 1000)),
                        below(seed, 2) == 0 ? "unn" : "kommune", "utenfor", true);
}

static void change(fed *f, uint64_t *seed, Sb__Charter *c, int round)
{
    c->name = sb_arena_printf(&f->arena, "Navn %d", round);
    change_seats(f, seed, c, round);
    if (below(seed, 3) == 0)
        c->bodies[c->n_bodies++] =
            play_new_body(f, sb_arena_printf(&f->arena, "organ-%d", round), "pm");
    if (below(seed, 3) == 0) {
        Sb__Partner *p = SB_ARENA_NEW(&f->arena, Sb__Partner);
        *p = *c->partners[0];
        p->id = sb_arena_printf(&f->arena, "partner-%d", round);
        c->partners[c->n_partners++] = p;
    }
    if (below(seed, 2) == 0)
        c->bodies[0]->seats[below(seed, 6)]->has_deputy = below(seed, 2) == 0;
}

/* ---- what must hold ---- */

static void check_seats(fed *f)
{
    sb_kv *kv = sb_ledger_kv(f->ledger);
    const Sb__Charter *c = sb_ledger_charter(f->ledger);
    size_t live = 0, listed = 0;
    for (size_t b = 0; b < c->n_bodies; b++)
        listed += c->bodies[b]->n_seats;
    sb_row_seat row = {.no = 0};
    while (sb_row_seat_next(kv, &f->arena, &row, false, 0)) {
        const Sb__Seat *words = sb_seat_words(c, &row);
        assert_true((words != NULL) == sb_seat_at(&row, SB_NOW));
        if (words == NULL) {
            assert_true(row.gone > row.since);
            continue;
        }
        live++;
        assert_string_equal(words->id, row.id);
        assert_ptr_equal(words, c->bodies[row.body]->seats[row.at]);
        assert_int_equal(row.partner, sb_partner_find(c, words->partner));
        assert_int_equal(row.appointer, sb_appointer_find(c, words->appointer));
        assert_int_equal(row.voting != 0, words->voting != 0);
        assert_int_equal(row.has_deputy != 0, words->has_deputy != 0);
        assert_string_equal(row.title, words->title);
        sb_row_holder holder = {.seat = row.no, .role = DEPUTY};
        assert_false(!row.has_deputy && sb_row_holder_get(kv, NULL, &holder));
    }
    assert_int_equal(live, listed);
}

static void check_versions(fed *f, uint32_t expected)
{
    sb_kv *kv = sb_ledger_kv(f->ledger);
    sb_row_federation now = {0};
    sb_row_charter_version v = {.version = 0};
    uint32_t count = 0;
    const Sb__Charter *before = NULL;
    while (sb_row_charter_version_next(kv, NULL, &v, false, 0)) {
        uint8_t hash[32];
        sb_hash(sb_charter_bytes_of(kv, &f->arena, v.version), hash);
        assert_memory_equal(hash, v.sha256, 32);
        const Sb__Charter *c = sb_charter_of_version(kv, &f->arena, v.version);
        assert_non_null(c);
        for (size_t i = 0; before != NULL && i < before->n_bodies; i++)
            assert_string_equal(before->bodies[i]->id, c->bodies[i]->id);
        before = c;
        assert_int_equal(v.version, ++count);
    }
    assert_int_equal(count, expected);
    assert_true(sb_row_federation_get(kv, &f->arena, &now));
    assert_int_equal(now.charter_version, expected);
    assert_string_equal(before->name, sb_ledger_charter(f->ledger)->name);
    sb_row_charter_version last = {.version = expected};
    assert_true(sb_row_charter_version_get(kv, NULL, &last));
    assert_memory_equal(now.charter_sha256, last.sha256, 32);
}

/* ---- the story ---- */

static uint32_t date_of(int round, uint32_t day)
{
    return 20220000u + (uint32_t)(round + 2) * 100 + day;
}

static void enact(fed *f, uint64_t *seed, int round)
{
    play_id c, meeting, q, draft;
    play_ok(play_report(f, "ssu", "Vedtektene", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    Sb__Charter *next_charter = play_charter_copy(f);
    change(f, seed, next_charter, round);
    play_ok(play_draft_charter(f, next_charter, SEC, &draft));
    play_ok(play_change(f, c, draft, SB__OVERLAP__OVERLAP_NONE, SEC, NULL));
    play_next_meeting(f, "ssu", date_of(round, 5), c, &meeting);
    play_ok(play_discuss(f, meeting, c, SEC));
    play_ok(play_close(f, meeting, SEC));
    play_next_meeting(f, "ssu", date_of(round, 20), c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (int i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, meeting, SEC));
    fed_seal(f);
}

static void test_changes(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= SEEDS; n++) {
        uint64_t seed = n * 7919;
        fed *f = fed_new(&(fed_options){.edit = play_amendable, .part_bytes = 4000});
        play_id p, meeting, open;
        sb_row_seat *seats;
        fed_run(f);
        play_ok(play_report(f, "pm", "Åpen gjennom alt", DECISION, SEC, &p));
        play_ok(play_propose(f, p, SEC, 1, clause));
        play_next_meeting(f, "pm", 20220120, p, &meeting);
        play_ok(play_ask(f, meeting, p, VOTE, SEC, &open));
        uint64_t opened = play_question(f, open).opened_index;
        for (int round = 0; round < CHANGES; round++) {
            enact(f, &seed, round);
            check_seats(f);
            check_versions(f, (uint32_t)round + 2);
            assert_int_equal(
                sb_electorate_at(sb_ledger_kv(f->ledger), &f->arena, 1, opened, &seats), 4);
            for (size_t i = 0; i < 4; i++)
                assert_string_equal(seats[i].id, play_pm_seats[i]);
        }
        for (size_t i = 0; i < 4; i++)
            play_ok(play_vote(f, open, play_pm_seats[i], FOR));
        play_ok(play_end(f, open, SEC));
        assert_int_equal(play_outcome(f, open), ADOPTED);
        assert_non_null(strstr(play_certificate(f, open), "\"charter_version\":1"));
        fed_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
