"""Google's calendars into the inbox and over to sessions: tokens, instances, 410, vanished calendars, bad events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from omnicrm.core import clock as the_clock
from omnicrm.core.db import transaction
from omnicrm.core.errors import Unavailable
from omnicrm.domain import sessions, settings
from omnicrm.jobs import runner
from omnicrm.models.activity import JobRun
from omnicrm.models.inbox import SourceItem
from omnicrm.models.sessions import Session
from omnicrm.sandbox.calendar import Calendar
from tests.factories import make_contact, make_session
from tests.stand_in import MAYA, StandIn, times


@pytest.fixture
def friday() -> datetime:
    """An hour in the coming week."""
    return (the_clock.now() + timedelta(days=5)).replace(minute=0, second=0, microsecond=0)


def synced(user_id: UUID, **options: bool) -> None:
    runner.run_now("sync_calendar", user_id, **options)


def events(user_id: UUID) -> dict[str, SourceItem]:
    with transaction(user_id) as db:
        return {item.external_id: item for item in db.scalars(select(SourceItem))}


def booked(user_id: UUID, google: StandIn, at: datetime) -> tuple[UUID, str]:
    """A session that stands in Google's calendar, as the outbox would have put it there."""
    with transaction(user_id) as db:
        session = make_session(db, contact_id=make_contact(db).id, scheduled_at=at, duration_minutes=60)
        session.google_calendar_event_id, session.google_calendar_id = sessions.event_id(session.id), "primary"
        event = google.event("J. P., Massage", at, id=sessions.event_id(session.id))
        session.google_etag, session.status = event["etag"], "synced_to_gcal"
        return session.id, event["id"]


def session_of(user_id: UUID, session_id: UUID) -> Session:
    with transaction(user_id) as db:
        return db.get_one(Session, session_id)


def test_events_are_stored_with_their_times_and_busyness(maya: UUID, google: StandIn, friday: datetime):
    google.event("Massage Jo", friday, 60)
    google.event("Free lunch", friday, transparency="transparent")
    google.connect(maya, "google_calendar")
    synced(maya)
    found = {item.subject: item for item in events(maya).values()}
    massage = found["Massage Jo"]
    assert (massage.starts_at, massage.ends_at, massage.busy) == (friday, friday + timedelta(hours=1), True)
    assert found["Free lunch"].busy is False
    assert massage.google_calendar_id == MAYA


def test_ten_syncs_of_unchanged_events_write_nothing(maya: UUID, google: StandIn, friday: datetime):
    google.event("Massage Jo", friday, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    booked(maya, google, friday + timedelta(days=1))
    google.connect(maya, "google_calendar")
    synced(maya)

    def versions() -> list[str]:
        with transaction(maya) as db:
            rows = db.execute(text("select xmin::text from source_items union all select xmin::text from sessions"))
            return sorted(row[0] for row in rows)

    before = versions()
    for _ in range(10):
        synced(maya)
    synced(maya, full=True)
    assert versions() == before


def test_an_event_moved_in_google_moves_its_session(maya: UUID, google: StandIn, friday: datetime):
    session_id, event_id = booked(maya, google, friday)
    google.connect(maya, "google_calendar")
    synced(maya)
    google.calendar.change_event(event_id, times(friday + timedelta(hours=3), 90), whole=False)
    synced(maya)
    moved = session_of(maya, session_id)
    assert (moved.scheduled_at, moved.duration_minutes) == (friday + timedelta(hours=3), 90)


def test_an_event_deleted_in_google_cancels_its_session(maya: UUID, google: StandIn, friday: datetime):
    session_id, event_id = booked(maya, google, friday)
    google.connect(maya, "google_calendar")
    synced(maya)
    google.calendar.delete(event_id)
    synced(maya)
    cancelled = session_of(maya, session_id)
    assert (cancelled.status, cancelled.cancelled_by) == ("cancelled", "google")


def test_a_change_here_that_is_on_its_way_wins(maya: UUID, google: StandIn, friday: datetime):
    session_id, event_id = booked(maya, google, friday)
    google.connect(maya, "google_calendar")
    synced(maya)
    google.calendar.change_event(event_id, times(friday + timedelta(hours=3)), whole=False)
    with transaction(maya) as db:
        sessions.move(db, session_id, friday + timedelta(hours=1))
    synced(maya)
    assert session_of(maya, session_id).scheduled_at == friday + timedelta(hours=1)


def test_moved_and_cancelled_instances_are_kept_beside_their_master(maya: UUID, google: StandIn, friday: datetime):
    master = google.event("Yoga Jo", friday, recurrence=["RRULE:FREQ=DAILY;COUNT=5"])
    google.connect(maya, "google_calendar")
    synced(maya)
    second, third = (google.calendar.instances(master, None)[n]["id"] for n in (1, 2))
    google.calendar.change_event(second, times(friday + timedelta(days=1, hours=2)), whole=False)
    google.calendar.delete(third)
    synced(maya)
    found = events(maya)
    assert {key for key, item in found.items() if "resource" in item.payload} == {master["id"], second, third}
    assert sorted(item.starts_at for item in found.values() if item.busy) == [
        friday,
        friday + timedelta(days=1, hours=2),
        friday + timedelta(days=3),
        friday + timedelta(days=4),
    ]
    assert found[second].starts_at == friday + timedelta(days=1, hours=2)
    assert found[third].payload["resource"]["status"] == "cancelled"
    assert found[third].starts_at == friday + timedelta(days=2)
    assert "Yoga Jo" in found[third].body_text
    assert found[third].busy is False


@pytest.mark.outside(12)
def test_a_token_that_ran_out_clears_what_was_deleted_and_keeps_local_changes(
    maya: UUID, google: StandIn, friday: datetime
):
    """410 with events deleted meanwhile; 410 again during the resync."""
    kept_id, _ = booked(maya, google, friday)
    gone_id, gone_event = booked(maya, google, friday + timedelta(hours=2))
    unknown = google.event("Call Jo", friday + timedelta(hours=4))
    google.connect(maya, "google_calendar")
    synced(maya)
    with transaction(maya) as db:
        sessions.move(db, kept_id, friday + timedelta(hours=1))
    for event_id in (gone_event, unknown["id"]):
        google.calendar.delete(event_id)
        del google.calendar.events[event_id], google.calendar.changed[event_id]
    google.calendar.forget_changes()
    google.fault("410", "GET /calendar/v3/calendars/.*/events", times=2)  # the token, and the resync once more
    with pytest.raises(Unavailable):
        synced(maya)
    synced(maya)
    assert session_of(maya, kept_id).scheduled_at == friday + timedelta(hours=1)
    assert session_of(maya, gone_id).status == "cancelled"
    found = events(maya)
    assert found[unknown["id"]].payload["resource"]["status"] == "cancelled"
    assert len(found) == 3


def test_a_calendar_that_vanished_takes_its_events_along(maya: UUID, google: StandIn, friday: datetime):
    other = google.running.store.accounts[MAYA].calendars
    other["team@group.example"] = Calendar("team@group.example", MAYA, "Team", "UTC")
    other["team@group.example"].insert({"summary": "Team day", **times(friday)})
    google.event("Own", friday)
    google.connect(maya, "google_calendar")
    synced(maya)
    assert len(events(maya)) == 2
    del other["team@group.example"]
    synced(maya)
    assert [item.subject for item in events(maya).values()] == ["Own"]


@pytest.mark.outside(25)
def test_a_bad_event_is_left_out_with_its_reason_and_stops_nothing(maya: UUID, google: StandIn, friday: datetime):
    good, bad = google.event("Good", friday), google.event("Bad", friday)
    bad["start"] = {"dateTime": "yesterday-ish"}
    google.connect(maya, "google_calendar")
    synced(maya)
    assert list(events(maya)) == [good["id"]]
    with transaction(maya) as db:
        (run,) = db.scalars(select(JobRun)).all()
    assert run.skipped == 1
    assert any(bad["id"] in name for name in run.details["skipped"])


def test_all_day_events_and_other_zones(maya: UUID, google: StandIn):
    google.calendar.insert({"summary": "Away", "start": {"date": "2027-01-04"}, "end": {"date": "2027-01-07"}})
    google.calendar.insert({"summary": "Floating", **times(datetime(2027, 1, 4, 10, tzinfo=UTC), zone="UTC")})
    google.connect(maya, "google_calendar")
    synced(maya)
    found = {item.subject: item for item in events(maya).values()}
    assert found["Away"].starts_at == datetime(2027, 1, 3, 23, tzinfo=UTC)  # midnight in Stockholm
    assert found["Away"].ends_at - found["Away"].starts_at == timedelta(days=3)
    assert found["Floating"].starts_at == datetime(2027, 1, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["truncated", "html", "500", "unknown_fields", "reorder", "401", "429"])
@pytest.mark.outside(25)
def test_a_bad_answer_costs_no_event(maya: UUID, google: StandIn, friday: datetime, kind: str):
    google.event("One", friday)
    google.event("Two", friday)
    google.connect(maya, "google_calendar")
    google.fault(kind, "GET /calendar/v3/calendars/.*/events", retry_after=0 if kind == "429" else None)
    synced(maya)
    assert len(events(maya)) == 2


def test_pages_are_read_to_the_last_even_where_one_is_empty(maya: UUID, google: StandIn, friday: datetime):
    first = [google.event(f"Event {number}", friday) for number in range(5)]
    google.connect(maya, "google_calendar")
    google.store.settings.largest_page = 2
    google.fault("empty_page", "GET /calendar/v3/calendars/.*/events")
    synced(maya)
    assert set(events(maya)) == {event["id"] for event in first[2:]}
    assert len(google.calls("GET /calendar/v3/calendars/")) == 3
    synced(maya, full=True)
    assert len(events(maya)) == 5


def test_the_own_calendars_chosen_are_read_and_no_others(maya: UUID, google: StandIn, friday: datetime):
    google.account.calendars["kids@group.example"] = Calendar("kids@group.example", MAYA, "Kids", "UTC")
    google.account.calendars["kids@group.example"].insert({"summary": "School", **times(friday)})
    google.event("Own", friday)
    with transaction(maya) as db:
        settings.set(db, "gcal_calendar_ids", [MAYA])
    google.connect(maya, "google_calendar")
    synced(maya)
    assert [item.subject for item in events(maya).values()] == ["Own"]


def test_the_columns_of_a_run_say_what_happened(maya: UUID, google: StandIn, friday: datetime):
    google.event("One", friday)
    google.connect(maya, "google_calendar")
    synced(maya)
    synced(maya)
    with transaction(maya) as db:
        runs = db.scalars(select(JobRun).order_by(col(JobRun.started_at))).all()
    assert [(run.seen, run.changed, run.status) for run in runs] == [(1, 1, "succeeded"), (0, 0, "succeeded")]
