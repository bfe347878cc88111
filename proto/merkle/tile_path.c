#include <assert.h>
#include <stdio.h>

#include "proto/merkle/tree.h"

/* Three digits a path element, all but the last marked x (C2SP tlog-tiles, Merkle Tree). */
void sb_tile_path(bool is_entries, uint32_t level, uint64_t index, uint32_t width,
                  char out[SB_TILE_PATH_BYTES])
{
    char groups[40] = "";
    uint64_t rest = index;

    assert(width >= 1 && width <= SB_TILE_WIDTH && level < SB_TREE_LEVELS);
    snprintf(groups, sizeof groups, "%03u", (unsigned)(rest % 1000));
    for (rest /= 1000; rest > 0; rest /= 1000) {
        char longer[sizeof groups];
        snprintf(longer, sizeof longer, "x%03u/%.33s", (unsigned)(rest % 1000), groups);
        memcpy(groups, longer, sizeof groups);
    }
    int n = is_entries ? snprintf(out, SB_TILE_PATH_BYTES, "entries/%s", groups)
                       : snprintf(out, SB_TILE_PATH_BYTES, "%u/%s", (unsigned)level, groups);
    assert(n > 0 && n < SB_TILE_PATH_BYTES);
    if (width < SB_TILE_WIDTH)
        n += snprintf(out + n, (size_t)(SB_TILE_PATH_BYTES - n), ".p/%u", (unsigned)width);
    assert(n < SB_TILE_PATH_BYTES);
}
