/* Sticky, bounds-checked cursors for byte layouts. All numbers are big-endian.
 *
 * A reader that runs past its end sets `failed` and from then on returns zeros; check once at the
 * end with sb_reader_done. A writer that runs past its capacity sets `failed` and writes no more.
 */
#ifndef SB_BASE_CURSOR_H
#define SB_BASE_CURSOR_H

#include "proto/base/slice.h"

typedef struct sb_reader {
    const uint8_t *data;
    size_t len, at;
    bool failed;
} sb_reader;

typedef struct sb_writer {
    uint8_t *data;
    size_t cap, at;
    bool failed;
} sb_writer;

sb_reader sb_reader_over(sb_slice bytes);
static inline uint8_t sb_read_u8(sb_reader *r);
static inline uint16_t sb_read_u16(sb_reader *r);
static inline uint32_t sb_read_u32(sb_reader *r);
static inline uint64_t sb_read_u64(sb_reader *r);
/* Borrow the next `len` bytes; an empty slice after a failure. */
sb_slice sb_read_bytes(sb_reader *r, size_t len);
/* Copy exactly `len` bytes into out (zeros after a failure). */
void sb_read_into(sb_reader *r, uint8_t *out, size_t len);
/* u16 length then bytes; u32 length then bytes. */
sb_slice sb_read_var16(sb_reader *r);
sb_slice sb_read_var32(sb_reader *r);
/* True when nothing failed and nothing is left over. */
bool sb_reader_done(const sb_reader *r);
size_t sb_reader_left(const sb_reader *r);

sb_writer sb_writer_over(uint8_t *data, size_t cap);
static inline void sb_write_u8(sb_writer *w, uint8_t v);
static inline void sb_write_u16(sb_writer *w, uint16_t v);
static inline void sb_write_u32(sb_writer *w, uint32_t v);
static inline void sb_write_u64(sb_writer *w, uint64_t v);
void sb_write_bytes(sb_writer *w, sb_slice bytes);
void sb_write_var16(sb_writer *w, sb_slice bytes);
void sb_write_var32(sb_writer *w, sb_slice bytes);
/* What was written so far (borrowed). */
sb_slice sb_writer_slice(const sb_writer *w);

/* ---- inline, for rows are read and written field by field ---- */

/* The next `len` bytes, or NULL from the first overrun on. Not for len 0. */
static inline const uint8_t *sb_reader_take(sb_reader *reader, size_t len)
{
    if (reader->failed || len > reader->len - reader->at) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *p = reader->data + reader->at;
    reader->at += len;
    return p;
}

static inline uint8_t sb_read_u8(sb_reader *reader)
{
    const uint8_t *p = sb_reader_take(reader, 1);
    return p != NULL ? *p : 0;
}

static inline uint16_t sb_read_u16(sb_reader *reader)
{
    const uint8_t *p = sb_reader_take(reader, 2);
    return p != NULL ? sb_be16(p) : 0;
}

static inline uint32_t sb_read_u32(sb_reader *reader)
{
    const uint8_t *p = sb_reader_take(reader, 4);
    return p != NULL ? sb_be32(p) : 0;
}

static inline uint64_t sb_read_u64(sb_reader *reader)
{
    const uint8_t *p = sb_reader_take(reader, 8);
    return p != NULL ? sb_be64(p) : 0;
}

/* Room for `len` more bytes, or NULL from the first overrun on. Not for len 0. */
static inline uint8_t *sb_writer_room(sb_writer *writer, size_t len)
{
    if (writer->failed || len > writer->cap - writer->at) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *p = writer->data + writer->at;
    writer->at += len;
    return p;
}

static inline void sb_write_u8(sb_writer *writer, uint8_t v)
{
    uint8_t *p = sb_writer_room(writer, 1);
    if (p != NULL)
        *p = v;
}

static inline void sb_write_u16(sb_writer *writer, uint16_t v)
{
    uint8_t *p = sb_writer_room(writer, 2);
    if (p != NULL)
        sb_put_be16(p, v);
}

static inline void sb_write_u32(sb_writer *writer, uint32_t v)
{
    uint8_t *p = sb_writer_room(writer, 4);
    if (p != NULL)
        sb_put_be32(p, v);
}

static inline void sb_write_u64(sb_writer *writer, uint64_t v)
{
    uint8_t *p = sb_writer_room(writer, 8);
    if (p != NULL)
        sb_put_be64(p, v);
}

#endif
