/* ATTENDANCE, and who represents a seat (§ 3 nr. 2, § 6 SSU nr. 10). */
#include "proto/ledger/attendance.h"

#include "proto/ledger/delegate.h"
#include "proto/ledger/handlers.h"

#define ARRIVED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED
#define LEFT SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT
#define ABSENT_WITH_NOTICE SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ABSENT_WITH_NOTICE
#define NOT_MET SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_MET
#define DISQUALIFIED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED
#define QUALIFIED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED
#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY
#define DEPUTY SB__SEAT_ROLE__SEAT_ROLE_DEPUTY

/* ---- who represents ---- */

const char *sb_away_code(sb_away reason)
{
    switch (reason) {
    case SB_AWAY_NOT:
        return NULL;
    case SB_AWAY_WITH_NOTICE:
        return "absent_with_notice";
    case SB_AWAY_NOT_MET:
        return "not_met";
    case SB_AWAY_VACANT:
        return "vacant";
    case SB_AWAY_DISQUALIFIED:
        return "disqualified";
    case SB_AWAY_NOT_DOCUMENTED:
        return "not_documented";
    case SB_AWAY_LEFT:
        return "left";
    case SB_AWAY_DEPUTY_BESIDE:
        return "deputy_beside";
    }
    return NULL;
}

static bool is_disqualified(sb_kv *kv, uint32_t meeting, uint32_t seat, uint8_t role,
                            uint32_t case_no, uint64_t *index)
{
    sb_row_disqualified row = {.meeting = meeting, .seat = seat, .role = role, .case_no = case_no};
    if (case_no == 0 || !sb_row_disqualified_get(kv, NULL, &row))
        return false;
    *index = row.index;
    return true;
}

static sb_away away_by_kind(uint8_t kind)
{
    switch (kind) {
    case LEFT:
        return SB_AWAY_LEFT;
    case ABSENT_WITH_NOTICE:
        return SB_AWAY_WITH_NOTICE;
    case NOT_MET:
        return SB_AWAY_NOT_MET;
    default: /* a stored byte, no enum: nothing is documented */
        return SB_AWAY_NOT_DOCUMENTED;
    }
}

static sb_away why_nobody(sb_kv *kv, const sb_row_attendance *row, const sb_representation *r)
{
    if ((row->primary == ARRIVED && r->primary_disqualified) ||
        (row->deputy == ARRIVED && r->deputy_disqualified))
        return SB_AWAY_DISQUALIFIED;
    if (row->primary == LEFT || row->deputy == LEFT)
        return SB_AWAY_LEFT;
    if (row->primary != 0)
        return away_by_kind(row->primary);
    if (row->deputy != 0)
        return away_by_kind(row->deputy);
    sb_row_holder holder;
    bool held = sb_holder_get(kv, row->seat, PRIMARY, 0, &holder) ||
                sb_holder_get(kv, row->seat, DEPUTY, 0, &holder);
    return held ? SB_AWAY_NOT_DOCUMENTED : SB_AWAY_VACANT;
}

/* Keep the leaves rising and distinct. */
static void add_event(sb_representation *r, uint64_t index)
{
    uint8_t at = 0;
    while (at < r->event_count && r->events[at] < index)
        at++;
    if (at < r->event_count && r->events[at] == index)
        return;
    for (uint8_t i = r->event_count; i > at; i--)
        r->events[i] = r->events[i - 1];
    r->events[at] = index;
    r->event_count++;
}

/* Where a role arrived and what was last said of it. Leaf 0 is the genesis: no attendance. */
static void add_interval(sb_representation *r, uint8_t kind, uint64_t from, uint64_t last)
{
    if (from != 0)
        add_event(r, from);
    if (kind != 0)
        add_event(r, last);
}

sb_representation sb_representative(sb_kv *kv, uint32_t meeting, uint32_t seat, uint32_t case_no)
{
    sb_representation r = {0};
    sb_row_attendance row = {.meeting = meeting, .seat = seat};
    (void)sb_row_attendance_get(kv, NULL, &row);
    add_interval(&r, row.primary, row.primary_from, row.primary_index);
    add_interval(&r, row.deputy, row.deputy_from, row.deputy_index);
    uint64_t index;
    if ((r.primary_disqualified = is_disqualified(kv, meeting, seat, PRIMARY, case_no, &index)))
        add_event(&r, index);
    if ((r.deputy_disqualified = is_disqualified(kv, meeting, seat, DEPUTY, case_no, &index)))
        add_event(&r, index);
    bool deputy_may = row.deputy == ARRIVED && !r.deputy_disqualified;
    if (row.primary == ARRIVED && !r.primary_disqualified) {
        r.role = PRIMARY;
        r.deputy_beside = deputy_may;
    } else if (deputy_may) {
        r.role = DEPUTY;
        r.by_delegation = row.delegated != 0;
    } else {
        r.reason = why_nobody(kv, &row, &r);
    }
    return r;
}

bool sb_is_here(sb_kv *kv, uint32_t meeting, uint32_t seat, Sb__SeatRole role)
{
    sb_row_attendance row = {.meeting = meeting, .seat = seat};
    return sb_row_attendance_get(kv, NULL, &row) &&
           (role == PRIMARY ? row.primary : row.deputy) == ARRIVED;
}

/* ---- presence of partners ---- */

/* The tally of a partner, made on first use: partners of the charter that have voting seats here
 * stand first, in charter order. */
static void lay_out(const Sb__Charter *charter, sb_arena *arena, sb_presence *p)
{
    p->tallies = SB_ARENA_ARRAY(arena, sb_partner_tally, charter->n_partners + 1);
    p->partners = SB_ARENA_ARRAY(arena, uint32_t, charter->n_partners + 1);
    for (uint32_t partner = 0; partner <= charter->n_partners; partner++) {
        uint32_t number = partner < charter->n_partners ? partner : SB_NONE;
        bool has_seats = false;
        for (uint32_t i = 0; i < p->seat_count && !has_seats; i++)
            has_seats = p->seats[i].partner == number;
        if (!has_seats)
            continue;
        p->partners[p->count] = number;
        p->tallies[p->count].id = sb_slice_str(sb_partner_id(charter, number));
        p->count++;
    }
}

static void add_seat(sb_tally *t, bool filled, bool present)
{
    t->seats++;
    t->filled += filled;
    t->present += present;
    t->eligible += present; /* whoever is represented may vote */
}

void sb_presence_of(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter, uint32_t body,
                    uint32_t meeting, uint32_t case_no, uint64_t index, sb_presence *out)
{
    *out = (sb_presence){0};
    out->seat_count = (uint32_t)sb_electorate_at(kv, arena, body, index, &out->seats);
    out->representations = SB_ARENA_ARRAY(arena, sb_representation, out->seat_count);
    lay_out(charter, arena, out);
    sb_row_meeting row = {.no = meeting};
    (void)sb_row_meeting_get(kv, arena, &row);
    for (uint32_t i = 0; i < out->seat_count; i++) {
        sb_representation *r = &out->representations[i];
        *r = sb_representative(kv, meeting, out->seats[i].no, case_no);
        sb_row_holder holder;
        bool present = r->role != 0;
        bool filled = present || sb_holder_get(kv, out->seats[i].no, PRIMARY, row.date, &holder);
        add_seat(&out->input.total, filled, present);
        for (uint32_t t = 0; t < out->count; t++)
            if (out->partners[t] == out->seats[i].partner)
                add_seat(&out->tallies[t].tally, filled, present);
    }
    out->input.partners = out->tallies;
    out->input.partner_count =
        out->count > 0 && out->partners[out->count - 1] == SB_NONE ? out->count - 1 : out->count;
}

/* ---- ATTENDANCE ---- */

static sb_err refuse_event(sb_step *s, sb_err code, size_t at)
{
    return sb_fail_num(s->fail, code, 1, at + 1, 0);
}

/* Says who may take part in a case, not who is here. */
static bool is_about_case(Sb__AttendanceKind kind)
{
    return kind == DISQUALIFIED || kind == QUALIFIED;
}

static sb_err check_participant(sb_step *s, const Sb__AttendanceEvent *e, size_t at)
{
    bool on_case = e->participant == SB__PARTICIPANT_KIND__PARTICIPANT_KIND_ON_CASE ||
                   e->participant == SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER_ON_CASE;
    if (on_case && e->case_id.len == 0)
        return refuse_event(s, SB_E_LEDGER_EVENT_CASE, at);
    if (!on_case && e->case_id.len > 0)
        return refuse_event(s, SB_E_LEDGER_EVENT_NO_CASE, at);
    if (e->person == NULL)
        return refuse_event(s, SB_E_LEDGER_EVENT_PERSON, at);
    if (is_about_case(e->kind) || e->kind == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_DOCUMENTED)
        return refuse_event(s, SB_E_LEDGER_EVENT_KIND, at);
    return SB_OK;
}

/* A place's last kind when event `at` happens: by an earlier event of the same entry, else as the
 * rows say. */
static uint8_t kind_before(sb_step *s, const Sb__Attendance *m, size_t at,
                           const sb_row_meeting *meeting, const sb_row_seat *seat,
                           Sb__SeatRole role)
{
    for (size_t i = at; i-- > 0;) {
        const Sb__AttendanceEvent *e = m->events[i];
        if (e->who_case == SB__ATTENDANCE_EVENT__WHO_SEAT && !is_about_case(e->kind) &&
            e->seat->role == role && strcmp(e->seat->seat, seat->id) == 0)
            return (uint8_t)e->kind;
    }
    sb_row_attendance row = {.meeting = meeting->no, .seat = seat->no};
    (void)sb_row_attendance_get(s->kv, NULL, &row);
    return role == PRIMARY ? row.primary : row.deputy;
}

/* Nobody sits for two voting seats at once: whoever holds this place arrives in it only when not
 * already here in another. Who comes instead of the holder is named. */
static sb_err check_sits_once(sb_step *s, const Sb__Attendance *m, size_t at,
                              const sb_row_meeting *meeting, const sb_row_seat *seat)
{
    const Sb__AttendanceEvent *e = m->events[at];
    sb_row_holder holder;
    if (e->person != NULL || !seat->voting ||
        !sb_holder_get(s->kv, seat->no, e->seat->role, s->date, &holder) || holder.key == 0)
        return SB_OK;
    sb_row_place place = {.key = holder.key, .kind = SB_PLACE_SEAT};
    for (bool more = sb_row_place_next(s->kv, NULL, &place, true, 2); more;
         more = sb_row_place_next(s->kv, NULL, &place, false, 2)) {
        sb_row_seat other = {.no = place.number};
        if (place.number != seat->no && sb_row_seat_get(s->kv, s->arena, &other) && other.voting &&
            other.body == seat->body &&
            kind_before(s, m, at, meeting, &other, (Sb__SeatRole)place.role) == ARRIVED)
            return sb_fail_set(s->fail, SB_E_LEDGER_SITS_ELSEWHERE, seat->id, other.id, NULL);
    }
    return SB_OK;
}

/* The place is disqualified on the case when event `at` happens: by an earlier event of the same
 * entry, else as the rows say. */
static bool disqualified_before(sb_step *s, const Sb__Attendance *m, size_t at,
                                const sb_row_meeting *meeting, const sb_row_seat *seat,
                                uint32_t case_no)
{
    const Sb__AttendanceEvent *now = m->events[at];
    for (size_t i = at; i-- > 0;) {
        const Sb__AttendanceEvent *e = m->events[i];
        if (e->who_case == SB__ATTENDANCE_EVENT__WHO_SEAT && is_about_case(e->kind) &&
            e->seat->role == now->seat->role && strcmp(e->seat->seat, seat->id) == 0 &&
            sb_ref_find(s->kv, e->case_id, SB_REF_CASE) == case_no)
            return e->kind == DISQUALIFIED;
    }
    uint64_t index;
    return is_disqualified(s->kv, meeting->no, seat->no, (uint8_t)now->seat->role, case_no, &index);
}

static sb_err check_about_case(sb_step *s, const Sb__Attendance *m, size_t at,
                               const sb_row_meeting *meeting, const sb_row_seat *seat)
{
    const Sb__AttendanceEvent *e = m->events[at];
    sb_row_case c;
    if (e->case_id.len == 0)
        return refuse_event(s, SB_E_LEDGER_EVENT_CASE, at);
    sb_err err = sb_case_need(s, e->case_id, &c);
    if (err != SB_OK)
        return err;
    bool is_now = disqualified_before(s, m, at, meeting, seat, c.no);
    if (is_now == (e->kind == DISQUALIFIED))
        return sb_fail_set(s->fail,
                           is_now ? SB_E_LEDGER_ALREADY_DISQUALIFIED : SB_E_LEDGER_NOT_DISQUALIFIED,
                           seat->id, sb_case_label(s->arena, &c), NULL);
    return SB_OK;
}

static sb_err check_seat_event(sb_step *s, const Sb__Attendance *m, size_t at,
                               const sb_row_meeting *meeting)
{
    const Sb__AttendanceEvent *e = m->events[at];
    sb_row_seat seat;
    sb_err err = sb_seat_in_meeting(s, e->seat->seat, meeting, &seat);
    if (err != SB_OK)
        return err;
    /* seats that may only speak have deputies in practice (DOMAIN §1) */
    sb_row_delegate by;
    if (e->seat->role == DEPUTY && !seat.has_deputy && seat.voting &&
        !sb_delegate_get(s->kv, seat.no, meeting->date, &by))
        return sb_fail_set(s->fail, SB_E_LEDGER_NO_SUCH_DEPUTY, seat.id, NULL);
    if (is_about_case(e->kind))
        return check_about_case(s, m, at, meeting, &seat);
    if (e->case_id.len > 0)
        return refuse_event(s, SB_E_LEDGER_EVENT_NO_CASE, at);
    uint8_t before = kind_before(s, m, at, meeting, &seat, e->seat->role);
    if (e->kind == ARRIVED && before == ARRIVED)
        return sb_fail_set(s->fail, SB_E_LEDGER_ALREADY_HERE, seat.id, NULL);
    if (e->kind == LEFT && before != ARRIVED)
        return sb_fail_set(s->fail, SB_E_LEDGER_NOT_HERE, seat.id, NULL);
    return e->kind == ARRIVED ? check_sits_once(s, m, at, meeting, &seat) : SB_OK;
}

static sb_err check_event(sb_step *s, const Sb__Attendance *m, size_t at,
                          const sb_row_meeting *meeting)
{
    const Sb__AttendanceEvent *e = m->events[at];
    if (e->whole_meeting && e->at_ms != 0)
        return refuse_event(s, SB_E_LEDGER_EVENT_TIME, at);
    if (e->at_ms != 0) {
        Sb__Claim claim = {.claimed_at_ms = e->at_ms};
        sb_err err = sb_claim_check(s, &claim);
        if (err != SB_OK)
            return err;
    }
    sb_err err = SB_OK;
    if (e->who_case == SB__ATTENDANCE_EVENT__WHO_SEAT)
        err = check_seat_event(s, m, at, meeting);
    else
        err = check_participant(s, e, at);
    if (err == SB_OK && e->case_id.len > 0) {
        sb_row_case c;
        sb_row_agenda item;
        if ((err = sb_case_need(s, e->case_id, &c)) == SB_OK)
            err = sb_agenda_need(s, meeting, &c, &item);
    }
    /* who can't come says so before; the rest is seen in the meeting */
    if (err == SB_OK && e->kind != ABSENT_WITH_NOTICE && !is_about_case(e->kind))
        err = sb_meeting_begun_need(s, meeting);
    return err;
}

/* The seats that the entry names; unknown ones are left out and refused later. */
static uint32_t *named_seats(sb_step *s, const Sb__Attendance *m, size_t *count)
{
    uint32_t *seats = SB_ARENA_ARRAY(s->arena, uint32_t, m->n_events);
    *count = 0;
    for (size_t i = 0; i < m->n_events; i++) {
        sb_row_seat seat;
        if (m->events[i]->who_case == SB__ATTENDANCE_EVENT__WHO_SEAT &&
            sb_seat_find(s->kv, s->arena, m->events[i]->seat->seat, &seat))
            seats[(*count)++] = seat.no;
    }
    return seats;
}

/* Who was found disqualified by others doesn't find otherwise by themselves. */
static bool others_said(sb_step *s, const Sb__Attendance *m, const Sb__AttendanceEvent *e,
                        uint32_t seat)
{
    sb_row_meeting meeting;
    if (e->kind != QUALIFIED || sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK)
        return false;
    sb_row_disqualified row = {.meeting = meeting.no,
                               .seat = seat,
                               .role = (uint8_t)e->seat->role,
                               .case_no = sb_ref_find(s->kv, e->case_id, SB_REF_CASE)};
    return sb_row_disqualified_get(s->kv, NULL, &row) && !row.own;
}

/* Who isn't secretariat or chair may register their own seat only, and a deputy not the primary,
 * whose vote the deputy would get. */
static sb_err check_own(sb_step *s, const Sb__Attendance *m, const sb_scope *scope)
{
    if (sb_signer_can(s, SB_CAP_SECRETARIAT | SB_CAP_CHAIR, scope))
        return SB_OK;
    for (size_t i = 0; i < m->n_events; i++) {
        const Sb__AttendanceEvent *e = m->events[i];
        bool is_seat = e->who_case == SB__ATTENDANCE_EVENT__WHO_SEAT;
        sb_row_seat seat;
        Sb__SeatRole role;
        if (!is_seat || !sb_seat_find(s->kv, s->arena, e->seat->seat, &seat) ||
            !sb_key_holds_seat(s, s->signer.no, seat.no, &role) ||
            (role == DEPUTY && e->seat->role == PRIMARY))
            return sb_fail_set(s->fail, SB_E_LEDGER_EVENT_NOT_OWN, is_seat ? e->seat->seat : "–",
                               NULL);
        if (others_said(s, m, e, seat.no))
            return sb_fail_set(s->fail, SB_E_LEDGER_QUALIFY_NOT_OWN, seat.id, NULL);
    }
    return SB_OK;
}

sb_err sb_check_attendance(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Attendance *m = (const void *)message;
    sb_row_meeting meeting;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_meeting(s, &meeting, 0);
    scope.seats = named_seats(s, m, &scope.seat_count);
    if ((err = sb_may(s, &scope)) != SB_OK || (err = check_own(s, m, &scope)) != SB_OK)
        return err;
    if (meeting.status == SB_MEETING_CLOSED)
        return sb_fail_set(s->fail, SB_E_LEDGER_MEETING_CLOSED,
                           sb_meeting_label(s->arena, s->charter, &meeting), NULL);
    for (size_t i = 0; i < m->n_events && err == SB_OK; i++)
        err = check_event(s, m, i, &meeting);
    return err;
}

/* What the seat's rows remember of an event. */
static void note_place(sb_step *s, const Sb__AttendanceEvent *e, uint32_t meeting, uint32_t seat,
                       uint32_t case_no, bool delegated, bool own)
{
    if (is_about_case(e->kind)) {
        sb_row_disqualified row = {.meeting = meeting,
                                   .seat = seat,
                                   .role = (uint8_t)e->seat->role,
                                   .case_no = case_no,
                                   .index = s->index,
                                   .own = own};
        if (e->kind == DISQUALIFIED)
            sb_row_disqualified_put(s->kv, &row);
        else
            sb_row_disqualified_del(s->kv, &row);
        return;
    }
    sb_row_attendance row = {.meeting = meeting, .seat = seat};
    (void)sb_row_attendance_get(s->kv, NULL, &row);
    if (e->seat->role == PRIMARY) {
        row.primary = (uint8_t)e->kind;
        row.primary_index = s->index;
        row.primary_from = e->kind == ARRIVED ? s->index : row.primary_from;
    } else {
        row.deputy = (uint8_t)e->kind;
        row.deputy_index = s->index;
        row.deputy_from = e->kind == ARRIVED ? s->index : row.deputy_from;
        row.delegated = delegated;
    }
    sb_row_attendance_put(s->kv, &row);
}

void sb_apply_attendance(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Attendance *m = (const void *)message;
    sb_row_meeting meeting;
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK)
        return;
    sb_scope scope = sb_scope_meeting(s, &meeting, 0);
    bool own = !sb_signer_can(s, SB_CAP_SECRETARIAT | SB_CAP_CHAIR, &scope);
    for (size_t i = 0; i < m->n_events; i++) {
        const Sb__AttendanceEvent *e = m->events[i];
        sb_row_seat seat = {0};
        sb_row_case c = {0};
        if (e->case_id.len > 0)
            (void)sb_case_need(s, e->case_id, &c);
        sb_row_event row = {.meeting = meeting.no,
                            .index = s->index,
                            .n = (uint32_t)i,
                            .kind = (uint8_t)e->kind,
                            .case_no = c.no,
                            .whole = e->whole_meeting != 0,
                            .at_ms = e->at_ms,
                            .logged_ms = s->now_ms};
        sb_blob_set(row.person_sha256, &row.person_size, e->person);
        sb_blob_set(row.reason_sha256, &row.reason_size, e->reason);
        if (e->who_case == SB__ATTENDANCE_EVENT__WHO_SEAT) {
            (void)sb_seat_find(s->kv, s->arena, e->seat->seat, &seat);
            sb_row_delegate by;
            row.seat = seat.no;
            row.role = (uint8_t)e->seat->role;
            row.delegated =
                row.role == DEPUTY && sb_delegate_get(s->kv, seat.no, meeting.date, &by);
            note_place(s, e, meeting.no, seat.no, c.no, row.delegated, own);
            sb_row_holder holder;
            if (e->person == NULL &&
                sb_holder_get(s->kv, seat.no, e->seat->role, meeting.date, &holder)) {
                memcpy(row.person_sha256, holder.name_sha256, 32);
                row.person_size = holder.name_size;
            }
        } else {
            row.participant = (uint8_t)e->participant;
        }
        sb_row_event_put(s->kv, &row);
    }
}
