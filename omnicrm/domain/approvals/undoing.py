"""Taking a decision back, for 30 days; where the row changed since, the practitioner chooses."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, Refused
from omnicrm.domain import outbox, practice, proposals
from omnicrm.domain.approvals import proposing, rules
from omnicrm.domain.approvals.deciding import Decided, locked
from omnicrm.domain.proposals import base
from omnicrm.models.approvals import ApprovalStatus, PendingApproval

UNDO_FOR = timedelta(days=base.UNDO_DAYS)
_CARRIED_OUT = (ApprovalStatus.APPROVED, ApprovalStatus.EXECUTED, ApprovalStatus.EXECUTION_FAILED)


def undo(db: Db, approval_id: UUID, *, choice: str = "") -> Decided:
    """Take back what an approval did, in the database and in Google; a rejection waits again.

    Where the row changed since, ChangedSince (a Conflict) carries the difference, and `choice` decides: one of its
    choices; "keep" leaves everything as it is. What Google was not told yet, it is never told.
    Raises NotFound, Refused after 30 days or where something forbids it, Conflict where there is nothing to undo.
    """
    approval = locked(db, approval_id)
    if approval.status is ApprovalStatus.REJECTED:
        return _reopen(db, approval)
    if approval.status not in _CARRIED_OUT:
        raise Conflict("There is nothing to undo.")
    if (approval.executed_at or approval.resolved_at or clock.now()) < clock.now() - UNDO_FOR:
        raise Refused(f"This was done more than {base.UNDO_DAYS} days ago. It cannot be undone any more.")
    if approval.undo_log is not None:
        changed = difference(db, approval)
        if changed is not None:
            allowed = [one.value for one in changed.choices]
            if not choice:
                raise base.ChangedSince(changed)
            if choice not in allowed:
                raise Invalid("Choose one of the ways.", {"choice": f"One of: {', '.join(allowed)}."})
            if choice == "keep":
                return Decided(id=str(approval.id), status=approval.status, sentence="Left as it is now.")
        outbox.cancel(db, approval.id)
        proposals.of(approval.type).undo(db, approval, approval.undo_log, choice)
    else:
        proposing.release(db, approval)
    approval.status, approval.undone_at, approval.error = ApprovalStatus.UNDONE, clock.now(), None
    db.flush()
    return Decided(id=str(approval.id), status=approval.status, sentence=f"Taken back: {approval.summary}.")


def difference(db: Db, approval: PendingApproval) -> base.Difference | None:
    """What changed since the approval; None where undoing restores what was there."""
    if approval.undo_log is None:
        return None
    return proposals.of(approval.type).difference(db, approval.undo_log, practice.of(db).viewer())


def can_undo(approval: PendingApproval) -> bool:
    """Whether the button is there."""
    if approval.status is ApprovalStatus.REJECTED:
        return True
    at = approval.executed_at or approval.resolved_at
    return approval.status in _CARRIED_OUT and at is not None and at >= clock.now() - UNDO_FOR


def _reopen(db: Db, approval: PendingApproval) -> Decided:
    rules.forget_from(db, approval.id)
    approval.status, approval.resolved_at, approval.reject_reason = ApprovalStatus.PENDING, None, None
    proposing.hold_again(db, approval)
    db.flush()
    return Decided(id=str(approval.id), status=approval.status, sentence=f"Waits again: {approval.summary}.")
