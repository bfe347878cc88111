/* Reading a document tree; the reader's file, line and advice in every refusal. */
#include "nodes/host/doc.h"

#include <stdarg.h>
#include <stdio.h>

enum { LIST_BYTES = SB_FAIL_ARG_BYTES };

static const sb_doc NOWHERE = {.file = "?", .key = ""};

/* What the message calls the node: its key, or its text in a list. */
static const char *called(const sb_doc *node)
{
    if (node->key[0] != '\0')
        return node->key;
    return node->text.len > 0 ? (const char *)node->text.data : "-";
}

static bool is_scalar(const sb_doc *node)
{
    return node->kind == SB_DOC_TEXT || node->kind == SB_DOC_PLAIN;
}

static const char *text_of(const sb_doc *node)
{
    return is_scalar(node) ? (const char *)node->text.data : "-";
}

sb_err sb_doc_fail(const sb_doc *node, sb_err code, const char *a2, const char *a3, sb_fail *fail)
{
    char line[16];
    if (node == NULL)
        node = &NOWHERE;
    (void)snprintf(line, sizeof line, "%lu", (unsigned long)node->line);
    return sb_fail_set(fail, code, node->file, line, a2 != NULL ? a2 : "", a3 != NULL ? a3 : "",
                       NULL);
}

static sb_err want(const sb_doc *node, sb_err code, sb_fail *fail)
{
    if (node == NULL)
        node = &NOWHERE;
    return sb_doc_fail(node, code, called(node), text_of(node), fail);
}

const sb_doc *sb_doc_get(const sb_doc *map, const char *key)
{
    if (map == NULL || map->kind != SB_DOC_MAP)
        return NULL;
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->items[i]->key, key) == 0)
            return map->items[i];
    return NULL;
}

sb_err sb_doc_need(const sb_doc *map, const char *key, const sb_doc **value, sb_fail *fail)
{
    if (map == NULL || map->kind != SB_DOC_MAP)
        return want(map, SB_E_DOC_WANT_MAP, fail);
    *value = sb_doc_get(map, key);
    if (*value == NULL || (*value)->kind == SB_DOC_NULL)
        return sb_doc_fail(*value != NULL ? *value : map, SB_E_DOC_MISSING_KEY, key, NULL, fail);
    return SB_OK;
}

sb_err sb_doc_text(const sb_doc *node, const char **text, sb_fail *fail)
{
    if (node == NULL || !is_scalar(node))
        return want(node, SB_E_DOC_WANT_TEXT, fail);
    *text = (const char *)node->text.data;
    return SB_OK;
}

/* A decimal without sign or leading zeros, below 2^64. */
static bool parse_u64(sb_slice t, uint64_t *value)
{
    uint64_t v = 0;
    if (t.len == 0 || t.len > 20 || (t.len > 1 && t.data[0] == '0'))
        return false;
    for (size_t i = 0; i < t.len; i++) {
        uint64_t digit = (uint64_t)(t.data[i] - '0');
        if (t.data[i] < '0' || t.data[i] > '9' || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *value = v;
    return true;
}

static bool parse_i64(sb_slice t, int64_t *value)
{
    uint64_t v;
    bool minus = t.len > 1 && t.data[0] == '-';
    if (!parse_u64(minus ? sb_slice_of(t.data + 1, t.len - 1) : t, &v) || v > INT64_MAX)
        return false;
    *value = minus ? -(int64_t)v : (int64_t)v;
    return true;
}

sb_err sb_doc_u64(const sb_doc *node, uint64_t min, uint64_t max, uint64_t *value, sb_fail *fail)
{
    char range[64];
    uint64_t v;
    if (node == NULL || node->kind != SB_DOC_PLAIN || !parse_u64(node->text, &v))
        return want(node, SB_E_DOC_WANT_NUMBER, fail);
    (void)snprintf(range, sizeof range, "%llu–%llu", (unsigned long long)min,
                   (unsigned long long)max);
    if (v < min || v > max)
        return sb_doc_fail(node, SB_E_DOC_RANGE, called(node), range, fail);
    *value = v;
    return SB_OK;
}

sb_err sb_doc_i64(const sb_doc *node, int64_t min, int64_t max, int64_t *value, sb_fail *fail)
{
    char range[64];
    int64_t v;
    if (node == NULL || node->kind != SB_DOC_PLAIN || !parse_i64(node->text, &v))
        return want(node, SB_E_DOC_WANT_NUMBER, fail);
    (void)snprintf(range, sizeof range, "%lld–%lld", (long long)min, (long long)max);
    if (v < min || v > max)
        return sb_doc_fail(node, SB_E_DOC_RANGE, called(node), range, fail);
    *value = v;
    return SB_OK;
}

sb_err sb_doc_bool(const sb_doc *node, bool *value, sb_fail *fail)
{
    if (node == NULL || node->kind != SB_DOC_PLAIN)
        return want(node, SB_E_DOC_WANT_BOOL, fail);
    *value = sb_slice_eq(node->text, sb_slice_str("true"));
    if (!*value && !sb_slice_eq(node->text, sb_slice_str("false")))
        return want(node, SB_E_DOC_WANT_BOOL, fail);
    return SB_OK;
}

/* Add ", word" while it fits. */
static void list_word(char *list, const char *word)
{
    size_t at = strlen(list);
    (void)snprintf(list + at, LIST_BYTES - at, "%s%s", at == 0 ? "" : ", ", word);
}

sb_err sb_doc_choice(const sb_doc *node, const char *const *words, uint32_t *index, sb_fail *fail)
{
    char list[LIST_BYTES] = "";
    const char *text = NULL;
    sb_err err = sb_doc_text(node, &text, fail);
    if (err != SB_OK)
        return err;
    for (uint32_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *index = i;
            return SB_OK;
        }
        list_word(list, words[i]);
    }
    return sb_doc_fail(node, SB_E_DOC_CHOICE, text, list, fail);
}

sb_err sb_doc_want_list(const sb_doc *node, sb_fail *fail)
{
    return node != NULL && node->kind == SB_DOC_LIST ? SB_OK : want(node, SB_E_DOC_WANT_LIST, fail);
}

sb_err sb_doc_want_map(const sb_doc *node, sb_fail *fail)
{
    return node != NULL && node->kind == SB_DOC_MAP ? SB_OK : want(node, SB_E_DOC_WANT_MAP, fail);
}

sb_err sb_doc_need_text(const sb_doc *map, const char *key, const char **text, sb_fail *fail)
{
    const sb_doc *node = NULL;
    sb_err err = sb_doc_need(map, key, &node, fail);
    return err == SB_OK ? sb_doc_text(node, text, fail) : err;
}

sb_err sb_doc_need_u64(const sb_doc *map, const char *key, uint64_t min, uint64_t max,
                       uint64_t *value, sb_fail *fail)
{
    const sb_doc *node = NULL;
    sb_err err = sb_doc_need(map, key, &node, fail);
    return err == SB_OK ? sb_doc_u64(node, min, max, value, fail) : err;
}

/* The node under an optional key; NULL when the default holds. */
static const sb_doc *optional(const sb_doc *map, const char *key)
{
    const sb_doc *node = sb_doc_get(map, key);
    return node == NULL || node->kind == SB_DOC_NULL ? NULL : node;
}

sb_err sb_doc_text_or(const sb_doc *map, const char *key, const char *otherwise, const char **text,
                      sb_fail *fail)
{
    const sb_doc *node = optional(map, key);
    *text = otherwise;
    return node == NULL ? SB_OK : sb_doc_text(node, text, fail);
}

sb_err sb_doc_u64_or(const sb_doc *map, const char *key, uint64_t min, uint64_t max,
                     uint64_t otherwise, uint64_t *value, sb_fail *fail)
{
    const sb_doc *node = optional(map, key);
    *value = otherwise;
    return node == NULL ? SB_OK : sb_doc_u64(node, min, max, value, fail);
}

sb_err sb_doc_bool_or(const sb_doc *map, const char *key, bool otherwise, bool *value,
                      sb_fail *fail)
{
    const sb_doc *node = optional(map, key);
    *value = otherwise;
    return node == NULL ? SB_OK : sb_doc_bool(node, value, fail);
}

const char *sb_doc_str(const sb_doc *map, const char *key)
{
    const sb_doc *node = sb_doc_get(map, key);
    return node != NULL && is_scalar(node) ? (const char *)node->text.data : "";
}

uint64_t sb_doc_num(const sb_doc *map, const char *key)
{
    uint64_t value = 0;
    return sb_doc_u64(sb_doc_get(map, key), 0, UINT64_MAX, &value, NULL) == SB_OK ? value : 0;
}

bool sb_doc_true(const sb_doc *map, const char *key)
{
    bool value = false;
    return sb_doc_bool(sb_doc_get(map, key), &value, NULL) == SB_OK && value;
}

uint32_t sb_doc_count(const sb_doc *list)
{
    return list != NULL && list->kind == SB_DOC_LIST ? list->count : 0;
}

static bool among(const char *key, va_list names)
{
    for (const char *name = va_arg(names, const char *); name != NULL;
         name = va_arg(names, const char *))
        if (strcmp(name, key) == 0)
            return true;
    return false;
}

sb_err sb_doc_append(const sb_doc **list, const sb_doc *more, sb_arena *arena, sb_fail *fail)
{
    if (*list == NULL) {
        *list = more;
        return SB_OK;
    }
    sb_err err = sb_doc_want_list(*list, fail);
    if (err == SB_OK)
        err = sb_doc_want_list(more, fail);
    if (err != SB_OK)
        return err;
    sb_doc *both = SB_ARENA_NEW(arena, sb_doc);
    const sb_doc **items = SB_ARENA_ARRAY(arena, const sb_doc *, (*list)->count + more->count);
    *both = **list;
    for (uint32_t i = 0; i < (*list)->count; i++)
        items[i] = (*list)->items[i];
    for (uint32_t i = 0; i < more->count; i++)
        items[(*list)->count + i] = more->items[i];
    both->count = (*list)->count + more->count;
    both->items = items;
    *list = both;
    return SB_OK;
}

sb_err sb_doc_only(const sb_doc *map, sb_fail *fail, ...)
{
    sb_err err = sb_doc_want_map(map, fail);
    if (err != SB_OK)
        return err;
    for (uint32_t i = 0; i < map->count; i++) {
        va_list names;
        va_start(names, fail);
        bool known = among(map->items[i]->key, names);
        va_end(names);
        if (known)
            continue;
        char list[LIST_BYTES] = "";
        va_start(names, fail);
        for (const char *n = va_arg(names, const char *); n != NULL;
             n = va_arg(names, const char *))
            list_word(list, n);
        va_end(names);
        return sb_doc_fail(map->items[i], SB_E_DOC_UNKNOWN_KEY, map->items[i]->key, list, fail);
    }
    return SB_OK;
}
