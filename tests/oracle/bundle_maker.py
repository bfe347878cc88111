"""Bundles of histories that the C tests made (replay.py's traces), signed with the test federations' keys.

What a bundle holds is written from PROTOCOL.md "Bundle", with the second verifier's own notes and policies; samband-audit
reads it, and so each checks the other.
"""

import base64
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import replay
from verifier import audit, heads, merkle, note, wire

ROOT = Path(__file__).resolve().parents[2]
NOW_S = 1_700_000_000


class History:
    """The leaves of one test federation, and the blobs that its test made."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.leaves: list[bytes] = []
        self.blobs: dict[bytes, bytes] = {}


def histories(trace: Path) -> list[History]:
    found, of = [], {}
    for op, who, data, refusal, size, _ in replay.records(trace, with_blobs=True):
        if op == replay.NEW:
            of[who] = History(f"{trace.stem}-{len(found)}")
            found.append(of[who])
        elif op == replay.BLOB and who in of:
            of[who].blobs[sha256(data).digest()] = data
        elif op == replay.TAKE and not refusal:
            del of[who].leaves[size - 1:]
            of[who].leaves.append(data)
    return found


@cache
def literals() -> tuple[str, ...]:
    """Every string of the C tests: what a key may be called."""
    found = set()
    for path in (ROOT / "tests").glob("*/*.[ch]"):
        found |= set(re.findall(r'"([a-z0-9/-]{1,60})"', path.read_text(encoding="utf-8")))
    return tuple(sorted(found | {f"log-{i}" for i in range(2, 10)} | {f"org-{i}/witness" for i in range(5, 60)}))


@cache
def secrets() -> dict[bytes, Ed25519PrivateKey]:
    """By public key. A test key's seed is the SHA-256 of its name (tests/lib/fed.h)."""
    names = set(literals()) | {f"{name}/witness" for name in literals() if "/" not in name}
    keys = [Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()) for name in names]
    return {key.public_key().public_bytes_raw(): key for key in keys}


class Unfit(Exception):
    """This history can't be made a bundle: a key or a blob isn't known, or it isn't founded."""


def _put(directory: Path, path: str, data: bytes) -> None:
    full = directory / path
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_bytes(data)


def _secret(pk: bytes) -> Ed25519PrivateKey:
    if pk not in secrets():
        raise Unfit("key")
    return secrets()[pk]


class Maker:
    def __init__(self, directory: Path, history: History) -> None:
        self.directory, self.history = directory, history
        self.fold = audit.Fold(remembers=False)
        self.sealed: dict[str, list[bytes]] = {}
        self.named: set[bytes] = set()
        self.founding: list[bytes] = []

    def make(self, size: int) -> None:
        """The bundle of the first `size` leaves, which end with a STATE."""
        tiles = merkle.Tiles()
        for index, data in enumerate(self.history.leaves[:size]):
            leaf = wire.open_leaf(index, data)
            self._take(leaf)
            for level, number, hashes in tiles.append(leaf.leaf_hash):
                _put(self.directory, merkle.tile_path(str(level), number), hashes)
        for level, number, width, hashes in tiles.partial():
            _put(self.directory, merkle.tile_path(str(level), number, width), hashes)
        self._entries(size)
        self._blobs()
        self._notes()
        _put(self.directory, "federation.samband",
             b"".join(len(entry).to_bytes(4, "big") + entry for entry in self.founding))

    def _take(self, leaf: wire.Leaf) -> None:
        if leaf.type_name in ("GENESIS", "CHARTER_PART"):
            self.founding.append(leaf.entry.data)
        if leaf.type_name == "SEAL":
            path, notes = heads.sealed_notes(self.fold.ledger, leaf)
            self.sealed[path] = notes
        self.named |= {blob.sha256 for blob in leaf.blobs}
        self.fold.take(leaf)

    def _entries(self, size: int) -> None:
        for number in range((size + 255) // 256):
            leaves = self.history.leaves[256 * number:min(size, 256 * number + 256)]
            data = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)
            _put(self.directory, merkle.tile_path("entries", number, len(leaves)), data)

    def _blobs(self) -> None:
        erased = self.fold.ledger.erased()
        _put(self.directory, "erased", b"".join(f"{sha.hex()} {index}\n".encode() for sha, index in erased))
        for sha in self.named - {sha for sha, _ in erased}:
            if sha not in self.history.blobs:
                raise Unfit("blob")
            _put(self.directory, f"blobs/{sha.hex()}", self.history.blobs[sha])

    def _notes(self) -> None:
        if self.fold.ledger.charter is None:
            raise Unfit("not founded")
        context = heads.context_of(self.fold.ledger)
        head = note.Head(context.origin, context.size, context.root)
        message = f"cosignature/v1\ntime {NOW_S}\n".encode() + head.body()
        cosigners = [heads.Cosigner(pk, who, NOW_S, _secret(pk).sign(message)) for pk, who in context.signers.items()]
        notes = heads.notes_of(head, context.log_pk, _secret(context.log_pk).sign(head.body()), cosigners)
        if not context.is_certified({c.pk for c in cosigners}):
            raise Unfit("quorum")
        for path, found in {**self.sealed, "checkpoint": notes}.items():
            for number, data in enumerate(found):
                _put(self.directory, heads.note_path(path, number), data)
        for number, policy in enumerate(context.policies):
            _put(self.directory, heads.note_path("policy", number), heads.policy_text(context, policy))


# ---- the proof of one decision ----


def _path(index: int, hashes: list[bytes]) -> list[bytes]:
    """Inclusion, from the leaf up, by the definition."""
    if len(hashes) == 1:
        return []
    k = 1 << (len(hashes) - 1).bit_length() - 1
    if index < k:
        return _path(index, hashes[:k]) + [merkle.root_of(hashes[k:])]
    return _path(index - k, hashes[k:]) + [merkle.root_of(hashes[:k])]


def decision(history: History, bundle: Path, size: int) -> bytes | None:
    """A proof of the last RESULT that a SEAL of the newest term covers; None: there is none."""
    leaves = [wire.open_leaf(index, data) for index, data in enumerate(history.leaves[:size])]
    begin = max((leaf.index for leaf in leaves if leaf.type_name == "HANDOVER"), default=0)
    seal = next((leaf for leaf in reversed(leaves[begin:]) if leaf.type_name == "SEAL"), None)
    covered = leaves[:seal.message.size] if seal else []
    result = next((leaf for leaf in reversed(covered) if leaf.type_name == "RESULT"), None)
    if seal is None or result is None:
        return None
    hashes = [leaf.leaf_hash for leaf in leaves]
    up = _path(seal.index, hashes)
    result_leaf, seal_leaf = history.leaves[result.index], history.leaves[seal.index]
    extra = (b"\x01" + len(result_leaf).to_bytes(2, "big") + result_leaf + len(seal_leaf).to_bytes(2, "big") + seal_leaf
             + seal.index.to_bytes(8, "big") + bytes([len(up)]) + b"".join(up))
    lines = [b"c2sp.org/tlog-proof@v1", b"extra " + base64.b64encode(extra), b"index %d" % result.index]
    lines += [base64.b64encode(h) for h in _path(result.index, hashes)]
    return b"\n".join(lines) + b"\n\n" + (bundle / "checkpoint").read_bytes()


def sizes(history: History) -> list[int]:
    """Where a bundle may end: behind a STATE."""
    return [index + 1 for index, leaf in enumerate(history.leaves) if leaf[9] == wire.T.STATE]


def make(directory: Path, history: History, size: int) -> None:
    Maker(directory, history).make(size)
