"""Every type: proposed, approved, taken back; and what the page shows of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from omnicrm.core.errors import Conflict
from omnicrm.domain import approvals, contacts, payments, sessions
from omnicrm.models.approvals import ApprovalStatus
from omnicrm.models.communications import Communication
from omnicrm.models.contacts import Contact
from omnicrm.models.invoices import InvoiceStatus
from omnicrm.models.payments import Payment
from omnicrm.models.sessions import Session, SessionStatus
from omnicrm.models.tasks import Task
from tests.drafts import proposed
from tests.factories import make_contact, make_invoice, make_service, make_session, make_source_item

FRIDAY = datetime(2026, 3, 13, 9, 30, tzinfo=UTC)  # 10:30 in Stockholm


def test_a_mail_becomes_a_session_and_is_taken_back(db, clock):
    jo = make_contact(db, first_name="Jo", last_name="Park", email="jo@park.example")
    make_service(db, name="Deep tissue massage", duration_minutes=75)
    item = make_source_item(db, body_text="Could we do Friday at 10:30? Deep tissue, please.")
    approval = proposed(
        db,
        item,
        "session.create",
        contact_email="jo@park.example",
        scheduled_at="2026-03-13T10:30:00+01:00",
        service="Deep tissue massage",
        quotes={"scheduled_at": "Friday at 10:30", "service": "Deep tissue"},
    )
    held = db.get(Session, approval.related_session_id)
    assert (held.status, held.contact_id, held.duration_minutes) == (
        SessionStatus.PENDING_AI_CONFIRMATION,
        jo.id,
        75,
    )
    card = approvals.card(db, approval.id)
    assert card.sentence == "Book Jo Park for a deep tissue massage on Friday 13 March at 10:30."
    assert card.free == "You are free"
    assert {field.name: field.badges for field in card.fields} == {
        "contact": [],
        "scheduled_at": [1],
        "duration_minutes": [],
        "service": [2],
    }
    assert [segment.text for segment in card.source if segment.badge] == ["Friday at 10:30", "Deep tissue"]
    assert "".join(segment.text for segment in card.source) == item.body_text

    decided = approvals.approve(db, approval.id)

    assert (decided.status, decided.failed) == ("executed", "")
    assert decided.sentence == "Jo Park booked for a deep tissue massage on Friday 13 March at 10:30."
    session = db.get(Session, approval.related_session_id)
    assert (session.status, session.scheduled_at) == (SessionStatus.SCHEDULED_IN_CRM, FRIDAY)

    approvals.undo(db, approval.id)

    assert db.scalar(select(func.count()).select_from(Session)) == 0
    assert approvals.locked(db, approval.id).status is ApprovalStatus.UNDONE


def test_a_session_moves_and_moves_back(db, clock):
    jo = make_contact(db, first_name="Aino", last_name="Korhonen")
    session = make_session(db, contact_id=jo.id, title="Aroma massage", scheduled_at=FRIDAY, duration_minutes=75)
    item = make_source_item(db, body_text="Could we do Saturday at ten instead?")
    approval = proposed(
        db,
        item,
        "session.reschedule",
        session_ref=str(session.id),
        scheduled_at="2026-03-14T10:00:00+01:00",
        quotes={"scheduled_at": "Saturday at ten"},
    )
    card = approvals.card(db, approval.id)
    assert card.sentence == "Move Aino Korhonen’s aroma massage to Saturday 14 March at 10:00."
    assert [(field.label, field.old, field.value) for field in card.fields][1] == (
        "New time",
        "Fri 13 Mar, 10:30",
        "Sat 14 Mar, 10:00 to 11:15",
    )

    approvals.approve(db, approval.id)
    assert sessions.get(db, session.id).scheduled_at == datetime(2026, 3, 14, 9, tzinfo=UTC)

    approvals.undo(db, approval.id)
    assert (sessions.get(db, session.id).scheduled_at, session.duration_minutes) == (FRIDAY, 75)


def test_a_session_is_cancelled_and_booked_again(db, clock):
    service = make_service(db, cancellation_window_hours=96)
    session = make_session(
        db, contact_id=make_contact(db).id, service_id=service.id, scheduled_at=FRIDAY, title="Massage"
    )
    approval = proposed(db, make_source_item(db), "session.cancel", session_ref=str(session.id))

    approvals.approve(db, approval.id)
    assert (session.status, session.cancelled_by, session.late_cancel) == ("cancelled", "client", True)

    approvals.undo(db, approval.id)
    assert (session.status, session.cancelled_at, session.late_cancel) == ("scheduled_in_crm", None, False)


def test_a_new_contact_stands_in_leads_and_is_taken_back(db, clock):
    item = make_source_item(db, sender="noor@haddad.example", sender_name="Noor Haddad", body_text="Hello, I am Noor")
    approval = proposed(
        db,
        item,
        "contact.create",
        email="noor@haddad.example",
        first_name="Noor",
        last_name="Haddad",
        phone="070-174 06 05",
    )
    assert approvals.card(db, approval.id).sentence == "Add Noor Haddad as a new contact in Leads."

    approvals.approve(db, approval.id)
    noor = contacts.by_identifier(db, "NOOR@haddad.example")
    assert (noor.display_name, noor.phone, noor.lifecycle_stage) == ("Noor Haddad", "+46701740605", "lead")
    assert [group.name for group in contacts.card(db, noor.id).groups] == ["Leads"]
    db.refresh(item)
    assert item.contact_id == noor.id

    approvals.undo(db, approval.id)
    assert contacts.by_identifier(db, "noor@haddad.example") is None
    assert approvals.locked(db, approval.id).status is ApprovalStatus.UNDONE


@pytest.mark.parametrize(
    ("field", "value", "attribute", "stored"),
    [
        ("phone", "070-174 06 06", "phone", "+46701740606"),
        ("last_name", "Dlamini", "last_name", "Dlamini"),
        ("email", "jo@new.example", "email", "jo@new.example"),
        ("date_of_birth", "1976-05-12", "date_of_birth", date(1976, 5, 12)),
        ("address", "Storgatan 4, 114 51 Stockholm", "address_street", "Storgatan 4, 114 51 Stockholm"),
        ("company", "Park & Co", "company", "Park & Co"),
    ],
)
def test_a_fact_changes_and_changes_back(db, clock, field, value, attribute, stored):
    jo = make_contact(
        db, first_name="Jo", last_name="Park", email="jo@park.example", phone="+46701740605", address_city="Malmö"
    )
    before = getattr(jo, attribute)
    approval = proposed(
        db, make_source_item(db), "contact.update", contact_email="jo@park.example", field=field, value=value
    )

    approvals.approve(db, approval.id)
    assert getattr(contacts.get(db, jo.id), attribute) == stored
    assert contacts.by_identifier(db, "jo@park.example").id == jo.id  # a former address still finds her

    approvals.undo(db, approval.id)
    db.refresh(jo)
    assert (getattr(jo, attribute), jo.address_city) == (before, "Malmö")


def test_a_task_is_added_and_taken_back(db, clock):
    jo = make_contact(db, first_name="Hanna", email="hanna@berg.example")
    approval = proposed(
        db,
        make_source_item(db),
        "task.create",
        title="Send Hanna the breathing audio",
        contact_email="hanna@berg.example",
        due_date="2026-03-12",
    )
    assert approvals.card(db, approval.id).sentence == (
        "Add a task: send Hanna the breathing audio by Thursday 12 March."
    )
    assert approvals.approve(db, approval.id).sentence == "Task added: send Hanna the breathing audio."
    task = db.scalars(select(Task)).one()
    assert (task.contact_id, task.due_date, task.due_has_time) == (
        jo.id,
        datetime(2026, 3, 11, 23, tzinfo=UTC),
        False,
    )
    approvals.undo(db, approval.id)
    assert db.scalars(select(Task)).all() == []


def test_a_payment_pays_its_invoice_and_opens_it_again(db, clock):
    elena = make_contact(db, first_name="Elena", last_name="Petrova", email="elena@petrova.example")
    invoice = make_invoice(
        db, contact_id=elena.id, number="2026-0147", total=Decimal("950"), currency="SEK", status=InvoiceStatus.SENT
    )
    approval = proposed(
        db,
        make_source_item(db, body_text="I paid 950 kr for 2026-0147"),
        "payment.record",
        contact_email="elena@petrova.example",
        amount="950.00",
        currency="SEK",
        invoice_ref=str(invoice.id),
        quotes={"amount": "950 kr", "invoice_ref": "2026-0147"},
    )
    card = approvals.card(db, approval.id)
    assert card.sentence == "Record SEK\xa0950.00 from Elena Petrova for invoice 2026-0147."

    approvals.approve(db, approval.id)
    db.refresh(invoice)
    assert (invoice.status, invoice.amount_paid) == (InvoiceStatus.PAID, Decimal("950.000"))
    assert payments.listed(db)[0].invoices == "2026-0147"

    approvals.undo(db, approval.id)
    db.refresh(invoice)
    assert (invoice.status, invoice.amount_paid) == (InvoiceStatus.SENT, 0)
    assert db.scalars(select(Payment)).all() == []


def test_a_reply_is_kept_as_a_draft_and_nothing_is_sent(db, clock):
    make_contact(db, first_name="Jo", email="jo@park.example")
    approval = proposed(
        db,
        make_source_item(db),
        "reply.draft",
        contact_email="jo@park.example",
        subject="Re: Friday",
        body="Friday it is.",
    )
    assert "Nothing is sent" in approvals.card(db, approval.id).consequence

    approvals.approve(db, approval.id, edits={"body": "Friday at ten it is."})
    kept = db.scalars(select(Communication)).one()
    assert (kept.body, kept.status, kept.sent_at) == ("Friday at ten it is.", "draft", None)

    approvals.undo(db, approval.id)
    assert db.scalars(select(Communication)).all() == []


def test_what_was_decided_is_not_decided_twice(db, clock):
    approval = proposed(db, make_source_item(db), "task.create", title="Call Jo", contact_email=None)
    approvals.approve(db, approval.id)
    with pytest.raises(Conflict, match="already"):
        approvals.approve(db, approval.id)
    with pytest.raises(Conflict, match="already"):
        approvals.reject(db, approval.id)
    approvals.undo(db, approval.id)
    with pytest.raises(Conflict, match="nothing to undo"):
        approvals.undo(db, approval.id)
    assert db.scalars(select(Task)).all() == []
    assert db.scalars(select(Contact)).all() == []


def test_thirty_days_later_it_stays(db, clock):
    approval = proposed(db, make_source_item(db), "task.create", title="Call Jo", contact_email=None)
    approvals.approve(db, approval.id)
    clock.advance(timedelta(days=30, minutes=1))
    with pytest.raises(Exception, match="30 days ago"):
        approvals.undo(db, approval.id)
    assert not approvals.card(db, approval.id).can_undo
