#include "proto/wire/entry.h"

#include "proto/base/cursor.h"
#include "proto/base/hash.h"

#include <assert.h>

void sb_entry_head_init(sb_entry_head *head, const uint8_t federation_id[32], uint64_t signer_seq)
{
    *head = (sb_entry_head){.signer_seq = signer_seq};
    memcpy(head->federation_id, federation_id, sizeof head->federation_id);
    sb_hash((sb_slice){0}, head->anchor_root);
}

/* Head, payload and length, without the signature. */
static void write_unsigned(sb_writer *w, sb_entry_type type, const sb_entry_head *head,
                           const uint8_t signer_pk[32], sb_slice payload)
{
    sb_write_u8(w, 1);
    sb_write_u8(w, (uint8_t)type);
    sb_write_bytes(w, sb_slice_of(head->federation_id, sizeof head->federation_id));
    sb_write_bytes(w, sb_slice_of(signer_pk, SB_PK_BYTES));
    sb_write_u64(w, head->signer_seq);
    sb_write_u64(w, head->anchor_size);
    sb_write_bytes(w, sb_slice_of(head->anchor_root, sizeof head->anchor_root));
    sb_write_var32(w, payload);
    assert(!w->failed);
}

sb_err sb_entry_make(sb_entry_type type, const ProtobufCMessage *message, const sb_entry_head *head,
                     const sb_secret *secret, sb_buf *out, sb_fail *fail)
{
    assert(message->descriptor == sb_entry_type_descriptor(type));
    size_t len = protobuf_c_message_get_packed_size(message);
    if (len > SB_PAYLOAD_BYTES_MAX)
        return sb_fail_num(fail, SB_E_ENTRY_TOO_LARGE, 2, len + SB_ENTRY_FRAME_BYTES,
                           SB_ENTRY_BYTES_MAX);
    sb_arena arena;
    sb_arena_init(&arena);
    uint8_t *payload = sb_arena_alloc(&arena, len);
    protobuf_c_message_pack(message, payload);
    const ProtobufCMessage *decoded;
    sb_err err = sb_payload_decode(type, sb_slice_of(payload, len), &arena, &decoded, fail);
    if (err != SB_OK)
        goto out;
    size_t unsigned_len = SB_ENTRY_HEAD_BYTES + len;
    uint8_t *bytes = sb_arena_alloc(&arena, unsigned_len + SB_SIG_BYTES);
    sb_writer w = sb_writer_over(bytes, unsigned_len);
    write_unsigned(&w, type, head, sb_secret_pk(secret), sb_slice_of(payload, len));
    assert(w.at == unsigned_len);
    err = sb_sign_domain(secret, SB_DOMAIN_ENTRY, sb_slice_of(bytes, unsigned_len),
                         bytes + unsigned_len, fail);
    if (err == SB_OK)
        sb_buf_add(out, sb_slice_of(bytes, unsigned_len + SB_SIG_BYTES));
out:
    sb_arena_deinit(&arena);
    return err;
}

sb_err sb_charter_encode(const Sb__Charter *charter, sb_buf *out, sb_fail *fail)
{
    size_t len = sb__charter__get_packed_size(charter);
    if (len > SB_CHARTER_BYTES_MAX)
        return sb_fail_num(fail, SB_E_ENTRY_TOO_LARGE, 2, len, SB_CHARTER_BYTES_MAX);
    sb_arena arena;
    sb_arena_init(&arena);
    uint8_t *bytes = sb_arena_alloc(&arena, len);
    sb__charter__pack(charter, bytes);
    const Sb__Charter *decoded;
    sb_err err = sb_charter_decode(sb_slice_of(bytes, len), &arena, &decoded, fail);
    if (err == SB_OK)
        sb_buf_add(out, sb_slice_of(bytes, len));
    sb_arena_deinit(&arena);
    return err;
}

void sb_wording_hash(const uint8_t case_id[32], const char *const *clauses, size_t count,
                     const uint8_t (*attached)[32], size_t attached_count, uint8_t out[32])
{
    static const char domain[] = "samband/wording/v1"; /* its NUL is part of it */
    assert(count <= UINT32_MAX && attached_count <= UINT32_MAX);
    sb_sha256 h;
    sb_sha256_init(&h);
    sb_sha256_add(&h, sb_slice_of(domain, sizeof domain));
    sb_sha256_add(&h, sb_slice_of(case_id, 32));
    sb_sha256_add_u32(&h, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        sb_slice clause = sb_slice_str(clauses[i]);
        assert(clause.len <= UINT32_MAX);
        sb_sha256_add_u32(&h, (uint32_t)clause.len);
        sb_sha256_add(&h, clause);
    }
    if (attached_count > 0)
        sb_sha256_add_u32(&h, (uint32_t)attached_count);
    for (size_t i = 0; i < attached_count; i++)
        sb_sha256_add(&h, sb_slice_of(attached[i], 32));
    sb_sha256_final(&h, out);
}
