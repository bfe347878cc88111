/* What the generator's two halves share: meetings played, and the directories written. */
#ifndef SB_TESTS_BENCH_GENERATE_H
#define SB_TESTS_BENCH_GENERATE_H

#include "tests/lib/fed.h"

#define BENCH_TITLE "Felles plan for utskrivning av pasienter med store behov"

/* A CURVE key pair of this name: an organisation's id, or "broker". */
void bench_curve_of(const char *name, uint8_t secret[32], uint8_t pk[32]);
/* OUT/node, OUT/broker, OUT/empty. */
void bench_write_all(fed *f, const char *out);

#endif
