"""Entries and leaves: framing, ids, signatures. PROTOCOL.md "Entry"."""

from dataclasses import dataclass
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from . import ed25519, merkle, schema
from .protoread import ENTRY_TYPES
from .refused import Refused

LEAF_BYTES_MAX = 65_535
ENTRY_BYTES_MAX = LEAF_BYTES_MAX - 8
FRAME_BYTES = 1 + 1 + 32 + 32 + 8 + 8 + 32 + 4 + 64  # an entry without its payload

TYPES: dict[int, str] = {number: name for number, (name, _) in ENTRY_TYPES.items()}
T = SimpleNamespace(**{name: number for number, name in TYPES.items()})
SYSTEM_TYPES = range(10, 20)  # signed by the log


@dataclass(slots=True)
class Entry:
    """Opened: well-formed, strictly decoded, its signature valid. Never changed."""

    data: bytes
    type: int
    federation_id: bytes
    signer_pk: bytes
    signer_seq: int
    anchor_size: int
    anchor_root: bytes
    payload: bytes
    message: Any
    entry_id: bytes
    blobs: list[Any]

    @property
    def type_name(self) -> str:
        return TYPES[self.type]


class Leaf:
    """An entry with its place and time; has the entry's attributes too."""

    __slots__ = ("index", "time_ms", "leaf_hash", "entry", "type", "type_name", "federation_id", "signer_pk",
                 "signer_seq", "anchor_size", "anchor_root", "payload", "message", "entry_id", "blobs")

    def __init__(self, index: int, time_ms: int, leaf_hash: bytes, entry: Entry) -> None:
        self.index, self.time_ms, self.leaf_hash, self.entry = index, time_ms, leaf_hash, entry
        self.type, self.type_name, self.federation_id = entry.type, entry.type_name, entry.federation_id
        self.signer_pk, self.signer_seq = entry.signer_pk, entry.signer_seq
        self.anchor_size, self.anchor_root = entry.anchor_size, entry.anchor_root
        self.payload, self.message = entry.payload, entry.message
        self.entry_id, self.blobs = entry.entry_id, entry.blobs


def _open(data: bytes) -> Entry:
    """In this order, the first refusal wins: size, version, type, len; the payload; the signature."""
    if len(data) > ENTRY_BYTES_MAX:
        raise Refused("ENTRY_TOO_LARGE", len(data), ENTRY_BYTES_MAX)
    if len(data) < FRAME_BYTES:
        raise Refused("ENTRY_TRUNCATED", len(data))
    if data[0] != 1:
        raise Refused("ENTRY_VERSION", data[0])
    kind = data[1]
    if kind not in ENTRY_TYPES:
        raise Refused("ENTRY_TYPE", kind)
    length, room = int.from_bytes(data[114:118], "big"), len(data) - FRAME_BYTES
    if length != room:
        raise Refused("ENTRY_TRUNCATED" if length > room else "ENTRY_LENGTH", length, room)
    unsigned, signature = data[:-64], data[-64:]
    signer_pk, payload = data[34:66], data[118:-64]
    message = schema.decode_payload(ENTRY_TYPES[kind][1], payload)
    if not ed25519.verify_domain(signer_pk, ed25519.ENTRY, unsigned, signature):
        raise Refused("SIGNATURE")
    return Entry(
        data=data, type=kind, federation_id=data[2:34], signer_pk=signer_pk,
        signer_seq=int.from_bytes(data[66:74], "big"), anchor_size=int.from_bytes(data[74:82], "big"),
        anchor_root=data[82:114], payload=payload, message=message, entry_id=sha256(unsigned).digest(),
        blobs=schema.blobs(message))


_opened: dict[bytes, Entry] = {}
_OPENED_MAX = 20_000


def open_entry(data: bytes) -> Entry:
    """Remembered within the process, so that many variants of one bundle are quickly verified."""
    entry = _opened.get(data)
    if entry is None:
        entry = _open(data)
        if len(_opened) >= _OPENED_MAX:
            _opened.clear()
        _opened[data] = entry
    return entry


def open_leaf(index: int, data: bytes) -> Leaf:
    if len(data) < 8:
        raise Refused("ENTRY_TRUNCATED", len(data))
    return Leaf(index, int.from_bytes(data[:8], "big"), merkle.leaf_hash(data), open_entry(data[8:]))
