#include "nodes/charter/charter.h"

#include "nodes/charter/reading.h"
#include "nodes/host/yaml_read.h"

static const char *party_at(const Sb__Charter *c, size_t i)
{
    return c->parties[i]->id;
}

/* `id`, read from `item`, is not among the first `count`. */
static sb_err check_new(sb_reading *r, const sb_doc *item, const char *id,
                        const char *(*id_at)(const Sb__Charter *, size_t), size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(id_at(r->charter, i), id) == 0)
            return sb_doc_fail(sb_doc_get(item, "id"), SB_E_CHARTER_DUPLICATE_ID, id, NULL,
                               r->fail);
    return SB_OK;
}

/* ---- the lists ---- */

static sb_err read_partner(sb_reading *r, const sb_doc *item, void *out)
{
    Sb__Partner *p = out;
    sb__partner__init(p);
    sb_err err = sb_doc_only(item, r->fail, "id", "name", "name-en", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "id", true, &p->id);
    if (err == SB_OK)
        err = check_new(r, item, p->id, sb_reading_partner_at, r->charter->n_partners);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "name", true, SB_TITLE_BYTES_MAX, &p->name);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "name-en", false, SB_TITLE_BYTES_MAX, &p->name_en);
    if (err == SB_OK)
        r->charter->partners[r->charter->n_partners++] = p;
    return err;
}

static sb_err read_organisation(sb_reading *r, const sb_doc *item, void *out)
{
    Sb__Organisation *o = out;
    sb__organisation__init(o);
    sb_err err = sb_doc_only(item, r->fail, "id", "name", "partner", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "id", true, &o->id);
    if (err == SB_OK)
        err = check_new(r, item, o->id, sb_reading_organisation_at, r->charter->n_organisations);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "name", true, SB_TITLE_BYTES_MAX, &o->name);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "partner", true, &o->partner);
    if (err == SB_OK)
        err = sb_reading_known(r, item, "partner", o->partner, sb_reading_partner_at,
                               r->charter->n_partners);
    if (err == SB_OK)
        r->charter->organisations[r->charter->n_organisations++] = o;
    return err;
}

static sb_err read_appointer(sb_reading *r, const sb_doc *item, void *out)
{
    Sb__Appointer *a = out;
    sb__appointer__init(a);
    sb_err err = sb_doc_only(item, r->fail, "id", "name", "host", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "id", true, &a->id);
    if (err == SB_OK)
        err = check_new(r, item, a->id, sb_reading_appointer_at, r->charter->n_appointers);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "name", true, SB_TITLE_BYTES_MAX, &a->name);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "host", false, &a->host);
    if (err == SB_OK)
        err = sb_reading_known(r, item, "host", a->host, sb_reading_organisation_at,
                               r->charter->n_organisations);
    if (err == SB_OK)
        r->charter->appointers[r->charter->n_appointers++] = a;
    return err;
}

static sb_err read_party(sb_reading *r, const sb_doc *item, void *out)
{
    Sb__Party *p = out;
    sb__party__init(p);
    sb_err err = sb_doc_only(item, r->fail, "id", "name", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "id", true, &p->id);
    if (err == SB_OK)
        err = check_new(r, item, p->id, party_at, r->charter->n_parties);
    if (err == SB_OK)
        err = sb_reading_text(r, item, "name", true, SB_TITLE_BYTES_MAX, &p->name);
    if (err == SB_OK)
        r->charter->parties[r->charter->n_parties++] = p;
    return err;
}

/* One list of the charter: key, bound, where it goes. `read` appends what it read. */
typedef sb_err (*read_item_fn)(sb_reading *r, const sb_doc *item, void *out);

static sb_err read_list(sb_reading *r, const sb_doc *root, const char *key, size_t max,
                        size_t item_bytes, read_item_fn read)
{
    const sb_doc *list = NULL;
    size_t count = 0;
    sb_err err = sb_reading_list(r, root, key, max, &list, &count);
    for (size_t i = 0; i < count && err == SB_OK; i++)
        err = read(r, list->items[i], sb_arena_alloc(r->arena, item_bytes));
    return err;
}

/* ---- the single sections ---- */

static sb_err read_quotas(sb_reading *r, const sb_doc *root)
{
    const sb_doc *node = sb_doc_get(root, "quotas");
    Sb__Quotas *quotas = SB_ARENA_NEW(r->arena, Sb__Quotas);
    sb__quotas__init(quotas);
    r->charter->quotas = quotas;
    if (node == NULL)
        return SB_OK;
    uint64_t per_day = 0, per_case = 0;
    sb_err err = sb_doc_only(node, r->fail, "per-key-and-day", "per-case", NULL);
    if (err == SB_OK)
        err = sb_doc_u64_or(node, "per-key-and-day", 0, UINT32_MAX, 0, &per_day, r->fail);
    if (err == SB_OK)
        err = sb_doc_u64_or(node, "per-case", 0, UINT32_MAX, 0, &per_case, r->fail);
    quotas->entries_per_key_and_day = (uint32_t)per_day;
    quotas->entries_per_case = (uint32_t)per_case;
    return err;
}

/* What the parties have to do before a change that overlaps their agreement. */
static sb_err read_involvement(sb_reading *r, const sb_doc *map, Sb__Amendment *a)
{
    static const char *const MOMENTS[] = {"before-question", "before-effect", NULL};
    static const char *const KINDS[] = {"informed", "consented", "signed", NULL};
    const sb_doc *node = sb_doc_get(map, "involvement");
    if (node == NULL)
        return SB_OK;
    Sb__Involvement *v = SB_ARENA_NEW(r->arena, Sb__Involvement);
    sb__involvement__init(v);
    uint32_t moment = 0, kind = 0;
    bool lapses = false;
    sb_err err = sb_doc_only(node, r->fail, "moment", "kind", "lapses", "cite", "assumed", NULL);
    if (err == SB_OK)
        err = sb_reading_word(r, node, "moment", MOMENTS, 0, &moment);
    if (err == SB_OK)
        err = sb_reading_word(r, node, "kind", KINDS, 0, &kind);
    if (err == SB_OK)
        err = sb_doc_bool_or(node, "lapses", false, &lapses, r->fail);
    if (err == SB_OK)
        err = sb_reading_text(r, node, "cite", true, SB_TITLE_BYTES_MAX, &v->cite);
    if (err == SB_OK)
        err = sb_reading_assumed(r, node, &v->assumed);
    if (err == SB_OK && r->charter->n_parties == 0)
        err = sb_doc_fail(node, SB_E_CHARTER_NO_PARTIES, NULL, NULL, r->fail);
    v->moment = (Sb__ConditionMoment)moment;
    v->kind = (Sb__ConditionKind)kind;
    v->lapses = lapses;
    a->involvement = v;
    return err;
}

/* "amendment" and "membership"; absent: can't be changed. */
static sb_err read_amendment(sb_reading *r, const sb_doc *root, const char *key,
                             Sb__Amendment **out)
{
    const sb_doc *node = sb_doc_get(root, key);
    if (node == NULL)
        return SB_OK;
    Sb__Amendment *a = SB_ARENA_NEW(r->arena, Sb__Amendment);
    sb__amendment__init(a);
    const Sb__Body *body = NULL;
    sb_err err = sb_doc_only(node, r->fail, "body", "pass", "cite", "assumed", "involvement", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, node, "body", true, &a->body);
    if (err == SB_OK)
        err = sb_reading_known(r, node, "body", a->body, sb_reading_body_at, r->charter->n_bodies);
    for (size_t i = 0; err == SB_OK && i < r->charter->n_bodies; i++)
        if (strcmp(r->charter->bodies[i]->id, a->body) == 0)
            body = r->charter->bodies[i];
    /* with no rule at all nothing could be adopted by it */
    const sb_doc *pass = NULL;
    if (err == SB_OK)
        err = sb_doc_need(node, "pass", &pass, r->fail);
    if (err == SB_OK)
        err = sb_reading_rule(r, node, "pass", body, SB_RULE_PASS, &a->pass);
    if (err == SB_OK)
        err = read_involvement(r, node, a);
    if (err == SB_OK)
        *out = a;
    return err;
}

static sb_err read_head(sb_reading *r, const sb_doc *root, const sb_charter_options *options)
{
    const sb_doc *head = NULL;
    Sb__Charter *c = r->charter;
    bool rehearsal = false;
    sb_err err = sb_doc_need(root, "charter", &head, r->fail);
    if (err == SB_OK)
        err = sb_doc_only(head, r->fail, "slug", "name", "source", "rehearsal", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, head, "slug", true, &c->slug);
    if (err == SB_OK)
        err = sb_reading_text(r, head, "name", true, SB_TITLE_BYTES_MAX, &c->name);
    if (err == SB_OK)
        err = sb_reading_text(r, head, "source", false, SB_TITLE_BYTES_MAX, &c->source);
    if (err == SB_OK)
        err = sb_doc_bool_or(head, "rehearsal", false, &rehearsal, r->fail);
    c->rehearsal = rehearsal || (options != NULL && options->rehearsal);
    return err;
}

static sb_err read_all(sb_reading *r, const sb_doc *root, const sb_charter_options *options)
{
    Sb__Charter *c = r->charter;
    sb_err err = sb_doc_only(root, r->fail, "charter", "partners", "organisations", "witnesses",
                             "appointers", "parties", "offices", "quotas", "amendment",
                             "membership", "bodies", "standby", NULL);
    if (err == SB_OK)
        err = read_head(r, root, options);
    if (err == SB_OK)
        c->partners = sb_reading_pointers(r, root, "partners");
    if (err == SB_OK)
        err = read_list(r, root, "partners", SB_PARTNERS_MAX, sizeof(Sb__Partner), read_partner);
    if (err == SB_OK)
        c->organisations = sb_reading_pointers(r, root, "organisations");
    if (err == SB_OK)
        err = read_list(r, root, "organisations", SB_ORGANISATIONS_MAX, sizeof(Sb__Organisation),
                        read_organisation);
    if (err == SB_OK && c->n_organisations == 0)
        err = sb_doc_fail(root, SB_E_CHARTER_EMPTY, "organisations", NULL, r->fail);
    if (err == SB_OK)
        c->appointers = sb_reading_pointers(r, root, "appointers");
    if (err == SB_OK)
        err = read_list(r, root, "appointers", SB_SEATS_MAX, sizeof(Sb__Appointer), read_appointer);
    if (err == SB_OK)
        c->parties = sb_reading_pointers(r, root, "parties");
    if (err == SB_OK)
        err = read_list(r, root, "parties", SB_SEATS_MAX, sizeof(Sb__Party), read_party);
    if (err == SB_OK)
        err = sb_reading_bodies(r, root);
    if (err == SB_OK)
        err = sb_reading_offices(r, root);
    if (err == SB_OK)
        err = sb_reading_witnesses(r, root);
    if (err == SB_OK)
        err = sb_reading_standbys(r, root);
    if (err == SB_OK)
        err = read_quotas(r, root);
    if (err == SB_OK)
        err = read_amendment(r, root, "amendment", &c->amendment);
    if (err == SB_OK)
        err = read_amendment(r, root, "membership", &c->membership);
    return err;
}

static sb_err read_root(const sb_doc *root, const sb_charter_options *options, sb_arena *arena,
                        const Sb__Charter **out, sb_charter_report *report, sb_fail *fail)
{
    Sb__Charter *charter = SB_ARENA_NEW(arena, Sb__Charter);
    sb__charter__init(charter);
    sb_reading r = {.arena = arena,
                    .fail = fail,
                    .charter = charter,
                    .report = report,
                    .lang = options != NULL ? options->lang : SB_LANG_NB};
    if (r.report == NULL)
        r.report = SB_ARENA_NEW(arena, sb_charter_report);
    sb_err err = read_all(&r, root, options);
    if (err == SB_OK)
        *out = charter;
    return err;
}

sb_err sb_charter_read_body(const char *path, const Sb__Charter *charter,
                            const sb_charter_options *options, sb_arena *arena, Sb__Body **out,
                            sb_charter_report *report, sb_fail *fail)
{
    Sb__Charter *with = SB_ARENA_NEW(arena, Sb__Charter);
    const sb_doc *root = NULL;
    *with = *charter;
    with->bodies = SB_ARENA_ARRAY(arena, Sb__Body *, charter->n_bodies + 1);
    memcpy(with->bodies, charter->bodies, charter->n_bodies * sizeof *with->bodies);
    sb_reading r = {.arena = arena,
                    .fail = fail,
                    .charter = with,
                    .report = report != NULL ? report : SB_ARENA_NEW(arena, sb_charter_report),
                    .lang = options != NULL ? options->lang : SB_LANG_NB,
                    .by_decision = true};
    sb_err err = sb_yaml_read(path, arena, &root, fail);
    if (err == SB_OK)
        err = sb_reading_body(&r, root);
    if (err == SB_OK)
        *out = with->bodies[with->n_bodies - 1];
    return err;
}

sb_err sb_charter_read_witnessing(const char *path, const Sb__Charter *charter, sb_arena *arena,
                                  const Sb__Charter **out, sb_fail *fail)
{
    Sb__Charter *with = SB_ARENA_NEW(arena, Sb__Charter);
    const sb_doc *root = NULL;
    *with = *charter;
    with->silence_s = 0;
    with->standbys = NULL;
    with->n_standbys = 0;
    sb_reading r = {.arena = arena,
                    .fail = fail,
                    .charter = with,
                    .report = SB_ARENA_NEW(arena, sb_charter_report)};
    sb_err err = sb_yaml_read(path, arena, &root, fail);
    if (err == SB_OK)
        err = sb_doc_only(root, fail, "witnesses", "standby", NULL);
    if (err == SB_OK)
        err = sb_reading_witnesses(&r, root);
    if (err == SB_OK)
        err = sb_reading_standbys(&r, root);
    *out = with;
    return err;
}

sb_err sb_charter_read(const char *path, const sb_charter_options *options, sb_arena *arena,
                       const Sb__Charter **out, sb_charter_report *report, sb_fail *fail)
{
    const sb_doc *root = NULL;
    sb_err err = sb_yaml_read(path, arena, &root, fail);
    return err == SB_OK ? read_root(root, options, arena, out, report, fail) : err;
}

sb_err sb_charter_parse(const char *name, sb_slice bytes, const sb_charter_options *options,
                        sb_arena *arena, const Sb__Charter **out, sb_charter_report *report,
                        sb_fail *fail)
{
    const sb_doc *root = NULL;
    sb_err err = sb_yaml_parse(name, bytes, arena, &root, fail);
    return err == SB_OK ? read_root(root, options, arena, out, report, fail) : err;
}
