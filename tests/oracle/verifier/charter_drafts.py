"""CHARTER_DRAFT, CHARTER_DRAFT_PART: a whole new charter, in parts (PROTOCOL.md "Versions of the charter")."""

from __future__ import annotations

import hashlib

from . import charter_change, common, names
from .charters import NONE, PART_BYTES
from .refused import Refused
from .rows import R

DRAFTS_MAX = 8


def check_charter_draft(s, m) -> None:
    common.may(s, common.Scope(body=NONE))
    if s.charter.amendment is None:
        raise Refused("LEDGER_AMEND_NONE")
    if m.charter_parts > m.charter_bytes or m.charter_parts * PART_BYTES < m.charter_bytes:
        raise Refused("LEDGER_CHARTER_SIZE", m.charter_bytes, m.charter_parts)


def drop(s, draft) -> None:
    """All rows of a draft go: parts, ref, loose_draft, itself."""
    for part in list(s.db.each("draft_part", draft.no)):
        s.db.remove(part)
    s.db.delete("ref", draft.id)
    s.db.delete("loose_draft", draft.key, draft.no)
    s.db.remove(draft)


def make_room(s) -> None:
    """The signer's unfinished drafts go, then its oldest loose ones until seven are left."""
    loose = [s.db.get("charter_draft", row.draft) for row in s.db.each("loose_draft", s.signer.no)]
    whole = []
    for draft in loose:
        if draft.whole_index == 0:
            drop(s, draft)
        else:
            whole.append(draft)
    for draft in whole[:max(0, len(whole) - DRAFTS_MAX + 1)]:
        drop(s, draft)


def apply_charter_draft(s, m) -> None:
    make_room(s)
    row = R.charter_draft(no=common.next_number(s, names.REF_CHARTER_DRAFT), id=s.leaf.entry_id, key=s.signer.no,
                          sha256=m.charter_sha256, bytes=m.charter_bytes, parts=m.charter_parts, index=s.index)
    s.db.put(row)
    s.db.put(R.loose_draft(key=row.key, draft=row.no))
    common.put_ref(s, row.id, names.REF_CHARTER_DRAFT, row.no)


def draft_need(s, id: bytes):
    return common.need(s, id, names.REF_CHARTER_DRAFT)


def check_charter_draft_part(s, m) -> None:
    common.may(s, common.Scope(body=NONE))
    draft = draft_need(s, m.draft_id)
    if draft.key != s.signer.no:
        raise Refused("LEDGER_DRAFT_NOT_YOURS")
    if draft.whole_index != 0:
        raise Refused("LEDGER_DRAFT_WHOLE")
    if m.number != draft.seen + 1:
        raise Refused("LEDGER_CHARTER_PART", m.number, draft.seen + 1)
    if m.number < draft.parts:
        return
    data = charter_change.draft_bytes(s.db, draft) + m.data
    if len(data) != draft.bytes or hashlib.sha256(data).digest() != draft.sha256:
        raise Refused("LEDGER_CHARTER_HASH")
    charter_change.prepare_draft(s, s.charter, charter_change.decode(data))


def apply_charter_draft_part(s, m) -> None:
    draft = draft_need(s, m.draft_id)
    s.db.put(R.draft_part(draft=draft.no, number=m.number, data=m.data))
    draft.seen = m.number
    if draft.seen == draft.parts:
        draft.base = s.db.get("federation").charter_version
        draft.whole_index = s.index
    s.db.put(draft)


def named(s, draft_no: int) -> None:
    """An action names it, so it stays."""
    row = s.db.get("charter_draft", draft_no)
    s.db.delete("loose_draft", row.key, draft_no)
