#include "proto/rules/lex.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_byte(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c >= 0x80;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static sb_token lex_word(sb_slice text, uint32_t at)
{
    uint32_t end = at;
    bool number = true;
    for (; end < text.len && is_word_byte(text.data[end]); end++)
        number = number && is_digit(text.data[end]);
    sb_token t = {.at = at, .text = sb_slice_of(text.data + at, end - at), .word = SB_WORD_NONE};
    t.kind = number ? SB_TOKEN_NUMBER : SB_TOKEN_WORD;
    if (!number)
        t.word = sb_word_find(t.text);
    return t;
}

static sb_token lex_sign(sb_slice text, uint32_t at)
{
    sb_token t = {.at = at, .kind = SB_TOKEN_OTHER, .word = SB_WORD_NONE};
    bool equals_follows = at + 1 < text.len && text.data[at + 1] == '=';
    uint32_t len = 1;
    switch (text.data[at]) {
    case '>':
    case '<':
        t.kind = SB_TOKEN_OP;
        if (text.data[at] == '>')
            t.op = equals_follows ? SB_OP_GE : SB_OP_GT;
        else
            t.op = equals_follows ? SB_OP_LE : SB_OP_LT;
        len = equals_follows ? 2 : 1;
        break;
    case '=':
        t.kind = SB_TOKEN_OP;
        t.op = SB_OP_EQ;
        break;
    case '/':
        t.kind = SB_TOKEN_SLASH;
        break;
    case '(':
        t.kind = SB_TOKEN_LEFT;
        break;
    case ')':
        t.kind = SB_TOKEN_RIGHT;
        break;
    case ',':
        t.kind = SB_TOKEN_COMMA;
        break;
    case ':':
        t.kind = SB_TOKEN_COLON;
        break;
    }
    t.text = sb_slice_of(text.data + at, len);
    return t;
}

sb_token sb_lex(sb_slice text, uint32_t at)
{
    while (at < text.len && is_space(text.data[at]))
        at++;
    if (at == text.len)
        return (sb_token){.kind = SB_TOKEN_END, .at = at, .word = SB_WORD_NONE};
    return is_word_byte(text.data[at]) ? lex_word(text, at) : lex_sign(text, at);
}
