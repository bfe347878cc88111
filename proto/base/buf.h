/* A growing byte buffer, heap-owned. Out of memory ends the process. */
#ifndef SB_BASE_BUF_H
#define SB_BASE_BUF_H

#include "proto/base/slice.h"

typedef struct sb_buf {
    uint8_t *data;
    size_t len, cap;
} sb_buf;

void sb_buf_init(sb_buf *b);
void sb_buf_deinit(sb_buf *b);
void sb_buf_clear(sb_buf *b); /* keeps the capacity */
void sb_buf_add(sb_buf *b, sb_slice bytes);
/* So many more bytes at the end, for the caller to fill; borrowed until the next change. */
uint8_t *sb_buf_more(sb_buf *b, size_t bytes);
void sb_buf_str(sb_buf *b, const char *text);
void sb_buf_u64(sb_buf *b, uint64_t v); /* in decimal */
void sb_buf_printf(sb_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline sb_slice sb_buf_slice(const sb_buf *b)
{
    return (sb_slice){.data = b->data, .len = b->len};
}
/* As a NUL-terminated string, borrowed until the next change. */
const char *sb_buf_cstr(sb_buf *b);

/* How a program ends without memory: set once at its start, must not return, must not allocate;
 * abort when nobody says otherwise. */
void sb_on_out_of_memory(void (*end)(void));
_Noreturn void sb_out_of_memory(void);
/* malloc/realloc that end the process when memory runs out. */
void *sb_xmalloc(size_t bytes);
void *sb_xrealloc(void *old, size_t bytes);

#endif
