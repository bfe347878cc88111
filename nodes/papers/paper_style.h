/* The style sheet of our HTML: quiet on screen, A4 on paper. */
#ifndef SB_PAPERS_PAPER_STYLE_H
#define SB_PAPERS_PAPER_STYLE_H

/* Static. What is struck and new is also said in words (messages PAPER_CSS_*), to those who hear
 * the page; those words are added by sb_paper_begin. */
extern const char sb_paper_css[];

#endif
