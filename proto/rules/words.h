/* The keywords: one table, English and Norwegian of equal standing. */
#ifndef SB_RULES_WORDS_H
#define SB_RULES_WORDS_H

#include "proto/rules/rule.h"

/* The first nine are sb_count. */
typedef enum sb_word {
    SB_WORD_SEATS = SB_COUNT_SEATS,
    SB_WORD_ABSTAIN = SB_COUNT_ABSTAIN,
    SB_WORD_QUORUM,
    SB_WORD_PASS,
    SB_WORD_EACH,
    SB_WORD_PARTNER,
    SB_WORD_PARTNERS,
    SB_WORD_IN,
    SB_WORD_AT,    /* English only: at least */
    SB_WORD_LEAST, /* English only */
    SB_WORD_MINST, /* Norwegian only: "at least" */
    SB_WORD_OF,
    SB_WORD_AND,
    SB_WORD_OR,
    SB_WORD_AFTER,
    SB_WORD_DISCUSSION,
    SB_WORD_AN,
    SB_WORD_EARLIER,
    SB_WORD_MEETING,
    SB_WORD_ELSE,
    SB_WORD_FALLEN,
    SB_WORD_NO_CONSENSUS,
    SB_WORD_NONE /* not a keyword */
} sb_word;

/* The keyword spelled by `text` in either language, or SB_WORD_NONE. */
sb_word sb_word_find(sb_slice text);
/* Its spelling; NULL where the language has none. */
const char *sb_word_text(sb_word word, sb_rule_lang lang);

#endif
