#include "nodes/cli/daemon.h"

#include <errno.h>
#include <unistd.h>

#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "proto/ledger/ledger.h"

const sb_arg_option SB_DAEMON_RUN_OPTIONS[] = {{.name = "clock-file",
                                                .value = "FIL",
                                                .nb = "klokken i en øvelse",
                                                .en = "the clock of a rehearsal"},
                                               {.name = "log-level",
                                                .value = "NIVÅ",
                                                .nb = "error, warn, info eller debug",
                                                .en = "error, warn, info or debug"},
                                               SB_OPTION_END};

static bool begins_with_one_of(const char *name, const char *const *names, size_t count)
{
    bool does = false;
    for (size_t i = 0; i < count; i++)
        does = does || strncmp(name, names[i], strlen(names[i])) == 0;
    return does;
}

/* An init was killed here: the configuration, which is written last, is missing, and nothing else
 * lies here than what init makes. */
static bool is_unfinished(sb_cli *cli, const char *dir)
{
    static const char *const ours[] = {"run",     "store",      "witness.key", "curve.key",
                                       "log.key", "node.yaml.", "broker.yaml."};
    const char *const *names = NULL;
    size_t count = 0;
    sb_fail ignored = {0};
    if (sb_dir_list(dir, &cli->arena, &names, &count, &ignored) != SB_OK)
        return false;
    bool is = sb_dir_is_empty(sb_path_join(&cli->arena, dir, "store"));
    for (size_t i = 0; i < count; i++)
        is = is && begins_with_one_of(names[i], ours, sizeof ours / sizeof ours[0]);
    return is;
}

sb_err sb_daemon_make_dirs(sb_cli *cli, const char *dir, const char *keys, bool *goes_on)
{
    *goes_on = !sb_dir_is_empty(dir);
    if (*goes_on && !is_unfinished(cli, dir))
        return sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, dir, NULL);
    sb_err err = sb_dir_make(dir, 0700, &cli->fail);
    if (err == SB_OK)
        err = sb_dir_make(sb_path_join(&cli->arena, dir, "run"), 0750, &cli->fail);
    if (err == SB_OK)
        err = sb_dir_make(sb_path_join(&cli->arena, dir, "store"), 0700, &cli->fail);
    if (err == SB_OK)
        err = sb_dir_make(keys, 0700, &cli->fail);
    return err;
}

sb_err sb_daemon_new_key(sb_cli *cli, const char *path, sb_key_role role,
                         const sb_passphrase_source *source, const sb_kdf_cost *cost, bool goes_on,
                         uint8_t pk[32])
{
    sb_keyfile_info info;
    if (!goes_on || !sb_file_exists(path))
        return sb_keystore_new(path, role, source, cost, pk, &cli->fail);
    sb_err err = sb_keystore_info(path, &info, &cli->fail);
    if (err == SB_OK && info.role != role)
        err = sb_fail_set(&cli->fail, SB_E_FILE_EXISTS, path, NULL);
    if (err == SB_OK)
        memcpy(pk, info.public_key, 32);
    return err;
}

sb_err sb_daemon_write_card(sb_cli *cli, const char *path, sb_slice text, bool goes_on)
{
    return goes_on ? sb_file_write(path, text, SB_FILE_MODE, &cli->fail)
                   : sb_file_write_new(path, text, SB_FILE_MODE, &cli->fail);
}

sb_err sb_daemon_check_endpoint(sb_cli *cli, const char *option, const char *endpoint)
{
    if (endpoint[0] == '\0' || sb_endpoint_valid(endpoint))
        return SB_OK;
    return sb_fail_set(&cli->fail, SB_E_ARG_CHOICE, option, endpoint, "tcp://…:7117", NULL);
}

sb_err sb_daemon_read_federation(sb_cli *cli, sb_federation *out)
{
    if (cli->federation == NULL)
        return sb_args_missing(cli->args, "federation", &cli->fail);
    sb_err err = sb_federation_read(cli->federation, &cli->arena, out, &cli->fail);
    if (err == SB_OK && out->genesis->engine != SB_ENGINE) /* the daemon couldn't begin with it */
        err = sb_fail_num(&cli->fail, SB_E_LEDGER_ENGINE, 2, out->genesis->engine, SB_ENGINE);
    return err;
}

sb_err sb_daemon_copy_federation(sb_cli *cli, const char *path)
{
    sb_buf from, to;
    sb_buf_init(&from);
    sb_buf_init(&to);
    sb_err err = sb_file_read(cli->federation, SB_FEDERATION_BYTES_MAX, &from, &cli->fail);
    bool exists = sb_file_exists(path);
    if (err == SB_OK && exists)
        err = sb_file_read(path, SB_FEDERATION_BYTES_MAX, &to, &cli->fail);
    if (err == SB_OK && exists && !sb_slice_eq(sb_buf_slice(&from), sb_buf_slice(&to)))
        err = sb_fail_set(&cli->fail, SB_E_FILE_EXISTS, path, NULL);
    if (err == SB_OK && !exists)
        err = sb_file_write_new(path, sb_buf_slice(&from), SB_FILE_MODE, &cli->fail);
    sb_buf_deinit(&from);
    sb_buf_deinit(&to);
    return err;
}

sb_err sb_daemon_check_key(sb_cli *cli, const char *key_file, const uint8_t pk[32])
{
    sb_keyfile_info info;
    sb_err err = sb_keystore_info(key_file, &info, &cli->fail);
    if (err == SB_OK && memcmp(info.public_key, pk, 32) != 0)
        err = sb_fail_set(&cli->fail, SB_E_CLI_CARD_DIFFERS, key_file, NULL);
    return err;
}

void sb_daemon_done(sb_cli *cli, const char *dir)
{
    sb_cli_say(cli, "%s", sb_cli_either(cli, cli->verb->done_nb, cli->verb->done_en));
    sb_json_key(&cli->json, "directory");
    sb_json_cstr(&cli->json, dir);
}

/* Where this program lies. */
static sb_err beside(sb_cli *cli, const char *program, const char **path)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return sb_fail_set(&cli->fail, SB_E_CLI_PROGRAM, program, strerror(errno), NULL);
    self[n] = '\0';
    *path = sb_path_join(&cli->arena, sb_path_dir(&cli->arena, self), program);
    return SB_OK;
}

sb_err sb_daemon_exec(sb_cli *cli, const char *program)
{
    const char *path = NULL;
    sb_err err = beside(cli, program, &path);
    if (err != SB_OK)
        return err;
    const sb_args *a = cli->args;
    const sb_arg_option *options = cli->verb->spec->options;
    char **argv = SB_ARENA_ARRAY(&cli->arena, char *, 3 + 2 * a->given_count);
    size_t n = 0;
    argv[n++] = (char *)(uintptr_t)program;
    argv[n++] = (char *)(uintptr_t)sb_args_position(a, 0);
    for (uint32_t i = 0; i < a->given_count; i++)
        for (const sb_arg_option *o = options; o != NULL && o->name != NULL; o++)
            if (strcmp(a->given[i].option->name, o->name) == 0) {
                argv[n++] = sb_arena_printf(&cli->arena, "--%s", o->name);
                if (a->given[i].value != NULL)
                    argv[n++] = (char *)(uintptr_t)a->given[i].value;
            }
    argv[n] = NULL;
    (void)execv(path, argv);
    return sb_fail_set(&cli->fail, SB_E_CLI_PROGRAM, path, strerror(errno), NULL);
}

sb_err sb_daemon_exec_verb(sb_cli *cli, const char *program, const char *verb)
{
    const char *path = NULL;
    sb_err err = beside(cli, program, &path);
    if (err != SB_OK)
        return err;
    const char *argv[8] = {program, verb, sb_args_position(cli->args, 0), "--lang",
                           cli->lang == SB_LANG_EN ? "en" : "nb"};
    if (cli->args->wants_json)
        argv[5] = "--json";
    (void)execv(path, (char *const *)(uintptr_t)argv);
    return sb_fail_set(&cli->fail, SB_E_CLI_PROGRAM, path, strerror(errno), NULL);
}
