/* What differs between two charters, field by field, found by the schema itself: a field added to
 * it can't be forgotten here. */
#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/ledger/charter_change.h"
#include "proto/ledger/out.h"
#include "proto/rules/rule.h"

typedef enum change { ADDED, REMOVED, CHANGED } change;

typedef enum value_kind { NOTHING, TEXT, RULE, NUMBER, FLAG } value_kind;

typedef struct value {
    value_kind kind;
    const char *text; /* TEXT, RULE */
    uint64_t number;  /* NUMBER, FLAG */
} value;

typedef struct difference {
    const char *path;
    change how;
    value then, now;
} difference;

typedef struct differences {
    sb_arena arena;
    difference *rows;
    size_t count, cap;
} differences;

static void add(differences *d, const char *path, value then, value now, change how)
{
    if (d->count == d->cap) {
        size_t cap = d->cap == 0 ? 64 : 2 * d->cap;
        difference *rows = SB_ARENA_ARRAY(&d->arena, difference, cap);
        if (d->count > 0)
            memcpy(rows, d->rows, d->count * sizeof rows[0]);
        d->rows = rows;
        d->cap = cap;
    }
    d->rows[d->count++] = (difference){.path = path, .how = how, .then = then, .now = now};
}

/* ---- values of fields ---- */

static const void *field_at(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    return (const uint8_t *)m + f->offset;
}

/* DEADLINE_UNIT_WORKING_DAY of enum DeadlineUnit: "working_day". */
static const char *enum_code(differences *d, const ProtobufCEnumDescriptor *e, int number)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(e, number);
    if (v == NULL)
        return sb_arena_printf(&d->arena, "%d", number);
    const char *at = v->name;
    for (const char *c = e->short_name; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z' && strchr(at, '_') != NULL)
            at = strchr(at, '_') + 1;
    char *code = sb_arena_str(&d->arena, sb_slice_str(at));
    for (char *c = code; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return code;
}

/* A list of ids as one text. */
static value ids_of(differences *d, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    char *const *items = *(char *const *const *)field_at(m, f);
    size_t count = *(const size_t *)(const void *)((const uint8_t *)m + f->quantifier_offset);
    value v = {.kind = count == 0 ? NOTHING : TEXT, .text = ""};
    for (size_t i = 0; i < count; i++)
        v.text = sb_arena_printf(&d->arena, "%s%s%s", v.text, i > 0 ? ", " : "", items[i]);
    return v;
}

/* NOTHING where the field says nothing. */
static value value_of(differences *d, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    value v = {.kind = NOTHING};
    if (m == NULL)
        return v;
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        return ids_of(d, m, f);
    const void *at = field_at(m, f);
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
        v.text = *(const char *const *)at;
        if (v.text[0] != '\0')
            v.kind = m->descriptor == &sb__rule__descriptor && strcmp(f->name, "text") == 0 ? RULE
                                                                                            : TEXT;
        break;
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *bytes = at;
        char *hex = sb_arena_alloc(&d->arena, 2 * bytes->len + 1);
        sb_hex(sb_slice_of(bytes->data, bytes->len), hex);
        v.text = hex;
        v.kind = bytes->len == 0 ? NOTHING : TEXT;
        break;
    }
    case PROTOBUF_C_TYPE_BOOL:
        v.number = *(const protobuf_c_boolean *)at != 0;
        v.kind = FLAG;
        break;
    case PROTOBUF_C_TYPE_ENUM:
        v.text = enum_code(d, f->descriptor, *(const int *)at);
        v.kind = *(const int *)at == 0 ? NOTHING : TEXT;
        break;
    case PROTOBUF_C_TYPE_UINT32:
        v.number = *(const uint32_t *)at;
        v.kind = NUMBER;
        break;
    case PROTOBUF_C_TYPE_UINT64:
        v.number = *(const uint64_t *)at;
        v.kind = NUMBER;
        break;
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
    case PROTOBUF_C_TYPE_MESSAGE: /* the schema has none of the former; messages are walked */
        break;
    }
    return v;
}

static bool same_value(value a, value b)
{
    if (a.kind != b.kind)
        return false;
    return a.kind == TEXT || a.kind == RULE ? strcmp(a.text, b.text) == 0 : a.number == b.number;
}

static bool says_something(value v)
{
    return v.kind == TEXT || v.kind == RULE ||
           ((v.kind == NUMBER || v.kind == FLAG) && v.number != 0);
}

/* ---- walking ---- */

static void walk(differences *d, const char *path, const ProtobufCMessage *then,
                 const ProtobufCMessage *now, bool brief);

static const char *text_field(const ProtobufCMessage *m, const char *name)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
    return f == NULL || f->type != PROTOBUF_C_TYPE_STRING ? NULL
                                                          : *(const char *const *)field_at(m, f);
}

/* "SSU", "Plass obs-1": what an element is called. */
static value label_of(const ProtobufCMessage *m)
{
    const char *name = text_field(m, "name");
    if (name == NULL)
        name = text_field(m, "title");
    return (value){.kind = TEXT, .text = name != NULL ? name : text_field(m, "id")};
}

typedef struct list {
    ProtobufCMessage *const *items;
    size_t count;
} list;

static list list_of(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    list l = {0};
    if (m != NULL) {
        l.items = *(ProtobufCMessage *const *const *)field_at(m, f);
        l.count = *(const size_t *)(const void *)((const uint8_t *)m + f->quantifier_offset);
    }
    return l;
}

/* From *at on, and around: lists mostly keep their order, and may be long. */
static const ProtobufCMessage *find(list l, const char *id, size_t *at)
{
    for (size_t n = 0; n < l.count; n++) {
        size_t i = (*at + n) % l.count;
        if (strcmp(text_field(l.items[i], "id"), id) == 0) {
            *at = i + 1;
            return l.items[i];
        }
    }
    return NULL;
}

/* Elements with ids: what went, what changed, what came. */
static void walk_named(differences *d, const char *path, list then, list now)
{
    size_t place = 0;
    for (size_t i = 0; i < then.count; i++) {
        const char *id = text_field(then.items[i], "id");
        const char *at = sb_arena_printf(&d->arena, "%s.%s", path, id);
        if (find(now, id, &place) != NULL)
            continue;
        add(d, at, label_of(then.items[i]), (value){.kind = NOTHING}, REMOVED);
        walk(d, at, then.items[i], NULL, true);
    }
    place = 0;
    for (size_t i = 0; i < now.count; i++) {
        const char *id = text_field(now.items[i], "id");
        const char *at = sb_arena_printf(&d->arena, "%s.%s", path, id);
        const ProtobufCMessage *was = find(then, id, &place);
        if (was == NULL)
            add(d, at, (value){.kind = NOTHING}, label_of(now.items[i]), ADDED);
        walk(d, at, was, now.items[i], was == NULL);
    }
}

/* What an element without an id is called: a deadline by its kind ("papers_sent", "papers_sent-2"),
 * others by their place from 1. */
static const char *key_of(differences *d, list l, size_t at)
{
    if (l.items[at]->descriptor != &sb__deadline__descriptor)
        return sb_arena_printf(&d->arena, "%zu", at + 1);
    Sb__DeadlineKind kind = ((const Sb__Deadline *)(const void *)l.items[at])->kind;
    unsigned nth = 1;
    for (size_t i = 0; i < at; i++)
        nth += ((const Sb__Deadline *)(const void *)l.items[i])->kind == kind;
    const char *code = enum_code(d, &sb__deadline_kind__descriptor, (int)kind);
    return nth == 1 ? code : sb_arena_printf(&d->arena, "%s-%u", code, nth);
}

static const ProtobufCMessage *find_key(differences *d, list l, const char *key)
{
    for (size_t i = 0; i < l.count; i++)
        if (strcmp(key_of(d, l, i), key) == 0)
            return l.items[i];
    return NULL;
}

static void walk_keyed(differences *d, const char *path, list then, list now)
{
    for (size_t i = 0; i < then.count; i++) {
        const char *key = key_of(d, then, i);
        if (find_key(d, now, key) == NULL)
            walk(d, sb_arena_printf(&d->arena, "%s.%s", path, key), then.items[i], NULL, false);
    }
    for (size_t i = 0; i < now.count; i++) {
        const char *key = key_of(d, now, i);
        walk(d, sb_arena_printf(&d->arena, "%s.%s", path, key), find_key(d, then, key),
             now.items[i], false);
    }
}

static void walk_list(differences *d, const char *path, const ProtobufCFieldDescriptor *f,
                      const ProtobufCMessage *then, const ProtobufCMessage *now, bool brief)
{
    list a = list_of(then, f), b = list_of(now, f);
    const ProtobufCMessageDescriptor *element = f->descriptor;
    if (protobuf_c_message_descriptor_get_field_by_name(element, "id") != NULL) {
        walk_named(d, path, a, b);
        return;
    }
    if (!brief)
        walk_keyed(d, path, a, b);
}

static void walk_value(differences *d, const char *path, const ProtobufCFieldDescriptor *f,
                       const ProtobufCMessage *then, const ProtobufCMessage *now, bool brief)
{
    value a = value_of(d, then, f), b = value_of(d, now, f);
    if (brief && a.kind != RULE && b.kind != RULE)
        return;
    if (same_value(a, b) || (then == NULL && !says_something(b)) ||
        (now == NULL && !says_something(a)))
        return;
    add(d, path, a, b, then == NULL ? ADDED : now == NULL ? REMOVED : CHANGED);
}

/* One of them may be NULL: it came or went whole. brief: of that only the elements with ids and the
 * rules. */
static void walk(differences *d, const char *path, const ProtobufCMessage *then,
                 const ProtobufCMessage *now, bool brief)
{
    if (then == NULL && now == NULL)
        return;
    const ProtobufCMessageDescriptor *desc = (now != NULL ? now : then)->descriptor;
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &desc->fields[i];
        const char *at =
            path[0] == '\0' ? f->name : sb_arena_printf(&d->arena, "%s.%s", path, f->name);
        if (f->label == PROTOBUF_C_LABEL_REPEATED && f->type == PROTOBUF_C_TYPE_MESSAGE)
            walk_list(d, at, f, then, now, brief);
        else if (f->type == PROTOBUF_C_TYPE_MESSAGE)
            walk(d, at, then == NULL ? NULL : *(ProtobufCMessage *const *)field_at(then, f),
                 now == NULL ? NULL : *(ProtobufCMessage *const *)field_at(now, f), brief);
        else
            walk_value(d, at, f, then, now, brief);
    }
}

static void compare(differences *d, const Sb__Charter *then, const Sb__Charter *now)
{
    *d = (differences){.count = 0};
    sb_arena_init(&d->arena);
    walk(d, "", &then->base, &now->base, false);
}

/* ---- JSON ---- */

static void put_value(sb_json *j, const char *key, value v)
{
    sb_json_key(j, key);
    switch (v.kind) {
    case NOTHING:
        sb_json_null(j);
        break;
    case TEXT:
    case RULE:
        sb_json_cstr(j, v.text);
        break;
    case NUMBER:
        sb_json_u64(j, v.number);
        break;
    case FLAG:
        sb_json_bool(j, v.number != 0);
        break;
    }
}

void sb_charter_difference_json(sb_json *j, const char *key, const Sb__Charter *then,
                                const Sb__Charter *now)
{
    static const char *const codes[] = {
        [ADDED] = "added", [REMOVED] = "removed", [CHANGED] = "changed"};
    differences d;
    compare(&d, then, now);
    sb_json_key(j, key);
    sb_json_array(j);
    for (size_t i = 0; i < d.count; i++) {
        sb_json_object(j);
        sb_out_str(j, "path", d.rows[i].path);
        sb_out_str(j, "change", codes[d.rows[i].how]);
        put_value(j, "then", d.rows[i].then);
        put_value(j, "now", d.rows[i].now);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    sb_arena_deinit(&d.arena);
}

/* ---- words ---- */

/* What members see of a path's parts; others stand as they are. */
static const struct {
    const char *field, *nb, *en;
} words[] = {
    {"acclamation", "uten avstemming når én stiller", "without a vote where one stands"},
    {"amendment", "endring av vedtektene", "amendment of the charter"},
    {"appointed_by", "oppnevnes av", "appointed by"},
    {"appointer", "oppnevnes av", "appointed by"},
    {"appointers", "oppnevner", "appointer"},
    {"assumed", "antatt", "assumed"},
    {"bar_cite", "paragraf om saker som ikke er meldt og sendt ut",
     "paragraph on cases not reported and sent out"},
    {"bodies", "organ", "body"},
    {"body", "organ", "body"},
    {"cite", "paragraf", "paragraph"},
    {"create_cite", "paragraf om nye organer", "paragraph on new bodies"},
    {"deadlines", "frist", "deadline"},
    {"delegation_cite", "paragraf om fullmakt", "paragraph on delegation"},
    {"deputy_assumed", "antatt om vara", "assumed about deputies"},
    {"deputy_cite", "paragraf om vara", "paragraph on deputies"},
    {"dispute_cite", "paragraf om uenighet", "paragraph on disputes"},
    {"dissolved", "oppløst", "dissolved"},
    {"effect", "virkning", "effect"},
    {"elect", "valgregel", "rule of election"},
    {"elected_by", "velges av", "elected by"},
    {"election", "valg", "election"},
    {"ex_officio", "i kraft av stilling", "ex officio"},
    {"extraordinary_by", "kaller inn til ekstraordinære møter", "calls extraordinary meetings"},
    {"extraordinary_cite", "paragraf om ekstraordinære møter",
     "paragraph on extraordinary meetings"},
    {"first_numbers", "første saksnummer", "first case number"},
    {"force", "må eller bør", "must or should"},
    {"has_deputy", "personlig vara", "personal deputy"},
    {"host", "føres inn av", "entered by"},
    {"involvement", "involvering av partene", "involvement of the parties"},
    {"keep", "går videre", "go on"},
    {"kind", "slag", "kind"},
    {"lapses", "regnes som oppfylt uten svar", "counts as met without an answer"},
    {"least", "minst", "at least"},
    {"least_meetings", "møter i året", "meetings a year"},
    {"groups", "gruppe", "group"},
    {"mandate_sha256", "mandat", "mandate"},
    {"mandate_size", "mandatets størrelse", "size of the mandate"},
    {"may_create", "kan opprette organer", "may create bodies"},
    {"membership", "endring av organisasjonene", "change of organisations"},
    {"members", "medlemmer", "members"},
    {"minutes_name", "referatet kalles", "the minutes are called"},
    {"minutes_silence", "stille godkjenning", "approved by silence"},
    {"moment", "når", "when"},
    {"most", "høyst", "at most"},
    {"name", "navn", "name"},
    {"name_en", "engelsk navn", "English name"},
    {"norms", "norm", "norm"},
    {"number", "nummer", "number"},
    {"offices", "verv", "office"},
    {"organisations", "organisasjon", "organisation"},
    {"parent", "overordnet organ", "parent"},
    {"parties", "part", "party"},
    {"partner", "samarbeidspartner", "partner"},
    {"partners", "samarbeidspartner", "partner"},
    {"pass", "vedtaksregel", "rule of decision"},
    {"planning", "møteplan", "meeting plan"},
    {"policy", "bekreftelse", "finality"},
    {"quorum", "beslutningsdyktighet", "quorum"},
    {"quotas", "kvoter", "quotas"},
    {"requirement", "krav", "requirement"},
    {"roll_call_cite", "paragraf om stemmegivning", "paragraph on roll calls"},
    {"rounds", "valgomganger", "rounds"},
    {"seat", "medlemsplass", "seat"},
    {"seats", "medlemsplass", "seat"},
    {"short_name", "kortnavn", "short name"},
    {"silence_s", "stillhet i sekunder", "silence in seconds"},
    {"sits_until_replaced", "sitter til ny er valgt", "sits until replaced"},
    {"source", "kilde", "source"},
    {"standbys", "reservemegler", "standby broker"},
    {"term_cite", "paragraf om funksjonstid", "paragraph on terms"},
    {"term_months", "funksjonstid i måneder", "term in months"},
    {"text", "", ""}, /* a rule's or a norm's: what it belongs to has said enough */
    {"threshold", "så mange trengs", "so many are needed"},
    {"tie", "ved stemmelikhet", "when tied"},
    {"title", "tittel", "title"},
    {"unit", "enhet", "unit"},
    {"voting", "stemmerett", "vote"},
    {"withdrawn", "ute", "withdrawn"},
    {"year", "år", "year"},
};

static const char *word_of(sb_slice part, sb_lang lang)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (sb_slice_eq(part, sb_slice_str(words[i].field)))
            return lang == SB_LANG_NB ? words[i].nb : words[i].en;
    return NULL;
}

static bool is_list(sb_slice part)
{
    static const char *const lists[] = {"partners", "organisations", "appointers", "parties",
                                        "bodies",   "offices",       "seats",      "deadlines",
                                        "norms",    "first_numbers", "standbys"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (sb_slice_eq(part, sb_slice_str(lists[i])))
            return true;
    return false;
}

/* "papers_sent" after "deadlines" is a kind. */
static const char *deadline_word(sb_slice part, sb_lang lang)
{
    uint32_t kind;
    return sb_text_parse(SB_TEXT_DEADLINE_KIND, part, &kind)
               ? sb_text_word(SB_TEXT_DEADLINE_KIND, kind, lang)
               : NULL;
}

/* "bodies.ssu.pass.text": "organ ssu, vedtaksregel". After a list comes an element's id, kind or
 * place. */
static void put_path(sb_buf *out, sb_lang lang, const char *path)
{
    bool first = true, after_list = false;
    while (*path != '\0') {
        const char *dot = strchr(path, '.');
        size_t len = dot == NULL ? strlen(path) : (size_t)(dot - path);
        sb_slice part = sb_slice_of(path, len);
        const char *word = after_list ? deadline_word(part, lang) : word_of(part, lang);
        if (word == NULL || word[0] != '\0') {
            sb_buf_str(out, first ? "" : after_list ? " " : ", ");
            sb_buf_add(out, word == NULL ? part : sb_slice_str(word));
            first = false;
        }
        after_list = !after_list && is_list(part);
        path += dot == NULL ? len : len + 1;
    }
}

static void put_rule(sb_buf *out, sb_lang lang, const char *text)
{
    sb_arena arena;
    sb_rule rule;
    sb_arena_init(&arena);
    if (sb_rule_parse(&arena, sb_slice_str(text), &rule, NULL) == SB_OK)
        sb_rule_print(&rule, lang == SB_LANG_NB ? SB_RULE_NB : SB_RULE_EN, out);
    else
        sb_buf_str(out, text);
    sb_arena_deinit(&arena);
}

static void put_words(sb_buf *out, sb_lang lang, value v)
{
    bool nb = lang == SB_LANG_NB;
    const char *open = nb ? "«" : "\"", *close = nb ? "»" : "\"";
    switch (v.kind) {
    case NOTHING:
        sb_buf_str(out, nb ? "ingen" : "none");
        break;
    case TEXT:
        sb_buf_printf(out, "%s%s%s", open, v.text, close);
        break;
    case RULE:
        sb_buf_str(out, open);
        put_rule(out, lang, v.text);
        sb_buf_str(out, close);
        break;
    case NUMBER:
        sb_buf_printf(out, "%llu", (unsigned long long)v.number);
        break;
    case FLAG:
        sb_buf_str(out, v.number != 0 ? (nb ? "ja" : "yes") : (nb ? "nei" : "no"));
        break;
    }
}

void sb_charter_difference_text(sb_buf *out, sb_lang lang, const Sb__Charter *then,
                                const Sb__Charter *now)
{
    bool nb = lang == SB_LANG_NB;
    differences d;
    compare(&d, then, now);
    for (size_t i = 0; i < d.count; i++) {
        const difference *row = &d.rows[i];
        sb_buf_str(out, "    ");
        put_path(out, lang, row->path);
        sb_buf_str(out, ": ");
        if (row->how == ADDED) {
            sb_buf_str(out, nb ? "nytt: " : "new: ");
            put_words(out, lang, row->now);
        } else if (row->how == REMOVED) {
            sb_buf_str(out, nb ? "tatt ut: " : "taken out: ");
            put_words(out, lang, row->then);
        } else {
            put_words(out, lang, row->then);
            sb_buf_str(out, " → ");
            put_words(out, lang, row->now);
        }
        sb_buf_str(out, "\n");
    }
    sb_arena_deinit(&d.arena);
}
