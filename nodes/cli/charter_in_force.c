#include "nodes/cli/charter_in_force.h"

#include "nodes/host/federation_file.h"
#include "nodes/host/file.h"
#include "proto/base/hash.h"

sb_err sb_charter_founding(sb_cli *cli, const Sb__Charter **out)
{
    sb_federation *federation = SB_ARENA_NEW(&cli->arena, sb_federation);
    const char *path = cli->federation;
    sb_err err = SB_OK;
    if (path == NULL)
        err = sb_home_federation(cli, false, &path);
    if (err == SB_OK && !sb_file_exists(path))
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_FEDERATION, NULL);
    if (err == SB_OK)
        err = sb_federation_read(path, &cli->arena, federation, &cli->fail);
    if (err == SB_OK)
        *out = federation->charter;
    return err;
}

/* A later version's bytes, which must have the hash. */
static sb_err later_version(sb_cli *cli, const uint8_t sha256[32], const Sb__Charter **out)
{
    const sb_doc *answer = NULL;
    uint8_t hash[32];
    sb_err err = sb_session_ask(cli, &answer, "charter-bytes", NULL);
    if (err != SB_OK)
        return err;
    const char *hex = sb_doc_str(answer, "hex");
    size_t len = strlen(hex) / 2;
    uint8_t *bytes = sb_arena_alloc(&cli->arena, len + 1);
    bool is_it = len > 0 && sb_unhex(sb_slice_str(hex), bytes, len);
    if (is_it)
        sb_hash(sb_slice_of(bytes, len), hash);
    if (!is_it || memcmp(hash, sha256, 32) != 0)
        return sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "charter-bytes", NULL);
    return sb_charter_decode(sb_slice_of(bytes, len), &cli->arena, out, &cli->fail);
}

sb_err sb_charter_in_force(sb_cli *cli, const Sb__Charter **out)
{
    sb_session *s = NULL;
    const sb_doc *answer = NULL;
    uint8_t sha256[32];
    sb_err err = sb_session_open(cli, &s);
    if (err == SB_OK)
        err = sb_session_ask(cli, &answer, "charter", NULL);
    if (err == SB_OK)
        err = sb_doc_hex32(answer, "sha256", sha256, &cli->fail);
    if (err != SB_OK)
        return err;
    if (memcmp(sha256, s->federation.charter_sha256, 32) != 0)
        return later_version(cli, sha256, out);
    *out = s->federation.charter;
    return SB_OK;
}
