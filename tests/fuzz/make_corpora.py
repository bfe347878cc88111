#!/usr/bin/env python3
"""The corpora of the decoders: one valid
sample a shape, signatures aside (the parsers don't check them). The federation's corpus is the
founding file that tests/bench/bench_generate writes, and the payloads in it.
"""
import base64
import hashlib
import pathlib
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.dont_write_bytecode = True
import inputs  # noqa: E402

root = pathlib.Path(__file__).resolve().parents[2]


def put(target, name, data):
    inputs.put(target, name, data if isinstance(data, bytes) else data.encode())


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

# ---- what came later ----
put("frame", "handover-offer", field(18, field(1, 40) + field(2, bytes(8) + entry) + field(3, note)))
put("frame", "promise-ask", field(18 + 1, field(1, 2) + field(2, h)))
put("frame", "promise-ask-would", field(18 + 1, field(1, 2) + field(2, h) + field(3, 1)))
head_message = field(1, 1) + field(2, 9) + field(3, h)
cosignature = field(1, h) + field(2, 1700000000) + field(3, bytes(64))
put("frame", "promise-given", field(20, field(1, 2) + field(2, h) + field(3, h) + field(4, head_message) +
                                    field(5, cosignature) + field(6, head_message) + field(7, bytes(64))))
put("frame", "would-promise", field(20, field(1, 2) + field(2, h) + field(3, h) + field(4, head_message)))
put("frame", "peer-head", field(21, field(1, note + witness_line)))
put("frame", "consistency-get", field(22, field(1, 3) + field(2, 9)))
put("frame", "consistency", field(23, field(1, 3) + field(2, 9) + field(3, h) + field(3, h) + field(4, h)))
ask = "old 3\n" + hashes + "\n" + note
put("frame", "witness-ask", field(24, field(1, ask)))
put("frame", "witness-answer", field(25, field(1, 200) + field(2, witness_line)))
put("frame", "consent", field(26, field(1, 2) + field(2, h) + field(3, h) + field(4, "tcp://a:1") +
                                  field(5, bytes(64))))
put("frame", "ping", field(17, field(1, 1700000000000)))

# compiled charters: what a federation file holds, and the sample with fields changed
if founding.exists():
    data, whole = founding.read_bytes(), b""
    while data:
        size = struct.unpack(">I", data[:4])[0]
        payload = data[4 + 118:4 + size - 64]
        if data[5] == 2:  # CHARTER_PART: number, data
            at = payload.index(b"\x12") + 1
            while payload[at] & 128:
                at += 1
            whole += payload[at + 1:]
        data = data[4 + size:]
    put("charter_compiled", "founding", whole)
put("charter_compiled", "changed", b"\x01" + bytes(range(1, 60)))

# entries at each moment of the history: a payload of each type, and the history itself
for i, line in enumerate((root / "tests/unit/golden/entries.hex").read_text().splitlines()):
    name, text = line.split()
    data = bytes.fromhex(text)
    payload = data[118:-64][:2000]
    put("entry_ledger", "type-" + name, bytes([5 + i % 6, 255, 47, 3, 1, 1, 1, data[1]]) +
        struct.pack(">H", len(payload)) + payload)
for moment in range(14):
    put("entry_ledger", f"history-{moment}", bytes([moment]) + bytes([255, 0]) * 30)
    put("entry_ledger", f"changes-{moment}", bytes([moment]) + bytes([255, 4, 2, 1, 1, 1, 1, 3, 2, 200, 5]) * 8)

# scripts, documents, configurations
for path in sorted((root / "tests/e2e").glob("*.yaml")):
    if path.stat().st_size < 12000:
        put("script", path.stem, path.read_bytes())
put("doc", "yaml", "a: 1\nb: [x, 'y', \"z\\u00e5\"]\nc:\n  - {d: true, e: ~}\nf: |\n  to\n  linjer\n")
put("doc", "json", 'J{"a":1,"b":[true,null,"æ\\n"],"c":{"d":"18446744073709551615"}}')
put("doc", "json-twice", 'J{"a":1,"a":2}')
put("doc", "yaml-alias", "a: &x 1\nb: *x\n")
hex32 = "ab" * 32
put("config", "node", "\x00organisation: unn\nbroker: tcp://megler:7117\nbroker-key: " + hex32 +
    "\nsocket: run/node.sock\nlisten: tcp://0.0.0.0:7118\npeers:\n  - {organisation: lege, address: tcp://b:1}\n")
put("config", "broker", "\x01listen: tcp://0.0.0.0:7117\nstandby: true\n")
vkey = hashlib.sha256((origin + "\n").encode() + b"\x01" + h).digest()[:4].hex()
put("config", "witness", f"\x02name: vitne\nlisten: 127.0.0.1:7140\nlogs:\n  - {origin}+{vkey}+{b64(bytes([1]) + h)}\n")
put("config", "card", "\x03organisation: unn\n" + "".join(
    f"{k}: {hex32}\n" for k in ("authority", "witness", "recovery", "curve")))
put("config", "standby-card", f"\x04id: reserve\nlog: {hex32}\ncurve: {hex32}\naddress: tcp://r:1\n")
put("config", "predecessor", f"\x05federation: {hex32}\ncheckpoint: note\nlost: [en linje]\n")
for i, text in enumerate(("3 weeks before", "4 working days after", "1 uke før", "4 arbeidsdager etter",
                          "14 dager før", "holiday", "366 weeks after")):
    put("deadline", f"text-{i}", bytes([60, 5, 20]) + text.encode())
put("policy", "small", f"log {origin}+{vkey}+{b64(bytes([1]) + h)}\n" + "".join(
    f"witness w{i} w{i}+" + hashlib.sha256(f"w{i}\n".encode() + b"\x04" + bytes([i]) * 32).digest()[:4].hex() +
    "+" + b64(b"\x04" + bytes([i]) * 32) + "\n" for i in range(3)) +
    "group g 2 w0 w1\ngroup all any g w2\nquorum all\n")
put("policy", "none", "# ingen\n\nquorum none\n")
put("policy", "vkey", f"{origin}+{vkey}+{b64(bytes([1]) + h)}")
put("statement", "all", b"".join(bytes([32]) + h for _ in range(2)) + bytes([1, 2]) + bytes([32]) + h +
    (bytes([1, 1, 1, 9]) + bytes([32]) + h) * 2 + b"\x09tcp://a:1" + bytes([32]) + h + b"\x01")
put("proof", "all", b"".join(bytes([op, 0, 7, 2, 100, 1, 1, 0]) for op in (0, 1, 2, 3)) * 3)
put("proof", "bent", b"".join(bytes([op, 0, 7, 2, 100, 1, 1, 3, 10, 1, 2, 100, 150]) for op in (0, 1)) * 3)
put("witness", "rising", b"".join(bytes([0, 0, old, new, 0, 0, 0]) for old, new in ((0, 5), (5, 9), (9, 9), (9, 30))))
put("witness", "fork", b"".join(bytes([0, t, old, new, 0, 0, 0]) for t, old, new in ((0, 0, 30), (1, 30, 30), (1, 30, 35))))
put("witness", "body", bytes([200]) + struct.pack(">H", len(ask)) + ask.encode())
answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + witness_line.encode()
put("witness", "answer", bytes([250]) + struct.pack(">H", len(answer)) + answer)
url = b"http://vitne.example.no:7140/add-checkpoint"
put("witness", "url", bytes([250]) + struct.pack(">H", len(url)) + url)
put("blob", "whole", bytes([0, 0, 3, 0, 0, 0, 0, 0, 1]) + bytes([170, 0, 0, 0, 0]))
put("blob", "three-chunks", bytes([0, 2, 3, 0, 0, 0, 0, 0, 1]) * 3 + bytes([170, 2, 0, 1, 0, 170, 2, 0, 2, 0]))
put("blob", "not-its-hash", bytes([0, 3, 3, 0, 0, 0, 0, 0, 1]) * 3)
put("zap", "right", bytes([0] * 8))
put("zap", "other-key", bytes([0, 0, 0, 0, 0, 0, 0, 200, 200, 32]) + h)
put("zap", "other-domain", bytes([0, 0, 0, 200, 200, 3]) + b"abc" + bytes(6))
put("zap", "eight-parts", bytes([200, 7]) + bytes(8))
for i in range(6):
    put("bundle", f"change-{i}", bytes([i * 5, i, 0, 20, i % 4, 3, 65, 66, 67]) * 2)
put("bundle", "as-it-is", b"")
for i, text in enumerate((
        '{"size":9,"root":"' + hex32 + '","term":1,"state":"final","final_size":9,"since_ms":1700000000000,'
        '"confirmed":3,"needed":3,"organisations":4,"broker":{"up":true},"block":"none","outbox":0}',
        '{"mode":"broker","size":9,"root":"' + hex32 + '","term":1,"cosigners":3,"needed":3,"peers":4}',
        '[{"id":"' + hex32 + '","status":"open","parties":["a"],"due":"2022-01-20","text":"x"}]',
        '{"mode":"standby","size":9,"term":1,"phase":"asks","asked_term":2,"would":2,"promised":1,"needed":3,"peers":3,'
        '"silence_s":180,"refusal":{"code":1313,"args":["30"]},"answers":[{"organisation":"a\\u001b","answer":"promised"},'
        '{"organisation":"b","answer":"would","new_key":true},{"organisation":"c","answer":"no",'
        '"refusal":{"code":1313,"args":["30\\u0007"]}},{"organisation":"d","answer":"away"}]}')):
    for which in (0, 1, 2, 3, 4, 5, 6, 7):
        put("answer", f"{i}-{which}", bytes([which + 128 * (i % 2)]) + text.encode())
