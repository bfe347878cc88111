#include "nodes/charter/charter.h"

#include "nodes/host/file.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"

/* ---- making ---- */

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

static sb_err make_genesis(const Sb__Charter *charter, const sb_node_card *cards,
                           const sb_broker_card *broker, sb_slice charter_bytes,
                           const sb_secret *key, sb_arena *arena, sb_buf *out, sb_fail *fail)
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
    if (memcmp(sb_secret_pk(first_authority), cards[0].authority_pk, 32) != 0)
        return sb_fail_set(fail, SB_E_CHARTER_AUTHORITY, cards[0].organisation, NULL);
    sb_buf bytes, entry;
    sb_arena arena;
    sb_buf_init(&bytes);
    sb_buf_init(&entry);
    sb_arena_init(&arena);
    sb_err err = sb_charter_encode(charter, &bytes, fail);
    if (err == SB_OK)
        err = make_genesis(charter, cards, broker, sb_buf_slice(&bytes), first_authority, &arena,
                           &entry, fail);
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

/* ---- reading ---- */

static sb_err bad(sb_fail *fail, const char *what)
{
    return sb_fail_set(fail, SB_E_CHARTER_FEDERATION_FILE, what, NULL);
}

/* The parts in order, their hash as genesis says, and the charter decoded. */
static sb_err join_parts(const sb_leaf *leaves, size_t count, sb_arena *arena, sb_federation *out,
                         sb_fail *fail)
{
    sb_buf whole;
    sb_buf_init(&whole);
    sb_err err = SB_OK;
    for (size_t i = 1; i < count && err == SB_OK; i++) {
        const Sb__CharterPart *part = (const Sb__CharterPart *)leaves[i].message;
        if (leaves[i].entry.type != SB_ENTRY_CHARTER_PART || part->number != i ||
            memcmp(leaves[i].entry.federation_id, out->federation_id, 32) != 0 ||
            memcmp(leaves[i].entry.signer_pk, leaves[0].entry.signer_pk, 32) != 0)
            err = bad(fail, "del av vedtektene");
        else
            sb_buf_add(&whole, sb_slice_of(part->data.data, part->data.len));
    }
    sb_hash(sb_buf_slice(&whole), out->charter_sha256);
    if (err == SB_OK && (count - 1 != out->genesis->charter_parts ||
                         memcmp(out->charter_sha256, out->genesis->charter_sha256.data, 32) != 0))
        err = bad(fail, "vedtektenes sjekksum");
    if (err == SB_OK)
        err = sb_charter_decode(sb_arena_copy(arena, sb_buf_slice(&whole)), arena, &out->charter,
                                fail);
    sb_buf_deinit(&whole);
    return err;
}

sb_err sb_federation_parse(sb_slice bytes, sb_arena *arena, sb_federation *out, sb_fail *fail)
{
    enum { ENTRIES_MAX = 64 };
    *out = (sb_federation){0};
    sb_leaf *leaves = SB_ARENA_ARRAY(arena, sb_leaf, ENTRIES_MAX);
    sb_slice *entries = SB_ARENA_ARRAY(arena, sb_slice, ENTRIES_MAX);
    size_t count = 0;
    sb_reader r = sb_reader_over(bytes);
    while (sb_reader_left(&r) > 0) {
        sb_slice entry = sb_read_var32(&r);
        if (r.failed || count == ENTRIES_MAX)
            return bad(fail, "lengden");
        sb_err err = sb_entry_open(entry, arena, &leaves[count], fail);
        if (err != SB_OK)
            return err;
        entries[count++] = entry;
    }
    if (count < 2 || leaves[0].entry.type != SB_ENTRY_GENESIS)
        return bad(fail, "første oppføring");
    memcpy(out->federation_id, leaves[0].entry.id, 32);
    out->genesis = (const Sb__Genesis *)leaves[0].message;
    out->entries = entries;
    out->entry_count = count;
    return join_parts(leaves, count, arena, out, fail);
}

sb_err sb_federation_read(const char *path, sb_arena *arena, sb_federation *out, sb_fail *fail)
{
    sb_buf file;
    sb_buf_init(&file);
    sb_err err = sb_file_read(path, SB_FEDERATION_BYTES_MAX, &file, fail);
    if (err == SB_OK)
        err = sb_federation_parse(sb_arena_copy(arena, sb_buf_slice(&file)), arena, out, fail);
    sb_buf_deinit(&file);
    return err;
}
