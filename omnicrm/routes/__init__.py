"""The door of machines and guests: plain HTTP, server-rendered."""

from __future__ import annotations

import importlib
import pkgutil
import secrets
from functools import lru_cache
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from omnicrm.core.errors import OmniError


@lru_cache(maxsize=1)
def all_routes() -> tuple[BaseRoute, ...]:
    """The `routes` of every module here, in the order of their names."""
    found: list[BaseRoute] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        found += getattr(importlib.import_module(f"{__name__}.{module.name}"), "routes", [])
    return tuple(found)


def app() -> Starlette:
    """The routes as an application of their own; what none of them answers goes on to whatever is mounted into it."""
    return Starlette(routes=list(all_routes()), exception_handlers={OmniError: _in_words})


def is_ours(scope: Any) -> bool:
    """Whether one of these routes answers a path, whatever the method."""
    return any(route.matches(scope)[0] is not Match.NONE for route in all_routes())


def reference() -> str:
    """What a person tells us when something is our fault."""
    return secrets.token_hex(4)


async def _in_words(request: Request, error: Exception) -> Response:
    from omnicrm.routes.pages import refused  # it belongs to one of the modules that are gathered above

    assert isinstance(error, OmniError)  # noqa: S101  # registered for these only
    return refused(request, error)
