#include "proto/wire/promise.h"

#include <string.h>

#include "proto/base/cursor.h"

#define DOMAIN "samband/statement/v1"

enum {
    KIND_PROMISE = 1,
    KIND_CONSENT = 2,
    KIND_WITHDRAW = 3,
    STATEMENT_BYTES_MAX = 32 + 1 + 4 + 32 + 32 + 2 + SB_ADDRESS_BYTES_MAX
};

int sb_head_rank(const sb_head *a, const sb_head *b)
{
    if (a->size == 0 || b->size == 0)
        return (a->size != 0) - (b->size != 0);
    if (a->term != b->term)
        return a->term < b->term ? -1 : 1;
    return (a->size > b->size) - (a->size < b->size);
}

bool sb_head_eq(const sb_head *a, const sb_head *b)
{
    return a->size == b->size &&
           (a->size == 0 || (a->term == b->term && memcmp(a->root, b->root, 32) == 0));
}

/* What every statement begins with. */
static sb_writer begin(uint8_t out[STATEMENT_BYTES_MAX], const uint8_t federation_id[32],
                       uint8_t kind)
{
    sb_writer w = sb_writer_over(out, STATEMENT_BYTES_MAX);
    sb_write_bytes(&w, sb_slice_of(federation_id, 32));
    sb_write_u8(&w, kind);
    return w;
}

static void write_head(sb_writer *w, const sb_head *head)
{
    static const sb_head none;
    const sb_head *h = head->size == 0 ? &none : head;
    sb_write_u32(w, h->term);
    sb_write_u64(w, h->size);
    sb_write_bytes(w, sb_slice_of(h->root, 32));
}

static sb_slice promise_statement(uint8_t out[STATEMENT_BYTES_MAX], const uint8_t federation_id[32],
                                  const sb_promise *p)
{
    sb_writer w = begin(out, federation_id, KIND_PROMISE);
    sb_write_u32(&w, p->term);
    sb_write_bytes(&w, sb_slice_of(p->log_pk, 32));
    write_head(&w, &p->seal);
    write_head(&w, &p->cosigned);
    return sb_writer_slice(&w);
}

sb_err sb_promise_sign(const uint8_t federation_id[32], const sb_promise *promise,
                       const sb_secret *witness, uint8_t sig[64], sb_fail *fail)
{
    uint8_t bytes[STATEMENT_BYTES_MAX];
    return sb_sign_domain(witness, DOMAIN, promise_statement(bytes, federation_id, promise), sig,
                          fail);
}

bool sb_promise_verify(const uint8_t federation_id[32], const sb_promise *promise,
                       const uint8_t witness_pk[32], const uint8_t sig[64])
{
    uint8_t bytes[STATEMENT_BYTES_MAX];
    return sb_verify_domain(witness_pk, DOMAIN, promise_statement(bytes, federation_id, promise),
                            sig);
}

sb_head sb_handover_head(const Sb__Handover *m, uint32_t place)
{
    if (place == 0 || place > m->n_heads)
        return (sb_head){0};
    const Sb__Head *h = m->heads[place - 1];
    sb_head head = {.term = h->term, .size = h->size};
    memcpy(head.root, h->root.data, 32);
    return head;
}

bool sb_handover_promise_verify(const uint8_t federation_id[32], const Sb__Handover *m,
                                const Sb__Promised *row)
{
    sb_promise promise = {.term = m->term,
                          .seal = sb_handover_head(m, row->seal),
                          .cosigned = sb_handover_head(m, row->cosigned)};
    memcpy(promise.log_pk, m->log_pk.data, 32);
    return row->seal <= m->n_heads && row->cosigned <= m->n_heads &&
           sb_promise_verify(federation_id, &promise, row->witness_pk.data, row->signature.data);
}

/* len 0: the address doesn't fit. */
static sb_slice consent_statement(uint8_t out[STATEMENT_BYTES_MAX], const uint8_t federation_id[32],
                                  const sb_consent *c)
{
    if (c->address.len == 0 || c->address.len > SB_ADDRESS_BYTES_MAX)
        return (sb_slice){0};
    sb_writer w = begin(out, federation_id, KIND_CONSENT);
    sb_write_u32(&w, c->term);
    sb_write_bytes(&w, sb_slice_of(c->log_pk, 32));
    sb_write_bytes(&w, sb_slice_of(c->curve_pk, 32));
    sb_write_u16(&w, (uint16_t)c->address.len);
    sb_write_bytes(&w, c->address);
    return sb_writer_slice(&w);
}

sb_err sb_consent_sign(const uint8_t federation_id[32], const sb_consent *consent,
                       const sb_secret *authority, uint8_t sig[64], sb_fail *fail)
{
    uint8_t bytes[STATEMENT_BYTES_MAX];
    sb_slice statement = consent_statement(bytes, federation_id, consent);
    if (statement.len == 0) {
        sb_fail_num(fail, SB_E_TOO_LARGE, 2, consent->address.len, SB_ADDRESS_BYTES_MAX);
        return SB_E_TOO_LARGE;
    }
    return sb_sign_domain(authority, DOMAIN, statement, sig, fail);
}

bool sb_consent_verify(const uint8_t federation_id[32], const sb_consent *consent,
                       const uint8_t authority_pk[32], const uint8_t sig[64])
{
    uint8_t bytes[STATEMENT_BYTES_MAX];
    sb_slice statement = consent_statement(bytes, federation_id, consent);
    return statement.len > 0 && sb_verify_domain(authority_pk, DOMAIN, statement, sig);
}

static sb_slice withdraw_statement(uint8_t out[STATEMENT_BYTES_MAX],
                                   const uint8_t federation_id[32], const uint8_t action_id[32])
{
    sb_writer w = begin(out, federation_id, KIND_WITHDRAW);
    sb_write_bytes(&w, sb_slice_of(action_id, 32));
    return sb_writer_slice(&w);
}

sb_err sb_withdraw_sign(const uint8_t federation_id[32], const uint8_t action_id[32],
                        const sb_secret *authority, uint8_t sig[64], sb_fail *fail)
{
    uint8_t bytes[STATEMENT_BYTES_MAX];
    return sb_sign_domain(authority, DOMAIN, withdraw_statement(bytes, federation_id, action_id),
                          sig, fail);
}

bool sb_withdraw_verify(const uint8_t federation_id[32], const uint8_t action_id[32],
                        const uint8_t authority_pk[32], const uint8_t sig[64])
{
    uint8_t bytes[STATEMENT_BYTES_MAX];
    return sb_verify_domain(authority_pk, DOMAIN,
                            withdraw_statement(bytes, federation_id, action_id), sig);
}
