"""The ledger: one leaf after the other (PROTOCOL.md "Ledger: steps and digest")."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

from . import calendar_no as cal
from . import charter_change, common, merkle, registry, terms
from .names import *  # noqa: F401,F403
from .policy import Group, Policy
from .refused import Refused
from .rows import NONE, R, Store

SYSTEM = {"STATE", "RESULT", "TICK", "SEAL", "HANDOVER"}
PHASE_OF = {"GENESIS": EMPTY, "CHARTER_PART": CHARTER, "ACCEPT": ACCEPTING}
# PROTOCOL.md "Quotas": what ends something, and what conducts the meeting
ENDS = {"KEY_REVOKE", "CASE_POSTPONE", "CASE_WITHDRAW", "QUESTION_CLOSE", "MEETING_CLOSE", "MEMBERSHIP_WITHDRAW"}
CONDUCTS = {"QUESTION_OPEN", "CHAIR_TAKE", "CLAUSE_AMEND", "TASK_SET", "CASE_DISCUSS", "RULING", "CONDITION_SET",
            "CANDIDATE_PROPOSE"}
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Step:
    """What check and apply of one leaf share. While a deadline settles, leaf is None and the time is its moment."""

    def __init__(self, ledger: "Ledger", leaf: Any, now_ms: int):
        self.ledger, self.leaf = ledger, leaf
        self.db = self.rows = ledger.db
        self.index = ledger.size
        self.charter = ledger.charter
        self.signer: Any = None  # row of the key
        self.settled_due_ms = 0
        self.at(now_ms)

    def at(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.day = cal.day_number(now_ms)  # since 1970
        self.date = cal.yyyymmdd(now_ms)

    def charter_of(self, version: int) -> Any:
        """The charter of this version."""
        return charter_change.of_version(self.rows, version)


class Ledger:
    """Folds leaves; README.md says what it offers."""

    def __init__(self) -> None:
        self.db = self.rows = Store()
        self.tree = merkle.Tree()
        self.size, self.digest = 0, bytes(32)
        self.last_time_ms, self.last_type, self.last_other = 0, "", 0
        self.charter: Any = None
        self.charter_version = 0

    # ---- what it knows ----

    @property
    def federation(self) -> Any:
        return self.db.find("federation")

    @property
    def phase(self) -> int:
        return self.federation.phase

    @property
    def federation_id(self) -> bytes:
        return self.federation.id

    @property
    def slug(self) -> str:
        return self.federation.slug

    @property
    def term(self) -> int:
        return self.federation.term

    @property
    def log_pk(self) -> bytes:
        return self.federation.log_pk

    @property
    def origin(self) -> str:
        f = self.federation
        return f"samband/{f.slug}/{f.id.hex()[:16]}/{f.term}"

    def witnesses(self) -> dict[bytes, int]:
        """Witness keys for a head of this size."""
        return terms.witnesses_at(self.db, self.size)

    def signers(self) -> dict[bytes, str]:
        """The same by the organisation's id; also of those that a waiting change of organisations admits."""
        ids = {org.no: org.id for org in self.db.each("org")} | {o.no: o.id for o in self.db.each("waiting_org")}
        return {pk: ids[no] for pk, no in self.witnesses().items()}

    def holding(self) -> list[Policy]:
        """All that a head of this size must meet, as the charters have them."""
        out = []
        for row in terms.holding_rows(self.db, self.size):
            charter = charter_change.of_version(self.db, row.version)
            policy = charter.policy
            groups = tuple(Group(g.name, g.threshold, tuple(g.members)) for g in policy.groups)
            ids = tuple(o.id for o in charter.organisations if not o.withdrawn)
            out.append(Policy(ids, policy.more_than_num, policy.more_than_den, groups))
        return out

    def quorum(self, pks: Any) -> bool:
        signers, holding = self.signers(), self.holding()
        have = {signers[pk] for pk in pks if pk in signers}
        return bool(holding) and all(policy.is_satisfied(have) for policy in holding)

    def last_seal(self) -> tuple[int, int, bytes] | None:
        row = self.db.first("seal")
        return None if row is None else (row.index, row.size, row.root)

    def erased(self) -> list[tuple[bytes, int]]:
        return sorted(((row.sha256, row.index) for row in self.db.each("erased")), key=lambda e: e[1])

    def cases(self) -> list[dict]:
        from .summary import cases
        return cases(self)

    # ---- a step ----

    def step(self, leaf: Any) -> None:
        """Takes the leaf, or raises Refused and nothing has changed."""
        self.db.begin()
        try:
            s = self.check(leaf)
            common_apply(s)
            registry.handler(leaf.type_name)[1](s, leaf.message)
        except Exception:
            self.db.undo()
            raise
        self.take(leaf)

    def probe(self, leaf: Any) -> None:
        """Would the leaf be taken? Changes nothing."""
        self.db.begin()
        try:
            self.check(leaf)
        finally:
            self.db.undo()

    def check(self, leaf: Any) -> Step:
        assert leaf.index == self.size
        if leaf.time_ms < self.last_time_ms:
            raise Refused("LEDGER_TIME", leaf.time_ms, self.last_time_ms)
        s = Step(self, leaf, leaf.time_ms)
        settle(s)
        check = registry.handler(leaf.type_name)[0]
        if check is None:
            raise Refused("VERIFIER_UNSUPPORTED", leaf.type_name)
        common_check(s)
        check(s, leaf.message)
        return s

    def take(self, leaf: Any) -> None:
        self.tree.append(leaf.leaf_hash)
        if leaf.type_name == "STATE":
            self.db.put(R.root(size=self.size + 1, root=self.tree.root(), last_other=self.last_other))
        effects = self.db.effects()
        self.digest = hashlib.sha256(
            b"samband/digest/v1\x00" + self.digest + struct.pack(">Q", self.size) + leaf.leaf_hash
            + struct.pack(">I", len(effects)) + effects).digest()
        self.size += 1
        self.last_time_ms, self.last_type = leaf.time_ms, leaf.type_name
        if leaf.type_name not in ("STATE", "SEAL"):
            self.last_other = self.size
        f = self.federation
        if f.charter_version != self.charter_version:
            self.charter = charter_change.of_version(self.db, f.charter_version)
            self.charter_version = f.charter_version


def settle(s: Step) -> None:
    """Each deadline strictly earlier than the leaf, by (moment, kind, number), as of its own moment."""
    while True:
        due = s.db.first("deadline")
        if due is None or due.due_ms >= s.leaf.time_ms:
            return
        s.settled_due_ms = s.settled_due_ms or due.due_ms
        quiet = Step(s.ledger, None, due.due_ms)
        s.db.remove(due)
        if due.kind == DUE_MINUTES:
            registry.module("minutes").settle_minutes(quiet, due.number)
        else:
            registry.module("conditions").settle_condition(quiet, due.number)


# ---- what every entry must satisfy ----


def common_check(s: Step) -> None:
    leaf, f = s.leaf, s.ledger.federation
    name = leaf.type_name
    wanted = PHASE_OF.get(name, RUNNING)
    if name in SYSTEM and f.phase != EMPTY:
        wanted = f.phase
    if f.phase != wanted:
        raise Refused("LEDGER_PHASE", name, f.phase)
    if leaf.federation_id != (bytes(32) if wanted == EMPTY else f.id):
        raise Refused("LEDGER_FEDERATION")
    if name in SYSTEM:
        check_system(s)
        check_pending(s)
        return
    seq = R.key_seq()
    if name != "GENESIS":
        check_signer(s)
        seq = s.db.find("key_seq", s.signer.no)
    if leaf.signer_seq <= seq.last_seq:
        raise Refused("LEDGER_SUPERSEDED", leaf.signer_seq, seq.last_seq)
    check_anchor(s, seq.last_anchor)
    check_pending(s)
    check_quota(s, seq)
    for blob in leaf.blobs:
        if s.db.has("erased", blob.sha256):
            raise Refused("LEDGER_BLOB_ERASED", blob.sha256.hex())


def check_system(s: Step) -> None:
    if s.leaf.type_name == "HANDOVER":  # by the new term's key, which it enrols
        if s.leaf.signer_pk != s.leaf.message.log_pk:
            raise Refused("LEDGER_HANDOVER_SIGNER")
    elif s.leaf.signer_pk != s.ledger.log_pk:
        raise Refused("LEDGER_LOG_KEY", s.leaf.type_name)
    if s.leaf.signer_seq != s.index:
        raise Refused("LEDGER_SYSTEM_SEQ", s.leaf.signer_seq, s.index)
    if s.leaf.anchor_size != 0:
        raise Refused("LEDGER_ANCHOR_UNKNOWN", s.leaf.anchor_size)
    check_anchor(s, 0)


def check_signer(s: Step) -> None:
    key = common.find_key(s, s.leaf.signer_pk)
    if key is None:
        raise Refused("LEDGER_KEY_UNKNOWN", s.leaf.signer_pk[:8].hex())
    s.signer = key
    if key.status != IN_FORCE:
        raise Refused("LEDGER_KEY_OUT_OF_FORCE", s.leaf.signer_pk[:8].hex())
    if not common.kind_fits(s.leaf.type_name, key.kind):
        common.refuse_capability(s)


def check_anchor(s: Step, last_anchor: int) -> None:
    size = s.leaf.anchor_size
    if size < last_anchor:
        raise Refused("LEDGER_ANCHOR_LOWER", size, last_anchor)
    row = s.db.get("root", size) if size else None
    if size and row is None:
        raise Refused("LEDGER_ANCHOR_UNKNOWN", size)
    if s.leaf.anchor_root != (row.root if size else EMPTY_ROOT):
        raise Refused("LEDGER_ANCHOR_ROOT", size)


def check_pending(s: Step) -> None:
    """Only the RESULT that the state demands, while it demands one."""
    pending = s.db.first("pending_result") is not None
    if pending and s.leaf.type_name != "RESULT":
        raise Refused("LEDGER_RESULT_EXPECTED", s.leaf.type_name)
    if not pending and s.leaf.type_name == "RESULT":
        raise Refused("LEDGER_RESULT_UNEXPECTED")


def case_named(s: Step) -> int:
    """The case that the payload names in its own field case_id; 0: none."""
    return common.find_ref(s, getattr(s.leaf.message, "case_id", None) or b"", REF_CASE)


def check_quota(s: Step, seq: Any) -> None:
    name = s.leaf.type_name
    if s.charter is None or name in ENDS:
        return
    quotas = s.charter.quotas
    if quotas.entries_per_key_and_day and seq.day == s.day and seq.day_count >= quotas.entries_per_key_and_day:
        raise Refused("LEDGER_QUOTA_DAY", quotas.entries_per_key_and_day)
    if quotas.entries_per_case == 0 or name in CONDUCTS:
        return
    case_no = case_named(s)
    if case_no and s.db.find("case_quota", case_no).count >= quotas.entries_per_case:
        raise Refused("LEDGER_QUOTA_CASE", quotas.entries_per_case)


def common_apply(s: Step) -> None:
    """The signer's sequence, anchor and quotas; who named blobs first. GENESIS calls it when its key is there."""
    if s.signer is None:
        return
    seq = s.db.find("key_seq", s.signer.no)
    if seq.day != s.day:
        seq.day, seq.day_count = s.day, 0
    seq.last_seq, seq.last_anchor, seq.day_count = s.leaf.signer_seq, s.leaf.anchor_size, seq.day_count + 1
    s.db.put(seq)
    for blob in s.leaf.blobs:
        if not s.db.has("blob", blob.sha256):
            s.db.put(R.blob(sha256=blob.sha256, org=s.signer.org))
    if s.charter is not None and s.charter.quotas.entries_per_case:
        case_no = case_named(s)
        if case_no:
            quota = s.db.find("case_quota", case_no)
            quota.count += 1
            s.db.put(quota)
