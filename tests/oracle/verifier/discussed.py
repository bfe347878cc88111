"""CASE_DISCUSS, and what was discussed earlier (PROTOCOL.md "Cases", certificates' `earlier`)."""

from __future__ import annotations

from typing import Any

from . import common, registry
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import R


def find(s: Any, case_no: int, meeting_no: int) -> Any:
    """The last wording that another meeting discussed which closed before this one opened; None."""
    found = None
    before = s.db.get("meeting", meeting_no).opened_index or NOW
    for row in s.db.each("discussed", case_no):
        at = s.db.get("meeting", row.meeting)
        if row.meeting == meeting_no or at.status != MEETING_CLOSED or at.closed_index > before:
            continue
        if found is None or row.index >= found.index:
            found = row
    return found


def put(s: Any, meeting: int, item: int, case: Any, by_entry: bool) -> None:
    """This meeting discussed the case with the wording it has now."""
    row = s.db.find("discussed", case.no, meeting)
    before = row.clauses
    row.item, row.clauses, row.by_entry = item, case.clauses, int(by_entry)
    row.index, row.wording = s.index, case.wording
    s.db.put(row)
    for number, text in enumerate(common.clauses_of(s, case), 1):
        s.db.put(R.discussed_clause(case_no=case.no, meeting=meeting, number=number, text=text))
    for number in range(case.clauses + 1, before + 1):
        s.db.delete("discussed_clause", case.no, meeting, number)
    attached = common.attached_ids(s, case.no)
    for n, entry_id in enumerate(attached, 1):
        s.db.put(R.discussed_attached(case_no=case.no, meeting=meeting, n=n, id=entry_id))
    for old in s.db.each("discussed_attached", case.no, meeting):
        if old.n > len(attached):
            s.db.remove(old)


def check_case_discuss(s: Any, m: Any) -> None:
    meeting, case, item = common.need_meeting_case(s, m.meeting_id, m.case_id)
    label = common.case_label(case)
    if case.status == WITHDRAWN:
        raise Refused("LEDGER_CASE_WITHDRAWN", label)
    if case.meeting != meeting.no:
        raise Refused("LEDGER_CASE_POSTPONED", label)
    if case.question:
        raise Refused("LEDGER_CASE_QUESTION_OPEN", label)
    if item.outcome:
        raise Refused("LEDGER_DISCUSS_DONE", label)
    row = s.db.get("discussed", case.no, meeting.no)
    if row is not None and row.wording == case.wording:
        raise Refused("LEDGER_DISCUSS_TWICE", label)


def apply_case_discuss(s: Any, m: Any) -> None:
    case = common.need_case(s, m.case_id)
    put(s, common.need_meeting(s, m.meeting_id).no, case.item, case, True)


# ---- the certificate's member `earlier` ----


def align(then: list[str], now: list[str]) -> list[tuple[int, str | None, str | None]]:
    """Clauses of two wordings side by side, as few as can be: (number now or 0, then, now)."""
    n, m = len(then), len(now)
    common_length = [[0] * (m + 1) for _ in range(n + 1)]
    for i in reversed(range(n)):
        for k in reversed(range(m)):
            if then[i] == now[k]:
                common_length[i][k] = common_length[i + 1][k + 1] + 1
            else:
                common_length[i][k] = max(common_length[i + 1][k], common_length[i][k + 1])
    out = []
    i = k = 0
    while i < n or k < m:
        inside = i < n and k < m
        if inside and (then[i] == now[k] or common_length[i + 1][k + 1] == common_length[i][k]):
            i, k = i + 1, k + 1
            out.append((k, then[i - 1], now[k - 1]))
        elif k >= m or (i < n and common_length[i + 1][k] >= common_length[i][k + 1]):
            i += 1
            out.append((0, then[i - 1], None))
        else:
            k += 1
            out.append((k, None, now[k - 1]))
    return out


def earlier(cert: Any) -> dict | None:
    s, case = cert.s, cert.case
    row = find(s, case.no, cert.meeting.no)
    if row is None:
        return None
    meeting, item = s.db.get("meeting", row.meeting), s.db.get("agenda", row.meeting, row.item)
    then = [s.db.get("discussed_clause", case.no, row.meeting, n).text for n in range(1, row.clauses + 1)]
    pairs = align(then, common.clauses_of(s, case))
    draft_at = registry.module("actions").draft_at
    hexed = [None if sha is None else sha.hex() for sha in (draft_at(s, case.no, row.index), draft_at(s, case.no, NOW))]
    return {
        "meeting": meeting.id.hex(), "body": cert.charter.bodies[meeting.body].id, "date": date_text(meeting.date),
        "number": common.number_label(item.number, item.year), "index": row.index,
        "wording_sha256": row.wording.hex(), "clauses": then, "same": row.wording == case.wording,
        "difference": [{"number": n or None, "then": a, "now": b} for n, a, b in pairs if a != b],
        "attached_then": [r.id.hex() for r in s.db.each("discussed_attached", case.no, row.meeting)],
        "attached_now": [i.hex() for i in common.attached_ids(s, case.no)],
        "draft_then": hexed[0], "draft_now": hexed[1],
    }


def date_text(value: int) -> str | None:
    return f"{value // 10000:04}-{value // 100 % 100:02}-{value % 100:02}" if value else None
