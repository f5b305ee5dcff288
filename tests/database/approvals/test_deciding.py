"""Edited, left out, rejected, put off, failed, tried again, taken back after a change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from omnicrm.core.wire import EventReceipt
from omnicrm.domain import approvals, connections, contacts, outbox, sessions, tasks
from omnicrm.domain.approvals import ChangedSince
from omnicrm.models.activity import OutboxMessage
from omnicrm.models.approvals import ApprovalStatus
from omnicrm.models.communications import Communication
from omnicrm.models.contacts import Contact
from omnicrm.models.payments import Payment
from omnicrm.models.sessions import Session
from omnicrm.models.tasks import Task
from tests.drafts import draft, proposed
from tests.factories import make_approval, make_connection, make_contact, make_service, make_session, make_source_item

FRIDAY = datetime(2026, 3, 13, 9, 30, tzinfo=UTC)  # 10:30 in Stockholm


def with_google(db):
    return make_connection(db, provider="google_calendar", scopes=[connections.CALENDAR_WRITE[1]])


def booking(db, *, at="2026-03-13T10:30:00+01:00", **changes):
    jo = make_contact(db, first_name="Jo", last_name="Park")
    slots = {"contact_email": jo.email, "scheduled_at": at, **changes}
    return proposed(db, make_source_item(db, sender=jo.email), "session.create", **slots)


def deliver(db):
    """What the outbox job does, with a Google that always says yes."""
    for message in outbox.claim(db):
        write = sessions.event_write(db, message)
        etag = None if write is None or write.operation == "delete" else f"etag-{message.id}"
        receipt = write and EventReceipt(calendar_id=write.calendar_id, event_id=write.event_id, etag=etag)
        if outbox.delivered(db, message.id):
            sessions.calendar_written(db, message, receipt)
        approvals.settle(db, message.approval_id)


def test_an_edited_time_counts_on_the_practitioners_clock(db, clock):
    approval = booking(db)
    decided = approvals.approve(db, approval.id, edits={"scheduled_at": "2026-03-13 11:00", "duration_minutes": "45"})
    session = sessions.get(db, approval.related_session_id)
    assert (session.scheduled_at, session.duration_minutes) == (FRIDAY + timedelta(minutes=30), 45)
    assert "11:00" in decided.sentence
    assert approval.decided_fields["set"] == ["scheduled_at", "duration_minutes"]
    assert approval.data_payload["scheduled_at"] == "2026-03-13T09:30:00Z"  # what was proposed stays on record


def test_a_field_left_out_is_not_carried_out(db, clock):
    make_service(db, name="Deep tissue massage", location="Studio")
    approval = booking(db, service="Deep tissue massage", location="Home")
    approvals.approve(db, approval.id, leave_out=["service", "location"])
    session = sessions.get(db, approval.related_session_id)
    assert (session.service_id, session.location) == (None, None)
    item = make_source_item(db, sender="noor@haddad.example")
    noor = proposed(db, item, "contact.create", email="noor@haddad.example", first_name="Noor", phone="070-174 06 05")
    approvals.approve(db, noor.id, leave_out=["phone", "group"])
    added = contacts.by_identifier(db, "noor@haddad.example")
    assert (added.phone, contacts.card(db, added.id).groups) == (None, [])


@pytest.mark.parametrize(
    ("edits", "leave_out", "field"),
    [
        ({"scheduled_at": "soon"}, (), "scheduled_at"),
        ({"duration_minutes": "-5"}, (), "duration_minutes"),
        ({"contact": "Nobody"}, (), "contact"),
        ({"service": "Levitation"}, (), "service"),
        ({"event": "x"}, (), "event"),
        ({}, ("scheduled_at",), "scheduled_at"),
    ],
)
def test_an_edit_that_cannot_be_changes_nothing(db, clock, edits, leave_out, field):
    approval = booking(db)
    with pytest.raises(Invalid) as refused:
        approvals.approve(db, approval.id, edits=edits, leave_out=leave_out)
    assert list(refused.value.fields) == [field]


def test_a_proposal_that_was_amended_meanwhile_is_looked_at_again(db, clock):
    approval = booking(db)
    with pytest.raises(Conflict, match="changed meanwhile"):
        approvals.approve(db, approval.id, version=approval.version + 1)
    assert approvals.approve(db, approval.id, version=approval.version).status == "executed"


def test_an_unknown_sender_is_added_first(db, clock):
    item = make_source_item(db, sender="noor@haddad.example", sender_name="Noor Haddad", thread_id="t1")
    drafts = [
        draft(
            "session.create",
            contact_email="noor@haddad.example",
            scheduled_at="2026-03-13T16:15:00+01:00",
            group="enquiry",
        ),
        draft("contact.create", email="noor@haddad.example", first_name="Noor", last_name="Haddad", group="enquiry"),
        draft("reply.draft", contact_email="noor@haddad.example", body="Welcome, Noor.", group="enquiry"),
    ]
    contact, session, reply = approvals.propose_all(db, item.id, drafts)
    card = approvals.card(db, session.approval_id)
    assert [mate.type for mate in card.mates] == ["contact.create", "reply.draft"]
    assert (card.needs_contact_first, card.reply) == (True, "Welcome, Noor.")

    with pytest.raises(Conflict, match="Noor Haddad is not in your contacts yet") as asked:
        approvals.approve(db, session.approval_id)
    assert asked.value.override == "add_contact"
    decided = approvals.approve(db, session.approval_id, add_contact=True)

    noor = contacts.by_identifier(db, "noor@haddad.example")
    assert decided.also == ["Noor Haddad added to Leads."]
    assert sessions.get(db, approvals.locked(db, session.approval_id).related_session_id).contact_id == noor.id
    assert approvals.locked(db, contact.approval_id).status is ApprovalStatus.EXECUTED
    approvals.approve(db, reply.approval_id)
    assert db.scalars(select(Communication)).one().contact_id == noor.id


def test_adding_the_contact_tells_the_others_whose_they_are(db, clock):
    item = make_source_item(db, sender="noor@haddad.example", sender_name="Noor Haddad")
    at = "2026-03-13T16:15:00+01:00"
    contact, session = approvals.propose_all(
        db,
        item.id,
        [
            draft("contact.create", email="noor@haddad.example", first_name="Noor", group="g"),
            draft("session.create", contact_email="noor@haddad.example", scheduled_at=at, group="g"),
        ],
    )
    approvals.approve(db, contact.approval_id)
    waiting = approvals.locked(db, session.approval_id)
    held = sessions.get(db, waiting.related_session_id)
    assert waiting.related_contact_id == held.contact_id is not None
    approvals.undo(db, contact.approval_id)  # the wish stays, without a client
    db.refresh(waiting)
    assert (waiting.related_contact_id, waiting.status) == (None, ApprovalStatus.PENDING)
    assert sessions.get(db, held.id).contact_id is None


def test_an_overlap_is_asked_about_and_changes_nothing(db, clock):
    make_session(db, contact_id=make_contact(db).id, title="Slow Flow", scheduled_at=FRIDAY)
    approval = booking(db)
    assert approvals.card(db, approval.id).clashes == ["“Slow Flow” is booked from 10:30 to 11:30."]
    with pytest.raises(Conflict) as asked:
        approvals.approve(db, approval.id)
    assert asked.value.override == "allow_overlap"
    assert approvals.locked(db, approval.id).status is ApprovalStatus.PENDING
    assert approvals.approve(db, approval.id, allow_overlap=True).status == "executed"


def test_googles_busy_time_is_shown_and_left_to_the_practitioner(db, clock):
    make_source_item(
        db,
        kind="event",
        external_id="dentist",
        google_calendar_id="private",
        subject="Dentist",
        busy=True,
        starts_at=FRIDAY,
        ends_at=FRIDAY + timedelta(hours=1),
    )
    approval = booking(db)
    card = approvals.card(db, approval.id)
    assert (card.free, card.clashes) == ("", ["Your Google calendar is busy from 10:30 to 11:30."])
    assert approvals.approve(db, approval.id).status == "executed"


def test_a_client_who_vanished_fails_in_words_and_can_be_chosen_anew(db, clock):
    approval = booking(db)
    contacts.remove(db, approval.related_contact_id)
    failed = approvals.approve(db, approval.id)
    assert (failed.status, failed.failed) == (
        "execution_failed",
        "Jo Park is not in your contacts. Add or choose the client, then try again.",
    )
    card = approvals.card(db, approval.id)
    assert (card.can_retry, card.error, card.tries[0].what) == (True, failed.failed, "You approved it")
    assert approvals.retry(db, approval.id).status == "execution_failed"
    ann = make_contact(db, first_name="Ann", last_name="Lee")
    assert approvals.approve(db, approval.id, edits={"contact": "Ann Lee"}).status == "executed"
    assert db.scalars(select(Session)).one().contact_id == ann.id


def test_a_session_that_vanished_fails_in_words(db, clock):
    session = make_session(db, contact_id=make_contact(db).id)
    approval = proposed(
        db,
        make_source_item(db),
        "session.reschedule",
        session_ref=str(session.id),
        scheduled_at="2026-03-14T10:00:00+01:00",
    )
    sessions.unbook(db, session.id)
    assert approvals.approve(db, approval.id).failed == "This session no longer exists."
    approvals.undo(db, approval.id)
    assert approvals.locked(db, approval.id).status is ApprovalStatus.UNDONE


def test_google_learns_of_it_once_and_then_it_is_executed(db, clock):
    with_google(db)
    approval = booking(db)
    assert approvals.approve(db, approval.id).status == "approved"
    deliver(db)
    session = sessions.get(db, approval.related_session_id)
    assert (session.status, session.google_calendar_event_id) == ("synced_to_gcal", sessions.event_id(session.id))
    assert approvals.locked(db, approval.id).status is ApprovalStatus.EXECUTED
    assert outbox.claim(db) == []


def test_what_google_was_not_told_it_is_never_told(db, clock):
    with_google(db)
    approval = booking(db)
    approvals.approve(db, approval.id)
    approvals.undo(db, approval.id)
    assert [message.status for message in db.scalars(select(OutboxMessage))] == ["cancelled"]


def test_an_undo_after_the_write_removes_the_event(db, clock):
    with_google(db)
    approval = booking(db)
    approvals.approve(db, approval.id)
    deliver(db)
    session_id = approval.related_session_id
    approvals.undo(db, approval.id)
    (message,) = outbox.claim(db)
    write = sessions.event_write(db, message)
    assert (write.operation, write.event_id) == ("delete", sessions.event_id(session_id))
    outbox.delivered(db, message.id)
    approvals.settle(db, message.approval_id)
    assert approvals.locked(db, approval.id).status is ApprovalStatus.UNDONE


def test_google_refuses_and_only_that_is_tried_again(db, clock):
    with_google(db)
    approval = booking(db)
    approvals.approve(db, approval.id)
    (message,) = outbox.claim(db)
    assert outbox.failed(db, message.id, Refused("Google: only the organiser may change this event."))
    approvals.settle(db, message.approval_id)
    failed = approvals.card(db, approval.id)
    assert (failed.status, failed.error) == (
        "execution_failed",
        "Google: only the organiser may change this event.",
    )
    assert approvals.retry(db, approval.id).status == "approved"
    assert db.scalar(select(func.count()).select_from(Session)) == 1
    deliver(db)
    assert approvals.locked(db, approval.id).status is ApprovalStatus.EXECUTED


def test_a_refused_write_can_be_kept_here(db, clock):
    with_google(db)
    approval = booking(db)
    approvals.approve(db, approval.id)
    (message,) = outbox.claim(db)
    outbox.failed(db, message.id, Refused("No."))
    approvals.settle(db, message.approval_id)
    assert approvals.keep_here(db, approval.id).status == "executed"
    assert outbox.claim(db) == []


def test_a_slow_google_is_waited_for_and_given_up_in_the_end(db, clock):
    with_google(db)
    approval = booking(db)
    approvals.approve(db, approval.id)
    retry_at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    (message,) = outbox.claim(db)
    assert not outbox.failed(db, message.id, Unavailable("Google is slow.", retry_at))
    clock.move_to(retry_at - timedelta(seconds=1))
    assert outbox.claim(db) == []
    clock.move_to(retry_at)
    for _ in range(7):
        clock.advance(timedelta(hours=2))
        (message,) = outbox.claim(db)
        given_up = outbox.failed(db, message.id, Unavailable("Google is slow."))
    assert given_up
    approvals.settle(db, message.approval_id)
    assert approvals.card(db, approval.id).error == "Google is slow."


def test_undoing_a_move_that_changed_since_shows_the_difference_and_asks(db, clock):
    session = make_session(
        db, contact_id=make_contact(db).id, title="Massage", scheduled_at=FRIDAY, duration_minutes=75
    )
    approval = proposed(
        db,
        make_source_item(db),
        "session.reschedule",
        session_ref=str(session.id),
        scheduled_at="2026-03-14T10:00:00+01:00",
    )
    approvals.approve(db, approval.id)
    sessions.move(db, session.id, datetime(2026, 3, 14, 9, 15, tzinfo=UTC), 90)

    with pytest.raises(ChangedSince) as asked:
        approvals.undo(db, approval.id)
    shown = asked.value.difference
    assert [(row.label, row.before, row.approved, row.now, row.differs) for row in shown.rows] == [
        ("Day", "Fri 13 Mar", "Sat 14 Mar", "Sat 14 Mar", False),
        ("Begins", "10:30", "10:00", "10:15", True),
        ("Length", "75 min", "75 min", "90 min", True),
    ]
    assert [choice.value for choice in shown.choices] == ["mine", "all", "keep"]

    assert approvals.undo(db, approval.id, choice="keep").status == "executed"
    with pytest.raises(Invalid):
        approvals.undo(db, approval.id, choice="whatever")
    approvals.undo(db, approval.id, choice="mine")
    assert (session.scheduled_at, session.duration_minutes) == (FRIDAY, 90)


def test_a_new_client_with_a_history_is_archived_rather_than_removed(db, clock):
    item = make_source_item(db, sender="noor@haddad.example")
    approval = proposed(db, item, "contact.create", email="noor@haddad.example", first_name="Noor")
    approvals.approve(db, approval.id)
    noor = contacts.by_identifier(db, "noor@haddad.example")
    make_session(db, contact_id=noor.id)
    with pytest.raises(ChangedSince) as asked:
        approvals.undo(db, approval.id)
    assert asked.value.difference.rows[-1].now == "1 session"
    approvals.undo(db, approval.id, choice="archive")
    db.refresh(noor)
    assert noor.archived_at is not None


def test_a_task_that_was_finished_since_is_asked_about(db, clock):
    approval = proposed(db, make_source_item(db), "task.create", title="Call Jo")
    approvals.approve(db, approval.id)
    tasks.finish(db, db.scalars(select(Task)).one().id)
    with pytest.raises(ChangedSince):
        approvals.undo(db, approval.id)
    approvals.undo(db, approval.id, choice="all")
    assert db.scalars(select(Task)).all() == []


def test_a_rejection_takes_the_held_session_away_and_can_be_undone(db, clock):
    approval = booking(db)
    held = approval.related_session_id
    approvals.reject(db, approval.id, "Some detail is wrong", teaches="sender")
    assert db.get(Session, held) is None
    approvals.undo(db, approval.id)
    assert (approval.status, approvals.taught(db)) == (ApprovalStatus.PENDING, [])
    assert sessions.get(db, approval.related_session_id).scheduled_at == FRIDAY


def test_later_means_later(db, clock):
    approval = booking(db)
    with pytest.raises(Invalid):
        approvals.snooze(db, approval.id, datetime(2026, 3, 10, 7, tzinfo=UTC))
    said = approvals.snooze(db, approval.id, datetime(2026, 3, 11, 7, tzinfo=UTC))
    assert said.sentence == "Comes back tomorrow, 8:00."
    assert (approvals.counts(db).all, approvals.counts(db).later) == (0, 1)
    assert approvals.listed(db, shelf="later").rows[0].decided == "comes back tomorrow, 8:00"
    assert approvals.wake(db) == 0
    clock.advance(timedelta(days=1))
    assert approvals.wake(db) == 1
    assert approvals.counts(db).all == 1


def test_what_is_too_old_leaves_the_queue_and_the_calendar(db, clock):
    approval = booking(db)
    held = approval.related_session_id
    clock.advance(timedelta(days=3, hours=23))
    assert approvals.expire(db) == 0
    clock.advance(timedelta(days=2))
    assert approvals.expire(db) == 1
    assert (db.get(Session, held), approvals.counts(db).all) == (None, 0)


def test_many_at_once_and_one_that_cannot(db, clock):
    good = [proposed(db, make_source_item(db), "task.create", title=f"Call {n}") for n in range(3)]
    make_session(db, contact_id=make_contact(db).id, scheduled_at=FRIDAY)
    overlapping = booking(db)
    assert [row.sentence for row in approvals.previewed(db, [good[0].id])] == ["Add a task: call 0"]
    result = approvals.approve_many(db, [overlapping.id, *(one.id for one in good)])
    assert len(result.done) == 3
    assert [one.failed for one in result.not_done] == ["“Deep tissue massage” is booked from 10:30 to 11:30."]
    assert approvals.counts(db).all == 1


def test_the_queue_speaks_of_past_decisions(db, clock):
    for number in range(4):
        approval = proposed(db, make_source_item(db), "task.create", title=f"Call {number}", confidence=0.85)
        if number:
            approvals.approve(db, approval.id)
        else:
            approvals.reject(db, approval.id)
    waiting = proposed(db, make_source_item(db), "task.create", title="Write", confidence=0.95)
    assert approvals.card(db, waiting.id).accuracy == "3 of 4 like this were right"
    assert approvals.listed(db).clear_words == "3 of 4 like these were right"


def test_the_queue_is_paged_newest_mail_first(db, clock):
    for number in range(5):
        item = make_source_item(db, occurred_at=datetime(2026, 3, 10 - number, 7, tzinfo=UTC))
        proposed(db, item, "task.create", title=f"Call {number}")
    seen, after = [], ""
    while True:
        page = approvals.listed(db, after=after, limit=2)
        seen += [row.sentence for row in page.rows]
        if not (after := page.next):
            break
    assert seen == [f"Add a task: call {number}" for number in range(5)]
    assert approvals.listed(db, group="money").rows == []
    with pytest.raises(Invalid):
        approvals.listed(db, after="nonsense")


def test_another_practitioners_proposal_is_not_found(db, natalie, clock):
    with transaction(natalie) as hers:
        stranger = make_approval(hers).id
    for act in (approvals.approve, approvals.reject, approvals.undo, approvals.retry, approvals.card):
        with pytest.raises(NotFound, match="no longer exists"):
            act(db, stranger)


def test_a_payment_cannot_be_finer_than_its_currency(db, clock):
    jo = make_contact(db, email="jo@park.example")
    approval = proposed(
        db, make_source_item(db), "payment.record", contact_email=jo.email, amount="120,50", currency="JPY"
    )
    assert "no smaller parts" in approvals.approve(db, approval.id).failed
    approvals.approve(db, approval.id, edits={"amount": "120"})
    assert db.scalars(select(Payment)).one().amount == Decimal("120")
    assert db.scalar(select(func.count()).select_from(Contact)) == 1
