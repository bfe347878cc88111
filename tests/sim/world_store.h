/* A store in memory that keeps what was synced. What is written but not synced is there for the process
 * that wrote it, and after a crash it is there, or it isn't. */
#ifndef SB_TESTS_SIM_WORLD_STORE_H
#define SB_TESTS_SIM_WORLD_STORE_H

#include "proto/base/kv.h"
#include "proto/ledger/ledger.h"
#include "proto/wire/logio.h"

typedef struct sw_leaf {
    sb_slice bytes; /* owned */
    uint8_t hash[32];
} sw_leaf;

typedef enum sw_table { SW_STATE, SW_OWN, SW_TILES, SW_BLOBS, SW_TABLES } sw_table;

/* How one commit is taken back: the log's length before it, and each row that it changed. */
typedef struct sw_undo {
    uint64_t first, end; /* leaves before and after */
    sb_buf rows; /* u8 table ‖ u8 had ‖ u16 key length ‖ key ‖ u32 length ‖ value */
} sw_undo;

typedef struct sw_store {
    sb_kv *kv[SW_TABLES];
    sw_leaf *leaves;
    uint64_t leaf_count, leaf_cap;
    uint64_t tip_size; /* as committed with the leaves, to be compared at the start */
    uint8_t tip_root[32];
    sw_undo *undo;
    size_t undo_count, undo_cap;
    size_t synced; /* so many commits are durable */
    bool broken;   /* a leaf was read that isn't what was stored */
} sw_store;

void sw_store_init(sw_store *s);
void sw_store_deinit(sw_store *s);
void sw_store_copy(const sw_store *from, sw_store *to);
sb_log_reader sw_store_reader(sw_store *s);

/* The commit is written: the process that wrote it sees it. */
void sw_store_write(sw_store *s, const sb_log_commit *commit, sb_ledger *ledger);
/* All that is written is durable. */
void sw_store_sync(sw_store *s);
bool sw_store_is_synced(const sw_store *s);
/* The process fell: what was not synced is kept, or lost. True: something was lost. */
bool sw_store_crash(sw_store *s, bool kept);

/* A ledger over what is stored, after the check that sb_history_open makes: the tree from tiles and
 * leaves has the root that was committed, and that the ledger knows. NULL: it is damaged. */
sb_ledger *sw_store_open(sw_store *s);
/* Go back to `size` leaves, as sb_history_rewind, durably. *ledger is closed and replaced, also when
 * the probe is refused. Errors: the probe's refusal, nothing is changed. */
sb_err sw_store_rewind(sw_store *s, uint64_t size, sb_slice probe, const sb_commit_put *puts,
                       size_t put_count, sb_ledger **ledger, sb_fail *fail);

/* A bit of what is stored is another one now (which of them: by `pick`), or a leaf is what an older
 * page has. False: nothing is there to be damaged. */
bool sw_store_damage(sw_store *s, bool stale, uint64_t pick);

void sw_store_put_blob(sw_store *s, const uint8_t sha256[32]);
bool sw_store_has_blob(const sw_store *s, const uint8_t sha256[32]);
/* The own row of a table with one row. */
bool sw_store_own(const sw_store *s, uint8_t table, sb_slice *value);

#endif
