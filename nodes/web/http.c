#include "nodes/web/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* A connection, and since when its present request takes. libmicrohttpd's own timeout begins anew
 * with each byte. */
typedef struct client {
    struct MHD_Connection *connection; /* NULL: free */
    int fd;
    uint64_t since_ms;
} client;

struct sb_http {
    struct MHD_Daemon *daemon;
    sb_http_handler handler;
    void *arg;
    size_t body_max;
    client clients[SB_HTTP_CONNECTIONS_MAX];
};

static uint64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static client *find_client(sb_http *h, const struct MHD_Connection *connection)
{
    for (size_t i = 0; i < SB_HTTP_CONNECTIONS_MAX; i++)
        if (h->clients[i].connection == connection)
            return &h->clients[i];
    return NULL;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
    sb_http *h = arg;
    (void)state;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    client *c = find_client(h, code == MHD_CONNECTION_NOTIFY_STARTED ? NULL : connection);
    if (c == NULL)
        return;
    *c = (client){.fd = -1};
    if (code == MHD_CONNECTION_NOTIFY_STARTED && info != NULL)
        *c = (client){.connection = connection, .fd = info->connect_fd, .since_ms = monotonic_ms()};
}

/* Who sends a byte now and then doesn't keep a place from others. */
static void cut_slow(sb_http *h)
{
    uint64_t now_ms = monotonic_ms();
    for (size_t i = 0; i < SB_HTTP_CONNECTIONS_MAX; i++)
        if (h->clients[i].connection != NULL &&
            now_ms - h->clients[i].since_ms > (uint64_t)SB_HTTP_REQUEST_S * 1000)
            (void)shutdown(h->clients[i].fd, SHUT_RDWR);
}

/* One request while its body comes in. */
typedef struct incoming {
    sb_buf body;
    bool is_too_large;
} incoming;

static enum MHD_Result answer_with(struct MHD_Connection *connection, const sb_http_answer *a)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        a->body.len, a->body.len > 0 ? a->body.data : (void *)(uintptr_t) "",
        MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    enum MHD_Result queued = MHD_queue_response(connection, a->status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result finish(sb_http *h, struct MHD_Connection *connection, const char *path,
                              const char *method, const incoming *in)
{
    sb_http_answer answer = {.status = MHD_HTTP_CONTENT_TOO_LARGE, .type = "text/plain"};
    const sb_http_request request = {
        .method = method, .path = path, .body = sb_buf_slice(&in->body)};
    sb_buf_init(&answer.body);
    if (!in->is_too_large)
        h->handler(h->arg, &request, &answer);
    enum MHD_Result queued = answer_with(connection, &answer);
    sb_buf_deinit(&answer.body);
    return queued;
}

static enum MHD_Result on_access(void *arg, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *data_len, void **state)
{
    sb_http *h = arg;
    incoming *in = *state;
    (void)version;
    if (in == NULL) {
        in = sb_xmalloc(sizeof *in);
        *in = (incoming){0};
        sb_buf_init(&in->body);
        *state = in;
        return MHD_YES;
    }
    if (*data_len > 0) {
        in->is_too_large = in->is_too_large || *data_len > h->body_max - in->body.len;
        if (!in->is_too_large)
            sb_buf_add(&in->body, sb_slice_of(data, *data_len));
        *data_len = 0;
        return MHD_YES;
    }
    return finish(h, connection, url, method, in);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    incoming *in = *state;
    client *c = find_client(arg, connection);
    (void)code;
    if (c != NULL)
        c->since_ms = monotonic_ms();
    if (in == NULL)
        return;
    sb_buf_deinit(&in->body);
    free(in);
    *state = NULL;
}

static bool read_address(const char *address, struct sockaddr_in *out)
{
    char host[64];
    const char *colon = strrchr(address, ':');
    char *end = NULL;
    if (colon == NULL || (size_t)(colon - address) >= sizeof host || colon[1] == '\0')
        return false;
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    unsigned long port = strtoul(colon + 1, &end, 10);
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return *end == '\0' && port <= UINT16_MAX && inet_pton(AF_INET, host, &out->sin_addr) == 1;
}

sb_err sb_http_open(sb_http **out, const char *address, size_t body_max, sb_http_handler handler,
                    void *arg, sb_fail *fail)
{
    struct sockaddr_in at;
    *out = NULL;
    if (!read_address(address, &at))
        return sb_fail_set(fail, SB_E_HTTP_LISTEN, address, "host:port", NULL);
    sb_http *h = sb_xmalloc(sizeof *h);
    *h = (sb_http){.handler = handler, .arg = arg, .body_max = body_max};
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL, ntohs(at.sin_port), NULL, NULL, on_access, h, MHD_OPTION_SOCK_ADDR, &at,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)SB_HTTP_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SB_HTTP_TIMEOUT_S, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
    if (h->daemon == NULL) {
        sb_fail_set(fail, SB_E_HTTP_LISTEN, address, strerror(errno), NULL);
        free(h);
        return SB_E_HTTP_LISTEN;
    }
    *out = h;
    return SB_OK;
}

void sb_http_close(sb_http *h)
{
    if (h == NULL)
        return;
    MHD_stop_daemon(h->daemon);
    free(h);
}

uint16_t sb_http_port(const sb_http *h)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void sb_http_run(sb_http *h, uint32_t wait_ms)
{
    (void)MHD_run_wait(h->daemon, (int32_t)wait_ms);
    cut_slow(h);
}
