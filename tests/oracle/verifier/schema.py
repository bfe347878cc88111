"""Messages: classes made from the schemas, strict decoding, canonical packing. PROTOCOL.md "Payload rules"."""

import keyword
import re
from types import SimpleNamespace
from typing import Any

from .protoread import RULES, SCHEMA, Rule, SchemaField
from .refused import Refused

CHARTER_BYTES_MAX = 1_048_576
BLOBS_MAX = 64
UINT32_MAX, UINT64_MAX = 2**32 - 1, 2**64 - 1
UNKNOWN = Rule("unknown")  # PROTOCOL.md "Fields" forgot it; tests/oracle/fields.py says so

# "Text": nowhere allowed. U+000A is let through in prose alone.
_PLANE_ENDS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff" + _PLANE_ENDS + "]")
ID = re.compile("[a-z0-9-]*")

enum_names: dict[str, dict[int, str]] = SCHEMA.enums
E = SimpleNamespace(**{name: number for values in SCHEMA.enums.values() for number, name in values.items()})
classes: dict[str, type] = {}


class Field:
    """A field of a message with its rule, and how it is kept."""

    def __init__(self, field: SchemaField, rule: Rule) -> None:
        self.number, self.name, self.type = field.number, field.name, field.type
        self.attribute = field.name + "_" if keyword.iskeyword(field.name) else field.name
        self.is_repeated, self.oneof, self.rule = field.is_repeated, field.oneof, rule
        self.is_varint = field.type in ("uint32", "uint64", "bool") or field.type in SCHEMA.enums
        self.is_message = field.type in SCHEMA.messages
        self.is_text = field.type == "string"
        self.tag = varint(field.number << 3 | (0 if self.is_varint else 2))
        self.biggest = UINT64_MAX if field.type == "uint64" else UINT32_MAX
        self.allowed = SCHEMA.enums.get(field.type, {})
        wanted = {"string": ("id", "line", "prose"), "bytes": ("bytes",), "bool": ("flag",), "uint32": ("number",),
                  "uint64": ("number",)}.get(field.type, ("enum", "message"))
        assert rule is UNKNOWN or rule.kind in wanted, field.name
        assert rule is UNKNOWN or (rule.count is not None) == field.is_repeated, field.name
        assert not (self.is_repeated and self.is_varint), field.name

    def absent(self) -> Any:
        if self.is_repeated:
            return []
        if self.oneof or self.is_message:
            return None
        return {"string": "", "bytes": b"", "bool": False}.get(self.type, 0)


class Message:
    """Attributes by the names of the schema; see README.md. Never changed once decoded."""

    __slots__ = ()
    message_name = ""
    fields: list[Field] = []
    by_number: dict[int, Field] = {}
    oneofs: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(getattr(self, s) == getattr(other, s) for s in self.__slots__)

    def __repr__(self) -> str:
        return f"{self.message_name}({', '.join(f'{s}={getattr(self, s)!r}' for s in self.__slots__)})"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _make_classes() -> None:
    for name, fields in SCHEMA.messages.items():
        rules = RULES.get(name, {})
        made = [Field(f, rules.get(f.name, UNKNOWN)) for f in fields]
        oneofs = tuple(dict.fromkeys(f.oneof for f in made if f.oneof))
        slots = tuple(f.attribute for f in made) + oneofs
        classes[name] = type(name, (Message,), {
            "__slots__": slots, "message_name": name, "fields": made,
            "by_number": {f.number: f for f in made}, "oneofs": oneofs})


_make_classes()


# ---- making and packing ----


def _blank(name: str) -> Any:
    message = classes[name]()
    for f in message.fields:
        setattr(message, f.attribute, f.absent())
    for oneof in message.oneofs:
        setattr(message, oneof, None)
    return message


def new(name: str, /, **values: Any) -> Any:
    """A message with these fields; naming a field of a oneof sets the oneof."""
    message = _blank(name)
    by_attribute = {f.attribute: f for f in message.fields}
    for attribute, value in values.items():
        f = by_attribute[attribute]
        setattr(message, attribute, value)
        if f.oneof:
            setattr(message, f.oneof, f.name)
    return message


def copy(message: Any) -> Any:
    """Deep."""
    other = _blank(message.message_name)
    for f in message.fields:
        value = getattr(message, f.attribute)
        if f.is_repeated:
            value = [copy(v) if f.is_message else v for v in value]
        elif f.is_message and value is not None:
            value = copy(value)
        setattr(other, f.attribute, value)
    for oneof in message.oneofs:
        setattr(other, oneof, getattr(message, oneof))
    return other


def _pack_value(f: Field, value: Any) -> bytes:
    if f.is_varint:
        return f.tag + varint(int(value))
    data = encode(value) if f.is_message else value.encode() if f.is_text else value
    return f.tag + varint(len(data)) + data


def encode(message: Any) -> bytes:
    """Fields in the order of their numbers; what is absent, and 0 outside a oneof, isn't written."""
    out = []
    for f in message.fields:
        value = getattr(message, f.attribute)
        if f.is_repeated:
            out += [_pack_value(f, v) for v in value]
        elif f.oneof:
            if getattr(message, f.oneof) == f.name:
                out.append(_pack_value(f, value))
        elif value is not None and (f.is_message or value):
            out.append(_pack_value(f, value))
    return b"".join(out)


# ---- decoding: rules 1 and 6 ----


def _read_varint(data: bytes, at: int, path: str) -> tuple[int, int]:
    value = 0
    for i in range(10):
        if at >= len(data):
            raise Refused("PAYLOAD_MALFORMED", path)
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            if (i > 0 and byte == 0) or value > UINT64_MAX:
                raise Refused("PAYLOAD_NOT_CANONICAL", path)
            return value, at
    raise Refused("PAYLOAD_MALFORMED", path)


def _unpack(name: str, data: bytes, path: str) -> Any:
    message = _blank(name)
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at, path)
        f = message.by_number.get(tag >> 3)
        if f is None:
            raise Refused("PAYLOAD_UNKNOWN_FIELD", path, tag >> 3)
        here = f"{path}.{f.name}"
        if tag & 7 != (0 if f.is_varint else 2):
            raise Refused("PAYLOAD_MALFORMED", here)
        value: Any
        value, at = _read_varint(data, at, here)
        if f.is_varint:
            value = _scalar(f, value, here)
        else:
            if value > len(data) - at:
                raise Refused("PAYLOAD_MALFORMED", here)
            content = data[at:at + value]
            at += value
            value = _unpack(f.type, content, here) if f.is_message else _text(f, content, here)
        if f.is_repeated:
            getattr(message, f.attribute).append(value)
            continue
        setattr(message, f.attribute, value)
        if f.oneof:
            setattr(message, f.oneof, f.name)
    return message


def _scalar(f: Field, value: int, path: str) -> Any:
    if f.type == "bool":
        if value > 1:
            raise Refused("PAYLOAD_NOT_CANONICAL", path)
        return value == 1
    if f.allowed:
        if value not in f.allowed:
            raise Refused("PAYLOAD_ENUM", path, value)
        return value
    if value > f.biggest:
        raise Refused("PAYLOAD_NOT_CANONICAL", path)
    return value


def _text(f: Field, content: bytes, path: str) -> Any:
    if not f.is_text:
        return content
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("PAYLOAD_UTF8", path) from None


# ---- decoding: rules 3, 4 and 5 ----


def _check_text(value: str, rule: Rule, path: str) -> None:
    if rule.kind == "id":
        bad = None if ID.fullmatch(value) else value
    else:
        bad = FORBIDDEN.search(value) or (rule.kind == "line" and "\n" in value)
    if bad:
        raise Refused("PAYLOAD_CODE_POINT", path)


def _check_value(f: Field, value: Any, may_be_absent: bool, path: str) -> None:
    rule = f.rule
    if rule is UNKNOWN:
        if value not in (None, "", b"", 0, []):
            raise NotImplementedError(f"{path}: PROTOCOL.md Fields says nothing about it")
        return
    if rule.kind == "message":
        if value is None and not may_be_absent:
            raise Refused("PAYLOAD_MISSING", path)
        if value is not None:
            _check(value, path)
        return
    if rule.kind == "flag":
        if f.oneof and not value:
            raise Refused("PAYLOAD_MISSING", path)
        return
    if not value and may_be_absent:
        return
    if rule.kind == "enum":
        if value == 0:
            raise Refused("PAYLOAD_MISSING", path)
        return
    if not value and rule.least > 0:
        raise Refused("PAYLOAD_MISSING", path)
    if rule.kind == "number":
        if not rule.least <= value <= rule.most:
            raise Refused("PAYLOAD_RANGE", path, value, rule.least, rule.most)
        return
    length = len(value.encode()) if f.is_text else len(value)
    if not rule.least <= length <= rule.most:
        raise Refused("PAYLOAD_LENGTH", path, length, rule.least, rule.most)
    if f.is_text:
        _check_text(value, rule, path)


def _check(message: Any, path: str) -> None:
    for oneof in message.oneofs:
        if getattr(message, oneof) is None:
            raise Refused("PAYLOAD_MISSING", f"{path}.{oneof}")
    for f in message.fields:
        value = getattr(message, f.attribute)
        here = f"{path}.{f.name}"
        if f.is_repeated and f.rule is not UNKNOWN:
            least, most = f.rule.count or (0, 0)
            if not least <= len(value) <= most:
                raise Refused("PAYLOAD_COUNT", here, len(value), least, most)
            for i, one in enumerate(value):
                _check_value(f, one, False, f"{here}[{i}]")
        elif not f.oneof or getattr(message, f.oneof) == f.name:
            _check_value(f, value, f.rule.may_be_absent and not f.oneof, here)


def decode(name: str, data: bytes) -> Any:
    """The message, strictly: one meaning has one spelling."""
    message = _unpack(name, data, name)
    _check(message, name)
    if encode(message) != data:
        raise Refused("PAYLOAD_NOT_CANONICAL", name)
    return message


def decode_payload(name: str, data: bytes) -> Any:
    """As decode; and a payload names at most 64 blobs."""
    message = decode(name, data)
    if len(blobs(message)) > BLOBS_MAX:
        raise Refused("PAYLOAD_COUNT", name, len(blobs(message)), 0, BLOBS_MAX)
    return message


def decode_charter(data: bytes) -> Any:
    if len(data) > CHARTER_BYTES_MAX:
        raise Refused("ENTRY_TOO_LARGE", len(data), CHARTER_BYTES_MAX)
    return decode("Charter", data)


def blobs(message: Any) -> list[Any]:
    """The BlobRefs at any depth, in the order of the fields."""
    if message.message_name == "BlobRef":
        return [message]
    found = []
    for f in message.fields:
        if not f.is_message:
            continue
        value = getattr(message, f.attribute)
        for one in value if f.is_repeated else [value]:
            if one is not None:
                found += blobs(one)
    return found
