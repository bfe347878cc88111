"""Versions of the charter: kept whole, prepared, put in force, and the seats that move with them.

PROTOCOL.md "Versions of the charter", rows charter_version, charter_part, seat, seat_by_id, body_seat.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from . import charters, common, delegate, names, terms
from .charters import PART_BYTES, Charter
from .refused import Refused
from .rows import R

FOUNDING, BY_CHARTER = 0, 1  # charter_version.kind: else the action's kind

_decoded: dict[bytes, Charter] = {}


def decode(data: bytes) -> Charter:
    """Decoded charters are never changed, so they are remembered."""
    key = hashlib.sha256(data).digest()
    if key not in _decoded:
        if len(_decoded) > 200:
            _decoded.clear()
        _decoded[key] = Charter.decode(data)
    return _decoded[key]


# --- what was and is ---

def bytes_of(rows, version: int) -> bytes:
    return b"".join(part.data for part in rows.each("charter_part", version))


def of_version(rows, version: int) -> Charter:
    return decode(bytes_of(rows, version))


def since(rows, version: int) -> int:
    row = rows.get("charter_version", version)
    return row.index if row else 0


def whole_version(rows) -> int:
    """The last version that came as a whole charter: the founding's or a draft's."""
    return max((v.version for v in rows.each("charter_version") if v.kind in (FOUNDING, BY_CHARTER)), default=0)


def draft_bytes(rows, draft) -> bytes:
    return b"".join(part.data for part in rows.each("draft_part", draft.no))


def draft_charter(rows, draft_no: int) -> Charter | None:
    """The draft of this number, whole; None: it isn't."""
    row = rows.get("charter_draft", draft_no)
    if row is None or row.whole_index == 0:
        return None
    return decode(draft_bytes(rows, row))


def written(rows) -> list[Charter]:
    """The founding's charter, and the drafts that came into force: what a later draft has to know."""
    out: list[Charter] = []
    for v in rows.each("charter_version"):
        charter = None
        if v.kind == FOUNDING:
            charter = of_version(rows, v.version)
        elif v.kind == BY_CHARTER:
            charter = draft_charter(rows, rows.get("action", v.action).draft)
        if charter is not None:
            out.append(charter)
    return out


def carry(rows, now: Charter, draft: Charter) -> Charter:
    return charters.carry(now, draft, written(rows))


# --- preparing ---

@dataclass
class Next:
    """What comes into force: packed, its hash, decoded."""
    data: bytes
    sha256: bytes
    charter: Charter


def prepare(s, now: Charter, wanted: Charter, by_membership: bool = False) -> Next:
    """Packed and decoded again, checked as at the founding, against what is in force, and against
    the ids of seats that there were."""
    data = wanted.encode()
    charter = decode(data)
    charters.check(charter)
    charters.succeeds(now, charter, by_membership)
    for b, body in enumerate(charter.bodies):
        for seat in body.seats:
            row = common.find_seat(s, seat.id)
            if row is not None and (row.gone != 0 or row.body != b):
                raise Refused("LEDGER_SEAT_ID_USED", seat.id)
    return Next(data, hashlib.sha256(data).digest(), charter)


def prepare_draft(s, now: Charter, draft: Charter) -> Next:
    ready = prepare(s, now, carry(s.db, now, draft))
    if ready.data == now.encode():
        raise Refused("LEDGER_AMEND_SAME")
    return ready


# --- in force ---

def put_seat(s, c: Charter, body: int, at: int, since_index: int) -> None:
    seat = c.bodies[body].seats[at]
    row = common.find_seat(s, seat.id)
    is_new = row is None
    if is_new:
        row = R.seat(no=common.next_number(s, names.REF_SEAT), since=since_index)
    row.id, row.title, row.body, row.at = seat.id, seat.title, body, at
    row.partner, row.appointer = c.partner(seat.partner), c.appointer(seat.appointer)
    row.voting, row.has_deputy = int(seat.voting), int(seat.has_deputy)
    s.db.put(row)
    if is_new:
        s.db.put(R.seat_by_id(id=seat.id, no=row.no))
        s.db.put(R.body_seat(body=body, seat=row.no))


def retire_seats(s, c: Charter) -> None:
    """Seats that the charter lost are gone, their rows stay; one that stays loses what its words take."""
    for row in list(s.db.each("seat")):
        if row.gone != 0:
            continue
        words = c.seat_words(row.id)
        if words is None:
            row.gone = s.index
            s.db.put(row)
            continue
        if not row.has_deputy:
            vacate_deputy(s, row.no)
        if not words.ex_officio or not c.bodies[row.body].delegation_cite:
            delegate.end_all(s, row.no)


def vacate_deputy(s, seat: int) -> None:
    row = s.db.get("holder", seat, names.DEPUTY)
    if row is not None:
        s.db.remove(row)
        delegate.place_drop(s, seat, row.key)


def put_version(s, version: int, data_len: int, sha256: bytes, parts: int, kind: int, action: int) -> None:
    s.db.put(R.charter_version(version=version, sha256=sha256, bytes=data_len, parts=parts, index=s.index,
                                 kind=kind, action=action))


def put_seats(s, c: Charter, since_index: int) -> None:
    for b, body in enumerate(c.bodies):
        for at in range(len(body.seats)):
            put_seat(s, c, b, at, since_index)


def enact(s, ready: Next, kind: int, action: int) -> None:
    """The next version: in parts of 60,000 bytes, the last shorter."""
    f = s.db.get("federation")
    f.charter_version += 1
    pieces = [ready.data[i:i + PART_BYTES] for i in range(0, len(ready.data), PART_BYTES)]
    for n, piece in enumerate(pieces):
        s.db.put(R.charter_part(version=f.charter_version, number=n + 1, data=piece))
    f.charter_bytes, f.charter_sha256 = len(ready.data), ready.sha256
    f.charter_parts = f.parts_seen = len(pieces)
    s.db.put(f)
    put_version(s, f.charter_version, len(ready.data), ready.sha256, len(pieces), kind, action)
    put_seats(s, ready.charter, s.index)
    retire_seats(s, ready.charter)
    s.charter = ready.charter


def found(s, charter: Charter) -> None:
    """With the last CHARTER_PART, when the federation row has its version: `since` is 0."""
    f = s.db.get("federation")
    put_version(s, f.charter_version, f.charter_bytes, f.charter_sha256, f.charter_parts, FOUNDING, 0)
    terms.found(s, charter)
    put_seats(s, charter, 0)
