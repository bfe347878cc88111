/* What was erased, and that every other blob that the history names is here. */
#include <stdio.h>

#include "nodes/auditor/audit_inside.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"

static sb_err verify_one(sb_auditing *x, sb_slice sha256, uint64_t size)
{
    char path[SB_BUNDLE_PATH_BYTES_MAX] = "blobs/";
    sb_slice bytes;
    uint8_t hash[32];
    sb_hex(sha256, path + strlen(path));
    sb_err err = sb_bundle_read(&x->bundle, path, SB_BLOB_BYTES_MAX, &bytes, x->fail, &x->a->cause);
    if (err != SB_OK)
        return err;
    sb_hash(bytes, hash);
    if (bytes.len != size || memcmp(hash, sha256.data, 32) != 0)
        return sb_fail_set(x->fail, SB_E_AUDIT_BLOB, path, NULL);
    x->a->blobs_held++;
    return SB_OK;
}

static sb_err compare_erased(sb_auditing *x)
{
    sb_buf text;
    uint64_t index = 0;
    uint8_t sha256[32];
    sb_buf_init(&text);
    for (; sb_ledger_erasure_next(x->a->ledger, &index, sha256); index++) {
        char hex[65];
        sb_hex(sb_slice_of(sha256, 32), hex);
        sb_buf_printf(&text, "%s %llu\n", hex, (unsigned long long)index);
        x->a->blobs_erased += sb_kv_get(x->blobs, sb_slice_of(sha256, 32), NULL);
    }
    sb_err err =
        sb_bundle_compare(&x->bundle, "erased", sb_buf_slice(&text), x->fail, &x->a->cause);
    sb_buf_deinit(&text);
    return err;
}

sb_err sb_audit_verify_blobs(sb_auditing *x)
{
    sb_kv_walk blob = {.kv = x->blobs};
    sb_err err = compare_erased(x);
    while (err == SB_OK && sb_kv_walk_next(&blob)) {
        sb_reader size = sb_reader_over(blob.value);
        if (!sb_ledger_blob_erased(x->a->ledger, blob.key.data, NULL))
            err = verify_one(x, blob.key, sb_read_u64(&size));
    }
    return err;
}
