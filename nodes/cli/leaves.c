#include "nodes/cli/leaves.h"

#include "nodes/host/json_read.h"
#include "proto/base/hash.h"

enum { BATCH = 256 };

static sb_err one_leaf(sb_cli *cli, sb_arena *arena, const sb_doc *node, uint64_t index,
                       sb_leaf_visit visit, void *arg)
{
    const char *hex = NULL;
    sb_leaf leaf;
    sb_err err = sb_doc_text(node, &hex, &cli->fail);
    if (err != SB_OK)
        return err;
    size_t len = strlen(hex) / 2;
    uint8_t *bytes = sb_arena_alloc(arena, len);
    if (strlen(hex) % 2 != 0 || !sb_unhex(sb_slice_str(hex), bytes, len))
        return sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "leaves", NULL);
    err = sb_leaf_open(sb_slice_of(bytes, len), arena, &leaf, &cli->fail);
    return err == SB_OK ? visit(arg, index, &leaf) : err;
}

static sb_err one_batch(sb_cli *cli, sb_arena *arena, uint64_t from, uint64_t to, uint64_t *got,
                        sb_leaf_visit visit, void *arg)
{
    sb_slice json = {0};
    const sb_doc *answer = NULL;
    uint64_t count = to - from < BATCH ? to - from : BATCH;
    const char *args[] = {sb_arena_printf(arena, "%llu", (unsigned long long)from),
                          sb_arena_printf(arena, "%llu", (unsigned long long)count)};
    sb_err err = sb_session_query_in(cli, arena, &json, "leaves", args, 2);
    if (err == SB_OK)
        err = sb_json_parse("leaves", json, arena, &answer, &cli->fail);
    if (err != SB_OK)
        return err;
    const sb_doc *list = sb_doc_get(answer, "leaves");
    *got = sb_doc_count(list);
    if (*got == 0 || *got > count || sb_doc_num(answer, "from") != from)
        return sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "leaves", NULL);
    for (uint32_t i = 0; err == SB_OK && i < *got; i++)
        err = one_leaf(cli, arena, list->items[i], from + i, visit, arg);
    return err;
}

sb_err sb_leaves_each(sb_cli *cli, uint64_t from, uint64_t to, sb_leaf_visit visit, void *arg)
{
    sb_arena arena;
    sb_session *session = NULL;
    sb_arena_init(&arena);
    sb_err err = sb_session_connect(cli, &session);
    while (err == SB_OK && from < to) {
        uint64_t got = 0;
        sb_arena_reset(&arena);
        err = one_batch(cli, &arena, from, to, &got, visit, arg);
        from += got;
    }
    sb_arena_deinit(&arena);
    return err;
}
