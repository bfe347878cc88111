/* What the auditor and its program say of a bundle that is whole: words, JSON, a decision, a rehearsal's
 * summary, evidence. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/hash.h"
#include "tests/lib/inputs.h"
#include "tests/lib/tmpdir.h"
#include "tests/unit/audit_rig.h"

static void test_whole(void **state)
{
    rig *r = *state;
    sb_ledger_position at;
    char root[65], size[32];
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    if (audit(r) != 0)
        fail_msg("%s", r->words);
    sb_ledger_position_get(r->whole->ledger, &at);
    sb_hex(sb_slice_of(at.root, 32), root);
    snprintf(size, sizeof size, "\"size\":%zu,", r->whole->leaf_count);
    assert_non_null(strstr(r->json, size));
    assert_non_null(strstr(r->json, root));
    assert_non_null(strstr(r->json, fed_digest(r->whole)));
    assert_non_null(strstr(r->json, "\"final\":true"));
    assert_non_null(strstr(r->json, "\"number\":\"01/22\",\"body\":\"ssu\""));
    assert_non_null(strstr(r->json, "\"outcome\":\"adopted\",\"mode\":\"vote\""));
    assert_null(strstr(r->json, "\"blobs_held\":0"));
    assert_non_null(strstr(r->json, "\"earlier_checkpoints\":3"));
    assert_non_null(strstr(r->json, "\"terms\":[{\"term\":1,\"index\":0,"));
    assert_non_null(strstr(r->json, "\"verdict\":\"ok\""));
    assert_non_null(strstr(r->words, "GODKJENT"));
    assert_non_null(strstr(r->words, "vedtatt (avstemming)"));
}

/* What is erased is listed and not asked for; it must not be there any more. */
static void test_erased(void **state)
{
    rig *r = *state;
    char hex[65], path[80];
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit(r), 0);
    sb_hex(sb_slice_of(fed_blob(r->whole, "Et navn for mye")->sha256.data, 32), hex);
    const char *erased = strstr(r->json, "\"erased\":[{\"sha256\":\"");
    assert_non_null(erased);
    assert_memory_equal(erased + strlen("\"erased\":[{\"sha256\":\""), hex, 64);
    assert_non_null(strstr(r->words, "Slettet:      1 vedlegg"));
    snprintf(path, sizeof path, "blobs/%s", hex);
    bundle_put(r->dir, path, "x", 1);
    is_refused(r, SB_E_AUDIT_FOREIGN, path);
}

/* More of them than a query answers in one part. */
static void test_every_case(void **state)
{
    rig *r = *state;
    static const char title[] = "\"title\":\"Enda en sak\"";
    size_t told = 0;
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit(r), 0);
    for (const char *at = r->json; (at = strstr(at, title)) != NULL; at += strlen(title))
        told++;
    assert_true(r->more_cases > 200);
    assert_int_equal(told, r->more_cases);
}

/* The certificate's words, the place of the RESULT, and that it is final. */
static void test_decision(void **state)
{
    rig *r = *state;
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    r->decision = "01/22";
    assert_int_equal(audit(r), 0);
    assert_non_null(strstr(r->words, "Resultatet står i loggen som oppføring"));
    assert_non_null(strstr(r->words, "Det er endelig"));
    r->decision = NULL;
}

/* ---- a rehearsal's summary ---- */

static void compare_is(rig *r, const char *summary, const char *from, const char *to, sb_err code)
{
    char path[300], text[31000];
    const char *at = strstr(summary, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - summary), summary, to, at + strlen(from));
    snprintf(path, sizeof path, "%s-summary.json", r->dir);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    int exit_code = audit_with(r, &(sb_audit_opts){.dir = r->dir}, path);
    (void)unlink(path);
    if (r->failed.code != code)
        fail_msg("%s -> %s: exit %d: %s", from, to, exit_code, r->words);
}

static void test_compare(void **state)
{
    rig *r = *state;
    sb_ledger_position at;
    char root[65], summary[30000];
    const char *cases;
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    assert_int_equal(audit(r), 0);
    cases = strstr(r->json, "\"cases\":");
    sb_ledger_position_get(r->whole->ledger, &at);
    sb_hex(sb_slice_of(at.root, 32), root);
    snprintf(summary, sizeof summary,
             "{\"nodes\":[{\"id\":\"unn\",\"size\":%zu,\"root\":\"%s\",\"digest\":\"%s\","
             "\"final\":true}],%.*s}",
             r->whole->leaf_count, root, fed_digest(r->whole),
             (int)(strstr(cases, ",\"blobs_named\"") - cases), cases);
    compare_is(r, summary, "unn", "unn", SB_OK);
    compare_is(r, summary, "adopted", "fallen", SB_E_AUDIT_DIFFERS);
    compare_is(r, summary, "vote", "consensus", SB_E_AUDIT_DIFFERS);
    compare_is(r, summary, "01/22", "02/22", SB_E_AUDIT_DIFFERS);
    compare_is(r, summary, "true", "false", SB_E_AUDIT_DIFFERS);
    compare_is(r, summary, "\"size\":3", "\"size\":4", SB_E_AUDIT_DIFFERS);
    compare_is(r, summary, "\"digest\":\"", "\"digest\":\"0", SB_E_AUDIT_DIFFERS);
    compare_is(r, summary, "]}", ",{\"number\":\"02/22\",\"outcome\":\"adopted\"}]}",
               SB_E_AUDIT_DIFFERS);
    compare_is(r, summary, "\"outcome\":null", "\"outcome\":\"adopted\"", SB_E_AUDIT_DIFFERS);
    compare_is(r, summary, "\"nodes\":[{\"id\":\"unn\"", "\"n\":[{\"id\":\"unn\"",
               SB_E_DOC_MISSING_KEY);
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
    rig *r = *state;
    char args[300], into[100];
    size_t len;
    if (binary == NULL)
        skip();
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    snprintf(into, sizeof into, "%s-out", r->dir);
    assert_int_equal(run("--help", "/dev/null"), 0);
    assert_int_equal(run("--version", "/dev/null"), 0);
    assert_int_equal(run("", "/dev/null"), 2);
    assert_int_equal(run("--nothing x", "/dev/null"), 2);
    snprintf(args, sizeof args, "--head 12 %s", r->dir);
    assert_int_equal(run(args, "/dev/null"), 2);
    assert_int_equal(run("/nowhere", "/dev/null"), 1);
    assert_int_equal(run(r->dir, into), 0);
    uint8_t *text = bundle_read("", into, &len);
    assert_non_null(strstr((char *)text, "GODKJENT"));
    free(text);
    snprintf(args, sizeof args, "--lang en --json --threads 1 %s", r->dir);
    assert_int_equal(run(args, into), 0);
    text = bundle_read("", into, &len);
    assert_int_equal(text[0], '{');
    assert_int_equal(text[len - 2], '}');
    free(text);
    text = bundle_read(r->dir, "tile/0/000", &len);
    text[9] ^= 4;
    bundle_put(r->dir, "tile/0/000", text, len);
    free(text);
    snprintf(args, sizeof args, "--lang en %s", r->dir);
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
    rig *r = *state;
    char args[300], into[100], at[100];
    size_t len;
    if (binary == NULL)
        skip();
    snprintf(into, sizeof into, "%s-out", r->dir);
    snprintf(at, sizeof at, "%s-evidence", r->dir);
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

int main(int argc, char **argv)
{
    binary = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_erased),
        cmocka_unit_test(test_every_case),
        cmocka_unit_test(test_decision),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_program),
        cmocka_unit_test(test_evidence_program),
    };
    return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
