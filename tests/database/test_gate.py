"""The gate before every event: the second lock, should a socket ever stand without the first."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from reflex.event import Event
from reflex.state import State
from reflex_base.event.context import EventContext

from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.core.errors import Unavailable
from omnicrm.domain import accounts
from omnicrm.domain.accounts import Browser
from omnicrm.state import gate, guard
from omnicrm.state.base import PageState
from omnicrm.state.gate import Gate, Ownership
from tests.doors import import_all

import_all()
DISMISS = f"{PageState.get_full_name()}.dismiss_banner"
APP = SimpleNamespace(event_namespace=SimpleNamespace(token_to_sid={}))


@pytest.fixture
def reference(maya):
    """The hash of the cookie of a living login of Maya's."""
    with transaction(maya) as db:
        return ids.token_hash(accounts.open_login(db, Browser()))


def passed(reference: str | None, *, root: Any = None, name: str = DISMISS) -> tuple[Any, Any]:
    """What the gate sends instead of running the event (None: it runs), and who then is the caller."""

    async def go() -> tuple[Any, Any]:
        headers = {"x-session-ref": reference} if reference is not None else {}
        context = EventContext(
            token="tab",
            state_manager=None,
            enqueue_impl=None,
            router_data={"headers": headers},  # type: ignore[arg-type]  # only the headers matter here
        )
        with context:
            update = await Gate().preprocess(APP, root or fresh(), Event(name=name))
            return update, guard.caller()

    return asyncio.run(go())


def fresh() -> Any:
    return State(_reflex_internal_init=True)  # type: ignore[call-arg]  # the framework's own way to build the tree


def page(root: Any) -> Any:
    return root.get_substate(PageState.get_full_name().split("."))


def owner(root: Any) -> Any:
    return root.get_substate(Ownership.get_full_name().split("."))


def test_a_living_login_passes_as_itself(maya, reference):
    root = fresh()
    update, caller = passed(reference, root=root)
    assert update is None
    assert caller.user_id == maya
    assert owner(root)._login == str(caller.id)


@pytest.mark.parametrize("odd", [None, "", "x", "0" * 64])
def test_without_one_there_is_the_way_to_the_sign_in_and_nothing_else(database, odd):
    update, caller = passed(odd)
    assert caller is None
    assert [event.payload["path"] for event in update.events] == ["/signed-out"]
    assert not update.delta


def test_a_state_that_belongs_to_another_login_is_emptied_first(reference):
    root = fresh()
    owner(root)._login = "somebody else"
    page(root).banner = "their words"
    page(root)._way_back = ("their.event", {"their": "payload"})
    update, _ = passed(reference, root=root)
    assert update is None
    assert page(root).banner == ""
    assert page(root)._way_back is None


def test_ones_own_state_is_kept(reference):
    root = fresh()
    passed(reference, root=root)
    page(root).banner = "my words"
    passed(reference, root=root)
    assert page(root).banner == "my words"


def test_while_the_database_is_away_only_that_is_said(reference, monkeypatch):
    def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("The database cannot be reached just now.")

    root = fresh()
    page(root).toast = {**page(root).toast, "text": "somebody's"}
    monkeypatch.setattr(gate.database, "transaction", away)
    update, caller = passed(reference, root=root)
    assert caller is None
    assert update.delta == {PageState.get_full_name(): {"banner_rx_state_": "The database cannot be reached just now."}}
    assert not update.events


def test_a_handler_without_a_policy_does_not_run(reference):
    update, caller = passed(reference, name=f"{PageState.get_full_name()}.setvar")
    assert update is not None
    assert not update.events
    assert not update.delta
    assert caller is None


def test_the_caller_of_one_event_is_not_that_of_the_next(reference):
    assert passed(reference)[1] is not None
    assert passed("0" * 64)[1] is None


def test_a_login_in_use_is_noted_now_and_then(maya, reference, clock):
    clock.move_to(accounts.clock.now() + timedelta(days=300))  # later than the login was made, whatever the day
    with transaction(maya) as db:
        reference = ids.token_hash(accounts.open_login(db, Browser()))
    seen = []
    for minutes in (1, 5, 1):
        clock.advance(timedelta(minutes=minutes))
        passed(reference)
        with transaction(None) as db:
            seen.append(accounts.who_is(db, reference).last_seen_at)
    assert seen[0] < seen[1] == seen[2]
