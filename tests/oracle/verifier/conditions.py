"""CONDITION_SET, CONDITION_FULFIL: who must have answered before the question, or before the effect
(PROTOCOL.md "Conditions")."""

from __future__ import annotations

from datetime import timedelta

from . import calendar_no, common, names
from .charters import NONE
from .refused import Refused
from .rows import R

BEFORE_QUESTION, BEFORE_EFFECT = 1, 2
ANSWER_MET, ANSWER_REFUSED = 1, 2
CONDITIONS_MAX = 32
DUE_YEAR_MAX = 2190


# --- who may be asked, and by when (also for input) ---

def is_known(charter, id: str, bodies_too: bool) -> bool:
    c = charter
    return any(at != NONE for at in (c.party(id), c.org(id), c.appointer(id), c.partner(id),
                                     c.body(id) if bodies_too else NONE))


def check_asked(s, ids, bodies_too: bool) -> None:
    for n, id in enumerate(ids):
        if not is_known(s.charter, id, bodies_too):
            raise Refused("LEDGER_ASKED_UNKNOWN", id)
        if id in ids[:n]:
            raise Refused("LEDGER_ASKED_TWICE", id)


def check_due(s, date: int) -> None:
    day = calendar_no.from_number(date)
    if day is None:
        raise Refused("LEDGER_DATE_INVALID", date)
    if day.year > DUE_YEAR_MAX:
        raise Refused("DEADLINE_RANGE", date)
    if date < s.date:
        raise Refused("LEDGER_DUE_PAST", date)


def speaks_for(s, id: str) -> bool:
    """Is the signer the authority key of the organisation of this id, or of the one that hosts this appointer?"""
    c = s.charter
    if s.signer.kind != names.AUTHORITY or s.signer.org >= len(c.organisations):
        return False
    org = c.organisations[s.signer.org].id
    appointer = c.appointer(id)
    return org == id or (appointer != NONE and c.appointers[appointer].host == org)


def end_of_day_ms(date: int) -> int:
    """The first moment after the day, in Oslo."""
    return calendar_no.day_start_ms(calendar_no.from_number(date) + timedelta(days=1))


def of_case(s, case_no: int) -> list:
    return [s.db.get("condition", at.condition) for at in s.db.each("case_condition", case_no)]


# --- CONDITION_SET ---

def check_condition_set(s, m) -> None:
    case = common.need_case(s, m.case_id)
    meeting = s.db.get("meeting", case.meeting) if case.meeting else None
    common.may(s, common.scope_meeting(s, meeting, case.no) if meeting else common.Scope(body=case.body))
    common.need_case_undecided(s, case)
    check_asked(s, m.parties, False)
    if m.lapses and m.due_date == 0:
        raise Refused("LEDGER_CONDITION_LAPSES")
    if m.due_date != 0:
        check_due(s, m.due_date)
    if m.moment == BEFORE_EFFECT and any(
            s.db.get("action", at.action).status == 3 for at in s.db.each("case_action", case.no)):
        raise Refused("LEDGER_CONDITION_ADOPTED", common.case_label(case))
    if s.db.count("case_condition", case.no) >= CONDITIONS_MAX:
        raise Refused("LEDGER_CONDITIONS_MANY", common.case_label(case))


def apply_condition_set(s, m) -> None:
    case = common.need_case(s, m.case_id)
    row = R.condition(no=common.next_number(s, names.REF_CONDITION), id=s.leaf.entry_id, case_no=case.no,
                      moment=m.moment, kind=m.kind, cite=m.cite, due_date=m.due_date, lapses=int(m.lapses),
                      parties=len(m.parties), unmet=len(m.parties), index=s.index)
    s.db.put(row)
    common.put_ref(s, row.id, names.REF_CONDITION, row.no)
    s.db.put(R.case_condition(case_no=case.no, condition=row.no))
    for n, id in enumerate(m.parties, 1):
        s.db.put(R.condition_party(condition=row.no, n=n, id=id))
    if m.lapses:
        common.put_due(s, end_of_day_ms(m.due_date), names.DUE_CONDITION, row.no)


# --- CONDITION_FULFIL ---

def party_of(s, condition: int, id: str):
    return next((p for p in s.db.each("condition_party", condition) if p.id == id), None)


def is_met(row, party) -> bool:
    """Does the party's answer, or its silence after the deadline, count as given?"""
    return party.answer == ANSWER_MET or (party.answer == 0 and row.lapsed != 0)


def check_condition_fulfil(s, m) -> None:
    row = common.need(s, m.condition_id, names.REF_CONDITION)
    scope = common.Scope(body=s.db.get("case", row.case_no).body)
    common.may(s, scope)
    if not speaks_for(s, m.party):
        if not common.can(s, "secretariat", scope):
            raise Refused("LEDGER_CONDITION_SIGNER", m.party)
        if m.document is None and not m.reference:
            raise Refused("LEDGER_CONDITION_PROOF", m.party)
    party = party_of(s, row.no, m.party)
    if party is None:
        raise Refused("LEDGER_NOT_ASKED", m.party)
    if row.unmet == 0:
        raise Refused("LEDGER_CONDITION_MET")
    if party.answer == m.answer:
        raise Refused("LEDGER_CONDITION_SAME", m.party)
    if party.answer == 0 and row.lapsed and m.answer == ANSWER_REFUSED:
        raise Refused("LEDGER_CONDITION_LATE", m.party)
    if calendar_no.from_number(m.date) is None:
        raise Refused("LEDGER_DATE_INVALID", m.date)
    if m.date > s.date:
        raise Refused("LEDGER_DATE_FUTURE", m.date)


def put_count(s, row) -> None:
    """The count of unmet parties has changed: is it the last that its moment waited for?"""
    if row.unmet == 0:
        row.met_index, row.met_ms = s.index, s.now_ms
    s.db.put(row)
    if row.unmet == 0 and row.moment == BEFORE_EFFECT and met(s, row.case_no, BEFORE_EFFECT):
        from . import actions
        actions.ready(s, row.case_no)


def apply_condition_fulfil(s, m) -> None:
    row = common.need(s, m.condition_id, names.REF_CONDITION)
    party = party_of(s, row.no, m.party)
    before = is_met(row, party)
    party.answer, party.decided_by, party.date, party.reference = m.answer, m.decided_by, m.date, m.reference
    party.index = s.index
    party.document_sha256 = m.document.sha256 if m.document is not None else bytes(32)
    party.document_size = m.document.size if m.document is not None else 0
    s.db.put(party)
    row.unmet += before - is_met(row, party)
    if row.unmet == 0 and row.lapses and not row.lapsed:
        common.del_due(s, end_of_day_ms(row.due_date), names.DUE_CONDITION, row.no)
    put_count(s, row)


def settle_condition(s, number: int) -> None:
    """Its deadline has passed: who hasn't answered counts as having. s.now_ms is the deadline's moment."""
    row = s.db.get("condition", number)
    if row is None or row.lapsed or row.unmet == 0:
        return
    row.unmet -= sum(1 for p in s.db.each("condition_party", number) if p.answer == 0)
    row.lapsed = 1
    put_count(s, row)


# --- what others ask ---

def met_of(s, case_no: int, moment: int, set_before: int) -> tuple[bool, int]:
    """Are all of the moment met that were set before this leaf, and which leaf met the last (0: none)."""
    last = 0
    for row in of_case(s, case_no):
        if row.moment != moment or row.index >= set_before:
            continue
        if row.unmet > 0:
            return False, last
        last = max(last, row.met_index)
    return True, last


def met(s, case_no: int, moment: int) -> bool:
    return met_of(s, case_no, moment, names.NOW)[0]


def involve(s, charter, case_no: int, needs) -> bool:
    """A condition of that moment and kind that asks every party of the charter, and lapses only where the
    bylaws let it."""
    every = {p.id for p in charter.parties}
    for row in of_case(s, case_no):
        if row.moment == needs.moment and row.kind == needs.kind and (not row.lapses or needs.lapses) \
                and every <= {p.id for p in s.db.each("condition_party", row.no)}:
            return True
    return False


def check_question(s, case) -> None:
    if not met(s, case.no, BEFORE_QUESTION):
        raise Refused("LEDGER_CONDITION_OPEN", common.case_label(case))


def certificate_conditions(cert) -> list:
    from . import certificate_more
    return certificate_more.conditions(cert)
