"""Booking, holding, confirming, moving and cancelling."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.domain import contacts, credits, services, settings
from omnicrm.domain.sessions import conflicts, google
from omnicrm.models.contacts import Contact
from omnicrm.models.services import Service
from omnicrm.models.sessions import (
    DEFAULT_MINUTES,
    AttendanceStatus,
    Session,
    SessionAttendee,
    SessionStatus,
)

OPEN = (SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL)
LONGEST_MINUTES = 14 * 24 * 60
_OVERLAP = "23P01"
_TAKEN = (
    "contact_id",
    "program_id",
    "service_id",
    "title",
    "scheduled_at",
    "duration_minutes",
    "location",
    "meeting_url",
    "capacity",
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


def _link(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ValueError("Write an address that begins with https://.")
    return text


Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_link)]


class Booking(BaseModel):
    """A session to be. Without length, title or place, the service (else the settings) says.

    `event` is the (calendar id, event id, etag) of a Google event that this session stands for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_id: UUID | None = None
    service_id: UUID | None = None
    title: Text = ""
    scheduled_at: AwareDatetime
    duration_minutes: int | None = Field(default=None, ge=5, le=LONGEST_MINUTES)
    location: Text | None = None
    meeting_url: Link | None = None
    program_id: UUID | None = None
    capacity: int | None = Field(default=None, ge=1, le=1000)
    event: tuple[str, str, str | None] | None = None


class Details(BaseModel):
    """Of a session, beside its time: only what is given is changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = "Session"
    location: Text | None = None
    meeting_url: Link | None = None
    capacity: int = Field(default=1, ge=1, le=1000)


def book(db: Db, booking: Booking, *, allow_overlap: bool = False, approval_id: UUID | None = None) -> Session:
    """Add a session and ask for its calendar event.

    Back-to-back is no overlap; lengths are in minutes. Google's busy times count as well. In a class the client has a
    place of it.
    Raises NotFound for an unknown client or service, Conflict (override `allow_overlap`) where something is in the way.
    """
    session = made(db, booking)
    if not allow_overlap:
        refuse_clashes(db, session.scheduled_at, session.duration_minutes, event=booking.event)
    session.overlap_allowed = allow_overlap
    _linked(session, booking.event)
    return added(db, session, ask=booking.event is None, approval_id=approval_id)


def added(db: Db, session: Session, *, ask: bool = True, approval_id: UUID | None = None) -> Session:
    """A session whose time was looked at before, in the book. Raises Conflict where another was quicker."""
    attendee, session.contact_id = session.contact_id, session.contact_id if session.capacity == 1 else None
    db.add(session)
    flushed(db)
    if session.capacity > 1 and attendee is not None:
        db.add(SessionAttendee(session_id=session.id, contact_id=attendee))
        db.flush()
    if ask:
        google.ask(db, session, approval_id=approval_id)
    return session


def hold(db: Db, booking: Booking) -> Session:
    """Draw a proposed session into the calendar. It blocks nothing, counts nowhere, and Google does not learn of it."""
    session = made(db, booking, known=False)
    session.status = SessionStatus.PENDING_AI_CONFIRMATION
    db.add(session)
    db.flush()
    return session


def rehold(db: Db, session_id: UUID | None, booking: Booking) -> Session:
    """The held session with what a later mail says; held anew where it is gone."""
    session = None if session_id is None else _found(db, session_id)
    if session is None or session.status is not SessionStatus.PENDING_AI_CONFIRMATION:
        return hold(db, booking)
    _take(session, made(db, booking, known=False))
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
    wanted = made(db, booking)
    if not allow_overlap:
        refuse_clashes(db, wanted.scheduled_at, wanted.duration_minutes, other_than=session_id, with_google=False)
    if held is None:
        held = wanted
        db.add(held)
    elif held.status is not SessionStatus.PENDING_AI_CONFIRMATION:
        raise Refused("This session was booked before.")
    else:
        _take(held, wanted)
    held.status, held.overlap_allowed = SessionStatus.SCHEDULED_IN_CRM, allow_overlap
    _linked(held, booking.event)
    flushed(db)
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
    credits.release(db, session.id)
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
        refuse_clashes(db, scheduled_at, length, other_than=session.id, with_google=with_google)
    session.scheduled_at, session.duration_minutes = scheduled_at.astimezone(UTC), length
    session.overlap_allowed = allow_overlap
    flushed(db)
    google.ask(db, session, approval_id=approval_id)
    return session


def resize(
    db: Db, session_id: UUID, minutes: int, *, allow_overlap: bool = False, version: int | None = None
) -> Session:
    """Another length, from the same beginning. Raises as `move` does, and Invalid for under 5 min or over 14 days."""
    if not 5 <= minutes <= LONGEST_MINUTES:
        raise Invalid(fields={"minutes": "Between 5 minutes and 14 days."})
    begins = get(db, session_id).scheduled_at
    return move(db, session_id, begins, minutes, allow_overlap=allow_overlap, version=version)


def change(db: Db, session_id: UUID, form: Details, *, version: int | None = None) -> Details:
    """What it is called, where it is, how many may come; the calendar event follows. Gives what it was before.

    Raises NotFound, Refused for a cancelled one, Conflict where it was changed meanwhile (`version`), Invalid for fewer
    places than are taken.
    """
    session = locked(db, session_id)
    if version is not None and session.version != version:
        raise Conflict("Someone changed this session meanwhile. See both versions.", override="version")
    if session.status is SessionStatus.CANCELLED:
        raise Refused("This session is cancelled. Book it again first.")
    before = details(session)
    given = form.model_dump(exclude_unset=True)
    _check_capacity(db, session, given.get("capacity", session.capacity))
    for name, value in given.items():
        setattr(session, name, value)
    db.flush()
    google.ask(db, session, because="" if before.meeting_url == session.meeting_url else session.meeting_url or "none")
    return before


def details(session: Session) -> Details:
    """As `change` takes it."""
    return Details.model_construct(**{name: getattr(session, name) for name in Details.model_fields})


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


def made(db: Db, booking: Booking, *, known: bool = True) -> Session:
    """A session of the booking, not yet added. `known` False: it may be for somebody who is not in the book."""
    contact = contacts.locked(db, booking.contact_id) if booking.contact_id is not None else None
    service = services.get(db, booking.service_id) if booking.service_id is not None else None
    capacity = booking.capacity or (service.capacity if service else 1)
    if known and contact is None and capacity == 1:
        raise Invalid("Say whose session it is.", {"contact_id": "Choose a client."})
    return Session(
        contact_id=booking.contact_id,
        service_id=booking.service_id,
        title=_title(booking, service, contact),
        scheduled_at=booking.scheduled_at.astimezone(UTC),
        duration_minutes=booking.duration_minutes
        or (service.duration_minutes if service else None)
        or settings.of(db).default_session_minutes,
        location=booking.location or (service.location if service else None),
        meeting_url=booking.meeting_url or None,
        program_id=booking.program_id,
        capacity=capacity,
    )


def _title(booking: Booking, service: Service | None, contact: Contact | None) -> str:
    return booking.title or (service.name if service else "") or (contact.display_name if contact else "") or "Session"


def _take(session: Session, other: Session) -> None:
    for field in _TAKEN:
        setattr(session, field, getattr(other, field))


def _linked(session: Session, event: tuple[str, str, str | None] | None) -> None:
    """A session that stands for an event which is in Google already: nothing needs to be written."""
    if event is not None:
        session.google_calendar_id, session.google_calendar_event_id, session.google_etag = event
        session.status = SessionStatus.SYNCED_TO_GCAL


def refuse_clashes(
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


def flushed(db: Db) -> None:
    """Flush; somebody who booked the same time at this moment was first (the exclusion constraint knows)."""
    try:
        with db.begin_nested():
            db.flush()
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != _OVERLAP:
            raise
        raise Conflict("Another session was booked at that time just now.", override="allow_overlap") from error


def _check_capacity(db: Db, session: Session, capacity: int) -> None:
    taken = db.scalar(
        select(func.count()).where(
            col(SessionAttendee.session_id) == session.id,
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
    )
    if capacity < (taken or 0):
        raise Invalid(fields={"capacity": f"{taken} places are taken already."})
    if capacity > 1 and session.contact_id is not None:
        raise Invalid(fields={"capacity": "This is one client's session. Book a class for more."})
    if capacity == 1 and session.capacity > 1:
        raise Invalid(fields={"capacity": "A class has two places or more."})
