"""The person's door without a browser: a handler, run through the guard."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from reflex.route import get_route_args
from reflex.state import State
from reflex_base.registry import RegistrationContext

from omnicrm import pages, state
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
    on_: Page | None = None,
    login_: UUID | None = None,
    route_: dict[str, str] | None = None,
    **payload: Any,
) -> Page:
    """Send one event as the practitioner `as_` (None: without a login); gives the page as it is afterwards.

    `on_` goes on with a page that an earlier `send` gave; `route_` fills the parts of the address that are arguments,
    such as {"client": id}; what the handler returned is `page._following`.
    """
    page = on_ if on_ is not None else _fresh(state)
    if route_ is not None:
        _open(page, route_)
    caller = None if as_ is None else Login(id=login_ or ids.new(), user_id=as_)
    with guard.calling(caller):
        following = asyncio.run(_run(getattr(state, handler).fn, page, payload))
    object.__setattr__(page, "_following", following)  # past Reflex's check for undeclared vars
    return page


def import_all() -> None:
    """Every state and page is known, and so is every handler; the arguments in the pages' addresses are vars."""
    for package in (state, pages):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for _, page in RegistrationContext.get().decorated_pages:
        known = {name: kind for name, kind in get_route_args(page["route"]).items() if name not in State.computed_vars}
        State.setup_dynamic_args(known)


def _fresh(state: type[Page]) -> Page:
    root = State(_reflex_internal_init=True)  # type: ignore[call-arg]  # the framework's own way to build the tree
    return root.get_substate(state.get_full_name().split("."))  # type: ignore[return-value]  # of that class


def _open(page: Any, route: dict[str, str]) -> None:
    import_all()
    root = page._get_root_state()
    address = {"pathname": "/", "asPath": f"/?{urlencode(route)}", "query": route}
    root.router_data = root._update_router_vars(address, root.router_data)


async def _run(handler: Any, page: Any, payload: dict[str, Any]) -> Any:
    outcome = handler(page, **payload)
    if not hasattr(outcome, "__aiter__"):
        return await outcome
    following = [event async for event in outcome]
    return following[-1] if following else None
