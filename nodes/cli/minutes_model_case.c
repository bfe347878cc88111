/* One case of the agenda for the minutes. */
#include "nodes/cli/minutes_model_inside.h"

enum { ATTACHMENT_NAME_BYTES_MAX = 300 };

const char *const *sb_mm_texts(sb_minutes_maker *k, const sb_doc *map, const char *key,
                               size_t *count)
{
    uint32_t n = sb_mm_count(map, key);
    const char **texts = SB_ARENA_ARRAY(k->arena, const char *, n);
    for (uint32_t i = 0; i < n; i++)
        if (sb_doc_text(sb_mm_item(map, key, i), &texts[i], NULL) != SB_OK)
            texts[i] = "";
    *count = n;
    return texts;
}

/* ---- rules ---- */

static int demand_kind(const char *code)
{
    if (strcmp(code, "at_least") == 0)
        return SB_MINUTES_AT_LEAST;
    if (strcmp(code, "exactly") == 0)
        return SB_MINUTES_EXACTLY;
    return strcmp(code, "at_most") == 0 ? SB_MINUTES_AT_MOST : SB_MINUTES_NEVER;
}

static sb_minutes_demand demand_of(sb_minutes_maker *k, const sb_doc *comparison)
{
    const char *rule = sb_doc_str(comparison, "rule");
    sb_minutes_demand d = {
        .what = sb_arena_str(k->arena, sb_slice_of(rule, strcspn(rule, " "))),
        .number = (uint32_t)sb_doc_num(comparison, "needed"),
        .is_met = sb_doc_true(comparison, "held"),
    };
    d.kind = demand_kind(sb_doc_str(comparison, "need"));
    return d;
}

/* What a count of the quorum is of: what the rule names, or with a plain number the seats. */
static uint32_t quorum_of(sb_minutes_maker *k, const sb_doc *line)
{
    const sb_doc *presence = sb_doc_get(k->source->meeting, "presence");
    const char *partner = sb_doc_str(line, "partner");
    if (strstr(sb_doc_str(line, "rule"), " of ") != NULL)
        return (uint32_t)sb_doc_num(line, "of");
    if (partner[0] == '\0')
        return (uint32_t)sb_doc_num(presence, "seats");
    for (uint32_t i = 0; i < sb_mm_count(presence, "partners"); i++) {
        const sb_doc *one = sb_mm_item(presence, "partners", i);
        if (strcmp(sb_doc_str(one, "partner"), partner) == 0)
            return (uint32_t)sb_doc_num(one, "seats");
    }
    return 0;
}

void sb_mm_quorum(sb_minutes_maker *k, const sb_doc *judged, const char *cite,
                  sb_minutes_quorum *out)
{
    *out = (sb_minutes_quorum){.cite = cite};
    out->has_rule = judged != NULL && judged->kind == SB_DOC_MAP;
    if (!out->has_rule)
        return;
    uint32_t count = sb_mm_count(judged, "comparisons");
    sb_minutes_count *rows = SB_ARENA_ARRAY(k->arena, sb_minutes_count, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *line = sb_mm_item(judged, "comparisons", i);
        const char *partner = sb_doc_str(line, "partner");
        sb_minutes_demand *demand = SB_ARENA_NEW(k->arena, sb_minutes_demand);
        *demand = demand_of(k, line);
        rows[i] = (sb_minutes_count){
            .partner = partner[0] == '\0' ? "" : sb_mm_partner(k, partner),
            .of = quorum_of(k, line),
            .have = (uint32_t)sb_doc_num(line, "have"),
            .demands = demand,
            .demand_count = 1,
        };
    }
    out->is_quorate = sb_doc_true(judged, "held");
    out->counts = rows;
    out->count_count = count;
}

/* What the pass rule asks of this partner ("" : of all). */
static void add_demands(sb_minutes_maker *k, const sb_doc *pass, const char *partner,
                        sb_minutes_count *row)
{
    uint32_t count = sb_mm_count(pass, "comparisons");
    sb_minutes_demand *demands = SB_ARENA_ARRAY(k->arena, sb_minutes_demand, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *line = sb_mm_item(pass, "comparisons", i);
        if (strcmp(sb_doc_str(line, "partner"), partner) == 0)
            demands[row->demand_count++] = demand_of(k, line);
    }
    row->demands = demands;
}

/* Votes per partner, and of all where the rule counts all. */
static void make_tally(sb_minutes_maker *k, const sb_doc *certificate, sb_minutes_case *out)
{
    const sb_doc *pass = sb_doc_get(certificate, "pass");
    uint32_t count = sb_mm_count(certificate, "counts");
    sb_minutes_count *rows = SB_ARENA_ARRAY(k->arena, sb_minutes_count, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *line = sb_mm_item(certificate, "counts", i);
        const char *partner = sb_doc_str(line, "partner");
        const sb_doc *whose = sb_doc_get(line, "partner");
        bool is_all = whose == NULL || whose->kind == SB_DOC_NULL; /* else of no partner */
        sb_minutes_count row = {
            .partner = partner[0] != '\0' ? sb_mm_partner(k, partner)
                       : is_all           ? ""
                                          : sb_text(SB_MSG_PAPER_NO_PARTNER, k->lang),
            .partner_id = partner,
            .votes_for = (uint32_t)sb_doc_num(line, "for"),
            .votes_against = (uint32_t)sb_doc_num(line, "against"),
            .votes_abstain = (uint32_t)sb_doc_num(line, "abstain"),
        };
        if (partner[0] != '\0' || is_all)
            add_demands(k, pass, partner, &row);
        if (!is_all || row.demand_count > 0)
            rows[out->tally_count++] = row;
    }
    out->tally = rows;
}

/* ---- votes ---- */

static const char *away_words(sb_minutes_maker *k, const char *reason)
{
    static const struct {
        const char *code;
        sb_msg words;
    } own[] = {{"vacant", SB_MSG_SEAT_VACANT},
               {"deputy_beside", SB_MSG_PAPER_NO_VOTE},
               {"left", SB_MSG_PAPER_LEFT_SOMETIME}};
    uint32_t kind = 0;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(reason, own[i].code) == 0)
            return sb_text(own[i].words, k->lang);
    if (sb_text_parse(SB_TEXT_ATTENDANCE_KIND, sb_slice_str(reason), &kind))
        return sb_text_word(SB_TEXT_ATTENDANCE_KIND, kind, k->lang);
    return reason;
}

const sb_minutes_vote *sb_mm_votes(sb_minutes_maker *k, const sb_doc *question, size_t *vote_count)
{
    uint32_t count = sb_mm_count(question, "ballots");
    sb_minutes_vote *votes = SB_ARENA_ARRAY(k->arena, sb_minutes_vote, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *ballot = sb_mm_item(question, "ballots", i);
        votes[i] = (sb_minutes_vote){
            .seat = sb_doc_str(ballot, "title"),
            .partner = sb_mm_partner_name(k, ballot),
            .choice = (Sb__Choice)sb_mm_word(ballot, "choice", SB_TEXT_CHOICE),
            .by_deputy = strcmp(sb_doc_str(ballot, "by"), "deputy") == 0,
            .by_delegation = sb_mm_by_delegation(k, ballot),
            .is_recorded = sb_doc_true(ballot, "recorded"),
            .is_confirmed = sb_doc_true(ballot, "confirmed"),
            .candidate = (uint32_t)sb_doc_num(ballot, "candidate"),
            .is_counted = sb_doc_true(ballot, "counted"),
            .reason = away_words(k, sb_doc_str(ballot, "reason")),
        };
    }
    *vote_count = count;
    return votes;
}

/* The question whose decision stands. */
const sb_doc *sb_mm_question_of(const sb_doc *item)
{
    const char *id = sb_doc_str(item, "question");
    for (uint32_t i = 0; id[0] != '\0' && i < sb_mm_count(item, "questions"); i++)
        if (strcmp(sb_doc_str(sb_mm_item(item, "questions", i), "id"), id) == 0)
            return sb_mm_item(item, "questions", i);
    return NULL;
}

/* How a closed question went. */
static void make_question(sb_minutes_maker *k, const sb_doc *question, sb_minutes_case *out)
{
    out->outcome = (Sb__Outcome)sb_mm_word(question, "outcome", SB_TEXT_OUTCOME);
    out->mode = (Sb__Mode)sb_mm_word(question, "mode", SB_TEXT_MODE);
    out->is_unanimous = sb_doc_true(question, "unanimous");
    out->objections = sb_mm_remarks(k, question, "objections", "reason", &out->objection_count);
    out->votes = sb_mm_votes(k, question, &out->vote_count);
    const sb_doc *certificate = k->source->certificate(k->source->arg, sb_doc_str(question, "id"));
    if (certificate == NULL)
        return;
    /* what the vote was on, adopted or not */
    out->decided = sb_mm_texts(k, certificate, "clauses", &out->decided_count);
    const sb_doc *rules = sb_doc_get(certificate, "rules"), *pass = sb_doc_get(rules, "pass");
    sb_minutes_quorum *quorum = SB_ARENA_NEW(k->arena, sb_minutes_quorum);
    sb_mm_quorum(k, sb_doc_get(certificate, "quorum_at_close"),
                 sb_doc_str(sb_doc_get(rules, "quorum"), "cite"), quorum);
    out->quorum = quorum;
    if (out->vote_count > 0) {
        out->pass_rule = sb_doc_str(pass, "text");
        out->pass_cite = sb_doc_str(pass, "cite");
        make_tally(k, certificate, out);
    }
}

/* Closed, and told nowhere else: an election's rounds are told as rounds. */
static bool is_other(const sb_doc *question, const sb_doc *told)
{
    bool is_round = strcmp(sb_doc_str(question, "mode"), "election") == 0 &&
                    strcmp(sb_doc_str(question, "outcome"), "not_quorate") != 0;
    return question != told && !is_round && strcmp(sb_doc_str(question, "status"), "closed") == 0;
}

/* The question that the case's outcome is of is told by the case itself, others beside it. A case
 * that was postponed or withdrawn after a question has an outcome of its own. */
static void make_decision(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    const sb_doc *question = sb_mm_question_of(item);
    uint32_t count = sb_mm_count(item, "questions");
    sb_minutes_case *others = SB_ARENA_ARRAY(k->arena, sb_minutes_case, count);
    if (question != NULL &&
        strcmp(sb_doc_str(question, "outcome"), sb_doc_str(item, "outcome")) != 0)
        question = NULL;
    if (question != NULL)
        make_question(k, question, out);
    out->outcome = (Sb__Outcome)sb_mm_word(item, "outcome", SB_TEXT_OUTCOME);
    out->mode = (Sb__Mode)sb_mm_word(item, "mode", SB_TEXT_MODE);
    out->to_date = sb_mm_date(item, "to_date");
    out->certificate_sha256 = sb_doc_str(item, "certificate_sha256");
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *one = sb_mm_item(item, "questions", i);
        if (one == question)
            out->others_before = out->other_count;
        if (is_other(one, question))
            make_question(k, one, &others[out->other_count++]);
    }
    if (question == NULL)
        out->others_before = out->other_count;
    out->others = others;
}

/* ---- what follows ---- */

const sb_minutes_remark *sb_mm_remarks(sb_minutes_maker *k, const sb_doc *map, const char *list,
                                       const char *key, size_t *count)
{
    uint32_t n = sb_mm_count(map, list);
    sb_minutes_remark *remarks = SB_ARENA_ARRAY(k->arena, sb_minutes_remark, n);
    for (uint32_t i = 0; i < n; i++) {
        const sb_doc *one = sb_mm_item(map, list, i);
        remarks[i] = (sb_minutes_remark){
            .seat = sb_doc_str(one, "title"),
            .by_deputy = strcmp(sb_doc_str(one, "by"), "deputy") == 0,
            .by_delegation = sb_mm_by_delegation(k, one),
            .text = sb_mm_blob(k, one, key, NULL),
        };
    }
    *count = n;
    return remarks;
}

/* "fastlegene, brukerne og UNN" */
static const char *responsible_of(sb_minutes_maker *k, const sb_doc *task)
{
    uint32_t count = sb_mm_count(task, "responsible");
    const char **names = SB_ARENA_ARRAY(k->arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *one = sb_mm_item(task, "responsible", i);
        names[i] = sb_mm_name(k, sb_doc_str(one, "id"), sb_doc_str(one, "name"));
    }
    return sb_mm_list(k, names, count);
}

static void make_tasks(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    uint32_t count = sb_mm_count(item, "tasks");
    sb_minutes_task *tasks = SB_ARENA_ARRAY(k->arena, sb_minutes_task, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *task = sb_mm_item(item, "tasks", i), *due = sb_doc_get(task, "due");
        uint32_t of_meeting = sb_mm_date(sb_doc_get(due, "meeting"), "date");
        uint32_t date = sb_mm_date(due, "date");
        tasks[i] = (sb_minutes_task){
            .text = sb_mm_blob(k, task, "text", NULL),
            .responsible = responsible_of(k, task),
            .due_date = date != 0 ? date : of_meeting,
            .due = sb_mm_blob(k, due, "event", NULL),
            .case_number = sb_doc_str(task, "case_number"),
            .is_done = sb_doc_true(task, "done"),
        };
    }
    out->tasks = tasks;
    out->task_count = count;
}

/* An attachment's blob begins with its name on a line. */
static void make_attachments(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    uint32_t count = sb_mm_count(item, "attachments");
    sb_minutes_blob *blobs = SB_ARENA_ARRAY(k->arena, sb_minutes_blob, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *ref = sb_mm_item(item, "attachments", i);
        const char *sha256 = sb_doc_str(ref, "sha256");
        bool erased = sb_doc_true(ref, "erased");
        const char *text =
            erased ? sb_text(SB_MSG_BLOB_ERASED, k->lang) : sb_mm_blob_text(k, sha256, NULL);
        size_t name = strcspn(text, "\n");
        blobs[i] = (sb_minutes_blob){.name = "", .sha256 = sha256, .size = sb_doc_num(ref, "size")};
        if (name > 0 && name <= ATTACHMENT_NAME_BYTES_MAX)
            blobs[i].name = sb_arena_str(k->arena, sb_slice_of(text, name));
    }
    out->attachments = blobs;
    out->attachment_count = count;
}

/* Not taken back, or not before a question was closed. */
static bool mattered(const sb_doc *item, const sb_doc *disqualified)
{
    uint64_t lifted = sb_doc_num(disqualified, "lifted_index");
    bool has_mattered = lifted == 0;
    for (uint32_t q = 0; q < sb_mm_count(item, "questions") && !has_mattered; q++) {
        uint64_t closed = sb_doc_num(sb_mm_item(item, "questions", q), "closed_index");
        has_mattered = closed > sb_doc_num(disqualified, "index") && closed < lifted;
    }
    return has_mattered;
}

/* Entered when the case had been decided: it changed nothing. */
static bool was_late(const sb_doc *item, const sb_doc *disqualified)
{
    static const char *const decided[] = {"adopted", "fallen", "no_consensus", "noted", "elected"};
    bool is_decided = false;
    for (size_t i = 0; i < sizeof decided / sizeof decided[0]; i++)
        is_decided = is_decided || strcmp(sb_doc_str(item, "outcome"), decided[i]) == 0;
    if (!is_decided)
        return false;
    for (uint32_t q = 0; q < sb_mm_count(item, "questions"); q++) {
        uint64_t closed = sb_doc_num(sb_mm_item(item, "questions", q), "closed_index");
        if (closed == 0 || closed > sb_doc_num(disqualified, "index"))
            return false;
    }
    return true;
}

static const char *with_late(sb_minutes_maker *k, const char *seat)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_format(&words, k->lang, SB_MSG_PAPER_DISQUALIFIED_LATE, seat, NULL);
    const char *text = sb_arena_str(k->arena, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    return text;
}

static void make_disqualified(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    uint32_t count = sb_mm_count(item, "disqualified");
    const char **seats = SB_ARENA_ARRAY(k->arena, const char *, count);
    out->disqualified = seats;
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *one = sb_mm_item(item, "disqualified", i);
        const char **seat = &seats[out->disqualified_count];
        if (!mattered(item, one))
            continue;
        out->disqualified_count++;
        *seat = sb_doc_str(one, "title");
        if (strcmp(sb_doc_str(one, "role"), "deputy") == 0)
            *seat =
                sb_arena_printf(k->arena, "%s (%s)", *seat, sb_text(SB_MSG_PAPER_DEPUTY, k->lang));
        if (was_late(item, one))
            *seat = with_late(k, *seat);
    }
}

void sb_mm_case(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    *out = (sb_minutes_case){
        .number = sb_doc_str(item, "number"),
        .title = sb_doc_str(item, "title"),
        .from = sb_mm_blob(k, item, "from", NULL),
        .kind = (Sb__CaseKind)sb_mm_word(item, "kind", SB_TEXT_CASE_KIND),
        .chair = sb_doc_str(sb_doc_get(item, "chair"), "title"),
    };
    out->text = sb_mm_blob(k, item, "text", &out->text_missing);
    out->proposed = sb_mm_texts(k, item, "proposed", &out->proposed_count);
    out->decided = sb_mm_texts(k, item, "decided", &out->decided_count);
    if (out->decided_count == 0) /* being treated: as it stands */
        out->decided = sb_mm_texts(k, item, "current", &out->decided_count);
    if (out->decided_count == 0) { /* nothing was decided, so nothing was changed */
        out->decided = out->proposed;
        out->decided_count = out->proposed_count;
    }
    make_decision(k, item, out);
    out->remarks = sb_mm_remarks(k, item, "remarks", "text", &out->remark_count);
    make_tasks(k, item, out);
    make_attachments(k, item, out);
    make_disqualified(k, item, out);
    sb_mm_case_more(k, item, out);
}
