/* Heads of a bundle that is being written: the newest certified one with its policies, and those
 * that SEAL leaves name. */
#include <stdio.h>

#include "nodes/cli/export_inside.h"
#include "nodes/host/json_read.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"

/* ---- the newest certified head ---- */

/* Whose cosignature line of the head it is, by a policy; its signature is checked. */
static bool line_is_by(const sb_exporter *x, const sb_note_line *line, const sb_tlog_name *witness,
                       sb_cosigner *out)
{
    if (witness->is_group || !sb_slice_eq(line->name, witness->key_name) ||
        !sb_cosignature_verify_line(&x->head.head, line, witness->pk, &out->cosignature))
        return false;
    memcpy(out->pk, witness->pk, 32);
    out->organisation = sb_arena_str(&x->cli->arena, witness->name);
    for (size_t i = 0; i < x->head.cosigner_count; i++)
        if (memcmp(x->head.cosigners[i].pk, out->pk, 32) == 0)
            return false;
    return true;
}

/* Keep the lines of those whom a policy names; all policies must be met by them. */
static sb_err take_lines(sb_exporter *x, const sb_note *note, const sb_tlog_policy *policies)
{
    sb_note_line line;
    size_t names = 0;
    for (uint32_t p = 0; p < x->policy_count; p++)
        names += policies[p].name_count;
    x->head.cosigners = SB_ARENA_ARRAY(&x->cli->arena, sb_cosigner, names);
    for (size_t at = 0; sb_note_next_line(note, &at, &line);) {
        sb_cosigner *next = &x->head.cosigners[x->head.cosigner_count];
        bool found = false;
        if (sb_slice_eq(line.name, sb_slice_str(x->head.head.origin)) && line.sig_len == 64)
            memcpy(x->head.log_signature, line.sig, 64);
        for (uint32_t p = 0; p < x->policy_count && !found; p++)
            for (uint32_t i = 0; i < policies[p].name_count && !found; i++)
                found = line_is_by(x, &line, &policies[p].names[i], next);
        x->head.cosigner_count += found;
    }
    sb_cosigners_sort(x->head.cosigners, x->head.cosigner_count);
    return SB_OK;
}

static sb_err check_quorum(sb_exporter *x, const sb_tlog_policy *policy)
{
    bool *cosigned = SB_ARENA_ARRAY(&x->cli->arena, bool, policy->name_count);
    for (uint32_t i = 0; i < policy->name_count; i++)
        for (size_t k = 0; k < x->head.cosigner_count; k++)
            cosigned[i] |= !policy->names[i].is_group &&
                           memcmp(policy->names[i].pk, x->head.cosigners[k].pk, 32) == 0;
    if (sb_tlog_policy_satisfied(policy, cosigned, &x->cli->arena))
        return SB_OK;
    return sb_fail_num(&x->cli->fail, SB_E_POLICY_QUORUM, 2, x->head.cosigner_count,
                       policy->name_count - 1);
}

/* The head that the note is of, as the node says, and what its policies say of the signatures. */
static sb_err take_head(sb_exporter *x, sb_slice bytes)
{
    sb_note note;
    sb_tlog_policy policies[SB_EXPORT_POLICIES_MAX];
    sb_fail *fail = &x->cli->fail;
    sb_err err = SB_OK;
    for (uint32_t i = 0; err == SB_OK && i < x->policy_count; i++)
        err = sb_tlog_policy_parse(x->policies[i], &x->cli->arena, &policies[i], fail);
    if (err != SB_OK)
        return err;
    const sb_tlog_log *log = sb_tlog_policy_log(&policies[0], x->head.head.origin);
    if (log == NULL)
        return sb_fail_set(fail, SB_E_POLICY_LOG, x->head.head.origin, NULL);
    memcpy(x->head.log_pk, log->pk, 32);
    err = sb_checkpoint_verify(bytes, x->head.head.origin, log->pk, &x->head.head, fail);
    if (err == SB_OK)
        err = sb_note_parse(bytes, &note, fail);
    if (err == SB_OK)
        err = take_lines(x, &note, policies);
    for (uint32_t i = 0; err == SB_OK && i < x->policy_count; i++)
        err = check_quorum(x, &policies[i]);
    return err;
}

static sb_err ask_policies(sb_exporter *x)
{
    const sb_doc *answer = NULL;
    const char *size =
        sb_arena_printf(&x->cli->arena, "%llu", (unsigned long long)x->head.head.size);
    sb_err err = sb_session_ask(x->cli, &answer, "policy", size, NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *texts = sb_doc_get(answer, "texts");
    x->policy_count = sb_doc_count(texts);
    if (x->policy_count == 0 || x->policy_count > SB_EXPORT_POLICIES_MAX)
        return sb_fail_set(&x->cli->fail, SB_E_CLI_ANSWER, "policy", NULL);
    for (uint32_t i = 0; i < x->policy_count; i++)
        x->policies[i] = texts->items[i]->text;
    return SB_OK;
}

/* What the log has erased below the head. */
static sb_err ask_erased(sb_exporter *x)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_ask(x->cli, &list, "erased", NULL);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++) {
        uint8_t sha256[32], index[8];
        sb_writer w = sb_writer_over(index, sizeof index);
        uint64_t at = sb_doc_num(list->items[i], "index");
        err = sb_doc_hex32(list->items[i], "sha256", sha256, &x->cli->fail);
        sb_write_u64(&w, at);
        if (err == SB_OK && at < x->head.head.size)
            sb_kv_put(x->erased, sb_slice_of(sha256, 32), sb_writer_slice(&w));
    }
    return err;
}

sb_err sb_export_take_certified(sb_exporter *x, sb_slice note)
{
    if (note.len == 0)
        return sb_fail_set(&x->cli->fail, SB_E_CLI_NO_MATCH,
                           sb_cli_either(x->cli, "noe bekreftet hode hos", "confirmed head at"),
                           x->cli->session->socket, NULL);
    sb_err err = sb_checkpoint_parse(note, &x->head.head, &x->cli->fail);
    if (err == SB_OK)
        err = ask_policies(x);
    return err == SB_OK ? take_head(x, note) : err;
}

sb_err sb_export_ask_head(sb_exporter *x)
{
    const sb_doc *answer = NULL;
    sb_err err = sb_session_ask(x->cli, &answer, "checkpoint", NULL);
    if (err == SB_OK)
        err = sb_export_take_certified(x, sb_slice_str(sb_doc_str(answer, "certified")));
    return err == SB_OK ? ask_erased(x) : err;
}

/* ---- sealed heads ---- */

static void name_it(sb_kv *names, ProtobufCBinaryData pk, const char *organisation)
{
    sb_kv_put(names, sb_slice_of(pk.data, pk.len), sb_slice_str(organisation));
}

/* Of genesis and replaced keys from the leaves; else the node knows; else who was proposed with it. */
static const char *organisation_of(sb_exporter *x, ProtobufCBinaryData pk)
{
    char hex[65];
    sb_slice json = {0}, value;
    const sb_doc *answer = NULL;
    const char *args[] = {hex}, *id = "";
    sb_slice key = sb_slice_of(pk.data, pk.len);
    if (sb_kv_get(x->names, key, &value))
        return sb_arena_str(&x->scratch, value);
    sb_hex(key, hex);
    if (sb_session_query_in(x->cli, &x->scratch, &json, "key", args, 1) == SB_OK &&
        sb_json_parse("key", json, &x->scratch, &answer, &x->cli->fail) == SB_OK)
        id = sb_doc_str(answer, "organisation");
    x->cli->fail = (sb_fail){0};
    if (id[0] == '\0' && sb_kv_get(x->proposed, key, &value))
        return sb_arena_str(&x->scratch, value);
    if (id[0] != '\0')
        name_it(x->names, pk, id);
    return id[0] == '\0' ? "?" : id;
}

static sb_err put_notes(sb_exporter *x, const char *path, const sb_signed_head *h)
{
    sb_err err = SB_OK;
    sb_buf note;
    sb_buf_init(&note);
    for (uint32_t left = sb_head_note_count(h); err == SB_OK && left > 0; left--) {
        sb_buf_clear(&note);
        sb_head_note(h, left - 1, &note);
        err = sb_export_put(x, left == 1 ? path : sb_arena_printf(&x->scratch, "%s.%u", path, left),
                            sb_buf_slice(&note));
    }
    sb_buf_deinit(&note);
    return err;
}

static sb_err origin_of(sb_exporter *x, char out[SB_ORIGIN_BYTES_MAX + 1])
{
    const sb_federation *f = &x->cli->session->federation;
    return sb_origin(f->genesis->slug, f->federation_id, x->term, out, &x->cli->fail);
}

static sb_err put_sealed(sb_exporter *x, const Sb__Seal *seal)
{
    sb_signed_head h = {.cosigner_count = seal->n_cosignatures};
    sb_err err = origin_of(x, h.head.origin);
    if (err != SB_OK)
        return err;
    h.head.size = seal->size;
    memcpy(h.head.root, seal->root.data, 32);
    memcpy(h.log_pk, x->log_pk, 32);
    memcpy(h.log_signature, seal->log_signature.data, 64);
    h.cosigners = SB_ARENA_ARRAY(&x->scratch, sb_cosigner, seal->n_cosignatures);
    for (size_t i = 0; i < seal->n_cosignatures; i++) {
        const Sb__Cosignature *from = seal->cosignatures[i];
        h.cosigners[i].organisation = organisation_of(x, from->witness_pk);
        memcpy(h.cosigners[i].pk, from->witness_pk.data, 32);
        h.cosigners[i].cosignature.time_s = from->time_s;
        memcpy(h.cosigners[i].cosignature.sig, from->signature.data, 64);
    }
    return put_notes(x,
                     sb_arena_printf(&x->scratch, "checkpoints/%u/%llu", x->term,
                                     (unsigned long long)seal->size),
                     &h);
}

static void learn_genesis(sb_exporter *x, const Sb__Genesis *m)
{
    x->term = 1;
    memcpy(x->log_pk, m->log_pk.data, 32);
    for (size_t i = 0; i < m->n_organisations; i++)
        name_it(x->names, m->organisations[i]->witness_pk, m->organisations[i]->id);
}

static void learn_replaced(sb_exporter *x, const Sb__KeyReplace *m)
{
    sb_slice name;
    if (sb_kv_get(x->names, sb_slice_of(m->old_pk.data, m->old_pk.len), &name))
        name_it(x->names, m->new_pk, sb_arena_str(&x->scratch, name));
}

sb_err sb_export_learn(sb_exporter *x, const sb_leaf *leaf)
{
    const void *m = leaf->message;
    const Sb__ActionPropose *action = m;
    switch ((int)leaf->entry.type) {
    case SB_ENTRY_GENESIS:
        learn_genesis(x, m);
        break;
    case SB_ENTRY_HANDOVER:
        x->term = ((const Sb__Handover *)m)->term;
        memcpy(x->log_pk, ((const Sb__Handover *)m)->log_pk.data, 32);
        break;
    case SB_ENTRY_KEY_REPLACE:
        learn_replaced(x, m);
        break;
    case SB_ENTRY_ACTION_PROPOSE:
        if (action->action_case == SB__ACTION_PROPOSE__ACTION_ORGANISATION)
            name_it(x->proposed, action->organisation->keys->witness_pk,
                    action->organisation->keys->id);
        break;
    case SB_ENTRY_SEAL:
        return put_sealed(x, m);
    }
    return SB_OK;
}

/* ---- the end ---- */

/* By the leaf that erased it. */
static sb_err put_erased(sb_exporter *x)
{
    sb_kv *by_index = sb_kv_memory_new();
    sb_kv_walk blob = {.kv = x->erased}, erasure = {.kv = by_index};
    sb_buf text;
    sb_buf_init(&text);
    while (sb_kv_walk_next(&blob))
        sb_kv_put(by_index, blob.value, blob.key);
    while (sb_kv_walk_next(&erasure)) {
        char hex[65];
        sb_reader r = sb_reader_over(erasure.key);
        sb_hex(erasure.value, hex);
        sb_buf_printf(&text, "%s %llu\n", hex, (unsigned long long)sb_read_u64(&r));
    }
    sb_err err = sb_export_put(x, "erased", sb_buf_slice(&text));
    sb_buf_deinit(&text);
    sb_kv_memory_free(by_index);
    return err;
}

sb_err sb_export_finish(sb_exporter *x)
{
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    sb_err err = origin_of(x, origin);
    if (err == SB_OK &&
        (strcmp(origin, x->head.head.origin) != 0 || memcmp(x->log_pk, x->head.log_pk, 32) != 0))
        err = sb_fail_set(&x->cli->fail, SB_E_CLI_DIFFERS, origin,
                          sb_cli_either(x->cli, "hodet", "the head"), x->head.head.origin, NULL);
    for (uint32_t i = 0; err == SB_OK && i < x->policy_count; i++)
        err = sb_export_put(x, i == 0 ? "policy" : "policy.2", x->policies[i]);
    if (err == SB_OK)
        err = put_erased(x);
    if (err == SB_OK)
        sb_export_sweep(x);
    return err == SB_OK ? put_notes(x, "checkpoint", &x->head) : err;
}
