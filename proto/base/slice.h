/* Byte ranges and big-endian numbers. */
#ifndef SB_BASE_SLICE_H
#define SB_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes. data may be NULL only when len is 0. */
typedef struct sb_slice {
    const uint8_t *data;
    size_t len;
} sb_slice;

enum { SB_HASH_BYTES = 32 };

static inline sb_slice sb_slice_of(const void *data, size_t len)
{
    return (sb_slice){.data = data, .len = len};
}

static inline sb_slice sb_slice_str(const char *text)
{
    return (sb_slice){.data = (const uint8_t *)text, .len = strlen(text)};
}

static inline bool sb_slice_eq(sb_slice a, sb_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool sb_slice_starts_with(sb_slice bytes, sb_slice prefix)
{
    return bytes.len >= prefix.len && sb_slice_eq(sb_slice_of(bytes.data, prefix.len), prefix);
}

/* Byte order; a prefix comes first. <0, 0, >0. */
static inline int sb_slice_cmp(sb_slice a, sb_slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.data, b.data, n);
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len ? 1 : 0;
}

#endif
