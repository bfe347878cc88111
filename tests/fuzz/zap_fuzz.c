/* Requests to the ZAP handler, as libzmq would send them and as it wouldn't: it lets in the one key
 * that is allowed, in our domain, by CURVE, and answers everything else "no" in the right form. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "nodes/transport/zap.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { PARTS_MAX = 12, ZAP_PARTS = 7 };

static const uint8_t ALLOWED[1][32] = {{1, 2, 3}};
static void *context, *socket;
static sb_zap *zap;

static void get_ready(void)
{
    int ms = 10000;
    context = zmq_ctx_new();
    sb_fuzz_must(sb_zap_start(&zap, context, NULL) == SB_OK);
    sb_zap_allow(zap, ALLOWED, 1);
    socket = zmq_socket(context, ZMQ_REQ);
    sb_fuzz_must(zmq_setsockopt(socket, ZMQ_RCVTIMEO, &ms, sizeof ms) == 0);
    sb_fuzz_must(zmq_connect(socket, "inproc://zeromq.zap.01") == 0);
}

/* "200" or something else; the answer has six parts. */
static bool answered(void)
{
    bool ok = false;
    int more = 1, parts = 0;
    size_t size = sizeof more;
    while (more) {
        char part[300];
        int len;
        do
            len = zmq_recv(socket, part, sizeof part, 0);
        while (len < 0 && zmq_errno() == EINTR); /* libFuzzer's timer */
        sb_fuzz_must(len >= 0 && zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0);
        if (parts == 0)
            sb_fuzz_must(len == 3 && memcmp(part, "1.0", 3) == 0);
        if (parts == 2)
            ok = len == 3 && memcmp(part, "200", 3) == 0;
        parts++;
    }
    sb_fuzz_must(parts == 6);
    return ok;
}

static bool one(sb_slice input)
{
    static const char *const RIGHT[6] = {"1.0", "1", SB_ZAP_DOMAIN, "127.0.0.1", "", "CURVE"};
    sb_script s = sb_script_over(input);
    bool is_right = true;
    if (context == NULL)
        get_ready();
    size_t count = sb_script_u8(&s) < 192 ? ZAP_PARTS : 1 + sb_script_below(&s, PARTS_MAX);
    is_right = count == ZAP_PARTS;
    for (size_t i = 0; i < count; i++) {
        sb_slice part = i == 6  ? sb_slice_of(ALLOWED[0], 32)
                        : i < 6 ? sb_slice_str(RIGHT[i])
                                : sb_slice_str("");
        if (sb_script_u8(&s) >= 192) {
            sb_slice other = sb_script_u8(&s) < 32 ? sb_script_long_bytes(&s) : sb_script_bytes(&s);
            bool free_choice = i == 1 || i == 3 || i == 4;
            is_right = is_right && (free_choice || sb_slice_eq(other, part));
            part = other;
        }
        sb_fuzz_must(zmq_send(socket, part.data, part.len, i + 1 < count ? ZMQ_SNDMORE : 0) >= 0);
    }
    bool ok = answered();
    sb_fuzz_must(ok == is_right && sb_zap_alive(zap));
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* libzmq keeps a message's parts while they are on their way */
    return sb_fuzz_run_keeping(one, data, len, (sb_fuzz_bound){256 * 1024, 256});
}
