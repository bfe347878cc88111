/* What a decision does by itself, in its certificate: PROTOCOL.md "Certificates", `actions`. */
#include "proto/base/hash.h"
#include "proto/ledger/action_plan.h"
#include "proto/ledger/action_words.h"
#include "proto/ledger/case_parts.h"
#include "proto/ledger/certificate.h"
#include "proto/ledger/conditions.h"
#include "proto/ledger/membership.h"
#include "proto/ledger/out.h"

/* ---- codes and words ---- */

const char *sb_action_kind_code(uint32_t kind)
{
    static const char *const codes[] = {
        NULL,      "charter",     "body_create",  "body_mandate",        "body_dissolve",
        "appoint", "key_replace", "organisation", "organisation_remove", "witnessing"};
    return kind < sizeof codes / sizeof codes[0] ? codes[kind] : NULL;
}

const char *sb_action_status_code(uint32_t status)
{
    static const char *const codes[] = {NULL,      "proposed", "struck",
                                        "adopted", "in_force", "dropped"};
    return status < sizeof codes / sizeof codes[0] ? codes[status] : NULL;
}

const char *sb_action_status_word(uint32_t status, sb_lang lang)
{
    static const char *const nb[] = {"?",       "foreslått", "strøket", "vedtatt – ikke i kraft",
                                     "i kraft", "falt bort"};
    static const char *const en[] = {"?",        "proposed", "struck", "adopted – not in force",
                                     "in force", "dropped"};
    uint32_t at = status < sizeof nb / sizeof nb[0] ? status : 0;
    return lang == SB_LANG_NB ? nb[at] : en[at];
}

/* ---- the details of each kind ---- */

static void put_pk(sb_json *j, const char *key, ProtobufCBinaryData pk)
{
    sb_json_key(j, key);
    if (pk.len == 0)
        sb_json_null(j);
    else
        sb_json_hex(j, sb_slice_of(pk.data, pk.len));
}

static void put_rule(sb_json *j, const char *key, const Sb__Rule *rule)
{
    sb_out_some(j, key, rule == NULL ? NULL : rule->text);
}

static void put_body(sb_json *j, const Sb__Body *b)
{
    uint32_t voting = 0;
    for (size_t i = 0; i < b->n_seats; i++)
        voting += b->seats[i]->voting != 0;
    sb_out_str(j, "body", b->id);
    sb_out_str(j, "name", b->name);
    sb_out_some(j, "parent", b->parent);
    sb_out_u64(j, "seats", b->n_seats);
    sb_out_u64(j, "voting_seats", voting);
    put_rule(j, "quorum", b->quorum);
    put_rule(j, "pass", b->pass);
}

static void put_appoint(sb_json *j, const Sb__Appoint *m)
{
    bool office = m->place_case == SB__APPOINT__PLACE_OFFICE;
    sb_out_str(j, "office", office ? m->office : NULL);
    sb_out_str(j, "seat", office ? NULL : m->seat->seat);
    sb_out_str(j, "role", office ? NULL : sb_text_code(SB_TEXT_SEAT_ROLE, (uint32_t)m->seat->role));
    put_pk(j, "pk", m->device_pk);
    sb_out_date(j, "from_date", m->from_date);
    sb_out_date(j, "until_date", m->until_date);
}

static void put_charter(sb_json *j, sb_kv *kv, const sb_row_action *action,
                        const Sb__ActionCharter *m)
{
    sb_row_charter_draft d = {.no = action->draft};
    (void)sb_row_charter_draft_get(kv, NULL, &d);
    sb_out_hash(j, "draft", d.id);
    sb_out_hash(j, "draft_sha256", d.sha256);
    sb_out_u64(j, "base_version", d.base);
    sb_out_str(j, "overlap", sb_text_code(SB_TEXT_OVERLAP, (uint32_t)m->overlap));
}

static void put_witnessing(sb_json *j, const Sb__ActionWitnessing *m)
{
    sb_out_u64(j, "more_than_num", m->policy->more_than_num);
    sb_out_u64(j, "more_than_den", m->policy->more_than_den);
    sb_json_key(j, "groups");
    sb_json_array(j);
    for (size_t i = 0; i < m->policy->n_groups; i++) {
        const Sb__WitnessGroup *g = m->policy->groups[i];
        sb_json_object(j);
        sb_out_str(j, "name", g->name);
        sb_out_u64(j, "threshold", g->threshold);
        sb_json_key(j, "members");
        sb_json_array(j);
        for (size_t k = 0; k < g->n_members; k++)
            sb_json_cstr(j, g->members[k]);
        sb_json_end_array(j);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    sb_out_u64(j, "silence_s", m->silence_s);
    sb_json_key(j, "standbys");
    sb_json_array(j);
    for (size_t i = 0; i < m->n_standbys; i++) {
        sb_json_object(j);
        sb_out_str(j, "id", m->standbys[i]->id);
        put_pk(j, "log_pk", m->standbys[i]->log_pk);
        sb_out_str(j, "address", m->standbys[i]->address);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_action_put_details(sb_json *j, sb_kv *kv, const sb_row_action *action,
                           const Sb__ActionPropose *m)
{
    switch ((sb_action_kind)action->kind) {
    case SB_ACTION_CHARTER:
        put_charter(j, kv, action, m->charter);
        break;
    case SB_ACTION_BODY_CREATE:
        put_body(j, m->body_create->body);
        break;
    case SB_ACTION_BODY_MANDATE:
        sb_out_str(j, "body", m->body_mandate->body);
        sb_out_blob(j, "mandate", m->body_mandate->mandate->sha256.data,
                    m->body_mandate->mandate->size);
        break;
    case SB_ACTION_BODY_DISSOLVE:
        sb_out_str(j, "body", m->body_dissolve->body);
        break;
    case SB_ACTION_APPOINT:
        put_appoint(j, m->appoint);
        break;
    case SB_ACTION_KEY_REPLACE:
        put_pk(j, "old_pk", m->key_replace->old_pk);
        put_pk(j, "new_pk", m->key_replace->new_pk);
        break;
    case SB_ACTION_ORGANISATION:
        sb_out_str(j, "organisation", m->organisation->organisation->id);
        sb_out_str(j, "name", m->organisation->organisation->name);
        sb_out_str(j, "partner", m->organisation->organisation->partner);
        put_pk(j, "authority_pk", m->organisation->keys->authority_pk);
        put_pk(j, "witness_pk", m->organisation->keys->witness_pk);
        break;
    case SB_ACTION_ORGANISATION_REMOVE:
        sb_out_str(j, "organisation", m->organisation_remove->organisation);
        break;
    case SB_ACTION_WITNESSING:
        put_witnessing(j, m->witnessing);
        break;
    }
}

/* ---- a change of the charter ---- */

/* The draft that the case carried when it was last discussed in an earlier meeting. */
static bool discussed_draft(const sb_certificate *c, uint32_t *draft)
{
    sb_row_discussed d;
    if (!sb_discussed_find(c->kv, c->c.no, c->meeting.no, &d))
        return false;
    *draft = sb_actions_draft_no_at(c->kv, c->c.no, d.index);
    return *draft != 0;
}

/* The charter in force at the close, the draft, and the one discussed (NULL: none, or the same). */
typedef struct versions {
    uint32_t against;
    const Sb__Charter *in_force, *next, *discussed;
    uint8_t discussed_sha256[32];
    bool has_discussed;
} versions;

static void load_versions(const sb_certificate *c, const sb_row_action *action, versions *v)
{
    *v = (versions){.against = 0};
    sb_row_federation f = {0};
    (void)sb_row_federation_get(c->kv, c->arena, &f);
    v->against = f.charter_version;
    v->in_force = sb_charter_of_version(c->kv, c->arena, v->against);
    const Sb__Charter *draft = sb_charter_draft_decode(c->kv, c->arena, action->draft);
    if (v->in_force != NULL && draft != NULL)
        v->next = sb_charter_carry(c->kv, c->arena, v->in_force, draft);
    uint32_t earlier = 0;
    sb_row_charter_draft row;
    if (!discussed_draft(c, &earlier))
        return;
    row = (sb_row_charter_draft){.no = earlier};
    v->has_discussed = sb_row_charter_draft_get(c->kv, NULL, &row);
    memcpy(v->discussed_sha256, row.sha256, 32);
    if (earlier != action->draft)
        v->discussed = sb_charter_draft_decode(c->kv, c->arena, earlier);
}

static void put_change(sb_json *j, const sb_certificate *c, const sb_row_action *action)
{
    versions v;
    load_versions(c, action, &v);
    sb_json_key(j, "discussed_sha256");
    if (v.has_discussed)
        sb_json_hex(j, sb_slice_of(v.discussed_sha256, 32));
    else
        sb_json_null(j);
    sb_out_u64(j, "against_version", v.against);
    if (v.next != NULL)
        sb_charter_difference_json(j, "changes", v.in_force, v.next);
    const Sb__Charter *draft = sb_charter_draft_decode(c->kv, c->arena, action->draft);
    if (v.discussed != NULL && draft != NULL)
        sb_charter_difference_json(j, "changes_since_discussed", v.discussed, draft);
}

/* ---- the member ---- */

typedef struct each {
    sb_row_case_action at;
    sb_row_action action;
    const Sb__ActionPropose *m;
} each;

/* The actions that are decided on: those proposed now. */
static bool next(const sb_certificate *c, each *e)
{
    while (sb_row_case_action_next(c->kv, NULL, &e->at, false, 1)) {
        e->action = (sb_row_action){.no = e->at.action};
        if (!sb_row_action_get(c->kv, c->arena, &e->action) ||
            e->action.status != SB_ACTION_PROPOSED)
            continue;
        e->m = sb_action_decode(c->arena, e->action.payload);
        if (e->m != NULL)
            return true;
    }
    return false;
}

static bool waits_for_conditions(const sb_certificate *c)
{
    return !sb_conditions_met(c->kv, c->c.no, SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT);
}

static bool is_adopted(const sb_certificate *c)
{
    return c->question.outcome == SB__OUTCOME__OUTCOME_ADOPTED;
}

void sb_certificate_put_actions(sb_json *j, const sb_certificate *c)
{
    each e = {.at = {.case_no = c->c.no}};
    sb_json_key(j, "actions");
    sb_json_array(j);
    while (next(c, &e)) {
        sb_json_object(j);
        sb_out_u64(j, "number", e.action.number);
        sb_out_hash(j, "id", e.action.id);
        sb_out_str(j, "kind", sb_action_kind_code(e.action.kind));
        sb_out_u64(j, "index", e.action.index);
        sb_out_str(j, "waits_for",
                   !is_adopted(c)            ? NULL
                   : waits_for_conditions(c) ? "conditions"
                                             : "seal");
        sb_action_put_details(j, c->kv, &e.action, e.m);
        if (e.action.kind == SB_ACTION_CHARTER)
            put_change(j, c, &e.action);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

const Sb__Involvement *sb_certificate_involvement(const sb_certificate *c)
{
    each e = {.at = {.case_no = c->c.no}};
    while (next(c, &e))
        if (sb_action_is_membership((sb_action_kind)e.action.kind) &&
            c->charter->membership != NULL)
            return c->charter->membership->involvement;
        else if (e.action.kind == SB_ACTION_CHARTER && c->charter->amendment != NULL &&
                 e.m->charter->overlap != SB__OVERLAP__OVERLAP_NONE)
            return c->charter->amendment->involvement;
    return NULL;
}

/* ---- in words ---- */

static const char *word(sb_lang lang, const char *nb, const char *en)
{
    return lang == SB_LANG_NB ? nb : en;
}

static const char *body_name(const Sb__Charter *charter, const char *id)
{
    uint32_t at = sb_body_find(charter, id);
    return at == SB_NONE ? id : charter->bodies[at]->name;
}

static const char *seat_title(const Sb__Charter *charter, const char *id)
{
    for (size_t i = 0; i < charter->n_bodies; i++)
        for (size_t k = 0; k < charter->bodies[i]->n_seats; k++)
            if (strcmp(charter->bodies[i]->seats[k]->id, id) == 0)
                return charter->bodies[i]->seats[k]->title;
    return "";
}

static void say_appoint(sb_buf *out, sb_lang lang, const Sb__Charter *charter, const Sb__Appoint *m)
{
    if (m->place_case == SB__APPOINT__PLACE_OFFICE) {
        uint32_t at = sb_office_find(charter, m->office);
        sb_buf_printf(out, "%s: %s", word(lang, "oppnevner til vervet", "appoints to the office"),
                      at == SB_NONE ? m->office : charter->offices[at]->name);
    } else {
        const char *id = m->seat->seat, *title = seat_title(charter, id);
        sb_buf_printf(out, "%s: %s%s%s%s, %s",
                      word(lang, "oppnevner til medlemsplassen", "appoints to the seat"), title,
                      title[0] != '\0' ? " (" : "", id, title[0] != '\0' ? ")" : "",
                      sb_text_word(SB_TEXT_SEAT_ROLE, (uint32_t)m->seat->role, lang));
    }
    sb_buf_printf(out, ", %s ", word(lang, "fra", "from"));
    sb_text_wire_date_short(out, lang, m->from_date);
    if (m->until_date != 0) {
        sb_buf_printf(out, " %s ", word(lang, "til", "until"));
        sb_text_wire_date_short(out, lang, m->until_date);
    }
}

static const char *organisation_name(const Sb__Charter *charter, const char *id)
{
    uint32_t at = sb_org_find(charter, id);
    return at == SB_NONE ? id : charter->organisations[at]->name;
}

static void say_witnessing(sb_buf *out, sb_lang lang, const Sb__ActionWitnessing *m)
{
    const Sb__WitnessPolicy *p = m->policy;
    sb_buf_printf(
        out, "%s: ",
        word(lang, "bestemmer hvem som bekrefter historien", "decides who confirms the history"));
    if (p->n_groups == 0)
        sb_buf_printf(out, "%s %u/%u %s", word(lang, "flere enn", "more than"),
                      (unsigned)p->more_than_num, (unsigned)p->more_than_den,
                      word(lang, "av organisasjonene", "of the organisations"));
    for (size_t i = 0; i < p->n_groups; i++) {
        const Sb__WitnessGroup *g = p->groups[i];
        sb_buf_printf(out, "%s%s = %u %s ", i > 0 ? "; " : "", g->name, (unsigned)g->threshold,
                      word(lang, "av", "of"));
        for (size_t k = 0; k < g->n_members; k++)
            sb_buf_printf(out, "%s%s", k > 0 ? ", " : "", g->members[k]);
    }
    for (size_t i = 0; i < m->n_standbys; i++)
        sb_buf_printf(out, "%s%s",
                      i > 0 ? ", " : word(lang, "; reservemeglere: ", "; standby brokers: "),
                      m->standbys[i]->id);
    if (m->n_standbys > 0)
        sb_buf_printf(out, "%s %u %s", word(lang, ", etter", ", after"), (unsigned)m->silence_s,
                      word(lang, "sekunders stillhet", "seconds of silence"));
}

void sb_action_say(sb_buf *out, sb_lang lang, const Sb__Charter *charter,
                   const sb_row_action *action, const Sb__ActionPropose *m)
{
    char hex[17];
    switch ((sb_action_kind)action->kind) {
    case SB_ACTION_CHARTER:
        sb_buf_printf(out, "%s (%s: %s)", word(lang, "endrer vedtektene", "changes the charter"),
                      word(lang, "forholdet til avtalen mellom partene",
                           "overlap with the parties' agreement"),
                      sb_text_word(SB_TEXT_OVERLAP, (uint32_t)m->charter->overlap, lang));
        break;
    case SB_ACTION_BODY_CREATE:
        sb_buf_printf(out, "%s %s", word(lang, "oppretter", "creates"), m->body_create->body->name);
        break;
    case SB_ACTION_BODY_MANDATE:
        sb_buf_printf(out, "%s %s", word(lang, "gir mandat til", "gives a mandate to"),
                      body_name(charter, m->body_mandate->body));
        break;
    case SB_ACTION_BODY_DISSOLVE:
        sb_buf_printf(out, "%s %s", word(lang, "oppløser", "dissolves"),
                      body_name(charter, m->body_dissolve->body));
        break;
    case SB_ACTION_APPOINT:
        say_appoint(out, lang, charter, m->appoint);
        break;
    case SB_ACTION_KEY_REPLACE:
        sb_hex(sb_slice_of(m->key_replace->old_pk.data, 8), hex);
        sb_buf_printf(out, "%s %s…", word(lang, "erstatter nøkkelen", "replaces the key"), hex);
        break;
    case SB_ACTION_ORGANISATION:
        sb_buf_printf(out, "%s %s", word(lang, "tar opp organisasjonen", "admits the organisation"),
                      m->organisation->organisation->name);
        break;
    case SB_ACTION_ORGANISATION_REMOVE:
        sb_buf_printf(out, "%s %s",
                      word(lang, "tar ut organisasjonen", "takes out the organisation"),
                      organisation_name(charter, m->organisation_remove->organisation));
        break;
    case SB_ACTION_WITNESSING:
        say_witnessing(out, lang, m->witnessing);
        break;
    }
}

static void say_change(sb_buf *out, sb_lang lang, const sb_certificate *c,
                       const sb_row_action *action)
{
    versions v;
    load_versions(c, action, &v);
    sb_row_charter_draft d = {.no = action->draft};
    (void)sb_row_charter_draft_get(c->kv, NULL, &d);
    char hex[65];
    sb_hex(sb_slice_of(d.sha256, 32), hex);
    sb_buf_printf(out, "  %s: %s\n", word(lang, "Utkastet som avgjøres", "The draft decided on"),
                  hex);
    if (v.has_discussed) {
        sb_hex(sb_slice_of(v.discussed_sha256, 32), hex);
        sb_buf_printf(out, "  %s: %s%s\n",
                      word(lang, "Utkastet som ble drøftet", "The draft discussed"), hex,
                      v.discussed == NULL ? word(lang, " (det samme)", " (the same)") : "");
    }
    if (v.next != NULL) {
        sb_buf_printf(
            out, "  %s %u:\n",
            word(lang, "Endringer fra vedtektene, versjon", "Changes from the charter, version"),
            (unsigned)v.against);
        sb_charter_difference_text(out, lang, v.in_force, v.next);
    }
    const Sb__Charter *draft = sb_charter_draft_decode(c->kv, c->arena, action->draft);
    if (v.discussed != NULL && draft != NULL) {
        sb_buf_printf(out, "  %s:\n",
                      word(lang, "Endringer fra utkastet som ble drøftet",
                           "Changes from the draft discussed"));
        sb_charter_difference_text(out, lang, v.discussed, draft);
    }
}

/* The charter, and the bodies that the case itself would create: later actions may name them. */
static const Sb__Charter *with_created(const sb_certificate *c)
{
    each e = {.at = {.case_no = c->c.no}};
    const Sb__Charter *charter = c->charter;
    while (next(c, &e)) {
        if (e.action.kind != SB_ACTION_BODY_CREATE)
            continue;
        Sb__Charter *more = SB_ARENA_NEW(c->arena, Sb__Charter);
        *more = *charter;
        more->bodies = SB_ARENA_ARRAY(c->arena, Sb__Body *, charter->n_bodies + 1);
        memcpy(more->bodies, charter->bodies, charter->n_bodies * sizeof *more->bodies);
        more->bodies[more->n_bodies++] = e.m->body_create->body;
        charter = more;
    }
    return charter;
}

void sb_certificate_text_actions(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    each e = {.at = {.case_no = c->c.no}};
    const Sb__Charter *charter = with_created(c);
    while (next(c, &e)) {
        sb_buf_printf(out, "%s %u: ", word(lang, "Tiltak", "Action"), (unsigned)e.action.number);
        sb_action_say(out, lang, charter, &e.action, e.m);
        if (is_adopted(c))
            sb_buf_printf(out, " – %s",
                          waits_for_conditions(c)
                              ? word(lang, "vedtatt, ikke i kraft: venter på vilkår",
                                     "adopted, not in force: waits for conditions")
                              : word(lang, "trer i kraft når vedtaket er bekreftet",
                                     "comes into force when the decision is final"));
        sb_buf_str(out, "\n");
        if (e.action.kind == SB_ACTION_CHARTER)
            say_change(out, lang, c, &e.action);
    }
}
