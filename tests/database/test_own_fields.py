"""Own fields and facts that open where they stand: each kind keeps what fits it, and a second writer is told."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain import contacts
from omnicrm.domain.contacts import own_fields
from omnicrm.domain.imports import Plan
from omnicrm.jobs import contacts_import
from omnicrm.state.contact import ContactState
from omnicrm.state.fields import FieldsState
from tests.doors import send
from tests.factories import make_contact


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", " size 42 ", "size 42"),
        ("text", "مرحبا 🧘", "مرحبا 🧘"),
        ("number", "4,50", "4.5"),
        ("number", "100", "100"),
        ("date", "2026-03-04", "2026-03-04"),
        ("choice", "Left", "Left"),
        ("choice", "", ""),
    ],
)
def test_a_value_is_kept_as_its_kind_says(db: Db, kind: str, typed: str, kept: str) -> None:
    own_fields.define(db, "Foot", kind, "Left, Right" if kind == "choice" else "")
    client = make_contact(db)
    own_fields.write(db, client.id, "Foot", typed, before="")
    assert client.custom_fields.get("Foot", "") == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", "many"),
        ("number", "NaN"),
        ("date", "4 March"),
        ("date", "2026-02-30"),
        ("choice", "Up"),
        ("text", "x" * 2001),
    ],
)
def test_what_does_not_fit_is_refused_beside_the_field(db: Db, kind: str, typed: str) -> None:
    own_fields.define(db, "Foot", kind, "Left, Right")
    client = make_contact(db)
    with pytest.raises(Invalid) as refused:
        own_fields.write(db, client.id, "Foot", typed, before="")
    assert "value" in refused.value.fields
    assert client.custom_fields == {}


@pytest.mark.parametrize(
    ("name", "kind", "choices"), [("", "text", ""), ("a=b", "text", ""), ("FOOT", "text", ""), ("New", "choice", "one")]
)
def test_an_odd_definition_is_refused(db: Db, name: str, kind: str, choices: str) -> None:
    own_fields.define(db, "Foot", "text")
    with pytest.raises(Invalid):
        own_fields.define(db, name, kind, choices)


def test_the_second_writer_is_told_and_an_unknown_field_is_none(db: Db) -> None:
    own_fields.define(db, "Foot", "text")
    client = make_contact(db)
    own_fields.write(db, client.id, "Foot", "left", before="")
    with pytest.raises(Conflict, match="left"):
        own_fields.write(db, client.id, "Foot", "right", before="")
    with pytest.raises(NotFound):
        own_fields.write(db, client.id, "Hand", "left", before="")


def test_a_removed_field_keeps_what_stood_in_it(maya: UUID) -> None:
    page = send(FieldsState, "load", as_=maya)
    page = send(FieldsState, "define", as_=maya, on_=page, form={"name": "Foot", "kind": "choice", "choices": "L, R"})
    with transaction(maya) as db:
        own_fields.write(db, make_contact(db).id, "Foot", "L", before="")
    page = send(FieldsState, "load", as_=maya, on_=page)
    assert [(row.name, row.about) for row in page.rows] == [("Foot", "L / R, filled for 1")]
    page = send(FieldsState, "remove", as_=maya, on_=page, name="Foot")
    assert page.rows == []
    name, payload = page._way_back
    page = send(FieldsState, name.rpartition(".")[2], as_=maya, on_=page, **payload)
    assert [row.about for row in page.rows] == ["L / R, filled for 1"]


def test_a_fact_is_written_where_it_stands_and_taken_back(maya: UUID) -> None:
    with transaction(maya) as db:
        own_fields.define(db, "Foot", "number")
        client = str(make_contact(db, first_name="Ada", company=None).id)
    page = send(ContactState, "load", as_=maya, route_={"client": client})
    assert "company" in [one.name for one in page.blanks]
    for name, typed in (("company", "Acme 🧘"), ("own:Foot", "42,5")):
        page = send(ContactState, "open_field", as_=maya, on_=page, name=name)
        page = send(ContactState, "save_field", as_=maya, on_=page, form={"value": typed})
    shown = {one.name: one.shown for one in page.details}
    assert (shown["company"], shown["own:Foot"], page.field) == ("Acme 🧘", "42.5", "")
    name, payload = page._way_back
    page = send(ContactState, name.rpartition(".")[2], as_=maya, on_=page, **payload)
    assert "own:Foot" in [one.name for one in page.blanks]


@pytest.mark.parametrize("name", ["company", "own:Foot", "phone"])
def test_two_tabs_on_one_fact_see_both_values(maya: UUID, name: str) -> None:
    first, second = ("+46701234567", "+46707654321") if name == "phone" else ("First", "Second")
    with transaction(maya) as db:
        own_fields.define(db, "Foot", "text")
        client = {"client": str(make_contact(db, company=None, phone=None).id)}
    tabs = [send(ContactState, "load", as_=maya, route_=client) for _ in range(2)]
    tabs = [send(ContactState, "open_field", as_=maya, on_=tab, name=name) for tab in tabs]
    send(ContactState, "save_field", as_=maya, on_=tabs[0], form={"value": first})
    late = send(ContactState, "save_field", as_=maya, on_=tabs[1], form={"value": second})
    assert first in late.field_errors["value"]
    assert late.field == name
    late = send(ContactState, "save_field", as_=maya, on_=late, form={"value": second})
    assert {one.name: one.value for one in late.details}[name] == second


@pytest.mark.parametrize(
    ("name", "typed"),
    [("email", "no mail"), ("phone", "12"), ("date_of_birth", "2999-01-01"), ("company", "x" * 10_000)],
)
def test_bad_input_stays_in_the_field_and_changes_nothing(maya: UUID, name: str, typed: str) -> None:
    with transaction(maya) as db:
        client = make_contact(db, email="ada@mail.example")
        before, key = client.version, client.id
    page = send(ContactState, "load", as_=maya, route_={"client": str(key)})
    page = send(ContactState, "open_field", as_=maya, on_=page, name=name)
    page = send(ContactState, "save_field", as_=maya, on_=page, form={"value": typed})
    assert (bool(page.field_errors["value"]), page.field) == (True, name)
    with transaction(maya) as db:
        assert contacts.get(db, key).version == before


def test_a_column_becomes_an_own_field_and_the_import_takes_it_back(maya: UUID, tmp_path: Path) -> None:
    with transaction(maya) as db:
        own_fields.define(db, "Foot", "text")
        known = make_contact(db, first_name="Ada", last_name="Lind", email="ada@mail.example").id
    file = tmp_path / "clients.csv"
    file.write_text("First name,Last name,Mail,Shoe\nAda,Lind,ada@mail.example,42\nBo,Ek,bo@mail.example,43\n")
    looked = contacts_import.look(file, days_first=True)
    report = contacts_import.run(maya, looked, Plan(("first_name", "last_name", "email", "own:Foot"), True, "new"))
    with transaction(maya) as db:
        assert contacts.get(db, known).custom_fields == {"Foot": "42"}
        assert own_fields.used(db) == {"Foot": 2}
    contacts_import.revert(maya, UUID(str(report.batch_id)))
    with transaction(maya) as db:
        assert own_fields.used(db) == {}


@pytest.mark.parametrize("what", ["ai_allowed", "mail_allowed"])
def test_a_switch_has_its_way_back(maya: UUID, what: str) -> None:
    with transaction(maya) as db:
        client = make_contact(db).id
    page = send(ContactState, "load", as_=maya, route_={"client": str(client)})
    page = send(ContactState, "switch", as_=maya, on_=page, what=what, on=False)
    with transaction(maya) as db:
        assert getattr(contacts.get(db, client), what) is False
    name, payload = page._way_back
    page = send(ContactState, name.rpartition(".")[2], as_=maya, on_=page, **payload)
    with transaction(maya) as db:
        assert getattr(contacts.get(db, client), what) is True


def test_an_archived_client_leaves_the_lists_and_comes_back(maya: UUID) -> None:
    with transaction(maya) as db:
        client = make_contact(db).id
    page = send(ContactState, "load", as_=maya, route_={"client": str(client)})
    page = send(ContactState, "archive", as_=maya, on_=page)
    with transaction(maya) as db:
        assert contacts.listed(db).rows == []
        assert [row.id for row in contacts.listed(db, archived=True).rows] == [str(client)]
    name, payload = page._way_back
    send(ContactState, name.rpartition(".")[2], as_=maya, on_=page, **payload)
    with transaction(maya) as db:
        assert [row.id for row in contacts.listed(db).rows] == [str(client)]
