/* Reading charters: the real one, each way to be wrong with its line, and the federation file. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/charter/charter.h"
#include "nodes/host/file.h"
#include "tests/lib/tmpdir.h"

#define HEAD "charter: {slug: x, name: X}\n"
#define PARTNERS "partners: [{id: a, name: A}, {id: b, name: B}]\n"
#define ORGANISATIONS                                                                              \
    "organisations: [{id: o, name: O, partner: a}, {id: p, name: P, partner: b}]\n"
#define APPOINTERS "appointers: [{id: o, name: O, host: o}]\n"
#define TOP HEAD PARTNERS ORGANISATIONS APPOINTERS /* four lines */
#define BODY                                                                                       \
    "bodies:\n"                                                                                    \
    "  - id: c\n"                                                                                  \
    "    name: C\n"                                                                                \
    "    short-name: C\n"                                                                          \
    "    seats:\n"                                                                                 \
    "      - {id: a-1, title: A1, partner: a, appointer: o}\n"                                     \
    "      - {id: b-1, title: B1, partner: b, appointer: o}\n" /* line 11 of TOP BODY */
#define RULES                                                                                      \
    "    quorum: {rule: \"each partner: present >= 1/2 of seats\", cite: § 1}\n"                  \
    "    pass: {rule: \"for > 1/2 of cast\", cite: § 2}\n"

typedef struct reading {
    sb_arena arena;
    char dir[64], path[96];
    const Sb__Charter *charter;
    sb_charter_report report;
    sb_fail fail;
} reading;

static int setup(void **state)
{
    reading *r = calloc(1, sizeof *r);
    sb_arena_init(&r->arena);
    sb_tmpdir_make(r->dir);
    (void)snprintf(r->path, sizeof r->path, "%s/charter.yaml", r->dir);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    reading *r = *state;
    sb_tmpdir_drop(r->dir);
    sb_arena_deinit(&r->arena);
    free(r);
    return 0;
}

static sb_err read_text(reading *r, const char *text)
{
    r->report = (sb_charter_report){0};
    assert_int_equal(sb_file_write(r->path, sb_slice_str(text), 0644, NULL), SB_OK);
    return sb_charter_read(r->path, NULL, &r->arena, &r->charter, &r->report, &r->fail);
}

/* Refused with this code, naming the file and this line. */
static void refused(reading *r, const char *text, sb_err code, const char *line)
{
    sb_err err = read_text(r, text);
    if (err != code)
        fail_msg("wanted %s, got %s (%s)", sb_err_name(code), sb_err_name(err), r->fail.arg[2]);
    assert_string_equal(r->fail.arg[0], r->path);
    assert_string_equal(r->fail.arg[1], line);
}

static bool remarked(const reading *r, sb_err code)
{
    for (uint32_t i = 0; i < r->report.count; i++)
        if (r->report.findings[i].finding.fail.code == code)
            return true;
    return false;
}

static void test_the_real_bylaws(void **state)
{
    reading *r = *state;
    assert_int_equal(sb_charter_read("deploy/federations/troms-og-ofoten.yaml", NULL, &r->arena,
                                     &r->charter, &r->report, &r->fail),
                     SB_OK);
    const Sb__Charter *c = r->charter;
    assert_int_equal(c->n_partners, 4);
    assert_int_equal(c->n_organisations, 7);
    assert_int_equal(c->n_parties, 25); /* 24 municipalities and the trust */
    assert_false(c->rehearsal);
    assert_int_equal(r->report.assumed, 13);
    assert_string_equal(c->offices[1]->elected_by, "pm");
    assert_int_equal(c->bodies[0]->election->tie, SB__ELECTION_TIE__ELECTION_TIE_INCUMBENTS);
    assert_int_equal(c->bodies[1]->planning->least_meetings, 8);
    assert_string_equal(c->bodies[1]->extraordinary_by, "leader");
    assert_int_equal(c->bodies[1]->term_months, 48);
    assert_true(c->bodies[1]->may_create);
    assert_true(c->amendment->involvement->lapses);
    for (size_t i = 0; i < c->bodies[0]->n_seats; i++) { /* § 3 nr. 1: the mayors may delegate */
        const Sb__Seat *seat = c->bodies[0]->seats[i];
        assert_int_equal(seat->ex_officio, strcmp(seat->partner, "kommune") == 0);
    }
    const Sb__Body *ssu = c->bodies[1];
    size_t voting = 0;
    for (size_t i = 0; i < ssu->n_seats; i++)
        voting += (size_t)ssu->seats[i]->voting;
    assert_int_equal(voting, 16);
    assert_int_equal(ssu->n_seats - voting, 6);
    assert_string_equal(ssu->bar_cite, "§ 6 SSU nr. 9");
    assert_string_equal(ssu->quorum->text, "quorum each partner in (unn, kommune, fastlege, "
                                           "bruker): present >= 1/2 of seats");
    sb_charter_options options = {.rehearsal = true};
    assert_int_equal(sb_charter_read("deploy/federations/troms-og-ofoten.yaml", &options, &r->arena,
                                     &r->charter, NULL, &r->fail),
                     SB_OK);
    assert_true(r->charter->rehearsal);
}

static void test_small(void **state)
{
    reading *r = *state;
    assert_int_equal(read_text(r, TOP BODY RULES), SB_OK);
    assert_int_equal(r->charter->bodies[0]->n_seats, 2);
    assert_string_equal(r->charter->bodies[0]->minutes_name, "referat");
    assert_int_equal(r->charter->policy->more_than_num, 2);
    assert_true(remarked(r, SB_E_CHARTER_ALL_NEEDED)); /* 2 of 2 */
    assert_false(remarked(r, SB_E_CHARTER_NO_QUORUM));
    assert_int_equal(read_text(r, TOP BODY), SB_OK);
    assert_true(remarked(r, SB_E_CHARTER_NO_QUORUM));
    assert_true(remarked(r, SB_E_CHARTER_NO_PASS));
    assert_int_equal(read_text(r, TOP BODY RULES
                               "    deadlines:\n      - {kind: minutes-silence, least: 2, unit: "
                               "working-day, effect: noted, cite: § 3}\n"),
                     SB_OK);
    assert_true(remarked(r, SB_E_CHARTER_SILENCE_UNUSED));
    sb_buf bytes;
    sb_buf_init(&bytes);
    assert_int_equal(sb_charter_encode(r->charter, &bytes, &r->fail), SB_OK);
    sb_buf_deinit(&bytes);
}

static void test_ids_and_references(void **state)
{
    reading *r = *state;
    refused(r, HEAD "partners: [{id: a, name: A}, {id: a, name: B}]\n", SB_E_CHARTER_DUPLICATE_ID,
            "2");
    refused(r, HEAD "partners: [{id: Ærlig, name: A}]\n", SB_E_CHARTER_ID, "2");
    refused(r, HEAD PARTNERS "organisations: [{id: o, name: O, partner: c}]\n",
            SB_E_CHARTER_UNKNOWN_REF, "3");
    refused(r, HEAD PARTNERS ORGANISATIONS "appointers: [{id: o, name: O, host: q}]\n",
            SB_E_CHARTER_UNKNOWN_REF, "4");
    refused(r, TOP BODY "      - {id: a-1, title: A1, partner: a, appointer: o}\n",
            SB_E_CHARTER_DUPLICATE_ID, "12");
    refused(r, TOP BODY "      - {id: a-2, title: A2, partner: q, appointer: o}\n",
            SB_E_CHARTER_UNKNOWN_REF, "12");
    refused(r, TOP BODY "      - {id: a-2, title: A2, partner: a, appointer: q}\n",
            SB_E_CHARTER_UNKNOWN_REF, "12");
    refused(r, TOP BODY RULES "offices:\n  - {id: leader, name: L, seat: q, appointed-by: o}\n",
            SB_E_CHARTER_UNKNOWN_REF, "15");
    refused(r, TOP BODY RULES "offices:\n  - {id: leader, name: L, appointed-by: q}\n",
            SB_E_CHARTER_UNKNOWN_REF, "15");
    refused(r, TOP BODY RULES "    parent: q\n", SB_E_CHARTER_UNKNOWN_REF, "14");
    refused(r, TOP BODY RULES "amendment: {body: q, pass: for > 1/2 of cast, cite: § 7}\n",
            SB_E_CHARTER_UNKNOWN_REF, "14");
}

#define ELECTION "    election: {tie: incumbents, cite: § 6}\n" /* line 14 of TOP BODY RULES */
#define OFFICE "offices:\n  - {id: leader, name: L, appointed-by: o, "

static void test_elections(void **state)
{
    reading *r = *state;
    assert_int_equal(
        read_text(r, TOP BODY RULES
                  "    election: {rule: \"each partner: for > 1/2 of cast\", rounds: 3, keep: 2, "
                  "tie: nobody, acclamation: true, cite: § 6, assumed: so we read it}\n" OFFICE
                  "elected-by: c, term: {years: 1}, sits-until-replaced: true, norms: [{kind: "
                  "alternates, force: should, cite: § 6}]}\n"
                  "  - {id: deputy-leader, name: D, appointed-by: p, elected-by: c, norms: [{kind: "
                  "differs, office: leader, force: must, cite: § 6, assumed: too}]}\n"),
        SB_OK);
    assert_int_equal(r->report.assumed, 2);
    const Sb__Election *e = r->charter->bodies[0]->election;
    assert_string_equal(e->elect->text, "pass each partner: for > 1/2 of cast");
    assert_string_equal(e->elect->cite, "§ 6");
    assert_string_equal(e->elect->assumed, "");
    assert_int_equal(e->rounds, 3);
    assert_int_equal(e->keep, 2);
    assert_int_equal(e->tie, SB__ELECTION_TIE__ELECTION_TIE_NOBODY);
    assert_true(e->acclamation);
    const Sb__Office *leader = r->charter->offices[0], *deputy = r->charter->offices[1];
    assert_string_equal(leader->elected_by, "c");
    assert_int_equal(leader->term_months, 12);
    assert_true(leader->sits_until_replaced);
    assert_int_equal(leader->norms[0]->kind, SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_ALTERNATES);
    assert_int_equal(leader->norms[0]->force, SB__FORCE__FORCE_SHOULD);
    assert_string_equal(deputy->norms[0]->office, "leader");
    sb_buf bytes;
    sb_buf_init(&bytes);
    assert_int_equal(sb_charter_encode(r->charter, &bytes, &r->fail), SB_OK);
    sb_buf_deinit(&bytes);

    assert_int_equal(read_text(r, TOP BODY RULES ELECTION),
                     SB_OK); /* by the pass rule, one round */
    assert_string_equal(r->charter->bodies[0]->election->elect->text, "");
    assert_int_equal(r->charter->bodies[0]->election->rounds, 1);
    assert_true(remarked(r, SB_E_CHARTER_ELECTS_NOTHING));
    assert_int_equal(
        read_text(r, TOP BODY RULES "    election: {keep: 2, tie: incumbents, cite: § 6}\n"),
        SB_OK);
    assert_true(remarked(r, SB_E_CHARTER_KEEP_UNUSED));

    refused(r, TOP BODY "    election: {tie: nobody, cite: § 6}\n", SB_E_CHARTER_ELECTION_RULE,
            "12");
    refused(r, TOP BODY RULES "    election: {cite: § 6}\n", SB_E_DOC_MISSING_KEY, "14");
    refused(r, TOP BODY RULES "    election: {tie: nobody}\n", SB_E_DOC_MISSING_KEY, "14");
    refused(r, TOP BODY RULES "    election: {tie: dice, cite: § 6}\n", SB_E_DOC_CHOICE, "14");
    refused(r,
            TOP BODY RULES "    election:\n      tie: nobody\n      cite: § 6\n      rounds: 11\n",
            SB_E_DOC_RANGE, "17");
    refused(r, TOP BODY RULES "    election:\n      tie: nobody\n      cite: § 6\n      keep: 1\n",
            SB_E_DOC_RANGE, "17");
    refused(r,
            TOP BODY RULES
            "    election:\n      tie: nobody\n      cite: § 6\n      rule: for > 3/2 of cast\n",
            SB_E_CHARTER_RULE, "17");
    refused(r,
            TOP BODY RULES
            "    election:\n      tie: nobody\n      cite: § 6\n      rule: quorum present >= 1\n",
            SB_E_CHARTER_RULE_KIND, "17");
}

static void test_offices(void **state)
{
    reading *r = *state;
    refused(r, TOP BODY RULES OFFICE "elected-by: q}\n", SB_E_CHARTER_UNKNOWN_REF, "15");
    refused(r, TOP BODY RULES OFFICE "elected-by: c}\n", SB_E_CHARTER_ELECTED, "15");
    assert_string_equal(r->fail.arg[2], "leader");
    assert_string_equal(r->fail.arg[3], "c");
    refused(r, TOP BODY RULES OFFICE "term: {}}\n", SB_E_CHARTER_TERM, "15");
    refused(r, TOP BODY RULES OFFICE "term: {years: 1, months: 6}}\n", SB_E_CHARTER_TERM, "15");
    refused(r, TOP BODY RULES OFFICE "term: {years: 101}}\n", SB_E_DOC_RANGE, "15");
    refused(r, TOP BODY RULES OFFICE "term: {years: 1, cite: § 6}}\n", SB_E_DOC_UNKNOWN_KEY, "15");
    refused(r, TOP BODY RULES OFFICE "norms: [{kind: differs, force: must, cite: § 6}]}\n",
            SB_E_DOC_MISSING_KEY, "15");
    refused(r,
            TOP BODY RULES OFFICE
            "norms: [{kind: alternates, office: leader, force: must, cite: § 6}]}\n",
            SB_E_DOC_UNKNOWN_KEY, "15");
    refused(r,
            TOP BODY RULES OFFICE
            "\n     norms: [\n       {kind: differs, office: q, force: must, cite: § 6}]}\n",
            SB_E_CHARTER_UNKNOWN_REF, "17");
    refused(r,
            TOP BODY RULES OFFICE
            "\n     norms: [\n       {kind: differs, office: leader, force: must, cite: § 6}]}\n",
            SB_E_CHARTER_OFFICE_ITSELF, "17");
    refused(r, TOP BODY RULES OFFICE "norms: [{kind: alternates, force: could, cite: § 6}]}\n",
            SB_E_DOC_CHOICE, "15");
    assert_int_equal(read_text(r, TOP BODY RULES OFFICE
                               "sits-until-replaced: true, norms: [{kind: alternates, force: must, "
                               "cite: § 6}]}\n"),
                     SB_OK);
    assert_true(remarked(r, SB_E_CHARTER_OFFICE_NORMS_UNUSED));
    assert_true(remarked(r, SB_E_CHARTER_SITS_UNUSED));
}

static void test_sections(void **state)
{
    reading *r = *state;
    assert_int_equal(
        read_text(r, TOP BODY
                  "      - {id: a-2, title: A2, partner: a, appointer: o, ex-officio: true}\n" RULES
                  "    planning: {least: 8, before-year: true, next-date: true, cite: § 6 no. 1}\n"
                  "    extraordinary: {by: leader, cite: § 6 no. 16}\n"
                  "    delegation-cite: § 3\n"
                  "    term: {years: 4, cite: § 3 no. 2}\n"
                  "    may-create: {cite: § 3 no. 3}\n" OFFICE "term: {months: 6}}\n"),
        SB_OK);
    const Sb__Body *b = r->charter->bodies[0];
    assert_int_equal(b->planning->least_meetings, 8);
    assert_true(b->planning->before_year && b->planning->next_date);
    assert_string_equal(b->extraordinary_by, "leader");
    assert_string_equal(b->extraordinary_cite, "§ 6 no. 16");
    assert_true(remarked(r, SB_E_CHARTER_NO_NOTICE));
    assert_string_equal(b->delegation_cite, "§ 3");
    assert_false(remarked(r, SB_E_CHARTER_DELEGATION_UNUSED));
    assert_int_equal(b->term_months, 48);
    assert_string_equal(b->term_cite, "§ 3 no. 2");
    assert_true(b->may_create);
    assert_string_equal(b->create_cite, "§ 3 no. 3");
    assert_int_equal(r->charter->offices[0]->term_months, 6);

    assert_int_equal(read_text(r, TOP BODY RULES
                               "    delegation-cite: § 3\n    deadlines: [{kind: notice, least: 1, "
                               "unit: week, effect: noted, cite: § 6}]\n"),
                     SB_OK);
    assert_true(remarked(r, SB_E_CHARTER_DELEGATION_UNUSED));
    assert_true(remarked(r, SB_E_CHARTER_NOTICE_UNUSED));

    refused(r, TOP BODY RULES "    extraordinary: {by: leader, cite: § 6}\n",
            SB_E_CHARTER_UNKNOWN_REF, "14");
    refused(r, TOP BODY RULES "    extraordinary: {by: leader}\n", SB_E_DOC_MISSING_KEY, "14");
    refused(r, TOP BODY RULES "    planning: {cite: § 6}\n", SB_E_CHARTER_EMPTY, "14");
    refused(r, TOP BODY RULES "    planning: {least: 8}\n", SB_E_DOC_MISSING_KEY, "14");
    refused(r, TOP BODY RULES "    planning: {least: 400, cite: § 6}\n", SB_E_DOC_RANGE, "14");
    refused(r, TOP BODY RULES "    term: {years: 4}\n", SB_E_DOC_MISSING_KEY, "14");
    refused(r, TOP BODY RULES "    term: {cite: § 3}\n", SB_E_CHARTER_TERM, "14");
    refused(r, TOP BODY RULES "    may-create: true\n", SB_E_DOC_WANT_MAP, "14");
    refused(r, TOP BODY RULES "    mandate: abc\n", SB_E_DOC_UNKNOWN_KEY, "14");
}

static void test_amendments(void **state)
{
    reading *r = *state;
#define CHANGE "{body: c, pass: for >= 2/3 of present, cite: § 7"
    assert_int_equal(read_text(r, TOP BODY RULES
                               "parties: [{id: x, name: X}]\namendment: " CHANGE
                               ", involvement: {moment: before-effect, kind: signed, lapses: true, "
                               "cite: § 7, assumed: so}}\nmembership: " CHANGE "}\n"),
                     SB_OK);
    const Sb__Involvement *v = r->charter->amendment->involvement;
    assert_int_equal(v->moment, SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT);
    assert_int_equal(v->kind, SB__CONDITION_KIND__CONDITION_KIND_SIGNED);
    assert_true(v->lapses);
    assert_string_equal(v->assumed, "so");
    assert_int_equal(r->report.assumed, 1);
    assert_string_equal(r->charter->membership->body, "c");
    assert_null(r->charter->membership->involvement);

    refused(r, TOP BODY RULES "amendment: {body: c, cite: § 7}\n", SB_E_DOC_MISSING_KEY, "14");
    refused(r, TOP BODY RULES "membership: {body: q, pass: for > 1/2 of cast, cite: § 7}\n",
            SB_E_CHARTER_UNKNOWN_REF, "14");
    refused(r,
            TOP BODY RULES
            "amendment: " CHANGE
            ", involvement:\n  {moment: before-question, kind: informed, cite: § 7}}\n",
            SB_E_CHARTER_NO_PARTIES, "15");
    refused(r,
            TOP BODY RULES "amendment: " CHANGE
                           ", involvement: {moment: never, kind: informed, cite: § 7}}\n",
            SB_E_DOC_CHOICE, "14");
    refused(r,
            TOP BODY RULES "amendment: " CHANGE
                           ", involvement: {moment: before-question, kind: informed}}\n",
            SB_E_DOC_MISSING_KEY, "14");
#undef CHANGE
}

/* Who confirms, as groups; who may take over. */
static void test_witnesses(void **state)
{
    reading *r = *state;
#define THREE                                                                                      \
    HEAD PARTNERS "organisations: [{id: o, name: O, partner: a}, {id: p, name: P, partner: b}, "   \
                  "{id: q, name: Q, partner: b}, {id: s, name: S, partner: b}]\n" APPOINTERS
#define GROUPS(text) THREE "witnesses:\n  groups:\n" text BODY RULES
    assert_int_equal(
        read_text(r, GROUPS("    - {name: noen, threshold: any, members: [p, q]}\n"
                            "    - {name: alle, threshold: all, members: [o, noen]}\n")),
        SB_OK);
    const Sb__WitnessPolicy *policy = r->charter->policy;
    assert_int_equal(policy->n_groups, 2);
    assert_int_equal(policy->more_than_den, 0);
    assert_int_equal(policy->groups[0]->threshold, 1);
    assert_int_equal(policy->groups[1]->threshold, 2);
    assert_string_equal(policy->groups[1]->members[1], "noen");
    assert_true(remarked(r, SB_E_CHARTER_NOT_COUNTED)); /* s */
    assert_true(remarked(r, SB_E_CHARTER_ONE_STOPS));
    refused(r, GROUPS("    - {name: alle, threshold: 3, members: [o, p]}\n"),
            SB_E_CHARTER_THRESHOLD, "7");
    refused(r, GROUPS("    - {name: alle, threshold: mange, members: [o, p]}\n"),
            SB_E_CHARTER_THRESHOLD, "7");
    refused(r, GROUPS("    - {name: alle, threshold: 0, members: [o, p]}\n"),
            SB_E_CHARTER_THRESHOLD, "7");
    refused(r, GROUPS("    - {name: alle, threshold: 1, members: [o, p]}\n"),
            SB_E_CHARTER_NO_OVERLAP, "6");
    refused(r,
            GROUPS("    - {name: noen, threshold: any, members: [p, q]}\n"
                   "    - {name: alle, threshold: all, members: [o, q]}\n"),
            SB_E_CHARTER_GROUP, "8");
    refused(r,
            GROUPS("    - {name: noen, threshold: any, members: [p, q]}\n"
                   "    - {name: alle, threshold: all, members: [o, s]}\n"),
            SB_E_CHARTER_GROUP, "7");
    refused(r, GROUPS("    - {name: alle, threshold: 2, members: [o, ukjent]}\n"),
            SB_E_CHARTER_GROUP, "7");
    refused(r, GROUPS("    - {name: alle, threshold: all, members: []}\n"), SB_E_CHARTER_EMPTY,
            "7");
    refused(r, THREE "witnesses: {groups: [], more-than: 2/3}\n" BODY RULES, SB_E_DOC_UNKNOWN_KEY,
            "5");
#undef GROUPS
#define KEY_A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define CARD "{id: reserve, log: " KEY_A ", curve: " KEY_A ", address: 'tcp://a.no:1'}"
    assert_int_equal(read_text(r, TOP "standby: {silence: 180, brokers: [" CARD "]}\n" BODY RULES),
                     SB_OK);
    assert_int_equal(r->charter->silence_s, 180);
    assert_int_equal(r->charter->n_standbys, 1);
    assert_string_equal(r->charter->standbys[0]->address, "tcp://a.no:1");
    char card[160];
    (void)snprintf(card, sizeof card, "%s/reserve.card", r->dir);
    assert_int_equal(sb_file_write(card,
                                   sb_slice_str("id: reserve\nlog: " KEY_A "\ncurve: " KEY_A
                                                "\naddress: tcp://b.no:2\n"),
                                   0644, NULL),
                     SB_OK);
    assert_int_equal(
        read_text(r, TOP "standby: {silence: 180, brokers: [reserve.card]}\n" BODY RULES), SB_OK);
    assert_string_equal(r->charter->standbys[0]->id, "reserve");
    assert_string_equal(r->charter->standbys[0]->address, "tcp://b.no:2");
    refused(r, TOP "standby: {silence: 180, brokers: [" CARD ", reserve.card]}\n" BODY RULES,
            SB_E_CHARTER_DUPLICATE_ID, "5");
    refused(r, TOP "standby: {silence: 180, brokers: []}\n" BODY RULES, SB_E_CHARTER_EMPTY, "5");
    refused(r, TOP "standby: {silence: 0, brokers: [" CARD "]}\n" BODY RULES, SB_E_DOC_RANGE, "5");
    refused(r, TOP "standby: {silence: 179, brokers: [" CARD "]}\n" BODY RULES,
            SB_E_CHARTER_SILENCE_SHORT, "5");
    const sb_charter_options rehearsal = {.rehearsal = true}; /* the file of just now */
    assert_int_equal(sb_charter_read(r->path, &rehearsal, &r->arena, &r->charter, NULL, &r->fail),
                     SB_OK);
#undef CARD
#undef KEY_A
#undef THREE
}

/* What a new federation says of the one that it continues. */
static void test_predecessor(void **state)
{
    reading *r = *state;
    const Sb__Predecessor *p = NULL;
    char note[160], path[160];
    (void)snprintf(note, sizeof note, "%s/checkpoint", r->dir);
    (void)snprintf(path, sizeof path, "%s/continues.yaml", r->dir);
#define ID "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NOTE(origin, size)                                                                         \
    origin "\n" size "\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"                          \
           "\u2014 x AAAAAAAAAAAAAAAAAAAAAAAA\n"
#define READ(note_text, yaml)                                                                      \
    (assert_int_equal(sb_file_write(note, sb_slice_str(note_text), 0644, NULL), SB_OK),            \
     assert_int_equal(sb_file_write(path, sb_slice_str(yaml), 0644, NULL), SB_OK),                 \
     sb_predecessor_read(path, &r->arena, &p, &r->fail))
#define GOOD NOTE("samband/x/0011223344556677/3", "4711")
#define YAML "federation: " ID "\ncheckpoint: checkpoint\n"
    assert_int_equal(READ(GOOD, YAML "lost: [to saker, ett møte]\n"), SB_OK);
    assert_int_equal(p->term, 3);
    assert_int_equal(p->size, 4711);
    assert_int_equal(p->n_lost, 2);
    assert_string_equal(p->lost[1], "ett møte");
    assert_int_equal(p->federation_id.data[15], 0xff);
    assert_int_equal(READ(GOOD, YAML), SB_OK);
    assert_int_equal(p->n_lost, 0);
    assert_int_equal(READ(NOTE("samband/x/0011223344556678/3", "4711"), YAML),
                     SB_E_CHARTER_PREDECESSOR);
    assert_int_equal(READ(NOTE("samband/x/0011223344556677/0", "4711"), YAML),
                     SB_E_CHARTER_PREDECESSOR);
    assert_int_equal(READ(NOTE("annet/x/0011223344556677/3", "4711"), YAML),
                     SB_E_CHARTER_PREDECESSOR);
    assert_int_equal(READ(NOTE("samband/x/0011223344556677/3", "0"), YAML),
                     SB_E_CHARTER_PREDECESSOR);
    assert_int_equal(READ("ikke en note\n", YAML), SB_E_NOTE_MALFORMED);
    assert_int_equal(READ(GOOD, "federation: 0011\ncheckpoint: checkpoint\n"),
                     SB_E_CHARTER_PREDECESSOR);
    assert_int_equal(READ(GOOD, "federation: " ID "\n"), SB_E_DOC_MISSING_KEY);
    assert_int_equal(READ(GOOD, YAML "lost: alt\n"), SB_E_DOC_WANT_LIST);
    assert_int_equal(READ(GOOD, YAML "lost: ['']\n"), SB_E_CHARTER_EMPTY);
    assert_int_equal(READ(GOOD, YAML "annet: 1\n"), SB_E_DOC_UNKNOWN_KEY);
    assert_int_equal(READ(GOOD, "federation: " ID "\ncheckpoint: mangler\n"), SB_E_FILE_MISSING);
#undef YAML
#undef GOOD
#undef READ
#undef NOTE
#undef ID
}

static void test_rules(void **state)
{
    reading *r = *state;
    refused(r, TOP BODY "    pass: {rule: \"for > of cast\", cite: § 2}\n", SB_E_CHARTER_RULE,
            "12");
    refused(r, TOP BODY "    pass: {rule: \"each partner in (q): for > 1/2 of cast\", cite: § 2}\n",
            SB_E_CHARTER_RULE, "12");
    refused(r, TOP BODY "    pass: {rule: \"quorum present >= 1/2 of seats\", cite: § 2}\n",
            SB_E_CHARTER_RULE_KIND, "12");
    refused(r, TOP BODY "    pass: {rule: \"for > 1/2 of cast\"}\n", SB_E_DOC_MISSING_KEY, "12");
    refused(r, TOP BODY "    pass: {rule: \"for > 3/2 of cast\", cite: § 2}\n", SB_E_CHARTER_RULE,
            "12");
}

/* The word quorum is put in front; columns are still those of the text in the file. */
static void test_column_of_a_quorum(void **state)
{
    reading *r = *state;
    refused(r, TOP BODY "    quorum: {rule: \"presnt >= 1/2 of seats\", cite: § 1}\n",
            SB_E_CHARTER_RULE, "12");
    assert_non_null(strstr(r->fail.arg[2], "linje 1, tegn 1:"));
}

static void test_refusals_in_english(void **state)
{
    reading *r = *state;
    sb_charter_options options = {.lang = SB_LANG_EN};
    assert_int_equal(
        sb_file_write(r->path,
                      sb_slice_str(TOP BODY "    pass: {rule: \"for > of cast\", cite: § 2}\n"),
                      0644, NULL),
        SB_OK);
    assert_int_equal(
        sb_charter_read(r->path, &options, &r->arena, &r->charter, &r->report, &r->fail),
        SB_E_CHARTER_RULE);
    assert_non_null(strstr(r->fail.arg[2], "expected"));
}

static void test_the_rest(void **state)
{
    reading *r = *state;
    refused(r, TOP BODY RULES "witnesses: {more-than: 1/3}\n", SB_E_CHARTER_POLICY, "14");
    refused(r, TOP BODY RULES "witnesses: {more-than: 3/3}\n", SB_E_CHARTER_POLICY, "14");
    refused(r, TOP BODY RULES "witnesses: {more-than: all}\n", SB_E_CHARTER_POLICY, "14");
    refused(r, TOP BODY RULES "    minutes-silence: true\n", SB_E_CHARTER_SILENCE, "14");
    refused(
        r, TOP BODY RULES "    first-numbers: [{year: 2022, number: 1}, {year: 2021, number: 1}]\n",
        SB_E_CHARTER_YEARS, "14");
    refused(r, TOP BODY RULES "    colour: red\n", SB_E_DOC_UNKNOWN_KEY, "14");
    refused(r, TOP BODY RULES "    deadlines: [{kind: lunch, least: 1, unit: day}]\n",
            SB_E_DOC_CHOICE, "14");
    refused(r, TOP "bodies: []\n", SB_E_CHARTER_EMPTY, "1");
    refused(r, HEAD PARTNERS, SB_E_CHARTER_EMPTY, "1");
    refused(r, HEAD "partners: [{id: a, name: \"\"}]\n", SB_E_CHARTER_EMPTY, "2");
    refused(r, HEAD "partners: [{id: a, name: \"a\\nb\"}]\n", SB_E_CHARTER_CHARACTER, "2");
    refused(r, HEAD "partners: [{id: a, name: \"a\\u202eb\"}]\n", SB_E_CHARTER_CHARACTER, "2");
    char *text = malloc(8192);
    (void)snprintf(text, 8192, "charter: {slug: x, name: \"%04000d\"}\n", 0);
    refused(r, text, SB_E_CHARTER_LIMIT, "1");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_real_bylaws, setup, teardown),
        cmocka_unit_test_setup_teardown(test_small, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ids_and_references, setup, teardown),
        cmocka_unit_test_setup_teardown(test_elections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_offices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_amendments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_column_of_a_quorum, setup, teardown),
        cmocka_unit_test_setup_teardown(test_witnesses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_predecessor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals_in_english, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_rest, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
