/* Strict JSON files and bodies as a document tree (doc.h), by jansson: UTF-8, duplicate keys and
 * trailing bytes refused, depth, nodes and bytes bounded, integers only (no reals). */
#ifndef SB_HOST_JSON_READ_H
#define SB_HOST_JSON_READ_H

#include "nodes/host/doc.h"

/* Errors: those of sb_file_read; SB_E_DOC_JSON (file, line, jansson's words),
 * SB_E_DOC_WANT_INTEGER (a real number), SB_E_DOC_LIMIT. */
sb_err sb_json_read(const char *path, sb_arena *arena, const sb_doc **root, sb_fail *fail);
sb_err sb_json_parse(const char *name, sb_slice bytes, sb_arena *arena, const sb_doc **root,
                     sb_fail *fail);

#endif
