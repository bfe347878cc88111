#include <stdlib.h>

#include "tests/sim/world_inside.h"

static size_t slot_of(const sw_map *m, const uint8_t key[32])
{
    uint64_t h;
    memcpy(&h, key, 8);
    size_t at = h & (m->cap - 1);
    while (m->rows[at].used && memcmp(m->rows[at].key, key, 32) != 0)
        at = (at + 1) & (m->cap - 1);
    return at;
}

static void grow(sw_map *m)
{
    sw_map old = *m;
    m->cap = old.cap == 0 ? 256 : 2 * old.cap;
    m->rows = calloc(m->cap, sizeof *m->rows);
    if (m->rows == NULL)
        abort();
    for (size_t i = 0; i < old.cap; i++)
        if (old.rows[i].used)
            m->rows[slot_of(m, old.rows[i].key)] = old.rows[i];
    free(old.rows);
}

sw_map_row *sw_map_find(const sw_map *m, const uint8_t key[32])
{
    if (m->cap == 0)
        return NULL;
    sw_map_row *row = &m->rows[slot_of(m, key)];
    return row->used ? row : NULL;
}

sw_map_row *sw_map_at(sw_map *m, const uint8_t key[32], bool *is_new)
{
    if (2 * m->count >= m->cap)
        grow(m);
    sw_map_row *row = &m->rows[slot_of(m, key)];
    *is_new = !row->used;
    if (*is_new) {
        memcpy(row->key, key, 32);
        row->used = true;
        m->count++;
    }
    return row;
}

void sw_map_deinit(sw_map *m)
{
    free(m->rows);
    *m = (sw_map){0};
}
