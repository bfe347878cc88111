#include "nodes/host/doc_build.h"

#include <stdlib.h>

#include "nodes/host/nfc.h"
#include "proto/base/buf.h"

sb_err sb_doc_build_limit(sb_doc_builder *b, uint32_t line, uint32_t limit)
{
    char *words = sb_arena_printf(b->arena, "%lu", (unsigned long)limit);
    sb_doc at = {.file = b->file, .line = line, .key = ""};
    return sb_doc_fail(&at, SB_E_DOC_LIMIT, words, NULL, b->fail);
}

sb_doc *sb_doc_build_node(sb_doc_builder *b, sb_doc_kind kind, const char *key, uint32_t line,
                          uint32_t column)
{
    if (b->nodes == SB_DOC_NODES_MAX) {
        (void)sb_doc_build_limit(b, line, SB_DOC_NODES_MAX);
        return NULL;
    }
    b->nodes++;
    sb_doc *node = SB_ARENA_NEW(b->arena, sb_doc);
    node->kind = kind;
    node->file = b->file;
    node->line = line;
    node->column = column;
    node->key = key;
    return node;
}

sb_err sb_doc_build_text(sb_doc_builder *b, sb_doc *node, sb_slice text, sb_err code)
{
    sb_fail why;
    if (sb_nfc(text, b->arena, &node->text, &why) != SB_OK)
        return sb_doc_fail(node, code, "UTF-8", NULL, b->fail);
    return SB_OK;
}

void sb_doc_build_add(sb_doc_children *c, const sb_doc *child)
{
    if (c->count == c->cap) {
        c->cap = c->cap == 0 ? 8 : 2 * c->cap;
        c->items = sb_xrealloc(c->items, c->cap * sizeof(*c->items));
    }
    c->items[c->count++] = child;
}

void sb_doc_build_close(sb_doc_builder *b, sb_doc *node, sb_doc_children *c)
{
    const sb_doc **items = SB_ARENA_ARRAY(b->arena, const sb_doc *, c->count);
    if (c->count > 0)
        memcpy(items, c->items, c->count * sizeof(*items));
    node->items = items;
    node->count = c->count;
    free(c->items);
    *c = (sb_doc_children){0};
}
