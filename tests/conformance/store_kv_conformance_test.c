/* LMDB under the suite that memory and overlay pass: state and own rows, from a tiny map. */
#include "tests/conformance/kv_suite.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include "nodes/store/store.h"

typedef struct bench {
    char root[64], dir[80];
    sb_store *store;
} bench;

static bench at;

static void open_store(void)
{
    const sb_store_opts opts = {.kind = "node", .create = true, .map_bytes_start = 1};
    sb_tmpdir_make(at.root);
    (void)snprintf(at.dir, sizeof at.dir, "%s/store", at.root);
    if (sb_store_open(&at.store, at.dir, &opts, NULL) != SB_OK ||
        sb_store_begin(at.store, 0, NULL) != SB_OK)
        abort();
}

static sb_kv *make_state(void **own)
{
    open_store();
    *own = &at;
    /* rows of another table with keys all around must never be seen */
    sb_kv_put(sb_store_own(at.store), sb_slice_str("\1"), sb_slice_str("other"));
    sb_kv_put(sb_store_own(at.store), sb_slice_str("m"), sb_slice_str("other"));
    sb_kv_put(sb_store_own(at.store), sb_slice_str("\xff\xff"), sb_slice_str("other"));
    return sb_store_state(at.store);
}

static sb_kv *make_own(void **own)
{
    open_store();
    *own = &at;
    return sb_store_own(at.store);
}

static void drop(sb_kv *kv, void *own)
{
    (void)own;
    if (sb_kv_error(kv) != SB_OK || sb_store_commit(at.store, NULL) != SB_OK)
        abort();
    sb_store_close(at.store);
    sb_tmpdir_drop(at.root);
}

int main(void)
{
    const sb_kv_factory state = {"lmdb state", make_state, drop};
    const sb_kv_factory own = {"lmdb own", make_own, drop};
    return sb_kv_suite_run(&state) + sb_kv_suite_run(&own);
}
