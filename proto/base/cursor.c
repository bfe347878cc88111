#include "proto/base/cursor.h"

sb_reader sb_reader_over(sb_slice bytes)
{
    return (sb_reader){.data = bytes.data, .len = bytes.len};
}

/* The next `len` bytes, or NULL from the first overrun on. Not for len 0. */
static const uint8_t *take(sb_reader *r, size_t len)
{
    if (r->failed || len > r->len - r->at) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *p = r->data + r->at;
    r->at += len;
    return p;
}

static uint64_t read_number(sb_reader *r, size_t bytes)
{
    const uint8_t *p = take(r, bytes);
    uint64_t v = 0;
    for (size_t i = 0; p != NULL && i < bytes; i++)
        v = v << 8 | p[i];
    return v;
}

uint8_t sb_read_u8(sb_reader *r)
{
    return (uint8_t)read_number(r, 1);
}

uint16_t sb_read_u16(sb_reader *r)
{
    return (uint16_t)read_number(r, 2);
}

uint32_t sb_read_u32(sb_reader *r)
{
    return (uint32_t)read_number(r, 4);
}

uint64_t sb_read_u64(sb_reader *r)
{
    return read_number(r, 8);
}

sb_slice sb_read_bytes(sb_reader *r, size_t len)
{
    if (len == 0)
        return (sb_slice){0};
    const uint8_t *p = take(r, len);
    return p != NULL ? sb_slice_of(p, len) : (sb_slice){0};
}

void sb_read_into(sb_reader *r, uint8_t *out, size_t len)
{
    if (len == 0)
        return;
    const uint8_t *p = take(r, len);
    if (p != NULL)
        memcpy(out, p, len);
    else
        memset(out, 0, len);
}

sb_slice sb_read_var16(sb_reader *r)
{
    return sb_read_bytes(r, sb_read_u16(r));
}

sb_slice sb_read_var32(sb_reader *r)
{
    return sb_read_bytes(r, sb_read_u32(r));
}

bool sb_reader_done(const sb_reader *r)
{
    return !r->failed && r->at == r->len;
}

size_t sb_reader_left(const sb_reader *r)
{
    return r->failed ? 0 : r->len - r->at;
}

sb_writer sb_writer_over(uint8_t *data, size_t cap)
{
    return (sb_writer){.data = data, .cap = cap};
}

/* Room for `len` more bytes, or NULL from the first overrun on. Not for len 0. */
static uint8_t *room(sb_writer *w, size_t len)
{
    if (w->failed || len > w->cap - w->at) {
        w->failed = true;
        return NULL;
    }
    uint8_t *p = w->data + w->at;
    w->at += len;
    return p;
}

static void write_number(sb_writer *w, uint64_t v, size_t bytes)
{
    uint8_t *p = room(w, bytes);
    for (size_t i = 0; p != NULL && i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

void sb_write_u8(sb_writer *w, uint8_t v)
{
    write_number(w, v, 1);
}

void sb_write_u16(sb_writer *w, uint16_t v)
{
    write_number(w, v, 2);
}

void sb_write_u32(sb_writer *w, uint32_t v)
{
    write_number(w, v, 4);
}

void sb_write_u64(sb_writer *w, uint64_t v)
{
    write_number(w, v, 8);
}

void sb_write_bytes(sb_writer *w, sb_slice bytes)
{
    if (bytes.len == 0)
        return;
    uint8_t *p = room(w, bytes.len);
    if (p != NULL)
        memcpy(p, bytes.data, bytes.len);
}

/* A length that its field can't hold would change the meaning of what follows: it fails. */
void sb_write_var16(sb_writer *w, sb_slice bytes)
{
    if (bytes.len > UINT16_MAX)
        w->failed = true;
    sb_write_u16(w, (uint16_t)bytes.len);
    sb_write_bytes(w, bytes);
}

void sb_write_var32(sb_writer *w, sb_slice bytes)
{
    if (bytes.len > UINT32_MAX)
        w->failed = true;
    sb_write_u32(w, (uint32_t)bytes.len);
    sb_write_bytes(w, bytes);
}

sb_slice sb_writer_slice(const sb_writer *w)
{
    return sb_slice_of(w->data, w->at);
}
