"""Courses and packages, who is enrolled, and the credits they hold."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, text

from omnicrm.models.base import Editable, Owned, Table, amount, currency, flag, instant, one_of, owned_by, word


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
    """A course with dates, or a package: credits without dates.

    Credits of a course pay for its own sessions, those of a package for sessions of its service (of any, without one).
    They hold for `valid_days` from the purchase.
    """

    __tablename__ = "programs"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        owned_by("services", "service_id", on_delete="SET NULL"),
        one_of("status", ProgramStatus),
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint("end_date >= start_date", name="dates"),
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("valid_days >= 1", name="valid_days"),
        Index("ix_programs_listed", "user_id", "status", "name", "id"),
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
    service_id: UUID | None = None
    valid_days: int | None = None
    no_show_uses_credit: bool = flag(True)
    late_cancel_uses_credit: bool = flag(True)


class ProgramEnrollment(Owned, table=True):
    """A client in a program. Bought twice, it is one enrolment with another `purchase` entry."""

    __tablename__ = "program_enrollments"
    __table_args__ = (
        PrimaryKeyConstraint("program_id", "contact_id"),
        UniqueConstraint("user_id", "contact_id", "program_id"),
        owned_by("programs", "program_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        one_of("status", EnrollmentStatus),
        Index(
            "ix_program_enrollments_running_out",
            "user_id",
            "expires_at",
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
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
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("user_id", "reverses_id"),  # taken back once
        owned_by("credit_entries", "reverses_id", on_delete="CASCADE"),
        ForeignKeyConstraint(
            ["user_id", "contact_id", "program_id"],
            ["program_enrollments.user_id", "program_enrollments.contact_id", "program_enrollments.program_id"],
            ondelete="CASCADE",
            onupdate="CASCADE",  # merging two contacts moves the enrolment, and its credits with it
        ),
        owned_by("sessions", "session_id", on_delete="SET NULL"),
        one_of("reason", CreditReason),
        CheckConstraint("delta <> 0", name="delta"),
        Index("ix_credit_entries_when", "user_id", "created_at"),
        Index("ix_credit_entries_enrollment", "user_id", "contact_id", "program_id", "created_at"),
    )

    contact_id: UUID
    program_id: UUID
    session_id: UUID | None = None
    delta: int
    reason: CreditReason = word(CreditReason)
    note: str | None = None
    reverses_id: UUID | None = None
