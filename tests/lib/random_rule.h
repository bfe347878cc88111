/* Random rules over partners a, b (and c), and counting on them by the evaluator. */
#ifndef SB_TESTS_RANDOM_RULE_H
#define SB_TESTS_RANDOM_RULE_H

#include "proto/rules/eval.h"
#include "tests/lib/cmocka_all.h"

static uint64_t random_seed;

static inline uint32_t random_below(uint32_t below)
{
    random_seed = random_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_seed >> 33) % below;
}

static inline void random_compare(sb_buf *out, bool quorum)
{
    static const char *const WORDS[9] = {"for",     "against",  "cast",  "voted", "abstain",
                                         "present", "eligible", "seats", "filled"};
    static const char *const OPS[5] = {">=", ">", "=", "<", "<="};
    uint32_t from = quorum ? 5 : 0, words = 9 - from;
    sb_buf_printf(out, "%s %s ", WORDS[random_below(4) ? from : from + random_below(words)],
                  OPS[random_below(4) ? random_below(2) : random_below(5)]);
    if (random_below(3) == 0) {
        sb_buf_printf(out, "%u ", random_below(4));
        return;
    }
    uint32_t q = 1 + random_below(3);
    sb_buf_printf(out, "%u/%u of %s ", random_below(q + 1), q, WORDS[from + random_below(words)]);
}

static inline void random_unit(sb_buf *out, bool quorum)
{
    static const char *const LISTS[4] = {"(a, b)", "(b)", "(a)", "(b, nobody)"};
    switch (random_below(4)) {
    case 0:
        sb_buf_str(out, "each partner: ");
        break;
    case 1:
        sb_buf_printf(out, "each partner in %s: ", LISTS[random_below(4)]);
        break;
    case 2:
        sb_buf_printf(out, "at least %u partners: ", random_below(3));
        break;
    default:
        break;
    }
    if (random_below(2)) {
        random_compare(out, quorum);
        return;
    }
    sb_buf_str(out, "(");
    random_compare(out, quorum);
    sb_buf_str(out, random_below(2) ? "and " : "or ");
    random_compare(out, quorum);
    sb_buf_str(out, ") ");
}

/* Quorum rules count no votes. */
static inline void random_rule(sb_arena *arena, sb_buf *text, bool quorum, sb_rule *rule)
{
    sb_buf_clear(text);
    sb_buf_str(text, quorum ? "quorum " : "pass ");
    random_unit(text, quorum);
    for (uint32_t n = random_below(3); n > 0; n--) {
        sb_buf_str(text, random_below(2) ? "and " : "or ");
        random_unit(text, quorum);
    }
    assert_int_equal(sb_rule_parse(arena, sb_buf_slice(text), rule, NULL), SB_OK);
}

static inline void tally_add(sb_tally *to, const sb_tally *t)
{
    to->seats += t->seats;
    to->filled += t->filled;
    to->present += t->present;
    to->eligible += t->eligible;
    sb_tally_votes(to, to->for_ + t->for_, to->against + t->against, to->abstain + t->abstain);
}

/* The formula on partners and the seats of none, by the evaluator. */
static inline bool rule_holds_on(const sb_rule *rule, const sb_partner_tally *partners,
                                 uint32_t count, const sb_tally *of_none)
{
    sb_rule_input in = {.partners = partners, .partner_count = count, .total = *of_none};
    sb_rule_result r;
    sb_arena scratch;
    for (uint32_t i = 0; i < count; i++)
        tally_add(&in.total, &partners[i].tally);
    sb_arena_init(&scratch);
    sb_rule_eval(&scratch, rule, &in, &r);
    sb_arena_deinit(&scratch);
    return r.formula_held;
}

#endif
