/* A store in memory: what is in it was committed. */
#ifndef SB_TESTS_SIM_SIM_STORE_H
#define SB_TESTS_SIM_SIM_STORE_H

#include "proto/base/kv.h"
#include "proto/ledger/ledger.h"
#include "proto/wire/logio.h"

typedef struct sim_store {
    sb_kv *state, *own, *tiles, *blobs;
    sb_buf *leaves;
    size_t leaf_count, leaf_cap;
} sim_store;

void sim_store_init(sim_store *s);
void sim_store_deinit(sim_store *s);
sb_log_reader sim_store_reader(sim_store *s);
/* Everything or, if the caller doesn't call it, nothing. */
void sim_store_commit(sim_store *s, const sb_log_commit *commit, sb_ledger *ledger);
/* Go back to `size` leaves, as sb_history_rewind. *ledger is closed and replaced, also when the
 * probe is refused. Errors: the probe's refusal, nothing is changed. */
sb_err sim_store_rewind(sim_store *s, uint64_t size, sb_slice probe, const sb_commit_put *puts,
                        size_t put_count, sb_ledger **ledger, sb_fail *fail);
/* A ledger over what is stored. */
sb_ledger *sim_store_ledger(sim_store *s);
/* Hold a blob, of whatever size is asked for, or of so many bytes. */
void sim_store_blob(sim_store *s, const uint8_t sha256[32]);
void sim_store_blob_of(sim_store *s, const uint8_t sha256[32], uint64_t bytes);
bool sim_store_has_blob(const sim_store *s, const uint8_t sha256[32]);

#endif
