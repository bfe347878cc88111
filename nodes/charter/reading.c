/* The small readers that all sections of a charter use. */
#include "nodes/charter/reading.h"

#include <stdio.h>

#include "proto/wire/utf8.h"

/* What no text of the protocol may contain; line breaks neither. 0: there is none. */
static uint32_t forbidden(const char *text)
{
    sb_slice s = sb_slice_str(text);
    uint32_t c;
    for (size_t at = 0; at < s.len && sb_utf8_next(s, &at, &c);)
        if (sb_code_point_forbidden(c))
            return c;
    return 0;
}

sb_err sb_reading_text(sb_reading *r, const sb_doc *map, const char *key, bool required,
                       size_t bytes_max, char **out)
{
    const sb_doc *node = sb_doc_get(map, key);
    *out = (char *)protobuf_c_empty_string;
    if (node == NULL && !required)
        return SB_OK;
    const char *text = NULL;
    sb_err err =
        required ? sb_doc_need_text(map, key, &text, r->fail) : sb_doc_text(node, &text, r->fail);
    if (err != SB_OK)
        return err;
    size_t len = strlen(text);
    if (len == 0 && required)
        return sb_doc_fail(node, SB_E_CHARTER_EMPTY, key, NULL, r->fail);
    if (len > bytes_max)
        return sb_doc_fail(node, SB_E_CHARTER_LIMIT, key, NULL, r->fail);
    uint32_t wrong = forbidden(text);
    if (wrong != 0) {
        char words[16];
        (void)snprintf(words, sizeof words, "U+%04X", (unsigned)wrong);
        return sb_doc_fail(node, SB_E_CHARTER_CHARACTER, key, words, r->fail);
    }
    *out = sb_arena_str(r->arena, sb_slice_of(text, len));
    return SB_OK;
}

sb_err sb_reading_id(sb_reading *r, const sb_doc *map, const char *key, bool required, char **out)
{
    sb_err err = sb_reading_text(r, map, key, required, SB_ID_BYTES_MAX, out);
    for (const char *c = *out; err == SB_OK && *c != '\0'; c++) {
        bool ok = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-';
        if (!ok)
            err = sb_doc_fail(sb_doc_get(map, key), SB_E_CHARTER_ID, *out, NULL, r->fail);
    }
    return err;
}

sb_err sb_reading_assumed(sb_reading *r, const sb_doc *map, char **out)
{
    sb_err err = sb_reading_text(r, map, "assumed", false, SB_TITLE_BYTES_MAX, out);
    if (err == SB_OK && **out != '\0')
        r->report->assumed++;
    return err;
}

void sb_reading_find(sb_reading *r, const sb_doc *node, const char *body,
                     const sb_rule_finding *finding)
{
    if (r->report->count < SB_CHARTER_FINDINGS_MAX)
        r->report->findings[r->report->count++] =
            (sb_charter_finding){.line = node->line, .body = body, .finding = *finding};
}

void sb_reading_remark(sb_reading *r, const sb_doc *node, const char *body, sb_err code,
                       const char *arg)
{
    sb_rule_finding finding = {.level = SB_RULE_WARNING};
    sb_fail_set(&finding.fail, code, arg, NULL);
    sb_reading_find(r, node, body, &finding);
}

sb_err sb_reading_list(sb_reading *r, const sb_doc *map, const char *key, size_t max,
                       const sb_doc **list, size_t *count)
{
    *list = sb_doc_get(map, key);
    *count = 0;
    if (*list == NULL)
        return SB_OK;
    sb_err err = sb_doc_want_list(*list, r->fail);
    if (err != SB_OK)
        return err;
    if ((*list)->count > max)
        return sb_doc_fail(*list, SB_E_CHARTER_LIMIT, key, NULL, r->fail);
    *count = (*list)->count;
    return SB_OK;
}

void *sb_reading_pointers(sb_reading *r, const sb_doc *map, const char *key)
{
    const sb_doc *list = sb_doc_get(map, key);
    return SB_ARENA_ARRAY(r->arena, void *, list == NULL ? 0 : list->count);
}

sb_err sb_reading_word(sb_reading *r, const sb_doc *map, const char *key, const char *const *words,
                       uint32_t otherwise, uint32_t *out)
{
    const sb_doc *node = sb_doc_get(map, key);
    *out = otherwise;
    if (node == NULL && otherwise != 0)
        return SB_OK;
    sb_err err = sb_doc_need(map, key, &node, r->fail);
    uint32_t index = 0;
    if (err == SB_OK)
        err = sb_doc_choice(node, words, &index, r->fail);
    if (err == SB_OK)
        *out = index + 1;
    return err;
}

sb_err sb_reading_known(sb_reading *r, const sb_doc *map, const char *key, const char *id,
                        const char *(*id_at)(const Sb__Charter *, size_t), size_t count)
{
    if (*id == '\0')
        return SB_OK;
    for (size_t i = 0; i < count; i++)
        if (strcmp(id_at(r->charter, i), id) == 0)
            return SB_OK;
    const sb_doc *node = sb_doc_get(map, key);
    return sb_doc_fail(node == NULL ? map : node, SB_E_CHARTER_UNKNOWN_REF, key, id, r->fail);
}

const char *sb_reading_partner_at(const Sb__Charter *c, size_t i)
{
    return c->partners[i]->id;
}

const char *sb_reading_appointer_at(const Sb__Charter *c, size_t i)
{
    return c->appointers[i]->id;
}

const char *sb_reading_organisation_at(const Sb__Charter *c, size_t i)
{
    return c->organisations[i]->id;
}

const char *sb_reading_body_at(const Sb__Charter *c, size_t i)
{
    return c->bodies[i]->id;
}
