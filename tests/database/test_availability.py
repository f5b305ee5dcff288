"""Hours, time off and the free times that they leave, in zones whose clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnicrm.core.db import transaction
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import availability, sessions
from omnicrm.domain import settings as practice_settings
from omnicrm.domain.availability import TimeOffForm
from omnicrm.domain.sessions import free
from tests.factories import make_contact, make_service, make_session, make_source_item, make_user

FRIDAY = date(2026, 3, 13)
HOUR = timedelta(hours=1)


def at(hour, minute=0, day=FRIDAY):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)  # an hour behind Stockholm


def walls(db, found, zone="Europe/Stockholm"):
    return [f"{moment.astimezone(ZoneInfo(zone)):%H:%M}" for moment in found]


def only(db, *spans, day=FRIDAY):
    availability.set_hours(db, list(range(7)), [])
    availability.set_hours(db, [day.weekday()], [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans])


def test_until_hours_are_set_every_day_is_open_from_8_to_20(db, clock):
    assert not availability.is_set(db)
    assert {day.words for day in availability.week(db)} == {"8:00–20:00"}
    availability.set_hours(db, [1], [(time(9), time(13)), (time(14), time(18, 30))])
    assert [day.words for day in availability.week(db)][:3] == ["8:00–20:00", "9:00–13:00, 14:00–18:30", "8:00–20:00"]


@pytest.mark.parametrize("spans", [[("10:00", "10:00")], [("12:00", "9:00")], [("9:00", "12:00"), ("11:59", "13:00")]])
def test_impossible_hours_are_refused_and_the_old_ones_stay(db, clock, spans):
    only(db, ("09:00", "12:00"))
    typed = [(datetime.strptime(a, "%H:%M").time(), datetime.strptime(b, "%H:%M").time()) for a, b in spans]  # noqa: DTZ007  # a wall clock
    with pytest.raises(Invalid) as refused:
        availability.set_hours(db, [FRIDAY.weekday()], typed)
    assert list(refused.value.fields) == ["hours"]
    assert "9:00–12:00" in [day.words for day in availability.week(db)]


def test_sessions_breaks_google_and_notice_are_kept_free(db, clock):
    only(db, ("08:00", "13:00"), ("15:00", "17:00"))
    massage = make_service(db, duration_minutes=60, buffer_after_minutes=30)
    make_session(db, scheduled_at=at(8), duration_minutes=60, service_id=massage.id)  # 9:00 to 10:00, free from 10:30
    make_source_item(
        db,
        kind="event",
        busy=True,
        google_calendar_id="primary",
        external_id="dentist",
        starts_at=at(15),
        ends_at=at(15, 30),
    )

    def fits(**more):
        return walls(db, sessions.free_slots(db, FRIDAY, FRIDAY, **more))

    assert fits(minutes=60) == ["08:00", "10:30", "11:00", "11:30", "12:00", "15:00"]
    assert fits(service_id=massage.id) == ["10:30", "11:00", "11:30", "12:00"]  # its break after meets 9:00, and Google
    assert fits(minutes=30)[:2] == ["08:00", "08:30"]
    practice_settings.set(db, "minimum_notice_hours", 12)
    clock.move_to(at(0))
    assert fits(minutes=60)[0] == "15:00"


def test_a_proposal_a_cancelled_session_and_the_moved_one_itself_are_in_nobodys_way(db, clock):
    only(db, ("09:00", "10:00"))
    make_session(db, scheduled_at=at(8), duration_minutes=60, status="pending_ai_confirmation")
    make_session(db, scheduled_at=at(8), duration_minutes=60, status="cancelled")
    moved = make_session(db, scheduled_at=at(8), duration_minutes=60)
    assert sessions.free_slots(db, FRIDAY, FRIDAY, minutes=60) == []
    assert sessions.free_slots(db, FRIDAY, FRIDAY, minutes=60, other_than=moved.id) == [at(8)]


def test_time_off_closes_its_days_and_can_be_put_back(db, clock):
    make_session(db, scheduled_at=at(8), duration_minutes=60)
    off = availability.add_time_off(db, TimeOffForm(first=FRIDAY, last=FRIDAY + timedelta(days=2), reason="Tampere"))
    assert sessions.free_slots(db, FRIDAY, FRIDAY + timedelta(days=2), minutes=60) == []
    assert sessions.free_slots(db, FRIDAY + timedelta(days=3), FRIDAY + timedelta(days=3), minutes=60) != []
    row = availability.time_off(db)[0]
    assert (row.reason, row.when, row.booked) == ("Tampere", "Fri 13 Mar to Sun 15 Mar", "1 session booked")
    form = availability.remove_time_off(db, off.id)
    assert availability.time_off(db) == []
    availability.add_time_off(db, form)
    assert availability.time_off(db)[0].when == row.when
    with pytest.raises(NotFound):
        availability.remove_time_off(db, off.id)


def test_part_of_a_day_off(db, clock):
    only(db, ("08:00", "12:00"))
    form = TimeOffForm(first=FRIDAY, last=FRIDAY, begins=time(9), ends=time(11))
    off = availability.add_time_off(db, form)
    assert walls(db, sessions.free_slots(db, FRIDAY, FRIDAY, minutes=60)) == ["08:00", "11:00"]
    assert availability.remove_time_off(db, off.id) == form


@pytest.mark.parametrize(
    "changes", [{"last": FRIDAY - timedelta(days=1)}, {"last": FRIDAY + timedelta(days=900)}, {"begins": time(9)}]
)
def test_impossible_time_off_is_refused_beside_its_field(db, clock, changes):
    with pytest.raises(Invalid) as refused:
        availability.add_time_off(db, TimeOffForm(**{"first": FRIDAY, "last": FRIDAY, **changes}))
    assert refused.value.fields


@pytest.mark.parametrize(
    ("zone", "day", "hours", "found"),
    [
        # the night loses an hour: 0:00 to 6:00 on the wall is five hours long
        ("Europe/Berlin", date(2026, 3, 29), ("00:00", "06:00"), ["00:00", "01:00", "03:00", "04:00", "05:00"]),
        # an edge within the gap is moved on by the gap: from 2:30, which does not come, means from 3:30
        ("Europe/Berlin", date(2026, 3, 29), ("02:30", "05:30"), ["03:30", "04:30"]),
        # the hour from 2:00 comes twice: both are found, and an hour fits into each
        ("Europe/Berlin", date(2026, 10, 25), ("01:00", "04:00"), ["01:00", "02:00", "02:00", "03:00"]),
        ("America/New_York", date(2026, 3, 8), ("01:00", "05:00"), ["01:00", "03:00", "04:00"]),
        ("America/New_York", date(2026, 11, 1), ("00:00", "03:00"), ["00:00", "01:00", "01:00", "02:00"]),
        # Lord Howe's clocks change by half an hour
        ("Australia/Lord_Howe", date(2026, 10, 4), ("01:00", "04:00"), ["01:00", "02:30"]),
        ("Australia/Lord_Howe", date(2026, 4, 5), ("01:00", "03:00"), ["01:00", "01:30"]),
    ],
)
def test_where_clocks_change_a_window_is_as_long_as_it_really_is(zone, day, hours, found, clock):
    clock.move_to(datetime(2026, 1, 1, tzinfo=UTC))
    with transaction(make_user(time_zone=zone)) as db:
        only(db, hours, day=day)
        moments = sessions.free_slots(db, day, day, minutes=60)
        hourly = [one for one in moments if (one - moments[0]) % HOUR == timedelta(0)]
        assert walls(db, hourly, zone) == found
        assert all(one.tzinfo is not None for one in moments)


def test_suggestions_are_one_a_day_and_close_to_the_clients_usual_time(db, clock):
    client = make_contact(db)
    clock.move_to(at(6))
    assert [one.at for one in sessions.suggested(db, FRIDAY, minutes=60)] == ["08:00"] * 3
    make_session(db, contact_id=client.id, scheduled_at=at(13, 30, FRIDAY - timedelta(days=7)), status="completed")
    make_session(db, scheduled_at=at(13), duration_minutes=90)
    found = sessions.suggested(db, FRIDAY, contact_id=client.id, minutes=60)
    assert [(one.date, one.at) for one in found] == [
        ("Fri 13 Mar", "15:30"),
        ("Sat 14 Mar", "14:30"),
        ("Sun 15 Mar", "14:30"),
    ]
    assert all(sessions.clashes(db, one.starts_at, 60) == [] for one in found)


def test_a_suggestion_of_the_usual_time_survives_the_change_of_clocks(db, clock):
    client = make_contact(db)
    clock.move_to(datetime(2026, 3, 28, 6, tzinfo=UTC))
    make_session(db, contact_id=client.id, scheduled_at=datetime(2026, 3, 21, 13, 30, tzinfo=UTC), status="completed")
    found = sessions.suggested(db, date(2026, 3, 28), contact_id=client.id, minutes=60)
    assert [one.at for one in found] == ["14:30"] * 3
    assert [one.starts_at.hour for one in found] == [13, 12, 12]


MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
stretch = st.tuples(st.integers(0, 48 * 60), st.integers(1, 6 * 60))
breaks = st.sampled_from([0, 15, 30, 240]).map(lambda minutes: timedelta(minutes=minutes))


@settings(deadline=None, max_examples=150)
@given(
    hours=st.lists(stretch, max_size=4),
    booked=st.lists(st.tuples(stretch, breaks, breaks), max_size=8),
    length=st.sampled_from([30, 45, 60, 90]),
    before=breaks,
    after=breaks,
    earliest=st.integers(0, 48 * 60),
)
def test_what_is_found_fits_and_what_is_not_found_does_not(hours, booked, length, before, after, earliest):
    def span(one):
        return MONDAY + timedelta(minutes=one[0]), MONDAY + timedelta(minutes=one[0] + one[1])

    windows = sorted(span(one) for one in hours)
    taken = sorted(((*span(one), early, late) for one, early, late in booked), key=lambda one: one[1])
    first, long = MONDAY + timedelta(minutes=earliest), timedelta(minutes=length)
    found = free.fitting(windows, taken, long, before, after, first)
    expected = []
    for opens, closes in windows:
        moment = opens
        while moment < closes:
            gaps = [
                starts - (moment + long) >= max(after, early) or moment - stops >= max(before, late)
                for starts, stops, early, late in taken
            ]
            if moment >= first and moment + long <= closes and all(gaps):
                expected.append(moment)
            moment += free.GRID
    assert found == expected
