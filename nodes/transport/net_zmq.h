/* The net over ZeroMQ 4.3.4. PITFALLS "ZeroMQ" explains every setting.
 *
 * CURVE fails open without a ZAP handler: the handler's thread is started before the first bind,
 * the domain is set and enforced, and the net refuses to go on when the handler has died.
 */
#ifndef SB_TRANSPORT_NET_ZMQ_H
#define SB_TRANSPORT_NET_ZMQ_H

#include "nodes/transport/net.h"
#include "proto/base/limits.h"

enum {
    SB_NET_HEARTBEAT_MS = 5000,
    SB_NET_HEARTBEAT_TIMEOUT_MS = 15000,
    SB_NET_HANDSHAKE_MS = 5000,
};

typedef struct sb_curve_keys {
    uint8_t public_key[32];
    uint8_t secret_key[32]; /* the caller wipes its copy */
} sb_curve_keys;

/* Errors: SB_E_NET_NO_CURVE (libzmq built without it), SB_E_NET_BROKEN. */
sb_err sb_net_zmq_open(sb_net **out, sb_fail *fail);

/* Serve nodes: ROUTER with CURVE on a TCP endpoint ("tcp://0.0.0.0:7117"; port 0 or * picks one,
 * see sb_net_zmq_endpoint). Only allowed keys get in. Errors: SB_E_NET_BIND (endpoint, reason). */
sb_err sb_net_zmq_serve(sb_net *net, const char *endpoint, const sb_curve_keys *keys,
                        uint32_t *link, sb_fail *fail);
/* The keys that may connect from now on, replacing the former list. Who is connected with a key that
 * isn't on it is cut off now: nothing it sent is handed out any more. */
void sb_net_zmq_allow(sb_net *net, const uint8_t (*public_keys)[32], size_t count);
/* Serve members: ROUTER on a local socket file; its directory is made 0750, the socket 0660. */
sb_err sb_net_zmq_serve_local(sb_net *net, const char *path, uint32_t *link, sb_fail *fail);
/* Dial the broker: DEALER with CURVE; the peer is up when the handshake has succeeded, down when
 * the connection is lost; each connection is a new peer number. Reconnects by itself. */
sb_err sb_net_zmq_dial(sb_net *net, const char *endpoint, const uint8_t server_key[32],
                       const sb_curve_keys *keys, uint32_t *link, sb_fail *fail);
/* Dial one's own node. */
sb_err sb_net_zmq_dial_local(sb_net *net, const char *path, uint32_t *link, sb_fail *fail);
/* Dial no more; a peer that was up gets its DOWN, and the link's number may be given again. */
void sb_net_zmq_hang_up(sb_net *net, uint32_t link);
/* Where a link is bound ("tcp://127.0.0.1:40123"), borrowed. */
const char *sb_net_zmq_endpoint(const sb_net *net, uint32_t link);
/* For tests: the key checker dies, as a fault. */
void sb_net_zmq_kill_zap(sb_net *net);

#endif
