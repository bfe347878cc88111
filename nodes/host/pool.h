/* A bounded pool of stateless workers: what is slow and pure (decode an entry, verify its
 * signature) runs there, and results are joined in the order submitted (DESIGN §2, Threads).
 *
 * The worker function must touch nothing but its item. Each item is owned by the pool from submit
 * until collect. One thread submits and collects.
 */
#ifndef SB_HOST_POOL_H
#define SB_HOST_POOL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct sb_pool sb_pool;
typedef void (*sb_pool_fn)(void *item);

enum { SB_POOL_THREADS_MAX = 64 };

/* `threads` 0: one per processor. `queue_max`: items submitted and not yet collected.
 * The caller owns it: sb_pool_free. Threads that can't be started end the process. */
sb_pool *sb_pool_new(unsigned threads, size_t queue_max);
/* Waits for what runs, drops what waits, joins the threads. NULL is fine. */
void sb_pool_free(sb_pool *pool);
unsigned sb_pool_threads(const sb_pool *pool);

/* False: the queue is full (collect first); nothing was taken. */
bool sb_pool_submit(sb_pool *pool, sb_pool_fn fn, void *item);
/* The oldest item not yet collected, when it is done; waits for it when `wait`. NULL: nothing is
 * submitted, or (not wait) the oldest is not done. */
void *sb_pool_collect(sb_pool *pool, bool wait);
/* How many items are submitted and not collected. */
size_t sb_pool_pending(const sb_pool *pool);
/* A descriptor that is readable while the oldest item is done: for a poll loop. */
int sb_pool_fd(const sb_pool *pool);

/* fn over items[0..count), each `size` bytes, returning when all are done; the caller's thread
 * works too. Not while submitted items are pending. */
void sb_pool_run(sb_pool *pool, sb_pool_fn fn, void *items, size_t size, size_t count);
/* The same in two halves: start returns at once, and finish, before anything else is asked of the
 * pool, when all are done, the caller's thread working too. One item alone is left to finish: nobody
 * is woken for it. Finish without start does nothing. */
void sb_pool_start(sb_pool *pool, sb_pool_fn fn, void *items, size_t size, size_t count);
/* Between the two: `count` items that lie behind those given so far are done too, by the pool's threads
 * if they get to it first, be it one alone. */
void sb_pool_more(sb_pool *pool, size_t count);
void sb_pool_finish(sb_pool *pool);

#endif
