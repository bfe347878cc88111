/* Going back: what a commit's rows were before it is kept as long as a handover may cut it off. Where
 * that isn't kept (a long catching-up), the rows are folded again from the first leaf. */
#include "nodes/store/history_inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/host/log.h"
#include "proto/base/cursor.h"

enum {
    UNDO_LEAVES_MAX = 128, /* of a commit; a longer one is catching up, and isn't cut off soon */
    REFOLD_LEAVES = 1024,  /* between flushes */
    BATCH_BYTES = 16 * 1024 * 1024,
    FOLDED_LEAF_BYTES = 2048, /* of rows and pages: those that are stored stay until the commit */
    MOVED_LEAF_BYTES = 64     /* of format 2: what finds it, beside that of others */
};

/* ---- keeping ---- */

/* An undo: u64 size after the commit, then of each row u8 had ‖ u16 key length ‖ key ‖ u32 length ‖
 * value. */
typedef struct undo_maker {
    sb_kv *state;
    sb_buf bytes;
} undo_maker;

static void keep_row(void *arg, sb_slice key, sb_slice value, bool is_delete)
{
    undo_maker *m = arg;
    sb_slice old = {0};
    uint8_t head[1 + 2], length[4];
    (void)value, (void)is_delete;
    bool had = sb_kv_get(m->state, key, &old);
    sb_writer w = sb_writer_over(head, sizeof head), l = sb_writer_over(length, sizeof length);
    sb_write_u8(&w, had);
    sb_write_u16(&w, (uint16_t)key.len);
    sb_write_u32(&l, (uint32_t)old.len);
    sb_buf_add(&m->bytes, sb_writer_slice(&w));
    sb_buf_add(&m->bytes, key);
    sb_buf_add(&m->bytes, sb_writer_slice(&l));
    if (old.len > 0)
        sb_buf_add(&m->bytes, old);
}

static void keep_undo(sb_history *h, uint64_t first, uint64_t end)
{
    undo_maker m = {.state = sb_store_state(h->store)};
    uint8_t head[8];
    sb_writer w = sb_writer_over(head, sizeof head);
    sb_buf_init(&m.bytes);
    sb_write_u64(&w, end);
    sb_buf_add(&m.bytes, sb_writer_slice(&w));
    sb_ledger_changes(h->ledger, keep_row, &m);
    sb_store_put_undo(h->store, first, sb_buf_slice(&m.bytes));
    sb_buf_deinit(&m.bytes);
}

uint64_t sb_history_settled_size(const sb_history *h)
{
    uint64_t index, certified, size;
    if (!sb_ledger_last_seal(h->ledger, &index, &certified) ||
        !sb_ledger_seal_before(h->ledger, certified, &index, &size))
        return 0;
    return size;
}

/* The newest undo that begins at what is settled, or below, still leads back to it. */
static void forget_settled(sb_history *h)
{
    uint64_t size;
    sb_slice undo;
    if (!sb_store_undo(h->store, sb_history_settled_size(h), &size, &undo))
        return;
    while (size > 0 && sb_store_undo(h->store, size - 1, &size, &undo))
        sb_store_drop_undo(h->store, size);
}

void sb_history_flush(sb_history *h, uint64_t first, size_t leaf_count)
{
    if (leaf_count > 0 && leaf_count <= UNDO_LEAVES_MAX)
        keep_undo(h, first, first + leaf_count);
    sb_ledger_flush(h->ledger);
    if (leaf_count > 0)
        forget_settled(h);
}

/* ---- going back ---- */

static uint64_t undo_end(sb_slice undo)
{
    sb_reader r = sb_reader_over(undo);
    return sb_read_u64(&r);
}

/* Every commit from the end of the log down to `size`, or a little below, can be undone. */
static bool can_undo(sb_history *h, uint64_t size)
{
    sb_slice undo;
    for (uint64_t at = sb_store_count(h->store), first; at > size; at = first)
        if (!sb_store_undo(h->store, at - 1, &first, &undo) || undo_end(undo) != at)
            return false;
    return true;
}

static bool apply_undo(sb_kv *state, sb_slice undo)
{
    sb_reader r = sb_reader_over(undo);
    (void)sb_read_u64(&r);
    while (sb_reader_left(&r) > 0) {
        bool had = sb_read_u8(&r) != 0;
        sb_slice key = sb_read_bytes(&r, sb_read_u16(&r));
        sb_slice value = sb_read_bytes(&r, sb_read_u32(&r));
        if (r.failed)
            return false;
        if (had)
            sb_kv_put(state, key, value);
        else
            sb_kv_del(state, key);
    }
    return true;
}

/* Undo commits until `size` leaves or fewer are in the rows: how many there are. */
static bool undo_to(sb_history *h, uint64_t size, uint64_t *reached)
{
    *reached = sb_store_count(h->store);
    while (*reached > size) {
        sb_slice undo;
        sb_buf copy; /* a row is borrowed until the next write */
        if (!sb_store_undo(h->store, *reached - 1, reached, &undo))
            return false;
        sb_buf_init(&copy);
        sb_buf_add(&copy, undo);
        bool ok = apply_undo(sb_store_state(h->store), sb_buf_slice(&copy));
        sb_buf_deinit(&copy);
        sb_store_drop_undo(h->store, *reached);
        if (!ok)
            return false;
    }
    return true;
}

static void forget_undo(sb_history *h)
{
    sb_slice undo;
    uint64_t size;
    while (sb_store_undo(h->store, UINT64_MAX - 1, &size, &undo))
        sb_store_drop_undo(h->store, size);
}

static void forget_rows(sb_history *h)
{
    uint8_t last[SB_KV_KEY_MAX];
    sb_kv *state = sb_store_state(h->store);
    sb_slice key, value;
    while (sb_kv_next(state, (sb_slice){0}, true, &key, &value)) {
        memcpy(last, key.data, key.len);
        sb_kv_del(state, sb_slice_of(last, key.len));
    }
    forget_undo(h);
}

/* The stored leaf as the ledger's next. */
static sb_err refold_leaf(sb_history *h, uint64_t index, sb_arena *arena, sb_fail *fail)
{
    sb_slice stored;
    sb_leaf leaf;
    sb_arena_reset(arena);
    if (!sb_store_leaf(h->store, index, &stored))
        return sb_history_damaged(fail, index);
    sb_err err = sb_leaf_open(sb_arena_copy(arena, stored), arena, &leaf, fail);
    if (err == SB_OK) /* its tiles are stored already */
        err = sb_ledger_step(h->ledger, &leaf, NULL, NULL, fail);
    return err == SB_OK ? SB_OK : sb_history_damaged(fail, index);
}

/* A ledger over the rows of `from` leaves, folded on to `size`. */
static sb_err refold(sb_history *h, uint64_t from, uint64_t size, sb_fail *fail)
{
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_arena arena;
    sb_arena_init(&arena);
    sb_err err = sb_history_tree_at(h, from, tree, fail);
    if (err == SB_OK)
        err = sb_ledger_open(&h->ledger, sb_store_state(h->store), from == 0 ? NULL : tree, fail);
    uint64_t first = from;
    for (uint64_t i = from; i < size && err == SB_OK; i++) {
        err = refold_leaf(h, i, &arena, fail);
        if (err == SB_OK && i + 1 - first == REFOLD_LEAVES) {
            sb_history_flush(h, first, REFOLD_LEAVES);
            first = i + 1;
        }
    }
    if (err == SB_OK && first < size)
        sb_history_flush(h, first, (size_t)(size - first));
    sb_arena_deinit(&arena);
    free(tree);
    return err;
}

/* In a batch: leaves, tiles and rows of `size` leaves, and a ledger over them. */
static sb_err go_back(sb_history *h, uint64_t size, sb_fail *fail)
{
    uint64_t reached = 0;
    if (can_undo(h, size)) {
        if (!undo_to(h, size, &reached))
            return sb_history_damaged(fail, size);
    } else {
        forget_rows(h);
    }
    sb_err err = refold(h, reached, size, fail);
    if (err == SB_OK)
        sb_store_truncate(h->store, size);
    return err;
}

static sb_err check_probe(sb_history *h, sb_slice probe, sb_fail *fail)
{
    sb_arena arena;
    sb_leaf leaf;
    if (probe.len == 0)
        return SB_OK;
    sb_arena_init(&arena);
    sb_err err = sb_leaf_open(probe, &arena, &leaf, fail);
    if (err == SB_OK)
        err = sb_ledger_check(h->ledger, &leaf, fail);
    sb_arena_deinit(&arena);
    return err;
}

/* Commit, or give up. A store that failed on the way found nothing any more, and what was made of that is
 * no verdict: its commit says why. */
static sb_err end_batch(sb_history *h, sb_err err, sb_fail *fail)
{
    if (err == SB_OK || sb_store_error(h->store) != SB_OK)
        return sb_store_commit(h->store, fail);
    sb_store_abort(h->store);
    return err;
}

static void drop_ledger(sb_history *h)
{
    if (h->ledger != NULL)
        sb_ledger_close(h->ledger);
    h->ledger = NULL;
}

sb_err sb_history_rewind(sb_history *h, uint64_t size, sb_slice probe, const sb_commit_put *puts,
                         size_t put_count, sb_fail *fail)
{
    assert(size <= sb_store_count(h->store) && sb_ledger_unflushed(h->ledger) == 0);
    sb_fail reopened = {0};
    drop_ledger(h);
    uint64_t folded = can_undo(h, size) ? 0 : size;
    sb_err err = sb_store_begin(h->store, BATCH_BYTES + folded * FOLDED_LEAF_BYTES, fail);
    if (err != SB_OK)
        return err;
    err = go_back(h, size, fail);
    if (err == SB_OK)
        err = check_probe(h, probe, fail);
    if (err == SB_OK) {
        sb_history_put_own(h, puts, put_count);
        sb_history_put_tip(h);
    }
    err = end_batch(h, err, fail);
    drop_ledger(h);
    if (sb_store_error(h->store) == SB_OK && sb_history_open_ledger(h, &reopened) != SB_OK) {
        err = reopened.code;
        *fail = reopened;
    }
    return err;
}

/* ---- an older format ---- */

static sb_err too_old(sb_history *h, const sb_fail *why, sb_fail *fail)
{
    char format[24], index[24] = "?";
    if (why->argc > 0)
        (void)snprintf(index, sizeof index, "%.20s", why->arg[0]);
    (void)snprintf(format, sizeof format, "%u", (unsigned)sb_store_format(h->store));
    return sb_fail_set(fail, SB_E_STORE_TOO_OLD, h->dir, format, index, NULL);
}

/* Put here by mistake: the program that it belongs to may be too old for our format. */
static bool is_anothers(const sb_history *h)
{
    uint8_t id[32];
    return h->opts.federation_id != NULL && sb_ledger_federation_id(h->ledger, id) &&
           memcmp(id, h->opts.federation_id, sizeof id) != 0;
}

/* In a batch: rows of today, and a ledger over them. `why`: the log isn't taken any more. */
static sb_err bring_up_rows(sb_history *h, sb_fail *why, sb_fail *fail)
{
    forget_undo(h);
    if (sb_store_format(h->store) == 2 && sb_ledger_rows_from_2(sb_store_state(h->store)))
        return sb_history_open_ledger(h, fail);
    forget_rows(h);
    (void)refold(h, 0, sb_store_count(h->store), why);
    return SB_OK;
}

sb_err sb_history_migrate(sb_history *h, sb_fail *fail)
{
    char format[24];
    sb_fail why = {0};
    uint64_t count = sb_store_count(h->store);
    bool is_moved = sb_store_format(h->store) == 2;
    (void)snprintf(format, sizeof format, "%u", (unsigned)sb_store_format(h->store));
    if (h->opts.readonly)
        return sb_fail_set(fail, SB_E_STORE_OLDER, h->dir, format, NULL);
    sb_log(SB_LOG_INFO, "the store in %s is brought up from format %s to %u: %llu entries", h->dir,
           format, (unsigned)SB_STORE_FORMAT, (unsigned long long)count);
    sb_err err = sb_store_begin(
        h->store, BATCH_BYTES + count * (is_moved ? MOVED_LEAF_BYTES : FOLDED_LEAF_BYTES), fail);
    if (err != SB_OK)
        return err;
    err = bring_up_rows(h, &why, fail);
    if (err == SB_OK && why.code == SB_OK && is_anothers(h))
        err = sb_fail_set(fail, SB_E_DAEMON_WRONG_FEDERATION, h->dir, NULL);
    if (err == SB_OK)
        err = sb_history_leaves_hold(h, fail);
    if (err == SB_OK && why.code != SB_OK)
        err = too_old(h, &why, fail);
    if (err == SB_OK)
        sb_store_put_format(h->store);
    err = end_batch(h, err, fail);
    drop_ledger(h);
    return err;
}
