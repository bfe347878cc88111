/* libyaml's events as a document tree, without what makes YAML hard to read. */
#include "nodes/host/yaml_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "nodes/host/doc_build.h"
#include "nodes/host/file.h"

typedef struct yaml_reader {
    sb_doc_builder build;
    yaml_parser_t parser;
} yaml_reader;

static sb_err read_node(yaml_reader *r, yaml_event_t *e, const char *key, uint32_t depth,
                        const sb_doc **out);

static uint32_t line_of(yaml_mark_t mark)
{
    return (uint32_t)mark.line + 1;
}

static sb_err fail_at(yaml_reader *r, sb_err code, yaml_mark_t mark, const char *a2)
{
    sb_doc at = {.file = r->build.file, .line = line_of(mark), .key = ""};
    return sb_doc_fail(&at, code, a2, NULL, r->build.fail);
}

/* The next event, to be deleted by the caller. */
static sb_err next(yaml_reader *r, yaml_event_t *e)
{
    if (yaml_parser_parse(&r->parser, e) != 0)
        return SB_OK;
    const char *problem = r->parser.problem != NULL ? r->parser.problem : "?";
    yaml_mark_t mark = r->parser.problem_mark;
    if (r->parser.error == YAML_READER_ERROR) { /* bad UTF-8 has an offset, no mark */
        mark = r->parser.mark;
    }
    return fail_at(r, SB_E_DOC_SYNTAX, mark, problem);
}

static sb_err no_anchor(yaml_reader *r, const yaml_event_t *e)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (e->type == YAML_SCALAR_EVENT) {
        anchor = e->data.scalar.anchor;
        tag = e->data.scalar.tag;
    } else if (e->type == YAML_SEQUENCE_START_EVENT) {
        anchor = e->data.sequence_start.anchor;
        tag = e->data.sequence_start.tag;
    } else if (e->type == YAML_MAPPING_START_EVENT) {
        anchor = e->data.mapping_start.anchor;
        tag = e->data.mapping_start.tag;
    }
    if (anchor != NULL || tag != NULL || e->type == YAML_ALIAS_EVENT)
        return fail_at(r, SB_E_DOC_ANCHOR, e->start_mark, NULL);
    return SB_OK;
}

static bool is_null(sb_slice text)
{
    return text.len == 0 || sb_slice_eq(text, sb_slice_str("~")) ||
           sb_slice_eq(text, sb_slice_str("null"));
}

static sb_err read_scalar(yaml_reader *r, const yaml_event_t *e, const char *key,
                          const sb_doc **out)
{
    sb_slice text = sb_slice_of(e->data.scalar.value, e->data.scalar.length);
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    sb_doc_kind kind = !plain ? SB_DOC_TEXT : is_null(text) ? SB_DOC_NULL : SB_DOC_PLAIN;
    sb_doc *node = sb_doc_build_node(&r->build, kind, key, line_of(e->start_mark),
                                     (uint32_t)e->start_mark.column + 1);
    if (node == NULL)
        return SB_E_DOC_LIMIT;
    *out = node;
    return sb_doc_build_text(&r->build, node, text, SB_E_DOC_SYNTAX);
}

static sb_err read_list(yaml_reader *r, sb_doc *list, uint32_t depth)
{
    sb_doc_children children = {0};
    sb_err err = SB_OK;
    bool more = true;
    while (more && err == SB_OK) {
        yaml_event_t e;
        const sb_doc *child = NULL;
        err = next(r, &e);
        if (err != SB_OK)
            break;
        more = e.type != YAML_SEQUENCE_END_EVENT;
        if (more)
            err = read_node(r, &e, "", depth + 1, &child);
        if (more && err == SB_OK)
            sb_doc_build_add(&children, child);
        yaml_event_delete(&e);
    }
    sb_doc_build_close(&r->build, list, &children);
    return err;
}

/* A key: a short scalar on one line, not seen before in this map. */
static sb_err read_key(yaml_reader *r, const yaml_event_t *e, const sb_doc_children *seen,
                       const char **key)
{
    sb_doc node = {.file = r->build.file, .line = line_of(e->start_mark), .key = ""};
    sb_err err = no_anchor(r, e);
    if (err != SB_OK)
        return err;
    if (e->type != YAML_SCALAR_EVENT || e->data.scalar.length == 0 ||
        e->data.scalar.length > SB_DOC_KEY_BYTES_MAX ||
        memchr(e->data.scalar.value, '\n', e->data.scalar.length) != NULL)
        return fail_at(r, SB_E_DOC_KEY_TEXT, e->start_mark, NULL);
    err = sb_doc_build_text(&r->build, &node,
                            sb_slice_of(e->data.scalar.value, e->data.scalar.length),
                            SB_E_DOC_KEY_TEXT);
    if (err != SB_OK)
        return err;
    *key = (const char *)node.text.data;
    if (seen->count == SB_DOC_KEYS_MAX)
        return sb_doc_build_limit(&r->build, node.line, SB_DOC_KEYS_MAX);
    for (uint32_t i = 0; i < seen->count; i++)
        if (strcmp(seen->items[i]->key, *key) == 0)
            return sb_doc_fail(&node, SB_E_DOC_DUPLICATE_KEY, *key, NULL, r->build.fail);
    return SB_OK;
}

static sb_err read_map(yaml_reader *r, sb_doc *map, uint32_t depth)
{
    sb_doc_children children = {0};
    sb_err err = SB_OK;
    for (bool more = true; more && err == SB_OK;) {
        yaml_event_t e, value;
        const sb_doc *child = NULL;
        const char *key = NULL;
        err = next(r, &e);
        if (err != SB_OK)
            break;
        more = e.type != YAML_MAPPING_END_EVENT;
        if (more)
            err = read_key(r, &e, &children, &key);
        yaml_event_delete(&e);
        if (!more || err != SB_OK)
            break;
        err = next(r, &value);
        if (err != SB_OK)
            break;
        err = read_node(r, &value, key, depth + 1, &child);
        if (err == SB_OK)
            sb_doc_build_add(&children, child);
        yaml_event_delete(&value);
    }
    sb_doc_build_close(&r->build, map, &children);
    return err;
}

static sb_err read_node(yaml_reader *r, yaml_event_t *e, const char *key, uint32_t depth,
                        const sb_doc **out)
{
    sb_err err = no_anchor(r, e);
    if (err != SB_OK)
        return err;
    if (depth > SB_DOC_DEPTH_MAX)
        return sb_doc_build_limit(&r->build, line_of(e->start_mark), SB_DOC_DEPTH_MAX);
    if (e->type == YAML_SCALAR_EVENT)
        return read_scalar(r, e, key, out);
    bool is_map = e->type == YAML_MAPPING_START_EVENT;
    sb_doc *node = sb_doc_build_node(&r->build, is_map ? SB_DOC_MAP : SB_DOC_LIST, key,
                                     line_of(e->start_mark), (uint32_t)e->start_mark.column + 1);
    if (node == NULL)
        return SB_E_DOC_LIMIT;
    *out = node;
    return is_map ? read_map(r, node, depth) : read_list(r, node, depth);
}

/* Stream start, document start, the node, document end, stream end. */
static sb_err read_stream(yaml_reader *r, const sb_doc **root)
{
    bool done = false;
    sb_err err = SB_OK;
    while (!done && err == SB_OK) {
        yaml_event_t e;
        err = next(r, &e);
        if (err != SB_OK)
            break;
        done = e.type == YAML_STREAM_END_EVENT;
        if (e.type == YAML_DOCUMENT_START_EVENT && *root != NULL)
            err = fail_at(r, SB_E_DOC_ONE, e.start_mark, NULL);
        else if (e.type == YAML_SCALAR_EVENT || e.type == YAML_SEQUENCE_START_EVENT ||
                 e.type == YAML_MAPPING_START_EVENT || e.type == YAML_ALIAS_EVENT)
            err = read_node(r, &e, "", 1, root);
        yaml_event_delete(&e);
    }
    if (err == SB_OK && *root == NULL)
        *root = sb_doc_build_node(&r->build, SB_DOC_NULL, "", 1, 1);
    return err;
}

sb_err sb_yaml_parse(const char *name, sb_slice bytes, sb_arena *arena, const sb_doc **root,
                     sb_fail *fail)
{
    yaml_reader r = {
        .build = {.file = sb_arena_str(arena, sb_slice_str(name)), .arena = arena, .fail = fail}};
    *root = NULL;
    if (bytes.len > SB_DOC_BYTES_MAX)
        return sb_doc_build_limit(&r.build, 1, SB_DOC_BYTES_MAX);
    if (yaml_parser_initialize(&r.parser) == 0)
        return sb_fail_set(fail, SB_E_INTERNAL, "libyaml", NULL);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, bytes.len > 0 ? bytes.data : (const uint8_t *)"",
                                 bytes.len);
    sb_err err = read_stream(&r, root);
    yaml_parser_delete(&r.parser);
    if (err != SB_OK)
        *root = NULL;
    return err;
}

sb_err sb_yaml_read(const char *path, sb_arena *arena, const sb_doc **root, sb_fail *fail)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    *root = NULL;
    sb_err err = sb_file_read(path, SB_DOC_BYTES_MAX, &bytes, fail);
    if (err == SB_OK)
        err = sb_yaml_parse(path, sb_buf_slice(&bytes), arena, root, fail);
    sb_buf_deinit(&bytes);
    return err;
}
