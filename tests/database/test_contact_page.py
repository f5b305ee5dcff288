"""A client's page: two tabs, consents with their history, health notes that nothing else repeats, further addresses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from omnicrm.core.db import transaction
from omnicrm.domain import anything, contacts
from omnicrm.domain.contacts import private
from omnicrm.domain.contacts.private import ConsentKind
from omnicrm.state.contact import ContactState
from omnicrm.state.contact_private import PrivateState
from tests.doors import send
from tests.factories import make_contact


@pytest.fixture
def anna(maya: UUID) -> UUID:
    with transaction(maya) as db:
        return make_contact(db, first_name="Anna", last_name="Ek", email="anna@ek.example", company="Ek AB").id


def test_two_tabs_that_change_different_fields_both_count(maya: UUID, anna: UUID) -> None:
    one, other = _form(maya, anna), _form(maya, anna)
    _save(maya, one, first_name="Anna", last_name="Ek", company="Ek and Sons")
    page = _save(maya, other, first_name="Anni", last_name="Ek", company="Ek AB")
    assert page.field_errors == {}
    with transaction(maya) as db:
        known = contacts.get(db, anna)
        assert (known.first_name, known.company) == ("Anni", "Ek and Sons")


def test_two_tabs_that_change_the_same_field_are_told_and_nothing_is_overwritten(maya: UUID, anna: UUID) -> None:
    one, other = _form(maya, anna), _form(maya, anna)
    _save(maya, one, first_name="Anna", company="First")
    page = _save(maya, other, first_name="Anna", company="Second")
    assert page.editing
    assert list(page.field_errors) == ["company"]
    assert "“First”" in page.field_errors["company"]
    assert page.toast["anyway"] == ""
    assert _company(maya, anna) == "First"
    page = _save(maya, page, first_name="Anna", company="Second")
    assert (page.editing, page.field_errors, _company(maya, anna)) == (False, {}, "Second")


def test_a_consent_is_granted_withdrawn_and_granted_again_with_its_history(maya: UUID, anna: UUID) -> None:
    with transaction(maya) as db:
        private.grant(db, anna, ConsentKind.MARKETING)
        private.grant(db, anna, ConsentKind.MARKETING)
        private.withdraw(db, anna, ConsentKind.MARKETING)
        private.withdraw(db, anna, ConsentKind.MARKETING)
        private.grant(db, anna, ConsentKind.MARKETING)
        rows = {row.kind: row for row in private.consents(db, anna)}
    assert (rows["marketing"].granted, len(rows["marketing"].history)) == (True, 1)
    assert (rows["photo"].granted, rows["photo"].words) == (False, "not asked")


def test_withdrawing_consent_to_reading_switches_the_reading_off(maya: UUID, anna: UUID) -> None:
    route = {"client": str(anna)}
    send(PrivateState, "consent", as_=maya, route_=route, kind="ai_processing", on=True)
    page = send(PrivateState, "consent", as_=maya, route_=route, kind="ai_processing", on=False)
    assert "no longer read" in page.toast["text"]
    with transaction(maya) as db:
        assert contacts.get(db, anna).ai_allowed is False


def test_health_notes_are_sealed_shown_on_demand_and_in_no_search_and_no_history(maya: UUID, anna: UUID) -> None:
    route = {"client": str(anna)}
    page = send(PrivateState, "load", as_=maya, route_=route)
    page = send(PrivateState, "write", as_=maya, on_=page)
    page = send(PrivateState, "save_health", as_=maya, on_=page, form={"health": "Takes warfarin."})
    assert page.toast["bad"] is False
    again = send(PrivateState, "load", as_=maya, route_=route)
    assert (again.shown, again.health) == (False, "")
    assert send(PrivateState, "show", as_=maya, on_=again).health == "Takes warfarin."
    with transaction(maya) as db:
        sealed = db.execute(text("select health_notes from contacts where id = :id"), {"id": anna}).scalar_one()
        assert "warfarin" not in sealed
        history = db.execute(text("select before::text || after::text from audit_log")).scalars()
        assert not any("warfarin" in (entry or "") or sealed in (entry or "") for entry in history)
        assert anything.found(db, "warfarin") == []


def test_health_notes_of_another_tab_are_not_overwritten(maya: UUID, anna: UUID) -> None:
    route = {"client": str(anna)}
    one, other = (send(PrivateState, "write", as_=maya, route_=route) for _ in range(2))
    send(PrivateState, "save_health", as_=maya, on_=one, form={"health": "First"})
    page = send(PrivateState, "save_health", as_=maya, on_=other, form={"health": "Second"})
    assert page.toast["bad"]
    with transaction(maya) as db:
        assert private.health_notes(db, anna) == "First"


def test_a_further_address_matches_its_sender_and_can_be_forgotten(maya: UUID, anna: UUID) -> None:
    route = {"client": str(anna)}
    page = send(PrivateState, "add", as_=maya, route_=route, form={"value": "Anna@Work.example", "label": "work"})
    with transaction(maya) as db:
        assert contacts.is_known(db, "anna@work.example")
        assert [one.name for one in contacts.card(db, anna).others] == ["work"]
    send(PrivateState, "forget", as_=maya, on_=page, value="anna@work.example")
    with transaction(maya) as db:
        assert not contacts.is_known(db, "anna@work.example")


def test_another_practitioners_client_is_not_there(natalie: UUID, anna: UUID) -> None:
    route = {"client": str(anna)}
    for handler, payload in (
        ("show", {}),
        ("consent", {"kind": "photo", "on": True}),
        ("save_health", {"form": {"health": "x"}}),
        ("add", {"form": {"value": "x@y.example"}}),
    ):
        assert send(PrivateState, handler, as_=natalie, route_=route, **payload).toast["bad"], handler


def _form(who: UUID, client: UUID) -> Any:
    page = send(ContactState, "load", as_=who, route_={"client": str(client)})
    return send(ContactState, "open_edit", as_=who, on_=page)


def _save(who: UUID, page: Any, **form: str) -> Any:
    return send(ContactState, "save", as_=who, on_=page, form=form)


def _company(who: UUID, client: UUID) -> str | None:
    with transaction(who) as db:
        return contacts.get(db, client).company
