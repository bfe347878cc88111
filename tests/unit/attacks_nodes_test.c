/* A node's own clock, and nodes that confirm what isn't so.
 *
 *   clock a day back           nothing is cosigned (LEAF_LATE) until it is right
 *   a day ahead                what is older than its last cosignature isn't cosigned (LEAF_EARLY); set
 *                              right, it goes on at once, also when half of the others shared it; started
 *                              again after that, nothing older than the newest certified head's quorum
 *   set back with the others'  what is dated before the cosignings seen isn't cosigned (LEAF_EARLY)
 *   all a day ahead            … nothing, then, but in a new term
 *   off, either way            the status says how far from the others' median
 *   a second twice             cosigned as ever; its own times don't fall
 *   cosigned another root      not counted, by broker or node; with the log's signature: evidence
 */
#include "tests/lib/cmocka_all.h"

#include "tests/lib/liar.h"
#include "tests/lib/play.h"
#include "tests/sim/sim_frame.h"

static const uint64_t DAY = 24 * 3600 * 1000, HOURS = 2 * 3600 * 1000;

static int setup(void **state)
{
    *state = liar_new();
    return 0;
}

static int teardown(void **state)
{
    liar_free(*state);
    return 0;
}

/* An honest broker goes on. */
static void something(liar *l, const char *title)
{
    play_id id;
    play_ok(play_report(l->f, "ssu", title, DECISION, SEC, &id));
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
}

/* Its clock goes on as the broker's does, from wherever it stands. */
static bool cosigns(liar_node *n, const char *title)
{
    liar *l = n->l;
    uint64_t before_ms = l->f->now_ms;
    something(l, title);
    n->now.legal_ms += l->f->now_ms - before_ms;
    sb_checkpoint head = liar_head(l, l->count, 1);
    sb_slice note = liar_note(l, &head, "");
    return strstr(liar_push_under(n, LIAR_BROKER, liar_status(n).size, l->count, note, NULL),
                  "COSIGNED") != NULL;
}

/* ---- clocks ---- */

static void test_clock_a_day_back(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    uint64_t cosigned = liar_status(n).cosigned_size;
    n->now.legal_ms -= DAY;
    assert_false(cosigns(n, "I dag"));
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_LEAF_LATE);
    assert_int_equal(liar_status(n).cosigned_size, cosigned);
    assert_int_equal(liar_status(n).size, l->count); /* followed and shown all the same */
    n->now.legal_ms += DAY;
    liar_has(liar_tick(n, 60 * 1000), "COSIGNED");
    assert_int_equal(liar_status(n).cosigned_size, l->count);
    liar_node_free(n);
}

static void test_clock_a_day_ahead(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    n->now.legal_ms += DAY;
    assert_true(cosigns(n, "I dag")); /* it can't tell; one node's times decide nothing */
    uint64_t cosigned = liar_status(n).cosigned_size;
    assert_false(cosigns(n, "Ennå i dag")); /* older than what it says that it has cosigned */
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_LEAF_EARLY);
    assert_int_equal(liar_status(n).cosigned_size, cosigned);
    /* the clock is set right: at once, as the same process */
    n->now.legal_ms -= DAY;
    liar_has(liar_tick(n, 1000), "COSIGNED");
    assert_int_equal(liar_status(n).cosigned_size, l->count);
    assert_true(cosigns(n, "Klokken er stilt"));
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_NONE);
    liar_node_free(n);
}

/* Quiet for two hours before somebody sets it right. */
static void test_clock_set_right_late(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    n->now.legal_ms += DAY;
    assert_true(cosigns(n, "I dag"));
    assert_false(cosigns(n, "Ennå i dag"));
    liar_tick(n, 2 * 3600 * 1000);
    l->f->now_ms += 2 * 3600 * 1000;
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_LEAF_EARLY);
    n->now.legal_ms -= DAY;
    liar_hasnt(liar_tick(n, 1000), "COSIGNED"); /* an old head, asked for long ago */
    liar_has(liar_certify(n, LIAR_BROKER, l->count, ""), "COSIGNED");
    assert_true(cosigns(n, "Klokken er stilt"));
    liar_node_free(n);
}

/* The others' notes, at the time of their clocks. */
static void certified_at(liar_node *n, const char *orgs, uint64_t ms)
{
    uint64_t was_ms = n->l->f->now_ms;
    n->l->f->now_ms = ms;
    liar_certify(n, LIAR_BROKER, n->l->count, orgs);
    n->l->f->now_ms = was_ms;
}

/* Started again after that it knows of its own last cosigning only a time that can't be: it holds the
 * broker to when a quorum confirmed the newest certified head. */
static liar_node *set_right_and_started(liar *l)
{
    liar_node *n = liar_node_new(l, 0);
    n->now.legal_ms += DAY;
    assert_true(cosigns(n, "I dag"));
    n->now.mono_ms += HOURS;
    n->now.legal_ms += HOURS - DAY;
    certified_at(n, "123", l->f->now_ms + HOURS);
    liar_node_restart(n);
    return n;
}

static void test_clock_set_right_before_a_start(void **state)
{
    liar_node *n = set_right_and_started(*state);
    assert_false(cosigns(n, "For to timer siden"));
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_LEAF_EARLY);
    liar_node_free(n);
}

/* … and what is dated when it comes is cosigned. */
static void test_clock_right_after_a_start(void **state)
{
    liar_node *n = set_right_and_started(*state);
    n->l->f->now_ms += HOURS;
    n->now.legal_ms -= 1000;
    assert_true(cosigns(n, "Nå"));
    liar_node_free(n);
}

/* Two of four share a clock that is a day ahead: nothing is confirmed by three, until it is set. */
static void test_half_are_a_day_ahead(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    n->now.legal_ms += DAY;
    assert_true(cosigns(n, "I dag"));
    certified_at(n, "1", l->f->now_ms + DAY);
    certified_at(n, "23", l->f->now_ms);
    assert_false(cosigns(n, "Ennå i dag"));
    n->now.legal_ms -= DAY;
    liar_has(liar_tick(n, 1000), "COSIGNED");
    assert_true(cosigns(n, "Klokken er stilt"));
    liar_node_free(n);
}

/* All were right, the log was quiet for a day, and then somebody sets the clocks back: what is dated
 * before the cosignings that all have seen isn't cosigned. */
static void test_clocks_set_back_backdate_nothing(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    n->now.legal_ms += DAY;
    n->now.mono_ms += DAY;
    certified_at(n, "123", l->f->now_ms + DAY);
    liar_has(sb_buf_cstr(&n->trace), "COSIGNED"); /* the same head, a day later */
    uint64_t cosigned = liar_status(n).cosigned_size;
    n->now.legal_ms -= DAY;
    assert_false(cosigns(n, "I går"));
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_LEAF_EARLY);
    assert_int_equal(liar_status(n).cosigned_size, cosigned);
    liar_node_free(n);
}

/* The others hand over to a new broker; this node follows it. */
static void new_term(liar_node *n)
{
    liar *l = n->l;
    size_t kept = l->count;
    sb_leaf leaf;
    fed_handover h = fed_handover_begin(l->f, 2, "log-2");
    for (uint32_t org = 1; org < 4; org++)
        fed_promise_of(l->f, &h, org);
    assert_int_equal(fed_hand_over(l->f, fed_handover_message(l->f, &h), "log-2"), SB_OK);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    assert_int_equal(sb_leaf_open(l->log[kept], &l->arena, &leaf, NULL), SB_OK);
    sb_checkpoint head = liar_head(l, l->count, 2);
    const Sb__Frame *f = sim_offer(&l->arena, kept, l->log[kept], liar_note(l, &head, ""));
    liar_up(n, LIAR_OTHER_BROKER, SB_FOL_ROLE_BROKER);
    liar_frame(n, LIAR_OTHER_BROKER, f, &leaf);
    liar_welcome(n, LIAR_OTHER_BROKER, l->count, 2);
    liar_push(n, LIAR_OTHER_BROKER, l->count, 2);
    assert_int_equal(liar_status(n).term, 2);
}

/* All clocks were a day ahead: nobody can tell that from clocks that are a day behind now, and nothing
 * is cosigned in this term until that day has come; in a new term all is well. */
static void test_all_were_a_day_ahead(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    n->now.legal_ms += DAY;
    assert_true(cosigns(n, "I dag"));
    certified_at(n, "123", l->f->now_ms + DAY);
    n->now.legal_ms -= DAY;
    assert_false(cosigns(n, "Klokkene er stilt"));
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_LEAF_EARLY);
    new_term(n);
    assert_int_equal(liar_status(n).cosigned_size, l->count);
    something(l, "I ny termin");
    n->now.legal_ms = l->f->now_ms;
    liar_push(n, LIAR_OTHER_BROKER, l->count, 2);
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_NONE);
    assert_int_equal(liar_status(n).cosigned_size, l->count);
    /* and what is confirmed now is fresh, though that was said of tomorrow before */
    n->now.mono_ms += SB_FOL_STALE_MS;
    assert_true(liar_status(n).stale);
    sb_checkpoint head = liar_head(l, l->count, 2);
    liar_certify_note(n, LIAR_OTHER_BROKER, liar_note(l, &head, "123"));
    assert_false(liar_status(n).stale);
    liar_node_free(n);
}

/* The status says it when it lasts, and no longer when the clock is set; the others' faults aren't
 * ours. */
static void test_own_clock_is_off(void **state)
{
    liar *l = *state;
    for (int way = 0; way < 2; way++) {
        liar_node *n = liar_node_new(l, 0);
        int64_t day = way == 0 ? (int64_t)DAY : -(int64_t)DAY;
        n->now.legal_ms += (uint64_t)day;
        for (int minute = 0; minute < 5; minute++) {
            liar_tick(n, 60 * 1000);
            certified_at(n, "123", n->now.legal_ms - (uint64_t)day - 1000);
        }
        assert_in_range(-liar_status(n).clock_off_ms * (way == 0 ? 1 : -1), DAY - 5000, DAY + 5000);
        n->now.legal_ms -= (uint64_t)day;
        liar_tick(n, 1000);
        assert_int_equal(liar_status(n).clock_off_ms, 0);
        /* one of the others is off, then two: two of four aren't most */
        for (int minute = 0; minute < 5; minute++) {
            liar_tick(n, 60 * 1000);
            certified_at(n, "1", n->now.legal_ms + DAY);
            certified_at(n, "2", n->now.legal_ms + DAY);
            certified_at(n, "3", n->now.legal_ms);
        }
        assert_int_equal(liar_status(n).clock_off_ms, 0);
        liar_node_free(n);
    }
}

static void test_a_second_twice(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    assert_true(cosigns(n, "23:59:59"));
    n->now.legal_ms -= 1000;
    l->f->now_ms -= l->f->tick_ms; /* the broker's log stands still meanwhile */
    l->f->tick_ms = 0;
    l->f->now_ms += 1000;
    assert_true(cosigns(n, "23:59:59 igjen"));
    n->now.legal_ms += 500; /* smeared */
    assert_true(cosigns(n, "23:59:60"));
    assert_int_equal(liar_status(n).faults, 0);
    liar_node_free(n);
}

/* ---- cosignatures of what isn't so ---- */

/* A line by `org` over `over`, under the note of `head`. */
static sb_slice with_line(liar *l, sb_slice note, const sb_checkpoint *over, uint32_t org)
{
    sb_buf out;
    sb_cosignature c;
    sb_buf_init(&out);
    sb_buf_add(&out, note);
    const fed_key *key = fed_witness(l->f, org);
    assert_int_equal(sb_cosign(over, key->secret, (l->f->now_ms + 2000) / 1000, &c, NULL), SB_OK);
    sb_cosignature_add_line(&out, sb_slice_str(over->origin), key->pk, &c);
    sb_slice copy = sb_arena_copy(&l->arena, sb_buf_slice(&out));
    sb_buf_deinit(&out);
    return copy;
}

static void test_cosigned_another_root(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    uint64_t certified = liar_status(n).certified_size;
    assert_true(cosigns(n, "Noe nytt"));
    sb_checkpoint head = liar_head(l, l->count, 1), wrong = head;
    wrong.root[0] ^= 1;
    /* two of four are true, the third is over another root, or another size */
    liar_certify_note(n, LIAR_BROKER, with_line(l, liar_note(l, &head, "12"), &wrong, 3));
    assert_int_equal(liar_status(n).certified_size, certified);
    wrong = head;
    wrong.size++;
    liar_certify_note(n, LIAR_BROKER, with_line(l, liar_note(l, &head, "12"), &wrong, 3));
    assert_int_equal(liar_status(n).certified_size, certified);
    liar_not_final(n);
    liar_certify(n, LIAR_BROKER, l->count, "123");
    assert_int_equal(liar_status(n).certified_size, l->count);
    liar_node_free(n);
}

/* With the log's signature it is two heads that can't both be: kept, with who cosigned it. */
static void test_cosigned_another_root_that_the_log_signed(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    assert_true(cosigns(n, "Noe nytt"));
    sb_checkpoint wrong = liar_head(l, l->count, 1);
    wrong.root[0] ^= 1;
    liar_has(liar_certify_note(n, LIAR_BROKER, liar_note(l, &wrong, "3")), "conflict");
    liar_convicted(n, SB_E_FOLLOWER_CONFLICT, SB_EVIDENCE_HEADS);
    liar_not_final(n);
    liar_node_free(n);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_clock_a_day_back),
        T(test_clock_a_day_ahead),
        T(test_clock_set_right_late),
        T(test_clock_set_right_before_a_start),
        T(test_clock_right_after_a_start),
        T(test_half_are_a_day_ahead),
        T(test_clocks_set_back_backdate_nothing),
        T(test_all_were_a_day_ahead),
        T(test_own_clock_is_off),
        T(test_a_second_twice),
        T(test_cosigned_another_root),
        T(test_cosigned_another_root_that_the_log_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
