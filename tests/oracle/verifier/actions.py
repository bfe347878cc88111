"""ACTION_PROPOSE, ACTION_STRIKE; what becomes of a case's actions when it is decided, and at the SEAL
(PROTOCOL.md "Actions")."""

from __future__ import annotations

from . import action_plan, charter_change, charter_drafts, common, conditions, membership, names, people, schema
from .refused import Refused
from .rows import R

PROPOSED, STRUCK, ADOPTED, IN_FORCE, DROPPED = 1, 2, 3, 4, 5
ACTIONS_MAX = 32
TYPE_ACTION_PROPOSE = 53
FOREVER = names.NOW


def of_case(s, case_no: int) -> list:
    """The case's actions by number, whatever their status."""
    return [s.db.get("action", at.action) for at in s.db.each("case_action", case_no)]


def is_membership(action) -> bool:
    return action.kind in (action_plan.ORGANISATION, action_plan.ORGANISATION_REMOVE, action_plan.WITNESSING)


def message_of(action):
    return schema.decode("ActionPropose", action.payload)


def plan_case(s, case) -> action_plan.Plan:
    """Everything that the case would do, in order."""
    plan = action_plan.Plan(s, case.body)
    for action in of_case(s, case.no):
        if action.status == PROPOSED:
            plan.add(message_of(action))
    return plan


# --- ACTION_PROPOSE, ACTION_STRIKE ---

def check_open_to_change(s, case) -> None:
    meeting = s.db.get("meeting", case.meeting) if case.meeting else None
    scope = common.scope_meeting(s, meeting, case.no) if meeting else common.Scope(body=case.body)
    if meeting is None or meeting.status != names.MEETING_OPEN:
        scope.reporter = case.reporter
    common.may(s, scope)
    common.need_case_undecided(s, case)


def check_action_propose(s, m) -> None:
    case = common.need_case(s, m.case_id)
    check_open_to_change(s, case)
    if case.kind in (names.KIND_INFORMATION, names.KIND_ELECTION):
        raise Refused("LEDGER_ACTION_CASE", common.case_label(case))
    if s.db.count("case_attached", case.no, names.ATTACHED_ACTION) >= ACTIONS_MAX:
        raise Refused("LEDGER_ACTIONS_MANY", common.case_label(case))
    plan_case(s, case).add(m)


def apply_action_propose(s, m) -> None:
    case = common.need_case(s, m.case_id)
    number = max((at.number for at in s.db.each("case_action", case.no)), default=0) + 1
    row = R.action(no=common.next_number(s, names.REF_ACTION), id=s.leaf.entry_id, case_no=case.no, number=number,
                   kind=action_plan.kind_of(m), status=PROPOSED, key=s.signer.no, index=s.index,
                   payload=s.leaf.payload)
    s.db.put(R.case_action(case_no=case.no, number=number, action=row.no))
    if m.action == "charter":
        row.draft = common.find_ref(s, m.charter.draft_id, names.REF_CHARTER_DRAFT)
        charter_drafts.named(s, row.draft)
    s.db.put(row)
    common.put_ref(s, row.id, names.REF_ACTION, row.no)
    common.attach(s, case, names.ATTACHED_ACTION, number, row.id)
    s.db.put(case)


def check_action_strike(s, m) -> None:
    action = common.need(s, m.action_id, names.REF_ACTION)
    check_open_to_change(s, s.db.get("case", action.case_no))
    if action.status != PROPOSED:
        raise Refused("LEDGER_ACTION_DONE")


def apply_action_strike(s, m) -> None:
    action = common.need(s, m.action_id, names.REF_ACTION)
    case = s.db.get("case", action.case_no)
    action.status, action.done_index, action.done_ms = STRUCK, s.index, s.now_ms
    s.db.put(action)
    common.detach(s, case, names.ATTACHED_ACTION, action.number)
    s.db.put(case)


# --- QUESTION_OPEN ---

def check_open(s, case, mode: int) -> None:
    if mode in (names.MODE_NOTE, names.MODE_POLL):
        return
    plan = plan_case(s, case)
    if plan.change is None and not plan.membership:
        return
    if mode != names.MODE_VOTE:
        raise Refused("LEDGER_AMEND_MODE", common.case_label(case))
    if plan.members:
        membership.check_free(s)
    needs = None
    if plan.members:
        needs = s.charter.membership.involvement
    elif plan.change is not None and plan.change.overlap != schema.E.OVERLAP_NONE:
        needs = s.charter.amendment.involvement
    if needs is not None and not conditions.involve(s, s.charter, case.no, needs):
        raise Refused("LEDGER_AMEND_INVOLVE", common.case_label(case), needs.cite)


def charter_action_at(s, case_no: int, index: int):
    """The action that changes the charter, proposed and not struck by this leaf; None."""
    for action in of_case(s, case_no):
        if action.kind == action_plan.CHARTER and action.index <= index \
                and (action.status != STRUCK or action.done_index > index):
            return action
    return None


def changes_membership(s, case_no: int) -> bool:
    """Organisations, who confirms, or keys of organisations: not of members' devices."""
    for action in of_case(s, case_no):
        if action.status == STRUCK:
            continue
        if is_membership(action):
            return True
        if action.kind != action_plan.KEY_REPLACE:
            continue
        key = common.find_key(s, message_of(action).key_replace.old_pk)
        if key is not None and key.kind != names.DEVICE:
            return True
    return False


def pass_rule(s, charter, body: int, case_no: int):
    """amendment.pass for a case that changes the charter, membership.pass for one that replaces keys of
    organisations, where they have a text and this body decides; else the body's own."""
    c = charter
    a, b = c.amendment, c.membership
    if a is not None and a.pass_.text and c.body(a.body) == body and charter_action_at(s, case_no, FOREVER):
        return a.pass_
    if b is not None and b.pass_.text and c.body(b.body) == body and changes_membership(s, case_no):
        return b.pass_
    return c.bodies[body].pass_


def draft_no_at(s, case_no: int, index: int) -> int:
    action = charter_action_at(s, case_no, index)
    return action.draft if action is not None else 0


def draft_at(s, case_no: int, index: int) -> bytes | None:
    """SHA-256 of the charter draft among the case's actions at this leaf."""
    row = s.db.get("charter_draft", draft_no_at(s, case_no, index))
    return row.sha256 if row is not None else None


# --- adopted ---

def make_ready(s, action) -> None:
    """It acts at the SEAL that covers this leaf."""
    action.ready_index = s.index
    s.db.put(R.waiting(index=s.index, action=action.no, type=TYPE_ACTION_PROPOSE, key=action.key,
                       entry_id=action.id))


def drop(s, action) -> None:
    if action.ready_index:
        s.db.delete("waiting", action.ready_index, action.no)
    action.status, action.done_index, action.done_ms = DROPPED, s.index, s.now_ms
    s.db.put(action)


def changes_of(s, case_no: int) -> list:
    """The adopted parts of the case's change of organisations and witnessing."""
    return [action for action in of_case(s, case_no) if action.status == ADOPTED and is_membership(action)]


def give_up(s, case_no: int) -> None:
    for action in changes_of(s, case_no):
        drop(s, action)
    membership.end(s)


def plan_changes(s, case_no: int) -> action_plan.Plan:
    """All adopted parts of the change, as one."""
    plan = action_plan.Plan(s, s.db.get("case", case_no).body)
    for action in changes_of(s, case_no):
        plan.add(message_of(action))
    return plan


def pend(s, case_no: int) -> None:
    """The change waits for its SEAL from this leaf on; what can't be done any more is dropped at once."""
    try:
        plan = plan_changes(s, case_no)
    except Refused:
        give_up(s, case_no)
        return
    membership.pend(s, plan, plan.admitted)


def adopted(s, question) -> None:
    """The question closed as adopted; its row is put."""
    free = conditions.met(s, question.case_no, conditions.BEFORE_EFFECT)
    try:
        membership.check_free(s)
        another = False
    except Refused:
        another = True
    members = False
    for action in of_case(s, question.case_no):
        if action.status != PROPOSED:
            continue
        action.status, action.question, action.adopted_index = ADOPTED, question.no, s.index
        if is_membership(action) and another:
            drop(s, action)
            continue
        members = members or is_membership(action)
        if free:
            make_ready(s, action)
        s.db.put(action)
    if members:
        membership.take(s, question.case_no)
        if free:
            pend(s, question.case_no)


def ready(s, case_no: int) -> None:
    """The last condition BEFORE_EFFECT of the case was met by this leaf, or lapsed and was settled by it."""
    members = False
    for action in of_case(s, case_no):
        if action.status == ADOPTED and action.ready_index == 0:
            make_ready(s, action)
            s.db.put(action)
            members = members or is_membership(action)
    if members:
        pend(s, case_no)


# --- at the SEAL ---

def settle_action(s, no: int) -> bool:
    """Its turn. False: it waits on, for its date."""
    action = s.db.get("action", no)
    if action is None:
        return True
    m = message_of(action)
    if m.action == "appoint" and m.appoint.from_date > s.date:
        return False
    try:
        act(s, action, m)
        action.status = IN_FORCE
    except Refused:
        action.status = DROPPED
    action.done_index, action.done_ms = s.index, s.now_ms
    s.db.put(action)
    if action.status == DROPPED and is_membership(action) and membership.case_of(s) == action.case_no:
        give_up(s, action.case_no)
    return True


def act(s, action, m) -> None:
    """The preconditions again, this action by itself; then what it does. Refused before anything is written."""
    case = s.db.get("case", action.case_no)
    if is_membership(action):  # as a whole or not at all: every part that is left can be done
        if membership.case_of(s) != action.case_no:
            raise Refused("LEDGER_MEMBERSHIP_PART")
        plan_changes(s, action.case_no)
    plan = action_plan.Plan(s, case.body)
    plan.add(m)
    if action.kind in action_plan.STRUCTURAL:
        charter_change.enact(s, plan.next, action.kind, action.no)
        if is_membership(action):
            membership.act(s, m)
    elif m.action == "key_replace":
        people.act_replacement(s, m.key_replace, True)
    else:
        proposer = s.db.get("key", action.key)
        people.act_appointment(s, m.appoint, R.waiting(index=action.index, entry_id=action.id), proposer.org)


def certificate_actions(cert) -> list:
    from . import certificate_more
    return certificate_more.actions(cert)


def involvement(cert):
    """What the case's change of the charter, or of who is a member, needs of the parties; None: nothing, or no such."""
    c = cert.charter
    for action in of_case(cert.s, cert.case.no):
        if action.status != PROPOSED:
            continue
        if is_membership(action) and c.membership is not None:
            return c.membership.involvement
        if action.kind == action_plan.CHARTER and c.amendment is not None \
                and message_of(action).charter.overlap != schema.E.OVERLAP_NONE:
            return c.amendment.involvement
    return None
