"""Groups and tags: named, coloured, counted; a group that goes takes nobody with it."""

from __future__ import annotations

from uuid import UUID

import pytest

from omnicrm.core import clock, ids
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import contacts, groups, tags
from omnicrm.state.groups import GroupsState
from tests.doors import send
from tests.factories import make_contact


def test_a_removed_group_leaves_its_clients(db: Db) -> None:
    contact, group = make_contact(db), groups.add(db, "Regulars", color="jade")
    groups.join(db, group.id, contact.id)
    groups.remove(db, group.id)
    groups.remove(db, group.id)
    assert groups.listed(db) == []
    assert contacts.get(db, contact.id).archived_at is None


def test_a_group_is_renamed_and_coloured_but_not_twice_the_same_name(db: Db) -> None:
    first, second = groups.add(db, "Regulars"), groups.add(db, "Leads")
    groups.change(db, first.id, name=" Steady ", color="sky")
    assert [(row.name, row.color) for row in groups.listed(db)] == [("Leads", "gray"), ("Steady", "sky")]
    for name, color in (("Steady", "jade"), ("", "jade"), ("New", "pink")):
        with pytest.raises(Invalid):
            groups.change(db, second.id, name=name, color=color)
    with pytest.raises(NotFound):
        groups.change(db, ids.new(), name="New", color="jade")


def test_tags_are_counted_and_coloured(db: Db) -> None:
    make_contact(db, tags=["knee", "runner"])
    make_contact(db, tags=["knee"])
    make_contact(db, tags=["knee", "gone"], archived_at=clock.now())
    tags.paint(db, "knee", "amber")
    tags.paint(db, "knee", "sky")
    assert [(row.name, row.color, row.count) for row in tags.listed(db)] == [("knee", "sky", 2), ("runner", "gray", 1)]
    with pytest.raises(Invalid):
        tags.paint(db, "knee", "pink")


def test_the_page_adds_changes_and_removes(maya: UUID) -> None:
    page = send(GroupsState, "start", as_=maya)
    page = send(GroupsState, "save", as_=maya, on_=page, form={"name": "Regulars", "color": "jade"})
    page = send(GroupsState, "load", as_=maya, on_=page)
    page = send(GroupsState, "open", as_=maya, on_=page, which="group", key=page.groups[0].id)
    page = send(GroupsState, "save", as_=maya, on_=page, form={"name": "Steady", "color": "sky"})
    assert [(row.name, row.color) for row in page.groups] == [("Steady", "sky")]
    page = send(GroupsState, "open", as_=maya, on_=page, which="remove", key=page.groups[0].id)
    page = send(GroupsState, "remove", as_=maya, on_=page)
    assert (page.groups, page.sheet) == ([], "")


def test_another_practitioners_group_stays(maya: UUID, natalie: UUID) -> None:
    with transaction(natalie) as hers:
        group = groups.add(hers, "Hers")
        groups.remove(hers, ids.new())
        key = group.id
    with transaction(maya) as db:
        groups.remove(db, key)
        with pytest.raises(NotFound):
            groups.change(db, key, name="Mine", color="jade")
    with transaction(natalie) as hers:
        assert [row.name for row in groups.listed(hers)] == ["Hers"]
