/* samband minutes write: the minutes of a meeting as Markdown and HTML (nodes/papers), and beside
 * them the document that the participants were sent. */
#include "nodes/cli/inside.h"
#include "nodes/cli/minutes_model.h"
#include "nodes/host/file.h"
#include "nodes/papers/minutes.h"
#include "proto/base/limits.h"

enum { SALT_BYTES = 32 };

static const sb_arg_position POSITIONS[] = {
    {.name = "MØTE"}, {.name = "DATO", .is_optional = true}, {.name = NULL}};
static const sb_arg_option OPTIONS[] = {{.name = "out",
                                         .value = "KATALOG",
                                         .nb = "hvor filene legges (ellers her)",
                                         .en = "where the files go (else here)"},
                                        SB_OPTION_END};

/* What the model asks for while it is being made. The first real failure (the node went away) is
 * kept; a blob that isn't held is none. */
typedef struct fetcher {
    sb_cli *cli;
    sb_err err;
} fetcher;

static const sb_doc *fetch_certificate(void *arg, const char *question_id)
{
    fetcher *f = arg;
    const sb_doc *answer = NULL;
    if (f->err != SB_OK)
        return NULL;
    f->err = sb_session_ask(f->cli, &answer, "certificate", question_id, NULL);
    return f->err == SB_OK ? sb_doc_get(answer, "certificate") : NULL;
}

static const sb_doc *fetch_actions(void *arg, const char *case_id)
{
    fetcher *f = arg;
    const sb_doc *answer = NULL;
    if (f->err == SB_OK)
        f->err = sb_session_ask(f->cli, &answer, "actions", case_id, NULL);
    return answer;
}

static bool fetch_blob(void *arg, const char *sha256, sb_slice *content)
{
    fetcher *f = arg;
    bool is_held = false;
    sb_buf bytes;
    sb_buf_init(&bytes);
    if (f->err == SB_OK) {
        sb_err err = sb_blob_fetch(f->cli, sha256, &bytes);
        is_held = err == SB_OK && bytes.len >= SALT_BYTES;
        if (err != SB_OK && err != SB_E_CLI_BLOB_MISSING)
            f->err = err;
        else if (err != SB_OK)
            f->cli->fail = (sb_fail){0};
    }
    if (is_held) {
        size_t len = bytes.len - SALT_BYTES;
        *content = sb_arena_copy(
            &f->cli->arena,
            sb_slice_of(bytes.data + SALT_BYTES,
                        len < SB_PAPER_TEXT_BYTES_MAX ? len : SB_PAPER_TEXT_BYTES_MAX));
    }
    sb_buf_deinit(&bytes);
    return is_held;
}

static sb_err write_file(sb_cli *cli, const char *dir, const char *name, const char *ending,
                         const sb_buf *bytes)
{
    const char *path =
        sb_path_join(&cli->arena, dir, sb_arena_printf(&cli->arena, "%s.%s", name, ending));
    sb_err err = sb_file_write(path, sb_buf_slice(bytes), SB_FILE_MODE, &cli->fail);
    if (err != SB_OK)
        return err;
    sb_json_cstr(&cli->json, path);
    sb_cli_say(cli, "%s", path);
    return SB_OK;
}

static sb_err write_one(sb_cli *cli, const sb_minutes_model *m, const char *dir, const char *name,
                        const char *ending,
                        void (*layout)(const sb_minutes_model *, sb_lang, sb_buf *))
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    layout(m, cli->lang, &bytes);
    sb_err err = write_file(cli, dir, name, ending, &bytes);
    sb_buf_deinit(&bytes);
    return err;
}

/* "referat-ssu-2022-01-20-sendt.pdf"; one that isn't held here is said, and no error. */
static sb_err write_sent(sb_cli *cli, const sb_doc *meeting, const char *dir, const char *name)
{
    const sb_doc *document = sb_minutes_sent(meeting);
    if (document == NULL)
        return SB_OK;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_minutes_sent_fetch(cli, document, &bytes);
    if (err == SB_OK) {
        const char *own =
            sb_arena_printf(&cli->arena, "%s-%s", name, sb_cli_either(cli, "sendt", "sent"));
        err = write_file(cli, dir, own, sb_minutes_sent_ending(sb_buf_slice(&bytes)), &bytes);
    } else if (err == SB_E_CLI_BLOB_MISSING) {
        cli->fail = (sb_fail){0};
        err = SB_OK;
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "Dokumentet som ble sendt ut, er ikke lagret her.",
                                 "The document that was sent is not held here."));
    }
    sb_buf_deinit(&bytes);
    return err;
}

/* "referat-ssu-2022-01-20", "protokoll-pm-2022-04-07"; the words come from the charter and may hold
 * anything. */
static const char *file_name(sb_cli *cli, const sb_doc *meeting)
{
    const char *kind = sb_doc_str(sb_doc_get(meeting, "minutes"), "name");
    if (kind[0] == '\0' || cli->lang != SB_LANG_NB)
        kind = sb_cli_either(cli, "referat", "minutes");
    char *name = sb_arena_printf(&cli->arena, "%s-%s-%s", kind, sb_doc_str(meeting, "body"),
                                 sb_doc_str(meeting, "date"));
    for (char *c = name; *c != '\0'; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *c) == NULL)
            *c = '_';
    return name;
}

sb_err sb_minutes_ask(sb_cli *cli, const sb_doc *meeting, sb_minutes_model *model)
{
    const sb_doc *charter = NULL, *status = NULL;
    fetcher f = {.cli = cli, .err = SB_OK};
    sb_err err = sb_session_ask(cli, &charter, "charter", NULL);
    if (err == SB_OK)
        err = sb_session_ask(cli, &status, "status", NULL);
    if (err != SB_OK)
        return err;
    const sb_minutes_source source = {.meeting = meeting,
                                      .charter = charter,
                                      .status = status,
                                      .certificate = fetch_certificate,
                                      .actions = fetch_actions,
                                      .blob = fetch_blob,
                                      .arg = &f};
    err = sb_minutes_model_of(&source, cli->lang, &cli->arena, model, &cli->fail);
    return err == SB_OK ? f.err : err;
}

sb_err sb_minutes_ask_presence(sb_cli *cli, const sb_doc *meeting, sb_minutes_model *model)
{
    fetcher f = {.cli = cli, .err = SB_OK};
    const sb_minutes_source source = {.meeting = meeting, .blob = fetch_blob, .arg = &f};
    sb_err err = sb_minutes_presence_of(&source, cli->lang, &cli->arena, model, &cli->fail);
    return err == SB_OK ? f.err : err;
}

static sb_err minutes_write(sb_cli *cli)
{
    const char *dir = sb_args_value_or(cli->args, "out", ".");
    const sb_doc *meeting = NULL;
    uint8_t id[32];
    sb_minutes_model model;
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK)
        err = sb_minutes_ask(cli, meeting, &model);
    if (err == SB_OK)
        err = sb_dir_make(dir, 0755, &cli->fail);
    if (err != SB_OK)
        return err;
    const char *name = file_name(cli, meeting);
    sb_json_key(&cli->json, "files");
    sb_json_array(&cli->json);
    err = write_one(cli, &model, dir, name, "md", sb_minutes_markdown);
    if (err == SB_OK)
        err = write_one(cli, &model, dir, name, "html", sb_minutes_html);
    if (err == SB_OK)
        err = write_sent(cli, meeting, dir, name);
    sb_json_end_array(&cli->json);
    return err;
}

const sb_verb_spec sb_spec_minutes_write = {POSITIONS, OPTIONS, minutes_write};
