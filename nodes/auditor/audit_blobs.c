/* Attachments and prose: each file is what the history names. */
#include <stdio.h>

#include "nodes/auditor/audit_inside.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"

static sb_err verify_one(sb_auditing *x, const char *name, const uint8_t sha256[32], uint64_t size)
{
    char path[SB_BUNDLE_PATH_BYTES_MAX];
    sb_slice bytes;
    uint8_t hash[32];
    snprintf(path, sizeof path, "blobs/%s", name);
    sb_err err = sb_bundle_read(&x->bundle, path, SB_BLOB_BYTES_MAX, &bytes, x->fail, &x->a->cause);
    if (err != SB_OK)
        return err;
    sb_hash(bytes, hash);
    if (bytes.len != size || memcmp(hash, sha256, 32) != 0)
        return sb_fail_set(x->fail, SB_E_AUDIT_BLOB, path, NULL);
    if (sb_ledger_blob_erased(x->a->ledger, sha256, NULL))
        x->a->erased_held++;
    else
        x->a->blobs_held++;
    return SB_OK;
}

/* What the log has erased: nobody need hold it, and nobody should. */
static void count_erased(sb_auditing *x)
{
    uint64_t index = 0;
    uint8_t sha256[32];
    for (; sb_ledger_erasure_next(x->a->ledger, &index, sha256); index++)
        x->a->blobs_erased += sb_kv_get(x->blobs, sb_slice_of(sha256, 32), NULL);
}

sb_err sb_audit_verify_blobs(sb_auditing *x)
{
    count_erased(x);
    const char *const *names = NULL;
    size_t count = 0;
    sb_err err = sb_bundle_list(&x->bundle, "blobs", &x->a->arena, &names, &count, x->fail);
    for (size_t i = 0; err == SB_OK && i < count; i++) {
        uint8_t sha256[32];
        char hex[65];
        sb_slice size;
        if (!sb_unhex(sb_slice_str(names[i]), sha256, 32))
            continue;
        sb_hex(sb_slice_of(sha256, 32), hex);
        if (strcmp(hex, names[i]) != 0 || !sb_kv_get(x->blobs, sb_slice_of(sha256, 32), &size))
            continue;
        sb_reader r = sb_reader_over(size);
        err = verify_one(x, names[i], sha256, sb_read_u64(&r));
    }
    return err;
}
