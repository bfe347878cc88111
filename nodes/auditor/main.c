/* samband-audit BUNDLE: is this history whole and true, and what was decided in it?
 * samband-audit evidence FILE: does the file convict anybody, and of what?
 * samband-audit decision FILE: is this decision final, by the log and witnesses of a policy?
 *
 * Needs no node, no network and no database, only files. Of a bundle (samband export bundle), in
 * order: the federation file; every entry's form and signature (a pool of threads); the fold, which
 * works out every decision anew, with the tree and its tiles and the sealed heads along the way; the
 * checkpoint's signatures, policy and quorum; what is final; attachments; that nothing else is there.
 * The first thing that is wrong is named, and the exit code is 3.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nodes/auditor/commands.h"
#include "nodes/auditor/report.h"
#include "nodes/host/file.h"
#include "nodes/host/nfc.h"
#include "nodes/host/term.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/sign/lines.h"

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
    {.name = "from",
     .value = "FIL",
     .nb = "filen checkpoint fra en pakke som ble kontrollert før: vis at dette er samme historie, "
           "og "
           "hva som er nytt (alt regnes ut på nytt likevel)",
     .en =
         "the file checkpoint of a bundle audited before: show that this is the same history, and "
         "what is new (everything is worked out anew all the same)"},
    {.name = "decision",
     .value = "SAK",
     .nb = "vis også avgjørelsen i denne saken (NN/ÅÅ, ORGAN:NN/ÅÅ): hva, av hvem, etter hvilke "
           "regler",
     .en = "also show the decision in this case (NN/YY, BODY:NN/YY): what, by whom, under which "
           "rules"},
    {.name = "compare",
     .value = "FIL",
     .nb = "hold sammendraget fra en øvelse (summary.json) opp mot pakken",
     .en = "hold a rehearsal's summary.json against the bundle"},
    {.name = "threads",
     .value = "ANTALL",
     .nb = "tråder som kontrollerer signaturer (ellers én per prosessor)",
     .en = "threads that verify signatures (else one per processor)"},
    {.name = NULL}};
static const sb_arg_position file_position[] = {{.name = "FIL"}, {.name = NULL}};
static const sb_arg_option evidence_options[] = {
    {.name = "policy",
     .value = "FIL",
     .nb = "policyen du stoler på (C2SP tlog-policy): hvem loggen og vitnene er",
     .en = "the policy you trust (C2SP tlog-policy): who the log and the witnesses are"},
    {.name = "bundle",
     .value = "KATALOG",
     .nb = "en revisjonspakke med de første oppføringene, når filen ikke har dem",
     .en = "a bundle with the first entries, when the file doesn't have them"},
    {.name = NULL}};
static const sb_arg_option decision_options[] = {
    {.name = "policy",
     .value = "FIL",
     .nb = "policyen du stoler på (C2SP tlog-policy): loggen, vitnene og hvor mange som kreves",
     .en = "the policy you trust (C2SP tlog-policy): log, witnesses and how many are needed",
     .is_required = true},
    {.name = NULL}};
/* The first word chooses; a bundle in a folder of such a name is ./evidence. */
static const sb_command verbs[] = {
    {.noun = "evidence",
     .nb = "bedøm en bevisfil: hvem den feller, og for hva",
     .en = "judge an evidence file: who is convicted, and of what",
     .positions = file_position,
     .options = evidence_options},
    {.noun = "decision",
     .nb = "kontroller beviset for én avgjørelse (samband decision export)",
     .en = "verify the proof of one decision (samband decision export)",
     .positions = file_position,
     .options = decision_options},
    {.nb = NULL}};
static const sb_command commands[] = {
    {.nb = "kontroller en revisjonspakke: signaturer, tre, bekreftelser og hvert vedtak "
           "(samband-audit evidence FIL og samband-audit decision FIL: andre filer)",
     .en = "verify a bundle: signatures, tree, cosignatures and every decision "
           "(samband-audit evidence FILE and samband-audit decision FILE: other files)",
     .positions = positions,
     .options = options},
    {.nb = NULL}};
static const sb_program program = {
    .name = SB_AUDIT_NAME,
    .nb = "Kontrollerer historien til et fellesskap fra filer alene.",
    .en = "Verifies the history of a federation from files alone.",
    .commands = commands,
};
static const sb_program verb_program = {
    .name = SB_AUDIT_NAME,
    .nb = "Kontrollerer filer om historien til et fellesskap.",
    .en = "Verifies files about the history of a federation.",
    .commands = verbs,
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

void sb_audit_progress(void *arg, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)fprintf(stderr, "\r%llu / %llu", (unsigned long long)done, (unsigned long long)total);
    (void)fflush(stderr);
}

void sb_audit_print(const sb_args *args, const sb_buf *text)
{
    sb_buf safe;
    sb_buf_init(&safe);
    if (args->wants_json)
        sb_buf_add(&safe, sb_buf_slice(text));
    else
        sb_nfc_printable(sb_buf_slice(text), true, &safe);
    (void)fwrite(safe.data, 1, safe.len, stdout);
    sb_buf_deinit(&safe);
}

/* ---- a bundle ---- */

/* The report; code: the exit code. */
static int report(const sb_args *args, const sb_audit_opts *opts, sb_audit *a,
                  const sb_audit_decision *decision, const sb_fail *fail)
{
    sb_buf out, one;
    int code = fail->code == SB_OK ? SB_EXIT_OK : sb_err_exit(fail->code);
    sb_buf_init(&out);
    sb_buf_init(&one);
    if (decision != NULL && args->wants_json)
        sb_audit_decision_json(decision, &one);
    if (args->wants_json)
        sb_audit_json(a, fail, sb_buf_slice(&one), &out);
    else
        sb_audit_text(a, opts, decision, fail, args->lang, &out);
    if (args->wants_json || code == SB_EXIT_OK || code == SB_EXIT_VERIFY)
        sb_audit_print(args, &out);
    if (code != SB_EXIT_OK && code != SB_EXIT_VERIFY)
        code = sb_term_fail(SB_AUDIT_NAME, args->lang, fail);
    sb_buf_deinit(&one);
    sb_buf_deinit(&out);
    return code;
}

static int audit(const sb_args *args, const sb_audit_opts *opts)
{
    static sb_audit a;
    sb_fail fail = {0};
    sb_audit_decision decision;
    const char *summary = sb_args_value(args, "compare"), *ref = sb_args_value(args, "decision");
    sb_err err = sb_audit_run(opts, &a, &fail);
    if (opts->progress != NULL)
        (void)fputs("\r\033[K", stderr);
    if (err == SB_OK && summary != NULL)
        err = sb_audit_compare(&a, summary, &fail);
    if (err == SB_OK && ref != NULL)
        err = sb_audit_decision_find(&a, ref, args->lang, &decision, &fail);
    int code = report(args, opts, &a, err == SB_OK && ref != NULL ? &decision : NULL, &fail);
    sb_audit_deinit(&a);
    return code;
}

static int audit_bundle(const sb_args *args)
{
    sb_fail fail = {0};
    sb_buf from;
    uint64_t threads = 0;
    const char *before = sb_args_value(args, "from");
    sb_audit_opts opts = {.dir = sb_args_position(args, 0),
                          .keeps_certificates = sb_args_value(args, "decision") != NULL};
    sb_buf_init(&from);
    sb_err err = read_wanted(args, "head", &opts.head, &fail);
    if (err == SB_OK)
        err = read_wanted(args, "digest", &opts.digest, &fail);
    if (err == SB_OK)
        err = sb_args_u64(args, "threads", 1, 64, 0, &threads, &fail);
    if (err == SB_OK && before != NULL)
        err = sb_file_read(before, SB_NOTE_BYTES_MAX, &from, &fail);
    opts.threads = (unsigned)threads;
    if (before != NULL) /* an empty file is no checkpoint, and no "none" */
        opts.from = from.len > 0 ? sb_buf_slice(&from) : sb_slice_str("");
    opts.progress = isatty(2) && !args->wants_json ? sb_audit_progress : NULL;
    int code = err == SB_OK ? audit(args, &opts) : sb_term_fail(SB_AUDIT_NAME, args->lang, &fail);
    sb_buf_deinit(&from);
    return code;
}

/* ---- any of them ---- */

/* The first word that is no option. */
static bool begins_with_verb(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--lang") == 0)
            i++;
        else if (argv[i][0] != '-')
            return strcmp(argv[i], "evidence") == 0 || strcmp(argv[i], "decision") == 0;
    }
    return false;
}

static int run(const sb_args *args)
{
    if (args->noun == NULL)
        return audit_bundle(args);
    if (strcmp(args->noun, "evidence") == 0)
        return sb_audit_evidence(args);
    return sb_audit_decision_proof(args);
}

int main(int argc, char **argv)
{
    sb_arena arena;
    sb_args args;
    sb_fail fail = {0};
    int code = SB_EXIT_OK;
    sb_arena_init(&arena);
    sb_err err = sb_args_parse(begins_with_verb(argc, argv) ? &verb_program : &program, argc, argv,
                               &arena, &args, &fail);
    if (err == SB_OK && (args.wants_help || args.wants_version)) {
        sb_buf text;
        sb_buf_init(&text);
        if (args.wants_help)
            sb_args_help(&args, &text);
        else
            sb_buf_str(&text, SB_AUDIT_NAME " " SB_VERSION "\n");
        args.wants_json = false;
        sb_audit_print(&args, &text);
        sb_buf_deinit(&text);
    } else if (err == SB_OK) {
        code = run(&args);
    } else {
        code = sb_term_fail(SB_AUDIT_NAME, args.lang, &fail);
    }
    if (fflush(stdout) != 0)
        code = SB_EXIT_ERROR;
    sb_arena_deinit(&arena);
    return code;
}
