"""A question's close: who is eligible, which ballots count, the outcome, RESULT, and what goes and stays
(PROTOCOL.md "QUESTION_CLOSE", RULES.md § 5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from . import certificate, common, discussed, registry, rules, schema
from .attendance import Presence, Representation, presence_of
from .names import *  # noqa: F401,F403
from .questions import Noted, choice_field, deadlines_of
from .rows import NONE, R


@dataclass
class Ballot:
    seat: Any  # row
    row: Any  # of the ballot
    reason: str  # why it doesn't count; "": it does


@dataclass
class Certificate:
    """All that an outcome rests on. `election` is set by elections.fill: it has `row` (question_election),
    `contenders` (each with `total` votes)
    and `warnings` ((candidate, office, OfficeNorm))."""
    s: Any
    charter: Any  # of the question's version
    body: Any  # its words
    meeting: Any
    case: Any
    item: Any
    question: Any
    rules: Any  # question_rules
    clauses: list[str]
    chair: str  # seat id
    chair_basis: int
    noted: list[Noted]
    presence: Presence
    discussed: bool
    quorum_open: rules.Judged = field(default_factory=rules.Judged)
    quorum_close: rules.Judged = field(default_factory=rules.Judged)
    pass_: rules.Judged = field(default_factory=rules.Judged)
    objections: list[tuple[str, Any]] = field(default_factory=list)  # seat id, row
    ballots: list[Ballot] = field(default_factory=list)
    election: Any = None
    has_votes: bool = False
    unanimous: bool = False


def fill(s: Any, question_no: int) -> Certificate:
    q = s.db.get("question", question_no)
    q.status, q.closed_index, q.closed_ms = QUESTION_CLOSED, s.index, s.now_ms
    meeting, case = s.db.get("meeting", q.meeting), s.db.get("case", q.case_no)
    item = s.db.get("agenda", q.meeting, q.item)
    charter = s.charter_of(q.charter_version)
    chair = common.chair_row(s, meeting.no, case.no)
    body = charter.bodies[q.body]
    return Certificate(
        s=s, charter=charter, body=body, meeting=meeting, case=case, item=item, question=q,
        rules=s.db.get("question_rules", q.no), clauses=common.clauses_of(s, case),
        chair=s.db.get("seat", chair.seat).id if chair is not None else "",
        chair_basis=chair.basis if chair is not None else 0, noted=deadlines_of(body, meeting, case, item),
        presence=presence_of(s, charter, q.body, q.meeting, q.case_no, q.opened_index),
        discussed=discussed.find(s, case.no, meeting.no) is not None)


def judge_opening(cert: Certificate) -> None:
    """The quorum as it was when the question opened, from the partners' rows."""
    p, total, tallies = cert.presence, {"seats": cert.presence.total["seats"]}, {}
    for partner, now in zip(p.partners, p.tallies):
        row = cert.s.db.find("tally", cert.question.no, partner)
        then = {"filled": row.filled_open, "present": row.present_open, "eligible": row.present_open}
        for name, count in then.items():
            total[name] = total.get(name, 0) + count
        tallies[partner] = then | {"seats": now["seats"]}
    by_id = [(cert.charter.partners[at].id, tally) for at, tally in tallies.items() if at != NONE]
    cert.quorum_open = rules.judge_counts(cert.rules.quorum, total, by_id, cert.discussed)


def not_counted(r: Representation, ballot: Any) -> str:
    """Why a ballot doesn't count: nobody represents its seat now, or who gave it is disqualified."""
    if r.role == 0:
        return r.reason
    out = r.primary_disqualified if ballot.role == PRIMARY else r.deputy_disqualified
    return "disqualified" if out else ""


def count_votes(cert: Certificate) -> None:
    """The running counts, less what doesn't count."""
    s, q, p = cert.s, cert.question, cert.presence
    at = {seat.no: n for n, seat in enumerate(p.seats)}
    cert.objections = [(p.seats[at[row.seat]].id, row) for row in s.db.each("objection", q.no) if row.seat in at]
    cert.ballots = [Ballot(p.seats[at[row.seat]], row, not_counted(p.representations[at[row.seat]], row))
                    for row in s.db.each("ballot", q.no) if row.seat in at]
    for ballot in cert.ballots:
        if ballot.reason:
            continue
        name = choice_field(ballot.row.choice).removeprefix("votes_")
        for tally in (p.total, p.tallies[p.partners.index(ballot.seat.partner)]):
            tally[name] += 1
    check_running(cert)
    counted = sum(not ballot.reason for ballot in cert.ballots)
    cert.unanimous = counted > 0 and p.total["for"] == counted


def check_running(cert: Certificate) -> None:
    """The rows of running counts say the same as the ballots."""
    for partner in cert.presence.partners:
        row = cert.s.db.find("tally", cert.question.no, partner)
        all_of = [b.row for b in cert.ballots if b.seat.partner == partner]
        for name in ("votes_for", "votes_against", "votes_abstain"):
            assert getattr(row, name) == sum(choice_field(b.choice) == name for b in all_of)


def evaluate(cert: Certificate) -> None:
    mode = cert.question.mode
    judge_opening(cert)
    count_votes(cert)
    cert.quorum_close = rules.judge(cert.rules.quorum, cert.presence, cert.discussed)
    if mode in (MODE_VOTE, MODE_CONSENSUS):
        cert.has_votes = mode == MODE_VOTE or cert.question.objections > 0
        if cert.has_votes:
            cert.pass_ = rules.judge(getattr(cert.rules, "pass"), cert.presence, cert.discussed)
    elif mode == MODE_POLL:
        cert.has_votes = True
    elif mode == MODE_ELECTION:
        elections = registry.module("elections")
        elections.fill(cert.s, cert)
        elections.judge(cert.s, cert)
        cert.has_votes = not cert.election.row.unopposed
        voted = rules.value(cert.presence.total, "voted")
        cert.unanimous = voted > 0 and any(c.total == voted for c in cert.election.contenders)


def outcome_of(cert: Certificate) -> int:
    mode = cert.question.mode
    if mode == MODE_POLL:
        return POLLED
    if not cert.quorum_open.passed or not cert.quorum_close.passed or cert.presence.total["present"] == 0:
        return NOT_QUORATE
    if mode == MODE_NOTE:
        return NOTED
    if mode == MODE_ELECTION:
        return ELECTED if cert.election.row.elected else TIED
    if (mode == MODE_CONSENSUS and cert.question.objections == 0) or cert.pass_.passed:
        return ADOPTED
    return NO_CONSENSUS if cert.pass_.failure == "no_consensus" else FALLEN


# ---- what the close writes ----


def result_payload(cert: Certificate, certificate_sha256: bytes) -> bytes:
    q, p = cert.question, cert.presence

    def count(partner: str, tally: dict) -> Any:
        return schema.new("Count", partner=partner, seats=tally["seats"], filled=tally["filled"],
                          present=tally["present"], eligible=tally["eligible"], votes_for=tally["for"],
                          votes_against=tally["against"], votes_abstain=tally["abstain"])

    r = schema.new("Result", question_id=q.id, wording_sha256=q.wording, mode=q.mode, outcome=q.outcome,
                   counts=[count("", p.total)] + [count(ident, tally) for ident, tally in p.by_id],
                   charter_version=q.charter_version, quorum_rule=cert.rules.quorum,
                   pass_rule=getattr(cert.rules, "pass"), objections=q.objections,
                   electorate_sha256=cert.rules.electorate, certificate_sha256=certificate_sha256)
    if q.mode == MODE_ELECTION:
        registry.module("elections").result(cert, r)
    return schema.encode(r)


def retire(cert: Certificate) -> None:
    """Ballots, objections and running counts are no longer state."""
    s, q = cert.s, cert.question
    for ballot in cert.ballots:
        row = ballot.row
        s.db.remove(row)
        if row.recorded and not row.confirmed:
            s.db.put(R.unconfirmed(question=q.no, seat=row.seat, id=row.id, role=row.role, index=row.index))
    for _, row in cert.objections:
        s.db.remove(row)
    for partner in cert.presence.partners:
        s.db.delete("tally", q.no, partner)


def put_outcome(cert: Certificate) -> None:
    s, q, item, case, meeting = cert.s, cert.question, cert.item, cert.case, cert.meeting
    s.db.put(q)
    if q.outcome != POLLED or item.outcome in (0, POLLED):
        item.outcome, item.mode, item.question = q.outcome, q.mode, q.no
        s.db.put(item)
    case.question = 0
    s.db.put(case)
    meeting.open_questions -= 1
    s.db.put(meeting)
    if q.outcome in DISCUSSES:
        discussed.put(s, meeting.no, q.item, case, False)
    if q.mode == MODE_ELECTION:
        registry.module("elections").put(s, cert)
    if q.outcome == ADOPTED:
        registry.module("actions").adopted(s, q)


def settle_question(s: Any, question_no: int, forced: int) -> None:
    """Closes it; `forced`: postponed or withdrawn, 0: by what was voted."""
    cert = fill(s, question_no)
    evaluate(cert)
    cert.question.outcome = forced or outcome_of(cert)
    if cert.question.mode == MODE_ELECTION:
        registry.module("elections").conclude(cert)
    sha256 = hashlib.sha256(certificate.to_json(cert)).digest()
    s.db.put(R.result(question=question_no, payload=result_payload(cert, sha256)))
    s.db.put(R.pending_result(question=question_no))
    retire(cert)
    put_outcome(cert)
