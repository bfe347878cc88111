/* Rehearsal scripts: YAML in domain words, read into steps (REHEARSE.md describes the language,
 * rehearse_steps.def lists it). Reading touches the file and nothing else; every complaint names
 * file, line, what is wrong and what to write.
 *
 *     - open: {case: psht, mode: consensus}
 *       └ a step: its kind, its line, and one value for each field that stands there
 */
#ifndef SB_CLI_REHEARSE_SCRIPT_H
#define SB_CLI_REHEARSE_SCRIPT_H

#include "nodes/host/doc.h"
#include "proto/base/limits.h"
#include "proto/wire/payload.h"

typedef enum sb_reh_kind {
#define SB_REH_STEP(name, word, short_field, required, others, one_of) SB_REH_##name,
#include "nodes/cli/rehearse_steps.def"
    SB_REH_KINDS
} sb_reh_kind;

typedef enum sb_reh_field {
#define SB_REH_FIELD(name, word, type) SB_REH_F_##name,
#include "nodes/cli/rehearse_steps.def"
    SB_REH_FIELDS
} sb_reh_field;

/* What a list's item, a partner's numbers or a place in a body is. */
typedef enum sb_reh_place {
    SB_REH_A_SEAT = 0,
    SB_REH_A_PARTNER, /* every voting seat of the partner */
    SB_REH_A_BODY     /* every seat of the body */
} sb_reh_place;

typedef struct sb_reh_item {
    uint32_t line;
    const char *text;   /* id, name or text; of SHARES and VOTES the partner; TICKET: the office */
    const char *other;  /* TICKET: the seat */
    uint64_t a, b;      /* SHARES: a of b; VOTES: a for, b against; NUMBERS: a; CHOICES: candidate
                           a; POLLS: candidate a, b votes */
    sb_reh_place place; /* PLACES */
    uint32_t role;      /* PLACES: Sb__SeatRole; 0: whoever represents the seat */
} sb_reh_item;

typedef struct sb_reh_value {
    uint32_t line;
    const char *text; /* TEXT, NAME, ID; of words their code */
    /* NUMBER; BOOL; MOMENT: UTC ms; DATE: YYYYMMDD; CLOCK: minute of the day; words: the schema
     * enum's value; DUE: YYYYMMDD, or 0 where `due` says what; ACTOR: the role, 0: any */
    uint64_t number;
    enum { SB_REH_DUE_DATE = 0, SB_REH_DUE_MEETING, SB_REH_DUE_CONTINUOUS, SB_REH_DUE_EVENT } due;
    uint32_t count;
    const sb_reh_item *items;
} sb_reh_value;

typedef struct sb_reh_step {
    sb_reh_kind kind;
    const char *file;
    uint32_t line;
    bool is_offline;     /* nothing can be final now: submitted, not waited for */
    bool is_refused;     /* the step must be refused, because: */
    const char *because; /* its name in scripts */
    sb_err code;
    const sb_reh_value *fields[SB_REH_FIELDS]; /* NULL: not given */
} sb_reh_step;

typedef struct sb_reh_script {
    const char *file;
    const char *title;
    const char *charter; /* path, relative ones from the script's folder */
    bool made_up;
    int64_t start_ms;
    uint32_t start_line, charter_line;
    sb_reh_step *steps;
    uint32_t count;
} sb_reh_script;

/* Read a script; everything lives in `arena`. Errors: those of sb_yaml_read and sb_doc_*,
 * SB_E_REHEARSE_* of the reader: each with file and line. */
sb_err sb_reh_read(const char *path, sb_arena *arena, sb_reh_script *out, sb_fail *fail);
/* The same over bytes; `name` stands for the file. */
sb_err sb_reh_parse(const char *name, sb_slice bytes, sb_arena *arena, sb_reh_script *out,
                    sb_fail *fail);

/* The step's word in scripts ("open-meeting"). */
const char *sb_reh_word(sb_reh_kind kind);
/* The reason's error code; SB_OK for a name that is none. */
sb_err sb_reh_reason(const char *name);

/* The value of a field, with a default when it isn't given. */
static inline const char *sb_reh_text(const sb_reh_step *step, sb_reh_field field)
{
    return step->fields[field] == NULL ? NULL : step->fields[field]->text;
}
static inline uint64_t sb_reh_number(const sb_reh_step *step, sb_reh_field field,
                                     uint64_t otherwise)
{
    return step->fields[field] == NULL ? otherwise : step->fields[field]->number;
}

/* ---- names that scripts give: cases, meetings, tasks, conditions, input rounds, disputes ---- */

typedef enum sb_reh_name_kind {
    SB_REH_NAME_CASE = 1,
    SB_REH_NAME_MEETING,
    SB_REH_NAME_TASK,
    SB_REH_NAME_CONDITION,
    SB_REH_NAME_INPUT,
    SB_REH_NAME_DISPUTE
} sb_reh_name_kind;

typedef struct sb_reh_name {
    sb_reh_name_kind kind;
    const char *name;
    const char *body;  /* of a case or meeting: charter id; "" for a task */
    const char *title; /* of a case; NULL: not known */
    char id[65];       /* entry id in hex; "" until it is played */
    struct sb_reh_name *next;
} sb_reh_name;

/* In the order given; arena-owned by whoever adds. */
typedef struct sb_reh_names {
    sb_reh_name *first, **end; /* end NULL: empty */
} sb_reh_names;

sb_reh_name *sb_reh_names_find(const sb_reh_names *names, sb_reh_name_kind kind, const char *name);
/* A new name; strings are borrowed. */
sb_reh_name *sb_reh_names_add(sb_reh_names *names, sb_arena *arena, sb_reh_name_kind kind,
                              const char *name, const char *body);

/* Hold the script against the charter and the names known before it, and add its own names: seats,
 * partners, bodies, offices and organisations exist, cases, meetings and tasks are given before
 * they are used and once, the clock goes forward (*clock_ms: where it stands; 0: not set). A step
 * that concerns a meeting and names none gets the one that is open, or else was called last. Only a
 * step that must be refused may name the deputy of a seat that has none.
 * Errors: SB_E_REHEARSE_UNKNOWN_ID, _NO_DEPUTY, _UNKNOWN_NAME, _NAME_TWICE, _NO_MEETING, _BACKWARDS. */
sb_err sb_reh_check(sb_reh_script *script, const Sb__Charter *charter, int64_t *clock_ms,
                    sb_arena *arena, sb_reh_names *names, sb_fail *fail);

/* A body or seat of the charter by id; NULL: none. body may be NULL. */
const Sb__Body *sb_reh_body(const Sb__Charter *charter, const char *id);
const Sb__Seat *sb_reh_seat(const Sb__Charter *charter, const char *id, const Sb__Body **body);

#endif
