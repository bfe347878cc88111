"""QUESTION_OPEN, OBJECTION, BALLOT, BALLOT_RECORDED, QUESTION_CLOSE (PROTOCOL.md "Questions")."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import Any

from . import calendar_no as cal
from . import common, registry, rules
from .attendance import Representation, presence_of, representative
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import R

FITS = {MODE_CONSENSUS: {KIND_PROCEDURAL, KIND_INFORMATION, KIND_DISCUSSION, KIND_DECISION},
        MODE_VOTE: {KIND_PROCEDURAL, KIND_DISCUSSION, KIND_DECISION}, MODE_ELECTION: {KIND_ELECTION},
        MODE_POLL: {KIND_PROCEDURAL, KIND_INFORMATION, KIND_DISCUSSION, KIND_DECISION, KIND_ELECTION},
        MODE_NOTE: {KIND_INFORMATION}}

# ---- deadlines of a case before its meeting ----


@dataclass
class Noted:
    """A deadline of the charter, worked out; from and to YYYYMMDD, 0: no bound."""
    words: Any
    from_date: int
    to_date: int
    actual_ms: int
    kept: bool


def deadlines_of(body: Any, meeting: Any, case: Any, item: Any) -> list[Noted]:
    """Case reported and papers sent; before an extraordinary meeting its notice alone. In charter order."""
    actual = {cal.KIND_CASE_REPORTED: case.claimed_ms if case.source else case.reported_ms,
              cal.KIND_PAPERS_SENT: item.sent_ms}
    if meeting.extraordinary:
        actual = {cal.KIND_NOTICE: meeting.notice_ms}
    out = []
    for words in body.deadlines:
        if words.kind not in actual:
            continue
        first, last = cal.window_before(words, cal.from_number(meeting.date))
        ms = actual[words.kind]
        day = cal.yyyymmdd(ms) if ms else 0
        kept = day != 0 and (first == 0 or day >= first) and (last == 0 or day <= last)
        out.append(Noted(words, first, last, ms, kept))
    return out


# ---- QUESTION_OPEN ----


def check_question_open(s: Any, m: Any) -> None:
    meeting, case, item = common.need_meeting_case(s, m.meeting_id, m.case_id)
    label = common.case_label(case)
    if case.status == WITHDRAWN:
        raise Refused("LEDGER_CASE_WITHDRAWN", label)
    if case.meeting != item.meeting:
        raise Refused("LEDGER_CASE_POSTPONED", label)
    if case.question:
        raise Refused("LEDGER_CASE_QUESTION_OPEN", label)
    if item.outcome in DECIDES:
        raise Refused("LEDGER_CASE_DECIDED", label)
    chair = common.chair_row(s, meeting.no, case.no)
    if chair is None or representative(s, meeting.no, chair.seat, case.no).role == 0:
        raise Refused("LEDGER_NO_CHAIR", meeting.date)
    if case.kind not in FITS[m.mode]:
        raise Refused("LEDGER_MODE", label, case.kind)
    common.need_live_body(s, case.body)
    if m.mode != MODE_POLL:
        check_bars(s, meeting, case, item)
    if case.clauses == 0 and m.mode != MODE_ELECTION:
        raise Refused("LEDGER_NO_CLAUSES", label)
    if m.wording_sha256 != case.wording:
        raise Refused("LEDGER_WORDING_STALE", label)
    decides = m.mode not in (MODE_POLL, MODE_NOTE)
    if decides:
        registry.module("conditions").check_question(s, case)
    registry.module("actions").check_open(s, case, m.mode)
    if m.mode == MODE_ELECTION:
        registry.module("elections").check_open(s, case, item)
    elif decides and not pass_rule(s, meeting.body, case.no, s.charter).text:
        raise Refused("LEDGER_NO_PASS_RULE", label)


def check_bars(s: Any, meeting: Any, case: Any, item: Any) -> None:
    body = s.charter.bodies[meeting.body]
    sent = item.sent_ms and (item.sent_index < meeting.opened_index or item.sent_ms < meeting.opened_ms)
    if body.bar_cite and not sent:
        raise Refused("LEDGER_NOT_REPORTED", common.case_label(case), body.bar_cite)
    for noted in deadlines_of(body, meeting, case, item):
        if noted.words.effect == EFFECT_BARS and not noted.kept:
            raise Refused("LEDGER_DEADLINE_BARS", common.case_label(case), noted.words.cite)


def pass_rule(s: Any, body: int, case_no: int, charter: Any) -> Any:
    """The rule to pin and to cite: of the amendment where the case changes the charter, else the body's."""
    return registry.module("actions").pass_rule(s, charter, body, case_no)


def electorate_hash(charter: Any, seats: list) -> bytes:
    h = hashlib.sha256(b"samband/electorate/v1\x00" + struct.pack(">I", len(seats)))
    for seat in seats:
        for word in (seat.id, common.partner_id(charter, seat.partner)):
            h.update(struct.pack(">H", len(word.encode())) + word.encode())
    return h.digest()


def apply_question_open(s: Any, m: Any) -> None:
    meeting, case = common.need_meeting(s, m.meeting_id), common.need_case(s, m.case_id)
    q = R.question(no=common.next_number(s, REF_QUESTION), id=s.leaf.entry_id, meeting=meeting.no, item=case.item,
                   case_no=case.no, body=meeting.body, mode=m.mode, status=QUESTION_OPEN, opened_index=s.index,
                   opened_ms=s.now_ms, charter_version=s.db.get("federation").charter_version, wording=case.wording)
    words = s.charter.bodies[q.body]
    p = presence_of(s, s.charter, q.body, q.meeting, q.case_no, NOW)
    q.quorate = int(rules.judge(words.quorum.text, p).passed)
    if q.mode == MODE_ELECTION:
        text = registry.module("elections").election_rule(words).text
    else:
        text = "" if q.mode == MODE_POLL else pass_rule(s, q.body, q.case_no, s.charter).text
    row = R.question_rules(question=q.no, quorum=words.quorum.text, electorate=electorate_hash(s.charter, p.seats))
    setattr(row, "pass", text)
    s.db.put(row)
    for partner, tally in zip(p.partners, p.tallies):
        s.db.put(R.tally(question=q.no, partner=partner, filled_open=tally["filled"], present_open=tally["present"]))
    if q.mode == MODE_ELECTION:
        registry.module("elections").pin(s, q)
    s.db.put(q)
    common.put_ref(s, q.id, REF_QUESTION, q.no)
    case.question = q.no
    s.db.put(case)
    meeting.open_questions += 1
    s.db.put(meeting)


# ---- what a seat says to an open question ----


@dataclass
class Voice:
    question: Any
    case: Any
    seat: Any
    by: Representation


def find_voice(s: Any, m: Any) -> Voice:
    q = common.need_question(s, m.question_id)
    case = s.db.get("case", q.case_no)
    seat = common.seat_in_body(s, m.seat, q.body)
    return Voice(q, case, seat, representative(s, q.meeting, seat.no, case.no))


def check_voice(s: Any, v: Voice, wording: bytes, by_secretariat: bool) -> None:
    """The seat votes, somebody represents it, and that is the signer unless the secretariat writes."""
    label = common.case_label(v.case)
    if v.question.status != QUESTION_OPEN:
        raise Refused("LEDGER_QUESTION_CLOSED", label)
    if not v.seat.voting:
        raise Refused("LEDGER_SEAT_NOT_VOTING", v.seat.id)
    if not common.seat_at(v.seat, v.question.opened_index):
        raise Refused("LEDGER_SEAT_AFTER", v.seat.id)
    holder = common.holder_on(s, v.seat.no, v.by.role, s.date) if v.by.role else None
    theirs = by_secretariat or (holder is not None and holder.key != 0 and holder.key == s.signer.no)
    if v.by.role == 0:
        raise Refused("LEDGER_NOT_PRESENT", v.seat.id)
    if not theirs:
        raise Refused("LEDGER_DEPUTY_BESIDE" if v.by.role == PRIMARY else "LEDGER_PRIMARY_AWAY", v.seat.id)
    if wording != v.question.wording:
        raise Refused("LEDGER_WORDING_STALE", label)


def check_objection(s: Any, m: Any) -> None:
    v = find_voice(s, m)
    scope = common.Scope(body=v.question.body, seats=[v.seat.no])
    common.may(s, scope)
    check_voice(s, v, m.wording_sha256, common.can(s, "secretariat", scope))
    if v.question.mode == MODE_ELECTION:
        if not registry.module("elections").may_object(s, v.question.no):
            raise Refused("LEDGER_OBJECTION_ELECTION", common.case_label(v.case))
    elif v.question.mode != MODE_CONSENSUS:
        raise Refused("LEDGER_OBJECTION_MODE", common.case_label(v.case))
    if s.db.has("objection", v.question.no, v.seat.no):
        raise Refused("LEDGER_OBJECTION_TWICE", v.seat.id)


def apply_objection(s: Any, m: Any) -> None:
    v = find_voice(s, m)
    s.db.put(R.objection(question=v.question.no, seat=v.seat.no, role=v.by.role, index=s.index))
    v.question.objections += 1
    s.db.put(v.question)


# ---- ballots ----


def check_ballot(s: Any, m: Any) -> None:
    check_any_ballot(s, m, False)


def check_ballot_recorded(s: Any, m: Any) -> None:
    check_any_ballot(s, m, True)


def check_any_ballot(s: Any, m: Any, recorded: bool) -> None:
    v = find_voice(s, m)
    common.may(s, common.Scope(body=v.question.body, seats=[v.seat.no]))
    check_voice(s, v, m.wording_sha256, recorded)
    mode = v.question.mode
    if mode == MODE_NOTE or (mode == MODE_CONSENSUS and v.question.objections == 0):
        raise Refused("LEDGER_BALLOT_CONSENSUS", common.case_label(v.case))
    registry.module("elections").check_choice(s, v.question, v.case, m)
    current = s.db.get("ballot", v.question.no, v.seat.no)
    if current is not None and recorded and not current.recorded and current.role == v.by.role:
        raise Refused("LEDGER_BALLOT_OWN", v.seat.id)
    if m.replaces != (b"" if current is None else current.id):
        raise Refused("LEDGER_BALLOT_STALE", v.seat.id)


def choice_field(choice: int) -> str:
    """Which running count of the partner a ballot moves; one for a candidate is for somebody."""
    if choice in (CHOICE_FOR, CHOICE_CANDIDATE):
        return "votes_for"
    return "votes_against" if choice == CHOICE_AGAINST else "votes_abstain"


def apply_ballot(s: Any, m: Any) -> None:
    apply_any_ballot(s, m, False)


def apply_ballot_recorded(s: Any, m: Any) -> None:
    apply_any_ballot(s, m, True)


def apply_any_ballot(s: Any, m: Any, recorded: bool) -> None:
    v = find_voice(s, m)
    q, seat = v.question, v.seat
    before = s.db.get("ballot", q.no, seat.no)
    row = R.ballot(question=q.no, seat=seat.no, choice=m.choice, candidate=m.candidate, recorded=int(recorded),
                   role=v.by.role, id=s.leaf.entry_id, index=s.index)
    tally = s.db.find("tally", q.no, seat.partner)
    for ballot, step in ((before, -1), (row, 1)):
        if ballot is None:
            continue
        name = choice_field(ballot.choice)
        setattr(tally, name, getattr(tally, name) + step)
        if ballot.candidate:
            registry.module("elections").count(s, q.no, ballot.candidate, seat.partner, step)
    s.db.put(tally)
    s.db.put(row)


# ---- QUESTION_CLOSE ----


def check_question_close(s: Any, m: Any) -> None:
    q = common.need_question(s, m.question_id)
    common.may(s, common.scope_meeting(s, s.db.get("meeting", q.meeting), q.case_no))
    if q.status != QUESTION_OPEN:
        raise Refused("LEDGER_QUESTION_CLOSED", q.no)


def apply_question_close(s: Any, m: Any) -> None:
    from .closing import settle_question
    settle_question(s, common.need_question(s, m.question_id).no, 0)
