/* One field's value of a rehearsal script, by its type. */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/cli/rehearse_read.h"
#include "proto/base/limits.h"
#include "proto/calendar/oslo.h"
#include "proto/text/text.h"

enum { NUMBER_MAX = 1000000000 };

/* ---- single values ---- */

static bool is_name(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9') ||
              text[i] == '-'))
            return false;
    return len >= 1 && len <= SB_ID_BYTES_MAX;
}

static sb_err read_name(const sb_doc *node, const char **out, sb_fail *fail)
{
    sb_err err = sb_doc_text(node, out, fail);
    if (err == SB_OK && !is_name(*out))
        err = sb_doc_fail(node, SB_E_REHEARSE_NAME, *out, NULL, fail);
    return err;
}

static sb_err read_date(const sb_doc *node, sb_date *date, sb_fail *fail)
{
    const char *text;
    sb_err err = sb_doc_text(node, &text, fail);
    if (err == SB_OK && !sb_date_parse_iso(sb_slice_str(text), date))
        err = sb_doc_fail(node, SB_E_REHEARSE_DATE, text, NULL, fail);
    return err;
}

/* Two digits; -1 on anything else. */
static int two_digits(const char *at)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return -1;
    return (at[0] - '0') * 10 + (at[1] - '0');
}

static bool parse_clock(const char *text, uint32_t *minute)
{
    if (strlen(text) != 5 || text[2] != ':')
        return false;
    int hours = two_digits(text), minutes = two_digits(text + 3);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *minute = (uint32_t)(hours * 60 + minutes);
    return true;
}

sb_err sb_reh_read_moment(const sb_doc *node, int64_t *ms, sb_fail *fail)
{
    const char *text;
    sb_err err = sb_doc_text(node, &text, fail);
    if (err != SB_OK)
        return err;
    sb_civil at = {0};
    uint32_t minute;
    if (strlen(text) != 16 || (text[10] != ' ' && text[10] != 'T') ||
        !sb_date_parse_iso(sb_slice_of(text, 10), &at.date) || !parse_clock(text + 11, &minute) ||
        at.date.year < 1970 || at.date.year > 2190)
        return sb_doc_fail(node, SB_E_REHEARSE_MOMENT, text, NULL, fail);
    at.hour = (uint8_t)(minute / 60);
    at.minute = (uint8_t)(minute % 60);
    *ms = sb_oslo_to_utc(at, SB_FOLD_FIRST);
    return SB_OK;
}

/* One of the words of a text family; a hyphen may stand for the underscore. */
static sb_err read_word(sb_text_family family, const sb_doc *node, sb_arena *arena, sb_reh_value *v,
                        sb_fail *fail)
{
    const char *text;
    sb_err err = sb_doc_text(node, &text, fail);
    if (err != SB_OK)
        return err;
    char *code = sb_arena_str(arena, sb_slice_str(text));
    for (char *at = code; *at != 0; at++)
        if (*at == '-')
            *at = '_';
    uint32_t value;
    if (sb_text_parse(family, sb_slice_str(code), &value)) {
        v->text = code;
        v->number = value;
        return SB_OK;
    }
    const char *words[64];
    size_t count = 0;
    while (count < 63 && (words[count] = sb_text_code_at(family, count)) != NULL)
        count++;
    words[count] = NULL;
    uint32_t index;
    return sb_doc_choice(node, words, &index, fail);
}

static sb_err read_choice(const char *const *words, const sb_doc *node, sb_reh_value *v,
                          sb_fail *fail)
{
    uint32_t index;
    sb_err err = sb_doc_choice(node, words, &index, fail);
    if (err == SB_OK) {
        v->number = index;
        v->text = words[index];
    }
    return err;
}

static sb_err read_role(const sb_doc *node, uint32_t *role, sb_fail *fail)
{
    static const char *const words[] = {"primary", "deputy", NULL};
    uint32_t index;
    sb_err err = sb_doc_choice(node, words, &index, fail);
    if (err == SB_OK)
        *role = index + 1; /* as Sb__SeatRole */
    return err;
}

static uint64_t wire_date(sb_date d)
{
    return (uint64_t)d.year * 10000 + d.month * 100u + d.day;
}

/* due: 2022-02-07 | continuous | {meeting: name} | {event: words} */
static sb_err read_due(const sb_doc *node, sb_reh_value *v, sb_fail *fail)
{
    sb_err err;
    if (node != NULL && node->kind == SB_DOC_MAP) {
        if ((err = sb_doc_only(node, fail, "meeting", "event", NULL)) != SB_OK)
            return err;
        const sb_doc *meeting = sb_doc_get(node, "meeting");
        v->due = meeting != NULL ? SB_REH_DUE_MEETING : SB_REH_DUE_EVENT;
        return meeting != NULL ? read_name(meeting, &v->text, fail)
                               : sb_doc_need_text(node, "event", &v->text, fail);
    }
    if ((err = sb_doc_text(node, &v->text, fail)) != SB_OK)
        return err;
    if (strcmp(v->text, "continuous") == 0) {
        v->due = SB_REH_DUE_CONTINUOUS;
        return SB_OK;
    }
    sb_date date;
    if (!sb_date_parse_iso(sb_slice_str(v->text), &date))
        return sb_doc_fail(node, SB_E_REHEARSE_DUE, v->text, NULL, fail);
    v->number = wire_date(date);
    return SB_OK;
}

/* by: unn-1 | secretariat | unn | {seat: unn-4, role: deputy} */
static sb_err read_actor(const sb_doc *node, sb_reh_value *v, sb_fail *fail)
{
    if (node == NULL || node->kind != SB_DOC_MAP)
        return read_name(node, &v->text, fail);
    sb_err err = sb_doc_only(node, fail, "seat", "role", NULL);
    const sb_doc *seat;
    if (err == SB_OK && (err = sb_doc_need(node, "seat", &seat, fail)) == SB_OK)
        err = read_name(seat, &v->text, fail);
    uint32_t role = 0;
    if (err == SB_OK && sb_doc_get(node, "role") != NULL)
        err = read_role(sb_doc_get(node, "role"), &role, fail);
    v->number = role;
    return err;
}

/* ---- lists ---- */

/* An item of PLACES: unn-1 | {seat: unn-4, role: deputy} | {partner: unn} | {body: ssu} */
static sb_err read_place(const sb_doc *node, sb_reh_item *item, sb_fail *fail)
{
    if (node->kind != SB_DOC_MAP)
        return read_name(node, &item->text, fail);
    sb_err err = sb_doc_only(node, fail, "seat", "role", "partner", "body", NULL);
    if (err != SB_OK)
        return err;
    static const char *const keys[] = {"seat", "partner", "body"}; /* as sb_reh_place */
    const sb_doc *id = NULL;
    for (uint32_t i = 0; i < 3; i++) {
        const sb_doc *given = sb_doc_get(node, keys[i]);
        if (given != NULL && id != NULL)
            return sb_doc_fail(node, SB_E_REHEARSE_ONE_OF, node->key, "seat, partner, body", fail);
        if (given != NULL) {
            id = given;
            item->place = (sb_reh_place)i;
        }
    }
    if (id == NULL)
        return sb_doc_fail(node, SB_E_REHEARSE_ONE_OF, node->key, "seat, partner, body", fail);
    if ((err = read_name(id, &item->text, fail)) == SB_OK && sb_doc_get(node, "role") != NULL)
        err = read_role(sb_doc_get(node, "role"), &item->role, fail);
    return err;
}

static sb_err read_item(sb_reh_type type, const sb_doc *node, sb_reh_item *item, sb_fail *fail)
{
    item->line = node->line;
    if (type == SB_REH_PLACES)
        return read_place(node, item, fail);
    if (type == SB_REH_NUMBERS)
        return sb_doc_u64(node, 0, NUMBER_MAX, &item->a, fail);
    if (type == SB_REH_TEXTS)
        return sb_doc_text(node, &item->text, fail);
    return read_name(node, &item->text, fail);
}

/* A list; one item alone may stand without brackets. None is nothing to write. */
static sb_err read_list(sb_reh_type type, const sb_doc *node, sb_arena *arena, sb_reh_value *v,
                        sb_fail *fail)
{
    bool is_list = node != NULL && node->kind == SB_DOC_LIST;
    if (node == NULL || node->kind == SB_DOC_NULL ||
        (node->kind == SB_DOC_MAP && type != SB_REH_PLACES))
        return sb_doc_want_list(node, fail);
    uint32_t count = is_list ? node->count : 1;
    if (count > SB_REH_LIST_MAX)
        return sb_doc_fail(node, SB_E_REHEARSE_LIST, node->key, "1000", fail);
    if (count == 0 && type != SB_REH_NUMBERS) /* changed: [] means none */
        return sb_doc_fail(node, SB_E_REHEARSE_EMPTY, node->key, NULL, fail);
    sb_reh_item *items = SB_ARENA_ARRAY(arena, sb_reh_item, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        sb_err err = read_item(type, is_list ? node->items[i] : node, &items[i], fail);
        if (err != SB_OK)
            return err;
    }
    v->items = items;
    v->count = count;
    return SB_OK;
}

/* "6/6" or "1-2": two whole numbers around a sign. */
static bool parse_pair(const char *text, char sign, uint64_t *a, uint64_t *b)
{
    uint64_t *number = a;
    uint32_t digits = 0;
    *a = *b = 0;
    for (; *text != 0; text++) {
        if (*text == sign && number == a && digits > 0) {
            number = b;
            digits = 0;
        } else if (*text >= '0' && *text <= '9' && digits < 9) {
            *number = *number * 10 + (uint64_t)(*text - '0');
            digits++;
        } else {
            return false;
        }
    }
    return number == b && digits > 0;
}

/* {unn: 6/6, bruker: 1/2} or {unn: 1-2} */
static sb_err read_pairs(sb_reh_type type, const sb_doc *node, sb_arena *arena, sb_reh_value *v,
                         sb_fail *fail)
{
    sb_err err = sb_doc_want_map(node, fail);
    if (err != SB_OK)
        return err;
    sb_reh_item *items = SB_ARENA_ARRAY(arena, sb_reh_item, node->count + 1);
    for (uint32_t i = 0; i < node->count; i++) {
        const sb_doc *pair = node->items[i];
        const char *text;
        items[i] = (sb_reh_item){.line = pair->line, .text = pair->key};
        if (!is_name(pair->key))
            return sb_doc_fail(pair, SB_E_REHEARSE_NAME, pair->key, NULL, fail);
        if ((err = sb_doc_text(pair, &text, fail)) != SB_OK)
            return err;
        if (!parse_pair(text, type == SB_REH_SHARES ? '/' : '-', &items[i].a, &items[i].b))
            return sb_doc_fail(pair,
                               type == SB_REH_SHARES ? SB_E_REHEARSE_SHARE : SB_E_REHEARSE_VOTES,
                               text, pair->key, fail);
    }
    v->items = items;
    v->count = node->count;
    return SB_OK;
}

/* {leader: unn-1}: offices and who stands for them */
static sb_err read_ticket(const sb_doc *node, sb_arena *arena, sb_reh_value *v, sb_fail *fail)
{
    sb_err err = sb_doc_want_map(node, fail);
    if (err != SB_OK)
        return err;
    sb_reh_item *items = SB_ARENA_ARRAY(arena, sb_reh_item, node->count + 1);
    for (uint32_t i = 0; i < node->count && err == SB_OK; i++) {
        const sb_doc *pair = node->items[i];
        items[i] = (sb_reh_item){.line = pair->line, .text = pair->key};
        err = is_name(pair->key) ? read_name(pair, &items[i].other, fail)
                                 : sb_doc_fail(pair, SB_E_REHEARSE_NAME, pair->key, NULL, fail);
    }
    v->items = items;
    v->count = node->count;
    return err;
}

/* A key that is a candidate's number. */
static sb_err read_candidate(const sb_doc *pair, uint64_t *number, sb_fail *fail)
{
    *number = 0;
    for (const char *at = pair->key; *at >= '0' && *at <= '9' && *number < NUMBER_MAX; at++)
        *number = *number * 10 + (uint64_t)(*at - '0');
    if (*number == 0 || pair->key[strspn(pair->key, "0123456789")] != '\0')
        return sb_doc_fail(pair, SB_E_REHEARSE_CANDIDATE, pair->key, NULL, fail);
    return SB_OK;
}

/* {1: [unn-1, {partner: kommune}], 2: bruker-1}: one item a place, with its candidate */
static sb_err read_choices(const sb_doc *node, sb_arena *arena, sb_reh_value *v, sb_fail *fail)
{
    sb_err err = sb_doc_want_map(node, fail);
    uint32_t room = 0;
    for (uint32_t i = 0; err == SB_OK && i < node->count; i++)
        room += node->items[i]->kind == SB_DOC_LIST ? node->items[i]->count : 1;
    sb_reh_item *items = SB_ARENA_ARRAY(arena, sb_reh_item, room + 1);
    for (uint32_t i = 0; err == SB_OK && i < node->count; i++) {
        sb_reh_value one = {0};
        uint64_t number = 0;
        err = read_candidate(node->items[i], &number, fail);
        if (err == SB_OK)
            err = read_list(SB_REH_PLACES, node->items[i], arena, &one, fail);
        for (uint32_t k = 0; err == SB_OK && k < one.count; k++) {
            items[v->count] = one.items[k];
            items[v->count++].a = number;
        }
    }
    v->items = items;
    return err;
}

/* {1: 12, 2: 4}: votes for each candidate */
static sb_err read_polls(const sb_doc *node, sb_arena *arena, sb_reh_value *v, sb_fail *fail)
{
    sb_err err = sb_doc_want_map(node, fail);
    sb_reh_item *items = err != SB_OK ? NULL : SB_ARENA_ARRAY(arena, sb_reh_item, node->count + 1);
    for (uint32_t i = 0; err == SB_OK && i < node->count; i++) {
        items[i] = (sb_reh_item){.line = node->items[i]->line, .text = node->items[i]->key};
        err = read_candidate(node->items[i], &items[i].a, fail);
        if (err == SB_OK)
            err = sb_doc_u64(node->items[i], 0, NUMBER_MAX, &items[i].b, fail);
        v->count++;
    }
    v->items = items;
    return err;
}

/* ---- any value ---- */

static sb_err read_scalar(sb_reh_type type, const sb_doc *node, sb_reh_value *v, sb_fail *fail)
{
    sb_err err = SB_OK;
    sb_date date;
    bool yes = false;
    uint32_t role = 0, minute = 0;
    int64_t ms = 0;
    if (type == SB_REH_TEXT)
        return sb_doc_text(node, &v->text, fail);
    if (type == SB_REH_NUMBER_)
        return sb_doc_u64(node, 0, NUMBER_MAX, &v->number, fail);
    if (type == SB_REH_BOOL) {
        err = sb_doc_bool(node, &yes, fail);
        v->number = yes;
    } else if (type == SB_REH_DATE_) {
        if ((err = read_date(node, &date, fail)) == SB_OK)
            v->number = wire_date(date);
    } else if (type == SB_REH_ROLE_) {
        err = read_role(node, &role, fail);
        v->number = role;
    } else if (type == SB_REH_MOMENT_) {
        err = sb_reh_read_moment(node, &ms, fail);
        v->number = (uint64_t)ms;
    } else {
        if ((err = sb_doc_text(node, &v->text, fail)) == SB_OK && !parse_clock(v->text, &minute))
            err = sb_doc_fail(node, SB_E_REHEARSE_CLOCK, v->text, NULL, fail);
        v->number = minute;
    }
    return err;
}

sb_err sb_reh_read_value(sb_reh_type type, const sb_doc *node, sb_arena *arena,
                         const sb_reh_value **out, sb_fail *fail)
{
    static const char *const minutes[] = {"none", "draft", "requested", "approved", NULL};
    static const char *const states[] = {"not_confirmed", "certified", "final", "stale",
                                         "diverged",      "conflict",  NULL};
    static const char *const moments[] = {"question", "effect", NULL};
    static const char *const openness[] = {"none", "open", "met", "closed", NULL};
    sb_reh_value *v = SB_ARENA_NEW(arena, sb_reh_value);
    *out = v;
    v->line = node->line;
    switch (type) {
    case SB_REH_TEXT:
    case SB_REH_NUMBER_:
    case SB_REH_BOOL:
    case SB_REH_DATE_:
    case SB_REH_CLOCK:
    case SB_REH_MOMENT_:
    case SB_REH_ROLE_:
        return read_scalar(type, node, v, fail);
    case SB_REH_NAME_:
    case SB_REH_ID:
        return read_name(node, &v->text, fail);
    case SB_REH_ACTOR:
        return read_actor(node, v, fail);
    case SB_REH_TEXTS:
    case SB_REH_NAMES_:
    case SB_REH_IDS:
    case SB_REH_PLACES:
    case SB_REH_NUMBERS:
        return read_list(type, node, arena, v, fail);
    case SB_REH_DUE_:
        return read_due(node, v, fail);
    case SB_REH_SHARES:
    case SB_REH_VOTES_:
        return read_pairs(type, node, arena, v, fail);
    case SB_REH_TICKET_:
        return read_ticket(node, arena, v, fail);
    case SB_REH_CHOICES_:
        return read_choices(node, arena, v, fail);
    case SB_REH_POLLS_:
        return read_polls(node, arena, v, fail);
    case SB_REH_BEFORE_:
        return read_choice(moments, node, v, fail);
    case SB_REH_OPENNESS_:
        return read_choice(openness, node, v, fail);
    case SB_REH_RELATION_:
        return read_word(SB_TEXT_CASE_RELATION, node, arena, v, fail);
    case SB_REH_ASKS_:
        return read_word(SB_TEXT_CONDITION_KIND, node, arena, v, fail);
    case SB_REH_ANSWER_:
        return read_word(SB_TEXT_CONDITION_ANSWER, node, arena, v, fail);
    case SB_REH_RULING_:
        return read_word(SB_TEXT_RULING_KIND, node, arena, v, fail);
    case SB_REH_OVERLAP_:
        return read_word(SB_TEXT_OVERLAP, node, arena, v, fail);
    case SB_REH_ENDED_:
        return read_word(SB_TEXT_DISPUTE_END, node, arena, v, fail);
    case SB_REH_ERASE_:
        return read_word(SB_TEXT_ERASE_REASON, node, arena, v, fail);
    case SB_REH_KIND_:
        return read_word(SB_TEXT_CASE_KIND, node, arena, v, fail);
    case SB_REH_SOURCE_:
        return read_word(SB_TEXT_SOURCE, node, arena, v, fail);
    case SB_REH_FORM_:
        return read_word(SB_TEXT_MEETING_FORM, node, arena, v, fail);
    case SB_REH_BASIS_:
        return read_word(SB_TEXT_CHAIR_BASIS, node, arena, v, fail);
    case SB_REH_MODE_:
        return read_word(SB_TEXT_MODE, node, arena, v, fail);
    case SB_REH_OUTCOME_:
        return read_word(SB_TEXT_OUTCOME, node, arena, v, fail);
    case SB_REH_WHY_:
        return read_word(SB_TEXT_REVOKE_REASON, node, arena, v, fail);
    case SB_REH_MINUTES_:
        return read_choice(minutes, node, v, fail);
    case SB_REH_STATE_:
        return read_choice(states, node, v, fail);
    }
    return SB_OK;
}

/* ---- did you mean ---- */

enum { WORD_MAX = 40 };

static uint32_t distance(const char *a, const char *b)
{
    uint32_t row[WORD_MAX + 1];
    size_t na = strlen(a), nb = strlen(b);
    if (na > WORD_MAX || nb > WORD_MAX)
        return WORD_MAX;
    for (uint32_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        uint32_t diagonal = row[0];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= nb; j++) {
            uint32_t change = diagonal + (a[i - 1] != b[j - 1]);
            uint32_t shorter = row[j] + 1, longer = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < shorter ? change : shorter;
            row[j] = row[j] < longer ? row[j] : longer;
        }
    }
    return row[nb];
}

const char *sb_reh_nearest(const char *text, const char *const *words)
{
    const char *nearest = NULL;
    uint32_t least = (uint32_t)strlen(text) / 2 + 1;
    for (; *words != NULL; words++) {
        uint32_t d = distance(text, *words);
        if (d < least) {
            least = d;
            nearest = *words;
        }
    }
    return nearest;
}

/* Words that have the beginning in common are nearer than their length says. */
static uint32_t unlikeness(const char *text, const char *word)
{
    return 2 * distance(text, word) + (strncmp(text, word, 3) != 0) * 3U;
}

const char *sb_reh_nearest_few(const char *text, const char *const *words, size_t count,
                               sb_arena *arena)
{
    enum { FEW_MAX = 8 };
    const char *few[FEW_MAX + 1] = {NULL}, *list = "";
    uint32_t far[FEW_MAX + 1] = {0};
    size_t n = 0;
    count = count > FEW_MAX ? FEW_MAX : count;
    for (; *words != NULL; words++) {
        uint32_t d = unlikeness(text, *words);
        size_t at = n;
        for (; at > 0 && far[at - 1] > d; at--) {
            few[at] = few[at - 1];
            far[at] = far[at - 1];
        }
        few[at] = *words;
        far[at] = d;
        n = n < count ? n + 1 : count;
    }
    for (size_t i = 0; i < n; i++)
        list = sb_arena_printf(arena, "%s%s%s", list, i == 0 ? "" : ", ", few[i]);
    return list;
}
