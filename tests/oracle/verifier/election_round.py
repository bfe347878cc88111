"""A round of an election: opening, ballots, the close, and the offices at the SEAL (PROTOCOL.md "Elections").

The certificate (certificate.py) offers: s, charter, body, case, meeting, question, rules, presence, ballots. What an
election adds is kept in cert.election, a Round.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from . import calendar_no, common, conditions, names, rules, schema
from .refused import Refused
from .rows import NONE, R

TYPE_QUESTION_CLOSE = 64


def election_rule(body: Any) -> Any:
    """The charter's `elect`, else the body's pass rule."""
    if body.election is not None and body.election.elect.text:
        return body.election.elect
    return body.pass_


# --- the opening ---

def next_standing(s: Any, held: Any, case_no: int) -> list:
    """Candidates of the next round by number: those not withdrawn; after a tied round those who went on."""
    out = []
    for at in s.db.each("case_candidate", case_no):
        row = s.db.get("candidate", at.candidate)
        if row.withdrawn:
            continue
        before = s.db.get("standing", held.question, row.number) if held.question else None
        if held.question == 0 or (before is not None and before.goes_on):
            out.append(row)
    return out


def check_open(s: Any, case: Any, item: Any) -> None:
    body = s.charter.bodies[case.body]
    if body.election is None:
        raise Refused("LEDGER_NO_ELECTION", body.id)
    held = s.db.find("item_election", item.meeting, item.item)
    if held.tied >= body.election.rounds:
        raise Refused("LEDGER_NO_MORE_ROUNDS", common.case_label(case), body.election.rounds)
    if not next_standing(s, held, case.no):
        raise Refused("LEDGER_NO_CANDIDATES", common.case_label(case))
    if not election_rule(body).text:
        raise Refused("LEDGER_NO_PASS_RULE", body.id)


def pin(s: Any, question: Any) -> None:
    words = s.charter.bodies[question.body].election
    held = s.db.find("item_election", question.meeting, question.item)
    candidates = next_standing(s, held, question.case_no)
    for row in candidates:
        s.db.put(R.standing(question=question.no, number=row.number, candidate=row.no))
    s.db.put(R.question_election(question=question.no, round=held.tied + 1, rounds=words.rounds, keep=words.keep,
                                 tie=words.tie, acclamation=int(words.acclamation and len(candidates) == 1)))


# --- ballots ---

def may_object(s: Any, question_no: int) -> bool:
    row = s.db.get("question_election", question_no)
    return row is not None and row.acclamation != 0


def check_choice(s: Any, question: Any, case: Any, m: Any) -> None:
    election = question.mode == names.MODE_ELECTION
    by_name = m.choice == names.CHOICE_CANDIDATE
    if not election and by_name:
        raise Refused("LEDGER_BALLOT_NO_ELECTION", common.case_label(case))
    if election and not by_name and m.choice != names.CHOICE_ABSTAIN:
        raise Refused("LEDGER_BALLOT_ELECTION", common.case_label(case))
    if not (s.db.has("standing", question.no, m.candidate) if by_name else m.candidate == 0):
        raise Refused("LEDGER_BALLOT_CANDIDATE", m.candidate)


def count(s: Any, question_no: int, number: int, partner: int, step: int) -> None:
    row = s.db.find("candidate_tally", question_no, number, partner)
    row.votes += step
    s.db.put(row)


# --- the close ---

@dataclass
class Contender:
    """A ticket in a round; votes as the certificate's partners."""
    row: Any
    places: list
    votes: list
    judged: Any = None
    goes_on: bool = False

    @property
    def total(self) -> int:
        return sum(self.votes)


@dataclass
class Round:
    row: Any
    contenders: list = field(default_factory=list)
    warnings: list = field(default_factory=list)  # (candidate number, office, norm)


def fill(s: Any, cert: Any) -> None:
    """Candidates by number with the votes that count; norms with force should that they don't keep."""
    from . import elections
    e = cert.election = Round(s.db.find("question_election", cert.question.no))
    for at in s.db.each("standing", cert.question.no):
        places = list(s.db.each("candidate_place", at.candidate))
        votes = []
        for partner in cert.presence.partners:
            votes.append(sum(1 for b in cert.ballots if not b.reason and b.row.choice == names.CHOICE_CANDIDATE
                             and b.row.candidate == at.number and b.seat.partner == partner))
        e.contenders.append(Contender(s.db.get("candidate", at.candidate), places, votes))
    for of in e.contenders:
        for office, norm in elections.broken_norms(s, cert.charter, of.places, schema.E.FORCE_SHOULD):
            e.warnings.append((of.row.number, office, norm))


def judge(s: Any, cert: Any) -> None:
    """Whom the rule holds for: acclamation, else the rule asked of each."""
    e = cert.election
    if e.row.acclamation and cert.question.objections == 0 and not cert.ballots:
        e.row.elected, e.row.unopposed = e.contenders[0].row.number, 1
        return
    for of in e.contenders:
        of.judged = judge_one(cert, of)
    held = [of.row.number for of in e.contenders if of.judged.passed]
    e.row.elected = held[0] if len(held) == 1 else 0


def judge_one(cert: Any, of: Contender) -> rules.Judged:
    """for: the candidate's ballots, against: the others', abstain: the blank ones, in every scope."""
    p = cert.presence

    def asked(tally: dict, votes: int) -> dict:
        return tally | {"for": votes, "against": tally["for"] - votes}

    of_partner = dict(zip(p.partners, of.votes))
    by_id = [(cert.charter.partners[at].id, asked(tally, of_partner[at]))
             for at, tally in zip(p.partners, p.tallies) if at != NONE]
    return rules.judge_counts(getattr(cert.rules, "pass"), asked(p.total, of.total), by_id, cert.discussed)


def warned_norms(cert: Any) -> list:
    return [norm for _, _, norm in cert.election.warnings] if cert.election is not None else []


def conclude(cert: Any) -> None:
    e = cert.election
    if cert.question.outcome != names.ELECTED:
        e.row.elected = e.row.unopposed = 0
    if cert.question.outcome == names.TIED and e.row.round < e.row.rounds:
        for of in e.contenders:
            ahead = sum(other.total > of.total for other in e.contenders)
            of.goes_on = e.row.keep == 0 or ahead < e.row.keep


def put(s: Any, cert: Any) -> None:
    e, q = cert.election, cert.question
    s.db.put(e.row)
    for of in e.contenders:
        s.db.put(R.standing(question=q.no, number=of.row.number, candidate=of.row.no, goes_on=int(of.goes_on)))
        if e.row.elected == of.row.number:
            of.row.question = q.no
            s.db.put(of.row)
        for partner in cert.presence.partners:
            s.db.delete("candidate_tally", q.no, of.row.number, partner)
    if q.outcome == names.TIED:
        held = s.db.find("item_election", q.meeting, q.item)
        held.tied += 1
        held.question = q.no
        s.db.put(held)
    if q.outcome == names.ELECTED:
        s.db.put(R.waiting(index=q.closed_index, type=TYPE_QUESTION_CLOSE, entry_id=q.id,
                           payload=struct.pack(">I", q.no)))


def result(cert: Any, message: Any) -> None:
    """RESULT: round, elected, and each candidate for all and for the partners of `counts`."""
    e = cert.election
    message.round, message.elected = e.row.round, e.row.elected
    ids = partner_ids(cert)
    for of in e.contenders:
        message.candidates.append(schema.new("CandidateCount", number=of.row.number, votes=of.total))
        for id, votes in zip(ids, of.votes):
            if id:
                message.candidates.append(schema.new("CandidateCount", number=of.row.number, partner=id, votes=votes))


def certificate_election(cert: Any) -> dict:
    """Members round, candidates, elected, acclamation, tie."""
    from .certificate_more import code
    if cert.question.mode != names.MODE_ELECTION:
        return {"round": None, "candidates": None, "elected": None, "acclamation": False, "tie": None}
    e = cert.election
    last = cert.question.outcome == names.TIED and e.row.round >= e.row.rounds
    return {"round": e.row.round, "candidates": [contender(cert, of) for of in e.contenders],
            "elected": e.row.elected or None, "acclamation": bool(e.row.unopposed),
            "tie": code("ElectionTie", e.row.tie) if last else None}


def partner_ids(cert: Any) -> list:
    """As the certificate's `counts`: "" for the seats of no partner."""
    return [common.partner_id(cert.charter, at) for at in cert.presence.partners]


def contender(cert: Any, of: Contender) -> dict:
    s = cert.s
    places = [{"office": cert.charter.offices[p.office].id, "seat": s.db.get("seat", p.seat).id} for p in of.places]
    votes = [{"partner": None, "votes": of.total}]
    votes += [{"partner": id, "votes": n} for id, n in zip(partner_ids(cert), of.votes)]
    return {"number": of.row.number, "id": of.row.id.hex(), "places": places, "votes": votes,
            "rule": of.judged.json() if of.judged is not None else None, "goes_on": of.goes_on}


def certificate_warnings(cert: Any) -> list:
    from .certificate_more import code
    if cert.question.mode != names.MODE_ELECTION:
        return []
    return [{"candidate": number, "kind": code("OfficeNormKind", norm.kind), "office": cert.charter.offices[office].id,
             "other": norm.office or None, "cite": norm.cite or None, "assumed": norm.assumed or None}
            for number, office, norm in cert.election.warnings]


# --- at the SEAL ---

def term_end(from_date: int, months: int) -> int:
    """The day before the same day `months` later; where that month hasn't the day, its last. 0: until replaced."""
    if months == 0:
        return 0
    year, month, day = from_date // 10000, from_date // 100 % 100 - 1 + months, from_date % 100
    year, month = year + month // 12, month % 12 + 1
    if year > 9999:
        return 0
    short = False
    while calendar_no.from_number(year * 10000 + month * 100 + day) is None:
        day, short = day - 1, True
    last = calendar_no.from_number(year * 10000 + month * 100 + day)
    return calendar_no.number(last if short else last - calendar_no.timedelta(days=1))


def question_of(s: Any, w: Any) -> Any:
    return s.db.get("question", struct.unpack(">I", w.payload)[0])


def elected_waits(s: Any, w: Any, size: int) -> bool:
    """For the conditions BEFORE_EFFECT that were set before the close, and for the SEAL of the last met."""
    q = question_of(s, w)
    free, met_index = conditions.met_of(s, q.case_no, conditions.BEFORE_EFFECT, q.closed_index)
    return not free or met_index >= size


def elected_act(s: Any, w: Any) -> None:
    """The ticket takes its offices, as one. Refused: dropped."""
    q = question_of(s, w)
    e = s.db.get("question_election", q.no)
    places = list(s.db.each("candidate_place", s.db.get("standing", q.no, e.elected).candidate))
    for place in places:
        now = s.db.get("office_seat", place.office)
        if now is not None and now.index > q.closed_index:
            raise Refused("LEDGER_ELECTED_SINCE")
        seat = s.db.get("seat", place.seat)
        if not common.seat_at(seat, names.NOW):
            raise Refused("LEDGER_SEAT_GONE", seat.id)
        common.need_live_body(s, seat.body)
    for place in places:
        take(s, place, q)


def take(s: Any, place: Any, q: Any) -> None:
    """Who had the office has it no longer; an officer with the key of the seat's permanent representative, or 0."""
    for row in list(s.db.each("officer", place.office)):
        s.db.remove(row)
        s.db.delete("place", row.key, names.PLACE_OFFICE, place.office, 0)
    holder = common.holder_on(s, place.seat, names.PRIMARY, s.date)
    start = calendar_no.yyyymmdd(q.closed_ms)
    until = term_end(start, s.charter.offices[place.office].term_months)
    row = R.officer(office=place.office, from_date=start, until_date=until, index=q.closed_index, entry_id=q.id)
    if holder is not None:
        row.key, row.name_sha256, row.name_size = holder.key, holder.name_sha256, holder.name_size
    s.db.put(row)
    if row.key:
        s.db.put(R.place(key=row.key, kind=names.PLACE_OFFICE, number=place.office, role=0))
    s.db.put(R.office_seat(office=place.office, seat=place.seat, question=q.no, from_date=start, until_date=until,
                           index=q.closed_index))
