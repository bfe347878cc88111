#include "nodes/host/fault.h"

#ifdef SB_FAULTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sb_fault_point(const char *name)
{
    static unsigned long passed = 0;
    const char *wanted = getenv("SB_FAULT");
    const char *colon = wanted == NULL ? NULL : strchr(wanted, ':');
    if (colon == NULL || strncmp(wanted, name, (size_t)(colon - wanted)) != 0 ||
        name[colon - wanted] != '\0')
        return;
    passed++;
    if (passed == strtoul(colon + 1, NULL, 10))
        kill(getpid(), SIGKILL);
}

size_t sb_fault_size(const char *variable, size_t normal)
{
    const char *wanted = getenv(variable);
    return wanted == NULL ? normal : strtoul(wanted, NULL, 10);
}

#else
typedef int sb_fault_points_are_off; /* ISO C wants something here */
#endif
