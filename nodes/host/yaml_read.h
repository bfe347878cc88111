/* YAML files (charters, rehearsal scripts, configuration) as a document tree (doc.h).
 *
 * A small YAML: one document, mappings with unique plain keys, sequences, scalars. No anchors,
 * aliases, tags or merge keys; depth, nodes and bytes are bounded. Text is brought to NFC.
 */
#ifndef SB_HOST_YAML_READ_H
#define SB_HOST_YAML_READ_H

#include "nodes/host/doc.h"

/* Read a file. The tree lives in `arena`. An empty file is a SB_DOC_NULL node.
 * Errors: those of sb_file_read; SB_E_DOC_SYNTAX (file, line, libyaml's words), SB_E_DOC_ANCHOR,
 * SB_E_DOC_DUPLICATE_KEY, SB_E_DOC_LIMIT. */
sb_err sb_yaml_read(const char *path, sb_arena *arena, const sb_doc **root, sb_fail *fail);
/* The same over bytes; `name` stands for the file in messages. */
sb_err sb_yaml_parse(const char *name, sb_slice bytes, sb_arena *arena, const sb_doc **root,
                     sb_fail *fail);

#endif
