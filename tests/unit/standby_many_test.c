/* A takeover among as many organisations as a federation may have: the HANDOVER fits in a leaf. */
#include "tests/lib/cmocka_all.h"

#include "proto/base/limits.h"
#include "tests/unit/standby_rig.h"

enum { MANY = SB_ORGANISATIONS_MAX, LIARS = (MANY - 1) / 3 };

static int setup(void **state)
{
    fed_options options = {.organisations = MANY, .part_bytes = SB_CHARTER_PART_BYTES_MAX};
    *state = fed_new(&options);
    fed_run(*state);
    return 0;
}

static int teardown(void **state)
{
    fed_free(*state);
    return 0;
}

static rig *everybody_promises(fed *f)
{
    rig *r = rig_new(f, "log-2", true);
    for (uint32_t i = 0; i < MANY; i++)
        rig_node_up(r, i, i);
    return r;
}

static const Sb__Handover *taken_over(rig *r, fed *f)
{
    rig_until_taken_over(r, 60000);
    const Sb__Handover *m = rig_handover(r, f->leaf_count);
    assert_int_equal(m->term, 2);
    assert_int_equal(m->continues_size, f->leaf_count);
    assert_int_equal(sb_ledger_term(r->ledger), 2);
    assert_true(protobuf_c_message_get_packed_size(&m->base) <= SB_PAYLOAD_BYTES_MAX);
    return m;
}

/* As many as may lie name heads that nobody has, two each. They are left out first. */
static void made_up_heads_are_left_out(void **state)
{
    fed *f = *state;
    rig *r = everybody_promises(f);
    for (uint32_t i = 0; i < LIARS; i++) {
        rig_node *n = &r->nodes[3 * i];
        n->seal.size = n->cosigned.size = 1;
        n->seal.root[0] = n->cosigned.root[0] = (uint8_t)i;
        n->seal.root[1] = 1;
    }
    const Sb__Handover *m = taken_over(r, f);
    assert_true(m->n_heads < 100); /* of 268 */
    rig_free(r);
}

/* The same promises make the same message. */
static void four_hundred_promises_fit(void **state)
{
    fed *f = *state;
    uint8_t bytes[2][SB_PAYLOAD_BYTES_MAX];
    size_t len[2];
    for (int i = 0; i < 2; i++) {
        rig *r = everybody_promises(f);
        const Sb__Handover *m = taken_over(r, f);
        assert_true(m->n_promises > 2 * MANY / 3);
        assert_true(m->n_cosignatures > 2 * MANY / 3);
        len[i] = protobuf_c_message_pack(&m->base, bytes[i]);
        rig_free(r);
    }
    assert_int_equal(len[0], len[1]);
    assert_memory_equal(bytes[0], bytes[1], len[0]);
}

/* Too few have promised to leave out who names heads of its own: it waits, and says why. */
static void waits_when_it_does_not_fit(void **state)
{
    fed *f = *state;
    rig *r = everybody_promises(f);
    uint32_t last = 2 * MANY / 3 + 1;
    for (uint32_t i = 0; i < MANY; i++) {
        rig_node *n = &r->nodes[i];
        n->promises = i < last;
        if (i >= LIARS)
            continue;
        n->seal.size = n->cosigned.size = 1;
        n->seal.root[0] = n->cosigned.root[0] = (uint8_t)i;
        n->seal.root[1] = 1;
    }
    rig_run(r, 5000);
    assert_false(r->failed);
    assert_false(r->took_over);
    sb_standby_status s = rig_status(r);
    assert_string_equal(sb_err_name(s.refusal.code), "SB_E_STANDBY_HANDOVER_ROOM");
    for (uint32_t i = last; i < MANY; i++)
        r->nodes[i].promises = true;
    taken_over(r, f);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_hundred_promises_fit),
        cmocka_unit_test(made_up_heads_are_left_out),
        cmocka_unit_test(waits_when_it_does_not_fit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
