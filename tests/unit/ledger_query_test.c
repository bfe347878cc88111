/* Queries: every name answers, in well-formed canonical JSON, with what minutes and CLI need. */
#include "proto/base/hash.h"
#include "proto/ledger/query.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

/* ---- a reader that accepts only compact JSON; NULL: not well formed ---- */

static const char *read_value(const char *p, int depth);

static const char *read_string(const char *p)
{
    if (*p++ != '"')
        return NULL;
    while (*p != '"') {
        if ((unsigned char)*p < 0x20)
            return NULL;
        p += *p == '\\' ? 2 : 1;
    }
    return p + 1;
}

static const char *read_members(const char *p, int depth, char close, bool keys)
{
    if (*p == close)
        return p + 1;
    for (;;) {
        if (keys && ((p = read_string(p)) == NULL || *p++ != ':'))
            return NULL;
        if ((p = read_value(p, depth + 1)) == NULL)
            return NULL;
        if (*p == close)
            return p + 1;
        if (*p++ != ',')
            return NULL;
    }
}

static const char *read_value(const char *p, int depth)
{
    static const char *const words[] = {"true", "false", "null"};
    if (depth > SB_JSON_DEPTH_MAX)
        return NULL;
    if (*p == '{')
        return read_members(p + 1, depth, '}', true);
    if (*p == '[')
        return read_members(p + 1, depth, ']', false);
    if (*p == '"')
        return read_string(p);
    for (size_t i = 0; i < 3; i++)
        if (strncmp(p, words[i], strlen(words[i])) == 0)
            return p + strlen(words[i]);
    const char *from = p;
    while (*p >= '0' && *p <= '9')
        p++;
    return p > from ? p : NULL;
}

static const char *ask(fed *f, const char *name, const char *arg)
{
    const char *json = play_query(f, name, arg);
    if (json == NULL) {
        print_error("%s %s: %s\n", name, arg == NULL ? "" : arg, sb_err_name(f->fail.code));
        fail();
    }
    const char *end = read_value(json, 0);
    if (end == NULL || *end != '\0') {
        print_error("%s: not well formed: %s\n", name, json);
        fail();
    }
    return json;
}

static void has(const char *json, const char *part)
{
    if (strstr(json, part) == NULL) {
        print_error("no %s\nin %s\n", part, json);
        fail();
    }
}

static const char *hex_of(fed *f, play_id id)
{
    char *hex = sb_arena_alloc(&f->arena, 65);
    sb_hex(sb_slice_of(id.data, id.len), hex);
    return hex;
}

static void name_the_place(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    Sb__Body *ssu = charter->bodies[0];
    Sb__Deadline *ready = SB_ARENA_NEW(arena, Sb__Deadline);
    *ready = (Sb__Deadline)SB__DEADLINE__INIT;
    ready->kind = SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY;
    ready->most = 1;
    ready->unit = SB__DEADLINE_UNIT__DEADLINE_UNIT_WEEK;
    ready->effect = SB__DEADLINE_EFFECT__DEADLINE_EFFECT_NOTED;
    ready->cite = sb_arena_str(arena, sb_slice_str("§ 6 SSU nr. 13"));
    ssu->deadlines[ssu->n_deadlines++] = ready;
}

/* A meeting with something of everything. */
static fed *full(play_table *t, play_id *q)
{
    fed_options options = {.edit = name_the_place};
    fed *f = fed_new(&options);
    fed_run(f);
    play_ssu_empty(f, t);
    static const char *const there[] = {"unn-1", "kommune-1", "kommune-2", "lege-1"};
    play_arrive(f, t->meeting, there, 4);
    play_ok(play_here(f, t->meeting, "unn-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_here(f, t->meeting, "unn-2", PRIMARY, ABSENT, NULL, SEC));
    play_ok(play_here(f, t->meeting, "bruker-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_here(f, t->meeting, "bruker-1", PRIMARY, NOT_MET, NULL, SEC));
    Sb__AttendanceEvent e = SB__ATTENDANCE_EVENT__INIT;
    e.who_case = SB__ATTENDANCE_EVENT__WHO_PARTICIPANT;
    e.participant = SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER;
    e.kind = ARRIVED;
    e.whole_meeting = true;
    e.person = fed_blob(f, "Observatør, Ungdomsrådet");
    Sb__AttendanceEvent *events[] = {&e};
    Sb__Attendance a = SB__ATTENDANCE__INIT;
    a.meeting_id = t->meeting;
    a.events = events;
    a.n_events = 1;
    play_ok(fed_submit(f, SB_ENTRY_ATTENDANCE, &a.base, SEC));
    play_ok(play_clause(f, t->c, NULL, 2, "Sekretariatet følger opp innen mai.", SEC));
    play_ok(play_clause(f, t->c, NULL, 3, "Ny.", SEC));
    play_ok(play_ask(f, t->meeting, t->c, VOTE, SEC, q));
    return f;
}

static void every_name_answers(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = full(&t, &q);
    char pk[65];
    sb_hex(sb_slice_of(fed_key_of(f, "unn-1/primary")->pk, 32), pk);
    for (size_t i = 0; sb_query_names[i] != NULL; i++) {
        const char *name = sb_query_names[i], *arg = NULL;
        if (strcmp(name, "case") == 0 || strcmp(name, "question") == 0 ||
            strcmp(name, "candidates") == 0)
            arg = "01/22";
        else if (strcmp(name, "meeting") == 0 || strcmp(name, "minutes") == 0)
            arg = "SSU:2022-01-20";
        else if (strcmp(name, "key") == 0)
            arg = pk;
        if (strcmp(name, "plan") == 0)
            assert_non_null(play_query2(f, name, "ssu", "2022"));
        else if (strcmp(name, "certificate") != 0)
            ask(f, name, arg);
    }
    has(ask(f, "key", pk),
        "\"places\":[{\"seat\":\"unn-1\",\"role\":\"primary\",\"body\":\"ssu\"}]");
    play_ok(play_end(f, q, SEC));
    has(ask(f, "certificate", "ssu:01/22"),
        "\"certificate\":{\"format\":\"samband/certificate/v1\"");
    has(ask(f, "certificate", hex_of(f, q)), "\"text_nb\":\"ØVELSE\\n");
    fed_free(f);
}

static void what_is_not_there(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = full(&t, &q);
    static const struct {
        const char *name, *arg;
        sb_err code;
    } rows[] = {
        {"tull", NULL, SB_E_QUERY_UNKNOWN},
        {"case", NULL, SB_E_QUERY_ARGUMENT},
        {"meeting", NULL, SB_E_QUERY_ARGUMENT},
        {"case", "02/22", SB_E_NOT_FOUND},
        {"case", "pm:01/22", SB_E_NOT_FOUND},
        {"case", "xx:01/22", SB_E_NOT_FOUND},
        {"case", "1", SB_E_NOT_FOUND},
        {"meeting", "2022-01-21", SB_E_NOT_FOUND},
        {"meeting", "20.01.2022", SB_E_NOT_FOUND},
        {"cases", "xx", SB_E_NOT_FOUND},
        {"certificate", "01/22", SB_E_NOT_FOUND},
        {"key", "00", SB_E_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(play_query(f, rows[i].name, rows[i].arg));
        assert_int_equal(f->fail.code, rows[i].code);
    }
    /* the same number and day in another body */
    play_id c, m;
    fed_at(f, 20220120, 10, 0);
    play_ok(play_report(f, "pm", "I PM", DECISION, SEC, &c));
    play_ok(play_call(f, "pm", 20220120, SEC, 1, &c, &m));
    assert_null(play_query(f, "case", "01/22"));
    assert_int_equal(f->fail.code, SB_E_QUERY_AMBIGUOUS);
    assert_null(play_query(f, "meeting", "2022-01-20"));
    assert_int_equal(f->fail.code, SB_E_QUERY_AMBIGUOUS);
    has(ask(f, "case", "pm:1/2022"), "\"title\":\"I PM\"");
    has(ask(f, "case", hex_of(f, t.c)), "\"number\":\"01/22\"");
    has(ask(f, "meeting", hex_of(f, m)), "\"body\":\"pm\"");
    fed_free(f);
}

static void the_federation(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    has(ask(f, "status", NULL), "{\"size\":0,");
    has(ask(f, "status", NULL), "\"phase\":\"empty\",\"federation_id\":null");
    assert_null(play_query(f, "bodies", NULL));
    fed_run(f);
    const char *json = ask(f, "status", NULL);
    has(json, "\"phase\":\"running\"");
    has(json, "\"slug\":\"test\",\"name\":\"Prøvesambandet\",\"rehearsal\":true,\"engine\":1,"
              "\"charter_version\":1,\"term\":1,\"origin\":\"samband/test/");
    has(json, "\"last_seal\":{\"index\":");
    has(ask(f, "bodies", NULL), "\"id\":\"ssu\",\"name\":\"Organet SSU\"");
    has(ask(f, "seats", "ssu"), "{\"seat\":\"obs-1\",\"title\":\"Plass obs-1\",\"partner\":null,"
                                "\"partner_name\":null,\"body\":\"ssu\",\"voting\":false");
    assert_null(strstr(ask(f, "seats", "ssu"), "pm-unn-1"));
    has(ask(f, "members", NULL), "\"officers\":[{\"office\":\"secretariat\"");
    has(ask(f, "charter", NULL), "\"policy\":{\"more_than_num\":2,\"more_than_den\":3}");
    fed_free(f);
}

static void the_meeting(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = full(&t, &q);
    const char *json = ask(f, "meeting", "ssu:2022-01-20");
    has(json, "\"status\":\"open\"");
    has(json, "\"chair\":{\"seat\":\"kommune-1\"");
    has(json, "\"presence\":{\"seats\":6,\"filled\":6,\"present\":5,");
    has(json,
        "\"partner\":\"unn\",\"partner_name\":\"UNN\",\"seats\":2,\"filled\":2,\"present\":1");
    has(json, "\"speaking\":[],\"secretariat\":[],\"on_case\":[],\"observers\":[{\"seat\":null");
    has(json, "\"absent_with_notice\":[{\"seat\":\"unn-2\"");
    has(json, "\"not_met\":[{\"seat\":\"bruker-1\"");
    has(json, "\"not_documented\":[{\"seat\":\"obs-1\"");
    const char *item = strstr(json, "\"agenda\":[{\"item\":1");
    assert_non_null(item);
    has(item, "\"number\":\"01/22\",\"title\":\"En sak\",\"kind\":\"decision\"");
    has(item,
        "\"clauses\":[{\"number\":1,\"proposed\":\"Saken tas opp.\",\"text\":\"Saken tas opp.\","
        "\"change\":\"same\"},{\"number\":2,\"proposed\":\"Sekretariatet følger opp.\","
        "\"text\":\"Sekretariatet følger opp innen mai.\",\"change\":\"changed\"},"
        "{\"number\":3,\"proposed\":null,\"text\":\"Ny.\",\"change\":\"new\"}]");
    has(item, "\"kind\":\"papers_sent\",\"from\":\"2022-01-06\",\"to\":\"2022-01-10\","
              "\"actual\":\"2022-01-07\",\"kept\":true");
    /* the deputy beside is listed, and said to be so */
    const char *voting = strstr(json, "\"voting\":[{\"seat\":\"unn-1\"");
    assert_non_null(voting);
    has(voting, "\"role\":\"deputy\",\"voting\":true,\"participant\":null,\"case\":null,"
                "\"case_number\":null,\"person\":{\"sha256\":");
    has(voting, "\"beside\":true");
    /* voting now */
    json = ask(f, "questions", NULL);
    has(json, "\"status\":\"open\",\"outcome\":null,\"quorate_at_opening\":true");
    has(json, "{\"seat\":\"bruker-1\",\"title\":\"Plass bruker-1\",\"partner\":\"bruker\","
              "\"partner_name\":\"brukerne\",\"represented_by\":\"deputy\",\"reason\":null,"
              "\"ballot\":null,\"choice\":null,\"candidate\":null,\"delegated\":false}");
    play_ok(play_vote(f, q, "unn-1", FOR));
    has(ask(f, "question", "01/22"), hex_of(f, fed_last_id(f)));
    play_ok(play_vote(f, q, "kommune-1", AGAINST));
    play_ok(play_end(f, q, SEC));
    play_ok(play_postpone(f, NULL, "42/21", t.meeting, 20220222, SEC));
    play_id task, draft;
    play_ok(play_task(f, t.meeting, t.c, "fastlege", 20220207, &task));
    play_ok(play_close(f, t.meeting, SEC));
    fed_at(f, 20220128, 9, 0);
    play_ok(play_draft(f, t.meeting, 0, &draft));
    json = ask(f, "meeting", hex_of(f, t.meeting));
    has(json, "\"outcome\":\"no_consensus\",\"mode\":\"vote\",\"to_date\":null,\"question\":\"");
    has(json, "\"unanimous\":false");
    has(json, "{\"seat\":\"kommune-1\",\"title\":\"Plass kommune-1\",\"partner\":\"kommune\","
              "\"partner_name\":\"kommunene\",\"by\":\"primary\",\"choice\":\"against\"");
    has(json, "\"minutes\":{\"name\":\"referat\",\"silence\":true,\"status\":\"sent\"");
    has(json, "\"deadlines\":[{\"kind\":\"minutes_ready\",\"from\":null,\"to\":\"2022-01-27\","
              "\"actual\":\"2022-01-28\",\"kept\":false");
    static const char COUNTING[] = "\"silence_unit\":\"working_day\",\"silence_counting\":["
                                   "{\"date\":\"2022-01-28\",\"weekday\":5,\"reason\":\"anchor\","
                                   "\"number\":null,\"holiday\":null},"
                                   "{\"date\":\"2022-01-29\",\"weekday\":6,\"reason\":\"saturday\","
                                   "\"number\":null,\"holiday\":null},"
                                   "{\"date\":\"2022-01-30\",\"weekday\":7,\"reason\":\"sunday\","
                                   "\"number\":null,\"holiday\":null},"
                                   "{\"date\":\"2022-01-31\",\"weekday\":1,\"reason\":\"counted\","
                                   "\"number\":1,\"holiday\":null},"
                                   "{\"date\":\"2022-02-01\",\"weekday\":2,\"reason\":\"counted\","
                                   "\"number\":2,\"holiday\":null},"
                                   "{\"date\":\"2022-02-02\",\"weekday\":3,\"reason\":\"counted\","
                                   "\"number\":3,\"holiday\":null},"
                                   "{\"date\":\"2022-02-03\",\"weekday\":4,\"reason\":\"counted\","
                                   "\"number\":4,\"holiday\":null}]";
    has(json, COUNTING);
    has(ask(f, "minutes", hex_of(f, t.meeting)), COUNTING);
    has(ask(f, "deadlines", NULL), COUNTING);
    has(json, "\"responsible\":[{\"id\":\"fastlege\",\"name\":\"fastlegene\"}]");
    has(ask(f, "decisions", "ssu"), "\"outcome\":\"no_consensus\",\"decided\":[]");
    has(ask(f, "case", "01/22"), "\"status\":\"treated\"");
    has(ask(f, "meetings", NULL), "\"items\":1,\"open_questions\":0");
    fed_free(f);
}

/* ---- lists in parts ---- */

/* The list put together from parts, and how many there were. */
static const char *in_parts(fed *f, const char *name, const char *const *args, size_t argc,
                            size_t bytes_max, uint32_t *parts)
{
    sb_query_part part = {.bytes_max = bytes_max};
    sb_buf all, json;
    sb_buf_init(&all);
    sb_buf_init(&json);
    sb_buf_add(&all, sb_slice_str("["));
    *parts = 0;
    do {
        json.len = 0;
        part.from = part.next;
        assert_int_equal(sb_ledger_query_part(f->ledger, name, args, argc, &part, &json, &f->fail),
                         SB_OK);
        assert_true(part.next == 0 || part.next > part.from);
        assert_true(json.len >= 2 && json.data[0] == '[' && json.data[json.len - 1] == ']');
        if (json.len > 2 && all.len > 1)
            sb_buf_add(&all, sb_slice_str(","));
        sb_buf_add(&all, sb_slice_of(json.data + 1, json.len - 2));
        (*parts)++;
    } while (part.next != 0);
    sb_buf_add(&all, sb_slice_str("]"));
    const char *out = sb_arena_str(&f->arena, sb_buf_slice(&all));
    sb_buf_deinit(&all);
    sb_buf_deinit(&json);
    return out;
}

/* However small the parts, together they are the list; and it is one part where there is room. */
static void lists_come_in_parts(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "actions",   "cases",    "charter-drafts", "charter-versions", "conditions",
        "decisions", "disputes", "erased",         "inputs",           "meetings",
        "questions", "seats",    "tasks"};
    play_table t;
    play_id q, c, m, task;
    fed *f = full(&t, &q);
    play_ok(play_end(f, q, SEC));
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_end(f, q, SEC));
    for (int i = 0; i < 40; i++)
        play_ok(play_report(f, i % 3 == 0 ? "pm" : "ssu", "En sak til", DECISION, SEC, &c));
    play_ok(play_task(f, t.meeting, t.c, "fastlege", 20220207, &task));
    play_ok(play_task(f, t.meeting, t.c, "fastlege", 20220208, &task));
    play_ok(play_report(f, "pm", "En sak til", DECISION, SEC, &c));
    play_ok(play_call(f, "pm", 20220220, SEC, 1, &c, &m));
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        uint32_t parts;
        const char *whole = ask(f, lists[i], NULL);
        assert_string_equal(in_parts(f, lists[i], NULL, 0, 1, &parts), whole);
        assert_string_equal(in_parts(f, lists[i], NULL, 0, 700, &parts), whole);
        assert_string_equal(in_parts(f, lists[i], NULL, 0, 1024 * 1024, &parts), whole);
        assert_int_equal(parts, 1);
    }
    uint32_t parts;
    const char *ssu[] = {"ssu"}, *of_case[] = {"", "ssu:01/22"}, *other[] = {"", hex_of(f, c)};
    assert_string_equal(in_parts(f, "cases", ssu, 1, 1, &parts), ask(f, "cases", "ssu"));
    /* a case a part: the first one, 26 of the 40, and none where only those of pm are left */
    assert_int_equal(parts, 28);
    (void)in_parts(f, "cases", NULL, 0, 4096, &parts);
    assert_true(parts >= 3 && parts < 20);
    /* the decisions of one case */
    const char *two = in_parts(f, "decisions", of_case, 2, 1, &parts);
    assert_string_equal(two, ask(f, "decisions", NULL));
    assert_int_equal(parts, 2);
    assert_string_equal(play_query2(f, "decisions", "", "ssu:01/22"), two);
    assert_string_equal(in_parts(f, "decisions", other, 2, 1, &parts), "[]");
    /* beyond the end */
    sb_buf json;
    sb_buf_init(&json);
    sb_query_part part = {.from = UINT64_MAX, .bytes_max = 1};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        json.len = 0;
        part.next = 7;
        assert_int_equal(sb_ledger_query_part(f->ledger, lists[i], NULL, 0, &part, &json, &f->fail),
                         SB_OK);
        assert_int_equal(part.next, 0);
    }
    sb_buf_deinit(&json);
    fed_free(f);
}

/* A case and a meeting by the first digits of their ids. */
static void by_the_first_digits(void **state)
{
    (void)state;
    play_table t;
    play_id c, ids[900];
    uint32_t pairs = 0;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    for (size_t i = 0; i < 900; i++) {
        play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &c));
        ids[i] = c;
    }
    char *digits = sb_arena_str(&f->arena, sb_slice_str(hex_of(f, t.meeting)));
    digits[12] = '\0';
    has(ask(f, "meeting", digits), hex_of(f, t.meeting));
    assert_null(play_query(f, "case", digits));
    assert_int_equal(f->fail.code, SB_E_NOT_FOUND);
    for (size_t i = 0; i < 900; i++) {
        char *some = sb_arena_str(&f->arena, sb_slice_str(hex_of(f, ids[i])));
        some[16] = '\0';
        has(ask(f, "case", some), hex_of(f, ids[i]));
        some[4] = '\0';
        if (play_query(f, "case", some) == NULL) {
            assert_int_equal(f->fail.code, SB_E_QUERY_SEVERAL);
            assert_memory_equal(f->fail.arg[1], some, 4);
            pairs++;
        }
        some[3] = '\0';
        assert_null(play_query(f, "case", some));
        assert_int_equal(f->fail.code, SB_E_NOT_FOUND);
    }
    print_message("%u of 900 cases share their first four digits\n", pairs);
    assert_true(pairs > 0);
    fed_free(f);
}

/* Clauses of two wordings side by side, over a struck one. */
static void struck_clauses_align(void **state)
{
    (void)state;
    play_table t;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_clause(f, t.c, NULL, 1, NULL, SEC));
    play_ok(play_clause(f, t.c, NULL, 2, "Til sist.", SEC));
    has(ask(f, "meeting", "ssu:2022-01-20"),
        "\"clauses\":[{\"number\":null,\"proposed\":\"Saken tas opp.\",\"text\":null,"
        "\"change\":\"struck\"},{\"number\":1,\"proposed\":\"Sekretariatet følger opp.\","
        "\"text\":\"Sekretariatet følger opp.\",\"change\":\"same\"},{\"number\":2,"
        "\"proposed\":null,\"text\":\"Til sist.\",\"change\":\"new\"}]");
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_answers),   cmocka_unit_test(what_is_not_there),
        cmocka_unit_test(the_federation),       cmocka_unit_test(the_meeting),
        cmocka_unit_test(struck_clauses_align), cmocka_unit_test(lists_come_in_parts),
        cmocka_unit_test(by_the_first_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
