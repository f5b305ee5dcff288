"""Two tabs and the shell say yes at the same moment: it is carried out once, fifty times in a row."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from omnicrm.core import clock
from omnicrm.core.db import retrying, transaction
from omnicrm.core.errors import Conflict
from omnicrm.domain import approvals, connections, outbox, sessions
from omnicrm.models.activity import OutboxMessage
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.sessions import Session, SessionStatus
from tests.drafts import proposed
from tests.factories import make_connection, make_contact, make_source_item

ROUNDS = 50


def at_once(work, times):
    """Run `work` in several threads that start together; what each returned or raised."""
    gate, results = threading.Barrier(times), []

    def run():
        gate.wait()
        try:
            results.append(retrying(work))
        except Conflict as conflict:
            results.append(conflict)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == times
    return results


@pytest.mark.outside(9)
def test_the_same_yes_from_two_places_counts_once(maya):
    with transaction(maya) as db:
        make_connection(db, provider="google_calendar", scopes=[connections.CALENDAR_WRITE[1]])
        jo = make_contact(db)
    start = datetime(2030, 1, 7, 9, tzinfo=UTC)
    for round_number in range(ROUNDS):
        at = start + timedelta(days=round_number)
        with transaction(maya) as db:
            item = make_source_item(db, sender=jo.email)
            waiting = proposed(db, item, "session.create", contact_email=jo.email, scheduled_at=at.isoformat()).id

        def yes(approval_id=waiting):
            with transaction(maya) as db:
                return approvals.approve(db, approval_id)

        results = at_once(yes, 2)
        assert Counter(type(result).__name__ for result in results) == {"Decided": 1, "Conflict": 1}

    with transaction(maya) as db:
        booked = db.scalar(
            select(func.count()).select_from(Session).where(Session.status == SessionStatus.SCHEDULED_IN_CRM)
        )
        messages = db.scalars(select(OutboxMessage.approval_id)).all()
    assert booked == ROUNDS
    assert len(messages) == len(set(messages)) == ROUNDS


def test_an_undo_from_two_places_counts_once(maya):
    with transaction(maya) as db:
        jo = make_contact(db)
        waiting = proposed(
            db,
            make_source_item(db, sender=jo.email),
            "session.create",
            contact_email=jo.email,
            scheduled_at="2030-01-07T09:00:00Z",
        ).id
        approvals.approve(db, waiting)

    def back():
        with transaction(maya) as db:
            return approvals.undo(db, waiting)

    results = at_once(back, 3)
    assert Counter(type(result).__name__ for result in results) == {"Decided": 1, "Conflict": 2}


def test_one_message_is_claimed_by_one_worker(maya):
    with transaction(maya) as db:
        for number in range(20):
            contact = make_contact(db)
            outbox.put(db, "test", contact.id, key=f"k{number}")

    def take():
        with transaction(maya) as db:
            return [message.id for message in outbox.claim(db, limit=7)]

    taken = [message for result in at_once(take, 4) for message in result]
    assert len(taken) == len(set(taken)) == 20


@pytest.mark.outside(10)
def test_a_yes_that_crashes_before_its_commit_never_happened(maya):
    with transaction(maya) as db:
        waiting = proposed(db, make_source_item(db), "task.create", title="Call Jo").id

    class Killed(BaseException):
        pass

    def dies():
        with transaction(maya) as db:
            approvals.approve(db, waiting)
            raise Killed

    try:
        dies()
    except Killed:
        pass
    with transaction(maya) as db:
        assert db.get(PendingApproval, waiting).status is ApprovalStatus.PENDING
        assert approvals.approve(db, waiting).status == "executed"


def test_two_bookings_at_the_same_moment_do_not_overlap(maya):
    with transaction(maya) as db:
        jo = make_contact(db).id

    def book():
        with transaction(maya) as db:
            at = datetime(2030, 1, 7, 9, tzinfo=UTC)
            return sessions.book(db, sessions.Booking(contact_id=jo, scheduled_at=at, duration_minutes=60)).id

    results = at_once(book, 3)
    assert sum(isinstance(result, Conflict) for result in results) == 2


def test_an_event_that_google_made_before_the_worker_died_goes_with_the_undo(maya):
    with transaction(maya) as db:
        make_connection(db, provider="google_calendar", scopes=[connections.CALENDAR_WRITE[1]])
        jo = make_contact(db)
        item = make_source_item(db, sender=jo.email)
        at = "2030-01-07T09:00:00Z"
        approval = proposed(db, item, "session.create", contact_email=jo.email, scheduled_at=at)
        approvals.approve(db, approval.id)
        session_id = approval.related_session_id
    with transaction(maya) as db:
        (lost,) = outbox.claim(db)  # Google inserts the event, and the worker dies before it says so
    with transaction(maya) as db:
        approvals.undo(db, approval.id)
        assert outbox.claim(db) == []  # not before the lost one's claim has run out
    with clock.at(clock.now() + outbox.CLAIM + timedelta(seconds=1)):
        with transaction(maya) as db:
            (again,) = outbox.claim(db)
            assert (again.id, sessions.event_write(db, again)) == (lost.id, None)
            outbox.delivered(db, again.id)
        with transaction(maya) as db:
            (removal,) = outbox.claim(db)
            write = sessions.event_write(db, removal)
            assert (write.operation, write.event_id) == ("delete", sessions.event_id(session_id))
