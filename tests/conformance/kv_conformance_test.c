#include "tests/conformance/kv_suite.h"

static sb_kv *make_memory(void **own)
{
    (void)own;
    return sb_kv_memory_new();
}

static void drop_memory(sb_kv *kv, void *own)
{
    (void)own;
    sb_kv_memory_free(kv);
}

typedef struct layers {
    sb_kv *memory;
    sb_overlay *lower, *upper;
} layers;

static layers stack;

static sb_kv *make_overlay(void **own)
{
    stack.memory = sb_kv_memory_new();
    stack.lower = sb_overlay_new(stack.memory);
    stack.upper = sb_overlay_new(sb_overlay_kv(stack.lower));
    *own = &stack;
    return sb_overlay_kv(stack.lower);
}

static sb_kv *make_overlay_on_overlay(void **own)
{
    make_overlay(own);
    return sb_overlay_kv(stack.upper);
}

static void drop_overlay(sb_kv *kv, void *own)
{
    (void)kv;
    layers *s = own;
    sb_overlay_free(s->upper);
    sb_overlay_free(s->lower);
    sb_kv_memory_free(s->memory);
}

/* Two overlays whose changes sink towards memory while they are used. */
typedef struct flushing {
    sb_kv head;
    uint32_t writes;
} flushing;

static flushing through;

static bool through_get(sb_kv *kv, sb_slice key, sb_slice *value)
{
    (void)kv;
    return sb_kv_get(sb_overlay_kv(stack.upper), key, value);
}

static bool through_next(sb_kv *kv, sb_slice within, sb_slice from, bool inclusive, sb_slice *key,
                         sb_slice *value)
{
    (void)kv;
    return sb_kv_next_in(sb_overlay_kv(stack.upper), within, from, inclusive, key, value);
}

/* The upper layer is flushed every second write, the lower every fifth: rows lie everywhere. */
static void settle(void)
{
    through.writes++;
    if (through.writes % 2 == 0)
        sb_overlay_flush(stack.upper);
    if (through.writes % 5 == 0)
        sb_overlay_flush(stack.lower);
}

static void through_put(sb_kv *kv, sb_slice key, sb_slice value)
{
    (void)kv;
    sb_kv_put(sb_overlay_kv(stack.upper), key, value);
    settle();
}

static void through_del(sb_kv *kv, sb_slice key)
{
    (void)kv;
    sb_kv_del(sb_overlay_kv(stack.upper), key);
    settle();
}

static const sb_kv_ops through_ops = {through_get, through_next, through_put, through_del};

static sb_kv *make_flushing(void **own)
{
    make_overlay(own);
    through = (flushing){.head = {.ops = &through_ops}};
    return &through.head;
}

int main(void)
{
    static const sb_kv_factory factories[] = {
        {"memory", make_memory, drop_memory},
        {"overlay", make_overlay, drop_overlay},
        {"overlay on overlay", make_overlay_on_overlay, drop_overlay},
        {"overlays flushed now and then", make_flushing, drop_overlay},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof factories / sizeof *factories; i++)
        failed += sb_kv_suite_run(&factories[i]);
    return failed != 0;
}
