"""The charter: positions, what is refused at a founding, and what may follow what.

PROTOCOL.md "CHARTER_PART" (what a whole charter is refused for), "Versions of the charter" (what
may follow, what is carried over), "Rows" (positions from 0; 0xffffffff is none).
"""

from . import ed25519, rule_check, schema, terms
from .refused import Refused

NONE = 0xFFFFFFFF
PART_BYTES = 60000
LISTS = ("partners", "organisations", "appointers", "parties", "bodies", "offices")  # their places are numbers


class Charter:
    """A decoded charter and where its elements stand. Attributes of the message are reached through it."""

    def __init__(self, words):
        self.words = words
        self._at = {name: places(getattr(words, name)) for name in LISTS}
        self._seats = {}
        for b, body in enumerate(words.bodies):
            for i, seat in enumerate(body.seats):
                self._seats.setdefault(seat.id, (b, i, seat))

    def __getattr__(self, name):
        return getattr(self.words, name)

    @staticmethod
    def decode(data: bytes) -> "Charter":
        """Strict. Refused("PAYLOAD_…")."""
        return Charter(schema.decode_charter(data))

    def encode(self) -> bytes:
        return schema.encode(self.words)

    # positions by id; NONE where there is none, also for ""
    def partner(self, id: str) -> int:
        return self._at["partners"].get(id, NONE)

    def org(self, id: str) -> int:
        return self._at["organisations"].get(id, NONE)

    def appointer(self, id: str) -> int:
        return self._at["appointers"].get(id, NONE)

    def party(self, id: str) -> int:
        return self._at["parties"].get(id, NONE)

    def body(self, id: str) -> int:
        return self._at["bodies"].get(id, NONE)

    def office(self, id: str) -> int:
        return self._at["offices"].get(id, NONE)

    def seat(self, id: str):
        """(body, at, Seat) by id, or None."""
        return self._seats.get(id)

    def seat_words(self, id: str):
        """The Seat of this id in this version; None: it isn't there."""
        found = self._seats.get(id)
        return found[2] if found else None

    def partner_id(self, partner: int) -> str:
        return "" if partner == NONE else self.words.partners[partner].id

    def host(self, appointer: int) -> str:
        """The organisation whose authority speaks for an appointer; "": none, or it is withdrawn: the secretariat does."""
        host = "" if appointer == NONE else self.words.appointers[appointer].host
        at = self.org(host)
        return "" if at == NONE or self.words.organisations[at].withdrawn else host

    def is_below(self, body: int, above: int) -> bool:
        """Is `body` below `above` in the tree (not the same)?"""
        at = self.body(self.words.bodies[body].parent)
        for _ in self.words.bodies:
            if at == NONE:
                return False
            if at == above:
                return True
            at = self.body(self.words.bodies[at].parent)
        return False


def places(items) -> dict:
    out = {}
    for i, item in enumerate(items):
        out.setdefault(item.id, i)
    return out


# --- what a whole charter is refused for ---

def unique(ids, where: str):
    seen = set()
    for id in ids:
        if id in seen:
            raise Refused("LEDGER_CHARTER_ID", where, id)
        seen.add(id)


def resolves(found: int, where: str, field: str, id: str, may_be_empty: bool):
    if found == NONE and not (may_be_empty and id == ""):
        raise Refused("LEDGER_CHARTER_REFERENCE", where, field, id)


def check(c: Charter):
    """PROTOCOL.md "CHARTER_PART": all that a whole charter is refused for, GENESIS aside."""
    for name in LISTS + ("standbys",):
        unique((x.id for x in getattr(c, name)), name)
    seats = [s.id for b in c.bodies for s in b.seats]
    if len(seats) > 10000:
        raise Refused("LEDGER_CHARTER_SEATS", len(seats))
    unique(seats, "seats")
    check_references(c)
    for body in c.bodies:
        check_rule(c, body, body.quorum, "quorum", "quorum")
        check_rule(c, body, body.pass_, "pass", "pass")
        check_sections(c, body)
        check_numbers(body)
    check_amendment(c, c.amendment, "amendment")
    check_amendment(c, c.membership, "membership")
    terms.check_policy(c)
    check_standbys(c)


def check_standbys(c: Charter):
    """Each with keys of its own, and a silence exactly where there are any, of three minutes or more but in a rehearsal."""
    if (not c.standbys) != (c.silence_s == 0):
        raise Refused("LEDGER_CHARTER_SILENCE")
    if c.standbys and c.silence_s < 180 and not c.rehearsal:
        raise Refused("LEDGER_CHARTER_SILENCE_SHORT", c.silence_s, 180)
    for n, one in enumerate(c.standbys):
        others = c.standbys[:n]
        if not ed25519.is_valid_key(one.log_pk) or any(
                o.log_pk == one.log_pk or o.curve_pk == one.curve_pk for o in others):
            raise Refused("LEDGER_CHARTER_STANDBY", one.id)


def check_references(c: Charter):
    for o in c.organisations:
        resolves(c.partner(o.partner), o.id, "partner", o.partner, False)
    for a in c.appointers:
        resolves(c.org(a.host), a.id, "host", a.host, True)
    for b in c.bodies:
        check_parents(c, b)
        for s in b.seats:
            resolves(c.partner(s.partner), s.id, "partner", s.partner, True)
            resolves(c.appointer(s.appointer), s.id, "appointer", s.appointer, True)
        resolves(c.office(b.extraordinary_by), b.id, "extraordinary_by", b.extraordinary_by, True)
    for o in c.offices:
        resolves(c.body(o.body), o.id, "body", o.body, True)
        resolves(c.org(o.appointed_by), o.id, "appointed_by", o.appointed_by, False)
        if o.seat and c.seat(o.seat) is None:
            raise Refused("LEDGER_CHARTER_REFERENCE", o.id, "seat", o.seat)
        check_elected(c, o)
    for a, word in ((c.amendment, "amendment"), (c.membership, "membership")):
        if a is not None:
            resolves(c.body(a.body), word, "body", a.body, False)


def check_parents(c: Charter, body):
    """The chain of parents ends; nothing that lives is below what is dissolved."""
    at, steps = body, 0
    while at.parent:
        up = c.body(at.parent)
        if up == NONE or steps >= len(c.bodies):
            raise Refused("LEDGER_CHARTER_REFERENCE", body.id, "parent", at.parent)
        at, steps = c.bodies[up], steps + 1
    above = c.body(body.parent)
    if above != NONE and c.bodies[above].dissolved and not body.dissolved:
        raise Refused("LEDGER_BODY_HAS_BODIES", body.parent, body.id)


def check_elected(c: Charter, office):
    body = c.body(office.elected_by)
    resolves(body, office.id, "elected_by", office.elected_by, True)
    if body != NONE and c.bodies[body].election is None:
        raise Refused("LEDGER_CHARTER_ELECTED", office.id, office.elected_by)
    for n, norm in enumerate(office.norms):
        if norm.kind == schema.E.OFFICE_NORM_KIND_DIFFERS:
            ok = c.office(norm.office) != NONE and norm.office != office.id
        else:
            ok = norm.office == ""
        if not ok:
            raise Refused("LEDGER_CHARTER_OFFICE_NORM", office.id, n + 1)


def check_rule(c: Charter, body, rule, kind: str, word: str):
    if rule is None or not rule.text:
        return
    seats, free = {p.id: 0 for p in c.partners}, 0
    for s in body.seats:
        if s.voting and s.partner in seats:
            seats[s.partner] += 1
        elif s.voting:
            free += 1
    fault = rule_check.fault(rule.text, kind, seats, free)
    if fault:
        raise Refused("LEDGER_CHARTER_RULE", body.id, word, fault)


def check_sections(c: Charter, body):
    e = body.election
    if e is not None and not e.elect.text and not body.pass_.text:
        raise Refused("LEDGER_CHARTER_ELECTION", body.id)
    if body.extraordinary_by and not body.extraordinary_cite:
        raise Refused("LEDGER_CHARTER_EXTRAORDINARY", body.id)
    if (body.mandate_sha256 == b"") != (body.mandate_size == 0):
        raise Refused("LEDGER_CHARTER_MANDATE", body.id)
    if e is not None:
        check_rule(c, body, e.elect, "pass", "elect")


def check_numbers(body):
    years = [f.year for f in body.first_numbers]
    if any(a >= b for a, b in zip(years, years[1:])):
        raise Refused("LEDGER_CHARTER_NUMBERS", body.id)
    for n, d in enumerate(body.deadlines):
        if (d.most != 0 and d.most < d.least) or d.least > 366 or d.most > 366:
            raise Refused("LEDGER_CHARTER_DEADLINE", body.id, n + 1)


def check_amendment(c: Charter, a, word: str):
    if a is None:
        return
    body = c.bodies[c.body(a.body)]
    if body.dissolved:
        raise Refused("LEDGER_CHARTER_AMENDS", a.body)
    if a.involvement is not None and not c.parties:
        raise Refused("LEDGER_CHARTER_PARTIES")
    check_rule(c, body, a.pass_, "pass", word)


# --- what may follow what ---

def fixed(same: bool, field: str):
    if not same:
        raise Refused("LEDGER_SUCCEED_FIXED", field)


def succeeds(then: Charter, now: Charter, by_membership: bool):
    """PROTOCOL.md "Versions of the charter", What may follow; a change of organisations and witnessing may change those."""
    fixed(then.slug == now.slug, "slug")
    fixed(then.rehearsal == now.rehearsal, "rehearsal")
    for name in LISTS:
        old, new = getattr(then, name), getattr(now, name)
        for i, item in enumerate(old):
            if i >= len(new) or new[i].id != item.id:
                raise Refused("LEDGER_SUCCEED_PLACE", name, item.id, i + 1)
    if not by_membership:
        fixed(then.organisations == now.organisations, "organisations")
        fixed(then.policy == now.policy, "policy")
        fixed(then.membership == now.membership, "membership")
        fixed(same_standbys(then, now), "standby")
    for i, body in enumerate(now.bodies):
        was = then.bodies[i] if i < len(then.bodies) else None
        if was is not None and was.dissolved and not body.dissolved:
            raise Refused("LEDGER_SUCCEED_DISSOLVED", body.id)
        if was is None and body.mandate_size != 0:
            raise Refused("LEDGER_SUCCEED_MANDATE", body.id)
    for b, body in enumerate(now.bodies):
        for seat in body.seats:
            found = then.seat(seat.id)
            if found is None:
                continue
            for field, same in (("body", found[0] == b), ("partner", found[2].partner == seat.partner),
                                ("voting", found[2].voting == seat.voting)):
                if not same:
                    raise Refused("LEDGER_SUCCEED_SEAT", seat.id, field)


def changed(c: Charter, **fields) -> Charter:
    """The charter with other values in these fields; the rest is shared, not copied."""
    names = [f.attribute for f in schema.classes["Charter"].fields if f.attribute not in fields]
    return Charter(schema.new("Charter", **{name: getattr(c.words, name) for name in names}, **fields))


def same_standbys(a: Charter, b: Charter) -> bool:
    return a.silence_s == b.silence_s and a.standbys == b.standbys


def carry(now: Charter, draft: Charter, written: list) -> Charter:
    """PROTOCOL.md "Carried over". written: the founding's charter and the drafts that came into force. What none of
    them had came by actions, which a draft needn't know."""
    bodies = []
    for body in now.bodies:
        at = draft.body(body.id)
        if at != NONE:
            copy = schema.copy(draft.bodies[at])
            copy.mandate_sha256, copy.mandate_size = body.mandate_sha256, body.mandate_size
            copy.dissolved = copy.dissolved or body.dissolved
            bodies.append(copy)
        elif all(c.body(body.id) == NONE for c in written):
            bodies.append(body)
    bodies += [b for b in draft.bodies if now.body(b.id) == NONE]
    out = changed(draft, bodies=bodies, organisations=carry_organisations(now, draft, written))
    if any(c.policy == draft.policy for c in written):
        out = changed(out, policy=now.policy)
    if any(same_standbys(c, draft) for c in written):
        out = changed(out, silence_s=now.silence_s, standbys=now.standbys)
    return out


def carry_organisations(now: Charter, draft: Charter, written: list) -> list:
    """Where the draft's known ones stand first, in the order in force; else as the draft has them."""
    known = [draft.org(o.id) for o in now.organisations if draft.org(o.id) != NONE]
    if known != list(range(len(known))):
        return draft.organisations
    out = []
    for organisation in now.organisations:
        at = draft.org(organisation.id)
        if at != NONE:
            copy = schema.copy(draft.organisations[at])
            copy.withdrawn = organisation.withdrawn
            out.append(copy)
        elif all(c.org(organisation.id) == NONE for c in written):
            out.append(organisation)
    return out + [o for o in draft.organisations if now.org(o.id) == NONE]
