"""The ledger's rows: encoding and an ordered store (PROTOCOL.md "Rows").

The table of rows is read from proto/ledger/rows.def, which PROTOCOL.md names as the list. Views
(tables 0x80 and up) and the position are outside the digest and are not kept here.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left, bisect_right, insort
from pathlib import Path
from typing import Any, Iterator

NONE = 0xFFFFFFFF  # no partner, body, organisation, office, appointer
ROWS_DEF = Path(__file__).resolve().parents[3] / "proto" / "ledger" / "rows.def"
FIRST_VIEW = 0x80
ZERO = bytes(32)

DEFAULTS: dict[str, Any] = {"u8": 0, "u16": 0, "u32": 0, "u64": 0, "d64": 0, "b32": ZERO, "str": "", "bytes": b""}
FIXED = {"u8": ">B", "u16": ">H", "u32": ">I", "u64": ">Q"}


class Row:
    """One row; its fields are attributes. Subclasses are made from rows.def."""

    __slots__ = ()
    table: "Table"

    def __init__(self, **fields: Any):
        for name, value in self.table.defaults:
            setattr(self, name, value)
        for name, value in fields.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        inner = ", ".join(f"{n}={getattr(self, n)!r}" for n, _ in self.table.defaults)
        return f"{self.table.name}({inner})"


class Table:
    """Name, number and fields of one kind of row."""

    def __init__(self, name: str, number: int, keys: list[tuple[str, str]], values: list[tuple[str, str]]):
        self.name, self.number, self.keys, self.values = name, number, keys, values
        self.defaults = [(field, DEFAULTS[kind]) for kind, field in keys + values]
        slots = tuple(field for _, field in keys + values)
        self.row = type(f"Row_{name}", (Row,), {"__slots__": slots, "table": self})

    def key(self, parts: tuple | list) -> bytes:
        """The table's number and the first key fields."""
        out = bytes([self.number])
        for (kind, _), value in zip(self.keys, parts):
            out += encode_key(kind, value)
        return out

    def key_of(self, row: Row) -> bytes:
        return self.key([getattr(row, field) for _, field in self.keys])

    def value_of(self, row: Row) -> bytes:
        return b"".join(encode_value(kind, getattr(row, field)) for kind, field in self.values)

    def read(self, key: bytes, value: bytes) -> Row:
        row = self.row()
        at = 1
        for kind, field in self.keys:
            item, at = decode_key(kind, key, at)
            setattr(row, field, item)
        at = 0
        for kind, field in self.values:
            item, at = decode_value(kind, value, at)
            setattr(row, field, item)
        assert at == len(value)
        return row


def encode_key(kind: str, value: Any) -> bytes:
    if kind == "b32":
        assert len(value) == 32
        return bytes(value)
    if kind == "str":
        return value.encode()
    if kind == "d64":
        return struct.pack(">Q", value ^ 0xFFFFFFFFFFFFFFFF)
    return struct.pack(FIXED[kind], value)


def decode_key(kind: str, data: bytes, at: int) -> tuple[Any, int]:
    if kind == "b32":
        return data[at:at + 32], at + 32
    if kind == "str":
        return data[at:].decode(), len(data)
    if kind == "d64":
        return struct.unpack_from(">Q", data, at)[0] ^ 0xFFFFFFFFFFFFFFFF, at + 8
    size = struct.calcsize(FIXED[kind])
    return struct.unpack_from(FIXED[kind], data, at)[0], at + size


def encode_value(kind: str, value: Any) -> bytes:
    if kind == "b32":
        assert len(value) == 32
        return bytes(value)
    if kind == "str":
        raw = value.encode()
        return struct.pack(">H", len(raw)) + raw
    if kind == "bytes":
        return struct.pack(">I", len(value)) + value
    return struct.pack(FIXED[kind], value)


def decode_value(kind: str, data: bytes, at: int) -> tuple[Any, int]:
    if kind == "str":
        size = struct.unpack_from(">H", data, at)[0]
        return data[at + 2:at + 2 + size].decode(), at + 2 + size
    if kind == "bytes":
        size = struct.unpack_from(">I", data, at)[0]
        return data[at + 4:at + 4 + size], at + 4 + size
    return decode_key(kind, data, at)


def load_tables(path: Path = ROWS_DEF) -> dict[str, Table]:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    tables: dict[str, Table] = {}
    for match in re.finditer(r"SB_ROW\(\s*(\w+)\s*,\s*(0x[0-9a-f]+)\s*,((?:[^()]|\([^()]*\))*)\)", text):
        name, number, rest = match.group(1), int(match.group(2), 16), match.group(3)
        fields = {"K": [], "V": []}
        for which, kind, field in re.findall(r"([KV])\(\s*(\w+)\s*,\s*(\w+)\s*\)", rest):
            fields[which].append((kind, field))
        tables[name] = Table(name, number, fields["K"], fields["V"])
    return tables


TABLES = load_tables()
BY_NUMBER = {table.number: table for table in TABLES.values()}


class _Rows:
    """`R.case(no=1, …)` makes a row."""

    def __getattr__(self, name: str) -> type:
        return TABLES[name].row


R = _Rows()


class Store:
    """Rows in key order, with the changes since `begin` for undoing and for the digest's effects."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}
        self.order: dict[int, list[bytes]] = {}  # keys of a table, rising
        self.before: dict[bytes, bytes | None] = {}  # what a touched key held at `begin`

    # ---- rows ----

    def get(self, name: str, *key: Any) -> Any:
        """A copy of the row, or None."""
        table = TABLES[name]
        assert len(key) == len(table.keys), name
        raw = table.key(key)
        value = self.data.get(raw)
        return None if value is None else table.read(raw, value)

    def find(self, name: str, *key: Any) -> Any:
        """The row, or one with this key and nothing in it (not stored)."""
        row = self.get(name, *key)
        if row is None:
            table = TABLES[name]
            row = table.row(**{field: value for (_, field), value in zip(table.keys, key)})
        return row

    def has(self, name: str, *key: Any) -> bool:
        return TABLES[name].key(key) in self.data

    def put(self, row: Row) -> None:
        if row.table.number < FIRST_VIEW:
            self.write(row.table.key_of(row), row.table.value_of(row))

    def delete(self, name: str, *key: Any) -> None:
        table = TABLES[name]
        assert len(key) == len(table.keys), name
        self.write(table.key(key), None)

    def remove(self, row: Row) -> None:
        self.write(row.table.key_of(row), None)

    def each(self, name: str, *prefix: Any) -> Iterator[Any]:
        """The rows under a prefix of the key, in key order: those there are now, less what is
        removed on the way."""
        table = TABLES[name]
        low = table.key(prefix)
        keys = self.order.get(table.number, [])
        high = bisect_right(keys, low + b"\xff" * 600)
        for key in keys[bisect_left(keys, low):high]:
            value = self.data.get(key)
            if value is not None:
                yield table.read(key, value)

    def first(self, name: str, *prefix: Any) -> Any:
        return next(self.each(name, *prefix), None)

    def count(self, name: str, *prefix: Any) -> int:
        return sum(1 for _ in self.each(name, *prefix))

    # ---- bytes ----

    def write(self, key: bytes, value: bytes | None) -> None:
        now = self.data.get(key)
        if now == value:
            return
        self.before.setdefault(key, now)
        if value is None:
            del self.data[key]
            keys = self.order[key[0]]
            del keys[bisect_left(keys, key)]
            return
        if now is None:
            insort(self.order.setdefault(key[0], []), key)
        self.data[key] = value

    def begin(self) -> None:
        self.before = {}

    def undo(self) -> None:
        for key, value in list(self.before.items()):
            self.write(key, value)
        self.before = {}

    def effects(self) -> bytes:
        """PROTOCOL.md "Ledger: steps and digest": what differs from before, in key order."""
        out = []
        for key in sorted(self.before):
            value = self.data.get(key)
            if value == self.before[key]:
                continue
            out.append(struct.pack(">BH", value is not None, len(key)) + key
                       + struct.pack(">I", len(value or b"")) + (value or b""))
        return b"".join(out)
