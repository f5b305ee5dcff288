"""kill -9 of a worker: nothing is lost, nothing is done twice; two schedulers; a stop that drains."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from omnicrm.core import clock as the_clock
from omnicrm.core import config
from omnicrm.core.db import transaction
from omnicrm.core.errors import Unavailable
from omnicrm.domain import approvals, connections, sessions
from omnicrm.domain.sessions import Booking
from omnicrm.jobs import runner
from omnicrm.models.activity import JobRun, OutboxMessage
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.inbox import SourceItem
from omnicrm.models.sessions import Session
from tests.factories import make_contact
from tests.faults.processes import running, until
from tests.stand_in import StandIn


def job(kind: str, user_id: UUID) -> str:
    return f"from uuid import UUID; from omnicrm.jobs import runner; runner.run_now({kind!r}, UUID({str(user_id)!r}))"


SCHEDULER = "import time; from omnicrm.jobs import runner; runner.start(); time.sleep(60)"


@pytest.mark.outside(8)
def test_killed_between_googles_insert_and_our_commit_there_is_one_event(maya: UUID, google: StandIn, clock):
    clock.move_to(datetime.now(UTC))  # the other process has the true time
    google.connect(maya, "google_calendar")
    with transaction(maya) as db:
        client = make_contact(db)
        sessions.book(
            db, Booking(contact_id=client.id, title="Massage", scheduled_at=the_clock.now() + timedelta(days=3))
        )
    google.fault("hang_after", "POST /calendar/v3/calendars/.*/events", seconds=60)
    with running(job("outbox", maya)):
        until(lambda: google.calendar.events)
    with transaction(maya) as db:
        assert db.scalars(select(OutboxMessage)).one().status == "claimed"
    runner.run_now("outbox", maya)  # another worker leaves the claim alone
    assert len(google.calls("POST /calendar/v3/calendars")) == 1
    clock.move_to(datetime.now(UTC) + timedelta(seconds=30))  # the claim was made on the true clock
    runner.run_now("outbox", maya)
    runner.run_now("sync_calendar", maya)
    (event,) = google.calendar.events.values()
    with transaction(maya) as db:
        session = db.scalars(select(Session)).one()
        assert db.scalars(select(OutboxMessage)).one().status == "delivered"
    assert session.status == "synced_to_gcal"
    assert session.google_calendar_event_id == event["id"]
    assert event["status"] == "confirmed"


def test_killed_in_the_middle_of_a_page_the_sync_goes_on_without_a_gap(maya: UUID, google: StandIn):
    for number in range(120):
        google.mail(f"mail {number}", at=the_clock.now() - timedelta(minutes=number))
    google.connect(maya, "google_gmail")
    google.fault("hang", "POST /batch", skip=1, seconds=60)
    with running(job("sync_mail", maya)):
        until(lambda: len(google.calls("POST /batch")) == 2)

    def stored() -> set[str]:
        with transaction(maya) as db:
            return set(db.scalars(select(SourceItem.external_id)))

    assert len(stored()) == 50
    runner.run_now("sync_mail", maya)
    assert stored() == set(google.mailbox.messages)
    with transaction(maya) as db:
        runs = db.scalars(select(JobRun).order_by(col(JobRun.started_at))).all()
    assert [(run.status, run.error) for run in runs] == [
        ("failed", "It was interrupted, and goes on by itself."),
        ("succeeded", None),
    ]
    fetched = [call["path"] for call in google.calls("GET /gmail/v1/users/me/messages/")]
    assert len(fetched) == len(set(fetched))


def test_killed_while_proposing_each_thing_is_proposed_once(maya: UUID, google: StandIn):
    for number in range(30):
        google.mail(
            f"Can I book a session for 2 March at {9 + number % 8}:00?",
            sender=f"Jo {number} <jo.{number}@park.example>",
        )
    google.connect(maya, "google_gmail")
    runner.run_now("sync_mail", maya)

    def proposed() -> int:
        with transaction(maya) as db:
            return len(db.scalars(select(PendingApproval.id)).all())

    with running(job("propose", maya)):
        until(lambda: proposed() >= 3)
    runner.run_now("propose", maya)
    with transaction(maya) as db:
        rows = db.scalars(select(PendingApproval)).all()
    keys = [(row.type, row.source_item_id) for row in rows]
    assert len(keys) == len(set(keys))
    assert {row.type for row in rows} == {"contact.create", "session.create", "reply.draft"}
    assert len(rows) == 90


def test_two_schedulers_run_each_job_once(maya: UUID, google: StandIn):
    mails = [google.mail(f"Can I book a session for 3 March at 1{n}:00?", subject=f"Booking {n}") for n in range(4)]
    google.connect(maya)
    with running(SCHEDULER), running(SCHEDULER):

        def finished() -> bool:
            with transaction(maya) as db:
                done = db.scalars(select(JobRun).where(col(JobRun.status) == "succeeded")).all()
                waiting = db.scalars(select(SourceItem).where(col(SourceItem.processed_at).is_(None))).all()
            return {run.kind for run in done} >= {"sync_mail", "sync_calendar", "propose"} and not waiting

        until(finished, seconds=60)
    fetched = [call["path"].rpartition("/")[2] for call in google.calls("GET /gmail/v1/users/me/messages/")]
    assert sorted(fetched) == sorted(mail.id for mail in mails)
    with transaction(maya) as db:
        runs = db.scalars(select(JobRun).where(col(JobRun.kind).in_(("sync_mail", "sync_calendar")))).all()
        assert len(db.scalars(select(SourceItem)).all()) == 4
        assert approvals.counts(db) is not None
    assert sorted(run.kind for run in runs) == ["sync_calendar", "sync_mail"]


def test_a_google_that_does_not_answer_is_given_up_in_time(
    maya: UUID, google: StandIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GOOGLE_TIMEOUT_SECONDS", "0.3")
    config.settings.cache_clear()
    google.mail("one")
    (connection_id,) = google.connect(maya, "google_gmail")
    google.fault("hang", "/gmail/", times=50, seconds=20)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        runner.run_now("sync_mail", maya)
    assert time.monotonic() - began < 15
    google.store.faults.clear()
    runner.run_now("sync_mail", maya)
    with transaction(maya) as db:
        assert len(db.scalars(select(SourceItem)).all()) == 1
        assert connections.get(db, connection_id).last_error is None
