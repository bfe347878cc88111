"""A whole bundle: is this history whole and true? PROTOCOL.md "Bundle", in the order of its numbered list."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from . import founding, heads, merkle, note
from .bundle import Bundle
from .fold import Ledger
from .refused import Refused
from .wire import Leaf, open_leaf

BLOB_BYTES_MAX = 33_554_432
CHECKPOINT = "checkpoint"


@dataclass
class Facts:
    """What the fold of all leaves gave."""

    size: int = 0
    root: bytes = merkle.EMPTY_ROOT
    digest: bytes = bytes(32)
    contexts: dict[int, heads.Context] = field(default_factory=dict)  # of the sizes asked for
    is_founded: bool = False
    last_seal: tuple[int, int, bytes] | None = None
    last_other: int = 0
    cases: list[dict[str, Any]] = field(default_factory=list)
    erased: list[tuple[bytes, int]] = field(default_factory=list)


@dataclass
class Verdict:
    """As far as the audit came, also when it failed."""

    failure: Refused | None = None
    founded: founding.Founding | None = None
    facts: Facts = field(default_factory=Facts)
    origin: str | None = None
    confirmed: int = 0
    needed: int = 0
    organisations: int = 0
    final: tuple[int, bytes] | None = None
    is_all_final: bool = False
    blobs_named: int = 0
    blobs_held: int = 0
    erased_held: int = 0
    erased_named: list[bytes] = field(default_factory=list)
    earlier_checkpoints: int = 0
    foreign_lines: int = 0
    foreign_files: list[str] = field(default_factory=list)


class Fold:
    """The ledger over the leaves. With `remembers`, leaves that followed the same ones before aren't folded again."""

    _good: set[bytes] = set()  # chains of leaf hashes that were folded to their end
    _ends: dict[tuple[bytes, tuple[int, ...]], Facts] = {}

    def __init__(self, sizes: list[int], remembers: bool) -> None:
        self.ledger = Ledger()
        self.sizes, self.remembers = tuple(sorted(sizes)), remembers
        self.contexts: dict[int, heads.Context] = {}
        self.ever: list[bytes] = []  # witness keys
        self.chain = b""
        self.waiting: list[Leaf] = []

    def take(self, leaf: Leaf) -> None:
        self.waiting.append(leaf)
        if self.remembers:
            self.chain = sha256(self.chain + leaf.leaf_hash).digest()
            if self.chain in self._good:
                return
        self._catch_up()
        if self.remembers:
            self._good.add(self.chain)

    def _catch_up(self) -> None:
        for leaf in self.waiting:
            try:
                self.ledger.step(leaf)
            except Refused as cause:
                raise Refused("AUDIT_LEAF", leaf.index, leaf.type_name) from cause
            self._remember_witnesses()
            if self.ledger.size in self.sizes:
                self.contexts[self.ledger.size] = heads.context_of(self.ledger, self.ever)
        self.waiting = []

    def _remember_witnesses(self) -> None:
        self.ever += [pk for pk in self.ledger.witnesses() if pk not in self.ever]

    def finish(self) -> Facts:
        key = (self.chain, self.sizes)
        if self.remembers and key in self._ends:
            return self._ends[key]
        self._catch_up()
        ledger = self.ledger
        facts = Facts(ledger.size, ledger.tree.root(), ledger.digest, self.contexts,
                      ledger.charter is not None, ledger.last_seal(), ledger.last_other,
                      ledger.cases(), ledger.erased())
        if self.remembers:
            self._ends[key] = facts
        return facts


class Audit:
    def __init__(self, directory: str | Path, remembers: bool) -> None:
        self.bundle = Bundle(directory)
        self.remembers = remembers
        self.verdict = Verdict()
        self.named: dict[bytes, int] = {}  # blobs: size
        self.earlier: list[int] = []

    def run(self) -> None:
        self._founding()
        data, size = self._newest()
        self._earlier_sizes()
        self._leaves(size)
        self._head(data, size)
        self._earlier()
        self._blobs()
        self.verdict.foreign_files = [p for p in self.bundle.strangers() if p != "README.txt"]

    def _founding(self) -> None:
        data = self._needed("federation.samband", founding.FILE_BYTES_MAX)
        try:
            self.verdict.founded = founding.parse(data)
        except Refused as cause:
            raise Refused("AUDIT_FILE", "federation.samband") from cause

    def _needed(self, path: str, most: int) -> bytes:
        try:
            return self.bundle.read(path, most)
        except Refused as refused:
            raise Refused("AUDIT_NOT_A_BUNDLE", path) if refused.name == "AUDIT_MISSING" else refused from None

    def _newest(self) -> tuple[bytes, int]:
        data = self._needed(CHECKPOINT, note.NOTE_BYTES_MAX)
        try:
            return data, note.parse_checkpoint(data)[1].size
        except Refused as cause:
            raise Refused("AUDIT_FILE", CHECKPOINT) from cause

    def _earlier_sizes(self) -> None:
        sizes = (note.decimal(name, merkle.SIZE_MAX) for name in self.bundle.names("checkpoints"))
        self.earlier = sorted(s for s in sizes if s is not None)

    # ---- leaves and tiles ----

    def _leaves(self, size: int) -> None:
        fold, tiles = Fold(self.earlier + [size], self.remembers), merkle.Tiles()
        assert self.verdict.founded is not None
        founders = iter(self.verdict.founded.entries)
        for index, path, data in self.bundle.leaves(size):
            try:
                leaf = open_leaf(index, data)
            except Refused as cause:
                raise Refused("AUDIT_LEAF", index, "?", path) from cause
            if not 10 <= leaf.type < 20:
                founder = next(founders, None)
                if founder is not None and founder.data != leaf.entry.data:
                    raise Refused("AUDIT_FOUNDING", index)
            fold.take(leaf)
            for level, number, hashes in tiles.append(leaf.leaf_hash):
                self.bundle.compare_tile(level, number, merkle.TILE_WIDTH, hashes)
            for blob in leaf.blobs:
                self.named[blob.sha256] = blob.size
        self.verdict.facts = fold.finish()
        for level, number, width, hashes in tiles.partial():
            self.bundle.compare_tile(level, number, width, hashes)

    # ---- heads ----

    def _head(self, data: bytes, size: int) -> None:
        verdict, facts = self.verdict, self.verdict.facts
        if not facts.is_founded:
            raise Refused("AUDIT_UNFOUNDED")
        context = facts.contexts[size]
        verdict.origin = context.origin
        verified = heads.verify_checkpoint(data, CHECKPOINT, context)
        verdict.foreign_lines += verified.foreign_lines
        verdict.confirmed, verdict.needed, verdict.organisations = heads.check_quorum(verified, context)
        if facts.last_seal is not None:
            _, sealed, root = facts.last_seal
            verdict.final = (sealed, root)
            verdict.is_all_final = facts.last_other <= sealed

    def _earlier(self) -> None:
        for size in self.earlier:
            path = f"checkpoints/{size}"
            data = self.bundle.read(path, note.NOTE_BYTES_MAX)
            context = self.verdict.facts.contexts.get(size)
            if context is None:
                raise Refused("AUDIT_ROOT", path, size)
            self.verdict.foreign_lines += heads.verify_checkpoint(data, path, context).foreign_lines
            self.verdict.earlier_checkpoints += 1

    # ---- blobs ----

    def _blobs(self) -> None:
        verdict = self.verdict
        verdict.blobs_named = len(self.named)
        erased = {sha for sha, _ in verdict.facts.erased}
        for name in self.bundle.names("blobs"):
            if len(name) != 64 or any(c not in "0123456789abcdef" for c in name):
                continue
            sha = bytes.fromhex(name)
            if sha not in self.named:
                continue
            path = f"blobs/{name}"
            data = self.bundle.read(path, BLOB_BYTES_MAX)
            if len(data) != self.named[sha] or sha256(data).digest() != sha:
                raise Refused("AUDIT_BLOB", path)
            if sha in erased:
                verdict.erased_held += 1
            else:
                verdict.blobs_held += 1


def verify(directory: str | Path, remembers: bool = False) -> Verdict:
    """`remembers`: keep what was folded, for many variants of one bundle in one process."""
    audit = Audit(directory, remembers)
    try:
        audit.run()
    except Refused as failure:
        audit.verdict.failure = failure
    return audit.verdict
