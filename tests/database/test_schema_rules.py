"""Rules that the database itself keeps: overlaps, identifiers, keys of imported items, defaults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from omnicrm.core.db import Db, transaction
from omnicrm.models.contacts import ContactIdentifier
from omnicrm.models.sessions import SessionStatus
from tests.factories import (
    make_connection,
    make_contact,
    make_service,
    make_session,
    make_source_item,
    make_task,
)

TEN = datetime(2026, 3, 12, 10, tzinfo=UTC)
HELD = SessionStatus.PENDING_AI_CONFIRMATION


def test_two_live_sessions_do_not_overlap(db: Db) -> None:
    make_session(db, scheduled_at=TEN, duration_minutes=60)
    with pytest.raises(IntegrityError, match="ex_sessions_overlap"):
        make_session(db, scheduled_at=TEN + timedelta(minutes=59), duration_minutes=30)


def test_back_to_back_is_no_overlap(db: Db) -> None:
    make_session(db, scheduled_at=TEN, duration_minutes=60)
    make_session(db, scheduled_at=TEN + timedelta(minutes=60), duration_minutes=60)
    make_session(db, scheduled_at=TEN - timedelta(minutes=45), duration_minutes=45)


def test_a_session_without_a_length_takes_an_hour(db: Db) -> None:
    make_session(db, scheduled_at=TEN, duration_minutes=None)
    make_session(db, scheduled_at=TEN + timedelta(minutes=60))
    with pytest.raises(IntegrityError, match="ex_sessions_overlap"):
        make_session(db, scheduled_at=TEN + timedelta(minutes=30), duration_minutes=15)


@pytest.mark.parametrize(
    "changes",
    [{"overlap_allowed": True}, {"status": HELD}, {"status": SessionStatus.CANCELLED}],
    ids=["allowed", "held for an approval", "cancelled"],
)
def test_what_is_not_live_or_is_allowed_may_overlap(db: Db, changes: dict[str, object]) -> None:
    make_session(db, scheduled_at=TEN)
    make_session(db, scheduled_at=TEN, **changes)


def test_a_held_session_that_is_confirmed_must_fit(db: Db) -> None:
    make_session(db, scheduled_at=TEN)
    held = make_session(db, scheduled_at=TEN, status=HELD)
    held.status = SessionStatus.SCHEDULED_IN_CRM
    with pytest.raises(IntegrityError, match="ex_sessions_overlap"):
        db.flush()


def test_two_practitioners_may_work_at_the_same_time(db: Db, natalie: UUID) -> None:
    make_session(db, scheduled_at=TEN)
    with transaction(natalie) as hers:
        make_session(hers, scheduled_at=TEN)


def test_a_time_without_a_zone_is_refused(db: Db) -> None:
    with pytest.raises(StatementError, match="zone"):
        make_task(db, due_date=datetime(2026, 3, 12, 10))  # noqa: DTZ001  # the very thing that is refused


def test_an_unknown_status_word_is_refused(db: Db) -> None:
    with pytest.raises(StatementError, match="sometime"):
        make_task(db, status="sometime")


def test_money_is_in_the_practitioners_currency(db: Db) -> None:
    assert make_service(db).currency == "SEK"


def test_the_primary_address_is_an_identifier(db: Db) -> None:
    contact = make_contact(db, email=" Jo@Park.Example", phone="+46 70-123 45 67")
    assert _identifiers(db, contact.id) == {
        ("email", "jo@park.example", True),
        ("phone", "+46701234567", True),
    }


def test_a_changed_address_takes_the_place_of_the_old_one(db: Db) -> None:
    contact = make_contact(db, email="old@park.example")
    contact.email = "new@park.example"
    db.flush()
    assert _identifiers(db, contact.id) == {("email", "new@park.example", True)}
    contact.email = None
    db.flush()
    assert _identifiers(db, contact.id) == set()


@pytest.mark.parametrize("nothing", ["", "   "])
def test_an_empty_address_is_no_identifier(db: Db, nothing: str) -> None:
    assert _identifiers(db, make_contact(db, email=nothing, phone=nothing).id) == set()


def test_a_further_address_that_becomes_primary_is_the_contacts(db: Db) -> None:
    contact = make_contact(db, email="first@park.example")
    second = ContactIdentifier(contact_id=contact.id, kind="email", value="second@park.example")
    db.add(second)
    db.flush()
    second.is_primary = True
    db.flush()
    db.refresh(contact)
    assert contact.email == "second@park.example"
    assert _identifiers(db, contact.id) == {
        ("email", "first@park.example", False),
        ("email", "second@park.example", True),
    }
    db.refresh(second)
    db.delete(second)
    db.flush()
    db.refresh(contact)
    assert contact.email is None


def test_an_address_may_be_promoted_from_the_contacts_side(db: Db) -> None:
    contact = make_contact(db, email="first@park.example")
    db.add(ContactIdentifier(contact_id=contact.id, kind="email", value="second@park.example"))
    db.flush()
    contact.email = "Second@park.example"
    db.flush()
    assert contact.email == "Second@park.example"
    assert _identifiers(db, contact.id) == {("email", "second@park.example", True)}


def test_two_clients_may_share_an_address(db: Db) -> None:
    make_contact(db, email="family@park.example")
    make_contact(db, email="family@park.example")


def test_an_item_of_a_connection_is_stored_once(db: Db) -> None:
    connection = make_connection(db)
    make_source_item(db, connection_id=connection.id, provider="google_gmail", external_id="m1")
    with pytest.raises(IntegrityError, match="uq_source_items_connected"):
        make_source_item(db, connection_id=connection.id, provider="google_gmail", external_id="m1")


def test_an_imported_item_is_stored_once_for_each_practitioner(db: Db, natalie: UUID) -> None:
    with transaction(natalie) as hers:
        make_source_item(hers, external_id="m1")
    make_source_item(db, external_id="m1")
    with pytest.raises(IntegrityError, match="uq_source_items_imported"):
        make_source_item(db, external_id="m1")


def test_leaving_a_session_behind_keeps_the_task(db: Db) -> None:
    session = make_session(db)
    task = make_task(db, session_id=session.id)
    db.delete(session)
    db.flush()
    db.refresh(task)
    assert task.session_id is None
    assert task.user_id is not None


def _identifiers(db: Db, contact_id: UUID) -> set[tuple[str, str, bool]]:
    rows = db.execute(
        text("select kind, value, is_primary from contact_identifiers where contact_id = :id"), {"id": contact_id}
    )
    return {(row.kind, row.value, row.is_primary) for row in rows}
