#include "proto/rules/eval.h"

#include <assert.h>

void sb_tally_votes(sb_tally *t, uint32_t for_, uint32_t against, uint32_t abstain)
{
    t->for_ = for_;
    t->against = against;
    t->abstain = abstain;
    t->cast = for_ + against;
    t->voted = t->cast + abstain;
}

uint32_t sb_tally_get(const sb_tally *t, sb_count c)
{
    switch (c) {
    case SB_COUNT_SEATS:
        return t->seats;
    case SB_COUNT_FILLED:
        return t->filled;
    case SB_COUNT_ELIGIBLE:
        return t->eligible;
    case SB_COUNT_PRESENT:
        return t->present;
    case SB_COUNT_VOTED:
        return t->voted;
    case SB_COUNT_CAST:
        return t->cast;
    case SB_COUNT_FOR:
        return t->for_;
    case SB_COUNT_AGAINST:
        return t->against;
    case SB_COUNT_ABSTAIN:
        return t->abstain;
    }
    assert(false);
    return 0;
}

static bool holds(sb_rule_op op, uint64_t left, uint64_t right)
{
    switch (op) {
    case SB_OP_GE:
        return left >= right;
    case SB_OP_GT:
        return left > right;
    case SB_OP_EQ:
        return left == right;
    case SB_OP_LT:
        return left < right;
    case SB_OP_LE:
        return left <= right;
    }
    assert(false);
    return false;
}

bool sb_rule_holds(const sb_rule *rule, uint16_t node, const sb_tally *t, const bool *scopes)
{
    const sb_rule_node *n = &rule->nodes[node];
    bool all = true, any = false;
    switch ((sb_rule_node_kind)n->kind) {
    case SB_NODE_COMPARE:
        return holds((sb_rule_op)n->op, (uint64_t)sb_tally_get(t, (sb_count)n->a) * n->q,
                     n->is_share ? (uint64_t)n->p * sb_tally_get(t, (sb_count)n->b) : n->p);
    case SB_NODE_EACH:
    case SB_NODE_AT_LEAST:
        assert(scopes != NULL); /* the grammar has no scope inside a scope */
        return scopes[node];
    case SB_NODE_AND:
    case SB_NODE_OR:
        for (uint16_t c = n->child; c != SB_RULE_NONE; c = rule->nodes[c].next) {
            bool held = sb_rule_holds(rule, c, t, scopes);
            all = all && held;
            any = any || held;
        }
        return n->kind == SB_NODE_AND ? all : any;
    }
    assert(false);
    return false;
}

static sb_needed_kind needed(sb_needed_kind kind, uint64_t number, uint64_t *out)
{
    *out = number;
    return kind;
}

/* a*q op p*b solved for a. The largest product is below 2^64, and one more still is. */
sb_needed_kind sb_rule_needed(sb_rule_op op, uint32_t p, uint32_t q, uint32_t b, uint64_t *out)
{
    uint64_t right = (uint64_t)p * b;
    if (q == 0)
        return needed(holds(op, 0, right) ? SB_NEEDED_AT_LEAST : SB_NEEDED_IMPOSSIBLE, 0, out);
    uint64_t whole = right / q;
    bool even = right % q == 0;
    switch (op) {
    case SB_OP_GE:
        return needed(SB_NEEDED_AT_LEAST, even ? whole : whole + 1, out);
    case SB_OP_GT:
        return needed(SB_NEEDED_AT_LEAST, whole + 1, out);
    case SB_OP_EQ:
        return needed(even ? SB_NEEDED_EXACTLY : SB_NEEDED_IMPOSSIBLE, even ? whole : 0, out);
    case SB_OP_LT:
        if (right == 0)
            return needed(SB_NEEDED_IMPOSSIBLE, 0, out);
        return needed(SB_NEEDED_AT_MOST, even ? whole - 1 : whole, out);
    case SB_OP_LE:
        return needed(SB_NEEDED_AT_MOST, whole, out);
    }
    assert(false);
    return SB_NEEDED_IMPOSSIBLE;
}

/* What a comparison is made on. */
typedef struct seats_set {
    bool is_total, is_known;
    sb_slice partner;
    const sb_tally *tally;
} seats_set;

typedef struct evaluation {
    const sb_rule *rule;
    const sb_rule_input *input;
    sb_rule_result *out;
    uint32_t line_cap, scope_cap;
} evaluation;

/* The i-th set that a scope names; false past the last. */
static bool scope_set(const evaluation *e, const sb_rule_node *scope, uint32_t i, seats_set *out)
{
    static const sb_tally NOBODY;
    const sb_rule_input *in = e->input;
    if (scope->ids_count > 0) {
        if (i >= scope->ids_count)
            return false;
        sb_slice id = e->rule->ids[scope->ids_at + i];
        *out = (seats_set){.partner = id, .tally = &NOBODY};
        for (uint32_t k = 0; k < in->partner_count; k++)
            if (sb_slice_eq(in->partners[k].id, id))
                *out =
                    (seats_set){.partner = id, .is_known = true, .tally = &in->partners[k].tally};
        return true;
    }
    for (uint32_t k = 0; k < in->partner_count; k++) {
        const sb_partner_tally *p = &in->partners[k];
        if (p->tally.seats > 0 && i-- == 0) {
            *out = (seats_set){.partner = p->id, .is_known = true, .tally = &p->tally};
            return true;
        }
    }
    return false;
}

static bool eval_node(evaluation *e, uint16_t at, const seats_set *set);

static bool eval_compare(evaluation *e, uint16_t at, const seats_set *set)
{
    const sb_rule_node *n = &e->rule->nodes[at];
    assert(e->out->line_count < e->line_cap);
    sb_rule_line *line = &e->out->lines[e->out->line_count++];
    *line = (sb_rule_line){
        .node = at,
        .is_total = set->is_total,
        .is_known = set->is_known,
        .partner = set->partner,
        .a = (sb_count)n->a,
        .b = (sb_count)n->b,
        .a_value = sb_tally_get(set->tally, (sb_count)n->a),
        .b_value = n->is_share ? sb_tally_get(set->tally, (sb_count)n->b) : n->p,
    };
    uint32_t factor = n->is_share ? n->p : 1;
    line->held =
        holds((sb_rule_op)n->op, (uint64_t)line->a_value * n->q, (uint64_t)factor * line->b_value);
    line->needed_kind =
        sb_rule_needed((sb_rule_op)n->op, factor, n->q, line->b_value, &line->needed);
    return line->held;
}

static bool eval_scope(evaluation *e, uint16_t at)
{
    const sb_rule_node *n = &e->rule->nodes[at];
    assert(e->out->scope_count < e->scope_cap);
    sb_rule_scope *scope = &e->out->scopes[e->out->scope_count++];
    *scope = (sb_rule_scope){.node = at};
    seats_set set;
    for (uint32_t i = 0; scope_set(e, n, i, &set); i++) {
        scope->partners++;
        if (eval_node(e, n->child, &set))
            scope->held++;
    }
    scope->needed = n->kind == SB_NODE_AT_LEAST ? n->k : scope->partners;
    scope->passed = scope->partners > 0 && scope->held >= scope->needed;
    return scope->passed;
}

static bool eval_node(evaluation *e, uint16_t at, const seats_set *set)
{
    const sb_rule_node *n = &e->rule->nodes[at];
    bool all = true, any = false;
    switch ((sb_rule_node_kind)n->kind) {
    case SB_NODE_COMPARE:
        return eval_compare(e, at, set);
    case SB_NODE_EACH:
    case SB_NODE_AT_LEAST:
        return eval_scope(e, at);
    case SB_NODE_AND:
    case SB_NODE_OR:
        for (uint16_t c = n->child; c != SB_RULE_NONE; c = e->rule->nodes[c].next) {
            bool held = eval_node(e, c, set); /* every child, whatever the first said */
            all = all && held;
            any = any || held;
        }
        return n->kind == SB_NODE_AND ? all : any;
    }
    assert(false);
    return false;
}

/* How many lines and scopes there can be. */
static void measure(evaluation *e)
{
    uint32_t widest = e->input->partner_count;
    for (uint16_t i = 0; i < e->rule->node_count; i++)
        if (e->rule->nodes[i].ids_count > widest)
            widest = e->rule->nodes[i].ids_count;
    for (uint16_t i = 0; i < e->rule->node_count; i++) {
        uint8_t kind = e->rule->nodes[i].kind;
        if (kind == SB_NODE_COMPARE)
            e->line_cap += widest > 0 ? widest : 1;
        else if (kind == SB_NODE_EACH || kind == SB_NODE_AT_LEAST)
            e->scope_cap++;
    }
}

void sb_rule_eval(sb_arena *arena, const sb_rule *rule, const sb_rule_input *input,
                  sb_rule_result *out)
{
    *out = (sb_rule_result){.failure = rule->failure};
    evaluation e = {.rule = rule, .input = input, .out = out};
    measure(&e);
    out->lines = SB_ARENA_ARRAY(arena, sb_rule_line, e.line_cap);
    out->scopes = SB_ARENA_ARRAY(arena, sb_rule_scope, e.scope_cap);
    seats_set total = {.is_total = true, .is_known = true, .tally = &input->total};
    out->formula_held = eval_node(&e, rule->root, &total);
    out->discussion_missing = rule->after_discussion && !input->discussed_earlier;
    out->passed = out->formula_held && !out->discussion_missing;
}
