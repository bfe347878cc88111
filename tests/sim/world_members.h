/* Members: they hand a story's lines in at nodes, again where nothing was heard, and elsewhere where a
 * node is down; and they see what became of them. */
#ifndef SB_TESTS_SIM_WORLD_MEMBERS_H
#define SB_TESTS_SIM_WORLD_MEMBERS_H

#include "tests/sim/story.h"
#include "tests/sim/world.h"

typedef struct sw_members sw_members;

/* eager: a line waits for all earlier ones to be in the log; else (where a handover may drop what is
 * not final) for them to be final. */
sw_members *sw_members_new(sw *w, const sw_story *story, bool eager);
void sw_members_free(sw_members *m);
/* Hear what came, hand in what may be. */
void sw_members_turn(sw_members *m);
/* So many lines, from the first, are as far as the next one needs them; and all of them? */
size_t sw_members_next(const sw_members *m);
bool sw_members_done(const sw_members *m);
/* At which node the next line is handed in. */
uint32_t sw_members_home(const sw_members *m);
/* A line waits for a moment that is near. */
bool sw_members_soon(const sw_members *m);
/* What a node's outbox held is gone with its disk: its members hand it in anew. */
void sw_members_disk_lost(sw_members *m, uint32_t node);
/* Is all that was handed in final on every node, and every outbox empty? */
bool sw_members_all_final(sw_members *m);
/* The erased blob is nowhere, the kept one everywhere; the story's own check. */
void sw_members_check_end(sw_members *m);

#endif
