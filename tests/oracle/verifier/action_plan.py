"""What each kind of action needs, and what it would make: the same when it is proposed, when its question
opens and when it acts (PROTOCOL.md "Actions")."""

from __future__ import annotations

from . import charter_change, charter_drafts, membership, names, people, schema
from .charters import NONE, changed
from .refused import Refused

CHARTER, BODY_CREATE, BODY_MANDATE, BODY_DISSOLVE, APPOINT, KEY_REPLACE, ORGANISATION, ORGANISATION_REMOVE, \
    WITNESSING = range(1, 10)
KINDS = {"charter": CHARTER, "body_create": BODY_CREATE, "body_mandate": BODY_MANDATE,
         "body_dissolve": BODY_DISSOLVE, "appoint": APPOINT, "key_replace": KEY_REPLACE,
         "organisation": ORGANISATION, "organisation_remove": ORGANISATION_REMOVE, "witnessing": WITNESSING}
STRUCTURAL = (CHARTER, BODY_CREATE, BODY_MANDATE, BODY_DISSOLVE, ORGANISATION, ORGANISATION_REMOVE, WITNESSING)


def kind_of(m) -> int:
    return KINDS[m.action]


class Plan:
    """A case's actions one after the other: the charter here is as it would be then."""

    def __init__(self, s, body: int):
        self.s, self.body, self.charter = s, body, s.charter
        self.next = None  # what the last structural one made
        self.change = None  # the case's change of the charter
        self.membership = False  # it changes organisations, or replaces their keys
        self.members = False  # it changes organisations, policy or standbys
        self.admitted = []  # cards of organisations
        if s.charter.bodies[body].dissolved:
            raise Refused("LEDGER_BODY_DISSOLVED", body)

    def add(self, m) -> None:
        """The next action. Raises Refused."""
        if m.action in membership.KINDS:
            getattr(membership, "plan_" + m.action)(self, getattr(m, m.action))
            return
        getattr(self, "add_" + m.action)(getattr(m, m.action))

    # --- the charter ---

    def add_charter(self, m) -> None:
        c = self.charter
        if self.change is not None:
            raise Refused("LEDGER_AMEND_TWICE")
        if self.membership:
            raise Refused("LEDGER_AMEND_MIXED")
        if c.amendment is None:
            raise Refused("LEDGER_AMEND_NONE")
        if c.body(c.amendment.body) != self.body:
            raise Refused("LEDGER_AMEND_BODY", self.body)
        rows = self.s.db
        draft = charter_drafts.draft_need(self.s, m.draft_id)
        if draft.whole_index == 0:
            raise Refused("LEDGER_DRAFT_NOT_WHOLE", draft.seen, draft.parts)
        if draft.base < charter_change.whole_version(rows):
            raise Refused("LEDGER_DRAFT_BASE", draft.base)
        self.next = charter_change.prepare_draft(self.s, c, charter_change.draft_charter(rows, draft.no))
        self.charter, self.change = self.next.charter, m

    # --- bodies ---

    def may_create(self) -> None:
        if not self.charter.bodies[self.body].may_create:
            raise Refused("LEDGER_BODY_MAY_NOT", self.body)

    def with_body(self, at: int, body) -> None:
        bodies = list(self.charter.bodies)
        bodies[at:at + 1] = [body]
        self.next = charter_change.prepare(self.s, self.charter, changed(self.charter, bodies=bodies))
        self.charter = self.next.charter

    def add_body_create(self, m) -> None:
        self.may_create()
        if m.body.parent != self.charter.bodies[self.body].id:
            raise Refused("LEDGER_BODY_PARENT", m.body.id)
        if m.body.dissolved or m.body.mandate_size != 0 or m.body.mandate_sha256:
            raise Refused("LEDGER_BODY_NEW", m.body.id)
        self.with_body(len(self.charter.bodies), m.body)

    def below(self, id: str) -> int:
        """A live body below the one that decides."""
        self.may_create()
        body = self.charter.body(id)
        if body == NONE:
            raise Refused("LEDGER_BODY_UNKNOWN", id)
        if not self.charter.is_below(body, self.body):
            raise Refused("LEDGER_BODY_NOT_BELOW", id)
        if self.charter.bodies[body].dissolved:
            raise Refused("LEDGER_BODY_DISSOLVED", id)
        return body

    def add_body_mandate(self, m) -> None:
        body = self.below(m.body)
        words = schema.copy(self.charter.bodies[body])
        words.mandate_sha256, words.mandate_size = m.mandate.sha256, m.mandate.size
        self.with_body(body, words)

    def add_body_dissolve(self, m) -> None:
        body = self.below(m.body)
        for other in self.charter.bodies:
            if other.parent == m.body and not other.dissolved:
                raise Refused("LEDGER_BODY_HAS_BODIES", m.body, other.id)
        words = schema.copy(self.charter.bodies[body])
        words.dissolved = True
        self.with_body(body, words)

    # --- people and keys ---

    def place_below(self, place: str, body: int) -> None:
        if body == NONE or not self.charter.is_below(body, self.body):
            raise Refused("LEDGER_APPOINT_NOT_BELOW", place)
        if self.charter.bodies[body].dissolved:
            raise Refused("LEDGER_BODY_DISSOLVED", body)

    def add_appoint(self, m) -> None:
        c = self.charter
        if m.claim is not None:
            raise Refused("LEDGER_APPOINT_CLAIM")
        if m.place == "office":
            at = c.office(m.office)
            if at == NONE:
                raise Refused("LEDGER_OFFICE_UNKNOWN", m.office)
            if c.offices[at].elected_by:
                raise Refused("LEDGER_APPOINT_ELECTED", m.office)
            self.place_below(m.office, c.body(c.offices[at].body))
        else:
            found = c.seat(m.seat.seat)
            if found is None:
                raise Refused("LEDGER_PLACE_UNKNOWN", m.seat.seat)
            seat = found[2]
            self.place_below(seat.id, found[0])
            if m.seat.role == names.DEPUTY and not seat.has_deputy:
                raise Refused("LEDGER_NO_SUCH_DEPUTY", seat.id)
            if c.host(c.appointer(seat.appointer)):
                raise Refused("LEDGER_APPOINT_HOST", seat.id)
        people.term_check(m.from_date, m.until_date)
        people.device_key_check(self.s, m.device_pk)

    def rules_over(self, body: int) -> bool:
        """The body decides for itself and those below; who amends the bylaws or the membership, for all."""
        c = self.charter
        for a in (c.amendment, c.membership):
            if a is not None and c.body(a.body) == self.body:
                return True
        return body == self.body or (body != NONE and c.is_below(body, self.body))

    def places_are_ours(self, key: int) -> bool:
        places = list(self.s.db.each("place", key))
        for place in places:
            if place.kind == names.PLACE_OFFICE:
                body = self.charter.body(self.charter.offices[place.number].body)
            else:
                body = self.s.db.get("seat", place.number).body
            if not self.rules_over(body):
                return False
        return bool(places)

    def add_key_replace(self, m) -> None:
        old = people.check_replacement(self.s, m)
        if old.kind in (names.RECOVERY, names.LOG):
            raise Refused("LEDGER_KEY_FIXED", m.old_pk)
        if old.kind == names.DEVICE:
            may = self.places_are_ours(old.no)
        else:
            a = self.charter.membership
            may = a is not None and self.charter.body(a.body) == self.body
            self.membership = self.membership or may
        if may and self.membership and self.change is not None:
            raise Refused("LEDGER_AMEND_MIXED")
        if not may:
            raise Refused("LEDGER_KEY_NOT_BELOW", m.old_pk)
