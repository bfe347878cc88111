#include "nodes/cli/rules_in_force.h"

#include "nodes/host/federation_file.h"
#include "nodes/host/file.h"

sb_err sb_rules_founding(sb_cli *cli, const Sb__Charter **out)
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

sb_err sb_rules_in_force(sb_cli *cli, const Sb__Charter **out)
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
        return sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "charter", NULL);
    *out = s->federation.charter;
    return SB_OK;
}
