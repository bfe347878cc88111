/* Who was there, when they came and went, and when a deputy had the vote. */
#include "nodes/cli/minutes_model_inside.h"
#include "proto/calendar/oslo.h"

enum { ROLL_CALL_MS = 15 * 60 * 1000 }; /* entering who is there takes a while */

static const char *const KEYS[SB_MINUTES_GROUPS] = {
    [SB_MINUTES_VOTING] = "voting",
    [SB_MINUTES_SPEAKING] = "speaking",
    [SB_MINUTES_SECRETARIAT] = "secretariat",
    [SB_MINUTES_ON_CASE] = "on_case",
    [SB_MINUTES_OBSERVERS] = "observers",
    [SB_MINUTES_OBSERVERS_ON_CASE] = "observers_on_case",
    [SB_MINUTES_ABSENT_WITH_NOTICE] = "absent_with_notice",
    [SB_MINUTES_NOT_MET] = "not_met",
    [SB_MINUTES_VACANT] = "vacant",
    [SB_MINUTES_NOT_DOCUMENTED] = "not_documented",
};

/* ---- when ---- */

/* When the roll call was over: what was entered from then on came late. */
typedef struct beginning {
    uint64_t first_question; /* log index; UINT64_MAX: none yet */
    uint64_t until_ms;
} beginning;

static beginning beginning_of(const sb_doc *meeting)
{
    sb_civil start = {0};
    uint64_t opened = sb_doc_num(meeting, "opened_at_ms"), called = 0;
    uint32_t minute = (uint32_t)sb_doc_num(meeting, "start_minute");
    beginning b = {.first_question = UINT64_MAX};
    if (sb_date_parse_iso(sb_slice_str(sb_doc_str(meeting, "date")), &start.date)) {
        start.hour = (uint8_t)(minute / 60 % 24);
        start.minute = (uint8_t)(minute % 60);
        int64_t utc = sb_oslo_to_utc(start, SB_FOLD_FIRST);
        called = utc > 0 ? (uint64_t)utc : 0;
    }
    b.until_ms = (opened > called ? opened : called) + ROLL_CALL_MS;
    for (uint32_t i = 0; i < sb_mm_count(meeting, "agenda"); i++) {
        const sb_doc *item = sb_mm_item(meeting, "agenda", i);
        for (uint32_t q = 0; q < sb_mm_count(item, "questions"); q++) {
            uint64_t at = sb_doc_num(sb_mm_item(item, "questions", q), "opened_index");
            b.first_question = at < b.first_question ? at : b.first_question;
        }
    }
    return b;
}

static uint32_t minute_of(uint64_t ms)
{
    sb_civil civil;
    sb_oslo_from_utc((int64_t)ms, &civil, NULL);
    return civil.hour * 60u + civil.minute;
}

/* The time that was given, else the log's when it was entered on the day of the meeting. */
static uint32_t minute_of_event(const sb_doc *event, uint32_t meeting_date)
{
    uint64_t at_ms = sb_doc_num(event, "at_ms"), logged_ms = sb_doc_num(event, "logged_ms");
    if (at_ms != 0)
        return minute_of(at_ms);
    return sb_mm_day(logged_ms) == meeting_date ? minute_of(logged_ms) : SB_MINUTES_NO_TIME;
}

/* Comings and goings; what was for the whole meeting, and what the roll call found, is none. */
static void make_moments(sb_minutes_maker *k, const sb_doc *person, sb_minutes_person *out)
{
    uint32_t count = sb_mm_count(person, "events");
    beginning start = beginning_of(k->source->meeting);
    uint32_t date = sb_mm_date(k->source->meeting, "date");
    sb_minutes_moment *moments = SB_ARENA_ARRAY(k->arena, sb_minutes_moment, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *event = sb_mm_item(person, "events", i);
        uint32_t kind = sb_mm_word(event, "kind", SB_TEXT_ATTENDANCE_KIND);
        bool has_arrived = kind == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED;
        bool is_whole = sb_doc_true(event, "whole_meeting");
        bool is_late = sb_doc_num(event, "at_ms") != 0 ||
                       sb_doc_num(event, "index") > start.first_question ||
                       sb_doc_num(event, "logged_ms") > start.until_ms;
        if (!has_arrived && kind != SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT)
            continue;
        if (has_arrived && out->moment_count == 0 && (is_whole || !is_late))
            continue; /* was there from the beginning */
        moments[out->moment_count++] = (sb_minutes_moment){
            has_arrived, is_whole ? SB_MINUTES_NO_TIME : minute_of_event(event, date)};
    }
    out->moments = moments;
}

/* ---- when a deputy had the vote ---- */

/* Whether this person of a seat was there when the entry at `index` was made. */
static bool was_here(const sb_doc *person, uint64_t index)
{
    bool is_here = false;
    for (uint32_t i = 0; i < sb_mm_count(person, "events"); i++) {
        const sb_doc *event = sb_mm_item(person, "events", i);
        if (sb_doc_num(event, "index") >= index)
            break;
        uint32_t kind = sb_mm_word(event, "kind", SB_TEXT_ATTENDANCE_KIND);
        if (kind != SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED &&
            kind != SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED)
            is_here = kind == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED;
    }
    return is_here;
}

static bool was_disqualified(const sb_doc *item, const char *seat, const char *role, uint64_t index)
{
    for (uint32_t i = 0; i < sb_mm_count(item, "disqualified"); i++) {
        const sb_doc *one = sb_mm_item(item, "disqualified", i);
        uint64_t lifted = sb_doc_num(one, "lifted_index");
        if (lifted != 0 && lifted < index)
            continue;
        if (strcmp(sb_doc_str(one, "seat"), seat) == 0 &&
            strcmp(sb_doc_str(one, "role"), role) == 0 && sb_doc_num(one, "index") < index)
            return true;
    }
    return false;
}

/* Who is there for a seat in a role, in whatever list. */
static const sb_doc *person_of(const sb_doc *attendance, const char *seat, const char *role)
{
    for (size_t g = 0; g < SB_MINUTES_GROUPS; g++)
        for (uint32_t i = 0; i < sb_mm_count(attendance, KEYS[g]); i++) {
            const sb_doc *person = sb_mm_item(attendance, KEYS[g], i);
            if (strcmp(sb_doc_str(person, "seat"), seat) == 0 &&
                strcmp(sb_doc_str(person, "role"), role) == 0)
                return person;
        }
    return NULL;
}

/* A case's place for a deputy: the vote, no vote beside the representative, or neither. */
typedef enum standing {
    STAND_NOT_THERE = 0,
    STAND_BESIDE,
    STAND_AWAY,
    STAND_DISQUALIFIED
} standing;

static standing standing_in(const sb_doc *item, const sb_doc *deputy, const sb_doc *primary)
{
    const char *seat = sb_doc_str(deputy, "seat");
    standing most = STAND_NOT_THERE;
    for (uint32_t q = 0; q < sb_mm_count(item, "questions"); q++) {
        uint64_t closed = sb_doc_num(sb_mm_item(item, "questions", q), "closed_index");
        uint64_t at = closed == 0 ? UINT64_MAX : closed;
        standing s = STAND_NOT_THERE;
        if (was_here(deputy, at) && !was_disqualified(item, seat, "deputy", at)) {
            if (!was_here(primary, at))
                s = STAND_AWAY;
            else
                s = was_disqualified(item, seat, "primary", at) ? STAND_DISQUALIFIED : STAND_BESIDE;
        }
        most = s > most ? s : most;
    }
    return most;
}

/* A deputy beside the representative has no vote, except in cases where the representative was
 * disqualified or away (§ 3 nr. 2). Without any question asked, as things stand. */
static void make_deputy(sb_minutes_maker *k, const sb_doc *attendance, const sb_doc *person,
                        sb_minutes_person *out)
{
    const sb_doc *primary = person_of(attendance, sb_doc_str(person, "seat"), "primary");
    const sb_doc *meeting = k->source->meeting;
    uint32_t items = sb_mm_count(meeting, "agenda"), aways = 0, barred = 0, beside = 0, asked = 0;
    const char **away = SB_ARENA_ARRAY(k->arena, const char *, items);
    const char **disqualified = SB_ARENA_ARRAY(k->arena, const char *, items);
    for (uint32_t i = 0; i < items; i++) {
        const sb_doc *item = sb_mm_item(meeting, "agenda", i);
        standing s = standing_in(item, person, primary);
        asked += s != STAND_NOT_THERE;
        beside += s == STAND_BESIDE;
        if (s == STAND_AWAY)
            away[aways++] = sb_doc_str(item, "number");
        else if (s == STAND_DISQUALIFIED)
            disqualified[barred++] = sb_doc_str(item, "number");
    }
    if (!sb_doc_true(person, "voting"))
        return;
    if (aways + barred == 0) {
        out->no_vote = asked > 0 ? beside > 0 : sb_doc_true(person, "beside");
    } else if (beside > 0 || barred > 0) {
        out->cases_away = sb_mm_list(k, away, aways);
        out->cases_disqualified = sb_mm_list(k, disqualified, barred);
    }
}

bool sb_mm_by_delegation(sb_minutes_maker *k, const sb_doc *one)
{
    const sb_doc *attendance = sb_doc_get(k->source->meeting, "attendance");
    return strcmp(sb_doc_str(one, "by"), "deputy") == 0 &&
           sb_doc_true(person_of(attendance, sb_doc_str(one, "seat"), "deputy"), "delegated");
}

/* ---- all of them ---- */

static void make_people(sb_minutes_maker *k, const sb_doc *attendance, const char *key,
                        sb_minutes_people *out)
{
    uint32_t count = sb_mm_count(attendance, key);
    sb_minutes_person *people = SB_ARENA_ARRAY(k->arena, sb_minutes_person, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *person = sb_mm_item(attendance, key, i);
        people[i] = (sb_minutes_person){
            .name = sb_mm_blob(k, person, "person", NULL),
            .seat = sb_doc_str(person, "title"),
            .partner = sb_mm_partner_name(k, person),
            .is_deputy = strcmp(sb_doc_str(person, "role"), "deputy") == 0,
            .by_delegation = sb_doc_true(person, "delegated"),
            .cases = sb_doc_str(person, "case_number"),
        };
        if (people[i].is_deputy && sb_doc_true(person, "was_here"))
            make_deputy(k, attendance, person, &people[i]);
        make_moments(k, person, &people[i]);
    }
    *out = (sb_minutes_people){people, count};
}

void sb_mm_attendance(sb_minutes_maker *k, sb_minutes_model *out)
{
    const sb_doc *attendance = sb_doc_get(k->source->meeting, "attendance");
    for (size_t g = 0; g < SB_MINUTES_GROUPS; g++)
        make_people(k, attendance, KEYS[g], &out->people[g]);
}
