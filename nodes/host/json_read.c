/* jansson's values as a document tree, with the lines that jansson doesn't keep. */
#include "nodes/host/json_read.h"

#include <jansson.h>
#include <stdlib.h>

#include "nodes/host/doc_build.h"
#include "nodes/host/file.h"

/* Walks the text in step with jansson's tree, which keeps the order of the file. The text is known
 * to be valid JSON. */
typedef struct json_reader {
    sb_doc_builder build;
    sb_slice text;
    size_t at;
    uint32_t line;
} json_reader;

/* To the first byte of the next key or value. */
static void skip_between(json_reader *r)
{
    for (; r->at < r->text.len; r->at++) {
        uint8_t c = r->text.data[r->at];
        if (c == '\n')
            r->line++;
        else if (c != ' ' && c != '\t' && c != '\r' && c != ',' && c != ':' && c != ']' && c != '}')
            return;
    }
}

static void skip_string(json_reader *r)
{
    for (r->at++; r->at < r->text.len && r->text.data[r->at] != '"'; r->at++)
        if (r->text.data[r->at] == '\\')
            r->at++;
    r->at++;
}

static bool ends_token(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ']' || c == '}';
}

static void skip_value_start(json_reader *r)
{
    uint8_t c = r->text.data[r->at];
    if (c == '"')
        skip_string(r);
    else if (c == '{' || c == '[')
        r->at++;
    else
        while (r->at < r->text.len && !ends_token(r->text.data[r->at]))
            r->at++;
}

static sb_err read_value(json_reader *r, json_t *value, const char *key, uint32_t depth,
                         const sb_doc **out);

static sb_err read_array(json_reader *r, json_t *value, sb_doc *list, uint32_t depth)
{
    sb_doc_children children = {0};
    sb_err err = SB_OK;
    for (size_t i = 0; i < json_array_size(value) && err == SB_OK; i++) {
        const sb_doc *child = NULL;
        err = read_value(r, json_array_get(value, i), "", depth + 1, &child);
        if (err == SB_OK)
            sb_doc_build_add(&children, child);
    }
    sb_doc_build_close(&r->build, list, &children);
    return err;
}

static sb_err read_object(json_reader *r, json_t *value, sb_doc *map, uint32_t depth)
{
    sb_doc_children children = {0};
    sb_err err = SB_OK;
    void *at = json_object_iter(value);
    for (; at != NULL && err == SB_OK; at = json_object_iter_next(value, at)) {
        const sb_doc *child = NULL;
        const char *name = json_object_iter_key(at);
        skip_between(r);
        skip_string(r);
        if (strlen(name) > SB_DOC_KEY_BYTES_MAX || children.count == SB_DOC_KEYS_MAX) {
            err = sb_doc_build_limit(&r->build, r->line,
                                     children.count == SB_DOC_KEYS_MAX ? SB_DOC_KEYS_MAX
                                                                       : SB_DOC_KEY_BYTES_MAX);
            break;
        }
        const char *key = sb_arena_str(r->build.arena, sb_slice_str(name));
        err = read_value(r, json_object_iter_value(at), key, depth + 1, &child);
        if (err == SB_OK)
            sb_doc_build_add(&children, child);
    }
    sb_doc_build_close(&r->build, map, &children);
    return err;
}

static sb_err read_value(json_reader *r, json_t *value, const char *key, uint32_t depth,
                         const sb_doc **out)
{
    static const sb_doc_kind KINDS[] = {
        [JSON_OBJECT] = SB_DOC_MAP,    [JSON_ARRAY] = SB_DOC_LIST, [JSON_STRING] = SB_DOC_TEXT,
        [JSON_INTEGER] = SB_DOC_PLAIN, [JSON_REAL] = SB_DOC_PLAIN, [JSON_TRUE] = SB_DOC_PLAIN,
        [JSON_FALSE] = SB_DOC_PLAIN,   [JSON_NULL] = SB_DOC_NULL};
    skip_between(r);
    if (depth > SB_DOC_DEPTH_MAX)
        return sb_doc_build_limit(&r->build, r->line, SB_DOC_DEPTH_MAX);
    sb_doc *node = sb_doc_build_node(&r->build, KINDS[json_typeof(value)], key, r->line, 0);
    if (node == NULL)
        return SB_E_DOC_LIMIT;
    size_t start = r->at;
    skip_value_start(r);
    sb_slice token = sb_slice_of(r->text.data + start, r->at - start);
    *out = node;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return read_object(r, value, node, depth);
    case JSON_ARRAY:
        return read_array(r, value, node, depth);
    case JSON_STRING:
        return sb_doc_build_text(&r->build, node,
                                 sb_slice_of(json_string_value(value), json_string_length(value)),
                                 SB_E_DOC_JSON);
    case JSON_REAL:
        return sb_doc_fail(node, SB_E_DOC_WANT_INTEGER, sb_arena_str(r->build.arena, token), NULL,
                           r->build.fail);
    case JSON_INTEGER:
    case JSON_TRUE:
    case JSON_FALSE:
        return sb_doc_build_text(&r->build, node, token, SB_E_DOC_JSON);
    case JSON_NULL:
        return SB_OK;
    }
    return sb_fail_set(r->build.fail, SB_E_INTERNAL, "jansson", NULL);
}

sb_err sb_json_parse(const char *name, sb_slice bytes, sb_arena *arena, const sb_doc **root,
                     sb_fail *fail)
{
    json_reader r = {
        .build = {.file = sb_arena_str(arena, sb_slice_str(name)), .arena = arena, .fail = fail},
        .text = bytes,
        .line = 1};
    json_error_t error;
    *root = NULL;
    if (bytes.len > SB_DOC_BYTES_MAX)
        return sb_doc_build_limit(&r.build, 1, SB_DOC_BYTES_MAX);
    json_t *value = json_loadb(bytes.len > 0 ? (const char *)bytes.data : "", bytes.len,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value == NULL) {
        sb_doc at = {.file = r.build.file, .line = error.line > 0 ? (uint32_t)error.line : 1};
        at.key = "";
        return sb_doc_fail(&at, SB_E_DOC_JSON, error.text, NULL, fail);
    }
    sb_err err = read_value(&r, value, "", 1, root);
    json_decref(value);
    if (err != SB_OK)
        *root = NULL;
    return err;
}

sb_err sb_json_read(const char *path, sb_arena *arena, const sb_doc **root, sb_fail *fail)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    *root = NULL;
    sb_err err = sb_file_read(path, SB_DOC_BYTES_MAX, &bytes, fail);
    if (err == SB_OK)
        err = sb_json_parse(path, sb_buf_slice(&bytes), arena, root, fail);
    sb_buf_deinit(&bytes);
    return err;
}
