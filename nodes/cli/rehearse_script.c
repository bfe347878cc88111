/* A rehearsal script's document into steps, by the tables of rehearse_steps.def. */
#include "nodes/cli/rehearse_script.h"

#include "nodes/cli/rehearse_read.h"
#include "nodes/host/file.h"
#include "nodes/host/yaml_read.h"

/* The types by the names that the table uses. */
enum {
    T_TEXT = SB_REH_TEXT,
    T_NAME = SB_REH_NAME_,
    T_ID = SB_REH_ID,
    T_ACTOR = SB_REH_ACTOR,
    T_TEXTS = SB_REH_TEXTS,
    T_NAMES = SB_REH_NAMES_,
    T_IDS = SB_REH_IDS,
    T_PLACES = SB_REH_PLACES,
    T_NUMBER = SB_REH_NUMBER_,
    T_NUMBERS = SB_REH_NUMBERS,
    T_BOOL = SB_REH_BOOL,
    T_DATE = SB_REH_DATE_,
    T_CLOCK = SB_REH_CLOCK,
    T_MOMENT = SB_REH_MOMENT_,
    T_DUE = SB_REH_DUE_,
    T_SHARES = SB_REH_SHARES,
    T_VOTES = SB_REH_VOTES_,
    T_ROLE = SB_REH_ROLE_,
    T_KIND = SB_REH_KIND_,
    T_SOURCE = SB_REH_SOURCE_,
    T_FORM = SB_REH_FORM_,
    T_BASIS = SB_REH_BASIS_,
    T_MODE = SB_REH_MODE_,
    T_OUTCOME = SB_REH_OUTCOME_,
    T_WHY = SB_REH_WHY_,
    T_MINUTES = SB_REH_MINUTES_,
    T_STATE = SB_REH_STATE_,
    T_TICKET = SB_REH_TICKET_,
    T_CHOICES = SB_REH_CHOICES_,
    T_POLLS = SB_REH_POLLS_,
    T_RELATION = SB_REH_RELATION_,
    T_BEFORE = SB_REH_BEFORE_,
    T_ASKS = SB_REH_ASKS_,
    T_ANSWER = SB_REH_ANSWER_,
    T_RULING = SB_REH_RULING_,
    T_OVERLAP = SB_REH_OVERLAP_,
    T_ENDED = SB_REH_ENDED_,
    T_ERASE = SB_REH_ERASE_,
    T_OPENNESS = SB_REH_OPENNESS_
};

enum { SB_REH_F_NONE = SB_REH_FIELDS };

typedef struct field_row {
    const char *name; /* as steps refer to it in the table */
    const char *word;
    sb_reh_type type;
} field_row;

static const field_row fields[] = {
#define SB_REH_FIELD(name, word, type) {#name, word, (sb_reh_type)T_##type},
#include "nodes/cli/rehearse_steps.def"
};

typedef struct step_row {
    const char *word;
    int short_field;
    const char *required, *others; /* field names, a space between */
    const char *one_of;            /* exactly one of these; a+b: one or more of a and b */
} step_row;

static const step_row steps[] = {
#define SB_REH_STEP(name, word, short_field, required, others, one_of)                             \
    {word, SB_REH_F_##short_field, required, others, one_of},
#include "nodes/cli/rehearse_steps.def"
};

const char *sb_reh_word(sb_reh_kind kind)
{
    return steps[kind].word;
}

static const struct {
    const char *name;
    sb_err code;
} reasons[] = {
#define SB_REH_REASON(name, code) {name, code},
#include "nodes/cli/rehearse_reasons.def"
#undef SB_REH_REASON
};
enum { REASONS = sizeof reasons / sizeof reasons[0], NEAREST = 5 };

sb_err sb_reh_reason(const char *name)
{
    for (size_t i = 0; i < REASONS; i++)
        if (strcmp(reasons[i].name, name) == 0)
            return reasons[i].code;
    return SB_OK;
}

/* ---- lists of field names in the table ---- */

/* The next field of a list like "CASE BODY+SEAT"; false at its end. */
static bool next_field(const char **list, int *field, char *sign_after)
{
    const char *at = *list + strspn(*list, " +");
    size_t len = strcspn(at, " +");
    if (len == 0)
        return false;
    for (int f = 0; f < SB_REH_FIELDS; f++)
        if (strlen(fields[f].name) == len && memcmp(fields[f].name, at, len) == 0)
            *field = f;
    *sign_after = at[len];
    *list = at + len;
    return true;
}

/* The field that `word` names in this step; -1: none. */
static int field_of(const step_row *row, const char *word)
{
    const char *lists[] = {row->required, row->others, row->one_of};
    int field = -1;
    char sign;
    for (size_t i = 0; i < 3; i++)
        for (const char *at = lists[i]; next_field(&at, &field, &sign);)
            if (strcmp(fields[field].word, word) == 0)
                return field;
    return -1;
}

/* "case, mode, by" for a complaint. */
static const char *words_of(const char *const *lists, size_t count, sb_arena *arena)
{
    const char *words = "";
    int field = 0;
    char sign;
    for (size_t i = 0; i < count; i++)
        for (const char *at = lists[i]; next_field(&at, &field, &sign);)
            words = sb_arena_printf(arena, "%s%s%s", words, *words == 0 ? "" : ", ",
                                    fields[field].word);
    return words;
}

/* ---- one step ---- */

static sb_err read_field(const sb_doc *node, int field, sb_arena *arena, sb_reh_step *step,
                         sb_fail *fail)
{
    if (step->fields[field] != NULL)
        return sb_doc_fail(node, SB_E_DOC_DUPLICATE_KEY, fields[field].word, NULL, fail);
    return sb_reh_read_value(fields[field].type, node, arena, &step->fields[field], fail);
}

/* Exactly one group of "A B+C" is given: A alone, or B, C or both. */
static sb_err check_one_of(const sb_doc *node, const step_row *row, const sb_reh_step *step,
                           sb_arena *arena, sb_fail *fail)
{
    if (*row->one_of == 0)
        return SB_OK;
    uint32_t groups = 0;
    bool group_given = false;
    int field = 0;
    char sign = ' ';
    for (const char *at = row->one_of; next_field(&at, &field, &sign);) {
        group_given = group_given || step->fields[field] != NULL;
        if (sign == '+')
            continue;
        groups += group_given;
        group_given = false;
    }
    const char *lists[] = {row->one_of};
    if (groups != 1)
        return sb_doc_fail(node, SB_E_REHEARSE_ONE_OF, row->word, words_of(lists, 1, arena), fail);
    return SB_OK;
}

static sb_err read_step_fields(const sb_doc *node, const step_row *row, sb_arena *arena,
                               sb_reh_step *step, sb_fail *fail)
{
    sb_err err = SB_OK;
    bool is_place = node->kind == SB_DOC_MAP && row->short_field < SB_REH_FIELDS &&
                    fields[row->short_field].type == SB_REH_PLACES &&
                    sb_doc_get(node, "seat") != NULL; /* arrive: {seat: unn-4, role: deputy} */
    if (node->kind != SB_DOC_MAP || is_place) {
        if (row->short_field == SB_REH_F_NONE)
            return sb_doc_want_map(node, fail);
        err = read_field(node, row->short_field, arena, step, fail);
    } else {
        for (uint32_t i = 0; i < node->count && err == SB_OK; i++) {
            int field = field_of(row, node->items[i]->key);
            const char *lists[] = {row->required, row->one_of, row->others};
            if (field < 0)
                return sb_doc_fail(node->items[i], SB_E_DOC_UNKNOWN_KEY, node->items[i]->key,
                                   words_of(lists, 3, arena), fail);
            err = read_field(node->items[i], field, arena, step, fail);
        }
    }
    int field = 0;
    char sign;
    for (const char *at = row->required; err == SB_OK && next_field(&at, &field, &sign);)
        if (step->fields[field] == NULL)
            err = sb_doc_fail(node, SB_E_DOC_MISSING_KEY, fields[field].word, NULL, fail);
    return err == SB_OK ? check_one_of(node, row, step, arena, fail) : err;
}

/* What of `expect` belongs to which of case, meeting, task and node. */
static sb_err check_expect(const sb_doc *node, const sb_reh_step *step, sb_arena *arena,
                           sb_fail *fail)
{
    static const struct {
        int subject;
        const char *fields;
    } allowed[] = {
        {SB_REH_F_CASE, "NUMBER OUTCOME MODE STATUS CLAUSE_COUNT CHANGED VOTES ROUND ELECTED "
                        "VOTES_FOR EARLIER CONDITIONS IN_FORCE RECORDED CONFIRMED DISPUTES"},
        {SB_REH_F_MEETING, "STATUS QUORATE PRESENT WITHOUT MINUTES APPROVED_ON REQUESTS"},
        {SB_REH_F_TASK, "DONE"},
        {SB_REH_F_OFFICE, "HOLDER"},
        {SB_REH_F_BODY, "EXISTS DISSOLVED FILLED"},
        {SB_REH_F_CHARTER, ""},
        {SB_REH_F_NODE, "STATE"},
        {SB_REH_F_DEAD, ""},
    };
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (step->fields[allowed[i].subject] == NULL)
            continue;
        const step_row one = {
            .word = "expect", .required = allowed[i].fields, .others = "", .one_of = ""};
        for (uint32_t k = 0; k < node->count; k++)
            if (strcmp(node->items[k]->key, fields[allowed[i].subject].word) != 0 &&
                field_of(&one, node->items[k]->key) < 0)
                return sb_doc_fail(node->items[k], SB_E_DOC_UNKNOWN_KEY, node->items[k]->key,
                                   words_of(&allowed[i].fields, 1, arena), fail);
        if (node->count < 2 && allowed[i].fields[0] != '\0')
            return sb_doc_fail(node, SB_E_REHEARSE_EXPECT_NOTHING,
                               words_of(&allowed[i].fields, 1, arena), NULL, fail);
    }
    return SB_OK;
}

static sb_err unknown_step(const sb_doc *node, const char *word, sb_fail *fail)
{
    const char *words[SB_REH_KINDS + 2];
    for (size_t i = 0; i < SB_REH_KINDS; i++)
        words[i] = steps[i].word;
    words[SB_REH_KINDS] = "refused";
    words[SB_REH_KINDS + 1] = NULL;
    const char *nearest = sb_reh_nearest(word, words);
    if (nearest == NULL)
        return sb_doc_fail(node, SB_E_REHEARSE_STEP, word, NULL, fail);
    return sb_doc_fail(node, SB_E_REHEARSE_STEP_LIKE, word, nearest, fail);
}

static sb_err read_named_step(const sb_doc *node, sb_arena *arena, sb_reh_step *step, sb_fail *fail)
{
    size_t kind = 0;
    while (kind < SB_REH_KINDS && strcmp(steps[kind].word, node->key) != 0)
        kind++;
    if (kind == SB_REH_KINDS)
        return unknown_step(node, node->key, fail);
    step->kind = (sb_reh_kind)kind;
    sb_err err = read_step_fields(node, &steps[kind], arena, step, fail);
    if (err == SB_OK && step->kind == SB_REH_EXPECT)
        err = check_expect(node, step, arena, fail);
    return err;
}

/* Somebody signs it. */
static bool is_signed(sb_reh_kind kind)
{
    return kind >= SB_REH_APPOINT && kind < SB_REH_EXPECT;
}

/* refused: {because: no-objection, vote: {…}} */
static sb_err read_refused(const sb_doc *node, sb_arena *arena, sb_reh_step *step, sb_fail *fail)
{
    sb_err err = sb_doc_want_map(node, fail);
    const sb_doc *inner = NULL;
    if (err == SB_OK)
        err = sb_doc_need_text(node, "because", &step->because, fail);
    if (err != SB_OK)
        return err;
    if ((step->code = sb_reh_reason(step->because)) == SB_OK) {
        const char *names[REASONS + 1];
        for (size_t i = 0; i < REASONS; i++)
            names[i] = reasons[i].name;
        names[REASONS] = NULL;
        return sb_doc_fail(sb_doc_get(node, "because"), SB_E_REHEARSE_REASON, step->because,
                           sb_reh_nearest_few(step->because, names, NEAREST, arena), fail);
    }
    for (uint32_t i = 0; i < node->count; i++)
        if (strcmp(node->items[i]->key, "because") != 0)
            inner = node->items[i];
    if (node->count != 2)
        return sb_doc_fail(node, SB_E_REHEARSE_REFUSED_ONE, NULL, NULL, fail);
    step->is_refused = true;
    if ((err = read_named_step(inner, arena, step, fail)) != SB_OK)
        return err;
    bool is_verb = step->kind >= SB_REH_APPOINT && step->kind < SB_REH_EXPECT;
    return is_verb ? SB_OK : sb_doc_fail(inner, SB_E_REHEARSE_REFUSED_VERB, inner->key, NULL, fail);
}

/* - vote: {…}; with "offline: true" beside it, nothing is waited for. */
static sb_err read_step(const sb_doc *node, sb_arena *arena, sb_reh_step *step, sb_fail *fail)
{
    const sb_doc *offline = sb_doc_get(node, "offline");
    *step = (sb_reh_step){.file = node->file, .line = node->line};
    if (node->kind != SB_DOC_MAP || node->count != (offline == NULL ? 1 : 2))
        return sb_doc_fail(node, SB_E_REHEARSE_ONE_KEY, NULL, NULL, fail);
    const sb_doc *only = node->items[offline == node->items[0] ? 1 : 0];
    sb_err err = strcmp(only->key, "refused") == 0 ? read_refused(only, arena, step, fail)
                                                   : read_named_step(only, arena, step, fail);
    if (err != SB_OK || offline == NULL)
        return err;
    if (!is_signed(step->kind) || step->is_refused)
        return sb_doc_fail(offline, SB_E_REHEARSE_OFFLINE_VERB, only->key, NULL, fail);
    return sb_doc_bool(offline, &step->is_offline, fail);
}

/* ---- the script ---- */

static sb_err read_root(const sb_doc *root, sb_arena *arena, sb_reh_script *out, sb_fail *fail)
{
    const sb_doc *head = NULL, *list = NULL, *start = NULL;
    const char *charter = NULL;
    sb_err err = sb_doc_only(root, fail, "rehearsal", "steps", NULL);
    if (err == SB_OK)
        err = sb_doc_need(root, "rehearsal", &head, fail);
    if (err == SB_OK)
        err = sb_doc_only(head, fail, "title", "charter", "start", "made-up", NULL);
    if (err == SB_OK)
        err = sb_doc_need_text(head, "title", &out->title, fail);
    if (err == SB_OK)
        err = sb_doc_need_text(head, "charter", &charter, fail);
    if (err == SB_OK)
        out->charter_line = sb_doc_get(head, "charter")->line;
    if (err == SB_OK)
        err = sb_doc_bool_or(head, "made-up", false, &out->made_up, fail);
    if (err == SB_OK && (err = sb_doc_need(head, "start", &start, fail)) == SB_OK) {
        out->start_line = start->line;
        err = sb_reh_read_moment(start, &out->start_ms, fail);
    }
    if (err == SB_OK && (err = sb_doc_need(root, "steps", &list, fail)) == SB_OK)
        err = sb_doc_want_list(list, fail);
    if (err != SB_OK)
        return err;
    if (list->count > SB_REH_STEPS_MAX)
        return sb_doc_fail(list, SB_E_REHEARSE_LIST, "steps", "10000", fail);
    out->charter = sb_path_join(arena, sb_path_dir(arena, out->file), charter);
    out->steps = SB_ARENA_ARRAY(arena, sb_reh_step, list->count + 1);
    for (; out->count < list->count; out->count++)
        if ((err = read_step(list->items[out->count], arena, &out->steps[out->count], fail)) !=
            SB_OK)
            return err;
    return SB_OK;
}

sb_err sb_reh_parse(const char *name, sb_slice bytes, sb_arena *arena, sb_reh_script *out,
                    sb_fail *fail)
{
    *out = (sb_reh_script){.file = sb_arena_str(arena, sb_slice_str(name))};
    const sb_doc *root;
    sb_err err = sb_yaml_parse(name, bytes, arena, &root, fail);
    return err == SB_OK ? read_root(root, arena, out, fail) : err;
}

sb_err sb_reh_read(const char *path, sb_arena *arena, sb_reh_script *out, sb_fail *fail)
{
    *out = (sb_reh_script){.file = sb_arena_str(arena, sb_slice_str(path))};
    const sb_doc *root;
    sb_err err = sb_yaml_read(path, arena, &root, fail);
    return err == SB_OK ? read_root(root, arena, out, fail) : err;
}
