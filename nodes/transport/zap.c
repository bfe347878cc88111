#include "nodes/transport/zap.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <zmq.h>

#include "proto/base/buf.h"
#include "proto/base/hash.h"

enum { ZAP_PARTS = 7, ZAP_PART_BYTES_MAX = 256 };

struct sb_zap {
    pthread_t thread;
    pthread_mutex_t lock; /* guards the list */
    uint8_t (*allowed)[32];
    size_t allowed_count;
    void *handler; /* REP, the thread's from the start on */
    void *control; /* PAIR, ours */
    void *control_thread;
    atomic_bool alive;
    bool stopping;
};

static bool is_allowed(sb_zap *zap, const uint8_t pk[32])
{
    bool found = false;
    pthread_mutex_lock(&zap->lock);
    for (size_t i = 0; i < zap->allowed_count && !found; i++)
        found = memcmp(zap->allowed[i], pk, 32) == 0;
    pthread_mutex_unlock(&zap->lock);
    return found;
}

/* One request: version, request id, domain, address, identity, mechanism, credentials. */
typedef struct zap_request {
    size_t count;
    size_t len[ZAP_PARTS];
    uint8_t part[ZAP_PARTS][ZAP_PART_BYTES_MAX];
} zap_request;

/* False when the socket failed. Parts beyond those expected are read and dropped. */
static bool receive(void *socket, zap_request *request)
{
    int more = 1;
    request->count = 0;
    while (more) {
        uint8_t part[ZAP_PART_BYTES_MAX];
        int len = zmq_recv(socket, part, sizeof part, 0);
        if (len < 0)
            return false;
        if (request->count < ZAP_PARTS) {
            /* A longer part than fits is cut by zmq_recv, which then returns its full length. */
            size_t kept = (size_t)len > sizeof part ? 0 : (size_t)len;
            memcpy(request->part[request->count], part, kept);
            request->len[request->count] = kept;
        }
        request->count++;
        size_t size = sizeof more;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0)
            return false;
    }
    return true;
}

static bool part_is(const zap_request *r, size_t i, const char *text)
{
    return r->len[i] == strlen(text) && memcmp(r->part[i], text, r->len[i]) == 0;
}

/* "300": not now. Who is refused may be let in when the ledger names it; after a "400" libzmq's other
 * end never dials again. */
static bool answer(void *socket, const zap_request *r, bool ok, const char *user)
{
    return zmq_send(socket, "1.0", 3, ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, r->part[1], r->len[1], ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, ok ? "200" : "300", 3, ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, ok ? "OK" : "No", 2, ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, user, strlen(user), ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, "", 0, 0) >= 0;
}

static bool serve_one(sb_zap *zap)
{
    zap_request r = {0}; /* also of the parts that don't come */
    if (!receive(zap->handler, &r))
        return false;
    bool ok = r.count == ZAP_PARTS && part_is(&r, 0, "1.0") && part_is(&r, 2, SB_ZAP_DOMAIN) &&
              part_is(&r, 5, "CURVE") && r.len[6] == 32 && is_allowed(zap, r.part[6]);
    char user[65] = "";
    if (ok)
        sb_hex(sb_slice_of(r.part[6], 32), user);
    return answer(zap->handler, &r, ok, user);
}

static void *run(void *arg)
{
    sb_zap *zap = arg;
    for (;;) {
        zmq_pollitem_t items[2] = {{.socket = zap->handler, .events = ZMQ_POLLIN},
                                   {.socket = zap->control_thread, .events = ZMQ_POLLIN}};
        if (zmq_poll(items, 2, -1) < 0) {
            if (zmq_errno() == EINTR)
                continue; /* a signal that is another thread's business */
            break;
        }
        if (items[1].revents != 0)
            break;
        if (items[0].revents != 0 && !serve_one(zap))
            break;
    }
    atomic_store(&zap->alive, false);
    return NULL;
}

static void free_zap(sb_zap *zap)
{
    if (zap->handler != NULL)
        zmq_close(zap->handler);
    if (zap->control != NULL)
        zmq_close(zap->control);
    if (zap->control_thread != NULL)
        zmq_close(zap->control_thread);
    pthread_mutex_destroy(&zap->lock);
    free(zap->allowed);
    free(zap);
}

sb_err sb_zap_start(sb_zap **out, void *zmq_context, sb_fail *fail)
{
    sb_zap *zap = sb_xmalloc(sizeof *zap);
    *zap = (sb_zap){0};
    pthread_mutex_init(&zap->lock, NULL);
    zap->handler = zmq_socket(zmq_context, ZMQ_REP);
    zap->control = zmq_socket(zmq_context, ZMQ_PAIR);
    zap->control_thread = zmq_socket(zmq_context, ZMQ_PAIR);
    int zero = 0;
    bool ok = zap->handler != NULL && zap->control != NULL && zap->control_thread != NULL &&
              zmq_setsockopt(zap->handler, ZMQ_LINGER, &zero, sizeof zero) == 0 &&
              zmq_setsockopt(zap->control, ZMQ_LINGER, &zero, sizeof zero) == 0 &&
              zmq_bind(zap->handler, "inproc://zeromq.zap.01") == 0 &&
              zmq_bind(zap->control, "inproc://samband.zap.control") == 0 &&
              zmq_connect(zap->control_thread, "inproc://samband.zap.control") == 0;
    atomic_init(&zap->alive, true);
    if (!ok || pthread_create(&zap->thread, NULL, run, zap) != 0) {
        free_zap(zap);
        return sb_fail_set(fail, SB_E_NET_BROKEN, "ZAP", NULL);
    }
    *out = zap;
    return SB_OK;
}

void sb_zap_allow(sb_zap *zap, const uint8_t (*public_keys)[32], size_t count)
{
    uint8_t(*copy)[32] = sb_xmalloc((count + 1) * 32);
    if (count > 0)
        memcpy(copy, public_keys, count * 32);
    pthread_mutex_lock(&zap->lock);
    uint8_t(*old)[32] = zap->allowed;
    zap->allowed = copy;
    zap->allowed_count = count;
    pthread_mutex_unlock(&zap->lock);
    free(old);
}

bool sb_zap_alive(const sb_zap *zap)
{
    return atomic_load(&zap->alive);
}

void sb_zap_kill(sb_zap *zap)
{
    zmq_send(zap->control, "", 0, ZMQ_DONTWAIT);
}

void sb_zap_stop(sb_zap *zap)
{
    if (zap == NULL)
        return;
    sb_zap_kill(zap);
    pthread_join(zap->thread, NULL);
    free_zap(zap);
}
