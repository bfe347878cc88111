/* Actions, versions and drafts of the charter; who made a body what it is. */
#include "proto/base/hash.h"
#include "proto/ledger/action_plan.h"
#include "proto/ledger/action_words.h"
#include "proto/ledger/conditions.h"
#include "proto/ledger/query_parts.h"

/* ---- actions ---- */

static void put_case_brief(sb_query *q, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_json_key(j, "case");
    sb_json_object(j);
    sb_out_hash(j, "id", c->id);
    sb_out_some(j, "number", sb_number_label(q->arena, c->number, c->year));
    sb_out_str(j, "title", c->title);
    sb_out_str(j, "body", sb_body_words(q->charter, c->body)->id);
    sb_json_end_object(j);
}

/* Why it was dropped; false: it wasn't. */
static bool reason_of(sb_query *q, const sb_row_action *action, sb_fail *why)
{
    sb_row_action_dropped row = {.action = action->no};
    if (!sb_row_action_dropped_get(q->kv, q->arena, &row))
        return false;
    (void)sb_fail_set(why, (sb_err)row.reason, row.a, row.b, row.c, row.d, NULL);
    why->argc = row.args;
    return true;
}

static void put_reason(sb_query *q, const sb_row_action *action)
{
    sb_json *j = q->j;
    sb_fail why;
    sb_buf nb, en;
    sb_json_key(j, "dropped");
    if (!reason_of(q, action, &why)) {
        sb_json_null(j);
        return;
    }
    sb_buf_init(&nb);
    sb_buf_init(&en);
    sb_text_fail(&why, SB_LANG_NB, &nb);
    sb_text_fail(&why, SB_LANG_EN, &en);
    sb_json_object(j);
    sb_out_str(j, "code", sb_err_name(why.code));
    sb_out_str(j, "nb", sb_buf_cstr(&nb));
    sb_out_str(j, "en", sb_buf_cstr(&en));
    sb_json_end_object(j);
    sb_buf_deinit(&en);
    sb_buf_deinit(&nb);
}

/* What an adopted action still waits for. */
static const char *waits_for(const sb_row_action *action, const Sb__ActionPropose *m, uint64_t now)
{
    if (action->status != SB_ACTION_ADOPTED)
        return NULL;
    if (action->ready_index == 0)
        return "conditions";
    bool later = action->kind == SB_ACTION_APPOINT && m->appoint->from_date > sb_yyyymmdd_of(now);
    return later ? "date" : "seal";
}

static void put_says(sb_query *q, const char *key, sb_lang lang, const sb_row_action *action,
                     const Sb__ActionPropose *m)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_action_say(&text, lang, q->charter, action, m);
    sb_out_str(q->j, key, sb_buf_cstr(&text));
    sb_buf_deinit(&text);
}

/* What a draft would change of the charter in force. */
static void put_changes(sb_query *q, const sb_row_action *action)
{
    const Sb__Charter *draft = sb_charter_draft_decode(q->kv, q->arena, action->draft);
    if (draft != NULL && action->status == SB_ACTION_PROPOSED)
        sb_charter_difference_json(q->j, "changes", q->charter,
                                   sb_charter_carry(q->kv, q->arena, q->charter, draft));
}

static void put_action(sb_query *q, const sb_row_action *action, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_ledger_position at;
    sb_ledger_position_get(q->l, &at);
    const Sb__ActionPropose *m = sb_action_decode(q->arena, action->payload);
    if (m == NULL)
        return;
    sb_row_question question = {.no = action->question};
    sb_json_object(j);
    sb_out_u64(j, "number", action->number);
    sb_out_hash(j, "id", action->id);
    sb_out_str(j, "kind", sb_action_kind_code(action->kind));
    sb_out_str(j, "status", sb_action_status_code(action->status));
    sb_out_str(j, "status_nb", sb_action_status_word(action->status, SB_LANG_NB));
    sb_out_str(j, "status_en", sb_action_status_word(action->status, SB_LANG_EN));
    sb_out_str(j, "waits_for", waits_for(action, m, at.last_time_ms));
    put_case_brief(q, c);
    sb_out_u64(j, "index", action->index);
    sb_json_key(j, "question");
    if (question.no != 0 && sb_row_question_get(q->kv, NULL, &question))
        sb_json_hex(j, sb_slice_of(question.id, 32));
    else
        sb_json_null(j);
    sb_out_index(j, "adopted_index", action->adopted_index != 0, action->adopted_index);
    sb_out_index(j, "ready_index", action->ready_index != 0, action->ready_index);
    sb_out_index(j, "done_index", action->done_index != 0, action->done_index);
    sb_out_moment(j, "done_at_ms", action->done_ms);
    put_reason(q, action);
    put_says(q, "says_nb", SB_LANG_NB, action, m);
    put_says(q, "says_en", SB_LANG_EN, action, m);
    sb_action_put_details(j, q->kv, action, m);
    if (action->kind == SB_ACTION_CHARTER)
        put_changes(q, action);
    sb_json_end_object(j);
}

sb_err sb_query_actions(sb_query *q)
{
    sb_row_case only = {.no = 0};
    sb_err err = q->argc > 0 ? sb_query_case(q, q->args[0], &only) : SB_OK;
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    sb_row_case_action at = {.case_no = only.no};
    uint32_t prefix = only.no != 0 ? 1 : 0;
    if (q->part->from != 0) {
        at.case_no = only.no != 0 ? only.no : (uint32_t)(q->part->from >> 32);
        at.number = (uint32_t)q->part->from;
    }
    for (bool more = sb_row_case_action_next(q->kv, NULL, &at, true, prefix);
         more && sb_query_room(q, (uint64_t)at.case_no << 32 | at.number);
         more = sb_row_case_action_next(q->kv, NULL, &at, false, prefix)) {
        sb_row_action action = {.no = at.action};
        sb_row_case c = {.no = at.case_no};
        if (sb_row_action_get(q->kv, q->arena, &action) && sb_row_case_get(q->kv, q->arena, &c))
            put_action(q, &action, &c);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

/* ---- what became of a decision's actions ---- */

/* The next action that this question adopted. */
static bool next_of(sb_query *q, const sb_row_question *row, sb_row_case_action *at,
                    sb_row_action *out)
{
    while (sb_row_case_action_next(q->kv, NULL, at, false, 1)) {
        *out = (sb_row_action){.no = at->action};
        if (sb_row_action_get(q->kv, q->arena, out) && out->question == row->no)
            return true;
    }
    return false;
}

void sb_query_later_actions(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_row_case_action at = {.case_no = row->case_no};
    sb_row_action action;
    sb_json_key(j, "actions");
    sb_json_array(j);
    while (next_of(q, row, &at, &action)) {
        sb_json_object(j);
        sb_out_u64(j, "number", action.number);
        sb_out_hash(j, "id", action.id);
        sb_out_str(j, "kind", sb_action_kind_code(action.kind));
        sb_out_str(j, "status", sb_action_status_code(action.status));
        sb_out_index(j, "done_index", action.done_index != 0, action.done_index);
        sb_out_moment(j, "done_at_ms", action.done_ms);
        put_reason(q, &action);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_query_later_actions_text(sb_query *q, const sb_row_question *row, sb_lang lang, sb_buf *out)
{
    bool nb = lang == SB_LANG_NB;
    sb_row_case_action at = {.case_no = row->case_no};
    sb_row_action action;
    sb_fail why;
    while (next_of(q, row, &at, &action)) {
        const Sb__ActionPropose *m = sb_action_decode(q->arena, action.payload);
        if (m == NULL)
            continue;
        sb_buf_printf(out, "  %s %u: ", nb ? "Tiltak" : "Action", (unsigned)action.number);
        sb_action_say(out, lang, q->charter, &action, m);
        sb_buf_printf(out, " – %s", sb_action_status_word(action.status, lang));
        if (action.status == SB_ACTION_IN_FORCE) {
            sb_buf_str(out, nb ? " fra " : " since ");
            sb_text_wire_date(out, lang, sb_yyyymmdd_of(action.done_ms));
        } else if (reason_of(q, &action, &why)) {
            sb_buf_str(out, ": ");
            sb_text_fail(&why, lang, out);
        }
        sb_buf_str(out, ".\n");
    }
}

/* ---- versions of the charter ---- */

static void put_action_ref(sb_query *q, const char *key, uint32_t no)
{
    sb_json *j = q->j;
    sb_row_action action = {.no = no};
    sb_row_case c = {.no = 0};
    sb_json_key(j, key);
    if (no == 0 || !sb_row_action_get(q->kv, q->arena, &action)) {
        sb_json_null(j);
        return;
    }
    c.no = action.case_no;
    (void)sb_row_case_get(q->kv, q->arena, &c);
    sb_json_object(j);
    sb_out_hash(j, "id", action.id);
    sb_out_u64(j, "since_index", action.done_index);
    put_case_brief(q, &c);
    sb_json_end_object(j);
}

sb_err sb_query_charter_versions(sb_query *q)
{
    sb_json *j = q->j;
    sb_row_charter_version v = {.version = (uint32_t)q->part->from};
    sb_json_array(j);
    for (bool more = sb_row_charter_version_next(q->kv, NULL, &v, true, 0);
         more && sb_query_room(q, v.version);
         more = sb_row_charter_version_next(q->kv, NULL, &v, false, 0)) {
        sb_json_object(j);
        sb_out_u64(j, "version", v.version);
        sb_out_hash(j, "sha256", v.sha256);
        sb_out_u64(j, "bytes", v.bytes);
        sb_out_u64(j, "since_index", v.index);
        sb_out_str(j, "kind", v.kind == 0 ? "founding" : sb_action_kind_code(v.kind));
        put_action_ref(q, "action", v.action);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    return SB_OK;
}

/* A version number; without an argument the one in force. */
static sb_err version_arg(sb_query *q, uint32_t *version)
{
    sb_row_federation f = {0};
    (void)sb_row_federation_get(q->kv, q->arena, &f);
    *version = f.charter_version;
    if (q->argc == 0)
        return SB_OK;
    *version = 0;
    for (const char *c = q->args[0]; *c >= '0' && *c <= '9' && *version < 1000000; c++)
        *version = *version * 10 + (uint32_t)(*c - '0');
    sb_row_charter_version v = {.version = *version};
    return sb_row_charter_version_get(q->kv, NULL, &v)
               ? SB_OK
               : sb_fail_set(q->fail, SB_E_NOT_FOUND, q->args[0], NULL);
}

sb_err sb_query_charter_bytes(sb_query *q)
{
    uint32_t version;
    sb_json *j = q->j;
    sb_err err = version_arg(q, &version);
    if (err != SB_OK)
        return err;
    sb_slice bytes = sb_charter_bytes_of(q->kv, q->arena, version);
    uint8_t sha256[32];
    sb_hash(bytes, sha256);
    sb_json_object(j);
    sb_out_u64(j, "version", version);
    sb_out_hash(j, "sha256", sha256);
    sb_out_u64(j, "bytes", bytes.len);
    sb_json_key(j, "hex");
    sb_json_hex(j, bytes);
    sb_json_end_object(j);
    return SB_OK;
}

sb_err sb_query_charter_drafts(sb_query *q)
{
    sb_json *j = q->j;
    sb_row_charter_draft d = {.no = (uint32_t)q->part->from};
    sb_json_array(j);
    for (bool more = sb_row_charter_draft_next(q->kv, NULL, &d, true, 0);
         more && sb_query_room(q, d.no);
         more = sb_row_charter_draft_next(q->kv, NULL, &d, false, 0)) {
        sb_row_key key = {.no = d.key};
        (void)sb_row_key_get(q->kv, NULL, &key);
        sb_json_object(j);
        sb_out_hash(j, "id", d.id);
        sb_out_hash(j, "sha256", d.sha256);
        sb_out_u64(j, "bytes", d.bytes);
        sb_out_u64(j, "parts", d.parts);
        sb_out_u64(j, "parts_in", d.seen);
        sb_out_bool(j, "whole", d.whole_index != 0);
        sb_out_index(j, "base_version", d.whole_index != 0, d.base);
        sb_out_hash(j, "by", key.pk);
        sb_out_u64(j, "index", d.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    return SB_OK;
}

/* ---- bodies ---- */

static const char *body_of(const Sb__ActionPropose *m, sb_action_kind kind)
{
    switch (kind) {
    case SB_ACTION_BODY_CREATE:
        return m->body_create->body->id;
    case SB_ACTION_BODY_MANDATE:
        return m->body_mandate->body;
    case SB_ACTION_BODY_DISSOLVE:
        return m->body_dissolve->body;
    case SB_ACTION_CHARTER:
    case SB_ACTION_APPOINT:
    case SB_ACTION_KEY_REPLACE:
    case SB_ACTION_ORGANISATION:
    case SB_ACTION_ORGANISATION_REMOVE:
    case SB_ACTION_WITNESSING:
        break;
    }
    return "";
}

/* The last action of this kind that made a version and names the body; 0: none. */
static uint32_t maker(sb_query *q, sb_action_kind kind, const char *body)
{
    uint32_t found = 0;
    sb_row_charter_version v = {.version = 0};
    while (sb_row_charter_version_next(q->kv, NULL, &v, false, 0)) {
        sb_row_action action = {.no = v.action};
        if (v.kind != kind || !sb_row_action_get(q->kv, q->arena, &action))
            continue;
        const Sb__ActionPropose *m = sb_action_decode(q->arena, action.payload);
        if (m != NULL && strcmp(body_of(m, kind), body) == 0)
            found = action.no;
    }
    return found;
}

void sb_query_body_history(sb_query *q, const Sb__Body *body)
{
    sb_json *j = q->j;
    sb_out_bool(j, "may_create", body->may_create);
    sb_out_some(j, "create_cite", body->create_cite);
    sb_out_blob(j, "mandate", body->mandate_sha256.data, body->mandate_size);
    sb_out_bool(j, "dissolved", body->dissolved);
    put_action_ref(q, "created_by", maker(q, SB_ACTION_BODY_CREATE, body->id));
    put_action_ref(q, "mandated_by", maker(q, SB_ACTION_BODY_MANDATE, body->id));
    put_action_ref(q, "dissolved_by", maker(q, SB_ACTION_BODY_DISSOLVE, body->id));
}
