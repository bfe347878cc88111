/* Who lies in a seed, and how: a broker, a node, a member, or several of them; on the world's roles.
 *
 *   liars *l = liars_new(w, story);    NULL: everybody is honest in this seed; before the first step
 *   liars_turn(l);                     now and then, beside sw_members_turn
 *   liars_end(l);                      before sw_heal: lies are over, who was found out is switched off
 *   liars_missed(l);                   in the end: what should have been noticed, and wasn't; NULL: nothing
 *
 * Fewer than a third of the nodes lie (with those that lost their disk). A broker lies only where a standby
 * can take over from it: once somebody honest has evidence, or after a minute, it is switched off.
 *
 * broker  two heads to two groups (a second sequencer on a copy of its store), a receipt for what it
 *         doesn't enter, leaves altered, exchanged, doubled, left out, dated back or ahead, a false RESULT
 *         or STATE (all under heads that it signs), a head smaller than before, a clock set back or ahead,
 *         frames doubled and with gaps, one cosignature under several names
 * node    confirms whatever head it sees, with an old key too; promises every term to everybody, with no
 *         SEAL or a false one; answers with altered leaves, heads and proofs; floods
 * member  two ballots under one number at two nodes, old entries again, another federation's, another's seat
 */
#ifndef SB_TESTS_SIM_LIARS_H
#define SB_TESTS_SIM_LIARS_H

#include "tests/sim/story.h"
#include "tests/sim/world.h"

typedef struct liars liars;

typedef struct liars_counts {
    uint64_t brokers, nodes, members; /* seeds with one */
    uint64_t splits, forgotten, altered, shrunken, clocks, gaps, false_certificates;
    uint64_t cosigned, promised, answers, floods;
    uint64_t twins, again, foreign, others_seats;
    uint64_t reached; /* bent leaves and false receipts that an honest node would have taken */
    uint64_t noticed; /* seeds in which an honest node held evidence, stopped, or named a fault */
} liars_counts;

liars *liars_new(sw *w, const sw_story *story);
void liars_free(liars *l);
void liars_turn(liars *l);
void liars_end(liars *l);
const char *liars_missed(liars *l);
/* Of the whole process, in words; and of those that it forks from now on. */
void liars_summary(void);
void liars_share(void);
/* In a few words; static. */
const char *liars_words(const liars *l);

#endif
