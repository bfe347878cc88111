/* ACTION_PROPOSE, ACTION_STRIKE; what becomes of a case's actions when it is decided, and at the
 * SEAL (DESIGN §5). */
#include "proto/ledger/actions.h"

#include "proto/ledger/action_plan.h"
#include "proto/ledger/action_words.h"
#include "proto/ledger/conditions.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/membership.h"

/* ---- a case's actions ---- */

static bool action_get(sb_kv *kv, sb_arena *arena, uint32_t no, sb_row_action *out)
{
    *out = (sb_row_action){.no = no};
    return no != 0 && sb_row_action_get(kv, arena, out);
}

/* The next action of the case after `at` (number 0 to begin), whatever its status. */
static bool next_action(sb_kv *kv, sb_arena *arena, sb_row_case_action *at, sb_row_action *out)
{
    return sb_row_case_action_next(kv, NULL, at, false, 1) &&
           action_get(kv, arena, at->action, out);
}

/* Everything that the case would do, in order. */
static sb_err plan_case(sb_step *s, const sb_row_case *c, sb_action_plan *plan, sb_fail *fail)
{
    sb_err err = sb_action_plan_begin(plan, s, c->body, fail);
    sb_row_case_action at = {.case_no = c->no};
    sb_row_action action;
    while (err == SB_OK && next_action(s->kv, s->arena, &at, &action)) {
        if (action.status != SB_ACTION_PROPOSED)
            continue;
        const Sb__ActionPropose *m = sb_action_decode(s->arena, action.payload);
        err = m == NULL ? sb_fail_set(fail, SB_E_LEDGER_STATE, "action", NULL)
                        : sb_action_plan_add(plan, m);
    }
    return err;
}

/* ---- ACTION_PROPOSE ---- */

/* Neither withdrawn nor decided, nor with a question open on it; in the meeting only the chair and
 * the secretariat change what is proposed. */
static sb_err check_open_to_change(sb_step *s, const sb_row_case *c)
{
    sb_row_meeting meeting = {.no = c->meeting};
    bool on_agenda = c->meeting != 0 && sb_row_meeting_get(s->kv, s->arena, &meeting);
    sb_scope scope = on_agenda ? sb_scope_meeting(s, &meeting, c->no) : sb_scope_body(c->body);
    if (!on_agenda || meeting.status != SB_MEETING_OPEN)
        scope.reporter_key = c->reporter;
    sb_err err = sb_may(s, &scope);
    return err != SB_OK ? err : sb_case_undecided_need(s, c);
}

static sb_err check_kind(sb_step *s, const sb_row_case *c)
{
    if (c->kind != SB__CASE_KIND__CASE_KIND_INFORMATION &&
        c->kind != SB__CASE_KIND__CASE_KIND_ELECTION)
        return SB_OK;
    char kind[SB_TEXT_ARG_BYTES];
    sb_text_arg(kind, SB_TEXT_CASE_KIND, c->kind);
    return sb_fail_set(s->fail, SB_E_LEDGER_ACTION_CASE, sb_case_label(s->arena, c), kind, NULL);
}

sb_err sb_check_action_propose(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ActionPropose *m = (const void *)message;
    sb_row_case c;
    sb_err err = sb_case_need(s, m->case_id, &c);
    if (err != SB_OK || (err = check_open_to_change(s, &c)) != SB_OK ||
        (err = check_kind(s, &c)) != SB_OK)
        return err;
    if (sb_attached_count(s->kv, c.no, SB_ATTACHED_ACTION) >= SB_ACTIONS_MAX)
        return sb_fail_set(s->fail, SB_E_LEDGER_ACTIONS_MANY, sb_case_label(s->arena, &c),
                           sb_arena_printf(s->arena, "%d", SB_ACTIONS_MAX), NULL);
    sb_action_plan plan;
    err = plan_case(s, &c, &plan, s->fail);
    return err != SB_OK ? err : sb_action_plan_add(&plan, m);
}

void sb_apply_action_propose(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ActionPropose *m = (const void *)message;
    const sb_entry *e = &s->leaf->entry;
    sb_row_case c;
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    sb_row_case_action at = {.case_no = c.no};
    while (sb_row_case_action_next(s->kv, NULL, &at, false, 1))
        ;
    at.number++;
    at.action = sb_number_next(s->kv, SB_REF_ACTION);
    sb_row_case_action_put(s->kv, &at);
    sb_row_action row = {.no = at.action,
                         .case_no = c.no,
                         .number = at.number,
                         .kind = (uint8_t)sb_action_kind_of(m),
                         .status = SB_ACTION_PROPOSED,
                         .key = s->signer.no,
                         .index = s->index,
                         .payload = e->payload};
    memcpy(row.id, e->id, 32);
    if (row.kind == SB_ACTION_CHARTER) {
        row.draft = sb_ref_find(s->kv, m->charter->draft_id, SB_REF_CHARTER_DRAFT);
        sb_charter_draft_named(s->kv, row.draft);
    }
    sb_row_action_put(s->kv, &row);
    sb_ref_put(s->kv, row.id, SB_REF_ACTION, row.no);
    sb_case_attach(s->kv, &c, SB_ATTACHED_ACTION, row.number, row.id);
    sb_row_case_put(s->kv, &c);
}

/* ---- ACTION_STRIKE ---- */

static sb_err action_need(sb_step *s, ProtobufCBinaryData id, sb_row_action *action, sb_row_case *c)
{
    uint32_t no;
    sb_err err = sb_ref_need(s, id, SB_REF_ACTION, &no);
    if (err != SB_OK)
        return err;
    *c = (sb_row_case){.no = 0};
    if (!action_get(s->kv, s->arena, no, action))
        return SB_E_LEDGER_STATE;
    c->no = action->case_no;
    return sb_row_case_get(s->kv, s->arena, c) ? SB_OK : SB_E_LEDGER_STATE;
}

sb_err sb_check_action_strike(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ActionStrike *m = (const void *)message;
    sb_row_action action;
    sb_row_case c;
    sb_err err = action_need(s, m->action_id, &action, &c);
    if (err != SB_OK || (err = check_open_to_change(s, &c)) != SB_OK)
        return err;
    return action.status == SB_ACTION_PROPOSED
               ? SB_OK
               : sb_fail_set(s->fail, SB_E_LEDGER_ACTION_DONE, NULL);
}

void sb_apply_action_strike(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ActionStrike *m = (const void *)message;
    sb_row_action action;
    sb_row_case c;
    if (action_need(s, m->action_id, &action, &c) != SB_OK)
        return;
    action.status = SB_ACTION_STRUCK;
    action.done_index = s->index;
    action.done_ms = s->now_ms;
    sb_row_action_put(s->kv, &action);
    sb_case_detach(s->kv, &c, SB_ATTACHED_ACTION, action.number);
    sb_row_case_put(s->kv, &c);
}

/* ---- QUESTION_OPEN ---- */

/* Parties of an agreement that the change touches, or may touch, are asked first or afterwards, as
 * the bylaws say; about who is a member always. */
static sb_err check_involved(sb_step *s, const sb_row_case *c, const sb_action_plan *plan)
{
    const Sb__Involvement *needs = NULL;
    if (plan->members)
        needs = s->charter->membership->involvement;
    else if (plan->change != NULL && plan->change->overlap != SB__OVERLAP__OVERLAP_NONE)
        needs = s->charter->amendment->involvement;
    if (needs == NULL || sb_conditions_involve(s->kv, s->arena, s->charter, c->no, needs))
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_AMEND_INVOLVE, sb_case_label(s->arena, c),
                       sb_cite(needs->cite), NULL);
}

sb_err sb_actions_check_open(sb_step *s, const sb_row_case *c, Sb__Mode mode)
{
    if (mode == SB__MODE__MODE_NOTE || mode == SB__MODE__MODE_POLL)
        return SB_OK;
    sb_action_plan plan;
    sb_err err = plan_case(s, c, &plan, s->fail);
    if (err != SB_OK || (plan.change == NULL && !plan.membership))
        return err;
    if (mode != SB__MODE__MODE_VOTE) /* consensus would pass by the rule and what it asks for */
        return sb_fail_set(s->fail, SB_E_LEDGER_AMEND_MODE, sb_case_label(s->arena, c), NULL);
    if (plan.members && (err = sb_membership_free_need(s, s->fail)) != SB_OK)
        return err;
    return check_involved(s, c, &plan);
}

/* The action that changes the charter, not struck by this leaf. */
static bool charter_action_at(sb_kv *kv, sb_arena *arena, uint32_t case_no, uint64_t index,
                              sb_row_action *out)
{
    sb_row_case_action at = {.case_no = case_no};
    while (next_action(kv, arena, &at, out))
        if (out->kind == SB_ACTION_CHARTER && out->index <= index &&
            (out->status != SB_ACTION_STRUCK || out->done_index > index))
            return true;
    return false;
}

/* Organisations, who confirms, or keys of organisations: not of members' devices. */
static bool changes_membership(sb_kv *kv, sb_arena *arena, uint32_t case_no)
{
    sb_row_case_action at = {.case_no = case_no};
    sb_row_action action;
    sb_row_key key;
    while (next_action(kv, arena, &at, &action)) {
        if (action.status == SB_ACTION_STRUCK)
            continue;
        if (sb_action_is_membership((sb_action_kind)action.kind))
            return true;
        if (action.kind != SB_ACTION_KEY_REPLACE)
            continue;
        const Sb__ActionPropose *m = sb_action_decode(arena, action.payload);
        if (m != NULL && sb_key_find(kv, m->key_replace->old_pk.data, &key) &&
            key.kind != SB_KEY_KIND_DEVICE)
            return true;
    }
    return false;
}

const Sb__Rule *sb_actions_pass_rule(sb_kv *kv, const Sb__Charter *charter, uint32_t body,
                                     uint32_t case_no)
{
    const Sb__Amendment *a = charter->amendment, *b = charter->membership;
    const Sb__Rule *pass = charter->bodies[body]->pass;
    sb_row_action action;
    sb_arena arena;
    sb_arena_init(&arena);
    if (a != NULL && a->pass->text[0] != '\0' && sb_body_find(charter, a->body) == body &&
        charter_action_at(kv, &arena, case_no, SB_NOW, &action))
        pass = a->pass;
    else if (b != NULL && b->pass->text[0] != '\0' && sb_body_find(charter, b->body) == body &&
             changes_membership(kv, &arena, case_no))
        pass = b->pass;
    sb_arena_deinit(&arena);
    return pass;
}

uint32_t sb_actions_draft_no_at(sb_kv *kv, uint32_t case_no, uint64_t index)
{
    sb_row_action action;
    sb_arena arena;
    sb_arena_init(&arena);
    uint32_t no = charter_action_at(kv, &arena, case_no, index, &action) ? action.draft : 0;
    sb_arena_deinit(&arena);
    return no;
}

bool sb_actions_draft_at(sb_kv *kv, uint32_t case_no, uint64_t index, uint8_t sha256[32])
{
    sb_row_charter_draft draft = {.no = sb_actions_draft_no_at(kv, case_no, index)};
    if (draft.no == 0 || !sb_row_charter_draft_get(kv, NULL, &draft))
        return false;
    memcpy(sha256, draft.sha256, 32);
    return true;
}

/* ---- adopted ---- */

/* It acts at the SEAL that covers this leaf. */
static void make_ready(sb_step *s, sb_row_action *action)
{
    action->ready_index = s->index;
    sb_row_waiting row = {.index = s->index,
                          .action = action->no,
                          .type = SB_ENTRY_ACTION_PROPOSE,
                          .key = action->key};
    memcpy(row.entry_id, action->id, 32);
    sb_row_waiting_put(s->kv, &row);
}

static void put_dropped(sb_step *s, const sb_row_action *action, const sb_fail *why)
{
    sb_row_action_dropped row = {.action = action->no,
                                 .reason = why->code,
                                 .args = (uint8_t)why->argc,
                                 .a = why->argc > 0 ? why->arg[0] : "",
                                 .b = why->argc > 1 ? why->arg[1] : "",
                                 .c = why->argc > 2 ? why->arg[2] : "",
                                 .d = why->argc > 3 ? why->arg[3] : ""};
    sb_row_action_dropped_put(s->kv, &row);
}

static void drop(sb_step *s, sb_row_action *action, const sb_fail *why)
{
    if (action->ready_index != 0) {
        sb_row_waiting row = {.index = action->ready_index, .action = action->no};
        sb_row_waiting_del(s->kv, &row);
    }
    action->status = SB_ACTION_DROPPED;
    action->done_index = s->index;
    action->done_ms = s->now_ms;
    sb_row_action_put(s->kv, action);
    put_dropped(s, action, why);
}

/* The next adopted part of the case's change of organisations and witnessing. */
static bool next_change(sb_step *s, sb_row_case_action *at, sb_row_action *out)
{
    while (next_action(s->kv, s->arena, at, out))
        if (out->status == SB_ACTION_ADOPTED && sb_action_is_membership((sb_action_kind)out->kind))
            return true;
    return false;
}

static void give_up(sb_step *s, uint32_t case_no, const sb_fail *why)
{
    sb_row_case_action at = {.case_no = case_no};
    sb_row_action action;
    while (next_change(s, &at, &action))
        drop(s, &action, why);
    sb_membership_end(s);
}

void sb_membership_give_up(sb_step *s, uint32_t case_no, sb_err why)
{
    sb_fail fail = {0};
    (void)sb_fail_set(&fail, why, NULL);
    give_up(s, case_no, &fail);
}

/* All adopted parts of the change, as one. */
static sb_err plan_changes(sb_step *s, uint32_t case_no, sb_action_plan *plan,
                           const Sb__ActionPropose **changes, size_t *count, sb_fail *fail)
{
    sb_row_case c = {.no = case_no};
    sb_row_case_action at = {.case_no = case_no};
    sb_row_action action;
    *count = 0;
    if (!sb_row_case_get(s->kv, s->arena, &c))
        return sb_fail_set(fail, SB_E_LEDGER_STATE, "case", NULL);
    sb_err err = sb_action_plan_begin(plan, s, c.body, fail);
    while (err == SB_OK && next_change(s, &at, &action)) {
        const Sb__ActionPropose *m = sb_action_decode(s->arena, action.payload);
        err = m == NULL ? sb_fail_set(fail, SB_E_LEDGER_STATE, "action", NULL)
                        : sb_action_plan_add(plan, m);
        changes[(*count)++] = m;
    }
    return err;
}

/* It waits for its SEAL from this leaf on; what can't be done any more is dropped at once. */
static void pend(sb_step *s, uint32_t case_no)
{
    const Sb__ActionPropose *changes[SB_ACTIONS_MAX];
    size_t count;
    sb_action_plan plan;
    sb_fail why = {0};
    why.code = plan_changes(s, case_no, &plan, changes, &count, &why);
    if (why.code == SB_OK)
        sb_membership_pend(s, &plan, changes, count);
    else
        give_up(s, case_no, &why);
}

void sb_actions_adopted(sb_step *s, const sb_row_question *question)
{
    bool free = sb_conditions_met(s->kv, question->case_no,
                                  SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT);
    sb_row_case_action at = {.case_no = question->case_no};
    sb_row_action action;
    sb_fail why = {0};
    why.code = sb_membership_free_need(s, &why);
    bool members = false;
    while (next_action(s->kv, s->arena, &at, &action)) {
        if (action.status != SB_ACTION_PROPOSED)
            continue;
        bool change = sb_action_is_membership((sb_action_kind)action.kind);
        action.status = SB_ACTION_ADOPTED;
        action.question = question->no;
        action.adopted_index = s->index;
        if (change && why.code != SB_OK) { /* another was adopted while this question was open */
            drop(s, &action, &why);
            continue;
        }
        members |= change;
        if (free)
            make_ready(s, &action);
        sb_row_action_put(s->kv, &action);
    }
    if (members)
        sb_membership_take(s, question->case_no);
    if (members && free)
        pend(s, question->case_no);
}

void sb_actions_ready(sb_step *s, uint32_t case_no)
{
    sb_row_case_action at = {.case_no = case_no};
    sb_row_action action;
    bool members = false;
    while (next_action(s->kv, s->arena, &at, &action)) {
        if (action.status != SB_ACTION_ADOPTED || action.ready_index != 0)
            continue;
        make_ready(s, &action);
        sb_row_action_put(s->kv, &action);
        members |= sb_action_is_membership((sb_action_kind)action.kind);
    }
    if (members)
        pend(s, case_no);
}

/* ---- at the SEAL ---- */

/* A change of members acts as a whole or not at all: every part that is left can be done. */
static sb_err change_need(sb_step *s, const sb_row_action *action, sb_fail *fail)
{
    const Sb__ActionPropose *changes[SB_ACTIONS_MAX];
    size_t count;
    sb_action_plan plan;
    return sb_membership_is(s, action->case_no)
               ? plan_changes(s, action->case_no, &plan, changes, &count, fail)
               : sb_fail_set(fail, SB_E_LEDGER_MEMBERSHIP_PART, NULL);
}

static sb_err act(sb_step *s, const sb_row_action *action, const Sb__ActionPropose *m,
                  sb_fail *fail)
{
    sb_action_plan plan;
    sb_row_case c = {.no = action->case_no};
    if (!sb_row_case_get(s->kv, s->arena, &c))
        return sb_fail_set(fail, SB_E_LEDGER_STATE, "case", NULL);
    bool member = sb_action_is_membership((sb_action_kind)action->kind);
    sb_err err = member ? change_need(s, action, fail) : SB_OK;
    if (err == SB_OK)
        err = sb_action_plan_begin(&plan, s, c.body, fail);
    if (err == SB_OK)
        err = sb_action_plan_add(&plan, m);
    if (err != SB_OK)
        return err;
    if (sb_action_is_structural((sb_action_kind)action->kind)) {
        sb_charter_enact(s, &plan.next, (sb_action_kind)action->kind, action->no);
        if (member)
            sb_membership_act(s, m);
        return SB_OK;
    }
    if (action->kind == SB_ACTION_KEY_REPLACE)
        return sb_replacement_act(s, m->key_replace, true);
    sb_row_waiting w = {.index = action->index};
    memcpy(w.entry_id, action->id, 32);
    sb_row_key proposer = {.no = action->key};
    (void)sb_row_key_get(s->kv, NULL, &proposer);
    return sb_appointment_act(s, m->appoint, &w, proposer.org);
}

bool sb_action_settle(sb_step *s, uint32_t no)
{
    sb_row_action action;
    if (!action_get(s->kv, s->arena, no, &action))
        return true;
    const Sb__ActionPropose *m = sb_action_decode(s->arena, action.payload);
    sb_fail why = {.code = SB_E_LEDGER_STATE};
    /* who holds the place keeps it until then: the first SEAL of that day or later */
    if (m != NULL && action.kind == SB_ACTION_APPOINT && m->appoint->from_date > s->date)
        return false;
    sb_err err = m == NULL ? SB_E_LEDGER_STATE : act(s, &action, m, &why);
    action.status = err == SB_OK ? SB_ACTION_IN_FORCE : SB_ACTION_DROPPED;
    action.done_index = s->index;
    action.done_ms = s->now_ms;
    sb_row_action_put(s->kv, &action);
    if (err != SB_OK) {
        why.code = err;
        put_dropped(s, &action, &why);
        if (sb_action_is_membership((sb_action_kind)action.kind) &&
            sb_membership_is(s, action.case_no))
            give_up(s, action.case_no, &why);
    }
    return true;
}
