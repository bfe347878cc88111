#include "nodes/auditor/audit.h"

#include <stdlib.h>

#include "nodes/auditor/audit_inside.h"
#include "nodes/host/file.h"

sb_err sb_audit_read_founding(sb_auditing *x)
{
    sb_slice bytes;
    sb_audit *a = x->a;
    if (!sb_file_exists(x->opts->dir))
        return sb_fail_set(x->fail, SB_E_AUDIT_NOT_A_BUNDLE, x->opts->dir, "federation.samband",
                           NULL);
    sb_err err = sb_bundle_read(&x->bundle, "federation.samband", SB_FEDERATION_BYTES_MAX, &bytes,
                                x->fail, &a->cause);
    if (err != SB_OK)
        return err;
    if (sb_federation_parse(sb_arena_copy(&a->arena, bytes), &a->arena, &a->federation,
                            &a->cause) != SB_OK)
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, "federation.samband", NULL);
    a->has_federation = true;
    return SB_OK;
}

/* A wanted head beyond the end can't have been met on the way. */
static sb_err check_wanted(sb_auditing *x)
{
    const sb_audit_wanted *wanted[] = {&x->opts->head, &x->opts->digest};
    const bool found[] = {x->a->head_found, x->a->digest_found};
    for (int i = 0; i < 2; i++)
        if (wanted[i]->is_given && !found[i])
            return sb_fail_num(x->fail, SB_E_AUDIT_SHORT, 2, wanted[i]->size, x->a->leaves);
    return SB_OK;
}

static sb_err check_strangers(sb_auditing *x)
{
    const char *path;
    sb_err err = sb_bundle_stranger(&x->bundle, &x->a->arena, &path, x->fail);
    if (err == SB_OK && path != NULL)
        err = sb_fail_set(x->fail, SB_E_AUDIT_FOREIGN, path, NULL);
    return err;
}

sb_err sb_audit_run(const sb_audit_opts *opts, sb_audit *out, sb_fail *fail)
{
    *out = (sb_audit){.kv = sb_kv_memory_new(), .results = sb_kv_memory_new()};
    out->terms = sb_xmalloc(SB_AUDIT_TERMS_MAX * sizeof *out->terms);
    sb_arena_init(&out->arena);
    sb_auditing x = {.opts = opts, .a = out, .blobs = sb_kv_memory_new(), .fail = fail};
    sb_bundle_init(&x.bundle, opts->dir);
    sb_arena_init(&x.scratch);
    static sb_err (*const parts[])(sb_auditing *) = {
        sb_audit_read_founding, sb_audit_read_checkpoint, sb_audit_fold,
        sb_audit_verify_head,   sb_audit_verify_policy,   sb_audit_verify_blobs,
        check_strangers,        sb_audit_verify_from,     check_wanted,
    };
    sb_err err = sb_ledger_open_unbatched(&out->ledger, out->kv, fail);
    if (err == SB_OK)
        sb_ledger_keep_certificates(out->ledger, opts->keeps_certificates);
    for (size_t i = 0; err == SB_OK && i < sizeof parts / sizeof parts[0]; i++)
        err = parts[i](&x);
    sb_bundle_deinit(&x.bundle);
    sb_arena_deinit(&x.scratch);
    sb_kv_memory_free(x.blobs);
    return err;
}

void sb_audit_deinit(sb_audit *a)
{
    if (a->ledger != NULL)
        sb_ledger_close(a->ledger);
    sb_kv_memory_free(a->kv);
    sb_kv_memory_free(a->results);
    free(a->terms);
    sb_arena_deinit(&a->arena);
}
