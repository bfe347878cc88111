/* WORDING_PROPOSE before the meeting, CLAUSE_AMEND in it. */
#include "proto/ledger/domain.h"
#include "proto/ledger/handlers.h"

/* ---- WORDING_PROPOSE ---- */

sb_err sb_check_wording_propose(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__WordingPropose *m = (const void *)message;
    sb_row_case c;
    sb_err err = sb_case_need(s, m->case_id, &c);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(c.body);
    scope.reporter_key = c.reporter;
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_case_free_need(s, &c)) != SB_OK)
        return err;
    sb_row_meeting meeting = {.no = c.meeting};
    if (c.meeting != 0 && sb_row_meeting_get(s->kv, s->arena, &meeting) &&
        meeting.status == SB_MEETING_OPEN)
        return sb_fail_set(s->fail, SB_E_LEDGER_PROPOSE_LATE, sb_case_label(s->arena, &c),
                           sb_meeting_label(s->arena, s->charter, &meeting), NULL);
    return SB_OK;
}

void sb_apply_wording_propose(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__WordingPropose *m = (const void *)message;
    sb_row_case c;
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    sb_clauses_put(s->kv, &c, (const char *const *)m->clauses, m->n_clauses);
    sb_row_case_put(s->kv, &c);
}

/* ---- CLAUSE_AMEND ---- */

static sb_err refuse_clause(sb_step *s, sb_err code, uint32_t number, uint32_t clauses)
{
    return sb_fail_num(s->fail, code, 2, number, clauses);
}

static sb_err check_change(sb_step *s, const Sb__ClauseAmend *m, const sb_row_case *c)
{
    bool strikes = m->change_case == SB__CLAUSE_AMEND__CHANGE_STRIKE;
    uint32_t highest = strikes ? c->clauses : c->clauses + 1;
    if (m->number < 1 || m->number > highest || m->number > SB_CLAUSES_MAX)
        return refuse_clause(s, SB_E_LEDGER_CLAUSE_NUMBER, m->number, c->clauses);
    if (strikes && c->clauses == 1)
        return sb_fail_set(s->fail, SB_E_LEDGER_CLAUSE_LAST, NULL);
    if (strikes || m->number > c->clauses)
        return SB_OK;
    sb_row_clause row = {.case_no = c->no, .number = m->number};
    if (sb_row_clause_get(s->kv, s->arena, &row) && strcmp(row.text, m->text) == 0)
        return refuse_clause(s, SB_E_LEDGER_CLAUSE_SAME, m->number, c->clauses);
    return SB_OK;
}

sb_err sb_check_clause_amend(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ClauseAmend *m = (const void *)message;
    sb_row_case c;
    sb_err err = sb_case_need(s, m->case_id, &c);
    if (err != SB_OK)
        return err;
    sb_row_meeting meeting = {.no = c.meeting};
    bool on_agenda = c.meeting != 0 && sb_row_meeting_get(s->kv, s->arena, &meeting);
    sb_scope scope = sb_scope_body(c.body);
    if (on_agenda)
        scope = sb_scope_meeting(s, &meeting, c.no);
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_case_free_need(s, &c)) != SB_OK)
        return err;
    if (!on_agenda)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_NOT_IN_MEETING, sb_case_label(s->arena, &c),
                           NULL);
    if ((err = sb_meeting_open_need(s, &meeting)) != SB_OK)
        return err;
    sb_row_agenda item = {.meeting = c.meeting, .item = c.item};
    if (sb_row_agenda_get(s->kv, NULL, &item) && sb_outcome_decides(item.outcome))
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_DECIDED, sb_case_label(s->arena, &c), NULL);
    if (m->base_sha256.len != 32 || memcmp(m->base_sha256.data, c.wording, 32) != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_WORDING_STALE, sb_case_label(s->arena, &c), NULL);
    return check_change(s, m, &c);
}

void sb_apply_clause_amend(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ClauseAmend *m = (const void *)message;
    sb_row_case c;
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    const char **clauses = sb_clauses_of(s->kv, s->arena, &c); /* has room for one more */
    size_t count = c.clauses;
    size_t at = m->number - 1;
    if (m->change_case == SB__CLAUSE_AMEND__CHANGE_STRIKE) {
        for (size_t i = at; i + 1 < count; i++)
            clauses[i] = clauses[i + 1];
        count--;
    } else {
        clauses[at] = m->text;
        count = at == count ? count + 1 : count;
    }
    sb_clauses_put(s->kv, &c, clauses, count);
    sb_row_case_put(s->kv, &c);
}
