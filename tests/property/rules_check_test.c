/* What the checker finds in a rule (RULES.md § 7), against what the rule was made of and against
 * every attendance and vote of a small body. */
#include "proto/rules/check.h"
#include "tests/lib/rules_gen.h"

enum { PARTNERS = 3, UNITS_MAX = 3, NAMED_MAX = 3, TALLIES_MAX = 64 };

static const char *const IDS[PARTNERS + 1] = {"a", "b", "c", "nobody"};
/* ---- rules, known by what they are made of ---- */

typedef struct comparison {
    uint32_t a, b, op, p, q;
    bool is_share;
} comparison;

typedef struct unit {
    enum { BODY, EACH, NAMED, AT_LEAST } scope;
    uint32_t k, named[NAMED_MAX], named_count;
    comparison compare;
} unit;

typedef struct made {
    bool is_quorum, says_else, says_discussed, is_and;
    unit units[UNITS_MAX];
    uint32_t count;
} made;

static void make(made *m, bool is_sound)
{
    *m = (made){.is_quorum = pick(3) == 0, .says_else = pick(8) == 0, .is_and = pick(2)};
    m->says_discussed = pick(8) == 0;
    m->count = 1 + pick(UNITS_MAX);
    for (uint32_t i = 0; i < m->count; i++) {
        unit *u = &m->units[i];
        *u = (unit){.scope = pick(4), .k = pick(is_sound ? 3 : 5)};
        while (u->scope == NAMED &&
               (u->named_count == 0 || (u->named_count < NAMED_MAX && pick(2))))
            u->named[u->named_count++] = pick(is_sound ? 2 : PARTNERS + 1);
        comparison *c = &u->compare;
        *c = (comparison){
            .a = pick(9), .b = pick(9), .op = pick(5), .is_share = pick(3) > 0, .q = 1};
        c->p = pick(4);
        if (c->is_share)
            c->q = pick(is_sound ? 3 : 4) + is_sound;
        if (is_sound && c->p > c->q)
            c->p = c->q;
    }
}

static const char *write_rule(const made *m, sb_buf *out)
{
    sb_buf_clear(out);
    sb_buf_str(out, m->is_quorum ? "quorum " : "pass ");
    for (uint32_t i = 0; i < m->count; i++) {
        const unit *u = &m->units[i];
        if (i > 0)
            sb_buf_str(out, m->is_and ? " and " : " or ");
        if (u->scope == AT_LEAST)
            sb_buf_printf(out, "at least %u partners: ", u->k);
        else if (u->scope != BODY)
            sb_buf_str(out, "each partner");
        for (uint32_t n = 0; n < u->named_count; n++)
            sb_buf_printf(out, "%s%s", n == 0 ? " in (" : ", ", IDS[u->named[n]]);
        sb_buf_str(out, u->named_count > 0 ? "): " : u->scope == EACH ? ": " : "");
        sb_buf_printf(out, "%s %s %u", rules_counts[u->compare.a], rules_operators[u->compare.op],
                      u->compare.p);
        if (u->compare.is_share)
            sb_buf_printf(out, "/%u of %s", u->compare.q, rules_counts[u->compare.b]);
    }
    sb_buf_str(out, m->says_discussed ? ", after discussion in an earlier meeting" : "");
    sb_buf_str(out, m->says_else ? " else fallen" : "");
    return sb_buf_cstr(out);
}

/* ---- every attendance and vote ---- */

/* Can a ever be more than b? If not it is counted among b. */
static bool can_exceed(uint32_t a, uint32_t b)
{
    sb_tally all[TALLIES_MAX];
    uint32_t count = all_tallies(3, all, TALLIES_MAX);
    for (uint32_t i = 0; i < count; i++)
        if (sb_tally_get(&all[i], (sb_count)a) > sb_tally_get(&all[i], (sb_count)b))
            return true;
    return false;
}

typedef struct outcomes {
    bool can_pass, can_fail;
} outcomes;

static void note(outcomes *o, bool held)
{
    o->can_pass = o->can_pass || held;
    o->can_fail = o->can_fail || !held;
}

typedef struct tried {
    outcomes any, silent, tied;
} tried;

static bool counts_separately(const made *m, uint32_t partner)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const unit *u = &m->units[i];
        for (uint32_t n = 0; n < u->named_count; n++)
            if (u->named[n] == partner)
                return true;
        if (u->scope == EACH || u->scope == AT_LEAST)
            return true;
    }
    return false;
}

/* Two partners and the seats of none. */
static void try_all(const made *m, const sb_rule *rule, const uint32_t seats[3], tried *out)
{
    sb_tally all[3][TALLIES_MAX];
    uint32_t counts[3];
    *out = (tried){.any = {0}};
    for (int g = 0; g < 3; g++)
        counts[g] = all_tallies(seats[g], all[g], TALLIES_MAX);
    for (uint32_t i = 0; i < counts[0] * counts[1] * counts[2]; i++) {
        const sb_tally *t[3] = {&all[0][i % counts[0]], &all[1][i / counts[0] % counts[1]],
                                &all[2][i / counts[0] / counts[1]]};
        sb_partner_tally partners[2] = {{sb_slice_str(IDS[0]), *t[0]},
                                        {sb_slice_str(IDS[1]), *t[1]}};
        sb_rule_input in = {.partners = partners, .partner_count = 2, .discussed_earlier = true};
        sb_tally rest = {0};
        sb_rule_result r;
        bool tied = true;
        for (uint32_t g = 0; g < 3; g++) {
            tally_add(&in.total, t[g]);
            if (g < 2 && counts_separately(m, g))
                tied = tied && t[g]->for_ == t[g]->against;
            else
                tally_add(&rest, t[g]);
        }
        sb_rule_eval(&scratch, rule, &in, &r);
        note(&out->any, r.passed);
        if (in.total.voted == 0)
            note(&out->silent, r.passed);
        if (tied && rest.for_ == rest.against && in.total.cast > 0)
            note(&out->tied, r.passed);
        sb_arena_reset(&scratch);
    }
}

/* ---- what should be found ---- */

typedef struct expected {
    sb_err code;
    sb_rule_level level;
} expected;

typedef struct list {
    expected at[64];
    uint32_t count;
} list;

static void expect(list *l, sb_rule_level level, sb_err code)
{
    assert_true(l->count < 64);
    l->at[l->count++] = (expected){code, level};
}

static void expect_of_comparison(const made *m, const comparison *c, list *l)
{
    bool votes = c->a >= SB_COUNT_VOTED || (c->is_share && c->b >= SB_COUNT_VOTED);
    if (m->is_quorum && votes)
        expect(l, SB_RULE_WARNING, SB_E_RULE_QUORUM_VOTES);
    if (c->is_share && c->q == 0)
        expect(l, SB_RULE_ERROR, SB_E_RULE_ZERO_DENOMINATOR);
    else if (c->is_share && c->p > c->q)
        expect(l, can_exceed(c->a, c->b) ? SB_RULE_WARNING : SB_RULE_ERROR, SB_E_RULE_OVER_ONE);
}

static void expect_of_scope(const unit *u, const uint32_t seats[PARTNERS], uint32_t partners,
                            list *l)
{
    uint32_t with = 0;
    for (uint32_t i = 0; i < partners; i++)
        with += seats[i] > 0;
    if (u->scope == AT_LEAST && u->k > with)
        expect(l, SB_RULE_ERROR, SB_E_RULE_TOO_FEW_PARTNERS);
    else if ((u->scope == EACH || u->scope == AT_LEAST) && with == 0)
        expect(l, SB_RULE_ERROR, SB_E_RULE_NO_PARTNERS);
    for (uint32_t n = 0; n < u->named_count; n++) {
        bool again = false;
        for (uint32_t before = 0; before < n; before++)
            again = again || u->named[before] == u->named[n];
        if (again)
            expect(l, SB_RULE_ERROR, SB_E_RULE_PARTNER_TWICE);
        else if (u->named[n] >= partners)
            expect(l, SB_RULE_ERROR, SB_E_RULE_UNKNOWN_PARTNER);
        else if (seats[u->named[n]] == 0)
            expect(l, SB_RULE_ERROR, SB_E_RULE_PARTNER_NO_SEATS);
    }
}

static void expect_of_structure(const made *m, const uint32_t seats[PARTNERS], uint32_t partners,
                                list *l)
{
    for (uint32_t i = 0; i < m->count; i++) {
        expect_of_comparison(m, &m->units[i].compare, l);
        if (m->units[i].scope != BODY)
            expect_of_scope(&m->units[i], seats, partners, l);
    }
    if (m->is_quorum && (m->says_else || m->says_discussed))
        expect(l, SB_RULE_WARNING, SB_E_RULE_QUORUM_ELSE);
}

static void expect_of_outcomes(const made *m, const tried *t, list *l)
{
    if (!t->any.can_pass)
        expect(l, SB_RULE_ERROR, SB_E_RULE_NEVER_PASSES);
    if (!t->any.can_fail)
        expect(l, SB_RULE_WARNING, SB_E_RULE_NEVER_FAILS);
    if (m->is_quorum || !t->any.can_pass || !t->any.can_fail)
        return;
    if (t->silent.can_pass)
        expect(l, SB_RULE_WARNING, SB_E_RULE_SILENCE_PASSES);
    if (t->tied.can_pass || t->tied.can_fail)
        expect(l, SB_RULE_NOTE,
               t->tied.can_pass && t->tied.can_fail ? SB_E_RULE_TIE_DEPENDS
               : t->tied.can_pass                   ? SB_E_RULE_TIE_PASSES
                                                    : SB_E_RULE_TIE_FALLS);
}

static uint32_t times(const list *l, expected e)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < l->count; i++)
        count += l->at[i].code == e.code && l->at[i].level == e.level;
    return count;
}

static void assert_findings(const sb_rule_report *report, const list *want, const char *text)
{
    list got = {.count = 0};
    for (uint32_t i = 0; i < report->count; i++)
        expect(&got, report->findings[i].level, report->findings[i].fail.code);
    for (uint32_t i = 0; i < got.count; i++)
        if (times(&got, got.at[i]) != times(want, got.at[i]))
            fail_msg("%s found %u times, not %u: %s", sb_err_name(got.at[i].code),
                     times(&got, got.at[i]), times(want, got.at[i]), text);
    for (uint32_t i = 0; i < want->count; i++)
        if (times(&got, want->at[i]) == 0)
            fail_msg("%s not found: %s", sb_err_name(want->at[i].code), text);
}

/* ---- the tests ---- */

static void shape_of(const uint32_t seats[PARTNERS], uint32_t partners, uint32_t rest,
                     sb_rule_group groups[PARTNERS], sb_rule_shape *out)
{
    for (uint32_t i = 0; i < partners; i++)
        groups[i] = (sb_rule_group){.id = sb_slice_str(IDS[i]), .seats = seats[i]};
    *out = (sb_rule_shape){.partners = groups, .partner_count = partners, .free_seats = rest};
}

static void structure_is_found(void **state)
{
    (void)state;
    sb_buf text;
    uint32_t errors = 0;
    sb_buf_init(&text);
    pick_seed = 99;
    for (int i = 0; i < 20000; i++) {
        made m;
        sb_rule rule;
        sb_rule_group groups[PARTNERS];
        sb_rule_shape shape;
        sb_rule_report report;
        list want = {.count = 0};
        uint32_t seats[PARTNERS] = {pick(3), pick(3), pick(3)}, partners = pick(PARTNERS + 1);
        make(&m, false);
        const char *words = write_rule(&m, &text);
        parse_rule(words, &rule);
        shape_of(seats, partners, 1, groups, &shape);
        sb_rule_check(&arena, &rule, &shape, &report);
        expect_of_structure(&m, seats, partners, &want);
        bool wrong = false;
        for (uint32_t k = 0; k < want.count; k++)
            wrong = wrong || want.at[k].level == SB_RULE_ERROR;
        if (wrong) { /* then outcomes are not looked at */
            assert_findings(&report, &want, words);
            assert_true(report.has_errors && !report.is_exact);
        }
        errors += wrong;
        sb_arena_reset(&arena);
    }
    assert_true(errors > 5000);
    sb_buf_deinit(&text);
}

static void outcomes_are_found(void **state)
{
    (void)state;
    sb_buf text;
    uint32_t compared = 0, notes = 0;
    sb_buf_init(&text);
    pick_seed = 100;
    for (int i = 0; i < 2500; i++) {
        made m;
        sb_rule rule;
        sb_rule_group groups[PARTNERS];
        sb_rule_shape shape;
        sb_rule_report report;
        tried t;
        list want = {.count = 0};
        uint32_t seats[PARTNERS] = {1 + pick(2), 1 + pick(2), pick(2)};
        make(&m, true);
        const char *words = write_rule(&m, &text);
        parse_rule(words, &rule);
        shape_of(seats, 2, seats[2], groups, &shape);
        sb_rule_check(&arena, &rule, &shape, &report);
        expect_of_structure(&m, seats, 2, &want);
        bool wrong = false;
        for (uint32_t k = 0; k < want.count; k++)
            wrong = wrong || want.at[k].level == SB_RULE_ERROR;
        if (!wrong) {
            try_all(&m, &rule, seats, &t);
            expect_of_outcomes(&m, &t, &want);
            assert_findings(&report, &want, words);
            assert_true(report.is_exact);
            compared++;
            notes += !m.is_quorum && (t.tied.can_pass || t.tied.can_fail);
        }
        sb_arena_reset(&arena);
    }
    print_message("%u rules, %u with a tie\n", compared, notes);
    assert_true(compared > 1500 && notes > 500);
    sb_buf_deinit(&text);
}

/* Rules are equal exactly when their canonical texts are. */
static void equal_rules_have_one_text(void **state)
{
    (void)state;
    sb_buf text, prints[2];
    uint32_t equal = 0;
    sb_buf_init(&text);
    sb_buf_init(&prints[0]);
    sb_buf_init(&prints[1]);
    pick_seed = 3;
    for (int i = 0; i < 20000; i++) {
        sb_rule rules[2];
        made m;
        make(&m, true);
        m.count = 1;
        for (int k = 0; k < 2; k++) {
            const char *words = write_rule(&m, &text);
            parse_rule(words, &rules[k]);
            sb_buf_clear(&prints[k]);
            sb_rule_print(&rules[k], SB_RULE_EN, &prints[k]);
            comparison *c = &m.units[0].compare; /* and the other rule is one thing off, or none */
            switch (pick(6)) {
            case 0:
                c->is_share = !c->is_share;
                c->b = c->a;
                break;
            case 1:
                m.units[0].named[0] = pick(2);
                break;
            case 2:
                c->p = pick(2);
                break;
            case 3:
                c->b = pick(9);
                break;
            case 4:
                m.says_else = !m.says_else;
                break;
            default:
                break;
            }
        }
        bool same = sb_slice_eq(sb_buf_slice(&prints[0]), sb_buf_slice(&prints[1]));
        if (sb_rule_eq(&rules[0], &rules[1]) != same)
            fail_msg("%s | %s", sb_buf_cstr(&prints[0]), sb_buf_cstr(&prints[1]));
        equal += same;
        sb_arena_reset(&arena);
    }
    assert_true(equal > 2000 && equal < 18000);
    sb_buf_deinit(&text);
    sb_buf_deinit(&prints[0]);
    sb_buf_deinit(&prints[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structure_is_found),
        cmocka_unit_test(outcomes_are_found),
        cmocka_unit_test(equal_rules_have_one_text),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
