/* Hand-written protobuf bytes, also such as no library would write. */
#ifndef SB_TESTS_PB_WIRE_H
#define SB_TESTS_PB_WIRE_H

#include "proto/base/buf.h"

/* A varint in at least `width` bytes (0: minimal). */
static inline void pb_varint(sb_buf *b, uint64_t value, uint32_t width)
{
    uint32_t written = 0;
    do {
        uint8_t byte = (uint8_t)(value & 0x7F);
        value >>= 7;
        written++;
        if (value != 0 || written < width)
            byte |= 0x80;
        sb_buf_add(b, sb_slice_of(&byte, 1));
    } while (value != 0 || written < width);
}

static inline void pb_tag(sb_buf *b, uint64_t number, uint32_t wire_type)
{
    pb_varint(b, number << 3 | wire_type, 0);
}

static inline void pb_number(sb_buf *b, uint64_t number, uint64_t value)
{
    pb_tag(b, number, 0);
    pb_varint(b, value, 0);
}

static inline void pb_bytes(sb_buf *b, uint64_t number, sb_slice bytes)
{
    pb_tag(b, number, 2);
    pb_varint(b, bytes.len, 0);
    sb_buf_add(b, bytes);
}

static inline void pb_str(sb_buf *b, uint64_t number, const char *text)
{
    pb_bytes(b, number, sb_slice_str(text));
}

/* `len` times the same byte. */
static inline void pb_fill(sb_buf *b, uint64_t number, uint8_t byte, size_t len)
{
    pb_tag(b, number, 2);
    pb_varint(b, len, 0);
    for (size_t i = 0; i < len; i++)
        sb_buf_add(b, sb_slice_of(&byte, 1));
}

#endif
