"""WORDING_PROPOSE, CLAUSE_AMEND (PROTOCOL.md "Wording")."""

from __future__ import annotations

from typing import Any

from . import common
from .cases import in_open_meeting
from .names import *  # noqa: F401,F403
from .refused import Refused


def check_wording_propose(s: Any, m: Any) -> None:
    case = common.need_case(s, m.case_id)
    common.may(s, common.Scope(body=case.body, reporter=case.reporter))
    common.need_case_free(case)
    if in_open_meeting(s, case):
        raise Refused("LEDGER_PROPOSE_LATE", common.case_label(case))


def apply_wording_propose(s: Any, m: Any) -> None:
    case = common.need_case(s, m.case_id)
    common.put_clauses(s, case, m.clauses)
    s.db.put(case)


def check_clause_amend(s: Any, m: Any) -> None:
    case = common.need_case(s, m.case_id)
    meeting = s.db.get("meeting", case.meeting) if case.meeting else None
    common.may(s, common.scope_meeting(s, meeting, case.no) if meeting else common.Scope(body=case.body))
    common.need_case_free(case)
    if meeting is None:
        raise Refused("LEDGER_CASE_NOT_IN_MEETING", common.case_label(case))
    common.need_meeting_open(meeting)
    if s.db.get("agenda", case.meeting, case.item).outcome in DECIDES:
        raise Refused("LEDGER_CASE_DECIDED", common.case_label(case))
    if m.base_sha256 != case.wording:
        raise Refused("LEDGER_WORDING_STALE", common.case_label(case))
    strikes = m.change == "strike"
    if not 1 <= m.number <= min(case.clauses + (not strikes), CLAUSES_MAX):
        raise Refused("LEDGER_CLAUSE_NUMBER", m.number, case.clauses)
    if strikes and case.clauses == 1:
        raise Refused("LEDGER_CLAUSE_LAST")
    if not strikes and m.number <= case.clauses and s.db.get("clause", case.no, m.number).text == m.text:
        raise Refused("LEDGER_CLAUSE_SAME", m.number)


def apply_clause_amend(s: Any, m: Any) -> None:
    case = common.need_case(s, m.case_id)
    clauses = common.clauses_of(s, case)
    if m.change == "strike":
        del clauses[m.number - 1]
    else:
        clauses[m.number - 1:m.number] = [m.text]
    common.put_clauses(s, case, clauses)
    s.db.put(case)
