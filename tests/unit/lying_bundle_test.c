/* A lying broker's log in a bundle: the lies of lying_broker_test.c that the entries themselves
 * show, with every witness deceived. samband-audit refuses each, and names the leaf and the reason.
 * (One bit elsewhere: audit_bundle_test.c, bundle flips. What two parties must compare to see — two
 * histories, entries moved or dropped after a receipt — is in evidence files, tests/unit/evidence_*,
 * and `--from CHECKPOINT`: here too. A backdated leaf shows only to who was there.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "nodes/auditor/report.h"
#include "tests/lib/bundle_files.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/liar.h"
#include "tests/lib/play.h"
#include "tests/lib/tmpdir.h"

static char dir[64];
static sb_fail failed, cause;

static int setup(void **state)
{
    *state = liar_new();
    sb_tmpdir_make(dir);
    return 0;
}

static int teardown(void **state)
{
    liar_free(*state);
    sb_tmpdir_drop(dir);
    return 0;
}

static void write_bundle(liar *l, bundle_opts o)
{
    sb_tmpdir_drop(dir);
    (void)mkdir(dir, 0755);
    o.dir = dir;
    o.leaves = l->log;
    o.leaf_count = l->count;
    bundle_write(l->f, &o);
}

static int audit_from(sb_slice from)
{
    static sb_audit a;
    sb_audit_opts opts = {.dir = dir, .threads = 1, .from = from};
    failed = (sb_fail){0};
    sb_err err = sb_audit_run(&opts, &a, &failed);
    cause = a.cause;
    sb_audit_deinit(&a);
    return err == SB_OK ? 0 : sb_err_exit(err);
}

static void refused(sb_err code, const char *where, sb_err why)
{
    int exit = audit_from((sb_slice){0});
    bool named = false;
    for (uint32_t i = 0; i < failed.argc; i++)
        named = named || strcmp(failed.arg[i], where) == 0;
    if (exit != SB_EXIT_VERIFY || failed.code != code || !named || cause.code != why)
        fail_msg("exit %d, %s [%s] [%s] for %s, wanted %s naming %s", exit,
                 sb_err_name(failed.code), failed.arg[0], failed.arg[1], sb_err_name(cause.code),
                 sb_err_name(code), where);
}

/* It shows this leaf next, and everybody cosigns it. */
static void leaf_refused(liar *l, sb_slice leaf, sb_err why)
{
    char index[24];
    size_t at = l->count;
    snprintf(index, sizeof index, "%zu", at);
    liar_show(l, leaf);
    write_bundle(l, (bundle_opts){.cosigners = UINT32_MAX});
    refused(SB_E_AUDIT_LEAF, index, why);
    liar_cut(l, at);
}

static uint64_t case_by(liar *l, const char *key)
{
    play_id id;
    play_ok(play_report(l->f, "ssu", "En sak", DECISION, key, &id));
    return l->f->leaf_count - 1;
}

/* ---- tests ---- */

static void test_forged_and_altered(void **state)
{
    liar *l = *state;
    write_bundle(l, (bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit_from((sb_slice){0}), 0); /* as it is, it is right */
    sb_slice honest = fed_leaf(l->f, case_by(l, SEC));
    uint64_t before = liar_time(l->log[l->count - 1]);
    sb_slice entry = sb_slice_of(honest.data + 8, honest.len - 8);
    leaf_refused(l, liar_bent(l, honest, 0), SB_E_SIGNATURE);
    sb_slice altered = sb_arena_copy(&l->arena, honest);
    uint8_t *title = memmem(altered.data, altered.len, "En sak", 6);
    assert_non_null(title);
    title[0] = 'I';
    leaf_refused(l, altered, SB_E_SIGNATURE);
    leaf_refused(l, liar_leaf(l, before - 1, entry), SB_E_LEDGER_TIME);
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = (char *)(uintptr_t) "ssu";
    m.title = (char *)(uintptr_t) "Megleren vil";
    m.kind = DECISION;
    entry = liar_entry(l, SB_ENTRY_CASE_REPORT, &m.base, "stranger");
    leaf_refused(l, liar_leaf(l, liar_time(honest), entry), SB_E_LEDGER_KEY_UNKNOWN);
}

static void test_ballot_after_the_close_and_wrong_result(void **state)
{
    liar *l = *state;
    play_table t;
    play_id q;
    play_ssu(l->f, &t);
    play_ok(play_ask(l->f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote(l->f, q, "unn-1", FOR));
    sb_row_question row = play_question(l->f, q);
    Sb__Ballot ballot = SB__BALLOT__INIT;
    ballot.question_id = q;
    ballot.wording_sha256 = (play_id){32, row.wording};
    ballot.seat = (char *)(uintptr_t) "kommune-1";
    ballot.choice = AGAINST;
    sb_slice held = liar_entry(l, SB_ENTRY_BALLOT, &ballot.base, "kommune-1/primary");
    play_ok(play_end(l->f, q, SEC));
    liar_show_fed(l);
    leaf_refused(l, liar_leaf(l, l->f->now_ms + 1000, held), SB_E_LEDGER_QUESTION_CLOSED);
    /* the close; then another RESULT than follows, or none */
    sb_leaf leaf;
    sb_slice result = l->log[l->count - 1];
    assert_int_equal(sb_leaf_open(result, &l->arena, &leaf, NULL), SB_OK);
    Sb__Result m = *(const Sb__Result *)(const void *)leaf.message;
    m.outcome = m.outcome == FALLEN ? ADOPTED : FALLEN;
    liar_cut(l, l->count - 1);
    leaf_refused(l, liar_system(l, SB_ENTRY_RESULT, &m.base, "log"), SB_E_LEDGER_RESULT_DIFFERS);
    leaf_refused(l, fed_leaf(l->f, case_by(l, SEC)), SB_E_LEDGER_RESULT_EXPECTED);
}

static void test_wrong_state_and_false_seals(void **state)
{
    liar *l = *state;
    const uint32_t all[] = {0, 1, 2, 3};
    uint8_t digest[32] = {1};
    Sb__State s = SB__STATE__INIT;
    s.digest = (ProtobufCBinaryData){.len = 32, .data = digest};
    (void)case_by(l, SEC);
    liar_show_fed(l);
    leaf_refused(l, liar_system(l, SB_ENTRY_STATE, &s.base, "log"), SB_E_LEDGER_DIGEST);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    Sb__Seal *m = fed_seal_message(l->f, all, 2);
    leaf_refused(l, liar_system(l, SB_ENTRY_SEAL, &m->base, "log"), SB_E_LEDGER_SEAL_QUORUM);
    m = fed_seal_message(l->f, all, 3);
    m->cosignatures[1]->signature.data[5] ^= 1;
    leaf_refused(l, liar_system(l, SB_ENTRY_SEAL, &m->base, "log"), SB_E_LEDGER_COSIGNATURE);
    m = fed_seal_message(l->f, all, 3);
    m->cosignatures[1] = m->cosignatures[0];
    leaf_refused(l, liar_system(l, SB_ENTRY_SEAL, &m->base, "log"), SB_E_LEDGER_COSIGNATURE_ORDER);
}

static void test_handover_with_false_promises(void **state)
{
    liar *l = *state;
    fed_handover h = fed_handover_begin(l->f, 2, "log-2");
    fed_promise_of(l->f, &h, 1);
    fed_promise_of(l->f, &h, 2);
    Sb__Handover *m = fed_handover_message(l->f, &h);
    leaf_refused(l, liar_system(l, SB_ENTRY_HANDOVER, &m->base, "log-2"),
                 SB_E_LEDGER_HANDOVER_QUORUM);
    fed_promise_of(l->f, &h, 3);
    m = fed_handover_message(l->f, &h);
    m->promises[2]->signature.data[0] ^= 1;
    leaf_refused(l, liar_system(l, SB_ENTRY_HANDOVER, &m->base, "log-2"),
                 SB_E_LEDGER_HANDOVER_PROMISE);
}

/* The older term's key goes on below a HANDOVER. */
static void test_older_term_goes_on(void **state)
{
    liar *l = *state;
    fed_take_over(l->f, 2, "log-2");
    (void)case_by(l, SEC);
    liar_show_fed(l);
    sb_buf payload;
    const ProtobufCMessage *m;
    sb_buf_init(&payload);
    sb_ledger_state_payload(l->f->ledger, &payload);
    assert_int_equal(sb_payload_decode(SB_ENTRY_STATE, sb_buf_slice(&payload), &l->arena, &m, NULL),
                     SB_OK);
    leaf_refused(l, liar_system(l, SB_ENTRY_STATE, m, "log"), SB_E_LEDGER_LOG_KEY);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    write_bundle(l, (bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit_from((sb_slice){0}), 0);
    write_bundle(l, (bundle_opts){.cosigners = UINT32_MAX, .log_key = "log"});
    refused(SB_E_AUDIT_FILE, "checkpoint", SB_E_CHECKPOINT_UNSIGNED);
    sb_buf_deinit(&payload);
}

static void test_policy_no_longer_in_force(void **state)
{
    liar *l = *state;
    const uint32_t all[] = {0, 1, 2, 3};
    liar_change_policy(l);
    write_bundle(l, (bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit_from((sb_slice){0}), 0);
    write_bundle(l, (bundle_opts){.cosigners = 3}); /* enough before */
    refused(SB_E_AUDIT_QUORUM, "3", SB_OK);
    (void)case_by(l, SEC);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    Sb__Seal *m = fed_seal_message(l->f, all, 3);
    leaf_refused(l, liar_system(l, SB_ENTRY_SEAL, &m->base, "log"), SB_E_LEDGER_SEAL_QUORUM);
}

/* ---- the checkpoint ---- */

/* The note with a line more, or another root line. */
static void put_note(const char *text, size_t len)
{
    bundle_put(dir, "checkpoint", text, len);
}

/* Two have cosigned; the second one's cosignature is there under a third name too. */
static void test_counted_twice_under_two_names(void **state)
{
    liar *l = *state;
    size_t len;
    write_bundle(l, (bundle_opts){.cosigners = 2});
    uint8_t *old = bundle_read(dir, "checkpoint", &len);
    sb_checkpoint head = liar_head(l, l->count, 1);
    const fed_key *key = fed_witness(l->f, 1);
    char name[256];
    sb_cosignature c;
    sb_buf note;
    sb_buf_init(&note);
    sb_buf_add(&note, sb_slice_of(old, len));
    snprintf(name, sizeof name, "%s/lege", head.origin);
    assert_int_equal(sb_cosign(&head, key->secret, l->f->now_ms / 1000 + 5, &c, NULL), SB_OK);
    sb_cosignature_add_line(&note, sb_slice_str(name), key->pk, &c);
    put_note((const char *)note.data, note.len);
    refused(SB_E_AUDIT_COSIGNATURE, "checkpoint", SB_OK);
    sb_buf_deinit(&note);
    free(old);
}

static void test_root_that_is_not_canonical(void **state)
{
    liar *l = *state;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    sb_checkpoint head = liar_head(l, l->count, 1);
    sb_buf body, note;
    sb_buf_init(&body);
    sb_buf_init(&note);
    write_bundle(l, (bundle_opts){.cosigners = UINT32_MAX});
    sb_checkpoint_body(&head, &body);
    char *last = (char *)&body.data[body.len - 3]; /* before "=\n" */
    *last = digits[(strchr(digits, *last) - digits) | 1];
    assert_int_equal(sb_note_sign(sb_buf_slice(&body), sb_slice_str(head.origin),
                                  fed_key_of(l->f, "log")->secret, &note, NULL),
                     SB_OK);
    put_note((const char *)note.data, note.len);
    refused(SB_E_AUDIT_FILE, "checkpoint", SB_E_NOTE_MALFORMED);
    sb_buf_deinit(&body);
    sb_buf_deinit(&note);
}

/* ---- against what was seen before ---- */

/* Two in the other order: a history by the rules, but not the one that the auditor saw last time. */
static void test_reordered_since_the_last_audit(void **state)
{
    liar *l = *state;
    size_t len, at = l->count;
    (void)case_by(l, SEC);
    (void)case_by(l, "bruker-1/primary");
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    write_bundle(l, (bundle_opts){.cosigners = UINT32_MAX});
    uint8_t *seen = bundle_read(dir, "checkpoint", &len);
    sb_slice a = sb_arena_copy(&l->arena, l->log[at]), b = l->log[at + 1];
    b = sb_arena_copy(&l->arena, b);
    fed_cut(l->f, at);
    liar_cut(l, at);
    assert_int_equal(fed_take(l->f, sb_slice_of(b.data + 8, b.len - 8)), SB_OK);
    assert_int_equal(fed_take(l->f, sb_slice_of(a.data + 8, a.len - 8)), SB_OK);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    write_bundle(l, (bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit_from((sb_slice){0}), 0); /* alone, nothing is wrong with it */
    assert_int_equal(audit_from(sb_slice_of(seen, len)), SB_EXIT_VERIFY);
    assert_int_equal(failed.code, SB_E_AUDIT_FROM);
    free(seen);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_forged_and_altered),
        T(test_ballot_after_the_close_and_wrong_result),
        T(test_wrong_state_and_false_seals),
        T(test_handover_with_false_promises),
        T(test_older_term_goes_on),
        T(test_policy_no_longer_in_force),
        T(test_counted_twice_under_two_names),
        T(test_root_that_is_not_canonical),
        T(test_reordered_since_the_last_audit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
