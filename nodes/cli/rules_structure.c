#include "nodes/cli/rules_structure.h"

#include "proto/base/hash.h"
#include "proto/text/text.h"

enum { DEPTH_MAX = 8 };

typedef enum what { ADDED = 0, REMOVED, CHANGED, WORDED, WHATS } what;

typedef struct structure {
    sb_cli *cli;
    sb_buf lines[WHATS]; /* for people, ended by line feeds */
    sb_buf json;         /* objects with commas between */
    sb_buf wording;
    sb_structure_count *count;
} structure;

/* ---- words ---- */

typedef struct name {
    const char *field, *nb, *en;
} name;

/* Kinds of things, by the schema's message names. */
static const name THINGS[] = {
    {"Partner", "partner", "partner"},
    {"Organisation", "organisasjon", "organisation"},
    {"Appointer", "oppnevner", "appointer"},
    {"Party", "avtalepart", "party"},
    {"Body", "organ", "body"},
    {"Seat", "medlemsplass", "seat"},
    {"Rule", "regel", "rule"},
    {"Deadline", "frist", "deadline"},
    {"Norm", "krav", "demand"},
    {"FirstNumber", "første saksnummer", "first case number"},
    {"Office", "verv", "office"},
    {"OfficeNorm", "krav til vervet", "demand on the office"},
    {"WitnessPolicy", "bekreftelse", "confirmation"},
    {"WitnessGroup", "vitnegruppe", "witness group"},
    {"Standby", "reservemegler", "standby broker"},
    {"Quotas", "grenser", "quotas"},
    {"Amendment", "endring av vedtektene", "amendment of the charter"},
    {"Involvement", "involvering av partene", "involvement of the parties"},
    {"Election", "valg", "election"},
    {"Planning", "møteplan", "meeting plan"},
    {NULL, NULL, NULL}};

/* Fields, by the schema's names; one that isn't here is called by that name. */
static const name FIELDS[] = {
    {"slug", "kortnavn i loggen", "name in the log"},
    {"name", "navn", "name"},
    {"name_en", "engelsk navn", "English name"},
    {"short_name", "kortnavn", "short name"},
    {"source", "kilde", "source"},
    {"rehearsal", "øvelse", "rehearsal"},
    {"partner", "partner", "partner"},
    {"host", "føres inn av", "entered by"},
    {"parent", "hører under", "parent"},
    {"title", "tittel", "title"},
    {"voting", "stemmerett", "voting"},
    {"appointer", "oppnevnes av", "appointed by"},
    {"appointed_by", "oppnevnes av", "appointed by"},
    {"has_deputy", "personlig vara", "personal deputy"},
    {"requirement", "krav", "requirement"},
    {"ex_officio", "i kraft av stilling", "ex officio"},
    {"kind", "slag", "kind"},
    {"least", "minst", "at least"},
    {"most", "høyst", "at most"},
    {"unit", "enhet", "unit"},
    {"effect", "virkning", "effect"},
    {"force", "styrke", "force"},
    {"text", "tekst", "text"},
    {"cite", "paragraf", "paragraph"},
    {"assumed", "lest slik", "read as"},
    {"year", "år", "year"},
    {"number", "nummer", "number"},
    {"bar_cite", "paragraf om saker som ikke er meldt og sendt ut",
     "paragraph on cases not sent out"},
    {"minutes_name", "referatet kalles", "name of the minutes"},
    {"minutes_silence", "stille godkjenning av referatet", "minutes approved by silence"},
    {"deputy_cite", "paragraf om vara", "paragraph on deputies"},
    {"deputy_assumed", "om vara, lest slik", "on deputies, read as"},
    {"dispute_cite", "paragraf om uenighet", "paragraph on disputes"},
    {"roll_call_cite", "paragraf om avstemming ved navn", "paragraph on votes by name"},
    {"delegation_cite", "paragraf om fullmakt", "paragraph on delegation"},
    {"extraordinary_by", "kaller inn ekstraordinært møte", "calls extraordinary meetings"},
    {"extraordinary_cite", "paragraf om ekstraordinært møte",
     "paragraph on extraordinary meetings"},
    {"term_months", "funksjonstid i måneder", "term in months"},
    {"term_cite", "paragraf om funksjonstid", "paragraph on terms"},
    {"may_create", "kan opprette organer", "may create bodies"},
    {"create_cite", "paragraf om nye organer", "paragraph on new bodies"},
    {"mandate_sha256", "mandat", "mandate"},
    {"mandate_size", "mandatets størrelse", "size of the mandate"},
    {"dissolved", "nedlagt", "dissolved"},
    {"body", "organ", "body"},
    {"seat", "medlemsplass", "seat"},
    {"office", "verv", "office"},
    {"elected_by", "velges av", "elected by"},
    {"sits_until_replaced", "sitter til nye er valgt", "sits until replaced"},
    {"threshold", "så mange trengs", "so many are needed"},
    {"members", "medlemmer", "members"},
    {"silence_s", "stillhet i sekunder", "silence in seconds"},
    {"log_pk", "loggnøkkel", "log key"},
    {"curve_pk", "transportnøkkel", "transport key"},
    {"address", "adresse", "address"},
    {"withdrawn", "ute", "withdrawn"},
    {"more_than_num", "mer enn (teller)", "more than (numerator)"},
    {"more_than_den", "mer enn (nevner)", "more than (denominator)"},
    {"entries_per_key_and_day", "oppføringer per nøkkel og dag", "entries per key and day"},
    {"entries_per_case", "oppføringer per sak", "entries per case"},
    {"rounds", "valgomganger", "rounds"},
    {"keep", "går videre til neste omgang", "go on to the next round"},
    {"tie", "ved stemmelikhet", "in a tie"},
    {"acclamation", "valg uten avstemming", "election by acclamation"},
    {"least_meetings", "møter i året, minst", "meetings a year, at least"},
    {"before_year", "planen vedtas før året starter", "plan decided before the year"},
    {"next_date", "neste dato settes på møtet", "next date set at the meeting"},
    {"moment", "tidspunkt", "moment"},
    {"lapses", "taushet regnes som svar", "silence counts as an answer"},
    {"quorum", "beslutningsdyktig", "quorum"},
    {"pass", "vedtak", "decision"},
    {"elect", "valg", "election"},
    {"membership", "endring av hvem som er med", "change of membership"},
    {NULL, NULL, NULL}};

static const char *word(const structure *s, const name *list, const char *field)
{
    for (const name *n = list; n->field != NULL; n++)
        if (strcmp(n->field, field) == 0)
            return sb_cli_either(s->cli, n->nb, n->en);
    return field;
}

/* Changes of these alone are of wording. What a norm says or a seat requires is not: no machine can
 * tell whether it means the same. */
static bool is_wording(const char *field)
{
    static const char *const NAMES[] = {"name",    "name_en", "short_name",   "title", "cite",
                                        "assumed", "source",  "minutes_name", NULL};
    size_t len = strlen(field);
    for (int i = 0; NAMES[i] != NULL; i++)
        if (strcmp(NAMES[i], field) == 0)
            return true;
    return (len > 5 && strcmp(field + len - 5, "_cite") == 0) ||
           (len > 8 && strcmp(field + len - 8, "_assumed") == 0);
}

/* ---- values ---- */

/* Where a field lies; the schema's structs are what the generated descriptors say. */
static const void *at(const void *message, const ProtobufCFieldDescriptor *f)
{
    return (const char *)message + f->offset;
}

static const char *enum_word(const structure *s, const ProtobufCFieldDescriptor *f, uint32_t value)
{
    static const struct {
        const char *name;
        sb_text_family family;
    } FAMILIES[] = {{"DeadlineKind", SB_TEXT_DEADLINE_KIND},
                    {"DeadlineUnit", SB_TEXT_DEADLINE_UNIT},
                    {"DeadlineEffect", SB_TEXT_DEADLINE_EFFECT},
                    {"Force", SB_TEXT_FORCE}};
    const ProtobufCEnumDescriptor *e = f->descriptor;
    for (size_t i = 0; i < sizeof FAMILIES / sizeof FAMILIES[0]; i++)
        if (strcmp(FAMILIES[i].name, e->short_name) == 0)
            return sb_text_word(FAMILIES[i].family, value, s->cli->lang);
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(e, (int)value);
    return v != NULL ? v->name : "?";
}

static const char *value_text(const structure *s, const void *message,
                              const ProtobufCFieldDescriptor *f)
{
    sb_arena *a = &s->cli->arena;
    const void *where = at(message, f);
    char hex[65];
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(char *const *)where;
        return text[0] != '\0' ? sb_arena_printf(a, sb_cli_either(s->cli, "«%s»", "\"%s\""), text)
                               : sb_cli_either(s->cli, "ingenting", "nothing");
    }
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)where ? sb_cli_either(s->cli, "ja", "yes")
                                                  : sb_cli_either(s->cli, "nei", "no");
    case PROTOBUF_C_TYPE_ENUM:
        return enum_word(s, f, *(const uint32_t *)where);
    case PROTOBUF_C_TYPE_UINT32:
        return sb_arena_printf(a, "%u", *(const uint32_t *)where);
    case PROTOBUF_C_TYPE_UINT64:
        return sb_arena_printf(a, "%llu", (unsigned long long)*(const uint64_t *)where);
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *b = where;
        if (b->len != 32)
            return b->len == 0 ? sb_cli_either(s->cli, "ingenting", "nothing") : "?";
        sb_hex(sb_slice_of(b->data, 32), hex);
        return sb_arena_printf(a, "%.12s…", hex);
    }
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_MESSAGE:
        break; /* the charter has none; messages are walked */
    }
    return "?";
}

static bool same_value(const void *before, const void *after, const ProtobufCFieldDescriptor *f)
{
    const void *x = at(before, f), *y = at(after, f);
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
        return strcmp(*(char *const *)x, *(char *const *)y) == 0;
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)x == *(const protobuf_c_boolean *)y;
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *a = x, *b = y;
        return sb_slice_eq(sb_slice_of(a->data, a->len), sb_slice_of(b->data, b->len));
    }
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return memcmp(x, y, 8) == 0;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_ENUM:
        return memcmp(x, y, 4) == 0;
    case PROTOBUF_C_TYPE_MESSAGE:
        break;
    }
    return true;
}

/* ---- what is written down ---- */

static void put_member(sb_json *j, const char *key, const char *value)
{
    sb_json_key(j, key);
    if (value == NULL)
        sb_json_null(j);
    else
        sb_json_cstr(j, value);
}

static void note(structure *s, what w, const char *path, const char *field, const char *before,
                 const char *after)
{
    static const char *const CODES[WHATS] = {"added", "removed", "changed", "changed"};
    sb_buf *to = w == WORDED ? &s->wording : &s->json;
    sb_json j;
    if (to->len > 0)
        sb_buf_str(to, ",");
    sb_json_begin(&j, to);
    sb_json_object(&j);
    put_member(&j, "what", CODES[w]);
    put_member(&j, "where", path);
    put_member(&j, "field", field);
    put_member(&j, "old", before);
    put_member(&j, "new", after);
    sb_json_end_object(&j);
    sb_buf_printf(&s->lines[w], "    %s%s%s", path, field != NULL ? ": " : "",
                  field != NULL ? field : "");
    if (before != NULL && after != NULL)
        sb_buf_printf(&s->lines[w], sb_cli_either(s->cli, ": %s → %s", ": %s → %s"), before, after);
    sb_buf_str(&s->lines[w], "\n");
    switch (w) {
    case ADDED:
        s->count->added++;
        break;
    case REMOVED:
        s->count->removed++;
        break;
    case CHANGED:
        s->count->changed++;
        break;
    case WORDED:
        s->count->worded++;
        break;
    case WHATS:
        break;
    }
}

/* ---- things and their names ---- */

static const char *string_of(const ProtobufCMessage *m, const char *field)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, field);
    return f != NULL && f->type == PROTOBUF_C_TYPE_STRING ? *(char *const *)at(m, f) : "";
}

/* "medlemsplass unn-7", "frist «sakspapirer sendt ut»"; a body is its short name. */
static const char *thing_name(const structure *s, const ProtobufCMessage *m)
{
    sb_arena *a = &s->cli->arena;
    const char *kind = word(s, THINGS, m->descriptor->short_name), *id = string_of(m, "id");
    const ProtobufCFieldDescriptor *slag =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, "kind");
    const ProtobufCFieldDescriptor *year =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, "year");
    if (strcmp(m->descriptor->short_name, "Body") == 0)
        return string_of(m, "short_name")[0] != '\0' ? string_of(m, "short_name") : id;
    if (id[0] != '\0')
        return sb_arena_printf(a, "%s %s", kind, id);
    if (slag != NULL && slag->type == PROTOBUF_C_TYPE_ENUM)
        return sb_arena_printf(a, sb_cli_either(s->cli, "%s «%s»", "%s \"%s\""), kind,
                               value_text(s, m, slag));
    if (year != NULL)
        return sb_arena_printf(a, "%s %s", kind, value_text(s, m, year));
    if (string_of(m, "text")[0] != '\0')
        return sb_arena_printf(a, sb_cli_either(s->cli, "%s «%s»", "%s \"%s\""), kind,
                               string_of(m, "text"));
    return kind;
}

/* What more there is to say of a thing that came or went: " – Klinikksjef …". */
static const char *thing_more(const structure *s, const ProtobufCMessage *m)
{
    const char *title = string_of(m, "title"), *called = string_of(m, "name");
    const char *more = title[0] != '\0' ? title : called;
    return more[0] != '\0' ? sb_arena_printf(&s->cli->arena, " – %s", more) : "";
}

static const char *join(const structure *s, const char *path, const char *more)
{
    return path[0] == '\0' ? more : sb_arena_printf(&s->cli->arena, "%s, %s", path, more);
}

/* Are these the same thing, before and after? `strict`: by its id, or else by what it says; not
 * strict: also by where the bylaws say it. */
static bool same_thing(const ProtobufCMessage *x, const ProtobufCMessage *y, bool strict)
{
    static const char *const KEYS[] = {"id", "year", "kind", "text", NULL};
    for (int i = 0; KEYS[i] != NULL; i++) {
        const ProtobufCFieldDescriptor *f =
            protobuf_c_message_descriptor_get_field_by_name(x->descriptor, KEYS[i]);
        if (f == NULL)
            continue;
        if (!strict && strcmp(KEYS[i], "text") == 0)
            return string_of(x, "cite")[0] != '\0' &&
                   strcmp(string_of(x, "cite"), string_of(y, "cite")) == 0;
        return same_value(x, y, f);
    }
    return true;
}

/* ---- the walk ---- */

static void walk(structure *s, const char *path, const ProtobufCMessage *before,
                 const ProtobufCMessage *after, uint32_t depth);

/* Items that stand in both lists, in two passes; NULL where an item has no partner. */
static void pair_up(ProtobufCMessage *const *x, size_t nx, ProtobufCMessage *const *y, size_t ny,
                    size_t *to, bool *taken)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < nx; i++)
            for (size_t k = 0; k < ny && to[i] == SIZE_MAX; k++)
                if (!taken[k] && same_thing(x[i], y[k], pass == 0)) {
                    to[i] = k;
                    taken[k] = true;
                }
}

static void walk_list(structure *s, const char *path, const void *before, const void *after,
                      const ProtobufCFieldDescriptor *f, uint32_t depth)
{
    sb_arena *a = &s->cli->arena;
    size_t nx = *(const size_t *)((const char *)before + f->quantifier_offset);
    size_t ny = *(const size_t *)((const char *)after + f->quantifier_offset);
    ProtobufCMessage *const *x = *(ProtobufCMessage *const *const *)at(before, f);
    ProtobufCMessage *const *y = *(ProtobufCMessage *const *const *)at(after, f);
    size_t *to = SB_ARENA_ARRAY(a, size_t, nx + 1);
    bool *taken = SB_ARENA_ARRAY(a, bool, ny + 1);
    for (size_t i = 0; i < nx; i++)
        to[i] = SIZE_MAX;
    pair_up(x, nx, y, ny, to, taken);
    for (size_t i = 0; i < nx; i++) {
        const char *where = join(s, path, thing_name(s, x[i]));
        if (to[i] == SIZE_MAX)
            note(s, REMOVED, sb_arena_printf(a, "%s%s", where, thing_more(s, x[i])), NULL, NULL,
                 NULL);
        else
            walk(s, where, x[i], y[to[i]], depth + 1);
    }
    for (size_t k = 0; k < ny; k++)
        if (!taken[k])
            note(
                s, ADDED,
                sb_arena_printf(a, "%s%s", join(s, path, thing_name(s, y[k])), thing_more(s, y[k])),
                NULL, NULL, NULL);
}

static void walk_message(structure *s, const char *path, const ProtobufCMessage *before,
                         const ProtobufCMessage *after, const ProtobufCFieldDescriptor *f,
                         uint32_t depth)
{
    const ProtobufCMessageDescriptor *d = f->descriptor;
    bool is_rule = strcmp(d->short_name, "Rule") == 0;
    const char *label = is_rule || strcmp(f->name, "membership") == 0
                            ? word(s, FIELDS, f->name)
                            : word(s, THINGS, d->short_name);
    const char *where = join(s, path, label);
    if (before != NULL && after != NULL)
        walk(s, where, before, after, depth + 1);
    else if (before != NULL)
        note(s, REMOVED, where, NULL, NULL, NULL);
    else if (after != NULL)
        note(s, ADDED, where, NULL, NULL, NULL);
}

/* A list of ids as one text. */
static const char *ids_of(structure *s, const ProtobufCMessage *m,
                          const ProtobufCFieldDescriptor *f)
{
    char *const *items = *(char *const *const *)at(m, f);
    size_t count = *(const size_t *)(const void *)((const uint8_t *)m + f->quantifier_offset);
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = sb_arena_printf(&s->cli->arena, "%s%s%s", text, i > 0 ? ", " : "", items[i]);
    return text;
}

static void walk_ids(structure *s, const char *path, const ProtobufCMessage *before,
                     const ProtobufCMessage *after, const ProtobufCFieldDescriptor *f)
{
    const char *x = ids_of(s, before, f), *y = ids_of(s, after, f);
    if (strcmp(x, y) != 0)
        note(s, CHANGED, path, word(s, FIELDS, f->name), x, y);
}

static void walk(structure *s, const char *path, const ProtobufCMessage *before,
                 const ProtobufCMessage *after, uint32_t depth)
{
    const ProtobufCMessageDescriptor *d = before->descriptor;
    bool is_rule = strcmp(d->short_name, "Rule") == 0;
    if (depth > DEPTH_MAX)
        return;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &d->fields[i];
        if (is_rule && strcmp(f->name, "text") == 0)
            continue;
        if (f->label == PROTOBUF_C_LABEL_REPEATED && f->type == PROTOBUF_C_TYPE_MESSAGE)
            walk_list(s, path, before, after, f, depth);
        else if (f->type == PROTOBUF_C_TYPE_MESSAGE)
            walk_message(s, path, *(ProtobufCMessage *const *)at(before, f),
                         *(ProtobufCMessage *const *)at(after, f), f, depth);
        else if (f->label == PROTOBUF_C_LABEL_REPEATED)
            walk_ids(s, path, before, after, f);
        else if (!same_value(before, after, f))
            note(s, is_wording(f->name) ? WORDED : CHANGED,
                 path[0] != '\0' ? path : sb_cli_either(s->cli, "vedtektene", "the charter"),
                 word(s, FIELDS, f->name), value_text(s, before, f), value_text(s, after, f));
    }
}

void sb_rules_structure(sb_cli *cli, const Sb__Charter *before, const Sb__Charter *after,
                        sb_structure_count *count)
{
    structure s = {.cli = cli, .count = count};
    const char *const HEADINGS[WHATS] = {
        sb_cli_either(cli, "Lagt til:", "Added:"), sb_cli_either(cli, "Tatt ut:", "Removed:"),
        sb_cli_either(cli, "Endret:", "Changed:"),
        sb_cli_either(cli, "Bare navn, henvisninger og lesemåter er endret:",
                      "Changed in names, references and readings alone:")};
    *count = (sb_structure_count){0};
    for (int w = 0; w < WHATS; w++)
        sb_buf_init(&s.lines[w]);
    sb_buf_init(&s.json);
    sb_buf_init(&s.wording);
    walk(&s, "", &before->base, &after->base, 0);
    for (int w = 0; w < WHATS; w++) {
        if (s.lines[w].len > 0) {
            s.lines[w].len--; /* sb_cli_say ends the line */
            sb_cli_say(cli, "%s\n%s", HEADINGS[w], sb_buf_cstr(&s.lines[w]));
        }
        sb_buf_deinit(&s.lines[w]);
    }
    for (int i = 0; i < 2; i++) {
        sb_buf *list = i == 0 ? &s.json : &s.wording;
        sb_json_key(&cli->json, i == 0 ? "structure" : "wording");
        sb_json_raw(&cli->json,
                    sb_slice_str(sb_arena_printf(&cli->arena, "[%s]", sb_buf_cstr(list))));
        sb_buf_deinit(list);
    }
}
