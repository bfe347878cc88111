/* One suite for every net: ZeroMQ over CURVE, ZeroMQ over a local socket, and the simulated one.
 * Then what only CURVE must show: no stranger gets in, and the key checker's death is noticed. */
#include "tests/lib/cmocka_all.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "nodes/host/random.h"
#include "nodes/transport/net_sim.h"
#include "nodes/transport/net_zmq.h"
#include "proto/sign/sign.h"

enum {
    WAIT_MS = 50,
    TRIES = 400
}; /* a handshake that is refused is tried again after 5 s, or later */

/* Two ends; for ZeroMQ both live in one net, which is one context. */
typedef struct ends {
    sb_sim_hub *hub;
    sb_net *server, *client;
    uint32_t server_link, client_link;
    char dir[64], path[96];
    uint8_t server_pk[32], client_pk[32];
} ends;

/* The process's monotonic clock can be set ahead. */
static atomic_long clock_ahead_s;

int clock_gettime(clockid_t id, struct timespec *t)
{
    long rc = syscall(SYS_clock_gettime, id, t);
    if (id == CLOCK_MONOTONIC)
        t->tv_sec += atomic_load(&clock_ahead_s);
    return (int)rc;
}

static void make_keys(sb_curve_keys *keys)
{
    sb_random_bytes(keys->secret_key, 32);
    sb_curve_public(keys->secret_key, keys->public_key);
}

/* Wait on `net` for the next event of this link. */
static sb_net_event wait_for(sb_net *net, uint32_t link, sb_net_event_kind kind)
{
    sb_net_event e = {0};
    sb_fail fail = {0};
    for (int i = 0; i < TRIES; i++) {
        assert_int_equal(sb_net_wait(net, WAIT_MS, &e, &fail), SB_OK);
        if (e.kind == kind && e.link == link)
            return e;
    }
    fail_msg("no event %d on link %u", (int)kind, link);
    return e;
}

static void open_sim(ends *x)
{
    x->hub = sb_sim_hub_new(7, (sb_sim_faults){.delay_ms_max = 30});
    memset(x->server_pk, 1, 32);
    memset(x->client_pk, 2, 32);
    x->server = sb_net_sim_open(x->hub, x->server_pk);
    x->client = sb_net_sim_open(x->hub, x->client_pk);
    assert_int_equal(sb_net_sim_serve(x->server, "broker", &x->server_link, NULL), SB_OK);
    assert_int_equal(sb_net_sim_dial(x->client, "broker", &x->client_link, NULL), SB_OK);
}

static void open_curve(ends *x)
{
    sb_curve_keys server, client;
    make_keys(&server);
    make_keys(&client);
    memcpy(x->server_pk, server.public_key, 32);
    memcpy(x->client_pk, client.public_key, 32);
    assert_int_equal(sb_net_zmq_open(&x->server, NULL), SB_OK);
    x->client = x->server;
    sb_fail fail = {0};
    assert_int_equal(
        sb_net_zmq_serve(x->server, "tcp://127.0.0.1:*", &server, &x->server_link, &fail), SB_OK);
    sb_net_zmq_allow(x->server, (const uint8_t(*)[32])x->client_pk, 1);
    assert_int_equal(sb_net_zmq_dial(x->client, sb_net_zmq_endpoint(x->server, x->server_link),
                                     server.public_key, &client, &x->client_link, &fail),
                     SB_OK);
}

static void open_local(ends *x)
{
    snprintf(x->dir, sizeof x->dir, "/tmp/sb-net-XXXXXX");
    assert_non_null(mkdtemp(x->dir));
    snprintf(x->path, sizeof x->path, "%s/node.sock", x->dir);
    assert_int_equal(sb_net_zmq_open(&x->server, NULL), SB_OK);
    x->client = x->server;
    assert_int_equal(sb_net_zmq_serve_local(x->server, x->path, &x->server_link, NULL), SB_OK);
    assert_int_equal(sb_net_zmq_dial_local(x->client, x->path, &x->client_link, NULL), SB_OK);
}

static void close_ends(ends *x)
{
    sb_net_close(x->client);
    if (x->server != x->client)
        sb_net_close(x->server);
    if (x->hub != NULL)
        sb_sim_hub_free(x->hub);
    if (x->path[0] != '\0') {
        unlink(x->path);
        rmdir(x->dir);
    }
}

/* ---- the suite ---- */

static void suite_order_and_keys(ends *x)
{
    sb_net_event up = wait_for(x->client, x->client_link, SB_NET_UP);
    assert_memory_equal(up.peer_pk, x->server_pk, 32);
    for (uint32_t i = 0; i < 200; i++)
        assert_int_equal(sb_net_send(x->client, up.peer, sb_slice_of(&i, sizeof i)), SB_OK);
    uint32_t peer = 0;
    for (uint32_t i = 0; i < 200; i++) {
        sb_net_event e = wait_for(x->server, x->server_link, SB_NET_FRAME);
        assert_int_equal(e.frame.len, sizeof i);
        assert_memory_equal(e.frame.data, &i, sizeof i);
        assert_memory_equal(e.peer_pk, x->client_pk, 32);
        assert_true(peer == 0 || peer == e.peer);
        peer = e.peer;
    }
    assert_int_equal(sb_net_send(x->server, peer, sb_slice_str("svar")), SB_OK);
    sb_net_event e = wait_for(x->client, x->client_link, SB_NET_FRAME);
    assert_true(sb_slice_eq(e.frame, sb_slice_str("svar")));
    assert_int_equal(e.peer, up.peer);
}

static void suite_bounds(ends *x)
{
    sb_net_event up = wait_for(x->client, x->client_link, SB_NET_UP);
    uint8_t *big = calloc(1, SB_FRAME_BYTES_MAX + 1);
    assert_int_equal(sb_net_send(x->client, up.peer, sb_slice_of(big, SB_FRAME_BYTES_MAX + 1)),
                     SB_E_TOO_LARGE);
    big[SB_FRAME_BYTES_MAX - 1] = 7;
    assert_int_equal(sb_net_send(x->client, up.peer, sb_slice_of(big, SB_FRAME_BYTES_MAX)), SB_OK);
    sb_net_event e = wait_for(x->server, x->server_link, SB_NET_FRAME);
    assert_int_equal(e.frame.len, SB_FRAME_BYTES_MAX);
    assert_int_equal(e.frame.data[SB_FRAME_BYTES_MAX - 1], 7);
    /* Nobody reads the answers: the queue fills and says so, in bytes before it does in frames. */
    sb_err err = SB_OK;
    int sent = 0;
    for (; sent < 100000 && err == SB_OK; sent++)
        err = sb_net_send(x->server, e.peer,
                          sb_slice_of(big, x->hub != NULL ? 10000 : SB_FRAME_BYTES_MAX));
    assert_int_equal(err, SB_E_NET_FULL);
    assert_true(x->hub != NULL ||
                sent < 400); /* the kernel, and the other end's queue, hold some */
    assert_int_equal(sb_net_send(x->server, 999999, sb_slice_str("x")), SB_E_NET_GONE);
    free(big);
}

static void suite_silence(ends *x)
{
    wait_for(x->client, x->client_link, SB_NET_UP);
    sb_net_event e;
    assert_int_equal(sb_net_wait(x->server, 1, &e, NULL), SB_OK);
    assert_int_equal(e.kind, SB_NET_NOTHING);
}

typedef void (*open_fn)(ends *x);
typedef void (*suite_fn)(ends *x);

static void run_suite(open_fn open_ends)
{
    static const suite_fn SUITE[] = {suite_order_and_keys, suite_bounds, suite_silence};
    for (size_t i = 0; i < sizeof SUITE / sizeof *SUITE; i++) {
        ends x = {0};
        open_ends(&x);
        SUITE[i](&x);
        close_ends(&x);
    }
}

static void test_sim(void **state)
{
    (void)state;
    run_suite(open_sim);
}

static void test_curve(void **state)
{
    (void)state;
    run_suite(open_curve);
}

static void test_local(void **state)
{
    (void)state;
    run_suite(open_local);
}

/* ---- the simulated net's faults ---- */

static void test_sim_drop_is_a_broken_connection(void **state)
{
    (void)state;
    ends x = {0};
    open_sim(&x);
    sb_net_event up = wait_for(x.client, x.client_link, SB_NET_UP);
    sb_sim_hub *calm = x.hub;
    (void)calm;
    close_ends(&x);
    x = (ends){0};
    x.hub = sb_sim_hub_new(3, (sb_sim_faults){.drop_per_mille = 1000});
    x.server = sb_net_sim_open(x.hub, x.server_pk);
    x.client = sb_net_sim_open(x.hub, x.client_pk);
    assert_int_equal(sb_net_sim_serve(x.server, "broker", &x.server_link, NULL), SB_OK);
    assert_int_equal(sb_net_sim_dial(x.client, "broker", &x.client_link, NULL), SB_OK);
    up = wait_for(x.client, x.client_link, SB_NET_UP);
    assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_str("bort")), SB_OK);
    sb_net_event down = wait_for(x.client, x.client_link, SB_NET_DOWN);
    assert_int_equal(down.peer, up.peer);
    sb_net_event again = wait_for(x.client, x.client_link, SB_NET_UP);
    assert_true(again.peer > up.peer);
    close_ends(&x);
}

/* ---- CURVE lets nobody else in ---- */

static void expect_no_frame(ends *x)
{
    sb_net_event e;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(sb_net_wait(x->server, WAIT_MS, &e, NULL), SB_OK);
        assert_true(e.kind != SB_NET_FRAME);
        assert_true(e.kind != SB_NET_UP);
    }
}

static void test_unknown_key(void **state)
{
    (void)state;
    ends x = {0};
    open_curve(&x);
    wait_for(x.client, x.client_link, SB_NET_UP);
    sb_curve_keys stranger;
    make_keys(&stranger);
    uint32_t link = 0;
    assert_int_equal(sb_net_zmq_dial(x.client, sb_net_zmq_endpoint(x.server, x.server_link),
                                     x.server_pk, &stranger, &link, NULL),
                     SB_OK);
    expect_no_frame(&x);
    close_ends(&x);
}

/* Who is let in later (an organisation just admitted, a standby that learns who is there) must not
 * have to be started again: libzmq dials no more after a "400". */
static void test_key_that_is_let_in_later(void **state)
{
    (void)state;
    ends x = {0};
    open_curve(&x);
    wait_for(x.client, x.client_link, SB_NET_UP);
    sb_curve_keys later;
    make_keys(&later);
    uint32_t link = 0;
    assert_int_equal(sb_net_zmq_dial(x.client, sb_net_zmq_endpoint(x.server, x.server_link),
                                     x.server_pk, &later, &link, NULL),
                     SB_OK);
    expect_no_frame(&x);
    uint8_t both[2][32];
    memcpy(both[0], x.client_pk, 32);
    memcpy(both[1], later.public_key, 32);
    sb_net_zmq_allow(x.server, (const uint8_t(*)[32])both, 2);
    wait_for(x.client, link, SB_NET_UP);
    close_ends(&x);
}

/* ZAP is asked once: who is taken off the list is cut off all the same, without having to say
 * anything, and nothing that it sent is handed out. */
static void test_key_that_is_taken_off_the_list(void **state)
{
    (void)state;
    ends x = {0};
    open_curve(&x);
    sb_net_event up = wait_for(x.client, x.client_link, SB_NET_UP);
    assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_str("hei")), SB_OK);
    sb_net_event hello = wait_for(x.server, x.server_link, SB_NET_FRAME);
    for (int i = 0; i < 100; i++)
        assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_str("mer")), SB_OK);
    wait_for(x.server, x.server_link, SB_NET_FRAME); /* some wait in the queue now */
    sb_net_zmq_allow(x.server, NULL, 0);
    assert_int_equal(sb_net_send(x.server, hello.peer, sb_slice_str("svar")), SB_E_NET_GONE);
    bool server_told = false, client_told = false;
    sb_net_event e;
    for (int i = 0; i < TRIES && !(server_told && client_told); i++) {
        assert_int_equal(sb_net_wait(x.server, WAIT_MS, &e, NULL), SB_OK);
        assert_true(e.kind != SB_NET_FRAME);
        server_told = server_told || (e.kind == SB_NET_DOWN && e.peer == hello.peer);
        client_told = client_told || (e.kind == SB_NET_DOWN && e.peer == up.peer);
    }
    assert_true(server_told && client_told);
    expect_no_frame(&x); /* it dials again, and isn't let in */
    sb_net_zmq_allow(x.server, (const uint8_t(*)[32])x.client_pk, 1);
    wait_for(x.client, x.client_link, SB_NET_UP);
    close_ends(&x);
}

/* A thousand frames of one key's wait; another key's one frame is among the next. */
static void test_one_key_s_frames_dont_hold_up_another_s(void **state)
{
    (void)state;
    ends x = {0};
    open_curve(&x);
    sb_curve_keys other;
    make_keys(&other);
    uint8_t both[2][32];
    uint32_t link = 0;
    memcpy(both[0], x.client_pk, 32);
    memcpy(both[1], other.public_key, 32);
    sb_net_zmq_allow(x.server, (const uint8_t(*)[32])both, 2);
    sb_net_event flooder = wait_for(x.client, x.client_link, SB_NET_UP);
    assert_int_equal(sb_net_zmq_dial(x.client, sb_net_zmq_endpoint(x.server, x.server_link),
                                     x.server_pk, &other, &link, NULL),
                     SB_OK);
    sb_net_event honest = wait_for(x.client, link, SB_NET_UP);
    uint32_t sent = 0;
    for (; sent < 1000; sent++)
        if (sb_net_send(x.client, flooder.peer, sb_slice_str("flom")) != SB_OK)
            break;
    assert_true(sent > 500);
    usleep(300 * 1000); /* they are there */
    assert_int_equal(sb_net_send(x.client, honest.peer, sb_slice_str("hei")), SB_OK);
    usleep(300 * 1000);
    for (uint32_t i = 0;; i++) {
        sb_net_event e = wait_for(x.server, x.server_link, SB_NET_FRAME);
        if (memcmp(e.peer_pk, other.public_key, 32) == 0)
            break;
        assert_true(i < 64);
    }
    close_ends(&x);
}

static void test_plain_connection(void **state)
{
    (void)state;
    ends x = {0};
    open_curve(&x);
    wait_for(x.client, x.client_link, SB_NET_UP);
    void *context = zmq_ctx_new();
    void *plain = zmq_socket(context, ZMQ_DEALER);
    int zero = 0;
    zmq_setsockopt(plain, ZMQ_LINGER, &zero, sizeof zero);
    assert_int_equal(zmq_connect(plain, sb_net_zmq_endpoint(x.server, x.server_link)), 0);
    zmq_send(plain, "hei", 3, ZMQ_DONTWAIT);
    expect_no_frame(&x);
    zmq_close(plain);
    zmq_ctx_term(context);
    close_ends(&x);
}

static void test_emptied_list_lets_nobody_in(void **state)
{
    (void)state;
    ends x = {0};
    open_curve(&x);
    sb_net_zmq_allow(x.server, NULL, 0);
    expect_no_frame(&x);
    close_ends(&x);
}

/* The socket's directory is never somebody else's to change. */
static void test_an_open_directory_is_refused(void **state)
{
    (void)state;
    char dir[] = "/tmp/sb-net-XXXXXX", path[64];
    sb_net *net;
    uint32_t link;
    sb_fail fail = {0};
    struct stat st;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chmod(dir, 01777), 0);
    snprintf(path, sizeof path, "%s/node.sock", dir);
    assert_int_equal(sb_net_zmq_open(&net, NULL), SB_OK);
    assert_int_equal(sb_net_zmq_serve_local(net, path, &link, &fail), SB_E_NET_OPEN_DIR);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 01777);
    snprintf(path, sizeof path, "%s/run/node.sock", dir);
    assert_int_equal(sb_net_zmq_serve_local(net, path, &link, &fail), SB_OK);
    snprintf(path, sizeof path, "%s/run", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0750);
    sb_net_close(net);
    snprintf(path, sizeof path, "%s/run/node.sock", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/run", dir);
    rmdir(path);
    rmdir(dir);
}

/* One organisation with ever more connections doesn't take the others' places. */
static void test_one_key_holds_few_places(void **state)
{
    (void)state;
    ends x = {0};
    sb_curve_keys server, client;
    make_keys(&server);
    make_keys(&client);
    assert_int_equal(sb_net_zmq_open(&x.server, NULL), SB_OK);
    x.client = x.server;
    assert_int_equal(sb_net_zmq_serve(x.server, "tcp://127.0.0.1:*", &server, &x.server_link, NULL),
                     SB_OK);
    sb_net_zmq_allow(x.server, (const uint8_t(*)[32])client.public_key, 1);
    uint32_t peers[7], downs = 0, link, newest = 0;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(sb_net_zmq_dial(x.client, sb_net_zmq_endpoint(x.server, x.server_link),
                                         server.public_key, &client, &link, NULL),
                         SB_OK);
        sb_net_event up = wait_for(x.client, link, SB_NET_UP);
        assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_of(&i, sizeof i)), SB_OK);
        sb_net_event e = {0};
        for (int tries = 0; tries < TRIES && e.kind != SB_NET_FRAME; tries++) {
            assert_int_equal(sb_net_wait(x.server, WAIT_MS, &e, NULL), SB_OK);
            if (e.kind == SB_NET_DOWN && e.link == x.server_link)
                assert_int_equal(e.peer, peers[downs++]); /* the one heard longest ago */
        }
        assert_int_equal(e.frame.len, sizeof i);
        assert_memory_equal(e.frame.data, &i, sizeof i);
        newest = peers[i] = e.peer;
        usleep(3000); /* the times are milliseconds */
    }
    assert_int_equal(downs, 2);
    assert_int_equal(sb_net_send(x.server, peers[0], sb_slice_str("svar")), SB_E_NET_GONE);
    assert_int_equal(sb_net_send(x.server, newest, sb_slice_str("svar")), SB_OK);
    close_ends(&x);
}

/* Strangers who come and go at the port while the process is busy, and then a member who gets one of
 * their descriptors: it is served. */
static void test_a_stranger_s_descriptor_is_used_again(void **state)
{
    enum { STRANGERS = 30, SETTLE_US = 200 * 1000 };
    (void)state;
    ends x = {0};
    sb_curve_keys keys;
    make_keys(&keys);
    snprintf(x.dir, sizeof x.dir, "/tmp/sb-net-XXXXXX");
    assert_non_null(mkdtemp(x.dir));
    snprintf(x.path, sizeof x.path, "%s/node.sock", x.dir);
    assert_int_equal(sb_net_zmq_open(&x.server, NULL), SB_OK);
    x.client = x.server;
    uint32_t port_link;
    assert_int_equal(sb_net_zmq_serve_local(x.server, x.path, &x.server_link, NULL), SB_OK);
    assert_int_equal(sb_net_zmq_serve(x.server, "tcp://127.0.0.1:*", &keys, &port_link, NULL),
                     SB_OK);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const char *colon = strrchr(sb_net_zmq_endpoint(x.server, port_link), ':');
    at.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    int strangers[STRANGERS];
    for (int i = 0; i < STRANGERS; i++)
        strangers[i] = socket(AF_INET, SOCK_STREAM, 0);
    for (int i = 0; i < STRANGERS; i++)
        assert_int_equal(connect(strangers[i], (const struct sockaddr *)&at, sizeof at), 0);
    usleep(SETTLE_US);
    for (int i = 0; i < STRANGERS; i++) /* not closed: only the server's descriptors are free */
        assert_int_equal(shutdown(strangers[i], SHUT_RDWR), 0);
    usleep(SETTLE_US);
    assert_int_equal(sb_net_zmq_dial_local(x.client, x.path, &x.client_link, NULL), SB_OK);
    usleep(SETTLE_US);
    sb_net_event up = wait_for(x.client, x.client_link, SB_NET_UP);
    assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_str("hei")), SB_OK);
    sb_net_event e = wait_for(x.server, x.server_link, SB_NET_FRAME);
    assert_true(sb_slice_eq(e.frame, sb_slice_str("hei")));
    for (int i = 0; i < STRANGERS; i++)
        close(strangers[i]);
    close_ends(&x);
}

/* A node that says nothing for so long that it is forgotten doesn't keep its connection either: else
 * one key could hold ever more of them. */
static void test_who_is_forgotten_is_cut(void **state)
{
    (void)state;
    ends x = {0};
    open_curve(&x);
    sb_net_event up = wait_for(x.client, x.client_link, SB_NET_UP);
    assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_str("hei")), SB_OK);
    sb_net_event e = wait_for(x.server, x.server_link, SB_NET_FRAME);
    uint32_t peer = e.peer;
    atomic_fetch_add(&clock_ahead_s, 100);
    for (int cut = 0, tries = 0; cut < 2; tries++) { /* both ends hear of it */
        assert_true(tries < TRIES);
        assert_int_equal(sb_net_wait(x.server, WAIT_MS, &e, NULL), SB_OK);
        cut += e.kind == SB_NET_DOWN && (e.peer == peer || e.peer == up.peer);
    }
    up = wait_for(x.client, x.client_link, SB_NET_UP);
    assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_str("hei")), SB_OK);
    e = wait_for(x.server, x.server_link, SB_NET_FRAME);
    assert_true(e.peer > peer);
    close_ends(&x);
}

/* A member may be silent: somebody types a passphrase. It is the same one afterwards. */
static void test_a_silent_member_is_not_forgotten(void **state)
{
    (void)state;
    ends x = {0};
    open_local(&x);
    sb_net_event up = wait_for(x.client, x.client_link, SB_NET_UP);
    assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_str("hei")), SB_OK);
    sb_net_event e = wait_for(x.server, x.server_link, SB_NET_FRAME);
    uint32_t peer = e.peer;
    atomic_fetch_add(&clock_ahead_s, 100);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(sb_net_wait(x.server, WAIT_MS, &e, NULL), SB_OK);
        assert_int_equal(e.kind, SB_NET_NOTHING);
    }
    assert_int_equal(sb_net_send(x.client, up.peer, sb_slice_str("her")), SB_OK);
    e = wait_for(x.server, x.server_link, SB_NET_FRAME);
    assert_int_equal(e.peer, peer);
    sb_net_zmq_hang_up(x.client, x.client_link); /* it is forgotten when it has left */
    usleep(200 * 1000);
    atomic_fetch_add(&clock_ahead_s, 100);
    e = wait_for(x.server, x.server_link, SB_NET_DOWN);
    assert_int_equal(e.peer, peer);
    close_ends(&x);
}

static void test_zap_death_is_fatal(void **state)
{
    (void)state;
    ends x = {0};
    open_curve(&x);
    sb_net_event e;
    sb_fail fail = {0};
    sb_net_zmq_kill_zap(x.server);
    sb_err err = SB_OK;
    for (int i = 0; i < TRIES && err == SB_OK; i++)
        err = sb_net_wait(x.server, WAIT_MS, &e, &fail);
    assert_int_equal(err, SB_E_NET_ZAP_DEAD);
    close_ends(&x);
}

int main(void)
{
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim),
        cmocka_unit_test(test_curve),
        cmocka_unit_test(test_local),
        cmocka_unit_test(test_sim_drop_is_a_broken_connection),
        cmocka_unit_test(test_unknown_key),
        cmocka_unit_test(test_key_that_is_let_in_later),
        cmocka_unit_test(test_key_that_is_taken_off_the_list),
        cmocka_unit_test(test_one_key_s_frames_dont_hold_up_another_s),
        cmocka_unit_test(test_plain_connection),
        cmocka_unit_test(test_emptied_list_lets_nobody_in),
        cmocka_unit_test(test_an_open_directory_is_refused),
        cmocka_unit_test(test_one_key_holds_few_places),
        cmocka_unit_test(test_a_stranger_s_descriptor_is_used_again),
        cmocka_unit_test(test_who_is_forgotten_is_cut),
        cmocka_unit_test(test_a_silent_member_is_not_forgotten),
        cmocka_unit_test(test_zap_death_is_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
