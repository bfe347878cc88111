/* What a node promises to who wants to order the next term, and to whom. */
#include <stdio.h>

#include "tests/unit/follower_says.h"

static void test_promise_after_silence(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    certified_on(r, 1, r->f->leaf_count, 1, 3, false);
    assert_true(has(ask_promise(r, 2, "log-2"), "send 2 Refused SB_E_FOLLOWER_PROMISE_SILENCE"));
    tick(r, 179000);
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
    certified_on(r, 1, r->f->leaf_count, 1, 3, false); /* confirmed anew: no silence */
    tick(r, 179000);
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
    tick(r, 1000);
    /* stored first; what it says is the record */
    sb_head sealed;
    fed_last_seal(r->f, &sealed);
    char wanted[128];
    snprintf(wanted, sizeof wanted,
             "commit +PROMISED\nsend 2 PromiseGiven 2 seal 1/%llu cosigned 1/%llu\n",
             (unsigned long long)sealed.size, (unsigned long long)r->f->leaf_count);
    assert_string_equal(ask_promise(r, 2, "log-2"), wanted);
    /* the very same again, without storing; also after a restart */
    assert_string_equal(ask_promise(r, 2, "log-2"), strchr(wanted, '\n') + 1);
    reopen(r);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_string_equal(ask_promise(r, 2, "log-2"), strchr(wanted, '\n') + 1);
    assert_int_equal(status_of(r).promised_term, 2);
}

/* Whether it would, with which SEAL: by the same checks, and nothing comes of it. */
static void test_would_promise(void **state)
{
    rig *r = *state;
    sb_head sealed;
    char would[128];
    follow(r, r->f->leaf_count);
    fed_last_seal(r->f, &sealed);
    snprintf(would, sizeof would, "send 2 PromiseGiven 2 would, seal 1/%llu\n",
             (unsigned long long)sealed.size);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(ask_would(r, 2, "log-2"), "send 2 Refused SB_E_FOLLOWER_PROMISE_SILENCE"));
    tick(r, 181000);
    for (int i = 0; i < 3; i++)
        assert_string_equal(ask_would(r, 2, "log-2"), would);
    assert_true(has(ask_would(r, 2, "stranger"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_would(r, 1, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    assert_int_equal(status_of(r).promised_term, 0);
    /* another key may be promised that term, and another term in this silence */
    assert_true(has(ask_would(r, 3, "log-2"), "PromiseGiven 3"));
    assert_int_equal(status_of(r).promised_term, 0);
    /* who has promised shows the promise */
    const char *promise = ask_promise(r, 2, "log-2");
    assert_true(has(promise, "commit +PROMISED\n"));
    char given[128];
    snprintf(given, sizeof given, "%s", strchr(promise, '\n') + 1);
    assert_string_equal(ask_would(r, 2, "log-2"), given);
    assert_true(has(ask_would(r, 2, "log-3"), "SB_E_FOLLOWER_PROMISE_OTHER"));
    assert_true(has(ask_would(r, 3, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
}

/* What the authority consented to is promised, however it is asked. */
static void test_would_by_consent(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    consent(r, 4, "stranger", "unn/authority");
    assert_true(has(ask_would(r, 4, "stranger"), "commit +PROMISED"));
    assert_int_equal(status_of(r).promised_term, 4);
}

/* It goes on confirming. */
static void test_would_ends_no_term(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    assert_true(has(ask_would(r, 2, "log-2"), "PromiseGiven 2"));
    fed_at(r->f, 20211222, 12, 0);
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves_on(r, 1, size, r->f->leaf_count, 1), "COSIGNED"));
}

/* Nor does it name what was learned since: that would be another promise of the term, which convicts. */
static void test_promise_names_what_was_held(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    char first[128];
    snprintf(first, sizeof first, "%s", strchr(ask_promise(r, 2, "log-2"), '\n') + 1);
    assert_true(has(first, "PromiseGiven 2 seal 1/"));
    fed_at(r->f, 20211222, 12, 0);
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    fed_seal(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    const char *trace = leaves_on(r, 1, size, r->f->leaf_count, 1);
    assert_true(has(trace, "+SEALED"));
    assert_null(strstr(trace, "+COSIGNED"));
    assert_string_equal(ask_promise(r, 2, "log-2"), first);
    reopen(r);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_string_equal(ask_promise(r, 2, "log-2"), first);
    tick(r, 181000); /* the next one does */
    sb_head sealed;
    fed_last_seal(r->f, &sealed);
    assert_true(sealed.size > size);
    snprintf(first, sizeof first, "PromiseGiven 3 seal 1/%llu cosigned 1/%llu\n",
             (unsigned long long)sealed.size, (unsigned long long)size);
    assert_true(has(ask_promise(r, 3, "log-2"), first));
}

/* Whose clock was hours ahead once doesn't seem to be there for hours, with two of four who are. */
static void test_promise_though_one_was_ahead(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    certified_on(r, 1, r->f->leaf_count, 1, 3, false);
    r->last_at_s = r->now.legal_ms / 1000 + 2 * 3600;
    for (int i = 0; i < 4; i++) { /* the first time it was there */
        assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
        tick(r, 61000);
        certified_on(r, 1, r->f->leaf_count, 1, 3, false);
    }
    assert_true(has(ask_promise(r, 2, "log-2"), "commit +PROMISED"));
}

/* … but who is ahead and there counts, where no quorum is without it: the broker lives. */
static void test_no_promise_though_one_is_ahead(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    for (int i = 0; i < 6; i++) {
        r->last_at_s = r->now.legal_ms / 1000 + 400;
        certified_on(r, 1, r->f->leaf_count, 1, 3, false);
        assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
        tick(r, 61000);
    }
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
    r->last_at_s = 0;
    certified_on(r, 1, r->f->leaf_count, 1, 2, false); /* it is gone */
    tick(r, 120000);
    assert_true(has(ask_promise(r, 2, "log-2"), "commit +PROMISED"));
}

/* Set right it cosigns at the same time for hours: what it cosigns is longer. */
static void test_no_promise_though_one_was_set_right(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    r->last_at_s = r->now.legal_ms / 1000 + 2 * 3600;
    for (int i = 0; i < 6; i++) {
        uint64_t end = unsealed(r);
        leaves_on(r, 1, size, end, 1);
        size = end;
        certified_on(r, 1, size, 1, 3, false);
        assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
        tick(r, 61000);
    }
}

static void test_one_term_a_silence(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    assert_true(has(ask_promise(r, 2, "log-2"), "PromiseGiven 2"));
    assert_true(has(ask_promise(r, 2, "log-3"), "SB_E_FOLLOWER_PROMISE_OTHER"));
    assert_true(has(ask_promise(r, 1, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    assert_true(has(ask_promise(r, 3, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
    tick(r, 181000);
    assert_true(has(ask_promise(r, 3, "log-2"), "PromiseGiven 3"));
}

static void test_promise_refusals(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    assert_true(has(ask_promise(r, 2, "stranger"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_promise(r, 0, "log-2"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_promise(r, 1, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    assert_true(has(ask_promise(r, UINT32_MAX, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    assert_true(
        has(ask_promise(r, 2 + SB_FOL_TERM_STEP_MAX, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    /* a key as long as a frame can hold isn't given back: the answer wouldn't fit */
    const size_t len = SB_FRAME_BYTES_MAX - 32;
    Sb__PromiseAsk m = SB__PROMISE_ASK__INIT;
    m.term = 2;
    m.log_pk = (ProtobufCBinaryData){.len = len, .data = sb_arena_alloc(&r->f->arena, len)};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PROMISE_ASK;
    f.promise_ask = &m;
    assert_true(has(frame_on(r, 2, &f, NULL), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_int_equal(status_of(r).promised_term, 0);
}

static void test_promise_by_consent(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    certified_on(r, 1, r->f->leaf_count, 1, 3, false);
    assert_true(has(consent(r, 2, "stranger", "unn/witness"),
                    "notify 5 refused SB_E_FOLLOWER_CONSENT_SIGNATURE"));
    assert_true(has(consent(r, 2, "stranger", "bruker/authority"),
                    "notify 5 refused SB_E_FOLLOWER_CONSENT_SIGNATURE"));
    assert_true(has(consent(r, 1, "stranger", "unn/authority"),
                    "notify 5 refused SB_E_FOLLOWER_CONSENT_TERM"));
    assert_string_equal(consent(r, 4, "stranger", "unn/authority"),
                        "commit +CONSENT\nnotify 5 consented\n");
    reopen(r); /* it is kept */
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    sb_consent kept;
    assert_true(sb_follower_consent(r->fol, &kept));
    assert_int_equal(kept.term, 4);
    assert_true(sb_slice_eq(kept.address, sb_slice_str("tcp://ny.example.no:7117")));
    assert_true(has(ask_promise(r, 3, "stranger"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_promise(r, 4, "log-9"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_promise(r, 4, "stranger"), "PromiseGiven 4"));
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
}

/* From then on nothing older is cosigned; not the same head again either. */
static void test_promise_ends_the_old_term(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_int_equal(status_of(r).cosigned_size, size);
    tick(r, 181000);
    ask_promise(r, 2, "log-2");
    assert_null(strstr(certified_on(r, 1, size, 1, 0, false), "Cosign"));
    fed_at(r->f, 20211222, 12, 0);
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_null(strstr(leaves_on(r, 1, size, r->f->leaf_count, 1), "COSIGNED"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_PROMISED);
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    assert_null(strstr(welcome_on(r, 1, size, 1), "Cosign"));
    assert_null(strstr(tick(r, 31000), "Cosign"));
}

/* A listed standby that ordered a term already, or a consent to its key: nothing could come of it. */
static void test_used_key_is_promised_nothing(void **state)
{
    rig *r = *state;
    uint64_t first = r->f->leaf_count;
    follow(r, first);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, first, note_at(r, end, 2));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 2, first, end, 2);
    assert_int_equal(status_of(r).term, 2);
    tick(r, 181000);
    assert_true(has(ask_promise(r, 4, "log-2"), "SB_E_LEDGER_HANDOVER_KEY"));
    consent(r, 4, "log-2", "unn/authority");
    assert_true(has(ask_promise(r, 4, "log-2"), "SB_E_LEDGER_HANDOVER_KEY"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_promise_after_silence, setup_terms),
        TEST(test_would_promise, setup_terms),
        TEST(test_would_by_consent, setup_terms),
        TEST(test_would_ends_no_term, setup_terms),
        TEST(test_promise_names_what_was_held, setup_terms),
        TEST(test_promise_though_one_was_ahead, setup_terms),
        TEST(test_no_promise_though_one_is_ahead, setup_terms),
        TEST(test_no_promise_though_one_was_set_right, setup_terms),
        TEST(test_one_term_a_silence, setup_terms),
        TEST(test_promise_refusals, setup_terms),
        TEST(test_promise_by_consent, setup_terms),
        TEST(test_promise_ends_the_old_term, setup_terms),
        TEST(test_used_key_is_promised_nothing, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
