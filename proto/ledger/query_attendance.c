/* Who was in a meeting, in the order of the minutes: members with a vote, members who may speak,
 * secretariat, participants on a case, observers, absent with notice, not met, not documented. */
#include "proto/ledger/query_parts.h"

#define ARRIVED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED
#define LEFT SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT
#define DISQUALIFIED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED
#define QUALIFIED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED

/* A person: a seat's role, or a participant of one kind (and case). */
typedef struct person {
    uint32_t seat; /* 0: a participant */
    bool voting;
    uint8_t role, participant;
    uint32_t case_no;
    uint8_t sha256[32];
    uint64_t size;
    bool was_here;
    uint8_t last; /* kind */
    bool whole, delegated;
} person;

typedef struct room {
    sb_row_event *events;
    uint32_t event_count;
    uint32_t *who; /* events[i] is of persons[who[i]] */
    person *persons;
    uint32_t person_count;
} room;

static void load_events(sb_query *q, uint32_t meeting, room *r)
{
    sb_row_event e = {.meeting = meeting};
    for (bool more = sb_row_event_next(q->kv, NULL, &e, true, 1); more;
         more = sb_row_event_next(q->kv, NULL, &e, false, 1))
        r->event_count++;
    r->events = SB_ARENA_ARRAY(q->arena, sb_row_event, r->event_count + 1);
    r->who = SB_ARENA_ARRAY(q->arena, uint32_t, r->event_count + 1);
    uint32_t n = 0;
    e = (sb_row_event){.meeting = meeting};
    for (bool more = sb_row_event_next(q->kv, NULL, &e, true, 1); more && n < r->event_count;
         more = sb_row_event_next(q->kv, NULL, &e, false, 1))
        r->events[n++] = e;
}

static bool is_of(const person *p, const sb_row_event *e)
{
    if (e->seat != 0 || p->seat != 0)
        return p->seat == e->seat && p->role == e->role;
    return p->participant == e->participant && p->case_no == e->case_no &&
           p->size == e->person_size && memcmp(p->sha256, e->person_sha256, 32) == 0;
}

/* Places of seats first, in charter order, then participants as they came. */
static void gather(sb_query *q, const sb_row_meeting *m, room *r)
{
    sb_row_seat *seats;
    size_t seat_count = sb_seats_at(q->kv, q->arena, m->body,
                                    m->closed_index == 0 ? SB_NOW : m->closed_index, &seats);
    load_events(q, m->no, r);
    r->persons = SB_ARENA_ARRAY(q->arena, person, 2 * seat_count + r->event_count + 1);
    for (size_t i = 0; i < seat_count; i++)
        for (uint8_t role = 1; role <= 2; role++) {
            sb_row_holder h;
            person *p = &r->persons[r->person_count++];
            *p = (person){.seat = seats[i].no, .voting = seats[i].voting, .role = role};
            if (sb_holder_get(q->kv, seats[i].no, (Sb__SeatRole)role, m->date, &h)) {
                memcpy(p->sha256, h.name_sha256, 32);
                p->size = h.name_size;
            }
        }
    for (uint32_t i = 0; i < r->event_count; i++) {
        const sb_row_event *e = &r->events[i];
        uint32_t at = 0;
        while (at < r->person_count && !is_of(&r->persons[at], e))
            at++;
        person *p = &r->persons[at];
        if (at == r->person_count) {
            r->person_count++;
            *p = (person){.participant = e->participant, .case_no = e->case_no};
        }
        r->who[i] = at;
        if (e->person_size > 0) {
            memcpy(p->sha256, e->person_sha256, 32);
            p->size = e->person_size;
        }
        if (e->kind == DISQUALIFIED || e->kind == QUALIFIED)
            continue;
        p->delegated = e->delegated;
        p->last = e->kind;
        p->was_here |= e->kind == ARRIVED;
        p->whole = e->kind == ARRIVED ? e->whole != 0 : p->whole;
    }
}

static void put_case_ref(sb_query *q, uint32_t case_no, const sb_row_meeting *m)
{
    sb_row_agenda item;
    sb_row_case c = {.no = case_no};
    bool known = case_no != 0 && sb_row_case_get(q->kv, q->arena, &c);
    sb_json_key(q->j, "case");
    if (known)
        sb_json_hex(q->j, sb_slice_of(c.id, 32));
    else
        sb_json_null(q->j);
    sb_out_some(q->j, "case_number",
                known && sb_agenda_find(q->kv, m, case_no, &item)
                    ? sb_number_label(q->arena, item.number, item.year)
                    : NULL);
}

static void put_events(sb_query *q, const sb_row_meeting *m, const room *r, uint32_t who)
{
    sb_json *j = q->j;
    sb_json_key(j, "events");
    sb_json_array(j);
    for (uint32_t i = 0; i < r->event_count; i++) {
        const sb_row_event *e = &r->events[i];
        if (r->who[i] != who)
            continue;
        sb_json_object(j);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_ATTENDANCE_KIND, e->kind));
        sb_out_u64(j, "index", e->index);
        sb_out_u64(j, "logged_ms", e->logged_ms);
        sb_out_moment(j, "at_ms", e->at_ms);
        sb_out_bool(j, "whole_meeting", e->whole);
        put_case_ref(q, e->case_no, m);
        sb_query_blob(q, "reason", e->reason_sha256, e->reason_size);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_person(sb_query *q, const sb_row_meeting *m, const room *r, uint32_t who)
{
    const person *p = &r->persons[who];
    sb_json *j = q->j;
    sb_json_object(j);
    sb_query_seat_members(q, p->seat);
    sb_out_str(j, "role", sb_text_code(SB_TEXT_SEAT_ROLE, p->role));
    sb_out_bool(j, "voting", p->voting);
    sb_out_str(j, "participant", sb_text_code(SB_TEXT_PARTICIPANT_KIND, p->participant));
    put_case_ref(q, p->case_no, m);
    sb_query_blob(q, "person", p->sha256, p->size);
    sb_out_bool(j, "was_here", p->was_here);
    sb_out_bool(j, "here", p->last == ARRIVED);
    sb_out_bool(j, "whole_meeting", p->whole);
    sb_out_str(j, "last", sb_text_code(SB_TEXT_ATTENDANCE_KIND, p->last));
    /* a deputy whose representative was there and never left has no vote */
    bool beside = p->seat != 0 && p->role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY && p->was_here &&
                  sb_is_here(q->kv, m->no, p->seat, SB__SEAT_ROLE__SEAT_ROLE_PRIMARY);
    sb_out_bool(j, "beside", beside);
    sb_out_bool(j, "seat_represented",
                p->seat != 0 && sb_representative(q->kv, m->no, p->seat, 0).role != 0);
    sb_out_bool(j, "delegated", p->delegated);
    put_events(q, m, r, who);
    sb_json_end_object(j);
}

/* Which list a person stands in; 0: none. */
enum list {
    LIST_NONE,
    LIST_VOTING,
    LIST_SPEAKING,
    LIST_SECRETARIAT,
    LIST_ON_CASE,
    LIST_OBSERVERS,
    LIST_OBSERVERS_ON_CASE,
    LIST_ABSENT,
    LIST_NOT_MET,
    LIST_NOT_DOCUMENTED,
    LIST_VACANT,
    LISTS
};

/* A seat of which nobody's presence or absence is known. */
static enum list unknown_seat(sb_query *q, const room *r, uint32_t who)
{
    const person *p = &r->persons[who];
    const person *other = &r->persons[p->role == 1 ? who + 1 : who - 1];
    if (p->role != SB__SEAT_ROLE__SEAT_ROLE_PRIMARY || other->last != 0)
        return LIST_NONE;
    sb_row_holder h;
    bool held = sb_holder_get(q->kv, p->seat, SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, 0, &h) ||
                sb_holder_get(q->kv, p->seat, SB__SEAT_ROLE__SEAT_ROLE_DEPUTY, 0, &h);
    return held ? LIST_NOT_DOCUMENTED : LIST_VACANT;
}

static enum list list_of(sb_query *q, const room *r, uint32_t who)
{
    const person *p = &r->persons[who];
    if (p->was_here || p->last == LEFT) {
        if (p->seat != 0)
            return p->voting ? LIST_VOTING : LIST_SPEAKING;
        switch (p->participant) {
        case SB__PARTICIPANT_KIND__PARTICIPANT_KIND_SECRETARIAT:
            return LIST_SECRETARIAT;
        case SB__PARTICIPANT_KIND__PARTICIPANT_KIND_ON_CASE:
            return LIST_ON_CASE;
        case SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER:
            return LIST_OBSERVERS;
        case SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER_ON_CASE:
            return LIST_OBSERVERS_ON_CASE;
        }
        return LIST_NONE;
    }
    if (p->last == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ABSENT_WITH_NOTICE)
        return LIST_ABSENT;
    if (p->last == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_MET)
        return LIST_NOT_MET;
    if (p->last == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_DOCUMENTED)
        return LIST_NOT_DOCUMENTED;
    return p->seat != 0 ? unknown_seat(q, r, who) : LIST_NONE;
}

void sb_query_attendance(sb_query *q, const sb_row_meeting *m)
{
    static const char *const keys[LISTS] = {NULL,
                                            "voting",
                                            "speaking",
                                            "secretariat",
                                            "on_case",
                                            "observers",
                                            "observers_on_case",
                                            "absent_with_notice",
                                            "not_met",
                                            "not_documented",
                                            "vacant"};
    room r = {0};
    gather(q, m, &r);
    sb_json_key(q->j, "attendance");
    sb_json_object(q->j);
    for (int list = LIST_VOTING; list < LISTS; list++) {
        sb_json_key(q->j, keys[list]);
        sb_json_array(q->j);
        for (uint32_t i = 0; i < r.person_count; i++)
            if (list_of(q, &r, i) == (enum list)list)
                put_person(q, m, &r, i);
        sb_json_end_array(q->j);
    }
    sb_json_end_object(q->j);
}

/* ---- disqualified ---- */

/* The leaf of the next event that lifts it; 0: none. */
static uint64_t lifted_at(const room *r, uint32_t from)
{
    const sb_row_event *e = &r->events[from];
    for (uint32_t i = from + 1; i < r->event_count; i++) {
        const sb_row_event *later = &r->events[i];
        if (later->kind == QUALIFIED && later->seat == e->seat && later->role == e->role &&
            later->case_no == e->case_no)
            return later->index;
    }
    return 0;
}

void sb_query_disqualified(sb_query *q, uint32_t meeting, uint32_t case_no)
{
    sb_json *j = q->j;
    room r = {0};
    load_events(q, meeting, &r);
    sb_json_key(j, "disqualified");
    sb_json_array(j);
    for (uint32_t i = 0; i < r.event_count; i++) {
        const sb_row_event *e = &r.events[i];
        if (e->kind != DISQUALIFIED || e->case_no != case_no)
            continue;
        uint64_t lifted = lifted_at(&r, i);
        sb_json_object(j);
        sb_query_seat_members(q, e->seat);
        sb_out_str(j, "role", sb_text_code(SB_TEXT_SEAT_ROLE, e->role));
        sb_out_u64(j, "index", e->index);
        sb_out_index(j, "lifted_index", lifted != 0, lifted);
        sb_query_blob(q, "reason", e->reason_sha256, e->reason_size);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}
