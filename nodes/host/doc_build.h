/* Inside nodes/host: what the YAML and the JSON reader build document trees with. */
#ifndef SB_HOST_DOC_BUILD_H
#define SB_HOST_DOC_BUILD_H

#include "nodes/host/doc.h"

typedef struct sb_doc_builder {
    const char *file; /* arena-owned */
    sb_arena *arena;
    sb_fail *fail;
    uint32_t nodes;
} sb_doc_builder;

/* Children on their way into a list or map; heap-owned. */
typedef struct sb_doc_children {
    const sb_doc **items;
    uint32_t count, cap;
} sb_doc_children;

/* A new node; NULL when there are too many (SB_E_DOC_LIMIT is set). */
sb_doc *sb_doc_build_node(sb_doc_builder *b, sb_doc_kind kind, const char *key, uint32_t line,
                          uint32_t column);
/* Its text, brought to NFC. Errors: SB_E_NFC_UTF8 turned into `code` with file and line. */
sb_err sb_doc_build_text(sb_doc_builder *b, sb_doc *node, sb_slice text, sb_err code);
sb_err sb_doc_build_limit(sb_doc_builder *b, uint32_t line, uint32_t limit);
void sb_doc_build_add(sb_doc_children *children, const sb_doc *child);
/* Move the children into the node. */
void sb_doc_build_close(sb_doc_builder *b, sb_doc *node, sb_doc_children *children);

#endif
