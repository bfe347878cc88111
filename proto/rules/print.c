#include "proto/rules/words.h"

#include <assert.h>

typedef struct printer {
    const sb_rule *rule;
    sb_rule_lang lang;
    sb_buf *out;
} printer;

static void word(const printer *pr, sb_word w)
{
    sb_buf_str(pr->out, sb_word_text(w, pr->lang));
}

void sb_rule_print_compare(const sb_rule_node *n, sb_rule_lang lang, sb_buf *out)
{
    assert(n->kind == SB_NODE_COMPARE);
    sb_buf_printf(out, "%s %s %u", sb_count_word((sb_count)n->a, lang),
                  sb_rule_op_text((sb_rule_op)n->op), n->p);
    if (n->is_share)
        sb_buf_printf(out, "/%u %s %s", n->q, sb_word_text(SB_WORD_OF, lang),
                      sb_count_word((sb_count)n->b, lang));
}

static void print_node(const printer *pr, uint16_t at, bool in_parentheses);

static void print_children(const printer *pr, const sb_rule_node *n, sb_word between)
{
    for (uint16_t c = n->child; c != SB_RULE_NONE; c = pr->rule->nodes[c].next) {
        if (c != n->child) {
            sb_buf_str(pr->out, " ");
            word(pr, between);
            sb_buf_str(pr->out, " ");
        }
        /* Only "or" inside "and" needs them: equal kinds have been melted together. */
        print_node(pr, c, pr->rule->nodes[c].kind == SB_NODE_OR);
    }
}

static void print_each(const printer *pr, const sb_rule_node *n)
{
    word(pr, SB_WORD_EACH);
    sb_buf_str(pr->out, " ");
    word(pr, SB_WORD_PARTNER);
    if (n->ids_count == 0)
        return;
    sb_buf_str(pr->out, " ");
    word(pr, SB_WORD_IN);
    sb_buf_str(pr->out, " (");
    for (uint16_t i = 0; i < n->ids_count; i++) {
        if (i > 0)
            sb_buf_str(pr->out, ", ");
        sb_buf_add(pr->out, pr->rule->ids[n->ids_at + i]);
    }
    sb_buf_str(pr->out, ")");
}

static void print_at_least(const printer *pr, const sb_rule_node *n)
{
    const char *at_least = sb_word_text(SB_WORD_MINST, SB_RULE_NB);
    sb_buf_printf(pr->out, "%s %u ", pr->lang == SB_RULE_NB ? at_least : "at least", n->k);
    word(pr, SB_WORD_PARTNERS);
}

static void print_scope_body(const printer *pr, const sb_rule_node *n)
{
    sb_buf_str(pr->out, ": ");
    print_node(pr, n->child, pr->rule->nodes[n->child].kind != SB_NODE_COMPARE);
}

static void print_node(const printer *pr, uint16_t at, bool in_parentheses)
{
    const sb_rule_node *n = &pr->rule->nodes[at];
    if (in_parentheses)
        sb_buf_str(pr->out, "(");
    switch ((sb_rule_node_kind)n->kind) {
    case SB_NODE_COMPARE:
        sb_rule_print_compare(n, pr->lang, pr->out);
        break;
    case SB_NODE_AND:
        print_children(pr, n, SB_WORD_AND);
        break;
    case SB_NODE_OR:
        print_children(pr, n, SB_WORD_OR);
        break;
    case SB_NODE_EACH:
        print_each(pr, n);
        print_scope_body(pr, n);
        break;
    case SB_NODE_AT_LEAST:
        print_at_least(pr, n);
        print_scope_body(pr, n);
        break;
    }
    if (in_parentheses)
        sb_buf_str(pr->out, ")");
}

void sb_rule_print(const sb_rule *rule, sb_rule_lang lang, sb_buf *out)
{
    printer pr = {.rule = rule, .lang = lang, .out = out};
    word(&pr, rule->kind == SB_RULE_QUORUM ? SB_WORD_QUORUM : SB_WORD_PASS);
    sb_buf_str(out, " ");
    print_node(&pr, rule->root, false);
    if (rule->after_discussion) {
        static const sb_word SUFFIX[] = {SB_WORD_AFTER, SB_WORD_DISCUSSION, SB_WORD_IN,
                                         SB_WORD_AN,    SB_WORD_EARLIER,    SB_WORD_MEETING};
        sb_buf_str(out, ",");
        for (size_t i = 0; i < sizeof SUFFIX / sizeof *SUFFIX; i++) {
            sb_buf_str(out, " ");
            word(&pr, SUFFIX[i]);
        }
    }
    if (rule->says_failure) {
        sb_buf_str(out, " ");
        word(&pr, SB_WORD_ELSE);
        sb_buf_str(out, " ");
        word(&pr, rule->failure == SB_RULE_FALLEN ? SB_WORD_FALLEN : SB_WORD_NO_CONSENSUS);
    }
}

static bool node_eq(const sb_rule *ra, const sb_rule *rb, uint16_t i)
{
    const sb_rule_node *a = &ra->nodes[i], *b = &rb->nodes[i];
    if (a->kind != b->kind || a->op != b->op || a->a != b->a || a->b != b->b ||
        a->is_share != b->is_share || a->p != b->p || a->q != b->q || a->k != b->k ||
        a->ids_count != b->ids_count || a->child != b->child || a->next != b->next)
        return false;
    for (uint16_t id = 0; id < a->ids_count; id++)
        if (!sb_slice_eq(ra->ids[a->ids_at + id], rb->ids[b->ids_at + id]))
            return false;
    return true;
}

bool sb_rule_eq(const sb_rule *a, const sb_rule *b)
{
    if (a->kind != b->kind || a->failure != b->failure || a->says_failure != b->says_failure ||
        a->after_discussion != b->after_discussion || a->node_count != b->node_count)
        return false;
    for (uint16_t i = 0; i < a->node_count; i++)
        if (!node_eq(a, b, i))
            return false;
    return true;
}
