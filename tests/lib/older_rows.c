#include "tests/lib/older_rows.h"

#include "proto/base/cursor.h"

/* Each pair of the table's rows as a row of its own; the value is u32 length ‖ pairs. */
static void spread(sb_kv *kv, uint8_t table)
{
    sb_kv_walk row = {.kv = kv, .prefix = sb_slice_of(&table, 1)};
    while (sb_kv_walk_next(&row)) {
        uint8_t pairs[256];
        size_t len = row.value.len - 4;
        memcpy(pairs, row.value.data + 4, len);
        for (size_t at = 0; at < len; at += 16) {
            uint8_t key[1 + 4 + 8] = {0x80};
            memcpy(key + 1, row.key.data + 1, 4);
            memcpy(key + 5, pairs + at, 8);
            sb_kv_put(kv, sb_slice_of(key, sizeof key), sb_slice_of(pairs + at + 8, 8));
        }
        sb_kv_del(kv, row.key);
    }
}

void older_rows_2(sb_kv *kv)
{
    spread(kv, 0x84);
    spread(kv, 0x85);
}
