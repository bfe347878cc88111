/* HANDOVER: the first leaf of a new term (DESIGN §4 "Terms and handover"). Judged by what a head of
 * the log says, so that whoever holds the sealed head comes to the same answer. */
#include "proto/base/hash.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/policy.h"
#include "proto/merkle/proof.h"
#include "proto/sign/sign.h"

/* One HANDOVER being judged. */
typedef struct judge {
    sb_ledger *ledger;
    sb_kv *kv;
    sb_arena *arena;
    const Sb__Handover *m;
    sb_handover_verdict *out;
    sb_policies after;
    uint32_t *orgs; /* whose promise i is; SB_NONE: nobody's that counts */
    sb_fail *fail;
} judge;

static sb_err refuse_key(const judge *j, sb_err code, ProtobufCBinaryData pk)
{
    char hex[17];
    sb_hex(sb_slice_of(pk.data, 8), hex);
    return sb_fail_set(j->fail, code, hex, NULL);
}

static sb_head head_of(const Sb__Head *h)
{
    sb_head head = {.term = h->term, .size = h->size};
    memcpy(head.root, h->root.data, 32);
    return head;
}

/* ---- form: what needs no state ---- */

static int by_head(const Sb__Head *a, const Sb__Head *b)
{
    const sb_head x = head_of(a), y = head_of(b);
    int rank = sb_head_rank(&x, &y);
    return rank != 0 ? rank : memcmp(x.root, y.root, 32);
}

static sb_err check_heads(const judge *j)
{
    const Sb__Handover *m = j->m;
    for (size_t i = 0; i < m->n_heads; i++) {
        const Sb__Head *h = m->heads[i];
        bool fits = h->term < m->term && (i == 0 || by_head(m->heads[i - 1], h) < 0) &&
                    (h->n_proof == 0 || h->size > m->continues_size);
        bool named = false;
        for (size_t k = 0; k < m->n_promises; k++)
            named |= m->promises[k]->seal == i + 1 || m->promises[k]->cosigned == i + 1;
        if (!fits || !named)
            return sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_HEAD, 1, i + 1, 0);
    }
    return SB_OK;
}

static sb_err check_promise_order(const judge *j)
{
    const Sb__Handover *m = j->m;
    for (size_t i = 0; i < m->n_promises; i++) {
        const Sb__Promised *p = m->promises[i];
        if (i > 0 && memcmp(m->promises[i - 1]->witness_pk.data, p->witness_pk.data, 32) >= 0)
            return refuse_key(j, SB_E_LEDGER_HANDOVER_PROMISE_ORDER, p->witness_pk);
        if (p->seal > m->n_heads || p->cosigned > m->n_heads)
            return refuse_key(j, SB_E_LEDGER_HANDOVER_PROMISE_HEAD, p->witness_pk);
    }
    return SB_OK;
}

/* ---- the highest SEAL ---- */

/* The highest (term, size) that a promise names; of two roots there, the log's own. A root that is
 * made up doesn't bear its cosignatures. */
static sb_err find_sealed(const judge *j)
{
    sb_head *sealed = &j->out->sealed;
    uint8_t root[32];
    *sealed = (sb_head){0};
    for (size_t i = 0; i < j->m->n_promises; i++) {
        const sb_head head = sb_handover_head(j->m, j->m->promises[i]->seal);
        int rank = sb_head_rank(&head, sealed);
        bool ours = head.size != 0 && sb_ledger_root_at(j->ledger, head.size, root) &&
                    memcmp(root, head.root, 32) == 0;
        if (rank > 0 || (rank == 0 && ours))
            *sealed = head;
    }
    if (sealed->size == 0)
        return sb_fail_set(j->fail, SB_E_LEDGER_HANDOVER_UNSEALED, NULL);
    if (sealed->size > j->ledger->position.size)
        return sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_BEHIND, 1, sealed->size, 0);
    if (!sb_ledger_root_at(j->ledger, sealed->size, root) || memcmp(root, sealed->root, 32) != 0 ||
        sb_ledger_term_at(j->ledger, sealed->size) != sealed->term)
        return sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_FORK, 2, sealed->size, sealed->term);
    return j->m->continues_size >= sealed->size
               ? SB_OK
               : sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_CONTINUES, 2, j->m->continues_size,
                             sealed->size);
}

/* Who cosigned it makes it one that can be sealed: verified anew, whoever says so. */
static sb_err check_sealed(const judge *j)
{
    const Sb__Handover *m = j->m;
    const sb_row_federation *f = &j->ledger->federation;
    sb_checkpoint head = {.size = j->out->sealed.size};
    memcpy(head.root, j->out->sealed.root, 32);
    sb_err err = sb_origin(f->slug, f->id, j->out->sealed.term, head.origin, j->fail);
    bool confirmed[SB_ORGANISATIONS_MAX] = {false};
    for (size_t i = 0; err == SB_OK && i < m->n_cosignatures; i++) {
        const Sb__Cosignature *c = m->cosignatures[i];
        uint32_t org;
        if (i > 0 && memcmp(m->cosignatures[i - 1]->witness_pk.data, c->witness_pk.data, 32) >= 0)
            err = refuse_key(j, SB_E_LEDGER_COSIGNATURE_ORDER, c->witness_pk);
        else if (!sb_witness_at(j->kv, c->witness_pk.data, head.size, &org) ||
                 org >= SB_ORGANISATIONS_MAX)
            err = refuse_key(j, SB_E_LEDGER_COSIGNATURE_KEY, c->witness_pk);
        else if (!sb_seal_cosignature_holds(&head, c))
            err = refuse_key(j, SB_E_LEDGER_COSIGNATURE, c->witness_pk);
        else
            confirmed[org] = true;
    }
    if (err != SB_OK)
        return err;
    sb_policies need;
    uint32_t have = 0, needed = 0;
    sb_policies_seal(j->kv, j->arena, head.size, &need);
    if (sb_policies_satisfied(&need, confirmed, SB_ORGANISATIONS_MAX, &have, &needed))
        return SB_OK;
    return sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_SEAL, 2, have, needed);
}

/* ---- the promises ---- */

static sb_err check_promises(judge *j)
{
    const Sb__Handover *m = j->m;
    bool promised[SB_ORGANISATIONS_MAX] = {false};
    j->orgs = SB_ARENA_ARRAY(j->arena, uint32_t, m->n_promises);
    sb_policies_after(j->kv, j->arena, j->out->sealed.size, &j->after);
    j->out->may_lie = sb_policies_may_lie(&j->after);
    for (size_t i = 0; i < m->n_promises; i++) {
        const Sb__Promised *one = m->promises[i];
        if (!sb_witness_at(j->kv, one->witness_pk.data, j->out->sealed.size, &j->orgs[i]) ||
            j->orgs[i] >= SB_ORGANISATIONS_MAX)
            return refuse_key(j, SB_E_LEDGER_HANDOVER_PROMISE_KEY, one->witness_pk);
        if (!sb_handover_promise_verify(j->ledger->federation.id, m, one))
            return refuse_key(j, SB_E_LEDGER_HANDOVER_PROMISE, one->witness_pk);
        promised[j->orgs[i]] = true;
    }
    if (sb_policies_satisfied(&j->after, promised, SB_ORGANISATIONS_MAX, &j->out->have,
                              &j->out->needed))
        return SB_OK;
    return sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_QUORUM, 2, j->out->have, j->out->needed);
}

/* ---- what is kept beyond the sealed head ---- */

/* Is the kept head this one, or does it lie in it? */
static bool bears(const judge *j, const Sb__Head *h)
{
    const Sb__Handover *m = j->m;
    if (h->size == m->continues_size)
        return memcmp(h->root.data, m->continues_root.data, 32) == 0;
    if (h->size < m->continues_size || h->n_proof == 0)
        return false;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    for (size_t i = 0; i < h->n_proof; i++)
        memcpy(path[i].b, h->proof[i].data, 32);
    return sb_verify_consistency(m->continues_size, m->continues_root.data, h->size, h->root.data,
                                 path, h->n_proof);
}

/* More promisers than may lie cosigned it, by each policy; else somebody could smuggle in what no
 * honest organisation saw. */
static sb_err check_kept(const judge *j)
{
    const Sb__Handover *m = j->m;
    if (m->continues_size == j->out->sealed.size)
        return memcmp(m->continues_root.data, j->out->sealed.root, 32) == 0
                   ? SB_OK
                   : sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_CONTINUES, 2, m->continues_size,
                                 j->out->sealed.size);
    bool cosigned[SB_ORGANISATIONS_MAX] = {false};
    bool *bearing = SB_ARENA_ARRAY(j->arena, bool, m->n_heads + 1);
    for (size_t i = 0; i < m->n_heads; i++) {
        bearing[i + 1] = bears(j, m->heads[i]);
        if (m->heads[i]->n_proof > 0 && !bearing[i + 1])
            return sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_HEAD, 1, i + 1, 0);
    }
    for (size_t i = 0; i < m->n_promises; i++)
        if (bearing[m->promises[i]->cosigned])
            cosigned[j->orgs[i]] = true;
    for (uint32_t i = 0; i < j->after.count; i++) {
        uint32_t have = sb_policy_have(&j->after.of[i], cosigned, SB_ORGANISATIONS_MAX);
        uint32_t may = sb_policy_may_lie(&j->after.of[i]);
        if (have <= may)
            return sb_fail_num(j->fail, SB_E_LEDGER_HANDOVER_MORE, 2, have, may);
    }
    return SB_OK;
}

static sb_err judge_all(judge *j)
{
    const Sb__Handover *m = j->m;
    *j->out = (sb_handover_verdict){.have = 0};
    if (!sb_pk_valid(m->log_pk.data))
        return refuse_key(j, SB_E_LEDGER_HANDOVER_KEY, m->log_pk);
    sb_err err = check_promise_order(j);
    if (err == SB_OK)
        err = check_heads(j);
    if (err == SB_OK)
        err = find_sealed(j);
    if (err == SB_OK)
        err = check_sealed(j);
    if (err == SB_OK)
        err = check_promises(j);
    if (err == SB_OK)
        err = check_kept(j);
    return err;
}

sb_err sb_ledger_handover_judge(sb_ledger *l, const Sb__Handover *m, sb_handover_verdict *out,
                                sb_fail *fail)
{
    sb_arena arena;
    sb_arena_init(&arena);
    judge j = {
        .ledger = l, .kv = sb_ledger_kv(l), .arena = &arena, .m = m, .out = out, .fail = fail};
    sb_err err = judge_all(&j);
    sb_arena_deinit(&arena);
    return err;
}

/* ---- the leaf ---- */

/* It stands right after the head that it continues, and nobody ever used its key. */
static sb_err check_place(sb_step *s, const Sb__Handover *m)
{
    sb_row_root root = {.size = s->index};
    sb_row_key used;
    char hex[17];
    sb_hex(sb_slice_of(m->log_pk.data, 8), hex);
    if (m->term <= s->ledger->federation.term)
        return sb_fail_num(s->fail, SB_E_LEDGER_HANDOVER_TERM, 2, m->term,
                           s->ledger->federation.term);
    if (m->continues_size != s->index || !sb_row_root_get(s->kv, NULL, &root) ||
        memcmp(root.root, m->continues_root.data, 32) != 0)
        return sb_fail_num(s->fail, SB_E_LEDGER_HANDOVER_CONTINUES, 2, m->continues_size, s->index);
    return sb_key_find(s->kv, m->log_pk.data, &used)
               ? sb_fail_set(s->fail, SB_E_LEDGER_HANDOVER_KEY, hex, NULL)
               : SB_OK;
}

sb_err sb_check_handover(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Handover *m = (const Sb__Handover *)(const void *)message;
    sb_handover_verdict verdict;
    if (s->charter == NULL)
        return sb_fail_set(s->fail, SB_E_LEDGER_PHASE, "HANDOVER", "CHARTER_PART", NULL);
    sb_err err = check_place(s, m);
    judge j = {.ledger = s->ledger,
               .kv = s->kv,
               .arena = s->arena,
               .m = m,
               .out = &verdict,
               .fail = s->fail};
    return err != SB_OK ? err : judge_all(&j);
}

/* The highest size sealed: of the ranks that the promises name, and the log bears. The check has
 * verified it. */
static uint64_t sealed_size(sb_step *s, const Sb__Handover *m)
{
    sb_handover_verdict verdict = {.have = 0};
    judge j = {.ledger = s->ledger, .kv = s->kv, .arena = s->arena, .m = m, .out = &verdict};
    return find_sealed(&j) == SB_OK ? verdict.sealed.size : 0;
}

void sb_apply_handover(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Handover *m = (const Sb__Handover *)(const void *)message;
    uint64_t size = sealed_size(s, m);
    sb_row_key old;
    if (sb_key_find(s->kv, s->ledger->federation.log_pk, &old)) {
        old.status = SB_KEY_REPLACED;
        sb_row_key_put(s->kv, &old);
    }
    (void)sb_key_add(s->kv, m->log_pk.data, SB_KEY_KIND_LOG, SB_NONE);
    sb_row_term term = {.term = m->term, .index = s->index};
    memcpy(term.log_pk, m->log_pk.data, 32);
    sb_row_term_put(s->kv, &term);
    sb_sealed(s, size);
    sb_row_federation f = {0}; /* what waited may have changed the charter */
    (void)sb_row_federation_get(s->kv, s->arena, &f);
    f.term = m->term;
    memcpy(f.log_pk, m->log_pk.data, 32);
    sb_row_federation_put(s->kv, &f);
}
