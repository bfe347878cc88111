/* One pass over the command line: what an option may be depends on the command found so far. */
#include "nodes/host/args.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/host/args_internal.h"

const sb_arg_option SB_ARGS_COMMON[] = {
    {.name = "help", .nb = "vis denne hjelpen", .en = "show this help"},
    {.name = "version", .nb = "vis programmets versjon", .en = "show the program's version"},
    {.name = "json", .nb = "svar som JSON", .en = "answer as JSON"},
    {.name = "lang", .value = "nb|en", .nb = "språk: bokmål eller engelsk", .en = "language"},
    {0}};

typedef struct parser {
    const sb_program *program;
    sb_arena *arena;
    sb_args *args;
    sb_fail *fail;
    const char **positions;
    struct sb_arg_given *given;
    int argc, at;
    char **argv;
} parser;

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The option among `options` whose name is the `len` bytes at `name`. */
static const sb_arg_option *find_in(const sb_arg_option *options, const char *name, size_t len)
{
    for (; options != NULL && options->name != NULL; options++)
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0)
            return options;
    return NULL;
}

static const sb_arg_option *find_option(const parser *p, const char *name, size_t len)
{
    const sb_arg_option *found = find_in(SB_ARGS_COMMON, name, len);
    if (found == NULL)
        found = find_in(p->program->options, name, len);
    if (found == NULL && p->args->command != NULL)
        found = find_in(p->args->command->options, name, len);
    return found;
}

/* ---- commands ---- */

static const char *word_of(const parser *p, const char *word, const char *word_nb)
{
    return p->args->lang == SB_LANG_NB && word != NULL && word_nb != NULL ? word_nb : word;
}

/* A noun as the reader calls it. */
static const char *noun_words(const parser *p, const char *noun)
{
    for (const sb_command *c = p->program->commands; c->nb != NULL; c++)
        if (same(c->noun, noun))
            return word_of(p, noun, c->noun_nb);
    return noun;
}

/* The nouns, or the verbs of `noun`, each once. */
static const char *choices(const parser *p, const char *noun)
{
    char list[SB_FAIL_ARG_BYTES] = "";
    const char *last = NULL;
    for (const sb_command *c = p->program->commands; c->nb != NULL; c++) {
        const char *word = noun == NULL          ? word_of(p, c->noun, c->noun_nb)
                           : same(c->noun, noun) ? word_of(p, c->verb, c->verb_nb)
                                                 : NULL;
        if (word == NULL || same(word, last))
            continue;
        size_t at = strlen(list);
        if (at + strlen(word) + sizeof ", , …" > sizeof list) { /* whole words, and room for "…" */
            (void)snprintf(list + at, sizeof list - at, ", …");
            break;
        }
        (void)snprintf(list + at, sizeof list - at, "%s%s", at == 0 ? "" : ", ", word);
        last = word;
    }
    return sb_arena_str(p->arena, sb_slice_str(list));
}

static const sb_command *find_command(const parser *p, const char *noun, const char *verb)
{
    for (const sb_command *c = p->program->commands; c->nb != NULL; c++)
        if (same(c->noun, noun) && (verb == NULL ? c->verb == NULL : same(c->verb, verb)))
            return c;
    return NULL;
}

static bool has_verbs(const parser *p, const char *noun)
{
    for (const sb_command *c = p->program->commands; c->nb != NULL; c++)
        if (same(c->noun, noun) && c->verb != NULL)
            return true;
    return false;
}

static bool is_noun(const parser *p, const char *word)
{
    return has_verbs(p, word) || find_command(p, word, NULL) != NULL;
}

/* A word that isn't an option: noun, verb or positional. *taken: it named the command. */
static sb_err take_command_word(parser *p, const char *word, bool *taken)
{
    sb_args *a = p->args;
    *taken = true;
    if (a->command == NULL && a->noun == NULL) {
        if (!is_noun(p, word))
            return sb_fail_set(p->fail, SB_E_ARG_COMMAND, word, choices(p, NULL), NULL);
        a->noun = word;
        if (!has_verbs(p, word))
            a->command = find_command(p, word, NULL);
        return SB_OK;
    }
    if (a->command == NULL) {
        a->command = find_command(p, a->noun, word);
        if (a->command != NULL)
            return SB_OK;
        a->command = find_command(p, a->noun, NULL); /* a noun that also stands alone */
        if (a->command == NULL)
            return sb_fail_set(p->fail, SB_E_ARG_COMMAND,
                               sb_arena_printf(p->arena, "%s %s", noun_words(p, a->noun), word),
                               choices(p, a->noun), NULL);
    }
    *taken = false;
    return SB_OK;
}

static sb_err take_position(parser *p, const char *word)
{
    const sb_arg_position *spec = p->args->command->positions;
    uint32_t count = 0;
    while (spec != NULL && spec[count].name != NULL)
        count++;
    bool repeats = count > 0 && spec[count - 1].may_repeat;
    uint32_t limit = repeats ? SB_ARGS_MAX : count;
    if (p->args->position_count >= limit)
        return sb_fail_set(p->fail, SB_E_ARG_POSITION_EXTRA, word, sb_args_usage(p->args, p->arena),
                           NULL);
    p->positions[p->args->position_count++] = word;
    return SB_OK;
}

static sb_err take_word(parser *p, const char *word)
{
    bool taken;
    sb_err err = take_command_word(p, word, &taken);
    return err != SB_OK || taken ? err : take_position(p, word);
}

/* ---- options ---- */

static sb_err unknown_option(const parser *p, const char *word)
{
    const sb_args *a = p->args;
    const char *command = sb_arena_printf(
        p->arena, "%s%s%s%s%s", p->program->name, a->noun != NULL ? " " : "",
        a->noun != NULL ? a->noun : "", a->command != NULL && a->command->verb != NULL ? " " : "",
        a->command != NULL && a->command->verb != NULL ? a->command->verb : "");
    return sb_fail_set(p->fail, SB_E_ARG_OPTION, word, command, NULL);
}

static bool is_given(const sb_args *a, const sb_arg_option *option)
{
    for (uint32_t i = 0; i < a->given_count; i++)
        if (a->given[i].option == option)
            return true;
    return false;
}

static sb_err set_common(parser *p, const sb_arg_option *option, const char *value)
{
    if (same(option->name, "json"))
        p->args->wants_json = true;
    if (same(option->name, "version"))
        p->args->wants_version = true;
    if (same(option->name, "lang") && !sb_lang_parse(value, &p->args->lang))
        return sb_fail_set(p->fail, SB_E_ARG_CHOICE, "lang", value, "nb, en", NULL);
    return SB_OK;
}

/* argv[at] begins with "-"; its value may be the next word. */
static sb_err take_option(parser *p)
{
    const char *word = p->argv[p->at];
    if (strncmp(word, "--", 2) != 0)
        return unknown_option(p, word);
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const sb_arg_option *option = find_option(p, name, len);
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (option == NULL)
        return unknown_option(p, word);
    if (option->value == NULL && value != NULL)
        return sb_fail_set(p->fail, SB_E_ARG_VALUE_UNWANTED, option->name, NULL);
    if (option->value != NULL && value == NULL) {
        if (p->at + 1 < p->argc && strncmp(p->argv[p->at + 1], "--", 2) != 0)
            value = p->argv[++p->at];
        if (value == NULL)
            return sb_fail_set(p->fail, SB_E_ARG_VALUE_MISSING, option->name,
                               sb_args_placeholder(option->value, p->args->lang), NULL);
    }
    if (find_in(SB_ARGS_COMMON, name, len) != NULL)
        return set_common(p, option, value);
    if (!option->may_repeat && is_given(p->args, option))
        return sb_fail_set(p->fail, SB_E_ARG_REPEATED, option->name, NULL);
    p->given[p->args->given_count++] = (struct sb_arg_given){option, value};
    return SB_OK;
}

/* ---- the whole ---- */

/* Help and language come first, so that a faulty line still gets them. */
static void look_ahead(parser *p)
{
    const char *env = getenv("SAMBAND_LANG");
    if (env != NULL)
        (void)sb_lang_parse(env, &p->args->lang);
    for (int i = 1; i < p->argc && !same(p->argv[i], "--"); i++) {
        if (same(p->argv[i], "--help") || same(p->argv[i], "-h"))
            p->args->wants_help = true;
        else if (same(p->argv[i], "--lang") && i + 1 < p->argc)
            (void)sb_lang_parse(p->argv[i + 1], &p->args->lang);
        else if (strncmp(p->argv[i], "--lang=", 7) == 0)
            (void)sb_lang_parse(p->argv[i] + 7, &p->args->lang);
    }
}

/* With --help only the command matters: whatever else is wrong, help is the answer. */
static void parse_for_help(parser *p)
{
    sb_fail ignored, *keep = p->fail;
    bool taken;
    p->fail = &ignored;
    for (int i = 1; i < p->argc && p->args->command == NULL; i++) {
        if (same(p->argv[i], "--lang"))
            i++;
        else if (p->argv[i][0] != '-' && take_command_word(p, p->argv[i], &taken) != SB_OK)
            break;
    }
    p->fail = keep;
}

static sb_err check_complete(parser *p)
{
    const sb_args *a = p->args;
    const sb_command *c = a->command;
    if (c == NULL && a->noun == NULL)
        return sb_fail_set(p->fail, SB_E_ARG_COMMAND_MISSING, choices(p, NULL), NULL);
    if (c == NULL)
        return sb_fail_set(
            p->fail, SB_E_ARG_COMMAND_MISSING,
            sb_arena_printf(p->arena, "%s %s", noun_words(p, a->noun), choices(p, a->noun)), NULL);
    for (uint32_t i = 0; c->positions != NULL && c->positions[i].name != NULL; i++)
        if (i >= a->position_count && !c->positions[i].is_optional)
            return sb_fail_set(p->fail, SB_E_ARG_POSITION_MISSING,
                               sb_args_placeholder(c->positions[i].name, a->lang),
                               sb_args_usage(a, p->arena), NULL);
    const sb_arg_option *lists[] = {p->program->options, c->options};
    for (int l = 0; l < 2; l++)
        for (const sb_arg_option *o = lists[l]; o != NULL && o->name != NULL; o++)
            if (o->is_required && !is_given(a, o))
                return sb_args_missing(a, o->name, p->fail);
    return SB_OK;
}

static sb_err parse_words(parser *p)
{
    bool only_words = false;
    sb_err err = SB_OK;
    for (p->at = 1; p->at < p->argc && err == SB_OK; p->at++) {
        const char *word = p->argv[p->at];
        if (only_words || word[0] != '-' || same(word, "-"))
            err = take_word(p, word);
        else if (same(word, "--"))
            only_words = true;
        else
            err = take_option(p);
    }
    return err;
}

sb_err sb_args_parse(const sb_program *program, int argc, char **argv, sb_arena *arena,
                     sb_args *args, sb_fail *fail)
{
    *args = (sb_args){.program = program, .lang = SB_LANG_NB};
    parser p = {.program = program, .arena = arena, .args = args, .fail = fail};
    p.argc = argc < SB_ARGS_MAX ? argc : SB_ARGS_MAX;
    p.argv = argv;
    p.positions = SB_ARENA_ARRAY(arena, const char *, SB_ARGS_MAX);
    p.given = SB_ARENA_ARRAY(arena, struct sb_arg_given, SB_ARGS_MAX);
    args->positions = p.positions;
    args->given = p.given;
    if (program->commands[0].noun == NULL)
        args->command = &program->commands[0];
    look_ahead(&p);
    if (args->wants_help) {
        parse_for_help(&p);
        return SB_OK;
    }
    if (argc > SB_ARGS_MAX)
        return sb_fail_set(fail, SB_E_ARG_POSITION_EXTRA, argv[SB_ARGS_MAX], program->name, NULL);
    sb_err err = parse_words(&p);
    if (err == SB_OK && !args->wants_version)
        err = check_complete(&p);
    return err;
}
