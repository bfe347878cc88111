"""GENESIS, CHARTER_PART, ACCEPT; STATE, RESULT, TICK, SEAL; BLOB_ERASE
(PROTOCOL.md "Federation and people", "System entries", "Texts")."""

from __future__ import annotations

import hashlib
from typing import Any

from . import charter_change, charters, common, ed25519, note, terms
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import NONE, R

ENGINE = 1

# ---- founding ----


def check_genesis(s: Any, m: Any) -> None:
    if s.index != 0:
        raise Refused("LEDGER_PHASE", "GENESIS")
    if m.engine != ENGINE:
        raise Refused("LEDGER_ENGINE", m.engine, ENGINE)
    if s.leaf.signer_pk != m.organisations[0].authority_pk:
        raise Refused("LEDGER_GENESIS_SIGNER", m.organisations[0].id)
    if m.charter_parts > m.charter_bytes or m.charter_parts * CHARTER_PART_BYTES_MAX < m.charter_bytes:
        raise Refused("LEDGER_CHARTER_SIZE", m.charter_bytes, m.charter_parts)
    ids = [o.id for o in m.organisations]
    if len(set(ids)) != len(ids):
        raise Refused("LEDGER_CHARTER_ID", "organisations")
    signing = [m.log_pk] + [pk for o in m.organisations for pk in (o.authority_pk, o.witness_pk, o.recovery_pk)]
    for pk in signing:
        if not ed25519.is_valid_key(pk):
            raise Refused("LEDGER_KEY_INVALID", pk[:8].hex())
    pks = signing + [m.broker_curve_pk] + [o.curve_pk for o in m.organisations]
    if len(set(pks)) != len(pks):
        raise Refused("LEDGER_KEY_TWICE")


def apply_genesis(s: Any, m: Any) -> None:
    from .fold import common_apply
    s.db.put(R.federation(phase=CHARTER, id=s.leaf.entry_id, slug=m.slug, engine=m.engine, term=1, log_pk=m.log_pk,
                          broker_curve_pk=m.broker_curve_pk, charter_sha256=m.charter_sha256,
                          charter_bytes=m.charter_bytes, charter_parts=m.charter_parts))
    common.add_key(s, m.log_pk, LOG, NONE)
    s.db.put(R.term(term=1, index=s.index, log_pk=m.log_pk))
    for no, o in enumerate(m.organisations):
        s.db.put(R.org(no=no, id=o.id, authority_pk=o.authority_pk, witness_pk=o.witness_pk,
                       recovery_pk=o.recovery_pk, curve_pk=o.curve_pk))
        common.add_key(s, o.authority_pk, AUTHORITY, no)
        common.add_key(s, o.witness_pk, WITNESS, no)
        common.add_key(s, o.recovery_pk, RECOVERY, no)
        terms.begin_witness(s, o.witness_pk, no)
    s.signer = common.find_key(s, s.leaf.signer_pk)
    common_apply(s)


def whole_charter(s: Any, last: bytes) -> bytes:
    return b"".join(part.data for part in s.db.each("charter_part", 1)) + last


def check_charter_part(s: Any, m: Any) -> None:
    f = s.ledger.federation
    common.may(s, common.Scope())
    if m.number != f.parts_seen + 1:
        raise Refused("LEDGER_CHARTER_PART", m.number, f.parts_seen + 1)
    if m.number < f.charter_parts:
        return
    whole = whole_charter(s, m.data)
    if len(whole) != f.charter_bytes or hashlib.sha256(whole).digest() != f.charter_sha256:
        raise Refused("LEDGER_CHARTER_HASH")
    charter = charter_change.decode(whole)
    if charter.slug != f.slug:
        raise Refused("LEDGER_CHARTER_SLUG", charter.slug, f.slug)
    if [o.id for o in charter.organisations] != [o.id for o in s.db.each("org")]:
        raise Refused("LEDGER_CHARTER_ORGANISATIONS")
    charters.check(charter)


def apply_charter_part(s: Any, m: Any) -> None:
    f = s.db.get("federation")
    s.db.put(R.charter_part(version=1, number=m.number, data=m.data))
    f.parts_seen = m.number
    if m.number == f.charter_parts:
        f.charter_version, f.phase = 1, ACCEPTING
    s.db.put(f)
    if f.phase == ACCEPTING:
        charter_change.found(s, charter_change.of_version(s.db, 1))


def check_accept(s: Any, m: Any) -> None:
    if m.charter_sha256 != s.ledger.federation.charter_sha256:
        raise Refused("LEDGER_ACCEPT_OTHER")
    if s.db.get("org", s.signer.org).accepted:
        raise Refused("LEDGER_ACCEPT_TWICE")


def apply_accept(s: Any, m: Any) -> None:
    org = s.db.get("org", s.signer.org)
    org.accepted = 1
    s.db.put(org)
    f = s.db.get("federation")
    f.accepted += 1
    if f.accepted == len(s.charter.organisations):
        f.phase = RUNNING
    s.db.put(f)


# ---- the log's own entries ----


def check_state(s: Any, m: Any) -> None:
    if s.ledger.last_type == "STATE":
        raise Refused("LEDGER_STATE_TWICE")
    if m.digest != s.ledger.digest:
        raise Refused("LEDGER_DIGEST", m.digest[:8].hex(), s.ledger.digest[:8].hex())


def apply_state(s: Any, m: Any) -> None:
    """The row `root` is written when the leaf is in the tree."""


def check_result(s: Any, m: Any) -> None:
    due = s.db.first("pending_result")
    if s.leaf.payload != s.db.get("result", due.question).payload:
        raise Refused("LEDGER_RESULT_DIFFERS", s.index)


def apply_result(s: Any, m: Any) -> None:
    s.db.remove(s.db.first("pending_result"))


def check_tick(s: Any, m: Any) -> None:
    if s.settled_due_ms == 0 or m.due_ms != s.settled_due_ms:
        raise Refused("LEDGER_TICK", m.due_ms, s.settled_due_ms)


def apply_tick(s: Any, m: Any) -> None:
    """What it settles was settled before the check."""


def check_seal(s: Any, m: Any) -> None:
    if s.charter is None:
        raise Refused("LEDGER_PHASE", "SEAL")
    sealed, since = terms.sealed_before(s.db, s.index), terms.since(s.db, s.index)
    if m.size <= sealed:
        raise Refused("LEDGER_SEAL_ORDER", m.size, sealed)
    if m.size <= since:
        raise Refused("LEDGER_SEAL_TERM", m.size, since)
    root = s.db.get("root", m.size)
    if root is None:
        raise Refused("LEDGER_SEAL_HEAD", m.size)
    if root.root != m.root:
        raise Refused("LEDGER_SEAL_ROOT", m.size)
    if root.last_other <= sealed and not terms.next_in(s.db, m.size):
        raise Refused("LEDGER_SEAL_NOTHING", m.size)
    head = note.Head(s.ledger.origin, m.size, m.root)
    if not ed25519.verify(s.ledger.log_pk, head.body(), m.log_signature):
        raise Refused("LEDGER_SEAL_LOG", m.size)
    before, confirmed = b"", set()
    for c in m.cosignatures:
        if c.witness_pk <= before:
            raise Refused("LEDGER_COSIGNATURE_ORDER", c.witness_pk[:8].hex())
        before = c.witness_pk
        org = terms.witness_at(s.db, c.witness_pk, m.size)
        if org == NONE:
            raise Refused("LEDGER_COSIGNATURE_KEY", c.witness_pk[:8].hex())
        if not note.verify_cosignature(s.ledger.origin, m.size, m.root, c.witness_pk, c.time_s, c.signature):
            raise Refused("LEDGER_COSIGNATURE", c.witness_pk[:8].hex())
        confirmed.add(org)
    if not terms.all_satisfied(terms.sealing(s.db, m.size), confirmed):
        raise Refused("LEDGER_SEAL_QUORUM", len(confirmed))


def apply_seal(s: Any, m: Any) -> None:
    s.db.put(R.seal(index=s.index, size=m.size, root=m.root))
    terms.sealed(s, m.size)


# ---- blobs ----


def check_blob_erase(s: Any, m: Any) -> None:
    common.may(s, common.Scope())
    if s.db.has("erased", m.blob_sha256):
        raise Refused("LEDGER_ERASED_TWICE", m.blob_sha256.hex())
    if s.signer.kind == AUTHORITY:
        first = s.db.get("blob", m.blob_sha256)
        if first is None or first.org != s.signer.org:
            raise Refused("LEDGER_ERASE_NOT_YOURS", m.blob_sha256.hex())


def apply_blob_erase(s: Any, m: Any) -> None:
    s.db.put(R.erased(sha256=m.blob_sha256, index=s.index, reason=m.reason))
