"""Money that came in: recorded, taken back, and what it pays for."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from omnicrm.core import clock, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.core.money import Money
from omnicrm.domain import contacts, practice
from omnicrm.domain.words import PAYMENTS
from omnicrm.models.contacts import Contact
from omnicrm.models.invoices import Invoice, InvoiceStatus
from omnicrm.models.payments import Payment, PaymentAllocation, PaymentStatus, Refund

OPEN = (InvoiceStatus.SENT, InvoiceStatus.PARTIALLY_PAID, InvoiceStatus.OVERDUE)


class PaymentForm(BaseModel):
    """`amount` in `currency` (the practitioner's where none is named); `invoice_id` is what it pays first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_id: UUID
    amount: Decimal = Field(gt=0, max_digits=14, decimal_places=3)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    method: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    paid_on: date | None = None
    paid_at: AwareDatetime | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    invoice_id: UUID | None = None
    session_id: UUID | None = None


class ProviderPayment(BaseModel):
    """Money that a provider says has come in; `external_payment_id` is the provider's own name for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    external_payment_id: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    amount: Decimal = Field(gt=0, max_digits=14, decimal_places=3)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    paid_at: AwareDatetime
    contact_id: UUID | None = None
    invoice_id: UUID | None = None
    method: Annotated[str, StringConstraints(max_length=60)] = "card"


class PaymentRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    contact_id: str
    who: str
    amount: str
    method: str
    when: str
    invoices: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str


def record(db: Db, form: PaymentForm) -> Payment:
    """Book money that was received; what is open on the invoice is paid by it, the rest stays on account.

    Raises NotFound for an unknown client or invoice, Invalid for an amount finer than its currency or in another
    currency than the invoice, Refused for an invoice that is a draft or void.
    """
    contacts.locked(db, form.contact_id)
    money = Money(form.amount, form.currency or practice.of(db).currency)
    if money.rounded() != money:
        raise Invalid(fields={"amount": f"{money.currency} has no smaller parts than that."})
    invoice = _payable(db, form.invoice_id, money.currency) if form.invoice_id is not None else None
    payment = Payment(
        contact_id=form.contact_id,
        session_id=form.session_id,
        amount=money.amount,
        currency=money.currency,
        status=PaymentStatus.PAID,
        method=form.method or None,
        paid_at=_paid_at(db, form),
        note=form.note or None,
    )
    db.add(payment)
    db.flush()
    if invoice is not None:
        _allocate(db, payment, invoice)
    return payment


def reported(db: Db, told: ProviderPayment) -> Payment:
    """Book what a provider reports, once however often and from however many places it is told.

    The money is there: where its client is gone or its invoice cannot take it (unknown, draft, void, in another
    currency), it is booked all the same and stays on account. Raises Invalid for an amount finer than its currency,
    Conflict where this payment was booked before as another amount or for another practitioner.
    """
    money = Money(told.amount, told.currency)
    if money.rounded() != money:
        raise Invalid(fields={"amount": f"{money.currency} has no smaller parts than that."})
    shared = {"read": True, "key_share": True}  # the client stays until this is booked
    contact = db.get(Contact, told.contact_id, with_for_update=shared) if told.contact_id is not None else None
    payment = Payment(
        contact_id=contact.id if contact is not None else None,
        amount=money.amount,
        currency=money.currency,
        status=PaymentStatus.PAID,
        method=told.method,
        external_payment_id=told.external_payment_id,
        paid_at=told.paid_at,
    )
    try:
        with db.begin_nested():
            db.add(payment)
            db.flush()
    except IntegrityError:
        return _booked(db, told)
    if told.invoice_id is None:
        return payment
    invoice = db.get(Invoice, told.invoice_id, with_for_update=True, populate_existing=True)
    if invoice is not None and invoice.status in OPEN and invoice.currency == money.currency:
        _allocate(db, payment, invoice)
    return payment


def unrecord(db: Db, payment_id: UUID) -> None:
    """Take back the booking of a payment; its invoices are open again. Gone already: nothing happens.

    Raises Refused for one that was refunded or that a provider reported: that happened.
    """
    payment = db.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        return
    if payment.external_payment_id is not None:
        raise Refused("This payment came from a payment provider. Refund it there.")
    if db.scalar(select(func.count()).where(col(Refund.payment_id) == payment.id)):
        raise Refused("A part of this payment was refunded. It cannot be taken back any more.")
    allocations = db.scalars(select(PaymentAllocation).where(col(PaymentAllocation.payment_id) == payment.id)).all()
    touched = sorted({allocation.invoice_id for allocation in allocations})
    for allocation in allocations:
        db.delete(allocation)
    db.flush()
    db.delete(payment)
    db.flush()
    for invoice_id in touched:
        settle(db, invoice_id)


def settle(db: Db, invoice_id: UUID) -> Invoice:
    """Make an invoice's paid amount and status agree with its allocations. Drafts and void ones keep theirs.

    Raises NotFound.
    """
    invoice = db.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
    if invoice is None:
        raise NotFound("This invoice no longer exists.")
    paid = db.scalar(
        select(func.coalesce(func.sum(PaymentAllocation.amount), 0)).where(
            col(PaymentAllocation.invoice_id) == invoice.id
        )
    )
    invoice.amount_paid = Decimal(paid or 0)
    if invoice.status not in (InvoiceStatus.DRAFT, InvoiceStatus.VOID):
        invoice.status = _status(db, invoice)
    db.flush()
    return invoice


def open_invoices(db: Db, contact_id: UUID) -> list[Invoice]:
    """What a client owes, oldest first."""
    query = select(Invoice).where(col(Invoice.contact_id) == contact_id, col(Invoice.status).in_(OPEN))
    return list(db.scalars(query.order_by(col(Invoice.issued_on).nulls_last(), col(Invoice.id))))


def listed(db: Db, *, contact_id: UUID | None = None, limit: int = 100) -> list[PaymentRow]:
    """The newest first."""
    numbers = (
        select(func.string_agg(Invoice.number, ", "))
        .join(PaymentAllocation, col(PaymentAllocation.invoice_id) == col(Invoice.id))
        .where(col(PaymentAllocation.payment_id) == col(Payment.id))
        .scalar_subquery()
    )
    query = select(Payment, col(Contact.display_name), numbers).outerjoin(
        Contact, col(Contact.id) == col(Payment.contact_id)
    )
    if contact_id is not None:
        query = query.where(col(Payment.contact_id) == contact_id)
    query = query.order_by(col(Payment.paid_at).desc().nulls_last(), col(Payment.id).desc()).limit(min(limit, 500))
    viewer = practice.of(db).viewer()
    return [
        PaymentRow(
            id=str(payment.id),
            contact_id=str(payment.contact_id or ""),
            who=who or "",
            amount=viewer.money(Money(payment.amount, payment.currency)),
            method=payment.method or "",
            when=viewer.since(payment.paid_at or payment.created_at),
            invoices=invoices or "",
            status=payment.status,
            status_label=PAYMENTS[payment.status].label,
            status_icon=PAYMENTS[payment.status].icon,
            status_tone=PAYMENTS[payment.status].tone,
        )
        for payment, who, invoices in db.execute(query)
    ]


def open_amount(invoice: Invoice) -> Money:
    """What is still to be paid."""
    return Money(max(invoice.total - invoice.amount_paid, Decimal(0)), invoice.currency)


def _booked(db: Db, told: ProviderPayment) -> Payment:
    known = db.scalar(select(Payment).where(col(Payment.external_payment_id) == told.external_payment_id))
    if known is None or (known.amount, known.currency) != (told.amount, told.currency):
        raise Conflict("This payment was booked before, and not like this.")
    return known


def _payable(db: Db, invoice_id: UUID, currency: str) -> Invoice:
    invoice = db.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
    if invoice is None:
        raise NotFound("This invoice no longer exists.")
    if invoice.status in (InvoiceStatus.DRAFT, InvoiceStatus.VOID):
        raise Refused("A draft or void invoice cannot be paid.")
    if invoice.currency != currency:
        raise Invalid(fields={"currency": f"Invoice {invoice.number} is in {invoice.currency}."})
    return invoice


def _allocate(db: Db, payment: Payment, invoice: Invoice) -> None:
    part = min(payment.amount, open_amount(invoice).amount)
    if part > 0:
        db.add(PaymentAllocation(payment_id=payment.id, invoice_id=invoice.id, amount=part))
        db.flush()
    settle(db, invoice.id)


def _status(db: Db, invoice: Invoice) -> InvoiceStatus:
    if invoice.amount_paid >= invoice.total:
        return InvoiceStatus.PAID
    if invoice.due_on is not None and invoice.due_on < practice.of(db).today():
        return InvoiceStatus.OVERDUE
    return InvoiceStatus.PARTIALLY_PAID if invoice.amount_paid > 0 else InvoiceStatus.SENT


def _paid_at(db: Db, form: PaymentForm) -> datetime:
    if form.paid_at is not None:
        return form.paid_at
    who = practice.of(db)
    if form.paid_on is None or form.paid_on == who.today():
        return clock.now()
    return zones.at_wall(form.paid_on, time(12), who.zone)
