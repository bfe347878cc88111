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

sb_err sb_home_trust(sb_cli *cli, sb_trust *trust)
{
    const char *path = NULL;
    const sb_doc *root = NULL;
    sb_err err = state_path(cli, "trust", trust->federation_id, false, &path);
    if (err != SB_OK || !sb_file_exists(path))
        return err;
    err = sb_yaml_read(path, &cli->arena, &root, &cli->fail);
    if (err == SB_OK)
        err = sb_doc_only(root, &cli->fail, "terms", "policies", NULL);
    const sb_doc *terms = sb_doc_get(root, "terms"), *policies = sb_doc_get(root, "policies");
    if (err == SB_OK)
        err = sb_doc_want_list(terms, &cli->fail);
    if (err == SB_OK)
        err = sb_doc_want_list(policies, &cli->fail);
    trust->term_count = 0;
    for (uint32_t i = 0; err == SB_OK && i < terms->count; i++) {
        uint64_t term = 0;
        uint8_t pk[32];
        err = sb_doc_need_u64(terms->items[i], "term", 1, UINT32_MAX, &term, &cli->fail);
        if (err == SB_OK)
            err = sb_doc_hex32(terms->items[i], "log", pk, &cli->fail);
        if (err == SB_OK)
            err = sb_trust_add_term(trust, trust->slug, (uint32_t)term, pk, &cli->fail);
    }
    sb_slice texts[SB_TRUST_POLICIES_MAX];
    if (err == SB_OK &&
        (policies->count == 0 || policies->count > SB_TRUST_POLICIES_MAX || trust->term_count == 0))
        err = sb_doc_fail(root, SB_E_CONFIG_KEY, "policies", NULL, &cli->fail);
    for (uint32_t i = 0; err == SB_OK && i < policies->count; i++) {
        const char *text = NULL;
        err = sb_doc_text(policies->items[i], &text, &cli->fail);
        texts[i] = sb_slice_str(text == NULL ? "" : text);
    }
    if (err == SB_OK)
        err = sb_trust_set_policies(trust, texts, policies->count, &cli->arena, &cli->fail);
    return err;
}

static void add_policy(sb_buf *out, sb_slice text)
{
    sb_buf_str(out, "  - |\n");
    for (size_t at = 0; at < text.len;) {
        const uint8_t *end = memchr(text.data + at, '\n', text.len - at);
        size_t next = end == NULL ? text.len : (size_t)(end - text.data) + 1;
        sb_buf_str(out, "    ");
        sb_buf_add(out, sb_slice_of(text.data + at, next - at));
        at = next;
    }
}

sb_err sb_home_keep_trust(sb_cli *cli, sb_trust *trust)
{
    const char *path = NULL;
    sb_buf text;
    sb_buf_init(&text);
    sb_buf_str(&text, "# Hvem som ordner og bekrefter, slik samband sist har sett det vist. Ikke "
                      "slett: uten denne begynner kontrollen fra stiftelsen.\nterms:\n");
    for (uint32_t i = 0; i < trust->term_count; i++) {
        char hex[65];
        sb_hex(sb_slice_of(trust->terms[i].log_pk, 32), hex);
        sb_buf_printf(&text, "  - {term: %u, log: '%s'}\n", trust->terms[i].term, hex);
    }
    sb_buf_str(&text, "policies:\n");
    for (uint32_t i = 0; i < trust->policy_count; i++)
        add_policy(&text, trust->texts[i]);
    sb_err err = state_path(cli, "trust", trust->federation_id, true, &path);
    if (err == SB_OK)
        err = sb_file_write(path, sb_buf_slice(&text), SB_FILE_MODE_SECRET, &cli->fail);
    sb_buf_deinit(&text);
    trust->changed = trust->changed && err != SB_OK;
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
