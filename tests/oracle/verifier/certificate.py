"""The certificate of a decision as canonical JSON (PROTOCOL.md "Certificates")."""

from __future__ import annotations

import json
from typing import Any

from . import calendar_no as cal
from . import common, discussed, registry, schema
from .discussed import date_text
from .names import *  # noqa: F401,F403

ROLES = {PRIMARY: "primary", DEPUTY: "deputy"}


def code(enum: str, value: int) -> str | None:
    """`MODE_VOTE` of Mode is `vote`."""
    if value == 0:
        return None
    prefix = "".join("_" + c if c.isupper() else c.upper() for c in enum).lstrip("_")
    return schema.enum_names[enum][value].removeprefix(prefix + "_").lower()


def canonical(value: Any) -> bytes:
    """RFC 8785: no spaces, members as they stand, shortest escapes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def to_json(cert: Any) -> bytes:
    return canonical(members(cert))


def members(cert: Any) -> dict:
    q, body = cert.question, cert.body
    out = {"format": "samband/certificate/v1", "federation": cert.s.ledger.federation_id.hex(),
           "rehearsal": cert.charter.rehearsal, "meeting": meeting(cert), "case": case(cert), "question": question(q),
           "wording_sha256": q.wording.hex(), "clauses": cert.clauses, "charter_version": q.charter_version,
           "rules": {"quorum": rule(cert.rules.quorum, body.quorum),
                     "pass": rule(getattr(cert.rules, "pass"), pass_words(cert))},
           "chair": cert.chair or None, "chair_basis": code("ChairBasis", cert.chair_basis),
           "electorate_sha256": cert.rules.electorate.hex(), "electorate": electorate(cert),
           "persons_not_counted": not_counted(cert), "counts": counts(cert),
           "quorum_at_opening": cert.quorum_open.json(), "quorum_at_close": cert.quorum_close.json(),
           "objections": [{"seat": seat, "by": ROLES[row.role], "index": row.index} for seat, row in cert.objections],
           "ballots": [ballot(b) for b in cert.ballots if not b.reason],
           "ballots_not_counted": [ballot(b) | {"reason": b.reason} for b in cert.ballots if b.reason],
           "pass": cert.pass_.json()}
    elections, actions, more = (registry.module(name) for name in ("elections", "actions", "more"))
    out |= elections.certificate_election(cert)
    out["warnings"] = elections.certificate_warnings(cert)
    out["deadlines"] = [deadline(n) for n in cert.noted]
    out["actions"] = actions.certificate_actions(cert)
    out["conditions"] = registry.module("conditions").certificate_conditions(cert)
    out["relations"] = more.certificate_relations(cert)
    out["earlier"] = discussed.earlier(cert)
    out["rulings"] = more.certificate_rulings(cert)
    out["assumptions"] = assumptions(cert)
    out["dispute_cite"] = (body.dispute_cite or None) if q.outcome == NO_CONSENSUS else None
    return out | {"unanimous": cert.unanimous, "outcome": code("Outcome", q.outcome)}


def meeting(cert: Any) -> dict:
    m = cert.meeting
    return {"id": m.id.hex(), "body": cert.body.id, "body_name": cert.body.name, "date": date_text(m.date),
            "opened_index": m.opened_index}


def case(cert: Any) -> dict:
    c, item = cert.case, cert.item
    return {"id": c.id.hex(), "number": f"{item.number:02}/{item.year % 100:02}", "title": c.title,
            "kind": code("CaseKind", c.kind), "reported_index": c.reported_index, "reported_at_ms": c.reported_ms,
            "reported_claimed_ms": c.claimed_ms or None, "reported_source": code("Source", c.source),
            "sent_index": item.sent_index if item.sent_ms else None, "sent_at_ms": item.sent_logged_ms or None,
            "sent_claimed_ms": (item.sent_ms or None) if item.sent_source else None,
            "sent_source": code("Source", item.sent_source), "discussed_earlier": cert.discussed}


def question(q: Any) -> dict:
    return {"id": q.id.hex(), "mode": code("Mode", q.mode), "opened_index": q.opened_index,
            "opened_at_ms": q.opened_ms, "closed_index": q.closed_index, "closed_at_ms": q.closed_ms}


def pass_words(cert: Any) -> Any:
    """Where the pass rule stands: the body's or the amendment's, in an election what elects."""
    q = cert.question
    if q.mode == MODE_ELECTION:
        return registry.module("elections").election_rule(cert.body)
    return registry.module("actions").pass_rule(cert.s, cert.charter, q.body, q.case_no)


def rule(text: str, words: Any) -> dict | None:
    return {"text": text, "cite": words.cite or None, "assumed": words.assumed or None} if text else None


def electorate(cert: Any) -> list:
    out = []
    for seat, r in zip(cert.presence.seats, cert.presence.representations):
        by = "delegate" if r.by_delegation else ROLES.get(r.role, "none")
        out.append({"seat": seat.id, "partner": common.partner_id(cert.charter, seat.partner) or None,
                    "represented_by": by, "reason": r.reason or None, "events": r.events})
    return out


def not_counted(cert: Any) -> list:
    out = []
    for seat, r in zip(cert.presence.seats, cert.presence.representations):
        for holds, role, reason in ((r.primary_disqualified, "primary", "disqualified"),
                                    (r.deputy_disqualified, "deputy", "disqualified"),
                                    (r.deputy_beside, "deputy", "deputy_beside")):
            if holds:
                out.append({"seat": seat.id, "role": role, "reason": reason, "cite": cert.body.deputy_cite or None})
    return out


def counts(cert: Any) -> list:
    p = cert.presence
    names = [None] + [common.partner_id(cert.charter, at) for at in p.partners]
    return [{"partner": name} | tally for name, tally in zip(names, [p.total] + p.tallies)]


def ballot(b: Any) -> dict:
    row = b.row
    return {"seat": b.seat.id, "by": ROLES[row.role], "choice": code("Choice", row.choice),
            "candidate": row.candidate or None, "recorded": bool(row.recorded), "confirmed": bool(row.confirmed),
            "index": row.index}


def deadline(n: Any) -> dict:
    return {"kind": code("DeadlineKind", n.words.kind), "from": date_text(n.from_date), "to": date_text(n.to_date),
            "actual": date_text(cal.yyyymmdd(n.actual_ms)) if n.actual_ms else None, "kept": n.kept,
            "effect": code("DeadlineEffect", n.words.effect), "cite": n.words.cite or None,
            "assumed": n.words.assumed or None}


def assumptions(cert: Any) -> list:
    """quorum, pass, election, deputy, each deadline, each norm of `warnings` once, involvement; where
    `assumed` isn't empty."""
    q, body = cert.question, cert.body
    about = [("quorum", body.quorum.cite, body.quorum.assumed)]
    if q.mode not in (MODE_NOTE, MODE_POLL):
        words = pass_words(cert)
        about.append(("pass", words.cite, words.assumed))
    if q.mode == MODE_ELECTION and body.election is not None:
        about.append(("election", body.election.cite, body.election.assumed))
    about.append(("deputy", body.deputy_cite, body.deputy_assumed))
    about += [(code("DeadlineKind", n.words.kind), n.words.cite, n.words.assumed) for n in cert.noted]
    seen: list = []
    warned = [w[2] for w in cert.election.warnings] if cert.election is not None else []
    for norm in warned:
        if not any(norm is other for other in seen):
            seen.append(norm)
            about.append((code("OfficeNormKind", norm.kind), norm.cite, norm.assumed))
    involvement = registry.module("actions").involvement(cert)
    if involvement is not None:
        about.append(("involvement", involvement.cite, involvement.assumed))
    return [{"about": a, "cite": cite or None, "assumed": assumed} for a, cite, assumed in about if assumed]
