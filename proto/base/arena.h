/* An arena: everything a leaf, a frame or a command needs for a while, freed at once.
 * Out of memory ends the process (abort after a line on stderr is the caller's hook's business). */
#ifndef SB_BASE_ARENA_H
#define SB_BASE_ARENA_H

#include "proto/base/slice.h"

typedef struct sb_arena_chunk sb_arena_chunk;
typedef struct sb_arena {
    sb_arena_chunk *head; /* current chunk; older ones linked behind it */
    size_t used_bytes;    /* handed out since the last reset */
} sb_arena;

void sb_arena_init(sb_arena *a);
/* Free every chunk. */
void sb_arena_deinit(sb_arena *a);
/* Keep the newest (largest) chunk, forget what was handed out: no malloc in the steady state. */
void sb_arena_reset(sb_arena *a);
/* `bytes` zeroed bytes aligned to 16. Never NULL; 0 bytes gives a valid pointer. */
void *sb_arena_alloc(sb_arena *a, size_t bytes);
/* Copies; the string one appends a NUL. */
sb_slice sb_arena_copy(sb_arena *a, sb_slice bytes);
char *sb_arena_str(sb_arena *a, sb_slice bytes);
/* printf into the arena (no floats, no locale-dependent formats). */
char *sb_arena_printf(sb_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define SB_ARENA_NEW(a, type) ((type *)sb_arena_alloc((a), sizeof(type)))
#define SB_ARENA_ARRAY(a, type, n) ((type *)sb_arena_alloc((a), sizeof(type) * (size_t)(n)))

#endif
