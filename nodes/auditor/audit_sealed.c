/* The notes under checkpoints/: each follows from its SEAL leaf. */
#include <assert.h>
#include <stdio.h>

#include "nodes/auditor/audit_inside.h"
#include "proto/ledger/core.h"
#include "proto/ledger/rows.h"

void sb_audit_note_path(const char *path, uint32_t which, char out[SB_BUNDLE_PATH_BYTES_MAX])
{
    char number[12] = "";
    if (which > 0)
        (void)snprintf(number, sizeof number, ".%u", which + 1);
    int len = snprintf(out, SB_BUNDLE_PATH_BYTES_MAX, "%s%s", path, number);
    assert(len >= 0 && len < SB_BUNDLE_PATH_BYTES_MAX);
    (void)len;
}

/* Whose key it is, or was. */
static const char *organisation_of(sb_auditing *x, const uint8_t pk[32])
{
    sb_ledger_org org;
    sb_row_key key;
    sb_kv *kv = sb_ledger_kv(x->a->ledger);
    if (sb_ledger_witness(x->a->ledger, pk, &org))
        return sb_arena_str(&x->scratch, sb_slice_str(org.id));
    if (sb_key_find(kv, pk, &key) && sb_ledger_org_get(x->a->ledger, key.org, &org))
        return sb_arena_str(&x->scratch, sb_slice_str(org.id));
    return "?";
}

void sb_audit_seal_begin(sb_auditing *x, const Sb__Seal *seal)
{
    sb_ledger *l = x->a->ledger;
    sb_signed_head *h = &x->sealed;
    sb_arena_reset(&x->scratch);
    *h = (sb_signed_head){.cosigner_count = seal->n_cosignatures};
    (void)sb_ledger_origin(l, h->head.origin, sizeof h->head.origin);
    (void)sb_ledger_log_pk(l, h->log_pk);
    h->head.size = seal->size;
    memcpy(h->head.root, seal->root.data, 32);
    memcpy(h->log_signature, seal->log_signature.data, 64);
    h->cosigners = SB_ARENA_ARRAY(&x->scratch, sb_cosigner, seal->n_cosignatures);
    for (size_t i = 0; i < seal->n_cosignatures; i++) {
        const Sb__Cosignature *from = seal->cosignatures[i];
        sb_cosigner *to = &h->cosigners[i];
        memcpy(to->pk, from->witness_pk.data, 32);
        memcpy(to->cosignature.sig, from->signature.data, 64);
        to->cosignature.time_s = from->time_s;
        to->organisation = organisation_of(x, to->pk);
    }
    snprintf(x->sealed_path, sizeof x->sealed_path, "checkpoints/%u/%llu", sb_ledger_term(l),
             (unsigned long long)seal->size);
}

sb_err sb_audit_seal_compare(sb_auditing *x)
{
    sb_err err = SB_OK;
    sb_buf expected;
    sb_buf_init(&expected);
    for (uint32_t i = 0; err == SB_OK && i < sb_head_note_count(&x->sealed); i++) {
        char path[SB_BUNDLE_PATH_BYTES_MAX];
        sb_audit_note_path(x->sealed_path, i, path);
        sb_buf_clear(&expected);
        sb_head_note(&x->sealed, i, &expected);
        err = sb_bundle_compare(&x->bundle, path, sb_buf_slice(&expected), x->fail, &x->a->cause);
    }
    sb_buf_deinit(&expected);
    x->a->sealed_heads += err == SB_OK;
    return err;
}
