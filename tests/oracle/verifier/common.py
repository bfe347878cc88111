"""What the handlers share: references, people, capabilities, cases and their wording
(PROTOCOL.md "Rows", "Capabilities", "Domain entries", "Entry")."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import Any

from . import calendar_no as cal
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import NONE, R

# ---- numbers and references ----


def next_number(s: Any, kind: int) -> int:
    row = s.db.find("counter", kind)
    row.last += 1
    s.db.put(row)
    return row.last


def put_ref(s: Any, entry_id: bytes, kind: int, number: int) -> None:
    s.db.put(R.ref(id=entry_id, kind=kind, number=number))


def find_ref(s: Any, entry_id: bytes, kind: int) -> int:
    """The number that an entry id names; 0: nothing, or a thing of another kind."""
    row = s.db.get("ref", entry_id) if len(entry_id) == 32 else None
    return row.number if row is not None and row.kind == kind else 0


TABLE_OF = {REF_CASE: "case", REF_MEETING: "meeting", REF_QUESTION: "question", REF_DRAFT: "draft", REF_TASK: "task",
            REF_CONDITION: "condition", REF_INPUT: "input", REF_ACTION: "action",
            REF_CHARTER_DRAFT: "charter_draft", REF_CANDIDATE: "candidate", REF_DISPUTE: "dispute"}


def need(s: Any, entry_id: bytes, kind: int) -> Any:
    """The row that an entry id names. Refused <KIND>_UNKNOWN."""
    no = find_ref(s, entry_id, kind)
    if no == 0:
        raise Refused(f"LEDGER_{REF_NAMES[kind]}_UNKNOWN", entry_id[:8].hex())
    return s.db.get(TABLE_OF[kind], no)


def need_case(s: Any, entry_id: bytes) -> Any:
    return need(s, entry_id, REF_CASE)


def need_meeting(s: Any, entry_id: bytes) -> Any:
    return need(s, entry_id, REF_MEETING)


def need_question(s: Any, entry_id: bytes) -> Any:
    return need(s, entry_id, REF_QUESTION)


# ---- positions in the charter ----


def position(things: list, ident: str) -> int:
    if ident:
        for at, thing in enumerate(things):
            if thing.id == ident:
                return at
    return NONE


def find_body(charter: Any, ident: str) -> int:
    return position(charter.bodies, ident)


def find_partner(charter: Any, ident: str) -> int:
    return position(charter.partners, ident)


def find_org(charter: Any, ident: str) -> int:
    return position(charter.organisations, ident)


def find_appointer(charter: Any, ident: str) -> int:
    return position(charter.appointers, ident)


def find_office(charter: Any, ident: str) -> int:
    return position(charter.offices, ident)


def partner_id(charter: Any, partner: int) -> str:
    return "" if partner == NONE else charter.partners[partner].id


def body_short(charter: Any, body: int) -> str:
    return charter.bodies[body].short_name or charter.bodies[body].name


def need_live_body(s: Any, body: int) -> None:
    if s.charter.bodies[body].dissolved:
        raise Refused("LEDGER_BODY_DISSOLVED", body_short(s.charter, body))


def need_body(s: Any, ident: str) -> int:
    """A body for something new."""
    body = find_body(s.charter, ident)
    if body == NONE:
        raise Refused("LEDGER_BODY_UNKNOWN", ident)
    need_live_body(s, body)
    return body


def is_below(charter: Any, body: int, above: int) -> bool:
    """Is the body below the other in the tree (not the same)?"""
    for _ in range(len(charter.bodies)):
        body = find_body(charter, charter.bodies[body].parent)
        if body == NONE:
            return False
        if body == above:
            return True
    return False


# ---- seats and who holds them ----


def find_seat(s: Any, ident: str) -> Any:
    row = s.db.get("seat_by_id", ident)
    return None if row is None else s.db.get("seat", row.no)


def need_seat(s: Any, ident: str) -> Any:
    seat = find_seat(s, ident)
    if seat is None:
        raise Refused("LEDGER_PLACE_UNKNOWN", ident)
    return seat


def seat_at(seat: Any, index: int) -> bool:
    """Was the seat there after this leaf (NOW: is it there)?"""
    return seat.since <= index and (seat.gone == 0 or seat.gone > index)


def seat_words(charter: Any, seat: Any) -> Any:
    """What this version of the charter says about the seat; None: it isn't in it."""
    if seat.body >= len(charter.bodies):
        return None
    return next((words for words in charter.bodies[seat.body].seats if words.id == seat.id), None)


def seat_in_body(s: Any, ident: str, body: int) -> Any:
    seat = need_seat(s, ident)
    if seat.body != body:
        raise Refused("LEDGER_SEAT_OTHER_BODY", ident, body_short(s.charter, body))
    return seat


def seat_in_meeting(s: Any, ident: str, meeting: Any) -> Any:
    """A seat of the meeting's body that wasn't gone when the meeting opened."""
    seat = seat_in_body(s, ident, meeting.body)
    if seat.gone != 0 and seat.gone < (meeting.opened_index or NOW):
        raise Refused("LEDGER_SEAT_GONE", ident)
    return seat


def seats_of(s: Any, body: int, index: int, voting: bool) -> list:
    """The seats that a body had after this leaf, by number."""
    out = []
    for at in s.db.each("body_seat", body):
        seat = s.db.get("seat", at.seat)
        if seat_at(seat, index) and (not voting or seat.voting):
            out.append(seat)
    return out


def lapsed(until_date: int, date: int) -> bool:
    return until_date != 0 and date > until_date


def delegate_on(s: Any, seat: int, date: int) -> Any:
    """The delegation in force on a date: of those that have begun and not ended the one that began last."""
    found = None
    for row in s.db.each("delegate", seat):
        if row.from_date <= date and (row.until_date == 0 or row.until_date >= date):
            found = row
    return found


def holder_on(s: Any, seat: int, role: int, date: int) -> Any:
    """Who holds the seat in this role on a date (0: whoever was appointed last): a row with key, name,
    dates; None: vacant. Deputy on a date: who has a delegation goes before the appointed one."""
    if role == DEPUTY and date != 0:
        by = delegate_on(s, seat, date)
        if by is not None:
            return R.holder(seat=seat, role=role, key=by.key, name_sha256=by.name_sha256, name_size=by.name_size,
                            from_date=by.from_date, until_date=by.until_date, entry_id=by.entry_id, index=by.index)
    row = s.db.get("holder", seat, role)
    if row is None or (date != 0 and lapsed(row.until_date, date)):
        return None
    return row


def role_held(s: Any, key: int, seat: int) -> int:
    """In which role the key holds the seat today; primary wins; 0: not."""
    for role in (PRIMARY, DEPUTY):
        row = holder_on(s, seat, role, s.date) if key else None
        if row is not None and row.key == key:
            return role
    return 0


def holds_office(s: Any, key: int, office_id: str, body: int) -> bool:
    """Does the key hold the office today for the body (NONE: for any)?"""
    if s.charter is None or key == 0:
        return False
    office = find_office(s.charter, office_id)
    row = s.db.get("officer", office, key) if office != NONE else None
    if row is None:
        return False
    words = s.charter.offices[office]
    if lapsed(row.until_date, s.date) and not words.sits_until_replaced:
        return False
    return body == NONE or not words.body or find_body(s.charter, words.body) == body


def find_key(s: Any, pk: bytes) -> Any:
    row = s.db.get("key_by_pk", pk)
    return None if row is None else s.db.get("key", row.no)


def add_key(s: Any, pk: bytes, kind: int, org: int) -> int:
    no = next_number(s, REF_KEY)
    s.db.put(R.key(no=no, pk=pk, kind=kind, status=IN_FORCE, org=org))
    s.db.put(R.key_by_pk(pk=pk, no=no))
    return no


def office_seat(s: Any, charter: Any, office: int) -> int:
    """Which seat holds the office: the one elected, else the charter's, else of the first officer's key the first
    voting seat of the office's body (or of the one that elects it) that it holds as primary. 0: none."""
    elected = s.db.get("office_seat", office)
    if elected is not None:
        return elected.seat
    if charter.offices[office].seat:
        seat = find_seat(s, charter.offices[office].seat)
        return 0 if seat is None else seat.no
    officer = s.db.first("officer", office)
    if officer is None or officer.key == 0:
        return 0
    of_body = charter.offices[office].body or charter.offices[office].elected_by
    for place in s.db.each("place", officer.key, PLACE_SEAT):
        seat = s.db.get("seat", place.number)
        if place.role == PRIMARY and seat.voting and (not of_body or find_body(charter, of_body) == seat.body):
            return seat.no
    return 0


# ---- capabilities ----

CAPABILITIES = {
    "GENESIS": "first_authority", "CHARTER_PART": "first_authority", "ACCEPT": "authority",
    "STATE": "log", "RESULT": "log", "TICK": "log", "SEAL": "log", "HANDOVER": "log",
    "APPOINT": "authority secretariat", "KEY_REVOKE": "authority recovery self", "KEY_REPLACE": "authority recovery",
    "DELEGATE": "seat authority secretariat",
    "CASE_REPORT": "member", "CASE_AMEND": "reporter secretariat leader", "CASE_POSTPONE": "secretariat leader",
    "CASE_WITHDRAW": "reporter secretariat leader", "CASE_RELATE": "reporter secretariat leader",
    "CASE_DISCUSS": "chair secretariat", "CONDITION_SET": "secretariat leader chair",
    "CONDITION_FULFIL": "authority secretariat", "INPUT_OPEN": "secretariat leader",
    "INPUT_RECEIVE": "member authority", "MEETING_CALL": "secretariat leader", "PAPERS_SENT": "secretariat leader",
    "MEETING_OPEN": "chair secretariat leader", "CHAIR_TAKE": "seat secretariat",
    "MEETING_CLOSE": "chair secretariat", "ATTENDANCE": "secretariat chair seat",
    "MEETING_PLAN": "secretariat leader", "RULING": "chair secretariat",
    "WORDING_PROPOSE": "reporter secretariat", "CLAUSE_AMEND": "secretariat chair",
    "TEXT_FINALISE": "secretariat leader", "ACTION_PROPOSE": "reporter secretariat chair",
    "ACTION_STRIKE": "reporter secretariat chair", "CHARTER_DRAFT": "member", "CHARTER_DRAFT_PART": "member",
    "CANDIDATE_PROPOSE": "member", "CANDIDATE_WITHDRAW": "seat secretariat chair",
    "QUESTION_OPEN": "chair secretariat", "OBJECTION": "seat secretariat", "BALLOT": "seat",
    "BALLOT_RECORDED": "secretariat", "QUESTION_CLOSE": "chair secretariat", "REMARK": "seat secretariat",
    "BALLOT_CONFIRM": "seat", "DISPUTE_OPEN": "seat secretariat", "DISPUTE_CLOSE": "secretariat seat",
    "TASK_SET": "secretariat chair", "TASK_DONE": "secretariat seat", "MINUTES_DRAFT": "secretariat leader",
    "MINUTES_REQUEST": "seat secretariat", "MINUTES_CORRECT": "secretariat", "MINUTES_APPROVE": "secretariat leader",
    "BLOB_ERASE": "secretariat authority", "MEMBERSHIP_WITHDRAW": "authority member",
}
OF_DEVICES = {"secretariat", "leader", "chair", "seat", "reporter", "member", "self"}


@dataclass
class Scope:
    """What the entry is about, for the capabilities that depend on it."""
    body: int = NONE
    chair_seat: int = 0
    chair_role: int = 0
    reporter: int = 0  # key of who reported the case
    seats: list = field(default_factory=list)  # numbers


def refuse_capability(s: Any) -> None:
    raise Refused("LEDGER_CAPABILITY", s.leaf.type_name, CAPABILITIES.get(s.leaf.type_name, ""))


def kind_fits(type_name: str, kind: int) -> bool:
    """May a key of this kind send the type at all?"""
    able = set(CAPABILITIES.get(type_name, "").split())
    return bool(able & {AUTHORITY: {"authority", "first_authority"}, RECOVERY: {"recovery"}, LOG: {"log"},
                        DEVICE: OF_DEVICES}.get(kind, set()))


def chairs(s: Any, scope: Scope) -> bool:
    """Does the signer represent the chairing seat?"""
    if scope.chair_seat == 0:
        return False
    if scope.chair_role == 0:
        return role_held(s, s.signer.no, scope.chair_seat) != 0
    row = holder_on(s, scope.chair_seat, scope.chair_role, s.date)
    return row is not None and row.key != 0 and row.key == s.signer.no


def is_member(s: Any) -> bool:
    """Does the signer hold any place that is there and hasn't lapsed?"""
    for place in s.db.each("place", s.signer.no):
        if place.kind == PLACE_OFFICE:
            if holds_office(s, place.key, s.charter.offices[place.number].id, NONE):
                return True
        elif role_held(s, place.key, place.number):
            seat = s.db.get("seat", place.number)
            if seat_at(seat, NOW) and not s.charter.bodies[seat.body].dissolved:
                return True
    return False


def can(s: Any, words: str, scope: Scope) -> bool:
    """Has the signer one of these capabilities?"""
    if s.signer is None:
        return False
    no = s.signer.no
    tests = {
        "first_authority": lambda: s.signer.kind == AUTHORITY and s.signer.org == 0,
        "authority": lambda: s.signer.kind == AUTHORITY,
        "recovery": lambda: s.signer.kind == RECOVERY,
        "log": lambda: s.signer.kind == LOG,
        "secretariat": lambda: holds_office(s, no, "secretariat", scope.body),
        "leader": lambda: any(holds_office(s, no, office, scope.body) for office in ("leader", "deputy-leader")),
        "chair": lambda: chairs(s, scope),
        "seat": lambda: any(role_held(s, no, seat) for seat in scope.seats),
        "reporter": lambda: scope.reporter != 0 and scope.reporter == no,
        "member": lambda: is_member(s),
        "self": lambda: False,
    }
    return any(tests[word]() for word in words.split())


def may(s: Any, scope: Scope) -> None:
    if not can(s, CAPABILITIES[s.leaf.type_name], scope):
        refuse_capability(s)


# ---- cases on agendas ----


def case_label(case: Any) -> str:
    return number_label(case.number, case.year) or f"«{case.title}»"


def number_label(number: int, year: int) -> str:
    return f"{number:02}/{year % 100:02}" if number else ""


def find_agenda(s: Any, meeting: Any, case_no: int) -> Any:
    """The case's item on this meeting's agenda, closed meetings too; None."""
    return next((item for item in s.db.each("agenda", meeting.no) if item.case_no == case_no), None)


def need_agenda(s: Any, meeting: Any, case: Any) -> Any:
    """The item on which the case stands now, else the first on which it stood in this meeting."""
    if case.meeting == meeting.no and case.item:
        return s.db.get("agenda", meeting.no, case.item)
    item = find_agenda(s, meeting, case.no)
    if item is None:
        raise Refused("LEDGER_NOT_ON_AGENDA", case_label(case), s.charter.bodies[meeting.body].bar_cite)
    return item


def need_meeting_begun(meeting: Any) -> None:
    if meeting.status == MEETING_CALLED:
        raise Refused("LEDGER_MEETING_NOT_OPEN", meeting.date)


def need_meeting_open(meeting: Any) -> None:
    if meeting.status == MEETING_CLOSED:
        raise Refused("LEDGER_MEETING_CLOSED", meeting.date)
    need_meeting_begun(meeting)


def chair_row(s: Any, meeting: int, case_no: int) -> Any:
    """Who chairs the case, else the meeting; None."""
    return (s.db.get("chair", meeting, case_no) if case_no else None) or s.db.get("chair", meeting, 0)


def scope_meeting(s: Any, meeting: Any, case_no: int) -> Scope:
    from .attendance import representative
    scope = Scope(body=meeting.body)
    chair = chair_row(s, meeting.no, case_no)
    if chair is not None:
        scope.chair_seat = chair.seat
        scope.chair_role = representative(s, meeting.no, chair.seat, case_no).role or PRIMARY
    return scope


def need_meeting_case(s: Any, meeting_id: bytes, case_id: bytes) -> tuple[Any, Any, Any]:
    """Meeting, case and item of an entry about a case in a meeting that is going on, and the right to act there."""
    meeting = need_meeting(s, meeting_id)
    case = need_case(s, case_id)
    may(s, scope_meeting(s, meeting, case.no))
    need_meeting_open(meeting)
    return meeting, case, need_agenda(s, meeting, case)


def need_case_free(case: Any) -> None:
    if case.status == WITHDRAWN:
        raise Refused("LEDGER_CASE_WITHDRAWN", case_label(case))
    if case.question:
        raise Refused("LEDGER_CASE_QUESTION_OPEN", case_label(case))


def is_case_decided(s: Any, case: Any) -> bool:
    """Treated in a meeting that has closed, or its item on the present agenda has an outcome that decides."""
    if case.status == TREATED:
        return True
    item = s.db.get("agenda", case.meeting, case.item) if case.meeting else None
    return item is not None and item.outcome in DECIDES


def need_case_undecided(s: Any, case: Any) -> None:
    need_case_free(case)
    if is_case_decided(s, case):
        raise Refused("LEDGER_CASE_DECIDED", case_label(case))


def check_claim(s: Any, claim: Any) -> None:
    if claim is not None and claim.claimed_at_ms > s.now_ms + TOLERANCE_MS:
        raise Refused("LEDGER_CLAIM_FUTURE", claim.claimed_at_ms)


def claim_ms(s: Any, claim: Any) -> int:
    return s.now_ms if claim is None else claim.claimed_at_ms


def claim_source(claim: Any) -> int:
    return 0 if claim is None else claim.source


def check_external(s: Any, text: str, body: int) -> None:
    """`NN/YY`: 1 to 6 digits that aren't 0, a slash, two digits; not given by this log to a case of the body."""
    number, slash, year = text.partition("/")
    digits = all(c in "0123456789" for c in number + year)
    if not (slash and digits and 1 <= len(number) <= 6 and int(number) > 0 and len(year) == 2):
        raise Refused("LEDGER_EXTERNAL_FORMAT", text)
    for row in s.db.each("year_number", body):
        first = first_number(s.charter.bodies[body], row.year)
        if row.year % 100 == int(year) and first <= int(number) <= row.last:
            raise Refused("LEDGER_EXTERNAL_IS_KNOWN", text)


def first_number(body: Any, year: int) -> int:
    return next((f.number for f in body.first_numbers if f.year == year), 1)


# ---- wording ----


def clauses_of(s: Any, case: Any) -> list[str]:
    return [s.db.get("clause", case.no, n).text for n in range(1, case.clauses + 1)]


def wording_hash(case_id: bytes, clauses: list[str], attached: list[bytes]) -> bytes:
    """PROTOCOL.md "Entry"."""
    h = hashlib.sha256(b"samband/wording/v1\x00" + case_id + struct.pack(">I", len(clauses)))
    for clause in clauses:
        raw = clause.encode()
        h.update(struct.pack(">I", len(raw)) + raw)
    if attached:
        h.update(struct.pack(">I", len(attached)) + b"".join(attached))
    return h.digest()


def attached_ids(s: Any, case_no: int) -> list[bytes]:
    return [row.id for row in s.db.each("case_attached", case_no)]


def set_wording(s: Any, case: Any) -> None:
    """Works out case.wording anew; doesn't put the case."""
    case.wording = wording_hash(case.id, clauses_of(s, case), attached_ids(s, case.no))


def put_clauses(s: Any, case: Any, clauses: list[str]) -> None:
    """Replaces the clauses; sets case.clauses and case.wording, doesn't put the case."""
    for number, text in enumerate(clauses, 1):
        s.db.put(R.clause(case_no=case.no, number=number, text=text))
    for number in range(len(clauses) + 1, case.clauses + 1):
        s.db.delete("clause", case.no, number)
    case.clauses = len(clauses)
    set_wording(s, case)


def attach(s: Any, case: Any, kind: int, number: int, entry_id: bytes) -> None:
    """Something becomes part of the wording; doesn't put the case."""
    s.db.put(R.case_attached(case_no=case.no, kind=kind, number=number, id=entry_id))
    set_wording(s, case)


def detach(s: Any, case: Any, kind: int, number: int) -> None:
    s.db.delete("case_attached", case.no, kind, number)
    set_wording(s, case)


# ---- deadlines ----


def put_due(s: Any, due_ms: int, kind: int, number: int) -> None:
    s.db.put(R.deadline(due_ms=due_ms, kind=kind, number=number))


def del_due(s: Any, due_ms: int, kind: int, number: int) -> None:
    s.db.delete("deadline", due_ms, kind, number)


def real_date(value: int) -> bool:
    """YYYYMMDD of a day that exists."""
    return value <= 99991231 and cal.from_number(value) is not None
