"""A rule on the counts of a body (RULES.md § 2, § 3). The parser and the arithmetic are those of
tests/oracle/rules_oracle.py, which was written from RULES.md alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .rule_check import rules as _oracle

Tally = dict[str, int]


@dataclass
class Judged:
    """A rule and what it gave; without a rule: passed."""
    has_rule: bool = False
    passed: bool = True
    failure: str = "fallen"
    discussion_missing: bool = False
    comparisons: list[dict] = field(default_factory=list)

    def json(self) -> dict | None:
        """`held comparisons` as certificates have them; null without a rule."""
        if not self.has_rule:
            return None
        missing = {"discussion_missing": True} if self.discussion_missing else {}
        return {"held": self.passed} | missing | {"comparisons": self.comparisons}


_parsed: dict[str, Any] = {}


def parse(text: str) -> Any:
    if text not in _parsed:
        _parsed[text] = _oracle.parse(text)
    return _parsed[text]


def judge_counts(text: str, total: Tally, partners: list[tuple[str, Tally]], discussed: bool = False) -> Judged:
    """`partners`: those with voting seats, by charter order; seats of no partner are in the total only."""
    if not text:
        return Judged()
    rule = parse(text)
    out = Judged(has_rule=True, failure=rule.otherwise or "fallen")
    held = holds(rule.body, total, None, partners, out)
    out.discussion_missing = bool(rule.discussed) and not discussed
    out.passed = held and not out.discussion_missing
    return out


def judge(text: str, presence: Any, discussed: bool = False) -> Judged:
    return judge_counts(text, presence.total, presence.by_id, discussed)


def holds(part: Any, tally: Tally, partner: str | None, partners: list[tuple[str, Tally]], out: Judged) -> bool:
    """Every comparison is evaluated and reported, in the text's order."""
    o = _oracle
    if isinstance(part, o.Cmp):
        return compare(part, tally, partner, out)
    if isinstance(part, o.Bool):
        each = [holds(p, tally, partner, partners, out) for p in part.parts]
        return all(each) if part.word == "and" else any(each)
    known = dict(partners)
    ids = list(known) if part.ids is None else list(part.ids)
    have = sum(holds(part.part, known.get(x, {}), x, partners, out) for x in ids)
    return len(ids) > 0 and have >= (len(ids) if part.k is None else part.k)


def value(tally: Tally, word: str) -> int:
    if word == "cast":
        return value(tally, "for") + value(tally, "against")
    if word == "voted":
        return value(tally, "cast") + value(tally, "abstain")
    return tally.get(word, 0)


def compare(part: Any, tally: Tally, partner: str | None, out: Judged) -> bool:
    o = _oracle
    a, b = value(tally, part.a), 1 if part.b is None else value(tally, part.b)
    held = o.relation(part.op, a * part.q, part.n * b)
    word, number = o.need(part.op, part.n, part.q, b)
    out.comparisons.append({"partner": partner, "rule": o.show_part(part, False), "have": a,
                            "of": part.n if part.b is None else b, "need": word, "needed": number or 0, "held": held})
    return held
