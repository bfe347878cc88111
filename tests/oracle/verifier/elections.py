"""CANDIDATE_PROPOSE, CANDIDATE_WITHDRAW; which norms a ticket keeps (PROTOCOL.md "Elections"). A round of an
election is in election_round.py."""

from __future__ import annotations

from . import common, names, schema
from .charters import NONE
from .election_round import (certificate_election, certificate_warnings, check_choice, check_open,  # noqa: F401
                             conclude, count, elected_act, elected_waits, election_rule, fill, judge, may_object,
                             pin, put, result, warned_norms)
from .refused import Refused
from .rows import R

CANDIDATES_MAX = 50
PER_KEY_MAX = 8


# --- norms ---

def partner_of(s, seat_no: int) -> int:
    seat = s.db.get("seat", seat_no) if seat_no else None
    return seat.partner if seat is not None else NONE


def partner_against(s, c, places: list, office: int, norm) -> int:
    """The partner that the norm compares with: of who holds the office now (alternates), of who stands for the
    other office on the same ticket, else of who holds that (differs)."""
    other = office
    if norm.kind == schema.E.OFFICE_NORM_KIND_DIFFERS:
        other = c.office(norm.office)
        if other == NONE:
            return NONE
    if other != office:
        for place in places:
            if place.office == other:
                return partner_of(s, place.seat)
    return partner_of(s, common.office_seat(s, c, other))


def broken_norms(s, charter, places: list, force: int) -> list:
    """(office, norm) of the norms with this force that the ticket doesn't keep; only where both partners are known."""
    c = charter
    out = []
    for place in places:
        own = partner_of(s, place.seat)
        for norm in c.offices[place.office].norms:
            if norm.force == force and own != NONE and own == partner_against(s, c, places, place.office, norm):
                out.append((place.office, norm))
    return out


# --- CANDIDATE_PROPOSE ---

def of_case(s, case_no: int) -> list:
    """All candidates of the case by number, withdrawn ones too."""
    return [s.db.get("candidate", at.candidate) for at in s.db.each("case_candidate", case_no)]


def check_open_case(s, case) -> None:
    """An election that can still be changed: neither withdrawn, decided nor put to the vote."""
    if case.kind != names.KIND_ELECTION:
        raise Refused("LEDGER_NOT_ELECTION", common.case_label(case))
    common.need_case_free(case)
    if case.meeting:
        decided = s.db.get("agenda", case.meeting, case.item).outcome in names.DECIDES
    else:
        decided = any(row.question for row in of_case(s, case.no))
    if decided:
        raise Refused("LEDGER_CASE_DECIDED", common.case_label(case))


def resolve(s, m, case) -> list:
    """The ticket's places by office."""
    c = s.charter
    body = c.bodies[case.body]
    places = []
    for p in m.places:
        at = c.office(p.office)
        if at == NONE:
            raise Refused("LEDGER_OFFICE_UNKNOWN", p.office)
        office = c.offices[at]
        if office.elected_by != body.id:
            raise Refused("LEDGER_OFFICE_NOT_ELECTED", office.id)
        seat = common.seat_in_body(s, p.seat, c.body(office.body)) if office.body else common.need_seat(s, p.seat)
        if not common.seat_at(seat, names.NOW):
            raise Refused("LEDGER_SEAT_GONE", p.seat)
        common.need_live_body(s, seat.body)
        if common.holder_on(s, seat.no, names.PRIMARY, s.date) is None:
            raise Refused("LEDGER_CANDIDATE_VACANT", p.seat)
        if any(other.office == at for other in places):
            raise Refused("LEDGER_CANDIDATE_OFFICE_TWICE", p.office)
        if any(other.seat == seat.no for other in places):
            raise Refused("LEDGER_CANDIDATE_SEAT_TWICE", p.seat)
        places.append(R.candidate_place(office=at, seat=seat.no))
    return sorted(places, key=lambda place: place.office)


def check_candidate_propose(s, m) -> None:
    case = common.need_case(s, m.case_id)
    scope = common.Scope(body=case.body)
    common.may(s, scope)
    check_open_case(s, case)
    if case.meeting and s.db.has("item_election", case.meeting, case.item):
        raise Refused("LEDGER_CANDIDATE_LATE", common.case_label(case))
    others = of_case(s, case.no)
    if len(others) >= CANDIDATES_MAX:
        raise Refused("LEDGER_CANDIDATES_MANY", len(others))
    if sum(row.key == s.signer.no for row in others) >= PER_KEY_MAX \
            and not common.can(s, "secretariat leader", scope):
        raise Refused("LEDGER_CANDIDATES_YOURS", PER_KEY_MAX)
    places = resolve(s, m, case)
    mine = [(p.office, p.seat) for p in places]
    for row in others:
        if row.withdrawn:
            continue
        theirs = [(p.office, p.seat) for p in s.db.each("candidate_place", row.no)]
        if [office for office, _ in theirs] != [office for office, _ in mine]:
            raise Refused("LEDGER_CANDIDATE_OFFICES", common.case_label(case))
        if theirs == mine:
            raise Refused("LEDGER_CANDIDATE_SAME", row.number)
    for office, norm in broken_norms(s, s.charter, places, schema.E.FORCE_MUST):
        name = "NORM" if norm.kind == schema.E.OFFICE_NORM_KIND_DIFFERS else "ALTERNATES"
        raise Refused(f"LEDGER_CANDIDATE_{name}", s.charter.offices[office].id)


def apply_candidate_propose(s, m) -> None:
    case = common.need_case(s, m.case_id)
    number = max((at.number for at in s.db.each("case_candidate", case.no)), default=0) + 1
    row = R.candidate(no=common.next_number(s, names.REF_CANDIDATE), id=s.leaf.entry_id, case_no=case.no,
                      number=number, places=len(m.places), index=s.index, key=s.signer.no)
    s.db.put(row)
    s.db.put(R.case_candidate(case_no=case.no, number=number, candidate=row.no))
    common.put_ref(s, row.id, names.REF_CANDIDATE, row.no)
    for p in m.places:
        s.db.put(R.candidate_place(candidate=row.no, office=s.charter.office(p.office),
                                   seat=common.find_seat(s, p.seat).no))
    common.attach(s, case, names.ATTACHED_CANDIDATE, number, row.id)
    s.db.put(case)


# --- CANDIDATE_WITHDRAW ---

def stands(s, candidate: int) -> bool:
    """Is the signer the permanent representative of a seat on the ticket?"""
    for place in s.db.each("candidate_place", candidate):
        holder = common.holder_on(s, place.seat, names.PRIMARY, s.date)
        if holder is not None and holder.key != 0 and holder.key == s.signer.no:
            return True
    return False


def check_candidate_withdraw(s, m) -> None:
    row = common.need(s, m.candidate_id, names.REF_CANDIDATE)
    case = s.db.get("case", row.case_no)
    if not stands(s, row.no):
        meeting = s.db.get("meeting", case.meeting) if case.meeting else None
        common.may(s, common.scope_meeting(s, meeting, case.no) if meeting else common.Scope(body=case.body))
    check_open_case(s, case)
    if row.withdrawn:
        raise Refused("LEDGER_CANDIDATE_WITHDRAWN", row.number)


def apply_candidate_withdraw(s, m) -> None:
    row = common.need(s, m.candidate_id, names.REF_CANDIDATE)
    case = s.db.get("case", row.case_no)
    row.withdrawn = 1
    s.db.put(row)
    common.detach(s, case, names.ATTACHED_CANDIDATE, row.number)
    s.db.put(case)
