"""Terms of the log, whose witness key counts where, and which policies hold there; HANDOVER
(PROTOCOL.md "Terms and policies", "HANDOVER")."""

from __future__ import annotations

import struct
from typing import Any

from . import common, ed25519, merkle, note, promise
from .names import *  # noqa: F401,F403
from .refused import Refused
from .rows import NONE, R

GROUP = 0x80000000  # a member is an organisation's number, or this and the place of an earlier group
Groups = list[tuple[int, list[int]]]  # threshold, members; the last decides

# ---- one policy ----


def groups_of(c: Any) -> Groups:
    """The charter's policy as a tree of thresholds."""
    if not c.policy.groups:
        members = [no for no, o in enumerate(c.organisations) if not o.withdrawn]
        return [(c.policy.more_than_num * len(members) // c.policy.more_than_den + 1, members)]
    places = {g.name: GROUP | at for at, g in enumerate(c.policy.groups)}
    ids = {o.id: no for no, o in enumerate(c.organisations)}
    return [(g.threshold, [ids.get(m, places.get(m)) for m in g.members]) for g in c.policy.groups]


def pack(groups: Groups) -> bytes:
    return b"".join(struct.pack(f">{2 + len(members)}I", threshold, len(members), *members)
                    for threshold, members in groups)


def unpack(data: bytes) -> Groups:
    out, at = [], 0
    while at < len(data):
        threshold, count = struct.unpack_from(">II", data, at)
        out.append((threshold, list(struct.unpack_from(f">{count}I", data, at + 8))))
        at += 8 + 4 * count
    return out


def walk(groups: Groups, of_organisation: Any, of_group: Any) -> int:
    """A value of each group from its members' values; the last one's."""
    values: list[int] = []
    for threshold, members in groups:
        each = [values[m & ~GROUP] if m & GROUP else of_organisation(m) for m in members]
        values.append(of_group(threshold, each))
    return values[-1]


def is_satisfied(groups: Groups, confirmed: set[int]) -> bool:
    return bool(walk(groups, lambda o: o in confirmed, lambda threshold, each: sum(each) >= threshold))


def confirmed_of(groups: Groups, confirmed: set[int]) -> int:
    return walk(groups, lambda o: o in confirmed, lambda threshold, each: sum(each))


def may_lie(groups: Groups) -> int:
    """One fewer than the organisations in which two sets that satisfy it meet at least."""
    meet = walk(groups, lambda o: 1, lambda t, each: sum(sorted(each)[:max(0, 2 * t - len(each))]))
    return max(0, meet - 1)


def check_policy(c: Any) -> None:
    """Of a whole charter."""
    p = c.policy
    wrong = (p.more_than_num or p.more_than_den) if p.groups else p.more_than_num >= p.more_than_den
    if wrong or all(o.withdrawn for o in c.organisations):
        raise Refused("LEDGER_CHARTER_POLICY", p.more_than_num, p.more_than_den)
    organisations = {o.id: o for o in c.organisations}
    before: list[str] = []
    seen: set[str] = set()
    for g in p.groups:
        if g.name in organisations or g.name == "none" or g.name in before:
            raise Refused("LEDGER_CHARTER_GROUP", g.name)
        if g.threshold > len(g.members):
            raise Refused("LEDGER_CHARTER_THRESHOLD", g.name)
        for member in g.members:
            known = not organisations[member].withdrawn if member in organisations else member in before
            if not known or member in seen:
                raise Refused("LEDGER_CHARTER_GROUP", g.name, member)
            seen.add(member)
        before.append(g.name)
    for name in before[:-1]:
        if name not in seen:
            raise Refused("LEDGER_CHARTER_GROUP", name)


# ---- which hold for a head of `size` leaves ----


def state_at(db: Any, size: int) -> Any:
    """The last row policy_state of a leaf in the head; None."""
    return next((row for row in db.each("policy_state") if row.index < size), None)


def move_on(at: Any, size: int, seal_index: int) -> bool:
    """What a SEAL of a head of `size` leaves makes of it; False: nothing."""
    if at.next and at.start < size:
        at.cur, at.next, at.start = at.next, 0, 0
        return True
    if at.pend and at.pend_at < size:
        at.next, at.start, at.pend, at.pend_at = at.pend, seal_index, 0, 0
        return True
    return False


def rows_of(db: Any, numbers: list[int]) -> list:
    return [db.get("policy", no) for no in numbers if no]


def policies(db: Any, numbers: list[int]) -> list[Groups]:
    return [unpack(row.groups) for row in rows_of(db, numbers)]


def holding_rows(db: Any, size: int) -> list:
    """Whom the head needs to be certified: what holds there, then the next."""
    at = state_at(db, size)
    return [] if at is None else rows_of(db, [at.cur, at.next])


def holding(db: Any, size: int) -> list[Groups]:
    return [unpack(row.groups) for row in holding_rows(db, size)]


def sealing(db: Any, size: int) -> list[Groups]:
    """To be sealed: also what waits in it."""
    at = state_at(db, size)
    return [] if at is None else policies(db, [at.cur, at.next, at.pend])


def after_seal(db: Any, size: int) -> list[Groups]:
    """What holds once the head is sealed."""
    at = state_at(db, size)
    if at is None:
        return []
    move_on(at, size, size)
    return policies(db, [at.cur, at.next])


def next_in(db: Any, size: int) -> bool:
    """Does the next policy, beside the one that holds, stand in the head? Then it waits for that head's SEAL."""
    at = state_at(db, NOW)
    return at is not None and at.next != 0 and at.start < size


def all_satisfied(every: list[Groups], confirmed: set[int]) -> bool:
    return bool(every) and all(is_satisfied(groups, confirmed) for groups in every)


# ---- whose key, whose term ----


def witness_at(db: Any, pk: bytes, size: int) -> int:
    """The organisation whose witness key it is for a head of `size` leaves; NONE."""
    by_pk = db.get("key_by_pk", pk)
    key = db.get("key", by_pk.no) if by_pk is not None else None
    if key is not None and key.kind == WITNESS:
        for row in db.each("witness", key.org):
            if row.pk == pk and row.since < size and (row.until == 0 or size <= row.until):
                return row.org
    return NONE


def witnesses_at(db: Any, size: int) -> dict[bytes, int]:
    """All witness keys for a head of `size` leaves, and whose they are."""
    return {row.pk: row.org for row in db.each("witness") if row.since < size and (row.until == 0 or size <= row.until)}


def term_row(db: Any, size: int) -> Any:
    """The last term that begins in a head of `size` leaves; None."""
    rows = [row for row in db.each("term") if row.index < size]
    return rows[-1] if rows else None


def since(db: Any, size: int) -> int:
    row = term_row(db, size)
    return row.index if row is not None else 0


def sealed_before(db: Any, size: int) -> int:
    """The size that the highest SEAL of the head's term, below it, seals; 0: none."""
    row = next((row for row in db.each("seal") if row.index < size), None)
    return row.size if row is not None and row.index >= since(db, size) else 0


# ---- writing ----


def begin_witness(s: Any, pk: bytes, org: int) -> None:
    s.db.put(R.witness(org=org, since=s.index, pk=pk))


def end_witness(s: Any, pk: bytes) -> None:
    key = common.find_key(s, pk)
    for row in s.db.each("witness", key.org) if key is not None else ():
        if row.pk == pk and row.until == 0:
            row.until = s.index
            s.db.put(row)
            return


def found(s: Any, charter: Any) -> None:
    """The founding's policy holds from the last CHARTER_PART on."""
    s.db.put(R.policy(no=1, version=1, groups=pack(groups_of(charter))))
    s.db.put(R.policy_state(index=s.index, cur=1))


def sealed(s: Any, size: int) -> None:
    """The head of `size` leaves is sealed: what waits acts, and the policies move on."""
    from . import membership
    from .people import settle_waiting
    settle_waiting(s, size)
    at = state_at(s.db, NOW)
    if at is None:
        return
    before = state_at(s.db, NOW)
    at.index = s.index
    if move_on(at, size, s.index):
        s.db.put(at)
        membership.moved_on(s, before, at)


# ---- HANDOVER ----


def rank(head: Any) -> tuple[int, int]:
    """The only order in which sealed heads rank; None is the lowest."""
    return (0, 0) if head is None else (head.term, head.size)


def statement(m: Any, p: Any) -> bytes:
    """The PROMISE that stands behind an entry of `promises`."""
    heads = [promise.NONE if head is None else (head.term, head.size, head.root)
             for head in (head_at(m, p.seal), head_at(m, p.cosigned))]
    return promise.promise(m.term, m.log_pk, *heads)


def check_handover(s: Any, m: Any) -> None:
    if s.charter is None:
        raise Refused("LEDGER_PHASE", "HANDOVER")
    if m.term <= s.ledger.term:
        raise Refused("LEDGER_HANDOVER_TERM", m.term)
    root = s.db.get("root", s.index)
    if m.continues_size != s.index or root is None or root.root != m.continues_root:
        raise Refused("LEDGER_HANDOVER_CONTINUES", m.continues_size, s.index)
    if common.find_key(s, m.log_pk) is not None or not ed25519.is_valid_key(m.log_pk):
        raise Refused("LEDGER_HANDOVER_KEY", m.log_pk[:8].hex())
    check_form(m)
    sealed_head = find_sealed(s, m)
    check_sealed(s, m, sealed_head)
    after = after_seal(s.db, sealed_head.size)
    check_kept(m, sealed_head, after, check_promises(s, m, sealed_head, after))


def check_form(m: Any) -> None:
    before = b""
    for p in m.promises:
        if p.witness_pk <= before:
            raise Refused("LEDGER_HANDOVER_PROMISE_ORDER", p.witness_pk[:8].hex())
        before = p.witness_pk
        if max(p.seal, p.cosigned) > len(m.heads):
            raise Refused("LEDGER_HANDOVER_PROMISE_HEAD", p.witness_pk[:8].hex())
    named = {place for p in m.promises for place in (p.seal, p.cosigned)}
    for place, h in enumerate(m.heads, 1):
        rises = place == 1 or (rank(m.heads[place - 2]), m.heads[place - 2].root) < (rank(h), h.root)
        if h.term >= m.term or not rises or (h.proof and h.size <= m.continues_size) or place not in named:
            raise Refused("LEDGER_HANDOVER_HEAD", place)


def head_at(m: Any, place: int) -> Any:
    return m.heads[place - 1] if place else None


def find_sealed(s: Any, m: Any) -> Any:
    """The highest (term, size) that a promise names; of two roots there, the log's own."""
    best = None
    for p in m.promises:
        head = head_at(m, p.seal)
        if head is None:
            continue
        row = s.db.get("root", head.size)
        ours = row is not None and row.root == head.root
        if rank(head) > rank(best) or (rank(head) == rank(best) and ours):
            best = head
    if best is None:
        raise Refused("LEDGER_HANDOVER_UNSEALED")
    if best.size > s.index:
        raise Refused("LEDGER_HANDOVER_BEHIND", best.size)
    row, term = s.db.get("root", best.size), term_row(s.db, best.size)
    if row is None or row.root != best.root or term is None or term.term != best.term:
        raise Refused("LEDGER_HANDOVER_FORK", best.size, best.term)
    if m.continues_size < best.size:
        raise Refused("LEDGER_HANDOVER_CONTINUES", m.continues_size, best.size)
    return best


def check_sealed(s: Any, m: Any, head: Any) -> None:
    """Who cosigned it makes it one that can be sealed."""
    f = s.ledger.federation
    origin = f"samband/{f.slug}/{f.id.hex()[:16]}/{head.term}"
    before, confirmed = b"", set()
    for c in m.cosignatures:
        if c.witness_pk <= before:
            raise Refused("LEDGER_COSIGNATURE_ORDER", c.witness_pk[:8].hex())
        before = c.witness_pk
        org = witness_at(s.db, c.witness_pk, head.size)
        if org == NONE:
            raise Refused("LEDGER_COSIGNATURE_KEY", c.witness_pk[:8].hex())
        if not note.verify_cosignature(origin, head.size, head.root, c.witness_pk, c.time_s, c.signature):
            raise Refused("LEDGER_COSIGNATURE", c.witness_pk[:8].hex())
        confirmed.add(org)
    if not all_satisfied(sealing(s.db, head.size), confirmed):
        raise Refused("LEDGER_HANDOVER_SEAL", len(confirmed))


def check_promises(s: Any, m: Any, sealed_head: Any, after: list[Groups]) -> list[int]:
    """Whose each promise is."""
    out = []
    for p in m.promises:
        org = witness_at(s.db, p.witness_pk, sealed_head.size)
        if org == NONE:
            raise Refused("LEDGER_HANDOVER_PROMISE_KEY", p.witness_pk[:8].hex())
        if not promise.verify(s.ledger.federation_id, p.witness_pk, statement(m, p), p.signature):
            raise Refused("LEDGER_HANDOVER_PROMISE", p.witness_pk[:8].hex())
        out.append(org)
    if not all_satisfied(after, set(out)):
        raise Refused("LEDGER_HANDOVER_QUORUM", len(out))
    return out


def bears(m: Any, h: Any) -> bool:
    """Is the kept head this one, or does it lie in it?"""
    if h.size == m.continues_size:
        return h.root == m.continues_root
    return h.size > m.continues_size and bool(h.proof) and merkle.verify_consistency(
        m.continues_size, h.size, m.continues_root, h.root, h.proof)


def check_kept(m: Any, sealed_head: Any, after: list[Groups], orgs: list[int]) -> None:
    """Beyond the sealed head: more promisers than may lie cosigned it, by each policy."""
    if m.continues_size == sealed_head.size:
        if m.continues_root != sealed_head.root:
            raise Refused("LEDGER_HANDOVER_CONTINUES", m.continues_size)
        return
    bearing = [False] + [bears(m, h) for h in m.heads]
    for place, h in enumerate(m.heads, 1):
        if h.proof and not bearing[place]:
            raise Refused("LEDGER_HANDOVER_HEAD", place)
    cosigned = {org for p, org in zip(m.promises, orgs) if bearing[p.cosigned]}
    for groups in after:
        if confirmed_of(groups, cosigned) <= may_lie(groups):
            raise Refused("LEDGER_HANDOVER_MORE", len(cosigned))


def apply_handover(s: Any, m: Any) -> None:
    size = find_sealed(s, m).size
    old = common.find_key(s, s.ledger.log_pk)
    old.status = REPLACED
    s.db.put(old)
    common.add_key(s, m.log_pk, LOG, NONE)
    s.db.put(R.term(term=m.term, index=s.index, log_pk=m.log_pk))
    sealed(s, size)
    f = s.db.get("federation")  # what waited may have changed the charter
    f.term, f.log_pk = m.term, m.log_pk
    s.db.put(f)
