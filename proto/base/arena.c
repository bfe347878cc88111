#include "proto/base/arena.h"

#include "proto/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_BYTES_MIN = 16 * 1024, ALIGN_BYTES = 16 };

struct sb_arena_chunk {
    sb_arena_chunk *older;
    size_t cap, used;
    _Alignas(ALIGN_BYTES) uint8_t data[];
};

void sb_arena_init(sb_arena *a)
{
    *a = (sb_arena){0};
}

static void free_chunks(sb_arena_chunk *c)
{
    while (c != NULL) {
        sb_arena_chunk *older = c->older;
        free(c);
        c = older;
    }
}

void sb_arena_deinit(sb_arena *a)
{
    free_chunks(a->head);
    *a = (sb_arena){0};
}

/* Chunks double, so the newest holds more than the others together: keeping it converges on one
 * chunk that holds a whole round. */
void sb_arena_reset(sb_arena *a)
{
    if (a->head == NULL)
        return;
    free_chunks(a->head->older);
    a->head->older = NULL;
    a->head->used = 0;
    a->used_bytes = 0;
}

static void add_chunk(sb_arena *a, size_t bytes)
{
    size_t cap = a->head != NULL ? a->head->cap * 2 : CHUNK_BYTES_MIN;
    if (cap < bytes)
        cap = bytes;
    sb_arena_chunk *c = sb_xmalloc(sizeof *c + cap);
    c->older = a->head;
    c->cap = cap;
    c->used = 0;
    a->head = c;
}

void *sb_arena_alloc(sb_arena *a, size_t bytes)
{
    assert(bytes <= SIZE_MAX / 4);
    size_t rounded = (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
    if (rounded == 0)
        rounded = ALIGN_BYTES;
    if (a->head == NULL || rounded > a->head->cap - a->head->used)
        add_chunk(a, rounded);
    void *p = a->head->data + a->head->used;
    a->head->used += rounded;
    a->used_bytes += rounded;
    memset(p, 0, rounded);
    return p;
}

sb_slice sb_arena_copy(sb_arena *a, sb_slice bytes)
{
    uint8_t *p = sb_arena_alloc(a, bytes.len);
    if (bytes.len > 0)
        memcpy(p, bytes.data, bytes.len);
    return sb_slice_of(p, bytes.len);
}

char *sb_arena_str(sb_arena *a, sb_slice bytes)
{
    char *p = sb_arena_alloc(a, bytes.len + 1);
    if (bytes.len > 0)
        memcpy(p, bytes.data, bytes.len);
    return p;
}

char *sb_arena_printf(sb_arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    char *p = sb_arena_alloc(a, (size_t)len + 1);
    vsnprintf(p, (size_t)len + 1, format, again);
    va_end(again);
    return p;
}
