"""Booking, moving, cancelling; what is in the way; clocks that change; and what Google sees and says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from omnicrm.core import zones
from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.core.wire import CalendarEvent, EventReceipt
from omnicrm.domain import connections, outbox, sessions, settings
from omnicrm.domain.sessions import Booking
from omnicrm.models.sessions import SessionStatus
from tests.factories import (
    make_attendee,
    make_connection,
    make_contact,
    make_service,
    make_session,
    make_source_item,
)

FRIDAY = datetime(2026, 3, 13, 9, 30, tzinfo=UTC)  # 10:30 in Stockholm
HOUR = timedelta(hours=1)


def book(db, at=FRIDAY, minutes=60, contact=None, **more):
    contact = contact or make_contact(db)
    return sessions.book(db, Booking(contact_id=contact.id, scheduled_at=at, duration_minutes=minutes, **more))


def changed(session, **changes):
    values = {
        "id": session.google_calendar_event_id,
        "calendar_id": session.google_calendar_id or "primary",
        "etag": "new",
        "status": "confirmed",
        "starts_at": session.scheduled_at,
        "ends_at": session.scheduled_at + timedelta(minutes=session.duration_minutes),
        "resource": {},
        **changes,
    }
    return CalendarEvent(**values)


def with_google(db):
    return make_connection(db, provider="google_calendar", scopes=[connections.CALENDAR_WRITE[0]])


def written(db, session):
    """Deliver what waits, and say that Google wrote it."""
    for message in outbox.claim(db):
        write = sessions.event_write(db, message)
        receipt = EventReceipt(calendar_id="primary", event_id=write.event_id, etag=f"e{message.id.hex[-4:]}")
        outbox.delivered(db, message.id)
        sessions.calendar_written(db, message, receipt)
    return session


def test_the_service_says_what_the_booking_leaves_open(db, clock):
    service = make_service(db, name="Aroma massage", duration_minutes=75, location="Treatment room")
    session = sessions.book(db, Booking(contact_id=make_contact(db).id, service_id=service.id, scheduled_at=FRIDAY))
    assert (session.title, session.duration_minutes, session.location) == ("Aroma massage", 75, "Treatment room")
    with pytest.raises(Invalid):
        sessions.book(db, Booking(scheduled_at=FRIDAY + timedelta(days=1)))


def test_back_to_back_is_fine_and_an_overlap_is_asked_about(db, clock):
    first = book(db)
    book(db, FRIDAY + HOUR)
    book(db, FRIDAY - HOUR)
    with pytest.raises(Conflict, match="is booked from 10:30 to 11:30") as refused:
        book(db, FRIDAY + timedelta(minutes=59))
    assert refused.value.override == "allow_overlap"
    over = sessions.book(
        db, Booking(contact_id=first.contact_id, scheduled_at=FRIDAY, duration_minutes=30), allow_overlap=True
    )
    assert over.overlap_allowed


def test_googles_busy_time_is_in_the_way_but_not_our_own_event(db, clock):
    busy = {"kind": "event", "busy": True, "google_calendar_id": "primary", "subject": "Dentist"}
    make_source_item(db, external_id="dentist", starts_at=FRIDAY, ends_at=FRIDAY + HOUR, **busy)
    with pytest.raises(Conflict, match="Google calendar is busy from 10:30 to 11:30"):
        book(db)
    session = book(db, FRIDAY + HOUR)
    session.google_calendar_id, session.google_calendar_event_id = "primary", "own"
    db.flush()
    make_source_item(db, external_id="own", starts_at=FRIDAY + HOUR, ends_at=FRIDAY + 2 * HOUR, **busy)
    assert sessions.clashes(db, FRIDAY + HOUR, 60, other_than=session.id) == []
    sessions.move(db, session.id, FRIDAY + 2 * HOUR)


def test_a_stranger_is_not_found(db, natalie):
    with transaction(natalie) as hers:
        stranger = make_contact(hers)
        theirs = make_session(hers)
    with pytest.raises(NotFound):
        sessions.book(db, Booking(contact_id=stranger.id, scheduled_at=FRIDAY))
    for act in (sessions.cancel, sessions.card, sessions.close, sessions.uncancel):
        with pytest.raises(NotFound):
            act(db, theirs.id)


def test_only_what_is_to_come_moves(db, clock):
    session = book(db)
    with pytest.raises(Conflict, match="meanwhile"):
        sessions.move(db, session.id, FRIDAY + HOUR, version=session.version + 1)
    sessions.cancel(db, session.id)
    with pytest.raises(Refused):
        sessions.move(db, session.id, FRIDAY + HOUR)
    with pytest.raises(Refused):
        sessions.cancel(db, session.id)
    with pytest.raises(Refused):
        sessions.close(db, session.id)
    sessions.uncancel(db, session.id)
    assert sessions.close(db, session.id, came=False).status == "no_show"


def test_a_cancelled_time_that_was_taken_is_asked_about(db, clock):
    session = book(db)
    sessions.cancel(db, session.id)
    book(db)
    with pytest.raises(Conflict):
        sessions.uncancel(db, session.id)
    assert sessions.uncancel(db, session.id, allow_overlap=True).status == "scheduled_in_crm"


@pytest.mark.parametrize(
    ("by", "hours", "late"),
    [("client", 23, True), ("client", 25, False), ("google", 23, True), ("practitioner", 1, False)],
)
def test_a_late_cancellation_is_the_clients(db, clock, by, hours, late):
    service = make_service(db, cancellation_window_hours=24)
    session = book(db, service_id=service.id)
    clock.move_to(FRIDAY - timedelta(hours=hours))
    assert sessions.cancel(db, session.id, by=by).late_cancel is late


def test_the_same_hour_after_the_clocks_change(db, clock):
    stockholm = ZoneInfo("Europe/Stockholm")
    before = zones.at_wall(date(2026, 3, 27), time(10), stockholm)
    after = zones.shift_wall(before, stockholm, days=7)  # summer time begins on 29 March
    first, second = book(db, before), book(db, after)
    rows = sessions.on_range(db, before - HOUR, after + HOUR)
    assert [(row.day, row.time) for row in rows] == [("2026-03-27", "10:00"), ("2026-04-03", "10:00")]
    assert second.scheduled_at - first.scheduled_at == timedelta(days=7) - HOUR


def test_the_calendar_shows_sessions_proposals_and_busy_times(db, clock):
    jo = make_contact(db, first_name="Jo", last_name="Park")
    booked = book(db, contact=jo, title="Massage")
    held = sessions.hold(db, Booking(contact_id=jo.id, scheduled_at=FRIDAY + HOUR))
    flow = make_session(db, title="Slow Flow", capacity=12, scheduled_at=FRIDAY + 2 * HOUR)
    make_attendee(db, flow, jo)
    make_source_item(
        db, kind="event", busy=True, subject="Dentist", starts_at=FRIDAY + 3 * HOUR, ends_at=FRIDAY + 4 * HOUR
    )
    sessions.cancel(db, book(db, FRIDAY + 5 * HOUR).id)
    rows = sessions.on_range(db, FRIDAY, FRIDAY + timedelta(hours=8))
    assert [(row.kind, row.title, row.span, row.places) for row in rows] == [
        ("session", "Jo Park", "10:30 to 11:30", ""),
        ("proposed", "Jo Park", "11:30 to 12:30", ""),
        ("class", "Slow Flow", "12:30 to 13:30", "1 of 12"),
        ("busy", "Dentist", "13:30 to 14:30", ""),
    ]
    assert rows[0].starts_at == "2026-03-13T10:30:00+01:00"
    assert {row.id for row in rows[:3]} == {str(booked.id), str(held.id), str(flow.id)}
    assert sessions.on_range(db, FRIDAY - HOUR, FRIDAY) == []  # back-to-back is outside


def test_a_client_elsewhere_sees_another_clock(db, clock):
    jo = make_contact(db, first_name="Priya", time_zone="Europe/London")
    assert sessions.card(db, book(db, contact=jo).id).their_time == "9:30 for Priya in London"


@pytest.mark.parametrize(
    ("style", "title"),
    [
        ("initials_service", "J. P., Massage"),
        ("name_service", "Jo Park, Massage"),
        ("service", "Massage"),
        ("busy", "Busy"),
    ],
)
def test_google_is_shown_what_the_practitioner_chose(db, clock, style, title):
    jo = make_contact(db, first_name="Jo", last_name="Park")
    session = book(db, contact=jo, service_id=make_service(db, name="Massage").id)
    settings.set(db, "google_event_title", style)
    assert sessions.event_title(db, session) == title
    jo.calendar_name = "Blue"
    expected = {"busy": "Busy", "service": "Massage"}.get(style, "Blue, Massage")
    assert sessions.event_title(db, session) == expected


def test_without_a_calendar_nothing_is_asked_of_google(db, clock):
    book(db)
    assert outbox.claim(db) == []


def test_a_booking_is_written_once_under_its_own_id(db, clock):
    with_google(db)
    session = written(db, book(db, service_id=make_service(db).id))
    assert (session.status, session.google_calendar_event_id) == ("synced_to_gcal", f"omni{session.id.hex}")
    assert outbox.claim(db) == []
    sessions.move(db, session.id, FRIDAY + HOUR)
    (message,) = outbox.claim(db)
    write = sessions.event_write(db, message)
    assert (write.operation, write.starts_at, write.etag) == ("upsert", FRIDAY + HOUR, session.google_etag)


def test_two_changes_are_written_in_their_order_and_as_it_stands(db, clock):
    with_google(db)
    session = book(db)
    sessions.move(db, session.id, FRIDAY + HOUR)
    (first,) = outbox.claim(db)
    assert sessions.event_write(db, first).starts_at == FRIDAY + HOUR  # the last state at once
    assert outbox.claim(db) == []  # the second waits for the first
    outbox.delivered(db, first.id)
    assert len(outbox.claim(db)) == 1


def test_our_own_write_coming_back_changes_nothing(db, clock):
    with_google(db)
    session = written(db, book(db))
    version = session.version
    event = changed(session, etag=session.google_etag)
    assert sessions.calendar_changed(db, event) == "unchanged"
    assert sessions.calendar_changed(db, changed(session)) == "unchanged"  # a new etag alone
    assert (session.version, outbox.claim(db)) == (version, [])


def test_what_moves_in_google_moves_here(db, clock):
    with_google(db)
    session, other = written(db, book(db)), book(db, FRIDAY + 3 * HOUR)
    event = changed(session, starts_at=FRIDAY + 3 * HOUR, ends_at=FRIDAY + 4.5 * HOUR)
    assert sessions.calendar_changed(db, event) == "moved"
    assert (session.scheduled_at, session.duration_minutes, session.overlap_allowed) == (FRIDAY + 3 * HOUR, 90, True)
    assert [message.subject for message in outbox.claim(db)] == [other.id]  # nothing goes back for what came from there


def test_what_is_deleted_in_google_is_cancelled_here(db, clock):
    with_google(db)
    session = written(db, book(db))
    assert sessions.calendar_changed(db, changed(session, status="cancelled", etag="gone")) == "cancelled"
    assert (session.status, session.cancelled_by) == (SessionStatus.CANCELLED, "google")
    assert sessions.calendar_changed(db, changed(session, status="cancelled", etag="gone")) == "unchanged"


def test_a_change_made_here_wins_while_it_is_on_its_way(db, clock):
    with_google(db)
    session = written(db, book(db))
    sessions.move(db, session.id, FRIDAY + HOUR)
    assert sessions.calendar_changed(db, changed(session, starts_at=FRIDAY, ends_at=FRIDAY + HOUR)) == "kept"
    assert (session.scheduled_at, session.google_etag) == (FRIDAY + HOUR, "new")


def test_an_event_of_somebody_else_is_unknown_and_keeps_its_words(db, clock):
    with_google(db)
    event = CalendarEvent(id="theirs", calendar_id="primary", etag="1", status="confirmed", resource={})
    assert sessions.calendar_changed(db, event) == "unknown"
    jo = make_contact(db)
    session = sessions.book(db, Booking(contact_id=jo.id, scheduled_at=FRIDAY, event=("primary", "theirs", "1")))
    assert (session.status, outbox.claim(db)) == ("synced_to_gcal", [])
    sessions.move(db, session.id, FRIDAY + HOUR)
    (message,) = outbox.claim(db)
    write = sessions.event_write(db, message)
    assert (write.event_id, write.title, write.starts_at) == ("theirs", "", FRIDAY + HOUR)
    outbox.delivered(db, message.id)
    sessions.unbook(db, session.id)
    assert outbox.claim(db) == []  # her event stays in Google


def test_a_receipt_that_was_lost_is_recognised_by_its_id(db, clock):
    with_google(db)
    session = book(db)
    (message,) = outbox.claim(db)
    outbox.delivered(db, message.id)  # delivered, yet nothing was booked on the session
    event = CalendarEvent(
        id=sessions.event_id(session.id),
        calendar_id="primary",
        etag="1",
        status="confirmed",
        starts_at=FRIDAY,
        ends_at=FRIDAY + HOUR,
        resource={},
    )
    assert sessions.calendar_changed(db, event) == "unchanged"
    assert (session.google_calendar_event_id, session.google_etag) == (event.id, "1")
