"""The book: adding, changing, who a sender is, the list, the page and its timeline."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from omnicrm.core import clock as core_clock
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain import contacts, groups
from omnicrm.domain.contacts import ContactChange, ContactForm
from tests.factories import (
    make_attendee,
    make_contact,
    make_group,
    make_invoice,
    make_membership,
    make_note,
    make_payment,
    make_session,
    make_source_item,
    make_task,
)
from tests.statements import number_of


def test_a_client_is_added_with_a_normalised_number(db, clock):
    jo = contacts.add(
        db, contacts.checked({"first_name": " Jo ", "phone": "070-174 06 05", "tags": "knee, sleep,knee"})
    )
    assert (jo.display_name, jo.phone, jo.tags) == ("Jo", "+46701740605", ["knee", "sleep"])
    assert [(one.kind, one.value, one.is_primary) for one in contacts.identifiers(db, jo.id)] == [
        ("phone", "+46701740605", True)
    ]


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({"first_name": " "}, ["first_name"]),
        ({}, ["first_name"]),
        ({"first_name": "Jo", "date_of_birth": "2999-01-01", "time_zone": "Mars/Base"}, ["date_of_birth", "time_zone"]),
        ({"first_name": "Jo", "user_id": "x"}, ["user_id"]),
        ({"first_name": "x" * 201}, ["first_name"]),
    ],
)
def test_a_wrong_form_says_what_is_wrong(db, form, fields):
    with pytest.raises(Invalid) as refused:
        contacts.checked(form)
    assert list(refused.value.fields) == fields


def test_a_wrong_address_is_refused(db):
    with pytest.raises(Invalid) as refused:
        contacts.add(db, ContactForm(first_name="Jo", email="jo@park"))
    assert list(refused.value.fields) == ["email"]


def test_the_second_writer_is_told(db, clock):
    jo = make_contact(db)
    seen = jo.version
    contacts.change(db, jo.id, ContactChange(company="Park & Co"), version=seen)
    with pytest.raises(Conflict, match="meanwhile"):
        contacts.change(db, jo.id, ContactChange(company="Other"), version=seen)
    assert (contacts.get(db, jo.id).company, jo.email) == ("Park & Co", jo.email)


def test_only_what_is_set_changes(db, clock):
    jo = make_contact(db, company="Park & Co", tags=["knee"])
    contacts.change(db, jo.id, ContactChange(company="", pronouns="she/her"))
    assert (jo.company, jo.pronouns, jo.tags, jo.first_name) == (None, "she/her", ["knee"], "Jo")


def test_a_sender_is_found_by_any_address_and_by_name_where_it_is_shared(db, clock):
    ann = make_contact(db, first_name="Ann", last_name="Lee", email="lees@lee.example")
    ben = make_contact(db, first_name="Ben", last_name="Lee", email="LEES@lee.example")
    contacts.add_identifier(db, ann.id, "Ann@Work.example")
    assert contacts.by_identifier(db, "ann@work.example").id == ann.id
    assert contacts.by_identifier(db, "lees@lee.example", name="Lee, Ben").id == ben.id
    assert contacts.by_identifier(db, "lees@lee.example", name="Ben").id == ben.id
    assert contacts.by_identifier(db, "lees@lee.example", name="The Lees") is None
    assert contacts.by_identifier(db, "lees@lee.example") is None
    for nobody in ("", " ", "stranger@x.example", "not an address"):
        assert contacts.by_identifier(db, nobody) is None
    assert {one.id for one in contacts.with_identifiers(db, ["lees@lee.example", ""])} == {ann.id, ben.id}


def test_the_list_is_paged_by_name_and_ends(db, clock):
    for letter in "DBACE":
        make_contact(db, first_name=letter, last_name="Same")
    make_contact(db, first_name="Gone", archived_at=core_clock.now())
    seen, after = [], ""
    while True:
        page = contacts.listed(db, after=after, limit=2)
        seen += [row.name for row in page.rows]
        if not (after := page.next):
            break
    assert seen == [f"{letter} Same" for letter in "ABCDE"]
    assert [row.name.split()[0] for row in contacts.listed(db, archived=True).rows] == ["Gone"]
    with pytest.raises(Invalid):
        contacts.listed(db, after="%%%")


def test_a_row_says_what_is_coming_and_what_is_owed(db, clock):
    jo = make_contact(db, first_name="Jo", last_name="Park", phone="+46701740605", tags=["knee"])
    make_session(db, contact_id=jo.id, scheduled_at=core_clock.now() - timedelta(days=9))
    make_session(db, contact_id=jo.id, scheduled_at=datetime(2026, 3, 12, 9, tzinfo=UTC))
    make_session(
        db,
        contact_id=jo.id,
        scheduled_at=datetime(2026, 3, 11, 9, tzinfo=UTC),
        status="pending_ai_confirmation",
    )
    make_invoice(db, contact_id=jo.id, total=Decimal("950"), amount_paid=Decimal("100"), currency="SEK")
    make_invoice(db, contact_id=jo.id, total=Decimal("5"), status="draft", currency="SEK")
    (row,) = contacts.listed(db, tag="knee").rows
    assert (row.last, row.next, row.owed) == ("1 Mar", "Thu 12 Mar, 10:00", "SEK\xa0850.00")
    assert contacts.listed(db, tag="elbow").rows == []


def test_search_filters_and_counts(db, clock):
    jo = make_contact(db, first_name="Josefina", last_name="Andersson", lifecycle_stage="lead")
    make_contact(db, first_name="Bo", last_name="Ek")
    group = make_group(db, name="Regulars")
    make_membership(db, jo, group)
    assert [row.name for row in contacts.listed(db, "josefna anderson").rows] == ["Josefina Andersson"]
    assert [row.id for row in contacts.listed(db, group_id=group.id).rows] == [str(jo.id)]
    assert [row.id for row in contacts.listed(db, stage="lead").rows] == [str(jo.id)]
    assert contacts.counts(db) == {"all": 2, "lead": 1, "active": 1, "paused": 0, "former": 0}
    with pytest.raises(Invalid):
        contacts.listed(db, stage="deal")


def test_the_card_has_what_the_page_shows(db, clock):
    jo = make_contact(
        db,
        first_name="Aino",
        last_name="Korhonen",
        pronouns="she/her",
        client_since=date(2024, 3, 4),
        address_city="Helsinki",
    )
    groups.join(db, groups.named(db, "Regulars").id, jo.id)
    make_note(db, contact_id=jo.id, content="Less pressure.", title="massage 9 of 10", created_at=core_clock.now())
    make_session(
        db, contact_id=jo.id, title="Aroma massage", location="Room", scheduled_at=datetime(2026, 3, 10, 13, tzinfo=UTC)
    )
    card = contacts.card(db, jo.id)
    assert card.about == "she/her, client since March 2024, Helsinki"
    assert (card.last_note, card.last_note_title) == ("<p>Less pressure.</p>\n", "Last note, 10 Mar, massage 9 of 10")
    assert (card.next_session, card.next_session_detail, card.next_session_distance) == (
        "today, 14:00",
        "Aroma massage, Room",
        "in 5 h",
    )
    assert (card.balance, card.balance_words) == ("SEK\xa00.00", "Everything is paid")
    assert [group.name for group in card.groups] == ["Regulars"]
    assert card.counts == {"session": 1, "note": 1, "mail": 0, "payment": 0, "task": 0}
    with pytest.raises(NotFound):
        contacts.card(db, make_note(db).id)


def test_the_timeline_holds_everything_newest_first(db, clock):
    jo = make_contact(db)
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    make_session(db, contact_id=jo.id, title="Massage", scheduled_at=at, status="completed", duration_minutes=75)
    make_note(db, contact_id=jo.id, content="Right shoulder tight.", created_at=at + timedelta(hours=2))
    make_source_item(
        db, contact_id=jo.id, subject="Thursday, sorry!", body_text="Could we move?", occurred_at=at + timedelta(days=1)
    )
    make_payment(db, contact_id=jo.id, amount=Decimal("640"), method="card", paid_at=at + timedelta(days=2))
    make_task(db, contact_id=jo.id, title="Send exercises", created_at=at + timedelta(days=3), status="completed")
    make_session(db, contact_id=jo.id, scheduled_at=at + timedelta(days=30))  # still to come
    page = contacts.journal(db, jo.id)
    assert [(entry.kind, entry.title, entry.detail, entry.voice) for entry in page.entries] == [
        ("task", "Send exercises", "task, done", ""),
        ("payment", "SEK\xa0640.00 paid by card", "", ""),
        ("mail", "Thursday, sorry!", "", "Could we move?"),
        ("note", "Note", "", "Right shoulder tight."),
        ("session", "Massage, 75 min", "Done", ""),
    ]
    assert page.entries[0].month == "March"
    assert [entry.kind for entry in contacts.journal(db, jo.id, kinds=["session"]).entries] == ["session", "session"]
    for kind in ("note", "mail", "payment", "task"):
        assert [entry.kind for entry in contacts.journal(db, jo.id, kinds=[kind]).entries] == [kind]
    with pytest.raises(Invalid):
        contacts.journal(db, jo.id, kinds=["deal"])
    with pytest.raises(Invalid):
        contacts.journal(db, jo.id, before="nonsense")


def test_the_timeline_is_paged_without_a_gap(db, clock):
    jo = make_contact(db)
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    for number in range(7):
        make_note(db, contact_id=jo.id, content=str(number), created_at=at)  # all at one moment
        make_task(db, contact_id=jo.id, title=str(number), created_at=at)
    seen, before = [], ""
    while True:
        page = contacts.journal(db, jo.id, before=before, limit=3)
        seen += [entry.id for entry in page.entries]
        if not (before := page.next):
            break
    assert len(seen) == len(set(seen)) == 14


def test_pages_of_contacts_cost_the_same_at_any_size(db, clock):
    def fill(times):
        for _ in range(times):
            jo = make_contact(db)
            make_session(db, contact_id=jo.id)
            make_note(db, contact_id=jo.id)
        return [
            number_of(db, lambda: contacts.listed(db)),
            number_of(db, lambda: contacts.card(db, jo.id)),
            number_of(db, lambda: contacts.journal(db, jo.id)),
        ]

    few = fill(3)
    assert fill(40) == few
    assert few[2] <= 2  # the timeline itself is one


def test_a_class_is_in_the_timeline_of_who_came(db, clock):
    jo = make_contact(db)
    flow = make_session(
        db, title="Slow Flow", capacity=12, scheduled_at=datetime(2026, 3, 1, 9, tzinfo=UTC), status="completed"
    )
    make_attendee(db, flow, jo, attendance_status="present")
    assert [entry.title for entry in contacts.journal(db, jo.id).entries] == ["Slow Flow, 60 min"]
