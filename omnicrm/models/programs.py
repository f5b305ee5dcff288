"""Courses and packages, who is enrolled, and the credits they hold."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint

from omnicrm.models.base import Editable, Owned, Table, amount, currency, instant, one_of, owned_by, word


class ProgramStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class EnrollmentStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CreditReason(StrEnum):
    PURCHASE = "purchase"
    ATTENDANCE = "attendance"
    NO_SHOW = "no_show"
    LATE_CANCEL = "late_cancel"
    RESTORE = "restore"
    ADJUST = "adjust"
    TRANSFER = "transfer"
    EXPIRE = "expire"


class Program(Editable, table=True):
    """A course, or a package of sessions."""

    __tablename__ = "programs"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        one_of("status", ProgramStatus),
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint("end_date >= start_date", name="dates"),
        CheckConstraint("capacity >= 1", name="capacity"),
    )

    name: str
    description: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    price: Decimal | None = amount(null=True)
    currency: str = currency()
    status: ProgramStatus = word(ProgramStatus, ProgramStatus.DRAFT)
    capacity: int | None = None
    total_sessions: int | None = None
    credits_per_enrollment: int | None = None


class ProgramEnrollment(Owned, table=True):
    """A client in a program. Bought twice, it is one enrolment with another `purchase` entry."""

    __tablename__ = "program_enrollments"
    __table_args__ = (
        PrimaryKeyConstraint("program_id", "contact_id"),
        UniqueConstraint("user_id", "contact_id", "program_id"),
        owned_by("programs", "program_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        one_of("status", EnrollmentStatus),
    )

    program_id: UUID
    contact_id: UUID
    enrollment_date: datetime | None = instant(null=True, default="now()")
    status: EnrollmentStatus = word(EnrollmentStatus, EnrollmentStatus.ACTIVE)
    completion_date: datetime | None = instant(null=True)
    expires_at: datetime | None = instant(null=True)


class CreditEntry(Table, table=True):
    """One movement of credits; append-only, the balance is the sum."""

    __tablename__ = "credit_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "contact_id", "program_id"],
            ["program_enrollments.user_id", "program_enrollments.contact_id", "program_enrollments.program_id"],
            ondelete="CASCADE",
            onupdate="CASCADE",  # merging two contacts moves the enrolment, and its credits with it
        ),
        owned_by("sessions", "session_id", on_delete="SET NULL"),
        one_of("reason", CreditReason),
        CheckConstraint("delta <> 0", name="delta"),
        Index("ix_credit_entries_enrollment", "user_id", "contact_id", "program_id", "created_at"),
    )

    contact_id: UUID
    program_id: UUID
    session_id: UUID | None = None
    delta: int
    reason: CreditReason = word(CreditReason)
    note: str | None = None
