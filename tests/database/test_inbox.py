"""What comes in is kept once, only as far as allowed, and becomes a case that holds what concerns it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from omnicrm.core import clock as core_clock
from omnicrm.core.db import transaction
from omnicrm.core.errors import NotFound
from omnicrm.core.wire import CalendarEvent
from omnicrm.domain import approvals, cases, contacts, inbox, settings
from omnicrm.formats import mail
from omnicrm.models.inbox import SourceItem
from omnicrm.models.sessions import Session
from tests.drafts import proposed
from tests.factories import (
    make_connection,
    make_contact,
    make_invoice,
    make_service,
    make_session,
    make_source_item,
)

RAW = b"""From: Jo Park <Jo@Park.example>\r
To: Maya <maya@stillwater.example>\r
Cc: Ann Lee <ann@lee.example>\r
Subject: Thursday, sorry!\r
Date: Tue, 10 Mar 2026 08:51:00 +0100\r
Message-ID: <m1@park.example>\r
References: <root@park.example> <m0@park.example>\r
\r
Could we do Friday at ten instead? Invoice 2026-014 is paid.\r
"""


def mail_item(raw=RAW, **changes):
    values = {"provider": "takeout", "external_id": "m1", "own_addresses": ("maya@stillwater.example",), **changes}
    return inbox.mail_item(mail.parse(raw), **values)


def event_item(connection=None, **resource):
    full = {
        "id": "ev1",
        "summary": "Jo massage",
        "start": {"dateTime": "2026-03-13T10:30:00+01:00"},
        "end": {"dateTime": "2026-03-13T11:30:00+01:00"},
        **resource,
    }
    event = CalendarEvent(
        id=full["id"],
        calendar_id="primary",
        etag=full.get("etag"),
        status=full.get("status", "confirmed"),
        starts_at=full["start"]["dateTime"],
        ends_at=full["end"]["dateTime"],
        summary=full["summary"],
        resource=full,
    )
    return inbox.event_item(event, provider="google_calendar", connection_id=connection)


def test_a_mail_is_kept_once_and_linked_to_its_sender(db, clock):
    jo = make_contact(db, email="jo@park.example")
    first, again = inbox.store(db, mail_item()), inbox.store(db, mail_item())
    assert (first.change, again.change, again.id) == ("stored", "unchanged", first.id)
    item = inbox.get(db, first.id)
    assert (item.contact_id, item.sender, item.thread_id, item.direction) == (
        jo.id,
        "jo@park.example",
        "root@park.example",
        "in",
    )
    assert item.body_text.startswith("Could we do Friday")
    assert inbox.waiting(db) == [first.id]


@pytest.mark.parametrize("connected", [True, False])
def test_the_same_event_is_one_item_and_a_changed_one_is_looked_at_again(db, clock, connected):
    connection = make_connection(db, provider="google_calendar").id if connected else None
    stored = inbox.store(db, event_item(connection))
    inbox.mark(db, stored.id, "nothing")
    assert inbox.store(db, event_item(connection)).change == "unchanged"
    assert inbox.store(db, event_item(connection, etag="2")).change == "unchanged"
    assert inbox.waiting(db) == []
    changed = inbox.store(db, event_item(connection, summary="Jo deep tissue"))
    assert (changed.change, changed.id, inbox.waiting(db)) == ("changed", stored.id, [stored.id])
    assert db.scalar(select(func.count()).select_from(SourceItem)) == 1


def test_new_labels_are_no_reason_to_look_again(db, clock):
    stored = inbox.store(db, mail_item())
    inbox.mark(db, stored.id, "proposed")
    assert inbox.store(db, mail_item(labels=("STARRED",))).change == "unchanged"
    db.expire_all()
    assert (inbox.get(db, stored.id).labels, inbox.get(db, stored.id).outcome) == (["STARRED"], "proposed")


def test_of_a_client_whose_switch_is_off_no_word_is_kept(db, clock):
    make_contact(db, first_name="Jo", last_name="Park", email="jo@park.example", ai_allowed=False)
    stored = inbox.store(db, mail_item())
    item = inbox.get(db, stored.id)
    assert stored.skipped == item.outcome_reason == "Reading is switched off for Jo Park."
    assert (item.outcome, item.subject, item.body_text, item.payload) == ("skipped", None, None, {})
    assert inbox.waiting(db) == []
    with pytest.raises(inbox.Disallowed):
        inbox.case_for(db, stored.id)


def test_an_excluded_sender_is_left_out_by_address_or_domain(db, clock):
    settings.set(db, "excluded_senders", ["@park.example"])
    stored = inbox.store(db, mail_item())
    assert (stored.skipped, inbox.get(db, stored.id).body_text) == ("You left this sender out.", None)
    settings.set(db, "excluded_senders", ["someone@else.example"])
    assert inbox.store(db, mail_item(external_id="m2")).skipped == ""


def test_a_switch_that_is_turned_off_later_counts_at_once(db, clock):
    jo = make_contact(db, email="jo@park.example")
    stored = inbox.store(db, mail_item())
    contacts.change(db, jo.id, contacts.ContactChange(ai_allowed=False))
    with pytest.raises(inbox.Disallowed):
        inbox.case_for(db, stored.id)
    assert (inbox.get(db, stored.id).body_text, inbox.get(db, stored.id).payload) == (None, {})


def test_the_switch_takes_back_what_waits_and_every_quote(db, clock):
    jo = make_contact(db, email="jo@park.example")
    item = inbox.get(db, inbox.store(db, mail_item()).id)
    at = "2026-03-13T10:00:00+01:00"
    slots = {"contact_email": "jo@park.example", "quotes": {"title": "Friday at ten"}}
    done = proposed(db, item, "task.create", title="Answer", **slots)
    approvals.approve(db, done.id)
    waiting = proposed(db, item, "session.create", scheduled_at=at, **slots)
    held = waiting.related_session_id
    contacts.change(db, jo.id, contacts.ContactChange(ai_allowed=False))
    assert (waiting.status, waiting.evidence, done.status, done.evidence) == ("expired", [], "executed", [])
    assert (db.get(Session, held), approvals.counts(db).all) == (None, 0)
    approvals.undo(db, done.id)


def test_the_switch_of_the_whole_practice_stops_everything(db, clock):
    stored = inbox.store(db, mail_item())
    settings.set(db, "ai_enabled", False)
    with pytest.raises(inbox.Disallowed, match="assistant is switched off"):
        inbox.case_for(db, stored.id)


def test_a_case_holds_what_concerns_the_mail_and_no_more(db, clock):
    jo = make_contact(db, first_name="Jo", last_name="Park", email="jo@park.example", phone="+46701740605")
    make_contact(db, first_name="Bo", last_name="Ek", email="bo@ek.example")
    hidden = make_contact(db, first_name="Friday", last_name="Off", ai_allowed=False)
    contacts.add_identifier(db, jo.id, "jo@work.example")
    make_service(db, name="Massage", price=Decimal("950"))
    mine = make_session(
        db, contact_id=jo.id, scheduled_at=datetime(2026, 3, 12, 14, tzinfo=UTC), status="synced_to_gcal"
    )
    make_session(db, contact_id=hidden.id)
    make_session(db, contact_id=jo.id, status="pending_ai_confirmation")
    invoice = make_invoice(db, contact_id=jo.id, number="2026-014", status="partially_paid", currency="SEK")
    item = inbox.store(db, mail_item()).id

    case = inbox.case_for(db, item)

    assert case.mail.text == inbox.get(db, item).body_text
    assert (case.mail.sender.email, case.mail.cc[0].email) == ("jo@park.example", "ann@lee.example")
    assert [(one.name, one.emails) for one in case.contacts] == [("Jo Park", ("jo@park.example", "jo@work.example"))]
    assert [(one.ref, one.status, one.contact_email) for one in case.sessions] == [
        (str(mine.id), "scheduled", "jo@park.example")
    ]
    assert [(one.ref, one.number, one.status) for one in case.invoices] == [(str(invoice.id), "2026-014", "partial")]
    assert [one.name for one in case.services] == ["Massage"]
    assert (case.practitioner.timezone, case.practitioner.currency) == ("Europe/Stockholm", "SEK")
    assert case.now == datetime(2026, 3, 10, 7, 51, tzinfo=UTC)


def test_an_event_knows_who_comes_lately_by_a_nickname(db, clock):
    pru = make_contact(db, first_name="Prudence", last_name="Lacey")
    make_session(db, contact_id=pru.id, scheduled_at=core_clock.now() - timedelta(days=20), status="completed")
    case = inbox.case_for(db, inbox.store(db, event_item(summary="Prue massage")).id)
    assert [one.first_name for one in case.contacts] == ["Prudence"]
    assert case.event.text == "Prue massage"
    assert cases.event_text(case.event.resource) == case.event.text


def test_own_mail_is_the_other_sides(db, clock):
    ann = make_contact(db, email="ann@lee.example")
    raw = RAW.replace(b"Jo Park <Jo@Park.example>", b"maya@stillwater.example").replace(
        b"To: Maya <maya@stillwater.example>", b"To: <ann@lee.example>"
    )
    item = inbox.get(db, inbox.store(db, mail_item(raw)).id)
    assert (item.direction, item.contact_id) == ("out", ann.id)
    assert inbox.case_for(db, item.id).mail.direction == "out"


def test_words_are_dropped_after_their_days_and_do_not_come_back(db, clock):
    stored = inbox.store(db, mail_item())
    inbox.mark(db, stored.id, "proposed")
    clock.advance(timedelta(days=89))
    assert inbox.purge(db) == 0
    clock.advance(timedelta(days=2))
    assert (inbox.purge(db), inbox.purge(db)) == (1, 0)
    assert inbox.store(db, mail_item(labels=("INBOX",))).change == "unchanged"
    db.expire_all()
    item = inbox.get(db, stored.id)
    assert (item.body_text, item.subject) == (None, "Thursday, sorry!")
    with pytest.raises(inbox.Disallowed, match="not kept"):
        inbox.case_for(db, stored.id)


def test_a_new_client_gets_the_mail_that_was_there_before(db, clock):
    stored = inbox.store(db, mail_item())
    jo = make_contact(db, email="jo@park.example")
    assert (inbox.relink(db, jo.id), inbox.relink(db, jo.id)) == (1, 0)
    db.expire_all()
    assert inbox.get(db, stored.id).contact_id == jo.id


def test_what_vanished_outside_is_forgotten(db, clock):
    connection = make_connection(db)
    make_source_item(db, connection_id=connection.id, external_id="a")
    make_source_item(db, connection_id=connection.id, external_id="b")
    assert inbox.forget(db, connection.id, ["a", "c"]) == 1
    assert db.scalars(select(SourceItem.external_id)).all() == ["b"]


def test_newest_first_and_once_more(db, clock):
    old = make_source_item(db, occurred_at=core_clock.now() - timedelta(days=3)).id
    new = make_source_item(db).id
    assert inbox.waiting(db) == [new, old]
    inbox.mark(db, new, "failed", "It could not be read.")
    assert inbox.waiting(db) == [old]
    inbox.try_again(db, new)
    assert inbox.waiting(db, limit=1) == [new]


def test_another_practitioners_item_is_not_there(db, natalie):
    with transaction(natalie) as hers:
        stranger = make_source_item(hers).id
    for act in (inbox.get, inbox.case_for, inbox.try_again):
        with pytest.raises(NotFound):
            act(db, stranger)
    assert isinstance(stranger, UUID)
