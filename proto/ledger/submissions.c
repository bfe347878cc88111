/* Where the entries of a key are, for who submits one again. A key's newest stand beside other keys' newest, so
 * that a batch of many keys' entries writes few pages; when they are many they move to where nothing is
 * written again. */
#include "proto/base/cursor.h"
#include "proto/ledger/machine.h"

enum {
    PAIR_BYTES = 16, /* u64 seq, u64 index, by rising seq */
    PAIRS_BYTES_MAX = 16 * PAIR_BYTES,
    SPENT_TABLE = 0x80 /* of store format 2 */
};

/* False: the row is damaged, and the kv says so. */
static bool are_pairs(sb_kv *kv, sb_slice pairs)
{
    if (pairs.len % PAIR_BYTES == 0 && pairs.len <= PAIRS_BYTES_MAX)
        return true;
    kv->error = SB_E_LEDGER_STATE;
    return false;
}

static uint64_t last_seq(sb_slice pairs)
{
    sb_reader r = sb_reader_over(sb_slice_of(pairs.data + pairs.len - PAIR_BYTES, PAIR_BYTES));
    return sb_read_u64(&r);
}

/* The key's next pair. */
static void put_pair(sb_kv *kv, sb_arena *arena, uint32_t key, uint64_t seq, uint64_t index)
{
    uint8_t pairs[PAIRS_BYTES_MAX];
    sb_writer w = sb_writer_over(pairs, sizeof pairs);
    sb_row_newest newest = {.key = key};
    if (sb_row_newest_get(kv, arena, &newest) && !are_pairs(kv, newest.pairs))
        return;
    if (newest.pairs.len < sizeof pairs) {
        sb_write_bytes(&w, newest.pairs);
    } else {
        sb_row_older older = {.key = key, .last_seq = last_seq(newest.pairs)};
        older.pairs = newest.pairs;
        sb_row_older_put(kv, &older);
    }
    sb_write_u64(&w, seq);
    sb_write_u64(&w, index);
    newest.pairs = sb_writer_slice(&w);
    sb_row_newest_put(kv, &newest);
}

void sb_submission_put(sb_step *s)
{
    put_pair(s->kv, s->arena, s->signer.no, s->leaf->entry.signer_seq, s->index);
}

static bool find_in(sb_kv *kv, sb_slice pairs, uint64_t seq, uint64_t *index)
{
    sb_reader r = sb_reader_over(pairs);
    if (!are_pairs(kv, pairs))
        return false;
    while (sb_reader_left(&r) > 0) {
        bool is_it = sb_read_u64(&r) == seq;
        uint64_t at = sb_read_u64(&r);
        if (is_it) {
            *index = at;
            return true;
        }
    }
    return false;
}

bool sb_ledger_find_submission(sb_ledger *l, const uint8_t signer_pk[32], uint64_t signer_seq,
                               uint64_t *index)
{
    sb_kv *kv = sb_ledger_kv(l);
    sb_row_key key;
    sb_arena arena;
    if (!sb_key_find(kv, signer_pk, &key))
        return false;
    sb_arena_init(&arena);
    sb_row_newest newest = {.key = key.no};
    sb_row_older older = {.key = key.no, .last_seq = signer_seq};
    bool found =
        (sb_row_newest_get(kv, &arena, &newest) && find_in(kv, newest.pairs, signer_seq, index)) ||
        (sb_row_older_next(kv, &arena, &older, true, 1) &&
         find_in(kv, older.pairs, signer_seq, index));
    sb_arena_deinit(&arena);
    return found;
}

/* ---- an older store's rows ---- */

typedef struct spent_row {
    uint32_t key;
    uint64_t seq, index;
} spent_row;

static bool read_spent(sb_slice key, sb_slice value, spent_row *out)
{
    sb_reader k = sb_reader_over(key), v = sb_reader_over(value);
    (void)sb_read_u8(&k);
    out->key = sb_read_u32(&k);
    out->seq = sb_read_u64(&k);
    out->index = sb_read_u64(&v);
    return sb_reader_done(&k) && sb_reader_done(&v);
}

/* They come by key and seq, as the entries came; only the last of what is made of a key's is written. */
bool sb_ledger_rows_from_2(sb_kv *state)
{
    static const uint8_t table = SPENT_TABLE;
    sb_kv_walk row = {.kv = state, .prefix = sb_slice_of(&table, 1)};
    sb_overlay *made = sb_overlay_new(state);
    spent_row spent;
    sb_arena arena;
    sb_arena_init(&arena);
    bool is_read = true;
    while (is_read && sb_kv_walk_next(&row)) {
        is_read = read_spent(row.key, row.value, &spent);
        sb_kv_del(state, row.key);
        sb_arena_reset(&arena);
        put_pair(sb_overlay_kv(made), &arena, spent.key, spent.seq, spent.index);
    }
    is_read = is_read && sb_kv_error(sb_overlay_kv(made)) == SB_OK;
    if (is_read)
        sb_overlay_flush(made);
    sb_overlay_free(made);
    sb_arena_deinit(&arena);
    return is_read;
}
