"""A client’s AI switch goes off: what was kept of the client’s words for the assistant goes at once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.inbox import Outcome, SourceItem
from omnicrm.models.sessions import Session, SessionStatus

_REASON = "Reading is switched off for this client."


def fall_silent(db: Db, contact_id: UUID) -> None:
    """Drop the stored words of the client’s mails and events, the quotes of all proposals, and what still waits.

    What was approved stays done, and can be undone.
    """
    db.execute(
        update(SourceItem)
        .where(col(SourceItem.contact_id) == contact_id)
        .values(
            subject=None,
            body_text=None,
            payload={},
            recipients=[],
            body_purged_at=clock.now(),
            processed_at=clock.now(),
            outcome=Outcome.SKIPPED,
            outcome_reason=_REASON,
        )
    )
    db.execute(
        delete(Session).where(
            col(Session.contact_id) == contact_id, col(Session.status) == SessionStatus.PENDING_AI_CONFIRMATION
        )
    )
    theirs = update(PendingApproval).where(col(PendingApproval.related_contact_id) == contact_id)
    db.execute(theirs.values(evidence=[]))
    db.execute(
        theirs.where(col(PendingApproval.status).in_((ApprovalStatus.PENDING, ApprovalStatus.SNOOZED))).values(
            status=ApprovalStatus.EXPIRED, resolved_at=clock.now(), error=_REASON, snoozed_until=None
        )
    )
    db.expire_all()
