"""MEETING_CALL, PAPERS_SENT, MEETING_OPEN, CHAIR_TAKE, MEETING_CLOSE (PROTOCOL.md "Meetings")."""

from __future__ import annotations

from typing import Any

from . import common
from .attendance import representative
from .cases import put_case_blob
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import NONE, R

# ---- MEETING_CALL ----


def check_meeting_call(s: Any, m: Any) -> None:
    body = common.need_body(s, m.body)
    common.may(s, common.Scope(body=body))
    if not common.real_date(m.date):
        raise Refused("LEDGER_DATE_INVALID", m.date)
    if m.date < s.date:
        raise Refused("LEDGER_DATE_PAST", m.date)
    if m.end_minute and m.end_minute <= m.start_minute:
        raise Refused("LEDGER_MEETING_TIME")
    if not m.agenda:
        raise Refused("LEDGER_AGENDA_EMPTY")
    check_extraordinary(s, m, body)
    common.check_claim(s, m.claim)
    seen = set()
    for case_id in m.agenda:
        case = common.need_case(s, case_id)
        label = common.case_label(case)
        if case.no in seen:
            raise Refused("LEDGER_CASE_TWICE", label)
        seen.add(case.no)
        if case.body != body:
            raise Refused("LEDGER_CASE_OTHER_BODY", label)
        if case.status == WITHDRAWN:
            raise Refused("LEDGER_CASE_WITHDRAWN", label)
        if case.meeting:
            raise Refused("LEDGER_CASE_ON_AGENDA", label)


def check_extraordinary(s: Any, m: Any, body: int) -> None:
    words = s.charter.bodies[body]
    if not m.extraordinary:
        if m.reason is not None:
            raise Refused("LEDGER_NOT_EXTRAORDINARY")
        return
    if not words.extraordinary_cite:
        raise Refused("LEDGER_EXTRAORDINARY_NONE", words.id)
    if m.reason is None:
        raise Refused("LEDGER_EXTRAORDINARY_REASON", words.extraordinary_cite)
    office = common.find_office(s.charter, words.extraordinary_by)
    if office != NONE and not common.holds_office(s, s.signer.no, words.extraordinary_by, body):
        raise Refused("LEDGER_EXTRAORDINARY_BY", words.extraordinary_by)


def apply_meeting_call(s: Any, m: Any) -> None:
    meeting = R.meeting(no=common.next_number(s, REF_MEETING), id=s.leaf.entry_id,
                        body=common.find_body(s.charter, m.body), date=m.date, start_minute=m.start_minute,
                        end_minute=m.end_minute, form=m.form, status=MEETING_CALLED, items=len(m.agenda),
                        called_index=s.index, called_ms=s.now_ms, extraordinary=int(m.extraordinary),
                        notice_ms=common.claim_ms(s, m.claim), notice_source=common.claim_source(m.claim))
    s.db.put(meeting)
    common.put_ref(s, meeting.id, REF_MEETING, meeting.no)
    year = m.date // 10000
    last = s.db.get("year_number", meeting.body, year)
    if last is None:
        first = common.first_number(s.charter.bodies[meeting.body], year)
        last = R.year_number(body=meeting.body, year=year, last=first - 1)
    for item, case_id in enumerate(m.agenda, 1):
        last.last += 1
        case = common.need_case(s, case_id)
        case.status, case.meeting, case.item = CALLED, meeting.no, item
        case.number, case.year = last.last, year
        s.db.put(case)
        s.db.put(R.agenda(meeting=meeting.no, item=item, case_no=case.no, number=last.last, year=year))
    s.db.put(last)


# ---- PAPERS_SENT ----


def check_papers_sent(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    common.may(s, common.Scope(body=meeting.body))
    if meeting.status == MEETING_CLOSED:
        raise Refused("LEDGER_MEETING_CLOSED", meeting.date)
    seen = set()
    for case_id in m.case_ids:
        case = common.need_case(s, case_id)
        common.need_agenda(s, meeting, case)
        if case.no in seen:
            raise Refused("LEDGER_CASE_TWICE", common.case_label(case))
        seen.add(case.no)
    common.check_claim(s, m.claim)


def apply_papers_sent(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    for case_id in m.case_ids:
        item = common.need_agenda(s, meeting, common.need_case(s, case_id))
        if item.sent_ms:
            continue  # papers sent later add to the first dispatch
        item.sent_index, item.sent_ms = s.index, common.claim_ms(s, m.claim)
        item.sent_logged_ms, item.sent_source = s.now_ms, common.claim_source(m.claim)
        s.db.put(item)
    for ref in m.papers:
        put_case_blob(s, 0, meeting.no, ref)


# ---- MEETING_OPEN, MEETING_CLOSE ----


def check_meeting_open(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    common.may(s, common.scope_meeting(s, meeting, 0))
    common.need_live_body(s, meeting.body)
    if meeting.status == MEETING_CLOSED:
        raise Refused("LEDGER_MEETING_CLOSED", meeting.date)
    if meeting.status == MEETING_OPEN:
        raise Refused("LEDGER_MEETING_ALREADY_OPEN", meeting.date)
    if s.db.find("open_meetings").count >= MEETINGS_OPEN_MAX:
        raise Refused("LEDGER_MEETINGS_OPEN", MEETINGS_OPEN_MAX)


def count_open_meetings(s: Any, step: int) -> None:
    row = s.db.find("open_meetings")
    row.count += step
    s.db.put(row)


def apply_meeting_open(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    meeting.status, meeting.opened_index, meeting.opened_ms = MEETING_OPEN, s.index, s.now_ms
    s.db.put(meeting)
    count_open_meetings(s, 1)


def check_meeting_close(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    common.may(s, common.scope_meeting(s, meeting, 0))
    common.need_meeting_open(meeting)
    if meeting.open_questions:
        raise Refused("LEDGER_QUESTIONS_OPEN", meeting.open_questions)


def apply_meeting_close(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    meeting.status, meeting.closed_index, meeting.closed_ms = MEETING_CLOSED, s.index, s.now_ms
    s.db.put(meeting)
    count_open_meetings(s, -1)
    for item in s.db.each("agenda", meeting.no):
        case = s.db.get("case", item.case_no)
        if case.meeting == meeting.no:  # else postponed or withdrawn: it has left this agenda
            case.status, case.meeting, case.item = TREATED if item.outcome else REPORTED, 0, 0
            s.db.put(case)


# ---- CHAIR_TAKE ----


def check_chair_take(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    seat = common.seat_in_meeting(s, m.seat, meeting)
    scope = common.scope_meeting(s, meeting, 0)
    scope.seats = [seat.no]
    common.may(s, scope)
    common.need_meeting_open(meeting)
    case_no = 0
    if m.case_id:
        case = common.need_case(s, m.case_id)
        common.need_agenda(s, meeting, case)
        case_no = case.no
    by_secretariat = common.can(s, "secretariat", scope)
    check_basis(s, m, meeting.body, seat, by_secretariat)
    if not by_secretariat:
        check_vacant(s, m, meeting, case_no)


def check_basis(s: Any, m: Any, body: int, seat: Any, by_secretariat: bool) -> None:
    """Leader and deputy leader: the first office of that id, of this body or of every body, decides."""
    if m.basis == BASIS_CHOSEN:
        return
    ident = "leader" if m.basis == BASIS_LEADER else "deputy-leader"
    for no, office in enumerate(s.charter.offices):
        if office.id != ident or office.body not in ("", s.charter.bodies[body].id):
            continue
        elected = s.db.get("office_seat", no)
        if elected is not None:
            fits = seat.no == elected.seat
        elif office.seat:
            fits = office.seat == m.seat
        else:
            fits = by_secretariat or common.holds_office(s, s.signer.no, ident, body)
        if not fits:
            raise Refused("LEDGER_CHAIR_NOT_OFFICER", m.seat, office.name)
        return
    raise Refused("LEDGER_CHAIR_NOT_OFFICER", m.seat, ident)


def check_vacant(s: Any, m: Any, meeting: Any, case_no: int) -> None:
    """While the chair sits there, a member takes the chair only on a better basis."""
    now = common.chair_row(s, meeting.no, case_no)
    if now is None or s.db.get("seat", now.seat).id == m.seat or m.basis < now.basis:
        return
    # the case that is taken over, also where only the meeting has a chair
    role = representative(s, meeting.no, now.seat, case_no).role
    if role == DEPUTY and now.basis != BASIS_CHOSEN:
        kept = m.basis == BASIS_CHOSEN  # an office is its holder's own
    else:
        kept = role != 0
    if kept:
        raise Refused("LEDGER_CHAIR_TAKEN", now.seat)


def apply_chair_take(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    case_no = common.need_case(s, m.case_id).no if m.case_id else 0
    s.db.put(R.chair(meeting=meeting.no, case_no=case_no, seat=common.find_seat(s, m.seat).no, basis=m.basis,
                     index=s.index))
