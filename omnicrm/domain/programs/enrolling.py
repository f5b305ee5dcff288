"""Who is in a program: enrolled, bought again, paused, finished, out; each taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from omnicrm.core import clock, show, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, NotFound, Refused
from omnicrm.core.show import counted
from omnicrm.domain import contacts, credits, practice, search
from omnicrm.domain.programs.editing import is_course, locked, places_taken
from omnicrm.domain.words import ENROLLMENTS
from omnicrm.models.contacts import Contact
from omnicrm.models.programs import EnrollmentStatus, Program, ProgramEnrollment, ProgramStatus
from omnicrm.models.sessions import LIVE, AttendanceStatus, Session, SessionAttendee

State = Literal["active", "paused", "completed", "cancelled"]


class Enrolled(BaseModel):
    """What enrolling did, and what takes it back: `entry_id` is the purchase, `was` the status before (empty: new),
    `held_until` when earlier credits would have run out (ISO, empty: never)."""

    model_config = ConfigDict(frozen=True)

    contact_id: UUID
    name: str
    program: str
    credits: int
    left: int
    entry_id: UUID | None
    was: str
    held_until: str


class Choice(BaseModel):
    """Somebody who can be enrolled; `detail` says what they are in this program already."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    initials: str
    detail: str


def enrol(db: Db, program_id: UUID, contact_id: UUID, *, over_capacity: bool = False) -> Enrolled:
    """Put a client into a program, with its credits and a place in its classes to come. Who has the package already
    buys it again: the credits are added.

    Raises NotFound, Refused for a program that is not open, or a course that the client is in, Conflict (override
    `over_capacity`) where it is full.
    """
    program = locked(db, program_id)
    contact = contacts.get(db, contact_id)
    if program.status is not ProgramStatus.ACTIVE:
        raise Refused(f"“{program.name}” is not open. Open it first.")
    if contact.archived_at is not None:
        raise Refused(f"{contact.display_name} is archived. Bring them back into the lists first.")
    known = _found(db, program_id, contact_id)
    inside = known is not None and known.status in (EnrollmentStatus.ACTIVE, EnrollmentStatus.PAUSED)
    if inside and not program.credits_per_enrollment:
        raise Refused(f"{contact.display_name} is in “{program.name}” already.")
    if not inside and not over_capacity:
        refuse_full(db, program)
    was, held = (known.status.value, known.expires_at) if known is not None else ("", None)
    if known is None:
        known = ProgramEnrollment(program_id=program_id, contact_id=contact_id, enrollment_date=clock.now())
        db.add(known)
    _become(known, EnrollmentStatus.ACTIVE)
    db.flush()
    number, entry = program.credits_per_enrollment or 0, None
    if number:
        ends = _holds_until(db, program.valid_days)
        entry = credits.grant(db, contact_id, program_id, number, expires_at=ends).id
    fill_places(db, program_id)
    return Enrolled(
        contact_id=contact_id,
        name=contact.display_name,
        program=program.name,
        credits=number,
        left=credits.balance(db, contact_id, program_id),
        entry_id=entry,
        was=was,
        held_until=held.isoformat() if held else "",
    )


def undo_enrolment(
    db: Db,
    program_id: UUID,
    contact_id: UUID,
    *,
    entry_id: UUID | None,
    was: str,
    held_until: datetime | None,
    allow_negative: bool = False,
) -> None:
    """Take back what `enrol` did: the credits by their opposite, the enrolment as it was; a new one is cancelled.

    Raises NotFound, and Conflict (override `allow_negative`) where the credits are used already.
    """
    enrollment = _locked(db, program_id, contact_id)
    if entry_id is not None:
        credits.reverse(db, [entry_id], allow_negative=allow_negative)
    if was:
        enrollment.expires_at = held_until
    _become(enrollment, EnrollmentStatus(was or "cancelled"))
    db.flush()
    if enrollment.status is not EnrollmentStatus.ACTIVE:
        _free_places(db, program_id, contact_id)


def change_enrollment(
    db: Db, program_id: UUID, contact_id: UUID, status: State, *, over_capacity: bool = False
) -> tuple[str, str]:
    """Pause, go on, finish or leave. Credits stay in the ledger; only an active enrolment pays with them. Who pauses or
    leaves gives up the places in classes to come. Gives the status before and a sentence.

    Raises NotFound, Conflict (override `over_capacity`) where who comes back finds the program full.
    """
    program = locked(db, program_id)
    enrollment = _locked(db, program_id, contact_id)
    contact = contacts.get(db, contact_id)
    before, target = enrollment.status, EnrollmentStatus(status)
    holds = (EnrollmentStatus.ACTIVE, EnrollmentStatus.PAUSED)
    finished_in_course = before is EnrollmentStatus.COMPLETED and is_course(program)
    if target in holds and before not in holds and not finished_in_course and not over_capacity:
        refuse_full(db, program)
    _become(enrollment, target)
    db.flush()
    if target is EnrollmentStatus.ACTIVE:
        fill_places(db, program_id)
    else:
        _free_places(db, program_id, contact_id)
    left = credits.balance(db, contact_id, program_id)
    return before.value, _sentence(contact, program, target, left)


def give(db: Db, program_id: UUID, giver: UUID, taker: UUID, number: int) -> tuple[UUID, UUID]:
    """Move credits to another client, who comes into the program by it, however full it is. Gives the two entries of
    the ledger. Raises NotFound, Invalid for one and the same client, Refused for more than there is.
    """
    locked(db, program_id)
    contacts.get(db, taker)
    known = _found(db, program_id, taker)
    if known is None:
        known = ProgramEnrollment(program_id=program_id, contact_id=taker, enrollment_date=clock.now())
        db.add(known)
    if known.status is not EnrollmentStatus.PAUSED:
        _become(known, EnrollmentStatus.ACTIVE)
    db.flush()
    return credits.transfer(db, (giver, program_id), (taker, program_id), number)


def prolong(db: Db, program_id: UUID, contact_id: UUID, until: date | None) -> tuple[datetime | None, int]:
    """Credits hold until the end of that day (None: without end); what ran out last comes back. Gives when they ran out
    before, and how many came back. Raises NotFound.
    """
    before = _locked(db, program_id, contact_id).expires_at
    ends = zones.day_bounds(until, practice.of(db).zone)[1] if until else None
    return before, credits.extend(db, contact_id, program_id, ends)


def fill_places(db: Db, program_id: UUID) -> int:
    """Everybody who is active in the program has a place in its classes to come; who called one off keeps it so.

    One statement, however many. Gives how many places were new.
    """
    new = (
        select(col(Session.id), col(ProgramEnrollment.contact_id), literal(AttendanceStatus.REGISTERED.value))
        .join(ProgramEnrollment, col(ProgramEnrollment.program_id) == col(Session.program_id))
        .where(
            col(Session.program_id) == program_id,
            col(Session.capacity) > 1,
            col(Session.scheduled_at) > clock.now(),
            col(Session.status).in_(LIVE),
            col(ProgramEnrollment.status) == EnrollmentStatus.ACTIVE,
        )
    )
    columns = ["session_id", "contact_id", "attendance_status"]
    added = insert(SessionAttendee).from_select(columns, new).on_conflict_do_nothing()
    return len(db.execute(added.returning(col(SessionAttendee.session_id))).all())


def choices(db: Db, program_id: UUID, query: str, *, limit: int = 8) -> list[Choice]:
    """Clients whose name, mail or number is like `query`; without one, those who were added last."""
    statement = select(Contact, col(ProgramEnrollment.status)).outerjoin(
        ProgramEnrollment,
        (col(ProgramEnrollment.contact_id) == col(Contact.id)) & (col(ProgramEnrollment.program_id) == program_id),
    )
    statement = statement.where(col(Contact.archived_at).is_(None), col(Contact.merged_into_id).is_(None))
    if query.strip():
        hits = [UUID(hit.id) for hit in search.find(db, query, kinds=("contact",), limit=limit)]
        found = {row[0].id: row for row in db.execute(statement.where(col(Contact.id).in_(hits)))}
        rows = [found[hit] for hit in hits if hit in found]
    else:
        rows = list(db.execute(statement.order_by(col(Contact.created_at).desc(), col(Contact.id)).limit(limit)))
    return [
        Choice(
            id=str(contact.id),
            name=contact.display_name,
            initials=show.initials(contact.display_name),
            detail=f"Here already: {ENROLLMENTS[status].label.lower()}" if status else contact.email or "",
        )
        for contact, status in rows
    ]


def refuse_full(db: Db, program: Program) -> None:
    """Raises Conflict (override `over_capacity`) where every place is taken. The program is locked by the caller."""
    if program.capacity is not None and (taken := places_taken(db, program)) >= program.capacity:
        words = f"“{program.name}” is full: {taken} of {counted(program.capacity, 'place')}."
        raise Conflict(words, override="over_capacity")


def _become(enrollment: ProgramEnrollment, status: EnrollmentStatus) -> None:
    enrollment.status = status
    enrollment.completion_date = clock.now() if status is EnrollmentStatus.COMPLETED else None


def _free_places(db: Db, program_id: UUID, contact_id: UUID) -> None:
    """Places in classes to come that are merely reserved."""
    coming = select(col(Session.id)).where(
        col(Session.program_id) == program_id, col(Session.scheduled_at) > clock.now()
    )
    db.execute(
        delete(SessionAttendee).where(
            col(SessionAttendee.contact_id) == contact_id,
            col(SessionAttendee.session_id).in_(coming),
            col(SessionAttendee.attendance_status) == AttendanceStatus.REGISTERED,
        )
    )
    db.expire_all()


def _sentence(contact: Contact, program: Program, status: EnrollmentStatus, left: int) -> str:
    first = contact.first_name
    unused: Sequence[str] = [f" {counted(left, 'credit')} cannot be used meanwhile."] if left > 0 else [""]
    match status:
        case EnrollmentStatus.ACTIVE:
            return f"{first} goes on with “{program.name}”."
        case EnrollmentStatus.PAUSED:
            return f"{first} pauses.{unused[0]}"
        case EnrollmentStatus.COMPLETED:
            return f"{first} has finished “{program.name}”.{unused[0].replace(' meanwhile', ' any more')}"
        case _:
            return f"{first} is out of “{program.name}”.{unused[0].replace(' meanwhile', ' any more')}"


def _holds_until(db: Db, days: int | None) -> datetime | None:
    """The end of the last day, in the practitioner's zone."""
    if days is None:
        return None
    who = practice.of(db)
    return zones.at_wall(who.today() + timedelta(days=days + 1), time(0), who.zone)


def _found(db: Db, program_id: UUID, contact_id: UUID) -> ProgramEnrollment | None:
    return db.get(ProgramEnrollment, (program_id, contact_id), with_for_update=True, populate_existing=True)


def _locked(db: Db, program_id: UUID, contact_id: UUID) -> ProgramEnrollment:
    enrollment = _found(db, program_id, contact_id)
    if enrollment is None:
        raise NotFound("This client is not in this program.")
    return enrollment
