/* What a body says of elections, plans, extraordinary meetings, delegation, terms and bodies below
 * it (§ 3, § 6 of the bylaws in deploy/federations/troms-og-ofoten.yaml). */
#include "nodes/charter/reading.h"
#include "proto/base/limits.h"

sb_err sb_reading_term(sb_reading *r, const sb_doc *map, uint32_t *months, char **cite)
{
    const sb_doc *node = sb_doc_get(map, "term");
    if (node == NULL)
        return SB_OK;
    uint64_t given = 0;
    sb_err err = cite != NULL ? sb_doc_only(node, r->fail, "years", "months", "cite", NULL)
                              : sb_doc_only(node, r->fail, "years", "months", NULL);
    if (err != SB_OK)
        return err;
    bool in_years = sb_doc_get(node, "years") != NULL;
    if (in_years == (sb_doc_get(node, "months") != NULL))
        return sb_doc_fail(node, SB_E_CHARTER_TERM, "term", NULL, r->fail);
    err = in_years ? sb_doc_need_u64(node, "years", 1, SB_TERM_MONTHS_MAX / 12, &given, r->fail)
                   : sb_doc_need_u64(node, "months", 1, SB_TERM_MONTHS_MAX, &given, r->fail);
    *months = (uint32_t)(in_years ? given * 12 : given);
    if (err == SB_OK && cite != NULL)
        err = sb_reading_text(r, node, "cite", true, SB_TITLE_BYTES_MAX, cite);
    return err;
}

/* The rule may be left out: then the body elects by its pass rule. */
static sb_err read_elect_rule(sb_reading *r, const sb_doc *node, const Sb__Body *body,
                              Sb__Election *e)
{
    e->elect = SB_ARENA_NEW(r->arena, Sb__Rule);
    sb__rule__init(e->elect);
    if (sb_doc_get(node, "rule") == NULL)
        return body->pass->text[0] != '\0'
                   ? SB_OK
                   : sb_doc_fail(node, SB_E_CHARTER_ELECTION_RULE, body->id, NULL, r->fail);
    e->elect->cite = e->cite;
    uint32_t before = r->report->count, kept = before;
    sb_err err = sb_reading_rule_text(r, node, "rule", body, SB_RULE_PASS, e->elect);
    /* what a tie of votes does to a proposal says nothing about an election */
    for (uint32_t i = before; i < r->report->count; i++)
        if (r->report->findings[i].finding.level != SB_RULE_NOTE)
            r->report->findings[kept++] = r->report->findings[i];
    r->report->count = kept;
    return err;
}

static sb_err read_election(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    static const char *const TIES[] = {"incumbents", "nobody", NULL};
    const sb_doc *node = sb_doc_get(item, "election");
    if (node == NULL)
        return SB_OK;
    Sb__Election *e = SB_ARENA_NEW(r->arena, Sb__Election);
    sb__election__init(e);
    uint64_t rounds = 1, keep = 0;
    uint32_t tie = 0;
    bool acclamation = false;
    sb_err err = sb_doc_only(node, r->fail, "rule", "rounds", "keep", "tie", "acclamation", "cite",
                             "assumed", NULL);
    if (err == SB_OK)
        err = sb_reading_text(r, node, "cite", true, SB_TITLE_BYTES_MAX, &e->cite);
    if (err == SB_OK)
        err = sb_reading_assumed(r, node, &e->assumed);
    if (err == SB_OK)
        err = read_elect_rule(r, node, body, e);
    if (err == SB_OK)
        err = sb_doc_u64_or(node, "rounds", 1, SB_ROUNDS_MAX, 1, &rounds, r->fail);
    if (err == SB_OK)
        err = sb_doc_u64_or(node, "keep", 2, SB_CANDIDATES_MAX, 0, &keep, r->fail);
    if (err == SB_OK)
        err = sb_reading_word(r, node, "tie", TIES, 0, &tie);
    if (err == SB_OK)
        err = sb_doc_bool_or(node, "acclamation", false, &acclamation, r->fail);
    if (err == SB_OK && keep > 0 && rounds == 1)
        sb_reading_remark(r, sb_doc_get(node, "keep"), body->id, SB_E_CHARTER_KEEP_UNUSED, NULL);
    e->rounds = (uint32_t)rounds;
    e->keep = (uint32_t)keep;
    e->tie = (Sb__ElectionTie)tie;
    e->acclamation = acclamation;
    body->election = e;
    return err;
}

static sb_err read_planning(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    const sb_doc *node = sb_doc_get(item, "planning");
    if (node == NULL)
        return SB_OK;
    Sb__Planning *p = SB_ARENA_NEW(r->arena, Sb__Planning);
    sb__planning__init(p);
    uint64_t least = 0;
    bool before_year = false, next_date = false;
    sb_err err = sb_doc_only(node, r->fail, "least", "before-year", "next-date", "cite", NULL);
    if (err == SB_OK)
        err = sb_doc_u64_or(node, "least", 1, SB_PLANNED_DATES_MAX, 0, &least, r->fail);
    if (err == SB_OK)
        err = sb_doc_bool_or(node, "before-year", false, &before_year, r->fail);
    if (err == SB_OK)
        err = sb_doc_bool_or(node, "next-date", false, &next_date, r->fail);
    if (err == SB_OK)
        err = sb_reading_text(r, node, "cite", true, SB_TITLE_BYTES_MAX, &p->cite);
    if (err == SB_OK && least == 0 && !before_year && !next_date)
        err = sb_doc_fail(node, SB_E_CHARTER_EMPTY, "planning", NULL, r->fail);
    p->least_meetings = (uint32_t)least;
    p->before_year = before_year;
    p->next_date = next_date;
    body->planning = p;
    return err;
}

/* `by` is looked up when the offices are read. */
static sb_err read_extraordinary(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    const sb_doc *node = sb_doc_get(item, "extraordinary");
    if (node == NULL)
        return SB_OK;
    sb_err err = sb_doc_only(node, r->fail, "by", "cite", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, node, "by", false, &body->extraordinary_by);
    if (err == SB_OK)
        err = sb_reading_text(r, node, "cite", true, SB_TITLE_BYTES_MAX, &body->extraordinary_cite);
    return err;
}

static sb_err read_delegation(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    bool ex_officio = false;
    for (size_t i = 0; i < body->n_seats; i++)
        ex_officio |= body->seats[i]->ex_officio != 0;
    sb_err err = sb_reading_text(r, item, "delegation-cite", false, SB_TITLE_BYTES_MAX,
                                 &body->delegation_cite);
    if (err == SB_OK && body->delegation_cite[0] != '\0' && !ex_officio)
        sb_reading_remark(r, sb_doc_get(item, "delegation-cite"), body->id,
                          SB_E_CHARTER_DELEGATION_UNUSED, NULL);
    return err;
}

static sb_err read_may_create(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    const sb_doc *node = sb_doc_get(item, "may-create");
    if (node == NULL)
        return SB_OK;
    sb_err err = sb_doc_only(node, r->fail, "cite", NULL);
    if (err == SB_OK)
        err = sb_reading_text(r, node, "cite", true, SB_TITLE_BYTES_MAX, &body->create_cite);
    body->may_create = true;
    return err;
}

sb_err sb_reading_body_sections(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    sb_err err = read_election(r, item, body);
    if (err == SB_OK)
        err = read_planning(r, item, body);
    if (err == SB_OK)
        err = read_extraordinary(r, item, body);
    if (err == SB_OK)
        err = read_delegation(r, item, body);
    if (err == SB_OK)
        err = sb_reading_term(r, item, &body->term_months, &body->term_cite);
    if (err == SB_OK)
        err = read_may_create(r, item, body);
    return err;
}
