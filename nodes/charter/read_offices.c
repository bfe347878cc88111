/* Offices: who holds them, who elects them, for how long, and what the bylaws want of who is
 * elected. */
#include "nodes/charter/reading.h"

static const char *office_at(const Sb__Charter *c, size_t i)
{
    return c->offices[i]->id;
}

/* The seat stands in some body of the charter. */
static bool seat_known(const Sb__Charter *c, const char *id)
{
    for (size_t b = 0; b < c->n_bodies; b++)
        for (size_t s = 0; s < c->bodies[b]->n_seats; s++)
            if (strcmp(c->bodies[b]->seats[s]->id, id) == 0)
                return true;
    return false;
}

static sb_err read_norm(sb_reading *r, const sb_doc *item, Sb__Office *o)
{
    static const char *const KINDS[] = {"alternates", "differs", NULL};
    Sb__OfficeNorm *n = SB_ARENA_NEW(r->arena, Sb__OfficeNorm);
    sb__office_norm__init(n);
    uint32_t kind = 0, force = 0;
    sb_err err = sb_doc_want_map(item, r->fail);
    if (err == SB_OK)
        err = sb_reading_word(r, item, "kind", KINDS, 0, &kind);
    bool differs = kind == SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_DIFFERS;
    if (err == SB_OK)
        err = differs
                  ? sb_doc_only(item, r->fail, "kind", "office", "force", "cite", "assumed", NULL)
                  : sb_doc_only(item, r->fail, "kind", "force", "cite", "assumed", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "office", differs, &n->office);
    if (err == SB_OK)
        err = sb_reading_word(r, item, "force", SB_READING_FORCES, 0, &force);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "cite", true, SB_TITLE_BYTES_MAX, &n->cite);
    if (err == SB_OK)
        err = sb_reading_assumed(r, item, &n->assumed);
    n->kind = (Sb__OfficeNormKind)kind;
    n->force = (Sb__Force)force;
    if (err == SB_OK)
        o->norms[o->n_norms++] = n;
    return err;
}

static sb_err read_election_of(sb_reading *r, const sb_doc *item, Sb__Office *o)
{
    const Sb__Charter *c = r->charter;
    const sb_doc *norms = NULL;
    size_t count = 0;
    bool sits = false;
    sb_err err = sb_reading_id(r, item, "elected-by", false, &o->elected_by);
    if (err == SB_OK)
        err =
            sb_reading_known(r, item, "elected-by", o->elected_by, sb_reading_body_at, c->n_bodies);
    for (size_t i = 0; err == SB_OK && i < c->n_bodies; i++)
        if (strcmp(c->bodies[i]->id, o->elected_by) == 0 && c->bodies[i]->election == NULL)
            err = sb_doc_fail(sb_doc_get(item, "elected-by"), SB_E_CHARTER_ELECTED, o->id,
                              o->elected_by, r->fail);
    if (err == SB_OK)
        err = sb_reading_term(r, item, &o->term_months, NULL);
    if (err == SB_OK)
        err = sb_doc_bool_or(item, "sits-until-replaced", false, &sits, r->fail);
    o->sits_until_replaced = sits;
    if (err == SB_OK)
        err = sb_reading_list(r, item, "norms", 100, &norms, &count);
    o->norms = sb_reading_pointers(r, item, "norms");
    for (size_t i = 0; i < count && err == SB_OK; i++)
        err = read_norm(r, norms->items[i], o);
    if (err == SB_OK && count > 0 && o->elected_by[0] == '\0')
        sb_reading_remark(r, norms, "", SB_E_CHARTER_OFFICE_NORMS_UNUSED, o->id);
    if (err == SB_OK && sits && o->term_months == 0)
        sb_reading_remark(r, sb_doc_get(item, "sits-until-replaced"), "", SB_E_CHARTER_SITS_UNUSED,
                          o->id);
    return err;
}

static sb_err read_office(sb_reading *r, const sb_doc *item)
{
    Sb__Office *o = SB_ARENA_NEW(r->arena, Sb__Office);
    sb__office__init(o);
    const Sb__Charter *c = r->charter;
    sb_err err = sb_doc_only(item, r->fail, "id", "name", "body", "appointed-by", "seat", "cite",
                             "elected-by", "term", "sits-until-replaced", "norms", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "id", true, &o->id);
    for (size_t i = 0; i < c->n_offices && err == SB_OK; i++)
        if (strcmp(office_at(c, i), o->id) == 0)
            err = sb_doc_fail(sb_doc_get(item, "id"), SB_E_CHARTER_DUPLICATE_ID, o->id, NULL,
                              r->fail);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "name", true, SB_TITLE_BYTES_MAX, &o->name);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "body", false, &o->body);
    if (err == SB_OK)
        err = sb_reading_known(r, item, "body", o->body, sb_reading_body_at, c->n_bodies);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "appointed-by", true, &o->appointed_by);
    if (err == SB_OK)
        err = sb_reading_known(r, item, "appointed-by", o->appointed_by, sb_reading_organisation_at,
                               c->n_organisations);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "seat", false, &o->seat);
    if (err == SB_OK && *o->seat != '\0' && !seat_known(c, o->seat))
        err = sb_doc_fail(sb_doc_get(item, "seat"), SB_E_CHARTER_UNKNOWN_REF, "seat", o->seat,
                          r->fail);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "cite", false, SB_TITLE_BYTES_MAX, &o->cite);
    if (err == SB_OK)
        err = read_election_of(r, item, o);
    if (err == SB_OK)
        r->charter->offices[r->charter->n_offices++] = o;
    return err;
}

/* ---- when all offices are known ---- */

static sb_err check_norms(sb_reading *r, const sb_doc *item, const Sb__Office *o)
{
    const sb_doc *norms = sb_doc_get(item, "norms");
    sb_err err = SB_OK;
    for (size_t i = 0; i < o->n_norms && err == SB_OK; i++) {
        const char *other = o->norms[i]->office;
        err =
            sb_reading_known(r, norms->items[i], "office", other, office_at, r->charter->n_offices);
        if (err == SB_OK && strcmp(other, o->id) == 0)
            err = sb_doc_fail(sb_doc_get(norms->items[i], "office"), SB_E_CHARTER_OFFICE_ITSELF,
                              o->id, NULL, r->fail);
    }
    return err;
}

static bool elects_any(const Sb__Charter *c, const Sb__Body *body)
{
    for (size_t i = 0; i < c->n_offices; i++)
        if (strcmp(c->offices[i]->elected_by, body->id) == 0)
            return true;
    return false;
}

static sb_err check_body(sb_reading *r, const sb_doc *item, const Sb__Body *body)
{
    const Sb__Charter *c = r->charter;
    if (body->election != NULL && !elects_any(c, body))
        sb_reading_remark(r, sb_doc_get(item, "election"), body->id, SB_E_CHARTER_ELECTS_NOTHING,
                          NULL);
    const sb_doc *extraordinary = sb_doc_get(item, "extraordinary");
    return extraordinary == NULL ? SB_OK
                                 : sb_reading_known(r, extraordinary, "by", body->extraordinary_by,
                                                    office_at, c->n_offices);
}

sb_err sb_reading_offices(sb_reading *r, const sb_doc *root)
{
    const sb_doc *list = NULL, *bodies = sb_doc_get(root, "bodies");
    size_t count = 0;
    Sb__Charter *c = r->charter;
    sb_err err = sb_reading_list(r, root, "offices", SB_SEATS_MAX, &list, &count);
    c->offices = sb_reading_pointers(r, root, "offices");
    for (size_t i = 0; i < count && err == SB_OK; i++)
        err = read_office(r, list->items[i]);
    for (size_t i = 0; i < c->n_offices && err == SB_OK; i++)
        err = check_norms(r, list->items[i], c->offices[i]);
    for (size_t i = 0; i < c->n_bodies && err == SB_OK; i++)
        err = check_body(r, bodies->items[i], c->bodies[i]);
    return err;
}
