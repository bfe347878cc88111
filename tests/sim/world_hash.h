/* A faster SHA-256 for the simulator (see world_hash.c). */
#ifndef SB_TESTS_SIM_WORLD_HASH_H
#define SB_TESTS_SIM_WORLD_HASH_H

#include <stdbool.h>
#include <stdint.h>

/* It gives what libsodium's gives, for every length up to 300. */
bool sw_hash_holds(void);

#endif
