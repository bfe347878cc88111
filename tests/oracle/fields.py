#!/usr/bin/env python3
"""Does PROTOCOL.md's table of fields say what proto/wire/constraints.c does?

    fields.py [--write]      exit 0: yes; 3: no, with the lines that differ. --write puts them into PROTOCOL.md.

The table is what a second implementation reads (tests/oracle/verifier/schema.py does); this holds it against the C.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "proto/PROTOCOL.md"
BLOCK = re.compile(r"(### Fields\n.*?```fields\n)(.*?)(```\n)", re.DOTALL)
UINT32_MAX, UINT64_MAX = 2**32 - 1, 2**64 - 1


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def numbers_of(text: str, known: dict[str, int]) -> None:
    """The constants of C enums, each may use those before it."""
    for body in re.findall(r"\benum\s*\{(.*?)\}", without_comments(text), re.DOTALL):
        for name, value in re.findall(r"(\w+)\s*=\s*([^,}]+)", body):
            known[name] = evaluate(value, known)


def evaluate(expression: str, known: dict[str, int]) -> int:
    return int(eval(re.sub(r"\b(\d+)u\b", r"\1", expression), {"__builtins__": {}}, known))


def split_items(text: str) -> list[str]:
    items, depth, at = [], 0, 0
    for i, c in enumerate(text):
        depth += {"(": 1, ")": -1}.get(c, 0)
        if c == "," and depth == 0:
            items.append(text[at:i].strip())
            at = i + 1
    return items + [text[at:].strip()]


def span(low: int, high: int) -> str:
    return f"{low}-{high}"


def field_of(item: str, known: dict[str, int]) -> str:
    macro, arguments = re.fullmatch(r"(\w+)\((.*)\)", item, re.DOTALL).groups()
    name, *rest = split_items(arguments)
    may = "?" if macro.startswith("MAY_") else ""
    kind = macro.removeprefix("MAY_")
    if kind in ("MESSAGE", "MESSAGES"):
        rest = rest[1:]  # which one stands in the schema
    v = [evaluate(r, known) for r in rest]
    plain = {"ID": "id", "HASH": "hash", "SIGNATURE": "sig", "FLAG": "flag", "ENUM": "enum", "MESSAGE": "message",
             "DATE": "date", "TIME": "time"}
    if kind in plain:
        return f"{name} {plain[kind]}{may}"
    if kind in ("LINE", "PROSE"):
        return f"{name} {kind.lower()} {v[0]}{may}"
    if kind == "BYTES":
        return f"{name} bytes {span(*v)}{may}"
    if kind == "NUMBER":
        return f"{name} {span(*v)}{may}"
    if kind in ("IDS", "HASHES", "MESSAGES"):
        one = {"IDS": "id", "HASHES": "hash", "MESSAGES": "message"}[kind]
        return f"{name} {one} [{span(*v)}]"
    if kind == "PROSES":
        return f"{name} prose {v[0]} [{span(*v[1:])}]"
    raise SystemExit(f"fields.py: unknown macro {macro}")


def table_of_c() -> str:
    known = {"UINT32_MAX": UINT32_MAX, "UINT64_MAX": UINT64_MAX}
    numbers_of((ROOT / "proto/base/limits.h").read_text(), known)
    source = (ROOT / "proto/wire/constraints.c").read_text()
    for name, value in re.findall(r"#define (\w+) (\d+)u?\n", source):
        known[name] = int(value)
    numbers_of(source, known)
    lines = []
    for name, body in re.findall(r"^RULES\((\w+),(.*?)\);[ ]*$", without_comments(source), re.DOTALL | re.MULTILINE):
        message = "".join(part.capitalize() for part in name.split("_"))
        lines.append(f"{message}: " + ", ".join(field_of(item, known) for item in split_items(body)) + "\n")
    return "".join(lines)


def main() -> int:
    text, wanted = PROTOCOL.read_text(), table_of_c()
    found = BLOCK.search(text)
    if not found:
        print("PROTOCOL.md has no table of fields")
        return 3
    if found[2] == wanted:
        return 0
    if "--write" in sys.argv[1:]:
        PROTOCOL.write_text(text[:found.start(2)] + wanted + text[found.end(2):])
        return 0
    have, want = set(found[2].splitlines()), set(wanted.splitlines())
    for line in sorted(have - want):
        print("PROTOCOL.md only:", line)
    for line in sorted(want - have):
        print("constraints.c:   ", line)
    print("differs; tests/oracle/fields.py --write puts it right")
    return 3


if __name__ == "__main__":
    sys.exit(main())
