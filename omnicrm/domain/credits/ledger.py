"""Entries are added under a lock on the enrolment, and never changed: what is taken back is another entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ScalarSelect, func, or_, select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.core.show import counted
from omnicrm.domain import practice
from omnicrm.domain.words import CREDITS
from omnicrm.models.programs import CreditEntry, CreditReason, EnrollmentStatus, ProgramEnrollment
from omnicrm.models.sessions import Session

MOST = 1000  # credits that one entry moves
GRACE = timedelta(days=2)  # for saying afterwards who came: only then what ran out is written off

Holding = tuple[UUID, UUID]
"""(contact, program): whose credits, and of what."""


class Movement(BaseModel):
    """One line of the ledger as it is read: `change` is `+5` or `−1`, `left` the balance after it."""

    model_config = ConfigDict(frozen=True)

    id: str
    when: str
    words: str
    detail: str
    change: str
    left: int
    taken_back: bool


def balance(db: Db, contact_id: UUID, program_id: UUID) -> int:
    """The sum of the ledger, counted anew each time; 0 where there is nothing."""
    query = select(func.sum(CreditEntry.delta)).where(
        col(CreditEntry.contact_id) == contact_id, col(CreditEntry.program_id) == program_id
    )
    return db.scalar(query) or 0


def balances(db: Db, contact_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What each client can still use, over all programs: not what ran out, nor what belongs to a cancelled enrolment.

    Clients who never had credits are left out. One statement.
    """
    query = (
        select(col(CreditEntry.contact_id), func.sum(CreditEntry.delta))
        .join(
            ProgramEnrollment,
            (col(ProgramEnrollment.program_id) == col(CreditEntry.program_id))
            & (col(ProgramEnrollment.contact_id) == col(CreditEntry.contact_id)),
        )
        .where(
            col(CreditEntry.contact_id).in_(list(contact_ids)),
            col(ProgramEnrollment.status) != EnrollmentStatus.CANCELLED,
            or_(col(ProgramEnrollment.expires_at).is_(None), col(ProgramEnrollment.expires_at) > clock.now()),
        )
        .group_by(col(CreditEntry.contact_id))
    )
    return {contact_id: int(left) for contact_id, left in db.execute(query)}


def grant(
    db: Db, contact_id: UUID, program_id: UUID, number: int, *, note: str = "", expires_at: datetime | None = None
) -> CreditEntry:
    """Credits that were bought. They hold until `expires_at` (None: without end), and so do those that are still
    there, unless they hold longer already.

    Raises NotFound for who is not enrolled, Invalid for a number that is not between 1 and 1000.
    """
    _countable(number)
    enrollment = locked(db, contact_id, program_id)
    _run_out(db, enrollment)
    _hold_until(db, enrollment, expires_at)
    return add(db, (contact_id, program_id), number, CreditReason.PURCHASE, note=note)


def adjust(
    db: Db, contact_id: UUID, program_id: UUID, delta: int, *, note: str, allow_negative: bool = False
) -> CreditEntry:
    """Put right by hand, up or down; `note` says why.

    Raises NotFound, Invalid without a note or number, Refused for more of what ran out, Conflict (override
    `allow_negative`) where less than nothing would be left.
    """
    if not note.strip():
        raise Invalid(fields={"note": "Say why, for whoever reads this later."})
    _countable(abs(delta))
    enrollment = locked(db, contact_id, program_id)
    if delta > 0 and _is_over(enrollment):
        raise Refused("These credits ran out. Give them a later date first.")
    left = balance(db, contact_id, program_id)
    if left + delta < 0 and delta < 0 and not allow_negative:
        raise Conflict(f"Only {counted(left, 'credit')} left.", override="allow_negative")
    return add(db, (contact_id, program_id), delta, CreditReason.ADJUST, note=note)


def transfer(db: Db, giver: Holding, taker: Holding, number: int, *, note: str = "") -> tuple[UUID, UUID]:
    """Move credits to another client or program; both sides are written, and they hold as long as they did. Gives the
    two entries, for `reverse`.

    Raises NotFound where one is not enrolled, Invalid for one and the same, Refused for more than there is.
    """
    _countable(number)
    if giver == taker:
        raise Invalid("That is one and the same place.")
    both = {holding: locked(db, *holding) for holding in sorted((giver, taker))}
    for enrollment in both.values():
        _run_out(db, enrollment)
    left = balance(db, *giver)
    if left < number:
        raise Refused(f"Only {counted(max(left, 0), 'credit')} left to move.")
    _hold_until(db, both[taker], both[giver].expires_at)
    given = add(db, giver, -number, CreditReason.TRANSFER, note=note)
    taken = add(db, taker, number, CreditReason.TRANSFER, note=note)
    return given.id, taken.id


def reverse(db: Db, entry_ids: Iterable[UUID], *, note: str = "Taken back", allow_negative: bool = False) -> int:
    """Take entries back by their opposites, each once: what was taken back before stays as it is. Gives how many.

    Entries that follow a session are put right with the session, never here. Raises NotFound, Refused for those,
    Conflict (override `allow_negative`) where the credits were used meanwhile.
    """
    keys = set(entry_ids)
    entries = db.scalars(select(CreditEntry).where(col(CreditEntry.id).in_(keys))).all()
    if len(entries) < len(keys):
        raise NotFound("This entry no longer exists.")
    for holding in sorted({(entry.contact_id, entry.program_id) for entry in entries}):
        locked(db, *holding)
    gone = set(db.scalars(select(col(CreditEntry.reverses_id)).where(col(CreditEntry.reverses_id).in_(keys))))
    todo = [entry for entry in entries if entry.id not in gone]
    for entry in todo:
        if entry.session_id is not None or entry.reverses_id is not None or entry.reason is CreditReason.EXPIRE:
            raise Refused("This follows from something else. Put that right instead.")
        holding = (entry.contact_id, entry.program_id)
        if entry.delta > 0 and balance(db, *holding) < entry.delta and not allow_negative:
            raise Conflict("Some of these credits are used already.", override="allow_negative")
        add(db, holding, -entry.delta, entry.reason, note=note, reverses_id=entry.id)
    return len(todo)


def expire(db: Db) -> int:
    """Write off what ran out two days ago or earlier, each once. Gives the number of enrolments.

    Until then a session that was in time can still be paid by it, when it is said late who came.
    """
    query = (
        select(ProgramEnrollment)
        .where(col(ProgramEnrollment.expires_at) <= clock.now() - GRACE)
        .where(_left_of_row() > 0)
        .order_by(col(ProgramEnrollment.contact_id), col(ProgramEnrollment.program_id))
        .with_for_update()
    )
    return sum(_run_out(db, enrollment) for enrollment in db.scalars(query))


def extend(db: Db, contact_id: UUID, program_id: UUID, expires_at: datetime | None) -> int:
    """Another end (None: none). What was written off when they ran out last comes back where the new end is to come.
    Gives how many. Raises NotFound.
    """
    enrollment = locked(db, contact_id, program_id)
    enrollment.expires_at = expires_at
    db.flush()
    if _is_over(enrollment):
        return 0
    lost = select(CreditEntry).where(
        col(CreditEntry.contact_id) == contact_id,
        col(CreditEntry.program_id) == program_id,
        col(CreditEntry.reason).in_((CreditReason.EXPIRE, CreditReason.PURCHASE)),
    )
    last = db.scalars(lost.order_by(col(CreditEntry.created_at).desc(), col(CreditEntry.id).desc()).limit(1)).first()
    if last is None or last.reason is not CreditReason.EXPIRE or last.reverses_id is not None:
        return 0
    add(db, (contact_id, program_id), -last.delta, CreditReason.EXPIRE, reverses_id=last.id)
    return -last.delta


def history(db: Db, contact_id: UUID, program_id: UUID, *, limit: int = 50) -> list[Movement]:
    """The newest first, each with the balance that it left behind."""
    running: Any = func.sum(CreditEntry.delta).over(order_by=(col(CreditEntry.created_at), col(CreditEntry.id)))
    back = select(col(CreditEntry.reverses_id)).where(col(CreditEntry.reverses_id).is_not(None))
    back = back.where(col(CreditEntry.contact_id) == contact_id, col(CreditEntry.program_id) == program_id)
    was_taken_back: Any = col(CreditEntry.id).in_(back)
    query = (
        select(CreditEntry, running, col(Session.title), col(Session.scheduled_at), was_taken_back)
        .outerjoin(Session, col(Session.id) == col(CreditEntry.session_id))
        .where(col(CreditEntry.contact_id) == contact_id, col(CreditEntry.program_id) == program_id)
        .order_by(col(CreditEntry.created_at).desc(), col(CreditEntry.id).desc())
        .limit(min(limit, 200))
    )
    viewer = practice.of(db).viewer()
    return [
        Movement(
            id=str(entry.id),
            when=viewer.since(entry.created_at),
            words=f"{CREDITS[entry.reason]}, taken back" if entry.reverses_id else CREDITS[entry.reason],
            detail=entry.note or (f"{title}, {viewer.day(at)}" if title and at else ""),
            change=f"+{entry.delta}" if entry.delta > 0 else f"−{-entry.delta}",
            left=left,
            taken_back=taken_back,
        )
        for entry, left, title, at, taken_back in db.execute(query)
    ]


def locked(db: Db, contact_id: UUID, program_id: UUID) -> ProgramEnrollment:
    """The enrolment, held until the end of the transaction: whoever adds entries comes one after the other.

    Raises NotFound.
    """
    enrollment = db.get(ProgramEnrollment, (program_id, contact_id), with_for_update=True, populate_existing=True)
    if enrollment is None:
        raise NotFound("This client is not in this program.")
    return enrollment


def add(
    db: Db,
    holding: Holding,
    delta: int,
    reason: CreditReason,
    *,
    session_id: UUID | None = None,
    note: str = "",
    reverses_id: UUID | None = None,
) -> CreditEntry:
    """One more entry. The enrolment is locked by the caller, who has looked at the balance."""
    entry = CreditEntry(
        contact_id=holding[0],
        program_id=holding[1],
        session_id=session_id,
        delta=delta,
        reason=reason,
        note=note.strip()[:500] or None,
        reverses_id=reverses_id,
        created_at=clock.now(),
    )
    db.add(entry)
    db.flush()
    return entry


def _run_out(db: Db, enrollment: ProgramEnrollment) -> bool:
    """The locked enrolment's credits go where their time is over. Whether there were any."""
    if not _is_over(enrollment):
        return False
    holding = (enrollment.contact_id, enrollment.program_id)
    left = balance(db, *holding)
    if left > 0:
        add(db, holding, -left, CreditReason.EXPIRE)
    return left > 0


def _is_over(enrollment: ProgramEnrollment) -> bool:
    return enrollment.expires_at is not None and enrollment.expires_at <= clock.now()


def _hold_until(db: Db, enrollment: ProgramEnrollment, expires_at: datetime | None) -> None:
    """Credits that come in never shorten how long those that are there hold."""
    if balance(db, enrollment.contact_id, enrollment.program_id) <= 0:
        enrollment.expires_at = expires_at
    elif enrollment.expires_at is not None:
        enrollment.expires_at = None if expires_at is None else max(expires_at, enrollment.expires_at)


def _left_of_row() -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(CreditEntry.delta), 0))
        .where(
            col(CreditEntry.contact_id) == col(ProgramEnrollment.contact_id),
            col(CreditEntry.program_id) == col(ProgramEnrollment.program_id),
        )
        .scalar_subquery()
    )


def _countable(number: int) -> None:
    if not 1 <= number <= MOST:
        raise Invalid(fields={"credits": f"A number between 1 and {MOST}."})
