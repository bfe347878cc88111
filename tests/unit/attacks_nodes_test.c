/* A node's own clock, and nodes that confirm what isn't so.
 *
 *   clock a day back           nothing is cosigned (LEAF_LATE) until it is right
 *   a day ahead, then right    what is older than its last cosignature isn't cosigned (LEAF_EARLY) but
 *                              under a certified head; when the log's time has come there, all is well
 *   a second twice             cosigned as ever; its own times don't fall
 *   cosigned another root      not counted, by broker or node; with the log's signature: evidence
 */
#include "tests/lib/cmocka_all.h"

#include "tests/lib/liar.h"
#include "tests/lib/play.h"

static const uint64_t DAY = 24 * 3600 * 1000;

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
    n->now.legal_ms -= DAY;
    assert_false(cosigns(n, "Klokken er stilt"));
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_LEAF_EARLY);
    assert_int_equal(liar_status(n).cosigned_size, cosigned);
    /* the others confirm without it, and then it does */
    liar_certify(n, LIAR_BROKER, l->count, "123");
    liar_tick(n, 1000);
    assert_int_equal(liar_status(n).cosigned_size, l->count);
    assert_false(cosigns(n, "Ennå samme dag"));
    /* a day later the log is where its clock was */
    l->f->now_ms += DAY;
    n->now.legal_ms += DAY;
    n->now.mono_ms += DAY;
    liar_certify(n, LIAR_BROKER, l->count, "123");
    liar_tick(n, 1000);
    assert_true(cosigns(n, "Neste dag"));
    liar_node_free(n);
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
        T(test_a_second_twice),
        T(test_cosigned_another_root),
        T(test_cosigned_another_root_that_the_log_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
