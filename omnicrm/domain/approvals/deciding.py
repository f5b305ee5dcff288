"""Yes, no and later: each takes the row first, so that a decision is carried out exactly once.

Approving changes the practice and writes down what Google has to learn in one transaction. Two tabs, a double click
and the shell at once meet at the row's lock: the second one finds it decided. A crash before the commit leaves the
proposal as it was; a crash after it leaves the outbox message that says what is left to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, OmniError, Refused
from omnicrm.domain import meanings, outbox, practice, proposals, services
from omnicrm.domain.approvals import about, proposing, rules
from omnicrm.domain.approvals.editing import edited
from omnicrm.domain.proposals import Options, base
from omnicrm.models.activity import OutboxStatus
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.inbox import Direction, SourceItem, SourceKind

OPEN = (ApprovalStatus.PENDING, ApprovalStatus.SNOOZED)
UNDER_WAY = (OutboxStatus.WAITING, OutboxStatus.CLAIMED)
Teaches = Literal["", "sender", "kind"]


class Decided(BaseModel):
    """What a decision did, in the past tense, for a toast. `failed` has the reason where it could not be done."""

    model_config = ConfigDict(frozen=True)

    id: str
    status: str
    sentence: str
    failed: str = ""
    also: list[str] = []


class DecidedMany(BaseModel):
    model_config = ConfigDict(frozen=True)

    done: list[Decided]
    not_done: list[Decided]


def approve(
    db: Db,
    approval_id: UUID,
    *,
    edits: Mapping[str, Any] | None = None,
    leave_out: Sequence[str] = (),
    version: int | None = None,
    allow_overlap: bool = False,
    add_contact: bool = False,
) -> Decided:
    """Carry a proposal out, with the fields that were changed or left out.

    What needs somebody to decide comes back as Conflict and changes nothing: an overlap (override `allow_overlap`), a
    client who is still to be added from the same message (override `add_contact`), a proposal that was amended or
    decided meanwhile. What cannot be done ends as `execution_failed` with its reason, to be tried again.
    Raises NotFound, and Invalid for an edit that cannot be.
    """
    approval = locked(db, approval_id)
    if approval.status not in OPEN and not _is_undone_failure(approval):
        raise Conflict(_already(approval))
    if version is not None and approval.version != version:
        raise Conflict("This proposal changed meanwhile. Look at it again.", override="version")
    also = _contact_first(db, approval, add_contact, edits or {})
    payload, changed = edited(db, approval, edits or {}, leave_out)
    fields = {**(approval.decided_fields or {}), "set": changed, "left_out": list(leave_out)}
    decided = _carry_out(db, approval, payload, fields, Options(allow_overlap=allow_overlap), also)
    if "service" in changed and not decided.failed and payload is not None and payload.get("service_id"):
        decided = _learnt(db, approval, str(payload["service_id"]), decided)
    return decided


def _learnt(db: Db, approval: PendingApproval, service_id: str, decided: Decided) -> Decided:
    """The words that picked another service mean the one that the practitioner chose."""
    words = next((q["quote"] for q in approval.evidence if q.get("slot") == "service"), "")
    if not words or services.named(db, words) is not None:
        return decided  # nothing was said, or another service's very name
    try:
        rule = meanings.teach(db, words, UUID(service_id), source=approval)
    except Invalid:
        return decided
    return decided.model_copy(update={"also": [*decided.also, f"From now on: {rules.sentence(rule.match)}"]})


def approve_many(db: Db, approval_ids: Sequence[UUID]) -> DecidedMany:
    """Approve several as they stand, in the order of their making. One that cannot be done does not stop the others."""
    done: list[Decided] = []
    not_done: list[Decided] = []
    for approval_id in sorted(set(approval_ids)):
        try:
            with db.begin_nested():
                decided = approve(db, approval_id)
            (not_done if decided.failed else done).append(decided)
        except OmniError as error:
            not_done.append(Decided(id=str(approval_id), status="pending", sentence="", failed=error.message))
    return DecidedMany(done=done, not_done=not_done)


def reject(db: Db, approval_id: UUID, reason: str = "", *, teaches: Teaches = "") -> Decided:
    """Say no. `teaches` "sender": nothing from there any more; "kind": no such proposals from there any more.

    The rule is visible and revocable. A failed one can be rejected too, as long as nothing was done.
    Raises NotFound, Conflict where it was decided meanwhile.
    """
    approval = locked(db, approval_id)
    if approval.status not in OPEN and not _is_undone_failure(approval):
        raise Conflict(_already(approval))
    sentence = approval.summary
    match = teaching(db, approval, teaches)
    if match:
        rules.never(db, match, source=approval)
    proposing.release(db, approval)
    approval.status, approval.resolved_at = ApprovalStatus.REJECTED, clock.now()
    approval.reject_reason = reason.strip()[:500] or None
    approval.snoozed_until = approval.error = None
    db.flush()
    taught = f" {rules.sentence(match)}" if match else ""
    return Decided(id=str(approval.id), status=approval.status, sentence=f"Rejected: {sentence}.{taught}")


def snooze(db: Db, approval_id: UUID, until: datetime) -> Decided:
    """Show it again at `until`. Raises NotFound, Conflict where it was decided, Invalid for a time that is past."""
    approval = locked(db, approval_id)
    if approval.status not in OPEN:
        raise Conflict(_already(approval))
    if until <= clock.now():
        raise Invalid("That time is past. Choose a later one.", {"until": "Choose a later time."})
    approval.status, approval.snoozed_until = ApprovalStatus.SNOOZED, until
    if approval.expires_at is not None and approval.expires_at < until:
        approval.expires_at = until
    db.flush()
    when = practice.of(db).viewer().moment(until)
    return Decided(id=str(approval.id), status=approval.status, sentence=f"Comes back {when}.")


def wake(db: Db, approval_id: UUID | None = None) -> int:
    """Bring back what was put off until now (or one of them, at once); how many."""
    query = select(PendingApproval).where(col(PendingApproval.status) == ApprovalStatus.SNOOZED)
    if approval_id is not None:
        query = query.where(col(PendingApproval.id) == approval_id)
    else:
        query = query.where(col(PendingApproval.snoozed_until) <= clock.now())
    woken = db.scalars(query.order_by(col(PendingApproval.id)).with_for_update(skip_locked=True)).all()
    for approval in woken:
        approval.status, approval.snoozed_until = ApprovalStatus.PENDING, None
    db.flush()
    return len(woken)


def expire(db: Db) -> int:
    """Put away what is too old to be of use; held sessions leave the calendar. How many."""
    query = select(PendingApproval).where(
        col(PendingApproval.status).in_(OPEN), col(PendingApproval.expires_at) < clock.now()
    )
    old = db.scalars(query.order_by(col(PendingApproval.id)).with_for_update(skip_locked=True)).all()
    for approval in old:
        proposing.release(db, approval)
        approval.status, approval.resolved_at = ApprovalStatus.EXPIRED, clock.now()
    db.flush()
    return len(old)


def retry(db: Db, approval_id: UUID, *, allow_overlap: bool = False) -> Decided:
    """Try a failed one again: only what is missing is done. Raises NotFound, Conflict where nothing failed."""
    approval = locked(db, approval_id)
    if approval.status is not ApprovalStatus.EXECUTION_FAILED:
        raise Conflict(_already(approval))
    if approval.undo_log is None:
        options = Options(allow_overlap=allow_overlap)
        return _carry_out(db, approval, approval.edited_payload, approval.decided_fields, options, [])
    outbox.again(db, approval.id)
    approval.status, approval.error = ApprovalStatus.APPROVED, None
    return _finished(db, approval, [])


def keep_here(db: Db, approval_id: UUID) -> Decided:
    """Leave a failed one as it is done here, without Google. Raises NotFound, Conflict where nothing was done here."""
    approval = locked(db, approval_id)
    if approval.status is not ApprovalStatus.EXECUTION_FAILED or approval.undo_log is None:
        raise Conflict("Nothing was done here that could be kept.")
    outbox.cancel(db, approval.id)
    approval.status, approval.error = ApprovalStatus.APPROVED, None
    return _finished(db, approval, [])


def settle(db: Db, approval_id: UUID | None) -> None:
    """After a delivery: executed once all of it arrived, `execution_failed` once some of it was given up.

    Nothing for an id of None and for what was taken back meanwhile (then only a failure is noted).
    """
    approval = None if approval_id is None else _found(db, approval_id)
    if approval is None or approval.status not in (ApprovalStatus.APPROVED, ApprovalStatus.UNDONE):
        return
    messages = outbox.of_approval(db, approval.id)
    given_up = next((one for one in messages if one.status is OutboxStatus.FAILED), None)
    if given_up is not None:
        approval.error = given_up.last_error or "The outside refused it."
        if approval.status is ApprovalStatus.APPROVED:
            approval.status = ApprovalStatus.EXECUTION_FAILED
    elif approval.status is ApprovalStatus.APPROVED and all(one.status not in UNDER_WAY for one in messages):
        approval.status, approval.error = ApprovalStatus.EXECUTED, None
        approval.executed_at = approval.executed_at or clock.now()
    db.flush()


def locked(db: Db, approval_id: UUID) -> PendingApproval:
    """The row, held until the end of the transaction, as it is now. Raises NotFound."""
    approval = _found(db, approval_id)
    if approval is None:
        raise NotFound("This proposal no longer exists.")
    return approval


def teaching(db: Db, approval: PendingApproval, teaches: Teaches) -> dict[str, str]:
    """What a rejection would have the assistant leave out; empty where it teaches nothing."""
    sender = sender_of(db, approval)
    match teaches:
        case "sender" if sender:
            return {"sender": sender}
        case "kind":
            return {"type": approval.type, **({"sender": sender} if sender else {})}
        case "sender":
            raise Invalid("Nobody sent this, so there is no sender to leave out.", {"teaches": "No sender."})
        case _:
            return {}


def sender_of(db: Db, approval: PendingApproval) -> str:
    """Who wrote the mail that a proposal rests on; empty for an event and for the practitioner's own mail."""
    item = db.get(SourceItem, approval.source_item_id) if approval.source_item_id is not None else None
    if item is None or item.kind is not SourceKind.MAIL or item.direction is not Direction.IN:
        return ""
    return (item.sender or "").lower()


def _carry_out(
    db: Db,
    approval: PendingApproval,
    edited_payload: dict[str, Any] | None,
    decided_fields: dict[str, Any] | None,
    options: Options,
    also: list[str],
) -> Decided:
    """Execute it, and write down in one change of its row what was decided and what came of it."""
    kind = proposals.of(approval.type)
    payload = base.checked(kind.Payload, edited_payload or approval.data_payload)
    now = clock.now()
    try:
        with db.begin_nested():
            log = kind.execute(db, approval, payload, options)
            done = not outbox.asked(db, approval.id)
            approval.edited_payload, approval.decided_fields = edited_payload, decided_fields
            approval.undo_log, approval.error, approval.snoozed_until = log, None, None
            approval.status = ApprovalStatus.EXECUTED if done else ApprovalStatus.APPROVED
            approval.resolved_at = approval.resolved_at or now
            approval.executed_at = (approval.executed_at or now) if done else approval.executed_at
    except (Conflict, NotFound, Refused, Invalid) as error:
        if isinstance(error, Conflict) and error.override is not None:
            raise
        db.refresh(approval)  # the savepoint took back what was begun
        approval.edited_payload, approval.decided_fields = edited_payload, decided_fields
        return _failed(db, approval, error)
    return _said(db, approval, payload, also)


def _failed(db: Db, approval: PendingApproval, error: OmniError) -> Decided:
    message = error.message
    if isinstance(error, Invalid) and error.fields:
        message = " ".join(error.fields.values())
    approval.status, approval.error = ApprovalStatus.EXECUTION_FAILED, message
    approval.resolved_at = clock.now()
    db.flush()
    return Decided(id=str(approval.id), status=approval.status, sentence=approval.summary, failed=message)


def _finished(db: Db, approval: PendingApproval, also: list[str]) -> Decided:
    """Executed, or being done while the outside still has to learn of it."""
    db.flush()
    settle(db, approval.id)
    return _said(db, approval, about.payload(approval), also)


def _said(db: Db, approval: PendingApproval, payload: base.Payload, also: list[str]) -> Decided:
    viewer = practice.of(db).viewer()
    sentence = proposals.of(approval.type).done(payload, about.of(db, approval), viewer)
    return Decided(id=str(approval.id), status=approval.status, sentence=f"{sentence}.", also=also)


def _contact_first(db: Db, approval: PendingApproval, add_contact: bool, edits: Mapping[str, Any]) -> list[str]:
    """Where the client is still to be added from the same message: ask, or add them now."""
    kind = proposals.of(approval.type)
    if not kind.NEEDS_CONTACT or approval.related_contact_id is not None or "contact" in edits:
        return []
    if approval.bundle_id is None:
        return []
    waiting = db.scalars(
        select(PendingApproval)
        .where(
            col(PendingApproval.bundle_id) == approval.bundle_id,
            col(PendingApproval.type) == "contact.create",
            col(PendingApproval.status).in_(OPEN),
        )
        .limit(1)
    ).first()
    if waiting is None:
        return []
    if not add_contact:
        name = getattr(about.payload(waiting), "name", "This client")
        raise Conflict(f"{name} is not in your contacts yet. Add the contact first?", override="add_contact")
    added = approve(db, waiting.id)
    if added.failed:
        raise Conflict(added.failed)
    db.refresh(approval)
    return [added.sentence]


def _is_undone_failure(approval: PendingApproval) -> bool:
    """Failed before anything was done: it can be decided anew."""
    return approval.status is ApprovalStatus.EXECUTION_FAILED and approval.undo_log is None


def _already(approval: PendingApproval) -> str:
    return {
        ApprovalStatus.APPROVED: "You approved this already. It is being done.",
        ApprovalStatus.EXECUTED: "You approved this already. It is done.",
        ApprovalStatus.EXECUTION_FAILED: "This was approved and did not work. Try it again.",
        ApprovalStatus.REJECTED: "You rejected this already.",
        ApprovalStatus.UNDONE: "You took this back already.",
        ApprovalStatus.EXPIRED: "This is too old by now.",
    }.get(approval.status, "This still waits for your yes.")


def _found(db: Db, approval_id: UUID) -> PendingApproval | None:
    return db.get(PendingApproval, approval_id, with_for_update=True, populate_existing=True)
