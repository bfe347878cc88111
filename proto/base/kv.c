#include "proto/base/kv.h"

#include <assert.h>

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
    sb_slice ignored_key, ignored_value;
    return kv->error == SB_OK &&
           kv->ops->next(kv, from, inclusive, key != NULL ? key : &ignored_key,
                         value != NULL ? value : &ignored_value);
}

bool sb_kv_next_in(sb_kv *kv, sb_slice prefix, sb_slice from, bool inclusive, sb_slice *key,
                   sb_slice *value)
{
    sb_slice found;
    if (sb_slice_cmp(from, prefix) < 0) {
        from = prefix;
        inclusive = true;
    }
    if (!sb_kv_next(kv, from, inclusive, &found, value))
        return false;
    if (found.len < prefix.len || !sb_slice_eq(sb_slice_of(found.data, prefix.len), prefix))
        return false;
    if (key != NULL)
        *key = found;
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
