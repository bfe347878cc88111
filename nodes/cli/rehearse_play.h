/* Playing a script in a federation: each step by the verbs of samband, then until it is final.
 *
 *     step ──rehearse_acts.c──> acts: who signs, and the words after "samband"
 *          ──rehearse_play.c──> run, waited for, told in one line; or refused as written
 *          ──rehearse_expect.c─ asked of every running node and compared
 */
#ifndef SB_CLI_REHEARSE_PLAY_H
#define SB_CLI_REHEARSE_PLAY_H

#include "nodes/cli/rehearse_fed.h"

enum { SB_REH_WORDS_MAX = 500 };

/* One line of talk; the caller prints it at once. */
typedef void sb_reh_say_fn(void *arg, const char *line);

typedef struct sb_reh_play {
    sb_reh_fed *fed;
    sb_reh_names names;
    sb_reh_script *script; /* the one being played */
    uint32_t timeout_s;
    sb_reh_say_fn *say;
    void *say_arg;
    uint32_t steps;      /* played, all scripts */
    uint64_t slowest_ms; /* of one step */
    uint32_t slowest_line;
    bool questions_opened; /* in the meeting that is open */
    bool is_calm;          /* nothing is killed or lost */
    sb_arena scratch;      /* of one step; the caller makes it and frees it */
} sb_reh_play;

/* One verb to be run for a step. */
typedef struct sb_reh_act {
    sb_reh_person person;
    const char **words; /* NULL-ended */
    char *gives;        /* char[65] of a name: gets the entry's id; or NULL */
    struct sb_reh_act *next;
} sb_reh_act;

/* The acts of a step that is signed, in order; `about` is what the line says they are about.
 * Errors: SB_E_REHEARSE_NO_KEY, those of queries and of making keys. */
sb_err sb_reh_acts(sb_reh_play *p, const sb_reh_step *step, sb_reh_act **acts, const char **about,
                   sb_fail *fail);
/* "Som ventet: mars: beslutningsdyktig, kommune 3/4": what an expectation held. */
void sb_reh_say_held(sb_reh_play *p, const sb_reh_step *step);
/* Hold an expectation against every running node.
 * Errors: SB_E_REHEARSE_EXPECTED {file, line, expected, got and where}, _UNREACHED when no
 * node runs; those of queries. */
sb_err sb_reh_expect(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail);
/* Play a checked script. Errors: SB_E_REHEARSE_*, and what a step failed with. */
sb_err sb_reh_play_script(sb_reh_play *p, sb_reh_script *script, sb_fail *fail);

/* The charter in force at a running node; as it was when none runs. For a federation that is joined:
 * its bodies may be others than the file's. */
sb_err sb_reh_charter_in_force(sb_reh_play *p, sb_arena *arena, const Sb__Charter **charter,
                               sb_fail *fail);
/* The charter with what the script's decisions add to it: what steps may name. In the arena.
 * Errors: those of reading charters and bodies. */
sb_err sb_reh_grow(const sb_reh_script *script, sb_lang lang, sb_arena *arena,
                   const Sb__Charter **charter, sb_fail *fail);

/* "[øvelse] 20.01.2022 kl. 12.00  …": one line with the clock. */
void sb_reh_say(sb_reh_play *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The one of the rehearsal's language. */
__attribute__((format_arg(2), format_arg(3))) static inline const char *
sb_reh_either(const sb_reh_play *p, const char *nb, const char *en)
{
    return p->fed->lang == SB_LANG_EN ? en : nb;
}
/* The name that a step's field refers to. */
sb_reh_name *sb_reh_named(const sb_reh_play *p, sb_reh_name_kind kind, const sb_reh_step *step,
                          sb_reh_field field);
/* The first node that runs and has not stopped; NULL: none. */
sb_reh_process *sb_reh_any_node(sb_reh_fed *fed);

/* Present and needed of each partner of a meeting, and what became of a case's question: lines. */
void sb_reh_say_presence(sb_reh_play *p, const sb_reh_name *meeting);
void sb_reh_say_outcome(sb_reh_play *p, const sb_reh_name *of_case);

/* ---- answers of queries ---- */

bool sb_reh_doc_none(const sb_doc *node); /* absent or null */

#endif
