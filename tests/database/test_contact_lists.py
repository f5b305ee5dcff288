"""The list of clients: filters, orders, many at once with a way back, saved views."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from omnicrm.core import clock, ids
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Invalid
from omnicrm.domain import contacts, groups, practice, views
from omnicrm.domain.contacts import many
from omnicrm.domain.contacts.rules import Rule
from omnicrm.state.contacts import ContactsState
from tests.doors import send
from tests.factories import make_attendee, make_contact, make_invoice, make_session


def test_sessions_and_money_narrow_the_list(db: Db) -> None:
    now = clock.now()
    made = {name: make_contact(db, first_name=name, last_name=None) for name in ("Away", "Coming", "Never", "Recent")}
    make_session(db, contact_id=made["Away"].id, scheduled_at=now - timedelta(days=61))
    make_session(db, contact_id=made["Coming"].id, scheduled_at=now - timedelta(days=90))
    make_session(db, contact_id=made["Coming"].id, scheduled_at=now + timedelta(days=1))
    make_session(db, contact_id=made["Recent"].id, scheduled_at=now - timedelta(days=5))
    make_invoice(db, contact_id=made["Recent"].id, status="sent", total=85, currency=practice.of(db).currency)
    assert _names(db, sessions="away") == ["Away"]
    assert _names(db, sessions="coming") == ["Coming"]
    assert _names(db, sessions="never") == ["Never"]
    assert _names(db, sessions="unbooked") == ["Away", "Never", "Recent"]
    assert _names(db, owing="owes") == ["Recent"]
    assert _names(db, owing="owes", sessions="never") == []


@pytest.mark.parametrize(("sort", "order"), [("name", "ABCDE"), ("-name", "EDCBA"), ("newest", "BDACE")])
def test_every_order_goes_on_where_the_page_before_ended(db: Db, sort: Any, order: str) -> None:
    for name in "ECADB":
        make_contact(db, first_name=name, last_name=None)
    seen, after = "", ""
    for _ in range(3):
        page = contacts.listed(db, sort=sort, after=after, limit=2)
        seen += "".join(row.name for row in page.rows)
        after = page.next
    assert (seen, after) == (order, "")


def test_the_order_of_last_sessions_counts_classes_and_leaves_out_who_never_came(db: Db) -> None:
    now = clock.now()
    made = {name: make_contact(db, first_name=name, last_name=None) for name in "ABCDE"}
    for name, days in (("A", 30), ("B", 20), ("C", 10), ("A", 40), ("E", -3)):
        make_session(db, contact_id=made[name].id, scheduled_at=now - timedelta(days=days), overlap_allowed=True)
    held = make_session(db, contact_id=None, scheduled_at=now - timedelta(days=5), capacity=9, overlap_allowed=True)
    make_attendee(db, held, made["B"], attendance_status="present")
    make_attendee(db, held, made["D"], attendance_status="registered")
    make_attendee(db, held, made["A"], attendance_status="no_show")
    expected = sorted("BD", key=lambda name: made[name].id, reverse=True)
    for sort, order in (("seen", [*expected, "C", "A"]), ("away", ["A", "C", *reversed(expected)])):
        seen, after = [], ""
        while True:
            page = contacts.listed(db, sort=sort, after=after, limit=1)
            seen += [row.name for row in page.rows]
            after = page.next
            if not after:
                break
        assert seen == order
    assert [row.name for row in contacts.listed(db, sort="seen", rule=_seen_within(8)).rows] == expected


def _seen_within(days: int) -> Rule:
    return Rule.model_validate({"all": [{"subject": "last_session", "verb": "newer", "value": str(days)}]})


def test_a_cursor_of_another_order_is_refused(db: Db) -> None:
    for _ in range(3):
        make_contact(db)
    after = contacts.listed(db, limit=2).next
    with pytest.raises(Invalid):
        contacts.listed(db, sort="newest", after=after)


def test_many_change_and_only_those_come_back(db: Db) -> None:
    first, second = make_contact(db, tags=["knee"]), make_contact(db)
    both = [first.id, second.id]
    assert many.tag(db, both, " knee ") == [second.id]
    assert [contacts.get(db, key).tags for key in both] == [["knee"], ["knee"]]
    assert many.untag(db, [second.id], "knee") == [second.id]
    assert set(many.archive(db, both)) == set(both)
    assert many.archive(db, both) == []
    assert many.unarchive(db, [first.id]) == [first.id]
    assert [row.id for row in contacts.listed(db).rows] == [str(first.id)]
    group = groups.add(db, "Regulars")
    groups.join(db, group.id, first.id)
    assert groups.join_many(db, group.id, both) == [second.id]
    groups.leave_many(db, group.id, both)
    assert contacts.get(db, first.id).first_name == first.first_name


@pytest.mark.parametrize("word", ["", "  ", "a,b", "x" * 61])
def test_an_odd_tag_is_refused(db: Db, word: str) -> None:
    with pytest.raises(Invalid):
        many.tag(db, [make_contact(db).id], word)


def test_no_more_than_five_hundred_at_once(db: Db) -> None:
    with pytest.raises(Invalid):
        many.archive(db, [ids.new() for _ in range(501)])


def test_a_view_is_kept_replaced_and_removed(db: Db) -> None:
    views.save(db, "contacts", "Away", {"sessions": "away"}, sort="name", columns=["last"])
    kept = views.save(db, "contacts", "Away", {"sessions": "never"}, sort="-name", columns=[])
    assert views.listed(db, "contacts") == [kept]
    assert views.listed(db, "tasks") == []
    assert views.remove(db, UUID(kept.id)) == kept
    assert views.remove(db, UUID(kept.id)) is None
    with pytest.raises(Invalid):
        views.save(db, "contacts", " ", {}, sort="name", columns=[])


def test_archiving_many_from_the_page_can_be_taken_back(maya: UUID) -> None:
    with transaction(maya) as db:
        keys = [str(make_contact(db, first_name=name).id) for name in ("Ada", "Bo")]
    page = send(ContactsState, "load", as_=maya)
    for key in keys:
        page = send(ContactsState, "select", as_=maya, on_=page, contact=key, on=True)
    page = send(ContactsState, "archive_many", as_=maya, on_=page)
    assert page.toast["text"].startswith("2 contacts archived")
    assert (page.found, page.selected, page.counts["all"]) == (0, [], 0)
    name, payload = page._way_back
    page = send(ContactsState, name.rpartition(".")[2], as_=maya, on_=page, **payload)
    assert page.found == 2


def test_another_practitioners_clients_are_left_alone(maya: UUID, natalie: UUID) -> None:
    with transaction(natalie) as hers:
        stranger = make_contact(hers).id
    page = send(ContactsState, "load", as_=maya)
    page = send(ContactsState, "select", as_=maya, on_=page, contact=str(stranger), on=True)
    send(ContactsState, "tag_many", as_=maya, on_=page, form={"tag": "mine"})
    send(ContactsState, "select", as_=maya, on_=page, contact=str(stranger), on=True)
    send(ContactsState, "archive_many", as_=maya, on_=page)
    with transaction(natalie) as hers:
        known = contacts.get(hers, stranger)
        assert (known.tags, known.archived_at) == ([], None)


def test_a_view_brings_its_filters_order_and_columns_back(maya: UUID) -> None:
    with transaction(maya) as db:
        make_contact(db, first_name="Lea", lifecycle_stage="lead")
        make_contact(db, first_name="Cleo")
    page = send(ContactsState, "load", as_=maya)
    form = {"stage": "lead", "sort": "-name", "col_tags": "on"}
    page = send(ContactsState, "apply", as_=maya, on_=page, form=form)
    page = send(ContactsState, "save_view", as_=maya, on_=page, form={"name": "New ones"})
    page = send(ContactsState, "show_stage", as_=maya, on_=page, stage="")
    assert page.found == 2
    page = send(ContactsState, "show_view", as_=maya, on_=page, view=page.views[0].id)
    assert ([row.name.split()[0] for row in page.page0], page.columns, page.filter.sort) == (["Lea"], ["tags"], "-name")


def _names(db: Db, **narrowed: Any) -> list[str]:
    return [row.name for row in contacts.listed(db, **narrowed).rows]
