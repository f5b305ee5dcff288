"""The clock's door: once at a time, recorded whatever happens, caught up after a pause, stopped in good order."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from omnicrm.core import clock as the_clock
from omnicrm.core.db import transaction
from omnicrm.core.errors import Refused
from omnicrm.domain import connections
from omnicrm.jobs import runner
from omnicrm.jobs.runner import Busy, Job, Run, Stopped
from omnicrm.models.activity import JobRun
from omnicrm.models.connections import OAuthConnection
from tests import factories
from tests.stand_in import StandIn


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """A kind of work "sweep" that keeps its runs."""
    ran: list[Run] = []
    declare(monkeypatch, ran.append)
    return ran


def declare(monkeypatch: pytest.MonkeyPatch, work) -> None:
    job = Job("sweep", timedelta(hours=1), work, "system", recorded=True, due="sweep")
    monkeypatch.setitem(runner.JOBS, "sweep", job)


def runs(user_id: UUID) -> list[JobRun]:
    with transaction(user_id) as db:
        return list(db.scalars(select(JobRun)))


def test_a_run_is_written_down(maya: UUID, work: list[Run]):
    runner.run_now("sweep", maya)
    (run,) = runs(maya)
    assert (run.kind, run.status, run.error) == ("sweep", "succeeded", None)
    assert run.finished_at is not None


def test_every_kind_of_work_is_found_by_the_clock(maya: UUID, google: StandIn, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    monkeypatch.setattr(runner, "run_one", lambda kind, *_, **__: bool(asked.append(kind)))
    for kind in runner.load():
        runner.run_due(kind)  # raises where the database does not know it
    assert {"housekeeping", "series"} <= set(asked)


def test_what_is_being_done_is_not_done_by_a_second_one(maya: UUID, monkeypatch: pytest.MonkeyPatch):
    entered, leave = threading.Event(), threading.Event()

    def slow(run: Run) -> None:
        entered.set()
        assert leave.wait(20)

    declare(monkeypatch, slow)
    first = threading.Thread(target=runner.run_one, args=("sweep", maya))
    first.start()
    try:
        assert entered.wait(20)
        with pytest.raises(Busy):
            runner.attempt("sweep", maya, None, wait=timedelta(0))
        assert runner.run_one("sweep", maya) is False
    finally:
        leave.set()
        first.join()
    assert len(runs(maya)) == 1
    declare(monkeypatch, lambda run: None)
    assert runner.run_one("sweep", maya) is True


def test_a_refusal_is_told_in_its_own_words(maya: UUID, monkeypatch: pytest.MonkeyPatch):
    def refused(run: Run) -> None:
        raise Refused("Not today.")

    declare(monkeypatch, refused)
    with pytest.raises(Refused):
        runner.run_now("sweep", maya)
    (run,) = runs(maya)
    assert (run.status, run.error) == ("failed", "Not today.")


def test_a_fault_of_ours_ends_the_run_and_nothing_else(maya: UUID, monkeypatch: pytest.MonkeyPatch):
    def broken(run: Run) -> None:
        raise ZeroDivisionError("secret details")

    declare(monkeypatch, broken)
    assert runner.run_one("sweep", maya) is True
    (run,) = runs(maya)
    assert run.status == "failed"
    assert "secret" not in run.error


def test_a_stop_leaves_the_rest_due(maya: UUID, monkeypatch: pytest.MonkeyPatch):
    def stopping(run: Run) -> None:
        runner._stopping.set()
        run.check()

    declare(monkeypatch, stopping)
    try:
        with pytest.raises(Stopped):
            runner.attempt("sweep", maya, None, wait=timedelta(0))
    finally:
        runner._stopping.clear()
    assert [run.status for run in runs(maya)] == ["cancelled"]


def test_it_starts_once_and_stops(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "due", lambda kind: [])
    assert runner.start() is True
    try:
        assert runner.start() is False
    finally:
        runner.stop()
    runner.stop()
    assert runner.start() is True
    runner.stop()


def test_what_was_missed_for_hours_is_due_once(maya: UUID, google: StandIn, clock):
    google.mail()
    (connection_id,) = google.connect(maya, "google_gmail")
    runner.run_now("sync_mail", maya)

    def due() -> list[UUID | None]:
        return [target for user_id, target in runner.due("sync_mail") if user_id == maya]

    assert due() == []
    clock.advance(timedelta(hours=2))
    assert due() == [connection_id]
    assert runner.run_one("sync_mail", maya, connection_id)
    assert due() == []


def test_failures_in_a_row_wait_longer_each_time_and_a_success_forgets_them(maya: UUID, google: StandIn, clock):
    (connection_id,) = google.connect(maya, "google_gmail")

    def waits() -> timedelta:
        with transaction(maya) as db:
            return db.get_one(OAuthConnection, connection_id).next_sync_at - the_clock.now()

    google.fault("500", "/gmail/", times=1000)
    seen = []
    for _ in range(4):
        runner.run_one("sync_mail", maya, connection_id)
        seen.append(waits())
    assert seen == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8)]
    with transaction(maya) as db:
        assert "Google has trouble" in connections.get(db, connection_id).last_error
    google.store.faults.clear()
    runner.run_one("sync_mail", maya, connection_id)
    with transaction(maya) as db:
        connection = connections.get(db, connection_id)
    assert connection.last_error is None
    assert "failures" not in connection.sync_state


def test_what_another_scheduler_has_just_done_is_not_done_again(maya: UUID, google: StandIn):
    (connection_id,) = google.connect(maya, "google_gmail")
    assert runner.run_one("sync_mail", maya, connection_id, when_due=True) is True
    assert runner.run_one("sync_mail", maya, connection_id, when_due=True) is False  # it was due when we looked
    assert [run.kind for run in runs(maya)] == ["sync_mail"]


def test_a_mail_that_another_scheduler_has_just_read_is_no_second_run(maya: UUID, google: StandIn):
    with transaction(maya) as db:
        factories.make_source_item(db)
    runner.attempt("propose", maya, None, wait=timedelta(0), when_due=True)
    with pytest.raises(Busy):
        runner.attempt("propose", maya, None, wait=timedelta(0), when_due=True)
    assert [run.kind for run in runs(maya)] == ["propose"]
