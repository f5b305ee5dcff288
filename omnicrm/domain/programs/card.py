"""A program's page: four figures, the people with what they came to and what they have left, the money."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import case, func, select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import practice
from omnicrm.domain.programs import listing
from omnicrm.domain.programs.editing import get, is_course
from omnicrm.domain.programs.held import CAME, Held, of_program, window
from omnicrm.domain.programs.people import RECEIVED
from omnicrm.domain.words import PAYMENTS, PROGRAMS
from omnicrm.models.contacts import Contact
from omnicrm.models.payments import Payment, Refund
from omnicrm.models.programs import CreditEntry, CreditReason, EnrollmentStatus, Program, ProgramEnrollment
from omnicrm.models.services import Service
from omnicrm.models.sessions import AttendanceStatus, Session, SessionAttendee

_INSIDE = (EnrollmentStatus.ACTIVE, EnrollmentStatus.PAUSED, EnrollmentStatus.COMPLETED)


class Figure(BaseModel):
    model_config = ConfigDict(frozen=True)

    value: str
    words: str


class Column(BaseModel):
    """A session above the table: `next` is the one to come."""

    model_config = ConfigDict(frozen=True)

    id: str
    day: str
    next: bool


class PaymentLine(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    contact_id: str
    who: str
    amount: str
    method: str
    when: str
    status_label: str
    status_icon: str
    status_tone: str


class ProgramCard(BaseModel):
    """The head of the page."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    name: str
    course: bool
    about: str
    description: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    figures: list[Figure]
    columns: list[Column]
    with_credits: bool
    with_price: bool
    people: int
    left: int  # people who are out
    sessions: int
    payments: int


def card(db: Db, program_id: UUID) -> ProgramCard:
    """A fixed number of statements, however many are in it. Raises NotFound."""
    program = get(db, program_id)
    service = db.get(Service, program.service_id) if program.service_id is not None else None
    viewer = practice.of(db).viewer()
    course = is_course(program)
    held = of_program(db, program_id)
    people = _people(db, program_id)
    bought, used = _credits(db, program_id)
    inside = sum(people[status] for status in _INSIDE)
    paid, number = _paid(db, program)
    status = PROGRAMS[program.status]
    middle = _held_figure(program, held, viewer) if course else _used_figure(bought, used)
    figures = [_people_figure(program, inside), middle]
    if program.price is not None:
        copies = inside if course else bought // (program.credits_per_enrollment or 1)
        figures.append(_paid_figure(program, paid, copies, viewer))
    if (came := _came(db, program_id)) is not None:
        figures.append(Figure(value=f"{came} %", words="came to their sessions"))
    return ProgramCard(
        id=str(program.id),
        version=program.version,
        name=program.name,
        course=course,
        about=_about(program, service.name if service else None, held, viewer),
        description=program.description or "",
        status=program.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
        figures=figures,
        columns=_columns(held, viewer) if course else [],
        with_credits=bool(program.credits_per_enrollment or bought),
        with_price=program.price is not None,
        people=inside,
        left=people[EnrollmentStatus.CANCELLED],
        sessions=len(held) if course else used,
        payments=number,
    )


def payments(db: Db, program_id: UUID, *, limit: int = 50) -> list[PaymentLine]:
    """What was paid for the program, the newest first."""
    query = (
        select(Payment, col(Contact.display_name))
        .outerjoin(Contact, col(Contact.id) == col(Payment.contact_id))
        .where(col(Payment.program_id) == program_id)
        .order_by(col(Payment.paid_at).desc().nulls_last(), col(Payment.id).desc())
        .limit(min(limit, 200))
    )
    viewer = practice.of(db).viewer()
    return [
        PaymentLine(
            id=str(payment.id),
            contact_id=str(payment.contact_id or ""),
            who=who or "Somebody who was erased",
            amount=viewer.money(Money(payment.amount, payment.currency)),
            method=payment.method or "",
            when=viewer.since(payment.paid_at or payment.created_at),
            status_label=PAYMENTS[payment.status].label,
            status_icon=PAYMENTS[payment.status].icon,
            status_tone=PAYMENTS[payment.status].tone,
        )
        for payment, who in db.execute(query)
    ]


def _columns(held: list[Held], viewer: Viewer) -> list[Column]:
    coming = next((one.id for one in held if one.at > viewer.now), None)
    return [
        Column(id=str(one.id), day=viewer.short_date(one.at), next=one.id == coming) for one in window(held, viewer.now)
    ]


def _people(db: Db, program_id: UUID) -> Counter[EnrollmentStatus]:
    query = (
        select(col(ProgramEnrollment.status), func.count())
        .where(col(ProgramEnrollment.program_id) == program_id)
        .group_by(col(ProgramEnrollment.status))
    )
    return Counter({status: number for status, number in db.execute(query)})


def _credits(db: Db, program_id: UUID) -> tuple[int, int]:
    """Bought and used, over all who are or were in it."""
    of_sessions = (CreditReason.ATTENDANCE, CreditReason.NO_SHOW, CreditReason.LATE_CANCEL, CreditReason.RESTORE)
    reason, delta = col(CreditEntry.reason), CreditEntry.delta
    query = (
        select(
            func.coalesce(func.sum(delta).filter(reason == CreditReason.PURCHASE), 0),
            func.coalesce(-func.sum(delta).filter(reason.in_(of_sessions)), 0),
        )
        .select_from(ProgramEnrollment)
        .join(
            CreditEntry,
            (col(CreditEntry.contact_id) == col(ProgramEnrollment.contact_id))
            & (col(CreditEntry.program_id) == col(ProgramEnrollment.program_id)),
        )
        .where(col(ProgramEnrollment.program_id) == program_id)
    )
    bought, used = db.execute(query).one()
    return int(bought), int(used)


def _came(db: Db, program_id: UUID) -> int | None:
    """Per cent of the places marked where somebody came; None before anybody was marked."""
    marked = (*CAME, AttendanceStatus.NO_SHOW)
    status = col(SessionAttendee.attendance_status)
    query = (
        select(func.count().filter(status.in_(CAME)), func.count())
        .select_from(Session)
        .join(SessionAttendee, col(SessionAttendee.session_id) == col(Session.id))
        .where(col(Session.program_id) == program_id, status.in_(marked))
    )
    came, all_ = db.execute(query).one()
    return round(100 * came / all_) if all_ else None


def _paid(db: Db, program: Program) -> tuple[Decimal, int]:
    """What came in, less what went back, in the program's currency; and how many payments there are."""
    back = (
        select(func.coalesce(func.sum(Refund.amount), 0))
        .where(col(Refund.payment_id) == col(Payment.id))
        .scalar_subquery()
    )
    counts = (col(Payment.status).in_(RECEIVED)) & (col(Payment.currency) == program.currency)
    query = select(func.coalesce(func.sum(case((counts, Payment.amount - back), else_=0)), 0), func.count()).where(
        col(Payment.program_id) == program.id
    )
    amount, number = db.execute(query).one()
    return Decimal(amount), number


def _people_figure(program: Program, inside: int) -> Figure:
    if program.capacity is None:
        return Figure(value=str(inside), words="enrolled")
    free = program.capacity - inside
    words = "full" if free == 0 else f"{counted(free, 'place')} free" if free > 0 else f"{-free} more than places"
    return Figure(value=f"{inside} of {program.capacity}", words=f"enrolled, {words}")


def _held_figure(program: Program, held: list[Held], viewer: Viewer) -> Figure:
    total = program.total_sessions or len(held)
    done = sum(one.at <= viewer.now for one in held)
    coming = next((one for one in held if one.at > viewer.now), None)
    words = f"held, next {viewer.near_day(coming.at)}" if coming else "held, none to come"
    return Figure(value=f"{done} of {counted(total, 'session')}", words=words)


def _used_figure(bought: int, used: int) -> Figure:
    return Figure(value=f"{used} of {counted(bought, 'credit')}", words="used")


def _paid_figure(program: Program, paid: Decimal, copies: int, viewer: Viewer) -> Figure:
    due = (program.price or Decimal(0)) * copies
    words = f"paid of {viewer.money(Money(due, program.currency))}"
    return Figure(value=viewer.money(Money(paid, program.currency)), words=words)


def _about(program: Program, service: str | None, held: list[Held], viewer: Viewer) -> str:
    """`Wednesdays 18:00, 4 Nov to 9 Dec, €290.00`, `5 sessions of Deep tissue massage, for 180 days, €400.00`."""
    rhythm = {(f"{viewer.local(one.at):%A}s", viewer.time(one.at)) for one in held}
    regular = " ".join(rhythm.pop()) if len(rhythm) == 1 and len(held) > 1 else ""
    good = listing.good_for(program, service)
    days = f"for {counted(program.valid_days, 'day')}" if program.valid_days and good else ""
    parts = (regular, listing.dates(program, viewer), good, days, listing.price(program, viewer))
    return ", ".join(part for part in parts if part)
