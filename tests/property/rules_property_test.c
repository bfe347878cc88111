/* Rules against second opinions: random texts keep their meaning through parse and print; a naive
 * interpreter that works on the text itself (no tree, no shared code) agrees with the evaluator;
 * the checker's search agrees with trying everything. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/rules/search.h"
#include "tests/lib/rules_gen.h"

/* ---- random texts ---- */

static const char *const COUNTS[2][9] = {
    {"seats", "filled", "eligible", "present", "voted", "cast", "for", "against", "abstain"},
    {"plasser", "besatt", "stemmeberettiget", "representert", "stemt", "avgitt", "for", "mot",
     "avstår"}};
static const char *const IDS[3] = {"unn", "kommune", "b-2"};

typedef struct writer {
    sb_buf text;
    uint32_t parts;
    uint32_t number_below; /* numbers stay small enough to matter */
} writer;

static void put(writer *w, const char *en, const char *nb)
{
    static const char *const SPACE[4] = {" ", "  ", "\n", " \t"};
    sb_buf_str(&w->text, pick(2) ? en : nb);
    sb_buf_str(&w->text, SPACE[pick(8) < 5 ? 0 : pick(4)]);
}

static void put_number(writer *w, uint32_t n)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%s%u", pick(10) == 0 ? "0" : "", n);
    put(w, text, text);
}

static void write_compare(writer *w)
{
    uint32_t a = pick(9), b = pick(9);
    put(w, COUNTS[0][a], COUNTS[1][a]);
    const char *op = rules_operators[pick(5)];
    put(w, op, op);
    w->parts++;
    if (pick(3) == 0) {
        put_number(w, pick(w->number_below));
        return;
    }
    uint32_t q = 1 + pick(4);
    put_number(w, pick(q + 1));
    put(w, "/", "/");
    put_number(w, q);
    put(w, "of", "av");
    put(w, COUNTS[0][b], COUNTS[1][b]);
}

static void write_list(writer *w, uint32_t depth, bool in_scope);

static void write_group(writer *w, uint32_t depth, bool in_scope)
{
    put(w, "(", "(");
    write_list(w, depth - 1, in_scope);
    put(w, ")", ")");
}

static void write_scope(writer *w)
{
    if (pick(3) == 0) {
        put(w, "at least", "minst");
        put_number(w, pick(4));
        put(w, "partners", "partnere");
    } else {
        put(w, "each partner", "hver partner");
        if (pick(2)) {
            put(w, "in (", "i (");
            uint32_t from = pick(3), to = from + pick(3 - from);
            for (uint32_t i = from; i <= to; i++) {
                put(w, IDS[i], IDS[i]);
                if (i < to)
                    put(w, ",", ",");
            }
            put(w, ")", ")");
        }
    }
    put(w, ":", ":");
}

static void write_unit(writer *w, uint32_t depth, bool in_scope)
{
    if (!in_scope && pick(3) == 0) {
        write_scope(w);
        in_scope = true;
    }
    if (depth > 0 && w->parts < 12 && pick(3) == 0)
        write_group(w, depth, in_scope);
    else
        write_compare(w);
}

static void write_list(writer *w, uint32_t depth, bool in_scope)
{
    write_unit(w, depth, in_scope);
    while (w->parts < 12 && pick(5) < 2) {
        if (pick(2))
            put(w, "and", "og");
        else
            put(w, "or", "eller");
        write_unit(w, depth, in_scope);
    }
}

static void write_rule(writer *w, uint32_t number_below)
{
    w->parts = 0;
    w->number_below = number_below;
    sb_buf_clear(&w->text);
    if (pick(3) == 0)
        put(w, "quorum", "beslutningsdyktig");
    else if (pick(2))
        put(w, "pass", "vedtak");
    write_list(w, 4, false);
    if (pick(4) == 0) {
        if (pick(2))
            put(w, ",", ",");
        put(w, "after discussion in an earlier meeting", "etter drøfting i et tidligere møte");
    }
    if (pick(4) == 0)
        put(w, "else fallen", "ellers ikke_vedtatt");
    else if (pick(4) == 0)
        put(w, "else no_consensus", "ellers ikke_konsensus");
}

/* ---- the naive interpreter: over the text, on the spot ---- */

typedef struct naive {
    const char *at;
    const sb_rule_input *in;
    const sb_tally *tally; /* of what is being counted now */
} naive;

/* Is one of the two words next? Then step past it. */
static bool eat(naive *n, const char *en, const char *nb)
{
    while (*n->at == ' ' || *n->at == '\n' || *n->at == '\t')
        n->at++;
    const char *both[2] = {en, nb};
    for (int i = 0; i < 2; i++) {
        size_t len = strlen(both[i]);
        if (len == 0 || strncmp(n->at, both[i], len) != 0)
            continue;
        char after = n->at[len], first = both[i][0];
        bool is_word = first >= 'a' && first <= 'z';
        if (is_word && ((after >= 'a' && after <= 'z') || after == '_' || (after & 0x80)))
            continue;
        n->at += len;
        return true;
    }
    return false;
}

static int64_t eat_number(naive *n)
{
    (void)eat(n, "", "");
    char *end;
    int64_t v = strtoll(n->at, &end, 10);
    assert_true(end > n->at);
    n->at = end;
    return v;
}

static int64_t eat_count(naive *n)
{
    const sb_tally *t = n->tally;
    const int64_t values[9] = {t->seats,
                               t->filled,
                               t->eligible,
                               t->present,
                               (int64_t)t->for_ + t->against + t->abstain,
                               (int64_t)t->for_ + t->against,
                               t->for_,
                               t->against,
                               t->abstain};
    for (int i = 0; i < 9; i++)
        if (eat(n, COUNTS[0][i], COUNTS[1][i]))
            return values[i];
    fail_msg("no count at %s", n->at);
    return 0;
}

static bool naive_or(naive *n);

static bool naive_compare(naive *n)
{
    int64_t a = eat_count(n);
    int op = 0;
    while (!eat(n, rules_operators[op], rules_operators[op])) /* >= comes before > */
        op = op == 1 ? 4 : op == 4 ? 2 : op == 2 ? 3 : op + 1;
    int64_t p = eat_number(n), q = 1, b = 1;
    if (eat(n, "/", "/")) {
        q = eat_number(n);
        assert_true(eat(n, "of", "av"));
        b = eat_count(n);
    }
    int64_t over = a * q - p * b;
    const bool verdict[5] = {over >= 0, over > 0, over == 0, over < 0, over <= 0};
    return verdict[op];
}

static bool naive_body(naive *n)
{
    if (!eat(n, "(", "("))
        return naive_compare(n);
    bool held = naive_or(n);
    assert_true(eat(n, ")", ")"));
    return held;
}

static const sb_tally NOBODY;

static bool naive_scope(naive *n, bool each)
{
    const sb_tally *sets[16];
    uint32_t count = 0;
    int64_t k = -1;
    if (each && eat(n, "in", "i")) {
        assert_true(eat(n, "(", "("));
        do {
            for (int id = 0; id < 3; id++) {
                if (!eat(n, IDS[id], IDS[id]))
                    continue;
                sets[count] = &NOBODY;
                for (uint32_t i = 0; i < n->in->partner_count; i++)
                    if (sb_slice_eq(n->in->partners[i].id, sb_slice_str(IDS[id])))
                        sets[count] = &n->in->partners[i].tally;
                count++;
                break;
            }
        } while (eat(n, ",", ","));
        assert_true(eat(n, ")", ")"));
    } else {
        if (!each) {
            k = eat_number(n);
            assert_true(eat(n, "partners", "partnere"));
        }
        for (uint32_t i = 0; i < n->in->partner_count; i++)
            if (n->in->partners[i].tally.seats > 0)
                sets[count++] = &n->in->partners[i].tally;
    }
    assert_true(eat(n, ":", ":"));
    const char *body = n->at;
    const sb_tally *outside = n->tally;
    int64_t held = 0;
    for (uint32_t i = 0; i < count; i++) {
        n->at = body;
        n->tally = sets[i];
        held += naive_body(n);
    }
    if (count == 0) { /* step past the body all the same */
        n->tally = &NOBODY;
        (void)naive_body(n);
    }
    n->tally = outside;
    return count > 0 && held >= (each ? (int64_t)count : k);
}

static bool naive_unit(naive *n)
{
    if (eat(n, "each partner", "hver partner"))
        return naive_scope(n, true);
    if (eat(n, "at least", "minst"))
        return naive_scope(n, false);
    return naive_body(n);
}

static bool naive_and(naive *n)
{
    bool held = naive_unit(n);
    while (eat(n, "and", "og"))
        held = naive_unit(n) && held;
    return held;
}

static bool naive_or(naive *n)
{
    bool held = naive_and(n);
    while (eat(n, "or", "eller"))
        held = naive_and(n) || held;
    return held;
}

static bool naive_rule(const char *text, const sb_rule_input *in, const char **failure)
{
    naive n = {.at = text, .in = in, .tally = &in->total};
    (void)(eat(&n, "quorum", "beslutningsdyktig") || eat(&n, "pass", "vedtak"));
    bool held = naive_or(&n);
    (void)eat(&n, ",", ",");
    if (eat(&n, "after discussion in an earlier meeting", "etter drøfting i et tidligere møte"))
        held = held && in->discussed_earlier;
    *failure = "fallen";
    if (eat(&n, "else", "ellers") && eat(&n, "no_consensus", "ikke_konsensus"))
        *failure = "no_consensus";
    (void)eat(&n, "fallen", "ikke_vedtatt");
    (void)eat(&n, "", "");
    assert_int_equal(*n.at, '\0');
    return held;
}

/* ---- random counts ---- */

static sb_tally random_tally(uint32_t seats)
{
    sb_tally t = {.seats = seats};
    t.filled = pick(4) ? seats : pick(seats + 1);
    t.present = pick(3) ? t.filled : pick(t.filled + 1);
    t.eligible = pick(8) ? t.present : pick(t.present + 1);
    uint32_t x = pick(t.eligible + 1), y = pick(t.eligible - x + 1);
    sb_tally_votes(&t, x, y, pick(2) ? 0 : pick(t.eligible - x - y + 1));
    return t;
}

static sb_rule_input random_input(sb_partner_tally partners[3])
{
    sb_rule_input in = {.partners = partners, .discussed_earlier = pick(2)};
    in.partner_count = pick(10) ? 3 : pick(3);
    for (uint32_t i = 0; i < in.partner_count; i++) {
        partners[i].id = sb_slice_str(IDS[i]);
        partners[i].tally = random_tally(pick(6) ? 1 + pick(8) : 0);
        tally_add(&in.total, &partners[i].tally);
    }
    sb_tally without = random_tally(pick(2) ? 0 : pick(4));
    tally_add(&in.total, &without);
    return in;
}

/* ---- properties ---- */

static void assert_identity(const sb_rule *rule)
{
    sb_buf first, second;
    sb_buf_init(&first);
    sb_buf_init(&second);
    for (int lang = 0; lang < 2; lang++) {
        sb_rule again;
        sb_buf_clear(&first);
        sb_buf_clear(&second);
        sb_rule_print(rule, (sb_rule_lang)lang, &first);
        assert_int_equal(sb_rule_parse(&arena, sb_buf_slice(&first), &again, NULL), SB_OK);
        assert_true(sb_rule_eq(rule, &again));
        sb_rule_print(&again, (sb_rule_lang)lang, &second);
        assert_true(sb_slice_eq(sb_buf_slice(&first), sb_buf_slice(&second)));
    }
    sb_buf_deinit(&first);
    sb_buf_deinit(&second);
}

/* What the lines say must be what they were made of, and the needed number the true edge. */
static void assert_lines(const sb_rule *rule, const sb_rule_result *r)
{
    for (uint32_t i = 0; i < r->line_count; i++) {
        const sb_rule_line *l = &r->lines[i];
        const sb_rule_node *n = &rule->nodes[l->node];
        bool meets = false;
        switch (l->needed_kind) {
        case SB_NEEDED_AT_LEAST:
            meets = l->a_value >= l->needed;
            break;
        case SB_NEEDED_EXACTLY:
            meets = l->a_value == l->needed;
            break;
        case SB_NEEDED_AT_MOST:
            meets = l->a_value <= l->needed;
            break;
        case SB_NEEDED_IMPOSSIBLE:
            break;
        }
        assert_int_equal(meets, l->held);
        assert_int_equal(l->b_value == n->p || n->is_share, true);
    }
}

static void text_and_evaluation(void **state)
{
    (void)state;
    writer w;
    sb_buf_init(&w.text);
    pick_seed = 20220120;
    uint32_t passed = 0, failed = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        write_rule(&w, 6);
        const char *text = sb_buf_cstr(&w.text);
        sb_rule rule;
        sb_fail fail;
        if (sb_rule_parse(&arena, sb_slice_str(text), &rule, &fail) != SB_OK)
            fail_msg("%s at %u in: %s", sb_err_name(fail.code), rule.error_at, text);
        assert_identity(&rule);
        for (int k = 0; k < 5; k++) {
            sb_partner_tally partners[3];
            sb_rule_input in = random_input(partners);
            sb_rule_result r;
            const char *failure;
            sb_rule_eval(&arena, &rule, &in, &r);
            bool want = naive_rule(text, &in, &failure);
            if (r.passed != want)
                fail_msg("seed run %u.%d: %s", i, k, text);
            assert_string_equal(sb_rule_failure_code(r.failure), failure);
            assert_lines(&rule, &r);
            passed += want;
            failed += !want;
        }
        sb_arena_reset(&arena);
    }
    assert_true(passed > 20000 && failed > 20000);
    sb_buf_deinit(&w.text);
}

/* Any soup of tokens is refused at a position inside it, or is a rule that prints and parses. */
static void soup(void **state)
{
    (void)state;
    static const char *const TOKENS[] = {"for",      ">=",      "1",    "/",       "2",    "of",
                                         "cast",     "and",     "(",    ")",       "or",   "each",
                                         "partner",  "in",      "unn",  ",",       ":",    "minst",
                                         "partnere", "quorum",  "else", "fallen",  "møte", "after",
                                         "\xff",     "present", "=",    "against", "at",   "least"};
    sb_buf text;
    sb_buf_init(&text);
    pick_seed = 7;
    uint32_t parsed = 0;
    for (uint32_t i = 0; i < 60000; i++) {
        sb_buf_clear(&text);
        for (uint32_t n = 1 + pick(9); n > 0; n--) {
            sb_buf_str(&text, pick(4) ? TOKENS[pick(9)] : TOKENS[pick(30)]);
            sb_buf_str(&text, " ");
        }
        sb_rule rule;
        sb_fail fail;
        if (sb_rule_parse(&arena, sb_buf_slice(&text), &rule, &fail) == SB_OK) {
            assert_identity(&rule);
            parsed++;
        } else {
            assert_true(rule.error_at <= text.len);
            assert_non_null(sb_err_name(fail.code));
            assert_true(fail.argc >= 3);
        }
        sb_arena_reset(&arena);
    }
    assert_true(parsed > 20);
    sb_buf_deinit(&text);
}

static bool is_scoped(const sb_rule *rule, const char *id)
{
    for (uint16_t i = 0; i < rule->node_count; i++) {
        const sb_rule_node *n = &rule->nodes[i];
        if ((n->kind == SB_NODE_EACH || n->kind == SB_NODE_AT_LEAST) && n->ids_count == 0)
            return true;
    }
    for (uint16_t i = 0; i < rule->id_count; i++)
        if (sb_slice_eq(rule->ids[i], sb_slice_str(id)))
            return true;
    return false;
}

/* With every attendance and vote of a small body, as the header of search.h defines them. */
static sb_search_result try_all(const sb_rule *rule, const uint32_t seats[3], sb_search_votes votes)
{
    static sb_tally all[3][64];
    uint32_t counts[3];
    for (int g = 0; g < 3; g++)
        counts[g] = all_tallies(seats[g], all[g], 64);
    sb_search_result out = {.is_exact = true};
    for (uint32_t i = 0; i < counts[0]; i++)
        for (uint32_t k = 0; k < counts[1]; k++)
            for (uint32_t m = 0; m < counts[2]; m++) {
                const sb_tally *t[3] = {&all[0][i], &all[1][k], &all[2][m]};
                sb_partner_tally partners[2] = {{sb_slice_str(IDS[0]), *t[0]},
                                                {sb_slice_str(IDS[1]), *t[1]}};
                sb_rule_input in = {.partners = partners, .partner_count = 2};
                bool tied = true;
                sb_tally rest = {0};
                for (int g = 0; g < 3; g++) {
                    tally_add(&in.total, t[g]);
                    if (g < 2 && is_scoped(rule, IDS[g]))
                        tied = tied && t[g]->for_ == t[g]->against;
                    else
                        tally_add(&rest, t[g]);
                }
                tied = tied && rest.for_ == rest.against;
                if (votes == SB_SEARCH_SILENT && in.total.voted > 0)
                    continue;
                if (votes == SB_SEARCH_TIED && (!tied || in.total.cast == 0))
                    continue;
                sb_rule_result r;
                sb_rule_eval(&scratch, rule, &in, &r);
                out.can_pass = out.can_pass || r.formula_held;
                out.can_fail = out.can_fail || !r.formula_held;
                sb_arena_reset(&scratch);
            }
    return out;
}

static void search_is_exact(void **state)
{
    (void)state;
    writer w;
    sb_buf_init(&w.text);
    pick_seed = 51;
    uint32_t compared = 0, one_sided = 0;
    for (uint32_t i = 0; i < 400; i++) {
        write_rule(&w, 4);
        const char *text = sb_buf_cstr(&w.text);
        sb_rule rule;
        parse_rule(text, &rule);
        uint32_t seats[3] = {pick(3), 1 + pick(2), pick(2)};
        sb_rule_group groups[2] = {{.id = sb_slice_str(IDS[0]), .seats = seats[0]},
                                   {.id = sb_slice_str(IDS[1]), .seats = seats[1]}};
        sb_rule_shape shape = {.partners = groups, .partner_count = 2, .free_seats = seats[2]};
        for (uint16_t n = 0; n < rule.id_count; n++)
            if (sb_slice_eq(rule.ids[n], sb_slice_str(IDS[2])))
                rule.ids[n] = sb_slice_str(IDS[0]); /* name only who is there */
        for (int votes = 0; votes < 3; votes++) {
            sb_search_result got = sb_rule_search(&rule, &shape, (sb_search_votes)votes);
            if (!got.is_exact)
                continue; /* more than six scopes */
            bool twice = false;
            for (uint16_t n = 0; n < rule.node_count; n++)
                twice = twice || rule.nodes[n].ids_count > 1;
            if (twice && rule.id_count > 0 && seats[0] == 0)
                continue; /* the checker refuses a partner without seats before it searches */
            sb_search_result want = try_all(&rule, seats, (sb_search_votes)votes);
            if (got.can_pass != want.can_pass || got.can_fail != want.can_fail)
                fail_msg("votes %d, seats %u %u %u: %s", votes, seats[0], seats[1], seats[2], text);
            compared++;
            one_sided += got.can_pass != got.can_fail;
        }
        sb_arena_reset(&arena);
    }
    assert_true(compared > 900 && one_sided > 100);
    sb_buf_deinit(&w.text);
}

/* Bylaw-like rules: one more for never turns held into not held. */
static void one_more_for_never_harms(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "each partner: for > 1/2 of cast",
        "for >= 2/3 of present",
        "for >= 2/3 of cast",
        "against = 0 and for >= 1",
        "at least 2 partners: (for >= 1/3 of voted and for >= 2)",
        "for >= 1/2 of seats or each partner in (unn): for > 3/4 of filled"};
    pick_seed = 99;
    uint32_t held = 0;
    for (uint32_t i = 0; i < 30000; i++) {
        sb_rule rule;
        parse_rule(TEXTS[i % 6], &rule);
        sb_partner_tally partners[3];
        sb_rule_input in = random_input(partners);
        if (in.partner_count == 3) {
            sb_tally *t = &partners[pick(3)].tally;
            sb_rule_result before, after;
            sb_rule_eval(&arena, &rule, &in, &before);
            if (t->voted < t->eligible) {
                sb_tally_votes(t, t->for_ + 1, t->against, t->abstain);
                sb_tally_votes(&in.total, in.total.for_ + 1, in.total.against, in.total.abstain);
            }
            sb_rule_eval(&arena, &rule, &in, &after);
            assert_true(after.passed || !before.passed);
            held += before.passed;
        }
        sb_arena_reset(&arena);
    }
    assert_true(held > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_evaluation),
        cmocka_unit_test(soup),
        cmocka_unit_test(search_is_exact),
        cmocka_unit_test(one_more_for_never_harms),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
