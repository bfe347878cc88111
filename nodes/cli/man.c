/* samband(1), in roff, from the table of verbs: `samband help man`. English, as manual pages are
 * looked for; each verb's Norwegian name stands beside it. */
#include <stdio.h>

#include "nodes/cli/inside.h"

/* Text as roff takes it: no leading dot or quote, backslashes and hyphens as themselves. */
static void add_text(sb_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            sb_buf_str(out, "\\e");
        else if (*text == '-')
            sb_buf_str(out, "\\-");
        else
            sb_buf_add(out, sb_slice_of(text, 1));
    }
}

static void add_options(sb_buf *out, const sb_arg_option *options)
{
    for (const sb_arg_option *o = options; o != NULL && o->name != NULL; o++) {
        sb_buf_str(out, ".TP\n\\fB\\-\\-");
        add_text(out, o->name);
        sb_buf_str(out, "\\fR");
        if (o->value != NULL) {
            sb_buf_str(out, " \\fI");
            add_text(out, o->value);
            sb_buf_str(out, "\\fR");
        }
        sb_buf_str(out, "\n");
        add_text(out, o->en);
        sb_buf_str(out, o->is_required ? " (required)\n" : "\n");
    }
}

static void add_verb(sb_buf *out, const sb_verb *v, const sb_command *c)
{
    sb_buf_str(out, ".SS samband ");
    add_text(out, v->noun);
    if (v->verb != NULL) {
        sb_buf_str(out, " ");
        add_text(out, v->verb);
    }
    for (const sb_arg_position *p = c->positions; p != NULL && p->name != NULL; p++)
        sb_buf_printf(out, p->is_optional ? " [%s]" : " %s", p->name);
    sb_buf_str(out, "\n");
    add_text(out, v->help_en);
    if (v->verb != NULL)
        sb_buf_printf(out, ".\nNorsk: \\fB%s %s\\fR.\n", v->noun_nb, v->verb_nb);
    else
        sb_buf_str(out, ".\n");
    add_options(out, c->options);
}

void sb_cli_man(sb_buf *out)
{
    sb_arena arena;
    size_t count;
    const sb_verb *verbs = sb_cli_verbs(&count);
    sb_arena_init(&arena);
    const sb_program *program = sb_cli_program(SB_LANG_EN, &arena);
    sb_buf_str(out,
               ".\\\" Made by: samband help man\n.TH SAMBAND 1 \"\" \"samband " SB_VERSION "\" "
               "\"Samband\"\n.SH NAME\nsamband \\- ");
    add_text(out, program->en);
    sb_buf_str(out,
               "\n.SH SYNOPSIS\n.B samband\n[\\fIoptions\\fR] \\fInoun verb\\fR ...\n"
               ".SH DESCRIPTION\n"
               "Speaks to one's own organisation's node over a local socket. Before it signs "
               "anything it verifies what\nthe node shows: signatures, the organisations' "
               "confirmations, and that nothing seen before has changed.\n"
               "Cases are named by number (04/22, ssu:04/22) or by the first digits of their "
               "reference; meetings by body\nand date (ssu 2022\\-01\\-20), by body alone (the "
               "open or next one), or by reference. Dates are written\n2022\\-01\\-20 or "
               "20.01.2022.\n.SH OPTIONS\n");
    add_options(out, program->options);
    sb_buf_str(out,
               ".TP\n\\fB\\-\\-lang\\fR nb|en\nlanguage; bokm\\[oa]l unless told\n"
               ".TP\n\\fB\\-\\-json\\fR\nanswer as one JSON value\n"
               ".TP\n\\fB\\-\\-help\\fR, \\fB\\-\\-version\\fR\nhelp on the command; the version\n"
               ".SH COMMANDS\n");
    for (size_t i = 0; i < count; i++)
        add_verb(out, &verbs[i], &program->commands[i]);
    sb_buf_str(
        out, ".SH ENVIRONMENT\nSAMBAND_HOME, SAMBAND_NODE, SAMBAND_KEY, SAMBAND_PASSPHRASE_FILE, "
             "SAMBAND_FEDERATION,\nSAMBAND_LANG: defaults of the options of these names.\n"
             ".SH EXIT STATUS\n0 done; 1 refused or failed; 2 not understood; 3 something does not "
             "verify, nothing was signed;\n4 the node or broker can't be reached, what was "
             "submitted waits in the outbox.\n.SH FILES\n~/.config/samband: member.key, "
             "federation.samband (the federation that is trusted), seen\\-*.yaml (the last\nhead "
             "seen).\n");
    sb_arena_deinit(&arena);
}
