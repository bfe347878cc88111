#include "nodes/cli/minutes_model.h"

#include "nodes/cli/minutes_model_inside.h"
#include "proto/calendar/oslo.h"

/* ---- members of answers ---- */

uint32_t sb_mm_count(const sb_doc *map, const char *key)
{
    return sb_doc_count(sb_doc_get(map, key));
}

const sb_doc *sb_mm_item(const sb_doc *map, const char *key, uint32_t at)
{
    return sb_doc_get(map, key)->items[at];
}

uint32_t sb_mm_date(const sb_doc *map, const char *key)
{
    sb_date d;
    if (!sb_date_parse_iso(sb_slice_str(sb_doc_str(map, key)), &d))
        return 0;
    return (uint32_t)d.year * 10000 + d.month * 100u + d.day;
}

uint32_t sb_mm_day(uint64_t ms)
{
    if (ms == 0)
        return 0;
    sb_date d = sb_oslo_date((int64_t)ms);
    return (uint32_t)d.year * 10000 + d.month * 100u + d.day;
}

uint32_t sb_mm_word(const sb_doc *map, const char *key, sb_text_family family)
{
    uint32_t value = 0;
    if (!sb_text_parse(family, sb_slice_str(sb_doc_str(map, key)), &value))
        return 0;
    return value;
}

const char *sb_mm_blob_text(sb_minutes_maker *k, const char *sha256, bool *is_missing)
{
    sb_slice content;
    if (!k->source->blob(k->source->arg, sha256, &content)) {
        if (is_missing != NULL)
            *is_missing = true;
        return "";
    }
    char *text = sb_arena_str(k->arena, content);
    for (size_t i = 0; i < content.len; i++)
        if (text[i] == '\0')
            text[i] = '?'; /* a text with NULs is nobody's; don't let one hide the rest */
    return text;
}

const char *sb_mm_blob(sb_minutes_maker *k, const sb_doc *map, const char *key, bool *is_missing)
{
    const sb_doc *ref = sb_doc_get(map, key);
    if (ref == NULL || ref->kind != SB_DOC_MAP)
        return "";
    if (sb_doc_true(ref, "erased"))
        return sb_text(SB_MSG_BLOB_ERASED, k->lang);
    return sb_mm_blob_text(k, sb_doc_str(ref, "sha256"), is_missing);
}

const char *sb_mm_partner(sb_minutes_maker *k, const char *id)
{
    for (uint32_t i = 0; k->partners != NULL && i < k->partners->count; i++)
        if (strcmp(sb_doc_str(k->partners->items[i], "partner"), id) == 0)
            return sb_mm_partner_name(k, k->partners->items[i]);
    return id;
}

const char *sb_mm_partner_name(const sb_minutes_maker *k, const sb_doc *one)
{
    return sb_mm_name(k, sb_doc_str(one, "partner"), sb_doc_str(one, "partner_name"));
}

/* Of what the charter names, only partners have a name in English, and it may be empty. */
const char *sb_mm_name(const sb_minutes_maker *k, const char *id, const char *name)
{
    const sb_doc *charter = k->source->charter;
    for (uint32_t i = 0; k->lang == SB_LANG_EN && i < sb_mm_count(charter, "partners"); i++) {
        const sb_doc *partner = sb_mm_item(charter, "partners", i);
        const char *en = sb_doc_str(partner, "name_en");
        if (strcmp(sb_doc_str(partner, "id"), id) == 0 &&
            strcmp(sb_doc_str(partner, "name"), name) == 0 && en[0] != '\0')
            return en;
    }
    return name;
}

const char *sb_mm_list(sb_minutes_maker *k, const char *const *items, size_t count)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_list(&words, k->lang, items, count);
    const char *text = sb_arena_str(k->arena, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    return text;
}

/* ---- deadlines ---- */

static bool same_deadline(const sb_minutes_deadline *a, const sb_minutes_deadline *b)
{
    return strcmp(a->what, b->what) == 0 && a->from_date == b->from_date &&
           a->to_date == b->to_date && a->actual_date == b->actual_date &&
           a->is_kept == b->is_kept && strcmp(a->cite, b->cite) == 0;
}

/* "01/22–04/22, 06/22": rows of the agenda that share a deadline. */
typedef struct sharing {
    sb_minutes_deadline row;
    uint32_t last;      /* agenda item that ends the run under way */
    const char *before; /* the runs before it, with ", " after them */
    const char *run;    /* … in words */
} sharing;

/* Cases with the same deadline and the same outcome share a row. */
static void add_deadline(sb_minutes_maker *k, const sb_doc *doc, const char *number, uint32_t at,
                         sharing *rows, size_t *count)
{
    uint32_t kind = sb_mm_word(doc, "kind", SB_TEXT_DEADLINE_KIND);
    const char *name = sb_doc_str(sb_doc_get(k->source->meeting, "minutes"), "name");
    bool is_named = kind == SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY && name[0] != '\0' &&
                    k->lang == SB_LANG_NB; /* "protokoll tilgjengelig" */
    sharing added = {.row = {.what = is_named ? sb_arena_printf(k->arena, "%s tilgjengelig", name)
                                              : sb_text_word(SB_TEXT_DEADLINE_KIND, kind, k->lang),
                             .from_date = sb_mm_date(doc, "from"),
                             .to_date = sb_mm_date(doc, "to"),
                             .actual_date = sb_mm_date(doc, "actual"),
                             .is_kept = sb_doc_true(doc, "kept"),
                             .cite = sb_doc_str(doc, "cite")},
                     .last = at,
                     .before = "",
                     .run = number};
    size_t i = 0;
    while (i < *count && !same_deadline(&rows[i].row, &added.row))
        i++;
    sharing *s = &rows[i];
    if (i == *count) {
        rows[(*count)++] = added;
    } else if (at == s->last + 1) {
        size_t first = strcspn(s->run, "\xe2"); /* up to the dash */
        s->run = sb_arena_printf(k->arena, "%.*s\xe2\x80\x93%s", (int)first, s->run, number);
        s->last = at;
    } else {
        s->before = sb_arena_printf(k->arena, "%s%s, ", s->before, s->run);
        s->run = number;
        s->last = at;
    }
}

static void make_deadlines(sb_minutes_maker *k, sb_minutes_model *out)
{
    const sb_doc *meeting = k->source->meeting, *minutes = sb_doc_get(meeting, "minutes");
    uint32_t items = sb_mm_count(meeting, "agenda"), most = sb_mm_count(minutes, "deadlines");
    for (uint32_t i = 0; i < items; i++)
        most += sb_mm_count(sb_mm_item(meeting, "agenda", i), "deadlines");
    sharing *rows = SB_ARENA_ARRAY(k->arena, sharing, most + 1);
    size_t count = 0;
    for (uint32_t i = 0; i < items; i++) {
        const sb_doc *item = sb_mm_item(meeting, "agenda", i);
        for (uint32_t d = 0; d < sb_mm_count(item, "deadlines"); d++)
            add_deadline(k, sb_mm_item(item, "deadlines", d), sb_doc_str(item, "number"), i, rows,
                         &count);
    }
    for (uint32_t d = 0; d < sb_mm_count(minutes, "deadlines"); d++)
        add_deadline(k, sb_mm_item(minutes, "deadlines", d), "", 0, rows, &count);
    sb_minutes_deadline *deadlines = SB_ARENA_ARRAY(k->arena, sb_minutes_deadline, count);
    for (size_t i = 0; i < count; i++) {
        deadlines[i] = rows[i].row;
        deadlines[i].cases = sb_arena_printf(k->arena, "%s%s", rows[i].before, rows[i].run);
    }
    out->deadlines = deadlines;
    out->deadline_count = count;
}

/* ---- the state of the minutes and of the log ---- */

static sb_minutes_state state_of(const char *status)
{
    if (strcmp(status, "sent") == 0)
        return SB_MINUTES_DRAFT;
    if (strcmp(status, "change_requested") == 0)
        return SB_MINUTES_REQUESTED;
    if (strcmp(status, "approved") == 0)
        return SB_MINUTES_APPROVED;
    return SB_MINUTES_NO_DRAFT;
}

static void make_drafts(sb_minutes_maker *k, const sb_doc *minutes, sb_minutes_model *out)
{
    static const char *const states[] = {[SB_MINUTES_DOC_SENT] = "sent",
                                         [SB_MINUTES_DOC_REQUESTED] = "change_requested",
                                         [SB_MINUTES_DOC_REPLACED] = "replaced",
                                         [SB_MINUTES_DOC_APPROVED] = "approved"};
    uint32_t count = sb_mm_count(minutes, "drafts");
    sb_minutes_draft *drafts = SB_ARENA_ARRAY(k->arena, sb_minutes_draft, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *draft = sb_mm_item(minutes, "drafts", i);
        sb_minutes_draft *d = &drafts[i];
        *d = (sb_minutes_draft){.sent_date = sb_mm_day(sb_doc_num(draft, "sent_ms")),
                                .sha256 = sb_doc_str(sb_doc_get(draft, "document"), "sha256")};
        for (size_t state = 0; state < sizeof states / sizeof states[0]; state++)
            if (strcmp(sb_doc_str(draft, "status"), states[state]) == 0)
                d->state = state;
        d->requests = sb_mm_remarks(k, draft, "requests", "text", &d->request_count);
    }
    out->drafts = drafts;
    out->draft_count = count;
}

static void make_state(sb_minutes_maker *k, sb_minutes_model *out)
{
    const sb_doc *minutes = sb_doc_get(k->source->meeting, "minutes");
    uint32_t drafts = sb_mm_count(minutes, "drafts");
    make_drafts(k, minutes, out);
    out->kind = sb_doc_str(minutes, "name");
    out->state = state_of(sb_doc_str(minutes, "status"));
    if (drafts > 0)
        out->sent_date =
            sb_mm_day(sb_doc_num(sb_mm_item(minutes, "drafts", drafts - 1), "sent_ms"));
    out->silence_date = sb_mm_day(sb_doc_num(minutes, "silence_until_ms"));
    out->approved_date = sb_mm_date(minutes, "approved_date");
}

/* The highest log index that the answer names: what its head must hold. */
static uint64_t last_index(const sb_doc *node)
{
    static const char suffix[] = "_index";
    uint64_t last = 0;
    size_t len = strlen(node->key);
    bool is_index = strcmp(node->key, "index") == 0 ||
                    (len > strlen(suffix) && strcmp(node->key + len - strlen(suffix), suffix) == 0);
    if (is_index && node->kind == SB_DOC_PLAIN)
        (void)sb_doc_u64(node, 0, UINT64_MAX, &last, NULL);
    for (uint32_t i = 0; (node->kind == SB_DOC_LIST || node->kind == SB_DOC_MAP) && i < node->count;
         i++) {
        uint64_t inside = last_index(node->items[i]);
        last = inside > last ? inside : last;
    }
    return last;
}

static void make_head(const sb_minutes_maker *k, sb_minutes_model *out)
{
    const sb_doc *s = k->source->status;
    uint64_t final_size = sb_doc_num(s, "final_size");
    out->is_rehearsal = sb_doc_true(s, "rehearsal");
    out->is_final =
        strcmp(sb_doc_str(s, "state"), "final") == 0 && final_size > last_index(k->source->meeting);
    out->confirmed_by = (uint32_t)sb_doc_num(s, "confirmed");
    out->needed = (uint32_t)sb_doc_num(s, "needed");
    out->organisations = (uint32_t)sb_doc_num(s, "organisations");
    out->origin = sb_doc_str(s, "origin");
    out->size = out->is_final ? final_size : sb_doc_num(s, "size");
    out->root = sb_doc_str(s, out->is_final ? "final_root" : "root");
    out->digest = sb_doc_str(s, "digest");
    out->digest_size = sb_doc_num(s, "size");
}

/* ---- all of it ---- */

const char *sb_minutes_chair_office(const sb_doc *charter, const char *body, const char *basis)
{
    const char *id = strcmp(basis, "leader") == 0          ? "leader"
                     : strcmp(basis, "deputy_leader") == 0 ? "deputy-leader"
                                                           : NULL;
    for (uint32_t i = 0; id != NULL && i < sb_mm_count(charter, "offices"); i++) {
        const sb_doc *office = sb_mm_item(charter, "offices", i);
        const char *of = sb_doc_str(office, "body");
        if (strcmp(sb_doc_str(office, "id"), id) == 0 && (of[0] == '\0' || strcmp(of, body) == 0))
            return sb_doc_str(office, "name");
    }
    return "";
}

static void make_meeting(sb_minutes_maker *k, sb_minutes_model *out)
{
    const sb_doc *meeting = k->source->meeting, *chair = sb_doc_get(meeting, "chair");
    out->federation = sb_doc_str(k->source->charter, "name");
    out->body = sb_doc_str(meeting, "body_name");
    out->body_short = sb_doc_str(meeting, "body_short_name");
    out->date = sb_mm_date(meeting, "date");
    out->start_minute = (uint32_t)sb_doc_num(meeting, "start_minute");
    out->end_minute = (uint32_t)sb_doc_num(meeting, "end_minute");
    out->form = (Sb__MeetingForm)sb_mm_word(meeting, "form", SB_TEXT_MEETING_FORM);
    out->place = sb_mm_blob(k, meeting, "place", NULL);
    out->chair = sb_doc_str(chair, "title");
    out->chair_basis = (Sb__ChairBasis)sb_mm_word(chair, "basis", SB_TEXT_CHAIR_BASIS);
    out->chair_office = sb_minutes_chair_office(k->source->charter, sb_doc_str(meeting, "body"),
                                                sb_doc_str(chair, "basis"));
    out->remarks = sb_mm_remarks(k, meeting, "remarks", "text", &out->remark_count);
    out->is_extraordinary = sb_doc_true(meeting, "extraordinary");
    out->extraordinary_reason = sb_mm_blob(k, meeting, "extraordinary_reason", NULL);
    out->rulings = sb_mm_rulings(k, meeting, &out->ruling_count);
}

static void make_cases(sb_minutes_maker *k, sb_minutes_model *out)
{
    const sb_doc *meeting = k->source->meeting;
    uint32_t count = sb_mm_count(meeting, "agenda");
    sb_minutes_case *cases = SB_ARENA_ARRAY(k->arena, sb_minutes_case, count);
    for (uint32_t i = 0; i < count; i++)
        sb_mm_case(k, sb_mm_item(meeting, "agenda", i), &cases[i]);
    out->cases = cases;
    out->case_count = count;
    /* the meeting's quorum is that of its first decision; else as things stand */
    for (uint32_t i = 0; i < count; i++) {
        const sb_minutes_case *first = cases[i].others_before > 0 ? &cases[i].others[0] : &cases[i];
        if (first->quorum != NULL) {
            out->quorum = *first->quorum;
            return;
        }
    }
    const sb_doc *presence = sb_doc_get(meeting, "presence");
    sb_mm_quorum(k, sb_doc_get(presence, "quorum"), sb_doc_str(presence, "quorum_cite"),
                 &out->quorum);
}

static void make_externals(sb_minutes_maker *k, sb_minutes_model *out)
{
    const sb_doc *meeting = k->source->meeting;
    uint32_t count = sb_mm_count(meeting, "postponed_external");
    sb_minutes_external *rows = SB_ARENA_ARRAY(k->arena, sb_minutes_external, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *row = sb_mm_item(meeting, "postponed_external", i);
        rows[i] = (sb_minutes_external){sb_doc_str(row, "number"), sb_mm_date(row, "to_date")};
    }
    out->externals = rows;
    out->external_count = count;
}

sb_err sb_minutes_presence_of(const sb_minutes_source *source, sb_lang lang, sb_arena *arena,
                              sb_minutes_model *out, sb_fail *fail)
{
    const sb_doc *attendance;
    sb_minutes_maker maker = {.source = source, .lang = lang, .arena = arena};
    *out = (sb_minutes_model){0};
    sb_err err = sb_doc_need(source->meeting, "attendance", &attendance, fail);
    if (err != SB_OK)
        return err;
    sb_mm_attendance(&maker, out);
    make_state(&maker, out);
    return SB_OK;
}

sb_err sb_minutes_model_of(const sb_minutes_source *source, sb_lang lang, sb_arena *arena,
                           sb_minutes_model *out, sb_fail *fail)
{
    const sb_doc *presence, *partners;
    *out = (sb_minutes_model){0};
    sb_err err = sb_doc_need(source->meeting, "presence", &presence, fail);
    if (err != SB_OK || (err = sb_doc_need(presence, "partners", &partners, fail)) != SB_OK ||
        (err = sb_doc_want_list(partners, fail)) != SB_OK ||
        (err = sb_doc_want_map(source->status, fail)) != SB_OK)
        return err;
    sb_minutes_maker maker = {.source = source, .lang = lang, .arena = arena, .partners = partners};
    make_meeting(&maker, out);
    sb_mm_attendance(&maker, out);
    make_cases(&maker, out);
    make_externals(&maker, out);
    make_deadlines(&maker, out);
    make_state(&maker, out);
    make_head(&maker, out);
    return SB_OK;
}
