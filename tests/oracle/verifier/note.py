"""Base64, signed notes, checkpoints, cosignatures, tlog-proofs. PROTOCOL.md "Notes, checkpoints and cosignatures"."""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from . import ed25519
from .merkle import EMPTY_ROOT, SIZE_MAX, verify_inclusion
from .refused import Refused

NOTE_BYTES_MAX = 131_072
LINES_MAX = 512
NAME_BYTES_MAX = 255
SIGNATURE_BYTES_MAX = 5_120
ORIGIN_BYTES_MAX = 128
TYPE_LOG, TYPE_COSIGNATURE = 1, 4
DASH = "\u2014 "

SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
DECIMAL = re.compile("0|[1-9][0-9]{0,19}")


def unbase64(text: str) -> bytes | None:
    """RFC 4648 section 4 with padding; None unless this is the one spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None


def decimal(text: str, most: int) -> int | None:
    """No sign, no leading zeros."""
    if not DECIMAL.fullmatch(text) or int(text) > most:
        return None
    return int(text)


def key_id(name: str, kind: int, pk: bytes) -> bytes:
    return sha256(name.encode("utf-8") + b"\n" + bytes([kind]) + pk).digest()[:4]


def is_name(name: str) -> bool:
    return 0 < len(name.encode("utf-8")) <= NAME_BYTES_MAX and "+" not in name and not SPACE.search(name) \
        and not CONTROL.search(name)


@dataclass(frozen=True)
class Line:
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    text: str  # with its closing \n
    lines: tuple[Line, ...]


def _parse_line(line: str) -> Line:
    if not line.startswith(DASH):
        raise Refused("NOTE_MALFORMED", "U+2014")
    name, space, encoded = line[len(DASH):].partition(" ")
    if not space or not is_name(name):
        raise Refused("NOTE_MALFORMED", "name")
    data = unbase64(encoded)
    if data is None or not 5 <= len(data) <= 4 + SIGNATURE_BYTES_MAX:
        raise Refused("NOTE_MALFORMED", "base64")
    return Line(name, data[:4], data[4:])


def parse_note(data: bytes) -> Note:
    """Everything but the signatures is checked."""
    if len(data) > NOTE_BYTES_MAX:
        raise Refused("TOO_LARGE", "note")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("NOTE_MALFORMED", "UTF-8") from None
    if CONTROL.search(text):
        raise Refused("NOTE_MALFORMED", "control character")
    blank = text.rfind("\n\n")
    if not text.endswith("\n") or blank < 0:
        raise Refused("NOTE_MALFORMED", "\\n\\n")
    lines = text[blank + 2:].split("\n")[:-1]
    if not 1 <= len(lines) <= LINES_MAX:
        raise Refused("NOTE_MALFORMED", "signature lines")
    return Note(text[:blank + 1], tuple(_parse_line(line) for line in lines))


# ---- checkpoints ----


@dataclass(frozen=True)
class Head:
    """(origin, size, root): what a checkpoint says, whatever lines it carries."""

    origin: str
    size: int
    root: bytes

    def body(self) -> bytes:
        root = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}\n".encode("utf-8")


def parse_head(text: str) -> Head:
    """Exactly three lines; the text ends with \\n."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] != "":
        raise Refused("NOTE_MALFORMED", "three lines")
    origin, size = lines[0], decimal(lines[1], SIZE_MAX)
    root = unbase64(lines[2])
    if not is_name(origin) or len(origin.encode("utf-8")) > ORIGIN_BYTES_MAX:
        raise Refused("NOTE_MALFORMED", "origin")
    if size is None or root is None or len(root) != 32:
        raise Refused("NOTE_MALFORMED", "size or root")
    if size == 0 and root != EMPTY_ROOT:
        raise Refused("NOTE_MALFORMED", "root of size 0")
    return Head(origin, size, root)


def parse_checkpoint(data: bytes) -> tuple[Note, Head]:
    note = parse_note(data)
    return note, parse_head(note.text)


def verify_log_lines(note: Note, origin: str, log_pk: bytes) -> None:
    """At least one line of the log's key, and every one of them holds."""
    wanted = key_id(origin, TYPE_LOG, log_pk)
    found = 0
    for line in note.lines:
        if line.name != origin or line.key_id != wanted:
            continue
        if not ed25519.verify(log_pk, note.text.encode("utf-8"), line.signature):
            raise Refused("CHECKPOINT_SIGNATURE")
        found += 1
    if found == 0:
        raise Refused("CHECKPOINT_UNSIGNED")


def verify_checkpoint(data: bytes, origin: str, log_pk: bytes) -> tuple[Note, Head]:
    note, head = parse_checkpoint(data)
    if head.origin != origin:
        raise Refused("CHECKPOINT_ORIGIN", head.origin, origin)
    verify_log_lines(note, origin, log_pk)
    return note, head


# ---- cosignature/v1 ----


def verify_cosignature(origin: str, size: int, root: bytes, pk: bytes, time_s: int, signature: bytes) -> bool:
    """Ed25519 over cosignature/v1, the time and the three lines of the head."""
    if not 0 <= time_s <= SIZE_MAX:
        return False
    message = f"cosignature/v1\ntime {time_s}\n".encode("utf-8") + Head(origin, size, root).body()
    return ed25519.verify(pk, message, signature)


def verify_cosignature_line(head: Head, line: Line, pk: bytes) -> int | None:
    """The time of the cosignature by `pk` in this line; None: the line isn't one."""
    if line.key_id != key_id(line.name, TYPE_COSIGNATURE, pk) or len(line.signature) != 72:
        return None
    time_s = int.from_bytes(line.signature[:8], "big")
    if not verify_cosignature(head.origin, head.size, head.root, pk, time_s, line.signature[8:]):
        return None
    return time_s


# ---- tlog-proof ----

EXTRA_BYTES_MAX = 65_536
PROOF_HASHES_MAX = 64
MAGIC = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Proof:
    index: int
    hashes: tuple[bytes, ...]
    extra: bytes
    note: bytes


def parse_proof(data: bytes) -> Proof:
    head, blank, note = data.partition(b"\n\n")
    try:
        lines = head.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise Refused("NOTE_MALFORMED", "UTF-8") from None
    if not blank or len(lines) < 2 or lines[0] != MAGIC:
        raise Refused("NOTE_MALFORMED", MAGIC)
    at, extra = 1, b""
    if lines[at].startswith("extra "):
        decoded = unbase64(lines[at].removeprefix("extra "))
        if not decoded or len(decoded) > EXTRA_BYTES_MAX:
            raise Refused("NOTE_MALFORMED", "extra")
        at, extra = at + 1, decoded
    if at >= len(lines) or not lines[at].startswith("index "):
        raise Refused("NOTE_MALFORMED", "index")
    index = decimal(lines[at].removeprefix("index "), SIZE_MAX)
    hashes = [unbase64(line) for line in lines[at + 1:]]
    if index is None or len(hashes) > PROOF_HASHES_MAX or any(h is None or len(h) != 32 for h in hashes):
        raise Refused("NOTE_MALFORMED", "index or hash")
    return Proof(index, tuple(h for h in hashes if h is not None), extra, note)


def verify_proof(data: bytes, leaf_hash: bytes, origin: str, log_pk: bytes) -> tuple[Proof, Note, Head]:
    """The leaf with this hash stands in the log that the proof's checkpoint, signed by the log, describes."""
    proof = parse_proof(data)
    note, head = verify_checkpoint(proof.note, origin, log_pk)
    if not verify_inclusion(leaf_hash, proof.index, head.size, list(proof.hashes), head.root):
        raise Refused("MERKLE_PROOF", proof.index, head.size)
    return proof, note, head
