#include "tests/lib/cmocka_all.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nodes/host/pool.h"

typedef struct item {
    uint32_t number, delay_us;
    uint64_t result;
    int times;
} item;

/* Later items finish earlier. */
static void square(void *arg)
{
    item *i = arg;
    if (i->delay_us > 0)
        (void)usleep(i->delay_us);
    i->result = (uint64_t)i->number * i->number;
    i->times++;
}

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static bool becomes_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 5000) == 1;
}

static void test_results_come_in_the_order_submitted(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    static item items[COUNT];
    sb_pool *pool = sb_pool_new(4, 64);
    uint32_t submitted = 0, collected = 0;
    while (collected < COUNT) {
        while (submitted < COUNT) {
            items[submitted] =
                (item){.number = submitted, .delay_us = submitted % 7 == 0 ? 300 : 0};
            if (!sb_pool_submit(pool, square, &items[submitted]))
                break;
            submitted++;
        }
        assert_true(sb_pool_pending(pool) <= 64);
        const item *done = sb_pool_collect(pool, true);
        assert_ptr_equal(done, &items[collected]);
        assert_int_equal(done->result, (uint64_t)collected * collected);
        assert_int_equal(done->times, 1);
        collected++;
    }
    assert_null(sb_pool_collect(pool, true));
    assert_null(sb_pool_collect(pool, false));
    assert_int_equal(sb_pool_pending(pool), 0);
    sb_pool_free(pool);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void wait_at_gate(void *arg)
{
    (void)pthread_mutex_lock(&gate);
    (void)pthread_mutex_unlock(&gate);
    square(arg);
}

static void test_the_queue_is_bounded(void **state)
{
    (void)state;
    item items[4] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
    sb_pool *pool = sb_pool_new(2, 3);
    (void)pthread_mutex_lock(&gate);
    for (int i = 0; i < 3; i++)
        assert_true(sb_pool_submit(pool, wait_at_gate, &items[i]));
    assert_false(sb_pool_submit(pool, wait_at_gate, &items[3]));
    assert_int_equal(sb_pool_pending(pool), 3);
    assert_null(sb_pool_collect(pool, false));
    assert_false(is_readable(sb_pool_fd(pool)));
    (void)pthread_mutex_unlock(&gate);
    assert_ptr_equal(sb_pool_collect(pool, true), &items[0]);
    assert_true(sb_pool_submit(pool, wait_at_gate, &items[3]));
    for (int i = 1; i < 4; i++)
        assert_ptr_equal(sb_pool_collect(pool, true), &items[i]);
    assert_int_equal(items[3].result, 16);
    sb_pool_free(pool);
}

/* Only the oldest counts: a younger one that is done doesn't wake the loop. */
static void test_the_descriptor_follows_the_oldest(void **state)
{
    (void)state;
    item slow = {.number = 1}, fast = {.number = 2};
    sb_pool *pool = sb_pool_new(2, 8);
    assert_false(is_readable(sb_pool_fd(pool)));
    (void)pthread_mutex_lock(&gate);
    assert_true(sb_pool_submit(pool, wait_at_gate, &slow));
    assert_true(sb_pool_submit(pool, square, &fast));
    (void)usleep(20000);
    assert_false(is_readable(sb_pool_fd(pool)));
    assert_null(sb_pool_collect(pool, false));
    (void)pthread_mutex_unlock(&gate);
    assert_true(becomes_readable(sb_pool_fd(pool)));
    assert_ptr_equal(sb_pool_collect(pool, false), &slow);
    assert_true(becomes_readable(sb_pool_fd(pool)));
    assert_ptr_equal(sb_pool_collect(pool, false), &fast);
    assert_false(is_readable(sb_pool_fd(pool)));
    sb_pool_free(pool);
}

static void test_run_does_each_item_once(void **state)
{
    (void)state;
    const size_t counts[] = {0, 1, 2, 3, 17, 1000, 4096};
    const unsigned threads[] = {1, 2, 5};
    for (size_t t = 0; t < 3; t++) {
        sb_pool *pool = sb_pool_new(threads[t], 4);
        assert_int_equal(sb_pool_threads(pool), threads[t]);
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            item *items = calloc(counts[c] + 1, sizeof *items);
            for (size_t i = 0; i < counts[c]; i++)
                items[i].number = (uint32_t)i;
            sb_pool_run(pool, square, items, sizeof *items, counts[c]);
            for (size_t i = 0; i < counts[c]; i++) {
                assert_int_equal(items[i].times, 1);
                assert_int_equal(items[i].result, (uint64_t)i * i);
            }
            assert_int_equal(items[counts[c]].times, 0);
            free(items);
        }
        /* and jobs again after a run */
        item one = {.number = 9};
        assert_true(sb_pool_submit(pool, square, &one));
        assert_ptr_equal(sb_pool_collect(pool, true), &one);
        sb_pool_free(pool);
    }
}

static bool is_done(const item *i)
{
    for (int tries = 0; tries < 5000; tries++) {
        if (__atomic_load_n(&i->times, __ATOMIC_ACQUIRE) > 0)
            return true;
        (void)usleep(1000);
    }
    return false;
}

static void count_done(void *arg)
{
    item *i = arg;
    __atomic_add_fetch(&i->times, 1, __ATOMIC_RELEASE);
}

static void test_more_is_done_with_the_rest(void **state)
{
    (void)state;
    static item items[1000];
    sb_pool *pool = sb_pool_new(2, 4);
    memset(items, 0, sizeof items);
    sb_pool_start(pool, count_done, items, sizeof *items, 0);
    sb_pool_more(pool, 0);
    sb_pool_more(pool, 1); /* nobody waits for it, and still it is done */
    assert_true(is_done(&items[0]));
    size_t given = 1;
    for (size_t n = 1; given + n <= 1000; n++) {
        sb_pool_more(pool, n);
        given += n;
    }
    sb_pool_finish(pool);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(items[i].times, i < given ? 1 : 0);
    sb_pool_start(pool, count_done, items, sizeof *items, given); /* and another one after it */
    sb_pool_finish(pool);
    assert_int_equal(items[given - 1].times, 2);
    sb_pool_free(pool);
}

static void test_start_leaves_the_caller_free(void **state)
{
    (void)state;
    const size_t counts[] = {0, 1, 2, 300};
    sb_pool *pool = sb_pool_new(2, 4);
    sb_pool_finish(pool); /* nothing was started */
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        item *items = calloc(counts[c] + 1, sizeof *items);
        for (size_t i = 0; i < counts[c]; i++)
            items[i].number = (uint32_t)i;
        (void)pthread_mutex_lock(&gate); /* start returns though nothing can be done yet */
        sb_pool_start(pool, wait_at_gate, items, sizeof *items, counts[c]);
        (void)pthread_mutex_unlock(&gate);
        sb_pool_finish(pool);
        sb_pool_finish(pool);
        for (size_t i = 0; i < counts[c]; i++) {
            assert_int_equal(items[i].times, 1);
            assert_int_equal(items[i].result, (uint64_t)i * i);
        }
        assert_int_equal(items[counts[c]].times, 0);
        free(items);
    }
    static item items[100];
    for (uint32_t i = 0; i < 100; i++)
        items[i] = (item){.number = i, .delay_us = 500};
    sb_pool_start(pool, square, items, sizeof *items, 100);
    sb_pool_free(pool); /* what was started and not finished is dropped */
    for (uint32_t i = 0; i < 100; i++)
        assert_in_range(items[i].times, 0, 1);
}

static void test_freeing_with_work_waiting(void **state)
{
    (void)state;
    static item items[100];
    sb_pool *pool = sb_pool_new(2, 100);
    for (uint32_t i = 0; i < 100; i++) {
        items[i] = (item){.number = i, .delay_us = 500};
        assert_true(sb_pool_submit(pool, square, &items[i]));
    }
    sb_pool_free(pool);
    int times = 0;
    for (uint32_t i = 0; i < 100; i++) {
        assert_in_range(items[i].times, 0, 1);
        times += items[i].times;
    }
    assert_true(times < 100);
    sb_pool_free(NULL);
}

static pthread_t handled_by;
static volatile sig_atomic_t handled;

static void on_signal(int number)
{
    (void)number;
    handled_by = pthread_self();
    handled = 1;
}

static void test_signals_are_the_main_threads(void **state)
{
    (void)state;
    struct sigaction act = {.sa_handler = on_signal}, old;
    sb_pool *pool = sb_pool_new(3, 8);
    assert_int_equal(sigaction(SIGUSR1, &act, &old), 0);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    for (int i = 0; i < 1000 && !handled; i++)
        (void)usleep(1000);
    assert_int_equal(handled, 1);
    assert_true(pthread_equal(handled_by, pthread_self()));
    assert_int_equal(sigaction(SIGUSR1, &old, NULL), 0);
    sb_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_come_in_the_order_submitted),
        cmocka_unit_test(test_the_queue_is_bounded),
        cmocka_unit_test(test_the_descriptor_follows_the_oldest),
        cmocka_unit_test(test_run_does_each_item_once),
        cmocka_unit_test(test_start_leaves_the_caller_free),
        cmocka_unit_test(test_more_is_done_with_the_rest),
        cmocka_unit_test(test_freeing_with_work_waiting),
        cmocka_unit_test(test_signals_are_the_main_threads),
    };
    return cmocka_run_group_tests_name("host pool", tests, NULL, NULL);
}
