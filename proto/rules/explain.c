/* A rule in one or two plain sentences. Each comparison is a clause that "when" can stand before:
 * "minst halvparten av plassene er representert". */
#include "proto/rules/check.h"

#include "proto/rules/eval.h"

#include <assert.h>

typedef struct teller {
    const sb_rule *rule;
    const sb_rule_shape *shape; /* may be NULL */
    sb_rule_lang lang;
    sb_buf *out;
} teller;

static void say(const teller *t, const char *nb, const char *en)
{
    sb_buf_str(t->out, t->lang == SB_RULE_NB ? nb : en);
}

typedef struct phrase {
    const char *nb, *en;
} phrase;

/* "of the …" */
static const phrase WHOLE[SB_COUNTS] = {
    [SB_COUNT_SEATS] = {"plassene", "the seats"},
    [SB_COUNT_FILLED] = {"de besatte plassene", "the filled seats"},
    [SB_COUNT_ELIGIBLE] = {"de stemmeberettigede til stede", "those eligible to vote"},
    [SB_COUNT_PRESENT] = {"de representerte plassene", "the seats represented"},
    [SB_COUNT_VOTED] = {"dem som stemmer eller avstår", "those who vote or abstain"},
    [SB_COUNT_CAST] = {"dem som stemmer for eller mot", "those who vote for or against"},
    [SB_COUNT_FOR] = {"dem som stemmer for", "those who vote for"},
    [SB_COUNT_AGAINST] = {"dem som stemmer mot", "those who vote against"},
    [SB_COUNT_ABSTAIN] = {"dem som avstår", "those who abstain"},
};

/* What the counted ones do: Norwegian, English of many, English of one. */
static const struct {
    const char *nb, *en_many, *en_one;
    bool is_seat; /* "minst 3 plasser er …" where a person would be "minst 3 stemmer …" */
} DOES[SB_COUNTS] = {
    [SB_COUNT_SEATS] = {"finnes i organet", "exist in the body", "exists in the body", true},
    [SB_COUNT_FILLED] = {"er besatt", "are filled", "is filled", true},
    [SB_COUNT_ELIGIBLE] = {"er stemmeberettiget til stede", "are eligible to vote",
                           "is eligible to vote", false},
    [SB_COUNT_PRESENT] = {"er representert", "are represented", "is represented", true},
    [SB_COUNT_VOTED] = {"stemmer eller avstår", "vote or abstain", "votes or abstains", false},
    [SB_COUNT_CAST] = {"stemmer for eller mot", "vote for or against", "votes for or against",
                       false},
    [SB_COUNT_FOR] = {"stemmer for", "vote for it", "votes for it", false},
    [SB_COUNT_AGAINST] = {"stemmer mot", "vote against it", "votes against it", false},
    [SB_COUNT_ABSTAIN] = {"avstår", "abstain", "abstains", false},
};

static const phrase HOW_MUCH[5] = {[SB_OP_GE] = {"minst ", "at least "},
                                   [SB_OP_GT] = {"mer enn ", "more than "},
                                   [SB_OP_EQ] = {"nøyaktig ", "exactly "},
                                   [SB_OP_LT] = {"mindre enn ", "less than "},
                                   [SB_OP_LE] = {"høyst ", "at most "}};

static void say_share(const teller *t, uint32_t p, uint32_t q)
{
    static const struct {
        uint32_t p, q;
        phrase name;
    } NAMED[] = {
        {1, 2, {"halvparten", "half"}},
        {1, 3, {"en tredel", "one third"}},
        {2, 3, {"to tredeler", "two thirds"}},
        {1, 4, {"en firedel", "one quarter"}},
        {3, 4, {"tre firedeler", "three quarters"}},
    };
    for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++)
        if (NAMED[i].p == p && NAMED[i].q == q) {
            say(t, NAMED[i].name.nb, NAMED[i].name.en);
            return;
        }
    sb_buf_printf(t->out, "%u/%u", p, q);
}

static void say_does(const teller *t, sb_count a, bool one)
{
    say(t, DOES[a].nb, one ? DOES[a].en_one : DOES[a].en_many);
}

/* "minst 1 stemmer for", "ingen stemmer mot". */
static void say_number(const teller *t, const sb_rule_node *n)
{
    sb_count a = (sb_count)n->a;
    sb_rule_op op = (sb_rule_op)n->op;
    bool none = (op == SB_OP_EQ && n->p == 0) || (op == SB_OP_LE && n->p == 0) ||
                (op == SB_OP_LT && n->p == 1);
    if (none) {
        if (DOES[a].is_seat)
            say(t, "ingen plasser ", "no seat ");
        else
            say(t, "ingen ", "nobody ");
        say_does(t, a, true);
        return;
    }
    static const phrase COUNTED[5] = {[SB_OP_GE] = {"minst ", "at least "},
                                      [SB_OP_GT] = {"flere enn ", "more than "},
                                      [SB_OP_EQ] = {"nøyaktig ", "exactly "},
                                      [SB_OP_LT] = {"færre enn ", "fewer than "},
                                      [SB_OP_LE] = {"høyst ", "at most "}};
    say(t, COUNTED[op].nb, COUNTED[op].en);
    sb_buf_printf(t->out, "%u ", n->p);
    if (DOES[a].is_seat)
        say(t, n->p == 1 ? "plass " : "plasser ", n->p == 1 ? "seat " : "seats ");
    say_does(t, a, n->p == 1);
}

/* a and b count different things: "antallet som stemmer for er større enn antallet som …". */
static void say_unrelated(const teller *t, const sb_rule_node *n)
{
    static const phrase THAN[5] = {[SB_OP_GE] = {"minst ", "at least "},
                                   [SB_OP_GT] = {"større enn ", "greater than "},
                                   [SB_OP_EQ] = {"lik ", "equal to "},
                                   [SB_OP_LT] = {"mindre enn ", "less than "},
                                   [SB_OP_LE] = {"høyst ", "at most "}};
    say(t, "antallet av ", "the number of ");
    say(t, WHOLE[n->a].nb, WHOLE[n->a].en);
    say(t, " er ", " is ");
    say(t, THAN[n->op].nb, THAN[n->op].en);
    if (n->p != n->q)
        sb_buf_printf(t->out, "%u/%u ", n->p, n->q);
    if (n->p != n->q)
        say(t, "av ", "of ");
    say(t, "antallet av ", "the number of ");
    say(t, WHOLE[n->b].nb, WHOLE[n->b].en);
}

static bool is_vote(uint8_t count)
{
    return count >= SB_COUNT_VOTED;
}

/* A share reads well where what is counted is among what it is a share of. */
static bool reads_as_part(const sb_rule_node *n)
{
    if (n->b == SB_COUNT_FOR || n->b == SB_COUNT_AGAINST || n->b == SB_COUNT_ABSTAIN)
        return false;
    if (n->a == SB_COUNT_ABSTAIN && n->b == SB_COUNT_CAST)
        return false;
    return n->a > n->b || (n->a == SB_COUNT_ELIGIBLE && n->b == SB_COUNT_PRESENT);
}

static void say_compare(const teller *t, const sb_rule_node *n)
{
    if (!n->is_share) {
        say_number(t, n);
    } else if (!reads_as_part(n)) {
        say_unrelated(t, n);
    } else {
        bool all = n->p == n->q && (n->op == SB_OP_GE || n->op == SB_OP_EQ);
        if (all) {
            say(t, "alle ", "all of ");
        } else {
            say(t, HOW_MUCH[n->op].nb, HOW_MUCH[n->op].en);
            say_share(t, n->p, n->q);
            say(t, " av ", " of ");
        }
        say(t, WHOLE[n->b].nb, WHOLE[n->b].en);
        say(t, is_vote(n->b) ? ", " : " ", " "); /* "dem som stemmer" is a clause */
        say_does(t, (sb_count)n->a, false);
    }
}

/* "3 av 6": what a must be when b is all `seats`. */
static void say_needed(const teller *t, const sb_rule_node *n, uint32_t seats)
{
    uint64_t number;
    sb_needed_kind kind = sb_rule_needed((sb_rule_op)n->op, n->p, n->q, seats, &number);
    switch (kind) {
    case SB_NEEDED_AT_LEAST:
        break;
    case SB_NEEDED_EXACTLY:
        say(t, "nøyaktig ", "exactly ");
        break;
    case SB_NEEDED_AT_MOST:
        say(t, "høyst ", "at most ");
        break;
    case SB_NEEDED_IMPOSSIBLE:
        say(t, "umulig", "impossible");
        return;
    }
    sb_buf_printf(t->out, "%llu", (unsigned long long)number);
    say(t, " av ", " of ");
    sb_buf_printf(t->out, "%u", seats);
}

static void say_condition(const teller *t, const sb_rule_node *n)
{
    if (is_vote(n->b))
        say(t, "når alle er til stede og stemmer for eller mot: ",
            "when all are present and vote for or against: ");
    else if (n->b != SB_COUNT_SEATS)
        say(t, "når alle er til stede: ", "when all are present: ");
}

static const sb_rule_group *find_group(const teller *t, sb_slice id)
{
    for (uint32_t i = 0; t->shape && i < t->shape->partner_count; i++)
        if (sb_slice_eq(t->shape->partners[i].id, id))
            return &t->shape->partners[i];
    return NULL;
}

static void say_group(const teller *t, const sb_rule_group *g, sb_slice id)
{
    sb_buf_add(t->out, g && g->name.len > 0 ? g->name : id);
}

/* The partners of a scope, by position; false past the last. */
static bool scope_group(const teller *t, const sb_rule_node *scope, uint32_t i,
                        const sb_rule_group **group, sb_slice *id)
{
    if (scope->ids_count > 0) {
        if (i >= scope->ids_count)
            return false;
        *id = t->rule->ids[scope->ids_at + i];
        *group = find_group(t, *id);
        return true;
    }
    for (uint32_t k = 0; t->shape && k < t->shape->partner_count; k++)
        if (t->shape->partners[k].seats > 0 && i-- == 0) {
            *group = &t->shape->partners[k];
            *id = (*group)->id;
            return true;
        }
    return false;
}

static uint32_t seats_of(const sb_rule_shape *shape)
{
    uint32_t seats = shape->free_seats;
    for (uint32_t i = 0; i < shape->partner_count; i++)
        seats += shape->partners[i].seats;
    return seats;
}

/* " (unn 3 av 6, kommune 3 av 6)" */
static void say_numbers(const teller *t, const sb_rule_node *n, const sb_rule_node *scope)
{
    if (!t->shape || seats_of(t->shape) == 0 || !n->is_share || !reads_as_part(n))
        return;
    sb_buf_str(t->out, " (");
    say_condition(t, n);
    if (!scope)
        say_needed(t, n, seats_of(t->shape));
    const sb_rule_group *group;
    sb_slice id;
    for (uint32_t i = 0; scope && scope_group(t, scope, i, &group, &id); i++) {
        if (i > 0)
            sb_buf_str(t->out, ", ");
        say_group(t, group, id);
        sb_buf_str(t->out, " ");
        say_needed(t, n, group ? group->seats : 0);
    }
    sb_buf_str(t->out, ")");
}

/* " hos hver av unn, kommune og bruker" */
static void say_scope(const teller *t, const sb_rule_node *scope)
{
    if (scope->kind == SB_NODE_AT_LEAST) {
        say(t, " hos minst ", " in at least ");
        sb_buf_printf(t->out, "%u ", scope->k);
        say(t, scope->k == 1 ? "partner" : "partnere", scope->k == 1 ? "partner" : "partners");
        return;
    }
    if (scope->ids_count == 0) {
        say(t, " hos hver partner", " in each partner");
        return;
    }
    if (scope->ids_count == 1)
        say(t, " hos ", " in ");
    else
        say(t, " hos hver av ", " in each of ");
    const sb_rule_group *group;
    sb_slice id;
    for (uint32_t i = 0; scope_group(t, scope, i, &group, &id); i++) {
        if (i > 0 && i + 1 == scope->ids_count)
            say(t, " og ", " and ");
        else if (i > 0)
            sb_buf_str(t->out, ", ");
        say_group(t, group, id);
    }
}

static void say_node(const teller *t, uint16_t at, const sb_rule_node *scope, bool in_parentheses)
{
    const sb_rule_node *n = &t->rule->nodes[at];
    const sb_rule_node *child;
    if (in_parentheses)
        sb_buf_str(t->out, "(");
    switch ((sb_rule_node_kind)n->kind) {
    case SB_NODE_COMPARE:
        say_compare(t, n);
        if (!scope)
            say_numbers(t, n, NULL);
        break;
    case SB_NODE_EACH:
    case SB_NODE_AT_LEAST:
        child = &t->rule->nodes[n->child];
        say_node(t, n->child, n, child->kind != SB_NODE_COMPARE);
        say_scope(t, n);
        if (child->kind == SB_NODE_COMPARE)
            say_numbers(t, child, n);
        break;
    case SB_NODE_AND:
    case SB_NODE_OR:
        for (uint16_t c = n->child; c != SB_RULE_NONE; c = t->rule->nodes[c].next) {
            if (c != n->child && n->kind == SB_NODE_AND)
                say(t, " og ", " and ");
            else if (c != n->child)
                say(t, " eller ", " or ");
            say_node(t, c, scope, t->rule->nodes[c].kind == SB_NODE_OR);
        }
        break;
    }
    if (in_parentheses)
        sb_buf_str(t->out, ")");
}

void sb_rule_explain(const sb_rule *rule, const sb_rule_shape *shape, sb_rule_lang lang,
                     sb_buf *out)
{
    teller t = {.rule = rule, .shape = shape, .lang = lang, .out = out};
    if (rule->kind == SB_RULE_QUORUM)
        say(&t, "Organet er beslutningsdyktig når ", "The body has a quorum when ");
    else
        say(&t, "Forslaget er vedtatt når ", "The proposal is adopted when ");
    say_node(&t, rule->root, NULL, false);
    if (rule->after_discussion)
        say(&t, ", og saken er drøftet i et tidligere møte",
            ", and the case has been discussed in an earlier meeting");
    sb_buf_str(out, ".");
    if (rule->kind == SB_RULE_QUORUM)
        return;
    if (rule->failure == SB_RULE_NO_CONSENSUS)
        say(&t, " Ellers er det ikke konsensus, og ingenting er vedtatt.",
            " Otherwise there is no consensus, and nothing is adopted.");
    else
        say(&t, " Ellers er forslaget ikke vedtatt.", " Otherwise the proposal is not adopted.");
}

void sb_rule_explain_election(const sb_rule *rule, const sb_rule_shape *shape, sb_rule_lang lang,
                              sb_buf *out)
{
    teller t = {.rule = rule, .shape = shape, .lang = lang, .out = out};
    say(&t, "En kandidat er valgt når ", "A candidate is elected when ");
    say_node(&t, rule->root, NULL, false);
    sb_buf_str(out, ".");
}
