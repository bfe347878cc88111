/* A paper being written: the few shapes that our documents have, in Markdown (CommonMark with
 * tables and ~~ ~~) or HTML. The layout is written once and doesn't know which.
 *
 * All text given is plain: it is made safe (what isn't well-formed or may not stand in a text, such
 * as bidirectional overrides, becomes U+FFFD) and escaped here, and only here.
 * HTML: no script, nothing fetched, landmarks, one h1, table captions and header scopes.
 */
#ifndef SB_PAPERS_PAPER_H
#define SB_PAPERS_PAPER_H

#include "proto/base/buf.h"
#include "proto/text/text.h"

typedef enum sb_paper_format { SB_PAPER_MARKDOWN = 1, SB_PAPER_HTML } sb_paper_format;

typedef struct sb_paper {
    sb_paper_format format;
    sb_lang lang;
    sb_buf *out;          /* borrowed */
    uint32_t columns;     /* of the table being written */
    uint32_t list_number; /* of the next numbered item; 0: a list without numbers */
    bool at_start;        /* nothing stands in this paragraph or item yet */
} sb_paper;

typedef enum sb_paper_style {
    SB_PAPER_PLAIN = 0,
    SB_PAPER_STRONG,
    SB_PAPER_DELETED,
    SB_PAPER_INSERTED,
    SB_PAPER_CODE
} sb_paper_style;

typedef enum sb_paper_region {
    SB_PAPER_HEADER = 0, /* banners, title, meeting */
    SB_PAPER_MAIN,
    SB_PAPER_SECTION,
    SB_PAPER_ARTICLE,  /* a case */
    SB_PAPER_DECISION, /* set off from the rest */
    SB_PAPER_FOOTER
} sb_paper_region;

void sb_paper_begin(sb_paper *p, sb_paper_format format, sb_lang lang, const char *title,
                    sb_buf *out);
void sb_paper_end(sb_paper *p);

/* Something nobody must miss. */
void sb_paper_banner(sb_paper *p, const char *title, const char *text);
/* `id` names it (HTML), [a-z0-9-]; its first heading labels it. */
void sb_paper_open_region(sb_paper *p, sb_paper_region region, const char *id);
void sb_paper_close_region(sb_paper *p, sb_paper_region region);
/* level 1 (once) to 4. `id` may be NULL. */
void sb_paper_heading(sb_paper *p, uint32_t level, const char *id, const char *text);

/* A paragraph of runs. Runs in a row of white space become one space. */
void sb_paper_open_para(sb_paper *p);
void sb_paper_close_para(sb_paper *p);
void sb_paper_run(sb_paper *p, sb_paper_style style, sb_slice text);
void sb_paper_str(sb_paper *p, sb_paper_style style, const char *text);
/* A whole one, plain. */
void sb_paper_para(sb_paper *p, const char *text);
/* Prose by somebody else: paragraphs parted by blank lines, "- " lines a list. */
void sb_paper_prose(sb_paper *p, const char *text);

/* Label and value, one a line. An empty value is left out. */
void sb_paper_open_facts(sb_paper *p);
void sb_paper_fact(sb_paper *p, const char *label, const char *value);
void sb_paper_fact_code(sb_paper *p, const char *label, const char *value);
void sb_paper_close_facts(sb_paper *p);

/* `first` 0: bullets; else the first item's number. Items hold runs. */
void sb_paper_open_list(sb_paper *p, uint32_t first);
void sb_paper_open_item(sb_paper *p);
void sb_paper_close_item(sb_paper *p);
void sb_paper_close_list(sb_paper *p);

/* headers: `columns` of them; the first cell of a row is the row's header. */
void sb_paper_open_table(sb_paper *p, const char *caption, const char *const *headers,
                         uint32_t columns);
void sb_paper_row(sb_paper *p, const char *const *cells);
void sb_paper_close_table(sb_paper *p);

/* A command to type, on its own. */
void sb_paper_command(sb_paper *p, const char *text);

#endif
