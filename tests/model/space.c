/* The set of states: whole spellings, no hash compaction, so that exhaustive means exhaustive. */
#include "tests/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *grown(void *p, size_t bytes)
{
    void *q = realloc(p, bytes);
    if (!q) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    return q;
}

static uint64_t hash_of(const uint8_t *code, size_t length)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ code[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

const uint8_t *sb_space_at(const sb_space *space, uint32_t index, size_t *length)
{
    size_t end = index + 1 < space->count ? space->offset[index + 1] : space->used;
    *length = end - space->offset[index];
    return space->bytes + space->offset[index];
}

static void rehash(sb_space *s)
{
    s->slots = s->slots ? 2 * s->slots : 1u << 14;
    free(s->slot);
    s->slot = grown(NULL, s->slots * sizeof *s->slot);
    memset(s->slot, 0, s->slots * sizeof *s->slot);
    for (uint32_t i = 0; i < s->count; i++) {
        size_t length;
        const uint8_t *code = sb_space_at(s, i, &length);
        size_t at = hash_of(code, length) & (s->slots - 1);
        while (s->slot[at])
            at = (at + 1) & (s->slots - 1);
        s->slot[at] = i + 1;
    }
    s->offset = grown(s->offset, s->slots / 2 * sizeof *s->offset);
    s->from = grown(s->from, s->slots / 2 * sizeof *s->from);
    s->depth = grown(s->depth, s->slots / 2 * sizeof *s->depth);
}

uint32_t sb_space_add(sb_space *s, const uint8_t *code, size_t length, uint32_t from)
{
    if (2 * ((size_t)s->count + 1) > s->slots)
        rehash(s);
    size_t at = hash_of(code, length) & (s->slots - 1);
    for (; s->slot[at]; at = (at + 1) & (s->slots - 1)) {
        size_t had_length;
        const uint8_t *had = sb_space_at(s, s->slot[at] - 1, &had_length);
        if (had_length == length && !memcmp(had, code, length))
            return s->slot[at] - 1;
    }
    if (s->count >= s->limit) {
        s->full = true;
        return UINT32_MAX;
    }
    if (s->used + length > s->room) {
        s->room = s->room ? s->room + s->room / 2 : 1u << 20;
        s->bytes = grown(s->bytes, s->room);
    }
    memcpy(s->bytes + s->used, code, length);
    s->offset[s->count] = s->used;
    s->from[s->count] = from;
    s->depth[s->count] = s->count ? (uint16_t)(s->depth[from] + 1) : 0;
    s->used += length;
    s->slot[at] = ++s->count;
    return s->count - 1;
}

uint64_t sb_space_bytes(const sb_space *s)
{
    return s->room + s->slots * sizeof *s->slot +
           s->slots / 2 * (sizeof *s->offset + sizeof *s->from + sizeof *s->depth);
}

void sb_space_free(sb_space *s)
{
    free(s->bytes);
    free(s->offset);
    free(s->from);
    free(s->depth);
    free(s->slot);
}
