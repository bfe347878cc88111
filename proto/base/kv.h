/* Key-value rows in byte order: the only thing the fold touches.
 *
 * Implementations: memory and overlay (here), LMDB (nodes/store). One conformance suite
 * (tests/conformance) holds for all. An I/O failure is sticky: it is kept in `error`, reads find
 * nothing and writes do nothing from then on; whoever commits checks sb_kv_error first.
 */
#ifndef SB_BASE_KV_H
#define SB_BASE_KV_H

#include "proto/base/err.h"
#include "proto/base/slice.h"

enum { SB_KV_KEY_MAX = 128 }; /* bytes; LMDB allows 511 */

typedef struct sb_kv sb_kv;
typedef struct sb_kv_ops {
    bool (*get)(sb_kv *kv, sb_slice key, sb_slice *value);
    /* `from` is not below `within`; a row that doesn't start with `within` need not be found. */
    bool (*next)(sb_kv *kv, sb_slice within, sb_slice from, bool inclusive, sb_slice *key,
                 sb_slice *value);
    void (*put)(sb_kv *kv, sb_slice key, sb_slice value);
    void (*del)(sb_kv *kv, sb_slice key);
} sb_kv_ops;

/* The head of every implementation. */
struct sb_kv {
    const sb_kv_ops *ops;
    sb_err error;
};

/* Find a row. *value is borrowed until the next write to this kv (or to what it stands on).
 * value may be NULL. False: not there (or a failure, see sb_kv_error). */
bool sb_kv_get(sb_kv *kv, sb_slice key, sb_slice *value);
/* The first row whose key is >= from (inclusive) or > from. Borrowed as for get. */
bool sb_kv_next(sb_kv *kv, sb_slice from, bool inclusive, sb_slice *key, sb_slice *value);
/* The first row at or after `from` whose key starts with `prefix`. */
bool sb_kv_next_in(sb_kv *kv, sb_slice prefix, sb_slice from, bool inclusive, sb_slice *key,
                   sb_slice *value);
/* Each row whose key starts with `prefix` (empty: every row), rising. Begin with {.kv = …, .prefix = …};
 * rows may be written and removed on the way. Not to be copied. */
typedef struct sb_kv_walk {
    sb_kv *kv;
    sb_slice prefix; /* borrowed */
    sb_slice key;    /* of the row found; good until the next step */
    sb_slice value;  /* … borrowed as for get */
    uint8_t key_bytes[SB_KV_KEY_MAX];
} sb_kv_walk;
/* False: there is none after it (or a failure, see sb_kv_error). */
bool sb_kv_walk_next(sb_kv_walk *walk);
/* Write (copies key and value) or remove a row; removing what is absent is no error. Keys are 1 to
 * SB_KV_KEY_MAX bytes; what is written may lie in this kv's own rows. */
void sb_kv_put(sb_kv *kv, sb_slice key, sb_slice value);
void sb_kv_del(sb_kv *kv, sb_slice key);
sb_err sb_kv_error(const sb_kv *kv);

/* ---- memory ---- */
/* An ordered map in memory. Owned by the caller: free with sb_kv_memory_free. */
sb_kv *sb_kv_memory_new(void);
void sb_kv_memory_free(sb_kv *kv);
/* A deep copy (for the simulator's crash images). */
sb_kv *sb_kv_memory_clone(sb_kv *kv);

/* ---- overlay ---- */
/* Changes kept apart from `below`, which is only read. Dropping the overlay forgets them. A
 * removed row is a change even when `below` never had it. A failure of `below` becomes ours. */
typedef struct sb_overlay sb_overlay;
sb_overlay *sb_overlay_new(sb_kv *below);
void sb_overlay_free(sb_overlay *o);
sb_kv *sb_overlay_kv(sb_overlay *o);
/* Read through to another kv from now on, with its error (the overlay must be empty). */
void sb_overlay_rebase(sb_overlay *o, sb_kv *below);
/* Forget all changes, keep the memory. */
void sb_overlay_clear(sb_overlay *o);
/* Rows changed, and the bytes of their keys and values. */
size_t sb_overlay_count(const sb_overlay *o);
size_t sb_overlay_bytes(const sb_overlay *o);
/* Call `visit` for each change in key order; deleted rows have value.data == NULL and
 * is_delete true. */
typedef void (*sb_overlay_visit)(void *arg, sb_slice key, sb_slice value, bool is_delete);
void sb_overlay_each(const sb_overlay *o, sb_overlay_visit visit, void *arg);
/* Apply all changes to `below` in key order (none after a failure) and clear. */
void sb_overlay_flush(sb_overlay *o);

#endif
