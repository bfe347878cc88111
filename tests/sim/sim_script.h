/* What members hand in during a simulation: a small federation's whole story, from genesis to a
 * meeting's minutes, made once on a ledger of its own. The text "Sak to" is erased in the end. */
#ifndef SB_TESTS_SIM_SIM_SCRIPT_H
#define SB_TESTS_SIM_SIM_SCRIPT_H

#include "tests/lib/fed.h"

typedef struct sim_line {
    sb_slice entry; /* borrowed from the federation */
    uint8_t id[32];
    bool waits;       /* all earlier ones must be in the log */
    bool wants_later; /* the clock moves on by ten days before it */
} sim_line;

typedef struct sim_script {
    sim_line *lines;
    size_t count;
} sim_script;

/* Plays the story on f (fresh) and keeps the entries that aren't the log's own. Before its end
 * come `reports` more cases, so that the log gets longer than a tile. */
sim_script sim_script_make(fed *f, size_t reports);
void sim_script_free(sim_script *script);

#endif
