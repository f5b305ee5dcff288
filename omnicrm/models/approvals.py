"""What the assistant proposes, what became of it, and the rules the practitioner made of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from omnicrm.models.base import (
    Editable,
    flag,
    instant,
    json_list,
    json_object,
    json_value,
    number,
    one_of,
    owned_by,
    plain,
    word,
)


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    SNOOZED = "snoozed"
    APPROVED = "approved"
    EXECUTED = "executed"
    EXECUTION_FAILED = "execution_failed"
    REJECTED = "rejected"
    UNDONE = "undone"
    EXPIRED = "expired"


class RuleKind(StrEnum):
    NEVER = "never"
    AUTO = "auto"
    MEANS = "means"  # a word that clients use for a service


class PendingApproval(Editable, table=True):
    """A proposal from its making to its undoing. `data_payload` validates against its type's model, always."""

    __tablename__ = "pending_approvals"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("user_id", "dedupe_key"),
        owned_by("contacts", "related_contact_id", on_delete="SET NULL"),
        owned_by("sessions", "related_session_id", on_delete="SET NULL"),
        owned_by("source_items", "source_item_id", on_delete="SET NULL"),
        one_of("status", ApprovalStatus),
        CheckConstraint("ai_confidence_score BETWEEN 0 AND 1", name="ai_confidence_score"),
        Index("ix_pending_approvals_queue", "user_id", "status", "created_at", "id"),
        Index("ix_pending_approvals_bundle", "user_id", "bundle_id"),
        Index("ix_pending_approvals_snoozed", "snoozed_until", postgresql_where=text("status = 'snoozed'::text")),
        Index("ix_pending_approvals_expiring", "expires_at", postgresql_where=text("status = 'pending'::text")),
    )

    type: str
    status: ApprovalStatus = word(ApprovalStatus, ApprovalStatus.PENDING)
    related_contact_id: UUID | None = None
    related_session_id: UUID | None = None
    source_trigger: str | None = None
    source_item_id: UUID | None = None
    data_payload: dict[str, Any] = json_object()
    ai_confidence_score: Decimal | None = Field(
        default=None,
        sa_type=Numeric(4, 3),
    )
    resolved_at: datetime | None = instant(null=True)
    summary: str = plain("")
    evidence: list[Any] = json_list()  # {slot, source_item_id, start, end, quote}
    bundle_id: UUID | None = None
    edited_payload: dict[str, Any] | None = json_value()
    decided_fields: dict[str, Any] | None = json_value()
    reject_reason: str | None = None
    error: str | None = None
    executed_at: datetime | None = instant(null=True)
    undone_at: datetime | None = instant(null=True)
    undo_log: dict[str, Any] | None = json_value()
    expires_at: datetime | None = instant(null=True)
    snoozed_until: datetime | None = instant(null=True)
    dedupe_key: str


class ApprovalRule(Editable, table=True):
    """ "Not this sender", "not this kind", "this word means that service": visible, revocable."""

    __tablename__ = "approval_rules"
    __table_args__ = (
        owned_by("pending_approvals", "source_approval_id", on_delete="SET NULL"),
        one_of("kind", RuleKind),
    )

    kind: RuleKind = word(RuleKind)
    match: dict[str, Any] = json_object()  # type, sender, domain; word, service_id
    source_approval_id: UUID | None = None
    last_used_at: datetime | None = instant(null=True)
    uses: int = number(0)
    is_active: bool = flag(True)
