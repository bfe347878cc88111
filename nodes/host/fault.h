/* Fault points: places where a test build (-DSB_FAULTS=ON) ends the process as a power cut would.
 * In every other build they are nothing.
 *
 *   SB_FAULT=cosign:3 samband-node DIR      SIGKILL at the third passing of the point "cosign"
 *
 *   SB_FAULT_ANSWER_BYTES=1 samband-node DIR      a bound so small that a test meets it
 *
 * Points: cosign (node: the record is durable, the cosignature not yet sent); receipt (broker: the
 * leaves are durable, no head over them signed, no receipt sent). What goes wrong with the disk itself
 * is tests/fault/shim.c's.
 */
#ifndef SB_HOST_FAULT_H
#define SB_HOST_FAULT_H

#include <stddef.h>

#ifdef SB_FAULTS
void sb_fault_point(const char *name);
/* The number in this variable of the environment; without one `normal`, as in every other build. */
size_t sb_fault_size(const char *variable, size_t normal);
#else
static inline size_t sb_fault_size(const char *variable, size_t normal)
{
    (void)variable;
    return normal;
}

static inline void sb_fault_point(const char *name)
{
    (void)name;
}
#endif

#endif
