#!/usr/bin/env python3
"""The strict formats twice: what the C refuses, verifier/ refuses, and the reverse.

    format_fuzz.py DRIVER [--cases N] [--seed N] [--names]

Damages the golden entries (tests/unit/golden/entries.hex) and signs them anew, so that the payload decides and not the
signature; damages a charter, checkpoints and proofs; and makes signatures of every kind that Ed25519 libraries disagree
about. Each is asked of format_driver and of the Python. Exit 3 at the first verdicts that differ (with --names: also
where only the refusal's name does), with the bytes.
"""

import argparse
import base64
import collections
import random
import subprocess
import sys
from hashlib import sha512
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from verifier import ed25519, merkle, note, schema, wire  # noqa: E402
from verifier.refused import Refused  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DRIVER_BYTES_MAX = 2 * 1024 * 1024
SEED = bytes([0x5B]) * 32
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PK = KEY.public_key().public_bytes_raw()

TEXTS = [b"", b"a", b"\n", b"\0", b"\x1f", b"\x7f", b"\xc2\x80", b"\xc2\x9f", b"\xc2\xa0", b"\xd8\x9c", b"\xe2\x80\x8d",
         b"\xe2\x80\x8e", b"\xe2\x80\x8f", b"\xe2\x80\x90", b"\xe2\x80\xa7", b"\xe2\x80\xa8", b"\xe2\x80\xae",
         b"\xe2\x80\xaf", b"\xe2\x81\xa5", b"\xe2\x81\xa6", b"\xe2\x81\xa9", b"\xe2\x81\xaa", b"\xed\x9f\xbf",
         b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xee\x80\x80", b"\xef\xb7\x8f", b"\xef\xb7\x90", b"\xef\xb7\xaf",
         b"\xef\xb7\xb0", b"\xef\xbb\xbe", b"\xef\xbb\xbf", b"\xef\xbf\xbd", b"\xef\xbf\xbe", b"\xef\xbf\xbf",
         b"\xf0\x90\x80\x80", b"\xf0\x9f\xbf\xbe", b"\xf4\x8f\xbf\xbd", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80",
         b"\xf5\x80\x80\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xf0\x80\x80\x80", b"\x80",
         b"\xe2\x80", b"\xff", b"A", b"_", b"-", b"\xc3\xa5"]
NUMBERS = [0, 1, 2, 31, 32, 127, 128, 1439, 1440, 19000100, 19000101, 99991231, 99991232, 33554432, 33554433, 2**31 - 1,
           2**31, 2**32 - 1, 2**32, 2**32 + 1, 253402300799999, 253402300800000, 2**63, 2**64 - 1]


# ---- a protobuf as a list of (number, wire type, value); value: int, bytes or a list again ----


def parse(name: str, data: bytes) -> list:
    fields = {f.number: f for f in schema.classes[name].fields}
    out, at = [], 0
    while at < len(data):
        tag, at = schema._read_varint(data, at, "")
        value, at = schema._read_varint(data, at, "")
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
            if fields[tag >> 3].is_message:
                value = parse(fields[tag >> 3].type, value)
        out.append([tag >> 3, tag & 7, value])
    return out


def varint(value: int, rnd: random.Random) -> bytes:
    data = schema.varint(value)
    if rnd.random() < 0.002:  # longer than need be
        data = data[:-1] + bytes([data[-1] | 0x80]) + b"\x80" * rnd.randrange(0, 9) + b"\x00"
    return data


def pack(fields: list, rnd: random.Random) -> bytes:
    out = b""
    for number, kind, value in fields:
        out += varint(number << 3 | kind, rnd)
        if isinstance(value, int):
            out += varint(value, rnd)
        else:
            data = pack(value, rnd) if isinstance(value, list) else value
            out += varint(max(0, len(data) + (rnd.choice((-1, 1, 200)) if rnd.random() < 0.001 else 0)), rnd) + data
    return out


def lists_in(fields: list) -> list[list]:
    found = [fields]
    for field in fields:
        if isinstance(field[2], list):
            found += lists_in(field[2])
    return found


def damage(fields: list, rnd: random.Random) -> None:
    inside = rnd.choice(lists_in(fields))
    what = rnd.randrange(10)
    if not inside:
        inside.append([rnd.randrange(1, 20), rnd.choice((0, 2)), 1])
        inside[-1][2] = 1 if inside[-1][1] == 0 else b"\x01"
        return
    at = rnd.randrange(len(inside))
    field = inside[at]
    if what == 0:
        del inside[at]
    elif what == 1:
        inside.insert(at, [field[0], field[1], field[2]])
    elif what == 2:
        inside.append(inside.pop(at))
    elif what == 3:
        field[0] = max(1, field[0] + rnd.choice((-1, 1, 2, 100)))
    elif what == 4:
        field[1] = rnd.choice((0, 1, 2, 3, 4, 5))
    elif what == 5:
        times = rnd.choice((2, 17, 33, 51, 65, 101, 201, 367))
        inside[at:at] = [[field[0], field[1], field[2]] for _ in range(times)]
    elif isinstance(field[2], int):
        field[2] = rnd.choice(NUMBERS) if what < 9 else max(0, field[2] + rnd.choice((-1, 1)))
    elif isinstance(field[2], bytes):
        text = field[2]
        at = rnd.randrange(len(text) + 1)
        length = rnd.choice((0, 1, 31, 33, 63, 64, 65, 1000, 1001, 2000, 2001, 4000, 4001))
        field[2] = [text[:at] + rnd.choice(TEXTS) + text[at:], rnd.choice(TEXTS), b"a" * length, text[:-1]][what % 4]
    else:
        field[2] = [] if what < 8 else field[2] + field[2]


def damaged(name: str, data: bytes, rnd: random.Random) -> bytes:
    fields = parse(name, data)
    for _ in range(rnd.choice((0, 1, 1, 1, 2))):
        damage(fields, rnd)
    data = pack(fields, rnd)
    if rnd.random() < 0.1 and data:
        at = rnd.randrange(len(data))
        data = data[:at] + bytes([rnd.randrange(256)]) + data[at + rnd.randrange(2):]
    return data


def entries(rnd: random.Random, golden: list[bytes]) -> tuple[str, bytes]:
    whole = rnd.choice(golden)
    kind = whole[1] if rnd.random() < 0.98 else rnd.randrange(256)
    payload = damaged(wire.ENTRY_TYPES[whole[1]][1], whole[118:-64], rnd)
    length = len(payload) if rnd.random() < 0.98 else max(0, len(payload) + rnd.choice((-1, 1, 256)))
    version = 1 if rnd.random() < 0.99 else 2
    unsigned = bytes([version, kind]) + whole[2:34] + PK + whole[66:114] + length.to_bytes(4, "big") + payload
    return "e", unsigned + KEY.sign(ed25519.ENTRY + b"\0" + unsigned)


# ---- texts ----


def sample_note(rnd: random.Random) -> bytes:
    head = note.Head("samband/a/0123456789abcdef/1", rnd.choice((0, 1, 5, 2**63 - 1)), rnd.randbytes(32))
    if head.size == 0:
        head = note.Head(head.origin, 0, merkle.EMPTY_ROOT)
    text = head.body().decode() + "\n"
    for name in (head.origin, "unn.example/w")[:rnd.randrange(1, 3)]:
        data = base64.b64encode(rnd.randbytes(4 + rnd.choice((1, 64, 72, 2420)))).decode()
        text += f"\u2014 {name} {data}\n"
    return text.encode()


def sample_proof(rnd: random.Random) -> bytes:
    text = "c2sp.org/tlog-proof@v1\n"
    if rnd.random() < 0.5:
        text += f"extra {base64.b64encode(rnd.randbytes(rnd.randrange(1, 40))).decode()}\n"
    text += f"index {rnd.choice((0, 7, 2**63 - 1))}\n"
    for _ in range(rnd.choice((0, 1, 3, 63, 64))):
        text += base64.b64encode(rnd.randbytes(32)).decode() + "\n"
    return text.encode() + b"\n" + sample_note(rnd)


BITS = [b"\n", b"\n\n", b" ", b"0", b"9", b"+", b"=", b"A", b"\xe2\x80\x94 ", b"\t", b"\x00", b"\x1f", b"\x7f", b"\r", b"-",
        b"extra ", b"index ", b"\xc2\x85", b"\xc2\xa0", b"\xe1\x9a\x80", b"\xe2\x80\x80", b"\xe2\x80\x8b", b"\xe3\x80\x80",
        b"\xff", b"\xed\xa0\x80", b"9223372036854775808", b"18446744073709551616"]


def damaged_text(data: bytes, rnd: random.Random) -> bytes:
    for _ in range(rnd.choice((0, 1, 1, 1, 2))):
        at, what = rnd.randrange(len(data) + 1), rnd.randrange(5)
        if what == 0:
            data = data[:at] + rnd.choice(BITS) + data[at:]
        elif what == 1:
            data = data[:at] + data[at + 1:]
        elif what == 2 and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ 1 << rnd.randrange(8)]) + data[at + 1:]
        elif what == 3:
            lines = data.split(b"\n")
            lines.insert(rnd.randrange(len(lines)), rnd.choice(lines))
            data = b"\n".join(lines)
        else:
            lines = data.split(b"\n")
            del lines[rnd.randrange(len(lines))]
            data = b"\n".join(lines)
    return data


# ---- signatures that libraries disagree about ----


SCALAR = int.from_bytes(sha512(SEED).digest()[:32], "little") & ((1 << 254) - 8) | 1 << 254


def point(encoded: bytes) -> ed25519.Point:
    y = ed25519._y_of(encoded) % ed25519.P
    x = ed25519._recover_x(y, encoded[31] >> 7)
    assert x is not None
    return x, y, 1, x * y % ed25519.P


def encoded(p: ed25519.Point) -> bytes:
    inverse = pow(p[2], -1, ed25519.P)
    x, y = p[0] * inverse % ed25519.P, p[1] * inverse % ed25519.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def signature(rnd: random.Random) -> tuple[str, bytes]:
    """A and R honest, of small order, mixed or non-canonical; S below or above L; so that the equation mostly holds."""
    small = (rnd.choice(sorted(ed25519.SMALL_ORDER_YS)) | rnd.randrange(2) << 255).to_bytes(32, "little")
    mixed = encoded(ed25519._add(point(PK), point(small)))
    r = rnd.choice((0, rnd.randrange(ed25519.L)))  # the R that is said is R, or R and a point of small order
    base = ed25519._multiply(r, point((4 * pow(5, -1, ed25519.P) % ed25519.P).to_bytes(32, "little")))
    say_a = rnd.choice((PK, PK, mixed, small, rnd.randbytes(32)))
    say_r = rnd.choice((encoded(base), encoded(base), encoded(ed25519._add(base, point(small))), small, rnd.randbytes(32)))
    if rnd.random() < 0.1:  # a non-canonical y
        say_r = ((2**255 - 19 + rnd.randrange(19)) | rnd.randrange(2) << 255).to_bytes(32, "little")
    message = rnd.randbytes(rnd.randrange(40))
    k = int.from_bytes(sha512(say_r + say_a + message).digest(), "little")
    s = (r + k * SCALAR) % ed25519.L if rnd.random() < 0.9 else r
    if rnd.random() < 0.1:
        s += ed25519.L
    return "s", say_a + say_r + s.to_bytes(32, "little") + message


# ---- both sides ----


def python_says(what: str, data: bytes) -> str:
    try:
        if what == "e":
            wire._open(data)
        elif what == "c":
            schema.decode_charter(data)
        elif what == "n":
            note.parse_checkpoint(data)
        elif what == "p":
            note.parse_proof(data)
        else:
            holds = ed25519.verify(data[:32], data[96:], data[32:96])
            key = "valid-key" if ed25519.is_valid_key(data[:32]) else "no-key"
            return f"{'OK' if holds else 'SB_E_SIGNATURE'} {key}"
    except Refused as refused:
        return f"SB_E_{refused.name}"
    return "OK"


class Driver:
    def __init__(self, path: str) -> None:
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def says(self, what: str, data: bytes) -> str:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(what.encode() + len(data).to_bytes(4, "big") + data)
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().strip()


def golden_entries() -> list[bytes]:
    lines = (ROOT / "tests/unit/golden/entries.hex").read_text().splitlines()
    return [bytes.fromhex(line.split()[-1]) for line in lines if line and not line.startswith("#")]


def sample_charter() -> bytes:
    """With every section once."""
    def one(name: str, depth: int = 0):
        values = {}
        for f in schema.classes[name].fields:
            rule = f.rule
            if f.oneof or depth > 6:
                continue
            value = {"id": "a", "line": "x", "prose": "x", "bytes": bytes(rule.least), "flag": True,
                     "number": max(rule.least, 1), "enum": 1}.get(rule.kind)
            value = one(f.type, depth + 1) if f.is_message else value
            values[f.attribute] = [value] * max(1, rule.count[0] if rule.count else 1) if f.is_repeated else value
        return schema.new(name, **values)
    return schema.encode(one("Charter"))


def cases(rnd: random.Random, count: int):
    golden, charter = golden_entries(), sample_charter()
    for _ in range(count):
        which = rnd.random()
        if which < 0.6:
            yield entries(rnd, golden)
        elif which < 0.7:
            yield "c", damaged("Charter", charter, rnd)
        elif which < 0.85:
            yield "n", damaged_text(sample_note(rnd), rnd)
        elif which < 0.92:
            yield "p", damaged_text(sample_proof(rnd), rnd)
        else:
            yield signature(rnd)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--names", action="store_true")
    args = parser.parse_args()
    driver = Driver(args.driver)
    seen: collections.Counter = collections.Counter()
    for what, data in cases(random.Random(args.seed), args.cases):
        if len(data) > DRIVER_BYTES_MAX:
            continue
        theirs, ours = driver.says(what, data), python_says(what, data)
        seen[what, theirs] += 1
        differs = theirs != ours if args.names or what == "s" else (theirs == "OK") != (ours == "OK")
        if differs:
            print(f"{what}: C {theirs}, Python {ours}: {data.hex()}")
            return 3
    for (what, verdict), times in sorted(seen.items()):
        print(f"{times:7d} {what} {verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
