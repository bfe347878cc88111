/* Actions and changes of the charter over a test federation (play.h). */
#ifndef SB_TESTS_LIB_PLAY_ACTIONS_H
#define SB_TESTS_LIB_PLAY_ACTIONS_H

#include "proto/ledger/actions.h"
#include "tests/lib/play.h"

/* An fed_options.edit: ssu amends the charter (two thirds of those present, after a discussion in
 * an earlier meeting), asks the parties "tromso" and "karlsoy" before the effect where it overlaps,
 * and may create bodies; pm is the membership body. Room in the lists for more. */
void play_amendable(Sb__Charter *c, sb_arena *arena, void *arg);

/* The charter in force, to be changed: a deep copy in f->arena with room for 4 more in its lists. */
Sb__Charter *play_charter_copy(fed *f);
/* A body "fsu" below `parent`: seats fsu-1 (unn), fsu-2 (kommune), each with a deputy, that nobody
 * appoints to; quorum and pass. */
Sb__Body *play_new_body(fed *f, const char *id, const char *parent);
/* A seat added to a body of a copy; appointer "" : none. */
Sb__Seat *play_add_seat(fed *f, Sb__Body *body, const char *id, const char *partner,
                        const char *appointer, bool voting);

/* CHARTER_DRAFT and its parts of f->options.part_bytes; the first refusal. */
sb_err play_draft_charter(fed *f, const Sb__Charter *c, const char *by, play_id *draft);

/* One ACTION_PROPOSE of each kind; id may be NULL. */
sb_err play_action(fed *f, const Sb__ActionPropose *m, const char *by, play_id *id);
sb_err play_change(fed *f, play_id c, play_id draft, Sb__Overlap overlap, const char *by,
                   play_id *id);
sb_err play_create(fed *f, play_id c, Sb__Body *body, const char *by, play_id *id);
sb_err play_mandate(fed *f, play_id c, const char *body, const char *by, play_id *id);
sb_err play_dissolve(fed *f, play_id c, const char *body, const char *by, play_id *id);
/* seat NULL: office. key NULL: without one. */
sb_err play_fill(fed *f, play_id c, const char *seat, Sb__SeatRole role, const char *office,
                 const char *key, uint32_t from_date, const char *by, play_id *id);
sb_err play_new_key(fed *f, play_id c, const char *old_key, const char *new_key, const char *by,
                    play_id *id);
sb_err play_strike(fed *f, play_id action, const char *by);

sb_row_action play_action_row(fed *f, play_id id);
uint32_t play_version(fed *f);

#endif
