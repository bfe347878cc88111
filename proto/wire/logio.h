/* What the two pure cores (broker/sequencer, nodes/follower) ask of the shell around them: reading
 * the stored log, and one durable commit. Time comes inside events as sb_now.
 */
#ifndef SB_WIRE_LOGIO_H
#define SB_WIRE_LOGIO_H

#include "proto/base/arena.h"
#include "proto/base/slice.h"
#include "proto/merkle/tree.h"

/* Both clocks (DESIGN §6), milliseconds. */
typedef struct sb_now {
    uint64_t legal_ms; /* wall clock since 1970 UTC, or the rehearsal's clock file */
    uint64_t mono_ms;  /* monotonic, arbitrary start: pacing, timeouts, freshness */
} sb_now;

/* Reading what was committed. */
typedef struct sb_log_reader {
    /* The stored leaf (u64be time ‖ entry); *leaf is borrowed until the next commit. */
    bool (*leaf)(void *arg, uint64_t index, sb_slice *leaf);
    /* A blob is held: whole and checked. */
    bool (*has_blob)(void *arg, const uint8_t sha256[32]);
    /* The blob that is held has so many bytes, as the entry says that names it. */
    bool (*blob_has_size)(void *arg, const uint8_t sha256[32], uint64_t bytes);
    void *arg;
    sb_tile_reader tiles; /* stored full tiles; has its own arg */
} sb_log_reader;

typedef struct sb_commit_tile {
    uint32_t level;
    uint64_t index;
    const sb_hash32 *hashes; /* SB_TILE_WIDTH of them */
} sb_commit_tile;

/* A change of one of the process's own rows. */
typedef struct sb_commit_put {
    sb_slice key;
    sb_slice value; /* data NULL and is_delete: remove the row */
    bool is_delete;
} sb_commit_put;

/* What the shell makes durable in one transaction, in this order: leaves from index `first`,
 * tiles, sb_ledger_flush of the core's ledger, own rows, and the content of erased blobs goes, held
 * or half received (DESIGN §3). It then feeds COMMITTED before any other
 * event; when the commit fails the process ends. */
typedef struct sb_log_commit {
    uint64_t first;
    const sb_slice *leaves;
    size_t leaf_count;
    const sb_commit_tile *tiles;
    size_t tile_count;
    const sb_commit_put *puts;
    size_t put_count;
    const sb_hash32 *erased;
    size_t erased_count;
} sb_log_commit;

/* ---- gathering a commit: for the cores ---- */

/* Everything is copied into the arena. */
typedef struct sb_commit_builder {
    sb_arena arena;
    sb_log_commit commit;
    sb_slice *leaves;
    size_t leaf_cap;
    sb_commit_tile *tiles;
    size_t tile_cap;
    sb_commit_put *puts;
    size_t put_cap;
    sb_hash32 *erased;
    size_t erased_cap;
    size_t bytes; /* of leaves and values, about */
    sb_tile_reader stored;
} sb_commit_builder;

/* `stored` reads the tiles of earlier commits; {0} where nobody calls sb_commit_tiles. */
void sb_commit_builder_init(sb_commit_builder *b, sb_tile_reader stored);
void sb_commit_builder_deinit(sb_commit_builder *b);
/* Start anew; the next leaf will have index `first`. */
void sb_commit_builder_clear(sb_commit_builder *b, uint64_t first);
bool sb_commit_builder_is_empty(const sb_commit_builder *b);
void sb_commit_add_leaf(sb_commit_builder *b, sb_slice leaf);
/* As an sb_tile_sink, arg = the builder. */
void sb_commit_add_tile(void *builder, uint32_t level, uint64_t index,
                        const sb_hash32 hashes[SB_TILE_WIDTH]);
void sb_commit_put_row(sb_commit_builder *b, sb_slice key, sb_slice value);
void sb_commit_del_row(sb_commit_builder *b, sb_slice key);
void sb_commit_erase_blob(sb_commit_builder *b, const uint8_t sha256[32]);
/* All full tiles: those of this commit, which the store doesn't hold yet, then the stored ones. Good
 * as long as the builder. */
sb_tile_reader sb_commit_tiles(sb_commit_builder *b);
/* Borrowed until the builder is cleared. */
const sb_log_commit *sb_commit_builder_get(sb_commit_builder *b);

#endif
