/* One ring of jobs in the order submitted; workers take from `next`, the owner collects from
 * `head`. A parallel-for stands beside it, never at the same time. */
#include "nodes/host/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "nodes/host/slice.h"
#include "proto/base/buf.h"

typedef struct job {
    sb_pool_fn fn;
    void *item;
    bool is_done;
} job;

struct sb_pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    job *ring;
    size_t cap;
    uint64_t head, next, tail; /* collected < head <= next <= tail; slot = number % cap */
    struct {
        sb_pool_fn fn;
        uint8_t *items;
        size_t size, count, next, left, share;
    } run;
    bool is_stopping;
    bool is_signalled; /* what `fd` shows */
    int fd;
    unsigned thread_count;
    pthread_t threads[SB_POOL_THREADS_MAX];
};

static void die(const char *what)
{
    (void)fprintf(stderr, "samband: %s: %s\n", "pool", what);
    abort();
}

/* Keep `fd` readable exactly while the oldest job is done. Called with the lock held. */
static void show_state(sb_pool *p)
{
    bool ready = p->head < p->tail && p->ring[p->head % p->cap].is_done;
    uint64_t one = 1;
    if (ready == p->is_signalled)
        return;
    ssize_t moved = ready ? write(p->fd, &one, sizeof one) : read(p->fd, &one, sizeof one);
    if (moved != (ssize_t)sizeof one)
        die("eventfd");
    p->is_signalled = ready;
}

/* Take and do a share of the parallel-for. Called and returns with the lock held. */
static void do_share(sb_pool *p)
{
    size_t from = p->run.next;
    size_t n = p->run.count - from < p->run.share ? p->run.count - from : p->run.share;
    p->run.next += n;
    (void)pthread_mutex_unlock(&p->lock);
    for (size_t i = from; i < from + n; i++)
        p->run.fn(p->run.items + i * p->run.size);
    (void)pthread_mutex_lock(&p->lock);
    p->run.left -= n;
    if (p->run.left == 0)
        (void)pthread_cond_broadcast(&p->done);
}

/* Take and do the next job. Called and returns with the lock held. */
static void do_job(sb_pool *p)
{
    job *j = &p->ring[p->next++ % p->cap];
    (void)pthread_mutex_unlock(&p->lock);
    j->fn(j->item);
    (void)pthread_mutex_lock(&p->lock);
    j->is_done = true;
    show_state(p);
    (void)pthread_cond_broadcast(&p->done);
}

static void *worker(void *arg)
{
    sb_pool *p = arg;
    sb_slice_set(SB_SLICE_KERNELS);
    (void)pthread_mutex_lock(&p->lock);
    while (!p->is_stopping) {
        if (p->run.next < p->run.count)
            do_share(p);
        else if (p->next < p->tail)
            do_job(p);
        else
            (void)pthread_cond_wait(&p->work, &p->lock);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

static unsigned processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > SB_POOL_THREADS_MAX ? SB_POOL_THREADS_MAX : (unsigned)n;
}

sb_pool *sb_pool_new(unsigned threads, size_t queue_max)
{
    assert(threads <= SB_POOL_THREADS_MAX && queue_max > 0);
    sigset_t all, before;
    sb_pool *p = sb_xmalloc(sizeof *p);
    *p = (sb_pool){.cap = queue_max};
    p->ring = sb_xmalloc(queue_max * sizeof *p->ring);
    p->thread_count = threads != 0 ? threads : processors();
    p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->fd < 0 || pthread_mutex_init(&p->lock, NULL) != 0 ||
        pthread_cond_init(&p->work, NULL) != 0 || pthread_cond_init(&p->done, NULL) != 0)
        die("init");
    /* signals are the main thread's */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < p->thread_count; i++)
        if (pthread_create(&p->threads[i], NULL, worker, p) != 0)
            die("pthread_create");
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return p;
}

void sb_pool_free(sb_pool *p)
{
    if (p == NULL)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->is_stopping = true;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->thread_count; i++)
        (void)pthread_join(p->threads[i], NULL);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_cond_destroy(&p->done);
    (void)pthread_mutex_destroy(&p->lock);
    (void)close(p->fd);
    free(p->ring);
    free(p);
}

unsigned sb_pool_threads(const sb_pool *p)
{
    return p->thread_count;
}

bool sb_pool_submit(sb_pool *p, sb_pool_fn fn, void *item)
{
    (void)pthread_mutex_lock(&p->lock);
    bool fits = p->tail - p->head < p->cap;
    if (fits) {
        p->ring[p->tail++ % p->cap] = (job){.fn = fn, .item = item};
        (void)pthread_cond_signal(&p->work);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return fits;
}

void *sb_pool_collect(sb_pool *p, bool wait)
{
    void *item = NULL;
    (void)pthread_mutex_lock(&p->lock);
    if (p->head < p->tail) {
        const job *oldest = &p->ring[p->head % p->cap];
        while (wait && !oldest->is_done)
            (void)pthread_cond_wait(&p->done, &p->lock);
        if (oldest->is_done) {
            item = oldest->item;
            p->head++;
            show_state(p);
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    return item;
}

size_t sb_pool_pending(const sb_pool *p)
{
    return (size_t)(p->tail - p->head); /* both moved by the owning thread alone */
}

int sb_pool_fd(const sb_pool *p)
{
    return p->fd;
}

/* `count` items more for the parallel-for. Called with the lock held. */
static void give_items(sb_pool *p, size_t count)
{
    p->run.count += count;
    p->run.left += count;
    /* small shares towards an even end, large enough that the lock costs nothing */
    p->run.share = (p->run.count - p->run.next) / (8 * (size_t)(p->thread_count + 1)) + 1;
}

void sb_pool_start(sb_pool *p, sb_pool_fn fn, void *items, size_t size, size_t count)
{
    (void)pthread_mutex_lock(&p->lock);
    assert(p->head == p->tail && p->run.count == 0);
    p->run.fn = fn;
    p->run.items = items;
    p->run.size = size;
    p->run.next = 0;
    give_items(p, count);
    if (count > 1)
        (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
}

void sb_pool_more(sb_pool *p, size_t count)
{
    (void)pthread_mutex_lock(&p->lock);
    assert(p->run.fn != NULL);
    give_items(p, count);
    if (count > 0)
        (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
}

void sb_pool_finish(sb_pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    while (p->run.next < p->run.count)
        do_share(p);
    while (p->run.left > 0)
        (void)pthread_cond_wait(&p->done, &p->lock);
    p->run.count = p->run.next = 0;
    (void)pthread_mutex_unlock(&p->lock);
}

void sb_pool_run(sb_pool *p, sb_pool_fn fn, void *items, size_t size, size_t count)
{
    sb_pool_start(p, fn, items, size, count);
    sb_pool_finish(p);
}
