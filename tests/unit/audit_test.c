/* The auditor on bundles that are whole, and on bundles that are wrong in one place each. */
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "nodes/auditor/report.h"
#include "proto/base/hash.h"
#include "tests/lib/bundle_files.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/inputs.h"
#include "tests/lib/play.h"
#include "tests/lib/tmpdir.h"

/* A federation with a decided case, more than 256 leaves, all sealed. */
static fed *whole;
static char dir[64];

static void write_whole(bundle_opts o)
{
    sb_tmpdir_drop(dir);
    (void)mkdir(dir, 0755);
    o.dir = dir;
    bundle_write(whole, &o);
}

static void remark(fed *f, const play_table *t)
{
    Sb__Remark r = SB__REMARK__INIT;
    r.meeting_id = t->meeting;
    r.case_id = t->c;
    r.seat = (char *)(uintptr_t) "bruker-1";
    r.text = fed_blob(f, "En merknad.");
    fed_must(f, SB_ENTRY_REMARK, &r.base, SEC);
}

static size_t more_cases;

static int setup(void **state)
{
    play_table t;
    play_id question, id;
    (void)state;
    whole = fed_new(NULL);
    fed_run(whole);
    play_ssu(whole, &t);
    play_ok(play_ask(whole, t.meeting, t.c, VOTE, SEC, &question));
    play_ok(play_vote(whole, question, "unn-1", FOR));
    play_ok(play_end(whole, question, SEC));
    remark(whole, &t);
    play_ok(play_close(whole, t.meeting, SEC));
    play_ok(play_report(whole, "ssu", "Et navn for mye", INFORMATION, SEC, &id));
    play_ok(play_erase(whole, "Et navn for mye", SEC));
    for (; whole->leaf_count < 300; more_cases++)
        play_ok(play_report(whole, "ssu", "Enda en sak", INFORMATION, SEC, &id));
    fed_seal(whole);
    sb_tmpdir_make(dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sb_tmpdir_drop(dir);
    fed_free(whole);
    return 0;
}

/* ---- running it ---- */

static sb_fail failed, cause;
static char *json, *words;
static const char *decision_ref;

static int audit_with(const sb_audit_opts *given, const char *summary)
{
    static sb_audit a;
    sb_buf out;
    sb_audit_opts opts = *given;
    opts.dir = dir;
    opts.threads = 2;
    opts.keeps_certificates = decision_ref != NULL;
    failed = (sb_fail){0};
    sb_err err = sb_audit_run(&opts, &a, &failed);
    if (err == SB_OK && summary != NULL)
        err = sb_audit_compare(&a, summary, &failed);
    assert_int_equal(err, failed.code);
    cause = a.cause;
    sb_audit_decision decision;
    bool has_decision = err == SB_OK && decision_ref != NULL;
    if (has_decision)
        assert_int_equal(sb_audit_decision_find(&a, decision_ref, SB_LANG_NB, &decision, &failed),
                         SB_OK);
    sb_buf_init(&out);
    sb_audit_json(&a, &failed, (sb_slice){0}, &out);
    free(json);
    json = strdup(sb_buf_cstr(&out));
    sb_buf_clear(&out);
    sb_audit_text(&a, &opts, has_decision ? &decision : NULL, &failed, SB_LANG_NB, &out);
    free(words);
    words = strdup(sb_buf_cstr(&out));
    sb_buf_deinit(&out);
    sb_audit_deinit(&a);
    return err == SB_OK ? 0 : sb_err_exit(err);
}

static int audit(void)
{
    return audit_with(&(sb_audit_opts){.dir = dir}, NULL);
}

/* Some argument of the failure is this. */
static bool names(const char *what)
{
    for (uint32_t i = 0; i < failed.argc; i++)
        if (strcmp(failed.arg[i], what) == 0)
            return true;
    return false;
}

static void is_refused(sb_err code, const char *what)
{
    int got = audit();
    if (got != SB_EXIT_VERIFY || failed.code != code || (what != NULL && !names(what)))
        fail_msg("wanted %s naming %s; exit %d: %s", sb_err_name(code), what, got, words);
}

/* ---- whole ---- */

static void test_whole(void **state)
{
    (void)state;
    sb_ledger_position at;
    char root[65], size[32];
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    if (audit() != 0)
        fail_msg("%s", words);
    sb_ledger_position_get(whole->ledger, &at);
    sb_hex(sb_slice_of(at.root, 32), root);
    snprintf(size, sizeof size, "\"size\":%zu,", whole->leaf_count);
    assert_non_null(strstr(json, size));
    assert_non_null(strstr(json, root));
    assert_non_null(strstr(json, fed_digest(whole)));
    assert_non_null(strstr(json, "\"final\":true"));
    assert_non_null(strstr(json, "\"number\":\"01/22\",\"body\":\"ssu\""));
    assert_non_null(strstr(json, "\"outcome\":\"adopted\",\"mode\":\"vote\""));
    assert_null(strstr(json, "\"blobs_held\":0"));
    assert_non_null(strstr(json, "\"earlier_checkpoints\":3"));
    assert_non_null(strstr(json, "\"terms\":[{\"term\":1,\"index\":0,"));
    assert_non_null(strstr(json, "\"verdict\":\"ok\""));
    assert_non_null(strstr(words, "GODKJENT"));
    assert_non_null(strstr(words, "vedtatt (avstemming)"));
}

/* What is erased is listed and not asked for; it must not be there any more. */
static void test_erased(void **state)
{
    (void)state;
    char hex[65], path[80];
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit(), 0);
    sb_hex(sb_slice_of(fed_blob(whole, "Et navn for mye")->sha256.data, 32), hex);
    const char *erased = strstr(json, "\"erased\":[{\"sha256\":\"");
    assert_non_null(erased);
    assert_memory_equal(erased + strlen("\"erased\":[{\"sha256\":\""), hex, 64);
    assert_non_null(strstr(words, "Slettet:      1 vedlegg"));
    snprintf(path, sizeof path, "blobs/%s", hex);
    bundle_put(dir, path, "x", 1);
    is_refused(SB_E_AUDIT_FOREIGN, path);
}

/* A tail that isn't sealed: certified, not final. */
static void test_not_final(void **state)
{
    (void)state;
    sb_slice leaves[SB_TILE_WIDTH];
    size_t count = 40;
    for (size_t i = 0; i < count; i++)
        leaves[i] = fed_leaf(whole, i);
    write_whole((bundle_opts){.leaves = leaves, .leaf_count = count, .cosigners = UINT32_MAX});
    assert_int_equal(audit(), 0);
    assert_non_null(strstr(json, "\"final\":false"));
}

/* ---- one byte ---- */

enum { PATHS_MAX = 200 };
static char paths[PATHS_MAX][200];
static size_t path_count;

static int keep_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)ftw;
    if (type == FTW_F && path_count < PATHS_MAX)
        snprintf(paths[path_count++], 200, "%s", path + strlen(dir) + 1);
    return 0;
}

/* In every file of the bundle but README.txt, at many places: refused, and the place named. */
static void test_flipped_bytes(void **state)
{
    (void)state;
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    path_count = 0;
    (void)nftw(dir, keep_path, 16, FTW_PHYS);
    assert_true(path_count >= 9);
    for (size_t i = 0; i < path_count; i++) {
        size_t len;
        uint8_t *data = bundle_read(dir, paths[i], &len);
        bool is_head = strncmp(paths[i], "checkpoint", 10) == 0 || strcmp(paths[i], "policy") == 0;
        bool is_blob = strncmp(paths[i], "blobs/", 6) == 0;
        size_t step = is_head ? 61 : is_blob ? len : len / 5 + 1;
        for (size_t at = 0; at < len; at += step) {
            data[at] ^= 1;
            bundle_put(dir, paths[i], data, len);
            int code = audit();
            if (strcmp(paths[i], "README.txt") == 0)
                assert_int_equal(code, 0);
            else if (code != SB_EXIT_VERIFY)
                fail_msg("byte %zu of %s: exit %d: %s", at, paths[i], code, words);
            else if (!names(paths[i]) && failed.code != SB_E_AUDIT_FOUNDING &&
                     strcmp(paths[i], "checkpoint") != 0)
                fail_msg("byte %zu of %s isn't named: %s", at, paths[i], words);
            data[at] ^= 1;
        }
        bundle_put(dir, paths[i], data, len);
        free(data);
    }
    assert_int_equal(audit(), 0);
}

/* Cut short, too long, gone, a folder instead. */
static void test_lengths(void **state)
{
    (void)state;
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    path_count = 0;
    (void)nftw(dir, keep_path, 16, FTW_PHYS);
    for (size_t i = 0; i < path_count; i++) {
        size_t len;
        char full[300];
        if (strcmp(paths[i], "README.txt") == 0)
            continue;
        uint8_t *data = bundle_read(dir, paths[i], &len);
        if (len == 0)
            fail_msg("%s is empty", paths[i]);
        bundle_put(dir, paths[i], data, len - 1);
        assert_int_equal(audit(), SB_EXIT_VERIFY);
        assert_true(names(paths[i]));
        bundle_put(dir, paths[i], data, len + 1); /* the NUL after it */
        assert_int_equal(audit(), SB_EXIT_VERIFY);
        assert_true(names(paths[i]));
        snprintf(full, sizeof full, "%s/%.200s", dir, paths[i]);
        (void)unlink(full);
        is_refused(SB_E_AUDIT_MISSING, paths[i]);
        (void)mkdir(full, 0755);
        assert_int_equal(audit(), SB_EXIT_VERIFY);
        (void)rmdir(full);
        bundle_put(dir, paths[i], data, len);
        free(data);
    }
    assert_int_equal(audit(), 0);
}

/* Whatever is done to a file: refused or, where it doesn't matter, reported; never worse. */
static void test_random_damage(void **state)
{
    (void)state;
    uint32_t random = 20220120;
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    path_count = 0;
    (void)nftw(dir, keep_path, 16, FTW_PHYS);
    for (int round = 0; round < 60; round++) {
        size_t len;
        random = random * 1664525 + 1013904223;
        const char *path = paths[(random >> 8) % path_count];
        uint8_t *data = bundle_read(dir, path, &len);
        uint8_t *damaged = malloc(len + 300);
        memcpy(damaged, data, len);
        memset(damaged + len, (int)(random >> 24), 300);
        size_t new_len = random & 1 ? len : random & 2 ? len + 300 : len / 2;
        for (uint32_t k = 0; k < (random >> 4) % 8 + 1 && new_len > 0; k++) {
            random = random * 1664525 + 1013904223;
            damaged[(random >> 8) % new_len] = (uint8_t)random;
        }
        bundle_put(dir, path, damaged, new_len);
        bool is_same = new_len == len && memcmp(damaged, data, len) == 0;
        int code = audit();
        assert_int_equal(code,
                         is_same || strcmp(path, "README.txt") == 0 ? SB_EXIT_OK : SB_EXIT_VERIFY);
        bundle_put(dir, path, data, len);
        free(damaged);
        free(data);
    }
    assert_int_equal(audit(), 0);
}

/* ---- leaves ---- */

static sb_slice leaves[400];

static void take_leaves(void)
{
    for (size_t i = 0; i < whole->leaf_count; i++)
        leaves[i] = fed_leaf(whole, i);
}

static void write_leaves(size_t count)
{
    write_whole((bundle_opts){.leaves = leaves, .leaf_count = count, .cosigners = UINT32_MAX});
}

/* Whole trees and good signatures over a history that isn't one. */
static void test_bad_histories(void **state)
{
    (void)state;
    take_leaves();
    leaves[270] = fed_leaf(whole, 271); /* two entries in the other order */
    leaves[271] = fed_leaf(whole, 270);
    write_leaves(whole->leaf_count);
    is_refused(SB_E_AUDIT_LEAF, "271");
    assert_int_equal(cause.code, SB_E_LEDGER_TIME);

    take_leaves();
    leaves[280] = fed_leaf(whole, 279); /* once more */
    write_leaves(whole->leaf_count);
    is_refused(SB_E_AUDIT_LEAF, "280");
    assert_int_equal(cause.code, SB_E_LEDGER_SUPERSEDED);

    take_leaves();
    memmove(&leaves[260], &leaves[261], 39 * sizeof leaves[0]); /* one left out */
    write_leaves(whole->leaf_count - 1);
    assert_int_equal(audit(), SB_EXIT_VERIFY);
    assert_int_equal(failed.code, SB_E_AUDIT_LEAF);

    take_leaves();
    write_leaves(2); /* ends before the charter is whole */
    is_refused(SB_E_AUDIT_UNFOUNDED, NULL);
}

/* The log key states a digest that isn't so, and everybody signs the head. */
static void test_lying_log(void **state)
{
    (void)state;
    Sb__State m = SB__STATE__INIT;
    sb_entry_head head;
    sb_buf leaf;
    char index[24];
    uint8_t digest[32] = {1};
    m.digest = (ProtobufCBinaryData){.len = 32, .data = digest};
    sb_entry_head_init(&head, whole->federation_id, whole->leaf_count - 1);
    sb_buf_init(&leaf);
    sb_buf_add(&leaf, sb_slice_of(fed_leaf(whole, whole->leaf_count - 1).data, 8));
    fed_make(whole, SB_ENTRY_STATE, &m.base, "log", &head, &leaf);
    take_leaves();
    leaves[whole->leaf_count - 1] = sb_buf_slice(&leaf);
    write_leaves(whole->leaf_count);
    snprintf(index, sizeof index, "%zu", whole->leaf_count - 1);
    is_refused(SB_E_AUDIT_LEAF, index);
    assert_true(names("STATE"));
    sb_buf_deinit(&leaf);
}

/* Another federation's file beside this history. */
static void test_other_founding(void **state)
{
    (void)state;
    size_t len;
    fed *other = fed_new(&(fed_options){.organisations = 5});
    fed_run(other);
    sb_tmpdir_drop(dir);
    (void)mkdir(dir, 0755);
    bundle_write(other, &(bundle_opts){.dir = dir, .cosigners = UINT32_MAX});
    uint8_t *file = bundle_read(dir, "federation.samband", &len);
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    bundle_put(dir, "federation.samband", file, len);
    is_refused(SB_E_AUDIT_FOUNDING, "0");
    free(file);
    fed_free(other);
}

/* ---- heads ---- */

static void test_signatures(void **state)
{
    (void)state;
    write_whole((bundle_opts){.cosigners = 2});
    is_refused(SB_E_AUDIT_QUORUM, "2");
    write_whole((bundle_opts){.cosigners = 0});
    is_refused(SB_E_AUDIT_QUORUM, "0");
    write_whole((bundle_opts){.cosigners = 3});
    assert_int_equal(audit(), 0);
    write_whole((bundle_opts){.cosigners = UINT32_MAX, .log_key = "secretariat"});
    is_refused(SB_E_AUDIT_FILE, "checkpoint");
    assert_int_equal(cause.code, SB_E_CHECKPOINT_UNSIGNED);
    write_whole((bundle_opts){.cosigners = UINT32_MAX, .bad_cosigner = 4});
    is_refused(SB_E_AUDIT_COSIGNATURE, "checkpoint");
    write_whole((bundle_opts){.cosigners = UINT32_MAX, .foreign_line = true});
    is_refused(SB_E_AUDIT_COSIGNATURE, "witness.example/w");
    write_whole((bundle_opts){.cosigners = UINT32_MAX, .is_unsorted = true});
    is_refused(SB_E_AUDIT_FILE, "checkpoint");
}

/* A sealed head in another place, one more than the log seals, one of another history. */
static void test_sealed_heads(void **state)
{
    (void)state;
    size_t len;
    char sealed[60] = "", elsewhere[60];
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    path_count = 0;
    (void)nftw(dir, keep_path, 16, FTW_PHYS);
    for (size_t i = 0; i < path_count; i++)
        if (strncmp(paths[i], "checkpoints/1/", 14) == 0)
            snprintf(sealed, sizeof sealed, "%s", paths[i]);
    uint8_t *note = bundle_read(dir, sealed, &len);
    bundle_put(dir, "checkpoints/1/7", note, len);
    is_refused(SB_E_AUDIT_FOREIGN, "checkpoints/1/7");
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    snprintf(elsewhere, sizeof elsewhere, "%s.2", sealed);
    bundle_put(dir, elsewhere, note, len);
    is_refused(SB_E_AUDIT_FOREIGN, elsewhere);
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    bundle_put(dir, "checkpoint.2", note, len);
    is_refused(SB_E_AUDIT_ROOT, "checkpoint.2");
    free(note);
}

/* What an audit before this one saw is in this history, or it isn't. */
static void test_from(void **state)
{
    (void)state;
    size_t len, count = 12;
    while (strcmp(sb_entry_type_name((sb_entry_type)fed_leaf(whole, count - 1).data[9]), "STATE"))
        count++;
    take_leaves();
    write_leaves(count);
    uint8_t *before = bundle_read(dir, "checkpoint", &len);
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    sb_audit_opts o = {.from = sb_slice_of(before, len)};
    assert_int_equal(audit_with(&o, NULL), 0);
    assert_non_null(strstr(words, "Siden sist:"));
    if (strstr(json, "\"results_since\":0") != NULL)
        fail_msg("%s", json);
    free(before);
    take_leaves();
    leaves[count - 1] = leaves[count - 2]; /* another history; its head is signed all the same */
    write_leaves(count);
    before = bundle_read(dir, "checkpoint", &len);
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    o.from = sb_slice_of(before, len);
    assert_int_equal(audit_with(&o, NULL), SB_EXIT_VERIFY);
    assert_int_equal(failed.code, SB_E_AUDIT_FROM);
    /* one that can't have been a bundle's: cut off, empty, or of no entries and signed by nobody */
    const char *const none[] = {
        "sam", "",
        "samband/x/0123456789abcdef/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
        "\xe2\x80\x94 x AQIDBA==\n"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        o.from = sb_slice_str(none[i]);
        assert_int_equal(audit_with(&o, NULL), SB_EXIT_VERIFY);
        assert_int_equal(failed.code, SB_E_AUDIT_FILE);
    }
    free(before);
    write_leaves(count);
}

/* The certificate's words, the place of the RESULT, and that it is final. */
static void test_decision(void **state)
{
    (void)state;
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    decision_ref = "01/22";
    assert_int_equal(audit(), 0);
    assert_non_null(strstr(words, "Resultatet står i loggen som oppføring"));
    assert_non_null(strstr(words, "Det er endelig"));
    decision_ref = NULL;
}

/* The log in other hands: who promised it, and heads under two origins. */
static void test_terms(void **state)
{
    (void)state;
    play_id id;
    char text[200];
    fed *f = fed_new(NULL), *keep = whole;
    fed_run(f);
    play_ok(play_report(f, "ssu", "En sak", INFORMATION, SEC, &id));
    fed_state(f);
    fed_take_over(f, 2, "log-2");
    play_ok(play_report(f, "ssu", "En sak til", INFORMATION, SEC, &id));
    whole = f;
    fed_state(f);
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    if (audit() != 0) /* nothing of the new term is sealed yet */
        fail_msg("%s", words);
    assert_non_null(strstr(json, "\"final\":false,\"final_size\":0"));
    fed_seal(f);
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    if (audit() != 0)
        fail_msg("%s", words);
    assert_non_null(strstr(json, "\"final\":true"));
    snprintf(text, sizeof text, "{\"term\":2,\"index\":");
    assert_non_null(strstr(json, text));
    assert_non_null(strstr(json, "\"handover\":{\"promises\":4,\"sealed_term\":1,"));
    assert_non_null(strstr(words, "Terminer:     2"));
    write_whole((bundle_opts){.cosigners = UINT32_MAX, .log_key = "log"});
    is_refused(SB_E_AUDIT_FILE, "checkpoint"); /* the old broker signs for the new term */
    write_whole((bundle_opts){.cosigners = 2});
    is_refused(SB_E_AUDIT_QUORUM, "2");
    whole = keep;
    fed_free(f);
}

/* More of them than a query answers in one part. */
static void test_every_case(void **state)
{
    static const char title[] = "\"title\":\"Enda en sak\"";
    size_t told = 0;
    (void)state;
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit(), 0);
    for (const char *at = json; (at = strstr(at, title)) != NULL; at += strlen(title))
        told++;
    assert_true(more_cases > 200);
    assert_int_equal(told, more_cases);
}

static void test_wanted(void **state)
{
    (void)state;
    sb_ledger_position at;
    sb_audit_opts o = {.head = {.is_given = true, .size = whole->leaf_count},
                       .digest = {.is_given = true, .size = whole->leaf_count}};
    sb_ledger_position_get(whole->ledger, &at);
    memcpy(o.head.hash, at.root, 32);
    memcpy(o.digest.hash, at.digest, 32);
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit_with(&o, NULL), 0);
    assert_non_null(strstr(words, "står i historien"));
    o.head.hash[31] ^= 1;
    assert_int_equal(audit_with(&o, NULL), SB_EXIT_VERIFY);
    assert_int_equal(failed.code, SB_E_AUDIT_HEAD);
    o.head.hash[31] ^= 1;
    o.digest.hash[0] ^= 1;
    assert_int_equal(audit_with(&o, NULL), SB_EXIT_VERIFY);
    assert_int_equal(failed.code, SB_E_AUDIT_DIGEST);
    o.digest.hash[0] ^= 1;
    o.head.size++;
    assert_int_equal(audit_with(&o, NULL), SB_EXIT_VERIFY);
    assert_int_equal(failed.code, SB_E_AUDIT_SHORT);
}

/* ---- what doesn't belong ---- */

static void add_stranger(const char *path, const char *named)
{
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    bundle_put(dir, path, "x", 1);
    is_refused(SB_E_AUDIT_FOREIGN, named);
    assert_null(strchr(words, '\x1b'));
}

static void test_foreign_files(void **state)
{
    (void)state;
    char link[300];
    add_stranger("notat.txt", "notat.txt");
    add_stranger("tile/0/000.p/12", "tile/0/000.p/12");
    add_stranger("policy.2", "policy.2");
    add_stranger("mappe/README.txt", "mappe/README.txt");
    add_stranger("\x1b[2J\xff", NULL);
    char long_name[SB_BUNDLE_PATH_BYTES_MAX + 2];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    add_stranger(long_name, long_name);
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    snprintf(link, sizeof link, "%s/lenke", dir);
    assert_int_equal(symlink("/etc", link), 0);
    is_refused(SB_E_AUDIT_FOREIGN, "lenke");
}

/* Regular files only: a pipe would be waited for, a link leads out of the bundle. */
static void test_irregular_files(void **state)
{
    (void)state;
    static const char *const names[] = {"erased", "checkpoint", "README.txt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[300], away[300];
        sb_err code = i < 2 ? SB_E_AUDIT_FILE : SB_E_AUDIT_FOREIGN;
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        snprintf(away, sizeof away, "%s.away", dir);
        write_whole((bundle_opts){.cosigners = UINT32_MAX});
        if (i < 2)
            assert_int_equal(rename(path, away), 0);
        (void)unlink(path);
        assert_int_equal(symlink(i < 2 ? away : "/etc/hostname", path), 0);
        is_refused(code, names[i]);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        (void)alarm(60);
        is_refused(code, names[i]);
        (void)alarm(0);
        assert_int_equal(unlink(path), 0);
        (void)unlink(away);
    }
}

/* ---- the program ---- */

static const char *binary;

static int run(const char *args, const char *into)
{
    char command[600];
    snprintf(command, sizeof command, "%s %s >%s 2>&1", binary, args, into);
    int status = system(command);
    return status == -1 || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
}

static void test_program(void **state)
{
    (void)state;
    char args[300], into[100];
    size_t len;
    if (binary == NULL)
        skip();
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    snprintf(into, sizeof into, "%s-out", dir);
    assert_int_equal(run("--help", "/dev/null"), 0);
    assert_int_equal(run("--version", "/dev/null"), 0);
    assert_int_equal(run("", "/dev/null"), 2);
    assert_int_equal(run("--nothing x", "/dev/null"), 2);
    snprintf(args, sizeof args, "--head 12 %s", dir);
    assert_int_equal(run(args, "/dev/null"), 2);
    assert_int_equal(run("/nowhere", "/dev/null"), 1);
    assert_int_equal(run(dir, into), 0);
    uint8_t *text = bundle_read("", into, &len);
    assert_non_null(strstr((char *)text, "GODKJENT"));
    free(text);
    snprintf(args, sizeof args, "--lang en --json --threads 1 %s", dir);
    assert_int_equal(run(args, into), 0);
    text = bundle_read("", into, &len);
    assert_int_equal(text[0], '{');
    assert_int_equal(text[len - 2], '}');
    free(text);
    text = bundle_read(dir, "tile/0/000", &len);
    text[9] ^= 4;
    bundle_put(dir, "tile/0/000", text, len);
    free(text);
    snprintf(args, sizeof args, "--lang en %s", dir);
    assert_int_equal(run(args, into), 3);
    text = bundle_read("", into, &len);
    assert_non_null(strstr((char *)text, "NOT ACCEPTED: tile/0/000"));
    free(text);
    (void)unlink(into);
}

static void put_input(void *at, const char *name, const uint8_t *data, size_t len)
{
    bundle_put(at, name, data, len);
}

/* What the evidence says is tested in evidence_test; here, what the program makes of it. */
static void test_evidence_program(void **state)
{
    (void)state;
    char args[300], into[100], at[100];
    size_t len;
    if (binary == NULL)
        skip();
    snprintf(into, sizeof into, "%s-out", dir);
    snprintf(at, sizeof at, "%s-evidence", dir);
    assert_int_equal(mkdir(at, 0700), 0);
    assert_true(inputs_each("tests/fuzz/corpus/evidence.inputs", put_input, at));
    snprintf(args, sizeof args, "evidence %s/conflicting-heads-1", at);
    assert_int_equal(run(args, into), 0);
    uint8_t *text = bundle_read("", into, &len);
    assert_non_null(strstr((char *)text, "FELT: loggnøkkelen"));
    assert_non_null(strstr((char *)text, "FELT: vitnenøkkelen"));
    free(text);
    snprintf(args, sizeof args, "--json evidence %s/divergent-state-5", at);
    assert_int_equal(run(args, into), 0);
    text = bundle_read("", into, &len);
    assert_non_null(strstr((char *)text, "\"refusal\":\"SB_E_LEDGER_DIGEST\""));
    assert_non_null(strstr((char *)text, "\"accuser_agrees\":true"));
    free(text);
    snprintf(args, sizeof args, "evidence --lang en %s/policy", at);
    assert_int_equal(run(args, into), 3);
    text = bundle_read("", into, &len);
    assert_non_null(strstr((char *)text, "PROVES NOTHING"));
    free(text);
    /* the policy is of another federation */
    snprintf(args, sizeof args, "evidence %s/conflicting-heads-1 --policy %s/policy", at, at);
    assert_int_equal(run(args, "/dev/null"), 3);
    snprintf(args, sizeof args, "decision %s/decision-proof --policy %s/policy", at, at);
    assert_int_equal(run(args, "/dev/null"), 0);
    snprintf(args, sizeof args, "decision %s/decision-proof", at);
    assert_int_equal(run(args, "/dev/null"), 2);
    assert_int_equal(run("evidence /nowhere", "/dev/null"), 1);
    sb_tmpdir_drop(at);
    (void)unlink(into);
}

/* ---- a rehearsal's summary ---- */

static void compare_is(const char *summary, const char *from, const char *to, sb_err code)
{
    char path[300], text[31000];
    const char *at = strstr(summary, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - summary), summary, to, at + strlen(from));
    snprintf(path, sizeof path, "%s-summary.json", dir);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    int exit_code = audit_with(&(sb_audit_opts){.dir = dir}, path);
    (void)unlink(path);
    if (failed.code != code)
        fail_msg("%s -> %s: exit %d: %s", from, to, exit_code, words);
}

static void test_compare(void **state)
{
    (void)state;
    sb_ledger_position at;
    char root[65], summary[30000];
    const char *cases;
    write_whole((bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit(), 0);
    cases = strstr(json, "\"cases\":");
    sb_ledger_position_get(whole->ledger, &at);
    sb_hex(sb_slice_of(at.root, 32), root);
    snprintf(summary, sizeof summary,
             "{\"nodes\":[{\"id\":\"unn\",\"size\":%zu,\"root\":\"%s\",\"digest\":\"%s\","
             "\"final\":true}],%.*s}",
             whole->leaf_count, root, fed_digest(whole),
             (int)(strstr(cases, ",\"blobs_named\"") - cases), cases);
    compare_is(summary, "unn", "unn", SB_OK);
    compare_is(summary, "adopted", "fallen", SB_E_AUDIT_DIFFERS);
    compare_is(summary, "vote", "consensus", SB_E_AUDIT_DIFFERS);
    compare_is(summary, "01/22", "02/22", SB_E_AUDIT_DIFFERS);
    compare_is(summary, "true", "false", SB_E_AUDIT_DIFFERS);
    compare_is(summary, "\"size\":3", "\"size\":4", SB_E_AUDIT_DIFFERS);
    compare_is(summary, "\"digest\":\"", "\"digest\":\"0", SB_E_AUDIT_DIFFERS);
    compare_is(summary, "]}", ",{\"number\":\"02/22\",\"outcome\":\"adopted\"}]}",
               SB_E_AUDIT_DIFFERS);
    compare_is(summary, "\"outcome\":null", "\"outcome\":\"adopted\"", SB_E_AUDIT_DIFFERS);
    compare_is(summary, "\"nodes\":[{\"id\":\"unn\"", "\"n\":[{\"id\":\"unn\"",
               SB_E_DOC_MISSING_KEY);
}

int main(int argc, char **argv)
{
    binary = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_not_final),
        cmocka_unit_test(test_flipped_bytes),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_random_damage),
        cmocka_unit_test(test_program),
        cmocka_unit_test(test_bad_histories),
        cmocka_unit_test(test_lying_log),
        cmocka_unit_test(test_other_founding),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_sealed_heads),
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_every_case),
        cmocka_unit_test(test_from),
        cmocka_unit_test(test_decision),
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_erased),
        cmocka_unit_test(test_foreign_files),
        cmocka_unit_test(test_irregular_files),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_evidence_program),
    };
    int failures = cmocka_run_group_tests(tests, setup, teardown);
    free(json);
    free(words);
    return failures;
}
