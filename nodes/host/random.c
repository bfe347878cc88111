#include "nodes/host/random.h"

#include <assert.h>
#include <sodium.h>

void sb_random_bytes(uint8_t *out, size_t len)
{
    int ready = sodium_init(); /* 0 or 1; aborts by itself without a generator */
    assert(ready >= 0);
    (void)ready;
    randombytes_buf(out, len);
}

uint32_t sb_random_below(uint32_t bound)
{
    assert(bound > 0);
    int ready = sodium_init();
    assert(ready >= 0);
    (void)ready;
    return randombytes_uniform(bound);
}
