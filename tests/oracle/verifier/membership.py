"""Changes of organisations, witness policy and standbys: one at a time, all that a case says of them together; and
MEMBERSHIP_WITHDRAW (PROTOCOL.md "Membership").

adopted -> free of conditions: it waits, and whom it admits may cosign -> the SEAL that covers it, which old and new
both confirm: it acts -> both hold -> a SEAL of a head that contains that SEAL: the new alone.
"""

from __future__ import annotations

from typing import Any

from . import charter_change, common, ed25519, names, promise, schema, terms
from .charters import NONE, changed
from .refused import Refused
from .rows import R

KINDS = ("organisation", "organisation_remove", "witnessing")
KEY_WAITING = 4
ADOPTED, DROPPED = 3, 5


# --- what each needs, and the charter that it would make (for action_plan.Plan) ---

def begin(p: Any) -> None:
    """The body of the section `membership` decides it, in a case that changes nothing else."""
    c = p.charter
    if p.change is not None:
        raise Refused("LEDGER_AMEND_MIXED")
    if c.membership is None:
        raise Refused("LEDGER_MEMBERSHIP_NONE")
    if c.body(c.membership.body) != p.body:
        raise Refused("LEDGER_MEMBERSHIP_BODY", p.body)
    p.membership = p.members = True


def prepare(p: Any, wanted: Any) -> None:
    p.next = charter_change.prepare(p.s, p.charter, wanted, by_membership=True)
    p.charter = p.next.charter


def with_organisation(p: Any, at: int, words: Any, withdrawn: bool) -> None:
    o = schema.copy(words)
    o.withdrawn = withdrawn
    organisations = list(p.charter.organisations)
    organisations[at:at + 1] = [o]
    prepare(p, changed(p.charter, organisations=organisations))


def check_key(p: Any, pk: bytes, kind: int) -> None:
    """New, or of the same use in a change that was given up, or is this one."""
    if not ed25519.is_valid_key(pk):
        raise Refused("LEDGER_KEY_INVALID", pk)
    key = common.find_key(p.s, pk)
    if key is not None and (key.status != KEY_WAITING or key.kind != kind):
        raise Refused("LEDGER_KEY_TWICE", pk)


def keys_of(card: Any) -> list[bytes]:
    return [card.authority_pk, card.witness_pk, card.recovery_pk, card.curve_pk]


def check_card(p: Any, card: Any) -> None:
    """None of the keys serves two purposes, here or in another card of the case."""
    check_key(p, card.authority_pk, names.AUTHORITY)
    check_key(p, card.witness_pk, names.WITNESS)
    check_key(p, card.recovery_pk, names.RECOVERY)
    used = {p.s.db.get("federation").broker_curve_pk} | {row.curve_pk for row in p.s.db.each("org")}
    if card.curve_pk in used:
        raise Refused("LEDGER_KEY_TWICE", card.curve_pk)
    p.admitted.append(card)
    every = [pk for one in p.admitted for pk in keys_of(one)]
    if len(set(every)) != len(every):
        raise Refused("LEDGER_KEY_TWICE", card.id)


def plan_organisation(p: Any, m: Any) -> None:
    begin(p)
    o = m.organisation
    at = p.charter.org(o.id)
    if m.keys.id != o.id or o.withdrawn:
        raise Refused("LEDGER_MEMBERSHIP_CARD", o.id, m.keys.id)
    if at != NONE and not p.charter.organisations[at].withdrawn:
        raise Refused("LEDGER_MEMBERSHIP_MEMBER", o.id)
    check_card(p, m.keys)
    with_organisation(p, len(p.charter.organisations) if at == NONE else at, o, False)


def plan_organisation_remove(p: Any, m: Any) -> None:
    begin(p)
    at = p.charter.org(m.organisation)
    if at == NONE or p.charter.organisations[at].withdrawn:
        raise Refused("LEDGER_MEMBERSHIP_UNKNOWN", m.organisation)
    for office in p.charter.offices:
        if office.appointed_by == m.organisation:
            raise Refused("LEDGER_MEMBERSHIP_OFFICE", m.organisation, office.id)
    with_organisation(p, at, p.charter.organisations[at], True)


def plan_witnessing(p: Any, m: Any) -> None:
    begin(p)
    for one in m.standbys:
        used = common.find_key(p.s, one.log_pk)
        if used is not None:
            if used.kind == names.LOG:
                raise Refused("LEDGER_STANDBY_ORDERS", one.id)
            raise Refused("LEDGER_KEY_TWICE", one.log_pk)
    before = p.charter.encode()
    prepare(p, changed(p.charter, policy=m.policy, silence_s=m.silence_s, standbys=m.standbys))
    if p.next.data == before:
        raise Refused("LEDGER_AMEND_SAME")


# --- whose turn it is ---

def case_of(s: Any) -> int:
    row = s.db.get("membership")
    return row.case_no if row is not None else 0


def check_free(s: Any) -> None:
    """No other change is adopted and unfinished."""
    at = terms.state_at(s.db, names.NOW)
    if case_of(s) or (at is not None and (at.next or at.pend)):
        raise Refused("LEDGER_MEMBERSHIP_WAITS", case_of(s))


def take(s: Any, case_no: int) -> None:
    s.db.put(R.membership(case_no=case_no))


# --- it waits ---

def enrol_waiting(s: Any, pk: bytes, kind: int, org: int) -> None:
    key = common.find_key(s, pk)
    if key is None:
        common.add_key(s, pk, kind, org)
        key = common.find_key(s, pk)
    key.status, key.org = KEY_WAITING, org
    s.db.put(key)


def pend(s: Any, plan: Any, cards: list) -> None:
    """From this leaf on the next policy waits, and whom it admits may cosign."""
    at = terms.state_at(s.db, names.NOW)
    number = max((row.no for row in s.db.each("policy")), default=0) + 1
    s.db.put(R.policy(no=number, groups=terms.pack(terms.groups_of(plan.charter))))
    at.index, at.pend, at.pend_at = s.index, number, s.index
    s.db.put(at)
    for card in cards:
        org = plan.charter.org(card.id)
        s.db.put(R.waiting_org(no=org, id=card.id, authority_pk=card.authority_pk, witness_pk=card.witness_pk,
                               recovery_pk=card.recovery_pk, curve_pk=card.curve_pk))
        enrol_waiting(s, card.authority_pk, names.AUTHORITY, org)
        enrol_waiting(s, card.witness_pk, names.WITNESS, org)
        enrol_waiting(s, card.recovery_pk, names.RECOVERY, org)
        terms.begin_witness(s, card.witness_pk, org)


def end(s: Any) -> None:
    """Given up, whether it waited or not."""
    s.db.delete("membership")
    at = terms.state_at(s.db, names.NOW)
    if at is None or at.pend == 0:
        return
    at.index, at.pend, at.pend_at = s.index, 0, 0
    s.db.put(at)
    for row in list(s.db.each("waiting_org")):
        terms.end_witness(s, row.witness_pk)
        s.db.remove(row)


# --- it acts ---

def act(s: Any, m: Any) -> None:
    """What this action admits is enrolled; the charter has it."""
    if m.action != "organisation":
        return
    card = m.organisation.keys
    org = R.org(no=s.charter.org(card.id), id=card.id, accepted=1, authority_pk=card.authority_pk,
                witness_pk=card.witness_pk, recovery_pk=card.recovery_pk, curve_pk=card.curve_pk)
    s.db.put(org)
    for pk in keys_of(card)[:3]:
        key = common.find_key(s, pk)
        if key is not None:
            key.status = names.IN_FORCE
            s.db.put(key)
    s.db.delete("waiting_org", org.no)


def moved_on(s: Any, before: Any, at: Any) -> None:
    """After a SEAL has moved the policies: the change is in force beside the old policy, or alone."""
    if at.pend != before.pend:
        s.db.delete("membership")
        row = s.db.get("policy", at.next)
        row.version = s.db.get("federation").charter_version
        s.db.put(row)
        return
    for no, words in enumerate(s.charter.organisations):
        org = s.db.get("org", no)
        if words.withdrawn and org is not None:
            for pk in (org.authority_pk, org.witness_pk, org.recovery_pk):
                put_out_of_force(s, pk)


def put_out_of_force(s: Any, pk: bytes) -> None:
    key = common.find_key(s, pk)
    if key is None or key.status != names.IN_FORCE:
        return
    key.status = names.REVOKED
    s.db.put(key)
    if key.kind == names.WITNESS:
        terms.end_witness(s, pk)


# --- MEMBERSHIP_WITHDRAW ---

def waiting_action(s: Any, m: Any) -> Any:
    action = common.need(s, m.action_id, names.REF_ACTION)
    from .actions import is_membership
    if not is_membership(action) or action.status != ADOPTED or case_of(s) != action.case_no:
        raise Refused("LEDGER_MEMBERSHIP_NOT_WAITING")
    return action


def check_membership_withdraw(s: Any, m: Any) -> None:
    common.may(s, common.Scope(body=NONE))
    waiting_action(s, m)
    before, organisations = b"", set()
    for one in m.statements:
        if one.pk <= before:
            raise Refused("LEDGER_STATEMENT_ORDER", one.pk)
        before = one.pk
        key = common.find_key(s, one.pk)
        if key is None or key.kind != names.AUTHORITY or key.status != names.IN_FORCE:
            raise Refused("LEDGER_STATEMENT_KEY", one.pk)
        if not promise.verify(s.ledger.federation_id, one.pk, promise.withdraw(m.action_id), one.signature):
            raise Refused("LEDGER_STATEMENT", one.pk)
        organisations.add(key.org)
    if not terms.all_satisfied(terms.holding(s.db, names.NOW), organisations):
        raise Refused("LEDGER_WITHDRAW_QUORUM", len(organisations))


def apply_membership_withdraw(s: Any, m: Any) -> None:
    from .actions import give_up
    give_up(s, waiting_action(s, m).case_no)
