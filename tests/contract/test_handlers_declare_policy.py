"""Every handler that can be called by name says who may and what it takes; the framework's are named one by one."""

from __future__ import annotations

import typing

import pytest
from pydantic import BaseModel
from reflex.event import Event
from sqlmodel import SQLModel

from omnicrm.state import gate, guard
from omnicrm.state.gate import Gate
from tests.doors import import_all

import_all()
OURS = [(name, handler) for name, handler in guard.handlers() if guard.policy_of(handler)]
OTHERS = [name for name, handler in guard.handlers() if not guard.policy_of(handler)]


@pytest.mark.outside(1)
def test_every_handler_says_who_may_call_it():
    of_the_framework = {"hydrate", "hydrate_and_load", "set_is_hydrated", "on_load_internal", "update_vars_internal"}
    of_the_framework |= {"handle_frontend_exception", "setvar"}
    assert {name.rpartition(".")[2] for name in OTHERS} <= of_the_framework
    assert all("omnicrm" not in name or name.endswith(".setvar") for name in OTHERS)
    assert len(OURS) > 20


@pytest.mark.outside(5)
def test_of_the_frameworks_handlers_only_the_needed_ones_run():
    allowed = set(gate.framework_events())
    assert allowed <= set(OTHERS)
    refusing = Gate()
    for name in set(OTHERS) - allowed:
        for payload in ({}, {"var_name": "x", "value": 1}, {"vars": {}}, {"value": True}):
            assert not refusing._may_run(Event(name=name, payload=payload)), name


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        ("hydrate", {"user_id": "x"}),
        ("hydrate_and_load", {"vars": {"state.user_id": "x"}}),
        ("hydrate_and_load", {"vars": "x"}),
        ("hydrate_and_load", {"hashes": [1]}),
        ("hydrate_and_load", {"is_admin": True}),
        ("on_load_internal", {"contact_id": "x"}),
        ("set_is_hydrated", {"value": "yes"}),
        ("set_is_hydrated", {}),
        ("handle_frontend_exception", {"info": "x" * 30_000, "component_stack": ""}),
        ("handle_frontend_exception", {"info": {"a": 1}, "component_stack": ""}),
    ],
)
def test_the_frameworks_handlers_take_nothing_odd(handler, payload):
    name = next(name for name in gate.framework_events() if name.endswith(f".{handler}"))
    assert not Gate()._may_run(Event(name=name, payload=payload))


def test_a_handler_for_guests_does_not_run_on_a_socket():
    assert [name for name, handler in OURS if guard.policy_of(handler).rule == "share_link"] == []


@pytest.mark.parametrize(("name", "handler"), OURS, ids=[name for name, _ in OURS])
def test_a_handler_takes_typed_values_and_no_rows(name, handler):
    policy = guard.policy_of(handler)
    for field in policy.model.model_fields.values():
        for kind in _kinds(field.annotation):
            assert kind is not typing.Any, f"{name} takes anything"
            assert kind not in (dict, object), f"{name} takes any dict"
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                assert not issubclass(kind, SQLModel), f"{name} takes a table's row"
                assert "user_id" not in kind.model_fields, f"{name} lets the client say whose it is"
    shown = list(handler.get_parameters())[1:]
    assert shown == sorted(policy.model.model_fields, key=shown.index), "Reflex sees what the client may send"
    assert not policy.given.keys() & set(shown)


def test_no_var_has_a_setter_of_its_own():
    assert [name for name, handler in guard.handlers() if "setter" in getattr(handler.fn, "__qualname__", "")] == []


def test_no_state_shows_a_tables_row():
    from reflex_base.registry import RegistrationContext

    for state in RegistrationContext.get().base_states.values():
        for name, field in state.get_fields().items():
            rows = [kind for kind in _kinds(field.annotated_type if hasattr(field, "annotated_type") else field.type_)]
            assert not any(isinstance(kind, type) and issubclass(kind, SQLModel) for kind in rows), f"{state}.{name}"


def _kinds(annotation: typing.Any) -> list[typing.Any]:
    """A type and all that it is made of."""
    inner = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return []
    if not inner:
        return [annotation]
    return [kind for part in inner for kind in _kinds(part)]
