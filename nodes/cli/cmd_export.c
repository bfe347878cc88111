/* samband export: the whole history for anybody to verify. */
#include "nodes/cli/export.h"
#include "nodes/cli/inside.h"

static const sb_arg_position DIR_POSITION[] = {{.name = "KATALOG"}, {.name = NULL}};

static sb_err export_bundle(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0);
    uint64_t size = 0, blobs = 0, missing = 0;
    sb_err err = sb_export_bundle(cli, dir, &size, &blobs, &missing);
    if (err != SB_OK)
        return err;
    sb_cli_say(cli,
               sb_cli_either(cli, "Skrevet til %s: %llu oppføringer og %llu vedlegg og tekster.",
                             "Written to %s: %llu entries and %llu attachments and texts."),
               dir, (unsigned long long)size, (unsigned long long)blobs);
    if (missing > 0)
        sb_cli_say(cli,
                   sb_cli_either(cli, "%llu vedlegg og tekster har noden ikke.",
                                 "%llu attachments and texts are not held by the node."),
                   (unsigned long long)missing);
    sb_cli_say(
        cli,
        sb_cli_either(cli, "Kontroller med: samband-audit %s", "Verify with: samband-audit %s"),
        dir);
    sb_json *j = &cli->json;
    sb_json_key(j, "directory");
    sb_json_cstr(j, dir);
    sb_json_key(j, "size");
    sb_json_u64(j, size);
    sb_json_key(j, "blobs");
    sb_json_u64(j, blobs);
    sb_json_key(j, "blobs_missing");
    sb_json_u64(j, missing);
    return SB_OK;
}

const sb_verb_spec sb_spec_export_bundle = {DIR_POSITION, NULL, export_bundle};
