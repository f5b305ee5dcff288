"""A proposal as it would be carried out with the fields that are being changed; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.domain.approvals.card import ApprovalCard, card
from omnicrm.domain.approvals.editing import edited
from omnicrm.models.approvals import PendingApproval


def preview(
    db: Db, approval_id: UUID, *, edits: Mapping[str, Any] | None = None, leave_out: Sequence[str] = ()
) -> ApprovalCard:
    """The card with these edits: sentence, fields and what is in the way follow them.

    Raises NotFound, and Invalid for an edit that cannot be.
    """
    approval = db.get(PendingApproval, approval_id, populate_existing=True)
    if approval is None:
        raise NotFound("This proposal no longer exists.")
    version = approval.version
    trial = db.begin_nested()
    try:
        approval.edited_payload, _ = edited(db, approval, edits or {}, leave_out)
        db.flush()
        return card(db, approval_id).model_copy(update={"version": version})
    finally:
        trial.rollback()
