/* The sequencer over a history that others made: half of the organisations have left; a broker took
 * over, and the nodes were connected to it before. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/sequencer/sequencer.h"
#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/play_actions.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/sim_trace.h"

enum { PEER = 1, OTHER = 2 };

typedef struct rig {
    fed *f;
    sim_store store;
    sb_ledger *ledger;
    sb_sequencer *seq;
    sb_now now;
    sb_buf trace;
} rig;

/* No rehearsal: its clock would be let off. */
static void for_real(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    play_amendable(charter, arena, arg);
    charter->rehearsal = false;
}

static fed *start(void)
{
    fed *f = fed_new(&(fed_options){.edit = for_real});
    fed_run(f);
    fed_at(f, 20211215, 9, 0);
    return f;
}

/* All leaves of the history, as a broker that wrote them would have stored them. */
static void store_all(rig *r)
{
    sb_commit_builder commit;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_commit_builder_init(&commit, sim_store_reader(&r->store).tiles);
    sb_commit_builder_clear(&commit, 0);
    r->ledger = sim_store_ledger(&r->store);
    for (size_t i = 0; i < r->f->leaf_count; i++) {
        sb_leaf leaf;
        sb_fail fail;
        assert_int_equal(sb_leaf_open(fed_leaf(r->f, i), &arena, &leaf, &fail), SB_OK);
        assert_int_equal(sb_ledger_step(r->ledger, &leaf, sb_commit_add_tile, &commit, &fail),
                         SB_OK);
        sb_commit_add_leaf(&commit, leaf.bytes);
    }
    sim_store_commit(&r->store, sb_commit_builder_get(&commit), r->ledger);
    sb_commit_builder_deinit(&commit);
    sb_arena_deinit(&arena);
}

static void open_over(rig *r, fed *f)
{
    sb_fail fail;
    *r = (rig){.f = f};
    sim_store_init(&r->store);
    sb_buf_init(&r->trace);
    store_all(r);
    r->now = (sb_now){.legal_ms = f->now_ms + 1000, .mono_ms = 1000};
    sb_seq_opts opts = {.ledger = r->ledger,
                        .log = sim_store_reader(&r->store),
                        .log_key = fed_key_of(f, f->log_key)->secret,
                        .watches_jumps = true};
    assert_int_equal(sb_sequencer_open(&r->seq, &opts, &fail), SB_OK);
}

static void end(rig *r)
{
    sb_sequencer_close(r->seq);
    sb_ledger_close(r->ledger);
    sim_store_deinit(&r->store);
    sb_buf_deinit(&r->trace);
    fed_free(r->f);
}

/* Step, commit when asked, and give the trace of all of it. */
static const char *feed(rig *r, sb_seq_event event)
{
    sb_seq_effects effects;
    sb_buf_clear(&r->trace);
    event.now = r->now;
    sb_sequencer_step(r->seq, &event, &effects);
    sim_trace_seq(&effects, &r->trace);
    if (effects.count > 0 && effects.items[effects.count - 1].kind == SB_SEQ_COMMIT) {
        sim_store_commit(&r->store, effects.items[effects.count - 1].commit, r->ledger);
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = r->now};
        sb_sequencer_step(r->seq, &done, &effects);
        sim_trace_seq(&effects, &r->trace);
    }
    return sb_buf_cstr(&r->trace);
}

static const char *tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    return feed(r, (sb_seq_event){.kind = SB_SEQ_TICK});
}

static const char *frame(rig *r, uint64_t peer, const Sb__Frame *f)
{
    return feed(r, (sb_seq_event){.kind = SB_SEQ_FRAME, .peer = peer, .frame = f});
}

static void cosign_at(rig *r, const char *witness, int64_t off_s)
{
    sb_checkpoint head;
    sb_cosignature made;
    assert_int_equal(sb_checkpoint_parse(sb_sequencer_head(r->seq), &head, NULL), SB_OK);
    fed_key *key = fed_key_of(r->f, witness);
    assert_int_equal(sb_cosign(&head, key->secret,
                               (uint64_t)((int64_t)(r->now.legal_ms / 1000) + off_s), &made, NULL),
                     SB_OK);
    Sb__Cosign m = SB__COSIGN__INIT;
    m.size = head.size;
    m.root = (ProtobufCBinaryData){.len = 32, .data = head.root};
    m.witness_pk = (ProtobufCBinaryData){.len = 32, .data = key->pk};
    m.time_s = made.time_s;
    m.signature = (ProtobufCBinaryData){.len = 64, .data = made.sig};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_COSIGN;
    f.cosign = &m;
    frame(r, PEER, &f);
}

/* ---- organisations that left ---- */

static void take_out(fed *f, const char *id, uint32_t day, const uint32_t *sealers, size_t count)
{
    static const char *const clause[] = {"Slik blir det."};
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionOrganisationRemove remove = SB__ACTION_ORGANISATION_REMOVE__INIT;
    play_id c, meeting, q;
    play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    remove.organisation = (char *)(uintptr_t)id;
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION_REMOVE;
    m.organisation_remove = &remove;
    play_ok(play_action(f, &m, SEC, NULL));
    play_next_meeting(f, "pm", day, c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_pm_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    for (int twice = 0; twice < 2; twice++) { /* the change, and the policy after it alone */
        sb_ledger_position at;
        sb_ledger_position_get(f->ledger, &at);
        if (!at.ends_with_state)
            assert_int_equal(fed_state(f), SB_OK);
        assert_int_equal(fed_seal_by(f, sealers, count), SB_OK);
    }
    assert_int_equal(fed_state(f), SB_OK);
}

/* Two of four have left: the two that are in tell what the time is; who has left doesn't. */
static void test_clock_of_those_who_are_in(void **state)
{
    (void)state;
    rig r;
    fed *f = start();
    take_out(f, "bruker", 20220120, (const uint32_t[]){0, 1, 2}, 3);
    take_out(f, "lege", 20220210, (const uint32_t[]){0, 1, 2}, 3);
    open_over(&r, f);
    feed(&r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    tick(&r, 4000);
    sb_seq_status status;
    cosign_at(&r, "unn/witness", -1); /* the first time says nothing */
    cosign_at(&r, "unn/witness", 200);
    sb_sequencer_status(r.seq, &status);
    assert_int_equal(status.organisations, 2);
    assert_int_equal(status.clock_off_ms, 0); /* one of two is no median */
    assert_false(status.clock_bad);
    cosign_at(&r, "lege/witness", -1);
    cosign_at(&r, "lege/witness", 200);
    sb_sequencer_status(r.seq, &status);
    assert_int_equal(status.clock_off_ms, 0);
    cosign_at(&r, "kommune-a/witness", -1);
    cosign_at(&r, "kommune-a/witness", 200);
    sb_sequencer_status(r.seq, &status);
    assert_in_range(status.clock_off_ms, 199000, 201000);
    assert_true(status.clock_bad);
    end(&r);
}

/* ---- HANDOVER shown to who was here before ---- */

static const char *pull_with(rig *r, uint64_t peer, uint64_t from, uint32_t credit)
{
    Sb__Pull m = SB__PULL__INIT;
    m.from = from;
    m.credit = credit;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PULL;
    f.pull = &m;
    return frame(r, peer, &f);
}

static const char *pull(rig *r, uint64_t peer, uint64_t from)
{
    return pull_with(r, peer, from, 100);
}

static size_t shown(const char *trace, const char *to)
{
    size_t count = 0;
    for (const char *at = trace; (at = strstr(at, to)) != NULL; at++)
        count++;
    return count;
}

/* Each peer is shown it until that peer asks for what comes behind it. */
static void test_handover_shown_until_taken(void **state)
{
    (void)state;
    static const char ONE[] = "send 1 HandoverOffer", TWO[] = "send 2 HandoverOffer";
    rig r;
    fed *f = start();
    fed_state(f);
    size_t index = f->leaf_count;
    fed_take_over(f, 2, "log-2");
    open_over(&r, f);
    feed(&r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    feed(&r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = OTHER});
    const char *said = tick(&r, 1);
    assert_int_equal(shown(said, ONE), 1);
    assert_int_equal(shown(said, TWO), 1);
    said = tick(&r, 2000);
    assert_int_equal(shown(said, ONE), 1);
    assert_int_equal(shown(said, TWO), 1);
    pull(&r, PEER, index); /* it still lacks it */
    said = tick(&r, 2000);
    assert_int_equal(shown(said, ONE), 1);
    pull(&r, PEER, index + 1); /* it has it */
    for (int i = 0; i < 5; i++) {
        said = tick(&r, 2000);
        assert_int_equal(shown(said, ONE), 0);
        assert_int_equal(shown(said, TWO), 1);
        assert_int_equal(shown(pull(&r, PEER, index + 1), ONE), 0);
    }
    feed(&r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER}); /* another connection */
    assert_int_equal(shown(tick(&r, 2000), ONE), 1);
    end(&r);
}

/* ---- frames ---- */

/* A program that takes no frame of more than 256 leaves says so by its credit. */
static void test_frames_are_as_long_as_the_credit_says(void **state)
{
    (void)state;
    rig r;
    fed *f = start();
    for (int i = 0; i < 3 * SB_SHORT_FRAME_LEAVES_MAX + SB_LONG_FRAME_LEAVES_MAX; i++)
        assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    fed_state(f);
    open_over(&r, f);
    feed(&r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    feed(&r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = OTHER});
    pull_with(&r, PEER, 7, 1024);
    assert_string_equal(tick(&r, 1), "send 1 Leaves 7+256 head 263\n"
                                     "send 1 Leaves 263+256 head 519\n"
                                     "send 1 Leaves 519+256 head 775\n"
                                     "send 1 Leaves 775+256 head 1031\n");
    pull_with(&r, PEER, 0, SB_LONG_FRAMES_CREDIT - 1);
    assert_non_null(strstr(tick(&r, 1), "send 1 Leaves 0+256 head 256\n"));
    pull_with(&r, PEER, 300,
              SB_LONG_FRAMES_CREDIT); /* it sinks: the next is as long as the first */
    char rest[128];
    snprintf(rest, sizeof rest,
             "send 1 Leaves 300+1024 head 1324\nsend 1 Leaves 1324+%zu head %zu\n",
             f->leaf_count - 1324, f->leaf_count);
    assert_in_range(f->leaf_count - 1324, SB_SHORT_FRAME_LEAVES_MAX + 1, SB_LONG_FRAME_LEAVES_MAX);
    assert_string_equal(tick(&r, 1), rest);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_of_those_who_are_in),
        cmocka_unit_test(test_handover_shown_until_taken),
        cmocka_unit_test(test_frames_are_as_long_as_the_credit_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
