/* Commands in the making: what rehearse_acts.c builds with. */
#ifndef SB_CLI_REHEARSE_MAKER_H
#define SB_CLI_REHEARSE_MAKER_H

#include "nodes/cli/rehearse_play.h"

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY
#define DEPUTY SB__SEAT_ROLE__SEAT_ROLE_DEPUTY

/* Acts in the making; after a failure nothing is added. */
typedef struct sb_maker {
    sb_reh_play *p;
    const sb_reh_step *step;
    sb_reh_act *first, **end, *act;
    size_t n; /* words of the act */
    sb_err err;
    sb_fail *fail;
} sb_maker;

typedef struct sb_place {
    const char *seat;
    uint32_t role; /* 0: whoever represents it */
} sb_place;

typedef struct sb_places {
    sb_place *items;
    uint32_t count;
} sb_places;

/* One more word of the command; options are left out when there is no text. */
void sb_mk_word(sb_maker *m, const char *text);
/* A new command; person NULL: nobody signs. */
void sb_mk_begin(sb_maker *m, const sb_reh_person *person, const char *noun, const char *verb);
void sb_mk_option(sb_maker *m, const char *name, const char *text);
/* "2022-01-20" of YYYYMMDD. */
const char *sb_mk_date_text(sb_maker *m, uint64_t yyyymmdd);
/* A field of the step as an option, by its type; left out when the step has no such field. */
void sb_mk_text_option(sb_maker *m, const char *name, sb_reh_field field);
void sb_mk_date_option(sb_maker *m, const char *name, sb_reh_field field);
void sb_mk_clock_option(sb_maker *m, const char *name, sb_reh_field field);
void sb_mk_moment_option(sb_maker *m, const char *name, sb_reh_field field);
void sb_mk_list_option(sb_maker *m, const char *name, sb_reh_field field);
void sb_mk_number_option(sb_maker *m, const char *name, sb_reh_field field);
/* --name when the field says yes. */
void sb_mk_flag(sb_maker *m, const char *name, sb_reh_field field);
/* A text as a file of its own, for verbs that take files: its path. */
const char *sb_mk_document(sb_maker *m, const char *text);
void sb_mk_document_option(sb_maker *m, const char *name, const char *text);
/* The act's entry is what this name stands for; NULL: no name was given. */
void sb_mk_gives(sb_maker *m, sb_reh_name *name);
/* --when and --source of `claimed` and `source`; a source alone means the clock's time. */
void sb_mk_claim_options(sb_maker *m);
/* The clock's time as an option. */
void sb_mk_now_option(sb_maker *m, const char *name);
/* Entry ids of the names that a field gives. */
const char *sb_mk_id_of(sb_maker *m, sb_reh_name_kind kind, sb_reh_field field);
const char *sb_mk_case_id(sb_maker *m);
const char *sb_mk_meeting_id(sb_maker *m);
void sb_mk_case_list_option(sb_maker *m, const char *name, sb_reh_field field);
/* The person, or SB_E_REHEARSE_NO_KEY. */
void sb_mk_need_person(sb_maker *m, const char *id, uint32_t role, sb_reh_person *out);
/* Whoever `by` names, else `id` in `role`. */
sb_reh_person sb_mk_actor(sb_maker *m, const char *id, uint32_t role);
void sb_mk_begin_as_secretariat(sb_maker *m, const char *noun, const char *verb);
/* Who sits on the seat in the meeting: its deputy only when the permanent one isn't there. */
uint32_t sb_mk_role_in_meeting(sb_maker *m, const char *meeting, const char *seat);
/* The question of the step's case, with its seats when open; NULL: none. */
const sb_doc *sb_mk_question_of(sb_maker *m);
uint32_t sb_mk_role_in_question(const sb_doc *question, const char *seat);
/* A list of places as single seats; partners and bodies spread out, in charter order. */
sb_places sb_mk_read_places(sb_maker *m, const sb_reh_value *v, const Sb__Body *body,
                            bool voting_only);
/* Seats of the body that aren't in the list: all, or a partner's; without the step's `except`. */
void sb_mk_add_seats(sb_maker *m, sb_places *list, const Sb__Body *body, const char *partner,
                     bool voting_only, uint32_t role);

#endif
