"""Heads of a bundle: whose lines their notes carry, rebuilding notes and policy files. PROTOCOL.md "Bundle"."""

import base64
from dataclasses import dataclass
from typing import Any

from . import note
from .policy import Policy
from .refused import Refused

LINES_MAX = 16  # of one note


@dataclass(frozen=True)
class Context:
    """What the ledger knew at a size: by whom a head there is signed."""

    size: int
    root: bytes
    origin: str
    log_pk: bytes
    witnesses: dict[bytes, int]  # in force: key -> organisation's number
    signers: dict[bytes, str]  # key -> organisation's id; also those a waiting change admits
    policies: list[Policy]

    def counts(self, pks: set[bytes]) -> tuple[int, int, int]:
        """(cosigned, needed at least, organisations) under the policy that lacks most."""
        have = {self.signers[pk] for pk in pks}
        found = [(len(have & set(p.counted())), p.least(), len(p.counted())) for p in self.policies]
        return min(found, key=lambda f: f[0] - f[1], default=(0, 1, 0))

    def is_certified(self, pks: set[bytes]) -> bool:
        have = {self.signers[pk] for pk in pks}
        return bool(self.policies) and all(p.is_satisfied(have) for p in self.policies)


def context_of(ledger: Any) -> Context:
    return Context(ledger.size, ledger.tree.root(), ledger.origin, ledger.log_pk, ledger.witnesses(), ledger.signers(),
                   ledger.holding())


# ---- notes ----


@dataclass(frozen=True)
class Cosigner:
    pk: bytes
    organisation: str
    time_s: int
    signature: bytes


def _line(name: str, kind: int, pk: bytes, payload: bytes) -> str:
    encoded = base64.b64encode(note.key_id(name, kind, pk) + payload).decode("ascii")
    return f"{note.DASH}{name} {encoded}\n"


def notes_of(head: note.Head, log_pk: bytes, log_signature: bytes, cosigners: list[Cosigner]) -> list[bytes]:
    """The one spelling of a head with its signatures: at most 16 lines a note, the log's line in each."""
    log_line = _line(head.origin, note.TYPE_LOG, log_pk, log_signature)
    lines = []
    for c in sorted(cosigners, key=lambda c: c.pk):
        payload = c.time_s.to_bytes(8, "big") + c.signature
        lines.append(_line(f"{head.origin}/{c.organisation}", note.TYPE_COSIGNATURE, c.pk, payload))
    step = LINES_MAX - 1
    groups = [lines[i:i + step] for i in range(0, len(lines), step)] or [[]]
    return [head.body() + b"\n" + (log_line + "".join(group)).encode("utf-8") for group in groups]


def note_path(path: str, number: int) -> str:
    """checkpoint, checkpoint.2, checkpoint.3 …"""
    return path if number == 0 else f"{path}.{number + 1}"


# ---- the newest head ----


def _cosigner(line: note.Line, head: note.Head, context: Context) -> Cosigner | None:
    for pk, organisation in context.signers.items():
        if line.name != f"{context.origin}/{organisation}":
            continue
        time_s = note.verify_cosignature_line(head, line, pk)
        if time_s is not None:
            return Cosigner(pk, organisation, time_s, line.signature[8:])
    return None


def verify_checkpoint(notes: list[bytes], path: str, context: Context) -> set[bytes]:
    """The log's line, root and size, each cosignature, and the one spelling of all that. Who cosigned."""
    cosigners: dict[bytes, Cosigner] = {}
    log_signature = b""
    for number, data in enumerate(notes):
        here = note_path(path, number)
        try:
            parsed, head = note.verify_checkpoint(data, context.origin, context.log_pk)
        except Refused as cause:
            raise Refused("AUDIT_FILE", here) from cause
        if (head.size, head.root) != (context.size, context.root):
            raise Refused("AUDIT_ROOT", here, head.size)
        log_signature = parsed.lines[0].signature
        for line in parsed.lines[1:]:
            cosigner = _cosigner(line, head, context)
            if cosigner is None:
                raise Refused("AUDIT_COSIGNATURE", here, line.name)
            cosigners[cosigner.pk] = cosigner
    head = note.Head(context.origin, context.size, context.root)
    compare_notes(notes, path, notes_of(head, context.log_pk, log_signature, list(cosigners.values())))
    return set(cosigners)


def compare_notes(found: list[bytes], path: str, expected: list[bytes]) -> None:
    for number, data in enumerate(expected):
        if number >= len(found):
            raise Refused("AUDIT_MISSING", note_path(path, number))
        if found[number] != data:
            raise Refused("AUDIT_FILE", note_path(path, number))
    if len(found) > len(expected):
        raise Refused("AUDIT_FILE", note_path(path, len(expected)))


def check_quorum(pks: set[bytes], context: Context) -> tuple[int, int, int]:
    cosigned, needed, organisations = context.counts(pks)
    if not context.is_certified(pks):
        raise Refused("AUDIT_QUORUM", cosigned, needed)
    return cosigned, needed, organisations


# ---- sealed heads ----


def sealed_notes(ledger: Any, leaf: Any) -> tuple[str, list[bytes]]:
    """Where a SEAL's head stands in the bundle, and its notes. To be asked before the ledger takes the leaf."""
    seal = leaf.message
    organisations = {org.no: org.id for org in ledger.db.each("org")}
    ids = {key.pk: organisations[key.org] for key in ledger.db.each("key") if key.org in organisations}
    ids.update(ledger.signers())
    cosigners = [Cosigner(c.witness_pk, ids.get(c.witness_pk, "?"), c.time_s, c.signature) for c in seal.cosignatures]
    head = note.Head(ledger.origin, seal.size, seal.root)
    return (f"checkpoints/{ledger.term}/{seal.size}",
            notes_of(head, ledger.log_pk, seal.log_signature, cosigners))


# ---- terms ----


def first_term(genesis: Any) -> dict[str, Any]:
    return {"term": 1, "index": genesis.index, "log_pk": genesis.message.log_pk.hex(), "handover": None}


def later_term(handover: Any) -> dict[str, Any]:
    """And what it rests on: how many promised, and the highest SEAL that one of them names."""
    m = handover.message
    named = [m.heads[p.seal - 1] for p in m.promises if p.seal > 0]
    sealed = max(named, key=lambda h: (h.term, h.size))
    return {"term": m.term, "index": handover.index, "log_pk": m.log_pk.hex(), "handover": {
        "promises": len(m.promises), "sealed_term": sealed.term, "sealed_size": sealed.size,
        "sealed_root": sealed.root.hex()}}


# ---- the policy file ----


def vkey(name: str, kind: int, pk: bytes) -> str:
    return f"{name}+{note.key_id(name, kind, pk).hex()}+{base64.b64encode(bytes([kind]) + pk).decode('ascii')}"


def policy_text(context: Context, policy: Policy) -> bytes:
    keys = {organisation: pk for pk, organisation in context.signers.items() if organisation in policy.counted()}
    lines = [f"log {vkey(context.origin, note.TYPE_LOG, context.log_pk)}"]
    named = [o for o in policy.counted() if o in keys]
    for o in named:
        lines.append(f"witness {o} {vkey(f'{context.origin}/{o}', note.TYPE_COSIGNATURE, keys[o])}")
    for group in policy.tree():
        members = [m for m in group.members if m in named]
        if len(members) >= group.threshold:
            lines.append(f"group {group.name} {group.threshold} {' '.join(members)}")
            named.append(group.name)
    lines.append(f"quorum {policy.tree()[-1].name}")
    return "".join(line + "\n" for line in lines).encode("utf-8")
