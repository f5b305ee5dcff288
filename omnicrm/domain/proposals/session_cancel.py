"""session.cancel: call a booked session off."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import ClassVar, Literal
from uuid import UUID

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import sessions
from omnicrm.domain.cases import Draft
from omnicrm.domain.proposals import base, resolve
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.sessions import Session

TYPE = "session.cancel"
GROUP: base.Group = "sessions"
LABEL = "Session, cancel"
ICON = "calendar-x"
NEEDS_CONTACT = False


class Payload(base.Payload):
    """`by` is who calls it off: it decides whether the cancellation counts as late."""

    EDITABLE: ClassVar[tuple[str, ...]] = ("by",)

    session_id: UUID
    session_title: str = ""
    was_at: base.Moment
    by: Literal["client", "practitioner", "google"] = "client"


def from_draft(db: Db, draft: Draft, origin: base.Origin) -> base.Resolved:
    """Raises NotFound for an unknown session, Unneeded where it is not booked any more."""
    session = resolve.session(db, draft)
    if session.status not in ("scheduled_in_crm", "synced_to_gcal"):
        raise base.Unneeded("This session is not booked any more.")
    payload = base.checked(
        Payload,
        {
            "session_id": session.id,
            "session_title": session.title,
            "was_at": session.scheduled_at,
            "by": "google" if origin.kind == "event" else "client",
        },
    )
    return base.Resolved(
        payload=payload,
        contact_id=session.contact_id,
        session_id=session.id,
        dedupe_key=f"{TYPE}:{session.id}",
        expires_at=max(session.scheduled_at + timedelta(days=7), clock.now() + timedelta(days=3)),
    )


def describe(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"Cancel {base.whose(about, payload.session_title)} {base.on(about.session_at or payload.was_at, viewer)}"


def done(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"{base.whose(about, payload.session_title)} {base.on(payload.was_at, viewer)} cancelled"


def consequence(payload: Payload, about: base.About) -> str:
    google = "Removes the Google event too. " if about.in_google else ""
    return f"{google}No mail is sent. Undo for {base.UNDO_DAYS} days."


def fields(payload: Payload, about: base.About, viewer: Viewer) -> list[base.Field]:
    at = about.session_at or payload.was_at
    return [
        base.Field(
            name="session",
            label="Client" if about.contact else "Session",
            kind="client",
            value=about.contact or payload.session_title,
            slots=("contact_email",),
            why="from the sender",
        ),
        base.Field(
            name="was_at",
            label="Session",
            kind="datetime",
            value=base.span(at, about.session_minutes, viewer),
            raw=base.local(at, viewer),
            slots=("session_ref", "scheduled_at"),
        ),
    ]


def execute(db: Db, approval: PendingApproval, payload: Payload, options: base.Options) -> base.UndoLog:
    """Raises NotFound, and Refused where it is over or cancelled."""
    session = sessions.cancel(db, payload.session_id, by=payload.by, approval_id=approval.id)
    return {"session_id": str(session.id), "at": session.scheduled_at.astimezone(UTC).isoformat()}


def difference(db: Db, log: base.UndoLog, viewer: Viewer) -> base.Difference | None:
    session = db.get(Session, UUID(log["session_id"]), populate_existing=True)
    if session is None:
        raise NotFound("This session no longer exists, so that there is nothing to put back.")
    if session.status == "cancelled":
        return None
    return base.Difference(
        title="This session was booked again since you approved it",
        rows=[base.row("State", "Booked", "Cancelled", "Booked")],
        choices=[base.Choice(value="keep", label="Leave it as it is now", detail=viewer.moment(session.scheduled_at))],
    )


def undo(db: Db, approval: PendingApproval, log: base.UndoLog, choice: str) -> None:
    """Raises NotFound, Conflict where another session took the time."""
    sessions.uncancel(db, UUID(log["session_id"]), approval_id=approval.id)
