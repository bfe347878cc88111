#include "tests/unit/protocol_examples_world.h"

#include "proto/base/hash.h"
#include "proto/ledger/rows.h"

#include <stdio.h>

world w;

sb_slice packed(const ProtobufCMessage *message)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = sb_arena_alloc(&w.arena, len);
    protobuf_c_message_pack(message, bytes);
    return sb_slice_of(bytes, len);
}

void make_leaf(sb_buf *leaf, sb_buf *entry, sb_entry_type type, const ProtobufCMessage *message,
               int key, uint64_t seq, uint64_t time_ms)
{
    sb_entry_head head;
    sb_entry_head_init(&head, w.federation_id, seq);
    size_t from = entry->len;
    MUST(sb_entry_make(type, message, &head, w.secret[key], entry, NULL));
    uint8_t time[8];
    for (int i = 0; i < 8; i++)
        time[i] = (uint8_t)(time_ms >> (56 - 8 * i));
    sb_buf_add(leaf, sb_slice_of(time, 8));
    sb_buf_add(leaf, sb_slice_of(entry->data + from, entry->len - from));
}

/* ---- the history: GENESIS and STATE ---- */

typedef struct effects {
    sb_sha256 hash;
    sb_buf bytes;
    size_t leaf;
} effects;

static void add_effect(void *arg, sb_slice key, sb_slice value, bool is_delete)
{
    effects *e = arg;
    if (key.data[0] < 0x01 || key.data[0] > 0x7f)
        return;
    assert_false(is_delete); /* nothing goes in these two steps */
    size_t from = e->bytes.len;
    add_u(&e->bytes, 1, 1);
    add_u(&e->bytes, key.len, 2);
    sb_buf_add(&e->bytes, key);
    add_u(&e->bytes, value.len, 4);
    sb_buf_add(&e->bytes, value);
    char name[64];
    snprintf(name, sizeof name, "effect.%zu.%s", e->leaf, sb_row_desc_of(key.data[0])->name);
    put_hex(&w.effect_lines, name, sb_slice_of(e->bytes.data + from, e->bytes.len - from));
}

/* Step leaf `i`; the digest is worked out from the rows that changed, and must be the ledger's. */
static void step(size_t i)
{
    static const char domain[] = "samband/digest/v1"; /* its closing zero is hashed too */
    sb_leaf leaf;
    effects e = {.leaf = i};
    sb_buf_init(&e.bytes);
    MUST(sb_leaf_open(sb_buf_slice(&w.leaf[i]), &w.arena, &leaf, NULL));
    memcpy(w.leaf_hash[i], leaf.hash, 32);
    MUST(sb_ledger_step(w.ledger, &leaf, NULL, NULL, NULL));
    sb_ledger_changes(w.ledger, add_effect, &e);
    static const uint8_t zero[32];
    sb_sha256_init(&e.hash);
    sb_sha256_add(&e.hash, sb_slice_of(domain, sizeof domain));
    sb_sha256_add(&e.hash, sb_slice_of(i == 0 ? zero : w.effects_digest[i - 1], 32));
    sb_sha256_add_u64(&e.hash, i);
    sb_sha256_add(&e.hash, sb_slice_of(leaf.hash, 32));
    sb_sha256_add_u32(&e.hash, (uint32_t)e.bytes.len);
    sb_sha256_add(&e.hash, sb_buf_slice(&e.bytes));
    sb_sha256_final(&e.hash, w.effects_digest[i]);
    sb_ledger_position now;
    sb_ledger_position_get(w.ledger, &now);
    assert_memory_equal(now.digest, w.effects_digest[i], 32);
    sb_ledger_flush(w.ledger);
    sb_buf_deinit(&e.bytes);
}

static void make_genesis(void)
{
    uint8_t charter[32];
    sb_hash(sb_slice_str("charter"), charter);
    Sb__GenesisOrganisation o = SB__GENESIS_ORGANISATION__INIT, *all[] = {&o};
    o.id = "unn";
    o.authority_pk = bytes_of(w.pk[AUTHORITY], 32);
    o.witness_pk = bytes_of(w.pk[WITNESS], 32);
    o.recovery_pk = bytes_of(w.pk[RECOVERY], 32);
    o.curve_pk = bytes_of(w.pk[CURVE], 32);
    Sb__Genesis m = SB__GENESIS__INIT;
    m.slug = "nord";
    m.charter_sha256 = bytes_of(charter, 32);
    m.charter_bytes = 7;
    m.charter_parts = 1;
    m.engine = 1;
    m.log_pk = bytes_of(w.pk[LOG], 32);
    m.broker_curve_pk = bytes_of(w.pk[BROKER_CURVE], 32);
    m.n_organisations = 1;
    m.organisations = all;
    make_leaf(&w.leaf[0], &w.genesis, SB_ENTRY_GENESIS, &m.base, AUTHORITY, 1, AT_MS);
    sb_entry entry;
    MUST(sb_entry_parse(sb_buf_slice(&w.genesis), &entry, NULL));
    memcpy(w.federation_id, entry.id, 32);
}

int world_setup(void **unused)
{
    (void)unused;
    MUST(sb_sign_init(NULL));
    sb_arena_init(&w.arena);
    sb_buf *buffers[] = {&w.genesis, &w.leaf[0], &w.leaf[1], &w.note, &w.cosigned, &w.effect_lines};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        sb_buf_init(buffers[i]);
    for (int i = 1; i < KEYS; i++) {
        uint8_t seed[32];
        memset(seed, i, 32);
        w.secret[i] = sb_secret_from_seed(seed);
        memcpy(w.pk[i], sb_secret_pk(w.secret[i]), 32);
        if (i == CURVE || i == BROKER_CURVE || i == CURVE_2)
            sb_curve_public(seed, w.pk[i]);
    }
    make_genesis();
    w.rows = sb_kv_memory_new();
    MUST(sb_ledger_open(&w.ledger, w.rows, NULL, NULL));
    step(0);
    Sb__State state = SB__STATE__INIT;
    state.digest = bytes_of(w.effects_digest[0], 32);
    sb_buf entry;
    sb_buf_init(&entry);
    make_leaf(&w.leaf[1], &entry, SB_ENTRY_STATE, &state.base, LOG, 1, AT_MS + 1000);
    sb_buf_deinit(&entry);
    step(1);
    sb_ledger_position now;
    sb_ledger_position_get(w.ledger, &now);
    w.head.size = 2;
    memcpy(w.head.root, now.root, 32);
    MUST(sb_origin("nord", w.federation_id, 1, w.head.origin, NULL));
    MUST(sb_checkpoint_sign(&w.head, w.secret[LOG], &w.note, NULL));
    MUST(sb_cosign(&w.head, w.secret[WITNESS], COSIGNED_S, &w.cosignature, NULL));
    sb_buf body;
    sb_buf_init(&body);
    sb_checkpoint_body(&w.head, &body);
    MUST(sb_sign(w.secret[LOG], sb_buf_slice(&body), w.log_signature, NULL));
    sb_buf_deinit(&body);
    sb_cosigner by = {.organisation = "unn", .cosignature = w.cosignature};
    memcpy(by.pk, w.pk[WITNESS], 32);
    sb_signed_head whole = {.head = w.head, .cosigners = &by, .cosigner_count = 1};
    memcpy(whole.log_pk, w.pk[LOG], 32);
    memcpy(whole.log_signature, w.log_signature, 64);
    sb_head_note(&whole, 0, &w.cosigned);
    return 0;
}

int world_teardown(void **unused)
{
    (void)unused;
    sb_buf *buffers[] = {&w.genesis, &w.leaf[0], &w.leaf[1], &w.note, &w.cosigned, &w.effect_lines};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        sb_buf_deinit(buffers[i]);
    for (int i = 1; i < KEYS; i++)
        sb_secret_free(w.secret[i]);
    sb_ledger_close(w.ledger);
    sb_kv_memory_free(w.rows);
    sb_arena_deinit(&w.arena);
    return 0;
}
