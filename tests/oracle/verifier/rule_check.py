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
SEARCH_MAX = 200_000


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


def ways(seats: int):
    """All (filled, present, for, against, abstain), the likeliest to pass first."""
    for filled in range(seats, -1, -1):
        for present in range(filled, -1, -1):
            for yes in range(present, -1, -1):
                for no in range(present - yes + 1):
                    for blank in range(present - yes - no + 1):
                        yield filled, present, yes, no, blank


def never(part, seats: dict, free: int) -> str:
    """The obvious attendances first, then every one while there are few enough (RULES.md § 7: beyond
    the bound the checker hasn't searched, and claims nothing)."""
    groups = {id: n for id, n in seats.items() if n > 0}
    sizes = list(groups.values()) + [free]
    simple = [lambda n: (n, n, n, 0, 0), lambda n: (n, n, 0, 0, 0), lambda n: (n, n, 0, n, 0),
              lambda n: (n, n, 0, 0, n), lambda n: (0, 0, 0, 0, 0), lambda n: (n, 0, 0, 0, 0)]
    tries = ([f(n) for n in sizes] for f in simple)
    total = 1
    for n in sizes:
        total *= sum(1 for _ in ways(n)) if n <= 20 else SEARCH_MAX
    if total <= SEARCH_MAX:
        tries = itertools.chain(tries, itertools.product(*[list(ways(n)) for n in sizes]))
        exact = True
    else:
        exact = False
    for case in tries:
        each = {id: counts(n, *w) for (id, n), w in zip(groups.items(), case)}
        sums = [sum(column) for column in zip(*case)]
        if holds(part, counts(sum(sizes), *sums), each):
            return ""
    return "RULE_NEVER_PASSES" if exact else ""
