/* Text by others made safe and escaped. */
#ifndef SB_PAPERS_PAPER_TEXT_H
#define SB_PAPERS_PAPER_TEXT_H

#include "nodes/papers/paper.h"

/* Append `text` as one line: white space becomes single spaces, bytes that aren't UTF-8 and code
 * points that may not stand in a text (controls, bidirectional overrides) become U+FFFD, and what
 * means something in the format is escaped. `at_start`: Markdown that would mean something at the
 * start of a line is escaped too. */
void sb_paper_escape(sb_paper_format format, sb_slice text, bool at_start, sb_buf *out);
/* For Markdown's `code`, where nothing can be escaped: as above, with backticks as apostrophes. */
void sb_paper_escape_code(sb_paper_format format, sb_slice text, sb_buf *out);
/* Is there anything to see in it? NULL: no. */
bool sb_paper_is_blank(const char *text);

#endif
