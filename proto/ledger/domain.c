#include "proto/ledger/attendance.h"

#include "proto/base/hash.h"
#include "proto/ledger/actions.h"

/* ---- resolving ---- */

sb_err sb_case_need(sb_step *s, ProtobufCBinaryData id, sb_row_case *out)
{
    sb_err err = sb_ref_need(s, id, SB_REF_CASE, &out->no);
    if (err == SB_OK && !sb_row_case_get(s->kv, s->arena, out))
        err = SB_E_LEDGER_STATE;
    return err;
}

sb_err sb_meeting_need(sb_step *s, ProtobufCBinaryData id, sb_row_meeting *out)
{
    sb_err err = sb_ref_need(s, id, SB_REF_MEETING, &out->no);
    if (err == SB_OK && !sb_row_meeting_get(s->kv, s->arena, out))
        err = SB_E_LEDGER_STATE;
    return err;
}

sb_err sb_question_need(sb_step *s, ProtobufCBinaryData id, sb_row_question *out)
{
    sb_err err = sb_ref_need(s, id, SB_REF_QUESTION, &out->no);
    if (err == SB_OK && !sb_row_question_get(s->kv, s->arena, out))
        err = SB_E_LEDGER_STATE;
    return err;
}

sb_err sb_draft_need(sb_step *s, ProtobufCBinaryData id, sb_row_draft *out)
{
    sb_err err = sb_ref_need(s, id, SB_REF_DRAFT, &out->no);
    if (err == SB_OK && !sb_row_draft_get(s->kv, s->arena, out))
        err = SB_E_LEDGER_STATE;
    return err;
}

sb_err sb_task_need(sb_step *s, ProtobufCBinaryData id, sb_row_task *out)
{
    sb_err err = sb_ref_need(s, id, SB_REF_TASK, &out->no);
    if (err == SB_OK && !sb_row_task_get(s->kv, s->arena, out))
        err = SB_E_LEDGER_STATE;
    return err;
}

sb_err sb_body_need(sb_step *s, const char *id, uint32_t *body)
{
    *body = sb_body_find(s->charter, id);
    if (*body == SB_NONE)
        return sb_fail_set(s->fail, SB_E_LEDGER_BODY_UNKNOWN, id, NULL);
    return sb_body_live_need(s, *body);
}

sb_err sb_seat_in_body(sb_step *s, const char *id, uint32_t body, sb_row_seat *out)
{
    sb_err err = sb_seat_need(s, id, out);
    if (err == SB_OK && out->body != body)
        err = sb_fail_set(s->fail, SB_E_LEDGER_SEAT_OTHER_BODY, id, sb_body_short(s->charter, body),
                          NULL);
    return err;
}

sb_err sb_seat_in_meeting(sb_step *s, const char *id, const sb_row_meeting *meeting,
                          sb_row_seat *out)
{
    sb_err err = sb_seat_in_body(s, id, meeting->body, out);
    uint64_t opened = meeting->opened_index == 0 ? SB_NOW : meeting->opened_index;
    if (err == SB_OK && out->gone != 0 && out->gone < opened)
        err = sb_fail_set(s->fail, SB_E_LEDGER_SEAT_GONE, id, NULL);
    return err;
}

bool sb_agenda_find(sb_kv *kv, const sb_row_meeting *meeting, uint32_t case_no, sb_row_agenda *out)
{
    *out = (sb_row_agenda){.meeting = meeting->no};
    for (bool more = sb_row_agenda_next(kv, NULL, out, true, 1); more;
         more = sb_row_agenda_next(kv, NULL, out, false, 1)) {
        if (out->case_no == case_no)
            return true;
    }
    return false;
}

sb_err sb_agenda_need(sb_step *s, const sb_row_meeting *meeting, const sb_row_case *c,
                      sb_row_agenda *out)
{
    if (c->meeting == meeting->no && c->item != 0) {
        *out = (sb_row_agenda){.meeting = meeting->no, .item = c->item};
        if (sb_row_agenda_get(s->kv, NULL, out))
            return SB_OK;
    }
    if (sb_agenda_find(s->kv, meeting, c->no, out))
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_NOT_ON_AGENDA, sb_case_label(s->arena, c),
                       sb_meeting_label(s->arena, s->charter, meeting),
                       sb_cite(sb_body_words(s->charter, meeting->body)->bar_cite), NULL);
}

sb_err sb_meeting_begun_need(sb_step *s, const sb_row_meeting *meeting)
{
    if (meeting->status != SB_MEETING_CALLED)
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_MEETING_NOT_OPEN,
                       sb_meeting_label(s->arena, s->charter, meeting), NULL);
}

sb_err sb_case_free_need(sb_step *s, const sb_row_case *c)
{
    if (c->status == SB_CASE_WITHDRAWN)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_WITHDRAWN, sb_case_label(s->arena, c), NULL);
    if (c->question != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_QUESTION_OPEN, sb_case_label(s->arena, c),
                           NULL);
    return SB_OK;
}

bool sb_case_decided(sb_kv *kv, const sb_row_case *c)
{
    sb_row_agenda item = {.meeting = c->meeting, .item = c->item};
    return c->status == SB_CASE_TREATED || (c->meeting != 0 && sb_row_agenda_get(kv, NULL, &item) &&
                                            sb_outcome_decides(item.outcome));
}

sb_err sb_case_undecided_need(sb_step *s, const sb_row_case *c)
{
    sb_err err = sb_case_free_need(s, c);
    if (err == SB_OK && sb_case_decided(s->kv, c))
        err = sb_fail_set(s->fail, SB_E_LEDGER_CASE_DECIDED, sb_case_label(s->arena, c), NULL);
    return err;
}

sb_err sb_meeting_open_need(sb_step *s, const sb_row_meeting *meeting)
{
    if (meeting->status == SB_MEETING_CLOSED)
        return sb_fail_set(s->fail, SB_E_LEDGER_MEETING_CLOSED,
                           sb_meeting_label(s->arena, s->charter, meeting), NULL);
    return sb_meeting_begun_need(s, meeting);
}

sb_err sb_meeting_case_need(sb_step *s, ProtobufCBinaryData meeting_id, ProtobufCBinaryData case_id,
                            sb_row_meeting *meeting, sb_row_case *c, sb_row_agenda *item)
{
    sb_err err = sb_meeting_need(s, meeting_id, meeting);
    if (err != SB_OK || (err = sb_case_need(s, case_id, c)) != SB_OK)
        return err;
    sb_scope scope = sb_scope_meeting(s, meeting, c->no);
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_meeting_open_need(s, meeting)) != SB_OK)
        return err;
    return sb_agenda_need(s, meeting, c, item);
}

sb_scope sb_scope_body(uint32_t body)
{
    return (sb_scope){.body = body};
}

uint32_t sb_chair_of(sb_kv *kv, uint32_t meeting, uint32_t case_no)
{
    sb_row_chair chair = {.meeting = meeting, .case_no = case_no};
    if (sb_row_chair_get(kv, NULL, &chair))
        return chair.seat;
    chair.case_no = 0;
    return sb_row_chair_get(kv, NULL, &chair) ? chair.seat : 0;
}

sb_scope sb_scope_meeting(sb_step *s, const sb_row_meeting *meeting, uint32_t case_no)
{
    sb_scope scope = {.body = meeting->body,
                      .chair_seat = sb_chair_of(s->kv, meeting->no, case_no)};
    if (scope.chair_seat != 0) {
        scope.chair_role = sb_representative(s->kv, meeting->no, scope.chair_seat, case_no).role;
        if (scope.chair_role == 0) /* not registered yet, or gone: the seat's own member */
            scope.chair_role = SB__SEAT_ROLE__SEAT_ROLE_PRIMARY;
    }
    return scope;
}

/* ---- words ---- */

const Sb__Body *sb_body_words(const Sb__Charter *charter, uint32_t body)
{
    return charter->bodies[body];
}

const char *sb_cite(const char *cite)
{
    return cite[0] != '\0' ? cite : "vedtektene";
}

const char *sb_minutes_name(const Sb__Charter *charter, uint32_t body)
{
    const char *name = charter->bodies[body]->minutes_name;
    return name[0] != '\0' ? name : "referat";
}

const char *sb_partner_id(const Sb__Charter *charter, uint32_t partner)
{
    return partner == SB_NONE ? "" : charter->partners[partner]->id;
}

const char *sb_body_short(const Sb__Charter *charter, uint32_t body)
{
    const Sb__Body *words = charter->bodies[body];
    return words->short_name[0] != '\0' ? words->short_name : words->name;
}

const char *sb_number_label(sb_arena *arena, uint32_t number, uint32_t year)
{
    if (number == 0)
        return "";
    return sb_arena_printf(arena, "%02u/%02u", (unsigned)number, (unsigned)(year % 100));
}

const char *sb_case_label(sb_arena *arena, const sb_row_case *c)
{
    if (c->number != 0)
        return sb_number_label(arena, c->number, c->year);
    return sb_arena_printf(arena, "«%s»", c->title);
}

const char *sb_meeting_label(sb_arena *arena, const Sb__Charter *charter,
                             const sb_row_meeting *meeting)
{
    return sb_arena_printf(arena, "%s %02u.%02u.%04u", sb_body_short(charter, meeting->body),
                           (unsigned)(meeting->date % 100), (unsigned)(meeting->date / 100 % 100),
                           (unsigned)(meeting->date / 10000));
}

/* ---- blobs and clauses ---- */

void sb_blob_set(uint8_t sha256[32], uint64_t *size, const Sb__BlobRef *ref)
{
    memset(sha256, 0, 32);
    *size = 0;
    if (ref == NULL || ref->sha256.len != 32)
        return;
    memcpy(sha256, ref->sha256.data, 32);
    *size = ref->size;
}

const char **sb_clauses_of(sb_kv *kv, sb_arena *arena, const sb_row_case *c)
{
    const char **clauses = SB_ARENA_ARRAY(arena, const char *, c->clauses + 1);
    for (uint32_t i = 0; i < c->clauses; i++) {
        sb_row_clause row = {.case_no = c->no, .number = i + 1};
        clauses[i] = sb_row_clause_get(kv, arena, &row) ? row.text : "";
    }
    return clauses;
}

void sb_clauses_put(sb_kv *kv, sb_row_case *c, const char *const *clauses, size_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sb_row_clause row = {.case_no = c->no, .number = i + 1, .text = clauses[i]};
        sb_row_clause_put(kv, &row);
    }
    for (uint32_t i = (uint32_t)count; i < c->clauses; i++) {
        sb_row_clause row = {.case_no = c->no, .number = i + 1};
        sb_row_clause_del(kv, &row);
    }
    c->clauses = (uint32_t)count;
    sb_wording_of(kv, c);
}

void sb_wording_of(sb_kv *kv, sb_row_case *c)
{
    sb_arena arena;
    sb_arena_init(&arena);
    uint32_t count = sb_attached_count(kv, c->no, 0), n = 0;
    uint8_t(*attached)[32] = sb_arena_alloc(&arena, (size_t)(count + 1) * 32);
    sb_row_case_attached row = {.case_no = c->no};
    for (bool more = sb_row_case_attached_next(kv, NULL, &row, true, 1); more && n < count;
         more = sb_row_case_attached_next(kv, NULL, &row, false, 1))
        memcpy(attached[n++], row.id, 32);
    sb_wording_hash(c->id, sb_clauses_of(kv, &arena, c), c->clauses, (const uint8_t(*)[32])attached,
                    n, c->wording);
    sb_arena_deinit(&arena);
}

uint32_t sb_attached_count(sb_kv *kv, uint32_t case_no, sb_attached_kind kind)
{
    uint32_t count = 0, prefix = kind == 0 ? 1 : 2;
    sb_row_case_attached row = {.case_no = case_no, .kind = (uint8_t)kind};
    for (bool more = sb_row_case_attached_next(kv, NULL, &row, true, prefix); more;
         more = sb_row_case_attached_next(kv, NULL, &row, false, prefix))
        count++;
    return count;
}

void sb_case_attach(sb_kv *kv, sb_row_case *c, sb_attached_kind kind, uint32_t number,
                    const uint8_t id[32])
{
    sb_row_case_attached row = {.case_no = c->no, .kind = (uint8_t)kind, .number = number};
    memcpy(row.id, id, 32);
    sb_row_case_attached_put(kv, &row);
    sb_wording_of(kv, c);
}

void sb_case_detach(sb_kv *kv, sb_row_case *c, sb_attached_kind kind, uint32_t number)
{
    sb_row_case_attached row = {.case_no = c->no, .kind = (uint8_t)kind, .number = number};
    sb_row_case_attached_del(kv, &row);
    sb_wording_of(kv, c);
}

void sb_item_clauses_put(sb_kv *kv, uint32_t meeting, uint32_t item, sb_clause_kind kind,
                         const char *const *clauses, size_t count)
{
    sb_row_item_clause row = {.meeting = meeting, .item = item, .kind = (uint8_t)kind};
    for (size_t i = 0; i < count; i++) {
        row.number = (uint32_t)i + 1;
        row.text = clauses[i];
        sb_row_item_clause_put(kv, &row);
    }
    for (row.number = (uint32_t)count + 1; sb_kv_error(kv) == SB_OK; row.number++) {
        sb_arena arena;
        sb_arena_init(&arena);
        bool found = sb_row_item_clause_get(kv, &arena, &row);
        sb_arena_deinit(&arena);
        if (!found)
            break;
        sb_row_item_clause_del(kv, &row);
    }
}

size_t sb_item_clauses_get(sb_kv *kv, sb_arena *arena, uint32_t meeting, uint32_t item,
                           sb_clause_kind kind, const char ***out)
{
    const char **clauses = SB_ARENA_ARRAY(arena, const char *, SB_CLAUSES_MAX);
    sb_row_item_clause row = {.meeting = meeting, .item = item, .kind = (uint8_t)kind};
    size_t count = 0;
    for (row.number = 1; count < SB_CLAUSES_MAX && sb_row_item_clause_get(kv, arena, &row);
         row.number++)
        clauses[count++] = row.text;
    *out = clauses;
    return count;
}

/* ---- seats ---- */

static size_t collect_seats(sb_kv *kv, sb_arena *arena, uint32_t body, uint64_t index,
                            bool voting_only, sb_row_seat **out)
{
    size_t count = 0;
    sb_row_body_seat at = {.body = body};
    for (bool more = sb_row_body_seat_next(kv, NULL, &at, true, 1); more;
         more = sb_row_body_seat_next(kv, NULL, &at, false, 1))
        count++;
    sb_row_seat *seats = SB_ARENA_ARRAY(arena, sb_row_seat, count);
    size_t n = 0;
    at = (sb_row_body_seat){.body = body};
    for (bool more = sb_row_body_seat_next(kv, NULL, &at, true, 1); more && n < count;
         more = sb_row_body_seat_next(kv, NULL, &at, false, 1)) {
        seats[n] = (sb_row_seat){.no = at.seat};
        if (sb_row_seat_get(kv, arena, &seats[n]) && sb_seat_at(&seats[n], index) &&
            (!voting_only || seats[n].voting))
            n++;
    }
    *out = seats;
    return n;
}

size_t sb_electorate_at(sb_kv *kv, sb_arena *arena, uint32_t body, uint64_t index,
                        sb_row_seat **out)
{
    return collect_seats(kv, arena, body, index, true, out);
}

size_t sb_seats_at(sb_kv *kv, sb_arena *arena, uint32_t body, uint64_t index, sb_row_seat **out)
{
    return collect_seats(kv, arena, body, index, false, out);
}
