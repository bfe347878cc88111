/* One reading of one charter file: what read.c and read_bodies.c share. */
#ifndef SB_CHARTER_READING_H
#define SB_CHARTER_READING_H

#include "nodes/charter/charter.h"

typedef struct sb_reading {
    sb_arena *arena;
    sb_fail *fail;
    Sb__Charter *charter;
    sb_charter_report *report; /* never NULL */
    sb_lang lang;
    bool by_decision; /* a body that a decision makes: seats may be without appointer */
} sb_reading;

/* Text under `key` within the size limit, "" when absent and not required. */
sb_err sb_reading_text(sb_reading *r, const sb_doc *map, const char *key, bool required,
                       size_t bytes_max, char **out);
/* An id: [a-z0-9-], 1 to 64 bytes. */
sb_err sb_reading_id(sb_reading *r, const sb_doc *map, const char *key, bool required, char **out);
/* "assumed": counted in the report. */
sb_err sb_reading_assumed(sb_reading *r, const sb_doc *map, char **out);
/* A finding for the report; a warning of ours with at most one argument. */
void sb_reading_find(sb_reading *r, const sb_doc *node, const char *body,
                     const sb_rule_finding *finding);
void sb_reading_remark(sb_reading *r, const sb_doc *node, const char *body, sb_err code,
                       const char *arg);
/* A list under `key` (absent: 0 items); at most `max`. */
sb_err sb_reading_list(sb_reading *r, const sb_doc *map, const char *key, size_t max,
                       const sb_doc **list, size_t *count);
/* Room for a pointer to each item of the list under `key`. */
void *sb_reading_pointers(sb_reading *r, const sb_doc *map, const char *key);
/* An enum written as one of `words`; values from 1 in order. Absent: `otherwise` (0: required). */
sb_err sb_reading_word(sb_reading *r, const sb_doc *map, const char *key, const char *const *words,
                       uint32_t otherwise, uint32_t *out);
/* `id` (of the node under `key` of map, for the message) is among the ids; "" is let through. */
sb_err sb_reading_known(sb_reading *r, const sb_doc *map, const char *key, const char *id,
                        const char *(*id_at)(const Sb__Charter *, size_t), size_t count);

const char *sb_reading_partner_at(const Sb__Charter *c, size_t i);
const char *sb_reading_appointer_at(const Sb__Charter *c, size_t i);
const char *sb_reading_organisation_at(const Sb__Charter *c, size_t i);
const char *sb_reading_body_at(const Sb__Charter *c, size_t i);

/* "bodies:", after partners and appointers. */
sb_err sb_reading_bodies(sb_reading *r, const sb_doc *root);
/* One body, appended to the charter's, where there must be room. */
sb_err sb_reading_body(sb_reading *r, const sb_doc *item);
/* "witnesses:" and "standby:", after the organisations. */
sb_err sb_reading_witnesses(sb_reading *r, const sb_doc *root);
sb_err sb_reading_standbys(sb_reading *r, const sb_doc *root);
/* "offices:", after the bodies; also what bodies say of offices. */
sb_err sb_reading_offices(sb_reading *r, const sb_doc *root);
/* What a body says of elections, plans, extraordinary meetings, delegation, terms and bodies below
 * it; after its seats, deadlines and rules. */
sb_err sb_reading_body_sections(sb_reading *r, const sb_doc *item, Sb__Body *body);
/* "term" as {years} or {months}, with `cite` also {…, cite}. Absent: 0 months. */
sb_err sb_reading_term(sb_reading *r, const sb_doc *map, uint32_t *months, char **cite);
extern const char *const SB_READING_FORCES[]; /* "must", "should" */

/* A rule under `key` of `map` as {rule, cite, assumed}; parsed, checked against the body (NULL:
 * not checked), stored in its canonical print. Absent: an empty rule. */
sb_err sb_reading_rule(sb_reading *r, const sb_doc *map, const char *key, const Sb__Body *body,
                       sb_rule_kind kind, Sb__Rule **out);
/* Only its text, under `key`: required. */
sb_err sb_reading_rule_text(sb_reading *r, const sb_doc *map, const char *key, const Sb__Body *body,
                            sb_rule_kind kind, Sb__Rule *rule);

#endif
