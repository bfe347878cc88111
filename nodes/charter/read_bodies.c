#include "nodes/charter/reading.h"

#include <stdio.h>

#include "proto/text/text.h"

static const char *const KINDS[] = {"case-reported", "papers-sent", "minutes-silence",
                                    "minutes-ready", "notice",      NULL};
static const char *const UNITS[] = {"day", "week", "working-day", NULL};
static const char *const EFFECTS[] = {"bars", "noted", NULL};
const char *const SB_READING_FORCES[] = {"must", "should", NULL};

/* ---- rules ---- */

void sb_charter_shape(const Sb__Charter *charter, const Sb__Body *body, sb_arena *arena,
                      sb_rule_shape *out)
{
    sb_rule_group *groups = SB_ARENA_ARRAY(arena, sb_rule_group, charter->n_partners);
    *out = (sb_rule_shape){.partners = groups, .partner_count = (uint32_t)charter->n_partners};
    for (size_t p = 0; p < charter->n_partners; p++)
        groups[p] = (sb_rule_group){.id = sb_slice_str(charter->partners[p]->id),
                                    .name = sb_slice_str(charter->partners[p]->name)};
    for (size_t s = 0; s < body->n_seats; s++) {
        const Sb__Seat *seat = body->seats[s];
        if (!seat->voting)
            continue;
        if (*seat->partner == '\0')
            out->free_seats++;
        for (size_t p = 0; p < charter->n_partners; p++)
            if (strcmp(charter->partners[p]->id, seat->partner) == 0)
                groups[p].seats++;
    }
}

/* The rule checker's words about one finding, as the argument of SB_E_CHARTER_RULE. */
static sb_err fail_with_rule(sb_reading *r, const sb_doc *node, const sb_fail *why)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(why, r->lang, &words);
    sb_err err = sb_doc_fail(node, SB_E_CHARTER_RULE, sb_buf_cstr(&words), NULL, r->fail);
    sb_buf_deinit(&words);
    return err;
}

static sb_err check_rule(sb_reading *r, const sb_doc *node, const sb_rule *rule,
                         const Sb__Body *body)
{
    sb_rule_shape shape;
    sb_rule_report report;
    sb_charter_shape(r->charter, body, r->arena, &shape);
    sb_rule_check(r->arena, rule, &shape, &report);
    for (uint32_t i = 0; i < report.count; i++) {
        if (report.findings[i].level == SB_RULE_ERROR)
            return fail_with_rule(r, node, &report.findings[i].fail);
        sb_reading_find(r, node, body->id, &report.findings[i]);
    }
    return SB_OK;
}

sb_err sb_reading_rule_text(sb_reading *r, const sb_doc *map, const char *key, const Sb__Body *body,
                            sb_rule_kind kind, Sb__Rule *rule)
{
    const sb_doc *node = sb_doc_get(map, key);
    char *text = NULL;
    sb_rule tree;
    sb_fail why = {0};
    sb_err err = sb_reading_text(r, map, key, true, SB_RULE_BYTES_MAX, &text);
    if (err != SB_OK)
        return err;
    /* Under "quorum:" the word quorum needn't be said again. */
    const char *whole = kind == SB_RULE_QUORUM && strncmp(text, "quorum", 6) != 0 &&
                                strncmp(text, "beslutningsdyktig", 17) != 0
                            ? sb_arena_printf(r->arena, "quorum %s", text)
                            : text;
    if (sb_rule_parse(r->arena, sb_slice_str(whole), &tree, &why) != SB_OK) {
        sb_fail as_written = {0}; /* columns of the text in the file */
        bool worse = sb_rule_parse(r->arena, sb_slice_str(text), &tree, &as_written) != SB_OK;
        return fail_with_rule(r, node, worse ? &as_written : &why);
    }
    if (tree.kind != kind)
        return sb_doc_fail(node, SB_E_CHARTER_RULE_KIND, key, NULL, r->fail);
    if (body != NULL)
        err = check_rule(r, node, &tree, body);
    if (err != SB_OK)
        return err;
    sb_buf canonical;
    sb_buf_init(&canonical);
    sb_rule_print(&tree, SB_RULE_EN, &canonical);
    rule->text = sb_arena_str(r->arena, sb_buf_slice(&canonical));
    sb_buf_deinit(&canonical);
    return SB_OK;
}

sb_err sb_reading_rule(sb_reading *r, const sb_doc *map, const char *key, const Sb__Body *body,
                       sb_rule_kind kind, Sb__Rule **out)
{
    Sb__Rule *rule = SB_ARENA_NEW(r->arena, Sb__Rule);
    sb__rule__init(rule);
    *out = rule; /* empty where there is no rule */
    const sb_doc *node = sb_doc_get(map, key);
    if (node == NULL)
        return SB_OK;
    /* In "amendment" the rule's text stands beside cite and assumed; elsewhere in a map. */
    const sb_doc *rule_map = node->kind == SB_DOC_MAP ? node : map;
    const char *text_key = node->kind == SB_DOC_MAP ? "rule" : key;
    sb_err err = SB_OK;
    if (node->kind == SB_DOC_MAP)
        err = sb_doc_only(node, r->fail, "rule", "cite", "assumed", NULL);
    if (err == SB_OK)
        err = sb_doc_need(rule_map, text_key, &node, r->fail);
    if (err == SB_OK)
        err = sb_reading_text(r, rule_map, "cite", true, SB_TITLE_BYTES_MAX, &rule->cite);
    if (err == SB_OK)
        err = sb_reading_assumed(r, rule_map, &rule->assumed);
    return err == SB_OK ? sb_reading_rule_text(r, rule_map, text_key, body, kind, rule) : err;
}

/* ---- seats, deadlines, norms ---- */

static bool seat_taken(const sb_reading *r, const Sb__Body *body, const char *id)
{
    for (size_t b = 0; b < r->charter->n_bodies; b++)
        for (size_t s = 0; s < r->charter->bodies[b]->n_seats; s++)
            if (strcmp(r->charter->bodies[b]->seats[s]->id, id) == 0)
                return true;
    for (size_t s = 0; s < body->n_seats; s++)
        if (strcmp(body->seats[s]->id, id) == 0)
            return true;
    return false;
}

static sb_err read_seat(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    Sb__Seat *seat = SB_ARENA_NEW(r->arena, Sb__Seat);
    sb__seat__init(seat);
    bool voting = false, has_deputy = false, ex_officio = false;
    sb_err err = sb_doc_only(item, r->fail, "id", "title", "partner", "voting", "appointer",
                             "deputy", "requirement", "ex-officio", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "id", true, &seat->id);
    if (err == SB_OK && seat_taken(r, body, seat->id))
        err =
            sb_doc_fail(sb_doc_get(item, "id"), SB_E_CHARTER_DUPLICATE_ID, seat->id, NULL, r->fail);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "title", true, SB_TITLE_BYTES_MAX, &seat->title);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "partner", false, &seat->partner);
    if (err == SB_OK)
        err = sb_reading_known(r, item, "partner", seat->partner, sb_reading_partner_at,
                               r->charter->n_partners);
    if (err == SB_OK)
        err = sb_doc_bool_or(item, "voting", true, &voting, r->fail);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "appointer", !r->by_decision, &seat->appointer);
    if (err == SB_OK)
        err = sb_reading_known(r, item, "appointer", seat->appointer, sb_reading_appointer_at,
                               r->charter->n_appointers);
    if (err == SB_OK)
        err = sb_doc_bool_or(item, "deputy", false, &has_deputy, r->fail);
    if (err == SB_OK)
        err =
            sb_reading_text(r, item, "requirement", false, SB_TITLE_BYTES_MAX, &seat->requirement);
    if (err == SB_OK)
        err = sb_doc_bool_or(item, "ex-officio", false, &ex_officio, r->fail);
    seat->voting = voting;
    seat->has_deputy = has_deputy;
    seat->ex_officio = ex_officio;
    if (err == SB_OK)
        body->seats[body->n_seats++] = seat;
    return err;
}

static sb_err read_deadline(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    Sb__Deadline *d = SB_ARENA_NEW(r->arena, Sb__Deadline);
    sb__deadline__init(d);
    uint32_t kind = 0, unit = 0, effect = 0;
    uint64_t least = 0, most = 0;
    sb_err err = sb_doc_only(item, r->fail, "kind", "least", "most", "unit", "effect", "cite",
                             "assumed", NULL);
    if (err == SB_OK)
        err = sb_reading_word(r, item, "kind", KINDS, 0, &kind);
    if (err == SB_OK)
        err = sb_doc_need_u64(item, "least", 1, 366, &least, r->fail);
    if (err == SB_OK)
        err = sb_doc_u64_or(item, "most", least, 366, 0, &most, r->fail);
    if (err == SB_OK)
        err = sb_reading_word(r, item, "unit", UNITS, 0, &unit);
    if (err == SB_OK)
        err = sb_reading_word(r, item, "effect", EFFECTS, 0, &effect);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "cite", true, SB_TITLE_BYTES_MAX, &d->cite);
    if (err == SB_OK)
        err = sb_reading_assumed(r, item, &d->assumed);
    d->kind = (Sb__DeadlineKind)kind;
    d->unit = (Sb__DeadlineUnit)unit;
    d->effect = (Sb__DeadlineEffect)effect;
    d->least = (uint32_t)least;
    d->most = (uint32_t)most;
    if (err == SB_OK)
        body->deadlines[body->n_deadlines++] = d;
    return err;
}

static sb_err read_norm(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    Sb__Norm *n = SB_ARENA_NEW(r->arena, Sb__Norm);
    sb__norm__init(n);
    uint32_t force = 0;
    sb_err err = sb_doc_only(item, r->fail, "force", "text", "cite", "assumed", NULL);
    if (err == SB_OK)
        err = sb_reading_word(r, item, "force", SB_READING_FORCES, 0, &force);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "text", true, SB_TITLE_BYTES_MAX, &n->text);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "cite", true, SB_TITLE_BYTES_MAX, &n->cite);
    if (err == SB_OK)
        err = sb_reading_assumed(r, item, &n->assumed);
    n->force = (Sb__Force)force;
    if (err == SB_OK)
        body->norms[body->n_norms++] = n;
    return err;
}

static sb_err read_first_number(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    Sb__FirstNumber *f = SB_ARENA_NEW(r->arena, Sb__FirstNumber);
    sb__first_number__init(f);
    uint64_t year = 0, number = 0;
    sb_err err = sb_doc_only(item, r->fail, "year", "number", NULL);
    if (err == SB_OK)
        err = sb_doc_need_u64(item, "year", 1990, 2099, &year, r->fail);
    if (err == SB_OK)
        err = sb_doc_need_u64(item, "number", 1, 9999, &number, r->fail);
    if (err == SB_OK && body->n_first_numbers > 0 &&
        body->first_numbers[body->n_first_numbers - 1]->year >= year)
        err = sb_doc_fail(sb_doc_get(item, "year"), SB_E_CHARTER_YEARS, NULL, NULL, r->fail);
    f->year = (uint32_t)year;
    f->number = (uint32_t)number;
    if (err == SB_OK)
        body->first_numbers[body->n_first_numbers++] = f;
    return err;
}

/* ---- one body ---- */

typedef sb_err (*read_part_fn)(sb_reading *r, const sb_doc *item, Sb__Body *body);

static sb_err read_parts(sb_reading *r, const sb_doc *map, const char *key, size_t max,
                         Sb__Body *body, read_part_fn read)
{
    const sb_doc *list = NULL;
    size_t count = 0;
    sb_err err = sb_reading_list(r, map, key, max, &list, &count);
    for (size_t i = 0; i < count && err == SB_OK; i++)
        err = read(r, list->items[i], body);
    return err;
}

static sb_err read_body_texts(sb_reading *r, const sb_doc *item, Sb__Body *body)
{
    bool silence = false;
    sb_err err = sb_reading_text(r, item, "name", true, SB_TITLE_BYTES_MAX, &body->name);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "short-name", true, SB_ID_BYTES_MAX, &body->short_name);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "parent", false, &body->parent);
    if (err == SB_OK)
        err = sb_reading_known(r, item, "parent", body->parent, sb_reading_body_at,
                               r->charter->n_bodies);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "bar-cite", false, SB_TITLE_BYTES_MAX, &body->bar_cite);
    if (err == SB_OK)
        err =
            sb_reading_text(r, item, "deputy-cite", false, SB_TITLE_BYTES_MAX, &body->deputy_cite);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "deputy-assumed", false, SB_TITLE_BYTES_MAX,
                              &body->deputy_assumed);
    if (err == SB_OK && *body->deputy_assumed != '\0')
        r->report->assumed++;
    if (err == SB_OK)
        err = sb_reading_text(r, item, "dispute-cite", false, SB_TITLE_BYTES_MAX,
                              &body->dispute_cite);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "roll-call-cite", false, SB_TITLE_BYTES_MAX,
                              &body->roll_call_cite);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "minutes", false, SB_ID_BYTES_MAX, &body->minutes_name);
    if (err == SB_OK)
        err = sb_doc_bool_or(item, "minutes-silence", false, &silence, r->fail);
    if (err == SB_OK) {
        if (body->minutes_name[0] == '\0')
            body->minutes_name = sb_arena_str(r->arena, sb_slice_str("referat"));
        body->minutes_silence = silence;
    }
    return err;
}

static bool has_deadline(const Sb__Body *body, Sb__DeadlineKind kind)
{
    for (size_t i = 0; i < body->n_deadlines; i++)
        if (body->deadlines[i]->kind == kind)
            return true;
    return false;
}

static sb_err check_silence(sb_reading *r, const sb_doc *item, const Sb__Body *body)
{
    if (!body->minutes_silence ||
        has_deadline(body, SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE))
        return SB_OK;
    return sb_doc_fail(sb_doc_get(item, "minutes-silence"), SB_E_CHARTER_SILENCE, body->id, NULL,
                       r->fail);
}

/* What a body leaves open, and what it says for nothing. */
static void remark_body(sb_reading *r, const sb_doc *item, const Sb__Body *body)
{
    bool has_silence = has_deadline(body, SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE);
    bool has_notice = has_deadline(body, SB__DEADLINE_KIND__DEADLINE_KIND_NOTICE);
    bool has_extraordinary = body->extraordinary_cite[0] != '\0';
    if (body->quorum->text[0] == '\0')
        sb_reading_remark(r, item, body->id, SB_E_CHARTER_NO_QUORUM, NULL);
    if (body->pass->text[0] == '\0')
        sb_reading_remark(r, item, body->id, SB_E_CHARTER_NO_PASS, NULL);
    if (has_silence && !body->minutes_silence)
        sb_reading_remark(r, item, body->id, SB_E_CHARTER_SILENCE_UNUSED, NULL);
    if (has_notice && !has_extraordinary)
        sb_reading_remark(r, item, body->id, SB_E_CHARTER_NOTICE_UNUSED, NULL);
    if (has_extraordinary && !has_notice)
        sb_reading_remark(r, item, body->id, SB_E_CHARTER_NO_NOTICE, NULL);
}

sb_err sb_reading_body(sb_reading *r, const sb_doc *item)
{
    Sb__Body *body = SB_ARENA_NEW(r->arena, Sb__Body);
    sb__body__init(body);
    sb_err err =
        sb_doc_only(item, r->fail, "id", "name", "short-name", "parent", "seats", "quorum", "pass",
                    "deadlines", "norms", "first-numbers", "bar-cite", "minutes", "minutes-silence",
                    "deputy-cite", "deputy-assumed", "dispute-cite", "roll-call-cite", "election",
                    "planning", "extraordinary", "delegation-cite", "term", "may-create", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "id", true, &body->id);
    for (size_t i = 0; err == SB_OK && i < r->charter->n_bodies; i++)
        if (strcmp(r->charter->bodies[i]->id, body->id) == 0)
            err = sb_doc_fail(sb_doc_get(item, "id"), SB_E_CHARTER_DUPLICATE_ID, body->id, NULL,
                              r->fail);
    body->seats = sb_reading_pointers(r, item, "seats");
    body->deadlines = sb_reading_pointers(r, item, "deadlines");
    body->norms = sb_reading_pointers(r, item, "norms");
    body->first_numbers = sb_reading_pointers(r, item, "first-numbers");
    if (err == SB_OK)
        err = read_body_texts(r, item, body);
    if (err == SB_OK)
        err = read_parts(r, item, "seats", SB_SEATS_MAX, body, read_seat);
    if (err == SB_OK)
        err = sb_reading_rule(r, item, "quorum", body, SB_RULE_QUORUM, &body->quorum);
    if (err == SB_OK)
        err = sb_reading_rule(r, item, "pass", body, SB_RULE_PASS, &body->pass);
    if (err == SB_OK)
        err = read_parts(r, item, "deadlines", 32, body, read_deadline);
    if (err == SB_OK)
        err = check_silence(r, item, body);
    if (err == SB_OK)
        err = read_parts(r, item, "norms", 100, body, read_norm);
    if (err == SB_OK)
        err = read_parts(r, item, "first-numbers", 200, body, read_first_number);
    if (err == SB_OK)
        err = sb_reading_body_sections(r, item, body);
    if (err == SB_OK) {
        remark_body(r, item, body);
        r->charter->bodies[r->charter->n_bodies++] = body;
    }
    return err;
}

sb_err sb_reading_bodies(sb_reading *r, const sb_doc *root)
{
    const sb_doc *list = NULL;
    size_t count = 0;
    sb_err err = sb_reading_list(r, root, "bodies", SB_BODIES_MAX, &list, &count);
    if (err == SB_OK && count == 0)
        err = sb_doc_fail(root, SB_E_CHARTER_EMPTY, "bodies", NULL, r->fail);
    r->charter->bodies = sb_reading_pointers(r, root, "bodies");
    for (size_t i = 0; i < count && err == SB_OK; i++)
        err = sb_reading_body(r, list->items[i]);
    return err;
}
