/* What comes in: connection events, frames, who is gone. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "nodes/transport/net_inside.h"
#include "proto/base/buf.h"
#include "proto/base/hash.h"

enum {
    /* A peer not heard for so long is forgotten; if it lives, it connects anew. */
    IDLE_MS = 90 * 1000,
    IDLE_CHECK_MS = 5000,
    READ_FRAMES = 64, /* of one link, before the next frame is handed out */
    TAKE_FRAMES =
        16 /* handed out before sockets are looked at again: that costs as much as a frame */
};

uint64_t sb_net_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- connections ---- */

/* One event of the link's connections. False: there is none. */
static bool read_monitor(const sb_link *link, uint16_t *what, uint32_t *value)
{
    uint8_t head[6], address[256];
    if (zmq_recv(link->monitor, head, sizeof head, ZMQ_DONTWAIT) != sizeof head)
        return false;
    zmq_recv(link->monitor, address, sizeof address, 0);
    memcpy(what, head, sizeof *what);
    memcpy(value, head + 2, sizeof *value);
    return true;
}

void sb_net_watch_served(sb_net_zmq *n, uint32_t number)
{
    sb_link *link = &n->links[number];
    uint16_t what;
    uint32_t fd;
    while (read_monitor(link, &what, &fd)) {
        if (what == ZMQ_EVENT_ACCEPTED)
            sb_conns_accepted(&link->conns, (int32_t)fd, sb_net_now_ms());
        if (what == ZMQ_EVENT_DISCONNECTED)
            sb_conns_gone(&link->conns, (int32_t)fd);
    }
}

static void watch_dialled(sb_net_zmq *n, uint32_t number)
{
    sb_link *link = &n->links[number];
    uint16_t what;
    uint32_t value;
    while (n->down_count == 0 && read_monitor(link, &what, &value)) {
        if (what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            link->handshaken = true;
        if (what != ZMQ_EVENT_DISCONNECTED)
            continue;
        link->handshaken = false;
        if (link->peer != 0)
            sb_net_drop_peer(n, sb_peers_find(&n->peers, link->peer));
    }
}

/* Those that take up descriptors and say nothing: who means well says Hello at once. Too many are cut
 * where they are: strangers at the port don't take the members' places. */
static void cut_silent(sb_net_zmq *n)
{
    uint64_t now_ms = sb_net_now_ms();
    size_t all = 0;
    for (uint32_t i = 0; i < n->link_count; i++)
        all += n->links[i].conns.count - n->links[i].conns.cut;
    for (uint32_t i = 0; i < n->link_count; i++) {
        sb_conns *conns = &n->links[i].conns;
        size_t own = conns->count - conns->cut, others = all - own;
        size_t max = others < n->conns_max / 2 ? n->conns_max - others : n->conns_max / 2;
        int32_t fd;
        while (own > 0 && (fd = sb_conns_victim(conns, now_ms, SB_NET_SILENT_MS, max)) >= 0) {
            (void)shutdown(fd, SHUT_RDWR);
            sb_conns_cut(conns, fd);
        }
        all = others + conns->count - conns->cut;
    }
}

static void watch_all(sb_net_zmq *n)
{
    for (uint32_t i = 0; i < n->link_count; i++)
        if (n->links[i].kind == SB_LINK_SERVED)
            sb_net_watch_served(n, i);
        else if (n->links[i].kind == SB_LINK_DIALLED)
            watch_dialled(n, i);
    cut_silent(n);
}

/* Forget peers of served links that haven't been heard for long, and cut them off: else one key could
 * hold ever more connections. A member may be silent while its connection stands. */
static void drop_idle(sb_net_zmq *n)
{
    uint64_t now = sb_net_now_ms();
    if (now - n->idle_checked_ms < IDLE_CHECK_MS)
        return;
    n->idle_checked_ms = now;
    for (size_t i = n->peers.count; i-- > 0;) {
        sb_peer *peer = n->peers.by_number[i];
        const sb_link *link = &n->links[peer->link];
        if (link->kind != SB_LINK_SERVED || now - peer->heard_ms <= IDLE_MS)
            continue;
        if (!link->is_local || !sb_conns_is(&link->conns, peer->fd, peer->conn))
            sb_net_cut_peer(n, peer);
    }
}

/* ---- dialled links ---- */

/* Frames of a connection that is no more: the server speaks only when spoken to, so nothing of the
 * new connection can be among them. */
static void drop_stale(sb_link *link)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, link->socket, ZMQ_DONTWAIT) >= 0) {
    }
    zmq_msg_close(&message);
}

/* After the handshake the socket still needs a moment until it takes frames: only then it is up. */
static bool try_up(sb_net_zmq *n, uint32_t number, sb_net_event *event)
{
    sb_link *link = &n->links[number];
    int events = 0;
    size_t size = sizeof events;
    if (link->kind != SB_LINK_DIALLED || !link->handshaken || link->peer != 0 ||
        zmq_getsockopt(link->socket, ZMQ_EVENTS, &events, &size) != 0 || !(events & ZMQ_POLLOUT))
        return false;
    sb_peer *peer = sb_peers_add(&n->peers, number, sb_slice_of("", 0), link->server_key);
    link->peer = peer->number;
    drop_stale(link);
    *event = (sb_net_event){.kind = SB_NET_UP, .link = number, .peer = peer->number};
    memcpy(event->peer_pk, peer->pk, 32);
    return true;
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

/* The frame in `message` is handed out; borrowed until the next wait. */
static void hand_out(sb_net_zmq *n, const sb_peer *peer, zmq_msg_t *message, sb_net_event *event)
{
    zmq_msg_move(&n->message, message);
    *event = (sb_net_event){.kind = SB_NET_FRAME, .link = peer->link, .peer = peer->number};
    memcpy(event->peer_pk, peer->pk, 32);
    event->frame = sb_slice_of(zmq_msg_data(&n->message), zmq_msg_size(&n->message));
}

static bool read_dialled(sb_net_zmq *n, uint32_t number, sb_net_event *event)
{
    sb_link *link = &n->links[number];
    if (link->peer == 0)
        return false; /* leave frames where they are until the monitor has said UP */
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool got = zmq_msg_recv(&message, link->socket, ZMQ_DONTWAIT) >= 0 && !drop_rest(link->socket);
    if (got)
        hand_out(n, sb_peers_find(&n->peers, link->peer), &message, event);
    zmq_msg_close(&message);
    return got;
}

/* ---- served links ---- */

/* The key that ZAP vouched for; zero on local links. False: none, which CURVE links must have. */
static bool message_key(const sb_link *link, zmq_msg_t *message, uint8_t pk[32])
{
    memset(pk, 0, 32);
    if (link->is_local)
        return true;
    const char *user = zmq_msg_gets(message, "User-Id");
    return user != NULL && sb_unhex(sb_slice_str(user), pk, 32);
}

/* A peer's first frame makes it known. Not when its connection is gone or cut already: frames of
 * such a one can be left in libzmq's queue. One key, or one machine's members, don't take the others'
 * places: the connection that was heard longest ago gives way to the newest. */
static sb_peer *new_peer(sb_net_zmq *n, uint32_t number, sb_slice name, const uint8_t pk[32],
                         int32_t fd)
{
    bool is_local = n->links[number].is_local;
    sb_conns *conns = &n->links[number].conns;
    uint64_t conn = sb_conns_heard(conns, fd);
    if (conn == 0) {
        sb_net_watch_served(n, number); /* it may be that new */
        conn = sb_conns_heard(conns, fd);
    }
    if (conn == 0)
        return NULL;
    if (!is_local && !sb_net_is_allowed(n, pk)) { /* its key was taken off the list meanwhile */
        (void)shutdown(fd, SHUT_RDWR);
        sb_conns_cut(conns, fd);
        return NULL;
    }
    sb_peer *crowding = sb_peers_crowding(
        &n->peers, number, pk, is_local ? SB_NET_LOCAL_PEERS_MAX : SB_NET_PEERS_A_KEY_MAX);
    if (crowding != NULL)
        sb_net_cut_peer(n, crowding);
    if (n->peers.count >= SB_NET_PEERS_MAX)
        return NULL;
    sb_peer *peer = sb_peers_add(&n->peers, number, name, pk);
    peer->fd =
        fd; /* a name is one connection's; a later frame's descriptor may be another's already */
    peer->conn = conn;
    return peer;
}

/* Whose queue a frame goes into: the organisation's, or one local connection's. */
static void queue_key(const sb_net_zmq *n, const sb_peer *peer, uint8_t key[32])
{
    memcpy(key, peer->pk, 32);
    if (n->links[peer->link].is_local)
        memcpy(key, &peer->number, sizeof peer->number);
}

void sb_net_free_waiting(sb_turns_item *item)
{
    sb_waiting *w = (sb_waiting *)item;
    zmq_msg_close(&w->message);
    free(w);
}

/* A whole message into its queue; a full queue loses it, as a full connection would. */
static void queue_message(sb_net_zmq *n, uint32_t number, sb_slice name, zmq_msg_t *message)
{
    uint8_t pk[32], key[32];
    int32_t fd = zmq_msg_get(message, ZMQ_SRCFD);
    if (!message_key(&n->links[number], message, pk))
        return;
    sb_peer *peer = sb_peers_find_routing(&n->peers, number, name);
    if (peer == NULL)
        peer = new_peer(n, number, name, pk, fd);
    /* A name that another key holds says nothing. */
    if (peer == NULL || memcmp(peer->pk, pk, 32) != 0)
        return;
    peer->heard_ms = sb_net_now_ms();
    sb_waiting *w = sb_xmalloc(sizeof *w);
    *w = (sb_waiting){.item.bytes = zmq_msg_size(message), .peer = peer->number};
    zmq_msg_init(&w->message);
    zmq_msg_move(&w->message, message);
    queue_key(n, peer, key);
    if (!sb_turns_put(n->turns, key, &w->item))
        sb_net_free_waiting(&w->item);
}

/* Routing id, then the frame, of some of those that have come. */
static void read_served(sb_net_zmq *n, uint32_t number)
{
    void *socket = n->links[number].socket;
    for (int i = 0; i < READ_FRAMES; i++) {
        uint8_t routing[255];
        int len = zmq_recv(socket, routing, sizeof routing, ZMQ_DONTWAIT);
        if (len < 0)
            return;
        zmq_msg_t message;
        zmq_msg_init(&message);
        if ((size_t)len <= sizeof routing && zmq_msg_recv(&message, socket, 0) >= 0 &&
            !drop_rest(socket))
            queue_message(n, number, sb_slice_of(routing, (size_t)len), &message);
        zmq_msg_close(&message);
    }
}

/* The frame whose turn it is. */
static bool take_turn(sb_net_zmq *n, sb_net_event *event)
{
    for (sb_turns_item *item; (item = sb_turns_take(n->turns)) != NULL;) {
        sb_waiting *w = (sb_waiting *)item;
        const sb_peer *peer = sb_peers_find(&n->peers, w->peer);
        if (peer != NULL) /* else it is gone, and said so */
            hand_out(n, peer, &w->message, event);
        sb_net_free_waiting(item);
        if (peer != NULL)
            return true;
    }
    return false;
}

/* ---- waiting ---- */

static bool take_down(sb_net_zmq *n, sb_net_event *event)
{
    if (n->down_count == 0)
        return false;
    *event = n->downs[--n->down_count];
    return true;
}

/* Links take turns, so that one busy link doesn't starve the others. */
static bool take_frame(sb_net_zmq *n, sb_net_event *event)
{
    for (uint32_t i = 0; i < n->link_count; i++) {
        uint32_t number = (n->turn + i) % n->link_count;
        bool got = n->links[number].kind == SB_LINK_SERVED    ? take_turn(n, event)
                   : n->links[number].kind == SB_LINK_DIALLED ? read_dialled(n, number, event)
                                                              : false;
        if (got) {
            n->turn = number + 1;
            return true;
        }
    }
    return false;
}

/* Who is gone comes first. */
static bool read_any(sb_net_zmq *n, sb_net_event *event)
{
    if (n->down_count == 0 && n->taken > 0 && n->taken < TAKE_FRAMES && take_frame(n, event)) {
        n->taken++;
        return true;
    }
    n->taken = 0;
    watch_all(n);
    drop_idle(n);
    for (uint32_t i = 0; i < n->link_count && n->down_count == 0; i++)
        if (n->links[i].kind == SB_LINK_SERVED)
            read_served(n, i);
    if (take_down(n, event))
        return true;
    for (uint32_t i = 0; i < n->link_count; i++)
        if (try_up(n, i, event))
            return true;
    n->taken = take_frame(n, event) ? 1 : 0;
    return n->taken > 0;
}

static int poll_all(sb_net_zmq *n, uint64_t timeout_ms)
{
    zmq_pollitem_t items[2 * SB_NET_LINKS_MAX];
    int count = 0;
    for (uint32_t i = 0; i < n->link_count; i++) {
        const sb_link *link = &n->links[i];
        bool is_down = link->kind == SB_LINK_DIALLED && link->peer == 0;
        if (link->kind == SB_LINK_CLOSED)
            continue;
        if (!is_down || link->handshaken)
            items[count++] = (zmq_pollitem_t){.socket = link->socket,
                                              .events = is_down ? ZMQ_POLLOUT : ZMQ_POLLIN};
        items[count++] = (zmq_pollitem_t){.socket = link->monitor, .events = ZMQ_POLLIN};
    }
    return zmq_poll(items, count, (long)timeout_ms);
}

sb_err sb_net_zmq_wait(sb_net *net, uint32_t timeout_ms, sb_net_event *event, sb_fail *fail)
{
    sb_net_zmq *n = (sb_net_zmq *)net;
    uint64_t now_ms = sb_net_now_ms(), end_ms = now_ms + timeout_ms;
    *event = (sb_net_event){.kind = SB_NET_NOTHING};
    if (n->zap != NULL && !sb_zap_alive(n->zap))
        return sb_fail_set(fail, SB_E_NET_ZAP_DEAD, NULL);
    /* connections that come and go wake us too, and are nobody's event */
    while (!read_any(n, event) && now_ms < end_ms) {
        if (poll_all(n, end_ms - now_ms) < 0) {
            if (zmq_errno() == EINTR)
                break; /* a signal: the caller looks */
            return sb_fail_set(fail, SB_E_NET_BROKEN, "poll", zmq_strerror(zmq_errno()), NULL);
        }
        now_ms = sb_net_now_ms();
    }
    return SB_OK;
}
