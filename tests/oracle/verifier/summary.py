"""The cases of a bundle's summary: PROTOCOL.md "Bundle", Summary."""

from typing import Any

from . import schema


def _code(enum: str, value: int) -> str | None:
    """MODE_CONSENSUS is shown as consensus; 0 as nothing."""
    if value == 0:
        return None
    return schema.enum_names[enum][value].removeprefix(enum.upper() + "_").lower()


def cases(ledger: Any) -> list[dict[str, Any]]:
    """In the order reported, each as its last treatment (the agenda item of the meeting called last) left it."""
    last: dict[int, Any] = {}
    for item in ledger.db.each("agenda"):  # by meeting
        last[item.case_no] = item
    return [_case(ledger, row, last.get(row.no)) for row in ledger.db.each("case")]


def _case(ledger: Any, row: Any, item: Any) -> dict[str, Any]:
    return {
        "number": f"{row.number:02d}/{row.year % 100:02d}" if row.number else None,
        "body": ledger.charter.bodies[row.body].id,
        "title": row.title,
        "outcome": _code("Outcome", item.outcome) if item else None,
        "mode": _code("Mode", item.mode) if item else None,
    }
