#include "nodes/cli/rules_pick.h"

#include "nodes/cli/rules_words.h"

#include <strings.h>

static const sb_rule *parsed(sb_cli *cli, const Sb__Rule *given)
{
    if (given == NULL || given->text[0] == '\0')
        return NULL;
    sb_rule *rule = SB_ARENA_NEW(&cli->arena, sb_rule);
    return sb_rule_parse(&cli->arena, sb_slice_str(given->text), rule, NULL) == SB_OK ? rule : NULL;
}

sb_err sb_rules_pick(sb_cli *cli, const char *path, const char *body, sb_picked_rules *out)
{
    const Sb__Charter *charter = NULL;
    const Sb__Body *found = NULL;
    const sb_charter_options options = {.lang = cli->lang};
    sb_err err = sb_charter_read(path, &options, &cli->arena, &charter, NULL, &cli->fail);
    if (err != SB_OK)
        return err;
    if (body == NULL && charter->n_bodies != 1)
        return sb_args_missing(cli->args, "body", &cli->fail);
    const char *ids = "";
    for (size_t i = 0; i < charter->n_bodies; i++) {
        const char *id = charter->bodies[i]->id;
        if (body == NULL || strcmp(id, body) == 0 ||
            strcasecmp(charter->bodies[i]->short_name, body) == 0)
            found = charter->bodies[i];
        ids = sb_arena_printf(&cli->arena, "%s%s%s", ids, i > 0 ? ", " : "", id);
    }
    if (found == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_BODY, body, ids, NULL);
    sb_rule_shape *shape = SB_ARENA_NEW(&cli->arena, sb_rule_shape);
    sb_words_shape(cli, charter, found, shape);
    *out = (sb_picked_rules){.quorum = parsed(cli, found->quorum),
                             .pass = parsed(cli, found->pass),
                             .names = shape,
                             .body = found->id};
    return SB_OK;
}
