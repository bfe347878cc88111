/* A HANDOVER that many promised may not fit in a leaf: what no quorum needs is left out, cosignatures
 * first, then promises. The same message in gives the same message out. */
#include "broker/standby/inside.h"

#include "proto/base/limits.h"

typedef struct fitting {
    sb_standby *s;
    Sb__Handover *m;
    uint64_t sealed_size;
    uint32_t seal_at; /* place in heads of the highest SEAL, from 1 */
    uint8_t (*pks)[32];
} fitting;

size_t sb_stb_message_bytes(const Sb__Handover *m)
{
    return protobuf_c_message_get_packed_size(&m->base);
}

static bool fits(const fitting *t)
{
    return sb_stb_message_bytes(t->m) <= SB_PAYLOAD_BYTES_MAX;
}

/* ---- cosignatures ---- */

static bool seals_without(fitting *t, size_t left_out)
{
    size_t count = 0;
    for (size_t i = 0; i < t->m->n_cosignatures; i++)
        if (i != left_out)
            memcpy(t->pks[count++], t->m->cosignatures[i]->witness_pk.data, 32);
    return sb_ledger_quorum_seal(t->s->ledger, t->sealed_size, (const uint8_t(*)[32])t->pks, count,
                                 NULL, NULL);
}

static void trim_cosignatures(fitting *t)
{
    Sb__Handover *m = t->m;
    for (size_t i = m->n_cosignatures; i-- > 0 && !fits(t);) {
        if (!seals_without(t, i))
            continue;
        m->n_cosignatures--;
        memmove(&m->cosignatures[i], &m->cosignatures[i + 1],
                (m->n_cosignatures - i) * sizeof *m->cosignatures);
    }
}

/* ---- promises ---- */

/* The kept head is this one, or the message proves that it lies in it. */
static bool is_bearer(const Sb__Handover *m, const Sb__Promised *p)
{
    const Sb__Head *h = p->cosigned == 0 ? NULL : m->heads[p->cosigned - 1];
    return h != NULL && (h->n_proof > 0 || (h->size == m->continues_size &&
                                            memcmp(h->root.data, m->continues_root.data, 32) == 0));
}

static bool promises_suffice_without(fitting *t, size_t left_out)
{
    const Sb__Handover *m = t->m;
    size_t count = 0, bearers = 0;
    bool is_sealed = false;
    for (size_t i = 0; i < m->n_promises; i++) {
        if (i == left_out)
            continue;
        is_sealed |= m->promises[i]->seal == t->seal_at;
        memcpy(t->pks[count++], m->promises[i]->witness_pk.data, 32);
    }
    if (!is_sealed || !sb_ledger_quorum_handover(t->s->ledger, t->sealed_size,
                                                 (const uint8_t(*)[32])t->pks, count, NULL, NULL))
        return false;
    if (m->continues_size == t->sealed_size)
        return true;
    for (size_t i = 0; i < m->n_promises; i++)
        if (i != left_out && is_bearer(m, m->promises[i]))
            memcpy(t->pks[bearers++], m->promises[i]->witness_pk.data, 32);
    return sb_ledger_handover_borne(t->s->ledger, t->sealed_size, (const uint8_t(*)[32])t->pks,
                                    bearers);
}

static uint32_t times_named(const Sb__Handover *m, uint32_t place)
{
    uint32_t count = 0;
    for (size_t i = 0; i < m->n_promises; i++)
        count += (uint32_t)((m->promises[i]->seal == place) + (m->promises[i]->cosigned == place));
    return count;
}

static size_t head_bytes(const Sb__Handover *m, uint32_t place)
{
    return place == 0 ? 0 : protobuf_c_message_get_packed_size(&m->heads[place - 1]->base);
}

/* The heads that go with it when nobody else names them. */
static size_t heads_saved(const Sb__Handover *m, const Sb__Promised *p)
{
    if (p->seal == p->cosigned)
        return p->seal != 0 && times_named(m, p->seal) == 2 ? head_bytes(m, p->seal) : 0;
    return (p->seal != 0 && times_named(m, p->seal) == 1 ? head_bytes(m, p->seal) : 0) +
           (p->cosigned != 0 && times_named(m, p->cosigned) == 1 ? head_bytes(m, p->cosigned) : 0);
}

static void drop_head(fitting *t, uint32_t place)
{
    Sb__Handover *m = t->m;
    if (place == 0 || times_named(m, place) > 0)
        return;
    m->n_heads--;
    memmove(&m->heads[place - 1], &m->heads[place], (m->n_heads - (place - 1)) * sizeof *m->heads);
    for (size_t i = 0; i < m->n_promises; i++) {
        m->promises[i]->seal -= m->promises[i]->seal > place;
        m->promises[i]->cosigned -= m->promises[i]->cosigned > place;
    }
    t->seal_at -= t->seal_at > place;
}

static void drop_promise(fitting *t, size_t at)
{
    Sb__Handover *m = t->m;
    uint32_t a = m->promises[at]->seal, b = m->promises[at]->cosigned;
    m->n_promises--;
    memmove(&m->promises[at], &m->promises[at + 1], (m->n_promises - at) * sizeof *m->promises);
    drop_head(t, a > b ? a : b); /* the later one first: the other keeps its place */
    if (a != b)
        drop_head(t, a > b ? b : a);
}

/* The one that saves most, the last of several; one that can't go now can't go later either, when
 * others are gone too. */
static void trim_promises(fitting *t)
{
    Sb__Handover *m = t->m;
    const Sb__Promised **kept = SB_ARENA_ARRAY(&t->s->scratch, const Sb__Promised *, m->n_promises);
    size_t kept_count = 0;
    while (!fits(t)) {
        size_t best = SIZE_MAX, most = 0;
        for (size_t i = 0; i < m->n_promises; i++) {
            bool is_kept = false;
            for (size_t k = 0; k < kept_count; k++)
                is_kept |= kept[k] == m->promises[i];
            size_t saved = is_kept ? 0 : 1 + heads_saved(m, m->promises[i]);
            if (saved > 0 && saved >= most) {
                best = i;
                most = saved;
            }
        }
        if (best == SIZE_MAX)
            return;
        if (promises_suffice_without(t, best))
            drop_promise(t, best);
        else
            kept[kept_count++] = m->promises[best];
    }
}

bool sb_stb_fit(sb_standby *s, Sb__Handover *m, const sb_head *sealed)
{
    fitting t = {.s = s, .m = m, .sealed_size = sealed->size};
    size_t most = m->n_promises > m->n_cosignatures ? m->n_promises : m->n_cosignatures;
    if (fits(&t))
        return true;
    for (uint32_t i = 0; i < m->n_heads; i++)
        if (m->heads[i]->term == sealed->term && m->heads[i]->size == sealed->size &&
            memcmp(m->heads[i]->root.data, sealed->root, 32) == 0)
            t.seal_at = i + 1;
    t.pks = sb_arena_alloc(&s->scratch, 32 * (most + 1));
    trim_cosignatures(&t);
    trim_promises(&t);
    return fits(&t);
}
