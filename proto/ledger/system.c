/* STATE, RESULT, TICK, SEAL: what the log key says (DESIGN §4). HANDOVER: handover.c. */
#include "proto/base/hash.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/policy.h"
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

/* Newer than what this term sealed, and in it; what an older term's heads hold is sealed by one of
 * this term (DESIGN §4). A policy that waits for its second SEAL needs no other reason. */
static sb_err check_sealed_head(sb_step *s, const Sb__Seal *m)
{
    sb_row_root root = {.size = m->size};
    uint64_t seal_index = 0, sealed = 0, since = sb_term_since(s->kv, s->index);
    (void)sb_ledger_seal_before(s->ledger, s->index, &seal_index, &sealed);
    if (m->size <= sealed)
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_ORDER, 2, m->size, sealed);
    if (m->size <= since)
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_TERM, 2, m->size, since);
    if (!sb_row_root_get(s->kv, NULL, &root))
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_HEAD, 1, m->size, 0);
    if (memcmp(root.root, m->root.data, 32) != 0)
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_ROOT, 1, m->size, 0);
    if (root.last_other <= sealed && !sb_policy_next_in(s->kv, m->size))
        return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_NOTHING, 1, m->size, 0);
    return SB_OK;
}

/* Rising keys, each a witness key in force at that head whose cosignature holds; and they are
 * enough. */
static sb_err check_cosignatures(sb_step *s, const Sb__Seal *m)
{
    sb_checkpoint head = {.size = m->size};
    bool confirmed[SB_ORGANISATIONS_MAX] = {false};
    memcpy(head.root, m->root.data, 32);
    if (!sb_ledger_origin(s->ledger, head.origin, sizeof head.origin))
        return sb_fail_set(s->fail, SB_E_LEDGER_STATE, "origin", NULL);
    /* Verified where the leaf was opened, and under the origin that is ours? */
    const char *under = s->leaf->cosigned_under;
    bool hold = under != NULL && strcmp(under, head.origin) == 0;
    for (size_t i = 0; i < m->n_cosignatures; i++) {
        const Sb__Cosignature *c = m->cosignatures[i];
        uint32_t org;
        char hex[17];
        sb_hex(sb_slice_of(c->witness_pk.data, 8), hex);
        if (i > 0 && memcmp(m->cosignatures[i - 1]->witness_pk.data, c->witness_pk.data, 32) >= 0)
            return sb_fail_set(s->fail, SB_E_LEDGER_COSIGNATURE_ORDER, hex, NULL);
        if (!sb_witness_at(s->kv, c->witness_pk.data, m->size, &org) || org >= SB_ORGANISATIONS_MAX)
            return sb_fail_set(s->fail, SB_E_LEDGER_COSIGNATURE_KEY, hex, NULL);
        if (!hold && !sb_seal_cosignature_holds(&head, c))
            return sb_fail_set(s->fail, SB_E_LEDGER_COSIGNATURE, hex, NULL);
        confirmed[org] = true;
    }
    sb_policies need;
    uint32_t have = 0, needed = 0;
    sb_policies_seal(s->kv, s->arena, m->size, &need);
    if (sb_policies_satisfied(&need, confirmed, SB_ORGANISATIONS_MAX, &have, &needed))
        return SB_OK;
    return sb_fail_num(s->fail, SB_E_LEDGER_SEAL_QUORUM, 2, have, needed);
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
    err = check_log_signature(s, m);
    return err != SB_OK ? err : check_cosignatures(s, m);
}

void sb_sealed(sb_step *s, uint64_t size)
{
    sb_waiting_settle(s, size);
    sb_policy_sealed(s, size);
}

void sb_apply_seal(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Seal *m = (const Sb__Seal *)(const void *)message;
    sb_row_seal row = {.index = s->index, .size = m->size};
    memcpy(row.root, m->root.data, 32);
    sb_row_seal_put(s->kv, &row);
    sb_sealed(s, m->size);
}
