"""The plain sentence of each type, in the practitioner’s zone, and payloads that refuse nonsense."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from omnicrm.core.show import Viewer
from omnicrm.domain import proposals
from omnicrm.domain.proposals import (
    About,
    contact_create,
    payment_record,
    session_cancel,
    session_create,
    session_reschedule,
    task_create,
)

STOCKHOLM = Viewer(ZoneInfo("Europe/Stockholm"), now=datetime(2026, 3, 10, 8, tzinfo=UTC))
KATHMANDU = Viewer(ZoneInfo("Asia/Kathmandu"), now=datetime(2026, 3, 10, 8, tzinfo=UTC))
AINO = About(contact="Aino Korhonen", first_name="Aino", session_title="Aroma massage")
ID = "01a20fe5-86d6-7ca5-9c9b-335e3c40273d"


def test_the_sentence_is_in_the_practitioners_zone():
    payload = session_create.Payload(contact_email="jo@park.example", scheduled_at="2026-03-13T09:30:00Z")
    assert session_create.describe(payload, About(), STOCKHOLM) == (
        "Book jo@park.example for a session on Friday 13 March at 10:30"
    )
    assert session_create.describe(payload, About(), KATHMANDU).endswith("at 15:15")


def test_a_move_a_cancellation_and_a_task():
    moved = session_reschedule.Payload(
        session_id=ID, scheduled_at="2026-03-13T09:00:00Z", was_at="2026-03-12T13:30:00Z"
    )
    assert session_reschedule.describe(moved, AINO, STOCKHOLM) == (
        "Move Aino Korhonen’s aroma massage to Friday 13 March at 10:00"
    )
    off = session_cancel.Payload(session_id=ID, was_at="2026-03-10T13:30:00Z")
    assert session_cancel.describe(off, AINO, STOCKHOLM) == "Cancel Aino Korhonen’s aroma massage today at 14:30"
    task = task_create.Payload(title="Send the audio", due_date="2026-03-12")
    assert task_create.describe(task, About(), STOCKHOLM) == "Add a task: send the audio by Thursday 12 March"


def test_money_and_people():
    paid = payment_record.Payload(amount="120", currency="EUR", invoice_number="2026-0147", paid_on="2026-03-09")
    assert payment_record.describe(paid, About(contact="Elena Petrova"), STOCKHOLM) == (
        "Record €120.00 from Elena Petrova for invoice 2026-0147"
    )
    noor = contact_create.Payload(first_name="Noor", last_name="Haddad", email="Noor@Haddad.example")
    assert contact_create.describe(noor, About(), STOCKHOLM) == "Add Noor Haddad as a new contact in Leads"
    assert noor.email == "noor@haddad.example"


def test_the_name_of_a_class_keeps_its_capitals():
    payload = session_create.Payload(contact_name="Jo", scheduled_at="2026-03-13T09:30:00Z", service="Slow Flow")
    assert "for a Slow Flow on" in session_create.describe(payload, About(), STOCKHOLM)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("session.create", {"scheduled_at": "2026-03-13T09:30:00"}),
        ("session.create", {"scheduled_at": "2026-03-13T09:30:00Z", "duration_minutes": 0}),
        ("session.create", {"scheduled_at": "2026-03-13T09:30:00Z", "user_id": ID}),
        ("contact.create", {"first_name": " "}),
        ("contact.create", {"first_name": "Jo", "email": "nobody"}),
        ("payment.record", {"amount": "-5", "currency": "EUR", "paid_on": "2026-03-09"}),
        ("payment.record", {"amount": "5", "currency": "euro", "paid_on": "2026-03-09"}),
        ("task.create", {"title": ""}),
        ("reply.draft", {"body": " "}),
        ("contact.update", {"field": "health_notes", "value": "x"}),
    ],
)
def test_a_payload_refuses_what_cannot_be(kind, data):
    with pytest.raises(ValidationError):
        proposals.of(kind).Payload.model_validate(data)


def test_every_type_is_of_one_shape():
    for name, kind in proposals.TYPES.items():
        assert name == kind.TYPE
        assert kind.GROUP in proposals.GROUPS
        assert set(kind.Payload.OPTIONAL) <= {*kind.Payload.model_fields, "contact"}
        assert set(kind.Payload.EDITABLE) <= {*kind.Payload.model_fields, "contact"}
        assert callable(kind.execute)
        assert callable(kind.undo)
