"""Facts about a client that several pages show, as subqueries: next and last session, what is owed, credits left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlmodel import col

from omnicrm.models.invoices import Invoice, InvoiceStatus
from omnicrm.models.notes import Note
from omnicrm.models.programs import CreditEntry, EnrollmentStatus, ProgramEnrollment
from omnicrm.models.sessions import AttendanceStatus, Session, SessionAttendee, SessionStatus

UNPAID = (InvoiceStatus.SENT, InvoiceStatus.PARTIALLY_PAID, InvoiceStatus.OVERDUE)
_COMING = (SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL)
BEEN = (*_COMING, SessionStatus.COMPLETED)
ABSENT = (AttendanceStatus.CANCELLED, AttendanceStatus.NO_SHOW)


def next_session(contact_id: Any, now: datetime) -> ColumnElement[Any]:
    """When the client comes next, to a session of their own or a class."""
    return func.least(*_times(func.min, contact_id, col(Session.scheduled_at) >= now, _COMING))


def last_session(contact_id: Any, now: datetime) -> ColumnElement[Any]:
    """When the client was there last, at a session of their own or a class."""
    return func.greatest(*_times(func.max, contact_id, col(Session.scheduled_at) < now, BEEN))


def _times(pick: Any, contact_id: Any, when: ColumnElement[bool], statuses: Any) -> tuple[ScalarSelect[Any], ...]:
    """Of their own sessions, and of the classes where they have a place."""
    live = (when, col(Session.status).in_(statuses))
    own = select(pick(Session.scheduled_at)).where(col(Session.contact_id) == contact_id, *live)
    classes = (
        select(pick(Session.scheduled_at))
        .select_from(SessionAttendee)
        .join(Session, col(Session.id) == col(SessionAttendee.session_id))
        .where(
            col(SessionAttendee.contact_id) == contact_id,
            col(SessionAttendee.attendance_status).not_in(ABSENT),
            col(Session.contact_id).is_(None),
            *live,
        )
    )
    return own.scalar_subquery(), classes.scalar_subquery()


def owed(contact_id: Any, currency: str | ColumnElement[str]) -> ScalarSelect[Any]:
    """What is open on the client's invoices in `currency`; NULL for nothing."""
    return (
        select(func.sum(Invoice.total - Invoice.amount_paid))
        .where(
            col(Invoice.contact_id) == contact_id,
            col(Invoice.status).in_(UNPAID),
            col(Invoice.currency) == currency,
        )
        .scalar_subquery()
    )


def credits(contact_id: Any, now: datetime | ColumnElement[datetime]) -> ScalarSelect[int]:
    """Credits left in enrolments that have not run out and are not cancelled; NULL where the client never had any."""
    return (
        select(func.sum(CreditEntry.delta))
        .join(
            ProgramEnrollment,
            (col(ProgramEnrollment.program_id) == col(CreditEntry.program_id))
            & (col(ProgramEnrollment.contact_id) == col(CreditEntry.contact_id)),
        )
        .where(
            col(CreditEntry.contact_id) == contact_id,
            col(ProgramEnrollment.status) != EnrollmentStatus.CANCELLED,
            or_(col(ProgramEnrollment.expires_at).is_(None), col(ProgramEnrollment.expires_at) > now),
        )
        .scalar_subquery()
    )


def last_note(contact_id: Any) -> ScalarSelect[str]:
    """The words of the newest note."""
    return (
        select(col(Note.content))
        .where(col(Note.contact_id) == contact_id)
        .order_by(col(Note.created_at).desc(), col(Note.id).desc())
        .limit(1)
        .scalar_subquery()
    )


def credits_words(left: int | None) -> tuple[str, str]:
    """(`3 credits left`, tone); nothing for a client without credits."""
    if left is None:
        return "", "quiet"
    if left <= 0:
        return "No credits", "bad"
    return ("1 credit left" if left == 1 else f"{left} credits left"), ("wait" if left <= 2 else "quiet")
