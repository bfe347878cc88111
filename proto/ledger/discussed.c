/* CASE_DISCUSS, and what "after discussion in an earlier meeting" means (RULES.md; § 7): in an
 * earlier closed meeting the case was marked as discussed, or a question on it closed with an
 * outcome of its own. */
#include "proto/base/hash.h"
#include "proto/ledger/actions.h"
#include "proto/ledger/case_parts.h"
#include "proto/ledger/certificate.h"
#include "proto/ledger/clause_pairs.h"
#include "proto/ledger/handlers.h"
#include "proto/ledger/out.h"

bool sb_outcome_discusses(uint32_t outcome)
{
    switch ((int)outcome) {
    case SB__OUTCOME__OUTCOME_ADOPTED:
    case SB__OUTCOME__OUTCOME_FALLEN:
    case SB__OUTCOME__OUTCOME_NO_CONSENSUS:
    case SB__OUTCOME__OUTCOME_NOTED:
    case SB__OUTCOME__OUTCOME_ELECTED:
    case SB__OUTCOME__OUTCOME_TIED:
    case SB__OUTCOME__OUTCOME_POLLED:
        return true;
    case SB__OUTCOME__OUTCOME_POSTPONED:
    case SB__OUTCOME__OUTCOME_WITHDRAWN:
    case SB__OUTCOME__OUTCOME_NOT_QUORATE:
        return false;
    }
    return false;
}

bool sb_discussed_find(sb_kv *kv, uint32_t case_no, uint32_t meeting, sb_row_discussed *out)
{
    bool found = false;
    sb_row_meeting this = {.no = meeting};
    uint64_t before = sb_row_meeting_get(kv, NULL, &this) && this.opened_index != 0
                          ? this.opened_index
                          : UINT64_MAX;
    sb_row_discussed row = {.case_no = case_no};
    for (bool more = sb_row_discussed_next(kv, NULL, &row, true, 1); more;
         more = sb_row_discussed_next(kv, NULL, &row, false, 1)) {
        sb_row_meeting at = {.no = row.meeting};
        if (row.meeting == meeting || !sb_row_meeting_get(kv, NULL, &at) ||
            at.status != SB_MEETING_CLOSED || at.closed_index > before ||
            (found && row.index < out->index))
            continue;
        *out = row;
        found = true;
    }
    return found;
}

bool sb_discussed_earlier(sb_kv *kv, uint32_t case_no, uint32_t meeting)
{
    sb_row_discussed row;
    return sb_discussed_find(kv, case_no, meeting, &row);
}

/* ---- writing ---- */

static void put_clauses(sb_step *s, const sb_row_discussed *row, const sb_row_case *c,
                        uint32_t clauses_before)
{
    const char **clauses = sb_clauses_of(s->kv, s->arena, c);
    for (uint32_t n = 1; n <= c->clauses || n <= clauses_before; n++) {
        sb_row_discussed_clause at = {
            .case_no = row->case_no, .meeting = row->meeting, .number = n};
        at.text = n <= c->clauses ? clauses[n - 1] : "";
        if (n <= c->clauses)
            sb_row_discussed_clause_put(s->kv, &at);
        else
            sb_row_discussed_clause_del(s->kv, &at);
    }
}

static void put_attached(sb_step *s, const sb_row_discussed *row)
{
    uint32_t count = 0;
    sb_row_discussed_attached at = {.case_no = row->case_no, .meeting = row->meeting};
    sb_row_case_attached now = {.case_no = row->case_no};
    for (bool more = sb_row_case_attached_next(s->kv, NULL, &now, true, 1); more;
         more = sb_row_case_attached_next(s->kv, NULL, &now, false, 1)) {
        at.n = ++count;
        memcpy(at.id, now.id, 32);
        sb_row_discussed_attached_put(s->kv, &at);
    }
    for (at.n = count + 1; sb_row_discussed_attached_get(s->kv, NULL, &at); at.n++)
        sb_row_discussed_attached_del(s->kv, &at);
}

void sb_discussed_put(sb_step *s, uint32_t meeting, uint32_t item, const sb_row_case *c,
                      bool by_entry)
{
    sb_row_discussed row = {.case_no = c->no, .meeting = meeting};
    (void)sb_row_discussed_get(s->kv, NULL, &row);
    uint32_t before = row.clauses;
    row.item = item;
    row.clauses = c->clauses;
    row.by_entry = by_entry;
    row.index = s->index;
    memcpy(row.wording, c->wording, 32);
    sb_row_discussed_put(s->kv, &row);
    put_clauses(s, &row, c, before);
    put_attached(s, &row);
}

/* ---- CASE_DISCUSS ---- */

sb_err sb_check_case_discuss(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseDiscuss *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_case c;
    sb_row_agenda item;
    sb_err err = sb_meeting_case_need(s, m->meeting_id, m->case_id, &meeting, &c, &item);
    if (err != SB_OK)
        return err;
    const char *label = sb_case_label(s->arena, &c);
    if (c.status == SB_CASE_WITHDRAWN)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_WITHDRAWN, label, NULL);
    if (c.meeting != meeting.no)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_POSTPONED, label, NULL);
    if (c.question != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_QUESTION_OPEN, label, NULL);
    if (item.outcome != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_DISCUSS_DONE, label, NULL);
    sb_row_discussed row = {.case_no = c.no, .meeting = meeting.no};
    if (sb_row_discussed_get(s->kv, NULL, &row) && memcmp(row.wording, c.wording, 32) == 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_DISCUSS_TWICE, label, NULL);
    return SB_OK;
}

void sb_apply_case_discuss(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseDiscuss *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_case c;
    if (sb_meeting_need(s, m->meeting_id, &meeting) == SB_OK &&
        sb_case_need(s, m->case_id, &c) == SB_OK)
        sb_discussed_put(s, meeting.no, c.item, &c, true);
}

/* ---- the certificate's member ---- */

static size_t clauses_then(sb_kv *kv, sb_arena *arena, const sb_row_discussed *row,
                           const char ***out)
{
    *out = SB_ARENA_ARRAY(arena, const char *, row->clauses + 1);
    for (uint32_t n = 1; n <= row->clauses; n++) {
        sb_row_discussed_clause at = {
            .case_no = row->case_no, .meeting = row->meeting, .number = n};
        (*out)[n - 1] = sb_row_discussed_clause_get(kv, arena, &at) ? at.text : "";
    }
    return row->clauses;
}

static bool is_same(const sb_clause_pair *pair)
{
    return pair->then != NULL && pair->now != NULL && strcmp(pair->then, pair->now) == 0;
}

static void put_difference(sb_json *j, const sb_clause_pair *pairs, size_t count)
{
    sb_json_key(j, "difference");
    sb_json_array(j);
    for (size_t i = 0; i < count; i++) {
        if (is_same(&pairs[i]))
            continue;
        sb_json_object(j);
        sb_out_index(j, "number", pairs[i].number != 0, pairs[i].number);
        sb_out_str(j, "then", pairs[i].then);
        sb_out_str(j, "now", pairs[i].now);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_draft(sb_json *j, const char *key, sb_kv *kv, uint32_t case_no, uint64_t index)
{
    uint8_t sha256[32];
    sb_json_key(j, key);
    if (sb_actions_draft_at(kv, case_no, index, sha256))
        sb_json_hex(j, sb_slice_of(sha256, 32));
    else
        sb_json_null(j);
}

/* What was attached to the wording then, and what is now. */
static void put_both_attached(sb_json *j, sb_kv *kv, const sb_row_discussed *row)
{
    sb_json_key(j, "attached_then");
    sb_json_array(j);
    sb_row_discussed_attached then = {.case_no = row->case_no, .meeting = row->meeting};
    for (bool more = sb_row_discussed_attached_next(kv, NULL, &then, true, 2); more;
         more = sb_row_discussed_attached_next(kv, NULL, &then, false, 2))
        sb_json_hex(j, sb_slice_of(then.id, 32));
    sb_json_end_array(j);
    sb_json_key(j, "attached_now");
    sb_json_array(j);
    sb_row_case_attached now = {.case_no = row->case_no};
    for (bool more = sb_row_case_attached_next(kv, NULL, &now, true, 1); more;
         more = sb_row_case_attached_next(kv, NULL, &now, false, 1))
        sb_json_hex(j, sb_slice_of(now.id, 32));
    sb_json_end_array(j);
    put_draft(j, "draft_then", kv, row->case_no, row->index);
    put_draft(j, "draft_now", kv, row->case_no, UINT64_MAX);
}

void sb_earlier_put(sb_json *j, sb_kv *kv, sb_arena *arena, const Sb__Charter *charter,
                    uint32_t meeting, const sb_row_case *c)
{
    sb_row_discussed row;
    sb_row_meeting then = {0};
    sb_json_key(j, "earlier");
    if (!sb_discussed_find(kv, c->no, meeting, &row)) {
        sb_json_null(j);
        return;
    }
    then.no = row.meeting;
    sb_row_agenda item = {.meeting = row.meeting, .item = row.item};
    (void)sb_row_meeting_get(kv, NULL, &then);
    (void)sb_row_agenda_get(kv, NULL, &item);
    const char **clauses;
    sb_clause_pair *pairs;
    size_t n = clauses_then(kv, arena, &row, &clauses);
    size_t count =
        sb_clauses_align(arena, clauses, n, sb_clauses_of(kv, arena, c), c->clauses, &pairs);
    sb_json_object(j);
    sb_out_hash(j, "meeting", then.id);
    sb_out_str(j, "body", sb_body_words(charter, then.body)->id);
    sb_out_date(j, "date", then.date);
    sb_out_str(j, "number", sb_number_label(arena, item.number, item.year));
    sb_out_u64(j, "index", row.index);
    sb_out_hash(j, "wording_sha256", row.wording);
    sb_json_key(j, "clauses");
    sb_json_array(j);
    for (size_t i = 0; i < n; i++)
        sb_json_cstr(j, clauses[i]);
    sb_json_end_array(j);
    sb_out_bool(j, "same", memcmp(row.wording, c->wording, 32) == 0);
    put_difference(j, pairs, count);
    put_both_attached(j, kv, &row);
    sb_json_end_object(j);
}

void sb_certificate_put_earlier(sb_json *j, const sb_certificate *c)
{
    sb_earlier_put(j, c->kv, c->arena, c->charter, c->meeting.no, &c->c);
}

static const char *word(sb_lang lang, const char *nb, const char *en)
{
    return lang == SB_LANG_NB ? nb : en;
}

static void text_pair(sb_buf *out, sb_lang lang, const sb_clause_pair *pair)
{
    if (is_same(pair))
        return;
    if (pair->then == NULL)
        sb_buf_printf(out, "  %s %u: %s\n", word(lang, "Nytt punkt", "New clause"),
                      (unsigned)pair->number, pair->now);
    else if (pair->now == NULL)
        sb_buf_printf(out, "  %s: %s\n", word(lang, "Strøket punkt", "Struck"), pair->then);
    else
        sb_buf_printf(out, "  %s %u, %s: %s\n", word(lang, "Punkt", "Clause"),
                      (unsigned)pair->number,
                      word(lang, "da det ble drøftet", "when it was discussed"), pair->then);
}

/* A charter change: the draft that was discussed, and the one decided on. */
static void text_drafts(const sb_certificate *c, const sb_row_discussed *row, sb_lang lang,
                        sb_buf *out)
{
    const struct {
        const char *nb, *en;
        uint64_t index;
    } drafts[] = {{"Utkast til vedtekter da", "Draft of the charter then", row->index},
                  {"Utkast til vedtekter nå", "Draft of the charter now", UINT64_MAX}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t sha256[32];
        char hex[65];
        if (!sb_actions_draft_at(c->kv, c->c.no, drafts[i].index, sha256))
            continue;
        sb_hex(sb_slice_of(sha256, 32), hex);
        sb_buf_printf(out, "  %s: %s\n", word(lang, drafts[i].nb, drafts[i].en), hex);
    }
}

void sb_certificate_text_earlier(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    sb_row_discussed row;
    sb_row_meeting then = {0};
    if (!sb_discussed_find(c->kv, c->c.no, c->meeting.no, &row))
        return;
    then.no = row.meeting;
    (void)sb_row_meeting_get(c->kv, NULL, &then);
    char before[65], now[65];
    sb_hex(sb_slice_of(row.wording, 32), before);
    sb_hex(sb_slice_of(c->c.wording, 32), now);
    sb_buf_str(out,
               word(lang, "Drøftet i et tidligere møte: ", "Discussed in an earlier meeting: "));
    sb_text_wire_date(out, lang, then.date);
    if (strcmp(before, now) == 0) {
        sb_buf_str(out, word(lang, ", samme ordlyd.\n", ", the same wording.\n"));
        return;
    }
    sb_buf_printf(out, "%s\n  %s: %s\n  %s: %s\n",
                  word(lang, ". Ordlyden er endret siden.", ". The wording has changed since."),
                  word(lang, "Da", "Then"), before, word(lang, "Nå", "Now"), now);
    const char **clauses;
    sb_clause_pair *pairs;
    size_t n = clauses_then(c->kv, c->arena, &row, &clauses);
    size_t count = sb_clauses_align(c->arena, clauses, n, c->clauses, c->c.clauses, &pairs);
    for (size_t i = 0; i < count; i++)
        text_pair(out, lang, &pairs[i]);
    text_drafts(c, &row, lang, out);
}
