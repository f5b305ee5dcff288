"""Invoices, their lines, credit notes and discounts. Money is in the invoice's currency."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field

from omnicrm.models.base import (
    Editable,
    Owned,
    Table,
    amount,
    currency,
    flag,
    instant,
    json_object,
    number,
    one_of,
    owned_by,
    plain,
    word,
)


class InvoiceStatus(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    VOID = "void"


class DiscountKind(StrEnum):
    PERCENT = "percent"
    AMOUNT = "amount"


class Invoice(Editable, table=True):
    """A bill. A draft has no number; issuing gives it the next one (`InvoiceCounter`), gapless and unique."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("user_id", "number"),
        owned_by("contacts", "contact_id", on_delete="SET NULL"),
        one_of("status", InvoiceStatus),
        CheckConstraint("status = 'draft' OR number IS NOT NULL", name="numbered"),
        CheckConstraint("amount_paid >= 0", name="amount_paid"),
        Index("ix_invoices_by_status", "user_id", "status", "due_on"),
        Index("ix_invoices_of_contact", "user_id", "contact_id", "issued_on"),
    )

    contact_id: UUID | None = None
    number: str | None = None
    status: InvoiceStatus = word(InvoiceStatus, InvoiceStatus.DRAFT)
    issued_on: date | None = None
    due_on: date | None = None
    currency: str = currency()
    subtotal: Decimal = amount(default="0")
    tax_total: Decimal = amount(default="0")
    total: Decimal = amount(default="0")
    amount_paid: Decimal = amount(default="0")
    notes: str | None = None
    terms: str | None = None
    pdf_path: str | None = None
    billing_snapshot: dict[str, Any] = json_object()
    reminders_paused: bool = flag(False)
    external_invoice_id: str | None = None
    insurer_name: str | None = None
    insurer_policy_number: str | None = None
    insurer_reference: str | None = None


class InvoiceCounter(Owned, table=True):
    """The last number given in a series (a year, say); taken FOR UPDATE when an invoice is issued, hence gapless."""

    __tablename__ = "invoice_counters"
    __table_args__ = (
        PrimaryKeyConstraint("user_id", "series"),
        CheckConstraint("last_number >= 0", name="last_number"),
    )

    series: str
    last_number: int = number(0)


class InvoiceItem(Table, table=True):
    """A line. `tax_rate` in per cent; `line_total` is rounded once, here."""

    __tablename__ = "invoice_items"
    __table_args__ = (
        owned_by("invoices", "invoice_id", on_delete="CASCADE"),
        owned_by("sessions", "session_id", on_delete="SET NULL"),
        owned_by("programs", "program_id", on_delete="SET NULL"),
        owned_by("services", "service_id", on_delete="SET NULL"),
        Index("ix_invoice_items_of_invoice", "user_id", "invoice_id", "position"),
    )

    invoice_id: UUID
    session_id: UUID | None = None
    program_id: UUID | None = None
    service_id: UUID | None = None
    description: str
    quantity: Decimal = Field(
        default=Decimal(1),
        sa_type=Numeric,
        nullable=False,
        sa_column_kwargs={"server_default": text("'1'::numeric")},
    )
    unit_price: Decimal = amount(default="0")
    tax_rate: Decimal = Field(
        default=Decimal(0),
        sa_type=Numeric(6, 3),
        nullable=False,
        sa_column_kwargs={"server_default": text("'0'::numeric")},
    )
    line_total: Decimal = amount(default="0")
    position: int = number(0)


class CreditNote(Table, table=True):
    """What is taken back of an issued invoice; issued invoices never change."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        UniqueConstraint("user_id", "number"),
        owned_by("invoices", "invoice_id", on_delete="NO ACTION"),
        CheckConstraint("amount > 0", name="amount"),
    )

    invoice_id: UUID
    number: str
    issued_on: date
    amount: Decimal = amount()
    currency: str = currency()
    reason: str = plain("")
    billing_snapshot: dict[str, Any] = json_object()
    pdf_path: str | None = None
    sent_at: datetime | None = instant(null=True)


class Discount(Editable, table=True):
    """A reduction by code or by hand: a percentage, or an amount in `currency`."""

    __tablename__ = "discounts"
    __table_args__ = (
        UniqueConstraint("user_id", "code"),
        one_of("kind", DiscountKind),
        owned_by("invoices", "invoice_id", on_delete="CASCADE"),
        owned_by("services", "service_id", on_delete="CASCADE"),
        owned_by("programs", "program_id", on_delete="CASCADE"),
        CheckConstraint("value > 0 AND (kind <> 'percent' OR value <= 100)", name="value"),
    )

    code: str | None = None
    description: str = plain("")
    kind: DiscountKind = word(DiscountKind)
    value: Decimal = amount()
    currency: str = currency()
    invoice_id: UUID | None = None  # given by hand on one invoice
    service_id: UUID | None = None
    program_id: UUID | None = None
    expires_at: datetime | None = instant(null=True)
    max_uses: int | None = None
    uses: int = number(0)
