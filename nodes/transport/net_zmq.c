#include "nodes/transport/net_zmq.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <zmq.h>

#include "nodes/transport/peers.h"
#include "nodes/transport/zap.h"
#include "proto/base/buf.h"
#include "proto/base/hash.h"

/* In libzmq 4.3.4's binary, hidden as a draft in its header. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

enum {
    QUEUE_FRAMES = 1024,
    RECONNECT_MS = 100,
    RECONNECT_MAX_MS = 5000,
    BACKLOG = 1024,
    /* A peer not heard for so long is forgotten; if it lives, its next frame is a new peer's. */
    IDLE_MS = 90 * 1000,
    IDLE_CHECK_MS = 5000
};

typedef enum link_kind { LINK_SERVED, LINK_DIALLED } link_kind;

typedef struct net_link {
    link_kind kind;
    bool is_local;
    bool handshaken; /* dialled: the connection stands; up when it takes frames */
    void *socket;
    void *monitor; /* dialled: PAIR with its connection events */
    uint32_t peer; /* dialled: while up, else 0 */
    uint8_t server_key[32];
    char endpoint[256];
} net_link;

typedef struct net_zmq {
    sb_net net;
    void *context;
    sb_zap *zap; /* from the first CURVE server on */
    net_link links[SB_NET_LINKS_MAX];
    uint32_t link_count;
    uint32_t turn; /* whose frames come first: links take turns */
    sb_peers peers;
    uint64_t idle_checked_ms;
    zmq_msg_t message; /* the last FRAME's */
    bool is_held;      /* a FRAME waits in `held` until the DOWN before it was given out */
    sb_net_event held;
} net_zmq;

static uint64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static sb_err broken(sb_fail *fail, const char *what)
{
    return sb_fail_set(fail, SB_E_NET_BROKEN, what, zmq_strerror(zmq_errno()), NULL);
}

/* ---- sockets ---- */

static bool set_int(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_common(void *socket)
{
    int64_t frame_max = SB_FRAME_BYTES_MAX + 64; /* CURVE wraps each frame in 33 bytes more */
    return set_int(socket, ZMQ_LINGER, 0) && set_int(socket, ZMQ_SNDHWM, QUEUE_FRAMES) &&
           set_int(socket, ZMQ_RCVHWM, QUEUE_FRAMES) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0 &&
           set_int(socket, ZMQ_HEARTBEAT_IVL, SB_NET_HEARTBEAT_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, SB_NET_HEARTBEAT_TIMEOUT_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_TTL, SB_NET_HEARTBEAT_TIMEOUT_MS) &&
           set_int(socket, ZMQ_HANDSHAKE_IVL, SB_NET_HANDSHAKE_MS);
}

static bool set_router(void *socket)
{
    return set_int(socket, ZMQ_ROUTER_MANDATORY, 1) && set_int(socket, ZMQ_BACKLOG, BACKLOG);
}

static bool set_dealer(void *socket)
{
    return set_int(socket, ZMQ_IMMEDIATE, 1) && set_int(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
           set_int(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS);
}

static bool set_curve_server(void *socket, const sb_curve_keys *keys)
{
    return set_int(socket, ZMQ_CURVE_SERVER, 1) &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 32) == 0 &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, SB_ZAP_DOMAIN, strlen(SB_ZAP_DOMAIN)) == 0 &&
           set_int(socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
}

static bool set_curve_client(void *socket, const sb_curve_keys *keys, const uint8_t server_key[32])
{
    return zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, 32) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, 32) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 32) == 0;
}

static net_link *new_link(net_zmq *n, int socket_type, sb_fail *fail)
{
    assert(n->link_count < SB_NET_LINKS_MAX);
    net_link *link = &n->links[n->link_count];
    *link = (net_link){.kind = socket_type == ZMQ_ROUTER ? LINK_SERVED : LINK_DIALLED};
    link->socket = zmq_socket(n->context, socket_type);
    if (link->socket == NULL || !set_common(link->socket)) {
        broken(fail, "socket");
        if (link->socket != NULL)
            zmq_close(link->socket);
        return NULL;
    }
    return link;
}

static sb_err keep_link(net_zmq *n, net_link *link, const char *endpoint, uint32_t *number)
{
    snprintf(link->endpoint, sizeof link->endpoint, "%s", endpoint);
    *number = n->link_count++;
    return SB_OK;
}

static sb_err bind_link(net_zmq *n, net_link *link, const char *endpoint, uint32_t *number,
                        sb_fail *fail)
{
    char bound[256] = "";
    size_t size = sizeof bound;
    if (zmq_bind(link->socket, endpoint) != 0 ||
        zmq_getsockopt(link->socket, ZMQ_LAST_ENDPOINT, bound, &size) != 0) {
        sb_fail_set(fail, SB_E_NET_BIND, endpoint, zmq_strerror(zmq_errno()), NULL);
        zmq_close(link->socket);
        return SB_E_NET_BIND;
    }
    return keep_link(n, link, bound, number);
}

static sb_err connect_link(net_zmq *n, net_link *link, const char *endpoint, uint32_t *number,
                           sb_fail *fail)
{
    char name[64];
    snprintf(name, sizeof name, "inproc://samband.monitor.%u", n->link_count);
    link->monitor = zmq_socket(n->context, ZMQ_PAIR);
    bool ok = link->monitor != NULL && set_int(link->monitor, ZMQ_LINGER, 0) &&
              zmq_socket_monitor(link->socket, name,
                                 ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) == 0 &&
              zmq_connect(link->monitor, name) == 0 && zmq_connect(link->socket, endpoint) == 0;
    if (ok)
        return keep_link(n, link, endpoint, number);
    sb_fail_set(fail, SB_E_NET_DIAL, endpoint, zmq_strerror(zmq_errno()), NULL);
    if (link->monitor != NULL)
        zmq_close(link->monitor);
    zmq_close(link->socket);
    return SB_E_NET_DIAL;
}

sb_err sb_net_zmq_serve(sb_net *net, const char *endpoint, const sb_curve_keys *keys,
                        uint32_t *link_number, sb_fail *fail)
{
    net_zmq *n = (net_zmq *)net;
    /* The handler answers before anything is bound. */
    if (n->zap == NULL) {
        sb_err err = sb_zap_start(&n->zap, n->context, fail);
        if (err != SB_OK)
            return err;
    }
    net_link *link = new_link(n, ZMQ_ROUTER, fail);
    if (link == NULL)
        return SB_E_NET_BROKEN;
    if (!set_router(link->socket) || !set_curve_server(link->socket, keys)) {
        zmq_close(link->socket);
        return broken(fail, "CURVE");
    }
    return bind_link(n, link, endpoint, link_number, fail);
}

void sb_net_zmq_allow(sb_net *net, const uint8_t (*public_keys)[32], size_t count)
{
    net_zmq *n = (net_zmq *)net;
    if (n->zap != NULL)
        sb_zap_allow(n->zap, public_keys, count);
}

/* A directory for the socket that nobody but the owner and the group may enter. One that is there
 * already is left as it is: it may be others' too. */
static sb_err own_directory(const char *dir, const char *path, sb_fail *fail)
{
    struct stat st;
    if (mkdir(dir, 0750) == 0 && chmod(dir, 0750) == 0)
        return SB_OK;
    if (errno != EEXIST || stat(dir, &st) != 0)
        return sb_fail_set(fail, SB_E_NET_BIND, path, strerror(errno), NULL);
    if ((st.st_mode & 07) != 0)
        return sb_fail_set(fail, SB_E_NET_OPEN_DIR, dir, NULL);
    return SB_OK;
}

sb_err sb_net_zmq_serve_local(sb_net *net, const char *path, uint32_t *link_number, sb_fail *fail)
{
    net_zmq *n = (net_zmq *)net;
    char endpoint[256], dir[256];
    snprintf(dir, sizeof dir, "%s", path);
    char *slash = strrchr(dir, '/');
    /* The kernel's limit for the name of a local socket is 107 bytes. */
    if (slash == NULL || slash == dir || strlen(path) > 100)
        return sb_fail_set(fail, SB_E_NET_BIND, path, "path", NULL);
    *slash = '\0';
    sb_err err = own_directory(dir, path, fail);
    if (err != SB_OK)
        return err;
    snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    net_link *link = new_link(n, ZMQ_ROUTER, fail);
    if (link == NULL)
        return SB_E_NET_BROKEN;
    link->is_local = true;
    if (!set_router(link->socket)) {
        zmq_close(link->socket);
        return broken(fail, "socket");
    }
    err = bind_link(n, link, endpoint, link_number, fail);
    if (err == SB_OK && chmod(path, 0660) != 0)
        err = sb_fail_set(fail, SB_E_NET_BIND, path, strerror(errno), NULL);
    return err;
}

sb_err sb_net_zmq_dial(sb_net *net, const char *endpoint, const uint8_t server_key[32],
                       const sb_curve_keys *keys, uint32_t *link_number, sb_fail *fail)
{
    net_zmq *n = (net_zmq *)net;
    net_link *link = new_link(n, ZMQ_DEALER, fail);
    if (link == NULL)
        return SB_E_NET_BROKEN;
    memcpy(link->server_key, server_key, 32);
    if (!set_dealer(link->socket) || !set_curve_client(link->socket, keys, server_key)) {
        zmq_close(link->socket);
        return broken(fail, "CURVE");
    }
    return connect_link(n, link, endpoint, link_number, fail);
}

sb_err sb_net_zmq_dial_local(sb_net *net, const char *path, uint32_t *link_number, sb_fail *fail)
{
    net_zmq *n = (net_zmq *)net;
    char endpoint[256];
    int length = snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    if (length < 0 || (size_t)length >= sizeof endpoint)
        return sb_fail_set(fail, SB_E_NET_DIAL, path, "path", NULL);
    net_link *link = new_link(n, ZMQ_DEALER, fail);
    if (link == NULL)
        return SB_E_NET_BROKEN;
    link->is_local = true;
    if (!set_dealer(link->socket)) {
        zmq_close(link->socket);
        return broken(fail, "socket");
    }
    return connect_link(n, link, endpoint, link_number, fail);
}

const char *sb_net_zmq_endpoint(const sb_net *net, uint32_t link)
{
    const net_zmq *n = (const net_zmq *)net;
    return link < n->link_count ? n->links[link].endpoint : "";
}

/* ---- events ---- */

static void say_down(net_zmq *n, sb_peer *peer, sb_net_event *event)
{
    *event = (sb_net_event){.kind = SB_NET_DOWN, .link = peer->link, .peer = peer->number};
    memcpy(event->peer_pk, peer->pk, 32);
    sb_peers_remove(&n->peers, peer);
}

/* Frames of a connection that is no more: the server speaks only when spoken to, so nothing of the
 * new connection can be among them. */
static void drop_stale(net_link *link)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, link->socket, ZMQ_DONTWAIT) >= 0) {
    }
    zmq_msg_close(&message);
}

/* Connection events of a dialled link. True: *event is set. */
static bool read_monitor(net_zmq *n, uint32_t number, sb_net_event *event)
{
    net_link *link = &n->links[number];
    uint8_t head[6], address[256];
    if (zmq_recv(link->monitor, head, sizeof head, ZMQ_DONTWAIT) != sizeof head)
        return false;
    zmq_recv(link->monitor, address, sizeof address, 0);
    uint16_t what;
    memcpy(&what, head, sizeof what);
    if (what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
        link->handshaken = true;
    if (what == ZMQ_EVENT_DISCONNECTED)
        link->handshaken = false;
    sb_peer *peer = link->peer == 0 ? NULL : sb_peers_find(&n->peers, link->peer);
    if (what == ZMQ_EVENT_DISCONNECTED && peer != NULL) {
        link->peer = 0;
        say_down(n, peer, event);
        return true;
    }
    return false;
}

/* After the handshake the socket still needs a moment until it takes frames: only then it is up. */
static bool try_up(net_zmq *n, uint32_t number, sb_net_event *event)
{
    net_link *link = &n->links[number];
    int events = 0;
    size_t size = sizeof events;
    if (!link->handshaken || link->peer != 0 ||
        zmq_getsockopt(link->socket, ZMQ_EVENTS, &events, &size) != 0 || !(events & ZMQ_POLLOUT))
        return false;
    sb_peer *peer = sb_peers_add(&n->peers, number, sb_slice_of("", 0), link->server_key);
    link->peer = peer->number;
    drop_stale(link);
    *event = (sb_net_event){.kind = SB_NET_UP, .link = number, .peer = peer->number};
    memcpy(event->peer_pk, peer->pk, 32);
    return true;
}

/* The key that ZAP vouched for; zero on local links. False: none, which CURVE links must have. */
static bool message_key(const net_link *link, zmq_msg_t *message, uint8_t pk[32])
{
    memset(pk, 0, 32);
    if (link->is_local)
        return true;
    const char *user = zmq_msg_gets(message, "User-Id");
    return user != NULL && sb_unhex(sb_slice_str(user), pk, 32);
}

/* Read and drop what is left of a multipart message. True when there was more. */
static bool drop_rest(void *socket)
{
    bool dropped = false;
    int more = 0;
    size_t size = sizeof more;
    while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        int got = zmq_msg_recv(&part, socket, 0);
        zmq_msg_close(&part);
        dropped = true;
        if (got < 0)
            break;
    }
    return dropped;
}

static void take_message(net_zmq *n, zmq_msg_t *message)
{
    zmq_msg_move(&n->message, message);
    zmq_msg_close(message);
}

/* A served link: routing id, then the frame. True: *event is set. */
static bool read_served(net_zmq *n, uint32_t number, sb_net_event *event)
{
    net_link *link = &n->links[number];
    uint8_t routing[255], pk[32];
    int len = zmq_recv(link->socket, routing, sizeof routing, ZMQ_DONTWAIT);
    if (len < 0)
        return false;
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool whole = (size_t)len <= sizeof routing && zmq_msg_recv(&message, link->socket, 0) >= 0 &&
                 !drop_rest(link->socket) && message_key(link, &message, pk);
    if (!whole) {
        zmq_msg_close(&message);
        return false;
    }
    sb_slice name = sb_slice_of(routing, (size_t)len);
    sb_peer *peer = sb_peers_find_routing(&n->peers, number, name);
    /* One key doesn't take the others' places: its oldest connection gives way to its newest. */
    bool is_new = peer == NULL && n->peers.count < SB_NET_PEERS_MAX;
    sb_peer *crowding = NULL;
    if (is_new && !link->is_local)
        crowding = sb_peers_crowding(&n->peers, number, pk, SB_NET_PEERS_A_KEY_MAX);
    sb_net_event down;
    if (crowding != NULL)
        say_down(n, crowding, &down);
    if (is_new)
        peer = sb_peers_add(&n->peers, number, name, pk);
    /* A name that another key holds says nothing. */
    if (peer == NULL || memcmp(peer->pk, pk, 32) != 0) {
        zmq_msg_close(&message);
        return false;
    }
    peer->heard_ms = monotonic_ms();
    take_message(n, &message);
    *event = (sb_net_event){.kind = SB_NET_FRAME, .link = number, .peer = peer->number};
    memcpy(event->peer_pk, pk, 32);
    event->frame = sb_slice_of(zmq_msg_data(&n->message), zmq_msg_size(&n->message));
    if (crowding != NULL) {
        n->is_held = true;
        n->held = *event;
        *event = down;
    }
    return true;
}

static bool read_dialled(net_zmq *n, uint32_t number, sb_net_event *event)
{
    net_link *link = &n->links[number];
    if (link->peer == 0)
        return false; /* leave frames where they are until the monitor has said UP */
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, link->socket, ZMQ_DONTWAIT) < 0 || drop_rest(link->socket)) {
        zmq_msg_close(&message);
        return false;
    }
    take_message(n, &message);
    *event = (sb_net_event){.kind = SB_NET_FRAME, .link = number, .peer = link->peer};
    memcpy(event->peer_pk, link->server_key, 32);
    event->frame = sb_slice_of(zmq_msg_data(&n->message), zmq_msg_size(&n->message));
    return true;
}

/* Forget one peer of a served link that hasn't been heard for long. */
static bool drop_idle(net_zmq *n, sb_net_event *event)
{
    uint64_t now = monotonic_ms();
    if (now - n->idle_checked_ms < IDLE_CHECK_MS)
        return false;
    for (size_t i = 0; i < n->peers.count; i++) {
        sb_peer *peer = n->peers.by_number[i];
        if (n->links[peer->link].kind == LINK_SERVED && now - peer->heard_ms > IDLE_MS) {
            say_down(n, peer, event);
            return true;
        }
    }
    n->idle_checked_ms = now;
    return false;
}

/* Links take turns, so that one busy link doesn't starve the others. */
static bool read_any(net_zmq *n, sb_net_event *event)
{
    if (n->is_held) {
        n->is_held = false;
        *event = n->held;
        return true;
    }
    for (uint32_t i = 0; i < n->link_count; i++)
        if (n->links[i].monitor != NULL && (read_monitor(n, i, event) || try_up(n, i, event)))
            return true;
    for (uint32_t i = 0; i < n->link_count; i++) {
        uint32_t number = (n->turn + i) % n->link_count;
        bool got = n->links[number].kind == LINK_SERVED ? read_served(n, number, event)
                                                        : read_dialled(n, number, event);
        if (got) {
            n->turn = number + 1;
            return true;
        }
    }
    return false;
}

static sb_err wait_zmq(sb_net *net, uint32_t timeout_ms, sb_net_event *event, sb_fail *fail)
{
    net_zmq *n = (net_zmq *)net;
    *event = (sb_net_event){.kind = SB_NET_NOTHING};
    if (n->zap != NULL && !sb_zap_alive(n->zap))
        return sb_fail_set(fail, SB_E_NET_ZAP_DEAD, NULL);
    if (drop_idle(n, event) || read_any(n, event))
        return SB_OK;
    zmq_pollitem_t items[2 * SB_NET_LINKS_MAX];
    int count = 0;
    for (uint32_t i = 0; i < n->link_count; i++) {
        const net_link *link = &n->links[i];
        bool is_down = link->kind == LINK_DIALLED && link->peer == 0;
        if (!is_down || link->handshaken)
            items[count++] = (zmq_pollitem_t){.socket = link->socket,
                                              .events = is_down ? ZMQ_POLLOUT : ZMQ_POLLIN};
        if (n->links[i].monitor != NULL)
            items[count++] = (zmq_pollitem_t){.socket = n->links[i].monitor, .events = ZMQ_POLLIN};
    }
    if (zmq_poll(items, count, (long)timeout_ms) < 0 && zmq_errno() != EINTR)
        return broken(fail, "poll");
    read_any(n, event);
    return SB_OK;
}

static sb_err send_zmq(sb_net *net, uint32_t peer_number, sb_slice frame)
{
    net_zmq *n = (net_zmq *)net;
    if (frame.len > SB_FRAME_BYTES_MAX)
        return SB_E_TOO_LARGE;
    sb_peer *peer = sb_peers_find(&n->peers, peer_number);
    if (peer == NULL)
        return SB_E_NET_GONE;
    net_link *link = &n->links[peer->link];
    if (link->kind == LINK_SERVED &&
        zmq_send(link->socket, peer->routing, peer->routing_len, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return zmq_errno() == EAGAIN ? SB_E_NET_FULL : SB_E_NET_GONE;
    if (zmq_send(link->socket, frame.data, frame.len, ZMQ_DONTWAIT) < 0)
        return zmq_errno() == EAGAIN ? SB_E_NET_FULL : SB_E_NET_GONE;
    return SB_OK;
}

static void close_zmq(sb_net *net)
{
    net_zmq *n = (net_zmq *)net;
    zmq_msg_close(&n->message);
    for (uint32_t i = 0; i < n->link_count; i++) {
        if (n->links[i].monitor != NULL) {
            zmq_socket_monitor(n->links[i].socket, NULL, 0);
            zmq_close(n->links[i].monitor);
        }
        zmq_close(n->links[i].socket);
    }
    sb_zap_stop(n->zap);
    zmq_ctx_term(n->context);
    sb_peers_deinit(&n->peers);
    free(n);
}

static const sb_net_ops OPS = {.wait = wait_zmq, .send = send_zmq, .close = close_zmq};

sb_err sb_net_zmq_open(sb_net **out, sb_fail *fail)
{
    if (!zmq_has("curve"))
        return sb_fail_set(fail, SB_E_NET_NO_CURVE, NULL);
    net_zmq *n = sb_xmalloc(sizeof *n);
    memset(n, 0, sizeof *n);
    n->net.ops = &OPS;
    n->context = zmq_ctx_new();
    zmq_msg_init(&n->message);
    sb_peers_init(&n->peers);
    n->idle_checked_ms = monotonic_ms();
    if (n->context == NULL) {
        free(n);
        return broken(fail, "context");
    }
    zmq_ctx_set(n->context, ZMQ_MAX_SOCKETS, SB_NET_PEERS_MAX);
    *out = &n->net;
    return SB_OK;
}

void sb_net_zmq_kill_zap(sb_net *net)
{
    net_zmq *n = (net_zmq *)net;
    if (n->zap != NULL)
        sb_zap_kill(n->zap);
}
