/* Preloaded into a daemon: the thread that checks CURVE keys dies as soon as the file $ZAP_SHIM is
 * there. That thread is the only one that waits without end in zmq_poll. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

int zmq_poll(zmq_pollitem_t *items, int count, long timeout_ms)
{
    int (*next)(zmq_pollitem_t *, int, long) =
        (int (*)(zmq_pollitem_t *, int, long))dlsym(RTLD_NEXT, "zmq_poll");
    const char *file = getenv("ZAP_SHIM");
    if (timeout_ms >= 0 || file == NULL)
        return next(items, count, timeout_ms);
    while (access(file, F_OK) != 0) {
        int got = next(items, count, 50);
        if (got != 0)
            return got;
    }
    errno = EFAULT;
    return -1;
}
