/* A small HTTP/1.1 server in the process's own loop (libmicrohttpd without threads): one handler,
 * bounded bodies, no state. And the smallest client, for asking an outside witness.
 *
 * Bind to 127.0.0.1 and put a reverse proxy with TLS before it.
 */
#ifndef SB_WEB_HTTP_H
#define SB_WEB_HTTP_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"

typedef struct sb_http_request {
    const char *method; /* "GET", "POST" */
    const char *path;   /* "/add-checkpoint", without a query */
    sb_slice body;      /* whole; empty for GET */
} sb_http_request;

typedef struct sb_http_answer {
    uint32_t status;
    const char *type; /* Content-Type */
    sb_buf body;
} sb_http_answer;

/* Fills the answer; its body is empty and given up afterwards. */
typedef void (*sb_http_handler)(void *arg, const sb_http_request *request, sb_http_answer *answer);

typedef struct sb_http sb_http;

/* Listen on "host:port" (an IPv4 address; port 0: any). A body over body_max gets 413.
 * Errors: SB_E_HTTP_LISTEN {address, why}. */
sb_err sb_http_open(sb_http **out, const char *address, size_t body_max, sb_http_handler handler,
                    void *arg, sb_fail *fail);
void sb_http_close(sb_http *http);
/* The port that is listened on. */
uint16_t sb_http_port(const sb_http *http);
/* Serve what comes within wait_ms, and cut off requests that take longer than SB_HTTP_REQUEST_S. */
void sb_http_run(sb_http *http, uint32_t wait_ms);

/* POST `body` to "http://host[:port]/path" and read the whole answer (at most answer_max bytes).
 * All of it takes at most SB_HTTP_REQUEST_S. Errors: SB_E_HTTP_URL {url}, SB_E_HTTP_PEER {url, why}. */
sb_err sb_http_post(const char *url, const char *type, sb_slice body, size_t answer_max,
                    uint32_t *status, sb_buf *answer, sb_fail *fail);

#endif
