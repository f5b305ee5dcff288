"""Tasks, payments, groups, services, notes, settings, connections, activity: what each can do, and refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from omnicrm.core import clock as core_clock
from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.core.wire import Tokens
from omnicrm.domain import (
    activity,
    connections,
    groups,
    inbox,
    notes,
    outbox,
    payments,
    search,
    services,
    settings,
    tasks,
)
from omnicrm.domain.notes import NoteForm
from omnicrm.domain.payments import PaymentForm
from omnicrm.domain.services import ServiceForm
from omnicrm.domain.tasks import TaskForm
from omnicrm.models.connections import OAuthConnection
from omnicrm.models.notes import NoteVersion
from omnicrm.models.payments import Refund
from tests.factories import make_contact, make_invoice, make_session, make_source_item, make_task

# The clock stands at Tuesday 10 March 2026, 09:00 in Stockholm.


def test_a_day_is_due_at_its_midnight_and_an_hour_at_its_hour(db, clock):
    day = tasks.add(db, TaskForm(title="Call", due_on=date(2026, 3, 29)))
    hour = tasks.add(db, TaskForm(title="Call", due_on=date(2026, 3, 29), due_at=time(14)))
    assert (day.due_date, day.due_has_time) == (datetime(2026, 3, 28, 23, tzinfo=UTC), False)
    assert (hour.due_date, hour.due_has_time) == (datetime(2026, 3, 29, 12, tzinfo=UTC), True)  # summer time by then


def test_tasks_stand_where_their_day_puts_them(db, clock):
    for title, due in (("late", 8), ("today", 10), ("next", 12)):
        tasks.add(db, TaskForm(title=title, due_on=date(2026, 3, due)))
    tasks.add(db, TaskForm(title="some day"))
    done = tasks.finish(db, tasks.add(db, TaskForm(title="done")).id)
    assert [(row.title, row.overdue, row.due) for row in tasks.listed(db, "today")] == [
        ("late", True, "Sun 8 Mar"),
        ("today", False, "today"),
    ]
    assert [row.title for row in tasks.listed(db, "upcoming")] == ["next"]
    assert [row.title for row in tasks.listed(db)] == ["late", "today", "next", "some day"]
    assert [row.title for row in tasks.listed(db, "done")] == ["done"]
    assert tasks.counts(db) == {"today": 2, "overdue": 1, "upcoming": 1, "open": 4}
    assert tasks.reopen(db, done.id).completed_at is None
    with pytest.raises(Invalid):
        tasks.listed(db, "whenever")


def test_the_second_writer_of_a_task_is_told(db, clock):
    task = make_task(db)
    with pytest.raises(Conflict):
        tasks.change(db, task.id, TaskForm(title="x"), version=task.version + 1)
    tasks.change(db, task.id, TaskForm(title="Call Jo", priority="high"), version=task.version)
    assert (task.title, task.priority) == ("Call Jo", "high")


def test_a_payment_pays_its_invoice_and_no_more(db, clock):
    jo = make_contact(db)
    invoice = make_invoice(db, contact_id=jo.id, total=Decimal("950"), currency="SEK", due_on=date(2026, 4, 1))
    part = payments.record(db, PaymentForm(contact_id=jo.id, amount=Decimal("300"), invoice_id=invoice.id))
    assert (invoice.status, payments.open_amount(invoice).amount) == ("partially_paid", Decimal("650.000"))
    rest = payments.record(db, PaymentForm(contact_id=jo.id, amount=Decimal("700"), invoice_id=invoice.id))
    assert (invoice.status, invoice.amount_paid) == ("paid", Decimal("950.000"))  # 50 stay on account
    payments.unrecord(db, rest.id)
    payments.unrecord(db, rest.id)
    assert (invoice.status, payments.open_invoices(db, jo.id)) == ("partially_paid", [invoice])
    payments.unrecord(db, part.id)
    assert (invoice.status, invoice.amount_paid) == ("sent", 0)


def test_an_overdue_invoice_is_overdue_again(db, clock):
    jo = make_contact(db)
    invoice = make_invoice(db, contact_id=jo.id, currency="SEK", due_on=date(2026, 3, 1), status="overdue")
    paid = payments.record(db, PaymentForm(contact_id=jo.id, amount=Decimal("950"), invoice_id=invoice.id))
    payments.unrecord(db, paid.id)
    assert invoice.status == "overdue"


def test_money_that_cannot_be_is_refused(db, clock):
    jo = make_contact(db)
    euros = make_invoice(db, contact_id=jo.id, currency="EUR")
    draft = make_invoice(db, contact_id=jo.id, currency="SEK", status="draft")
    for form, error in (
        ({"amount": Decimal("1.001")}, Invalid),
        ({"amount": Decimal("5"), "invoice_id": euros.id}, Invalid),
        ({"amount": Decimal("5"), "invoice_id": draft.id}, Refused),
        ({"amount": Decimal("5"), "invoice_id": jo.id}, NotFound),
        ({"amount": Decimal("5"), "contact_id": euros.id}, NotFound),
    ):
        with pytest.raises(error):
            payments.record(db, PaymentForm(**{"contact_id": jo.id, **form}))
    paid = payments.record(db, PaymentForm(contact_id=jo.id, amount=Decimal("5")))
    db.add(Refund(payment_id=paid.id, amount=Decimal("1"), refunded_at=core_clock.now()))
    db.flush()
    with pytest.raises(Refused, match="refunded"):
        payments.unrecord(db, paid.id)


def test_groups_are_joined_and_left(db, clock):
    jo = make_contact(db)
    leads = groups.named(db, "Leads")
    assert groups.named(db, "Leads").id == leads.id
    assert (groups.join(db, leads.id, jo.id), groups.join(db, leads.id, jo.id)) == (True, False)
    assert [(row.name, row.count) for row in groups.listed(db)] == [("Leads", 1)]
    groups.leave(db, leads.id, jo.id)
    assert groups.listed(db)[0].count == 0
    with pytest.raises(NotFound):
        groups.join(db, jo.id, jo.id)
    with pytest.raises(Invalid):
        groups.add(db, "Leads")


def test_services_have_names_and_prices(db, clock):
    massage = services.add(db, ServiceForm(name="Massage", price=Decimal("950"), duration_minutes=75))
    assert services.named(db, "massage ").id == massage.id
    assert [(row.name, row.price, row.length) for row in services.listed(db)] == [
        ("Massage", "SEK\xa0950.00", "75 min")
    ]
    services.add(db, ServiceForm(name="MASSAGE"))
    assert services.named(db, "massage") is None  # two of that name: neither
    services.retire(db, massage.id)
    assert len(services.listed(db)) == 1
    with pytest.raises(Invalid):
        services.change(db, massage.id, ServiceForm(name="Massage", price=Decimal("1.005")))


def test_a_note_keeps_what_it_said(db, clock):
    session = make_session(db, contact_id=make_contact(db).id)
    note = notes.add(db, NoteForm(session_id=session.id, content="Left knee."))
    assert note.contact_id == session.contact_id
    notes.change(db, note.id, "Left knee, better.", version=note.version)
    assert [old.content for old in db.scalars(select(NoteVersion))] == ["Left knee."]
    assert [row.line for row in notes.of_contact(db, session.contact_id)] == ["Left knee, better."]
    with pytest.raises(Conflict):
        notes.change(db, note.id, "x", version=99)
    notes.remove(db, note.id)
    with pytest.raises(NotFound):
        notes.remove(db, note.id)


def test_settings_have_defaults_and_are_checked(db):
    assert settings.of(db).google_event_title == "initials_service"
    assert settings.of(db).scan_mail_categories == ("primary",)
    settings.set(db, "mail_retention_days", 30)
    settings.set(db, "mail_retention_days", 60)
    settings.set(db, "excluded_senders", [" News@Shop.example", "@mats.example"])
    assert settings.get(db, "mail_retention_days") == 60
    assert settings.of(db).excludes("news@shop.example")
    assert settings.of(db).excludes("anyone@MATS.example")
    assert not settings.of(db).excludes("anyone@notmats.example.org")
    settings.set(db, "mail_retention_days", None)
    assert settings.get(db, "mail_retention_days") == 90
    for key, value in (
        ("mail_retention_days", 0),
        ("google_event_title", "everything"),
        ("excluded_senders", ["shop"]),
        ("is_admin", True),
        ("scan_mail_categories", ["spam"]),
    ):
        with pytest.raises(Invalid):
            settings.set(db, key, value)


GRANT = Tokens(access_token="a1", refresh_token="r1", expires_at=None, scopes=("gmail.readonly",))


def test_a_connection_keeps_its_secrets_and_its_place(db, clock):
    made = connections.link(db, "google_gmail", "Maya@Stillwater.example", GRANT, sample=False)
    assert "a1" not in made.access_token
    assert connections.tokens(db, made.id) == GRANT
    connections.keep_sync_state(db, made.id, {"history_id": 7}, finished=True)
    assert connections.needs_reconnect(db, made.id, "Google withdrew access.")
    assert not connections.needs_reconnect(db, made.id, "Again.")  # told once
    assert "Connect again" in connections.banner(db)
    assert connections.of(db, "google_gmail") == []
    renewed = GRANT.model_copy(update={"access_token": "a2", "refresh_token": None})
    again = connections.link(db, "google_gmail", "maya@stillwater.example", renewed, sample=False)
    assert (again.id, connections.sync_state(db, made.id)) == (made.id, {"history_id": 7})
    assert connections.tokens(db, made.id).refresh_token == "r1"
    assert (connections.banner(db), [row.synced for row in connections.listed(db)]) == ("", ["now"])
    connections.pause(db, made.id)
    assert connections.of(db) == []
    connections.resume(db, made.id)
    make_source_item(db, connection_id=made.id)
    connections.disconnect(db, made.id)
    (revoking,) = outbox.claim(db)  # Google is told, after the commit
    assert (revoking.kind, connections.revocation(db, revoking)[0].access_token) == (connections.REVOKE, "r1")
    assert (db.scalars(select(OAuthConnection)).all(), inbox.waiting(db)) == ([], [])


def test_a_run_tells_what_it_saw(db, clock):
    assert activity.last_sync_line(db) == ""
    run = activity.start(db, "sync_mail")
    activity.progress(db, run, seen=100, estimate=400, reasons={"shop": "A newsletter."})
    assert activity.last_sync_line(db) == "Reading Google, 100 of about 400"
    activity.progress(db, run, seen=20, changed=5, skipped=8, proposed=2)
    activity.finish(db, run)
    clock.advance(timedelta(minutes=4))
    assert activity.last_sync_line(db) == "Google read 4 min ago"
    assert [(row.summary, row.status_label) for row in activity.listed(db)] == [
        ("120 seen, 5 changed, 2 proposals, 8 skipped", "Read")
    ]
    failed = activity.start(db, "sync_mail")
    activity.finish(db, failed, error="Google was slow.")
    assert activity.last_sync_line(db) == "Google could not be read, today, 9:04"
    with pytest.raises(NotFound):
        activity.progress(db, make_contact(db).id)


def test_what_was_left_out_can_be_tried_again(db, clock):
    item = make_source_item(db, sender_name="Jo Park")
    inbox.mark(db, item.id, "skipped", "In German, this reader knows English.")
    (row,) = activity.skipped(db)
    assert (row.what, row.who, row.reason, row.retry) == (
        "Friday",
        "Jo Park",
        "In German, this reader knows English.",
        True,
    )
    assert activity.skipped_count(db) == 1
    activity.retry(db, item.id)
    assert (inbox.waiting(db), activity.skipped(db)) == ([item.id], [])


def test_finding_is_typo_tolerant_and_ones_own(db, natalie, clock):
    jo = make_contact(db, first_name="Josefina", last_name="Andersson")
    notes.add(db, NoteForm(contact_id=jo.id, content="Her knee is better."))
    with transaction(natalie) as hers:
        make_contact(hers, first_name="Josefina", last_name="Canary")
    assert [hit.title for hit in search.find(db, "josefna anderson")] == ["Josefina Andersson"]
    (hit,) = search.find(db, "knee", kinds=["note"])
    assert hit.contact_id == str(jo.id)
    assert "knee is better" in hit.snippet
    assert search.find(db, " ") == []
