#include "proto/ledger/rows.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/buf.h"

/* ---- fields ---- */

#define READ(type_)                                                                                \
    static inline void read_##type_(sb_reader *r, sb_arena *arena, bool is_key,                    \
                                    sb_row_ctype_##type_ *field)
#define WRITE(type_)                                                                               \
    static inline void write_##type_(sb_writer *w, bool is_key, const sb_row_ctype_##type_ *field)
#define NUMBER(type_, reader_, writer_)                                                            \
    READ(type_)                                                                                    \
    {                                                                                              \
        (void)arena, (void)is_key;                                                                 \
        *field = reader_(r);                                                                       \
    }                                                                                              \
    WRITE(type_)                                                                                   \
    {                                                                                              \
        (void)is_key;                                                                              \
        writer_(w, *field);                                                                        \
    }

NUMBER(u8, sb_read_u8, sb_write_u8)
NUMBER(u32, sb_read_u32, sb_write_u32)
NUMBER(u64, sb_read_u64, sb_write_u64)

READ(d64)
{
    (void)arena, (void)is_key;
    *field = ~sb_read_u64(r);
}

WRITE(d64)
{
    (void)is_key;
    sb_write_u64(w, ~*field);
}

READ(b32)
{
    (void)arena, (void)is_key;
    sb_read_into(r, *field, 32);
}

WRITE(b32)
{
    (void)is_key;
    sb_write_bytes(w, sb_slice_of(*field, 32));
}

READ(str)
{
    assert(arena != NULL);
    *field = sb_arena_str(arena, is_key ? sb_read_bytes(r, sb_reader_left(r)) : sb_read_var16(r));
}

WRITE(str)
{
    sb_slice bytes = *field == NULL ? (sb_slice){0} : sb_slice_str(*field);
    assert(bytes.len <= UINT16_MAX);
    if (is_key)
        sb_write_bytes(w, bytes);
    else
        sb_write_var16(w, bytes);
}

READ(bytes)
{
    (void)is_key;
    assert(arena != NULL);
    *field = sb_arena_copy(arena, sb_read_var32(r));
}

WRITE(bytes)
{
    (void)is_key;
    sb_write_var32(w, *field);
}

/* ---- each row's own code: straight through its fields ---- */

#define SB_ROW(name_, table_, keys_, values_)                                                      \
    static void read_keys_##name_(sb_reader *r, sb_arena *arena, void *at)                         \
    {                                                                                              \
        sb_row_##name_ *row = at;                                                                  \
        (void)row, (void)r, (void)arena;                                                           \
        keys_                                                                                      \
    }                                                                                              \
    static void read_values_##name_(sb_reader *r, sb_arena *arena, void *at)                       \
    {                                                                                              \
        sb_row_##name_ *row = at;                                                                  \
        (void)row, (void)r, (void)arena;                                                           \
        values_                                                                                    \
    }
#define K(type_, field_) read_##type_(r, arena, true, &row->field_);
#define V(type_, field_) read_##type_(r, arena, false, &row->field_);
#include "proto/ledger/rows.def"
#undef SB_ROW
#undef K
#undef V

#define SB_ROW(name_, table_, keys_, values_)                                                      \
    static void write_keys_##name_(sb_writer *w, const void *at, uint32_t count)                   \
    {                                                                                              \
        const sb_row_##name_ *row = at;                                                            \
        (void)row, (void)w, (void)count;                                                           \
        keys_                                                                                      \
    }                                                                                              \
    static void write_values_##name_(sb_writer *w, const void *at)                                 \
    {                                                                                              \
        const sb_row_##name_ *row = at;                                                            \
        (void)row, (void)w;                                                                        \
        values_                                                                                    \
    }
#define K(type_, field_)                                                                           \
    if (count-- == 0)                                                                              \
        return;                                                                                    \
    write_##type_(w, true, &row->field_);
#define V(type_, field_) write_##type_(w, false, &row->field_);
#include "proto/ledger/rows.def"
#undef SB_ROW
#undef K
#undef V

/* ---- descriptions ---- */

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
                                         .table = table_,                                          \
                                         .read_keys = read_keys_##name_,                           \
                                         .read_values = read_values_##name_,                       \
                                         .write_keys = write_keys_##name_,                         \
                                         .write_values = write_values_##name_};                    \
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

/* ---- rows ---- */

/* The first `count` key fields after the table. */
static sb_slice write_key(const sb_row_desc *d, const void *row, uint32_t count, uint8_t *out)
{
    sb_writer w = sb_writer_over(out, SB_KV_KEY_MAX);
    sb_write_u8(&w, d->table);
    assert(count <= d->key_count);
    d->write_keys(&w, row, count);
    assert(!w.failed);
    return sb_writer_slice(&w);
}

static bool read_row(const sb_row_desc *d, sb_kv *kv, sb_arena *arena, sb_slice value, void *row)
{
    sb_reader r = sb_reader_over(value);
    d->read_values(&r, arena, row);
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
        const void *field = (const uint8_t *)row + f->offset;
        total += 32;
        if (f->type == SB_ROW_str && *(const char *const *)field != NULL)
            total += strlen(*(const char *const *)field);
        else if (f->type == SB_ROW_bytes)
            total += ((const sb_slice *)field)->len;
    }
    return total;
}

void sb_row_put(const sb_row_desc *d, sb_kv *kv, const void *row)
{
    uint8_t key[SB_KV_KEY_MAX], small[512], *large = NULL;
    sb_writer w = sb_writer_over(small, sizeof small);
    d->write_values(&w, row);
    if (w.failed) { /* too little room */
        size_t cap = value_bytes(d, row);
        large = sb_xmalloc(cap);
        w = sb_writer_over(large, cap);
        d->write_values(&w, row);
    }
    assert(!w.failed);
    sb_kv_put(kv, write_key(d, row, d->key_count, key), sb_writer_slice(&w));
    free(large);
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
    d->read_keys(&r, arena, row);
    if (!sb_reader_done(&r)) {
        kv->error = SB_E_LEDGER_STATE;
        return false;
    }
    return read_row(d, kv, arena, value, row);
}
