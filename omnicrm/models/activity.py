"""What ran, what must still happen outside, what came in from outside, and the history of every row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy import Uuid as SqlUuid
from sqlmodel import Field

from omnicrm.models.base import Table, instant, json_object, json_value, number, one_of, owned_by, word


class JobStatus(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OutboxStatus(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Actor(StrEnum):
    PRACTITIONER = "practitioner"
    ASSISTANT = "assistant"
    GOOGLE = "google"
    STRIPE = "stripe"
    CLIENT = "client"
    SYSTEM = "system"


class JobRun(Table, table=True):
    """One run of a job for one practitioner."""

    __tablename__ = "job_runs"
    __table_args__ = (
        owned_by("oauth_connections", "connection_id", on_delete="SET NULL"),
        one_of("status", JobStatus),
        Index("ix_job_runs_newest", "user_id", "kind", "started_at"),
        Index("ix_job_runs_running", "kind", "started_at", postgresql_where=text("status = 'running'::text")),
    )

    kind: str
    connection_id: UUID | None = None
    status: JobStatus = word(JobStatus, JobStatus.RUNNING)
    started_at: datetime = instant(default="now()")
    finished_at: datetime | None = instant(null=True)
    seen: int = number(0)
    changed: int = number(0)
    skipped: int = number(0)
    proposed: int = number(0)
    error: str | None = None
    next_retry_at: datetime | None = instant(null=True)
    details: dict[str, Any] = json_object()  # skipped items with a reason each, the estimate


class OutboxMessage(Table, table=True):
    """Something that must happen outside, written with the change that caused it."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        owned_by("pending_approvals", "approval_id", on_delete="SET NULL"),
        one_of("status", OutboxStatus),
        Index("ix_outbox_messages_by_status", "user_id", "status", "not_before"),
        Index("ix_outbox_messages_due", "not_before", postgresql_where=text("status IN ('waiting', 'claimed')")),
    )

    kind: str
    payload: dict[str, Any] = json_object()
    approval_id: UUID | None = None
    idempotency_key: str
    status: OutboxStatus = word(OutboxStatus, OutboxStatus.WAITING)
    attempts: int = number(0)
    not_before: datetime = instant(default="now()")
    claimed_until: datetime | None = instant(null=True)
    last_error: str | None = None
    delivered_at: datetime | None = instant(null=True)


class WebhookEvent(Table, table=True):
    """An event that a provider sent us. Nobody's until its owner is known."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        UniqueConstraint("provider", "external_id"),
        Index("ix_webhook_events_waiting", "received_at", postgresql_where=text("processed_at IS NULL")),
    )

    user_id: UUID | None = Field(  # type: ignore[assignment]  # the one table whose rows may be nobody's
        default=None, sa_type=SqlUuid, nullable=True, foreign_key="users.id", ondelete="CASCADE", index=True
    )
    provider: str
    external_id: str
    type: str
    payload: dict[str, Any] = json_object()
    received_at: datetime = instant(default="now()")
    processed_at: datetime | None = instant(null=True)
    error: str | None = None


class AuditEntry(Table, table=True):
    """One change of one row, written by a trigger alone. Append-only; only erasure redacts (`redact_audit`)."""

    __tablename__ = "audit_log"
    __table_args__ = (
        one_of("actor", Actor),
        CheckConstraint("action IN ('insert', 'update', 'delete')", name="action"),
        Index("ix_audit_log_entity", "user_id", "entity", "entity_id", "created_at"),
        Index("ix_audit_log_newest", "user_id", "created_at"),
    )

    actor: Actor = word(Actor)
    action: str
    entity: str
    entity_id: UUID | None = None
    before: dict[str, Any] | None = json_value()
    after: dict[str, Any] | None = json_value()
    reason: str | None = None
