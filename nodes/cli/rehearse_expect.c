/* Expectations: asked of every running node, compared, and told with what came instead. */
#include <stdio.h>

#include "nodes/cli/rehearse_expect.h"
#include "proto/rules/eval.h"

/* ---- answers of queries ---- */

bool sb_reh_doc_none(const sb_doc *node)
{
    return node == NULL || node->kind == SB_DOC_NULL;
}

/* ---- one comparison ---- */

sb_err sb_reh_differs(const sb_reh_asked *a, sb_reh_field field, const char *key,
                      const char *expected, const char *got)
{
    char line[16];
    sb_arena *s = &a->p->scratch;
    (void)snprintf(line, sizeof line, "%lu",
                   (unsigned long)(a->step->fields[field] != NULL ? a->step->fields[field]->line
                                                                  : a->step->line));
    return sb_fail_set(a->fail, SB_E_REHEARSE_EXPECTED, a->step->file, line,
                       sb_arena_printf(s, "%s: %s %s", a->subject, key, expected),
                       sb_arena_printf(s, "%s (%s)", *got == '\0' ? "–" : got, a->node->name),
                       NULL);
}

/* The field, when given, is this text. */
sb_err sb_reh_same_text(const sb_reh_asked *a, sb_reh_field field, const char *key, const char *got)
{
    const sb_reh_value *v = a->step->fields[field];
    return v == NULL || strcmp(v->text, got) == 0 ? SB_OK
                                                  : sb_reh_differs(a, field, key, v->text, got);
}

sb_err sb_reh_same_number(const sb_reh_asked *a, sb_reh_field field, const char *key, uint64_t got)
{
    const sb_reh_value *v = a->step->fields[field];
    sb_arena *s = &a->p->scratch;
    if (v == NULL || v->number == got)
        return SB_OK;
    return sb_reh_differs(a, field, key, sb_arena_printf(s, "%llu", (unsigned long long)v->number),
                          sb_arena_printf(s, "%llu", (unsigned long long)got));
}

sb_err sb_reh_same_bool(const sb_reh_asked *a, sb_reh_field field, const char *key, bool got)
{
    const sb_reh_value *v = a->step->fields[field];
    if (v == NULL || (v->number != 0) == got)
        return SB_OK;
    return sb_reh_differs(a, field, key, got ? "false" : "true", got ? "true" : "false");
}

/* ---- cases ---- */

static const sb_doc *last_of(const sb_doc *list)
{
    return sb_doc_count(list) == 0 ? NULL : list->items[list->count - 1];
}

/* "2, 4": the numbers of the clauses that differ from the proposal. */
static const char *changed_numbers(const sb_doc *treatment, sb_arena *arena)
{
    const char *text = "";
    const sb_doc *clauses = sb_doc_get(treatment, "clauses");
    for (uint32_t i = 0; i < sb_doc_count(clauses); i++) {
        const sb_doc *c = clauses->items[i];
        if (strcmp(sb_doc_str(c, "change"), "same") != 0 &&
            !sb_reh_doc_none(sb_doc_get(c, "number")))
            text = sb_arena_printf(arena, "%s%s%llu", text, *text == '\0' ? "" : ", ",
                                   (unsigned long long)sb_doc_num(c, "number"));
    }
    return text;
}

static sb_err same_changes(const sb_reh_asked *a, const sb_doc *treatment)
{
    const sb_reh_value *v = a->step->fields[SB_REH_F_CHANGED];
    const char *expected = "";
    sb_arena *s = &a->p->scratch;
    if (v == NULL)
        return SB_OK;
    for (uint32_t i = 0; i < v->count; i++)
        expected = sb_arena_printf(s, "%s%s%llu", expected, *expected == '\0' ? "" : ", ",
                                   (unsigned long long)v->items[i].a);
    const char *got = changed_numbers(treatment, s);
    return strcmp(expected, got) == 0
               ? SB_OK
               : sb_reh_differs(a, SB_REH_F_CHANGED, "changed", expected, got);
}

/* Of the ballots that count (all, while the question is open). */
static uint64_t votes_of(const sb_doc *question, const char *partner, const char *choice)
{
    const sb_doc *ballots = sb_doc_get(question, "ballots");
    uint64_t n = 0;
    for (uint32_t i = 0; i < sb_doc_count(ballots); i++) {
        const sb_doc *b = ballots->items[i];
        bool counts = sb_doc_get(b, "counted") == NULL || sb_doc_true(b, "counted");
        n += counts && strcmp(sb_doc_str(b, "partner"), partner) == 0 &&
             strcmp(sb_doc_str(b, "choice"), choice) == 0;
    }
    return n;
}

static sb_err same_votes(const sb_reh_asked *a, sb_reh_process *node, const char *case_id)
{
    const sb_reh_value *v = a->step->fields[SB_REH_F_VOTES];
    const sb_doc *question = NULL;
    sb_arena *s = &a->p->scratch;
    if (v == NULL)
        return SB_OK;
    sb_err err = sb_reh_ask(a->p->fed, node, s, &question, a->fail, "question", case_id, NULL);
    if (err == SB_E_NOT_FOUND)
        return sb_reh_differs(a, SB_REH_F_VOTES, "votes", "", "");
    for (uint32_t i = 0; i < v->count && err == SB_OK; i++) {
        const sb_reh_item *item = &v->items[i];
        uint64_t for_ = votes_of(question, item->text, "for");
        uint64_t against = votes_of(question, item->text, "against");
        if (for_ != item->a || against != item->b)
            err = sb_reh_differs(a, SB_REH_F_VOTES, sb_arena_printf(s, "votes %s", item->text),
                                 sb_arena_printf(s, "%llu-%llu", (unsigned long long)item->a,
                                                 (unsigned long long)item->b),
                                 sb_arena_printf(s, "%llu-%llu", (unsigned long long)for_,
                                                 (unsigned long long)against));
    }
    return err;
}

static sb_err expect_case(sb_reh_asked *a, sb_reh_process *node)
{
    const sb_reh_name *name = sb_reh_named(a->p, SB_REH_NAME_CASE, a->step, SB_REH_F_CASE);
    const sb_doc *c = NULL;
    a->subject = name->name;
    sb_err err = sb_reh_ask(a->p->fed, node, &a->p->scratch, &c, a->fail, "case", name->id, NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *treatment = last_of(sb_doc_get(c, "treatments"));
    uint32_t decided = sb_doc_count(sb_doc_get(treatment, "decided"));
    uint32_t clauses = decided > 0 ? decided : sb_doc_count(sb_doc_get(c, "clauses"));
    if ((err = sb_reh_same_text(a, SB_REH_F_NUMBER, "number", sb_doc_str(c, "number"))) != SB_OK ||
        (err = sb_reh_same_text(a, SB_REH_F_STATUS, "status", sb_doc_str(c, "status"))) != SB_OK ||
        (err = sb_reh_same_text(a, SB_REH_F_OUTCOME, "outcome",
                                sb_doc_str(treatment, "outcome"))) != SB_OK ||
        (err = sb_reh_same_text(a, SB_REH_F_MODE, "mode", sb_doc_str(treatment, "mode"))) !=
            SB_OK ||
        (err = sb_reh_same_number(a, SB_REH_F_CLAUSE_COUNT, "clauses", clauses)) != SB_OK ||
        (err = same_changes(a, treatment)) != SB_OK ||
        (err = same_votes(a, node, name->id)) != SB_OK)
        return err;
    return sb_reh_expect_case_more(a, node, c, name->id);
}

/* ---- meetings ---- */

/* How many represented voting seats of the partner (NULL: of all) are among `without`. */
static uint32_t taken_away(const sb_reh_asked *a, const sb_doc *meeting, const char *partner)
{
    const sb_doc *voting = sb_doc_get(sb_doc_get(meeting, "attendance"), "voting");
    const sb_reh_value *without = a->step->fields[SB_REH_F_WITHOUT];
    uint32_t n = 0;
    for (uint32_t i = 0; without != NULL && i < without->count; i++)
        for (uint32_t k = 0; k < sb_doc_count(voting); k++) {
            const sb_doc *person = voting->items[k];
            if (strcmp(sb_doc_str(person, "seat"), without->items[i].text) == 0 &&
                sb_doc_true(person, "seat_represented") &&
                (partner == NULL || strcmp(sb_doc_str(person, "partner"), partner) == 0)) {
                n++;
                break; /* primary and deputy are one seat */
            }
        }
    return n;
}

static sb_tally tally_of(const sb_reh_asked *a, const sb_doc *meeting, const sb_doc *counts,
                         const char *partner)
{
    uint32_t present = (uint32_t)sb_doc_num(counts, "present");
    uint32_t gone = taken_away(a, meeting, partner);
    sb_tally t = {.seats = (uint32_t)sb_doc_num(counts, "seats"),
                  .filled = (uint32_t)sb_doc_num(counts, "filled")};
    t.present = t.eligible = present > gone ? present - gone : 0;
    return t;
}

/* Presence by partner with `without` taken away; the last line is of all. */
static void count_presence(const sb_reh_asked *a, const sb_doc *meeting, sb_rule_input *input)
{
    const sb_doc *presence = sb_doc_get(meeting, "presence");
    const sb_doc *partners = sb_doc_get(presence, "partners");
    uint32_t count = sb_doc_count(partners);
    sb_partner_tally *tallies = SB_ARENA_ARRAY(&a->p->scratch, sb_partner_tally, count + 1);
    *input = (sb_rule_input){.partners = tallies};
    for (uint32_t i = 0; i < count; i++) {
        const char *partner = sb_doc_str(partners->items[i], "partner");
        if (*partner == '\0')
            continue; /* seats of no partner count in the total only */
        tallies[input->partner_count].id = sb_slice_str(partner);
        tallies[input->partner_count++].tally = tally_of(a, meeting, partners->items[i], partner);
    }
    input->total = tally_of(a, meeting, presence, NULL);
}

/* By the charter's rule on these counts; true where there is no rule. */
static bool is_quorate(const sb_reh_asked *a, const char *body, const sb_rule_input *input)
{
    sb_arena *s = &a->p->scratch;
    const Sb__Body *b = sb_reh_body(a->p->fed->charter, body);
    sb_rule rule;
    sb_rule_result result;
    if (b == NULL || b->quorum->text[0] == '\0' ||
        sb_rule_parse(s, sb_slice_str(b->quorum->text), &rule, NULL) != SB_OK)
        return true;
    sb_rule_eval(s, &rule, input, &result);
    return result.passed;
}

static sb_err same_presence(const sb_reh_asked *a, const sb_rule_input *input)
{
    const sb_reh_value *v = a->step->fields[SB_REH_F_PRESENT];
    sb_arena *s = &a->p->scratch;
    for (uint32_t i = 0; v != NULL && i < v->count; i++) {
        sb_tally got = {0};
        for (uint32_t k = 0; k < input->partner_count; k++)
            if (sb_slice_eq(input->partners[k].id, sb_slice_str(v->items[i].text)))
                got = input->partners[k].tally;
        if (got.present != v->items[i].a || got.seats != v->items[i].b)
            return sb_reh_differs(a, SB_REH_F_PRESENT,
                                  sb_arena_printf(s, "present %s", v->items[i].text),
                                  sb_arena_printf(s, "%llu/%llu", (unsigned long long)v->items[i].a,
                                                  (unsigned long long)v->items[i].b),
                                  sb_arena_printf(s, "%u/%u", got.present, got.seats));
    }
    return SB_OK;
}

static sb_err same_minutes(const sb_reh_asked *a, const sb_doc *meeting)
{
    static const char *const codes[][2] = {{"none", "none"},
                                           {"sent", "draft"},
                                           {"change_requested", "requested"},
                                           {"approved", "approved"}};
    const sb_doc *minutes = sb_doc_get(meeting, "minutes");
    const char *got = sb_doc_str(minutes, "status");
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(codes[i][0], got) == 0)
            got = codes[i][1];
    sb_err err = sb_reh_same_text(a, SB_REH_F_MINUTES, "minutes", got);
    const sb_reh_value *on = a->step->fields[SB_REH_F_APPROVED_ON];
    if (err != SB_OK || on == NULL)
        return err;
    const char *expected = sb_arena_printf(
        &a->p->scratch, "%04llu-%02llu-%02llu", (unsigned long long)(on->number / 10000),
        (unsigned long long)(on->number / 100 % 100), (unsigned long long)(on->number % 100));
    const char *date = sb_doc_str(minutes, "approved_date");
    return strcmp(expected, date) == 0
               ? SB_OK
               : sb_reh_differs(a, SB_REH_F_APPROVED_ON, "approved-on", expected, date);
}

/* Changes that were asked for, of all drafts. */
static sb_err same_requests(const sb_reh_asked *a, const sb_doc *meeting)
{
    const sb_doc *drafts = sb_doc_get(sb_doc_get(meeting, "minutes"), "drafts");
    uint32_t count = 0;
    for (uint32_t i = 0; i < sb_doc_count(drafts); i++)
        count += sb_doc_count(sb_doc_get(drafts->items[i], "requests"));
    return sb_reh_same_number(a, SB_REH_F_REQUESTS, "requests", count);
}

static sb_err expect_meeting(sb_reh_asked *a, sb_reh_process *node)
{
    const sb_reh_name *name = sb_reh_named(a->p, SB_REH_NAME_MEETING, a->step, SB_REH_F_MEETING);
    const sb_doc *meeting = NULL;
    sb_rule_input input;
    a->subject = name->name;
    sb_err err =
        sb_reh_ask(a->p->fed, node, &a->p->scratch, &meeting, a->fail, "meeting", name->id, NULL);
    if (err != SB_OK)
        return err;
    count_presence(a, meeting, &input);
    if ((err = sb_reh_same_text(a, SB_REH_F_STATUS, "status", sb_doc_str(meeting, "status"))) !=
            SB_OK ||
        (err = sb_reh_same_bool(a, SB_REH_F_QUORATE, "quorate",
                                is_quorate(a, name->body, &input))) != SB_OK ||
        (err = same_presence(a, &input)) != SB_OK)
        return err;
    err = same_minutes(a, meeting);
    return err == SB_OK ? same_requests(a, meeting) : err;
}

/* ---- tasks and nodes ---- */

static sb_err expect_task(sb_reh_asked *a, sb_reh_process *node)
{
    const sb_reh_name *name = sb_reh_named(a->p, SB_REH_NAME_TASK, a->step, SB_REH_F_TASK);
    const sb_doc *tasks = NULL;
    a->subject = name->name;
    sb_err err = sb_reh_ask(a->p->fed, node, &a->p->scratch, &tasks, a->fail, "tasks", NULL);
    bool done = false;
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(tasks); i++)
        if (strcmp(sb_doc_str(tasks->items[i], "id"), name->id) == 0)
            done = sb_doc_true(tasks->items[i], "done");
    return err == SB_OK ? sb_reh_same_bool(a, SB_REH_F_DONE, "done", done) : err;
}

static sb_err expect_node(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    const char *id = sb_reh_text(step, SB_REH_F_NODE);
    sb_reh_process *node = sb_reh_process_named(p->fed, id);
    const sb_doc *status = NULL;
    sb_reh_asked a = {.p = p, .step = step, .node = node, .subject = id, .fail = fail};
    sb_err err = sb_reh_ask(p->fed, node, &p->scratch, &status, fail, "status", NULL);
    if (err == SB_OK)
        err = sb_reh_same_text(&a, SB_REH_F_STATE, "state", sb_doc_str(status, "state"));
    if (err == SB_OK && node->stand == SB_REH_STOPPED)
        node->may_stop = true;
    return err;
}

/* The processes are gone, or go soon (one that was armed). */
static sb_err expect_dead(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    const sb_reh_value *v = step->fields[SB_REH_F_DEAD];
    for (uint32_t i = 0; i < v->count; i++) {
        sb_reh_process *process = sb_reh_process_named(p->fed, v->items[i].text);
        sb_reh_asked a = {
            .p = p, .step = step, .node = process, .subject = v->items[i].text, .fail = fail};
        if (process != NULL && !sb_reh_process_gone(process, p->timeout_s * 1000))
            return sb_reh_differs(&a, SB_REH_F_DEAD, "dead", "true", "false");
    }
    return SB_OK;
}

/* ---- every node ---- */

static sb_err nobody_to_ask(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    char line[16];
    (void)snprintf(line, sizeof line, "%lu", (unsigned long)step->line);
    return sb_fail_set(fail, SB_E_REHEARSE_UNREACHED, step->file, line, sb_reh_word(step->kind),
                       sb_reh_either(p, "ingen node går", "no node runs"), NULL);
}

sb_err sb_reh_expect(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    sb_err err = SB_OK;
    bool is_asked = false;
    if (step->fields[SB_REH_F_DEAD] != NULL) {
        err = expect_dead(p, step, fail);
    } else if (step->fields[SB_REH_F_NODE] != NULL) {
        err = expect_node(p, step, fail);
    } else {
        for (uint32_t i = 1; i < p->fed->count && err == SB_OK; i++) {
            sb_reh_process *node = &p->fed->processes[i];
            sb_reh_asked a = {.p = p, .step = step, .node = node, .fail = fail};
            if (!sb_reh_is_running(node) || node->stand != SB_REH_FOLLOWS)
                continue;
            is_asked = true;
            err = step->fields[SB_REH_F_CASE] != NULL      ? expect_case(&a, node)
                  : step->fields[SB_REH_F_MEETING] != NULL ? expect_meeting(&a, node)
                  : step->fields[SB_REH_F_OFFICE] != NULL  ? sb_reh_expect_office(&a, node)
                  : step->fields[SB_REH_F_BODY] != NULL    ? sb_reh_expect_body(&a, node)
                  : step->fields[SB_REH_F_CHARTER] != NULL ? sb_reh_expect_charter(&a, node)
                                                           : expect_task(&a, node);
        }
        if (!is_asked)
            err = nobody_to_ask(p, step, fail);
    }
    if (err == SB_OK)
        sb_reh_say_held(p, step);
    return err;
}
