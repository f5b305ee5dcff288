"""Smart groups: rules find their members each time, in the database, and only what the rule's form allows is a rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from omnicrm.core import clock, ids
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Conflict, Invalid, Refused
from omnicrm.domain import contacts, groups, practice
from omnicrm.domain.contacts import private, smart
from omnicrm.domain.contacts.rules import Rule
from omnicrm.models.programs import CreditEntry
from omnicrm.state.contacts import ContactsState
from omnicrm.state.group import GroupState
from omnicrm.state.narrowing import Filter
from tests.doors import send
from tests.factories import (
    make_attendee,
    make_contact,
    make_enrollment,
    make_invoice,
    make_program,
    make_session,
)


def test_sessions_are_compared_with_this_moment(db: Db) -> None:
    now = clock.now()
    made = {name: make_contact(db, first_name=name, last_name=None) for name in ("Away", "Class", "Never", "Recent")}
    make_session(db, contact_id=made["Away"].id, scheduled_at=now - timedelta(days=61), status="completed")
    make_session(db, contact_id=made["Recent"].id, scheduled_at=now - timedelta(days=80), status="completed")
    make_session(db, contact_id=made["Recent"].id, scheduled_at=now - timedelta(days=5), status="completed")
    make_session(db, contact_id=made["Recent"].id, scheduled_at=now + timedelta(days=5))
    held = make_session(db, contact_id=None, scheduled_at=now - timedelta(days=10), status="completed", capacity=8)
    make_attendee(db, held, made["Class"], attendance_status="present")
    make_attendee(db, held, made["Never"], attendance_status="no_show")
    assert _found(db, ("last_session", "older", "60")) == ["Away"]
    assert _found(db, ("last_session", "newer", "60")) == ["Class", "Recent"]
    assert _found(db, ("last_session", "never", "")) == ["Never"]
    assert _found(db, ("next_session", "booked", "")) == ["Recent"]
    assert _found(db, ("next_session", "none", "")) == ["Away", "Class", "Never"]
    assert _found(db, ("sessions", "at_least", "2")) == ["Recent"]
    assert _found(db, ("sessions", "at_most", "0")) == ["Never"]


def test_what_clients_have_and_gave_is_compared(db: Db) -> None:
    made = {name: make_contact(db, first_name=name, last_name=None) for name in ("Ada", "Bo", "Cy")}
    made["Ada"].tags, made["Ada"].custom_fields = ["knee"], {"Shoe size": "42"}
    made["Bo"].mail_allowed = False
    program = make_program(db)
    make_enrollment(db, program, made["Ada"])
    db.add(CreditEntry(contact_id=made["Ada"].id, program_id=program.id, delta=2, reason="purchase"))
    make_invoice(db, contact_id=made["Bo"].id, status="sent", total=85, currency=practice.of(db).currency)
    private.grant(db, made["Cy"].id, "marketing")
    private.grant(db, made["Bo"].id, "marketing")
    private.withdraw(db, made["Bo"].id, "marketing")
    regulars = groups.add(db, "Regulars")
    groups.join(db, regulars.id, made["Cy"].id)
    db.flush()
    assert _found(db, ("tag", "has", "knee")) == ["Ada"]
    assert _found(db, ("tag", "has_not", "knee")) == ["Bo", "Cy"]
    assert _found(db, ("program", "enrolled", str(program.id))) == ["Ada"]
    assert _found(db, ("program", "not_enrolled", str(program.id))) == ["Bo", "Cy"]
    assert _found(db, ("credits", "at_least", "1")) == ["Ada"]
    assert _found(db, ("credits", "at_most", "2")) == ["Ada"]
    assert _found(db, ("balance", "owes", "84.99")) == ["Bo"]
    assert _found(db, ("balance", "owes", "85")) == []
    assert _found(db, ("balance", "even", "")) == ["Ada", "Cy"]
    assert _found(db, ("consent", "given", "marketing")) == ["Cy"]
    assert _found(db, ("consent", "not_given", "marketing")) == ["Ada", "Bo"]
    assert _found(db, ("mail", "off", "")) == ["Bo"]
    assert _found(db, ("group", "in", str(regulars.id))) == ["Cy"]
    assert _found(db, ("field", "has", "Shoe size=4")) == ["Ada"]
    assert _found(db, ("field", "empty", "Shoe size")) == ["Bo", "Cy"]
    assert _found(db, ("stage", "is_not", "active")) == []


def test_all_of_them_and_either_of_some(db: Db) -> None:
    for name, tags in (("Ada", ["knee"]), ("Bo", ["back"]), ("Cy", ["knee", "back"]), ("Di", [])):
        make_contact(db, first_name=name, last_name=None, tags=tags)
    knee, back = _test("tag", "has", "knee"), _test("tag", "has", "back")
    assert _members(db, Rule.model_validate({"all": [knee, back]})) == ["Cy"]
    assert _members(db, Rule.model_validate({"all": [{"any": [knee, back]}]})) == ["Ada", "Bo", "Cy"]
    both = {"all": [{"any": [knee, back]}, _test("tag", "has_not", "back")]}
    assert _members(db, Rule.model_validate(both)) == ["Ada"]


def test_members_follow_and_the_archived_are_none(db: Db) -> None:
    group = smart.add(db, "Knees", color="sky", rule=_rule(("tag", "has", "knee")))
    first, second = (make_contact(db, first_name=name, last_name=None, tags=["knee"]) for name in ("Ada", "Bo"))
    assert [(row.smart, row.count) for row in smart.listed(db)] == [(True, 2)]
    assert [row.name for row in contacts.listed(db, group_id=group.id).rows] == ["Ada", "Bo"]
    contacts.archive(db, first.id)
    smart.leave_out(db, group.id, second.id)
    smart.leave_out(db, group.id, second.id)
    assert contacts.listed(db, group_id=group.id).rows == []
    assert [person.name for person in smart.left_out(db, smart.rule_of(group))] == ["Bo"]
    smart.let_in(db, group.id, second.id)
    assert [row.count for row in smart.listed(db)] == [1]
    groups.remove(db, group.id)
    assert contacts.get(db, second.id).first_name == "Bo"


def test_nobody_joins_a_smart_group_by_hand(db: Db) -> None:
    group, contact = smart.add(db, "Knees", color=None, rule=_rule(("tag", "has", "knee"))), make_contact(db)
    with pytest.raises(Refused):
        groups.join(db, group.id, contact.id)
    with pytest.raises(Refused):
        groups.join_many(db, group.id, [contact.id])
    with pytest.raises(Refused):
        smart.rule_of(groups.add(db, "Regulars"))


def test_the_second_writer_of_rules_is_told(db: Db) -> None:
    group = smart.add(db, "Knees", color=None, rule=_rule(("tag", "has", "knee")))
    version = group.version
    smart.change(db, group.id, _rule(("tag", "has", "back")), version=version)
    with pytest.raises(Conflict):
        smart.change(db, group.id, _rule(("tag", "has", "hip")), version=version)


def test_a_rule_names_only_what_is_there_and_no_smart_group(db: Db) -> None:
    inner = smart.add(db, "Knees", color=None, rule=_rule(("tag", "has", "knee")))
    for test in (
        ("group", "in", str(inner.id)),
        ("group", "in", str(ids.new())),
        ("program", "enrolled", str(ids.new())),
    ):
        with pytest.raises(Invalid):
            smart.add(db, f"Of {test[0]}", color=None, rule=_rule(test))


@pytest.mark.parametrize(
    "wrong",
    [
        {"all": []},
        {"all": [{"any": []}]},
        {"all": [{"any": [{"any": []}]}]},
        {"all": [{"subject": "password", "verb": "is", "value": "x"}]},
        {"all": [{"subject": "tag", "verb": "older", "value": "x"}]},
        {"all": [{"subject": "tag", "verb": "has", "value": " "}]},
        {"all": [{"subject": "last_session", "verb": "older", "value": "0"}]},
        {"all": [{"subject": "last_session", "verb": "older", "value": "60 or 1=1"}]},
        {"all": [{"subject": "credits", "verb": "at_least", "value": "-1"}]},
        {"all": [{"subject": "balance", "verb": "owes", "value": "NaN"}]},
        {"all": [{"subject": "stage", "verb": "is", "value": "boss"}]},
        {"all": [{"subject": "group", "verb": "in", "value": "x"}]},
        {"all": [{"subject": "tag", "verb": "has", "value": "x", "sql": "drop"}]},
        {"all": [{"subject": "tag", "verb": "has", "value": "x"}] * 21},
    ],
)
def test_what_is_no_rule_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate(wrong)


def test_values_are_bound_and_never_part_of_the_statement(db: Db) -> None:
    evil = "'; drop table contacts; --"
    make_contact(db, first_name="Odd", last_name=None, tags=[evil])
    assert _found(db, ("tag", "has", evil)) == ["Odd"]
    statement = str(smart.condition(db, _rule(("tag", "has", evil), ("field", "has", f"{evil}={evil}"))))
    assert "drop table" not in statement


def _test(subject: str, verb: str, value: str) -> dict[str, str]:
    return {"subject": subject, "verb": verb, "value": value}


def _rule(*tests: tuple[str, str, str]) -> Rule:
    return Rule.model_validate({"all": [_test(*test) for test in tests]})


def _found(db: Db, *tests: tuple[str, str, str]) -> list[str]:
    rule = _rule(*tests)
    names = _members(db, rule)
    assert smart.count(db, rule) == len(names)
    return names


def _members(db: Db, rule: Rule) -> list[str]:
    return [row.name for row in contacts.listed(db, rule=rule).rows]


def test_the_page_writes_rules_counts_at_once_and_keeps_them(maya: UUID) -> None:
    with transaction(maya) as db:
        for name, tags in (("Ada", ["knee"]), ("Bo", ["back"])):
            make_contact(db, first_name=name, last_name=None, tags=tags)
        group = str(smart.add(db, "Knees", color="sky", rule=_rule(("tag", "has", "knee"))).id)
    route = {"group_id": group}
    page = send(GroupState, "load", as_=maya, route_=route)
    assert ([row.name for row in page.rows], page.count, page.everyone) == (["Ada"], 1, 2)
    page = send(GroupState, "another", as_=maya, on_=page, block=-1)
    assert (page.wrong, page.changed, [row.lead for row in page.rules]) == (True, True, ["All", "and", "or"])
    page = send(GroupState, "put", as_=maya, on_=page, n=1, what="value", value="knee")
    page = send(GroupState, "put", as_=maya, on_=page, n=2, what="subject", value="last_session")
    assert (page.rules[2].value, page.rules[2].unit, page.count) == ("60", "days", 1)
    page = send(GroupState, "drop", as_=maya, on_=page, n=0)
    page = send(GroupState, "put", as_=maya, on_=page, n=0, what="value", value="back")
    assert [row.name for row in page.rows] == ["Bo"]
    page = send(GroupState, "keep", as_=maya, on_=page)
    assert (page.changed, page.toast["text"]) == (False, "The rules are kept. 1 match now.")
    name, payload = page._way_back
    page = send(GroupState, name.rpartition(".")[2], as_=maya, on_=page, **payload)
    assert [row.name for row in page.rows] == ["Ada"]
    page = send(GroupState, "take_out", as_=maya, on_=page, contact=page.rows[0].id)
    assert (page.count, [person.name for person in page.left_out]) == (0, ["Ada"])
    page = send(GroupState, "put_in", as_=maya, on_=page, contact=page.left_out[0].id)
    assert (page.count, page.left_out) == (1, [])


def test_the_page_of_a_plain_group_adds_and_takes_out_with_a_way_back(maya: UUID) -> None:
    with transaction(maya) as db:
        contact, group = str(make_contact(db, first_name="Ada").id), str(groups.add(db, "Regulars").id)
    page = send(GroupState, "load", as_=maya, route_={"group_id": group})
    page = send(GroupState, "look", as_=maya, on_=page, query="ada")
    page = send(GroupState, "put_in", as_=maya, on_=page, contact=page.found[0].id)
    assert page.count == 1
    page = send(GroupState, "take_out", as_=maya, on_=page, contact=contact)
    assert page.count == 0
    name, payload = page._way_back
    page = send(GroupState, name.rpartition(".")[2], as_=maya, on_=page, **payload)
    assert page.count == 1


def test_filters_of_the_list_become_a_smart_group(maya: UUID) -> None:
    with transaction(maya) as db:
        client = make_contact(db, first_name="Ada", tags=["knee"])
        private.grant(db, client.id, "marketing")
        make_contact(db, first_name="Bo", tags=["knee"])
    page = send(ContactsState, "load", as_=maya)
    page = send(
        ContactsState, "apply", as_=maya, on_=page, form={"tag": "knee", "consent": "+marketing", "sort": "name"}
    )
    assert ([row.name.split()[0] for row in page.page0], [one.words for one in page.active]) == (
        ["Ada"],
        ["knee", "Consent: Newsletter"],
    )
    page = send(ContactsState, "save_group", as_=maya, on_=page, form={"name": "Knees who read"})
    with transaction(maya) as db:
        assert [(row.name, row.smart, row.count) for row in smart.listed(db)] == [("Knees who read", True, 1)]


@pytest.mark.parametrize("sessions", ["coming", "unbooked", "away", "never"])
def test_a_filter_of_sessions_and_its_rule_find_the_same(db: Db, sessions: Any) -> None:
    now = clock.now()
    for days in ((-61,), (-90, 1), (), (-5,), (3,)):
        client = make_contact(db, first_name=f"Of {days}", last_name=None)
        for day in days:
            make_session(db, contact_id=client.id, scheduled_at=now + timedelta(days=day), overlap_allowed=True)
    filtered = [row.name for row in contacts.listed(db, sessions=sessions).rows]
    assert filtered == _members(db, Filter(sessions=sessions).rule())
    assert filtered
