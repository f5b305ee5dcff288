"""The sample practice: founded whole, connected, reproducible, and never into a real book."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import func, select

from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Conflict, Invalid
from omnicrm.domain import connections, demo
from omnicrm.jobs import sample
from omnicrm.models.contacts import Contact
from omnicrm.models.invoices import Invoice
from omnicrm.models.notes import Note
from omnicrm.models.sessions import Session
from omnicrm.sandbox import builtin
from tests.factories import make_contact


@pytest.fixture
def stand_in() -> Iterator[str]:
    yield builtin.url()
    builtin.stop()


def _count(db: Db, table: type) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_practice_of_any_size_is_filled(db: Db) -> None:
    made = demo.fill(db, contacts=40, long_history=30)
    assert (made.contacts, made.notes, made.sessions) == (40, 110, 40)
    assert (_count(db, Contact), _count(db, Note), _count(db, Session)) == (40, 110, 40)


def test_the_same_seed_makes_the_same_people(maya: UUID, natalie: UUID) -> None:
    books = []
    for who in (maya, natalie):
        with transaction(who) as db:
            demo.fill(db, contacts=25, seed=7)
            books.append(db.scalars(select(Contact.email).order_by(Contact.id)).all())
            db.rollback()
    assert books[0] == books[1]
    assert len(set(books[0])) == 25


def test_sessions_stand_side_by_side_only_when_two_years_are_too_short(db: Db) -> None:
    demo.fill(db, contacts=3_000)
    assert db.scalar(select(func.count()).where(Session.overlap_allowed)) == 0


def test_an_absurd_size_is_refused(db: Db) -> None:
    with pytest.raises(Invalid):
        demo.fill(db, contacts=0)


def test_the_sample_practice_stands_with_its_google_account(maya: UUID, stand_in: str) -> None:
    sample.furnish(maya, contacts=30)
    with transaction(maya) as db:
        assert _count(db, Contact) == 30
        assert _count(db, Invoice) > 0
        assert {row.provider for row in connections.of(db)} == {"google_gmail", "google_calendar"}
        assert all(row.is_sandbox for row in connections.of(db))
        assert db.scalar(select(func.count()).where(Session.google_calendar_event_id.is_not(None))) > 0


def test_sample_data_never_mixes_with_a_real_book(maya: UUID, stand_in: str) -> None:
    with transaction(maya) as db:
        make_contact(db)
    with pytest.raises(Conflict):
        sample.furnish(maya)
