/* Randomness from the kernel, by libsodium. */
#ifndef SB_HOST_RANDOM_H
#define SB_HOST_RANDOM_H

#include "proto/base/slice.h"

/* Fill `out`. Cannot fail: without a working generator the process ends. */
void sb_random_bytes(uint8_t *out, size_t len);
/* Uniform in [0, bound); bound > 0. */
uint32_t sb_random_below(uint32_t bound);

#endif
