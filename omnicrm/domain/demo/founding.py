"""The book of the sample practice: what its mailbox and its calendar speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.domain import practice
from omnicrm.domain.demo import planning, selling
from omnicrm.models.contacts import Contact, LifecycleStage
from omnicrm.models.invoices import Invoice, InvoiceItem, InvoiceStatus
from omnicrm.models.notes import Note
from omnicrm.models.services import Service
from omnicrm.models.sessions import Session, SessionStatus

_PALETTE = ("jade", "amber", "sky", "tomato", "gray")
_NOTES = (
    "Less pressure on the shoulders, more time on the jaw and neck.",
    "Left knee still stiff after the run; easy on the hip flexors.",
    "Said yes to the team lead role; sleeps badly. How was the first week?",
    "Right shoulder tight from carrying; the new bag helps.",
    "Back from the mountains, rested. Wants to try the longer session.",
)


@dataclass(frozen=True)
class Client:
    first_name: str
    last_name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Offer:
    name: str
    duration_minutes: int
    price: Decimal


@dataclass(frozen=True)
class Appointment:
    """`event_id`: where it stands in the calendar `Book.calendar_id` too."""

    email: str
    offer: str
    scheduled_at: datetime
    event_id: str | None


@dataclass(frozen=True)
class Bill:
    number: str
    email: str
    total: Decimal
    currency: str


@dataclass(frozen=True)
class Book:
    calendar_id: str
    clients: list[Client] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)


def found(db: Db, book: Book) -> None:
    """Put the sample practice's clients, services, sessions, notes, open invoices and programs into an empty
    book."""
    services = {
        offer.name: Service(
            name=offer.name,
            duration_minutes=offer.duration_minutes,
            price=offer.price,
            color=_PALETTE[place % len(_PALETTE)],
        )
        for place, offer in enumerate(book.offers)
    }
    people = {client.email: _contact(client) for client in book.clients}
    db.add_all([*services.values(), *people.values()])
    db.flush()
    for appointment in book.appointments:
        db.add(_session(book, appointment, services[appointment.offer], people[appointment.email].id))
    for place, person in enumerate(people.values()):
        if place < 4 * len(_NOTES):
            written = clock.now() - timedelta(days=7 + place)
            db.add(Note(contact_id=person.id, content=_NOTES[place % len(_NOTES)], created_at=written))
    for bill in book.bills:
        _invoice(db, bill, people[bill.email].id)
    db.flush()
    selling.sell(db, list(services.values()), list(people.values()))
    planning.plan(db, list(people.values()))


def _contact(client: Client) -> Contact:
    return Contact(
        first_name=client.first_name,
        last_name=client.last_name,
        email=client.email,
        phone=client.phone,
        lifecycle_stage=LifecycleStage.ACTIVE,
        client_since=(clock.now() - timedelta(days=200)).date(),
    )


def _session(book: Book, appointment: Appointment, service: Service, contact_id: UUID) -> Session:
    past = appointment.scheduled_at < clock.now()
    in_google = appointment.event_id is not None
    return Session(
        contact_id=contact_id,
        service_id=service.id,
        title=service.name,
        scheduled_at=appointment.scheduled_at,
        duration_minutes=service.duration_minutes,
        status=SessionStatus.COMPLETED
        if past
        else SessionStatus.SYNCED_TO_GCAL
        if in_google
        else SessionStatus.SCHEDULED_IN_CRM,
        google_calendar_id=book.calendar_id if in_google else None,
        google_calendar_event_id=appointment.event_id,
    )


def _invoice(db: Db, bill: Bill, contact_id: UUID) -> None:
    issued = practice.of(db).today() - timedelta(days=12)
    invoice = Invoice(
        contact_id=contact_id,
        number=bill.number,
        status=InvoiceStatus.SENT,
        issued_on=issued,
        due_on=issued + timedelta(days=14),
        currency=bill.currency,
        subtotal=bill.total,
        total=bill.total,
    )
    db.add(invoice)
    db.flush()
    db.add(InvoiceItem(invoice_id=invoice.id, description="Session", unit_price=bill.total, line_total=bill.total))
