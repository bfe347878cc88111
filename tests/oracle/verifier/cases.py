"""CASE_REPORT, CASE_AMEND, CASE_POSTPONE, CASE_WITHDRAW (PROTOCOL.md "Cases")."""

from __future__ import annotations

from typing import Any

from . import calendar_no as cal
from . import common
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import R


def put_case_blob(s: Any, case_no: int, meeting: int, ref: Any) -> None:
    """A text that may be finalised later; it counts from when it first came."""
    if ref is not None and not s.db.has("case_blob", case_no, meeting, ref.sha256):
        s.db.put(R.case_blob(case_no=case_no, meeting=meeting, sha256=ref.sha256, index=s.index))


def check_case_report(s: Any, m: Any) -> None:
    body = common.need_body(s, m.body)
    common.may(s, common.Scope(body=body))
    common.check_claim(s, m.claim)


def apply_case_report(s: Any, m: Any) -> None:
    case = R.case(no=common.next_number(s, REF_CASE), id=s.leaf.entry_id, body=common.find_body(s.charter, m.body),
                  kind=m.kind, status=REPORTED, title=m.title, reporter=s.signer.no, reported_index=s.index,
                  reported_ms=s.now_ms, claimed_ms=0 if m.claim is None else m.claim.claimed_at_ms,
                  source=common.claim_source(m.claim))
    common.put_clauses(s, case, [])
    s.db.put(case)
    common.put_ref(s, case.id, REF_CASE, case.no)
    for ref in [m.text] + m.attachments:
        put_case_blob(s, case.no, 0, ref)


def own_case(s: Any, case_id: bytes) -> Any:
    """What the reporter, the secretariat and the leader may act on: not withdrawn."""
    case = common.need_case(s, case_id)
    common.may(s, common.Scope(body=case.body, reporter=case.reporter))
    if case.status == WITHDRAWN:
        raise Refused("LEDGER_CASE_WITHDRAWN", common.case_label(case))
    return case


def in_open_meeting(s: Any, case: Any) -> bool:
    return bool(case.meeting) and s.db.get("meeting", case.meeting).status == MEETING_OPEN


def check_case_amend(s: Any, m: Any) -> None:
    case = own_case(s, m.case_id)
    if in_open_meeting(s, case):
        raise Refused("LEDGER_CASE_UNDER_TREATMENT", common.case_label(case))
    if m.title in ("", case.title) and m.text is None and not m.attachments:
        raise Refused("LEDGER_AMEND_NOTHING", common.case_label(case))


def apply_case_amend(s: Any, m: Any) -> None:
    case = common.need_case(s, m.case_id)
    if m.title:
        case.title = m.title
        s.db.put(case)
    for ref in [m.text] + m.attachments:
        put_case_blob(s, case.no, 0, ref)


def check_case_postpone(s: Any, m: Any) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    common.may(s, common.Scope(body=meeting.body))
    if meeting.status == MEETING_CLOSED:
        raise Refused("LEDGER_MEETING_CLOSED", meeting.date)
    if m.to_date:
        if not common.real_date(m.to_date):
            raise Refused("LEDGER_DATE_INVALID", m.to_date)
        if m.to_date <= meeting.date:
            raise Refused("LEDGER_POSTPONE_DATE", m.to_date)
    if m.which == "external":
        common.check_external(s, m.external, meeting.body)
        if s.db.has("external", meeting.no, m.external):
            raise Refused("LEDGER_POSTPONED_TWICE", m.external)
        return
    case = common.need_case(s, m.case_id)
    item = common.need_agenda(s, meeting, case)
    if case.status == WITHDRAWN:
        raise Refused("LEDGER_CASE_WITHDRAWN", common.case_label(case))
    if item.outcome == OUT_POSTPONED:
        raise Refused("LEDGER_POSTPONED_TWICE", common.case_label(case))
    if item.outcome in DECIDES:
        raise Refused("LEDGER_CASE_DECIDED", common.case_label(case))


def end_item(s: Any, case: Any, outcome: int, to_date: int) -> Any:
    """Closes an open question and gives the item its outcome. The case as it then is."""
    if case.question:
        from .closing import settle_question
        settle_question(s, case.question, outcome)
        case = s.db.get("case", case.no)
    if case.meeting:
        item = s.db.get("agenda", case.meeting, case.item)
        item.outcome, item.to_date = outcome, to_date
        s.db.put(item)
    return case


def leave_agenda(s: Any, case: Any, status: int) -> None:
    case.status, case.meeting, case.item = status, 0, 0
    s.db.put(case)


def apply_case_postpone(s: Any, m: Any) -> None:
    if m.which == "external":
        meeting = common.need_meeting(s, m.meeting_id)
        s.db.put(R.external(meeting=meeting.no, ref=m.external, to_date=m.to_date, index=s.index))
        return
    leave_agenda(s, end_item(s, common.need_case(s, m.case_id), OUT_POSTPONED, m.to_date), POSTPONED)


def check_case_withdraw(s: Any, m: Any) -> None:
    case = own_case(s, m.case_id)
    if case.question and not common.can(s, "secretariat leader", common.Scope(body=case.body)):
        raise Refused("LEDGER_CASE_QUESTION_OPEN", common.case_label(case))
    if common.is_case_decided(s, case):
        raise Refused("LEDGER_CASE_DECIDED", common.case_label(case))


def apply_case_withdraw(s: Any, m: Any) -> None:
    leave_agenda(s, end_item(s, common.need_case(s, m.case_id), OUT_WITHDRAWN, 0), WITHDRAWN)
