/* The certificate of a decision (vedtaksgrunnlag): everything that a question's outcome rests on.
 *
 * Filled at the close (closing.c); its JSON is canonical and its SHA-256 stands in the RESULT. The
 * texts are made from the same facts. It names seats, never people, and holds no blob text.
 * PROTOCOL.md "Certificates" has the JSON's keys in order. */
#ifndef SB_LEDGER_CERTIFICATE_H
#define SB_LEDGER_CERTIFICATE_H

#include "proto/base/json.h"
#include "proto/ledger/attendance.h"
#include "proto/rules/rule.h"
#include "proto/text/text.h"

/* A rule and what it gave on certain counts. */
typedef struct sb_judged {
    bool has_rule;
    sb_rule rule;
    sb_rule_result result; /* passed: true where there is no rule */
} sb_judged;

typedef struct sb_counted_ballot {
    const sb_row_seat *seat;
    sb_row_ballot ballot;
    sb_away reason; /* why it isn't counted; SB_AWAY_NOT: counted */
} sb_counted_ballot;

/* A ticket in a round. votes: by position in presence.tallies. */
typedef struct sb_contender {
    sb_row_candidate row;
    sb_row_candidate_place *places; /* row.places of them, by office */
    uint32_t *votes;
    uint32_t total;
    sb_judged rule; /* has_rule only where the ballots were counted */
    bool goes_on;
} sb_contender;

/* A norm (bør) that a ticket doesn't keep. */
typedef struct sb_warning {
    uint32_t candidate; /* its number */
    uint32_t office;
    const Sb__OfficeNorm *norm;
} sb_warning;

/* In mode ELECTION; all zero elsewhere. */
typedef struct sb_election {
    sb_row_question_election row; /* with elected and unopposed as they came out */
    sb_contender *contenders;     /* by number */
    uint32_t count;
    sb_warning *warnings;
    uint32_t warning_count;
} sb_election;

/* All pointers borrow from the step's arena and the charter. */
typedef struct sb_certificate {
    sb_kv *kv; /* the rows at the close, its outcome not yet written */
    sb_arena *arena;
    uint8_t federation_id[32];
    const Sb__Charter *charter;
    const Sb__Body *body;
    sb_row_meeting meeting;
    sb_row_case c;
    sb_row_agenda item;
    sb_row_question question; /* with closed_index, closed_ms and outcome */
    sb_row_question_rules rules;
    const char **clauses;
    const char *chair; /* seat id, "" for none */
    uint8_t chair_basis;

    sb_presence presence; /* at the close; tallies have the votes that count */
    sb_judged quorum_open, quorum_close, pass;
    sb_election election;
    bool has_votes; /* a vote was held (VOTE, or CONSENSUS with an objection) */
    bool unanimous;

    sb_row_objection *objections; /* by seat */
    const char **objection_seats;
    uint32_t objection_count;
    sb_counted_ballot *ballots; /* by seat, also those not counted */
    uint32_t ballot_count;
    sb_noted *noted;
    size_t noted_count;
} sb_certificate;

/* ---- elections (certificate_election.c) ---- */

/* "round", "candidates", "elected", "acclamation", "tie": always all of them. */
void sb_certificate_put_election(sb_json *j, const sb_certificate *c);
/* "warnings": […] */
void sb_certificate_put_warnings(sb_json *j, const sb_certificate *c);
void sb_certificate_text_election(const sb_certificate *c, sb_lang lang, sb_buf *out);
/* Has an earlier warning the same norm? Its assumption is told once. */
bool sb_certificate_norm_said(const sb_certificate *c, uint32_t warning);
/* What the case's change of the charter needs of the parties; NULL: nothing, or no such change. */
const Sb__Involvement *sb_certificate_involvement(const sb_certificate *c);
/* "kandidat 2", "blank", "mot" */
void sb_certificate_text_choice(uint8_t choice, uint32_t candidate, bool election, sb_lang lang,
                                sb_buf *out);
/* Neither NOTE nor POLL. */
bool sb_certificate_decides(const sb_certificate *c);
/* Where the pass rule stands: the body's, or in an election what elects. Never NULL. */
const Sb__Rule *sb_certificate_pass_words(const sb_certificate *c);
/* Parts of certificate_text.c. */
void sb_certificate_text_partner(const sb_certificate *c, sb_slice id, sb_lang lang, sb_buf *out);
void sb_certificate_text_lines(const sb_certificate *c, const sb_judged *judged, sb_lang lang,
                               sb_buf *out);

/* Append the canonical JSON. */
void sb_certificate_json(const sb_certificate *c, sb_buf *out);
/* Append the text, lines ending in \n. */
void sb_certificate_text(const sb_certificate *c, sb_lang lang, sb_buf *out);

/* ---- members that other families write ----
 *
 * Each appends one member, key and value, to the open object of the certificate, always, in the
 * order of these lines; the value is [] or null where there is nothing to say. Facts come from
 * c->kv as at the close: the case is c->c, the meeting c->meeting, the question c->question (with
 * its outcome). Each has a text beside it: lines ending in \n, nothing where there is nothing to
 * say. Until its owner has written it, the simple version stands in certificate_members.c: move it
 * to your own file and delete it there. Document the value in PROTOCOL.md "Certificates". */
void sb_certificate_put_actions(sb_json *j, const sb_certificate *c);    /* "actions": […] */
void sb_certificate_put_conditions(sb_json *j, const sb_certificate *c); /* "conditions": […] */
void sb_certificate_put_relations(sb_json *j, const sb_certificate *c);  /* "relations": […] */
void sb_certificate_put_earlier(sb_json *j, const sb_certificate *c); /* "earlier": null or {…} */
void sb_certificate_put_rulings(sb_json *j, const sb_certificate *c); /* "rulings": […] */
void sb_certificate_text_actions(const sb_certificate *c, sb_lang lang, sb_buf *out);
void sb_certificate_text_conditions(const sb_certificate *c, sb_lang lang, sb_buf *out);
void sb_certificate_text_relations(const sb_certificate *c, sb_lang lang, sb_buf *out);
void sb_certificate_text_earlier(const sb_certificate *c, sb_lang lang, sb_buf *out);
void sb_certificate_text_rulings(const sb_certificate *c, sb_lang lang, sb_buf *out);

/* Judge a rule's text ("" : none, passed) on counts. */
void sb_judge(sb_arena *arena, const char *text, const sb_rule_input *input, sb_judged *out);
/* One member {"held","comparisons":[…]} or null. */
void sb_judged_json(sb_json *j, const char *key, const sb_judged *judged);
/* Does a quorum rule (may be "") hold on these counts? */
bool sb_quorate(sb_arena *arena, const char *quorum, const sb_rule_input *input);

/* "at_least", "exactly", "at_most", "impossible". */
const char *sb_needed_code(sb_needed_kind kind);

#endif
