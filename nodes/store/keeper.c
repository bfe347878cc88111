#include "nodes/store/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nodes/host/args.h"
#include "nodes/host/config.h"
#include "nodes/host/daemon.h"
#include "nodes/host/federation_file.h"
#include "nodes/host/file.h"
#include "nodes/host/nfc.h"
#include "proto/sign/sign.h"

static const sb_arg_position POSITIONS[] = {{.name = "KATALOG"}, {.name = NULL}};

static int no_run(void *ctx, const sb_args *args)
{
    (void)ctx, (void)args;
    return 0;
}

static const sb_command COMMANDS[] = {
    {.noun = "check",
     .noun_nb = "kontroller",
     .nb = "er lageret helt? Alt leses og regnes ut på nytt",
     .en = "is the store whole? All of it is read and worked out anew",
     .positions = POSITIONS,
     .run = no_run},
    {.noun = "repair",
     .noun_nb = "reparer",
     .nb = "gjør et skadet lager helt igjen, så langt det går her; tjenesten må være stanset",
     .en = "make a damaged store whole again, as far as it can be here; with the service stopped",
     .positions = POSITIONS,
     .run = no_run},
    {0}};

static const char *word_for(const char *word)
{
    for (const sb_command *c = COMMANDS; c->nb != NULL; c++)
        if (strcmp(word, c->noun) == 0 || strcmp(word, c->noun_nb) == 0)
            return c->noun;
    return NULL;
}

bool sb_keeper_wants(int argc, char **argv)
{
    return argc > 1 && word_for(argv[1]) != NULL;
}

/* ---- progress on a terminal ---- */

static sb_lang progress_lang;
static bool progress_shown;

static void clear_progress(void)
{
    if (progress_shown)
        fprintf(stderr, "\r\033[K");
    progress_shown = false;
}

static void show_progress(sb_check_part part, uint64_t done, uint64_t total)
{
    const char *reads = progress_lang == SB_LANG_EN ? "reading" : "leser";
    const char *name = sb_check_part_name(part, progress_lang);
    if (total > 0)
        fprintf(stderr, "\r\033[K%s %s: %llu / %llu", reads, name, (unsigned long long)done,
                (unsigned long long)total);
    else
        fprintf(stderr, "\r\033[K%s %s", reads, name);
    progress_shown = true;
}

/* ---- the two verbs ---- */

typedef struct task {
    const sb_keeper *keeper;
    const char *dir;
    sb_args args;
    sb_keeper_place place;
    sb_federation federation;
    sb_arena arena;
    sb_fail fail;
    sb_buf out;
} task;

/* A daemon's directory; else a backup's, or a store's itself. */
static sb_err find_store(task *t)
{
    const char *inside = sb_path_join(&t->arena, t->dir, "store");
    const char *file = sb_path_join(&t->arena, t->dir, SB_FEDERATION_FILE);
    sb_fail fail = {0};
    sb_err err = t->keeper->where(t->dir, &t->arena, &t->place, &fail);
    if (err == SB_E_FILE_MISSING && sb_file_exists(sb_path_join(&t->arena, t->dir, "data.mdb")))
        t->place = (sb_keeper_place){.store = t->dir};
    else if (err == SB_E_FILE_MISSING && sb_file_exists(inside))
        t->place = (sb_keeper_place){.store = inside, .federation = file};
    else if (err != SB_OK)
        t->fail = fail;
    return t->place.store != NULL ? SB_OK : err;
}

static sb_err prepare(task *t, sb_check_opts *opts)
{
    sb_err err = sb_sign_init(&t->fail);
    if (err == SB_OK)
        err = find_store(t);
    if (err != SB_OK)
        return err;
    *opts = (sb_check_opts){.dir = t->place.store,
                            .kind = t->keeper->kind,
                            .own = t->keeper->check_own,
                            .context = (void *)(uintptr_t)t->place.organisation,
                            .missing_table = t->keeper->missing_table};
    progress_lang = t->args.lang;
    if (isatty(STDERR_FILENO))
        opts->progress = show_progress;
    if (t->place.federation == NULL || !sb_file_exists(t->place.federation))
        return SB_OK;
    err = sb_federation_read(t->place.federation, &t->arena, &t->federation, &t->fail);
    if (err == SB_OK)
        opts->federation_id = t->federation.federation_id;
    return err;
}

static int check(task *t)
{
    sb_check_opts opts;
    sb_check_report report;
    sb_err err = prepare(t, &opts);
    if (err != SB_OK)
        return sb_err_exit(err);
    sb_check_run(&opts, &report);
    clear_progress();
    if (report.finished)
        sb_check_tell(&report, t->dir, t->args.lang, t->args.wants_json, &t->out);
    else
        t->fail = report.broke;
    int code = sb_check_exit(&report);
    sb_check_report_deinit(&report);
    return code;
}

static void tell_repaired(task *t, const sb_repair_result *r)
{
    bool en = t->args.lang == SB_LANG_EN;
    uint64_t lost = r->before.leaves > r->before.good ? r->before.leaves - r->before.good : 0;
    bool is_new = (r->before.cures >> SB_CURE_STORE & 1) != 0;
    if (t->args.wants_json) {
        sb_check_tell(&r->after, t->dir, t->args.lang, true, &t->out);
        return;
    }
    if (r->was_sound) {
        sb_buf_str(&t->out, en ? "The store is whole: there is nothing to repair.\n"
                               : "Lageret er helt: Det er ingenting å reparere.\n");
        return;
    }
    sb_buf_str(&t->out, en ? "The store is repaired and was checked again.\n"
                           : "Lageret er reparert og kontrollert på nytt.\n");
    if (is_new)
        sb_buf_str(&t->out,
                   en ? "  It begins anew: the history is fetched when the service starts.\n"
                      : "  Det begynner forfra: Historien hentes når tjenesten starter.\n");
    else
        sb_buf_printf(&t->out,
                      en ? "  kept: %llu entries and %llu attachments\n"
                         : "  beholdt: %llu oppføringer og %llu vedlegg\n",
                      (unsigned long long)r->after.leaves, (unsigned long long)r->after.blobs);
    if (lost > 0 && !is_new)
        sb_buf_printf(
            &t->out,
            en ? "  to be fetched when the service starts: %llu entries from no. %llu on\n"
               : "  hentes når tjenesten starter: %llu oppføringer fra og med nr. %llu\n",
            (unsigned long long)lost, (unsigned long long)r->before.good);
    if (r->after.awaited > 0)
        sb_buf_printf(&t->out,
                      en ? "  to be fetched when the service starts: %llu attachments\n"
                         : "  hentes når tjenesten starter: %llu vedlegg\n",
                      (unsigned long long)r->after.awaited);
    if (is_new || (r->before.cures >> SB_CURE_RECORD & 1) != 0)
        sb_buf_str(
            &t->out,
            en ? "  The node confirms nothing before a quorum has confirmed something anew, "
                 "and promises no new\n  broker in this term without consent. Tell the other "
                 "organisations.\n"
               : "  Noden bekrefter ikke før et flertall har bekreftet noe nytt, og lover ingen "
                 "ny megler i denne\n  terminen uten samtykke. Si fra til de andre "
                 "organisasjonene.\n");
    sb_buf_printf(
        &t->out,
        en ? "  The damaged file is kept in %s. Start the service; delete the directory when "
             "all is well.\n"
           : "  Den skadde filen ligger i %s. Start tjenesten; slett mappen når alt er i "
             "orden.\n",
        r->kept);
}

static int repair(task *t)
{
    sb_repair_opts opts = {.own = t->keeper->repair_own};
    sb_repair_result result;
    sb_err err = prepare(t, &opts.check);
    if (err != SB_OK)
        return sb_err_exit(err);
    opts.may_refetch = t->place.may_refetch;
    err = sb_repair_run(&opts, &result, &t->fail);
    clear_progress();
    if (err == SB_OK)
        tell_repaired(t, &result);
    sb_repair_result_deinit(&result);
    return err == SB_OK ? SB_EXIT_OK : sb_err_exit(err);
}

/* What a person typed may stand in what is told. */
static void print(task *t)
{
    sb_buf safe;
    sb_buf_init(&safe);
    sb_nfc_printable(sb_buf_slice(&t->out), true, &safe);
    fputs(sb_buf_cstr(&safe), stdout);
    sb_buf_deinit(&safe);
}

static int run(task *t)
{
    if (t->args.wants_help || t->args.command == NULL) {
        sb_args_help(&t->args, &t->out);
        return SB_EXIT_OK;
    }
    t->dir = sb_args_position(&t->args, 0);
    return strcmp(t->args.command->noun, "check") == 0 ? check(t) : repair(t);
}

int sb_keeper_main(const sb_keeper *keeper, int argc, char **argv)
{
    const sb_program program = {.name = keeper->program,
                                .nb = "er lageret helt?",
                                .en = "is the store whole?",
                                .commands = COMMANDS};
    task t = {.keeper = keeper};
    sb_arena_init(&t.arena);
    sb_buf_init(&t.out);
    char **words = SB_ARENA_ARRAY(&t.arena, char *, argc + 1);
    for (int i = 0; i <= argc; i++)
        words[i] = argv[i];
    words[1] = sb_arena_str(&t.arena, sb_slice_str(word_for(argv[1])));
    int code = SB_EXIT_OK;
    sb_err err = sb_args_parse(&program, argc, words, &t.arena, &t.args, &t.fail);
    if (err == SB_OK)
        code = run(&t);
    if (t.fail.code != SB_OK)
        code = sb_daemon_end(keeper->program, &t.fail, t.args.lang);
    print(&t);
    sb_buf_deinit(&t.out);
    sb_arena_deinit(&t.arena);
    return code;
}
