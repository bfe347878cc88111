/* The outbox: what members hand in, until it is final or refused. What a HANDOVER cuts off:
 * follower_cut_test.c. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hash.h"
#include "tests/unit/follower_says.h"

static void test_outbox_while_broker_is_away(void **state)
{
    rig *r = *state;
    follow_all(r);
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_DOWN, .link = 1});
    sb_buf one = make_report(r, "Sak fire", 1000, false);
    assert_string_equal(submit(r, &one, 5), "commit +OUTBOX\nnotify 5 queued\n");
    assert_string_equal(submit(r, &one, 6), "notify 6 queued\n"); /* the same bytes */
    tick(r, 31000);
    assert_int_equal(status_of(r).held_back, 1);
    reopen(r);
    assert_int_equal(status_of(r).outbox, 1);
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER});
    assert_non_null(strstr(welcome(r, r->f->leaf_count), "send Submit CASE_REPORT\n"));
    assert_string_equal(tick(r, 600), "");
    assert_non_null(strstr(tick(r, 5000), "send Submit CASE_REPORT\n")); /* no answer: once more */
    assert_string_equal(refused(r, &one, SB_E_LEDGER_TIME),
                        "commit -OUTBOX\nnotify 0 refused SB_E_LEDGER_TIME\n");
    assert_int_equal(status_of(r).outbox, 0);
    sb_buf_deinit(&one);
}

/* The member was given the broker's receipt as it came: with its proof and the signed head. */
static void expect_whole_receipt(rig *r, const sb_buf *entry)
{
    const Sb__Frame *frame = NULL;
    uint8_t id[32];
    sb_hash(sb_slice_of(entry->data, entry->len - 64), id);
    assert_int_equal(sb_frame_decode(sb_buf_slice(&r->receipt), &r->arena, &frame, NULL), SB_OK);
    assert_int_equal(frame->body_case, SB__FRAME__BODY_RECEIPT);
    assert_memory_equal(frame->receipt->entry_id.data, id, 32);
    assert_int_equal(frame->receipt->index, r->f->leaf_count);
    assert_true(frame->receipt->n_proof > 0 && frame->receipt->head.len > 0);
}

static void test_outbox_keeps_each_keys_order(void **state)
{
    rig *r = *state;
    follow_all(r);
    sb_buf one = make_report(r, "Sak fire", 1000, false);
    sb_buf two = make_report(r, "Sak fem", 1001, false);
    assert_string_equal(submit(r, &one, 1),
                        "commit +OUTBOX\nnotify 1 queued\nsend Submit CASE_REPORT\n");
    assert_string_equal(submit(r, &two, 2), "commit +OUTBOX\nnotify 2 queued\n");
    assert_string_equal(receipt(r, &one, true), ""); /* proves nothing */
    char wanted[128];
    snprintf(wanted, sizeof wanted,
             "commit +OUTBOX\nnotify 1 receipt index %zu\nsend Submit CASE_REPORT\n",
             r->f->leaf_count);
    assert_string_equal(receipt(r, &one, false), wanted);
    assert_int_equal(status_of(r).outbox, 2); /* kept until final */
    expect_whole_receipt(r, &one);
    /* the broker's clock is off: it stays */
    assert_string_equal(refused(r, &two, SB_E_SEQUENCER_CLOCK), "");
    assert_int_equal(status_of(r).outbox, 2);
    reopen(r); /* the receipt is durable */
    sb_buf_clear(&r->receipt);
    assert_non_null(strstr(submit(r, &one, 3), "notify 3 receipt"));
    expect_whole_receipt(r, &one);
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER});
    const char *trace = strstr(welcome(r, r->f->leaf_count), "send Submit CASE_REPORT\n");
    assert_non_null(trace);
    assert_null(strstr(trace + 1, "send Submit"));
    sb_buf_deinit(&one);
    sb_buf_deinit(&two);
}

/* A list in parts goes on behind the row that it came to, though one before it has left. */
static void test_outbox_in_parts(void **state)
{
    rig *r = *state;
    size_t count;
    follow_all(r);
    sb_buf reports[3];
    for (uint32_t i = 0; i < 3; i++) {
        reports[i] = make_report(r, "Sak", 1000 + (uint64_t)i, false);
        submit(r, &reports[i], i + 1);
    }
    sb_fol_outbox_place *all = sb_follower_outbox_since(r->fol, 0, &count);
    assert_int_equal(count, 3);
    assert_non_null(strstr(refused(r, &reports[0], SB_E_LEDGER_SUPERSEDED), "refused"));
    assert_int_equal(status_of(r).outbox, 2);
    sb_fol_outbox_place *rest = sb_follower_outbox_since(r->fol, all[1].number, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < 2; i++) {
        sb_fol_outbox_row row;
        sb_entry entry;
        size_t at = rest[i].at;
        assert_int_equal(rest[i].number, all[i + 1].number);
        assert_true(sb_follower_outbox_next(r->fol, r->now, &at, &row));
        assert_int_equal(sb_entry_parse(row.entry, &entry, NULL), SB_OK);
        assert_int_equal(entry.signer_seq, 1001 + i);
    }
    free(all);
    free(rest);
    for (uint32_t i = 0; i < 3; i++)
        sb_buf_deinit(&reports[i]);
}

static void test_outbox_sends_attachments_first(void **state)
{
    rig *r = *state;
    follow_all(r);
    sb_buf one = make_report(r, "Sak med vedlegg", 1000, true);
    assert_string_equal(submit(r, &one, 1), "notify 1 refused SB_E_FOLLOWER_BLOB_MISSING\n");
    sb_fol_event event = {.kind = SB_FOL_BLOB_AT_LINK, .link = 1};
    memcpy(event.blob, fed_blob(r->f, "Sak med vedlegg")->sha256.data, 32);
    sim_store_blob(&r->store, event.blob);
    assert_string_equal(submit(r, &one, 1), "commit +OUTBOX\nnotify 1 queued\nput blob\n");
    assert_string_equal(feed(r, event), "send Submit CASE_REPORT\n");
    sb_buf_deinit(&one);
}

static void test_outbox_until_final(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    uint64_t first = state_size(r, 1), second = state_size(r, 2), third = state_size(r, 3);
    clock_after(r, second);
    leaves(r, 0, second);
    /* the next member entry, handed in here, then seen in the log */
    uint64_t at = second;
    while (sb_entry_type_is_system(type_at(r, at)))
        at++;
    assert_true(at < third);
    sb_slice leaf = fed_leaf(r->f, (size_t)at);
    sb_buf entry;
    sb_buf_init(&entry);
    sb_buf_add(&entry, sb_slice_of(leaf.data + 8, leaf.len - 8));
    assert_non_null(strstr(submit(r, &entry, 3), "notify 3 queued"));
    clock_after(r, r->f->leaf_count - 1);
    uint64_t fourth = state_size(r, 4);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "notify 3 receipt index %llu\n", (unsigned long long)at);
    sb_buf_str(&r->receipt, "of another");
    assert_non_null(strstr(leaves(r, second, fourth), wanted));
    assert_int_equal(r->receipt.len, 0); /* seen in the log: no receipt to pass on */
    (void)first;
    certified(r, third, THREE, 3, r->now.legal_ms / 1000);
    assert_int_equal(status_of(r).outbox, 1);
    snprintf(wanted, sizeof wanted, "notify 3 final index %llu\n", (unsigned long long)at);
    assert_non_null(strstr(certified(r, fourth, THREE, 3, r->now.legal_ms / 1000), wanted));
    assert_int_equal(status_of(r).outbox, 0);
    /* handed in once more: it is in the log, and final */
    snprintf(wanted, sizeof wanted, "notify 9 final index %llu\n", (unsigned long long)at);
    assert_string_equal(submit(r, &entry, 9), wanted);
    sb_buf_deinit(&entry);
}

/* It is in the log already, and not final: kept as well, its member hears when it is. */
static void test_outbox_keeps_what_is_known(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    uint64_t at = state_size(r, 2), third = state_size(r, 3), fourth = state_size(r, 4);
    clock_after(r, r->f->leaf_count - 1);
    leaves(r, 0, fourth);
    while (sb_entry_type_is_system(type_at(r, at)))
        at++;
    sb_slice leaf = fed_leaf(r->f, (size_t)at);
    sb_buf entry;
    sb_buf_init(&entry);
    sb_buf_add(&entry, sb_slice_of(leaf.data + 8, leaf.len - 8));
    char wanted[80];
    snprintf(wanted, sizeof wanted, "commit +OUTBOX\nnotify 3 receipt index %llu\n",
             (unsigned long long)at);
    assert_string_equal(submit(r, &entry, 3), wanted);
    assert_string_equal(submit(r, &entry, 3), strchr(wanted, '\n') + 1);
    assert_int_equal(status_of(r).outbox, 1);
    certified(r, third, THREE, 3, r->now.legal_ms / 1000);
    snprintf(wanted, sizeof wanted, "notify 3 final index %llu\n", (unsigned long long)at);
    assert_non_null(strstr(certified(r, fourth, THREE, 3, r->now.legal_ms / 1000), wanted));
    assert_int_equal(status_of(r).outbox, 0);
    sb_buf_deinit(&entry);
}

/* No other node could fetch it: no head would ever be cosigned again. */
static void test_blob_of_another_size(void **state)
{
    rig *r = *state;
    follow_all(r);
    sb_buf one = make_report(r, "Sak med vedlegg", 1000, true);
    const Sb__BlobRef *blob = fed_blob(r->f, "Sak med vedlegg");
    sim_store_blob_of(&r->store, blob->sha256.data, blob->size + 1);
    assert_string_equal(submit(r, &one, 1), "notify 1 refused SB_E_SEQUENCER_BLOB_SIZE\n");
    sb_buf_deinit(&one);
}

static void test_superseded_goes_back(void **state)
{
    rig *r = *state;
    follow_all(r);
    /* the number of an entry that is in the log, under other bytes */
    sb_buf one = make_report(r, "Sak fire", 1000, false),
           two = make_report(r, "Sak fem", 1000, false);
    submit(r, &one, 1);
    assert_string_equal(submit(r, &two, 2), "notify 2 refused SB_E_LEDGER_SUPERSEDED\n");
    assert_string_equal(refused(r, &one, SB_E_LEDGER_SUPERSEDED),
                        "commit -OUTBOX\nnotify 1 refused SB_E_LEDGER_SUPERSEDED\n");
    sb_buf_deinit(&one);
    sb_buf_deinit(&two);
}

/* ---- round the broker ---- */

/* What gets no receipt goes to the other nodes; what they hand in is ours to pass on. */
static void test_round_the_broker(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    welcome_on(r, 4, r->f->leaf_count, 1);
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)(uintptr_t) "ssu";
    report.title = (char *)(uintptr_t) "En sak";
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(r->f, SB_ENTRY_CASE_REPORT, &report.base, "secretariat", NULL, &entry);
    sb_leaf leaf;
    assert_int_equal(sb_entry_open(sb_buf_slice(&entry), &r->arena, &leaf, NULL), SB_OK);
    sb_fol_event event = {
        .kind = SB_FOL_MEMBER_SUBMIT, .entry = sb_buf_slice(&entry), .leaf = &leaf, .member = 3};
    assert_true(has(feed(r, event), "send Submit"));
    assert_null(strstr(tick(r, 29000), "send 4 Submit"));
    assert_true(has(tick(r, 1500), "send 4 Submit"));
    assert_null(strstr(tick(r, 1000), "send 4 Submit"));
    assert_int_equal(status_of(r).held_back, 1);
    /* another node, that gets it from us */
    sim_store_deinit(&r->store);
    sim_store_init(&r->store);
    reopen(r);
    follow(r, r->f->leaf_count);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    assert_true(has(submit_on(r, 4, &entry), "send Submit"));
    reopen(r);
    size_t at = 0;
    sb_fol_outbox_row row;
    assert_true(sb_follower_outbox_next(r->fol, r->now, &at, &row));
    assert_true(row.of_peer);
    sb_buf_deinit(&entry);
}

/* … but a later one of a key doesn't while its turn hasn't come. */
static void test_offers_in_turn(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 5, SB_FOL_ROLE_NODE);
    welcome_on(r, 5, r->f->leaf_count, 1);
    sb_buf first = report_case(r, "En sak", 3);
    fed_key_of(r->f, "secretariat")->seq++;
    sb_buf later = report_case(r, "En annen sak", 3);
    tick(r, SB_FOL_HELD_BACK_MS);
    assert_true(has(sb_buf_cstr(&r->trace), "send 5 Submit"));
    assert_null(strstr(strstr(sb_buf_cstr(&r->trace), "send 5 Submit") + 1, "send 5 Submit"));
    fed_key_of(r->f, "secretariat")->seq--;
    take_here(r, &first, 1, 1);
    assert_true(has(tick(r, 600), "send 5 Submit"));
    sb_buf_deinit(&first);
    sb_buf_deinit(&later);
}

/* … and one that a peer handed on goes round when ours stands behind it: its own node may be gone. */
static void test_offers_what_ours_stands_behind(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    for (uint32_t link = 4; link <= 5; link++) {
        link_up(r, link, SB_FOL_ROLE_NODE);
        welcome_on(r, link, r->f->leaf_count, 1);
    }
    sb_buf theirs = make_case(r, "En sak");
    submit_on(r, 4, &theirs);
    assert_null(strstr(tick(r, SB_FOL_HELD_BACK_MS), "send 5 Submit")); /* they do it themselves */
    fed_key_of(r->f, "secretariat")->seq++;
    sb_buf ours = report_case(r, "En annen sak", 3);
    assert_true(has(tick(r, 600), "send 5 Submit"));
    assert_null(strstr(strstr(sb_buf_cstr(&r->trace), "send 5 Submit") + 1, "send 5 Submit"));
    sb_buf_deinit(&theirs);
    sb_buf_deinit(&ours);
}

/* … and one with a receipt and without a leaf, before the key's later one: nobody else has it, if the
 * broker is gone. */
static void test_offers_what_has_only_a_receipt(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    welcome_on(r, 4, r->f->leaf_count, 1);
    sb_buf first = report_case(r, "En sak", 3);
    assert_true(has(receipt(r, &first, false), "notify 3 receipt"));
    assert_true(has(tick(r, SB_FOL_HELD_BACK_MS), "send 4 Submit"));
    fed_key_of(r->f, "secretariat")->seq++;
    sb_buf later = report_case(r, "En annen sak", 3);
    assert_null(strstr(tick(r, SB_FOL_HELD_BACK_MS), "send 4 Submit"));
    assert_true(has(tick(r, SB_FOL_HELD_BACK_MS), "send 4 Submit")); /* the first again */
    fed_key_of(r->f, "secretariat")->seq--;
    take_here(r, &first, 1, 1);
    assert_true(has(tick(r, 600), "send 4 Submit"));
    sb_buf_deinit(&first);
    sb_buf_deinit(&later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_outbox_while_broker_is_away, setup_script),
        TEST(test_outbox_keeps_each_keys_order, setup_script),
        TEST(test_outbox_in_parts, setup_script),
        TEST(test_outbox_sends_attachments_first, setup_script),
        TEST(test_outbox_until_final, setup_script),
        TEST(test_outbox_keeps_what_is_known, setup_script),
        TEST(test_blob_of_another_size, setup_script),
        TEST(test_superseded_goes_back, setup_script),
        TEST(test_round_the_broker, setup_terms),
        TEST(test_offers_in_turn, setup_terms),
        TEST(test_offers_what_ours_stands_behind, setup_terms),
        TEST(test_offers_what_has_only_a_receipt, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
