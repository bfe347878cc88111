#include "tests/lib/cmocka_all.h"

#include <linux/sched/types.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nodes/host/pool.h"
#include "nodes/host/slice.h"

static struct sched_attr mine(void)
{
    struct sched_attr attr;
    memset(&attr, 0, sizeof attr);
    assert_int_equal(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0), 0);
    return attr;
}

static void look(void *arg)
{
    *(struct sched_attr *)arg = mine();
}

/* Nothing but the slice changes, where the kernel knows of slices at all; a pool's threads keep the kernel's. */
static void test_short_slices_for_all_but_the_pool(void **state)
{
    (void)state;
    struct sched_attr before = mine(), after, in_pool;
    sb_slice_set(SB_SLICE_SHORT_US);
    after = mine();
    if (before.sched_policy == 0 && before.sched_runtime != 0)
        assert_int_equal(after.sched_runtime, SB_SLICE_SHORT_US * 1000);
    assert_int_equal(after.sched_policy, before.sched_policy);
    assert_int_equal(after.sched_nice, before.sched_nice);
    sb_pool *pool = sb_pool_new(1, 1);
    assert_true(sb_pool_submit(pool, look, &in_pool));
    assert_ptr_equal(sb_pool_collect(pool, true), &in_pool);
    sb_pool_free(pool);
    assert_int_equal(in_pool.sched_runtime, before.sched_runtime);
    sb_slice_set(SB_SLICE_KERNELS);
    assert_int_equal(mine().sched_runtime, before.sched_runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_slices_for_all_but_the_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
