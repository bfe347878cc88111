/* The standby and other terms: HANDOVERs that are shown to it, true and made up, and its own. */
#include "tests/lib/cmocka_all.h"

#include "tests/unit/standby_rig.h"

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
    rig_all_up(r, 4);
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
    rig_all_up(maker, 4);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(follows_over_terms, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(leaves_the_branch_that_was_cut, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(false_offer_is_refused, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(made_up_offer_holds_nobody, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(gives_way_to_who_took_over, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(what_it_made_is_over, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
