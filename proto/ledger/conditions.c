/* CONDITION_SET, CONDITION_FULFIL, and what a condition that isn't met keeps from happening
 * (DESIGN §5; § 4; § 7). */
#include "proto/ledger/conditions.h"

#include "proto/calendar/deadline.h"
#include "proto/calendar/oslo.h"
#include "proto/ledger/actions.h"
#include "proto/ledger/case_parts.h"
#include "proto/ledger/handlers.h"

/* ---- who may be asked ---- */

const char *sb_asked_name(const Sb__Charter *c, const char *id, bool bodies_too)
{
    for (size_t i = 0; i < c->n_parties; i++)
        if (strcmp(c->parties[i]->id, id) == 0)
            return c->parties[i]->name;
    uint32_t at;
    if ((at = sb_org_find(c, id)) != SB_NONE)
        return c->organisations[at]->name;
    if ((at = sb_appointer_find(c, id)) != SB_NONE)
        return c->appointers[at]->name;
    if ((at = sb_partner_find(c, id)) != SB_NONE)
        return c->partners[at]->name;
    if (bodies_too && (at = sb_body_find(c, id)) != SB_NONE)
        return c->bodies[at]->name;
    return NULL;
}

sb_err sb_asked_check(sb_step *s, char *const *ids, size_t count, bool bodies_too)
{
    for (size_t i = 0; i < count; i++) {
        if (sb_asked_name(s->charter, ids[i], bodies_too) == NULL)
            return sb_fail_set(s->fail, SB_E_LEDGER_ASKED_UNKNOWN, ids[i], NULL);
        for (size_t k = 0; k < i; k++)
            if (strcmp(ids[k], ids[i]) == 0)
                return sb_fail_set(s->fail, SB_E_LEDGER_ASKED_TWICE, ids[i], NULL);
    }
    return SB_OK;
}

sb_err sb_due_check(sb_step *s, uint32_t yyyymmdd)
{
    sb_date date;
    if (!sb_date_from_number(yyyymmdd, &date))
        return sb_fail_num(s->fail, SB_E_LEDGER_DATE_INVALID, 1, yyyymmdd, 0);
    if (date.year > SB_DEADLINE_YEAR_MAX) /* its end is a moment that must exist */
        return sb_fail_set(s->fail, SB_E_DEADLINE_RANGE, NULL);
    if (yyyymmdd < s->date)
        return sb_fail_set(s->fail, SB_E_LEDGER_DUE_PAST, sb_date_arg(s->arena, yyyymmdd), NULL);
    return SB_OK;
}

bool sb_speaks_for(sb_step *s, const char *id)
{
    const Sb__Charter *c = s->charter;
    if (s->signer.kind != SB_KEY_KIND_AUTHORITY || s->signer.org >= c->n_organisations)
        return false;
    const char *org = c->organisations[s->signer.org]->id;
    uint32_t appointer = sb_appointer_find(c, id);
    return strcmp(org, id) == 0 ||
           (appointer != SB_NONE && strcmp(c->appointers[appointer]->host, org) == 0);
}

/* ---- CONDITION_SET ---- */

static uint32_t count_of_case(sb_kv *kv, uint32_t case_no)
{
    uint32_t count = 0;
    sb_row_case_condition row = {.case_no = case_no};
    for (bool more = sb_row_case_condition_next(kv, NULL, &row, true, 1); more;
         more = sb_row_case_condition_next(kv, NULL, &row, false, 1))
        count++;
    return count;
}

/* Does an action of the case wait, adopted by an earlier treatment? */
static bool has_adopted(sb_kv *kv, uint32_t case_no)
{
    sb_arena arena;
    bool found = false;
    sb_arena_init(&arena);
    sb_row_case_action at = {.case_no = case_no};
    for (bool more = sb_row_case_action_next(kv, NULL, &at, true, 1); more && !found;
         more = sb_row_case_action_next(kv, NULL, &at, false, 1)) {
        sb_row_action row = {.no = at.action};
        found = sb_row_action_get(kv, &arena, &row) && row.status == SB_ACTION_ADOPTED;
    }
    sb_arena_deinit(&arena);
    return found;
}

sb_err sb_check_condition_set(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ConditionSet *m = (const void *)message;
    sb_row_case c;
    sb_err err = sb_case_need(s, m->case_id, &c);
    if (err != SB_OK)
        return err;
    sb_row_meeting meeting = {.no = c.meeting};
    sb_scope scope = sb_scope_body(c.body);
    if (c.meeting != 0 && sb_row_meeting_get(s->kv, NULL, &meeting))
        scope = sb_scope_meeting(s, &meeting, c.no);
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_case_undecided_need(s, &c)) != SB_OK ||
        (err = sb_asked_check(s, m->parties, m->n_parties, false)) != SB_OK)
        return err;
    if (m->lapses && m->due_date == 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CONDITION_LAPSES, NULL);
    if (m->due_date != 0 && (err = sb_due_check(s, m->due_date)) != SB_OK)
        return err;
    if (m->moment == SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT &&
        has_adopted(s->kv, c.no))
        return sb_fail_set(s->fail, SB_E_LEDGER_CONDITION_ADOPTED, sb_case_label(s->arena, &c),
                           NULL);
    if (count_of_case(s->kv, c.no) >= SB_CONDITIONS_MAX)
        return sb_fail_set(s->fail, SB_E_LEDGER_CONDITIONS_MANY, sb_case_label(s->arena, &c),
                           sb_arena_printf(s->arena, "%d", SB_CONDITIONS_MAX), NULL);
    return SB_OK;
}

/* The day is the parties' to its end. */
static uint64_t end_of_day_ms(uint32_t yyyymmdd)
{
    sb_date date;
    return sb_date_from_number(yyyymmdd, &date)
               ? (uint64_t)sb_oslo_day_start_ms(sb_date_add(date, 1))
               : 0;
}

void sb_apply_condition_set(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ConditionSet *m = (const void *)message;
    sb_row_case c;
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    sb_row_condition row = {.no = sb_number_next(s->kv, SB_REF_CONDITION),
                            .case_no = c.no,
                            .moment = (uint8_t)m->moment,
                            .kind = (uint8_t)m->kind,
                            .cite = m->cite,
                            .due_date = m->due_date,
                            .lapses = m->lapses ? 1 : 0,
                            .parties = (uint32_t)m->n_parties,
                            .unmet = (uint32_t)m->n_parties,
                            .index = s->index};
    memcpy(row.id, s->leaf->entry.id, 32);
    sb_row_condition_put(s->kv, &row);
    sb_ref_put(s->kv, row.id, SB_REF_CONDITION, row.no);
    sb_row_case_condition by_case = {.case_no = c.no, .condition = row.no};
    sb_row_case_condition_put(s->kv, &by_case);
    for (size_t i = 0; i < m->n_parties; i++) {
        sb_row_condition_party party = {
            .condition = row.no, .n = (uint32_t)i + 1, .id = m->parties[i]};
        sb_row_condition_party_put(s->kv, &party);
    }
    if (m->lapses)
        sb_due_put(s->kv, end_of_day_ms(m->due_date), SB_DUE_CONDITION, row.no);
    sb_row_condition_text text = {.condition = row.no};
    sb_blob_set(text.sha256, &text.size, m->text);
    sb_row_condition_text_put(s->kv, &text);
}

/* ---- CONDITION_FULFIL ---- */

static sb_err condition_need(sb_step *s, ProtobufCBinaryData id, sb_row_condition *out)
{
    sb_err err = sb_ref_need(s, id, SB_REF_CONDITION, &out->no);
    if (err == SB_OK && !sb_row_condition_get(s->kv, s->arena, out))
        err = SB_E_LEDGER_STATE;
    return err;
}

static bool party_find(sb_step *s, uint32_t condition, const char *id, sb_row_condition_party *out)
{
    *out = (sb_row_condition_party){.condition = condition};
    for (bool more = sb_row_condition_party_next(s->kv, s->arena, out, true, 1); more;
         more = sb_row_condition_party_next(s->kv, s->arena, out, false, 1))
        if (strcmp(out->id, id) == 0)
            return true;
    return false;
}

/* Does the party's answer, or its silence after the deadline, count as given? */
static bool is_met(const sb_row_condition *row, const sb_row_condition_party *party)
{
    return party->answer == SB__CONDITION_ANSWER__CONDITION_ANSWER_MET ||
           (party->answer == 0 && row->lapsed);
}

/* Who may answer: the party itself where it has a key here, else the secretariat, which says what
 * it rests on. */
static sb_err check_answerer(sb_step *s, const Sb__ConditionFulfil *m, uint32_t body)
{
    sb_scope scope = sb_scope_body(body);
    sb_err err = sb_may(s, &scope);
    if (err != SB_OK || sb_speaks_for(s, m->party))
        return err;
    if (!sb_signer_can(s, SB_CAP_SECRETARIAT, &scope))
        return sb_fail_set(s->fail, SB_E_LEDGER_CONDITION_SIGNER, m->party, NULL);
    if (m->document == NULL && m->reference[0] == '\0')
        return sb_fail_set(s->fail, SB_E_LEDGER_CONDITION_PROOF, m->party, NULL);
    return SB_OK;
}

sb_err sb_check_condition_fulfil(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ConditionFulfil *m = (const void *)message;
    sb_row_condition row;
    sb_row_condition_party party;
    sb_date date;
    sb_err err = condition_need(s, m->condition_id, &row);
    if (err != SB_OK)
        return err;
    sb_row_case c = {.no = row.case_no};
    (void)sb_row_case_get(s->kv, s->arena, &c);
    if ((err = check_answerer(s, m, c.body)) != SB_OK)
        return err;
    if (!party_find(s, row.no, m->party, &party))
        return sb_fail_set(s->fail, SB_E_LEDGER_NOT_ASKED, m->party, NULL);
    if (row.unmet == 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CONDITION_MET, NULL);
    if (party.answer == (uint8_t)m->answer)
        return sb_fail_set(s->fail, SB_E_LEDGER_CONDITION_SAME, m->party, NULL);
    if (is_met(&row, &party) && party.answer == 0 &&
        m->answer == SB__CONDITION_ANSWER__CONDITION_ANSWER_REFUSED)
        return sb_fail_set(s->fail, SB_E_LEDGER_CONDITION_LATE, m->party,
                           sb_date_arg(s->arena, row.due_date), NULL);
    if (!sb_date_from_number(m->date, &date))
        return sb_fail_num(s->fail, SB_E_LEDGER_DATE_INVALID, 1, m->date, 0);
    if (m->date > s->date)
        return sb_fail_set(s->fail, SB_E_LEDGER_DATE_FUTURE, sb_date_arg(s->arena, m->date), NULL);
    return SB_OK;
}

/* The condition's count has changed: is it the last that its moment waited for? */
static void put_count(sb_step *s, sb_row_condition *row)
{
    if (row->unmet == 0) {
        row->met_index = s->index;
        row->met_ms = s->now_ms;
    }
    sb_row_condition_put(s->kv, row);
    if (row->unmet == 0 && row->moment == SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT &&
        sb_conditions_met(s->kv, row->case_no,
                          SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT))
        sb_actions_ready(s, row->case_no);
}

void sb_apply_condition_fulfil(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ConditionFulfil *m = (const void *)message;
    sb_row_condition row;
    sb_row_condition_party party;
    if (condition_need(s, m->condition_id, &row) != SB_OK ||
        !party_find(s, row.no, m->party, &party))
        return;
    bool before = is_met(&row, &party);
    party.answer = (uint8_t)m->answer;
    party.decided_by = m->decided_by;
    party.date = m->date;
    party.reference = m->reference;
    party.index = s->index;
    sb_blob_set(party.document_sha256, &party.document_size, m->document);
    sb_row_condition_party_put(s->kv, &party);
    bool after = is_met(&row, &party);
    row.unmet += (before ? 1 : 0);
    row.unmet -= (after ? 1 : 0);
    if (row.unmet == 0 && row.lapses && !row.lapsed)
        sb_due_del(s->kv, end_of_day_ms(row.due_date), SB_DUE_CONDITION, row.no);
    put_count(s, &row);
}

/* ---- the deadline ---- */

void sb_condition_lapse(sb_step *s, uint32_t condition_no)
{
    sb_row_condition row = {.no = condition_no};
    if (!sb_row_condition_get(s->kv, s->arena, &row) || row.lapsed || row.unmet == 0)
        return;
    sb_row_condition_party party = {.condition = row.no};
    for (bool more = sb_row_condition_party_next(s->kv, s->arena, &party, true, 1); more;
         more = sb_row_condition_party_next(s->kv, s->arena, &party, false, 1))
        row.unmet -= party.answer == 0 ? 1 : 0;
    row.lapsed = 1;
    put_count(s, &row);
}

/* ---- what others ask ---- */

/* The first condition of the moment, set before this leaf, that isn't met; met_index: of the last
 * that is. */
static bool find_open(sb_kv *kv, sb_arena *arena, uint32_t case_no, Sb__ConditionMoment moment,
                      uint64_t set_before, sb_row_condition *out, uint64_t *met_index)
{
    *met_index = 0;
    sb_row_case_condition at = {.case_no = case_no};
    for (bool more = sb_row_case_condition_next(kv, NULL, &at, true, 1); more;
         more = sb_row_case_condition_next(kv, NULL, &at, false, 1)) {
        *out = (sb_row_condition){.no = at.condition};
        if (!sb_row_condition_get(kv, arena, out) || out->moment != (uint8_t)moment ||
            out->index >= set_before)
            continue;
        if (out->unmet > 0)
            return true;
        if (out->met_index > *met_index)
            *met_index = out->met_index;
    }
    return false;
}

bool sb_conditions_met_of(sb_kv *kv, uint32_t case_no, Sb__ConditionMoment moment,
                          uint64_t set_before, uint64_t *met_index)
{
    sb_arena arena;
    sb_row_condition row;
    sb_arena_init(&arena);
    bool open = find_open(kv, &arena, case_no, moment, set_before, &row, met_index);
    sb_arena_deinit(&arena);
    return !open;
}

bool sb_conditions_met(sb_kv *kv, uint32_t case_no, Sb__ConditionMoment moment)
{
    uint64_t index;
    return sb_conditions_met_of(kv, case_no, moment, SB_NOW, &index);
}

static bool asks_every_party(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter,
                             uint32_t condition)
{
    for (size_t i = 0; i < charter->n_parties; i++) {
        bool asked = false;
        sb_row_condition_party party = {.condition = condition};
        for (bool more = sb_row_condition_party_next(kv, arena, &party, true, 1); more && !asked;
             more = sb_row_condition_party_next(kv, arena, &party, false, 1))
            asked = strcmp(party.id, charter->parties[i]->id) == 0;
        if (!asked)
            return false;
    }
    return true;
}

bool sb_conditions_involve(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter, uint32_t case_no,
                           const Sb__Involvement *needs)
{
    sb_row_case_condition at = {.case_no = case_no};
    for (bool more = sb_row_case_condition_next(kv, NULL, &at, true, 1); more;
         more = sb_row_case_condition_next(kv, NULL, &at, false, 1)) {
        sb_row_condition row = {.no = at.condition};
        if (sb_row_condition_get(kv, arena, &row) && row.moment == (uint8_t)needs->moment &&
            row.kind == (uint8_t)needs->kind && (!row.lapses || needs->lapses) &&
            asks_every_party(kv, arena, charter, row.no))
            return true;
    }
    return false;
}

/* "unn, tromso og 3 til": the sentence must end somewhere. */
static const char *who_is_missing(sb_step *s, const sb_row_condition *row)
{
    enum { NAMED_MAX = 3 };
    const char *text = "";
    uint32_t named = 0, missing = 0;
    sb_row_condition_party party = {.condition = row->no};
    for (bool more = sb_row_condition_party_next(s->kv, s->arena, &party, true, 1); more;
         more = sb_row_condition_party_next(s->kv, s->arena, &party, false, 1)) {
        if (is_met(row, &party))
            continue;
        missing++;
        if (named < NAMED_MAX) {
            const char *name = sb_asked_name(s->charter, party.id, true);
            text = sb_arena_printf(s->arena, "%s%s%s", text, named > 0 ? ", " : "",
                                   name != NULL ? name : party.id);
            named++;
        }
    }
    if (missing > named)
        text = sb_arena_printf(s->arena, "%s, … (%u)", text, (unsigned)missing);
    return text;
}

sb_err sb_conditions_check_question(sb_step *s, const sb_row_case *c)
{
    sb_row_condition row;
    uint64_t index;
    if (!find_open(s->kv, s->arena, c->no, SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_QUESTION,
                   SB_NOW, &row, &index))
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_CONDITION_OPEN, sb_case_label(s->arena, c),
                       who_is_missing(s, &row), row.cite, NULL);
}
