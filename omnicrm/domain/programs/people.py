"""The people of a program: what they came to, what they have left, what they paid."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ScalarSelect, func, or_, select, tuple_
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer
from omnicrm.domain import practice
from omnicrm.domain.contacts import facts
from omnicrm.domain.programs import listing
from omnicrm.domain.programs.editing import get, is_course
from omnicrm.domain.programs.held import CAME, Held, of_program, window
from omnicrm.domain.words import ENROLLMENTS
from omnicrm.models.contacts import Contact
from omnicrm.models.payments import Payment, PaymentStatus, Refund
from omnicrm.models.programs import CreditEntry, CreditReason, EnrollmentStatus, Program, ProgramEnrollment
from omnicrm.models.sessions import Session, SessionAttendee, SessionStatus

RECEIVED = (PaymentStatus.PAID, PaymentStatus.REFUNDED)  # what went back stands in refunds


class PersonRow(BaseModel):
    """One enrolment. `marks` are present, late, no_show or open, one a column; `progress` is `3 of 6`, `percent` its
    bar; `credits` what is left, empty in a course without them."""

    model_config = ConfigDict(frozen=True)

    contact_id: str
    name: str
    initials: str
    marks: list[str]
    marks_words: str
    progress: str
    percent: int
    credits: str
    credits_tone: str
    until: str
    renew: bool
    paid: str
    paid_label: str
    paid_icon: str
    paid_tone: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str


class People(BaseModel):
    """`next` goes into `after` for the following page; empty at the end."""

    model_config = ConfigDict(frozen=True)

    rows: list[PersonRow]
    next: str


def people(db: Db, program_id: UUID, *, out: bool = False, after: str = "", limit: int = 50) -> People:
    """Who is in it (`out`: who left), by name, the next page after the cursor `after`. Raises NotFound, Invalid."""
    program = get(db, program_id)
    limit = max(1, min(limit, 200))
    enrolled = ProgramEnrollment
    query = (
        select(enrolled, Contact, _left(), _bought(), _paid_by(program), _attended())
        .join(Contact, col(Contact.id) == col(enrolled.contact_id))
        .where(
            col(enrolled.program_id) == program_id,
            (col(enrolled.status) == EnrollmentStatus.CANCELLED) == out,
        )
    )
    if after:
        query = query.where(tuple_(col(Contact.display_name), col(Contact.id)) > listing.position(after))
    found = db.execute(query.order_by(col(Contact.display_name), col(Contact.id)).limit(limit + 1)).all()
    sittings = of_program(db, program_id) if is_course(program) else []
    shown = window(sittings, practice.of(db).viewer().now)
    marks = _marks(db, [one.id for one in shown], [row[1].id for row in found[:limit]])
    viewer = practice.of(db).viewer()
    total = program.total_sessions or len(sittings)
    rows = [_person(viewer, program, total, shown, marks, *one) for one in found[:limit]]
    more = found[limit - 1][1] if len(found) > limit else None
    return People(rows=rows, next=listing.cursor(more.display_name, more.id) if more else "")


def _marks(db: Db, sessions: list[UUID], people: list[UUID]) -> dict[tuple[UUID, UUID], str]:
    query = select(
        col(SessionAttendee.session_id), col(SessionAttendee.contact_id), col(SessionAttendee.attendance_status)
    ).where(col(SessionAttendee.session_id).in_(sessions), col(SessionAttendee.contact_id).in_(people))
    return {(session, person): status.value for session, person, status in db.execute(query)}


def _left() -> ScalarSelect[Any]:
    return _sum_of_row(None)


def _bought() -> ScalarSelect[Any]:
    return _sum_of_row(CreditReason.PURCHASE)


def _sum_of_row(reason: CreditReason | None) -> ScalarSelect[Any]:
    query = select(func.sum(CreditEntry.delta)).where(
        col(CreditEntry.contact_id) == col(ProgramEnrollment.contact_id),
        col(CreditEntry.program_id) == col(ProgramEnrollment.program_id),
    )
    if reason is not None:
        query = query.where(col(CreditEntry.reason) == reason)
    return query.correlate(ProgramEnrollment).scalar_subquery()


def _paid_by(program: Program) -> ScalarSelect[Any]:
    back = (
        select(func.coalesce(func.sum(Refund.amount), 0))
        .where(col(Refund.payment_id) == col(Payment.id))
        .correlate(Payment)
        .scalar_subquery()
    )
    return (
        select(func.sum(Payment.amount - back))
        .where(
            col(Payment.contact_id) == col(ProgramEnrollment.contact_id),
            col(Payment.program_id) == program.id,
            col(Payment.currency) == program.currency,
            col(Payment.status).in_(RECEIVED),
        )
        .correlate(ProgramEnrollment)
        .scalar_subquery()
    )


def _attended() -> ScalarSelect[Any]:
    """Sessions of the program that the client came to: classes, and sessions of their own."""
    came = (
        select(col(SessionAttendee.session_id))
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.contact_id) == col(ProgramEnrollment.contact_id),
            col(SessionAttendee.attendance_status).in_(CAME),
        )
        .correlate(Session, ProgramEnrollment)
        .exists()
    )
    own = (col(Session.contact_id) == col(ProgramEnrollment.contact_id)) & (
        col(Session.status) == SessionStatus.COMPLETED
    )
    return (
        select(func.count())
        .select_from(Session)
        .where(col(Session.program_id) == col(ProgramEnrollment.program_id), or_(own, came))
        .correlate(ProgramEnrollment)
        .scalar_subquery()
    )


def _person(
    viewer: Viewer,
    program: Program,
    total: int,
    shown: list[Held],
    marks: dict[tuple[UUID, UUID], str],
    enrollment: ProgramEnrollment,
    contact: Contact,
    left: int | None,
    bought: int | None,
    paid: Decimal | None,
    attended: int,
) -> PersonRow:
    status = ENROLLMENTS[enrollment.status]
    course = is_course(program)
    over = enrollment.expires_at is not None and enrollment.expires_at <= viewer.now
    usable = None if left is None else 0 if over else left
    words, tone = facts.credits_words(usable)
    done, of = (attended, total) if course else (max((bought or 0) - (left or 0), 0), bought or 0)
    row_marks = [_mark(one, contact.id, marks) for one in shown]
    label, icon, paid_tone = _payment(program, paid or Decimal(0), 1 if course else _copies(program, bought))
    return PersonRow(
        contact_id=str(contact.id),
        name=contact.display_name,
        initials=show.initials(contact.display_name),
        marks=row_marks,
        marks_words=_marks_words(row_marks),
        progress=f"{done} of {of}" if of else "",
        percent=min(100, round(100 * done / of)) if of else 0,
        credits=words,
        credits_tone=tone,
        until=_until(enrollment, viewer, over=over, left=left),
        renew=not course and usable is not None and usable <= 0 and enrollment.status is EnrollmentStatus.ACTIVE,
        paid=viewer.money(Money(paid, program.currency)) if paid else "",
        paid_label=label,
        paid_icon=icon,
        paid_tone=paid_tone,
        status=enrollment.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
    )


def _mark(session: Held, contact_id: UUID, marks: dict[tuple[UUID, UUID], str]) -> str:
    if session.contact_id == contact_id:
        said = {SessionStatus.COMPLETED: "present", SessionStatus.NO_SHOW: "no_show"}
        return said.get(session.status, "registered")
    return marks.get((session.id, contact_id), "none")


def _marks_words(marks: list[str]) -> str:
    """For who does not see the marks: `2 present, 1 late, 3 open`."""
    number = Counter(marks)
    words = (("present", "present"), ("late", "late"), ("no_show", "no-show"), ("cancelled", "called off"))
    said = [f"{number[key]} {word}" for key, word in words if number[key]]
    still = number["registered"] + number["none"]
    return ", ".join([*said, f"{still} open"] if still else said)


def _until(enrollment: ProgramEnrollment, viewer: Viewer, *, over: bool, left: int | None) -> str:
    """`until 4 Feb`: the last day on which credits hold."""
    if enrollment.expires_at is None or left is None:
        return ""
    last = enrollment.expires_at - timedelta(minutes=1)
    return f"ran out {viewer.short_date(last)}" if over else f"until {viewer.short_date(last)}"


def _copies(program: Program, bought: int | None) -> int:
    return max(1, (bought or 0) // (program.credits_per_enrollment or 1))


def _payment(program: Program, paid: Decimal, copies: int) -> tuple[str, str, str]:
    """(word, icon, tone) of what was paid for the price."""
    if not program.price:
        return "", "", "quiet"
    if paid >= program.price * copies:
        return "Paid", "circle-check", "ok"
    return ("Part paid", "circle-dashed", "wait") if paid > 0 else ("Not paid", "circle", "quiet")
