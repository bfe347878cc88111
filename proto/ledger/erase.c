/* BLOB_ERASE: from this leaf on nothing may name the blob, and a head that contains it is cosigned
 * without; every node deletes the content when the leaf is final. Its hash stays (DESIGN §3). */
#include "proto/base/hash.h"
#include "proto/ledger/core.h"
#include "proto/ledger/handlers.h"
#include "proto/ledger/machine.h"

static bool find(sb_kv *kv, const uint8_t sha256[32], uint64_t *index)
{
    sb_row_erased row = {0};
    memcpy(row.sha256, sha256, 32);
    bool erased = sb_row_erased_get(kv, NULL, &row);
    if (erased && index != NULL)
        *index = row.index;
    return erased;
}

static sb_err refuse(sb_step *s, sb_err code, const uint8_t sha256[32])
{
    char hex[17];
    sb_hex(sb_slice_of(sha256, 8), hex);
    return sb_fail_set(s->fail, code, hex, NULL);
}

sb_err sb_erased_check(sb_step *s)
{
    for (size_t i = 0; i < s->leaf->blob_count; i++) {
        ProtobufCBinaryData sha256 = s->leaf->blobs[i]->sha256;
        if (sha256.len == 32 && find(s->kv, sha256.data, NULL))
            return refuse(s, SB_E_LEDGER_BLOB_ERASED, sha256.data);
    }
    return SB_OK;
}

void sb_blobs_apply(sb_step *s)
{
    for (size_t i = 0; i < s->leaf->blob_count; i++) {
        ProtobufCBinaryData sha256 = s->leaf->blobs[i]->sha256;
        sb_row_blob row = {.org = 0};
        if (sha256.len != 32)
            continue;
        memcpy(row.sha256, sha256.data, 32);
        if (sb_row_blob_get(s->kv, NULL, &row))
            continue; /* who named it first */
        row.org = s->signer.org;
        sb_row_blob_put(s->kv, &row);
    }
}

/* An organisation answers for what its own keys entered, the secretariat for everything: one key
 * that is stolen doesn't delete what the others have. */
static bool may_erase(sb_step *s, const uint8_t sha256[32])
{
    sb_row_blob row = {.org = SB_NONE};
    memcpy(row.sha256, sha256, 32);
    return s->signer.kind != SB_KEY_KIND_AUTHORITY ||
           (sb_row_blob_get(s->kv, NULL, &row) && row.org == s->signer.org);
}

sb_err sb_check_blob_erase(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__BlobErase *m = (const void *)message;
    sb_scope scope = {.body = SB_NONE};
    sb_err err = sb_may(s, &scope);
    if (err == SB_OK && find(s->kv, m->blob_sha256.data, NULL))
        err = refuse(s, SB_E_LEDGER_ERASED_TWICE, m->blob_sha256.data);
    if (err == SB_OK && !may_erase(s, m->blob_sha256.data))
        err = refuse(s, SB_E_LEDGER_ERASE_NOT_YOURS, m->blob_sha256.data);
    return err;
}

void sb_apply_blob_erase(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__BlobErase *m = (const void *)message;
    sb_row_erased row = {.index = s->index, .reason = (uint8_t)m->reason};
    memcpy(row.sha256, m->blob_sha256.data, 32);
    sb_row_erased_put(s->kv, &row);
    sb_row_erasure view = {.index = s->index, .cite = m->cite};
    memcpy(view.sha256, row.sha256, 32);
    sb_row_erasure_put(s->kv, &view);
}

/* ---- for those who hold blobs ---- */

bool sb_ledger_blob_erased(sb_ledger *l, const uint8_t sha256[32], uint64_t *index)
{
    return find(sb_ledger_kv(l), sha256, index);
}

bool sb_ledger_blob_named(sb_ledger *l, const uint8_t sha256[32])
{
    sb_row_blob row = {.org = SB_NONE};
    memcpy(row.sha256, sha256, 32);
    return sb_row_blob_get(sb_ledger_kv(l), NULL, &row);
}

bool sb_ledger_erasure_next(sb_ledger *l, uint64_t *index, uint8_t sha256[32])
{
    sb_arena arena;
    sb_row_erasure row = {.index = *index};
    sb_arena_init(&arena);
    bool found = sb_row_erasure_next(sb_ledger_kv(l), &arena, &row, true, 0);
    sb_arena_deinit(&arena);
    if (!found)
        return false;
    *index = row.index;
    memcpy(sha256, row.sha256, 32);
    return true;
}
