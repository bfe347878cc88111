/* What was given, asked for by name; and the help, from the same table. */
#include <assert.h>
#include <stdio.h>

#include "nodes/host/args_internal.h"
#include "nodes/host/nfc.h"

enum { LABEL_BYTES = 160, LABEL_COLUMNS_MAX = 34 };

/* ---- what was given ---- */

const char *sb_args_nth(const sb_args *args, const char *option, uint32_t n)
{
    for (uint32_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, option) == 0 && n-- == 0)
            return args->given[i].value;
    return NULL;
}

bool sb_args_flag(const sb_args *args, const char *option)
{
    for (uint32_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, option) == 0)
            return true;
    return false;
}

const char *sb_args_value(const sb_args *args, const char *option)
{
    return sb_args_nth(args, option, 0);
}

const char *sb_args_value_or(const sb_args *args, const char *option, const char *otherwise)
{
    const char *value = sb_args_value(args, option);
    return value != NULL ? value : otherwise;
}

const char *sb_args_position(const sb_args *args, uint32_t n)
{
    return n < args->position_count ? args->positions[n] : NULL;
}

static bool parse_u64(const char *text, uint64_t *value)
{
    uint64_t v = 0;
    if (text[0] == '\0' || strlen(text) > 20)
        return false;
    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (*text < '0' || *text > '9' || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *value = v;
    return true;
}

sb_err sb_args_u64(const sb_args *args, const char *option, uint64_t min, uint64_t max,
                   uint64_t otherwise, uint64_t *value, sb_fail *fail)
{
    const char *text = sb_args_value(args, option);
    char range[64];
    *value = otherwise;
    if (text == NULL || (parse_u64(text, value) && *value >= min && *value <= max))
        return SB_OK;
    (void)snprintf(range, sizeof range, "%llu–%llu", (unsigned long long)min,
                   (unsigned long long)max);
    return sb_fail_set(fail, SB_E_ARG_NUMBER, option, text, range, NULL);
}

sb_err sb_args_choice(const sb_args *args, const char *option, const char *const *words,
                      uint32_t otherwise, uint32_t *index, sb_fail *fail)
{
    const char *text = sb_args_value(args, option);
    char list[SB_FAIL_ARG_BYTES] = "";
    *index = otherwise;
    if (text == NULL)
        return SB_OK;
    for (uint32_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *index = i;
            return SB_OK;
        }
        size_t at = strlen(list);
        (void)snprintf(list + at, sizeof list - at, "%s%s", at == 0 ? "" : ", ", words[i]);
    }
    return sb_fail_set(fail, SB_E_ARG_CHOICE, option, text, list, NULL);
}

sb_err sb_args_missing(const sb_args *args, const char *option, sb_fail *fail)
{
    const sb_arg_option *lists[] = {args->command->options, args->program->options};
    for (int l = 0; l < 2; l++)
        for (const sb_arg_option *o = lists[l]; o != NULL && o->name != NULL; o++)
            if (strcmp(o->name, option) == 0)
                return sb_fail_set(fail, SB_E_ARG_OPTION_MISSING, option,
                                   sb_args_placeholder(o->value, args->lang),
                                   args->lang == SB_LANG_EN ? o->en : o->nb, NULL);
    return sb_fail_set(fail, SB_E_INTERNAL, option, NULL); /* the command has no such option */
}

/* ---- help ---- */

/* Names of values in help. What isn't here is the same in English. */
static const char *const PLACEHOLDERS[][2] = {{"KATALOG", "DIRECTORY"},
                                              {"MAPPE", "DIRECTORY"},
                                              {"FIL", "FILE"},
                                              {"HVA", "WHAT"},
                                              {"SEKUNDER", "SECONDS"},
                                              {"TEKST", "TEXT"},
                                              {"DATO", "DATE"},
                                              {"KILDE", "SOURCE"},
                                              {"NAVN", "NAME"},
                                              {"ORGAN", "BODY"},
                                              {"SLAG", "KIND"},
                                              {"REGEL", "RULE"},
                                              {"SAK", "CASE"},
                                              {"SAKER", "CASES"},
                                              {"MØTE", "MEETING"},
                                              {"KL", "TIME"},
                                              {"PLASS", "SEAT"},
                                              {"PLASSER", "SEATS"},
                                              {"VERV", "OFFICE"},
                                              {"NØKKEL", "KEY"},
                                              {"GAMMEL", "OLD"},
                                              {"TILTAK", "ACTION"},
                                              {"ORGANISASJON", "ORGANISATION"},
                                              {"NY", "NEW"},
                                              {"ROLLE", "ROLE"},
                                              {"GRUNN", "REASON"},
                                              {"ADRESSE", "ADDRESS"},
                                              {"STEMME", "VOTE"},
                                              {"MÅTE", "MODE"},
                                              {"HVEM", "WHO"},
                                              {"HVORDAN", "HOW"},
                                              {"OPPGAVE", "TASK"},
                                              {"NR", "NUMBER"},
                                              {"ANTALL", "COUNT"},
                                              {"NIVÅ", "LEVEL"},
                                              {"SKRIPT", "SCRIPT"},
                                              {"PAKKE", "BUNDLE"},
                                              {"FORHOLD", "RELATION"},
                                              {"SAK2", "CASE2"},
                                              {"NÅR", "MOMENT"},
                                              {"PARTER", "PARTIES"},
                                              {"PART", "PARTY"},
                                              {"SVAR", "ANSWER"},
                                              {"PARAGRAF", "PARAGRAPH"},
                                              {"VILKÅR", "CONDITION"},
                                              {"RUNDE", "ROUND"},
                                              {"TVIST", "DISPUTE"},
                                              {"VEDLEGG", "ATTACHMENT"},
                                              {"VERV=PLASS", "OFFICE=SEAT"},
                                              {"PLASS=STEMME", "SEAT=VOTE"},
                                              {"PLASS=FREMMØTE", "SEAT=ATTENDANCE"},
                                              {"ÅR", "YEAR"},
                                              {"DATOER", "DATES"},
                                              {"STØRRELSE:ROT", "SIZE:ROOT"},
                                              {"STØRRELSE:SJEKKSUM", "SIZE:CHECKSUM"}};

const char *sb_args_placeholder(const char *name, sb_lang lang)
{
    for (size_t i = 0; lang == SB_LANG_EN && i < sizeof PLACEHOLDERS / sizeof PLACEHOLDERS[0]; i++)
        if (name != NULL && strcmp(name, PLACEHOLDERS[i][0]) == 0)
            return PLACEHOLDERS[i][1];
    return name;
}

static void add_command_words(sb_buf *out, const sb_command *c)
{
    if (c->noun != NULL)
        sb_buf_printf(out, " %s", c->noun);
    if (c->verb != NULL)
        sb_buf_printf(out, " %s", c->verb);
}

static void add_positions(sb_buf *out, const sb_command *c, sb_lang lang)
{
    for (const sb_arg_position *p = c->positions; p != NULL && p->name != NULL; p++)
        sb_buf_printf(out, p->is_optional ? " [%s%s]" : " %s%s", sb_args_placeholder(p->name, lang),
                      p->may_repeat ? "…" : "");
}

static void add_usage(sb_buf *out, const sb_program *program, const sb_command *c, sb_lang lang)
{
    sb_buf_str(out, program->name);
    add_command_words(out, c);
    add_positions(out, c, lang);
    const sb_arg_option *lists[] = {program->options, c->options};
    for (int l = 0; l < 2; l++)
        for (const sb_arg_option *o = lists[l]; o != NULL && o->name != NULL; o++)
            if (o->is_required)
                sb_buf_printf(out, " --%s %s", o->name, sb_args_placeholder(o->value, lang));
    sb_buf_str(out, " [--…]");
}

const char *sb_args_usage(const sb_args *args, sb_arena *arena)
{
    assert(args->command != NULL);
    sb_buf line;
    sb_buf_init(&line);
    add_usage(&line, args->program, args->command, args->lang);
    const char *text = sb_arena_str(arena, sb_buf_slice(&line));
    sb_buf_deinit(&line);
    return text;
}

/* "  label      text": a label that is too long gets a line of its own. */
static void add_row(sb_buf *out, const char *label, size_t columns, const char *text)
{
    size_t width = sb_nfc_columns(sb_slice_str(label));
    sb_buf_printf(out, "  %s", label);
    if (width > columns) {
        sb_buf_str(out, "\n  ");
        width = 0;
    }
    for (; width < columns + 2; width++)
        sb_buf_str(out, " ");
    sb_buf_str(out, text);
}

static void option_label(const sb_arg_option *o, sb_lang lang, char label[LABEL_BYTES])
{
    (void)snprintf(label, LABEL_BYTES, "--%s%s%s", o->name, o->value != NULL ? " " : "",
                   o->value != NULL ? sb_args_placeholder(o->value, lang) : "");
}

static void widen(size_t *columns, const char *label)
{
    size_t width = sb_nfc_columns(sb_slice_str(label));
    if (width > *columns && width <= LABEL_COLUMNS_MAX)
        *columns = width;
}

static void add_options(sb_buf *out, const sb_arg_option *options, sb_lang lang, size_t columns)
{
    char label[LABEL_BYTES];
    for (const sb_arg_option *o = options; o != NULL && o->name != NULL; o++) {
        option_label(o, lang, label);
        add_row(out, label, columns, lang == SB_LANG_EN ? o->en : o->nb);
        if (o->is_required)
            sb_buf_printf(out, " (%s)", sb_text(SB_MSG_HOST_REQUIRED, lang));
        if (o->may_repeat)
            sb_buf_printf(out, " (%s)", sb_text(SB_MSG_HOST_MAY_REPEAT, lang));
        sb_buf_str(out, "\n");
    }
}

static void help_of_command(const sb_args *args, sb_buf *out)
{
    const sb_command *c = args->command;
    const sb_arg_option *lists[] = {c->options, args->program->options, SB_ARGS_COMMON};
    char label[LABEL_BYTES];
    size_t columns = 0;
    for (int l = 0; l < 3; l++)
        for (const sb_arg_option *o = lists[l]; o != NULL && o->name != NULL; o++) {
            option_label(o, args->lang, label);
            widen(&columns, label);
        }
    sb_buf_printf(out, "%s ", sb_text(SB_MSG_HOST_USAGE, args->lang));
    add_usage(out, args->program, c, args->lang);
    sb_buf_printf(out, "\n\n%s\n", args->lang == SB_LANG_EN ? c->en : c->nb);
    if (c->options != NULL && c->options[0].name != NULL) {
        sb_buf_printf(out, "\n%s\n", sb_text(SB_MSG_HOST_OPTIONS, args->lang));
        add_options(out, c->options, args->lang, columns);
    }
    sb_buf_printf(out, "\n%s\n", sb_text(SB_MSG_HOST_OPTIONS_COMMON, args->lang));
    add_options(out, args->program->options, args->lang, columns);
    add_options(out, SB_ARGS_COMMON, args->lang, columns);
}

/* noun, verb and positions, without the program's name. */
static const char *command_label(const sb_command *c, sb_lang lang, sb_buf *scratch)
{
    sb_buf_clear(scratch);
    add_command_words(scratch, c);
    add_positions(scratch, c, lang);
    const char *text = sb_buf_cstr(scratch);
    return text[0] == ' ' ? text + 1 : text;
}

static bool is_shown(const sb_args *args, const sb_command *c)
{
    return args->noun == NULL || (c->noun != NULL && strcmp(args->noun, c->noun) == 0);
}

static void help_of_commands(const sb_args *args, sb_buf *out)
{
    const sb_program *program = args->program;
    sb_buf label;
    size_t columns = 0;
    sb_buf_init(&label);
    sb_buf_printf(out, "%s %s %s [--…]\n\n%s\n\n%s\n", sb_text(SB_MSG_HOST_USAGE, args->lang),
                  program->name, sb_text(SB_MSG_HOST_COMMAND, args->lang),
                  args->lang == SB_LANG_EN ? program->en : program->nb,
                  sb_text(SB_MSG_HOST_COMMANDS, args->lang));
    for (const sb_command *c = program->commands; c->nb != NULL; c++)
        if (is_shown(args, c))
            widen(&columns, command_label(c, args->lang, &label));
    for (const sb_command *c = program->commands; c->nb != NULL; c++)
        if (is_shown(args, c)) {
            add_row(out, command_label(c, args->lang, &label), columns,
                    args->lang == SB_LANG_EN ? c->en : c->nb);
            sb_buf_str(out, "\n");
        }
    sb_buf_printf(out, "\n%s\n", sb_text(SB_MSG_HOST_OPTIONS_COMMON, args->lang));
    columns = sb_nfc_columns(sb_slice_str("--lang nb|en"));
    for (const sb_arg_option *o = program->options; o != NULL && o->name != NULL; o++) {
        char words[LABEL_BYTES];
        option_label(o, args->lang, words);
        widen(&columns, words);
    }
    add_options(out, program->options, args->lang, columns);
    add_options(out, SB_ARGS_COMMON, args->lang, columns);
    sb_buf_str(out, "\n");
    sb_text_format(out, args->lang, SB_MSG_HOST_MORE_HELP, program->name, NULL);
    sb_buf_str(out, "\n");
    sb_buf_deinit(&label);
}

void sb_args_help(const sb_args *args, sb_buf *out)
{
    if (args->command != NULL)
        help_of_command(args, out);
    else
        help_of_commands(args, out);
}
