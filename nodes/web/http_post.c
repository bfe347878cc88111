/* One POST over a plain connection, the whole answer read until the peer closes. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "nodes/web/http.h"
#include "nodes/web/http_inside.h"

bool sb_http_read_url(const char *url, sb_http_target *t)
{
    static const char SCHEME[] = "http://";
    if (strncmp(url, SCHEME, sizeof SCHEME - 1) != 0)
        return false;
    const char *at = url + sizeof SCHEME - 1;
    size_t len = strcspn(at, "/"), host = strcspn(at, ":/");
    t->path = at[len] == '\0' ? "/" : at + len;
    if (host == 0 || host >= sizeof t->host || strpbrk(url, " \r\n") != NULL)
        return false;
    memcpy(t->host, at, host);
    t->host[host] = '\0';
    size_t port = len > host ? len - host - 1 : 0;
    if (len > host && (port == 0 || port >= sizeof t->port))
        return false;
    (void)snprintf(t->port, sizeof t->port, "%.*s", port == 0 ? 2 : (int)port,
                   port == 0 ? "80" : at + host + 1);
    return true;
}

static uint64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What comes next on this socket waits until the deadline at most. False: it has passed. */
static bool limit_wait(int fd, uint64_t deadline_ms)
{
    uint64_t now_ms = monotonic_ms();
    if (now_ms >= deadline_ms) {
        errno = ETIMEDOUT;
        return false;
    }
    const struct timeval limit = {.tv_sec = (time_t)((deadline_ms - now_ms) / 1000),
                                  .tv_usec = (suseconds_t)((deadline_ms - now_ms) % 1000 * 1000)};
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0;
}

static int dial(const sb_http_target *t, uint64_t deadline_ms, const char **why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int rc = getaddrinfo(t->host, t->port, &hints, &list), fd = -1;
    if (rc != 0) {
        *why = gai_strerror(rc);
        return -1;
    }
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0)
            continue;
        if (limit_wait(fd, deadline_ms) && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            break;
        *why = strerror(errno);
        (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

static bool send_all(int fd, uint64_t deadline_ms, sb_slice bytes)
{
    while (bytes.len > 0) {
        if (!limit_wait(fd, deadline_ms))
            return false;
        ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes = sb_slice_of(bytes.data + sent, bytes.len - (size_t)sent);
    }
    return true;
}

static bool receive_all(int fd, uint64_t deadline_ms, size_t most, sb_buf *out)
{
    uint8_t part[4096];
    for (;;) {
        if (!limit_wait(fd, deadline_ms))
            return false;
        ssize_t got = recv(fd, part, sizeof part, 0);
        if (got <= 0)
            return got == 0;
        if (out->len + (size_t)got > most)
            return false;
        sb_buf_add(out, sb_slice_of(part, (size_t)got));
    }
}

bool sb_http_split(sb_slice whole, uint32_t *status, sb_slice *body)
{
    if (whole.len < 12 || memcmp(whole.data, "HTTP/1.", 7) != 0)
        return false;
    const uint8_t *end = memmem(whole.data, whole.len, "\r\n\r\n", 4);
    if (end == NULL)
        return false;
    *status = 0;
    for (size_t i = 9; i < 12; i++) {
        if (whole.data[i] < '0' || whole.data[i] > '9')
            return false;
        *status = *status * 10 + (uint32_t)(whole.data[i] - '0');
    }
    *body = sb_slice_of(end + 4, (size_t)(whole.data + whole.len - end) - 4);
    return true;
}

sb_err sb_http_post(const char *url, const char *type, sb_slice body, size_t answer_max,
                    uint32_t *status, sb_buf *answer, sb_fail *fail)
{
    sb_http_target t;
    if (!sb_http_read_url(url, &t))
        return sb_fail_set(fail, SB_E_HTTP_URL, url, NULL);
    const char *why = "?";
    const uint64_t deadline_ms = monotonic_ms() + (uint64_t)SB_HTTP_REQUEST_S * 1000;
    int fd = dial(&t, deadline_ms, &why);
    if (fd < 0)
        return sb_fail_set(fail, SB_E_HTTP_PEER, url, why, NULL);
    sb_buf head, whole;
    sb_slice rest;
    sb_buf_init(&head);
    sb_buf_init(&whole);
    /* HTTP/1.0: no chunks, and the peer closes when it is done */
    sb_buf_printf(&head,
                  "POST %s HTTP/1.0\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                  t.path, t.host, type, body.len);
    bool ok = send_all(fd, deadline_ms, sb_buf_slice(&head)) && send_all(fd, deadline_ms, body) &&
              receive_all(fd, deadline_ms, answer_max + SB_HTTP_HEAD_BYTES_MAX, &whole) &&
              sb_http_split(sb_buf_slice(&whole), status, &rest);
    if (ok)
        sb_buf_add(answer, rest);
    else
        sb_fail_set(fail, SB_E_HTTP_PEER, url, errno != 0 ? strerror(errno) : "?", NULL);
    sb_buf_deinit(&head);
    sb_buf_deinit(&whole);
    (void)close(fd);
    return ok ? SB_OK : SB_E_HTTP_PEER;
}
