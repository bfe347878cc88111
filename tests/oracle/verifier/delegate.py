"""DELEGATE: who sits ex officio lets somebody else have the deputy's place (PROTOCOL.md "DELEGATE")."""

from __future__ import annotations

from datetime import timedelta

from . import calendar_no, common, names, people
from .refused import Refused
from .rows import R

KEPT_DAYS = 31
DELEGATIONS_MAX = 32


def is_over(row, date: int) -> bool:
    """Ended more than 31 days ago."""
    if row.until_date == 0 or row.until_date >= 99990000:
        return False
    return over_after(row.until_date) < date


def over_after(until: int) -> int:
    day = calendar_no.from_number(until)
    return calendar_no.number(day + timedelta(days=KEPT_DAYS))


def holds(s, m):
    """What must hold at the entry and again at the SEAL. The seat's row."""
    seat = common.find_seat(s, m.seat)
    if seat is None:
        raise Refused("LEDGER_PLACE_UNKNOWN", m.seat)
    if seat.gone != 0:
        raise Refused("LEDGER_SEAT_GONE", m.seat)
    if s.charter.bodies[seat.body].dissolved:
        raise Refused("LEDGER_BODY_DISSOLVED", seat.body)
    if not s.charter.seat_words(seat.id).ex_officio or not s.charter.bodies[seat.body].delegation_cite:
        raise Refused("LEDGER_DELEGATE_NONE", m.seat)
    primary = common.holder_on(s, seat.no, names.PRIMARY, s.date)
    if primary is None:
        raise Refused("LEDGER_DELEGATE_VACANT", m.seat)
    key = common.find_key(s, m.device_pk) if m.device_pk else None
    if key is not None and primary.key != 0 and key.no == primary.key:
        raise Refused("LEDGER_DELEGATE_SELF", m.seat)
    others = sum(1 for row in s.db.each("delegate", seat.no)
                 if row.from_date != m.from_date and not is_over(row, s.date))
    if others >= DELEGATIONS_MAX:
        raise Refused("LEDGER_DELEGATIONS_MANY", m.seat)
    people.device_key_check(s, m.device_pk)
    return seat


def delegator(s, key, seat) -> str:
    """"own", "secretariat" or "": whose delegation of the seat would it be."""
    c = s.charter
    host = c.host(seat.appointer)
    if key.kind == names.AUTHORITY:
        return "own" if host and c.org(host) == key.org else ""
    if common.role_held(s, key.no, seat.no) == names.PRIMARY:
        return "own"
    return "secretariat" if common.holds_office(s, key.no, "secretariat", seat.body) else ""


def check_delegate(s, m) -> None:
    seat = holds(s, m)
    people.term_check(m.from_date, m.until_date)
    common.check_claim(s, m.claim)
    common.may(s, common.Scope(body=seat.body, seats=[seat.no]))
    who = delegator(s, s.signer, seat)
    if not who:
        raise Refused("LEDGER_DELEGATE_WHO", m.seat)
    if who == "secretariat" and m.claim is None:
        raise Refused("LEDGER_DELEGATE_CLAIM", m.seat)


def apply_delegate(s, m) -> None:
    people.wait_for_seal(s)


def place_drop(s, seat: int, key: int) -> None:
    """The deputy's place leaves a key that neither holds the seat as deputy nor has a delegation of it."""
    holder = s.db.get("holder", seat, names.DEPUTY)
    if key == 0 or (holder is not None and holder.key == key):
        return
    if any(row.key == key for row in s.db.each("delegate", seat)):
        return
    s.db.delete("place", key, names.PLACE_SEAT, seat, names.DEPUTY)


def act(s, m, waiting, signer) -> None:
    """At the SEAL. Raises Refused: dropped."""
    seat = holds(s, m)
    if not delegator(s, signer, seat):
        raise Refused("LEDGER_DELEGATE_WHO", m.seat)
    key = 0
    if m.device_pk:
        row = common.find_key(s, m.device_pk)
        key = row.no if row is not None else common.add_key(s, m.device_pk, names.DEVICE, signer.org)
    for row in list(s.db.each("delegate", seat.no)):
        if is_over(row, s.date):
            s.db.remove(row)
            place_drop(s, seat.no, row.key)
    old = s.db.get("delegate", seat.no, m.from_date)
    s.db.put(R.delegate(seat=seat.no, from_date=m.from_date, key=key, name_sha256=m.name.sha256,
                          name_size=m.name.size, until_date=m.until_date, entry_id=waiting.entry_id,
                          index=waiting.index))
    if old is not None:
        place_drop(s, seat.no, old.key)
    if key:
        s.db.put(R.place(key=key, kind=names.PLACE_SEAT, number=seat.no, role=names.DEPUTY))


def end_all(s, seat: int) -> None:
    """Another permanent representative was appointed, or the charter knows no delegation any more."""
    for row in list(s.db.each("delegate", seat)):
        s.db.remove(row)
        place_drop(s, seat, row.key)


def move(s, seat: int, from_key: int, to_key: int) -> None:
    """A KEY_REPLACE moves them."""
    for row in list(s.db.each("delegate", seat)):
        if row.key == from_key:
            row.key = to_key
            s.db.put(row)
