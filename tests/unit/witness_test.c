/* The outside witness: what it cosigns, what it refuses, what it remembers, and HTTP around it. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "nodes/witness/witness.h"
#include "proto/merkle/proof.h"
#include "proto/merkle/tlog_policy.h"
#include "proto/merkle/tree.h"

#define ORIGIN "samband/prove/0123456789abcdef/1"

enum { TREES = 40 };

/* A log of up to 39 leaves, and another one that differs from leaf 10 on. */
typedef struct world {
    char root[64];
    const char *dir;
    sb_arena arena;
    sb_secret *log;
    sb_tree tree, other;
    sb_fail fail;
    sb_witness w;
} world;

static void grow(sb_tree *tree, bool is_other)
{
    sb_tree_init(tree);
    for (uint8_t i = 0; i < TREES - 1; i++) {
        uint8_t leaf[2] = {i, is_other && i >= 10}, hash[32];
        sb_leaf_hash(sb_slice_of(leaf, 2), hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
}

static int setup(void **state)
{
    world *t = calloc(1, sizeof *t);
    uint8_t seed[32] = {7}, pk[32];
    sb_buf yaml;
    sb_tmpdir_make(t->root);
    sb_arena_init(&t->arena);
    t->dir = sb_arena_printf(&t->arena, "%s/witness", t->root);
    grow(&t->tree, false);
    grow(&t->other, true);
    t->log = sb_secret_from_seed(seed);
    assert_int_equal(sb_dir_make(t->dir, 0700, &t->fail), SB_OK);
    assert_int_equal(sb_keystore_new(sb_path_join(&t->arena, t->dir, "witness.key"), SB_KEY_WITNESS,
                                     NULL, NULL, pk, &t->fail),
                     SB_OK);
    sb_buf_init(&yaml);
    sb_buf_str(&yaml, "name: vitne.example\nlisten: 127.0.0.1:0\nlogs:\n  - ");
    sb_vkey_add(&yaml, sb_slice_str(ORIGIN), SB_NOTE_TYPE_LOG, sb_secret_pk(t->log));
    sb_buf_str(&yaml, "\n");
    assert_int_equal(sb_file_write(sb_path_join(&t->arena, t->dir, "witness.yaml"),
                                   sb_buf_slice(&yaml), 0644, &t->fail),
                     SB_OK);
    sb_buf_deinit(&yaml);
    assert_int_equal(sb_witness_open(&t->w, t->dir, &t->fail), SB_OK);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    world *t = *state;
    sb_witness_close(&t->w);
    sb_secret_free(t->log);
    sb_arena_deinit(&t->arena);
    sb_tmpdir_drop(t->root);
    free(t);
    return 0;
}

static sb_checkpoint head_of(world *t, const sb_tree *tree, uint64_t size)
{
    sb_checkpoint head = {.size = size};
    (void)snprintf(head.origin, sizeof head.origin, "%s", ORIGIN);
    assert_int_equal(sb_tree_root_at(tree, size, (sb_tile_reader){0}, head.root, &t->fail), SB_OK);
    return head;
}

/* A request old -> size in this tree, in the arena. */
static sb_slice request(world *t, const sb_tree *tree, uint64_t old, uint64_t size)
{
    sb_checkpoint head = head_of(t, tree, size);
    sb_proof proof = {0};
    sb_buf note, body;
    sb_buf_init(&note);
    sb_buf_init(&body);
    assert_int_equal(sb_checkpoint_sign(&head, t->log, &note, &t->fail), SB_OK);
    if (old > 0 && old <= size)
        assert_int_equal(
            sb_tree_consistency(tree, old, size, (sb_tile_reader){0}, &proof, &t->fail), SB_OK);
    sb_add_checkpoint_write(old, &proof, sb_buf_slice(&note), &body);
    sb_slice out = sb_arena_copy(&t->arena, sb_buf_slice(&body));
    sb_buf_deinit(&note);
    sb_buf_deinit(&body);
    return out;
}

/* The answer's body, in the arena with a NUL. */
static uint32_t ask(world *t, sb_slice body, uint64_t now_s, char **said)
{
    sb_http_answer answer = {0};
    sb_buf_init(&answer.body);
    sb_witness_answer(&t->w, body, now_s, &answer);
    *said = sb_arena_printf(&t->arena, "%.*s", (int)answer.body.len, (char *)answer.body.data);
    sb_buf_deinit(&answer.body);
    return answer.status;
}

static void expect_cosigned(world *t, uint64_t old, uint64_t size, uint64_t now_s, uint64_t time_s)
{
    char *said;
    sb_note_line line;
    sb_cosignature made;
    sb_checkpoint head = head_of(t, &t->tree, size);
    assert_int_equal(ask(t, request(t, &t->tree, old, size), now_s, &said), 200);
    assert_int_equal(sb_note_parse_line(sb_slice_str(said), &line, &t->fail), SB_OK);
    assert_true(sb_cosignature_verify_line(&head, &line, sb_secret_pk(t->w.key), &made));
    assert_int_equal(made.time_s, time_s);
}

static void cosigns_what_continues(void **state)
{
    world *t = *state;
    expect_cosigned(t, 0, 5, 100, 100);
    for (uint64_t size = 5; size < TREES - 4; size += 3)
        expect_cosigned(t, size, size + 3, 100 + size, 100 + size);
    expect_cosigned(t, 38, 38, 90, 135); /* the same head again; its time never falls */
}

static void refuses(void **state)
{
    world *t = *state;
    char *said;
    expect_cosigned(t, 0, 20, 100, 100);
    assert_int_equal(ask(t, request(t, &t->tree, 0, 25), 100, &said), 409);
    assert_string_equal(said, "20\n");
    assert_int_equal(ask(t, request(t, &t->tree, 19, 25), 100, &said), 409);
    assert_int_equal(ask(t, request(t, &t->tree, 0, 7), 100, &said), 409); /* shrunken */
    assert_int_equal(ask(t, request(t, &t->tree, 20, 7), 100, &said), 400);
    assert_int_equal(ask(t, request(t, &t->other, 20, 25), 100, &said), 422);
    assert_int_equal(ask(t, request(t, &t->other, 20, 20), 100, &said), 409);
    assert_int_equal(ask(t, sb_slice_str("old 20\n"), 100, &said), 400);
    assert_int_equal(ask(t, sb_slice_str("old 020\n\nx\n"), 100, &said), 400);
    assert_int_equal(ask(t, sb_slice_str("old 20\n\nx\n"), 100, &said), 404);
    expect_cosigned(t, 20, 25, 100, 100); /* and nothing of it was remembered */
}

static void refuses_what_the_log_did_not_sign(void **state)
{
    world *t = *state;
    char *said;
    sb_slice body = request(t, &t->tree, 0, 20);
    uint8_t *bytes = (uint8_t *)(uintptr_t)body.data;
    bytes[body.len - 10] = bytes[body.len - 10] == 'A' ? 'B' : 'A';
    assert_int_equal(ask(t, body, 100, &said), 403);
    uint8_t *digit = memmem(bytes, body.len, "/1\n", 3);
    digit[1] = '2'; /* a term that it isn't told of */
    assert_int_equal(ask(t, body, 100, &said), 404);
}

static void keeps_two_heads_of_one_size(void **state)
{
    world *t = *state;
    char *said;
    const char *const *names;
    size_t count;
    expect_cosigned(t, 0, 20, 100, 100);
    assert_int_equal(ask(t, request(t, &t->other, 20, 20), 100, &said), 409);
    assert_int_equal(sb_dir_list(sb_path_join(&t->arena, t->dir, "evidence"), &t->arena, &names,
                                 &count, &t->fail),
                     SB_OK);
    assert_int_equal(count, 2);
}

static void reopen(world *t, sb_err wanted)
{
    sb_witness_close(&t->w);
    sb_err err = sb_witness_open(&t->w, t->dir, &t->fail);
    assert_string_equal(sb_err_name(err), sb_err_name(wanted));
}

static void remembers(void **state)
{
    world *t = *state;
    char *said;
    expect_cosigned(t, 0, 20, 100, 100);
    reopen(t, SB_OK);
    assert_int_equal(t->w.logs[0].last.size, 20);
    assert_int_equal(ask(t, request(t, &t->other, 0, 20), 100, &said), 409);
    expect_cosigned(t, 20, 21, 50, 100);
}

/* Lines that nobody vouches for must not fill up what is kept. */
static void keeps_no_lines_of_strangers(void **state)
{
    world *t = *state;
    char *said;
    const uint8_t stranger[4] = {1, 2, 3, 4}, sig[64] = {0};
    sb_buf body;
    sb_buf_init(&body);
    sb_buf_add(&body, request(t, &t->tree, 0, 20));
    for (int i = 0; i < SB_NOTE_LINES_MAX - 1; i++)
        sb_note_add_line(&body, sb_slice_str(ORIGIN), stranger, sb_slice_of(sig, sizeof sig));
    assert_int_equal(ask(t, sb_buf_slice(&body), 100, &said), 200);
    sb_buf_deinit(&body);
    reopen(t, SB_OK);
    assert_int_equal(t->w.logs[0].last.size, 20);
}

/* One conflict convicts the log; a log that goes on must not fill the disk. */
static void keeps_one_conflict(void **state)
{
    world *t = *state;
    char *said;
    const char *const *names;
    size_t count;
    expect_cosigned(t, 0, 20, 100, 100);
    for (uint64_t size = 20; size < 25; size++) {
        assert_int_equal(ask(t, request(t, &t->other, size, size), 100, &said), 409);
        expect_cosigned(t, size, size + 1, 100, 100);
    }
    assert_int_equal(sb_dir_list(sb_path_join(&t->arena, t->dir, "evidence"), &t->arena, &names,
                                 &count, &t->fail),
                     SB_OK);
    assert_int_equal(count, 2);
}

/* A cosignature says when: without a clock there is none. */
static void does_not_cosign_without_a_clock(void **state)
{
    world *t = *state;
    char *said;
    assert_int_equal(ask(t, request(t, &t->tree, 0, 20), 0, &said), 500);
    assert_int_equal(t->w.logs[0].last.size, 0);
    expect_cosigned(t, 0, 20, 100, 100);
}

/* It must not start when it can't know what it cosigned. */
static void does_not_start_on_a_damaged_head(void **state)
{
    world *t = *state;
    const char *const *names;
    size_t count;
    sb_buf note;
    expect_cosigned(t, 0, 20, 100, 100);
    const char *heads = sb_path_join(&t->arena, t->dir, "heads");
    assert_int_equal(sb_dir_list(heads, &t->arena, &names, &count, &t->fail), SB_OK);
    assert_int_equal(count, 1);
    const char *path = sb_path_join(&t->arena, heads, names[0]);
    sb_buf_init(&note);
    assert_int_equal(sb_file_read(path, 100000, &note, &t->fail), SB_OK);
    note.data[sizeof ORIGIN] ^= 1; /* the size */
    assert_int_equal(sb_file_write(path, sb_buf_slice(&note), 0644, &t->fail), SB_OK);
    reopen(t, SB_E_WITNESS_HEAD);
    sb_buf_deinit(&note);
}

/* ---- HTTP ---- */

static uint64_t fixed_time(void *arg)
{
    (void)arg;
    return 777;
}

static void over_http(void **state)
{
    world *t = *state;
    sb_http *http = NULL;
    sb_witness_http handler = {.witness = &t->w, .now_s = fixed_time};
    assert_int_equal(sb_http_open(&http, "127.0.0.1:0", SB_WITNESS_ASK_BYTES_MAX, sb_witness_handle,
                                  &handler, &t->fail),
                     SB_OK);
    const char *base = sb_arena_printf(&t->arena, "http://127.0.0.1:%u", sb_http_port(http));
    pid_t server = fork();
    assert_true(server >= 0);
    if (server == 0)
        for (;;)
            sb_http_run(http, 1000);
    const char *url = sb_arena_printf(&t->arena, "%s/add-checkpoint", base);
    uint32_t status = 0;
    sb_buf answer;
    sb_buf_init(&answer);
    assert_int_equal(sb_http_post(url, "text/plain", request(t, &t->tree, 0, 20), 4096, &status,
                                  &answer, &t->fail),
                     SB_OK);
    assert_int_equal(status, 200);
    assert_memory_equal(answer.data, "\xe2\x80\x94 vitne.example ", 18);
    sb_buf_clear(&answer);
    assert_int_equal(sb_http_post(url, "text/plain", request(t, &t->tree, 0, 21), 4096, &status,
                                  &answer, &t->fail),
                     SB_OK);
    assert_int_equal(status, 409);
    assert_string_equal(sb_buf_cstr(&answer), "20\n");
    static uint8_t large[SB_WITNESS_ASK_BYTES_MAX + 1];
    sb_buf_clear(&answer);
    assert_int_equal(sb_http_post(url, "text/plain", sb_slice_of(large, sizeof large), 4096,
                                  &status, &answer, &t->fail),
                     SB_OK);
    assert_int_equal(status, 413);
    assert_int_equal(
        sb_http_post(base, "text/plain", sb_slice_str("x"), 4096, &status, &answer, &t->fail),
        SB_OK);
    assert_int_equal(status, 200);
    (void)kill(server, SIGKILL);
    (void)waitpid(server, NULL, 0);
    sb_http_close(http);
    assert_int_equal(
        sb_http_post(url, "text/plain", sb_slice_str("x"), 4096, &status, &answer, &t->fail),
        SB_E_HTTP_PEER);
    assert_int_equal(sb_http_post("https://x/", "text/plain", sb_slice_str("x"), 4096, &status,
                                  &answer, &t->fail),
                     SB_E_HTTP_URL);
    sb_buf_deinit(&answer);
}

#define with_world(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        with_world(cosigns_what_continues),
        with_world(refuses),
        with_world(refuses_what_the_log_did_not_sign),
        with_world(keeps_two_heads_of_one_size),
        with_world(remembers),
        with_world(keeps_no_lines_of_strangers),
        with_world(keeps_one_conflict),
        with_world(does_not_cosign_without_a_clock),
        with_world(does_not_start_on_a_damaged_head),
        with_world(over_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
