/* Seats, attendance and ballots to counts and the certificate of a rule tried offline. */
#include "tests/lib/cmocka_all.h"

#include "proto/rules/tally.h"

static sb_arena arena;
static sb_buf out;

static int setup(void **state)
{
    (void)state;
    sb_arena_init(&arena);
    sb_buf_init(&out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sb_buf_deinit(&out);
    sb_arena_deinit(&arena);
    return 0;
}

#define SEAT(id_, partner_, ...)                                                                   \
    {                                                                                              \
        .id = {(const uint8_t *)(id_), sizeof(id_) - 1},                                           \
        .partner = {(const uint8_t *)(partner_), sizeof(partner_) - 1}, .filled = true,            \
        __VA_ARGS__                                                                                \
    }

static const char *certificate(const char *text, sb_tally_seat *seats, uint32_t count,
                               sb_tally_earlier earlier)
{
    const sb_tally_case one = {.seats = seats, .count = count, .earlier = earlier};
    sb_rule rule;
    bool passed;
    sb_buf_clear(&out);
    assert_int_equal(sb_rule_parse(&arena, sb_slice_str(text), &rule, NULL), SB_OK);
    assert_int_equal(sb_tally_certificate(&arena, &rule, &one, &out, &passed, NULL), SB_OK);
    const char *json = sb_buf_cstr(&out);
    assert_int_equal(passed, strncmp(json, "{\"outcome\":\"pass\"", 17) == 0);
    return json;
}

static void has(const char *json, const char *part)
{
    if (strstr(json, part) == NULL)
        fail_msg("%s\nis not in\n%s", part, json);
}

static void counts_each_word(void **state)
{
    (void)state;
    sb_tally_seat seats[] = {
        SEAT("a", "unn", .presence = SB_TALLY_PRIMARY, .vote = SB_TALLY_FOR),
        SEAT("b", "unn", .presence = SB_TALLY_DEPUTY, .vote = SB_TALLY_AGAINST),
        SEAT("c", "unn", .presence = SB_TALLY_DISQUALIFIED, .vote = SB_TALLY_FOR),
        SEAT("d", "k", .presence = SB_TALLY_ABSENT, .vote = SB_TALLY_AGAINST),
        SEAT("e", "k", .presence = SB_TALLY_PRIMARY, .vote = SB_TALLY_ABSTAIN),
        SEAT("f", "", .presence = SB_TALLY_PRIMARY, .vote = SB_TALLY_FOR),
        SEAT("g", "", .presence = SB_TALLY_PRIMARY, .vote = SB_TALLY_FOR),
        SEAT("h", "k", .presence = SB_TALLY_PRIMARY),
    };
    seats[6].filled = false;
    sb_rule_input in;
    assert_int_equal(sb_tally_count(&arena, seats, 8, &in, NULL), SB_OK);
    assert_int_equal(in.partner_count, 2);
    SB_ASSERT_TEXT(in.partners[0].id, "unn");
    const sb_tally unn = {.seats = 3,
                          .filled = 3,
                          .eligible = 2,
                          .present = 2,
                          .voted = 2,
                          .cast = 2,
                          .for_ = 1,
                          .against = 1};
    const sb_tally k = {
        .seats = 3, .filled = 3, .eligible = 2, .present = 2, .voted = 1, .abstain = 1};
    const sb_tally total = {.seats = 8,
                            .filled = 7,
                            .eligible = 5,
                            .present = 5,
                            .voted = 4,
                            .cast = 3,
                            .for_ = 2,
                            .against = 1,
                            .abstain = 1};
    assert_memory_equal(&in.partners[0].tally, &unn, sizeof unn);
    assert_memory_equal(&in.partners[1].tally, &k, sizeof k);
    assert_memory_equal(&in.total, &total, sizeof total);
    has(certificate("for >= 1", seats, 8, SB_TALLY_EARLIER_UNKNOWN),
        "\"ballots_not_counted\":[{\"seat\":\"c\",\"reason\":\"disqualified\"},{\"seat\":\"d\","
        "\"reason\":"
        "\"absent\"},{\"seat\":\"g\",\"reason\":\"vacant\"}],"
        "\"objections_not_counted\":[]}");
}

static void certificate_is_these_bytes(void **state)
{
    (void)state;
    sb_tally_seat seats[] = {
        SEAT("a", "unn", .presence = SB_TALLY_PRIMARY, .vote = SB_TALLY_FOR),
        SEAT("b", "k", .presence = SB_TALLY_PRIMARY, .vote = SB_TALLY_AGAINST, .objects = true),
    };
    const char *json = certificate("each partner: for >= 1/2 of cast else no_consensus", seats, 2,
                                   SB_TALLY_EARLIER_UNKNOWN);
    assert_string_equal(
        json,
        "{\"outcome\":\"fail\",\"failure\":\"no_consensus\",\"rule\":\"pass each partner: for >= "
        "1/2 of cast else no_consensus\",\"held\":false,\"discussed\":\"not_required\","
        "\"stopped_by_objection\":false,\"comparisons\":[{\"partner\":\"unn\",\"rule\":\"for >= "
        "1/2 of cast\",\"have\":1,\"of\":1,\"need\":\"at_least\",\"needed\":1,\"held\":true},{"
        "\"partner\":\"k\",\"rule\":\"for >= 1/2 of cast\",\"have\":0,\"of\":1,\"need\":\"at_"
        "least\",\"needed\":1,\"held\":false}],\"scopes\":[{\"scope\":\"each\",\"partners\":2,"
        "\"have\":1,\"needed\":2,\"held\":false}],\"counts\":[{\"partner\":null,\"seats\":2,"
        "\"filled\":2,\"eligible\":2,\"present\":2,\"voted\":2,\"cast\":2,\"for\":1,\"against\":1,"
        "\"abstain\":0},{\"partner\":\"unn\",\"seats\":1,\"filled\":1,\"eligible\":1,\"present\":1,"
        "\"voted\":1,\"cast\":1,\"for\":1,\"against\":0,\"abstain\":0},{\"partner\":\"k\",\"seats\""
        ":1,\"filled\":1,\"eligible\":1,\"present\":1,\"voted\":1,\"cast\":1,\"for\":0,\"against\":"
        "1,\"abstain\":0}],\"objections\":[\"b\"],\"ballots_not_counted\":[],\"objections_not_"
        "counted\":[]}");
}

static void an_objection_stops_where_nobody_votes(void **state)
{
    (void)state;
    sb_tally_seat seats[] = {
        SEAT("a", "unn", .presence = SB_TALLY_PRIMARY),
        SEAT("b", "unn", .presence = SB_TALLY_PRIMARY, .objects = true),
    };
    const char *json = certificate("for >= 0", seats, 2, SB_TALLY_EARLIER_UNKNOWN);
    has(json, "{\"outcome\":\"fail\",\"failure\":\"fallen\"");
    has(json, "\"held\":true");
    has(json, "\"stopped_by_objection\":true");
    seats[1].presence = SB_TALLY_ABSENT;
    json = certificate("for >= 0", seats, 2, SB_TALLY_EARLIER_UNKNOWN);
    has(json, "{\"outcome\":\"pass\",\"failure\":null");
    has(json, "\"objections\":[],\"ballots_not_counted\":[],\"objections_not_counted\":[{\"seat\":"
              "\"b\",\"reason\":\"absent\"}]}");
    seats[1].presence = SB_TALLY_PRIMARY;
    seats[0].vote = SB_TALLY_FOR;
    json = certificate("for >= 0", seats, 2, SB_TALLY_EARLIER_UNKNOWN);
    has(json, "{\"outcome\":\"pass\",\"failure\":null");
    has(json, "\"stopped_by_objection\":false");
    has(json, "\"objections\":[\"b\"]");
}

static void the_suffix_says_what_is_known(void **state)
{
    (void)state;
    const char *text = "for >= 0, after discussion in an earlier meeting";
    has(certificate(text, NULL, 0, SB_TALLY_EARLIER_UNKNOWN),
        "\"pass\",\"failure\":null,\"rule\":\"pass for >= 0, after discussion in an earlier "
        "meeting\",\"held\":true,\"discussed\":\"assumed\"");
    has(certificate(text, NULL, 0, SB_TALLY_EARLIER_YES), "\"discussed\":\"yes\"");
    const char *json = certificate(text, NULL, 0, SB_TALLY_EARLIER_NO);
    has(json, "{\"outcome\":\"fail\"");
    has(json, "\"held\":true,\"discussed\":\"no\"");
    has(certificate("quorum present = 1/2 of seats and present > 3", NULL, 0, SB_TALLY_EARLIER_NO),
        "\"outcome\":\"fail\",\"failure\":null");
    has(certificate("for < 0", NULL, 0, SB_TALLY_EARLIER_NO),
        "\"need\":\"impossible\",\"needed\":null,\"held\":false");
}

static void partners_are_bounded(void **state)
{
    (void)state;
    static const char IDS[] = "abcdefghijklmnopq";
    sb_tally_seat seats[SB_PARTNERS_MAX + 1];
    sb_rule_input in;
    sb_fail fail;
    for (uint32_t i = 0; i <= SB_PARTNERS_MAX; i++)
        seats[i] = (sb_tally_seat){.id = sb_slice_of(&IDS[i], 1), .partner = {0}};
    for (uint32_t i = 0; i <= SB_PARTNERS_MAX; i++)
        seats[i].partner = seats[i].id;
    assert_int_equal(sb_tally_count(&arena, seats, SB_PARTNERS_MAX, &in, &fail), SB_OK);
    assert_int_equal(in.partner_count, SB_PARTNERS_MAX);
    assert_int_equal(sb_tally_count(&arena, seats, SB_PARTNERS_MAX + 1, &in, &fail),
                     SB_E_TALLY_PARTNERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_each_word),
        cmocka_unit_test(certificate_is_these_bytes),
        cmocka_unit_test(an_objection_stops_where_nobody_votes),
        cmocka_unit_test(the_suffix_says_what_is_known),
        cmocka_unit_test(partners_are_bounded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
