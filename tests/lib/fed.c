#include "tests/lib/fed.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hash.h"
#include "proto/calendar/oslo.h"
#include "proto/merkle/checkpoint.h"
#include "tests/lib/fed_trace.h"

static void must(fed *f, sb_err err, const char *what)
{
    if (err == SB_OK)
        return;
    const char *name = sb_err_name(err);
    fprintf(stderr, "fed: %s: %s [%s] [%s] [%s]\n", what, name == NULL ? "?" : name, f->fail.arg[0],
            f->fail.arg[1], f->fail.arg[2]);
    abort();
}

/* ---- keys and blobs ---- */

fed_key *fed_key_of(fed *f, const char *name)
{
    for (size_t i = 0; i < f->key_count; i++)
        if (strcmp(f->keys[i]->name, name) == 0)
            return f->keys[i];
    if (f->key_count == f->key_cap) {
        f->key_cap = f->key_cap == 0 ? 32 : 2 * f->key_cap;
        f->keys = sb_xrealloc(f->keys, f->key_cap * sizeof f->keys[0]);
    }
    fed_key *key = sb_xmalloc(sizeof *key);
    *key = (fed_key){.seq = 0};
    snprintf(key->name, sizeof key->name, "%s", name);
    uint8_t seed[32];
    sb_hash(sb_slice_str(name), seed);
    key->secret = sb_secret_from_seed(seed);
    memcpy(key->pk, sb_secret_pk(key->secret), 32);
    sb_empty_root(key->anchor_root);
    f->keys[f->key_count++] = key;
    return key;
}

static fed_key *org_key(fed *f, size_t org, const char *use)
{
    char name[96];
    snprintf(name, sizeof name, "%s/%s", f->charter->organisations[org]->id, use);
    return fed_key_of(f, name);
}

fed_key *fed_witness(fed *f, uint32_t organisation)
{
    const char *own = f->witness[organisation];
    return own[0] == '\0' ? org_key(f, organisation, "witness") : fed_key_of(f, own);
}

static ProtobufCBinaryData bytes_of(fed *f, const void *data, size_t len)
{
    sb_slice copy = sb_arena_copy(&f->arena, sb_slice_of(data, len));
    return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)copy.data};
}

Sb__BlobRef *fed_blob(fed *f, const char *text)
{
    uint8_t salt[32] = {0}, hash[32];
    sb_sha256 h;
    sb_sha256_init(&h);
    sb_sha256_add(&h, sb_slice_of(salt, sizeof salt));
    sb_sha256_add(&h, sb_slice_str(text));
    sb_sha256_final(&h, hash);
    sb_kv_put(f->texts, sb_slice_of(hash, sizeof hash), sb_slice_str(text));
    Sb__BlobRef *ref = SB_ARENA_NEW(&f->arena, Sb__BlobRef);
    *ref = (Sb__BlobRef)SB__BLOB_REF__INIT;
    ref->sha256 = bytes_of(f, hash, sizeof hash);
    ref->size = sizeof salt + strlen(text);
    sb_buf blob;
    sb_buf_init(&blob);
    sb_buf_add(&blob, sb_slice_of(salt, sizeof salt));
    sb_buf_str(&blob, text);
    fed_trace(f, FED_TRACE_BLOB, sb_buf_slice(&blob), SB_OK);
    sb_buf_deinit(&blob);
    return ref;
}

void fed_at(fed *f, uint32_t yyyymmdd, uint32_t hour, uint32_t minute)
{
    sb_civil c = {.date = {.year = (int32_t)(yyyymmdd / 10000),
                           .month = (uint8_t)(yyyymmdd / 100 % 100),
                           .day = (uint8_t)(yyyymmdd % 100)},
                  .hour = (uint8_t)hour,
                  .minute = (uint8_t)minute};
    uint64_t ms = (uint64_t)sb_oslo_to_utc(c, SB_FOLD_FIRST);
    f->now_ms = ms > f->now_ms ? ms : f->now_ms + f->tick_ms;
}

/* ---- life ---- */

fed *fed_new(const fed_options *options)
{
    fed *f = sb_xmalloc(sizeof *f);
    *f = (fed){.tick_ms = 1000, .log_key = "log", .texts = sb_kv_memory_new()};
    must(f, sb_sign_init(&f->fail), "sign");
    if (options != NULL)
        f->options = *options;
    if (f->options.part_bytes == 0)
        f->options.part_bytes = 1000;
    sb_arena_init(&f->arena);
    sb_buf_init(&f->charter_bytes);
    sb_buf_init(&f->leaves);
    f->owns_kv = f->options.kv == NULL;
    f->kv = f->owns_kv ? sb_kv_memory_new() : f->options.kv;
    must(f, sb_ledger_open(&f->ledger, f->kv, NULL, &f->fail), "open");
    f->charter = fed_default_charter(&f->arena, &f->options);
    if (f->options.edit != NULL)
        f->options.edit(f->charter, &f->arena, f->options.edit_arg);
    must(f, sb_charter_encode(f->charter, &f->charter_bytes, &f->fail), "charter");
    fed_at(f, 20211201, 12, 0);
    fed_trace(f, FED_TRACE_NEW, (sb_slice){0}, SB_OK);
    return f;
}

void fed_free(fed *f)
{
    fed_trace(f, FED_TRACE_END, (sb_slice){0}, SB_OK);
    sb_ledger_close(f->ledger);
    if (f->owns_kv)
        sb_kv_memory_free(f->kv);
    for (size_t i = 0; i < f->key_count; i++) {
        sb_secret_free(f->keys[i]->secret);
        free(f->keys[i]);
    }
    free(f->keys);
    free(f->starts);
    free(f->ids);
    sb_buf_deinit(&f->charter_bytes);
    sb_buf_deinit(&f->leaves);
    sb_arena_deinit(&f->arena);
    sb_kv_memory_free(f->texts);
    free(f);
}

/* ---- entries ---- */

sb_entry_head fed_head(fed *f, const char *key)
{
    fed_key *k = fed_key_of(f, key);
    sb_entry_head head;
    sb_entry_head_init(&head, f->federation_id, k->seq + 1);
    head.anchor_size = k->anchor_size;
    memcpy(head.anchor_root, k->anchor_root, 32);
    return head;
}

void fed_make(fed *f, sb_entry_type type, const ProtobufCMessage *message, const char *key,
              const sb_entry_head *head, sb_buf *entry)
{
    sb_entry_head next = fed_head(f, key);
    must(f,
         sb_entry_make(type, message, head == NULL ? &next : head, fed_key_of(f, key)->secret,
                       entry, &f->fail),
         sb_entry_type_name(type));
}

static void keep(fed *f, const sb_leaf *leaf)
{
    if (f->leaf_count + 1 >= f->leaf_cap) {
        f->leaf_cap = f->leaf_cap == 0 ? 256 : 2 * f->leaf_cap;
        f->starts = sb_xrealloc(f->starts, f->leaf_cap * sizeof f->starts[0]);
        f->ids = sb_xrealloc(f->ids, f->leaf_cap * sizeof f->ids[0]);
    }
    f->starts[f->leaf_count] = f->leaves.len;
    memcpy(f->ids[f->leaf_count], leaf->entry.id, 32);
    sb_buf_add(&f->leaves, leaf->bytes);
    f->leaf_count++;
    f->starts[f->leaf_count] = f->leaves.len;
    for (size_t i = 0; i < f->key_count; i++)
        if (memcmp(f->keys[i]->pk, leaf->entry.signer_pk, 32) == 0)
            f->keys[i]->seq = leaf->entry.signer_seq;
}

static sb_err sequence(fed *f, sb_slice entry, bool only_check)
{
    sb_buf bytes;
    sb_arena arena;
    sb_leaf leaf;
    uint8_t time[8];
    sb_buf_init(&bytes);
    sb_arena_init(&arena);
    uint64_t at = f->now_ms + (only_check ? 0 : f->tick_ms);
    for (int i = 0; i < 8; i++)
        time[i] = (uint8_t)(at >> (56 - 8 * i));
    sb_buf_add(&bytes, sb_slice_of(time, sizeof time));
    sb_buf_add(&bytes, entry);
    f->fail = (sb_fail){0};
    sb_err err = sb_leaf_open(sb_buf_slice(&bytes), &arena, &leaf, &f->fail);
    if (err == SB_OK)
        err = only_check ? sb_ledger_check(f->ledger, &leaf, &f->fail)
                         : sb_ledger_step(f->ledger, &leaf, NULL, NULL, &f->fail);
    if (err == SB_OK && !only_check) {
        f->now_ms = at;
        keep(f, &leaf);
    }
    fed_trace(f, only_check ? FED_TRACE_CHECK : FED_TRACE_TAKE, sb_buf_slice(&bytes), err);
    sb_arena_deinit(&arena);
    sb_buf_deinit(&bytes);
    return err;
}

sb_err fed_take(fed *f, sb_slice entry)
{
    return sequence(f, entry, false);
}

sb_err fed_check(fed *f, sb_slice entry)
{
    return sequence(f, entry, true);
}

sb_err fed_submit(fed *f, sb_entry_type type, const ProtobufCMessage *message, const char *key)
{
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(f, type, message, key, NULL, &entry);
    sb_err err = fed_take(f, sb_buf_slice(&entry));
    sb_buf_deinit(&entry);
    return err;
}

void fed_must(fed *f, sb_entry_type type, const ProtobufCMessage *message, const char *key)
{
    must(f, fed_submit(f, type, message, key), sb_entry_type_name(type));
}

/* ---- system entries ---- */

sb_err fed_system(fed *f, sb_entry_type type, const ProtobufCMessage *message)
{
    sb_entry_head head;
    sb_buf entry;
    sb_buf_init(&entry);
    sb_entry_head_init(&head, f->federation_id, f->leaf_count);
    fed_make(f, type, message, f->log_key, &head, &entry);
    sb_err err = fed_take(f, sb_buf_slice(&entry));
    sb_buf_deinit(&entry);
    return err;
}

/* An entry of a payload that the ledger packed. */
static sb_err submit_packed(fed *f, sb_entry_type type, sb_slice payload)
{
    const ProtobufCMessage *message = NULL;
    sb_arena arena;
    sb_arena_init(&arena);
    must(f, sb_payload_decode(type, payload, &arena, &message, &f->fail), "own payload");
    sb_err err = fed_system(f, type, message);
    sb_arena_deinit(&arena);
    return err;
}

sb_err fed_state(fed *f)
{
    sb_buf payload;
    sb_buf_init(&payload);
    sb_ledger_state_payload(f->ledger, &payload);
    sb_err err = submit_packed(f, SB_ENTRY_STATE, sb_buf_slice(&payload));
    sb_buf_deinit(&payload);
    return err;
}

void fed_due(fed *f)
{
    for (;;) {
        sb_buf payload;
        sb_buf_init(&payload);
        sb_ledger_due due = sb_ledger_next_due(f->ledger, f->now_ms, &payload);
        if (due != SB_DUE_NOTHING)
            must(f,
                 submit_packed(f, due == SB_DUE_RESULT ? SB_ENTRY_RESULT : SB_ENTRY_TICK,
                               sb_buf_slice(&payload)),
                 "due");
        sb_buf_deinit(&payload);
        if (due == SB_DUE_NOTHING)
            return;
    }
}

static int by_witness(const void *a, const void *b)
{
    const Sb__Cosignature *x = *(Sb__Cosignature *const *)a, *y = *(Sb__Cosignature *const *)b;
    return memcmp(x->witness_pk.data, y->witness_pk.data, 32);
}

Sb__Seal *fed_seal_message(fed *f, const uint32_t *organisations, size_t count)
{
    sb_ledger_position at;
    sb_checkpoint head = {.size = 0};
    sb_ledger_position_get(f->ledger, &at);
    head.size = at.size;
    memcpy(head.root, at.root, 32);
    (void)sb_ledger_origin(f->ledger, head.origin, sizeof head.origin);
    Sb__Seal *m = SB_ARENA_NEW(&f->arena, Sb__Seal);
    *m = (Sb__Seal)SB__SEAL__INIT;
    m->size = at.size;
    m->root = bytes_of(f, at.root, 32);
    m->cosignatures = SB_ARENA_ARRAY(&f->arena, Sb__Cosignature *, count);
    for (size_t i = 0; i < count; i++) {
        fed_key *key = fed_witness(f, organisations[i]);
        sb_cosignature made;
        must(f, sb_cosign(&head, key->secret, f->now_ms / 1000, &made, &f->fail), "cosign");
        Sb__Cosignature *c = SB_ARENA_NEW(&f->arena, Sb__Cosignature);
        *c = (Sb__Cosignature)SB__COSIGNATURE__INIT;
        c->witness_pk = bytes_of(f, key->pk, 32);
        c->time_s = made.time_s;
        c->signature = bytes_of(f, made.sig, 64);
        m->cosignatures[m->n_cosignatures++] = c;
    }
    qsort(m->cosignatures, m->n_cosignatures, sizeof m->cosignatures[0], by_witness);
    uint8_t log_signature[64];
    sb_buf text;
    sb_buf_init(&text);
    sb_checkpoint_body(&head, &text);
    must(f,
         sb_sign(fed_key_of(f, f->log_key)->secret, sb_buf_slice(&text), log_signature, &f->fail),
         "log signature");
    sb_buf_deinit(&text);
    m->log_signature = bytes_of(f, log_signature, 64);
    return m;
}

sb_err fed_seal_by(fed *f, const uint32_t *organisations, size_t count)
{
    return fed_system(f, SB_ENTRY_SEAL, &fed_seal_message(f, organisations, count)->base);
}

void fed_seal(fed *f)
{
    uint32_t all[SB_ORGANISATIONS_MAX];
    sb_ledger_position at;
    for (uint32_t i = 0; i < f->charter->n_organisations; i++)
        all[i] = i;
    sb_ledger_position_get(f->ledger, &at);
    if (!at.ends_with_state)
        must(f, fed_state(f), "STATE");
    must(f,
         fed_seal_by(f, all + f->options.silent, f->charter->n_organisations - f->options.silent),
         "SEAL");
    must(f, fed_state(f), "STATE");
}

/* ---- a running federation ---- */

Sb__Genesis *fed_genesis_message(fed *f)
{
    uint8_t hash[32];
    char name[32];
    size_t part = f->options.part_bytes;
    Sb__Genesis *m = SB_ARENA_NEW(&f->arena, Sb__Genesis);
    *m = (Sb__Genesis)SB__GENESIS__INIT;
    m->slug = f->charter->slug;
    sb_hash(sb_buf_slice(&f->charter_bytes), hash);
    m->charter_sha256 = bytes_of(f, hash, 32);
    m->charter_bytes = (uint32_t)f->charter_bytes.len;
    m->charter_parts = (uint32_t)((f->charter_bytes.len + part - 1) / part);
    m->engine = SB_ENGINE;
    m->log_pk = bytes_of(f, fed_key_of(f, "log")->pk, 32);
    sb_hash(sb_slice_str("curve of the broker"), hash);
    m->broker_curve_pk = bytes_of(f, hash, 32);
    m->n_organisations = f->charter->n_organisations;
    m->organisations = SB_ARENA_ARRAY(&f->arena, Sb__GenesisOrganisation *, m->n_organisations);
    for (size_t i = 0; i < m->n_organisations; i++) {
        Sb__GenesisOrganisation *o = SB_ARENA_NEW(&f->arena, Sb__GenesisOrganisation);
        *o = (Sb__GenesisOrganisation)SB__GENESIS_ORGANISATION__INIT;
        o->id = f->charter->organisations[i]->id;
        o->authority_pk = bytes_of(f, org_key(f, i, "authority")->pk, 32);
        o->witness_pk = bytes_of(f, org_key(f, i, "witness")->pk, 32);
        o->recovery_pk = bytes_of(f, org_key(f, i, "recovery")->pk, 32);
        snprintf(name, sizeof name, "curve of %zu", i);
        sb_hash(sb_slice_str(name), hash);
        o->curve_pk = bytes_of(f, hash, 32);
        m->organisations[i] = o;
    }
    return m;
}

sb_err fed_send_genesis(fed *f, const Sb__Genesis *m, const char *key)
{
    sb_err err = fed_submit(f, SB_ENTRY_GENESIS, &m->base, key);
    if (err == SB_OK)
        memcpy(f->federation_id, f->ids[f->leaf_count - 1], 32);
    return err;
}

void fed_genesis(fed *f)
{
    must(f, fed_send_genesis(f, fed_genesis_message(f), org_key(f, 0, "authority")->name),
         "GENESIS");
}

sb_err fed_send_part(fed *f, uint32_t number, const char *key)
{
    size_t part = f->options.part_bytes, at = part * (number - 1);
    size_t left = f->charter_bytes.len - at;
    Sb__CharterPart m = SB__CHARTER_PART__INIT;
    m.number = number;
    m.data =
        (ProtobufCBinaryData){.len = left < part ? left : part, .data = f->charter_bytes.data + at};
    return fed_submit(f, SB_ENTRY_CHARTER_PART, &m.base, key);
}

void fed_charter(fed *f)
{
    uint32_t parts = fed_genesis_message(f)->charter_parts;
    for (uint32_t i = 1; i <= parts; i++)
        must(f, fed_send_part(f, i, org_key(f, 0, "authority")->name), "CHARTER_PART");
}

void fed_accept(fed *f)
{
    uint8_t hash[32];
    sb_hash(sb_buf_slice(&f->charter_bytes), hash);
    Sb__Accept m = SB__ACCEPT__INIT;
    m.charter_sha256 = (ProtobufCBinaryData){.len = 32, .data = hash};
    for (size_t i = 0; i < f->charter->n_organisations; i++)
        fed_must(f, SB_ENTRY_ACCEPT, &m.base, org_key(f, i, "authority")->name);
}

static const Sb__Seat *seat_of(const fed *f, const char *id)
{
    for (size_t b = 0; b < f->charter->n_bodies; b++)
        for (size_t i = 0; i < f->charter->bodies[b]->n_seats; i++)
            if (strcmp(f->charter->bodies[b]->seats[i]->id, id) == 0)
                return f->charter->bodies[b]->seats[i];
    return NULL;
}

static sb_err appoint(fed *f, Sb__Appoint *m, const char *key, const char *who, const char *signer)
{
    if (key[0] != '\0')
        m->device_pk = bytes_of(f, fed_key_of(f, key)->pk, 32);
    m->name = fed_blob(f, who);
    m->from_date = 20211201;
    return fed_submit(f, SB_ENTRY_APPOINT, &m->base, signer);
}

sb_err fed_appoint_seat(fed *f, const char *seat, Sb__SeatRole role, const char *key)
{
    const Sb__Seat *words = seat_of(f, seat);
    const char *host = "";
    for (size_t i = 0; words != NULL && i < f->charter->n_appointers; i++)
        if (strcmp(f->charter->appointers[i]->id, words->appointer) == 0)
            host = f->charter->appointers[i]->host;
    char signer[96];
    snprintf(signer, sizeof signer, "%s%s", host[0] == '\0' ? "secretariat" : host,
             host[0] == '\0' ? "" : "/authority");
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = (char *)seat;
    place.role = role;
    Sb__Appoint m = SB__APPOINT__INIT;
    m.place_case = SB__APPOINT__PLACE_SEAT;
    m.seat = &place;
    return appoint(f, &m, key, seat, signer);
}

sb_err fed_appoint_office(fed *f, const char *office, const char *key)
{
    char signer[96] = "unn/authority";
    for (size_t i = 0; i < f->charter->n_offices; i++)
        if (strcmp(f->charter->offices[i]->id, office) == 0)
            snprintf(signer, sizeof signer, "%s/authority", f->charter->offices[i]->appointed_by);
    Sb__Appoint m = SB__APPOINT__INIT;
    m.place_case = SB__APPOINT__PLACE_OFFICE;
    m.office = (char *)office;
    return appoint(f, &m, key, office, signer);
}

static void appoint_seat(fed *f, const char *id, Sb__SeatRole role, const char *word)
{
    char key[96];
    snprintf(key, sizeof key, "%s/%s", id, word);
    must(f, fed_appoint_seat(f, id, role, key), id);
}

/* Those seats that the secretariat fills, or those that an organisation does. */
static void appoint_seats(fed *f, bool by_secretariat)
{
    for (size_t b = 0; b < f->charter->n_bodies; b++) {
        for (size_t i = 0; i < f->charter->bodies[b]->n_seats; i++) {
            const Sb__Seat *seat = f->charter->bodies[b]->seats[i];
            const char *host = "";
            for (size_t k = 0; k < f->charter->n_appointers; k++)
                if (strcmp(f->charter->appointers[k]->id, seat->appointer) == 0)
                    host = f->charter->appointers[k]->host;
            if ((host[0] == '\0') != by_secretariat)
                continue;
            appoint_seat(f, seat->id, SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "primary");
            if (seat->has_deputy)
                appoint_seat(f, seat->id, SB__SEAT_ROLE__SEAT_ROLE_DEPUTY, "deputy");
        }
    }
}

void fed_appoint_all(fed *f)
{
    for (size_t i = 0; i < f->charter->n_offices; i++)
        must(f, fed_appoint_office(f, f->charter->offices[i]->id, f->charter->offices[i]->id),
             "office");
    appoint_seats(f, false);
}

void fed_run(fed *f)
{
    fed_genesis(f);
    fed_charter(f);
    fed_accept(f);
    fed_appoint_all(f);
    fed_seal(f);
    appoint_seats(f, true);
    fed_seal(f);
}

/* ---- looking ---- */

sb_slice fed_leaf(const fed *f, size_t index)
{
    return sb_slice_of(f->leaves.data + f->starts[index], f->starts[index + 1] - f->starts[index]);
}

ProtobufCBinaryData fed_id(const fed *f, size_t index)
{
    return (ProtobufCBinaryData){.len = 32, .data = f->ids[index]};
}

ProtobufCBinaryData fed_last_id(const fed *f)
{
    return bytes_of((fed *)f, f->ids[f->leaf_count - 1], 32);
}

void fed_replay(const fed *f, size_t first, size_t last, sb_ledger *into)
{
    sb_arena arena;
    sb_arena_init(&arena);
    for (size_t i = first; i < last; i++) {
        sb_leaf leaf;
        fed *mutable = (fed *)f;
        must(mutable, sb_leaf_open(fed_leaf(f, i), &arena, &leaf, &mutable->fail), "replay");
        must(mutable, sb_ledger_step(into, &leaf, NULL, NULL, &mutable->fail), "replay");
        sb_arena_reset(&arena);
    }
    sb_arena_deinit(&arena);
}

void fed_cut(fed *f, size_t size)
{
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *ledger = NULL;
    must(f, f->owns_kv && size <= f->leaf_count ? SB_OK : SB_E_INTERNAL, "cut");
    must(f, sb_ledger_open(&ledger, kv, NULL, &f->fail), "cut");
    fed_replay(f, 0, size, ledger);
    sb_ledger_close(f->ledger);
    sb_kv_memory_free(f->kv);
    f->kv = kv;
    f->ledger = ledger;
    f->leaf_count = size;
    f->leaves.len = f->starts[size];
    for (size_t i = 0; i < f->key_count; i++) {
        uint64_t anchor;
        f->keys[i]->seq = 0;
        (void)sb_ledger_signer(ledger, f->keys[i]->pk, &f->keys[i]->seq, &anchor);
    }
}

void fed_rows_hash(sb_kv *kv, uint8_t out[32])
{
    sb_sha256 h;
    sb_kv_walk row = {.kv = kv};
    sb_sha256_init(&h);
    while (sb_kv_walk_next(&row)) {
        sb_sha256_add_u32(&h, (uint32_t)row.key.len);
        sb_sha256_add(&h, row.key);
        sb_sha256_add_u32(&h, (uint32_t)row.value.len);
        sb_sha256_add(&h, row.value);
    }
    sb_sha256_final(&h, out);
}

const char *fed_digest(fed *f)
{
    static char hex[65];
    sb_ledger_position at;
    sb_ledger_position_get(f->ledger, &at);
    sb_hex(sb_slice_of(at.digest, 32), hex);
    return hex;
}
