"""Whether somebody came decides about a credit: one hook that makes the ledger agree, however often it is called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain.credits import ledger
from omnicrm.models.programs import CreditEntry, CreditReason, EnrollmentStatus, Program, ProgramEnrollment
from omnicrm.models.sessions import AttendanceStatus, Session, SessionAttendee, SessionStatus

Attendance: TypeAlias = Literal["registered", "present", "late", "no_show", "cancelled", "late_cancel"]

_REASONS: dict[str, CreditReason | None] = {
    "registered": None,
    "present": CreditReason.ATTENDANCE,
    "late": CreditReason.ATTENDANCE,
    "no_show": CreditReason.NO_SHOW,
    "cancelled": None,
    "late_cancel": CreditReason.LATE_CANCEL,
}
_OF_SESSIONS = (CreditReason.ATTENDANCE, CreditReason.NO_SHOW, CreditReason.LATE_CANCEL, CreditReason.RESTORE)
_SAID: dict[SessionStatus, Attendance] = {SessionStatus.COMPLETED: "present", SessionStatus.NO_SHOW: "no_show"}

_Held: TypeAlias = tuple[ProgramEnrollment, Program]


class Settled(BaseModel):
    """What changed: `delta` credits (0: nothing), in `program_id`, where `left` are there now.

    `missing`: a credit should have been used, and there was none. `renew`: the last one was used just now. Without a
    program nothing that the client holds pays for this session.
    """

    model_config = ConfigDict(frozen=True)

    delta: int = 0
    program_id: UUID | None = None
    program: str = ""
    left: int | None = None
    missing: bool = False
    renew: bool = False

    @property
    def words(self) -> str:
        """`1 credit used, 4 left`; empty where nothing happened."""
        if self.missing:
            return "no credits left"
        if not self.delta or self.left is None:
            return ""
        done = "1 credit used" if self.delta < 0 else "1 credit given back"
        return f"{done}, {self.left} left" + (": time to renew" if self.renew else "")


def settle_attendance(
    db: Db, session_id: UUID, contact_id: UUID, status: Attendance, *, allow_negative: bool = False
) -> Settled:
    """Make the ledger agree with how one client's session went: a credit for who came (late or not); for a no-show or a
    late cancellation where the program says so; given back on correction. Said again, it changes nothing, and two at
    once are one after the other.

    What pays: the program that the session belongs to, where the client is in it; else a package for the session's
    service, the one that runs out first. Raises NotFound for an unknown session, Invalid for an unknown status.
    `allow_negative` uses a credit even where none is left.
    """
    if status not in _REASONS:
        raise Invalid(fields={"status": "One of " + ", ".join(_REASONS) + "."})
    held = _held(db, contact_id)
    session = db.get(Session, session_id)
    if session is None:
        raise NotFound("This session no longer exists.")
    if not held:
        return Settled()
    used = _used(db, session_id, contact_id)
    by_program = {program.id: (enrollment, program) for enrollment, program in held}
    payer = by_program.get(next(iter(used))) if used else None
    reason = _REASONS[status]
    if payer is not None:
        before, program = used[payer[1].id], payer[1]
        wanted = reason if reason is not None and _counts(program, reason) else None
        if before is wanted:
            return Settled(program_id=program.id, program=program.name, left=_left(db, contact_id, program))
        _write(db, session_id, contact_id, program, 1, CreditReason.RESTORE)
        if wanted is not None:
            _write(db, session_id, contact_id, program, -1, wanted)
        return _said(db, contact_id, program, 0 if wanted else 1)
    if reason is None:
        return Settled()
    return _use(db, session, contact_id, reason, held, allow_negative)


def settle_session(db: Db, session: Session) -> list[Settled]:
    """After a session was finished, called off or taken back: everybody's credits as it is now. What changed, or could
    not be used.

    In a class each place counts as it is marked; a class that is off uses nothing. A place that its client gave up is
    left alone: whether that was late is for who cancels it to say.
    """
    off = session.status is SessionStatus.CANCELLED
    if session.contact_id is not None:
        said = _SAID.get(session.status, "registered")
        if off:
            said = "late_cancel" if session.late_cancel else "cancelled"
        people: list[tuple[UUID, Attendance]] = [(session.contact_id, said)]
    else:
        places = select(col(SessionAttendee.contact_id), col(SessionAttendee.attendance_status)).where(
            col(SessionAttendee.session_id) == session.id,
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        found = db.execute(places.order_by(col(SessionAttendee.contact_id))).all()
        people = [(contact_id, "cancelled" if off else marked.value) for contact_id, marked in found]
    settled = [settle_attendance(db, session.id, contact_id, status) for contact_id, status in people]
    return [one for one in settled if one.delta or one.missing]


def told(db: Db, session: Session) -> str:
    """What a client’s own session used, for whoever marks it: ` 1 credit of “Massages” used, 4 left.`, after a space;
    empty where nothing pays for it, and in a class.
    """
    if session.contact_id is None:
        return ""
    program_id = next(iter(_used(db, session.id, session.contact_id)), None)
    program = db.get(Program, program_id) if program_id is not None else None
    if program is None:
        return ""
    left = _left(db, session.contact_id, program)
    return f" 1 credit of “{program.name}” used, " + ("none left: time to renew." if left <= 0 else f"{left} left.")


def release(db: Db, session_id: UUID) -> int:
    """Give back every credit that a session used: before it is deleted, as if it never was. Gives how many."""
    query = select(col(CreditEntry.contact_id)).where(col(CreditEntry.session_id) == session_id).distinct()
    people = sorted(db.scalars(query))
    return sum(settle_attendance(db, session_id, contact_id, "registered").delta for contact_id in people)


def _use(
    db: Db, session: Session, contact_id: UUID, reason: CreditReason, held: Sequence[_Held], allow_negative: bool
) -> Settled:
    lefts = _lefts(db, contact_id)
    able = [one for one in _payers(session, held, lefts) if _counts(one[1], reason)]
    if not able:
        return Settled()
    program = next((program for _, program in able if lefts.get(program.id, 0) > 0), None)
    if program is None:
        program = able[0][1]
        if not allow_negative:
            return Settled(program_id=program.id, program=program.name, left=lefts.get(program.id, 0), missing=True)
    _write(db, session.id, contact_id, program, -1, reason)
    return _said(db, contact_id, program, -1)


def _payers(session: Session, held: Sequence[_Held], lefts: dict[UUID, int]) -> list[_Held]:
    """What may pay for the session, the best first. A course without credits has been paid by its price."""
    alive = [one for one in held if _pays(one[0], session.scheduled_at)]
    own = [one for one in alive if one[1].id == session.program_id]
    if own:
        return [one for one in own if one[1].credits_per_enrollment or one[1].id in lefts]
    packages = [
        one
        for one in alive
        if one[1].start_date is None
        and (one[1].credits_per_enrollment or one[1].id in lefts)
        and one[1].service_id in (None, session.service_id)
    ]
    return sorted(packages, key=lambda one: _urgency(one[0], one[1]))


def _pays(enrollment: ProgramEnrollment, at: datetime) -> bool:
    in_time = enrollment.expires_at is None or enrollment.expires_at > at
    return enrollment.status is EnrollmentStatus.ACTIVE and in_time


def _urgency(enrollment: ProgramEnrollment, program: Program) -> tuple[bool, bool, datetime, UUID]:
    """Made for this service before made for any; what runs out first; what was begun first."""
    ends = enrollment.expires_at
    begun = enrollment.enrollment_date or enrollment.created_at
    return program.service_id is None, ends is None, ends or begun, program.id


def _counts(program: Program, reason: CreditReason) -> bool:
    if reason is CreditReason.NO_SHOW:
        return program.no_show_uses_credit
    return program.late_cancel_uses_credit if reason is CreditReason.LATE_CANCEL else True


def _held(db: Db, contact_id: UUID) -> list[_Held]:
    """All that the client is or was enrolled in, locked, in one order."""
    query = (
        select(ProgramEnrollment, Program)
        .join(Program, col(Program.id) == col(ProgramEnrollment.program_id))
        .where(col(ProgramEnrollment.contact_id) == contact_id)
        .order_by(col(ProgramEnrollment.program_id))
        .with_for_update(of=ProgramEnrollment)
        .execution_options(populate_existing=True)
    )
    return [(enrollment, program) for enrollment, program in db.execute(query)]


def _used(db: Db, session_id: UUID, contact_id: UUID) -> dict[UUID, CreditReason]:
    """program -> the reason why a credit of it is used for this session."""
    query = (
        select(col(CreditEntry.program_id), col(CreditEntry.delta), col(CreditEntry.reason))
        .where(
            col(CreditEntry.session_id) == session_id,
            col(CreditEntry.contact_id) == contact_id,
            col(CreditEntry.reason).in_(_OF_SESSIONS),
        )
        .order_by(col(CreditEntry.created_at), col(CreditEntry.id))
    )
    net: dict[UUID, int] = {}
    reasons: dict[UUID, CreditReason] = {}
    for program_id, delta, reason in db.execute(query):
        net[program_id] = net.get(program_id, 0) + delta
        if delta < 0:
            reasons[program_id] = reason
    return {program_id: reasons[program_id] for program_id, sum_ in net.items() if sum_ < 0}


def _lefts(db: Db, contact_id: UUID) -> dict[UUID, int]:
    query = (
        select(col(CreditEntry.program_id), func.sum(CreditEntry.delta))
        .where(col(CreditEntry.contact_id) == contact_id)
        .group_by(col(CreditEntry.program_id))
    )
    return {program_id: int(left) for program_id, left in db.execute(query)}


def _left(db: Db, contact_id: UUID, program: Program) -> int:
    return ledger.balance(db, contact_id, program.id)


def _write(db: Db, session_id: UUID, contact_id: UUID, program: Program, delta: int, reason: CreditReason) -> None:
    ledger.add(db, (contact_id, program.id), delta, reason, session_id=session_id)


def _said(db: Db, contact_id: UUID, program: Program, delta: int) -> Settled:
    left = _left(db, contact_id, program)
    return Settled(delta=delta, program_id=program.id, program=program.name, left=left, renew=delta < 0 and left <= 0)
