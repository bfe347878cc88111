"""federation.samband: the founding entries, without their times. PROTOCOL.md "Bundle"."""

from hashlib import sha256
from typing import Any

from . import schema, wire
from .refused import Refused

ENTRIES_MAX = 64
FILE_BYTES_MAX = 2 * 1024 * 1024


class Founding:
    """GENESIS and the parts of the charter; `federation_id` names all of it."""

    def __init__(self, entries: list[wire.Entry], charter: Any) -> None:
        self.entries, self.charter = entries, charter
        self.federation_id = entries[0].entry_id


def read_entries(data: bytes) -> list[wire.Entry]:
    entries: list[wire.Entry] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "big")
        if at + 4 + length > len(data) or len(entries) == ENTRIES_MAX:
            raise Refused("CHARTER_FEDERATION_FILE", "length")
        entries.append(wire.open_entry(data[at + 4:at + 4 + length]))
        at += 4 + length
    return entries


def parse(data: bytes) -> Founding:
    """Each entry's form and signature, the parts in order, the charter's hash, the charter itself."""
    entries = read_entries(data)
    if len(entries) < 2 or entries[0].type_name != "GENESIS":
        raise Refused("CHARTER_FEDERATION_FILE", "first entry")
    genesis, parts = entries[0], entries[1:]
    for number, part in enumerate(parts, 1):
        if part.type_name != "CHARTER_PART" or part.message.number != number \
                or part.federation_id != genesis.entry_id or part.signer_pk != genesis.signer_pk:
            raise Refused("CHARTER_FEDERATION_FILE", "charter part", number)
    whole = b"".join(part.message.data for part in parts)
    if len(parts) != genesis.message.charter_parts or sha256(whole).digest() != genesis.message.charter_sha256:
        raise Refused("CHARTER_FEDERATION_FILE", "the charter's hash")
    return Founding(entries, schema.decode_charter(whole))
