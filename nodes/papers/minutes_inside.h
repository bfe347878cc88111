/* Shared by the parts of the minutes' layout. */
#ifndef SB_PAPERS_MINUTES_INSIDE_H
#define SB_PAPERS_MINUTES_INSIDE_H

#include "nodes/papers/minutes.h"
#include "nodes/papers/paper.h"
#include "nodes/papers/paper_text.h"
#include "proto/base/arena.h"

typedef struct sb_minutes_writer {
    const sb_minutes_model *m;
    sb_paper p;
    sb_lang lang;
    sb_arena arena; /* of one document */
    bool has_times; /* somebody's attendance has a clock time */
} sb_minutes_writer;

/* Words of the catalogue; a formatted message and dates live in the writer's arena. */
const char *sb_minutes_word(const sb_minutes_writer *w, sb_msg msg);
const char *sb_minutes_words(sb_minutes_writer *w, sb_msg msg, const char *a0, const char *a1,
                             const char *a2, const char *a3);
const char *sb_minutes_date(sb_minutes_writer *w, uint32_t yyyymmdd);  /* "20. januar 2022" */
const char *sb_minutes_short(sb_minutes_writer *w, uint32_t yyyymmdd); /* "20.01.2022" */
const char *sb_minutes_clock(sb_minutes_writer *w, uint32_t minute);
const char *sb_minutes_number(sb_minutes_writer *w, uint64_t number);
/* NULL becomes "". */
static inline const char *sb_minutes_text(const char *text)
{
    return text == NULL ? "" : text;
}

/* A table's column: its header, and whether any row has something in it. */
typedef struct sb_minutes_table {
    const char *headers[6];
    const char **cells; /* rows × columns; the arena's */
    uint32_t columns;
    size_t rows;
} sb_minutes_table;
sb_minutes_table sb_minutes_table_new(sb_minutes_writer *w, const sb_msg *headers, uint32_t columns,
                                      size_t rows_max);
/* The next row's cells, to be filled. */
const char **sb_minutes_table_row(sb_minutes_table *t);
/* Columns without anything in them are left out (never the first). No rows: nothing is written. */
void sb_minutes_table_write(sb_minutes_writer *w, const sb_minutes_table *t, const char *caption);

void sb_minutes_write_people(sb_minutes_writer *w);
void sb_minutes_write_quorum(sb_minutes_writer *w, const sb_minutes_quorum *quorum);
void sb_minutes_write_overview(sb_minutes_writer *w);
void sb_minutes_write_case(sb_minutes_writer *w, const sb_minutes_case *c);
void sb_minutes_write_postponed(sb_minutes_writer *w);
/* A roll call; `caption` above the table. */
void sb_minutes_write_roll_call(sb_minutes_writer *w, const sb_minutes_vote *votes, size_t count,
                                const char *caption);
/* In minutes_more.c: the rounds of an election, and what belongs to a case besides the vote. */
void sb_minutes_write_rounds(sb_minutes_writer *w, const sb_minutes_case *c);
void sb_minutes_write_rulings(sb_minutes_writer *w, uint32_t level,
                              const sb_minutes_ruling *rulings, size_t count);
/* What came of a question, its quorum where it wasn't the meeting's, and the vote. */
void sb_minutes_write_question(sb_minutes_writer *w, const sb_minutes_case *c);
void sb_minutes_write_clauses(sb_minutes_writer *w, const char *const *clauses, size_t count);
/* The case's other questions, from the one at `from` until the one at `to`. */
void sb_minutes_write_others(sb_minutes_writer *w, const sb_minutes_case *c, size_t from,
                             size_t to);
void sb_minutes_write_earlier(sb_minutes_writer *w, const sb_minutes_case *c);
void sb_minutes_write_conditions(sb_minutes_writer *w, const sb_minutes_case *c);
void sb_minutes_write_later(sb_minutes_writer *w, const sb_minutes_case *c);
void sb_minutes_write_remarks(sb_minutes_writer *w, uint32_t level, const char *heading,
                              const sb_minutes_remark *remarks, size_t count);
/* "godkjent 27. januar 2022" */
const char *sb_minutes_state_words(sb_minutes_writer *w);
void sb_minutes_write_about(sb_minutes_writer *w);

#endif
