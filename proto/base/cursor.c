#include "proto/base/cursor.h"

sb_reader sb_reader_over(sb_slice bytes)
{
    return (sb_reader){.data = bytes.data, .len = bytes.len};
}

sb_slice sb_read_bytes(sb_reader *r, size_t len)
{
    if (len == 0)
        return (sb_slice){0};
    const uint8_t *p = sb_reader_take(r, len);
    return p != NULL ? sb_slice_of(p, len) : (sb_slice){0};
}

void sb_read_into(sb_reader *r, uint8_t *out, size_t len)
{
    if (len == 0)
        return;
    const uint8_t *p = sb_reader_take(r, len);
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

void sb_write_bytes(sb_writer *w, sb_slice bytes)
{
    if (bytes.len == 0)
        return;
    uint8_t *p = sb_writer_room(w, bytes.len);
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
