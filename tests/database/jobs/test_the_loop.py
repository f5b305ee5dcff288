"""From Google to the queue and back: the sample practice's own mail, read, proposed, approved, written, taken back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from omnicrm.core import clock as the_clock
from omnicrm.core.db import transaction
from omnicrm.core.errors import NotFound
from omnicrm.domain import activity, approvals, connections, outbox, sessions
from omnicrm.jobs import runner, sample
from omnicrm.models.activity import OutboxMessage
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.inbox import SourceItem
from omnicrm.models.sessions import Session
from omnicrm.sandbox import builtin
from tests.factories import make_contact
from tests.stand_in import StandIn, times


@pytest.fixture(scope="module", autouse=True)
def _no_sandbox_is_left():
    yield
    builtin.stop()


def of_type(user_id: UUID, kind: str) -> PendingApproval:
    with transaction(user_id) as db:
        query = select(PendingApproval).where(col(PendingApproval.type) == kind)
        return db.scalars(query.order_by(col(PendingApproval.created_at).desc())).first()


def enquired(user_id: UUID, google: StandIn) -> UUID:
    """A known client asks for a time; gives the proposal."""
    with transaction(user_id) as db:
        make_contact(db, first_name="Jo", last_name="Park", email="jo@park.example")
    day = the_clock.now() + timedelta(days=6)
    google.mail(f"Hi Maya,\n\nCan I book a session for {day:%A} {day.day} {day:%B} at 10:30?\n\nJo")
    google.connect(user_id)
    runner.run_now("sync_mail", user_id)
    runner.run_now("propose", user_id)
    return of_type(user_id, "session.create").id


def test_the_sample_practice_fills_its_queue_with_every_kind_of_proposal(maya: UUID):
    sample.furnish(maya)
    for kind in ("sync_mail", "sync_calendar", "propose"):
        runner.run_now(kind, maya)
    with transaction(maya) as db:
        kinds = Counter(db.scalars(select(PendingApproval.type)))
        nothing = db.scalars(select(SourceItem).where(col(SourceItem.outcome) == "nothing")).all()
    assert set(kinds) >= {
        *("contact.create", "contact.update", "session.create", "session.reschedule", "session.cancel"),
        *("task.create", "payment.record"),
    }
    assert len(nothing) >= 5
    assert all(item.outcome_reason for item in nothing)


def test_a_mail_in_another_language_proposes_nothing_and_sync_activity_says_why(maya: UUID, google: StandIn):
    google.mail("Bonjour Maya,\n\nest-ce que je peux venir jeudi à 17 heures pour un massage ? Merci beaucoup\n\nJo")
    google.connect(maya)
    runner.run_now("sync_mail", maya)
    runner.run_now("propose", maya)
    with transaction(maya) as db:
        (left_out,) = activity.skipped(db)
        assert db.scalars(select(PendingApproval)).all() == []
    assert "not in English" in left_out.reason


def test_what_is_approved_stands_in_google_exactly_once_and_is_taken_back(maya: UUID, google: StandIn):
    approval_id = enquired(maya, google)
    with transaction(maya) as db:
        approvals.approve(db, approval_id)
    runner.run_now("outbox", maya)
    runner.run_now("outbox", maya)
    (event,) = google.calendar.events.values()
    assert event["status"] == "confirmed"
    assert of_type(maya, "session.create").status == "executed"
    with transaction(maya) as db:
        (session,) = db.scalars(select(Session)).all()
    assert session.status == "synced_to_gcal"
    assert session.google_etag == event["etag"]
    runner.run_now("sync_calendar", maya)
    with transaction(maya) as db:
        approvals.undo(db, approval_id)
    runner.run_now("outbox", maya)
    assert [one["status"] for one in google.calendar.events.values()] == ["cancelled"]
    with transaction(maya) as db:
        assert db.scalars(select(Session)).all() == []
    runner.run_now("sync_calendar", maya)
    runner.run_now("propose", maya)
    with transaction(maya) as db:
        assert db.scalars(select(Session)).all() == []


def test_an_event_that_was_changed_in_google_keeps_what_is_not_ours(maya: UUID, google: StandIn):
    approval_id = enquired(maya, google)
    with transaction(maya) as db:
        approvals.approve(db, approval_id)
    runner.run_now("outbox", maya)
    (event_id,) = google.calendar.events
    google.calendar.change_event(event_id, {"colorId": "7", "attendees": [{"email": "x@y.example"}]}, whole=False)
    with transaction(maya) as db:
        (session,) = db.scalars(select(Session)).all()
        later = session.scheduled_at + timedelta(days=1)
        sessions.move(db, session.id, later)
    runner.run_now("outbox", maya)  # 412: fetched, merged, tried again
    event = google.calendar.events[event_id]
    assert event["colorId"] == "7"
    assert event["start"]["dateTime"].startswith(later.astimezone(ZoneInfo("Europe/Stockholm")).isoformat()[:16])
    assert google.calendar.sent_updates == []


def test_a_write_that_arrived_though_its_answer_did_not_is_not_doubled(maya: UUID, google: StandIn):
    approval_id = enquired(maya, google)
    with transaction(maya) as db:
        approvals.approve(db, approval_id)
    google.fault("truncated", "POST /calendar/v3/calendars/.*/events")
    runner.run_now("outbox", maya)
    assert len(google.calendar.events) == 1
    assert of_type(maya, "session.create").status == "executed"


def test_google_being_down_delays_and_a_refusal_is_shown_and_can_be_tried_again(maya: UUID, google: StandIn, clock):
    approval_id = enquired(maya, google)
    with transaction(maya) as db:
        approvals.approve(db, approval_id)
    google.fault("503", "/calendar/v3/calendars/.*/events", times=4)
    runner.run_now("outbox", maya)
    assert of_type(maya, "session.create").status == "approved"
    assert google.calendar.events == {}
    google.fault("403-daily", "/calendar/v3/calendars/.*/events", times=100)
    for _ in range(10):
        clock.advance(timedelta(hours=2))
        runner.run_now("outbox", maya)
    failed = of_type(maya, "session.create")
    assert failed.status == "execution_failed"
    assert failed.error
    google.store.faults.clear()
    with transaction(maya) as db:
        approvals.retry(db, approval_id)
    runner.run_now("outbox", maya)
    assert of_type(maya, "session.create").status == "executed"
    assert len(google.calendar.events) == 1


@pytest.mark.outside(21)
def test_while_the_account_has_to_be_connected_again_writes_wait_and_none_is_lost(maya: UUID, google: StandIn, clock):
    approval_id = enquired(maya, google)
    google.store.grants.clear()
    with transaction(maya) as db:
        approvals.approve(db, approval_id)
    for _ in range(12):
        clock.advance(timedelta(minutes=11))
        runner.run_now("outbox", maya)
    with transaction(maya) as db:
        assert "Google Calendar" in connections.banner(db)
        (message,) = db.scalars(select(OutboxMessage)).all()
        assert (message.status, message.attempts) == ("waiting", 0)
    assert of_type(maya, "session.create").status == "approved"
    google.connect(maya, "google_calendar")
    runner.run_now("outbox", maya)
    assert of_type(maya, "session.create").status == "executed"
    assert len(google.calendar.events) == 1


def test_what_google_received_is_no_change_to_whoever_is_editing(maya: UUID, google: StandIn):
    google.connect(maya, "google_calendar")
    at = (the_clock.now() + timedelta(days=4)).replace(minute=0, second=0, microsecond=0)
    with transaction(maya) as db:
        session = sessions.book(db, sessions.Booking(contact_id=make_contact(db).id, scheduled_at=at))
    runner.run_now("outbox", maya)
    with transaction(maya) as db:
        assert sessions.get(db, session.id).status == "synced_to_gcal"
        moved = sessions.move(db, session.id, at + timedelta(hours=1), version=session.version)
        assert moved.version == session.version + 1


def test_a_move_by_hand_that_google_refuses_is_told_and_tried_again_or_left(maya: UUID, google: StandIn, clock):
    google.connect(maya, "google_calendar")
    at = (the_clock.now() + timedelta(days=4)).replace(minute=0, second=0, microsecond=0)
    with transaction(maya) as db:
        session = sessions.book(db, sessions.Booking(contact_id=make_contact(db).id, scheduled_at=at)).id
    for kind in ("outbox", "sync_calendar"):
        runner.run_now(kind, maya)
    for hours in (1, 2):
        with transaction(maya) as db:
            sessions.move(db, session, at + timedelta(hours=hours), with_google=False)
        google.fault("403-daily", "/calendar/v3/calendars/.*/events", times=100)
        for _ in range(outbox.MAX_TRIES):
            clock.advance(timedelta(hours=2))
            runner.run_now("outbox", maya)
        with transaction(maya) as db:
            (row,) = sessions.unwritten(db)
            assert row.reason
            assert activity.last_sync_line(db) == "1 change did not reach Google"
            (sessions.write_again if hours == 1 else sessions.leave_unwritten)(db, UUID(row.id))
        google.store.faults.clear()
        runner.run_now("outbox", maya)
        with transaction(maya) as db:
            assert sessions.unwritten(db) == []
            with pytest.raises(NotFound):
                sessions.write_again(db, UUID(row.id))
        (event,) = google.calendar.events.values()
        there = (at + timedelta(hours=1)).astimezone(ZoneInfo("Europe/Stockholm"))
        assert event["start"]["dateTime"].startswith(there.isoformat()[:16])  # the second one was left


def test_an_event_made_in_google_becomes_a_session_and_follows_it(maya: UUID, google: StandIn):
    """Journey 4: always exactly one session."""
    with transaction(maya) as db:
        make_contact(db, first_name="Jo", last_name="Park", email="jo@park.example")
    at = (the_clock.now() + timedelta(days=4)).replace(minute=0, second=0, microsecond=0)
    event = google.event("Session with Jo Park", at, 60, attendees=[{"email": "jo@park.example"}])
    google.connect(maya, "google_calendar")
    runner.run_now("sync_calendar", maya)
    runner.run_now("propose", maya)
    with transaction(maya) as db:
        approvals.approve(db, of_type(maya, "session.create").id)
    runner.run_now("outbox", maya)
    google.calendar.change_event(event["id"], times(at + timedelta(hours=2)), whole=False)
    runner.run_now("sync_calendar", maya)
    runner.run_now("propose", maya)
    with transaction(maya) as db:
        (session,) = db.scalars(select(Session)).all()
        assert session.scheduled_at == at + timedelta(hours=2)
    google.calendar.delete(event["id"])
    runner.run_now("sync_calendar", maya)
    runner.run_now("propose", maya)
    with transaction(maya) as db:
        (session,) = db.scalars(select(Session)).all()
        assert (session.status, session.cancelled_by) == ("cancelled", "google")
        assert outbox.claim(db) == []


def test_a_mail_that_was_proposed_from_once_makes_nothing_again(maya: UUID, google: StandIn):
    enquired(maya, google)
    google.mailbox.forget_history()
    for _ in range(3):
        runner.run_now("sync_mail", maya, full=True)
        runner.run_now("propose", maya)
    with transaction(maya) as db:
        kinds = [one.type for one in db.scalars(select(PendingApproval))]
        assert sorted(kinds) == ["reply.draft", "session.create"]


def test_disconnecting_the_last_of_an_account_gives_its_permission_back(maya: UUID, google: StandIn):
    mail, calendar = google.connect(maya)
    with transaction(maya) as db:
        connections.disconnect(db, mail)
    runner.run_now("outbox", maya)
    assert google.calls("/revoke") == []  # Google has one permission for both
    with transaction(maya) as db:
        connections.disconnect(db, calendar)
    runner.run_now("outbox", maya)
    assert [call["status"] for call in google.calls("/revoke")] == [200]
    assert google.store.grants == {}


def test_an_account_connected_again_before_that_keeps_its_permission(maya: UUID, google: StandIn):
    (mail,) = google.connect(maya, "google_gmail")
    with transaction(maya) as db:
        connections.disconnect(db, mail)
    google.connect(maya, "google_gmail")
    runner.run_now("outbox", maya)
    assert google.calls("/revoke") == []
    runner.run_now("sync_mail", maya)
