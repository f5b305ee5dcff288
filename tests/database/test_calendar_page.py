"""The calendar through the practitioner's door: what each view reads, and what a drag may and may not do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from omnicrm.core import ids, zones
from omnicrm.core.db import transaction
from omnicrm.domain import availability, sessions
from omnicrm.models.sessions import Session
from omnicrm.state.calendar import CalendarState
from tests.conftest import Clock
from tests.doors import send
from tests.factories import make_contact, make_source_item, make_user

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.fixture
def maya(database: str, clock: Clock) -> UUID:
    """Maya in Helsinki, on Tuesday 10 March 2026 at 10:00; her clocks change on the 29th."""
    clock.at = datetime(2026, 3, 10, 8, tzinfo=UTC)
    return make_user(name="Maya Lindqvist", time_zone="Europe/Helsinki", locale="en_IE")


def test_each_view_reads_the_days_it_shows(maya: UUID):
    inside, before, after = (
        _booked(maya, _at(day, 10)) for day in (date(2026, 3, 30), date(2026, 2, 22), date(2026, 4, 6))
    )
    page = send(CalendarState, "show", as_=maya, view="month")
    assert (page.first, page.count, page.title) == ("2026-02-23", 42, "March 2026")
    assert [one.id for one in page.blocks] == [str(inside)]
    page = send(CalendarState, "pick", as_=maya, on_=page, day="2026-04-06")
    page = send(CalendarState, "show", as_=maya, on_=page, view="day")
    assert (page.first, page.count, page.title) == ("2026-04-06", 1, "Monday 6 April")
    assert [one.id for one in page.blocks] == [str(after)]
    page = send(CalendarState, "show", as_=maya, on_=page, view="agenda")
    page = send(CalendarState, "pick", as_=maya, on_=page, day="2026-02-22")
    assert page.blocks == []
    assert [row.id for day in page.agenda for row in day.rows if row.kind != "now"] == [str(before)]


def test_months_end_when_they_end(maya: UUID):
    page = send(CalendarState, "show", as_=maya, view="month")
    page = send(CalendarState, "pick", as_=maya, on_=page, day="2026-01-31")
    page = send(CalendarState, "step", as_=maya, on_=page, by=1)
    assert page.day == "2026-02-28"
    page = send(CalendarState, "step", as_=maya, on_=page, by=-14)
    assert (page.day, page.title) == ("2024-12-28", "December 2024")


def test_a_drag_keeps_the_wall_clock_over_a_change_of_clocks(maya: UUID):
    session = _booked(maya, _at(date(2026, 3, 27), 10), 90)
    page = send(CalendarState, "show", as_=maya, view="month")
    page = _dropped(maya, session, date(2026, 3, 30), time(10), 90, "2026-03-27T10:00", page)
    assert _when(maya, session) == (datetime(2026, 3, 30, 7, tzinfo=UTC), 90)
    page = send(CalendarState, "take_back", as_=maya, on_=page)
    name, payload = page._following.name.rpartition(".")[2], page._following.payload
    send(CalendarState, name, as_=maya, on_=page, **payload)
    assert _when(maya, session) == (datetime(2026, 3, 27, 8, tzinfo=UTC), 90)


def test_a_session_over_the_night_of_the_change_has_its_real_length(maya: UUID):
    _booked(maya, _at(date(2026, 3, 29), 2), 120)
    page = send(CalendarState, "pick", as_=maya, day="2026-03-29")
    (block,) = page.blocks
    assert (block.starts, block.ends, block.minutes) == ("2026-03-29T02:00", "2026-03-29T05:00", 120)


def test_what_is_in_the_way_waits_for_a_word(maya: UUID):
    session, other = _booked(maya, _at(date(2026, 3, 12), 10)), _booked(maya, _at(date(2026, 3, 12), 14))
    page = _dropped(maya, session, date(2026, 3, 12), time(14, 30), 60, "2026-03-12T10:00")
    assert page.wish.id == str(session)
    assert "14:00 to 15:00" in page.wish.clashes[0]
    assert page.toast["text"] == ""
    before = page.answered
    page = send(CalendarState, "put_back", as_=maya, on_=page)
    assert (page.wish, page.answered > before) == (None, True)
    assert _when(maya, session)[0] == _at(date(2026, 3, 12), 10)
    page = _dropped(maya, session, date(2026, 3, 12), time(14, 30), 60, "2026-03-12T10:00", page)
    page = send(CalendarState, "settle", as_=maya, on_=page)
    assert page.toast["text"].startswith("Moved to Thu 12 Mar, 14:30.")
    assert _when(maya, session)[0] == _at(date(2026, 3, 12), 14, 30)
    assert _when(maya, other)[0] == _at(date(2026, 3, 12), 14)
    again = send(CalendarState, "settle", as_=maya, on_=page)
    assert again.toast["bad"]


def test_time_off_and_hours_are_said(maya: UUID):
    session = _booked(maya, _at(date(2026, 3, 12), 10))
    off = availability.TimeOffForm(first=date(2026, 3, 13), last=date(2026, 3, 14), reason="Retreat")
    with transaction(maya) as db:
        availability.set_hours(db, [0, 1, 2, 3, 4], [(time(9), time(17))])
        availability.add_time_off(db, off)
    page = _dropped(maya, session, date(2026, 3, 13), time(10), 60, "2026-03-12T10:00")
    assert page.wish.clashes == ["You are off then: Retreat."]
    (block,) = [one for one in page.blocks if one.kind == "off"]
    assert (block.starts, block.ends, block.lane) == ("2026-03-13T00:00", "2026-03-15T00:00", True)
    assert page.hours[0] == [(540, 1020)]
    page = _dropped(maya, session, date(2026, 3, 12), time(18), 60, "2026-03-12T10:00", page)
    assert page.wish.id == str(session)  # the question before is still open
    assert "Outside your working hours." in page.toast["text"]


@pytest.mark.parametrize("status", ["cancelled", "completed", "gone", "foreign"])
def test_what_cannot_be_moved_is_not_and_the_page_is_told(maya: UUID, natalie: UUID, status: str):
    session = _booked(maya, _at(date(2026, 3, 12), 10))
    with transaction(maya) as db:
        if status == "cancelled":
            sessions.cancel(db, session)
        if status == "completed":
            sessions.close(db, session)
        if status == "gone":
            sessions.unbook(db, session)
    page = send(CalendarState, "load", as_=maya)
    before = page.answered
    by = natalie if status == "foreign" else maya
    page = _dropped(by, session, date(2026, 3, 13), time(10), 60, "2026-03-12T10:00", page)
    assert page.toast["bad"]
    assert page.answered > before  # what the page drew goes back
    if status != "gone":
        assert _when(maya, session) == (_at(date(2026, 3, 12), 10), 60)


def test_an_unknown_session_is_refused_like_a_foreign_one(maya: UUID, natalie: UUID):
    session = _booked(natalie, _at(date(2026, 3, 12), 10))
    texts = {
        _dropped(maya, one, date(2026, 3, 13), time(10), 60, "2026-03-12T10:00").toast["text"]
        for one in (session, ids.new())
    }
    assert len(texts) == 1


def test_the_list_shows_what_goes_on_on_each_of_its_days_and_where_now_is(maya: UUID, clock: Clock):
    early, late = _booked(maya, _at(date(2026, 3, 10), 9), 30), _booked(maya, _at(date(2026, 3, 10), 15))
    with transaction(maya) as db:
        make_source_item(
            db,
            kind="event",
            external_id="trip",
            subject="Trip",
            busy=True,
            google_calendar_id="primary",
            starts_at=_at(date(2026, 3, 9), 0),
            ends_at=_at(date(2026, 3, 12), 0),
            payload={"start": {"date": "2026-03-09"}},
        )
    page = send(CalendarState, "load", as_=maya)
    today, following = page.agenda
    assert [(row.kind, row.time) for row in today.rows] == [
        ("busy", "all day"),
        ("session", "9:00"),
        ("now", "10:00"),
        ("session", "15:00"),
    ]
    assert [row.id for row in today.rows if row.kind == "session"] == [str(early), str(late)]
    assert today.name == "Today, Tuesday 10 March"
    assert [(following.date, [row.title for row in following.rows])] == [("2026-03-11", ["Trip"])]
    assert [(one.starts, one.lane) for one in page.blocks if one.kind == "busy"] == [("2026-03-09T00:00", True)]


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return zones.at_wall(day, time(hour, minute), HELSINKI)


def _booked(user: UUID, at: datetime, minutes: int = 60) -> UUID:
    with transaction(user) as db:
        contact = make_contact(db)
        booking = sessions.Booking(contact_id=contact.id, scheduled_at=at, duration_minutes=minutes)
        session: Session = sessions.book(db, booking)
        return session.id


def _dropped(
    user: UUID, session: UUID, day: date, at: time, minutes: int, seen: str, page: CalendarState | None = None
) -> CalendarState:
    payload = {"session": str(session), "day": str(day), "at": f"{at:%H:%M}", "minutes": minutes, "seen": seen}
    return send(CalendarState, "drop", as_=user, on_=page, **payload)


def _when(user: UUID, session: UUID) -> tuple[datetime, int | None]:
    with transaction(user) as db:
        found = db.get_one(Session, session)
        return found.scheduled_at, found.duration_minutes
