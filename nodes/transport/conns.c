#include "nodes/transport/conns.h"

#include <stdlib.h>

#include "proto/base/buf.h"

enum { FD_MAX = 1 << 20 };

void sb_conns_init(sb_conns *c)
{
    *c = (sb_conns){.oldest = -1, .youngest = -1};
}

void sb_conns_deinit(sb_conns *c)
{
    free(c->by_fd);
    sb_conns_init(c);
}

static sb_conn *find(const sb_conns *c, int32_t fd)
{
    if (fd < 0 || (size_t)fd >= c->cap || c->by_fd[fd].number == 0)
        return NULL;
    return &c->by_fd[fd];
}

/* No longer among the silent. */
static void unlist(sb_conns *c, sb_conn *conn)
{
    if (!conn->is_silent)
        return;
    if (conn->older >= 0)
        c->by_fd[conn->older].younger = conn->younger;
    else
        c->oldest = conn->younger;
    if (conn->younger >= 0)
        c->by_fd[conn->younger].older = conn->older;
    else
        c->youngest = conn->older;
    conn->is_silent = false;
}

static void forget(sb_conns *c, sb_conn *conn)
{
    unlist(c, conn);
    c->cut -= conn->is_cut;
    c->count--;
    *conn = (sb_conn){0};
}

void sb_conns_accepted(sb_conns *c, int32_t fd, uint64_t now_ms)
{
    if (fd < 0 || fd >= FD_MAX)
        return;
    size_t cap = c->cap == 0 ? 64 : c->cap;
    while (cap <= (size_t)fd)
        cap *= 2;
    if (cap > c->cap) {
        c->by_fd = sb_xrealloc(c->by_fd, cap * sizeof *c->by_fd);
        memset(&c->by_fd[c->cap], 0, (cap - c->cap) * sizeof *c->by_fd);
        c->cap = cap;
    }
    sb_conn *conn = &c->by_fd[fd];
    if (conn->number != 0)
        forget(c, conn);
    *conn = (sb_conn){.number = ++c->last_number,
                      .since_ms = now_ms,
                      .is_silent = true,
                      .older = c->youngest,
                      .younger = -1};
    if (c->youngest >= 0)
        c->by_fd[c->youngest].younger = fd;
    else
        c->oldest = fd;
    c->youngest = fd;
    c->count++;
}

uint64_t sb_conns_heard(sb_conns *c, int32_t fd)
{
    sb_conn *conn = find(c, fd);
    if (conn == NULL || conn->is_cut)
        return 0;
    unlist(c, conn);
    return conn->number;
}

void sb_conns_gone(sb_conns *c, int32_t fd)
{
    sb_conn *conn = find(c, fd);
    if (conn != NULL)
        forget(c, conn);
}

bool sb_conns_is(const sb_conns *c, int32_t fd, uint64_t number)
{
    const sb_conn *conn = find(c, fd);
    return conn != NULL && conn->number == number;
}

int32_t sb_conns_victim(sb_conns *c, uint64_t now_ms, uint64_t silent_ms, size_t max)
{
    int32_t fd = c->oldest;
    if (fd < 0)
        return -1;
    const sb_conn *conn = &c->by_fd[fd];
    return now_ms - conn->since_ms >= silent_ms || c->count - c->cut > max ? fd : -1;
}

void sb_conns_cut(sb_conns *c, int32_t fd)
{
    sb_conn *conn = find(c, fd);
    if (conn == NULL || conn->is_cut)
        return;
    unlist(c, conn);
    conn->is_cut = true;
    c->cut++;
}
