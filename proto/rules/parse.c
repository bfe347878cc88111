/* Recursive descent, one token ahead. The grammar is RULES.md's; functions bear its names.
 *
 * The tree is built in a fixed array, groups of the same kind melted into each other, and at the
 * end copied to the arena in the order of the text, so that equal rules have equal arrays. */
#include "proto/rules/lex.h"

#include <assert.h>
#include <stdio.h>

typedef struct parser {
    sb_slice text;
    sb_token token;
    sb_rule_node nodes[SB_RULE_NODES_MAX];
    uint16_t node_count;
    sb_slice ids[SB_RULE_PARTNERS_NAMED_MAX];
    uint16_t id_count;
    uint32_t depth;
    bool in_scope;
    sb_err err; /* sticky: from the first failure on only END is read */
    uint32_t error_at;
    sb_fail *fail;
} parser;

void sb_rule_position(sb_slice text, uint32_t at, uint32_t *line, uint32_t *column)
{
    *line = 1;
    *column = 1;
    for (uint32_t i = 0; i < at && i < text.len; i++) {
        if (text.data[i] == '\n') {
            (*line)++;
            *column = 1;
        } else if ((text.data[i] & 0xC0) != 0x80) {
            (*column)++; /* the first byte of a code point */
        }
    }
}

static void refuse(parser *p, sb_err err, const char *expected)
{
    if (p->err)
        return;
    p->err = err;
    p->error_at = p->token.at;
    uint32_t line, column;
    sb_rule_position(p->text, p->token.at, &line, &column);
    char line_text[16], column_text[16], found[SB_FAIL_ARG_BYTES];
    (void)snprintf(line_text, sizeof line_text, "%u", line);
    (void)snprintf(column_text, sizeof column_text, "%u", column);
    size_t len = p->token.text.len < 60 ? p->token.text.len : 60;
    while (len > 0 && len < p->token.text.len && (p->token.text.data[len] & 0xC0) == 0x80)
        len--; /* cut between code points */
    if (len > 0)
        memcpy(found, p->token.text.data, len);
    found[len] = '\0';
    sb_fail_set(p->fail, err, line_text, column_text, found, expected, NULL);
    p->token = (sb_token){.kind = SB_TOKEN_END, .at = p->token.at, .word = SB_WORD_NONE};
}

static void advance(parser *p)
{
    if (!p->err)
        p->token = sb_lex(p->text, p->token.at + (uint32_t)p->token.text.len);
}

static bool is_word(const parser *p, sb_word word)
{
    return p->token.kind == SB_TOKEN_WORD && p->token.word == word;
}

static bool accept_word(parser *p, sb_word word)
{
    if (!is_word(p, word))
        return false;
    advance(p);
    return true;
}

static void expect_word(parser *p, sb_word word, const char *both)
{
    if (!accept_word(p, word))
        refuse(p, SB_E_RULE_EXPECTED_WORD, both);
}

static bool accept_sign(parser *p, sb_token_kind kind)
{
    if (p->token.kind != kind)
        return false;
    advance(p);
    return true;
}

static void expect_sign(parser *p, sb_token_kind kind, const char *sign)
{
    if (!accept_sign(p, kind))
        refuse(p, SB_E_RULE_EXPECTED_WORD, sign);
}

static uint32_t expect_number(parser *p)
{
    if (p->token.kind != SB_TOKEN_NUMBER) {
        refuse(p, SB_E_RULE_EXPECTED_NUMBER, NULL);
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < p->token.text.len && value <= SB_RULE_NUMBER_MAX; i++)
        value = value * 10 + (uint64_t)(p->token.text.data[i] - '0');
    if (value > SB_RULE_NUMBER_MAX) {
        refuse(p, SB_E_RULE_NUMBER_TOO_LARGE, NULL);
        return 0;
    }
    advance(p);
    return (uint32_t)value;
}

static sb_count expect_count(parser *p, sb_err err)
{
    if (p->token.kind != SB_TOKEN_WORD || p->token.word > SB_WORD_ABSTAIN) {
        refuse(p, err, NULL);
        return SB_COUNT_SEATS;
    }
    sb_count count = (sb_count)p->token.word;
    advance(p);
    return count;
}

/* Never fails outright: with the array full the parse is refused and slot 0 is handed out. */
static uint16_t add_node(parser *p, sb_rule_node_kind kind, uint32_t at)
{
    if (p->node_count == SB_RULE_NODES_MAX) {
        refuse(p, SB_E_RULE_TOO_MANY_PARTS, NULL);
        return 0;
    }
    p->nodes[p->node_count] = (sb_rule_node){
        .kind = (uint8_t)kind, .at = at, .child = SB_RULE_NONE, .next = SB_RULE_NONE};
    return p->node_count++;
}

/* comparison = count op ( number | number "/" number "of" count ) */
static uint16_t parse_comparison(parser *p)
{
    uint16_t node = add_node(p, SB_NODE_COMPARE, p->token.at);
    sb_rule_node n = p->nodes[node];
    n.a = (uint8_t)expect_count(p, SB_E_RULE_EXPECTED_COMPARISON);
    n.op = (uint8_t)p->token.op;
    if (!accept_sign(p, SB_TOKEN_OP))
        refuse(p, SB_E_RULE_EXPECTED_OP, NULL);
    n.p = expect_number(p);
    n.q = 1;
    n.b = n.a;
    if (accept_sign(p, SB_TOKEN_SLASH)) {
        n.is_share = true;
        n.q = expect_number(p);
        expect_word(p, SB_WORD_OF, "of / av");
        n.b = (uint8_t)expect_count(p, SB_E_RULE_EXPECTED_COUNT);
    }
    if (!p->err)
        p->nodes[node] = n;
    return node;
}

bool sb_rule_is_partner_id(sb_slice id)
{
    if (id.len == 0 || id.len > SB_ID_BYTES_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        uint8_t c = id.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

/* "(" id { "," id } ")": a keyword may be an id here. */
static void parse_ids(parser *p, sb_rule_node *scope)
{
    scope->ids_at = p->id_count;
    expect_sign(p, SB_TOKEN_LEFT, "(");
    do {
        bool is_text = p->token.kind == SB_TOKEN_WORD || p->token.kind == SB_TOKEN_NUMBER;
        if (!is_text || !sb_rule_is_partner_id(p->token.text)) {
            refuse(p, SB_E_RULE_EXPECTED_PARTNER, NULL);
            return;
        }
        if (p->id_count == SB_RULE_PARTNERS_NAMED_MAX) {
            refuse(p, SB_E_RULE_TOO_MANY_NAMES, NULL);
            return;
        }
        p->ids[p->id_count++] = p->token.text;
        scope->ids_count++;
        advance(p);
    } while (accept_sign(p, SB_TOKEN_COMMA));
    expect_sign(p, SB_TOKEN_RIGHT, ")");
}

static uint16_t parse_list(parser *p, sb_rule_node_kind kind);

/* "(" or-list ")" */
static uint16_t parse_group(parser *p)
{
    if (p->depth == SB_RULE_DEPTH_MAX) {
        refuse(p, SB_E_RULE_TOO_DEEP, NULL);
        return 0;
    }
    p->depth++;
    advance(p);
    uint16_t node = parse_list(p, SB_NODE_OR);
    expect_sign(p, SB_TOKEN_RIGHT, ")");
    p->depth--;
    return node;
}

static bool is_scope_word(const parser *p)
{
    return is_word(p, SB_WORD_EACH) || is_word(p, SB_WORD_AT) || is_word(p, SB_WORD_MINST);
}

/* scope ":" ( comparison | group ) */
static uint16_t parse_scoped(parser *p)
{
    if (p->in_scope) {
        refuse(p, SB_E_RULE_NESTED_SCOPE, NULL);
        return 0;
    }
    bool each = is_word(p, SB_WORD_EACH), english = is_word(p, SB_WORD_AT);
    uint16_t node = add_node(p, each ? SB_NODE_EACH : SB_NODE_AT_LEAST, p->token.at);
    sb_rule_node n = p->nodes[node];
    advance(p);
    if (each) {
        expect_word(p, SB_WORD_PARTNER, "partner");
        if (accept_word(p, SB_WORD_IN))
            parse_ids(p, &n);
    } else {
        if (english)
            expect_word(p, SB_WORD_LEAST, "least");
        n.k = expect_number(p);
        expect_word(p, SB_WORD_PARTNERS, "partners / partnere");
    }
    expect_sign(p, SB_TOKEN_COLON, ":");
    p->in_scope = true;
    if (is_scope_word(p))
        refuse(p, SB_E_RULE_NESTED_SCOPE, NULL);
    n.child = p->token.kind == SB_TOKEN_LEFT ? parse_group(p) : parse_comparison(p);
    p->in_scope = false;
    if (!p->err)
        p->nodes[node] = n;
    return node;
}

static uint16_t parse_unit(parser *p)
{
    if (is_scope_word(p))
        return parse_scoped(p);
    return p->token.kind == SB_TOKEN_LEFT ? parse_group(p) : parse_comparison(p);
}

/* Put `child` last in `list`; a list of the same kind gives up its children instead. */
static void append(parser *p, uint16_t list, uint16_t child)
{
    if (p->err)
        return;
    if (p->nodes[child].kind == p->nodes[list].kind)
        child = p->nodes[child].child;
    uint16_t *link = &p->nodes[list].child;
    while (*link != SB_RULE_NONE)
        link = &p->nodes[*link].next;
    *link = child;
}

/* or-list = and-list { "or" and-list } ; and-list = unit { "and" unit } */
static uint16_t parse_list(parser *p, sb_rule_node_kind kind)
{
    assert(kind == SB_NODE_OR || kind == SB_NODE_AND);
    bool is_or = kind == SB_NODE_OR;
    sb_word word = is_or ? SB_WORD_OR : SB_WORD_AND;
    uint32_t at = p->token.at;
    uint16_t first = is_or ? parse_list(p, SB_NODE_AND) : parse_unit(p);
    if (!is_word(p, word))
        return first;
    uint16_t list = add_node(p, kind, at);
    append(p, list, first);
    while (accept_word(p, word))
        append(p, list, is_or ? parse_list(p, SB_NODE_AND) : parse_unit(p));
    return list;
}

/* [ [","] "after" "discussion" "in" "an" "earlier" "meeting" ] [ "else" failure ] */
static void parse_tail(parser *p, sb_rule *rule)
{
    bool comma = accept_sign(p, SB_TOKEN_COMMA);
    if (comma || is_word(p, SB_WORD_AFTER)) {
        expect_word(p, SB_WORD_AFTER, "after / etter");
        expect_word(p, SB_WORD_DISCUSSION, "discussion / drøfting");
        expect_word(p, SB_WORD_IN, "in / i");
        expect_word(p, SB_WORD_AN, "an / et");
        expect_word(p, SB_WORD_EARLIER, "earlier / tidligere");
        expect_word(p, SB_WORD_MEETING, "meeting / møte");
        rule->after_discussion = true;
    }
    if (accept_word(p, SB_WORD_ELSE)) {
        rule->says_failure = true;
        if (accept_word(p, SB_WORD_NO_CONSENSUS))
            rule->failure = SB_RULE_NO_CONSENSUS;
        else if (!accept_word(p, SB_WORD_FALLEN))
            refuse(p, SB_E_RULE_EXPECTED_FAILURE, NULL);
    }
    if (!p->err && p->token.kind != SB_TOKEN_END)
        refuse(p, SB_E_RULE_EXPECTED_END, NULL);
}

/* Copy a node with what is under it; gives its new index. */
static uint16_t settle(const parser *p, uint16_t from, sb_rule *rule)
{
    uint16_t to = rule->node_count++;
    rule->nodes[to] = p->nodes[from];
    rule->nodes[to].next = SB_RULE_NONE;
    uint16_t last = SB_RULE_NONE;
    for (uint16_t c = p->nodes[from].child; c != SB_RULE_NONE; c = p->nodes[c].next) {
        uint16_t settled = settle(p, c, rule);
        if (last == SB_RULE_NONE)
            rule->nodes[to].child = settled;
        else
            rule->nodes[last].next = settled;
        last = settled;
    }
    return to;
}

/* A rule that parses must parse again when printed, in either language. */
static bool prints_too_long(const sb_rule *rule)
{
    bool too_long = false;
    sb_buf print;
    sb_buf_init(&print);
    for (int lang = 0; lang < 2; lang++) {
        sb_buf_clear(&print);
        sb_rule_print(rule, (sb_rule_lang)lang, &print);
        too_long = too_long || print.len > SB_RULE_BYTES_MAX;
    }
    sb_buf_deinit(&print);
    return too_long;
}

sb_err sb_rule_parse(sb_arena *arena, sb_slice text, sb_rule *out, sb_fail *fail)
{
    *out = (sb_rule){0};
    if (text.len > SB_RULE_BYTES_MAX)
        return sb_fail_set(fail, SB_E_RULE_TOO_LONG, NULL);
    parser *p = SB_ARENA_NEW(arena, parser);
    p->text = text;
    p->fail = fail;
    p->token = sb_lex(text, 0);

    sb_rule rule = {0};
    if (accept_word(p, SB_WORD_QUORUM))
        rule.kind = SB_RULE_QUORUM;
    else
        (void)accept_word(p, SB_WORD_PASS);
    uint16_t root = parse_list(p, SB_NODE_OR);
    parse_tail(p, &rule);
    if (!p->err) {
        rule.nodes = SB_ARENA_ARRAY(arena, sb_rule_node, p->node_count);
        rule.root = settle(p, root, &rule);
        rule.id_count = p->id_count;
        rule.ids = SB_ARENA_ARRAY(arena, sb_slice, p->id_count);
        for (uint16_t i = 0; i < p->id_count; i++)
            rule.ids[i] = sb_arena_copy(arena, p->ids[i]);
        if (prints_too_long(&rule))
            refuse(p, SB_E_RULE_TOO_LONG, NULL);
    }
    if (p->err)
        out->error_at = p->error_at;
    else
        *out = rule;
    return p->err;
}
