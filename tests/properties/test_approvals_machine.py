"""Approvals as a state machine: approve, undo, retry, crash, deliver, in any order. Done once, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Conflict, OmniError, Refused, Unavailable
from omnicrm.core.wire import EventReceipt
from omnicrm.domain import approvals, connections, outbox, sessions
from omnicrm.models.activity import OutboxMessage
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.sessions import Session, SessionStatus
from tests.conftest import Clock
from tests.drafts import proposed
from tests.factories import make_connection, make_contact, make_source_item, make_user

PENDING, APPROVED, EXECUTED = ApprovalStatus.PENDING, ApprovalStatus.APPROVED, ApprovalStatus.EXECUTED
FAILED, REJECTED = ApprovalStatus.EXECUTION_FAILED, ApprovalStatus.REJECTED
RARELY = st.sampled_from([False, False, False, True])


class Crash(BaseException):
    """The process dies before its commit."""


class Google:
    """The calendar on the other side: events by id, every call counted."""

    def __init__(self) -> None:
        self.events: dict[str, datetime] = {}
        self.inserts: dict[str, int] = {}

    def carry_out(self, write: Any) -> EventReceipt:
        if write.operation == "delete":
            self.events.pop(write.event_id, None)
            return EventReceipt(calendar_id=write.calendar_id, event_id=write.event_id, etag=None)
        if write.event_id not in self.events:
            self.inserts[write.event_id] = self.inserts.get(write.event_id, 0) + 1
        self.events[write.event_id] = write.starts_at
        return EventReceipt(calendar_id=write.calendar_id, event_id=write.event_id, etag=str(len(self.inserts)))


class Approvals(RuleBasedStateMachine):
    """Two proposals at two times, one Google."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(datetime(2026, 3, 10, 8, tzinfo=UTC))
        self.google = Google()
        self.user = make_user(time_zone="Europe/Stockholm", currency="SEK")
        self.claimed: list[outbox.Due] = []
        self.ids: list[UUID] = []
        with transaction(self.user) as db:
            make_connection(db, provider="google_calendar", scopes=[connections.CALENDAR_WRITE[1]])
            jo = make_contact(db)
            for day in range(2):
                at = datetime(2026, 3, 16 + day, 9, tzinfo=UTC)
                item = make_source_item(db, sender=jo.email, thread_id=f"t{day}")
                slots = {"contact_email": jo.email, "scheduled_at": at.isoformat()}
                self.ids.append(proposed(db, item, "session.create", **slots).id)

    @rule(which=st.integers(0, 1), dies=RARELY)
    def approve(self, which: int, dies: bool) -> None:
        self._act(which, lambda db, key: approvals.approve(db, key), {PENDING}, dies)

    @rule(which=st.integers(0, 1), dies=RARELY)
    def reject(self, which: int, dies: bool) -> None:
        self._act(which, lambda db, key: approvals.reject(db, key), {PENDING}, dies)

    @rule(which=st.integers(0, 1), dies=RARELY)
    def undo(self, which: int, dies: bool) -> None:
        self._act(which, lambda db, key: approvals.undo(db, key), {APPROVED, EXECUTED, FAILED, REJECTED}, dies)

    @rule(which=st.integers(0, 1), dies=RARELY)
    def retry(self, which: int, dies: bool) -> None:
        self._act(which, lambda db, key: approvals.retry(db, key), {FAILED}, dies)

    @rule()
    def claim(self) -> None:
        with transaction(self.user) as db:
            self.claimed += outbox.claim(db, limit=2)

    @precondition(lambda self: self.claimed)
    @rule(answer=st.sampled_from(["yes", "lost", "refused", "slow"]))
    def deliver(self, answer: str) -> None:
        """`lost`: Google did it, and the worker dies before it is booked; the claim runs out."""
        message = self.claimed.pop(0)
        with transaction(self.user) as db:
            write = sessions.event_write(db, message)
        if answer in ("refused", "slow"):
            error: OmniError = Refused("No.") if answer == "refused" else Unavailable("Slow.")
            with transaction(self.user, actor="system") as db:
                outbox.failed(db, message.id, error)
                approvals.settle(db, message.approval_id)
            return
        receipt = self.google.carry_out(write) if write is not None else None
        if answer == "lost":
            return
        with transaction(self.user, actor="system") as db:
            if outbox.delivered(db, message.id):
                sessions.calendar_written(db, message, receipt)
            approvals.settle(db, message.approval_id)

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        self.claimed.clear()  # their workers are gone

    @invariant()
    def done_once_or_not_at_all(self) -> None:
        with transaction(self.user) as db:
            live = self._count(db, Session.status.in_([SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL]))
            held = self._count(db, Session.status == SessionStatus.PENDING_AI_CONFIRMATION)
            rows = [approvals.locked(db, key) for key in self.ids]
            keys = db.scalars(select(OutboxMessage.idempotency_key)).all()
            assert live == sum(row.status in (APPROVED, EXECUTED, FAILED) for row in rows)
            assert held == sum(row.status is PENDING for row in rows)
            assert len(keys) == len(set(keys))
            assert all(row.executed_at is not None for row in rows if row.status is EXECUTED)
        assert all(times == 1 for times in self.google.inserts.values())  # never an event twice

    def teardown(self) -> None:
        """Left alone, everything comes to rest, and Google shows what the practice shows."""
        for _ in range(12):
            self.clock.advance(timedelta(hours=2))
            with transaction(self.user) as db:
                for key in self.ids:
                    if approvals.locked(db, key).status is FAILED:
                        approvals.retry(db, key)
                due = outbox.claim(db)
            for message in due:
                with transaction(self.user) as db:
                    write = sessions.event_write(db, message)
                receipt = self.google.carry_out(write) if write is not None else None
                with transaction(self.user) as db:
                    if outbox.delivered(db, message.id):
                        sessions.calendar_written(db, message, receipt)
                    approvals.settle(db, message.approval_id)
        with transaction(self.user) as db:
            booked = db.scalars(select(Session).where(Session.status == SessionStatus.SYNCED_TO_GCAL)).all()
            executed = self._count_approvals(db, EXECUTED)
            waiting = db.scalars(
                select(OutboxMessage.status).where(OutboxMessage.status.in_(["waiting", "claimed"]))
            ).all()
            refused_removals = db.scalars(
                select(OutboxMessage.idempotency_key).where(
                    OutboxMessage.status == "failed", OutboxMessage.idempotency_key.like("calendar.remove:%")
                )
            ).all()
        known = {f"omni{UUID(key.split(':')[1]).hex}" for key in refused_removals}
        assert waiting == []
        assert len(booked) == executed
        assert {sessions.event_id(one.id) for one in booked} == set(self.google.events) - known

    def _act(self, which: int, act: Any, allowed: set[ApprovalStatus], dies: bool) -> None:
        key = self.ids[which]
        with transaction(self.user) as db:
            before = approvals.locked(db, key).status
        try:
            with transaction(self.user) as db:
                act(db, key)
                if dies:
                    raise Crash
            happened = True
        except (Conflict, Crash):
            happened = False
        with transaction(self.user) as db:
            after = approvals.locked(db, key).status
        assert happened == (before in allowed and not dies), (before, after)
        if not happened:
            assert after is before

    def _count(self, db: Db, condition: Any) -> int:
        return db.scalar(select(func.count()).select_from(Session).where(condition)) or 0

    def _count_approvals(self, db: Db, status: ApprovalStatus) -> int:
        query = select(func.count()).select_from(PendingApproval).where(PendingApproval.status == status)
        return db.scalar(query) or 0


@pytest.mark.usefixtures("database", "clock")
@pytest.mark.outside(9, 10)
def test_approvals_are_carried_out_exactly_once():
    run_state_machine_as_test(
        Approvals,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
