/* Tokens of the rule language. */
#ifndef SB_RULES_LEX_H
#define SB_RULES_LEX_H

#include "proto/rules/words.h"

typedef enum sb_token_kind {
    SB_TOKEN_END = 0,
    SB_TOKEN_WORD,   /* letters, digits, _ and -; every byte from 0x80 counts as a letter */
    SB_TOKEN_NUMBER, /* a word of digits alone */
    SB_TOKEN_OP,
    SB_TOKEN_SLASH,
    SB_TOKEN_LEFT,
    SB_TOKEN_RIGHT,
    SB_TOKEN_COMMA,
    SB_TOKEN_COLON,
    SB_TOKEN_OTHER /* a byte that the language does not have */
} sb_token_kind;

typedef struct sb_token {
    sb_token_kind kind;
    uint32_t at;   /* byte offset */
    sb_slice text; /* borrowed */
    sb_word word;  /* WORD: the keyword or SB_WORD_NONE */
    sb_rule_op op; /* OP */
} sb_token;

/* The token at or after byte `at`; at <= text.len. */
sb_token sb_lex(sb_slice text, uint32_t at);

#endif
