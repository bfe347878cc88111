/* What a charter must satisfy beyond its form: elections, offices, sections and amendments. The rest
 * is in ledger_federation_test. */
#include "tests/lib/cmocka_all.h"

#include "proto/ledger/charter_check.h"
#include "tests/lib/fed.h"

typedef struct sample {
    sb_arena arena;
    Sb__Charter *c;
    sb_fail fail;
} sample;

static Sb__Rule *rule(sample *t, const char *text)
{
    Sb__Rule *r = SB_ARENA_NEW(&t->arena, Sb__Rule);
    *r = (Sb__Rule)SB__RULE__INIT;
    r->text = sb_arena_str(&t->arena, sb_slice_str(text));
    return r;
}

static Sb__Amendment *amendment(sample *t, const char *body, const char *pass)
{
    Sb__Amendment *m = SB_ARENA_NEW(&t->arena, Sb__Amendment);
    *m = (Sb__Amendment)SB__AMENDMENT__INIT;
    m->body = sb_arena_str(&t->arena, sb_slice_str(body));
    m->pass = rule(t, pass);
    return m;
}

/* "pm" elects leader and deputy-leader, who should come from two partners. */
static void elects(sample *t)
{
    Sb__Election *e = SB_ARENA_NEW(&t->arena, Sb__Election);
    *e = (Sb__Election)SB__ELECTION__INIT;
    e->elect = rule(t, "");
    e->rounds = 1;
    e->tie = SB__ELECTION_TIE__ELECTION_TIE_INCUMBENTS;
    t->c->bodies[1]->election = e;
    for (size_t i = 1; i <= 2; i++) {
        Sb__Office *o = t->c->offices[i];
        Sb__OfficeNorm *n = SB_ARENA_NEW(&t->arena, Sb__OfficeNorm);
        *n = (Sb__OfficeNorm)SB__OFFICE_NORM__INIT;
        n->kind = SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_DIFFERS;
        n->force = SB__FORCE__FORCE_SHOULD;
        n->office = i == 1 ? "deputy-leader" : "leader";
        o->elected_by = "pm";
        o->norms = SB_ARENA_ARRAY(&t->arena, Sb__OfficeNorm *, 1);
        o->norms[o->n_norms++] = n;
    }
}

static void everything(sample *t)
{
    elects(t);
    Sb__Body *ssu = t->c->bodies[0];
    ssu->extraordinary_by = "leader";
    ssu->extraordinary_cite = "§ 6";
    t->c->amendment = amendment(t, "ssu", "pass for >= 2/3 of present");
    t->c->membership = amendment(t, "pm", "pass for > 1/2 of cast");
}

static void elect_rule(sample *t)
{
    t->c->bodies[1]->election->elect = rule(t, "pass for > 3/2 of cast");
}

static void elect_quorum(sample *t)
{
    t->c->bodies[1]->election->elect = rule(t, "quorum present >= 1");
}

static void no_rule(sample *t)
{
    t->c->bodies[1]->pass->text = "";
}

static void elected_by_nobody_known(sample *t)
{
    t->c->offices[1]->elected_by = "ukjent";
}

static void elected_by_a_body_that_does_not(sample *t)
{
    t->c->offices[1]->elected_by = "ssu";
}

static void norm_of_itself(sample *t)
{
    t->c->offices[1]->norms[0]->office = "leader";
}

static void norm_of_nobody(sample *t)
{
    t->c->offices[1]->norms[0]->office = "";
}

static void norm_with_too_much(sample *t)
{
    t->c->offices[1]->norms[0]->kind = SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_ALTERNATES;
}

static void called_by_unknown(sample *t)
{
    t->c->bodies[0]->extraordinary_by = "ukjent";
}

static void called_without_paragraph(sample *t)
{
    t->c->bodies[0]->extraordinary_cite = "";
}

static void mandate_without_content(sample *t)
{
    t->c->bodies[0]->mandate_size = 7;
}

static void membership_elsewhere(sample *t)
{
    t->c->membership->body = "ukjent";
}

static void membership_rule(sample *t)
{
    t->c->membership->pass = rule(t, "pass for >=");
}

static uint8_t KEY[32] = {
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
    0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
    0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a}; /* RFC 8032, 7.1 */

static void standby(sample *t, uint32_t silence_s, bool rehearsal)
{
    Sb__Standby *s = SB_ARENA_NEW(&t->arena, Sb__Standby);
    *s = (Sb__Standby)SB__STANDBY__INIT;
    s->id = "reserve";
    s->log_pk = s->curve_pk = (ProtobufCBinaryData){.len = 32, .data = KEY};
    t->c->standbys = SB_ARENA_ARRAY(&t->arena, Sb__Standby *, 1);
    t->c->standbys[0] = s;
    t->c->n_standbys = 1;
    t->c->silence_s = silence_s;
    t->c->rehearsal = rehearsal;
}

static void silence_of_none(sample *t)
{
    standby(t, 0, false);
}

static void silence_short(sample *t)
{
    standby(t, SB_SILENCE_S_MIN - 1, false);
}

static void silence_least(sample *t)
{
    standby(t, 180, false);
}

static void silence_of_a_rehearsal(sample *t)
{
    standby(t, 1, true);
}

static void involvement_of_nobody(sample *t)
{
    Sb__Involvement *v = SB_ARENA_NEW(&t->arena, Sb__Involvement);
    *v = (Sb__Involvement)SB__INVOLVEMENT__INIT;
    t->c->amendment->involvement = v;
}

static sb_err check(void (*bend)(sample *t), sb_fail *fail)
{
    sample t = {0};
    sb_arena_init(&t.arena);
    t.c = fed_default_charter(&t.arena, &(fed_options){0});
    everything(&t);
    if (bend != NULL)
        bend(&t);
    sb_err err = sb_charter_check(t.c, &t.arena, fail);
    sb_arena_deinit(&t.arena);
    return err;
}

static void test_good(void **state)
{
    (void)state;
    assert_int_equal(check(NULL, NULL), SB_OK);
    assert_int_equal(check(silence_least, NULL), SB_OK);
    assert_int_equal(check(silence_of_a_rehearsal, NULL), SB_OK);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        void (*bend)(sample *t);
        sb_err err;
        const char *first, *second;
    } cases[] = {
        {elect_rule, SB_E_LEDGER_CHARTER_RULE, "pm", "elect"},
        {elect_quorum, SB_E_LEDGER_CHARTER_RULE, "pm", "elect"},
        {no_rule, SB_E_LEDGER_CHARTER_ELECTION, "pm", ""},
        {elected_by_nobody_known, SB_E_LEDGER_CHARTER_REFERENCE, "leader", "elected_by"},
        {elected_by_a_body_that_does_not, SB_E_LEDGER_CHARTER_ELECTED, "leader", "ssu"},
        {norm_of_itself, SB_E_LEDGER_CHARTER_OFFICE_NORM, "leader", "1"},
        {norm_of_nobody, SB_E_LEDGER_CHARTER_OFFICE_NORM, "leader", "1"},
        {norm_with_too_much, SB_E_LEDGER_CHARTER_OFFICE_NORM, "leader", "1"},
        {called_by_unknown, SB_E_LEDGER_CHARTER_REFERENCE, "ssu", "extraordinary_by"},
        {called_without_paragraph, SB_E_LEDGER_CHARTER_EXTRAORDINARY, "ssu", ""},
        {mandate_without_content, SB_E_LEDGER_CHARTER_MANDATE, "ssu", ""},
        {membership_elsewhere, SB_E_LEDGER_CHARTER_REFERENCE, "membership", "body"},
        {membership_rule, SB_E_LEDGER_CHARTER_RULE, "pm", "membership"},
        {silence_of_none, SB_E_LEDGER_CHARTER_SILENCE, "", ""},
        {silence_short, SB_E_LEDGER_CHARTER_SILENCE_SHORT, "179", "180"},
        {involvement_of_nobody, SB_E_LEDGER_CHARTER_PARTIES, "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_fail fail = {0};
        sb_err err = check(cases[i].bend, &fail);
        if (err != cases[i].err)
            fail_msg("case %zu: %s", i, sb_err_name(err));
        assert_string_equal(fail.arg[0], cases[i].first);
        assert_string_equal(fail.arg[1], cases[i].second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
