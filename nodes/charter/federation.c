#include "nodes/charter/charter.h"

#include "proto/base/cursor.h"
#include "proto/base/hash.h"

static void add_framed(sb_buf *out, const sb_buf *entry)
{
    uint8_t length[4];
    sb_writer w = sb_writer_over(length, sizeof length);
    sb_write_u32(&w, (uint32_t)entry->len);
    sb_buf_add(out, sb_writer_slice(&w));
    sb_buf_add(out, sb_buf_slice(entry));
}

static ProtobufCBinaryData bytes32(const uint8_t *data)
{
    return (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)data};
}

static sb_err make_genesis(const Sb__Predecessor *predecessor, const Sb__Charter *charter,
                           const sb_node_card *cards, const sb_broker_card *broker,
                           sb_slice charter_bytes, const sb_secret *key, sb_arena *arena,
                           sb_buf *out, sb_fail *fail)
{
    uint8_t charter_hash[32], zero[32] = {0};
    sb_hash(charter_bytes, charter_hash);
    Sb__Genesis g = SB__GENESIS__INIT;
    g.slug = charter->slug;
    g.charter_sha256 = bytes32(charter_hash);
    g.charter_bytes = (uint32_t)charter_bytes.len;
    g.charter_parts =
        (uint32_t)((charter_bytes.len + SB_CHARTER_PART_BYTES_MAX - 1) / SB_CHARTER_PART_BYTES_MAX);
    g.engine = 1;
    g.log_pk = bytes32(broker->log_pk);
    g.broker_curve_pk = bytes32(broker->curve_pk);
    g.n_organisations = charter->n_organisations;
    g.organisations = SB_ARENA_ARRAY(arena, Sb__GenesisOrganisation *, g.n_organisations);
    for (size_t i = 0; i < g.n_organisations; i++) {
        Sb__GenesisOrganisation *o = SB_ARENA_NEW(arena, Sb__GenesisOrganisation);
        sb__genesis_organisation__init(o);
        o->id = charter->organisations[i]->id;
        o->authority_pk = bytes32(cards[i].authority_pk);
        o->witness_pk = bytes32(cards[i].witness_pk);
        o->recovery_pk = bytes32(cards[i].recovery_pk);
        o->curve_pk = bytes32(cards[i].curve_pk);
        g.organisations[i] = o;
    }
    g.predecessor = (Sb__Predecessor *)(uintptr_t)predecessor;
    sb_entry_head head;
    sb_entry_head_init(&head, zero, 1);
    return sb_make_GENESIS(&g, &head, key, out, fail);
}

static sb_err make_parts(sb_slice charter_bytes, const uint8_t federation_id[32],
                         const sb_secret *key, sb_buf *out, sb_fail *fail)
{
    sb_buf entry;
    sb_buf_init(&entry);
    sb_err err = SB_OK;
    uint32_t number = 1;
    for (size_t at = 0; at < charter_bytes.len && err == SB_OK; number++) {
        size_t len = charter_bytes.len - at;
        if (len > SB_CHARTER_PART_BYTES_MAX)
            len = SB_CHARTER_PART_BYTES_MAX;
        Sb__CharterPart part = SB__CHARTER_PART__INIT;
        part.number = number;
        part.data = (ProtobufCBinaryData){.len = len,
                                          .data = (uint8_t *)(uintptr_t)(charter_bytes.data + at)};
        sb_entry_head head;
        sb_entry_head_init(&head, federation_id, 1 + number);
        sb_buf_clear(&entry);
        err = sb_make_CHARTER_PART(&part, &head, key, &entry, fail);
        if (err == SB_OK)
            add_framed(out, &entry);
        at += len;
    }
    sb_buf_deinit(&entry);
    return err;
}

sb_err sb_federation_make(const Sb__Charter *charter, const sb_node_card *cards,
                          const sb_broker_card *broker, const sb_secret *first_authority,
                          sb_buf *out, uint8_t federation_id[32], sb_fail *fail)
{
    return sb_federation_make_after(NULL, charter, cards, broker, first_authority, out,
                                    federation_id, fail);
}

sb_err sb_federation_make_after(const Sb__Predecessor *predecessor, const Sb__Charter *charter,
                                const sb_node_card *cards, const sb_broker_card *broker,
                                const sb_secret *first_authority, sb_buf *out,
                                uint8_t federation_id[32], sb_fail *fail)
{
    if (memcmp(sb_secret_pk(first_authority), cards[0].authority_pk, 32) != 0)
        return sb_fail_set(fail, SB_E_CHARTER_AUTHORITY, cards[0].organisation, NULL);
    sb_buf bytes, entry;
    sb_arena arena;
    sb_buf_init(&bytes);
    sb_buf_init(&entry);
    sb_arena_init(&arena);
    sb_err err = sb_charter_encode(charter, &bytes, fail);
    if (err == SB_OK)
        err = make_genesis(predecessor, charter, cards, broker, sb_buf_slice(&bytes),
                           first_authority, &arena, &entry, fail);
    sb_entry genesis;
    if (err == SB_OK)
        err = sb_entry_parse(sb_buf_slice(&entry), &genesis, fail);
    if (err == SB_OK) {
        memcpy(federation_id, genesis.id, 32);
        add_framed(out, &entry);
        err = make_parts(sb_buf_slice(&bytes), federation_id, first_authority, out, fail);
    }
    sb_arena_deinit(&arena);
    sb_buf_deinit(&entry);
    sb_buf_deinit(&bytes);
    return err;
}
