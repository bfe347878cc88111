"""ATTENDANCE, and who represents a seat (PROTOCOL.md "ATTENDANCE")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import common
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import NONE, R

ABOUT_CASE = (DISQUALIFIED, QUALIFIED)
REASONS = {LEFT: "left", ABSENT_WITH_NOTICE: "absent_with_notice", NOT_MET: "not_met"}


@dataclass
class Representation:
    """Who represents a seat for a case, and on what that rests."""
    role: int = 0  # PRIMARY, DEPUTY; 0: nobody
    reason: str = ""  # why nobody
    deputy_beside: bool = False
    by_delegation: bool = False
    primary_disqualified: bool = False
    deputy_disqualified: bool = False
    events: list[int] = field(default_factory=list)  # leaves, rising


def representative(s: Any, meeting: int, seat: int, case_no: int) -> Representation:
    """The one place that says it; case 0: in the meeting as such."""
    r = Representation()
    row = s.db.find("attendance", meeting, seat)
    events = {row.primary_from, row.deputy_from}
    events |= {row.primary_index} if row.primary else set()
    events |= {row.deputy_index} if row.deputy else set()
    out = {role: s.db.get("disqualified", meeting, seat, role, case_no) if case_no else None
           for role in (PRIMARY, DEPUTY)}
    events |= {found.index for found in out.values() if found is not None}
    r.events = sorted(events - {0})
    r.primary_disqualified, r.deputy_disqualified = out[PRIMARY] is not None, out[DEPUTY] is not None
    deputy_may = row.deputy == ARRIVED and not r.deputy_disqualified
    if row.primary == ARRIVED and not r.primary_disqualified:
        r.role, r.deputy_beside = PRIMARY, deputy_may
    elif deputy_may:
        r.role, r.by_delegation = DEPUTY, row.delegated != 0
    else:
        r.reason = why_nobody(s, row, r)
    return r


def why_nobody(s: Any, row: Any, r: Representation) -> str:
    if (row.primary == ARRIVED and r.primary_disqualified) or (row.deputy == ARRIVED and r.deputy_disqualified):
        return "disqualified"
    if LEFT in (row.primary, row.deputy):
        return "left"
    for kind in (row.primary, row.deputy):
        if kind:
            return REASONS.get(kind, "not_documented")
    held = any(common.holder_on(s, row.seat, role, 0) is not None for role in (PRIMARY, DEPUTY))
    return "not_documented" if held else "vacant"


# ---- counts of a body in a meeting ----

COUNTS = ("seats", "filled", "present", "eligible", "for", "against", "abstain")


@dataclass
class Presence:
    """The electorate with who represents it, and the counts: of all, then of each partner that has
    voting seats, in charter order, last of no partner (NONE)."""
    seats: list
    representations: list[Representation]
    total: dict[str, int]
    partners: list[int]
    tallies: list[dict[str, int]]
    by_id: list[tuple[str, dict[str, int]]]  # the same tallies by the partner's id, without those of no partner


def presence_of(s: Any, charter: Any, body: int, meeting: int, case_no: int, index: int) -> Presence:
    seats = common.seats_of(s, body, index, True)
    partners = [p for p in [*range(len(charter.partners)), NONE] if any(seat.partner == p for seat in seats)]
    tallies = [dict.fromkeys(COUNTS, 0) for _ in partners]
    by_id = [(charter.partners[at].id, tally) for at, tally in zip(partners, tallies) if at != NONE]
    p = Presence(seats, [], dict.fromkeys(COUNTS, 0), partners, tallies, by_id)
    date = s.db.get("meeting", meeting).date
    for seat in seats:
        r = representative(s, meeting, seat.no, case_no)
        p.representations.append(r)
        present = r.role != 0
        filled = present or common.holder_on(s, seat.no, PRIMARY, date) is not None
        for tally in (p.total, p.tallies[partners.index(seat.partner)]):
            tally["seats"] += 1
            tally["filled"] += filled
            tally["present"] += present
            tally["eligible"] += present
    return p


# ---- ATTENDANCE: checks ----


def check_attendance(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    scope = common.scope_meeting(s, meeting, 0)
    named = [common.find_seat(s, e.seat.seat) for e in m.events if e.who == "seat"]
    scope.seats = [seat.no for seat in named if seat is not None]
    common.may(s, scope)
    if not common.can(s, "secretariat chair", scope):
        for e in m.events:
            check_own(s, e, meeting)
    if meeting.status == MEETING_CLOSED:
        raise Refused("LEDGER_MEETING_CLOSED", meeting.date)
    for at in range(len(m.events)):
        check_event(s, m.events, at, meeting)


def check_own(s: Any, e: Any, meeting: Any) -> None:
    """One's own seat only, a deputy not the primary; not what others said of a disqualification."""
    seat = common.find_seat(s, e.seat.seat) if e.who == "seat" else None
    role = common.role_held(s, s.signer.no, seat.no) if seat is not None else 0
    if role == 0 or (role == DEPUTY and e.seat.role == PRIMARY):
        raise Refused("LEDGER_EVENT_NOT_OWN")
    if e.kind == QUALIFIED:
        case_no = common.find_ref(s, e.case_id, REF_CASE)
        row = s.db.get("disqualified", meeting.no, seat.no, e.seat.role, case_no)
        if row is not None and not row.own:
            raise Refused("LEDGER_QUALIFY_NOT_OWN", seat.id)


def check_event(s: Any, events: list, at: int, meeting: Any) -> None:
    e = events[at]
    if e.whole_meeting and e.at_ms:
        raise Refused("LEDGER_EVENT_TIME", at + 1)
    if e.at_ms > s.now_ms + TOLERANCE_MS:
        raise Refused("LEDGER_CLAIM_FUTURE", e.at_ms)
    if e.who == "seat":
        check_seat_event(s, events, at, meeting)
    else:
        check_participant(e, at)
    if e.case_id:
        common.need_agenda(s, meeting, common.need_case(s, e.case_id))
    if e.kind != ABSENT_WITH_NOTICE and e.kind not in ABOUT_CASE:
        common.need_meeting_begun(meeting)


def check_participant(e: Any, at: int) -> None:
    on_case = e.participant in (2, 4)
    if on_case and not e.case_id:
        raise Refused("LEDGER_EVENT_CASE", at + 1)
    if not on_case and e.case_id:
        raise Refused("LEDGER_EVENT_NO_CASE", at + 1)
    if e.person is None:
        raise Refused("LEDGER_EVENT_PERSON", at + 1)
    if e.kind in ABOUT_CASE or e.kind == NOT_DOCUMENTED:
        raise Refused("LEDGER_EVENT_KIND", at + 1)


def check_seat_event(s: Any, events: list, at: int, meeting: Any) -> None:
    e = events[at]
    seat = common.seat_in_meeting(s, e.seat.seat, meeting)
    if (e.seat.role == DEPUTY and not seat.has_deputy and seat.voting
            and common.delegate_on(s, seat.no, meeting.date) is None):
        raise Refused("LEDGER_NO_SUCH_DEPUTY", seat.id)
    if e.kind in ABOUT_CASE:
        if not e.case_id:
            raise Refused("LEDGER_EVENT_CASE", at + 1)
        case = common.need_case(s, e.case_id)
        now = disqualified_before(s, events, at, meeting, seat, case.no)
        if now == (e.kind == DISQUALIFIED):
            raise Refused("LEDGER_ALREADY_DISQUALIFIED" if now else "LEDGER_NOT_DISQUALIFIED", seat.id)
        return
    if e.case_id:
        raise Refused("LEDGER_EVENT_NO_CASE", at + 1)
    before = kind_before(s, events, at, meeting, seat, e.seat.role)
    if e.kind == ARRIVED and before == ARRIVED:
        raise Refused("LEDGER_ALREADY_HERE", seat.id)
    if e.kind == LEFT and before != ARRIVED:
        raise Refused("LEDGER_NOT_HERE", seat.id)
    if e.kind == ARRIVED:
        check_sits_once(s, events, at, meeting, seat)


def kind_before(s: Any, events: list, at: int, meeting: Any, seat: Any, role: int) -> int:
    """The place's last kind when event `at` happens: by an earlier event of the entry, else by the rows."""
    for e in reversed(events[:at]):
        if e.who == "seat" and e.kind not in ABOUT_CASE and e.seat.role == role and e.seat.seat == seat.id:
            return e.kind
    row = s.db.find("attendance", meeting.no, seat.no)
    return row.primary if role == PRIMARY else row.deputy


def disqualified_before(s: Any, events: list, at: int, meeting: Any, seat: Any, case_no: int) -> bool:
    role = events[at].seat.role
    for e in reversed(events[:at]):
        if (e.who == "seat" and e.kind in ABOUT_CASE and e.seat.role == role and e.seat.seat == seat.id
                and common.find_ref(s, e.case_id, REF_CASE) == case_no):
            return e.kind == DISQUALIFIED
    return s.db.has("disqualified", meeting.no, seat.no, role, case_no)


def check_sits_once(s: Any, events: list, at: int, meeting: Any, seat: Any) -> None:
    """Nobody sits for two voting seats of the body at once."""
    e = events[at]
    if e.person is not None or not seat.voting:
        return
    holder = common.holder_on(s, seat.no, e.seat.role, s.date)
    if holder is None or holder.key == 0:
        return
    for place in s.db.each("place", holder.key, PLACE_SEAT):
        other = s.db.get("seat", place.number)
        if (other.no != seat.no and other.voting and other.body == seat.body
                and kind_before(s, events, at, meeting, other, place.role) == ARRIVED):
            raise Refused("LEDGER_SITS_ELSEWHERE", seat.id, other.id)


# ---- ATTENDANCE: rows ----


def apply_attendance(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    own = not common.can(s, "secretariat chair", common.scope_meeting(s, meeting, 0))
    for e in m.events:
        if e.who != "seat":
            continue  # views only
        seat, role = common.find_seat(s, e.seat.seat), e.seat.role
        if e.kind in ABOUT_CASE:
            case_no = common.need_case(s, e.case_id).no
            if e.kind == DISQUALIFIED:
                s.db.put(R.disqualified(meeting=meeting.no, seat=seat.no, role=role, case_no=case_no, index=s.index,
                                        own=int(own)))
            else:
                s.db.delete("disqualified", meeting.no, seat.no, role, case_no)
            continue
        row = s.db.find("attendance", meeting.no, seat.no)
        if role == PRIMARY:
            row.primary, row.primary_index = e.kind, s.index
            row.primary_from = s.index if e.kind == ARRIVED else row.primary_from
        else:
            row.deputy, row.deputy_index = e.kind, s.index
            row.deputy_from = s.index if e.kind == ARRIVED else row.deputy_from
            row.delegated = int(common.delegate_on(s, seat.no, meeting.date) is not None)
        s.db.put(row)
