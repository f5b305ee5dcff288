"""session.create: book the session that a mail or a calendar event asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound, Refused
from omnicrm.core.show import Viewer, minutes
from omnicrm.domain import sessions, settings
from omnicrm.domain.cases import Draft
from omnicrm.domain.proposals import base, resolve
from omnicrm.domain.sessions import Booking
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.sessions import Session, SessionStatus

TYPE = "session.create"
GROUP: base.Group = "sessions"
LABEL = "Session, book"
ICON = "calendar-plus"
NEEDS_CONTACT = True

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Payload(base.Payload):
    """`event` is set where the session is in Google already: calendar id, event id, etag."""

    EDITABLE: ClassVar[tuple[str, ...]] = ("contact", "scheduled_at", "duration_minutes", "service", "location")
    OPTIONAL: ClassVar[tuple[str, ...]] = ("service", "location")

    contact_email: Line = ""
    contact_name: Line = ""
    scheduled_at: base.Moment
    duration_minutes: int = Field(default=60, ge=5, le=14 * 24 * 60)
    service: Line | None = None
    service_id: UUID | None = None
    title: Line = ""
    location: Line | None = None
    event: tuple[str, str, str | None] | None = None


def from_draft(db: Db, draft: Draft, origin: base.Origin) -> base.Resolved:
    """Raises Unneeded where the client has that session already, Invalid for a broken payload."""
    client, service = resolve.contact(db, draft, origin), resolve.service(db, draft)
    stated = draft.slots.get("duration_minutes")
    usual = service.duration_minutes if service is not None else None
    payload = base.checked(
        Payload,
        {
            "contact_email": resolve.text(draft, "contact_email"),
            "contact_name": client.display_name if client else _name(draft, origin),
            "scheduled_at": draft.slots.get("scheduled_at"),
            "duration_minutes": stated or usual or settings.of(db).default_session_minutes,
            "service": service.name if service else None,
            "service_id": service.id if service else None,
            "title": resolve.text(draft, "title") or (service.name if service else ""),
            "location": resolve.text(draft, "location") or None,
            "event": origin.event,
        },
    )
    if client is not None and _is_booked(db, client.id, payload):
        raise base.Unneeded("This session is booked already.")
    who = resolve.person_key(client, draft, origin)
    thread = origin.event[1] if origin.event else origin.thread_id
    return base.Resolved(
        payload=payload,
        contact_id=client.id if client else None,
        dedupe_key=f"{TYPE}:{who}:{thread}",
        expires_at=max(payload.scheduled_at + timedelta(days=1), clock.now() + timedelta(days=3)),
    )


def describe(payload: Payload, about: base.About, viewer: Viewer) -> str:
    who = about.contact or payload.contact_name or payload.contact_email or "somebody"
    return f"Book {who} for {_what(payload)} {base.on(payload.scheduled_at, viewer)}"


def done(payload: Payload, about: base.About, viewer: Viewer) -> str:
    who = about.contact or payload.contact_name or payload.contact_email
    return f"{who} booked for {_what(payload)} {base.on(payload.scheduled_at, viewer)}"


def consequence(payload: Payload, about: base.About) -> str:
    where = "It is in Google already; nothing is written there." if payload.event else "Adds the Google event too."
    return f"{where} No mail is sent. Undo for {base.UNDO_DAYS} days."


def fields(payload: Payload, about: base.About, viewer: Viewer) -> list[base.Field]:
    return [
        base.Field(
            name="contact",
            label="Client",
            kind="client",
            value=about.contact or payload.contact_name or payload.contact_email,
            raw=payload.contact_email,
            editable=True,
            slots=("contact_email", "contact_name", "contact_ref"),
            why="from the event" if payload.event else "from the sender",
        ),
        base.Field(
            name="scheduled_at",
            label="Time",
            kind="datetime",
            value=base.span(payload.scheduled_at, payload.duration_minutes, viewer),
            raw=base.local(payload.scheduled_at, viewer),
            editable=True,
            slots=("scheduled_at",),
        ),
        base.Field(
            name="duration_minutes",
            label="Length",
            kind="minutes",
            value=minutes(payload.duration_minutes),
            raw=str(payload.duration_minutes),
            editable=True,
            slots=("duration_minutes",),
            why="inferred from the service" if payload.service else "your usual length",
        ),
        base.Field(
            name="service",
            label="Service",
            kind="service",
            value=payload.service or "not said",
            raw=payload.service or "",
            editable=True,
            can_leave_out=payload.service is not None,
            slots=("service",) if payload.service else (),
            why="inferred" if payload.service else "",
        ),
        *(
            [
                base.Field(
                    name="location",
                    label="Place",
                    kind="text",
                    value=payload.location,
                    raw=payload.location,
                    editable=True,
                    can_leave_out=True,
                    slots=("location",),
                )
            ]
            if payload.location
            else []
        ),
    ]


def hold(db: Db, session_id: UUID | None, contact_id: UUID | None, payload: Payload) -> Session:
    """Draw it into the calendar, dashed."""
    return sessions.rehold(db, session_id, _booking(payload, contact_id))


def execute(db: Db, approval: PendingApproval, payload: Payload, options: base.Options) -> base.UndoLog:
    """Raises NotFound while the client is not in the book, Conflict on an overlap."""
    if approval.related_contact_id is None:
        who = payload.contact_name or payload.contact_email or "This client"
        raise NotFound(f"{who} is not in your contacts. Add or choose the client, then try again.")
    session = sessions.confirm(
        db,
        approval.related_session_id,
        _booking(payload, approval.related_contact_id),
        allow_overlap=options.allow_overlap,
        approval_id=approval.id,
    )
    approval.related_session_id = session.id
    return {"session_id": str(session.id), "approved": _state(session)}


def difference(db: Db, log: base.UndoLog, viewer: Viewer) -> base.Difference | None:
    session = db.get(Session, UUID(log["session_id"]), populate_existing=True)
    if session is None or _state(session) == log["approved"]:
        return None
    approved, now = log["approved"], _state(session)
    at, was = session.scheduled_at, datetime.fromisoformat(approved["scheduled_at"])
    return base.Difference(
        title="This session changed since you approved it",
        rows=[
            base.row("Day", "", viewer.day(was), viewer.day(at)),
            base.row("Begins", "", viewer.time(was), viewer.time(at)),
            base.row("Length", "", minutes(approved["minutes"]), minutes(now["minutes"])),
            base.row("State", "", _words(approved["state"]), _words(now["state"])),
        ],
        choices=[
            base.Choice(value="keep", label="Leave it as it is now", detail=base.span(at, now["minutes"], viewer)),
            base.Choice(value="all", label="Remove the session", detail="its Google event goes too"),
        ],
    )


def undo(db: Db, approval: PendingApproval, log: base.UndoLog, choice: str) -> None:
    """The session and its event go; no cancellation rule applies."""
    session = db.get(Session, UUID(log["session_id"]), populate_existing=True)
    if session is not None and session.status is SessionStatus.COMPLETED and choice != "all":
        raise Refused("This session has taken place. It cannot be unbooked any more.")
    approval.related_session_id = None
    db.flush()
    sessions.unbook(db, UUID(log["session_id"]), approval_id=approval.id)


def _booking(payload: Payload, contact_id: UUID | None) -> Booking:
    return Booking(
        contact_id=contact_id,
        service_id=payload.service_id,
        title=payload.title or (payload.contact_name if contact_id is None else ""),
        scheduled_at=payload.scheduled_at,
        duration_minutes=payload.duration_minutes,
        location=payload.location,
        capacity=1,
        event=payload.event,
    )


def _state(session: Session) -> dict[str, Any]:
    return {
        "scheduled_at": session.scheduled_at.astimezone(UTC).isoformat(),
        "minutes": session.duration_minutes,
        "contact_id": str(session.contact_id),
        "state": "booked" if session.status in ("scheduled_in_crm", "synced_to_gcal") else str(session.status),
    }


def _words(state: object) -> str:
    return {"completed": "Done", "no_show": "No-show"}.get(str(state), str(state).capitalize())


def _is_booked(db: Db, contact_id: UUID, payload: Payload) -> bool:
    if payload.event is not None:
        known = select(col(Session.id)).where(
            col(Session.google_calendar_event_id) == payload.event[1],
            col(Session.google_calendar_id) == payload.event[0],
        )
        if db.scalars(known.limit(1)).first() is not None:
            return True
    same = select(col(Session.id)).where(
        col(Session.contact_id) == contact_id,
        col(Session.scheduled_at) == payload.scheduled_at,
        col(Session.status).in_((SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL)),
    )
    return db.scalars(same.limit(1)).first() is not None


def _name(draft: Draft, origin: base.Origin) -> str:
    named = resolve.text(draft, "contact_name")
    return named or (origin.sender_name if resolve.text(draft, "contact_email").lower() == origin.sender else "")


def _what(payload: Payload) -> str:
    name = payload.service or payload.title
    if not name:
        return "a session"
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {base.lowered(name)}"
