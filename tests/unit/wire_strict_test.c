/* Strict decoding: each cause of refusal by its own code, at the top and nested, and every line of
 * PITFALLS "protobuf-c". */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/pb_wire.h"
#include "tests/lib/wire_samples.h"

#include <stdio.h>
#include <stdlib.h>

/* Decode hand-written bytes and expect `code`, naming `path` (NULL: any) and `arg` (NULL: any). */
static void expect_bytes(sb_entry_type type, const sb_buf *payload, sb_err code, const char *path,
                         const char *arg)
{
    sb_arena arena;
    sb_arena_init(&arena);
    const ProtobufCMessage *message = NULL;
    sb_fail fail = {0};
    /* a block of just this size, so that the sanitizer sees any read beyond it */
    uint8_t *bytes = sb_xmalloc(payload->len > 0 ? payload->len : 1);
    if (payload->len > 0)
        memcpy(bytes, payload->data, payload->len);
    sb_err err = sb_payload_decode(type, sb_slice_of(bytes, payload->len), &arena, &message, &fail);
    free(bytes); /* the message doesn't borrow from it */
    if (err != code)
        fail_msg("expected %s, got %s %s %s", sb_err_name(code), sb_err_name(err), fail.arg[0],
                 fail.arg[1]);
    if (code != SB_OK)
        assert_int_equal(fail.code, code);
    if (path != NULL)
        assert_string_equal(fail.arg[0], path);
    if (arg != NULL)
        assert_string_equal(fail.arg[1], arg);
    sb_arena_deinit(&arena);
}

/* The same for a struct, packed by protobuf-c; then the constructor must refuse it as well. */
static void expect(sb_entry_type type, const void *message, sb_err code, const char *path,
                   const char *arg)
{
    const ProtobufCMessage *m = message;
    sb_buf bytes, entry;
    sb_buf_init(&bytes);
    sb_buf_init(&entry);
    uint8_t *packed = sb_xmalloc(protobuf_c_message_get_packed_size(m) + 1);
    size_t len = protobuf_c_message_pack(m, packed);
    sb_buf_add(&bytes, sb_slice_of(packed, len));
    free(packed);
    expect_bytes(type, &bytes, code, path, arg);
    sb_entry_head head;
    sb_sample_head(type, &head);
    sb_secret *secret = sb_sample_secret();
    assert_int_equal(sb_entry_make(type, m, &head, secret, &entry, NULL), code);
    assert_int_equal(entry.len > 0, code == SB_OK);
    sb_secret_free(secret);
    sb_buf_deinit(&bytes);
    sb_buf_deinit(&entry);
}

typedef struct fixture {
    sb_arena arena;
    sb_buf b, sub;
} fixture;

static int setup(void **state)
{
    fixture *f = sb_xmalloc(sizeof *f);
    sb_arena_init(&f->arena);
    sb_buf_init(&f->b);
    sb_buf_init(&f->sub);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    sb_arena_deinit(&f->arena);
    sb_buf_deinit(&f->b);
    sb_buf_deinit(&f->sub);
    free(f);
    return 0;
}

/* A fresh, changeable sample. */
#define SAMPLE(TYPE, Message, m)                                                                   \
    Sb__##Message *m =                                                                             \
        (Sb__##Message *)(uintptr_t)sb_sample_payload(&((fixture *)*state)->arena, TYPE)

/* ---- by value: what a client could pack ---- */

static void missing(void **state)
{
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, report);
    report->kind = SB__CASE_KIND__CASE_KIND_INVALID;
    expect(SB_ENTRY_CASE_REPORT, report, SB_E_PAYLOAD_MISSING, "CaseReport.kind", NULL);
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, nested);
    nested->attachments[1]->sha256.len = 0;
    expect(SB_ENTRY_CASE_REPORT, nested, SB_E_PAYLOAD_MISSING, "CaseReport.attachments[1].sha256",
           NULL);
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, untitled);
    untitled->title = (char *)(uintptr_t) "";
    expect(SB_ENTRY_CASE_REPORT, untitled, SB_E_PAYLOAD_MISSING, "CaseReport.title", NULL);
    SAMPLE(SB_ENTRY_APPOINT, Appoint, nameless);
    nameless->name = NULL;
    expect(SB_ENTRY_APPOINT, nameless, SB_E_PAYLOAD_MISSING, "Appoint.name", NULL);
    SAMPLE(SB_ENTRY_APPOINT, Appoint, undated);
    undated->from_date = 0;
    expect(SB_ENTRY_APPOINT, undated, SB_E_PAYLOAD_MISSING, "Appoint.from_date", NULL);
    SAMPLE(SB_ENTRY_APPOINT, Appoint, nowhere);
    nowhere->place_case = SB__APPOINT__PLACE__NOT_SET;
    nowhere->seat = NULL;
    expect(SB_ENTRY_APPOINT, nowhere, SB_E_PAYLOAD_MISSING, "Appoint.seat", NULL);
    SAMPLE(SB_ENTRY_CLAUSE_AMEND, ClauseAmend, unstruck);
    unstruck->change_case = SB__CLAUSE_AMEND__CHANGE_STRIKE;
    unstruck->strike = false;
    expect(SB_ENTRY_CLAUSE_AMEND, unstruck, SB_E_PAYLOAD_MISSING, "ClauseAmend.strike", NULL);
    unstruck->strike = true;
    expect(SB_ENTRY_CLAUSE_AMEND, unstruck, SB_OK, NULL, NULL);
}

static void optional_fields_may_be_absent(void **state)
{
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, report);
    report->from = report->text = NULL;
    report->n_attachments = 0;
    report->claim = NULL;
    expect(SB_ENTRY_CASE_REPORT, report, SB_OK, NULL, NULL);
    SAMPLE(SB_ENTRY_BALLOT, Ballot, ballot);
    ballot->replaces.len = 0;
    expect(SB_ENTRY_BALLOT, ballot, SB_OK, NULL, NULL);
    SAMPLE(SB_ENTRY_APPOINT, Appoint, appoint);
    appoint->device_pk.len = 0;
    appoint->until_date = 0;
    appoint->claim = NULL;
    expect(SB_ENTRY_APPOINT, appoint, SB_OK, NULL, NULL);
}

static void unknown_enum_values(void **state)
{
    SAMPLE(SB_ENTRY_BALLOT, Ballot, ballot);
    ballot->choice = (Sb__Choice)5;
    expect(SB_ENTRY_BALLOT, ballot, SB_E_PAYLOAD_ENUM, "Ballot.choice", "5");
    ballot->choice = (Sb__Choice)-1;
    expect(SB_ENTRY_BALLOT, ballot, SB_E_PAYLOAD_ENUM, "Ballot.choice", "-1");
    SAMPLE(SB_ENTRY_ATTENDANCE, Attendance, attendance);
    attendance->events[1]->participant = (Sb__ParticipantKind)9;
    expect(SB_ENTRY_ATTENDANCE, attendance, SB_E_PAYLOAD_ENUM, "Attendance.events[1].participant",
           "9");
    attendance->events[1]->participant = SB__PARTICIPANT_KIND__PARTICIPANT_KIND_INVALID;
    expect(SB_ENTRY_ATTENDANCE, attendance, SB_E_PAYLOAD_MISSING,
           "Attendance.events[1].participant", NULL);
}

static void set_title(Sb__CaseReport *report, const char *title)
{
    report->title = (char *)(uintptr_t)title;
}

static void bad_utf8(void **state)
{
    static const char *const bad[] = {
        "\xC3",             /* cut */
        "a\x80",            /* lone continuation */
        "\xC0\xAF",         /* overlong '/' */
        "\xE0\x9F\xBF",     /* overlong */
        "\xF0\x8F\xBF\xBF", /* overlong */
        "\xED\xA0\x80",     /* surrogate */
        "\xF4\x90\x80\x80", /* above U+10FFFF */
        "\xF8\x88\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xE6\xF8",
    };
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, report);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        set_title(report, bad[i]);
        expect(SB_ENTRY_CASE_REPORT, report, SB_E_PAYLOAD_UTF8, "CaseReport.title", NULL);
    }
    SAMPLE(SB_ENTRY_WORDING_PROPOSE, WordingPropose, wording);
    wording->clauses[1] = (char *)(uintptr_t) "bl\xE5";
    expect(SB_ENTRY_WORDING_PROPOSE, wording, SB_E_PAYLOAD_UTF8, "WordingPropose.clauses[1]", NULL);
    SAMPLE(SB_ENTRY_ATTENDANCE, Attendance, attendance);
    attendance->events[0]->seat->seat = (char *)(uintptr_t) "\xF0\x9F";
    expect(SB_ENTRY_ATTENDANCE, attendance, SB_E_PAYLOAD_UTF8, "Attendance.events[0].seat.seat",
           NULL);
}

static void forbidden_code_points(void **state)
{
    static const struct {
        const char *text, *name;
    } bad[] = {
        {"a\tb", "U+0009"},
        {"a\nb", "U+000A"},
        {"a\rb", "U+000D"},
        {"\x1B[31m", "U+001B"},
        {"\x7F", "U+007F"},
        {"\xC2\x85", "U+0085"},
        {"\xD8\x9C", "U+061C"},
        {"\xE2\x80\x8E", "U+200E"},
        {"\xE2\x80\x8F", "U+200F"},
        {"\xE2\x80\xA8", "U+2028"},
        {"\xE2\x80\xA9", "U+2029"},
        {"\xE2\x80\xAA", "U+202A"},
        {"\xE2\x80\xAE", "U+202E"},
        {"\xE2\x81\xA6", "U+2066"},
        {"\xE2\x81\xA9", "U+2069"},
        {"\xEF\xB7\x90", "U+FDD0"},
        {"\xEF\xB7\xAF", "U+FDEF"},
        {"\xEF\xBB\xBFHei", "U+FEFF"},
        {"\xEF\xBF\xBE", "U+FFFE"},
        {"\xEF\xBF\xBF", "U+FFFF"},
        {"\xF0\x9F\xBF\xBE", "U+1FFFE"},
        {"\xF4\x8F\xBF\xBF", "U+10FFFF"},
    };
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, report);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        set_title(report, bad[i].text);
        expect(SB_ENTRY_CASE_REPORT, report, SB_E_PAYLOAD_CODE_POINT, "CaseReport.title",
               bad[i].name);
    }
    set_title(report, "Å, æ og ø; dihto sámegillii: čđŋšŧž – «ja» \xF0\x9F\x98\x80 \xEF\xBF\xBD");
    expect(SB_ENTRY_CASE_REPORT, report, SB_OK, NULL, NULL);
    SAMPLE(SB_ENTRY_CLAUSE_AMEND, ClauseAmend, amend);
    amend->text = (char *)(uintptr_t) "en\nto\tre";
    expect(SB_ENTRY_CLAUSE_AMEND, amend, SB_E_PAYLOAD_CODE_POINT, "ClauseAmend.text", "U+0009");
    SAMPLE(SB_ENTRY_ATTENDANCE, Attendance, attendance);
    attendance->events[0]->seat->seat = (char *)(uintptr_t) "unn_1";
    expect(SB_ENTRY_ATTENDANCE, attendance, SB_E_PAYLOAD_CODE_POINT,
           "Attendance.events[0].seat.seat", "U+005F");
    SAMPLE(SB_ENTRY_REMARK, Remark, remark);
    remark->seat = (char *)(uintptr_t) "UNN";
    expect(SB_ENTRY_REMARK, remark, SB_E_PAYLOAD_CODE_POINT, "Remark.seat", "U+0055");
}

static char *repeat(sb_arena *arena, char c, size_t len)
{
    char *text = sb_arena_alloc(arena, len + 1);
    memset(text, c, len);
    return text;
}

static void lengths(void **state)
{
    sb_arena *arena = &((fixture *)*state)->arena;
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, report);
    report->title = repeat(arena, 'a', SB_TITLE_BYTES_MAX);
    expect(SB_ENTRY_CASE_REPORT, report, SB_OK, NULL, NULL);
    report->title = repeat(arena, 'a', SB_TITLE_BYTES_MAX + 1);
    expect(SB_ENTRY_CASE_REPORT, report, SB_E_PAYLOAD_LENGTH, "CaseReport.title", "1001");
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, report2);
    report2->body = repeat(arena, 'a', SB_ID_BYTES_MAX + 1);
    expect(SB_ENTRY_CASE_REPORT, report2, SB_E_PAYLOAD_LENGTH, "CaseReport.body", "65");
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, report3);
    report3->from->sha256.len = 31;
    expect(SB_ENTRY_CASE_REPORT, report3, SB_E_PAYLOAD_LENGTH, "CaseReport.from.sha256", "31");
    SAMPLE(SB_ENTRY_MEETING_CALL, MeetingCall, call);
    call->agenda[1].data = sb_arena_alloc(arena, 33);
    call->agenda[1].len = 33;
    expect(SB_ENTRY_MEETING_CALL, call, SB_E_PAYLOAD_LENGTH, "MeetingCall.agenda[1]", "33");
    SAMPLE(SB_ENTRY_SEAL, Seal, seal);
    seal->cosignatures[0]->signature.len = 63;
    expect(SB_ENTRY_SEAL, seal, SB_E_PAYLOAD_LENGTH, "Seal.cosignatures[0].signature", "63");
    SAMPLE(SB_ENTRY_BALLOT, Ballot, ballot);
    ballot->replaces.len = 16;
    expect(SB_ENTRY_BALLOT, ballot, SB_E_PAYLOAD_LENGTH, "Ballot.replaces", "16");
    SAMPLE(SB_ENTRY_CLAUSE_AMEND, ClauseAmend, amend);
    amend->text = repeat(arena, 'a', SB_CLAUSE_BYTES_MAX + 1);
    expect(SB_ENTRY_CLAUSE_AMEND, amend, SB_E_PAYLOAD_LENGTH, "ClauseAmend.text", "4001");
}

static void counts(void **state)
{
    sb_arena *arena = &((fixture *)*state)->arena;
    SAMPLE(SB_ENTRY_WORDING_PROPOSE, WordingPropose, wording);
    wording->n_clauses = SB_CLAUSES_MAX + 1;
    wording->clauses = SB_ARENA_ARRAY(arena, char *, wording->n_clauses);
    for (size_t i = 0; i < wording->n_clauses; i++)
        wording->clauses[i] = repeat(arena, 'x', 3);
    expect(SB_ENTRY_WORDING_PROPOSE, wording, SB_E_PAYLOAD_COUNT, "WordingPropose.clauses", "51");
    wording->n_clauses = SB_CLAUSES_MAX;
    expect(SB_ENTRY_WORDING_PROPOSE, wording, SB_OK, NULL, NULL);
    wording->n_clauses = 0;
    expect(SB_ENTRY_WORDING_PROPOSE, wording, SB_E_PAYLOAD_COUNT, "WordingPropose.clauses", "0");
    wording->n_clauses = 2;
    wording->clauses[1] = (char *)(uintptr_t) "";
    expect(SB_ENTRY_WORDING_PROPOSE, wording, SB_E_PAYLOAD_MISSING, "WordingPropose.clauses[1]",
           NULL);
    SAMPLE(SB_ENTRY_HANDOVER, Handover, handover);
    Sb__Cosignature *one = handover->cosignatures[0];
    handover->n_cosignatures = SB_COSIGNATURES_MAX + 1;
    handover->cosignatures = SB_ARENA_ARRAY(arena, Sb__Cosignature *, handover->n_cosignatures);
    for (size_t i = 0; i < handover->n_cosignatures; i++)
        handover->cosignatures[i] = one;
    expect(SB_ENTRY_HANDOVER, handover, SB_E_PAYLOAD_COUNT, "Handover.cosignatures", "401");
    /* 64 attachments and the text are 65 blobs */
    SAMPLE(SB_ENTRY_CASE_AMEND, CaseAmend, amend);
    Sb__BlobRef *blob = amend->attachments[0];
    amend->n_attachments = SB_BLOBS_PER_ENTRY_MAX;
    amend->attachments = SB_ARENA_ARRAY(arena, Sb__BlobRef *, amend->n_attachments);
    for (size_t i = 0; i < amend->n_attachments; i++)
        amend->attachments[i] = blob;
    expect(SB_ENTRY_CASE_AMEND, amend, SB_E_PAYLOAD_COUNT, "CaseAmend", "65");
    amend->text = NULL;
    expect(SB_ENTRY_CASE_AMEND, amend, SB_OK, NULL, NULL);
}

static void ranges(void **state)
{
    SAMPLE(SB_ENTRY_MEETING_CALL, MeetingCall, call);
    call->date = 20220;
    expect(SB_ENTRY_MEETING_CALL, call, SB_E_PAYLOAD_RANGE, "MeetingCall.date", "20220");
    call->date = 20220120;
    call->start_minute = 1440;
    expect(SB_ENTRY_MEETING_CALL, call, SB_E_PAYLOAD_RANGE, "MeetingCall.start_minute", "1440");
    call->start_minute = 0;
    expect(SB_ENTRY_MEETING_CALL, call, SB_OK, NULL, NULL);
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, report);
    report->attachments[0]->size = SB_BLOB_BYTES_MAX + 1u;
    expect(SB_ENTRY_CASE_REPORT, report, SB_E_PAYLOAD_RANGE, "CaseReport.attachments[0].size",
           "33554433");
    SAMPLE(SB_ENTRY_CASE_REPORT, CaseReport, late);
    late->claim->claimed_at_ms = UINT64_MAX;
    expect(SB_ENTRY_CASE_REPORT, late, SB_E_PAYLOAD_RANGE, "CaseReport.claim.claimed_at_ms",
           "18446744073709551615");
}

/* ---- by bytes: PITFALLS "protobuf-c" ---- */

/* A BlobRef as the first field of a TaskDone with a task id: the nested cases. */
static void task_done(fixture *f)
{
    sb_buf_clear(&f->b);
    pb_fill(&f->b, 1, 0x11, 32);
    pb_bytes(&f->b, 2, sb_buf_slice(&f->sub));
}

static void good_blob(fixture *f)
{
    sb_buf_clear(&f->sub);
    pb_fill(&f->sub, 1, 0x12, 32);
    pb_number(&f->sub, 2, 1000);
}

static void what_is_written_by_hand_is_accepted(void **state)
{
    fixture *f = *state;
    good_blob(f);
    task_done(f);
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_OK, NULL, NULL);
}

static void unknown_fields(void **state)
{
    fixture *f = *state;
    good_blob(f);
    task_done(f);
    pb_number(&f->b, 3, 1); /* trailing: re-packs to the same bytes */
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_UNKNOWN_FIELD, "TaskDone", "3");
    pb_number(&f->sub, 536870911, 1);
    task_done(f);
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_UNKNOWN_FIELD, "TaskDone.note",
                 "536870911");
    sb_buf_clear(&f->b);
    pb_number(&f->b, 0, 1);
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_UNKNOWN_FIELD, "TaskDone", "0");
    sb_buf_clear(&f->b);
    pb_fill(&f->b, (UINT64_C(1) << 32) + 1, 0x11, 32); /* field 1 after a cut to 32 bits */
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_UNKNOWN_FIELD, "TaskDone", "4294967297");
}

static void malformed(void **state)
{
    fixture *f = *state;
    pb_number(&f->b, 1, 5); /* varint where bytes belong */
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_MALFORMED, "TaskDone.task_id", NULL);
    sb_buf_clear(&f->b);
    pb_tag(&f->b, 1, 5); /* fixed32 */
    sb_buf_add(&f->b, sb_slice_of("\0\0\0", 4));
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_MALFORMED, "TaskDone.task_id", NULL);
    for (uint32_t wire_type = 0; wire_type < 8; wire_type++) {
        sb_buf_clear(&f->sub);
        pb_tag(&f->sub, 1, wire_type); /* groups, fixed, unassigned, cut */
        task_done(f);
        expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_MALFORMED, "TaskDone.note.sha256",
                     NULL);
    }
    sb_buf_clear(&f->sub);
    pb_tag(&f->sub, 1, 2);
    pb_varint(&f->sub, UINT64_MAX, 0); /* a length beyond everything */
    task_done(f);
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_MALFORMED, "TaskDone.note.sha256", NULL);
    sb_buf_clear(&f->sub);
    pb_fill(&f->sub, 1, 0x12, 32);
    sb_buf_add(&f->sub, sb_slice_of("\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 12));
    task_done(f); /* an endless varint */
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_MALFORMED, "TaskDone.note.size", NULL);
    good_blob(f);
    task_done(f);
    for (size_t len = 1; len < f->b.len; len++) {
        sb_buf cut = {.data = f->b.data, .len = len, .cap = f->b.cap};
        if (len != 34) /* there the optional note is absent */
            expect_bytes(SB_ENTRY_TASK_DONE, &cut, SB_E_PAYLOAD_MALFORMED,
                         len < 34 ? "TaskDone.task_id" : "TaskDone.note", NULL);
    }
}

static void overlong_varints(void **state)
{
    fixture *f = *state;
    for (uint32_t width = 3; width <= 10; width++) { /* 1000 takes two bytes */
        sb_buf_clear(&f->sub);
        pb_fill(&f->sub, 1, 0x12, 32);
        pb_tag(&f->sub, 2, 0);
        pb_varint(&f->sub, 1000, width);
        task_done(f);
        expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "TaskDone.note.size",
                     NULL);
    }
    for (uint32_t width = 2; width <= 10; width++) { /* tags and lengths */
        sb_buf_clear(&f->b);
        pb_varint(&f->b, 1 << 3 | 2, width);
        pb_varint(&f->b, 32, 0);
        sb_buf_add(&f->b, sb_slice_of("0123456789abcdef0123456789abcdef", 32));
        expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "TaskDone", NULL);
        sb_buf_clear(&f->b);
        pb_tag(&f->b, 1, 2);
        pb_varint(&f->b, 32, width);
        sb_buf_add(&f->b, sb_slice_of("0123456789abcdef0123456789abcdef", 32));
        expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "TaskDone.task_id",
                     NULL);
    }
    sb_buf_clear(&f->sub);
    pb_fill(&f->sub, 1, 0x12, 32);
    sb_buf_add(&f->sub, sb_slice_of("\x10\xE8\x87\x80\x80\x80\x80\x80\x80\x80\x02", 11));
    task_done(f); /* 2^64 + 1000: wraps in 64 bits */
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "TaskDone.note.size", NULL);
}

/* A meeting call whose field `number` is written by `value`; the others are right. */
static void meeting_call(fixture *f, uint64_t number, uint64_t value)
{
    static const uint64_t right[] = {[2] = 20220120, [3] = 750, [4] = 900, [5] = 2};
    sb_buf_clear(&f->b);
    pb_str(&f->b, 1, "ssu");
    for (uint64_t i = 2; i <= 5; i++)
        pb_number(&f->b, i, i == number ? value : right[i]);
}

static void explicit_defaults(void **state)
{
    fixture *f = *state;
    meeting_call(f, 0, 0);
    expect_bytes(SB_ENTRY_MEETING_CALL, &f->b, SB_OK, NULL, NULL);
    meeting_call(f, 3, 0); /* 0 is a good minute, and is not written */
    expect_bytes(SB_ENTRY_MEETING_CALL, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "MeetingCall", NULL);
    sb_buf_clear(&f->b);
    pb_fill(&f->b, 1, 0x11, 32);
    pb_str(&f->b, 2, ""); /* an optional title */
    expect_bytes(SB_ENTRY_CASE_AMEND, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "CaseAmend", NULL);
    sb_buf_clear(&f->b);
    pb_fill(&f->b, 1, 0x11, 32);
    pb_fill(&f->b, 2, 0, 0); /* an optional id */
    pb_str(&f->b, 3, "unn-1");
    pb_number(&f->b, 4, 1);
    expect_bytes(SB_ENTRY_CHAIR_TAKE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "ChairTake", NULL);
    /* nested: whole_meeting = false */
    sb_buf_clear(&f->sub);
    pb_number(&f->sub, 2, 3);
    pb_number(&f->sub, 3, 1);
    pb_number(&f->sub, 7, 0);
    sb_buf_clear(&f->b);
    pb_fill(&f->b, 1, 0x11, 32);
    pb_bytes(&f->b, 2, sb_buf_slice(&f->sub));
    expect_bytes(SB_ENTRY_ATTENDANCE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "Attendance", NULL);
}

static void wide_and_odd_values(void **state)
{
    fixture *f = *state;
    meeting_call(f, 3, (UINT64_C(1) << 32) + 750); /* cut to uint32 */
    expect_bytes(SB_ENTRY_MEETING_CALL, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "MeetingCall", NULL);
    meeting_call(f, 5, (UINT64_C(1) << 32) + 2); /* an enum cut to int32 */
    expect_bytes(SB_ENTRY_MEETING_CALL, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "MeetingCall", NULL);
    for (uint64_t value = 0; value <= 3; value++) {
        sb_buf_clear(&f->sub);
        pb_number(&f->sub, 2, 3);
        pb_number(&f->sub, 3, 1);
        pb_number(&f->sub, 7, value); /* a bool */
        sb_buf_clear(&f->b);
        pb_fill(&f->b, 1, 0x11, 32);
        pb_bytes(&f->b, 2, sb_buf_slice(&f->sub));
        expect_bytes(SB_ENTRY_ATTENDANCE, &f->b, value == 1 ? SB_OK : SB_E_PAYLOAD_NOT_CANONICAL,
                     NULL, NULL);
    }
}

static void repeated_singular_fields_and_order(void **state)
{
    fixture *f = *state;
    sb_buf_clear(&f->b);
    pb_fill(&f->b, 1, 0x11, 32);
    pb_fill(&f->b, 1, 0x12, 32); /* the last would win */
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "TaskDone", NULL);
    good_blob(f);
    task_done(f);
    pb_bytes(&f->b, 2, sb_buf_slice(&f->sub)); /* a submessage twice, merged or replaced */
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "TaskDone", NULL);
    sb_buf_clear(&f->b);
    pb_bytes(&f->b, 2, sb_buf_slice(&f->sub));
    pb_fill(&f->b, 1, 0x11, 32); /* order */
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "TaskDone", NULL);
    sb_buf_clear(&f->sub);
    pb_number(&f->sub, 2, 1000);
    pb_fill(&f->sub, 1, 0x12, 32); /* order, nested */
    task_done(f);
    expect_bytes(SB_ENTRY_TASK_DONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "TaskDone", NULL);
    /* both members of a oneof */
    sb_buf_clear(&f->b);
    pb_fill(&f->b, 1, 0x11, 32);
    pb_str(&f->b, 2, "42/21");
    pb_fill(&f->b, 3, 0x12, 32);
    expect_bytes(SB_ENTRY_CASE_POSTPONE, &f->b, SB_E_PAYLOAD_NOT_CANONICAL, "CasePostpone", NULL);
}

static void packed_numbers(void **state)
{
    fixture *f = *state; /* the schema has no field that could be packed: wire_schema_test */
    sb_buf_clear(&f->b);
    pb_bytes(&f->b, 1, sb_slice_str("\x01"));
    pb_fill(&f->b, 2, 1, 10);
    expect_bytes(SB_ENTRY_CHARTER_PART, &f->b, SB_E_PAYLOAD_MALFORMED, "CharterPart.number", NULL);
}

static void embedded_zero_bytes(void **state)
{
    fixture *f = *state;
    sb_buf_clear(&f->b);
    pb_fill(&f->b, 1, 0x11, 32);
    pb_bytes(&f->b, 2, sb_slice_of("Sak\0 to", 7));
    expect_bytes(SB_ENTRY_CASE_AMEND, &f->b, SB_E_PAYLOAD_CODE_POINT, "CaseAmend.title", "U+0000");
    sb_buf_clear(&f->sub);
    pb_bytes(&f->sub, 1, sb_slice_of("unn-1\0", 6));
    pb_number(&f->sub, 2, 1);
    sb_buf_clear(&f->b);
    pb_bytes(&f->b, 1, sb_buf_slice(&f->sub));
    expect_bytes(SB_ENTRY_APPOINT, &f->b, SB_E_PAYLOAD_CODE_POINT, "Appoint.seat.seat", "U+0000");
}

static void empty_submessages(void **state)
{
    fixture *f = *state;
    pb_fill(&f->b, 1, 0x11, 32);
    while (f->b.len + 2 <= SB_PAYLOAD_BYTES_MAX)
        sb_buf_add(&f->b, sb_slice_of("\x12", 2)); /* Attendance.events, empty */
    char limit[16];
    snprintf(limit, sizeof limit, "%d", SB_ALLOC_PER_ENTRY_MAX);
    expect_bytes(SB_ENTRY_ATTENDANCE, &f->b, SB_E_PAYLOAD_ALLOC, "Attendance", limit);
    while (f->b.len < 1024 * 1024)
        sb_buf_add(&f->b, sb_slice_of("\x12", 2));
    expect_bytes(SB_ENTRY_ATTENDANCE, &f->b, SB_E_ENTRY_TOO_LARGE, "1048576", NULL);
    /* a charter may have 1 MiB */
    sb_buf_clear(&f->b);
    while (f->b.len < SB_CHARTER_BYTES_MAX)
        sb_buf_add(&f->b, sb_slice_of("\x42", 2));
    sb_fail fail = {0};
    const Sb__Charter *charter;
    assert_int_equal(sb_charter_decode(sb_buf_slice(&f->b), &f->arena, &charter, &fail),
                     SB_E_PAYLOAD_ALLOC);
    assert_string_equal(fail.arg[0], "Charter");
    assert_true(f->arena.used_bytes <= 2u * SB_ALLOC_PER_CHARTER_MAX);
}

static void deep_nesting(void **state)
{
    fixture *f = *state;
    enum { DEPTH = 10000 };
    size_t lens[DEPTH];
    size_t len = 0;
    for (size_t i = 0; i < DEPTH; i++) {
        lens[i] = len;
        len += 1 + (len < 128 ? 1 : len < 16384 ? 2 : 3);
    }
    for (uint64_t field = 1; field <= 8; field++) {
        sb_buf_clear(&f->b);
        for (size_t i = DEPTH; i-- > 0;) {
            pb_tag(&f->b, field, 2);
            pb_varint(&f->b, lens[i], 0);
        }
        for (size_t i = 0; i < sb_sample_type_count; i++) {
            const ProtobufCMessage *message;
            sb_err err = sb_payload_decode(sb_sample_types[i], sb_buf_slice(&f->b), &f->arena,
                                           &message, NULL);
            assert_int_not_equal(err, SB_OK);
        }
    }
}

int main(void)
{
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(missing),
        TEST(optional_fields_may_be_absent),
        TEST(unknown_enum_values),
        TEST(bad_utf8),
        TEST(forbidden_code_points),
        TEST(lengths),
        TEST(counts),
        TEST(ranges),
        TEST(what_is_written_by_hand_is_accepted),
        TEST(unknown_fields),
        TEST(malformed),
        TEST(overlong_varints),
        TEST(explicit_defaults),
        TEST(wide_and_odd_values),
        TEST(repeated_singular_fields_and_order),
        TEST(packed_numbers),
        TEST(embedded_zero_bytes),
        TEST(empty_submessages),
        TEST(deep_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
