/* The head that the bundle ends with, its policy, what is final, and the head audited before. */
#include <stdio.h>

#include "nodes/auditor/audit_inside.h"
#include "proto/ledger/policy.h"

#define CHECKPOINT "checkpoint"

sb_err sb_audit_read_checkpoint(sb_auditing *x)
{
    sb_audit *a = x->a;
    for (a->note_count = 0; a->note_count < SB_AUDIT_NOTES_MAX; a->note_count++) {
        char path[SB_BUNDLE_PATH_BYTES_MAX];
        sb_slice bytes;
        sb_audit_note_path(CHECKPOINT, a->note_count, path);
        if (a->note_count > 0 && !sb_bundle_has(&x->bundle, path))
            break;
        sb_err err =
            sb_bundle_read(&x->bundle, path, SB_NOTE_BYTES_MAX, &bytes, x->fail, &a->cause);
        if (err != SB_OK)
            return err;
        a->notes[a->note_count] = sb_arena_copy(&a->arena, bytes);
    }
    if (sb_checkpoint_parse(a->notes[0], &a->checkpoint, &a->cause) != SB_OK)
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, CHECKPOINT, NULL);
    if (x->opts->from.data != NULL &&
        (sb_checkpoint_parse(x->opts->from, &x->from, &a->cause) != SB_OK || x->from.size == 0))
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, "--from", NULL);
    return SB_OK;
}

/* ---- who signed it ---- */

/* Those who may cosign it, by their key in force. */
static sb_cosigner *signers_of(sb_auditing *x, size_t *count)
{
    sb_ledger *l = x->a->ledger;
    sb_ledger_org org;
    uint32_t organisations = sb_ledger_org_count(l), waiting = 0;
    while (sb_ledger_waiting_org(l, waiting, &org))
        waiting++;
    sb_cosigner *all = SB_ARENA_ARRAY(&x->a->arena, sb_cosigner, organisations + waiting);
    *count = 0;
    for (uint32_t i = 0; i < organisations + waiting; i++) {
        sb_ledger_org whose;
        bool found = i < organisations ? sb_ledger_org_get(l, i, &org)
                                       : sb_ledger_waiting_org(l, i - organisations, &org);
        if (!found || !sb_ledger_witness(l, org.witness_pk, &whose))
            continue;
        all[*count].organisation = sb_arena_str(&x->a->arena, sb_slice_str(whose.id));
        memcpy(all[(*count)++].pk, org.witness_pk, 32);
    }
    return all;
}

static bool is_named(const sb_auditing *x, const sb_note_line *line, const char *organisation)
{
    char name[SB_ORIGIN_BYTES_MAX + SB_ID_BYTES_MAX + 2];
    snprintf(name, sizeof name, "%s/%s", x->a->origin, organisation);
    return sb_slice_eq(line->name, sb_slice_str(name));
}

static sb_err bad_line(sb_auditing *x, const char *path, const sb_note_line *line)
{
    char name[SB_FAIL_ARG_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)line->name.len, (const char *)line->name.data);
    return sb_fail_set(x->fail, SB_E_AUDIT_COSIGNATURE, path, name, NULL);
}

/* One cosignature line, added to the head's. */
static sb_err take_line(sb_auditing *x, const char *path, const sb_note_line *line,
                        const sb_cosigner *signers, size_t signer_count, sb_signed_head *h)
{
    sb_cosigner found;
    for (size_t i = 0; i < signer_count; i++) {
        found = signers[i];
        if (!is_named(x, line, found.organisation) ||
            !sb_cosignature_verify_line(&h->head, line, found.pk, &found.cosignature))
            continue;
        for (size_t k = 0; k < h->cosigner_count; k++)
            if (memcmp(h->cosigners[k].pk, found.pk, 32) == 0)
                return bad_line(x, path, line); /* once more */
        h->cosigners[h->cosigner_count++] = found;
        return SB_OK;
    }
    return bad_line(x, path, line);
}

/* The log's line and root of one note, then its cosignatures. */
static sb_err take_note(sb_auditing *x, uint32_t which, const sb_cosigner *signers,
                        size_t signer_count, sb_signed_head *h)
{
    char path[SB_BUNDLE_PATH_BYTES_MAX], size[24];
    sb_note note;
    sb_note_line line;
    sb_checkpoint verified;
    sb_audit *a = x->a;
    size_t at = 0;
    sb_audit_note_path(CHECKPOINT, which, path);
    if (sb_checkpoint_verify(a->notes[which], a->origin, h->log_pk, &verified, &a->cause) !=
            SB_OK ||
        sb_note_parse(a->notes[which], &note, &a->cause) != SB_OK)
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, path, NULL);
    snprintf(size, sizeof size, "%llu", (unsigned long long)verified.size);
    if (!sb_checkpoint_eq(&verified, &h->head))
        return sb_fail_set(x->fail, SB_E_AUDIT_ROOT, path, size, NULL);
    (void)sb_note_next_line(&note, &at, &line);
    if (line.sig_len == 64)
        memcpy(h->log_signature, line.sig, 64);
    while (sb_note_next_line(&note, &at, &line)) {
        sb_err err = take_line(x, path, &line, signers, signer_count, h);
        if (err != SB_OK)
            return err;
    }
    return SB_OK;
}

/* The files are the one spelling of what they say. */
static sb_err compare_notes(sb_auditing *x, const sb_signed_head *h)
{
    sb_audit *a = x->a;
    uint32_t count = sb_head_note_count(h);
    char path[SB_BUNDLE_PATH_BYTES_MAX];
    sb_buf expected;
    sb_err err = SB_OK;
    sb_buf_init(&expected);
    for (uint32_t i = 0; err == SB_OK && (i < count || i < a->note_count); i++) {
        sb_audit_note_path(CHECKPOINT, i, path);
        sb_buf_clear(&expected);
        if (i < count)
            sb_head_note(h, i, &expected);
        if (i >= a->note_count)
            err = sb_fail_set(x->fail, SB_E_AUDIT_MISSING, path, NULL);
        else if (!sb_slice_eq(sb_buf_slice(&expected), a->notes[i]))
            err = sb_fail_set(x->fail, SB_E_AUDIT_FILE, path, NULL);
    }
    sb_buf_deinit(&expected);
    return err;
}

static sb_err check_quorum(sb_auditing *x, const sb_signed_head *h)
{
    sb_audit *a = x->a;
    sb_policies policies;
    uint8_t(*pks)[32] = sb_arena_alloc(&a->arena, h->cosigner_count * 32 + 1);
    for (size_t i = 0; i < h->cosigner_count; i++)
        memcpy(pks[i], h->cosigners[i].pk, 32);
    sb_policies_hold(sb_ledger_kv(a->ledger), &a->arena, a->checkpoint.size, &policies);
    a->organisations = policies.count == 0 ? 0 : sb_policy_members(&policies.of[0]);
    if (!sb_ledger_quorum(a->ledger, a->checkpoint.size, (const uint8_t(*)[32])pks,
                          h->cosigner_count, &a->cosigners, &a->needed))
        return sb_fail_num(x->fail, SB_E_AUDIT_QUORUM, 2, a->cosigners, a->needed);
    return SB_OK;
}

static void find_final(sb_audit *a, const sb_ledger_position *at)
{
    uint64_t seal_index;
    a->has_final = sb_ledger_seal_before(a->ledger, at->size, &seal_index, &a->final_size) &&
                   sb_ledger_root_at(a->ledger, a->final_size, a->final_root);
    a->is_all_final = a->has_final && at->ends_only_system;
}

sb_err sb_audit_verify_head(sb_auditing *x)
{
    sb_audit *a = x->a;
    sb_signed_head h = {.cosigner_count = 0};
    sb_ledger_position at;
    size_t signer_count;
    if (sb_ledger_charter(a->ledger) == NULL ||
        !sb_ledger_origin(a->ledger, a->origin, sizeof a->origin) ||
        !sb_ledger_log_pk(a->ledger, h.log_pk))
        return sb_fail_set(x->fail, SB_E_AUDIT_UNFOUNDED, NULL);
    sb_ledger_position_get(a->ledger, &at);
    memcpy(h.head.origin, a->origin, sizeof h.head.origin);
    h.head.size = at.size;
    memcpy(h.head.root, at.root, 32);
    const sb_cosigner *signers = signers_of(x, &signer_count);
    h.cosigners = SB_ARENA_ARRAY(&a->arena, sb_cosigner, signer_count);
    sb_err err = SB_OK;
    for (uint32_t i = 0; err == SB_OK && i < a->note_count; i++)
        err = take_note(x, i, signers, signer_count, &h);
    sb_cosigners_sort(h.cosigners, h.cosigner_count);
    if (err == SB_OK)
        err = compare_notes(x, &h);
    if (err == SB_OK)
        err = check_quorum(x, &h);
    if (err == SB_OK)
        find_final(a, &at);
    return err;
}

/* ---- the policies in force there ---- */

sb_err sb_audit_verify_policy(sb_auditing *x)
{
    sb_buf text;
    sb_err err = SB_OK;
    sb_buf_init(&text);
    for (uint32_t i = 0; err == SB_OK; i++) {
        char path[SB_BUNDLE_PATH_BYTES_MAX];
        sb_audit_note_path("policy", i, path);
        sb_buf_clear(&text);
        if (!sb_ledger_policy_text(x->a->ledger, x->a->checkpoint.size, i, &text))
            break;
        err = sb_bundle_compare(&x->bundle, path, sb_buf_slice(&text), x->fail, &x->a->cause);
    }
    sb_buf_deinit(&text);
    return err;
}

/* ---- the head audited before ---- */

sb_err sb_audit_verify_from(sb_auditing *x)
{
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    sb_ledger_term_info term;
    sb_audit *a = x->a;
    if (x->from.size == 0)
        return SB_OK;
    if (x->from.size > a->leaves)
        return sb_fail_num(x->fail, SB_E_AUDIT_SHORT, 2, x->from.size, a->leaves);
    if (!sb_ledger_term_get(a->ledger, sb_ledger_term_at(a->ledger, x->from.size), &term) ||
        sb_origin(a->federation.genesis->slug, a->federation.federation_id, term.term, origin,
                  NULL) != SB_OK ||
        sb_checkpoint_verify(x->opts->from, origin, term.log_pk, &x->from, &a->cause) != SB_OK)
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, "--from", NULL);
    a->from_size = x->from.size;
    return SB_OK;
}
