/* The verbs that only touch files: keys, directories, cards, charters; and the daemons' config. */
#include "tests/lib/cmocka_all.h"

#include <sys/stat.h>

#include "nodes/charter/charter.h"
#include "nodes/cli/cli.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "tests/lib/tmpdir.h"

static const char CHARTER[] =
    "charter: {slug: to, name: To organisasjoner}\n"
    "partners: [{id: a, name: A}]\n"
    "organisations:\n"
    "  - {id: a, name: A, partner: a}\n"
    "  - {id: b, name: B, partner: a}\n"
    "witnesses: {more-than: 2/3}\n"
    "appointers: [{id: a, name: A, host: a}]\n"
    "offices: [{id: secretariat, name: sekretariatet, appointed-by: a}]\n"
    "bodies:\n"
    "  - id: styret\n"
    "    name: Styret\n"
    "    short-name: STY\n"
    "    seats: [{id: a-1, title: Plass, partner: a, voting: true, appointer: a}]\n"
    "    quorum: {rule: present >= 1/2 of seats, cite: § 1, assumed: lest slik}\n"
    "    pass: {rule: for > 1/2 of cast, cite: § 2}\n";

typedef struct world {
    char dir[64];
    sb_cli_io io;
    sb_arena arena;
} world;

static const char *at(world *w, const char *name)
{
    return sb_path_join(&w->arena, w->dir, name);
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    sb_tmpdir_make(w->dir);
    sb_cli_io_init(&w->io);
    w->io.ignore_environment = true;
    sb_arena_init(&w->arena);
    assert_int_equal(sb_file_write(at(w, "pass"), sb_slice_str("en passfrase\n"), 0600, NULL),
                     SB_OK);
    assert_int_equal(sb_file_write(at(w, "c.yaml"), sb_slice_str(CHARTER), 0644, NULL), SB_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    sb_tmpdir_drop(w->dir);
    sb_cli_io_deinit(&w->io);
    sb_arena_deinit(&w->arena);
    free(w);
    return 0;
}

static int run(world *w, const char *const *words)
{
    const char *argv[32] = {"samband", "--passphrase-file", at(w, "pass"), "--home", at(w, "home")};
    int argc = 5;
    for (int i = 0; words[i] != NULL; i++)
        argv[argc++] = words[i];
    return sb_cli_run(argc, argv, &w->io);
}
#define RUN(w, ...) run(w, (const char *const[]){__VA_ARGS__, NULL})

static unsigned mode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (unsigned)st.st_mode & 0777 : 0;
}

static void test_keys(void **state)
{
    world *w = *state;
    const char *key = at(w, "k.key");
    assert_int_equal(RUN(w, "key", "new", key, "--rehearsal-cost"), 0);
    assert_int_equal(mode_of(key), 0600);
    assert_non_null(strstr(sb_buf_cstr(&w->io.json), "\"role\":\"member\""));
    assert_int_equal(RUN(w, "key", "new", key, "--rehearsal-cost"), 1);
    assert_int_equal(w->io.fail.code, SB_E_FILE_EXISTS);
    assert_int_equal(RUN(w, "key", "new", at(w, "x"), "--role", "konge"), 2);
    assert_int_equal(RUN(w, "nøkkel", "vis", key, "--json"), 0);
    assert_non_null(strstr(sb_buf_cstr(&w->io.out), "\"has_passphrase\":true"));
    assert_int_equal(RUN(w, "key", "show"), 1);
    assert_int_equal(w->io.fail.code, SB_E_CLI_NO_KEY);
    assert_int_equal(RUN(w, "key", "show", at(w, "c.yaml")), 1);
    assert_int_equal(w->io.fail.code, SB_E_FILE_OPEN_TO_OTHERS);
    assert_int_equal(RUN(w, "key", "show", at(w, "pass")), 1);
    assert_int_equal(w->io.fail.code, SB_E_KEYFILE_MALFORMED);
    assert_int_equal(RUN(w, "key", "new", at(w, "y"), "--passphrase-file", at(w, "z")), 2);
}

static void test_from_nothing_to_a_federation(void **state)
{
    world *w = *state;
    const char *keys = at(w, "keys"), *out = at(w, "f.samband");
    assert_int_equal(
        RUN(w, "broker", "init", at(w, "broker"), "--listen", "tcp://127.0.0.1:*", "--cards", keys),
        0);
    assert_int_equal(RUN(w, "node", "init", at(w, "a"), "--organisation", "a", "--keys", keys,
                         "--rehearsal-cost"),
                     0);
    assert_int_equal(mode_of(at(w, "a")), 0700);
    assert_int_equal(mode_of(at(w, "a/run")), 0750);
    assert_int_equal(mode_of(at(w, "a/witness.key")), 0600);
    assert_int_equal(mode_of(at(w, "keys/a-authority.key")), 0600);
    assert_int_equal(RUN(w, "node", "init", at(w, "a"), "--organisation", "a", "--keys", keys), 1);
    assert_int_equal(w->io.fail.code, SB_E_CLI_DIR_NOT_EMPTY);
    assert_int_equal(RUN(w, "node", "init", at(w, "q"), "--organisation", "A B", "--keys", keys),
                     1);

    const char *authority = at(w, "keys/a-authority.key");
    assert_int_equal(RUN(w, "charter", "compile", at(w, "c.yaml"), "--cards", keys, "--key",
                         authority, "--out", out),
                     1);
    assert_int_equal(w->io.fail.code, SB_E_FILE_MISSING); /* b's card */
    assert_int_equal(RUN(w, "node", "init", at(w, "b"), "--organisation", "b", "--keys", keys,
                         "--broker", "tcp://m:1", "--rehearsal-cost"),
                     0);
    assert_int_equal(RUN(w, "charter", "compile", at(w, "c.yaml"), "--cards", keys, "--key",
                         at(w, "keys/b-authority.key"), "--out", out),
                     1);
    assert_int_equal(w->io.fail.code, SB_E_CHARTER_AUTHORITY);
    assert_int_equal(RUN(w, "charter", "compile", at(w, "c.yaml"), "--cards", keys, "--key",
                         at(w, "a/witness.key"), "--out", out),
                     1);
    assert_int_equal(w->io.fail.code, SB_E_KEYFILE_ROLE);
    assert_int_equal(RUN(w, "charter", "compile", at(w, "c.yaml"), "--cards", keys, "--key",
                         authority, "--out", out, "--rehearsal"),
                     0);
    sb_federation f;
    assert_int_equal(sb_federation_read(out, &w->arena, &f, NULL), SB_OK);
    assert_true(f.charter->rehearsal);
    assert_int_equal(f.genesis->n_organisations, 2);

    assert_int_equal(RUN(w, "node", "join", at(w, "a"), "--federation", out, "--broker", "m:1"), 2);
    assert_int_equal(RUN(w, "node", "join", at(w, "a"), "--federation", out), 2);
    assert_int_equal(w->io.fail.code, SB_E_CLI_NO_BROKER);
    assert_int_equal(
        RUN(w, "node", "join", at(w, "a"), "--federation", out, "--broker", "tcp://m:7117"), 0);
    assert_int_equal(RUN(w, "node", "status", at(w, "a")), 4);
    assert_int_equal(w->io.fail.code, SB_E_CLI_NODE_SILENT);
    assert_int_equal(RUN(w, "broker", "status", at(w, "broker")), 4);
    assert_int_equal(w->io.fail.code, SB_E_CLI_BROKER_SILENT);
    assert_int_equal(RUN(w, "node", "join", at(w, "a"), "--federation", out), 0); /* again */
    assert_int_equal(RUN(w, "broker", "join", at(w, "broker"), "--federation", out), 0);
    assert_int_equal(RUN(w, "node", "init", at(w, "c"), "--organisation", "a", "--keys",
                         at(w, "other"), "--rehearsal-cost"),
                     0);
    assert_int_equal(RUN(w, "node", "join", at(w, "c"), "--federation", out), 3);
    assert_int_equal(w->io.fail.code, SB_E_CLI_CARD_DIFFERS);
    assert_int_equal(RUN(w, "node", "join", at(w, "a")), 2);

    sb_node_config config;
    assert_int_equal(sb_node_config_read(at(w, "a"), &w->arena, &config, NULL), SB_OK);
    assert_string_equal(config.organisation, "a");
    assert_string_equal(config.broker, "tcp://m:7117");
    assert_string_equal(config.socket, at(w, "a/run/node.sock"));
    assert_false(config.has_broker_curve);
}

static void test_charter_check(void **state)
{
    world *w = *state;
    assert_int_equal(RUN(w, "charter", "check", at(w, "c.yaml")), 0);
    assert_non_null(strstr(sb_buf_cstr(&w->io.out), "lest slik"));
    assert_non_null(strstr(sb_buf_cstr(&w->io.out), "§ 1"));
    assert_non_null(strstr(sb_buf_cstr(&w->io.json), "\"assumptions\":[{"));
    static const char bad[] = "charter: {slug: to, name: To}\npartners: []\nkonge: ja\n";
    assert_int_equal(sb_file_write(at(w, "bad.yaml"), sb_slice_str(bad), 0644, NULL), SB_OK);
    assert_int_equal(RUN(w, "charter", "check", at(w, "bad.yaml")), 1);
    assert_non_null(strstr(sb_buf_cstr(&w->io.err), "bad.yaml"));
    assert_non_null(strstr(sb_buf_cstr(&w->io.err), "linje"));
}

static void test_config(void **state)
{
    world *w = *state;
    sb_node_config c, back;
    sb_broker_config b, b_back;
    sb_fail fail;
    assert_int_equal(sb_dir_make(at(w, "n"), 0700, NULL), SB_OK);
    sb_node_config_init(&c, at(w, "n"), "min-org", &w->arena);
    c.broker = "tcp://[::1]:7117";
    c.socket = "/run/it's here.sock";
    c.has_broker_curve = true;
    memset(c.broker_curve_pk, 0xab, 32);
    assert_int_equal(sb_node_config_write(&c, NULL), SB_OK);
    assert_int_equal(sb_node_config_read(at(w, "n"), &w->arena, &back, NULL), SB_OK);
    assert_string_equal(back.socket, "/run/it's here.sock");
    assert_string_equal(back.broker, c.broker);
    assert_true(back.has_broker_curve);
    assert_memory_equal(back.broker_curve_pk, c.broker_curve_pk, 32);
    sb_broker_config_init(&b, at(w, "n"), "tcp://0.0.0.0:7117", &w->arena);
    assert_int_equal(sb_broker_config_write(&b, NULL), SB_OK);
    assert_int_equal(sb_broker_config_read(at(w, "n"), &w->arena, &b_back, NULL), SB_OK);
    assert_string_equal(b_back.listen, b.listen);
    assert_string_equal(b_back.socket, at(w, "n/run/broker.sock"));
    static const struct {
        const char *text;
        sb_err code;
    } bad[] = {{"organisation: a\nbroker: m:7117\n", SB_E_CONFIG_ENDPOINT},
               {"organisation: a\nbroker-key: abc\n", SB_E_CONFIG_KEY},
               {"broker: tcp://m:1\n", SB_E_DOC_MISSING_KEY},
               {"organisation: a\nfarge: rød\n", SB_E_DOC_UNKNOWN_KEY}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(sb_file_write(at(w, "n/node.yaml"), sb_slice_str(bad[i].text), 0644, NULL),
                         SB_OK);
        assert_int_equal(sb_node_config_read(at(w, "n"), &w->arena, &back, &fail), bad[i].code);
    }
}

static void test_endpoints(void **state)
{
    (void)state;
    static const char *const good[] = {"tcp://0.0.0.0:7117", "tcp://megler.no:1", "tcp://[::1]:*",
                                       "tcp://h:65535"};
    static const char *const bad[] = {"",           "tcp://",      "tcp://h",       "tcp://:1",
                                      "tcp://h:",   "tcp://h:x",   "tcp://h:65536", "ipc:///x",
                                      "tcp://h:-1", "http://h:80", "tcp://h:000001"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(sb_endpoint_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(sb_endpoint_valid(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_from_nothing_to_a_federation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_charter_check, setup, teardown),
        cmocka_unit_test_setup_teardown(test_config, setup, teardown),
        cmocka_unit_test(test_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
