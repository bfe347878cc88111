/* samband export: the whole history for anybody to verify. */
#include "nodes/cli/export.h"
#include "nodes/cli/inside.h"

static const sb_arg_position DIR_POSITION[] = {{.name = "KATALOG"}, {.name = NULL}};

static sb_err export_bundle(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0);
    sb_exported done = {0};
    sb_err err = sb_export_bundle(cli, dir, &done);
    if (err != SB_OK)
        return err;
    sb_cli_say(cli,
               sb_cli_either(cli,
                             "Skrevet til %s: %llu oppføringer (%llu stod der fra før) og %llu nye "
                             "vedlegg og tekster.",
                             "Written to %s: %llu entries (%llu were there already) and %llu new "
                             "attachments and texts."),
               dir, (unsigned long long)done.size, (unsigned long long)done.kept,
               (unsigned long long)done.blobs);
    sb_cli_say(
        cli,
        sb_cli_either(cli, "Kontroller med: samband-audit %s", "Verify with: samband-audit %s"),
        dir);
    sb_json *j = &cli->json;
    sb_json_key(j, "directory");
    sb_json_cstr(j, dir);
    sb_json_key(j, "size");
    sb_json_u64(j, done.size);
    sb_json_key(j, "kept");
    sb_json_u64(j, done.kept);
    sb_json_key(j, "blobs");
    sb_json_u64(j, done.blobs);
    return SB_OK;
}

const sb_verb_spec sb_spec_export_bundle = {DIR_POSITION, NULL, export_bundle};
