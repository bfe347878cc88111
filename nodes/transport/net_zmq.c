#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "nodes/transport/net_inside.h"
#include "proto/base/buf.h"

/* In libzmq 4.3.4's binary, hidden as a draft in its header. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

enum {
    QUEUE_FRAMES = 1024,
    READ_FRAMES = 256, /* of one connection, before we have read them */
    RECONNECT_MS = 100,
    RECONNECT_MAX_MS = 5000,
    BACKLOG = 1024,
    DESCRIPTORS_MIN = 64
};

/* Strangers at the port don't slow the members down: each has a thread of libzmq's. */
enum { THREAD_STRANGERS = 1, THREAD_OWN = 2, THREADS = 2 };

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
           set_int(socket, ZMQ_RCVHWM, READ_FRAMES) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0 &&
           set_int(socket, ZMQ_HEARTBEAT_IVL, SB_NET_HEARTBEAT_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, SB_NET_HEARTBEAT_TIMEOUT_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_TTL, SB_NET_HEARTBEAT_TIMEOUT_MS) &&
           set_int(socket, ZMQ_HANDSHAKE_IVL, SB_NET_HANDSHAKE_MS);
}

static bool set_thread(void *socket, uint64_t thread)
{
    return zmq_setsockopt(socket, ZMQ_AFFINITY, &thread, sizeof thread) == 0;
}

static bool set_router(void *socket, uint64_t thread)
{
    return set_int(socket, ZMQ_ROUTER_MANDATORY, 1) && set_int(socket, ZMQ_BACKLOG, BACKLOG) &&
           set_thread(socket, thread);
}

static bool set_dealer(void *socket)
{
    return set_thread(socket, THREAD_OWN) && set_int(socket, ZMQ_IMMEDIATE, 1) &&
           set_int(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
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

/* A place for a link; closed ones' are used again. */
static sb_link *new_link(sb_net_zmq *n, int socket_type, sb_fail *fail)
{
    uint32_t at = 0;
    while (at < n->link_count && n->links[at].kind != SB_LINK_CLOSED)
        at++;
    assert(at < SB_NET_LINKS_MAX);
    sb_link *link = &n->links[at];
    *link = (sb_link){.kind = SB_LINK_CLOSED};
    link->socket = zmq_socket(n->context, socket_type);
    if (link->socket == NULL || !set_common(link->socket)) {
        broken(fail, "socket");
        if (link->socket != NULL)
            zmq_close(link->socket);
        return NULL;
    }
    return link;
}

static void close_link(sb_link *link)
{
    if (link->monitor != NULL) {
        zmq_socket_monitor(link->socket, NULL, 0);
        zmq_close(link->monitor);
    }
    zmq_close(link->socket);
    sb_conns_deinit(&link->conns);
    link->kind = SB_LINK_CLOSED;
}

static void keep_link(sb_net_zmq *n, sb_link *link, sb_link_kind kind, const char *endpoint,
                      uint32_t *number)
{
    snprintf(link->endpoint, sizeof link->endpoint, "%s", endpoint);
    link->kind = kind;
    *number = (uint32_t)(link - n->links);
    if (*number == n->link_count)
        n->link_count++;
}

/* Its connection events. They never wait for us: libzmq's thread would, and all connections with
 * it. */
static bool watch(sb_net_zmq *n, sb_link *link, int events)
{
    char name[64];
    snprintf(name, sizeof name, "inproc://samband.monitor.%u", ++n->monitors);
    link->monitor = zmq_socket(n->context, ZMQ_PAIR);
    return link->monitor != NULL && set_int(link->monitor, ZMQ_LINGER, 0) &&
           set_int(link->monitor, ZMQ_RCVHWM, 0) &&
           zmq_socket_monitor(link->socket, name, events) == 0 &&
           zmq_connect(link->monitor, name) == 0;
}

static sb_err bind_link(sb_net_zmq *n, sb_link *link, const char *endpoint, uint32_t *number,
                        sb_fail *fail)
{
    char bound[256] = "";
    size_t size = sizeof bound;
    sb_conns_init(&link->conns);
    if (!watch(n, link, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) ||
        zmq_bind(link->socket, endpoint) != 0 ||
        zmq_getsockopt(link->socket, ZMQ_LAST_ENDPOINT, bound, &size) != 0) {
        sb_fail_set(fail, SB_E_NET_BIND, endpoint, zmq_strerror(zmq_errno()), NULL);
        close_link(link);
        return SB_E_NET_BIND;
    }
    keep_link(n, link, SB_LINK_SERVED, bound, number);
    return SB_OK;
}

static sb_err connect_link(sb_net_zmq *n, sb_link *link, const char *endpoint, uint32_t *number,
                           sb_fail *fail)
{
    if (watch(n, link, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) &&
        zmq_connect(link->socket, endpoint) == 0) {
        keep_link(n, link, SB_LINK_DIALLED, endpoint, number);
        return SB_OK;
    }
    sb_fail_set(fail, SB_E_NET_DIAL, endpoint, zmq_strerror(zmq_errno()), NULL);
    close_link(link);
    return SB_E_NET_DIAL;
}

sb_err sb_net_zmq_serve(sb_net *net, const char *endpoint, const sb_curve_keys *keys,
                        uint32_t *link_number, sb_fail *fail)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    /* The handler answers before anything is bound. */
    if (n->zap == NULL) {
        sb_err err = sb_zap_start(&n->zap, n->context, fail);
        if (err != SB_OK)
            return err;
    }
    sb_link *link = new_link(n, ZMQ_ROUTER, fail);
    if (link == NULL)
        return SB_E_NET_BROKEN;
    if (!set_router(link->socket, THREAD_STRANGERS) || !set_curve_server(link->socket, keys)) {
        broken(fail, "CURVE");
        close_link(link);
        return SB_E_NET_BROKEN;
    }
    return bind_link(n, link, endpoint, link_number, fail);
}

bool sb_net_is_allowed(const sb_net_zmq *n, const uint8_t pk[32])
{
    for (size_t i = 0; i < n->allowed_count; i++)
        if (memcmp(n->allowed[i], pk, 32) == 0)
            return true;
    return false;
}

/* Who connected while it was allowed is cut off too: ZAP is only asked once. */
void sb_net_zmq_allow(sb_net *net, const uint8_t (*public_keys)[32], size_t count)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    if (n->zap == NULL || (count == n->allowed_count && n->allowed != NULL &&
                           memcmp(n->allowed, public_keys, count * 32) == 0))
        return;
    n->allowed = sb_xrealloc(n->allowed, (count + 1) * 32);
    if (count > 0)
        memcpy(n->allowed, public_keys, count * 32);
    n->allowed_count = count;
    sb_zap_allow(n->zap, public_keys, count);
    for (size_t i = n->peers.count; i-- > 0;) {
        sb_peer *peer = n->peers.by_number[i];
        const sb_link *link = &n->links[peer->link];
        if (link->kind == SB_LINK_SERVED && !link->is_local && !sb_net_is_allowed(n, peer->pk))
            sb_net_cut_peer(n, peer);
    }
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
    sb_net_zmq *n = (sb_net_zmq *)net;
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
    sb_link *link = new_link(n, ZMQ_ROUTER, fail);
    if (link == NULL)
        return SB_E_NET_BROKEN;
    link->is_local = true;
    if (!set_router(link->socket, THREAD_OWN)) {
        broken(fail, "socket");
        close_link(link);
        return SB_E_NET_BROKEN;
    }
    err = bind_link(n, link, endpoint, link_number, fail);
    if (err == SB_OK && chmod(path, 0660) != 0)
        err = sb_fail_set(fail, SB_E_NET_BIND, path, strerror(errno), NULL);
    return err;
}

sb_err sb_net_zmq_dial(sb_net *net, const char *endpoint, const uint8_t server_key[32],
                       const sb_curve_keys *keys, uint32_t *link_number, sb_fail *fail)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    sb_link *link = new_link(n, ZMQ_DEALER, fail);
    if (link == NULL)
        return SB_E_NET_BROKEN;
    memcpy(link->server_key, server_key, 32);
    if (!set_dealer(link->socket) || !set_curve_client(link->socket, keys, server_key)) {
        broken(fail, "CURVE");
        close_link(link);
        return SB_E_NET_BROKEN;
    }
    return connect_link(n, link, endpoint, link_number, fail);
}

sb_err sb_net_zmq_dial_local(sb_net *net, const char *path, uint32_t *link_number, sb_fail *fail)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    char endpoint[256];
    int length = snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    if (length < 0 || (size_t)length >= sizeof endpoint)
        return sb_fail_set(fail, SB_E_NET_DIAL, path, "path", NULL);
    sb_link *link = new_link(n, ZMQ_DEALER, fail);
    if (link == NULL)
        return SB_E_NET_BROKEN;
    link->is_local = true;
    if (!set_dealer(link->socket)) {
        broken(fail, "socket");
        close_link(link);
        return SB_E_NET_BROKEN;
    }
    return connect_link(n, link, endpoint, link_number, fail);
}

void sb_net_zmq_hang_up(sb_net *net, uint32_t number)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    sb_link *link = &n->links[number];
    assert(number < n->link_count && link->kind == SB_LINK_DIALLED);
    if (link->peer != 0)
        sb_net_drop_peer(n, sb_peers_find(&n->peers, link->peer));
    close_link(link);
}

const char *sb_net_zmq_endpoint(const sb_net *net, uint32_t link)
{
    const sb_net_zmq *n = (const sb_net_zmq *)net;
    return link < n->link_count ? n->links[link].endpoint : "";
}

/* ---- sending ---- */

/* What is on its way to a peer: libzmq counts frames, and a frame may be a MiB. Shared with libzmq's
 * thread, which says of each frame when it has left the queue. */
struct sb_outgoing {
    atomic_size_t bytes;
    atomic_size_t holders; /* the peer, and each frame */
};

typedef struct sent_frame {
    sb_outgoing *outgoing;
    atomic_size_t bytes; /* written last and read first: libzmq's thread sees the rest by it */
    uint8_t data[];
} sent_frame;

static void let_go(sb_outgoing *o)
{
    if (o != NULL && atomic_fetch_sub(&o->holders, 1) == 1)
        free(o);
}

static void frame_left(void *data, void *hint)
{
    sent_frame *sent = hint;
    (void)data;
    size_t bytes = atomic_load(&sent->bytes);
    atomic_fetch_sub(&sent->outgoing->bytes, bytes);
    let_go(sent->outgoing);
    free(sent);
}

static bool make_message(sb_peer *peer, sb_slice frame, zmq_msg_t *message)
{
    if (peer->outgoing == NULL) {
        peer->outgoing = sb_xmalloc(sizeof *peer->outgoing);
        atomic_init(&peer->outgoing->bytes, 0);
        atomic_init(&peer->outgoing->holders, 1);
    }
    if (atomic_load(&peer->outgoing->bytes) + frame.len > SB_NET_QUEUE_BYTES_MAX)
        return false;
    sent_frame *sent = sb_xmalloc(sizeof *sent + frame.len);
    sent->outgoing = peer->outgoing;
    if (frame.len > 0)
        memcpy(sent->data, frame.data, frame.len);
    atomic_store(&sent->bytes, frame.len);
    atomic_fetch_add(&peer->outgoing->bytes, frame.len);
    atomic_fetch_add(&peer->outgoing->holders, 1);
    if (zmq_msg_init_data(message, sent->data, frame.len, frame_left, sent) == 0)
        return true;
    frame_left(NULL, sent);
    return false;
}

static sb_err send_zmq(sb_net *net, uint32_t peer_number, sb_slice frame)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    zmq_msg_t message;
    if (frame.len > SB_FRAME_BYTES_MAX)
        return SB_E_TOO_LARGE;
    sb_peer *peer = sb_peers_find(&n->peers, peer_number);
    if (peer == NULL)
        return SB_E_NET_GONE;
    if (!make_message(peer, frame, &message))
        return SB_E_NET_FULL;
    sb_link *link = &n->links[peer->link];
    bool ok =
        link->kind == SB_LINK_DIALLED ||
        zmq_send(link->socket, peer->routing, peer->routing_len, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;
    ok = ok && zmq_msg_send(&message, link->socket, ZMQ_DONTWAIT) >= 0;
    if (ok)
        return SB_OK;
    bool is_full = zmq_errno() == EAGAIN;
    zmq_msg_close(&message);
    if (!is_full && link->kind == SB_LINK_SERVED)
        sb_net_drop_peer(n, peer); /* what it sent before it left isn't handed out any more */
    return is_full ? SB_E_NET_FULL : SB_E_NET_GONE;
}

/* ---- peers that leave ---- */

void sb_net_drop_peer(sb_net_zmq *n, sb_peer *peer)
{
    if (n->down_count == n->down_cap) {
        n->down_cap = n->down_cap == 0 ? 16 : 2 * n->down_cap;
        n->downs = sb_xrealloc(n->downs, n->down_cap * sizeof *n->downs);
    }
    sb_net_event *down = &n->downs[n->down_count++];
    *down = (sb_net_event){.kind = SB_NET_DOWN, .link = peer->link, .peer = peer->number};
    memcpy(down->peer_pk, peer->pk, 32);
    if (n->links[peer->link].peer == peer->number)
        n->links[peer->link].peer = 0;
    let_go(peer->outgoing);
    sb_peers_remove(&n->peers, peer);
}

/* libzmq has no word for this. What it then sees is what it sees when the other end closes. */
void sb_net_cut_peer(sb_net_zmq *n, sb_peer *peer)
{
    sb_conns *conns = &n->links[peer->link].conns;
    sb_net_watch_served(n, peer->link); /* its descriptor may be another's by now */
    if (sb_conns_is(conns, peer->fd, peer->conn)) {
        (void)shutdown(peer->fd, SHUT_RDWR);
        sb_conns_cut(conns, peer->fd);
    }
    sb_net_drop_peer(n, peer);
}

/* ---- opening ---- */

static void close_zmq(sb_net *net)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    zmq_msg_close(&n->message);
    sb_turns_free(n->turns, sb_net_free_waiting);
    for (uint32_t i = 0; i < n->link_count; i++)
        if (n->links[i].kind != SB_LINK_CLOSED)
            close_link(&n->links[i]);
    sb_zap_stop(n->zap);
    zmq_ctx_term(n->context);
    for (size_t i = 0; i < n->peers.count; i++)
        let_go(n->peers.by_number[i]->outgoing);
    sb_peers_deinit(&n->peers);
    free(n->downs);
    free(n->allowed);
    free(n);
}

static const sb_net_ops OPS = {.wait = sb_net_zmq_wait, .send = send_zmq, .close = close_zmq};

/* Half of the descriptors that the process may have: libzmq's thread turns in circles without any. */
static size_t connections_max(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > SB_NET_PEERS_MAX * 2)
        return SB_NET_PEERS_MAX;
    return (files.rlim_cur > DESCRIPTORS_MIN ? files.rlim_cur : DESCRIPTORS_MIN) / 2;
}

sb_err sb_net_zmq_open(sb_net **out, sb_fail *fail)
{
    if (!zmq_has("curve"))
        return sb_fail_set(fail, SB_E_NET_NO_CURVE, NULL);
    sb_net_zmq *n = sb_xmalloc(sizeof *n);
    memset(n, 0, sizeof *n);
    n->net.ops = &OPS;
    n->context = zmq_ctx_new();
    zmq_msg_init(&n->message);
    sb_peers_init(&n->peers);
    n->turns = sb_turns_new((sb_turns_limits){.frames_a_key = SB_QUEUE_FRAMES_MAX,
                                              .bytes_a_key = SB_NET_QUEUE_BYTES_MAX,
                                              .bytes = SB_NET_WAITING_BYTES_MAX});
    n->conns_max = connections_max();
    n->idle_checked_ms = sb_net_now_ms();
    if (n->context == NULL) {
        sb_turns_free(n->turns, sb_net_free_waiting);
        free(n);
        return broken(fail, "context");
    }
    zmq_ctx_set(n->context, ZMQ_MAX_SOCKETS, SB_NET_PEERS_MAX);
    zmq_ctx_set(n->context, ZMQ_IO_THREADS, THREADS);
    *out = &n->net;
    return SB_OK;
}

void sb_net_zmq_kill_zap(sb_net *net)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    if (n->zap != NULL)
        sb_zap_kill(n->zap);
}
