/* What every sb_kv must do, whatever it stands on. Run over memory and overlay by
 * kv_conformance_test.c, over LMDB by nodes/store's tests. */
#ifndef SB_TEST_KV_SUITE_H
#define SB_TEST_KV_SUITE_H

#include "proto/base/kv.h"

typedef struct sb_kv_factory {
    const char *name;
    /* An empty kv ready to be read and written; *own is the factory's to keep what it needs. */
    sb_kv *(*make)(void **own);
    void (*drop)(sb_kv *kv, void *own);
} sb_kv_factory;

/* Run the suite as one cmocka group; the number of failed tests. */
int sb_kv_suite_run(const sb_kv_factory *factory);

#endif
