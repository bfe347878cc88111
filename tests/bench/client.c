#include "tests/bench/client.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/cursor.h"

enum {
    UP_S_MAX = 30,
    STALL_S_MAX = 30,
    LANES_MAX = SB_ORGANISATIONS_MAX * 4,
    NET_LANES = 32, /* a net dials no more */
    NETS_MAX = (LANES_MAX + NET_LANES - 1) / NET_LANES,
    LOOK_US = 100,
};

struct bench_client {
    sb_net *nets[NETS_MAX]; /* lane i is of nets[i / NET_LANES] */
    size_t net_count, turn, lanes;
    uint32_t links[LANES_MAX], peers[LANES_MAX]; /* peers: 0 until it is up */
    uint64_t last_index;
    sb_arena arena;
};

void bench_submissions_read(bench_log *entries, const char *generated)
{
    char path[512];
    uint8_t len[4];
    size_t cap = 1024;
    (void)snprintf(path, sizeof path, "%s/submissions", generated);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        bench_die(path);
    *entries = (bench_log){.starts = sb_xmalloc(cap * sizeof *entries->starts)};
    sb_buf_init(&entries->bytes);
    while (fread(len, sizeof len, 1, file) == 1) {
        sb_reader r = sb_reader_over(sb_slice_of(len, sizeof len));
        uint32_t bytes = sb_read_u32(&r);
        uint8_t entry[SB_ENTRY_BYTES_MAX];
        if (bytes > sizeof entry || fread(entry, bytes, 1, file) != 1)
            bench_die("submissions: cut short");
        if (entries->count + 1 == cap) {
            cap *= 2;
            entries->starts = sb_xrealloc(entries->starts, cap * sizeof *entries->starts);
        }
        entries->starts[entries->count++] = entries->bytes.len;
        sb_buf_add(&entries->bytes, sb_slice_of(entry, bytes));
    }
    entries->starts[entries->count] = entries->bytes.len;
    (void)fclose(file);
}

/* ---- connecting ---- */

static bench_client *client_new(size_t lanes)
{
    sb_fail fail = {0};
    bench_client *c = sb_xmalloc(sizeof *c);
    *c = (bench_client){.lanes = lanes};
    if (lanes == 0 || lanes > LANES_MAX)
        bench_die("lanes");
    sb_arena_init(&c->arena);
    for (; c->net_count * NET_LANES < lanes; c->net_count++)
        bench_must(sb_net_zmq_open(&c->nets[c->net_count], &fail), &fail, "net");
    return c;
}

void bench_client_send(bench_client *c, size_t lane, const Sb__Frame *frame)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_frame_encode(frame, &bytes);
    if (sb_net_send(c->nets[lane / NET_LANES], c->peers[lane], sb_buf_slice(&bytes)) != SB_OK)
        bench_die("a frame can't be sent");
    sb_buf_deinit(&bytes);
}

/* Who says nothing for 15 s after connecting is cut off. */
static void say_something(bench_client *c, size_t lane)
{
    Sb__Ping ping = SB__PING__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    ping.time_ms = 1;
    frame.body_case = SB__FRAME__BODY_PING;
    frame.ping = &ping;
    bench_client_send(c, lane, &frame);
}

/* The next event of any net, and which. One is waited for; several are looked at in turn. */
static size_t wait_any(bench_client *c, uint32_t wait_ms, sb_net_event *event)
{
    sb_fail fail = {0};
    for (double begun = bench_now_s();;) {
        for (size_t i = 0; i < c->net_count; i++) {
            size_t net = c->turn++ % c->net_count;
            bench_must(sb_net_wait(c->nets[net], c->net_count == 1 ? wait_ms : 0, event, &fail),
                       &fail, "wait");
            if (event->kind != SB_NET_NOTHING)
                return net;
        }
        if (c->net_count == 1 || bench_now_s() - begun >= 1e-3 * (double)wait_ms)
            return 0;
        (void)usleep(LOOK_US);
    }
}

size_t bench_client_wait(bench_client *c, uint32_t wait_ms, sb_net_event *event)
{
    size_t first = wait_any(c, wait_ms, event) * NET_LANES;
    if (event->kind == SB_NET_DOWN)
        bench_die("a connection broke");
    for (size_t i = first; i < c->lanes && i < first + NET_LANES; i++)
        if (c->peers[i] == event->peer)
            return i;
    event->kind = SB_NET_NOTHING; /* of nobody that is known */
    return 0;
}

static void await_up(bench_client *c)
{
    size_t up = 0;
    for (double begun = bench_now_s(); up < c->lanes;) {
        sb_net_event event;
        size_t first = wait_any(c, 100, &event) * NET_LANES;
        for (size_t i = first; event.kind == SB_NET_UP && i < c->lanes && i < first + NET_LANES;
             i++)
            if (c->links[i] == event.link) {
                up += c->peers[i] == 0;
                c->peers[i] = event.peer;
                say_something(c, i);
            }
        if (bench_now_s() - begun > UP_S_MAX)
            bench_die("a connection doesn't come up");
    }
}

bench_client *bench_client_open(const char *address, size_t lanes)
{
    bench_client *c = client_new(lanes);
    uint8_t secret[32], broker_pk[32];
    bench_curve_of("broker", secret, broker_pk);
    for (size_t i = 0; i < lanes; i++) {
        sb_fail fail = {0};
        sb_curve_keys keys;
        char name[32];
        bench_organisation(i, name, sizeof name);
        bench_curve_of(name, keys.secret_key, keys.public_key);
        bench_must(
            sb_net_zmq_dial(c->nets[i / NET_LANES], address, broker_pk, &keys, &c->links[i], &fail),
            &fail, address);
    }
    await_up(c);
    return c;
}

/* ---- greeting ---- */

static void say_hello(bench_client *c, size_t lane)
{
    Sb__Hello hello = SB__HELLO__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    hello.engine = SB_ENGINE;
    frame.request = 1;
    frame.body_case = SB__FRAME__BODY_HELLO;
    frame.hello = &hello;
    bench_client_send(c, lane, &frame);
}

static bool is_welcome(bench_client *c, sb_slice bytes)
{
    const Sb__Frame *frame = NULL;
    sb_fail fail = {0};
    sb_arena_reset(&c->arena);
    bench_must(sb_frame_decode(bytes, &c->arena, &frame, &fail), &fail, "an answer");
    return frame->body_case == SB__FRAME__BODY_WELCOME;
}

void bench_client_greet(const char *address, size_t organisations)
{
    bench_client *c = bench_client_open(address, organisations);
    size_t welcomed = 0;
    double begun = bench_now_s();
    for (size_t i = 0; i < organisations; i++)
        say_hello(c, i);
    while (welcomed < organisations) {
        sb_net_event event;
        (void)bench_client_wait(c, 100, &event);
        welcomed += event.kind == SB_NET_FRAME && is_welcome(c, event.frame);
        if (bench_now_s() - begun > UP_S_MAX)
            bench_die("a greeting isn't answered");
    }
    bench_client_close(c);
}

bench_client *bench_client_open_local(const char *socket)
{
    bench_client *c = client_new(1);
    sb_fail fail = {0};
    bench_must(sb_net_zmq_dial_local(c->nets[0], socket, &c->links[0], &fail), &fail, socket);
    await_up(c);
    return c;
}

void bench_client_close(bench_client *c)
{
    for (size_t i = 0; i < c->net_count; i++)
        sb_net_close(c->nets[i]);
    sb_arena_deinit(&c->arena);
    free(c);
}

/* ---- submitting ---- */

typedef struct sending {
    bench_client *c;
    bench_log frames; /* encoded beforehand */
    size_t first, done;
    size_t *next; /* of each lane: the frame that it sends next */
    double *sent_s, *latency_s;
} sending;

static void encode(sending *s, const bench_log *entries, size_t last)
{
    size_t count = last - s->first;
    s->frames.starts = sb_xmalloc((count + 1) * sizeof *s->frames.starts);
    sb_buf_init(&s->frames.bytes);
    for (size_t i = 0; i < count; i++) {
        sb_slice entry = bench_leaf(entries, s->first + i);
        Sb__Submit submit = SB__SUBMIT__INIT;
        Sb__Frame frame = SB__FRAME__INIT;
        submit.entry =
            (ProtobufCBinaryData){.len = entry.len, .data = (uint8_t *)(uintptr_t)entry.data};
        frame.request = i + 1;
        frame.body_case = SB__FRAME__BODY_SUBMIT;
        frame.submit = &submit;
        s->frames.starts[i] = s->frames.bytes.len;
        sb_frame_encode(&frame, &s->frames.bytes);
    }
    s->frames.starts[count] = s->frames.bytes.len;
    s->frames.count = count;
}

static void send_next(sending *s, size_t lane)
{
    size_t i = s->next[lane];
    if (i >= s->frames.count)
        return;
    s->next[lane] += s->c->lanes;
    if (s->latency_s != NULL)
        s->sent_s[i] = bench_now_s();
    if (sb_net_send(s->c->nets[lane / NET_LANES], s->c->peers[lane], bench_leaf(&s->frames, i)) !=
        SB_OK)
        bench_die("a submission can't be sent");
}

static void take_answer(sending *s, sb_slice bytes)
{
    const Sb__Frame *frame = NULL;
    sb_fail fail = {0};
    sb_arena_reset(&s->c->arena);
    bench_must(sb_frame_decode(bytes, &s->c->arena, &frame, &fail), &fail, "an answer");
    if (frame->body_case == SB__FRAME__BODY_REFUSED) {
        (void)fprintf(stderr, "bench: refused: %s %s\n", sb_err_name((sb_err)frame->refused->code),
                      frame->refused->n_args > 0 ? frame->refused->args[0] : "");
        bench_die("a submission was refused");
    }
    if (frame->body_case != SB__FRAME__BODY_RECEIPT || frame->request == 0 ||
        frame->request > s->frames.count)
        return; /* heads, and what a node says besides */
    if (frame->receipt->index > s->c->last_index)
        s->c->last_index = frame->receipt->index;
    size_t i = frame->request - 1;
    if (s->latency_s != NULL)
        s->latency_s[i] = bench_now_s() - s->sent_s[i];
    s->done++;
    send_next(s, (s->first + i) % s->c->lanes);
}

static double run(sending *s, size_t in_flight)
{
    double start = bench_now_s(), moved = start;
    for (size_t lane = 0; lane < s->c->lanes; lane++)
        for (size_t k = 0; k < in_flight; k++)
            send_next(s, lane);
    while (s->done < s->frames.count) {
        sb_net_event event;
        (void)bench_client_wait(s->c, 1000, &event);
        if (event.kind == SB_NET_FRAME) {
            take_answer(s, event.frame);
            moved = bench_now_s();
        } else if (bench_now_s() - moved > STALL_S_MAX)
            bench_die("receipts don't come");
    }
    return bench_now_s() - start;
}

double bench_submit(bench_client *c, const bench_log *entries, size_t first, size_t last,
                    size_t in_flight, double *latency_s)
{
    sending s = {.c = c, .first = first, .latency_s = latency_s};
    if (first > last || last > entries->count)
        bench_die("too few entries were signed beforehand");
    encode(&s, entries, last);
    s.next = sb_xmalloc(c->lanes * sizeof *s.next);
    for (size_t lane = 0; lane < c->lanes; lane++) /* entry i by lane i mod lanes */
        s.next[lane] = (lane + c->lanes - first % c->lanes) % c->lanes;
    s.sent_s = sb_xmalloc((last - first + 1) * sizeof *s.sent_s);
    double took = run(&s, in_flight);
    free(s.sent_s);
    free(s.next);
    bench_log_free(&s.frames);
    return took;
}

uint64_t bench_client_last_index(const bench_client *c)
{
    return c->last_index;
}

/* ---- the wire ---- */

void bench_client_bytes(double *sent, double *received)
{
    *sent = *received = 0;
    for (int fd = 0; fd < 4096;
         fd++) { /* the net keeps its sockets to itself; these are all ours */
        struct tcp_info info;
        struct sockaddr_in peer;
        socklen_t len = sizeof info, peer_len = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &peer_len) != 0 ||
            peer.sin_family != AF_INET || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
            continue;
        *sent += (double)info.tcpi_bytes_acked;
        *received += (double)info.tcpi_bytes_received;
    }
}
