/* GENESIS, CHARTER_PART, ACCEPT: how a federation comes to be (DESIGN §3). */
#include <stdlib.h>

#include "proto/base/hash.h"
#include "proto/ledger/charter_change.h"
#include "proto/ledger/charter_check.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/policy.h"
#include "proto/sign/sign.h"

enum { CHARTER_VERSION = 1 };

/* ---- GENESIS ---- */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b, 32);
}

/* Every key good for signing, none serving two purposes. */
static sb_err check_keys(sb_step *s, const Sb__Genesis *m)
{
    size_t count = 0;
    const uint8_t **pks = SB_ARENA_ARRAY(s->arena, const uint8_t *, 2 + 4 * m->n_organisations);
    pks[count++] = m->log_pk.data;
    for (size_t i = 0; i < m->n_organisations; i++) {
        pks[count++] = m->organisations[i]->authority_pk.data;
        pks[count++] = m->organisations[i]->witness_pk.data;
        pks[count++] = m->organisations[i]->recovery_pk.data;
    }
    char hex[17];
    for (size_t i = 0; i < count; i++) {
        sb_hex(sb_slice_of(pks[i], 8), hex);
        if (!sb_pk_valid(pks[i]))
            return sb_fail_set(s->fail, SB_E_LEDGER_KEY_INVALID, hex, NULL);
    }
    pks[count++] = m->broker_curve_pk.data;
    for (size_t i = 0; i < m->n_organisations; i++)
        pks[count++] = m->organisations[i]->curve_pk.data;
    qsort(pks, count, sizeof pks[0], by_bytes);
    for (size_t i = 1; i < count; i++) {
        sb_hex(sb_slice_of(pks[i], 8), hex);
        if (memcmp(pks[i - 1], pks[i], 32) == 0)
            return sb_fail_set(s->fail, SB_E_LEDGER_KEY_TWICE, hex, NULL);
    }
    return SB_OK;
}

sb_err sb_check_genesis(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Genesis *m = (const Sb__Genesis *)(const void *)message;
    if (s->index != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_PHASE, "GENESIS", "", NULL);
    if (m->engine != SB_ENGINE)
        return sb_fail_num(s->fail, SB_E_LEDGER_ENGINE, 2, m->engine, SB_ENGINE);
    if (memcmp(s->leaf->entry.signer_pk, m->organisations[0]->authority_pk.data, 32) != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_GENESIS_SIGNER, m->organisations[0]->id, NULL);
    uint64_t room = (uint64_t)m->charter_parts * SB_CHARTER_PART_BYTES_MAX;
    if (m->charter_parts > m->charter_bytes || room < m->charter_bytes)
        return sb_fail_num(s->fail, SB_E_LEDGER_CHARTER_SIZE, 2, m->charter_bytes,
                           m->charter_parts);
    for (size_t i = 0; i < m->n_organisations; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(m->organisations[i]->id, m->organisations[k]->id) == 0)
                return sb_fail_set(s->fail, SB_E_LEDGER_CHARTER_ID, "organisations",
                                   m->organisations[i]->id, NULL);
    return check_keys(s, m);
}

static void add_org(sb_step *s, uint32_t no, const Sb__GenesisOrganisation *o)
{
    sb_row_org row = {.no = no, .id = o->id};
    memcpy(row.authority_pk, o->authority_pk.data, 32);
    memcpy(row.witness_pk, o->witness_pk.data, 32);
    memcpy(row.recovery_pk, o->recovery_pk.data, 32);
    memcpy(row.curve_pk, o->curve_pk.data, 32);
    sb_row_org_put(s->kv, &row);
    (void)sb_key_add(s->kv, row.authority_pk, SB_KEY_KIND_AUTHORITY, no);
    (void)sb_key_add(s->kv, row.witness_pk, SB_KEY_KIND_WITNESS, no);
    (void)sb_key_add(s->kv, row.recovery_pk, SB_KEY_KIND_RECOVERY, no);
    sb_witness_begin(s, row.witness_pk, no);
}

static void put_predecessor(sb_step *s, const Sb__Predecessor *p)
{
    if (p == NULL)
        return;
    sb_row_predecessor row = {.term = p->term, .size = p->size};
    memcpy(row.federation_id, p->federation_id.data, 32);
    memcpy(row.root, p->root.data, 32);
    sb_row_predecessor_put(s->kv, &row);
    for (size_t i = 0; i < p->n_lost; i++) {
        sb_row_lost lost = {.n = (uint32_t)i + 1, .text = p->lost[i]};
        sb_row_lost_put(s->kv, &lost);
    }
}

void sb_apply_genesis(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Genesis *m = (const Sb__Genesis *)(const void *)message;
    sb_row_federation f = {.phase = SB_PHASE_CHARTER,
                           .slug = m->slug,
                           .engine = m->engine,
                           .term = 1,
                           .charter_bytes = m->charter_bytes,
                           .charter_parts = m->charter_parts};
    memcpy(f.id, s->leaf->entry.id, 32);
    memcpy(f.log_pk, m->log_pk.data, 32);
    memcpy(f.broker_curve_pk, m->broker_curve_pk.data, 32);
    memcpy(f.charter_sha256, m->charter_sha256.data, 32);
    sb_row_federation_put(s->kv, &f);
    (void)sb_key_add(s->kv, f.log_pk, SB_KEY_KIND_LOG, SB_NONE);
    sb_row_term term = {.term = 1, .index = s->index};
    memcpy(term.log_pk, f.log_pk, 32);
    sb_row_term_put(s->kv, &term);
    for (size_t i = 0; i < m->n_organisations; i++)
        add_org(s, (uint32_t)i, m->organisations[i]);
    put_predecessor(s, m->predecessor);
    s->has_signer = sb_key_find(s->kv, s->leaf->entry.signer_pk, &s->signer);
    sb_common_apply(s);
}

/* ---- CHARTER_PART ---- */

/* The parts so far and this one, in one piece. */
static sb_slice whole_charter(sb_step *s, const sb_row_federation *f, ProtobufCBinaryData last)
{
    uint8_t *bytes = sb_arena_alloc(s->arena, f->charter_bytes);
    size_t at = 0;
    sb_row_charter_part part = {.version = CHARTER_VERSION};
    for (bool more = sb_row_charter_part_next(s->kv, s->arena, &part, true, 1); more;
         more = sb_row_charter_part_next(s->kv, s->arena, &part, false, 1)) {
        if (part.data.len > f->charter_bytes - at)
            return (sb_slice){0};
        memcpy(bytes + at, part.data.data, part.data.len);
        at += part.data.len;
    }
    if (last.len != f->charter_bytes - at)
        return (sb_slice){0};
    memcpy(bytes + at, last.data, last.len);
    return sb_slice_of(bytes, f->charter_bytes);
}

/* The genesis named the organisations before the charter was there. */
static sb_err check_organisations(sb_step *s, const Sb__Charter *c)
{
    if (strcmp(c->slug, s->ledger->federation.slug) != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CHARTER_SLUG, c->slug, s->ledger->federation.slug,
                           NULL);
    sb_row_org row = {.no = (uint32_t)c->n_organisations};
    bool same = !sb_row_org_get(s->kv, s->arena, &row);
    for (uint32_t i = 0; same && i < c->n_organisations; i++) {
        row.no = i;
        same =
            sb_row_org_get(s->kv, s->arena, &row) && strcmp(row.id, c->organisations[i]->id) == 0;
    }
    return same ? SB_OK : sb_fail_set(s->fail, SB_E_LEDGER_CHARTER_ORGANISATIONS, NULL);
}

sb_err sb_check_charter_part(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CharterPart *m = (const Sb__CharterPart *)(const void *)message;
    const sb_row_federation *f = &s->ledger->federation;
    const sb_scope scope = {.body = SB_NONE};
    sb_err err = sb_may(s, &scope);
    if (err != SB_OK)
        return err;
    if (m->number != f->parts_seen + 1)
        return sb_fail_num(s->fail, SB_E_LEDGER_CHARTER_PART, 2, m->number, f->parts_seen + 1);
    if (m->number < f->charter_parts)
        return SB_OK;
    sb_slice bytes = whole_charter(s, f, m->data);
    uint8_t hash[32];
    sb_hash(bytes, hash);
    if (bytes.len == 0 || memcmp(hash, f->charter_sha256, 32) != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CHARTER_HASH, NULL);
    const Sb__Charter *c = NULL;
    err = sb_charter_decode(bytes, s->arena, &c, s->fail);
    if (err == SB_OK)
        err = check_organisations(s, c);
    if (err == SB_OK)
        err = sb_charter_check(c, s->arena, s->fail);
    return err;
}

void sb_apply_charter_part(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CharterPart *m = (const Sb__CharterPart *)(const void *)message;
    sb_row_federation f = s->ledger->federation;
    sb_slice whole = {0};
    if (m->number == f.charter_parts)
        whole = whole_charter(s, &f, m->data);
    sb_row_charter_part part = {.version = CHARTER_VERSION,
                                .number = m->number,
                                .data = sb_slice_of(m->data.data, m->data.len)};
    sb_row_charter_part_put(s->kv, &part);
    f.parts_seen = m->number;
    if (m->number == f.charter_parts) {
        f.charter_version = CHARTER_VERSION;
        f.phase = SB_PHASE_ACCEPTING;
    }
    sb_row_federation_put(s->kv, &f);
    if (f.phase != SB_PHASE_ACCEPTING)
        return;
    const Sb__Charter *c = NULL; /* the check has read it */
    if (sb_charter_decode(whole, s->arena, &c, NULL) == SB_OK)
        sb_charter_found(s, c);
}

/* ---- ACCEPT ---- */

sb_err sb_check_accept(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Accept *m = (const Sb__Accept *)(const void *)message;
    sb_row_org org = {.no = s->signer.org};
    if (memcmp(m->charter_sha256.data, s->ledger->federation.charter_sha256, 32) != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_ACCEPT_OTHER, NULL);
    if (!sb_row_org_get(s->kv, s->arena, &org))
        return sb_fail_set(s->fail, SB_E_LEDGER_STATE, "org", NULL);
    if (org.accepted)
        return sb_fail_set(s->fail, SB_E_LEDGER_ACCEPT_TWICE, org.id, NULL);
    return SB_OK;
}

void sb_apply_accept(sb_step *s, const ProtobufCMessage *message)
{
    (void)message;
    sb_row_org org = {.no = s->signer.org};
    (void)sb_row_org_get(s->kv, s->arena, &org);
    org.accepted = 1;
    sb_row_org_put(s->kv, &org);
    sb_row_federation f = s->ledger->federation;
    f.accepted++;
    if (f.accepted == s->charter->n_organisations)
        f.phase = SB_PHASE_RUNNING;
    sb_row_federation_put(s->kv, &f);
}
