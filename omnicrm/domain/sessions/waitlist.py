"""Who would take a place that frees, what has freed, and giving it to them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound, Refused
from omnicrm.domain import contacts, practice, services
from omnicrm.domain.sessions import conflicts
from omnicrm.domain.sessions.booking import Booking, book, get, unbook
from omnicrm.domain.sessions.roster import register, walk_out
from omnicrm.models.contacts import Contact
from omnicrm.models.services import Service
from omnicrm.models.sessions import (
    DEFAULT_MINUTES,
    LIVE,
    AttendanceStatus,
    Session,
    SessionAttendee,
    SessionStatus,
    WaitlistEntry,
)

AHEAD = timedelta(days=60)  # how far ahead a free place is offered
MOST = 20


class Waiting(BaseModel):
    """One client who waits: `for_what` is the class or the service, `since` in words."""

    model_config = ConfigDict(frozen=True)

    id: str
    contact_id: str
    name: str
    initials: str
    for_what: str
    since: str
    note: str


class Offer(BaseModel):
    """A place that has freed, and the first who waits for it. One tap gives it to them (`fulfil`)."""

    model_config = ConfigDict(frozen=True)

    entry_id: str
    session_id: str
    contact_id: str
    name: str
    sentence: str


def wait(
    db: Db, contact_id: UUID, *, session_id: UUID | None = None, service_id: UUID | None = None, note: str = ""
) -> WaitlistEntry:
    """Put a client on the list of a class, or of a service whenever it is. Waits for the same already: no change.

    Raises NotFound, Invalid for neither of the two, Refused where the client has a place in it.
    """
    contacts.get(db, contact_id)
    if session_id is not None:
        session = get(db, session_id)
        place = db.get(SessionAttendee, (session_id, contact_id))
        if place is not None and place.attendance_status is not AttendanceStatus.CANCELLED:
            raise Refused(f"They have a place in “{session.title}” already.")
    elif service_id is None:
        raise Invalid(fields={"service": "Say what they wait for."})
    else:
        services.get(db, service_id)
    same = select(WaitlistEntry).where(
        col(WaitlistEntry.contact_id) == contact_id,
        col(WaitlistEntry.fulfilled_at).is_(None),
        col(WaitlistEntry.session_id).is_not_distinct_from(session_id),
        col(WaitlistEntry.service_id).is_not_distinct_from(service_id),
    )
    entry = db.scalars(same.limit(1)).first()
    if entry is None:
        entry = WaitlistEntry(
            contact_id=contact_id, session_id=session_id, service_id=service_id, note=note.strip()[:300]
        )
        db.add(entry)
        db.flush()
    return entry


def leave(db: Db, entry_id: UUID) -> tuple[UUID, UUID | None, UUID | None, str]:
    """Off the list; gives what `wait` needs to take it back: (client, session, service, note). Raises NotFound."""
    entry = _locked(db, entry_id)
    was = (entry.contact_id, entry.session_id, entry.service_id, entry.note)
    db.delete(entry)
    db.flush()
    return was


def waiting(db: Db, *, session_id: UUID | None = None, limit: int = 50) -> list[Waiting]:
    """Who waits longest first: for this class or its service, or, without one, for anything."""
    query = (
        select(WaitlistEntry, col(Contact.display_name), col(Service.name), col(Session.title))
        .join(Contact, col(Contact.id) == col(WaitlistEntry.contact_id))
        .outerjoin(Service, col(Service.id) == col(WaitlistEntry.service_id))
        .outerjoin(Session, col(Session.id) == col(WaitlistEntry.session_id))
        .where(col(WaitlistEntry.fulfilled_at).is_(None))
        .order_by(col(WaitlistEntry.created_at), col(WaitlistEntry.id))
        .limit(limit)
    )
    if session_id is not None:
        session = get(db, session_id)
        query = query.where(
            or_(
                col(WaitlistEntry.session_id) == session.id,
                and_(col(WaitlistEntry.session_id).is_(None), col(WaitlistEntry.service_id) == session.service_id),
            )
        )
    viewer = practice.of(db).viewer()
    return [
        Waiting(
            id=str(entry.id),
            contact_id=str(entry.contact_id),
            name=name,
            initials=show.initials(name),
            for_what=title or service or "",
            since=viewer.since(entry.created_at),
            note=entry.note,
        )
        for entry, name, service, title in db.execute(query)
    ]


def offers(db: Db, *, session_id: UUID | None = None) -> list[Offer]:
    """What has freed for whom: a class that is no longer full, or the time of a session that was called off.

    At most one offer an entry, the soonest. One statement.
    """
    now = clock.now()
    other = aliased(Session)
    full = (
        select(func.count())
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        .scalar_subquery()
    )
    mine = (
        select(1)
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.contact_id) == col(WaitlistEntry.contact_id),
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        .exists()
    )
    length = func.make_interval(0, 0, 0, 0, 0, func.coalesce(Session.duration_minutes, DEFAULT_MINUTES))
    its_length = func.make_interval(0, 0, 0, 0, 0, func.coalesce(other.duration_minutes, DEFAULT_MINUTES))
    booked = (
        select(1)
        .where(
            col(other.status).in_(LIVE),
            col(other.scheduled_at) < col(Session.scheduled_at) + length,
            col(other.scheduled_at) > col(Session.scheduled_at) - func.make_interval(0, 0, 0, conflicts.LONGEST.days),
            col(other.scheduled_at) + its_length > col(Session.scheduled_at),
        )
        .exists()
    )
    place_free = and_(col(Session.capacity) > 1, col(Session.status).in_(LIVE), full < col(Session.capacity), ~mine)
    time_free = and_(
        col(Session.capacity) == 1,
        col(Session.status) == SessionStatus.CANCELLED,
        col(Session.contact_id) != col(WaitlistEntry.contact_id),
        ~booked,
    )
    query = (
        select(WaitlistEntry, col(Contact.display_name), Session)
        .join(Contact, col(Contact.id) == col(WaitlistEntry.contact_id))
        .join(
            Session,
            or_(
                col(Session.id) == col(WaitlistEntry.session_id),
                and_(col(WaitlistEntry.session_id).is_(None), col(Session.service_id) == col(WaitlistEntry.service_id)),
            ),
        )
        .where(
            col(WaitlistEntry.fulfilled_at).is_(None),
            col(Session.scheduled_at) > now,
            col(Session.scheduled_at) < now + AHEAD,
            or_(place_free, time_free),
        )
        .order_by(col(WaitlistEntry.created_at), col(WaitlistEntry.id), col(Session.scheduled_at))
        .limit(5 * MOST)
    )
    if session_id is not None:
        query = query.where(col(Session.id) == session_id)
    viewer = practice.of(db).viewer()
    found: dict[UUID, Offer] = {}
    for entry, name, session in db.execute(query):
        what = "A place is free in" if session.capacity > 1 else "The time is free again:"
        found.setdefault(
            entry.id,
            Offer(
                entry_id=str(entry.id),
                session_id=str(session.id),
                contact_id=str(entry.contact_id),
                name=name,
                sentence=f"{what} {session.title}, {viewer.moment(session.scheduled_at)}. {name} waits for it.",
            ),
        )
    return list(found.values())[:MOST]


def fulfil(db: Db, entry_id: UUID, session_id: UUID) -> Session:
    """Give the free place, or the free time, to who waits; gives the session they are in now.

    Raises NotFound, Refused where they got a place before, Conflict where it was taken meanwhile.
    """
    entry = _locked(db, entry_id)
    if entry.fulfilled_at is not None:
        raise Refused("They have a place by now.")
    freed = get(db, session_id)
    if freed.capacity > 1:
        register(db, session_id, entry.contact_id)
        given = freed
    else:
        given = book(
            db,
            Booking(
                contact_id=entry.contact_id,
                service_id=freed.service_id,
                title=freed.title,
                scheduled_at=freed.scheduled_at,
                duration_minutes=freed.duration_minutes,
                location=freed.location,
                meeting_url=freed.meeting_url,
            ),
        )
    entry.fulfilled_at = clock.now()
    db.flush()
    return given


def unfulfil(db: Db, entry_id: UUID, session_id: UUID) -> None:
    """Take it back: they wait again, and the place is free. Raises NotFound."""
    entry, given = _locked(db, entry_id), get(db, session_id)
    if given.capacity > 1:
        walk_out(db, session_id, entry.contact_id)
    elif given.contact_id == entry.contact_id:
        unbook(db, session_id)
    entry.fulfilled_at = None
    db.flush()


def _locked(db: Db, entry_id: UUID) -> WaitlistEntry:
    entry = db.get(WaitlistEntry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None:
        raise NotFound("This is not on the waiting list any more.")
    return entry
