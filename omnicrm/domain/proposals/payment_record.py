"""payment.record: book money that a client or a bank says has been paid."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer
from omnicrm.domain import payments, practice
from omnicrm.domain.cases import Draft
from omnicrm.domain.payments import PaymentForm
from omnicrm.domain.proposals import base, resolve
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.payments import Payment

TYPE = "payment.record"
GROUP: base.Group = "money"
LABEL = "Payment"
ICON = "banknote"
NEEDS_CONTACT = True


class Payload(base.Payload):
    """`amount` in `currency`; `invoice_id` is what it pays, if anything."""

    EDITABLE: ClassVar[tuple[str, ...]] = ("contact", "amount", "currency", "paid_on", "method")
    OPTIONAL: ClassVar[tuple[str, ...]] = ("invoice_id", "method")

    contact_email: str = ""
    contact_name: str = ""
    amount: Decimal = Field(gt=0, max_digits=14, decimal_places=3)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    invoice_id: UUID | None = None
    invoice_number: str | None = None
    paid_on: date
    method: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] | None = None

    @field_validator("amount", mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        if isinstance(value, float):
            return str(value)
        return value.strip().replace(",", ".") if isinstance(value, str) and value.count(",") == 1 else value

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


def from_draft(db: Db, draft: Draft, origin: base.Origin) -> base.Resolved:
    """Raises NotFound for an invoice that is gone, Invalid for an amount that is none."""
    client, invoice = resolve.contact(db, draft, origin), resolve.invoice(db, draft)
    who = practice.of(db)
    payload = base.checked(
        Payload,
        {
            "contact_email": resolve.text(draft, "contact_email"),
            "contact_name": client.display_name if client else resolve.text(draft, "contact_name"),
            "amount": draft.slots.get("amount"),
            "currency": resolve.text(draft, "currency") or who.currency,
            "invoice_id": invoice.id if invoice else None,
            "invoice_number": invoice.number if invoice else None,
            "paid_on": draft.slots.get("paid_on") or origin.occurred_at.astimezone(who.zone).date(),
            "method": resolve.text(draft, "method") or None,
        },
    )
    for_what = str(invoice.id) if invoice else f"{payload.amount.normalize():f}{payload.currency}:{origin.thread_id}"
    return base.Resolved(
        payload=payload,
        contact_id=client.id if client else invoice.contact_id if invoice else None,
        dedupe_key=f"{TYPE}:{resolve.person_key(client, draft, origin)}:{for_what}",
        expires_at=clock.now() + timedelta(days=60),
    )


def describe(payload: Payload, about: base.About, viewer: Viewer) -> str:
    who = about.contact or payload.contact_name or payload.contact_email or "somebody"
    what = f" for invoice {payload.invoice_number}" if payload.invoice_number else ""
    return f"Record {viewer.money(payload.money)} from {who}{what}"


def done(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"{viewer.money(payload.money)} from {about.contact or payload.contact_name} recorded"


def consequence(payload: Payload, about: base.About) -> str:
    what = f"Invoice {payload.invoice_number} is paid by it." if payload.invoice_number else "It stays on account."
    return f"{what} Undo for {base.UNDO_DAYS} days."


def fields(payload: Payload, about: base.About, viewer: Viewer) -> list[base.Field]:
    found = [
        base.Field(
            name="contact",
            label="Client",
            kind="client",
            value=about.contact or payload.contact_name or payload.contact_email,
            raw=payload.contact_email,
            editable=True,
            slots=("contact_email", "contact_ref"),
            why="from the sender",
        ),
        base.Field(
            name="amount",
            label="Amount",
            kind="money",
            value=viewer.money(payload.money),
            raw=f"{payload.money.rounded().amount}",
            editable=True,
            slots=("amount", "currency"),
        ),
        base.Field(
            name="paid_on",
            label="Paid on",
            kind="date",
            value=viewer.day(payload.paid_on),
            raw=payload.paid_on.isoformat(),
            editable=True,
            slots=("paid_on",),
            why="the day of the mail",
        ),
    ]
    if payload.invoice_number:
        found.append(
            base.Field(
                name="invoice_id",
                label="Invoice",
                kind="invoice",
                value=payload.invoice_number,
                raw=str(payload.invoice_id),
                can_leave_out=True,
                slots=("invoice_ref",),
                why="inferred from the amount",
            )
        )
    return found


def execute(db: Db, approval: PendingApproval, payload: Payload, options: base.Options) -> base.UndoLog:
    """Raises NotFound where client or invoice are gone, Refused for a void invoice."""
    if approval.related_contact_id is None:
        raise NotFound("This client is not in your contacts. Add or choose the client, then try again.")
    payment = payments.record(
        db,
        PaymentForm(
            contact_id=approval.related_contact_id,
            amount=payload.amount,
            currency=payload.currency,
            invoice_id=payload.invoice_id,
            paid_on=payload.paid_on,
            method=payload.method or "",
        ),
    )
    return {"payment_id": str(payment.id), "approved": _state(payment)}


def difference(db: Db, log: base.UndoLog, viewer: Viewer) -> base.Difference | None:
    payment = db.get(Payment, UUID(log["payment_id"]), populate_existing=True)
    if payment is None or _state(payment) == log["approved"]:
        return None
    approved = Money(Decimal(log["approved"]["amount"]), log["approved"]["currency"])
    now = Money(payment.amount, payment.currency)
    return base.Difference(
        title="This payment changed since you approved it",
        rows=[
            base.row("Amount", "", viewer.money(approved), viewer.money(now)),
            base.row("State", "", log["approved"]["status"], str(payment.status)),
        ],
        choices=[
            base.Choice(value="keep", label="Leave it as it is now", detail=viewer.money(now)),
            base.Choice(value="all", label="Remove the payment", detail="its invoice is open again"),
        ],
    )


def undo(db: Db, approval: PendingApproval, log: base.UndoLog, choice: str) -> None:
    """Raises Refused where a part of it was refunded."""
    payments.unrecord(db, UUID(log["payment_id"]))


def _state(payment: Payment) -> dict[str, str]:
    amount = f"{payment.amount.normalize():f}"
    return {"amount": amount, "currency": payment.currency, "status": str(payment.status)}
