"""Appointments and classes, who comes, series, reminders and the waitlist."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from omnicrm.models.base import (
    Editable,
    Owned,
    Table,
    flag,
    instant,
    json_object,
    json_value,
    number,
    one_of,
    owned_by,
    plain,
    word,
)


class SessionStatus(StrEnum):
    PENDING_AI_CONFIRMATION = "pending_ai_confirmation"  # held for an approval: blocks nothing, counts nowhere
    SCHEDULED_IN_CRM = "scheduled_in_crm"
    SYNCED_TO_GCAL = "synced_to_gcal"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


LIVE = (SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL)
"""Statuses that keep others out: the overlap constraint is over these."""

DEFAULT_MINUTES = 60
"""How long a session without a duration is taken to last."""


class CancelledBy(StrEnum):
    PRACTITIONER = "practitioner"
    CLIENT = "client"
    GOOGLE = "google"


class AttendanceStatus(StrEnum):
    REGISTERED = "registered"
    PRESENT = "present"
    LATE = "late"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class ReminderStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class ReminderChannel(StrEnum):
    EMAIL = "email"


class SessionSeries(Editable, table=True):
    """A recurring session: an RFC 5545 rule in a zone, and what each instance is made from."""

    __tablename__ = "session_series"
    __table_args__ = (UniqueConstraint("user_id", "id"),)

    rrule: str
    time_zone: str
    starts_on: date
    ends_on: date | None = None
    template: dict[str, Any] = json_object()
    undo_log: dict[str, Any] | None = json_value()  # what the last change of the whole series is taken back to


class Session(Editable, table=True):
    """An appointment or a class.

    Two live sessions of a practitioner do not overlap unless one says `overlap_allowed`; back-to-back is fine
    (exclusion constraint `ex_sessions_overlap`, SQLSTATE 23P01).
    """

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("user_id", "google_calendar_id", "google_calendar_event_id"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        owned_by("programs", "program_id", on_delete="SET NULL"),
        owned_by("services", "service_id", on_delete="SET NULL"),
        owned_by("session_series", "series_id", on_delete="SET NULL"),
        one_of("status", SessionStatus),
        one_of("cancelled_by", CancelledBy),
        ExcludeConstraint(
            ("user_id", "="),
            (text("session_span(scheduled_at, duration_minutes)"), "&&"),
            name="ex_sessions_overlap",
            where=text("status IN ('scheduled_in_crm', 'synced_to_gcal') AND NOT overlap_allowed"),
        ),
        CheckConstraint("btrim(title) <> ''", name="title"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 20160", name="duration_minutes"),
        CheckConstraint("capacity >= 1", name="capacity"),
        Index("ix_sessions_when", "user_id", "scheduled_at", "id"),
        Index("ix_sessions_of_contact", "user_id", "contact_id", "scheduled_at"),
        Index(
            "uq_sessions_series_instance",
            "user_id",
            "series_id",
            "original_start_at",
            unique=True,
            postgresql_where=text("series_id IS NOT NULL"),
        ),
    )

    contact_id: UUID | None = None  # None: a class (capacity above 1, see SessionAttendee), or an unknown sender's
    program_id: UUID | None = None
    service_id: UUID | None = None
    title: str
    scheduled_at: datetime = instant()
    duration_minutes: int | None = None
    location: str | None = None
    status: SessionStatus = word(SessionStatus, SessionStatus.SCHEDULED_IN_CRM)
    notes: str | None = None
    google_calendar_id: str | None = None
    google_calendar_event_id: str | None = None
    google_etag: str | None = None
    meeting_url: str | None = None
    capacity: int = number(1)
    overlap_allowed: bool = flag(False)
    cancelled_at: datetime | None = instant(null=True)
    cancelled_by: CancelledBy | None = word(CancelledBy, null=True)
    cancel_reason: str | None = None
    late_cancel: bool = flag(False)
    series_id: UUID | None = None
    original_start_at: datetime | None = instant(null=True)


class SessionAttendee(Owned, table=True):
    """A place in a class."""

    __tablename__ = "session_attendees"
    __table_args__ = (
        PrimaryKeyConstraint("session_id", "contact_id"),
        owned_by("sessions", "session_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        one_of("attendance_status", AttendanceStatus),
    )

    session_id: UUID
    contact_id: UUID
    attendance_status: AttendanceStatus = word(AttendanceStatus, AttendanceStatus.REGISTERED)
    notes: str | None = None


class SessionReminder(Table, table=True):
    """A reminder to one client. Sending reads the session again in the same transaction."""

    __tablename__ = "session_reminders"
    __table_args__ = (
        UniqueConstraint("user_id", "session_id", "contact_id", "due_at"),
        owned_by("sessions", "session_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        one_of("channel", ReminderChannel),
        one_of("status", ReminderStatus),
        Index("ix_session_reminders_due", "due_at", postgresql_where=text("status = 'waiting'::text")),
    )

    session_id: UUID
    contact_id: UUID
    channel: ReminderChannel = word(ReminderChannel, ReminderChannel.EMAIL)
    due_at: datetime = instant()
    sent_at: datetime | None = instant(null=True)
    status: ReminderStatus = word(ReminderStatus, ReminderStatus.WAITING)
    error: str | None = None


class WaitlistEntry(Editable, table=True):
    """Who would take a place that frees."""

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        owned_by("sessions", "session_id", on_delete="CASCADE"),
        owned_by("services", "service_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
    )

    session_id: UUID | None = None
    service_id: UUID | None = None
    contact_id: UUID
    wanted: dict[str, Any] = json_object()
    note: str = plain("")
    fulfilled_at: datetime | None = instant(null=True)
