"""session.reschedule: move a booked session to another time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.show import Viewer, minutes
from omnicrm.domain import sessions
from omnicrm.domain.cases import Draft
from omnicrm.domain.proposals import base, resolve
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.sessions import Session

TYPE = "session.reschedule"
GROUP: base.Group = "sessions"
LABEL = "Session, move"
ICON = "calendar-sync"
NEEDS_CONTACT = False


class Payload(base.Payload):
    """`was_at` and `was_minutes`: as the session stood when this was proposed. No length: it stays."""

    EDITABLE: ClassVar[tuple[str, ...]] = ("scheduled_at", "duration_minutes")
    OPTIONAL: ClassVar[tuple[str, ...]] = ("duration_minutes",)

    session_id: UUID
    session_title: str = ""
    scheduled_at: base.Moment
    duration_minutes: int | None = Field(default=None, ge=5, le=14 * 24 * 60)
    was_at: base.Moment
    was_minutes: int | None = None


def from_draft(db: Db, draft: Draft, origin: base.Origin) -> base.Resolved:
    """Raises NotFound for an unknown session, Unneeded where it stands at that time or is not booked any more."""
    session = resolve.session(db, draft)
    if session.status not in ("scheduled_in_crm", "synced_to_gcal"):
        raise base.Unneeded("This session is not booked any more.")
    payload = base.checked(
        Payload,
        {
            "session_id": session.id,
            "session_title": session.title,
            "scheduled_at": draft.slots.get("scheduled_at"),
            "duration_minutes": draft.slots.get("duration_minutes"),
            "was_at": session.scheduled_at,
            "was_minutes": session.duration_minutes,
        },
    )
    if payload.scheduled_at == session.scheduled_at and payload.duration_minutes in (None, session.duration_minutes):
        raise base.Unneeded("The session stands at that time already.")
    return base.Resolved(
        payload=payload,
        contact_id=session.contact_id,
        session_id=session.id,
        dedupe_key=f"{TYPE}:{session.id}",
        expires_at=max(payload.scheduled_at + timedelta(days=1), clock.now() + timedelta(days=3)),
    )


def describe(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"Move {base.whose(about, payload.session_title)} to {viewer.long_moment(payload.scheduled_at)}"


def done(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"{base.whose(about, payload.session_title)} moved to {viewer.long_moment(payload.scheduled_at)}"


def consequence(payload: Payload, about: base.About) -> str:
    google = "Moves the Google event too. " if about.in_google else ""
    told = f"{about.first_name or 'The client'} is told only if you write."
    return f"{google}{told} Undo for {base.UNDO_DAYS} days."


def fields(payload: Payload, about: base.About, viewer: Viewer) -> list[base.Field]:
    length = payload.duration_minutes or about.session_minutes or payload.was_minutes
    was = about.session_at or payload.was_at
    return [
        base.Field(
            name="session",
            label="Client" if about.contact else "Session",
            kind="client",
            value=about.contact or payload.session_title,
            slots=("session_ref", "contact_email"),
            why="from the sender",
        ),
        base.Field(
            name="scheduled_at",
            label="New time",
            kind="datetime",
            value=base.span(payload.scheduled_at, length, viewer),
            raw=base.local(payload.scheduled_at, viewer),
            old=viewer.moment(was),
            editable=True,
            slots=("scheduled_at",),
        ),
        base.Field(
            name="duration_minutes",
            label="Length",
            kind="minutes",
            value=minutes(length),
            raw=str(length or ""),
            editable=True,
            can_leave_out=payload.duration_minutes is not None,
            slots=("duration_minutes",),
            why="as it is booked" if payload.duration_minutes is None else "inferred",
        ),
    ]


def execute(db: Db, approval: PendingApproval, payload: Payload, options: base.Options) -> base.UndoLog:
    """Raises NotFound, Refused for a session that is over, Conflict on an overlap."""
    session = sessions.locked(db, payload.session_id)
    before = _state(session)
    moved = sessions.move(
        db,
        session.id,
        payload.scheduled_at,
        payload.duration_minutes,
        allow_overlap=options.allow_overlap,
        approval_id=approval.id,
        with_google=False,
    )
    return {"session_id": str(moved.id), "before": before, "approved": _state(moved)}


def difference(db: Db, log: base.UndoLog, viewer: Viewer) -> base.Difference | None:
    session = db.get(Session, UUID(log["session_id"]), populate_existing=True)
    if session is None:
        raise NotFound("This session no longer exists, so that there is nothing to put back.")
    now, approved, before = _state(session), log["approved"], log["before"]
    if now == approved:
        return None
    was, meant, at = _at(before), _at(approved), session.scheduled_at
    old, new = before["minutes"], now["minutes"]
    longer = f"{viewer.moment(was)}, for {minutes(new)}"
    return base.Difference(
        title="This session changed since you approved it",
        rows=[
            base.row("Day", viewer.day(was), viewer.day(meant), viewer.day(at)),
            base.row("Begins", viewer.time(was), viewer.time(meant), viewer.time(at)),
            base.row("Length", minutes(old), minutes(approved["minutes"]), minutes(new)),
        ],
        choices=[
            *(
                [base.Choice(value="mine", label=f"Back to {longer}", detail="the new length stays")]
                if old != new
                else []
            ),
            base.Choice(value="all", label="Everything back as it was", detail=base.span(was, old, viewer)),
            base.Choice(value="keep", label="Leave it as it is now", detail=base.span(at, new, viewer)),
        ],
    )


def undo(db: Db, approval: PendingApproval, log: base.UndoLog, choice: str) -> None:
    """Raises NotFound, Refused for a session that is over by now, Conflict where its old time is taken."""
    before = log["before"]
    session = sessions.locked(db, UUID(log["session_id"]))
    length = session.duration_minutes if choice == "mine" else before["minutes"]
    overlap = bool(before.get("overlap"))
    sessions.move(
        db, session.id, _at(before), length, allow_overlap=overlap, approval_id=approval.id, with_google=False
    )


def _state(session: Session) -> dict[str, Any]:
    return {
        "scheduled_at": session.scheduled_at.astimezone(UTC).isoformat(),
        "minutes": session.duration_minutes,
        "overlap": session.overlap_allowed,
    }


def _at(state: dict[str, str]) -> datetime:
    return datetime.fromisoformat(state["scheduled_at"])
