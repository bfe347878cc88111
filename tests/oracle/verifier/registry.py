"""Which functions handle which entry type, and what the parts of the fold ask of each other.

A module of MODULES that defines `check_<type>(s, m)` and `apply_<type>(s, m)`, the type in lower case
(`check_case_report`), handles that entry: `s` is a fold.Step, `m` the decoded message. `check` reads
only and raises Refused("LEDGER_…"); `apply` writes and can't refuse. BALLOT and BALLOT_RECORDED have
functions each.

Functions that other modules call (imported inside functions, since they go both ways):

| module | function | called |
|---|---|---|
| actions | `check_open(s, case, mode)` | QUESTION_OPEN: the case's actions |
| | `pass_rule(s, charter, body, case_no) -> Rule` | the rule to pin and to cite |
| | `adopted(s, question)` | the close, outcome adopted; the question's row is put |
| | `ready(s, case_no)` | the last condition BEFORE_EFFECT is met |
| | `draft_at(s, case_no, index) -> bytes or None` | SHA-256 of the charter draft among the actions at that leaf (certificate `earlier`) |
| | `settle_action(s, action_no) -> bool` | its turn at a SEAL; False: not yet |
| | `certificate_actions(cert) -> list` | the member `actions` |
| | `involvement(cert) -> Involvement or None` | what the change of the charter needs of the parties |
| conditions | `check_question(s, case)` | QUESTION_OPEN: none BEFORE_QUESTION is open |
| | `settle_condition(s, number)` | its deadline has passed |
| | `certificate_conditions(cert) -> list` | the member `conditions` |
| elections | `check_open(s, case, item)`, `election_rule(body) -> Rule`, `pin(s, question)` | QUESTION_OPEN |
| | `check_choice(s, question, case, m)`, `may_object(s, question_no)`, `count(s, question_no, number, partner, step)` | BALLOT, OBJECTION; step +1 or -1 |
| | `fill(s, cert)`, `judge(s, cert)`, `conclude(cert)`, `put(s, cert)`, `result(cert, result_message)` | the close, in this order as closing.py calls them |
| | `elected_act(s, w)`, `elected_waits(s, w, size) -> bool` | what waits at a SEAL with type QUESTION_CLOSE |
| | `certificate_election(cert) -> dict`, `certificate_warnings(cert) -> list` | members `round` … `tie`; `warnings` |
| minutes | `settle_minutes(s, draft_no)` | the silence has worked |
| more | `certificate_relations(cert) -> list`, `certificate_rulings(cert) -> list` | members |

`cert` is a closing.Certificate. rows.py keeps the rows, common.py and names.py are what all use, fold.py takes the steps.
"""

from __future__ import annotations

import importlib
from typing import Any, Callable

MODULES = ["core", "terms", "people", "delegate", "cases", "meetings", "attendance", "wording", "questions", "discussed",
           "elections", "actions", "conditions", "charters", "charter_drafts", "membership", "minutes", "more", "afterwards"]

_loaded: dict[str, Any] = {}


def module(name: str) -> Any:
    """The module of this name; None while it isn't written."""
    if name not in _loaded:
        full = f"{__package__}.{name}"
        try:
            _loaded[name] = importlib.import_module(full)
        except ModuleNotFoundError as missing:
            if missing.name != full:
                raise
            _loaded[name] = None
    return _loaded[name]


def handler(type_name: str) -> tuple[Callable | None, Callable | None]:
    """check and apply of an entry type."""
    for name in MODULES:
        check = getattr(module(name), f"check_{type_name.lower()}", None)
        if check is not None:
            return check, getattr(module(name), f"apply_{type_name.lower()}")
    return None, None
