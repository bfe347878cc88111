#include "proto/base/buf.h"
#include "proto/base/kv.h"
#include "proto/base/sortedmap.h"

#include <stdlib.h>

typedef struct memory_kv {
    sb_kv head;
    sb_map rows;
} memory_kv;

static memory_kv *of(sb_kv *kv)
{
    return (memory_kv *)(void *)kv;
}

static bool memory_get(sb_kv *kv, sb_slice key, sb_slice *value)
{
    const sb_map_row *row = sb_map_find(&of(kv)->rows, key);
    if (row != NULL)
        *value = sb_map_value(row);
    return row != NULL;
}

static bool memory_next(sb_kv *kv, sb_slice within, sb_slice from, bool inclusive, sb_slice *key,
                        sb_slice *value)
{
    (void)within;
    const sb_map_row *row = sb_map_next(&of(kv)->rows, from, inclusive);
    if (row == NULL)
        return false;
    *key = sb_map_key(row);
    *value = sb_map_value(row);
    return true;
}

static void memory_put(sb_kv *kv, sb_slice key, sb_slice value)
{
    sb_map_put(&of(kv)->rows, key, value, false);
}

static void memory_del(sb_kv *kv, sb_slice key)
{
    sb_map_remove(&of(kv)->rows, key);
}

static const sb_kv_ops ops = {memory_get, memory_next, memory_put, memory_del};

sb_kv *sb_kv_memory_new(void)
{
    memory_kv *m = sb_xmalloc(sizeof *m);
    m->head = (sb_kv){.ops = &ops};
    sb_map_init(&m->rows);
    return &m->head;
}

void sb_kv_memory_free(sb_kv *kv)
{
    if (kv == NULL)
        return;
    sb_map_deinit(&of(kv)->rows);
    free(of(kv));
}

sb_kv *sb_kv_memory_clone(sb_kv *kv)
{
    memory_kv *from = of(kv);
    sb_kv *copy = sb_kv_memory_new();
    copy->error = kv->error;
    const sb_map_row *row = sb_map_next(&from->rows, (sb_slice){0}, true);
    while (row != NULL) {
        sb_map_put(&of(copy)->rows, sb_map_key(row), sb_map_value(row), false);
        row = sb_map_next(&from->rows, sb_map_key(row), false);
    }
    return copy;
}
