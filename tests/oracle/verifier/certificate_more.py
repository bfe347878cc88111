"""Members of a certificate: actions, conditions, relations, rulings (PROTOCOL.md "Certificates")."""

from __future__ import annotations

from typing import Any

from . import action_plan, charter_change, charter_difference, common
from . import actions as action_rows
from . import conditions as condition_rows
from .names import ADOPTED

ACTION_CODES = {number: name for name, number in action_plan.KINDS.items()}


def code(enum: str, number: int) -> str | None:
    """MODE_VOTE of Mode: vote; 0: None."""
    return charter_difference.enum_code(enum, number) if number else None


def date_text(date: int) -> str | None:
    return f"{date // 10000:04}-{date // 100 % 100:02}-{date % 100:02}" if date else None


def hex_or_none(sha256: bytes, size: int) -> str | None:
    return sha256.hex() if size else None


# --- actions ---

def actions(cert: Any) -> list:
    """Those decided on (proposed now), by number."""
    s, out = cert.s, []
    for action in action_rows.of_case(s, cert.case.no):
        if action.status != action_rows.PROPOSED:
            continue
        m = action_rows.message_of(action)
        waits = None
        if cert.question.outcome == ADOPTED:
            free = condition_rows.met(s, cert.case.no, condition_rows.BEFORE_EFFECT)
            waits = "seal" if free else "conditions"
        item = {"number": action.number, "id": action.id.hex(), "kind": ACTION_CODES[action.kind],
                "index": action.index, "waits_for": waits}
        item.update(details(s, action, m))
        if m.action == "charter":
            item.update(change(cert, action))
        out.append(item)
    return out


def details(s: Any, action: Any, m: Any) -> dict:
    x = getattr(m, m.action)
    if m.action == "charter":
        d = s.db.get("charter_draft", action.draft)
        return {"draft": d.id.hex(), "draft_sha256": d.sha256.hex(), "base_version": d.base,
                "overlap": code("Overlap", x.overlap)}
    if m.action == "body_create":
        b = x.body
        return {"body": b.id, "name": b.name, "parent": b.parent or None, "seats": len(b.seats),
                "voting_seats": sum(seat.voting for seat in b.seats), "quorum": b.quorum.text or None,
                "pass": b.pass_.text or None}
    if m.action == "body_mandate":
        return {"body": x.body, "mandate": {"sha256": x.mandate.sha256.hex(), "size": x.mandate.size}}
    if m.action == "body_dissolve":
        return {"body": x.body}
    if m.action == "appoint":
        office = x.place == "office"
        return {"office": x.office if office else None, "seat": None if office else x.seat.seat,
                "role": None if office else code("SeatRole", x.seat.role), "pk": x.device_pk.hex() or None,
                "from_date": date_text(x.from_date), "until_date": date_text(x.until_date)}
    if m.action == "key_replace":
        return {"old_pk": x.old_pk.hex(), "new_pk": x.new_pk.hex()}
    return membership_details(m.action, x)


def membership_details(kind: str, x: Any) -> dict:
    if kind == "organisation":
        return {"organisation": x.organisation.id, "name": x.organisation.name, "partner": x.organisation.partner,
                "authority_pk": x.keys.authority_pk.hex(), "witness_pk": x.keys.witness_pk.hex()}
    if kind == "organisation_remove":
        return {"organisation": x.organisation}
    p = x.policy
    return {"more_than_num": p.more_than_num, "more_than_den": p.more_than_den,
            "groups": [{"name": g.name, "threshold": g.threshold, "members": list(g.members)} for g in p.groups],
            "silence_s": x.silence_s,
            "standbys": [{"id": b.id, "log_pk": b.log_pk.hex(), "address": b.address} for b in x.standbys]}


def change(cert: Any, action: Any) -> dict:
    """The charter in force at the close against the draft, and the draft discussed in an earlier meeting."""
    from . import discussed
    s = cert.s
    version = s.db.get("federation").charter_version
    now = charter_change.of_version(s.db, version)
    draft = charter_change.draft_charter(s.db, action.draft)
    row = discussed.find(s, cert.case.no, cert.meeting.no)
    earlier_no = action_rows.draft_no_at(s, cert.case.no, row.index) if row is not None else 0
    earlier = s.db.get("charter_draft", earlier_no) if earlier_no else None
    out = {"discussed_sha256": earlier.sha256.hex() if earlier is not None else None, "against_version": version,
           "changes": charter_difference.changes(now.words, charter_change.carry(s.db, now, draft).words)}
    if earlier is not None and earlier_no != action.draft:
        before = charter_change.draft_charter(s.db, earlier_no)
        out["changes_since_discussed"] = charter_difference.changes(before.words, draft.words)
    return out


# --- conditions ---

def conditions(cert: Any) -> list:
    return [condition(cert.s, row) for row in condition_rows.of_case(cert.s, cert.case.no)]


def condition(s: Any, row: Any) -> dict:
    is_met = row.unmet == 0
    return {"id": row.id.hex(), "moment": code("ConditionMoment", row.moment), "kind": code("ConditionKind", row.kind),
            "cite": row.cite, "due_date": date_text(row.due_date), "lapses": bool(row.lapses), "index": row.index,
            "met": is_met, "met_index": row.met_index if is_met else None,
            "parties": [party(row, p) for p in s.db.each("condition_party", row.no)]}


def party(row: Any, p: Any) -> dict:
    answer = code("ConditionAnswer", p.answer) or ("lapsed" if row.lapsed else None)
    return {"party": p.id, "answer": answer, "decided_by": p.decided_by or None, "date": date_text(p.date),
            "reference": p.reference or None, "document_sha256": hex_or_none(p.document_sha256, p.document_size),
            "index": p.index if p.answer else None}


# --- relations, rulings ---

def relations(cert: Any) -> list:
    out = []
    for row in cert.s.db.each("case_relation", cert.case.no):
        other = cert.s.db.get("case", row.other) if row.other else None
        number = common.number_label(other.number, other.year) if other is not None else row.external
        out.append({"relation": code("CaseRelation", row.relation), "direction": "from" if row.back else "to",
                    "case": other.id.hex() if other is not None else None, "number": number or None,
                    "title": other.title if other is not None else None, "index": row.index})
    return out


def rulings(cert: Any) -> list:
    out = []
    for row in cert.s.db.each("ruling", cert.meeting.no):
        if row.case_no not in (0, cert.case.no):
            continue
        chair = cert.s.db.get("seat", row.chair) if row.chair else None
        out.append({"kind": code("RulingKind", row.kind), "of": "case" if row.case_no else "meeting",
                    "chair": chair.id if chair is not None else None, "text_sha256": row.sha256.hex(),
                    "index": row.index})
    return out
