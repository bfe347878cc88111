/* What the generator's two halves share: meetings played, and the directories written. */
#ifndef SB_TESTS_BENCH_GENERATE_H
#define SB_TESTS_BENCH_GENERATE_H

#include "nodes/store/history.h"
#include "tests/lib/fed.h"

#define BENCH_TITLE "Felles plan for utskrivning av pasienter med store behov"

/* Genesis, charter, accepts, everybody appointed, sealed; with CURVE keys that daemons can use. */
void bench_found(fed *f);
/* Directories of daemons, without stores: OUT/broker, and OUT/node-0, OUT/node-1… of the first
 * organisations. */
void bench_write_daemons(fed *f, const char *out, size_t nodes, sb_arena *a);
/* The store of such a directory, with the attachments in it. Closing a node's says that all
 * organisations have confirmed what is in it. */
void bench_store_open(sb_history *h, const fed *f, const char *dir, const char *kind, sb_arena *a);
void bench_store_close(sb_history *h, fed *f);
/* OUT/node-0 and OUT/broker with the federation's log, OUT/node-1 without. */
void bench_write_all(fed *f, const char *out);

#endif
