#include "nodes/host/slice.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc has no word for these two calls before 2.41. */
void sb_slice_set(uint32_t us)
{
    struct sched_attr attr;
    memset(&attr, 0, sizeof attr);
    if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0 ||
        attr.sched_policy != SCHED_NORMAL)
        return;
    attr.sched_runtime = (uint64_t)us * 1000;
    (void)syscall(SYS_sched_setattr, 0, &attr, 0); /* where it is forbidden all goes on, slower */
}
