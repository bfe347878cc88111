#include "proto/base/kv.h"

#include <assert.h>
#include <string.h>

static bool key_fits(sb_slice key)
{
    return key.len > 0 && key.len <= SB_KV_KEY_MAX;
}

bool sb_kv_get(sb_kv *kv, sb_slice key, sb_slice *value)
{
    assert(key_fits(key));
    sb_slice ignored;
    return kv->error == SB_OK && kv->ops->get(kv, key, value != NULL ? value : &ignored);
}

bool sb_kv_next(sb_kv *kv, sb_slice from, bool inclusive, sb_slice *key, sb_slice *value)
{
    return sb_kv_next_in(kv, (sb_slice){0}, from, inclusive, key, value);
}

bool sb_kv_next_in(sb_kv *kv, sb_slice prefix, sb_slice from, bool inclusive, sb_slice *key,
                   sb_slice *value)
{
    sb_slice found, ignored;
    if (sb_slice_cmp(from, prefix) < 0) {
        from = prefix;
        inclusive = true;
    }
    if (kv->error != SB_OK ||
        !kv->ops->next(kv, prefix, from, inclusive, &found, value != NULL ? value : &ignored))
        return false;
    if (!sb_slice_starts_with(found, prefix))
        return false;
    if (key != NULL)
        *key = found;
    return true;
}

bool sb_kv_walk_next(sb_kv_walk *w)
{
    bool first = w->key.len == 0;
    sb_slice key;
    if (!sb_kv_next_in(w->kv, w->prefix, first ? w->prefix : w->key, first, &key, &w->value))
        return false;
    assert(key_fits(key));
    memcpy(w->key_bytes, key.data, key.len);
    w->key = sb_slice_of(w->key_bytes, key.len);
    return true;
}

void sb_kv_put(sb_kv *kv, sb_slice key, sb_slice value)
{
    assert(key_fits(key));
    if (kv->error == SB_OK)
        kv->ops->put(kv, key, value);
}

void sb_kv_del(sb_kv *kv, sb_slice key)
{
    assert(key_fits(key));
    if (kv->error == SB_OK)
        kv->ops->del(kv, key);
}

sb_err sb_kv_error(const sb_kv *kv)
{
    return kv->error;
}
