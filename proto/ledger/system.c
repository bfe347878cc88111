/* STATE, RESULT, TICK, SEAL, HANDOVER: what the log key says (DESIGN §4). */
#include "proto/base/hash.h"
#include "proto/ledger/machine.h"
#include "proto/merkle/checkpoint.h"
#include "proto/sign/sign.h"

/* ---- STATE: at index n states digest n-1 ---- */

sb_err sb_check_state(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__State *m = (const Sb__State *)(const void *)message;
    const sb_row_position *p = &s->ledger->position;
    if (p->last_type == SB_ENTRY_STATE)
        return sb_fail_set(s->fail, SB_E_LEDGER_STATE_TWICE, NULL);
    if (memcmp(m->digest.data, p->digest, 32) != 0) {
        char says[17], is[17];
        sb_hex(sb_slice_of(m->digest.data, 8), says);
        sb_hex(sb_slice_of(p->digest, 8), is);
        return sb_fail_set(s->fail, SB_E_LEDGER_DIGEST, says, is, NULL);
    }
    return SB_OK;
}

void sb_apply_state(sb_step *s, const ProtobufCMessage *message)
{
    (void)s, (void)message; /* the head's row is written with the tree (step.c) */
}

/* ---- RESULT: byte for byte what the state demands ---- */

sb_err sb_check_result(sb_step *s, const ProtobufCMessage *message)
{
    (void)message;
    sb_buf wanted;
    sb_buf_init(&wanted);
    sb_result_payload(s->ledger, s->kv, s->ledger->pending, &wanted);
    bool same = sb_slice_eq(sb_buf_slice(&wanted), s->leaf->entry.payload);
    sb_buf_deinit(&wanted);
    return same ? SB_OK : sb_fail_num(s->fail, SB_E_LEDGER_RESULT_DIFFERS, 1, s->index, 0);
}

void sb_apply_result(sb_step *s, const ProtobufCMessage *message)
{
    (void)message;
    sb_row_pending_result row = {.question = s->ledger->pending};
    sb_row_pending_result_del(s->kv, &row);
}

/* ---- TICK: names the earliest deadline that it lets settle ---- */

sb_err sb_check_tick(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Tick *m = (const Sb__Tick *)(const void *)message;
    if (s->settled_due_ms == 0 || m->due_ms != s->settled_due_ms)
        return sb_fail_num(s->fail, SB_E_LEDGER_TICK, 2, m->due_ms, s->settled_due_ms);
    return SB_OK;
}

void sb_apply_tick(sb_step *s, const ProtobufCMessage *message)
{
    (void)s, (void)message; /* settling was done before the check */
}

/* ---- SEAL: a certified head of this term ---- */

static sb_err check_sealed_head(sb_step *s, const Sb__Seal *m)
{
    sb_row_root root = {.size = m->size};
    uint64_t seal_index = 0, sealed = 0;
    (void)sb_ledger_last_seal(s->ledger, &seal_index, &sealed);
    if (m->size <= sealed)
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_ORDER, 2, m->size, sealed);
    if (!sb_row_root_get(s->kv, NULL, &root))
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_HEAD, 1, m->size, 0);
    if (memcmp(root.root, m->root.data, 32) != 0)
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_ROOT, 1, m->size, 0);
    if (root.last_other <= sealed)
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_NOTHING, 1, m->size, 0);
    return SB_OK;
}

/* Rising keys, each a witness key in force whose cosignature holds. */
static sb_err check_cosignatures(sb_step *s, const Sb__Seal *m, uint8_t (*pks)[32])
{
    sb_checkpoint head = {.size = m->size};
    memcpy(head.root, m->root.data, 32);
    if (!sb_ledger_origin(s->ledger, head.origin, sizeof head.origin))
        return sb_fail_set(s->fail, SB_E_LEDGER_STATE, "origin", NULL);
    /* Verified where the leaf was opened, and under the origin that is ours? */
    const char *under = s->leaf->cosigned_under;
    bool hold = under != NULL && strcmp(under, head.origin) == 0;
    for (size_t i = 0; i < m->n_cosignatures; i++) {
        const Sb__Cosignature *c = m->cosignatures[i];
        sb_row_key key;
        char hex[17];
        sb_hex(sb_slice_of(c->witness_pk.data, 8), hex);
        memcpy(pks[i], c->witness_pk.data, 32);
        if (i > 0 && memcmp(pks[i - 1], pks[i], 32) >= 0)
            return sb_fail_set(s->fail, SB_E_LEDGER_COSIGNATURE_ORDER, hex, NULL);
        if (!sb_key_find(s->kv, pks[i], &key) || key.kind != SB_KEY_KIND_WITNESS ||
            key.status != SB_KEY_IN_FORCE)
            return sb_fail_set(s->fail, SB_E_LEDGER_COSIGNATURE_KEY, hex, NULL);
        if (!hold && !sb_seal_cosignature_holds(&head, c))
            return sb_fail_set(s->fail, SB_E_LEDGER_COSIGNATURE, hex, NULL);
    }
    return SB_OK;
}

/* The log's own line of the sealed head's note: the log alone gives back every sealed note. */
static sb_err check_log_signature(sb_step *s, const Sb__Seal *m)
{
    sb_checkpoint head = {.size = m->size};
    memcpy(head.root, m->root.data, 32);
    sb_buf text;
    sb_buf_init(&text);
    bool holds = sb_ledger_origin(s->ledger, head.origin, sizeof head.origin);
    if (holds) {
        sb_checkpoint_body(&head, &text);
        holds = sb_verify(s->ledger->federation.log_pk, sb_buf_slice(&text), m->log_signature.data);
    }
    sb_buf_deinit(&text);
    return holds ? SB_OK : sb_fail_num(s->fail, SB_E_LEDGER_SEAL_LOG, 1, m->size, 0);
}

sb_err sb_check_seal(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Seal *m = (const Sb__Seal *)(const void *)message;
    if (s->charter == NULL)
        return sb_fail_set(s->fail, SB_E_LEDGER_PHASE, "SEAL", "CHARTER_PART", NULL);
    sb_err err = check_sealed_head(s, m);
    if (err != SB_OK)
        return err;
    uint8_t(*pks)[32] = sb_arena_alloc(s->arena, m->n_cosignatures * 32);
    err = check_cosignatures(s, m, pks);
    if (err != SB_OK)
        return err;
    err = check_log_signature(s, m);
    if (err != SB_OK)
        return err;
    uint32_t have = 0, needed = 0;
    if (!sb_ledger_quorum(s->ledger, m->size, (const uint8_t(*)[32])pks, m->n_cosignatures, &have,
                          &needed))
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_QUORUM, 2, have, needed);
    return SB_OK;
}

void sb_apply_seal(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Seal *m = (const Sb__Seal *)(const void *)message;
    sb_row_seal row = {.index = s->index, .size = m->size};
    memcpy(row.root, m->root.data, 32);
    sb_row_seal_put(s->kv, &row);
    sb_waiting_settle(s, m->size);
}

/* ---- HANDOVER: the format is fixed; its behaviour comes with the terms ---- */

sb_err sb_check_handover(sb_step *s, const ProtobufCMessage *message)
{
    (void)message;
    return sb_fail_set(s->fail, SB_E_LEDGER_HANDOVER_LATER, NULL);
}

void sb_apply_handover(sb_step *s, const ProtobufCMessage *message)
{
    (void)s, (void)message; /* never: check refuses */
}
