/* The readers of YAML and JSON, and what is shown of any text: bounded trees with valid UTF-8 and one
 * value a key; nothing that a terminal obeys is left in what is printed. */
#include <stdlib.h>

#include "nodes/host/json_read.h"
#include "nodes/host/nfc.h"
#include "nodes/host/yaml_read.h"
#include "proto/wire/utf8.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(sb_slice text, bool is_from_people)
{
    uint32_t c;
    for (size_t at = 0; at < text.len;) {
        sb_fuzz_must(sb_utf8_next(text, &at, &c));
        sb_fuzz_must(is_from_people || c == '\n' || c == '\t' || c == 0xFEFF ||
                     (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE ||
                     !sb_code_point_forbidden(c));
    }
}

static void check_node(const sb_doc *node, uint32_t depth, size_t *nodes)
{
    uint64_t number;
    bool flag;
    const char *text = NULL;
    sb_fail fail = {0};
    sb_fuzz_must(depth <= SB_DOC_DEPTH_MAX && ++*nodes <= SB_DOC_NODES_MAX && node->line > 0);
    (void)sb_doc_u64(node, 1, 9, &number, &fail);
    (void)sb_doc_bool(node, &flag, &fail);
    if (sb_doc_text(node, &text, &fail) == SB_OK)
        sb_fuzz_must(strlen(text) == node->text.len);
    if (node->kind == SB_DOC_TEXT || node->kind == SB_DOC_PLAIN)
        check_text(node->text, true);
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->kind == SB_DOC_MAP)
            sb_fuzz_must(sb_doc_get(node, node->items[i]->key) == node->items[i]);
        check_node(node->items[i], depth + 1, nodes);
    }
}

static bool one(sb_slice input)
{
    sb_arena arena;
    const sb_doc *root = NULL;
    size_t nodes = 0;
    sb_fail fail = {0};
    sb_buf shown;
    sb_arena_init(&arena);
    sb_buf_init(&shown);
    bool is_json = input.len > 0 && input.data[0] == 'J';
    sb_slice bytes = is_json ? sb_slice_of(input.data + 1, input.len - 1) : input;
    sb_err err = is_json ? sb_json_parse("fuzz", bytes, &arena, &root, &fail)
                         : sb_yaml_parse("fuzz", bytes, &arena, &root, &fail);
    sb_fuzz_must(err == fail.code);
    if (err == SB_OK)
        check_node(root, 1, &nodes);
    sb_nfc_printable(bytes, true, &shown);
    check_text(sb_buf_slice(&shown), false);
    sb_fuzz_must(sb_nfc_columns(sb_buf_slice(&shown)) <= 2 * shown.len);
    sb_buf_deinit(&shown);
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){1024 * 1024, 2 * 1024});
}
