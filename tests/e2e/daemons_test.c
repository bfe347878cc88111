/* One broker and four nodes, each its own process: founded, accepted, final everywhere with one
 * digest; the broker killed and started; a node killed and started; all stop cleanly. */
#include "tests/lib/cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodes/charter/charter.h"
#include "nodes/host/clock.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/host/json_read.h"
#include "nodes/transport/net_zmq.h"
#include "proto/base/hash.h"
#include "proto/merkle/tlog_witness.h"
#include "proto/sign/keyfile.h"
#include "proto/wire/frame.h"
#include "tests/lib/fed.h"
#include "tests/lib/tmpdir.h"

enum { ORGS = 4, WAIT_MS = 20000 };

typedef struct process {
    char dir[96];
    const char *program;
    pid_t pid;
} process;

typedef struct world {
    char dir[64];
    sb_arena arena;
    const Sb__Charter *charter;
    sb_secret *authority[ORGS];
    process broker, node[ORGS];
    uint8_t federation_id[32], charter_sha256[32];
    sb_net *net;
    uint32_t link[ORGS], peer[ORGS];
    uint64_t last_request;
} world;

/* ---- making it ---- */

static void seed_of(const char *a, const char *b, uint8_t seed[32])
{
    char name[128];
    snprintf(name, sizeof name, "%s/%s", a, b);
    sb_hash(sb_slice_str(name), seed);
}

static sb_secret *key_of(const char *org, const char *role)
{
    uint8_t seed[32];
    seed_of(org, role, seed);
    return sb_secret_from_seed(seed);
}

static void write_key(const char *path, sb_key_role role, const char *a, const char *b,
                      uint8_t pk[32])
{
    uint8_t seed[32];
    sb_buf file;
    sb_buf_init(&file);
    seed_of(a, b, seed);
    if (role == SB_KEY_CURVE) {
        sb_curve_public(seed, pk);
    } else {
        sb_secret *secret = sb_secret_from_seed(seed);
        memcpy(pk, sb_secret_pk(secret), 32);
        sb_secret_free(secret);
    }
    assert_int_equal(sb_keyfile_plain(role, pk, seed, &file, NULL), SB_OK);
    assert_int_equal(sb_file_write(path, sb_buf_slice(&file), SB_FILE_MODE_SECRET, NULL), SB_OK);
    sb_buf_deinit(&file);
}

static const char *peer_endpoint(world *w, size_t i)
{
    return sb_arena_printf(&w->arena, "tcp://127.0.0.1:%d",
                           40000 + (int)i + 2 * (int)(getpid() % 10000));
}

static void make_node(world *w, size_t i, const char *endpoint, sb_node_card *card)
{
    const char *id = w->charter->organisations[i]->id;
    process *p = &w->node[i];
    p->program = SB_BIN "/samband-node";
    snprintf(p->dir, sizeof p->dir, "%s/%s", w->dir, id);
    assert_int_equal(sb_dir_make(p->dir, 0700, NULL), SB_OK);
    sb_node_config c;
    sb_node_config_init(&c, p->dir, id, &w->arena);
    c.broker = endpoint;
    /* the nodes compare heads among themselves: the first two listen, all dial them */
    if (i < 2)
        c.listen = peer_endpoint(w, i);
    for (size_t k = 0; k < 2; k++)
        if (k != i)
            c.peers[c.peer_count++] =
                (sb_node_peer){w->charter->organisations[k]->id, peer_endpoint(w, k)};
    assert_int_equal(sb_node_config_write(&c, NULL), SB_OK);
    snprintf(card->organisation, sizeof card->organisation, "%s", id);
    w->authority[i] = key_of(id, "authority");
    sb_secret *recovery = key_of(id, "recovery");
    memcpy(card->authority_pk, sb_secret_pk(w->authority[i]), 32);
    memcpy(card->recovery_pk, sb_secret_pk(recovery), 32);
    sb_secret_free(recovery);
    write_key(c.witness_key, SB_KEY_WITNESS, id, "witness", card->witness_pk);
    write_key(c.curve_key, SB_KEY_CURVE, id, "curve", card->curve_pk);
}

static void make_world(world *w)
{
    memset(w, 0, sizeof *w);
    sb_tmpdir_make(w->dir);
    sb_arena_init(&w->arena);
    Sb__Charter *charter = fed_default_charter(&w->arena, &(fed_options){0});
    charter->rehearsal = false; /* the system's clock */
    w->charter = charter;
    assert_int_equal(w->charter->n_organisations, ORGS);
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", 20000 + (int)(getpid() % 20000));
    sb_node_card cards[ORGS];
    memset(cards, 0, sizeof cards);
    for (size_t i = 0; i < ORGS; i++)
        make_node(w, i, sb_arena_printf(&w->arena, "%s", endpoint), &cards[i]);
    process *b = &w->broker;
    b->program = SB_BIN "/samband-broker";
    snprintf(b->dir, sizeof b->dir, "%s/broker", w->dir);
    assert_int_equal(sb_dir_make(b->dir, 0700, NULL), SB_OK);
    sb_broker_config bc;
    sb_broker_card bcard;
    sb_broker_config_init(&bc, b->dir, endpoint, &w->arena);
    assert_int_equal(sb_broker_config_write(&bc, NULL), SB_OK);
    write_key(bc.log_key, SB_KEY_LOG, "broker", "log", bcard.log_pk);
    write_key(bc.curve_key, SB_KEY_CURVE, "broker", "curve", bcard.curve_pk);
    sb_buf file;
    sb_fail fail = {0};
    sb_buf_init(&file);
    sb_err err = sb_federation_make(w->charter, cards, &bcard, w->authority[0], &file,
                                    w->federation_id, &fail);
    if (err != SB_OK)
        fail_msg("federation: %s %s", sb_err_name(err), fail.arg[0]);
    sb_federation federation;
    assert_int_equal(sb_federation_parse(sb_arena_copy(&w->arena, sb_buf_slice(&file)), &w->arena,
                                         &federation, NULL),
                     SB_OK);
    memcpy(w->charter_sha256, federation.charter_sha256, 32);
    assert_int_equal(sb_file_write(bc.federation, sb_buf_slice(&file), 0644, NULL), SB_OK);
    for (size_t i = 0; i < ORGS; i++) {
        const char *path = sb_path_join(&w->arena, w->node[i].dir, SB_FEDERATION_FILE);
        assert_int_equal(sb_file_write(path, sb_buf_slice(&file), 0644, NULL), SB_OK);
    }
    sb_buf_deinit(&file);
}

/* ---- processes ---- */

/* Between fork and exec. The daemon ends with us, however we end. */
static void become(const process *p, pid_t parent, int out, int log)
{
    char *argv[] = {(char *)(uintptr_t)p->program, (char *)(uintptr_t)p->dir, NULL};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && dup2(out, 1) >= 0 &&
        dup2(log, 2) >= 0)
        (void)execv(p->program, argv);
    _exit(127);
}

static void start(process *p)
{
    int out[2];
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    char log[128];
    snprintf(log, sizeof log, "%s.log", p->dir);
    int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_t us = getpid();
    p->pid = fork();
    if (p->pid == 0)
        become(p, us, out[1], log_fd);
    assert_true(log_fd >= 0 && p->pid > 0);
    close(log_fd);
    close(out[1]);
    struct pollfd ready = {.fd = out[0], .events = POLLIN};
    char line[128];
    if (poll(&ready, 1, WAIT_MS) != 1 || read(out[0], line, sizeof line) <= 0)
        fail_msg("%s did not get ready, see %s", p->program, log);
    close(out[0]);
}

static void end(process *p, int signal_number)
{
    int status = 0;
    kill(p->pid, signal_number);
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    if (signal_number == SIGTERM) {
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

/* ---- asking ---- */

static void dial(world *w)
{
    assert_int_equal(sb_net_zmq_open(&w->net, NULL), SB_OK);
    for (size_t i = 0; i < ORGS; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/run/node.sock", w->node[i].dir);
        assert_int_equal(sb_net_zmq_dial_local(w->net, path, &w->link[i], NULL), SB_OK);
    }
}

/* Wait until `request` is answered by something that isn't "queued"; the frame is in `arena`.
 * Request 0: only look once at what happens. */
static const Sb__Frame *answer_to(world *w, uint64_t request, sb_arena *arena)
{
    uint64_t until = sb_clock_monotonic_ms() + WAIT_MS;
    while (sb_clock_monotonic_ms() < until) {
        sb_net_event e;
        assert_int_equal(sb_net_wait(w->net, request == 0 ? 5 : 50, &e, NULL), SB_OK);
        for (size_t i = 0; i < ORGS; i++)
            if (e.link == w->link[i] && (e.kind == SB_NET_UP || e.kind == SB_NET_DOWN))
                w->peer[i] = e.kind == SB_NET_UP ? e.peer : 0;
        const Sb__Frame *frame = NULL;
        if (request == 0)
            return NULL;
        if (e.kind != SB_NET_FRAME || sb_frame_decode(e.frame, arena, &frame, NULL) != SB_OK ||
            frame->request != request)
            continue;
        bool is_queued = frame->body_case == SB__FRAME__BODY_ANSWER &&
                         frame->answer->json.len > 9 &&
                         memcmp(frame->answer->json.data, "{\"queued\"", 9) == 0;
        if (!is_queued)
            return frame;
    }
    fail_msg("no answer to request %llu", (unsigned long long)request);
    return NULL;
}

/* Send when the link stands (a killed node's comes back). */
static void send_frame(world *w, size_t node, Sb__Frame *frame)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    frame->request = ++w->last_request;
    sb_frame_encode(frame, &bytes);
    sb_err err = SB_E_NET_GONE;
    for (int i = 0; i < 400 && err != SB_OK; i++) {
        sb_arena arena;
        sb_arena_init(&arena);
        answer_to(w, 0, &arena);
        sb_arena_deinit(&arena);
        if (w->peer[node] != 0)
            err = sb_net_send(w->net, w->peer[node], sb_buf_slice(&bytes));
    }
    assert_int_equal(err, SB_OK);
    sb_buf_deinit(&bytes);
}

static void wait_down(world *w, size_t node)
{
    sb_arena arena;
    sb_arena_init(&arena);
    for (int i = 0; i < 1000 && w->peer[node] != 0; i++)
        answer_to(w, 0, &arena);
    assert_int_equal(w->peer[node], 0);
    sb_arena_deinit(&arena);
}

static const Sb__Frame *ask(world *w, size_t node, Sb__Frame *frame, sb_arena *arena)
{
    send_frame(w, node, frame);
    return answer_to(w, frame->request, arena);
}

static const sb_doc *query_status(world *w, size_t node, sb_arena *arena)
{
    Sb__Query query = SB__QUERY__INIT;
    query.name = (char *)(uintptr_t) "status";
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_QUERY;
    frame.query = &query;
    const Sb__Frame *answer = ask(w, node, &frame, arena);
    assert_int_equal(answer->body_case, SB__FRAME__BODY_ANSWER);
    assert_int_equal(answer->answer->code, 0);
    const sb_doc *doc = NULL;
    assert_int_equal(sb_json_parse("status",
                                   sb_slice_of(answer->answer->json.data, answer->answer->json.len),
                                   arena, &doc, NULL),
                     SB_OK);
    return doc;
}

static void show_states(world *w)
{
    for (size_t i = 0; i < ORGS; i++) {
        sb_arena arena;
        sb_arena_init(&arena);
        const sb_doc *s = query_status(w, i, &arena);
        uint64_t n[5] = {0};
        static const char *const keys[] = {"size", "certified_size", "final_size", "confirmed_size",
                                           "cosigned_size"};
        for (size_t k = 0; k < 5; k++)
            n[k] = sb_doc_num(s, keys[k]);
        print_error("node %zu: %s size %llu certified %llu final %llu confirmed %llu cosigned %llu "
                    "blocked %s\n",
                    i, sb_doc_str(s, "state"), (unsigned long long)n[0], (unsigned long long)n[1],
                    (unsigned long long)n[2], (unsigned long long)n[3], (unsigned long long)n[4],
                    sb_doc_str(s, "blocked"));
        sb_arena_deinit(&arena);
    }
}

/* Until all is final with at least `size` leaves on every node, and one root and digest. */
static void wait_final(world *w, uint64_t size)
{
    char root[65] = "", digest[65] = "";
    uint64_t at = 0, until = sb_clock_monotonic_ms() + WAIT_MS;
    size_t same = 0;
    while (same < ORGS) {
        if (sb_clock_monotonic_ms() > until) {
            show_states(w);
            fail_msg("not final on all nodes: %zu of %d at size %llu", same, ORGS,
                     (unsigned long long)at);
        }
        same = 0;
        for (size_t i = 0; i < ORGS; i++) {
            sb_arena arena;
            sb_arena_init(&arena);
            const sb_doc *s = query_status(w, i, &arena);
            uint64_t n = sb_doc_num(s, "size");
            bool is_final = strcmp(sb_doc_str(s, "state"), "final") == 0 && n >= size;
            if (i == 0) {
                at = n;
                snprintf(root, sizeof root, "%s", sb_doc_str(s, "root"));
                snprintf(digest, sizeof digest, "%s", sb_doc_str(s, "digest"));
            }
            is_final = is_final && sb_doc_num(s, "peers") > 0;
            same += is_final && n == at && strcmp(root, sb_doc_str(s, "root")) == 0 &&
                    strcmp(digest, sb_doc_str(s, "digest")) == 0;
            sb_arena_deinit(&arena);
        }
        usleep(20000);
    }
}

/* This organisation accepts the charter through its own node; the receipt's index. */
static uint64_t accept_charter(world *w, size_t i, bool wait_for_receipt)
{
    sb_buf entry;
    sb_arena arena;
    sb_buf_init(&entry);
    sb_arena_init(&arena);
    Sb__Accept accept = SB__ACCEPT__INIT;
    accept.charter_sha256 = (ProtobufCBinaryData){.len = 32, .data = w->charter_sha256};
    sb_entry_head head;
    sb_entry_head_init(&head, w->federation_id, 1000 + i);
    assert_int_equal(sb_make_ACCEPT(&accept, &head, w->authority[i], &entry, NULL), SB_OK);
    Sb__Submit submit = SB__SUBMIT__INIT;
    submit.entry = (ProtobufCBinaryData){.len = entry.len, .data = entry.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_SUBMIT;
    frame.submit = &submit;
    uint64_t index = 0;
    if (wait_for_receipt) {
        const Sb__Frame *answer = ask(w, i, &frame, &arena);
        if (answer->body_case == SB__FRAME__BODY_REFUSED)
            fail_msg("refused: %s", sb_err_name((sb_err)answer->refused->code));
        assert_int_equal(answer->body_case, SB__FRAME__BODY_RECEIPT);
        index = answer->receipt->index;
    } else {
        send_frame(w, i, &frame);
    }
    sb_buf_deinit(&entry);
    sb_arena_deinit(&arena);
    return index;
}

/* What a node answers an add-checkpoint request; the body is in the arena, with a NUL. */
static uint32_t ask_witness(world *w, size_t node, sb_slice body, sb_arena *arena, char **said)
{
    Sb__WitnessAsk ask_body = SB__WITNESS_ASK__INIT;
    ask_body.body = (ProtobufCBinaryData){.len = body.len, .data = (uint8_t *)(uintptr_t)body.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_WITNESS_ASK;
    frame.witness_ask = &ask_body;
    const Sb__Frame *answer = ask(w, node, &frame, arena);
    assert_int_equal(answer->body_case, SB__FRAME__BODY_WITNESS_ANSWER);
    *said = sb_arena_str(
        arena, sb_slice_of(answer->witness_answer->body.data, answer->witness_answer->body.len));
    return answer->witness_answer->status;
}

/* C2SP tlog-witness over ZeroMQ: a node gives the cosignature of the head that it cosigned last, and
 * of nothing else. */
static void test_witness(world *w)
{
    sb_arena arena;
    sb_arena_init(&arena);
    const sb_doc *notes = NULL;
    Sb__Query query = SB__QUERY__INIT;
    query.name = (char *)(uintptr_t) "checkpoint";
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_QUERY;
    frame.query = &query;
    const Sb__Frame *answer = ask(w, 0, &frame, &arena);
    assert_int_equal(sb_json_parse("checkpoint",
                                   sb_slice_of(answer->answer->json.data, answer->answer->json.len),
                                   &arena, &notes, NULL),
                     SB_OK);
    sb_slice note = sb_slice_str(sb_doc_str(notes, "certified"));
    sb_checkpoint head;
    assert_int_equal(sb_checkpoint_parse(note, &head, NULL), SB_OK);
    static const sb_proof nothing;
    sb_buf body;
    char *said, size[32];
    sb_note_line line;
    (void)snprintf(size, sizeof size, "%llu\n", (unsigned long long)head.size);
    sb_buf_init(&body);
    sb_add_checkpoint_write(head.size, &nothing, note, &body);
    assert_int_equal(ask_witness(w, 0, sb_buf_slice(&body), &arena, &said), 200);
    assert_int_equal(sb_note_parse_line(sb_slice_str(said), &line, NULL), SB_OK);
    sb_secret *witness = key_of(w->charter->organisations[0]->id, "witness");
    assert_true(sb_cosignature_verify_line(&head, &line, sb_secret_pk(witness), NULL));
    sb_secret_free(witness);
    sb_buf_clear(&body);
    sb_add_checkpoint_write(0, &nothing, note, &body);
    assert_int_equal(ask_witness(w, 0, sb_buf_slice(&body), &arena, &said), 409);
    assert_string_equal(said, size);
    assert_int_equal(ask_witness(w, 0, sb_slice_str("old x"), &arena, &said), 400);
    sb_buf_deinit(&body);
    sb_arena_deinit(&arena);
}

static void test_federation(void **state)
{
    (void)state;
    world w;
    make_world(&w);
    start(&w.broker);
    for (size_t i = 0; i < ORGS; i++)
        start(&w.node[i]);
    dial(&w);
    wait_final(&w, 2);

    /* Two accept; the broker is killed; the third waits in its node's outbox and comes in once. */
    uint64_t first = accept_charter(&w, 0, true);
    uint64_t second = accept_charter(&w, 1, true);
    assert_true(second > first);
    end(&w.broker, SIGKILL);
    accept_charter(&w, 2, false);
    end(&w.node[3], SIGKILL);
    wait_down(&w, 3);
    start(&w.broker);
    start(&w.node[3]);
    uint64_t last = accept_charter(&w, 3, true);
    wait_final(&w, last + 1);
    /* The same bytes again get the same receipt. */
    assert_int_equal(accept_charter(&w, 0, true), first);
    test_witness(&w);

    sb_net_close(w.net);
    for (size_t i = 0; i < ORGS; i++)
        end(&w.node[i], SIGTERM);
    end(&w.broker, SIGTERM);
    for (size_t i = 0; i < ORGS; i++)
        sb_secret_free(w.authority[i]);
    sb_arena_deinit(&w.arena);
    sb_tmpdir_drop(w.dir); /* left behind, logs and all, when the test fails */
}

int main(void)
{
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_federation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
