/* The table of verbs, as nodes/host/args wants it, and the Norwegian names. */
#include "nodes/cli/inside.h"

#define SB_VERB(noun, verb, ...) extern const sb_verb_spec sb_spec_##noun##_##verb;
#define SB_NOUN(noun, ...) extern const sb_verb_spec sb_spec_##noun;
#include "nodes/cli/verbs.def"
#undef SB_VERB
#undef SB_NOUN

#define UNWRAP(...) __VA_ARGS__
static const sb_verb VERBS[] = {
#define SB_VERB(noun, verb, noun_nb, verb_nb, help_nb, help_en, done_nb, done_en, types)           \
    {#noun,   #verb,   noun_nb, verb_nb,        help_nb,                                           \
     help_en, done_nb, done_en, {UNWRAP types}, &sb_spec_##noun##_##verb},
#define SB_NOUN(noun, noun_nb, help_nb, help_en)                                                   \
    {#noun, NULL, noun_nb, NULL, help_nb, help_en, "", "", {0}, &sb_spec_##noun},
#include "nodes/cli/verbs.def"
#undef SB_VERB
#undef SB_NOUN
};
enum { VERB_COUNT = sizeof VERBS / sizeof VERBS[0] };

static const sb_arg_option GLOBAL[] = {
    {.name = "home",
     .value = "KATALOG",
     .nb = "hvor samband husker hva du har sett (~/.config/samband)",
     .en = "where samband remembers what you saw (~/.config/samband)"},
    {.name = "node",
     .value = "KATALOG",
     .nb = "nodens katalog eller socket",
     .en = "the node's directory or socket"},
    {.name = "federation",
     .value = "FIL",
     .nb = "føderasjonsfilen du stoler på",
     .en = "the federation file that you trust"},
    {.name = "key",
     .value = "FIL",
     .nb = "nøkkelfilen du signerer med",
     .en = "key file to sign with"},
    {.name = "passphrase-file",
     .value = "FIL",
     .nb = "les passfrasen fra første linje i filen",
     .en = "read the passphrase from the file's first line"},
    {.name = "wait",
     .value = "HVA",
     .nb = "vent på final (bekreftet), receipt (kvittering) eller none; ellers ventes det litt på "
           "bekreftelse",
     .en = "wait for final (confirmed), receipt or none; else it waits a little for confirmation"},
    {.name = "timeout",
     .value = "SEKUNDER",
     .nb = "hvor lenge det ventes på bekreftelse (10; med --wait final 60)",
     .en = "how long to wait for confirmation (10; with --wait final 60)"},
    SB_OPTION_END};

const sb_verb *sb_cli_verbs(size_t *count)
{
    if (count != NULL)
        *count = VERB_COUNT;
    return VERBS;
}

/* ---- the program, in one of the languages ---- */

static const sb_arg_option *options_in(const sb_arg_option *from, sb_lang lang, sb_arena *arena)
{
    size_t count = 0;
    if (from == NULL)
        return NULL;
    while (from[count].name != NULL)
        count++;
    sb_arg_option *out = SB_ARENA_ARRAY(arena, sb_arg_option, count + 1);
    for (size_t i = 0; i < count; i++) {
        out[i] = from[i];
        out[i].value = sb_args_placeholder(from[i].value, lang);
    }
    return out;
}

static const sb_arg_position *positions_in(const sb_arg_position *from, sb_lang lang,
                                           sb_arena *arena)
{
    size_t count = 0;
    if (from == NULL)
        return NULL;
    while (from[count].name != NULL)
        count++;
    sb_arg_position *out = SB_ARENA_ARRAY(arena, sb_arg_position, count + 1);
    for (size_t i = 0; i < count; i++) {
        out[i] = from[i];
        out[i].name = sb_args_placeholder(from[i].name, lang);
    }
    return out;
}

const sb_program *sb_cli_program(sb_lang lang, sb_arena *arena)
{
    sb_command *commands = SB_ARENA_ARRAY(arena, sb_command, VERB_COUNT + 1);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        const sb_verb *v = &VERBS[i];
        const char *alias = v->verb == NULL ? v->help_nb
                                            : sb_arena_printf(arena, "%s (%s %s)", v->help_nb,
                                                              v->noun_nb, v->verb_nb);
        commands[i] = (sb_command){v->noun,
                                   v->verb,
                                   alias,
                                   v->help_en,
                                   positions_in(v->spec->positions, lang, arena),
                                   options_in(v->spec->options, lang, arena),
                                   NULL,
                                   v->noun_nb,
                                   v->verb_nb};
    }
    sb_program *program = SB_ARENA_NEW(arena, sb_program);
    *program = (sb_program){"samband", "ta del i et samband: saker, møter, vedtak og historien",
                            "take part in a federation: cases, meetings, decisions, the history",
                            commands, options_in(GLOBAL, lang, arena)};
    return program;
}

/* ---- Norwegian nouns and verbs ---- */

static bool takes_value(const char *word)
{
    if (strchr(word, '=') != NULL)
        return false;
    if (strcmp(word, "--lang") == 0)
        return true;
    for (const sb_arg_option *o = GLOBAL; o->name != NULL; o++)
        if (strcmp(word + 2, o->name) == 0)
            return true;
    return false;
}

static const char *noun_of(const char *word)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(word, VERBS[i].noun_nb) == 0 || strcmp(word, VERBS[i].noun) == 0)
            return VERBS[i].noun;
    return NULL;
}

static const char *verb_of(const char *noun, const char *word)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(noun, VERBS[i].noun) == 0 && VERBS[i].verb != NULL &&
            strcmp(word, VERBS[i].verb_nb) == 0)
            return VERBS[i].verb;
    return word;
}

char **sb_cli_unalias(int argc, const char *const *argv, sb_arena *arena)
{
    char **out = SB_ARENA_ARRAY(arena, char *, argc + 1);
    for (int i = 0; i < argc; i++)
        out[i] = (char *)(uintptr_t)argv[i];
    const char *noun = NULL;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            if (takes_value(argv[i]))
                i++;
            continue;
        }
        /* The first word is the noun, the second the verb. */
        const char *found = noun == NULL ? noun_of(argv[i]) : verb_of(noun, argv[i]);
        if (found != NULL)
            out[i] = (char *)(uintptr_t)found;
        if (noun != NULL || found == NULL)
            break;
        noun = found;
    }
    return out;
}
