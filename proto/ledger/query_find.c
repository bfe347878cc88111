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

uint32_t sb_query_first(const sb_query *q)
{
    uint64_t from = q->part->from;
    return from == 0 ? 1 : from < SB_NONE ? (uint32_t)from : SB_NONE;
}

bool sb_query_room(sb_query *q, uint64_t place)
{
    /* each part has at least one place, however little room there is */
    if (place <= q->part->from || q->j->out->len - q->begin <= q->part->bytes_max)
        return true;
    q->part->next = place;
    return false;
}

/* The first digits of an entry id, at least this many. */
enum { ID_DIGITS_MIN = 4 };

static bool is_begun_id(const char *ref)
{
    size_t len = strspn(ref, "0123456789abcdefABCDEF");
    return ref[len] == '\0' && len >= ID_DIGITS_MIN && len <= 64;
}

/* An entry id in hex, or its first digits: the number of the thing; *number 0: no.
 * Errors: SB_E_QUERY_SEVERAL. */
static sb_err find_id(sb_query *q, const char *ref, sb_ref_kind kind, uint32_t *number)
{
    sb_row_ref row = {.kind = 0};
    char digits[65], first[65] = "", lowest[65];
    *number = 0;
    if (!is_begun_id(ref))
        return SB_OK;
    size_t len = strlen(ref);
    memset(lowest, '0', sizeof lowest);
    memcpy(lowest, ref, len);
    (void)sb_unhex(sb_slice_of(lowest, 64), row.id, 32);
    sb_hex(sb_slice_of(row.id, 32), lowest); /* in small letters */
    for (bool more = sb_row_ref_next(q->kv, NULL, &row, true, 0); more;
         more = sb_row_ref_next(q->kv, NULL, &row, false, 0)) {
        sb_hex(sb_slice_of(row.id, 32), digits);
        if (memcmp(digits, lowest, len) != 0)
            break;
        if (row.kind != kind)
            continue;
        if (*number != 0)
            return sb_fail_set(q->fail, SB_E_QUERY_SEVERAL, ref,
                               sb_arena_printf(q->arena, "%.12s, %.12s", first, digits), NULL);
        *number = row.number;
        memcpy(first, digits, sizeof first);
    }
    return SB_OK;
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
    *out = (sb_row_case){.no = 0};
    sb_err err = find_id(q, ref, SB_REF_CASE, &out->no);
    if (err != SB_OK || (out->no != 0 && sb_row_case_get(q->kv, q->arena, out)))
        return err;
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

sb_err sb_query_maybe_case(sb_query *q, size_t argument, sb_row_case *out)
{
    *out = (sb_row_case){.no = 0};
    return q->argc > argument && q->args[argument][0] != '\0'
               ? sb_query_case(q, q->args[argument], out)
               : SB_OK;
}

sb_err sb_query_meeting(sb_query *q, const char *ref, sb_row_meeting *out)
{
    uint32_t body;
    const char *rest;
    sb_date date;
    *out = (sb_row_meeting){.no = 0};
    sb_err err = find_id(q, ref, SB_REF_MEETING, &out->no);
    if (err != SB_OK || (out->no != 0 && sb_row_meeting_get(q->kv, NULL, out)))
        return err;
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
    *out = (sb_row_question){.no = 0};
    sb_err err = find_id(q, ref, SB_REF_QUESTION, &out->no);
    if (err != SB_OK || (out->no != 0 && sb_row_question_get(q->kv, NULL, out)))
        return err;
    sb_row_case c;
    err = sb_query_case(q, ref, &c);
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
