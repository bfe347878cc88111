/* What a person writes for a case, a meeting, a question or a body: an entry id, a number, a date.
 */
#include "proto/base/hash.h"
#include "proto/ledger/query_parts.h"

sb_err sb_query_arg(sb_query *q, const char *what, const char **arg)
{
    if (q->argc < 1 || q->args[0][0] == '\0')
        return sb_fail_set(q->fail, SB_E_QUERY_ARGUMENT, q->name, what, NULL);
    *arg = q->args[0];
    return SB_OK;
}

static sb_err not_found(sb_query *q, const char *ref)
{
    return sb_fail_set(q->fail, SB_E_NOT_FOUND, ref, NULL);
}

/* ASCII letters without regard to case. */
static bool same_word(const char *a, sb_slice b)
{
    for (size_t i = 0; i < b.len; i++) {
        char x = a[i], y = (char)b.data[i];
        if (x >= 'A' && x <= 'Z')
            x = (char)(x - 'A' + 'a');
        if (y >= 'A' && y <= 'Z')
            y = (char)(y - 'A' + 'a');
        if (x != y || x == '\0')
            return false;
    }
    return a[b.len] == '\0';
}

static uint32_t find_body(const Sb__Charter *charter, sb_slice word)
{
    for (uint32_t i = 0; i < charter->n_bodies; i++)
        if (same_word(charter->bodies[i]->id, word) ||
            same_word(charter->bodies[i]->short_name, word))
            return i;
    return SB_NONE;
}

sb_err sb_query_body(sb_query *q, uint32_t *body)
{
    *body = SB_NONE;
    if (q->argc < 1 || q->args[0][0] == '\0')
        return SB_OK;
    *body = find_body(q->charter, sb_slice_str(q->args[0]));
    return *body == SB_NONE ? not_found(q, q->args[0]) : SB_OK;
}

uint32_t sb_query_count(sb_query *q, sb_ref_kind kind)
{
    sb_row_counter row = {.kind = (uint8_t)kind};
    return sb_row_counter_get(q->kv, NULL, &row) ? row.last : 0;
}

/* An entry id in hex: the number of the thing; 0: no. */
static uint32_t find_id(sb_query *q, const char *ref, sb_ref_kind kind)
{
    uint8_t id[32];
    if (strlen(ref) != 64 || !sb_unhex(sb_slice_str(ref), id, 32))
        return 0;
    return sb_ref_find(q->kv, (ProtobufCBinaryData){32, id}, kind);
}

/* Split "ssu:rest". Without a colon *body is SB_NONE. False: no such body. */
static bool split(sb_query *q, const char *ref, uint32_t *body, const char **rest)
{
    const char *colon = strchr(ref, ':');
    *body = SB_NONE;
    *rest = ref;
    if (colon == NULL)
        return true;
    *rest = colon + 1;
    *body = find_body(q->charter, sb_slice_of(ref, (size_t)(colon - ref)));
    return *body != SB_NONE;
}

static bool read_number(const char **at, uint32_t *out)
{
    const char *p = *at;
    uint32_t v = 0;
    while (*p >= '0' && *p <= '9' && p - *at < 7)
        v = v * 10 + (uint32_t)(*p++ - '0');
    if (p == *at)
        return false;
    *at = p;
    *out = v;
    return true;
}

/* "04/22" or "4/2022". */
static bool read_case_number(const char *text, uint32_t *number, uint32_t *year)
{
    if (!read_number(&text, number) || *text++ != '/' || !read_number(&text, year) || *text != '\0')
        return false;
    if (*year < 100)
        *year += 2000;
    return true;
}

sb_err sb_query_case(sb_query *q, const char *ref, sb_row_case *out)
{
    uint32_t body, number, year;
    const char *rest;
    *out = (sb_row_case){.no = find_id(q, ref, SB_REF_CASE)};
    if (out->no != 0 && sb_row_case_get(q->kv, q->arena, out))
        return SB_OK;
    if (!split(q, ref, &body, &rest) || !read_case_number(rest, &number, &year))
        return not_found(q, ref);
    sb_row_case_number row = {.year = year, .number = number};
    uint32_t found = 0;
    for (bool more = sb_row_case_number_next(q->kv, NULL, &row, true, 2); more;
         more = sb_row_case_number_next(q->kv, NULL, &row, false, 2)) {
        if (body != SB_NONE && row.body != body)
            continue;
        if (found != 0)
            return sb_fail_set(q->fail, SB_E_QUERY_AMBIGUOUS, rest,
                               sb_body_words(q->charter, row.body)->id, NULL);
        sb_row_agenda item = {.meeting = row.meeting, .item = row.item};
        if (sb_row_agenda_get(q->kv, NULL, &item))
            found = item.case_no;
    }
    *out = (sb_row_case){.no = found};
    return found != 0 && sb_row_case_get(q->kv, q->arena, out) ? SB_OK : not_found(q, ref);
}

sb_err sb_query_meeting(sb_query *q, const char *ref, sb_row_meeting *out)
{
    uint32_t body;
    const char *rest;
    sb_date date;
    *out = (sb_row_meeting){.no = find_id(q, ref, SB_REF_MEETING)};
    if (out->no != 0 && sb_row_meeting_get(q->kv, NULL, out))
        return SB_OK;
    if (!split(q, ref, &body, &rest) || !sb_date_parse_iso(sb_slice_str(rest), &date))
        return not_found(q, ref);
    uint32_t found = 0, of_body = SB_NONE;
    for (uint32_t b = 0; b < q->charter->n_bodies; b++) {
        if (body != SB_NONE && b != body)
            continue;
        /* called twice for one day: the last call */
        sb_row_body_meeting row = {.body = b, .date = sb_date_number(date)};
        for (bool more = sb_row_body_meeting_next(q->kv, NULL, &row, true, 2); more;
             more = sb_row_body_meeting_next(q->kv, NULL, &row, false, 2)) {
            if (found != 0 && of_body != b)
                return sb_fail_set(q->fail, SB_E_QUERY_AMBIGUOUS, rest,
                                   sb_body_words(q->charter, b)->id, NULL);
            found = row.meeting;
            of_body = b;
        }
    }
    *out = (sb_row_meeting){.no = found};
    return found != 0 && sb_row_meeting_get(q->kv, NULL, out) ? SB_OK : not_found(q, ref);
}

sb_err sb_query_question(sb_query *q, const char *ref, sb_row_question *out)
{
    *out = (sb_row_question){.no = find_id(q, ref, SB_REF_QUESTION)};
    if (out->no != 0 && sb_row_question_get(q->kv, NULL, out))
        return SB_OK;
    sb_row_case c;
    sb_err err = sb_query_case(q, ref, &c);
    if (err != SB_OK)
        return err;
    /* the last question of the case */
    uint32_t found = 0;
    sb_row_case_meeting at = {.case_no = c.no};
    for (bool more = sb_row_case_meeting_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_case_meeting_next(q->kv, NULL, &at, false, 1)) {
        sb_row_item_question row = {.meeting = at.meeting, .item = at.item};
        for (bool next = sb_row_item_question_next(q->kv, NULL, &row, true, 2); next;
             next = sb_row_item_question_next(q->kv, NULL, &row, false, 2))
            found = row.question > found ? row.question : found;
    }
    *out = (sb_row_question){.no = found};
    return found != 0 && sb_row_question_get(q->kv, NULL, out) ? SB_OK : not_found(q, ref);
}
