/* What each change of organisations and witnessing needs, and the charter that it would make. */
#include "proto/base/hash.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/membership.h"
#include "proto/sign/sign.h"

bool sb_action_is_membership(sb_action_kind kind)
{
    return kind == SB_ACTION_ORGANISATION || kind == SB_ACTION_ORGANISATION_REMOVE ||
           kind == SB_ACTION_WITNESSING;
}

/* The body of the section `membership` decides it, in a case that changes nothing else. */
static sb_err begin(sb_action_plan *p)
{
    const Sb__Amendment *membership = p->charter->membership;
    if (p->change != NULL)
        return sb_fail_set(p->fail, SB_E_LEDGER_AMEND_MIXED, NULL);
    if (membership == NULL)
        return sb_fail_set(p->fail, SB_E_LEDGER_MEMBERSHIP_NONE, NULL);
    uint32_t decides = sb_body_find(p->charter, membership->body);
    if (decides != p->body)
        return sb_fail_set(p->fail, SB_E_LEDGER_MEMBERSHIP_BODY, sb_body_short(p->charter, p->body),
                           sb_body_short(p->charter, decides), NULL);
    p->membership = p->members = true;
    return SB_OK;
}

static sb_err prepare(sb_action_plan *p, const Sb__Charter *next)
{
    sb_err err = sb_charter_prepare(p->s, p->charter, next, true, &p->next, p->fail);
    if (err == SB_OK)
        p->charter = p->next.charter;
    return err;
}

/* The charter with another organisation in a place; the place after the last adds it. */
static sb_err with_organisation(sb_action_plan *p, size_t at, const Sb__Organisation *words,
                                bool withdrawn)
{
    Sb__Charter *c = SB_ARENA_NEW(p->s->arena, Sb__Charter);
    Sb__Organisation *o = SB_ARENA_NEW(p->s->arena, Sb__Organisation);
    *c = *p->charter;
    *o = *words;
    o->withdrawn = withdrawn;
    c->organisations = SB_ARENA_ARRAY(p->s->arena, Sb__Organisation *, c->n_organisations + 1);
    memcpy(c->organisations, p->charter->organisations,
           c->n_organisations * sizeof c->organisations[0]);
    c->organisations[at] = o;
    if (at == c->n_organisations)
        c->n_organisations++;
    return prepare(p, c);
}

/* ---- keys ---- */

static sb_err refuse_key(sb_action_plan *p, sb_err code, const uint8_t *pk)
{
    char hex[17];
    sb_hex(sb_slice_of(pk, 8), hex);
    return sb_fail_set(p->fail, code, hex, NULL);
}

/* New, or of the same use in a change that was withdrawn, or is this one. */
static sb_err key_check(sb_action_plan *p, const uint8_t *pk, sb_key_kind kind)
{
    sb_row_key key;
    if (!sb_pk_valid(pk))
        return refuse_key(p, SB_E_LEDGER_KEY_INVALID, pk);
    if (sb_key_find(p->s->kv, pk, &key) && (key.status != SB_KEY_WAITING || key.kind != kind))
        return refuse_key(p, SB_E_LEDGER_KEY_TWICE, pk);
    return SB_OK;
}

static sb_err curve_check(sb_action_plan *p, const uint8_t *pk)
{
    sb_row_org row = {.no = 0};
    if (memcmp(p->s->ledger->federation.broker_curve_pk, pk, 32) == 0)
        return refuse_key(p, SB_E_LEDGER_KEY_TWICE, pk);
    for (bool more = sb_row_org_next(p->s->kv, p->s->arena, &row, true, 0); more;
         more = sb_row_org_next(p->s->kv, p->s->arena, &row, false, 0))
        if (memcmp(row.curve_pk, pk, 32) == 0)
            return refuse_key(p, SB_E_LEDGER_KEY_TWICE, pk);
    return SB_OK;
}

/* None serves two purposes, in this card or another of the case. */
static sb_err keys_check(sb_action_plan *p, const Sb__GenesisOrganisation *keys)
{
    sb_err err = key_check(p, keys->authority_pk.data, SB_KEY_KIND_AUTHORITY);
    if (err == SB_OK)
        err = key_check(p, keys->witness_pk.data, SB_KEY_KIND_WITNESS);
    if (err == SB_OK)
        err = key_check(p, keys->recovery_pk.data, SB_KEY_KIND_RECOVERY);
    if (err == SB_OK)
        err = curve_check(p, keys->curve_pk.data);
    if (err != SB_OK)
        return err;
    p->admitted[p->admitted_count++] = keys;
    for (size_t i = 0; i < p->admitted_count; i++) {
        const Sb__GenesisOrganisation *o = p->admitted[i];
        const uint8_t *theirs[] = {o->authority_pk.data, o->witness_pk.data, o->recovery_pk.data,
                                   o->curve_pk.data};
        const uint8_t *ours[] = {keys->authority_pk.data, keys->witness_pk.data,
                                 keys->recovery_pk.data, keys->curve_pk.data};
        for (size_t a = 0; a < 4; a++)
            for (size_t b = 0; b < 4; b++)
                if ((o != keys || a != b) && memcmp(theirs[a], ours[b], 32) == 0)
                    return refuse_key(p, SB_E_LEDGER_KEY_TWICE, ours[b]);
    }
    return SB_OK;
}

/* ---- the three ---- */

sb_err sb_plan_organisation(sb_action_plan *p, const Sb__ActionOrganisation *m)
{
    const Sb__Organisation *o = m->organisation;
    sb_err err = begin(p);
    if (err != SB_OK)
        return err;
    uint32_t at = sb_org_find(p->charter, o->id);
    if (strcmp(m->keys->id, o->id) != 0 || o->withdrawn)
        return sb_fail_set(p->fail, SB_E_LEDGER_MEMBERSHIP_CARD, o->id, m->keys->id, NULL);
    if (at != SB_NONE && !p->charter->organisations[at]->withdrawn)
        return sb_fail_set(p->fail, SB_E_LEDGER_MEMBERSHIP_MEMBER, o->id, NULL);
    err = keys_check(p, m->keys);
    return err != SB_OK
               ? err
               : with_organisation(p, at == SB_NONE ? p->charter->n_organisations : at, o, false);
}

sb_err sb_plan_remove(sb_action_plan *p, const Sb__ActionOrganisationRemove *m)
{
    sb_err err = begin(p);
    if (err != SB_OK)
        return err;
    uint32_t at = sb_org_find(p->charter, m->organisation);
    if (at == SB_NONE || p->charter->organisations[at]->withdrawn)
        return sb_fail_set(p->fail, SB_E_LEDGER_MEMBERSHIP_UNKNOWN, m->organisation, NULL);
    for (size_t i = 0; i < p->charter->n_offices; i++)
        if (strcmp(p->charter->offices[i]->appointed_by, m->organisation) == 0)
            return sb_fail_set(p->fail, SB_E_LEDGER_MEMBERSHIP_OFFICE, m->organisation,
                               p->charter->offices[i]->id, NULL);
    return with_organisation(p, at, p->charter->organisations[at], true);
}

/* A standby's key may begin a term; so nobody has used it: least of all the standby itself, who took
 * over and still stands on the list. */
static sb_err standbys_check(sb_action_plan *p, const Sb__ActionWitnessing *m)
{
    sb_row_key key;
    for (size_t i = 0; i < m->n_standbys; i++)
        if (sb_key_find(p->s->kv, m->standbys[i]->log_pk.data, &key))
            return key.kind == SB_KEY_KIND_LOG
                       ? sb_fail_set(p->fail, SB_E_LEDGER_STANDBY_ORDERS, m->standbys[i]->id, NULL)
                       : refuse_key(p, SB_E_LEDGER_KEY_TWICE, m->standbys[i]->log_pk.data);
    return SB_OK;
}

sb_err sb_plan_witnessing(sb_action_plan *p, const Sb__ActionWitnessing *m)
{
    sb_err err = begin(p);
    if (err == SB_OK)
        err = standbys_check(p, m);
    if (err != SB_OK)
        return err;
    Sb__Charter *c = SB_ARENA_NEW(p->s->arena, Sb__Charter);
    *c = *p->charter;
    c->policy = m->policy;
    c->silence_s = m->silence_s;
    c->standbys = m->standbys;
    c->n_standbys = m->n_standbys;
    uint8_t before[32];
    sb_buf bytes;
    sb_buf_init(&bytes);
    err = sb_charter_encode(p->charter, &bytes, p->fail);
    sb_hash(sb_buf_slice(&bytes), before);
    sb_buf_deinit(&bytes);
    if (err == SB_OK)
        err = prepare(p, c);
    if (err == SB_OK && memcmp(before, p->next.sha256, 32) == 0)
        err = sb_fail_set(p->fail, SB_E_LEDGER_AMEND_SAME, NULL);
    return err;
}
