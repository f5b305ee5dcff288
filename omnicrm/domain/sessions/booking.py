"""Booking, holding, confirming, moving and cancelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.exc import IntegrityError

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.domain import contacts, services, settings
from omnicrm.domain.sessions import conflicts, google
from omnicrm.models.contacts import Contact
from omnicrm.models.services import Service
from omnicrm.models.sessions import DEFAULT_MINUTES, CancelledBy, Session, SessionStatus

OPEN = (SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL)
_OVERLAP = "23P01"

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Booking(BaseModel):
    """A session to be. Without length, title or place, the service (else the settings) says.

    `event` is the (calendar id, event id, etag) of a Google event that this session stands for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_id: UUID | None = None
    service_id: UUID | None = None
    title: Text = ""
    scheduled_at: AwareDatetime
    duration_minutes: int | None = Field(default=None, ge=5, le=14 * 24 * 60)
    location: Text | None = None
    capacity: int | None = Field(default=None, ge=1, le=1000)
    event: tuple[str, str, str | None] | None = None


def book(db: Db, booking: Booking, *, allow_overlap: bool = False, approval_id: UUID | None = None) -> Session:
    """Add a session and ask for its calendar event.

    Back-to-back is no overlap; lengths are in minutes. Google's busy times count as well.
    Raises NotFound for an unknown client or service, Conflict (override `allow_overlap`) where something is in the way.
    """
    session = _made(db, booking)
    if not allow_overlap:
        _refuse_clashes(db, session.scheduled_at, session.duration_minutes, event=booking.event)
    session.overlap_allowed = allow_overlap
    _linked(session, booking.event)
    db.add(session)
    _flushed(db)
    if booking.event is None:
        google.ask(db, session, approval_id=approval_id)
    return session


def hold(db: Db, booking: Booking) -> Session:
    """Draw a proposed session into the calendar. It blocks nothing, counts nowhere, and Google does not learn of it."""
    session = _made(db, booking, known=False)
    session.status = SessionStatus.PENDING_AI_CONFIRMATION
    db.add(session)
    db.flush()
    return session


def rehold(db: Db, session_id: UUID | None, booking: Booking) -> Session:
    """The held session with what a later mail says; held anew where it is gone."""
    session = None if session_id is None else _found(db, session_id)
    if session is None or session.status is not SessionStatus.PENDING_AI_CONFIRMATION:
        return hold(db, booking)
    _take(session, _made(db, booking, known=False))
    db.flush()
    return session


def confirm(
    db: Db,
    session_id: UUID | None,
    booking: Booking,
    *,
    allow_overlap: bool = False,
    approval_id: UUID | None = None,
) -> Session:
    """Turn a held session into a booked one; booked anew where it is gone. Another session in the way counts,
    Google's busy time is the practitioner's own to judge.

    Raises NotFound for an unknown client, Conflict (override `allow_overlap`), Refused where it is no longer held.
    """
    held = None if session_id is None else _found(db, session_id)
    wanted = _made(db, booking)
    if not allow_overlap:
        _refuse_clashes(db, wanted.scheduled_at, wanted.duration_minutes, other_than=session_id, with_google=False)
    if held is None:
        held = wanted
        db.add(held)
    elif held.status is not SessionStatus.PENDING_AI_CONFIRMATION:
        raise Refused("This session was booked before.")
    else:
        _take(held, wanted)
    held.status, held.overlap_allowed = SessionStatus.SCHEDULED_IN_CRM, allow_overlap
    _linked(held, booking.event)
    _flushed(db)
    if booking.event is None:
        google.ask(db, held, approval_id=approval_id)
    return held


def unbook(db: Db, session_id: UUID, *, approval_id: UUID | None = None) -> None:
    """Take back a booking: the session goes, and the event that we made of it. No cancellation rule applies.

    An event that was in Google before us stays there. Unknown or gone: nothing happens.
    """
    session = _found(db, session_id)
    if session is None:
        return
    google.ask_removal(db, session, approval_id=approval_id)
    db.delete(session)
    db.flush()


def move(
    db: Db,
    session_id: UUID,
    scheduled_at: datetime,
    duration_minutes: int | None = None,
    *,
    allow_overlap: bool = False,
    version: int | None = None,
    approval_id: UUID | None = None,
    with_google: bool = True,
) -> Session:
    """Another time, and another length where one is given. The calendar event follows.

    Raises NotFound, Refused for one that is over or cancelled, Conflict (override `allow_overlap`; or `version`, where
    it was changed meanwhile). `with_google` False: Google's busy times are not in the way.
    """
    session = locked(db, session_id)
    if version is not None and session.version != version:
        raise Conflict("Someone changed this session meanwhile. See both versions.", override="version")
    if session.status not in OPEN:
        raise Refused("Only a session that is still to come can be moved.")
    length = duration_minutes or session.duration_minutes
    if not allow_overlap:
        _refuse_clashes(db, scheduled_at, length, other_than=session.id, with_google=with_google)
    session.scheduled_at, session.duration_minutes = scheduled_at.astimezone(UTC), length
    session.overlap_allowed = allow_overlap
    _flushed(db)
    google.ask(db, session, approval_id=approval_id)
    return session


def cancel(
    db: Db,
    session_id: UUID,
    *,
    by: Literal["practitioner", "client", "google"] = "practitioner",
    approval_id: UUID | None = None,
    write: bool = True,
) -> Session:
    """Call a session off; its event goes. A client's cancellation within the service's window counts as late.

    `write` False: Google knows already. Raises NotFound, and Refused where it is over or cancelled.
    """
    session = locked(db, session_id)
    if session.status not in OPEN:
        raise Refused("This session is not booked any more.")
    session.status, session.cancelled_at = SessionStatus.CANCELLED, clock.now()
    session.cancelled_by = CancelledBy(by)
    session.late_cancel = by != "practitioner" and _late(db, session)
    db.flush()
    if write:
        google.ask(db, session, approval_id=approval_id)
    return session


def uncancel(db: Db, session_id: UUID, *, allow_overlap: bool = False, approval_id: UUID | None = None) -> Session:
    """Take a cancellation back; the event is written again.

    Raises NotFound, Refused where it is not cancelled, Conflict (override `allow_overlap`) where the time is taken.
    """
    session = locked(db, session_id)
    if session.status is not SessionStatus.CANCELLED:
        raise Refused("This session is not cancelled.")
    if not allow_overlap and not session.overlap_allowed:
        _refuse_clashes(db, session.scheduled_at, session.duration_minutes, other_than=session.id, with_google=False)
    session.status, session.cancelled_at, session.cancelled_by = SessionStatus.SCHEDULED_IN_CRM, None, None
    session.late_cancel = False
    session.overlap_allowed = session.overlap_allowed or allow_overlap
    _flushed(db)
    google.ask(db, session, approval_id=approval_id)
    return session


def close(db: Db, session_id: UUID, *, came: bool = True) -> Session:
    """Say how it went: done, or a no-show. Can be said again, the last word counts. Raises NotFound, Refused."""
    session = locked(db, session_id)
    if session.status in (SessionStatus.CANCELLED, SessionStatus.PENDING_AI_CONFIRMATION):
        raise Refused("Only a booked session can be finished.")
    session.status = SessionStatus.COMPLETED if came else SessionStatus.NO_SHOW
    db.flush()
    return session


def get(db: Db, session_id: UUID) -> Session:
    """Raises NotFound."""
    session = db.get(Session, session_id)
    if session is None:
        raise NotFound("This session no longer exists.")
    return session


def locked(db: Db, session_id: UUID) -> Session:
    """The row, held until the end of the transaction, as it is now. Raises NotFound."""
    session = _found(db, session_id)
    if session is None:
        raise NotFound("This session no longer exists.")
    return session


def _found(db: Db, session_id: UUID) -> Session | None:
    return db.get(Session, session_id, with_for_update=True, populate_existing=True)


def _made(db: Db, booking: Booking, *, known: bool = True) -> Session:
    """A session of the booking, not yet added. `known` False: it may be for somebody who is not in the book."""
    contact = contacts.locked(db, booking.contact_id) if booking.contact_id is not None else None
    service = services.get(db, booking.service_id) if booking.service_id is not None else None
    capacity = booking.capacity or (service.capacity if service else 1)
    if known and contact is None and capacity == 1:
        raise Invalid("Say whose session it is.", {"contact_id": "Choose a client."})
    return Session(
        contact_id=contact.id if contact is not None and capacity == 1 else booking.contact_id,
        service_id=booking.service_id,
        title=_title(booking, service, contact),
        scheduled_at=booking.scheduled_at.astimezone(UTC),
        duration_minutes=booking.duration_minutes
        or (service.duration_minutes if service else None)
        or settings.of(db).default_session_minutes,
        location=booking.location or (service.location if service else None),
        capacity=capacity,
    )


def _title(booking: Booking, service: Service | None, contact: Contact | None) -> str:
    return booking.title or (service.name if service else "") or (contact.display_name if contact else "") or "Session"


def _take(session: Session, other: Session) -> None:
    for field in ("contact_id", "service_id", "title", "scheduled_at", "duration_minutes", "location", "capacity"):
        setattr(session, field, getattr(other, field))


def _linked(session: Session, event: tuple[str, str, str | None] | None) -> None:
    """A session that stands for an event which is in Google already: nothing needs to be written."""
    if event is not None:
        session.google_calendar_id, session.google_calendar_event_id, session.google_etag = event
        session.status = SessionStatus.SYNCED_TO_GCAL


def _refuse_clashes(
    db: Db,
    starts_at: datetime,
    minutes: int | None,
    *,
    other_than: UUID | None = None,
    event: tuple[str, str, str | None] | None = None,
    with_google: bool = True,
) -> None:
    found = conflicts.clashes(
        db,
        starts_at,
        minutes or DEFAULT_MINUTES,
        other_than=other_than,
        event=event[:2] if event else None,
        with_google=with_google,
    )
    if found:
        raise Conflict(found[0].sentence, override="allow_overlap")


def _flushed(db: Db) -> None:
    """Flush; somebody who booked the same time at this moment was first (the exclusion constraint knows)."""
    try:
        with db.begin_nested():
            db.flush()
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != _OVERLAP:
            raise
        raise Conflict("Another session was booked at that time just now.", override="allow_overlap") from error


def _late(db: Db, session: Session) -> bool:
    service = db.get(Service, session.service_id) if session.service_id is not None else None
    if service is None or service.cancellation_window_hours is None:
        return False
    return clock.now() > session.scheduled_at - timedelta(hours=service.cancellation_window_hours)
