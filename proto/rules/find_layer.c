#include "proto/rules/find_layer.h"

#include <stdlib.h>

int sb_find_key_cmp(const sb_find_key *a, const sb_find_key *b)
{
    for (int v = 0; v < SB_FIND_VIEWS_MAX; v++)
        if (a->scopes[v] != b->scopes[v])
            return a->scopes[v] < b->scopes[v] ? -1 : 1;
    for (int i = 0; i < 2 * SB_FIND_BODIES_MAX; i++)
        if (a->words[i / 2][i % 2] != b->words[i / 2][i % 2])
            return a->words[i / 2][i % 2] < b->words[i / 2][i % 2] ? -1 : 1;
    return a->shows == b->shows ? 0 : a->shows < b->shows ? -1 : 1;
}

static uint64_t hash(const sb_find_key *k)
{
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t h = k->shows;
    for (int i = 0; i < 2 * SB_FIND_BODIES_MAX; i++)
        h = (h ^ k->words[i / 2][i % 2]) * odd ^ h >> 29;
    for (int v = 0; v < SB_FIND_VIEWS_MAX; v++)
        h = (h ^ k->scopes[v]) * odd ^ h >> 31;
    return h ^ h >> 32;
}

/* The slot of the key, or the free one where it belongs. */
static size_t slot_of(const sb_find_layer *l, const sb_find_key *key)
{
    size_t slot = (size_t)hash(key) & (l->slot_count - 1);
    while (l->slots[slot] != 0 && sb_find_key_cmp(&l->at[l->slots[slot] - 1].key, key) != 0)
        slot = (slot + 1) & (l->slot_count - 1);
    return slot;
}

static void widen(sb_find_layer *l)
{
    l->cap = l->cap == 0 ? 64 : l->cap * 2;
    l->at = sb_xrealloc(l->at, l->cap * sizeof *l->at);
    l->slot_count = l->cap * 2;
    l->slots = sb_xrealloc(l->slots, l->slot_count * sizeof *l->slots);
    memset(l->slots, 0, l->slot_count * sizeof *l->slots);
    for (size_t i = 0; i < l->count; i++)
        l->slots[slot_of(l, &l->at[i].key)] = (uint32_t)i + 1;
}

bool sb_find_layer_add(sb_find_layer *l, const sb_find_state *s, size_t most)
{
    if (l->count == l->cap)
        widen(l);
    size_t slot = slot_of(l, &s->key);
    if (l->slots[slot] != 0) {
        sb_find_state *there = &l->at[l->slots[slot] - 1];
        if (s->cost < there->cost)
            there->cost = s->cost;
        return true;
    }
    if (l->count == most)
        return false;
    l->at[l->count++] = *s;
    l->slots[slot] = (uint32_t)l->count;
    return true;
}

sb_find_state *sb_find_layer_get(const sb_find_layer *l, const sb_find_key *key)
{
    uint32_t at = l->slot_count == 0 ? 0 : l->slots[slot_of(l, key)];
    return at == 0 ? NULL : &l->at[at - 1];
}

void sb_find_layer_free(sb_find_layer *l)
{
    free(l->at);
    free(l->slots);
}
