"""Sessions of a program: booked week by week, taken in from the calendar, let go again."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core import clock, show, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Refused
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import practice, sessions
from omnicrm.domain.programs.editing import get, is_course, locked
from omnicrm.domain.programs.enrolling import fill_places
from omnicrm.domain.sessions import Booking
from omnicrm.domain.words import SESSIONS
from omnicrm.models.contacts import Contact
from omnicrm.models.programs import CreditEntry, Program, ProgramEnrollment
from omnicrm.models.sessions import LIVE, AttendanceStatus, Session, SessionAttendee, SessionStatus

AHEAD = timedelta(days=90)


class SittingForm(BaseModel):
    """Classes of a course: the first day and hour (the practitioner's zone), then every week at the same hour."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_on: date
    begins_at: time
    duration_minutes: int = Field(default=60, ge=5, le=24 * 60)
    number: int = Field(default=1, ge=1, le=60)
    capacity: int | None = Field(default=None, ge=2, le=1000)
    location: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Sitting(BaseModel):
    """A session of the program: `who` came or will; `2 of 12 came`."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    when: str
    who: str
    past: bool
    own: bool
    status_label: str
    status_icon: str
    status_tone: str


def add_sittings(db: Db, program_id: UUID, form: SittingForm, *, allow_overlap: bool = False) -> list[UUID]:
    """Book the classes, and give everybody who is enrolled a place in each. Gives their ids.

    Raises NotFound, Invalid, Refused for an archived program, Conflict (override `allow_overlap`) that names what is in
    the way of the first that clashes; nothing is booked then.
    """
    program = locked(db, program_id)
    if program.status == "archived":
        raise Refused("This program is archived. Open it first.")
    zone = practice.of(db).zone
    made = []
    for week in range(form.number):
        day = form.first_on + timedelta(weeks=week)
        booking = Booking(
            title=program.name,
            program_id=program.id,
            service_id=program.service_id,
            scheduled_at=zones.at_wall(day, form.begins_at, zone),
            duration_minutes=form.duration_minutes,
            location=form.location or None,
            capacity=form.capacity or max(program.capacity or 12, 2),
        )
        try:
            made.append(sessions.book(db, booking, allow_overlap=allow_overlap).id)
        except Conflict as error:
            when = practice.of(db).viewer().day(booking.scheduled_at)
            raise Conflict(f"{when}: {error.message}", override=error.override) from error
    fill_places(db, program_id)
    return made


def unbook(db: Db, program_id: UUID, session_ids: list[UUID]) -> None:
    """Take back classes that were booked for the program, with their events; those of others are left alone."""
    own = select(col(Session.id)).where(col(Session.program_id) == program_id, col(Session.id).in_(session_ids))
    for session_id in db.scalars(own.order_by(col(Session.id))).all():
        sessions.unbook(db, session_id)


def attach(db: Db, program_id: UUID, session_id: UUID) -> None:
    """Take a session into the program; in a class of the future everybody who is enrolled has a place.

    Raises NotFound, Refused for one of another program or a cancelled one.
    """
    program, session = locked(db, program_id), sessions.locked(db, session_id)
    if session.program_id not in (None, program.id):
        raise Refused("This session belongs to another program. Take it out there first.")
    if session.status in (SessionStatus.CANCELLED, SessionStatus.PENDING_AI_CONFIRMATION):
        raise Refused("Only a booked session can be taken in.")
    session.program_id = program.id
    db.flush()
    fill_places(db, program_id)


def detach(db: Db, program_id: UUID, session_id: UUID) -> None:
    """Let a session go: it stays in the calendar, with whoever has a place. Not in it: nothing happens.

    Raises NotFound.
    """
    session = sessions.locked(db, session_id)
    if session.program_id == program_id:
        session.program_id = None
        db.flush()


def attachable(db: Db, *, limit: int = 30) -> list[Sitting]:
    """Sessions of the next 90 days that belong to no program, classes first."""
    now = clock.now()
    query = (
        select(Session, col(Contact.display_name), _came(), _places())
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .where(
            col(Session.scheduled_at) > now,
            col(Session.scheduled_at) < now + AHEAD,
            col(Session.status).in_(LIVE),
            col(Session.program_id).is_(None),
        )
        .order_by((col(Session.capacity) == 1), col(Session.scheduled_at), col(Session.id))
        .limit(limit)
    )
    viewer = practice.of(db).viewer()
    return [_sitting(viewer, True, *one) for one in db.execute(query)]


def sittings(db: Db, program_id: UUID, *, limit: int = 100) -> list[Sitting]:
    """The sessions of a course in their order; of a package what its credits paid for, the newest first.

    Raises NotFound.
    """
    program = get(db, program_id)
    query = select(Session, col(Contact.display_name), _came(), _places()).outerjoin(
        Contact, col(Contact.id) == col(Session.contact_id)
    )
    if is_course(program):
        query = query.where(col(Session.program_id) == program_id).order_by(col(Session.scheduled_at), col(Session.id))
    else:
        own = select(col(Session.id)).where(col(Session.program_id) == program_id)
        query = query.where(col(Session.id).in_(own.union(_paid_for(program))))
        query = query.order_by(col(Session.scheduled_at).desc(), col(Session.id))
    viewer = practice.of(db).viewer()
    return [_sitting(viewer, one[0].program_id == program_id, *one) for one in db.execute(query.limit(limit))]


def _paid_for(program: Program) -> Any:
    return (
        select(col(CreditEntry.session_id))
        .join(
            ProgramEnrollment,
            (col(ProgramEnrollment.contact_id) == col(CreditEntry.contact_id))
            & (col(ProgramEnrollment.program_id) == col(CreditEntry.program_id)),
        )
        .where(col(ProgramEnrollment.program_id) == program.id, col(CreditEntry.session_id).is_not(None))
        .group_by(col(CreditEntry.session_id))
        .having(func.sum(CreditEntry.delta) < 0)
    )


def _came() -> Any:
    came = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)
    return (
        select(func.count())
        .where(col(SessionAttendee.session_id) == col(Session.id), col(SessionAttendee.attendance_status).in_(came))
        .correlate(Session)
        .scalar_subquery()
    )


def _places() -> Any:
    return (
        select(func.count())
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        .correlate(Session)
        .scalar_subquery()
    )


def _sitting(viewer: Viewer, own: bool, session: Session, who: str | None, came: int, places: int) -> Sitting:
    past = session.scheduled_at <= viewer.now
    if session.capacity > 1:
        words = f"{came} of {places} came" if past and places else f"{counted(places, 'person', 'people')} booked"
    else:
        words = who or ""
    length = show.minutes(session.duration_minutes)
    status = SESSIONS[session.status]
    return Sitting(
        id=str(session.id),
        title=session.title,
        when=", ".join(part for part in (viewer.moment(session.scheduled_at), length) if part),
        who=words,
        past=past,
        own=own,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
    )
