/* A broker that starts over a store that was there: the nodes are heard before it orders anything, for
 * the store may be an old copy. */
#include "tests/unit/sequencer_rig.h"

enum { OUTSIDER = 9 };

/* How much the log grows meanwhile. */
static uint64_t grows(rig *r, uint64_t ms)
{
    uint64_t before = r->store.leaf_count;
    for (uint64_t i = 0; i < ms; i += 50)
        rig_tick(r, 50);
    return r->store.leaf_count - before;
}

static void opens(rig *r, uint64_t awaits_from_ms)
{
    assert_int_equal(rig_open(r, r->f->log_key, true, awaits_from_ms), SB_OK);
}

/* The first `size` leaves of f are what the store has; f goes on to have one more, which nothing follows yet. */
static void begin(rig *r, size_t size)
{
    rig_fill(r, size);
    opens(r, 0);
    assert_int_equal(grows(r, 50), 0);
}

static int setup(void **state)
{
    rig_setup(state);
    rig *r = *state;
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK); /* a STATE is due */
    r->now = (sb_now){.legal_ms = r->f->now_ms, .mono_ms = 0};
    return 0;
}

/* The organisation's node connects, on its connection 1 + org, and greets. */
static void greets_in(rig *r, uint32_t org, uint64_t size, uint32_t term)
{
    rig_up(r, 1 + org, org);
    rig_hello(r, 1 + org, size, term);
}

static void greets(rig *r, uint32_t org, uint64_t size)
{
    greets_in(r, org, size, 1);
}

static void goes(rig *r, uint32_t org)
{
    rig_feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_DOWN, .peer = 1 + org});
}

static void submits(rig *r, uint32_t org, size_t index)
{
    sb_leaf leaf;
    Sb__Submit m = SB__SUBMIT__INIT;
    assert_int_equal(sb_leaf_open(fed_leaf(r->f, index), &r->arena, &leaf, NULL), SB_OK);
    m.entry = (ProtobufCBinaryData){.len = leaf.entry.bytes.len,
                                    .data = (uint8_t *)(uintptr_t)leaf.entry.bytes.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_SUBMIT;
    f.submit = &m;
    rig_say(r, 1 + org, &f, &leaf);
}

static uint32_t count(uint32_t *of)
{
    uint32_t n = *of;
    *of = 0;
    return n;
}

/* Three of four: then all who have greeted are welcomed, and it orders. */
static void test_more_than_half(void **state)
{
    rig *r = *state;
    size_t size = r->f->leaf_count;
    begin(r, size);
    greets(r, 0, size);
    greets(r, 0, size);
    greets(r, 1, 0);
    greets(r, OUTSIDER, size);
    assert_int_equal(grows(r, 3000), 0);
    assert_true(sb_sequencer_awaits(r->seq, NULL));
    assert_int_equal(count(&r->welcomes), 0); /* so that nobody hands anything in */
    greets(r, 2, size - 1);
    assert_true(grows(r, 50) > 0);
    assert_false(sb_sequencer_awaits(r->seq, NULL));
    assert_int_equal(count(&r->welcomes), 4);
    greets(r, 3, size);
    assert_int_equal(count(&r->welcomes), 1);
}

/* Who has gone again isn't heard; and nobody holds it up for longer than ten seconds. */
static void test_at_most_ten_seconds(void **state)
{
    rig *r = *state;
    size_t size = r->f->leaf_count;
    begin(r, size);
    greets(r, 0, size);
    greets(r, 1, size);
    goes(r, 1);
    greets(r, 2, size);
    greets(r, 3, size + 5); /* a claim: shown by nothing */
    assert_int_equal(count(&r->welcomes), 1);
    assert_int_equal(grows(r, SB_SEQ_AWAIT_MS - 100), 0);
    assert_true(grows(r, 200) > 0);
    assert_int_equal(count(&r->welcomes), 2);
}

/* Opened anew, as after a full disk, it awaits no longer in all. */
static void test_ten_seconds_in_all(void **state)
{
    rig *r = *state;
    uint64_t from_ms;
    begin(r, r->f->leaf_count);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(grows(r, SB_SEQ_AWAIT_MS / 4), 0);
        assert_true(sb_sequencer_awaits(r->seq, &from_ms));
        rig_close(r);
        opens(r, from_ms);
    }
    assert_int_equal(grows(r, SB_SEQ_AWAIT_MS / 4 - 100), 0);
    assert_true(grows(r, 200) > 0);
}

/* An old copy: who holds more is welcomed at once, and shows it; nothing was taken meanwhile. */
static void test_old_copy(void **state)
{
    rig *r = *state;
    size_t old = r->f->leaf_count;
    assert_int_equal(fed_state(r->f), SB_OK);
    begin(r, old);
    greets(r, 0, old);
    greets(r, 1, old);
    greets(r, 3, r->f->leaf_count);
    assert_int_equal(count(&r->welcomes), 1);
    greets(r, 2, old);
    submits(r, 3, old - 1);
    assert_int_equal(grows(r, 200), 0);
    assert_int_equal(r->refusals, 0);
    sb_checkpoint head = {.size = r->f->leaf_count};
    sb_buf note;
    sb_buf_init(&note);
    sb_tree_root(sb_ledger_tree(r->f->ledger), head.root);
    assert_true(sb_ledger_origin(r->f->ledger, head.origin, sizeof head.origin));
    assert_int_equal(sb_checkpoint_sign(&head, fed_key_of(r->f, "log")->secret, &note, NULL),
                     SB_OK);
    Sb__Certified m = SB__CERTIFIED__INIT;
    m.note = (ProtobufCBinaryData){.len = note.len, .data = note.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_CERTIFIED;
    f.certified = &m;
    rig_say(r, 4, &f, NULL);
    assert_int_equal(r->fatal, SB_E_SEQUENCER_BEHIND);
    assert_int_equal(r->store.leaf_count, old);
    sb_buf_deinit(&note);
}

/* … of an older term: who is in a later one is welcomed at once, and shows the HANDOVER. */
static void test_of_an_older_term(void **state)
{
    rig *r = *state;
    size_t old = r->f->leaf_count;
    begin(r, old);
    greets(r, 0, old);
    greets(r, 1, old);
    greets_in(r, 3, old - 1, 2);
    assert_int_equal(count(&r->welcomes), 1);
    greets(r, 2, old);
    assert_int_equal(grows(r, 200), 0);
    goes(r, 3);
    assert_true(grows(r, 50) > 0);
}

/* In a new term others may still hold more of the old one; that says nothing of ours. */
static void test_in_a_later_term(void **state)
{
    rig *r = *state;
    fed_seal(r->f);
    fed_take_over(r->f, 2, "log-2");
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    size_t size = r->f->leaf_count;
    begin(r, size);
    greets(r, 0, size + 7);
    greets(r, 1, size);
    greets_in(r, 2, size, 2);
    assert_true(grows(r, 50) > 0);
    assert_int_equal(count(&r->welcomes), 3);
}

/* The founding doesn't wait for those who come after it. */
static void test_founding(void **state)
{
    rig *r = *state;
    begin(r, 0);
    assert_false(sb_sequencer_awaits(r->seq, NULL));
    submits(r, 0, 0);
    assert_true(grows(r, 50) > 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(test_more_than_half), T(test_at_most_ten_seconds), T(test_ten_seconds_in_all),
        T(test_old_copy),       T(test_of_an_older_term),    T(test_in_a_later_term),
        T(test_founding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
