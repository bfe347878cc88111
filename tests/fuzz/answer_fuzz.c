/* What a node or a broker answers to samband, told in words: any JSON, in both languages. Nothing
 * that a terminal obeys comes out. */
#include <stdlib.h>

#include "nodes/cli/daemon.h"
#include "nodes/host/json_read.h"
#include "proto/wire/utf8.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void tell(sb_cli *cli, const sb_doc *doc, uint8_t which)
{
    switch (which % 8) {
    case 0:
        sb_say_node(cli, doc);
        break;
    case 1:
        sb_say_broker(cli, doc);
        break;
    case 2:
        sb_say_conditions(cli, doc);
        break;
    case 3:
        sb_say_inputs(cli, doc);
        break;
    case 4:
        sb_say_actions(cli, doc);
        break;
    case 5:
        sb_say_candidates(cli, doc);
        break;
    case 6:
        sb_say_disputes(cli, doc);
        break;
    case 7:
        sb_say_clauses(cli, doc);
        break;
    }
}

static bool one(sb_slice input)
{
    sb_script s = sb_script_over(input);
    sb_cli_io io;
    sb_fail fail = {0};
    const sb_doc *doc = NULL;
    uint8_t which = sb_script_u8(&s);
    sb_cli_io_init(&io);
    sb_cli cli = {.io = &io, .lang = which >= 128 ? SB_LANG_EN : SB_LANG_NB};
    sb_arena_init(&cli.arena);
    sb_slice json = sb_slice_of(input.data + s.at, input.len - s.at);
    sb_err err = sb_json_parse("answer", json, &cli.arena, &doc, &fail);
    if (err == SB_OK)
        tell(&cli, doc, which);
    sb_arena_deinit(&cli.arena);
    sb_cli_io_deinit(&io);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){1024 * 1024, 16 * 1024});
}
