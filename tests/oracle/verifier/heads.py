"""Heads of a bundle: checkpoints, their cosignatures, quorum, what is final. PROTOCOL.md "Bundle" and "Notes"."""

from dataclasses import dataclass, field
from typing import Any

from . import note
from .refused import Refused


@dataclass
class Context:
    """What the ledger knew at a size: by whom a head there must be signed."""

    size: int
    root: bytes
    origin: str
    log_pk: bytes
    witnesses: dict[bytes, int]  # in force: key -> organisation
    ever: list[bytes]  # every witness key there was
    policies: list[tuple[int, int, set[int]]]

    def counts(self, pks: set[bytes]) -> tuple[int, int, int]:
        """(cosigned, needed, organisations) under the policy that is hardest to meet; all of them must be."""
        have = {self.witnesses[pk] for pk in pks if pk in self.witnesses}
        found = [(len(have & orgs), num * len(orgs) // den + 1, len(orgs)) for num, den, orgs in self.policies]
        return min(found, key=lambda f: f[0] - f[1], default=(0, 1, 0))


def context_of(ledger: Any, ever: list[bytes]) -> Context:
    return Context(ledger.size, ledger.tree.root(), ledger.origin, ledger.log_pk, ledger.witnesses(), list(ever),
                   ledger.policies())


@dataclass
class Verified:
    """A checkpoint whose every line of ours holds."""

    head: note.Head
    pks: set[bytes] = field(default_factory=set)
    foreign_lines: int = 0


def _check_line(line: note.Line, head: note.Head, context: Context, path: str) -> bytes | None:
    """Whose cosignature it is; None: a stranger's. A line with a witness's key id, or named as ours, must hold."""
    for pk in context.ever:
        if note.key_id(line.name, note.TYPE_COSIGNATURE, pk) != line.key_id:
            continue
        if note.verify_cosignature_line(head, line, pk) is None:
            raise Refused("AUDIT_COSIGNATURE", path, line.name)
        return pk
    if line.name.startswith(context.origin + "/"):
        raise Refused("AUDIT_COSIGNATURE", path, line.name)
    return None


def verify_checkpoint(data: bytes, path: str, context: Context) -> Verified:
    """The log's line, the root at that size, and each cosignature."""
    try:
        parsed, head = note.verify_checkpoint(data, context.origin, context.log_pk)
    except Refused as cause:
        raise Refused("AUDIT_FILE", path) from cause
    if head.size != context.size:
        raise Refused("AUDIT_FILE", path)
    if head.root != context.root:
        raise Refused("AUDIT_ROOT", path, head.size)
    verified = Verified(head)
    for line in parsed.lines:
        if line.name == context.origin:
            continue  # the log's own
        pk = _check_line(line, head, context, path)
        if pk is None:
            verified.foreign_lines += 1
        else:
            verified.pks.add(pk)
    return verified


def check_quorum(verified: Verified, context: Context) -> tuple[int, int, int]:
    cosigned, needed, organisations = context.counts(verified.pks)
    if cosigned < needed:
        raise Refused("AUDIT_QUORUM", cosigned, needed)
    return cosigned, needed, organisations
