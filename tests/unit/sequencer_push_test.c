/* When the broker sends leaves at once, and when it gathers them. */
#include "tests/lib/play.h"
#include "tests/unit/sequencer_rig.h"

enum { PEER = 1, MANY = SB_SEQ_GATHER_LEAVES, REPORTS = 6 * MANY };

/* Cases are reported: in r->f from the line that is returned on, and not yet in the sequencer's log. A peer
 * has all of that, and pulls so many leaves more. */
static size_t open_with_reports(rig *r, uint32_t credit)
{
    play_id id;
    size_t line = r->f->leaf_count;
    rig_fill(r, line);
    assert_int_equal(rig_open(r, "log", false, 0), SB_OK);
    for (size_t i = 0; i < REPORTS; i++)
        play_ok(play_report(r->f, "ssu", "En sak til", DECISION, SEC, &id));
    r->now.legal_ms = r->f->now_ms;
    rig_tick(r, 1); /* the head of what was there is offered */
    rig_up(r, PEER, 0);
    Sb__Pull m = SB__PULL__INIT;
    Sb__Frame f = SB__FRAME__INIT;
    m.from = r->store.leaf_count;
    m.credit = credit;
    f.body_case = SB__FRAME__BODY_PULL;
    f.pull = &m;
    rig_say(r, PEER, &f, NULL);
    return line;
}

/* So many leaves went to the peer with the last event. */
static size_t pushed(const rig *r)
{
    size_t leaves = 0;
    for (size_t i = 0; i < r->sent_count; i++)
        if (r->sent[i]->body_case == SB__FRAME__BODY_LEAVES)
            leaves += r->sent[i]->leaves->n_leaves;
    return leaves;
}

/* The next `count` reports come in, in one batch after `ms`: how many leaves are pushed then. */
static size_t batch(rig *r, size_t *line, size_t count, uint64_t ms)
{
    for (size_t end = *line + count; *line < end; ++*line) {
        sb_slice bytes = fed_leaf(r->f, *line);
        sb_leaf leaf;
        Sb__Submit m = SB__SUBMIT__INIT;
        Sb__Frame f = SB__FRAME__INIT;
        m.entry = (ProtobufCBinaryData){.len = bytes.len - 8, .data = (uint8_t *)bytes.data + 8};
        f.body_case = SB__FRAME__BODY_SUBMIT;
        f.submit = &m;
        assert_int_equal(
            sb_entry_open(sb_slice_of(m.entry.data, m.entry.len), &r->arena, &leaf, NULL), SB_OK);
        for (size_t i = 0; i < leaf.blob_count; i++)
            sim_store_blob(&r->store, leaf.blobs[i]->sha256.data);
        rig_say(r, PEER, &f, &leaf);
        assert_int_equal(r->sent_count, 0);
    }
    rig_tick(r, ms);
    return pushed(r);
}

static void few_go_at_once(void **state)
{
    rig *r = *state;
    size_t line = open_with_reports(r, 4 * MANY);
    assert_int_equal(batch(r, &line, 1, 1), 1);
    assert_int_equal(batch(r, &line, 3, 1), 3);
    assert_int_equal(batch(r, &line, MANY - 1, 1), MANY - 1);
    assert_int_equal(batch(r, &line, 1, 1), 1);
}

static void after_many_they_are_gathered(void **state)
{
    rig *r = *state;
    size_t line = open_with_reports(r, 4 * MANY);
    assert_int_equal(batch(r, &line, MANY, 1), MANY);
    assert_int_equal(batch(r, &line, 1, 1), 0);
    assert_int_equal(batch(r, &line, 2, SB_SEQ_GATHER_MS - 2), 0);
    assert_int_equal(batch(r, &line, 1, 1), 4);
    assert_int_equal(batch(r, &line, 1, 1), 1); /* few came before */
}

static void when_no_more_come_they_go(void **state)
{
    rig *r = *state;
    size_t line = open_with_reports(r, 4 * MANY);
    assert_int_equal(batch(r, &line, MANY, 1), MANY);
    assert_int_equal(batch(r, &line, 5, 1), 0);
    rig_tick(r, 1);
    assert_int_equal(pushed(r), 5);
}

/* What it still takes is there. */
static void no_longer_than_the_credit(void **state)
{
    rig *r = *state;
    size_t line = open_with_reports(r, MANY + 2);
    assert_int_equal(batch(r, &line, MANY, 1), MANY);
    assert_int_equal(batch(r, &line, 1, 1), 0);
    assert_int_equal(batch(r, &line, 1, 1), 2);
}

/* A node that asks for short frames gets 256 leaves at once. */
static void no_longer_than_a_frame(void **state)
{
    rig *r = *state;
    size_t line = open_with_reports(r, 2 * SB_SHORT_FRAME_LEAVES_MAX);
    assert_int_equal(batch(r, &line, MANY, 1), MANY);
    assert_int_equal(batch(r, &line, MANY, 1), 0);
    assert_int_equal(batch(r, &line, SB_SHORT_FRAME_LEAVES_MAX - MANY - 1, 1), 0);
    assert_int_equal(batch(r, &line, 1, 1), SB_SHORT_FRAME_LEAVES_MAX);
}

/* Nobody cosigned the head that is offered: after a while the next one is, and that isn't held back. */
static void a_head_to_cosign_goes_at_once(void **state)
{
    rig *r = *state;
    size_t line = open_with_reports(r, 4 * MANY);
    rig_tick(r, SB_SEQ_COLLECT_MS_MAX - SB_SEQ_GATHER_MS);
    assert_int_equal(batch(r, &line, MANY, 1), MANY);
    assert_int_equal(batch(r, &line, 1, 1), 0);
    assert_int_equal(batch(r, &line, 1, SB_SEQ_GATHER_MS - 2), 3); /* a STATE with them */
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(few_go_at_once),
        T(after_many_they_are_gathered),
        T(when_no_more_come_they_go),
        T(no_longer_than_the_credit),
        T(no_longer_than_a_frame),
        T(a_head_to_cosign_goes_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
