#include "tests/lib/rules_gen.h"

#include "proto/base/buf.h"

sb_arena arena, scratch;
uint64_t pick_seed;

const char *const rules_counts[SB_COUNTS] = {"seats", "filled", "eligible", "present", "voted",
                                             "cast",  "for",    "against",  "abstain"};
const char *const rules_operators[5] = {">=", ">", "=", "<", "<="};

int rules_setup(void **state)
{
    (void)state;
    sb_arena_init(&arena);
    sb_arena_init(&scratch);
    return 0;
}

int rules_teardown(void **state)
{
    (void)state;
    sb_arena_deinit(&arena);
    sb_arena_deinit(&scratch);
    return 0;
}

uint32_t pick(uint32_t below)
{
    pick_seed = pick_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(pick_seed >> 33) % below;
}

void parse_rule(const char *text, sb_rule *rule)
{
    if (sb_rule_parse(&arena, sb_slice_str(text), rule, NULL) != SB_OK)
        fail_msg("no rule: %s", text);
}

/* ---- any rule ---- */

static void random_comparison(sb_buf *out, bool quorum)
{
    static const char *const WORDS[9] = {"for",     "against",  "cast",  "voted", "abstain",
                                         "present", "eligible", "seats", "filled"};
    uint32_t from = quorum ? 5 : 0, words = 9 - from;
    sb_buf_printf(out, "%s %s ", WORDS[pick(4) ? from : from + pick(words)],
                  rules_operators[pick(4) ? pick(2) : pick(5)]);
    if (pick(3) == 0) {
        sb_buf_printf(out, "%u ", pick(4));
        return;
    }
    uint32_t q = 1 + pick(3);
    sb_buf_printf(out, "%u/%u of %s ", pick(q + 1), q, WORDS[from + pick(words)]);
}

static void random_unit(sb_buf *out, bool quorum, const char *other)
{
    static const char *const LISTS[4] = {"a, b", "b", "a", "b, "};
    uint32_t which;
    switch (pick(4)) {
    case 0:
        sb_buf_str(out, "each partner: ");
        break;
    case 1:
        which = pick(4);
        sb_buf_printf(out, "each partner in (%s%s): ", LISTS[which], which == 3 ? other : "");
        break;
    case 2:
        sb_buf_printf(out, "at least %u partners: ", pick(3));
        break;
    default:
        break;
    }
    if (pick(2)) {
        random_comparison(out, quorum);
        return;
    }
    sb_buf_str(out, "(");
    random_comparison(out, quorum);
    sb_buf_str(out, pick(2) ? "and " : "or ");
    random_comparison(out, quorum);
    sb_buf_str(out, ") ");
}

void random_rule(sb_buf *text, bool quorum, const char *other, sb_rule *rule)
{
    sb_buf_clear(text);
    sb_buf_str(text, quorum ? "quorum " : "pass ");
    random_unit(text, quorum, other);
    for (uint32_t n = pick(3); n > 0; n--) {
        sb_buf_str(text, pick(2) ? "and " : "or ");
        random_unit(text, quorum, other);
    }
    parse_rule(sb_buf_cstr(text), rule);
}

/* ---- rules that count only for upwards ---- */

static const char *const UPWARD_FIXED[] = {"seats", "filled", "eligible", "present"};

/* "n", or "p/q of word": a share of at most 1 where `part`. */
static void upward_right(sb_buf *out, const char *of, bool part)
{
    uint32_t q = 1 + pick(4);
    if (of == NULL)
        sb_buf_printf(out, "%u", pick(4));
    else
        sb_buf_printf(out, "%u/%u of %s", pick(part ? q + 1 : 6), q, of);
}

static void upward_comparison(sb_buf *out, bool quorum)
{
    static const char *const UP[] = {">=", ">"}, *const DOWN[] = {"<", "<="};
    static const char *const AGAINST[] = {"against", "abstain"};
    static const char *const SAID[] = {"cast", "voted"}, *const THERE[] = {"present", "eligible"};
    const char *left;
    if (quorum) { /* a quorum counts who is there upwards */
        sb_buf_printf(out, "%s %s ", PICK(THERE), PICK(UP));
        upward_right(out, pick(3) ? PICK(UPWARD_FIXED) : NULL, true);
        return;
    }
    switch (pick(6)) {
    case 0:
    case 1: /* a vote for is one of those cast: at most all of them */
        sb_buf_printf(out, "for %s ", PICK(UP));
        upward_right(out, pick(3) ? PICK(SAID) : NULL, true);
        break;
    case 2:
        sb_buf_printf(out, "for %s ", PICK(UP));
        upward_right(out, pick(2) ? PICK(UPWARD_FIXED) : PICK(AGAINST), false);
        break;
    case 3:
        sb_buf_printf(out, "%s %s ", PICK(SAID), PICK(UP));
        upward_right(out, pick(3) ? PICK(UPWARD_FIXED) : NULL, false);
        break;
    case 4:
        left = PICK(AGAINST);
        if (pick(3) == 0) {
            sb_buf_printf(out, "%s = 0", left);
            break;
        }
        sb_buf_printf(out, "%s %s ", left, PICK(DOWN));
        do
            left = pick(4) ? PICK(rules_counts) : NULL;
        while (left != NULL && (strcmp(left, "against") == 0 || strcmp(left, "abstain") == 0));
        upward_right(out, left, false);
        break;
    default: /* about attendance, which no vote changes */
        sb_buf_printf(out, "%s %s ", PICK(UPWARD_FIXED), PICK(rules_operators));
        upward_right(out, pick(2) ? PICK(UPWARD_FIXED) : NULL, false);
        break;
    }
}

const char *upward_rule(sb_buf *text, bool quorum)
{
    static const char *const SCOPES[] = {
        "each partner: ", "each partner in (a, b): ", "each partner in (b): ",
        "at least 1 partners: ", "at least 2 partners: "};
    sb_buf_clear(text);
    sb_buf_str(text, quorum ? "quorum " : "pass ");
    for (uint32_t left = 1 + pick(3); left > 0; left--) {
        bool group = pick(2);
        sb_buf_str(text, pick(2) ? PICK(SCOPES) : "");
        sb_buf_str(text, group ? "(" : "");
        upward_comparison(text, quorum);
        if (group) {
            sb_buf_str(text, pick(2) ? " and " : " or ");
            upward_comparison(text, quorum);
            sb_buf_str(text, ")");
        }
        if (left > 1)
            sb_buf_str(text, pick(2) ? " and " : " or ");
    }
    return sb_buf_cstr(text);
}

/* ---- what can happen, and what the evaluator makes of it ---- */

void tally_add(sb_tally *to, const sb_tally *t)
{
    to->seats += t->seats;
    to->filled += t->filled;
    to->present += t->present;
    to->eligible += t->eligible;
    sb_tally_votes(to, to->for_ + t->for_, to->against + t->against, to->abstain + t->abstain);
}

uint32_t all_tallies(uint32_t seats, sb_tally *out, uint32_t most)
{
    uint32_t count = 0;
    for (uint32_t f = 0; f <= seats; f++)
        for (uint32_t p = 0; p <= f; p++)
            for (uint32_t x = 0; x <= p; x++)
                for (uint32_t y = 0; x + y <= p; y++)
                    for (uint32_t z = 0; x + y + z <= p; z++) {
                        sb_tally t = {.seats = seats, .filled = f, .present = p, .eligible = p};
                        sb_tally_votes(&t, x, y, z);
                        assert_true(count < most);
                        out[count++] = t;
                    }
    return count;
}

bool rule_holds_on(const sb_rule *rule, const sb_partner_tally *partners, uint32_t count,
                   const sb_tally *of_none)
{
    sb_rule_input in = {.partners = partners, .partner_count = count};
    sb_rule_result r;
    if (of_none != NULL)
        in.total = *of_none;
    for (uint32_t i = 0; i < count; i++)
        tally_add(&in.total, &partners[i].tally);
    sb_rule_eval(&scratch, rule, &in, &r);
    sb_arena_reset(&scratch);
    return r.formula_held;
}

void random_body(rules_body *b, const uint32_t most[RULES_GROUPS])
{
    static const char *const IDS[RULES_PARTNERS] = {"a", "b", "c"};
    *b = (rules_body){
        .shape = {.partner_count = RULES_PARTNERS, .free_seats = pick(most[RULES_PARTNERS] + 1)}};
    for (int i = 0; i < RULES_PARTNERS; i++)
        b->groups[i] = (sb_rule_group){.id = sb_slice_str(IDS[i]),
                                       .seats = i < 2 ? 1 + pick(most[i]) : pick(most[i] + 1)};
    b->shape.partners = b->groups;
    sb_analyse_all(&b->shape, &b->present);
    for (int g = 0; g < RULES_GROUPS; g++)
        if (pick(3) == 0)
            b->present.of[g] = pick(b->present.of[g] + 1);
}

bool rule_holds_in(const sb_rule *rule, const rules_body *b, const rules_votes *v)
{
    sb_partner_tally partners[RULES_PARTNERS];
    sb_tally t;
    for (int g = 0; g < RULES_GROUPS; g++) {
        uint32_t seats = g < RULES_PARTNERS ? b->groups[g].seats : b->shape.free_seats;
        t = (sb_tally){.seats = seats, .filled = seats, .present = v->there[g]};
        t.eligible = t.present;
        sb_tally_votes(&t, v->for_[g], v->against[g], v->abstain[g]);
        if (g < RULES_PARTNERS)
            partners[g] = (sb_partner_tally){.id = b->groups[g].id, .tally = t};
    }
    return rule_holds_on(rule, partners, RULES_PARTNERS, &t); /* the last are those of none */
}
