"""Reads what the verifier is written from: the .proto schemas, and the tables of PROTOCOL.md (Fields, Entry types)."""

import re
from dataclasses import dataclass, field
from pathlib import Path

PROTO = Path(__file__).resolve().parents[3] / "proto"
SCALARS = ("string", "bytes", "uint32", "uint64", "bool")


@dataclass
class SchemaField:
    number: int
    name: str
    type: str  # of SCALARS, or the name of an enum or message
    is_repeated: bool
    oneof: str | None


@dataclass
class Schema:
    messages: dict[str, list[SchemaField]] = field(default_factory=dict)  # rising numbers
    enums: dict[str, dict[int, str]] = field(default_factory=dict)


def _tokens(text: str) -> list[str]:
    text = re.sub(r"//[^\n]*", "", text)
    return re.findall(r'"[^"]*"|[\w.]+|[{}=;]', text)


def read_schema(paths: list[Path]) -> Schema:
    """The subset of proto3 that the schemas use: messages with scalars, oneofs and repeated fields; enums."""
    schema = Schema()
    for path in paths:
        tokens = iter(_tokens(path.read_text(encoding="utf-8")))
        for token in tokens:
            if token == "enum":
                name = next(tokens)
                schema.enums[name] = _read_enum(tokens)
            elif token == "message":
                name = next(tokens)
                schema.messages[name] = sorted(_read_message(tokens), key=lambda f: f.number)
            else:  # syntax, package, import: up to the ;
                while token != ";":
                    token = next(tokens)
    return schema


def _read_enum(tokens) -> dict[int, str]:
    values = {}
    assert next(tokens) == "{"
    while (name := next(tokens)) != "}":
        equals, number, end = next(tokens), next(tokens), next(tokens)
        assert (equals, end) == ("=", ";")
        values[int(number)] = name
    return values


def _read_message(tokens) -> list[SchemaField]:
    fields = []
    oneof = None
    assert next(tokens) == "{"
    while True:
        token = next(tokens)
        if token == "}" and oneof is None:
            return fields
        if token == "}":
            oneof = None
        elif token == "oneof":
            oneof = next(tokens)
            assert next(tokens) == "{"
        else:
            is_repeated = token == "repeated"
            kind = next(tokens) if is_repeated else token
            name, equals, number, end = next(tokens), next(tokens), next(tokens), next(tokens)
            assert (equals, end) == ("=", ";")
            fields.append(SchemaField(int(number), name, kind, is_repeated, oneof))


@dataclass
class Rule:
    """What a field may hold: PROTOCOL.md "Fields"."""

    kind: str  # id line prose bytes number flag enum message
    least: int = 0  # bytes of a text or of bytes; a number
    most: int = 0
    may_be_absent: bool = False
    count: tuple[int, int] | None = None


_FIXED = {
    "id": ("id", 1, 64),
    "hash": ("bytes", 32, 32),
    "sig": ("bytes", 64, 64),
    "date": ("number", 19000101, 99991231),
    "time": ("number", 1, 253402300799999),
    "flag": ("flag", 0, 1),
    "enum": ("enum", 0, 0),
    "message": ("message", 0, 0),
}


def _read_rule(words: str) -> Rule:
    count = re.search(r" \[(\d+)-(\d+)\]$", words)
    limits = (int(count[1]), int(count[2])) if count else None
    words = words[: count.start()] if count else words
    may_be_absent = words.endswith("?")
    words = words.rstrip("?")
    if words in _FIXED:
        return Rule(*_FIXED[words], may_be_absent, limits)
    if text := re.fullmatch(r"(line|prose) (\d+)", words):
        return Rule(text[1], 1, int(text[2]), may_be_absent, limits)
    span = re.fullmatch(r"(bytes )?(\d+)-(\d+)", words)
    assert span is not None, words
    return Rule("bytes" if span[1] else "number", int(span[2]), int(span[3]), may_be_absent, limits)


def read_rules(protocol: str) -> dict[str, dict[str, Rule]]:
    """message -> field -> rule."""
    block = re.search(r"```fields\n(.*?)```", protocol, re.DOTALL)
    assert block is not None
    rules: dict[str, dict[str, Rule]] = {}
    for line in block[1].splitlines():
        message, _, items = line.partition(": ")
        rules[message] = {}
        for item in items.split(", "):
            name, _, words = item.partition(" ")
            rules[message][name] = _read_rule(words)
    return rules


def read_types(protocol: str) -> dict[int, tuple[str, str]]:
    """Entry type -> (name, message): the table under "Entry types"."""
    part = protocol[protocol.index("### Entry types"):]
    part = part[: part.index("\n## ")]
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \| (\w+) \|", part, re.MULTILINE)
    return {int(number): (name, message) for number, name, message in rows}


SCHEMA = read_schema([PROTO / "schema/charter.proto", PROTO / "schema/entry.proto"])
_PROTOCOL = (PROTO / "PROTOCOL.md").read_text(encoding="utf-8")
RULES = read_rules(_PROTOCOL)
ENTRY_TYPES = read_types(_PROTOCOL)
