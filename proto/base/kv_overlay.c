#include "proto/base/buf.h"
#include "proto/base/kv.h"
#include "proto/base/sortedmap.h"

#include <assert.h>
#include <stdlib.h>

struct sb_overlay {
    sb_kv head;
    sb_kv *below;
    sb_map changes; /* puts, and tombstones for deletes */
};

static sb_overlay *of(sb_kv *kv)
{
    return (sb_overlay *)(void *)kv;
}

/* A failure below is ours too (what we found may be too little), and our own stays. */
static bool below_found(sb_overlay *o, bool found)
{
    if (o->below->error != SB_OK)
        o->head.error = o->below->error;
    return found && o->head.error == SB_OK;
}

static bool overlay_get(sb_kv *kv, sb_slice key, sb_slice *value)
{
    sb_overlay *o = of(kv);
    const sb_map_row *row = sb_map_find(&o->changes, key);
    if (row == NULL)
        return below_found(o, sb_kv_get(o->below, key, value));
    if (row->is_delete)
        return false;
    *value = sb_map_value(row);
    return true;
}

/* Where rows were removed one by one, many tombstones lie side by side: walking over them must not
 * go beyond `within`, nor ask below for each. */
static bool overlay_next(sb_kv *kv, sb_slice within, sb_slice from, bool inclusive, sb_slice *key,
                         sb_slice *value)
{
    sb_overlay *o = of(kv);
    sb_slice below_key, below_value;
    const sb_map_row *row = sb_map_next(&o->changes, from, inclusive);
    bool found =
        below_found(o, sb_kv_next_in(o->below, within, from, inclusive, &below_key, &below_value));
    while (o->head.error == SB_OK) {
        if (found && (row == NULL || sb_slice_cmp(below_key, sb_map_key(row)) < 0)) {
            *key = below_key;
            *value = below_value;
            return true;
        }
        if (row == NULL || !sb_slice_starts_with(sb_map_key(row), within))
            return false;
        if (!row->is_delete) {
            *key = sb_map_key(row);
            *value = sb_map_value(row);
            return true;
        }
        from = sb_map_key(row);
        if (found && sb_slice_eq(below_key, from))
            found = below_found(
                o, sb_kv_next_in(o->below, within, from, false, &below_key, &below_value));
        row = sb_map_next(&o->changes, from, false);
    }
    return false;
}

static void overlay_put(sb_kv *kv, sb_slice key, sb_slice value)
{
    sb_map_put(&of(kv)->changes, key, value, false);
}

static void overlay_del(sb_kv *kv, sb_slice key)
{
    sb_map_put(&of(kv)->changes, key, (sb_slice){0}, true);
}

static const sb_kv_ops ops = {overlay_get, overlay_next, overlay_put, overlay_del};

sb_overlay *sb_overlay_new(sb_kv *below)
{
    sb_overlay *o = sb_xmalloc(sizeof *o);
    o->head = (sb_kv){.ops = &ops, .error = below->error};
    o->below = below;
    sb_map_init(&o->changes);
    return o;
}

void sb_overlay_free(sb_overlay *o)
{
    if (o == NULL)
        return;
    sb_map_deinit(&o->changes);
    free(o);
}

sb_kv *sb_overlay_kv(sb_overlay *o)
{
    return &o->head;
}

void sb_overlay_rebase(sb_overlay *o, sb_kv *below)
{
    assert(o->changes.count == 0);
    o->below = below;
    o->head.error = below->error;
}

void sb_overlay_clear(sb_overlay *o)
{
    sb_map_clear(&o->changes);
}

size_t sb_overlay_count(const sb_overlay *o)
{
    return o->changes.count;
}

size_t sb_overlay_bytes(const sb_overlay *o)
{
    return o->changes.bytes;
}

typedef struct each {
    sb_overlay_visit visit;
    void *arg;
} each;

static void visit_change(void *arg, const sb_map_row *row)
{
    const each *e = arg;
    e->visit(e->arg, sb_map_key(row), row->is_delete ? (sb_slice){0} : sb_map_value(row),
             row->is_delete);
}

void sb_overlay_each(const sb_overlay *o, sb_overlay_visit visit, void *arg)
{
    each e = {.visit = visit, .arg = arg};
    sb_map_each(&o->changes, visit_change, &e);
}

static void flush_row(void *arg, sb_slice key, sb_slice value, bool is_delete)
{
    sb_kv *below = arg;
    if (is_delete)
        sb_kv_del(below, key);
    else
        sb_kv_put(below, key, value);
}

void sb_overlay_flush(sb_overlay *o)
{
    if (o->head.error == SB_OK)
        sb_overlay_each(o, flush_row, o->below);
    below_found(o, false);
    sb_overlay_clear(o);
}
