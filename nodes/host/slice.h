/* How long a thread keeps a processor while others want it, and so how soon it gets one when it wakes: a
 * thread with a short slice, awoken, takes the place of one with a long slice at once, where it would
 * else wait some milliseconds. Each gets as much of the processor as before, in smaller pieces.
 * The threads that others wait for, a daemon's main thread and libzmq's, have short ones; those that
 * verify leave them the processor: a commit wakes the main thread five times.
 * Linux from 6.12 on knows this; before that nothing changes.
 */
#ifndef SB_HOST_SLICE_H
#define SB_HOST_SLICE_H

#include <stdint.h>

enum { SB_SLICE_KERNELS = 0, SB_SLICE_SHORT_US = 100 };

/* This thread's, and of the threads that it starts from now on. A thread that isn't scheduled by fair
 * shares (real time, idle) is left as it is. */
void sb_slice_set(uint32_t us);

#endif
