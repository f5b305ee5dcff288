"""Money received, what it pays for, what went back, and what is disputed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from omnicrm.models.base import Editable, Table, amount, currency, instant, one_of, owned_by, word


class PaymentStatus(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class DisputeStatus(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Payment(Editable, table=True):
    """Money that came in, or should. The contact may be erased; the payment stays."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("external_payment_id"),
        owned_by("contacts", "contact_id", on_delete="SET NULL"),
        owned_by("sessions", "session_id", on_delete="SET NULL"),
        owned_by("programs", "program_id", on_delete="SET NULL"),
        owned_by("services", "service_id", on_delete="SET NULL"),
        one_of("status", PaymentStatus),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payments_when", "user_id", "paid_at"),
        Index("ix_payments_of_contact", "user_id", "contact_id", "paid_at"),
    )

    contact_id: UUID | None = None
    session_id: UUID | None = None
    program_id: UUID | None = None
    service_id: UUID | None = None
    amount: Decimal = amount()
    currency: str = currency("'USD'::bpchar")
    status: PaymentStatus = word(PaymentStatus)
    method: str | None = None
    external_payment_id: str | None = None
    paid_at: datetime | None = instant(null=True)
    note: str | None = None


class PaymentAllocation(Table, table=True):
    """How much of a payment goes to which invoice."""

    __tablename__ = "payment_allocations"
    __table_args__ = (
        UniqueConstraint("user_id", "payment_id", "invoice_id"),
        owned_by("payments", "payment_id", on_delete="CASCADE"),
        owned_by("invoices", "invoice_id", on_delete="NO ACTION"),
        CheckConstraint("amount > 0", name="amount"),
    )

    payment_id: UUID
    invoice_id: UUID
    amount: Decimal = amount()


class Refund(Table, table=True):
    """Money that went back: a ledger, never a status alone."""

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("external_refund_id"),
        owned_by("payments", "payment_id", on_delete="NO ACTION"),
        CheckConstraint("amount > 0", name="amount"),
    )

    payment_id: UUID
    amount: Decimal = amount()
    currency: str = currency()
    reason: str | None = None
    external_refund_id: str | None = None
    refunded_at: datetime = instant()


class Dispute(Table, table=True):
    """A payment that the client's bank disputes."""

    __tablename__ = "disputes"
    __table_args__ = (
        UniqueConstraint("external_dispute_id"),
        owned_by("payments", "payment_id", on_delete="NO ACTION"),
        one_of("status", DisputeStatus),
    )

    payment_id: UUID
    amount: Decimal = amount()
    currency: str = currency()
    status: DisputeStatus = word(DisputeStatus, DisputeStatus.OPEN)
    reason: str | None = None
    external_dispute_id: str | None = None
    opened_at: datetime = instant()
    due_at: datetime | None = instant(null=True)
    closed_at: datetime | None = instant(null=True)
