/* What ties a key to the federation: the judge's policy, genesis, or a HANDOVER that the founding
 * organisations promised. */
#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/evidence/inside.h"
#include "proto/sign/lines.h"

static sb_err foreign(sb_judging *x, const char *what)
{
    return sb_fail_set(x->fail, SB_E_EVIDENCE_FOREIGN, what, NULL);
}

static sb_err untied(sb_judging *x, const uint8_t pk[32])
{
    char hex[65];
    sb_hex(sb_slice_of(pk, 32), hex);
    return sb_fail_set(x->fail, SB_E_EVIDENCE_UNTIED, hex, NULL);
}

/* The policy that the judge brought is of this federation: some log of it is. */
static bool policy_is_ours(sb_judging *x)
{
    const sb_tlog_policy *policy = x->help->policy;
    for (uint32_t i = 0; i < policy->log_count; i++) {
        char origin[SB_ORIGIN_BYTES_MAX + 1];
        uint32_t term;
        sb_slice name = policy->logs[i].name;
        if (name.len > SB_ORIGIN_BYTES_MAX)
            continue;
        memcpy(origin, name.data, name.len);
        origin[name.len] = '\0';
        if (sb_tie_term(x, origin, &term) == SB_OK)
            return true;
    }
    return false;
}

sb_err sb_tie_open(sb_judging *x)
{
    sb_leaf leaf;
    x->federation_id = x->file.at[SB_SECTION_FEDERATION].data;
    memcpy(x->out->federation_id, x->federation_id, 32);
    if (x->file.has[SB_SECTION_GENESIS]) {
        if (sb_entry_open(x->file.at[SB_SECTION_GENESIS], x->arena, &leaf, NULL) != SB_OK)
            return sb_evidence_malformed(x->fail, "genesis");
        if (leaf.entry.type != SB_ENTRY_GENESIS || memcmp(leaf.entry.id, x->federation_id, 32) != 0)
            return foreign(x, "genesis");
        x->genesis = (const Sb__Genesis *)leaf.message;
        x->out->has_genesis = true;
    }
    if (x->file.has[SB_SECTION_HANDOVER]) {
        if (sb_leaf_open(x->file.at[SB_SECTION_HANDOVER], x->arena, &leaf, NULL) != SB_OK)
            return sb_evidence_malformed(x->fail, "handover");
        x->handover = (const Sb__Handover *)leaf.message;
        if (leaf.entry.type != SB_ENTRY_HANDOVER ||
            memcmp(leaf.entry.federation_id, x->federation_id, 32) != 0 ||
            memcmp(leaf.entry.signer_pk, x->handover->log_pk.data, 32) != 0)
            return foreign(x, "handover");
    }
    if (x->help->policy != NULL && !policy_is_ours(x))
        return foreign(x, "policy");
    size_t witnesses = x->genesis == NULL ? 0 : x->genesis->n_organisations;
    witnesses += x->help->policy == NULL ? 0 : x->help->policy->name_count;
    x->out->convicted = SB_ARENA_ARRAY(x->arena, sb_evidence_convicted, 1 + witnesses);
    return SB_OK;
}

sb_err sb_tie_term(sb_judging *x, const char *origin, uint32_t *term)
{
    char id[33], expected[SB_ORIGIN_BYTES_MAX + 1];
    sb_slice rest = sb_slice_str(origin);
    uint64_t number = 0;
    sb_hex(sb_slice_of(x->federation_id, 16), id);
    id[16] = '\0';
    if (!sb_text_skip(&rest, "samband/"))
        return foreign(x, origin);
    const uint8_t *slash = rest.len == 0 ? NULL : memchr(rest.data, '/', rest.len);
    if (slash == NULL)
        return foreign(x, origin);
    char slug[SB_ORIGIN_BYTES_MAX + 1];
    size_t slug_len = (size_t)(slash - rest.data);
    memcpy(slug, rest.data, slug_len);
    slug[slug_len] = '\0';
    rest = sb_slice_of(slash + 1, rest.len - slug_len - 1);
    if (!sb_text_skip(&rest, id) || !sb_text_skip(&rest, "/") ||
        !sb_decimal_parse(rest, UINT32_MAX, &number) || number == 0)
        return foreign(x, origin);
    *term = (uint32_t)number;
    const char *own = x->genesis == NULL ? slug : x->genesis->slug;
    if (sb_origin(own, x->federation_id, *term, expected, NULL) != SB_OK ||
        strcmp(expected, origin) != 0)
        return foreign(x, origin);
    return SB_OK;
}

/* ---- log keys ---- */

static const Sb__GenesisOrganisation *founder(const sb_judging *x, const uint8_t witness_pk[32])
{
    for (size_t i = 0; x->genesis != NULL && i < x->genesis->n_organisations; i++)
        if (memcmp(x->genesis->organisations[i]->witness_pk.data, witness_pk, 32) == 0)
            return x->genesis->organisations[i];
    return NULL;
}

/* More than two thirds of the founding organisations promised this key this term. */
static bool founders_promised(sb_judging *x)
{
    const Sb__Handover *m = x->handover;
    uint32_t have = 0;
    const uint8_t *last = NULL;
    for (size_t i = 0; i < m->n_promises; i++) {
        const Sb__Promised *one = m->promises[i];
        if (last != NULL && memcmp(one->witness_pk.data, last, 32) <= 0)
            return false; /* each key once */
        last = one->witness_pk.data;
        have += founder(x, one->witness_pk.data) != NULL &&
                sb_handover_promise_verify(x->federation_id, m, one);
    }
    return x->genesis != NULL && (uint64_t)have * 3 > (uint64_t)x->genesis->n_organisations * 2;
}

/* The key that signs heads of this origin. */
static sb_err find_log(sb_judging *x, const char *origin, uint32_t term, sb_evidence_convicted *log)
{
    const sb_tlog_log *named =
        x->help->policy == NULL ? NULL : sb_tlog_policy_log(x->help->policy, origin);
    *log = (sb_evidence_convicted){.is_log = true};
    snprintf(log->name, sizeof log->name, "%s", origin);
    if (named != NULL) {
        memcpy(log->pk, named->pk, 32);
        log->tied = SB_TIED_POLICY;
    } else if (term == 1 && x->genesis != NULL) {
        memcpy(log->pk, x->genesis->log_pk.data, 32);
        log->tied = SB_TIED_GENESIS;
    } else if (x->handover != NULL && x->handover->term == term) {
        memcpy(log->pk, x->handover->log_pk.data, 32);
        log->tied = SB_TIED_HANDOVER;
        if (!x->is_making && !founders_promised(x))
            return untied(x, log->pk);
    } else {
        return sb_fail_set(x->fail, SB_E_EVIDENCE_UNTIED, origin, NULL);
    }
    return SB_OK;
}

sb_err sb_tie_note(sb_judging *x, sb_section section, sb_checkpoint *head,
                   sb_evidence_convicted *log)
{
    uint32_t term;
    sb_slice note = x->file.at[section];
    sb_err err = sb_checkpoint_parse(note, head, x->fail);
    if (err == SB_OK)
        err = sb_tie_term(x, head->origin, &term);
    if (err == SB_OK)
        err = find_log(x, head->origin, term, log);
    if (err == SB_OK && sb_checkpoint_verify(note, head->origin, log->pk, head, NULL) != SB_OK)
        err = sb_fail_set(x->fail, SB_E_EVIDENCE_UNSIGNED, sb_section_name(section), NULL);
    return err;
}

/* ---- witness keys ---- */

static void name_it(sb_evidence_convicted *out, sb_slice name)
{
    size_t len = name.len < sizeof out->name ? name.len : sizeof out->name - 1;
    memcpy(out->name, name.data, len);
    out->name[len] = '\0';
}

void sb_tie_each_witness(sb_judging *x,
                         void (*visit)(void *arg, const sb_evidence_convicted *witness), void *arg)
{
    const sb_tlog_policy *policy = x->help->policy;
    for (uint32_t i = 0; policy != NULL && i < policy->name_count; i++) {
        sb_evidence_convicted witness = {.tied = SB_TIED_POLICY};
        if (policy->names[i].is_group || founder(x, policy->names[i].pk) != NULL)
            continue;
        memcpy(witness.pk, policy->names[i].pk, 32);
        name_it(&witness, policy->names[i].name);
        visit(arg, &witness);
    }
    for (size_t i = 0; x->genesis != NULL && i < x->genesis->n_organisations; i++) {
        sb_evidence_convicted witness = {.tied = SB_TIED_GENESIS};
        memcpy(witness.pk, x->genesis->organisations[i]->witness_pk.data, 32);
        name_it(&witness, sb_slice_str(x->genesis->organisations[i]->id));
        visit(arg, &witness);
    }
}

typedef struct search {
    const uint8_t *pk;
    sb_evidence_convicted *out;
    bool found;
} search;

static void compare(void *arg, const sb_evidence_convicted *witness)
{
    search *s = arg;
    if (!s->found && memcmp(witness->pk, s->pk, 32) == 0) {
        *s->out = *witness;
        s->found = true;
    }
}

sb_err sb_tie_witness(sb_judging *x, const uint8_t pk[32], sb_evidence_convicted *out)
{
    search s = {.pk = pk, .out = out};
    *out = (sb_evidence_convicted){.tied = SB_TIED_GENESIS};
    memcpy(out->pk, pk, 32);
    sb_tie_each_witness(x, compare, &s);
    return s.found || x->is_making ? SB_OK : untied(x, pk);
}

/* ---- the verdict ---- */

void sb_convict(sb_judging *x, const sb_evidence_convicted *who)
{
    x->out->convicted[x->out->convicted_count++] = *who;
}

void sb_verdict_head(sb_judging *x, const sb_checkpoint *head)
{
    sb_evidence_head *to = &x->out->heads[x->out->head_count++];
    memcpy(to->origin, head->origin, sizeof to->origin);
    to->size = head->size;
    memcpy(to->root, head->root, 32);
}
