/* A store that was restored or lost, while the witness key was kept: the node takes care. */
#include "proto/base/cursor.h"
#include "tests/unit/follower_says.h"

static void test_restored(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    uint8_t key[1], row[13];
    r->now.legal_ms = r->f->now_ms + 1000;
    uint64_t restored_s = r->now.legal_ms / 1000 + 30;
    sb_follower_restored_row(restored_s, key, row);
    sb_kv_put(r->store.own, sb_slice_of(key, 1), sb_slice_of(row, sizeof row));
    reopen(r);
    follow(r, size);
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_RESTORED);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_RESTORED"));
    /* what a quorum confirmed before says nothing of what we did since */
    uint64_t now_ms = r->now.legal_ms;
    r->now.legal_ms = restored_s * 1000 - 5000;
    assert_null(strstr(certified_on(r, 1, size, 1, 3, false), "COSIGNED"));
    assert_true(status_of(r).restored);
    r->now.legal_ms = now_ms;
    assert_true(has(certified_on(r, 1, size, 1, 3, false), "+COSIGNED"));
    assert_int_equal(status_of(r).cosigned_size, size);
    /* promises by itself only in a later term */
    tick(r, 181000);
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_RESTORED"));
    consent(r, 2, "log-2", "unn/authority");
    assert_true(has(ask_promise(r, 2, "log-2"), "PromiseGiven 2"));
}

/* A store that was lost, while the witness key was kept: the log bears our own hand, the record knows
 * nothing of it. The node notices by itself, and takes care like one that was restored. */
static void test_lost_store(void **state)
{
    rig *r = *state;
    const uint32_t with_us[] = {0, 1, 2};
    uint64_t sealed = unsealed(r), before = r->f->leaf_count;
    assert_int_equal(fed_seal_by(r->f, with_us, 3), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t size = r->f->leaf_count;
    follow(r, before - 1);
    assert_false(status_of(r).restored); /* nothing of ours yet */
    assert_true(has(leaves_on(r, 1, before - 1, size, 1), "+RESTORED"));
    assert_true(status_of(r).restored);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_RESTORED);
    assert_int_equal(status_of(r).cosigned_size, sealed); /* so much the log says of it */
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome_on(r, 1, size, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_null(strstr(tick(r, 61000), "Cosign"));
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_RESTORED"));
    certified_on(r, 1, size, 1, 3, false);
    assert_int_equal(status_of(r).cosigned_size, size);
    assert_true(status_of(r).restored); /* promises only by consent in this term */
}

/* Before the log gives the record back something was cosigned anew, at a time that the record then
 * doesn't have: the next one isn't dated before it, though the clock was set back meanwhile. */
static void test_lost_time(void **state)
{
    rig *r = *state;
    const uint32_t with_us[] = {0, 1, 2};
    uint64_t before = r->f->leaf_count;
    unsealed(r);
    assert_int_equal(fed_seal_by(r->f, with_us, 3), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t size = r->f->leaf_count;
    follow(r, before - 1);
    r->now.legal_ms += 90 * 1000;
    leaves_on(r, 1, before - 1, before, 1);
    uint64_t anew_s = time_cosigned(r);
    assert_int_equal(anew_s, r->now.legal_ms / 1000);
    assert_true(has(leaves_on(r, 1, before, size, 1), "+RESTORED"));
    assert_true(time_cosigned(r) < anew_s); /* what the log has of us */
    r->now.legal_ms -= 60 * 1000;
    r->later_s = 61;
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome_on(r, 1, size, 1);
    assert_true(has(certified_on(r, 1, size, 1, 3, false), "+COSIGNED"));
    assert_int_equal(time_cosigned(r), anew_s);
}

static void test_lost_promise(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    assert_false(status_of(r).restored);
    uint64_t kept = r->f->leaf_count;
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(r->f, &h, i);
    assert_int_equal(fed_hand_over(r->f, fed_handover_message(r->f, &h), "log-2"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    welcome_on(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves_on(r, 2, kept, end, 2), "+RESTORED"));
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_RESTORED);
    certified_on(r, 2, end, 2, 4, false);
    assert_int_equal(status_of(r).cosigned_term, 1);
    r->now.legal_ms += 2000;
    certified_on(r, 2, end, 2, 4, false);
    assert_int_equal(status_of(r).cosigned_term, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_restored, setup_terms),
        TEST(test_lost_store, setup_terms),
        TEST(test_lost_time, setup_terms),
        TEST(test_lost_promise, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
