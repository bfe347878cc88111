"""MINUTES_DRAFT, MINUTES_REQUEST, MINUTES_CORRECT, MINUTES_APPROVE, and approval by silence (PROTOCOL.md "Minutes")."""

from __future__ import annotations

from . import calendar_no, common, names
from .refused import Refused
from .rows import R


def check_sent(s, meeting, claim) -> None:
    common.check_claim(s, claim)
    if claim is not None and calendar_no.yyyymmdd(claim.claimed_at_ms) < meeting.date:
        raise Refused("LEDGER_SENT_BEFORE_MEETING", meeting.date)


def put_draft(s, meeting, document, claim) -> None:
    """A new newest draft of the meeting; the silence runs from when it was sent, and ends after this leaf."""
    sent_ms = common.claim_ms(s, claim)
    due = calendar_no.silence_ms(s.charter.bodies[meeting.body], sent_ms)
    if due != 0 and due <= s.now_ms:
        due = s.now_ms + 1
    draft = R.draft(no=common.next_number(s, names.REF_DRAFT), id=s.leaf.entry_id, meeting=meeting.no,
                    status=names.DRAFT_SENT, previous=meeting.draft, sha256=document.sha256, size=document.size,
                    index=s.index, logged_ms=s.now_ms, sent_ms=sent_ms, source=common.claim_source(claim), due_ms=due)
    if due:
        common.put_due(s, due, names.DUE_MINUTES, draft.no)
    s.db.put(draft)
    common.put_ref(s, draft.id, names.REF_DRAFT, draft.no)
    meeting.draft = draft.no
    s.db.put(meeting)


def stop_silence(s, draft, status: int) -> None:
    if draft.due_ms:
        common.del_due(s, draft.due_ms, names.DUE_MINUTES, draft.no)
    draft.due_ms, draft.status = 0, status
    s.db.put(draft)


def check_minutes_draft(s, m) -> None:
    meeting = common.need_meeting(s, m.meeting_id)
    common.may(s, common.Scope(body=meeting.body))
    if meeting.status != names.MEETING_CLOSED:
        raise Refused("LEDGER_MEETING_STILL_OPEN", meeting.date)
    if meeting.draft:
        draft = s.db.get("draft", meeting.draft)
        raise Refused("LEDGER_MINUTES_APPROVED" if draft.status == names.DRAFT_APPROVED else "LEDGER_DRAFT_EXISTS",
                      meeting.date)
    check_sent(s, meeting, m.claim)


def apply_minutes_draft(s, m) -> None:
    put_draft(s, common.need_meeting(s, m.meeting_id), m.document, m.claim)


def draft_and_meeting(s, id: bytes):
    draft = common.need(s, id, names.REF_DRAFT)
    return draft, s.db.get("meeting", draft.meeting)


def check_current(draft, meeting) -> None:
    """The newest draft of its meeting, not approved."""
    if draft.status == names.DRAFT_APPROVED:
        raise Refused("LEDGER_MINUTES_APPROVED", meeting.date)
    if draft.status == names.DRAFT_REPLACED:
        raise Refused("LEDGER_DRAFT_REPLACED")


def check_minutes_request(s, m) -> None:
    draft, meeting = draft_and_meeting(s, m.draft_id)
    seat = common.seat_in_body(s, m.seat, meeting.body)
    common.may(s, common.Scope(body=meeting.body, seats=[seat.no]))
    row = s.db.find("attendance", meeting.no, seat.no)
    there = (names.ARRIVED, names.LEFT)
    if row.primary not in there and row.deputy not in there:
        raise Refused("LEDGER_WAS_NOT_THERE", m.seat)
    check_current(draft, meeting)


def apply_minutes_request(s, m) -> None:
    stop_silence(s, common.need(s, m.draft_id, names.REF_DRAFT), names.DRAFT_REQUESTED)


def check_minutes_correct(s, m) -> None:
    draft, meeting = draft_and_meeting(s, m.draft_id)
    common.may(s, common.Scope(body=meeting.body))
    check_current(draft, meeting)
    check_sent(s, meeting, m.claim)


def apply_minutes_correct(s, m) -> None:
    draft, meeting = draft_and_meeting(s, m.draft_id)
    stop_silence(s, draft, names.DRAFT_REPLACED)
    put_draft(s, meeting, m.document, m.claim)


def check_minutes_approve(s, m) -> None:
    draft, meeting = draft_and_meeting(s, m.draft_id)
    question = common.need_question(s, m.question_id)
    common.may(s, common.Scope(body=meeting.body))
    check_current(draft, meeting)
    if question.outcome != names.ADOPTED:
        raise Refused("LEDGER_APPROVE_OUTCOME", question.outcome)
    if question.body != meeting.body or question.opened_index < meeting.closed_index:
        raise Refused("LEDGER_APPROVE_MEETING", question.no)
    if draft.index > question.opened_index:
        raise Refused("LEDGER_APPROVE_DRAFT")


def apply_minutes_approve(s, m) -> None:
    draft = common.need(s, m.draft_id, names.REF_DRAFT)
    question = common.need_question(s, m.question_id)
    draft.approved_ms, draft.question = question.closed_ms, question.no
    stop_silence(s, draft, names.DRAFT_APPROVED)


def settle_minutes(s, draft_no: int) -> None:
    """The silence has worked; s.now_ms is the deadline's moment. due_ms stays in the row."""
    draft = s.db.get("draft", draft_no)
    if draft is None or draft.status != names.DRAFT_SENT:
        return
    draft.status, draft.approved_ms = names.DRAFT_APPROVED, s.now_ms
    s.db.put(draft)
