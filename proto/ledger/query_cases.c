/* Cases, questions, decisions, certificates. */
#include "proto/ledger/certificate.h"
#include "proto/ledger/query_parts.h"

const char *sb_case_status_code(uint32_t status)
{
    static const char *const codes[] = {NULL,      "reported",  "called",
                                        "treated", "postponed", "withdrawn"};
    return status < sizeof codes / sizeof codes[0] ? codes[status] : NULL;
}

static void put_text_array(sb_json *j, const char *key, const char *const *texts, size_t count)
{
    sb_json_key(j, key);
    sb_json_array(j);
    for (size_t i = 0; i < count; i++)
        sb_json_cstr(j, texts[i]);
    sb_json_end_array(j);
}

/* ---- wording: what the meeting changed ---- */

/* length[i][k]: the longest common subsequence of a[i…] and b[k…]. */
typedef struct lcs {
    uint8_t length[SB_CLAUSES_MAX + 1][SB_CLAUSES_MAX + 1];
} lcs;

static void fill_lcs(lcs *t, const char *const *a, size_t n, const char *const *b, size_t m)
{
    for (size_t i = n; i-- > 0;)
        for (size_t k = m; k-- > 0;) {
            uint8_t down = t->length[i + 1][k], right = t->length[i][k + 1];
            t->length[i][k] = strcmp(a[i], b[k]) == 0 ? (uint8_t)(t->length[i + 1][k + 1] + 1)
                              : down > right          ? down
                                                      : right;
        }
}

static void put_pair(sb_json *j, size_t number, const char *proposed, const char *decided)
{
    sb_json_object(j);
    sb_out_index(j, "number", decided != NULL, number);
    sb_out_str(j, "proposed", proposed);
    sb_out_str(j, "text", decided);
    const char *change = "same";
    if (proposed == NULL)
        change = "new";
    else if (decided == NULL)
        change = "struck";
    else if (strcmp(proposed, decided) != 0)
        change = "changed";
    sb_out_str(j, "change", change);
    sb_json_end_object(j);
}

/* Clauses side by side: equal ones meet; between them a proposed and a final one meet as changed.
 */
static void put_aligned(sb_query *q, const char *const *a, size_t n, const char *const *b, size_t m)
{
    lcs *t = SB_ARENA_NEW(q->arena, lcs);
    fill_lcs(t, a, n, b, m);
    sb_json_key(q->j, "clauses");
    sb_json_array(q->j);
    size_t i = 0, k = 0;
    while (i < n || k < m) {
        bool equal = i < n && k < m && strcmp(a[i], b[k]) == 0;
        /* may both move on without losing a common clause? */
        bool both = i < n && k < m && t->length[i + 1][k + 1] == t->length[i][k];
        if (equal || both) {
            put_pair(q->j, k + 1, a[i], b[k]);
            i++;
            k++;
        } else if (k >= m || (i < n && t->length[i + 1][k] >= t->length[i][k + 1])) {
            put_pair(q->j, 0, a[i], NULL);
            i++;
        } else {
            put_pair(q->j, k + 1, NULL, b[k]);
            k++;
        }
    }
    sb_json_end_array(q->j);
}

void sb_query_wording(sb_query *q, const sb_row_meeting *meeting, const sb_row_agenda *item,
                      const sb_row_case *c)
{
    const char **proposed, **decided;
    size_t n = sb_item_clauses_get(q->kv, q->arena, meeting->no, item->item, SB_CLAUSE_PROPOSED,
                                   &proposed);
    size_t m =
        sb_item_clauses_get(q->kv, q->arena, meeting->no, item->item, SB_CLAUSE_DECIDED, &decided);
    const char **current = sb_clauses_of(q->kv, q->arena, c);
    if (meeting->status == SB_MEETING_CALLED) {
        proposed = current;
        n = c->clauses;
    }
    /* while it is being treated: against the wording as it stands */
    bool live = m == 0 && c->meeting == meeting->no;
    bool has_final = m > 0 || live;
    const char **final = m > 0 ? decided : current;
    size_t final_count = m > 0 ? m : c->clauses;
    bool changed = has_final && n != final_count;
    for (size_t i = 0; has_final && !changed && i < n; i++)
        changed = strcmp(proposed[i], final[i]) != 0;
    put_text_array(q->j, "proposed", proposed, n);
    sb_json_key(q->j, "current");
    if (live) {
        sb_json_array(q->j);
        for (uint32_t i = 0; i < c->clauses; i++)
            sb_json_cstr(q->j, current[i]);
        sb_json_end_array(q->j);
    } else {
        sb_json_null(q->j);
    }
    put_text_array(q->j, "decided", decided, m);
    sb_out_bool(q->j, "changed", changed);
    if (has_final)
        put_aligned(q, proposed, n, final, final_count);
    else
        put_aligned(q, proposed, n, proposed, n);
}

void sb_query_noted(sb_query *q, const sb_noted *noted, size_t count)
{
    sb_json *j = q->j;
    sb_json_key(j, "deadlines");
    sb_json_array(j);
    for (size_t i = 0; i < count; i++) {
        const sb_noted *n = &noted[i];
        sb_json_object(j);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_DEADLINE_KIND, n->words->kind));
        sb_out_date(j, "from", n->from);
        sb_out_date(j, "to", n->to);
        sb_out_date(j, "actual", n->actual_ms == 0 ? 0 : sb_yyyymmdd_of(n->actual_ms));
        sb_out_bool(j, "kept", n->kept);
        sb_out_str(j, "effect", sb_text_code(SB_TEXT_DEADLINE_EFFECT, n->words->effect));
        sb_out_some(j, "cite", n->words->cite);
        sb_out_some(j, "assumed", n->words->assumed);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* ---- cases ---- */

void sb_query_case_members(sb_query *q, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_row_case_text text = {.case_no = c->no};
    (void)sb_row_case_text_get(q->kv, NULL, &text);
    sb_out_blob(j, "from", text.from_sha256, text.from_size);
    sb_out_blob(j, "text", text.text_sha256, text.text_size);
    sb_json_key(j, "attachments");
    sb_json_array(j);
    sb_row_attachment row = {.case_no = c->no};
    for (bool more = sb_row_attachment_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_attachment_next(q->kv, NULL, &row, false, 1))
        sb_out_blob_item(j, row.sha256, row.size);
    sb_json_end_array(j);
    sb_out_u64(j, "reported_index", c->reported_index);
    sb_out_u64(j, "reported_at_ms", c->reported_ms);
    sb_out_moment(j, "reported_claimed_ms", c->claimed_ms);
    sb_out_str(j, "reported_source", sb_text_code(SB_TEXT_SOURCE, c->source));
    sb_out_index(j, "amended_index", text.amended_index != 0, text.amended_index);
    sb_out_index(j, "withdrawn_index", text.withdrawn_index != 0, text.withdrawn_index);
    sb_out_blob(j, "withdrawn_reason", text.reason_sha256, text.reason_size);
}

static void put_case_head(sb_query *q, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_row_question question = {.no = c->question};
    sb_out_hash(j, "id", c->id);
    sb_out_str(j, "body", sb_body_words(q->charter, c->body)->id);
    sb_out_some(j, "number", sb_number_label(q->arena, c->number, c->year));
    sb_out_str(j, "title", c->title);
    sb_out_str(j, "kind", sb_text_code(SB_TEXT_CASE_KIND, c->kind));
    sb_out_str(j, "status", sb_case_status_code(c->status));
    sb_query_meeting_brief(q, "meeting", c->meeting);
    sb_out_hash(j, "wording_sha256", c->wording);
    sb_json_key(j, "question");
    if (c->question != 0 && sb_row_question_get(q->kv, NULL, &question))
        sb_json_hex(j, sb_slice_of(question.id, 32));
    else
        sb_json_null(j);
}

sb_err sb_query_cases(sb_query *q)
{
    uint32_t body;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_CASE);
    for (uint32_t no = 1; no <= last; no++) {
        sb_row_case c = {.no = no};
        if (!sb_row_case_get(q->kv, q->arena, &c) || (body != SB_NONE && c.body != body))
            continue;
        sb_json_object(q->j);
        put_case_head(q, &c);
        sb_out_u64(q->j, "clauses", c.clauses);
        sb_out_u64(q->j, "reported_index", c.reported_index);
        sb_json_end_object(q->j);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

static void put_treatments(sb_query *q, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_json_key(j, "treatments");
    sb_json_array(j);
    sb_row_case_meeting at = {.case_no = c->no};
    for (bool more = sb_row_case_meeting_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_case_meeting_next(q->kv, NULL, &at, false, 1)) {
        sb_row_meeting meeting = {.no = at.meeting};
        sb_row_agenda item = {.meeting = at.meeting, .item = at.item};
        if (!sb_row_meeting_get(q->kv, NULL, &meeting) || !sb_row_agenda_get(q->kv, NULL, &item))
            continue;
        sb_json_object(j);
        sb_query_meeting_brief(q, "meeting", at.meeting);
        sb_out_u64(j, "item", at.item);
        sb_out_str(j, "number", sb_number_label(q->arena, item.number, item.year));
        sb_out_str(j, "outcome", sb_text_code(SB_TEXT_OUTCOME, item.outcome));
        sb_out_str(j, "mode", sb_text_code(SB_TEXT_MODE, item.mode));
        sb_out_date(j, "to_date", item.to_date);
        sb_out_index(j, "sent_index", item.sent_ms != 0, item.sent_index);
        sb_out_moment(j, "sent_ms", item.sent_ms);
        sb_query_wording(q, &meeting, &item, c);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

sb_err sb_query_one_case(sb_query *q)
{
    const char *ref;
    sb_row_case c;
    sb_err err = sb_query_arg(q, "REF", &ref);
    if (err != SB_OK || (err = sb_query_case(q, ref, &c)) != SB_OK)
        return err;
    sb_json_object(q->j);
    put_case_head(q, &c);
    put_text_array(q->j, "clauses", sb_clauses_of(q->kv, q->arena, &c), c.clauses);
    sb_query_case_members(q, &c);
    sb_out_bool(q->j, "discussed_earlier", sb_discussed_earlier(&c));
    put_treatments(q, &c);
    sb_json_end_object(q->j);
    return SB_OK;
}

/* ---- questions ---- */

static void put_objections(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_json_key(j, "objections");
    sb_json_array(j);
    sb_row_objection_text o = {.question = row->no};
    for (bool more = sb_row_objection_text_next(q->kv, NULL, &o, true, 1); more;
         more = sb_row_objection_text_next(q->kv, NULL, &o, false, 1)) {
        sb_json_object(j);
        sb_query_seat_members(q, o.seat);
        sb_out_u64(j, "index", o.index);
        sb_out_blob(j, "reason", o.sha256, o.size);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_vote_members(sb_query *q, uint32_t seat, uint8_t choice, uint8_t role,
                             bool recorded, uint64_t index)
{
    sb_query_seat_members(q, seat);
    sb_out_str(q->j, "by", sb_text_code(SB_TEXT_SEAT_ROLE, role));
    sb_out_str(q->j, "choice", sb_text_code(SB_TEXT_CHOICE, choice));
    sb_out_bool(q->j, "recorded", recorded);
    sb_out_u64(q->j, "index", index);
}

/* Open: the current ones with their ids. Closed: those that counted or not. */
static void put_ballots(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_json_key(j, "ballots");
    sb_json_array(j);
    sb_row_ballot b = {.question = row->no};
    for (bool more = sb_row_ballot_next(q->kv, NULL, &b, true, 1); more;
         more = sb_row_ballot_next(q->kv, NULL, &b, false, 1)) {
        sb_json_object(j);
        put_vote_members(q, b.seat, b.choice, b.role, b.recorded, b.index);
        sb_out_hash(j, "id", b.id);
        sb_json_end_object(j);
    }
    sb_row_vote v = {.question = row->no};
    for (bool more = sb_row_vote_next(q->kv, NULL, &v, true, 1); more;
         more = sb_row_vote_next(q->kv, NULL, &v, false, 1)) {
        sb_json_object(j);
        put_vote_members(q, v.seat, v.choice, v.role, v.recorded, v.index);
        sb_out_bool(j, "counted", v.counted);
        sb_out_str(j, "reason", sb_away_code((sb_away)v.reason));
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static bool is_unanimous(sb_query *q, const sb_row_question *row)
{
    uint32_t votes = 0;
    sb_row_vote v = {.question = row->no};
    for (bool more = sb_row_vote_next(q->kv, NULL, &v, true, 1); more;
         more = sb_row_vote_next(q->kv, NULL, &v, false, 1)) {
        if (v.counted && v.choice != SB__CHOICE__CHOICE_FOR)
            return false;
        votes += v.counted;
    }
    return votes > 0;
}

/* Who may vote now, for a ballot to be made: representative and current ballot. */
static void put_voters(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_presence p;
    sb_presence_of(q->kv, q->arena, q->charter, row->body, row->meeting, row->case_no,
                   row->opened_index, &p);
    sb_json_key(j, "seats");
    sb_json_array(j);
    for (uint32_t i = 0; i < p.seat_count; i++) {
        const sb_representation *r = &p.representations[i];
        sb_row_ballot b = {.question = row->no, .seat = p.seats[i].no};
        bool has_ballot = sb_row_ballot_get(q->kv, NULL, &b);
        sb_json_object(j);
        sb_query_seat_members(q, p.seats[i].no);
        sb_out_str(j, "represented_by",
                   r->role == 0 ? "none" : sb_text_code(SB_TEXT_SEAT_ROLE, r->role));
        sb_out_str(j, "reason", sb_away_code(r->reason));
        sb_json_key(j, "ballot");
        if (has_ballot)
            sb_json_hex(j, sb_slice_of(b.id, 32));
        else
            sb_json_null(j);
        sb_out_str(j, "choice", has_ballot ? sb_text_code(SB_TEXT_CHOICE, b.choice) : NULL);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    sb_row_question_rules rules = {.question = row->no};
    (void)sb_row_question_rules_get(q->kv, q->arena, &rules);
    sb_judged quorum = {0};
    sb_judge(q->arena, rules.quorum, &p.input, &quorum);
    sb_judged_json(j, "quorum_now", &quorum);
    sb_out_some(j, "quorum_rule", rules.quorum);
    sb_out_some(j, "pass_rule", rules.pass);
}

static void put_question_members(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    bool closed = row->status == SB_QUESTION_CLOSED;
    sb_row_certificate certificate = {.question = row->no};
    bool has_certificate = closed && sb_row_certificate_get(q->kv, q->arena, &certificate);
    sb_out_hash(j, "id", row->id);
    sb_out_str(j, "mode", sb_text_code(SB_TEXT_MODE, row->mode));
    sb_out_str(j, "status", closed ? "closed" : "open");
    sb_out_str(j, "outcome", sb_text_code(SB_TEXT_OUTCOME, row->outcome));
    sb_out_bool(j, "quorate_at_opening", row->quorate);
    sb_out_bool(j, "unanimous", is_unanimous(q, row));
    sb_out_hash(j, "wording_sha256", row->wording);
    sb_out_u64(j, "opened_index", row->opened_index);
    sb_out_u64(j, "opened_at_ms", row->opened_ms);
    sb_out_index(j, "closed_index", closed, row->closed_index);
    sb_out_moment(j, "closed_at_ms", row->closed_ms);
    put_objections(q, row);
    put_ballots(q, row);
    sb_json_key(j, "certificate_sha256");
    if (has_certificate)
        sb_json_hex(j, sb_slice_of(certificate.sha256, 32));
    else
        sb_json_null(j);
}

void sb_query_question_object(sb_query *q, const sb_row_question *row, bool full)
{
    sb_json *j = q->j;
    sb_json_object(j);
    put_question_members(q, row);
    if (full) {
        sb_row_case c = {.no = row->case_no};
        (void)sb_row_case_get(q->kv, q->arena, &c);
        sb_json_key(j, "case");
        sb_json_object(j);
        put_case_head(q, &c);
        put_text_array(j, "clauses", sb_clauses_of(q->kv, q->arena, &c), c.clauses);
        sb_json_end_object(j);
        sb_query_meeting_brief(q, "meeting", row->meeting);
        if (row->status == SB_QUESTION_OPEN)
            put_voters(q, row);
    }
    sb_json_end_object(j);
}

sb_err sb_query_questions(sb_query *q)
{
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_QUESTION);
    for (uint32_t no = 1; no <= last; no++) {
        sb_row_question row = {.no = no};
        if (sb_row_question_get(q->kv, NULL, &row) && row.status == SB_QUESTION_OPEN)
            sb_query_question_object(q, &row, true);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

sb_err sb_query_one_question(sb_query *q)
{
    const char *ref;
    sb_row_question row;
    sb_err err = sb_query_arg(q, "ID", &ref);
    if (err != SB_OK || (err = sb_query_question(q, ref, &row)) != SB_OK)
        return err;
    sb_query_question_object(q, &row, true);
    return SB_OK;
}

/* ---- decisions ---- */

sb_err sb_query_decisions(sb_query *q)
{
    uint32_t body;
    sb_json *j = q->j;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_array(j);
    uint32_t last = sb_query_count(q, SB_REF_QUESTION);
    for (uint32_t no = 1; no <= last; no++) {
        sb_row_question row = {.no = no};
        if (!sb_row_question_get(q->kv, NULL, &row) || row.status != SB_QUESTION_CLOSED ||
            (body != SB_NONE && row.body != body))
            continue;
        sb_row_case c = {.no = row.case_no};
        sb_row_agenda item = {.meeting = row.meeting, .item = row.item};
        sb_row_certificate certificate = {.question = no};
        const char **decided;
        (void)sb_row_case_get(q->kv, q->arena, &c);
        (void)sb_row_agenda_get(q->kv, NULL, &item);
        (void)sb_row_certificate_get(q->kv, q->arena, &certificate);
        bool stands = item.question == no;
        size_t n = sb_item_clauses_get(q->kv, q->arena, row.meeting, row.item, SB_CLAUSE_DECIDED,
                                       &decided);
        sb_json_object(j);
        sb_out_hash(j, "question", row.id);
        sb_out_hash(j, "case", c.id);
        sb_out_str(j, "number", sb_number_label(q->arena, item.number, item.year));
        sb_out_str(j, "title", c.title);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_CASE_KIND, c.kind));
        sb_query_meeting_brief(q, "meeting", row.meeting);
        sb_out_str(j, "mode", sb_text_code(SB_TEXT_MODE, row.mode));
        sb_out_str(j, "outcome", sb_text_code(SB_TEXT_OUTCOME, row.outcome));
        put_text_array(j, "decided", decided, stands ? n : 0);
        sb_out_u64(j, "closed_index", row.closed_index);
        sb_out_u64(j, "closed_at_ms", row.closed_ms);
        sb_out_hash(j, "certificate_sha256", certificate.sha256);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    return SB_OK;
}

sb_err sb_query_certificate(sb_query *q)
{
    const char *ref;
    sb_row_question row;
    sb_err err = sb_query_arg(q, "REF", &ref);
    if (err != SB_OK || (err = sb_query_question(q, ref, &row)) != SB_OK)
        return err;
    sb_row_certificate certificate = {.question = row.no};
    if (!sb_row_certificate_get(q->kv, q->arena, &certificate))
        return sb_fail_set(q->fail, SB_E_NOT_FOUND, ref, NULL);
    sb_json *j = q->j;
    sb_json_object(j);
    sb_out_hash(j, "question", row.id);
    sb_out_hash(j, "sha256", certificate.sha256);
    sb_json_key(j, "certificate");
    sb_json_raw(j, certificate.json);
    sb_json_key(j, "text_nb");
    sb_json_str(j, certificate.text_nb);
    sb_json_key(j, "text_en");
    sb_json_str(j, certificate.text_en);
    sb_json_end_object(j);
    return SB_OK;
}
