/* Shared by the files minutes_model*.c. */
#ifndef SB_CLI_MINUTES_MODEL_INSIDE_H
#define SB_CLI_MINUTES_MODEL_INSIDE_H

#include "nodes/cli/minutes_model.h"

typedef struct sb_minutes_maker {
    const sb_minutes_source *source;
    sb_lang lang;
    sb_arena *arena;
    const sb_doc *partners; /* [{"partner","partner_name"}] */
} sb_minutes_maker;

/* A list of an answer, and one of its items. */
uint32_t sb_mm_count(const sb_doc *map, const char *key);
const sb_doc *sb_mm_item(const sb_doc *map, const char *key, uint32_t at);
/* "2022-01-20" → 20220120; else 0. */
uint32_t sb_mm_date(const sb_doc *map, const char *key);
/* The legal date of UTC milliseconds; 0 for 0. */
uint32_t sb_mm_day(uint64_t ms);
/* The value of an enum by its code; 0: none. */
uint32_t sb_mm_word(const sb_doc *map, const char *key, sb_text_family family);
/* A blob's text under {"sha256","size"}; "" when there is none or it isn't held. has_it: there is
 * a blob and it is held (may be NULL). */
const char *sb_mm_blob(sb_minutes_maker *k, const sb_doc *map, const char *key, bool *is_missing);
const char *sb_mm_blob_text(sb_minutes_maker *k, const char *sha256, bool *is_missing);
const char *sb_mm_partner(sb_minutes_maker *k, const char *id);
/* The name of {"partner","partner_name"} in the language. */
const char *sb_mm_partner_name(const sb_minutes_maker *k, const sb_doc *one);
/* `name`, which the charter gave `id`, in the language. */
const char *sb_mm_name(const sb_minutes_maker *k, const char *id, const char *name);
/* "a, b og c" */
const char *sb_mm_list(sb_minutes_maker *k, const char *const *items, size_t count);

/* Who was there: `people` of the model. */
void sb_mm_attendance(sb_minutes_maker *k, sb_minutes_model *out);
/* What a seat did ("seat", "by") was done by who sat by delegation. */
bool sb_mm_by_delegation(sb_minutes_maker *k, const sb_doc *one);
void sb_mm_case(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out);
/* An election's rounds, rulings, what was discussed before, conditions, actions, what came after. In
 * minutes_model_more.c. */
void sb_mm_case_more(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out);
/* The rulings of a case, or of the meeting. */
const sb_minutes_ruling *sb_mm_rulings(sb_minutes_maker *k, const sb_doc *map, size_t *count);
/* The question whose decision stands; NULL: none. */
const sb_doc *sb_mm_question_of(const sb_doc *item);
const sb_minutes_vote *sb_mm_votes(sb_minutes_maker *k, const sb_doc *question, size_t *count);
/* A list of texts. */
const char *const *sb_mm_texts(sb_minutes_maker *k, const sb_doc *map, const char *key,
                               size_t *count);
/* Remarks, or objections (text under `key`). */
const sb_minutes_remark *sb_mm_remarks(sb_minutes_maker *k, const sb_doc *map, const char *list,
                                       const char *key, size_t *count);
/* What a judged rule found about the quorum. */
void sb_mm_quorum(sb_minutes_maker *k, const sb_doc *judged, const char *cite,
                  sb_minutes_quorum *out);

#endif
