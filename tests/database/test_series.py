"""Series: every clash before booking, clocks that change, this and following, all, undo; an endless one carried on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock as core_clock
from omnicrm.core import zones
from omnicrm.core.errors import Conflict, Invalid, Refused
from omnicrm.domain import sessions
from omnicrm.domain.sessions import Booking, Repeat, SeriesChange, changes
from omnicrm.models.sessions import Session, SessionSeries, SessionStatus
from tests.factories import make_contact, make_session, make_source_item

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOUR = timedelta(hours=1)
TUESDAY = date(2026, 3, 17)  # clocks go forward on Sunday 29 March


def at(day, hour=10, minute=0):
    return zones.at_wall(day, time(hour, minute), STOCKHOLM)


def weekly(db, count=6, first=TUESDAY, choices=None, **repeat):
    wish = booking(db, first)
    rule = sessions.rule_of(Repeat(**{"ends": "count", "count": count, **repeat}), first)
    return sessions.create(db, wish, rule, choices or {})


def booking(db, first=TUESDAY, **more):
    return Booking(contact_id=make_contact(db).id, scheduled_at=at(first), duration_minutes=60, title="Massage", **more)


def booked(db, *series, live=True):
    query = select(Session).where(col(Session.series_id).in_([one.id for one in series])) if series else select(Session)
    if live:
        query = query.where(col(Session.status) == SessionStatus.SCHEDULED_IN_CRM)
    return list(db.scalars(query.order_by(col(Session.scheduled_at))))


def walls(rows):
    return [f"{row.scheduled_at.astimezone(STOCKHOLM):%d %b %H:%M}" for row in rows]


def test_half_past_two_stays_half_past_two_when_clocks_change(db, clock):
    series = weekly(db, 3)
    assert walls(booked(db, series)) == ["17 Mar 10:00", "24 Mar 10:00", "31 Mar 10:00"]
    assert (series.rrule, series.ends_on) == ("FREQ=WEEKLY;BYDAY=TU;COUNT=3", date(2026, 3, 31))


def test_a_session_in_the_hour_that_does_not_exist_is_said_and_moved_on(db, clock):
    wish = Booking(contact_id=make_contact(db).id, scheduled_at=at(date(2026, 3, 22), 2, 30), duration_minutes=30)
    rows = sessions.plan(db, wish, "FREQ=WEEKLY;COUNT=3")
    assert [row.note for row in rows] == ["", "Clocks go forward on that day: it begins at 3:30.", ""]
    back = Booking(contact_id=make_contact(db).id, scheduled_at=at(date(2026, 10, 25), 2, 30), duration_minutes=30)
    assert "first of the two" in sessions.plan(db, back, "FREQ=WEEKLY;COUNT=1")[0].note


def test_every_clash_is_listed_before_anything_is_booked(db, clock):
    make_session(db, title="Dinner", scheduled_at=at(date(2026, 3, 24)), duration_minutes=60)
    make_session(db, title="Lunch", scheduled_at=at(date(2026, 4, 7), 10, 30), duration_minutes=60)
    busy = {"kind": "event", "busy": True, "google_calendar_id": "primary", "external_id": "dentist"}
    make_source_item(db, starts_at=at(date(2026, 4, 14)), ends_at=at(date(2026, 4, 14)) + HOUR, **busy)
    wish = booking(db)
    rows = sessions.plan(db, wish, "FREQ=WEEKLY;COUNT=6")
    assert {row.day: row.clashes for row in rows if row.clashes} == {
        "2026-03-24": ["“Dinner” is booked from 10:00 to 11:00."],
        "2026-04-07": ["“Lunch” is booked from 10:30 to 11:30."],
        "2026-04-14": ["Your Google calendar is busy from 10:00 to 11:00."],
    }
    with pytest.raises(Conflict, match="say what to do"):
        sessions.create(db, wish, "FREQ=WEEKLY;COUNT=6", {date(2026, 3, 24): "skip"})
    assert booked(db, live=False) == booked(db), "nothing half done"
    choices = {date(2026, 3, 24): "skip", date(2026, 4, 7): "allow", date(2026, 4, 14): "skip"}
    series = sessions.create(db, wish, "FREQ=WEEKLY;COUNT=6", choices)
    assert walls(booked(db, series)) == ["17 Mar 10:00", "31 Mar 10:00", "07 Apr 10:00", "21 Apr 10:00"]
    assert [row.overlap_allowed for row in booked(db, series)] == [False, False, True, False]


@pytest.mark.parametrize(
    ("rrule", "field"),
    [
        ("FREQ=MINUTELY", "rrule"),
        ("FREQ=DAILY;BYHOUR=9,10", "rrule"),
        ("FREQ=WEEKLY;COUNT=9999", "rrule"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "rrule"),
        ("FREQ=WEEKLY;UNTIL=20200101", "rrule"),
        ("nonsense", "rrule"),
        ("FREQ=YEARLY;COUNT=30", "count"),
        ("FREQ=DAILY;UNTIL=20280101", "until"),
    ],
)
def test_endless_and_absurd_rules_are_refused_beside_the_field(db, clock, rrule, field):
    with pytest.raises(Invalid) as refused:
        sessions.plan(db, booking(db), rrule)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("repeat", "field"),
    [
        ({"count": None}, "count"),
        ({"count": 0}, "count"),
        ({"ends": "until"}, "until"),
        ({"ends": "until", "until": date(2026, 3, 1)}, "until"),
        ({"ends": "until", "until": date(9999, 12, 31)}, "until"),
        ({"count": 3, "days": (7,)}, "days"),
    ],
)
def test_what_a_person_chose_is_refused_beside_the_field(repeat, field):
    with pytest.raises(Invalid) as refused:
        sessions.rule_of(Repeat(**repeat), TUESDAY)
    assert list(refused.value.fields) == [field]


def test_sessions_that_run_into_each_other_are_no_series(db, clock):
    wish = Booking(contact_id=make_contact(db).id, scheduled_at=at(TUESDAY), duration_minutes=8 * 24 * 60)
    with pytest.raises(Invalid) as refused:
        sessions.plan(db, wish, "FREQ=WEEKLY;COUNT=3")
    assert list(refused.value.fields) == ["minutes"]


def test_months_without_the_date_end_earlier_and_a_fifth_weekday_is_the_last(db, clock):
    month = Repeat(every="month", by_date=True, count=3)
    rule = sessions.rule_of(month, date(2026, 3, 31))
    rows = sessions.plan(db, booking(db, date(2026, 3, 31)), rule)
    assert [row.day for row in rows] == ["2026-03-31", "2026-04-30", "2026-05-31"]
    assert sessions.rule_of(Repeat(every="month", count=3), date(2026, 3, 31)) == "FREQ=MONTHLY;BYDAY=-1TU;COUNT=3"


def test_this_and_following_goes_to_another_day_and_is_taken_back(db, clock):
    series = weekly(db, 5)
    third = booked(db, series)[2]
    new = changes.change(db, third.id, "following", SeriesChange(scheduled_at=at(date(2026, 4, 1), 12)), {})
    assert walls(booked(db, series)) == ["17 Mar 10:00", "24 Mar 10:00"]
    assert walls(booked(db, new)) == ["01 Apr 12:00", "08 Apr 12:00", "15 Apr 12:00"]
    assert sessions.rules.occurrences(
        series.rrule, series.starts_on, time(10), STOCKHOLM, through=date(2027, 1, 1)
    ) == [row.scheduled_at for row in booked(db, series)]
    assert changes.undo(db, new.id) == "Back as it was: 3 sessions."
    assert walls(booked(db, series)) == [
        "17 Mar 10:00",
        "24 Mar 10:00",
        "31 Mar 10:00",
        "07 Apr 10:00",
        "14 Apr 10:00",
    ]
    assert series.rrule == "FREQ=WEEKLY;BYDAY=TU;COUNT=5"
    with pytest.raises(Refused):
        changes.undo(db, series.id)


def test_all_that_are_to_come_move_a_week_later_past_each_other(db, clock):
    series = weekly(db, 4)
    first = booked(db, series)[0]
    sessions.close(db, first.id)
    clock.move_to(at(TUESDAY) + HOUR)
    second = booked(db, series)[0]
    new = changes.change(db, second.id, "all", SeriesChange(scheduled_at=second.scheduled_at + timedelta(days=7)), {})
    rows = booked(db, new)
    assert len(rows) == 3
    assert first.series_id == series.id, "what was stays as it was"


def test_a_session_moved_by_hand_keeps_its_time(db, clock):
    series = weekly(db, 3)
    rows = booked(db, series)
    sessions.move(db, rows[1].id, at(date(2026, 3, 26), 16))
    new = changes.change(db, rows[0].id, "all", SeriesChange(scheduled_at=at(TUESDAY, 11)), {})
    assert walls(booked(db, new)) == ["17 Mar 11:00", "26 Mar 16:00", "31 Mar 11:00"]


def test_a_change_lists_its_clashes_too_and_leaves_one_where_it_is(db, clock):
    series = weekly(db, 3)
    rows = booked(db, series)
    make_session(db, title="Dinner", scheduled_at=at(date(2026, 3, 24), 15), duration_minutes=60)
    wish = SeriesChange(scheduled_at=at(TUESDAY, 15))
    listed = changes.plan_change(db, rows[0].id, "all", wish)
    assert [bool(row.clashes) for row in listed] == [False, True, False]
    with pytest.raises(Conflict):
        changes.change(db, rows[0].id, "all", wish, {})
    new = changes.change(db, rows[0].id, "all", wish, {date(2026, 3, 24): "skip"})
    assert walls(booked(db, new)) == ["17 Mar 15:00", "24 Mar 10:00", "31 Mar 15:00"]


def test_cancelling_the_following_ends_the_series_and_is_taken_back(db, clock):
    series = weekly(db, None, ends="never")
    rows = booked(db, series)
    number = changes.cancel(db, rows[2].id, "following", by="client", reason="Moves away")
    assert number == len(rows) - 2
    assert len(booked(db, series)) == 2
    assert series.ends_on == date(2026, 3, 30)
    assert sessions.extend(db) == 0
    make_session(db, scheduled_at=rows[3].scheduled_at, duration_minutes=30)
    assert "1 stay cancelled" in changes.undo(db, series.id)
    assert len(booked(db, series)) == len(rows) - 1
    assert series.ends_on is None


def test_a_series_without_an_end_is_carried_on_once(db, clock):
    series = weekly(db, None, ends="never", every="two_weeks")
    before = booked(db, series)
    assert before[-1].scheduled_at - core_clock.now() < timedelta(days=190)
    clock.advance(timedelta(days=40))
    gap = before[-1].scheduled_at + timedelta(days=14, hours=1)  # summer time has ended by then
    local = at(before[-1].scheduled_at.astimezone(STOCKHOLM).date() + timedelta(days=14))
    assert local in (gap, gap - HOUR)
    make_session(db, title="Dentist", scheduled_at=local, duration_minutes=60)
    added = sessions.extend(db)
    assert added >= 1
    assert sessions.extend(db) == 0
    days = [row.scheduled_at.astimezone(STOCKHOLM).date() for row in booked(db, series)]
    assert local.astimezone(STOCKHOLM).date().isoformat() in series.template["skipped"]
    assert {(later - earlier).days for earlier, later in pairwise(days)} == {14, 28}


def test_booking_a_series_is_taken_back_whole(db, clock):
    series = weekly(db, 4)
    key = series.id
    assert changes.undo(db, key) == "Taken back: 4 sessions."
    assert booked(db, live=False) == []
    assert db.get(SessionSeries, key) is None


def test_details_of_all_change_and_come_back(db, clock):
    series = weekly(db, 3)
    rows = booked(db, series)
    form = SeriesChange(details=sessions.Details(location="Studio 2"), duration_minutes=90)
    new = changes.change(db, rows[1].id, "following", form, {})
    assert [(row.location, row.duration_minutes) for row in booked(db, series, new)] == [
        (None, 60),
        ("Studio 2", 90),
        ("Studio 2", 90),
    ]
    assert walls(booked(db, new)) == ["24 Mar 10:00", "31 Mar 10:00"]
    changes.undo(db, new.id)
    assert {(row.location, row.duration_minutes) for row in booked(db, series)} == {(None, 60)}


def test_a_single_session_is_no_series(db, clock):
    with pytest.raises(Refused):
        changes.cancel(db, make_session(db, scheduled_at=datetime(2026, 4, 1, tzinfo=UTC)).id, "all")
