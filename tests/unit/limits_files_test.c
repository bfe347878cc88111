/* The bounds of files, texts and configurations crossed: at the limit taken, one above refused by the
 * code that proto/base/limits.h names. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nodes/cli/rehearse_script.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/host/yaml_read.h"
#include "nodes/witness/witness.h"
#include "proto/base/limits.h"
#include "proto/calendar/deadline.h"
#include "proto/evidence/evidence.h"
#include "proto/merkle/base64.h"
#include "proto/merkle/head_notes.h"
#include "proto/merkle/tlog_policy.h"
#include "proto/merkle/tlog_proof.h"
#include "proto/merkle/tlog_witness.h"
#include "proto/sign/keyfile.h"
#include "proto/wire/federation.h"
#include "proto/wire/frame.h"

static sb_arena arena;
static sb_buf text;
static char dir[64];

static int setup(void **state)
{
    (void)state;
    sb_arena_init(&arena);
    sb_buf_init(&text);
    sb_tmpdir_make(dir);
    return sb_sign_init(NULL) != SB_OK;
}

static int teardown(void **state)
{
    (void)state;
    sb_tmpdir_drop(dir);
    sb_buf_deinit(&text);
    sb_arena_deinit(&arena);
    return 0;
}

#define is(call, code) assert_string_equal(sb_err_name(call), sb_err_name(code))

/* ---- whole files ---- */

static void test_files(void **state)
{
    (void)state;
    static const size_t most[] = {SB_PROOF_FILE_BYTES_MAX,  SB_FEDERATION_BYTES_MAX,
                                  SB_KEYFILE_BYTES_MAX,     SB_EVIDENCE_BYTES_MAX,
                                  SB_TLOG_POLICY_BYTES_MAX, SB_DOC_BYTES_MAX,
                                  SB_NOTE_BYTES_MAX,        SB_BLOB_BYTES_MAX};
    char path[80];
    (void)snprintf(path, sizeof path, "%s/fil", dir);
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++)
        for (size_t over = 0; over < 2; over++) {
            sb_fail fail = {0};
            sb_buf bytes;
            sb_buf_init(&bytes);
            is(sb_file_write(path, sb_slice_str("x"), SB_FILE_MODE, &fail), SB_OK);
            assert_int_equal(truncate(path, (off_t)(most[i] + over)), 0);
            is(sb_file_read(path, most[i], &bytes, &fail), over ? SB_E_TOO_LARGE : SB_OK);
            assert_true(over || bytes.len == most[i]);
            sb_buf_deinit(&bytes);
        }
}

/* What stands before the size is read says no as well. */
static void test_texts(void **state)
{
    (void)state;
    sb_fail fail;
    sb_tlog_policy policy;
    uint8_t *big = calloc(1, SB_EVIDENCE_BYTES_MAX + 1);
    memset(big, '#', SB_EVIDENCE_BYTES_MAX + 1);
    is(sb_tlog_policy_parse(sb_slice_of(big, SB_TLOG_POLICY_BYTES_MAX + 1), &arena, &policy, &fail),
       SB_E_TOO_LARGE);
    assert_int_not_equal(
        sb_tlog_policy_parse(sb_slice_of(big, SB_TLOG_POLICY_BYTES_MAX), &arena, &policy, &fail),
        SB_E_TOO_LARGE);
    sb_evidence_verdict verdict;
    const sb_evidence_help help = {0};
    is(sb_evidence_judge(sb_slice_of(big, SB_EVIDENCE_BYTES_MAX + 1), &help, &arena, &verdict,
                         &fail),
       SB_E_EVIDENCE_MALFORMED);
    /* leaves of one byte more than there may be */
    sb_buf_printf(&text, "samband-evidence/1 divergent-state\nfederation 32\n");
    sb_buf_add(&text, sb_slice_of(big, 32));
    sb_buf_printf(&text, "\nleaves %d\n", SB_EVIDENCE_LEAVES_BYTES_MAX + 1);
    sb_buf_add(&text, sb_slice_of(big, SB_EVIDENCE_LEAVES_BYTES_MAX + 1));
    sb_buf_str(&text, "\n");
    is(sb_evidence_judge(sb_buf_slice(&text), &help, &arena, &verdict, &fail),
       SB_E_EVIDENCE_MALFORMED);
    assert_string_equal(fail.arg[0], "leaves");
    free(big);
}

/* ---- notes ---- */

static void test_names_of_signers(void **state)
{
    (void)state;
    char name[SB_NOTE_NAME_BYTES_MAX + 2];
    memset(name, 'a', sizeof name);
    assert_true(sb_note_name_valid(sb_slice_of(name, SB_NOTE_NAME_BYTES_MAX)));
    assert_false(sb_note_name_valid(sb_slice_of(name, SB_NOTE_NAME_BYTES_MAX + 1)));
}

/* Others read sixteen lines of a note: the log's and fifteen. */
static void test_lines_that_we_write(void **state)
{
    (void)state;
    sb_cosigner cosigners[SB_NOTE_SIGNATURES_MAX] = {{.organisation = "unn"}};
    sb_signed_head head = {.cosigners = cosigners, .cosigner_count = SB_NOTE_SIGNATURES_MAX - 1};
    assert_int_equal(sb_head_note_count(&head), 1);
    head.cosigner_count++;
    assert_int_equal(sb_head_note_count(&head), 2);
}

static sb_err policy_of(size_t logs, size_t names)
{
    sb_tlog_policy policy;
    sb_fail fail;
    uint8_t pk[32] = {0};
    sb_buf_clear(&text);
    for (size_t i = 0; i < logs + names; i++) {
        char name[40];
        pk[0] = (uint8_t)i;
        pk[1] = (uint8_t)(i >> 8);
        (void)snprintf(name, sizeof name, "n%zu", i);
        sb_buf_printf(&text, i < logs ? "log " : "witness w%zu ", i);
        sb_vkey_add(&text, sb_slice_str(name),
                    i < logs ? SB_NOTE_TYPE_LOG : SB_NOTE_TYPE_COSIGNATURE, pk);
        sb_buf_str(&text, "\n");
    }
    sb_buf_str(&text, names > 0 ? "quorum w1\n" : "quorum none\n");
    return sb_tlog_policy_parse(sb_buf_slice(&text), &arena, &policy, &fail);
}

static void test_policies(void **state)
{
    (void)state;
    is(policy_of(SB_TLOG_POLICY_LOGS_MAX, 0), SB_OK);
    is(policy_of(SB_TLOG_POLICY_LOGS_MAX + 1, 0), SB_E_POLICY_MALFORMED);
    is(policy_of(1, SB_TLOG_POLICY_NAMES_MAX), SB_OK);
    is(policy_of(1, SB_TLOG_POLICY_NAMES_MAX + 1), SB_E_POLICY_MALFORMED);
}

static void test_proofs(void **state)
{
    (void)state;
    static uint8_t extra[SB_TLOG_PROOF_EXTRA_BYTES_MAX + 1];
    for (size_t over = 0; over < 2; over++) {
        sb_tlog_proof proof;
        sb_fail fail;
        sb_buf_clear(&text);
        sb_buf_str(&text, "c2sp.org/tlog-proof@v1\nextra ");
        sb_base64_add(&text, sb_slice_of(extra, SB_TLOG_PROOF_EXTRA_BYTES_MAX + over));
        sb_buf_str(&text, "\nindex 0\n\nnote");
        is(sb_tlog_proof_parse(sb_buf_slice(&text), &proof, &fail),
           over ? SB_E_NOTE_MALFORMED : SB_OK);
        sb_add_checkpoint ask;
        sb_buf_clear(&text);
        sb_buf_str(&text, "old 1\n");
        for (size_t i = 0; i < SB_WITNESS_PROOF_HASHES_MAX + over; i++) {
            sb_base64_add(&text, sb_slice_of(extra, 32));
            sb_buf_str(&text, "\n");
        }
        sb_buf_str(&text, "\nnote");
        is(sb_add_checkpoint_parse(sb_buf_slice(&text), &ask, &fail),
           over ? SB_E_NOTE_MALFORMED : SB_OK);
    }
}

/* ---- keys, federation, frames ---- */

static void test_key_file(void **state)
{
    (void)state;
    sb_keyfile_info k;
    sb_fail fail;
    while (text.len <= SB_KEYFILE_BYTES_MAX)
        sb_buf_str(&text, "samband-key/1\n");
    is(sb_keyfile_public(sb_buf_slice(&text), &k, &fail), SB_E_KEYFILE_MALFORMED);
    assert_string_equal(fail.arg[0], "1");
    sb_buf_clear(&text);
    sb_buf_printf(&text, "samband-key/1\nrole: member\n");
    (void)sb_keyfile_public(sb_buf_slice(&text), &k, &fail);
    assert_string_not_equal(fail.arg[0], "1");
}

static void test_frame_that_needs_much_memory(void **state)
{
    (void)state;
    const Sb__Frame *frame = NULL;
    sb_fail fail;
    /* an empty submessage takes two bytes here and far more when it is unpacked */
    for (size_t n = 1000; n <= SB_FRAME_BYTES_MAX / 2 - 100; n *= 500) {
        sb_buf_clear(&text);
        Sb__PromiseGiven m = SB__PROMISE_GIVEN__INIT;
        Sb__Cosignature one = SB__COSIGNATURE__INIT;
        m.n_cosignatures = n;
        m.cosignatures = SB_ARENA_ARRAY(&arena, Sb__Cosignature *, n);
        for (size_t i = 0; i < n; i++)
            m.cosignatures[i] = &one;
        Sb__Frame f = SB__FRAME__INIT;
        f.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
        f.promise_given = &m;
        sb_frame_encode(&f, &text);
        assert_true(text.len <= SB_FRAME_BYTES_MAX);
        bool is_much = n * sizeof one > SB_FRAME_ALLOC_MAX;
        is(sb_frame_decode(sb_buf_slice(&text), &arena, &frame, &fail),
           is_much ? SB_E_FRAME_MALFORMED : SB_OK);
    }
}

/* ---- counting ---- */

static void test_deadlines(void **state)
{
    (void)state;
    const sb_date day = {2022, 1, 20};
    sb_deadline out;
    sb_fail fail;
    sb_deadline_rule rule = {.count = SB_DEADLINE_DAYS_MAX,
                             .unit = SB_UNIT_DAY,
                             .direction = SB_DEADLINE_AFTER,
                             .kind = SB_DEADLINE_WITHIN};
    is(sb_deadline_of(&arena, &rule, day, &out, &fail), SB_OK);
    rule.count++;
    assert_true(sb_deadline_of(&arena, &rule, day, &out, &fail) != SB_OK);
    rule = (sb_deadline_rule){.count = SB_DEADLINE_DAYS_MAX / 7,
                              .unit = SB_UNIT_WEEK,
                              .direction = SB_DEADLINE_AFTER,
                              .kind = SB_DEADLINE_WITHIN};
    is(sb_deadline_of(&arena, &rule, day, &out, &fail), SB_OK);
    rule.count++;
    is(sb_deadline_of(&arena, &rule, day, &out, &fail), SB_E_DEADLINE_RANGE);
}

/* ---- YAML ---- */

static sb_err yaml(void)
{
    const sb_doc *root;
    sb_fail fail = {0};
    return sb_yaml_parse("x.yaml", sb_buf_slice(&text), &arena, &root, &fail);
}

static void test_documents(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++) {
        sb_buf_clear(&text);
        for (int i = 0; i < SB_DOC_KEYS_MAX + over; i++)
            sb_buf_printf(&text, "k%d: 1\n", i);
        is(yaml(), over ? SB_E_DOC_LIMIT : SB_OK);
        sb_buf_clear(&text);
        for (int i = 0; i < SB_DOC_KEY_BYTES_MAX + over; i++)
            sb_buf_str(&text, "k");
        sb_buf_str(&text, ": 1\n");
        is(yaml(), over ? SB_E_DOC_KEY_TEXT : SB_OK);
    }
}

static void test_rehearsals(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++)
        for (int list = 0; list < 2; list++) {
            sb_reh_script script;
            sb_fail fail = {0};
            sb_buf_clear(&text);
            sb_buf_str(&text, "rehearsal:\n  title: Prøve\n  charter: v.yaml\n"
                              "  start: 2022-01-03 09:00\nsteps:\n");
            int items = list ? SB_REH_LIST_MAX : SB_REH_STEPS_MAX;
            if (list)
                sb_buf_str(&text, "  - arrive: [");
            for (int i = 0; i < items + over; i++)
                sb_buf_printf(&text, list ? "%ss%d" : "  - seal: true\n", i > 0 ? ", " : "", i);
            if (list)
                sb_buf_str(&text, "]\n");
            sb_err err = sb_reh_parse("s.yaml", sb_buf_slice(&text), &arena, &script, &fail);
            assert_int_equal(err == SB_E_REHEARSE_LIST, over);
        }
}

/* ---- configurations ---- */

static void put_file(const char *name)
{
    char path[96];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    is(sb_file_write(path, sb_buf_slice(&text), SB_FILE_MODE, NULL), SB_OK);
}

static void test_peers_of_a_node(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++) {
        sb_node_config config;
        sb_fail fail = {0};
        sb_buf_clear(&text);
        sb_buf_str(&text, "organisation: unn\nbroker: tcp://m:7117\npeers:\n");
        for (int i = 0; i < SB_NODE_PEERS_MAX + over; i++)
            sb_buf_printf(&text, "  - {organisation: o%d, address: tcp://o%d:7118}\n", i, i);
        put_file("node.yaml");
        is(sb_node_config_read(dir, &arena, &config, &fail), over ? SB_E_CONFIG_PEERS : SB_OK);
    }
}

static void test_logs_of_a_witness(void **state)
{
    (void)state;
    uint8_t seed[32] = {1}, pk[32] = {0};
    sb_secret *key = sb_secret_from_seed(seed);
    for (int over = 0; over < 2; over++) {
        sb_witness w;
        sb_fail fail = {0};
        sb_buf_clear(&text);
        is(sb_keyfile_plain(SB_KEY_WITNESS, sb_secret_pk(key), seed, &text, &fail), SB_OK);
        char path[96];
        (void)snprintf(path, sizeof path, "%s/witness.key", dir);
        (void)unlink(path);
        is(sb_file_write(path, sb_buf_slice(&text), 0600, &fail), SB_OK);
        sb_buf_clear(&text);
        sb_buf_str(&text, "name: vitne\nlogs:\n");
        for (int i = 0; i < SB_WITNESS_LOGS_MAX + over; i++) {
            char name[40];
            pk[0] = (uint8_t)i;
            (void)snprintf(name, sizeof name, "samband/x/%d/1", i);
            sb_buf_str(&text, "  - ");
            sb_vkey_add(&text, sb_slice_str(name), SB_NOTE_TYPE_LOG, pk);
            sb_buf_str(&text, "\n");
        }
        put_file("witness.yaml");
        is(sb_witness_open(&w, dir, &fail), over ? SB_E_WITNESS_LOG : SB_OK);
        sb_witness_close(&w);
    }
    sb_secret_free(key);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_files),
        T(test_texts),
        T(test_names_of_signers),
        T(test_lines_that_we_write),
        T(test_policies),
        T(test_proofs),
        T(test_key_file),
        T(test_frame_that_needs_much_memory),
        T(test_deadlines),
        T(test_documents),
        T(test_rehearsals),
        T(test_peers_of_a_node),
        T(test_logs_of_a_witness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
