/* samband rehearse: written meetings, played in a federation of real processes (REHEARSE.md). */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/cli/inside.h"
#include "nodes/cli/rehearse_out.h"
#include "nodes/host/clock.h"
#include "nodes/host/file.h"
#include "nodes/host/nfc.h"

enum { TIMEOUT_S = 60 };

static const sb_arg_position POSITIONS[] = {{.name = "SKRIPT", .may_repeat = true}, {.name = NULL}};

static const sb_arg_option OPTIONS[] = {
    {.name = "dir",
     .value = "KATALOG",
     .nb = "hvor føderasjonen lages (ellers en midlertidig katalog)",
     .en = "where the federation is made (else a temporary directory)"},
    {.name = "keep",
     .nb = "la prosessene gå og katalogen stå",
     .en = "leave the processes running and the directory in place"},
    {.name = "join",
     .value = "KATALOG",
     .nb = "spill videre i en øvelse som går (laget med --keep)",
     .en = "play on in a rehearsal that runs (made with --keep)"},
    {.name = "calm",
     .nb = "uten feil: ingenting drepes eller går tapt, det øvrige spilles som det står",
     .en = "without faults: nothing is killed or lost, all else is played as it stands"},
    {.name = "check",
     .nb = "les skriptene og hold dem mot vedtektene; ingenting startes",
     .en = "read the scripts and hold them against the charter; nothing is started"},
    {.name = "summary",
     .value = "FIL",
     .nb = "skriv noder og saker som JSON",
     .en = "write nodes and cases as JSON"},
    {.name = "minutes", .value = "KATALOG", .nb = "skriv referatene", .en = "write the minutes"},
    {.name = "certificates",
     .value = "KATALOG",
     .nb = "skriv vedtaksgrunnlagene",
     .en = "write the certificates"},
    {.name = "bundle",
     .value = "KATALOG",
     .nb = "skriv hele historien, for samband-audit",
     .en = "write the whole history, for samband-audit"},
    {.name = "program",
     .value = "ORGANISASJON=FIL",
     .nb = "bruk et annet program som noden til en organisasjon",
     .en = "use another program as an organisation's node",
     .may_repeat = true},
    SB_OPTION_END};

typedef struct rehearsal {
    sb_cli *cli;
    sb_reh_fed fed;
    sb_reh_play play;
    sb_reh_script *scripts;
    uint32_t count;
    const char *charter; /* real path */
    uint64_t began_ms;
    bool has_fed;
} rehearsal;

/* The lines of a rehearsal are its answer; with --json they go where progress goes. */
static void say(void *arg, const char *line)
{
    rehearsal *r = arg;
    sb_cli_io *io = r->cli->io;
    if (r->cli->args->wants_json || io->talk == NULL) {
        sb_cli_progress(r->cli, "%s", line);
        return;
    }
    sb_buf safe;
    sb_buf_init(&safe);
    sb_nfc_printable(sb_slice_str(line), false, &safe);
    io->talk(io->talk_arg, sb_buf_cstr(&safe));
    sb_buf_deinit(&safe);
}

/* ---- reading ---- */

static sb_err same_charter(rehearsal *r, const sb_reh_script *script)
{
    char real[4096];
    sb_cli *cli = r->cli;
    if (realpath(script->charter, real) == NULL)
        return sb_fail_set(&cli->fail, SB_E_REHEARSE_CHARTER_FILE, script->file,
                           sb_arena_printf(&cli->arena, "%u", script->charter_line),
                           script->charter, NULL);
    if (r->charter == NULL)
        r->charter = sb_arena_str(&cli->arena, sb_slice_str(real));
    return strcmp(r->charter, real) == 0
               ? SB_OK
               : sb_fail_set(&cli->fail, SB_E_REHEARSE_OTHER_CHARTER, script->file, NULL);
}

static sb_err read_scripts(rehearsal *r)
{
    sb_cli *cli = r->cli;
    sb_err err = SB_OK;
    r->scripts = SB_ARENA_ARRAY(&cli->arena, sb_reh_script, cli->args->position_count + 1);
    for (; r->count < cli->args->position_count && err == SB_OK; r->count++) {
        sb_reh_script *script = &r->scripts[r->count];
        err = sb_reh_read(cli->args->positions[r->count], &cli->arena, script, &cli->fail);
        if (err == SB_OK)
            err = same_charter(r, script);
    }
    return err;
}

/* --program ORGANISATION=FILE names an organisation of the charter. */
static sb_err check_programs(sb_cli *cli, const Sb__Charter *charter)
{
    const char *given, *ids = "";
    for (size_t i = 0; i < charter->n_organisations; i++)
        ids = sb_arena_printf(&cli->arena, "%s%s%s", ids, i == 0 ? "" : ", ",
                              charter->organisations[i]->id);
    for (uint32_t n = 0; (given = sb_args_nth(cli->args, "program", n)) != NULL; n++) {
        size_t len = strcspn(given, "=");
        bool known = false;
        for (size_t i = 0; i < charter->n_organisations && given[len] == '='; i++)
            known = known || (strlen(charter->organisations[i]->id) == len &&
                              strncmp(charter->organisations[i]->id, given, len) == 0);
        if (!known)
            return sb_fail_set(&cli->fail, SB_E_REHEARSE_PROGRAM, given, ids, NULL);
    }
    return SB_OK;
}

/* Against the charter, and against each other. */
static sb_err check_scripts(rehearsal *r, sb_reh_names *names, int64_t clock_ms)
{
    sb_cli *cli = r->cli;
    const Sb__Charter *charter = NULL;
    const sb_charter_options options = {.rehearsal = true, .lang = cli->lang};
    sb_err err = sb_charter_read(r->charter, &options, &cli->arena, &charter, NULL, &cli->fail);
    if (err == SB_OK && r->has_fed && r->fed.is_joined)
        err = sb_reh_charter_in_force(&r->play, &cli->arena, &charter, &cli->fail);
    if (err == SB_OK)
        err = check_programs(cli, charter);
    for (uint32_t i = 0; i < r->count && err == SB_OK; i++) {
        err = sb_reh_grow(&r->scripts[i], cli->lang, &cli->arena, &charter, &cli->fail);
        if (err == SB_OK)
            err = sb_reh_check(&r->scripts[i], charter, &clock_ms, &cli->arena, names, &cli->fail);
    }
    if (err == SB_OK && r->has_fed)
        r->fed.charter = charter;
    return err;
}

/* ---- playing ---- */

static sb_err begin(rehearsal *r)
{
    sb_cli *cli = r->cli;
    const char **programs = SB_ARENA_ARRAY(&cli->arena, const char *, cli->args->given_count + 1);
    for (uint32_t n = 0; (programs[n] = sb_args_nth(cli->args, "program", n)) != NULL;)
        n++;
    const sb_reh_fed_options options = {.dir = sb_args_value(cli->args, "dir"),
                                        .join = sb_args_value(cli->args, "join"),
                                        .keep = sb_args_flag(cli->args, "keep"),
                                        .programs = programs,
                                        .lang = cli->lang};
    uint64_t from = sb_clock_monotonic_ms();
    r->has_fed = true;
    sb_err err = sb_reh_fed_begin(&r->fed, &cli->arena, &options, r->charter,
                                  r->scripts[0].start_ms, &cli->fail);
    if (err != SB_OK)
        return err;
    if (r->fed.is_joined) {
        err = sb_reh_names_read(&r->play, &cli->fail);
    } else {
        sb_reh_say(&r->play,
                   sb_cli_either(cli, "%s: %u noder og én megler i %s (%llu ms)",
                                 "%s: %u nodes and one broker in %s (%llu ms)"),
                   r->fed.charter->name, r->fed.count - 1, r->fed.dir,
                   (unsigned long long)(sb_clock_monotonic_ms() - from));
    }
    return err;
}

static sb_err write_all(rehearsal *r)
{
    sb_cli *cli = r->cli;
    sb_reh_play *p = &r->play;
    const char *minutes = sb_args_value(cli->args, "minutes");
    const char *certificates = sb_args_value(cli->args, "certificates");
    const char *bundle = sb_args_value(cli->args, "bundle");
    const char *summary = sb_args_value(cli->args, "summary");
    sb_buf json;
    sb_buf_init(&json);
    sb_err err = sb_reh_summary(p, &json, &cli->fail);
    if (err == SB_OK && minutes != NULL)
        err = sb_reh_write_minutes(p, minutes, &cli->fail);
    if (err == SB_OK && certificates != NULL)
        err = sb_reh_write_certificates(p, certificates, &cli->fail);
    if (err == SB_OK && bundle != NULL)
        err = sb_reh_write_bundle(p, bundle, &cli->fail);
    if (err == SB_OK)
        sb_cli_json_whole(cli, sb_buf_slice(&json));
    sb_buf_str(&json, "\n");
    if (err == SB_OK && summary != NULL)
        err = sb_file_write(summary, sb_buf_slice(&json), SB_FILE_MODE, &cli->fail);
    sb_buf_deinit(&json);
    return err;
}

/* A node that stopped, and no step expected it. */
static sb_err check_stopped(rehearsal *r)
{
    for (uint32_t i = 1; i < r->fed.count; i++) {
        const sb_reh_process *node = &r->fed.processes[i];
        if (node->stand == SB_REH_STOPPED && !node->may_stop)
            return sb_fail_set(&r->cli->fail, SB_E_REHEARSE_NODE_STATE, node->name,
                               node->why != NULL ? node->why : "", NULL);
    }
    return SB_OK;
}

/* The scripts' names and the processes stay: say where, how to go on, and how to end. */
static const char *kept_words(rehearsal *r)
{
    return sb_arena_printf(
        &r->cli->arena,
        sb_cli_either(r->cli,
                      "Prosessene går videre. Spill videre med --join %s; stans dem med "
                      "kill $(cut -d' ' -f2 %s/running). (øvelse)",
                      "The processes go on. Play on with --join %s; stop them with "
                      "kill $(cut -d' ' -f2 %s/running). (rehearsal)"),
        r->fed.dir, r->fed.dir);
}

static void tell_end(rehearsal *r)
{
    sb_cli *cli = r->cli;
    sb_reh_say_nodes(&r->play);
    sb_cli_say(
        cli,
        sb_cli_either(
            cli, "Øvelsen er ferdig: %u steg på %llu,%03llu s, det lengste %llu ms (linje %u).",
            "The rehearsal is done: %u steps in %llu.%03llu s, the longest %llu ms (line %u)."),
        r->play.steps, (unsigned long long)((sb_clock_monotonic_ms() - r->began_ms) / 1000),
        (unsigned long long)((sb_clock_monotonic_ms() - r->began_ms) % 1000),
        (unsigned long long)r->play.slowest_ms, r->play.slowest_line);
    if (r->fed.keep)
        sb_cli_say(cli, "%s", kept_words(r));
}

/* It failed: what it leaves is named, so that it can be looked at, joined or stopped. */
static void tell_failed(rehearsal *r)
{
    sb_fail ignored;
    bool runs = false;
    if (r->fed.dir == NULL)
        return;
    for (uint32_t i = 0; i < r->fed.count; i++)
        runs = runs || sb_reh_is_running(&r->fed.processes[i]);
    if (r->fed.processes != NULL && (runs || !r->fed.is_joined))
        (void)sb_reh_names_write(&r->play, &ignored);
    sb_cli_progress(r->cli,
                    sb_cli_either(r->cli, "Loggene fra prosessene ligger i %s. (øvelse)",
                                  "The processes' logs are in %s. (rehearsal)"),
                    r->fed.dir);
    if (runs && r->fed.keep)
        sb_cli_progress(r->cli, "%s", kept_words(r));
}

static sb_err play_all(rehearsal *r)
{
    sb_cli *cli = r->cli;
    sb_reh_play *p = &r->play;
    sb_err err = begin(r);
    if (err == SB_OK)
        err = check_scripts(r, &p->names, r->fed.is_joined ? r->fed.clock_ms : 0);
    for (uint32_t i = 0; i < r->count && err == SB_OK; i++)
        err = sb_reh_play_script(p, &r->scripts[i], &cli->fail);
    if (err == SB_OK)
        err = sb_reh_names_write(p, &cli->fail);
    if (err == SB_OK)
        err = write_all(r);
    if (err == SB_OK)
        err = check_stopped(r);
    if (err == SB_OK)
        tell_end(r);
    return err;
}

static sb_err rehearse(sb_cli *cli)
{
    rehearsal *r = SB_ARENA_NEW(&cli->arena, rehearsal);
    uint64_t timeout_s = TIMEOUT_S;
    r->cli = cli;
    r->began_ms = sb_clock_monotonic_ms();
    r->play = (sb_reh_play){.fed = &r->fed, .say = say, .say_arg = r};
    r->fed.lang = cli->lang;
    sb_reh_names names = {0};
    sb_err err = sb_args_u64(cli->args, "timeout", 1, 86400, TIMEOUT_S, &timeout_s, &cli->fail);
    r->play.timeout_s = (uint32_t)timeout_s;
    r->play.is_calm = sb_args_flag(cli->args, "calm");
    if (err == SB_OK)
        err = read_scripts(r);
    if (err == SB_OK && sb_args_value(cli->args, "join") == NULL)
        err = check_scripts(r, &names, 0);
    if (err != SB_OK)
        return err;
    if (sb_args_flag(cli->args, "check")) {
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "Skriptene kan spilles. (øvelse)",
                                 "The scripts can be played. (rehearsal)"));
        return SB_OK;
    }
    sb_arena_init(&r->play.scratch);
    err = play_all(r);
    if (err != SB_OK)
        tell_failed(r);
    if (r->has_fed)
        sb_reh_fed_end(&r->fed, err == SB_OK);
    sb_arena_deinit(&r->play.scratch);
    return err;
}

const sb_verb_spec sb_spec_rehearse = {POSITIONS, OPTIONS, rehearse};
