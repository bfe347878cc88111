"""Relations, input, plans, rulings, remarks, tasks, erasing (PROTOCOL.md "Cases", "Input", "Meetings", "Follow-up",
"Texts"). Finalised texts, confirmed ballots and disputes are in afterwards.py."""

from __future__ import annotations

from . import calendar_no, common, names
from .charters import NONE
from .conditions import check_asked, check_due, speaks_for
from .refused import Refused
from .rows import R

RELATIONS_MAX, RULINGS_MAX = 100, 200
DUE_DATE, DUE_MEETING, DUE_CONTINUOUS, DUE_EVENT = 1, 2, 3, 4
RECEIVED = 1


def blob_of(ref) -> dict:
    return {"sha256": ref.sha256, "size": ref.size} if ref is not None else {}


# --- CASE_RELATE ---

def relation_of(s, m, case):
    """(the row as it stands at the case itself, the other case or None)"""
    if m.to == "external":
        common.check_external(s, m.external, case.body)
        return R.case_relation(case_no=case.no, relation=m.relation, external=m.external), None
    other = common.need_case(s, m.other_case)
    if other.no == case.no:
        raise Refused("LEDGER_RELATE_SELF", common.case_label(case))
    return R.case_relation(case_no=case.no, relation=m.relation, other=other.no), other


def check_case_relate(s, m) -> None:
    case = common.need_case(s, m.case_id)
    common.may(s, common.Scope(body=case.body, reporter=case.reporter))
    row, other = relation_of(s, m, case)
    if s.db.has("case_relation", row.case_no, row.back, row.relation, row.other, row.external):
        raise Refused("LEDGER_RELATED_TWICE", common.case_label(case))
    for at, back in ((case, 0), (other, 1)):
        if at is not None and s.db.count("case_relation", at.no, back) >= RELATIONS_MAX:
            raise Refused("LEDGER_RELATIONS_MANY", common.case_label(at))


def apply_case_relate(s, m) -> None:
    case = common.need_case(s, m.case_id)
    row, other = relation_of(s, m, case)
    row.index = s.index
    s.db.put(row)
    if other is not None:
        s.db.put(R.case_relation(case_no=other.no, back=1, relation=row.relation, other=case.no, index=s.index))


# --- INPUT_OPEN, INPUT_RECEIVE ---

def check_input_open(s, m) -> None:
    case = common.need_case(s, m.case_id)
    common.may(s, common.Scope(body=case.body))
    if case.status == names.WITHDRAWN:
        raise Refused("LEDGER_CASE_WITHDRAWN", common.case_label(case))
    check_asked(s, m.asked, True)
    check_due(s, m.due_date)


def apply_input_open(s, m) -> None:
    case = common.need_case(s, m.case_id)
    row = R.input(no=common.next_number(s, names.REF_INPUT), id=s.leaf.entry_id, case_no=case.no,
                  due_date=m.due_date, asked=len(m.asked), index=s.index, asked_ms=s.now_ms)
    s.db.put(row)
    common.put_ref(s, row.id, names.REF_INPUT, row.no)
    for n, id in enumerate(m.asked, 1):
        s.db.put(R.input_asked(input=row.no, n=n, id=id))


def asked_of(s, input_no: int, id: str):
    return next((a for a in s.db.each("input_asked", input_no) if a.id == id), None)


def sits_for(s, id: str) -> bool:
    """Does the signer hold a seat of this partner, body or appointer?"""
    c = s.charter
    for place in s.db.each("place", s.signer.no, names.PLACE_SEAT):
        seat = s.db.get("seat", place.number)
        if not common.role_held(s, s.signer.no, seat.no):
            continue
        if any(at != NONE and at == own for at, own in ((c.partner(id), seat.partner), (c.body(id), seat.body),
                                                        (c.appointer(id), seat.appointer))):
            return True
    return False


def check_input_receive(s, m) -> None:
    row = common.need(s, m.input_id, names.REF_INPUT)
    scope = common.Scope(body=s.db.get("case", row.case_no).body)
    common.may(s, scope)
    if asked_of(s, row.no, m.from_) is None:
        raise Refused("LEDGER_NOT_ASKED", m.from_)
    if not (common.can(s, "secretariat", scope) or speaks_for(s, m.from_) or sits_for(s, m.from_)):
        raise Refused("LEDGER_INPUT_SIGNER", m.from_)
    if (m.kind == RECEIVED) != (m.text is not None):
        raise Refused("LEDGER_INPUT_TEXT")
    common.check_claim(s, m.claim)


def apply_input_receive(s, m) -> None:
    row = common.need(s, m.input_id, names.REF_INPUT)
    asked = asked_of(s, row.no, m.from_)
    if asked.kind == 0:
        asked.at_ms = common.claim_ms(s, m.claim)
    if asked.kind != RECEIVED:
        asked.kind = m.kind
    asked.index = s.index
    s.db.put(asked)


# --- MEETING_PLAN, RULING ---

def check_meeting_plan(s, m) -> None:
    body = common.need_body(s, m.body)
    common.may(s, common.Scope(body=body))
    last = 0
    for planned in m.dates:
        if calendar_no.from_number(planned.date) is None:
            raise Refused("LEDGER_DATE_INVALID", planned.date)
        if planned.date <= last or planned.date // 10000 != m.year:
            raise Refused("LEDGER_PLAN_DATES", planned.date)
        last = planned.date
    if m.question_id:
        question = common.need_question(s, m.question_id)
        if question.body != body or question.outcome != names.ADOPTED:
            raise Refused("LEDGER_PLAN_QUESTION", m.body)


def apply_meeting_plan(s, m) -> None:
    """Views alone: what is planned bars nothing."""


def check_ruling(s, m) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    case = common.need_case(s, m.case_id) if m.case_id else None
    case_no = case.no if case is not None else 0
    common.may(s, common.scope_meeting(s, meeting, case_no))
    common.need_meeting_open(meeting)
    if case is not None:
        common.need_agenda(s, meeting, case)
    if common.chair_row(s, meeting.no, case_no) is None:
        raise Refused("LEDGER_NO_CHAIR", meeting.date)
    if s.db.count("ruling", meeting.no) >= RULINGS_MAX:
        raise Refused("LEDGER_RULINGS_MANY", meeting.date)


def apply_ruling(s, m) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    case_no = common.find_ref(s, m.case_id, names.REF_CASE)
    s.db.put(R.ruling(meeting=meeting.no, index=s.index, case_no=case_no, kind=m.kind,
                      chair=common.chair_row(s, meeting.no, case_no).seat, **blob_of(m.text)))


# --- REMARK, TASK_SET, TASK_DONE ---

def check_minutes_open(s, meeting) -> None:
    draft = s.db.get("draft", meeting.draft) if meeting.draft else None
    if draft is not None and draft.status == names.DRAFT_APPROVED:
        raise Refused("LEDGER_MINUTES_APPROVED", meeting.date)


def check_remark(s, m) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    seat = common.seat_in_body(s, m.seat, meeting.body)
    common.may(s, common.Scope(body=meeting.body, seats=[seat.no]))
    common.need_meeting_begun(meeting)
    check_minutes_open(s, meeting)
    if m.case_id:
        common.need_agenda(s, meeting, common.need_case(s, m.case_id))


def apply_remark(s, m) -> None:
    """A view alone."""


def check_task_set(s, m) -> None:
    c = s.charter
    meeting = common.need_meeting(s, m.meeting_id)
    common.may(s, common.scope_meeting(s, meeting, common.find_ref(s, m.case_id, names.REF_CASE)))
    common.need_meeting_begun(meeting)
    check_minutes_open(s, meeting)
    common.need_agenda(s, meeting, common.need_case(s, m.case_id))
    for id in m.responsible:
        if all(at == NONE for at in (c.partner(id), c.body(id), c.office(id), c.org(id))) \
                and common.find_seat(s, id) is None:
            raise Refused("LEDGER_RESPONSIBLE_UNKNOWN", id)
    if m.due == "date":
        if calendar_no.from_number(m.date) is None:
            raise Refused("LEDGER_DATE_INVALID", m.date)
        if m.date < meeting.date:
            raise Refused("LEDGER_TASK_DUE", m.date)
    elif m.due == "meeting":
        common.need_meeting(s, m.meeting)


def apply_task_set(s, m) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    row = R.task(no=common.next_number(s, names.REF_TASK), id=s.leaf.entry_id, meeting=meeting.no,
                 case_no=common.need_case(s, m.case_id).no, index=s.index,
                 due_kind={"date": DUE_DATE, "meeting": DUE_MEETING, "continuous": DUE_CONTINUOUS,
                           "event": DUE_EVENT}[m.due])
    if m.due == "date":
        row.due_date = m.date
    elif m.due == "meeting":
        row.due_meeting = common.need_meeting(s, m.meeting).no
    s.db.put(row)
    common.put_ref(s, row.id, names.REF_TASK, row.no)
    for n, id in enumerate(m.responsible):
        s.db.put(R.task_responsible(task=row.no, n=n, id=id))


def check_task_done(s, m) -> None:
    task = common.need(s, m.task_id, names.REF_TASK)
    c = s.charter
    responsible = {row.id for row in s.db.each("task_responsible", task.no)}
    seats = []
    for place in s.db.each("place", s.signer.no, names.PLACE_SEAT):
        seat = s.db.get("seat", place.number)
        if responsible & {seat.id, c.partner_id(seat.partner), c.bodies[seat.body].id}:
            seats.append(seat.no)
    common.may(s, common.Scope(body=s.db.get("meeting", task.meeting).body, seats=seats))
    if task.done:
        raise Refused("LEDGER_TASK_DONE")


def apply_task_done(s, m) -> None:
    task = common.need(s, m.task_id, names.REF_TASK)
    task.done, task.done_index = 1, s.index
    s.db.put(task)


# --- BLOB_ERASE ---

def check_blob_erase(s, m) -> None:
    common.may(s, common.Scope(body=NONE))
    if s.db.has("erased", m.blob_sha256):
        raise Refused("LEDGER_ERASED_TWICE", m.blob_sha256)
    first = s.db.get("blob", m.blob_sha256)
    if s.signer.kind == names.AUTHORITY and (first is None or first.org != s.signer.org):
        raise Refused("LEDGER_ERASE_NOT_YOURS", m.blob_sha256)


def apply_blob_erase(s, m) -> None:
    s.db.put(R.erased(sha256=m.blob_sha256, index=s.index, reason=m.reason))


# --- certificates ---

def certificate_relations(cert) -> list:
    from . import certificate_more
    return certificate_more.relations(cert)


def certificate_rulings(cert) -> list:
    from . import certificate_more
    return certificate_more.rulings(cert)
