/* A process as a newer version of the program might be, for tests: preloaded (LD_PRELOAD), it stands
 * between the program and libzmq and changes what is sent.
 *
 *   SB_NEWER=engine      each Hello names engine 2
 *   SB_NEWER=field:3     a field that nobody knows (nr. 99) in each frame with body 3 (Welcome)
 *   SB_NEWER=body:2      in place of body 2 (Hello) one that nobody knows (nr. 100)
 *
 * Numbers are those of message Frame in proto/schema/frame.proto, below 16. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { HELLO = 2, HELLO_ENGINE_TAG = 0x20, OUR_ENGINE = 1, BIG = 1024 * 1024 };

typedef int send_fn(zmq_msg_t *message, void *socket, int flags);

/* The body's number and where its tag stands (`request`, field 1, may stand before it); 0: none. */
static unsigned body_of(const uint8_t *p, size_t len, size_t *at)
{
    size_t i = 0;
    if (len > 1 && p[0] == 0x08) {
        for (i = 1; i < len && (p[i] & 0x80) != 0; i++)
            ;
        i++;
    }
    *at = i;
    return i < len && (p[i] & 7) == 2 ? p[i] >> 3 : 0;
}

/* Hello is short: its length is one byte, its fields come in order. */
static void name_engine(uint8_t *p, size_t len, size_t at)
{
    for (size_t i = at + 2; i + 1 < len;) {
        unsigned kind = p[i] & 7;
        if (p[i] == HELLO_ENGINE_TAG && p[i + 1] == OUR_ENGINE) {
            p[i + 1] = OUR_ENGINE + 1;
            return;
        }
        i++;
        if (kind == 2) {
            i += 1u + p[i];
        } else {
            while (i < len && (p[i] & 0x80) != 0)
                i++;
            i++;
        }
    }
}

static size_t change(const char *how, uint8_t *p, size_t len)
{
    static const uint8_t FIELD_99[] = {0x98, 0x06, 0x01};
    static const uint8_t BODY_100[] = {0xa2, 0x06, 0x00};
    const char *number = strchr(how, ':');
    size_t at;
    unsigned body = body_of(p, len, &at);
    bool is_meant = number != NULL && body == (unsigned)atoi(number + 1);
    if (strcmp(how, "engine") == 0 && body == HELLO) {
        name_engine(p, len, at);
    } else if (strncmp(how, "field", 5) == 0 && is_meant) {
        memcpy(p + len, FIELD_99, sizeof FIELD_99);
        len += sizeof FIELD_99;
    } else if (strncmp(how, "body", 4) == 0 && is_meant) {
        memcpy(p, BODY_100, sizeof BODY_100);
        len = sizeof BODY_100;
    }
    return len;
}

int zmq_msg_send(zmq_msg_t *message, void *socket, int flags);
int zmq_msg_send(zmq_msg_t *message, void *socket, int flags)
{
    static send_fn *real;
    if (real == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "zmq_msg_send");
        memcpy(&real, &symbol, sizeof real);
    }
    const char *how = getenv("SB_NEWER");
    size_t len = zmq_msg_size(message);
    if (how == NULL || len == 0 || len > BIG)
        return real(message, socket, flags);
    uint8_t *copy = malloc(len + 8);
    zmq_msg_t other;
    if (copy == NULL)
        return -1;
    memcpy(copy, zmq_msg_data(message), len);
    len = change(how, copy, len);
    if (zmq_msg_init_size(&other, len) != 0) {
        free(copy);
        return -1;
    }
    memcpy(zmq_msg_data(&other), copy, len);
    free(copy);
    int sent = real(&other, socket, flags);
    if (sent >= 0) /* taken, as the caller expects */
        zmq_msg_close(message);
    if (sent < 0)
        zmq_msg_close(&other);
    return sent;
}
