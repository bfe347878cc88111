#include "tests/sim/sim_script.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const SEATS[] = {"unn-1",     "unn-2",  "kommune-1",
                                    "kommune-2", "lege-1", "bruker-1"};
enum { SEAT_COUNT = 6 };

static char *words(fed *f, const char *text)
{
    return sb_arena_str(&f->arena, sb_slice_str(text));
}

static ProtobufCBinaryData report(fed *f, const char *title, const char *key)
{
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = words(f, "ssu");
    m.title = words(f, title);
    m.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    m.text = fed_blob(f, title);
    fed_must(f, SB_ENTRY_CASE_REPORT, &m.base, key);
    return fed_last_id(f);
}

static void propose(fed *f, ProtobufCBinaryData case_id, const char *text, uint8_t hash[32])
{
    Sb__WordingPropose m = SB__WORDING_PROPOSE__INIT;
    char *clauses[] = {words(f, text)};
    m.case_id = case_id;
    m.n_clauses = 1;
    m.clauses = clauses;
    fed_must(f, SB_ENTRY_WORDING_PROPOSE, &m.base, "secretariat");
    sb_wording_hash(case_id.data, (const char *const *)clauses, 1, NULL, 0, hash);
}

static ProtobufCBinaryData call(fed *f, ProtobufCBinaryData *cases, size_t count)
{
    Sb__MeetingCall m = SB__MEETING_CALL__INIT;
    m.body = words(f, "ssu");
    m.date = 20220120;
    m.start_minute = 600;
    m.form = SB__MEETING_FORM__MEETING_FORM_VIDEO;
    m.n_agenda = count;
    m.agenda = cases;
    fed_must(f, SB_ENTRY_MEETING_CALL, &m.base, "secretariat");
    ProtobufCBinaryData meeting = fed_last_id(f);
    Sb__PapersSent sent = SB__PAPERS_SENT__INIT;
    sent.meeting_id = meeting;
    sent.n_case_ids = count;
    sent.case_ids = cases;
    fed_must(f, SB_ENTRY_PAPERS_SENT, &sent.base, "secretariat");
    return meeting;
}

static void open_meeting(fed *f, ProtobufCBinaryData meeting)
{
    Sb__MeetingOpen m = SB__MEETING_OPEN__INIT;
    m.meeting_id = meeting;
    fed_must(f, SB_ENTRY_MEETING_OPEN, &m.base, "secretariat");
    for (size_t i = 0; i < SEAT_COUNT; i++) {
        Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
        place.seat = words(f, SEATS[i]);
        place.role = SB__SEAT_ROLE__SEAT_ROLE_PRIMARY;
        Sb__AttendanceEvent event = SB__ATTENDANCE_EVENT__INIT, *events[] = {&event};
        event.who_case = SB__ATTENDANCE_EVENT__WHO_SEAT;
        event.seat = &place;
        event.kind = SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED;
        Sb__Attendance attendance = SB__ATTENDANCE__INIT;
        attendance.meeting_id = meeting;
        attendance.n_events = 1;
        attendance.events = events;
        fed_must(f, SB_ENTRY_ATTENDANCE, &attendance.base, "secretariat");
    }
    Sb__ChairTake chair = SB__CHAIR_TAKE__INIT;
    chair.meeting_id = meeting;
    chair.seat = words(f, SEATS[0]);
    chair.basis = SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN;
    fed_must(f, SB_ENTRY_CHAIR_TAKE, &chair.base, "secretariat");
}

static void decide(fed *f, ProtobufCBinaryData meeting, ProtobufCBinaryData case_id,
                   uint8_t hash[32], Sb__Mode mode)
{
    Sb__QuestionOpen open = SB__QUESTION_OPEN__INIT;
    open.meeting_id = meeting;
    open.case_id = case_id;
    open.mode = mode;
    open.wording_sha256 = (ProtobufCBinaryData){.len = 32, .data = hash};
    fed_must(f, SB_ENTRY_QUESTION_OPEN, &open.base, "secretariat");
    ProtobufCBinaryData question = fed_last_id(f);
    for (size_t i = 0; mode == SB__MODE__MODE_VOTE && i < SEAT_COUNT; i++) {
        char key[96];
        snprintf(key, sizeof key, "%s/primary", SEATS[i]);
        Sb__Ballot ballot = SB__BALLOT__INIT;
        ballot.question_id = question;
        ballot.wording_sha256 = open.wording_sha256;
        ballot.seat = words(f, SEATS[i]);
        ballot.choice = i == 3 ? SB__CHOICE__CHOICE_ABSTAIN : SB__CHOICE__CHOICE_FOR;
        fed_must(f, SB_ENTRY_BALLOT, &ballot.base, key);
    }
    Sb__QuestionClose close = SB__QUESTION_CLOSE__INIT;
    close.question_id = question;
    fed_must(f, SB_ENTRY_QUESTION_CLOSE, &close.base, "secretariat");
    fed_due(f);
}

static void minutes(fed *f, ProtobufCBinaryData meeting)
{
    Sb__MeetingClose close = SB__MEETING_CLOSE__INIT;
    close.meeting_id = meeting;
    fed_must(f, SB_ENTRY_MEETING_CLOSE, &close.base, "secretariat");
    Sb__MinutesDraft draft = SB__MINUTES_DRAFT__INIT;
    draft.meeting_id = meeting;
    draft.document = fed_blob(f, "referat");
    fed_must(f, SB_ENTRY_MINUTES_DRAFT, &draft.base, "secretariat");
}

static void play(fed *f, size_t reports)
{
    uint8_t hash_a[32], hash_b[32];
    fed_run(f);
    ProtobufCBinaryData cases[] = {report(f, "Sak en", "unn-1/primary"),
                                   report(f, "Sak to", "kommune-1/primary")};
    propose(f, cases[0], "Vi gjør det.", hash_a);
    propose(f, cases[1], "Vi gjør det andre.", hash_b);
    ProtobufCBinaryData meeting = call(f, cases, 2);
    open_meeting(f, meeting);
    decide(f, meeting, cases[0], hash_a, SB__MODE__MODE_CONSENSUS);
    decide(f, meeting, cases[1], hash_b, SB__MODE__MODE_VOTE);
    minutes(f, meeting);
    for (size_t i = 0; i < reports; i++) {
        char title[32], key[96];
        snprintf(title, sizeof title, "Sak nr. %zu", i);
        snprintf(key, sizeof key, "%s/%s", SEATS[i % SEAT_COUNT],
                 i / SEAT_COUNT % 2 == 0 ? "primary" : "deputy");
        report(f, title, key);
    }
    Sb__BlobErase erase = SB__BLOB_ERASE__INIT;
    erase.blob_sha256 = fed_blob(f, "Sak to")->sha256;
    erase.reason = SB__ERASE_REASON__ERASE_REASON_PERSONAL;
    fed_must(f, SB_ENTRY_BLOB_ERASE, &erase.base, "secretariat");
    fed_at(f, 20211215, 12, 0); /* the silence is over: approved, by a TICK */
    fed_due(f);
    report(f, "Sak tre", "lege-1/primary");
}

/* Types of which several may be under way at once. */
static bool is_independent(sb_entry_type type)
{
    return type == SB_ENTRY_ACCEPT || type == SB_ENTRY_CASE_REPORT || type == SB_ENTRY_BALLOT;
}

/* The key has an entry under way already: its order must hold. */
static bool has_line(const sim_script *script, size_t since, const uint8_t pk[32])
{
    for (size_t i = since; i < script->count; i++)
        if (memcmp(script->lines[i].entry.data + 2 + 32, pk, 32) == 0)
            return true;
    return false;
}

sim_script sim_script_make(fed *f, size_t reports)
{
    size_t run = 0; /* where the present run of independent entries began */
    play(f, reports);
    sim_script script = {.lines = sb_xmalloc(f->leaf_count * sizeof(sim_line))};
    sb_entry_type last = SB_ENTRY_GENESIS;
    for (size_t i = 0; i < f->leaf_count; i++) {
        sb_slice leaf = fed_leaf(f, i);
        sb_entry entry;
        sim_line *line = &script.lines[script.count];
        *line = (sim_line){.entry = sb_slice_of(leaf.data + 8, leaf.len - 8)};
        if (sb_entry_parse(line->entry, &entry, NULL) != SB_OK)
            abort();
        if (sb_entry_type_is_system(entry.type))
            continue;
        memcpy(line->id, entry.id, 32);
        line->waits = !is_independent(entry.type) || entry.type != last ||
                      has_line(&script, run, entry.signer_pk);
        if (line->waits)
            run = script.count;
        line->wants_later = false;
        last = entry.type;
        script.count++;
    }
    script.lines[script.count - 1].waits = true;
    script.lines[script.count - 1].wants_later = true; /* the minutes are approved by silence */
    return script;
}

void sim_script_free(sim_script *script)
{
    free(script->lines);
}
