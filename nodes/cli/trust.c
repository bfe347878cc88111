/* Whom a member believes: the log keys of terms and the policies of witnesses, moved on only by what
 * those believed before have signed (head.h). */
#include "nodes/cli/head.h"

#include "proto/base/hash.h"
#include "proto/wire/promise.h"

/* ---- policies ---- */

sb_err sb_trust_set_policies(sb_trust *trust, const sb_slice *texts, size_t count, sb_arena *arena,
                             sb_fail *fail)
{
    if (count == 0 || count > SB_TRUST_POLICIES_MAX)
        return sb_fail_set(fail, SB_E_CLI_HEAD_PROOF, "policies", NULL);
    sb_tlog_policy parsed[SB_TRUST_POLICIES_MAX];
    sb_slice kept[SB_TRUST_POLICIES_MAX];
    for (size_t i = 0; i < count; i++) {
        kept[i] = sb_arena_copy(arena, texts[i]);
        sb_err err = sb_tlog_policy_parse(kept[i], arena, &parsed[i], fail);
        if (err != SB_OK)
            return err;
        if (parsed[i].quorum == UINT32_MAX) /* it would believe anything */
            return sb_fail_set(fail, SB_E_CLI_HEAD_PROOF, "quorum", NULL);
    }
    memcpy(trust->texts, kept, count * sizeof *kept);
    memcpy(trust->policies, parsed, count * sizeof *parsed);
    trust->policy_count = (uint32_t)count;
    return SB_OK;
}

static uint32_t witnesses_of(const sb_tlog_policy *policy)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < policy->name_count; i++)
        count += !policy->names[i].is_group;
    return count;
}

/* For the message: how many it takes, where that is one number. */
static uint32_t needed_of(const sb_tlog_policy *policy)
{
    const sb_tlog_name *quorum = &policy->names[policy->quorum];
    for (uint32_t i = 0; i < quorum->member_count; i++)
        if (policy->names[quorum->members[i]].is_group)
            return witnesses_of(policy);
    return quorum->is_group ? quorum->threshold : 1;
}

sb_err sb_trust_satisfied(const sb_trust *trust, const uint8_t (*pks)[32], size_t count,
                          sb_arena *arena, sb_fail *fail)
{
    for (uint32_t p = 0; p < trust->policy_count; p++) {
        const sb_tlog_policy *policy = &trust->policies[p];
        bool *cosigned = SB_ARENA_ARRAY(arena, bool, policy->name_count + 1);
        uint32_t have = 0;
        for (uint32_t i = 0; i < policy->name_count; i++) {
            for (size_t k = 0; k < count && !cosigned[i]; k++)
                cosigned[i] =
                    !policy->names[i].is_group && memcmp(policy->names[i].pk, pks[k], 32) == 0;
            have += cosigned[i];
        }
        if (!sb_tlog_policy_satisfied(policy, cosigned, arena))
            return sb_fail_num(fail, SB_E_CLI_QUORUM, 2, have, needed_of(policy));
    }
    return trust->policy_count > 0 ? SB_OK : sb_fail_num(fail, SB_E_CLI_QUORUM, 2, 0, 1);
}

/* ---- from the federation file ---- */

static void write_policy(const sb_federation *f, const char *origin, sb_arena *arena, sb_buf *text)
{
    const Sb__Genesis *g = f->genesis;
    const Sb__WitnessPolicy *policy = f->charter->policy;
    sb_buf_str(text, "log ");
    sb_vkey_add(text, sb_slice_str(origin), SB_NOTE_TYPE_LOG, g->log_pk.data);
    for (size_t i = 0; i < g->n_organisations; i++) {
        const char *id = g->organisations[i]->id;
        sb_buf_printf(text, "\nwitness %s ", id);
        sb_vkey_add(text, sb_slice_str(sb_arena_printf(arena, "%s/%s", origin, id)),
                    SB_NOTE_TYPE_COSIGNATURE, g->organisations[i]->witness_pk.data);
    }
    for (size_t i = 0; i < policy->n_groups; i++) {
        const Sb__WitnessGroup *group = policy->groups[i];
        sb_buf_printf(text, "\ngroup %s %u", group->name, group->threshold);
        for (size_t k = 0; k < group->n_members; k++)
            sb_buf_printf(text, " %s", group->members[k]);
    }
    if (policy->n_groups == 0) {
        uint64_t needed =
            (uint64_t)g->n_organisations * policy->more_than_num / policy->more_than_den + 1;
        sb_buf_printf(text, "\ngroup QUORUM %u", (uint32_t)needed);
        for (size_t i = 0; i < g->n_organisations; i++)
            sb_buf_printf(text, " %s", g->organisations[i]->id);
    }
    sb_buf_printf(text, "\nquorum %s\n",
                  policy->n_groups == 0 ? "QUORUM" : policy->groups[policy->n_groups - 1]->name);
}

sb_err sb_trust_of(const sb_federation *federation, sb_arena *arena, sb_trust *out, sb_fail *fail)
{
    const Sb__Genesis *g = federation->genesis;
    *out = (sb_trust){0};
    memcpy(out->federation_id, federation->federation_id, 32);
    sb_err err = sb_trust_add_term(out, g->slug, 1, g->log_pk.data, fail);
    if (err != SB_OK)
        return err;
    sb_buf text;
    sb_buf_init(&text);
    write_policy(federation, out->origin, arena, &text);
    sb_slice one = sb_buf_slice(&text);
    err = sb_trust_set_policies(out, &one, 1, arena, fail);
    sb_buf_deinit(&text);
    return err;
}

/* ---- terms ---- */

sb_err sb_trust_add_term(sb_trust *trust, const char *slug, uint32_t term, const uint8_t log_pk[32],
                         sb_fail *fail)
{
    if (trust->term_count == SB_TRUST_TERMS_MAX) { /* the oldest is needed no more */
        memmove(trust->terms, trust->terms + 1, (SB_TRUST_TERMS_MAX - 1) * sizeof *trust->terms);
        trust->term_count--;
    }
    sb_trust_term *t = &trust->terms[trust->term_count++];
    t->term = term;
    memcpy(t->log_pk, log_pk, 32);
    memcpy(trust->log_pk, log_pk, 32);
    trust->term = term;
    size_t len = strlen(slug);
    if (len > SB_ID_BYTES_MAX)
        return sb_fail_set(fail, SB_E_CLI_HEAD_PROOF, "origin", NULL);
    memmove(trust->slug, slug, len + 1);
    return sb_origin(slug, trust->federation_id, term, trust->origin, fail);
}

const sb_trust_term *sb_trust_term_of(const sb_trust *trust, sb_slice note, char *origin)
{
    sb_checkpoint head;
    if (sb_checkpoint_parse(note, &head, NULL) != SB_OK)
        return NULL;
    for (uint32_t i = 0; i < trust->term_count; i++)
        if (sb_origin(trust->slug, trust->federation_id, trust->terms[i].term, origin, NULL) ==
                SB_OK &&
            strcmp(origin, head.origin) == 0)
            return &trust->terms[i];
    return NULL;
}

/* The witnesses whose promises in it are true; each names this term and key. */
static size_t promisers(const sb_trust *trust, const Sb__Handover *m, uint8_t (*pks)[32])
{
    size_t count = 0;
    for (size_t i = 0; i < m->n_promises; i++) {
        const Sb__Promised *p = m->promises[i];
        if (sb_handover_promise_verify(trust->federation_id, m, p))
            memcpy(pks[count++], p->witness_pk.data, 32);
    }
    return count;
}

sb_err sb_trust_take_handover(sb_trust *trust, sb_slice bytes, sb_arena *arena, sb_fail *fail)
{
    sb_leaf leaf;
    sb_err err = sb_leaf_open(bytes, arena, &leaf, fail);
    if (err != SB_OK)
        return err;
    const Sb__Handover *m = (const void *)leaf.message;
    if (leaf.entry.type != SB_ENTRY_HANDOVER ||
        memcmp(leaf.entry.federation_id, trust->federation_id, 32) != 0 ||
        memcmp(leaf.entry.signer_pk, m->log_pk.data, 32) != 0)
        return sb_fail_set(fail, SB_E_CLI_HEAD_PROOF, "handover", NULL);
    if (m->term <= trust->term)
        return SB_OK;
    uint8_t(*pks)[32] = sb_arena_alloc(arena, 32 * (m->n_promises + 1));
    size_t count = promisers(trust, m, pks);
    err = sb_trust_satisfied(trust, (const uint8_t(*)[32])pks, count, arena, fail);
    if (err == SB_OK)
        err = sb_trust_add_term(trust, trust->slug, m->term, m->log_pk.data, fail);
    trust->changed = trust->changed || err == SB_OK;
    return err;
}

/* ---- who confirms ---- */

typedef struct sealing {
    sb_checkpoint head;
    uint32_t term;
    Sb__Cosignature *const *cosignatures;
    size_t count;
} sealing;

/* The highest head that a promise in it names as sealed: what its cosignatures are of. */
static bool sealed_by_handover(const Sb__Handover *m, sealing *out)
{
    uint32_t highest = 0; /* heads rise */
    for (size_t i = 0; i < m->n_promises; i++)
        if (m->promises[i]->seal > highest)
            highest = m->promises[i]->seal;
    if (highest == 0 || highest > m->n_heads || m->heads[highest - 1]->root.len != 32)
        return false;
    const Sb__Head *h = m->heads[highest - 1];
    out->term = h->term;
    out->head.size = h->size;
    memcpy(out->head.root, h->root.data, 32);
    out->cosignatures = m->cosignatures;
    out->count = m->n_cosignatures;
    return true;
}

static sb_err open_sealing(const sb_trust *trust, const sb_trust_change *change, sealing *out,
                           sb_arena *arena, sb_fail *fail)
{
    sb_leaf leaf;
    *out = (sealing){.term = change->term};
    sb_err err = sb_leaf_open(change->leaf, arena, &leaf, fail);
    if (err != SB_OK)
        return err;
    bool ok = memcmp(leaf.entry.federation_id, trust->federation_id, 32) == 0;
    if (leaf.entry.type == SB_ENTRY_SEAL) {
        const Sb__Seal *seal = (const void *)leaf.message;
        out->head.size = seal->size;
        memcpy(out->head.root, seal->root.data, 32);
        out->cosignatures = seal->cosignatures;
        out->count = seal->n_cosignatures;
    } else {
        ok = ok && leaf.entry.type == SB_ENTRY_HANDOVER &&
             sealed_by_handover((const void *)leaf.message, out);
    }
    if (!ok)
        return sb_fail_set(fail, SB_E_CLI_HEAD_PROOF, "changes", NULL);
    return sb_origin(trust->slug, trust->federation_id, out->term, out->head.origin, fail);
}

sb_err sb_trust_take_change(sb_trust *trust, const sb_trust_change *change, uint64_t old_size,
                            sb_arena *arena, sb_fail *fail)
{
    sealing s;
    sb_err err = open_sealing(trust, change, &s, arena, fail);
    if (err != SB_OK)
        return err;
    /* An old change put into a new log must not bring back those who are out. */
    if (s.head.size < old_size)
        return sb_fail_num(fail, SB_E_CLI_QUORUM, 2, 0, 1);
    uint8_t(*pks)[32] = sb_arena_alloc(arena, 32 * (s.count + 1));
    size_t count = 0;
    for (size_t i = 0; i < s.count; i++)
        if (sb_seal_cosignature_holds(&s.head, s.cosignatures[i]))
            memcpy(pks[count++], s.cosignatures[i]->witness_pk.data, 32);
    sb_trust next = *trust;
    err = sb_trust_satisfied(trust, (const uint8_t(*)[32])pks, count, arena, fail);
    if (err == SB_OK)
        err = sb_trust_set_policies(&next, change->texts, change->text_count, arena, fail);
    if (err == SB_OK)
        err = sb_trust_satisfied(&next, (const uint8_t(*)[32])pks, count, arena, fail);
    if (err != SB_OK)
        return err;
    next.changed = true;
    *trust = next;
    return SB_OK;
}
