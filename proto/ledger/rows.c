#include "proto/ledger/rows.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/buf.h"
#include "proto/base/cursor.h"

/* The typedef tells K and V which struct they are in. */
#define K(type_, field_)                                                                           \
    {.name = #field_, .offset = offsetof(row_t, field_), .type = SB_ROW_##type_, .is_key = true},
#define V(type_, field_)                                                                           \
    {.name = #field_, .offset = offsetof(row_t, field_), .type = SB_ROW_##type_, .is_key = false},
#define SB_ROW(name_, table_, keys_, values_)                                                      \
    const sb_row_desc *sb_row_desc_##name_(void)                                                   \
    {                                                                                              \
        typedef sb_row_##name_ row_t;                                                              \
        static const sb_row_field keys[] = {keys_{.name = NULL}};                                  \
        static const sb_row_field fields[] = {keys_ values_{.name = NULL}};                        \
        static const sb_row_desc desc = {.name = #name_,                                           \
                                         .fields = fields,                                         \
                                         .key_count = sizeof keys / sizeof keys[0] - 1,            \
                                         .field_count = sizeof fields / sizeof fields[0] - 1,      \
                                         .table = table_};                                         \
        return &desc;                                                                              \
    }
#include "proto/ledger/rows.def"
#undef SB_ROW
#undef K
#undef V

const sb_row_desc *sb_row_desc_of(uint8_t table)
{
    switch (table) {
#define SB_ROW(name_, table_, keys_, values_)                                                      \
    case table_:                                                                                   \
        return sb_row_desc_##name_();
#include "proto/ledger/rows.def"
#undef SB_ROW
    default:
        return NULL;
    }
}

static const void *field_at(const sb_row_field *f, const void *row)
{
    return (const uint8_t *)row + f->offset;
}

static void write_field(sb_writer *w, const sb_row_field *f, const void *row)
{
    const void *p = field_at(f, row);
    switch ((sb_row_type)f->type) {
    case SB_ROW_u8:
        sb_write_u8(w, *(const uint8_t *)p);
        break;
    case SB_ROW_u16:
        sb_write_u16(w, *(const uint16_t *)p);
        break;
    case SB_ROW_u32:
        sb_write_u32(w, *(const uint32_t *)p);
        break;
    case SB_ROW_u64:
        sb_write_u64(w, *(const uint64_t *)p);
        break;
    case SB_ROW_d64:
        sb_write_u64(w, ~*(const uint64_t *)p);
        break;
    case SB_ROW_b32:
        sb_write_bytes(w, sb_slice_of(p, 32));
        break;
    case SB_ROW_str: {
        const char *text = *(const char *const *)p;
        sb_slice bytes = text == NULL ? (sb_slice){0} : sb_slice_str(text);
        assert(bytes.len <= UINT16_MAX);
        if (f->is_key)
            sb_write_bytes(w, bytes);
        else
            sb_write_var16(w, bytes);
        break;
    }
    case SB_ROW_bytes:
        sb_write_var32(w, *(const sb_slice *)p);
        break;
    }
}

static void read_field(sb_reader *r, const sb_row_field *f, sb_arena *arena, void *row)
{
    void *p = (uint8_t *)row + f->offset;
    switch ((sb_row_type)f->type) {
    case SB_ROW_u8:
        *(uint8_t *)p = sb_read_u8(r);
        break;
    case SB_ROW_u16:
        *(uint16_t *)p = sb_read_u16(r);
        break;
    case SB_ROW_u32:
        *(uint32_t *)p = sb_read_u32(r);
        break;
    case SB_ROW_u64:
        *(uint64_t *)p = sb_read_u64(r);
        break;
    case SB_ROW_d64:
        *(uint64_t *)p = ~sb_read_u64(r);
        break;
    case SB_ROW_b32:
        sb_read_into(r, p, 32);
        break;
    case SB_ROW_str:
        assert(arena != NULL);
        *(const char **)p =
            sb_arena_str(arena, f->is_key ? sb_read_bytes(r, sb_reader_left(r)) : sb_read_var16(r));
        break;
    case SB_ROW_bytes:
        assert(arena != NULL);
        *(sb_slice *)p = sb_arena_copy(arena, sb_read_var32(r));
        break;
    }
}

/* The first `count` key fields after the table. */
static sb_slice write_key(const sb_row_desc *d, const void *row, uint32_t count, uint8_t *out)
{
    sb_writer w = sb_writer_over(out, SB_KV_KEY_MAX);
    sb_write_u8(&w, d->table);
    assert(count <= d->key_count);
    for (uint32_t i = 0; i < count; i++)
        write_field(&w, &d->fields[i], row);
    assert(!w.failed);
    return sb_writer_slice(&w);
}

static bool read_row(const sb_row_desc *d, sb_kv *kv, sb_arena *arena, sb_slice value, void *row)
{
    sb_reader r = sb_reader_over(value);
    for (uint32_t i = d->key_count; i < d->field_count; i++)
        read_field(&r, &d->fields[i], arena, row);
    if (sb_reader_done(&r))
        return true;
    kv->error = SB_E_LEDGER_STATE;
    return false;
}

bool sb_row_get(const sb_row_desc *d, sb_kv *kv, sb_arena *arena, void *row)
{
    uint8_t bytes[SB_KV_KEY_MAX];
    sb_slice value;
    if (!sb_kv_get(kv, write_key(d, row, d->key_count, bytes), &value))
        return false;
    return read_row(d, kv, arena, value, row);
}

/* A bound of what the value takes. */
static size_t value_bytes(const sb_row_desc *d, const void *row)
{
    size_t total = 0;
    for (uint32_t i = d->key_count; i < d->field_count; i++) {
        const sb_row_field *f = &d->fields[i];
        total += 32;
        if (f->type == SB_ROW_str && *(const char *const *)field_at(f, row) != NULL)
            total += strlen(*(const char *const *)field_at(f, row));
        else if (f->type == SB_ROW_bytes)
            total += ((const sb_slice *)field_at(f, row))->len;
    }
    return total;
}

void sb_row_put(const sb_row_desc *d, sb_kv *kv, const void *row)
{
    uint8_t key[SB_KV_KEY_MAX], small[512];
    size_t cap = value_bytes(d, row);
    uint8_t *value = cap <= sizeof small ? small : sb_xmalloc(cap);
    sb_writer w = sb_writer_over(value, cap);
    for (uint32_t i = d->key_count; i < d->field_count; i++)
        write_field(&w, &d->fields[i], row);
    assert(!w.failed);
    sb_kv_put(kv, write_key(d, row, d->key_count, key), sb_writer_slice(&w));
    if (value != small)
        free(value);
}

void sb_row_del(const sb_row_desc *d, sb_kv *kv, const void *row)
{
    uint8_t key[SB_KV_KEY_MAX];
    sb_kv_del(kv, write_key(d, row, d->key_count, key));
}

bool sb_row_next(const sb_row_desc *d, sb_kv *kv, sb_arena *arena, void *row, bool inclusive,
                 uint32_t prefix)
{
    uint8_t from[SB_KV_KEY_MAX], within[SB_KV_KEY_MAX];
    sb_slice key, value;
    if (!sb_kv_next_in(kv, write_key(d, row, prefix, within), write_key(d, row, d->key_count, from),
                       inclusive, &key, &value))
        return false;
    sb_reader r = sb_reader_over(key);
    (void)sb_read_u8(&r);
    for (uint32_t i = 0; i < d->key_count; i++)
        read_field(&r, &d->fields[i], arena, row);
    if (!sb_reader_done(&r)) {
        kv->error = SB_E_LEDGER_STATE;
        return false;
    }
    return read_row(d, kv, arena, value, row);
}
