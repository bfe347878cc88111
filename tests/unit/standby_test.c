/* The standby: following, silence, promises, and what they come to. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

#include "broker/standby/standby.h"
#include "tests/unit/standby_rig.h"

/* Three of four organisations must promise; one may lie. */
static void with_standby(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    fed *keys = fed_new(NULL); /* names make the same keys everywhere */
    Sb__Standby *s = SB_ARENA_NEW(arena, Sb__Standby);
    *s = (Sb__Standby)SB__STANDBY__INIT;
    s->id = "reserve";
    sb_slice pk = sb_arena_copy(arena, sb_slice_of(fed_key_of(keys, "log-2")->pk, 32));
    s->log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)pk.data};
    s->curve_pk = s->log_pk;
    s->address = "tcp://reserve.example.no:7117";
    charter->standbys = SB_ARENA_ARRAY(arena, Sb__Standby *, 1);
    charter->standbys[0] = s;
    charter->n_standbys = 1;
    charter->silence_s = 60;
    fed_free(keys);
}

static int setup(void **state)
{
    fed_options options = {.edit = with_standby};
    *state = fed_new(&options);
    fed_run(*state);
    return 0;
}

static int teardown(void **state)
{
    fed_free(*state);
    return 0;
}

static void all_up(rig *r, uint32_t nodes)
{
    for (uint32_t i = 0; i < nodes; i++)
        rig_node_up(r, i, i);
}

static void follows_from_nothing(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.phase, SB_STANDBY_FOLLOWS);
    assert_int_equal(s.size, f->leaf_count);
    assert_int_equal(s.term, 1);
    sb_head now = fed_head_now(f);
    assert_memory_equal(s.root, now.root, 32);
    assert_int_equal(r->nodes[0].asks, 0);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK); /* more comes */
    fed_seal(f);
    r->nodes[0].size = f->leaf_count;
    rig_life(r, 0, f->leaf_count, 4);
    rig_run(r, 1500);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    rig_free(r);
}

/* A node serves a leaf again that is here, spoilt: it isn't believed, and another one is asked. */
static void known_leaf_spoilt_on_the_way(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_node *n = rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    uint64_t before = rig_status(r).size;
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    fed_seal(f);
    n->spoils = true;
    n->size = f->leaf_count;
    rig_life(r, 0, f->leaf_count, 4);
    rig_run(r, 1500);
    assert_int_equal(rig_status(r).size, before);
    rig_node_up(r, 1, 1);
    rig_run(r, 10000);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    rig_free(r);
}

static void other_federation_is_refused(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    rig *r = rig_new(f, "log-2", false);
    f->federation_id[0] ^= 1;
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    f->federation_id[0] ^= 1;
    assert_int_equal(rig_status(r).size, 0);
    rig_free(r);
    fed_free(f);
}

static void silence_then_takes_over(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    all_up(r, 3);
    rig_run(r, 58000);
    assert_int_equal(r->nodes[0].asks, 0);
    sb_standby_status status;
    sb_standby_status_get(r->standby, r->now, &status);
    assert_int_equal(status.silence_ms, 60000);
    rig_life(r, 1, f->leaf_count, 2); /* two are no quorum: no sign of life */
    rig_run(r, 1500);
    rig_until_taken_over(r, 8000);
    assert_int_equal(r->rewinds, 0);
    const Sb__Handover *m = rig_handover(r, f->leaf_count);
    assert_int_equal(m->term, 2);
    assert_int_equal(m->continues_size, f->leaf_count);
    assert_int_equal(m->n_promises, 3);
    assert_int_equal(sb_ledger_term(r->ledger), 2);
    rig_free(r);
}

/* A silence that only two see: nobody is bound, and the broker goes on. Found by the simulator (1305):
 * the two confirmed nothing more, and what took more than a quorum was stuck for ever. */
static void binds_nobody_before_a_quorum_would(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    all_up(r, 4);
    for (uint32_t i = 2; i < 4; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_SILENCE, 1, 30, 0);
    }
    rig_run(r, 100000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.phase, SB_STANDBY_ASKS);
    assert_int_equal(s.asked_term, 2);
    assert_int_equal(s.would, 2);
    assert_int_equal(s.promised, 0);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(r->nodes[i].asks, 0);
        assert_in_range(r->nodes[i].woulds, 7, 9);
    }
    rig_life(r, 1, f->leaf_count, 3); /* it was none */
    rig_run(r, 20000);
    assert_int_equal(rig_status(r).phase, SB_STANDBY_FOLLOWS);
    r->nodes[2].promises = true;
    rig_until_taken_over(r, 50000);
    assert_int_equal(rig_handover(r, f->leaf_count)->term, 2);
    rig_free(r);
}

/* Nor does its operator's word bind them, only their own authorities': 1305 was one told so. */
static void an_order_binds_who_consented(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    for (uint32_t i = 1; i < 4; i++)
        r->nodes[i].consents = false;
    for (uint32_t i = 2; i < 4; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_SILENCE, 1, 30, 0);
    }
    rig_run(r, 20000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.promised, 1); /* and is kept */
    assert_int_equal(s.would, 2);
    assert_int_equal(r->nodes[1].asks, 0);
    rig_node_down(r, 0);
    rig_run(r, 20000);
    assert_int_equal(rig_status(r).would, 2);
    r->nodes[3].promises = true;
    rig_until_taken_over(r, 12000);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 3);
    rig_free(r);
}

/* What was said more than ten seconds ago counts no more. */
static void old_answers_make_no_quorum(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    all_up(r, 3);
    r->nodes[2].promises = false;
    rig_run(r, 62000);
    assert_int_equal(rig_status(r).would, 2);
    for (uint32_t i = 0; i < 2; i++)
        r->nodes[i].promises = false; /* and says nothing */
    rig_run(r, 11000);
    assert_int_equal(rig_status(r).would, 0);
    r->nodes[2].promises = true;
    rig_run(r, 10000);
    assert_int_equal(rig_status(r).would, 1);
    assert_int_equal(r->nodes[2].asks, 0);
    rig_free(r);
}

/* Who says that it would and then doesn't binds others; it is asked at the usual pace, and holds up nobody. */
static void a_false_word_holds_up_nobody(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    all_up(r, 4);
    r->nodes[0].promises = r->nodes[3].promises = false;
    r->nodes[0].would = true;
    rig_run(r, 90000);
    assert_int_equal(rig_status(r).promised, 2);
    assert_int_equal(rig_status(r).would, 3);
    assert_in_range(r->nodes[0].asks, 1, 8);
    r->nodes[3].promises = true;
    rig_until_taken_over(r, 12000);
    rig_free(r);
}

/* Found by the simulator: a broker that is silent while a federation is founded. */
static void nothing_sealed_nothing_asked(void **state)
{
    (void)state;
    fed_options options = {.edit = with_standby};
    fed *f = fed_new(&options);
    fed_genesis(f);
    fed_charter(f);
    fed_accept(f);
    assert_int_equal(fed_state(f), SB_OK);
    rig *r = rig_new(f, "log-2", false);
    all_up(r, 4);
    rig_run(r, 200000);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    assert_int_equal(r->nodes[0].asks, 0);
    rig_free(r);
    fed_free(f);
}

static void signs_of_life_put_it_off(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    all_up(r, 4);
    for (int i = 0; i < 10; i++) {
        rig_run(r, 30000);
        rig_life(r, (uint32_t)i % 4, f->leaf_count, 3);
    }
    assert_int_equal(r->nodes[0].asks, 0);
    rig_until_taken_over(r, 70000);
    rig_free(r);
}

static void stranger_waits_for_the_operator(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-9", false);
    all_up(r, 4);
    rig_run(r, 200000);
    sb_standby_status status;
    sb_standby_status_get(r->standby, r->now, &status);
    assert_int_equal(status.silence_ms, 0); /* no silence is long enough */
    assert_int_equal(r->nodes[0].asks, 0);
    r->take_over = true;
    rig_restart(r);
    for (uint32_t i = 0; i < 4; i++)
        rig_node_up(r, i, i);
    rig_until_taken_over(r, 8000);
    rig_free(r);
}

static void too_few_and_then_enough(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 3);
    r->nodes[2].promises = false;
    sb_fail_set(&r->nodes[2].refusal, SB_E_FOLLOWER_PROMISE_CONSENT, NULL);
    rig_run(r, 20000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.promised, 2);
    assert_int_equal(s.needed, 3);
    assert_int_equal(s.asked_term, 2);
    assert_true(s.has_refusal);
    assert_int_equal(s.refusal.code, SB_E_FOLLOWER_PROMISE_CONSENT);
    assert_int_equal(r->nodes[0].asks, 1); /* who promised isn't asked again before… */
    rig_restart(r);                        /* the promises and the term stay */
    for (uint32_t i = 0; i < 3; i++) {
        bool promises = r->nodes[i].promises;
        rig_node_up(r, i, i)->promises = promises;
    }
    rig_run(r, 1000);
    assert_int_equal(rig_status(r).promised, 2);
    r->nodes[2].promises = true;
    rig_until_taken_over(r, 12000);
    assert_int_equal(rig_handover(r, f->leaf_count)->term, 2);
    rig_free(r);
}

static void split_vote_goes_higher(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    for (uint32_t i = 0; i < 2; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_OTHER, 1, 2, 0);
    }
    rig_run(r, 20000);
    assert_int_equal(r->nodes[0].asked_term, 2);
    sb_fail_num(&r->nodes[0].refusal, SB_E_FOLLOWER_PROMISE_TERM, 1, 6, 0);
    rig_run(r, 100000);
    assert_true(r->nodes[0].asked_term >= 7);
    r->nodes[0].promises = true;
    rig_until_taken_over(r, 70000);
    assert_true(rig_handover(r, f->leaf_count)->term >= 7);
    rig_free(r);
}

/* A single node can't use the numbers up. */
static void absurd_terms_are_not_believed(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    for (uint32_t i = 0; i < 2; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_TERM, 1, UINT32_MAX - 1, 0);
    }
    rig_run(r, 100000);
    assert_true(r->nodes[0].asked_term < 100);
    rig_free(r);
}

static void lags_behind_the_seal_and_fetches(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_node_up(r, 0, 0);
    r->nodes[0].promises = false;
    rig_run(r, 1000);
    size_t held = f->leaf_count;
    assert_int_equal(rig_status(r).size, held);
    rig_node_down(r, 0);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    fed_seal(f);
    all_up(r, 4);
    r->nodes[0].size = held; /* the first to be asked has no more than we */
    rig_until_taken_over(r, 12000);
    assert_true(rig_handover(r, f->leaf_count)->continues_size == f->leaf_count);
    rig_free(r);
}

static void false_seal_is_left_out(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    rig_run(r, 50);
    sb_head made_up = fed_head_now(f); /* of higher rank than what was sealed; never sealed */
    r->nodes[3].seal = made_up;
    rig_until_taken_over(r, 60000);
    const Sb__Handover *m = rig_handover(r, f->leaf_count);
    assert_int_equal(m->n_promises, 3);
    rig_free(r);
}

static void seal_that_nobody_has_is_left_out(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    r->nodes[3].seal.size += 1000;
    r->nodes[3].seal.root[0] ^= 1;
    rig_until_taken_over(r, 60000);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 3);
    rig_free(r);
}

/* What one of them says, who may lie, doesn't keep the others from it. */
static void absurd_heads_are_not_taken(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    r->nodes[1].cosigned.term = 9; /* later than the term that it is about */
    rig_until_taken_over(r, 20000);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 3);
    rig_free(r);
}

static void another_ones_cosignatures_stand_for_false_ones(void **state)
{
    fed *f = *state;
    sb_head sealed;
    Sb__Seal bad = *fed_last_seal(f, &sealed);
    Sb__Cosignature one = *bad.cosignatures[0];
    uint8_t sig[64];
    memcpy(sig, one.signature.data, 64);
    sig[0] ^= 1;
    one.signature.data = sig;
    Sb__Cosignature **list = SB_ARENA_ARRAY(&f->arena, Sb__Cosignature *, bad.n_cosignatures);
    memcpy(list, bad.cosignatures, bad.n_cosignatures * sizeof *list);
    list[0] = &one;
    bad.cosignatures = list;
    for (uint32_t liar = 0; liar < 4; liar++) {
        rig *r = rig_new(f, "log-2", true);
        all_up(r, 4);
        r->nodes[liar].sealed = &bad;
        rig_until_taken_over(r, 20000);
        rig_free(r);
    }
}

/* A SEAL that is made up, where we hold another head, takes nothing of our log away. */
static void false_seal_cuts_nothing(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    r->nodes[3].seal = fed_head_now(f);
    r->nodes[3].seal.root[0] ^= 1;
    rig_until_taken_over(r, 60000);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 3);
    rig_free(r);
}

/* Our log goes on where nobody cosigned: it is cut off. */
static void cuts_what_too_few_cosigned(void **state)
{
    fed *f = *state;
    sb_head sealed;
    const Sb__Seal *seal = fed_last_seal(f, &sealed);
    sb_head before = fed_head_now(f);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    for (uint32_t i = 0; i < 4; i++) {
        r->nodes[i].seal = sealed;
        r->nodes[i].sealed = seal;
        if (i > 0)
            r->nodes[i].cosigned = before; /* only one, who may lie, cosigned the longer one */
    }
    rig_until_taken_over(r, 60000);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, before.size);
    assert_int_equal(rig_leaf_type(r, before.size), SB_ENTRY_HANDOVER);
    rig_free(r);
}

/* Two cosigned the longer head, one the longest: that proves itself an extension. */
static void keeps_what_enough_cosigned(void **state)
{
    fed *f = *state;
    sb_head sealed;
    const Sb__Seal *seal = fed_last_seal(f, &sealed);
    sb_head before = fed_head_now(f), longer, longest;
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    longer = fed_head_now(f);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    longest = fed_head_now(f);
    rig *r = rig_new(f, "log-2", true);
    all_up(r, 4);
    const sb_head cosigned[] = {longer, longest, before, before};
    for (uint32_t i = 0; i < 4; i++) {
        r->nodes[i].seal = sealed;
        r->nodes[i].sealed = seal;
        r->nodes[i].cosigned = cosigned[i];
    }
    rig_until_taken_over(r, 60000);
    assert_int_equal(r->rewound_to, longer.size);
    const Sb__Handover *m = rig_handover(r, longer.size);
    assert_int_equal(m->continues_size, longer.size);
    rig_free(r);
}

/* ---- other terms ---- */

/* Nodes are in term 3: an empty standby follows through both HANDOVERs. */
static void follows_over_terms(void **state)
{
    fed *f = *state;
    fed_take_over(f, 2, "log-2");
    fed_seal(f);
    fed_take_over(f, 3, "log-3");
    rig *r = rig_new(f, "log-9", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 3000);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    assert_int_equal(rig_status(r).term, 3);
    assert_int_equal(r->rewinds, 0);
    rig_free(r);
}

/* It has what the HANDOVER cuts off: it goes back with the others. */
static void leaves_the_branch_that_was_cut(void **state)
{
    fed *f = *state;
    size_t base = f->leaf_count;
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    rig *r = rig_new(f, "log-9", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    assert_int_equal(rig_status(r).size, base + 2);
    rig_node_down(r, 0);
    fed_cut(f, base);
    fed_take_over(f, 2, "log-2");
    rig_node_up(r, 1, 1);
    rig_run(r, 3000);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, base);
    assert_int_equal(rig_status(r).term, 2);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    rig_free(r);
}

/* Who shows a HANDOVER of too few is not followed; the others are. */
static void false_offer_is_refused(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-9", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    rig_node *liar = rig_node_up(r, 1, 1);
    sb_buf entry;
    sb_buf_init(&entry);
    fed_handover h = fed_handover_begin(f, 2, "log-7");
    fed_promise_of(f, &h, 0);
    fed_promise_of(f, &h, 1);
    sb_entry_head head;
    sb_entry_head_init(&head, f->federation_id, f->leaf_count);
    fed_make(f, SB_ENTRY_HANDOVER, &fed_handover_message(f, &h)->base, "log-7", &head, &entry);
    uint8_t *bytes = sb_arena_alloc(&r->arena, 8 + entry.len);
    memset(bytes, 0, 8);
    memcpy(bytes + 8, entry.data, entry.len);
    liar->offer_leaf = sb_slice_of(bytes, 8 + entry.len);
    liar->offer_index = f->leaf_count;
    liar->offer_key = "log-7";
    rig_node_hello(r, 1);
    rig_run(r, 5000);
    assert_true(rig_status(r).has_refusal);
    assert_int_equal(rig_status(r).refusal.code, SB_E_LEDGER_HANDOVER_QUORUM);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(rig_status(r).term, 1);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    fed_seal(f);
    r->nodes[0].size = f->leaf_count;
    rig_life(r, 0, f->leaf_count, 4);
    rig_run(r, 3000);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    sb_buf_deinit(&entry);
    rig_free(r);
}

/* A HANDOVER of a high term, beyond all logs, that nobody promised, keeps no true one out. */
static void made_up_offer_holds_nobody(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-9", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    rig_node *liar = rig_node_up(r, 1, 1);
    sb_buf entry;
    sb_buf_init(&entry);
    sb_head made_up = {.term = 1, .size = 1000000};
    memset(made_up.root, 7, 32);
    fed_handover h = fed_handover_begin(f, 900, "log-7");
    fed_promise(f, &h, 1, &made_up, &made_up);
    Sb__Handover *m = fed_handover_message(f, &h);
    m->continues_size = made_up.size;
    sb_entry_head head;
    sb_entry_head_init(&head, f->federation_id, made_up.size);
    fed_make(f, SB_ENTRY_HANDOVER, &m->base, "log-7", &head, &entry);
    uint8_t *bytes = sb_arena_alloc(&r->arena, 8 + entry.len);
    memset(bytes, 0, 8);
    memcpy(bytes + 8, entry.data, entry.len);
    liar->offer_leaf = sb_slice_of(bytes, 8 + entry.len);
    liar->offer_index = made_up.size;
    liar->offer_key = "log-7";
    liar->offer_term = 900;
    rig_node_hello(r, 1);
    rig_run(r, 1000);
    fed_take_over(f, 2, "log-2");
    r->nodes[0].size = f->leaf_count;
    for (int i = 0; i < 5; i++) {
        rig_run(r, 2000);
        rig_node_hello(r, 1);
    }
    assert_int_equal(rig_status(r).term, 2);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    sb_buf_deinit(&entry);
    rig_free(r);
}

/* Another took the term over: the operator's order has been overtaken too. */
static void gives_way_to_who_took_over(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-9", true);
    all_up(r, 4);
    for (uint32_t i = 0; i < 4; i++)
        r->nodes[i].promises = false;
    rig_run(r, 3000);
    assert_int_equal(rig_status(r).asked_term, 2);
    fed_take_over(f, 2, "log-2");
    for (uint32_t i = 0; i < 4; i++) {
        rig_node_up(r, i, i)->promises = false;
        r->nodes[i].asks = 0;
    }
    rig_run(r, 200000);
    assert_int_equal(rig_status(r).term, 2);
    assert_int_equal(rig_status(r).phase, SB_STANDBY_FOLLOWS);
    assert_true(r->nodes[0].asks <= 1);            /* before it knew */
    assert_int_equal(rig_status(r).asked_term, 2); /* none above it */
    rig_free(r);
}

/* What it made is appended after a fall, unless a later term's HANDOVER was shown to it meanwhile: then
 * nothing can be opened over it any more, and it follows. */
static void what_it_made_is_over(void **state)
{
    fed *f = *state;
    rig *maker = rig_new(f, "log-2", false);
    all_up(maker, 4);
    rig_run(maker, 1000);
    uint64_t size = rig_status(maker).size;
    for (uint32_t i = 0; i < 4; i++)
        maker->nodes[i].size = size;
    rig_until_taken_over(maker, 200000);
    assert_int_equal(rig_leaf_type(maker, size), SB_ENTRY_HANDOVER);
    sb_log_reader log = sim_store_reader(&maker->store);
    sb_slice leaf;
    assert_true(log.leaf(log.arg, size, &leaf));
    sb_slice over = sb_arena_copy(&maker->arena, leaf);
    for (uint32_t shown = 0; shown < 2; shown++) {
        rig *r = rig_new(f, "log-2", false);
        const uint8_t asked[] = {SB_STANDBY_ROW_ASKED}, term[] = {0, 0, 0, 2},
                      made[] = {SB_STANDBY_ROW_HANDOVER, 0, 0, 0, 2},
                      is_over[] = {SB_STANDBY_ROW_OVER};
        uint8_t *row = sb_arena_alloc(&r->arena, 4 + over.len);
        memcpy(row, (const uint8_t[]){0, 0, 0, 3}, 4);
        memcpy(row + 4, over.data, over.len);
        rig_node_up(r, 0, 0);
        rig_run(r, 1000);
        assert_int_equal(rig_status(r).size, size);
        sb_kv_put(r->store.own, sb_slice_of(asked, 1), sb_slice_of(term, 4));
        sb_kv_put(r->store.own, sb_slice_of(made, 5), over);
        if (shown == 1)
            sb_kv_put(r->store.own, sb_slice_of(is_over, 1), sb_slice_of(row, 4 + over.len));
        rig_restart(r);
        rig_run(r, 1000);
        assert_int_equal(r->took_over, shown == 0);
        rig_free(r);
    }
    rig_free(maker);
}

/* A key that ordered a term can't order another: said, not tried for ever. */
static void used_key_ends_it(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log", true);
    all_up(r, 4);
    rig_run(r, 5000);
    assert_true(r->failed);
    assert_int_equal(r->fail.code, SB_E_LEDGER_HANDOVER_KEY);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(r->nodes[i].asks, 0); /* who promises confirms nothing until then */
    rig_free(r);
}

/* A listed one that ordered a term already follows on: in a silence it asks for none, and says why. */
static void used_key_asks_nobody(void **state)
{
    fed *f = *state;
    fed_take_over(f, 2, "log-2");
    fed_seal(f);
    fed_take_over(f, 3, "log-3");
    fed_seal(f);
    rig *r = rig_new(f, "log-2", false);
    all_up(r, 4);
    rig_run(r, 400 * 1000);
    assert_false(r->failed);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(r->nodes[i].asks, 0);
    assert_true(rig_status(r).has_refusal);
    assert_int_equal(rig_status(r).refusal.code, SB_E_LEDGER_HANDOVER_KEY);
    rig_free(r);
}

static void asks_for_blobs(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-9", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    assert_true(rig_status(r).blobs_missing > 0); /* the names of those appointed */
    uint32_t wanted = r->wanted_blobs;
    assert_true(wanted > 0);
    rig_run(r, 11000);
    assert_true(r->wanted_blobs > wanted); /* again */
    rig_free(r);
}

/* Somebody claims a term far up: believed within bounds only, or the numbers would be used up. */
static void a_claimed_term_is_bounded(void **state)
{
    fed *f = *state;
    for (uint32_t over = 0; over < 2; over++) {
        char told[16];
        rig *r = rig_new(f, "log-2", true);
        all_up(r, 2); /* no quorum */
        (void)snprintf(told, sizeof told, "%u", 2 + SB_STANDBY_TOLD_TERMS_MAX + over);
        r->nodes[0].promises = false;
        sb_fail_set(&r->nodes[0].refusal, SB_E_FOLLOWER_PROMISE_TERM, told, NULL);
        rig_run(r, 90 * 1000);
        assert_int_equal(r->nodes[1].asked_term > SB_STANDBY_TOLD_TERMS_MAX, !over);
        rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(follows_from_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(known_leaf_spoilt_on_the_way, setup, teardown),
        cmocka_unit_test(other_federation_is_refused),
        cmocka_unit_test_setup_teardown(silence_then_takes_over, setup, teardown),
        cmocka_unit_test_setup_teardown(binds_nobody_before_a_quorum_would, setup, teardown),
        cmocka_unit_test_setup_teardown(old_answers_make_no_quorum, setup, teardown),
        cmocka_unit_test_setup_teardown(an_order_binds_who_consented, setup, teardown),
        cmocka_unit_test_setup_teardown(a_false_word_holds_up_nobody, setup, teardown),
        cmocka_unit_test(nothing_sealed_nothing_asked),
        cmocka_unit_test_setup_teardown(what_it_made_is_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_claimed_term_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(signs_of_life_put_it_off, setup, teardown),
        cmocka_unit_test_setup_teardown(stranger_waits_for_the_operator, setup, teardown),
        cmocka_unit_test_setup_teardown(too_few_and_then_enough, setup, teardown),
        cmocka_unit_test_setup_teardown(split_vote_goes_higher, setup, teardown),
        cmocka_unit_test_setup_teardown(absurd_terms_are_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(lags_behind_the_seal_and_fetches, setup, teardown),
        cmocka_unit_test_setup_teardown(false_seal_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(seal_that_nobody_has_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(absurd_heads_are_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(another_ones_cosignatures_stand_for_false_ones, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(false_seal_cuts_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(cuts_what_too_few_cosigned, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_what_enough_cosigned, setup, teardown),
        cmocka_unit_test_setup_teardown(follows_over_terms, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_the_branch_that_was_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(false_offer_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(made_up_offer_holds_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_way_to_who_took_over, setup, teardown),
        cmocka_unit_test_setup_teardown(used_key_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(used_key_asks_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(asks_for_blobs, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
