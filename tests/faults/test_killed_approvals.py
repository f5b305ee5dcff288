"""One proposal, many hands: two tabs and the shell at the same moment, and a worker that dies while it approves."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from omnicrm import __main__ as shell
from omnicrm.core import clock as the_clock
from omnicrm.core.db import transaction
from omnicrm.domain import approvals, connections, practice
from omnicrm.jobs import runner
from omnicrm.models.accounts import User
from omnicrm.models.activity import OutboxMessage
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.sessions import Session
from omnicrm.state.approvals import ApprovalsState
from tests.doors import import_all, send
from tests.drafts import proposed
from tests.factories import make_connection, make_contact, make_source_item
from tests.faults.processes import running, until
from tests.stand_in import StandIn

ROUNDS = 50


def booking(user_id: UUID, email: str, day: int) -> UUID:
    """A proposal that waits: a session of the client with this address, in so many days."""
    at = the_clock.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=day)
    with transaction(user_id) as db:
        item = make_source_item(db, sender=email)
        return proposed(db, item, "session.create", contact_email=email, scheduled_at=at.isoformat()).id


def client(user_id: UUID) -> str:
    with transaction(user_id) as db:
        return str(make_contact(db).email)


@pytest.mark.outside(9)
def test_two_tabs_and_the_shell_at_once_carry_it_out_once(maya: UUID, capsys: pytest.CaptureFixture[str]) -> None:
    import_all()
    with transaction(maya) as db:
        make_connection(db, provider="google_calendar", scopes=[connections.CALENDAR_WRITE[1]])
        email = db.scalars(select(User.email)).one()
    waiting: list[UUID] = []
    jo = client(maya)
    tabs = [send(ApprovalsState, "load", as_=maya) for _ in range(2)]
    for number in range(ROUNDS):
        approval_id = booking(maya, jo, number + 3)
        waiting.append(approval_id)
        gate = threading.Barrier(3)
        codes: list[int] = []

        def tab(page: ApprovalsState, key: UUID = approval_id, gate: threading.Barrier = gate) -> None:
            gate.wait()
            send(ApprovalsState, "act", as_=maya, on_=page, approval=str(key), what="approve")

        def command(key: UUID = approval_id, gate: threading.Barrier = gate, codes: list[int] = codes) -> None:
            gate.wait()
            codes.append(shell.run(["approvals", "approve", str(key), "--user", email]))

        hands = [threading.Thread(target=tab, args=(page,)) for page in tabs] + [threading.Thread(target=command)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join(timeout=60)
            assert not hand.is_alive()
        said = [page.toast["bad"] for page in tabs]
        assert [*said, codes[0] != 0].count(False) == 1, (said, codes)
    capsys.readouterr()
    with transaction(maya) as db:
        decided = db.scalars(select(PendingApproval)).all()
        messages = Counter(db.scalars(select(OutboxMessage.approval_id)))
        booked = db.scalars(select(Session).where(col(Session.status) == "scheduled_in_crm")).all()
        history = db.execute(
            text(
                "select entity_id, count(*) from audit_log where entity = 'pending_approvals'"
                " and action = 'update' and after ? 'status' group by entity_id"
            )
        ).all()
    assert {row.status for row in decided} == {"approved"}
    assert messages == dict.fromkeys(waiting, 1)
    assert len(booked) == ROUNDS
    assert {entity_id: times for entity_id, times in history} == dict.fromkeys(waiting, 1)


APPROVE = """
from uuid import UUID
from omnicrm.core.db import transaction
from omnicrm.domain import approvals
from omnicrm.jobs import runner
user = UUID({user!r})
for key in {keys!r}:
    with transaction(user) as db:
        approvals.approve(db, UUID(key))
        {pause}
    runner.run_now("outbox", user)
"""


@pytest.mark.outside(8, 10)
@pytest.mark.parametrize(
    ("pause", "fault"),
    [
        ("import time; time.sleep(60)", None),  # before the commit
        ("pass", "hang"),  # after it, before Google has done anything
        ("pass", "hang_after"),  # after Google has
        ("pass", None),  # wherever it is, after a few
    ],
    ids=["before the commit", "before google", "after google", "anywhere"],
)
def test_a_worker_killed_while_approving_leaves_what_can_be_finished_once(
    maya: UUID, google: StandIn, clock, pause: str, fault: str | None
) -> None:
    clock.move_to(datetime.now(UTC))  # the other process has the true time
    google.connect(maya, "google_calendar")
    jo = client(maya)
    keys = [booking(maya, jo, number + 3) for number in range(6)]
    if fault:
        google.fault(fault, "POST /calendar/v3/calendars/.*/events", seconds=60)
    program = APPROVE.format(user=str(maya), keys=[str(key) for key in keys], pause=pause)
    with running(program):
        if "sleep" in pause:
            until(lambda: _holds_a_row(maya))
        elif fault:
            until(lambda: google.calls("POST /calendar") or google.calendar.events)
        else:
            until(lambda: len(google.calendar.events) >= 3)
    for key in keys:
        with transaction(maya) as db:
            if approvals.locked(db, key).status == "pending":
                approvals.approve(db, key)
    clock.advance(timedelta(minutes=6))  # a dead worker's claim runs out
    runner.run_now("outbox", maya)
    runner.run_now("sync_calendar", maya)
    with transaction(maya) as db:
        rows = db.scalars(select(PendingApproval)).all()
        booked = db.scalars(select(Session)).all()
        zone = practice.of(db).zone
    events = [event for event in google.calendar.events.values() if event["status"] != "cancelled"]
    assert {row.status for row in rows} == {"executed"}
    assert [one.status for one in booked] == ["synced_to_gcal"] * len(keys)
    assert {one.google_calendar_event_id for one in booked} == {event["id"] for event in events}
    assert len(events) == len(keys)
    assert len({one.scheduled_at.astimezone(zone) for one in booked}) == len(keys)


def _holds_a_row(user_id: UUID) -> bool:
    """Whether somebody has a proposal locked, uncommitted."""
    with transaction(user_id) as db:
        free = db.execute(text("select id from pending_approvals for update skip locked")).all()
        return 0 < len(free) < 6
