/* The names of queries, and those about the federation itself. */
#include "proto/ledger/query.h"

#include "proto/base/hash.h"
#include "proto/ledger/query_parts.h"

static const char *phase_code(sb_ledger_phase phase)
{
    switch (phase) {
    case SB_PHASE_EMPTY:
        return "empty";
    case SB_PHASE_CHARTER:
        return "charter";
    case SB_PHASE_ACCEPTING:
        return "accepting";
    case SB_PHASE_RUNNING:
        return "running";
    }
    return NULL;
}

static sb_err query_status(sb_query *q)
{
    sb_json *j = q->j;
    sb_ledger_position at;
    uint8_t id[32] = {0};
    char origin[160] = "";
    uint64_t seal_index = 0, sealed_size = 0, due = 0;
    sb_ledger_position_get(q->l, &at);
    bool founded = sb_ledger_federation_id(q->l, id);
    (void)sb_ledger_origin(q->l, origin, sizeof origin);
    bool sealed = sb_ledger_last_seal(q->l, &seal_index, &sealed_size);
    sb_row_federation f = {0};
    (void)sb_row_federation_get(q->kv, q->arena, &f);
    sb_json_object(j);
    sb_out_u64(j, "size", at.size);
    sb_out_hash(j, "root", at.root);
    sb_out_hash(j, "digest", at.digest);
    sb_out_moment(j, "time_ms", at.last_time_ms);
    sb_out_str(j, "phase", phase_code(sb_ledger_phase_get(q->l)));
    sb_json_key(j, "federation_id");
    if (founded)
        sb_json_hex(j, sb_slice_of(id, 32));
    else
        sb_json_null(j);
    sb_out_some(j, "slug", f.slug);
    sb_out_str(j, "name", q->charter == NULL ? NULL : q->charter->name);
    sb_out_bool(j, "rehearsal", q->charter != NULL && q->charter->rehearsal);
    sb_out_u64(j, "engine", SB_ENGINE);
    sb_out_u64(j, "charter_version", f.charter_version);
    sb_out_u64(j, "term", sb_ledger_term(q->l));
    sb_out_some(j, "origin", origin);
    sb_json_key(j, "last_seal");
    if (sealed) {
        sb_json_object(j);
        sb_out_u64(j, "index", seal_index);
        sb_out_u64(j, "size", sealed_size);
        sb_json_end_object(j);
    } else {
        sb_json_null(j);
    }
    sb_out_moment(j, "earliest_deadline_ms", sb_ledger_earliest_deadline(q->l, &due) ? due : 0);
    sb_out_u64(j, "organisations", sb_ledger_org_count(q->l));
    sb_query_predecessor(q);
    sb_json_end_object(j);
    return SB_OK;
}

static const char *key_kind_code(uint8_t kind)
{
    static const char *const codes[] = {NULL, "authority", "witness", "recovery", "log", "device"};
    return kind < sizeof codes / sizeof codes[0] ? codes[kind] : NULL;
}

static const char *key_status_code(uint8_t status)
{
    static const char *const codes[] = {NULL, "in_force", "revoked", "replaced", "waiting"};
    return status < sizeof codes / sizeof codes[0] ? codes[status] : NULL;
}

static void put_places(sb_query *q, uint32_t key)
{
    sb_json *j = q->j;
    sb_json_key(j, "places");
    sb_json_array(j);
    sb_row_place place = {.key = key};
    for (bool more = sb_row_place_next(q->kv, NULL, &place, true, 1); more;
         more = sb_row_place_next(q->kv, NULL, &place, false, 1)) {
        sb_row_seat seat = {.no = place.number};
        sb_json_object(j);
        if (place.kind == SB_PLACE_SEAT && sb_row_seat_get(q->kv, q->arena, &seat)) {
            sb_out_str(j, "seat", seat.id);
            sb_out_str(j, "role", sb_text_code(SB_TEXT_SEAT_ROLE, place.role));
            sb_out_str(j, "body", sb_body_words(q->charter, seat.body)->id);
        } else {
            sb_out_str(j, "office", q->charter->offices[place.number]->id);
        }
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static sb_err query_key(sb_query *q)
{
    const char *arg;
    uint8_t pk[32];
    sb_row_key key;
    sb_err err = sb_query_arg(q, "PK", &arg);
    if (err != SB_OK)
        return err;
    if (!sb_unhex(sb_slice_str(arg), pk, 32) || !sb_key_find(q->kv, pk, &key))
        return sb_fail_set(q->fail, SB_E_NOT_FOUND, arg, NULL);
    sb_json *j = q->j;
    uint64_t last_seq = 0, last_anchor = 0;
    (void)sb_ledger_signer(q->l, pk, &last_seq, &last_anchor);
    sb_json_object(j);
    sb_out_hash(j, "pk", pk);
    sb_out_str(j, "kind", key_kind_code(key.kind));
    sb_out_str(j, "status", key_status_code(key.status));
    sb_out_str(j, "organisation",
               q->charter != NULL && key.org < q->charter->n_organisations
                   ? q->charter->organisations[key.org]->id
                   : NULL);
    sb_out_u64(j, "last_seq", last_seq);
    sb_out_u64(j, "last_anchor", last_anchor);
    put_places(q, key.no);
    sb_json_end_object(j);
    return SB_OK;
}

static const struct {
    const char *name;
    sb_query_fn answer;
    bool needs_charter;
} queries[] = {
    {"status", query_status, false},
    {"charter", sb_query_charter, true},
    {"charter-versions", sb_query_charter_versions, true},
    {"charter-bytes", sb_query_charter_bytes, true},
    {"charter-drafts", sb_query_charter_drafts, true},
    {"actions", sb_query_actions, true},
    {"bodies", sb_query_bodies, true},
    {"seats", sb_query_seats, true},
    {"members", sb_query_members, true},
    {"vacancies", sb_query_vacancies, true},
    {"cases", sb_query_cases, true},
    {"case", sb_query_one_case, true},
    {"meetings", sb_query_meetings, true},
    {"meeting", sb_query_one_meeting, true},
    {"questions", sb_query_questions, true},
    {"question", sb_query_one_question, true},
    {"decisions", sb_query_decisions, true},
    {"certificate", sb_query_certificate, true},
    {"tasks", sb_query_tasks, true},
    {"candidates", sb_query_candidates, true},
    {"disputes", sb_query_disputes, true},
    {"minutes", sb_query_minutes, true},
    {"key", query_key, false},
    {"deadlines", sb_query_deadlines, true},
    {"plan", sb_query_plan, true},
    {"conditions", sb_query_conditions, true},
    {"inputs", sb_query_inputs, true},
    {"erased", sb_query_erased, true},
    {"policy", sb_query_policy, true},
    {"membership", sb_query_membership, true},
};

const char *const sb_query_names[] = {"status",
                                      "charter",
                                      "bodies",
                                      "seats",
                                      "members",
                                      "vacancies",
                                      "cases",
                                      "case",
                                      "meetings",
                                      "meeting",
                                      "questions",
                                      "question",
                                      "decisions",
                                      "certificate",
                                      "tasks",
                                      "minutes",
                                      "key",
                                      "deadlines",
                                      "plan",
                                      "conditions",
                                      "inputs",
                                      "erased",
                                      "candidates",
                                      "disputes",
                                      "actions",
                                      "charter-bytes",
                                      "charter-drafts",
                                      "charter-versions",
                                      "policy",
                                      "membership",
                                      NULL};

sb_err sb_ledger_query_part(sb_ledger *l, const char *name, const char *const *args, size_t argc,
                            sb_query_part *part, sb_buf *json, sb_fail *fail)
{
    size_t before = json->len;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_json j;
    sb_json_begin(&j, json);
    part->next = 0;
    sb_query q = {.l = l,
                  .kv = sb_ledger_kv(l),
                  .arena = &arena,
                  .charter = sb_ledger_charter(l),
                  .j = &j,
                  .fail = fail,
                  .part = part,
                  .begin = before,
                  .name = name,
                  .args = args,
                  .argc = argc};
    sb_err err = sb_fail_set(fail, SB_E_QUERY_UNKNOWN, name, NULL);
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        if (strcmp(queries[i].name, name) != 0)
            continue;
        if (queries[i].needs_charter && q.charter == NULL)
            err = sb_fail_set(fail, SB_E_NOT_FOUND, "charter", NULL);
        else
            err = queries[i].answer(&q);
        break;
    }
    if (err == SB_OK && sb_kv_error(q.kv) != SB_OK)
        err = sb_fail_set(fail, SB_E_LEDGER_STATE, "kv", NULL);
    if (err == SB_OK && fail != NULL)
        *fail = (sb_fail){.code = SB_OK};
    if (err != SB_OK)
        json->len = before;
    sb_arena_deinit(&arena);
    return err;
}

sb_err sb_ledger_query(sb_ledger *l, const char *name, const char *const *args, size_t argc,
                       sb_buf *json, sb_fail *fail)
{
    sb_query_part whole = {.bytes_max = SIZE_MAX};
    return sb_ledger_query_part(l, name, args, argc, &whole, json, fail);
}
