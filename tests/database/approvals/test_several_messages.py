"""Several messages, one thing: read by the assistant itself, from stored words to the queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from omnicrm import assistant
from omnicrm.core import clock as the_clock
from omnicrm.domain import approvals, inbox, practice
from omnicrm.models.approvals import PendingApproval
from tests.factories import make_contact, make_service, make_source_item


def mail(db, text, *, thread="t1", after=timedelta(), **changes):
    at = the_clock.now() + after
    changes = {"sender": "jo@park.example", "sender_name": "Jo Park", "subject": "Friday"} | changes
    return make_source_item(db, body_text=text, thread_id=thread, occurred_at=at, **changes)


def read(db, item):
    """What the assistant makes of a stored item, as the job does it."""
    return approvals.propose_all(db, item.id, assistant.consider(inbox.case_for(db, item.id)).drafts)


def queue(db, kind=None):
    rows = db.scalars(select(PendingApproval).order_by(PendingApproval.id)).all()
    return [row for row in rows if row.type != "reply.draft" and (kind is None or row.type == kind)]


def day(db):
    """A Friday to come, as the practitioner sees it."""
    today = the_clock.now().astimezone(practice.of(db).zone).date()
    return today + timedelta(days=(4 - today.weekday()) % 7 + 7)


def jo(db):
    make_service(db)
    return make_contact(db, first_name="Jo", last_name="Park", email="jo@park.example")


def asked(db):
    friday = day(db)
    return mail(db, f"Hi, could I come on Friday {friday.day} {friday:%B} at 10:30?\n\nJo")


def test_a_correction_an_hour_later_amends_what_waits_and_says_what_changed(db, clock):
    jo(db)
    read(db, asked(db))
    (first,) = queue(db)
    clock.advance(timedelta(hours=1))
    friday = day(db)
    later = mail(db, f"Sorry, I meant 11:30 on Friday {friday.day} {friday:%B}, please.\n\nJo", subject="Re: Friday")
    assert "amended" in [one.outcome for one in read(db, later)]
    (only,) = queue(db)
    assert only.id == first.id
    card = approvals.card(db, only.id)
    assert "11:30" in card.sentence
    assert card.amended.startswith("Changed by a later mail. Time: was ")
    assert "10:30" in card.amended


def test_reading_everything_again_changes_nothing(db, clock):
    jo(db)
    items = [asked(db), mail(db, "Could you send me the receipt for March?", thread="t2", subject="Receipt")]
    for item in items:
        read(db, item)
    before = [(row.id, row.status, row.data_payload) for row in queue(db)]
    assert {row.type for row in queue(db)} == {"session.create", "task.create"}
    for item in reversed(items):
        inbox.try_again(db, item.id)
        assert {one.outcome for one in read(db, item)} <= {"unchanged"}
    assert [(row.id, row.status, row.data_payload) for row in queue(db)] == before


def test_an_approved_booking_gets_a_proposal_of_the_change_and_only_once(db, clock):
    jo(db)
    read(db, asked(db))
    approvals.approve(db, queue(db)[0].id)
    clock.advance(timedelta(hours=1))
    friday = day(db)
    text = f"Could we make it 12:00 instead of 10:30 on Friday {friday.day} {friday:%B}?\n\nJo"
    changed = mail(db, text, subject="Re: Friday")
    read(db, changed)
    read(db, changed)
    assert [row.type for row in queue(db)] == ["session.create", "session.reschedule"]
    assert "12:00" in approvals.card(db, queue(db)[1].id).sentence


def test_a_thank_you_and_a_yes_after_the_booking_propose_nothing(db, clock):
    jo(db)
    read(db, asked(db))
    approvals.approve(db, queue(db)[0].id)
    for text in ("Thank you, see you on Friday at 10:30!", "Perfect. Looking forward to it."):
        clock.advance(timedelta(hours=1))
        read(db, mail(db, text, subject="Re: Friday"))
    assert [row.type for row in queue(db)] == ["session.create"]


def test_a_calendar_event_of_what_a_mail_asked_for_is_the_same_thing(db, clock):
    jo(db)
    read(db, asked(db))
    friday, zone = day(db), practice.of(db).zone
    start = datetime(friday.year, friday.month, friday.day, 10, 30, tzinfo=zone)
    times = {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": (start + timedelta(hours=1)).isoformat()}}
    resource = {"id": "ev1", "status": "confirmed", "summary": "Jo Park, deep tissue massage", **times}
    event = make_source_item(
        db, kind="event", external_id="ev1", google_calendar_id="primary", sender=None, subject=None,
        body_text="Jo Park, deep tissue massage", payload={"resource": resource}, starts_at=start.astimezone(UTC),
    )  # fmt: skip
    read(db, event)
    (only,) = queue(db)
    assert only.data_payload["service"] == "Deep tissue massage"
    approvals.approve(db, only.id)
    inbox.try_again(db, event.id)
    read(db, event)
    assert len(queue(db)) == 1


def test_calling_off_takes_the_place_of_a_move_that_waits(db, clock):
    jo(db)
    read(db, asked(db))
    approvals.approve(db, queue(db)[0].id)
    clock.advance(timedelta(hours=1))
    friday = day(db)
    read(db, mail(db, f"Could we do 12:00 instead on Friday {friday.day} {friday:%B}?", subject="Re: Friday"))
    assert [row.type for row in queue(db)] == ["session.create", "session.reschedule"]
    clock.advance(timedelta(hours=1))
    read(db, mail(db, "I have to cancel Friday altogether, sorry. Jo", subject="Re: Friday"))
    open_ones = [row.type for row in queue(db) if row.status == "pending"]
    assert "session.cancel" in open_ones
    assert "session.reschedule" not in open_ones
