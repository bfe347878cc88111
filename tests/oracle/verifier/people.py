"""APPOINT, KEY_REVOKE, KEY_REPLACE, and what waits for a SEAL (PROTOCOL.md "Federation and people")."""

from __future__ import annotations

from typing import Any

from . import common, delegate, ed25519, registry, schema, terms
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import NONE, R

# ---- what must hold at the entry and again at the SEAL ----


def device_key_check(s: Any, pk: bytes) -> None:
    """No key, a new one, or a device key in force."""
    if not pk:
        return
    key = common.find_key(s, pk)
    if key is None:
        if not ed25519.is_valid_key(pk):
            raise Refused("LEDGER_KEY_INVALID", pk[:8].hex())
    elif key.kind != DEVICE:
        raise Refused("LEDGER_KEY_OTHER_USE", pk[:8].hex())
    elif key.status != IN_FORCE:
        raise Refused("LEDGER_KEY_OUT_OF_FORCE", pk[:8].hex())


def term_check(from_date: int, until_date: int) -> None:
    for date in (from_date, until_date or from_date):
        if not common.real_date(date):
            raise Refused("LEDGER_APPOINT_DATE", date)
    if until_date and until_date < from_date:
        raise Refused("LEDGER_APPOINT_TERM", from_date, until_date)


def check_appointment(s: Any, m: Any) -> None:
    """Dates and key."""
    term_check(m.from_date, m.until_date)
    device_key_check(s, m.device_pk)


def check_place(s: Any, m: Any) -> None:
    """The place exists, and the key may have it."""
    if m.place == "office":
        if common.find_office(s.charter, m.office) == NONE:
            raise Refused("LEDGER_OFFICE_UNKNOWN", m.office)
    else:
        seat = common.need_seat(s, m.seat.seat)
        if not common.seat_at(seat, NOW):
            raise Refused("LEDGER_SEAT_GONE", seat.id)
        common.need_live_body(s, seat.body)
        if m.seat.role == DEPUTY and not seat.has_deputy:
            raise Refused("LEDGER_NO_SUCH_DEPUTY", seat.id)
    device_key_check(s, m.device_pk)


def check_replacement(s: Any, m: Any) -> Any:
    """The old key's row."""
    old = common.find_key(s, m.old_pk)
    if old is None:
        raise Refused("LEDGER_KEY_UNKNOWN", m.old_pk[:8].hex())
    if old.status == REPLACED:
        raise Refused("LEDGER_KEY_OUT_OF_FORCE", m.old_pk[:8].hex())
    if not ed25519.is_valid_key(m.new_pk):
        raise Refused("LEDGER_KEY_INVALID", m.new_pk[:8].hex())
    if common.find_key(s, m.new_pk) is not None:
        raise Refused("LEDGER_KEY_TWICE", m.new_pk[:8].hex())
    return old


def host_of_seat(s: Any, seat: Any) -> str:
    """Whose authority appoints to the seat; "": the secretariat does."""
    return "" if seat is None else s.charter.host(seat.appointer)


def check_over_key(s: Any, key: Any) -> None:
    """A device key is its enroller's business; the others their organisation's recovery key's."""
    if key.kind in (RECOVERY, LOG):
        raise Refused("LEDGER_KEY_FIXED", key.pk[:8].hex())
    by = AUTHORITY if key.kind == DEVICE else RECOVERY
    if s.signer.kind != by or s.signer.org != key.org:
        raise Refused("LEDGER_KEY_NOT_YOURS", key.pk[:8].hex())


def wait_for_seal(s: Any) -> None:
    s.db.put(R.waiting(index=s.index, type=s.leaf.type, key=s.signer.no, entry_id=s.leaf.entry_id,
                       payload=s.leaf.payload))


# ---- APPOINT ----


def check_appoint(s: Any, m: Any) -> None:
    check_place(s, m)
    check_appointment(s, m)
    if m.from_date > s.date:
        raise Refused("LEDGER_APPOINT_EARLY", m.from_date)
    if m.place == "office":
        host = s.charter.offices[common.find_office(s.charter, m.office)].appointed_by
    else:
        host = host_of_seat(s, common.find_seat(s, m.seat.seat))
    if not host:
        if not common.can(s, "secretariat", common.Scope()):
            raise Refused("LEDGER_APPOINT_SECRETARIAT")
    elif s.signer.kind != AUTHORITY or common.find_org(s.charter, host) != s.signer.org:
        raise Refused("LEDGER_APPOINT_HOST", host)


def apply_appoint(s: Any, m: Any) -> None:
    wait_for_seal(s)


def act_appointment(s: Any, m: Any, w: Any, org: int) -> None:
    """The appointment acts; `org` enrols a new key. Refused: it holds no longer."""
    check_place(s, m)
    key = 0
    if m.device_pk:
        row = common.find_key(s, m.device_pk)
        key = row.no if row is not None else common.add_key(s, m.device_pk, DEVICE, org)
    if m.place == "office":
        take_office(s, m, w, key)
    else:
        take_seat(s, m, w, key)


def take_seat(s: Any, m: Any, w: Any, key: int) -> None:
    seat, role = common.find_seat(s, m.seat.seat), m.seat.role
    holder = s.db.get("holder", seat.no, role)
    before = holder.key if holder is not None else 0
    s.db.put(R.holder(seat=seat.no, role=role, key=key, name_sha256=m.name.sha256, name_size=m.name.size,
                      from_date=m.from_date, until_date=m.until_date, entry_id=w.entry_id, index=w.index))
    if role == DEPUTY:
        delegate.place_drop(s, seat.no, before)
    else:
        if before:
            s.db.delete("place", before, PLACE_SEAT, seat.no, role)
        if key == 0 or key != before:
            delegate.end_all(s, seat.no)  # they were the old one's
    if key:
        s.db.put(R.place(key=key, kind=PLACE_SEAT, number=seat.no, role=role))


def take_office(s: Any, m: Any, w: Any, key: int) -> None:
    """The secretariat is many keys; of the other offices a new appointment replaces the old."""
    office = common.find_office(s.charter, m.office)
    s.db.delete("office_seat", office)
    if m.office != "secretariat":
        for row in list(s.db.each("officer", office)):
            s.db.remove(row)
            s.db.delete("place", row.key, PLACE_OFFICE, office, 0)
    s.db.put(R.officer(office=office, key=key, name_sha256=m.name.sha256, name_size=m.name.size,
                       from_date=m.from_date, until_date=m.until_date, entry_id=w.entry_id, index=w.index))
    if key:
        s.db.put(R.place(key=key, kind=PLACE_OFFICE, number=office, role=0))


# ---- KEY_REVOKE, KEY_REPLACE ----


def check_key_revoke(s: Any, m: Any) -> None:
    key = common.find_key(s, m.pk)
    if key is None:
        raise Refused("LEDGER_KEY_UNKNOWN", m.pk[:8].hex())
    if key.status != IN_FORCE:
        raise Refused("LEDGER_KEY_OUT_OF_FORCE", m.pk[:8].hex())
    if key.kind != DEVICE or key.no != s.signer.no:
        check_over_key(s, key)


def apply_key_revoke(s: Any, m: Any) -> None:
    key = common.find_key(s, m.pk)
    key.status = REVOKED
    s.db.put(key)
    if key.kind == WITNESS:
        terms.end_witness(s, key.pk)


def check_key_replace(s: Any, m: Any) -> None:
    check_over_key(s, check_replacement(s, m))


def apply_key_replace(s: Any, m: Any) -> None:
    """By a recovery key at its own index: what makes SEALs may be what was lost. Else at the SEAL."""
    if s.signer.kind == RECOVERY:
        act_replacement(s, m, False)
    else:
        wait_for_seal(s)


def act_replacement(s: Any, m: Any, all_places: bool) -> None:
    """The new key takes the old one's places: all, or those that its own organisation or the secretariat gave."""
    old = check_replacement(s, m)
    key = common.add_key(s, m.new_pk, old.kind, old.org)
    old.status = REPLACED
    s.db.put(old)
    if old.kind == DEVICE:
        for place in list(s.db.each("place", old.no)):
            host = host_of_place(s, place)
            if all_places or not host or common.find_org(s.charter, host) == old.org:
                move_place(s, place, key)
        return
    org = s.db.get("org", old.org)
    if old.kind == AUTHORITY:
        org.authority_pk = m.new_pk
    else:
        org.witness_pk = m.new_pk
        terms.end_witness(s, old.pk)
        terms.begin_witness(s, m.new_pk, old.org)
    s.db.put(org)


def host_of_place(s: Any, place: Any) -> str:
    if place.kind == PLACE_SEAT:
        return host_of_seat(s, s.db.get("seat", place.number))
    elected = s.db.get("office_seat", place.number)  # an elected office goes with its seat
    if elected is None:
        return s.charter.offices[place.number].appointed_by
    return host_of_seat(s, s.db.get("seat", elected.seat))


def move_place(s: Any, place: Any, key: int) -> None:
    old = place.key
    s.db.remove(place)
    s.db.put(R.place(key=key, kind=place.kind, number=place.number, role=place.role))
    if place.kind == PLACE_SEAT:
        holder = s.db.get("holder", place.number, place.role)
        if holder is not None and holder.key == old:
            holder.key = key
            s.db.put(holder)
        if place.role == DEPUTY:
            delegate.move(s, place.number, old, key)
        return
    officer = s.db.find("officer", place.number, old)
    s.db.remove(officer)
    officer.key = key
    s.db.put(officer)


# ---- at a SEAL ----


def settle_waiting(s: Any, size: int) -> None:
    """What waits with an index below `size` acts, by index and the action's number."""
    after = b""
    while True:
        w = next((row for row in s.db.each("waiting") if row.table.key_of(row) > after), None)
        if w is None or w.index >= size:
            return
        after = w.table.key_of(w)
        if settle_one(s, w, size):
            s.db.remove(w)


def settle_one(s: Any, w: Any, size: int) -> bool:
    """False: it waits on."""
    if w.action:
        return registry.module("actions").settle_action(s, w.action)
    closes = w.type == 64  # QUESTION_CLOSE: somebody was elected
    if closes and registry.module("elections").elected_waits(s, w, size):
        return False
    try:
        if closes:
            registry.module("elections").elected_act(s, w)
        else:
            act(s, w)
    except Refused:
        pass  # dropped: a view says so
    return True


def act(s: Any, w: Any) -> None:
    signer = s.db.get("key", w.key)
    if signer is not None and signer.status == REVOKED:
        raise Refused("LEDGER_KEY_OUT_OF_FORCE")
    message = {20: "Appoint", 22: "KeyReplace", 23: "Delegate"}[w.type]
    m = schema.decode(message, w.payload)
    if message == "Appoint":
        act_appointment(s, m, w, signer.org)
    elif message == "KeyReplace":
        act_replacement(s, m, False)
    else:
        delegate.act(s, m, w, signer)
