#include "proto/wire/entry.h"

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/merkle/merkle_hash.h"

enum { ENTRY_VERSION = 1 };

sb_err sb_entry_parse(sb_slice bytes, sb_entry *out, sb_fail *fail)
{
    if (bytes.len > SB_ENTRY_BYTES_MAX)
        return sb_fail_num(fail, SB_E_ENTRY_TOO_LARGE, 2, bytes.len, SB_ENTRY_BYTES_MAX);
    if (bytes.len < SB_ENTRY_FRAME_BYTES)
        return sb_fail_num(fail, SB_E_ENTRY_TRUNCATED, 1, bytes.len, 0);
    sb_reader r = sb_reader_over(bytes);
    uint8_t version = sb_read_u8(&r);
    if (version != ENTRY_VERSION)
        return sb_fail_num(fail, SB_E_ENTRY_VERSION, 1, version, 0);
    uint8_t type = sb_read_u8(&r);
    if (!sb_entry_type_known(type))
        return sb_fail_num(fail, SB_E_ENTRY_TYPE, 1, type, 0);
    *out = (sb_entry){.type = (sb_entry_type)type, .bytes = bytes};
    sb_read_into(&r, out->federation_id, sizeof out->federation_id);
    sb_read_into(&r, out->signer_pk, sizeof out->signer_pk);
    out->signer_seq = sb_read_u64(&r);
    out->anchor_size = sb_read_u64(&r);
    sb_read_into(&r, out->anchor_root, sizeof out->anchor_root);
    uint32_t len = sb_read_u32(&r);
    size_t room = bytes.len - SB_ENTRY_FRAME_BYTES;
    if (len > room)
        return sb_fail_num(fail, SB_E_ENTRY_TRUNCATED, 1, bytes.len, 0);
    if (len < room)
        return sb_fail_num(fail, SB_E_ENTRY_LENGTH, 2, len, room);
    out->payload = sb_read_bytes(&r, len);
    out->unsigned_bytes = sb_slice_of(bytes.data, bytes.len - SB_SIG_BYTES);
    sb_read_into(&r, out->signature, sizeof out->signature);
    sb_hash(out->unsigned_bytes, out->id);
    return SB_OK;
}

sb_err sb_entry_verify(const sb_entry *entry, sb_fail *fail)
{
    if (!sb_verify_domain(entry->signer_pk, SB_DOMAIN_ENTRY, entry->unsigned_bytes,
                          entry->signature))
        return sb_fail_set(fail, SB_E_SIGNATURE, NULL);
    return SB_OK;
}

sb_err sb_entry_open(sb_slice bytes, sb_arena *arena, sb_leaf *out, sb_fail *fail)
{
    *out = (sb_leaf){0};
    sb_err err = sb_entry_parse(bytes, &out->entry, fail);
    if (err == SB_OK)
        err = sb_payload_decode(out->entry.type, out->entry.payload, arena, &out->message, fail);
    if (err == SB_OK)
        err = sb_entry_verify(&out->entry, fail);
    if (err == SB_OK)
        sb_payload_blobs(out->message, arena, &out->blobs, &out->blob_count);
    return err;
}

sb_err sb_leaf_open(sb_slice bytes, sb_arena *arena, sb_leaf *out, sb_fail *fail)
{
    sb_reader r = sb_reader_over(bytes);
    uint64_t sequenced_at_ms = sb_read_u64(&r);
    if (r.failed) {
        *out = (sb_leaf){0};
        return sb_fail_num(fail, SB_E_ENTRY_TRUNCATED, 1, bytes.len, 0);
    }
    sb_slice entry = sb_read_bytes(&r, sb_reader_left(&r));
    sb_err err = sb_entry_open(entry, arena, out, fail);
    if (err != SB_OK)
        return err;
    out->sequenced_at_ms = sequenced_at_ms;
    out->bytes = bytes;
    sb_leaf_hash(bytes, out->hash);
    return SB_OK;
}

/* ---- the cosignatures in a SEAL ---- */

bool sb_seal_cosignature_holds(const sb_checkpoint *head, const Sb__Cosignature *c)
{
    sb_cosignature cosignature = {.time_s = c->time_s};
    memcpy(cosignature.sig, c->signature.data, sizeof cosignature.sig);
    return sb_cosignature_verify(head, c->witness_pk.data, &cosignature);
}

static bool is_cosigned_under(const char *origin, const Sb__Seal *seal)
{
    sb_checkpoint head = {.size = seal->size};
    size_t len = strlen(origin);
    if (len >= sizeof head.origin)
        return false;
    memcpy(head.origin, origin, len + 1);
    memcpy(head.root, seal->root.data, sizeof head.root);
    for (size_t i = 0; i < seal->n_cosignatures; i++)
        if (!sb_seal_cosignature_holds(&head, seal->cosignatures[i]))
            return false;
    return true;
}

sb_err sb_leaf_open_under(const char *origin, sb_slice bytes, sb_arena *arena, sb_leaf *out,
                          sb_fail *fail)
{
    sb_err err = sb_leaf_open(bytes, arena, out, fail);
    if (err != SB_OK || origin == NULL || out->entry.type != SB_ENTRY_SEAL)
        return err;
    if (is_cosigned_under(origin, (const Sb__Seal *)(const void *)out->message))
        out->cosigned_under = origin;
    return SB_OK;
}
