"""The proof of one decision under the reader's own policy: PROTOCOL.md "Proof of one decision" and C2SP tlog-policy."""

import re
from dataclasses import dataclass, field
from typing import Any

from . import merkle, note, wire
from .refused import Refused

POLICY_BYTES_MAX, LOGS_MAX, NAMES_MAX = 262_144, 32, 1_024
HEX_ID = re.compile("[0-9a-fA-F]{8}")


@dataclass
class Named:
    """A witness (with a key) or a group (with members)."""

    pk: bytes | None = None
    threshold: int = 0
    members: tuple[str, ...] = ()


@dataclass
class TlogPolicy:
    logs: dict[str, bytes] = field(default_factory=dict)  # origin: key; the first of a name counts
    log_keys: set[bytes] = field(default_factory=set)
    names: dict[str, Named] = field(default_factory=dict)  # in the order of their lines
    members: set[str] = field(default_factory=set)
    quorum: str | None = None

    def is_satisfied(self, cosigned: set[str]) -> bool:
        held: set[str] = set()
        for name, one in self.names.items():
            if one.pk is not None and name in cosigned:
                held.add(name)
            elif one.pk is None and sum(member in held for member in one.members) >= one.threshold:
                held.add(name)
        return self.quorum == "none" or self.quorum in held


def _bad(line: int) -> Refused:
    return Refused("POLICY_MALFORMED", line)


def parse_vkey(text: str, kind: int) -> tuple[str, bytes] | None:
    parts = text.split("+", 2)
    if len(parts) != 3 or not note.is_name(parts[0]) or not HEX_ID.fullmatch(parts[1]):
        return None
    key = note.unbase64(parts[2])
    if key is None or len(key) != 33 or key[0] != kind:
        return None
    return (parts[0], key[1:]) if note.key_id(parts[0], kind, key[1:]).hex() == parts[1].lower() else None


def parse_policy(data: bytes) -> TlogPolicy:
    """Lines log, witness, group, quorum; every name on an earlier line and in one group only."""
    if len(data) > POLICY_BYTES_MAX:
        raise Refused("TOO_LARGE", len(data))
    if not data.endswith(b"\n"):
        raise _bad(0)
    policy = TlogPolicy()
    for number, line in enumerate(data[:-1].split(b"\n"), 1):
        if any(byte < 0x20 and byte != 9 or byte == 0x7F for byte in line):
            raise _bad(number)
        # names are octets: what isn't UTF-8 stays as it is
        words = [w for w in re.split("[ \t]+", line.decode("utf-8", "surrogateescape")) if w]
        if words and not words[0].startswith("#"):
            _take_line(policy, words, number)
    if policy.quorum is None:
        raise _bad(0)
    return policy


def _take_line(policy: TlogPolicy, words: list[str], number: int) -> None:
    if words[0] == "log" and 2 <= len(words) <= 3:
        parsed = _vkey(words[1], note.TYPE_LOG)
        if parsed is None or parsed[1] in policy.log_keys or len(policy.log_keys) == LOGS_MAX:
            raise _bad(number)
        policy.logs.setdefault(*parsed)
        policy.log_keys.add(parsed[1])
    elif words[0] == "witness" and 3 <= len(words) <= 4:
        parsed = _vkey(words[2], note.TYPE_COSIGNATURE)
        if parsed is None or parsed[1] in {one.pk for one in policy.names.values()}:
            raise _bad(number)
        _add(policy, words[1], Named(pk=parsed[1]), number)
    elif words[0] == "group" and len(words) >= 4:
        members = tuple(words[3:])
        threshold = {"any": 1, "all": len(members)}.get(words[2]) or note.decimal(words[2], len(members))
        if not threshold or len(set(members)) < len(members) or policy.members & set(members) \
                or not set(members) <= set(policy.names):
            raise _bad(number)
        _add(policy, words[1], Named(threshold=threshold, members=members), number)
        policy.members |= set(members)
    elif words[0] == "quorum" and len(words) == 2:
        if policy.quorum is not None or (words[1] != "none" and words[1] not in policy.names):
            raise _bad(number)
        policy.quorum = words[1]
    else:
        raise _bad(number)


def _vkey(text: str, kind: int) -> tuple[str, bytes] | None:
    try:
        return parse_vkey(text, kind)
    except UnicodeEncodeError:  # not UTF-8: no name of a key
        return None


def _add(policy: TlogPolicy, name: str, named: Named, number: int) -> None:
    if name == "none" or name in policy.names or len(policy.names) == NAMES_MAX:
        raise _bad(number)
    policy.names[name] = named


# ---- the proof ----


@dataclass
class Extra:
    result: bytes
    seal: bytes
    seal_index: int
    proof: list[bytes]


def parse_extra(data: bytes) -> Extra:
    def take(count: int) -> bytes:
        nonlocal at
        if at + count > len(data):
            raise Refused("DECISION_EXTRA")
        at += count
        return data[at - count:at]

    at = 0
    if take(1) != b"\x01":
        raise Refused("DECISION_EXTRA", "version")
    result = take(int.from_bytes(take(2), "big"))
    seal = take(int.from_bytes(take(2), "big"))
    index, count = int.from_bytes(take(8), "big"), take(1)[0]
    if count > note.PROOF_HASHES_MAX:
        raise Refused("DECISION_EXTRA", "proof")
    proof = [take(32) for _ in range(count)]
    if at != len(data):
        raise Refused("DECISION_EXTRA", "more")
    return Extra(result, seal, index, proof)


def _is_under(head: note.Head, leaf: bytes, index: int, proof: list[bytes]) -> bool:
    return merkle.verify_inclusion(merkle.leaf_hash(leaf), index, head.size, proof, head.root)


def _open(data: bytes, index: int, refusal: str) -> wire.Leaf:
    try:
        return wire.open_leaf(index, data)
    except Refused as cause:
        raise Refused(refusal) from cause


def verify(data: bytes, policy: TlogPolicy) -> dict[str, Any]:
    """What it proves, as samband-audit decision --json says it; or Refused."""
    proof = note.parse_proof(data)
    parsed, head = note.parse_checkpoint(proof.note)
    if head.origin not in policy.logs:
        raise Refused("POLICY_LOG", head.origin)
    log_pk = policy.logs[head.origin]
    note.verify_log_lines(parsed, head.origin, log_pk)
    cosigned = {name for name, one in policy.names.items() if one.pk is not None
                and any(note.verify_cosignature_line(head, line, one.pk) is not None for line in parsed.lines)}
    if not policy.is_satisfied(cosigned):
        raise Refused("POLICY_QUORUM", len(cosigned))
    extra = parse_extra(proof.extra)
    result = _open(extra.result, proof.index, "DECISION_RESULT")
    if result.type_name != "RESULT" or head.origin.split("/")[-2:-1] != [result.federation_id[:8].hex()] \
            or not _is_under(head, extra.result, proof.index, list(proof.hashes)):
        raise Refused("DECISION_RESULT")
    seal = _open(extra.seal, extra.seal_index, "DECISION_SEAL")
    if seal.type_name != "SEAL" or seal.signer_pk != log_pk or seal.federation_id != result.federation_id:
        raise Refused("DECISION_SEAL", "SEAL")
    if not _is_under(head, extra.seal, extra.seal_index, extra.proof):
        raise Refused("DECISION_SEAL", "proof")
    if not proof.index < seal.message.size <= extra.seal_index:
        raise Refused("DECISION_SEAL", "size")
    return {
        "federation": result.federation_id.hex(), "origin": head.origin, "size": head.size, "root": head.root.hex(),
        "question": result.message.question_id.hex(), "certificate_sha256": result.message.certificate_sha256.hex(),
        "result_index": proof.index, "time_ms": result.time_ms, "seal_index": extra.seal_index,
        "final_size": seal.message.size, "confirmed": len(cosigned),
        "witnesses": sum(one.pk is not None for one in policy.names.values()), "verdict": "final"}
