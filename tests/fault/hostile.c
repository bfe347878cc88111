/* A hostile client of a daemon's sockets, over raw libzmq: tests of access and floods run it.
 *
 *   hostile knock ENDPOINT MECHANISM [SERVER_PK CURVE_KEY_FILE [ROUTING_ID]]
 *       MECHANISM: curve, null, plain. Connect, say Hello and ask for everything, wait up to 2 s; says
 *       "shaken N answered N": handshakes that succeeded, frames that came back.
 *   hostile cosign ENDPOINT SERVER_PK CURVE_KEY_FILE WITNESS_KEY_FILE CLAIMED_PK ORIGIN SIZE ROOT
 *       Confirm that head with one organisation's key in another's name, and in several spellings.
 *   hostile flood ENDPOINT KIND SECONDS CONNECTIONS [SERVER_PK CURVE_KEY_FILE] [NAME=VALUE…]
 *       Send frames of KIND as fast as they are taken; without a key over a local socket. Says
 *       "sent N received N". KIND: garbage hello pull submit valid blob promise huge witness query
 *       mixed. valid needs federation=HEX key=FILE pass=FILE seq=N. With count=N no more than N are
 *       sent, and it ends when as many frames came back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "nodes/host/keystore.h"
#include "nodes/host/random.h"
#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"
#include "proto/sign/sign.h"
#include "proto/wire/entry.h"
#include "proto/wire/frame.h"
#include "proto/wire/payload.h"

enum { CONNECTIONS_MAX = 64, KINDS = 10 };

static const char *const KIND_NAMES[KINDS] = {"garbage", "hello",   "pull", "submit",  "valid",
                                              "blob",    "promise", "huge", "witness", "query"};

typedef struct world {
    void *context;
    uint8_t server_pk[32], public_key[32], secret_key[32];
    bool has_keys;
    uint8_t federation_id[32];
    sb_secret *member;
    uint64_t seq, most;
    sb_buf entry, bad_entry, frame;
    uint8_t *zeros;
} world;

static void die(const char *what)
{
    fprintf(stderr, "hostile: %s\n", what);
    exit(2);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void read_keys(world *w, const char *server_pk, const char *file)
{
    if (!sb_unhex(sb_slice_str(server_pk), w->server_pk, 32))
        die("server key");
    if (strcmp(file, "new") == 0) {
        sb_random_bytes(w->secret_key, 32);
        sb_curve_public(w->secret_key, w->public_key);
    } else if (sb_keystore_load_curve(file, w->secret_key, w->public_key, NULL) != SB_OK) {
        die(file);
    }
    w->has_keys = true;
}

static void *open_socket(world *w, const char *endpoint, const char *mechanism, const char *name)
{
    void *s = zmq_socket(w->context, ZMQ_DEALER);
    int zero = 0, hwm = 100;
    zmq_setsockopt(s, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(s, ZMQ_SNDHWM, &hwm, sizeof hwm);
    if (name != NULL)
        zmq_setsockopt(s, ZMQ_ROUTING_ID, name, strlen(name));
    if (strcmp(mechanism, "curve") == 0 && w->has_keys) {
        zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, w->server_pk, 32);
        zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, w->public_key, 32);
        zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, w->secret_key, 32);
    } else if (strcmp(mechanism, "plain") == 0) {
        zmq_setsockopt(s, ZMQ_PLAIN_USERNAME, "admin", 5);
        zmq_setsockopt(s, ZMQ_PLAIN_PASSWORD, "admin", 5);
    }
    return s;
}

/* ---- frames ---- */

static void make_entry(world *w)
{
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    char title[32];
    sb_entry_head head;
    snprintf(title, sizeof title, "Flom %llu", (unsigned long long)w->seq);
    report.body = "ssu";
    report.title = title;
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    sb_entry_head_init(&head, w->federation_id, w->seq++);
    sb_buf_clear(&w->entry);
    sb_fail fail = {0};
    if (sb_entry_make(SB_ENTRY_CASE_REPORT, &report.base, &head, w->member, &w->entry, &fail) !=
        SB_OK)
        die(sb_err_name(fail.code));
    /* the same with a signature that doesn't hold */
    sb_buf_clear(&w->bad_entry);
    sb_buf_add(&w->bad_entry, sb_buf_slice(&w->entry));
    w->bad_entry.data[w->bad_entry.len - 40] ^= 1;
}

static ProtobufCBinaryData bytes_of(const sb_buf *b)
{
    return (ProtobufCBinaryData){.len = b->len, .data = b->data};
}

static void make_frame(world *w, uint32_t kind)
{
    Sb__Frame f = SB__FRAME__INIT;
    Sb__Hello hello = SB__HELLO__INIT;
    Sb__Pull pull = SB__PULL__INIT;
    Sb__Submit submit = SB__SUBMIT__INIT;
    Sb__BlobPut put = SB__BLOB_PUT__INIT;
    Sb__PromiseAsk ask = SB__PROMISE_ASK__INIT;
    Sb__WitnessAsk witness = SB__WITNESS_ASK__INIT;
    Sb__Query query = SB__QUERY__INIT;
    uint8_t sha256[32];
    sb_buf_clear(&w->frame);
    sb_random_bytes(sha256, 32);
    f.request = 7;
    switch (kind) {
    case 0:
        sb_buf_add(&w->frame, sb_slice_of(sha256, 32));
        return;
    case 1:
        hello.organisation = "kommune";
        hello.federation_id = (ProtobufCBinaryData){.len = 32, .data = w->federation_id};
        f.body_case = SB__FRAME__BODY_HELLO;
        f.hello = &hello;
        break;
    case 2:
        pull.credit = UINT32_MAX;
        f.body_case = SB__FRAME__BODY_PULL;
        f.pull = &pull;
        break;
    case 3:
    case 4:
        make_entry(w);
        submit.entry = bytes_of(kind == 3 ? &w->bad_entry : &w->entry);
        f.body_case = SB__FRAME__BODY_SUBMIT;
        f.submit = &submit;
        break;
    case 5:
        put.sha256 = (ProtobufCBinaryData){.len = 32, .data = sha256};
        put.size = SB_BLOB_BYTES_MAX;
        put.data = (ProtobufCBinaryData){.len = SB_BLOB_CHUNK_BYTES, .data = w->zeros};
        f.body_case = SB__FRAME__BODY_BLOB_PUT;
        f.blob_put = &put;
        break;
    case 6:
        ask.term = 2;
        ask.log_pk = (ProtobufCBinaryData){.len = 32, .data = sha256};
        f.body_case = SB__FRAME__BODY_PROMISE_ASK;
        f.promise_ask = &ask;
        break;
    case 7:
        sb_buf_add(&w->frame, sb_slice_of(w->zeros, SB_FRAME_BYTES_MAX));
        return;
    case 8:
        witness.body = (ProtobufCBinaryData){.len = 60000, .data = w->zeros};
        f.body_case = SB__FRAME__BODY_WITNESS_ASK;
        f.witness_ask = &witness;
        break;
    case 9:
        query.name = "status";
        f.body_case = SB__FRAME__BODY_QUERY;
        f.query = &query;
        break;
    default:
        die("kind");
    }
    sb_frame_encode(&f, &w->frame);
}

static size_t drain(void *socket)
{
    size_t count = 0;
    zmq_msg_t m;
    zmq_msg_init(&m);
    while (zmq_msg_recv(&m, socket, ZMQ_DONTWAIT) >= 0)
        count++;
    zmq_msg_close(&m);
    return count;
}

/* ---- knocking ---- */

static int knock(world *w, int argc, char **argv)
{
    if (argc < 4)
        die("knock ENDPOINT MECHANISM …");
    if (argc >= 6)
        read_keys(w, argv[4], argv[5]);
    void *s = open_socket(w, argv[2], argv[3], argc > 6 ? argv[6] : NULL);
    void *monitor = zmq_socket(w->context, ZMQ_PAIR);
    size_t shaken = 0, answered = 0;
    if (zmq_socket_monitor(s, "inproc://m", ZMQ_EVENT_HANDSHAKE_SUCCEEDED) != 0 ||
        zmq_connect(monitor, "inproc://m") != 0 || zmq_connect(s, argv[2]) != 0)
        die("connect");
    static const uint32_t ASK[] = {1, 2, 3, 6, 8, 9};
    for (size_t i = 0; i < sizeof ASK / sizeof *ASK; i++) {
        make_frame(w, ASK[i]);
        zmq_send(s, w->frame.data, w->frame.len, ZMQ_DONTWAIT);
    }
    uint64_t end = now_ms() + 2000;
    bool is_named = argc > 6; /* it holds the name until the end */
    while (now_ms() < end && (is_named || shaken == 0 || answered == 0)) {
        zmq_pollitem_t items[2] = {{.socket = s, .events = ZMQ_POLLIN},
                                   {.socket = monitor, .events = ZMQ_POLLIN}};
        zmq_poll(items, 2, 100);
        answered += drain(s);
        shaken += drain(monitor) / 2;
    }
    printf("shaken %zu answered %zu\n", shaken, answered);
    zmq_socket_monitor(s, NULL, 0);
    zmq_close(monitor);
    zmq_close(s);
    return 0;
}

/* ---- confirming in another's name ---- */

static int cosign(world *w, int argc, char **argv)
{
    static const sb_passphrase_source never = {.never_ask = true};
    sb_checkpoint head = {0};
    sb_secret *witness = NULL;
    uint8_t claimed[32];
    sb_cosignature made;
    if (argc < 10)
        die("cosign …");
    read_keys(w, argv[3], argv[4]);
    snprintf(head.origin, sizeof head.origin, "%s", argv[7]);
    head.size = strtoull(argv[8], NULL, 10);
    if (sb_keystore_load(argv[5], SB_KEY_WITNESS, &never, &witness, NULL) != SB_OK ||
        !sb_unhex(sb_slice_str(argv[6]), claimed, 32) ||
        !sb_unhex(sb_slice_str(argv[9]), head.root, 32) ||
        sb_cosign(&head, witness, (uint64_t)time(NULL), &made, NULL) != SB_OK)
        die("cosign");
    void *s = open_socket(w, argv[2], "curve", NULL);
    if (zmq_connect(s, argv[2]) != 0)
        die("connect");
    make_frame(w, 1); /* Hello, as "kommune" */
    zmq_send(s, w->frame.data, w->frame.len, 0);
    for (int i = 0; i < 4; i++) {
        Sb__Cosign c = SB__COSIGN__INIT;
        Sb__Frame f = SB__FRAME__INIT;
        uint8_t zero[32] = {0};
        c.size = head.size;
        c.root = (ProtobufCBinaryData){.len = 32, .data = head.root};
        c.witness_pk = (ProtobufCBinaryData){.len = i == 3 ? 31 : 32,
                                             .data = i == 1   ? zero
                                                     : i == 2 ? (uint8_t *)sb_secret_pk(witness)
                                                              : claimed};
        c.time_s = made.time_s;
        c.signature = (ProtobufCBinaryData){.len = 64, .data = made.sig};
        f.body_case = SB__FRAME__BODY_COSIGN;
        f.cosign = &c;
        sb_buf_clear(&w->frame);
        sb_frame_encode(&f, &w->frame);
        zmq_send(s, w->frame.data, w->frame.len, 0);
    }
    zmq_msg_t answer;
    int wait = 3000;
    zmq_msg_init(&answer);
    zmq_setsockopt(s, ZMQ_RCVTIMEO, &wait, sizeof wait);
    int got = zmq_msg_recv(&answer, s, 0); /* it was heard */
    struct timespec pause = {.tv_nsec = 500000000};
    nanosleep(&pause, NULL);
    zmq_msg_close(&answer);
    zmq_close(s);
    sb_secret_free(witness);
    return got >= 0 ? 0 : 1;
}

/* ---- flooding ---- */

static uint32_t kind_of(const char *name, uint64_t turn)
{
    for (uint32_t i = 0; i < KINDS; i++)
        if (strcmp(name, KIND_NAMES[i]) == 0)
            return i;
    if (strcmp(name, "mixed") != 0)
        die("kind");
    return (uint32_t)(turn % KINDS);
}

static void option(world *w, const char *text, const char **key, const char **pass)
{
    const char *value = strchr(text, '=');
    if (value == NULL)
        die(text);
    value++;
    if (strncmp(text, "federation=", 11) == 0 &&
        !sb_unhex(sb_slice_str(value), w->federation_id, 32))
        die(text);
    if (strncmp(text, "key=", 4) == 0)
        *key = value;
    if (strncmp(text, "pass=", 5) == 0)
        *pass = value;
    if (strncmp(text, "seq=", 4) == 0)
        w->seq = strtoull(value, NULL, 10);
    if (strncmp(text, "count=", 6) == 0)
        w->most = strtoull(value, NULL, 10);
}

static int flood(world *w, int argc, char **argv)
{
    if (argc < 6)
        die("flood ENDPOINT KIND SECONDS CONNECTIONS …");
    int at = 6;
    const char *key = NULL, *pass = NULL;
    if (argc >= 8 && strchr(argv[6], '=') == NULL) {
        read_keys(w, argv[6], argv[7]);
        at = 8;
    }
    for (; at < argc; at++)
        option(w, argv[at], &key, &pass);
    if (key != NULL) {
        sb_passphrase_source source = {.file = pass, .never_ask = true};
        sb_secret_free(w->member);
        if (sb_keystore_load(key, SB_KEY_NONE, &source, &w->member, NULL) != SB_OK)
            die(key);
    }
    uint64_t count = strtoull(argv[5], NULL, 10), sent = 0, received = 0,
             end = now_ms() + strtoull(argv[4], NULL, 10) * 1000;
    void *sockets[CONNECTIONS_MAX];
    if (count < 1 || count > CONNECTIONS_MAX)
        die("connections");
    for (uint64_t i = 0; i < count; i++) {
        sockets[i] = open_socket(w, argv[2], w->has_keys ? "curve" : "null", NULL);
        if (zmq_connect(sockets[i], argv[2]) != 0)
            die("connect");
    }
    printf("ready\n");
    fflush(stdout);
    for (uint64_t turn = 0; now_ms() < end && (sent < w->most || received < w->most); turn++) {
        uint64_t before = sent;
        make_frame(w, kind_of(argv[3], turn));
        for (uint64_t i = 0; i < count; i++) {
            if (sent < w->most)
                sent += zmq_send(sockets[i], w->frame.data, w->frame.len, ZMQ_DONTWAIT) >= 0;
            received += drain(sockets[i]);
        }
        if (sent == before) { /* none takes more just now: this frame again, or the next kind */
            struct timespec pause = {.tv_nsec = 1000000};
            nanosleep(&pause, NULL);
            w->seq -= w->seq > 0 && kind_of(argv[3], turn) == 4;
        }
    }
    printf("sent %llu received %llu\n", (unsigned long long)sent, (unsigned long long)received);
    for (uint64_t i = 0; i < count; i++)
        zmq_close(sockets[i]);
    return 0;
}

int main(int argc, char **argv)
{
    world w = {0};
    uint8_t seed[32];
    int code = 2;
    w.most = UINT64_MAX;
    if (sb_sign_init(NULL) != SB_OK)
        return 2;
    sb_random_bytes(seed, 32);
    w.member = sb_secret_from_seed(seed);
    w.context = zmq_ctx_new();
    w.zeros = calloc(1, SB_FRAME_BYTES_MAX);
    sb_buf_init(&w.entry);
    sb_buf_init(&w.bad_entry);
    sb_buf_init(&w.frame);
    if (argc > 1 && strcmp(argv[1], "knock") == 0)
        code = knock(&w, argc, argv);
    else if (argc > 1 && strcmp(argv[1], "flood") == 0)
        code = flood(&w, argc, argv);
    else if (argc > 1 && strcmp(argv[1], "cosign") == 0)
        code = cosign(&w, argc, argv);
    else
        die("knock, cosign or flood");
    zmq_ctx_term(w.context);
    sb_secret_free(w.member);
    sb_buf_deinit(&w.entry);
    sb_buf_deinit(&w.bad_entry);
    sb_buf_deinit(&w.frame);
    free(w.zeros);
    return code;
}
