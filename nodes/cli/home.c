/* ~/.config/samband: the federation that is trusted, and the last head seen of it. */
#include <stdlib.h>

#include "nodes/cli/inside.h"
#include "nodes/host/file.h"
#include "nodes/host/yaml_read.h"
#include "proto/base/hash.h"

sb_err sb_home(sb_cli *cli, bool make, const char **dir)
{
    const char *path = cli->home;
    if (path == NULL) {
        const char *config = getenv("XDG_CONFIG_HOME"), *user = getenv("HOME");
        if (config != NULL && config[0] == '/')
            path = sb_path_join(&cli->arena, config, "samband");
        else
            path = sb_path_join(&cli->arena, user != NULL ? user : ".", ".config/samband");
    }
    *dir = path;
    return make ? sb_dir_make(path, 0700, &cli->fail) : SB_OK;
}

/* HOME/<kind>-<first digits of the federation's id>.yaml */
static sb_err state_path(sb_cli *cli, const char *kind, const uint8_t federation_id[32], bool make,
                         const char **path)
{
    char hex[65];
    const char *dir = NULL;
    sb_err err = sb_home(cli, make, &dir);
    sb_hex(sb_slice_of(federation_id, 32), hex);
    if (err == SB_OK)
        *path = sb_arena_printf(&cli->arena, "%s/%s-%.16s.yaml", dir, kind, hex);
    return err;
}

sb_err sb_home_seen(sb_cli *cli, const uint8_t federation_id[32], sb_seen_head *out)
{
    const char *path = NULL;
    const sb_doc *root = NULL;
    out->size = 0;
    sb_empty_root(out->root);
    sb_err err = state_path(cli, "seen", federation_id, false, &path);
    if (err != SB_OK || !sb_file_exists(path))
        return err;
    err = sb_yaml_read(path, &cli->arena, &root, &cli->fail);
    if (err == SB_OK)
        err = sb_doc_need_u64(root, "size", 0, INT64_MAX, &out->size, &cli->fail);
    if (err == SB_OK)
        err = sb_doc_hex32(root, "root", out->root, &cli->fail);
    return err;
}

sb_err sb_home_see(sb_cli *cli, const uint8_t federation_id[32], const sb_seen_head *head)
{
    const char *path = NULL;
    char hex[65];
    sb_err err = state_path(cli, "seen", federation_id, true, &path);
    if (err != SB_OK)
        return err;
    sb_hex(sb_slice_of(head->root, 32), hex);
    const char *text = sb_arena_printf(
        &cli->arena,
        "# Det siste samband har sett bekreftet. Ikke slett: uten den ses ikke et brudd.\n"
        "size: %llu\nroot: '%s'\n",
        (unsigned long long)head->size, hex);
    return sb_file_write(path, sb_slice_str(text), SB_FILE_MODE_SECRET, &cli->fail);
}

sb_err sb_home_witnesses(sb_cli *cli, const uint8_t federation_id[32], uint8_t (*pks)[32],
                         uint32_t count, bool *known)
{
    const char *path = NULL;
    const sb_doc *root = NULL;
    *known = false;
    sb_err err = state_path(cli, "witnesses", federation_id, false, &path);
    if (err != SB_OK || !sb_file_exists(path))
        return err;
    err = sb_yaml_read(path, &cli->arena, &root, &cli->fail);
    if (err == SB_OK)
        err = sb_doc_want_list(root, &cli->fail);
    if (err == SB_OK && root->count != count)
        err = sb_doc_fail(root, SB_E_CONFIG_KEY, "witnesses", NULL, &cli->fail);
    for (uint32_t i = 0; err == SB_OK && i < count; i++) {
        const char *hex = NULL;
        err = sb_doc_text(root->items[i], &hex, &cli->fail);
        if (err == SB_OK && !sb_unhex(sb_slice_str(hex), pks[i], 32))
            err = sb_doc_fail(root->items[i], SB_E_CONFIG_KEY, hex, NULL, &cli->fail);
    }
    *known = err == SB_OK;
    return err;
}

sb_err sb_home_keep_witnesses(sb_cli *cli, const uint8_t federation_id[32],
                              const uint8_t (*pks)[32], uint32_t count)
{
    const char *path = NULL;
    sb_buf text;
    sb_buf_init(&text);
    sb_buf_str(&text, "# Organisasjonenes nøkler slik en kontrollert logg viser dem.\n");
    for (uint32_t i = 0; i < count; i++) {
        char hex[65];
        sb_hex(sb_slice_of(pks[i], 32), hex);
        sb_buf_printf(&text, "- '%s'\n", hex);
    }
    sb_err err = state_path(cli, "witnesses", federation_id, true, &path);
    if (err == SB_OK)
        err = sb_file_write(path, sb_buf_slice(&text), SB_FILE_MODE_SECRET, &cli->fail);
    sb_buf_deinit(&text);
    return err;
}

sb_err sb_home_federation(sb_cli *cli, bool make, const char **path)
{
    const char *dir = NULL;
    sb_err err = sb_home(cli, make, &dir);
    if (err == SB_OK)
        *path = sb_path_join(&cli->arena, dir, "federation.samband");
    return err;
}

sb_err sb_home_key(sb_cli *cli, const char **path)
{
    const char *dir = NULL;
    sb_err err = sb_home(cli, false, &dir);
    if (err != SB_OK)
        return err;
    *path = cli->key != NULL ? cli->key : sb_path_join(&cli->arena, dir, "member.key");
    if (cli->key == NULL && !sb_file_exists(*path))
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_KEY, *path, NULL);
    return SB_OK;
}

sb_err sb_home_key_info(sb_cli *cli, const char **path, sb_keyfile_info *info)
{
    sb_err err = sb_home_key(cli, path);
    if (err == SB_OK)
        err = sb_keystore_info(*path, info, &cli->fail);
    if (err == SB_E_KEYFILE_MALFORMED && strcmp(cli->fail.arg[0], "1") == 0)
        return sb_fail_set(&cli->fail, SB_E_CLI_NOT_KEYFILE, *path, NULL);
    return err;
}
