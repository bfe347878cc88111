"""A whole bundle: is this history whole and true? PROTOCOL.md "Bundle", in the order of its numbered list."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from . import founding, heads, merkle, note
from .bundle import Bundle
from .fold import Ledger
from .refused import Refused
from .wire import SYSTEM_TYPES, Leaf, open_leaf

BLOB_BYTES_MAX = 33_554_432
CHECKPOINT = "checkpoint"


@dataclass
class Facts:
    """What the fold of all leaves gave."""

    size: int = 0
    root: bytes = merkle.EMPTY_ROOT
    digest: bytes = bytes(32)
    context: heads.Context | None = None  # of the end; None: not founded
    # The notes of sealed heads by path, each as its length and SHA-256.
    sealed: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    final: tuple[int, bytes] | None = None  # size, root
    terms: list[dict[str, Any]] = field(default_factory=list)  # as in Summary
    last_other: int = 0
    cases: list[dict[str, Any]] = field(default_factory=list)
    erased: list[tuple[bytes, int]] = field(default_factory=list)


@dataclass
class Verdict:
    """As far as the audit came, also when it failed."""

    failure: Refused | None = None
    founded: founding.Founding | None = None
    facts: Facts = field(default_factory=Facts)
    confirmed: int = 0
    needed: int = 0
    organisations: int = 0
    blobs_named: int = 0
    blobs_held: int = 0

    @property
    def is_all_final(self) -> bool:
        """Nothing but STATE and SEAL stands beyond the final head."""
        return self.facts.final is not None and self.facts.last_other <= self.facts.final[0]


class Fold:
    """The ledger over the leaves. With `remembers`, leaves that followed the same ones before aren't folded again."""

    _good: set[bytes] = set()  # chains of leaf hashes that were folded to their end
    _ends: dict[bytes, Facts] = {}

    def __init__(self, remembers: bool) -> None:
        self.ledger = Ledger()
        self.remembers = remembers
        self.facts = Facts()
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
        waiting, self.waiting = self.waiting, []
        for leaf in waiting:
            try:
                self._step(leaf)
            except Refused as cause:
                raise Refused("AUDIT_LEAF", leaf.index, leaf.type_name) from cause

    def _step(self, leaf: Leaf) -> None:
        sealed = heads.sealed_notes(self.ledger, leaf) if leaf.type_name == "SEAL" else None
        self.ledger.step(leaf)
        if leaf.type_name == "GENESIS":
            self.facts.terms.append(heads.first_term(leaf))
        if leaf.type_name == "HANDOVER":
            self.facts.final = None  # what an older term sealed waits for a SEAL of this one
            self.facts.terms.append(heads.later_term(leaf))
        if sealed is not None:
            path, notes = sealed
            self.facts.sealed[path] = [(len(data), sha256(data).digest()) for data in notes]
            self.facts.final = (leaf.message.size, leaf.message.root)

    def finish(self) -> Facts:
        if self.remembers and self.chain in self._ends:
            return self._ends[self.chain]
        self._catch_up()
        ledger, facts = self.ledger, self.facts
        facts.size, facts.root, facts.digest = ledger.size, ledger.tree.root(), ledger.digest
        facts.context = heads.context_of(ledger) if ledger.charter is not None else None
        facts.last_other, facts.cases, facts.erased = ledger.last_other, ledger.cases(), ledger.erased()
        if self.remembers:
            self._ends[self.chain] = facts
        return facts


class Audit:
    def __init__(self, directory: str | Path, remembers: bool) -> None:
        self.bundle = Bundle(directory)
        self.remembers = remembers
        self.verdict = Verdict()
        self.named: dict[bytes, int] = {}  # blobs: size

    def run(self) -> None:
        self._founding()
        notes, size = self._newest()
        self._leaves(size)
        self._head(notes)
        self._sealed()
        self._blobs()
        self._strangers()

    def _founding(self) -> None:
        if not self.bundle.directory.is_dir():
            raise Refused("AUDIT_NOT_A_BUNDLE", self.bundle.directory)
        data = self.bundle.read("federation.samband", founding.FILE_BYTES_MAX)
        try:
            self.verdict.founded = founding.parse(data)
        except Refused as cause:
            raise Refused("AUDIT_FILE", "federation.samband") from cause

    def _newest(self) -> tuple[list[bytes], int]:
        notes = [self.bundle.read(CHECKPOINT, note.NOTE_BYTES_MAX)]
        while self.bundle.has(heads.note_path(CHECKPOINT, len(notes))):
            notes.append(self.bundle.read(heads.note_path(CHECKPOINT, len(notes)), note.NOTE_BYTES_MAX))
        try:
            return notes, note.parse_checkpoint(notes[0])[1].size
        except Refused as cause:
            raise Refused("AUDIT_FILE", CHECKPOINT) from cause

    # ---- leaves and tiles ----

    def _leaves(self, size: int) -> None:
        fold, tiles = Fold(self.remembers), merkle.Tiles()
        assert self.verdict.founded is not None
        founders = iter(self.verdict.founded.entries)
        for index, path, data in self.bundle.leaves(size):
            try:
                leaf = open_leaf(index, data)
            except Refused as cause:
                raise Refused("AUDIT_LEAF", index, "?", path) from cause
            if leaf.type not in SYSTEM_TYPES:
                founder = next(founders, None)
                if founder is not None and founder.data != leaf.entry.data:
                    raise Refused("AUDIT_FOUNDING", index)
            fold.take(leaf)
            for level, number, hashes in tiles.append(leaf.leaf_hash):
                self.bundle.compare_tile(level, number, merkle.TILE_WIDTH, hashes)
            for blob in leaf.blobs:
                self.named[blob.sha256] = blob.size
        self.verdict.facts = fold.finish()
        if next(founders, None) is not None:
            raise Refused("AUDIT_FOUNDING", size)
        for level, number, width, hashes in tiles.partial():
            self.bundle.compare_tile(level, number, width, hashes)

    # ---- heads ----

    def _head(self, notes: list[bytes]) -> None:
        verdict, context = self.verdict, self.verdict.facts.context
        if context is None:
            raise Refused("AUDIT_UNFOUNDED")
        pks = heads.verify_checkpoint(notes, CHECKPOINT, context)
        verdict.confirmed, verdict.needed, verdict.organisations = heads.check_quorum(pks, context)
        for number, policy in enumerate(context.policies):
            self._compare(heads.note_path("policy", number), heads.policy_text(context, policy))

    def _compare(self, path: str, expected: bytes) -> None:
        if self.bundle.read(path, len(expected)) != expected:
            raise Refused("AUDIT_FILE", path)

    def _sealed(self) -> None:
        for path, notes in self.verdict.facts.sealed.items():
            for number, (length, digest) in enumerate(notes):
                here = heads.note_path(path, number)
                if sha256(self.bundle.read(here, length)).digest() != digest:
                    raise Refused("AUDIT_FILE", here)

    # ---- blobs ----

    def _blobs(self) -> None:
        verdict, erased = self.verdict, self.verdict.facts.erased
        self._compare("erased", b"".join(f"{sha.hex()} {index}\n".encode() for sha, index in erased))
        gone = {sha for sha, _ in erased}
        verdict.blobs_named = len(self.named)
        for sha in sorted(self.named):
            if sha in gone:
                continue
            path = f"blobs/{sha.hex()}"
            data = self.bundle.read(path, BLOB_BYTES_MAX)
            if len(data) != self.named[sha] or sha256(data).digest() != sha:
                raise Refused("AUDIT_BLOB", path)
            verdict.blobs_held += 1

    def _strangers(self) -> None:
        for path in self.bundle.strangers():
            raise Refused("AUDIT_FOREIGN", path.encode("utf-8", "backslashreplace").decode())


def verify(directory: str | Path, remembers: bool = False) -> Verdict:
    """`remembers`: keep what was folded, for many variants of one bundle in one process."""
    audit = Audit(directory, remembers)
    try:
        audit.run()
    except Refused as failure:
        audit.verdict.failure = failure
    return audit.verdict
