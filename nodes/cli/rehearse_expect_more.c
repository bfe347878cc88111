/* Expectations of elections, conditions, actions, recorded ballots, disputes, offices, bodies and the
 * charter. */
#include "nodes/cli/rehearse_expect.h"

static const char *number_words(const sb_reh_asked *a, uint64_t number)
{
    return sb_arena_printf(&a->p->scratch, "%llu", (unsigned long long)number);
}

static const char *add_word(const sb_reh_asked *a, const char *list, const char *word)
{
    return list[0] == '\0' ? word : sb_arena_printf(&a->p->scratch, "%s, %s", list, word);
}

static bool asks_for(const sb_reh_asked *a, const sb_reh_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a->step->fields[fields[i]] != NULL)
            return true;
    return false;
}

/* ---- the question: election, recorded and confirmed ballots ---- */

static sb_err same_votes_for(const sb_reh_asked *a, const sb_doc *question)
{
    const sb_reh_value *v = a->step->fields[SB_REH_F_VOTES_FOR];
    const sb_doc *candidates = sb_doc_get(question, "candidates");
    for (uint32_t i = 0; v != NULL && i < v->count; i++) {
        uint64_t got = 0;
        for (uint32_t k = 0; k < sb_doc_count(candidates); k++)
            if (sb_doc_num(candidates->items[k], "number") == v->items[i].a)
                got = sb_doc_num(candidates->items[k], "votes");
        if (got != v->items[i].b)
            return sb_reh_differs(a, SB_REH_F_VOTES_FOR,
                                  sb_arena_printf(&a->p->scratch, "votes-for %s", v->items[i].text),
                                  number_words(a, v->items[i].b), number_words(a, got));
    }
    return SB_OK;
}

/* The seats whose ballots have this mark are exactly those named. */
static sb_err same_marked(const sb_reh_asked *a, sb_reh_field field, const char *mark,
                          const sb_doc *question)
{
    const sb_reh_value *v = a->step->fields[field];
    const sb_doc *ballots = sb_doc_get(question, "ballots");
    const char *expected = "", *got = "";
    uint32_t count = 0, found = 0;
    if (v == NULL)
        return SB_OK;
    for (uint32_t i = 0; i < v->count; i++)
        expected = add_word(a, expected, v->items[i].text);
    for (uint32_t k = 0; k < sb_doc_count(ballots); k++) {
        const char *seat = sb_doc_str(ballots->items[k], "seat");
        if (!sb_doc_true(ballots->items[k], mark))
            continue;
        got = add_word(a, got, seat);
        count++;
        for (uint32_t i = 0; i < v->count; i++)
            found += strcmp(v->items[i].text, seat) == 0;
    }
    return count == v->count && found == v->count ? SB_OK
                                                  : sb_reh_differs(a, field, mark, expected, got);
}

static sb_err expect_question(const sb_reh_asked *a, sb_reh_process *node, const char *case_id)
{
    static const sb_reh_field fields[] = {SB_REH_F_ROUND, SB_REH_F_ELECTED, SB_REH_F_VOTES_FOR,
                                          SB_REH_F_RECORDED, SB_REH_F_CONFIRMED};
    const sb_doc *q = NULL;
    if (!asks_for(a, fields, sizeof fields / sizeof fields[0]))
        return SB_OK;
    sb_err err =
        sb_reh_ask(a->p->fed, node, &a->p->scratch, &q, a->fail, "question", case_id, NULL);
    if (err == SB_OK)
        err = sb_reh_same_number(a, SB_REH_F_ROUND, "round", sb_doc_num(q, "round"));
    if (err == SB_OK)
        err = sb_reh_same_number(a, SB_REH_F_ELECTED, "elected", sb_doc_num(q, "elected"));
    if (err == SB_OK)
        err = same_votes_for(a, q);
    if (err == SB_OK)
        err = same_marked(a, SB_REH_F_RECORDED, "recorded", q);
    return err == SB_OK ? same_marked(a, SB_REH_F_CONFIRMED, "confirmed", q) : err;
}

/* ---- what was discussed earlier: the numbers of the clauses that differ from then ---- */

static sb_err expect_earlier(const sb_reh_asked *a, sb_reh_process *node, const char *case_id)
{
    const sb_reh_value *v = a->step->fields[SB_REH_F_EARLIER];
    const sb_doc *answer = NULL;
    const char *expected = "", *got = "";
    if (v == NULL)
        return SB_OK;
    sb_err err =
        sb_reh_ask(a->p->fed, node, &a->p->scratch, &answer, a->fail, "certificate", case_id, NULL);
    const sb_doc *earlier = sb_doc_get(sb_doc_get(answer, "certificate"), "earlier");
    const sb_doc *list = sb_doc_get(earlier, "difference");
    for (uint32_t i = 0; i < v->count; i++)
        expected = add_word(a, expected, number_words(a, v->items[i].a));
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        got = add_word(a, got, number_words(a, sb_doc_num(list->items[i], "number")));
    if (err == SB_OK && sb_reh_doc_none(earlier))
        return sb_reh_differs(a, SB_REH_F_EARLIER, "earlier", expected,
                              sb_reh_either(a->p, "ikke drøftet før", "not discussed before"));
    return err != SB_OK || strcmp(expected, got) == 0
               ? err
               : sb_reh_differs(a, SB_REH_F_EARLIER, "earlier", expected, got);
}

/* ---- conditions, actions, disputes ---- */

static const char *conditions_state(const sb_doc *conditions)
{
    for (uint32_t i = 0; i < sb_doc_count(conditions); i++)
        if (!sb_doc_true(conditions->items[i], "met"))
            return "open";
    return sb_doc_count(conditions) == 0 ? "none" : "met";
}

static const char *disputes_state(const sb_doc *disputes)
{
    for (uint32_t i = 0; i < sb_doc_count(disputes); i++)
        if (strcmp(sb_doc_str(disputes->items[i], "status"), "open") == 0)
            return "open";
    return sb_doc_count(disputes) == 0 ? "none" : "closed";
}

/* Adopted, no condition before the effect is open, and every action acts. */
static bool is_in_force(const sb_doc *case_doc, const sb_doc *actions)
{
    const sb_doc *treatments = sb_doc_get(case_doc, "treatments");
    const sb_doc *conditions = sb_doc_get(case_doc, "conditions");
    uint32_t count = sb_doc_count(treatments);
    if (count == 0 || strcmp(sb_doc_str(treatments->items[count - 1], "outcome"), "adopted") != 0)
        return false;
    for (uint32_t i = 0; i < sb_doc_count(conditions); i++)
        if (strcmp(sb_doc_str(conditions->items[i], "moment"), "before_effect") == 0 &&
            !sb_doc_true(conditions->items[i], "met"))
            return false;
    for (uint32_t i = 0; i < sb_doc_count(actions); i++) {
        const char *status = sb_doc_str(actions->items[i], "status");
        if (strcmp(status, "struck") != 0 && strcmp(status, "in_force") != 0)
            return false;
    }
    return true;
}

sb_err sb_reh_expect_case_more(sb_reh_asked *a, sb_reh_process *node, const sb_doc *case_doc,
                               const char *case_id)
{
    const sb_doc *actions = NULL;
    sb_err err = expect_question(a, node, case_id);
    if (err == SB_OK)
        err = expect_earlier(a, node, case_id);
    if (err == SB_OK)
        err = sb_reh_same_text(a, SB_REH_F_CONDITIONS, "conditions",
                               conditions_state(sb_doc_get(case_doc, "conditions")));
    if (err == SB_OK)
        err = sb_reh_same_text(a, SB_REH_F_DISPUTES, "disputes",
                               disputes_state(sb_doc_get(case_doc, "disputes")));
    if (err != SB_OK || a->step->fields[SB_REH_F_IN_FORCE] == NULL)
        return err;
    err = sb_reh_ask(a->p->fed, node, &a->p->scratch, &actions, a->fail, "actions", case_id, NULL);
    return err == SB_OK
               ? sb_reh_same_bool(a, SB_REH_F_IN_FORCE, "in-force", is_in_force(case_doc, actions))
               : err;
}

/* ---- offices, bodies, the charter ---- */

sb_err sb_reh_expect_office(sb_reh_asked *a, sb_reh_process *node)
{
    const char *office = sb_reh_text(a->step, SB_REH_F_OFFICE), *seat = "";
    const sb_doc *members = NULL;
    a->subject = office;
    sb_err err = sb_reh_ask(a->p->fed, node, &a->p->scratch, &members, a->fail, "members", NULL);
    const sb_doc *officers = sb_doc_get(members, "officers");
    for (uint32_t i = 0; i < sb_doc_count(officers); i++)
        if (strcmp(sb_doc_str(officers->items[i], "office"), office) == 0)
            seat = sb_doc_str(officers->items[i], "seat");
    return err == SB_OK ? sb_reh_same_text(a, SB_REH_F_HOLDER, "holder", seat) : err;
}

/* Somebody holds it on the clock's date; dates are ISO. */
static bool is_filled(const sb_reh_asked *a, const sb_doc *seat)
{
    const sb_doc *holder = sb_doc_get(seat, "primary"), *until = sb_doc_get(holder, "until_date");
    return !sb_reh_doc_none(holder) &&
           (sb_reh_doc_none(until) ||
            strcmp(sb_doc_str(holder, "until_date"), sb_reh_date(a->p->fed)) >= 0);
}

static sb_err same_filled(const sb_reh_asked *a, sb_reh_process *node, const char *body)
{
    const sb_reh_value *v = a->step->fields[SB_REH_F_FILLED];
    const sb_doc *seats = NULL;
    sb_arena *s = &a->p->scratch;
    if (v == NULL)
        return SB_OK;
    sb_err err = sb_reh_ask(a->p->fed, node, s, &seats, a->fail, "seats", body, NULL);
    for (uint32_t i = 0; err == SB_OK && i < v->count; i++) {
        uint64_t of = 0, filled = 0;
        for (uint32_t k = 0; k < sb_doc_count(seats); k++) {
            const sb_doc *seat = seats->items[k];
            if (strcmp(sb_doc_str(seat, "partner"), v->items[i].text) != 0)
                continue;
            of++;
            filled += is_filled(a, seat);
        }
        if (of != v->items[i].b || filled != v->items[i].a)
            err = sb_reh_differs(a, SB_REH_F_FILLED,
                                 sb_arena_printf(s, "filled %s", v->items[i].text),
                                 sb_arena_printf(s, "%llu/%llu", (unsigned long long)v->items[i].a,
                                                 (unsigned long long)v->items[i].b),
                                 sb_arena_printf(s, "%llu/%llu", (unsigned long long)filled,
                                                 (unsigned long long)of));
    }
    return err;
}

sb_err sb_reh_expect_body(sb_reh_asked *a, sb_reh_process *node)
{
    const char *id = sb_reh_text(a->step, SB_REH_F_BODY);
    const sb_doc *bodies = NULL, *body = NULL;
    a->subject = id;
    sb_err err = sb_reh_ask(a->p->fed, node, &a->p->scratch, &bodies, a->fail, "bodies", NULL);
    for (uint32_t i = 0; i < sb_doc_count(bodies); i++)
        if (strcmp(sb_doc_str(bodies->items[i], "id"), id) == 0)
            body = bodies->items[i];
    if (err == SB_OK)
        err = sb_reh_same_bool(a, SB_REH_F_EXISTS, "exists", body != NULL);
    if (err == SB_OK)
        err = sb_reh_same_bool(a, SB_REH_F_DISSOLVED, "dissolved", sb_doc_true(body, "dissolved"));
    return err == SB_OK ? same_filled(a, node, id) : err;
}

sb_err sb_reh_expect_charter(sb_reh_asked *a, sb_reh_process *node)
{
    const sb_doc *status = NULL;
    a->subject = sb_reh_either(a->p, "vedtektene", "the charter");
    sb_err err = sb_reh_ask(a->p->fed, node, &a->p->scratch, &status, a->fail, "charter", NULL);
    return err == SB_OK
               ? sb_reh_same_number(a, SB_REH_F_CHARTER, "charter", sb_doc_num(status, "version"))
               : err;
}
