/* The minutes: golden documents, what the meeting changed, and text that wants to be markup.
 *
 * `papers_test print md|html nb|en` prints the sample: how the golden files are made anew, after
 * reading what changed. */
#include "nodes/papers/diff.h"
#include "nodes/papers/minutes.h"
#include "nodes/papers/paper_text.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/minutes_sample.h"

#include <stdio.h>
#include <stdlib.h>

static char *document(const sb_minutes_model *m, bool html, sb_lang lang)
{
    sb_buf out;
    sb_buf_init(&out);
    (html ? sb_minutes_html : sb_minutes_markdown)(m, lang, &out);
    char *text = strdup(sb_buf_cstr(&out));
    sb_buf_deinit(&out);
    return text;
}

static char *file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("no %s", path);
    sb_buf b;
    sb_buf_init(&b);
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        sb_buf_add(&b, sb_slice_of(part, n));
    fclose(f);
    char *text = strdup(sb_buf_cstr(&b));
    sb_buf_deinit(&b);
    return text;
}

static void golden(const char *path, bool html, sb_lang lang)
{
    char *is = document(&minutes_sample, html, lang), *ought = file(path);
    assert_string_equal(is, ought);
    free(is);
    free(ought);
}

static void test_golden(void **state)
{
    (void)state;
    golden("tests/unit/golden/minutes.nb.md", false, SB_LANG_NB);
    golden("tests/unit/golden/minutes.en.md", false, SB_LANG_EN);
    golden("tests/unit/golden/minutes.nb.html", true, SB_LANG_NB);
    golden("tests/unit/golden/minutes.en.html", true, SB_LANG_EN);
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("«%s» isn't in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("«%s» is in:\n%s", part, text);
}

/* ---- banners, times, state ---- */

static void test_banners(void **state)
{
    (void)state;
    sb_minutes_model m = minutes_sample;
    for (int html = 0; html < 2; html++) {
        char *text = document(&m, html, SB_LANG_NB);
        has(text, "Øvelse.");
        has(text, "3 av 7 organisasjoner");
        free(text);
    }
    m.is_rehearsal = false;
    m.is_final = true;
    for (int html = 0; html < 2; html++) {
        char *text = document(&m, html, SB_LANG_NB);
        lacks(text, "velse.");
        lacks(text, "kke bekreftet");
        has(text, "ekreftet");
        free(text);
    }
}

/* "Hele møtet" throughout: no clock time anywhere. One arrival with a time: the meeting's too. */
static void test_times(void **state)
{
    (void)state;
    char *whole = document(&minutes_sample, false, SB_LANG_NB);
    lacks(whole, " kl. "); /* "inkl. " is a word of the text */
    free(whole);
    sb_minutes_model m = minutes_sample;
    sb_minutes_moment moments[] = {{true, 750}, {false, 800}, {true, SB_MINUTES_NO_TIME}};
    sb_minutes_person late = {.name = "Sen", .moments = moments, .moment_count = 3};
    m.people[SB_MINUTES_VOTING] = (sb_minutes_people){&late, 1};
    char *text = document(&m, false, SB_LANG_NB);
    has(text, "20. januar 2022 kl. 12.00–15.30");
    has(text, "kom kl. 12.30; gikk kl. 13.20; kom tilbake");
    free(text);
}

static void notes_are(const sb_minutes_person *person, const char *ought)
{
    sb_arena arena;
    sb_arena_init(&arena);
    assert_string_equal(sb_minutes_person_notes(person, SB_LANG_NB, &arena), ought);
    sb_arena_deinit(&arena);
}

static void test_notes(void **state)
{
    (void)state;
    sb_minutes_moment moments[] = {{true, SB_MINUTES_NO_TIME}, {false, SB_MINUTES_NO_TIME}};
    notes_are(&(sb_minutes_person){.name = "Kari", .seat = "Plass"}, "");
    notes_are(&(sb_minutes_person){.name = "A", .moments = moments, .moment_count = 2},
              "kom etter at møtet hadde begynt; gikk før møtet var slutt");
    notes_are(&(sb_minutes_person){.name = "A", .seat = "Plass", .is_deputy = true},
              "vara for Plass");
    notes_are(
        &(sb_minutes_person){
            .name = "A", .seat = "Plass", .is_deputy = true, .by_delegation = true},
        "etter fullmakt for Plass");
    notes_are(&(sb_minutes_person){.seat = "Plass", .is_deputy = true, .by_delegation = true},
              "etter fullmakt");
    notes_are(&(sb_minutes_person){.seat = "Plass", .is_deputy = true, .no_vote = true},
              "vara; uten stemmerett; den faste representanten var til stede");
    notes_are(&(sb_minutes_person){.seat = "Plass",
                                   .is_deputy = true,
                                   .cases_away = "01/22, 03/22",
                                   .cases_disqualified = "04/22"},
              "vara; hadde stemmeretten i sak 01/22, 03/22, der den faste representanten ikke var "
              "til stede; hadde stemmeretten i sak 04/22, der den faste representanten var "
              "inhabil; ellers uten stemmerett");
}

/* What the log says isn't the document that was approved: that one is named, with its requests. */
static void test_documents(void **state)
{
    (void)state;
    sb_minutes_model m = minutes_sample;
    char *text = document(&m, false, SB_LANG_NB);
    has(text, "| 20.01.2022 | utkast | erstattet | 0d0d0d");
    has(text, "| 21.01.2022 | rettet utkast | ikke godkjent | 1d1d1d");
    has(text, "### Ønskede endringer i dokumentet sendt 20. januar 2022\n\n- **Brukerutvalget "
              "(vara)**: Sak 06/22 bør nevne antallet.");
    lacks(text, "Ønskede endringer i dokumentet sendt 21. januar 2022");
    free(text);
    m.draft_count = 0;
    text = document(&m, false, SB_LANG_NB);
    lacks(text, "Dokumenter sendt til deltakerne");
    free(text);
}

/* Consensus that came to a vote isn't consensus. */
static void test_after_objection(void **state)
{
    (void)state;
    sb_minutes_model m = minutes_sample;
    sb_minutes_case c = m.cases[2];
    m.cases = &c;
    m.case_count = 1;
    char *text = document(&m, false, SB_LANG_NB);
    has(text, "**Ikke vedtatt.**");
    lacks(text, "etter innvending");
    free(text);
    c.mode = SB__MODE__MODE_CONSENSUS;
    text = document(&m, false, SB_LANG_NB);
    has(text, "**Ikke vedtatt** (avstemming etter innvending).");
    free(text);
}

/* An election has no rule and no for and against, but candidates, rounds and who is elected. */
static void test_election(void **state)
{
    (void)state;
    static const sb_minutes_vote votes[] = {
        {.seat = "Ordfører, By",
         .partner = "kommunene",
         .choice = SB__CHOICE__CHOICE_CANDIDATE,
         .candidate = 2,
         .is_recorded = true,
         .is_confirmed = true,
         .is_counted = true},
        {.seat = "Lege", .choice = SB__CHOICE__CHOICE_ABSTAIN, .is_counted = true}};
    static const sb_minutes_candidate candidates[] = {
        {1, "A (leder)", 0, "", false, true}, {2, "B (leder)", 1, "kommunene 1", true, false}};
    sb_minutes_round rounds[] = {{.number = 1, .candidates = candidates, .candidate_count = 1},
                                 {.number = 2,
                                  .candidates = candidates,
                                  .candidate_count = 2,
                                  .blank = 1,
                                  .votes = votes,
                                  .vote_count = 2}};
    sb_minutes_case c = {.number = "01/22",
                         .title = "Valg",
                         .kind = SB__CASE_KIND__CASE_KIND_ELECTION,
                         .outcome = SB__OUTCOME__OUTCOME_ELECTED,
                         .mode = SB__MODE__MODE_ELECTION,
                         .elected = "B (leder)",
                         .rounds = rounds,
                         .round_count = 2,
                         .votes = votes,
                         .vote_count = 2,
                         .pass_rule = "for > 1/2 of cast"};
    sb_minutes_model m = minutes_sample;
    m.cases = &c;
    m.case_count = 1;
    char *text = document(&m, false, SB_LANG_NB);
    has(text, "### Valg\n\n**Valgt: B (leder).**");
    has(text, "**Valgomgang 1**");
    has(text, "| 2 | B (leder) | 1 | kommunene 1 | valgt |");
    has(text, "Blanke stemmer: 1.");
    has(text, "**Stemmer ved navn, valgomgang 2**");
    has(text, "kandidat 2 | ført av sekretariatet, bekreftet av medlemmet |");
    has(text, "| Lege |  | blank |  |");
    lacks(text, "Vedtaksregel");
    lacks(text, "Samarbeidspartner | For");
    free(text);
    c.outcome = SB__OUTCOME__OUTCOME_TIED;
    c.elected = NULL;
    c.tie = "de som sitter, fortsetter";
    text = document(&m, false, SB_LANG_NB);
    has(text, "**Ingen valgt – de som sitter, fortsetter.**");
    free(text);
    rounds[0].by_acclamation = true;
    c.round_count = 1;
    text = document(&m, false, SB_LANG_EN);
    has(text, "elected by acclamation");
    free(text);
}

/* What belongs to a case besides the vote. */
static void test_more_of_a_case(void **state)
{
    (void)state;
    static const sb_minutes_ruling rulings[] = {{"habilitet", "Legen er inhabil."}, {"", "Annet."}};
    static const sb_minutes_condition conditions[] = {
        {.moment = SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT,
         .kind = SB__CONDITION_KIND__CONDITION_KIND_CONSENTED,
         .parties = "By og Bygd",
         .missing = "Bygd",
         .cite = "§ 4"},
        {.moment = SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_QUESTION,
         .kind = SB__CONDITION_KIND__CONDITION_KIND_INFORMED,
         .parties = "25 parter",
         .missing = "",
         .cite = "§ 7",
         .by_deadline = true}};
    static const sb_minutes_action actions[] = {
        {.what = "oppretter: FSU", .state = SB_MINUTES_ACTION_WAITS},
        {.what = "nye vedtekter", .state = SB_MINUTES_ACTION_IN_FORCE, .since_date = 20220203},
        {.what = "nytt medlem", .state = SB_MINUTES_ACTION_IN_FORCE}};
    static const sb_minutes_finished finished[] = {
        {"Mandat", "Rettet skrivefeil", "00112233445566778899", 20220201}};
    static const sb_minutes_dispute disputes[] = {{"Lege", "Vi er ikke enige.", ""}};
    sb_minutes_case c = {.number = "02/22",
                         .title = "Sak",
                         .kind = SB__CASE_KIND__CASE_KIND_DECISION,
                         .outcome = SB__OUTCOME__OUTCOME_ADOPTED,
                         .mode = SB__MODE__MODE_CONSENSUS,
                         .is_waiting = true,
                         .relations = "følger opp sak 9/21",
                         .earlier_date = 20211202,
                         .earlier_number = "51/21",
                         .earlier_changed = "1 og 3",
                         .rulings = rulings,
                         .ruling_count = 2,
                         .conditions = conditions,
                         .condition_count = 2,
                         .actions = actions,
                         .action_count = 3,
                         .finished = finished,
                         .finished_count = 1,
                         .disputes = disputes,
                         .dispute_count = 1};
    sb_minutes_model m = minutes_sample;
    m.cases = &c;
    m.case_count = 1;
    m.is_extraordinary = true;
    m.extraordinary_reason = "Haster";
    char *text = document(&m, false, SB_LANG_NB);
    has(text, "ekstraordinært møte i ");
    has(text, "**Innkalt ekstraordinært fordi:** Haster");
    has(text, "| 02/22 | Sak | Vedtatt – ikke i kraft |");
    has(text, "**Se også:** følger opp sak 9/21");
    has(text, "- **habilitet**: Legen er inhabil.\n- Annet.");
    has(text, "Drøftet i møtet 2. desember 2021 (sak 51/21). Endret siden da: punkt 1 og 3.");
    has(text, "By og Bygd skal ha samtykket før vedtaket trer i kraft (§ 4): ikke oppfylt, mangler "
              "Bygd.");
    has(text, "25 parter skal være orientert før saken kan avgjøres (§ 7): oppfylt fordi fristen "
              "er ute.");
    has(text, "### Dette følger av vedtaket\n\n- oppretter: FSU – vedtatt, ikke i kraft\n- nye "
              "vedtekter – i kraft fra 3. februar 2022\n- nytt medlem – i kraft\n");
    has(text, "«Mandat» ble ferdigstilt 1. februar 2022 (sjekksum "
              "0011223344556677…): Rettet skrivefeil");
    has(text, "Tvist reist av Lege (åpen): Vi er ikke enige.");
    free(text);
    c.outcome = (Sb__Outcome)0;
    c.is_waiting = false;
    c.is_discussed = true;
    text = document(&m, false, SB_LANG_NB);
    has(text, "### Behandling");
    has(text, "**Saken ble drøftet.**");
    has(text, "### Dette følger hvis saken vedtas\n\n- oppretter: FSU\n");
    free(text);
}

/* A case that fell, was voted on again and passed, and then asked about: all of it, in order. */
static void test_every_question(void **state)
{
    (void)state;
    static const char *const first[] = {"Det første forslaget."}, *const last[] = {"Det siste."};
    static const sb_minutes_demand most = {"for", SB_MINUTES_AT_LEAST, 12, false};
    static const sb_minutes_count tally[] = {
        {.partner = "", .votes_for = 10, .votes_against = 6, .demands = &most, .demand_count = 1}};
    static const sb_minutes_vote votes[] = {
        {.seat = "Direktøren", .choice = SB__CHOICE__CHOICE_AGAINST, .is_counted = true}};
    static const sb_minutes_case others[] = {{.outcome = SB__OUTCOME__OUTCOME_FALLEN,
                                              .mode = SB__MODE__MODE_VOTE,
                                              .decided = first,
                                              .decided_count = 1,
                                              .tally = tally,
                                              .tally_count = 1,
                                              .votes = votes,
                                              .vote_count = 1},
                                             {.outcome = SB__OUTCOME__OUTCOME_POLLED,
                                              .mode = SB__MODE__MODE_POLL,
                                              .decided = last,
                                              .decided_count = 1}};
    sb_minutes_case c = {.number = "02/22",
                         .title = "Sak",
                         .kind = SB__CASE_KIND__CASE_KIND_DECISION,
                         .proposed = first,
                         .proposed_count = 1,
                         .decided = last,
                         .decided_count = 1,
                         .outcome = SB__OUTCOME__OUTCOME_ADOPTED,
                         .mode = SB__MODE__MODE_VOTE,
                         .is_unanimous = true,
                         .others = others,
                         .other_count = 2,
                         .others_before = 1};
    sb_minutes_model m = minutes_sample;
    m.cases = &c;
    m.case_count = 1;
    char *text = document(&m, false, SB_LANG_NB);
    const char *fell = strstr(text, "### Avstemmingspunkt 1\n\nForslaget slik det forelå:\n\nDet "
                                    "første forslaget.\n\n**Ikke vedtatt.**");
    const char *passed = strstr(text, "### Vedtak"),
               *asked = strstr(text, "### Avstemmingspunkt 3");
    has(text, "| alle med stemmerett | 10 | 6 | 0 | minst 12 for (ikke oppfylt) |");
    has(text, "Direktøren");
    assert_true(fell != NULL && passed > fell && asked > passed);
    has(passed, "**Enstemmig vedtatt.**");
    lacks(asked, "Forslaget slik det forelå"); /* as it was adopted */
    free(text);
    /* nobody against, and still too few: by how many */
    sb_minutes_case fallen = others[0];
    fallen.is_unanimous = true;
    c.others = &fallen;
    c.other_count = 1;
    text = document(&m, true, SB_LANG_EN);
    has(text, ">Question 1</h3>");
    has(text, ">10<");
    free(text);
}

static void test_states(void **state)
{
    (void)state;
    static const struct {
        sb_minutes_state state;
        uint32_t silence;
        const char *words;
    } cases[] = {
        {SB_MINUTES_NO_DRAFT, 0, "ikke sendt til deltakerne"},
        {SB_MINUTES_DRAFT, 0, "utkast sendt 21. januar 2022, ikke godkjent"},
        {SB_MINUTES_DRAFT, 20220127, "godkjent fra 27. januar 2022 hvis ingen ber om endring"},
        {SB_MINUTES_REQUESTED, 0, "endring er ønsket, ikke godkjent"},
        {SB_MINUTES_APPROVED, 0,
         "godkjent 28. januar 2022 (dokumentet som ble sendt 21. januar 2022, sjekksum "
         "1d1d1d1d1d1d1d1d…)"},
        {SB_MINUTES_SENDING, 0, "**Status:** utkast til deltakerne, ikke godkjent"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_minutes_model m = minutes_sample;
        m.state = cases[i].state;
        m.silence_date = cases[i].silence;
        m.approved_date = 20220128;
        char *text = document(&m, false, SB_LANG_NB);
        has(text, cases[i].words);
        free(text);
    }
}

/* The roll call is kept always and printed when the vote wasn't unanimous. */
static void test_roll_call(void **state)
{
    (void)state;
    sb_minutes_model m = minutes_sample;
    sb_minutes_case c = m.cases[1];
    m.cases = &c;
    m.case_count = 1;
    char *text = document(&m, false, SB_LANG_NB);
    lacks(text, "Stemmer ved navn");
    has(text, "Enstemmig vedtatt.");
    free(text);
    c.is_unanimous = false;
    text = document(&m, false, SB_LANG_NB);
    has(text, "Stemmer ved navn");
    has(text, "| Direktøren | UNN | mot |");
    has(text, "**Vedtatt.**");
    free(text);
}

/* ---- what changed ---- */

static void diff_is(const char *before, const char *after, const char *ought)
{
    static const char *const marks[] = {"", "-", "+"};
    sb_arena arena;
    sb_arena_init(&arena);
    sb_diff_run *runs;
    size_t count = sb_diff_words(&arena, sb_slice_str(before), sb_slice_str(after), &runs);
    sb_buf out;
    sb_buf_init(&out);
    for (size_t i = 0; i < count; i++)
        sb_buf_printf(&out, "%s%s[%.*s]", i > 0 ? " " : "", marks[runs[i].op],
                      (int)runs[i].text.len, (const char *)runs[i].text.data);
    assert_string_equal(sb_buf_cstr(&out), ought);
    sb_buf_deinit(&out);
    sb_arena_deinit(&arena);
}

static void test_diff_words(void **state)
{
    (void)state;
    diff_is("", "", "");
    diff_is("a b", "a  b\n", "[a  b]");
    diff_is("", "helt ny", "+[helt ny]");
    diff_is("bare gammel", "", "-[bare gammel]");
    diff_is("a b c", "a x c", "[a] -[b] +[x] [c]");
    diff_is("bruker- og kommunale representanter", "bruker-, kommunale og UNN representanter",
            "-[bruker- og] +[bruker-,] [kommunale] +[og UNN] [representanter]");
    /* a word alone between longer changes goes with them */
    diff_is("en to tre fire", "ein tvo tre fem seks", "-[en to tre fire] +[ein tvo tre fem seks]");
    diff_is("a b c d", "b c d", "-[a] [b c d]");
    diff_is("a b c", "a b c d", "[a b c] +[d]");
}

/* Joined, what is kept and struck is the old text, what is kept and new the new one. */
static void test_diff_is_whole(void **state)
{
    (void)state;
    uint32_t random = 7;
    for (int round = 0; round < 2000; round++) {
        char texts[2][64], again[2][64] = {"", ""};
        for (int side = 0; side < 2; side++) {
            size_t at = 0;
            random = random * 1664525 + 1013904223;
            size_t words = random >> 28;
            texts[side][0] = '\0';
            for (size_t i = 0; i < words; i++) {
                random = random * 1664525 + 1013904223;
                at += (size_t)snprintf(texts[side] + at, sizeof texts[side] - at, "%s%c",
                                       i > 0 ? " " : "", (char)('a' + (random >> 24) % 5));
            }
        }
        sb_arena arena;
        sb_arena_init(&arena);
        sb_diff_run *runs;
        size_t count = sb_diff_words(&arena, sb_slice_str(texts[0]), sb_slice_str(texts[1]), &runs);
        for (size_t i = 0; i < count; i++) {
            if (i > 0)
                assert_int_not_equal(runs[i].op, runs[i - 1].op);
            for (int side = 0; side < 2; side++) {
                if (runs[i].op == (side == 0 ? SB_DIFF_INSERT : SB_DIFF_DELETE))
                    continue;
                size_t len = strlen(again[side]);
                snprintf(again[side] + len, sizeof again[side] - len, "%s%.*s", len > 0 ? " " : "",
                         (int)runs[i].text.len, (const char *)runs[i].text.data);
            }
        }
        assert_string_equal(again[0], texts[0]);
        assert_string_equal(again[1], texts[1]);
        sb_arena_deinit(&arena);
    }
}

static void pairs_are(const char *const *a, size_t n, const char *const *b, size_t m,
                      const char *ought)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_diff_pair *pairs;
    size_t count = sb_diff_pair_clauses(&arena, a, n, b, m, &pairs);
    char is[200] = "";
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(is);
        char old_at[24] = "-", new_at[24] = "-";
        if (pairs[i].old_at != SIZE_MAX)
            snprintf(old_at, sizeof old_at, "%zu", pairs[i].old_at);
        if (pairs[i].new_at != SIZE_MAX)
            snprintf(new_at, sizeof new_at, "%zu", pairs[i].new_at);
        snprintf(is + len, sizeof is - len, "%s%s>%s", i > 0 ? " " : "", old_at, new_at);
    }
    assert_string_equal(is, ought);
    sb_arena_deinit(&arena);
}

static void test_pair_clauses(void **state)
{
    (void)state;
    const char *const a[] = {"en to tre", "fire fem seks", "sju åtte ni"};
    const char *const struck[] = {"en to tre", "sju åtte ni"};
    const char *const added[] = {"en to tre", "fire fem seks", "sju åtte ni", "ti elleve"};
    const char *const changed[] = {"en to tolv", "fire fem seks", "sju åtte ni"};
    const char *const replaced[] = {"en to tre", "helt andre ord", "sju åtte ni"};
    pairs_are(a, 3, a, 3, "0>0 1>1 2>2");
    pairs_are(a, 3, struck, 2, "0>0 1>- 2>1");
    pairs_are(struck, 2, a, 3, "0>0 ->1 1>2");
    pairs_are(a, 3, added, 4, "0>0 1>1 2>2 ->3");
    pairs_are(a, 3, changed, 3, "0>0 1>1 2>2");
    pairs_are(a, 3, replaced, 3, "0>0 1>- ->1 2>2");
    pairs_are(NULL, 0, a, 3, "->0 ->1 ->2");
    pairs_are(a, 3, NULL, 0, "0>- 1>- 2>-");
}

/* ---- text that wants to be markup ---- */

static void escaped_is(sb_paper_format format, const char *text, size_t len, const char *ought)
{
    sb_buf out;
    sb_buf_init(&out);
    sb_paper_escape(format, sb_slice_of(text, len), true, &out);
    assert_string_equal(sb_buf_cstr(&out), ought);
    sb_buf_deinit(&out);
}
#define HTML(text, ought) escaped_is(SB_PAPER_HTML, text, sizeof text - 1, ought)
#define MD(text, ought) escaped_is(SB_PAPER_MARKDOWN, text, sizeof text - 1, ought)

static void test_escape(void **state)
{
    (void)state;
    HTML("<script>alert('x')</script>&\"",
         "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;");
    HTML("a\n\t b", "a b");
    HTML("a\0b", "a\xef\xbf\xbd"
                 "b");
    HTML("\xff\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    HTML("ab\xe2\x80\xae"
         "cd",
         "ab\xef\xbf\xbd"
         "cd"); /* right-to-left override */
    HTML("ab\xe2\x81\xa6"
         "cd\x1b[2J",
         "ab\xef\xbf\xbd"
         "cd\xef\xbf\xbd[2J"); /* isolate, escape */
    HTML("æøå – «ok»", "æøå – «ok»");
    MD("<b> **fet** _k_ `kode` [x](y) ~~s~~ # | \\",
       "\\<b\\> \\*\\*fet\\*\\* \\_k\\_ \\`kode\\` \\[x\\](y) \\~\\~s\\~\\~ \\# \\| \\\\");
    MD("- punkt", "\\- punkt");
    MD("+ punkt", "\\+ punkt");
    MD("===", "\\===");
    MD("12. punkt", "12\\. punkt");
    MD("1) punkt", "1\\) punkt");
    MD("    kode", "kode");
    MD("a\n- b\n# c", "a - b \\# c");
    MD("2022 er et år", "2022 er et år");
    MD("&lt;", "\\&lt;");
}

/* In Markdown it stands escaped everywhere but in code. */
static void only_in_code(const char *text, const char *part)
{
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++) {
        const char *line = at;
        while (line > text && line[-1] != '\n')
            line--;
        bool in_code = strncmp(line, "    ", 4) == 0;
        for (; line < at; line++)
            in_code ^= *line == '`' && (line == text || line[-1] != '\\');
        assert_true(in_code || at[-1] == '\\');
    }
}

/* Every text of the model is hostile; nothing of it may come out as markup. */
static void test_hostile(void **state)
{
    (void)state;
#define M4 "\xcc\x81\xcc\x81\xcc\x81\xcc\x81"
#define EVIL                                                                                       \
    "<script>alert(1)</script>\n\n# Tittel\n- \xe2\x80\xae**x** | `y` {0}"                         \
    "\x1b[2J\xc2\x9b[x](javascript:z) ![](http://x/) e" M4 M4 M4
    static const char *const clauses[] = {EVIL, EVIL " to"};
    static const char *const others[] = {EVIL " en", EVIL};
    sb_minutes_person person = {.name = EVIL,
                                .seat = EVIL "s",
                                .partner = EVIL,
                                .cases = EVIL,
                                .cases_away = EVIL,
                                .cases_disqualified = EVIL};
    sb_minutes_demand demand = {.what = EVIL};
    sb_minutes_count count = {
        .partner = EVIL, .of = 1, .have = 1, .demands = &demand, .demand_count = 1};
    sb_minutes_vote vote = {
        .seat = EVIL, .partner = EVIL, .choice = SB__CHOICE__CHOICE_FOR, .reason = EVIL};
    sb_minutes_remark remark = {.seat = EVIL, .text = EVIL};
    sb_minutes_task task = {.text = EVIL, .responsible = EVIL, .due = EVIL};
    sb_minutes_blob blob = {.name = EVIL, .sha256 = EVIL};
    sb_minutes_deadline deadline = {.what = EVIL, .cases = EVIL, .to_date = 20220101, .cite = EVIL};
    sb_minutes_external external = {EVIL, 20220101};
    sb_minutes_draft draft = {.sha256 = EVIL, .requests = &remark, .request_count = 1};
    const char *seat = EVIL;
    sb_minutes_quorum quorum = {.counts = &count, .count_count = 1, .has_rule = true, .cite = EVIL};
    sb_minutes_case c = {.number = EVIL,
                         .title = EVIL,
                         .from = EVIL,
                         .text = EVIL,
                         .proposed = clauses,
                         .proposed_count = 2,
                         .decided = others,
                         .decided_count = 2,
                         .outcome = SB__OUTCOME__OUTCOME_FALLEN,
                         .mode = SB__MODE__MODE_VOTE,
                         .quorum = &quorum,
                         .chair = EVIL,
                         .tally = &count,
                         .tally_count = 1,
                         .pass_rule = EVIL,
                         .pass_cite = EVIL,
                         .votes = &vote,
                         .vote_count = 1,
                         .objections = &remark,
                         .objection_count = 1,
                         .remarks = &remark,
                         .remark_count = 1,
                         .disqualified = &seat,
                         .disqualified_count = 1,
                         .tasks = &task,
                         .task_count = 1,
                         .attachments = &blob,
                         .attachment_count = 1,
                         .certificate_sha256 = EVIL};
    sb_minutes_model m = {.federation = EVIL,
                          .body = EVIL,
                          .body_short = EVIL "k",
                          .kind = EVIL,
                          .date = 20220120,
                          .place = EVIL,
                          .chair = EVIL,
                          .chair_basis = 1,
                          .quorum = quorum,
                          .cases = &c,
                          .case_count = 1,
                          .remarks = &remark,
                          .remark_count = 1,
                          .externals = &external,
                          .external_count = 1,
                          .deadlines = &deadline,
                          .deadline_count = 1,
                          .state = SB_MINUTES_APPROVED,
                          .drafts = &draft,
                          .draft_count = 1,
                          .origin = EVIL,
                          .root = EVIL,
                          .digest = EVIL};
    for (size_t g = 0; g < SB_MINUTES_GROUPS; g++)
        m.people[g] = (sb_minutes_people){&person, 1};
    for (int html = 0; html < 2; html++)
        for (int lang = 0; lang < 2; lang++) {
            char *text = document(&m, html, (sb_lang)lang);
            lacks(text, "\xe2\x80\xae");
            lacks(text, "\x1b");
            lacks(text, "\xc2\x9b");
            lacks(text, M4 M4 "\xcc\x81"); /* nothing drawn over the lines around it */
            has(text, M4 M4);
            lacks(text, "<img");
            lacks(text, "href=\"javascript");
            if (!html) {
                only_in_code(text, "[x](");
                only_in_code(text, "![](");
            }
            has(text, "{0}"); /* an argument isn't a template */
            if (html) {
                lacks(text, "<script");
            } else {
                lacks(text, "\n# Tittel");
                only_in_code(text, "**x**");
                only_in_code(text, "<script>");
            }
            free(text);
        }
}

/* A body's own word for its minutes, and its rule in words. */
static void test_protokoll(void **state)
{
    (void)state;
    static const sb_minutes_vote vote = {.seat = "Direktør", .choice = SB__CHOICE__CHOICE_AGAINST};
    static const sb_minutes_count tally[] = {{.partner = "UNN <HF>", .partner_id = "unn"},
                                             {.partner = "kommunene", .partner_id = "kommune"}};
    sb_minutes_case c = {.number = "01/22",
                         .outcome = SB__OUTCOME__OUTCOME_FALLEN,
                         .tally = tally,
                         .tally_count = 2,
                         .pass_rule = "pass each partner in (unn, kommune): for > 1/2 of cast",
                         .votes = &vote,
                         .vote_count = 1};
    sb_minutes_model m = {.body = "Partnerskapsmøtet",
                          .body_short = "PM",
                          .kind = "protokoll",
                          .cases = &c,
                          .case_count = 1};
    char *text = document(&m, false, SB_LANG_NB);
    has(text, "# Protokoll – Partnerskapsmøtet (PM)\n");
    lacks(text, "eferat");
    has(text, "\nVedtaksregel: Forslaget er vedtatt når mer enn halvparten av dem som stemmer for "
              "eller mot, stemmer for hos hver av UNN \\<HF\\> og kommunene. Ellers er forslaget "
              "ikke vedtatt.\n");
    free(text);
    text = document(&m, false, SB_LANG_EN);
    has(text, "# Minutes – Partnerskapsmøtet (PM) (protokoll)\n");
    free(text);
    c.pass_rule = "a rule of tomorrow's";
    c.pass_cite = "§ 9";
    text = document(&m, false, SB_LANG_NB);
    has(text, "\nVedtaksregel (§ 9): a rule of tomorrow's\n");
    free(text);
}

/* Nothing given: a document all the same. */
static void test_empty(void **state)
{
    (void)state;
    static const sb_minutes_model empty;
    for (int html = 0; html < 2; html++)
        for (int lang = 0; lang < 2; lang++)
            free(document(&empty, html, (sb_lang)lang));
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "print") == 0) {
        char *text = document(&minutes_sample, strcmp(argv[2], "html") == 0,
                              strcmp(argv[3], "en") == 0 ? SB_LANG_EN : SB_LANG_NB);
        fputs(text, stdout);
        free(text);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_election),        cmocka_unit_test(test_more_of_a_case),
        cmocka_unit_test(test_golden),          cmocka_unit_test(test_banners),
        cmocka_unit_test(test_protokoll),       cmocka_unit_test(test_times),
        cmocka_unit_test(test_notes),           cmocka_unit_test(test_documents),
        cmocka_unit_test(test_after_objection), cmocka_unit_test(test_states),
        cmocka_unit_test(test_roll_call),       cmocka_unit_test(test_diff_words),
        cmocka_unit_test(test_diff_is_whole),   cmocka_unit_test(test_pair_clauses),
        cmocka_unit_test(test_escape),          cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_empty),           cmocka_unit_test(test_every_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
