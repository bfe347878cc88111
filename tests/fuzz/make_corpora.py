#!/usr/bin/env python3
"""The corpora of note_fuzz, tlog_proof_fuzz, keyfile_fuzz, frame_fuzz and charter_fuzz: one valid
sample a shape, signatures aside (the parsers don't check them). The federation's corpus is the
founding file that tests/bench/bench_generate writes, and the payloads in it.
"""
import base64
import hashlib
import pathlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

root = pathlib.Path(__file__).resolve().parents[2]
corpus = root / "tests/fuzz/corpus"


def put(folder, name, data):
    (corpus / folder).mkdir(exist_ok=True)
    (corpus / folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def b64(data):
    return base64.b64encode(data).decode()


# ---- notes ----
empty = hashlib.sha256(b"").digest()
origin = "samband/test/0011223344556677/1"
log_line = f"— {origin} {b64(bytes(4) + bytes(range(64)))}\n"
witness_line = f"— samband/test/0011223344556677/org/unn {b64(b'abcd' + bytes(72))}\n"


def body(size, head):
    return f"{origin}\n{size}\n{b64(head)}\n"


note = body(7, bytes(range(32))) + "\n" + log_line
put("note", "empty", body(0, empty) + "\n" + log_line)
put("note", "log", note)
put("note", "cosigned", note + witness_line + witness_line.replace("unn", "lege"))
put("note", "body", body(12345678901234567, bytes(32)))
put("note", "line", witness_line)
put("note", "text", "fri tekst\n\nmed blank linje\n\n" + log_line)
put("note", "two-spellings", note.replace("=\n", "=\r\n"))

# ---- proofs ----
head = "c2sp.org/tlog-proof@v1\n"
hashes = "".join(b64(hashlib.sha256(bytes([i])).digest()) + "\n" for i in range(5))
put("tlog_proof", "one", head + "index 3\n" + hashes + "\n" + note)
put("tlog_proof", "none", head + "index 0\n\n" + note)
put("tlog_proof", "extra", head + f"extra {b64(b'mer')}\nindex 3\n" + hashes + "\n" + note)
put("tlog_proof", "long", head + "index 9\n" + hashes * 13 + "\n" + note)

# ---- key files ----
seed = hashlib.sha256(b"fuzz").digest()
public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(
    Encoding.Raw, PublicFormat.Raw).hex()
start = "samband-key/1\nrole: {}\npublic: " + public + "\n"
sealed = ("kdf: argon2id13\nops: {}\nmem: {}\nsalt: " + "0a" * 16 + "\nnonce: " + "0b" * 24 +
          "\nsecret: " + "0c" * 48 + "\n")
put("keyfile", "witness", start.format("witness") + f"kdf: none\nsecret: {seed.hex()}\n")
put("keyfile", "log", start.format("log") + f"kdf: none\nsecret: {seed.hex()}\n")
put("keyfile", "other-secret", start.format("witness") + f"kdf: none\nsecret: {'00' * 32}\n")
put("keyfile", "member", start.format("member") + sealed.format(1, 8192))
put("keyfile", "moderate", start.format("authority") + sealed.format(3, 268435456))
put("keyfile", "dear", start.format("recovery") + sealed.format(99, 1 << 40))


# ---- frames: number and kind of field, by hand ----
def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def frame(name, number, *fields, request=0):
    put("frame", name, field(1, request) + field(number, b"".join(field(n, v) for n, v in fields)))


entry = bytes.fromhex((root / "tests/unit/golden/entries.hex").read_text().split()[1])
h = bytes(range(32))
frame("hello", 2, (1, h), (2, "unn"), (3, 1000), (4, 1))
frame("welcome", 3, (1, h), (2, 1000), (3, note))
frame("pull", 4, (1, 17), (2, 1024))
frame("leaves", 5, (1, 17), (2, bytes(8) + entry), (2, bytes(8) + entry), (3, note))
frame("submit", 6, (1, entry), request=7)
frame("receipt", 7, (1, h), (2, 5), (3, 1700000000000), (4, h), (4, h), (5, note), request=7)
frame("refused", 8, (1, h), (2, 708), (3, "4"), (3, "5"), request=7)
frame("cosign", 9, (1, 9), (2, h), (3, h), (4, 1700000000), (5, bytes(64)))
frame("certified", 10, (1, note))
frame("blob-put", 11, (1, h), (2, 100), (3, 50), (4, b"x" * 50))
frame("blob-get", 12, (1, h), (2, 50))
frame("blob-data", 13, (1, h), (2, 100), (3, 50), (4, b"x" * 50))
frame("blob-stored", 14, (1, h), (2, 100))
frame("query", 15, (1, "case"), (2, "SSU:01/22"), request=8)
frame("answer", 16, (3, '{"size":1}'), request=8)
frame("unknown-field", 15, (1, "case"), (9, "x"))
put("frame", "nothing", field(1, 3))

# ---- federation: the payloads of the file as federation_fuzz signs them ----
founding = corpus / "federation/founding"
if founding.exists():
    data, payloads = founding.read_bytes(), b""
    while data:
        size = struct.unpack(">I", data[:4])[0]
        payload = data[4 + 118:4 + size - 64]
        payloads += struct.pack(">H", len(payload)) + payload
        data = data[4 + size:]
    put("federation", "payloads", payloads)

# ---- charters ----
for path in sorted((root / "deploy/federations").glob("*.yaml")):
    put("charter", path.stem, path.read_bytes())
put("charter", "sections", """charter: {slug: s, name: S}
partners: [{id: a, name: A}, {id: b, name: B}]
organisations: [{id: o, name: O, partner: a}, {id: p, name: P, partner: b}]
appointers: [{id: o, name: O, host: o}]
parties: [{id: x, name: X}]
bodies:
  - id: c
    name: C
    short-name: C
    seats:
      - {id: a-1, title: A1, partner: a, appointer: o, ex-officio: true}
      - {id: b-1, title: B1, partner: b, appointer: o, deputy: true}
    pass: {rule: for > 1/2 of cast, cite: § 2}
    election: {rule: "each partner: for >= 1", rounds: 3, keep: 2, tie: nobody, acclamation: true, cite: § 6, assumed: so}
    planning: {least: 8, before-year: true, next-date: true, cite: § 6}
    extraordinary: {by: leader, cite: § 6}
    delegation-cite: § 3
    term: {years: 4, cite: § 3}
    may-create: {cite: § 3}
    deadlines: [{kind: notice, least: 1, unit: week, effect: bars, cite: § 6}]
offices:
  - {id: leader, name: L, appointed-by: o, elected-by: c, term: {months: 6}, sits-until-replaced: true, norms: [{kind: alternates, force: must, cite: § 6}]}
  - {id: deputy-leader, name: D, appointed-by: p, elected-by: c, norms: [{kind: differs, office: leader, force: should, cite: § 6, assumed: so}]}
amendment: {body: c, pass: "for >= 2/3 of present, after discussion in an earlier meeting", cite: § 7, involvement: {moment: before-question, kind: informed, lapses: true, cite: § 7, assumed: so}}
membership: {body: c, pass: {rule: against = 0, cite: § 8}}
""")
