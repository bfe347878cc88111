"""Statements signed outside entries: PROTOCOL.md "Promises"."""

import struct

from . import ed25519

Head = tuple[int, int, bytes]  # term, size, root
NONE: Head = (0, 0, bytes(32))


def _head(head: Head) -> bytes:
    term, size, root = head
    return struct.pack(">IQ", term, size) + root


def promise(term: int, log_pk: bytes, seal: Head, cosigned: Head) -> bytes:
    """By a witness key: nothing older is cosigned, and no other key is promised this term."""
    return struct.pack(">BI", 1, term) + log_pk + _head(seal) + _head(cosigned)


def consent(term: int, log_pk: bytes, curve_pk: bytes, address: bytes) -> bytes:
    """By an authority key: this broker may be promised this term."""
    return struct.pack(">BI", 2, term) + log_pk + curve_pk + struct.pack(">H", len(address)) + address


def withdraw(action_id: bytes) -> bytes:
    """By an authority key: the change of organisations or policy is taken back."""
    return b"\x03" + action_id


def verify(federation_id: bytes, pk: bytes, statement: bytes, signature: bytes) -> bool:
    return ed25519.verify_domain(pk, ed25519.STATEMENT, federation_id + statement, signature)
