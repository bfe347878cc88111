"""What is said about a ballot or a decision afterwards: TEXT_FINALISE, BALLOT_CONFIRM, DISPUTE_OPEN, DISPUTE_CLOSE.
None of it moves a result (PROTOCOL.md "Elections", "Texts")."""

from __future__ import annotations

from . import common, names
from .refused import Refused
from .rows import R

FINALISED_MAX, DISPUTES_MAX = 50, 8
DISPUTE_IS_OPEN, DISPUTE_IS_CLOSED = 1, 2


# --- TEXT_FINALISE ---

def is_text_of(s, question, sha256: bytes) -> bool:
    """A text of the case, or a paper of the meeting that decided, from before the close."""
    for row in (s.db.get("case_blob", question.case_no, 0, sha256), s.db.get("case_blob", 0, question.meeting, sha256)):
        if row is not None and row.index < question.closed_index:
            return True
    return False


def check_text_finalise(s, m) -> None:
    question = common.need_question(s, m.question_id)
    common.may(s, common.Scope(body=question.body))
    if question.outcome != names.ADOPTED:
        raise Refused("LEDGER_FINALISE_OUTCOME", question.outcome)
    if m.decided.sha256 == m.final.sha256:
        raise Refused("LEDGER_FINALISE_SAME")
    done = list(s.db.each("finalised", question.no))
    known = is_text_of(s, question, m.decided.sha256) or any(r.final_sha256 == m.decided.sha256 for r in done)
    if not known or any(r.decided_sha256 == m.decided.sha256 for r in done):
        raise Refused("LEDGER_FINALISE_TEXT", m.decided.sha256)
    if len(done) >= FINALISED_MAX:
        raise Refused("LEDGER_FINALISED_MANY", len(done))


def apply_text_finalise(s, m) -> None:
    question = common.need_question(s, m.question_id)
    row = R.finalised(question=question.no, index=s.index, at_ms=s.now_ms, decided_sha256=m.decided.sha256,
                      decided_size=m.decided.size, final_sha256=m.final.sha256, final_size=m.final.size)
    if m.note is not None:
        row.note_sha256, row.note_size = m.note.sha256, m.note.size
    s.db.put(row)


# --- BALLOT_CONFIRM ---

def recorded_ballot(s, question_no: int, seat_no: int):
    """The recorded ballot as it stands: on the open question, or left by the close. A row with id, role, index; None."""
    ballot = s.db.get("ballot", question_no, seat_no)
    if ballot is not None:
        return ballot if ballot.recorded else None
    return s.db.get("unconfirmed", question_no, seat_no)


def check_ballot_confirm(s, m) -> None:
    question = common.need_question(s, m.question_id)
    seat = common.seat_in_body(s, m.seat, question.body)
    common.may(s, common.Scope(body=question.body, seats=[seat.no]))
    row = recorded_ballot(s, question.no, seat.no)
    if row is None:
        raise Refused("LEDGER_CONFIRM_NONE", m.seat)
    if m.ballot_id != row.id:
        raise Refused("LEDGER_CONFIRM_OTHER", m.seat)
    if getattr(row, "confirmed", 0):
        raise Refused("LEDGER_CONFIRM_TWICE", m.seat)
    holder = common.holder_on(s, seat.no, row.role, s.date)
    if holder is None or holder.key == 0 or holder.key != s.signer.no or holder.index >= row.index:
        raise Refused("LEDGER_CONFIRM_ROLE", m.seat)


def apply_ballot_confirm(s, m) -> None:
    question = common.need_question(s, m.question_id)
    seat = common.find_seat(s, m.seat)
    ballot = s.db.get("ballot", question.no, seat.no)
    if ballot is not None:
        ballot.confirmed = 1
        s.db.put(ballot)
    else:
        s.db.delete("unconfirmed", question.no, seat.no)


# --- DISPUTE_OPEN, DISPUTE_CLOSE ---

def check_dispute_open(s, m) -> None:
    question = common.need_question(s, m.question_id)
    seat = common.seat_in_body(s, m.seat, question.body)
    common.may(s, common.Scope(body=question.body, seats=[seat.no]))
    if question.status != names.QUESTION_CLOSED:
        raise Refused("LEDGER_QUESTION_STILL_OPEN")
    rows = [s.db.get("dispute", at.dispute) for at in s.db.each("question_dispute", question.no)]
    own = [row for row in rows if row.seat == seat.no]
    if any(row.status == DISPUTE_IS_OPEN for row in own):
        raise Refused("LEDGER_DISPUTE_TWICE", m.seat)
    if len(own) >= DISPUTES_MAX:
        raise Refused("LEDGER_DISPUTES_MANY", m.seat)


def apply_dispute_open(s, m) -> None:
    question = common.need_question(s, m.question_id)
    row = R.dispute(no=common.next_number(s, names.REF_DISPUTE), id=s.leaf.entry_id, question=question.no,
                    seat=common.find_seat(s, m.seat).no, status=DISPUTE_IS_OPEN, index=s.index)
    s.db.put(row)
    common.put_ref(s, row.id, names.REF_DISPUTE, row.no)
    s.db.put(R.question_dispute(question=question.no, dispute=row.no))


def check_dispute_close(s, m) -> None:
    row = common.need(s, m.dispute_id, names.REF_DISPUTE)
    common.may(s, common.Scope(body=s.db.get("question", row.question).body, seats=[row.seat]))
    if row.status != DISPUTE_IS_OPEN:
        raise Refused("LEDGER_DISPUTE_CLOSED")


def apply_dispute_close(s, m) -> None:
    row = common.need(s, m.dispute_id, names.REF_DISPUTE)
    row.status, row.end, row.closed_index = DISPUTE_IS_CLOSED, m.end, s.index
    s.db.put(row)
