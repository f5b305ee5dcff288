"""Who has a place in a class, and who came: one tap a person, each of them taken back by another."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, NotFound, Refused
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import contacts, credits, practice
from omnicrm.domain.contacts import facts
from omnicrm.domain.practice import Practice
from omnicrm.domain.sessions.booking import get, locked
from omnicrm.domain.sessions.policy import is_late
from omnicrm.models.contacts import Contact
from omnicrm.models.programs import CreditEntry
from omnicrm.models.sessions import LIVE, AttendanceStatus, Session, SessionAttendee, SessionStatus

Mark: TypeAlias = Literal["registered", "present", "late", "no_show"]
MOST = 200  # people that a roster shows


class RosterRow(BaseModel):
    """One person. `detail` is what is owed, else the credits left; `status` is registered while it is open."""

    model_config = ConfigDict(frozen=True)

    contact_id: str
    name: str
    initials: str
    detail: str
    tone: str
    status: str


class Roster(BaseModel):
    """Everybody with a place, by when they took it, and the counts: `9 booked, 3 places free`."""

    model_config = ConfigDict(frozen=True)

    rows: list[RosterRow]
    words: str
    free: int
    present: int
    late: int
    no_show: int
    open: int
    open_words: str
    used: str
    called_off: list[str]


def roster(db: Db, session_id: UUID) -> Roster:
    """Two statements, however many they are. Raises NotFound."""
    session = get(db, session_id)
    who = practice.of(db)
    viewer = who.viewer()
    found = db.execute(
        select(
            col(SessionAttendee.attendance_status),
            col(Contact.id),
            col(Contact.display_name),
            facts.owed(col(SessionAttendee.contact_id), who.currency),
            facts.credits(col(SessionAttendee.contact_id), viewer.now),
        )
        .join(Contact, col(Contact.id) == col(SessionAttendee.contact_id))
        .where(col(SessionAttendee.session_id) == session.id)
        .order_by(col(SessionAttendee.created_at), col(Contact.display_name), col(Contact.id))
        .limit(MOST)
    ).all()
    rows = [_row(who, viewer, *one) for one in found if one[0] is not AttendanceStatus.CANCELLED]
    number = {word: sum(row.status == word for row in rows) for word in AttendanceStatus}
    free = max(0, session.capacity - len(rows))
    over = len(rows) - session.capacity
    places = f"{over} more than places" if over > 0 else f"{counted(free, 'place')} free" if free else "full"
    still = number[AttendanceStatus.REGISTERED]
    return Roster(
        rows=rows,
        words=f"{len(rows)} booked, {places}",
        free=free,
        present=number[AttendanceStatus.PRESENT],
        late=number[AttendanceStatus.LATE],
        no_show=number[AttendanceStatus.NO_SHOW],
        open=still,
        open_words=f"{counted(still, 'person is', 'people are')} still open. " if still and still < len(rows) else "",
        used=_used(db, session.id),
        called_off=[one[2] for one in found if one[0] is AttendanceStatus.CANCELLED],
    )


class ClassRow(BaseModel):
    """A class to come, to take a place in."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    date: str
    time: str
    places: str
    full: bool


def classes(db: Db, service_id: UUID, *, limit: int = 6) -> list[ClassRow]:
    """The classes of a service that are to come, the next first, with the places that are free."""
    viewer = practice.of(db).viewer()
    held = (
        select(func.count())
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        .scalar_subquery()
    )
    query = (
        select(col(Session.id), col(Session.scheduled_at), col(Session.capacity), held)
        .where(
            col(Session.service_id) == service_id,
            col(Session.capacity) > 1,
            col(Session.status).in_(LIVE),
            col(Session.scheduled_at) > viewer.now,
        )
        .order_by(col(Session.scheduled_at), col(Session.id))
        .limit(limit)
    )
    return [
        ClassRow(
            id=key,
            date=viewer.day(at),
            time=viewer.time(at),
            places=f"{counted(capacity - taken, 'place')} free" if taken < capacity else "Full",
            full=taken >= capacity,
        )
        for key, at, capacity, taken in db.execute(query)
    ]


def credits_left(db: Db, contact_id: UUID) -> tuple[str, str]:
    """(`1 credit left`, tone) of a client; empty without any package."""
    left = db.scalar(select(facts.credits(contact_id, practice.of(db).viewer().now)))
    return facts.credits_words(left)


def register(db: Db, session_id: UUID, contact_id: UUID, *, over_capacity: bool = False) -> SessionAttendee:
    """Give a client a place in a class; who called off takes it again. Has one already: no change.

    Raises NotFound, Refused where it is no class or cancelled, Conflict (override `over_capacity`) where it is full.
    """
    session = _class(db, session_id)
    contacts.get(db, contact_id)
    attendee = _attendee(db, session_id, contact_id)
    if attendee is not None and attendee.attendance_status is not AttendanceStatus.CANCELLED:
        return attendee
    if not over_capacity and taken(db, session_id) >= session.capacity:
        raise Conflict(
            f"“{session.title}” is full: {session.capacity} of {session.capacity}.", override="over_capacity"
        )
    if attendee is None:
        attendee = SessionAttendee(session_id=session_id, contact_id=contact_id)
        db.add(attendee)
    attendee.attendance_status = AttendanceStatus.REGISTERED
    db.flush()
    credits.settle_attendance(db, session_id, contact_id, "registered")
    return attendee


def unregister(db: Db, session_id: UUID, contact_id: UUID) -> SessionAttendee:
    """A client calls off: the place is free; late, it may use a credit. Again: no change. Raises NotFound, Refused."""
    return _marked(db, session_id, contact_id, AttendanceStatus.CANCELLED)


def mark(db: Db, session_id: UUID, contact_id: UUID, status: Mark) -> str:
    """Say who came; `registered` takes it back. The last word counts. Gives what was said before.

    Raises NotFound for who has no place, Refused where it is no class or cancelled.
    """
    before = _class_place(db, session_id, contact_id).attendance_status
    _marked(db, session_id, contact_id, AttendanceStatus(status))
    return str(before)


def walk_in(db: Db, session_id: UUID, contact_id: UUID) -> SessionAttendee:
    """Somebody who is simply there: has a place, however full it is, and is present. Raises NotFound, Refused."""
    register(db, session_id, contact_id, over_capacity=True)
    return _marked(db, session_id, contact_id, AttendanceStatus.PRESENT)


def walk_out(db: Db, session_id: UUID, contact_id: UUID) -> None:
    """Take a walk-in back: the place goes, as if it never was. Unknown or gone: nothing happens."""
    attendee = _attendee(db, session_id, contact_id)
    if attendee is not None:
        _marked(db, session_id, contact_id, AttendanceStatus.REGISTERED)
        db.delete(attendee)
        db.flush()


def taken(db: Db, session_id: UUID) -> int:
    """How many places of a class are taken."""
    return (
        db.scalar(
            select(func.count()).where(
                col(SessionAttendee.session_id) == session_id,
                col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
            )
        )
        or 0
    )


def _used(db: Db, session_id: UUID) -> str:
    used = -(db.scalar(select(func.sum(CreditEntry.delta)).where(col(CreditEntry.session_id) == session_id)) or 0)
    return f"{counted(used, 'credit')} used" if used > 0 else ""


def _marked(db: Db, session_id: UUID, contact_id: UUID, status: AttendanceStatus) -> SessionAttendee:
    attendee = _class_place(db, session_id, contact_id)
    if attendee.attendance_status is not status:
        attendee.attendance_status = status
        db.flush()
        late = status is AttendanceStatus.CANCELLED and is_late(db, get(db, session_id))
        credits.settle_attendance(db, session_id, contact_id, "late_cancel" if late else status.value)
    return attendee


def _class_place(db: Db, session_id: UUID, contact_id: UUID) -> SessionAttendee:
    _class(db, session_id)
    attendee = _attendee(db, session_id, contact_id)
    if attendee is None:
        raise NotFound("This client has no place in this class.")
    return attendee


def _class(db: Db, session_id: UUID) -> Session:
    """Locked: two people who take the last place at once are one after the other."""
    session = locked(db, session_id)
    if session.capacity == 1:
        raise Refused("This is one client's session, not a class.")
    if session.status in (SessionStatus.CANCELLED, SessionStatus.PENDING_AI_CONFIRMATION):
        raise Refused("This class does not take place.")
    return session


def _attendee(db: Db, session_id: UUID, contact_id: UUID) -> SessionAttendee | None:
    return db.get(SessionAttendee, (session_id, contact_id), with_for_update=True, populate_existing=True)


def _row(
    who: Practice,
    viewer: Viewer,
    status: AttendanceStatus,
    contact_id: UUID,
    name: str,
    owed: Decimal | None,
    left: int | None,
) -> RosterRow:
    words, tone = facts.credits_words(left)
    if owed:
        words, tone = f"{viewer.money(Money(owed, who.currency))} unpaid", "bad"
    return RosterRow(
        contact_id=str(contact_id),
        name=name,
        initials=show.initials(name),
        detail=words,
        tone=tone,
        status=status,
    )
