/* Bundles whose files fit together, over histories, heads and terms that are right, or wrong in one
 * place each. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/lib/fed_terms.h"
#include "tests/lib/play.h"
#include "tests/lib/tmpdir.h"
#include "tests/unit/audit_rig.h"

/* ---- leaves ---- */

static sb_slice leaves[400];

static void take_leaves(rig *r)
{
    for (size_t i = 0; i < r->whole->leaf_count; i++)
        leaves[i] = fed_leaf(r->whole, i);
}

static void write_leaves(rig *r, size_t count)
{
    write_whole(r, (bundle_opts){.leaves = leaves, .leaf_count = count, .cosigners = UINT32_MAX});
}

/* A tail that isn't sealed: certified, not final. */
static void test_not_final(void **state)
{
    rig *r = *state;
    take_leaves(r);
    write_leaves(r, 40);
    assert_int_equal(audit(r), 0);
    assert_non_null(strstr(r->json, "\"final\":false"));
}

/* Whole trees and good signatures over a history that isn't one. */
static void test_bad_histories(void **state)
{
    rig *r = *state;
    take_leaves(r);
    leaves[270] = fed_leaf(r->whole, 271); /* two entries in the other order */
    leaves[271] = fed_leaf(r->whole, 270);
    write_leaves(r, r->whole->leaf_count);
    is_refused(r, SB_E_AUDIT_LEAF, "271");
    assert_int_equal(r->cause.code, SB_E_LEDGER_TIME);

    take_leaves(r);
    leaves[280] = fed_leaf(r->whole, 279); /* once more */
    write_leaves(r, r->whole->leaf_count);
    is_refused(r, SB_E_AUDIT_LEAF, "280");
    assert_int_equal(r->cause.code, SB_E_LEDGER_SUPERSEDED);

    take_leaves(r);
    memmove(&leaves[260], &leaves[261], 39 * sizeof leaves[0]); /* one left out */
    write_leaves(r, r->whole->leaf_count - 1);
    assert_int_equal(audit(r), SB_EXIT_VERIFY);
    assert_int_equal(r->failed.code, SB_E_AUDIT_LEAF);

    take_leaves(r);
    write_leaves(r, 2); /* ends before the charter is whole */
    is_refused(r, SB_E_AUDIT_UNFOUNDED, NULL);
}

/* The log key states a digest that isn't so, and everybody signs the head. */
static void test_lying_log(void **state)
{
    rig *r = *state;
    Sb__State m = SB__STATE__INIT;
    sb_entry_head head;
    sb_buf leaf;
    char index[24];
    uint8_t digest[32] = {1};
    m.digest = (ProtobufCBinaryData){.len = 32, .data = digest};
    sb_entry_head_init(&head, r->whole->federation_id, r->whole->leaf_count - 1);
    sb_buf_init(&leaf);
    sb_buf_add(&leaf, sb_slice_of(fed_leaf(r->whole, r->whole->leaf_count - 1).data, 8));
    fed_make(r->whole, SB_ENTRY_STATE, &m.base, "log", &head, &leaf);
    take_leaves(r);
    leaves[r->whole->leaf_count - 1] = sb_buf_slice(&leaf);
    write_leaves(r, r->whole->leaf_count);
    snprintf(index, sizeof index, "%zu", r->whole->leaf_count - 1);
    is_refused(r, SB_E_AUDIT_LEAF, index);
    assert_true(names(r, "STATE"));
    sb_buf_deinit(&leaf);
}

/* Another federation's file beside this history. */
static void test_other_founding(void **state)
{
    rig *r = *state;
    size_t len;
    fed *other = fed_new(&(fed_options){.organisations = 5});
    fed_run(other);
    sb_tmpdir_drop(r->dir);
    (void)mkdir(r->dir, 0755);
    bundle_write(other, &(bundle_opts){.dir = r->dir, .cosigners = UINT32_MAX});
    uint8_t *file = bundle_read(r->dir, "federation.samband", &len);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    bundle_put(r->dir, "federation.samband", file, len);
    is_refused(r, SB_E_AUDIT_FOUNDING, "0");
    free(file);
    fed_free(other);
}

/* ---- heads ---- */

static void test_signatures(void **state)
{
    rig *r = *state;
    write_whole(r, (bundle_opts){.cosigners = 2});
    is_refused(r, SB_E_AUDIT_QUORUM, "2");
    write_whole(r, (bundle_opts){.cosigners = 0});
    is_refused(r, SB_E_AUDIT_QUORUM, "0");
    write_whole(r, (bundle_opts){.cosigners = 3});
    assert_int_equal(audit(r), 0);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX, .log_key = "secretariat"});
    is_refused(r, SB_E_AUDIT_FILE, "checkpoint");
    assert_int_equal(r->cause.code, SB_E_CHECKPOINT_UNSIGNED);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX, .bad_cosigner = 4});
    is_refused(r, SB_E_AUDIT_COSIGNATURE, "checkpoint");
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX, .foreign_line = true});
    is_refused(r, SB_E_AUDIT_COSIGNATURE, "witness.example/w");
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX, .is_unsorted = true});
    is_refused(r, SB_E_AUDIT_FILE, "checkpoint");
}

/* A sealed head in another place, one more than the log seals, one of another history. */
static void test_sealed_heads(void **state)
{
    rig *r = *state;
    size_t len;
    char sealed[60] = "", elsewhere[60];
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    list_files(r);
    for (size_t i = 0; i < r->path_count; i++)
        if (strncmp(r->paths[i], "checkpoints/1/", 14) == 0)
            snprintf(sealed, sizeof sealed, "%s", r->paths[i]);
    uint8_t *note = bundle_read(r->dir, sealed, &len);
    bundle_put(r->dir, "checkpoints/1/7", note, len);
    is_refused(r, SB_E_AUDIT_FOREIGN, "checkpoints/1/7");
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    snprintf(elsewhere, sizeof elsewhere, "%s.2", sealed);
    bundle_put(r->dir, elsewhere, note, len);
    is_refused(r, SB_E_AUDIT_FOREIGN, elsewhere);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    bundle_put(r->dir, "checkpoint.2", note, len);
    is_refused(r, SB_E_AUDIT_ROOT, "checkpoint.2");
    free(note);
}

/* What an audit before this one saw is in this history, or it isn't. */
static void test_from(void **state)
{
    rig *r = *state;
    size_t len, count = 12;
    while (
        strcmp(sb_entry_type_name((sb_entry_type)fed_leaf(r->whole, count - 1).data[9]), "STATE"))
        count++;
    take_leaves(r);
    write_leaves(r, count);
    uint8_t *before = bundle_read(r->dir, "checkpoint", &len);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    sb_audit_opts o = {.from = sb_slice_of(before, len)};
    assert_int_equal(audit_with(r, &o, NULL), 0);
    assert_non_null(strstr(r->words, "Siden sist:"));
    if (strstr(r->json, "\"results_since\":0") != NULL)
        fail_msg("%s", r->json);
    free(before);
    take_leaves(r);
    leaves[count - 1] = leaves[count - 2]; /* another history; its head is signed all the same */
    write_leaves(r, count);
    before = bundle_read(r->dir, "checkpoint", &len);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    o.from = sb_slice_of(before, len);
    assert_int_equal(audit_with(r, &o, NULL), SB_EXIT_VERIFY);
    assert_int_equal(r->failed.code, SB_E_AUDIT_FROM);
    /* one that can't have been a bundle's: cut off, empty, or of no entries and signed by nobody */
    const char *const none[] = {
        "sam", "",
        "samband/x/0123456789abcdef/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
        "\xe2\x80\x94 x AQIDBA==\n"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        o.from = sb_slice_str(none[i]);
        assert_int_equal(audit_with(r, &o, NULL), SB_EXIT_VERIFY);
        assert_int_equal(r->failed.code, SB_E_AUDIT_FILE);
    }
    free(before);
    write_leaves(r, count);
}

static void test_wanted(void **state)
{
    rig *r = *state;
    sb_ledger_position at;
    sb_audit_opts o = {.head = {.is_given = true, .size = r->whole->leaf_count},
                       .digest = {.is_given = true, .size = r->whole->leaf_count}};
    sb_ledger_position_get(r->whole->ledger, &at);
    memcpy(o.head.hash, at.root, 32);
    memcpy(o.digest.hash, at.digest, 32);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit_with(r, &o, NULL), 0);
    assert_non_null(strstr(r->words, "står i historien"));
    o.head.hash[31] ^= 1;
    assert_int_equal(audit_with(r, &o, NULL), SB_EXIT_VERIFY);
    assert_int_equal(r->failed.code, SB_E_AUDIT_HEAD);
    o.head.hash[31] ^= 1;
    o.digest.hash[0] ^= 1;
    assert_int_equal(audit_with(r, &o, NULL), SB_EXIT_VERIFY);
    assert_int_equal(r->failed.code, SB_E_AUDIT_DIGEST);
    o.digest.hash[0] ^= 1;
    o.head.size++;
    assert_int_equal(audit_with(r, &o, NULL), SB_EXIT_VERIFY);
    assert_int_equal(r->failed.code, SB_E_AUDIT_SHORT);
}

/* ---- terms ---- */

/* The log in other hands: who promised it, and heads under two origins. */
static void test_terms(void **state)
{
    rig *r = *state;
    play_id id;
    char text[200];
    fed *f = fed_new(NULL), *keep = r->whole;
    fed_run(f);
    play_ok(play_report(f, "ssu", "En sak", INFORMATION, SEC, &id));
    fed_state(f);
    fed_take_over(f, 2, "log-2");
    play_ok(play_report(f, "ssu", "En sak til", INFORMATION, SEC, &id));
    r->whole = f;
    fed_state(f);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    if (audit(r) != 0) /* nothing of the new term is sealed yet */
        fail_msg("%s", r->words);
    assert_non_null(strstr(r->json, "\"final\":false,\"final_size\":0"));
    fed_seal(f);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    if (audit(r) != 0)
        fail_msg("%s", r->words);
    assert_non_null(strstr(r->json, "\"final\":true"));
    snprintf(text, sizeof text, "{\"term\":2,\"index\":");
    assert_non_null(strstr(r->json, text));
    assert_non_null(strstr(r->json, "\"handover\":{\"promises\":4,\"sealed_term\":1,"));
    assert_non_null(strstr(r->words, "Terminer:     2"));
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX, .log_key = "log"});
    is_refused(r, SB_E_AUDIT_FILE, "checkpoint"); /* the old broker signs for the new term */
    write_whole(r, (bundle_opts){.cosigners = 2});
    is_refused(r, SB_E_AUDIT_QUORUM, "2");
    r->whole = keep;
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_final),  cmocka_unit_test(test_bad_histories),
        cmocka_unit_test(test_lying_log),  cmocka_unit_test(test_other_founding),
        cmocka_unit_test(test_signatures), cmocka_unit_test(test_sealed_heads),
        cmocka_unit_test(test_from),       cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_terms),
    };
    return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
