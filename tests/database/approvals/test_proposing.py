"""Drafts become proposals once, and rest on words that are there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import approvals, sessions
from omnicrm.domain.cases import Quote
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.sessions import Session
from tests.drafts import draft, proposed
from tests.factories import make_contact, make_session, make_source_item

AT = "2026-03-13T10:30:00+01:00"


def how_many(db, table=PendingApproval):
    return db.scalar(select(func.count()).select_from(table))


def booking(item, at=AT, **changes):
    return draft("session.create", item, contact_email="jo@park.example", scheduled_at=at, **changes)


def test_a_quote_that_is_not_in_the_words_is_refused(db, clock):
    item = make_source_item(db, body_text="Friday at ten")
    false = Quote(slot="title", start=0, end=6, quote="Monday")
    with pytest.raises(Invalid, match="does not stand in the message"):
        approvals.propose(db, draft("task.create", title="Call").model_copy(update={"evidence": (false,)}), item.id)
    assert how_many(db) == 0


def test_below_0_4_it_is_not_shown(db, clock):
    made = approvals.propose(db, draft("task.create", title="Call", confidence=0.39), make_source_item(db).id)
    assert (made.outcome, how_many(db)) == ("hidden", 0)


def test_a_broken_payload_is_never_stored(db, clock):
    make_contact(db, email="jo@park.example")
    with pytest.raises(Invalid):
        approvals.propose(db, booking(None, at="some time"), make_source_item(db).id)
    with pytest.raises(NotFound):
        approvals.propose(
            db,
            draft("session.cancel", session_ref="00000000-0000-7000-8000-000000000000"),
            make_source_item(db).id,
        )
    assert (how_many(db), how_many(db, Session)) == (0, 0)


def test_the_same_message_again_changes_nothing(db, clock):
    make_contact(db, email="jo@park.example")
    item = make_source_item(db, thread_id="t1")
    first, again = (approvals.propose(db, booking(item), item.id) for _ in range(2))
    assert (first.outcome, again.outcome, again.approval_id) == ("new", "unchanged", first.approval_id)
    assert (how_many(db), how_many(db, Session)) == (1, 1)


def test_a_second_mail_in_the_thread_amends_what_waits(db, clock):
    make_contact(db, email="jo@park.example")
    first = make_source_item(db, thread_id="t1")
    made = approvals.propose(db, booking(first), first.id)
    clock.advance(timedelta(minutes=10))
    second = make_source_item(db, thread_id="t1")
    amended = approvals.propose(db, booking(second, "2026-03-13T11:00:00+01:00"), second.id)
    assert (amended.outcome, amended.approval_id) == ("amended", made.approval_id)
    assert "scheduled_at" in amended.note
    card = approvals.card(db, made.approval_id)
    assert (card.sentence, card.amended) == (
        card.sentence.replace("10:30", "11:00"),
        "Changed by a later mail. Time: was Fri 13 Mar, 10:30 to 11:30.",
    )
    held = sessions.get(db, approvals.locked(db, made.approval_id).related_session_id)
    assert (held.scheduled_at, how_many(db, Session)) == (datetime(2026, 3, 13, 10, tzinfo=UTC), 1)


def test_an_older_mail_that_is_read_later_does_not_win(db, clock):
    make_contact(db, email="jo@park.example")
    newer = make_source_item(db, thread_id="t1")
    older = make_source_item(db, thread_id="t1", occurred_at=newer.occurred_at - timedelta(days=1))
    made = approvals.propose(db, booking(newer, "2026-03-13T11:00:00+01:00"), newer.id)
    late = approvals.propose(db, booking(older), older.id)
    assert (late.outcome, late.approval_id) == ("unchanged", made.approval_id)
    assert "11:00" in approvals.card(db, made.approval_id).sentence


def test_an_event_that_confirms_a_mail_amends_it(db, clock):
    make_contact(db, email="jo@park.example")
    mail = make_source_item(db, thread_id="t1")
    made = approvals.propose(db, booking(mail), mail.id)
    event = make_source_item(
        db, kind="event", external_id="ev1", google_calendar_id="primary", body_text="Jo massage", sender=None
    )
    confirmed = approvals.propose(db, booking(event, duration_minutes=90), event.id)
    assert (confirmed.outcome, confirmed.approval_id) == ("amended", made.approval_id)
    assert (how_many(db), how_many(db, Session)) == (1, 1)


def test_another_time_for_a_session_that_was_approved_proposes_a_move(db, clock):
    make_contact(db, first_name="Jo", email="jo@park.example")
    first = make_source_item(db, thread_id="t1")
    made = approvals.propose(db, booking(first), first.id)
    approvals.approve(db, made.approval_id)
    clock.advance(timedelta(hours=1))
    second = make_source_item(db, thread_id="t1")
    moved = approvals.propose(db, booking(second, "2026-03-13T12:00:00+01:00"), second.id)
    change = approvals.locked(db, moved.approval_id)
    assert (moved.outcome, change.type, how_many(db, Session)) == ("new", "session.reschedule", 1)


def test_what_was_rejected_does_not_come_back_from_the_same_mail(db, clock):
    make_contact(db, email="jo@park.example")
    item = make_source_item(db, thread_id="t1")
    made = approvals.propose(db, booking(item), item.id)
    approvals.reject(db, made.approval_id)
    again = approvals.propose(db, booking(item, "2026-03-13T12:00:00+01:00"), item.id)
    assert (again.outcome, again.approval_id) == ("unchanged", made.approval_id)
    later = make_source_item(db, thread_id="t1", occurred_at=item.occurred_at + timedelta(hours=1))
    fresh = approvals.propose(db, booking(later, "2026-03-13T12:00:00+01:00"), later.id)
    assert fresh.outcome == "new"
    assert approvals.propose(db, booking(item), item.id).outcome == "unchanged"


def test_a_known_address_is_no_new_contact(db, clock):
    make_contact(db, first_name="Jo", last_name="Park", email="jo@park.example")
    made = approvals.propose(
        db, draft("contact.create", email="Jo@Park.example", first_name="Joanna"), make_source_item(db).id
    )
    assert (made.outcome, made.note) == ("unneeded", "Jo Park is in your contacts already.")


def test_a_shared_address_is_decided_by_the_name_or_by_the_practitioner(db, clock):
    make_contact(db, first_name="Ann", last_name="Lee", email="lees@lee.example")
    ben = make_contact(db, first_name="Ben", last_name="Lee", email="lees@lee.example")
    signed = make_source_item(db, sender="lees@lee.example", sender_name="Ben Lee")
    item = make_source_item(db, sender="lees@lee.example", sender_name="The Lees")
    by_name = proposed(db, signed, "task.create", title="Call", contact_email="lees@lee.example")
    asks = proposed(
        db, item, "session.create", contact_email="lees@lee.example", scheduled_at="2026-03-16T10:30:00+01:00"
    )
    assert (by_name.related_contact_id, asks.related_contact_id) == (ben.id, None)
    failed = approvals.approve(db, asks.id)
    assert failed.status == "execution_failed"
    assert "Add or choose the client" in failed.failed
    done = approvals.approve(db, asks.id, edits={"contact": str(ben.id)})
    assert (done.status, sessions.get(db, asks.related_session_id).contact_id) == ("executed", ben.id)


def test_one_bad_draft_does_not_stop_the_others(db, clock):
    item = make_source_item(db)
    results = approvals.propose_all(
        db,
        item.id,
        [
            draft("session.cancel", session_ref="00000000-0000-7000-8000-000000000000"),
            draft("task.create", title="Call"),
        ],
    )
    assert [result.outcome for result in results] == ["left_out", "new"]


def test_a_rule_that_was_taught_holds_until_it_is_forgotten(db, clock):
    def from_the_shop():
        return make_source_item(db, sender="news@mats.example")

    first = proposed(db, from_the_shop(), "task.create", title="Order mats")
    said = approvals.reject(db, first.id, "Some detail is wrong", teaches="sender")
    assert said.sentence.endswith("Nothing from news@mats.example.")
    made = approvals.propose(db, draft("task.create", title="Order more"), from_the_shop().id)
    assert (made.outcome, made.note) == ("left_out", "Nothing from news@mats.example.")
    rule = approvals.taught(db)[0]
    assert rule.sentence == "Nothing from news@mats.example."
    assert rule.effect.startswith("stopped 1 proposal since ")
    approvals.forget(db, UUID(rule.id))
    assert approvals.propose(db, draft("task.create", title="Order more"), from_the_shop().id).outcome == "new"


def test_not_this_kind_leaves_other_kinds_of_that_sender_alone(db, clock):
    make_contact(db, first_name="Jo", email="jo@park.example")
    first = proposed(db, make_source_item(db), "task.create", title="Call", contact_email="jo@park.example")
    approvals.reject(db, first.id, teaches="kind")
    item = make_source_item(db, thread_id="t2")
    assert approvals.propose(db, draft("task.create", title="Write"), item.id).outcome == "left_out"
    assert approvals.propose(db, booking(item), item.id).outcome == "new"


def test_a_session_at_that_time_already_needs_no_proposal(db, clock):
    jo = make_contact(db, email="jo@park.example")
    make_session(db, contact_id=jo.id, scheduled_at=datetime(2026, 3, 13, 9, 30, tzinfo=UTC))
    item = make_source_item(db)
    assert approvals.propose(db, booking(item), item.id).outcome == "unneeded"
    assert approvals.counts(db).all == 0
    assert db.scalars(select(PendingApproval).where(PendingApproval.status == ApprovalStatus.PENDING)).all() == []
