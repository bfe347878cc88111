/* Command lines as data: noun–verb commands with positionals and options, the parser and --help
 * from one table (DESIGN §9: parsing apart from work and from exit).
 *
 *     samband key new FILE --role member [--passphrase-file FILE]
 *
 * Options may stand anywhere after the program's name, as --name value or --name=value; after
 * "--" everything is positional. Common to all commands: --help, --version, --json, --lang nb|en.
 * LANG and LC_* decide nothing; the language is bokmål unless --lang or SAMBAND_LANG says en.
 */
#ifndef SB_HOST_ARGS_H
#define SB_HOST_ARGS_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/text/text.h"

enum { SB_ARGS_POSITIONS_MAX = 6 };

typedef struct sb_arg_option {
    const char *name;  /* without "--" */
    const char *value; /* name of its value in help, upper-case; NULL: a flag */
    const char *nb, *en;
    bool is_required;
    bool may_repeat;
} sb_arg_option;

typedef struct sb_arg_position {
    const char *name; /* upper-case, as help shows it */
    bool is_optional;
    bool may_repeat; /* the last one only */
} sb_arg_position;

typedef struct sb_args sb_args;

typedef struct sb_command {
    const char *noun;                 /* NULL: the program's only command (daemons) */
    const char *verb;                 /* NULL: the noun stands alone (samband rehearse SCRIPT) */
    const char *nb, *en;              /* one line */
    const sb_arg_position *positions; /* ended by an entry without name; NULL: none */
    const sb_arg_option *options;     /* ended by an entry without name; NULL: none */
    int (*run)(void *ctx, const sb_args *args); /* exit code; called by the program, not by us */
    const char *noun_nb, *verb_nb; /* what refusals call them in Norwegian; NULL: as they are */
} sb_command;

typedef struct sb_program {
    const char *name;             /* as typed: "samband" */
    const char *nb, *en;          /* what it is for */
    const sb_command *commands;   /* ended by an entry without nb */
    const sb_arg_option *options; /* taken by every command besides the common four; or NULL */
} sb_program;

struct sb_args {
    const sb_program *program;
    const sb_command *command; /* NULL when only help or version was asked for */
    const char *noun;          /* as typed, to narrow the help; or NULL */
    sb_lang lang;
    bool wants_help, wants_version, wants_json;
    uint32_t position_count;
    const char *const *positions;
    uint32_t given_count; /* options given, in order */
    const struct sb_arg_given {
        const sb_arg_option *option;
        const char *value; /* NULL for flags */
    } * given;
};

/* Parse argv (borrowed; tables in the arena). With --help or --version nothing else is required.
 * args->lang is set as far as known also when it fails, so that the message is in the right
 * language. Errors: SB_E_ARG_* (exit code 2), each saying what to write instead. */
sb_err sb_args_parse(const sb_program *program, int argc, char **argv, sb_arena *arena,
                     sb_args *args, sb_fail *fail);
/* The help of the command, of the noun's commands, or of the program. */
void sb_args_help(const sb_args *args, sb_buf *out);

bool sb_args_flag(const sb_args *args, const char *option);
/* The value; NULL when not given. */
const char *sb_args_value(const sb_args *args, const char *option);
const char *sb_args_value_or(const sb_args *args, const char *option, const char *otherwise);
/* The n-th value (from 0) of an option that may repeat; NULL after the last. */
const char *sb_args_nth(const sb_args *args, const char *option, uint32_t n);
/* A decimal number within [min, max]; `otherwise` when not given. Errors: SB_E_ARG_NUMBER. */
sb_err sb_args_u64(const sb_args *args, const char *option, uint64_t min, uint64_t max,
                   uint64_t otherwise, uint64_t *value, sb_fail *fail);
/* One of the NULL-ended words; `otherwise` when not given. Errors: SB_E_ARG_CHOICE. */
sb_err sb_args_choice(const sb_args *args, const char *option, const char *const *words,
                      uint32_t otherwise, uint32_t *index, sb_fail *fail);
/* The n-th positional; NULL when it was left out. */
const char *sb_args_position(const sb_args *args, uint32_t n);
/* The option must be given here, although it isn't always: SB_E_ARG_OPTION_MISSING with what it is
 * for, as help says it. */
sb_err sb_args_missing(const sb_args *args, const char *option, sb_fail *fail);
/* The name of a value in the language: tables are written with "FIL", "KATALOG"…; what isn't known
 * is the same in English. NULL: NULL. */
const char *sb_args_placeholder(const char *name, sb_lang lang);
/* For the program's own checks: the usage line of the parsed command, in the arena. */
const char *sb_args_usage(const sb_args *args, sb_arena *arena);

#endif
