"""The person's door without a browser: a handler, run through the guard."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar
from uuid import UUID

import reflex as rx
from reflex.state import State

from omnicrm.core import ids
from omnicrm.domain.accounts import Login
from omnicrm.state import guard

Page = TypeVar("Page", bound=rx.State)


def send(
    state: type[Page],
    handler: str,
    /,
    *,
    as_: UUID | None,
    on: Page | None = None,
    login: UUID | None = None,
    **payload: Any,
) -> Page:
    """Send one event as the practitioner `as_` (None: without a login); gives the page as it is afterwards.

    `on` goes on with a page that an earlier `send` gave; what the handler returned is `page._following`.
    """
    page = on if on is not None else _fresh(state)
    caller = None if as_ is None else Login(id=login or ids.new(), user_id=as_)
    with guard.calling(caller):
        following = asyncio.run(_run(getattr(state, handler).fn, page, payload))
    object.__setattr__(page, "_following", following)  # past Reflex's check for undeclared vars
    return page


def _fresh(state: type[Page]) -> Page:
    root = State(_reflex_internal_init=True)  # type: ignore[call-arg]  # the framework's own way to build the tree
    return root.get_substate(state.get_full_name().split("."))  # type: ignore[return-value]  # of that class


async def _run(handler: Any, page: Any, payload: dict[str, Any]) -> Any:
    outcome = handler(page, **payload)
    if not hasattr(outcome, "__aiter__"):
        return await outcome
    following = [event async for event in outcome]
    return following[-1] if following else None
