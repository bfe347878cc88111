#include "tests/fuzz/fuzz.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- memory ---- */

/* Of the sanitizers' runtime (sanitizer/allocator_interface.h); absent in other builds. */
extern int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *,
                                                                       size_t),
                                                     void (*on_free)(const volatile void *))
    __attribute__((weak));
extern size_t __sanitizer_get_allocated_size(const volatile void *p) __attribute__((weak));

/* From the middle on: what is freed may be from before we began to count. */
static atomic_size_t held = SIZE_MAX / 2, peak = SIZE_MAX / 2;

static void on_malloc(const volatile void *p, size_t bytes)
{
    (void)p;
    size_t now = atomic_fetch_add(&held, bytes) + bytes, most = atomic_load(&peak);
    while (now > most && !atomic_compare_exchange_weak(&peak, &most, now))
        ;
}

static void on_free(const volatile void *p)
{
    if (p != NULL)
        atomic_fetch_sub(&held, __sanitizer_get_allocated_size(p));
}

size_t sb_fuzz_held(void)
{
    return atomic_load(&held);
}

/* ---- running ---- */

static struct {
    bool is_ready, is_warm, is_counted;
    unsigned long long inputs, accepted, bytes, bytes_accepted;
    size_t most;    /* held by one input */
    ptrdiff_t left; /* behind, by all */
} stats;

enum { LEFT_BYTES_MAX = 1024 * 1024 };

static void print_stats(void)
{
    (void)fprintf(stderr, "fuzz-stats: inputs %llu accepted %llu held %zu\n", stats.inputs,
                  stats.accepted, stats.most);
}

static void get_ready(void)
{
    stats.is_ready = true;
    if (getenv("SB_FUZZ_STATS") != NULL)
        (void)atexit(print_stats);
    stats.is_counted = __sanitizer_install_malloc_and_free_hooks != NULL &&
                       __sanitizer_get_allocated_size != NULL &&
                       __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0;
}

void sb_fuzz_broken(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "%s:%d: %s doesn't hold\n", file, line, what);
    abort();
}

static int run(bool (*one)(sb_slice input), sb_slice input, sb_fuzz_bound bound, bool keeps)
{
    if (!stats.is_ready)
        get_ready();
    if (!stats.is_warm) /* what is made once isn't the input's */
        (void)one(sb_slice_str(""));
    stats.is_warm = true;
    size_t before = atomic_load(&held), most = bound.fixed + bound.per_byte * input.len;
    atomic_store(&peak, before);
    bool accepted = one(input);
    size_t used = atomic_load(&peak) - before, after = atomic_load(&held);
    stats.inputs++;
    stats.accepted += accepted;
    stats.most = used > stats.most ? used : stats.most;
    if (used > most) {
        (void)fprintf(stderr, "held %zu bytes for %zu, at most %zu are allowed\n", used, input.len,
                      most);
        abort();
    }
    stats.left += (ptrdiff_t)(after - before); /* libFuzzer keeps a little now and then */
    if (stats.is_counted && !keeps && stats.left > LEFT_BYTES_MAX) {
        (void)fprintf(stderr, "%td bytes were left behind by now\n", stats.left);
        abort();
    }
    return 0;
}

int sb_fuzz_run(bool (*one)(sb_slice input), const uint8_t *data, size_t len, sb_fuzz_bound bound)
{
    return run(one, sb_slice_of(data, len), bound, false);
}

int sb_fuzz_run_keeping(bool (*one)(sb_slice input), const uint8_t *data, size_t len,
                        sb_fuzz_bound bound)
{
    return run(one, sb_slice_of(data, len), bound, true);
}

/* ---- scripts ---- */

uint8_t sb_script_u8(sb_script *s)
{
    return s->at < s->len ? s->data[s->at++] : 0;
}

uint16_t sb_script_u16(sb_script *s)
{
    uint16_t high = sb_script_u8(s);
    return (uint16_t)(high << 8 | sb_script_u8(s));
}

uint64_t sb_script_u64(sb_script *s)
{
    uint64_t value = 0;
    for (uint8_t n = sb_script_u8(s) % 9; n > 0; n--)
        value = value << 8 | sb_script_u8(s);
    return value;
}

static sb_slice take(sb_script *s, size_t len)
{
    if (len > sb_script_left(s))
        len = sb_script_left(s);
    sb_slice out = sb_slice_of(s->data + s->at, len);
    s->at += len;
    return out;
}

sb_slice sb_script_bytes(sb_script *s)
{
    return take(s, sb_script_u8(s));
}

sb_slice sb_script_long_bytes(sb_script *s)
{
    return take(s, sb_script_u16(s));
}

/* ---- messages ---- */

typedef struct filler {
    const sb_fill *fill;
    sb_script *s;
    size_t list_max;
    sb_arena *arena;
} filler;

static sb_slice some_bytes(const filler *f, const ProtobufCFieldDescriptor *field)
{
    sb_slice value = f->fill->bytes(f->fill->arg, field, f->s);
    return value.data != NULL ? value : sb_script_bytes(f->s);
}

/* protobuf-c would read a string up to its zero byte. */
static char *some_text(const filler *f, const ProtobufCFieldDescriptor *field)
{
    return sb_arena_str(f->arena, some_bytes(f, field));
}

static ProtobufCBinaryData some_data(const filler *f, const ProtobufCFieldDescriptor *field)
{
    sb_slice copy = sb_arena_copy(f->arena, some_bytes(f, field));
    return (ProtobufCBinaryData){.len = copy.len, .data = (uint8_t *)(uintptr_t)copy.data};
}

/* One value at `to`. */
static void fill_value(const filler *f, const ProtobufCFieldDescriptor *field, void *to)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_UINT64:
        *(uint64_t *)to = f->fill->number(f->fill->arg, field, f->s);
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_ENUM:
        *(uint32_t *)to = (uint32_t)f->fill->number(f->fill->arg, field, f->s);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)to = sb_script_u8(f->s) & 1;
        break;
    case PROTOBUF_C_TYPE_STRING:
        *(char **)to = some_text(f, field);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        *(ProtobufCBinaryData *)to = some_data(f, field);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)to =
            sb_fill_message(field->descriptor, f->fill, f->s, f->list_max, f->arena);
        break;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        sb_fuzz_broken(__FILE__, __LINE__, field->name); /* the schema has none */
    }
}

static size_t size_of(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_UINT64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        break;
    }
    sb_fuzz_broken(__FILE__, __LINE__, field->name); /* the schema has none */
}

static void fill_field(const filler *f, const ProtobufCFieldDescriptor *field, uint8_t *message)
{
    void *to = message + field->offset;
    void *quantifier = message + field->quantifier_offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t n = sb_script_below(f->s, f->list_max + 1);
        uint8_t *list = sb_arena_alloc(f->arena, (n + 1) * size_of(field));
        for (size_t i = 0; i < n; i++)
            fill_value(f, field, list + i * size_of(field));
        *(void **)to = list;
        *(size_t *)quantifier = n;
        return;
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
        *(uint32_t *)quantifier = field->id;
    fill_value(f, field, to);
}

ProtobufCMessage *sb_fill_message(const ProtobufCMessageDescriptor *d, const sb_fill *fill,
                                  sb_script *s, size_t list_max, sb_arena *arena)
{
    const filler f = {.fill = fill, .s = s, .list_max = list_max, .arena = arena};
    ProtobufCMessage *message = sb_arena_alloc(arena, d->sizeof_message);
    d->message_init(message);
    for (unsigned i = 0; i < d->n_fields && sb_script_left(s) > 0; i++)
        if (sb_script_u8(s) % 4 != 0) /* three of four are there */
            fill_field(&f, &d->fields[i], (uint8_t *)message);
    return message;
}

static void *arena_alloc(void *arg, size_t bytes)
{
    return sb_arena_alloc(arg, bytes);
}

static void arena_free(void *arg, void *p)
{
    (void)arg, (void)p;
}

ProtobufCMessage *sb_fill_change(const ProtobufCMessage *message, const sb_fill *fill, sb_script *s,
                                 sb_arena *arena)
{
    const filler f = {.fill = fill, .s = s, .list_max = 4, .arena = arena};
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = sb_arena_alloc(arena, len);
    protobuf_c_message_pack(message, packed);
    ProtobufCAllocator allocator = {
        .alloc = arena_alloc, .free = arena_free, .allocator_data = arena};
    ProtobufCMessage *copy =
        protobuf_c_message_unpack(message->descriptor, &allocator, len, packed);
    sb_fuzz_must(copy != NULL);
    const ProtobufCMessageDescriptor *d = copy->descriptor;
    for (size_t n = d->n_fields > 0 ? sb_script_u8(s) % 4 : 0; n > 0; n--) {
        const ProtobufCFieldDescriptor *field = &d->fields[sb_script_below(s, d->n_fields)];
        bool deeper = field->type == PROTOBUF_C_TYPE_MESSAGE && (sb_script_u8(s) & 1) != 0;
        ProtobufCMessage **at = (ProtobufCMessage **)(void *)((uint8_t *)copy + field->offset);
        size_t count = field->label == PROTOBUF_C_LABEL_REPEATED
                           ? *(size_t *)(void *)((uint8_t *)copy + field->quantifier_offset)
                           : 0;
        if (deeper && count > 0) {
            ProtobufCMessage **list = *(ProtobufCMessage ***)at;
            size_t which = sb_script_below(s, count);
            list[which] = sb_fill_change(list[which], fill, s, arena);
        } else if (deeper && field->label != PROTOBUF_C_LABEL_REPEATED && *at != NULL &&
                   ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
                    *(uint32_t *)(void *)((uint8_t *)copy + field->quantifier_offset) ==
                        field->id)) {
            *at = sb_fill_change(*at, fill, s, arena);
        } else {
            fill_field(&f, field, (uint8_t *)copy);
        }
    }
    return copy;
}
