/* The bounds of HTTP: who says nothing, who says a byte now and then, answers without end. Takes as
 * long as one request may. */
#include "tests/lib/cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nodes/web/http.h"

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void hello(void *arg, const sb_http_request *request, sb_http_answer *answer)
{
    (void)arg, (void)request;
    answer->status = 200;
    answer->type = "text/plain";
    sb_buf_str(&answer->body, "hei\n");
}

static int dialled(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* The server closed it. */
static bool is_cut(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char byte;
    return poll(&p, 1, 0) == 1 && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

/* All places taken by connections that say nothing, but for one that says a byte a second. The silent
 * ones go when SB_HTTP_TIMEOUT_S is over, the other one when its request has taken SB_HTTP_REQUEST_S;
 * then a member of the public is served. */
static void test_slow_clients(void **state)
{
    (void)state;
    int fds[SB_HTTP_CONNECTIONS_MAX];
    sb_http *http = NULL;
    sb_fail fail;
    assert_int_equal(sb_http_open(&http, "127.0.0.1:0", 1000, hello, NULL, &fail), SB_OK);
    uint16_t port = sb_http_port(http);
    for (size_t i = 0; i < SB_HTTP_CONNECTIONS_MAX; i++) {
        fds[i] = dialled(port);
        sb_http_run(http, 5);
    }
    assert_int_equal(send(fds[0], "POST / HTTP/1.1\r\n", 17, 0), 17);
    uint64_t start_ms = now_ms(), silent_ms = 0, slow_ms = 0, told_ms = start_ms;
    while (slow_ms == 0 && now_ms() - start_ms < 1000 * (SB_HTTP_REQUEST_S + 10)) {
        sb_http_run(http, 50);
        uint64_t t = now_ms() - start_ms;
        if (now_ms() - told_ms >= 1000) {
            (void)send(fds[0], "X", 1, MSG_NOSIGNAL);
            told_ms = now_ms();
        }
        if (silent_ms == 0 && is_cut(fds[1]))
            silent_ms = t;
        if (is_cut(fds[0]))
            slow_ms = t;
    }
    print_message("silent %llu ms, slow %llu ms\n", (unsigned long long)silent_ms,
                  (unsigned long long)slow_ms);
    assert_true(silent_ms >= 1000 * (SB_HTTP_TIMEOUT_S - 2));
    assert_true(silent_ms <= 1000 * (SB_HTTP_TIMEOUT_S + 4));
    assert_true(slow_ms >= 1000 * (SB_HTTP_REQUEST_S - 1));
    assert_true(slow_ms <= 1000 * (SB_HTTP_REQUEST_S + 4));
    int fd = dialled(port);
    char answer[200] = "";
    assert_true(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, 0) == 18);
    for (int i = 0; i < 100 && strstr(answer, "hei") == NULL; i++) {
        sb_http_run(http, 20);
        (void)recv(fd, answer, sizeof answer - 1, MSG_DONTWAIT | MSG_PEEK);
    }
    assert_non_null(strstr(answer, "hei"));
    close(fd);
    for (size_t i = 0; i < SB_HTTP_CONNECTIONS_MAX; i++)
        close(fds[i]);
    sb_http_close(http);
}

/* A witness of somebody else's that answers so. */
static pid_t answering(uint16_t *port, const char *head, uint64_t pause_ms)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    pid_t child = fork();
    if (child == 0) {
        int peer = accept(fd, NULL, NULL);
        (void)send(peer, head, strlen(head), MSG_NOSIGNAL);
        while (send(peer, "X-A: b\r\n", 8, MSG_NOSIGNAL) > 0)
            usleep((useconds_t)(1000 * pause_ms));
        _exit(0);
    }
    close(fd);
    return child;
}

static uint64_t asked(uint64_t pause_ms)
{
    uint16_t port;
    char url[64];
    uint32_t status;
    sb_buf answer;
    sb_fail fail;
    pid_t child = answering(&port, "HTTP/1.1 200 OK\r\n", pause_ms);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/add-checkpoint", port);
    sb_buf_init(&answer);
    uint64_t start_ms = now_ms();
    assert_int_equal(
        sb_http_post(url, "text/plain", sb_slice_str("x"), 4096, &status, &answer, &fail),
        SB_E_HTTP_PEER);
    sb_buf_deinit(&answer);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return now_ms() - start_ms;
}

static void test_endless_headers(void **state)
{
    (void)state;
    assert_true(asked(0) < 5000); /* SB_HTTP_HEAD_BYTES_MAX and the answer's own are soon full */
}

static void test_trickling_answer(void **state)
{
    (void)state;
    uint64_t took_ms = asked(1000);
    print_message("%llu ms\n", (unsigned long long)took_ms);
    assert_true(took_ms >= 1000 * (SB_HTTP_REQUEST_S - 1));
    assert_true(took_ms <= 1000 * (SB_HTTP_REQUEST_S + 4));
}

/* Server and client wait, each as long as one request may take: at the same time. */
int main(void)
{
    const struct CMUnitTest server[] = {cmocka_unit_test(test_slow_clients)};
    const struct CMUnitTest client[] = {cmocka_unit_test(test_endless_headers),
                                        cmocka_unit_test(test_trickling_answer)};
    pid_t child = fork();
    if (child < 0)
        return 1;
    if (child == 0)
        return cmocka_run_group_tests(client, NULL, NULL) != 0;
    int failed = cmocka_run_group_tests(server, NULL, NULL), status = 0;
    if (waitpid(child, &status, 0) != child)
        return 1;
    return failed != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}
