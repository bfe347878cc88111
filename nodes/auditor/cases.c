/* The cases of a history, from the ledger's rows: asked for as JSON, a case's whole answer would be made and
 * parsed for a line of the report. */
#include "nodes/auditor/report.h"

#include "nodes/host/nfc.h"
#include "proto/base/buf.h"
#include "proto/ledger/domain.h"

typedef struct gathering {
    sb_audit *a;
    sb_kv *kv;
    const Sb__Charter *charter;
    uint32_t *closed; /* by case: the question of it that was closed last; 0: none */
    sb_fail *fail;
} gathering;

static uint32_t count_of(sb_kv *kv, sb_ref_kind kind)
{
    sb_row_counter row = {.kind = (uint8_t)kind};
    return sb_row_counter_get(kv, NULL, &row) ? row.last : 0;
}

/* Closed questions in the order they were asked. */
static void find_closed(gathering *g, uint32_t cases)
{
    uint32_t last = count_of(g->kv, SB_REF_QUESTION);
    for (uint32_t no = 1; no <= last; no++) {
        sb_row_question row = {.no = no};
        if (sb_row_question_get(g->kv, NULL, &row) && row.status == SB_QUESTION_CLOSED &&
            row.case_no <= cases)
            g->closed[row.case_no] = no;
    }
}

/* The item where the case was treated last. False: it wasn't. */
static bool last_treatment(gathering *g, uint32_t case_no, sb_row_meeting *meeting,
                           sb_row_agenda *item)
{
    bool found = false;
    sb_row_case_meeting at = {.case_no = case_no};
    for (bool more = sb_row_case_meeting_next(g->kv, NULL, &at, true, 1); more;
         more = sb_row_case_meeting_next(g->kv, NULL, &at, false, 1)) {
        sb_row_meeting held = {.no = at.meeting};
        sb_row_agenda treated = {.meeting = at.meeting, .item = at.item};
        if (!sb_row_meeting_get(g->kv, NULL, &held) || !sb_row_agenda_get(g->kv, NULL, &treated))
            continue;
        *meeting = held;
        *item = treated;
        found = true;
    }
    return found;
}

static bool has_votes(gathering *g, uint32_t question)
{
    sb_row_vote vote = {.question = question};
    return question != 0 && sb_row_vote_next(g->kv, NULL, &vote, true, 1);
}

static const char *code(sb_text_family family, uint32_t value)
{
    const char *text = sb_text_code(family, value);
    return text != NULL ? text : "";
}

/* As its last treatment left it. */
static sb_err take_case(gathering *g, uint32_t no, sb_audit_case *out)
{
    sb_arena *arena = &g->a->arena;
    sb_row_case c = {.no = no};
    sb_row_meeting meeting = {0};
    sb_row_agenda item = {0};
    sb_slice title;
    if (!sb_row_case_get(g->kv, arena, &c))
        return sb_fail_set(g->fail, SB_E_LEDGER_STATE, "case", NULL);
    sb_err err = sb_nfc(sb_slice_str(c.title), arena, &title, g->fail);
    if (err != SB_OK)
        return err;
    bool is_treated = last_treatment(g, no, &meeting, &item);
    bool by_consensus = is_treated && item.mode == SB__MODE__MODE_CONSENSUS;
    *out = (sb_audit_case){.number = sb_number_label(arena, c.number, c.year),
                           .body = sb_body_words(g->charter, c.body)->id,
                           .title = (const char *)title.data,
                           .outcome = code(SB_TEXT_OUTCOME, item.outcome),
                           .mode = code(SB_TEXT_MODE, item.mode),
                           .date = sb_date_text(arena, meeting.date),
                           .after_objection = by_consensus && has_votes(g, g->closed[no])};
    return SB_OK;
}

sb_err sb_audit_cases(sb_audit *a, const sb_audit_case **cases, size_t *count, sb_fail *fail)
{
    sb_err err = SB_OK;
    *cases = NULL;
    *count = 0;
    if (sb_ledger_phase_get(a->ledger) != SB_PHASE_RUNNING)
        return SB_OK;
    gathering g = {.a = a,
                   .kv = sb_ledger_kv(a->ledger),
                   .charter = sb_ledger_charter(a->ledger),
                   .fail = fail};
    uint32_t n = count_of(g.kv, SB_REF_CASE);
    sb_audit_case *all = SB_ARENA_ARRAY(&a->arena, sb_audit_case, n);
    g.closed = SB_ARENA_ARRAY(&a->arena, uint32_t, (size_t)n + 1);
    find_closed(&g, n);
    for (uint32_t no = 1; err == SB_OK && no <= n; no++)
        err = take_case(&g, no, &all[no - 1]);
    if (err == SB_OK) {
        *cases = all;
        *count = n;
    }
    return err;
}
