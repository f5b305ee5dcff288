"""What the sample practice sells beside single sessions: a package, for some used up, and a course in its weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock, zones
from omnicrm.core.db import Db
from omnicrm.domain import practice
from omnicrm.models.contacts import Contact
from omnicrm.models.payments import Payment, PaymentStatus
from omnicrm.models.programs import CreditEntry, CreditReason, Program, ProgramEnrollment, ProgramStatus
from omnicrm.models.services import Service
from omnicrm.models.sessions import AttendanceStatus, Session, SessionAttendee, SessionStatus

_CREDITS, _DAYS = 5, 180
_WEEKS, _PLACES = 6, 16
_EVENING = time(18, 30)  # after the last single session of a day
# who came in each week of the course: present, late, no-show
_CAME = ("pppppp", "plpppp", "pnpppp", "pppppp", "pppppp", "pnnppp", "pplppp", "pppppp", "ppnppp", "pppppp")
_MARKS = {"p": AttendanceStatus.PRESENT, "l": AttendanceStatus.LATE, "n": AttendanceStatus.NO_SHOW}


def sell(db: Db, services: Sequence[Service], people: Sequence[Contact]) -> None:
    """A package of the first service for those who came to it, a course for ten others. The rows of clients, services
    and sessions are flushed.
    """
    if services and people:
        _packages(db, services[0])
        _course(db, people[-len(_CAME) :])
    db.flush()


def _packages(db: Db, service: Service) -> None:
    """Five clients; for two of them the last credit is used."""
    package = _added(
        db,
        name=f"{_CREDITS} × {service.name}",
        price=(service.price or Decimal(0)) * _CREDITS * Decimal("0.9"),
        credits_per_enrollment=_CREDITS,
        service_id=service.id,
        valid_days=_DAYS,
    )
    came = _came(db, service)
    for place, (contact_id, sessions) in enumerate(list(came.items())[:5]):
        bought = min(sessions)[0] - timedelta(days=2)
        _enrolled(db, package, contact_id, bought, expires_at=bought + timedelta(days=_DAYS))
        _paid(db, package, contact_id, bought, package.price or Decimal(0))
        _entry(db, package, contact_id, _CREDITS, CreditReason.PURCHASE, bought)
        used = sorted(sessions)[: place % 3 + 2]
        for at, session_id in used:
            _entry(db, package, contact_id, -1, CreditReason.ATTENDANCE, at, session_id=session_id)
        if place < 2 and (rest := _CREDITS - len(used)):
            _entry(db, package, contact_id, -rest, CreditReason.ADJUST, used[-1][0], note="Used before OmniCRM")


def _course(db: Db, people: Sequence[Contact]) -> None:
    who = practice.of(db)
    first = who.today() - timedelta(days=who.today().weekday() + 19)  # a Wednesday, about three weeks back
    course = _added(
        db,
        name="Six Weeks to Steady",
        price=Decimal(290),
        start_date=first,
        end_date=first + timedelta(weeks=_WEEKS - 1),
        capacity=_PLACES,
        total_sessions=_WEEKS,
    )
    begun = zones.at_wall(first - timedelta(days=9), time(10), who.zone)
    for place, contact in enumerate(people):
        _enrolled(db, course, contact.id, begun)
        _paid(db, course, contact.id, begun, Decimal(170 if place == 1 else 290))
    for week in range(_WEEKS):
        at = zones.at_wall(first + timedelta(weeks=week), _EVENING, who.zone)
        over = at + timedelta(hours=1) < clock.now()
        session = Session(
            program_id=course.id,
            title=course.name,
            scheduled_at=at,
            duration_minutes=60,
            capacity=_PLACES,
            overlap_allowed=True,
            status=SessionStatus.COMPLETED if over else SessionStatus.SCHEDULED_IN_CRM,
        )
        db.add(session)
        db.flush()
        for contact, marks in zip(people, _CAME, strict=False):
            status = _MARKS[marks[week]] if over else AttendanceStatus.REGISTERED
            db.add(SessionAttendee(session_id=session.id, contact_id=contact.id, attendance_status=status))


def _came(db: Db, service: Service) -> dict[UUID, list[tuple[datetime, UUID]]]:
    """client -> (when, which) of the sessions of `service` that they came to; who came most stands first."""
    query = select(col(Session.contact_id), col(Session.scheduled_at), col(Session.id)).where(
        col(Session.service_id) == service.id,
        col(Session.status) == SessionStatus.COMPLETED,
        col(Session.contact_id).is_not(None),
        col(Session.scheduled_at) > clock.now() - timedelta(days=_DAYS),
    )
    found: dict[UUID, list[tuple[datetime, UUID]]] = {}
    for contact_id, at, key in db.execute(query.order_by(col(Session.scheduled_at), col(Session.id))):
        if contact_id is not None:
            found.setdefault(contact_id, []).append((at, key))
    return dict(sorted(found.items(), key=lambda one: -len(one[1])))


def _added(db: Db, **columns: Any) -> Program:
    program = Program(status=ProgramStatus.ACTIVE, **columns)
    db.add(program)
    db.flush()
    return program


def _enrolled(db: Db, program: Program, contact_id: UUID, at: datetime, *, expires_at: datetime | None = None) -> None:
    db.add(ProgramEnrollment(program_id=program.id, contact_id=contact_id, enrollment_date=at, expires_at=expires_at))
    db.flush()


def _entry(
    db: Db,
    program: Program,
    contact_id: UUID,
    delta: int,
    reason: CreditReason,
    at: datetime,
    *,
    session_id: UUID | None = None,
    note: str | None = None,
) -> None:
    db.add(
        CreditEntry(
            contact_id=contact_id,
            program_id=program.id,
            session_id=session_id,
            delta=delta,
            reason=reason,
            note=note,
            created_at=at,
        )
    )


def _paid(db: Db, program: Program, contact_id: UUID, at: datetime, amount: Decimal) -> None:
    if amount > 0:
        db.add(
            Payment(
                contact_id=contact_id,
                program_id=program.id,
                amount=amount,
                currency=program.currency,
                status=PaymentStatus.PAID,
                method="card",
                paid_at=at,
            )
        )
