"""What a charter's rule is refused for: it must parse, be of its kind, be its own canonical print,
and have no error of the checker (RULES.md § 7, level error)."""

import importlib.util
import itertools
import pathlib
import sys


def load_rules():
    """tests/oracle/rules_oracle.py: the rule language, written from RULES.md alone."""
    path = pathlib.Path(__file__).resolve().parent.parent / "rules_oracle.py"
    if "rules_oracle" in sys.modules:
        return sys.modules["rules_oracle"]
    spec = importlib.util.spec_from_file_location("rules_oracle", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["rules_oracle"] = module
    spec.loader.exec_module(module)
    return module


rules = load_rules()

RING = {"seats": 6, "filled": 5, "eligible": 4, "present": 4, "voted": 3, "cast": 2, "for": 1,
        "against": 1, "abstain": 1}
WORDS = ("filled", "present", "voted", "cast", "for", "against", "abstain")
STEPS_MAX, SET_MAX, SCOPES_MAX, SEATS_MAX = 2_000_000, 131_072, 6, 16_383


def counted_among(a: str, b: str) -> bool:
    """Is everything that `a` counts also counted by `b`? (RULES.md § 2)"""
    if a == b:
        return True
    if a == "abstain":
        return RING[b] >= RING["voted"]
    return RING[a] < RING[b] or (RING[a] == RING[b] and RING[a] > 1)


def fault(text: str, kind: str, seats: dict, free: int) -> str:
    """"" or the name of the first error. seats: voting seats of each partner in the body."""
    try:
        rule = rules.parse(text)
    except rules.RuleError:
        return "RULE_PARSE"
    if rule.kind != kind:
        return "LEDGER_CHARTER_RULE_KIND"
    if rules.show(rule) != text:
        return "LEDGER_CHARTER_RULE_PRINT"
    return structure(rule.body, seats) or never(rule.body, seats, free)


def structure(part, seats: dict) -> str:
    if isinstance(part, rules.Bool):
        return next(filter(None, (structure(p, seats) for p in part.parts)), "")
    if isinstance(part, rules.Scope):
        return scope(part, seats) or structure(part.part, seats)
    if part.b is not None:
        if part.q == 0:
            return "RULE_ZERO_DENOMINATOR"
        if part.n > part.q and counted_among(part.a, part.b):
            return "RULE_OVER_ONE"
    return ""


def scope(part, seats: dict) -> str:
    there = sum(1 for n in seats.values() if n > 0)
    if part.k is not None and part.k > there:
        return "RULE_TOO_FEW_PARTNERS"
    if not part.ids and there == 0:
        return "RULE_NO_PARTNERS"
    for i, id in enumerate(part.ids or ()):
        if id in part.ids[:i]:
            return "RULE_PARTNER_TWICE"
        if id not in seats:
            return "RULE_UNKNOWN_PARTNER"
        if seats[id] == 0:
            return "RULE_PARTNER_NO_SEATS"
    return ""


# --- can it ever hold? ---

def counts(seats, filled, present, yes, no, blank) -> dict:
    return {"seats": seats, "filled": filled, "eligible": present, "present": present, "for": yes,
            "against": no, "abstain": blank, "cast": yes + no, "voted": yes + no + blank}


def compare(part, of: dict) -> bool:
    if part.b is None:
        return rules.relation(part.op, of[part.a], part.n)
    return rules.relation(part.op, of[part.a] * part.q, part.n * of[part.b])


def holds(part, total: dict, groups: dict, inside=None) -> bool:
    """On counts: `groups` by partner (those with voting seats), `total` of all."""
    if isinstance(part, rules.Bool):
        found = [holds(p, total, groups, inside) for p in part.parts]
        return all(found) if part.word == "and" else any(found)
    if isinstance(part, rules.Scope):
        among = part.ids if part.ids else list(groups)
        held = sum(holds(part.part, total, groups, groups[id]) for id in among)
        return bool(among) and held >= (len(among) if part.k is None else part.k)
    return compare(part, inside if inside is not None else total)


def words_of(part, scoped: bool, out: dict) -> None:
    """Words that the rule counts: `any` anywhere, `total` without a scope; and its scopes in order."""
    if isinstance(part, rules.Bool):
        for p in part.parts:
            words_of(p, scoped, out)
    elif isinstance(part, rules.Scope):
        out["scopes"].append(part)
        words_of(part.part, True, out)
    else:
        words = {"present" if w == "eligible" else w for w in (part.a, part.b) if w}
        out["any"] |= words
        if not scoped:
            out["total"] |= words


def ways(n: int, used: set):
    """(filled, present, for, against, abstain) of a group that the rule can tell apart, RULES.md § 7."""
    every = {"voted", "abstain"} <= used
    a = every or bool(used & {"for", "cast"})
    b = every or bool(used & {"against", "cast"})
    c = bool(used & {"abstain", "voted"})
    for filled in range(n + 1) if "filled" in used else (n,):
        for present in range(filled + 1) if "present" in used else (filled,):
            for yes in range(present + 1) if a else (0,):
                for no in range(present - yes + 1) if b else (0,):
                    for blank in range(present - yes - no + 1) if c else (0,):
                        yield filled, present, yes, no, blank


def group_keys(n: int, found: dict, member: list) -> set | None:
    """What the rule can tell apart of a group; None: too large."""
    words = [w for w in WORDS if w in found["total"]]
    out, steps = set(), 0
    for way in ways(n, found["any"]):
        steps += 1
        if steps > STEPS_MAX:
            return None
        of = counts(n, *way)
        held = tuple(int(m and holds(s.part, of, {}, of)) for s, m in zip(found["scopes"], member))
        out.add((tuple(of[w] for w in words), held, of["cast"] > 0))
        if len(out) > SET_MAX:
            return None
    return out


def join(left: set, right: set) -> set | None:
    if len(left) * len(right) > STEPS_MAX:
        return None
    out = set()
    for (w1, h1, v1), (w2, h2, v2) in itertools.product(left, right):
        out.add((tuple(a + b for a, b in zip(w1, w2)), tuple(a + b for a, b in zip(h1, h2)), v1 or v2))
    return out if len(out) <= SET_MAX else None


def joined(part, total: dict, held: dict) -> bool:
    """The rule on the words of the whole body and what came of each scope."""
    if isinstance(part, rules.Bool):
        each = [joined(p, total, held) for p in part.parts]
        return all(each) if part.word == "and" else any(each)
    return held[id(part)] if isinstance(part, rules.Scope) else compare(part, total)


def never(part, seats: dict, free: int) -> str:
    """Can it ever hold? The obvious attendances first; then every one, as far as RULES.md § 7 searches."""
    groups = {p: n for p, n in seats.items() if n > 0}
    sizes = list(groups.values()) + [free]
    for f in (lambda n: (n, n, n, 0, 0), lambda n: (n, n, 0, 0, 0), lambda n: (n, n, 0, n, 0),
              lambda n: (n, n, 0, 0, n), lambda n: (0, 0, 0, 0, 0), lambda n: (n, 0, 0, 0, 0)):
        each = {p: counts(n, *f(n)) for p, n in groups.items()}
        if holds(part, counts(sum(sizes), *[sum(column) for column in zip(*map(f, sizes))]), each):
            return ""
    found: dict = {"any": set(), "total": set(), "scopes": []}
    words_of(part, False, found)
    if len(found["scopes"]) > SCOPES_MAX or sum(sizes) > SEATS_MAX:
        return ""
    return search(part, groups, free, found)


def search(part, groups: dict, free: int, found: dict) -> str:
    scopes, members = found["scopes"], []
    for p, n in groups.items():
        member = [s.ids is None or p in s.ids for s in scopes]
        if any(member):
            members.append((n, member))
        else:
            free += n
    words = [w for w in WORDS if w in found["total"]]
    keys: set | None = {((0,) * len(words), (0,) * len(scopes), False)}
    for n, member in members + [(free, [False] * len(scopes))]:
        group = group_keys(n, found, member)
        keys = join(keys, group) if group is not None else None
        if keys is None:
            return ""
    total = {"seats": free + sum(n for n, _ in members)}
    for values, held, _ in keys:
        total |= dict(zip(words, values))
        total["eligible"] = total.get("present", 0)
        of = {}
        for i, s in enumerate(scopes):
            among = sum(member[i] for _, member in members)
            of[id(s)] = among > 0 and held[i] >= (among if s.k is None else s.k)
        if joined(part, total, of):
            return ""
    return "RULE_NEVER_PASSES"
