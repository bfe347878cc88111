/* Elections (DESIGN §5; § 6 PM nr. 3): candidates and tickets, rounds, who is elected, and what that
 * does at the SEAL.
 *
 * A ticket names offices and a seat for each; the seat's permanent representative stands. The
 * tickets are part of the case's wording. A question in mode ELECTION is one round: its standing
 * candidates are pinned at the opening, ballots count for a candidate, and the elect rule is asked
 * of each. Whom alone it holds for is elected, and has the offices from the SEAL that covers the
 * close on. */
#ifndef SB_LEDGER_ELECTIONS_H
#define SB_LEDGER_ELECTIONS_H

#include "proto/ledger/certificate.h"

/* ---- for questions.c ---- */

/* May this round open? Errors: SB_E_LEDGER_NO_ELECTION, SB_E_LEDGER_NO_MORE_ROUNDS,
 * SB_E_LEDGER_NO_CANDIDATES, SB_E_LEDGER_NO_PASS_RULE. */
sb_err sb_election_check_open(sb_step *s, const sb_row_case *c, const sb_row_agenda *item);
/* The rule that elects in this body: election.elect, else pass. Never NULL. */
const Sb__Rule *sb_election_rule(const Sb__Body *body);
/* Write: pin the round of a question that opens. */
void sb_election_pin(sb_step *s, const sb_row_question *q);
/* Does the choice fit the question, and the candidate stand? Errors: SB_E_LEDGER_BALLOT_ELECTION,
 * SB_E_LEDGER_BALLOT_NO_ELECTION {case}, SB_E_LEDGER_BALLOT_CANDIDATE {number, case}. */
sb_err sb_election_check_choice(sb_step *s, const sb_row_question *q, const sb_row_case *c,
                                const Sb__Ballot *m);
/* Is an objection possible: one candidate stands, and the charter has acclamation? */
bool sb_election_may_object(sb_kv *kv, uint32_t question);
/* Write: one ballot more (or less) for a candidate. O(1). */
void sb_election_count(sb_kv *kv, uint32_t question, uint32_t number, uint32_t partner, bool more);

/* ---- for closing.c ---- */

/* Fill c->election: who stood, their votes that count, norms not kept. c->presence, c->ballots and
 * the counts are there. */
void sb_election_fill(sb_step *s, sb_certificate *c);
/* Judge each candidate and say who is elected, as if quorate; sets c->election's elected,
 * acclamation and the candidates' `rule`. */
void sb_election_judge(sb_step *s, sb_certificate *c);
/* Once c->question.outcome is there: who goes on; nobody is elected where it isn't ELECTED. */
void sb_election_conclude(sb_certificate *c);
/* Write: what the close leaves in the state and the views. */
void sb_election_put(sb_step *s, const sb_certificate *c);
/* RESULT's round, elected and candidates, in the arena. */
void sb_election_result(const sb_certificate *c, Sb__Result *r);

/* ---- for people.c ---- */

/* The SEAL covers the close: the elected have their offices. Errors: what no longer holds. */
sb_err sb_elected_act(sb_step *s, const sb_row_waiting *w);
/* Does the SEAL of this size leave them waiting? Until it covers the leaf that met the last condition
 * BEFORE_EFFECT of the case that was set before the close. */
bool sb_elected_wait(sb_step *s, const sb_row_waiting *w, uint64_t size);

/* ---- candidates ---- */

typedef struct sb_norm_broken {
    const Sb__OfficeNorm *norm;
    uint32_t office; /* whose norm */
} sb_norm_broken;
/* Which norms of its offices a ticket doesn't keep, in charter order, of this force. An unknown or
 * missing partner breaks none. In the arena. */
uint32_t sb_ticket_norms(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter,
                         const sb_row_candidate_place *places, uint32_t count, Sb__Force force,
                         sb_norm_broken **out);
/* A candidate's places by office; in the arena. */
uint32_t sb_candidate_places(sb_kv *kv, sb_arena *arena, uint32_t candidate,
                             sb_row_candidate_place **out);

/* The date `months` after from, less a day (the last day of a term); 0 for 0 months. */
uint32_t sb_term_end(uint32_t from_date, uint32_t months);

typedef enum sb_dispute_status { SB_DISPUTE_OPEN = 1, SB_DISPUTE_CLOSED } sb_dispute_status;

#endif
