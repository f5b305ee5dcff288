"""The morning brief: what is on it, and that it costs the same however much there is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from omnicrm.domain import today
from tests.drafts import proposed
from tests.factories import make_contact, make_invoice, make_note, make_session, make_source_item, make_task
from tests.statements import number_of

# The clock stands at Tuesday 10 March 2026, 09:00 in Stockholm.


def test_today_says_who_comes_and_what_waits(db, clock):
    jonas = make_contact(db, first_name="Jonas", last_name="Berg", time_zone="Europe/London")
    make_note(db, contact_id=jonas.id, content="Left knee still stiff\nafter the run.")
    make_invoice(
        db,
        contact_id=jonas.id,
        number="2026-0141",
        total=Decimal("85"),
        currency="SEK",
        due_on=date(2026, 2, 26),
        status="overdue",
    )
    make_session(db, title="Morning Flow", scheduled_at=datetime(2026, 3, 10, 6, tzinfo=UTC), capacity=12)
    make_session(
        db,
        contact_id=jonas.id,
        title="Deep tissue massage",
        location="Treatment room",
        scheduled_at=datetime(2026, 3, 10, 9, 48, tzinfo=UTC),
    )
    make_session(db, contact_id=jonas.id, scheduled_at=datetime(2026, 3, 11, 8, tzinfo=UTC))
    make_task(db, title="Confirm the room", due_date=datetime(2026, 3, 9, 23, tzinfo=UTC), priority="high")
    proposed(
        db,
        make_source_item(db, sender="noor@haddad.example"),
        "session.create",
        contact_email="noor@haddad.example",
        contact_name="Noor Haddad",
        scheduled_at="2026-03-10T16:15:00+01:00",
    )

    card = today.card(db)

    assert (card.greeting, card.date, card.now) == ("Good morning, Maya", "Tuesday 10 March", "9:00")
    assert card.to_come == "1 of 2 still to come"
    assert [(row.time, row.kind, row.who) for row in card.sessions] == [
        ("7:00", "class", "Morning Flow"),
        ("10:48", "session", "Jonas Berg"),
        ("16:15", "proposed", "Noor Haddad"),
    ]
    jonas_row = card.sessions[1]
    assert (jonas_row.note, jonas_row.unpaid, jonas_row.their_time, jonas_row.distance) == (
        "Left knee still stiff after the run.",
        "SEK\xa085.00 unpaid",
        "9:48 for Jonas in London",
        "in 1 h",
    )
    assert jonas_row.detail == "Deep tissue massage, Treatment room"
    assert [(one.title, one.detail) for one in card.priorities] == [
        ("Confirm the room", "due today"),
        ("Remind Jonas of invoice 2026-0141", "12 days overdue"),
    ]
    assert card.counts.sessions == card.counts.badge == 1
    assert card.approvals[0].sentence == "Book Noor Haddad for a session today at 16:15"
    assert [(day.day, day.words) for day in card.days] == [("Wed 11 Mar", "1 session, first Jonas Berg at 9:00")]


def test_an_empty_day_is_a_short_page(db, clock):
    card = today.card(db)
    assert (card.sessions, card.priorities, card.approvals, card.days, card.to_come) == ([], [], [], [], "")


def test_the_number_of_statements_does_not_grow(db, clock):
    def fill(times: int) -> int:
        for index in range(times):
            contact = make_contact(db)
            make_session(
                db, contact_id=contact.id, scheduled_at=datetime(2026, 3, 10, 9, tzinfo=UTC), overlap_allowed=True
            )
            make_note(db, contact_id=contact.id)
            make_task(db, contact_id=contact.id, due_date=datetime(2026, 3, 9, 23, tzinfo=UTC))
            proposed(db, make_source_item(db), "task.create", title=f"Call {contact.first_name} {index}")
        return number_of(db, lambda: today.card(db))

    few = fill(4)
    clock.advance(timedelta(seconds=1))
    assert fill(20) == few <= 14
