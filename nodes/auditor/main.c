/* samband-audit BUNDLE: is this history whole and true, and what was decided in it?
 *
 * Needs no node, no network and no database, only the files of a bundle (samband export bundle).
 * In order: the federation file; every entry's form and signature (a pool); the fold, which works
 * out every decision anew; the tree and its tiles; the checkpoint's signatures and their quorum;
 * what is final; attachments. The first thing that is wrong is named, and the exit code is 3.
 */
#include <stdio.h>
#include <unistd.h>

#include "nodes/auditor/report.h"
#include "nodes/host/args.h"
#include "nodes/host/nfc.h"
#include "nodes/host/term.h"
#include "proto/base/hash.h"
#include "proto/sign/lines.h"

#define NAME "samband-audit"

static const sb_arg_position positions[] = {{.name = "PAKKE"}, {.name = NULL}};
static const sb_arg_option options[] = {
    {.name = "head",
     .value = "STØRRELSE:ROT",
     .nb = "kontroller at historien har dette hodet (står i referatet)",
     .en = "check that the history contains this head (it stands in the minutes)"},
    {.name = "digest",
     .value = "STØRRELSE:SJEKKSUM",
     .nb = "kontroller at historien gir denne sjekksummen (står i referatet)",
     .en = "check that the history gives this checksum (stated in the minutes)"},
    {.name = "compare",
     .value = "FIL",
     .nb = "hold sammendraget fra en øvelse (summary.json) opp mot pakken",
     .en = "hold a rehearsal's summary.json against the bundle"},
    {.name = "threads",
     .value = "ANTALL",
     .nb = "tråder som kontrollerer signaturer (ellers én per prosessor)",
     .en = "threads that verify signatures (else one per processor)"},
    {.name = NULL}};
static const sb_command commands[] = {
    {.nb = "kontroller en revisjonspakke: signaturer, tre, bekreftelser og hvert vedtak",
     .en = "verify a bundle: signatures, tree, cosignatures and every decision",
     .positions = positions,
     .options = options},
    {.nb = NULL}};
static const sb_program program = {
    .name = NAME,
    .nb = "Kontrollerer historien til et fellesskap fra filer alene.",
    .en = "Verifies the history of a federation from files alone.",
    .commands = commands,
};

static sb_err read_wanted(const sb_args *args, const char *option, sb_audit_wanted *out,
                          sb_fail *fail)
{
    const char *text = sb_args_value(args, option);
    if (text == NULL)
        return SB_OK;
    size_t digits = strcspn(text, ":");
    out->is_given = true;
    if (!sb_decimal_parse(sb_slice_of(text, digits), INT64_MAX, &out->size) ||
        text[digits] != ':' || !sb_unhex(sb_slice_str(text + digits + 1), out->hash, 32))
        return sb_fail_set(fail, SB_E_AUDIT_HEAD_ARGUMENT, text, NULL);
    return SB_OK;
}

static void show_progress(void *arg, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)fprintf(stderr, "\r%llu / %llu", (unsigned long long)done, (unsigned long long)total);
    (void)fflush(stderr);
}

static void print(const sb_buf *text)
{
    sb_buf safe;
    sb_buf_init(&safe);
    sb_nfc_printable(sb_buf_slice(text), true, &safe);
    (void)fwrite(safe.data, 1, safe.len, stdout);
    sb_buf_deinit(&safe);
}

/* Exit code. */
static int audit(const sb_args *args, const sb_audit_opts *opts)
{
    static sb_audit a;
    sb_fail fail = {0};
    sb_buf out;
    const char *summary = sb_args_value(args, "compare");
    sb_err err = sb_audit_run(opts, &a, &fail);
    if (opts->progress != NULL)
        (void)fputs("\r\033[K", stderr);
    if (err == SB_OK && summary != NULL)
        err = sb_audit_compare(&a, summary, &fail);
    int code = err == SB_OK ? SB_EXIT_OK : sb_err_exit(err);
    sb_buf_init(&out);
    if (args->wants_json)
        sb_audit_json(&a, &fail, &out);
    else
        sb_audit_text(&a, opts, &fail, args->lang, &out);
    if (args->wants_json)
        (void)fwrite(out.data, 1, out.len, stdout);
    else if (code == SB_EXIT_OK || code == SB_EXIT_VERIFY)
        print(&out);
    if (code != SB_EXIT_OK && code != SB_EXIT_VERIFY)
        code = sb_term_fail(NAME, args->lang, &fail);
    sb_buf_deinit(&out);
    sb_audit_deinit(&a);
    if (fflush(stdout) != 0)
        return SB_EXIT_ERROR;
    return code;
}

int main(int argc, char **argv)
{
    sb_arena arena;
    sb_args args;
    sb_fail fail = {0};
    sb_audit_opts opts = {.dir = NULL};
    uint64_t threads = 0;
    int code = SB_EXIT_OK;
    sb_arena_init(&arena);
    sb_err err = sb_args_parse(&program, argc, argv, &arena, &args, &fail);
    if (err == SB_OK && (args.wants_help || args.wants_version)) {
        sb_buf text;
        sb_buf_init(&text);
        if (args.wants_help)
            sb_args_help(&args, &text);
        else
            sb_buf_str(&text, NAME " " SB_VERSION "\n");
        print(&text);
        sb_buf_deinit(&text);
        goto out;
    }
    if (err == SB_OK)
        err = read_wanted(&args, "head", &opts.head, &fail);
    if (err == SB_OK)
        err = read_wanted(&args, "digest", &opts.digest, &fail);
    if (err == SB_OK)
        err = sb_args_u64(&args, "threads", 1, 64, 0, &threads, &fail);
    if (err != SB_OK) {
        code = sb_term_fail(NAME, args.lang, &fail);
        goto out;
    }
    opts.dir = sb_args_position(&args, 0);
    opts.threads = (unsigned)threads;
    opts.progress = isatty(2) && !args.wants_json ? show_progress : NULL;
    code = audit(&args, &opts);
out:
    sb_arena_deinit(&arena);
    return code;
}
