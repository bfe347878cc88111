#include "tests/bench/etcd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/bench/process.h"
#include "tests/lib/tmpdir.h"

enum {
    READY_S_MAX = 30,
    STALL_S_MAX = 30,
    FRAME_HEAD = 9,
    /* RFC 9113 §6 */
    DATA = 0,
    HEADERS = 1,
    RST_STREAM = 3,
    SETTINGS = 4,
    PING = 6,
    GOAWAY = 7,
    WINDOW_UPDATE = 8,
    FLAG_END_STREAM = 1,
    FLAG_ACK = 1,
    FLAG_END_HEADERS = 4,
    WINDOW = 1 << 30, /* what the server may send us before we say more */
};

struct bench_etcd {
    bench_process server;
    char dir[400];
    int port, fd;
    uint32_t stream;     /* the next one, odd */
    int64_t window;      /* that the server still takes */
    int64_t received;    /* of its window on us */
    uint64_t puts;       /* ever */
    sb_buf headers, out; /* a request's header block; what is to be written */
    sb_buf in;
};

/* ---- HTTP/2 frames ---- */

static void frame_head(sb_buf *out, size_t len, uint8_t type, uint8_t flags, uint32_t stream)
{
    uint8_t head[FRAME_HEAD] = {(uint8_t)(len >> 16),
                                (uint8_t)(len >> 8),
                                (uint8_t)len,
                                type,
                                flags,
                                (uint8_t)(stream >> 24),
                                (uint8_t)(stream >> 16),
                                (uint8_t)(stream >> 8),
                                (uint8_t)stream};
    sb_buf_add(out, sb_slice_of(head, sizeof head));
}

static void add_u32(sb_buf *out, uint32_t n)
{
    uint8_t bytes[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    sb_buf_add(out, sb_slice_of(bytes, sizeof bytes));
}

static uint32_t u32_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* HPACK: a literal that isn't indexed, no Huffman code. */
static void add_header(sb_buf *out, const char *name, const char *value)
{
    uint8_t lens[2] = {(uint8_t)strlen(name), (uint8_t)strlen(value)};
    sb_buf_add(out, sb_slice_of((const uint8_t *)"", 1));
    sb_buf_add(out, sb_slice_of(&lens[0], 1));
    sb_buf_str(out, name);
    sb_buf_add(out, sb_slice_of(&lens[1], 1));
    sb_buf_str(out, value);
}

static void flush(bench_etcd *e)
{
    for (size_t at = 0; at < e->out.len;) {
        ssize_t n = write(e->fd, e->out.data + at, e->out.len - at);
        if (n <= 0)
            bench_die("etcd: the connection broke");
        at += (size_t)n;
    }
    sb_buf_clear(&e->out);
}

static void greet(bench_etcd *e)
{
    char authority[32];
    (void)snprintf(authority, sizeof authority, "127.0.0.1:%d", e->port);
    sb_buf_str(&e->out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame_head(&e->out, 6, SETTINGS, 0, 0);
    sb_buf_add(&e->out, sb_slice_of((const uint8_t *)"\0\4", 2)); /* INITIAL_WINDOW_SIZE */
    add_u32(&e->out, WINDOW);
    frame_head(&e->out, 4, WINDOW_UPDATE, 0, 0);
    add_u32(&e->out, WINDOW - 65535);
    add_header(&e->headers, ":method", "POST");
    add_header(&e->headers, ":scheme", "http");
    add_header(&e->headers, ":path", "/etcdserverpb.KV/Put");
    add_header(&e->headers, ":authority", authority);
    add_header(&e->headers, "content-type", "application/grpc");
    add_header(&e->headers, "te", "trailers");
    e->window = 65535;
    flush(e);
}

/* ---- a put ---- */

static size_t varint(uint8_t *out, size_t n)
{
    size_t len = 0;
    for (; n >= 128; n >>= 7)
        out[len++] = (uint8_t)(n | 128);
    out[len++] = (uint8_t)n;
    return len;
}

/* PutRequest: key = 1, value = 2; before it a gRPC length prefix. */
static void add_put(bench_etcd *e, sb_slice value)
{
    enum { KEY = 8 };
    uint8_t head[32] = {0x0a, KEY}, length[5] = {0};
    for (int i = 0; i < KEY; i++)
        head[2 + i] = (uint8_t)(e->puts >> (56 - 8 * i));
    head[2 + KEY] = 0x12;
    size_t head_len = 3 + KEY + varint(head + 3 + KEY, value.len), len = head_len + value.len;
    for (int i = 0; i < 4; i++)
        length[1 + i] = (uint8_t)(len >> (24 - 8 * i));
    frame_head(&e->out, e->headers.len, HEADERS, FLAG_END_HEADERS, e->stream);
    sb_buf_add(&e->out, sb_buf_slice(&e->headers));
    frame_head(&e->out, sizeof length + len, DATA, FLAG_END_STREAM, e->stream);
    sb_buf_add(&e->out, sb_slice_of(length, sizeof length));
    sb_buf_add(&e->out, sb_slice_of(head, head_len));
    sb_buf_add(&e->out, value);
    e->window -= (int64_t)(sizeof length + len);
    e->stream += 2;
    e->puts++;
}

typedef struct putting {
    const bench_log *values;
    size_t first, last, next, done, ended;
    uint32_t stream; /* of value `first` */
    double *sent_s, *latency_s;
} putting;

static void send_next(bench_etcd *e, putting *p)
{
    enum { MOST = 1024 };
    if (p->next == p->last || e->window < MOST)
        return;
    if (p->latency_s != NULL)
        p->sent_s[p->next - p->first] = bench_now_s();
    add_put(e, bench_leaf(p->values, p->next++));
}

/* A frame of the server's. A put is done when its message has come: an error has none. */
static void take_frame(bench_etcd *e, putting *p, const uint8_t *at, size_t len)
{
    uint8_t type = at[3], flags = at[4];
    uint32_t stream = u32_at(at + 5);
    const uint8_t *body = at + FRAME_HEAD;
    switch (type) {
    case DATA:
        e->received += (int64_t)len;
        if (len > 5 && p != NULL) {
            size_t i = (stream - p->stream) / 2;
            if (p->latency_s != NULL)
                p->latency_s[i] = bench_now_s() - p->sent_s[i];
            p->done++;
        }
        break;
    case HEADERS: /* a stream ends with its trailers; one that failed has nothing else */
        if (p != NULL && (flags & FLAG_END_STREAM) != 0 && ++p->ended > p->done)
            bench_die("etcd: a put failed");
        break;
    case SETTINGS:
        if ((flags & FLAG_ACK) == 0)
            frame_head(&e->out, 0, SETTINGS, FLAG_ACK, 0);
        break;
    case PING:
        if ((flags & FLAG_ACK) == 0) {
            frame_head(&e->out, len, PING, FLAG_ACK, 0);
            sb_buf_add(&e->out, sb_slice_of(body, len));
        }
        break;
    case WINDOW_UPDATE:
        if (stream == 0)
            e->window += u32_at(body) & 0x7fffffff;
        break;
    case RST_STREAM:
    case GOAWAY:
        bench_die("etcd: it refused");
        break;
    }
    if (e->received > WINDOW / 2) {
        frame_head(&e->out, 4, WINDOW_UPDATE, 0, 0);
        add_u32(&e->out, (uint32_t)e->received);
        e->received = 0;
    }
}

/* Read what has come, at least something. */
static void take(bench_etcd *e, putting *p)
{
    uint8_t block[65536];
    ssize_t n = read(e->fd, block, sizeof block);
    if (n <= 0)
        bench_die(n < 0 && errno == EAGAIN ? "etcd: it doesn't answer" : "etcd: it hung up");
    sb_buf_add(&e->in, sb_slice_of(block, (size_t)n));
    size_t at = 0;
    while (e->in.len - at >= FRAME_HEAD) {
        const uint8_t *head = e->in.data + at;
        size_t len = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
        if (e->in.len - at < FRAME_HEAD + len)
            break;
        take_frame(e, p, head, len);
        at += FRAME_HEAD + len;
    }
    e->in.len -= at;
    memmove(e->in.data, e->in.data + at, e->in.len);
}

double bench_etcd_put(bench_etcd *e, const bench_log *values, size_t first, size_t last,
                      size_t in_flight, double *latency_s)
{
    putting p = {.values = values,
                 .first = first,
                 .last = last,
                 .next = first,
                 .stream = e->stream,
                 .latency_s = latency_s};
    p.sent_s = sb_xmalloc((last - first + 1) * sizeof *p.sent_s);
    double start = bench_now_s();
    while (p.done < last - first) {
        while (p.next < last && p.next - first - p.done < in_flight) {
            size_t before = p.next;
            send_next(e, &p);
            if (p.next == before)
                break; /* the server's window is full */
        }
        flush(e);
        take(e, &p);
    }
    flush(e);
    double took = bench_now_s() - start;
    free(p.sent_s);
    return took;
}

/* ---- the server ---- */

static bool dial(bench_etcd *e)
{
    const int yes = 1;
    const struct timeval patience = {.tv_sec = STALL_S_MAX};
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)e->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    e->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (e->fd < 0)
        bench_die("socket");
    (void)setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)setsockopt(e->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(e->fd, (struct sockaddr *)&at, sizeof at) == 0)
        return true;
    (void)close(e->fd);
    return false;
}

static bool is_installed(void)
{
    struct stat st;
    return stat("/usr/bin/etcd", &st) == 0;
}

bench_etcd *bench_etcd_start(const char *dir)
{
    char client[64], peer[64], cluster[80];
    if (!is_installed())
        return NULL;
    bench_etcd *e = sb_xmalloc(sizeof *e);
    *e = (bench_etcd){.port = bench_free_port(), .stream = 1};
    sb_buf_init(&e->headers);
    sb_buf_init(&e->out);
    sb_buf_init(&e->in);
    (void)snprintf(e->dir, sizeof e->dir, "%s", dir);
    (void)snprintf(client, sizeof client, "http://127.0.0.1:%d", e->port);
    (void)snprintf(peer, sizeof peer, "http://127.0.0.1:%d", bench_free_port());
    (void)snprintf(cluster, sizeof cluster, "bench=%s", peer);
    sb_tmpdir_drop(dir);
    const char *const argv[] = {"/usr/bin/etcd",
                                "--name=bench",
                                "--data-dir",
                                e->dir,
                                "--listen-client-urls",
                                client,
                                "--advertise-client-urls",
                                client,
                                "--listen-peer-urls",
                                peer,
                                "--initial-advertise-peer-urls",
                                peer,
                                "--initial-cluster",
                                cluster,
                                "--quota-backend-bytes=8589934592",
                                "--log-level=error",
                                NULL};
    e->server = bench_start(argv, NULL);
    for (double begun = bench_now_s(); !dial(e); bench_sleep_ms(50))
        if (bench_now_s() - begun > READY_S_MAX)
            bench_die("etcd doesn't start");
    greet(e);
    const bench_log one = {.bytes = e->headers, .starts = (size_t[]){0, 100}, .count = 1};
    (void)bench_etcd_put(e, &one, 0, 1, 1, NULL); /* its leader stands */
    return e;
}

void bench_etcd_stop(bench_etcd *e)
{
    if (e == NULL)
        return;
    (void)close(e->fd);
    bench_end(&e->server, SIGTERM);
    sb_tmpdir_drop(e->dir);
    sb_buf_deinit(&e->headers);
    sb_buf_deinit(&e->out);
    sb_buf_deinit(&e->in);
    free(e);
}
