"""Our sessions and Google's calendar, changed on both sides in any order, with failures in between: after two quiet
syncs they say the same, nothing is lost, nothing stands twice."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from omnicrm.core import config
from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Refused
from omnicrm.domain import sessions
from omnicrm.domain.sessions import Booking
from omnicrm.integrations import google as integration
from omnicrm.jobs import runner
from omnicrm.models.inbox import SourceItem
from omnicrm.models.sessions import Session, SessionStatus
from omnicrm.sandbox import recurrence
from tests.conftest import Clock
from tests.factories import make_contact, make_user
from tests.stand_in import StandIn, stand_in, times

LIVE = (SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL)
BEGIN = datetime(2026, 3, 10, 8, tzinfo=UTC)
HOURS = st.integers(min_value=24, max_value=24 * 40)  # from the beginning; crosses a change of clocks
PICK = st.integers(min_value=0, max_value=1000)
FAULTS = st.sampled_from(["truncated", "503", "429", "401", "412", "410", "html", "unknown_fields", "reorder"])


class TwoCalendars(RuleBasedStateMachine):
    google: StandIn  # one sandbox for all examples, another account content for each

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(BEGIN)
        self.google = TwoCalendars.google
        self.google.account.calendars.clear()
        self.google.account.__post_init__()
        self.google.store.faults.clear()
        self.user = make_user(time_zone="Europe/Stockholm", currency="SEK")
        (self.connection,) = self.google.connect(self.user, "google_calendar")
        with transaction(self.user) as db:
            self.client = make_contact(db).id
        self.booked: set[UUID] = set()

    # here

    @rule(hour=HOURS, minutes=st.sampled_from([30, 60, 90]))
    def book_here(self, hour: int, minutes: int) -> None:
        booking = Booking(
            contact_id=self.client, title="Massage", scheduled_at=self._at(hour), duration_minutes=minutes
        )
        with transaction(self.user) as db:
            self.booked.add(sessions.book(db, booking, allow_overlap=True).id)
        self._tick()

    @precondition(lambda self: self.booked)
    @rule(pick=PICK, hour=HOURS)
    def move_here(self, pick: int, hour: int) -> None:
        self._change_here(pick, lambda db, key: sessions.move(db, key, self._at(hour), allow_overlap=True))

    @precondition(lambda self: self.booked)
    @rule(pick=PICK)
    def cancel_here(self, pick: int) -> None:
        self._change_here(pick, lambda db, key: sessions.cancel(db, key))

    @precondition(lambda self: self.booked)
    @rule(pick=PICK)
    def take_the_cancellation_back_here(self, pick: int) -> None:
        self._change_here(pick, lambda db, key: sessions.uncancel(db, key, allow_overlap=True))

    # there

    @rule(hour=HOURS)
    def make_there(self, hour: int) -> None:
        self.google.event("Call the landlord", self._at(hour))
        self._tick()

    @rule(hour=HOURS, count=st.integers(min_value=2, max_value=5))
    def make_a_series_there(self, hour: int, count: int) -> None:
        self.google.event("Yoga", self._at(hour), recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={count}"])
        self._tick()

    @rule(pick=PICK, hour=HOURS, zone=st.sampled_from(["Europe/Stockholm", "America/New_York", "Asia/Kathmandu"]))
    def move_there(self, pick: int, hour: int, zone: str) -> None:
        if event := self._event(pick, "confirmed"):
            changed = times(self._at(hour), 45, zone)
            self.google.calendar.change_event(event["id"], changed, whole=False)
            self._tick()

    @rule(pick=PICK)
    def rename_there(self, pick: int) -> None:
        if event := self._event(pick, "confirmed"):
            self.google.calendar.change_event(event["id"], {"description": f"note {pick}"}, whole=False)
            self._tick()

    @rule(pick=PICK)
    def delete_there(self, pick: int) -> None:
        if event := self._event(pick, "confirmed"):
            self.google.calendar.delete(event["id"])
            self._tick()

    @rule(pick=PICK, hour=HOURS)
    def bring_back_there(self, pick: int, hour: int) -> None:
        event = self._event(pick, "cancelled")
        if event and "recurringEventId" not in event:
            changed = {"status": "confirmed", "summary": "Back again", **times(self._at(hour))}
            self.google.calendar.change_event(event["id"], changed, whole=False)
            self._tick()

    @rule(pick=PICK, hour=HOURS)
    def change_an_instance_there(self, pick: int, hour: int) -> None:
        instance = self._instance(pick)
        if instance:
            self.google.calendar.change_event(instance["id"], times(self._at(hour)), whole=False)
            self._tick()

    @rule(pick=PICK)
    def delete_an_instance_there(self, pick: int) -> None:
        instance = self._instance(pick)
        if instance:
            self.google.calendar.delete(instance["id"])
            self._tick()

    # in between

    @rule()
    def sync(self) -> None:
        runner.run_one("sync_calendar", self.user, self.connection)
        self._tick()

    @rule()
    def deliver(self) -> None:
        runner.run_one("outbox", self.user)
        self._tick(minutes=6)

    @rule()
    def let_tokens_run_out(self) -> None:
        self.google.calendar.forget_changes()

    @rule(kind=FAULTS, skip=st.integers(min_value=0, max_value=2))
    def have_a_bad_day(self, kind: str, skip: int) -> None:
        match = "PATCH" if kind == "412" else "GET .*/events" if kind == "410" else "/calendars/"
        retry_after = 0 if kind == "429" else None
        self.google.fault(kind, match, skip=skip, retry_after=retry_after)

    # the end

    def teardown(self) -> None:
        try:
            self.google.store.faults.clear()
            for _ in range(2):  # two quiet syncs
                self._tick(minutes=120)
                runner.run_one("outbox", self.user)
                self._tick()
                runner.run_one("sync_calendar", self.user, self.connection)
            self._both_sides_agree()
        finally:
            super().teardown()

    def _both_sides_agree(self) -> None:
        there = self.google.calendar.events
        with transaction(self.user) as db:
            ours = {session.id: session for session in db.scalars(select(Session))}
            items = {item.external_id: item for item in db.scalars(select(SourceItem))}
        assert set(ours) == self.booked, "a session was lost, or came from nowhere"
        mirror = {key: item for key, item in items.items() if "resource" in item.payload}
        self._busy_times_agree(items)
        own = {sessions.event_id(key): session for key, session in ours.items()}
        for event_id, session in own.items():
            event = there.get(event_id)
            if session.status in LIVE:
                assert event is not None, "a session is missing in Google"
                assert event["status"] == "confirmed", "a session's event is cancelled"
                assert recurrence.start(event) == session.scheduled_at
                assert recurrence.end(event) == sessions.ends_at(session)
            else:
                assert event is None or event["status"] == "cancelled", "a cancelled session stands in Google"
        for event_id, event in there.items():
            if event["status"] == "confirmed" and event_id not in own:
                assert event_id in mirror, "an event of Google's is not in the mirror"
                assert mirror[event_id].etag == event["etag"]
                assert mirror[event_id].starts_at == recurrence.start(event)
        for event_id, item in mirror.items():
            if item.payload["resource"].get("status") != "cancelled":
                assert there[event_id]["status"] == "confirmed", "the mirror shows what Google has deleted"

    def _busy_times_agree(self, items: dict[str, SourceItem]) -> None:
        """Every time of every series is taken where Google says so, and nowhere else."""
        calendar = self.google.calendar
        taken = {item.starts_at for item in items.values() if item.busy and item.thread_id is not None}
        masters = [event for event in calendar.events.values() if "recurrence" in event]
        said = {recurrence.start(one) for master in masters for one in calendar.instances(master, None)}
        assert taken == said

    def _change_here(self, pick: int, change: Any) -> None:
        key = sorted(self.booked)[pick % len(self.booked)]
        try:
            with transaction(self.user) as db:
                change(db, key)
        except (Refused, Conflict):
            pass  # what cannot be changed any more
        self._tick()

    def _event(self, pick: int, status: str) -> dict[str, Any] | None:
        """One event of Google's; ours among them."""
        found = [event for _, event in sorted(self.google.calendar.events.items()) if event["status"] == status]
        return found[pick % len(found)] if found else None

    def _instance(self, pick: int) -> dict[str, Any] | None:
        masters = [event for _, event in sorted(self.google.calendar.events.items()) if "recurrence" in event]
        if not masters:
            return None
        instances = self.google.calendar.instances(masters[pick % len(masters)], None)
        return instances[pick % len(instances)] if instances else None

    def _at(self, hour: int) -> datetime:
        return BEGIN + timedelta(hours=hour)

    def _tick(self, *, minutes: int = 0) -> None:
        self.clock.advance(timedelta(minutes=minutes, seconds=1))


def test_two_calendars_converge(database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with stand_in() as google:
        monkeypatch.setenv("GOOGLE_API_BASE", google.url)
        monkeypatch.setattr(integration, "pause", lambda seconds: None)
        config.settings.cache_clear()
        TwoCalendars.google = google
        many = int(os.environ.get("OMNICRM_SOAK", "0"))
        run_state_machine_as_test(
            TwoCalendars,
            settings=settings(
                max_examples=many or 12,
                stateful_step_count=25,
                deadline=None,
                phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking against a server takes too long
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
    monkeypatch.delenv("GOOGLE_API_BASE")
    config.settings.cache_clear()
