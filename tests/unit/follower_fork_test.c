/* A node's log parts from the one that is handed over: what of its own it drops for it, and for which
 * proof. What it dropped comes back: follower_cut_test.c. */
#include <stdio.h>

#include "tests/unit/follower_says.h"

/* A node shows another head of this size by the key that orders the log: that is evidence. */
static void convict(rig *r, uint64_t size, uint32_t term, const char *key)
{
    sb_checkpoint other = head_in(r, size, term);
    other.root[0] ^= 1;
    link_up(r, 4, SB_FOL_ROLE_NODE);
    peer_head_on(r, 4, note_of(r, &other, key));
    assert_true(status_of(r).conflict);
}

/* A HANDOVER that a liar alone promised, from a head that he made up. */
static const Sb__Handover *by_a_liar(rig *r, uint32_t term, const char *key)
{
    sb_head made_up = fed_head_now(r->f);
    made_up.root[0] ^= 1;
    fed_handover h = fed_handover_begin(r->f, term, key);
    fed_promise(r->f, &h, 3, &made_up, &made_up);
    return fed_handover_message(r->f, &h);
}

static void test_drops_what_is_not_kept(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count, longer = unsealed(r);
    follow(r, longer);
    certified_on(r, 1, kept, 1, 3, false);
    uint64_t final = status_of(r).final_size;
    assert_true(final > 0);
    fed_cut(r->f, (size_t)kept);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    const char *trace = offer(r, 2, kept, note_at(r, end, 2));
    char wanted[64];
    snprintf(wanted, sizeof wanted, "rewind to %llu probe commit -HEAD", (unsigned long long)kept);
    assert_true(has(trace, wanted));
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->refused_probe, SB_OK);
    assert_int_equal(status_of(r).size, kept);
    assert_int_equal(status_of(r).final_size, final); /* … stays so */
    /* the record didn't fall with the leaves: it can't be made to cosign term 1 anew */
    assert_int_equal(status_of(r).cosigned_size, longer);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves_on(r, 2, kept, end, 2), "+COSIGNED"));
    reopen(r);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).final_size, final);
}

/* One promiser who lies makes up a SEAL that isn't in our log: a quorum's promises don't make it one
 * that we would drop ours for. */
static void test_made_up_seal_drops_nothing(void **state)
{
    rig *r = *state;
    sb_head made_up = fed_head_now(r->f);
    made_up.root[0] ^= 1;
    uint64_t kept = unsealed(r);
    follow(r, kept);
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise_of(r->f, &h, 1);
    fed_promise_of(r->f, &h, 2);
    fed_promise(r->f, &h, 3, &made_up, &h.cosigned);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    const char *trace = offer_made(r, 2, fed_handover_message(r->f, &h), kept);
    assert_null(strstr(trace, "rewind"));
    assert_int_equal(status_of(r).size, kept);
    assert_int_equal(r->rewinds, 0);
}

/* Our log parts from the kept one below the HANDOVER: down to the sealed head, and on from there. */
static void test_fork_below(void **state)
{
    rig *r = *state;
    sb_head sealed;
    fed_last_seal(r->f, &sealed);
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    fed_cut(r->f, (size_t)common);
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK); /* another suffix, of the same length */
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "rewind to %llu commit", (unsigned long long)sealed.size);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), wanted));
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 2, sealed.size, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).cosigned_size, end);
}

/* It is seen only when leaves come: our log was the shorter one. */
static void test_fork_seen_on_the_way(void **state)
{
    rig *r = *state;
    sb_head sealed;
    fed_last_seal(r->f, &sealed);
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    fed_cut(r->f, (size_t)common);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
        assert_int_equal(fed_state(r->f), SB_OK);
    }
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 2, ours, end, 2);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, sealed.size);
    assert_false(status_of(r).conflict); /* the old key signed nothing of this */
    offer(r, 2, kept, note_at(r, end, 2));
    leaves_on(r, 2, sealed.size, end, 2);
    assert_int_equal(status_of(r).term, 2);
}

/* ---- with evidence and without ---- */

/* Left alone on the one of two histories that term 1's key signed, `steps` things long, while the
 * others go on: two of the four that confirm get new keys there, which is sealed, and with them
 * they promise term 2. By the keys that we know that is no quorum. Returns how much it continues
 * from. */
static uint64_t left_alone(rig *r, int steps, bool is_convicted)
{
    static const char *const changed[][3] = {
        {"kommune-a/witness", "kommune-a/witness-2", "kommune-a/recovery"},
        {"lege/witness", "lege/witness-2", "lege/recovery"}};
    uint64_t common = r->f->leaf_count, ours = 0;
    for (int i = 0; i < steps; i++)
        ours = unsealed(r);
    follow(r, ours);
    certified_on(r, 1, common, 1, 4, false);
    assert_true(status_of(r).final_size > 0);
    link_down(r, 1);
    fed_cut(r->f, (size_t)common);
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t parted = r->f->leaf_count;
    for (uint32_t i = 0; i < 2; i++) {
        Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
        m.old_pk = data_of(sb_slice_of(fed_key_of(r->f, changed[i][0])->pk, 32));
        m.new_pk = data_of(sb_slice_of(fed_key_of(r->f, changed[i][1])->pk, 32));
        assert_ptr_equal(fed_witness(r->f, i + 1), fed_key_of(r->f, changed[i][0]));
        fed_must(r->f, SB_ENTRY_KEY_REPLACE, &m.base, changed[i][2]);
        snprintf(r->f->witness[i + 1], sizeof r->f->witness[0], "%s", changed[i][1]);
    }
    fed_seal(r->f);
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    if (is_convicted) {
        link_up(r, 4, SB_FOL_ROLE_NODE);
        assert_true(has(certified_on(r, 4, parted, 1, 0, true), "+EVIDENCE"));
        link_down(r, 4);
    }
    assert_int_equal(status_of(r).conflict, is_convicted);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    r->now.legal_ms = r->f->now_ms + 1000;
    return kept;
}

static void comes_back(rig *r, uint64_t kept, uint64_t final)
{
    uint64_t end = r->f->leaf_count;
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, final); /* what is final is never dropped */
    assert_int_equal(status_of(r).final_size, final);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    assert_true(has(leaves_on(r, 2, final, end, 2), "+COSIGNED"));
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).cosigned_size, end);
    assert_int_equal(r->rewinds, 1);
}

/* Evidence against who ordered its term lets a node leave what isn't final. */
static void test_left_alone_with_evidence(void **state)
{
    rig *r = *state;
    uint64_t kept = left_alone(r, 1, true), end = r->f->leaf_count, ours = status_of(r).size;
    uint64_t final = status_of(r).final_size;
    assert_true(final < ours && ours < kept); /* seen when leaves come */
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    assert_int_equal(r->rewinds, 0);
    leaves_on(r, 2, ours, end, 2);
    comes_back(r, kept, final);
}

static void test_left_alone_with_evidence_and_more(void **state)
{
    rig *r = *state;
    uint64_t kept = left_alone(r, 8, true), end = r->f->leaf_count;
    uint64_t final = status_of(r).final_size;
    assert_true(status_of(r).size > kept); /* seen at once */
    offer(r, 2, kept, note_at(r, end, 2));
    comes_back(r, kept, final);
}

/* … and nothing but evidence does, where the promises are none that it knows. */
static void test_left_alone_without_evidence(void **state)
{
    rig *r = *state;
    uint64_t kept = left_alone(r, 1, false), end = r->f->leaf_count, ours = status_of(r).size;
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    leaves_on(r, 2, ours, end, 2);
    assert_int_equal(status_of(r).broker_fail.code, SB_E_FOLLOWER_FORK);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(status_of(r).size, ours);
    assert_int_equal(status_of(r).term, 1);
    assert_false(status_of(r).catching_up);
}

static void test_left_alone_without_evidence_and_more(void **state)
{
    rig *r = *state;
    uint64_t kept = left_alone(r, 8, false), end = r->f->leaf_count, ours = status_of(r).size;
    assert_true(ours > kept);
    offer(r, 2, kept, note_at(r, end, 2));
    assert_int_equal(status_of(r).broker_fail.code, SB_E_FOLLOWER_FORK);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(status_of(r).size, ours);
    assert_false(status_of(r).catching_up);
}

static void test_evidence_alone_drops_nothing_sealed(void **state)
{
    rig *r = *state;
    uint64_t common = r->f->leaf_count;
    unsealed(r);
    sb_head sealed = fed_head_now(r->f);
    fed_seal(r->f); /* a quorum cosigned it, and nothing above it is certified */
    uint64_t ours = r->f->leaf_count;
    follow(r, ours);
    certified_on(r, 1, common, 1, 4, false);
    assert_true(status_of(r).final_size < sealed.size && sealed.size < ours);
    convict(r, ours, 1, "log");
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer_made(r, 2, by_a_liar(r, 2, "log-2"), ours);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, sealed.size);
}

/* A broker that was convicted: also then nobody goes back to the term before by a liar's word. */
static void test_evidence_keeps_the_term(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    fed_take_over(r->f, 2, "log-2");
    something_happens(r);
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    leaves_on(r, 2, kept, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_true(status_of(r).final_size <= kept);
    convict(r, end, 2, "log-2");
    offer_by(r, 4, by_a_liar(r, 3, "log-3"), "log-3", end);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, kept + 1); /* its HANDOVER stays */
    assert_int_equal(status_of(r).term, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_drops_what_is_not_kept, setup_terms),
        TEST(test_made_up_seal_drops_nothing, setup_terms),
        TEST(test_fork_below, setup_terms),
        TEST(test_fork_seen_on_the_way, setup_terms),
        TEST(test_left_alone_with_evidence, setup_terms),
        TEST(test_left_alone_with_evidence_and_more, setup_terms),
        TEST(test_left_alone_without_evidence, setup_terms),
        TEST(test_left_alone_without_evidence_and_more, setup_terms),
        TEST(test_evidence_alone_drops_nothing_sealed, setup_terms),
        TEST(test_evidence_keeps_the_term, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
